//! Parquet: tables of chains in, verdicts out.
//!
//! The library may panic on a damaged file. Whatever reads one here says what the panic said.

mod pages;

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use ::parquet::arrow::{
    ArrowSchemaConverter, ArrowWriter, ProjectionMask, add_encoded_arrow_schema_to_metadata,
};
use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::column::writer::ColumnCloseResult;
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::ColumnPath;
use arrow_array::cast::AsArray;
use arrow_array::types::TimestampSecondType;
use arrow_array::{Array, ArrayRef, RecordBatch, TimestampMillisecondArray, TimestampSecondArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, SchemaRef, TimeUnit};

use crate::panics::caught;

/// Rows of a record batch that is read.
const BATCH_ROWS: usize = 1_024;

/// Octets of one value in a column of values of one length: they are copied for every row.
const WIDEST: i32 = 1 << 12;

/// The rows of a file.
pub(crate) struct Table {
    /// `None` behind the end.
    batches: Option<ParquetRecordBatchReader>,
    /// Rows before the next batch.
    row: u64,
    /// Rows that the file says it has.
    promised: u64,
    /// All columns of the file.
    schema: SchemaRef,
}

impl Table {
    /// The rows from a row on, of the columns of these names.
    ///
    /// # Errors
    ///
    /// If it is not Parquet, or larger in memory than can be read.
    pub(crate) fn open(path: &Path, row: u64, wanted: &dyn Fn(&str) -> bool) -> Result<Self, String> {
        let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
        let offset = usize::try_from(row).map_err(|_| "has too many rows".to_owned())?;
        let open = || {
            let (builder, schema) = opened(file, wanted)?;
            let promised = builder.metadata().file_metadata().num_rows();
            Ok((builder.with_batch_size(BATCH_ROWS).with_offset(offset).build()?, promised, schema))
        };
        let opened: Result<_, ReadError> = caught(open).unwrap_or_else(|said| Err(failed(&said)));
        match opened {
            Ok((batches, promised, schema)) => {
                let promised = u64::try_from(promised).unwrap_or(0);
                Ok(Self { batches: Some(batches), row, promised, schema })
            }
            Err(ReadError::Damaged(problem)) => Err(format!("is not a sound Parquet file: {problem}")),
            Err(other) => Err(other.to_string()),
        }
    }

    /// All columns of the file.
    pub(crate) fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    /// The next rows; after the last ones, or after an error, nothing.
    pub(crate) fn next(&mut self) -> Option<Result<RecordBatch, String>> {
        let batches = self.batches.as_mut()?;
        let next = caught(|| batches.next()).unwrap_or_else(|said| {
            Some(Err(ArrowError::ParquetError(format!("the Parquet library gave up: {said}"))))
        });
        match next {
            Some(Ok(batch)) => {
                self.row = self.row.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
                Some(Ok(batch))
            }
            Some(Err(error)) => {
                self.abandon();
                Some(Err(format!("row {}: {error}", self.row + 1)))
            }
            None => {
                self.abandon();
                (self.row != self.promised).then(|| {
                    Err(format!("ends after {} rows; its metadata says {}", self.row, self.promised))
                })
            }
        }
    }

    /// Drops the reader, which may panic once more.
    fn abandon(&mut self) {
        let batches = self.batches.take();
        let _ = caught(|| drop(batches));
    }
}

fn failed(said: &str) -> ReadError {
    ReadError::Damaged(format!("the Parquet library gave up: {said}"))
}

/// A file whose columns of these names are small enough to be read. Octets and texts are read as views, so that values
/// of a dictionary are there once however many rows have them.
fn opened(
    file: File,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<(ParquetRecordBatchReaderBuilder<File>, SchemaRef), ReadError> {
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let descriptor = plain.parquet_schema();
    let roots: Vec<usize> = (0..descriptor.root_schema().get_fields().len())
        .filter(|&index| plain.schema().fields().get(index).is_some_and(|field| wanted(field.name())))
        .collect();
    for (number, group) in plain.metadata().row_groups().iter().enumerate() {
        let is_wanted = |leaf: usize| roots.contains(&descriptor.get_column_root_idx(leaf));
        pages::check(&file, number, group, &is_wanted).map_err(ReadError::Damaged)?;
        for column in group.columns() {
            let is_list = column.column_descr().max_rep_level() > 0;
            if !is_list && column.num_values() != group.num_rows() {
                return Err(ReadError::Damaged(format!(
                    "row group {} has {} rows, its column {} {}",
                    number + 1,
                    group.num_rows(),
                    column.column_path().string(),
                    column.num_values()
                )));
            }
        }
    }
    let mut fields: Vec<FieldRef> = Vec::new();
    for (index, field) in plain.schema().fields().iter().enumerate() {
        fields.push(if roots.contains(&index) { as_views(field)? } else { Arc::clone(field) });
    }
    let schema = Arc::new(Schema::new_with_metadata(fields, plain.schema().metadata().clone()));
    let options = ArrowReaderOptions::new().with_schema(schema);
    let metadata = ArrowReaderMetadata::try_new(Arc::clone(plain.metadata()), options)?;
    let mask = ProjectionMask::roots(metadata.parquet_schema(), roots);
    let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, metadata);
    Ok((builder.with_projection(mask), Arc::clone(plain.schema())))
}

/// The field with views in place of octets and texts, of dictionaries, and of lists of them.
fn as_views(field: &FieldRef) -> Result<FieldRef, ReadError> {
    let kind = match field.data_type() {
        DataType::Binary | DataType::LargeBinary => DataType::BinaryView,
        DataType::Utf8 | DataType::LargeUtf8 => DataType::Utf8View,
        DataType::Dictionary(_, values) => {
            let values = Field::new("values", values.as_ref().clone(), true);
            as_views(&Arc::new(values))?.data_type().clone()
        }
        DataType::FixedSizeBinary(width) if *width > WIDEST => {
            return Err(ReadError::Damaged(format!(
                "column {}: values of {width} bytes each; variable length is read",
                field.name()
            )));
        }
        DataType::List(item) => DataType::List(as_views(item)?),
        DataType::LargeList(item) => DataType::LargeList(as_views(item)?),
        DataType::FixedSizeList(item, length) => DataType::FixedSizeList(as_views(item)?, *length),
        _ => return Ok(Arc::clone(field)),
    };
    Ok(Arc::new(field.as_ref().clone().with_data_type(kind)))
}

/// Why a column cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file cannot be read.
    Io(io::Error),
    /// There is not one of that name, but there are these.
    NoColumn(Vec<String>),
    /// It holds something else than octets and lists of them.
    Kind(DataType),
    /// It is not a sound Parquet file.
    Damaged(String),
}

impl fmt::Display for ReadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => write!(formatter, "cannot be read: {error}"),
            Self::NoColumn(there) => {
                write!(formatter, "no such column; the columns are {}", there.join(", "))
            }
            Self::Kind(found) => {
                write!(formatter, "the column must hold binary values or lists of them, not {found}")
            }
            Self::Damaged(problem) => write!(formatter, "no sound Parquet file: {problem}"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io(error) = self { Some(error) } else { None }
    }
}

impl From<ParquetError> for ReadError {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// The values of a column of octets, or of lists of them: each once, in order, without nulls.
pub(crate) fn distinct_octets(path: &Path, column: &str) -> Result<Vec<Arc<[u8]>>, ReadError> {
    caught(|| gather_octets(path, column)).unwrap_or_else(|said| Err(failed(&said)))
}

fn gather_octets(path: &Path, column: &str) -> Result<Vec<Arc<[u8]>>, ReadError> {
    let file = File::open(path).map_err(ReadError::Io)?;
    let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new())?;
    let fields = plain.schema().fields();
    let Some((_, field)) = fields.find(column) else {
        return Err(ReadError::NoColumn(fields.iter().map(|field| field.name().clone()).collect()));
    };
    if !holds_octets(field.data_type()) {
        return Err(ReadError::Kind(field.data_type().clone()));
    }
    let (builder, _) = opened(file, &|name| name == column)?;
    let promised = u64::try_from(builder.metadata().file_metadata().num_rows()).unwrap_or(0);
    let mut seen: HashSet<Arc<[u8]>> = HashSet::new();
    let mut distinct = Vec::new();
    let mut rows = 0_u64;
    for batch in builder.with_batch_size(BATCH_ROWS).build()? {
        let batch = batch.map_err(|error| ReadError::Damaged(error.to_string()))?;
        rows = rows.saturating_add(u64::try_from(batch.num_rows()).unwrap_or(u64::MAX));
        for column in batch.columns() {
            each_octets(column, &mut |octets| {
                if !seen.contains(octets) {
                    let octets: Arc<[u8]> = octets.into();
                    seen.insert(Arc::clone(&octets));
                    distinct.push(octets);
                }
            })?;
        }
    }
    if rows != promised {
        return Err(ReadError::Damaged(format!("it ends after {rows} rows; its metadata says {promised}")));
    }
    Ok(distinct)
}

fn holds_octets(kind: &DataType) -> bool {
    match kind {
        DataType::Null
        | DataType::Binary
        | DataType::LargeBinary
        | DataType::BinaryView
        | DataType::FixedSizeBinary(_) => true,
        DataType::Dictionary(_, values) => holds_octets(values),
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            holds_octets(item.data_type())
        }
        _ => false,
    }
}

fn each_octets(column: &ArrayRef, take: &mut dyn FnMut(&[u8])) -> Result<(), ReadError> {
    match column.data_type() {
        DataType::Binary => column.as_binary::<i32>().iter().flatten().for_each(take),
        DataType::LargeBinary => column.as_binary::<i64>().iter().flatten().for_each(take),
        DataType::BinaryView => column.as_binary_view().iter().flatten().for_each(take),
        DataType::FixedSizeBinary(_) => column.as_fixed_size_binary().iter().flatten().for_each(take),
        DataType::List(_) => {
            column.as_list::<i32>().iter().flatten().try_for_each(|items| each_octets(&items, take))?;
        }
        DataType::LargeList(_) => {
            column.as_list::<i64>().iter().flatten().try_for_each(|items| each_octets(&items, take))?;
        }
        DataType::FixedSizeList(_, _) => {
            column.as_fixed_size_list().iter().flatten().try_for_each(|items| each_octets(&items, take))?;
        }
        // Dictionaries are read as views.
        _ => {}
    }
    Ok(())
}

/// The columns as Parquet stores them: it has no seconds, and milliseconds lose nothing.
fn stored(schema: &SchemaRef) -> SchemaRef {
    let fields = schema.fields().iter().map(|field| match field.data_type() {
        DataType::Timestamp(TimeUnit::Second, zone) => {
            let milliseconds = DataType::Timestamp(TimeUnit::Millisecond, zone.clone());
            Arc::new(field.as_ref().clone().with_data_type(milliseconds))
        }
        _ => Arc::clone(field),
    });
    Arc::new(Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone()))
}

/// Columns in which nearly every value is another: a dictionary of them is made in vain, and given up when it has become as
/// large as a page.
const DISTINCT: [&str; 8] = ["row", "key", "line", "ip", "domain", "name", "leaf_sha256", "spki_sha256"];

/// What is so in every part; least and greatest of numbers and times alone. In the order of a scan those of texts and
/// fingerprints tell a reader nothing about what is between them, and they take a comparison for every row.
fn properties(schema: &Schema) -> WriterProperties {
    let mut builder = WriterProperties::builder();
    for column in DISTINCT {
        builder = builder.set_column_dictionary_enabled(ColumnPath::from(column), false);
    }
    let numbers = schema.fields().iter().filter(|field| field.data_type().is_primitive());
    for column in numbers {
        let path = ColumnPath::from(column.name().as_str());
        builder = builder.set_column_statistics_enabled(path, EnabledStatistics::Chunk);
    }
    builder
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // A part is one row group; what pages hold is not told apart any further when parts are put together.
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::None)
        .set_offset_index_disabled(true)
        .build()
}

/// The column as [`stored`] has it; a time that milliseconds cannot tell is null.
fn milliseconds(seconds: &TimestampSecondArray) -> ArrayRef {
    let times: TimestampMillisecondArray = seconds.unary_opt(|second| second.checked_mul(1_000));
    Arc::new(times.with_timezone_opt(seconds.timezone()))
}

/// One part of a table: a file with one row group.
pub(crate) struct PartWriter<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> PartWriter<W> {
    pub(crate) fn new(out: W, schema: &SchemaRef) -> Result<Self, ParquetError> {
        let schema = stored(schema);
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties(&schema)))?;
        Ok(Self { schema, writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| match column.as_primitive_opt::<TimestampSecondType>() {
            Some(seconds) if column.data_type() != field.data_type() => milliseconds(seconds),
            _ => Arc::clone(column),
        });
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect())?;
        self.writer.write(&batch)
    }

    pub(crate) fn finish(self) -> Result<W, ParquetError> {
        self.writer.into_inner()
    }
}

/// Puts parts together, without unpacking them. `go_on` is asked after each.
pub(crate) fn merge<W: Write + Send>(
    out: W,
    schema: &SchemaRef,
    parts: &[std::path::PathBuf],
    go_on: &dyn Fn() -> bool,
) -> Result<Option<W>, ParquetError> {
    let schema = &stored(schema);
    let mut properties = properties(schema);
    add_encoded_arrow_schema_to_metadata(schema, &mut properties);
    let descriptor = ArrowSchemaConverter::new().convert(schema)?;
    let mut writer = SerializedFileWriter::new(out, descriptor.root_schema_ptr(), Arc::new(properties))?;
    for part in parts {
        let file = File::open(part)?;
        let reader = SerializedFileReader::new(file.try_clone()?)?;
        for group in reader.metadata().row_groups() {
            let mut copy = writer.next_row_group()?;
            for column in group.columns() {
                let close = ColumnCloseResult {
                    bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
                    rows_written: u64::try_from(group.num_rows()).unwrap_or(0),
                    metadata: column.clone(),
                    bloom_filter: None,
                    column_index: None,
                    offset_index: None,
                };
                copy.append_column(&file, close)?;
            }
            copy.close()?;
        }
        if !go_on() {
            return Ok(None);
        }
    }
    writer.into_inner().map(Some)
}
