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
use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use ahash::RandomState;

use crate::ct::Stapled;
use crate::process::PerProcess;
use crate::record::Record;
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{Finding, Verdict};
use crate::verifier::Verifier;

use judging::{FetchedRow, Judgement, Run, retimed};
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

/// What has become of a row at first.
enum Outcome {
    Judged(Judgement),
    /// It is probably equal to this one, which is judged.
    Again(usize),
}

impl Outcome {
    /// The row with this number and the one that it repeats, if it does.
    fn repeats((index, outcome): (usize, &Self)) -> Option<(usize, usize)> {
        match outcome {
            Self::Judged(_) => None,
            Self::Again(earlier) => Some((index, *earlier)),
        }
    }
}

/// Which row was the first of its hash: whichever thread came first, since equal rows come out alike. Each place has half
/// of a hash and the row's number plus one; 0 is a place that nobody has taken.
struct Firsts(Box<[AtomicU64]>);

impl Firsts {
    /// Places that are looked at before a row is left to itself; half of them are free.
    const PROBES: u64 = 64;

    fn new(rows: usize) -> Self {
        Self((0..rows.saturating_mul(2).next_power_of_two()).map(|_| AtomicU64::new(0)).collect())
    }

    /// The row that probably came first with this hash; `None` if that is this one, or cannot be told.
    fn claim(&self, hash: u64, row: usize) -> Option<usize> {
        let (tag, number) = (hash >> 32, u32::try_from(row).ok()?.checked_add(1)?);
        let mask = u64::try_from(self.0.len()).unwrap_or(1).wrapping_sub(1);
        for probe in 0..Self::PROBES {
            let place = usize::try_from(hash.wrapping_add(probe) & mask).ok()?;
            let own = tag << 32 | u64::from(number);
            match self.0.get(place)?.compare_exchange(0, own, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => return None,
                Err(known) if known >> 32 == tag => {
                    return usize::try_from(known & u64::from(u32::MAX)).ok()?.checked_sub(1);
                }
                Err(_) => {}
            }
        }
        None
    }
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
        let run = Run {
            session: self.verifier.session(),
            memory: self.memory.get(|| Memory::new(self.octets)),
            at,
            control,
        };
        let firsts = Firsts::new(rows.len());
        let outcomes = workers.map_pieces(rows.len(), |piece| {
            let mut roles = Vec::with_capacity(piece.len());
            let mut judged = Vec::with_capacity(piece.len());
            let (mut together, mut octets) = (Vec::with_capacity(piece.len()), 0_usize);
            for index in piece {
                let (chain, inquiry) = fetch(rows, index);
                go_through(&chain);
                let hash = self.hash(&chain, &inquiry);
                let earlier = firsts.claim(hash, index);
                roles.push(earlier);
                if earlier.is_some() {
                    continue;
                }
                octets =
                    chain.iter().fold(octets, |sum, der| sum.saturating_add(size_of::<&[u8]>() + der.len()));
                together.push(FetchedRow { hash, chain, inquiry });
                if octets >= MOST_OCTETS_TOGETHER {
                    judged.extend(run.judge_together(std::mem::take(&mut together))?);
                    octets = 0;
                }
            }
            judged.extend(run.judge_together(together)?);
            let mut judged = judged.into_iter();
            let outcome = |earlier: Option<usize>| match earlier {
                None => judged.next().map(Outcome::Judged),
                Some(earlier) => Some(Outcome::Again(earlier)),
            };
            roles.into_iter().map(outcome).collect()
        })?;
        let again: Vec<(usize, usize)> = outcomes.iter().enumerate().filter_map(Outcome::repeats).collect();
        let repeated = workers.map(again.len(), |number| {
            let &(index, earlier) = again.get(number)?;
            if control.is_cancelled() {
                return None;
            }
            let Outcome::Judged((judged, window)) = outcomes.get(earlier)? else { return None };
            let (chain, inquiry) = fetch(rows, index);
            let (known_chain, known) = fetch(rows, earlier);
            let equal = chain == known_chain
                && inquiry.name == known.name
                && inquiry.problem == known.problem
                && inquiry.stapled == known.stapled;
            let time = inquiry.at.unwrap_or(at);
            let judged = if equal && window.contains(&time) {
                retimed(judged, time)
            } else {
                run.judge_row(FetchedRow { hash: self.hash(&chain, &inquiry), chain, inquiry })?.0
            };
            control.done.fetch_add(1, Ordering::Relaxed);
            Some(judged)
        })?;
        let mut repeated = repeated.into_iter();
        let each = |outcome| match outcome {
            Outcome::Judged((judged, _)) => Some(judged),
            Outcome::Again(_) => repeated.next(),
        };
        outcomes.into_iter().map(each).collect()
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

/// Reads an octet of each line of the processor's caches: in order it fetches what comes next ahead, and a row's octets
/// usually lie behind those of the row before.
fn go_through(chain: &[&[u8]]) {
    black_box(lines(chain).fold(0, |sum, octet| sum ^ octet));
}

/// The first octet of each line, of as many as an ordinary chain has: a row may name one large certificate a million times.
fn lines(chain: &[&[u8]]) -> impl Iterator<Item = u8> {
    const LINE: usize = 64;
    const LINES: usize = 128;
    chain.iter().flat_map(|der| der.iter().step_by(LINE).copied()).take(LINES)
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
