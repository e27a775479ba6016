//! Revocation sets that browsers publish, read offline: what they say of a certificate, and of which they say nothing.

#[cfg(feature = "crlite")]
mod crlite;
mod crlset;
mod onecrl;

use std::fmt;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::time::UnixSeconds;

#[cfg(feature = "crlite")]
use crlite::MozillaFilter;
use crlset::ChromeSet;
use onecrl::MozillaSet;

/// Whose set it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SetKind {
    /// Mozilla's OneCRL.
    OneCrl,
    /// Chrome's CRLSet.
    CrlSet,
    /// Mozilla's CRLite.
    Crlite,
}

impl SetKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OneCrl, Self::CrlSet, Self::Crlite];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OneCrl => "onecrl",
            Self::CrlSet => "crlset",
            Self::Crlite => "crlite",
        }
    }

    /// Whether it is a list, of which everybody can say what is not in it. A filter answers only for what it was made from.
    const fn is_list(self) -> bool {
        !matches!(self, Self::Crlite)
    }
}

/// What a set says of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SetAnswer {
    /// It is listed.
    Revoked,
    /// The set is about the certificates of this issuer, and it is not listed.
    Good,
    /// The set says nothing of it.
    NoKnowledge,
}

impl SetAnswer {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Revoked, Self::Good, Self::NoKnowledge];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Good => "good",
            Self::NoKnowledge => "no_knowledge",
        }
    }
}

/// How a set comes to its answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Listing {
    /// The certificate is listed by this.
    By(&'static str),
    /// The set is about the certificates of this issuer, and it is not listed.
    Absent,
    /// The set says nothing of it.
    Unknown,
}

impl Listing {
    const fn answer(self) -> SetAnswer {
        match self {
            Self::By(_) => SetAnswer::Revoked,
            Self::Absent => SetAnswer::Good,
            Self::Unknown => SetAnswer::NoKnowledge,
        }
    }
}

/// Why a set cannot be used, with the place in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SetError(String);

impl fmt::Display for SetError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SetError {}

/// A revocation set, indexed; immutable.
pub struct RevocationSet {
    listed: Listed,
    /// What it was read from.
    octets: Box<[u8]>,
}

enum Listed {
    Mozilla(MozillaSet),
    Chrome(ChromeSet),
    #[cfg(feature = "crlite")]
    Filter(MozillaFilter),
}

impl fmt::Debug for RevocationSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RevocationSet")
            .field("kind", &self.kind())
            .field("entries", &self.len())
            .finish_non_exhaustive()
    }
}

impl RevocationSet {
    /// Octets of the longest file that is read.
    pub const LONGEST: u64 = 64 << 20;

    /// Mozilla's OneCRL, in JSON.
    ///
    /// # Errors
    ///
    /// If it is broken anywhere, never a smaller set in silence, or longer than [`Self::LONGEST`].
    pub fn onecrl(octets: &[u8]) -> Result<Self, SetError> {
        check_length(octets)?;
        let text = octets.strip_prefix(b"\xef\xbb\xbf").unwrap_or(octets);
        Ok(Self { listed: Listed::Mozilla(onecrl::read(text)?), octets: octets.into() })
    }

    /// Chrome's CRLSet, in its binary form.
    ///
    /// # Errors
    ///
    /// As of a OneCRL.
    pub fn crlset(octets: &[u8]) -> Result<Self, SetError> {
        check_length(octets)?;
        Ok(Self { listed: Listed::Chrome(crlset::read(octets)?), octets: octets.into() })
    }

    /// Mozilla's CRLite: a filter, or one that adds to another, each in the form that is published.
    ///
    /// # Errors
    ///
    /// As of a OneCRL.
    #[cfg(feature = "crlite")]
    pub fn crlite(octets: &[u8]) -> Result<Self, SetError> {
        check_length(octets)?;
        Ok(Self { listed: Listed::Filter(crlite::read(octets)?), octets: octets.into() })
    }

    /// Whose it is.
    pub fn kind(&self) -> SetKind {
        match &self.listed {
            Listed::Mozilla(_) => SetKind::OneCrl,
            Listed::Chrome(_) => SetKind::CrlSet,
            #[cfg(feature = "crlite")]
            Listed::Filter(_) => SetKind::Crlite,
        }
    }

    /// How many certificates, keys and names it lists; of a filter, how many issuers it is about.
    pub fn len(&self) -> usize {
        match &self.listed {
            Listed::Mozilla(set) => set.len(),
            Listed::Chrome(set) => set.len(),
            #[cfg(feature = "crlite")]
            Listed::Filter(filter) => filter.len(),
        }
    }

    /// Whether it lists none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a CRLSet.
    pub fn sequence(&self) -> Option<u64> {
        match &self.listed {
            Listed::Chrome(set) => Some(set.sequence),
            Listed::Mozilla(_) => None,
            #[cfg(feature = "crlite")]
            Listed::Filter(_) => None,
        }
    }

    /// The octets that it was read from.
    pub fn octets(&self) -> &[u8] {
        &self.octets
    }

    /// What it says of the certificate at this depth of a path; `issuer` is SHA-256 of its issuer's SubjectPublicKeyInfo,
    /// where there is one above it.
    pub(crate) fn listing(
        &self,
        depth: usize,
        certificate: &Certificate<'_>,
        issuer: Option<[u8; 32]>,
        at: UnixSeconds,
    ) -> Listing {
        // Firefox asks a filter about end entities alone.
        if depth > 0 && !self.kind().is_list() {
            return Listing::Unknown;
        }
        match &self.listed {
            Listed::Mozilla(set) => set.listing(certificate),
            Listed::Chrome(set) => set.listing(certificate, issuer, at),
            #[cfg(feature = "crlite")]
            Listed::Filter(filter) => filter.listing(certificate, issuer),
        }
    }

    /// When what it says changes.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        match &self.listed {
            Listed::Chrome(set) => set.not_after,
            Listed::Mozilla(_) => None,
            #[cfg(feature = "crlite")]
            Listed::Filter(_) => None,
        }
        .into_iter()
    }
}

fn check_length(octets: &[u8]) -> Result<(), SetError> {
    let is_too_long = u64::try_from(octets.len()).is_ok_and(|length| length > RevocationSet::LONGEST);
    if is_too_long {
        return Err(SetError(format!("more than the {} octets that are read", RevocationSet::LONGEST)));
    }
    Ok(())
}

/// What the sets of a verifier say of a path.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct SetAnswers {
    /// Whether some certificate of the path is in one of them; `None` where none of them can tell.
    pub listed: Option<bool>,
    /// What each says of the end entity, in the order of the sets.
    pub of_leaf: Vec<(SetKind, SetAnswer)>,
}

impl SetAnswers {
    /// The answers about the end entity as texts, such as `crlset: good`.
    pub(crate) fn texts(&self) -> Vec<String> {
        self.of_leaf.iter().map(|(kind, answer)| format!("{}: {}", kind.name(), answer.name())).collect()
    }

    /// Before anything was asked.
    pub(crate) fn new(sets: &[Arc<RevocationSet>]) -> Self {
        let has_list = sets.iter().any(|set| set.kind().is_list());
        Self { listed: has_list.then_some(false), of_leaf: Vec::new() }
    }

    /// Adds what the sets say of the certificate at this depth of the path.
    pub(crate) fn add(
        &mut self,
        sets: &[Arc<RevocationSet>],
        depth: usize,
        certificate: &Certificate<'_>,
        issuer: Option<[u8; 32]>,
        at: UnixSeconds,
    ) {
        for set in sets {
            let answer = set.listing(depth, certificate, issuer, at).answer();
            match answer {
                SetAnswer::Revoked => self.listed = Some(true),
                SetAnswer::Good => {
                    self.listed.get_or_insert(false);
                }
                SetAnswer::NoKnowledge => {}
            }
            if depth == 0 {
                self.of_leaf.push((set.kind(), answer));
            }
        }
    }
}
