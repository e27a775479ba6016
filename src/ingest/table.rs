//! Rows of a table with certificates in binary columns.

use arrow_array::RecordBatch;

use crate::arrow::{ColumnNames, Columns};
use crate::batch::{Inquiry, Refused, Rows};
use crate::row::{Presented, Row};

use super::Options;

/// The rows of a batch; `place` says where a row stands.
///
/// # Errors
///
/// If a column is missing or of a wrong type.
pub(super) fn rows(
    batch: &RecordBatch,
    options: &Options,
    place: &dyn Fn(u64) -> String,
) -> Result<Vec<Row>, String> {
    let columns = Columns::new(batch, &names(), None).map_err(|error| error.to_string())?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for index in 0..batch.num_rows() {
        let mut chain = Vec::new();
        let Inquiry { name, at, problem } = columns.row(index, &mut chain);
        let mut row = Row { key: columns.key(index).map(str::to_owned), ..Row::default() };
        row.name = options.name(name.as_deref());
        row.at = options.at(at);
        match problem {
            None => {
                row.chain = Presented::with_capacity(chain.iter().map(|der| der.len()).sum());
                for der in chain {
                    row.chain.push(der);
                }
            }
            Some(Refused::InputError(problem)) => {
                let row_number = u64::try_from(index).unwrap_or(u64::MAX);
                row.problem = Some(format!("{}: {problem}", place(row_number)));
            }
            // Columns hold octets, which the verifier looks at.
            Some(Refused::Unparseable(_)) => {}
        }
        rows.push(row);
    }
    Ok(rows)
}

fn names() -> ColumnNames {
    ColumnNames {
        leaf: "leaf".to_owned(),
        chain: "chain".to_owned(),
        ids: "ids".to_owned(),
        name: "name".to_owned(),
        at: "at".to_owned(),
        key: "key".to_owned(),
    }
}
