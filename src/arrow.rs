//! Verdicts as Arrow columns; chains from Arrow columns are in `arrow::input`.
//!
//! The columns are the fields of the verdict under the same names (`record::FIELDS`, docs/verdict.md). Types are plain
//! ones, without dictionaries, because not every engine takes those: Parquet makes its own.

mod as_text;
mod c_data;
pub(crate) mod certificate_info;
mod certificates;
mod input;
mod layout;
mod names;
mod presented;
mod timestamps;
mod values;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    ArrayBuilder, BooleanBuilder, FixedSizeBinaryBuilder, Int32Builder, ListBuilder, MapBuilder,
    MapFieldNames, StringBuilder, StructBuilder, TimestampSecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::batch::Judged;
use crate::ct::Timestamp;
use crate::record::{FIELDS, Get, Row, Seen};
use crate::time::UnixSeconds;
use crate::verdict::{Fact, Finding};
use crate::verifier::Verifier;

pub(crate) use as_text::AsText;
pub use c_data::{LayoutError, Stream, import_batch, import_schema};
pub use certificates::CertificateTable;
pub use input::Columns;
pub use names::{ColumnNames, Situation, WantedColumn, WantedColumns};
pub use values::ColumnError;

/// The layout of verdicts, as dictionaries and as columns; to be raised when a field changes its meaning
/// or goes.
pub const SCHEMA_VERSION: u32 = 2;

const UTC: &str = "UTC";

fn fingerprint() -> DataType {
    DataType::FixedSizeBinary(32)
}

fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Second, Some(UTC.into()))
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, false)))
}

fn facts_fields() -> MapFieldNames {
    MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() }
}

fn finding_fields() -> Fields {
    let facts = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ]);
    let entries = Field::new("entries", DataType::Struct(facts), false);
    Fields::from(vec![
        Field::new("name", DataType::Utf8, false),
        Field::new("code", DataType::Int32, true),
        Field::new("message", DataType::Utf8, false),
        Field::new("depth", DataType::UInt32, true),
        Field::new("subject", DataType::Utf8, true),
        Field::new("sha256", fingerprint(), true),
        Field::new("facts", DataType::Map(Arc::new(entries), false), false),
        Field::new("detail", DataType::Utf8, false),
    ])
}

/// The columns of verdicts, with what is the same for all rows in the metadata: the layout's version,
/// the policy, and the stores in their order.
pub fn schema(verifier: &Verifier) -> SchemaRef {
    let mut fields =
        vec![Field::new("row", DataType::UInt64, false), Field::new("key", DataType::Utf8, true)];
    let columns = FIELDS.iter().filter(|field| field.is_column());
    fields.extend(columns.map(|field| Field::new(field.name, data_type(field.get), field.nullable)));
    let stores: Vec<&str> = verifier.stores().iter().map(|store| store.name()).collect();
    let metadata = HashMap::from([
        ("certpath.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
        ("certpath.policy".to_owned(), verifier.policy().preset.name().to_owned()),
        ("certpath.stores".to_owned(), stores.join("\n")),
    ]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Rows of verdicts as columns of [`schema`]. `first` is the number of the first row; `key` gives what
/// each is called.
///
/// # Errors
///
/// Never, unless the columns outgrow Arrow's 32-bit offsets.
pub fn record_batch<'k>(
    schema: &SchemaRef,
    verifier: &Verifier,
    judged: &[Judged],
    first: usize,
    key: impl Fn(usize) -> Option<&'k str>,
) -> Result<RecordBatch, ArrowError> {
    let mut rows = UInt64Builder::with_capacity(judged.len());
    let mut keys = StringBuilder::with_capacity(judged.len(), 0);
    for index in 0..judged.len() {
        rows.append_value(u64::try_from(first + index).unwrap_or(u64::MAX));
        keys.append_option(key(index));
    }
    let fields = FIELDS.iter().filter(|field| field.is_column());
    let mut columns: Vec<Column> = fields.map(|field| Column::of(field.get, judged.len())).collect();
    for together in judged.chunks(ROWS_TOGETHER) {
        let verdicts = together.iter().map(|judged| {
            let record = &judged.record;
            let observations = Seen::Already(&record.observations);
            Row { verifier, verdict: &record.verdict, observations, at: judged.at }
        });
        let together: Vec<Row<'_>> = verdicts.collect();
        for column in &mut columns {
            column.extend(&together)?;
        }
    }
    let mut arrays: Vec<ArrayRef> = vec![Arc::new(rows.finish()), Arc::new(keys.finish())];
    arrays.extend(columns.into_iter().map(Column::finish));
    RecordBatch::try_new(Arc::clone(schema), arrays)
}

/// Rows that are put into one column before the next: as many verdicts as the processor's caches keep.
const ROWS_TOGETHER: usize = 64;

/// A column under construction, and where its values come from.
enum Column {
    Flag(BooleanBuilder, fn(&Row<'_>) -> Option<bool>),
    Text(StringBuilder, for<'r> fn(&Row<'r>) -> Option<Cow<'r, str>>),
    Code(Int32Builder, fn(&Row<'_>) -> Option<i32>),
    Count(UInt32Builder, fn(&Row<'_>) -> Option<usize>),
    Time(TimestampSecondBuilder, fn(&Row<'_>) -> Option<UnixSeconds>),
    Fingerprint(FixedSizeBinaryBuilder, fn(&Row<'_>) -> Option<[u8; 32]>),
    Texts(ListBuilder<StringBuilder>, for<'r> fn(&Row<'r>) -> Option<Vec<Cow<'r, str>>>),
    Fingerprints(ListBuilder<FixedSizeBinaryBuilder>, fn(&Row<'_>) -> Vec<[u8; 32]>),
    Paths(ListBuilder<ListBuilder<FixedSizeBinaryBuilder>>, fn(&Row<'_>) -> Vec<Vec<[u8; 32]>>),
    Findings(ListBuilder<StructBuilder>, for<'r> fn(&Row<'r>) -> &'r [Finding]),
    Timestamps(ListBuilder<StructBuilder>, for<'r> fn(&Row<'r>) -> Option<&'r [Timestamp]>),
}

impl Column {
    fn of(get: Get, rows: usize) -> Self {
        match get {
            Get::Flag(get) => Self::Flag(BooleanBuilder::with_capacity(rows), get),
            Get::Text(get) => Self::Text(StringBuilder::with_capacity(rows, 0), get),
            Get::Code(get) => Self::Code(Int32Builder::with_capacity(rows), get),
            Get::Count(get) => Self::Count(UInt32Builder::with_capacity(rows), get),
            Get::Time(get) => Self::Time(TimestampSecondBuilder::with_capacity(rows).with_timezone(UTC), get),
            Get::Fingerprint(get) => Self::Fingerprint(FixedSizeBinaryBuilder::with_capacity(rows, 32), get),
            Get::Texts(get) => Self::Texts(list_builder(StringBuilder::new(), DataType::Utf8), get),
            Get::Fingerprints(get) => Self::Fingerprints(fingerprints_builder(), get),
            Get::Paths(get) => Self::Paths(list_builder(fingerprints_builder(), list_of(fingerprint())), get),
            Get::Findings(get) => {
                let kind = DataType::Struct(finding_fields());
                Self::Findings(list_builder(finding_builder(), kind), get)
            }
            Get::Timestamps(get) => {
                let kind = DataType::Struct(timestamps::fields());
                Self::Timestamps(list_builder(timestamps::builder(), kind), get)
            }
        }
    }

    fn extend(&mut self, rows: &[Row<'_>]) -> Result<(), ArrowError> {
        match self {
            Self::Flag(builder, get) => builder.extend(rows.iter().map(get)),
            Self::Text(builder, get) => builder.extend(rows.iter().map(get)),
            Self::Code(builder, get) => builder.extend(rows.iter().map(get)),
            Self::Count(builder, get) => builder.extend(rows.iter().map(|row| get(row).map(number))),
            Self::Time(builder, get) => builder.extend(rows.iter().map(get)),
            Self::Fingerprint(builder, get) => {
                for row in rows {
                    append_hash(builder, get(row).as_ref())?;
                }
            }
            Self::Texts(builder, get) => {
                for row in rows {
                    let texts = get(row);
                    let is_there = texts.is_some();
                    for text in texts.into_iter().flatten() {
                        builder.values().append_value(text);
                    }
                    builder.append(is_there);
                }
            }
            Self::Fingerprints(builder, get) => {
                for row in rows {
                    append_hashes(builder, &get(row))?;
                }
            }
            Self::Paths(builder, get) => {
                for row in rows {
                    for path in get(row) {
                        append_hashes(builder.values(), &path)?;
                    }
                    builder.append(true);
                }
            }
            Self::Findings(builder, get) => {
                for row in rows {
                    for finding in get(row) {
                        append_finding(builder.values(), finding)?;
                    }
                    builder.append(true);
                }
            }
            Self::Timestamps(builder, get) => {
                for row in rows {
                    let told = get(row);
                    for timestamp in told.into_iter().flatten() {
                        timestamps::append(builder.values(), timestamp)?;
                    }
                    builder.append(told.is_some());
                }
            }
        }
        Ok(())
    }

    fn finish(self) -> ArrayRef {
        match self {
            Self::Flag(mut builder, _) => Arc::new(builder.finish()),
            Self::Text(mut builder, _) => Arc::new(builder.finish()),
            Self::Code(mut builder, _) => Arc::new(builder.finish()),
            Self::Count(mut builder, _) => Arc::new(builder.finish()),
            Self::Time(mut builder, _) => Arc::new(builder.finish()),
            Self::Fingerprint(mut builder, _) => Arc::new(builder.finish()),
            Self::Texts(mut builder, _) => Arc::new(builder.finish()),
            Self::Fingerprints(mut builder, _) => Arc::new(builder.finish()),
            Self::Paths(mut builder, _) => Arc::new(builder.finish()),
            Self::Findings(mut builder, _) => Arc::new(builder.finish()),
            Self::Timestamps(mut builder, _) => Arc::new(builder.finish()),
        }
    }
}

fn data_type(get: Get) -> DataType {
    match get {
        Get::Flag(_) => DataType::Boolean,
        Get::Text(_) => DataType::Utf8,
        Get::Code(_) => DataType::Int32,
        Get::Count(_) => DataType::UInt32,
        Get::Time(_) => timestamp(),
        Get::Fingerprint(_) => fingerprint(),
        Get::Texts(_) => list_of(DataType::Utf8),
        Get::Fingerprints(_) => list_of(fingerprint()),
        Get::Paths(_) => list_of(list_of(fingerprint())),
        Get::Findings(_) => list_of(DataType::Struct(finding_fields())),
        Get::Timestamps(_) => list_of(DataType::Struct(timestamps::fields())),
    }
}

/// A list column with items that are never null.
fn list_builder<B: ArrayBuilder>(items: B, kind: DataType) -> ListBuilder<B> {
    ListBuilder::new(items).with_field(Field::new("item", kind, false))
}

fn fingerprints_builder() -> ListBuilder<FixedSizeBinaryBuilder> {
    list_builder(FixedSizeBinaryBuilder::new(32), fingerprint())
}

fn finding_builder() -> StructBuilder {
    StructBuilder::new(
        finding_fields(),
        vec![
            Box::new(StringBuilder::new()),
            Box::new(Int32Builder::new()),
            Box::new(StringBuilder::new()),
            Box::new(UInt32Builder::new()),
            Box::new(StringBuilder::new()),
            Box::new(FixedSizeBinaryBuilder::new(32)),
            Box::new(MapBuilder::new(Some(facts_fields()), StringBuilder::new(), StringBuilder::new())),
            Box::new(StringBuilder::new()),
        ],
    )
}

fn append_finding(columns: &mut StructBuilder, finding: &Finding) -> Result<(), ArrowError> {
    let missing = || ArrowError::SchemaError("findings".to_owned());
    let concerned = finding.concerned.as_ref();
    columns.field_builder::<StringBuilder>(0).ok_or_else(missing)?.append_value(finding.check.name());
    columns.field_builder::<Int32Builder>(1).ok_or_else(missing)?.append_option(finding.check.code());
    columns.field_builder::<StringBuilder>(2).ok_or_else(missing)?.append_value(finding.message());
    let depth = finding.depth.map(number);
    columns.field_builder::<UInt32Builder>(3).ok_or_else(missing)?.append_option(depth);
    let subject = concerned.map(|concerned| concerned.subject.as_str());
    columns.field_builder::<StringBuilder>(4).ok_or_else(missing)?.append_option(subject);
    let sha256 = columns.field_builder::<FixedSizeBinaryBuilder>(5).ok_or_else(missing)?;
    append_hash(sha256, concerned.map(|concerned| &concerned.sha256))?;
    let facts = columns.field_builder::<MapBuilder<StringBuilder, StringBuilder>>(6).ok_or_else(missing)?;
    for (key, fact) in &finding.facts {
        facts.keys().append_value(key);
        match fact {
            Fact::Text(text) => facts.values().append_value(text),
            Fact::Number(number) => facts.values().append_value(number.to_string()),
            Fact::Texts(texts) => facts.values().append_value(texts.join(" | ")),
        }
    }
    facts.append(true)?;
    columns.field_builder::<StringBuilder>(7).ok_or_else(missing)?.append_value(finding.detail());
    columns.append(true);
    Ok(())
}

fn append_hashes(
    builder: &mut ListBuilder<FixedSizeBinaryBuilder>,
    hashes: &[[u8; 32]],
) -> Result<(), ArrowError> {
    for hash in hashes {
        builder.values().append_value(hash)?;
    }
    builder.append(true);
    Ok(())
}

fn append_hash(builder: &mut FixedSizeBinaryBuilder, hash: Option<&[u8; 32]>) -> Result<(), ArrowError> {
    if let Some(hash) = hash {
        return builder.append_value(hash);
    }
    builder.append_null();
    Ok(())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
