//! The most frequent of many texts, in memory that does not grow with them (Misra and Gries 1982).

use std::collections::HashMap;

/// Texts with their counts. One that makes up more than one in `most` is never lost, whoever invents the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Frequent {
    /// At least how often each has come.
    pub(super) counts: HashMap<String, u64>,
    /// What was taken from each count to make room.
    pub(super) lost: u64,
}

impl Frequent {
    /// Counts a text among `most` of them.
    pub(super) fn add(&mut self, text: &str, most: usize) {
        if let Some(count) = self.counts.get_mut(text) {
            *count += 1;
        } else if self.counts.len() < most {
            self.counts.insert(text.to_owned(), 1);
        } else {
            self.lost += 1;
            self.counts.retain(|_, count| {
                *count -= 1;
                *count > 0
            });
        }
    }
}
