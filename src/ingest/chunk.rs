//! Pieces of a source, and the rows in them.
//!
//! Longer than 500 lines: each form in which rows lie in a piece, one beside the other.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use crate::batch::{Origin, Row};
use crate::panics::caught;
use crate::verdict::Status;

use super::ahead::{Ahead, Charge};
use super::bundle_files::NoChain;
use super::capture::Found;
use super::limits::{bound, too_long};
use super::records::Records;
use super::text::text_start;
use super::{
    Format, Issuers, Options, bundle_files, ct_entries, ct_tiles, feeds, har, kept, lines, nmap, ooni,
    s_client, shortened_kept, sslyze, table, testssl, zgrab,
};

/// A place between two records.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Position {
    /// The number of the source.
    pub source: usize,
    /// Octets before it in the decompressed source.
    pub offset: u64,
    /// Lines before it; in a table, rows.
    pub line: u64,
}

/// Some whole records of one source.
#[derive(Debug)]
pub struct Chunk {
    /// The source, as it was named.
    pub(super) source: Arc<str>,
    pub(super) start: Position,
    pub(super) after: Position,
    pub(super) content: Content,
    /// What it takes of the room for what is read ahead.
    charge: Option<Charge>,
}

/// Rows of a piece: with more of them a piece ends with the record that brings them.
const PIECE_ROWS: usize = 1 << 12;
/// Octets of a piece's rows, likewise.
const PIECE_OCTETS: usize = 4 << 20;

/// How far a chunk has been taken apart.
#[derive(Clone, Debug, Default)]
pub struct Cursor {
    /// Octets of it, where it is lines or entries.
    offset: usize,
    /// Lines, entries or rows of it.
    number: u64,
    /// The issuers of a tile that have been missed already.
    missed: HashSet<[u8; 32]>,
    /// Nothing is left.
    done: bool,
}

impl Cursor {
    /// Whether nothing is left.
    pub fn is_done(&self) -> bool {
        self.done
    }
}

/// What a chunk holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Whole lines.
    Lines(Format, Vec<u8>),
    /// All of a source: one JSON document, tile, bundle or certificate.
    Whole(Format, Vec<u8>),
    /// Rows of a table.
    Table(RecordBatch, SchemaRef),
    /// What some packets have given.
    Packets(Found),
    /// Nothing; what went wrong, with or without a place.
    Fault { placed: bool, problem: String },
    /// Nothing more.
    End(End),
}

/// What a source has turned out to be.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct End {
    /// It could be opened, and is of the format that was named, or looks like one.
    pub recognised: bool,
    /// It is a table, which is recognised by its columns: by a row that has something to judge in them.
    pub is_table: bool,
    /// That it holds no chain is nothing to complain of: a scan in which no host has answered.
    pub may_be_empty: bool,
    /// What it looks like, and what might be meant, for those who find nothing in it.
    pub(super) advice: String,
}

/// What a chunk has given.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Harvest {
    /// Its rows, in order.
    pub rows: Vec<Row>,
    /// What is wrong with its records, with their places.
    pub complaints: Vec<String>,
    /// Records that hold no chain and are not meant to.
    pub skipped: u64,
    /// All records: each has given a row or more, or is counted as skipped.
    pub records: u64,
}

impl Harvest {
    /// Takes a row, of a record of its own with this number, which is counted on; whether that is enough for a piece.
    /// `weight` is the octets so far.
    fn take(&mut self, mut row: Row, number: &mut u64, weight: &mut usize) -> bool {
        row.origin.entry = Some(*number);
        *number += 1;
        self.records += 1;
        *weight += row.octets();
        self.rows.push(row);
        self.rows.len() >= PIECE_ROWS || *weight >= PIECE_OCTETS
    }

    /// The same in pieces of some thousand rows, where one record has brought more.
    pub fn split(mut self) -> Vec<Self> {
        let mut pieces = Vec::new();
        while self.rows.len() > PIECE_ROWS {
            let rest = self.rows.split_off(PIECE_ROWS);
            pieces.push(Self { rows: std::mem::replace(&mut self.rows, rest), ..Self::default() });
        }
        pieces.push(self);
        pieces
    }
}

/// Octets of a document that make it count for one chunk more.
const HEAVY: usize = 32 << 10;

impl Chunk {
    /// For how many others it counts: a document is read at once, and its smallest records have two octets.
    pub fn weight(&self) -> usize {
        match &self.content {
            Content::Whole(Format::Certificates | Format::CtTiles, _) => 1,
            Content::Whole(_, octets) => 1 + (octets.len() / HEAVY).min(7),
            _ => 1,
        }
    }

    /// Where it starts.
    pub fn start(&self) -> Position {
        self.start
    }

    /// Where the next one starts.
    pub fn after(&self) -> Position {
        self.after
    }

    /// What its source has turned out to be, if this is the end of it.
    pub fn end(&self) -> Option<&End> {
        match &self.content {
            Content::End(end) => Some(end),
            _ => None,
        }
    }

    /// What there is to say if the source has given no row at all; only at its end.
    pub fn nothing_found(&self) -> Option<String> {
        let end = self.end()?;
        Some(format!("no certificates found in {}; {}", self.source, end.advice))
    }

    /// The chain in a source that is one; `None` if this is something else: a part of a source, or its end.
    ///
    /// # Errors
    ///
    /// If the source could not be read, or holds no chain.
    pub fn chain(&self) -> Option<Result<Vec<Vec<u8>>, NoChain>> {
        match &self.content {
            Content::Whole(Format::Certificates, octets) => Some(bundle_files::chain(octets)),
            Content::Fault { problem, .. } => {
                Some(Err(NoChain { status: Status::InputError, complaint: problem.clone() }))
            }
            _ => None,
        }
    }

    /// The source, as it was named.
    pub fn source(&self) -> &Arc<str> {
        &self.source
    }

    pub(super) fn new(source: Arc<str>, start: Position, after: Position, content: Content) -> Self {
        Self { source, start, after, content, charge: None }
    }

    /// Waits until there is room for it among what is read ahead.
    pub(super) fn charge(&mut self, ahead: &Arc<Ahead>) {
        self.charge = Some(ahead.charge(self.octets()));
    }

    /// The octets that it holds.
    pub fn octets(&self) -> usize {
        match &self.content {
            Content::Lines(_, octets) | Content::Whole(_, octets) => octets.capacity(),
            Content::Table(batch, _) => batch.get_array_memory_size(),
            Content::Packets(found) => found.rows.iter().map(|row| row.octets() + size_of::<Row>()).sum(),
            Content::Fault { .. } | Content::End(_) => 0,
        }
    }

    /// Takes it apart at once.
    pub fn rows(&self, options: &Options, issuers: &Issuers) -> Harvest {
        let mut cursor = Cursor::default();
        let mut all = Harvest::default();
        while !cursor.is_done() {
            let Harvest { mut rows, mut complaints, skipped, records } =
                self.piece(&mut cursor, options, issuers);
            all.rows.append(&mut rows);
            all.complaints.append(&mut complaints);
            all.skipped += skipped;
            all.records += records;
        }
        all
    }

    /// Takes the next piece of it: some thousand rows, and not many octets. Where a piece ends depends on nothing
    /// but the chunk.
    pub fn piece(&self, cursor: &mut Cursor, options: &Options, issuers: &Issuers) -> Harvest {
        caught(|| self.next_piece(cursor, options, issuers)).unwrap_or_else(|said| {
            cursor.done = true;
            let problem = format!("what follows cannot be taken apart: a library has failed ({said})");
            let content = Content::Fault { placed: true, problem };
            let start = Position { line: self.start.line + cursor.number, ..self.start };
            let fault = Self::new(Arc::clone(&self.source), start, self.after, content);
            fault.next_piece(&mut Cursor::default(), options, issuers)
        })
    }

    fn next_piece(&self, cursor: &mut Cursor, options: &Options, issuers: &Issuers) -> Harvest {
        let mut harvest = Harvest::default();
        match &self.content {
            Content::Lines(format, octets) => {
                self.lines(*format, octets, cursor, options, &mut harvest);
                return harvest;
            }
            Content::Whole(Format::CtTiles, octets) => {
                self.tile(octets, cursor, (options, issuers), &mut harvest);
                return harvest;
            }
            Content::Table(batch, schema) => {
                self.table((batch, schema), cursor, options, &mut harvest);
                return harvest;
            }
            Content::Whole(format, octets) => self.whole(*format, octets, options, &mut harvest),
            Content::Fault { placed, problem } => {
                let place = Place { line: Some(self.start.line + 1), offset: self.start.offset };
                let problem = if *placed { format!("{place}: {problem}") } else { problem.clone() };
                harvest.complaints.push(self.complain(&problem));
                let key = match (placed, place.line) {
                    (true, Some(line)) => format!("{}:{line}", self.source),
                    _ => self.source.to_string(),
                };
                let origin = Origin { line: place.line.filter(|_| *placed), ..Origin::default() };
                harvest.rows.push(Row { key: Some(key), problem: Some(problem), origin, ..Row::default() });
                harvest.records = 1;
            }
            Content::Packets(found) => {
                harvest.rows.clone_from(&found.rows);
                harvest.skipped = found.skipped;
                harvest.records = found.skipped + u64::try_from(found.rows.len()).unwrap_or(u64::MAX);
                for row in &mut harvest.rows {
                    let packet = row.origin.entry.unwrap_or_default();
                    row.problem = row.problem.take().map(|problem| format!("packet {packet}: {problem}"));
                }
                harvest.complaints.extend(found.complaints.iter().map(|complaint| self.complain(complaint)));
                self.complain_of_rows(0, &mut harvest);
            }
            Content::End(_) => {}
        }
        cursor.done = true;
        harvest
    }

    /// Entries of a tile.
    fn tile(
        &self,
        octets: &[u8],
        cursor: &mut Cursor,
        (options, issuers): (&Options, &Issuers),
        harvest: &mut Harvest,
    ) {
        let mut weight = 0;
        let mut number = cursor.number;
        let mut gather = |row: Row| harvest.take(row, &mut number, &mut weight);
        let place = (&mut cursor.offset, &mut cursor.number, &mut cursor.missed);
        let missing = ct_tiles::rows(octets, place, (options, issuers), &mut gather);
        cursor.done = cursor.offset >= octets.len();
        harvest.complaints.extend(missing.iter().map(|missing| self.complain(missing)));
        self.finish(&Place { line: None, offset: self.start.offset }, 0, Ok(()), harvest);
    }

    fn table(
        &self,
        (batch, schema): (&RecordBatch, &SchemaRef),
        cursor: &mut Cursor,
        options: &Options,
        harvest: &mut Harvest,
    ) {
        let place = |row: u64| format!("row {}", self.start.line + row + 1);
        let mut weight = 0;
        let mut number = self.start.line + cursor.number;
        let mut gather = |row: Row| harvest.take(row, &mut number, &mut weight);
        let start = usize::try_from(cursor.number).unwrap_or(usize::MAX);
        match table::rows((batch, schema), start, options, &place, &mut gather) {
            Ok(next) => {
                cursor.number = u64::try_from(next).unwrap_or(u64::MAX);
                cursor.done = next >= batch.num_rows();
            }
            Err(problem) => {
                cursor.done = true;
                // What is wrong with the columns is said once, and for all of its rows.
                let origin = Origin { entry: Some(self.start.line), ..Origin::default() };
                harvest.rows.push(Row { problem: Some(problem), origin, ..Row::default() });
                harvest.records += 1;
            }
        }
        self.complain_of_rows(0, harvest);
    }

    /// A source that is read at once.
    fn whole(&self, format: Format, octets: &[u8], options: &Options, harvest: &mut Harvest) {
        let place = Place { line: None, offset: self.start.offset };
        let mut records = Records::new(options);
        let read = match format {
            Format::Certificates => {
                let (row, complaint) = bundle_files::row(&self.source, octets, options);
                harvest.rows.push(row);
                harvest.records = 1;
                harvest.complaints.extend(complaint.map(|complaint| self.complain(&complaint)));
                return;
            }
            Format::CtEntries => {
                let read = ct_entries::rows(&unmarked(octets), options, &mut harvest.rows);
                harvest.records = u64::try_from(harvest.rows.len()).unwrap_or(u64::MAX).max(1);
                self.finish(&place, 0, read, harvest);
                return;
            }
            Format::Sslyze => sslyze::rows(&unmarked(octets), &mut records),
            Format::Ooni => ooni::document(&unmarked(octets), &mut records),
            Format::Har => har::rows(&unmarked(octets), &mut records),
            Format::Testssl => testssl::json_rows(&unmarked(octets), &mut records),
            Format::TestsslCsv => testssl::csv_rows(text_start(octets), &mut records),
            Format::Nmap => nmap::rows(octets, &mut records),
            Format::SClient => {
                s_client::rows(octets, &mut records);
                Ok(())
            }
            // JSON that no format describes, or one record of another, laid out for people.
            Format::Zgrab
            | Format::Certstream
            | Format::Tlsx
            | Format::Parquet
            | Format::Pcap
            // Taken apart by pieces.
            | Format::CtTiles => {
                let mut rows = Vec::new();
                let text = unmarked(octets);
                let read = line_rows(format, &text, options, &mut rows);
                records.add(std::str::from_utf8(&text).ok().filter(|_| read.is_ok()), |all| {
                    all.append(&mut rows);
                });
                read
            }
        };
        records.end();
        // A document that is torn is one record more.
        harvest.records = records.count + u64::from(read.is_err());
        let skipped = records.skipped;
        harvest.rows = records.rows;
        self.finish(&place, 0, read, harvest);
        harvest.skipped = skipped;
    }

    fn lines(
        &self,
        format: Format,
        octets: &[u8],
        cursor: &mut Cursor,
        options: &Options,
        harvest: &mut Harvest,
    ) {
        let (start, before) = (cursor.offset, cursor.number);
        let mut weight = 0;
        for (number, offset, line) in lines::split(octets.get(start..).unwrap_or_default()) {
            let (number, offset) = (before + number, start + offset);
            if harvest.rows.len() >= PIECE_ROWS || weight >= PIECE_OCTETS {
                (cursor.offset, cursor.number) = (offset, number);
                return;
            }
            let line = if self.start.offset == 0 && offset == 0 { unmarked(line) } else { line.into() };
            let line = &*line;
            // Of a line that is too long nobody knows more than its length.
            if line.len() <= options.longest && line.trim_ascii().is_empty() {
                continue;
            }
            let place = Place {
                line: Some(self.start.line + number + 1),
                offset: self.start.offset + u64::try_from(offset).unwrap_or(u64::MAX),
            };
            let first = harvest.rows.len();
            let is_too_long = line.len() > options.longest;
            let read = if is_too_long {
                Err((0, too_long(line.len() as u64, options.longest)))
            } else {
                line_rows(format, line, options, &mut harvest.rows)
            };
            harvest.records += 1;
            self.finish(&place, first, read, harvest);
            let given = harvest.rows.iter_mut().skip(first);
            let fields = match given.len() {
                1.. if !options.keep.is_empty() && !is_too_long => {
                    let fields = kept::of(line, &options.keep).into_iter();
                    fields.map(|field| field.as_deref().map(shortened_kept)).collect()
                }
                _ => Vec::new(),
            };
            for (number, row) in (0..).zip(given) {
                row.origin.line = place.line;
                if !is_too_long {
                    row.origin.entry.get_or_insert(number);
                }
                row.origin.kept.clone_from(&fields);
            }
            weight += harvest.rows.iter().skip(first).map(Row::octets).sum::<usize>();
        }
        cursor.done = true;
    }

    /// Counts a record that gave nothing, and complains of whatever is wrong with one.
    fn finish(&self, place: &Place, first: usize, read: Result<(), (usize, String)>, harvest: &mut Harvest) {
        for row in harvest.rows.iter_mut().skip(first) {
            bound(row);
            if let Some(problem) = &mut row.problem {
                *problem = format!("{place}: {problem}");
            }
        }
        self.complain_of_rows(first, harvest);
        if let Err((at, problem)) = read {
            let offset = place.offset + u64::try_from(at).unwrap_or(u64::MAX);
            let problem = format!("{}: {problem}", Place { offset, ..*place });
            harvest.complaints.push(self.complain(&problem));
            let key = Some(match place.line {
                Some(line) => format!("{}:{line}", self.source),
                None => self.source.to_string(),
            });
            harvest.rows.push(Row { key, problem: Some(problem), ..Row::default() });
            return;
        }
        if harvest.rows.len() == first {
            harvest.skipped += 1;
        }
    }

    fn complain_of_rows(&self, first: usize, harvest: &mut Harvest) {
        let problems = harvest.rows.iter().skip(first).filter_map(|row| row.problem.as_deref());
        harvest.complaints.extend(problems.map(|problem| self.complain(problem)));
    }

    fn complain(&self, problem: &str) -> String {
        format!("{}: {problem}", self.source)
    }
}

/// The rows of one line.
fn line_rows(
    format: Format,
    line: &[u8],
    options: &Options,
    rows: &mut Vec<Row>,
) -> Result<(), (usize, String)> {
    match format {
        Format::CtEntries => ct_entries::rows(line, options, rows),
        Format::Certstream => feeds::certstream(line, options, rows),
        Format::Tlsx => feeds::tlsx(line, options, rows),
        Format::Ooni => ooni::line(line, options, rows),
        _ => zgrab::rows(line, options, rows),
    }
}

/// The text with blanks, which JSON passes over, in the place of a byte order mark: offsets stay what they are.
fn unmarked(text: &[u8]) -> Cow<'_, [u8]> {
    match text.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => [b"   ".as_slice(), rest].concat().into(),
        None => text.into(),
    }
}

/// Where a record stands.
#[derive(Clone, Copy)]
struct Place {
    line: Option<u64>,
    offset: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "line {line}, byte {}", self.offset),
            None => write!(formatter, "byte {}", self.offset),
        }
    }
}
