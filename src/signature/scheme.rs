//! Signature algorithms: what they are called, and how strong they are.

use super::digest::Digest;
use super::pss::PssParameters;
use crate::oid;
use crate::release::Rule;

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
    ("shaWithRSAEncryption", Sha0, Rsa, [0x2b, 14, 3, 2, 15]),
    ("mdc2WithRSA", Mdc2, Rsa, [0x55, 8, 3, 100]),
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
    ("dsaWithSHA", Sha0, Dsa, [0x2b, 14, 3, 2, 13]),
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

    /// By which rule a later OpenSSL knows an algorithm that is not among them.
    pub(crate) fn known_later(oid: &[u8]) -> Option<Rule> {
        match oid.strip_prefix(oid::NIST_SIGNATURES)? {
            [9..=12] => Some(Rule::EcdsaWithSha3Known),
            [17..=31] => Some(Rule::PostQuantumKnown),
            _ => None,
        }
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
            // MD2 and SHA-0 are in no build of OpenSSL 3.0, MDC-2 is in few, where its 64 bits are too few all the same.
            (_, Digest::Md2 | Digest::Mdc2 | Digest::Sha0 | Digest::None) => None,
        }
    }
}

/// The hash of RSASSA-PSS-params (RFC 4055 3.1), if OpenSSL takes them for a signature's.
fn pss_digest(parameters: &[u8]) -> Digest {
    PssParameters::parse(parameters)
        .filter(|params| params.is_sound)
        .map_or(Digest::None, |params| params.hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength_follows_the_digest_and_the_published_attacks() {
        let bits = |name| Scheme::by_name(name).unwrap().security_bits(&[]);
        assert_eq!(bits("sha256WithRSAEncryption"), Some(128));
        assert_eq!(bits("sha1WithRSAEncryption"), Some(63));
        assert_eq!(bits("md5WithRSAEncryption"), Some(39));
        assert_eq!(bits("ED25519"), Some(128));
        assert_eq!(bits("ecdsa-with-Specified"), None);
    }
}
