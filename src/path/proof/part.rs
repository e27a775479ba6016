//! The parts of a certificate, each of which can be mended, to find the one that webpki has stumbled over.

use pki_types::alg_id;

use crate::certificate::{self, Certificate};
use crate::der::{Element, Reader, push_element, tag};
use crate::oid;
use crate::path::translation;

/// A part of a certificate: the name of the fact, and its own.
pub(super) type Part = (&'static str, String);

/// The basicConstraints of a CA, as an extension.
const CA: [u8; 17] = [0x30, 15, 6, 3, 0x55, 0x1d, 0x13, 1, 1, 0xff, 4, 5, 0x30, 3, 1, 1, 0xff];

/// A certificate in parts, in the order in which they are mended. What mends a part is sound in itself, and has nothing
/// to do with the rest of the path.
#[derive(Clone)]
pub(super) struct Parts<'a> {
    der: &'a [u8],
    is_ca: bool,
    /// Whether the issuer is another one from the start.
    apart: bool,
    fields: Vec<Element<'a>>,
    /// Of the SEQUENCE of extensions.
    extensions: Vec<Element<'a>>,
    algorithm: Element<'a>,
    signature: Element<'a>,
}

impl<'a> Parts<'a> {
    /// `None` where the frame cannot be read.
    pub(super) fn of(certificate: &Certificate<'a>) -> Option<Self> {
        let mut outer = Reader::new(certificate.der()).nested(tag::SEQUENCE)?;
        let mut tbs = outer.nested(tag::SEQUENCE)?;
        let (algorithm, signature) = (outer.any()?, outer.any()?);
        let (mut fields, mut extensions) = (Vec::new(), Vec::new());
        while let Some(field) = tbs.any() {
            if field.tag == tag::constructed(3) {
                let mut list = Reader::new(field.contents).nested(tag::SEQUENCE)?;
                while let Some(extension) = list.any() {
                    extensions.push(extension);
                }
            }
            fields.push(field);
        }
        let (der, is_ca) = (certificate.der(), certificate.is_ca());
        Some(Self { der, is_ca, apart: false, fields, extensions, algorithm, signature })
    }

    /// The same with another issuer: webpki takes what has issued itself for its own issuer.
    pub(super) fn apart(&self) -> Self {
        Self { apart: true, ..self.clone() }
    }

    /// How many there are: the frame, the fields, the extensions, what is around what is signed.
    pub(super) fn count(&self) -> usize {
        1 + self.fields.len() + self.extensions.len() + 2
    }

    /// The name of a part (RFC 5280, 4.1).
    pub(super) fn name(&self, number: usize) -> Option<Part> {
        let field = |name: &str| Some(("field", name.to_owned()));
        let Some(number) = number.checked_sub(1) else { return field("tbsCertificate") };
        if let Some(element) = self.fields.get(number) {
            return field(self.field_name(number, element)?);
        }
        let number = number - self.fields.len();
        if let Some(extension) = self.extensions.get(number) {
            let oid = extension_oid(extension)?;
            let name = certificate::extension_name(oid).map_or_else(|| oid::dotted(oid), str::to_owned);
            return Some(("extension", name));
        }
        field(if number == self.extensions.len() { "signatureAlgorithm" } else { "signatureValue" })
    }

    fn field_name(&self, number: usize, field: &Element<'_>) -> Option<&'static str> {
        let tagged = match field.tag {
            tag if tag == tag::constructed(0) => "version",
            tag if tag == tag::context(1) => "issuerUniqueID",
            tag if tag == tag::context(2) => "subjectUniqueID",
            tag if tag == tag::constructed(3) => "extensions",
            _ => "",
        };
        if !tagged.is_empty() {
            return Some(tagged);
        }
        let versions = usize::from(self.fields.first().is_some_and(|first| first.tag == tag::constructed(0)));
        ["serialNumber", "signature", "issuer", "validity", "subject", "subjectPublicKeyInfo"]
            .get(number.checked_sub(versions)?)
            .copied()
    }

    /// The certificate with so many of its parts mended.
    pub(super) fn mended(&self, count: usize) -> Vec<u8> {
        if count == 0 && !self.apart {
            return self.der.to_vec();
        }
        let is_mended = |number: usize| number < count;
        let first_extension = 1 + self.fields.len();
        let mut tbs = Vec::new();
        for (number, field) in self.fields.iter().enumerate() {
            let name = self.field_name(number, field);
            let is_replaced = is_mended(number + 1) || (self.apart && name == Some("issuer"));
            if !is_replaced {
                tbs.extend_from_slice(field.whole);
                continue;
            }
            match name {
                Some("version") => tbs.extend_from_slice(&[0xa0, 3, 2, 1, 2]),
                Some("serialNumber") => tbs.extend_from_slice(&[2, 1, 1]),
                Some("signature") => push_element(&mut tbs, tag::SEQUENCE, self.algorithm.contents),
                Some("issuer") => tbs.extend_from_slice(&translation::name(1)),
                Some("validity") => tbs.extend_from_slice(&translation::any_time()),
                Some("subject") => tbs.extend_from_slice(&translation::name(0)),
                Some("subjectPublicKeyInfo") => {
                    push_element(&mut tbs, tag::SEQUENCE, &translation::empty_key(&alg_id::ED25519));
                }
                Some("extensions") => {
                    let mut list = Vec::new();
                    for (number, extension) in self.extensions.iter().enumerate() {
                        if !is_mended(first_extension + number) {
                            list.extend_from_slice(extension.whole);
                        } else if self.is_ca && extension_oid(extension) == Some(oid::BASIC_CONSTRAINTS) {
                            list.extend_from_slice(&CA);
                        }
                    }
                    if !list.is_empty() {
                        push_extensions(&mut tbs, &list);
                    }
                }
                // Unique identifiers, and what RFC 5280 does not have.
                _ => {}
            }
        }
        let mut contents = Vec::new();
        push_element(&mut contents, tag::SEQUENCE, &tbs);
        let around = first_extension + self.extensions.len();
        if is_mended(around) {
            push_element(&mut contents, tag::SEQUENCE, self.algorithm.contents);
        } else {
            contents.extend_from_slice(self.algorithm.whole);
        }
        if is_mended(around + 1) {
            push_element(&mut contents, tag::BIT_STRING, &[0]);
        } else {
            contents.extend_from_slice(self.signature.whole);
        }
        let mut out = Vec::new();
        push_element(&mut out, tag::SEQUENCE, &contents);
        out
    }
}

/// The dNSName of an end entity, as an extension.
const HOST: [u8; 17] = [0x30, 15, 6, 3, 0x55, 0x1d, 0x11, 4, 8, 0x30, 6, 0x82, 4, b'a', b'.', b'b', b'c'];

/// An end entity that somebody of this name has issued, signed with this algorithm, sound but for the signature.
pub(super) fn issued_by(name: &[u8], algorithm: &[u8]) -> Vec<u8> {
    let mut tbs = vec![0xa0, 3, 2, 1, 2, 2, 1, 1];
    push_element(&mut tbs, tag::SEQUENCE, algorithm);
    push_element(&mut tbs, tag::SEQUENCE, name);
    tbs.extend_from_slice(&translation::any_time());
    tbs.extend_from_slice(&translation::name(2));
    push_element(&mut tbs, tag::SEQUENCE, &translation::empty_key(&alg_id::ED25519));
    push_extensions(&mut tbs, &HOST);
    let mut contents = Vec::new();
    push_element(&mut contents, tag::SEQUENCE, &tbs);
    push_element(&mut contents, tag::SEQUENCE, algorithm);
    push_element(&mut contents, tag::BIT_STRING, &[0]);
    let mut out = Vec::new();
    push_element(&mut out, tag::SEQUENCE, &contents);
    out
}

fn push_extensions(tbs: &mut Vec<u8>, list: &[u8]) {
    let mut sequence = Vec::new();
    push_element(&mut sequence, tag::SEQUENCE, list);
    push_element(tbs, tag::constructed(3), &sequence);
}

fn extension_oid<'a>(extension: &Element<'a>) -> Option<&'a [u8]> {
    Reader::new(extension.contents).read(tag::OID)
}
