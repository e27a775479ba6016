//! What is fuzzed, in one place for every driver: `cargo fuzz run TARGET` and `examples/mutate.rs`.
//!
//! A target takes any octets, panics if a promise is broken, and else says in a word what came of it.

pub mod der;
pub mod forge;
pub mod judge;
pub mod mutation;
pub mod seeds;
pub mod targets;

pub use mutation::{Choices, mutate};
pub use targets::{TARGETS, Target};

/// Ends a fuzz target's file: libFuzzer's entry points, with our mutator beside libFuzzer's own.
#[cfg(feature = "libfuzzer")]
#[macro_export]
macro_rules! libfuzzer {
    ($name:literal) => {
        libfuzzer_sys::fuzz_target!(|data: &[u8]| {
            ($crate::Target::find($name).unwrap().run)(data);
        });

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            let mut choices = $crate::Choices::new(u64::from(seed));
            if choices.once_in(2) {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            let target = $crate::Target::find($name).unwrap();
            let mutated = $crate::mutate(&data[..size], &[], target.header, &mut choices);
            let length = mutated.len().min(max_size);
            data[..length].copy_from_slice(&mutated[..length]);
            length
        });
    };
}
