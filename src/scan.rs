//! A whole scan: read, judged, counted and written, a step at a time.

mod comparison;
mod frequent;
mod missing_issuers;
mod origin;
mod tally;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{Schema, SchemaRef};
use serde_json::{Value, json};

use crate::arrow::{self, certificate_info};
use crate::batch::{Batch, Control, Judged, Row, Workers};
use crate::ingest::{
    Chunk, Cursor, End, Field, Harvest, Issuers, LONGEST_NAME, Options, Position, Reader, Source,
};
use crate::name::{self, ReferenceIdentity};
use crate::output::{Layout, Output, OutputError, Progress};
use crate::time::UnixSeconds;
use crate::verifier::Verifier;

pub use comparison::Comparison;
pub use tally::Tally;

/// How a scan is judged and written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time of judgement for rows without one of their own.
    pub at: UnixSeconds,
    /// 0: as many as there are cores.
    pub threads: usize,
    /// Whether the columns about the end entity are wanted.
    pub certificate_info: bool,
    /// Whether it is to be counted where the certificates are that would complete paths.
    pub missing_issuers: bool,
    /// Rows after which a part is complete.
    pub part_rows: u64,
    /// Complaints that are borne: one more ends the scan.
    pub max_errors: Option<u64>,
    /// Complaints of one source that are told; the rest is counted.
    pub told: u64,
}

impl Settings {
    /// A part is on disk about every second, and large enough for Parquet to pay.
    pub const PART_ROWS: u64 = 1 << 16;
    /// Enough to see what is wrong with a source.
    pub const TOLD: u64 = 1_000;
}

/// Columns before those of the origin: `row` and `key`.
const ORIGIN: usize = 2;
/// Chunks of one step.
const STEP_CHUNKS: usize = 16;
/// Chunks that are taken apart at the same time; a document that may bring fifty thousand rows counts for several.
const WAVE: usize = 8;
/// Rows of one step: with more of them it ends with the piece that brings them.
const STEP_ROWS: usize = 1 << 14;
/// Octets of a step's rows, likewise.
const STEP_OCTETS: usize = 16 << 20;
/// Octets of a row that is out of the ordinary. A verdict may say what its certificates say several times over.
const LARGE_ROW: usize = 64 << 10;
/// How much more such a row counts for each octet beyond.
const LARGE_ROW_WEIGHT: usize = 15;
/// Octets of columns after which a part is complete: the writer of Parquet holds all of them until then.
const PART_OCTETS: usize = 128 << 20;
/// How long a step waits for input.
const PATIENCE: Duration = Duration::from_millis(40);

/// Gives a name in A-labels, or says why it has none.
pub type EncodeName = dyn Fn(&str) -> Result<String, String> + Send + Sync;

/// Where the verdicts go.
pub enum Sink {
    /// Nowhere: they are counted.
    Nowhere,
    /// To whoever takes the steps.
    Text(Layout),
    /// Into a file.
    File(Box<Output>),
}

/// What a step has brought.
#[derive(Debug, Default)]
pub struct Step {
    /// Complaints about the input, with their places.
    pub complaints: Vec<String>,
    /// Verdicts as text, if they go nowhere else.
    pub text: Vec<u8>,
    /// Whether that was the last step.
    pub finished: bool,
    /// Whether a complaint has ended the scan.
    pub stopped: bool,
}

/// A scan under way.
pub struct Scan {
    reader: Reader,
    options: Options,
    issuers: Issuers,
    encode_name: Box<EncodeName>,
    batch: Arc<Batch>,
    workers: Workers,
    settings: Settings,
    schema: SchemaRef,
    sink: Sink,
    tally: Tally,
    comparison: Option<Comparison>,
    rows: u64,
    part_rows: u64,
    part_octets: usize,
    /// Being taken apart, in order.
    open: VecDeque<Open>,
    position: Position,
    /// Pieces that are done of the chunk at that position.
    pieces: u64,
    /// Complaints of the source at that position that have come since the run began.
    complaints: u64,
    /// What they are of.
    complaining: Arc<str>,
    written_header: bool,
    ended: bool,
    cancelled: bool,
    /// Judged, and to be written while the next are being judged.
    waiting: Vec<Piece>,
}

/// The verdicts of one piece.
struct Piece {
    batch: RecordBatch,
    /// If a part is complete with this piece, how far that is.
    progress: Option<Progress>,
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
struct Bite {
    harvest: Harvest,
    source: Arc<str>,
    /// Where the run is after it.
    after: Position,
    pieces: u64,
    /// What its source has turned out to be, and what to say if that has given no row.
    end: Option<(End, Option<String>)>,
}

/// What a run has to keep in mind, beside where it is.
fn state(tally: &Tally, at: UnixSeconds) -> Value {
    json!({"tally": tally.to_json(), "at": at})
}

impl Scan {
    /// The columns of a scan's verdicts.
    pub fn schema(batch: &Batch, certificate_info: bool, keep: &[Field]) -> SchemaRef {
        let own = arrow::schema(batch.verifier());
        let mut fields: Vec<_> = own.fields().iter().cloned().collect();
        let behind = ORIGIN.min(fields.len());
        fields.splice(behind..behind, origin::fields().into_iter().map(Arc::new));
        if certificate_info {
            fields.extend(certificate_info::fields().into_iter().map(Arc::new));
        }
        let others = Arc::new(Schema::new(fields.clone()));
        fields.extend(origin::kept_fields(keep, &others).into_iter().map(Arc::new));
        Arc::new(Schema::new_with_metadata(fields, own.metadata().clone()))
    }

    /// The counts and the time of judgement that a broken-off run has noted.
    pub fn restore(state: &Value) -> Option<(Tally, UnixSeconds)> {
        Some((Tally::from_json(state.get("tally")?)?, state.get("at")?.as_i64()?))
    }

    /// What makes two runs the same run: inputs, options and the verifier, as a number.
    pub fn fingerprint(sources: &[Source], verifier: &Verifier, options: &[&str]) -> String {
        let mut digest = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
        let mut add = |text: &[u8]| {
            digest.update(&u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
            digest.update(text);
        };
        add(env!("CARGO_PKG_VERSION").as_bytes());
        for source in sources {
            add(source.name.as_bytes());
            let metadata = source.path().and_then(|path| path.metadata().ok());
            let modified = metadata.as_ref().and_then(|metadata| metadata.modified().ok());
            add(format!("{:?} {modified:?}", metadata.map(|metadata| metadata.len())).as_bytes());
        }
        for store in verifier.stores() {
            add(store.name().as_bytes());
            for anchor in store.anchors() {
                add(&anchor.view().sha256());
            }
        }
        if let Some(logs) = verifier.ct_logs() {
            add(logs.json());
        }
        for set in verifier.revocation_sets() {
            add(set.octets());
        }
        let pool = verifier.pool().map(|pool| pool.certificates()).unwrap_or_default();
        for certificate in pool {
            add(&certificate.view().sha256());
        }
        add(format!("{:?}", verifier.policy()).as_bytes());
        for option in options {
            add(option.as_bytes());
        }
        crate::distinguished_name::hex(digest.finish().as_ref())
    }

    /// Begins, or goes on from `start`.
    pub fn new(
        batch: Arc<Batch>,
        sources: Vec<Source>,
        (options, issuers): (Options, Issuers),
        settings: Settings,
        sink: Sink,
        start: Option<((Position, u64), Tally)>,
    ) -> Self {
        let ((position, pieces), tally) =
            start.unwrap_or_else(|| (Default::default(), Tally::new(batch.verifier().stores().len())));
        Self {
            reader: Reader::new(sources, options.clone(), position),
            workers: Workers::new(settings.threads, usize::MAX),
            schema: Self::schema(&batch, settings.certificate_info, &options.keep),
            rows: tally.rows(),
            options,
            issuers,
            // The core takes names as they are.
            encode_name: Box::new(|name| Ok(name.to_owned())),
            batch,
            settings,
            sink,
            tally,
            comparison: None,
            part_rows: 0,
            part_octets: 0,
            open: VecDeque::new(),
            position,
            pieces,
            complaints: 0,
            complaining: Arc::from(""),
            written_header: false,
            ended: false,
            cancelled: false,
            waiting: Vec::new(),
        }
    }

    /// Has names that are not made of ASCII labels (RFC 1035 2.3.4) encoded before they are looked for.
    #[must_use]
    pub fn encoding_names(mut self, encode_name: Box<EncodeName>) -> Self {
        self.encode_name = encode_name;
        self
    }

    /// Has two sets of stores compared.
    #[must_use]
    pub fn comparing(mut self, comparison: Option<Comparison>) -> Self {
        self.comparison = comparison;
        self
    }

    /// The counts so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Whether the input has asked for issuers that stand elsewhere.
    pub fn issuers_asked(&self) -> bool {
        self.issuers.were_asked_for()
    }

    /// Stored octets that have been read so far.
    pub fn passed(&self) -> u64 {
        self.reader.passed()
    }

    /// Judges some more; `None` if cancelled, which loses nothing that was written.
    ///
    /// # Errors
    ///
    /// If the verdicts cannot be written.
    pub fn step(&mut self, control: &Control) -> Result<Option<Step>, OutputError> {
        if self.cancelled {
            return Err(cancelled());
        }
        let waiting = std::mem::take(&mut self.waiting);
        let mut bites = self.bites(control);
        let (batch, workers, settings) = (&self.batch, &self.workers, &self.settings);
        let (schema, first, keep) = (&self.schema, self.rows, self.options.keep.len());
        let comparison = self.comparison.as_ref();
        let files: Vec<Arc<str>> = bites.iter().map(|bite| Arc::clone(&bite.source)).collect();
        let mut writer = Writer { sink: &mut self.sink, written_header: &mut self.written_header };
        let (written, judged) = workers.join(
            || writer.write(waiting, control),
            || {
                let mut ends = Vec::with_capacity(bites.len());
                let mut rows: Vec<Row> = Vec::new();
                for bite in &mut bites {
                    rows.append(&mut bite.harvest.rows);
                    ends.push(rows.len());
                }
                let judged = batch.judge(rows.as_slice(), settings.at, workers, control)?;
                let parts = Parts { files: &files, ends: &ends, rows: &rows, judged: &judged, first, keep };
                let tables = parts.tables(workers, schema, batch, settings.certificate_info);
                let compare = |with: &Comparison| with.rows(&rows, &judged, settings.at, workers, control);
                let compared = comparison.map_or(Some(Vec::new()), compare)?;
                Some((ends, rows, judged, tables, compared))
            },
        );
        let mut step = Step { text: written?, ..Step::default() };
        // What was not written is lost to this run; the next one starts at its checkpoint.
        self.cancelled = control.is_cancelled();
        let Some((ends, rows, judged, tables, compared)) = judged.filter(|_| !self.cancelled) else {
            return Ok(None);
        };
        let mut start = 0;
        for ((bite, table), end) in bites.into_iter().zip(tables).zip(ends) {
            for (row, judged) in rows.iter().zip(&judged).take(end).skip(start) {
                self.tally.add(row, judged);
                if self.settings.missing_issuers {
                    let verdict = &judged.record.verdict;
                    self.tally.add_missing(&missing_issuers::of(row, verdict, self.batch.verifier()));
                }
            }
            compared.iter().take(end).skip(start).for_each(|one| self.tally.add_compared(one));
            let is_end = bite.end.is_some();
            (self.position, self.pieces) = (bite.after, bite.pieces);
            let over = self.complain(bite, &mut step);
            if is_end {
                self.tell_rest(&mut step);
            }
            if over {
                step.stopped = true;
                step.finished = true;
                return Ok(Some(step));
            }
            let table = table?;
            let added = u64::try_from(end - start).unwrap_or(0);
            start = end;
            self.rows += added;
            self.part_rows += added;
            self.part_octets = self.part_octets.saturating_add(octets(&table));
            // A part ends with a piece, at the same one in every run.
            let full = self.part_rows >= self.settings.part_rows || self.part_octets >= PART_OCTETS;
            if full {
                (self.part_rows, self.part_octets) = (0, 0);
            }
            self.waiting.push(Piece { batch: table, progress: full.then(|| self.progress()) });
        }
        step.finished = self.ended && self.open.is_empty() && self.waiting.is_empty();
        if step.finished {
            self.tell_rest(&mut step);
        }
        Ok(Some(step))
    }

    /// Counts what came beside the rows of a piece, and tells what there is room for; whether that was too much.
    fn complain(&mut self, bite: Bite, step: &mut Step) -> bool {
        let Bite { mut harvest, source, end, .. } = bite;
        let before = self.tally.complaints();
        self.tally.add_others(&harvest);
        if let Some((_, nothing)) = end.filter(|(end, _)| self.tally.end_source(end)) {
            self.tally.complain(1);
            harvest.complaints.extend(nothing);
        }
        let complaints = harvest.complaints;
        let borne = self.settings.max_errors.unwrap_or(u64::MAX);
        let over = self.tally.complaints() > borne;
        // The one that is too many is the last that is told.
        let counted = if over { borne.saturating_sub(before).saturating_add(1) } else { u64::MAX };
        for complaint in complaints.into_iter().take(usize::try_from(counted).unwrap_or(usize::MAX)) {
            self.complaints += 1;
            if self.complaints <= self.settings.told {
                step.complaints.push(complaint);
            }
        }
        self.complaining = source;
        over
    }

    /// Says how many complaints of a source have not been told, once it is done with.
    fn tell_rest(&mut self, step: &mut Step) {
        if let Some(rest) = self.complaints.checked_sub(self.settings.told).filter(|rest| *rest > 0) {
            step.complaints.push(format!("and {rest} more complaints about {}", self.complaining));
        }
        self.complaints = 0;
    }

    fn progress(&self) -> Progress {
        let state = state(&self.tally, self.settings.at);
        Progress { position: self.position, pieces: self.pieces, rows: self.rows, state }
    }

    /// Completes the output; `false` if cancelled, which loses nothing.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn finish(mut self, go_on: &dyn Fn() -> bool) -> Result<bool, OutputError> {
        let sink = std::mem::replace(&mut self.sink, Sink::Nowhere);
        if self.cancelled {
            return Err(cancelled());
        }
        match sink {
            // What is there stays: nothing of the input was what it should have been.
            Sink::File(output) if !self.tally.recognised() => output.discard().map(|()| true),
            Sink::File(mut output) => {
                output.commit(&self.progress())?;
                output.finish(go_on)
            }
            Sink::Nowhere | Sink::Text(_) => Ok(true),
        }
    }

    /// Takes back what was begun, if no part of it is complete.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn abandon(mut self) -> Result<(), OutputError> {
        match std::mem::replace(&mut self.sink, Sink::Nowhere) {
            Sink::File(output) => output.abandon(),
            Sink::Nowhere | Sink::Text(_) => Ok(()),
        }
    }

    /// Pieces to judge: one at least, if it comes in time, and as many more as are there and fit in a step.
    fn bites(&mut self, control: &Control) -> Vec<Bite> {
        self.harvest(control);
        let mut bites = Vec::new();
        let (mut rows, mut weight) = (0, 0);
        while let Some(open) = self.open.front_mut().filter(|_| rows < STEP_ROWS && weight < STEP_OCTETS) {
            let Some(harvest) = open.ready.pop_front() else { break };
            open.taken += 1;
            let is_last = open.ready.is_empty() && open.cursor.is_done();
            let (after, pieces) =
                if is_last { (open.chunk.after(), 0) } else { (open.chunk.start(), open.taken) };
            // A run that is taken up within a chunk has judged its first pieces already.
            let is_done = self.position == open.chunk.start() && open.taken <= self.pieces;
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
    fn harvest(&mut self, control: &Control) {
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
            let taken = self.workers.each(unfinished.len(), |number| {
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
}

/// What rows weigh in a step.
fn weight_of(rows: &[Row]) -> usize {
    let weight = |row: &Row| {
        let octets = row.octets();
        octets.saturating_add(octets.saturating_sub(LARGE_ROW).saturating_mul(LARGE_ROW_WEIGHT))
    };
    rows.iter().map(weight).fold(0, usize::saturating_add)
}

/// The octets of a table's columns, the same in every run.
fn octets(table: &RecordBatch) -> usize {
    let columns = table.columns().iter();
    columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).fold(0, usize::saturating_add)
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

/// The rows of some chunks, judged.
struct Parts<'p> {
    /// Where the rows of each chunk end.
    ends: &'p [usize],
    /// The source of each piece.
    files: &'p [Arc<str>],
    rows: &'p [Row],
    judged: &'p [Judged],
    /// The number of the first row.
    first: u64,
    /// How many fields of the input are kept.
    keep: usize,
}

impl Parts<'_> {
    /// The verdicts of each chunk as columns.
    fn tables(
        &self,
        workers: &Workers,
        schema: &SchemaRef,
        batch: &Batch,
        certificate_info: bool,
    ) -> Vec<Result<RecordBatch, arrow_schema::ArrowError>> {
        let own = arrow::schema(batch.verifier());
        let make = |part: usize| {
            let start = part.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
            let range = start..self.ends.get(part).copied().unwrap_or(start);
            let rows = self.rows.get(range.clone()).unwrap_or_default();
            let judged = self.judged.get(range).unwrap_or_default();
            let number = usize::try_from(self.first).unwrap_or(usize::MAX).saturating_add(start);
            let key = |index: usize| rows.get(index).and_then(|row| row.key.as_deref());
            let table = arrow::record_batch(&own, batch.verifier(), judged, number, key)?;
            let mut columns = table.columns().to_vec();
            let behind = ORIGIN.min(columns.len());
            let file = self.files.get(part).map_or("", AsRef::as_ref);
            columns.splice(behind..behind, origin::columns(file, rows));
            if certificate_info {
                columns.extend(certificate_info::columns(rows.iter().map(|row| row.chain.iter().next())));
            }
            columns.extend(origin::kept_columns(self.keep, rows));
            RecordBatch::try_new(Arc::clone(schema), columns)
        };
        workers.each(self.ends.len(), make)
    }
}

fn cancelled() -> OutputError {
    OutputError::Other("the scan was cancelled".to_owned())
}

/// What writes, while others judge.
struct Writer<'s> {
    sink: &'s mut Sink,
    written_header: &'s mut bool,
}

impl Writer<'_> {
    fn write(&mut self, pieces: Vec<Piece>, control: &Control) -> Result<Vec<u8>, OutputError> {
        let mut text = Vec::new();
        for Piece { batch, progress } in pieces {
            if control.is_cancelled() {
                break;
            }
            match self.sink {
                Sink::Nowhere => {}
                Sink::Text(layout) => {
                    if !std::mem::replace(self.written_header, true) {
                        text.extend(layout.header(&batch.schema()));
                    }
                    text.extend(layout.text(&batch)?);
                }
                Sink::File(output) => {
                    if batch.num_rows() > 0 {
                        output.write(&batch)?;
                    }
                    if let Some(progress) = progress {
                        output.commit(&progress)?;
                    }
                }
            }
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Format;
    use crate::path::CrlSet;
    use crate::policy::Policy;
    use crate::store::TrustStore;

    /// A scan of these octets that goes nowhere.
    fn scan(octets: &[u8], format: Format) -> Scan {
        let verifier = Verifier::new(TrustStore::mozilla().unwrap(), Policy::webpki(), CrlSet::default());
        let options = Options { format: Some(format), ..Options::default() };
        let settings = Settings {
            at: 1_768_478_400,
            threads: 2,
            certificate_info: false,
            missing_issuers: false,
            part_rows: Settings::PART_ROWS,
            max_errors: None,
            told: 10,
        };
        let sources = vec![Source::in_memory("bomb", octets.into(), usize::MAX)];
        let batch = Arc::new(Batch::new(Arc::new(verifier), 0));
        Scan::new(batch, sources, (options, Issuers::none()), settings, Sink::Nowhere, None)
    }

    /// The most rows that were held at once, all rows, and all complaints that were told.
    fn held(octets: &[u8], format: Format) -> (usize, u64, Vec<String>) {
        let mut scan = scan(octets, format);
        let mut most = 0;
        let mut told = Vec::new();
        loop {
            let step = scan.step(&Control::default()).unwrap().unwrap();
            let waiting: usize = scan.waiting.iter().map(|piece| piece.batch.num_rows()).sum();
            let ready = scan.open.iter().flat_map(|open| &open.ready).map(|harvest| harvest.rows.len());
            most = most.max(waiting + ready.sum::<usize>());
            told.extend(step.complaints);
            if step.finished {
                return (most, scan.tally.rows(), told);
            }
        }
    }

    #[test]
    fn chunks_of_many_pieces_come_one_after_the_other() {
        // Three chunks of a MiB with five pieces each: none waits for another.
        let (_, all, _) = held(&[b"x".repeat(59).as_slice(), b"\n"].concat().repeat(52_000), Format::Zgrab);
        assert_eq!(all, 52_000);
    }

    #[test]
    fn the_rows_that_are_held_do_not_grow_with_the_input() {
        let answer = format!("{{\"entries\":[{}{{}}]}}\n", "{},".repeat(9_999));
        let cases: [(Vec<u8>, Format, u64); 3] = [
            (b"x\n".repeat(90_000), Format::Zgrab, 90_000),
            ([0; 17].repeat(90_000), Format::CtTiles, 90_000),
            (answer.repeat(9).into_bytes(), Format::CtEntries, 90_000),
        ];
        for (octets, format, rows) in cases {
            let (most, all, told) = held(&octets, format);
            assert_eq!(all, rows, "{format:?}");
            // A step that has been judged, and one that has been taken apart; each with the record that goes beyond.
            assert!(most <= 2 * (STEP_ROWS + 10_000), "{format:?}: {most}");
            if format != Format::CtTiles {
                assert_eq!(told.len(), 11, "{format:?}");
                assert_eq!(told[10], "and 89990 more complaints about bomb");
            }
        }
    }
}
