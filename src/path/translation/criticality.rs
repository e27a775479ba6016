//! Critical extensions that webpki does not know and the native model processes.

use crate::certificate::{Certificate, Extension, netscape};
use crate::der::Reader;
use crate::oid;
use crate::path::policies;
use crate::policy::{Policy, Purpose, flag};

/// Whether webpki does not know a critical extension, and the native model has judged it; or the policy says that
/// unknown ones are to be ignored (X509_V_FLAG_IGNORE_CRITICAL).
pub(in crate::path) fn is_processed(
    certificate: &Certificate<'_>,
    extension: &Extension<'_>,
    depth: usize,
    policy: &Policy,
) -> bool {
    if !extension.critical || is_known_to_webpki(extension.oid) {
        return false;
    }
    // RFC 5280 4.2: not more than one instance, or nobody knows which of them counts.
    let instances = certificate.extensions.iter().filter(|other| other.oid == extension.oid).count();
    let processed = instances == 1
        && is_one_element(extension.value)
        && match extension.oid {
            // Decoded, and obeyed by the policies that search; by `ssl` only if a flag asks for policies.
            oid::CERTIFICATE_POLICIES
            | oid::POLICY_MAPPINGS
            | oid::POLICY_CONSTRAINTS
            | oid::INHIBIT_ANY_POLICY => policies::is_sound(certificate),
            oid::NETSCAPE_CERT_TYPE => !policy.searches() || is_for_tls(certificate, depth, policy),
            // RFC 6960 4.2.2.2.1: NULL. It says that a responder's certificate is not looked up in turn.
            oid::OCSP_NO_CHECK => extension.value == [5, 0],
            // Compared with those above by the native model: those of an end entity, as OpenSSL does it; under a
            // searching policy all critical ones (RFC 3779 2.3 and 3.3).
            oid::IP_ADDR_BLOCKS | oid::AUTONOMOUS_SYS_IDS => true,
            _ => false,
        };
    processed || (policy.has(flag::IGNORE_CRITICAL) && !is_processed_natively(extension.oid))
}

/// Octets behind the value are ignored by OpenSSL where it decodes an extension, and may be anything.
fn is_one_element(value: &[u8]) -> bool {
    let mut reader = Reader::new(value);
    reader.any().is_some() && reader.is_empty()
}

/// What webpki reads (its remember_cert_extension).
pub(in crate::path) fn is_known_to_webpki(oid: &[u8]) -> bool {
    [
        oid::KEY_USAGE,
        oid::SUBJECT_ALT_NAME,
        oid::BASIC_CONSTRAINTS,
        oid::NAME_CONSTRAINTS,
        oid::CRL_DISTRIBUTION_POINTS,
        oid::EXTENDED_KEY_USAGE,
    ]
    .contains(&oid)
}

/// Whether it is known, and so nothing that a flag lets be ignored; nor is the poison, which is there to keep every
/// client from accepting a precertificate (RFC 6962 3.1).
fn is_processed_natively(oid: &[u8]) -> bool {
    [
        oid::CERTIFICATE_POLICIES,
        oid::POLICY_MAPPINGS,
        oid::POLICY_CONSTRAINTS,
        oid::INHIBIT_ANY_POLICY,
        oid::NETSCAPE_CERT_TYPE,
        oid::OCSP_NO_CHECK,
        oid::IP_ADDR_BLOCKS,
        oid::AUTONOMOUS_SYS_IDS,
        oid::PROXY_CERT_INFO,
        oid::PRECERT_POISON,
    ]
    .contains(&oid)
}

/// Whether the Netscape type names the place of a certificate in a path for TLS. OpenSSL looks at it in end
/// entities, and in CAs only for want of basicConstraints.
fn is_for_tls(certificate: &Certificate<'_>, depth: usize, policy: &Policy) -> bool {
    let bits = match (&policy.purpose, depth) {
        (Purpose::Server, 0) => netscape::SSL_SERVER,
        (Purpose::Client, 0) => netscape::SSL_CLIENT,
        (Purpose::Server | Purpose::Client, _) => netscape::SSL_CA,
        (Purpose::Any | Purpose::Eku(_), _) => return false,
    };
    certificate.netscape_cert_type_has(bits)
}
