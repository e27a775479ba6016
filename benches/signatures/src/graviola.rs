//! graviola as a candidate. It has no P-521.

use graviola::hashing::{sha2, Sha256, Sha384};
use graviola::signing::ecdsa::{self, P256, P384};
use graviola::signing::eddsa::Ed25519VerifyingKey;
use graviola::signing::rsa;
use graviola::Error;
use rustls_pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use crate::scheme::{ParsedKey, Scheme};

#[derive(Debug)]
struct Graviola(Scheme);

/// The library has a key type per algorithm and no type that covers them all.
/// Naming each here, instead of going through `parse`, keeps the key on the
/// stack: a verifier that uses a key once would not move it to the heap either.
fn check(scheme: Scheme, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Error> {
    match scheme {
        Scheme::RsaPkcs1Sha256 => {
            rsa::VerifyingKey::from_pkcs1_der(public_key)?.verify_pkcs1_sha256(signature, message)
        }
        Scheme::RsaPssSha256 => {
            rsa::VerifyingKey::from_pkcs1_der(public_key)?.verify_pss_sha256(signature, message)
        }
        Scheme::EcdsaP256Sha256 => ecdsa::VerifyingKey::<P256>::from_x962_uncompressed(public_key)?
            .verify_asn1::<Sha256>(&[message], signature),
        Scheme::EcdsaP384Sha384 => ecdsa::VerifyingKey::<P384>::from_x962_uncompressed(public_key)?
            .verify_asn1::<Sha384>(&[message], signature),
        Scheme::EcdsaP521Sha512 => Err(Error::BadSignature),
        Scheme::Ed25519 => Ed25519VerifyingKey::from_bytes(public_key)?.verify(signature, message),
    }
}

impl SignatureVerificationAlgorithm for Graviola {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        check(self.0, public_key, message, signature).map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.0.public_key_alg_id()
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.0.signature_alg_id()
    }
}

pub fn algorithm(scheme: Scheme) -> Option<Box<dyn SignatureVerificationAlgorithm>> {
    match scheme {
        Scheme::EcdsaP521Sha512 => None,
        _ => Some(Box::new(Graviola(scheme))),
    }
}

/// Decodes a key ahead of time, as a verifier could do for its trust anchors.
pub fn parse(scheme: Scheme, public_key: &[u8]) -> Option<ParsedKey> {
    Some(match scheme {
        Scheme::RsaPkcs1Sha256 => {
            let key = rsa::VerifyingKey::from_pkcs1_der(public_key).ok()?;
            Box::new(move |message, signature| key.verify_pkcs1_sha256(signature, message).is_ok())
        }
        Scheme::RsaPssSha256 => {
            let key = rsa::VerifyingKey::from_pkcs1_der(public_key).ok()?;
            Box::new(move |message, signature| key.verify_pss_sha256(signature, message).is_ok())
        }
        Scheme::EcdsaP256Sha256 => {
            let key = ecdsa::VerifyingKey::<P256>::from_x962_uncompressed(public_key).ok()?;
            Box::new(move |message, signature| key.verify_asn1::<Sha256>(&[message], signature).is_ok())
        }
        Scheme::EcdsaP384Sha384 => {
            let key = ecdsa::VerifyingKey::<P384>::from_x962_uncompressed(public_key).ok()?;
            Box::new(move |message, signature| key.verify_asn1::<Sha384>(&[message], signature).is_ok())
        }
        Scheme::EcdsaP521Sha512 => return None,
        Scheme::Ed25519 => {
            let key = Ed25519VerifyingKey::from_bytes(public_key).ok()?;
            Box::new(move |message, signature| key.verify(signature, message).is_ok())
        }
    })
}

pub fn sha256(data: &[u8]) -> [u8; 32] {
    let mut context = sha2::Sha256Context::new();
    context.update(data);
    context.finish()
}
