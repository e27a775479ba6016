//! Trust stores: named, immutable sets of full certificates, indexed by subject.

mod constraints;
mod pool;
mod programme;

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::env;
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use crate::bundle::{AuxiliaryTrust, Bundle, BundleError, Content};
use crate::certificate::{self, CaKind, OwnedCertificate};
use crate::der::{Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::time::UnixSeconds;

pub(crate) use constraints::told;
pub use constraints::{Conditions, Constraints, Dated};
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
    by_subject: HashMap<Box<[u8]>, Vec<usize>>,
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

/// Why a store cannot be made.
#[derive(Debug)]
pub enum StoreError {
    /// The bundle cannot be read.
    Bundle(BundleError),
    /// A file or directory cannot be read.
    Io(io::Error),
    /// There is no certificate in it; with what was left out on the way.
    Empty(Vec<String>),
    /// A root programme's list is damaged, of another version, or names a certificate that is not there.
    List(ListError),
    /// One of several certificates cannot be parsed.
    Unparseable {
        /// Its position in the input, from 0.
        index: usize,
        /// What is wrong with it.
        problem: String,
    },
}

impl fmt::Display for StoreError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle(error) => error.fmt(formatter),
            Self::Io(error) => error.fmt(formatter),
            Self::Empty(skipped) if skipped.is_empty() => {
                formatter.write_str("no certificate found: a trust store cannot be empty")
            }
            Self::Empty(skipped) => {
                // A folder may hold thousands of other files; the first few tell what it is.
                let shown: Vec<_> = skipped.iter().take(3).map(String::as_str).collect();
                let more = skipped.len() - shown.len();
                let more = if more > 0 { format!("; and {more} more") } else { String::new() };
                write!(
                    formatter,
                    "no certificate found: a trust store cannot be empty ({}{more})",
                    shown.join("; ")
                )
            }
            Self::List(ListError { what, place, problem }) => write!(formatter, "{what}, {place}: {problem}"),
            Self::Unparseable { index, problem } => write!(formatter, "certificate {index}: {problem}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Bundle(error) => Some(error),
            Self::Io(error) => Some(error),
            Self::Empty(_) | Self::List(_) | Self::Unparseable { .. } => None,
        }
    }
}

impl From<BundleError> for StoreError {
    fn from(error: BundleError) -> Self {
        Self::Bundle(error)
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
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
    /// If they cannot be read or there are none.
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

/// What a folder holds, by name: directory order is no order, and positions in a store should not change between runs.
fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

struct Builder {
    store: TrustStore,
    skipped: Vec<String>,
}

impl Builder {
    fn new(name: &str) -> Self {
        let store = TrustStore {
            name: name.to_owned(),
            date: None,
            version: None,
            source: None,
            anchors: Vec::new(),
            by_subject: HashMap::new(),
            by_sha256: HashMap::default(),
            auxiliary: HashMap::new(),
            constraints: HashMap::new(),
            skipped: Vec::new(),
            unreadable: BTreeSet::new(),
        };
        Self { store, skipped: Vec::new() }
    }

    /// A builder that starts with what another store has.
    fn like(base: Option<&TrustStore>, name: &str) -> Self {
        let mut builder = Self::new(name);
        if let Some(base) = base {
            builder.store.anchors.clone_from(&base.anchors);
            builder.store.by_subject.clone_from(&base.by_subject);
            builder.store.by_sha256.clone_from(&base.by_sha256);
            builder.store.auxiliary.clone_from(&base.auxiliary);
            builder.store.constraints.clone_from(&base.constraints);
            builder.skipped.clone_from(&base.skipped);
            builder.store.unreadable.clone_from(&base.unreadable);
        }
        builder
    }

    /// Whatever is not read is listed: folders in the folder, links that lead nowhere, files without certificates.
    fn add_file_of_folder(&mut self, file: &Path) {
        let shown = file.file_name().unwrap_or_default().to_string_lossy();
        let problem = match fs::metadata(file) {
            // A link, or it would not have been found.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                Some("a link that leads nowhere".to_owned())
            }
            Err(error) => Some(error.to_string()),
            Ok(metadata) if metadata.is_dir() => Some("a folder in the folder is not read".to_owned()),
            Ok(metadata) if !metadata.is_file() => Some("not a file".to_owned()),
            Ok(_) => {
                let read = fs::read(file).map_err(StoreError::from);
                read.and_then(|data| self.add_bundle(&data, &shown)).err().map(|error| error.to_string())
            }
        };
        if let Some(problem) = problem {
            self.skipped.push(format!("{shown}: {problem}"));
        }
    }

    fn add_bundle(&mut self, data: &[u8], file: &str) -> Result<(), StoreError> {
        let prefix = if file.is_empty() { String::new() } else { format!("{file}: ") };
        let bundle = Bundle::read(data)?;
        for (content, count) in &bundle.others {
            // Servers like key and chain in one file: that there is a key says enough.
            let is_told = *content != Content::PrivateKey || bundle.certificates.is_empty();
            let advice = content.advice().filter(|_| is_told);
            let advice = advice.map(|advice| format!(": {advice}")).unwrap_or_default();
            self.skipped.push(match content {
                Content::PrivateKey => format!("{prefix}{count} private key(s){advice}"),
                other if *count == 1 => format!("{prefix}{}{advice}", other.what()),
                other => format!("{prefix}{count} times {}{advice}", other.what()),
            });
        }
        if !bundle.crls.is_empty() {
            self.skipped
                .push(format!("{prefix}{} CRL(s): hand them in with crls=, or --crl", bundle.crls.len()));
        }
        let mut settings = bundle.trust_settings.into_iter().peekable();
        for (index, der) in bundle.certificates.iter().enumerate() {
            let position = self.store.anchors.len();
            self.add(der, || format!("{prefix}certificate {index}"));
            let auxiliary = settings.next_if(|(of, _)| *of == index);
            if let Some((_, auxiliary)) = auxiliary
                && self.store.anchors.len() > position
            {
                self.store.auxiliary.insert(position, auxiliary);
            }
        }
        Ok(())
    }

    fn add(&mut self, der: &[u8], what: impl Fn() -> String) {
        match OwnedCertificate::parse(der) {
            Ok(certificate) => self.push(certificate),
            Err(error) => self.skipped.push(format!("{}: {error}", what())),
        }
    }

    fn push(&mut self, certificate: OwnedCertificate) {
        self.push_shared(Arc::new(certificate));
    }

    fn push_shared(&mut self, certificate: Arc<OwnedCertificate>) {
        let position = self.store.anchors.len();
        match self.store.by_sha256.entry(certificate.view().sha256()) {
            Entry::Occupied(_) => {}
            Entry::Vacant(entry) => {
                entry.insert(position);
                let subject = certificate.view().subject.canonical().into();
                self.store.by_subject.entry(subject).or_default().push(position);
                self.store.anchors.push(certificate);
            }
        }
    }

    /// A block as PEM_read_bio_X509_AUX reads it: octets after the certificate are auxiliary trust
    /// settings in a trusted block, and passed over in any other.
    fn add_block(&mut self, der: &[u8], is_trusted: bool) -> Result<(), String> {
        let mut reader = Reader::new(der);
        let certificate = reader.element(tag::SEQUENCE).ok_or("no complete SEQUENCE")?;
        let auxiliary = if is_trusted && !reader.is_empty() {
            Some(AuxiliaryTrust::parse(reader.rest()).ok_or("malformed trust settings")?)
        } else {
            None
        };
        let certificate = OwnedCertificate::parse(certificate.whole).map_err(|error| error.to_string())?;
        let position = self.store.anchors.len();
        self.push(certificate);
        if let Some(auxiliary) = auxiliary
            && self.store.anchors.len() > position
        {
            self.store.auxiliary.insert(position, auxiliary);
        }
        Ok(())
    }

    fn build(self) -> Result<TrustStore, StoreError> {
        if self.store.anchors.is_empty() {
            return Err(StoreError::Empty(self.skipped));
        }
        Ok(TrustStore { skipped: self.skipped, ..self.store })
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
