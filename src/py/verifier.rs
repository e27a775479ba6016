//! `certpath.Verifier`.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::{PyTypeError, PyUserWarning, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyAny, PyBytes, PyIterator, PyString, PyTuple};

use crate::arrow::{WantedColumn, WantedColumns};
use crate::batch::{Batch, Refused};
use crate::bundle::Bundle;
use crate::ct::{CtLogs as Logs, Stapled};
use crate::name::ReferenceIdentity;
use crate::path::{CrlSet, OwnedCrl};
use crate::policy::{Policy as CorePolicy, Preset};
use crate::revocation_set::RevocationSet as Set;
use crate::store::IntermediatePool as Pool;
use crate::store::TrustStore as Store;
use crate::time::UnixSeconds;
use crate::verdict::{self as core, Status};
use crate::verifier::{Asked, Verifier as Core};

use super::arguments::{self, Der, Octets};
use super::batch::{self, PyRow, PyRows, Settings, Verdicts};

use super::certificate::{self, Certificate, Chain};
use super::columns::VerdictReader;
use super::ct::CtLogs;
use super::policy::{Policy, default_of};
use super::pool::IntermediatePool;
use super::revocation_set::RevocationSet;
use super::store::TrustStore;
use super::verdict::{CertificationPath, Verdict};

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

/// One row: what would raise becomes its verdict.
fn row(
    py: Python<'_>,
    chain: &Bound<'_, PyAny>,
    name: &Bound<'_, PyAny>,
    at: Option<&Bound<'_, PyAny>>,
    (sct, ocsp): (Option<&Bound<'_, PyAny>>, Option<&Bound<'_, PyAny>>),
    searches: bool,
) -> PyResult<PyRow> {
    let complaint = |error: PyErr| arguments::input_error(py, error);
    let refused =
        |refused: Refused| Ok(PyRow { chain: Err(refused), name: None, at: None, sct: None, ocsp: None });
    let stapled =
        sct.map_or(Ok(None), self::sct).and_then(|sct| Ok((sct, ocsp.map_or(Ok(None), self::ocsp)?)));
    let (sct, ocsp) = match stapled {
        Ok(stapled) => stapled,
        Err(error) => return refused(Refused::InputError(complaint(error)?)),
    };
    let at = match at.filter(|at| !at.is_none()).map(|at| arguments::at(Some(at))).transpose() {
        Ok(at) => at,
        Err(error) => return refused(Refused::InputError(complaint(error)?)),
    };
    let chain = match certificate::chain(chain) {
        Ok(chain) => chain.map(Arc::new).map_err(Refused::Unparseable),
        Err(error) => Err(Refused::InputError(complaint(error)?)),
    };
    let problem = match arguments::name_for(name, searches) {
        Ok(Ok(name)) => {
            return Ok(PyRow { chain, name: name.map(|name| name.text().to_owned()), at, sct, ocsp });
        }
        Ok(Err(mistake)) => mistake,
        Err(error) => complaint(error)?,
    };
    let chain = chain.and_then(|_| Err(Refused::NoName(problem)));
    Ok(PyRow { chain, name: None, at, sct, ocsp })
}

/// The octets of a SignedCertificateTimestampList, if there is one.
fn sct(object: &Bound<'_, PyAny>) -> PyResult<Option<Der>> {
    sent(object, "sct must be the octets of a SignedCertificateTimestampList (RFC 6962 3.3) or None")
}

/// The octets of an OCSP response, if there is one.
fn ocsp(object: &Bound<'_, PyAny>) -> PyResult<Option<Der>> {
    let expected =
        "ocsp must be the octets of an OCSPResponse (RFC 6960 4.2.1), b\"\" where none was sent, or None";
    sent(object, expected)
}

/// Octets that a peer has sent beside its chain.
fn sent(object: &Bound<'_, PyAny>, expected: &str) -> PyResult<Option<Der>> {
    if object.is_none() {
        return Ok(None);
    }
    match arguments::octets(object)? {
        Some(Octets::Python(octets)) => Ok(Some(Der::Python(octets))),
        Some(Octets::Copied(octets)) => Ok(Some(Der::Copied(octets))),
        Some(Octets::Text(_)) | None => {
            Err(PyTypeError::new_err(format!("{expected}, not {}", arguments::type_name(object))))
        }
    }
}

/// The list of logs, if there is one.
fn ct_logs(object: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Logs>>> {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(None) };
    let logs = object.cast::<CtLogs>().map_err(|_| {
        let found = arguments::type_name(object);
        PyTypeError::new_err(format!(
            "ct_logs must be a CtLogs or None, not {found}: make one with CtLogs.from_path(path)"
        ))
    })?;
    Ok(Some(Arc::clone(logs.get().inner())))
}

/// Revocation sets: one, or an iterable of them.
fn revocation_sets(object: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Arc<Set>>> {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(Vec::new()) };
    if let Ok(set) = object.cast::<RevocationSet>() {
        return Ok(vec![Arc::clone(set.get().inner())]);
    }
    let complain = |found: &Bound<'_, PyAny>| {
        let found = arguments::type_name(found);
        PyTypeError::new_err(format!(
            "revocation_sets must be a RevocationSet or an iterable of them, not {found}: make one with \
             RevocationSet.onecrl(path) or RevocationSet.crlset(path)"
        ))
    };
    if arguments::is_octets(object) {
        return Err(complain(object));
    }
    let iterator = object.try_iter().map_err(|_| complain(object))?;
    let set = |one: PyResult<Bound<'_, PyAny>>| {
        let one = one?;
        Ok(Arc::clone(one.cast::<RevocationSet>().map_err(|_| complain(&one))?.get().inner()))
    };
    iterator.map(set).collect()
}

/// The chains of a batch; what is one chain, or a table, is told from many chains.
fn many_chains<'py>(chains: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    let found = arguments::type_name(chains);
    if arguments::is_octets(chains) || chains.cast::<Certificate>().is_ok() {
        return Err(PyTypeError::new_err(format!(
            "chains must be an iterable of chains, not {found}: for one chain write check(chain) or check_many([chain])"
        )));
    }
    let kind = chains.get_type();
    if kind.hasattr("__dataframe__")? || kind.hasattr("column_names")? {
        return Err(PyTypeError::new_err(format!(
            "chains must be an iterable of chains, not {found}: for a table write check_arrow(table)"
        )));
    }
    arguments::refuse_unordered(chains, "chains")?;
    chains
        .try_iter()
        .map_err(|_| PyTypeError::new_err(format!("chains must be an iterable of chains, not {found}")))
}

/// The name of a column, `None` if there is no such column; left out, it is the usual one.
#[derive(Default)]
struct Column(WantedColumn);

impl<'py> FromPyObject<'_, 'py> for Column {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            return Ok(Self(WantedColumn::Absent));
        }
        let found = || arguments::type_name(&object);
        let name = object.cast::<PyString>().map_err(|_| {
            PyTypeError::new_err(format!("the name of a column, or None if there is none, not {}", found()))
        })?;
        Ok(Self(WantedColumn::Named(name.to_cow()?.into_owned())))
    }
}

/// The items of an argument that is one value for all rows or one for each.
enum Values<'py> {
    Same(Bound<'py, PyAny>),
    Each(Bound<'py, PyIterator>, &'static str),
}

impl<'py> Values<'py> {
    fn of(
        object: Option<&Bound<'py, PyAny>>,
        is_single: impl Fn(&Bound<'py, PyAny>) -> bool,
        what: &'static str,
        single: &str,
    ) -> PyResult<Option<Self>> {
        let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(None) };
        if is_single(object) {
            return Ok(Some(Self::Same(object.clone())));
        }
        arguments::refuse_unordered(object, what)?;
        let items = object.try_iter().map_err(|_| {
            let found = arguments::type_name(object);
            PyTypeError::new_err(format!("{what} must be {single}, None or an iterable of them, not {found}"))
        })?;
        Ok(Some(Self::Each(items, what)))
    }

    /// The item of the next row.
    fn next(&mut self, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Same(object) => Ok(object.clone()),
            Self::Each(items, what) => items.next().unwrap_or_else(|| {
                Err(PyValueError::new_err(format!("fewer {what} than chains: {row} {what}")))
            }),
        }
    }

    /// Complains if there are more than rows.
    fn end(&mut self, rows: usize) -> PyResult<()> {
        let Self::Each(items, what) = self else { return Ok(()) };
        match items.next() {
            Some(_) => Err(PyValueError::new_err(format!("more {what} than chains: {rows} chains"))),
            None => Ok(()),
        }
    }
}

fn is_single_name(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() || arguments::is_address(object)
}

fn crls(object: Option<&Bound<'_, PyAny>>) -> PyResult<CrlSet> {
    let Some(object) = object.filter(|object| !object.is_none()) else {
        return Ok(CrlSet::default());
    };
    let complain = |found: &Bound<'_, PyAny>| {
        PyTypeError::new_err(format!(
            "crls must be bytes, PEM text, a pathlib.Path, an object with public_bytes or an iterable of them, not {}",
            arguments::type_name(found)
        ))
    };
    let bundles = if let Some(one) = arguments::crl_octets(object)? {
        vec![one]
    } else {
        let iterator = object.try_iter().map_err(|_| complain(object))?;
        let read = |one: PyResult<Bound<'_, PyAny>>| {
            let one = one?;
            arguments::crl_octets(&one)?.ok_or_else(|| complain(&one))
        };
        iterator.map(read).collect::<PyResult<_>>()?
    };
    let mut parsed = Vec::new();
    for (index, data) in bundles.iter().enumerate() {
        let complain = |problem: String| PyValueError::new_err(format!("crls: item {index}: {problem}"));
        let found = Bundle::read(data).and_then(Bundle::into_crls);
        for der in &found.map_err(|error| complain(error.to_string()))? {
            parsed.push(OwnedCrl::parse(der).map_err(|error| complain(error.to_string()))?);
        }
    }
    Ok(CrlSet::new(parsed))
}

/// One store or an iterable of them.
fn stores(object: &Bound<'_, PyAny>) -> PyResult<Vec<Arc<Store>>> {
    if let Ok(store) = object.cast::<TrustStore>() {
        return Ok(vec![Arc::clone(store.get().inner())]);
    }
    let complain = |found: &Bound<'_, PyAny>| {
        let found = arguments::type_name(found);
        PyTypeError::new_err(format!(
            "store must be a TrustStore or an iterable of them, not {found}: make one with TrustStore.mozilla(), \
             TrustStore.system(), TrustStore.from_path(path), TrustStore.from_pem(data) or \
             TrustStore.from_der(certificates)"
        ))
    };
    if arguments::is_octets(object) {
        return Err(complain(object));
    }
    let iterator = object.try_iter().map_err(|_| complain(object))?;
    let store = |one: PyResult<Bound<'_, PyAny>>| {
        let one = one?;
        Ok(Arc::clone(one.cast::<TrustStore>().map_err(|_| complain(&one))?.get().inner()))
    };
    iterator.map(store).collect()
}

fn pool(object: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Pool>>> {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(None) };
    let pool = object.cast::<IntermediatePool>().map_err(|_| {
        let found = arguments::type_name(object);
        PyTypeError::new_err(format!(
            "pool must be an IntermediatePool or None, not {found}: make one with IntermediatePool.from_path(path), \
             IntermediatePool.from_pem(data) or IntermediatePool.from_der(certificates)"
        ))
    })?;
    Ok(Some(Arc::clone(pool.get().inner())))
}

/// A policy, or the name of a preset.
fn policy(py: Python<'_>, object: Option<&Bound<'_, PyAny>>) -> PyResult<CorePolicy> {
    let Some(object) = object.filter(|object| !object.is_none()) else {
        return default_of(py, Preset::Ssl);
    };
    if let Ok(policy) = object.cast::<Policy>() {
        return Ok(policy.get().inner().clone());
    }
    let known = Preset::ALL.map(Preset::name).join(", ");
    if let Ok(text) = object.cast::<PyString>() {
        let text = text.to_cow()?;
        let preset = Preset::ALL.into_iter().find(|preset| preset.name() == text);
        let preset = preset.ok_or_else(|| {
            PyValueError::new_err(format!("policy: {text:?} is not a policy; the presets are {known}"))
        })?;
        return default_of(py, preset);
    }
    let hint = if object.is_callable() { ": call it, as in Policy.webpki()" } else { "" };
    Err(PyTypeError::new_err(format!(
        "policy must be a Policy, the name of a preset ({known}) or None, not {}{hint}",
        arguments::type_name(object)
    )))
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
        let (pool, policy) = (self::pool(pool)?, self::policy(store.py(), policy)?);
        let inner = Core::with_stores(stores(store)?, pool, policy, self::crls(crls)?)?
            .with_ct_logs(self::ct_logs(ct_logs)?)
            .with_revocation_sets(self::revocation_sets(revocation_sets)?);
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
        let sct = sct.map_or(Ok(None), self::sct)?;
        let ocsp = ocsp.map_or(Ok(None), self::ocsp)?;
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
        let settings = Settings {
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
        let settings = Settings { at: arguments::at(at)?, threads: self::threads(threads)? };
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
        let remake = py.import("certpath._certpath")?.getattr("_verifier")?;
        let crls = crl_state(py, self.inner.crls());
        let sets = self.revocation_sets(py)?;
        let state = (self.stores(py)?, self.pool(), self.policy(), crls, self.ct_logs(), sets);
        Ok((remake, state.into_pyobject(py)?))
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
