//! The folder with the parts of a run: for one run at a time, and nothing in it is taken on trust.
//!
//! Each part is noted in a journal with its length and its SHA-256; the checkpoint has the SHA-256 of the journal up to
//! there. No file in the folder is followed if it is a link: what is written is made anew, what is read is looked at first.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use serde_json::Value;

use crate::distinguished_name::hex;

use super::{OutputError, settle, settle_folder};

const CHECKPOINT: &str = "checkpoint.json";
const JOURNAL: &str = "journal";
const LOCK: &str = "lock";
/// Links that lead to each other before they are given up, as on Linux.
const MAX_LINKS: usize = 40;

/// The parts of one run.
pub(super) struct Parts {
    folder: PathBuf,
    /// Locked as long as the run lasts; gone with the process, however that ends.
    lock: Option<File>,
    /// Of each part its length.
    lengths: Vec<u64>,
    /// Over the lines of the journal.
    sum: Context,
}

/// A file that is summed up as it is written.
pub(super) struct Summed {
    out: BufWriter<File>,
    sum: Context,
    length: u64,
}

impl Write for Summed {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let written = self.out.write(octets)?;
        self.sum.update(octets.get(..written).unwrap_or_default());
        self.length = self.length.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The file that a path leads to through links, be it there or not.
pub(super) fn behind_links(path: &Path) -> Result<PathBuf, OutputError> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        if let Ok(found) = fs::canonicalize(&path) {
            return Ok(found);
        }
        match fs::read_link(&path) {
            // Relative to where the link is.
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(OutputError::Other("is a link that leads nowhere".to_owned()))
}

/// What stands there, a link as itself; `None` if nothing does.
fn found(path: &Path) -> io::Result<Option<fs::Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn no_file(path: &Path) -> OutputError {
    OutputError::Unfinished(format!("{} is not an ordinary file: remove it", path.display()))
}

/// A file of the folder to read; `None` if it is not there.
fn read(path: &Path) -> Result<Option<File>, OutputError> {
    match found(path)? {
        None => Ok(None),
        Some(metadata) if metadata.is_file() => Ok(Some(File::open(path)?)),
        Some(_) => Err(no_file(path)),
    }
}

/// A new file in place of whatever stands there.
fn create(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    OpenOptions::new().write(true).create_new(true).open(path)
}

impl Parts {
    /// The folder, made if it is not there, for this run alone.
    pub(super) fn open(folder: &Path) -> Result<Self, OutputError> {
        // A run that ends meanwhile takes its folder, and with it the file that was locked.
        for _ in 0..MAX_LINKS {
            match fs::create_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error.into()),
                _ => {}
            }
            match found(folder)? {
                None => continue,
                Some(metadata) if metadata.is_dir() => {}
                Some(_) => {
                    let said = "is not a folder, but where the parts of a run have to be: remove it";
                    return Err(OutputError::Unfinished(format!("{} {said}", folder.display())));
                }
            }
            let path = folder.join(LOCK);
            if found(&path)?.is_some_and(|metadata| !metadata.is_file()) {
                return Err(no_file(&path));
            }
            let lock = match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                opened => opened?,
            };
            let lock = match lock.try_lock() {
                Ok(()) if same(&lock, &path) => Some(lock),
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {
                    let said = "another run is writing to this target";
                    return Err(OutputError::Unfinished(format!("{said} ({})", folder.display())));
                }
                // Some network file systems have no locks.
                Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => None,
                Err(TryLockError::Error(error)) => return Err(error.into()),
            };
            let sum = Context::new(&SHA256);
            return Ok(Self { folder: folder.to_owned(), lock, lengths: Vec::new(), sum });
        }
        Err(OutputError::Other(format!("{} comes and goes", folder.display())))
    }

    pub(super) fn count(&self) -> usize {
        self.lengths.len()
    }

    /// What the parts sum up to.
    pub(super) fn digest(&self) -> String {
        hex(self.sum.clone().finish().as_ref())
    }

    fn part(&self, number: usize) -> PathBuf {
        self.folder.join(format!("{number:06}.part"))
    }

    pub(super) fn checkpoint(&self) -> Result<Option<Value>, OutputError> {
        let path = self.folder.join(CHECKPOINT);
        let Some(file) = read(&path)? else { return Ok(None) };
        serde_json::from_reader(BufReader::new(file)).map(Some).map_err(|error| {
            OutputError::Unfinished(format!(
                "{} is damaged ({error}): remove the folder to start anew",
                path.display()
            ))
        })
    }

    /// Removes whatever a run without checkpoint has left.
    pub(super) fn clear(&self) -> Result<(), OutputError> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_name() == LOCK {
                continue;
            }
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    /// Goes on after so many parts; the inner error says which of them is not what was written.
    pub(super) fn restore(&mut self, count: usize, digest: &str) -> Result<Result<(), String>, OutputError> {
        let torn = || Ok(Err("the journal of its parts is damaged".to_owned()));
        let path = self.folder.join(JOURNAL);
        let mut journal = match read(&path)? {
            Some(file) => BufReader::new(file),
            None if count == 0 => return Ok(Ok(())),
            None => return torn(),
        };
        let mut lines = Vec::new();
        for number in 0..count {
            let mut line = String::new();
            match journal.read_line(&mut line) {
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::InvalidData => return torn(),
                Err(error) => return Err(error.into()),
            }
            let noted = line.strip_suffix('\n').and_then(|line| line.split_once(' '));
            let Some((Ok(length), sum)) = noted.map(|(length, sum)| (length.parse::<u64>(), sum)) else {
                return torn();
            };
            self.sum.update(line.as_bytes());
            let part = self.part(number);
            if !is_sound(&part, length, sum)? {
                return Ok(Err(format!("{} is not what was written", part.display())));
            }
            self.lengths.push(length);
            lines.push(line);
        }
        if self.digest() != digest {
            return torn();
        }
        // What a kill has left behind the checkpoint goes.
        let draft = self.folder.join("journal.draft");
        let mut whole = BufWriter::new(create(&draft)?);
        lines.iter().try_for_each(|line| whole.write_all(line.as_bytes()))?;
        settle(whole)?;
        fs::rename(draft, path)?;
        Ok(Ok(()))
    }

    /// A new part.
    pub(super) fn begin(&self) -> Result<Summed, OutputError> {
        let out = BufWriter::new(create(&self.folder.join("draft"))?);
        Ok(Summed { out, sum: Context::new(&SHA256), length: 0 })
    }

    /// Adds a part that is complete.
    pub(super) fn add(&mut self, part: Summed) -> Result<(), OutputError> {
        let Summed { out, sum, length } = part;
        settle(out)?;
        fs::rename(self.folder.join("draft"), self.part(self.count()))?;
        let line = format!("{length} {}\n", hex(sum.finish().as_ref()));
        let path = self.folder.join(JOURNAL);
        let mut journal = match read(&path)? {
            Some(_) => OpenOptions::new().append(true).open(&path)?,
            None => create(&path)?,
        };
        journal.write_all(line.as_bytes())?;
        journal.sync_all()?;
        self.sum.update(line.as_bytes());
        self.lengths.push(length);
        Ok(())
    }

    /// Puts a new checkpoint in place of the old one.
    pub(super) fn note(&self, checkpoint: &Value) -> Result<(), OutputError> {
        let draft = self.folder.join("checkpoint.draft");
        let mut out = BufWriter::new(create(&draft)?);
        out.write_all(checkpoint.to_string().as_bytes())?;
        settle(out)?;
        fs::rename(draft, self.folder.join(CHECKPOINT))?;
        settle_folder(&self.folder)
    }

    /// All parts, each as long as it was when it was written.
    pub(super) fn files(&self) -> Result<Vec<PathBuf>, OutputError> {
        let file = |(number, length): (usize, &u64)| {
            let path = self.part(number);
            match found(&path)? {
                Some(metadata) if metadata.is_file() && metadata.len() == *length => Ok(path),
                _ => Err(OutputError::Other(format!("{} is not what was written", path.display()))),
            }
        };
        self.lengths.iter().enumerate().map(file).collect()
    }

    /// Where the parts are put together.
    pub(super) fn whole(&self) -> Result<(PathBuf, File), OutputError> {
        let path = self.folder.join("whole");
        let file = create(&path)?;
        Ok((path, file))
    }

    /// Removes the folder.
    pub(super) fn remove(self) -> Result<(), OutputError> {
        // The checkpoint first: without it, what a kill leaves here counts for nothing; with it, parts that
        // are gone already would be missed.
        match fs::remove_file(self.folder.join(CHECKPOINT)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        if cfg!(windows) {
            // What is open cannot be removed there.
            drop(self.lock);
        }
        match fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }
}

/// Whether the file that was opened is the one of this name still.
fn same(file: &File, path: &Path) -> bool {
    let named = match fs::symlink_metadata(path) {
        Ok(named) if named.is_file() => named,
        _ => return false,
    };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;

        file.metadata().is_ok_and(|opened| (opened.dev(), opened.ino()) == (named.dev(), named.ino()))
    }
    #[cfg(not(unix))]
    {
        // There an open file keeps its name.
        let _ = (file, named);
        true
    }
}

/// Whether a part is what was written.
fn is_sound(path: &Path, length: u64, sum: &str) -> Result<bool, OutputError> {
    let file = match found(path)? {
        Some(metadata) if metadata.is_file() && metadata.len() == length => File::open(path)?,
        _ => return Ok(false),
    };
    let mut summed = Context::new(&SHA256);
    let mut reader = BufReader::with_capacity(1 << 18, file);
    loop {
        let octets = reader.fill_buf()?;
        if octets.is_empty() {
            break;
        }
        summed.update(octets);
        let passed = octets.len();
        reader.consume(passed);
    }
    Ok(hex(summed.finish().as_ref()) == sum)
}
