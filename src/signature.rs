//! Signatures: which can be checked, and how.
//!
//! Checks are done by aws-lc-rs (see docs/signatures.md for the measurement behind that).
//! The same table serves the native model, through [`KnownEdges::verify`], and webpki, through
//! [`ProvenEdges`], which answers webpki's questions from what the native model has just
//! checked over the very same octets.

mod digest;
mod earned;
mod edge;
mod key;
mod memo;
pub(crate) mod multibuffer;
mod on_curve;
mod proven;
mod pss;
mod scheme;
mod together;
pub(crate) mod trial;
#[cfg(test)]
mod vectors;

use std::sync::OnceLock;

use aws_lc_rs::digest as aws_digest;
use aws_lc_rs::signature::{self as aws, ParsedPublicKey, RsaPssSaltLength};
use pki_types::{AlgorithmIdentifier, alg_id};

use crate::der::{Reader, push_element, tag};

pub(crate) use digest::{Digest, sha1, sha256};
pub(crate) use edge::{Edge, EdgeId, Foretold};
pub(crate) use memo::{EdgeMemo, KnownEdges};
pub(crate) use on_curve::{has_curve, is_on_curve};
pub(crate) use proven::ProvenEdges;
pub(crate) use pss::PssParameters;
pub(crate) use scheme::{KeyType, Scheme};
pub(crate) use together::foretell;
#[cfg(test)]
pub(crate) use together::{liar, turncoat};

/// One pair of algorithm identifiers that can be checked, and how.
struct Verifiable {
    /// The contents of the signature's AlgorithmIdentifier.
    signature: AlgorithmIdentifier,
    /// The contents of the key's AlgorithmIdentifier.
    key: AlgorithmIdentifier,
    algorithm: &'static dyn aws::VerificationAlgorithm,
    /// The smallest RSA modulus the library checks this with; 0 for other keys.
    min_rsa_bits: u32,
    /// What the message is hashed with, if not with what the library does it, and what the library is told.
    shorter: Option<Shorter>,
}

/// A digest of fewer bits than the library's for a curve, and than its order. ECDSA is about the number that a digest
/// is (SEC 1 4.1.4): with zeros before it, it is the same number.
struct Shorter {
    digest: &'static aws_digest::Algorithm,
    shown_as: &'static aws_digest::Algorithm,
}

impl Shorter {
    fn of(&self, message: &[u8]) -> Option<aws_digest::Digest> {
        let own = aws_digest::digest(self.digest, message);
        let mut shown = vec![0; self.shown_as.output_len().checked_sub(own.as_ref().len())?];
        shown.extend_from_slice(own.as_ref());
        aws_digest::Digest::import_less_safe(&shown, self.shown_as).ok()
    }
}

/// The largest RSA modulus the library checks anything with.
const MAX_RSA_BITS: u32 = 8192;
/// The largest public exponent that the library raises anything to.
const MAX_EXPONENT_BITS: u32 = 33;
/// OpenSSL's own limits, beyond which a signature is bad: OPENSSL_RSA_MAX_MODULUS_BITS, and
/// OPENSSL_RSA_MAX_PUBEXP_BITS for moduli beyond OPENSSL_RSA_SMALL_MODULUS_BITS.
const OPENSSL_MAX_RSA_BITS: u32 = 16_384;
const OPENSSL_SMALL_RSA_BITS: u32 = 3_072;
const OPENSSL_MAX_EXPONENT_BITS: u32 = 64;

macro_rules! identifier {
    ($($octet:expr),* $(,)?) => {
        AlgorithmIdentifier::from_slice(&[$($octet),*])
    };
}

// AlgorithmIdentifiers beside those that pki_types names: absent parameters where RFC 4055 5 wants
// NULL, NULL where RFC 5758 3.2 wants none, and what only the lower security levels let through.
// OpenSSL takes all of these.
const SHA1_RSA: AlgorithmIdentifier = identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5, 5, 0);
const SHA256_RSA_ABSENT: AlgorithmIdentifier =
    identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11);
const SHA384_RSA_ABSENT: AlgorithmIdentifier =
    identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12);
const SHA512_RSA_ABSENT: AlgorithmIdentifier =
    identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13);
const RSA_ABSENT: AlgorithmIdentifier = identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1);
/// An id-RSASSA-PSS key without restrictions (RFC 4055 3.1).
const PSS_KEY: AlgorithmIdentifier = identifier!(6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10);
const ECDSA_SHA1: AlgorithmIdentifier = identifier!(6, 7, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1);
const ECDSA_SHA224: AlgorithmIdentifier = identifier!(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1);
const ECDSA_SHA224_NULL: AlgorithmIdentifier = identifier!(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1, 5, 0);
const ECDSA_SHA256_NULL: AlgorithmIdentifier = identifier!(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2, 5, 0);
const ECDSA_SHA384_NULL: AlgorithmIdentifier = identifier!(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3, 5, 0);
const ECDSA_SHA512_NULL: AlgorithmIdentifier = identifier!(6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4, 5, 0);

static RSA_SHA1: aws::RsaParameters = aws::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY;
static RSA_SHA256: aws::RsaParameters = aws::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY;
static RSA_SHA384: aws::RsaParameters = aws::RSA_PKCS1_2048_8192_SHA384;
static RSA_SHA512: aws::RsaParameters = aws::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY;
static PSS_SHA256: aws::RsaParameters = aws::RSA_PSS_2048_8192_SHA256;
static PSS_SHA384: aws::RsaParameters = aws::RSA_PSS_2048_8192_SHA384;
static PSS_SHA512: aws::RsaParameters = aws::RSA_PSS_2048_8192_SHA512;
static P256_SHA1: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P256_SHA1_ASN1;
static P256_SHA256: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P256_SHA256_ASN1;
static P256_SHA384: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P256_SHA384_ASN1;
static P256_SHA512: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P256_SHA512_ASN1;
static P384_SHA256: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P384_SHA256_ASN1;
static P384_SHA384: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P384_SHA384_ASN1;
static P384_SHA512: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P384_SHA512_ASN1;
static P521_SHA1: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P521_SHA1_ASN1;
static P521_SHA256: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P521_SHA256_ASN1;
static P521_SHA384: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P521_SHA384_ASN1;
static P521_SHA512: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P521_SHA512_ASN1;
static K256_SHA256: aws::EcdsaVerificationAlgorithm = aws::ECDSA_P256K1_SHA256_ASN1;
static ED25519: aws::EdDSAParameters = aws::ED25519;

macro_rules! verifiable {
    ($(($signature:expr, $key:expr, $algorithm:ident $(, $bits:literal)?)),* $(,)?) => {
        &[$(Verifiable {
            signature: $signature,
            key: $key,
            algorithm: &$algorithm,
            min_rsa_bits: 0 $(+ $bits)?,
            shorter: None,
        }),*]
    };
}

macro_rules! with_shorter_digest {
    ($(($signature:expr, $key:expr, $algorithm:ident, $digest:ident, $shown_as:ident)),* $(,)?) => {
        &[$(Verifiable {
            signature: $signature,
            key: $key,
            algorithm: &$algorithm,
            min_rsa_bits: 0,
            shorter: Some(Shorter { digest: &aws_digest::$digest, shown_as: &aws_digest::$shown_as }),
        }),*]
    };
}

/// Everything that can be checked. Which of it a path may use is the policy's business (security
/// level, `signature_algorithms`); most frequent first.
static VERIFIABLE: &[Verifiable] = verifiable![
    (alg_id::RSA_PKCS1_SHA256, alg_id::RSA_ENCRYPTION, RSA_SHA256, 1024),
    (alg_id::ECDSA_SHA384, alg_id::ECDSA_P384, P384_SHA384),
    (alg_id::ECDSA_SHA256, alg_id::ECDSA_P256, P256_SHA256),
    (alg_id::ECDSA_SHA256, alg_id::ECDSA_P384, P384_SHA256),
    (alg_id::ECDSA_SHA384, alg_id::ECDSA_P256, P256_SHA384),
    (alg_id::RSA_PKCS1_SHA384, alg_id::RSA_ENCRYPTION, RSA_SHA384, 2048),
    (alg_id::RSA_PKCS1_SHA512, alg_id::RSA_ENCRYPTION, RSA_SHA512, 1024),
    (alg_id::ED25519, alg_id::ED25519, ED25519),
    (alg_id::ECDSA_SHA512, alg_id::ECDSA_P256, P256_SHA512),
    (alg_id::ECDSA_SHA512, alg_id::ECDSA_P384, P384_SHA512),
    (alg_id::ECDSA_SHA256, alg_id::ECDSA_P521, P521_SHA256),
    (alg_id::ECDSA_SHA384, alg_id::ECDSA_P521, P521_SHA384),
    (alg_id::ECDSA_SHA512, alg_id::ECDSA_P521, P521_SHA512),
    (alg_id::RSA_PSS_SHA256, alg_id::RSA_ENCRYPTION, PSS_SHA256, 2048),
    (alg_id::RSA_PSS_SHA384, alg_id::RSA_ENCRYPTION, PSS_SHA384, 2048),
    (alg_id::RSA_PSS_SHA512, alg_id::RSA_ENCRYPTION, PSS_SHA512, 2048),
    (alg_id::RSA_PSS_SHA256, PSS_KEY, PSS_SHA256, 2048),
    (alg_id::RSA_PSS_SHA384, PSS_KEY, PSS_SHA384, 2048),
    (alg_id::RSA_PSS_SHA512, PSS_KEY, PSS_SHA512, 2048),
    (SHA256_RSA_ABSENT, alg_id::RSA_ENCRYPTION, RSA_SHA256, 1024),
    (SHA384_RSA_ABSENT, alg_id::RSA_ENCRYPTION, RSA_SHA384, 2048),
    (SHA512_RSA_ABSENT, alg_id::RSA_ENCRYPTION, RSA_SHA512, 1024),
    (alg_id::RSA_PKCS1_SHA256, RSA_ABSENT, RSA_SHA256, 1024),
    (SHA1_RSA, alg_id::RSA_ENCRYPTION, RSA_SHA1, 1024),
    (ECDSA_SHA256_NULL, alg_id::ECDSA_P256, P256_SHA256),
    (ECDSA_SHA384_NULL, alg_id::ECDSA_P384, P384_SHA384),
    (ECDSA_SHA256_NULL, alg_id::ECDSA_P384, P384_SHA256),
    (ECDSA_SHA512_NULL, alg_id::ECDSA_P521, P521_SHA512),
    (alg_id::ECDSA_SHA256, alg_id::ECDSA_P256K1, K256_SHA256),
    (ECDSA_SHA1, alg_id::ECDSA_P256, P256_SHA1),
    (ECDSA_SHA1, alg_id::ECDSA_P521, P521_SHA1),
];

/// What the library has no name for and can check all the same; seldom met.
static WITH_SHORTER_DIGEST: &[Verifiable] = with_shorter_digest![
    (ECDSA_SHA224, alg_id::ECDSA_P256, P256_SHA256, SHA224, SHA256),
    (ECDSA_SHA224, alg_id::ECDSA_P384, P384_SHA384, SHA224, SHA384),
    (ECDSA_SHA224, alg_id::ECDSA_P521, P521_SHA512, SHA224, SHA512),
    (ECDSA_SHA224, alg_id::ECDSA_P256K1, K256_SHA256, SHA224, SHA256),
    (ECDSA_SHA224_NULL, alg_id::ECDSA_P256, P256_SHA256, SHA224, SHA256),
    (ECDSA_SHA224_NULL, alg_id::ECDSA_P384, P384_SHA384, SHA224, SHA384),
    (ECDSA_SHA1, alg_id::ECDSA_P384, P384_SHA384, SHA1_FOR_LEGACY_USE_ONLY, SHA384),
    (ECDSA_SHA1, alg_id::ECDSA_P256K1, K256_SHA256, SHA1_FOR_LEGACY_USE_ONLY, SHA256),
];

/// RSASSA-PSS with other salts than the digest's length, which `ssl` takes as they come.
///
/// webpki wants algorithm identifiers that live for ever, so all that make sense are made once, when
/// the first such certificate comes: three digests, salts up to what the largest modulus holds.
fn pss_by_salt() -> &'static [PssBySalt] {
    static MADE: OnceLock<Vec<PssBySalt>> = OnceLock::new();
    made_once(&MADE, make_pss_by_salt)
}

/// What the cell holds, made if need be: by two threads at once rather than under a lock, in which a child
/// forked meanwhile would wait for a thread that it has not got.
fn made_once<T>(cell: &'static OnceLock<Vec<T>>, make: fn() -> Vec<T>) -> &'static [T] {
    if cell.get().is_none() {
        let _ = cell.set(make());
    }
    cell.get().map_or(&[], Vec::as_slice)
}

fn make_pss_by_salt() -> Vec<PssBySalt> {
    let with_salt = |hash: u8, salt| {
        let parameters = match hash {
            1 => aws::RSA_PSS_2048_8192_SHA256,
            2 => aws::RSA_PSS_2048_8192_SHA384,
            _ => aws::RSA_PSS_2048_8192_SHA512,
        };
        parameters.with_pss_salt_length(RsaPssSaltLength::Custom(salt))
    };
    let mut all = Vec::new();
    for hash in [1, 2, 3] {
        for salt in 0..=MAX_SALT {
            all.push(PssBySalt {
                identifier: pss_identifier(hash, Some(salt)),
                parameters: with_salt(hash, salt),
            });
        }
        // The default salt of 20 octets, left out as DER wants it.
        all.push(PssBySalt { identifier: pss_identifier(hash, None), parameters: with_salt(hash, 20) });
    }
    all
}

struct PssBySalt {
    identifier: Vec<u8>,
    parameters: aws::RsaParameters,
}

/// 8192 bits less the shortest digest and two octets (RFC 8017 9.1.1).
const MAX_SALT: u16 = 990;

fn pss_verifiable() -> &'static [Verifiable] {
    static MADE: OnceLock<Vec<Verifiable>> = OnceLock::new();
    made_once(&MADE, make_pss_verifiable)
}

fn make_pss_verifiable() -> Vec<Verifiable> {
    let keys = [alg_id::RSA_ENCRYPTION, PSS_KEY];
    let rows = pss_by_salt().iter().flat_map(|row| keys.map(|key| (row, key)));
    rows.map(|(row, key)| Verifiable {
        signature: AlgorithmIdentifier::from_slice(&row.identifier),
        key,
        algorithm: &row.parameters,
        min_rsa_bits: 2048,
        shorter: None,
    })
    .collect()
}

/// The contents of an AlgorithmIdentifier: id-RSASSA-PSS with a hash of the SHA-2 family by its last
/// arc, MGF1 over the same, and this salt.
fn pss_identifier(hash: u8, salt: Option<u16>) -> Vec<u8> {
    let hash = [0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, hash, 5, 0];
    let mut mgf1 = vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
    mgf1.extend(hash);
    let mut mgf1_identifier = Vec::new();
    push_element(&mut mgf1_identifier, tag::SEQUENCE, &mgf1);
    let mut parameters = Vec::new();
    push_element(&mut parameters, tag::constructed(0), &hash);
    push_element(&mut parameters, tag::constructed(1), &mgf1_identifier);
    if let Some(salt) = salt {
        let octets = salt.to_be_bytes();
        let significant = match octets {
            [0, low @ 0..0x80] => vec![low],
            [0, low] => vec![0, low],
            [high, low] => vec![high, low],
        };
        let mut integer = Vec::new();
        push_element(&mut integer, tag::INTEGER, &significant);
        push_element(&mut parameters, tag::constructed(2), &integer);
    }
    let mut identifier = vec![6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    push_element(&mut identifier, tag::SEQUENCE, &parameters);
    identifier
}

/// What came of checking one signature.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    Valid,
    Invalid,
    /// The library cannot check this algorithm with this key.
    Unsupported,
}

/// A signed object and the key that is said to have signed it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Signed<'a> {
    /// Contents of the signature's AlgorithmIdentifier.
    pub(crate) algorithm: &'a [u8],
    pub(crate) message: &'a [u8],
    pub(crate) signature: &'a [u8],
    /// Contents of the key's AlgorithmIdentifier.
    pub(crate) key_algorithm: &'a [u8],
    pub(crate) key: &'a [u8],
    /// The size of an RSA key.
    pub(crate) rsa_bits: Option<u32>,
}

impl Signed<'_> {
    /// What kind of signature it is, for people.
    fn kind(&self) -> &'static str {
        match self.key_algorithm {
            key if key == alg_id::RSA_ENCRYPTION.as_ref() => "RSA",
            key if key == alg_id::ECDSA_P256.as_ref() => "ECDSA with P-256",
            key if key == alg_id::ECDSA_P384.as_ref() => "ECDSA with P-384",
            _ => "another",
        }
    }
}

fn verifiable(signature: &[u8], key: &[u8]) -> Option<&'static Verifiable> {
    let fits = |row: &&Verifiable| row.signature.as_ref() == signature && row.key.as_ref() == key;
    let usual = VERIFIABLE.iter().chain(WITH_SHORTER_DIGEST).find(fits);
    if usual.is_none() && signature.starts_with(PSS_KEY.as_ref()) {
        return pss_verifiable().iter().find(fits);
    }
    usual
}

/// The size of an RSAPublicKey's exponent (RFC 8017 A.1.1).
fn exponent_bits(key: &[u8]) -> Option<u32> {
    let mut key = Reader::new(key).nested(tag::SEQUENCE)?;
    key.read(tag::INTEGER)?;
    let exponent = key.read(tag::INTEGER)?;
    let zeros = exponent.iter().take_while(|&&octet| octet == 0).count();
    let significant = exponent.get(zeros..)?;
    let bits = significant.len().checked_mul(8)?.checked_sub(significant.first()?.leading_zeros() as usize)?;
    u32::try_from(bits).ok()
}

/// How a signature is checked, or what comes of it without.
fn checkable(signed: &Signed<'_>) -> Result<&'static Verifiable, Outcome> {
    let row = verifiable(signed.algorithm, signed.key_algorithm).ok_or(Outcome::Unsupported)?;
    if let Some(bits) = signed.rsa_bits {
        let exponent = exponent_bits(signed.key).unwrap_or(0);
        // What OpenSSL does not compute either (rsa_ossl_public_decrypt).
        if bits > OPENSSL_MAX_RSA_BITS
            || (bits > OPENSSL_SMALL_RSA_BITS && exponent > OPENSSL_MAX_EXPONENT_BITS)
        {
            return Err(Outcome::Invalid);
        }
        if !(row.min_rsa_bits..=MAX_RSA_BITS).contains(&bits) || exponent > MAX_EXPONENT_BITS {
            return Err(Outcome::Unsupported);
        }
    }
    Ok(row)
}

/// Checks one signature with its key decoded.
fn check(row: &Verifiable, key: &ParsedPublicKey, signed: &Signed<'_>) -> Outcome {
    let answer = match &row.shorter {
        None => key.verify_sig(signed.message, signed.signature),
        Some(shorter) => match shorter.of(signed.message) {
            Some(digest) => key.verify_digest_sig(&digest, signed.signature),
            None => return Outcome::Unsupported,
        },
    };
    match answer {
        Ok(()) => Outcome::Valid,
        Err(_) => Outcome::Invalid,
    }
}

/// Checks one signature, as [`KnownEdges::verify`] does when it remembers nothing.
#[cfg(test)]
pub(crate) fn verify(signed: &Signed<'_>) -> Outcome {
    let checked =
        checkable(signed).and_then(|row| Ok(check(row, &key::DecodedKey::new(row, signed)?.parsed, signed)));
    checked.unwrap_or_else(|outcome| outcome)
}

/// How a key of this AlgorithmIdentifier signs with SHA-256 where logs sign (RFC 6962 2.1.4): the contents of the
/// signature's AlgorithmIdentifier; `None` for keys that no log may have.
pub(crate) fn with_sha256(key_algorithm: &[u8]) -> Option<&'static [u8]> {
    static RSA: AlgorithmIdentifier = alg_id::RSA_PKCS1_SHA256;
    static ECDSA: AlgorithmIdentifier = alg_id::ECDSA_SHA256;
    match key_algorithm {
        key if key == alg_id::RSA_ENCRYPTION.as_ref() => Some(RSA.as_ref()),
        key if key == alg_id::ECDSA_P256.as_ref() => Some(ECDSA.as_ref()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_library_lacks_is_unsupported_not_invalid() {
        let ed448 = Signed {
            algorithm: alg_id::ED448.as_ref(),
            message: b"",
            signature: b"",
            key_algorithm: alg_id::ED448.as_ref(),
            key: b"",
            rsa_bits: None,
        };
        assert_eq!(verify(&ed448), Outcome::Unsupported);
    }

    #[test]
    fn any_salt_of_pss_can_be_checked() {
        assert_eq!(pss_identifier(1, Some(32)), alg_id::RSA_PSS_SHA256.as_ref());
        assert_eq!(pss_identifier(3, Some(64)), alg_id::RSA_PSS_SHA512.as_ref());
        for salt in [Some(0), Some(20), Some(222), Some(990), None] {
            assert!(verifiable(&pss_identifier(1, salt), alg_id::RSA_ENCRYPTION.as_ref()).is_some());
        }
        assert!(verifiable(&pss_identifier(1, Some(991)), alg_id::RSA_ENCRYPTION.as_ref()).is_none());
    }

    #[test]
    fn pss_parameters_name_their_digest() {
        let scheme = Scheme::by_name("rsassaPss").unwrap();
        let identifier = pss_identifier(2, Some(20));
        assert_eq!(scheme.digest(identifier.get(11..).unwrap()), Digest::Sha384);
        assert_eq!(scheme.digest(&[0x30, 0]), Digest::Sha1);
        assert_eq!(scheme.digest(&[]), Digest::None);
    }
}
