//! The Python module: arguments in, core called, results and errors out. Nothing is decided here.

// Before the others, which use its macro.
#[macro_use]
mod manual;

mod arguments;
mod attached;
mod batch;
mod bundle;
mod capsules;
mod certificate;
mod chain_files;
mod columns;
mod context;
mod ct;
mod errors;
mod loan;
mod multibuffer;
mod peercert;
mod policy;
mod pool;
mod questions;
mod revocation_set;
mod scan;
mod skipped;
mod store;
mod values;
mod verdict;
mod verifier;
mod views;

use pyo3::prelude::*;
use pyo3::types::PyAny;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[doc = manual!("canonical_hostname")]
#[pyfunction]
#[pyo3(signature = (name, /))]
fn canonical_hostname(name: &Bound<'_, PyAny>) -> PyResult<String> {
    match arguments::name(name)? {
        Some(name) => Ok(name.text().to_owned()),
        None => Err(pyo3::exceptions::PyTypeError::new_err("name must be str or bytes, not None")),
    }
}

/// Why a text is not a name, as the searching policies and the command line see it, and what to write instead.
#[pyfunction]
#[pyo3(signature = (text, /))]
fn _mistake(text: &str) -> Option<String> {
    crate::name::mistake(text)
}

#[pymodule(gil_used = false)]
mod _certpath {
    #[pymodule_export]
    use super::batch::Verdicts;
    #[pymodule_export]
    use super::bundle::_openssl_blocks;
    #[pymodule_export]
    use super::certificate::Certificate;
    #[pymodule_export]
    use super::chain_files::{_csv_fields, ChainFiles};
    #[pymodule_export]
    use super::columns::VerdictReader;
    #[pymodule_export]
    use super::context::{_ca_count, _crl_issuer, _extend, _issuers, _merge};
    #[pymodule_export]
    use super::ct::CtLogs;
    #[pymodule_export]
    use super::multibuffer::{_multibuffer, _offer_multibuffer, _refuse_multibuffer};
    #[pymodule_export]
    use super::policy::{_openssl_rules, Policy};
    #[pymodule_export]
    use super::pool::{_pool, IntermediatePool};
    #[pymodule_export]
    use super::questions::{_has_signed, _without};
    #[pymodule_export]
    use super::revocation_set::{_revocation_set, RevocationSet};
    #[pymodule_export]
    use super::scan::{_is_scan, PyScan};
    #[pymodule_export]
    use super::store::{_store, TrustStore};
    #[pymodule_export]
    use super::verdict::{_checks, _finding, _path, _verdict, CertificationPath, Finding, Verdict};
    #[pymodule_export]
    use super::verifier::{_verifier, Verifier};
    #[pymodule_export]
    use super::{_mistake, canonical_hostname};

    use pyo3::prelude::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add(
            "__all__",
            [
                "Certificate",
                "CertificationPath",
                "CtLogs",
                "Finding",
                "IntermediatePool",
                "Policy",
                "RevocationSet",
                "TrustStore",
                "Verdict",
                "VerdictReader",
                "Verdicts",
                "Verifier",
                "__version__",
                "canonical_hostname",
            ],
        )
    }
}
