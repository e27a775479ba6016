//! Files that are one chain each, for the command line; private to the package.

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyList};

use crate::ingest::{Format, NoChain, Options, Position, Reader, Source, Waiting};
use crate::record::{FIELDS, Told};

/// How long Ctrl-C waits for input.
const TICK: Duration = Duration::from_millis(40);

/// One chain after the other.
#[pyclass(frozen, name = "_ChainFiles", module = "certpath._certpath")]
pub(super) struct ChainFiles {
    names: Vec<OsString>,
    reader: Mutex<Reader>,
}

impl std::fmt::Debug for ChainFiles {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("_ChainFiles").field("files", &self.names.len()).finish_non_exhaustive()
    }
}

/// What is read at these paths; `-` is standard input, of which `head` has been read already.
pub(super) fn sources_of(files: &[PathBuf], format: Option<Format>, head: &[u8]) -> Vec<Source> {
    let of = |file: &PathBuf| {
        if file.as_os_str() == "-" {
            vec![Source::stdin_after(head.to_vec())]
        } else {
            Source::at(file, format)
        }
    };
    files.iter().flat_map(of).collect()
}

#[pymethods]
impl ChainFiles {
    #[new]
    #[pyo3(signature = (files, /, head = None))]
    fn py_new(py: Python<'_>, files: Vec<PathBuf>, head: Option<&[u8]>) -> Self {
        py.detach(|| {
            let sources = sources_of(&files, None, head.unwrap_or_default());
            let name = |source: &Source| match source.path() {
                Some(path) => path.as_os_str().to_owned(),
                None => OsString::from(&*source.name),
            };
            let names = sources.iter().map(name).collect();
            let options = Options { format: Some(Format::Certificates), ..Options::default() };
            Self { names, reader: Mutex::new(Reader::new(sources, options, Position::default())) }
        })
    }

    fn __iter__(this: PyRef<'_, Self>) -> PyRef<'_, Self> {
        this
    }

    /// The file as it was given, or folder and file; its chain, or the status and what to say of it.
    fn __next__<'py>(&self, py: Python<'py>) -> PyResult<Option<(OsString, Bound<'py, PyAny>)>> {
        loop {
            let next = py.detach(|| {
                let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
                let chunk = reader.next_within(TICK)?;
                Ok::<_, Waiting>(chunk.map(|chunk| (chunk.start().source, chunk.chain())))
            });
            py.check_signals()?;
            let (source, chain) = match next {
                Err(_) | Ok(Some((_, None))) => continue,
                Ok(None) => return Ok(None),
                Ok(Some((source, Some(chain)))) => (source, chain),
            };
            let found = match chain {
                Ok(chain) => PyList::new(py, chain.iter().map(|der| PyBytes::new(py, der)))?.into_any(),
                Err(NoChain { status, complaint }) => {
                    (status.name(), complaint).into_pyobject(py)?.into_any()
                }
            };
            return Ok(Some((self.names.get(source).cloned().unwrap_or_default(), found)));
        }
    }
}

/// The fields of verdicts that CSV tells, in their order.
#[pyfunction]
pub(super) fn _csv_fields() -> Vec<&'static str> {
    FIELDS.iter().filter(|field| field.told == Told::Everywhere).map(|field| field.name).collect()
}
