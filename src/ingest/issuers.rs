//! The issuers of static certificate logs: a folder of certificates, each under its fingerprint.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::distinguished_name::hex;

/// Certificates by SHA-256, read when they are first asked for.
#[derive(Debug)]
pub struct Issuers {
    folder: Option<PathBuf>,
    known: Cache<[u8; 32], Known, Octets>,
    asked: AtomicBool,
}

/// A certificate, or why it is missing.
type Known = Result<Arc<[u8]>, String>;

/// Issuers that are expected. All logs together know some thousands.
const KEPT: usize = 10_000;
/// Octets of issuers kept in memory.
const KEPT_OCTETS: u64 = 32 << 20;

#[derive(Clone, Copy, Debug)]
struct Octets;

impl Weighter<[u8; 32], Known> for Octets {
    fn weight(&self, _: &[u8; 32], known: &Known) -> u64 {
        let octets = known.as_ref().map_or_else(String::len, |der| der.len());
        u64::try_from(octets).unwrap_or(u64::MAX).saturating_add(128)
    }
}

/// Octets of the largest certificate that is read.
const LARGEST: u64 = 1 << 20;

impl Issuers {
    /// No table: every issuer is missing.
    pub fn none() -> Self {
        Self {
            folder: None,
            known: Cache::with_weighter(KEPT, KEPT_OCTETS, Octets),
            asked: AtomicBool::new(false),
        }
    }

    /// The files of a folder, each called by the SHA-256 of its contents in lower-case hexadecimal.
    pub fn in_folder(folder: PathBuf) -> Self {
        Self { folder: Some(folder), ..Self::none() }
    }

    /// Whether anything has asked for an issuer.
    pub fn were_asked_for(&self) -> bool {
        self.asked.load(Ordering::Relaxed)
    }

    /// The certificate of this fingerprint.
    ///
    /// # Errors
    ///
    /// If it is not there, or if what is there has another fingerprint.
    pub fn get(&self, fingerprint: &[u8; 32]) -> Result<Arc<[u8]>, String> {
        self.asked.store(true, Ordering::Relaxed);
        if let Some(known) = self.known.get(fingerprint) {
            return known;
        }
        let read = self.read(fingerprint);
        self.known.insert(*fingerprint, read.clone());
        read
    }

    fn read(&self, fingerprint: &[u8; 32]) -> Result<Arc<[u8]>, String> {
        use std::io::Read;

        let name = hex(fingerprint);
        let Some(folder) = &self.folder else {
            return Err(format!("issuer {name} is missing: there is no folder of issuers"));
        };
        let mut der = Vec::new();
        let read =
            std::fs::File::open(folder.join(&name)).and_then(|file| file.take(LARGEST).read_to_end(&mut der));
        match read {
            Err(error) => Err(format!("issuer {name} is missing: {}: {error}", folder.display())),
            Ok(_) if sha256(&der) != *fingerprint => {
                Err(format!("issuer {name} is missing: its file in {} is another", folder.display()))
            }
            Ok(_) => Ok(der.into()),
        }
    }
}

pub(super) fn sha256(octets: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, octets);
    digest.as_ref().first_chunk().copied().unwrap_or_default()
}
