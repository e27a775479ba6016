//! What an array from elsewhere has to be before anything may rely on it, and which of its rows is to blame.
//!
//! The crate `arrow-data` is the judge; it asks less of what comes before, and names no row of the column.

use std::ops::Range;

use arrow_buffer::{ArrowNativeType, Buffer, NullBuffer, ScalarBuffer};
use arrow_data::ArrayData;
use arrow_schema::{ArrowError, DataType, Field};

/// What is wrong with an array, and the row to blame, of those that were wanted.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) row: usize,
    pub(super) problem: String,
}

impl Fault {
    pub(super) fn new(row: usize, problem: String) -> Self {
        Self { row, problem }
    }

    /// The same, told of the row around it.
    pub(super) fn at(&self, row: usize, field: &Field) -> Self {
        Self { row, problem: format!("{}: {}", field.name(), self.problem) }
    }
}

/// Whether there can be a type at all: `arrow-data` takes it for granted.
pub(super) fn check_type(kind: &DataType) -> Result<(), String> {
    let complain = || Err(format!("there is no type {kind}"));
    match kind {
        DataType::FixedSizeBinary(size) if *size < 0 => complain(),
        DataType::FixedSizeList(_, size) if *size < 0 => complain(),
        DataType::Dictionary(key, _) if !key.is_dictionary_key_type() => complain(),
        DataType::Dictionary(_, value) => check_type(value),
        DataType::RunEndEncoded(ends, _) if !ends.data_type().is_run_ends_type() || ends.is_nullable() => {
            complain()
        }
        DataType::RunEndEncoded(_, values) => check_type(values.data_type()),
        // A map whose keys may be null is not one (Arrow's columnar format, Map).
        DataType::Map(entries, _) => match entries.data_type() {
            DataType::Struct(fields)
                if fields.len() == 2
                    && !entries.is_nullable()
                    && fields.first().is_some_and(|key| !key.is_nullable()) =>
            {
                check_type(entries.data_type())
            }
            _ => complain(),
        },
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _) => check_type(item.data_type()),
        DataType::Struct(fields) => fields.iter().try_for_each(|field| check_type(field.data_type())),
        DataType::Union(fields, _) => fields.iter().try_for_each(|(_, field)| check_type(field.data_type())),
        _ => Ok(()),
    }
}

/// How many children an array has.
pub(super) fn children(kind: &DataType) -> usize {
    match kind {
        DataType::List(_)
        | DataType::LargeList(_)
        | DataType::ListView(_)
        | DataType::LargeListView(_)
        | DataType::FixedSizeList(_, _)
        | DataType::Map(_, _) => 1,
        DataType::RunEndEncoded(_, _) => 2,
        DataType::Struct(fields) => fields.len(),
        DataType::Union(fields, _) => fields.len(),
        _ => 0,
    }
}

/// The first row that is null.
pub(super) fn first_null(nulls: &NullBuffer) -> Option<usize> {
    nulls.iter().position(|valid| !valid)
}

/// Whether the number of nulls told is that of the validity bits; -1 tells nothing. Of a part of the rows nothing can be
/// said, unless there are no bits.
pub(super) fn null_count(
    told: i64,
    length: usize,
    count: usize,
    has_bits: bool,
    nulls: Option<&NullBuffer>,
) -> Result<(), Fault> {
    let found = nulls.map_or(0, NullBuffer::null_count);
    let is_sound = match usize::try_from(told) {
        Err(_) => told == -1,
        Ok(told) if count == length || !has_bits => told == found,
        Ok(told) => (found..=length).contains(&told),
    };
    let row = nulls.and_then(first_null).unwrap_or(0);
    if is_sound {
        Ok(())
    } else {
        Err(Fault::new(row, format!("{told} nulls are told of, {found} are there")))
    }
}

/// Values as they are, unless there is a null among those that never are.
pub(super) fn nullability(field: &Field, values: ArrayData) -> Result<ArrayData, Fault> {
    match values.nulls().filter(|_| !field.is_nullable()).and_then(first_null) {
        Some(row) => Err(Fault::new(row, "null, which the schema says is never".to_owned())),
        None => Ok(values),
    }
}

/// Where the values of each row are, one after the other.
pub(super) struct Spans<O: ArrowNativeType>(ScalarBuffer<O>);

impl<O: ArrowNativeType + Into<i64>> Spans<O> {
    /// The offsets of so many rows, among `limit` values if that is known.
    pub(super) fn new(
        offsets: &Buffer,
        start: usize,
        rows: usize,
        limit: Option<usize>,
    ) -> Result<Self, Fault> {
        let all = ScalarBuffer::<O>::new(offsets.clone(), start, rows + 1);
        let limit = limit.and_then(|limit| i64::try_from(limit).ok()).unwrap_or(i64::MAX);
        let mut before = all.first().map_or(0, |first| (*first).into());
        if before < 0 {
            return Err(Fault::new(0, format!("offset {before} is negative")));
        }
        for (row, offset) in all.iter().skip(1).enumerate() {
            let offset: i64 = (*offset).into();
            if offset < before {
                return Err(Fault::new(
                    row,
                    format!("offset {offset} is less than the one before, {before}"),
                ));
            }
            if offset > limit {
                return Err(Fault::new(row, format!("offset {offset} is beyond the last of {limit} values")));
            }
            before = offset;
        }
        // Where no row has values the first offset is the last.
        if before > limit {
            return Err(Fault::new(0, format!("offset {before} is beyond the last of {limit} values")));
        }
        Ok(Self(all))
    }

    /// The values of all rows.
    pub(super) fn values(&self) -> Range<usize> {
        let at = |offset: Option<&O>| offset.map_or(0, |offset| offset.as_usize());
        at(self.0.first())..at(self.0.last())
    }

    /// The offsets as they are.
    pub(super) fn plain(&self) -> Buffer {
        self.0.inner().clone()
    }

    /// The offsets, counted from the first value of the first row.
    pub(super) fn rebased(&self) -> Result<Buffer, Fault> {
        let first = self.values().start;
        if first == 0 { Ok(self.plain()) } else { less(&self.0, first) }
    }

    /// The row that has a value, counted from the first value of the first row.
    pub(super) fn row_of(&self, value: usize) -> usize {
        let at = self.values().start + value;
        let after = self.0.iter().skip(1).position(|offset| offset.as_usize() > at);
        after.unwrap_or(self.0.len().saturating_sub(2))
    }
}

/// Numbers, each less by so much.
fn less<O: ArrowNativeType>(numbers: &[O], by: usize) -> Result<Buffer, Fault> {
    let numbers = numbers.iter().map(|number| number.as_usize().checked_sub(by).and_then(O::from_usize));
    let numbers = numbers.collect::<Option<Vec<O>>>();
    numbers.map(Buffer::from_vec).ok_or_else(|| Fault::new(0, "an offset is out of place".to_owned()))
}

/// Where the values of each row are, in any order.
pub(super) struct Views<O: ArrowNativeType> {
    offsets: ScalarBuffer<O>,
    sizes: ScalarBuffer<O>,
    values: Range<usize>,
}

impl<O: ArrowNativeType + Into<i64>> Views<O> {
    /// Those of all rows, among `limit` values.
    pub(super) fn new(offsets: Buffer, sizes: Buffer, limit: usize) -> Result<Self, Fault> {
        let (offsets, sizes) = (ScalarBuffer::<O>::from(offsets), ScalarBuffer::<O>::from(sizes));
        let (mut first, mut last) = (limit, 0);
        for (row, (offset, size)) in offsets.iter().zip(sizes.iter()).enumerate() {
            let (told_offset, told_size): (i64, i64) = ((*offset).into(), (*size).into());
            let found = usize::try_from(told_offset).ok().zip(usize::try_from(told_size).ok());
            let end = found.and_then(|(offset, size)| Some((offset, offset.checked_add(size)?)));
            let Some((start, end)) = end.filter(|(_, end)| *end <= limit) else {
                let problem =
                    format!("{told_size} values from {told_offset} on are not among {limit} values");
                return Err(Fault::new(row, problem));
            };
            (first, last) = (first.min(start), last.max(end));
        }
        Ok(Self { offsets, sizes, values: first.min(last)..last })
    }

    /// The values of all rows, and those between.
    pub(super) fn values(&self) -> Range<usize> {
        self.values.clone()
    }

    /// Offsets and sizes, counted from the first value.
    pub(super) fn rebased(&self) -> Result<Vec<Buffer>, Fault> {
        let sizes = self.sizes.inner().clone();
        let first = self.values.start;
        Ok(vec![if first == 0 { self.offsets.inner().clone() } else { less(&self.offsets, first)? }, sizes])
    }

    /// The first row that has a value, counted from the first value.
    pub(super) fn row_of(&self, value: usize) -> usize {
        let at = self.values.start + value;
        let has = |(offset, size): (&O, &O)| {
            at.checked_sub(offset.as_usize()).is_some_and(|within| within < size.as_usize())
        };
        self.offsets.iter().zip(self.sizes.iter()).position(has).unwrap_or(0)
    }
}

/// The first row that has a key.
pub(super) fn row_of_key(kind: &DataType, keys: &[u8], wanted: usize) -> usize {
    let width = kind.primitive_width().unwrap_or(1);
    let wanted = wanted.to_le_bytes();
    let is_wanted = |key: &[u8]| {
        let mut octets: Vec<u8> = key.to_vec();
        if cfg!(target_endian = "big") {
            octets.reverse();
        }
        wanted.get(..width) == Some(octets.as_slice())
    };
    keys.chunks_exact(width).position(is_wanted).unwrap_or(0)
}

/// Has an array judged, and finds the row to blame if it is unsound.
pub(super) fn judge(
    kind: &DataType,
    count: usize,
    offset: usize,
    nulls: Option<NullBuffer>,
    buffers: Vec<Buffer>,
    children: Vec<ArrayData>,
) -> Result<ArrayData, Fault> {
    let build = |rows: usize, buffers: &[Buffer]| {
        let nulls = nulls.as_ref().map(|nulls| nulls.slice(0, rows));
        let builder = ArrayData::builder(kind.clone()).len(rows).offset(offset).nulls(nulls);
        builder.buffers(buffers.to_vec()).child_data(children.clone()).build()
    };
    let error = match build(count, &buffers) {
        Ok(sound) => return Ok(sound),
        Err(error) => error,
    };
    // Where a row is null its value may be anything.
    let buffers = match &nulls {
        Some(nulls) => without_nulls(kind, nulls, &buffers).unwrap_or(buffers),
        None => buffers,
    };
    if let Ok(sound) = build(count, &buffers) {
        return Ok(sound);
    }
    let is_by_row = matches!(
        kind,
        DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::BinaryView
            | DataType::Union(_, _)
            | DataType::Dictionary(_, _)
    );
    if !is_by_row {
        return Err(Fault::new(0, told(&error)));
    }
    // So many rows are sound, so many are not.
    let (mut sound, mut unsound, mut last) = (0, count, error);
    while sound + 1 < unsound {
        let middle = sound.midpoint(unsound);
        match build(middle, &buffers) {
            Ok(_) => sound = middle,
            Err(error) => (unsound, last) = (middle, error),
        }
    }
    Err(Fault::new(sound, told(&last)))
}

fn told(error: &ArrowError) -> String {
    match error {
        ArrowError::InvalidArgumentError(problem) => problem.clone(),
        other => other.to_string(),
    }
}

/// Texts and views with nothing where a row is null; `None` of other types.
fn without_nulls(kind: &DataType, nulls: &NullBuffer, buffers: &[Buffer]) -> Option<Vec<Buffer>> {
    let (first, others) = buffers.split_first()?;
    match kind {
        DataType::Utf8 => texts::<i32>(nulls, first, others.first()?),
        DataType::LargeUtf8 => texts::<i64>(nulls, first, others.first()?),
        DataType::Utf8View | DataType::BinaryView => {
            let views = ScalarBuffer::<u128>::from(first.clone());
            let views = views.iter().zip(nulls.iter()).map(|(view, valid)| if valid { *view } else { 0 });
            let mut found = vec![Buffer::from_vec(views.collect::<Vec<u128>>())];
            found.extend(others.iter().cloned());
            Some(found)
        }
        _ => None,
    }
}

fn texts<O: ArrowNativeType>(nulls: &NullBuffer, offsets: &Buffer, values: &Buffer) -> Option<Vec<Buffer>> {
    let offsets = ScalarBuffer::<O>::from(offsets.clone());
    let (mut kept, mut octets) = (vec![O::default()], Vec::new());
    for ((start, end), valid) in offsets.iter().zip(offsets.iter().skip(1)).zip(nulls.iter()) {
        if valid {
            octets.extend_from_slice(values.get(start.as_usize()..end.as_usize())?);
        }
        kept.push(O::from_usize(octets.len())?);
    }
    Some(vec![Buffer::from_vec(kept), Buffer::from_vec(octets)])
}
