//! What one call at a time works with. It is lent to that call, not locked for it: Python code runs meanwhile
//! (progress callbacks, lazy inputs, signal handlers), and what it asks for is answered at once.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

/// Something that is here, lent out, or gone for good.
#[derive(Debug)]
pub(super) struct Lendable<T>(Mutex<Place<T>>);

#[derive(Debug)]
enum Place<T> {
    Here(T),
    Lent,
    Gone,
}

/// Why there is nothing to be had.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Missing {
    /// Another call, perhaps one below this one on the stack, has it.
    Lent,
    /// It has been taken.
    Gone,
}

impl<T> Lendable<T> {
    pub(super) fn new(value: T) -> Self {
        Self(Mutex::new(Place::Here(value)))
    }

    /// Held for a move and no longer, so never while anything of Python's runs.
    fn place(&self) -> MutexGuard<'_, Place<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, with: Place<T>) -> Result<T, Missing> {
        let mut place = self.place();
        match std::mem::replace(&mut *place, with) {
            Place::Here(value) => Ok(value),
            Place::Lent => {
                *place = Place::Lent;
                Err(Missing::Lent)
            }
            Place::Gone => {
                *place = Place::Gone;
                Err(Missing::Gone)
            }
        }
    }

    /// Lends it until the loan is dropped.
    pub(super) fn lend(&self) -> Result<Loan<'_, T>, Missing> {
        Ok(Loan { owner: self, value: Some(self.replace(Place::Lent)?) })
    }

    /// Hands it over for good.
    pub(super) fn take(&self) -> Result<T, Missing> {
        self.replace(Place::Gone)
    }

    /// Whether it has been taken.
    pub(super) fn is_gone(&self) -> bool {
        matches!(*self.place(), Place::Gone)
    }
}

/// What is lent.
#[derive(Debug)]
pub(super) struct Loan<'o, T> {
    owner: &'o Lendable<T>,
    /// There until it is dropped.
    value: Option<T>,
}

impl<T> Deref for Loan<'_, T> {
    type Target = Option<T>;

    fn deref(&self) -> &Option<T> {
        &self.value
    }
}

impl<T> DerefMut for Loan<'_, T> {
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.value
    }
}

impl<T> Drop for Loan<'_, T> {
    fn drop(&mut self) {
        let back = self.value.take().map_or(Place::Gone, Place::Here);
        *self.owner.place() = back;
    }
}

/// The answer to whoever asks for what is lent.
pub(super) fn at_work(what: &str) -> PyErr {
    PyRuntimeError::new_err(format!(
        "{what} is at work already: its progress callback, its input, a signal handler or another thread cannot \
         go on with it"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lent_comes_back_and_what_is_taken_does_not() {
        let lendable = Lendable::new(7);
        {
            let mut loan = lendable.lend().unwrap();
            assert_eq!(lendable.lend().unwrap_err(), Missing::Lent);
            assert_eq!(lendable.take().unwrap_err(), Missing::Lent);
            *loan = Some(8);
        }
        assert_eq!(lendable.take(), Ok(8));
        assert!(lendable.is_gone());
        assert_eq!(lendable.lend().unwrap_err(), Missing::Gone);
    }

    #[test]
    fn a_panic_gives_it_back() {
        let lendable = Lendable::new(7);
        let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _loan = lendable.lend().unwrap();
            std::panic::resume_unwind(Box::new("lost"));
        }));
        assert!(failed.is_err() && lendable.take() == Ok(7));
    }
}
