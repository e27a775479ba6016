//! Public keys of certificates: which kind, how big, whether they decode.

use std::sync::OnceLock;

use crate::der::{self, Bits, Reader, tag};
use crate::oid;
use crate::signature::{self, KeyType, PssParameters};

use super::AlgorithmIdentifier;
use super::curve::{self, Curve};

/// A SubjectPublicKeyInfo (RFC 5280 4.1.2.7).
#[derive(Debug)]
pub struct PublicKey<'a> {
    /// All of it, in DER.
    pub(crate) spki: &'a [u8],
    /// The contents of its SEQUENCE.
    pub(crate) contents: &'a [u8],
    pub(crate) algorithm: AlgorithmIdentifier<'a>,
    /// The octets of `subjectPublicKey`.
    pub(crate) key: &'a [u8],
    pub(crate) kind: KeyKind<'a>,
    on_curve: OnceLock<bool>,
}

/// What a key's algorithm and octets say it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyKind<'a> {
    Rsa {
        modulus_bits: u32,
    },
    RsaPss {
        modulus_bits: u32,
        /// Whether there are no parameters, or such as are known here to be sound.
        is_readable: bool,
    },
    Ec(Curve<'a>),
    Ed25519,
    Ed448,
    X25519,
    X448,
    Dsa {
        p_bits: u32,
        q_bits: u32,
    },
    Dh {
        p_bits: u32,
    },
    Sm2,
    /// OpenSSL does not know the algorithm, or the key does not decode.
    Unknown,
}

/// The point at infinity (SEC 1 2.3.3).
const INFINITY: &[u8] = &[0];

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
/// The X.500 OID for RSA keys, which OpenSSL takes too.
const RSA_X500: &[u8] = &[0x55, 8, 1, 1];
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const DSA_OLD: &[u8] = &[0x2b, 14, 3, 2, 12];
const DH: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 3, 1];
const DHX: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3e, 2, 1];

const MAX_HEADER: usize = 7;

impl<'a> PublicKey<'a> {
    /// `None` if the frame itself is broken, or the key is written in a way that OpenSSL alone may read; a key that does not
    /// decode is of kind `Unknown`.
    pub(super) fn parse(spki: der::Element<'a>) -> Option<Self> {
        let mut reader = Reader::new(spki.contents);
        let algorithm = AlgorithmIdentifier::parse(&mut reader)?;
        let bits = Bits::new(reader.read(tag::BIT_STRING)?)?;
        reader.end()?;
        // OpenSSL takes the frame for a key out of a stream, and sees 8 octets when it reads tag and length, one of which
        // has to be more than they take (asn1_d2i_read_bio).
        let is_framed = spki.whole.len() - spki.contents.len() <= MAX_HEADER;
        // Unused bits that are set (X.690 11.2.1) are cleared by OpenSSL, which may come to another key by that: who passed
        // over it would come to another path, as with BER below.
        let key = match bits.padded_octets() {
            Some(key) => key,
            None if is_framed => return None,
            None => &[],
        };
        let kind = KeyKind::of(&algorithm, key).filter(|_| is_framed);
        // A key in BER may be one to OpenSSL: who passed over it would come to another path.
        if is_framed && kind.is_none() && KeyKind::may_be_ber(&algorithm, key) {
            return None;
        }
        Some(Self {
            spki: spki.whole,
            contents: spki.contents,
            algorithm,
            key,
            kind: kind.unwrap_or(KeyKind::Unknown),
            on_curve: OnceLock::new(),
        })
    }

    /// From a SubjectPublicKeyInfo that stands for itself.
    pub(crate) fn from_spki(spki: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(spki);
        let element = reader.element(tag::SEQUENCE)?;
        reader.end()?;
        Self::parse(element)
    }

    /// Whether OpenSSL can turn this into a key: known algorithm, well-formed, point on its curve.
    pub(crate) fn decodes(&self) -> bool {
        match self.kind {
            KeyKind::Unknown => false,
            // OpenSSL decodes it, and takes whose it is for an issuer.
            KeyKind::Ec(_) if self.is_at_infinity() => true,
            // Where the library does not know the curve, only the form of the point is known to be right.
            KeyKind::Ec(Curve { oid: Some(_), .. }) => self.on_curve.get().copied().unwrap_or_else(|| {
                let on_curve = signature::is_on_curve(self.algorithm.contents, self.key).unwrap_or(true);
                // Not get_or_init: a child forked while another thread computes would wait for that thread.
                let _ = self.on_curve.set(on_curve);
                on_curve
            }),
            _ => true,
        }
    }

    /// Whether it is an EC key that nothing can be proven with.
    pub(crate) fn is_at_infinity(&self) -> bool {
        matches!(self.kind, KeyKind::Ec(_)) && self.key == INFINITY
    }

    /// Whether the library can tell a good key of this kind from a bad one.
    pub(crate) fn is_supported(&self) -> bool {
        match self.kind {
            KeyKind::Rsa { .. } => true,
            KeyKind::RsaPss { is_readable, .. } => is_readable,
            // Of nobody's use: whatever it signs, anybody can sign (SEC 1 3.2.2.1 has it refused).
            KeyKind::Ec(_) if self.is_at_infinity() => false,
            // Any 32, 56 or 57 octets are taken for a key here, by OpenSSL too.
            KeyKind::Ed25519 | KeyKind::Ed448 | KeyKind::X25519 | KeyKind::X448 => true,
            KeyKind::Ec(Curve { oid: Some(_), .. }) => signature::has_curve(self.algorithm.contents),
            KeyKind::Ec(_) | KeyKind::Dsa { .. } | KeyKind::Dh { .. } | KeyKind::Sm2 | KeyKind::Unknown => {
                false
            }
        }
    }

    /// OpenSSL's estimate of the key's strength, in bits; `None` if it does not decode.
    pub(crate) fn security_bits(&self) -> Option<u32> {
        if !self.decodes() {
            return None;
        }
        Some(match self.kind {
            KeyKind::Rsa { modulus_bits } | KeyKind::RsaPss { modulus_bits, .. } => {
                factoring_security_bits(modulus_bits)
            }
            KeyKind::Dh { p_bits } => discrete_logarithm_security_bits(p_bits),
            KeyKind::Dsa { p_bits, q_bits } => {
                let by_order = q_bits / 2;
                if by_order < 80 { 0 } else { by_order.min(discrete_logarithm_security_bits(p_bits)) }
            }
            KeyKind::Ec(curve) => match curve.order_bits {
                512.. => 256,
                384.. => 192,
                256.. => 128,
                224.. => 112,
                160.. => 80,
                bits => bits / 2,
            },
            KeyKind::Ed25519 | KeyKind::X25519 | KeyKind::Sm2 => 128,
            KeyKind::Ed448 | KeyKind::X448 => 224,
            KeyKind::Unknown => return None,
        })
    }

    /// Whether a key of this kind makes signatures of that type (OpenSSL's check_sig_alg_match).
    pub(crate) fn fits(&self, signature_key: KeyType) -> bool {
        matches!(
            (self.kind, signature_key),
            (KeyKind::Rsa { .. }, KeyType::Rsa | KeyType::RsaPss)
                | (KeyKind::RsaPss { .. }, KeyType::RsaPss)
                | (KeyKind::Ec(_), KeyType::Ec)
                | (KeyKind::Dsa { .. }, KeyType::Dsa)
                | (KeyKind::Ed25519, KeyType::Ed25519)
                | (KeyKind::Ed448, KeyType::Ed448)
                | (KeyKind::Sm2, KeyType::Sm2)
        ) && self.decodes()
    }

    /// The modulus size of an RSA key.
    pub(crate) fn rsa_bits(&self) -> Option<u32> {
        match self.kind {
            KeyKind::Rsa { modulus_bits } | KeyKind::RsaPss { modulus_bits, .. } => Some(modulus_bits),
            _ => None,
        }
    }

    /// The algorithm's usual name, or its dotted OID.
    pub fn algorithm_name(&self) -> String {
        let name = match self.kind {
            KeyKind::Rsa { .. } => "RSA",
            KeyKind::RsaPss { .. } => "RSASSA-PSS",
            KeyKind::Ec(_) => "EC",
            KeyKind::Ed25519 => "Ed25519",
            KeyKind::Ed448 => "Ed448",
            KeyKind::X25519 => "X25519",
            KeyKind::X448 => "X448",
            KeyKind::Dsa { .. } => "DSA",
            KeyKind::Dh { .. } => "DH",
            KeyKind::Sm2 => "SM2",
            KeyKind::Unknown => match self.algorithm.oid {
                RSA | RSA_X500 => "RSA",
                EC => "EC",
                other => return oid::dotted(other),
            },
        };
        name.to_owned()
    }

    /// The key's size as people quote it, in bits.
    pub fn bits(&self) -> Option<u32> {
        match self.kind {
            KeyKind::Rsa { modulus_bits } | KeyKind::RsaPss { modulus_bits, .. } => Some(modulus_bits),
            KeyKind::Ec(curve) => Some(curve.order_bits),
            KeyKind::Dsa { p_bits, .. } | KeyKind::Dh { p_bits } => Some(p_bits),
            KeyKind::Ed25519 | KeyKind::X25519 | KeyKind::Sm2 => Some(256),
            KeyKind::X448 => Some(448),
            KeyKind::Ed448 => Some(456),
            KeyKind::Unknown => None,
        }
    }

    /// The OID of an EC key's curve; `None` for other keys and explicit parameters.
    pub(crate) fn curve(&self) -> Option<&'a [u8]> {
        if let KeyKind::Ec(curve) = self.kind { curve.oid } else { None }
    }

    /// The curve's usual name, or its dotted OID.
    pub fn curve_name(&self) -> Option<String> {
        let curve = self.curve()?;
        Some(curve::name(curve).map_or_else(|| oid::dotted(curve), str::to_owned))
    }
}

impl<'a> KeyKind<'a> {
    /// Whether key or parameters are in BER, where OpenSSL decodes them.
    fn may_be_ber(algorithm: &AlgorithmIdentifier<'_>, key: &[u8]) -> bool {
        let is_ber = |octets| der::may_be_ber(octets, |_| &[0xa0, 0xa1, 0xa2, 0xa3]);
        match algorithm.oid {
            RSA | RSA_X500 | RSASSA_PSS | DSA | DSA_OLD | DH | DHX => {
                is_ber(algorithm.parameters) || is_ber(key)
            }
            EC => is_ber(algorithm.parameters),
            _ => false,
        }
    }

    fn of(algorithm: &AlgorithmIdentifier<'a>, key: &'a [u8]) -> Option<Self> {
        Some(match algorithm.oid {
            RSA | RSA_X500 => Self::Rsa { modulus_bits: rsa_modulus_bits(key)? },
            RSASSA_PSS => {
                // RFC 4055 3.1: absent, or a SEQUENCE that OpenSSL decodes together with the key.
                let parameters = algorithm.parameters;
                if !matches!(parameters.first(), None | Some(&tag::SEQUENCE)) {
                    return None;
                }
                Self::RsaPss {
                    modulus_bits: rsa_modulus_bits(key)?,
                    is_readable: parameters.is_empty() || PssParameters::parse(parameters).is_some(),
                }
            }
            EC => {
                let curve = Curve::of(algorithm.parameters)?;
                if curve.oid == Some(curve::SM2) {
                    return Some(Self::Sm2);
                }
                // SEC 1 2.3.4: compressed, uncompressed or hybrid, or at infinity.
                let coordinate = match key {
                    INFINITY => return Some(Self::Ec(curve)),
                    [2 | 3, x @ ..] => x.len(),
                    [4 | 6 | 7, xy @ ..] if xy.len() % 2 == 0 => xy.len() / 2,
                    _ => return None,
                };
                if coordinate == 0 || curve.field_octets.is_some_and(|octets| octets != coordinate) {
                    return None;
                }
                Self::Ec(curve)
            }
            // RFC 8410 3: the parameters must be absent.
            [0x2b, 101, 110..=113] if !algorithm.parameters.is_empty() => return None,
            [0x2b, 101, 112] if key.len() == 32 => Self::Ed25519,
            [0x2b, 101, 113] if key.len() == 57 => Self::Ed448,
            [0x2b, 101, 110] if key.len() == 32 => Self::X25519,
            [0x2b, 101, 111] if key.len() == 56 => Self::X448,
            DSA | DSA_OLD => {
                let mut parameters = Reader::new(algorithm.parameters).nested(tag::SEQUENCE)?;
                let p_bits = der::bit_length(parameters.read(tag::INTEGER)?);
                let q_bits = der::bit_length(parameters.read(tag::INTEGER)?);
                Reader::new(key).read(tag::INTEGER)?;
                Self::Dsa { p_bits, q_bits }
            }
            DH | DHX => {
                let mut parameters = Reader::new(algorithm.parameters).nested(tag::SEQUENCE)?;
                let p_bits = der::bit_length(parameters.read(tag::INTEGER)?);
                Reader::new(key).read(tag::INTEGER)?;
                Self::Dh { p_bits }
            }
            _ => return None,
        })
    }
}

fn rsa_modulus_bits(key: &[u8]) -> Option<u32> {
    let mut reader = Reader::new(key).nested(tag::SEQUENCE)?;
    // Padding and sign are not looked at: OpenSSL reads both as natural numbers.
    let modulus = reader.read(tag::INTEGER)?;
    reader.read(tag::INTEGER)?;
    reader.end()?;
    Some(der::bit_length(modulus))
}

/// BN_security_bits: the strength of a prime-field group by its size.
fn discrete_logarithm_security_bits(bits: u32) -> u32 {
    match bits {
        15360.. => 256,
        7680.. => 192,
        3072.. => 128,
        2048.. => 112,
        1024.. => 80,
        _ => 0,
    }
}

/// OpenSSL's strength of an RSA modulus, in bits (SP 800-56B rev. 2 appendix D, rounded to a multiple
/// of eight): the sizes from which on each value holds, read off RSA_security_bits of OpenSSL 3.0.
/// Beyond 256, which the highest security level asks for, nothing changes any more.
const FACTORING_SECURITY_BITS: &[(u32, u32)] = &[
    (13914, 256),
    (12877, 248),
    (11893, 240),
    (10953, 232),
    (10064, 224),
    (9216, 216),
    (8418, 208),
    (7681, 200),
    (6947, 192),
    (6274, 184),
    (5642, 176),
    (5054, 168),
    (4502, 160),
    (3991, 152),
    (3514, 144),
    (3076, 136),
    (2671, 128),
    (2301, 120),
    (1963, 112),
    (1657, 104),
    (1383, 96),
    (1137, 88),
    (920, 80),
    (729, 72),
    (566, 64),
    (425, 56),
    (308, 48),
    (213, 40),
    (138, 32),
    (81, 24),
    (41, 16),
    (16, 8),
];

fn factoring_security_bits(bits: u32) -> u32 {
    FACTORING_SECURITY_BITS.iter().find(|(from, _)| bits >= *from).map_or(0, |(_, strength)| *strength)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moduli_are_as_strong_as_openssl_says() {
        for (bits, strength) in [
            (512, 56),
            (1024, 80),
            (1536, 96),
            (2047, 112),
            (2048, 112),
            (3072, 128),
            (4096, 152),
            (8192, 200),
        ] {
            assert_eq!(factoring_security_bits(bits), strength, "{bits}");
        }
        assert_eq!(factoring_security_bits(1962), 104);
        assert_eq!(factoring_security_bits(16384), 256);
        assert_eq!(factoring_security_bits(0), 0);
    }

    #[test]
    fn openssl_may_decode_what_proves_nothing() {
        let p256 = [
            0x30, 0x13, 6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7,
        ];
        let spki = |unused: u8, point: u8| {
            let mut written = vec![0x30, 0x19];
            written.extend(p256);
            written.extend([3, 2, unused, point]);
            written
        };
        for unused in [0, 1, 7] {
            let written = spki(unused, 0);
            let key = PublicKey::from_spki(&written).unwrap();
            assert!(key.is_at_infinity() && key.decodes() && !key.is_supported(), "{unused}");
        }
        // Bits that OpenSSL clears: what comes of it is not guessed here.
        assert!(PublicKey::from_spki(&spki(7, 1)).is_none());
        let written = spki(0, 1);
        assert!(!PublicKey::from_spki(&written).unwrap().decodes());
    }
}
