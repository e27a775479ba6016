//! The stage with lanes that this file makes: they reckon as the library does, or lie.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_lc_rs::digest as aws_digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{
    self as aws, ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _,
    ParsedPublicKey,
};
use certpath_multibuffer::Abilities;
use num_bigint::BigUint;
use pki_types::{AlgorithmIdentifier, alg_id};

use super::*;
use crate::signature::{EdgeId, KnownEdges, Signed};

mod multiples;

/// What a lane answers, given what is right.
type Answer = fn(lane: usize, right: bool) -> bool;

/// Lanes of another make.
#[derive(Debug)]
struct Reckoner(Answer);

impl Reckoner {
    fn ecdsa<const OCTETS: usize, const WORDS: usize>(
        &self,
        lanes: &[EcdsaLane<'_, OCTETS, WORDS>],
        algorithm: &'static dyn aws::VerificationAlgorithm,
        hash: &'static aws_digest::Algorithm,
    ) -> [bool; LANES] {
        let mut answers = [false; LANES];
        for (index, lane) in lanes.iter().enumerate() {
            let coordinate = |words: &[u64]| -> Vec<u8> {
                words.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
            };
            let point = [vec![4], coordinate(lane.x), coordinate(lane.y)].concat();
            let integer = |octets: &[u8]| {
                let mut octets = BigUint::from_bytes_be(octets).to_bytes_be();
                if octets[0] >= 0x80 {
                    octets.insert(0, 0);
                }
                [vec![2, u8::try_from(octets.len()).unwrap()], octets].concat()
            };
            let body = [integer(lane.r), integer(lane.s)].concat();
            let signature = [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat();
            let digest = aws_digest::Digest::import_less_safe(lane.digest, hash).unwrap();
            let key = ParsedPublicKey::new(algorithm, &point).unwrap();
            answers[index] = self.0(index, key.verify_digest_sig(&digest, &signature).is_ok());
        }
        answers
    }
}

impl Lanes for Reckoner {
    fn version(&self) -> &'static str {
        "a reckoner"
    }

    fn abilities(&self) -> Abilities {
        Abilities { rsa: true, p256: true, p384: true, multiples: false }
    }

    fn rsa(
        &self,
        size: RsaSize,
        lanes: &[RsaLane<'_>],
        powers: &mut [[u8; MAX_RSA_OCTETS]; LANES],
    ) -> [bool; LANES] {
        let mut done = [false; LANES];
        for (index, lane) in lanes.iter().enumerate() {
            let modulus =
                lane.modulus.iter().rev().fold(BigUint::from(0_u8), |sum, &word| (sum << 64_u32) + word);
            let power = BigUint::from_bytes_be(lane.number).modpow(&BigUint::from(65_537_u32), &modulus);
            let octets = power.to_bytes_be();
            let end = size.octets();
            powers[index][end - octets.len()..end].copy_from_slice(&octets);
            // One that lies about a power has to hit the block of another message, which it cannot.
            done[index] = self.0(index, true);
        }
        done
    }

    fn p256(&self, lanes: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        self.ecdsa(lanes, &aws::ECDSA_P256_SHA256_ASN1, &aws_digest::SHA256)
    }

    fn p384(&self, lanes: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        self.ecdsa(lanes, &aws::ECDSA_P384_SHA384_ASN1, &aws_digest::SHA384)
    }
}

/// Lanes that call every signature of ECDSA good.
pub(crate) fn liar(sample: u64) -> &'static Multibuffer {
    Multibuffer::with(Box::new(Reckoner(|_, _| true)), sample)
}

/// Lanes that call so many groups of P-256 good, and nothing after them.
#[derive(Debug)]
struct Turncoat(AtomicUsize);

impl Lanes for Turncoat {
    fn version(&self) -> &'static str {
        "a turncoat"
    }

    fn abilities(&self) -> Abilities {
        Abilities { p256: true, ..Abilities::default() }
    }

    fn p256(&self, _: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        let left = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        [left.is_ok(); LANES]
    }
}

/// Lanes that lie about so many groups, and are found out afterwards.
pub(crate) fn turncoat(groups: usize) -> Box<dyn Lanes> {
    Box::new(Turncoat(AtomicUsize::new(groups)))
}

fn honest() -> &'static Multibuffer {
    Multibuffer::with(Box::new(Reckoner(|_, right| right)), 1_000)
}

/// A signature with everything it needs.
#[derive(Clone)]
struct Made {
    algorithm: AlgorithmIdentifier,
    key_algorithm: AlgorithmIdentifier,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    rsa_bits: Option<u32>,
}

impl Made {
    fn signed(&self) -> Signed<'_> {
        Signed {
            algorithm: self.algorithm.as_ref(),
            message: &self.message,
            signature: &self.signature,
            key_algorithm: self.key_algorithm.as_ref(),
            key: &self.key,
            rsa_bits: self.rsa_bits,
        }
    }

    fn edge(&self) -> Edge<'_> {
        let whole = [self.algorithm.as_ref(), &self.message, &self.signature].concat();
        let id = EdgeId {
            signed: crate::signature::sha256(&whole),
            issuer_key: crate::signature::sha256(&self.key),
        };
        Edge { id, signed: self.signed() }
    }

    fn with_signature(&self, signature: Vec<u8>) -> Self {
        Self { signature, ..self.clone() }
    }
}

fn rsa(count: usize) -> Vec<Made> {
    let random = SystemRandom::new();
    let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
    let made = |number: usize| {
        let message = number.to_be_bytes().to_vec();
        let mut signature = vec![0; key.public_modulus_len()];
        key.sign(&aws::RSA_PKCS1_SHA256, &random, &message, &mut signature).unwrap();
        Made {
            algorithm: alg_id::RSA_PKCS1_SHA256,
            key_algorithm: alg_id::RSA_ENCRYPTION,
            key: key.public_key().as_ref().to_vec(),
            message,
            signature,
            rsa_bits: Some(2048),
        }
    };
    (0..count).map(made).collect()
}

fn ec(
    signing: &'static aws::EcdsaSigningAlgorithm,
    curve: AlgorithmIdentifier,
    algorithm: AlgorithmIdentifier,
    count: usize,
) -> Vec<Made> {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate(signing).unwrap();
    let made = |number: usize| {
        let message = number.to_be_bytes().to_vec();
        Made {
            algorithm,
            key_algorithm: curve,
            key: key.public_key().as_ref().to_vec(),
            signature: key.sign(&random, &message).unwrap().as_ref().to_vec(),
            message,
            rsa_bits: None,
        }
    };
    (0..count).map(made).collect()
}

fn p256(count: usize) -> Vec<Made> {
    ec(&ECDSA_P256_SHA256_ASN1_SIGNING, alg_id::ECDSA_P256, alg_id::ECDSA_SHA256, count)
}

fn p384(count: usize) -> Vec<Made> {
    ec(&ECDSA_P384_SHA384_ASN1_SIGNING, alg_id::ECDSA_P384, alg_id::ECDSA_SHA384, count)
}

/// The answers to signatures that nobody remembers: outcome, and whether a lane has given it.
fn answers(multibuffer: &'static Multibuffer, made: &[Made]) -> Vec<(Outcome, bool)> {
    let memo = EdgeMemo::new(multibuffer);
    let edges: Vec<_> = made.iter().map(|made| Some(made.edge())).collect();
    foretell(&memo, &edges).into_iter().map(Option::unwrap).map(|one| (one.outcome, one.by_lane)).collect()
}

#[test]
fn lanes_check_what_fills_them_and_the_rest_is_checked_alone() {
    for kind in [rsa, p256, p384] {
        let good = kind(LANES + 1);
        let found = answers(honest(), &good);
        assert_eq!(found[..LANES], [(Outcome::Valid, true); LANES]);
        assert_eq!(found[LANES..], [(Outcome::Valid, false)], "one alone is not worth a call");
    }
}

#[test]
fn a_damaged_signature_is_told_from_its_neighbours_in_every_lane() {
    for kind in [rsa, p256, p384] {
        let good = kind(LANES);
        for lane in 0..LANES {
            let mut batch = good.clone();
            batch[lane].message.push(0);
            let found = answers(honest(), &batch);
            for (index, (outcome, by_lane)) in found.into_iter().enumerate() {
                let expected = if index == lane { (Outcome::Invalid, false) } else { (Outcome::Valid, true) };
                assert_eq!((outcome, by_lane), expected, "{index} of {lane}");
            }
        }
    }
}

/// Both numbers of an ECDSA signature.
fn numbers(signature: &[u8]) -> [BigUint; 2] {
    let (length, rest) = (usize::from(signature[3]), &signature[4..]);
    [&rest[..length], &rest[length + 2..]].map(BigUint::from_bytes_be)
}

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = Vec::new();
    crate::der::push_element(&mut element, tag, contents);
    element
}

fn encoded_pair(r: &[u8], s: &[u8]) -> Vec<u8> {
    element(0x30, &[element(2, r), element(2, s)].concat())
}

fn magnitude(number: &BigUint) -> Vec<u8> {
    let octets = number.to_bytes_be();
    if octets[0] >= 0x80 { [vec![0], octets].concat() } else { octets }
}

#[test]
fn numbers_out_of_range_or_encoded_otherwise_are_never_asked_of_lanes() {
    let kinds: [(Vec<Made>, &[u8]); 2] = [(p256(LANES), &P256_ORDER), (p384(LANES), &P384_ORDER)];
    for (good, order) in kinds {
        let n = BigUint::from_bytes_be(order);
        let [r, s] = numbers(&good[0].signature);
        let (r_octets, s_octets) = (magnitude(&r), magnitude(&s));
        let mut longer = r_octets.clone();
        longer.push(0);
        let odd = [
            encoded_pair(&[0], &s_octets),
            encoded_pair(&r_octets, &[0]),
            encoded_pair(&[], &s_octets),
            encoded_pair(&magnitude(&n), &s_octets),
            encoded_pair(&r_octets, &magnitude(&n)),
            encoded_pair(&magnitude(&(&n + &r)), &s_octets),
            encoded_pair(&r_octets, &magnitude(&(&n + &s))),
            // An octet more: the first ones of it are the right number.
            encoded_pair(&longer, &s_octets),
            encoded_pair(&r_octets, &[s_octets.clone(), vec![7]].concat()),
            // Padded, negative, followed by something, in a longer frame.
            encoded_pair(&[vec![0], r_octets.clone()].concat(), &s_octets),
            encoded_pair(&r.to_bytes_be(), &[vec![0xff], s.to_bytes_be()].concat()),
            [good[0].signature.clone(), vec![0]].concat(),
            [vec![0x30, 0x81], good[0].signature[1..].to_vec()].concat(),
            Vec::new(),
        ];
        for signature in odd {
            let mut batch = good.clone();
            batch[3] = good[0].with_signature(signature.clone());
            let alone = crate::signature::verify(&batch[3].signed());
            // Lanes that would call anything good: what they are not asked they cannot call good.
            let found = answers(Multibuffer::with(Box::new(Reckoner(|_, _| true)), u64::MAX), &batch);
            assert_eq!(found[3], (alone, false), "{signature:02x?}");
            assert_eq!(alone, Outcome::Invalid, "{signature:02x?}");
        }
    }
}

#[test]
fn only_keys_that_lanes_know_are_asked_of_them() {
    let good = rsa(LANES);
    let fields = crate::der::Reader::new(&good[0].key).nested(0x30).unwrap();
    let modulus = {
        let mut fields = fields;
        fields.read(2).unwrap().to_vec()
    };
    let key = |modulus: &[u8], exponent: &[u8]| {
        element(0x30, &[element(2, modulus), element(2, exponent)].concat())
    };
    let mut even = modulus.clone();
    *even.last_mut().unwrap() &= 0xfe;
    let mut short = modulus.clone();
    short.remove(1);
    let keys = [
        (key(&modulus, &[3]), 2048),
        (key(&modulus, &[1, 0, 3]), 2048),
        (key(&modulus, &[0, 1, 0, 1]), 2048),
        (key(&even, &[1, 0, 1]), 2048),
        (key(&short, &[1, 0, 1]), 2040),
        ([key(&modulus, &[1, 0, 1]), vec![0]].concat(), 2048),
    ];
    for (key, bits) in keys {
        let batch: Vec<_> =
            good.iter().map(|made| Made { key: key.clone(), rsa_bits: Some(bits), ..made.clone() }).collect();
        for (found, made) in answers(honest(), &batch).into_iter().zip(&batch) {
            assert_eq!(found, (crate::signature::verify(&made.signed()), false), "{:02x?}", &key[..8]);
        }
    }
    // As long as the modulus, and not below it; shorter; longer.
    let number = [vec![0xff; 256], vec![1; 255], vec![1; 257]];
    for signature in number {
        let batch: Vec<_> = good.iter().map(|made| made.with_signature(signature.clone())).collect();
        assert_eq!(answers(honest(), &batch)[0], (Outcome::Invalid, false));
    }
}

/// The block is compared whole: a lane's power that has the right digest at its end and something else before is not a
/// signature (Bleichenbacher's forgery).
#[test]
fn the_whole_block_is_compared() {
    #[derive(Debug)]
    struct Forger(fn(&mut [u8]));
    impl Lanes for Forger {
        fn version(&self) -> &'static str {
            "a forger"
        }
        fn abilities(&self) -> Abilities {
            Abilities { rsa: true, ..Abilities::default() }
        }
        fn rsa(
            &self,
            size: RsaSize,
            lanes: &[RsaLane<'_>],
            powers: &mut [[u8; MAX_RSA_OCTETS]; LANES],
        ) -> [bool; LANES] {
            let done = Reckoner(|_, right| right).rsa(size, lanes, powers);
            for power in powers {
                self.0(&mut power[..size.octets()]);
            }
            done
        }
    }
    let good = rsa(LANES);
    let edits: [fn(&mut [u8]); 6] = [
        |block| block[0] = 1,
        |block| block[1] = 2,
        |block| block[2] = 0,
        |block| block[100] = 0,
        |block| block[204] = 0xff,
        |block| block[210] ^= 1,
    ];
    for edit in edits {
        let forger = Multibuffer::with(Box::new(Forger(edit)), u64::MAX);
        for found in answers(forger, &good) {
            assert_eq!(found, (Outcome::Valid, false), "a lane's no is asked again");
        }
        assert!(forger.is_retired(), "and a wrong no ends its use");
    }
}

#[test]
fn a_wrong_no_ends_the_use_of_lanes() {
    let multibuffer = Multibuffer::with(Box::new(Reckoner(|lane, right| right && lane != 5)), u64::MAX);
    for found in answers(multibuffer, &p256(LANES)) {
        assert_eq!(found, (Outcome::Valid, false));
    }
    let why = multibuffer.retirement().unwrap();
    assert!(why.contains("a reckoner") && why.contains("P-256"), "{why}");
    assert_eq!(multibuffer.retirement_to_tell(), Some(why));
    assert_eq!(multibuffer.retirement_to_tell(), None, "told once");
    assert_eq!(answers(multibuffer, &p256(LANES)), [(Outcome::Valid, false); LANES], "never asked again");
}

#[test]
fn a_wrong_yes_is_found_by_the_sample_and_nothing_that_was_said_counts_then() {
    let mut bad = p384(4 * LANES);
    for made in &mut bad {
        made.message.push(0);
    }
    let multibuffer = Multibuffer::with(Box::new(Reckoner(|_, _| true)), 16);
    let memo = EdgeMemo::new(multibuffer);
    let edges: Vec<_> = bad.iter().map(|made| Some(made.edge())).collect();
    let unsampled = edges.iter().flatten().find(|edge| !memo.is_sampled(&edge.id)).unwrap();
    // Before the sample has found anything, the answer stands, and is remembered.
    let foretold = Foretold { id: unsampled.id, outcome: Outcome::Valid, by_lane: true };
    let known = KnownEdges::new(&memo, Some(&foretold));
    assert_eq!(known.verify(unsampled.id, &unsampled.signed), Outcome::Valid);
    assert_eq!(KnownEdges::new(&memo, None).verify(unsampled.id, &unsampled.signed), Outcome::Valid);
    let mut turns = 0;
    while !multibuffer.is_retired() {
        turns += 1;
        assert!(turns < 200, "the sample never finds a wrong yes");
        let mut others = p384(LANES);
        for made in &mut others {
            made.message.push(1);
        }
        let edges: Vec<_> = others.iter().map(|made| Some(made.edge())).collect();
        let found = foretell(&memo, &edges);
        if multibuffer.is_retired() {
            assert!(found.iter().flatten().all(|one| one.outcome == Outcome::Invalid && !one.by_lane));
        }
    }
    for known in [KnownEdges::new(&memo, Some(&foretold)), KnownEdges::new(&memo, None)] {
        assert_eq!(known.verify(unsampled.id, &unsampled.signed), Outcome::Invalid);
    }
}

#[test]
fn what_was_foretold_answers_for_its_own_edge_only() {
    let [good, mut bad] = p256(2).try_into().ok().unwrap();
    bad.message.push(0);
    let memo = EdgeMemo::new(honest());
    let foretold = Foretold { id: good.edge().id, outcome: Outcome::Valid, by_lane: false };
    let known = KnownEdges::new(&memo, Some(&foretold));
    assert_eq!(known.verify(bad.edge().id, &bad.signed()), Outcome::Invalid);
    assert_eq!(known.verify(good.edge().id, &good.signed()), Outcome::Valid);
}

#[test]
fn one_signature_of_many_rows_is_checked_once() {
    let made = p256(1);
    let memo = EdgeMemo::new(honest());
    let edges = [Some(made[0].edge()); LANES];
    let foretold = foretell(&memo, &edges);
    assert_eq!(foretold.iter().flatten().count(), 1);
    for one in &foretold {
        let known = KnownEdges::new(&memo, one.as_ref());
        assert_eq!(known.verify(made[0].edge().id, &made[0].signed()), Outcome::Valid);
    }
    assert_eq!(memo.checked(), 1);
}

#[test]
fn checks_are_counted_when_they_are_asked_for() {
    let good = p256(LANES);
    let memo = EdgeMemo::new(honest());
    let edges: Vec<_> = good.iter().map(|made| Some(made.edge())).collect();
    let foretold = foretell(&memo, &edges);
    assert_eq!(memo.checked(), 0);
    let known = KnownEdges::new(&memo, foretold[0].as_ref());
    for _ in 0..2 {
        assert_eq!(known.verify(good[0].edge().id, &good[0].signed()), Outcome::Valid);
        assert_eq!(memo.checked(), 1);
    }
    assert!(foretell(&memo, &edges[..1])[0].is_none(), "what is known is not checked again");
}
