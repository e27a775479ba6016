//! Texts that stand where a name belongs and are not names: URLs, ports, brackets, blanks. Matched as they are they would
//! fit no certificate, and "hostname mismatch" would put the blame on the peer.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::distinguished_name::compatibility_form;

use super::{ip_address, is_number, looks_like_address, uri_parts};

/// Schemes whose URIs are spoken for by their host (RFC 9110 4.3.4, RFC 9525 1.2), not by a URI name.
const HOST_SCHEMES: [&str; 44] = [
    "http",
    "https",
    "ws",
    "wss",
    "ftp",
    "ftps",
    "sftp",
    "imap",
    "imaps",
    "pop",
    "pop3",
    "pop3s",
    "smtp",
    "smtps",
    "submission",
    "ldap",
    "ldaps",
    "mqtt",
    "mqtts",
    "amqp",
    "amqps",
    "tcp",
    "tls",
    "ssl",
    "dtls",
    "udp",
    "quic",
    "ssh",
    "git",
    "dns",
    "doh",
    "dot",
    "grpc",
    "grpcs",
    "redis",
    "rediss",
    "mysql",
    "postgres",
    "postgresql",
    "mongodb",
    "irc",
    "ircs",
    "nntp",
    "nntps",
];

/// What the kinds of names are called where certificates are printed (`openssl x509 -text`, here).
const KINDS: [&str; 9] =
    ["dns", "dnsname", "host", "hostname", "ip", "ip address", "ipaddress", "cn", "commonname"];

/// The longest text that is quoted whole.
const QUOTED: usize = 100;

/// Why a text is not a DNS name, address, mailbox or URI to judge a certificate for, and what to write instead; `None`
/// if nothing speaks against it. Texts outside ASCII are left to IDNA, but for what is plain without it.
pub(crate) fn mistake(text: &str) -> Option<String> {
    let (what, instead) = look(text)?;
    let instead = instead.map(str::trim).filter(|instead| !instead.is_empty() && look(instead).is_none());
    let quoted = quoted(text);
    Some(match instead {
        Some(instead) if instead.len() <= 253 => format!("{quoted} {what}: write {instead}"),
        _ => format!("{quoted} {what}: write one DNS name or IP address"),
    })
}

fn quoted(text: &str) -> String {
    if text.chars().count() <= QUOTED {
        return format!("{text:?}");
    }
    let start: String = text.chars().take(QUOTED).collect();
    format!("{start:?}…")
}

/// What is wrong, and what may have been meant.
fn look(text: &str) -> Option<(&'static str, Option<&str>)> {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_');
    // Not `all`, which looks at one octet after the other: every name of a scan comes by.
    if text.bytes().fold(true, |plain, octet| plain & is_plain(octet)) {
        return look_at_numbers(text);
    }
    if is_canonical_address(text) {
        return None;
    }
    let trimmed = text.trim_matches(|one: char| one.is_whitespace() || one.is_control() || is_invisible(one));
    if trimmed.len() != text.len() {
        return Some(("has white space around it", Some(trimmed)));
    }
    for (open, close) in
        [('"', '"'), ('\'', '\''), ('`', '`'), ('<', '>'), ('(', ')'), ('\u{201c}', '\u{201d}')]
    {
        if let Some(inner) = text.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            return Some(("has quotes around it", Some(inner)));
        }
    }
    match look_at_scheme(text) {
        Scheme::Unknown => {}
        Scheme::Uri => return None,
        Scheme::Mistake(what, instead) => return Some((what, instead)),
    }
    let local_is_quoted = text.starts_with('"') && text.contains("\"@");
    if text.contains([',', ';', '|']) && !local_is_quoted {
        return Some(("is more than one name", None));
    }
    if text.contains(|one: char| one.is_whitespace()) && !local_is_quoted {
        return Some(("has white space in it", None));
    }
    if text.contains(|one: char| one.is_control() || is_invisible(one)) {
        return Some(("has a control character in it", None));
    }
    if let Some(rest) = text.strip_prefix("//").or_else(|| text.strip_prefix("\\\\")) {
        return Some(("is a URL, not a name", authority_host(rest)));
    }
    if let Some(at) = text.rfind('@') {
        return look_at_mailbox(text, at);
    }
    if let Some(end) = text.find(['/', '\\', '?', '#']) {
        let host = text.get(..end);
        let what = if host.is_some_and(|host| ip_address(host.as_bytes()).is_some()) {
            "is more than an address"
        } else {
            "has a path behind the name"
        };
        return Some((what, host.and_then(authority_host)));
    }
    if let Some(rest) = text.strip_prefix('[') {
        let what = if text.ends_with(']') { "has brackets around it" } else { "has brackets and a port" };
        return Some((what, rest.find(']').and_then(|end| rest.get(..end))));
    }
    if let Some((address, _)) = text.split_once('%')
        && address.parse::<Ipv6Addr>().is_ok()
    {
        return Some(("has a zone, which no certificate names", Some(address)));
    }
    if text.contains(':') {
        return look_at_colons(text);
    }
    if text.contains('*') {
        return Some(("is a pattern, not the name of one host", None));
    }
    if ip_address(text.as_bytes()).is_some() {
        return Some(("is not an IPv4 address that all read alike", None));
    }
    // What IDNA would make an address of (RFC 3490 3.1 has the dots).
    if !text.is_ascii() {
        let plain = compatibility_form(text).replace(['\u{3002}', '\u{ff61}'], ".");
        if ip_address(plain.as_bytes()).is_some()
            || (!plain.contains(':') && looks_like_address(plain.as_bytes()))
        {
            return Some(("looks like an address in characters beyond ASCII", None));
        }
    }
    // IDNA decides what is beyond ASCII.
    let odd = text.bytes().any(|octet| octet.is_ascii() && !is_plain(octet));
    odd.then_some(("has a character that no host name has", None))
}

/// What the part before a colon tells.
enum Scheme<'t> {
    /// Nothing.
    Unknown,
    /// It is a URI that is a name itself.
    Uri,
    /// It is a URL, or the way in which tools print names.
    Mistake(&'static str, Option<&'t str>),
}

fn look_at_scheme(text: &str) -> Scheme<'_> {
    let Some((scheme, rest)) = text.split_once(':') else { return Scheme::Unknown };
    let is_one = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(scheme));
    if let Some((_, authority, path)) = uri_parts(text.as_bytes()) {
        if is_one(&HOST_SCHEMES) {
            return Scheme::Mistake("is a URL, not a name", authority_host(rest.trim_start_matches('/')));
        }
        // RFC 3986 2: blanks and control characters are in no URI.
        let blank = |octet: &u8| octet.is_ascii_whitespace() || octet.is_ascii_control();
        if authority.iter().chain(path).any(blank) {
            return Scheme::Mistake("has white space in it", None);
        }
        return Scheme::Uri;
    }
    if scheme.eq_ignore_ascii_case("mailto") {
        return Scheme::Mistake("is a URL, not a mailbox", Some(rest.split('?').next().unwrap_or(rest)));
    }
    let is_port = !rest.is_empty() && rest.bytes().all(|octet| octet.is_ascii_digit());
    if is_port {
        return Scheme::Unknown;
    }
    if is_one(&KINDS) || (is_one(&["email", "uri", "url"]) && !rest.starts_with("//")) {
        return Scheme::Mistake("has the kind of the name in front of it", Some(rest));
    }
    // "https:/host" and "https:host" come of hasty hands.
    if is_one(&HOST_SCHEMES) && (rest.starts_with('/') || rest.contains('.')) {
        return Scheme::Mistake("is a URL, not a name", authority_host(rest.trim_start_matches('/')));
    }
    Scheme::Unknown
}

/// The host in what follows `//`: without user, port and path (RFC 3986 3.2).
fn authority_host(rest: &str) -> Option<&str> {
    let end = rest.find(['/', '\\', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    if authority.parse::<Ipv6Addr>().is_ok() {
        return Some(authority);
    }
    let host = match authority.strip_prefix('[') {
        Some(inner) => inner.split(']').next()?.split('%').next()?,
        None => authority.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// A mailbox is a name; a user before a host, as in URLs, is not.
fn look_at_mailbox(text: &str, at: usize) -> Option<(&'static str, Option<&str>)> {
    let (local, host) = (text.get(..at)?, text.get(at + 1..)?);
    if local.is_empty() {
        return Some(("has no mailbox before the @", Some(host)));
    }
    if host.is_empty() {
        return Some(("has no host behind the @", None));
    }
    if host.contains([':', '/', '?', '#']) || (local.contains(':') && !local.starts_with('"')) {
        return Some(("is part of a URL, not a name", authority_host(host)));
    }
    None
}

/// What has a colon and is not an address.
fn look_at_colons(text: &str) -> Option<(&'static str, Option<&str>)> {
    let (host, port) = text.rsplit_once(':')?;
    if host.contains(':') {
        return Some(("is not an IPv6 address", None));
    }
    if port.is_empty() {
        return Some(("has a colon behind the name", Some(host)));
    }
    if port.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-') {
        return Some(("has a port", Some(host)));
    }
    Some(("has a colon in it", None))
}

/// Numbers, and numbers between dots, are an address or a slip of the pen: no top-level domain is a number (RFC 3696 2).
/// Leading zeros mean octal numbers to some and nothing to others, fewer than four numbers mean zeros to some
/// (RFC 3986 7.4).
fn look_at_numbers(text: &str) -> Option<(&'static str, Option<&str>)> {
    // An address and a final dot match nothing, and that is said (RFC 9525 6.3).
    // Numbers end in a digit, decimal or hexadecimal.
    if !text.ends_with(|last: char| last.is_ascii_hexdigit() || matches!(last, 'x' | 'X')) {
        return None;
    }
    let is_none = text.split('.').all(|label| is_number(label.as_bytes())) && !is_canonical_address(text);
    is_none.then_some(("looks like an IPv4 address that not every program reads alike", None))
}

fn is_canonical_address(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok() || text.parse::<Ipv4Addr>().is_ok()
}

/// Marks that copying brings along: zero-width characters and the byte order mark.
fn is_invisible(one: char) -> bool {
    matches!(one, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{00ad}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_name_says_what_to_write() {
        for (text, instead) in [
            ("https://www.example.test/", "www.example.test"),
            ("HTTPS://www.example.test", "www.example.test"),
            ("https://user:secret@www.example.test:8443/a?b#c", "www.example.test"),
            ("https://[2001:db8::1]:443/", "2001:db8::1"),
            ("https://bücher.example/", "bücher.example"),
            ("https:/www.example.test", "www.example.test"),
            ("https:www.example.test", "www.example.test"),
            ("tls://www.example.test:443", "www.example.test"),
            ("//www.example.test/a", "www.example.test"),
            ("www.example.test:443", "www.example.test"),
            ("www.example.test:https", "www.example.test"),
            ("www.example.test:", "www.example.test"),
            ("192.0.2.1:443", "192.0.2.1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("fe80::1%eth0", "fe80::1"),
            ("www.example.test/", "www.example.test"),
            ("www.example.test/index.html", "www.example.test"),
            ("www.example.test?q", "www.example.test"),
            ("www.example.test#a", "www.example.test"),
            ("www.example.test:443/", "www.example.test"),
            ("192.0.2.1/24", "192.0.2.1"),
            ("2001:db8::1/64", "2001:db8::1"),
            (" www.example.test", "www.example.test"),
            ("www.example.test\r\n", "www.example.test"),
            ("\u{feff}www.example.test", "www.example.test"),
            ("\"www.example.test\"", "www.example.test"),
            ("<www.example.test>", "www.example.test"),
            ("DNS:www.example.test", "www.example.test"),
            ("IP Address:192.0.2.1", "192.0.2.1"),
            ("IP:2001:db8::1", "2001:db8::1"),
            ("mailto:user@example.test", "user@example.test"),
            ("user:secret@www.example.test", "www.example.test"),
            ("user@www.example.test:22", "www.example.test"),
        ] {
            let said = mistake(text).unwrap_or_else(|| panic!("{text:?} passes"));
            assert!(said.ends_with(&format!(": write {instead}")), "{said}");
        }
        for text in [
            "https://",
            "a b",
            "a.test b.test",
            "a.test,b.test",
            "a.test;b.test",
            "*.example.test",
            "*",
            "192.0.2",
            "192.0.2.256",
            "192.0.2.010",
            "0300.0.2.1",
            "127.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "123",
            "+192.0.2.1",
            "1\u{ff19}2.0.2.1",
            "\u{ff11}\u{ff19}\u{ff12}.0.2.1",
            "\u{ff11}\u{ff12}\u{ff17}\u{3002}1",
            "\u{2460}.0.0.\u{2460}",
            "0\u{ff58}7f.1",
            "::ffff:192.0.2.010",
            "2001:db8::1::2",
            "a\u{0}b",
            "www.example.test!",
            "a%b",
            "@",
            "user@",
            "a\tb",
            "www_$",
        ] {
            let said = mistake(text).unwrap_or_else(|| panic!("{text:?} passes"));
            assert!(said.ends_with(": write one DNS name or IP address"), "{said}");
        }
        assert!(mistake(&"/".repeat(1 << 20)).unwrap().len() < 1_000);
    }

    #[test]
    fn names_pass() {
        for text in [
            "www.example.test",
            "www.example.test.",
            "localhost",
            "foo_bar.example.test",
            "xn--bcher-kva.example",
            "bücher.example",
            "192.0.2.1",
            "192.0.2.1.",
            "2001:db8::1",
            "::1",
            "::ffff:192.0.2.1",
            "user@example.test",
            "\"a b\"@example.test",
            "spiffe://example.test/a@b",
            "sip://example.test",
            "1.example.test",
            "1\u{fc}.example",
            "",
            "example.123",
            "a-.example.test",
            "日本.example",
        ] {
            assert_eq!(mistake(text), None, "{text:?}");
        }
    }
}
