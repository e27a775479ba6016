//! Pieces of a source, and the rows in them.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use arrow_array::RecordBatch;

use crate::row::Row;

use super::{Format, Issuers, Options, bundle_files, ct_entries, ct_tiles, feeds, lines, table, zgrab};

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
}

/// What a chunk holds.
#[derive(Debug)]
pub(super) enum Content {
    /// Whole lines.
    Lines(Format, Vec<u8>),
    /// All of a source: one JSON document, tile, bundle or certificate.
    Whole(Format, Vec<u8>),
    /// Rows of a table.
    Table(RecordBatch),
    /// Nothing; what went wrong, with or without a place.
    Fault { placed: bool, problem: String },
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
}

impl Chunk {
    /// Where it starts.
    pub fn start(&self) -> Position {
        self.start
    }

    /// Where the next one starts.
    pub fn after(&self) -> Position {
        self.after
    }

    /// Takes it apart.
    pub fn rows(&self, options: &Options, issuers: &Issuers) -> Harvest {
        let mut harvest = Harvest::default();
        match &self.content {
            Content::Lines(format, octets) => self.lines(*format, octets, options, &mut harvest),
            Content::Whole(format, octets) => {
                let place = Place { line: None, offset: self.start.offset };
                let first = harvest.rows.len();
                match format {
                    Format::CtTiles => {
                        let mut gather = |row| harvest.rows.push(row);
                        let missing = ct_tiles::rows(octets, options, issuers, &mut gather);
                        harvest.complaints.extend(missing.iter().map(|missing| self.complain(missing)));
                    }
                    Format::Certificates => {
                        let (row, complaint) = bundle_files::row(&self.source, octets, options);
                        harvest.rows.push(row);
                        harvest.complaints.extend(complaint.map(|complaint| self.complain(&complaint)));
                    }
                    _ => {
                        let read = ct_entries::rows(&unmarked(octets), options, &mut harvest.rows);
                        self.finish(&place, first, read, &mut harvest);
                        return harvest;
                    }
                }
                self.finish(&place, first, Ok(()), &mut harvest);
            }
            Content::Table(batch) => {
                let place = |row: u64| format!("row {}", self.start.line + row + 1);
                match table::rows(batch, options, &place) {
                    Ok(rows) => harvest.rows = rows,
                    Err(problem) => harvest.rows.push(Row { problem: Some(problem), ..Row::default() }),
                }
                self.complain_of_rows(0, &mut harvest);
            }
            Content::Fault { placed, problem } => {
                let place = Place { line: Some(self.start.line + 1), offset: self.start.offset };
                let problem = if *placed { format!("{place}: {problem}") } else { problem.clone() };
                harvest.complaints.push(self.complain(&problem));
                let key = match (placed, place.line) {
                    (true, Some(line)) => format!("{}:{line}", self.source),
                    _ => self.source.to_string(),
                };
                harvest.rows.push(Row { key: Some(key), problem: Some(problem), ..Row::default() });
            }
        }
        harvest
    }

    fn lines(&self, format: Format, octets: &[u8], options: &Options, harvest: &mut Harvest) {
        for (number, offset, line) in lines::split(octets) {
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
            let read = if line.len() > options.longest {
                Err((0, too_long(line.len() as u64, options.longest)))
            } else {
                match format {
                    Format::CtEntries => ct_entries::rows(line, options, &mut harvest.rows),
                    Format::Certstream => feeds::certstream(line, options, &mut harvest.rows),
                    Format::Tlsx => feeds::tlsx(line, options, &mut harvest.rows),
                    _ => zgrab::rows(line, options, &mut harvest.rows),
                }
            };
            self.finish(&place, first, read, harvest);
        }
    }

    /// Counts a record that gave nothing, and complains of whatever is wrong with one.
    fn finish(&self, place: &Place, first: usize, read: Result<(), (usize, String)>, harvest: &mut Harvest) {
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
        for row in harvest.rows.iter_mut().skip(first) {
            if let Some(problem) = &mut row.problem {
                *problem = format!("{place}: {problem}");
            }
        }
        self.complain_of_rows(first, harvest);
    }

    fn complain_of_rows(&self, first: usize, harvest: &mut Harvest) {
        let problems = harvest.rows.iter().skip(first).filter_map(|row| row.problem.as_deref());
        harvest.complaints.extend(problems.map(|problem| self.complain(problem)));
    }

    fn complain(&self, problem: &str) -> String {
        format!("{}: {problem}", self.source)
    }
}

/// The text with blanks, which JSON passes over, in the place of a byte order mark: offsets stay what they are.
fn unmarked(text: &[u8]) -> Cow<'_, [u8]> {
    match text.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => [b"   ".as_slice(), rest].concat().into(),
        None => text.into(),
    }
}

pub(super) fn too_long(octets: u64, longest: usize) -> String {
    format!("a line of {octets} bytes, more than the {longest} that are read")
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
