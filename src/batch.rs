//! Many chains at once: on all cores, every distinct chain judged once, interruptible.
//!
//! A scan asks the same thing over and over: the same chain of a content delivery network for
//! thousands of hosts, the same few hundred issuers for everything. Equal rows of a batch are judged
//! once; rows of earlier batches are remembered within a bound ([`Memory`]); signatures of issuers
//! are remembered by the verifier. Whatever is reused is compared octet by octet first.

mod memory;
mod row;

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use rayon::ThreadPool;
use rayon::prelude::*;

use crate::ct::Stapled;
use crate::name::{self, ReferenceIdentity};
use crate::panics::caught;
use crate::process::PerProcess;
use crate::record::Record;
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{Check, Finding, Status, Verdict};
use crate::verifier::{Asked, Session, Verifier};

use memory::Key;

pub use memory::Memory;
pub use row::{Origin, Presented, Row};

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

/// Threads for a batch, made for it: a pool that outlives a `fork()` has no threads left.
#[derive(Debug)]
pub struct Workers {
    /// `None` where one thread does, or no more are to be had.
    pool: Option<ThreadPool>,
}

impl Workers {
    /// Rows that a thread should have to be worth starting.
    const ROWS_PER_THREAD: usize = 64;

    /// At most `threads` threads (0: one for each core) for so many rows.
    pub fn new(threads: usize, rows: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = if threads == 0 { cores() } else { threads };
        let wanted = wanted.min(rows.div_ceil(Self::ROWS_PER_THREAD));
        let build = || rayon::ThreadPoolBuilder::new().num_threads(wanted).build().ok();
        Self { pool: if wanted > 1 { build() } else { None } }
    }

    /// The function's value for each index, in order; for work of which there are few and large pieces.
    pub fn each<T: Send>(&self, length: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
        match &self.pool {
            Some(pool) => pool.install(|| (0..length).into_par_iter().with_max_len(1).map(&work).collect()),
            None => (0..length).map(work).collect(),
        }
    }

    /// Does both, at the same time where there are threads for it.
    pub fn join<A: Send, B: Send>(
        &self,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match &self.pool {
            Some(pool) => pool.join(one, other),
            None => (one(), other()),
        }
    }

    /// The function's value for each index, in order; `None` if it gave it up somewhere.
    pub(crate) fn map<T: Send>(
        &self,
        length: usize,
        work: impl Fn(usize) -> Option<T> + Send + Sync,
    ) -> Option<Vec<T>> {
        match &self.pool {
            Some(pool) => pool.install(|| (0..length).into_par_iter().with_min_len(16).map(&work).collect()),
            None => (0..length).map(work).collect(),
        }
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

/// A row that was judged, and when else it would have come out the same.
type Judgement = (Judged, Range<UnixSeconds>);

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
        let judgements = workers.map(first.len(), |number| {
            if control.is_cancelled() {
                return None;
            }
            let index = *first.get(number)?;
            let (chain, inquiry) = fetch(rows, index);
            let judgement = run.judge_row(hash_of(index), &chain, inquiry)?;
            control.done.fetch_add(1, Ordering::Relaxed);
            Some(judgement)
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
                run.judge_row(hash_of(index), &chain, inquiry)?.0
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

/// What one call needs for each of its rows, looked up once.
struct Run<'b> {
    session: Session<'b>,
    memory: &'b Memory,
    at: UnixSeconds,
    control: &'b Control,
}

impl Run<'_> {
    /// Judges a row; `None` if it was broken off.
    fn judge_row(&self, hash: u64, chain: &[&[u8]], inquiry: Inquiry<'_>) -> Option<Judgement> {
        let at = inquiry.at.unwrap_or(self.at);
        if let Some(refused) = inquiry.problem {
            return Some(self.refuse(refused, inquiry.name.as_deref(), at));
        }
        let name = inquiry.name.as_deref();
        let stapled = inquiry.stapled;
        let key = Key { hash, chain, stapled, name };
        if let Some((record, window)) = self.memory.get(&key, at) {
            return Some((retimed(&Judged { record, at }, at), window));
        }
        let searches = self.session.verifier().policy().searches();
        let parse = |name: &str| {
            // `Policy.ssl` takes for a host whatever `ssl` does.
            if let Some(mistake) = name::mistake(name).filter(|_| searches) {
                return Err(mistake);
            }
            let reference = ReferenceIdentity::parse(name);
            let checked = reference.and_then(|one| ReferenceIdentity::check_labels(name).map(|()| one));
            checked.map_err(|error| error.to_string())
        };
        let reference = match name.map(parse).transpose() {
            Ok(reference) => reference,
            Err(mistake) => return Some(self.refuse(Refused::NoName(mistake), None, at)),
        };
        let go_on = || !self.control.is_cancelled();
        let asked = Asked { chain, stapled, name: reference.as_ref(), at, all_paths: false, go_on: &go_on };
        let judged = caught(|| Record::of(&self.session, &asked));
        let (record, window) = match judged {
            Ok(judged) => judged,
            Err(said) => {
                return Some(self.refuse(
                    Refused::InputError(format!("its judgement has failed: {said}")),
                    name,
                    at,
                ));
            }
        };
        // What was broken off must not be remembered. A cancellation lasts: what stopped the search stops this, too.
        if self.control.is_cancelled() {
            return None;
        }
        let record = Arc::new(record);
        self.memory.put(&key, &record, &window, |der| self.session.recall_issuer(der));
        Some((Judged { record, at }, window))
    }

    fn refuse(&self, refused: Refused, name: Option<&str>, at: UnixSeconds) -> Judgement {
        let without_path =
            |status, finding| Verdict::without_path(at, name.map(str::to_owned), status, finding);
        let verdict = match refused {
            Refused::InputError(problem) => {
                without_path(Status::InputError, Finding::new(Check::InputError).fact("problem", problem))
            }
            Refused::NoName(problem) => Verdict::without_name(at, problem),
            Refused::Unparseable(finding) => without_path(Status::Unparseable, finding),
        };
        let record = Arc::new(Record::without_chain(self.session.verifier(), verdict));
        (Judged { record, at }, UnixSeconds::MIN..UnixSeconds::MAX)
    }
}

/// The outcome for another time in the window.
fn retimed(judged: &Judged, at: UnixSeconds) -> Judged {
    let record = &judged.record;
    if record.verdict.at != at && record.verdict.tells_time() {
        let mut own = Record::clone(record);
        own.verdict.set_time(at);
        return Judged { record: Arc::new(own), at };
    }
    Judged { record: Arc::clone(record), at }
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
