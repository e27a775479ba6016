//! `certpath.CtLogs`, and timestamps as Python sees them.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyTuple, PyType};

use crate::ct::{CtLogs as Logs, Timestamp};
use crate::store::StoreError;
use crate::time::rfc3339;

use super::{arguments, errors, values};

#[doc = manual!("CtLogs")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct CtLogs {
    inner: Arc<Logs>,
}

impl CtLogs {
    pub(super) fn new(inner: Arc<Logs>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Arc<Logs> {
        &self.inner
    }
}

#[pymethods]
impl CtLogs {
    #[doc = manual!("CtLogs.from_path")]
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn from_path(_: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let json = py
            .detach(|| std::fs::read(&path))
            .map_err(|error| errors::error(StoreError::Io(error), Some(&path)))?;
        let made = py.detach(|| Logs::from_json(&json));
        made.map(Arc::new)
            .map(Self::new)
            .map_err(|error| PyValueError::new_err(format!("{}: {error}", path.display())))
    }

    #[doc = manual!("CtLogs.from_json")]
    #[classmethod]
    #[pyo3(signature = (data, /))]
    fn from_json(_: &Bound<'_, PyType>, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let json = arguments::bundle_bytes(data, "data")?;
        let made = py.detach(|| Logs::from_json(&json));
        made.map(Arc::new).map(Self::new).map_err(|error| PyValueError::new_err(error.to_string()))
    }

    #[doc = manual!("CtLogs.version")]
    #[getter]
    fn version(&self) -> Option<&str> {
        self.inner.version()
    }

    #[doc = manual!("CtLogs.date")]
    #[getter]
    fn date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.date())
    }

    fn __len__(&self) -> usize {
        self.inner.len()
    }

    fn __repr__(&self) -> String {
        let version = self.inner.version().map(|version| format!(" {version}")).unwrap_or_default();
        let date = self.inner.date().map(|date| format!(" of {}", rfc3339(date))).unwrap_or_default();
        format!("<CtLogs{version}{date}, {} logs>", self.inner.len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyBytes>,))> {
        let remake = py.get_type::<Self>().getattr("from_json")?;
        Ok((remake, (PyBytes::new(py, self.inner.json()),)))
    }
}

/// Timestamps as JSON-ready dictionaries.
pub(super) fn dicts<'py>(py: Python<'py>, timestamps: &[Timestamp]) -> PyResult<Bound<'py, PyTuple>> {
    let dict = |one: &Timestamp| {
        let out = PyDict::new(py);
        out.set_item("status", one.status.name())?;
        out.set_item("log", one.log.as_deref())?;
        out.set_item("operator", one.operator.as_deref())?;
        let time = one.milliseconds.map(|milliseconds| {
            let second = rfc3339(milliseconds.div_euclid(1_000));
            format!("{}.{:03}Z", second.trim_end_matches('Z'), milliseconds.rem_euclid(1_000))
        });
        out.set_item("timestamp", time)?;
        out.set_item("source", one.source.name())?;
        out.set_item("log_id", one.log_id.map(|id| values::hex(&id)))?;
        Ok(out)
    };
    PyTuple::new(py, timestamps.iter().map(dict).collect::<PyResult<Vec<_>>>()?)
}
