//! Whether a name is within a base, as OpenSSL 3.0 compares them: nc_dns, nc_email, nc_email_eai, nc_uri, nc_ip.

use crate::der::{Element, tag};
use crate::release::{Release, Rule};
use crate::verdict::Check;

use super::Fits;

/// Any number of labels may stand before the base; a base with a leading dot wants one at least.
pub(in crate::path) fn dns_within(name: &[u8], base: &[u8]) -> bool {
    let Some((head, tail)) = name.len().checked_sub(base.len()).and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    let at_label = head.is_empty() || base.is_empty() || base.starts_with(b".") || head.ends_with(b".");
    at_label && tail.eq_ignore_ascii_case(base)
}

pub(super) fn email_within(name: &[u8], base: &[u8]) -> Fits {
    let Some(at) = name.iter().rposition(|&octet| octet == b'@') else {
        return Err(Check::UnsupportedNameSyntax);
    };
    let (local, host) = (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default());
    let base_at = base.iter().rposition(|&octet| octet == b'@');
    if base_at.is_none() && base.starts_with(b".") {
        // Any mailbox of any host below the domain.
        return Ok(name.len() > base.len() && ends_with_ignoring_case(name, base));
    }
    let base_host = match base_at {
        Some(base_at) => {
            let base_local = base.get(..base_at).unwrap_or_default();
            if !base_local.is_empty() {
                if base_local.len() != local.len() {
                    return Ok(false);
                }
                if base_local.contains(&0) || local.contains(&0) {
                    return Err(Check::UnsupportedNameSyntax);
                }
                if base_local != local {
                    return Ok(false);
                }
            }
            base.get(base_at + 1..).unwrap_or_default()
        }
        None => base,
    };
    Ok(host.eq_ignore_ascii_case(base_host))
}

/// RFC 8398 6: the domain in U-labels, octet for octet but for ASCII case.
pub(super) fn mailbox_within(value: &Element<'_>, base: &[u8]) -> Fits {
    if base.contains(&0) || value.tag != tag::UTF8_STRING {
        return Err(Check::UnsupportedNameSyntax);
    }
    let name = value.contents;
    let Some(at) = name.iter().rposition(|&octet| octet == b'@') else {
        return Err(Check::UnsupportedNameSyntax);
    };
    // A base in A-labels would have to be converted first: nothing may pass without that.
    if base.split(|&octet| octet == b'.').any(|label| label.to_ascii_lowercase().starts_with(b"xn--")) {
        return Err(Check::UnsupportedConstraintType);
    }
    if base.starts_with(b".") {
        return Ok(name.len() > base.len() && ends_with_ignoring_case(name, base));
    }
    Ok(name.get(at + 1..).unwrap_or_default().eq_ignore_ascii_case(base))
}

pub(super) fn uri_within(name: &[u8], base: &[u8]) -> Fits {
    let colon = name.iter().position(|&octet| octet == b':');
    let after = colon.and_then(|colon| name.get(colon + 1..)).and_then(|rest| rest.strip_prefix(b"//"));
    let Some(after) = after else {
        return Err(Check::UnsupportedNameSyntax);
    };
    let end = after
        .iter()
        .position(|&octet| octet == b':')
        .or_else(|| after.iter().position(|&octet| octet == b'/'))
        .unwrap_or(after.len());
    let host = after.get(..end).unwrap_or_default();
    if host.is_empty() {
        return Err(Check::UnsupportedNameSyntax);
    }
    Ok(host_within(host, base))
}

/// The host of a URI by OSSL_parse_url, which nc_uri goes by from [`Rule::UrisParsed`] on.
pub(super) fn uri_host(uri: &[u8], release: Release) -> Result<&[u8], Check> {
    parsed_host(uri, release).ok_or(Check::UnsupportedNameSyntax)
}

fn parsed_host(uri: &[u8], release: Release) -> Option<&[u8]> {
    let find = |text: &[u8], wanted: &[u8]| text.iter().position(|octet| wanted.contains(octet));
    // A string of C ends with a zero.
    let uri = uri.get(..find(uri, b"\0").unwrap_or(uri.len()))?;
    let at = uri.windows(3).position(|three| three == b"://")?;
    let (scheme, rest) = (uri.get(..at)?, uri.get(at + 3..)?);
    let of_scheme = |octet: &u8| octet.is_ascii_alphanumeric() || b"+-.".contains(octet);
    let is_sound = scheme.first().is_some_and(u8::is_ascii_alphabetic) && scheme.iter().all(of_scheme);
    if scheme.is_empty() || (release.follows(Rule::UriSchemesChecked) && !is_sound) {
        return None;
    }
    // What is before the first @ is the user; once that might be in a path, a query or a fragment.
    let authority = if release.follows(Rule::UriUsersBounded) { find(rest, b"/?#") } else { None };
    let user = find(rest, b"@").filter(|&at| authority.is_none_or(|end| at < end));
    let rest = user.map_or(Some(rest), |at| rest.get(at + 1..))?;
    let end = if rest.starts_with(b"[") {
        find(rest, b"]")? + 1
    } else {
        find(rest, b":/?#").unwrap_or(rest.len())
    };
    let (host, rest) = (rest.get(..end)?, rest.get(end..)?);
    let rest = match rest.strip_prefix(b":") {
        Some(port) => {
            let digits = port.iter().take_while(|octet| octet.is_ascii_digit()).count();
            is_port(port.get(..digits)?).then_some(port.get(digits..)?)?
        }
        None => rest,
    };
    matches!(rest.first(), None | Some(b'/' | b'?' | b'#')).then_some(host)
}

/// What `%u` of sscanf makes of it: the lower half of 64 bits, which do not overflow.
fn is_port(digits: &[u8]) -> bool {
    let number = digits.iter().fold(0u64, |number, digit| {
        number.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')))
    });
    !digits.is_empty() && number & 0xffff_ffff <= 0xffff
}

pub(super) fn host_within(host: &[u8], base: &[u8]) -> bool {
    if base.starts_with(b".") {
        return host.len() > base.len() && ends_with_ignoring_case(host, base);
    }
    host.eq_ignore_ascii_case(base)
}

pub(super) fn ip_within(name: &[u8], base: &[u8]) -> Fits {
    if !matches!(name.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Err(Check::UnsupportedNameSyntax);
    }
    let (network, mask) = base.split_at(base.len() / 2);
    // An IPv4 address is never within an IPv6 network.
    if name.len() != network.len() {
        return Ok(false);
    }
    Ok(name.iter().zip(network).zip(mask).all(|((name, network), mask)| name & mask == network & mask))
}

fn ends_with_ignoring_case(text: &[u8], end: &[u8]) -> bool {
    text.len()
        .checked_sub(end.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dns_bases_cover_whole_labels() {
        for (name, base, within) in [
            ("www.example.com", "example.com", true),
            ("example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("www.example.com", ".example.com", true),
            ("example.com", ".example.com", false),
            ("WWW.EXAMPLE.COM", "example.com", true),
            ("anything", "", true),
            ("*.example.com", "www.example.com", false),
            ("example.com", "example.com.", false),
        ] {
            assert_eq!(dns_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn mail_bases_are_mailboxes_hosts_or_domains() {
        for (name, base, within) in [
            ("a@example.com", "example.com", Ok(true)),
            ("a@EXAMPLE.com", "example.com", Ok(true)),
            ("a@www.example.com", "example.com", Ok(false)),
            ("a@www.example.com", ".example.com", Ok(true)),
            ("a@example.com", ".example.com", Ok(false)),
            ("a@example.com", "a@example.com", Ok(true)),
            ("A@example.com", "a@example.com", Ok(false)),
            ("a@example.com", "@example.com", Ok(true)),
            ("example.com", "example.com", Err(Check::UnsupportedNameSyntax)),
        ] {
            assert_eq!(email_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn uri_bases_are_hosts_or_domains() {
        for (name, base, within) in [
            ("https://example.com/x", "example.com", Ok(true)),
            ("https://example.com:443/x", "example.com", Ok(true)),
            ("https://www.example.com", "example.com", Ok(false)),
            ("https://www.example.com", ".example.com", Ok(true)),
            ("https:example.com", "example.com", Err(Check::UnsupportedNameSyntax)),
            ("https:///x", "example.com", Err(Check::UnsupportedNameSyntax)),
        ] {
            assert_eq!(uri_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn addresses_are_compared_under_the_mask() {
        assert_eq!(ip_within(&[192, 0, 2, 1], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(true));
        assert_eq!(ip_within(&[192, 0, 3, 1], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(false));
        assert_eq!(ip_within(&[192, 0, 2, 1], &[0; 32]), Ok(false));
        assert_eq!(ip_within(&[1, 2, 3], &[0; 8]), Err(Check::UnsupportedNameSyntax));
    }
}
