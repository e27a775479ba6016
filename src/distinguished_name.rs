//! Distinguished names: comparing them (RFC 5280 7.1) and showing them.

pub(crate) mod attribute_types;
mod prepared;

use std::borrow::Cow;
use std::fmt::Write;
use std::sync::OnceLock;

use crate::der::{Reader, element_length, push_element, push_header, tag};
use crate::signature;

pub(crate) use prepared::compatibility_form;

/// A Name (RFC 5280 4.1.2.4) whose strings are known to be decodable.
#[derive(Debug)]
pub struct DistinguishedName<'a> {
    /// The whole SEQUENCE.
    der: &'a [u8],
    rdns: &'a [u8],
    /// How many attributes there are, over all RDNs.
    attribute_count: usize,
    canonical: OnceLock<Box<[u8]>>,
}

/// One attribute of a distinguished name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attribute<'a> {
    /// Which RDN it belongs to, counted from 0.
    pub(crate) rdn: usize,
    pub(crate) oid: &'a [u8],
    pub(crate) tag: u8,
    pub(crate) value: &'a [u8],
}

/// The value of one attribute.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AttributeValue {
    /// A character string of any type.
    Text(String),
    /// A BIT STRING, which x500UniqueIdentifier is (RFC 4519 2.40).
    Bits(Vec<u8>),
}

impl<'a> DistinguishedName<'a> {
    /// `None` if it is not a Name, or one of its strings cannot be converted to UTF-8, or has a type
    /// that OpenSSL does not take in names: such a certificate does not parse there at all.
    pub(crate) fn parse(der: &'a [u8]) -> Option<Self> {
        let mut outer = Reader::new(der);
        let rdns = outer.read(tag::SEQUENCE)?;
        outer.end()?;
        let mut attribute_count = 0;
        let mut reader = Reader::new(rdns);
        while !reader.is_empty() {
            attribute_count += check_rdn(reader.read(tag::SET)?)?;
        }
        Some(Self { der, rdns, attribute_count, canonical: OnceLock::new() })
    }

    /// The DER of the whole Name.
    pub fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The contents of the Name's SEQUENCE.
    pub(crate) fn contents(&self) -> &'a [u8] {
        self.rdns
    }

    pub(crate) fn attribute_count(&self) -> usize {
        self.attribute_count
    }

    /// Whether it has no attribute at all.
    pub fn is_empty(&self) -> bool {
        self.attribute_count == 0
    }

    /// Whether a RelativeDistinguishedName is empty, which none may be (RFC 5280 4.1.2.4): comparisons pass
    /// over it.
    pub(crate) fn has_empty_rdn(&self) -> bool {
        let mut reader = Reader::new(self.rdns);
        std::iter::from_fn(|| reader.read(tag::SET)).any(<[u8]>::is_empty)
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = Attribute<'a>> + use<'a> {
        let mut reader = Reader::new(self.rdns);
        let mut set = Reader::new(&[]);
        let mut rdn = 0usize;
        std::iter::from_fn(move || {
            while set.is_empty() {
                set = reader.nested(tag::SET)?;
                rdn += 1;
            }
            attribute(&mut set, rdn - 1)
        })
    }

    /// The UTF-8 values of the attributes of one type, in order.
    pub(crate) fn values(&self, oid: &'static [u8]) -> impl Iterator<Item = String> + use<'a> {
        self.attributes()
            .filter(move |attribute| attribute.oid == oid)
            .filter_map(|attribute| Some(utf8(attribute.tag, attribute.value)?.into_owned()))
    }

    /// X509_NAME_hash_ex: what a hashed directory names its files by.
    pub fn openssl_hash(&self) -> u32 {
        let [a, b, c, d, ..] = signature::sha1(self.canonical());
        u32::from_le_bytes([a, b, c, d])
    }

    /// The form in which equal names are equal octets (RFC 5280 7.1, as OpenSSL does it): strings
    /// as UTF-8, ASCII letters in lower case, blanks trimmed and collapsed, the attributes of an RDN
    /// sorted. Without the outer SEQUENCE, so that a name within a subtree starts with its base.
    pub(crate) fn canonical(&self) -> &[u8] {
        self.canonical.get_or_init(|| canonical(self.rdns).into_boxed_slice())
    }

    /// RDN by RDN, each attribute's long name (or dotted OID) and value; `None` for values that are
    /// neither character strings nor bits.
    pub fn long_form(&self) -> Vec<Vec<(String, Option<AttributeValue>)>> {
        let mut rdns: Vec<Vec<(String, Option<AttributeValue>)>> = Vec::new();
        let mut current = None;
        for attribute in self.attributes() {
            let value = match attribute.tag {
                tag::BIT_STRING => {
                    crate::der::Bits::new(attribute.value).map(|bits| AttributeValue::Bits(bits.octets()))
                }
                _ => utf8(attribute.tag, attribute.value).map(|text| AttributeValue::Text(text.into_owned())),
            };
            let pair = (attribute_types::long_name(attribute.oid).into_owned(), value);
            match rdns.last_mut() {
                Some(rdn) if current == Some(attribute.rdn) => rdn.push(pair),
                _ => rdns.push(vec![pair]),
            }
            current = Some(attribute.rdn);
        }
        rdns
    }

    /// RFC 4514 text: last RDN first, `+` within an RDN.
    pub fn text(&self) -> String {
        let attributes: Vec<Attribute<'_>> = self.attributes().collect();
        let mut text = String::with_capacity(self.rdns.len());
        for rdn in attributes.chunk_by(|one, next| one.rdn == next.rdn).rev() {
            let mut separator = if text.is_empty() { "" } else { "," };
            for attribute in rdn {
                text.push_str(separator);
                text.push_str(&attribute_types::short_name(attribute.oid));
                text.push('=');
                if let Some(value) = utf8(attribute.tag, attribute.value) {
                    push_escaped(&mut text, &value);
                } else {
                    text.push('#');
                    text.push_str(&hex(attribute.value));
                }
                separator = "+";
            }
        }
        text
    }
}

impl PartialEq for DistinguishedName<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Equal octets are equal names; a different number of attributes never is.
        self.der == other.der
            || (self.attribute_count == other.attribute_count && self.canonical() == other.canonical())
    }
}

impl Eq for DistinguishedName<'_> {}

/// Checks the contents of a RelativeDistinguishedName; how many attributes it has.
pub(crate) fn check_rdn(contents: &[u8]) -> Option<usize> {
    let mut set = Reader::new(contents);
    let mut count = 0;
    while !set.is_empty() {
        let attribute = attribute(&mut set, 0)?;
        check_value(attribute.tag, attribute.value)?;
        count += 1;
    }
    Some(count)
}

fn attribute<'a>(set: &mut Reader<'a>, rdn: usize) -> Option<Attribute<'a>> {
    let mut pair = set.nested(tag::SEQUENCE)?;
    let oid = crate::der::oid(pair.read(tag::OID)?)?;
    let value = pair.any()?;
    pair.end()?;
    Some(Attribute { rdn, oid, tag: value.tag, value: value.contents })
}

/// The string types that OpenSSL takes in a name and that it converts for comparison.
fn is_converted(tag: u8) -> bool {
    matches!(
        tag,
        tag::UTF8_STRING
            | tag::PRINTABLE_STRING
            | tag::T61_STRING
            | tag::IA5_STRING
            | tag::VISIBLE_STRING
            | tag::UNIVERSAL_STRING
            | tag::BMP_STRING
    )
}

fn check_value(tag: u8, value: &[u8]) -> Option<()> {
    match tag {
        // Every octet of these is a character (T61String is read as Latin-1, as everywhere).
        tag::PRINTABLE_STRING | tag::T61_STRING | tag::IA5_STRING | tag::NUMERIC_STRING => Some(()),
        tag::UTF8_STRING => std::str::from_utf8(value).ok().map(|_| ()),
        tag::UNIVERSAL_STRING | tag::BMP_STRING => utf8(tag, value).map(|_| ()),
        tag::BIT_STRING => crate::der::Bits::new(value).map(|_| ()),
        tag::SEQUENCE => Some(()),
        // Types that do not exist, or are not strings: OpenSSL takes them as they come (ASN1_PRINTABLE with
        // B_ASN1_UNKNOWN). An ENUMERATED is let in too, but then has no canonical form, and nothing parses.
        0x07..=0x09 | 0x0b | 0x0d..=0x0f | 0x1d => Some(()),
        _ => None,
    }
}

/// The string as UTF-8; `None` for types that are not character strings and for broken encodings.
pub(crate) fn utf8(tag: u8, value: &[u8]) -> Option<Cow<'_, str>> {
    match tag {
        tag::UTF8_STRING => std::str::from_utf8(value).ok().map(Cow::Borrowed),
        tag::PRINTABLE_STRING
        | tag::T61_STRING
        | tag::IA5_STRING
        | tag::NUMERIC_STRING
        | tag::VISIBLE_STRING => match std::str::from_utf8(value) {
            Ok(text) if text.is_ascii() => Some(Cow::Borrowed(text)),
            _ => Some(value.iter().map(|&octet| char::from(octet)).collect()),
        },
        tag::BMP_STRING => {
            let (units, []) = value.as_chunks::<2>() else {
                return None;
            };
            // UCS-2: a surrogate is not a character.
            units.iter().map(|&unit| char::from_u32(u32::from(u16::from_be_bytes(unit)))).collect()
        }
        tag::UNIVERSAL_STRING => {
            let (units, []) = value.as_chunks::<4>() else {
                return None;
            };
            units.iter().map(|&unit| char::from_u32(u32::from_be_bytes(unit))).collect()
        }
        _ => None,
    }
}

fn canonical(rdns: &[u8]) -> Vec<u8> {
    // Lengths may take an octet more than before, where a string of another type becomes longer as UTF-8.
    let mut out = Vec::with_capacity(rdns.len() + 16);
    let mut value = Vec::new();
    let mut reader = Reader::new(rdns);
    while let Some(mut set) = reader.nested(tag::SET) {
        // An RDN without attributes has no canonical form in OpenSSL: there it vanishes.
        let Some(first) = attribute(&mut set, 0) else { continue };
        if set.is_empty() {
            push_canonical(&mut out, &first, &mut value, true);
            continue;
        }
        let (mut attributes, mut next) = (Vec::new(), Some(first));
        while let Some(this) = next {
            let mut one = Vec::new();
            push_canonical(&mut one, &this, &mut value, false);
            attributes.push(one);
            next = attribute(&mut set, 0);
        }
        // X.690 11.6: the elements of a SET OF in ascending order.
        attributes.sort();
        push_element(&mut out, tag::SET, &attributes.concat());
    }
    out
}

/// Appends an attribute, within an RDN of its own if it is `alone`. `value` is room for its string.
fn push_canonical(out: &mut Vec<u8>, attribute: &Attribute<'_>, value: &mut Vec<u8>, alone: bool) {
    value.clear();
    let tag = match utf8(attribute.tag, attribute.value) {
        Some(text) if is_converted(attribute.tag) => {
            fold(text.as_bytes(), value);
            tag::UTF8_STRING
        }
        _ => {
            value.extend_from_slice(attribute.value);
            attribute.tag
        }
    };
    let pair = element_length(attribute.oid.len()) + element_length(value.len());
    if alone {
        push_header(out, tag::SET, element_length(pair));
    }
    push_header(out, tag::SEQUENCE, pair);
    push_element(out, tag::OID, attribute.oid);
    push_element(out, tag, value);
}

/// Trims and collapses blanks and lowers ASCII letters.
fn fold(text: &[u8], out: &mut Vec<u8>) {
    let is_blank = |octet: &u8| matches!(octet, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r');
    for word in text.split(is_blank).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(b' ');
        }
        out.extend(word.iter().map(u8::to_ascii_lowercase));
    }
}

/// Appends a value as RFC 4514 2.4 escapes it.
fn push_escaped(out: &mut String, value: &str) {
    let last = value.len().saturating_sub(1);
    for (index, character) in value.char_indices() {
        match character {
            ',' | '+' | '"' | '\\' | '<' | '>' | ';' => {
                out.push('\\');
                out.push(character);
            }
            '#' | ' ' if index == 0 => {
                out.push('\\');
                out.push(character);
            }
            ' ' if index == last => out.push_str("\\ "),
            // Control characters must not reach a terminal or a log line.
            _ if character.is_control() => {
                let mut buffer = [0; 4];
                for octet in character.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(out, "\\{octet:02X}");
                }
            }
            _ => out.push(character),
        }
    }
}

/// Lowercase hexadecimal. Digit by digit: a row has some ten fingerprints, and a formatter takes several times as long.
pub(crate) fn hex(octets: &[u8]) -> String {
    let mut text = String::with_capacity(octets.len() * 2);
    for octet in octets {
        for digit in [octet >> 4, octet & 0xf] {
            text.extend(char::from_digit(digit.into(), 16));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oid;

    fn name(rdns: &[&[(u8, &str)]]) -> Vec<u8> {
        let mut contents = Vec::new();
        for rdn in rdns {
            let mut set = Vec::new();
            for (tag, value) in *rdn {
                let mut pair = Vec::new();
                push_element(&mut pair, tag::OID, oid::COMMON_NAME);
                push_element(&mut pair, *tag, value.as_bytes());
                push_element(&mut set, tag::SEQUENCE, &pair);
            }
            push_element(&mut contents, tag::SET, &set);
        }
        let mut der = Vec::new();
        push_element(&mut der, tag::SEQUENCE, &contents);
        der
    }

    fn equal(a: &[u8], b: &[u8]) -> bool {
        DistinguishedName::parse(a).unwrap() == DistinguishedName::parse(b).unwrap()
    }

    #[test]
    fn case_blanks_and_string_type_do_not_count() {
        let plain = name(&[&[(tag::UTF8_STRING, "Some CA")]]);
        assert!(equal(&plain, &name(&[&[(tag::PRINTABLE_STRING, "  sOME \t ca ")]])));
        assert!(!equal(&plain, &name(&[&[(tag::UTF8_STRING, "SomeCA")]])));
    }

    #[test]
    fn order_counts_between_rdns_but_not_within_one() {
        let (a, b) = ((tag::UTF8_STRING, "a"), (tag::UTF8_STRING, "b"));
        assert!(equal(&name(&[&[a, b]]), &name(&[&[b, a]])));
        assert!(!equal(&name(&[&[a], &[b]]), &name(&[&[b], &[a]])));
        assert!(!equal(&name(&[&[a], &[b]]), &name(&[&[a, b]])));
    }

    #[test]
    fn strings_that_are_none_make_the_name_unreadable() {
        let mut broken = name(&[&[(tag::UTF8_STRING, "ab")]]);
        *broken.last_mut().unwrap() = 0xff;
        assert!(DistinguishedName::parse(&broken).is_none());
        assert!(DistinguishedName::parse(&name(&[&[(tag::BMP_STRING, "odd")]])).is_none());
    }

    #[test]
    fn text_is_escaped() {
        let der = name(&[&[(tag::UTF8_STRING, " a,b\n")], &[(tag::UTF8_STRING, "#x")]]);
        assert_eq!(DistinguishedName::parse(&der).unwrap().text(), "CN=\\#x,CN=\\ a\\,b\\0A");
        let (x, y, z) = ((tag::BMP_STRING, "\0x"), (tag::T61_STRING, "y "), (tag::BIT_STRING, "\0z"));
        let der = name(&[&[x], &[y, z]]);
        assert_eq!(DistinguishedName::parse(&der).unwrap().text(), "CN=y\\ +CN=#007a,CN=x");
    }
}
