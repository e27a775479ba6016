//! The timestamps of logs as a column.

use arrow_array::builder::{
    FixedSizeBinaryBuilder, StringBuilder, StructBuilder, TimestampMillisecondBuilder,
};
use arrow_schema::{ArrowError, DataType, Field, Fields, TimeUnit};

use crate::ct::Timestamp;

use super::{UTC, append_hash, fingerprint};

pub(super) fn fields() -> Fields {
    let time = DataType::Timestamp(TimeUnit::Millisecond, Some(UTC.into()));
    Fields::from(vec![
        // CSV tells what comes first.
        Field::new("status", DataType::Utf8, false),
        Field::new("log", DataType::Utf8, true),
        Field::new("operator", DataType::Utf8, true),
        Field::new("timestamp", time, true),
        Field::new("source", DataType::Utf8, false),
        Field::new("log_id", fingerprint(), true),
    ])
}

pub(super) fn builder() -> StructBuilder {
    StructBuilder::new(
        fields(),
        vec![
            Box::new(StringBuilder::new()),
            Box::new(StringBuilder::new()),
            Box::new(StringBuilder::new()),
            Box::new(TimestampMillisecondBuilder::new().with_timezone(UTC)),
            Box::new(StringBuilder::new()),
            Box::new(FixedSizeBinaryBuilder::new(32)),
        ],
    )
}

pub(super) fn append(columns: &mut StructBuilder, timestamp: &Timestamp) -> Result<(), ArrowError> {
    let missing = || ArrowError::SchemaError("scts".to_owned());
    let texts = [
        (0, Some(timestamp.status.name())),
        (1, timestamp.log.as_deref()),
        (2, timestamp.operator.as_deref()),
        (4, Some(timestamp.source.name())),
    ];
    for (index, text) in texts {
        columns.field_builder::<StringBuilder>(index).ok_or_else(missing)?.append_option(text);
    }
    let time = columns.field_builder::<TimestampMillisecondBuilder>(3).ok_or_else(missing)?;
    time.append_option(timestamp.milliseconds);
    let log_id = columns.field_builder::<FixedSizeBinaryBuilder>(5).ok_or_else(missing)?;
    append_hash(log_id, timestamp.log_id.as_ref())?;
    columns.append(true);
    Ok(())
}
