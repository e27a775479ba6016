//! `certpath.Verifier`.

mod parts;
mod rows;

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyAny, PyBytes, PyTuple};

use crate::arrow::WantedColumns;
use crate::batch::Batch;
use crate::ct::Stapled;
use crate::name::ReferenceIdentity;
use crate::path::{CrlSet, OwnedCrl};
use crate::time::UnixSeconds;
use crate::verdict::{self as core, Status};
use crate::verifier::{Asked, Verifier as Core};

use super::arguments::{self, Der};
use super::batch::{self, BatchSettings, PyRows, Verdicts};
use super::certificate::{self, Chain};
use super::columns::VerdictReader;
use super::ct::CtLogs;
use super::policy::Policy;
use super::pool::IntermediatePool;
use super::revocation_set::RevocationSet;
use super::store::TrustStore;
use super::values;
use super::verdict::{CertificationPath, Verdict};
use rows::{Column, Values, is_single_name, many_chains, row};

#[doc = manual!("Verifier")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verifier {
    inner: Arc<Core>,
    /// Made when the first batch comes, with the octets that it may keep.
    batch: Mutex<Option<(usize, Arc<Batch>)>>,
}

/// Threads that a batch may ask for: far more than there are cores, far less than the system's limit.
const MAX_THREADS: usize = 1_024;

/// The number of threads, 0 for all cores.
pub(super) fn threads(threads: Option<usize>) -> PyResult<usize> {
    match threads {
        None => Ok(0),
        Some(threads) if (1..=MAX_THREADS).contains(&threads) => Ok(threads),
        Some(threads) => {
            Err(PyValueError::new_err(format!("threads must be 1 to {MAX_THREADS} or None, not {threads}")))
        }
    }
}

/// Looks for Ctrl-C while a chain is judged that takes long.
#[derive(Default)]
struct Attention {
    questions: Cell<u32>,
    interrupted: RefCell<Option<PyErr>>,
}

impl Attention {
    /// Questions of a search to one look, which costs the GIL. A search that computes signatures has some ten questions
    /// a millisecond but a handful in all; one that knows them has three hundred a millisecond.
    const QUESTIONS: u32 = 256;

    fn go_on(&self) -> bool {
        let questions = self.questions.get().wrapping_add(1);
        self.questions.set(questions);
        if questions.is_multiple_of(Self::QUESTIONS) {
            Python::attach(|py| {
                if let Err(error) = py.check_signals() {
                    *self.interrupted.borrow_mut() = Some(error);
                }
            });
        }
        self.interrupted.borrow().is_none()
    }
}

impl Verifier {
    pub(super) fn new(inner: Arc<Core>) -> Self {
        Self { inner, batch: Mutex::new(None) }
    }

    fn judge(
        &self,
        py: Python<'_>,
        chain: Chain,
        name: Option<&ReferenceIdentity>,
        at: UnixSeconds,
        all_paths: bool,
        stapled: Stapled<'_>,
    ) -> PyResult<Verdict> {
        let (verdict, presented) = match chain {
            Ok(presented) => {
                let (verdict, interrupted) = py.detach(|| {
                    let slices: Vec<&[u8]> = presented.iter().map(Der::as_slice).collect();
                    let attention = Attention::default();
                    let go_on = || attention.go_on();
                    let asked = Asked { chain: &slices, stapled, name, at, all_paths, go_on: &go_on };
                    let verdict = self.inner.answer(&asked);
                    (verdict, attention.interrupted.into_inner())
                });
                interrupted.map_or(Ok(()), Err)?;
                (verdict, presented)
            }
            Err(finding) => {
                let shown = name.map(|name| name.text().to_owned());
                let verdict = core::Verdict::without_path(at, shown, Status::Unparseable, finding);
                (verdict, Vec::new())
            }
        };
        Ok(Verdict::new(verdict, Arc::new(presented), Arc::clone(&self.inner)))
    }

    /// What is handed in and would not be looked at is a mistake.
    fn refuse_unread(&self, argument: &str, is_given: bool) -> PyResult<()> {
        if is_given && self.inner.ct_logs().is_none() {
            return Err(PyValueError::new_err(format!(
                "{argument}: this verifier has no list of logs, by which timestamps are looked at: \
                 Verifier(…, ct_logs=CtLogs.from_path(path))"
            )));
        }
        Ok(())
    }

    /// What it is in the core.
    pub(super) fn inner(&self) -> &Arc<Core> {
        &self.inner
    }

    /// Whether timestamps are looked at.
    pub(super) fn reads_scts(&self) -> bool {
        self.inner.ct_logs().is_some()
    }

    /// The judge of batches, who remembers up to `memory` octets of chains from one to the next.
    pub(super) fn batch(&self, memory: usize) -> Arc<Batch> {
        let mut kept = self.batch.lock().unwrap_or_else(PoisonError::into_inner);
        match &*kept {
            Some((size, batch)) if *size == memory => Arc::clone(batch),
            _ => {
                let batch = Arc::new(Batch::new(Arc::clone(&self.inner), memory));
                *kept = Some((memory, Arc::clone(&batch)));
                batch
            }
        }
    }
}

const CRLS_UNASKED: &CStr =
    c"crls: the policy says that they are not asked; crl_check='leaf' or 'chain' has them \
asked, and so has a policy that says nothing";

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (store, *, pool = None, policy = None, crls = None, ct_logs = None, revocation_sets = None))]
    fn py_new(
        store: &Bound<'_, PyAny>,
        pool: Option<&Bound<'_, PyAny>>,
        policy: Option<&Bound<'_, PyAny>>,
        crls: Option<&Bound<'_, PyAny>>,
        ct_logs: Option<&Bound<'_, PyAny>>,
        revocation_sets: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let py = store.py();
        let (pool, policy) = (parts::pool(pool)?, parts::policy(store.py(), policy)?);
        let inner = Core::with_stores(parts::stores(store)?, pool, policy, parts::crls(crls)?)?
            .with_ct_logs(parts::ct_logs(ct_logs)?)
            .with_revocation_sets(parts::revocation_sets(revocation_sets)?);
        if inner.leaves_crls_unasked() {
            let category = py.get_type::<PyUserWarning>();
            PyErr::warn(py, &category, CRLS_UNASKED, 1)?;
        }
        Ok(Self { inner: Arc::new(inner), batch: Mutex::new(None) })
    }

    #[doc = manual!("Verifier.store")]
    #[getter]
    fn store(&self) -> PyResult<TrustStore> {
        let first = self.inner.stores().first().map(Arc::clone).map(TrustStore::new);
        first.ok_or_else(|| PyValueError::new_err("no trust store"))
    }

    #[doc = manual!("Verifier.stores")]
    #[getter]
    fn stores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.stores().iter().map(|store| TrustStore::new(Arc::clone(store))))
    }

    #[doc = manual!("Verifier.pool")]
    #[getter]
    fn pool(&self) -> Option<IntermediatePool> {
        self.inner.pool().map(|pool| IntermediatePool::new(Arc::clone(pool)))
    }

    #[doc = manual!("Verifier.policy")]
    #[getter]
    fn policy(&self) -> Policy {
        Policy::new(self.inner.policy().clone())
    }

    #[doc = manual!("Verifier.ct_logs")]
    #[getter]
    fn ct_logs(&self) -> Option<CtLogs> {
        self.inner.ct_logs().map(|logs| CtLogs::new(Arc::clone(logs)))
    }

    #[doc = manual!("Verifier.revocation_sets")]
    #[getter]
    fn revocation_sets<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        let sets = self.inner.revocation_sets().iter();
        PyTuple::new(py, sets.map(|set| RevocationSet::new(Arc::clone(set))))
    }

    #[doc = manual!("Verifier.signature_checks")]
    #[getter]
    fn signature_checks(&self) -> u64 {
        self.inner.signature_checks()
    }

    #[doc = manual!("Verifier.crl_count")]
    #[getter]
    fn crl_count(&self) -> usize {
        self.inner.crls().len()
    }

    #[doc = manual!("Verifier.verify")]
    #[pyo3(signature = (chain, name = None, *, at = None, ocsp = None))]
    fn verify(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        ocsp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<CertificationPath> {
        let verdict = self.check(py, chain, name, at, false, None, ocsp)?;
        if verdict.is_ok() {
            return CertificationPath::new(py, verdict);
        }
        let error = py.import("certpath._errors")?.getattr("VerificationError")?;
        Err(PyErr::from_value(error.call_method1("from_verdict", (verdict,))?))
    }

    #[doc = manual!("Verifier.check")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    #[pyo3(signature = (chain, name = None, *, at = None, all_paths = false, sct = None, ocsp = None))]
    fn check(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        all_paths: bool,
        sct: Option<&Bound<'_, PyAny>>,
        ocsp: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verdict> {
        let sct = sct.map_or(Ok(None), rows::sct)?;
        let ocsp = ocsp.map_or(Ok(None), rows::ocsp)?;
        self.refuse_unread("sct", sct.is_some())?;
        if all_paths && !self.inner.policy().searches() {
            return Err(PyValueError::new_err(
                "all_paths: Policy.ssl builds one path, as OpenSSL does; all paths need Policy.webpki, \
                 Policy.rfc5280 or Policy.cabf",
            ));
        }
        let searches = self.inner.policy().searches();
        let at = arguments::at(at)?;
        let name = match name.map(|name| arguments::name_for(name, searches)).transpose()? {
            None => None,
            Some(Ok(name)) => name,
            Some(Err(mistake)) => {
                let verdict = core::Verdict::without_name(at, mistake);
                return Ok(Verdict::new(verdict, Arc::default(), Arc::clone(&self.inner)));
            }
        };
        let stapled =
            Stapled { scts: sct.as_ref().map(Der::as_slice), ocsp: ocsp.as_ref().map(Der::as_slice) };
        self.judge(py, certificate::chain(chain)?, name.as_ref(), at, all_paths, stapled)
    }

    #[doc = manual!("Verifier.paths")]
    #[pyo3(signature = (chain, name = None, *, at = None))]
    fn paths<'py>(
        &self,
        py: Python<'py>,
        chain: &Bound<'py, PyAny>,
        name: Option<&Bound<'py, PyAny>>,
        at: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let verdict = self.check(py, chain, name, at, true, None, None)?;
        match verdict.mistaken_name() {
            Some(mistake) => Err(PyValueError::new_err(mistake.to_owned())),
            None => verdict.all_paths(py),
        }
    }

    #[doc = manual!("Verifier.check_many")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    #[pyo3(signature = (
        chains, names = None, *, at = None, scts = None, ocsp_responses = None, threads = None, progress = None,
        memory = 67_108_864,
    ))]
    fn check_many(
        &self,
        py: Python<'_>,
        chains: &Bound<'_, PyAny>,
        names: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        scts: Option<&Bound<'_, PyAny>>,
        ocsp_responses: Option<&Bound<'_, PyAny>>,
        threads: Option<usize>,
        progress: Option<&Bound<'_, PyAny>>,
        memory: usize,
    ) -> PyResult<Verdicts> {
        let chains = many_chains(chains)?;
        let searches = self.inner.policy().searches();
        let mut names = Values::of(names, is_single_name, "names", "a name")?;
        let is_moment =
            |object: &Bound<'_, PyAny>| object.try_iter().is_err() || arguments::is_octets(object);
        let mut times = Values::of(at, is_moment, "times", "a time")?;
        let settings = BatchSettings {
            at: arguments::at(at.filter(|_| !matches!(times, Some(Values::Each(..)))))?,
            threads: self::threads(threads)?,
        };
        if let Some(Values::Same(_)) = times {
            times = None;
        }
        for (what, sent) in [("scts", scts), ("ocsp_responses", ocsp_responses)] {
            if sent.is_some_and(arguments::is_octets) {
                let complaint = format!("{what} must be an iterable, with octets or None for each chain");
                return Err(PyTypeError::new_err(complaint));
            }
        }
        self.refuse_unread("scts", scts.is_some_and(|scts| !scts.is_none()))?;
        let mut scts = Values::of(scts, |_| false, "scts", "the octets of one list")?;
        let mut responses =
            Values::of(ocsp_responses, |_| false, "ocsp_responses", "the octets of one response")?;
        let none = py.None().into_bound(py);
        let mut rows = Vec::new();
        for (number, chain) in chains.enumerate() {
            let chain = chain?;
            let name = names.as_mut().map(|names| names.next(number)).transpose()?;
            let time = times.as_mut().map(|times| times.next(number)).transpose()?;
            let sct = scts.as_mut().map(|scts| scts.next(number)).transpose()?;
            let ocsp = responses.as_mut().map(|responses| responses.next(number)).transpose()?;
            let name = name.as_ref().unwrap_or(&none);
            let stapled = (sct.as_ref(), ocsp.as_ref());
            rows.push(row(py, &chain, name, time.as_ref(), stapled, searches)?);
            if number % 1024 == 0 {
                py.check_signals()?;
            }
        }
        for column in [&mut names, &mut times, &mut scts, &mut responses].into_iter().flatten() {
            column.end(rows.len())?;
        }
        batch::check_rows(py, &self.batch(memory), PyRows(rows), settings, progress)
    }

    #[doc = manual!("Verifier.check_arrow")]
    #[expect(clippy::too_many_arguments, reason = "keyword arguments of Python")]
    #[pyo3(signature = (
        data, *, certificates = None, at = None, keep = None, leaf = Column::default(), chain = Column::default(),
        ids = Column::default(), name = Column::default(), time = Column::default(), key = Column::default(),
        sct = Column::default(), ocsp = Column::default(), threads = None, progress = None, memory = 67_108_864,
    ))]
    fn check_arrow(
        &self,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        certificates: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        keep: Option<&Bound<'_, PyAny>>,
        leaf: Column,
        chain: Column,
        ids: Column,
        name: Column,
        time: Column,
        key: Column,
        sct: Column,
        ocsp: Column,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
        memory: usize,
    ) -> PyResult<VerdictReader> {
        let settings = BatchSettings { at: arguments::at(at)?, threads: self::threads(threads)? };
        let wanted = WantedColumns {
            leaf: leaf.0,
            chain: chain.0,
            ids: ids.0,
            name: name.0,
            at: time.0,
            key: key.0,
            sct: sct.0,
            ocsp: ocsp.0,
        };
        let has_time = at.is_some_and(|at| !at.is_none());
        let nothing = PyTuple::empty(py).into_any();
        let keep = keep.unwrap_or(&nothing);
        let batch = self.batch(memory);
        VerdictReader::open(&batch, data, certificates, &wanted, has_time, keep, settings, progress)
    }

    fn __repr__(&self) -> String {
        let stores: Vec<_> = self
            .inner
            .stores()
            .iter()
            .map(|store| format!("{:?} ({} certificates)", store.name(), store.anchors().len()))
            .collect();
        let pool = self.inner.pool().map(|pool| format!(" pool={}", pool.certificates().len()));
        let policy = self.inner.policy();
        let flags = if policy.searches() { String::new() } else { format!("({:#x})", policy.flags) };
        format!(
            "<Verifier store={} policy={}{flags}{} crls={}>",
            stores.join(", "),
            policy.preset.name(),
            pool.unwrap_or_default(),
            self.inner.crls().len()
        )
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let crls = crl_state(py, self.inner.crls());
        let sets = self.revocation_sets(py)?;
        let state = (self.stores(py)?, self.pool(), self.policy(), crls, self.ct_logs(), sets);
        values::remade(py, "_verifier", state.into_pyobject(py)?)
    }
}

/// The CRLs of a verifier, which Python has no class for.
fn crl_state<'py>(py: Python<'py>, crls: &CrlSet) -> Vec<Bound<'py, PyBytes>> {
    crls.crls().iter().map(|crl| PyBytes::new(py, crl.der())).collect()
}

/// The inverse of `Verifier.__reduce__`: the signatures that the verifier has met are not among it.
#[pyfunction]
#[pyo3(signature = (stores, pool, policy, crls, ct_logs, revocation_sets, /))]
pub(super) fn _verifier(
    stores: Vec<Bound<'_, TrustStore>>,
    pool: Option<&Bound<'_, IntermediatePool>>,
    policy: &Bound<'_, Policy>,
    crls: Vec<PyBackedBytes>,
    ct_logs: Option<&Bound<'_, CtLogs>>,
    revocation_sets: Vec<Bound<'_, RevocationSet>>,
) -> PyResult<Verifier> {
    let crls = crls.iter().map(|der| OwnedCrl::parse(der)).collect::<Result<Vec<_>, _>>();
    let restored = Core::with_stores(
        stores.iter().map(|store| Arc::clone(store.get().inner())).collect(),
        pool.map(|pool| Arc::clone(pool.get().inner())),
        policy.get().inner().clone(),
        CrlSet::new(crls?),
    );
    let ct_logs = ct_logs.map(|logs| Arc::clone(logs.get().inner()));
    let sets = revocation_sets.iter().map(|set| Arc::clone(set.get().inner())).collect();
    Ok(Verifier::new(Arc::new(restored?.with_ct_logs(ct_logs).with_revocation_sets(sets))))
}
