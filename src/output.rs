//! Verdicts as files that are never half written, and whose making can be broken off and taken up again.
//!
//! A run writes parts of some ten thousand rows into a folder beside its target. A part is there when it
//! is complete and on disk; a checkpoint then says up to where the input is done. At the end the parts are
//! put together and the whole takes the target's place at once. The parts of a resumed run are
//! those of an unbroken one, so the result is the same to the last octet.

mod parts;
mod text;

pub(crate) use text::KEPT;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::ingest::Position;
use crate::parquet;

use parts::{Parts, Summed};

/// How verdicts are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Layout {
    /// Parquet.
    Parquet,
    /// JSON lines.
    JsonLines(Packing),
    /// CSV.
    Csv(Packing),
}

/// How text is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip.
    Gzip,
    /// Zstandard.
    Zstd,
}

impl Layout {
    /// What a file's name asks for.
    pub fn of(path: &Path) -> Option<Self> {
        let name = path.file_name()?.to_str()?.to_ascii_lowercase();
        let (name, packing) = match (name.strip_suffix(".gz"), name.strip_suffix(".zst")) {
            (Some(name), _) => (name, Packing::Gzip),
            (_, Some(name)) => (name, Packing::Zstd),
            (None, None) => (name.as_str(), Packing::Plain),
        };
        match name.rsplit_once('.')?.1 {
            "parquet" if packing == Packing::Plain => Some(Self::Parquet),
            "jsonl" => Some(Self::JsonLines(packing)),
            "csv" => Some(Self::Csv(packing)),
            _ => None,
        }
    }

    /// What comes before the first row.
    pub fn header(self, schema: &SchemaRef) -> Vec<u8> {
        match self {
            Self::Csv(_) => text::csv_header(schema),
            Self::Parquet | Self::JsonLines(_) => Vec::new(),
        }
    }

    /// Rows as text.
    ///
    /// # Errors
    ///
    /// If this is not a layout of text.
    pub fn text(self, batch: &RecordBatch) -> Result<Vec<u8>, OutputError> {
        let mut out = Vec::new();
        match self {
            Self::JsonLines(_) => text::write_json(&mut out, batch)?,
            Self::Csv(_) => text::write_csv(&mut out, batch)?,
            Self::Parquet => return Err(OutputError::Other("Parquet is not text".to_owned())),
        }
        Ok(out)
    }
}

impl Packing {
    fn pack(self, text: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Plain => Ok(text.to_vec()),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(text)?;
                encoder.finish()
            }
            Self::Zstd => zstd::encode_all(text, 0),
        }
    }
}

/// Why there is no output.
#[derive(Debug)]
pub enum OutputError {
    /// The file system does not play along.
    Io(io::Error),
    /// What is in this folder belongs to a run that was broken off, and nobody has asked to resume it.
    BrokenOff(PathBuf),
    /// What is there belongs to another run.
    Unfinished(String),
    /// Anything else.
    Other(String),
}

impl std::fmt::Display for OutputError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => error.fmt(formatter),
            Self::BrokenOff(folder) => write!(
                formatter,
                "a run was broken off: resume it, or remove the folder {} to start anew",
                folder.display()
            ),
            Self::Unfinished(said) | Self::Other(said) => formatter.write_str(said),
        }
    }
}

impl std::error::Error for OutputError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io(error) = self { Some(error) } else { None }
    }
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<arrow_schema::ArrowError> for OutputError {
    fn from(error: arrow_schema::ArrowError) -> Self {
        match error {
            arrow_schema::ArrowError::IoError(_, error) => Self::Io(error),
            other => Self::Other(other.to_string()),
        }
    }
}

impl From<::parquet::errors::ParquetError> for OutputError {
    fn from(error: ::parquet::errors::ParquetError) -> Self {
        match error {
            ::parquet::errors::ParquetError::External(inner) => match inner.downcast::<io::Error>() {
                Ok(error) => Self::Io(*error),
                Err(other) => Self::Other(other.to_string()),
            },
            other => Self::Other(other.to_string()),
        }
    }
}

/// How far a run has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// Where the input goes on.
    pub position: Position,
    /// Pieces of the chunk there that are done.
    pub pieces: u64,
    /// Rows that are on disk.
    pub rows: u64,
    /// What the run keeps in mind besides.
    pub state: Value,
}

/// The output of one run.
pub struct Output {
    target: PathBuf,
    layout: Layout,
    schema: SchemaRef,
    fingerprint: String,
    parts: Parts,
    current: Option<Part>,
}

/// A part that is being written.
enum Part {
    Parquet(Box<parquet::PartWriter<Summed>>),
    Text(Summed),
    Gzip(GzEncoder<Summed>),
    Zstd(zstd::stream::write::Encoder<'static, Summed>),
}

const VERSION: u64 = 2;

impl Output {
    /// Starts, or goes on where a run of the same `fingerprint` was broken off.
    ///
    /// # Errors
    ///
    /// If the folder cannot be made, or if it belongs to another run.
    pub fn open(
        target: &Path,
        layout: Layout,
        schema: &SchemaRef,
        fingerprint: &str,
        resume: bool,
    ) -> Result<(Self, Option<Progress>), OutputError> {
        // Through a symbolic link, not in place of it.
        let target = parts::behind_links(target)?;
        if target.exists() && !target.is_file() {
            return Err(OutputError::Other("exists and is not an ordinary file".to_owned()));
        }
        let name = target.file_name().map(std::ffi::OsStr::to_string_lossy).unwrap_or_default();
        let folder = target.with_file_name(format!(".{name}.parts"));
        let parts = Parts::open(&folder)?;
        let found = parts.checkpoint()?;
        if !resume && found.is_some() {
            return Err(OutputError::BrokenOff(folder));
        }
        let mut output = Self {
            target,
            layout,
            schema: Arc::clone(schema),
            fingerprint: fingerprint.to_owned(),
            parts,
            current: None,
        };
        let Some(found) = found else {
            output.parts.clear()?;
            return Ok((output, None));
        };
        let anew = || format!("remove the folder {} to start anew", folder.display());
        if found.get("version").and_then(Value::as_u64) != Some(VERSION) {
            let said = "the run that was broken off was one of another version of certpath";
            return Err(OutputError::Unfinished(format!("{said}: {}", anew())));
        }
        if found.get("fingerprint").and_then(Value::as_str) != Some(fingerprint) {
            return Err(OutputError::Unfinished(format!(
                "the run that was broken off had other inputs or options: give those, or {}",
                anew()
            )));
        }
        let Some((count, digest, progress)) = read(&found) else {
            return Err(OutputError::Unfinished(format!("its checkpoint is damaged: {}", anew())));
        };
        let verified = output.parts.restore(count, &digest)?;
        verified.map_err(|said| OutputError::Unfinished(format!("{said}: {}", anew())))?;
        Ok((output, Some(progress)))
    }

    /// Adds rows to the part that is being written.
    ///
    /// # Errors
    ///
    /// If they cannot be written.
    pub fn write(&mut self, batch: &RecordBatch) -> Result<(), OutputError> {
        let mut part = match self.current.take() {
            Some(part) => part,
            None => self.begin()?,
        };
        match &mut part {
            Part::Parquet(writer) => writer.write(batch)?,
            Part::Text(out) => out.write_all(&self.layout.text(batch)?)?,
            Part::Gzip(out) => out.write_all(&self.layout.text(batch)?)?,
            Part::Zstd(out) => out.write_all(&self.layout.text(batch)?)?,
        }
        self.current = Some(part);
        Ok(())
    }

    fn begin(&self) -> Result<Part, OutputError> {
        let file = self.parts.begin()?;
        Ok(match self.layout {
            Layout::Parquet => Part::Parquet(Box::new(parquet::PartWriter::new(file, &self.schema)?)),
            Layout::JsonLines(packing) | Layout::Csv(packing) => match packing {
                Packing::Plain => Part::Text(file),
                Packing::Gzip => Part::Gzip(GzEncoder::new(file, flate2::Compression::default())),
                Packing::Zstd => Part::Zstd(zstd::stream::write::Encoder::new(file, 0)?),
            },
        })
    }

    /// Ends the part and notes how far the run has come.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn commit(&mut self, progress: &Progress) -> Result<(), OutputError> {
        if let Some(part) = self.current.take() {
            let out = match part {
                Part::Parquet(writer) => writer.finish()?,
                Part::Text(out) => out,
                Part::Gzip(out) => out.finish()?,
                Part::Zstd(out) => out.finish()?,
            };
            self.parts.add(out)?;
        }
        self.parts.note(&json!({
            "version": VERSION,
            "fingerprint": self.fingerprint,
            "parts": self.parts.count(),
            "digest": self.parts.digest(),
            "source": progress.position.source,
            "offset": progress.position.offset,
            "line": progress.position.line,
            "pieces": progress.pieces,
            "rows": progress.rows,
            "state": progress.state,
        }))
    }

    /// Puts the parts together in place of the target; `false` if `go_on` said no before that.
    ///
    /// # Errors
    ///
    /// If it cannot be written, or if a part is not as long as it was.
    pub fn finish(self, go_on: &dyn Fn() -> bool) -> Result<bool, OutputError> {
        let parts = self.parts.files()?;
        let (whole, file) = self.parts.whole()?;
        let mut out = BufWriter::new(file);
        match self.layout {
            Layout::Parquet => match parquet::merge(out, &self.schema, &parts, go_on)? {
                Some(done) => out = done,
                None => return Ok(false),
            },
            Layout::JsonLines(packing) | Layout::Csv(packing) => {
                let header = self.layout.header(&self.schema);
                if !header.is_empty() || parts.is_empty() {
                    out.write_all(&packing.pack(&header)?)?;
                }
                for part in &parts {
                    io::copy(&mut File::open(part)?, &mut out)?;
                    if !go_on() {
                        return Ok(false);
                    }
                }
            }
        }
        settle(out)?;
        fs::rename(whole, &self.target)?;
        if let Some(parent) = self.target.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            settle_folder(parent)?;
        }
        self.parts.remove()?;
        Ok(true)
    }

    /// Takes back what was begun, whatever is there.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn discard(self) -> Result<(), OutputError> {
        self.parts.remove()
    }

    /// Takes back what was begun, if nothing of it is worth keeping.
    ///
    /// # Errors
    ///
    /// If it cannot be removed.
    pub fn abandon(self) -> Result<(), OutputError> {
        if self.parts.count() == 0 { self.parts.remove() } else { Ok(()) }
    }
}

/// What a checkpoint notes: the number of parts, what they sum up to, and the progress.
fn read(found: &Value) -> Option<(usize, String, Progress)> {
    let number = |key: &str| found.get(key)?.as_u64();
    let progress = Progress {
        position: Position {
            source: usize::try_from(number("source")?).ok()?,
            offset: number("offset")?,
            line: number("line")?,
        },
        pieces: number("pieces")?,
        rows: number("rows")?,
        state: found.get("state")?.clone(),
    };
    let digest = found.get("digest")?.as_str()?.to_owned();
    Some((usize::try_from(number("parts")?).ok()?, digest, progress))
}

/// On disk, not only on its way there.
fn settle(out: BufWriter<File>) -> Result<(), OutputError> {
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(file.sync_all()?)
}

/// A rename is on disk when its folder is; where folders cannot be opened, nothing more can be done.
fn settle_folder(folder: &Path) -> Result<(), OutputError> {
    match File::open(folder) {
        Ok(folder) if cfg!(unix) => Ok(folder.sync_all()?),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_layout() {
        for (name, layout) in [
            ("a.parquet", Some(Layout::Parquet)),
            ("a.PARQUET", Some(Layout::Parquet)),
            ("a.jsonl", Some(Layout::JsonLines(Packing::Plain))),
            ("b.jsonl.gz", Some(Layout::JsonLines(Packing::Gzip))),
            ("b.csv.zst", Some(Layout::Csv(Packing::Zstd))),
            ("b.parquet.gz", None),
            ("jsonl", None),
            ("b.txt", None),
        ] {
            assert_eq!(Layout::of(Path::new(name)), layout, "{name}");
        }
    }
}
