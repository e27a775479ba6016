//! `certpath.IntermediatePool`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyImportError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyAny, PyBytes, PyDict, PyList, PyType};

use crate::pool::{IntermediatePool as Pool, PoolError};
use crate::store::StoreError;

use super::certificate::Certificate;
use super::verdict::Verdict;
use super::{arguments, pickling, store};

/// Certificates that may help to complete a path and are never trusted.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct IntermediatePool {
    inner: Arc<Pool>,
}

impl IntermediatePool {
    pub(super) fn new(inner: Arc<Pool>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Arc<Pool> {
        &self.inner
    }

    fn made(made: Result<Pool, PoolError>) -> PyResult<Self> {
        made.map(Arc::new).map(Self::new).map_err(|error| PyValueError::new_err(error.to_string()))
    }
}

/// The certificates of one value of a column: octets, a list of them, or nothing.
fn collect(value: &Bound<'_, PyAny>, column: &str, certificates: &mut Vec<PyBackedBytes>) -> PyResult<()> {
    if value.is_none() {
        return Ok(());
    }
    if value.is_instance_of::<PyBytes>() {
        certificates.push(value.extract()?);
        return Ok(());
    }
    let Ok(list) = value.cast::<PyList>() else {
        let found = value.get_type().qualname()?;
        return Err(PyTypeError::new_err(format!(
            "column {column:?} must hold binary values or lists of them, not {found}"
        )));
    };
    list.iter().try_for_each(|one| collect(&one, column, certificates))
}

#[pymethods]
impl IntermediatePool {
    #[classmethod]
    #[pyo3(signature = (data, /))]
    fn from_pem(_class: &Bound<'_, PyType>, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = arguments::bundle_bytes(data, "data")?;
        Self::made(py.detach(|| Pool::from_bundle(&data)))
    }

    #[classmethod]
    #[pyo3(signature = (data, /))]
    fn from_der(_class: &Bound<'_, PyType>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let certificates = arguments::certificates(data)?;
        Self::made(Pool::from_der(certificates.iter().map(|certificate| certificate.der())))
    }

    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn from_path(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        match py.detach(|| Pool::from_path(&path)) {
            Err(PoolError(problem @ StoreError::Io(_))) => Err(store::error(problem, Some(&path))),
            Err(other) => Err(PyValueError::new_err(format!("{}: {other}", path.display()))),
            Ok(pool) => Ok(Self::new(Arc::new(pool))),
        }
    }

    #[classmethod]
    #[pyo3(signature = (path, /, *, column = "der"))]
    fn from_parquet(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        column: &str,
    ) -> PyResult<Self> {
        let parquet = py.import("pyarrow.parquet").map_err(|_| {
            PyImportError::new_err("reading Parquet needs pyarrow: pip install 'certpath[parquet]'")
        })?;
        let file = parquet.getattr("ParquetFile")?.call1((path,))?;
        let names: Vec<String> = file.getattr("schema_arrow")?.getattr("names")?.extract()?;
        if !names.iter().any(|name| name == column) {
            let names = names.join(", ");
            return Err(PyValueError::new_err(format!("no column {column:?}; the columns are {names}")));
        }
        let keywords = PyDict::new(py);
        keywords.set_item("columns", [column])?;
        let mut certificates = Vec::new();
        // Batch by batch: only the certificates themselves are kept.
        for batch in file.call_method("iter_batches", (), Some(&keywords))?.try_iter()? {
            let values = batch?.call_method1("column", (0,))?.call_method0("to_pylist")?;
            for value in values.try_iter()? {
                collect(&value?, column, &mut certificates)?;
            }
        }
        Self::made(py.detach(|| Pool::gather(certificates.iter().map(AsRef::as_ref))))
    }

    #[classmethod]
    #[pyo3(signature = (verdicts, /))]
    fn from_verdicts(_class: &Bound<'_, PyType>, verdicts: &Bound<'_, PyAny>) -> PyResult<Self> {
        let iterator = verdicts
            .try_iter()
            .map_err(|_| PyTypeError::new_err("verdicts must be an iterable of Verdict"))?;
        let mut certificates: Vec<Vec<u8>> = Vec::new();
        let mut seen = HashSet::new();
        for verdict in iterator {
            let verdict = verdict?;
            let verdict = verdict
                .cast::<Verdict>()
                .map_err(|_| PyTypeError::new_err("verdicts must be an iterable of Verdict"))?;
            for der in verdict.get().presented_issuers() {
                // A scan meets the same few issuers again and again.
                if !seen.contains(der) {
                    seen.insert(der.to_vec());
                    certificates.push(der.to_vec());
                }
            }
        }
        Self::made(Pool::gather(certificates.iter().map(Vec::as_slice)))
    }

    #[getter]
    fn skipped(&self) -> Vec<String> {
        self.inner.skipped().to_vec()
    }

    #[getter]
    fn certificates(&self) -> Vec<Certificate> {
        self.inner.certificates().iter().cloned().map(Certificate::new).collect()
    }

    fn __len__(&self) -> usize {
        self.inner.certificates().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.certificates().into_pyobject(py)?.try_iter()?.into_any())
    }

    fn __contains__(&self, certificate: &Bound<'_, PyAny>) -> bool {
        arguments::certificate(certificate)
            .is_ok_and(|certificate| self.inner.position(&certificate.view().sha256()).is_some())
    }

    fn __repr__(&self) -> String {
        format!("<IntermediatePool {} certificates>", self.inner.certificates().len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let remake = py.import("certpath._certpath")?.getattr("_pool")?;
        Ok((remake, (pickling::pool_state(py, &self.inner)?,)))
    }
}
