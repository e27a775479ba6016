//! The engine of `certpath check` for scans.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use pyo3::exceptions::{PyRuntimeError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict};

use crate::ingest::{Field, Format, Issuers, NameSource, Options, Source};
use crate::name::ReferenceIdentity;
use crate::output::{Layout, Output, OutputError, Packing};
use crate::scan::{Comparison, Scan, Settings, Sink};
use crate::time::UnixSeconds;

use super::batch::attended;
use super::chain_files::sources_of;
use super::loan::{Lendable, Missing, at_work};
use super::verifier::{Verifier, threads};
use super::{arguments, multibuffer};

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

fn word<T>(given: &Bound<'_, PyAny>, named: impl Fn(&str) -> Option<T>, what: &str) -> PyResult<Option<T>> {
    let word: Option<String> = given.extract()?;
    let complain = |word: &str| PyValueError::new_err(format!("{what}: {word:?} is not one"));
    word.map(|word| named(&word).ok_or_else(|| complain(&word))).transpose()
}

/// A name in A-labels, by Python's codec; called by the threads of a scan.
fn encode_name(name: &str) -> Result<String, String> {
    Python::attach(|py| arguments::name_text(py, name).map_err(|error| error.value(py).to_string()))
}

/// The folder of issuers that belongs to a log: `issuer` beside `tile`.
fn issuers_of(sources: &[Source]) -> Option<PathBuf> {
    let path = sources.iter().find_map(Source::path)?;
    let tile = path.ancestors().find(|path| path.ends_with(Path::new("tile").join("data")))?;
    Some(tile.parent()?.parent()?.join("issuer")).filter(|folder| folder.is_dir())
}

/// Who judges by each of two sets of stores, and the anchors of the first that the second has not.
type Compared = (Py<Verifier>, Py<Verifier>, HashSet<[u8; 32]>);

/// What is given for a run, by keyword.
struct Given {
    options: Options,
    issuers: Option<PathBuf>,
    settings: Settings,
    /// Octets for the memory of chains.
    memory: usize,
    /// Who judges by each of two sets of stores, and the anchors that were taken from the second.
    comparison: Option<Compared>,
    /// The time of judgement, if one was asked for.
    at: Option<UnixSeconds>,
    output: Option<PathBuf>,
    /// The layout of what `step` gives.
    text: Option<String>,
    resume: bool,
    /// Whatever else makes this run another one.
    salt: String,
    /// What was read of standard input already.
    head: Vec<u8>,
}

impl Given {
    fn of(py: Python<'_>, given: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut this = Self {
            options: Options {
                format: None,
                names: NameSource::Auto,
                name: None,
                captured: true,
                longest: Options::LONGEST,
                keep: Vec::new(),
                scts: false,
            },
            issuers: None,
            settings: Settings {
                at: arguments::at(None)?,
                threads: self::threads(None)?,
                certificate_info: false,
                missing_issuers: false,
                part_rows: Settings::PART_ROWS,
                max_errors: None,
                told: Settings::TOLD,
            },
            memory: 1 << 26,
            comparison: None,
            at: None,
            output: None,
            text: None,
            resume: false,
            salt: String::new(),
            head: Vec::new(),
        };
        for (key, value) in given.into_iter().flat_map(PyDictMethods::iter) {
            this.set(py, &key.extract::<String>()?, &value)?;
        }
        // A scan says when its chains were met; who asks for a time means that one.
        this.options.captured &= this.at.is_none();
        Ok(this)
    }

    fn set(&mut self, py: Python<'_>, key: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let (options, settings) = (&mut self.options, &mut self.settings);
        match key {
            "format" => options.format = word(value, Format::named, key)?,
            "names" => {
                options.names = word(value, NameSource::named, key)?.unwrap_or(NameSource::Auto);
            }
            "name" => {
                let name: Option<String> = value.extract()?;
                options.name = name.map(|name| arguments::name_text(py, &name)).transpose()?;
                if let Some(name) = &options.name {
                    ReferenceIdentity::parse(name)?;
                }
            }
            "captured" => options.captured = value.extract()?,
            "longest_line" => options.longest = value.extract()?,
            "keep" => options.keep = fields(&value.extract::<Vec<String>>()?)?,
            "at" => {
                settings.at = arguments::at(Some(value))?;
                self.at = (!value.is_none()).then_some(settings.at);
            }
            "threads" => settings.threads = self::threads(value.extract()?)?,
            "cert_info" => settings.certificate_info = value.extract()?,
            "missing_issuers" => settings.missing_issuers = value.extract()?,
            "comparison" => self.comparison = value.extract()?,
            "part_rows" => settings.part_rows = value.extract()?,
            "max_errors" => settings.max_errors = value.extract()?,
            "told" => settings.told = value.extract()?,
            "issuers" => self.issuers = value.extract()?,
            "memory" => self.memory = value.extract()?,
            "output" => self.output = value.extract()?,
            "text" => self.text = value.extract()?,
            "resume" => self.resume = value.extract()?,
            "salt" => self.salt = value.extract()?,
            "head" => self.head = value.extract::<Option<Vec<u8>>>()?.unwrap_or_default(),
            other => return Err(PyTypeError::new_err(format!("unknown setting {other:?} of a scan"))),
        }
        Ok(())
    }
}

/// The fields of the input to be kept, each once.
fn fields(paths: &[String]) -> PyResult<Vec<Field>> {
    let complain =
        |path| PyValueError::new_err(format!("keep: {path:?} is not a path of keys joined by dots"));
    let mut known = HashSet::new();
    let fields = paths.iter().map(|path| Field::new(path).ok_or_else(|| complain(path)));
    let mut fields: Vec<Field> = fields.collect::<PyResult<_>>()?;
    fields.retain(|field| known.insert(field.path().to_owned()));
    Ok(fields)
}

#[pymethods]
impl PyScan {
    #[new]
    #[pyo3(signature = (verifier, files, **settings))]
    fn py_new(
        py: Python<'_>,
        verifier: &Bound<'_, Verifier>,
        files: Vec<PathBuf>,
        settings: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let Given {
            mut options,
            issuers,
            settings,
            memory,
            comparison,
            at,
            output,
            text,
            resume,
            salt,
            head,
        } = Given::of(py, settings)?;
        options.scts = verifier.get().reads_scts();
        let batch = verifier.get().batch(memory);
        // What is judged by one of two sets alone is a part of all rows.
        let comparison = comparison.map(|(first, second, taken)| {
            let judge = |verifier: Py<Verifier>| verifier.get().batch(memory / 4);
            Comparison::new(batch.verifier(), judge(first), judge(second), taken)
        });
        let cert_info = settings.certificate_info;
        let asked = at.map_or_else(String::new, |at| at.to_string());
        py.detach(|| {
            let sources = sources_of(&files, options.format, &head);
            let issuers = issuers.or_else(|| issuers_of(&sources));
            let counted = (settings.part_rows, settings.missing_issuers);
            let what = format!("{options:?} {cert_info} {counted:?} {issuers:?} {output:?} {salt}");
            let fingerprint = Scan::fingerprint(&sources, batch.verifier(), &[&what, &asked]);
            let issuers = issuers.map_or_else(Issuers::none, Issuers::in_folder);
            let mut settings = settings;
            let mut start = None;
            let sink = match (output, text.as_deref()) {
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
                .encoding_names(Box::new(encode_name))
                .comparing(comparison);
            Ok::<_, OutputError>(Self {
                shown: Mutex::new(counts(&scan)),
                scan: Lendable::new(scan),
                size,
                resumed,
            })
        })
        .map_err(PyErr::from)
    }

    /// Judges some more: complaints, text, whether that was all, whether a complaint has ended it.
    fn step<'py>(&self, py: Python<'py>) -> PyResult<(Vec<String>, Bound<'py, PyBytes>, bool, bool)> {
        multibuffer::settle(py, None)?;
        let mut loan = self.scan.lend().map_err(refused)?;
        let scan = loan.as_mut().ok_or_else(over)?;
        let step = attended(py, None, None, |control| scan.step(control).transpose())??;
        multibuffer::report(py)?;
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
        .map_err(PyErr::from)
    }

    /// Takes back what was begun, unless `finish` has been called or there is something to resume.
    fn abandon(&self, py: Python<'_>) -> PyResult<()> {
        match self.scan.take() {
            Ok(scan) => Ok(py.detach(|| scan.abandon())?),
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
