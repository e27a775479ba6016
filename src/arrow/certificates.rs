//! Certificates in a table of their own, for scans in which hosts share them.
//!
//! Whose certificate a row means decides what is judged, so nothing is taken for nearly the same: numbers are
//! compared as numbers, whatever their width and sign, and fingerprints are computed.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Display;
use std::hash::Hash;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Schema};

use crate::signature::sha256;

use super::values::{ColumnError, Octets, missing};

/// Holds every value of every integer type of Arrow, each but once.
type Number = i128;

/// The numbers of a column of integers; `None` if it is not one.
fn numbers(column: &ArrayRef) -> Option<Vec<Option<Number>>> {
    macro_rules! of {
        ($kind:ty) => {
            column.as_primitive::<$kind>().iter().map(|one| one.map(Number::from)).collect()
        };
    }
    Some(match column.data_type() {
        DataType::UInt8 => of!(UInt8Type),
        DataType::UInt16 => of!(UInt16Type),
        DataType::UInt32 => of!(UInt32Type),
        DataType::UInt64 => of!(UInt64Type),
        DataType::Int8 => of!(Int8Type),
        DataType::Int16 => of!(Int16Type),
        DataType::Int32 => of!(Int32Type),
        DataType::Int64 => of!(Int64Type),
        DataType::Dictionary(_, _) => {
            let dictionary = column.as_any_dictionary();
            let values = numbers(dictionary.values())?;
            // Where there are no values every key is null.
            let keys = if values.is_empty() { Vec::new() } else { dictionary.normalized_keys() };
            let value = |row: usize| values.get(*keys.get(row)?).copied().flatten();
            (0..column.len()).map(|row| if column.is_null(row) { None } else { value(row) }).collect()
        }
        _ => return None,
    })
}

/// The certificates, and how rows name them.
#[derive(Clone, Debug)]
pub struct CertificateTable {
    /// The chunks with the number of their first row.
    chunks: Vec<(usize, Octets)>,
    rows: usize,
    /// By the column `id`, if there is one.
    by_number: Option<HashMap<Number, usize>>,
    /// By the column `sha256`, if there is one.
    by_fingerprint: Option<HashMap<[u8; 32], usize>>,
    /// The types of both, to be told.
    columns: String,
}

impl CertificateTable {
    /// Takes the column `der` of all batches, and `id` (a number) or `sha256` where they are there.
    /// Without `id` a number means the row.
    ///
    /// # Errors
    ///
    /// If a column is missing or of a wrong type, if one `id` stands for different certificates, or if a
    /// fingerprint is not that of its certificate.
    pub fn new(schema: &Schema, batches: &[RecordBatch]) -> Result<Self, ColumnError> {
        if schema.column_with_name("der").is_none() {
            return Err(missing("der", "certificates", schema));
        }
        let there = ["id", "sha256"].map(|name| schema.column_with_name(name).map(|(_, field)| field));
        let [id, fingerprint] = there.map(|field| field.is_some());
        let types: Vec<String> = there
            .into_iter()
            .flatten()
            .map(|field| format!("{} of {}", field.name(), field.data_type()))
            .collect();
        let mut table = Self {
            chunks: Vec::new(),
            rows: 0,
            by_number: id.then(HashMap::new),
            by_fingerprint: fingerprint.then(HashMap::new),
            columns: if types.is_empty() { "neither id nor sha256".to_owned() } else { types.join(" and ") },
        };
        // A table without rows has types, too.
        let empty = RecordBatch::new_empty(Arc::new(schema.clone()));
        for batch in batches.iter().chain([&empty]) {
            table.push(batch)?;
        }
        Ok(table)
    }

    fn push(&mut self, batch: &RecordBatch) -> Result<(), ColumnError> {
        let Some(der) = batch.column_by_name("der") else { return Ok(()) };
        let first = self.rows;
        self.chunks.push((first, Octets::new(der, "der of certificates")?));
        self.rows += batch.num_rows();
        if let (Some(mut known), Some(ids)) = (self.by_number.take(), batch.column_by_name("id")) {
            let found = ids.data_type();
            let ids = numbers(ids).ok_or_else(|| {
                ColumnError::Type(format!("column id of certificates: integers expected, found {found}"))
            })?;
            for (row, id) in ids.into_iter().enumerate() {
                if let Some(id) = id {
                    self.name(&mut known, id, first + row, &id)?;
                }
            }
            self.by_number = Some(known);
        }
        if let (Some(mut known), Some(hashes)) = (self.by_fingerprint.take(), batch.column_by_name("sha256"))
        {
            let hashes = Octets::new(hashes, "sha256 of certificates")?;
            for row in 0..batch.num_rows() {
                let (Some(hash), Some(der)) = (hashes.get(row), self.get(first + row)) else { continue };
                let wanted = sha256(der);
                // Whoever asks for a fingerprint means the certificate that has it, whatever the table says.
                if wanted != hash {
                    return Err(ColumnError::Content(format!(
                        "column sha256 of certificates, row {}: {} is not the SHA-256 of der",
                        first + row,
                        crate::distinguished_name::hex(hash)
                    )));
                }
                known.insert(wanted, first + row);
            }
            self.by_fingerprint = Some(known);
        }
        Ok(())
    }

    /// Notes what a row is called. Of two certificates of one name it would be open which is meant.
    fn name<K: Eq + Hash>(
        &self,
        known: &mut HashMap<K, usize>,
        id: K,
        row: usize,
        shown: &dyn Display,
    ) -> Result<(), ColumnError> {
        match known.entry(id) {
            Entry::Vacant(entry) => {
                entry.insert(row);
                Ok(())
            }
            Entry::Occupied(entry) if self.get(*entry.get()) == self.get(row) => Ok(()),
            Entry::Occupied(entry) => Err(ColumnError::Content(format!(
                "column id of certificates, row {row}: {shown} stands for another certificate in row {}",
                entry.get()
            ))),
        }
    }

    fn row_of(&self, number: Number) -> Option<usize> {
        match &self.by_number {
            Some(by_number) => by_number.get(&number).copied(),
            None => usize::try_from(number).ok().filter(|row| *row < self.rows),
        }
    }

    fn get(&self, row: usize) -> Option<&[u8]> {
        let chunk = self.chunks.partition_point(|(first, _)| *first <= row).checked_sub(1)?;
        let (first, der) = self.chunks.get(chunk)?;
        der.get(row - first)
    }
}

/// A column of what rows call their certificates.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    /// Rows of the table; or what is not such a row.
    rows: Arc<[Result<usize, String>]>,
    table: Arc<CertificateTable>,
}

impl Numbered {
    pub(super) fn new(
        items: &ArrayRef,
        what: &str,
        table: &Arc<CertificateTable>,
    ) -> Result<Self, ColumnError> {
        let unknown = |id: &dyn Display| format!("there is no certificate {id} in certificates");
        let rows: Vec<Result<usize, String>> = if let Some(numbers) = numbers(items) {
            let found = numbers.into_iter().map(|number| match number {
                Some(number) => table.row_of(number).ok_or_else(|| unknown(&number)),
                None => Err("a number of a certificate is null".to_owned()),
            });
            found.collect()
        } else {
            let found = items.data_type();
            let hashes = Octets::new(items, what).map_err(|_| {
                ColumnError::Type(format!(
                    "column {what}: lists of integers or of binary expected, found lists of {found}; certificates \
                     has {}",
                    table.columns
                ))
            })?;
            let Some(by_fingerprint) = &table.by_fingerprint else {
                return Err(ColumnError::Type(format!(
                    "column {what} has fingerprints ({found}), so certificates needs a column sha256; it has {}",
                    table.columns
                )));
            };
            let found = (0..items.len()).map(|index| match hashes.get(index) {
                Some(hash) => {
                    let row =
                        <[u8; 32]>::try_from(hash).ok().and_then(|hash| by_fingerprint.get(&hash).copied());
                    row.ok_or_else(|| unknown(&crate::distinguished_name::hex(hash)))
                }
                None => Err("a fingerprint of a certificate is null".to_owned()),
            });
            found.collect()
        };
        Ok(Self { rows: rows.into(), table: Arc::clone(table) })
    }

    /// The certificate that an item means, which is at this position of its chain; `None` if it is null.
    pub(super) fn get(&self, item: usize, position: usize) -> Result<Option<&[u8]>, String> {
        match self.rows.get(item) {
            Some(Ok(row)) => Ok(self.table.get(*row)),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(format!("certificate {position} of the chain is missing")),
        }
    }
}
