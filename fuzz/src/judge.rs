//! webpki by itself, asked about what certpath has accepted; and rules about the names that it does not read.

mod constraints;
pub mod translation;

use std::net::IpAddr;
use std::time::Duration;

use certpath::{Exception, NameBy, Policy, ReferenceIdentity, Verdict};
use pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{DerTypeId, EndEntityCert, Error, KeyUsage};

use crate::{der, forge};

/// Ends the run if webpki refuses a path that was accepted, but for the named exceptions, each for the
/// refusals that belong to it (docs/architecture.md). Says which it was.
///
/// `certificates` are all that may be on the path, the trust anchor included.
pub fn confirm(
    verdict: &Verdict,
    certificates: &[&[u8]],
    name: Option<&ReferenceIdentity>,
    policy: &Policy,
) -> &'static str {
    let path: Vec<&[u8]> = verdict
        .path
        .iter()
        .map(|member| {
            let fits = |der: &&&[u8]| {
                certpath::Certificate::parse(der).is_ok_and(|one| one.sha256() == member.sha256)
            };
            *certificates.iter().find(fits).expect("a path consists of what was handed in")
        })
        .collect();
    let word = match prove(&path, verdict.at) {
        Ok(()) => "accepted, as by webpki",
        Err(error) => excuse(verdict, &path, &error),
    };
    constraints::hold(&path, policy);
    match name.map(|name| (name, speaks(path[0], name))) {
        None | Some((_, Some(true))) => word,
        Some((name, answer)) => match verdict.name_by {
            Some(NameBy::CommonName) => "accepted, by common name",
            Some(NameBy::SanIp) if answer.is_none() => {
                let address = address(name.text()).expect("an address was found that is not one");
                let listed = presented(path[0], 0x87).contains(&address.as_slice());
                assert!(listed, "only certpath finds {address:?} in {:02x?}", path[0]);
                "accepted, an address as only OpenSSL reads it"
            }
            Some(NameBy::SanDns) if answer.is_none() => {
                assert!(lists(path[0], name), "only certpath finds {:?} in {:02x?}", name.text(), path[0]);
                "accepted, a name that webpki cannot judge"
            }
            // To webpki a presented name with its final dot is not one. ssl compares texts.
            Some(NameBy::SanDns) if !policy.searches() && same_with_final_dot(path[0], name.text()) => {
                "accepted, a name with its final dot, which is none to webpki"
            }
            Some(NameBy::SanDns | NameBy::SanIp) | None => {
                panic!("only certpath finds {:?} in {:02x?}", name.text(), path[0])
            }
            Some(_) => "accepted, a name of another kind",
        },
    }
}

fn excuse(verdict: &Verdict, path: &[&[u8]], error: &Error) -> &'static str {
    let excused = verdict.exceptions.iter().copied().find(|exception| match exception {
        Exception::PinnedLeaf => path.len() == 1,
        Exception::CaLeaf => matches!(error, Error::CaUsedAsEndEntity),
        Exception::SelfIssued => matches!(
            error,
            Error::PathLenConstraintViolated
                | Error::NameConstraintViolation
                | Error::InvalidSignatureForPublicKey
        ),
        Exception::NameForms => matches!(error, Error::NameConstraintViolation),
        Exception::CanonicalDn | Exception::RepeatedCa => matches!(error, Error::UnknownIssuer),
        Exception::Version => matches!(error, Error::UnsupportedCertVersion),
        Exception::UniqueIds => matches!(error, Error::TrailingData(DerTypeId::CertificateExtensions)),
        Exception::CriticalExtensions => matches!(error, Error::UnsupportedCriticalExtension),
        Exception::PathLength => matches!(error, Error::BadDer),
        Exception::SubtreeMinimum => matches!(error, Error::TrailingData(DerTypeId::GeneralName)),
        Exception::Dates => matches!(
            error,
            Error::BadDerTime
                | Error::CertExpired { .. }
                | Error::CertNotValidYet { .. }
                | Error::InvalidCertValidity
        ),
        Exception::DeepPath => matches!(error, Error::MaximumPathDepthExceeded),
        Exception::DnsSyntax => matches!(error, Error::MalformedDnsIdentifier),
    });
    if let Some(exception) = excused {
        return exception.name();
    }
    // Its own table lacks what ours has: secp256k1, SHA-1, RSA of less than 2,048 bits, odd salts.
    #[expect(deprecated, reason = "raised or not, it means the same")]
    let lacks = matches!(
        error,
        Error::UnsupportedSignatureAlgorithm
            | Error::UnsupportedSignatureAlgorithmContext(_)
            | Error::UnsupportedSignatureAlgorithmForPublicKey
            | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)
    );
    assert!(
        lacks,
        "false accept: webpki says {error:?}; exceptions {:?}; path {path:02x?}",
        verdict.exceptions
    );
    "accepted, algorithm beyond webpki's"
}

/// Whether webpki proves the path, end entity first, its last certificate the only anchor.
fn prove(path: &[&[u8]], at: i64) -> Result<(), Error> {
    let [leaf, intermediates @ .., anchor] = path else {
        return Err(Error::UnknownIssuer);
    };
    let anchor = forge::anchor(anchor).ok_or(Error::BadDer)?;
    let anchors = [TrustAnchor {
        subject: anchor.subject.into(),
        subject_public_key_info: anchor.spki.into(),
        name_constraints: anchor.name_constraints.map(Into::into),
    }];
    let leaf = CertificateDer::from(*leaf);
    let intermediates: Vec<_> = intermediates.iter().map(|der| CertificateDer::from(*der)).collect();
    let at =
        UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(at).map_err(|_| Error::BadDerTime)?));
    let usage = KeyUsage::server_auth();
    let leaf = EndEntityCert::try_from(&leaf)?;
    leaf.verify_for_usage(webpki::ALL_VERIFICATION_ALGS, &anchors, &intermediates, at, usage, None, None)?;
    Ok(())
}

/// Whether webpki finds the name in the certificate; `None` if it cannot be asked for such a name, or reads
/// the list of names no further than to something that is not DER.
fn speaks(leaf: &[u8], name: &ReferenceIdentity) -> Option<bool> {
    let name = ServerName::try_from(name.text()).ok()?;
    let leaf = CertificateDer::from(leaf);
    match EndEntityCert::try_from(&leaf).and_then(|leaf| leaf.verify_is_valid_for_subject_name(&name)) {
        Ok(()) => Some(true),
        Err(Error::CertNotValidForName(_)) => Some(false),
        Err(_) => None,
    }
}

/// The contents of the names of one form in subjectAltName, whose lengths need not be as DER wants them.
fn presented(leaf: &[u8], form: u8) -> Vec<&[u8]> {
    let list = forge::extension(leaf, &[0x55, 0x1d, 0x11]).and_then(der::element);
    let names = list.map(|(_, names, _)| der::split(names)).unwrap_or_default();
    names.into_iter().filter_map(der::element).filter(|name| name.0 == form).map(|name| name.1).collect()
}

/// Whether a dNSName is the text as it is, case aside, and the text ends with a dot.
fn same_with_final_dot(leaf: &[u8], text: &str) -> bool {
    let is_same = |name: &&[u8]| name.eq_ignore_ascii_case(text.as_bytes());
    text.ends_with('.') && presented(leaf, 0x82).iter().any(is_same)
}

/// Whether the name stands in the certificate, or a wildcard for its first label: RFC 9525 in the simplest
/// way there is, and no finer than needed to tell a match from none.
fn lists(leaf: &[u8], name: &ReferenceIdentity) -> bool {
    let Ok(leaf) = certpath::Certificate::parse(leaf) else { return false };
    // A dot at the end says that the name is complete.
    let wanted = name.text().trim().trim_end_matches('.');
    // Octets that are no text are shown otherwise, but match as they are.
    if leaf.der().windows(wanted.len()).any(|octets| octets.eq_ignore_ascii_case(wanted.as_bytes())) {
        return true;
    }
    leaf.alternative_names().iter().any(|(_, text)| {
        let wildcard = text.strip_prefix('*').filter(|parent| parent.starts_with('.'));
        let below = |parent: &str| {
            let (label, rest) = wanted.split_at(wanted.find('.').unwrap_or(wanted.len()));
            !label.is_empty() && rest.eq_ignore_ascii_case(parent)
        };
        text.eq_ignore_ascii_case(wanted) || wildcard.is_some_and(below)
    })
}

/// The octets of an address as OpenSSL's a2i_ipadd reads it.
fn address(text: &str) -> Option<Vec<u8>> {
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => Some(address.octets().to_vec()),
        Ok(IpAddr::V6(address)) => Some(address.octets().to_vec()),
        // The end of an IPv6 address may be an IPv4 address in OpenSSL's reading of it.
        Err(_) => match text.rsplit_once(':') {
            Some((groups, end)) => {
                let end = scanned(end)?;
                let [a, b, c, d] = end.as_slice() else { return None };
                address(&format!("{groups}:{a}.{b}.{c}.{d}"))
            }
            None => scanned(text),
        },
    }
}

/// An IPv4 address as OpenSSL's ipv4_from_asc reads it, with sscanf: blanks before a number, signs and leading
/// zeros do not count, and white space ends it.
fn scanned(text: &str) -> Option<Vec<u8>> {
    let blank = |one: char| one.is_ascii_whitespace() || one == '\u{b}';
    let parts: Vec<&str> = text.splitn(4, '.').map(|part| part.trim_start_matches(blank)).collect();
    let [first, second, third, last] = parts.as_slice() else { return None };
    let last = last.split(blank).next().unwrap_or_default();
    [*first, *second, *third, last].iter().map(|part| u8::try_from(part.parse::<i64>().ok()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use certpath::{CrlSet, TrustStore, Verifier};

    use super::*;
    use crate::Target;
    use crate::der::{sequence, tlv};

    const ADDRESS: &[u8] = &[0x87, 0x84, 0, 0, 0, 4, 192, 0, 2, 1];

    /// What the target `names` says: of Policy.ssl, Policy.webpki, Policy.cabf.
    fn names(policy: u8, name: &str, alternative: &[u8]) -> &'static str {
        let input = [&[policy], tlv(0x0c, name.as_bytes()).as_slice(), alternative].concat();
        (Target::find("names").unwrap().run)(&input)
    }

    /// An end entity with one name and its issuer, accepted for `accepted` under Policy.ssl and then shown to
    /// the judge as if it had been for `claimed` under `policy`.
    fn confirmed(alternative: &[u8], accepted: &str, claimed: &str, policy: &Policy) -> &'static str {
        let ca = forge::name("CA");
        let extensions = [forge::server_extensions(), forge::id_ce(0x11, false, alternative)].concat();
        let leaf = forge::certificate(&forge::name("leaf"), &ca, 1, &extensions);
        let chain = forge::seal(&[&leaf, &forge::certificate(&ca, &ca, 2, &forge::ca_extensions())], false);
        let store = TrustStore::from_der([chain[1].as_slice()], "test").unwrap();
        let verifier = Verifier::new(Arc::new(store), Policy::ssl(0), CrlSet::default());
        let accepted = ReferenceIdentity::parse(accepted).unwrap();
        let verdict = verifier.check(&[&chain[0]], Some(&accepted), forge::AT);
        assert!(verdict.is_ok());
        let claimed = ReferenceIdentity::parse(claimed).unwrap();
        confirm(&verdict, &[&chain[0], &chain[1]], Some(&claimed), policy)
    }

    #[test]
    fn an_address_behind_an_overlong_length_is_the_address() {
        let said = "accepted, an address as only OpenSSL reads it";
        // The third policy wants the common name among the names.
        for policy in 0..2 {
            assert_eq!(names(policy, "192.0.2.1", &sequence(&[ADDRESS])), said);
            assert_eq!(names(policy, "192.0.2.2", &sequence(&[ADDRESS])), "no match");
        }
        assert_eq!(names(0, "192.0.2.001", &sequence(&[ADDRESS])), said);
        let longer = [&[0x87, 0x88, 0, 0, 0, 0, 0, 0, 0, 4], &ADDRESS[6..]].concat();
        assert_eq!(names(0, "192.0.2.1", &sequence(&[&longer])), said);
    }

    #[test]
    #[should_panic(expected = "only certpath finds")]
    fn another_address_behind_an_overlong_length_is_not() {
        confirmed(&sequence(&[ADDRESS]), "192.0.2.1", "192.0.2.2", &Policy::ssl(0));
    }

    #[test]
    #[should_panic(expected = "only certpath finds")]
    fn an_address_that_stands_in_another_name_only_is_not() {
        // The octets `87 04 c0 00 02 02`, which are the end of a dNSName.
        let text = tlv(0x82, &[b'a', 0x87, 4, 192, 0, 2, 2]);
        confirmed(&sequence(&[ADDRESS, &text]), "192.0.2.1", "192.0.2.2", &Policy::ssl(0));
    }

    #[test]
    fn addresses_are_read_as_openssl_reads_them() {
        for text in ["192.0.2.1", " 192.0.2.1", "192.0.2.1 x", "+192.0.2.01", "192.\u{b}0.2.1", "192.-0.2.1"]
        {
            assert_eq!(address(text), Some(vec![192, 0, 2, 1]), "{text:?}");
        }
        for text in ["192 .0.2.1", "192.0.2.1.", "192.0.2", "192.0.2.256", "192.0.2.-1", "a", "::1 ", "1:2"] {
            assert_eq!(address(text), None, "{text:?}");
        }
        assert_eq!(
            address("::ffff:192.0.2.01").map(|octets| octets[10..].to_vec()),
            Some(vec![255, 255, 192, 0, 2, 1])
        );
    }

    #[test]
    fn a_name_with_its_final_dot_is_the_same_name_to_ssl_alone() {
        let dotted = sequence(&[&tlv(0x82, b"www.example.")]);
        let said = "accepted, a name with its final dot, which is none to webpki";
        assert_eq!(names(0, "www.example.", &dotted), said);
        assert_eq!(names(0, "WWW.example.", &dotted), said);
        for policy in [1, 2] {
            assert_eq!(names(policy, "www.example.", &dotted), "no match");
        }
        assert_eq!(names(0, "www.example", &dotted), "no match");
        assert_eq!(names(0, "www.example.", &sequence(&[&tlv(0x82, b"www.example")])), "no match");
    }

    #[test]
    #[should_panic(expected = "only certpath finds")]
    fn under_other_policies_it_would_be_a_false_accept() {
        confirmed(
            &sequence(&[&tlv(0x82, b"www.example.")]),
            "www.example.",
            "www.example.",
            &Policy::webpki(),
        );
    }

    #[test]
    #[should_panic(expected = "only certpath finds")]
    fn another_name_with_a_final_dot_is_a_false_accept() {
        confirmed(&sequence(&[&tlv(0x82, b"www.example.")]), "www.example.", "ww.example.", &Policy::ssl(0));
    }
}
