//! Times for those who make text of them.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowTimestampType, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, GenericListArray, OffsetSizeTrait, RecordBatch, StructArray};
use arrow_schema::{ArrowError, DataType, Field, FieldRef, Schema, TimeUnit};

/// The zone that is known by its offset.
pub(crate) const OFFSET_OF_UTC: &str = "+00:00";

/// The same column with all times in UTC, where it has any with a zone: in lists and structs, too.
///
/// Arrow's times are seconds since 1970 in UTC, whatever the zone beside them, so nothing is computed. What makes text of
/// them would turn them to the zone's own hours, and for that needs the tables of all zones, 2.4 MB of a wheel.
///
/// # Errors
///
/// If an array is not as its type says.
pub(crate) fn in_utc(column: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    if !is_zoned(column.data_type()) {
        return Ok(Arc::clone(column));
    }
    match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => Ok(relabelled::<TimestampSecondType>(column)),
        DataType::Timestamp(TimeUnit::Millisecond, _) => Ok(relabelled::<TimestampMillisecondType>(column)),
        DataType::Timestamp(TimeUnit::Microsecond, _) => Ok(relabelled::<TimestampMicrosecondType>(column)),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => Ok(relabelled::<TimestampNanosecondType>(column)),
        DataType::List(item) => list::<i32>(column, item),
        DataType::LargeList(item) => list::<i64>(column, item),
        DataType::Struct(_) => {
            let structs = column.as_struct();
            let columns: Vec<ArrayRef> = structs.columns().iter().map(in_utc).collect::<Result<_, _>>()?;
            let fields = structs.fields().iter().zip(&columns).map(|(field, column)| typed(field, column));
            Ok(Arc::new(StructArray::try_new(fields.collect(), columns, structs.nulls().cloned())?))
        }
        _ => Ok(Arc::clone(column)),
    }
}

/// All columns of a batch so.
///
/// # Errors
///
/// As [`in_utc`].
pub(crate) fn all_in_utc(batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
    let columns: Vec<ArrayRef> = batch.columns().iter().map(in_utc).collect::<Result<_, _>>()?;
    let schema = batch.schema();
    let fields = schema.fields().iter().zip(&columns).map(|(field, column)| typed(field, column));
    let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone());
    RecordBatch::try_new(Arc::new(schema), columns)
}

fn is_zoned(kind: &DataType) -> bool {
    match kind {
        DataType::Timestamp(_, zone) => zone.is_some(),
        DataType::List(item) | DataType::LargeList(item) => is_zoned(item.data_type()),
        DataType::Struct(fields) => fields.iter().any(|field| is_zoned(field.data_type())),
        _ => false,
    }
}

fn relabelled<T: ArrowTimestampType>(column: &ArrayRef) -> ArrayRef {
    Arc::new(column.as_primitive::<T>().clone().with_timezone(OFFSET_OF_UTC))
}

fn list<O: OffsetSizeTrait>(column: &ArrayRef, item: &FieldRef) -> Result<ArrayRef, ArrowError> {
    let lists = column.as_list::<O>();
    let items = in_utc(lists.values())?;
    let item = typed(item, &items);
    let lists = GenericListArray::try_new(item, lists.offsets().clone(), items, lists.nulls().cloned())?;
    Ok(Arc::new(lists))
}

fn typed(field: &FieldRef, column: &ArrayRef) -> FieldRef {
    Arc::new(Field::clone(field).with_data_type(column.data_type().clone()))
}
