//! Many chains at once: on all cores, every distinct chain judged once, interruptible.
//!
//! A scan asks the same thing over and over: the same chain of a content delivery network for
//! thousands of hosts, the same few hundred issuers for everything. Equal rows of a batch are judged
//! once; rows of earlier batches are remembered within a bound ([`Memory`]); signatures of issuers
//! are remembered by the verifier. Whatever is reused is compared octet by octet first.
//!
//! Rows are judged some at a time: their chains are opened, the signatures of their end entities are checked together
//! (src/signature/together.rs), and then each is judged.

mod judging;
mod memory;
mod row;
#[cfg(test)]
mod tests;
mod workers;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use crate::ct::Stapled;
use crate::process::PerProcess;
use crate::record::Record;
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{Finding, Verdict};
use crate::verifier::Verifier;

use judging::{FetchedRow, Run, retimed};
use workers::MOST_OCTETS_TOGETHER;

pub use memory::Memory;
pub use row::{Origin, Presented, Row};
pub use workers::Workers;

/// What a row asks, its chain aside.
#[derive(Clone, Debug, Default)]
pub struct Inquiry<'r> {
    /// The reference identity.
    pub name: Option<Cow<'r, str>>,
    /// The time of judgement, if it is not the batch's.
    pub at: Option<UnixSeconds>,
    /// Why there is no chain to judge.
    pub problem: Option<Refused>,
    /// What came beside the chain.
    pub stapled: Stapled<'r>,
}

/// Why a row cannot be judged.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Refused {
    /// It is not a chain and a name.
    InputError(String),
    /// What stands for the name is not one: why, and what to write.
    NoName(String),
    /// What was meant to be a certificate is not one.
    Unparseable(Finding),
}

/// Rows in whatever form they are held.
pub trait Rows: Sync {
    /// How many there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Puts the certificates of a row into `chain`, which is empty, and says what is asked of them.
    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r>;
}

impl Rows for [Row] {
    fn len(&self) -> usize {
        <[Row]>::len(self)
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        let Some(row) = self.get(index) else { return Inquiry::default() };
        chain.extend(row.chain.iter());
        Inquiry {
            name: row.name.as_deref().map(Cow::Borrowed),
            at: row.at,
            stapled: Stapled { scts: row.sct.as_deref(), ocsp: row.ocsp.as_deref() },
            problem: {
                let problem = row.problem.clone().map(Refused::InputError);
                problem.or_else(|| row.name_problem.clone().map(Refused::NoName))
            },
        }
    }
}

/// The outcome of one row. Rows of one chain share their record.
#[derive(Clone, Debug)]
pub struct Judged {
    /// What was found out. Its own time of judgement may be that of another row.
    pub record: Arc<Record>,
    /// The time of judgement.
    pub at: UnixSeconds,
}

impl Judged {
    /// The verdict with its own time of judgement.
    pub fn verdict(&self) -> Verdict {
        let mut verdict = self.record.verdict.clone();
        verdict.at = self.at;
        verdict
    }
}

/// How far a batch is, and whether to go on; shared with whoever waits for it.
#[derive(Debug, Default)]
pub struct Control {
    done: AtomicUsize,
    cancelled: AtomicBool,
}

impl Control {
    /// Rows that have been judged.
    pub fn done(&self) -> usize {
        self.done.load(Ordering::Relaxed)
    }

    /// Makes the batch end before the next row; a search that takes long is broken off.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }

    /// Whether it is to end.
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// A verifier and what it remembers from batch to batch.
#[derive(Debug)]
pub struct Batch {
    verifier: Arc<Verifier>,
    /// Octets that may be remembered.
    octets: usize,
    memory: PerProcess<Memory>,
    hasher: RandomState,
}

/// Which row a row repeats, if any.
#[derive(Clone, Copy)]
enum Role {
    /// The first of its kind: its number among the first.
    First(usize),
    /// Probably equal to this one of the first.
    Again(usize),
}

impl Batch {
    /// Remembers chains up to `memory` octets from batch to batch.
    pub fn new(verifier: Arc<Verifier>, memory: usize) -> Self {
        let own = PerProcess::new(Memory::new(memory));
        Self { verifier, octets: memory, memory: own, hasher: RandomState::new() }
    }

    /// What it judges with.
    pub fn verifier(&self) -> &Arc<Verifier> {
        &self.verifier
    }

    /// Judges all rows, in order; `at` is for rows without a time of their own. `None` if cancelled.
    pub fn judge(
        &self,
        rows: &(impl Rows + ?Sized),
        at: UnixSeconds,
        workers: &Workers,
        control: &Control,
    ) -> Option<Vec<Judged>> {
        let multibuffer = self.verifier.session().multibuffer();
        // Whether it is there now or offered by another thread before this is over.
        let was_trusted = !multibuffer.is_retired();
        let judged = self.judge_once(rows, at, workers, control)?;
        if was_trusted && multibuffer.is_retired() {
            // What it has said before it was found to be wrong must not stand.
            control.done.store(0, Ordering::Relaxed);
            return self.judge_once(rows, at, workers, control);
        }
        Some(judged)
    }

    fn judge_once(
        &self,
        rows: &(impl Rows + ?Sized),
        at: UnixSeconds,
        workers: &Workers,
        control: &Control,
    ) -> Option<Vec<Judged>> {
        let hashes = workers.map(rows.len(), |index| {
            let (chain, inquiry) = fetch(rows, index);
            Some(self.hash(&chain, &inquiry))
        })?;
        let hash_of = |index: usize| hashes.get(index).copied().unwrap_or_default();
        let run = Run {
            session: self.verifier.session(),
            memory: self.memory.get(|| Memory::new(self.octets)),
            at,
            control,
        };
        let (roles, first) = roles(&hashes);
        let judgements = workers.map_pieces(first.len(), |piece| {
            let mut judged = Vec::with_capacity(piece.len());
            let (mut together, mut octets) = (Vec::new(), 0_usize);
            for &index in first.get(piece)? {
                let (chain, inquiry) = fetch(rows, index);
                octets = chain.iter().fold(octets, |sum, der| sum.saturating_add(der.len()));
                together.push(FetchedRow { hash: hash_of(index), chain, inquiry });
                if octets >= MOST_OCTETS_TOGETHER {
                    judged.extend(run.judge_together(std::mem::take(&mut together))?);
                    octets = 0;
                }
            }
            judged.extend(run.judge_together(together)?);
            Some(judged)
        })?;
        workers.map(rows.len(), |index| {
            let number = match *roles.get(index)? {
                Role::First(number) => return judgements.get(number).map(|(judged, _)| judged.clone()),
                Role::Again(number) => number,
            };
            if control.is_cancelled() {
                return None;
            }
            let (judged, window) = judgements.get(number)?;
            let (chain, inquiry) = fetch(rows, index);
            let (known_chain, known) = fetch(rows, *first.get(number)?);
            let equal = chain == known_chain
                && inquiry.name == known.name
                && inquiry.problem == known.problem
                && inquiry.stapled == known.stapled;
            let time = inquiry.at.unwrap_or(at);
            let judged = if equal && window.contains(&time) {
                retimed(judged, time)
            } else {
                run.judge_row(FetchedRow { hash: hash_of(index), chain, inquiry })?.0
            };
            control.done.fetch_add(1, Ordering::Relaxed);
            Some(judged)
        })
    }

    /// What equal rows have in common. The end of a certificate is its signature, which differs from
    /// certificate to certificate.
    fn hash(&self, chain: &[&[u8]], inquiry: &Inquiry<'_>) -> u64 {
        const TAIL: usize = 64;
        let leaf = chain.first().copied().unwrap_or_default();
        let tail = leaf.len().checked_sub(TAIL).and_then(|start| leaf.get(start..)).unwrap_or(leaf);
        self.hasher.hash_one((tail, leaf.len(), chain.len(), inquiry.name.as_deref(), inquiry.stapled))
    }
}

/// For each row whether it is the first of its hash, and the indices of the first ones.
fn roles(hashes: &[u64]) -> (Vec<Role>, Vec<usize>) {
    let mut known: HashMap<u64, usize> = HashMap::with_capacity(hashes.len());
    let mut first = Vec::with_capacity(hashes.len());
    let roles = hashes.iter().enumerate().map(|(index, &hash)| match known.entry(hash) {
        Entry::Occupied(entry) => Role::Again(*entry.get()),
        Entry::Vacant(entry) => {
            let number = *entry.insert(first.len());
            first.push(index);
            Role::First(number)
        }
    });
    (roles.collect(), first)
}

fn fetch(rows: &(impl Rows + ?Sized), index: usize) -> (Vec<&[u8]>, Inquiry<'_>) {
    let mut chain = Vec::with_capacity(4);
    let mut inquiry = rows.row(index, &mut chain);
    // Seconds that are in fact nanoseconds, say: nobody can tell what such a row asks, and columns cannot tell its time.
    if let Some(at) = inquiry.at.filter(|at| !EXPRESSIBLE.contains(at)) {
        let problem =
            format!("the time of judgement, {at} seconds since 1970, is outside the years 0 to 9999");
        inquiry.problem.get_or_insert(Refused::InputError(problem));
        inquiry.at = None;
    }
    (chain, inquiry)
}
