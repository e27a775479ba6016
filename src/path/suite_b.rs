//! Suite B (RFC 6460), which the flags 0x10000 to 0x30000 of `ssl` ask for: P-256 with SHA-256,
//! P-384 with SHA-384, and nothing below the strength of what it signs.

use crate::certificate::{AlgorithmIdentifier, Certificate, KeyKind, PublicKey};
use crate::oid;
use crate::policy::{Policy, flag};
use crate::signature::{Digest, KeyType};
use crate::verdict::Check;

/// The levels of security still open while walking from the end entity to the anchor.
#[derive(Clone, Copy, Eq, PartialEq)]
struct Levels {
    p256: bool,
    p384: bool,
}

impl Levels {
    fn of(policy: &Policy) -> Option<Self> {
        let levels = Self { p256: policy.has(flag::SUITEB_128_ONLY), p384: policy.has(flag::SUITEB_192) };
        (levels.p256 || levels.p384).then_some(levels)
    }
}

/// OpenSSL's X509_chain_check_suiteb: the first certificate to blame, by depth.
pub(crate) fn check<'c>(
    mut path: impl Iterator<Item = &'c Certificate<'c>>,
    policy: &Policy,
) -> Result<(), (Check, usize)> {
    let Some(all) = Levels::of(policy) else { return Ok(()) };
    let mut levels = all;
    let Some(leaf) = path.next() else { return Ok(()) };
    version(leaf).map_err(|check| (check, 0))?;
    key(&leaf.public_key, None, &mut levels).map_err(|check| (renamed(check, all, levels), 0))?;
    let mut below = leaf;
    let mut depth = 0;
    for certificate in path {
        version(certificate).map_err(|check| (check, depth + 1))?;
        signed_by(below, &certificate.public_key, &mut levels)
            .map_err(|check| (renamed(check, all, levels), blamed(check, depth)))?;
        below = certificate;
        depth += 1;
    }
    // The anchor's own signature, by its own key.
    let anchor = below;
    signed_by(anchor, &anchor.public_key, &mut levels)
        .map_err(|check| (renamed(check, all, levels), blamed(check, depth)))
}

/// OpenSSL's X509_CRL_check_suiteb.
pub(crate) fn check_crl(
    issuer: &PublicKey<'_>,
    algorithm: &AlgorithmIdentifier<'_>,
    policy: &Policy,
) -> Result<(), Check> {
    match Levels::of(policy) {
        Some(mut levels) => key(issuer, Some(algorithm), &mut levels),
        None => Ok(()),
    }
}

fn version(certificate: &Certificate<'_>) -> Result<(), Check> {
    if certificate.version == 2 { Ok(()) } else { Err(Check::SuiteBVersion) }
}

fn signed_by(
    certificate: &Certificate<'_>,
    issuer: &PublicKey<'_>,
    levels: &mut Levels,
) -> Result<(), Check> {
    key(issuer, Some(&certificate.signature_algorithm), levels)
}

/// A key, and the algorithm of a signature made with it.
fn key(
    key: &PublicKey<'_>,
    algorithm: Option<&AlgorithmIdentifier<'_>>,
    levels: &mut Levels,
) -> Result<(), Check> {
    if !matches!(key.kind, KeyKind::Ec(_)) {
        return Err(Check::SuiteBAlgorithm);
    }
    let signs_with = |digest| {
        algorithm.is_none_or(|algorithm| {
            algorithm.scheme().is_some_and(|scheme| scheme.key == KeyType::Ec && scheme.digest == digest)
        })
    };
    match key.curve() {
        Some(oid::P384) => {
            if !signs_with(Digest::Sha384) {
                return Err(Check::SuiteBSignatureAlgorithm);
            }
            if !levels.p384 {
                return Err(Check::SuiteBLevel);
            }
            // From here on nothing weaker may sign.
            levels.p256 = false;
            Ok(())
        }
        Some(oid::P256) => {
            if !signs_with(Digest::Sha256) {
                return Err(Check::SuiteBSignatureAlgorithm);
            }
            if levels.p256 { Ok(()) } else { Err(Check::SuiteBLevel) }
        }
        _ => Err(Check::SuiteBCurve),
    }
}

/// A level refused only because of a stronger key below has a name of its own.
fn renamed(check: Check, all: Levels, left: Levels) -> Check {
    if check == Check::SuiteBLevel && all != left { Check::SuiteBWeakerSigner } else { check }
}

/// Signature and level errors are about the certificate that was signed, the others about the signer.
fn blamed(check: Check, depth: usize) -> usize {
    match check {
        Check::SuiteBSignatureAlgorithm | Check::SuiteBLevel => depth,
        _ => depth + 1,
    }
}
