//! `certpath.Verifier`.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyString};

use crate::bundle::Bundle;
use crate::name::ReferenceIdentity;
use crate::policy::Policy as CorePolicy;
use crate::revocation::{CrlSet, OwnedCrl};
use crate::time::UnixSeconds;
use crate::verdict::{self as core, Check, Status};
use crate::verifier::Verifier as Core;

use super::arguments::{self, Chain, Der};
use super::policy::Policy;
use super::store::TrustStore;
use super::verdict::{CertificationPath, Verdict};

/// A trust store, a policy and CRLs, frozen.
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Verifier {
    inner: Core,
}

impl Verifier {
    fn judge(
        &self,
        py: Python<'_>,
        chain: Chain,
        name: Option<&ReferenceIdentity>,
        at: UnixSeconds,
    ) -> Verdict {
        let (verdict, presented) = match chain {
            Ok(presented) => {
                let verdict = py.detach(|| {
                    let slices: Vec<&[u8]> = presented.iter().map(Der::as_slice).collect();
                    self.inner.check(&slices, name, at)
                });
                (verdict, presented)
            }
            Err(finding) => {
                let shown = name.map(|name| name.text().to_owned());
                let verdict = core::Verdict::without_path(at, shown, Status::Unparseable, finding);
                (verdict, Vec::new())
            }
        };
        Verdict::new(verdict, presented, Arc::clone(self.inner.store()))
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
            Ok((chain, name)) => Ok(self.judge(py, chain, name.as_ref(), at)),
            Err(error) if is_input_error(py, &error) => {
                let finding =
                    core::Finding::new(Check::InputError).fact("problem", error.value(py).to_string());
                let verdict = core::Verdict::without_path(at, None, Status::InputError, finding);
                Ok(Verdict::new(verdict, Vec::new(), Arc::clone(self.inner.store())))
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

#[pymethods]
impl Verifier {
    #[new]
    #[pyo3(signature = (store, *, policy = None, crls = None))]
    fn py_new(
        store: &Bound<'_, TrustStore>,
        policy: Option<&Bound<'_, Policy>>,
        crls: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let policy = policy.map_or_else(|| CorePolicy::ssl(0x8000), |policy| policy.get().inner().clone());
        Ok(Self { inner: Core::new(Arc::clone(store.get().inner()), policy, self::crls(crls)?) })
    }

    #[getter]
    fn store(&self) -> TrustStore {
        TrustStore::new(Arc::clone(self.inner.store()))
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
        let verdict = self.check(py, chain, name, at)?;
        if verdict.is_ok() {
            return CertificationPath::new(py, verdict);
        }
        let error = py.import("certpath.errors")?.getattr("VerificationError")?;
        Err(PyErr::from_value(error.call_method1("from_verdict", (verdict,))?))
    }

    #[pyo3(signature = (chain, name = None, *, at = None))]
    fn check(
        &self,
        py: Python<'_>,
        chain: &Bound<'_, PyAny>,
        name: Option<&Bound<'_, PyAny>>,
        at: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Verdict> {
        let name = match name {
            Some(name) => arguments::name(name)?,
            None => None,
        };
        let at = arguments::at(at)?;
        Ok(self.judge(py, arguments::chain(chain)?, name.as_ref(), at))
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
        let policy = self.policy();
        format!(
            "<Verifier store={:?} ({} certificates) policy={:#x} crls={}>",
            self.inner.store().name(),
            self.inner.store().anchors().len(),
            policy.inner().flags,
            self.inner.crls().len()
        )
    }
}
