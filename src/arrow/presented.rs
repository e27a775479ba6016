//! Columns of certificates: DER, read where it lies, and PEM, which is opened when its row is judged.

use std::sync::{Arc, OnceLock};

use arrow_array::{Array, ArrayRef};

use crate::batch::Presented;
use crate::bundle::{Bundle, BundleError, is_pem};

use super::values::{ColumnError, Lists, Values, is_octets, is_text, octets, text};

/// What was in a value of PEM, or why it cannot be read.
type Opened = Result<Presented, String>;
/// One for each value of a plain column, empty until it is opened.
type AllOpened = Box<[OnceLock<Box<Opened>>]>;

/// One column of certificates. A value of binary is one certificate in DER, or PEM; a value of text is PEM. PEM may hold
/// any number of them.
#[derive(Clone, Debug)]
pub(super) struct Certificates {
    values: Values,
    /// By the place of the value in its plain column: what many rows share is opened once. Made for the first PEM.
    opened: Arc<OnceLock<AllOpened>>,
}

impl Certificates {
    pub(super) fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        let values = Values::new(column, |kind| is_octets(kind) || is_text(kind)).ok_or_else(|| {
            let found = column.data_type();
            ColumnError::Type(format!(
                "column {what}: binary (DER or PEM) or text (PEM), or a dictionary of either expected, found {found}"
            ))
        })?;
        Ok(Self { values, opened: Arc::default() })
    }

    /// Adds the certificates of a value to `chain`; `false` if there is no value: null, or a text without a letter.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, if it is PEM. DER is left to the parser of certificates.
    pub(super) fn push<'c>(&'c self, index: usize, chain: &mut Vec<&'c [u8]>) -> Result<bool, String> {
        let Some((column, place)) = self.values.find(index) else { return Ok(false) };
        let pem = match text(column, place) {
            Some("") => return Ok(false),
            Some(text) => text.as_bytes(),
            None => {
                let octets = octets(column, place);
                if !is_pem(octets) {
                    chain.push(octets);
                    return Ok(true);
                }
                octets
            }
        };
        let opened = self.opened.get_or_init(|| (0..column.len()).map(|_| OnceLock::new()).collect());
        let Some(opened) = opened.get(place) else { return Ok(false) };
        match opened.get_or_init(|| Box::new(open(pem))).as_ref() {
            Ok(presented) => {
                chain.extend(presented.iter());
                Ok(true)
            }
            Err(problem) => Err(problem.clone()),
        }
    }
}

fn open(pem: &[u8]) -> Opened {
    let certificates = Bundle::read(pem).and_then(Bundle::into_chain).map_err(|error| match error {
        BundleError::NeitherPemNorDer => "text without a PEM block".to_owned(),
        other => other.to_string(),
    })?;
    let mut presented = Presented::with_capacity(certificates.iter().map(Vec::len).sum());
    for der in &certificates {
        presented.push(der);
    }
    Ok(presented)
}

/// One column of chains, or of what follows the end entities.
#[derive(Clone, Debug)]
pub(super) enum Chains {
    /// A list for each row.
    Lists { lists: Lists, items: Certificates },
    /// One value for each row.
    Values(Certificates),
}

impl Chains {
    pub(super) fn new(column: &ArrayRef, what: &str) -> Result<Self, ColumnError> {
        if Lists::is_list(column.data_type()) {
            let lists = Lists::new(column, what)?;
            let items = Certificates::new(&lists.items, what)?;
            return Ok(Self::Lists { lists, items });
        }
        Certificates::new(column, what).map(Self::Values).map_err(|_| {
            let found = column.data_type();
            ColumnError::Type(format!(
                "column {what}: a list of binary or of text, or PEM in binary or text expected, found {found}"
            ))
        })
    }

    /// Adds the certificates of a row to `chain`; the first of a list is at this `position` of the chain.
    ///
    /// # Errors
    ///
    /// What is wrong with which of them.
    pub(super) fn push<'c>(
        &'c self,
        row: usize,
        position: usize,
        chain: &mut Vec<&'c [u8]>,
    ) -> Result<(), String> {
        match self {
            Self::Lists { lists, items } => {
                for (number, index) in lists.get(row).into_iter().flatten().enumerate() {
                    let place = || format!("certificate {} of the chain", position + number);
                    let is_there =
                        items.push(index, chain).map_err(|problem| format!("{}: {problem}", place()))?;
                    if !is_there {
                        return Err(format!("{} is null", place()));
                    }
                }
                Ok(())
            }
            Self::Values(values) => values.push(row, chain).map(drop),
        }
    }
}
