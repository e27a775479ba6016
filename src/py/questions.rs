//! What the questions of the command line need of the core beyond the public classes; private to the package.

use std::sync::Arc;

use pyo3::prelude::*;

use super::certificate::Certificate;
use super::store::TrustStore;
use super::verifier::Verifier;

/// A store without some of its anchors, by their fingerprints.
#[pyfunction]
#[pyo3(signature = (store, taken, name, /))]
pub(super) fn _without(
    store: &Bound<'_, TrustStore>,
    taken: Vec<[u8; 32]>,
    name: &str,
) -> PyResult<TrustStore> {
    let left = store.get().inner().without(&taken.into_iter().collect(), name)?;
    Ok(TrustStore::new(Arc::new(left)))
}

/// Whether the key of one certificate has signed another.
#[pyfunction]
#[pyo3(signature = (verifier, issuer, subject, /))]
pub(super) fn _has_signed(
    py: Python<'_>,
    verifier: &Bound<'_, Verifier>,
    issuer: &Bound<'_, Certificate>,
    subject: &Bound<'_, Certificate>,
) -> bool {
    let (verifier, issuer, subject) = (verifier.get(), issuer.get().inner(), subject.get().inner());
    py.detach(|| verifier.inner().has_signed(issuer.view(), subject.view()))
}
