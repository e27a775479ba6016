//! `certpath.Verdict`.
//!
//! Longer than 500 lines: pyo3 wants the members of a class in one block.

mod finding;
mod path;
mod pickling;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyTuple};

use crate::arrow::SCHEMA_VERSION;
use crate::certificate::{Certificate as View, OwnedCertificate, reason_name};
use crate::ct::Transparency;
use crate::ocsp::OcspProblem;
use crate::oid;
use crate::policy::Exception;
use crate::record::{self, FIELDS, Get, Observations, Row, Told};
use crate::store::TrustStore;
use crate::time::rfc3339;
use crate::verdict::{self as core, PathMember, Search, Source, Status, Weakness};
use crate::verifier::Verifier;

use super::arguments::Der;
use super::certificate::Certificate;
use super::{ct, values, views};

pub(super) use finding::Finding;
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

    fn anchor(&self) -> Option<&[u8; 32]> {
        self.inner.anchor().map(|member| &member.sha256)
    }

    fn first_depth(&self) -> Option<usize> {
        self.inner.findings.first().and_then(|finding| finding.depth)
    }

    fn policy_identifiers(&self) -> Vec<String> {
        self.inner.policies.iter().map(|policy| oid::dotted(policy)).collect()
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
            paths: self.inner.trusted_paths().into_owned(),
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

#[pymethods]
impl Verdict {
    #[doc = manual!("Verdict.schema_version")]
    #[getter]
    #[expect(clippy::unused_self, reason = "a property of the instance, though all have the same")]
    fn schema_version(&self) -> u32 {
        SCHEMA_VERSION
    }

    #[doc = manual!("Verdict.ok")]
    #[getter]
    fn ok(&self) -> bool {
        self.inner.is_ok()
    }

    #[doc = manual!("Verdict.status")]
    #[getter]
    fn status(&self) -> &'static str {
        self.inner.status.name()
    }

    #[doc = manual!("Verdict.verify_code")]
    #[getter]
    fn verify_code(&self) -> Option<i32> {
        self.inner.code()
    }

    #[doc = manual!("Verdict.verify_message")]
    #[getter]
    fn verify_message(&self) -> String {
        self.inner.message()
    }

    #[doc = manual!("Verdict.error_depth")]
    #[getter]
    fn error_depth(&self) -> Option<usize> {
        self.first_depth()
    }

    #[doc = manual!("Verdict.findings")]
    #[getter]
    fn findings<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.findings.iter().map(|finding| Finding { inner: finding.clone() }))
    }

    #[doc = manual!("Verdict.chain_ok")]
    #[getter]
    fn chain_ok(&self) -> Option<bool> {
        self.inner.chain_ok
    }

    #[doc = manual!("Verdict.time_ok")]
    #[getter]
    fn time_ok(&self) -> Option<bool> {
        self.inner.time_ok
    }

    #[doc = manual!("Verdict.name_ok")]
    #[getter]
    fn name_ok(&self) -> Option<bool> {
        self.inner.name_ok
    }

    #[doc = manual!("Verdict.purpose_ok")]
    #[getter]
    fn purpose_ok(&self) -> Option<bool> {
        self.inner.purpose_ok
    }

    #[doc = manual!("Verdict.revoked")]
    #[getter]
    fn revoked(&self) -> Option<bool> {
        self.inner.revoked
    }

    #[doc = manual!("Verdict.revoked_by")]
    #[getter]
    fn revoked_by(&self) -> Option<&str> {
        self.inner.revoked_by()
    }

    #[doc = manual!("Verdict.in_revocation_set")]
    #[getter]
    fn in_revocation_set(&self) -> Option<bool> {
        self.inner.sets.as_ref()?.listed
    }

    #[doc = manual!("Verdict.revocation_sets")]
    #[getter]
    fn revocation_sets<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let told = self.inner.sets.as_ref().map(|sets| PyTuple::new(py, sets.texts()));
        told.transpose()
    }

    #[doc = manual!("Verdict.ocsp_status")]
    #[getter]
    fn ocsp_status(&self) -> Option<&'static str> {
        self.inner.ocsp.as_ref().map(|answer| answer.status.name())
    }

    #[doc = manual!("Verdict.ocsp_problem")]
    #[getter]
    fn ocsp_problem(&self) -> Option<&'static str> {
        self.inner.ocsp.as_ref()?.status.problem().map(OcspProblem::name)
    }

    #[doc = manual!("Verdict.ocsp_revoked_at")]
    #[getter]
    fn ocsp_revoked_at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.ocsp.as_ref().and_then(|answer| answer.revoked_at))
    }

    #[doc = manual!("Verdict.ocsp_reason")]
    #[getter]
    fn ocsp_reason(&self) -> Option<&'static str> {
        self.inner.ocsp.as_ref()?.reason.map(reason_name)
    }

    #[doc = manual!("Verdict.name")]
    #[getter]
    fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    #[doc = manual!("Verdict.name_by")]
    #[getter]
    fn name_by(&self) -> Option<&'static str> {
        self.inner.name_by.map(core::NameBy::name)
    }

    #[doc = manual!("Verdict.name_problem")]
    #[getter]
    fn name_problem(&self) -> Option<&str> {
        self.inner.name_problem()
    }

    #[doc = manual!("Verdict.at")]
    #[getter]
    fn at<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, Some(self.inner.at))
    }

    #[doc = manual!("Verdict.leaf_sha256")]
    #[getter]
    fn leaf_sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.leaf_sha256.map(|hash| PyBytes::new(py, &hash))
    }

    #[doc = manual!("Verdict.path")]
    #[getter]
    fn path<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.certificates())
    }

    #[doc = manual!("Verdict.path_sha256")]
    #[getter]
    fn path_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.path.iter().map(|member| PyBytes::new(py, &member.sha256)))
    }

    #[doc = manual!("Verdict.anchor_sha256")]
    #[getter]
    fn anchor_sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.anchor().map(|hash| PyBytes::new(py, hash))
    }

    #[doc = manual!("Verdict.not_before")]
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.not_before)
    }

    #[doc = manual!("Verdict.not_after")]
    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.not_after)
    }

    #[doc = manual!("Verdict.weak")]
    #[getter]
    fn weak<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.weak.iter().map(|one| one.name()))
    }

    #[doc = manual!("Verdict.exceptions")]
    #[getter]
    fn exceptions<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.exceptions.iter().map(|one| one.name()))
    }

    #[doc = manual!("Verdict.policies")]
    #[getter]
    fn policies<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.policy_identifiers())
    }

    #[doc = manual!("Verdict.store")]
    #[getter]
    fn store(&self) -> &str {
        self.store_name(self.observations().store)
    }

    #[doc = manual!("Verdict.policy")]
    #[getter]
    fn policy(&self) -> &'static str {
        self.verifier.policy().preset.name()
    }

    #[doc = manual!("Verdict.stores_now")]
    #[getter]
    fn stores_now<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.names_of(self.inner.stores_now()))
    }

    #[doc = manual!("Verdict.stores_ever")]
    #[getter]
    fn stores_ever<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let ever = self.inner.search.as_ref().and_then(|search| search.stores_ever);
        ever.map(|mask| PyTuple::new(py, self.names_of(mask))).transpose()
    }

    #[doc = manual!("Verdict.has_trusted_path")]
    #[getter]
    fn has_trusted_path(&self) -> bool {
        self.inner.is_trusted()
    }

    #[doc = manual!("Verdict.had_trusted_path")]
    #[getter]
    fn had_trusted_path(&self) -> Option<bool> {
        self.inner.search.as_ref()?.had_trusted_path
    }

    #[doc = manual!("Verdict.valid_at_expiration")]
    #[getter]
    fn valid_at_expiration(&self) -> Option<bool> {
        self.inner.search.as_ref()?.valid_at_expiration
    }

    #[doc = manual!("Verdict.never_valid")]
    #[getter]
    fn never_valid(&self) -> Option<bool> {
        self.inner.search.as_ref()?.never_valid
    }

    #[doc = manual!("Verdict.root_expired")]
    #[getter]
    fn root_expired(&self) -> Option<bool> {
        self.observations().root_expired
    }

    #[doc = manual!("Verdict.leaf_time")]
    #[getter]
    fn leaf_time(&self) -> Option<&'static str> {
        self.observations().leaf.map(|leaf| leaf.time)
    }

    #[doc = manual!("Verdict.cert_type")]
    #[getter]
    fn cert_type(&self) -> &'static str {
        self.observations().cert_type
    }

    #[doc = manual!("Verdict.spki_sha256")]
    #[getter]
    fn spki_sha256<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.observations().leaf.map(|leaf| PyBytes::new(py, &leaf.spki_sha256))
    }

    #[doc = manual!("Verdict.self_issued")]
    #[getter]
    fn self_issued(&self) -> Option<bool> {
        self.observations().leaf.map(|leaf| leaf.self_issued)
    }

    #[doc = manual!("Verdict.precert")]
    #[getter]
    fn precert(&self) -> Option<bool> {
        self.observations().leaf.map(|leaf| leaf.precert)
    }

    #[doc = manual!("Verdict.n_presented")]
    #[getter]
    fn n_presented(&self) -> usize {
        self.presented.len()
    }

    #[doc = manual!("Verdict.presented_order_ok")]
    #[getter]
    fn presented_order_ok(&self) -> bool {
        self.observations().deployment.in_order
    }

    #[doc = manual!("Verdict.root_sent")]
    #[getter]
    fn root_sent(&self) -> bool {
        self.observations().deployment.root_sent
    }

    #[doc = manual!("Verdict.dup_or_unrelated")]
    #[getter]
    fn dup_or_unrelated(&self) -> usize {
        let deployment = self.observations().deployment;
        deployment.duplicates + deployment.unrelated
    }

    #[doc = manual!("Verdict.repaired")]
    #[getter]
    fn repaired(&self) -> bool {
        !record::lent(&self.inner).is_empty()
    }

    #[doc = manual!("Verdict.repaired_sha256")]
    #[getter]
    fn repaired_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, record::lent(&self.inner).into_iter().map(|hash| PyBytes::new(py, hash)))
    }

    #[doc = manual!("Verdict.n_paths")]
    #[getter]
    fn n_paths(&self) -> usize {
        self.inner.paths().len()
    }

    #[doc = manual!("Verdict.paths_sha256")]
    #[getter]
    fn paths_sha256<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let of = |path: &Vec<PathMember>| {
            PyTuple::new(py, path.iter().map(|member| PyBytes::new(py, &member.sha256)))
        };
        PyTuple::new(py, self.inner.paths().iter().map(of).collect::<PyResult<Vec<_>>>()?)
    }

    #[doc = manual!("Verdict.parents")]
    #[getter]
    fn parents<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let parents = record::parents(&self.inner.paths());
        PyTuple::new(py, parents.iter().map(|hash| PyBytes::new(py, hash)))
    }

    #[doc = manual!("Verdict.paths")]
    #[getter]
    fn paths<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        self.all_paths(py)
    }

    #[doc = manual!("Verdict.deployment")]
    #[getter]
    fn deployment<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.observations().faults())
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

    #[doc = manual!("Verdict.scts")]
    #[getter]
    fn scts<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyTuple>>> {
        let told = self.inner.transparency.as_ref();
        told.map(|told| ct::dicts(py, &told.timestamps)).transpose()
    }

    #[doc = manual!("Verdict.scts_valid")]
    #[getter]
    fn scts_valid(&self) -> Option<usize> {
        self.inner.transparency.as_ref().map(Transparency::valid)
    }

    #[doc = manual!("Verdict.sct_earliest")]
    #[getter]
    fn sct_earliest<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.transparency.as_ref().and_then(Transparency::earliest))
    }

    #[doc = manual!("Verdict.ct_chrome")]
    #[getter]
    fn ct_chrome(&self) -> Option<bool> {
        self.inner.transparency.as_ref()?.chrome
    }

    #[doc = manual!("Verdict.ct_apple")]
    #[getter]
    fn ct_apple(&self) -> Option<bool> {
        self.inner.transparency.as_ref()?.apple
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
        let verdict = &self.inner;
        let observations = self.observations();
        let row = Row { verifier: &self.verifier, verdict, observations: &observations, at: verdict.at };
        let hexes = |hashes: &[[u8; 32]]| hashes.iter().map(|hash| values::hex(hash)).collect::<Vec<_>>();
        let out = PyDict::new(py);
        out.set_item("schema_version", SCHEMA_VERSION)?;
        for field in FIELDS.iter().filter(|field| field.told != Told::Columns) {
            let key = field.name;
            match field.get {
                Get::Flag(get) => out.set_item(key, get(&row))?,
                Get::Text(get) => out.set_item(key, get(&row))?,
                Get::Code(get) => out.set_item(key, get(&row))?,
                Get::Count(get) => out.set_item(key, get(&row))?,
                Get::Time(get) => out.set_item(key, get(&row).map(rfc3339))?,
                Get::Fingerprint(get) => out.set_item(key, get(&row).map(|hash| values::hex(&hash)))?,
                Get::Texts(get) => out.set_item(key, get(&row))?,
                Get::Fingerprints(get) => out.set_item(key, hexes(&get(&row)))?,
                Get::Paths(get) => {
                    let paths: Vec<_> = get(&row).iter().map(|path| hexes(path)).collect();
                    out.set_item(key, paths)?;
                }
                Get::Findings(get) => {
                    let findings =
                        get(&row).iter().map(|finding| Finding { inner: finding.clone() }.to_dict(py));
                    out.set_item(key, findings.collect::<PyResult<Vec<_>>>()?)?;
                }
                Get::Timestamps(get) => {
                    let told = get(&row).map(|told| Ok::<_, PyErr>(ct::dicts(py, told)?.to_list()));
                    out.set_item(key, told.transpose()?)?;
                }
            }
        }
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
        let restore = py.import("certpath._certpath")?.getattr("_verdict")?;
        Ok((restore, (pickling::pickle(py, self)?,)))
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

fn joined<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> String {
    values.iter().map(|&value| name(value)).collect::<Vec<_>>().join(", ")
}
