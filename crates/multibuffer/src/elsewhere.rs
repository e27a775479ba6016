//! Where the library is not to be had.

use std::path::PathBuf;

use crate::{
    Abilities, EcdsaLane, LANES, MAX_RSA_OCTETS, Multiples, MultiplesLane, RsaLane, RsaSize, Unusable,
};

/// The library, which nobody has here.
#[derive(Debug)]
pub enum Library {}

impl Library {
    /// Says that there is none.
    ///
    /// # Errors
    ///
    /// Always.
    pub fn open(_: &[PathBuf]) -> Result<Self, Unusable> {
        Err(Unusable::Machine("no such library: it is made for Linux on x86-64"))
    }

    /// What it calls itself.
    pub fn version(&self) -> &str {
        match *self {}
    }

    /// What it can do here.
    pub fn abilities(&self) -> Abilities {
        match *self {}
    }

    /// Raises to the power of 65537.
    pub fn rsa(&self, _: RsaSize, _: &[RsaLane<'_>], _: &mut [[u8; MAX_RSA_OCTETS]; LANES]) -> [bool; LANES] {
        match *self {}
    }

    /// Verifies signatures over P-256.
    pub fn p256(&self, _: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        match *self {}
    }

    /// Verifies signatures over P-384.
    pub fn p384(&self, _: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        match *self {}
    }

    /// The multiples of a key of P-256.
    pub fn p256_multiples(&self, _: &[u64; 4], _: &[u64; 4]) -> Option<Multiples<5>> {
        match *self {}
    }

    /// The multiples of a key of P-384.
    pub fn p384_multiples(&self, _: &[u64; 6], _: &[u64; 6]) -> Option<Multiples<8>> {
        match *self {}
    }

    /// Verifies signatures over P-256 by keys whose multiples are kept.
    pub fn p256_by_multiples(&self, _: &[MultiplesLane<'_, 32, 4, 5>]) -> Vec<Option<bool>> {
        match *self {}
    }

    /// Verifies signatures over P-384 by keys whose multiples are kept.
    pub fn p384_by_multiples(&self, _: &[MultiplesLane<'_, 48, 6, 8>]) -> Vec<Option<bool>> {
        match *self {}
    }
}
