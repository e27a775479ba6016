//! The parts of a certificate, each of which can be mended, to find the one that webpki has stumbled over.

use pki_types::alg_id;

use crate::certificate::{self, Certificate};
use crate::der::{Element, Reader, push_element, tag};
use crate::oid;
use crate::path::translation::{self, VERSION_3, sequence};

/// A part of a certificate: the name of the fact, and its own.
pub(super) type Part = (&'static str, String);

const SERIAL_NUMBER: [u8; 3] = [2, 1, 1];
/// An empty BIT STRING.
const NO_SIGNATURE: [u8; 3] = [3, 1, 0];

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
        self.first_extension() + self.extensions.len() + 2
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
        let tagged = [
            (tag::constructed(0), "version"),
            (tag::context(1), "issuerUniqueID"),
            (tag::context(2), "subjectUniqueID"),
            (tag::constructed(3), "extensions"),
        ];
        if let Some((_, name)) = tagged.iter().find(|(tag, _)| *tag == field.tag) {
            return Some(name);
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
        let mut tbs = Vec::new();
        for (number, field) in self.fields.iter().enumerate() {
            let name = self.field_name(number, field);
            let is_mended = number + 1 < count || (self.apart && name == Some("issuer"));
            tbs.extend(if is_mended { self.mended_field(name, count) } else { field.whole.to_vec() });
        }
        let around = self.first_extension() + self.extensions.len();
        let (mut algorithm, mut signature) = (self.algorithm.whole.to_vec(), self.signature.whole);
        if around < count {
            algorithm = sequence(self.algorithm.contents);
        }
        if around + 1 < count {
            signature = &NO_SIGNATURE;
        }
        framed(&tbs, &algorithm, signature)
    }

    fn mended_field(&self, name: Option<&str>, count: usize) -> Vec<u8> {
        match name {
            Some("version") => VERSION_3.to_vec(),
            Some("serialNumber") => SERIAL_NUMBER.to_vec(),
            Some("signature") => sequence(self.algorithm.contents),
            Some("issuer") => translation::name(1),
            Some("validity") => translation::any_time(),
            Some("subject") => translation::name(0),
            Some("subjectPublicKeyInfo") => sequence(&translation::empty_key(&alg_id::ED25519)),
            Some("extensions") => self.mended_extensions(count),
            // Unique identifiers, and what RFC 5280 does not have.
            _ => Vec::new(),
        }
    }

    /// Those that are not left out yet, and what makes a CA.
    fn mended_extensions(&self, count: usize) -> Vec<u8> {
        let mut list = Vec::new();
        for (number, extension) in (self.first_extension()..).zip(&self.extensions) {
            if number >= count {
                list.extend_from_slice(extension.whole);
            } else if self.is_ca && extension_oid(extension) == Some(oid::BASIC_CONSTRAINTS) {
                list.extend_from_slice(&CA);
            }
        }
        if list.is_empty() { Vec::new() } else { explicit_extensions(&list) }
    }

    /// Its number among the parts.
    fn first_extension(&self) -> usize {
        1 + self.fields.len()
    }
}

/// The dNSName of an end entity, as an extension.
const HOST: [u8; 17] = [0x30, 15, 6, 3, 0x55, 0x1d, 0x11, 4, 8, 0x30, 6, 0x82, 4, b'a', b'.', b'b', b'c'];

/// An end entity that somebody of this name has issued, signed with this algorithm, sound but for the signature.
pub(super) fn issued_by(name: &[u8], algorithm: &[u8]) -> Vec<u8> {
    let algorithm = sequence(algorithm);
    let mut tbs = VERSION_3.to_vec();
    tbs.extend_from_slice(&SERIAL_NUMBER);
    tbs.extend_from_slice(&algorithm);
    tbs.extend_from_slice(&sequence(name));
    tbs.extend_from_slice(&translation::any_time());
    tbs.extend_from_slice(&translation::name(2));
    tbs.extend_from_slice(&sequence(&translation::empty_key(&alg_id::ED25519)));
    tbs.extend_from_slice(&explicit_extensions(&HOST));
    framed(&tbs, &algorithm, &NO_SIGNATURE)
}

/// A certificate, around what is signed.
fn framed(tbs: &[u8], algorithm: &[u8], signature: &[u8]) -> Vec<u8> {
    sequence(&[&sequence(tbs), algorithm, signature].concat())
}

fn explicit_extensions(list: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    push_element(&mut out, tag::constructed(3), &sequence(list));
    out
}

fn extension_oid<'a>(extension: &Element<'a>) -> Option<&'a [u8]> {
    Reader::new(extension.contents).read(tag::OID)
}
