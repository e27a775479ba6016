//! Fresh keys, messages and signatures. aws-lc-rs makes them because it is the
//! one candidate that can sign with every scheme; all candidates then check the
//! very same bytes.

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rand::{self, SystemRandom};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair,
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, ECDSA_P521_SHA512_ASN1_SIGNING,
    RSA_PKCS1_SHA256, RSA_PSS_SHA256,
};

use crate::scheme::Scheme;

/// The size of a typical `TBSCertificate`.
pub const MESSAGE_LEN: usize = 1200;

/// Signatures per case. Checking an elliptic-curve signature takes longer or
/// shorter depending on the numbers in it, so a single one would not be fair.
const SAMPLES: usize = 8;

pub struct Sample {
    /// The contents of `subjectPublicKey`, the form a certificate delivers.
    pub public_key: Vec<u8>,
    pub message: Vec<u8>,
    pub signature: Vec<u8>,
}

pub struct Case {
    pub name: &'static str,
    pub scheme: Scheme,
    pub samples: Vec<Sample>,
}

pub fn all() -> Result<Vec<Case>, Unspecified> {
    let rsa_case = |name, scheme, size, encoding| case(name, scheme, |message| rsa(size, encoding, message));
    Ok(vec![
        rsa_case(
            "RSA-2048 PKCS#1 SHA-256",
            Scheme::RsaPkcs1Sha256,
            KeySize::Rsa2048,
            &RSA_PKCS1_SHA256,
        )?,
        rsa_case(
            "RSA-4096 PKCS#1 SHA-256",
            Scheme::RsaPkcs1Sha256,
            KeySize::Rsa4096,
            &RSA_PKCS1_SHA256,
        )?,
        rsa_case(
            "RSA-2048 PSS SHA-256",
            Scheme::RsaPssSha256,
            KeySize::Rsa2048,
            &RSA_PSS_SHA256,
        )?,
        case("ECDSA P-256 SHA-256", Scheme::EcdsaP256Sha256, |message| {
            ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING, message)
        })?,
        case("ECDSA P-384 SHA-384", Scheme::EcdsaP384Sha384, |message| {
            ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING, message)
        })?,
        case("ECDSA P-521 SHA-512", Scheme::EcdsaP521Sha512, |message| {
            ecdsa(&ECDSA_P521_SHA512_ASN1_SIGNING, message)
        })?,
        case("Ed25519", Scheme::Ed25519, ed25519)?,
    ])
}

/// A public key and the signature its private half made.
type Signed = Result<(Vec<u8>, Vec<u8>), Unspecified>;

fn case(name: &'static str, scheme: Scheme, sign: impl Fn(&[u8]) -> Signed) -> Result<Case, Unspecified> {
    let samples = (0..SAMPLES)
        .map(|_| {
            let mut message = vec![0; MESSAGE_LEN];
            rand::fill(&mut message)?;
            let (public_key, signature) = sign(&message)?;
            Ok(Sample {
                public_key,
                message,
                signature,
            })
        })
        .collect::<Result<_, Unspecified>>()?;
    Ok(Case {
        name,
        scheme,
        samples,
    })
}

fn rsa(size: KeySize, encoding: &'static dyn RsaEncoding, message: &[u8]) -> Signed {
    let pair = RsaKeyPair::generate(size)?;
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(encoding, &SystemRandom::new(), message, &mut signature)?;
    Ok((pair.public_key().as_ref().to_vec(), signature))
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm, message: &[u8]) -> Signed {
    let pair = EcdsaKeyPair::generate(algorithm)?;
    let signature = pair.sign(&SystemRandom::new(), message)?;
    Ok((pair.public_key().as_ref().to_vec(), signature.as_ref().to_vec()))
}

fn ed25519(message: &[u8]) -> Signed {
    let pair = Ed25519KeyPair::generate()?;
    let signature = pair.try_sign(message)?;
    Ok((pair.public_key().as_ref().to_vec(), signature.as_ref().to_vec()))
}
