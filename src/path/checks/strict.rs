//! The checks of X509_V_FLAG_X509_STRICT.

use crate::certificate::{Certificate, key_usage};
use crate::release::Rule;
use crate::verdict::Check;

use super::Examination;

impl Examination<'_, '_> {
    /// RFC 5280, section by section.
    pub(super) fn strict(&mut self, depth: usize, certificate: &Certificate<'_>) {
        let extensions = &certificate.extensions;
        let is_ca = certificate.is_ca();
        let has_usage = |bit| extensions.key_usage.is_some_and(|usage| usage & bit != 0);
        let mut failed = Vec::new();
        // 4.2.1.9
        if let Some(constraints) = extensions.basic_constraints {
            if constraints.path_length.is_some() {
                if !is_ca {
                    failed.push(Check::PathLengthOnNonCa);
                }
                if !has_usage(key_usage::KEY_CERT_SIGN) {
                    failed.push(Check::PathLengthWithoutCertSign);
                }
            }
            if is_ca && !constraints.critical && !self.policy.follows(Rule::CriticalityNotAsked) {
                failed.push(Check::BasicConstraintsNotCritical);
            }
        }
        // 4.2.1.3
        if is_ca {
            if extensions.key_usage.is_none() {
                failed.push(Check::CaKeyUsageMissing);
            }
        } else if has_usage(key_usage::KEY_CERT_SIGN) {
            failed.push(Check::CertSignOnNonCa);
        }
        // 4.1.2.4
        if certificate.issuer.is_empty() {
            failed.push(Check::IssuerEmpty);
        }
        // 4.1.2.6
        if certificate.subject.is_empty() {
            if is_ca || has_usage(key_usage::CRL_SIGN) || extensions.subject_alt_name.is_none() {
                failed.push(Check::SubjectEmpty);
            }
            if extensions.subject_alt_name.is_some()
                && !extensions.subject_alt_name_critical
                && !self.policy.follows(Rule::CriticalityNotAsked)
            {
                failed.push(Check::SubjectAltNameNotCritical);
            }
        }
        // 4.2.1.6
        if extensions.subject_alt_name.is_some_and(|names| names.is_empty()) {
            failed.push(Check::SubjectAltNameEmpty);
        }
        // 4.1.1.2
        if !certificate.inner_algorithm.same_as(&certificate.signature_algorithm) {
            failed.push(Check::SignatureAlgorithmMismatch);
        }
        // 4.2.1.1 and 4.2.1.2, for v3; 4.1.2.9 for the others
        if certificate.version >= 2 {
            failed.extend(self.strict_authority_key_identifier(depth, certificate));
            if is_ca && extensions.subject_key_identifier.is_none() {
                failed.push(Check::SubjectKeyIdentifierMissing);
            }
        } else if extensions.count > 0 {
            failed.push(Check::ExtensionsNeedVersion3);
        }
        for check in failed {
            self.fail(check, depth, Vec::new());
        }
    }

    /// RFC 5280 4.2.1.1, as the release asks for it.
    fn strict_authority_key_identifier(&self, depth: usize, certificate: &Certificate<'_>) -> Option<Check> {
        let is_last = depth + 1 == self.built.len();
        let identifier = certificate.extensions.authority_key_identifier.as_ref();
        if !self.policy.follows(Rule::AuthorityKeyIdentifierForms) {
            let has_key_id = identifier.is_some_and(|identifier| identifier.key_id.is_some());
            return (!is_last && !has_key_id).then_some(Check::AuthorityKeyIdentifierMissing);
        }
        let is_needed = !is_last && !certificate.is_self_signed();
        match identifier {
            None => is_needed.then_some(Check::AuthorityKeyIdentifierMissing),
            Some(identifier) if identifier.names_issuer != identifier.serial.is_some() => {
                Some(Check::AuthorityKeyIdentifierUnpaired)
            }
            Some(identifier) if identifier.key_id.is_none() && !identifier.names_issuer => {
                is_needed.then_some(Check::AuthorityKeyIdentifierEmpty)
            }
            Some(_) => None,
        }
    }
}
