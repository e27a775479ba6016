//! Chains from Arrow columns. What is in DER is read where it lies: no certificate is copied.

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
use crate::ct::Stapled;
use crate::name::ReferenceIdentity;
use crate::time::UnixSeconds;

use super::certificates::{CertificateTable, Numbered};
use super::names::ColumnNames;
use super::presented::{Certificates, Chains};
use super::values::{ColumnError, Lists, Octets, Texts, missing};

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
enum Whereabouts {
    /// In one column.
    Whole(Chains),
    /// The end entity, and the others.
    Split { leaf: Certificates, rest: Option<Chains> },
    /// A list of certificates of the certificates' table.
    Numbered { lists: Lists, items: Numbered },
}

/// A batch of chains in columns. Holds on to the columns; copies no certificate in DER.
#[derive(Clone, Debug)]
pub struct Columns {
    rows: usize,
    source: Whereabouts,
    names: Option<Texts>,
    /// Names in other words than the column's.
    renamed: HashMap<usize, Result<String, String>>,
    times: Option<Vec<Option<UnixSeconds>>>,
    keys: Option<Texts>,
    scts: Option<Octets>,
    ocsp: Option<Octets>,
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
        // All batches of a stream have one schema: a column that was found once and is gone is an error.
        let column = |name: &Option<String>| -> Result<Option<(&ArrayRef, String)>, ColumnError> {
            let Some(name) = name else { return Ok(None) };
            let column = batch.column_by_name(name);
            let column = column.ok_or_else(|| missing(name, "rows", &batch.schema()))?;
            Ok(Some((column, name.clone())))
        };
        let chains = |(column, name): (&ArrayRef, String)| Chains::new(column, &name);
        let source = match (table, column(&names.leaf)?, column(&names.chain)?) {
            (Some(table), _, _) => {
                let (ids, name) =
                    column(&names.ids)?.ok_or_else(|| missing("ids", "rows", &batch.schema()))?;
                let lists = Lists::new(ids, &name)?;
                let items = Numbered::new(&lists.items, &name, table)?;
                Whereabouts::Numbered { lists, items }
            }
            (None, Some((leaf, name)), rest) => Whereabouts::Split {
                leaf: Certificates::new(leaf, &name)?,
                rest: rest.map(chains).transpose()?,
            },
            (None, None, Some(chain)) => Whereabouts::Whole(chains(chain)?),
            (None, None, None) => return Err(missing("chain", "rows", &batch.schema())),
        };
        let text =
            |name: &Option<String>| column(name)?.map(|(column, name)| Texts::new(column, &name)).transpose();
        let octets = |name: &Option<String>| {
            column(name)?.map(|(column, name)| Octets::new(column, &name)).transpose()
        };
        let times = column(&names.at)?.map(|(column, name)| seconds(column, &name)).transpose()?;
        Ok(Self {
            rows: batch.num_rows(),
            source,
            names: text(&names.name)?,
            renamed: HashMap::new(),
            times,
            keys: text(&names.key)?,
            scts: octets(&names.sct)?,
            ocsp: octets(&names.ocsp)?,
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
        match &self.source {
            Whereabouts::Whole(chains) => chains.push(row, 0, chain),
            Whereabouts::Split { leaf, rest } => {
                // No end entity, no chain, whatever else was sent.
                if !leaf.push(row, chain)? {
                    return Ok(());
                }
                rest.as_ref().map_or(Ok(()), |rest| rest.push(row, 1, chain))
            }
            Whereabouts::Numbered { lists, items } => {
                for (position, index) in lists.get(row).into_iter().flatten().enumerate() {
                    let der = items.get(index, position)?;
                    chain.push(der.ok_or_else(|| format!("certificate {position} of the chain is null"))?);
                }
                Ok(())
            }
        }
    }
}

impl Rows for Columns {
    fn len(&self) -> usize {
        self.rows
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        let at = self.times.as_ref().and_then(|times| times.get(index).copied().flatten());
        let mut problem = self.push(index, chain).err().map(Refused::InputError);
        let name = match self.renamed.get(&index) {
            Some(Ok(name)) => Some(name.as_str()),
            Some(Err(complaint)) => {
                problem.get_or_insert_with(|| Refused::NoName(complaint.clone()));
                None
            }
            None => self.names.as_ref().and_then(|names| names.get(index)),
        };
        let of_row = |column: &'r Option<Octets>| column.as_ref().and_then(|column| column.get(index));
        let stapled = Stapled { scts: of_row(&self.scts), ocsp: of_row(&self.ocsp) };
        Inquiry { name: name.map(Cow::Borrowed), at, problem, stapled }
    }
}
