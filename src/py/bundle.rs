//! PEM as OpenSSL reads it, for `SSLContext`; private to the package.

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::bundle::{Medium, openssl_blocks};

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
