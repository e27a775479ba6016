//! `certpath.CertificationPath`.

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyTuple};

use super::Verdict;
use crate::py::values;

#[doc = manual!("CertificationPath")]
#[pyclass(frozen, sequence, module = "certpath._certpath")]
#[derive(Debug)]
pub(in crate::py) struct CertificationPath {
    verdict: Py<Verdict>,
    certificates: Py<PyTuple>,
}

impl CertificationPath {
    pub(in crate::py) fn new(py: Python<'_>, verdict: Verdict) -> PyResult<Self> {
        Self::of(py, Py::new(py, verdict)?)
    }

    /// The path of a verdict that Python has already.
    pub(in crate::py) fn of(py: Python<'_>, verdict: Py<Verdict>) -> PyResult<Self> {
        let certificates = PyTuple::new(py, verdict.get().certificates())?.unbind();
        Ok(Self { verdict, certificates })
    }
}

#[pymethods]
impl CertificationPath {
    #[doc = manual!("CertificationPath.certificates")]
    #[getter]
    fn certificates(&self, py: Python<'_>) -> Py<PyTuple> {
        self.certificates.clone_ref(py)
    }

    #[doc = manual!("CertificationPath.leaf")]
    #[getter]
    fn leaf<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.certificates.bind(py).get_item(0)
    }

    #[doc = manual!("CertificationPath.anchor")]
    #[getter]
    fn anchor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let certificates = self.certificates.bind(py);
        certificates.get_item(certificates.len().saturating_sub(1))
    }

    #[doc = manual!("CertificationPath.not_before")]
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.verdict.get().inner.not_before)
    }

    #[doc = manual!("CertificationPath.not_after")]
    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.verdict.get().inner.not_after)
    }

    #[doc = manual!("CertificationPath.policies")]
    #[getter]
    fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.verdict.get().field(py, "policies")
    }

    #[doc = manual!("CertificationPath.verdict")]
    #[getter]
    fn verdict(&self, py: Python<'_>) -> Py<Verdict> {
        self.verdict.clone_ref(py)
    }

    fn __len__(&self, py: Python<'_>) -> usize {
        self.certificates.bind(py).len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.certificates.bind(py).as_any().get_item(index)
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.certificates.bind(py).try_iter()?.into_any())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let equal = self.certificates.bind(py).eq(other.get().certificates.bind(py))?;
        values::answer(py, equal)
    }

    fn __hash__(&self, py: Python<'_>) -> PyResult<isize> {
        self.certificates.bind(py).hash()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Py<Verdict>,))> {
        values::remade(py, "_path", (self.verdict.clone_ref(py),))
    }

    fn __repr__(&self) -> String {
        let subjects: Vec<_> = self
            .verdict
            .get()
            .certificates()
            .iter()
            .map(|certificate| format!("[{}]", certificate.inner().view().subject.text()))
            .collect();
        format!("<CertificationPath {}>", subjects.join(" <- "))
    }
}
