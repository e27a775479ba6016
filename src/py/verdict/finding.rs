//! `certpath.Finding`.

use std::hash::{DefaultHasher, Hash, Hasher};

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict};

use crate::verdict::{self as core, Check, Fact};

use super::pickling;
use crate::py::values;

#[doc = manual!("Finding")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(in crate::py) struct Finding {
    pub(super) inner: core::Finding,
}

impl Finding {
    pub(in crate::py) fn new(inner: core::Finding) -> Self {
        Self { inner }
    }

    fn facts_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let facts = PyDict::new(py);
        for (key, fact) in &self.inner.facts {
            match fact {
                Fact::Text(text) => facts.set_item(key, text)?,
                Fact::Number(number) => facts.set_item(key, number)?,
                Fact::Texts(texts) => facts.set_item(key, texts)?,
            }
        }
        Ok(facts)
    }
}

#[pymethods]
impl Finding {
    #[doc = manual!("Finding.code")]
    #[getter]
    fn code(&self) -> Option<i32> {
        self.inner.check.code()
    }

    #[doc = manual!("Finding.name")]
    #[getter]
    fn name(&self) -> &'static str {
        self.inner.check.name()
    }

    #[doc = manual!("Finding.message")]
    #[getter]
    fn message(&self) -> String {
        self.inner.message()
    }

    #[doc = manual!("Finding.depth")]
    #[getter]
    fn depth(&self) -> Option<usize> {
        self.inner.depth
    }

    #[doc = manual!("Finding.subject")]
    #[getter]
    fn subject(&self) -> Option<&str> {
        self.inner.concerned.as_ref().map(|concerned| concerned.subject.as_str())
    }

    #[doc = manual!("Finding.sha256")]
    #[getter]
    fn sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.concerned.as_ref().map(|concerned| PyBytes::new(py, &concerned.sha256))
    }

    #[doc = manual!("Finding.facts")]
    #[getter]
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.facts_dict(py)
    }

    #[doc = manual!("Finding.detail")]
    #[getter]
    fn detail(&self) -> String {
        self.inner.detail()
    }

    #[doc = manual!("Finding.to_dict")]
    pub(super) fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        out.set_item("name", self.name())?;
        out.set_item("code", self.code())?;
        out.set_item("message", self.message())?;
        out.set_item("depth", self.depth())?;
        out.set_item("subject", self.subject())?;
        let sha256 = self.inner.concerned.as_ref().map(|concerned| values::hex(&concerned.sha256));
        out.set_item("sha256", sha256)?;
        out.set_item("facts", self.facts_dict(py)?)?;
        out.set_item("detail", self.detail())?;
        Ok(out)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        values::answer(py, self.inner == other.get().inner)
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.inner.check.name(), self.inner.depth, self.inner.detail()).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        values::remade(py, "_finding", (pickling::finding_state(py, &self.inner)?,))
    }

    fn __str__(&self) -> String {
        self.inner.detail()
    }

    fn __repr__(&self) -> String {
        let depth = self.inner.depth.map(|depth| format!(" at depth {depth}")).unwrap_or_default();
        format!("<Finding {}{depth}>", self.inner.check.name())
    }
}

/// Who can mend it, the rule, and how.
type Mended = (&'static str, &'static str, &'static str);
/// Its name in the source, that of its findings, code, message, facts, and what would mend it.
type Row = (String, &'static str, Option<i32>, &'static str, &'static str, Mended);

/// Every check that can fail.
#[pyfunction]
pub(in crate::py) fn _checks() -> Vec<Row> {
    let row = |check: &Check| {
        let remedy = check.remedy();
        let mended = (remedy.who.name(), remedy.rule, remedy.text);
        (format!("{check:?}"), check.name(), check.code(), check.text(), check.facts(), mended)
    };
    Check::ALL.iter().map(row).collect()
}
