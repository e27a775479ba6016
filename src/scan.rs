//! A whole scan: read, judged, counted and written, a step at a time.

mod comparison;
mod frequent;
mod intake;
mod missing_issuers;
mod origin;
mod sink;
mod table;
mod tally;

use std::sync::Arc;

use arrow_schema::SchemaRef;
use serde_json::{Value, json};

use crate::batch::{Batch, Control, Row, Workers};
use crate::ingest::{Field, Issuers, Options, Position, Source};
use crate::output::{OutputError, Progress};
use crate::time::{UnixSeconds, parse_rfc3339};
use crate::verifier::Verifier;
use intake::{Bite, Intake};
use sink::{VerdictTable, Writer};
use table::{JudgedRows, octets};

pub use comparison::Comparison;
pub use intake::EncodeName;
pub use sink::Sink;
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

/// Octets of columns after which a part is complete: the writer of Parquet holds all of them until then.
const PART_OCTETS: usize = 128 << 20;
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
    intake: Intake,
    batch: Arc<Batch>,
    workers: Workers,
    settings: Settings,
    schema: SchemaRef,
    sink: Sink,
    tally: Tally,
    /// The dates that the stores' data is of.
    dates: Vec<Option<UnixSeconds>>,
    comparison: Option<Comparison>,
    rows: u64,
    part_rows: u64,
    part_octets: usize,
    position: Position,
    /// Pieces that are done of the chunk at that position.
    pieces: u64,
    /// Complaints of the source at that position that have come since the run began.
    complaints: u64,
    /// What they are of.
    complaining: Arc<str>,
    written_header: bool,
    cancelled: bool,
    /// Judged, and to be written while the next are being judged.
    waiting: Vec<VerdictTable>,
}

/// What a run has to keep in mind, beside where it is.
fn state(tally: &Tally, at: UnixSeconds) -> Value {
    json!({"tally": tally.to_json(), "at": at})
}

impl Scan {
    /// The columns of a scan's verdicts.
    pub fn schema(batch: &Batch, certificate_info: bool, keep: &[Field]) -> SchemaRef {
        table::schema(batch, certificate_info, keep)
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
        how: (Options, Issuers),
        settings: Settings,
        sink: Sink,
        start: Option<((Position, u64), Tally)>,
    ) -> Self {
        let ((position, pieces), tally) =
            start.unwrap_or_else(|| (Default::default(), Tally::new(batch.verifier().stores().len())));
        let intake = Intake::new(sources, how, position);
        let first_second = |date: &str| parse_rfc3339(&format!("{date}T00:00:00Z"));
        let dates =
            batch.verifier().stores().iter().map(|store| store.date().and_then(first_second)).collect();
        Self {
            workers: Workers::new(settings.threads, usize::MAX),
            schema: table::schema(&batch, settings.certificate_info, intake.kept()),
            rows: tally.rows(),
            intake,
            batch,
            settings,
            sink,
            tally,
            dates,
            comparison: None,
            part_rows: 0,
            part_octets: 0,
            position,
            pieces,
            complaints: 0,
            complaining: Arc::from(""),
            written_header: false,
            cancelled: false,
            waiting: Vec::new(),
        }
    }

    /// Has names that are not made of ASCII labels (RFC 1035 2.3.4) encoded before they are looked for.
    #[must_use]
    pub fn encoding_names(mut self, encode_name: Box<EncodeName>) -> Self {
        self.intake.encode_name = encode_name;
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
        self.intake.issuers_asked()
    }

    /// Stored octets that have been read so far.
    pub fn passed(&self) -> u64 {
        self.intake.passed()
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
        let mut bites = self.intake.bites(&self.workers, (self.position, self.pieces), control);
        let (batch, workers, settings) = (&self.batch, &self.workers, &self.settings);
        let (schema, first, keep) = (&self.schema, self.rows, self.intake.kept().len());
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
                let parts =
                    JudgedRows { files: &files, ends: &ends, rows: &rows, judged: &judged, first, keep };
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
                self.tally.add(row, judged, &self.dates);
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
            self.waiting.push(VerdictTable { batch: table, progress: full.then(|| self.progress()) });
        }
        step.finished = self.intake.is_done() && self.waiting.is_empty();
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
}

fn cancelled() -> OutputError {
    OutputError::Other("the scan was cancelled".to_owned())
}

#[cfg(test)]
mod tests {
    use super::intake::STEP_ROWS;
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
            most = most.max(waiting + scan.intake.ready_rows());
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
