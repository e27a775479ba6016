//! Columns that lead from a verdict back to its input.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{StringBuilder, UInt16Builder, UInt64Builder};
use arrow_schema::{DataType, Field, SchemaRef};

use crate::batch::Row;
use crate::ingest::Field as Kept;
use crate::output;

/// The columns, behind `row` and `key`; what was asked to be kept comes behind all others.
pub(super) fn fields() -> Vec<Field> {
    vec![
        Field::new("file", DataType::Utf8, false),
        Field::new("line", DataType::UInt64, true),
        Field::new("entry", DataType::UInt64, true),
        Field::new("ip", DataType::Utf8, true),
        Field::new("port", DataType::UInt16, true),
        Field::new("domain", DataType::Utf8, true),
    ]
}

/// The columns of fields that are kept: each under its path, or behind `input.` where a column of `others` has
/// that name.
pub(super) fn kept_fields(keep: &[Kept], others: &SchemaRef) -> Vec<Field> {
    let name = |kept: &Kept| match others.column_with_name(kept.path()) {
        Some(_) => format!("input.{}", kept.path()),
        None => kept.path().to_owned(),
    };
    let field = |kept: &Kept| {
        let mark = HashMap::from([(output::KEPT.to_owned(), String::new())]);
        Field::new(name(kept), DataType::Utf8, true).with_metadata(mark)
    };
    keep.iter().map(field).collect()
}

/// The values of [`fields`] for rows of `file`.
pub(super) fn columns(file: &str, rows: &[Row]) -> Vec<ArrayRef> {
    let mut files = StringBuilder::with_capacity(rows.len(), rows.len() * file.len());
    let mut lines = UInt64Builder::with_capacity(rows.len());
    let mut entries = UInt64Builder::with_capacity(rows.len());
    let mut addresses = StringBuilder::new();
    let mut ports = UInt16Builder::with_capacity(rows.len());
    let mut domains = StringBuilder::new();
    for Row { origin, .. } in rows {
        files.append_value(file);
        lines.append_option(origin.line);
        entries.append_option(origin.entry);
        addresses.append_option(origin.ip.as_deref());
        ports.append_option(origin.port);
        domains.append_option(origin.domain.as_deref());
    }
    vec![
        Arc::new(files.finish()),
        Arc::new(lines.finish()),
        Arc::new(entries.finish()),
        Arc::new(addresses.finish()),
        Arc::new(ports.finish()),
        Arc::new(domains.finish()),
    ]
}

/// The values of as many kept fields.
pub(super) fn kept_columns(fields: usize, rows: &[Row]) -> Vec<ArrayRef> {
    let column = |number: usize| {
        let mut texts = StringBuilder::new();
        for row in rows {
            texts.append_option(row.origin.kept.get(number).and_then(Option::as_deref));
        }
        Arc::new(texts.finish()) as ArrayRef
    };
    (0..fields).map(column).collect()
}
