//! The native checks of a built path, each under the name of the function of OpenSSL's that makes it. Every check
//! of every certificate is made, whatever has failed before, so that the findings are complete; their order is
//! that of `Examination::run`.

mod purpose;
mod strict;

use std::sync::Arc;

use crate::certificate::{CaKind, Certificate, Curve, KeyKind, ResourceKind, Resources, key_usage};
use crate::name::{self, ReferenceIdentity};
use crate::oid;
use crate::policy::{Policy, Preset, flag};
use crate::release::Rule;
use crate::revocation_set::{Listing, RevocationSet};
use crate::signature::{EdgeId, EdgeMemo, Outcome, Signed};
use crate::verdict::{self, Check, Fact, Finding, NameBy, SET, time_fact};

use super::examination::Examination;
use super::memory::Cost;
use super::name_constraints::{self, By};
use super::policies::{self, Failure};
use super::revocation::{self, CrlIssuers, CrlSet, Inquiry};
use super::suite_b;

impl<'p> Examination<'_, 'p> {
    /// X509_verify_cert, before anything else: the end entity's key.
    pub(super) fn leaf_key(&mut self) {
        if let Some(leaf) = self.built.leaf()
            && let Some(facts) = too_weak(leaf, self.policy)
        {
            self.fail(Check::LeafKeyTooWeak, 0, facts);
        }
    }

    /// build_chain's verdict.
    pub(super) fn building(&mut self) {
        let Some(check) = self.built.failure else { return };
        let depth = self.built.len().saturating_sub(1);
        let Some(last) = self.built.last() else { return };
        let facts: Vec<(&'static str, Fact)> = match check {
            Check::IssuerNotFound | Check::IssuerCertificateNotFound => {
                vec![("issuer", last.issuer.text().into())]
            }
            Check::ChainTooLong => {
                vec![("max_depth", self.policy.max_depth.into())]
            }
            // X509_self_signed has to decode the key.
            Check::Unspecified => undecodable(last),
            _ => Vec::new(),
        };
        self.fail(check, depth, facts);
        // Why an issuer may have been passed over although it is there.
        if let Some(finding) = self.findings.last_mut() {
            let problems = last.problems();
            if !problems.is_empty() {
                finding.add_fact("problems", problems);
            }
        }
    }

    /// check_extensions: leaf to anchor, anchor included.
    pub(super) fn extensions(&mut self) {
        let length = self.built.len();
        let mut cas_below = 0i64;
        for (depth, certificate) in self.path() {
            // A searching policy knows what a precertificate is, says so, and tells what else is wrong.
            let poisoned = depth == 0 && self.policy.searches() && certificate.is_poisoned();
            if poisoned {
                let facts = vec![("extension", oid::dotted(oid::PRECERT_POISON).into())];
                self.fail(Check::Precertificate, depth, facts);
            }
            let unknown = if poisoned {
                certificate.extensions.unknown_critical_beside_poison
            } else {
                certificate.extensions.unknown_critical
            };
            if let Some(extension) = unknown
                && !self.policy.has(flag::IGNORE_CRITICAL)
            {
                let facts = vec![("extension", oid::dotted(extension).into())];
                self.fail(Check::UnhandledCriticalExtension, depth, facts);
            }
            if certificate.extensions.proxy {
                self.fail(Check::ProxyCertificate, depth, Vec::new());
            }
            self.ca(depth, certificate);
            if length > 1 {
                // check_curve has to decode the key, of whatever kind and at any security level; where the path has
                // ended for that, it is said.
                let is_said = self.built.failure == Some(Check::Unspecified) && depth + 1 == length;
                if !self.policy.searches() && !is_said && !certificate.public_key.decodes() {
                    self.fail(Check::Unspecified, depth, undecodable(certificate));
                }
                if let KeyKind::Ec(Curve { oid: None, .. }) = certificate.public_key.kind {
                    self.fail(Check::ExplicitCurveParameters, depth, Vec::new());
                }
                if self.is_strict() {
                    self.strict(depth, certificate);
                }
            }
            self.purpose(depth, certificate);
            let limit = certificate.extensions.basic_constraints.and_then(|bc| bc.path_length);
            if let Some(limit) = limit
                && depth > 1
                && cas_below > limit
            {
                let facts = vec![("limit", limit.into()), ("found", cas_below.into())];
                self.fail(Check::PathLengthExceeded, depth, facts);
            }
            // RFC 5280 4.2.1.9: self-issued intermediates do not count.
            if depth > 0 && !certificate.is_self_issued() {
                cas_below += 1;
            }
        }
    }

    /// X509_check_ca, with what is required of a certificate at this depth.
    fn ca(&mut self, depth: usize, certificate: &Certificate<'_>) {
        let kind = certificate.ca_kind();
        let is_last = depth + 1 == self.built.len();
        let refused = if depth == 0 {
            // An end entity may be anything, but in strict mode nothing in between.
            self.is_strict() && !matches!(kind, CaKind::No | CaKind::BasicConstraints)
        } else {
            // The looser kinds of CA do only for the anchor, and not in strict mode.
            kind == CaKind::No || ((!is_last || self.is_strict()) && kind != CaKind::BasicConstraints)
        };
        if refused {
            let extensions = &certificate.extensions;
            let reason = match extensions.basic_constraints {
                _ if certificate.is_malformed() => "a malformed extension",
                _ if certificate.lacks_key_usage(key_usage::KEY_CERT_SIGN) => "keyUsage without keyCertSign",
                Some(_) => "basicConstraints without cA",
                None => "no basicConstraints",
            };
            self.fail(Check::InvalidCa, depth, vec![("found", reason.into())]);
        }
    }

    /// X509_get_pubkey_parameters: the key of the end entity has to decode, which on a longer path check_curve has
    /// found out, and at a higher security level the check of its strength.
    pub(super) fn leaf_parameters(&mut self) {
        let Some(leaf) = self.built.leaf() else { return };
        let is_looked_at = self.built.len() > 1
            || self.built.failure == Some(Check::Unspecified)
            || self.policy.min_security_bits().is_some();
        if !is_looked_at && !self.policy.searches() && !leaf.public_key.decodes() {
            self.fail(Check::Unspecified, 0, undecodable(leaf));
        }
    }

    /// check_auth_level: issuer keys, then the digests of all but the anchor.
    pub(super) fn strength(&mut self) {
        let Some(minimum) = self.policy.min_security_bits() else {
            return;
        };
        for (depth, certificate) in self.path() {
            if depth > 0
                && let Some(facts) = too_weak(certificate, self.policy)
            {
                self.fail(Check::CaKeyTooWeak, depth, facts);
            }
            if depth + 1 < self.built.len() {
                let algorithm = &certificate.signature_algorithm;
                let bits = algorithm.scheme().and_then(|scheme| scheme.security_bits(algorithm.parameters));
                if bits.is_none_or(|bits| bits < minimum) {
                    let mut facts: Vec<(&'static str, Fact)> = vec![("algorithm", algorithm.name().into())];
                    facts.extend(bits.map(|bits| ("security_bits", i64::from(bits).into())));
                    facts.push(("minimum", i64::from(minimum).into()));
                    self.fail(Check::DigestTooWeak, depth, facts);
                }
            }
        }
    }

    /// check_id: the end entity's names, which are the same on all paths.
    pub(super) fn identity(&mut self, reference: &ReferenceIdentity) -> Option<NameBy> {
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

    /// A malformed extension, which `ssl` takes for a missing issuer.
    pub(super) fn malformed(&mut self) {
        for (depth, certificate) in self.path() {
            if certificate.is_malformed() {
                let facts = vec![("problems", certificate.problems().into())];
                self.fail(Check::InvalidExtension, depth, facts);
            }
        }
    }

    /// check_revocation: the end entity, or every certificate, the anchor included. Whether
    /// anything is revoked; `None` if that is not known.
    ///
    /// `presented`: what was sent; `issuers`: who else may have signed lists.
    pub(super) fn revocation<'i, 'o>(
        &mut self,
        presented: &[&Certificate<'_>],
        crls: &CrlSet,
        memo: &EdgeMemo,
        issuers: &mut (dyn CrlIssuers<'i> + 'o),
    ) -> Option<bool> {
        // Neither CRL_CHECK_ALL nor OCSP_RESP_CHECK_ALL does anything on its own.
        let by_crls = self.policy.has(flag::CRL_CHECK);
        let by_ocsp = self.policy.has(flag::OCSP_RESP_CHECK) && self.policy.follows(Rule::OcspAsked);
        if !by_crls && !by_ocsp {
            return None;
        }
        let all = match self.policy.preset {
            Preset::Ssl => self.built.len(),
            // RFC 5280 6.1: the trust anchor is not part of the path.
            _ => self.built.len().saturating_sub(1).max(1),
        };
        let until = |asked: bool, whole: u64| {
            if !asked {
                0
            } else if self.policy.has(whole) {
                all
            } else {
                1
            }
        };
        let crl_depths = until(by_crls, flag::CRL_CHECK_ALL);
        let ocsp_depths = until(by_ocsp, flag::OCSP_RESP_CHECK_ALL);
        let path: Vec<_> = self.built.certificates().collect();
        let (mut revoked, mut is_asked) = (Some(false), false);
        for depth in 0..crl_depths.max(ocsp_depths) {
            let Some(certificate) = path.get(depth) else { break };
            if self.policy.follows(Rule::SelfSignedNotRevoked) && certificate.is_self_signed() {
                continue;
            }
            is_asked = true;
            if depth >= crl_depths {
                self.ocsp(depth);
                revoked = revoked.filter(|&revoked| revoked);
                continue;
            }
            // Each distribution point is compared with each CRL of the issuer.
            let points =
                certificate.extensions.crl_distribution_points.map_or(0, |_| certificate.der().len());
            if !self.policy.searches()
                && !issuers.spend(points.saturating_mul(crls.count_of(&certificate.issuer)))
            {
                self.refuse(Check::Budget, depth, Cost::facts());
                return None;
            }
            let inquiry =
                Inquiry { path: &path, depth, presented, crls, policy: self.policy, at: self.at, memo };
            if let Err(failure) = revocation::check(&inquiry, issuers) {
                match (failure.check, revoked) {
                    (Check::Revoked, _) => revoked = Some(true),
                    (_, Some(true)) => {}
                    _ => revoked = None,
                }
                if failure.check == Check::Budget {
                    self.refuse(failure.check, depth, Cost::facts());
                    return revoked;
                }
                if failure.check == Check::CrlNotSupported {
                    self.refuse(failure.check, depth, failure.facts);
                } else {
                    self.fail(failure.check, depth, failure.facts);
                }
            }
        }
        revoked.filter(|_| is_asked)
    }

    /// What browsers publish of revoked certificates; whether one of the path is among them. The anchor is asked about,
    /// too: a set may block its key.
    pub(super) fn revocation_sets(&mut self, sets: &[Arc<RevocationSet>]) -> bool {
        let at = self.at.unwrap_or_default();
        // Keys are hashed for sets that may name them, and for nothing else.
        if sets.is_empty() {
            return false;
        }
        let mut is_listed = false;
        let mut issuer: Option<&Certificate<'_>> = None;
        for (depth, certificate) in self.path().rev() {
            let above = issuer.map(Certificate::spki_sha256);
            for set in sets {
                if let Listing::By(by) = set.listing(certificate, above, at) {
                    is_listed = true;
                    self.fail(
                        Check::Revoked,
                        depth,
                        vec![(SET, set.kind().name().into()), ("listed", by.into())],
                    );
                }
            }
            issuer = Some(certificate);
        }
        is_listed
    }

    /// check_cert_ocsp_resp: there is never a response. Where a CRL is to be asked as well, it is asked instead.
    fn ocsp(&mut self, depth: usize) {
        if depth + 1 < self.built.len() {
            self.fail(Check::OcspVerificationFailed, depth, Vec::new());
        } else {
            // Without an issuer releases differ.
            self.refuse(Check::FlagNotSupported, depth, vec![("flag", "X509_V_FLAG_OCSP_RESP_CHECK".into())]);
        }
    }

    /// X509_chain_check_suiteb.
    pub(super) fn suite_b(&mut self) {
        if let Err((check, depth)) = suite_b::check(self.built.certificates(), self.policy) {
            self.fail(check, depth, Vec::new());
        }
    }

    /// internal_verify: anchor to leaf, signature first, then dates; of the anchor only the dates.
    pub(super) fn signatures_and_dates(&mut self, memo: &EdgeMemo) {
        let mut issuer: Option<&'p Certificate<'p>> = None;
        for (depth, certificate) in self.path().rev() {
            match issuer {
                Some(issuer) => self.signature(depth, certificate, issuer, memo),
                None if self.policy.has(flag::CHECK_SS_SIGNATURE) && certificate.is_self_signed() => {
                    self.signature(depth, certificate, certificate, memo);
                    // An edge from the anchor to itself is none of the path's.
                    self.edges.clear();
                }
                None => {}
            }
            self.dates(depth, certificate);
            issuer = Some(certificate);
        }
        self.edges.reverse();
    }

    fn signature(
        &mut self,
        depth: usize,
        certificate: &'p Certificate<'p>,
        issuer: &'p Certificate<'p>,
        memo: &EdgeMemo,
    ) {
        let own = std::ptr::eq(certificate, issuer);
        // RFC 6818 2: key usage does not bind a self-issued end entity's own signature.
        if (!own || issuer.is_ca()) && issuer.lacks_key_usage(key_usage::KEY_CERT_SIGN) {
            self.fail(Check::KeyUsageNoCertSign, if own { depth } else { depth + 1 }, Vec::new());
        }
        let signed = signed(certificate, issuer);
        let outcome = if certificate.inner_algorithm.same_as(&certificate.signature_algorithm) {
            let id = EdgeId { signed: certificate.sha256(), issuer_key: issuer.spki_sha256() };
            memo.verify(id, &signed)
        } else {
            Outcome::Invalid
        };
        let facts = |algorithm: String| -> Vec<(&'static str, Fact)> {
            vec![("algorithm", algorithm.into()), ("issuer", issuer.subject.text().into())]
        };
        match outcome {
            Outcome::Valid => self.edges.push(signed),
            Outcome::Invalid => {
                self.fail(Check::SignatureInvalid, depth, facts(certificate.signature_algorithm.name()));
            }
            Outcome::Unsupported => {
                let algorithm = format!(
                    "{} with {} key",
                    certificate.signature_algorithm.name(),
                    issuer.public_key.curve_name().unwrap_or_else(|| issuer.public_key.algorithm_name())
                );
                self.refuse(Check::AlgorithmNotSupported, depth, facts(algorithm));
            }
        }
    }

    fn dates(&mut self, depth: usize, certificate: &Certificate<'_>) {
        let Some(at) = self.at else { return };
        let (not_before, not_after) = certificate.validity();
        match not_before.seconds {
            None => self.fail(Check::NotBeforeInvalid, depth, vec![("not_before", not_before.raw().into())]),
            Some(seconds) if seconds > at => {
                let facts = vec![("not_before", time_fact(seconds)), (verdict::AT, time_fact(at))];
                self.fail(Check::NotYetValid, depth, facts);
            }
            Some(_) => {}
        }
        match not_after.seconds {
            None => self.fail(Check::NotAfterInvalid, depth, vec![("not_after", not_after.raw().into())]),
            // RFC 5280 4.1.2.5 includes the second of notAfter; OpenSSL's X509_cmp_time does not.
            Some(seconds) if seconds < at || (seconds == at && self.policy.preset == Preset::Ssl) => {
                let facts = vec![("not_after", time_fact(seconds)), (verdict::AT, time_fact(at))];
                self.fail(Check::Expired, depth, facts);
            }
            Some(_) => {}
        }
    }

    /// check_name_constraints: anchor to leaf, each under all constraints above it, the anchor's included.
    pub(super) fn name_constraints(&mut self) {
        if self.built.certificates().all(|certificate| certificate.extensions.name_constraints.is_none()) {
            return;
        }
        let mut budget = name_constraints::MAX_PATH_COMPARISONS;
        let by = if self.policy.searches() { By::Rfc5280 } else { By::OpenSsl(self.policy.openssl) };
        for (depth, certificate) in self.path().rev() {
            // RFC 5280 4.2.1.10: not for self-issued certificates, unless it is the final one.
            if depth != 0 && certificate.is_self_issued() {
                continue;
            }
            // The CN stands in for a missing dNSName only where it would be matched as one.
            let common_name = depth == 0 && self.policy.hostname_checks_common_name;
            for (above, issuer) in self.path().rev().take_while(|(above, _)| *above > depth) {
                let Some(constraints) = &issuer.extensions.name_constraints else {
                    continue;
                };
                let compared = self.memory.compared(certificate, issuer, || {
                    name_constraints::check(certificate, constraints, by, common_name, &mut budget)
                });
                if let Err(violation) = compared {
                    let mut facts: Vec<(&'static str, Fact)> = Vec::new();
                    facts.extend(violation.name.map(|name| ("name", name.into())));
                    facts.extend(violation.base.map(|base| ("base", base.into())));
                    facts.push(("constrained_by_depth", above.into()));
                    self.fail(violation.check, depth, facts);
                    if violation.check == Check::NameConstraintBudget {
                        // Whatever is left to compare would ask for more of the same.
                        return;
                    }
                }
            }
        }
    }

    /// X509v3_asid_validate_path and X509v3_addr_validate_path (RFC 3779 2.3 and 3.3): of the end entity; a searching policy
    /// asks them of every certificate that has critical resources. Equal and inherited ones are judged, others refused.
    pub(super) fn resources(&mut self) {
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

    /// X509_policy_check, and RFC 5280 6.1. The policies that are valid for the path; `None` if it was not asked.
    pub(super) fn policies(&mut self) -> Option<Vec<Vec<u8>>> {
        let path: Vec<_> = self.built.certificates().collect();
        // The trust anchor's own do not count.
        let below = path.len().saturating_sub(1).max(1);
        if !policies::concerns(path.iter().take(below).copied(), self.policy) {
            return None;
        }
        match policies::check(&path, self.policy, &mut self.memory.work) {
            Ok(valid) => return Some(valid),
            Err(Failure { check: check @ Check::Budget, depth, facts }) => {
                self.refuse(check, depth.unwrap_or(0), facts);
            }
            Err(Failure { check, depth, facts }) => {
                self.findings.push(Finding::with(check, depth, facts));
            }
        }
        None
    }

    /// What the policy asks beyond OpenSSL.
    pub(super) fn knobs(&mut self) {
        let last = self.built.len().saturating_sub(1);
        for (depth, certificate) in self.path() {
            if let (Some(minimum), Some(bits)) = (self.policy.min_rsa_bits, certificate.public_key.rsa_bits())
                && bits < minimum
            {
                let check = if depth == 0 { Check::LeafKeyTooWeak } else { Check::CaKeyTooWeak };
                let facts = vec![("bits", i64::from(bits).into()), ("minimum", i64::from(minimum).into())];
                self.fail(check, depth, facts);
            }
            if let Some(allowed) = &self.policy.signature_algorithms
                && depth < last
            {
                let algorithm = certificate.signature_algorithm.name();
                if !allowed.contains(&algorithm.as_str()) {
                    let facts = vec![("algorithm", algorithm.into())];
                    self.fail(Check::AlgorithmNotAllowed, depth, facts);
                }
            }
        }
        let Some(leaf) = self.built.leaf() else { return };
        if !leaf.public_key.decodes() {
            // At security level 0 nobody has asked for its strength. OpenSSL has asked for the key.
            if self.policy.searches() && self.policy.min_security_bits().is_none() {
                self.fail(Check::LeafKeyTooWeak, 0, undecodable(leaf));
            }
        } else if !leaf.public_key.is_supported() {
            // A key that nobody here can decode could be any octets: OpenSSL has looked at it, we cannot.
            let key = leaf.public_key.curve_name().unwrap_or_else(|| leaf.public_key.algorithm_name());
            self.refuse(Check::AlgorithmNotSupported, 0, vec![("public_key", key.into())]);
        }
    }
}

/// Of a key that does not decode, that it does not.
fn undecodable(certificate: &Certificate<'_>) -> Vec<(&'static str, Fact)> {
    vec![
        ("public_key", certificate.public_key.algorithm_name().into()),
        ("found", "a key that does not decode".into()),
    ]
}

/// A certificate's signature and the key that is said to have made it.
pub(super) fn signed<'p>(certificate: &'p Certificate<'p>, issuer: &'p Certificate<'p>) -> Signed<'p> {
    Signed {
        algorithm: certificate.signature_algorithm.contents,
        message: certificate.tbs,
        signature: certificate.signature,
        key_algorithm: issuer.public_key.algorithm.contents,
        key: issuer.public_key.key,
        rsa_bits: issuer.public_key.rsa_bits(),
    }
}

/// check_cert_key_level: why a key is too weak for the security level, if it is.
fn too_weak(certificate: &Certificate<'_>, policy: &Policy) -> Option<Vec<(&'static str, Fact)>> {
    let minimum = policy.min_security_bits()?;
    let key = &certificate.public_key;
    let strength = key.security_bits();
    if strength.is_some_and(|strength| strength >= minimum) {
        return None;
    }
    let mut facts: Vec<(&'static str, Fact)> = vec![("public_key", key.algorithm_name().into())];
    facts.extend(key.bits().map(|bits| ("bits", i64::from(bits).into())));
    match strength {
        Some(strength) => facts.push(("security_bits", i64::from(strength).into())),
        None => facts.push(("found", "a key that does not decode".into())),
    }
    facts.push(("minimum", i64::from(minimum).into()));
    Some(facts)
}
