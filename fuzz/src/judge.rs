//! webpki by itself, asked about what certpath has accepted.

use std::net::IpAddr;
use std::time::Duration;

use certpath::{NameBy, ReferenceIdentity, Verdict};
use pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage};

use crate::forge;

/// Ends the run if webpki refuses a path that was accepted, but for the named exceptions, each for the
/// refusals that belong to it (docs/architecture.md). Says which it was.
///
/// `certificates` are all that may be on the path, the trust anchor included.
pub fn confirm(verdict: &Verdict, certificates: &[&[u8]], name: Option<&ReferenceIdentity>) -> &'static str {
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
    match name.map(|name| (name, speaks(path[0], name))) {
        None | Some((_, Some(true))) => word,
        Some((name, answer)) => match verdict.name_by {
            Some(NameBy::CommonName) => "accepted, by common name",
            Some(NameBy::SanIp) if answer.is_none() && scanned(name.text()).is_some() => {
                let address = scanned(name.text()).unwrap_or_default();
                let listed = [&[0x87, 4], address.as_slice()].concat();
                assert!(path[0].windows(6).any(|octets| octets == listed), "no address {address:?}");
                "accepted, an address as only OpenSSL reads it"
            }
            Some(NameBy::SanDns | NameBy::SanIp) if answer.is_none() => {
                assert!(lists(path[0], name), "only certpath finds {:?} in {:02x?}", name.text(), path[0]);
                "accepted, a name that webpki cannot judge"
            }
            Some(NameBy::SanDns | NameBy::SanIp) | None => {
                panic!("only certpath finds {:?} in {:02x?}", name.text(), path[0])
            }
            Some(_) => "accepted, a name of another kind",
        },
    }
}

fn excuse(verdict: &Verdict, path: &[&[u8]], error: &Error) -> &'static str {
    let excused = verdict.exceptions.iter().copied().find(|exception| match *exception {
        "pinned_leaf" => path.len() == 1,
        "ca_leaf" => matches!(error, Error::CaUsedAsEndEntity),
        "self_issued" => matches!(
            error,
            Error::PathLenConstraintViolated
                | Error::NameConstraintViolation
                | Error::InvalidSignatureForPublicKey
        ),
        "name_forms" => matches!(error, Error::NameConstraintViolation),
        "canonical_dn" => matches!(error, Error::UnknownIssuer),
        _ => false,
    });
    if let Some(exception) = excused {
        return exception;
    }
    // Its own table lacks what ours has: secp256k1, SHA-1, RSA of less than 2,048 bits, odd salts.
    #[allow(deprecated, reason = "raised or not, it means the same")]
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

/// Whether the name stands in the certificate, or a wildcard for its first label: RFC 9525 in the simplest
/// way there is, and no finer than needed to tell a match from none.
fn lists(leaf: &[u8], name: &ReferenceIdentity) -> bool {
    let Ok(leaf) = certpath::Certificate::parse(leaf) else { return false };
    // A dot at the end says that the name is complete.
    let wanted = name.text().trim().trim_end_matches('.');
    let address = wanted.parse::<IpAddr>().ok();
    // Octets that are no text are shown otherwise, but match as they are.
    if leaf.der().windows(wanted.len()).any(|octets| octets.eq_ignore_ascii_case(wanted.as_bytes())) {
        return true;
    }
    leaf.alternative_names().iter().any(|(_, text)| {
        let same_address = address.is_some() && text.parse::<IpAddr>().ok() == address;
        let wildcard = text.strip_prefix('*').filter(|parent| parent.starts_with('.'));
        let below = |parent: &str| {
            let (label, rest) = wanted.split_at(wanted.find('.').unwrap_or(wanted.len()));
            !label.is_empty() && rest.eq_ignore_ascii_case(parent)
        };
        same_address || text.eq_ignore_ascii_case(wanted) || wildcard.is_some_and(below)
    })
}

/// An IPv4 address as OpenSSL's ipv4_from_asc reads it, with sscanf: blanks before a number, signs and leading
/// zeros do not count, and white space ends it.
fn scanned(text: &str) -> Option<Vec<u8>> {
    let blank = |one: char| one.is_ascii_whitespace() || one == '\u{b}';
    let mut parts = text.splitn(4, '.').map(|part| part.trim_start_matches(blank));
    let last = |part: &str| part.split(blank).next().unwrap_or_default().to_owned();
    let numbers: Option<Vec<u8>> = parts.by_ref().map(|part| last(part).parse().ok()).collect();
    numbers.filter(|numbers| numbers.len() == 4)
}
