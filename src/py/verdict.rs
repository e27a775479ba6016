//! `certpath.Verdict`, `Finding` and `CertificationPath`.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyTuple};

use crate::certificate::OwnedCertificate;
use crate::store::TrustStore;
use crate::time::rfc3339;
use crate::verdict::{self as core, Fact, Source};

use super::arguments::Der;
use super::certificate::Certificate;
use super::{pickling, values};

/// The layout of `Verdict.to_dict`; to be raised when a field changes its meaning or goes.
const SCHEMA_VERSION: u32 = 1;

/// One failed check.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Finding {
    inner: core::Finding,
}

impl Finding {
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
    #[getter]
    fn code(&self) -> Option<i32> {
        self.inner.check.code()
    }

    #[getter]
    fn name(&self) -> &'static str {
        self.inner.check.name()
    }

    #[getter]
    fn message(&self) -> String {
        self.inner.message()
    }

    #[getter]
    fn depth(&self) -> Option<usize> {
        self.inner.depth
    }

    #[getter]
    fn subject(&self) -> Option<&str> {
        self.inner.concerned.as_ref().map(|concerned| concerned.subject.as_str())
    }

    #[getter]
    fn sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.concerned.as_ref().map(|concerned| PyBytes::new(py, &concerned.sha256))
    }

    #[getter]
    fn facts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        self.facts_dict(py)
    }

    #[getter]
    fn detail(&self) -> String {
        self.inner.detail()
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
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

    fn __str__(&self) -> String {
        self.inner.detail()
    }

    fn __repr__(&self) -> String {
        let depth = self.inner.depth.map(|depth| format!(" at depth {depth}")).unwrap_or_default();
        format!("<Finding {}{depth}>", self.inner.check.name())
    }
}

/// Everything that was found out about one chain.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verdict {
    inner: core::Verdict,
    /// What was presented, for the certificates of the path.
    presented: Vec<Der>,
    store: Arc<TrustStore>,
}

impl Verdict {
    pub(super) fn new(inner: core::Verdict, presented: Vec<Der>, store: Arc<TrustStore>) -> Self {
        Self { inner, presented, store }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.inner.is_ok()
    }

    /// The certificates of the path, parsed again if they were presented: a verdict that nobody
    /// asks for them should not pay for them.
    fn certificates(&self) -> Vec<Certificate> {
        let members = self.inner.path.iter().filter_map(|member| match member.source {
            Source::Store(position) => self.store.anchors().get(position).cloned(),
            Source::Presented(position) => match self.presented.get(position)? {
                Der::Parsed(certificate) => Some(Arc::clone(certificate)),
                der => OwnedCertificate::parse(der.as_slice()).ok().map(Arc::new),
            },
        });
        members.map(Certificate::new).collect()
    }

    fn anchor(&self) -> Option<&[u8; 32]> {
        self.inner.path.last().filter(|_| self.inner.anchored).map(|member| &member.sha256)
    }

    fn first_depth(&self) -> Option<usize> {
        self.inner.findings.first().and_then(|finding| finding.depth)
    }
}

#[pymethods]
impl Verdict {
    #[getter]
    fn ok(&self) -> bool {
        self.inner.is_ok()
    }

    #[getter]
    fn status(&self) -> &'static str {
        self.inner.status.name()
    }

    #[getter]
    fn verify_code(&self) -> Option<i32> {
        self.inner.code()
    }

    #[getter]
    fn verify_message(&self) -> String {
        self.inner.message()
    }

    #[getter]
    fn error_depth(&self) -> Option<usize> {
        self.first_depth()
    }

    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.findings.iter().map(|finding| Finding { inner: finding.clone() }))
    }

    #[getter]
    fn chain_ok(&self) -> Option<bool> {
        self.inner.chain_ok
    }

    #[getter]
    fn time_ok(&self) -> Option<bool> {
        self.inner.time_ok
    }

    #[getter]
    fn name_ok(&self) -> Option<bool> {
        self.inner.name_ok
    }

    #[getter]
    fn purpose_ok(&self) -> Option<bool> {
        self.inner.purpose_ok
    }

    #[getter]
    fn revoked(&self) -> Option<bool> {
        self.inner.revoked
    }

    #[getter]
    fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    #[getter]
    fn name_by(&self) -> Option<&'static str> {
        self.inner.name_by.map(core::NameBy::name)
    }

    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, Some(self.inner.at))
    }

    #[getter]
    fn leaf_sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.leaf_sha256.map(|hash| PyBytes::new(py, &hash))
    }

    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.certificates())
    }

    #[getter]
    fn path_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.path.iter().map(|member| PyBytes::new(py, &member.sha256)))
    }

    #[getter]
    fn anchor_sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.anchor().map(|hash| PyBytes::new(py, hash))
    }

    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.not_after)
    }

    #[getter]
    fn weak<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.inner.weak)
    }

    #[getter]
    fn exceptions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.inner.exceptions)
    }

    #[getter]
    fn store(&self) -> &str {
        self.store.name()
    }

    #[getter]
    #[allow(clippy::unused_self, reason = "a property of the instance, though all have the same")]
    fn policy(&self) -> &'static str {
        "ssl"
    }

    fn explain(&self) -> String {
        let verdict = &self.inner;
        let mut lines = vec![self.__str__()];
        if verdict.findings.len() > 1 {
            lines.extend(verdict.findings.iter().map(|finding| format!("  - {}", finding.detail())));
        }
        for (depth, certificate) in self.certificates().iter().enumerate() {
            let view = certificate.inner().view();
            let origin = match verdict.path.get(depth).map(|member| member.source) {
                Some(Source::Store(_)) => format!("store {:?}", self.store.name()),
                _ => "presented".to_owned(),
            };
            let until = view.not_after.seconds.map_or_else(|| view.not_after.raw(), rfc3339);
            lines.push(format!("  depth {depth}: [{}] until {until}, {origin}", view.subject.text()));
        }
        if !verdict.weak.is_empty() {
            lines.push(format!("  weak: {}", verdict.weak.join(", ")));
        }
        if !verdict.exceptions.is_empty() {
            lines.push(format!("  decided natively: {}", verdict.exceptions.join(", ")));
        }
        lines.join("\n")
    }

    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let verdict = &self.inner;
        let out = PyDict::new(py);
        out.set_item("schema_version", SCHEMA_VERSION)?;
        out.set_item("ok", verdict.is_ok())?;
        out.set_item("status", verdict.status.name())?;
        out.set_item("verify_code", verdict.code())?;
        out.set_item("verify_message", verdict.message())?;
        out.set_item("error_depth", self.first_depth())?;
        let findings: Vec<_> = verdict
            .findings
            .iter()
            .map(|finding| Finding { inner: finding.clone() }.to_dict(py))
            .collect::<PyResult<_>>()?;
        out.set_item("findings", findings)?;
        out.set_item("chain_ok", verdict.chain_ok)?;
        out.set_item("time_ok", verdict.time_ok)?;
        out.set_item("name_ok", verdict.name_ok)?;
        out.set_item("purpose_ok", verdict.purpose_ok)?;
        out.set_item("revoked", verdict.revoked)?;
        out.set_item("name", verdict.name.as_deref())?;
        out.set_item("name_by", verdict.name_by.map(core::NameBy::name))?;
        out.set_item("at", rfc3339(verdict.at))?;
        out.set_item("leaf_sha256", verdict.leaf_sha256.map(|hash| values::hex(&hash)))?;
        let path: Vec<_> = verdict.path.iter().map(|member| values::hex(&member.sha256)).collect();
        out.set_item("path_sha256", path)?;
        out.set_item("anchor_sha256", self.anchor().map(|hash| values::hex(hash)))?;
        out.set_item("not_after", verdict.not_after.map(rfc3339))?;
        out.set_item("weak", &verdict.weak)?;
        out.set_item("exceptions", &verdict.exceptions)?;
        out.set_item("store", self.store.name())?;
        out.set_item("policy", self.policy())?;
        Ok(out)
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.import("json")?.call_method1("dumps", (self.to_dict(py)?,))?.extract()
    }

    fn __bool__(&self) -> bool {
        self.inner.is_ok()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        let restore = py.import("certpath._certpath")?.getattr("_verdict")?;
        Ok((restore, (pickling::state(py, &self.inner, &self.presented, &self.store)?,)))
    }

    fn __str__(&self) -> String {
        let verdict = &self.inner;
        let name = verdict.name.as_deref().map(|name| format!(" for {name}")).unwrap_or_default();
        match verdict.findings.as_slice() {
            [] => format!("ok{name}"),
            [only] => format!("{}{name}: {}", verdict.status.name(), only.detail()),
            [first, more @ ..] => {
                format!("{}{name}: {} (+{} more)", verdict.status.name(), first.detail(), more.len())
            }
        }
    }

    fn __repr__(&self) -> String {
        let code = self.inner.code().map(|code| format!(" {code}")).unwrap_or_default();
        format!("<Verdict {}{code} {:?}>", self.inner.status.name(), self.inner.message())
    }
}

/// The path that was built: end entity first, trust anchor last.
#[pyclass(frozen, sequence, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct CertificationPath {
    verdict: Py<Verdict>,
    certificates: Py<PyTuple>,
}

impl CertificationPath {
    pub(super) fn new(py: Python<'_>, verdict: Verdict) -> PyResult<Self> {
        let certificates = PyTuple::new(py, verdict.certificates())?.unbind();
        Ok(Self { verdict: Py::new(py, verdict)?, certificates })
    }
}

#[pymethods]
impl CertificationPath {
    #[getter]
    fn certificates(&self, py: Python<'_>) -> Py<PyTuple> {
        self.certificates.clone_ref(py)
    }

    #[getter]
    fn leaf<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.certificates.bind(py).get_item(0)
    }

    #[getter]
    fn anchor<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let certificates = self.certificates.bind(py);
        certificates.get_item(certificates.len().saturating_sub(1))
    }

    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.verdict.get().inner.not_before)
    }

    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.verdict.get().inner.not_after)
    }

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
