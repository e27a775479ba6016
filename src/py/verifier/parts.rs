//! What a verifier is made of, as Python hands it in.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyString};

use crate::bundle::Bundle;
use crate::ct::CtLogs as Logs;
use crate::path::{CrlSet, OwnedCrl};
use crate::policy::{Policy as CorePolicy, Preset};
use crate::revocation_set::RevocationSet as Set;
use crate::store::IntermediatePool as Pool;
use crate::store::TrustStore as Store;

use crate::py::arguments;
use crate::py::ct::CtLogs;
use crate::py::policy::{Policy, default_of};
use crate::py::pool::IntermediatePool;
use crate::py::revocation_set::RevocationSet;
use crate::py::store::TrustStore;

/// The list of logs, if there is one.
pub(super) fn ct_logs(object: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Logs>>> {
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
pub(super) fn revocation_sets(object: Option<&Bound<'_, PyAny>>) -> PyResult<Vec<Arc<Set>>> {
    let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(Vec::new()) };
    if let Ok(set) = object.cast::<RevocationSet>() {
        return Ok(vec![Arc::clone(set.get().inner())]);
    }
    let complain = |found: &Bound<'_, PyAny>| {
        let found = arguments::type_name(found);
        PyTypeError::new_err(format!(
            "revocation_sets must be a RevocationSet or an iterable of them, not {found}: make one with \
             RevocationSet.onecrl(path), RevocationSet.crlset(path) or RevocationSet.crlite(path)"
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

pub(super) fn crls(object: Option<&Bound<'_, PyAny>>) -> PyResult<CrlSet> {
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
pub(super) fn stores(object: &Bound<'_, PyAny>) -> PyResult<Vec<Arc<Store>>> {
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

pub(super) fn pool(object: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Arc<Pool>>> {
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
pub(super) fn policy(py: Python<'_>, object: Option<&Bound<'_, PyAny>>) -> PyResult<CorePolicy> {
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
