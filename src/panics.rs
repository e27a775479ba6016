//! Panics of libraries that read foreign data: caught where they happen, so that one bad input costs itself alone.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether this thread's panics are caught and told by whoever catches them.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `work` comes to, or the words of its panic. Whatever `work` holds is not to be used again after one.
///
/// # Errors
///
/// If it panics.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    static HOOK: Once = Once::new();
    // The hook of the process prints a message and perhaps a backtrace: not for what is told as a complaint.
    HOOK.call_once(|| {
        let others = take_hook();
        set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
            if !QUIET.get() {
                others(info);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    outcome.map_err(|payload| {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        let first = text.and_then(|text| text.lines().next()).unwrap_or("unknown");
        first.chars().take(MAX_TEXT).collect()
    })
}

/// Characters that are told of a panic's words.
const MAX_TEXT: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_words() {
        assert_eq!(caught(|| 7), Ok(7));
        let empty: &[u8] = &[];
        let said = caught(|| empty[std::hint::black_box(0)]).unwrap_err();
        assert!(said.starts_with("index out of bounds"), "{said}");
        assert!(!QUIET.get());
    }
}
