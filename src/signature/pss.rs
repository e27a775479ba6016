//! RSASSA-PSS-params (RFC 4055 3.1), of signatures and of keys.

use crate::der::{self, Reader, tag};

use super::digest::Digest;

/// What restricts a key, or tells how a signature was made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct PssParameters {
    pub(crate) hash: Digest,
    /// The salt is not negative and the trailer is 1, as OpenSSL wants it of signatures.
    pub(crate) is_sound: bool,
}

impl PssParameters {
    /// `None` if OpenSSL could not make anything of them either, or if they name what is not known here.
    pub(crate) fn parse(parameters: &[u8]) -> Option<Self> {
        let mut params = Reader::new(parameters).nested(tag::SEQUENCE)?;
        let hash = match params.optional(tag::constructed(0))? {
            Some(explicit) => digest(&mut Reader::new(explicit))?,
            None => Digest::Sha1,
        };
        if let Some(explicit) = params.optional(tag::constructed(1))? {
            let mut explicit = Reader::new(explicit);
            let mut mask = explicit.nested(tag::SEQUENCE)?;
            explicit.end()?;
            if mask.read(tag::OID)? != MGF1 {
                return None;
            }
            digest(&mut mask)?;
        }
        let salt = integer(&mut params, 2)?.unwrap_or(20);
        let trailer = integer(&mut params, 3)?.unwrap_or(1);
        params.end()?;
        Some(Self { hash, is_sound: salt >= 0 && trailer == 1 })
    }
}

const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];

/// The hash that an AlgorithmIdentifier means, which has to be the last element. Its parameters are not looked at.
fn digest(reader: &mut Reader<'_>) -> Option<Digest> {
    let mut identifier = reader.nested(tag::SEQUENCE)?;
    reader.end()?;
    let oid = identifier.read(tag::OID)?;
    if !identifier.is_empty() {
        identifier.any().filter(der::Element::is_well_formed)?;
        identifier.end()?;
    }
    Some(match oid {
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1] => Digest::Sha256,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2] => Digest::Sha384,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3] => Digest::Sha512,
        [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4] => Digest::Sha224,
        [0x2b, 14, 3, 2, 26] => Digest::Sha1,
        [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5] => Digest::Md5,
        _ => return None,
    })
}

/// An INTEGER under an explicit tag; `Some(None)` if there is none.
#[expect(clippy::option_option, reason = "absent and broken are different answers")]
fn integer(params: &mut Reader<'_>, number: u8) -> Option<Option<i64>> {
    let Some(explicit) = params.optional(tag::constructed(number))? else {
        return Some(None);
    };
    let mut explicit = Reader::new(explicit);
    let value = der::integer(explicit.read(tag::INTEGER)?)?;
    explicit.end()?;
    Some(Some(der::small_integer(value).unwrap_or(-1)))
}
