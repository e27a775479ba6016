//! The lists of root programmes: those that are embedded, and the files that the programmes publish, known by what is in
//! them.

mod ccadb;
mod certdata;
mod chrome;
mod microsoft;
mod observatory;
mod textproto;

use std::borrow::Cow;
use std::fs;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use crate::bundle::Bundle;
use crate::certificate::OwnedCertificate;
use crate::signature::sha256;

use super::constraints::Constraints;
use super::{Builder, StoreError, TrustStore, folder};

/// List and certificates as data/renew.py makes them.
const CHROME: (&str, &str) = (
    include_str!("../../data/chrome/root_store.textproto"),
    include_str!("../../data/chrome/root_store.certs"),
);
/// What they were made from: programme, package, version, date.
const SOURCES: &str = include_str!("../../data/SOURCES");

/// The largest list that is read, in octets: certdata.txt, the largest of the programmes' own, has 1.2 million.
const MAX_LIST: u64 = 32 << 20;
/// The most anchors in a list: ten times as many as any programme has.
const MAX_ANCHORS: usize = 10_000;

/// Something wrong with a list: where, and what.
#[derive(Debug, Eq, PartialEq)]
pub struct ListError {
    /// What kind of list it was taken for.
    pub what: &'static str,
    /// The line, or the number of the entry.
    pub place: String,
    /// What was expected or found.
    pub problem: String,
}

impl ListError {
    fn line(what: &'static str, line: usize, problem: impl Into<String>) -> Self {
        Self { what, place: format!("line {line}"), problem: problem.into() }
    }

    fn entry(what: &'static str, entry: &str, problem: impl Into<String>) -> Self {
        Self { what, place: format!("entry {entry}"), problem: problem.into() }
    }
}

/// What a list says of one certificate.
struct Anchor {
    /// What names it in the list, for complaints.
    entry: String,
    /// Its octets, or the fingerprint by which to find them.
    certificate: Named,
    constraints: Constraints,
}

/// A certificate as a list names it.
enum Named {
    Der(Vec<u8>),
    Sha1([u8; 20]),
    Sha256([u8; 32]),
}

/// A list, read.
struct List {
    what: &'static str,
    source: String,
    version: Option<String>,
    date: Option<String>,
    anchors: Vec<Anchor>,
    /// Entries that are not trust anchors.
    skipped: Vec<String>,
}

/// The kinds of lists, by what is in them.
#[derive(Clone, Copy)]
enum Kind {
    Chrome,
    Certdata,
    Microsoft,
    Observatory,
    Ccadb,
}

impl Kind {
    fn of(data: &[u8]) -> Option<Self> {
        if microsoft::is_list(data) {
            return Some(Self::Microsoft);
        }
        let text = std::str::from_utf8(data).ok()?;
        let known = [
            (Self::Chrome, chrome::is_list as fn(&str) -> bool),
            (Self::Certdata, certdata::is_list),
            (Self::Observatory, observatory::is_list),
            (Self::Ccadb, ccadb::is_list),
        ];
        known.into_iter().find(|(_, is)| is(text)).map(|(kind, _)| kind)
    }

    /// Reads the list; one of many programmes by the name of the store.
    fn read(self, data: &[u8], name: &str) -> Result<List, ListError> {
        let text = std::str::from_utf8(data).unwrap_or_default();
        match self {
            Self::Chrome => chrome::read(text),
            Self::Certdata => certdata::read(text),
            Self::Microsoft => microsoft::read(data),
            Self::Observatory => observatory::read(text),
            Self::Ccadb => ccadb::read(text, name),
        }
    }
}

/// A store from a root programme's list; `None` if the file is not one. Certificates that the list only names are looked
/// for beside it.
pub(super) fn from_file(path: &Path, name: &str) -> Option<Result<TrustStore, StoreError>> {
    if fs::metadata(path).ok()?.len() > MAX_LIST {
        return None;
    }
    let data = fs::read(path).ok()?;
    let kind = Kind::of(&data)?;
    let read = || {
        let list = kind.read(&data, name).map_err(StoreError::List)?;
        let certificates = beside(path, kind, &list)?;
        store(list, &certificates, name)
    };
    Some(read())
}

/// The lists that a folder may be about: whoever hands in the folder means the list.
pub(super) fn list_in(folder: &Path) -> Option<std::path::PathBuf> {
    ["root_store.textproto", "authroot.stl", "certdata.txt"]
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file())
}

/// The certificates that a list names, from where its programme, or Windows, or the observatory keeps them.
fn beside(path: &Path, kind: Kind, list: &List) -> Result<Vec<Vec<u8>>, StoreError> {
    let place = path.parent().unwrap_or_else(|| Path::new(""));
    match kind {
        Kind::Certdata => Ok(Vec::new()),
        Kind::Chrome => certificates_of(&path.with_extension("certs")),
        Kind::Microsoft => all_beside(path, place),
        Kind::Observatory => by_fingerprint(place, list),
        Kind::Ccadb => {
            let mut found = by_fingerprint(place, list)?;
            found.extend(all_beside(path, place)?);
            Ok(found)
        }
    }
}

/// All certificates in the files of a folder. Whatever else there is does not matter: each certificate that is missing in
/// the end is told.
fn all_beside(path: &Path, place: &Path) -> Result<Vec<Vec<u8>>, StoreError> {
    let mut found = Vec::new();
    for file in folder(if place.as_os_str().is_empty() { Path::new(".") } else { place })? {
        if file != path && file.is_file() {
            found.extend(certificates_of(&file).unwrap_or_default());
        }
    }
    Ok(found)
}

/// Those in files that are called by their fingerprints.
fn by_fingerprint(place: &Path, list: &List) -> Result<Vec<Vec<u8>>, StoreError> {
    let places = [place.join("../certificates"), place.join("certificates"), place.to_owned()];
    let mut found = Vec::new();
    for anchor in &list.anchors {
        let file = format!("{}.pem", anchor.entry);
        if let Some(file) = places.iter().map(|place| place.join(&file)).find(|file| file.is_file()) {
            found.extend(certificates_of(&file)?);
        }
    }
    Ok(found)
}

fn certificates_of(path: &Path) -> Result<Vec<Vec<u8>>, StoreError> {
    let named = |error: std::io::Error| {
        std::io::Error::new(
            error.kind(),
            format!("{}, where the list has its certificates: {error}", path.display()),
        )
    };
    Ok(Bundle::read(&fs::read(path).map_err(named)?)?.certificates)
}

/// The anchors of a list, each with its certificate. One that is missing or differs from what the list says is an error:
/// a store must not become smaller in silence.
fn store(list: List, certificates: &[Vec<u8>], name: &str) -> Result<TrustStore, StoreError> {
    let List { what, source, version, date, anchors, skipped } = list;
    if anchors.len() > MAX_ANCHORS {
        let problem = format!("{} anchors; {MAX_ANCHORS} are the most that are read", anchors.len());
        return Err(StoreError::List(ListError::line(what, 0, problem)));
    }
    let by_sha256: std::collections::HashMap<_, _> =
        certificates.iter().map(|der| (sha256(der), der.as_slice())).collect();
    let by_sha1: std::collections::HashMap<_, _> =
        certificates.iter().map(|der| (crate::signature::sha1(der), der.as_slice())).collect();
    let mut builder = Builder::new(name);
    builder.skipped = skipped;
    for Anchor { entry, certificate, mut constraints } in anchors {
        let failed = |problem: String| StoreError::List(ListError::entry(what, &entry, problem));
        let found = match &certificate {
            Named::Der(der) => Some(der.as_slice()),
            Named::Sha1(sha1) => by_sha1.get(sha1).copied(),
            Named::Sha256(sha256) => by_sha256.get(sha256).copied(),
        };
        let der = found.ok_or_else(|| failed("its certificate is not there".to_owned()))?;
        let parsed = OwnedCertificate::parse(der).map_err(|error| failed(error.to_string()))?;
        constraints.source.clone_from(&source);
        builder.push(parsed);
        let position = builder.store.position(&sha256(der));
        if let Some(position) = position {
            builder.store.constrain(position, &[constraints]);
        }
    }
    builder.store.date = date.map(Cow::Owned);
    builder.store.version = version;
    builder.store.source = Some(source);
    builder.build()
}

/// SHA-256 in hexadecimal.
fn fingerprint(hex: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    if hex.len() != 64 || !hex.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (octet, at) in octets.iter_mut().zip((0..64).step_by(2)) {
        *octet = u8::from_str_radix(hex.get(at..at + 2)?, 16).ok()?;
    }
    Some(octets)
}

/// What an embedded list was made from: package and version, and the day.
fn origin(programme: &str) -> Option<(String, String)> {
    let line = SOURCES.lines().find_map(|line| line.strip_prefix(programme)?.strip_prefix(' '))?;
    let (package, date) = line.rsplit_once(' ')?;
    Some((package.to_owned(), date.to_owned()))
}

fn embedded(
    programme: &'static str,
    list: Result<List, ListError>,
    certificates: &[u8],
) -> Result<TrustStore, StoreError> {
    let list = list.map_err(StoreError::List)?;
    let mut store = store(list, &Bundle::read(certificates)?.certificates, programme)?;
    if let Some((package, date)) = origin(programme) {
        let list = store.source.take().unwrap_or_default();
        store.source = Some(format!("{list}, from {package}"));
        store.date = Some(Cow::Owned(date));
    }
    Ok(store)
}

impl TrustStore {
    /// The roots of the Chrome Root Store with Chrome's constraints, embedded. Parsed once in a process.
    ///
    /// # Errors
    ///
    /// Never with the list that is embedded.
    pub fn chrome() -> Result<Arc<Self>, StoreError> {
        static STORE: OnceLock<Arc<TrustStore>> = OnceLock::new();
        if let Some(store) = STORE.get() {
            return Ok(Arc::clone(store));
        }
        let made = embedded("chrome", chrome::read(CHROME.0), CHROME.1.as_bytes())?;
        Ok(Arc::clone(STORE.get_or_init(|| Arc::new(made))))
    }
}

/// Reads octets as any of the lists, for the fuzzer: what is said of each anchor.
#[doc(hidden)]
pub fn read_any(data: &[u8]) -> Option<Result<Vec<Constraints>, ListError>> {
    let kind = Kind::of(data)?;
    Some(kind.read(data, "").map(|list| list.anchors.into_iter().map(|anchor| anchor.constraints).collect()))
}
