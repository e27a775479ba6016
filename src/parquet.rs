//! Parquet: tables of chains in, verdicts out.

use std::collections::HashSet;
use std::fmt;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
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
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, SchemaRef, TimeUnit};

/// Rows of a record batch that is read.
const BATCH_ROWS: usize = 1_024;

/// The rows of a file from a row on.
pub(crate) fn read(path: &Path, row: u64) -> Result<ParquetRecordBatchReader, String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let complain = |error: ParquetError| format!("is no sound Parquet file: {error}");
    let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(complain)?;
    let offset = usize::try_from(row).map_err(|_| "has too many rows".to_owned())?;
    builder.with_batch_size(BATCH_ROWS).with_offset(offset).build().map_err(complain)
}

/// Why a column cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The file cannot be read.
    Io(io::Error),
    /// There is none of that name, but these.
    NoColumn(Vec<String>),
    /// It holds something else than octets and lists of them.
    Kind(DataType),
    /// It is no sound Parquet file.
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

impl std::error::Error for ReadError {}

impl From<ParquetError> for ReadError {
    fn from(error: ParquetError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// The values of a column of octets, or of lists of them: each once, in order, without nulls.
pub(crate) fn distinct_octets(path: &Path, column: &str) -> Result<Vec<Arc<[u8]>>, ReadError> {
    let file = File::open(path).map_err(ReadError::Io)?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(file)?;
    let fields = builder.schema().fields();
    let Some((position, field)) = fields.find(column) else {
        return Err(ReadError::NoColumn(fields.iter().map(|field| field.name().clone()).collect()));
    };
    if !holds_octets(field.data_type()) {
        return Err(ReadError::Kind(field.data_type().clone()));
    }
    let wanted = ProjectionMask::roots(builder.parquet_schema(), [position]);
    let mut seen: HashSet<Arc<[u8]>> = HashSet::new();
    let mut distinct = Vec::new();
    for batch in builder.with_batch_size(BATCH_ROWS).with_projection(wanted).build()? {
        let batch = batch.map_err(|error| ReadError::Damaged(error.to_string()))?;
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
        DataType::Dictionary(_, values) => {
            let plain = arrow_cast::cast(column, values);
            each_octets(&plain.map_err(|error| ReadError::Damaged(error.to_string()))?, take)?;
        }
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

/// Columns in which nearly every value is another: a dictionary of them is made in vain.
const DISTINCT: [&str; 4] = ["row", "key", "leaf_sha256", "spki_sha256"];

fn properties() -> WriterProperties {
    let builder = DISTINCT.iter().fold(WriterProperties::builder(), |builder, &column| {
        builder.set_column_dictionary_enabled(ColumnPath::from(column), false)
    });
    builder
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        // A part is one row group; what pages hold is not told apart any further when parts are put together.
        .set_max_row_group_row_count(None)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_offset_index_disabled(true)
        .build()
}

/// One part of a table: a file with one row group.
pub(crate) struct PartWriter<W: Write + Send> {
    schema: SchemaRef,
    writer: ArrowWriter<W>,
}

impl<W: Write + Send> PartWriter<W> {
    pub(crate) fn new(out: W, schema: &SchemaRef) -> Result<Self, ParquetError> {
        let schema = stored(schema);
        let writer = ArrowWriter::try_new(out, Arc::clone(&schema), Some(properties()))?;
        Ok(Self { schema, writer })
    }

    pub(crate) fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        let columns = batch.columns().iter().zip(self.schema.fields());
        let columns = columns.map(|(column, field)| {
            if column.data_type() == field.data_type() {
                Ok(Arc::clone(column))
            } else {
                arrow_cast::cast(column, field.data_type())
            }
        });
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns.collect::<Result<_, _>>()?)?;
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
    let mut properties = properties();
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
