//! Arrow's C data interface: batches of whoever speaks it, taken for nothing that they could disprove themselves.
//!
//! What arrives are pointers without sizes. Everything about them that can be checked is, before a row of the
//! batch is read: the numbers of buffers and children against the type, lengths against each other, every offset,
//! key, view and run, and that text is text. Where a buffer is the last word on its own size (the last offset of
//! texts, the lengths of fixed-width values), it is believed: nobody could know better.
//!
//! Once there are buffers, the `arrow-data` crate judges each array (`ArrayDataBuilder::build`); the code here looks
//! only for what has to be known before, and for the row that is to blame.
//!
//! Longer than 500 lines: all of Arrow's unsafe code is in one file, to be read at once.
#![expect(unsafe_code, reason = "foreign structures are pointers; each use says why it is sound")]

use std::ffi::{CStr, c_char, c_void};
use std::fmt;
use std::ops::Range;
use std::ptr::{self, NonNull};
use std::sync::Arc;

use arrow_array::ffi::{FFI_ArrowArray, FFI_ArrowSchema};
use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{ArrayRef, RecordBatch, RecordBatchOptions, RecordBatchReader, make_array};
use arrow_buffer::{ArrowNativeType, BooleanBuffer, Buffer, NullBuffer, ScalarBuffer};
use arrow_data::{ArrayData, BufferSpec, DataTypeLayout, layout};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef, UnionMode};

use super::layout::{self as checks, Fault, Spans, Views};

/// How deep types may be nested, and how many fields a schema may have with those inside others.
const MAX_DEPTH: usize = 64;
const MAX_FIELDS: usize = 1 << 16;
/// How many entries the metadata of a field may have, and how many octets each of their texts.
const MAX_ENTRIES: i32 = 1 << 12;
const MAX_TEXT: i32 = 1 << 24;

/// What is wrong with a stream or an array, column and row named.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LayoutError(String);

impl fmt::Display for LayoutError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for LayoutError {}

impl From<LayoutError> for ArrowError {
    fn from(error: LayoutError) -> Self {
        Self::ExternalError(Box::new(error))
    }
}

/// A stream of batches.
pub struct Stream {
    source: FFI_ArrowArrayStream,
    schema: SchemaRef,
    /// Rows of the batches so far.
    rows: usize,
    /// Whether it has ended, well or not: then it must not be asked again.
    ended: bool,
}

impl Stream {
    /// Asks for the schema.
    ///
    /// # Errors
    ///
    /// If the stream has been taken already, or does not say what its columns are.
    ///
    /// # Safety
    ///
    /// The callbacks must do what the C stream interface says, and what they hand out must be as [`import_batch`]
    /// wants it.
    pub unsafe fn new(mut stream: FFI_ArrowArrayStream) -> Result<Self, LayoutError> {
        if stream.release.is_none() {
            return Err(LayoutError("the stream has been taken already: it can be read once".to_owned()));
        }
        let (Some(get_schema), Some(_)) = (stream.get_schema, stream.get_next) else {
            return Err(LayoutError("the stream has no callbacks".to_owned()));
        };
        let mut given = FFI_ArrowSchema::empty();
        // SAFETY: the callback is the stream's own, the stream is not released, and `given` is ours to write to.
        let code = unsafe { get_schema(&raw mut stream, &raw mut given) };
        if code != 0 {
            // SAFETY: as the caller promises; the callback before has failed, so there may be a text.
            return Err(LayoutError(unsafe { last_error(&mut stream, code) }));
        }
        // SAFETY: as the caller promises.
        let schema = unsafe { import_schema(&given) }?;
        Ok(Self { source: stream, schema, rows: 0, ended: false })
    }

    fn read(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let Some(get_next) = self.source.get_next else { return Ok(None) };
        let mut given = FFI_ArrowArray::empty();
        // SAFETY: as in `new`; the stream has not ended.
        let code = unsafe { get_next(&raw mut self.source, &raw mut given) };
        if code != 0 {
            // SAFETY: as in `new`.
            return Err(ArrowError::CDataInterface(unsafe { last_error(&mut self.source, code) }));
        }
        if given.release.is_none() {
            return Ok(None);
        }
        // SAFETY: as the caller of `new` has promised.
        let batch = unsafe { columns(given, &self.schema, self.rows) }?;
        self.rows = self.rows.saturating_add(batch.num_rows());
        Ok(Some(batch))
    }
}

impl Iterator for Stream {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let batch = self.read().transpose();
        self.ended = !matches!(batch, Some(Ok(_)));
        batch
    }
}

impl RecordBatchReader for Stream {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

/// What a stream says about the callback that has just failed.
///
/// # Safety
///
/// As [`Stream::new`]; the stream must not be released.
unsafe fn last_error(stream: &mut FFI_ArrowArrayStream, code: i32) -> String {
    let text = stream.get_last_error.map_or(ptr::null(), |get_last_error| {
        // SAFETY: the stream's own callback on a stream that is not released.
        unsafe { get_last_error(ptr::from_mut(stream)) }
    });
    if text.is_null() {
        return format!("the stream has failed with code {code}");
    }
    // SAFETY: not null, so it ends with a NUL and lives until the next call.
    unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()
}

/// One batch: an array of structures, as one structure for each row.
///
/// # Errors
///
/// If it has been taken already, or cannot be what its schema says.
///
/// # Safety
///
/// Pointers must be null, or point to what the C data interface says, for as long as the array is not released.
/// Counts of buffers and children must be those of the pointers that are there, and buffers as large as lengths,
/// offsets and last offsets of the structures say. Contents may be anything.
pub unsafe fn import_batch(
    array: FFI_ArrowArray,
    given: &FFI_ArrowSchema,
) -> Result<RecordBatch, LayoutError> {
    // SAFETY: as the caller promises.
    let schema = unsafe { import_schema(given) }?;
    if array.release.is_none() {
        return Err(LayoutError("the array has been taken already: it can be read once".to_owned()));
    }
    // SAFETY: as the caller promises.
    unsafe { columns(array, &schema, 0) }
}

/// The columns that a structure describes.
///
/// # Errors
///
/// If it has been taken already, or cannot be read.
///
/// # Safety
///
/// As [`import_batch`].
pub unsafe fn import_schema(given: &FFI_ArrowSchema) -> Result<SchemaRef, LayoutError> {
    if given.release.is_none() {
        return Err(LayoutError("the schema has been taken already: it can be read once".to_owned()));
    }
    // SAFETY: as the caller promises.
    unsafe { check_schema(given, "", 0, &mut 0) }.map_err(LayoutError)?;
    let schema = Schema::try_from(given).map_err(|error| LayoutError(format!("the schema: {error}")))?;
    for field in schema.fields() {
        checks::check_type(field.data_type())
            .map_err(|problem| LayoutError(format!("column {}: {problem}", field.name())))?;
    }
    Ok(Arc::new(schema))
}

/// Whether `arrow-schema` can read a schema without falling over it.
///
/// # Safety
///
/// As [`import_batch`].
unsafe fn check_schema(
    given: &FFI_ArrowSchema,
    within: &str,
    depth: usize,
    fields: &mut usize,
) -> Result<(), String> {
    // SAFETY (both): null or a text that ends with a NUL, as the caller promises.
    let text = |text: *const c_char| (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_str());
    let name = text(given.name)
        .unwrap_or(Ok(""))
        .map_err(|_| format!("a name of a column {within} is not UTF-8"))?;
    let place = match (within, name) {
        ("", "") => "the schema".to_owned(),
        ("", name) => format!("column {name}"),
        (within, name) if depth == 1 => format!("{within}{name}"),
        (within, name) => format!("{within}.{name}"),
    };
    let complain = |problem: &str| Err(format!("{place}: {problem}"));
    *fields += 1;
    if depth > MAX_DEPTH || *fields > MAX_FIELDS {
        return complain(&format!("types are nested deeper than {MAX_DEPTH}, or more than {MAX_FIELDS}"));
    }
    let Some(Ok(format)) = text(given.format) else {
        return complain("the type is missing, or not UTF-8");
    };
    // SAFETY: as the caller promises.
    if !unsafe { metadata_is_sound(given.metadata) } {
        return complain("the metadata have a negative length, or too much of anything");
    }
    let wanted = match format.split(':').next() {
        Some("+l" | "+L" | "+vl" | "+vL" | "+w" | "+m") => Some(1),
        Some("+r") => Some(2),
        Some("+s" | "+ud" | "+us") => None,
        _ => Some(0),
    };
    let found = usize::try_from(given.n_children).ok().filter(|found| *found <= MAX_FIELDS);
    let Some(found) = found.filter(|found| wanted.is_none_or(|wanted| wanted == *found)) else {
        let wanted = wanted.map_or("some".to_owned(), |wanted: usize| wanted.to_string());
        return complain(&format!("{wanted} children expected of {format:?}, found {}", given.n_children));
    };
    let inner = if depth == 0 { "column ".to_owned() } else { place.clone() };
    for index in 0..found {
        // SAFETY: as the caller promises, of `found` pointers.
        let Some(child) = (unsafe { element(given.children, index) }) else {
            return complain(&format!("child {index} is missing"));
        };
        // SAFETY: as the caller promises.
        unsafe { check_schema(child, &inner, depth + 1, fields) }?;
    }
    if let Some(dictionary) = NonNull::new(given.dictionary) {
        if !dictionary.is_aligned() {
            return complain("the dictionary is misaligned");
        }
        // SAFETY: not null and aligned; a schema, as the caller promises.
        unsafe { check_schema(dictionary.as_ref(), &inner, depth + 1, fields) }?;
    }
    Ok(())
}

/// One of the structures that an array of pointers points to.
///
/// # Safety
///
/// `all` is null or has more than `index` pointers, each null or to a `T` that outlives `'a`.
unsafe fn element<'a, T>(all: *mut *mut T, index: usize) -> Option<&'a T> {
    let all = NonNull::new(all)?;
    // SAFETY: not null, and there are that many, as the caller promises; not aligned, maybe.
    let one = NonNull::new(unsafe { all.as_ptr().add(index).read_unaligned() })?;
    if !one.is_aligned() {
        return None;
    }
    // SAFETY: not null and aligned; a `T`, as the caller promises.
    Some(unsafe { one.as_ref() })
}

/// Whether lengths within metadata are such as can be: `arrow-schema` makes room for what is claimed.
///
/// # Safety
///
/// Null, or what the C data interface says: entries of lengths and texts.
unsafe fn metadata_is_sound(metadata: *const c_char) -> bool {
    if metadata.is_null() {
        return true;
    }
    let mut at = 0;
    let mut number = || {
        // SAFETY: within the entries, as the caller promises: their number, then a length before each text.
        let found = unsafe { metadata.cast::<u8>().add(at).cast::<i32>().read_unaligned() };
        at += 4;
        found
    };
    let entries = number();
    if !(0..=MAX_ENTRIES).contains(&entries) {
        return false;
    }
    for _ in 0..2 * entries {
        let mut number = || {
            // SAFETY: as above.
            let found = unsafe { metadata.cast::<u8>().add(at).cast::<i32>().read_unaligned() };
            at += 4;
            found
        };
        let length = number();
        if !(0..=MAX_TEXT).contains(&length) {
            return false;
        }
        at += usize::try_from(length).unwrap_or(0);
    }
    true
}

/// The columns of a batch whose first row is the stream's `first`.
///
/// # Safety
///
/// As [`import_batch`].
unsafe fn columns(
    array: FFI_ArrowArray,
    schema: &SchemaRef,
    first: usize,
) -> Result<RecordBatch, LayoutError> {
    let owner = Arc::new(array);
    let fields = schema.fields();
    let complain = |column: Option<usize>, fault: Fault| {
        let column = match column.and_then(|index| fields.get(index)) {
            Some(field) => format!("column {}, ", field.name()),
            None => String::new(),
        };
        LayoutError(format!("{column}row {}: {}", first.saturating_add(fault.row), fault.problem))
    };
    let whole = |problem: String| complain(None, Fault::new(0, problem));
    let (offset, length) = extent(&owner).map_err(|fault| complain(None, fault))?;
    if usize::try_from(owner.n_children) != Ok(fields.len()) {
        let names: Vec<&str> = fields.iter().map(|field| field.name().as_str()).collect();
        return Err(whole(format!(
            "a batch has {} columns, where the schema has {}: {}",
            owner.n_children,
            fields.len(),
            names.join(", ")
        )));
    }
    // SAFETY: as the caller promises.
    let buffers = unsafe { pointers(&owner, 1, false) }.map_err(|fault| complain(None, fault))?;
    if !owner.dictionary.is_null() {
        return Err(whole("a batch has a dictionary".to_owned()));
    }
    let mask = buffers.first().copied().filter(|_| length > 0);
    // SAFETY: as the caller promises: a bit for each row.
    let nulls = unsafe { validity(&owner, mask, offset, length) }.map_err(|fault| complain(None, fault))?;
    if let Some(row) = nulls.as_ref().and_then(checks::first_null) {
        return Err(complain(
            None,
            Fault::new(row, "a row is null, which only its values can be".to_owned()),
        ));
    }
    let mut found: Vec<ArrayRef> = Vec::with_capacity(fields.len());
    for (index, field) in fields.iter().enumerate() {
        let complain = |fault| complain(Some(index), fault);
        // SAFETY: as the caller promises, and there are as many as fields.
        let Some(child) = (unsafe { element(owner.children, index) }) else {
            return Err(complain(Fault::new(0, "the column is missing".to_owned())));
        };
        // SAFETY: as the caller promises; `owner` keeps the buffers of its children.
        let data =
            unsafe { import(child, field.data_type(), offset..offset + length, &owner) }.map_err(complain)?;
        if let Some(row) = data.nulls().filter(|_| !field.is_nullable()).and_then(checks::first_null) {
            return Err(complain(Fault::new(row, "null, which the schema says is never".to_owned())));
        }
        found.push(make_array(data));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(length));
    RecordBatch::try_new_with_options(Arc::clone(schema), found, &options)
        .map_err(|error| whole(error.to_string()))
}

/// Offset and length of an array, which together are a length, too.
fn extent(array: &FFI_ArrowArray) -> Result<(usize, usize), Fault> {
    let (offset, length) = (usize::try_from(array.offset), usize::try_from(array.length));
    match (offset, length) {
        (Ok(offset), Ok(length))
            if offset.checked_add(length).is_some_and(|end| isize::try_from(end).is_ok()) =>
        {
            Ok((offset, length))
        }
        _ => Err(Fault::new(0, format!("no length: {} rows from row {} on", array.length, array.offset))),
    }
}

/// The pointers to the buffers of an array, which must be so many, or more where there are `variadic` ones.
///
/// # Safety
///
/// As [`import_batch`].
unsafe fn pointers(
    array: &FFI_ArrowArray,
    wanted: usize,
    variadic: bool,
) -> Result<Vec<*const c_void>, Fault> {
    let found = usize::try_from(array.n_buffers).ok();
    // Views number their buffers with 32 bits; after those there is one with their lengths.
    let most = if variadic { wanted + 1 + i32::MAX as usize } else { wanted };
    let least = if variadic { wanted + 1 } else { wanted };
    let Some(found) = found.filter(|found| (least..=most).contains(found)) else {
        let wanted = if variadic { format!("at least {least}") } else { wanted.to_string() };
        return Err(Fault::new(0, format!("{wanted} buffers expected, found {}", array.n_buffers)));
    };
    if found > 0 && array.buffers.is_null() {
        return Err(Fault::new(0, "the buffers are missing".to_owned()));
    }
    // SAFETY: not null, and there are so many pointers, as the caller promises; maybe not aligned.
    Ok((0..found).map(|index| unsafe { array.buffers.add(index).read_unaligned() }).collect())
}

/// So many octets at a pointer, which live as long as their owner; aligned, if need be by a copy.
///
/// # Safety
///
/// `pointer` is null or points to so many octets that live as long as `owner` is not released.
unsafe fn buffer(
    pointer: Option<*const c_void>,
    octets: Option<usize>,
    alignment: usize,
    owner: &Arc<FFI_ArrowArray>,
    what: &str,
) -> Result<Buffer, Fault> {
    let octets = octets.filter(|octets| isize::try_from(*octets).is_ok());
    let Some(octets) = octets else {
        return Err(Fault::new(0, format!("{what} would not fit into memory")));
    };
    if octets == 0 {
        return Ok(Buffer::default());
    }
    let Some(start) = NonNull::new(pointer.unwrap_or(ptr::null()).cast::<u8>().cast_mut()) else {
        return Err(Fault::new(0, format!("{what} are missing")));
    };
    if start.addr().get().checked_add(octets).is_none() {
        return Err(Fault::new(0, format!("{what} would not fit into memory")));
    }
    // SAFETY: not null, within the address space, not larger than memory can be, and the octets are there for as long
    // as the owner lives, as the caller promises; they are only read.
    let found = unsafe { Buffer::from_custom_allocation(start, octets, Arc::clone(owner) as _) };
    if start.as_ptr().align_offset(alignment) == 0 { Ok(found) } else { Ok(Buffer::from_slice_ref(&found)) }
}

/// Which of so many rows from `start` on are null; `None` if none is.
///
/// # Safety
///
/// `pointer` is null or points to a bit for each row before the end, that live as long as `owner` is not released.
unsafe fn validity(
    owner: &Arc<FFI_ArrowArray>,
    pointer: Option<*const c_void>,
    start: usize,
    rows: usize,
) -> Result<Option<NullBuffer>, Fault> {
    if pointer.is_none_or(<*const c_void>::is_null) {
        return Ok(None);
    }
    // SAFETY: as the caller promises.
    let bits = unsafe { buffer(pointer, Some((start + rows).div_ceil(8)), 1, owner, "validity bits") }?;
    Ok(Some(NullBuffer::new(BooleanBuffer::new(bits, start, rows))).filter(|nulls| nulls.null_count() > 0))
}

/// What all arms of [`import`] want to know of an array.
struct Foreign<'a> {
    array: &'a FFI_ArrowArray,
    owner: &'a Arc<FFI_ArrowArray>,
    layout: DataTypeLayout,
    pointers: Vec<*const c_void>,
    /// The first row that is wanted, and the one after the last, in buffers.
    start: usize,
    end: usize,
    /// The one after the last that the array has.
    total: usize,
}

impl Foreign<'_> {
    fn pointer(&self, index: usize) -> Option<*const c_void> {
        self.pointers.get(index + usize::from(self.layout.can_contain_null_mask)).copied()
    }

    /// A buffer of so many entries, the validity not counted.
    ///
    /// # Safety
    ///
    /// As [`import_batch`]; so many entries have to follow from the lengths of the array.
    unsafe fn entries(&self, index: usize, entries: usize, what: &str) -> Result<Buffer, Fault> {
        let (width, alignment) = match self.layout.buffers.get(index) {
            Some(BufferSpec::FixedWidth { byte_width, alignment }) => (*byte_width, *alignment),
            _ => (1, 1),
        };
        // SAFETY: as the caller promises.
        unsafe { buffer(self.pointer(index), entries.checked_mul(width), alignment, self.owner, what) }
    }

    /// One entry for each row that is wanted, and no other.
    ///
    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn rows(&self, index: usize, what: &str) -> Result<Buffer, Fault> {
        // SAFETY: as the caller promises: an entry for each row up to the last.
        let all = unsafe { self.entries(index, self.end, what) }?;
        let width = all.len() / self.end.max(1);
        Ok(all.slice_with_length(self.start * width, (self.end - self.start) * width))
    }

    /// The offsets, one more than rows.
    ///
    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn spans<O: ArrowNativeType + Into<i64>>(&self, limit: Option<usize>) -> Result<Spans<O>, Fault> {
        // SAFETY: as the caller promises: one entry more than rows up to the last.
        let all = unsafe { self.entries(0, self.end + 1, "offsets") }?;
        Spans::new(&all, self.start, self.end - self.start, limit)
    }

    /// The buffers of texts or octets.
    ///
    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn octets<O: ArrowNativeType + Into<i64>>(&self, is_text: bool) -> Result<Vec<Buffer>, Fault> {
        // SAFETY: as the caller promises: one entry more than rows.
        let offsets = unsafe { self.entries(0, self.total + 1, "offsets") }?;
        // The array's last offset is all that is known of how many octets there are, whichever rows are wanted.
        let last: i64 =
            ScalarBuffer::<O>::new(offsets.clone(), self.total, 1).first().map_or(0, |last| (*last).into());
        let count = self.end - self.start;
        let Ok(last) = usize::try_from(last) else {
            return Err(Fault::new(count - 1, format!("offset {last} is negative")));
        };
        let spans = Spans::<O>::new(&offsets, self.start, count, Some(last))?;
        let values = spans.values();
        // SAFETY: as the caller promises: octets up to the last offset.
        let all = unsafe { buffer(self.pointer(1), Some(values.end), 1, self.owner, "values") }?;
        // Text is read as a whole, of which there should be no more than the rows have.
        Ok(if is_text { vec![spans.rebased()?, all.slice(values.start)] } else { vec![spans.plain(), all] })
    }

    /// The views of texts or octets, and the buffers that they point into.
    ///
    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn views(&self) -> Result<Vec<Buffer>, Fault> {
        // SAFETY: as the caller promises.
        let mut buffers = vec![unsafe { self.rows(0, "views") }?];
        // After validity and views: the buffers, then one with their lengths.
        let Some((lengths, pointers)) = self.pointers.get(2..).and_then(<[_]>::split_last) else {
            return Ok(buffers);
        };
        let octets = pointers.len().checked_mul(size_of::<i64>());
        // SAFETY: as the caller promises: a length for each buffer.
        let lengths =
            unsafe { buffer(Some(*lengths), octets, align_of::<i64>(), self.owner, "lengths of buffers") }?;
        let lengths: ScalarBuffer<i64> = lengths.into();
        for (pointer, length) in pointers.iter().zip(lengths.iter()) {
            // SAFETY: as the caller promises: so many octets.
            let one = unsafe {
                buffer(Some(*pointer), usize::try_from(*length).ok(), 1, self.owner, "octets of views")
            };
            buffers.push(one?);
        }
        Ok(buffers)
    }

    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn child(&self, index: usize) -> Result<&FFI_ArrowArray, Fault> {
        // SAFETY: as the caller promises; the number of children has been compared.
        let found = unsafe { element(self.array.children, index) };
        found.ok_or_else(|| Fault::new(0, format!("child {index} is missing")))
    }

    /// Some rows of a child.
    ///
    /// # Safety
    ///
    /// As [`import_batch`].
    unsafe fn values(&self, index: usize, field: &Field, window: Range<usize>) -> Result<ArrayData, Fault> {
        // SAFETY (both): as the caller promises.
        unsafe { import(self.child(index)?, field.data_type(), window, self.owner) }
    }
}

/// Some rows of an array, counted without its own offset.
///
/// # Safety
///
/// As [`import_batch`], of an array that `owner` owns.
#[expect(clippy::too_many_lines, reason = "one arm for each layout, and what they share before and after")]
unsafe fn import(
    array: &FFI_ArrowArray,
    kind: &DataType,
    window: Range<usize>,
    owner: &Arc<FFI_ArrowArray>,
) -> Result<ArrayData, Fault> {
    if array.release.is_none() {
        return Err(Fault::new(0, "the array has been taken away".to_owned()));
    }
    let (offset, length) = extent(array)?;
    if window.end > length {
        let problem = format!("there are {length} values, where {} are wanted", window.end);
        return Err(Fault::new(length.saturating_sub(window.start), problem));
    }
    let layout = layout(kind);
    let masked = layout.can_contain_null_mask;
    // SAFETY: as the caller promises.
    let pointers = unsafe { pointers(array, layout.buffers.len() + usize::from(masked), layout.variadic) }?;
    let wanted = checks::children(kind);
    if usize::try_from(array.n_children) != Ok(wanted) {
        return Err(Fault::new(0, format!("{wanted} children expected, found {}", array.n_children)));
    }
    let is_dictionary = matches!(kind, DataType::Dictionary(_, _));
    if array.dictionary.is_null() == is_dictionary {
        return Err(Fault::new(
            0,
            format!("a dictionary is {}", if is_dictionary { "missing" } else { "there" }),
        ));
    }
    let count = window.len();
    // Both within `isize`, by `extent`.
    let (start, end) = (offset + window.start, offset + window.end);
    let mask = pointers.first().copied().filter(|pointer| masked && !pointer.is_null());
    // SAFETY: as the caller promises: a bit for each row, if there is one.
    let nulls = if count == 0 { None } else { unsafe { validity(owner, mask, start, count) }? };
    if masked {
        checks::null_count(array.null_count, length, count, mask.is_some(), nulls.as_ref())?;
    }
    if count == 0 {
        return Ok(ArrayData::new_empty(kind));
    }
    let source = Foreign { array, owner, layout, pointers, start, end, total: offset + length };
    let mut from = 0;
    // SAFETY (of all calls in these arms): as the caller promises.
    let (buffers, children) = match kind {
        DataType::Null => (Vec::new(), Vec::new()),
        DataType::Boolean => {
            from = start;
            (vec![unsafe { source.entries(0, end.div_ceil(8), "values") }?], Vec::new())
        }
        DataType::Utf8 | DataType::Binary => {
            (unsafe { source.octets::<i32>(*kind == DataType::Utf8) }?, Vec::new())
        }
        DataType::LargeUtf8 | DataType::LargeBinary => {
            (unsafe { source.octets::<i64>(*kind == DataType::LargeUtf8) }?, Vec::new())
        }
        DataType::Utf8View | DataType::BinaryView => (unsafe { source.views() }?, Vec::new()),
        DataType::List(item) | DataType::Map(item, _) => {
            let spans = unsafe { source.spans::<i32>(Some(extent(source.child(0)?)?.1)) }?;
            let items = unsafe { source.values(0, item, spans.values()) };
            let items = items.and_then(|items| checks::nullability(item, items));
            (vec![spans.rebased()?], vec![items.map_err(|fault| fault.at(spans.row_of(fault.row), item))?])
        }
        DataType::LargeList(item) => {
            let spans = unsafe { source.spans::<i64>(Some(extent(source.child(0)?)?.1)) }?;
            let items = unsafe { source.values(0, item, spans.values()) };
            let items = items.and_then(|items| checks::nullability(item, items));
            (vec![spans.rebased()?], vec![items.map_err(|fault| fault.at(spans.row_of(fault.row), item))?])
        }
        DataType::ListView(item) => {
            let (offsets, sizes) = unsafe { (source.rows(0, "offsets")?, source.rows(1, "sizes")?) };
            let views = Views::<i32>::new(offsets, sizes, unsafe { extent(source.child(0)?)?.1 })?;
            let items = unsafe { source.values(0, item, views.values()) };
            (views.rebased()?, vec![items.map_err(|fault| fault.at(views.row_of(fault.row), item))?])
        }
        DataType::LargeListView(item) => {
            let (offsets, sizes) = unsafe { (source.rows(0, "offsets")?, source.rows(1, "sizes")?) };
            let views = Views::<i64>::new(offsets, sizes, unsafe { extent(source.child(0)?)?.1 })?;
            let items = unsafe { source.values(0, item, views.values()) };
            (views.rebased()?, vec![items.map_err(|fault| fault.at(views.row_of(fault.row), item))?])
        }
        DataType::FixedSizeList(item, size) => {
            let size = usize::try_from(*size).unwrap_or(0);
            let window = start.checked_mul(size).zip(end.checked_mul(size));
            let (first, last) =
                window.ok_or_else(|| Fault::new(0, "lists would not fit into memory".to_owned()))?;
            let items = unsafe { source.values(0, item, first..last) };
            (Vec::new(), vec![items.map_err(|fault| fault.at(fault.row / size.max(1), item))?])
        }
        DataType::Struct(fields) => {
            let values = fields.iter().enumerate().map(|(index, field)| {
                let values = unsafe { source.values(index, field, start..end) };
                values.map_err(|fault| fault.at(fault.row, field))
            });
            (Vec::new(), values.collect::<Result<_, _>>()?)
        }
        DataType::Union(fields, mode) => {
            let mut buffers = vec![unsafe { source.rows(0, "types") }?];
            if *mode == UnionMode::Dense {
                buffers.push(unsafe { source.rows(1, "offsets") }?);
            }
            let values = fields.iter().enumerate().map(|(index, (_, field))| {
                let sparse = *mode == UnionMode::Sparse;
                let window = if sparse { start..end } else { 0..unsafe { extent(source.child(index)?)?.1 } };
                let values = unsafe { source.values(index, field, window) };
                values.map_err(|fault| fault.at(if sparse { fault.row } else { 0 }, field))
            });
            let values = values.collect::<Result<_, _>>()?;
            (buffers, values)
        }
        DataType::Dictionary(key, value) => {
            let keys = unsafe { source.rows(0, "keys") }?;
            let Some(dictionary) =
                NonNull::new(array.dictionary).filter(|dictionary| dictionary.is_aligned())
            else {
                return Err(Fault::new(0, "a dictionary is misaligned".to_owned()));
            };
            // SAFETY: not null and aligned; an array, as the caller promises.
            let dictionary = unsafe { dictionary.as_ref() };
            let values = unsafe { import(dictionary, value, 0..extent(dictionary)?.1, owner) };
            let values = values.map_err(|fault| {
                let row = checks::row_of_key(key, &keys, fault.row);
                Fault::new(row, format!("value {} of the dictionary: {}", fault.row, fault.problem))
            })?;
            (vec![keys], vec![values])
        }
        DataType::RunEndEncoded(ends, values) => {
            from = start;
            let (runs, found) = unsafe { (extent(source.child(0)?)?.1, extent(source.child(1)?)?.1) };
            if runs != found {
                return Err(Fault::new(0, format!("{runs} ends of runs, but {found} values of them")));
            }
            let ends = unsafe { source.values(0, ends, 0..runs) }?;
            let found = unsafe { source.values(1, values, 0..runs) };
            (Vec::new(), vec![ends, found.map_err(|fault| fault.at(0, values))?])
        }
        // What has values of one width and nothing else.
        _ => (vec![unsafe { source.rows(0, "values") }?], Vec::new()),
    };
    checks::judge(kind, count, from, nulls, buffers, children)
}
