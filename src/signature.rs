//! Signature algorithms: what they are called, how strong they are, how they are checked,
//! and the memory of edges whose signature has been checked before.
//!
//! Checks are done by aws-lc-rs (see docs/signatures.md for the measurement behind that).
//! The same table serves the native model, through [`EdgeMemo::verify`], and webpki, through
//! [`ProvenEdges`], which answers webpki's questions from what the native model has just
//! checked over the very same octets.

mod memo;
mod pss;
#[cfg(test)]
mod vectors;

use std::fmt;
use std::sync::OnceLock;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{self as aws, ParsedPublicKey, RsaPssSaltLength};
use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm, alg_id};

use crate::der::{Reader, push_element, tag};

pub(crate) use memo::{EdgeId, EdgeMemo};
pub(crate) use pss::PssParameters;

/// What a signature algorithm hashes with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Digest {
    Md2,
    Md4,
    Md5,
    Sha1,
    Ripemd160,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
    Sha3_224,
    Sha3_256,
    Sha3_384,
    Sha3_512,
    Sm3,
    /// The algorithm fixes it (Ed25519) or it cannot be told.
    None,
}

/// The kind of key a signature algorithm is made with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum KeyType {
    Rsa,
    RsaPss,
    Dsa,
    Ec,
    Ed25519,
    Ed448,
    Sm2,
}

/// A signature algorithm that OpenSSL 3.0 can name, whether or not it can be checked here.
#[derive(Debug)]
pub(crate) struct Scheme {
    oid: &'static [u8],
    /// OpenSSL's long name.
    pub(crate) name: &'static str,
    pub(crate) digest: Digest,
    pub(crate) key: KeyType,
}

macro_rules! schemes {
    ($(($name:literal, $digest:ident, $key:ident, $oid:expr)),* $(,)?) => {
        &[$(Scheme { oid: &$oid, name: $name, digest: Digest::$digest, key: KeyType::$key }),*]
    };
}

/// Most frequent first; the search is linear.
static SCHEMES: &[Scheme] = schemes![
    ("sha256WithRSAEncryption", Sha256, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]),
    ("ecdsa-with-SHA256", Sha256, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2]),
    ("ecdsa-with-SHA384", Sha384, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 3]),
    ("sha384WithRSAEncryption", Sha384, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 12]),
    ("sha1WithRSAEncryption", Sha1, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 5]),
    ("sha512WithRSAEncryption", Sha512, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 13]),
    ("ecdsa-with-SHA512", Sha512, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 4]),
    ("ED25519", None, Ed25519, [0x2b, 101, 112]),
    ("rsassaPss", None, RsaPss, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10]),
    ("ED448", None, Ed448, [0x2b, 101, 113]),
    ("md5WithRSAEncryption", Md5, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 4]),
    ("md4WithRSAEncryption", Md4, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3]),
    ("md2WithRSAEncryption", Md2, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 2]),
    ("sha224WithRSAEncryption", Sha224, Rsa, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 14]),
    ("sha1WithRSA", Sha1, Rsa, [0x2b, 14, 3, 2, 29]),
    ("md5WithRSA", Md5, Rsa, [0x2b, 14, 3, 2, 3]),
    ("ripemd160WithRSA", Ripemd160, Rsa, [0x2b, 36, 3, 3, 1, 2]),
    ("RSA-SHA3-224", Sha3_224, Rsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 13]),
    ("RSA-SHA3-256", Sha3_256, Rsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 14]),
    ("RSA-SHA3-384", Sha3_384, Rsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 15]),
    ("RSA-SHA3-512", Sha3_512, Rsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 16]),
    ("ecdsa-with-SHA1", Sha1, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1]),
    ("ecdsa-with-Recommended", None, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 2]),
    ("ecdsa-with-Specified", None, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3]),
    ("ecdsa-with-SHA224", Sha224, Ec, [0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 1]),
    ("dsaWithSHA1", Sha1, Dsa, [0x2a, 0x86, 0x48, 0xce, 0x38, 4, 3]),
    ("dsaWithSHA1-old", Sha1, Dsa, [0x2b, 14, 3, 2, 27]),
    ("dsa_with_SHA224", Sha224, Dsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 1]),
    ("dsa_with_SHA256", Sha256, Dsa, [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 2]),
    ("SM2-with-SM3", Sm3, Sm2, [0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x75]),
];

impl Scheme {
    /// The scheme of an algorithm OID; `None` if OpenSSL 3.0 does not know it either.
    pub(crate) fn find(oid: &[u8]) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.oid == oid)
    }

    /// The scheme of an OpenSSL name, as `Policy`'s `signature_algorithms` takes it.
    pub(crate) fn by_name(name: &str) -> Option<&'static Self> {
        SCHEMES.iter().find(|scheme| scheme.name == name)
    }

    /// The names of all known schemes.
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        SCHEMES.iter().map(|scheme| scheme.name)
    }

    /// The digest, taken from the parameters in the case of RSASSA-PSS (RFC 4055 3.1).
    pub(crate) fn digest(&self, parameters: &[u8]) -> Digest {
        if self.key == KeyType::RsaPss { pss_digest(parameters) } else { self.digest }
    }

    /// OpenSSL's estimate of the signature's strength, in bits; `None` where it has none, which
    /// every security level above 0 refuses.
    ///
    /// Half the digest, but 2^63 for SHA-1 and 2^39 for MD5 after the published collisions.
    pub(crate) fn security_bits(&self, parameters: &[u8]) -> Option<u32> {
        match (self.key, self.digest(parameters)) {
            (KeyType::Ed25519, _) => Some(128),
            (KeyType::Ed448, _) => Some(224),
            (KeyType::RsaPss, Digest::Sha1) => Some(64),
            (_, Digest::Md5) => Some(39),
            (_, Digest::Sha1) => Some(63),
            (_, Digest::Md4) => Some(64),
            (_, Digest::Ripemd160) => Some(80),
            (_, Digest::Sha224 | Digest::Sha3_224) => Some(112),
            (_, Digest::Sha256 | Digest::Sha3_256 | Digest::Sm3) => Some(128),
            (_, Digest::Sha384 | Digest::Sha3_384) => Some(192),
            (_, Digest::Sha512 | Digest::Sha3_512) => Some(256),
            // MD2 is in no build of OpenSSL 3.0.
            (_, Digest::Md2 | Digest::None) => None,
        }
    }
}

/// The hash of RSASSA-PSS-params (RFC 4055 3.1), if OpenSSL takes them for a signature's.
fn pss_digest(parameters: &[u8]) -> Digest {
    PssParameters::parse(parameters)
        .filter(|params| params.is_sound)
        .map_or(Digest::None, |params| params.hash)
}

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
    digest: &'static digest::Algorithm,
    shown_as: &'static digest::Algorithm,
}

impl Shorter {
    fn of(&self, message: &[u8]) -> Option<digest::Digest> {
        let own = digest::digest(self.digest, message);
        let mut shown = vec![0; self.shown_as.output_len().checked_sub(own.as_ref().len())?];
        shown.extend_from_slice(own.as_ref());
        digest::Digest::import_less_safe(&shown, self.shown_as).ok()
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
            shorter: Some(Shorter { digest: &digest::$digest, shown_as: &digest::$shown_as }),
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

/// Decodes the key of a signature for the way in which it is checked.
fn decode(row: &'static Verifiable, signed: &Signed<'_>) -> Result<ParsedPublicKey, Outcome> {
    ParsedPublicKey::new(row.algorithm, signed.key).map_err(|_| Outcome::Invalid)
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

/// Checks one signature, as [`EdgeMemo::verify`] does when it remembers nothing.
#[cfg(test)]
pub(crate) fn verify(signed: &Signed<'_>) -> Outcome {
    let checked = checkable(signed).and_then(|row| Ok(check(row, &decode(row, signed)?, signed)));
    checked.unwrap_or_else(|outcome| outcome)
}

/// Whether a SEC 1 point lies on the curve of this key AlgorithmIdentifier; `None` if the library
/// does not know the curve.
pub(crate) fn is_on_curve(key_algorithm: &[u8], point: &[u8]) -> Option<bool> {
    Some(ParsedPublicKey::new(curve(key_algorithm)?, point).is_ok())
}

/// Whether the library knows the curve of this key AlgorithmIdentifier.
pub(crate) fn has_curve(key_algorithm: &[u8]) -> bool {
    curve(key_algorithm).is_some()
}

/// Some way of checking signatures with keys on this curve.
fn curve(key_algorithm: &[u8]) -> Option<&'static dyn aws::VerificationAlgorithm> {
    Some(match key_algorithm {
        id if id == alg_id::ECDSA_P256.as_ref() => &P256_SHA256,
        id if id == alg_id::ECDSA_P384.as_ref() => &P384_SHA384,
        id if id == alg_id::ECDSA_P521.as_ref() => &P521_SHA512,
        id if id == alg_id::ECDSA_P256K1.as_ref() => &K256_SHA256,
        _ => return None,
    })
}

/// SHA-256, 32 octets.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(digest::digest(&digest::SHA256, data).as_ref()) {
        *to = *from;
    }
    out
}

/// SHA-1, 20 octets: for names in old archives, never for trust.
pub(crate) fn sha1(data: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    let hash = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, data);
    for (to, from) in out.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    out
}

/// The edges of one path that the native model has found valid, as algorithms for webpki.
///
/// webpki asks for a signature check with octets it has cut out of the certificates itself. The
/// answer is yes only if key, message and signature are octet for octet those of an edge checked
/// by [`EdgeMemo::verify`], under the same pair of algorithm identifiers; so nothing is taken on trust, and
/// nothing is computed twice.
pub(crate) struct ProvenEdges<'a> {
    edges: &'a [Signed<'a>],
}

impl<'a> ProvenEdges<'a> {
    pub(crate) fn new(edges: &'a [Signed<'a>]) -> Self {
        Self { edges }
    }

    /// One algorithm for each pair of identifiers that occurs among the edges.
    pub(crate) fn algorithms(&self) -> Vec<ProvenAlgorithm<'_>> {
        let mut algorithms: Vec<ProvenAlgorithm<'_>> = Vec::with_capacity(self.edges.len());
        for edge in self.edges {
            if let Some(row) = verifiable(edge.algorithm, edge.key_algorithm)
                && !algorithms.iter().any(|known| std::ptr::eq(known.row, row))
            {
                algorithms.push(ProvenAlgorithm { row, edges: self.edges });
            }
        }
        algorithms
    }
}

/// A signature algorithm that only knows the edges proven before.
pub(crate) struct ProvenAlgorithm<'a> {
    row: &'static Verifiable,
    edges: &'a [Signed<'a>],
}

impl fmt::Debug for ProvenAlgorithm<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProvenAlgorithm").field("edges", &self.edges.len()).finish_non_exhaustive()
    }
}

impl SignatureVerificationAlgorithm for ProvenAlgorithm<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let proven = self.edges.iter().any(|edge| {
            edge.signature == signature
                && edge.key == public_key
                && edge.message == message
                && edge.algorithm == self.row.signature.as_ref()
                && edge.key_algorithm == self.row.key.as_ref()
        });
        if proven { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.row.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.row.signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proven_edge_answers_for_its_own_octets_only() {
        let edge = Signed {
            algorithm: alg_id::ED25519.as_ref(),
            message: b"message",
            signature: b"signature",
            key_algorithm: alg_id::ED25519.as_ref(),
            key: b"key",
            rsa_bits: None,
        };
        let edges = [edge];
        let edges = ProvenEdges::new(&edges);
        let algorithms = edges.algorithms();
        let [algorithm] = algorithms.as_slice() else { panic!("one pair, one algorithm") };
        assert!(algorithm.verify_signature(b"key", b"message", b"signature").is_ok());
        assert!(algorithm.verify_signature(b"other", b"message", b"signature").is_err());
        assert!(algorithm.verify_signature(b"key", b"other", b"signature").is_err());
        assert!(algorithm.verify_signature(b"key", b"message", b"other").is_err());
    }

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
    fn strength_follows_the_digest_and_the_published_attacks() {
        let bits = |name| Scheme::by_name(name).unwrap().security_bits(&[]);
        assert_eq!(bits("sha256WithRSAEncryption"), Some(128));
        assert_eq!(bits("sha1WithRSAEncryption"), Some(63));
        assert_eq!(bits("md5WithRSAEncryption"), Some(39));
        assert_eq!(bits("ED25519"), Some(128));
        assert_eq!(bits("ecdsa-with-Specified"), None);
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
