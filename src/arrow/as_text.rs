//! Values of columns as text: those of verdicts in JSON lines and CSV, and those that are copied from a table.
//!
//! Arrow's own crates for that bring along what turns each type into each other: a tenth of all that a build compiles.

use std::io::{self, Write};

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowPrimitiveType, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, DecimalType,
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float16Type, Float32Type, Float64Type, Int8Type, Int16Type, Int32Type, Int64Type, IntervalDayTimeType,
    IntervalMonthDayNanoType, IntervalYearMonthType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BooleanArray, PrimitiveArray, StringArray, downcast_run_array, downcast_temporal_array,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, IntervalUnit, TimeUnit};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

use crate::distinguished_name::hex;
use crate::time::{EXPRESSIBLE, rfc3339};

use super::values::{is_octets, is_text, items, numbered, octets, range, text};

/// Types within types, which a table from elsewhere may have any number of.
const DEEPEST: usize = 32;

/// Octets of a key of a map that is nested itself.
const LONGEST_KEY: usize = 1 << 14;

const DAY: i64 = 86_400;

/// A column whose values have text.
pub(crate) struct AsText<'a> {
    nulls: Option<&'a NullBuffer>,
    values: Values<'a>,
}

enum Values<'a> {
    Null,
    Flag(&'a BooleanArray),
    Signed(Vec<i64>),
    Unsigned(Vec<u64>),
    Single(Vec<f32>),
    Double(Vec<f64>),
    Text(&'a StringArray),
    /// Text in another layout.
    TextOf(&'a ArrayRef),
    /// What JSON has no type for, and which becomes a string there.
    Made(Box<dyn Fn(usize) -> String + 'a>),
    List(&'a ArrayRef, Box<AsText<'a>>),
    Struct(Vec<(&'a str, AsText<'a>)>),
    Map(&'a ArrayRef, Box<AsText<'a>>, Box<AsText<'a>>),
    /// Dictionaries and runs: which of the values each row has.
    Numbered(Vec<usize>, Box<AsText<'a>>),
}

impl<'a> AsText<'a> {
    /// `None` if values of the type have no text: unions, and what is nested deeper than tables are.
    pub(crate) fn new(column: &'a ArrayRef) -> Option<Self> {
        Self::within(column, DEEPEST)
    }

    fn within(column: &'a ArrayRef, deepest: usize) -> Option<Self> {
        let inner = |column| Self::within(column, deepest.checked_sub(1)?).map(Box::new);
        let values = match column.data_type() {
            DataType::Null => Values::Null,
            DataType::Boolean => Values::Flag(column.as_boolean()),
            DataType::Int8 => Values::Signed(widened::<Int8Type, _>(column)),
            DataType::Int16 => Values::Signed(widened::<Int16Type, _>(column)),
            DataType::Int32 => Values::Signed(widened::<Int32Type, _>(column)),
            DataType::Int64 => Values::Signed(widened::<Int64Type, _>(column)),
            DataType::UInt8 => Values::Unsigned(widened::<UInt8Type, _>(column)),
            DataType::UInt16 => Values::Unsigned(widened::<UInt16Type, _>(column)),
            DataType::UInt32 => Values::Unsigned(widened::<UInt32Type, _>(column)),
            DataType::UInt64 => Values::Unsigned(widened::<UInt64Type, _>(column)),
            DataType::Float16 => Values::Single(widened::<Float16Type, _>(column)),
            DataType::Float32 => Values::Single(widened::<Float32Type, _>(column)),
            DataType::Float64 => Values::Double(widened::<Float64Type, _>(column)),
            DataType::Utf8 => Values::Text(column.as_string()),
            kind if is_text(kind) => Values::TextOf(column),
            kind if is_octets(kind) => Values::Made(Box::new(|row| hex(octets(column, row)))),
            DataType::Decimal32(_, _) => decimals::<Decimal32Type>(column),
            DataType::Decimal64(_, _) => decimals::<Decimal64Type>(column),
            DataType::Decimal128(_, _) => decimals::<Decimal128Type>(column),
            DataType::Decimal256(_, _) => decimals::<Decimal256Type>(column),
            DataType::Timestamp(unit, zone) => {
                // Arrow's times with a zone are UTC whatever it is called; its own hours would need the tables of all.
                let end = if zone.is_some() { "Z" } else { "" };
                timed(times(column)?, per_second(*unit), move |time| time.date_and_time(end))
            }
            DataType::Date32 => timed(times(column)?.iter().map(|day| day * DAY).collect(), 1, Time::date),
            DataType::Date64 => timed(times(column)?, 1_000, Time::date),
            DataType::Time32(unit) | DataType::Time64(unit) => {
                timed(times(column)?, per_second(*unit), Time::time_of_day)
            }
            DataType::Duration(unit) => timed(durations(column, *unit), per_second(*unit), Time::duration),
            DataType::Interval(unit) => intervals(column, *unit),
            DataType::Struct(fields) => {
                let columns = fields.iter().zip(column.as_struct().columns());
                let named = columns.map(|(field, column)| Some((field.name().as_str(), *inner(column)?)));
                Values::Struct(named.collect::<Option<_>>()?)
            }
            DataType::Map(_, _) => {
                let map = column.as_map();
                Values::Map(column, inner(map.keys())?, inner(map.values())?)
            }
            DataType::Dictionary(_, _) => {
                let (numbers, values) = numbered(column);
                Values::Numbered(numbers, inner(values)?)
            }
            DataType::RunEndEncoded(_, _) => downcast_run_array!(
                column => {
                    let numbers = (0..column.len()).map(|row| column.get_physical_index(row)).collect();
                    Values::Numbered(numbers, inner(column.values())?)
                },
                _ => return None,
            ),
            _ => Values::List(column, inner(items(column)?)?),
        };
        Some(Self { nulls: column.nulls(), values })
    }

    /// Of structs, in lists too, the fields of these names alone.
    pub(crate) fn retain(&mut self, names: &[&str]) {
        match &mut self.values {
            Values::List(_, items) => items.retain(names),
            Values::Struct(fields) => fields.retain(|(name, _)| names.contains(name)),
            _ => {}
        }
    }

    /// The text of a value, of what is nested its JSON; `None` if it is null. What is longer than so many octets may
    /// be cut anywhere behind them: a list can name one long text any number of times.
    pub(crate) fn text(&self, row: usize, longest: usize) -> Option<String> {
        if self.is_null(row) {
            return None;
        }
        Some(match &self.values {
            Values::Null => return None,
            Values::Flag(flags) => flags.value(row).to_string(),
            Values::Signed(numbers) => numbers.get(row)?.to_string(),
            Values::Unsigned(numbers) => numbers.get(row)?.to_string(),
            // As with `{:?}`: 1.0 stays apart from 1, and 1e300 is short.
            Values::Single(numbers) => format!("{:?}", numbers.get(row)?),
            Values::Double(numbers) => format!("{:?}", numbers.get(row)?),
            Values::Text(texts) => texts.value(row).to_owned(),
            Values::TextOf(texts) => text(texts, row)?.to_owned(),
            Values::Made(make) => make(row),
            Values::Numbered(numbers, values) => return values.text(*numbers.get(row)?, longest),
            Values::List(..) | Values::Struct(_) | Values::Map(..) => {
                let mut out = Start { text: Vec::new(), longest };
                // It is an error that enough is there.
                drop(serde_json::to_writer(&mut out, &self.value(row)));
                String::from_utf8(out.text).unwrap_or_default()
            }
        })
    }

    /// A value for CSV: lists as their items, of structs what they begin with.
    pub(crate) fn joined(&self, row: usize) -> String {
        match &self.values {
            Values::List(lists, items) => {
                let items: Vec<String> =
                    range(lists, row).unwrap_or_default().map(|item| items.joined(item)).collect();
                items.join("; ")
            }
            Values::Struct(fields) => fields.first().map(|(_, first)| first.joined(row)).unwrap_or_default(),
            _ => self.text(row, usize::MAX).unwrap_or_default(),
        }
    }

    /// A value for JSON.
    pub(crate) fn value(&self, row: usize) -> impl Serialize + '_ {
        Value { column: self, row }
    }

    fn is_null(&self, row: usize) -> bool {
        self.nulls.is_some_and(|nulls| nulls.is_null(row))
    }
}

struct Value<'v> {
    column: &'v AsText<'v>,
    row: usize,
}

impl Serialize for Value<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Self { column, row } = *self;
        if column.is_null(row) {
            return out.serialize_unit();
        }
        match &column.values {
            Values::Null => out.serialize_unit(),
            Values::Flag(flags) => out.serialize_bool(flags.value(row)),
            Values::Signed(numbers) => numbers.get(row).serialize(out),
            Values::Unsigned(numbers) => numbers.get(row).serialize(out),
            Values::Single(numbers) => numbers.get(row).serialize(out),
            Values::Double(numbers) => numbers.get(row).serialize(out),
            Values::Text(texts) => out.serialize_str(texts.value(row)),
            Values::TextOf(texts) => text(texts, row).serialize(out),
            Values::Made(make) => out.serialize_str(&make(row)),
            Values::List(lists, items) => {
                let mut list = out.serialize_seq(None)?;
                for row in range(lists, row).unwrap_or_default() {
                    list.serialize_element(&items.value(row))?;
                }
                list.end()
            }
            Values::Struct(fields) => {
                let mut object = out.serialize_map(None)?;
                for (name, column) in fields {
                    object.serialize_entry(name, &column.value(row))?;
                }
                object.end()
            }
            Values::Map(map, keys, values) => {
                let mut object = out.serialize_map(None)?;
                for entry in range(map, row).unwrap_or_default() {
                    let key = keys.text(entry, LONGEST_KEY).unwrap_or_default();
                    object.serialize_entry(&key, &values.value(entry))?;
                }
                object.end()
            }
            Values::Numbered(numbers, values) => {
                numbers.get(row).map(|&number| values.value(number)).serialize(out)
            }
        }
    }
}

/// Takes text until it is long enough.
struct Start {
    text: Vec<u8>,
    longest: usize,
}

impl Write for Start {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        if self.text.len() > self.longest {
            return Ok(0);
        }
        self.text.extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn widened<T: ArrowPrimitiveType, W: From<T::Native>>(column: &dyn Array) -> Vec<W> {
    converted::<T, W>(column.as_primitive())
}

fn converted<T: ArrowPrimitiveType, W: From<T::Native>>(column: &PrimitiveArray<T>) -> Vec<W> {
    column.values().iter().map(|&value| W::from(value)).collect()
}

fn decimals<T: DecimalType>(column: &dyn Array) -> Values<'_> {
    let numbers = column.as_primitive::<T>();
    Values::Made(Box::new(|row| numbers.value_as_string(row)))
}

fn per_second(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1,
        TimeUnit::Millisecond => 1_000,
        TimeUnit::Microsecond => 1_000_000,
        TimeUnit::Nanosecond => 1_000_000_000,
    }
}

/// The numbers of dates, of times of day and of points in time.
fn times(column: &dyn Array) -> Option<Vec<i64>> {
    downcast_temporal_array!(
        column => Some(converted(column)),
        _ => None,
    )
}

fn durations(column: &dyn Array, unit: TimeUnit) -> Vec<i64> {
    match unit {
        TimeUnit::Second => widened::<DurationSecondType, _>(column),
        TimeUnit::Millisecond => widened::<DurationMillisecondType, _>(column),
        TimeUnit::Microsecond => widened::<DurationMicrosecondType, _>(column),
        TimeUnit::Nanosecond => widened::<DurationNanosecondType, _>(column),
    }
}

fn intervals(column: &dyn Array, unit: IntervalUnit) -> Values<'_> {
    let make: Box<dyn Fn(usize) -> String> = match unit {
        IntervalUnit::YearMonth => {
            let months = column.as_primitive::<IntervalYearMonthType>();
            Box::new(|row| format!("P{}M", months.value(row)))
        }
        IntervalUnit::DayTime => {
            let values = column.as_primitive::<IntervalDayTimeType>();
            Box::new(|row| {
                let value = values.value(row);
                let time = Time { value: value.milliseconds.into(), per_second: 1_000 };
                format!("P{}DT{}S", value.days, time.seconds())
            })
        }
        IntervalUnit::MonthDayNano => {
            let values = column.as_primitive::<IntervalMonthDayNanoType>();
            Box::new(|row| {
                let value = values.value(row);
                let time = Time { value: value.nanoseconds, per_second: 1_000_000_000 };
                format!("P{}M{}DT{}S", value.months, value.days, time.seconds())
            })
        }
    };
    Values::Made(make)
}

fn timed<'a>(values: Vec<i64>, per_second: i64, told: impl Fn(Time) -> String + 'a) -> Values<'a> {
    Values::Made(Box::new(move |row| {
        told(Time { value: values.get(row).copied().unwrap_or_default(), per_second })
    }))
}

/// A point in time or a span, as columns have it.
#[derive(Clone, Copy)]
struct Time {
    value: i64,
    /// How many of the units make a second.
    per_second: i64,
}

impl Time {
    /// RFC 3339's, whose years have four digits; the number itself where there is no such year.
    fn date_and_time(self, end: &str) -> String {
        let seconds = self.value.div_euclid(self.per_second);
        if !EXPRESSIBLE.contains(&seconds) {
            return self.value.to_string();
        }
        let mut text = rfc3339(seconds);
        text.pop();
        text + &self.fraction() + end
    }

    fn date(self) -> String {
        let text = self.date_and_time("");
        text.split_once('T').map_or(text.as_str(), |(date, _)| date).to_owned()
    }

    fn time_of_day(self) -> String {
        let day = 0..DAY * self.per_second;
        match self.date_and_time("").split_once('T') {
            Some((_, time)) if day.contains(&self.value) => time.to_owned(),
            _ => self.value.to_string(),
        }
    }

    /// ISO 8601's duration.
    fn duration(self) -> String {
        let seconds = self.seconds();
        match seconds.strip_prefix('-') {
            Some(seconds) => format!("-PT{seconds}S"),
            None => format!("PT{seconds}S"),
        }
    }

    fn seconds(self) -> String {
        let sign = if self.value < 0 { "-" } else { "" };
        let magnitude = Self { value: self.value.saturating_abs(), ..self };
        format!("{sign}{}{}", magnitude.value / self.per_second, magnitude.fraction())
    }

    /// What is over whole seconds, in three, six or nine digits.
    fn fraction(self) -> String {
        let nanoseconds = self.value.rem_euclid(self.per_second) * (1_000_000_000 / self.per_second);
        match nanoseconds {
            0 => String::new(),
            _ if nanoseconds % 1_000_000 == 0 => format!(".{:03}", nanoseconds / 1_000_000),
            _ if nanoseconds % 1_000 == 0 => format!(".{:06}", nanoseconds / 1_000),
            _ => format!(".{nanoseconds:09}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{Int32Builder, ListViewBuilder};
    use arrow_array::types::{Int32Type, IntervalDayTime, IntervalMonthDayNano};
    use arrow_array::{
        Int32Array, IntervalDayTimeArray, IntervalMonthDayNanoArray, IntervalYearMonthArray, RunArray,
        UnionArray,
    };
    use arrow_schema::{Field, UnionFields};

    use super::*;

    fn texts(column: impl Array + 'static) -> Vec<String> {
        let column: ArrayRef = Arc::new(column);
        let told = AsText::new(&column).unwrap();
        (0..column.len()).map(|row| told.text(row, 100).unwrap_or_else(|| "null".to_owned())).collect()
    }

    #[test]
    fn intervals_are_durations_of_iso_8601() {
        assert_eq!(texts(IntervalYearMonthArray::from(vec![Some(14), None])), ["P14M", "null"]);
        let days = IntervalDayTimeArray::from(vec![IntervalDayTime::new(2, -1_500)]);
        assert_eq!(texts(days), ["P2DT-1.500S"]);
        let months = IntervalMonthDayNanoArray::from(vec![IntervalMonthDayNano::new(1, -2, 3)]);
        assert_eq!(texts(months), ["P1M-2DT0.000000003S"]);
    }

    #[test]
    fn runs_and_views_have_the_values_of_their_rows() {
        let ends = Int32Array::from(vec![2, 3]);
        let runs = RunArray::<Int32Type>::try_new(&ends, &Int32Array::from(vec![Some(7), None])).unwrap();
        assert_eq!(texts(runs.slice(1, 2)), ["7", "null"]);
        let mut views = ListViewBuilder::new(Int32Builder::new());
        views.append_value([Some(1), None]);
        views.append_null();
        assert_eq!(texts(views.finish()), ["[1,null]", "null"]);
    }

    #[test]
    fn unions_have_no_text() {
        let fields = UnionFields::try_new([0], [Field::new("a", DataType::Int32, true)]).unwrap();
        let values: ArrayRef = Arc::new(Int32Array::from(vec![1]));
        let union = UnionArray::try_new(fields, vec![0].into(), None, vec![values]).unwrap();
        let column: ArrayRef = Arc::new(union);
        assert!(AsText::new(&column).is_none());
    }
}
