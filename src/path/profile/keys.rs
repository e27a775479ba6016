//! Rules about keys and signature algorithms (CA/B BR 6.1.5, 6.1.6, 7.1.3).

use crate::certificate::KeyKind;
use crate::der::{self, Reader, tag};
use crate::oid;
use crate::signature::{Digest, KeyType};

use super::{Broken, Subject};

/// CA/B BR 7.1.3.1: RSA keys, and EC keys on P-256, P-384 and P-521.
pub(super) fn permitted(subject: &Subject<'_, '_>) -> Broken {
    let key = &subject.certificate.public_key;
    let permitted = match key.kind {
        KeyKind::Rsa { .. } => true,
        KeyKind::Ec(_) => key.decodes() && matches!(key.curve(), Some(oid::P256 | oid::P384 | oid::P521)),
        _ => false,
    };
    let name = || key.curve_name().unwrap_or_else(|| key.algorithm_name());
    (!permitted).then(|| vec![("public_key", name().into())])
}

/// CA/B BR 6.1.5: the size of an RSA modulus, in bits, is divisible by 8.
pub(super) fn modulus_size(subject: &Subject<'_, '_>) -> Broken {
    let bits = subject.certificate.public_key.rsa_bits()?;
    (bits % 8 != 0).then(|| vec![("bits", i64::from(bits).into())])
}

/// CA/B BR 6.1.6: an odd public exponent of 3 or more.
pub(super) fn exponent(subject: &Subject<'_, '_>) -> Broken {
    let key = &subject.certificate.public_key;
    key.rsa_bits()?;
    let mut fields = Reader::new(key.key).nested(tag::SEQUENCE)?;
    fields.read(tag::INTEGER)?;
    let exponent = der::integer(fields.read(tag::INTEGER)?)?;
    let odd = exponent.last().is_some_and(|octet| octet & 1 == 1);
    let right = odd && !der::is_negative(exponent) && exponent != [1];
    (!right).then(|| vec![("exponent", crate::distinguished_name::hex(exponent).into())])
}

/// CA/B BR 7.1.3.2: RSA (PKCS #1 or PSS) with SHA-256, SHA-384 or SHA-512; ECDSA with the digest of the
/// issuer's curve. What stands on a trust anchor's own signature proves nothing and is not asked.
pub(super) fn signature_algorithm(subject: &Subject<'_, '_>) -> Broken {
    let algorithm = &subject.certificate.signature_algorithm;
    let permitted = algorithm.scheme().is_some_and(|scheme| {
        let digest = scheme.digest(algorithm.parameters);
        match scheme.key {
            KeyType::Rsa | KeyType::RsaPss => {
                matches!(digest, Digest::Sha256 | Digest::Sha384 | Digest::Sha512)
            }
            KeyType::Ec => match subject.issuer.and_then(|issuer| issuer.public_key.curve()) {
                Some(curve) => matches!(
                    (curve, digest),
                    (oid::P256, Digest::Sha256) | (oid::P384, Digest::Sha384) | (oid::P521, Digest::Sha512)
                ),
                None => matches!(digest, Digest::Sha256 | Digest::Sha384 | Digest::Sha512),
            },
            _ => false,
        }
    });
    (!permitted).then(|| vec![("algorithm", algorithm.name().into())])
}
