//! Columns of octets, texts and lists, whatever their layout.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::{DataType, Schema};

/// Why columns cannot be read as chains; names the column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ColumnError {
    /// A column is missing, or of a wrong type.
    Type(String),
    /// A column says what cannot be.
    Content(String),
}

impl fmt::Display for ColumnError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Type(problem) | Self::Content(problem)) = self;
        formatter.write_str(problem)
    }
}

impl std::error::Error for ColumnError {}

/// One column of values, as they are or by their numbers in a dictionary.
#[derive(Clone, Debug)]
pub(super) enum Values {
    Plain(ArrayRef),
    Dictionary { numbers: Arc<[usize]>, column: ArrayRef, values: Box<Values> },
}

impl Values {
    /// `None` if the values themselves are not of a kind that is wanted.
    pub(super) fn new(column: &ArrayRef, is_wanted: fn(&DataType) -> bool) -> Option<Self> {
        let DataType::Dictionary(_, _) = column.data_type() else {
            return is_wanted(column.data_type()).then(|| Self::Plain(Arc::clone(column)));
        };
        let (numbers, values) = numbered(column);
        let values = Box::new(Self::new(values, is_wanted)?);
        Some(Self::Dictionary { numbers: numbers.into(), column: Arc::clone(column), values })
    }

    /// The plain column with the value of a row, and where it stands there; `None` if it is null.
    pub(super) fn find(&self, index: usize) -> Option<(&ArrayRef, usize)> {
        let (Self::Plain(column) | Self::Dictionary { column, .. }) = self;
        if index >= column.len() || column.is_null(index) {
            return None;
        }
        match self {
            Self::Plain(column) => Some((column, index)),
            Self::Dictionary { numbers, values, .. } => values.find(*numbers.get(index)?),
        }
    }
}

/// Which value each row of a dictionary has, as far as it is not null, and the values.
pub(super) fn numbered(column: &ArrayRef) -> (Vec<usize>, &ArrayRef) {
    let dictionary = column.as_any_dictionary();
    // Where there are no values every key is null.
    let numbers = if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() };
    (numbers, dictionary.values())
}

/// One column of octets, whatever its layout.
#[derive(Clone, Debug)]
pub(super) struct Octets(Values);

impl Octets {
    pub(super) fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        Values::new(column, is_octets).map(Self).ok_or_else(|| {
            let found = column.data_type();
            ColumnError::Type(format!(
                "column {what}: binary, large_binary, binary_view or a dictionary of them expected, found {found}"
            ))
        })
    }

    pub(super) fn get(&self, index: usize) -> Option<&[u8]> {
        self.0.find(index).map(|(column, index)| octets(column, index))
    }
}

/// A value of a plain column for which [`is_octets`] holds.
pub(super) fn octets(column: &ArrayRef, index: usize) -> &[u8] {
    match column.data_type() {
        DataType::Binary => column.as_binary::<i32>().value(index),
        DataType::LargeBinary => column.as_binary::<i64>().value(index),
        DataType::BinaryView => column.as_binary_view().value(index),
        _ => column.as_fixed_size_binary().value(index),
    }
}

pub(super) fn is_octets(kind: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(kind, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
}

/// One column of lists: where the items of each row stand among those of all of them.
#[derive(Clone, Debug)]
pub(super) struct Lists {
    column: ArrayRef,
    /// What the rows have; a slice of lists holds on to the items of the whole.
    pub(super) items: ArrayRef,
    /// Where these begin among all items.
    first: usize,
}

impl Lists {
    pub(super) fn is_list(kind: &DataType) -> bool {
        use DataType::{FixedSizeList, LargeList, LargeListView, List, ListView};
        matches!(kind, List(_) | LargeList(_) | ListView(_) | LargeListView(_) | FixedSizeList(_, _))
    }

    pub(super) fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        let Some(items) = items(column) else {
            let found = column.data_type();
            return Err(ColumnError::Type(format!("column {what}: a list expected, found {found}")));
        };
        let ranges = (0..column.len()).filter_map(|row| range(column, row)).filter(|range| !range.is_empty());
        let used = ranges.reduce(|used, range| used.start.min(range.start)..used.end.max(range.end));
        let Range { start: first, end } = used.unwrap_or_default();
        let items = items.slice(first, end.min(items.len()).saturating_sub(first));
        Ok(Self { items, column: Arc::clone(column), first })
    }

    /// The positions of the items of a row; `None` if it is null.
    pub(super) fn get(&self, row: usize) -> Option<Range<usize>> {
        let range = range(&self.column, row)?;
        Some(range.start.saturating_sub(self.first)..range.end.saturating_sub(self.first))
    }
}

/// The items of all rows of lists; `None` if the column does not hold lists.
pub(super) fn items(column: &ArrayRef) -> Option<&ArrayRef> {
    Some(match column.data_type() {
        DataType::List(_) => column.as_list::<i32>().values(),
        DataType::LargeList(_) => column.as_list::<i64>().values(),
        DataType::ListView(_) => column.as_list_view::<i32>().values(),
        DataType::LargeListView(_) => column.as_list_view::<i64>().values(),
        DataType::FixedSizeList(_, _) => column.as_fixed_size_list().values(),
        _ => return None,
    })
}

/// Where a row of lists, or of a map, stands among all items; `None` if it is null.
pub(super) fn range(column: &ArrayRef, index: usize) -> Option<Range<usize>> {
    if index >= column.len() || column.is_null(index) {
        return None;
    }
    let (start, end) = match column.data_type() {
        DataType::List(_) => {
            let offsets = column.as_list::<i32>().value_offsets();
            (i64::from(*offsets.get(index)?), i64::from(*offsets.get(index + 1)?))
        }
        DataType::LargeList(_) => {
            let offsets = column.as_list::<i64>().value_offsets();
            (*offsets.get(index)?, *offsets.get(index + 1)?)
        }
        DataType::Map(_, _) => {
            let offsets = column.as_map().value_offsets();
            (i64::from(*offsets.get(index)?), i64::from(*offsets.get(index + 1)?))
        }
        DataType::ListView(_) => {
            let list = column.as_list_view::<i32>();
            let start = i64::from(list.value_offset(index));
            (start, start + i64::from(list.value_size(index)))
        }
        DataType::LargeListView(_) => {
            let list = column.as_list_view::<i64>();
            (list.value_offset(index), list.value_offset(index) + list.value_size(index))
        }
        _ => {
            let list = column.as_fixed_size_list();
            let start = i64::from(list.value_offset(index));
            (start, start + i64::from(list.value_length()))
        }
    };
    Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
}

/// One column of text.
#[derive(Clone, Debug)]
pub(super) struct Texts(Values);

impl Texts {
    pub(super) fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        Values::new(column, |kind| is_text(kind) || *kind == DataType::Null).map(Self).ok_or_else(|| {
            let found = column.data_type();
            ColumnError::Type(format!(
                "column {what}: utf8, large_utf8, utf8_view or a dictionary of them expected, found {found}"
            ))
        })
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        self.0.find(index).and_then(|(column, index)| text(column, index))
    }
}

/// A value of a plain column; `None` if that is not one of text.
pub(super) fn text(column: &ArrayRef, index: usize) -> Option<&str> {
    match column.data_type() {
        DataType::Utf8 => Some(column.as_string::<i32>().value(index)),
        DataType::LargeUtf8 => Some(column.as_string::<i64>().value(index)),
        DataType::Utf8View => Some(column.as_string_view().value(index)),
        _ => None,
    }
}

pub(super) fn is_text(kind: &DataType) -> bool {
    use DataType::{LargeUtf8, Utf8, Utf8View};
    matches!(kind, Utf8 | LargeUtf8 | Utf8View)
}

pub(super) fn missing(name: &str, of: &str, schema: &Schema) -> ColumnError {
    let there: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    ColumnError::Type(format!("there is no column {name} in the {of}, which have {}", there.join(", ")))
}
