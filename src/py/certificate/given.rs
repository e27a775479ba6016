//! What is given for a certificate or a chain, in all its forms.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyList, PyTuple};

use crate::bundle::{self, Bundle, BundleError};
use crate::certificate::OwnedCertificate;
use crate::verdict::{Check, Finding};

use super::Certificate;
use crate::py::arguments::{Der, Octets, octets, public_bytes, refuse_unordered, type_name};

/// What an object is when it is meant to be a certificate.
enum Item {
    Parsed(Arc<OwnedCertificate>),
    Octets(Octets),
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

/// Exactly one certificate.
pub(in crate::py) fn certificate(object: &Bound<'_, PyAny>) -> PyResult<Arc<OwnedCertificate>> {
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
            bundle::instead_of_certificate(der).map_or_else(|| error.into(), PyValueError::new_err)
        })
    };
    if bundle::looks_like_certificate(data) {
        return parse(data);
    }
    let found = match Bundle::read(data) {
        Ok(found) => found,
        Err(BundleError::BrokenDer { .. }) => return parse(data),
        Err(error) => return Err(error.into()),
    };
    let is_trusted = !found.trust_settings.is_empty();
    let found = found.into_certificates()?;
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
pub(in crate::py) fn certificates(
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
pub(in crate::py) type Chain = Result<Vec<Der>, Finding>;

/// A presented chain, end entity first. Wrong types raise; bad contents are a finding.
pub(in crate::py) fn chain(object: &Bound<'_, PyAny>) -> PyResult<Chain> {
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
    refuse_unordered(object, "a chain")?;
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
            Err(BundleError::NeitherPemNorDer) if matches!(octets, Octets::Text(_)) => {
                return Err(no_pem(position));
            }
            // What a peer has sent along is its own affair: the rest is judged without it, as in columns.
            Err(BundleError::NeitherPemNorDer | BundleError::Empty) if position > 0 => {}
            Err(error) => return Err(unparseable(position, &error)),
        }
    }
    // DER is left to the certificate parser.
    chain.push(match octets {
        Octets::Python(bytes) => Der::Python(bytes),
        Octets::Copied(bytes) | Octets::Text(bytes) => Der::Copied(bytes),
    });
    Ok(())
}

fn no_pem(position: usize) -> Finding {
    let problem = "text without a PEM block; a file is given as pathlib.Path(...)";
    Finding::new(Check::Unparseable).fact("position", position).fact("problem", problem)
}

fn unparseable(position: usize, error: &BundleError) -> Finding {
    Finding::new(Check::Unparseable).fact("position", position).fact("problem", error.to_string())
}
