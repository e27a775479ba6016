//! How much is read before it is wanted: octets, however few or many chunks they are.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

/// Octets that may be read and not yet done with; one chunk may have more, but is alone then.
const AHEAD: usize = 32 << 20;

/// Octets of chunks that are not yet done with.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    octets: Mutex<usize>,
    less: Condvar,
}

impl Ahead {
    /// Waits until there is room for so many octets more.
    pub(super) fn charge(self: &Arc<Self>, octets: usize) -> Charge {
        let held = self.octets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = |held: &mut usize| *held > 0 && held.saturating_add(octets) > AHEAD;
        let mut held = self.less.wait_while(held, full).unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_add(octets);
        Charge { account: Arc::clone(self), octets }
    }
}

/// The octets of a chunk, until it is dropped.
#[derive(Debug)]
pub(super) struct Charge {
    account: Arc<Ahead>,
    octets: usize,
}

impl Drop for Charge {
    fn drop(&mut self) {
        let mut held = self.account.octets.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.octets);
        drop(held);
        self.account.less.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_larger_than_the_room_is_alone() {
        let ahead = Arc::new(Ahead::default());
        let held = || *ahead.octets.lock().unwrap();
        let small = ahead.charge(AHEAD);
        assert_eq!(held(), AHEAD);
        let other = Arc::clone(&ahead);
        let waiting = std::thread::spawn(move || other.charge(2 * AHEAD));
        drop(small);
        let large = waiting.join().unwrap();
        assert_eq!(held(), 2 * AHEAD);
        drop(large);
        assert_eq!(held(), 0);
    }
}
