//! A store in the making: certificates in loading order, once each, and what was left out.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{StoreError, TrustStore};
use crate::bundle::{AuxiliaryTrust, Bundle, Content};
use crate::certificate::OwnedCertificate;
use crate::der::{Reader, tag};

/// What a folder holds, by name: directories have no order, and positions in a store should not change between runs.
pub(super) fn folder(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut files =
        fs::read_dir(path)?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<Vec<_>, _>>()?;
    files.sort();
    Ok(files)
}

pub(super) struct Builder {
    pub(super) store: TrustStore,
    pub(super) skipped: Vec<String>,
}

impl Builder {
    pub(super) fn new(name: &str) -> Self {
        let store = TrustStore {
            name: name.to_owned(),
            date: None,
            version: None,
            source: None,
            anchors: Vec::new(),
            by_subject: HashMap::default(),
            by_sha256: HashMap::default(),
            auxiliary: HashMap::new(),
            constraints: HashMap::new(),
            skipped: Vec::new(),
            unreadable: BTreeSet::new(),
        };
        Self { store, skipped: Vec::new() }
    }

    /// A builder that starts with what another store has.
    pub(super) fn like(base: Option<&TrustStore>, name: &str) -> Self {
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
    pub(super) fn add_file_of_folder(&mut self, file: &Path) {
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

    pub(super) fn add_bundle(&mut self, data: &[u8], file: &str) -> Result<(), StoreError> {
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
            self.skipped.push(format!(
                "{prefix}{} CRL(s): hand them in among the revocation lists (crls, --crl)",
                bundle.crls.len()
            ));
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

    pub(super) fn add(&mut self, der: &[u8], what: impl Fn() -> String) {
        match OwnedCertificate::parse(der) {
            Ok(certificate) => self.push(certificate),
            Err(error) => self.skipped.push(format!("{}: {error}", what())),
        }
    }

    pub(super) fn push(&mut self, certificate: OwnedCertificate) {
        self.push_shared(Arc::new(certificate));
    }

    pub(super) fn push_shared(&mut self, certificate: Arc<OwnedCertificate>) {
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
    pub(super) fn add_block(&mut self, der: &[u8], is_trusted: bool) -> Result<(), String> {
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

    pub(super) fn build(self) -> Result<TrustStore, StoreError> {
        if self.store.anchors.is_empty() {
            return Err(StoreError::Empty(self.skipped));
        }
        Ok(TrustStore { skipped: self.skipped, ..self.store })
    }
}
