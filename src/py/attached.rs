//! Python from where nobody knows whether this thread holds it.
#![expect(unsafe_code, reason = "pyo3 takes its own count of attachments for the truth, see below")]

use pyo3::ffi::{PyGILState_Ensure, PyGILState_Release, PyGILState_STATE};
use pyo3::prelude::*;

/// Lets go of what [`PyGILState_Ensure`] has taken.
struct Held(PyGILState_STATE);

impl Drop for Held {
    fn drop(&mut self) {
        // SAFETY: the state is that of the matching call on this very thread, in order: the guard neither is `Send`
        // beyond this function nor outlives it.
        unsafe { PyGILState_Release(self.0) }
    }
}

/// Does `work` with Python.
///
/// A consumer of an Arrow stream calls back without Python: pyarrow lets go of it by the interpreter's own means. If that
/// happens below a call of ours on the same thread, say in a progress callback, pyo3 still counts the thread as attached, and
/// `Python::attach` alone would take that for true: a fatal error of the interpreter.
pub(super) fn attached<T>(work: impl FnOnce(Python<'_>) -> T) -> T {
    // SAFETY: may be called whether or not this thread holds Python (documentation of PyGILState_Ensure); there is an
    // interpreter, because the stream that is read was made by it.
    let held = Held(unsafe { PyGILState_Ensure() });
    let done = Python::attach(work);
    drop(held);
    done
}
