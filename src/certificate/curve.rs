//! Elliptic curves, as the parameters of a key's algorithm tell them (RFC 5480 2.1.1).

use crate::der::{self, Reader, tag};
use crate::oid;

/// An elliptic curve.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Curve<'a> {
    /// `None` for explicit parameters, which RFC 5480 2.1.1 forbids.
    pub(crate) oid: Option<&'a [u8]>,
    /// Size of the group's order.
    pub(crate) order_bits: u32,
    /// Size of a coordinate; `None` for explicit parameters.
    pub(super) field_octets: Option<usize>,
}

pub(super) const SM2: &[u8] = &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d];

/// All that OpenSSL knows by an OID: with one of them missing here, an issuer whose key OpenSSL decodes would be passed over. OID, usual
/// name, bits of the order and of the field.
const CURVES: &[(&[u8], &str, u32, usize)] = &[
    (oid::P256, "P-256", 256, 256),
    (oid::P384, "P-384", 384, 384),
    (oid::P521, "P-521", 521, 521),
    (&[0x2b, 0x81, 4, 0, 33], "P-224", 224, 224),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1], "P-192", 192, 192),
    (&[0x2b, 0x81, 4, 0, 10], "secp256k1", 256, 256),
    (&[0x2b, 0x81, 4, 0, 32], "secp224k1", 225, 224),
    (&[0x2b, 0x81, 4, 0, 31], "secp192k1", 192, 192),
    (&[0x2b, 0x81, 4, 0, 9], "secp160k1", 161, 160),
    (&[0x2b, 0x81, 4, 0, 8], "secp160r1", 161, 160),
    (&[0x2b, 0x81, 4, 0, 30], "secp160r2", 161, 160),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 1], "brainpoolP160r1", 160, 160),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 2], "brainpoolP160t1", 160, 160),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 3], "brainpoolP192r1", 192, 192),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 4], "brainpoolP192t1", 192, 192),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 5], "brainpoolP224r1", 224, 224),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 6], "brainpoolP224t1", 224, 224),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 7], "brainpoolP256r1", 256, 256),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 8], "brainpoolP256t1", 256, 256),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 9], "brainpoolP320r1", 320, 320),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 10], "brainpoolP320t1", 320, 320),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 11], "brainpoolP384r1", 384, 384),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 12], "brainpoolP384t1", 384, 384),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 13], "brainpoolP512r1", 512, 512),
    (&[0x2b, 36, 3, 3, 2, 8, 1, 1, 14], "brainpoolP512t1", 512, 512),
    (&[0x2b, 0x81, 4, 0, 16], "sect283k1", 281, 283),
    (&[0x2b, 0x81, 4, 0, 17], "sect283r1", 282, 283),
    (&[0x2b, 0x81, 4, 0, 36], "sect409k1", 407, 409),
    (&[0x2b, 0x81, 4, 0, 37], "sect409r1", 409, 409),
    (&[0x2b, 0x81, 4, 0, 38], "sect571k1", 570, 571),
    (&[0x2b, 0x81, 4, 0, 39], "sect571r1", 570, 571),
    (&[0x2b, 0x81, 4, 0, 6], "secp112r1", 112, 112),
    (&[0x2b, 0x81, 4, 0, 7], "secp112r2", 110, 112),
    (&[0x2b, 0x81, 4, 0, 28], "secp128r1", 128, 128),
    (&[0x2b, 0x81, 4, 0, 29], "secp128r2", 126, 128),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 2], "prime192v2", 192, 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 3], "prime192v3", 192, 192),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 4], "prime239v1", 239, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 5], "prime239v2", 239, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 6], "prime239v3", 239, 239),
    (&[0x2b, 0x81, 4, 0, 4], "sect113r1", 113, 113),
    (&[0x2b, 0x81, 4, 0, 5], "sect113r2", 113, 113),
    (&[0x2b, 0x81, 4, 0, 22], "sect131r1", 131, 131),
    (&[0x2b, 0x81, 4, 0, 23], "sect131r2", 131, 131),
    (&[0x2b, 0x81, 4, 0, 1], "sect163k1", 163, 163),
    (&[0x2b, 0x81, 4, 0, 2], "sect163r1", 162, 163),
    (&[0x2b, 0x81, 4, 0, 15], "sect163r2", 163, 163),
    (&[0x2b, 0x81, 4, 0, 24], "sect193r1", 193, 193),
    (&[0x2b, 0x81, 4, 0, 25], "sect193r2", 193, 193),
    (&[0x2b, 0x81, 4, 0, 26], "sect233k1", 232, 233),
    (&[0x2b, 0x81, 4, 0, 27], "sect233r1", 233, 233),
    (&[0x2b, 0x81, 4, 0, 3], "sect239k1", 238, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 1], "c2pnb163v1", 163, 163),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 2], "c2pnb163v2", 162, 163),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 3], "c2pnb163v3", 162, 163),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 4], "c2pnb176v1", 161, 176),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 5], "c2tnb191v1", 191, 191),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 6], "c2tnb191v2", 190, 191),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 7], "c2tnb191v3", 189, 191),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 10], "c2pnb208w1", 193, 208),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 11], "c2tnb239v1", 238, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 12], "c2tnb239v2", 237, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 13], "c2tnb239v3", 236, 239),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 16], "c2pnb272w1", 257, 272),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 17], "c2pnb304w1", 289, 304),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 18], "c2tnb359v1", 353, 359),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 19], "c2pnb368w1", 353, 368),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 0, 20], "c2tnb431r1", 418, 431),
    (&[0x67, 43, 1, 4, 1], "wap-wsg-idm-ecid-wtls1", 112, 113),
    (&[0x67, 43, 1, 4, 3], "wap-wsg-idm-ecid-wtls3", 163, 163),
    (&[0x67, 43, 1, 4, 4], "wap-wsg-idm-ecid-wtls4", 113, 113),
    (&[0x67, 43, 1, 4, 5], "wap-wsg-idm-ecid-wtls5", 163, 163),
    (&[0x67, 43, 1, 4, 6], "wap-wsg-idm-ecid-wtls6", 112, 112),
    (&[0x67, 43, 1, 4, 7], "wap-wsg-idm-ecid-wtls7", 161, 160),
    (&[0x67, 43, 1, 4, 8], "wap-wsg-idm-ecid-wtls8", 113, 112),
    (&[0x67, 43, 1, 4, 9], "wap-wsg-idm-ecid-wtls9", 161, 160),
    (&[0x67, 43, 1, 4, 10], "wap-wsg-idm-ecid-wtls10", 232, 233),
    (&[0x67, 43, 1, 4, 11], "wap-wsg-idm-ecid-wtls11", 233, 233),
    (&[0x67, 43, 1, 4, 12], "wap-wsg-idm-ecid-wtls12", 224, 224),
];

/// The usual name of a curve.
pub(super) fn name(curve: &[u8]) -> Option<&'static str> {
    CURVES.iter().find(|(oid, ..)| *oid == curve).map(|(_, name, ..)| *name)
}

impl<'a> Curve<'a> {
    pub(super) fn of(parameters: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(parameters);
        match reader.peek()? {
            tag::OID => {
                let oid = der::oid(reader.read(tag::OID)?)?;
                if oid == SM2 {
                    return Some(Self { oid: Some(oid), order_bits: 256, field_octets: Some(32) });
                }
                let (_, _, order_bits, field_bits) = CURVES.iter().find(|(known, ..)| *known == oid)?;
                Some(Self {
                    oid: Some(oid),
                    order_bits: *order_bits,
                    field_octets: Some(field_bits.div_ceil(8)),
                })
            }
            // ECParameters of X9.62: version, fieldID, curve, base, order.
            tag::SEQUENCE => {
                let mut explicit = reader.nested(tag::SEQUENCE)?;
                explicit.read(tag::INTEGER)?;
                explicit.read(tag::SEQUENCE)?;
                explicit.read(tag::SEQUENCE)?;
                explicit.read(tag::OCTET_STRING)?;
                let order_bits = der::bit_length(explicit.read(tag::INTEGER)?);
                Some(Self { oid: None, order_bits, field_octets: None })
            }
            _ => None,
        }
    }
}
