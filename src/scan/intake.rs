//! What is read and taken apart for a step: some pieces, in their order, and never much more than that.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use crate::batch::{Control, Row, Workers};
use crate::ingest::{
    Chunk, Cursor, End, Field, Harvest, Issuers, LONGEST_NAME, Options, Position, Reader, Source,
};
use crate::name::{self, ReferenceIdentity};

/// Chunks of one step. A scan's lines of 25 kB come forty in a chunk, and threads wait for each other between steps.
const STEP_CHUNKS: usize = 32;
/// Chunks that are taken apart at the same time; a document that may bring fifty thousand rows counts for several.
const WAVE: usize = 16;
/// Rows of one step: with more of them it ends with the piece that brings them.
pub(super) const STEP_ROWS: usize = 1 << 14;
/// Octets of a step's rows, likewise.
const STEP_OCTETS: usize = 16 << 20;
/// Octets of a row that is out of the ordinary. A verdict may say what its certificates say several times over.
const LARGE_ROW: usize = 64 << 10;
/// How much more such a row counts for each octet beyond.
const LARGE_ROW_WEIGHT: usize = 15;
/// How long a step waits for input.
const PATIENCE: Duration = Duration::from_millis(40);

/// Gives a name in A-labels, or says why it has none.
pub type EncodeName = dyn Fn(&str) -> Result<String, String> + Send + Sync;

/// The side of a scan that reads.
pub(super) struct Intake {
    reader: Reader,
    options: Options,
    issuers: Issuers,
    pub(super) encode_name: Box<EncodeName>,
    /// Being taken apart, in order.
    open: VecDeque<Open>,
    ended: bool,
}

/// A chunk that is being taken apart.
struct Open {
    chunk: Chunk,
    cursor: Cursor,
    /// Pieces that are to be judged.
    ready: VecDeque<Harvest>,
    /// Pieces that have been.
    taken: u64,
}

/// A piece that is being judged.
pub(super) struct Bite {
    pub(super) harvest: Harvest,
    pub(super) source: Arc<str>,
    /// Where the run is after it.
    pub(super) after: Position,
    pub(super) pieces: u64,
    /// What its source has turned out to be, and what to say if that has given no row.
    pub(super) end: Option<(End, Option<String>)>,
}

impl Intake {
    /// From `position` on; the core takes names as they are.
    pub(super) fn new(
        sources: Vec<Source>,
        (options, issuers): (Options, Issuers),
        position: Position,
    ) -> Self {
        Self {
            reader: Reader::new(sources, options.clone(), position),
            options,
            issuers,
            encode_name: Box::new(|name| Ok(name.to_owned())),
            open: VecDeque::new(),
            ended: false,
        }
    }

    /// The fields of the input that are kept.
    pub(super) fn kept(&self) -> &[Field] {
        &self.options.keep
    }

    /// Whether the input has asked for issuers that stand elsewhere.
    pub(super) fn issuers_asked(&self) -> bool {
        self.issuers.were_asked_for()
    }

    /// Stored octets that have been read so far.
    pub(super) fn passed(&self) -> u64 {
        self.reader.passed()
    }

    /// Whether everything has been read and handed on.
    pub(super) fn is_done(&self) -> bool {
        self.ended && self.open.is_empty()
    }

    /// Pieces to judge: one at least, if it comes in time, and as many more as are there and fit in a step.
    ///
    /// `done` is how far the run has come: the chunk it is at, and how many pieces of that are judged.
    pub(super) fn bites(&mut self, workers: &Workers, done: (Position, u64), control: &Control) -> Vec<Bite> {
        self.harvest(workers, control);
        let mut bites = Vec::new();
        let (mut rows, mut weight) = (0, 0);
        while let Some(open) = self.open.front_mut().filter(|_| rows < STEP_ROWS && weight < STEP_OCTETS) {
            let Some(harvest) = open.ready.pop_front() else { break };
            open.taken += 1;
            let is_last = open.ready.is_empty() && open.cursor.is_done();
            let (after, pieces) =
                if is_last { (open.chunk.after(), 0) } else { (open.chunk.start(), open.taken) };
            // A run that is taken up within a chunk has judged its first pieces already.
            let is_done = done.0 == open.chunk.start() && open.taken <= done.1;
            if !is_done {
                rows += harvest.rows.len();
                weight += weight_of(&harvest.rows);
                let end = open.chunk.end().cloned().map(|end| (end, open.chunk.nothing_found()));
                bites.push(Bite { harvest, source: Arc::clone(open.chunk.source()), after, pieces, end });
            }
            if is_last {
                self.open.pop_front();
            }
        }
        bites
    }

    /// Takes chunks apart until there is enough for a step.
    fn harvest(&mut self, workers: &Workers, control: &Control) {
        loop {
            self.open_chunks();
            // Up to the first chunk that goes on: what stands behind it cannot be judged before.
            let first = self.open.iter().position(|open| !open.cursor.is_done());
            let ready = self.open.iter().take(first.map_or(usize::MAX, |first| first + 1));
            let (rows, weight) =
                ready.flat_map(|open| &open.ready).fold((0, 0), |(rows, weight), harvest| {
                    (rows + harvest.rows.len(), weight + weight_of(&harvest.rows))
                });
            if rows >= STEP_ROWS || weight >= STEP_OCTETS || control.is_cancelled() {
                return;
            }
            // Of those behind it one piece each may wait: chunks may be as large as they like.
            let unfinished: Vec<usize> = {
                let open = self.open.iter().enumerate().filter(|(index, open)| {
                    !open.cursor.is_done() && (Some(*index) == first || open.ready.is_empty())
                });
                let mut weight = 0;
                let within = open.take_while(|(index, open)| {
                    weight += open.chunk.weight();
                    weight <= WAVE || Some(*index) == first
                });
                within.map(|(index, _)| index).collect()
            };
            if unfinished.is_empty() {
                return;
            }
            let (open, options, issuers) = (&self.open, &self.options, &self.issuers);
            let encode_name = &*self.encode_name;
            let taken = workers.each(unfinished.len(), |number| {
                let index = *unfinished.get(number)?;
                let open = open.get(index)?;
                let mut cursor = open.cursor.clone();
                let mut harvest = open.chunk.piece(&mut cursor, options, issuers);
                harvest.rows.iter_mut().for_each(|row| encode(row, encode_name));
                Some((index, cursor, harvest))
            });
            for (index, cursor, harvest) in taken.into_iter().flatten() {
                if let Some(open) = self.open.get_mut(index) {
                    open.cursor = cursor;
                    open.ready.extend(harvest.split());
                }
            }
        }
    }

    /// Some chunks: one at least, if it comes in time, and as many more as are there.
    fn open_chunks(&mut self) {
        while !self.ended && self.open.len() < STEP_CHUNKS {
            let wait = if self.open.is_empty() { PATIENCE } else { Duration::ZERO };
            match self.reader.next_within(wait) {
                Ok(Some(chunk)) => self.open.push_back(Open {
                    chunk,
                    cursor: Cursor::default(),
                    ready: VecDeque::new(),
                    taken: 0,
                }),
                Ok(None) => self.ended = true,
                Err(_) => break,
            }
        }
    }

    /// How many rows have been taken apart and wait.
    #[cfg(test)]
    pub(super) fn ready_rows(&self) -> usize {
        self.open.iter().flat_map(|open| &open.ready).map(|harvest| harvest.rows.len()).sum()
    }
}

/// What rows weigh in a step.
fn weight_of(rows: &[Row]) -> usize {
    let weight = |row: &Row| {
        let octets = row.octets();
        octets.saturating_add(octets.saturating_sub(LARGE_ROW).saturating_mul(LARGE_ROW_WEIGHT))
    };
    rows.iter().map(weight).fold(0, usize::saturating_add)
}

/// The row with its name in A-labels, as `Columns` has it for rows of columns.
///
/// A scan is not a program that was written for `ssl`: what is not a name is not one under `Policy.ssl`, too.
fn encode(row: &mut Row, encode_name: &EncodeName) {
    let Some(name) = row.name.as_deref() else { return };
    let encoded = match name::mistake(name) {
        _ if name.len() > LONGEST_NAME => Err(format!("a name of more than {LONGEST_NAME} bytes")),
        Some(mistake) => Err(mistake),
        None if ReferenceIdentity::check_labels(name).is_ok() => return,
        None => encode_name(name),
    };
    match encoded {
        Ok(encoded) => row.name = Some(encoded),
        Err(complaint) => {
            row.name = None;
            row.name_problem.get_or_insert(complaint);
        }
    }
}
