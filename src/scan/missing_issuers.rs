//! Where the certificates that would complete paths are said to be.

use std::borrow::Cow;

use crate::batch::Row;
use crate::certificate::Certificate;
use crate::verdict::{Source, Verdict};
use crate::verifier::Verifier;

/// URLs that are kept at a time.
pub(super) const MOST: usize = 1 << 14;
/// Octets of the longest one that is kept.
const LONGEST: usize = 1 << 10;
/// URLs of one certificate that are looked at.
const OF_ONE: usize = 8;

/// Where the certificate at which the path of this row ends says that its issuer's certificates are (RFC 5280 4.2.2.1);
/// nothing for paths that reach an anchor, or a certificate that is its own issuer.
pub(super) fn of(row: &Row, verdict: &Verdict, verifier: &Verifier) -> Vec<String> {
    let Some(last) = verdict.path.last().filter(|_| !verdict.anchored) else { return Vec::new() };
    let der = match last.source {
        Source::Presented(position) => row.chain.iter().nth(position).map(Cow::Borrowed),
        Source::Pool(position) => verifier
            .pool()
            .and_then(|pool| pool.certificates().get(position))
            .map(|certificate| Cow::Owned(certificate.der().to_vec())),
        Source::Store(_) => None,
    };
    let Some(der) = der else { return Vec::new() };
    let Ok(certificate) = Certificate::parse(&der) else { return Vec::new() };
    if certificate.is_self_issued() {
        return Vec::new();
    }
    certificate.ca_issuer_uris().into_iter().take(OF_ONE).filter_map(fetchable).collect()
}

/// A URL that can be a line of a list: of HTTP, in the characters of RFC 3986 2 alone.
fn fetchable(url: &[u8]) -> Option<String> {
    let is_http = [b"http://".as_slice(), b"https://"]
        .iter()
        .any(|scheme| url.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    let allowed = |octet: &u8| octet.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(octet);
    let text = std::str::from_utf8(url).ok()?;
    (is_http && url.len() <= LONGEST && url.iter().all(allowed)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_fetched_or_would_be_another_line_is_left_out() {
        assert_eq!(fetchable(b"HTTP://a.example/ca.der").as_deref(), Some("HTTP://a.example/ca.der"));
        for url in [
            b"ldap://a.example/cn=ca".as_slice(),
            b"file:///etc/passwd",
            b"http://a.example/\nhttp://b.example/",
            b"http://a.example/ b",
            b"http://a.example/\"$(id)",
            "http://ä.example/".as_bytes(),
            b"",
        ] {
            assert_eq!(fetchable(url), None, "{}", String::from_utf8_lossy(url));
        }
        let long = [b"http://".as_slice(), &[b'a'; LONGEST]].concat();
        assert_eq!(fetchable(&long), None);
        assert!(fetchable(&long[..LONGEST]).is_some());
    }
}
