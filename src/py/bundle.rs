//! Files and texts for the Python parts of the package: the command line and `SSLContext`; private to it.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::bundle::{Bundle, BundleError, Medium, openssl_blocks};

/// The chain in a file, end entity first: DER each; or, where there is none, the status and what to say of the file.
/// What is damaged comes back as it is, for the verifier to say so.
#[pyfunction]
#[pyo3(signature = (data, /))]
pub(super) fn _chain_of_file<'py>(
    py: Python<'py>,
    data: &Bound<'py, PyBytes>,
) -> PyResult<Bound<'py, PyAny>> {
    let octets = data.as_bytes();
    match py.detach(|| Bundle::read(octets).and_then(Bundle::into_chain)) {
        Ok(chain) => Ok(PyList::new(py, chain.iter().map(|der| PyBytes::new(py, der)))?.into_any()),
        Err(error) if error.is_damage() && error != BundleError::NeitherPemNorDer => {
            Ok(PyList::new(py, [data])?.into_any())
        }
        Err(error) => {
            let status = if error.is_damage() { "unparseable" } else { "no_certificate" };
            Ok(PyTuple::new(py, [status.to_owned(), error.of_file()])?.into_any())
        }
    }
}

/// The PEM blocks of a text as OpenSSL reads them, as (label, contents), and whether it reads on to the end.
#[pyfunction]
#[pyo3(signature = (text, /, *, is_file))]
pub(super) fn _openssl_blocks<'py>(
    py: Python<'py>,
    text: &[u8],
    is_file: bool,
) -> PyResult<(Bound<'py, PyList>, bool)> {
    let medium = if is_file { Medium::File } else { Medium::Memory };
    let (blocks, is_whole) = py.detach(|| openssl_blocks(text, medium));
    let blocks = blocks.iter().map(|(label, contents)| (PyBytes::new(py, label), PyBytes::new(py, contents)));
    Ok((PyList::new(py, blocks)?, is_whole))
}
