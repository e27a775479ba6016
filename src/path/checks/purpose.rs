//! Purposes: what a certificate may be used for.

use crate::certificate::{CaKind, Certificate, key_usage, netscape};
use crate::oid;
use crate::policy::{Policy, Preset, Purpose};
use crate::verdict::Check;

use super::Examination;

impl Examination<'_, '_> {
    /// check_purpose, for TLS server and client and for a key purpose of one's own.
    pub(super) fn purpose(&mut self, depth: usize, certificate: &Certificate<'_>) {
        if self.policy.purpose == Purpose::Any {
            return;
        }
        if certificate.is_malformed() {
            // X509_check_purpose cannot tell, which only strict mode minds.
            if self.is_strict() {
                let facts = vec![("problems", certificate.problems().into())];
                self.fail(Check::InvalidPurpose, depth, facts);
            }
            return;
        }
        // RFC 5280 4.2.1.12 asks keyUsage to be consistent with extendedKeyUsage where there are both; that
        // TLS needs one of three bits is TLS' own rule.
        let extensions = &certificate.extensions;
        if self.policy.preset == Preset::Rfc5280 && depth == 0 && extensions.extended_key_usage.is_none() {
            return;
        }
        if let Some(found) = unfit(certificate, self.policy, depth > 0) {
            let facts = vec![("expected", self.policy.purpose.text().into()), ("found", found.into())];
            self.fail(Check::InvalidPurpose, depth, facts);
        }
    }
}

/// What makes a certificate unfit for a purpose, if anything does.
fn unfit(certificate: &Certificate<'_>, policy: &Policy, as_ca: bool) -> Option<String> {
    let extensions = &certificate.extensions;
    if let Some(purposes) = extensions.extended_key_usage {
        // anyExtendedKeyUsage does not count, and an empty extension allows nothing.
        if !purposes.iter().any(|found| policy.takes(found)) {
            let found: Vec<_> = purposes.iter().map(oid::dotted).collect();
            return Some(format!("extendedKeyUsage [{}]", found.join(" ")));
        }
    }
    if as_ca {
        let kind = certificate.ca_kind();
        let netscape_refuses =
            kind == CaKind::Netscape && !certificate.netscape_cert_type_has(netscape::SSL_CA);
        return match kind {
            CaKind::No => Some("no CA certificate".to_owned()),
            _ if netscape_refuses => Some("nsCertType".to_owned()),
            _ => None,
        };
    }
    let (netscape_bit, usages) = match policy.purpose {
        Purpose::Server => (
            netscape::SSL_SERVER,
            key_usage::DIGITAL_SIGNATURE | key_usage::KEY_ENCIPHERMENT | key_usage::KEY_AGREEMENT,
        ),
        Purpose::Client => (netscape::SSL_CLIENT, key_usage::DIGITAL_SIGNATURE | key_usage::KEY_AGREEMENT),
        Purpose::Any | Purpose::Eku(_) => return None,
    };
    if extensions.netscape_cert_type.is_some() && !certificate.netscape_cert_type_has(netscape_bit) {
        return Some("nsCertType".to_owned());
    }
    if certificate.lacks_key_usage(usages) {
        let bits = extensions.key_usage.unwrap_or(0);
        let names: Vec<_> =
            key_usage::NAMES.iter().filter(|(bit, _)| bits & bit != 0).map(|(_, name)| *name).collect();
        return Some(format!("keyUsage [{}]", names.join(" ")));
    }
    None
}
