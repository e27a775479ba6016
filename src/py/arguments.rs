//! Arguments from Python: octets in all their forms, names, times.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{
    PyAttributeError, PyKeyboardInterrupt, PyMemoryError, PyOverflowError, PySystemExit, PyTypeError,
    PyValueError,
};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{
    PyAny, PyBool, PyByteArray, PyBytes, PyDict, PyFrozenSet, PyMemoryView, PySet, PyString, PyType,
};

use crate::certificate::OwnedCertificate;
use crate::name::{self, ReferenceIdentity};
use crate::time::{EXPRESSIBLE, UnixSeconds};

use super::values;

/// One certificate in DER, held by whoever had it first.
#[derive(Debug)]
pub(super) enum Der {
    Python(PyBackedBytes),
    Copied(Vec<u8>),
    Parsed(Arc<OwnedCertificate>),
}

impl Der {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Python(bytes) => bytes,
            Self::Copied(bytes) => bytes,
            Self::Parsed(certificate) => certificate.der(),
        }
    }
}

/// Octets that an argument holds: DER or PEM.
pub(super) enum Octets {
    Python(PyBackedBytes),
    Copied(Vec<u8>),
    /// Of a `str`, which cannot be DER.
    Text(Vec<u8>),
}

impl Octets {
    pub(super) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Python(bytes) => bytes,
            Self::Copied(bytes) | Self::Text(bytes) => bytes,
        }
    }
}

/// Whether an object is one thing that could be iterated over, octet by octet or line by line, and never is meant so.
pub(super) fn is_octets(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyBytes>()
        || object.is_instance_of::<PyString>()
        || object.is_instance_of::<PyByteArray>()
        || object.is_instance_of::<PyMemoryView>()
        || is_path(object)
}

/// An `os.PathLike`. A plain `str` is text in PEM, never a path.
fn is_path(object: &Bound<'_, PyAny>) -> bool {
    // Of the type, as `os.fspath` has it: what an object's own attributes do is its affair.
    object.get_type().hasattr("__fspath__").unwrap_or(false)
}

/// What comes in no order cannot be a chain, nor go row by row.
pub(super) fn refuse_unordered(object: &Bound<'_, PyAny>, what: &str) -> PyResult<()> {
    let is_unordered = object.is_instance_of::<PySet>()
        || object.is_instance_of::<PyFrozenSet>()
        || object.is_instance_of::<PyDict>();
    if is_unordered {
        return Err(PyTypeError::new_err(format!(
            "{what} must be in order, as a list or tuple is, not {}",
            type_name(object)
        )));
    }
    Ok(())
}

/// The octets of `bytes`, `bytearray`, `memoryview`, `str` or the file that an `os.PathLike` names.
pub(super) fn octets(object: &Bound<'_, PyAny>) -> PyResult<Option<Octets>> {
    if object.is_instance_of::<PyBytes>() {
        return Ok(Some(Octets::Python(object.extract()?)));
    }
    if let Ok(array) = object.cast::<PyByteArray>() {
        return Ok(Some(Octets::Copied(array.to_vec())));
    }
    if object.is_instance_of::<PyMemoryView>() {
        // The buffer protocol is not in the limited API of 3.10.
        return Ok(Some(Octets::Python(object.call_method0("tobytes")?.extract()?)));
    }
    if let Ok(text) = object.cast::<PyString>() {
        return Ok(Some(Octets::Text(text.to_cow()?.into_owned().into_bytes())));
    }
    if is_path(object) {
        // Python's own file, for its exceptions name the path.
        let file = object.py().import("io")?.getattr("FileIO")?.call1((object,))?;
        let contents = file.call_method0("readall");
        file.call_method0("close")?;
        return Ok(Some(Octets::Python(contents?.extract()?)));
    }
    Ok(None)
}

/// The octets of a revocation list: as [`octets`], or an object with `public_bytes`.
pub(super) fn crl_octets(object: &Bound<'_, PyAny>) -> PyResult<Option<Vec<u8>>> {
    let octets = match octets(object)? {
        Some(octets) => Some(octets),
        None => public_bytes(object)?,
    };
    Ok(octets.map(|octets| octets.as_slice().to_vec()))
}

/// The DER of an object with `public_bytes`: `_ssl.Certificate` takes a number, everybody else
/// the enumeration of cryptography.
pub(super) fn public_bytes(object: &Bound<'_, PyAny>) -> PyResult<Option<Octets>> {
    let py = object.py();
    let method = match object.getattr("public_bytes") {
        Ok(method) => method,
        Err(error) if error.is_instance_of::<PyAttributeError>(py) => return Ok(None),
        Err(error) => return Err(error),
    };
    if object.is_instance_of::<PyType>() {
        return Ok(None);
    }
    let module = object.get_type().getattr("__module__")?;
    let encoding = if module.eq("_ssl")? {
        py.import("_ssl")?.getattr("ENCODING_DER")?
    } else {
        py.import("cryptography.hazmat.primitives.serialization")?.getattr("Encoding")?.getattr("DER")?
    };
    octets(&method.call1((encoding,))?)
}

/// What a pickle holds. A number that does not fit is as wrong there as one that is not there.
pub(super) fn pickled<'a, 'py, T: FromPyObject<'a, 'py>>(state: &'a Bound<'py, PyAny>) -> PyResult<T> {
    state.extract().map_err(|error: T::Error| {
        let error: PyErr = error.into();
        if error.is_instance_of::<PyOverflowError>(state.py()) {
            return PyValueError::new_err(format!("not a pickle of certpath: {error}"));
        }
        error
    })
}

pub(super) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// Bytes of a bundle (PEM or DER), for stores and CRLs.
pub(super) fn bundle_bytes(object: &Bound<'_, PyAny>, argument: &str) -> PyResult<Vec<u8>> {
    match octets(object)? {
        Some(octets) => Ok(octets.as_slice().to_vec()),
        None => Err(PyTypeError::new_err(format!(
            "{argument} must be str, a bytes-like object or a pathlib.Path, not {}",
            type_name(object)
        ))),
    }
}

/// An object of the module ipaddress that is one address.
pub(super) fn is_address(object: &Bound<'_, PyAny>) -> bool {
    let kind = object.get_type();
    let is_of_module = kind.module().is_ok_and(|module| module == "ipaddress");
    is_of_module
        && kind.name().is_ok_and(|name| matches!(name.to_string().as_str(), "IPv4Address" | "IPv6Address"))
}

/// A reference identity; `None` for None.
pub(super) fn name(object: &Bound<'_, PyAny>) -> PyResult<Option<ReferenceIdentity>> {
    name_for(object, false)?.map_err(PyValueError::new_err)
}

/// The same for a policy. Those that search tell what is not a name: the inner error says what to write.
/// `Policy.ssl` takes for a host whatever `ssl` does.
pub(super) fn name_for(
    object: &Bound<'_, PyAny>,
    searches: bool,
) -> PyResult<Result<Option<ReferenceIdentity>, String>> {
    if object.is_none() {
        return Ok(Ok(None));
    }
    let mistake = |text: &str| name::mistake(text).filter(|_| searches);
    let text = if let Ok(text) = object.cast::<PyString>() {
        let text = text.to_cow()?;
        if let Some(mistake) = mistake(&text) {
            return Ok(Err(mistake));
        }
        name_text(object.py(), &text)?
    } else if let Ok(bytes) = object.cast::<PyBytes>() {
        let text: String = bytes.call_method1("decode", ("ascii",))?.extract()?;
        if let Some(mistake) = mistake(&text) {
            return Ok(Err(mistake));
        }
        text
    } else if is_address(object) {
        let text = object.str()?.to_cow()?.into_owned();
        if text.contains('%') {
            return Err(PyValueError::new_err(format!("{text:?} has a zone, which no certificate names")));
        }
        text
    } else {
        return Err(PyTypeError::new_err(format!(
            "name must be str, bytes, an address of ipaddress or None, not {}",
            type_name(object)
        )));
    };
    Ok(Ok(Some(ReferenceIdentity::parse(&text)?)))
}

/// The text of a name in A-labels.
pub(super) fn name_text(py: Python<'_>, text: &str) -> PyResult<String> {
    if text.contains('\0') {
        return Err(PyValueError::new_err("name contains a NUL"));
    }
    if ReferenceIdentity::check_labels(text).is_ok() {
        return Ok(text.to_owned());
    }
    // IDNA 2003 by Python's own codec, as the ssl module has it; its UnicodeError is a ValueError.
    let encoded = PyString::new(py, text).call_method1("encode", ("idna",))?;
    encoded.call_method1("decode", ("ascii",))?.extract()
}

/// The exception itself if it is about the world rather than about an object: memory that has run out, an
/// interrupt, the end of the interpreter.
fn of_the_object(py: Python<'_>, error: PyErr) -> PyResult<PyErr> {
    let is_of_the_world = error.is_instance_of::<PyKeyboardInterrupt>(py)
        || error.is_instance_of::<PySystemExit>(py)
        || error.is_instance_of::<PyMemoryError>(py);
    if is_of_the_world { Err(error) } else { Ok(error) }
}

/// What an exception says about the row that raised it; the exception itself if it is about the world.
pub(super) fn input_error(py: Python<'_>, error: PyErr) -> PyResult<String> {
    let error = of_the_object(py, error)?;
    let value = error.value(py);
    let text = match value.str() {
        Ok(text) => text.to_string(),
        Err(error) => of_the_object(py, error).map(|_| "it has no text".to_owned())?,
    };
    // Ours, and those of everybody who minds the row, speak for themselves; of a KeyError there is the key only.
    let speaks = error.is_instance_of::<PyTypeError>(py) || error.is_instance_of::<PyValueError>(py);
    Ok(if speaks { text } else { format!("{}: {text}", type_name(value)) })
}

/// The time of judgement: now, an aware datetime, or seconds since the epoch.
pub(super) fn at(object: Option<&Bound<'_, PyAny>>) -> PyResult<UnixSeconds> {
    let Some(object) = object.filter(|object| !object.is_none()) else {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        return Ok(now.ok().and_then(|now| i64::try_from(now.as_secs()).ok()).unwrap_or(0));
    };
    let py = object.py();
    let datetime_type = values::datetime_type(py)?;
    if object.get_type().is(datetime_type)
        && let Some(seconds) = values::since_1970(object)?
    {
        return expressible(seconds);
    }
    let seconds: f64 = if object.is_instance(datetime_type)? {
        if object.call_method0("utcoffset")?.is_none() {
            return Err(PyValueError::new_err("at must be an aware datetime: it has no time zone"));
        }
        // Whole seconds before the conversion: the last one of the year 9999 would be rounded up.
        let keywords = PyDict::new(py);
        keywords.set_item("microsecond", 0)?;
        object.call_method("replace", (), Some(&keywords))?.call_method0("timestamp")?.extract()?
    } else if object.is_instance_of::<PyBool>() {
        return Err(PyTypeError::new_err("at must be a datetime, seconds or None, not bool"));
    } else {
        let hint = || {
            let written = || object.str().map(|text| text.to_string()).unwrap_or_default();
            if object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() {
                ": write datetime.datetime(2026, 1, 15, tzinfo=datetime.timezone.utc), or seconds since 1970"
                    .to_owned()
            } else if type_name(object) == "date" {
                ": a day is not a moment; write a datetime.datetime with tzinfo".to_owned()
            } else if type_name(object) == "datetime64" {
                format!(
                    ": it has no time zone; write datetime.datetime.fromisoformat({:?}).replace(tzinfo=...)",
                    written()
                )
            } else {
                String::new()
            }
        };
        object.extract().map_err(|error: PyErr| {
            let found = type_name(object);
            let complaint = || format!("at must be a datetime, seconds or None, not {found}{}", hint());
            of_the_object(py, error).map_or_else(|error| error, |_| PyTypeError::new_err(complaint()))
        })?
    };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is beyond 64 bits, or no number, is out of range"
    )]
    let whole = if seconds.is_nan() { UnixSeconds::MAX } else { seconds.floor() as UnixSeconds };
    expressible(whole)
}

fn expressible(seconds: UnixSeconds) -> PyResult<UnixSeconds> {
    if !EXPRESSIBLE.contains(&seconds) {
        return Err(PyValueError::new_err("at is outside the years 0 to 9999"));
    }
    Ok(seconds)
}
