//! The reference identity against the presented ones (RFC 9525 6).

use crate::certificate::Certificate;
use crate::name::{self, ReferenceIdentity};
use crate::policy::Preset;
use crate::verdict::{Check, NameBy};

use super::Examination;

impl Examination<'_, '_> {
    /// check_id: the end entity's names, which are the same on all paths.
    pub(in crate::path) fn identity(&mut self, reference: &ReferenceIdentity) -> Option<NameBy> {
        if let Some((name_by, finding)) = &self.memory.identity {
            self.findings.extend(finding.clone());
            return *name_by;
        }
        let before = self.findings.len();
        let name_by = self.compare_identity(reference);
        self.memory.identity = Some((name_by, self.findings.get(before).cloned()));
        name_by
    }

    fn compare_identity(&mut self, reference: &ReferenceIdentity) -> Option<NameBy> {
        let leaf = self.built.leaf()?;
        if self.policy.searches() {
            return self.identity_by_kind(reference, leaf);
        }
        let matched = reference.matches(leaf, self.policy.hostname_checks_common_name, self.policy.openssl);
        if matched.is_none() {
            let check = if reference.is_address(self.policy.openssl) {
                Check::IpAddressMismatch
            } else {
                Check::HostnameMismatch
            };
            let facts =
                vec![("expected", reference.text().into()), ("presented", name::presented(leaf).into())];
            self.fail(check, 0, facts);
        }
        matched
    }

    /// The same under the searching policies, which know mailboxes and URIs too.
    fn identity_by_kind(&mut self, reference: &ReferenceIdentity, leaf: &Certificate<'_>) -> Option<NameBy> {
        // A wildcard on a public suffix is the Baseline Requirements' business (3.2.2.6); DNS has
        // registries below others that hold such certificates rightfully.
        let public_suffixes = self.policy.preset != Preset::Cabf;
        let common_name = self.policy.hostname_checks_common_name;
        let matched = reference.matches_by_kind(leaf, common_name, public_suffixes);
        if matched.is_none() {
            let kind = reference.kind();
            let check = match kind {
                name::Kind::Host => Check::HostnameMismatch,
                name::Kind::Address => Check::IpAddressMismatch,
                name::Kind::Email => Check::EmailMismatch,
                name::Kind::Uri => Check::UriMismatch,
            };
            let presented = name::presented_of(leaf, kind);
            let facts = vec![("expected", reference.text().into()), ("presented", presented.into())];
            self.fail(check, 0, facts);
        }
        matched
    }
}
