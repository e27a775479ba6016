//! The syntax of the names in certificates, and of the bases that constrain them (RFC 5280 4.2.1.6 and 4.2.1.10).

use std::net::IpAddr;

use crate::certificate::{GeneralName, ip_text, printable};
use crate::name::uri_parts;

/// A base without the syntax of its form, for the record.
pub(super) fn malformed_base(base: &GeneralName<'_>) -> Option<String> {
    match base {
        // "": every name; no leading dot, which only URI and e-mail constraints may have.
        GeneralName::Dns(base) if !base.is_empty() && !is_host(base) => {
            Some(format!("dns:{}", printable(base)))
        }
        GeneralName::Email(base) if !is_mail_base(base) => Some(format!("email:{}", printable(base))),
        GeneralName::Uri(base) if !is_host(base.strip_prefix(b".").unwrap_or(base)) => {
            Some(format!("uri:{}", printable(base)))
        }
        GeneralName::Ip(base) if !is_network(base) => Some(format!("ip:{}", ip_text(base))),
        // RFC 5280 4.1.2.4: a RelativeDistinguishedName has one attribute at least.
        GeneralName::Directory(base) if base.has_empty_rdn() => Some(format!("directory:{}", base.text())),
        _ => None,
    }
}

fn is_host(name: &[u8]) -> bool {
    is_host_with(b"", name)
}

/// RFC 1034 3.5 as modified by RFC 1123 2.1: labels of 1 to 63 letters, digits, inner hyphens and what is in `also`,
/// 253 octets in all; the last label not all digits, or it could be an address.
pub(super) fn is_host_with(also: &[u8], name: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        (1..=63).contains(&label.len())
            && label
                .iter()
                .all(|octet| octet.is_ascii_alphanumeric() || *octet == b'-' || also.contains(octet))
            && !label.starts_with(b"-")
            && !label.ends_with(b"-")
    };
    let labels = || name.split(|&octet| octet == b'.');
    name.len() <= 253
        && labels().all(is_label)
        && labels().next_back().is_some_and(|last| !last.iter().all(u8::is_ascii_digit))
}

/// A host of two labels at least, the last of which starts with a letter, so that it is not an address in
/// whatever notation.
pub(super) fn is_domain(name: &[u8]) -> bool {
    let last = name.rsplit(|&octet| octet == b'.').next().unwrap_or_default();
    is_host(name) && last.len() < name.len() && last.first().is_some_and(u8::is_ascii_alphabetic)
}

/// A host, or one below a wildcard for the whole first label (RFC 9525 6.3, CA/B BR 1.6.1).
pub(super) fn is_dns_pattern(name: &[u8]) -> bool {
    is_host(name.strip_prefix(b"*.").unwrap_or(name))
}

/// RFC 5280 4.2.1.6: a Mailbox of RFC 2821 4.1.2: local part, `@`, host; no quoted local parts, which
/// nobody has been seen to certify.
pub(super) fn is_mailbox(name: &[u8]) -> bool {
    let mut parts = name.split(|&octet| octet == b'@');
    let (Some(local), Some(host), None) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    is_local_part(local) && is_host(host)
}

/// RFC 2822 3.2.4: a dot-atom.
fn is_local_part(local: &[u8]) -> bool {
    let in_atom = |octet: &u8| octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(octet);
    local.split(|&octet| octet == b'.').all(|atom| !atom.is_empty() && atom.iter().all(in_atom))
}

/// RFC 5280 4.2.1.6: an absolute URI (RFC 3986 4.3), with a host or an address if it has an authority.
pub(super) fn is_uri(name: &[u8]) -> bool {
    let graphic = name.iter().all(|octet| (0x21..0x7f).contains(octet) && !b"<>\"\\^`{|}".contains(octet));
    let scheme = name.iter().position(|&octet| octet == b':').and_then(|colon| name.split_at_checked(colon));
    let Some((scheme, rest)) = scheme.filter(|_| graphic) else {
        return false;
    };
    if !scheme.first().is_some_and(u8::is_ascii_alphabetic)
        || !scheme.iter().all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(octet))
    {
        return false;
    }
    let Some((_, authority, _)) = uri_parts(name) else {
        // A URI without authority needs a path at least: "urn:x", not "urn:".
        return rest.len() > 1 && !rest.starts_with(b"://");
    };
    let host = authority.rsplit(|&octet| octet == b'@').next().unwrap_or(authority);
    if let Some(bracketed) = host.strip_prefix(b"[") {
        let address = bracketed.split(|&octet| octet == b']').next().unwrap_or_default();
        return std::str::from_utf8(address).is_ok_and(|text| text.parse::<std::net::Ipv6Addr>().is_ok());
    }
    let host = host.split(|&octet| octet == b':').next().unwrap_or_default();
    let is_address = std::str::from_utf8(host).is_ok_and(|text| text.parse::<IpAddr>().is_ok());
    is_address || is_host(host.strip_suffix(b".").unwrap_or(host))
}

/// RFC 5280 4.2.1.10: a mailbox, a host, or a domain with a leading dot.
fn is_mail_base(base: &[u8]) -> bool {
    if base.contains(&b'@') {
        return is_mailbox(base);
    }
    is_host(base.strip_prefix(b".").unwrap_or(base))
}

/// RFC 5280 4.2.1.10: address and mask in the style of CIDR (RFC 4632), 8 or 32 octets.
fn is_network(base: &[u8]) -> bool {
    if !matches!(base.len(), 8 | 32) {
        return false;
    }
    let (_, mask) = base.split_at(base.len() / 2);
    let ones: u32 = mask.iter().map(|octet| octet.leading_ones()).take_while(|&ones| ones > 0).sum();
    let set: u32 = mask.iter().map(|octet| octet.count_ones()).sum();
    let leading = mask.iter().position(|&octet| octet != 0xff).unwrap_or(mask.len());
    let contiguous = mask.iter().skip(leading + 1).all(|&octet| octet == 0);
    let first = mask.get(leading).copied().unwrap_or(0);
    contiguous && first.leading_ones() == first.count_ones() && ones == set
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_have_the_preferred_name_syntax() {
        for name in ["example.com", "a-b.example", "xn--n3h.com", "1.example", "localhost"] {
            assert!(is_host(name.as_bytes()), "{name}");
        }
        for name in
            ["", ".example.com", "example.com.", "a..b", "-a.b", "a-.b", "a_b.c", "a b.c", "192.0.2.1", "*.a"]
        {
            assert!(!is_host(name.as_bytes()), "{name}");
        }
        assert!(is_domain(b"example.com") && !is_domain(b"0xC0A80101") && !is_domain(b"0xC0.0xA8.0x01.0x01"));
        assert!(is_dns_pattern(b"*.example.com"));
        assert!(!is_dns_pattern(b"*"));
        assert!(!is_dns_pattern(b"f*.example.com"));
        assert!(!is_dns_pattern(b"*.*.example.com"));
    }

    #[test]
    fn mailboxes_have_one_local_part_and_one_host() {
        for name in ["a@example.com", "*@example.com", "first.last+tag@example.com"] {
            assert!(is_mailbox(name.as_bytes()), "{name}");
        }
        for name in
            ["example.com", "@example.com", "a@", "a@b@example.com", "a..b@example.com", "a@.com", "a b@x.y"]
        {
            assert!(!is_mailbox(name.as_bytes()), "{name}");
        }
        assert!(
            is_mail_base(b".example.com") && is_mail_base(b"example.com") && is_mail_base(b"a@example.com")
        );
        assert!(!is_mail_base(b"@example.com") && !is_mail_base(b""));
    }

    #[test]
    fn uris_are_absolute_and_their_hosts_are_hosts() {
        for name in [
            "https://example.com/a?b#c",
            "spiffe://trust.example/x",
            "urn:a:b",
            "ldap://[2001:db8::1]/c",
            "http://u@192.0.2.1:80",
        ] {
            assert!(is_uri(name.as_bytes()), "{name}");
        }
        for name in [
            "",
            "example.com",
            "/a",
            "https://",
            "https:///a",
            "urn:",
            "1a://b",
            "https://a b/",
            "https://-a/",
        ] {
            assert!(!is_uri(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn networks_are_address_and_prefix() {
        assert!(is_network(&[192, 0, 2, 0, 255, 255, 255, 0]));
        assert!(is_network(&[0; 8]) && is_network(&[255; 8]) && is_network(&[0; 32]));
        assert!(is_network(&[10, 0, 0, 0, 255, 240, 0, 0]));
        assert!(!is_network(&[192, 0, 2, 0, 255, 0, 255, 0]));
        assert!(!is_network(&[192, 0, 2, 0, 255, 255, 253, 0]));
        assert!(!is_network(&[192, 0, 2, 1]) && !is_network(&[0; 16]));
    }
}
