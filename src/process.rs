//! What one process may not take over from another.

use std::sync::OnceLock;

/// A value with locks inside. In a child made by `fork()` they may be held by threads that only the
/// parent has, so a child does not touch the parent's value but gets one of its own.
#[derive(Debug)]
pub(crate) struct PerProcess<T> {
    value: T,
    /// The process that made it.
    process: u32,
    in_child: OnceLock<Box<Self>>,
}

impl<T> PerProcess<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value, process: std::process::id(), in_child: OnceLock::new() }
    }

    /// The value of this process, made by `make` in each generation of forks. It takes a system call, so ask
    /// once for each chain and not for each certificate.
    pub(crate) fn get(&self, make: impl Fn() -> T) -> &T {
        let process = std::process::id();
        let mut own = self;
        while own.process != process {
            if own.in_child.get().is_none() {
                // Made before the cell is locked, so that it is locked for no longer than it takes to move.
                let _ = own.in_child.set(Box::new(Self::new(make())));
            }
            match own.in_child.get() {
                Some(child) => own = child,
                None => break,
            }
        }
        &own.value
    }
}
