//! The host of a URI under constraints.

use crate::name::uri_parts;

use super::host::{is_host, split_final_dot};

/// The host to which URI constraints apply, and whether it had a final dot; `None` if the URI has to be rejected below such constraints:
/// if it has no authority, or one whose host is not a fully qualified domain name (RFC 5280 4.2.1.10), if it is
/// no URI at all (RFC 3986), or if it names somebody else before the host, where a reader may stop.
pub(super) fn host(uri: &[u8]) -> Option<(&[u8], bool)> {
    if !has_uri_characters(uri) {
        return None;
    }
    // RFC 3986 3.2: the authority ends at "/", "?" or "#".
    let (_, authority, _) = uri_parts(uri)?;
    // RFC 3986 3.2.3: the port is digits, or nothing. Whatever else may stand in an authority is left to
    // the host, which takes no "@", "[" or "%".
    let host = match authority.iter().rposition(|&octet| octet == b':') {
        Some(colon) => {
            let (host, port) = authority.split_at_checked(colon)?;
            port.iter().skip(1).all(u8::is_ascii_digit).then_some(host)?
        }
        None => authority,
    };
    let (host, dotted) = split_final_dot(host);
    is_fully_qualified(host).then_some((host, dotted))
}

/// RFC 3986 2: unreserved, reserved and percent-encoded characters; brackets belong to addresses, which are
/// no hosts here, and the second "#" to nothing.
fn has_uri_characters(uri: &[u8]) -> bool {
    let mut rest = uri;
    let mut fragments = 0;
    while let Some((&octet, after)) = rest.split_first() {
        rest = after;
        match octet {
            b'%' => match rest.split_at_checked(2) {
                Some((digits, after)) if digits.iter().all(u8::is_ascii_hexdigit) => rest = after,
                _ => return false,
            },
            b'#' => fragments += 1,
            _ if octet.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&octet) => {}
            _ => return false,
        }
    }
    fragments <= 1
}

/// Two labels at least, the last of which nobody takes for a number: `0x7f.1` and `127.0x1` are addresses
/// to many a program.
fn is_fully_qualified(host: &[u8]) -> bool {
    let last = host.rsplit(|&octet| octet == b'.').next().unwrap_or_default();
    let number = last.strip_prefix(b"0x").or_else(|| last.strip_prefix(b"0X"));
    is_host(host)
        && last.len() < host.len()
        && !number.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_ends_at_slash_question_mark_and_number_sign() {
        for uri in [
            "https://evil.test",
            "https://evil.test/",
            "https://evil.test?.good.test",
            "https://evil.test#.good.test",
            "https://evil.test?.good.test/",
            "https://evil.test?:80",
            "https://evil.test#:80",
            "https://evil.test/:80",
            "https://evil.test/?#",
            "https://evil.test:443",
            "https://evil.test:443?x.good.test",
            "https://evil.test:#good.test",
            "https://evil.test:/",
            "https://evil.test/a@b",
            "https://evil.test?a@good.test",
            "https://evil.test#@good.test",
            "https://evil.test/%2e%2E/",
            "https://evil.test./",
            "https://evil.test.:443/",
            "spiffe://evil.test?x.good.test/a",
            "a+b-c.1://evil.test//good.test",
        ] {
            assert_eq!(host(uri.as_bytes()).map(|(host, _)| host), Some(&b"evil.test"[..]), "{uri}");
        }
        assert_eq!(host(b"HTTPS://WWW.Evil.TEST/"), Some((&b"WWW.Evil.TEST"[..], false)));
        assert_eq!(host(b"https://evil.test.:443/"), Some((&b"evil.test"[..], true)));
        assert_eq!(
            host(b"https://foo_bar.xn--bcher-kva.test/"),
            Some((&b"foo_bar.xn--bcher-kva.test"[..], false))
        );
    }

    const AMBIGUOUS: &[&str] = &[
        // No URI, or none with an authority.
        "",
        "evil.test",
        "//evil.test/",
        "/a",
        "urn:a:b",
        "mailto:a@evil.test",
        "https:",
        "https:/",
        "https:evil.test",
        "https:/evil.test",
        "1https://evil.test/",
        "ht_tps://evil.test/",
        "://evil.test/",
        " https://evil.test/",
        // An empty host.
        "https://",
        "https:///",
        "https:///evil.test",
        "https://?evil.test",
        "https://#evil.test",
        "https://:443/",
        "https://./",
        "https://../",
        "https://evil.test../",
        "https://.evil.test/",
        "https://evil..test/",
        // User information.
        "https://user@evil.test/",
        "https://@evil.test/",
        "https://www.good.test:x@evil.test/",
        "https://www.good.test:80@evil.test/",
        "https://www.good.test:@evil.test/",
        "https://a@b@evil.test/",
        "https://user:@evil.test/",
        "https://www.good.test%40evil.test/",
        // Ports.
        "https://evil.test:x/",
        "https://evil.test:80:80/",
        "https://evil.test:-1/",
        "https://evil.test:8O/",
        "https://evil.test:%38/",
        // Percent-encoding in the host.
        "https://%65vil.test/",
        "https://evil%2etest/",
        "https://evil.test%2f.good.test/",
        "https://evil.test%3f.good.test/",
        "https://evil.test%00.good.test/",
        "https://evil.test/%",
        "https://a.b/%x0",
        // Addresses, in brackets or without, in any notation.
        "https://192.0.2.1/",
        "https://192.0.2.1./",
        "https://[2001:db8::1]/",
        "https://[2001:db8::1]:443/",
        "https://[::ffff:192.0.2.1]/",
        "https://[v1.evil.test]/",
        "https://[v1f.a:b]/",
        "https://[evil.test]/",
        "https://[fe80::1%25eth0]/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://127.0x1/",
        "https://127.0X/",
        "https://2130706433/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://2001:db8::1/",
        // Backslashes, blanks, controls, other octets that a URI cannot have.
        "https:\\\\evil.test\\",
        "https://evil.test\\.good.test/",
        "https://evil.test\\@good.test/",
        "https:/\\evil.test/",
        "https://evil.test /",
        "https://evil.test\t.good.test/",
        "https://evil.test\n/",
        "https://evil.test\0.good.test/",
        "https://evil.test/\0",
        "https://evil.test/<a>",
        "https://evil.test/`",
        "https://evil.test/{a}",
        "https://evil.test/|",
        "https://evil.test/^",
        "https://evil.test/\"",
        "https://evil.test/[a]",
        "https://evil.test?[",
        "https://evil.test#a#b",
        "https://evil.test/\u{e9}",
        "https://b\u{fc}cher.test/",
        "https://\u{ff45}vil.test/",
        "https://evil\u{3002}test/",
        "https://evil.te\u{ad}st/",
        // Hosts that are not hosts, or not fully qualified.
        "https://localhost/",
        "https://intranet./",
        "https://-evil.test/",
        "https://evil-.test/",
        "https://*.evil.test/",
        "https://evil.test,good.test/",
        "https://evil.test;good.test/",
        "https://evil.test&good.test/",
        "https://evil.test=.good.test/",
        "https://evil.test!.good.test/",
        "https://evil.test$.good.test/",
        "https://evil.test'.good.test/",
        "https://(evil.test)/",
        "https://evil.test+.good.test/",
        "https://evil.test~.good.test/",
    ];

    #[test]
    fn whatever_could_be_read_in_two_ways_has_no_host() {
        for uri in AMBIGUOUS {
            assert_eq!(host(uri.as_bytes()), None, "{uri:?}");
        }
        assert_eq!(host(b"https://evil.test/\xff"), None);
    }
}
