//! What signatures and fingerprints hash with.

use aws_lc_rs::digest as aws;

/// What a signature algorithm hashes with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Digest {
    Md2,
    Md4,
    Md5,
    Mdc2,
    Sha0,
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

/// SHA-256, 32 octets.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    for (to, from) in out.iter_mut().zip(aws::digest(&aws::SHA256, data).as_ref()) {
        *to = *from;
    }
    out
}

/// SHA-1, 20 octets: for names in old archives, never for trust.
pub(crate) fn sha1(data: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    let hash = aws::digest(&aws::SHA1_FOR_LEGACY_USE_ONLY, data);
    for (to, from) in out.iter_mut().zip(hash.as_ref()) {
        *to = *from;
    }
    out
}
