//! The native checks of a built path, each under the name of the function of OpenSSL's that makes it. Every check
//! of every certificate is made, whatever has failed before, so that the findings are complete; their order is
//! that of `Examination::run`.

mod identity;
mod purpose;
mod resources;
mod revoked;
mod signatures;
mod strict;

use crate::certificate::{CaKind, Certificate, Curve, KeyKind, key_usage};
use crate::oid;
use crate::policy::{Policy, flag};
use crate::verdict::{Check, Fact, Finding};

use super::examination::Examination;
use super::name_constraints::{self, By};
use super::policies::{self, Failure};
use super::suite_b;

pub(super) use signatures::signed;

impl Examination<'_, '_> {
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
            Check::AlgorithmNotSupported => vec![
                ("algorithm", last.signature_algorithm.name().into()),
                ("issuer", last.issuer.text().into()),
            ],
            Check::InvalidExtension => vec![(
                "reason",
                "an extension with a length of zero in the long form, which this OpenSSL reads".into(),
            )],
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

    /// A malformed extension, which `ssl` takes for a missing issuer.
    pub(super) fn malformed(&mut self) {
        for (depth, certificate) in self.path() {
            if certificate.is_malformed() {
                let facts = vec![("problems", certificate.problems().into())];
                self.fail(Check::InvalidExtension, depth, facts);
            }
        }
    }

    /// X509_chain_check_suiteb.
    pub(super) fn suite_b(&mut self) {
        if let Err((check, depth)) = suite_b::check(self.built.certificates(), self.policy) {
            self.fail(check, depth, Vec::new());
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
            let mut key = leaf.public_key.curve_name().unwrap_or_else(|| leaf.public_key.algorithm_name());
            if leaf.public_key.is_at_infinity() {
                key.push_str(", the point at infinity");
            }
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
