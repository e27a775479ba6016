//! Keys decoded: as aws-lc-rs has them, and as those have them who check eight signatures at once.

use aws_lc_rs::digest as aws_digest;
use aws_lc_rs::signature::ParsedPublicKey;
use certpath_multibuffer::RsaSize;
use pki_types::{AlgorithmIdentifier, alg_id};

use super::earned::Earned;
use super::{Outcome, Signed, Verifiable};
use crate::der::{Reader, tag};

/// A key, decoded for one way of checking signatures.
pub(super) struct DecodedKey {
    pub(super) parsed: ParsedPublicKey,
    /// How eight signatures of this kind may be checked at once.
    pub(super) lane: Option<LaneKey>,
}

/// What a lane needs to know of a key. aws-lc-rs has decoded it: a point is on its curve, a modulus not even.
pub(super) struct LaneKey {
    pub(super) hash: Hash,
    pub(super) number: KeyNumber,
}

pub(super) enum KeyNumber {
    Rsa { size: RsaSize, modulus: Box<[u64]> },
    P256 { x: [u64; 4], y: [u64; 4], multiples: Earned<5> },
    P384 { x: [u64; 6], y: [u64; 6], multiples: Earned<8> },
}

/// The digests of the signatures that lanes check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of(self, message: &[u8]) -> aws_digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &aws_digest::SHA256,
            Self::Sha384 => &aws_digest::SHA384,
            Self::Sha512 => &aws_digest::SHA512,
        };
        aws_digest::digest(algorithm, message)
    }

    /// What stands before the digest in a DigestInfo (RFC 8017 9.2, note 1).
    pub(super) const fn digest_info(self) -> &'static [u8; 19] {
        // The digest's last arc and its length in octets, in a frame that is the same for all three.
        const fn frame(arc: u8, octets: u8) -> [u8; 19] {
            [0x30, 17 + octets, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, arc, 5, 0, 4, octets]
        }
        const SHA256: [u8; 19] = frame(1, 32);
        const SHA384: [u8; 19] = frame(2, 48);
        const SHA512: [u8; 19] = frame(3, 64);
        match self {
            Self::Sha256 => &SHA256,
            Self::Sha384 => &SHA384,
            Self::Sha512 => &SHA512,
        }
    }
}

/// What lanes check: everything else is checked by aws-lc-rs alone.
const RSA: [(AlgorithmIdentifier, Hash); 3] = [
    (alg_id::RSA_PKCS1_SHA256, Hash::Sha256),
    (alg_id::RSA_PKCS1_SHA384, Hash::Sha384),
    (alg_id::RSA_PKCS1_SHA512, Hash::Sha512),
];
const ECDSA: [(AlgorithmIdentifier, Hash); 3] = [
    (alg_id::ECDSA_SHA256, Hash::Sha256),
    (alg_id::ECDSA_SHA384, Hash::Sha384),
    (alg_id::ECDSA_SHA512, Hash::Sha512),
];

impl DecodedKey {
    /// Decodes the key of a signature for the way in which it is checked.
    pub(super) fn new(row: &'static Verifiable, signed: &Signed<'_>) -> Result<Self, Outcome> {
        let parsed = ParsedPublicKey::new(row.algorithm, signed.key).map_err(|_| Outcome::Invalid)?;
        Ok(Self { parsed, lane: LaneKey::of(row, signed.key) })
    }
}

impl LaneKey {
    fn of(row: &Verifiable, key: &[u8]) -> Option<Self> {
        let hash = |known: [(AlgorithmIdentifier, Hash); 3]| {
            known.into_iter().find(|(identifier, _)| *identifier == row.signature).map(|(_, hash)| hash)
        };
        Some(if row.key == alg_id::RSA_ENCRYPTION {
            let (size, modulus) = modulus(key)?;
            Self { hash: hash(RSA)?, number: KeyNumber::Rsa { size, modulus } }
        } else if row.key == alg_id::ECDSA_P256 {
            let (x, y) = coordinates(key)?;
            Self { hash: hash(ECDSA)?, number: KeyNumber::P256 { x, y, multiples: Earned::default() } }
        } else if row.key == alg_id::ECDSA_P384 {
            let (x, y) = coordinates(key)?;
            Self { hash: hash(ECDSA)?, number: KeyNumber::P384 { x, y, multiples: Earned::default() } }
        } else {
            return None;
        })
    }
}

/// The modulus of an RSAPublicKey (RFC 8017 A.1.1), if it is of one of the sizes that lanes know, odd, and the exponent
/// 65537; both in their one encoding.
fn modulus(key: &[u8]) -> Option<(RsaSize, Box<[u64]>)> {
    let mut outer = Reader::new(key);
    let mut fields = outer.nested(tag::SEQUENCE)?;
    outer.end()?;
    let [0, modulus @ ..] = fields.read(tag::INTEGER)? else { return None };
    let exponent = fields.read(tag::INTEGER)?;
    fields.end()?;
    let size = RsaSize::of_octets(modulus.len())?;
    let is_fit = exponent == [1, 0, 1] && *modulus.first()? >= 0x80 && *modulus.last()? % 2 == 1;
    is_fit.then(|| (size, words(modulus).collect()))
}

/// The coordinates of an uncompressed point (SEC 1 2.3.3).
fn coordinates<const WORDS: usize>(point: &[u8]) -> Option<([u64; WORDS], [u64; WORDS])> {
    let [4, rest @ ..] = point else { return None };
    let (x, y) = rest.split_at_checked(8 * WORDS)?;
    let number = |octets| words(octets).collect::<Vec<_>>().try_into().ok();
    (y.len() == 8 * WORDS).then_some(())?;
    Some((number(x)?, number(y)?))
}

/// A number as words of 64 bits, the lowest first, from octets of which the first is the highest.
fn words(octets: &[u8]) -> impl Iterator<Item = u64> {
    octets.rchunks(8).map(|word| word.iter().fold(0, |value, &octet| value << 8 | u64::from(octet)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::push_element;

    fn key(modulus: &[u8], exponent: &[u8]) -> Vec<u8> {
        let mut fields = Vec::new();
        push_element(&mut fields, tag::INTEGER, modulus);
        push_element(&mut fields, tag::INTEGER, exponent);
        let mut key = Vec::new();
        push_element(&mut key, tag::SEQUENCE, &fields);
        key
    }

    /// aws-lc-rs decodes no even modulus either; lanes reckon modulo odd numbers only.
    #[test]
    fn lanes_are_asked_about_odd_moduli_of_their_sizes_only() {
        for size in RsaSize::ALL {
            let mut odd = vec![0xff; size.octets() + 1];
            odd[0] = 0;
            let (found, words) = modulus(&key(&odd, &[1, 0, 1])).unwrap();
            assert_eq!((found, words.len()), (size, size.octets() / 8));
            let mut even = odd.clone();
            even[size.octets()] = 0xfe;
            let mut low = odd.clone();
            low[1] = 0x7f;
            for other in [&even[..], &low, &odd[1..], &odd[..size.octets()]] {
                assert!(modulus(&key(other, &[1, 0, 1])).is_none());
            }
            assert!(modulus(&key(&odd, &[3])).is_none());
        }
    }

    #[test]
    fn words_are_the_number_from_its_low_end() {
        assert_eq!(words(&[1, 0, 0, 0, 0, 0, 0, 0, 2]).collect::<Vec<_>>(), [2, 1]);
    }
}
