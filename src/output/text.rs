//! Verdicts as JSON lines and as CSV.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, SchemaRef};
use memchr::memchr;
use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;

use crate::arrow::AsText;
use crate::record::{FIELDS, Told};
use crate::verdict::Status;

/// The columns that CSV begins with, as far as the table has them.
const FIRST_IN_CSV: [&str; 9] = ["row", "key", "file", "line", "entry", "ip", "port", "domain", "name"];

/// Columns of certificates.
const OF_CERTIFICATES: [&str; 18] = [
    "leaf_not_before",
    "leaf_not_after",
    "serial",
    "issuer",
    "subject",
    "subject_cn",
    "sans",
    "ca_issuer_urls",
    "ocsp_urls",
    "crl_urls",
    "certificate_policies",
    "tls_features",
    "weak_key",
    "validation",
    "key_algorithm",
    "signature_algorithm",
    "key_bits",
    "must_staple",
];

/// One JSON object for each row, a line each. Nothing is left out for being null, unless the row is an input error: of
/// that only what bears on it is there.
pub(super) fn write_json(out: &mut Vec<u8>, batch: &RecordBatch) -> Result<(), ArrowError> {
    let status = batch.column_by_name("status").and_then(|column| column.as_string_opt::<i32>());
    let is_bad = |row: usize| status.is_some_and(|status| status.value(row) == Status::InputError.name());
    let all = columns(batch, false)?;
    // Most batches have no input errors.
    let has_bad = (0..batch.num_rows()).any(is_bad);
    let of_errors = if has_bad { columns(batch, true)? } else { Vec::new() };
    for row in 0..batch.num_rows() {
        let line = Line { columns: if is_bad(row) { &of_errors } else { &all }, row };
        write_seen(out, &line).map_err(|error| ArrowError::JsonError(error.to_string()))?;
        out.push(b'\n');
    }
    Ok(())
}

/// JSON without characters that are not seen. Most lines have none: those that do are written once more.
fn write_seen(out: &mut Vec<u8>, value: &impl Serialize) -> serde_json::Result<()> {
    let start = out.len();
    value.serialize(&mut Serializer::new(&mut *out))?;
    let written = out.get(start..).unwrap_or_default();
    let is_plain = written.is_ascii() && memchr(0x7f, written).is_none();
    if is_plain || str::from_utf8(written).is_ok_and(|text| !text.contains(is_hidden)) {
        return Ok(());
    }
    out.truncate(start);
    value.serialize(&mut Serializer::with_formatter(out, Escaping))
}

type Columns<'a> = Vec<(&'a str, AsText<'a>)>;

/// All columns, or those that bear on input errors, and of findings what such an error has: name and detail, which has
/// the facts in it.
fn columns(batch: &RecordBatch, of_errors: bool) -> Result<Columns<'_>, ArrowError> {
    let mut columns = Vec::new();
    for (field, column) in batch.schema_ref().fields().iter().zip(batch.columns()) {
        let name = field.name().as_str();
        if of_errors && (tells_of_chains(name) || OF_CERTIFICATES.contains(&name)) {
            continue;
        }
        let mut column = as_text(name, column)?;
        if of_errors && name == "findings" {
            column.retain(&["name", "detail"]);
        }
        columns.push((name, column));
    }
    Ok(columns)
}

fn as_text<'a>(name: &str, column: &'a ArrayRef) -> Result<AsText<'a>, ArrowError> {
    AsText::new(column).ok_or_else(|| ArrowError::SchemaError(format!("{name}: the type has no text")))
}

struct Line<'l> {
    columns: &'l Columns<'l>,
    row: usize,
}

impl Serialize for Line<'_> {
    fn serialize<S: serde::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.columns.iter().map(|(name, column)| (name, column.value(self.row))))
    }
}

/// Writes escapes of RFC 8259 (7) for characters that act on a terminal or are not seen: foreign names may hold them.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: Write + ?Sized>(&mut self, out: &mut W, fragment: &str) -> io::Result<()> {
        let mut octets = [0; 4];
        for character in fragment.chars() {
            if is_hidden(character) {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}")?;
                }
            } else {
                out.write_all(character.encode_utf8(&mut octets).as_bytes())?;
            }
        }
        Ok(())
    }
}

/// Controls that JSON does not escape by itself, and what Unicode 16 calls format characters (Cf), line and paragraph
/// separators: overrides of direction, what joins or separates and is not seen, tags.
fn is_hidden(character: char) -> bool {
    matches!(
        character,
        '\u{7f}'..='\u{9f}'
            | '\u{ad}'
            | '\u{600}'..='\u{605}'
            | '\u{61c}'
            | '\u{6dd}'
            | '\u{70f}'
            | '\u{890}'..='\u{891}'
            | '\u{8e2}'
            | '\u{180e}'
            | '\u{200b}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}'
            | '\u{110bd}'
            | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}'
            | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0001}'..='\u{e007f}'
    )
}

/// The mark, in a column's metadata, of what was copied from the input: it is in CSV, too.
pub(crate) const KEPT: &str = "certpath.kept";

/// Whether a column tells nothing of a row without a chain to judge: such rows may be a million lines of garbage.
fn tells_of_chains(name: &str) -> bool {
    FIELDS.iter().any(|field| field.name == name && field.is_column() && !field.of_errors)
}

/// The columns of CSV among those of a table; what was copied from the input follows.
fn csv_columns(schema: &SchemaRef) -> Vec<&str> {
    let fields = FIELDS.iter().filter(|field| field.told == Told::Everywhere).map(|field| field.name);
    let mut columns: Vec<&str> = FIRST_IN_CSV.into_iter().chain(fields).chain(OF_CERTIFICATES).collect();
    let kept = schema.fields().iter().filter(|field| field.metadata().contains_key(KEPT));
    let more: Vec<_> =
        kept.map(|field| field.name().as_str()).filter(|name| !columns.contains(name)).collect();
    columns.retain(|name| schema.column_with_name(name).is_some());
    columns.extend(more);
    columns
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
pub(super) fn write_csv(out: &mut Vec<u8>, batch: &RecordBatch) -> Result<(), ArrowError> {
    let mut columns = Vec::new();
    for name in csv_columns(batch.schema_ref()) {
        if let Some(column) = batch.column_by_name(name) {
            columns.push(as_text(name, column)?);
        }
    }
    let mut writer = csv_writer(out);
    let complain = |error: csv::Error| ArrowError::IoError(error.to_string(), io::Error::other(error));
    for row in 0..batch.num_rows() {
        let values = columns.iter().map(|column| column.joined(row));
        writer.write_record(values).map_err(complain)?;
    }
    writer.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> String {
        let mut out = b"before".to_vec();
        write_seen(&mut out, &text).unwrap();
        String::from_utf8(out).unwrap().strip_prefix("before").unwrap().to_owned()
    }

    #[test]
    fn what_is_hidden_becomes_an_escape_that_reads_back() {
        let text = "\u{202e}x\u{9b}31m\u{e0041}é\u{7f}\"";
        assert_eq!(written(text), r#""\u202ex\u009b31m\udb40\udc41é\u007f\"""#);
        assert_eq!(serde_json::from_str::<String>(&written(text)).unwrap(), text);
    }

    #[test]
    fn nothing_else_changes() {
        let text = "naïve \n Ω 日本 😀";
        assert!(!text.contains(is_hidden));
        assert_eq!(written(text), serde_json::to_string(text).unwrap());
    }
}
