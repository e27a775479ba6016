//! Files, folders and standard input; compressed or not.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Format;
use super::text::text_start;

/// One thing to read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Source {
    /// What it is called.
    pub name: Arc<str>,
    pub(super) place: Place,
}

/// Where it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Standard input, of which this has been read already.
    Stdin(Arc<[u8]>),
    /// A file.
    File(PathBuf),
    /// Memory.
    Memory(Handed),
    /// Nowhere: why not.
    Missing(String),
}

/// Which files of a folder are read unless a format is given; upper and lower case are the same.
const CERTIFICATE_SUFFIXES: [&str; 6] = ["pem", "crt", "cer", "der", "p7b", "p7c"];
/// Octets by which a format is recognised, blank ones before them aside.
const HEAD: usize = 64 << 10;
/// Blank octets at the start after which nobody waits for others.
pub(super) const MOST_BLANK: usize = 1 << 20;
/// Folders in folders that are looked into for tiles: `tile/data/x000/x000/x000/000.p/1`.
const DEEPEST: usize = 12;

impl Source {
    /// Standard input, of which `head` has been read already.
    pub fn stdin_after(head: Vec<u8>) -> Self {
        Self { name: "-".into(), place: Place::Stdin(head.into()) }
    }

    /// These octets, of which no read yields more than `step`: a pipe's do not come at once either.
    pub fn in_memory(name: &str, octets: Arc<[u8]>, step: usize) -> Self {
        Self { name: name.into(), place: Place::Memory(Handed { octets, step: step.max(1), passed: 0 }) }
    }

    /// The file of this name, or the files of the folder, in order. What cannot be read is found out when it
    /// is its turn.
    pub fn at(path: &Path, format: Option<Format>) -> Vec<Self> {
        if !path.is_dir() {
            return vec![Self::file(path)];
        }
        let missing = |problem: String| {
            vec![Self { name: path.to_string_lossy().into(), place: Place::Missing(problem) }]
        };
        let tiles = path.join("tile").join("data");
        let found = if tiles.is_dir() || format == Some(Format::CtTiles) {
            tile_files(if tiles.is_dir() { &tiles } else { path })
        } else {
            files(path, format)
        };
        match found {
            Err(error) => missing(format!("cannot be read: {}", reason(&error))),
            Ok(found) if found.is_empty() && format.is_none() => missing(format!(
                "a folder without any file *.{}: no certificates found in {}; did you mean \
                     to name a format? Then all its files are read as scans",
                CERTIFICATE_SUFFIXES.join(", *."),
                path.to_string_lossy()
            )),
            Ok(found) if found.is_empty() => missing("an empty folder".to_owned()),
            Ok(found) => found.iter().map(|path| Self::file(path)).collect(),
        }
    }

    fn file(path: &Path) -> Self {
        Self { name: path.to_string_lossy().into(), place: Place::File(path.to_owned()) }
    }

    /// Where the file is.
    pub fn path(&self) -> Option<&Path> {
        match &self.place {
            Place::File(path) => Some(path),
            _ => None,
        }
    }

    /// Its octets as they are stored; `None` if nobody knows.
    pub fn size(&self) -> Option<u64> {
        let metadata = self.path()?.metadata().ok()?;
        metadata.is_file().then_some(metadata.len())
    }

    /// Whether it looks like something else than one chain in PEM or DER. Of standard input only what was
    /// read already is looked at.
    pub fn is_scan(&self) -> bool {
        if let Place::Stdin(head) = &self.place {
            return packed(head).is_some() || Format::guess(&self.name, head).format != Format::Certificates;
        }
        // What can be read but once is left alone.
        if !self.path().is_some_and(Path::is_file) {
            return false;
        }
        let opened = Opened::open(self, &Arc::default());
        opened.is_ok_and(|opened| {
            !opened.plain || Format::guess(&self.name, &opened.head).format != Format::Certificates
        })
    }
}

fn files(folder: &Path, format: Option<Format>) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let suffix = path.extension().and_then(std::ffi::OsStr::to_str).unwrap_or("").to_ascii_lowercase();
        let wanted = format.is_some() || CERTIFICATE_SUFFIXES.contains(&suffix.as_str());
        if wanted && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// All tiles in a folder, in the order of the log. A partial tile counts only while there is neither
/// the full one nor a larger part.
fn tile_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    gather_tiles(folder, DEEPEST, &mut found)?;
    found.sort();
    Ok(found)
}

fn gather_tiles(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if !path.is_dir() {
            found.push(path);
        } else if path.extension().is_some_and(|suffix| suffix == "p") {
            if !path.with_extension("").is_file() {
                let number = |part: &PathBuf| {
                    part.file_stem().and_then(|name| name.to_str()?.parse::<u16>().ok()).unwrap_or(0)
                };
                found.extend(files(&path, Some(Format::CtTiles))?.into_iter().max_by_key(number));
            }
        } else if depth > 0 {
            gather_tiles(&path, depth - 1, found)?;
        }
    }
    Ok(())
}

/// A source from its first octet on, decompressed.
pub(super) struct Opened {
    /// Its first octets, which are read again from `input`.
    pub(super) head: Vec<u8>,
    pub(super) input: Box<dyn Read + Send>,
    /// Whether the octets are those of the file itself.
    pub(super) plain: bool,
}

impl Opened {
    /// Opens a source; `passed` counts the stored octets that have been read.
    pub(super) fn open(source: &Source, passed: &Arc<AtomicU64>) -> Result<Self, String> {
        let stored: Box<dyn Read + Send> = match &source.place {
            Place::Missing(problem) => return Err(problem.clone()),
            Place::Memory(octets) => Box::new(octets.clone()),
            Place::Stdin(head) => Box::new(io::Cursor::new(Arc::clone(head)).chain(io::stdin())),
            Place::File(path) => {
                let file = File::open(path);
                Box::new(file.map_err(|error| format!("cannot be read: {}", reason(&error)))?)
            }
        };
        let counted = Counted { input: stored, passed: Arc::clone(passed) };
        let mut stored = BufReader::with_capacity(256 << 10, counted);
        // A read may yield a single octet.
        let mut start = Vec::new();
        let read = stored.by_ref().take(MAGIC).read_to_end(&mut start);
        read.map_err(|error| format!("cannot be read: {}", reason(&error)))?;
        let packed = packed(&start);
        let stored = io::Cursor::new(start).chain(stored);
        let mut input: Box<dyn Read + Send> = match packed {
            Some(Packed::Gzip) => Box::new(flate2::bufread::MultiGzDecoder::new(stored)),
            Some(Packed::Zstd) => {
                let decoder = zstd::stream::read::Decoder::with_buffer(stored);
                Box::new(decoder.map_err(|error| error.to_string())?)
            }
            None => Box::new(stored),
        };
        // A tear is noticed again, and in its place, by whoever reads on.
        let (head, torn) = head_of(&mut input);
        let again = io::Cursor::new(head.clone());
        let input: Box<dyn Read + Send> = match torn {
            Some(error) => Box::new(again.chain(Tear(Some(error)))),
            None => Box::new(again.chain(input)),
        };
        Ok(Self { head, input, plain: packed.is_none() })
    }
}

/// What a format is recognised by, from the first octet on, and why there is no more.
fn head_of(input: &mut impl Read) -> (Vec<u8>, Option<io::Error>) {
    let mut head = Vec::new();
    loop {
        let text = text_start(&head).len();
        let wanted = HEAD.saturating_sub(text);
        if wanted == 0 || head.len() - text >= MOST_BLANK {
            return (head, None);
        }
        let limit = u64::try_from(wanted).unwrap_or(u64::MAX);
        match input.by_ref().take(limit).read_to_end(&mut head) {
            Ok(read) if read == wanted => {}
            Ok(_) => return (head, None),
            Err(error) => return (head, Some(error)),
        }
    }
}

enum Packed {
    Gzip,
    Zstd,
}

/// Octets that tell how a source is compressed.
const MAGIC: u64 = 4;

/// How octets are compressed, by the first [`MAGIC`] of them.
fn packed(start: &[u8]) -> Option<Packed> {
    match start {
        [0x1f, 0x8b, ..] => Some(Packed::Gzip),
        // RFC 8878 3.1: a frame, or a skippable one.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Packed::Zstd),
        _ => None,
    }
}

/// The operating system's words, without its number.
fn reason(error: &io::Error) -> String {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or(&said).to_owned()
}

/// Octets that are handed out a few at a time.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Handed {
    octets: Arc<[u8]>,
    step: usize,
    passed: usize,
}

impl Read for Handed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(buffer.len());
        let mut rest = self.octets.get(self.passed..).unwrap_or_default();
        let read = rest.read(buffer.get_mut(..length).unwrap_or_default())?;
        self.passed += read;
        Ok(read)
    }
}

/// Counts what is read.
struct Counted {
    input: Box<dyn Read + Send>,
    passed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.input.read(buffer)?;
        self.passed.fetch_add(u64::try_from(length).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(length)
    }
}

/// Where a stream broke off.
struct Tear(Option<io::Error>);

impl Read for Tear {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        self.0.take().map_or(Ok(0), Err)
    }
}
