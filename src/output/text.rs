//! Verdicts as JSON lines and as CSV.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{TimestampMillisecondType, TimestampSecondType};
use arrow_array::{Array, ArrayRef, ListArray, RecordBatch, StructArray};
use arrow_cast::display::{ArrayFormatter, FormatOptions};
use arrow_json::writer::{LineDelimited, NullableEncoder};
use arrow_json::{Encoder, EncoderFactory, EncoderOptions, WriterBuilder};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

use crate::arrow::{OFFSET_OF_UTC, all_in_utc};
use crate::record::{FIELDS, Told};
use crate::time::{EXPRESSIBLE, rfc3339};
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
pub(super) fn write_json(out: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let mut out = Escaping { out };
    let batch = &all_in_utc(batch)?;
    let status = batch.column_by_name("status").and_then(|column| column.as_string_opt::<i32>());
    let is_bad = |row: usize| status.is_some_and(|status| status.value(row) == Status::InputError.name());
    let mut start = 0;
    while start < batch.num_rows() {
        let bad = is_bad(start);
        let end = (start..batch.num_rows()).find(|&row| is_bad(row) != bad).unwrap_or(batch.num_rows());
        let rows = batch.slice(start, end - start);
        let rows = if bad { of_errors(&rows)? } else { rows };
        let builder = WriterBuilder::new().with_explicit_nulls(true).with_encoder_factory(Arc::new(Times));
        let mut writer = builder.build::<_, LineDelimited>(&mut out);
        writer.write(&rows)?;
        writer.finish()?;
        start = end;
    }
    Ok(())
}

/// Times as the library writes them, several times as fast: each row has a few.
#[derive(Debug)]
struct Times;

impl EncoderFactory for Times {
    fn make_default_encoder<'a>(
        &self,
        _field: &'a FieldRef,
        array: &'a dyn Array,
        _options: &'a EncoderOptions,
    ) -> Result<Option<NullableEncoder<'a>>, ArrowError> {
        let is_utc = |zone: &str| zone == OFFSET_OF_UTC;
        let (values, unit): (&[i64], i64) = match array.data_type() {
            DataType::Timestamp(TimeUnit::Second, Some(zone)) if is_utc(zone) => {
                (array.as_primitive::<TimestampSecondType>().values(), 1)
            }
            DataType::Timestamp(TimeUnit::Millisecond, Some(zone)) if is_utc(zone) => {
                (array.as_primitive::<TimestampMillisecondType>().values(), 1_000)
            }
            _ => return Ok(None),
        };
        // Years of other than four digits are the library's.
        let is_plain = |&value: &i64| EXPRESSIBLE.contains(&value.div_euclid(unit));
        Ok(values
            .iter()
            .all(is_plain)
            .then(|| NullableEncoder::new(Box::new(TimesOf { values, unit }), array.nulls().cloned())))
    }
}

/// Those of one column.
struct TimesOf<'a> {
    values: &'a [i64],
    /// How many of them make a second: 1 or 1,000.
    unit: i64,
}

impl Encoder for TimesOf<'_> {
    fn encode(&mut self, row: usize, out: &mut Vec<u8>) {
        let value = self.values.get(row).copied().unwrap_or_default();
        let mut text = rfc3339(value.div_euclid(self.unit));
        let rest = value.rem_euclid(self.unit);
        if rest > 0 {
            text.pop();
            // A string takes it all.
            let _ = write!(text, ".{rest:03}Z");
        }
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    }
}

/// Writes JSON with escapes in the place of characters that act on a terminal or are not seen: foreign names may hold
/// them, and in JSON they can only be in strings.
struct Escaping<'a> {
    out: &'a mut dyn Write,
}

impl Write for Escaping<'_> {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        let is_plain = octets.iter().all(|&octet| octet < 0x7f);
        // arrow-json writes whole rows. What is not UTF-8 would not be JSON.
        match std::str::from_utf8(octets) {
            Ok(text) if !is_plain && text.chars().any(is_hidden) => {
                self.out.write_all(escaped(text).as_bytes())?;
            }
            _ => self.out.write_all(octets)?,
        }
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The text of JSON with RFC 8259's escapes (7) for what is hidden; line ends between the rows stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 64);
    for character in text.chars() {
        if is_hidden(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    out
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

/// The columns that bear on input errors, and of findings what such an error has.
fn of_errors(rows: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let mut fields: Vec<FieldRef> = Vec::new();
    let mut columns = Vec::new();
    for (field, column) in rows.schema().fields().iter().zip(rows.columns()) {
        let name = field.name().as_str();
        if tells_of_chains(name) || OF_CERTIFICATES.contains(&name) {
            continue;
        }
        let column = if name == "findings" { of_finding(column)? } else { ArrayRef::clone(column) };
        fields.push(Arc::new(field.as_ref().clone().with_data_type(column.data_type().clone())));
        columns.push(column);
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns)
}

/// Name and detail of each finding: the detail has its facts in it.
fn of_finding(findings: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    let lists = findings.as_list::<i32>();
    let all = lists.values().as_struct();
    let kept = all
        .fields()
        .iter()
        .zip(all.columns())
        .filter(|(field, _)| ["name", "detail"].contains(&field.name().as_str()));
    let (fields, columns): (Vec<FieldRef>, Vec<ArrayRef>) =
        kept.map(|(field, column)| (Arc::clone(field), ArrayRef::clone(column))).unzip();
    let structs = StructArray::try_new(fields.into(), columns, all.nulls().cloned())?;
    let item = Field::new("item", structs.data_type().clone(), false);
    let lists = ListArray::try_new(
        Arc::new(item),
        lists.offsets().clone(),
        Arc::new(structs),
        lists.nulls().cloned(),
    );
    Ok(Arc::new(lists?))
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
pub(super) fn write_csv(out: &mut dyn Write, batch: &RecordBatch) -> Result<(), ArrowError> {
    let options = FormatOptions::new().with_timestamp_tz_format(Some("%Y-%m-%dT%H:%M:%SZ"));
    let batch = &all_in_utc(batch)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_becomes_an_escape_that_reads_back() {
        let text = "{\"a\":\"\u{202e}x\u{9b}31m\u{e0041}é\"}\n";
        let written = escaped(text);
        assert_eq!(written, "{\"a\":\"\\u202ex\\u009b31m\\udb40\\udc41é\"}\n");
        let read: serde_json::Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read.get("a").and_then(|value| value.as_str()), Some("\u{202e}x\u{9b}31m\u{e0041}é"));
    }

    #[test]
    fn times_are_what_the_library_writes() {
        use arrow_array::{TimestampMillisecondArray, TimestampSecondArray};

        let written = |batch: &RecordBatch, ours: bool| {
            let mut builder = WriterBuilder::new().with_explicit_nulls(true);
            if ours {
                builder = builder.with_encoder_factory(Arc::new(Times));
            }
            let mut writer = builder.build::<_, LineDelimited>(Vec::new());
            writer.write(batch).unwrap();
            String::from_utf8(writer.into_inner()).unwrap()
        };
        let (first, last) = (*EXPRESSIBLE.start(), *EXPRESSIBLE.end());
        let many = (first..=last).step_by(86_399 * 40_009);
        let plain: Vec<_> =
            [first, -1, 0, 1, 1_768_478_400, last].into_iter().chain(many).map(Some).collect();
        for seconds in [[plain, vec![None]].concat(), vec![Some(first - 1)], vec![Some(last + 1), None]] {
            let thousandths: Vec<_> = (0..)
                .zip(&seconds)
                .map(|(more, second)| second.map(|second| second * 1_000 + more * 37 % 1_000))
                .collect();
            let schema_of = |unit| DataType::Timestamp(unit, Some(OFFSET_OF_UTC.into()));
            let columns: [(_, ArrayRef); 2] = [
                (
                    TimeUnit::Second,
                    Arc::new(TimestampSecondArray::from(seconds.clone()).with_timezone(OFFSET_OF_UTC)),
                ),
                (
                    TimeUnit::Millisecond,
                    Arc::new(TimestampMillisecondArray::from(thousandths).with_timezone(OFFSET_OF_UTC)),
                ),
            ];
            for (unit, column) in columns {
                let schema = Schema::new(vec![Field::new("at", schema_of(unit), true)]);
                let batch = RecordBatch::try_new(Arc::new(schema), vec![column]).unwrap();
                assert_eq!(written(&batch, true), written(&batch, false));
            }
        }
    }

    #[test]
    fn nothing_else_changes() {
        let text = "{\"a\":\"naïve \\n Ω 日本 😀\"}\n";
        assert!(!text.chars().any(is_hidden));
        assert_eq!(escaped(text), text);
    }
}
