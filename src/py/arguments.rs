//! Arguments from Python: certificates and chains in all their forms, names, times.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{
    PyAttributeError, PyKeyboardInterrupt, PyMemoryError, PySystemExit, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{
    PyAny, PyBool, PyByteArray, PyBytes, PyDict, PyList, PyMemoryView, PyString, PyTuple, PyType,
};

use crate::bundle::{self, Bundle, BundleError};
use crate::certificate::OwnedCertificate;
use crate::name::ReferenceIdentity;
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{Check, Finding};

use super::certificate::Certificate;
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
enum Octets {
    Python(PyBackedBytes),
    Copied(Vec<u8>),
}

impl Octets {
    fn as_slice(&self) -> &[u8] {
        match self {
            Self::Python(bytes) => bytes,
            Self::Copied(bytes) => bytes,
        }
    }
}

/// What an object is when it is meant to be a certificate.
enum Item {
    Parsed(Arc<OwnedCertificate>),
    Octets(Octets),
}

/// The octets of `bytes`, `bytearray`, `memoryview` or `str`.
fn octets(object: &Bound<'_, PyAny>) -> PyResult<Option<Octets>> {
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
        return Ok(Some(Octets::Copied(text.to_cow()?.into_owned().into_bytes())));
    }
    Ok(None)
}

/// The DER of an object with `public_bytes`: `_ssl.Certificate` takes a number, everybody else
/// the enumeration of cryptography.
fn public_bytes(object: &Bound<'_, PyAny>) -> PyResult<Option<Octets>> {
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

fn item(object: &Bound<'_, PyAny>) -> PyResult<Option<Item>> {
    if let Ok(certificate) = object.cast::<Certificate>() {
        return Ok(Some(Item::Parsed(Arc::clone(certificate.get().inner()))));
    }
    let octets = match octets(object)? {
        Some(octets) => Some(octets),
        None => public_bytes(object)?,
    };
    Ok(octets.map(Item::Octets))
}

pub(super) fn type_name(object: &Bound<'_, PyAny>) -> String {
    object.get_type().qualname().map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// Bytes of a bundle (PEM or DER), for stores and CRLs.
pub(super) fn bundle_bytes(object: &Bound<'_, PyAny>, argument: &str) -> PyResult<Vec<u8>> {
    match octets(object)? {
        Some(octets) => Ok(octets.as_slice().to_vec()),
        None => Err(PyTypeError::new_err(format!(
            "{argument} must be str or a bytes-like object, not {}",
            type_name(object)
        ))),
    }
}

/// Exactly one certificate.
pub(super) fn certificate(object: &Bound<'_, PyAny>) -> PyResult<Arc<OwnedCertificate>> {
    one_certificate(object, true)
}

/// Exactly one certificate; with OpenSSL's settings behind it only where they `may_be_lost`.
fn one_certificate(object: &Bound<'_, PyAny>, may_be_lost: bool) -> PyResult<Arc<OwnedCertificate>> {
    let Some(item) = item(object)? else {
        return Err(PyTypeError::new_err(format!(
            "a certificate must be a Certificate, bytes, PEM text or an object with public_bytes, not {}",
            type_name(object)
        )));
    };
    let octets = match item {
        Item::Parsed(certificate) => return Ok(certificate),
        Item::Octets(octets) => octets,
    };
    let data = octets.as_slice();
    let parse = |der: &[u8]| {
        OwnedCertificate::parse(der).map(Arc::new).map_err(|error| {
            // The parser says which part is malformed; but of something else it does not know what it is.
            PyValueError::new_err(bundle::instead_of_certificate(der).unwrap_or_else(|| error.to_string()))
        })
    };
    if bundle::looks_like_certificate(data) {
        return parse(data);
    }
    let found = match Bundle::read(data) {
        Ok(found) => found,
        Err(BundleError::BrokenDer { .. }) => return parse(data),
        Err(error) => return Err(PyValueError::new_err(error.to_string())),
    };
    let is_trusted = !found.trust_settings.is_empty();
    let found = found.into_certificates().map_err(|error| PyValueError::new_err(error.to_string()))?;
    match found.as_slice() {
        [_] if is_trusted && !may_be_lost => Err(PyValueError::new_err(
            "a TRUSTED CERTIFICATE with settings that would be lost here: TrustStore.from_pem keeps them",
        )),
        [one] => parse(one),
        several => Err(PyValueError::new_err(format!("one certificate expected, {} found", several.len()))),
    }
}

/// Certificates in DER: one certificate-like object or an iterable of them. OpenSSL's settings may be lost where
/// nothing is trusted.
pub(super) fn certificates(
    object: &Bound<'_, PyAny>,
    may_be_lost: bool,
) -> PyResult<Vec<Arc<OwnedCertificate>>> {
    if item(object)?.is_some() {
        return Ok(vec![one_certificate(object, may_be_lost)?]);
    }
    let Ok(iterator) = object.try_iter() else {
        return one_certificate(object, may_be_lost).map(|one| vec![one]);
    };
    let mut found = Vec::new();
    for (index, object) in iterator.enumerate() {
        let object = object?;
        let one = one_certificate(&object, may_be_lost).map_err(|error| {
            let py = object.py();
            if error.is_instance_of::<PyValueError>(py) {
                PyValueError::new_err(format!("certificate {index}: {}", error.value(py)))
            } else {
                error
            }
        })?;
        found.push(one);
    }
    Ok(found)
}

/// A chain as it can be judged, or the finding that says why it cannot.
pub(super) type Chain = Result<Vec<Der>, Finding>;

/// A presented chain, end entity first. Wrong types raise; bad contents are a finding.
pub(super) fn chain(object: &Bound<'_, PyAny>) -> PyResult<Chain> {
    // Lists and tuples are the usual case: to ask them whether they are a certificate takes longer than
    // all the rest.
    let is_sequence = object.is_exact_instance_of::<PyList>() || object.is_exact_instance_of::<PyTuple>();
    let single = if is_sequence { None } else { item(object)? };
    if let Some(item) = single {
        let octets = match item {
            Item::Octets(octets) if octets.as_slice().is_empty() => return Ok(Ok(Vec::new())),
            other => other,
        };
        let mut chain = Vec::new();
        return Ok(push(&mut chain, octets, 0).map(|()| chain));
    }
    let iterator = match object.try_iter() {
        Ok(iterator) => iterator,
        Err(error) if error.is_instance_of::<PyTypeError>(object.py()) => {
            return Err(PyTypeError::new_err(format!(
                "a chain must be a certificate or a sequence of certificates, not {}",
                type_name(object)
            )));
        }
        Err(error) => return Err(error),
    };
    let mut chain = Vec::new();
    for (position, object) in iterator.enumerate() {
        let object = object?;
        let Some(item) = item(&object)? else {
            return Err(PyTypeError::new_err(format!(
                "certificate {position} of the chain must be a Certificate, bytes, PEM text or an object \
                 with public_bytes, not {}",
                type_name(&object)
            )));
        };
        if let Err(finding) = push(&mut chain, item, position) {
            return Ok(Err(finding));
        }
    }
    Ok(Ok(chain))
}

fn push(chain: &mut Vec<Der>, item: Item, position: usize) -> Result<(), Finding> {
    let octets = match item {
        Item::Parsed(certificate) => {
            chain.push(Der::Parsed(certificate));
            return Ok(());
        }
        Item::Octets(octets) => octets,
    };
    if !bundle::looks_like_certificate(octets.as_slice()) {
        match Bundle::read(octets.as_slice()).and_then(Bundle::into_chain) {
            Ok(found) => {
                chain.extend(found.into_iter().map(Der::Copied));
                return Ok(());
            }
            Err(BundleError::BrokenDer { .. }) => {}
            Err(error) => return Err(unparseable(position, &error)),
        }
    }
    // DER is left to the certificate parser.
    chain.push(match octets {
        Octets::Python(bytes) => Der::Python(bytes),
        Octets::Copied(bytes) => Der::Copied(bytes),
    });
    Ok(())
}

fn unparseable(position: usize, error: &BundleError) -> Finding {
    let position = i64::try_from(position).unwrap_or(i64::MAX);
    Finding::new(Check::Unparseable).fact("position", position).fact("problem", error.to_string())
}

/// A reference identity; `None` for None.
pub(super) fn name(object: &Bound<'_, PyAny>) -> PyResult<Option<ReferenceIdentity>> {
    if object.is_none() {
        return Ok(None);
    }
    let text = if let Ok(text) = object.cast::<PyString>() {
        name_text(object.py(), &text.to_cow()?)?
    } else if let Ok(bytes) = object.cast::<PyBytes>() {
        bytes.call_method1("decode", ("ascii",))?.extract()?
    } else {
        return Err(PyTypeError::new_err(format!(
            "name must be str, bytes or None, not {}",
            type_name(object)
        )));
    };
    ReferenceIdentity::parse(&text).map(Some).map_err(|error| PyValueError::new_err(error.to_string()))
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
    let seconds: f64 = if object.is_instance(values::datetime_type(py)?)? {
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
        object.extract().map_err(|error: PyErr| {
            let complaint = || format!("at must be a datetime, seconds or None, not {}", type_name(object));
            of_the_object(py, error).map_or_else(|error| error, |_| PyTypeError::new_err(complaint()))
        })?
    };
    #[allow(
        clippy::cast_possible_truncation,
        reason = "what is beyond 64 bits, or no number, is out of range"
    )]
    let whole = if seconds.is_nan() { UnixSeconds::MAX } else { seconds.floor() as UnixSeconds };
    if !EXPRESSIBLE.contains(&whole) {
        return Err(PyValueError::new_err("at is outside the years 0 to 9999"));
    }
    Ok(whole)
}
