//! The engine of `certpath check` for scans.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes};

use crate::ingest::{Field, Format, Issuers, NameSource, Options, Source};
use crate::name::ReferenceIdentity;
use crate::output::{Layout, Output, OutputError, Packing};
use crate::scan::{Scan, Settings, Sink};

use super::arguments;
use super::batch::attended;
use super::loan::{Lendable, Missing, at_work};
use super::verifier::{Verifier, threads};

/// One run over files.
#[pyclass(frozen, name = "_Scan", module = "certpath._certpath")]
pub(super) struct PyScan {
    scan: Lendable<Scan>,
    /// Rows judged, rows accepted, and stored octets read, for whoever asks while it is at work.
    shown: Mutex<(u64, u64, u64)>,
    size: Option<u64>,
    resumed: u64,
}

impl std::fmt::Debug for PyScan {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("_Scan").field("size", &self.size).finish_non_exhaustive()
    }
}

fn over() -> PyErr {
    PyRuntimeError::new_err("the scan is over")
}

fn refused(missing: Missing) -> PyErr {
    match missing {
        Missing::Lent => at_work("the scan"),
        Missing::Gone => over(),
    }
}

fn counts(scan: &Scan) -> (u64, u64, u64) {
    (scan.tally().rows(), scan.tally().accepted(), scan.passed())
}

fn raised(error: OutputError) -> PyErr {
    match error {
        OutputError::Io(error) => match error.raw_os_error() {
            // Python's own words for it, without the number in them.
            Some(number) => {
                let said = error.to_string();
                let said = said.split(" (os error").next().unwrap_or(&said).to_owned();
                PyOSError::new_err((number, said))
            }
            None => PyOSError::new_err(error.to_string()),
        },
        OutputError::Unfinished(said) | OutputError::Other(said) => PyValueError::new_err(said),
    }
}

fn word<T>(word: Option<&str>, named: impl Fn(&str) -> Option<T>, what: &str) -> PyResult<Option<T>> {
    let complain = |word: &str| PyValueError::new_err(format!("{what}: {word:?} is not one"));
    word.map(|word| named(word).ok_or_else(|| complain(word))).transpose()
}

/// A name in A-labels, by Python's codec; called by the threads of a scan.
fn encode_name(name: &str) -> Result<String, String> {
    Python::attach(|py| arguments::name_text(py, name).map_err(|error| error.value(py).to_string()))
}

fn sources_of(files: &[PathBuf], format: Option<Format>, head: &[u8]) -> Vec<Source> {
    let of = |file: &PathBuf| {
        if file.as_os_str() == "-" {
            vec![Source::stdin_after(head.to_vec())]
        } else {
            Source::at(file, format)
        }
    };
    files.iter().flat_map(of).collect()
}

/// The folder of issuers that belongs to a log: `issuer` beside `tile`.
fn issuers_of(sources: &[Source]) -> Option<PathBuf> {
    let path = sources.iter().find_map(Source::path)?;
    let tile = path.ancestors().find(|path| path.ends_with(Path::new("tile").join("data")))?;
    Some(tile.parent()?.parent()?.join("issuer")).filter(|folder| folder.is_dir())
}

#[pymethods]
impl PyScan {
    #[new]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    #[allow(clippy::fn_params_excessive_bools, reason = "the same")]
    #[pyo3(signature = (
        verifier, files, *, format = None, names = "auto", name = None, at = None, captured = true, issuers = None,
        longest_line = Options::LONGEST, output = None, text = None, resume = false, part_rows = Settings::PART_ROWS,
        cert_info = false, max_errors = None, told = Settings::TOLD, threads = None, memory = 67_108_864, salt = "", head = None,
        keep = vec![],
    ))]
    fn py_new(
        py: Python<'_>,
        verifier: &Bound<'_, Verifier>,
        files: Vec<PathBuf>,
        format: Option<&str>,
        names: &str,
        name: Option<&str>,
        at: Option<&Bound<'_, PyAny>>,
        captured: bool,
        issuers: Option<PathBuf>,
        longest_line: usize,
        output: Option<PathBuf>,
        text: Option<&str>,
        resume: bool,
        part_rows: u64,
        cert_info: bool,
        max_errors: Option<u64>,
        told: u64,
        threads: Option<usize>,
        memory: usize,
        salt: &str,
        head: Option<&[u8]>,
        keep: Vec<String>,
    ) -> PyResult<Self> {
        let format = word(format, Format::named, "format")?;
        let names = word(Some(names), NameSource::named, "names")?.unwrap_or(NameSource::Auto);
        let name = name.map(|name| arguments::name_text(py, name)).transpose()?;
        if let Some(name) = &name {
            ReferenceIdentity::parse(name).map_err(|error| PyValueError::new_err(error.to_string()))?;
        }
        let now = arguments::at(at)?;
        let field = |path: &String| {
            let complain =
                || PyValueError::new_err(format!("keep: {path:?} is not a path of keys joined by dots"));
            Field::new(path).ok_or_else(complain)
        };
        let mut keep: Vec<Field> = keep.iter().map(field).collect::<PyResult<_>>()?;
        let mut known = HashSet::new();
        keep.retain(|field| known.insert(field.path().to_owned()));
        let captured = captured && at.is_none();
        let scts = verifier.get().reads_scts();
        let options = Options { format, names, name, captured, longest: longest_line, keep, scts };
        let settings = Settings {
            at: now,
            threads: self::threads(threads)?,
            certificate_info: cert_info,
            part_rows,
            max_errors,
            told,
        };
        let batch = verifier.get().batch(memory);
        let head = head.unwrap_or_default().to_vec();
        let asked = if at.is_some() { now.to_string() } else { String::new() };
        py.detach(|| {
            let sources = sources_of(&files, format, &head);
            let issuers = issuers.or_else(|| issuers_of(&sources));
            let what = format!("{options:?} {cert_info} {part_rows} {issuers:?} {output:?} {salt}");
            let fingerprint = Scan::fingerprint(&sources, batch.verifier(), &[&what, &asked]);
            let issuers = issuers.map_or_else(Issuers::none, Issuers::in_folder);
            let mut settings = settings;
            let mut start = None;
            let sink = match (output, text) {
                (Some(path), _) => {
                    let layout = Layout::of(&path).ok_or_else(|| {
                        OutputError::Other("no name of a Parquet, JSON lines or CSV file".to_owned())
                    })?;
                    let schema = Scan::schema(&batch, cert_info, &options.keep);
                    let (output, progress) = Output::open(&path, layout, &schema, &fingerprint, resume)?;
                    if let Some(progress) = progress {
                        let (tally, at) = Scan::restore(&progress.state)
                            .ok_or_else(|| OutputError::Unfinished("its checkpoint is damaged".to_owned()))?;
                        settings.at = at;
                        start = Some(((progress.position, progress.pieces), tally));
                    }
                    Sink::File(Box::new(output))
                }
                (None, Some("jsonl")) => Sink::Text(Layout::JsonLines(Packing::Plain)),
                (None, Some("csv")) => Sink::Text(Layout::Csv(Packing::Plain)),
                (None, Some(other)) => {
                    return Err(OutputError::Other(format!("text: {other:?} is neither jsonl nor csv")));
                }
                (None, None) => Sink::Nowhere,
            };
            let size = sources.iter().map(Source::size).sum();
            let resumed = start.as_ref().map_or(0, |(_, tally)| tally.rows());
            let scan = Scan::new(batch, sources, (options, issuers), settings, sink, start)
                .encoding_names(Box::new(encode_name));
            Ok(Self { shown: Mutex::new(counts(&scan)), scan: Lendable::new(scan), size, resumed })
        })
        .map_err(raised)
    }

    /// Judges some more: complaints, text, whether that was all, whether a complaint has ended it.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<(Vec<String>, Bound<'py, PyBytes>, bool, bool)> {
        let mut loan = self.scan.lend().map_err(refused)?;
        let scan = loan.as_mut().ok_or_else(over)?;
        let step = attended(py, None, None, |control| scan.step(control).transpose())?.map_err(raised)?;
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner) = counts(scan);
        Ok((step.complaints, PyBytes::new(py, &step.text), step.finished, step.stopped))
    }

    /// Completes the output.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        let scan = self.scan.take().map_err(refused)?;
        attended(py, None, None, |control| match scan.finish(&|| !control.is_cancelled()) {
            Ok(true) => Some(Ok(())),
            Ok(false) => None,
            Err(error) => Some(Err(error)),
        })?
        .map_err(raised)
    }

    /// Takes back what was begun, unless `finish` has been called or there is something to resume.
    fn abandon(&self, py: Python<'_>) -> PyResult<()> {
        match self.scan.take() {
            Ok(scan) => py.detach(|| scan.abandon()).map_err(raised),
            Err(Missing::Gone) => Ok(()),
            Err(Missing::Lent) => Err(at_work("the scan")),
        }
    }

    /// The counts so far, as JSON.
    fn summary(&self) -> PyResult<String> {
        Ok(self.scan.lend().map_err(refused)?.as_ref().ok_or_else(over)?.tally().to_json().to_string())
    }

    /// Whether the input has asked for issuers that stand elsewhere.
    #[getter]
    fn issuers_asked(&self) -> PyResult<bool> {
        Ok(self.scan.lend().map_err(refused)?.as_ref().ok_or_else(over)?.issuers_asked())
    }

    /// Rows judged, rows accepted, and stored octets read.
    #[getter]
    fn progress(&self) -> (u64, u64, u64) {
        *self.shown.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Octets of all files as they are stored; `None` if one of them has no size.
    #[getter]
    fn size(&self) -> Option<u64> {
        self.size
    }

    /// Rows of the run that this one goes on with.
    #[getter]
    fn resumed(&self) -> u64 {
        self.resumed
    }
}

/// Whether a file, or what follows this head, is something else than one chain in PEM or DER.
#[pyfunction]
#[pyo3(signature = (file, /, head = None))]
pub(super) fn _is_scan(py: Python<'_>, file: PathBuf, head: Option<&[u8]>) -> bool {
    if let Some(head) = head {
        return Source::stdin_after(head.to_vec()).is_scan();
    }
    py.detach(|| Source::at(&file, None).first().is_some_and(Source::is_scan))
}
