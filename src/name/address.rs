//! Whether a text is an IP address: as OpenSSL reads it, and as others might.

use std::net::{IpAddr, Ipv4Addr};

/// OpenSSL's ossl_a2i_ipadd, which decides whether a host is an address: with its scanf habits
/// (blanks, signs and leading zeros in IPv4), without brackets and zones in IPv6.
pub(super) fn ip_address(text: &[u8]) -> Option<IpAddr> {
    if text.contains(&b':') { ipv6(text).map(IpAddr::from) } else { ipv4(text).map(IpAddr::from) }
}

/// Whether a text may be meant for an address, or read as one by somebody: colons, brackets and zones; a last label
/// that is a number, decimal or hexadecimal, which no top-level domain is (RFC 3696 2; RFC 3986 7.4 on the forms that
/// inet_aton reads). Final dots and blanks around it do not make a host of it.
pub(super) fn looks_like_address(text: &[u8]) -> bool {
    // Not `any`, which looks at one octet after the other: every name of a scan comes by.
    if text.iter().fold(false, |found, octet| found | matches!(octet, b':' | b'[' | b']' | b'%')) {
        return true;
    }
    let is_aside = |octet: &u8| *octet == b'.' || octet.is_ascii_whitespace() || octet.is_ascii_control();
    let end = text.iter().rposition(|octet| !is_aside(octet)).map_or(0, |last| last + 1);
    let labels = text.get(..end).unwrap_or_default();
    let last = labels.rsplit(|&octet| octet == b'.').next().unwrap_or_default();
    let start = last.iter().position(|octet| !is_aside(octet)).unwrap_or(last.len());
    let number = last.get(start..).unwrap_or_default();
    // scanf takes a sign.
    is_number(number.strip_prefix(b"+").or_else(|| number.strip_prefix(b"-")).unwrap_or(number))
}

/// As inet_aton reads numbers: decimal, octal, hexadecimal.
pub(super) fn is_number(label: &[u8]) -> bool {
    match label {
        [b'0', b'x' | b'X', digits @ ..] => digits.iter().all(u8::is_ascii_hexdigit),
        [] => false,
        digits => digits.iter().all(u8::is_ascii_digit),
    }
}

fn is_blank(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
}

/// Whether an address that has been read is one without these habits: where there is IPv4, four decimal numbers
/// without leading zeros, which is what remains when it is written again.
pub(super) fn is_strict_address(text: &[u8]) -> bool {
    let ipv4_part = text.rsplit(|&octet| octet == b':').next().unwrap_or(text);
    if !ipv4_part.contains(&b'.') {
        return true;
    }
    ipv4(ipv4_part).is_some_and(|address| Ipv4Addr::from(address).to_string().as_bytes() == ipv4_part)
}

fn ipv4(text: &[u8]) -> Option<[u8; 4]> {
    let mut rest = text;
    let mut address = [0; 4];
    for (index, octet) in address.iter_mut().enumerate() {
        if index > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        let blanks = rest.iter().take_while(|&&octet| is_blank(octet)).count();
        rest = rest.get(blanks..)?;
        let (negative, unsigned) = match rest.split_first()? {
            (b'-', unsigned) => (true, unsigned),
            (b'+', unsigned) => (false, unsigned),
            _ => (false, rest),
        };
        let digits = unsigned.iter().take_while(|octet| octet.is_ascii_digit()).count();
        let (number, after) = unsigned.split_at_checked(digits)?;
        if number.is_empty() {
            return None;
        }
        let value = number
            .iter()
            .try_fold(0u32, |value, octet| value.checked_mul(10)?.checked_add(u32::from(octet - b'0')))?;
        if negative && value != 0 {
            return None;
        }
        *octet = u8::try_from(value).ok()?;
        rest = after;
    }
    rest.first().is_none_or(|&octet| is_blank(octet)).then_some(address)
}

fn ipv6(text: &[u8]) -> Option<[u8; 16]> {
    let mut octets: Vec<u8> = Vec::with_capacity(16);
    // Where `::` stands, and how many empty elements it made: one inside, two at an end, three alone.
    let mut gap: Option<usize> = None;
    let mut empty = 0;
    let mut start = 0;
    for element in text.split(|&octet| octet == b':') {
        let end = start + element.len();
        if octets.len() == 16 {
            return None;
        }
        match element.len() {
            0 => {
                if *gap.get_or_insert(octets.len()) != octets.len() {
                    return None;
                }
                empty += 1;
            }
            1..=4 => {
                let group = std::str::from_utf8(element).ok()?;
                if !group.bytes().all(|octet| octet.is_ascii_hexdigit()) {
                    return None;
                }
                octets.extend(u16::from_str_radix(group, 16).ok()?.to_be_bytes());
            }
            // a.b.c.d, at the end only
            _ => {
                if octets.len() > 12 || end != text.len() {
                    return None;
                }
                octets.extend(ipv4(element)?);
            }
        }
        start = end + 1;
    }
    let total = octets.len();
    match gap {
        None if total == 16 => {}
        None => return None,
        Some(_) if total == 16 || empty > 3 => return None,
        Some(at) => {
            let fits = match empty {
                3 => total == 0,
                2 => at == 0 || at == total,
                _ => at != 0 && at != total,
            };
            if !fits {
                return None;
            }
            let tail = octets.split_off(at);
            octets.resize(16 - tail.len(), 0);
            octets.extend(tail);
        }
    }
    octets.try_into().ok()
}
