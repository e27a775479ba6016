//! Arrow's PyCapsules: how batches get from Python into `crate::arrow`, and verdicts out.
#![expect(unsafe_code, reason = "capsules hold pointers; each use says why it is sound")]

use std::ffi::{CStr, c_void};
use std::ptr::NonNull;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{Array, RecordBatch, RecordBatchIterator, RecordBatchReader, StructArray};
use arrow_schema::{ArrowError, Schema, SchemaRef};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyCapsule, PyTuple};

use crate::arrow::{LayoutError, Stream, import_batch, import_schema};

use super::arguments;

/// The batches of anything with Arrow's PyCapsule interface.
pub(super) fn reader(data: &Bound<'_, PyAny>, what: &str) -> PyResult<Box<dyn RecordBatchReader + Send>> {
    let is_array = data.hasattr("__arrow_c_array__")?;
    if !is_array && !data.hasattr("__arrow_c_stream__")? {
        return Err(PyTypeError::new_err(format!(
            "{what} must have __arrow_c_stream__ or __arrow_c_array__, as tables of pyarrow, polars, duckdb \
             and nanoarrow do; {} has not",
            arguments::type_name(data)
        )));
    }
    let complain = |error: LayoutError| PyValueError::new_err(format!("{what}: {error}"));
    if is_array {
        let pair = data.call_method0("__arrow_c_array__")?;
        let pair = pair.cast::<PyTuple>().ok().filter(|pair| pair.len() == 2).ok_or_else(|| {
            PyTypeError::new_err(format!("{what}: __arrow_c_array__ must return a tuple of two capsules"))
        })?;
        let (schema, array) = (pair.get_item(0)?, pair.get_item(1)?);
        let schema = pointer(&schema, c"arrow_schema", what)?.cast::<FFI_ArrowSchema>();
        let array = pointer(&array, c"arrow_array", what)?.cast::<FFI_ArrowArray>();
        // SAFETY: a capsule of this name points to such a structure, which is there for as long as the capsule, and
        // `pair` holds on to that; nobody else has it while we hold the GIL. `from_raw` leaves it marked as taken.
        let batch = unsafe { import_batch(FFI_ArrowArray::from_raw(array.as_ptr()), schema.as_ref()) };
        let batch = batch.map_err(complain)?;
        let schema = batch.schema();
        return Ok(Box::new(RecordBatchIterator::new([Ok(batch)], schema)));
    }
    let stream = data.call_method0("__arrow_c_stream__")?;
    let pointer = pointer(&stream, c"arrow_array_stream", what)?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: as above; what the stream hands out is as its maker has promised by the name of the capsule.
    let stream = unsafe { Stream::new(FFI_ArrowArrayStream::from_raw(pointer.as_ptr())) };
    Ok(Box::new(stream.map_err(complain)?))
}

/// What a capsule of this name points to.
fn pointer(object: &Bound<'_, PyAny>, name: &CStr, what: &str) -> PyResult<NonNull<c_void>> {
    let capsule = object.cast::<PyCapsule>().map_err(|_| {
        PyTypeError::new_err(format!("{what}: a capsule expected, found {}", arguments::type_name(object)))
    })?;
    let found = capsule.pointer_checked(Some(name)).map_err(|_| {
        PyValueError::new_err(format!("{what}: the capsule is not an {}", name.to_string_lossy()))
    })?;
    // Every structure begins with a number or a pointer of 64 bits, or is of pointers alone.
    if found.cast::<FFI_ArrowArrayStream>().is_aligned() {
        Ok(found)
    } else {
        Err(PyValueError::new_err(format!("{what}: the capsule's pointer is misaligned")))
    }
}

fn fault(error: ArrowError) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Columns as a capsule.
pub(super) fn schema_capsule<'py>(py: Python<'py>, schema: &Schema) -> PyResult<Bound<'py, PyCapsule>> {
    let schema = FFI_ArrowSchema::try_from(schema).map_err(fault)?;
    PyCapsule::new_with_value(py, schema, c"arrow_schema")
}

/// A batch as the capsules of its columns and of its rows.
pub(super) fn array_capsules(py: Python<'_>, batch: RecordBatch) -> PyResult<Bound<'_, PyTuple>> {
    let schema = batch.schema();
    let array = FFI_ArrowArray::new(&StructArray::from(batch).to_data());
    let array = PyCapsule::new_with_value(py, array, c"arrow_array")?;
    PyTuple::new(py, [schema_capsule(py, &schema)?, array])
}

/// Batches as the capsule of a stream.
pub(super) fn stream_capsule(
    py: Python<'_>,
    reader: Box<dyn RecordBatchReader + Send>,
) -> PyResult<Bound<'_, PyCapsule>> {
    let stream = FFI_ArrowArrayStream::new(Box::new(Exported(reader)));
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}

/// Refuses a schema that is asked for and has other columns than ours. A request chooses between representations of the same data, and
/// is not binding (Arrow's PyCapsule interface, "Schema Requests"): types stay as they are documented. Other columns are
/// another table.
pub(super) fn agree(ours: &Schema, requested: Option<&Bound<'_, PyAny>>) -> PyResult<()> {
    let Some(requested) = requested else { return Ok(()) };
    let what = "requested_schema";
    let pointer = pointer(requested, c"arrow_schema", what)?.cast::<FFI_ArrowSchema>();
    // SAFETY: a capsule of this name points to such a structure, and `requested` holds on to it.
    let requested = unsafe { import_schema(pointer.as_ref()) };
    let requested = requested.map_err(|error| PyValueError::new_err(format!("{what}: {error}")))?;
    let names =
        |schema: &Schema| schema.fields().iter().map(|field| field.name().clone()).collect::<Vec<_>>();
    let (expected, found) = (names(ours), names(&requested));
    if expected == found {
        return Ok(());
    }
    Err(PyValueError::new_err(format!(
        "{what}: the columns are {}, not {}; choose among them afterwards",
        expected.join(", "),
        found.join(", ")
    )))
}

/// A reader whose errors have no NUL in their text: `FFI_ArrowArrayStream` would panic over it where nothing can.
struct Exported(Box<dyn RecordBatchReader + Send>);

impl Iterator for Exported {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.0.next()?;
        Some(next.map_err(|error| {
            let text = error.to_string();
            if text.contains('\0') {
                ArrowError::CDataInterface(text.replace('\0', "\u{fffd}"))
            } else {
                error
            }
        }))
    }
}

impl RecordBatchReader for Exported {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}
