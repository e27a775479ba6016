//! Values handed to Python: times, numbers, fingerprints.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyAny, PyBytes, PyDict, PyType};

use crate::distinguished_name;
use crate::time::{UnixSeconds, civil};

/// `datetime.datetime`.
pub(super) fn datetime_type(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static DATETIME: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    DATETIME.import(py, "datetime", "datetime")
}

/// An aware `datetime` in UTC; `None` outside the years that it can hold.
pub(super) fn datetime(py: Python<'_>, seconds: Option<UnixSeconds>) -> PyResult<Option<Bound<'_, PyAny>>> {
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let Some(seconds) = seconds else { return Ok(None) };
    let (year, month, day, hour, minute, second) = civil(seconds);
    if !(1..=9999).contains(&year) {
        return Ok(None);
    }
    let utc = UTC.get_or_try_init(py, || -> PyResult<Py<PyAny>> {
        Ok(py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind())
    })?;
    let keywords = PyDict::new(py);
    keywords.set_item("tzinfo", utc)?;
    let made = datetime_type(py)?.call((year, month, day, hour, minute, second), Some(&keywords))?;
    Ok(Some(made))
}

/// The `int` of a two's complement big-endian number.
pub(super) fn int<'py>(py: Python<'py>, octets: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let keywords = PyDict::new(py);
    keywords.set_item("signed", true)?;
    py.get_type::<pyo3::types::PyInt>().call_method(
        "from_bytes",
        (PyBytes::new(py, octets), "big"),
        Some(&keywords),
    )
}

/// Lowercase hexadecimal.
pub(super) fn hex(octets: &[u8]) -> String {
    distinguished_name::hex(octets)
}
