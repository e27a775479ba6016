//! What readers of stores and pools have left out, told to Python's `logging`.

use pyo3::prelude::*;

/// Tells the logger `certpath` what was left out of `what`, a line each, at level INFO: it is in `skipped` as well.
///
/// # Errors
///
/// What a filter or handler of the program raises.
pub(super) fn tell(py: Python<'_>, what: &str, skipped: &[String]) -> PyResult<()> {
    if skipped.is_empty() {
        return Ok(());
    }
    // Where nobody has loaded it, nobody listens, and loading it takes time.
    let loaded = py.import("sys")?.getattr("modules")?.call_method1("get", ("logging",))?;
    if loaded.is_none() {
        return Ok(());
    }
    let logger = loaded.call_method1("getLogger", ("certpath",))?;
    if !logger.call_method1("isEnabledFor", (loaded.getattr("INFO")?,))?.is_truthy()? {
        return Ok(());
    }
    for sentence in skipped {
        logger.call_method1("info", ("%s: left out: %s", what, sentence))?;
    }
    Ok(())
}
