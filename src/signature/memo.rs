//! The memory of edges whose signature has been checked before.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::earned::WORTHWHILE;
use super::edge::{Edge, EdgeId, Foretold};
use super::key::DecodedKey;
use super::multibuffer::Multibuffer;
use super::{Outcome, Signed, Verifiable, check, checkable};

/// Edges whose signature has been checked before, good ones and bad ones, and the keys of issuers,
/// decoded; shared by all threads.
///
/// The issuing CAs of a scan are few and their edges are asked for again and again; end entities
/// come and go. A bounded S3-FIFO cache keeps the former and lets the latter pass through.
pub(crate) struct EdgeMemo {
    outcomes: Kept<EdgeId, Remembered>,
    keys: Kept<KeyId, Arc<DecodedKey>>,
    checked: AtomicU64,
    multibuffer: &'static Multibuffer,
    /// Signatures by a key before its multiples are made.
    multiples_after: u32,
    /// Keyed, so that nobody can choose what is not checked again.
    sample: RandomState,
}

/// What came of a signature, and whether a lane alone has said so.
#[derive(Clone, Copy)]
struct Remembered {
    outcome: Outcome,
    by_lane: bool,
}

/// A bounded cache whose keys are fingerprints.
type Kept<K, V> = Cache<K, V, UnitWeighter, RandomState>;

fn kept<K: Eq + Hash, V: Clone>(capacity: usize) -> Kept<K, V> {
    let weight = u64::try_from(capacity).unwrap_or(u64::MAX);
    Cache::with(capacity, weight, UnitWeighter, RandomState::new(), DefaultLifecycle::default())
}

/// A SubjectPublicKeyInfo (its SHA-256), decoded for the algorithm at this address of the table: one
/// RSA key serves several.
type KeyId = ([u8; 32], usize);

impl EdgeMemo {
    /// Entries kept. An entry takes some 100 octets, so this is at most 13 MB.
    const CAPACITY: usize = 1 << 17;
    /// Keys kept. One takes some 2.5 KB, so this is at most 10 MB, without multiples (earned.rs).
    const KEYS: usize = 1 << 12;

    pub(crate) fn new(multibuffer: &'static Multibuffer) -> Self {
        Self {
            outcomes: kept(Self::CAPACITY),
            keys: kept(Self::KEYS),
            checked: AtomicU64::new(0),
            multibuffer,
            multiples_after: WORTHWHILE,
            sample: RandomState::new(),
        }
    }

    /// The same, with another number of signatures by a key before its multiples are made.
    pub(super) fn with_multiples_after(self, signatures: u32) -> Self {
        Self { multiples_after: signatures, ..self }
    }

    /// The outcome of this edge: remembered, foretold, or checked now.
    fn verify(&self, id: EdgeId, signed: &Signed<'_>, foretold: Option<&Foretold>) -> Outcome {
        if let Some(known) = self.recall(&id) {
            return known.outcome;
        }
        self.checked.fetch_add(1, Ordering::Relaxed);
        let foretold = foretold.filter(|one| one.id == id && self.counts(one.by_lane));
        let known = match foretold {
            Some(&Foretold { outcome, by_lane, .. }) => Remembered { outcome, by_lane },
            None => Remembered { outcome: self.check(id, signed), by_lane: false },
        };
        self.outcomes.insert(id, known);
        known.outcome
    }

    fn recall(&self, id: &EdgeId) -> Option<Remembered> {
        self.outcomes.get(id).filter(|known| self.counts(known.by_lane))
    }

    /// Whether an answer may be used: what lanes have said counts for as long as they are trusted.
    fn counts(&self, by_lane: bool) -> bool {
        !(by_lane && self.multibuffer.is_retired())
    }

    /// Whether the outcome of this edge is known.
    pub(super) fn knows(&self, id: &EdgeId) -> bool {
        self.recall(id).is_some()
    }

    fn check(&self, id: EdgeId, signed: &Signed<'_>) -> Outcome {
        let prepared = self.prepare(&Edge { id, signed: *signed });
        prepared.map_or_else(|outcome| outcome, |(row, key)| check(row, &key.parsed, signed))
    }

    /// How a signature is checked, and the issuer's key as it was decoded when it was first needed: decoding takes
    /// an eighth of a check with RSA-2048 (docs/signatures.md).
    pub(super) fn prepare(&self, edge: &Edge<'_>) -> Result<(&'static Verifiable, Arc<DecodedKey>), Outcome> {
        let row = checkable(&edge.signed)?;
        let id = (edge.id.issuer_key, std::ptr::from_ref(row).addr());
        if let Some(key) = self.keys.get(&id) {
            return Ok((row, key));
        }
        let key = Arc::new(DecodedKey::new(row, &edge.signed)?);
        self.keys.insert(id, Arc::clone(&key));
        Ok((row, key))
    }

    /// What hashes edges, keyed.
    pub(super) fn hasher(&self) -> RandomState {
        self.sample.clone()
    }

    /// Whether this signature is one of those that are checked again.
    pub(super) fn is_sampled(&self, id: &EdgeId) -> bool {
        self.sample.hash_one(id).is_multiple_of(self.multibuffer.sample())
    }

    /// What checks many signatures at once.
    pub(crate) fn multibuffer(&self) -> &'static Multibuffer {
        self.multibuffer
    }

    pub(super) fn multiples_after(&self) -> u32 {
        self.multiples_after
    }

    /// How many signatures were really checked.
    pub(crate) fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for EdgeMemo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EdgeMemo").field("checked", &self.checked()).finish_non_exhaustive()
    }
}

/// What is known of signatures while one chain is judged: what is remembered, and what was checked ahead for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownEdges<'m> {
    memo: &'m EdgeMemo,
    foretold: Option<&'m Foretold>,
}

impl<'m> KnownEdges<'m> {
    pub(crate) fn new(memo: &'m EdgeMemo, foretold: Option<&'m Foretold>) -> Self {
        Self { memo, foretold }
    }

    /// What whoever looks edges up may hash them with.
    pub(crate) fn hasher(&self) -> RandomState {
        self.memo.hasher()
    }

    /// The outcome of this edge, checked now if it was not before.
    pub(crate) fn verify(&self, id: EdgeId, signed: &Signed<'_>) -> Outcome {
        self.memo.verify(id, signed, self.foretold)
    }
}
