//! The same certificate in other words, for webpki to read. Its signature is that of the original, which
//! it does not bear: whoever asks has to answer for that.

use crate::der::{self, Element, Reader, tag};
use crate::oid;

use super::Certificate;
use super::extensions::{Extension, extension};

/// What becomes of an extension.
pub(crate) enum Fate {
    Kept,
    LeftOut,
    /// The same, but not critical.
    NotCritical,
    /// Another value in the same place.
    Replaced(Vec<u8>),
}

/// What a translated certificate has in the place of its own fields.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fields<'f> {
    /// Issuer and subject, each the DER of a Name.
    pub(crate) names: Option<(&'f [u8], &'f [u8])>,
    /// The DER of the AlgorithmIdentifier, inside and beside the signature.
    pub(crate) algorithm: Option<&'f [u8]>,
    /// The DER of the whole version field.
    pub(crate) version: Option<&'f [u8]>,
    /// The DER of the Validity.
    pub(crate) validity: Option<&'f [u8]>,
    /// Whether issuerUniqueID and subjectUniqueID are left out.
    pub(crate) without_unique_ids: bool,
}

impl Certificate<'_> {
    /// Whether the critical poison is there, which keeps every TLS client from accepting it.
    pub(crate) fn is_poisoned(&self) -> bool {
        self.extensions.poison == Some(true)
    }

    /// The certificate of a precertificate, without the poison, as logs put it into what they sign (RFC 6962
    /// 3.2).
    pub(crate) fn without_poison(&self) -> Option<Vec<u8>> {
        self.translated(Fields::default(), |extension| match extension.oid {
            oid::PRECERT_POISON => Fate::LeftOut,
            _ => Fate::Kept,
        })
    }

    /// The certificate with other fields, where they are given, and with its extensions as `fate` will have
    /// them. Everything else stays as it is, octet for octet. `None` if what is written anew for it is not DER:
    /// a translation mends nothing.
    pub(crate) fn translated(
        &self,
        replaced: Fields<'_>,
        mut fate: impl FnMut(&Extension<'_>) -> Fate,
    ) -> Option<Vec<u8>> {
        let mut outer = shortest(&mut Reader::new(self.der()), tag::SEQUENCE)?;
        let mut tbs = shortest(&mut outer, tag::SEQUENCE)?;
        let mut fields = Vec::with_capacity(self.der().len());
        if let Some(version) = replaced.version {
            if tbs.peek() == Some(tag::constructed(0)) {
                shortest(&mut shortest(&mut tbs, tag::constructed(0))?, tag::INTEGER)?;
            }
            fields.extend_from_slice(version);
        }
        // RFC 5280 4.1: signature, issuer, validity, subject, subjectPublicKeyInfo.
        let mut sequences = 0;
        while !tbs.is_empty() {
            let field = tbs.any()?;
            sequences += usize::from(field.tag == tag::SEQUENCE);
            let replacement = match (field.tag, sequences) {
                (tag::SEQUENCE, 1) => replaced.algorithm,
                (tag::SEQUENCE, 2) => replaced.names.map(|(issuer, _)| issuer),
                (tag::SEQUENCE, 3) => replaced.validity,
                (tag::SEQUENCE, 4) => replaced.names.map(|(_, subject)| subject),
                (UNIQUE_ID_OF_ISSUER | UNIQUE_ID_OF_SUBJECT, _) if replaced.without_unique_ids => {
                    Some(&[][..])
                }
                _ => None,
            };
            if replacement.is_some() && !field.is_shortest() {
                return None;
            }
            if field.tag == tag::constructed(3) {
                push_extensions(&mut fields, field, &mut fate)?;
            } else {
                fields.extend_from_slice(replacement.unwrap_or(field.whole));
            }
        }
        let algorithm = outer.element(tag::SEQUENCE)?.whole;
        let mut contents = Vec::with_capacity(self.der().len());
        der::push_element(&mut contents, tag::SEQUENCE, &fields);
        contents.extend_from_slice(replaced.algorithm.unwrap_or(algorithm));
        contents.extend_from_slice(outer.rest());
        let mut certificate = Vec::with_capacity(contents.len() + 4);
        der::push_element(&mut certificate, tag::SEQUENCE, &contents);
        Some(certificate)
    }
}

/// RFC 5280 4.1: `[1]` and `[2]`, both IMPLICIT over a BIT STRING.
const UNIQUE_ID_OF_ISSUER: u8 = tag::context(1);
const UNIQUE_ID_OF_SUBJECT: u8 = tag::context(2);

/// A reader over the next element, of this tag, its length in the shortest form.
fn shortest<'a>(reader: &mut Reader<'a>, tag: u8) -> Option<Reader<'a>> {
    reader.element(tag).filter(Element::is_shortest).map(|element| Reader::new(element.contents))
}

/// Appends what is left of the extensions; nothing, if that is not one (RFC 5280 4.1: SIZE (1..MAX)).
fn push_extensions(
    out: &mut Vec<u8>,
    explicit: Element<'_>,
    fate: &mut impl FnMut(&Extension<'_>) -> Fate,
) -> Option<()> {
    let mut kept = Vec::with_capacity(explicit.contents.len());
    explicit.is_shortest().then_some(())?;
    let mut list = shortest(&mut Reader::new(explicit.contents), tag::SEQUENCE)?;
    while !list.is_empty() {
        let before = list.rest();
        let extension = extension(&mut list)?;
        let whole = before.get(..before.len() - list.rest().len())?;
        let fate = fate(&extension);
        if !matches!(fate, Fate::Kept) {
            is_der(whole).then_some(())?;
        }
        match fate {
            Fate::Kept => kept.extend_from_slice(whole),
            Fate::LeftOut => {}
            Fate::NotCritical => push_extension(&mut kept, extension.oid, false, extension.value),
            Fate::Replaced(value) => push_extension(&mut kept, extension.oid, extension.critical, &value),
        }
    }
    if !kept.is_empty() {
        let mut sequence = Vec::with_capacity(kept.len() + 4);
        der::push_element(&mut sequence, tag::SEQUENCE, &kept);
        der::push_element(out, tag::constructed(3), &sequence);
    }
    Some(())
}

fn push_extension(out: &mut Vec<u8>, oid: &[u8], critical: bool, value: &[u8]) {
    let mut fields = Vec::with_capacity(value.len() + 16);
    der::push_element(&mut fields, tag::OID, oid);
    if critical {
        der::push_element(&mut fields, tag::BOOLEAN, &[0xff]);
    }
    der::push_element(&mut fields, tag::OCTET_STRING, value);
    der::push_element(out, tag::SEQUENCE, &fields);
}

/// Whether an Extension is written as webpki reads it: a FALSE that is written down is let pass.
fn is_der(extension: &[u8]) -> bool {
    let read = || {
        let mut fields = shortest(&mut Reader::new(extension), tag::SEQUENCE)?;
        shortest(&mut fields, tag::OID)?;
        if fields.peek() == Some(tag::BOOLEAN) {
            matches!(shortest(&mut fields, tag::BOOLEAN)?.rest(), [0x00 | 0xff]).then_some(())?;
        }
        shortest(&mut fields, tag::OCTET_STRING)?;
        fields.end()
    };
    read().is_some()
}
