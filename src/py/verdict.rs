//! `certpath.Verdict`.

mod fields;
mod finding;
mod path;
mod pickling;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyDict, PyTuple};

use crate::arrow::SCHEMA_VERSION;
use crate::certificate::{Certificate as View, OwnedCertificate};
use crate::policy::Exception;
use crate::record::{self, Observations};
use crate::store::TrustStore;
use crate::time::rfc3339;
use crate::verdict::{self as core, PathMember, Search, Source, Status, Weakness};
use crate::verifier::Verifier;

use super::arguments::Der;
use super::certificate::Certificate;
use super::{values, views};

pub(super) use finding::{_checks, Finding};
pub(super) use path::CertificationPath;
pub(super) use pickling::{_finding, _path, _verdict};

#[doc = manual!("Verdict")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verdict {
    inner: core::Verdict,
    /// What was presented, for the certificates of the path.
    presented: Arc<Vec<Der>>,
    /// Whose stores and pool the path was found with.
    verifier: Arc<Verifier>,
}

impl Verdict {
    pub(super) fn new(inner: core::Verdict, presented: Arc<Vec<Der>>, verifier: Arc<Verifier>) -> Self {
        Self { inner, presented, verifier }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.inner.is_ok()
    }

    /// What is wrong with the name that was asked for, if it is not a name.
    pub(super) fn mistaken_name(&self) -> Option<&str> {
        self.inner.name_problem()
    }

    /// What was presented beside the end entity and is a CA certificate.
    pub(super) fn presented_issuers(&self) -> impl Iterator<Item = &[u8]> {
        self.presented.iter().skip(1).map(Der::as_slice).filter(|der| {
            crate::certificate::Certificate::parse(der).is_ok_and(|certificate| certificate.is_ca())
        })
    }

    fn stores(&self) -> &[Arc<TrustStore>] {
        self.verifier.stores()
    }

    /// One certificate of a path, parsed again if it was presented: a verdict that nobody asks for
    /// them should not pay for them.
    fn certificate(&self, member: &PathMember) -> Option<Arc<OwnedCertificate>> {
        match member.source {
            Source::Store(position) => self.verifier.anchor(position).map(|(_, anchor)| Arc::clone(anchor)),
            Source::Pool(position) => self.verifier.pool()?.certificates().get(position).cloned(),
            Source::Presented(position) => match self.presented.get(position)? {
                Der::Parsed(certificate) => Some(Arc::clone(certificate)),
                der => OwnedCertificate::parse(der.as_slice()).ok().map(Arc::new),
            },
        }
    }

    fn certificates_of(&self, path: &[PathMember]) -> Vec<Certificate> {
        path.iter().filter_map(|member| self.certificate(member)).map(Certificate::new).collect()
    }

    /// The certificates of the path.
    fn certificates(&self) -> Vec<Certificate> {
        self.certificates_of(&self.inner.path)
    }

    /// All valid paths that were found.
    pub(super) fn all_paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let paths = self.inner.paths();
        let paths = paths.iter().map(|path| PyTuple::new(py, self.certificates_of(path)));
        PyTuple::new(py, paths.collect::<PyResult<Vec<_>>>()?)
    }

    fn leaf_view(&self) -> Option<View<'_>> {
        self.presented.first().and_then(|der| View::parse(der.as_slice()).ok())
    }

    /// What the search has found out; for a policy that looks at one path, what that path says.
    fn search(&self) -> Search {
        self.inner.search.clone().unwrap_or_else(|| Search {
            stores_now: self.inner.stores_now(),
            stores_trusted: u32::from(self.inner.is_trusted()),
            has_trusted_path: self.inner.is_trusted(),
            complete: true,
            ..Search::default()
        })
    }

    /// What was seen besides, looked at again: a verdict that nobody asks for it should not pay for it.
    fn observations(&self) -> Observations {
        let chain: Vec<&[u8]> = self.presented.iter().map(Der::as_slice).collect();
        Observations::of(&self.verifier, &self.inner, &chain)
    }

    fn names_of(&self, mask: u32) -> Vec<&str> {
        record::names_of(self.stores(), mask).collect()
    }

    /// The whole verdict, one line a finding, but for what would mend it.
    fn explanation(&self) -> Vec<String> {
        let verdict = &self.inner;
        let mut lines = vec![self.__str__()];
        if verdict.findings.len() > 1 {
            lines.extend(verdict.findings.iter().map(|finding| format!("  - {}", finding.detail())));
        }
        for (depth, certificate) in self.certificates().iter().enumerate() {
            let view = certificate.inner().view();
            let origin = match verdict.path.get(depth).map(|member| member.source) {
                Some(Source::Store(position)) => {
                    let store = self.verifier.anchor(position).map_or(0, |(store, _)| store);
                    format!("store {:?}", self.store_name(store))
                }
                Some(Source::Pool(_)) => "pool".to_owned(),
                _ => "presented".to_owned(),
            };
            let until = view.not_after.seconds.map_or_else(|| view.not_after.raw(), rfc3339);
            lines.push(format!("  depth {depth}: [{}] until {until}, {origin}", view.subject.text()));
        }
        if !verdict.weak.is_empty() {
            lines.push(format!("  weak: {}", joined(&verdict.weak, Weakness::name)));
        }
        if !verdict.exceptions.is_empty() {
            lines.push(format!("  decided natively: {}", joined(&verdict.exceptions, Exception::name)));
        }
        let faults = self.observations().faults();
        if !faults.is_empty() {
            lines.push(format!("  as sent: {}", faults.join(", ").replace('_', " ")));
        }
        if let Some(search) = &verdict.search {
            let trusting = self.names_of(search.stores_now);
            let trusting = if trusting.is_empty() { "none".to_owned() } else { trusting.join(", ") };
            lines.push(format!("  trusted by: {trusting} (of {})", self.stores().len()));
        }
        lines
    }

    fn store_name(&self, number: usize) -> &str {
        self.stores().get(number).map_or("", |store| store.name())
    }
}

// Its fields are attributes, too.
with_fields! {
#[pymethods]
impl Verdict {
    #[doc = manual!("Verdict.schema_version")]
    #[getter]
    #[expect(clippy::unused_self, reason = "a property of the instance, though all have the same")]
    fn schema_version(&self) -> u32 {
        SCHEMA_VERSION
    }

    #[doc = manual!("Verdict.path")]
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.certificates())
    }

    #[doc = manual!("Verdict.paths")]
    #[getter]
    fn paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all_paths(py)
    }

    #[doc = manual!("Verdict.work")]
    #[getter]
    fn work<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
        let Some(search) = &self.inner.search else { return Ok(None) };
        let out = PyDict::new(py);
        out.set_item("edges_tried", search.edges_tried)?;
        out.set_item("signature_checks", search.signature_checks)?;
        out.set_item("name_comparisons", search.name_comparisons)?;
        out.set_item("judgements", search.judgements)?;
        out.set_item("proofs", search.proofs)?;
        out.set_item("octets", search.octets)?;
        out.set_item("complete", search.complete)?;
        Ok(Some(out))
    }

    #[doc = manual!("Verdict.to_zgrab2")]
    fn to_zgrab2<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        views::zgrab2(py, &self.inner, self.inner.is_trusted())
    }

    #[doc = manual!("Verdict.to_censys")]
    pub(super) fn to_censys<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        views::censys(py, &self.inner, &self.search(), self.stores(), self.leaf_view().as_ref())
    }

    #[doc = manual!("Verdict.remedies")]
    #[getter]
    fn remedies<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("certpath._remedies")?.call_method1("remedies_of", (slf,))
    }

    #[doc = manual!("Verdict.explain")]
    fn explain<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let lines = slf.get().explanation();
        slf.py().import("certpath._remedies")?.call_method1("explained", (slf, lines))
    }

    #[doc = manual!("Verdict.to_dict")]
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let out = PyDict::new(py);
        out.set_item("schema_version", SCHEMA_VERSION)?;
        self.tell_fields(&out)?;
        out.set_item("work", self.work(py)?)?;
        Ok(out)
    }

    #[doc = manual!("Verdict.to_json")]
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        py.import("json")?.call_method1("dumps", (self.to_dict(py)?,))?.extract()
    }

    fn __bool__(&self) -> bool {
        self.inner.is_ok()
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        values::answer(py, pickling::is_equal(self, other.get()))
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        let verdict = &self.inner;
        (verdict.status.name(), verdict.at, &verdict.name, verdict.leaf_sha256).hash(&mut hasher);
        hasher.finish()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        values::remade(py, "_verdict", (pickling::pickle(py, self)?,))
    }

    fn __str__(&self) -> String {
        let verdict = &self.inner;
        let is_judged =
            matches!(verdict.status, Status::Ok | Status::Invalid | Status::Unsupported | Status::Budget);
        let name = match &verdict.name {
            Some(name) => format!(" for {name}"),
            // Nobody should take a chain for one that speaks for somebody.
            None if is_judged => ", name not checked".to_owned(),
            None => String::new(),
        };
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
}

fn joined<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> String {
    values.iter().map(|&value| name(value)).collect::<Vec<_>>().join(", ")
}
