//! Multiples of the keys that sign so much that making them pays.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use certpath_multibuffer::Multiples;

/// Signatures by a key before its multiples are made: that takes as long as they save in some 40.
pub(super) const WORTHWHILE: u32 = 32;
/// Keys in this process that have their multiples, each at most 450 kB: an issuer that nobody knows beforehand has to
/// have signed 32 rows to be one of them, and the memory ends here.
const MOST: usize = 64;

/// How many keys have them now.
static HELD: AtomicUsize = AtomicUsize::new(0);

/// The multiples of a key, once it has earned them.
#[derive(Default)]
pub(super) struct Earned<const LIMBS: usize> {
    signatures: AtomicU32,
    made: OnceLock<Held<LIMBS>>,
}

/// Multiples that count among those held.
struct Held<const LIMBS: usize>(Multiples<LIMBS>);

impl<const LIMBS: usize> Drop for Held<LIMBS> {
    fn drop(&mut self) {
        HELD.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<const LIMBS: usize> Earned<LIMBS> {
    /// Notes a signature, and makes the multiples if so many came before it. Nobody waits for them meanwhile.
    pub(super) fn note(&self, before: u32, make: impl FnOnce() -> Option<Multiples<LIMBS>>) {
        if self.signatures.load(Ordering::Relaxed) <= before
            && self.signatures.fetch_add(1, Ordering::Relaxed) == before
        {
            self.hold(make);
        }
    }

    /// Makes them, if there may be more.
    fn hold(&self, make: impl FnOnce() -> Option<Multiples<LIMBS>>) {
        let more = |held: usize| (held < MOST).then_some(held + 1);
        if HELD.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
            return;
        }
        match make() {
            // Who comes second drops theirs, and is not counted any more.
            Some(multiples) => drop(self.made.set(Held(multiples))),
            None => drop(Held(Multiples::<LIMBS>::default())),
        }
    }

    pub(super) fn get(&self) -> Option<&Multiples<LIMBS>> {
        self.made.get().map(|held| &held.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(count: usize) -> Vec<Earned<5>> {
        let all: Vec<_> = (0..count).map(|_| Earned::default()).collect();
        for earned in &all {
            earned.note(0, || Some(Multiples::default()));
        }
        all
    }

    fn made(all: &[Earned<5>]) -> usize {
        all.iter().filter(|earned| earned.get().is_some()).count()
    }

    /// Other tests hold a few meanwhile.
    #[test]
    fn so_many_keys_have_multiples_and_no_more() {
        for _ in 0..3 {
            let all = held(2 * MOST);
            assert!((MOST / 2..=MOST).contains(&made(&all)), "{}", made(&all));
        }
        let none: Vec<_> = (0..2 * MOST).map(|_| Earned::<8>::default()).collect();
        for earned in &none {
            earned.note(0, || None);
        }
        assert!(made(&held(MOST)) >= MOST / 2, "what was not made is not counted");
    }

    #[test]
    fn the_multiples_of_a_key_are_made_once() {
        let earned = Earned::<8>::default();
        let mut times = 0;
        for number in 0..10 {
            earned.note(7, || {
                times += 1;
                Some(Multiples::default())
            });
            assert_eq!(earned.get().is_some(), number >= 7);
        }
        assert_eq!(times, 1);
    }
}
