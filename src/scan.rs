//! A whole scan: read, judged, counted and written, a step at a time.

mod origin;

use std::sync::Arc;
use std::time::Duration;

use arrow_array::RecordBatch;
use arrow_schema::{Schema, SchemaRef};
use serde_json::{Value, json};

use crate::arrow;
use crate::batch::{Batch, Control, Judged, Workers};
use crate::certificate_info;
use crate::ingest::{Chunk, Field, Harvest, Issuers, Options, Position, Reader, Source};
use crate::name::{self, ReferenceIdentity};
use crate::output::{Layout, Output, OutputError, Progress};
use crate::row::Row;
use crate::tally::Tally;
use crate::time::UnixSeconds;
use crate::verifier::Verifier;

/// How a scan is judged and written.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The time of judgement for rows without one of their own.
    pub at: UnixSeconds,
    /// 0: as many as there are cores.
    pub threads: usize,
    /// Whether the columns about the end entity are wanted.
    pub certificate_info: bool,
    /// Rows after which a part is complete.
    pub part_rows: u64,
    /// Whether the first complaint ends the scan.
    pub strict: bool,
}

impl Settings {
    /// A part is on disk about every second, and large enough for Parquet to pay.
    pub const PART_ROWS: u64 = 1 << 16;
}

/// Columns before those of the origin: `row` and `key`.
const ORIGIN: usize = 2;
/// Chunks of one step.
const STEP_CHUNKS: usize = 16;
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
    rows: u64,
    part_rows: u64,
    position: Position,
    written_header: bool,
    ended: bool,
    cancelled: bool,
    /// Judged, and to be written while the next are being judged.
    waiting: Vec<Piece>,
}

/// The verdicts of one chunk.
struct Piece {
    batch: RecordBatch,
    /// If a part is complete with this chunk, how far that is.
    progress: Option<Progress>,
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
        start: Option<(Position, Tally)>,
    ) -> Self {
        let (position, tally) =
            start.unwrap_or_else(|| (Position::default(), Tally::new(batch.verifier().stores().len())));
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
            part_rows: 0,
            position,
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

    /// The counts so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
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
        let chunks = self.chunks();
        let (batch, workers, settings) = (&self.batch, &self.workers, &self.settings);
        let (schema, options, issuers, first) = (&self.schema, &self.options, &self.issuers, self.rows);
        let encode_name = &*self.encode_name;
        let waiting = std::mem::take(&mut self.waiting);
        let mut writer = Writer { sink: &mut self.sink, written_header: &mut self.written_header };
        let (written, judged) = workers.join(
            || writer.write(waiting, control),
            || {
                let harvests = workers.each(chunks.len(), |index| {
                    let mut harvest = chunks.get(index)?.rows(options, issuers);
                    harvest.rows.iter_mut().for_each(|row| encode(row, encode_name));
                    Some(harvest)
                });
                let mut harvests: Vec<Harvest> = harvests.into_iter().flatten().collect();
                let mut ends = Vec::with_capacity(harvests.len());
                let mut rows: Vec<Row> = Vec::new();
                for harvest in &mut harvests {
                    rows.append(&mut harvest.rows);
                    ends.push(rows.len());
                }
                let judged = batch.judge(rows.as_slice(), settings.at, workers, control)?;
                let keep = options.keep.len();
                let parts = Parts { chunks: &chunks, ends: &ends, rows: &rows, judged: &judged, first, keep };
                let tables = parts.tables(workers, schema, batch, settings.certificate_info);
                Some((harvests, ends, rows, judged, tables))
            },
        );
        let mut step = Step { text: written?, ..Step::default() };
        // What was not written is lost to this run; the next one starts at its checkpoint.
        self.cancelled = control.is_cancelled();
        let Some((harvests, ends, rows, judged, tables)) = judged.filter(|_| !self.cancelled) else {
            return Ok(None);
        };
        let mut start = 0;
        for (((chunk, harvest), table), end) in chunks.iter().zip(harvests).zip(tables).zip(ends) {
            for (row, judged) in rows.iter().zip(&judged).take(end).skip(start) {
                self.tally.add(row, judged);
            }
            self.tally.add_others(&harvest);
            let mut harvest = harvest;
            if chunk.end().is_some_and(|end| self.tally.end_source(end)) {
                harvest.complaints.extend(chunk.nothing_found());
                self.tally.complain(harvest.complaints.len());
            }
            self.position = chunk.after();
            if self.settings.strict && !harvest.complaints.is_empty() {
                step.complaints.extend(harvest.complaints.into_iter().take(1));
                step.stopped = true;
                step.finished = true;
                return Ok(Some(step));
            }
            step.complaints.extend(harvest.complaints);
            let added = u64::try_from(end - start).unwrap_or(0);
            start = end;
            self.rows += added;
            self.part_rows += added;
            // A part ends with a chunk, at the same one in every run.
            let full = self.part_rows >= self.settings.part_rows;
            if full {
                self.part_rows = 0;
            }
            self.waiting.push(Piece { batch: table?, progress: full.then(|| self.progress()) });
        }
        step.finished = self.ended && self.waiting.is_empty();
        Ok(Some(step))
    }

    fn progress(&self) -> Progress {
        let state = state(&self.tally, self.settings.at);
        Progress { position: self.position, rows: self.rows, state }
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

    /// Some chunks: one at least, if it comes in time, and as many more as are there.
    fn chunks(&mut self) -> Vec<Chunk> {
        let mut chunks = Vec::new();
        while !self.ended && chunks.len() < STEP_CHUNKS {
            let wait = if chunks.is_empty() { PATIENCE } else { Duration::ZERO };
            match self.reader.next_within(wait) {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => self.ended = true,
                Err(_) => break,
            }
        }
        chunks
    }
}

/// The row with its name in A-labels, as `Columns` has it for rows of columns.
///
/// A scan is no program that was written for `ssl`: what is no name is none under `Policy.ssl`, too.
fn encode(row: &mut Row, encode_name: &EncodeName) {
    let Some(name) = row.name.as_deref() else { return };
    let encoded = match name::mistake(name) {
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
    chunks: &'p [Chunk],
    /// Where the rows of each chunk end.
    ends: &'p [usize],
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
            let file = self.chunks.get(part).map_or("", Chunk::source);
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
