//! Reference identities beyond hosts and addresses, and wildcards under public suffixes: what the
//! searching policies know and `ssl` does not.

use crate::certificate::{Certificate, GeneralName, printable};
use crate::release::Release;
use crate::verdict::NameBy;

use super::public_suffix::public_suffix;
use super::{MAX_SHOWN, ReferenceIdentity, looks_like_address};
use super::{matches_address, matches_host, matches_pattern, presented};

/// What a reference identity names when mailboxes and URIs are told apart from hosts, which `ssl`
/// does not do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    Host,
    Address,
    Email,
    Uri,
}

impl ReferenceIdentity {
    /// What kind of identity the text is: `scheme://…` a URI, anything else with an `@` a mailbox.
    pub(crate) fn kind(&self) -> Kind {
        if self.is_address(Release::default()) {
            Kind::Address
        } else if uri_parts(self.text.as_bytes()).is_some() {
            Kind::Uri
        } else if self.text.contains('@') {
            Kind::Email
        } else {
            Kind::Host
        }
    }

    /// Whether the certificate speaks for it under the searching policies: as [`Self::matches`],
    /// with mailboxes (RFC 5280 7.5) and URIs (RFC 5280 7.4); `public_suffixes` says whether a wildcard
    /// may stand for a whole public suffix.
    pub(crate) fn matches_by_kind(
        &self,
        certificate: &Certificate<'_>,
        common_name: bool,
        public_suffixes: bool,
    ) -> Option<NameBy> {
        let names = || certificate.extensions.alternative_names();
        match self.kind() {
            Kind::Address => matches_address(certificate, self.undoubted_address()?),
            // Neither an address nor a host name, whatever a dNSName says (RFC 9525 6.3: a DNS-ID is a domain name).
            Kind::Host if looks_like_address(self.text.as_bytes()) => None,
            Kind::Host => {
                let text = self.text.as_bytes();
                let host = text.strip_suffix(b".").unwrap_or(text);
                let pattern = if public_suffixes { matches_pattern } else { matches_below_public_suffix };
                matches_host(certificate, host, common_name, pattern)
            }
            Kind::Email => names()
                .any(|name| {
                    matches!(name, GeneralName::Email(mailbox) if same_mailbox(mailbox, self.text.as_bytes()))
                })
                .then_some(NameBy::SanEmail),
            Kind::Uri => names()
                .any(|name| matches!(name, GeneralName::Uri(uri) if same_uri(uri, self.text.as_bytes())))
                .then_some(NameBy::SanUri),
        }
    }
}

/// Whether any reference identity could be matched with a commonName of this text, under the searching
/// policies: only hosts are.
pub(crate) fn may_be_matched_as_host(common_name: &str) -> bool {
    let is_host = |reference: ReferenceIdentity| reference.kind() == Kind::Host;
    ReferenceIdentity::parse(common_name).is_ok_and(is_host) && !looks_like_address(common_name.as_bytes())
}

/// RFC 5280 7.5: the local part octet for octet, the host without regard to case.
fn same_mailbox(presented: &[u8], reference: &[u8]) -> bool {
    let split = |mailbox: &[u8]| -> Option<(Vec<u8>, Vec<u8>)> {
        let at = mailbox.iter().rposition(|&octet| octet == b'@')?;
        Some((mailbox.get(..at)?.to_vec(), mailbox.get(at + 1..)?.to_ascii_lowercase()))
    };
    split(presented).is_some_and(|presented| {
        !presented.0.is_empty() && !presented.1.is_empty() && split(reference) == Some(presented)
    })
}

/// Scheme, authority and the rest of a hierarchical URI (RFC 3986 3).
pub(crate) fn uri_parts(uri: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let colon = uri.iter().position(|&octet| octet == b':')?;
    let (scheme, rest) = uri.split_at_checked(colon)?;
    let in_scheme = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'-' | b'.');
    if !scheme.first()?.is_ascii_alphabetic() || !scheme.iter().all(in_scheme) {
        return None;
    }
    let rest = rest.strip_prefix(b"://")?;
    let end = rest.iter().position(|octet| matches!(octet, b'/' | b'?' | b'#')).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    Some((scheme, authority, rest))
}

/// RFC 5280 7.4: scheme and host without regard to case, the rest octet for octet.
fn same_uri(presented: &[u8], reference: &[u8]) -> bool {
    let (Some(presented), Some(reference)) = (uri_parts(presented), uri_parts(reference)) else {
        return false;
    };
    presented.0.eq_ignore_ascii_case(reference.0)
        && presented.1.eq_ignore_ascii_case(reference.1)
        && presented.2 == reference.2
}

/// As [`matches_pattern`], but a wildcard directly under a public suffix (private registries such as
/// s3.amazonaws.com among them) stands for nobody in particular: CA/B BR 3.2.2.6, RFC 9525 7.1.
fn matches_below_public_suffix(pattern: &[u8], host: &[u8]) -> bool {
    matches_pattern(pattern, host) && !is_wildcard_on_public_suffix(pattern)
}

/// Whether a wildcard name spans a whole public suffix. A suffix that the list does not know is one
/// by the list's own rule `*`.
pub(crate) fn is_wildcard_on_public_suffix(pattern: &[u8]) -> bool {
    let Some(parent) = pattern.strip_prefix(b"*.") else {
        return pattern == b"*";
    };
    let parent = parent.to_ascii_lowercase();
    public_suffix(&parent).is_none_or(|suffix| suffix.len() >= parent.len())
}

/// What a certificate offers in the way of mailboxes or URIs, for the record; the first ones of many.
pub(crate) fn presented_of(certificate: &Certificate<'_>, kind: Kind) -> Vec<String> {
    let shown = |name: GeneralName<'_>| match (name, kind) {
        (GeneralName::Email(text), Kind::Email) => Some(format!("email:{}", printable(text))),
        (GeneralName::Uri(text), Kind::Uri) => Some(format!("uri:{}", printable(text))),
        _ => None,
    };
    match kind {
        Kind::Host | Kind::Address => presented(certificate),
        Kind::Email | Kind::Uri => {
            certificate.extensions.alternative_names().filter_map(shown).take(MAX_SHOWN).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stand_for_hosts_below_registered_domains_only() {
        for pattern in ["*.com", "*.co.uk", "*.s3.amazonaws.com", "*.CO.UK", "*", "*.unknown-suffix"] {
            assert!(is_wildcard_on_public_suffix(pattern.as_bytes()), "{pattern}");
        }
        for pattern in
            ["*.example.com", "*.example.co.uk", "*.bucket.s3.amazonaws.com", "com", "www.example.com"]
        {
            assert!(!is_wildcard_on_public_suffix(pattern.as_bytes()), "{pattern}");
        }
    }

    #[test]
    fn mailboxes_and_uris_are_compared_by_their_parts() {
        assert!(same_mailbox(b"User@EXAMPLE.com", b"User@example.COM"));
        assert!(!same_mailbox(b"user@example.com", b"User@example.com"));
        assert!(!same_mailbox(b"example.com", b"example.com"));
        assert!(same_uri(b"HTTPS://Example.com/a", b"https://example.COM/a"));
        assert!(!same_uri(b"https://example.com/A", b"https://example.com/a"));
        assert!(!same_uri(b"urn:a", b"urn:a"));
        let kind = |text: &str| ReferenceIdentity::parse(text).unwrap().kind();
        assert_eq!(kind("user@example.com"), Kind::Email);
        assert_eq!(kind("spiffe://example.com/a@b"), Kind::Uri);
        assert_eq!(kind("example.com"), Kind::Host);
        assert_eq!(kind("::1"), Kind::Address);
    }

    #[test]
    fn what_may_be_read_as_an_address_is_no_host_and_an_address_only_beyond_doubt() {
        for text in DOUBTFUL {
            let reference = ReferenceIdentity::parse(text).unwrap();
            assert_eq!(reference.undoubted_address(), None, "{text:?}");
            assert!(looks_like_address(text.as_bytes()), "{text:?}");
            assert!(!may_be_matched_as_host(text), "{text:?}");
        }
        for text in ["192.0.2.1", "0.0.0.0", "::", "::1", "2001:DB8::0001", "::ffff:192.0.2.1", "1::"] {
            let reference = ReferenceIdentity::parse(text).unwrap();
            assert!(reference.undoubted_address().is_some(), "{text:?}");
        }
        for text in
            ["1.example", "1.2.3.example", "0x7f.example", "192.0.2.1.example", "x0", "0xg", "a-1", "1a"]
        {
            assert!(!looks_like_address(text.as_bytes()), "{text:?}");
            assert!(may_be_matched_as_host(text), "{text:?}");
        }
    }

    /// What somebody or other reads as an address: inet_aton, scanf, URIs, links.
    const DOUBTFUL: [&str; 36] = [
        "fe80::1%eth0",
        "fe80::1%25eth0",
        "[::1]",
        "[::1",
        "::1]",
        "[192.0.2.1]",
        "::ffff:192.0.2.010",
        "127.1",
        "127.0.1",
        "1.2.3",
        "1.2.3.4.5",
        "0x7f.0.0.1",
        "0X7F.0.0.1",
        "0x7f000001",
        "0x",
        "127.0.0.0x1",
        "2130706433",
        "017700000001",
        "0300.0.2.1",
        "192.0.2.010",
        "192.0.2.01",
        "192.0.2.0xa",
        "192.0.2.256",
        "192.0.2.1.",
        "192.0.2.1..",
        "127.1.",
        "0x7f.1.",
        " 192.0.2.1",
        "192.0.2.1 ",
        "192. 0.2.1",
        "192.0.2. 1",
        "+192.0.2.1",
        "192.0.2.+1",
        "example.123",
        "www.example.0x1",
        "192.0.2.1:443",
    ];
}
