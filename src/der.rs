//! Reading DER as tolerantly as OpenSSL's decoder does.
//!
//! The view of a certificate must open what OpenSSL opens, or the verdicts would
//! differ for reasons nobody asked for. So lengths need not be minimal and BOOLEANs
//! may hold any octet. Indefinite lengths (BER) are not read: no CA has ever been
//! seen to use them, and webpki would refuse them anyway.

/// Universal and context-specific tags, as the identifier octet is written.
pub(crate) mod tag {
    pub(crate) const BOOLEAN: u8 = 0x01;
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const NULL: u8 = 0x05;
    pub(crate) const OID: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const UTF8_STRING: u8 = 0x0c;
    pub(crate) const NUMERIC_STRING: u8 = 0x12;
    pub(crate) const PRINTABLE_STRING: u8 = 0x13;
    pub(crate) const T61_STRING: u8 = 0x14;
    pub(crate) const IA5_STRING: u8 = 0x16;
    pub(crate) const UTC_TIME: u8 = 0x17;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const VISIBLE_STRING: u8 = 0x1a;
    pub(crate) const UNIVERSAL_STRING: u8 = 0x1c;
    pub(crate) const BMP_STRING: u8 = 0x1e;
    pub(crate) const SEQUENCE: u8 = 0x30;
    pub(crate) const SET: u8 = 0x31;

    /// `[n]` over a primitive type (IMPLICIT).
    pub(crate) const fn context(n: u8) -> u8 {
        0x80 | n
    }

    /// `[n]` over a constructed type, or EXPLICIT.
    pub(crate) const fn constructed(n: u8) -> u8 {
        0xa0 | n
    }
}

/// One element: its tag, its contents, and all of its octets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Element<'a> {
    pub(crate) tag: u8,
    pub(crate) contents: &'a [u8],
    pub(crate) whole: &'a [u8],
}

impl Element<'_> {
    /// Whether the contents are possible for the type, as OpenSSL checks it where anything may stand.
    pub(crate) fn is_well_formed(&self) -> bool {
        let number = self.tag & 0x1f;
        if self.is_end_of_contents() {
            return false;
        }
        match self.tag {
            tag::SEQUENCE | tag::SET | 0x40.. => true,
            0x10 | 0x11 => false,
            0x20..
                if matches!(number, tag::BOOLEAN | tag::INTEGER | tag::NULL | tag::OID | tag::ENUMERATED) =>
            {
                false
            }
            0x20.. => {
                let mut joined = Vec::new();
                join_pieces(self.contents, PIECES_NESTED, &mut joined).is_some()
                    && is_possible(number, &joined)
            }
            _ => is_possible(number, self.contents),
        }
    }

    /// X.690 8.1.5: two octets of zero end contents of indefinite length, and are not a value of their own.
    pub(crate) fn is_end_of_contents(&self) -> bool {
        self.whole == [0, 0]
    }
}

/// How deep OpenSSL follows a string in pieces (ASN1_MAX_STRING_NEST).
const PIECES_NESTED: u8 = 5;

/// X.690 8.7.3: a string may come in pieces, and pieces in pieces. OpenSSL asks for no type of theirs.
fn join_pieces(contents: &[u8], nested: u8, joined: &mut Vec<u8>) -> Option<()> {
    let mut pieces = Reader::new(contents);
    while !pieces.is_empty() {
        let piece = pieces.any().filter(|piece| !piece.is_end_of_contents())?;
        if piece.tag & 0x20 == 0 {
            joined.extend_from_slice(piece.contents);
        } else {
            join_pieces(piece.contents, nested.checked_sub(1)?, joined)?;
        }
    }
    Some(())
}

/// Whether a universal type that is no list may have these contents.
fn is_possible(number: u8, contents: &[u8]) -> bool {
    match number {
        tag::BOOLEAN => contents.len() == 1,
        tag::INTEGER | tag::ENUMERATED => integer(contents).is_some(),
        tag::BIT_STRING => Bits::new(contents).is_some(),
        tag::NULL => contents.is_empty(),
        tag::OID => oid(contents).is_some(),
        tag::BMP_STRING => contents.len().is_multiple_of(2),
        tag::UNIVERSAL_STRING => contents.len().is_multiple_of(4),
        _ => true,
    }
}

impl Element<'_> {
    /// Whether its length is written in the shortest form (X.690 10.1), which few ask for here.
    pub(crate) fn is_shortest(&self) -> bool {
        let mut again = Vec::with_capacity(self.whole.len());
        push_element(&mut again, self.tag, self.contents);
        again.len() == self.whole.len()
    }
}

/// A cursor over concatenated elements. `None` everywhere means "not well-formed here".
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { rest: input }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// The next tag, if there is another element.
    pub(crate) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next element, whatever its tag.
    pub(crate) fn any(&mut self) -> Option<Element<'a>> {
        let (&tag, after_tag) = self.rest.split_first()?;
        // Tag numbers above 30 take more octets; nothing in X.509 has one.
        if tag & 0x1f == 0x1f {
            return None;
        }
        let (&first, after_length) = after_tag.split_first()?;
        let (length, body) = if first < 0x80 {
            (usize::from(first), after_length)
        } else {
            let (octets, body) = after_length.split_at_checked(usize::from(first & 0x7f))?;
            if octets.is_empty() {
                return None; // indefinite length
            }
            // asn1_get_length wants an octet more than the length takes: no element that is empty, and says so in
            // the long form, is the last of what it stands in. Rule::LongFormOfNothingRead is about releases without that.
            if body.is_empty() {
                return None;
            }
            let mut length = 0usize;
            for &octet in octets {
                length = length.checked_mul(256)?.checked_add(usize::from(octet))?;
            }
            (length, body)
        };
        let (contents, rest) = body.split_at_checked(length)?;
        let whole = self.rest.get(..self.rest.len() - rest.len())?;
        self.rest = rest;
        Some(Element { tag, contents, whole })
    }

    /// The next element, which must have this tag.
    pub(crate) fn element(&mut self, tag: u8) -> Option<Element<'a>> {
        let mut ahead = *self;
        let element = ahead.any()?;
        (element.tag == tag).then(|| {
            *self = ahead;
            element
        })
    }

    /// The contents of the next element, which must have this tag.
    pub(crate) fn read(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.element(tag).map(|element| element.contents)
    }

    /// The next element if it has this tag: `Some(None)` if another one (or nothing) comes,
    /// `None` if it comes but is broken.
    #[expect(clippy::option_option, reason = "absent and broken are different answers")]
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Option<&'a [u8]>> {
        if self.peek() == Some(tag) { self.read(tag).map(Some) } else { Some(None) }
    }

    /// A reader over the next element, which must have this tag.
    pub(crate) fn nested(&mut self, tag: u8) -> Option<Reader<'a>> {
        self.read(tag).map(Reader::new)
    }

    /// `Some` only if nothing is left.
    pub(crate) fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

/// Whether there may be an element of no octets among these whose length is written in the long form.
pub(crate) fn may_hold_nothing_in_the_long_form(octets: &[u8]) -> bool {
    octets.iter().enumerate().any(|(at, &first)| {
        let length = usize::from(first & 0x7f);
        let written = octets.get(at + 1..).and_then(|after| after.get(..length));
        first > 0x80 && written.is_some_and(|written| written.iter().all(|&octet| octet == 0))
    })
}

/// Whether octets that are not DER of their type may still be BER of it, which OpenSSL reads: tags in the long form,
/// indefinite lengths, strings in pieces, lists under the primitive tag. `expected` has the context-specific tags
/// that the type has at each depth. A yes may be wrong, a no is not.
pub(crate) fn may_be_ber(value: &[u8], expected: fn(usize) -> &'static [u8]) -> bool {
    // Whatever stands behind the value is ignored, there and here.
    let first = Reader::new(value).any().map_or(value, |element| element.whole);
    has_ber(first, expected, 0)
}

/// Deeper than any type that OpenSSL decodes when it looks at a certificate.
const MAX_BER_DEPTH: usize = 16;

fn has_ber(mut rest: &[u8], expected: fn(usize) -> &'static [u8], depth: usize) -> bool {
    while let [tag, length, ..] = *rest {
        let number = tag & 0x1f;
        let is_constructed = tag & 0x20 != 0;
        let is_odd = match tag & 0xc0 {
            0 if is_constructed => matches!(number, 3 | 4 | 12 | 18..=30),
            0 => matches!(number, 16 | 17),
            _ => expected(depth).contains(&(tag ^ 0x20)),
        };
        let is_long = number == 0x1f && matches!(tag & 0xc0, 0 | 0x80);
        if is_odd || is_long || length == 0x80 || depth > MAX_BER_DEPTH {
            return true;
        }
        let mut reader = Reader::new(rest);
        let Some(element) = reader.any() else { return false };
        if is_constructed && has_ber(element.contents, expected, depth + 1) {
            return true;
        }
        rest = reader.rest();
    }
    false
}

/// A BOOLEAN's value: any octet but zero is true, as in BER.
pub(crate) fn boolean(contents: &[u8]) -> Option<bool> {
    match contents {
        [octet] => Some(*octet != 0),
        _ => None,
    }
}

/// Checks an INTEGER's contents: not empty and not padded (X.690 8.3.2, which OpenSSL enforces).
pub(crate) fn integer(contents: &[u8]) -> Option<&[u8]> {
    match contents {
        [] | [0x00, 0x00..=0x7f, ..] | [0xff, 0x80..=0xff, ..] => None,
        _ => Some(contents),
    }
}

/// The value of an INTEGER if it fits.
pub(crate) fn small_integer(contents: &[u8]) -> Option<i64> {
    let contents = integer(contents)?;
    if contents.len() > 8 {
        return None;
    }
    let negative = contents.first().is_some_and(|octet| octet & 0x80 != 0);
    let start = if negative { -1 } else { 0 };
    Some(contents.iter().fold(start, |value, &octet| (value << 8) | i64::from(octet)))
}

pub(crate) fn is_negative(integer: &[u8]) -> bool {
    integer.first().is_some_and(|octet| octet & 0x80 != 0)
}

/// A BIT STRING's octets, the unused bits of the last one cleared.
pub(crate) struct Bits<'a> {
    octets: &'a [u8],
    unused: u8,
}

impl<'a> Bits<'a> {
    pub(crate) fn new(contents: &'a [u8]) -> Option<Self> {
        let (&unused, octets) = contents.split_first()?;
        (unused <= 7).then_some(Self { octets, unused })
    }

    /// All octets.
    pub(crate) fn octets(&self) -> Vec<u8> {
        (0..self.octets.len()).map(|index| self.octet(index)).collect()
    }

    /// The octet at `index`, zero beyond the end.
    pub(crate) fn octet(&self, index: usize) -> u8 {
        let Some(&octet) = self.octets.get(index) else {
            return 0;
        };
        if index + 1 == self.octets.len() { octet & (0xff << self.unused) } else { octet }
    }

    /// The octets of a key: if bits of the last one are unused, they have to be zero.
    pub(crate) fn padded_octets(&self) -> Option<&'a [u8]> {
        let spare = self.octets.last().map_or(0, |last| last & !(0xff << self.unused));
        (spare == 0).then_some(self.octets)
    }

    /// The octets of a signature; `None` if bits are unused.
    pub(crate) fn whole_octets(&self) -> Option<&'a [u8]> {
        (self.unused == 0).then_some(self.octets)
    }
}

/// Checks an OBJECT IDENTIFIER's contents: complete, without padded arcs.
pub(crate) fn oid(contents: &[u8]) -> Option<&[u8]> {
    let (&last, _) = contents.split_last()?;
    if last & 0x80 != 0 {
        return None;
    }
    let mut at_start = true;
    for &octet in contents {
        if at_start && octet == 0x80 {
            return None;
        }
        at_start = octet & 0x80 == 0;
    }
    Some(contents)
}

/// Appends one element, its length in the shortest form.
pub(crate) fn push_element(out: &mut Vec<u8>, tag: u8, contents: &[u8]) {
    push_header(out, tag, contents.len());
    out.extend_from_slice(contents);
}

/// Appends what stands before contents of so many octets.
pub(crate) fn push_header(out: &mut Vec<u8>, tag: u8, length: usize) {
    out.push(tag);
    let octets = length.to_be_bytes();
    if length < 0x80 {
        out.extend(octets.last());
    } else {
        let significant = octets.get(octets.len() - length_octets(length)..).unwrap_or_default();
        out.push(0x80 | u8::try_from(significant.len()).unwrap_or(0x7f));
        out.extend_from_slice(significant);
    }
}

/// The octets of an element whose contents have so many.
pub(crate) fn element_length(contents: usize) -> usize {
    let length = if contents < 0x80 { 0 } else { length_octets(contents) };
    contents + 2 + length
}

/// The octets that a number takes.
fn length_octets(number: usize) -> usize {
    size_of::<usize>() - number.leading_zeros() as usize / 8
}

/// Bits of an INTEGER read as a natural number.
pub(crate) fn bit_length(integer: &[u8]) -> u32 {
    let first = integer.iter().position(|&octet| octet != 0);
    let significant = first.and_then(|first| integer.get(first..)).unwrap_or(&[]);
    match significant.split_first() {
        Some((&top, rest)) => {
            let below = u32::try_from(rest.len()).unwrap_or(u32::MAX / 8 - 1);
            below.saturating_mul(8) + (8 - top.leading_zeros())
        }
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lengths_are_read_even_when_not_minimal() {
        let mut reader = Reader::new(&[0x04, 0x82, 0x00, 0x01, 0xaa]);
        assert_eq!(reader.read(tag::OCTET_STRING), Some(&[0xaa][..]));
        assert!(reader.is_empty());
    }

    #[test]
    fn the_end_of_contents_is_not_a_value() {
        assert!(!Reader::new(&[0, 0]).any().unwrap().is_well_formed());
        // With contents it is a type that nobody knows.
        assert!(Reader::new(&[0, 1, 5]).any().unwrap().is_well_formed());
    }

    #[test]
    fn strings_may_come_in_pieces_of_pieces_and_other_types_may_not() {
        let mut nested = vec![0x04, 1, b'x'];
        for depth in 1..=7 {
            let mut whole = Vec::new();
            push_element(&mut whole, 0x2c, &nested);
            nested = whole;
            assert_eq!(Reader::new(&nested).any().unwrap().is_well_formed(), depth <= 6, "{depth}");
        }
        // Two octets of BMPString in two pieces, one octet; an OID, an end of contents and half an element as pieces.
        for (octets, expected) in [
            (&[0x3e, 6, 0x04, 1, 0, 0x04, 1, b'x'][..], true),
            (&[0x3e, 3, 0x04, 1, 0], false),
            (&[0x23, 0], false),
            (&[0x26, 3, 0x04, 1, 0x2a], false),
            (&[0x2c, 3, 0x06, 1, 0x80], true),
            (&[0x2c, 2, 0, 0], false),
            (&[0x2c, 2, 0x04, 1], false),
        ] {
            assert_eq!(Reader::new(octets).any().unwrap().is_well_formed(), expected, "{octets:02x?}");
        }
    }

    #[test]
    fn an_element_longer_than_its_input_is_refused() {
        assert!(Reader::new(&[0x30, 0x05, 0x01]).any().is_none());
        assert!(Reader::new(&[0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).any().is_none());
        assert!(Reader::new(&[0x30, 0x80, 0x00, 0x00]).any().is_none());
    }

    #[test]
    fn nothing_in_the_long_form_cannot_come_last() {
        for octets in
            [&[0x30, 0x81, 0x00][..], &[0x04, 0x82, 0, 0], &[0x05, 0x81, 0], &[0x30, 0x84, 0, 0, 0, 0]]
        {
            assert!(Reader::new(octets).any().is_none(), "{octets:02x?}");
            let followed = [octets, &[0x05, 0x00]].concat();
            let mut reader = Reader::new(&followed);
            assert_eq!(reader.any().map(|element| element.contents), Some(&[][..]), "{octets:02x?}");
            assert_eq!(reader.read(tag::NULL), Some(&[][..]));
            let mut held = Vec::new();
            push_element(&mut held, tag::SEQUENCE, octets);
            held.extend([0x05, 0x00]);
            assert!(Reader::new(&held).nested(tag::SEQUENCE).unwrap().any().is_none(), "{octets:02x?}");
        }
        assert!(Reader::new(&[0x30, 0x00]).any().is_some());
    }

    #[test]
    fn ber_is_told_from_garbage() {
        fn identifiers(depth: usize) -> &'static [u8] {
            if depth == 1 { &[0x80, 0xa1] } else { &[] }
        }
        for ber in [
            &[0x3f, 0x10, 0x00][..],
            &[0x30, 0x80, 0x00, 0x00],
            &[0x10, 0x02, 0x05, 0x00],
            &[0x24, 0x03, 0x04, 0x01, 0xaa],
            &[0x30, 0x05, 0x23, 0x03, 0x03, 0x01, 0x00],
            &[0x30, 0x03, 0xa0, 0x01, 0x00],
            &[0x30, 0x02, 0x81, 0x00],
            &[0x30, 0x04, 0x30, 0x80, 0x00, 0x00],
        ] {
            assert!(may_be_ber(ber, identifiers), "{ber:02x?}");
        }
        for garbage in [
            &[][..],
            &[0x05],
            &[0xff, 0xff, 0xff],
            &[0x30, 0x05, 0x02, 0x01],
            &[0x30, 0x02, 0x80, 0x00],
            &[0x30, 0x02, 0xa2, 0x00],
            &[0x02, 0x01, 0x00, 0x30, 0x80],
        ] {
            assert!(!may_be_ber(garbage, identifiers), "{garbage:02x?}");
        }
    }

    #[test]
    fn unused_bits_are_cleared() {
        let bits = Bits::new(&[0x05, 0xff]).unwrap();
        assert_eq!(bits.octet(0), 0xe0);
        assert_eq!(bits.octet(1), 0);
    }

    #[test]
    fn integers_keep_their_sign() {
        assert_eq!(small_integer(&[0xff]), Some(-1));
        assert_eq!(small_integer(&[0x00, 0x80]), Some(128));
        assert_eq!(small_integer(&[0x00, 0x01]), None);
        assert_eq!(small_integer(&[]), None);
    }

    #[test]
    fn bit_lengths_ignore_leading_zeros() {
        assert_eq!(bit_length(&[0, 0x80]), 8);
        assert_eq!(bit_length(&[1, 0]), 9);
        assert_eq!(bit_length(&[0]), 0);
    }
}
