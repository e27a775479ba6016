//! Many chains at once: on all cores, every distinct chain judged once, interruptible.
//!
//! A scan asks the same thing over and over: the same chain of a content delivery network for
//! thousands of hosts, the same few hundred issuers for everything. Equal rows of a batch are judged
//! once; rows of earlier batches are remembered within a bound ([`Memory`]); signatures of issuers
//! are remembered by the verifier. Whatever is reused is compared octet by octet first.
//!
//! Rows are judged some at a time: their chains are opened, the signatures of their end entities are checked together
//! (src/signature/together.rs), and then each is judged.

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
use crate::signature::Foretold;
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{Check, Finding, Status, Verdict};
use crate::verifier::{Asked, Opened, Session, Verifier};

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

    /// The same for pieces of the indices, each as long as is good for it, and with as many values as it has indices.
    fn map_pieces<T: Send>(
        &self,
        length: usize,
        work: impl Fn(Range<usize>) -> Option<Vec<T>> + Send + Sync,
    ) -> Option<Vec<T>> {
        let threads = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        // Small enough that no thread is left with the last one for long.
        let piece = (length / (4 * threads)).clamp(Self::ROWS_PER_THREAD, MOST_TOGETHER);
        let pieces = length.div_ceil(piece);
        let each = |number: usize| {
            let start = number * piece;
            work(start..length.min(start + piece))
        };
        let done: Option<Vec<_>> = match &self.pool {
            Some(pool) => pool.install(|| (0..pieces).into_par_iter().with_max_len(1).map(each).collect()),
            None => (0..pieces).map(each).collect(),
        };
        let mut all = Vec::with_capacity(length);
        all.extend(done?.into_iter().flatten());
        Some(all)
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

/// Rows whose chains are open at the same time, for a thread. Of a scan's mix these fill eight lanes several times for
/// each kind of signature.
const MOST_TOGETHER: usize = 256;

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
        let multibuffer = self.verifier.session().multibuffer();
        let was_used = multibuffer.is_used();
        let judged = self.judge_once(rows, at, workers, control)?;
        if was_used && multibuffer.is_retired() {
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
            let asked = first.get(piece)?.iter().map(|&index| {
                let (chain, inquiry) = fetch(rows, index);
                Question { hash: hash_of(index), chain, inquiry }
            });
            run.judge_together(asked.collect())
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
                run.judge_row(Question { hash: hash_of(index), chain, inquiry })?.0
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

/// One row, as it is asked.
struct Question<'r> {
    hash: u64,
    chain: Vec<&'r [u8]>,
    inquiry: Inquiry<'r>,
}

impl<'r> Question<'r> {
    fn key(&self) -> Key<'_> {
        let Self { hash, chain, inquiry } = self;
        Key { hash: *hash, chain, stapled: inquiry.stapled, name: inquiry.name.as_deref() }
    }
}

/// What is known of a row before it is judged.
enum Prospect<'r> {
    /// All of it.
    Done(Judgement),
    /// Its certificates; nothing if opening them has failed, of which the judgement says more.
    Open(Option<Opened<'r>>),
}

impl Run<'_> {
    /// Judges rows; `None` if they were broken off.
    fn judge_together(&self, asked: Vec<Question<'_>>) -> Option<Vec<Judgement>> {
        let mut prospects = Vec::with_capacity(asked.len());
        for question in &asked {
            if self.control.is_cancelled() {
                return None;
            }
            prospects.push(self.look_at(question));
        }
        let open: Vec<_> = prospects
            .iter()
            .map(|prospect| match prospect {
                Prospect::Open(opened) => opened.as_ref(),
                Prospect::Done(_) => None,
            })
            .collect();
        let foretold = caught(|| self.session.foretell(&open)).unwrap_or_default();
        let judged = asked.into_iter().zip(prospects).enumerate().map(|(index, (question, prospect))| {
            if self.control.is_cancelled() {
                return None;
            }
            let foretold = foretold.get(index).and_then(Option::as_ref);
            let judgement = match prospect {
                Prospect::Done(judgement) => judgement,
                Prospect::Open(opened) => self.judge_opened(question, opened.as_ref(), foretold)?,
            };
            self.control.done.fetch_add(1, Ordering::Relaxed);
            Some(judgement)
        });
        judged.collect()
    }

    /// Judges one row by itself; `None` if it was broken off.
    fn judge_row(&self, question: Question<'_>) -> Option<Judgement> {
        match self.look_at(&question) {
            Prospect::Done(judgement) => Some(judgement),
            Prospect::Open(opened) => self.judge_opened(question, opened.as_ref(), None),
        }
    }

    /// Whatever can be said of a row without a judgement; else its certificates.
    fn look_at<'r>(&self, question: &Question<'r>) -> Prospect<'r> {
        let Question { chain, inquiry, .. } = question;
        let at = inquiry.at.unwrap_or(self.at);
        if let Some(refused) = &inquiry.problem {
            return Prospect::Done(self.refuse(refused.clone(), inquiry.name.as_deref(), at));
        }
        if let Some((record, window)) = self.memory.get(&question.key(), at, self.trusts_lanes()) {
            return Prospect::Done((retimed(&Judged { record, at }, at), window));
        }
        Prospect::Open(caught(|| self.session.open(chain)).ok())
    }

    /// Judges a row that nothing is known of yet; `None` if it was broken off.
    fn judge_opened(
        &self,
        question: Question<'_>,
        opened: Option<&Opened<'_>>,
        foretold: Option<&Foretold>,
    ) -> Option<Judgement> {
        let Question { chain, inquiry, .. } = &question;
        let at = inquiry.at.unwrap_or(self.at);
        let name = inquiry.name.as_deref();
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
        let asked = Asked {
            chain,
            stapled: inquiry.stapled,
            name: reference.as_ref(),
            at,
            all_paths: false,
            go_on: &go_on,
        };
        let by_lanes = self.session.multibuffer().is_used();
        let judged = caught(|| match opened {
            Some(opened) => Record::of_opened(&self.session, &asked, opened, foretold),
            None => Record::of(&self.session, &asked),
        });
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
        let recall = |der: &[u8]| self.session.recall_issuer(der);
        self.memory.put(&question.key(), &record, &window, by_lanes, recall);
        Some((Judged { record, at }, window))
    }

    /// Whether what lanes have said of signatures counts.
    fn trusts_lanes(&self) -> bool {
        !self.session.multibuffer().is_retired()
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
