//! Verdicts as JSON lines and as CSV.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_json::WriterBuilder;
use arrow_json::writer::LineDelimited;
use arrow_schema::{ArrowError, DataType, SchemaRef};

/// The columns of CSV, as far as the table has them; those behind the last of them all follow.
const CSV_COLUMNS: [&str; 25] = [
    "row",
    "key",
    "file",
    "line",
    "entry",
    "ip",
    "port",
    "domain",
    "name",
    "ok",
    "status",
    "verify_code",
    "verify_message",
    "error_depth",
    "findings",
    "leaf_sha256",
    "anchor_sha256",
    "not_after",
    "leaf_not_before",
    "leaf_not_after",
    "serial",
    "issuer",
    "subject",
    "subject_cn",
    "sans",
];

/// One JSON object for each row, a line each; nothing is left out for being null.
pub(super) fn write_json(out: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let mut writer = WriterBuilder::new().with_explicit_nulls(true).build::<_, LineDelimited>(out);
    writer.write(batch)?;
    writer.finish()
}

/// The mark, in a column's metadata, of what was copied from the input: it is in CSV, too.
pub(crate) const KEPT: &str = "certpath.kept";

/// The columns of CSV among those of a table.
fn csv_columns(schema: &SchemaRef) -> Vec<&str> {
    let known = CSV_COLUMNS.into_iter().filter(|name| schema.column_with_name(name).is_some());
    let kept = schema.fields().iter().filter(|field| field.metadata().contains_key(KEPT));
    let more = kept.map(|field| field.name().as_str()).filter(|name| !CSV_COLUMNS.contains(name));
    known.chain(more).collect()
}

/// The line that CSV starts with.
pub(super) fn csv_header(schema: &SchemaRef) -> Vec<u8> {
    let mut writer = csv_writer(Vec::new());
    // A vector takes it all.
    drop(writer.write_record(csv_columns(schema)));
    writer.into_inner().unwrap_or_default()
}

fn csv_writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out)
}

/// One line for each row.
pub(super) fn write_csv(out: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let options = FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%SZ"));
    let mut columns = Vec::new();
    let schema = batch.schema();
    for name in csv_columns(&schema) {
        if let Some(column) = batch.column_by_name(name) {
            columns.push(Column::new(column, &options)?);
        }
    }
    let mut writer = csv_writer(out);
    let complain = |error: csv::Error| ArrowError::IoError(error.to_string(), io::Error::other(error));
    for row in 0..batch.num_rows() {
        let values = columns.iter().map(|column| column.value(row));
        writer.write_record(values).map_err(complain)?;
    }
    writer.flush()?;
    Ok(())
}

enum Column<'a> {
    Plain(ArrayFormatter<'a>),
    /// Texts, or structs that begin with one, joined by `; `.
    List(ArrayRef, ArrayRef),
}

impl<'a> Column<'a> {
    fn new(column: &'a ArrayRef, options: &FormatOptions<'a>) -> Result<Self, ArrowError> {
        let DataType::List(_) = column.data_type() else {
            return ArrayFormatter::try_new(column, options).map(Self::Plain);
        };
        let items = column.as_list::<i32>().values();
        let texts = match items.data_type() {
            DataType::Struct(_) => items.as_struct().column(0),
            _ => items,
        };
        Ok(Self::List(ArrayRef::clone(column), ArrayRef::clone(texts)))
    }

    fn value(&self, row: usize) -> String {
        match self {
            Self::Plain(formatter) => formatter.value(row).to_string(),
            Self::List(lists, texts) => {
                let offsets = lists.as_list::<i32>().value_offsets();
                let bounds = offsets.get(row).zip(offsets.get(row + 1));
                let Some((Ok(start), Ok(end))) =
                    bounds.map(|(start, end)| (usize::try_from(*start), usize::try_from(*end)))
                else {
                    return String::new();
                };
                let texts = texts.as_string::<i32>();
                let items: Vec<&str> = (start..end).map(|index| texts.value(index)).collect();
                items.join("; ")
            }
        }
    }
}
