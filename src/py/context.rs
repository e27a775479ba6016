//! What `certpath.SSLContext` needs of the core beyond the public classes; private to the package.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::certificate::Certificate;
use crate::path::OwnedCrl;
use crate::store::TrustStore as Store;

use super::store::TrustStore;

/// A store with more certificates; the only one that may be empty.
#[pyfunction]
#[pyo3(signature = (base, blocks, name, /))]
pub(super) fn _extend(
    py: Python<'_>,
    base: Option<&Bound<'_, TrustStore>>,
    blocks: Vec<(PyBackedBytes, bool)>,
    name: &str,
) -> TrustStore {
    let base = base.map(|base| Arc::clone(base.get().inner()));
    let store = py.detach(|| {
        let blocks = blocks.iter().map(|(der, is_trusted)| (&**der, *is_trusted));
        Store::extended(base.as_deref(), blocks, name)
    });
    TrustStore::new(Arc::new(store))
}

/// The certificates of one store and then those of another.
#[pyfunction]
#[pyo3(signature = (base, other, name, /))]
pub(super) fn _merge(base: &Bound<'_, TrustStore>, other: &Bound<'_, TrustStore>, name: &str) -> TrustStore {
    TrustStore::new(Arc::new(Store::merged(base.get().inner(), other.get().inner(), name)))
}

/// How many certificates of a store count as CA certificates.
#[pyfunction]
#[pyo3(signature = (store, /))]
pub(super) fn _ca_count(store: &Bound<'_, TrustStore>) -> usize {
    store.get().inner().ca_count()
}

/// For each certificate, the hash of its issuer's name, as hashed directories spell it, and the
/// store's certificates of that name. A certificate that cannot be parsed has no issuer.
#[pyfunction]
#[pyo3(signature = (store, certificates, /))]
pub(super) fn _issuers<'py>(
    py: Python<'py>,
    store: &Bound<'py, TrustStore>,
    certificates: Vec<PyBackedBytes>,
) -> Vec<(String, Vec<Bound<'py, PyBytes>>)> {
    let store = store.get().inner();
    let parsed = certificates.iter().filter_map(|der| Certificate::parse(der).ok());
    parsed
        .map(|certificate| {
            let issuer = &certificate.issuer;
            let known = store.by_subject(issuer).map(|(_, anchor)| PyBytes::new(py, anchor.der()));
            (format!("{:08x}", issuer.openssl_hash()), known.collect())
        })
        .collect()
}

/// The issuer of a CRL as its canonical name, whatever else is wrong with it; `None` if it cannot be read.
#[pyfunction]
#[pyo3(signature = (crl, /))]
pub(super) fn _crl_issuer(py: Python<'_>, crl: PyBackedBytes) -> Option<Bound<'_, PyBytes>> {
    OwnedCrl::issuer_of(&crl).map(|name| PyBytes::new(py, &name))
}
