//! The memory of edges whose signature has been checked before.

use std::fmt;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ahash::RandomState;
use aws_lc_rs::signature::ParsedPublicKey;
use quick_cache::UnitWeighter;
use quick_cache::sync::{Cache, DefaultLifecycle};

use super::{Outcome, Signed, checkable, decode};

/// Which certificate or CRL (SHA-256 of its DER, so of message, algorithm and signature) was checked
/// against which key (SHA-256 of the SubjectPublicKeyInfo).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct EdgeId {
    pub(crate) signed: [u8; 32],
    pub(crate) issuer_key: [u8; 32],
}

/// Edges whose signature has been checked before, good ones and bad ones, and the keys of issuers,
/// decoded; shared by all threads.
///
/// The issuing CAs of a scan are few and their edges are asked for again and again; end entities
/// come and go. A bounded S3-FIFO cache keeps the former and lets the latter pass through.
pub(crate) struct EdgeMemo {
    outcomes: Kept<EdgeId, Outcome>,
    keys: Kept<KeyId, Arc<ParsedPublicKey>>,
    /// End entities (SHA-256 of their DER) whose key is a point on its curve: to find that out is a thirtieth of what
    /// a chain costs whose signatures are known.
    points: Kept<[u8; 32], ()>,
    checked: AtomicU64,
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
    /// End entities kept. One takes some 50 octets.
    const POINTS: usize = 1 << 16;
    /// Keys kept. One takes some 2 KB, so this is at most 8 MB.
    const KEYS: usize = 1 << 12;

    pub(crate) fn new() -> Self {
        Self {
            outcomes: kept(Self::CAPACITY),
            keys: kept(Self::KEYS),
            points: kept(Self::POINTS),
            checked: AtomicU64::new(0),
        }
    }

    /// The outcome of this edge, checked now if it was not before.
    pub(crate) fn verify(&self, id: EdgeId, signed: &Signed<'_>) -> Outcome {
        if let Some(outcome) = self.outcomes.get(&id) {
            return outcome;
        }
        self.checked.fetch_add(1, Ordering::Relaxed);
        let outcome = self.check(id.issuer_key, signed).unwrap_or_else(|outcome| outcome);
        self.outcomes.insert(id, outcome);
        outcome
    }

    /// Checks a signature with the issuer's key as it was decoded when it was first needed: decoding takes
    /// an eighth of a check with RSA-2048 (docs/signatures.md).
    fn check(&self, spki_sha256: [u8; 32], signed: &Signed<'_>) -> Result<Outcome, Outcome> {
        let row = checkable(signed)?;
        let id = (spki_sha256, std::ptr::from_ref(row).addr());
        let key = if let Some(key) = self.keys.get(&id) {
            key
        } else {
            let key = Arc::new(decode(row, signed)?);
            self.keys.insert(id, Arc::clone(&key));
            key
        };
        Ok(super::check(row, &key, signed))
    }

    /// Whether the key of this end entity was found to be on its curve before.
    pub(crate) fn knows_point(&self, sha256: &[u8; 32]) -> bool {
        self.points.get(sha256).is_some()
    }

    pub(crate) fn note_point(&self, sha256: [u8; 32]) {
        self.points.insert(sha256, ());
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
