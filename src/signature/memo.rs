//! The memory of edges whose signature has been checked before.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Outcome, Signed, verify};

/// Which certificate or CRL (SHA-256 of its DER, so of message, algorithm and signature) was checked
/// against which key (SHA-256 of the SubjectPublicKeyInfo).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct EdgeId {
    pub(crate) signed: [u8; 32],
    pub(crate) issuer_key: [u8; 32],
}

/// Edges whose signature has been checked before, good ones and bad ones, shared by all threads.
///
/// The issuing CAs of a scan are few and their edges are asked for again and again; end entities
/// come and go. A bounded S3-FIFO cache keeps the former and lets the latter pass through.
pub(crate) struct EdgeMemo {
    outcomes: quick_cache::sync::Cache<EdgeId, Outcome>,
    checked: AtomicU64,
    /// The process that made it. In a child made by `fork()` the cache may be locked by a thread that
    /// only the parent has, and is not touched.
    process: u32,
    in_child: OnceLock<Box<EdgeMemo>>,
}

impl EdgeMemo {
    /// Entries kept. An entry takes some 100 octets, so this is at most 13 MB.
    const CAPACITY: usize = 1 << 17;

    pub(crate) fn new() -> Self {
        Self {
            outcomes: quick_cache::sync::Cache::new(Self::CAPACITY),
            checked: AtomicU64::new(0),
            process: std::process::id(),
            in_child: OnceLock::new(),
        }
    }

    /// The memory of this process: a new one for each generation of forks. Asked for once for each chain, since
    /// it takes a system call.
    pub(crate) fn of_this_process(&self) -> &Self {
        let mut memo = self;
        while memo.process != std::process::id() {
            if memo.in_child.get().is_none() {
                // Made before the cell is locked, so that it is locked for no longer than it takes to move.
                let _ = memo.in_child.set(Box::new(Self::new()));
            }
            match memo.in_child.get() {
                Some(child) => memo = child,
                None => break,
            }
        }
        memo
    }

    /// The outcome of this edge, checked now if it was not before.
    pub(crate) fn verify(&self, id: EdgeId, signed: &Signed<'_>) -> Outcome {
        if let Some(outcome) = self.outcomes.get(&id) {
            return outcome;
        }
        self.checked.fetch_add(1, Ordering::Relaxed);
        let outcome = verify(signed);
        self.outcomes.insert(id, outcome);
        outcome
    }

    /// How many signatures were really checked.
    pub(crate) fn checked(&self) -> u64 {
        self.checked.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for EdgeMemo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("EdgeMemo").field("process", &self.process).finish_non_exhaustive()
    }
}
