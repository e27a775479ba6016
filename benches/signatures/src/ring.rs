//! ring as a candidate. It has no P-521 and no key that is decoded once and
//! used many times.

use ring::digest;
use ring::signature::{
    UnparsedPublicKey, VerificationAlgorithm, ECDSA_P256_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ED25519,
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
};
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use crate::scheme::Scheme;

#[derive(Debug)]
struct Ring {
    scheme: Scheme,
    native: &'static dyn VerificationAlgorithm,
}

impl SignatureVerificationAlgorithm for Ring {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        UnparsedPublicKey::new(self.native, public_key)
            .verify(message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.scheme.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.scheme.signature_alg_id()
    }
}

pub fn algorithm(scheme: Scheme) -> Option<Box<dyn SignatureVerificationAlgorithm>> {
    let native: &'static dyn VerificationAlgorithm = match scheme {
        Scheme::RsaPkcs1Sha256 => &RSA_PKCS1_2048_8192_SHA256,
        Scheme::RsaPssSha256 => &RSA_PSS_2048_8192_SHA256,
        Scheme::EcdsaP256Sha256 => &ECDSA_P256_SHA256_ASN1,
        Scheme::EcdsaP384Sha384 => &ECDSA_P384_SHA384_ASN1,
        Scheme::EcdsaP521Sha512 => return None,
        Scheme::Ed25519 => &ED25519,
    };
    Some(Box::new(Ring { scheme, native }))
}

pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    out
}
