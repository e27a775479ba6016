//! `certpath.Certificate`.

mod given;

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyString, PyType};

use crate::certificate::{OwnedCertificate, key_usage};
use crate::oid;

use super::{peercert, values};

pub(super) use given::{Chain, certificate, certificates, chain};

#[doc = manual!("Certificate")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct Certificate {
    inner: Arc<OwnedCertificate>,
}

impl Certificate {
    pub(super) fn new(inner: Arc<OwnedCertificate>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Arc<OwnedCertificate> {
        &self.inner
    }

    /// The PEM block, in the stdlib's own form.
    fn pem_text<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        let text = py.import("ssl")?.call_method1("DER_cert_to_PEM_cert", (self.der(py),))?;
        Ok(text.cast_into::<PyString>()?)
    }
}

#[pymethods]
impl Certificate {
    #[new]
    #[pyo3(signature = (data, /))]
    fn py_new(data: &Bound<'_, PyAny>) -> PyResult<Self> {
        certificate(data).map(Self::new)
    }

    #[doc = manual!("Certificate.der")]
    #[getter]
    fn der<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.inner.der())
    }

    #[doc = manual!("Certificate.pem")]
    #[getter]
    fn pem<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyString>> {
        self.pem_text(py)
    }

    #[doc = manual!("Certificate.sha256")]
    #[getter]
    fn sha256<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.view().sha256())
    }

    #[doc = manual!("Certificate.sha1")]
    #[getter]
    fn sha1<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.view().sha1())
    }

    #[doc = manual!("Certificate.spki_sha256")]
    #[getter]
    fn spki_sha256<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, &self.inner.view().spki_sha256())
    }

    #[doc = manual!("Certificate.version")]
    #[getter]
    fn version(&self) -> i64 {
        self.inner.view().version.saturating_add(1)
    }

    #[doc = manual!("Certificate.serial_number")]
    #[getter]
    fn serial_number<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        values::int(py, self.inner.view().serial)
    }

    #[doc = manual!("Certificate.subject")]
    #[getter]
    fn subject(&self) -> String {
        self.inner.view().subject.text()
    }

    #[doc = manual!("Certificate.issuer")]
    #[getter]
    fn issuer(&self) -> String {
        self.inner.view().issuer.text()
    }

    #[doc = manual!("Certificate.not_before")]
    #[getter]
    fn not_before<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.view().not_before.seconds)
    }

    #[doc = manual!("Certificate.not_after")]
    #[getter]
    fn not_after<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        values::datetime(py, self.inner.view().not_after.seconds)
    }

    #[doc = manual!("Certificate.subject_alt_names")]
    #[getter]
    fn subject_alt_names(&self) -> Vec<(&'static str, String)> {
        self.inner.view().alternative_names()
    }

    #[doc = manual!("Certificate.common_names")]
    #[getter]
    fn common_names(&self) -> Vec<String> {
        self.inner.view().common_names()
    }

    #[doc = manual!("Certificate.public_key_algorithm")]
    #[getter]
    fn public_key_algorithm(&self) -> String {
        self.inner.view().public_key.algorithm_name()
    }

    #[doc = manual!("Certificate.public_key_bits")]
    #[getter]
    fn public_key_bits(&self) -> Option<u32> {
        self.inner.view().public_key.bits()
    }

    #[doc = manual!("Certificate.public_key_curve")]
    #[getter]
    fn public_key_curve(&self) -> Option<String> {
        self.inner.view().public_key.curve_name()
    }

    #[doc = manual!("Certificate.signature_algorithm")]
    #[getter]
    fn signature_algorithm(&self) -> String {
        self.inner.view().signature_algorithm.name()
    }

    #[doc = manual!("Certificate.is_ca")]
    #[getter]
    fn is_ca(&self) -> bool {
        self.inner.view().is_ca()
    }

    #[doc = manual!("Certificate.path_length")]
    #[getter]
    fn path_length(&self) -> Option<i64> {
        self.inner.view().extensions.basic_constraints.and_then(|constraints| constraints.path_length)
    }

    #[doc = manual!("Certificate.key_usage")]
    #[getter]
    fn key_usage(&self) -> Option<Vec<&'static str>> {
        let usage = self.inner.view().extensions.key_usage?;
        Some(key_usage::NAMES.iter().filter(|(bit, _)| usage & bit != 0).map(|(_, name)| *name).collect())
    }

    #[doc = manual!("Certificate.extended_key_usage")]
    #[getter]
    fn extended_key_usage(&self) -> Option<Vec<String>> {
        let purposes = self.inner.view().extensions.extended_key_usage?;
        Some(purposes.iter().map(oid::dotted).collect())
    }

    #[doc = manual!("Certificate.subject_key_identifier")]
    #[getter]
    fn subject_key_identifier<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.inner.view().extensions.subject_key_identifier.map(|identifier| PyBytes::new(py, identifier))
    }

    #[doc = manual!("Certificate.authority_key_identifier")]
    #[getter]
    fn authority_key_identifier<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        let identifier = self.inner.view().extensions.authority_key_identifier.as_ref()?.key_id?;
        Some(PyBytes::new(py, identifier))
    }

    #[doc = manual!("Certificate.self_issued")]
    #[getter]
    fn self_issued(&self) -> bool {
        self.inner.view().is_self_issued()
    }

    #[doc = manual!("Certificate.self_signed")]
    #[getter]
    fn self_signed(&self) -> bool {
        self.inner.view().is_self_signed()
    }

    #[doc = manual!("Certificate.problems")]
    #[getter]
    fn problems(&self) -> Vec<String> {
        self.inner.view().problems()
    }

    #[doc = manual!("Certificate.getpeercert")]
    fn getpeercert<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        peercert::dictionary(py, self.inner.view())
    }

    #[doc = manual!("Certificate.public_bytes")]
    #[pyo3(signature = (encoding = None, /))]
    fn public_bytes<'py>(
        &self,
        py: Python<'py>,
        encoding: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        // `Encoding.PEM`, by the name of the member, or the number of `_ssl.ENCODING_PEM`.
        let wanted = encoding.map(PyAnyMethods::str).transpose()?;
        let wanted = wanted.map_or_else(String::new, |wanted| wanted.to_string());
        let member = wanted.rsplit('.').next().unwrap_or_default();
        Ok(if member.eq_ignore_ascii_case("pem") || member == "1" {
            PyBytes::new(py, self.pem_text(py)?.to_cow()?.as_bytes())
        } else {
            PyBytes::new(py, self.inner.der())
        })
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| other.get().inner.der() == self.inner.der())
    }

    fn __hash__(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.inner.view().sha256().hash(&mut hasher);
        hasher.finish()
    }

    fn __repr__(&self) -> String {
        let view = self.inner.view();
        format!("<Certificate [{}] sha256={}>", view.subject.text(), values::hex(&view.sha256()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> (Bound<'py, PyType>, (Bound<'py, PyBytes>,)) {
        (py.get_type::<Self>(), (PyBytes::new(py, self.inner.der()),))
    }
}
