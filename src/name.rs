//! Reference identities and presented identities, and how they are matched (RFC 9525, as
//! OpenSSL does it under the host flags that CPython sets).

mod address;
mod kinds;
mod mistakes;
mod public_suffix;

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;

use crate::certificate::{Certificate, GeneralName, ip_text, printable};
use crate::distinguished_name;
use crate::oid;
use crate::release::{Release, Rule};
use crate::verdict::NameBy;

use address::{ip_address, is_number, is_strict_address, looks_like_address};
pub(crate) use kinds::{Kind, may_be_matched_as_host, presented_of, uri_parts};
pub(crate) use mistakes::mistake;

/// The identity that the end entity has to speak for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ReferenceIdentity {
    /// As it is compared and shown: for a DNS name the A-label form, case kept.
    text: String,
    address: Option<IpAddr>,
    /// Whether OpenSSL reads the address only before [`Rule::StrictAddresses`].
    is_loose: bool,
}

/// Why a text is not a reference identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameError {
    /// Nothing, or a leading dot (which OpenSSL would take for "any subdomain").
    EmptyOrLeadingDot,
    /// A NUL inside.
    Nul,
    /// Not ASCII: convert it to A-labels first.
    NotAscii,
    /// A label of no octets or more than 63 (RFC 1035 2.3.4).
    Label,
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::EmptyOrLeadingDot => "name cannot be an empty string or start with a leading dot",
            Self::Nul => "name contains a NUL",
            Self::NotAscii => "name is not ASCII",
            Self::Label => "name has an empty label or one of more than 63 characters",
        })
    }
}

impl std::error::Error for NameError {}

impl ReferenceIdentity {
    /// Reads a DNS name (in A-labels) or an IP address.
    ///
    /// # Errors
    ///
    /// If it can be neither.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() || text.starts_with('.') {
            return Err(NameError::EmptyOrLeadingDot);
        }
        if text.contains('\0') {
            return Err(NameError::Nul);
        }
        if !text.is_ascii() {
            return Err(NameError::NotAscii);
        }
        let address = ip_address(text.as_bytes());
        let is_loose = address.is_some() && !is_strict_address(text.as_bytes());
        Ok(Self { text: text.to_owned(), address, is_loose })
    }

    /// Whether Python's IDNA codec would give this text back unchanged: ASCII, every label of 1 to
    /// 63 octets, bar an empty one at the end.
    ///
    /// # Errors
    ///
    /// The first reason why it would not.
    pub fn check_labels(text: &str) -> Result<(), NameError> {
        if !text.is_ascii() {
            return Err(NameError::NotAscii);
        }
        let labels = text.strip_suffix('.').unwrap_or(text);
        if labels.split('.').all(|label| (1..=63).contains(&label.len())) {
            Ok(())
        } else {
            Err(NameError::Label)
        }
    }

    /// The text compared.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this release of OpenSSL takes it for an IP address.
    pub fn is_address(&self, openssl: Release) -> bool {
        self.address(openssl).is_some()
    }

    fn address(&self, openssl: Release) -> Option<IpAddr> {
        self.address.filter(|_| !(self.is_loose && openssl.follows(Rule::StrictAddresses)))
    }

    /// The address, if nobody can read it in another way: four decimal numbers without leading zeros, or what
    /// RFC 4291 2.2 has. A URI's brackets, a zone, and what scanf or inet_aton make of other texts are beside that.
    fn undoubted_address(&self) -> Option<IpAddr> {
        self.address.filter(|_| !self.is_loose)
    }

    /// Whether the certificate speaks for it, and by which presented identity.
    pub(crate) fn matches(
        &self,
        certificate: &Certificate<'_>,
        common_name: bool,
        openssl: Release,
    ) -> Option<NameBy> {
        match self.address(openssl) {
            Some(address) => matches_address(certificate, address),
            None => matches_host(certificate, self.text.as_bytes(), common_name, matches_pattern),
        }
    }
}

/// A certificate may name thousands of hosts; the first ones tell whose it is.
const MAX_SHOWN: usize = 20;

/// What a certificate offers to be matched against, for the record: `dns:…`, `ip:…`, `cn:…`.
pub(crate) fn presented(certificate: &Certificate<'_>) -> Vec<String> {
    let mut shown = Vec::new();
    let mut count = 0usize;
    let mut any_dns_name = false;
    let mut offer = |name: &dyn Fn() -> String| {
        if count < MAX_SHOWN {
            shown.push(name());
        }
        count += 1;
    };
    for name in certificate.extensions.alternative_names() {
        match name {
            GeneralName::Dns(text) => {
                any_dns_name = true;
                offer(&|| ["dns:", &printable(text)].concat());
            }
            GeneralName::Ip(octets) => offer(&|| format!("ip:{}", ip_text(octets))),
            _ => {}
        }
    }
    if !any_dns_name {
        for name in certificate.common_names() {
            offer(&|| format!("cn:{}", name.escape_debug()));
        }
    }
    if count > MAX_SHOWN {
        shown.push(format!("… {} more", count - MAX_SHOWN));
    }
    shown
}

/// X509_check_ip: only iPAddress entries of the same length, octet for octet (RFC 9525 6.5).
fn matches_address(certificate: &Certificate<'_>, address: IpAddr) -> Option<NameBy> {
    let (v4, v6);
    let wanted: &[u8] = match address {
        IpAddr::V4(address) => {
            v4 = address.octets();
            &v4
        }
        IpAddr::V6(address) => {
            v6 = address.octets();
            &v6
        }
    };
    let mut names = certificate.extensions.alternative_names();
    names.any(|name| matches!(name, GeneralName::Ip(octets) if octets == wanted)).then_some(NameBy::SanIp)
}

/// X509_check_host: dNSName entries; commonName only if there is none, however unfit
/// (RFC 9525 6.3 would have no fallback at all; CPython's default has it).
fn matches_host(
    certificate: &Certificate<'_>,
    host: &[u8],
    common_name: bool,
    matches: fn(&[u8], &[u8]) -> bool,
) -> Option<NameBy> {
    let mut any_dns_name = false;
    for name in certificate.extensions.alternative_names() {
        if let GeneralName::Dns(pattern) = name {
            any_dns_name = true;
            if !pattern.is_empty() && matches(pattern, host) {
                return Some(NameBy::SanDns);
            }
        }
    }
    if any_dns_name || !common_name {
        return None;
    }
    for name in stand_ins(certificate) {
        if name.is_empty {
            continue;
        }
        // A value that is not a character string ends the search there too.
        if matches(name.text?.as_bytes(), host) {
            return Some(NameBy::CommonName);
        }
    }
    None
}

/// A commonName that stands in for missing dNSNames.
pub(crate) struct StandIn {
    /// It has no octets, and matches nothing.
    pub(crate) is_empty: bool,
    /// What hosts are compared with; `None` if it is not a character string.
    pub(crate) text: Option<String>,
}

/// The commonNames that stand in for dNSNames, where they may: all of them if there is no dNSName, however
/// unfit, else none. What is matched here is what name constraints have to judge.
pub(crate) fn stand_ins<'a>(certificate: &Certificate<'a>) -> impl Iterator<Item = StandIn> + use<'a> {
    let mut names = certificate.extensions.alternative_names();
    let any_dns_name = names.any(|name| matches!(name, GeneralName::Dns(_)));
    let attributes = certificate.subject.attributes();
    attributes.filter(move |attribute| !any_dns_name && attribute.oid == oid::COMMON_NAME).map(|attribute| {
        StandIn {
            is_empty: attribute.value.is_empty(),
            text: distinguished_name::utf8(attribute.tag, attribute.value).map(Cow::into_owned),
        }
    })
}

/// A presented DNS name, wildcard or not, against a host name.
pub(crate) fn matches_pattern(pattern: &[u8], host: &[u8]) -> bool {
    match wildcard_suffix(pattern) {
        Some(suffix) => matches_wildcard(suffix, host),
        None => equal_ignoring_case(pattern, host),
    }
}

fn equal_ignoring_case(pattern: &[u8], host: &[u8]) -> bool {
    // A NUL in the pattern never matches: it could hide the rest of the name from a reader.
    !pattern.contains(&0) && pattern.eq_ignore_ascii_case(host)
}

/// What stands after the `*` of a well-formed wildcard name: the star is the whole first label,
/// there are at least two dots after it, and every label is of letters, digits and inner hyphens.
/// Anything else is not a wildcard and is compared literally.
fn wildcard_suffix(pattern: &[u8]) -> Option<&[u8]> {
    let suffix = pattern.strip_prefix(b"*")?;
    let labels = suffix.strip_prefix(b".")?;
    let mut count = 0;
    for label in labels.split(|&octet| octet == b'.') {
        let (&first, &last) = (label.first()?, label.last()?);
        let is_ldh = label.iter().all(|&octet| octet.is_ascii_alphanumeric() || octet == b'-');
        if !is_ldh || first == b'-' || last == b'-' {
            return None;
        }
        count += 1;
    }
    (count >= 2).then_some(suffix)
}

/// The star stands for one label of letters, digits and hyphens, or for a star.
fn matches_wildcard(suffix: &[u8], host: &[u8]) -> bool {
    let Some((label, tail)) = host.len().checked_sub(suffix.len()).and_then(|at| host.split_at_checked(at))
    else {
        return false;
    };
    if !equal_ignoring_case(suffix, tail) || label.is_empty() {
        return false;
    }
    label == b"*" || label.iter().all(|&octet| octet.is_ascii_alphanumeric() || octet == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Presented, reference, match: RFC 9525 6.3 as OpenSSL with NO_PARTIAL_WILDCARDS reads it.
    const TRUTH_TABLE: &[(&str, &str, bool)] = &[
        ("www.example.com", "www.example.com", true),
        ("WWW.example.com", "www.EXAMPLE.com", true),
        ("*.example.com", "www.example.com", true),
        ("*.example.com", "xn--bcher-kva.example.com", true),
        ("*.example.com", "-a.example.com", true),
        ("*.example.com", "*.example.com", true),
        ("f*.x.y", "f*.x.y", true),
        ("*.example.com", "example.com", false),
        ("*.example.com", "a.b.example.com", false),
        ("*.example.com", "foo_bar.example.com", false),
        ("foo_bar.example.com", "foo_bar.example.com", true),
        ("*.foo_bar.x.y", "a.foo_bar.x.y", false),
        ("f*.example.com", "foo.example.com", false),
        ("*o.example.com", "foo.example.com", false),
        ("**.example.com", "foo.example.com", false),
        ("*.*.example.com", "a.b.example.com", false),
        ("www.*.com", "www.example.com", false),
        ("*", "localhost", false),
        ("*.", "localhost", false),
        ("*.com", "example.com", false),
        ("*.co.uk", "a.co.uk", true),
        ("*.example.123", "a.example.123", true),
        ("www.example.com", "www.example.com.", false),
        ("www.example.com.", "www.example.com.", true),
        ("*.example.com.", "www.example.com.", false),
        ("localhost", "localhost", true),
        ("www.example.com\0", "www.example.com", false),
        ("www.example.com\0", "www.example.com\0", false),
        ("a/b.x.y", "a/b.x.y", true),
        ("*.example.com", ".example.com", false),
        ("*.-a.com", "b.-a.com", false),
    ];

    #[test]
    fn presented_and_reference_names_match_as_the_truth_table_says() {
        for &(presented, reference, expected) in TRUTH_TABLE {
            assert_eq!(
                matches_pattern(presented.as_bytes(), reference.as_bytes()),
                expected,
                "{presented:?} for {reference:?}"
            );
        }
    }

    #[test]
    fn addresses_are_told_from_names_as_openssl_does() {
        let release = |name| Release::named(name).unwrap();
        let read = |text: &str| ip_address(text.as_bytes());
        let documentation = Some("192.0.2.1".parse().unwrap());
        for text in ["192.0.2.1", "192.0.2.01", " 192.0.2.1", "192.0.2.1 ", "+192.0.2.1", "192. 0.2.1"] {
            assert_eq!(read(text), documentation, "{text:?}");
        }
        for text in [
            "192.0.2.01",
            " 192.0.2.1",
            "192.0.2.1 ",
            "192.0.2.1 x",
            "+192.0.2.1",
            "192. 0.2.1",
            "192.0.2.-0",
            "00.0.0.0",
            "\t192.0.2.1",
            "192.0.2.1\n",
            "::ffff:192.0.2.01",
            "::ffff: 192.0.2.1",
            "::ffff:192.0.2.+1",
        ] {
            let name = ReferenceIdentity::parse(text).unwrap();
            assert!(name.is_address(release("3.0")) && name.is_address(release("3.3")), "{text:?}");
            assert!(!name.is_address(release("3.4")) && !name.is_address(release("4.0")), "{text:?}");
        }
        for text in ["192.0.2.1", "0.0.0.0", "::ffff:192.0.2.1", "0001::", "1::2:3:4:5:6:7", "::"] {
            let name = ReferenceIdentity::parse(text).unwrap();
            assert!(name.is_address(release("3.0")) && name.is_address(release("4.0")), "{text:?}");
        }
        for text in ["192.0.2.1.", "0xc0.0.2.1", "192.0.2", "192.0.2.256", "3221225985", "1.2.3.4.5", ""] {
            assert_eq!(read(text), None, "{text:?}");
        }
        for text in
            ["::1", "1::", "::", "2001:db8::1", "2001:DB8:0:0:0:0:0:1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7::"]
        {
            assert_eq!(read(text), Some(text.parse().unwrap()), "{text:?}");
        }
        for text in ["[::1]", "fe80::1%eth0", ":::1", "1::2::3", "1:2", "12345::", ":1", "1:2:3:4:5:6:7:8:9"]
        {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn texts_that_are_no_identity_are_refused() {
        assert_eq!(ReferenceIdentity::parse(""), Err(NameError::EmptyOrLeadingDot));
        assert_eq!(ReferenceIdentity::parse(".a"), Err(NameError::EmptyOrLeadingDot));
        assert_eq!(ReferenceIdentity::parse("a\0b"), Err(NameError::Nul));
        assert_eq!(ReferenceIdentity::parse("straße.de"), Err(NameError::NotAscii));
        assert_eq!(ReferenceIdentity::check_labels("a..b"), Err(NameError::Label));
        assert!(ReferenceIdentity::check_labels("a.b.").is_ok());
    }
}
