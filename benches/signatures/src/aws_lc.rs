//! aws-lc-rs as a candidate.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    ParsedPublicKey, VerificationAlgorithm, ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use crate::scheme::{ParsedKey, Scheme};

#[derive(Debug)]
struct AwsLc(Scheme);

/// The library's name for a scheme. It hands its algorithms out as constants,
/// which the compiler promotes to statics here.
fn native(scheme: Scheme) -> &'static dyn VerificationAlgorithm {
    match scheme {
        Scheme::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Scheme::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        Scheme::EcdsaP256Sha256 => &ECDSA_P256_SHA256_ASN1,
        Scheme::EcdsaP384Sha384 => &ECDSA_P384_SHA384_ASN1,
        Scheme::EcdsaP521Sha512 => &ECDSA_P521_SHA512_ASN1,
        Scheme::Ed25519 => &ED25519,
    }
}

impl SignatureVerificationAlgorithm for AwsLc {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        native(self.0)
            .verify_sig(public_key, message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

pub fn algorithm(scheme: Scheme) -> Option<Box<dyn SignatureVerificationAlgorithm>> {
    Some(Box::new(AwsLc(scheme)))
}

/// Decodes a key ahead of time, as a verifier could do for its trust anchors.
pub fn parse(scheme: Scheme, public_key: &[u8]) -> Option<ParsedKey> {
    let key = ParsedPublicKey::new(native(scheme), public_key).ok()?;
    Some(Box::new(move |message, signature| {
        key.verify_sig(message, signature).is_ok()
    }))
}

pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    out
}
