//! Sources one after the other, a chunk at a time.

use std::cell::RefCell;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

use crate::panics::caught;
use crate::parquet::Table;

use super::ahead::Ahead;
use super::capture::Capture;
use super::chunk::{Chunk, Content, End, Position};
use super::format::Guess;
use super::limits::too_long;
use super::lines::{Lines, Stretch};
use super::source::{Opened, Source};
use super::text::text_start;
use super::{Format, Options, nothing, table};

/// Octets of an ordinary chunk of lines: some hundred lines of a scan.
const CHUNK: usize = 1 << 20;
/// Chunks that are read before they are wanted, if their octets allow.
const CHUNKS_AHEAD: usize = 8;

/// The offset after a source that is read at once: no other can have it.
const DONE: u64 = u64::MAX;

/// Reads sources, one chunk ahead of another, on a thread of its own.
#[derive(Debug)]
pub struct Reader {
    /// `None` behind the last one: a channel that closes without it is not an end.
    chunks: Receiver<Option<Chunk>>,
    passed: Arc<AtomicU64>,
    state: RefCell<State>,
}

/// Where the reader is.
#[derive(Debug)]
struct State {
    source: Arc<str>,
    after: Position,
    ended: bool,
}

impl Reader {
    /// Reads from `start` on.
    pub fn new(sources: Vec<Source>, options: Options, start: Position) -> Self {
        Self::with_chunks(sources, options, start, CHUNK)
    }

    /// The same in chunks of other sizes, which make no difference to the rows: `chunk` is the octets of an
    /// ordinary one of lines.
    pub fn with_chunks(sources: Vec<Source>, options: Options, start: Position, chunk: usize) -> Self {
        let passed = Arc::new(AtomicU64::new(0));
        let mut run =
            Run { sources, options, chunk, next: start, passed: Arc::clone(&passed), current: None };
        let source = run.sources.get(start.source).map_or_else(|| Arc::from(""), |one| Arc::clone(&one.name));
        let (sender, chunks) = sync_channel(CHUNKS_AHEAD);
        let work = move || {
            let ahead = Arc::new(Ahead::default());
            loop {
                // A library that panics on a source costs that source.
                let mut chunk = caught(|| run.next()).unwrap_or_else(|said| run.give_up(&said));
                if let Some(chunk) = &mut chunk {
                    chunk.charge(&ahead);
                }
                let over = chunk.is_none();
                // Whoever drops the reader ends the thread with the next chunk.
                if sender.send(chunk).is_err() || over {
                    break;
                }
            }
        };
        // If there is no thread to be had the channel is closed, and `broken_off` tells.
        drop(thread::Builder::new().name("certpath-reader".to_owned()).spawn(work));
        Self::over(chunks, passed, State { source, after: start, ended: false })
    }

    fn over(chunks: Receiver<Option<Chunk>>, passed: Arc<AtomicU64>, state: State) -> Self {
        Self { chunks, passed, state: RefCell::new(state) }
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
    pub fn next_within(&self, wait: Duration) -> Result<Option<Chunk>, Waiting> {
        let mut state = self.state.borrow_mut();
        if state.ended {
            return Ok(None);
        }
        let chunk = match self.chunks.recv_timeout(wait) {
            Ok(Some(chunk)) => chunk,
            Ok(None) => {
                state.ended = true;
                return Ok(None);
            }
            Err(RecvTimeoutError::Timeout) => return Err(Waiting),
            Err(RecvTimeoutError::Disconnected) => {
                state.ended = true;
                return Ok(Some(state.broken_off()));
            }
        };
        state.source = Arc::clone(&chunk.source);
        state.after = chunk.after;
        Ok(Some(chunk))
    }
}

impl State {
    /// What becomes of a reader without its thread: rows may be missing, so it is never passed over in silence.
    fn broken_off(&self) -> Chunk {
        let problem = "the reader has ended before the input: what follows is missing".to_owned();
        let content = Content::Fault { placed: false, problem };
        Chunk::new(Arc::clone(&self.source), self.after, self.after, content)
    }
}

impl Iterator for Reader {
    type Item = Chunk;

    fn next(&mut self) -> Option<Chunk> {
        loop {
            if let Ok(next) = self.next_within(Duration::from_secs(60)) {
                return next;
            }
        }
    }
}

/// Nothing has come yet.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Waiting;

/// The reading itself.
struct Run {
    sources: Vec<Source>,
    options: Options,
    /// Octets of an ordinary chunk of lines.
    chunk: usize,
    next: Position,
    passed: Arc<AtomicU64>,
    current: Option<Current>,
}

/// The source that is being read.
struct Current {
    name: Arc<str>,
    pieces: Pieces,
    end: End,
}

enum Pieces {
    Lines(Format, Lines),
    /// A source that is one record.
    Whole(Option<Content>),
    Table(Table),
    Packets(Box<Capture>, usize),
}

impl Run {
    fn next(&mut self) -> Option<Chunk> {
        if self.current.is_none() {
            let source = self.sources.get(self.next.source)?;
            let (pieces, end) = self.open(source).unwrap_or_else(|problem| {
                (Pieces::Whole(Some(Content::Fault { placed: false, problem })), End::default())
            });
            self.current = Some(Current { name: Arc::clone(&source.name), pieces, end });
        }
        let current = self.current.as_mut()?;
        let start = self.next;
        let source = Arc::clone(&current.name);
        let content = if let Some((content, (offset, line))) = current.pieces.next(start, &self.options) {
            self.next = Position { source: start.source, offset, line };
            content
        } else {
            let end = std::mem::take(&mut current.end);
            self.current = None;
            self.next = Position { source: start.source + 1, ..Position::default() };
            Content::End(end)
        };
        Some(Chunk::new(source, start, self.next, content))
    }

    /// Goes on with the next source and says why.
    fn give_up(&mut self, said: &str) -> Option<Chunk> {
        // What a panic has left may panic again.
        let current = self.current.take();
        let _ = caught(|| drop(current));
        let name = Arc::clone(&self.sources.get(self.next.source)?.name);
        let problem = format!("cannot be read on: its reader has failed ({said})");
        let start = self.next;
        self.next = Position { source: start.source, offset: DONE, line: start.line };
        Some(Chunk::new(name, start, self.next, Content::Fault { placed: false, problem }))
    }

    /// What comes of a source, and what it looks like.
    fn open(&self, source: &Source) -> Result<(Pieces, End), String> {
        if self.next.offset == DONE {
            return Ok((Pieces::Whole(None), End::default()));
        }
        let Opened { head, mut input, plain } = Opened::open(source, &self.passed)?;
        let guess = Format::guess(&source.name, &head);
        let format = self.options.format.unwrap_or(guess.format);
        let end = End {
            is_table: format == Format::Parquet,
            // Of a table only its columns can tell.
            recognised: (guess.sure || self.options.format.is_some()) && format != Format::Parquet,
            // A list is not a line of a host.
            may_be_empty: format == Format::Zgrab
                && guess == Guess { format, sure: true }
                && text_start(&head).starts_with(b"{"),
            advice: nothing::advice(&head, guess, self.options.format),
        };
        let start = self.next;
        if format == Format::Parquet {
            return match source.path().filter(|_| plain) {
                Some(path) => {
                    let is_read = |column: &str| table::is_read(column, &self.options);
                    Ok((Pieces::Table(Table::open(path, start.line, &is_read)?), end))
                }
                None => {
                    Err("Parquet is read from its end, so it has to be a file, not compressed".to_owned())
                }
            };
        }
        if format != Format::Certificates && matches!(*head, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
            let said =
                "is UTF-16, as PowerShell writes it: iconv -f UTF-16 -t UTF-8 FILE > NEW makes UTF-8 of it";
            return Err(said.to_owned());
        }
        if format == Format::Pcap {
            let mut capture = Capture::new(input, &head, &self.options)?;
            capture.pass(start.line);
            return Ok((Pieces::Packets(Box::new(capture), self.chunk.max(1)), end));
        }
        if start.offset > 0 {
            let passed = io::copy(&mut input.by_ref().take(start.offset), &mut io::sink());
            if passed.ok() != Some(start.offset) {
                return Err(format!("is shorter than when it was first read ({} bytes)", start.offset));
            }
        }
        if format.is_lines(&source.name, &head, (self.options.format.is_some(), guess.sure)) {
            let sizes = (self.chunk.max(1), self.options.longest);
            return Ok((Pieces::Lines(format, Lines::new(input, sizes, (start.offset, start.line))), end));
        }
        let mut octets = Vec::new();
        let limit = u64::try_from(self.options.longest).unwrap_or(u64::MAX).saturating_add(1);
        let read = input.take(limit).read_to_end(&mut octets);
        if octets.len() > self.options.longest {
            return Err(format!("is longer than the {} bytes that are read at once", self.options.longest));
        }
        match read {
            Ok(_) if format != Format::Certificates && octets.trim_ascii().is_empty() => {
                Ok((Pieces::Whole(None), end))
            }
            Ok(_) => Ok((Pieces::Whole(Some(Content::Whole(format, octets))), end)),
            Err(error) => Err(format!("breaks off after {} bytes: {error}", octets.len())),
        }
    }
}

impl Pieces {
    /// What comes next, and the place after it.
    fn next(&mut self, at: Position, options: &Options) -> Option<(Content, (u64, u64))> {
        match self {
            Self::Lines(format, lines) => {
                let content = match lines.next()? {
                    Stretch::Lines(octets) => Content::Lines(*format, octets),
                    Stretch::TooLong(octets) => {
                        Content::Fault { placed: true, problem: too_long(octets, options.longest) }
                    }
                    Stretch::Torn(problem) => {
                        let problem = format!("breaks off here: {problem}");
                        // Nothing follows: who goes on from here goes on with the next source.
                        return Some((Content::Fault { placed: true, problem }, (DONE, at.line)));
                    }
                };
                Some((content, lines.position()))
            }
            Self::Whole(content) => content.take().map(|content| (content, (DONE, 0))),
            Self::Packets(capture, octets) => {
                let found = capture.next(*octets)?;
                let offset = if capture.has_ended() { DONE } else { 0 };
                Some((Content::Packets(found), (offset, capture.packets())))
            }
            Self::Table(batches) => match batches.next()? {
                Ok(batch) => {
                    let rows = u64::try_from(batch.num_rows()).unwrap_or(u64::MAX);
                    Some((Content::Table(batch, Arc::clone(batches.schema())), (0, at.line + rows)))
                }
                Err(problem) => {
                    *self = Self::Whole(None);
                    Some((Content::Fault { placed: false, problem }, (DONE, at.line)))
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Harvest, Issuers};

    /// Octets of a chunk and of a read.
    const SIZES: [(usize, usize); 5] = [(1, 1), (7, 3), (16, 100), (300, 1), (CHUNK, usize::MAX)];

    /// What each chunk gives, and where the next one starts.
    fn read(octets: &[u8], longest: usize, (chunk, step): (usize, usize)) -> Vec<(Position, Harvest)> {
        let options = Options { format: Some(Format::Zgrab), longest, ..Options::default() };
        let sources = vec![Source::in_memory("scan", octets.into(), step)];
        let reader = Reader::with_chunks(sources, options.clone(), Position::default(), chunk);
        reader.map(|chunk| (chunk.after(), chunk.rows(&options, &Issuers::none()))).collect()
    }

    fn complaints(octets: &[u8], longest: usize, sizes: (usize, usize)) -> Vec<String> {
        read(octets, longest, sizes).into_iter().flat_map(|(_, harvest)| harvest.complaints).collect()
    }

    #[test]
    fn a_reader_that_loses_its_thread_says_so() {
        let (sender, chunks) = sync_channel(1);
        drop::<std::sync::mpsc::SyncSender<Option<Chunk>>>(sender);
        let state = State { source: "scan".into(), after: Position::default(), ended: false };
        let mut reader = Reader::over(chunks, Arc::default(), state);
        let harvest = reader.next().unwrap().rows(&Options::default(), &Issuers::none());
        let said = "scan: the reader has ended before the input: what follows is missing";
        assert_eq!(harvest.complaints, [said]);
        assert_eq!(harvest.rows.len(), 1);
        assert!(reader.next().is_none());
    }

    const GRAB: &str = r#"{"data":{"a":{"result":{"handshake_log":{"server_certificates":{"certificate":{"raw":"MA!A"}}}}}}}"#;

    #[test]
    fn places_count_the_byte_order_mark() {
        let text = format!("\u{feff}{GRAB}\n");
        let offset = text.find('!').unwrap();
        let said = format!(
            "scan: line 1, byte 0: certificate 0, byte {offset} of the line: not base64: octet 0x21 (!)"
        );
        for sizes in SIZES {
            assert_eq!(complaints(text.as_bytes(), Options::LONGEST, sizes), [said.as_str()]);
            let torn = complaints("\u{feff}{]".as_bytes(), Options::LONGEST, sizes);
            assert_eq!(torn, ["scan: line 1, byte 4: key must be a string"]);
        }
    }

    #[test]
    fn a_line_that_is_too_long_is_told_alike_however_it_is_cut() {
        let long = "x".repeat(41);
        for end in ["\n", "\r\n", "\r", "\r\r\n", "\n\r"] {
            let lines = if end.len() > 1 && end != "\r\n" { 2 } else { 1 };
            for first in [&long, &long[..40], &" ".repeat(41)] {
                let text = format!("{first}{end}{{]\r{{]\n{long}{end}{{]");
                let at = |line: usize, offset: usize, what: &str| {
                    format!("scan: line {line}, byte {offset}: {what}")
                };
                let too_long = "a line of 41 bytes, more than the 40 that are read";
                let key = "key must be a string";
                let before = if first.len() > 40 { too_long } else { "expected value" };
                let second = first.len() + end.len();
                let third = second + 6;
                let expected = [
                    at(1, 0, before),
                    at(1 + lines, second + 1, key),
                    at(2 + lines, second + 4, key),
                    at(3 + lines, third, too_long),
                    at(3 + 2 * lines, third + 41 + end.len() + 1, key),
                ];
                for sizes in SIZES {
                    let rows: Vec<_> = read(text.as_bytes(), 40, sizes)
                        .into_iter()
                        .flat_map(|(_, harvest)| harvest.rows)
                        .filter_map(|row| row.key)
                        .collect();
                    assert_eq!(complaints(text.as_bytes(), 40, sizes), expected, "{sizes:?} {end:?}");
                    let keys = [1, 1 + lines, 2 + lines, 3 + lines, 3 + 2 * lines];
                    assert_eq!(rows, keys.map(|line| format!("scan:{line}")), "{sizes:?} {end:?}");
                }
            }
        }
    }

    fn packed(text: &str) -> Vec<u8> {
        use std::io::Write;

        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compression_is_noticed_however_few_octets_come_at_once() {
        for sizes in SIZES {
            let found = complaints(&packed(&format!("{GRAB}\n{GRAB}")), Options::LONGEST, sizes);
            assert_eq!(found.len(), 2, "{found:?}");
            assert!(found.iter().all(|one| one.contains("certificate 0, byte ")), "{found:?}");
        }
    }

    #[test]
    fn a_tear_is_told_once_and_alike_however_it_is_cut() {
        let octets = packed(&format!("{GRAB}\n{}", "x".repeat(200)));
        for sizes in SIZES {
            let found = read(&octets[..octets.len() - 4], 40 + GRAB.len(), sizes);
            let (after, last) = found.last().unwrap();
            assert!(last.complaints.iter().all(|one| one.contains("breaks off here")), "{found:?}");
            // A run that is taken up behind it goes on with the next source.
            let options = Options { format: Some(Format::Zgrab), ..Options::default() };
            let sources = vec![Source::in_memory("scan", octets[..octets.len() - 4].into(), sizes.1)];
            assert_eq!(Reader::with_chunks(sources, options, *after, sizes.0).count(), 0);
        }
    }
}
