//! Values handed to Python: times, numbers, fingerprints.

use pyo3::exceptions::PyTypeError;
use pyo3::intern;
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
    let Some(seconds) = seconds else { return Ok(None) };
    let (year, month, day, hour, minute, second) = civil(seconds);
    if !(1..=9999).contains(&year) {
        return Ok(None);
    }
    in_utc(py, (year, month, day, hour, minute, second)).map(Some)
}

fn in_utc(py: Python<'_>, civil: (i64, i64, i64, i64, i64, i64)) -> PyResult<Bound<'_, PyAny>> {
    static UTC: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let utc = UTC.get_or_try_init(py, || -> PyResult<Py<PyAny>> {
        Ok(py.import("datetime")?.getattr("timezone")?.getattr("utc")?.unbind())
    })?;
    let keywords = PyDict::new(py);
    keywords.set_item("tzinfo", utc)?;
    datetime_type(py)?.call(civil, Some(&keywords))
}

/// What `__reduce__` answers: the module's function of this name makes the object anew, of these arguments.
pub(super) fn remade<'py, A>(py: Python<'py>, by: &str, arguments: A) -> PyResult<(Bound<'py, PyAny>, A)> {
    Ok((py.import("certpath._certpath")?.getattr(by)?, arguments))
}

/// What `__eq__` answers, where it answers.
pub(super) fn answer(py: Python<'_>, is_equal: bool) -> PyResult<Py<PyAny>> {
    Ok(is_equal.into_pyobject(py)?.to_owned().into_any().unbind())
}

/// The whole seconds from 1970 to a `datetime`, if it is not of a subclass; `None` if it is not aware. One subtraction takes a tenth
/// of what its methods take, which was a tenth of a check.
pub(super) fn since_1970(datetime: &Bound<'_, PyAny>) -> PyResult<Option<UnixSeconds>> {
    static EPOCH: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let py = datetime.py();
    if datetime.getattr(intern!(py, "tzinfo"))?.is_none() {
        return Ok(None);
    }
    let epoch = EPOCH.get_or_try_init(py, || in_utc(py, (1970, 1, 1, 0, 0, 0)).map(Bound::unbind))?;
    let since = match datetime.sub(epoch) {
        Ok(since) => since,
        // A time zone may have no offset to tell.
        Err(error) if error.is_instance_of::<PyTypeError>(py) => return Ok(None),
        Err(error) => return Err(error),
    };
    let days: i64 = since.getattr(intern!(py, "days"))?.extract()?;
    // A timedelta is days and what is left, never negative, so microseconds are cut off downwards.
    let seconds: i64 = since.getattr(intern!(py, "seconds"))?.extract()?;
    Ok(Some(days * 86_400 + seconds))
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
