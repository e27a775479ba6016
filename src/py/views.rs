//! A verdict in the words of other tools: Censys' `validation` and zgrab2's.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

use crate::certificate::Certificate;
use crate::record::{kind_of, parents};
use crate::store::TrustStore;
use crate::verdict::{self as core, Answer, Check, PathMember, Search};

use super::values;

fn hex_path(path: &[PathMember]) -> Vec<String> {
    path.iter().map(|member| values::hex(&member.sha256)).collect()
}

/// `validation.<store>.{is_valid, ever_valid, …}` for each store.
pub(super) fn censys<'py>(
    py: Python<'py>,
    verdict: &core::Verdict,
    search: &Search,
    stores: &[std::sync::Arc<TrustStore>],
    leaf: Option<&Certificate<'_>>,
) -> PyResult<Bound<'py, PyDict>> {
    let validation = PyDict::new(py);
    for (bit, store) in stores.iter().enumerate() {
        let has = |mask: u32| mask >> bit & 1 == 1;
        let trusted = has(search.stores_trusted);
        let revoked = verdict.revoked == Some(true);
        let ends_here = |path: &&Vec<PathMember>| {
            path.last().is_some_and(|anchor| store.position(&anchor.sha256).is_some())
        };
        // A store may have the anchor of another's path and refuse it.
        let paths = verdict.trusted_paths().iter().filter(|_| trusted).filter(ends_here);
        let paths: Vec<Vec<PathMember>> = paths.cloned().collect();
        let in_store = leaf.is_some_and(|leaf| store.position(&leaf.sha256()).is_some());
        let out = PyDict::new(py);
        out.set_item("is_valid", trusted && !revoked && !is_precertificate(verdict))?;
        out.set_item("ever_valid", search.stores_had.map(has))?;
        out.set_item("has_trusted_path", trusted)?;
        out.set_item("had_trusted_path", search.stores_had.map(has))?;
        out.set_item("in_revocation_set", verdict.sets.as_ref().and_then(|sets| sets.listed))?;
        out.set_item("type", leaf.map_or("unknown", |leaf| kind_of(leaf, in_store, trusted)))?;
        out.set_item("chains", paths.iter().map(|path| hex_path(path)).collect::<Vec<_>>())?;
        let parents: Vec<String> = parents(&paths).iter().map(|hash| values::hex(hash)).collect();
        out.set_item("parents", PyList::new(py, parents)?)?;
        validation.set_item(store.name(), out)?;
    }
    let out = PyDict::new(py);
    out.set_item("validation", validation)?;
    Ok(out)
}

/// No client may accept one, whatever path it has (RFC 6962 3.1).
fn is_precertificate(verdict: &core::Verdict) -> bool {
    verdict.findings.iter().any(|finding| finding.check == Check::Precertificate)
}

/// `browser_trusted`, `browser_error`, `matches_domain`, the last always written.
pub(super) fn zgrab2<'py>(
    py: Python<'py>,
    verdict: &core::Verdict,
    trusted: bool,
) -> PyResult<Bound<'py, PyDict>> {
    let error = verdict.findings.iter().find(|finding| finding.check.denies() != Some(Answer::Name));
    let out = PyDict::new(py);
    out.set_item("browser_trusted", trusted && !is_precertificate(verdict))?;
    if let Some(error) = error {
        out.set_item("browser_error", error.message())?;
    }
    out.set_item("matches_domain", verdict.name_ok)?;
    Ok(out)
}
