//! `certpath.IntermediatePool`.

use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyOSError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyType};

use crate::pool::{IntermediatePool as Pool, PoolError};
use crate::store::StoreError;

use super::arguments;
use super::certificate::Certificate;

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
            Err(PoolError(StoreError::Io(problem))) => {
                let raised = match problem.raw_os_error() {
                    // FileNotFoundError and its kin, by the errno.
                    Some(_) => PyErr::from(problem),
                    None => PyOSError::new_err(problem.to_string()),
                };
                // Say which file: OSError has a place for it.
                let _ = raised.value(py).setattr("filename", path.as_os_str());
                Err(raised)
            }
            Err(other) => Err(PyValueError::new_err(format!("{}: {other}", path.display()))),
            Ok(pool) => Ok(Self::new(Arc::new(pool))),
        }
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
}
