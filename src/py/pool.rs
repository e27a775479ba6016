//! `certpath.IntermediatePool`.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyAny, PyBytes, PyType};

use crate::store::IntermediatePool as Pool;

use super::certificate::{self, Certificate};
use super::verdict::Verdict;
use super::{arguments, errors, skipped, values};

#[doc = manual!("IntermediatePool")]
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

    /// One that was read just now.
    fn read(py: Python<'_>, pool: Pool) -> PyResult<Self> {
        skipped::tell(py, "pool of intermediates", pool.skipped())?;
        Ok(Self::new(Arc::new(pool)))
    }
}

#[pymethods]
impl IntermediatePool {
    #[doc = manual!("IntermediatePool.from_pem")]
    #[classmethod]
    #[pyo3(signature = (data, /))]
    fn from_pem(_class: &Bound<'_, PyType>, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let data = arguments::bundle_bytes(data, "data")?;
        Self::read(py, py.detach(|| Pool::from_bundle(&data))?)
    }

    #[doc = manual!("IntermediatePool.from_der")]
    #[classmethod]
    #[pyo3(signature = (data, /))]
    fn from_der(_class: &Bound<'_, PyType>, data: &Bound<'_, PyAny>) -> PyResult<Self> {
        let certificates = certificate::certificates(data, true)?;
        Self::read(data.py(), Pool::from_der(certificates.iter().map(|certificate| certificate.der()))?)
    }

    #[doc = manual!("IntermediatePool.from_path")]
    #[classmethod]
    #[pyo3(signature = (path, /))]
    fn from_path(_class: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let made = py.detach(|| Pool::from_path(&path)).map_err(|error| errors::of_pool(error, &path))?;
        Self::read(py, made)
    }

    #[doc = manual!("IntermediatePool.from_parquet")]
    #[classmethod]
    #[pyo3(signature = (path, /, *, column = "der"))]
    fn from_parquet(
        _class: &Bound<'_, PyType>,
        py: Python<'_>,
        path: PathBuf,
        column: &str,
    ) -> PyResult<Self> {
        let made = py
            .detach(|| Pool::from_parquet(&path, column))
            .map_err(|error| errors::of_column(error, &path, column))?;
        Self::read(py, made?)
    }

    #[doc = manual!("IntermediatePool.from_verdicts")]
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
        Self::read(verdicts.py(), Pool::gather(certificates.iter().map(Vec::as_slice))?)
    }

    #[doc = manual!("IntermediatePool.skipped")]
    #[getter]
    fn skipped(&self) -> Vec<String> {
        self.inner.skipped().to_vec()
    }

    #[doc = manual!("IntermediatePool.certificates")]
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
        certificate::certificate(certificate)
            .is_ok_and(|certificate| self.inner.position(&certificate.view().sha256()).is_some())
    }

    fn __or__(&self, other: &Bound<'_, PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let ders = [&self.inner, &other.get().inner].map(|pool| pool.certificates());
        let skipped = [self.inner.skipped(), other.get().inner.skipped()].concat();
        let united = Pool::restored(ders.into_iter().flatten().map(|one| one.der()), skipped);
        Ok(Py::new(py, Self::new(Arc::new(united?)))?.into_any())
    }

    fn __repr__(&self) -> String {
        format!("<IntermediatePool {} certificates>", self.inner.certificates().len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        values::remade(py, "_pool", (state(py, &self.inner)?,))
    }
}

/// Everything in a pool.
fn state<'py>(py: Python<'py>, pool: &Pool) -> PyResult<Bound<'py, PyAny>> {
    let certificates = pool.certificates().iter().map(|one| PyBytes::new(py, one.der()));
    let state = (certificates.collect::<Vec<_>>(), pool.skipped().to_vec());
    Ok(state.into_pyobject(py)?.into_any())
}

/// The inverse of `IntermediatePool.__reduce__`.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(super) fn _pool(state: &Bound<'_, PyAny>) -> PyResult<IntermediatePool> {
    let (certificates, skipped): (Vec<PyBackedBytes>, Vec<String>) = arguments::pickled(state)?;
    let restored = Pool::restored(certificates.iter().map(AsRef::as_ref), skipped);
    Ok(IntermediatePool::new(Arc::new(restored?)))
}
