//! The same certificate in other words, for webpki to read. Its signature is that of the original, which
//! it does not bear: whoever asks has to answer for that.

use crate::der::{self, Reader, tag};
use crate::oid;

use super::Certificate;
use super::extensions::{Extension, extension};

/// What becomes of an extension.
pub(crate) enum Fate {
    Kept,
    LeftOut,
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
    /// The version, where there is none.
    pub(crate) version: Option<&'f [u8]>,
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
    /// them. Everything else stays as it is, octet for octet.
    pub(crate) fn translated(
        &self,
        replaced: Fields<'_>,
        mut fate: impl FnMut(&Extension<'_>) -> Fate,
    ) -> Option<Vec<u8>> {
        let mut outer = Reader::new(self.der()).nested(tag::SEQUENCE)?;
        let mut tbs = outer.nested(tag::SEQUENCE)?;
        let mut fields = Vec::with_capacity(self.der().len());
        if tbs.peek() != Some(tag::constructed(0)) {
            fields.extend_from_slice(replaced.version.unwrap_or_default());
        }
        // RFC 5280 4.1: signature, issuer, validity, subject, subjectPublicKeyInfo.
        let mut sequences = 0;
        while !tbs.is_empty() {
            let field = tbs.any()?;
            sequences += usize::from(field.tag == tag::SEQUENCE);
            let replacement = match (field.tag, sequences) {
                (tag::SEQUENCE, 1) => replaced.algorithm,
                (tag::SEQUENCE, 2) => replaced.names.map(|(issuer, _)| issuer),
                (tag::SEQUENCE, 4) => replaced.names.map(|(_, subject)| subject),
                _ => None,
            };
            if field.tag == tag::constructed(3) {
                push_extensions(&mut fields, field.contents, &mut fate)?;
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

/// Appends what is left of the extensions; nothing, if that is none (RFC 5280 4.1: SIZE (1..MAX)).
fn push_extensions(
    out: &mut Vec<u8>,
    explicit: &[u8],
    fate: &mut impl FnMut(&Extension<'_>) -> Fate,
) -> Option<()> {
    let mut kept = Vec::with_capacity(explicit.len());
    let mut list = Reader::new(explicit).nested(tag::SEQUENCE)?;
    while !list.is_empty() {
        let before = list.rest();
        let extension = extension(&mut list)?;
        match fate(&extension) {
            Fate::Kept => kept.extend_from_slice(before.get(..before.len() - list.rest().len())?),
            Fate::LeftOut => {}
            Fate::Replaced(value) => {
                let mut fields = Vec::with_capacity(value.len() + 16);
                der::push_element(&mut fields, tag::OID, extension.oid);
                if extension.critical {
                    der::push_element(&mut fields, tag::BOOLEAN, &[0xff]);
                }
                der::push_element(&mut fields, tag::OCTET_STRING, &value);
                der::push_element(&mut kept, tag::SEQUENCE, &fields);
            }
        }
    }
    if !kept.is_empty() {
        let mut sequence = Vec::with_capacity(kept.len() + 4);
        der::push_element(&mut sequence, tag::SEQUENCE, &kept);
        der::push_element(out, tag::constructed(3), &sequence);
    }
    Some(())
}
