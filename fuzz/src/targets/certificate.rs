//! The view of one certificate: never a panic, never octets that are not there, twice the same.
//!
//! webpki's opinion is only counted: it leaves names, dates and keys unread until somebody asks.

use certpath::{Certificate, Deployment, OwnedCertificate};
use pki_types::CertificateDer;

pub(super) fn run(data: &[u8]) -> &'static str {
    let webpki = webpki::EndEntityCert::try_from(&CertificateDer::from(data)).is_ok();
    let Ok(certificate) = Certificate::parse(data) else {
        assert!(OwnedCertificate::parse(data).is_err());
        return if webpki { "no certificate, though webpki reads on" } else { "no certificate" };
    };
    assert_eq!(certificate.der(), data);
    let within = |piece: &[u8]| data.as_ptr_range().contains(&piece.as_ptr()) && piece.len() <= data.len();
    for name in [certificate.subject(), certificate.issuer()] {
        assert!(within(name.der()));
        let _ = (name.text(), name.long_form(), name.openssl_hash(), name.is_empty());
    }
    let (from, until) = certificate.validity();
    let _ = (from.is_generalized(), until.is_generalized());
    let key = certificate.public_key();
    let _ = (key.algorithm_name(), key.bits(), key.curve_name());
    let _ =
        (certificate.sha1(), certificate.spki_sha256(), certificate.is_ca(), certificate.is_self_issued());
    for uri in [certificate.ocsp_uris(), certificate.ca_issuer_uris(), certificate.crl_uris()].concat() {
        assert!(uri.is_empty() || within(uri));
    }
    let names = certificate.alternative_names();
    let problems = certificate.problems();
    let _ = Deployment::of(&[data, data]).faults();
    let owned = OwnedCertificate::parse(data).expect("what opens once opens twice");
    assert_eq!(owned.view().sha256(), certificate.sha256());
    assert_eq!(owned.view().alternative_names(), names);
    match (webpki, problems.is_empty()) {
        (true, _) => "a certificate, webpki's too",
        (false, true) => "a certificate",
        (false, false) => "a certificate with problems",
    }
}
