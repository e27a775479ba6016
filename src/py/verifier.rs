//! `certpath.Verifier`.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyString, PyTuple};

use crate::bundle::Bundle;
use crate::name::ReferenceIdentity;
use crate::policy::Policy as CorePolicy;
use crate::revocation::{CrlSet, OwnedCrl};
use crate::store::TrustStore as Store;
use crate::time::UnixSeconds;
use crate::verdict::{self as core, Check, Status};
use crate::verifier::Verifier as Core;

use super::arguments::{self, Chain, Der};
use super::policy::Policy;
use super::pool::IntermediatePool;
use super::store::TrustStore;
use super::verdict::{CertificationPath, Verdict};

/// A trust store, a policy and CRLs, frozen.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verifier {
    inner: Arc<Core>,
}

impl Verifier {
    fn judge(
        &self,
        py: Python<'_>,
        chain: Chain,
        name: Option<&ReferenceIdentity>,
        at: UnixSeconds,
        all_paths: bool,
    ) -> Verdict {
        let (verdict, presented) = match chain {
            Ok(presented) => {
                let verdict = py.detach(|| {
                    let slices: Vec<&[u8]> = presented.iter().map(Der::as_slice).collect();
                    if all_paths {
                        self.inner.check_all_paths(&slices, name, at)
                    } else {
                        self.inner.check(&slices, name, at)
                    }
                });
                (verdict, presented)
            }
            Err(finding) => {
                let shown = name.map(|name| name.text().to_owned());
                let verdict = core::Verdict::without_path(at, shown, Status::Unparseable, finding);
                (verdict, Vec::new())
            }
        };
        Verdict::new(verdict, presented, Arc::clone(&self.inner))
    }

    /// One row of a batch: what would raise becomes its verdict.
    fn judge_row(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: &Bound<'_, PyAny>,
        at: UnixSeconds,
    ) -> PyResult<Verdict> {
        match arguments::name(name).and_then(|name| Ok((arguments::chain(chain)?, name))) {
            Ok((chain, name)) => Ok(self.judge(py, chain, name.as_ref(), at, false)),
            Err(error) if is_input_error(py, &error) => {
                let finding =
                    core::Finding::new(Check::InputError).fact("problem", error.value(py).to_string());
                let verdict = core::Verdict::without_path(at, None, Status::InputError, finding);
                Ok(Verdict::new(verdict, Vec::new(), Arc::clone(&self.inner)))
            }
            Err(error) => Err(error),
        }
    }
}

/// Whether an exception is about the row rather than about the world (memory, interrupts).
fn is_input_error(py: Python<'_>, error: &PyErr) -> bool {
    error.is_instance_of::<PyTypeError>(py) || error.is_instance_of::<PyValueError>(py)
}

fn crls(object: Option<&Bound<'_, PyAny>>) -> PyResult<CrlSet> {
    let Some(object) = object.filter(|object| !object.is_none()) else {
        return Ok(CrlSet::default());
    };
    let is_single = object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>();
    let bundles = if is_single {
        vec![arguments::bundle_bytes(object, "crls")?]
    } else {
        let iterator = object
            .try_iter()
            .map_err(|_| PyTypeError::new_err("crls must be bytes, str or an iterable of them"))?;
        iterator.map(|one| arguments::bundle_bytes(&one?, "crls")).collect::<PyResult<_>>()?
    };
    let mut parsed = Vec::new();
    for (index, data) in bundles.iter().enumerate() {
        let complain = |problem: String| PyValueError::new_err(format!("crls: item {index}: {problem}"));
        let bundle = Bundle::read(data).map_err(|error| complain(error.to_string()))?;
        if bundle.crls.is_empty() {
            return Err(complain("no CRL found".to_owned()));
        }
        for der in &bundle.crls {
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
    let complain = || PyTypeError::new_err("store must be a TrustStore or an iterable of them");
    let iterator = object.try_iter().map_err(|_| complain())?;
    iterator
        .map(|one| Ok(Arc::clone(one?.cast::<TrustStore>().map_err(|_| complain())?.get().inner())))
        .collect()
}

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (store, *, pool = None, policy = None, crls = None))]
    fn py_new(
        store: &Bound<'_, PyAny>,
        pool: Option<&Bound<'_, IntermediatePool>>,
        policy: Option<&Bound<'_, Policy>>,
        crls: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let policy = policy.map_or_else(|| CorePolicy::ssl(0x8000), |policy| policy.get().inner().clone());
        let pool = pool.map(|pool| Arc::clone(pool.get().inner()));
        let inner = Core::with_stores(stores(store)?, pool, policy, self::crls(crls)?)
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Self { inner: Arc::new(inner) })
    }

    #[getter]
    fn store(&self) -> PyResult<TrustStore> {
        let first = self.inner.stores().first().map(Arc::clone).map(TrustStore::new);
        first.ok_or_else(|| PyValueError::new_err("no trust store"))
    }

    #[getter]
    fn stores<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.inner.stores().iter().map(|store| TrustStore::new(Arc::clone(store))))
    }

    #[getter]
    fn pool(&self) -> Option<IntermediatePool> {
        self.inner.pool().map(|pool| IntermediatePool::new(Arc::clone(pool)))
    }

    #[getter]
    fn policy(&self) -> Policy {
        Policy::new(self.inner.policy().clone())
    }

    #[getter]
    fn crl_count(&self) -> usize {
        self.inner.crls().len()
    }

    #[pyo3(signature = (chain, name = None, *, at = None))]
    fn verify(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<CertificationPath> {
        let verdict = self.check(py, chain, name, at, false)?;
        if verdict.is_ok() {
            return CertificationPath::new(py, verdict);
        }
        let error = py.import("certpath.errors")?.getattr("VerificationError")?;
        Err(PyErr::from_value(error.call_method1("from_verdict", (verdict,))?))
    }

    #[pyo3(signature = (chain, name = None, *, at = None, all_paths = false))]
    fn check(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
        all_paths: bool,
    ) -> PyResult<Verdict> {
        if all_paths && !self.inner.policy().searches() {
            return Err(PyValueError::new_err(
                "all_paths: Policy.ssl builds one path, as OpenSSL does; all paths need Policy.webpki, \
                 Policy.rfc5280 or Policy.cabf",
            ));
        }
        let name = match name {
            Some(name) => arguments::name(name)?,
            None => None,
        };
        let at = arguments::at(at)?;
        Ok(self.judge(py, arguments::chain(chain)?, name.as_ref(), at, all_paths))
    }

    #[pyo3(signature = (chain, name = None, *, at = None))]
    fn paths<'py>(
        &self,
        py: Python<'py>,
        chain: &Bound<'py, PyAny>,
        name: Option<&Bound<'py, PyAny>>,
        at: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        self.check(py, chain, name, at, true)?.all_paths(py)
    }

    #[pyo3(signature = (chains, names = None, *, at = None))]
    fn check_many(
        &self,
        py: Python<'_>,
        chains: &Bound<'_, PyAny>,
        names: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Verdict>> {
        let at = arguments::at(at)?;
        let none = py.None().into_bound(py);
        let names = names.unwrap_or(&none);
        let one_for_all =
            names.is_none() || names.is_instance_of::<PyString>() || names.is_instance_of::<PyBytes>();
        let chains =
            chains.try_iter().map_err(|_| PyTypeError::new_err("chains must be an iterable of chains"))?;
        let mut verdicts = Vec::new();
        if one_for_all {
            for chain in chains {
                verdicts.push(self.judge_row(py, &chain?, names, at)?);
                py.check_signals()?;
            }
            return Ok(verdicts);
        }
        let mut names = names
            .try_iter()
            .map_err(|_| PyTypeError::new_err("names must be a name, None or an iterable of names"))?;
        for (row, chain) in chains.enumerate() {
            let chain = chain?;
            let Some(name) = names.next() else {
                return Err(PyValueError::new_err(format!("fewer names than chains: {row} names")));
            };
            verdicts.push(self.judge_row(py, &chain, &name?, at)?);
            py.check_signals()?;
        }
        if names.next().is_some() {
            return Err(PyValueError::new_err(format!("more names than chains: {} chains", verdicts.len())));
        }
        Ok(verdicts)
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
}
