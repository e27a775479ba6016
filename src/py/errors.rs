//! What the core complains about, as exceptions of Python: one kind of fault has one type and one wording, at
//! whichever door it comes up. Complaints about arguments stand where the arguments are read.

use std::io;
use std::path::Path;

use arrow_schema::ArrowError;
use pyo3::PyErr;
use pyo3::exceptions::{PyFileExistsError, PyOSError, PyTypeError, PyValueError};

use crate::arrow::ColumnError;
use crate::bundle::BundleError;
use crate::certificate::ParseError;
use crate::name::NameError;
use crate::output::OutputError;
use crate::parquet::ReadError;
use crate::policy::PolicyError;
use crate::store::{PoolError, StoreError};
use crate::verifier::VerifierError;

/// Errors that are about a value that was given, and say all in their text.
macro_rules! value_errors {
    ($($error:ty),* $(,)?) => {$(
        impl From<$error> for PyErr {
            fn from(error: $error) -> Self {
                PyValueError::new_err(error.to_string())
            }
        }
    )*};
}

value_errors!(BundleError, NameError, ParseError, PolicyError, VerifierError);

impl From<StoreError> for PyErr {
    fn from(problem: StoreError) -> Self {
        error(problem, None)
    }
}

impl From<PoolError> for PyErr {
    fn from(error: PoolError) -> Self {
        PyValueError::new_err(error.to_string())
    }
}

impl From<ColumnError> for PyErr {
    fn from(error: ColumnError) -> Self {
        match error {
            ColumnError::Type(problem) => PyTypeError::new_err(problem),
            ColumnError::Content(problem) => PyValueError::new_err(problem),
        }
    }
}

impl From<OutputError> for PyErr {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Io(error) => os_error(&error, None),
            OutputError::BrokenOff(folder) => PyFileExistsError::new_err(folder.into_os_string()),
            OutputError::Unfinished(said) | OutputError::Other(said) => PyValueError::new_err(said),
        }
    }
}

/// Why a store cannot be made, with the path that was given.
pub(super) fn error(problem: StoreError, path: Option<&Path>) -> PyErr {
    match (problem, path) {
        (StoreError::Io(error), path) => os_error(&error, path),
        (other, Some(path)) => PyValueError::new_err(format!("{}: {other}", path.display())),
        (other, None) => PyValueError::new_err(other.to_string()),
    }
}

/// Why a pool cannot be made of what is at this path.
pub(super) fn of_pool(problem: PoolError, path: &Path) -> PyErr {
    match problem {
        PoolError(problem @ StoreError::Io(_)) => error(problem, Some(path)),
        other => PyValueError::new_err(format!("{}: {other}", path.display())),
    }
}

/// Why this column of a Parquet file cannot be read.
pub(super) fn of_column(problem: ReadError, path: &Path, column: &str) -> PyErr {
    let shown = path.display();
    match problem {
        ReadError::Io(error) => os_error(&error, Some(path)),
        ReadError::NoColumn(there) => PyValueError::new_err(format!(
            "{shown}: no column {column:?}; the columns are {}",
            there.join(", ")
        )),
        ReadError::Kind(found) => PyTypeError::new_err(format!(
            "{shown}: column {column:?} must hold binary values or lists of them, not {found}"
        )),
        ReadError::Damaged(problem) => {
            PyValueError::new_err(format!("{shown}: no sound Parquet file: {problem}"))
        }
    }
}

/// The exception behind an error of a stream: Python's own, if it came from there.
pub(super) fn of_stream(error: ArrowError) -> PyErr {
    match error {
        ArrowError::ExternalError(inner) => match inner.downcast::<PyErr>() {
            Ok(error) => *error,
            Err(other) => PyValueError::new_err(other.to_string()),
        },
        other => PyValueError::new_err(other.to_string()),
    }
}

/// `OSError` itself picks `FileNotFoundError` and its kin, by the errno; it has its own place for the number, which
/// Rust's text ends with.
fn os_error(error: &io::Error, path: Option<&Path>) -> PyErr {
    let said = error.to_string();
    match error.raw_os_error() {
        Some(number) => {
            let reason = said.split_once(" (os error").map_or(said.as_str(), |(reason, _)| reason).to_owned();
            match path {
                Some(path) => PyOSError::new_err((number, reason, path.as_os_str().to_owned())),
                None => PyOSError::new_err((number, reason)),
            }
        }
        None => PyOSError::new_err(said),
    }
}
