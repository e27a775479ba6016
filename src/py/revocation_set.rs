//! `certpath.RevocationSet`.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyType};

use crate::revocation_set::{RevocationSet as Set, SetError, SetKind};
use crate::store::StoreError;

use super::{errors, values};

#[doc = manual!("RevocationSet")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct RevocationSet {
    inner: Arc<Set>,
}

impl RevocationSet {
    pub(super) fn new(inner: Arc<Set>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Arc<Set> {
        &self.inner
    }

    fn read(py: Python<'_>, path: PathBuf, read: fn(&[u8]) -> Result<Set, SetError>) -> PyResult<Self> {
        let octets = py
            .detach(|| octets_of(&path))
            .map_err(|error| errors::error(StoreError::Io(error), Some(&path)))?;
        let made = py.detach(|| read(&octets));
        made.map(Arc::new)
            .map(Self::new)
            .map_err(|error| PyValueError::new_err(format!("{}: {error}", path.display())))
    }
}

/// A file's octets; of what is longer than any set may be, as many as show that.
fn octets_of(path: &Path) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    File::open(path)?.take(Set::LONGEST.saturating_add(1)).read_to_end(&mut octets)?;
    Ok(octets)
}

/// What makes a set anew, and from what.
type Remade<'py> = (Bound<'py, PyAny>, (&'static str, Bound<'py, PyBytes>));

#[pymethods]
impl RevocationSet {
    #[doc = manual!("RevocationSet.onecrl")]
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn onecrl(_: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::read(py, path, Set::onecrl)
    }

    #[doc = manual!("RevocationSet.crlset")]
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn crlset(_: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::read(py, path, Set::crlset)
    }

    #[doc = manual!("RevocationSet.crlite")]
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn crlite(_: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        Self::read(py, path, Set::crlite)
    }

    #[doc = manual!("RevocationSet.kind")]
    #[getter]
    fn kind(&self) -> &'static str {
        self.inner.kind().name()
    }

    #[doc = manual!("RevocationSet.sequence")]
    #[getter]
    fn sequence(&self) -> Option<u64> {
        self.inner.sequence()
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    fn __repr__(&self) -> String {
        format!("<RevocationSet {}, {} entries>", self.inner.kind().name(), self.inner.len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Remade<'py>> {
        values::remade(py, "_revocation_set", (self.kind(), PyBytes::new(py, self.inner.octets())))
    }
}

/// The inverse of `RevocationSet.__reduce__`.
#[pyfunction]
#[pyo3(signature = (kind, octets, /))]
pub(super) fn _revocation_set(kind: &str, octets: &[u8]) -> PyResult<RevocationSet> {
    let known = SetKind::ALL.into_iter().find(|known| known.name() == kind);
    let made = match known {
        Some(SetKind::OneCrl) => Set::onecrl(octets),
        Some(SetKind::CrlSet) => Set::crlset(octets),
        Some(SetKind::Crlite) => Set::crlite(octets),
        None => return Err(PyValueError::new_err(format!("no revocation set of this version: {kind:?}"))),
    };
    made.map(Arc::new).map(RevocationSet::new).map_err(|error| PyValueError::new_err(error.to_string()))
}
