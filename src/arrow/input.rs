//! Chains from Arrow columns, read where they lie: no certificate is copied.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema, TimeUnit};

use crate::batch::{Inquiry, Refused, Rows};
use crate::name::ReferenceIdentity;
use crate::time::UnixSeconds;

/// Which columns hold what.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ColumnNames {
    /// The end entity, if `chain` has only what follows it.
    pub leaf: String,
    /// The chain, or what follows the end entity.
    pub chain: String,
    /// Numbers or fingerprints of certificates in a table of their own.
    pub ids: String,
    /// The reference identity.
    pub name: String,
    /// The time of judgement.
    pub at: String,
    /// What the row is called.
    pub key: String,
}

impl ColumnNames {
    /// Whether a column of this name is read and handed on in a column of verdicts of the same name.
    pub fn hand_on(&self, column: &str) -> bool {
        [(&self.name, "name"), (&self.at, "at"), (&self.key, "key")]
            .iter()
            .any(|(read, own)| read.as_str() == *own && column == *own)
    }
}

/// Why columns cannot be read as chains; names the column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ColumnError(String);

impl fmt::Display for ColumnError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for ColumnError {}

/// One column of values, as they are or by their numbers in a dictionary.
#[derive(Clone, Debug)]
enum Values {
    Plain(ArrayRef),
    Dictionary { numbers: Arc<[usize]>, column: ArrayRef, values: Box<Values> },
}

impl Values {
    /// `None` if the values themselves are not of a kind that is wanted.
    fn new(column: &ArrayRef, is_wanted: fn(&DataType) -> bool) -> Option<Self> {
        let DataType::Dictionary(_, _) = column.data_type() else {
            return is_wanted(column.data_type()).then(|| Self::Plain(Arc::clone(column)));
        };
        let dictionary = column.as_any_dictionary();
        // Where there are no values every key is null.
        let numbers = if dictionary.values().is_empty() { Vec::new() } else { dictionary.normalized_keys() };
        let values = Box::new(Self::new(dictionary.values(), is_wanted)?);
        Some(Self::Dictionary { numbers: numbers.into(), column: Arc::clone(column), values })
    }

    /// The plain column with the value of a row, and where it stands there; `None` if it is null.
    fn find(&self, index: usize) -> Option<(&ArrayRef, usize)> {
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

/// One column of octets, whatever its layout.
#[derive(Clone, Debug)]
struct Octets(Values);

impl Octets {
    fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        Values::new(column, is_octets).map(Self).ok_or_else(|| {
            let found = column.data_type();
            ColumnError(format!(
                "column {what}: binary, large_binary, binary_view or a dictionary of them expected, found {found}"
            ))
        })
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        let (column, index) = self.0.find(index)?;
        Some(match column.data_type() {
            DataType::Binary => column.as_binary::<i32>().value(index),
            DataType::LargeBinary => column.as_binary::<i64>().value(index),
            DataType::BinaryView => column.as_binary_view().value(index),
            _ => column.as_fixed_size_binary().value(index),
        })
    }
}

fn is_octets(kind: &DataType) -> bool {
    use DataType::{Binary, BinaryView, FixedSizeBinary, LargeBinary};
    matches!(kind, Binary | LargeBinary | BinaryView | FixedSizeBinary(_))
}

/// One column of lists: where the items of each row stand among all items.
#[derive(Clone, Debug)]
struct Lists {
    column: ArrayRef,
    items: ArrayRef,
}

impl Lists {
    fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        let items = match column.data_type() {
            DataType::List(_) => column.as_list::<i32>().values(),
            DataType::LargeList(_) => column.as_list::<i64>().values(),
            DataType::ListView(_) => column.as_list_view::<i32>().values(),
            DataType::LargeListView(_) => column.as_list_view::<i64>().values(),
            DataType::FixedSizeList(_, _) => column.as_fixed_size_list().values(),
            other => return Err(ColumnError(format!("column {what}: a list expected, found {other}"))),
        };
        Ok(Self { items: Arc::clone(items), column: Arc::clone(column) })
    }

    /// The positions of the items of a row; `None` if it is null.
    fn get(&self, index: usize) -> Option<std::ops::Range<usize>> {
        let column = &self.column;
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
}

/// One column of text.
#[derive(Clone, Debug)]
struct Texts(Values);

impl Texts {
    fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        Values::new(column, is_text).map(Self).ok_or_else(|| {
            let found = column.data_type();
            ColumnError(format!(
                "column {what}: utf8, large_utf8, utf8_view or a dictionary of them expected, found {found}"
            ))
        })
    }

    fn get(&self, index: usize) -> Option<&str> {
        let (column, index) = self.0.find(index)?;
        match column.data_type() {
            DataType::Utf8 => Some(column.as_string::<i32>().value(index)),
            DataType::LargeUtf8 => Some(column.as_string::<i64>().value(index)),
            DataType::Utf8View => Some(column.as_string_view().value(index)),
            _ => None,
        }
    }
}

fn is_text(kind: &DataType) -> bool {
    use DataType::{LargeUtf8, Null, Utf8, Utf8View};
    matches!(kind, Utf8 | LargeUtf8 | Utf8View | Null)
}

/// The whole seconds of a column of times.
fn seconds(column: &ArrayRef, what: &str) -> Result<Vec<Option<UnixSeconds>>, ColumnError> {
    macro_rules! of {
        ($kind:ty, $per_second:literal) => {
            column
                .as_primitive::<$kind>()
                .iter()
                .map(|one| one.map(|one| one.div_euclid($per_second)))
                .collect()
        };
    }
    Ok(match column.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => of!(TimestampSecondType, 1),
        DataType::Timestamp(TimeUnit::Millisecond, _) => of!(TimestampMillisecondType, 1_000),
        DataType::Timestamp(TimeUnit::Microsecond, _) => of!(TimestampMicrosecondType, 1_000_000),
        DataType::Timestamp(TimeUnit::Nanosecond, _) => of!(TimestampNanosecondType, 1_000_000_000),
        DataType::Int64 => of!(Int64Type, 1),
        DataType::Null => vec![None; column.len()],
        other => {
            return Err(ColumnError(format!(
                "column {what}: a timestamp or int64 seconds expected, found {other}"
            )));
        }
    })
}

/// Numbers of rows of the certificates' table.
fn numbers(column: &ArrayRef, what: &str) -> Result<Vec<Option<usize>>, ColumnError> {
    macro_rules! of {
        ($kind:ty) => {
            column
                .as_primitive::<$kind>()
                .iter()
                .map(|one| one.map(|one| usize::try_from(one).unwrap_or(usize::MAX)))
                .collect()
        };
    }
    Ok(match column.data_type() {
        DataType::UInt8 => of!(UInt8Type),
        DataType::UInt16 => of!(UInt16Type),
        DataType::UInt32 => of!(UInt32Type),
        DataType::UInt64 => of!(UInt64Type),
        DataType::Int8 => of!(Int8Type),
        DataType::Int16 => of!(Int16Type),
        DataType::Int32 => of!(Int32Type),
        DataType::Int64 => of!(Int64Type),
        other => {
            return Err(ColumnError(format!("column {what}: integers or binary expected, found {other}")));
        }
    })
}

/// Certificates in a table of their own, for scans in which hosts share them.
#[derive(Clone, Debug)]
pub struct CertificateTable {
    /// The chunks with the number of their first row.
    chunks: Vec<(usize, Octets)>,
    rows: usize,
    by_number: Option<HashMap<usize, usize>>,
    by_fingerprint: HashMap<Box<[u8]>, usize>,
}

impl CertificateTable {
    /// Takes the column `der` of all batches, and `id` (a number) or `sha256` where they are there.
    /// Without `id` a number means the row.
    ///
    /// # Errors
    ///
    /// If a column is missing or of a wrong type.
    pub fn new(schema: &Schema, batches: &[RecordBatch]) -> Result<Self, ColumnError> {
        if schema.column_with_name("der").is_none() {
            return Err(missing("der", "certificates", schema));
        }
        let mut chunks = Vec::new();
        let mut rows = 0;
        let mut by_number = schema.column_with_name("id").map(|_| HashMap::new());
        let mut by_fingerprint = HashMap::new();
        for batch in batches {
            let column = |name: &str| batch.column_by_name(name);
            let Some(der) = column("der") else { continue };
            let der = Octets::new(der, "der of certificates")?;
            if let (Some(by_number), Some(ids)) = (&mut by_number, column("id")) {
                for (row, number) in numbers(ids, "id of certificates")?.into_iter().enumerate() {
                    by_number.extend(number.map(|number| (number, rows + row)));
                }
            }
            if let Some(hashes) = column("sha256") {
                let hashes = Octets::new(hashes, "sha256 of certificates")?;
                for row in 0..batch.num_rows() {
                    by_fingerprint.extend(hashes.get(row).map(|hash| (hash.into(), rows + row)));
                }
            }
            chunks.push((rows, der));
            rows += batch.num_rows();
        }
        Ok(Self { chunks, rows, by_number, by_fingerprint })
    }

    fn row_of(&self, number: usize) -> Option<usize> {
        match &self.by_number {
            Some(by_number) => by_number.get(&number).copied(),
            None => (number < self.rows).then_some(number),
        }
    }

    fn get(&self, row: usize) -> Option<&[u8]> {
        let chunk = self.chunks.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, der) = self.chunks.get(chunk)?;
        der.get(row - first)
    }
}

/// Where the certificates of a row are.
#[derive(Clone, Debug)]
enum Chains {
    /// A list of all of them.
    Whole { lists: Lists, items: Octets },
    /// The end entity, and a list of the others.
    Split { leaf: Octets, rest: Option<(Lists, Octets)> },
    /// A list of rows of the certificates' table; or what is no such row.
    Numbered { lists: Lists, rows: Arc<[Result<usize, String>]>, table: Arc<CertificateTable> },
}

/// A batch of chains in columns. Holds on to the columns; copies no certificate.
#[derive(Clone, Debug)]
pub struct Columns {
    rows: usize,
    chains: Chains,
    names: Option<Texts>,
    /// Names in other words than the column's.
    renamed: HashMap<usize, Result<String, String>>,
    times: Option<Vec<Option<UnixSeconds>>>,
    keys: Option<Texts>,
}

impl Columns {
    /// Finds the columns of a batch; `table` is for batches that have `ids` instead of certificates.
    ///
    /// # Errors
    ///
    /// If a column is missing or of a wrong type.
    pub fn new(
        batch: &RecordBatch,
        names: &ColumnNames,
        table: Option<&Arc<CertificateTable>>,
    ) -> Result<Self, ColumnError> {
        let column = |name: &str| batch.column_by_name(name);
        let chains = match (table, column(&names.leaf), column(&names.chain)) {
            (Some(table), _, _) => {
                let ids = column(&names.ids);
                let ids = ids.ok_or_else(|| missing(&names.ids, "rows", &batch.schema()))?;
                numbered(ids, &names.ids, table)?
            }
            (None, Some(leaf), rest) => {
                let split = |column: &ArrayRef| -> Result<(Lists, Octets), ColumnError> {
                    let lists = Lists::new(column, &names.chain)?;
                    let items = Octets::new(&lists.items, &names.chain)?;
                    Ok((lists, items))
                };
                Chains::Split { leaf: Octets::new(leaf, &names.leaf)?, rest: rest.map(split).transpose()? }
            }
            (None, None, Some(chain)) => {
                let lists = Lists::new(chain, &names.chain)?;
                let items = Octets::new(&lists.items, &names.chain)?;
                Chains::Whole { lists, items }
            }
            (None, None, None) => return Err(missing(&names.chain, "rows", &batch.schema())),
        };
        let text = |name: &str| column(name).map(|column| Texts::new(column, name)).transpose();
        Ok(Self {
            rows: batch.num_rows(),
            chains,
            names: text(&names.name)?,
            renamed: HashMap::new(),
            times: column(&names.at).map(|column| seconds(column, &names.at)).transpose()?,
            keys: text(&names.key)?,
        })
    }

    /// What a row is called.
    pub fn key(&self, row: usize) -> Option<&str> {
        self.keys.as_ref()?.get(row)
    }

    /// The rows whose names the core cannot take as they are: not ASCII, or no host name.
    pub fn names_to_encode(&self) -> impl Iterator<Item = (usize, &str)> {
        let names = self.names.iter().flat_map(|names| (0..self.rows).map(|row| (row, names.get(row))));
        names.filter_map(|(row, name)| {
            name.filter(|name| ReferenceIdentity::check_labels(name).is_err()).map(|name| (row, name))
        })
    }

    /// Judges a row for another name, or not at all.
    pub fn rename(&mut self, row: usize, name: Result<String, String>) {
        self.renamed.insert(row, name);
    }

    fn push<'r>(&'r self, row: usize, chain: &mut Vec<&'r [u8]>) -> Result<(), String> {
        let item = |position: usize, der: Option<&'r [u8]>| {
            der.ok_or_else(|| format!("certificate {position} of the chain is null"))
        };
        match &self.chains {
            Chains::Whole { lists, items } => {
                for (position, index) in lists.get(row).into_iter().flatten().enumerate() {
                    chain.push(item(position, items.get(index))?);
                }
            }
            Chains::Split { leaf, rest } => {
                // No end entity, no chain, whatever else was sent.
                let Some(leaf) = leaf.get(row) else { return Ok(()) };
                chain.push(leaf);
                if let Some((lists, items)) = rest {
                    for (position, index) in lists.get(row).into_iter().flatten().enumerate() {
                        chain.push(item(position + 1, items.get(index))?);
                    }
                }
            }
            Chains::Numbered { lists, rows, table } => {
                for (position, index) in lists.get(row).into_iter().flatten().enumerate() {
                    let row = match rows.get(index) {
                        Some(Ok(row)) => *row,
                        Some(Err(problem)) => return Err(problem.clone()),
                        None => return Err(format!("certificate {position} of the chain is missing")),
                    };
                    chain.push(item(position, table.get(row))?);
                }
            }
        }
        Ok(())
    }
}

fn numbered(ids: &ArrayRef, what: &str, table: &Arc<CertificateTable>) -> Result<Chains, ColumnError> {
    let lists = Lists::new(ids, what)?;
    let items = &lists.items;
    let unknown = |id: &str| format!("there is no certificate {id} in certificates");
    let rows: Vec<Result<usize, String>> = match items.data_type() {
        kind if kind.is_integer() => {
            let found = numbers(items, what)?.into_iter().map(|number| match number {
                Some(number) => table.row_of(number).ok_or_else(|| unknown(&number.to_string())),
                None => Err("a number of a certificate is null".to_owned()),
            });
            found.collect()
        }
        _ => {
            let hashes = Octets::new(items, what)?;
            if table.by_fingerprint.is_empty() && table.rows > 0 {
                return Err(ColumnError(format!(
                    "column {what} has fingerprints, so certificates needs a column sha256"
                )));
            }
            let found = (0..items.len()).map(|index| match hashes.get(index) {
                Some(hash) => {
                    let row = table.by_fingerprint.get(hash).copied();
                    row.ok_or_else(|| unknown(&crate::distinguished_name::hex(hash)))
                }
                None => Err("a fingerprint of a certificate is null".to_owned()),
            });
            found.collect()
        }
    };
    Ok(Chains::Numbered { rows: rows.into(), table: Arc::clone(table), lists })
}

fn missing(name: &str, of: &str, schema: &Schema) -> ColumnError {
    let there: Vec<&str> = schema.fields().iter().map(|field| field.name().as_str()).collect();
    ColumnError(format!("there is no column {name} in the {of}, which have {}", there.join(", ")))
}

impl Rows for Columns {
    fn len(&self) -> usize {
        self.rows
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        let at = self.times.as_ref().and_then(|times| times.get(index).copied().flatten());
        let mut problem = self.push(index, chain).err();
        let name = match self.renamed.get(&index) {
            Some(Ok(name)) => Some(name.as_str()),
            Some(Err(complaint)) => {
                problem.get_or_insert_with(|| complaint.clone());
                None
            }
            None => self.names.as_ref().and_then(|names| names.get(index)),
        };
        Inquiry { name: name.map(Cow::Borrowed), at, problem: problem.map(Refused::InputError) }
    }
}
