//! The records of a source that is read as a whole, one after the other.

use crate::batch::Row;

use super::{Options, kept};

/// Records of one source that are given out. Documents are bounded in octets; this bounds what becomes of them.
pub(super) const MAX_RECORDS: usize = 50_000;

/// Gathers the rows of records.
pub(super) struct Records<'o> {
    options: &'o Options,
    pub(super) rows: Vec<Row>,
    /// Records that have given no row.
    pub(super) skipped: u64,
    /// All records.
    pub(super) count: u64,
    /// Records with rows, beyond [`MAX_RECORDS`].
    dropped: u64,
}

impl<'o> Records<'o> {
    pub(super) fn new(options: &'o Options) -> Self {
        Self { options, rows: Vec::new(), skipped: 0, count: 0, dropped: 0 }
    }

    pub(super) fn options(&self) -> &'o Options {
        self.options
    }

    /// The rows that `read` makes of the next record, which is `json` if it is JSON.
    pub(super) fn add(&mut self, json: Option<&str>, read: impl FnOnce(&mut Vec<Row>)) {
        let number = self.count;
        self.count += 1;
        let mut rows = Vec::new();
        read(&mut rows);
        if rows.is_empty() {
            self.skipped += 1;
            return;
        }
        if self.rows.len() >= MAX_RECORDS {
            self.dropped += 1;
            return;
        }
        let fields = match json {
            Some(json) if !self.options.keep.is_empty() => kept::of(json.as_bytes(), &self.options.keep),
            _ => Vec::new(),
        };
        for mut row in rows {
            row.origin.entry.get_or_insert(number);
            if row.origin.kept.is_empty() {
                row.origin.kept.clone_from(&fields);
            }
            row.problem = row.problem.map(|problem| format!("entry {number}, {problem}"));
            self.rows.push(row);
        }
    }

    /// A row that says what was left out, if anything was.
    pub(super) fn end(&mut self) {
        if self.dropped > 0 {
            let problem =
                format!("{} more records than the {MAX_RECORDS} that are read of a document", self.dropped);
            self.rows.push(Row { problem: Some(problem), ..Row::default() });
        }
    }
}
