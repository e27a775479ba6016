//! Rows out of files: scans, certificate logs, bundles, tables. Nothing is judged here.
//!
//! A [`Reader`] goes through its sources from front to end and yields a [`Chunk`] of whole records at a
//! time, in memory that does not grow with the input. A chunk becomes rows by itself
//! ([`Chunk::rows`]), so many can be taken apart at once. Where a chunk ends depends on nothing but
//! where it starts, so a reader that starts again at the [`Position`] after a chunk yields what the
//! first one would have.

mod ahead;
mod base64;
mod bundle_files;
mod capture;
mod chunk;
mod ct;
mod ct_entries;
mod ct_tiles;
mod feeds;
mod format;
mod har;
mod issuers;
mod items;
mod json;
mod kept;
mod limits;
mod lines;
mod nmap;
mod nothing;
mod ooni;
mod pem_texts;
mod reader;
mod records;
mod s_client;
mod source;
mod sslyze;
mod table;
mod testssl;
mod text;
mod zgrab;

pub use bundle_files::NoChain;
pub use chunk::{Chunk, Cursor, End, Harvest, Position};
pub use format::{Format, NameSource};
pub use issuers::Issuers;
pub use kept::Field;
pub use reader::{Reader, Waiting};
pub use source::Source;

use crate::time::UnixSeconds;

/// How sources are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// What all sources are; `None`: what each looks like.
    pub format: Option<Format>,
    /// Which of the names in a scan is the reference identity.
    pub names: NameSource,
    /// The reference identity of every row, whatever the scan says.
    pub name: Option<String>,
    /// Whether the time of capture is the time of judgement.
    pub captured: bool,
    /// Octets of the longest line, document or tile.
    pub longest: usize,
    /// Fields of the input that are copied into the rows.
    pub keep: Vec<Field>,
    /// Whether the timestamps of TLS extensions are read, where a table has them.
    pub scts: bool,
}

impl Options {
    /// A line of a scan has some 12 KB; this is room for a banner of any size.
    pub const LONGEST: usize = 64 << 20;
}

impl Default for Options {
    fn default() -> Self {
        Self {
            format: None,
            names: NameSource::Auto,
            name: None,
            captured: true,
            longest: Self::LONGEST,
            keep: Vec::new(),
            scts: false,
        }
    }
}

impl Options {
    /// The reference identity, if `found` is what the scan has.
    fn name(&self, found: Option<&str>) -> Option<String> {
        self.name.clone().or_else(|| found.map(|found| start_of(found, LONGEST_NAME + 4).to_owned()))
    }

    /// The time of judgement, if `found` is when it was captured.
    fn at(&self, found: Option<UnixSeconds>) -> Option<UnixSeconds> {
        found.filter(|_| self.captured)
    }
}

/// Octets of a name that is looked for: none of RFC 9525 is as long. A line may have one for a thousand rows.
pub(crate) const LONGEST_NAME: usize = 4_096;
/// Octets of a field that is kept: a line may have it for a thousand rows.
const LONGEST_KEPT: usize = 1 << 14;
/// Octets of a key.
const LONGEST_KEY: usize = 1_024;

/// The text up to so many octets, whole characters.
fn start_of(text: &str, octets: usize) -> &str {
    let end = (0..=octets.min(text.len())).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

/// A key, or its start.
fn shortened(key: &str) -> String {
    cut(key, LONGEST_KEY)
}

/// A field that is kept, or its start.
fn shortened_kept(field: &str) -> String {
    cut(field, LONGEST_KEPT)
}

/// The text, or its start with a mark.
fn cut(text: &str, octets: usize) -> String {
    match start_of(text, octets) {
        whole if whole.len() == text.len() => whole.to_owned(),
        start => format!("{start}…"),
    }
}
