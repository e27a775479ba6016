//! Threads for a batch, and how its rows are shared out among them.

use std::ops::Range;

use rayon::ThreadPool;
use rayon::prelude::*;

/// Rows whose chains are open at the same time, for a thread. Of a scan's mix these fill eight lanes several times for
/// each kind of signature.
const MOST_TOGETHER: usize = 256;

/// Octets of chains that are open at the same time, for a thread, but for the row that goes beyond: open certificates
/// take several times their octets, and a row may have a thousand. Of a scan's mix 256 rows have one million.
pub(super) const MOST_OCTETS_TOGETHER: usize = 2 << 20;

/// Threads for a batch, made for it: a pool that outlives a `fork()` has no threads left.
#[derive(Debug)]
pub struct Workers {
    /// `None` where one thread does, or no more are to be had.
    pool: Option<ThreadPool>,
}

impl Workers {
    /// Rows that a thread should have to be worth starting.
    const ROWS_PER_THREAD: usize = 64;

    /// At most `threads` threads (0: one for each core) for so many rows.
    pub fn new(threads: usize, rows: usize) -> Self {
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let wanted = if threads == 0 { cores() } else { threads };
        let wanted = wanted.min(rows.div_ceil(Self::ROWS_PER_THREAD));
        let build = || rayon::ThreadPoolBuilder::new().num_threads(wanted).build().ok();
        Self { pool: if wanted > 1 { build() } else { None } }
    }

    /// The function's value for each index, in order; for work of which there are few and large pieces.
    pub fn each<T: Send>(&self, length: usize, work: impl Fn(usize) -> T + Send + Sync) -> Vec<T> {
        match &self.pool {
            Some(pool) => pool.install(|| (0..length).into_par_iter().with_max_len(1).map(&work).collect()),
            None => (0..length).map(work).collect(),
        }
    }

    /// Does both, at the same time where there are threads for it.
    pub fn join<A: Send, B: Send>(
        &self,
        one: impl FnOnce() -> A + Send,
        other: impl FnOnce() -> B + Send,
    ) -> (A, B) {
        match &self.pool {
            Some(pool) => pool.join(one, other),
            None => (one(), other()),
        }
    }

    /// The same for pieces of the indices, each as long as is good for it, and with as many values as it has indices.
    pub(super) fn map_pieces<T: Send>(
        &self,
        length: usize,
        work: impl Fn(Range<usize>) -> Option<Vec<T>> + Send + Sync,
    ) -> Option<Vec<T>> {
        let threads = self.pool.as_ref().map_or(1, ThreadPool::current_num_threads);
        // Small enough that no thread is left with the last one for long.
        let piece = (length / (4 * threads)).clamp(Self::ROWS_PER_THREAD, MOST_TOGETHER);
        let pieces = length.div_ceil(piece);
        let each = |number: usize| {
            let start = number * piece;
            work(start..length.min(start + piece))
        };
        let done: Option<Vec<_>> = match &self.pool {
            Some(pool) => pool.install(|| (0..pieces).into_par_iter().with_max_len(1).map(each).collect()),
            None => (0..pieces).map(each).collect(),
        };
        let mut all = Vec::with_capacity(length);
        all.extend(done?.into_iter().flatten());
        Some(all)
    }

    /// The function's value for each index, in order; `None` if it gave it up somewhere.
    pub(crate) fn map<T: Send>(
        &self,
        length: usize,
        work: impl Fn(usize) -> Option<T> + Send + Sync,
    ) -> Option<Vec<T>> {
        match &self.pool {
            Some(pool) => pool.install(|| (0..length).into_par_iter().with_min_len(16).map(&work).collect()),
            None => (0..length).map(work).collect(),
        }
    }
}
