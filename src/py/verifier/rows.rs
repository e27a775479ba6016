//! The rows of a batch, as Python hands them in: what would raise becomes the verdict of its row.

use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyBytes, PyIterator, PyString};

use crate::arrow::WantedColumn;
use crate::batch::Refused;

use crate::py::arguments::{self, Der, Octets};
use crate::py::batch::PyRow;
use crate::py::certificate::{self, Certificate};

/// One row: what would raise becomes its verdict.
pub(super) fn row(
    py: Python<'_>,
    chain: &Bound<'_, PyAny>,
    name: &Bound<'_, PyAny>,
    at: Option<&Bound<'_, PyAny>>,
    (sct, ocsp): (Option<&Bound<'_, PyAny>>, Option<&Bound<'_, PyAny>>),
    searches: bool,
) -> PyResult<PyRow> {
    let complaint = |error: PyErr| arguments::input_error(py, error);
    let refused =
        |refused: Refused| Ok(PyRow { chain: Err(refused), name: None, at: None, sct: None, ocsp: None });
    let stapled =
        sct.map_or(Ok(None), self::sct).and_then(|sct| Ok((sct, ocsp.map_or(Ok(None), self::ocsp)?)));
    let (sct, ocsp) = match stapled {
        Ok(stapled) => stapled,
        Err(error) => return refused(Refused::InputError(complaint(error)?)),
    };
    let at = match at.filter(|at| !at.is_none()).map(|at| arguments::at(Some(at))).transpose() {
        Ok(at) => at,
        Err(error) => return refused(Refused::InputError(complaint(error)?)),
    };
    let chain = match certificate::chain(chain) {
        Ok(chain) => chain.map(Arc::new).map_err(Refused::Unparseable),
        Err(error) => Err(Refused::InputError(complaint(error)?)),
    };
    let problem = match arguments::name_for(name, searches) {
        Ok(Ok(name)) => {
            return Ok(PyRow { chain, name: name.map(|name| name.text().to_owned()), at, sct, ocsp });
        }
        Ok(Err(mistake)) => mistake,
        Err(error) => complaint(error)?,
    };
    let chain = chain.and_then(|_| Err(Refused::NoName(problem)));
    Ok(PyRow { chain, name: None, at, sct, ocsp })
}

/// The octets of a SignedCertificateTimestampList, if there is one.
pub(super) fn sct(object: &Bound<'_, PyAny>) -> PyResult<Option<Der>> {
    sent(object, "sct must be the octets of a SignedCertificateTimestampList (RFC 6962 3.3) or None")
}

/// The octets of an OCSP response, if there is one.
pub(super) fn ocsp(object: &Bound<'_, PyAny>) -> PyResult<Option<Der>> {
    let expected =
        "ocsp must be the octets of an OCSPResponse (RFC 6960 4.2.1), b\"\" where none was sent, or None";
    sent(object, expected)
}

/// Octets that a peer has sent beside its chain.
pub(super) fn sent(object: &Bound<'_, PyAny>, expected: &str) -> PyResult<Option<Der>> {
    if object.is_none() {
        return Ok(None);
    }
    match arguments::octets(object)? {
        Some(Octets::Python(octets)) => Ok(Some(Der::Python(octets))),
        Some(Octets::Copied(octets)) => Ok(Some(Der::Copied(octets))),
        Some(Octets::Text(_)) | None => {
            Err(PyTypeError::new_err(format!("{expected}, not {}", arguments::type_name(object))))
        }
    }
}

/// The chains of a batch; what is one chain, or a table, is told from many chains.
pub(super) fn many_chains<'py>(chains: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyIterator>> {
    let found = arguments::type_name(chains);
    if arguments::is_octets(chains) || chains.cast::<Certificate>().is_ok() {
        return Err(PyTypeError::new_err(format!(
            "chains must be an iterable of chains, not {found}: for one chain write check(chain) or check_many([chain])"
        )));
    }
    let kind = chains.get_type();
    if kind.hasattr("__dataframe__")? || kind.hasattr("column_names")? {
        return Err(PyTypeError::new_err(format!(
            "chains must be an iterable of chains, not {found}: for a table write check_arrow(table)"
        )));
    }
    arguments::refuse_unordered(chains, "chains")?;
    chains
        .try_iter()
        .map_err(|_| PyTypeError::new_err(format!("chains must be an iterable of chains, not {found}")))
}

/// The name of a column, `None` if there is no such column; left out, it is the usual one.
#[derive(Default)]
pub(super) struct Column(pub(super) WantedColumn);

impl<'py> FromPyObject<'_, 'py> for Column {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if object.is_none() {
            return Ok(Self(WantedColumn::Absent));
        }
        let found = || arguments::type_name(&object);
        let name = object.cast::<PyString>().map_err(|_| {
            PyTypeError::new_err(format!("the name of a column, or None if there is none, not {}", found()))
        })?;
        Ok(Self(WantedColumn::Named(name.to_cow()?.into_owned())))
    }
}

/// The items of an argument that is one value for all rows or one for each.
pub(super) enum Values<'py> {
    Same(Bound<'py, PyAny>),
    Each(Bound<'py, PyIterator>, &'static str),
}

impl<'py> Values<'py> {
    pub(super) fn of(
        object: Option<&Bound<'py, PyAny>>,
        is_single: impl Fn(&Bound<'py, PyAny>) -> bool,
        what: &'static str,
        single: &str,
    ) -> PyResult<Option<Self>> {
        let Some(object) = object.filter(|object| !object.is_none()) else { return Ok(None) };
        if is_single(object) {
            return Ok(Some(Self::Same(object.clone())));
        }
        arguments::refuse_unordered(object, what)?;
        let items = object.try_iter().map_err(|_| {
            let found = arguments::type_name(object);
            PyTypeError::new_err(format!("{what} must be {single}, None or an iterable of them, not {found}"))
        })?;
        Ok(Some(Self::Each(items, what)))
    }

    /// The item of the next row.
    pub(super) fn next(&mut self, row: usize) -> PyResult<Bound<'py, PyAny>> {
        match self {
            Self::Same(object) => Ok(object.clone()),
            Self::Each(items, what) => items.next().unwrap_or_else(|| {
                Err(PyValueError::new_err(format!("fewer {what} than chains: {row} {what}")))
            }),
        }
    }

    /// Complains if there are more than rows.
    pub(super) fn end(&mut self, rows: usize) -> PyResult<()> {
        let Self::Each(items, what) = self else { return Ok(()) };
        match items.next() {
            Some(_) => Err(PyValueError::new_err(format!("more {what} than chains: {rows} chains"))),
            None => Ok(()),
        }
    }
}

pub(super) fn is_single_name(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyString>() || object.is_instance_of::<PyBytes>() || arguments::is_address(object)
}
