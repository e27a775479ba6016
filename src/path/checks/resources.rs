//! RFC 3779: addresses and autonomous systems, passed on from issuer to subject.

use crate::certificate::{Certificate, ResourceKind, Resources};
use crate::oid;
use crate::verdict::Check;

use super::Examination;

impl<'p> Examination<'_, 'p> {
    /// X509v3_asid_validate_path and X509v3_addr_validate_path (RFC 3779 2.3 and 3.3): of the end entity; a searching policy
    /// asks them of every certificate that has critical resources. Equal and inherited ones are judged, others refused.
    pub(in crate::path) fn resources(&mut self) {
        let as_numbers = |certificate: &Certificate<'p>| certificate.extensions.autonomous_sys_ids;
        let addresses = |certificate: &Certificate<'p>| certificate.extensions.ip_addr_blocks;
        for depth in 0..self.built.len() {
            let Some((_, certificate)) = self.path().nth(depth) else { return };
            let (numbers, blocks) = (as_numbers(certificate).is_some(), addresses(certificate).is_some());
            let searched = depth > 0 && depth + 1 < self.built.len() && self.policy.searches();
            let counts = |oid| {
                let is_critical = || certificate.extensions.find(oid).is_some_and(|found| found.critical);
                depth == 0 || (searched && is_critical())
            };
            let numbers = numbers && counts(oid::AUTONOMOUS_SYS_IDS);
            let blocks = blocks && counts(oid::IP_ADDR_BLOCKS);
            if numbers {
                self.resources_of(depth, as_numbers);
            }
            if blocks {
                self.resources_of(depth, addresses);
            }
        }
    }

    fn resources_of(&mut self, depth: usize, resources: impl Fn(&Certificate<'p>) -> Option<Resources<'p>>) {
        let mut certificates = self.built.certificates().skip(depth).map(resources);
        let Some(mut claimed) = certificates.next().flatten() else { return };
        let issuers: Vec<_> = certificates.collect();
        let is_anchor = issuers.is_empty();
        let failed = match (claimed.kind, issuers.first()) {
            // An anchor has nobody to inherit from.
            (ResourceKind::Inherited | ResourceKind::Mixed, None) => true,
            // What the issuer does not have cannot be passed on.
            (ResourceKind::Listed | ResourceKind::Mixed, Some(None)) => true,
            _ => false,
        };
        if failed {
            self.fail(Check::UnnestedResource, depth, Vec::new());
            return;
        }
        let mut odd = None;
        for listed in std::iter::once(&Some(claimed)).chain(&issuers).flatten() {
            if !listed.is_canonical {
                odd.get_or_insert("RFC 3779 resources that are not in canonical form");
            } else if listed.kind == ResourceKind::Mixed {
                odd.get_or_insert("RFC 3779 resources of which some are inherited");
            }
        }
        for issuer in &issuers {
            match (claimed.kind, issuer) {
                (ResourceKind::Listed, None) if odd.is_none() => {
                    self.fail(Check::UnnestedResource, depth, Vec::new());
                    return;
                }
                (_, Some(listed)) if listed.kind == ResourceKind::Listed => {
                    if claimed.kind == ResourceKind::Listed && claimed.value != listed.value {
                        odd.get_or_insert("RFC 3779 resources that are not equal");
                    }
                    claimed = *listed;
                }
                _ => {}
            }
        }
        let inherits =
            |last: &Option<Resources<'_>>| last.is_some_and(|last| last.kind == ResourceKind::Inherited);
        if !is_anchor && issuers.last().is_some_and(inherits) {
            odd.get_or_insert("RFC 3779 resources of an anchor that inherits them");
        }
        if let Some(what) = odd {
            self.refuse(Check::UnnestedResource, depth, vec![("unsupported", what.into())]);
        }
    }
}
