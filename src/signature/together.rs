//! Signatures of many rows, checked before the rows are judged: in groups of eight where there is a library for that,
//! one by one where there is not.
//!
//! What comes of it are answers to questions that a judgement will probably ask. A judgement that asks another question
//! gets it answered as ever, and an answer that nobody asks for changes nothing.
//!
//! A lane's yes counts under these conditions, for which docs/assurance.md has the reasons: aws-lc-rs has decoded the
//! key; the numbers are in the ranges that the standards have; for RSA the whole block is compared with the one that
//! is expected (RFC 8017 8.2.2). A lane's no is asked again of aws-lc-rs. So is one yes in a thousand, chosen by a keyed
//! hash: where the two differ, the library is not used any more, and nothing that it has said counts.

use std::collections::HashSet;
use std::iter;
use std::sync::Arc;

use aws_lc_rs::digest::Digest;
use certpath_multibuffer::{EcdsaLane, LANES, MAX_RSA_OCTETS, MultiplesLane, RsaLane, RsaSize};

use super::earned::Earned;
use super::edge::{Edge, Foretold};
use super::key::{DecodedKey, Hash, KeyNumber};
use super::memo::EdgeMemo;
use super::multibuffer::{Lanes, Multibuffer};
use super::{Outcome, Verifiable, check};

#[cfg(test)]
mod tests;
#[cfg(test)]
pub(crate) use tests::{liar, turncoat};

/// Fewer of a kind are not worth a call that takes as long for one as for eight: measured, RSA takes a quarter of
/// eight single checks, the curves a fifth.
const WORTHWHILE: usize = 3;

/// What of a signature is checked, and with which key.
struct Prepared<'a> {
    edge: Edge<'a>,
    row: &'static Verifiable,
    key: Arc<DecodedKey>,
}

impl Prepared<'_> {
    /// What aws-lc-rs says.
    fn alone(&self) -> Outcome {
        check(self.row, &self.key.parsed, &self.edge.signed)
    }
}

/// A signature as lanes check it.
enum Task<'p> {
    Rsa(RsaSize, RsaTask<'p>),
    P256(EcdsaTask<'p, 32, 4, 5>),
    P384(EcdsaTask<'p, 48, 6, 8>),
}

struct RsaTask<'p> {
    index: usize,
    lane: RsaLane<'p>,
    hash: Hash,
    digest: Digest,
}

struct EcdsaTask<'p, const OCTETS: usize, const WORDS: usize, const LIMBS: usize> {
    index: usize,
    r: [u8; OCTETS],
    s: [u8; OCTETS],
    digest: [u8; OCTETS],
    x: &'p [u64; WORDS],
    y: &'p [u64; WORDS],
    multiples: &'p Earned<LIMBS>,
}

impl<const OCTETS: usize, const WORDS: usize, const LIMBS: usize> EcdsaTask<'_, OCTETS, WORDS, LIMBS> {
    fn lane(&self) -> EcdsaLane<'_, OCTETS, WORDS> {
        let Self { r, s, digest, x, y, .. } = self;
        EcdsaLane { r, s, digest, x, y }
    }
}

/// The orders of the curves (SEC 2 2.4.2 and 2.5.1).
const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc,
    0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];
const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a,
    0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// Checks the signatures that nobody remembers; answers stand where their questions do.
pub(crate) fn foretell(memo: &EdgeMemo, edges: &[Option<Edge<'_>>]) -> Vec<Option<Foretold>> {
    let multibuffer = memo.multibuffer();
    let mut answers = vec![None; edges.len()];
    let mut prepared = Vec::with_capacity(edges.len());
    // One certificate of many hosts is checked once: the first of its rows that asks remembers the answer for the others.
    let mut asked = HashSet::with_capacity_and_hasher(edges.len(), memo.hasher());
    for (edge, answer) in edges.iter().zip(&mut answers) {
        let edge = edge.filter(|edge| !memo.knows(&edge.id) && asked.insert(edge.id));
        prepared.push(edge.and_then(|edge| match memo.prepare(&edge) {
            Ok((row, key)) => Some(Prepared { edge, row, key }),
            Err(outcome) => {
                *answer = Some(Foretold { id: edge.id, outcome, by_lane: false });
                None
            }
        }));
    }
    let said = match multibuffer.lanes() {
        Some(lanes) => by_lanes(lanes, multibuffer, memo, &prepared),
        None => Vec::new(),
    };
    for (index, (prepared, answer)) in prepared.iter().zip(&mut answers).enumerate() {
        if let Some(prepared) = prepared {
            let (outcome, by_lane) = match said.get(index).copied().flatten() {
                Some(true) => (Outcome::Valid, true),
                // aws-lc-rs has said so, too.
                Some(false) => (Outcome::Invalid, false),
                None => (prepared.alone(), false),
            };
            *answer = Some(Foretold { id: prepared.edge.id, outcome, by_lane });
        }
    }
    answers
}

/// What lanes say of each signature that they are asked about; nothing at all if a lane was found to be wrong.
fn by_lanes(
    lanes: &dyn Lanes,
    multibuffer: &Multibuffer,
    memo: &EdgeMemo,
    prepared: &[Option<Prepared<'_>>],
) -> Vec<Option<bool>> {
    let mut said = vec![None; prepared.len()];
    let mut rsa = RsaSize::ALL.map(|size| (size, Vec::new()));
    let (mut p256, mut p384) = (Vec::new(), Vec::new());
    let abilities = lanes.abilities();
    for (index, prepared) in prepared.iter().enumerate() {
        match prepared.as_ref().and_then(|prepared| task(index, prepared)) {
            Some(Task::Rsa(size, task)) if abilities.rsa => {
                if let Some((_, tasks)) = rsa.iter_mut().find(|(known, _)| *known == size) {
                    tasks.push(task);
                }
            }
            Some(Task::P256(task)) if abilities.p256 => p256.push(task),
            Some(Task::P384(task)) if abilities.p384 => p384.push(task),
            _ => {}
        }
    }
    let mut note = |index: usize, valid: bool| {
        if let Some(said) = said.get_mut(index) {
            *said = Some(valid);
        }
    };
    for (size, tasks) in &rsa {
        for group in groups(tasks) {
            raise(lanes, *size, group, &mut note);
        }
    }
    if abilities.multiples {
        let after = memo.multiples_after();
        for task in &p256 {
            task.multiples.note(after, || lanes.p256_multiples(task.x, task.y));
        }
        for task in &p384 {
            task.multiples.note(after, || lanes.p384_multiples(task.x, task.y));
        }
        p256 = by_multiples(p256, |questions| lanes.p256_by_multiples(questions), &mut note);
        p384 = by_multiples(p384, |questions| lanes.p384_by_multiples(questions), &mut note);
    }
    for group in groups(&p256) {
        verify(group, |questions| lanes.p256(questions), &mut note);
    }
    for group in groups(&p384) {
        verify(group, |questions| lanes.p384(questions), &mut note);
    }
    for (said, prepared) in said.iter().zip(prepared) {
        let (Some(called_good), Some(prepared)) = (*said, prepared) else { continue };
        // A no is rare, and asked again so that a lane can refuse nobody.
        if (!called_good || memo.is_sampled(&prepared.edge.id))
            && (prepared.alone() == Outcome::Valid) != called_good
        {
            multibuffer.retire(prepared.edge.signed.kind());
            return Vec::new();
        }
    }
    said
}

/// Eights of a kind, without a rest that is not worth it.
fn groups<T>(tasks: &[T]) -> impl Iterator<Item = &[T]> {
    tasks.chunks(LANES).filter(|group| group.len() >= WORTHWHILE)
}

fn raise(lanes: &dyn Lanes, size: RsaSize, tasks: &[RsaTask<'_>], note: &mut impl FnMut(usize, bool)) {
    let questions: Vec<_> = tasks.iter().map(|task| task.lane).collect();
    let mut powers = [[0; MAX_RSA_OCTETS]; LANES];
    let done = lanes.rsa(size, &questions, &mut powers);
    for ((task, power), done) in tasks.iter().zip(&powers).zip(done) {
        let expected = encoded(size, task.hash.digest_info(), task.digest.as_ref());
        note(task.index, done && expected.is_some_and(|expected| expected == *power));
    }
}

/// Verifies those by keys whose multiples are kept; the others remain, and those that nothing can be said of in this way.
fn by_multiples<'p, const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    tasks: Vec<EcdsaTask<'p, OCTETS, WORDS, LIMBS>>,
    ask: impl FnOnce(&[MultiplesLane<'_, OCTETS, WORDS, LIMBS>]) -> Vec<Option<bool>>,
    note: &mut impl FnMut(usize, bool),
) -> Vec<EcdsaTask<'p, OCTETS, WORDS, LIMBS>> {
    let (mut asked, mut others) = (Vec::new(), Vec::new());
    for task in tasks {
        // Looked at once: another thread may make them meanwhile.
        match task.multiples.get() {
            Some(multiples) => asked.push((task, multiples)),
            None => others.push(task),
        }
    }
    let answers = if asked.len() < WORTHWHILE {
        Vec::new()
    } else {
        let questions: Vec<_> =
            asked.iter().map(|(task, multiples)| MultiplesLane { lane: task.lane(), multiples }).collect();
        ask(&questions)
    };
    let answers = answers.into_iter().chain(iter::repeat(None));
    for ((task, _), answer) in asked.into_iter().zip(answers) {
        match answer {
            Some(valid) => note(task.index, valid),
            None => others.push(task),
        }
    }
    others
}

fn verify<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
    tasks: &[EcdsaTask<'_, OCTETS, WORDS, LIMBS>],
    ask: impl Fn(&[EcdsaLane<'_, OCTETS, WORDS>]) -> [bool; LANES],
    note: &mut impl FnMut(usize, bool),
) {
    let questions: Vec<_> = tasks.iter().map(EcdsaTask::lane).collect();
    for (task, valid) in tasks.iter().zip(ask(&questions)) {
        note(task.index, valid);
    }
}

/// The signature as lanes check it, if they check such a one.
fn task<'p>(index: usize, prepared: &'p Prepared<'_>) -> Option<Task<'p>> {
    let lane = prepared.key.lane.as_ref()?;
    let signed = &prepared.edge.signed;
    Some(match &lane.number {
        KeyNumber::Rsa { size, modulus } => {
            // RFC 8017 8.2.2, step 1: as long as the modulus. And 5.2.2, step 1: a number below it.
            let is_below = |number: &[u8]| number < modulus_octets(modulus).as_slice();
            if signed.signature.len() != size.octets() || !is_below(signed.signature) {
                return None;
            }
            let digest = lane.hash.of(signed.message);
            let question = RsaLane { modulus, number: signed.signature };
            Task::Rsa(*size, RsaTask { index, lane: question, hash: lane.hash, digest })
        }
        KeyNumber::P256 { x, y, multiples } => {
            let [r, s] = pair(signed.signature, &P256_ORDER)?;
            let digest = leftmost(lane.hash.of(signed.message).as_ref(), &P256_ORDER)?;
            Task::P256(EcdsaTask { index, r, s, digest, x, y, multiples })
        }
        KeyNumber::P384 { x, y, multiples } => {
            let [r, s] = pair(signed.signature, &P384_ORDER)?;
            let digest = leftmost(lane.hash.of(signed.message).as_ref(), &P384_ORDER)?;
            Task::P384(EcdsaTask { index, r, s, digest, x, y, multiples })
        }
    })
}

fn modulus_octets(modulus: &[u64]) -> Vec<u8> {
    modulus.iter().rev().flat_map(|word| word.to_be_bytes()).collect()
}

/// EMSA-PKCS1-v1_5 (RFC 8017 9.2), and zeros after it up to the largest size.
fn encoded(size: RsaSize, digest_info: &[u8], digest: &[u8]) -> Option<[u8; MAX_RSA_OCTETS]> {
    let mut block = [0; MAX_RSA_OCTETS];
    let whole = block.get_mut(..size.octets())?;
    let filled = whole.len().checked_sub(digest_info.len() + digest.len() + 1)?;
    let (head, tail) = whole.split_at_mut_checked(filled)?;
    let (zero, padding) = head.split_first_mut()?;
    *zero = 0;
    padding.fill(0xff);
    *padding.first_mut()? = 1;
    // The octet between the padding and the DigestInfo is 0 already.
    let (info, end) = tail.get_mut(1..)?.split_at_mut_checked(digest_info.len())?;
    info.copy_from_slice(digest_info);
    end.copy_from_slice(digest);
    Some(block)
}

/// Both numbers of an ECDSA signature (RFC 3279 2.2.3) in its one DER encoding, each in 1 to n - 1. Whatever is
/// encoded otherwise is for aws-lc-rs to say something about.
fn pair<const OCTETS: usize>(signature: &[u8], order: &[u8; OCTETS]) -> Option<[[u8; OCTETS]; 2]> {
    let [0x30, length, rest @ ..] = signature else { return None };
    if usize::from(*length) != rest.len() || *length >= 0x80 {
        return None;
    }
    let (r, rest) = integer(rest, order)?;
    let (s, rest) = integer(rest, order)?;
    rest.is_empty().then_some([r, s])
}

fn integer<'a, const OCTETS: usize>(
    input: &'a [u8],
    order: &[u8; OCTETS],
) -> Option<([u8; OCTETS], &'a [u8])> {
    let [2, length, rest @ ..] = input else { return None };
    let (contents, rest) = rest.split_at_checked(usize::from(*length))?;
    let magnitude = match contents {
        [0, 0x80..=0xff, ..] => contents.get(1..)?,
        [1..0x80, ..] => contents,
        _ => return None,
    };
    Some((number(magnitude, order)?, rest))
}

/// The number that a digest is: its leftmost bits, where it is longer than the order (SEC 1 4.1.4).
fn leftmost<const OCTETS: usize>(digest: &[u8], order: &[u8; OCTETS]) -> Option<[u8; OCTETS]> {
    number(digest.get(..OCTETS).unwrap_or(digest), order)
}

/// A number in as many octets as the order has, from 1 to n - 1.
fn number<const OCTETS: usize>(octets: &[u8], order: &[u8; OCTETS]) -> Option<[u8; OCTETS]> {
    let mut value = [0; OCTETS];
    value.get_mut(OCTETS.checked_sub(octets.len())?..)?.copy_from_slice(octets);
    (value != [0; OCTETS] && value < *order).then_some(value)
}
