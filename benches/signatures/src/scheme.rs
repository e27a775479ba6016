//! The signature schemes under test and the names X.509 gives them.

use rustls_pki_types::{alg_id, AlgorithmIdentifier};

/// One way of signing. RSA keys of different sizes share a scheme because
/// every candidate selects the modulus size from the key, not from the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    RsaPkcs1Sha256,
    RsaPssSha256,
    EcdsaP256Sha256,
    EcdsaP384Sha384,
    EcdsaP521Sha512,
    Ed25519,
}

impl Scheme {
    /// The `algorithm` field of the `SubjectPublicKeyInfo` such keys come in.
    pub fn public_key_alg_id(self) -> AlgorithmIdentifier {
        match self {
            Self::RsaPkcs1Sha256 | Self::RsaPssSha256 => alg_id::RSA_ENCRYPTION,
            Self::EcdsaP256Sha256 => alg_id::ECDSA_P256,
            Self::EcdsaP384Sha384 => alg_id::ECDSA_P384,
            Self::EcdsaP521Sha512 => alg_id::ECDSA_P521,
            Self::Ed25519 => alg_id::ED25519,
        }
    }

    /// The `signatureAlgorithm` field of a certificate signed this way.
    pub fn signature_alg_id(self) -> AlgorithmIdentifier {
        match self {
            Self::RsaPkcs1Sha256 => alg_id::RSA_PKCS1_SHA256,
            Self::RsaPssSha256 => alg_id::RSA_PSS_SHA256,
            Self::EcdsaP256Sha256 => alg_id::ECDSA_SHA256,
            Self::EcdsaP384Sha384 => alg_id::ECDSA_SHA384,
            Self::EcdsaP521Sha512 => alg_id::ECDSA_SHA512,
            Self::Ed25519 => alg_id::ED25519,
        }
    }
}

/// Checks a signature (second argument) over a message (first argument) with a
/// key that was decoded beforehand.
pub type ParsedKey = Box<dyn Fn(&[u8], &[u8]) -> bool>;
