//! Pools of intermediate certificates: untrusted, indexed by subject, shared by verifiers.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::certificate::OwnedCertificate;
use crate::distinguished_name::DistinguishedName;
use crate::parquet::{self, ReadError};

use super::{Origin, StoreError, TrustStore};

/// Certificates that may help to complete a path and are never trusted.
///
/// Loaded and indexed as a trust store is; what differs is that nothing ends at them.
#[derive(Debug)]
pub struct IntermediatePool {
    loaded: TrustStore,
}

/// Why a pool cannot be made.
#[derive(Debug)]
pub struct PoolError(pub StoreError);

impl fmt::Display for PoolError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            StoreError::Empty(skipped) if skipped.is_empty() => formatter.write_str("no certificate found"),
            StoreError::Empty(skipped) => write!(formatter, "no certificate found ({})", skipped.join("; ")),
            other => other.fmt(formatter),
        }
    }
}

impl std::error::Error for PoolError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

impl From<StoreError> for PoolError {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl IntermediatePool {
    /// The certificates of a PEM bundle (or of concatenated DER).
    ///
    /// # Errors
    ///
    /// If the bundle is damaged or holds no certificate.
    pub fn from_bundle(data: &[u8]) -> Result<Self, PoolError> {
        Ok(Self { loaded: TrustStore::from_bundle(data, NAME)? })
    }

    /// Certificates in DER.
    ///
    /// # Errors
    ///
    /// The first one that cannot be parsed, by its index; or if there is none.
    pub fn from_der<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, PoolError> {
        Ok(Self { loaded: TrustStore::from_der(certificates, NAME)? })
    }

    /// Certificates in DER from a collection nobody has checked, such as an earlier scan: what cannot be
    /// parsed is left out and listed.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn gather<'a>(certificates: impl IntoIterator<Item = &'a [u8]>) -> Result<Self, PoolError> {
        Ok(Self { loaded: TrustStore::gather(certificates, NAME)? })
    }

    /// A file, PEM or DER, or all such files of a directory.
    ///
    /// # Errors
    ///
    /// If it cannot be read or holds no certificate.
    pub fn from_path(path: &Path) -> Result<Self, PoolError> {
        Ok(Self { loaded: TrustStore::collected(path, NAME)? })
    }

    /// The certificates of a column of a Parquet file, which holds them in DER or lists of them; what cannot be
    /// parsed is left out and listed.
    ///
    /// # Errors
    ///
    /// If the column cannot be read. What it holds may still not be a pool.
    pub fn from_parquet(path: &Path, column: &str) -> Result<Result<Self, PoolError>, ReadError> {
        let certificates = parquet::distinct_octets(path, column)?;
        Ok(Self::gather(certificates.iter().map(AsRef::as_ref)))
    }

    /// A pool with the very contents of another, what it had skipped included.
    ///
    /// # Errors
    ///
    /// The first certificate that cannot be parsed, by its index.
    pub fn restored<'a>(
        certificates: impl IntoIterator<Item = &'a [u8]>,
        skipped: Vec<String>,
    ) -> Result<Self, PoolError> {
        let certificates = certificates.into_iter().map(|der| (der, None, Vec::new()));
        Ok(Self { loaded: TrustStore::restored(NAME, Origin::default(), certificates, skipped, [])? })
    }

    /// The certificates, in loading order, each once.
    pub fn certificates(&self) -> &[Arc<OwnedCertificate>] {
        self.loaded.anchors()
    }

    /// What was left out while loading.
    pub fn skipped(&self) -> &[String] {
        self.loaded.skipped()
    }

    /// The position of this very certificate.
    pub fn position(&self, sha256: &[u8; 32]) -> Option<usize> {
        self.loaded.position(sha256)
    }

    /// The certificates of this subject (RFC 5280 7.1), with their positions, in loading order.
    pub(crate) fn by_subject(
        &self,
        subject: &DistinguishedName<'_>,
    ) -> impl Iterator<Item = (usize, &OwnedCertificate)> {
        self.loaded.by_subject(subject)
    }
}

const NAME: &str = "pool";
