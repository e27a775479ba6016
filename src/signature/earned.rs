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
struct Held<const LIMBS: usize> {
    multiples: Multiples<LIMBS>,
    among: &'static AtomicUsize,
}

impl<const LIMBS: usize> Drop for Held<LIMBS> {
    fn drop(&mut self) {
        self.among.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<const LIMBS: usize> Earned<LIMBS> {
    /// Notes a signature, and makes the multiples if so many came before it. Nobody waits for them meanwhile.
    pub(super) fn note(&self, before: u32, make: impl FnOnce() -> Option<Multiples<LIMBS>>) {
        if self.signatures.load(Ordering::Relaxed) <= before
            && self.signatures.fetch_add(1, Ordering::Relaxed) == before
        {
            self.hold(&HELD, make);
        }
    }

    /// Makes them, if there may be more.
    fn hold(&self, among: &'static AtomicUsize, make: impl FnOnce() -> Option<Multiples<LIMBS>>) {
        let more = |held: usize| (held < MOST).then_some(held + 1);
        if among.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_err() {
            return;
        }
        match make() {
            // Who comes second drops theirs, and is not counted any more.
            Some(multiples) => drop(self.made.set(Held { multiples, among })),
            None => drop(Held::<LIMBS> { multiples: Multiples::default(), among }),
        }
    }

    pub(super) fn get(&self) -> Option<&Multiples<LIMBS>> {
        self.made.get().map(|held| &held.multiples)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Those of this test alone: other tests hold multiples meanwhile.
    static AMONG: AtomicUsize = AtomicUsize::new(0);

    /// How many of so many keys get multiples, held as long as the list.
    fn hold(count: usize, made: Option<&Multiples<5>>) -> (usize, Vec<Earned<5>>) {
        let all: Vec<_> = (0..count).map(|_| Earned::default()).collect();
        for earned in &all {
            earned.hold(&AMONG, || made.cloned());
        }
        (all.iter().filter(|earned| earned.get().is_some()).count(), all)
    }

    #[test]
    fn so_many_keys_have_multiples_and_no_more() {
        let multiples = Multiples::default();
        for _ in 0..3 {
            let (first, _kept) = hold(MOST - 1, Some(&multiples));
            assert_eq!(first, MOST - 1);
            assert_eq!(hold(MOST, None).0, 0);
            let (more, _others) = hold(MOST, Some(&multiples));
            assert_eq!(more, 1, "what was not made is not counted");
        }
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
