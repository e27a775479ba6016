//! The verdicts of a scan as columns: those of every verdict, where the row came from, and what was kept of it.

use std::sync::Arc;

use arrow_array::{Array, RecordBatch};
use arrow_schema::{ArrowError, Schema, SchemaRef};

use super::origin;
use crate::arrow::{self, certificate_info};
use crate::batch::{Batch, Judged, Row, Workers};
use crate::ingest::Field;

/// Columns before those of the origin: `row` and `key`.
const ORIGIN: usize = 2;

/// The columns of a scan's verdicts.
pub(super) fn schema(batch: &Batch, certificate_info: bool, keep: &[Field]) -> SchemaRef {
    let own = arrow::schema(batch.verifier());
    let mut fields: Vec<_> = own.fields().iter().cloned().collect();
    let behind = ORIGIN.min(fields.len());
    fields.splice(behind..behind, origin::fields().into_iter().map(Arc::new));
    if certificate_info {
        fields.extend(certificate_info::fields().into_iter().map(Arc::new));
    }
    let others = Arc::new(Schema::new(fields.clone()));
    fields.extend(origin::kept_fields(keep, &others).into_iter().map(Arc::new));
    Arc::new(Schema::new_with_metadata(fields, own.metadata().clone()))
}

/// The octets of a table's columns, the same in every run.
pub(super) fn octets(table: &RecordBatch) -> usize {
    let columns = table.columns().iter();
    columns.map(|column| column.to_data().get_slice_memory_size().unwrap_or(0)).fold(0, usize::saturating_add)
}

/// The rows of some chunks, judged.
pub(super) struct JudgedRows<'p> {
    /// Where the rows of each chunk end.
    pub(super) ends: &'p [usize],
    /// The source of each piece.
    pub(super) files: &'p [Arc<str>],
    pub(super) rows: &'p [Row],
    pub(super) judged: &'p [Judged],
    /// The number of the first row.
    pub(super) first: u64,
    /// How many fields of the input are kept.
    pub(super) keep: usize,
}

impl JudgedRows<'_> {
    /// The verdicts of each chunk as columns.
    pub(super) fn tables(
        &self,
        workers: &Workers,
        schema: &SchemaRef,
        batch: &Batch,
        certificate_info: bool,
    ) -> Vec<Result<RecordBatch, ArrowError>> {
        let own = arrow::schema(batch.verifier());
        let make = |part: usize| {
            let start = part.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
            let range = start..self.ends.get(part).copied().unwrap_or(start);
            let rows = self.rows.get(range.clone()).unwrap_or_default();
            let judged = self.judged.get(range).unwrap_or_default();
            let number = usize::try_from(self.first).unwrap_or(usize::MAX).saturating_add(start);
            let key = |index: usize| rows.get(index).and_then(|row| row.key.as_deref());
            let table = arrow::record_batch(&own, batch.verifier(), judged, number, key)?;
            let mut columns = table.columns().to_vec();
            let behind = ORIGIN.min(columns.len());
            let file = self.files.get(part).map_or("", AsRef::as_ref);
            columns.splice(behind..behind, origin::columns(file, rows));
            if certificate_info {
                columns.extend(certificate_info::columns(rows.iter().map(|row| row.chain.iter().next())));
            }
            columns.extend(origin::kept_columns(self.keep, rows));
            RecordBatch::try_new(Arc::clone(schema), columns)
        };
        workers.each(self.ends.len(), make)
    }
}
