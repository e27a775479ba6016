//! Sources one after the other, a chunk at a time.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReader;

use super::chunk::{Chunk, Content, Position, too_long};
use super::lines::{Lines, Piece};
use super::source::{Opened, Source};
use super::{Format, Options};

/// Octets of an ordinary chunk of lines: some hundred lines of a scan.
const CHUNK: usize = 1 << 20;
/// Chunks that are read before they are wanted.
const AHEAD: usize = 8;

/// The offset after a source that is read at once: no other can have it.
const DONE: u64 = u64::MAX;

/// Reads sources, one chunk ahead of another, on a thread of its own.
#[derive(Debug)]
pub struct Reader {
    chunks: Receiver<Chunk>,
    passed: Arc<AtomicU64>,
}

impl Reader {
    /// Reads from `start` on.
    pub fn new(sources: Vec<Source>, options: Options, start: Position) -> Self {
        let passed = Arc::new(AtomicU64::new(0));
        let mut run = Run { sources, options, next: start, passed: Arc::clone(&passed), current: None };
        let (sender, chunks) = sync_channel(AHEAD);
        // Whoever drops the reader ends the thread with the next chunk.
        let work = move || while run.next().is_some_and(|chunk| sender.send(chunk).is_ok()) {};
        let spawned = thread::Builder::new().name("certpath-reader".to_owned()).spawn(work);
        // Without threads there is nothing to read: the channel is closed, which `failed` tells.
        drop(spawned);
        Self { chunks, passed }
    }

    /// Stored octets that have been read so far, over all sources.
    pub fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    /// The next chunk, if it comes in time.
    ///
    /// # Errors
    ///
    /// If it has not come yet.
    pub fn next_within(&self, wait: std::time::Duration) -> Result<Option<Chunk>, Waiting> {
        use std::sync::mpsc::RecvTimeoutError;
        match self.chunks.recv_timeout(wait) {
            Ok(chunk) => Ok(Some(chunk)),
            Err(RecvTimeoutError::Timeout) => Err(Waiting),
            Err(RecvTimeoutError::Disconnected) => Ok(None),
        }
    }
}

impl Iterator for Reader {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        self.chunks.recv().ok()
    }
}

/// Nothing has come yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting;

/// The reading itself.
struct Run {
    sources: Vec<Source>,
    options: Options,
    next: Position,
    passed: Arc<AtomicU64>,
    current: Option<Current>,
}

/// The source that is being read.
struct Current {
    name: Arc<str>,
    pieces: Pieces,
}

enum Pieces {
    Lines(Format, Lines),
    /// A source that is one record.
    Whole(Option<Content>),
    Table(ParquetRecordBatchReader),
}

impl Run {
    fn next(&mut self) -> Option<Chunk> {
        loop {
            if self.current.is_none() {
                let source = self.sources.get(self.next.source)?;
                let pieces = match self.open(source) {
                    Ok(pieces) => pieces,
                    Err(problem) => Pieces::Whole(Some(Content::Fault { placed: false, problem })),
                };
                self.current = Some(Current { name: Arc::clone(&source.name), pieces });
            }
            let current = self.current.as_mut()?;
            let start = self.next;
            let Some((content, (offset, line))) = current.pieces.next(start, &self.options) else {
                self.current = None;
                self.next = Position { source: start.source + 1, ..Position::default() };
                continue;
            };
            self.next = Position { source: start.source, offset, line };
            return Some(Chunk { source: Arc::clone(&current.name), start, after: self.next, content });
        }
    }

    fn open(&self, source: &Source) -> Result<Pieces, String> {
        if self.next.offset == DONE {
            return Ok(Pieces::Whole(None));
        }
        let Opened { head, mut input, plain } = Opened::open(source, &self.passed)?;
        let format = self.options.format.unwrap_or_else(|| Format::guess(&source.name, &head));
        let start = self.next;
        if format == Format::Parquet {
            return match source.path().filter(|_| plain) {
                Some(path) => Ok(Pieces::Table(crate::parquet::read(path, start.line)?)),
                None => {
                    Err("Parquet is read from its end, so it has to be a file, not compressed".to_owned())
                }
            };
        }
        if start.offset > 0 {
            let passed = io::copy(&mut input.by_ref().take(start.offset), &mut io::sink());
            if passed.ok() != Some(start.offset) {
                return Err(format!("is shorter than when it was first read ({} bytes)", start.offset));
            }
        }
        let whole = match format {
            Format::CtTiles | Format::Certificates => true,
            // An answer on lines of its own: the first line is no document.
            Format::CtEntries => !first_line_is_complete(&head),
            _ => false,
        };
        if !whole {
            let sizes = (CHUNK, self.options.longest);
            return Ok(Pieces::Lines(format, Lines::new(input, sizes, (start.offset, start.line))));
        }
        if format != Format::Certificates && head.trim_ascii().is_empty() {
            return Ok(Pieces::Whole(None));
        }
        let mut octets = Vec::new();
        let limit = u64::try_from(self.options.longest).unwrap_or(u64::MAX).saturating_add(1);
        let read = input.take(limit).read_to_end(&mut octets);
        if octets.len() > self.options.longest {
            return Err(format!("is longer than the {} bytes that are read at once", self.options.longest));
        }
        match read {
            Ok(_) => Ok(Pieces::Whole(Some(Content::Whole(format, octets)))),
            Err(error) => Err(format!("breaks off after {} bytes: {error}", octets.len())),
        }
    }
}

/// Whether JSON in which a line end comes so late, or not at all, has a document on each line.
fn first_line_is_complete(head: &[u8]) -> bool {
    let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    match memchr::memchr2(b'\n', b'\r', start) {
        Some(end) => {
            let first = start.get(..end).unwrap_or_default();
            let read = serde_json::from_slice::<serde::de::IgnoredAny>(first);
            // A damaged line is a line; one that goes on is not.
            !read.is_err_and(|error| error.is_eof()) || first.len() > 1_000
        }
        None => true,
    }
}

impl Pieces {
    /// What comes next, and the place after it.
    fn next(&mut self, at: Position, options: &Options) -> Option<(Content, (u64, u64))> {
        match self {
            Self::Lines(format, lines) => {
                let content = match lines.next()? {
                    Piece::Lines(octets) => Content::Lines(*format, octets),
                    Piece::TooLong(octets) => {
                        Content::Fault { placed: true, problem: too_long(octets, options.longest) }
                    }
                    Piece::Torn(problem) => {
                        Content::Fault { placed: true, problem: format!("breaks off here: {problem}") }
                    }
                };
                Some((content, lines.position()))
            }
            Self::Whole(content) => content.take().map(|content| (content, (DONE, 0))),
            Self::Table(batches) => match batches.next()? {
                Ok(batch) => {
                    let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
                    Some((Content::Table(batch), (0, at.line + rows)))
                }
                Err(error) => {
                    let problem = format!("row {}: {error}", at.line + 1);
                    *self = Self::Whole(None);
                    Some((Content::Fault { placed: false, problem }, (DONE, at.line)))
                }
            },
        }
    }
}
