//! The fields of a verdict in Python: as attributes, and as the values of `Verdict.to_dict`.

use std::cell::OnceCell;

use pyo3::IntoPyObjectExt;
use pyo3::exceptions::PyAttributeError;
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyDict, PyTuple};

use crate::record::{FIELDS, Get, Row, Seen, Told};
use crate::time::rfc3339;

use super::{Finding, Verdict};
use crate::py::{ct, values};

impl Verdict {
    /// What a field is asked of. The chain is looked at again only where a field needs it.
    fn with_row<T>(&self, told: impl FnOnce(&Row<'_>) -> T) -> T {
        let (verdict, observations, look) = (&self.inner, OnceCell::new(), || self.observations());
        let observations = Seen::Once(&observations, &look);
        told(&Row { verifier: &self.verifier, verdict, observations, at: verdict.at })
    }

    /// The field of this name, as the attribute has it: fingerprints as octets, times as `datetime`, lists as tuples.
    pub(super) fn field<'py>(&self, py: Python<'py>, name: &'static str) -> PyResult<Bound<'py, PyAny>> {
        let Some(field) = FIELDS.iter().find(|field| field.name == name) else {
            return Err(PyAttributeError::new_err(name));
        };
        self.with_row(|row| match field.get {
            Get::Flag(get) => get(row).into_bound_py_any(py),
            Get::Text(get) => get(row).into_bound_py_any(py),
            Get::Code(get) => get(row).into_bound_py_any(py),
            Get::Count(get) => get(row).into_bound_py_any(py),
            Get::Time(get) => values::datetime(py, get(row))?.into_bound_py_any(py),
            Get::Fingerprint(get) => get(row).map(|hash| PyBytes::new(py, &hash)).into_bound_py_any(py),
            Get::Texts(get) => {
                let texts = get(row).map(|texts| PyTuple::new(py, texts));
                texts.transpose()?.into_bound_py_any(py)
            }
            Get::Fingerprints(get) => Ok(octets(py, &get(row))?.into_any()),
            Get::Paths(get) => {
                let paths = get(row).iter().map(|path| octets(py, path)).collect::<PyResult<Vec<_>>>()?;
                Ok(PyTuple::new(py, paths)?.into_any())
            }
            Get::Findings(get) => {
                let findings = get(row).iter().map(|finding| Finding { inner: finding.clone() });
                Ok(PyTuple::new(py, findings)?.into_any())
            }
            Get::Timestamps(get) => {
                let told = get(row).map(|told| ct::dicts(py, told));
                told.transpose()?.into_bound_py_any(py)
            }
        })
    }

    /// The fields as JSON has them, in their order.
    pub(super) fn tell_fields(&self, out: &Bound<'_, PyDict>) -> PyResult<()> {
        let py = out.py();
        let hexes = |hashes: &[[u8; 32]]| hashes.iter().map(|hash| values::hex(hash)).collect::<Vec<_>>();
        self.with_row(|row| {
            for field in FIELDS.iter().filter(|field| field.told != Told::Columns) {
                let key = field.name;
                match field.get {
                    Get::Flag(get) => out.set_item(key, get(row))?,
                    Get::Text(get) => out.set_item(key, get(row))?,
                    Get::Code(get) => out.set_item(key, get(row))?,
                    Get::Count(get) => out.set_item(key, get(row))?,
                    Get::Time(get) => out.set_item(key, get(row).map(rfc3339))?,
                    Get::Fingerprint(get) => out.set_item(key, get(row).map(|hash| values::hex(&hash)))?,
                    Get::Texts(get) => out.set_item(key, get(row))?,
                    Get::Fingerprints(get) => out.set_item(key, hexes(&get(row)))?,
                    Get::Paths(get) => {
                        let paths: Vec<_> = get(row).iter().map(|path| hexes(path)).collect();
                        out.set_item(key, paths)?;
                    }
                    Get::Findings(get) => {
                        let findings =
                            get(row).iter().map(|finding| Finding { inner: finding.clone() }.to_dict(py));
                        out.set_item(key, findings.collect::<PyResult<Vec<_>>>()?)?;
                    }
                    Get::Timestamps(get) => {
                        let told = get(row).map(|told| Ok::<_, PyErr>(ct::dicts(py, told)?.to_list()));
                        out.set_item(key, told.transpose()?)?;
                    }
                }
            }
            Ok(())
        })
    }
}

fn octets<'py>(py: Python<'py>, hashes: &[[u8; 32]]) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, hashes.iter().map(|hash| PyBytes::new(py, hash)))
}
