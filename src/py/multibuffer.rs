//! The library that checks eight signatures at once, offered when the first batch comes.

use std::path::PathBuf;

use pyo3::exceptions::PyRuntimeWarning;
use pyo3::prelude::*;

use crate::Multibuffer;

/// Rows of a batch for which the library is looked for: it takes some 40 ms to find and to open, as long as the
/// signatures of a thousand rows.
const WORTH_LOOKING: usize = 1_000;

/// Looks for the library, unless that was done before or there are too few rows for it; `None` is a scan.
pub(super) fn settle(py: Python<'_>, rows: Option<usize>) -> PyResult<()> {
    if Multibuffer::own().is_decided() {
        return Ok(());
    }
    if rows.is_some_and(|rows| rows < WORTH_LOOKING)
        && std::env::var_os("CERTPATH_MULTIBUFFER").is_none_or(|wish| wish != "1")
    {
        return Ok(());
    }
    py.import("certpath._multibuffer")?.call_method0("settle").map(drop)
}

/// Says, once, that the library and aws-lc-rs have disagreed.
pub(super) fn report(py: Python<'_>) -> PyResult<()> {
    let Some(why) = Multibuffer::own().retirement_to_tell() else { return Ok(()) };
    let text = format!(
        "{why}: the library is not used any more in this process, and what was judged with it in this batch was \
         judged again; please report this to certpath"
    );
    let text = std::ffi::CString::new(text).unwrap_or_default();
    PyErr::warn(py, &py.get_type::<PyRuntimeWarning>(), &text, 1)
}

/// Opens the library, whose files these are in the order in which they are opened.
#[pyfunction]
pub(super) fn _offer_multibuffer(py: Python<'_>, files: Vec<PathBuf>) {
    py.detach(|| Multibuffer::own().offer(&files));
}

/// Does without it, for this reason.
#[pyfunction]
pub(super) fn _refuse_multibuffer(why: &str) {
    Multibuffer::own().refuse(why);
}

/// Whether it is used, and its version, or else why not; `None` before that is decided.
#[pyfunction]
pub(super) fn _multibuffer() -> Option<(bool, String)> {
    let own = Multibuffer::own();
    own.is_decided().then(|| match own.state() {
        Ok(version) => (true, version.to_owned()),
        Err(why) => (false, why.to_owned()),
    })
}
