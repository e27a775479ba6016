//! Trust stores: named, immutable sets of full certificates, indexed by subject.

mod builder;
mod constraints;
mod error;
mod pool;
mod programme;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::bundle::AuxiliaryTrust;
use crate::certificate::{self, CaKind, OwnedCertificate};
use crate::distinguished_name::DistinguishedName;
use crate::time::UnixSeconds;

use builder::{Builder, folder};
pub(crate) use constraints::told;
pub use constraints::{Conditions, Constraints, Dated};
pub use error::StoreError;
pub use pool::{IntermediatePool, PoolError};
pub use programme::{ListError, read_any};

/// The day the embedded list was published: that of webpki-root-certs 1.0.11, the very version that
/// Cargo.toml pins.
const MOZILLA_DATE: &str = "2026-10-23";
/// What it is.
const MOZILLA_SOURCE: &str = "Mozilla's included roots for TLS servers, from webpki-root-certs 1.0.11";

/// A named, immutable set of trust anchors.
#[derive(Debug)]
pub struct TrustStore {
    name: String,
    date: Option<Cow<'static, str>>,
    version: Option<String>,
    source: Option<String>,
    anchors: Vec<Arc<OwnedCertificate>>,
    /// Canonical subject to positions in `anchors`, in loading order.
    by_subject: HashMap<Box<[u8]>, Vec<usize>, ahash::RandomState>,
    by_sha256: HashMap<[u8; 32], usize, ahash::RandomState>,
    /// By position in `anchors`; few certificates have any.
    auxiliary: HashMap<usize, AuxiliaryTrust>,
    /// What root programmes say, by position in `anchors`; all that is said of an anchor counts.
    constraints: HashMap<usize, Vec<Constraints>>,
    skipped: Vec<String>,
    /// Canonical subjects of certificates that OpenSSL trusts and nobody here can read; an empty one could be
    /// anybody's. Nothing is believed in these names: OpenSSL might obey what is not read.
    unreadable: BTreeSet<Box<[u8]>>,
}

/// Where a store comes from, as far as it says.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// The day of the list, `YYYY-MM-DD`.
    pub date: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What it is.
    pub source: Option<String>,
}

impl TrustStore {
    /// The roots that Mozilla trusts for TLS servers, embedded. Parsed once in a process.
    ///
    /// # Errors
    ///
    /// Never with the pinned list; the type leaves room for a list that cannot be parsed.
    pub fn mozilla() -> Result<Arc<Self>, StoreError> {
        static MOZILLA: OnceLock<Arc<TrustStore>> = OnceLock::new();
        if let Some(store) = MOZILLA.get() {
            return Ok(Arc::clone(store));
        }
        let mut builder = Builder::new("mozilla");
        for root in webpki_root_certs::TLS_SERVER_ROOT_CERTS {
            builder.add(root.as_ref(), || "embedded root".to_owned());
        }
        let mut store = builder.build()?;
        store.date = Some(Cow::Borrowed(MOZILLA_DATE));
        store.source = Some(MOZILLA_SOURCE.to_owned());
        Ok(Arc::clone(MOZILLA.get_or_init(|| Arc::new(store))))
    }

    /// The platform's roots: `SSL_CERT_FILE` and `SSL_CERT_DIR` if set, else where the platform keeps them.
    ///
    /// # Errors
    ///
    /// If they cannot be read, or there are not any.
    pub fn system() -> Result<Self, StoreError> {
        let mut builder = Builder::new("system");
        let file = env::var_os("SSL_CERT_FILE").map(PathBuf::from);
        let directories = env::var_os("SSL_CERT_DIR");
        let directories: Vec<PathBuf> = directories.iter().flat_map(env::split_paths).collect();
        let directories: Vec<&PathBuf> =
            directories.iter().filter(|path| !path.as_os_str().is_empty()).collect();
        if file.is_some() || !directories.is_empty() {
            // Files that somebody has named are read like all others, so that nothing in them is lost.
            if let Some(file) = &file {
                let named =
                    |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.display()));
                builder.add_bundle(&fs::read(file).map_err(named)?, "")?;
            }
            for directory in directories {
                match folder(directory) {
                    Ok(files) => files.iter().for_each(|file| builder.add_file_of_folder(file)),
                    Err(error) => builder.skipped.push(format!("{}: {error}", directory.display())),
                }
            }
            return builder.build();
        }
        let found = rustls_native_certs::load_native_certs();
        for root in &found.certs {
            builder.add(root.as_ref(), || "system root".to_owned());
        }
        builder.skipped.extend(found.errors.iter().map(ToString::to_string));
        if found.certs.is_empty() && !found.errors.is_empty() {
            return Err(StoreError::Io(io::Error::other(builder.skipped.join("; "))));
        }
        builder.build()
    }

    /// The certificates of a PEM bundle (or of concatenated DER).
    ///
    /// # Errors
    ///
    /// If the bundle is damaged or holds no certificate.
    pub fn from_bundle(data: &[u8], name: &str) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        builder.add_bundle(data, "")?;
        builder.build()
    }

    /// Certificates in DER.
    ///
    /// # Errors
    ///
    /// The first one that cannot be parsed, by its index; or if there is none.
    pub fn from_der<'a>(
        certificates: impl IntoIterator<Item = &'a [u8]>,
        name: &str,
    ) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        for (index, der) in certificates.into_iter().enumerate() {
            let certificate = OwnedCertificate::parse(der)
                .map_err(|error| StoreError::Unparseable { index, problem: error.to_string() })?;
            builder.push(certificate);
        }
        builder.build()
    }

    /// Certificates in DER from a collection nobody has checked: what cannot be parsed is left out, with
    /// its position among `skipped`.
    ///
    /// # Errors
    ///
    /// If there is none.
    pub fn gather<'a>(
        certificates: impl IntoIterator<Item = &'a [u8]>,
        name: &str,
    ) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        for (index, der) in certificates.into_iter().enumerate() {
            builder.add(der, || format!("certificate {index}"));
        }
        builder.build()
    }

    /// A file, PEM or DER, or all such files of a directory; or a root programme's list with what it says of its anchors.
    ///
    /// # Errors
    ///
    /// If it cannot be read or holds no certificate, or if a list is not complete.
    pub fn from_path(path: &Path, name: &str) -> Result<Self, StoreError> {
        let list =
            if fs::metadata(path)?.is_dir() { programme::list_in(path) } else { Some(path.to_owned()) };
        if let Some(store) = list.and_then(|list| programme::from_file(&list, name)) {
            return store;
        }
        Self::collected(path, name)
    }

    /// A file, PEM or DER, or all such files of a directory.
    fn collected(path: &Path, name: &str) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        if fs::metadata(path)?.is_dir() {
            folder(path)?.iter().for_each(|file| builder.add_file_of_folder(file));
        } else {
            builder.add_bundle(&fs::read(path)?, "")?;
        }
        builder.build()
    }

    /// The anchors of `base` and then those of `blocks`: the contents of a `CERTIFICATE` block, or of a
    /// `TRUSTED CERTIFICATE` block if so marked. Only here a store may come out empty: in OpenSSL, a
    /// context without certificates trusts nobody. What cannot be parsed is left out and listed.
    pub fn extended<'a>(
        base: Option<&Self>,
        blocks: impl IntoIterator<Item = (&'a [u8], bool)>,
        name: &str,
    ) -> Self {
        let mut builder = Builder::like(base, name);
        for (index, (der, is_trusted)) in blocks.into_iter().enumerate() {
            if let Err(problem) = builder.add_block(der, is_trusted) {
                builder.skipped.push(format!("certificate {index}: {problem}"));
                // OpenSSL takes an empty block for the end of the file, and reads none of these.
                if !der.is_empty() {
                    let subject = certificate::subject_of(der).unwrap_or_default();
                    builder.store.unreadable.insert(subject.into_boxed_slice());
                }
            }
        }
        TrustStore { skipped: builder.skipped, ..builder.store }
    }

    /// The anchors of one store and then those of another, trust settings included.
    pub fn merged(base: &Self, other: &Self, name: &str) -> Self {
        let mut builder = Builder::like(Some(base), name);
        for (index, anchor) in other.anchors.iter().enumerate() {
            let position = builder.store.anchors.len();
            builder.push_shared(Arc::clone(anchor));
            if let Some(auxiliary) = other.auxiliary.get(&index)
                && builder.store.anchors.len() > position
            {
                builder.store.auxiliary.insert(position, auxiliary.clone());
            }
            // Of an anchor that both have, what both say counts: neither makes the other more trusting.
            if let Some(position) = builder.store.position(&anchor.view().sha256()) {
                builder.store.constrain(position, other.constraints(index));
            }
        }
        builder.skipped.extend(other.skipped.iter().cloned());
        builder.store.unreadable.extend(other.unreadable.iter().cloned());
        TrustStore { skipped: builder.skipped, ..builder.store }
    }

    /// The same store without some of its anchors (by their fingerprints), under another name; what is left keeps its trust
    /// settings and constraints.
    ///
    /// # Errors
    ///
    /// If nothing is left.
    pub fn without(&self, taken: &HashSet<[u8; 32]>, name: &str) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        for (index, anchor) in self.anchors.iter().enumerate() {
            if taken.contains(&anchor.view().sha256()) {
                continue;
            }
            let position = builder.store.anchors.len();
            builder.push_shared(Arc::clone(anchor));
            if let Some(auxiliary) = self.auxiliary.get(&index) {
                builder.store.auxiliary.insert(position, auxiliary.clone());
            }
            builder.store.constrain(position, self.constraints(index));
        }
        builder.store.unreadable.clone_from(&self.unreadable);
        builder.skipped.clone_from(&self.skipped);
        let (date, version, source) = (self.date.clone(), self.version.clone(), self.source.clone());
        Ok(TrustStore { date, version, source, ..builder.build()? })
    }

    /// A store with the very contents of another: its name, date, anchors with their trust settings, what it had
    /// skipped, and the subjects that were unreadable.
    ///
    /// # Errors
    ///
    /// The first anchor that cannot be parsed, by its index.
    pub fn restored<'a>(
        name: &str,
        origin: Origin,
        anchors: impl IntoIterator<Item = (&'a [u8], Option<AuxiliaryTrust>, Vec<Constraints>)>,
        skipped: Vec<String>,
        unreadable: impl IntoIterator<Item = &'a [u8]>,
    ) -> Result<Self, StoreError> {
        let mut builder = Builder::new(name);
        builder.store.unreadable.extend(unreadable.into_iter().map(Box::from));
        for (index, (der, auxiliary, constraints)) in anchors.into_iter().enumerate() {
            let certificate = OwnedCertificate::parse(der)
                .map_err(|error| StoreError::Unparseable { index, problem: error.to_string() })?;
            let position = builder.store.anchors.len();
            builder.push(certificate);
            if let Some(auxiliary) = auxiliary
                && builder.store.anchors.len() > position
            {
                builder.store.auxiliary.insert(position, auxiliary);
            }
            builder.store.constrain(position, &constraints);
        }
        let Origin { date, version, source } = origin;
        Ok(TrustStore { date: date.map(Cow::Owned), version, source, skipped, ..builder.store })
    }

    /// The auxiliary trust settings of the anchor at this position, if it has any.
    pub(crate) fn auxiliary_trust(&self, position: usize) -> Option<&AuxiliaryTrust> {
        self.auxiliary.get(&position)
    }

    /// What root programmes say of the anchor at this position; every one of them has to be content.
    pub fn constraints(&self, position: usize) -> &[Constraints] {
        self.constraints.get(&position).map_or(&[], Vec::as_slice)
    }

    /// Whether a programme says anything of an anchor.
    pub(crate) fn is_constrained(&self) -> bool {
        !self.constraints.is_empty()
    }

    /// When a verdict may change for what a programme says.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        self.constraints.values().flatten().flat_map(Constraints::moments)
    }

    fn constrain(&mut self, position: usize, constraints: &[Constraints]) {
        for one in constraints.iter().filter(|one| !one.is_empty()) {
            let known = self.constraints.entry(position).or_default();
            if !known.contains(one) {
                known.push(one.clone());
            }
        }
    }

    /// How many of the anchors OpenSSL counts as CA certificates (X509_check_ca).
    pub fn ca_count(&self) -> usize {
        self.anchors.iter().filter(|anchor| anchor.view().ca_kind() != CaKind::No).count()
    }

    /// The store's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The day of the embedded list, `YYYY-MM-DD`.
    pub fn date(&self) -> Option<&str> {
        self.date.as_deref()
    }

    /// The version of a root programme's list, as the programme counts.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// What an embedded list or a root programme's file is, and where it comes from.
    pub fn source(&self) -> Option<&str> {
        self.source.as_deref()
    }

    /// What was left out while loading.
    pub fn skipped(&self) -> &[String] {
        &self.skipped
    }

    /// The subjects in which nothing is believed, canonical.
    pub fn unreadable(&self) -> impl Iterator<Item = &[u8]> {
        self.unreadable.iter().map(AsRef::as_ref)
    }

    /// Whether OpenSSL may have an anchor of this subject that cannot be read here.
    pub(crate) fn may_hide(&self, subject: &DistinguishedName<'_>) -> bool {
        !self.unreadable.is_empty()
            && (self.unreadable.contains(subject.canonical()) || self.unreadable.contains(&[][..]))
    }

    /// The trust anchors, in loading order.
    pub fn anchors(&self) -> &[Arc<OwnedCertificate>] {
        &self.anchors
    }

    /// Whether this very certificate is in the store.
    pub fn position(&self, sha256: &[u8; 32]) -> Option<usize> {
        self.by_sha256.get(sha256).copied()
    }

    /// The anchors of this subject (RFC 5280 7.1), with their positions, in loading order.
    pub(crate) fn by_subject(
        &self,
        subject: &DistinguishedName<'_>,
    ) -> impl Iterator<Item = (usize, &OwnedCertificate)> {
        let positions = self.by_subject.get(subject.canonical()).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|&position| Some((position, self.anchors.get(position)?.as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_roots_all_parse_and_are_self_signed() {
        let store = TrustStore::mozilla().unwrap();
        assert!(store.anchors().len() > 100);
        assert!(store.skipped().is_empty());
        for anchor in store.anchors() {
            assert!(anchor.view().is_self_signed(), "{}", anchor.view().subject.text());
            assert!(anchor.view().problems().is_empty());
        }
    }

    #[test]
    fn the_embedded_date_belongs_to_the_pinned_list() {
        let manifest = include_str!("../Cargo.toml");
        assert!(manifest.contains("webpki-root-certs = \"=1.0.11\""), "renew MOZILLA_DATE with the list");
    }

    #[test]
    fn duplicates_count_once_and_subjects_find_their_anchors() {
        let store = TrustStore::mozilla().unwrap();
        let first = store.anchors().first().unwrap();
        let twice = TrustStore::from_der([first.der(), first.der()], "twice").unwrap();
        assert_eq!(twice.anchors().len(), 1);
        assert_eq!(twice.by_subject(&first.view().subject).count(), 1);
        assert_eq!(twice.position(&first.view().sha256()), Some(0));
    }

    #[test]
    fn a_store_is_never_empty() {
        assert!(matches!(TrustStore::from_der([], "none"), Err(StoreError::Empty(_))));
        let key = b"-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n";
        let error = TrustStore::from_bundle(key, "key").unwrap_err().to_string();
        assert!(error.contains("1 private key"), "{error}");
    }
}
