//! IP address blocks and AS numbers (RFC 3779): decoded as OpenSSL decodes them, and whether they are in the one form in
//! which equal resources are equal octets.

use crate::der::{self, Reader, tag};

/// What a certificate says of its resources.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Resources<'a> {
    pub(crate) kind: ResourceKind,
    /// The value of the extension.
    pub(crate) value: &'a [u8],
    /// RFC 3779 2.2.3 and 3.2.3: families in order, values sorted, without overlaps and without what could be written
    /// shorter.
    pub(crate) is_canonical: bool,
}

/// Where the resources come from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ResourceKind {
    /// Whatever the issuer has, in every family.
    Inherited,
    /// All that there are.
    Listed,
    /// Some families are inherited, others listed.
    Mixed,
}

/// One value or range: its first and its last.
type Span = (Vec<u8>, Vec<u8>);

/// RFC 3779 2.2.3: families of addresses, each inherited (NULL) or listed.
pub(super) fn ip_addr_blocks(value: &[u8]) -> Option<Resources<'_>> {
    let mut families = Reader::new(value).nested(tag::SEQUENCE)?;
    let (mut listed, mut inherited) = (0, 0);
    let mut last: Option<&[u8]> = None;
    let mut is_canonical = true;
    while !families.is_empty() {
        let mut family = families.nested(tag::SEQUENCE)?;
        let name = family.read(tag::OCTET_STRING)?;
        is_canonical &= last.is_none_or(|last| last < name);
        last = Some(name);
        // Address family and perhaps SAFI: IPv4 and IPv6 are known.
        let octets = match name {
            [0, 1] | [0, 1, _] => 4,
            [0, 2] | [0, 2, _] => 16,
            _ => 0,
        };
        is_canonical &= octets > 0;
        match list(&mut family, |element| addresses(element, octets))? {
            Some(spans) => {
                listed += 1;
                is_canonical &= are_apart(&spans);
            }
            None => inherited += 1,
        }
    }
    Some(Resources { kind: kind(listed, inherited), value, is_canonical })
}

/// RFC 3779 3.2.3: AS numbers and routing domain identifiers, each inherited (NULL) or listed.
pub(super) fn autonomous_sys_ids(value: &[u8]) -> Option<Resources<'_>> {
    let mut identifiers = Reader::new(value).nested(tag::SEQUENCE)?;
    let (mut listed, mut inherited) = (0, 0);
    let mut is_canonical = true;
    for number in [0, 1] {
        if let Some(choice) = identifiers.optional(tag::constructed(number))? {
            match list(&mut Reader::new(choice), numbers)? {
                Some(spans) => {
                    listed += 1;
                    is_canonical &= are_apart(&spans);
                }
                None => inherited += 1,
            }
        }
    }
    identifiers.end()?;
    Some(Resources { kind: kind(listed, inherited), value, is_canonical })
}

fn kind(listed: usize, inherited: usize) -> ResourceKind {
    match (listed, inherited) {
        (0, _) => ResourceKind::Inherited,
        (_, 0) => ResourceKind::Listed,
        _ => ResourceKind::Mixed,
    }
}

/// The last element: NULL, which is not a list, or a list of single values and ranges, odd ones as `None`.
#[expect(clippy::option_option, reason = "broken and inherited are different answers")]
fn list<'a>(
    reader: &mut Reader<'a>,
    element: impl Fn(&mut Reader<'a>) -> Option<Option<Span>>,
) -> Option<Option<Vec<Option<Span>>>> {
    if reader.peek() == Some(tag::NULL) {
        reader.read(tag::NULL)?.is_empty().then_some(())?;
        reader.end()?;
        return Some(None);
    }
    let mut list = reader.nested(tag::SEQUENCE)?;
    reader.end()?;
    let mut spans = Vec::new();
    while !list.is_empty() {
        spans.push(element(&mut list)?);
    }
    Some(Some(spans))
}

/// A prefix or a range of addresses of so many octets. The inner `None`: nothing that a canonical form has.
#[expect(clippy::option_option, reason = "broken and odd are different answers")]
fn addresses(reader: &mut Reader<'_>, octets: usize) -> Option<Option<Span>> {
    if reader.peek() != Some(tag::SEQUENCE) {
        let prefix = reader.read(tag::BIT_STRING)?;
        der::Bits::new(prefix)?;
        return Some(expanded(prefix, octets, 0).zip(expanded(prefix, octets, 0xff)));
    }
    let mut range = reader.nested(tag::SEQUENCE)?;
    let (first, last) = (range.read(tag::BIT_STRING)?, range.read(tag::BIT_STRING)?);
    der::Bits::new(first)?;
    der::Bits::new(last)?;
    range.end()?;
    let span = expanded(first, octets, 0).zip(expanded(last, octets, 0xff));
    Some(span.filter(|(first, last)| first <= last && !is_prefix(first, last)))
}

/// The address that a BIT STRING begins, the rest filled up.
fn expanded(bits: &[u8], octets: usize, fill: u8) -> Option<Vec<u8>> {
    let (&unused, given) = bits.split_first()?;
    let mut address = given.to_vec();
    if let Some(last) = address.last_mut() {
        let mask = 0xff_u8.checked_shr(8 - u32::from(unused)).unwrap_or(0);
        // X.690 11.2.1: the unused bits are 0.
        (*last & mask == 0).then_some(())?;
        *last |= mask & fill;
    }
    (given.len() <= octets).then_some(())?;
    address.resize(octets, fill);
    Some(address)
}

/// Whether a range is all that begins with some bits: first and last differ from one bit on, 0s here and 1s there.
fn is_prefix(first: &[u8], last: &[u8]) -> bool {
    let mut differs = false;
    for (first, last) in first.iter().zip(last) {
        let differing = first ^ last;
        let is_mask = (u16::from(differing) + 1).is_power_of_two();
        if differs {
            if (*first, *last) != (0, 0xff) {
                return false;
            }
        } else if differing != 0 {
            if !is_mask || first & differing != 0 {
                return false;
            }
            differs = true;
        }
    }
    true
}

/// A number or a range of numbers, as octets of one length.
#[expect(clippy::option_option, reason = "broken and odd are different answers")]
fn numbers(reader: &mut Reader<'_>) -> Option<Option<Span>> {
    /// AS numbers have 32 bits (RFC 6793), in sign and magnitude no more than five octets.
    const OCTETS: usize = 5;
    let padded = |number: &[u8]| {
        let fits = !der::is_negative(number) && number.len() <= OCTETS;
        let zeros = OCTETS.checked_sub(number.len()).filter(|_| fits)?;
        Some([&vec![0; zeros], number].concat())
    };
    if reader.peek() != Some(tag::SEQUENCE) {
        let number = padded(der::integer(reader.read(tag::INTEGER)?)?);
        return Some(number.clone().zip(number));
    }
    let mut range = reader.nested(tag::SEQUENCE)?;
    let first = padded(der::integer(range.read(tag::INTEGER)?)?);
    let last = padded(der::integer(range.read(tag::INTEGER)?)?);
    range.end()?;
    Some(first.zip(last).filter(|(first, last)| first <= last))
}

/// Whether there is something, in order, and between any two a gap.
fn are_apart(spans: &[Option<Span>]) -> bool {
    let is_gap = |pair: &[Option<Span>]| match pair {
        [Some((_, last)), Some((first, _))] => successor(last).is_some_and(|next| next < *first),
        _ => false,
    };
    !spans.is_empty() && spans.iter().all(Option::is_some) && spans.windows(2).all(is_gap)
}

/// The next number of the same length.
fn successor(number: &[u8]) -> Option<Vec<u8>> {
    let mut next = number.to_vec();
    for octet in next.iter_mut().rev() {
        let (sum, carried) = octet.overflowing_add(1);
        *octet = sum;
        if !carried {
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_canonical(value: Option<Resources<'_>>) -> bool {
        value.is_some_and(|one| one.kind == ResourceKind::Listed && one.is_canonical)
    }

    /// One family with these elements.
    fn family(name: &[u8], elements: &[&[u8]]) -> Vec<u8> {
        let (mut list, mut fields, mut out) = (Vec::new(), Vec::new(), Vec::new());
        der::push_element(&mut list, tag::SEQUENCE, &elements.concat());
        der::push_element(&mut fields, tag::OCTET_STRING, name);
        fields.extend(list);
        der::push_element(&mut out, tag::SEQUENCE, &fields);
        out
    }

    fn blocks(families: &[Vec<u8>]) -> Vec<u8> {
        let mut out = Vec::new();
        der::push_element(&mut out, tag::SEQUENCE, &families.concat());
        out
    }

    const TEN: &[u8] = &[3, 2, 0, 10];
    const TWELVE: &[u8] = &[3, 2, 0, 12];
    /// 10.0.0.0 to 12.0.0.0, and to 11.255.255.255, which is 10/7.
    const RANGE: &[u8] = &[0x30, 11, 3, 2, 1, 10, 3, 5, 0, 12, 0, 0, 0];
    const PREFIX: &[u8] = &[0x30, 8, 3, 2, 1, 10, 3, 2, 2, 8];

    #[test]
    fn addresses_have_one_canonical_form() {
        let one = |elements: &[&[u8]]| is_canonical(ip_addr_blocks(&blocks(&[family(&[0, 1], elements)])));
        assert!(one(&[TEN]) && one(&[TEN, TWELVE]) && one(&[RANGE]));
        assert!(!one(&[]) && !one(&[TWELVE, TEN]) && !one(&[TEN, TEN]) && !one(&[PREFIX]));
        // 10/8 and 11/8 are 10/7; bits of the host do not belong to a prefix; five octets are not an IPv4 address.
        assert!(
            !one(&[TEN, &[3, 2, 0, 11]]) && !one(&[&[3, 2, 4, 10]]) && !one(&[&[3, 6, 0, 1, 2, 3, 4, 5]])
        );
        let (v4, v6) = (family(&[0, 1], &[TEN]), family(&[0, 2], &[TEN]));
        assert!(is_canonical(ip_addr_blocks(&blocks(&[v4.clone(), v6.clone()]))));
        assert!(!is_canonical(ip_addr_blocks(&blocks(&[v6, v4]))));
        assert!(!is_canonical(ip_addr_blocks(&blocks(&[family(&[0, 3], &[TEN])]))));
        let inherited = [&[0x30, 6, 4, 2, 0, 1][..], &[5, 0]].concat();
        let kind = |families: &[Vec<u8>]| {
            let value = blocks(families);
            ip_addr_blocks(&value).map(|found| (found.kind, found.is_canonical))
        };
        assert_eq!(kind(std::slice::from_ref(&inherited)), Some((ResourceKind::Inherited, true)));
        assert_eq!(kind(&[inherited.clone(), inherited.clone()]), Some((ResourceKind::Inherited, false)));
        assert_eq!(kind(&[inherited, family(&[0, 2], &[TEN])]), Some((ResourceKind::Mixed, true)));
    }

    #[test]
    fn numbers_have_one_canonical_form() {
        let of = |elements: &[&[u8]]| {
            let (mut list, mut choice) = (Vec::new(), Vec::new());
            der::push_element(&mut list, tag::SEQUENCE, &elements.concat());
            der::push_element(&mut choice, tag::constructed(0), &list);
            blocks(&[choice])
        };
        let one = |elements: &[&[u8]]| is_canonical(autonomous_sys_ids(&of(elements)));
        assert!(one(&[&[2, 1, 1], &[2, 1, 3]]) && one(&[&[0x30, 6, 2, 1, 1, 2, 1, 3]]));
        assert!(!one(&[&[2, 1, 1], &[2, 1, 2]]) && !one(&[&[2, 1, 3], &[2, 1, 1]]) && !one(&[]));
        assert!(!one(&[&[0x30, 6, 2, 1, 3, 2, 1, 1]]) && !one(&[&[2, 1, 0xff]]));
    }
}
