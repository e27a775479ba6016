//! A door for tests/multibuffer/trial.rs: signatures without certificates, checked together and alone.

use super::edge::{Edge, EdgeId, Foretold};
use super::memo::EdgeMemo;
use super::multibuffer::Multibuffer;
use super::together::foretell;
use super::{Outcome, Signed, sha256};

/// A signature with all that it is checked with.
#[derive(Clone, Debug)]
pub struct Trial {
    /// Contents of the signature's AlgorithmIdentifier.
    pub algorithm: Vec<u8>,
    /// What is signed.
    pub message: Vec<u8>,
    /// The signature.
    pub signature: Vec<u8>,
    /// Contents of the key's AlgorithmIdentifier.
    pub key_algorithm: Vec<u8>,
    /// The key, as a SubjectPublicKeyInfo holds it.
    pub key: Vec<u8>,
    /// The size of an RSA key.
    pub rsa_bits: Option<u32>,
}

/// What came of a trial.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Answer {
    /// Whether it is good; `None` if it cannot be checked.
    pub valid: Option<bool>,
    /// A lane has said so, and nobody else.
    pub by_lane: bool,
}

/// What checks trials.
#[derive(Debug)]
pub struct Trials {
    memo: EdgeMemo,
}

impl Default for Trials {
    fn default() -> Self {
        Self { memo: EdgeMemo::new(Multibuffer::own()) }
    }
}

impl Trials {
    /// Some for which the multiples of a key are made once it has so many signatures.
    pub fn with_multiples_after(signatures: u32) -> Self {
        Self { memo: EdgeMemo::new(Multibuffer::own()).with_multiples_after(signatures) }
    }

    /// Checks them as the rows of a batch.
    pub fn together(&self, trials: &[Trial]) -> Vec<Option<Answer>> {
        let edges: Vec<_> = trials
            .iter()
            .enumerate()
            .map(|(number, trial)| Some(Edge { id: id(trial, number), signed: signed(trial) }))
            .collect();
        let answer = |foretold: Option<Foretold>| {
            foretold.map(|one| Answer { valid: valid(one.outcome), by_lane: one.by_lane })
        };
        foretell(&self.memo, &edges).into_iter().map(answer).collect()
    }

    /// Asks aws-lc-rs.
    pub fn alone(&self, trial: &Trial) -> Option<bool> {
        let edge = Edge { id: id(trial, 0), signed: signed(trial) };
        let prepared = self.memo.prepare(&edge);
        valid(
            prepared
                .map_or_else(|outcome| outcome, |(row, key)| super::check(row, &key.parsed, &edge.signed)),
        )
    }
}

fn valid(outcome: Outcome) -> Option<bool> {
    match outcome {
        Outcome::Valid => Some(true),
        Outcome::Invalid => Some(false),
        Outcome::Unsupported => None,
    }
}

fn signed(trial: &Trial) -> Signed<'_> {
    let Trial { algorithm, message, signature, key_algorithm, key, rsa_bits } = trial;
    Signed { algorithm, message, signature, key_algorithm, key, rsa_bits: *rsa_bits }
}

/// By its number, so that a signature that comes twice is checked twice.
fn id(trial: &Trial, number: usize) -> EdgeId {
    let number = number.to_be_bytes();
    let whole = [&number[..], &trial.algorithm, &trial.message, &trial.signature].concat();
    EdgeId {
        signed: sha256(&whole),
        issuer_key: sha256(&[trial.key_algorithm.as_slice(), &trial.key].concat()),
    }
}
