//! Chains from Arrow columns, read where they lie: no certificate is copied.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int64Type, TimestampMicrosecondType, TimestampMillisecondType, TimestampNanosecondType,
    TimestampSecondType,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};

use crate::batch::{Inquiry, Refused, Rows};
use crate::name::ReferenceIdentity;
use crate::time::UnixSeconds;

use super::certificates::{CertificateTable, Numbered};
use super::values::{ColumnError, Lists, Octets, Texts, missing};

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
            return Err(ColumnError::Type(format!(
                "column {what}: a timestamp or int64 seconds expected, found {other}"
            )));
        }
    })
}

/// Where the certificates of a row are.
#[derive(Clone, Debug)]
enum Chains {
    /// A list of all of them.
    Whole { lists: Lists, items: Octets },
    /// The end entity, and a list of the others.
    Split { leaf: Octets, rest: Option<(Lists, Octets)> },
    /// A list of certificates of the certificates' table.
    Numbered { lists: Lists, items: Numbered },
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
                let lists = Lists::new(ids, &names.ids)?;
                let items = Numbered::new(&lists.items, &names.ids, table)?;
                Chains::Numbered { lists, items }
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
            Chains::Numbered { lists, items } => {
                for (position, index) in lists.get(row).into_iter().flatten().enumerate() {
                    chain.push(item(position, items.get(index, position)?)?);
                }
            }
        }
        Ok(())
    }
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
