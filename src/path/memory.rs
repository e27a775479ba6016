//! What one judgement remembers while it goes through paths: what has been found about a certificate in its
//! place, or about two of them, is found once, whatever number of paths they stand in. And what all of it has
//! cost, counted in octets.

use std::collections::HashMap;
use std::rc::Rc;

use crate::certificate::Certificate;
use crate::ocsp::OcspAnswer;
use crate::time::UnixSeconds;
use crate::verdict::{Check, Fact, Finding, NameBy};

use super::name_constraints::Violation;
use super::openssl::Opened;

/// The place of a certificate in its path.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(super) enum Place {
    EndEntity,
    /// A CA between end entity and trust anchor.
    Intermediate,
    Anchor,
}

/// A rule that a certificate breaks, with the facts.
pub(super) type BrokenRule = (Check, Vec<(&'static str, Fact)>);

/// Certificates by their address: they all outlive the judgement.
type Known<K, V> = HashMap<K, V, ahash::RandomState>;

/// The memory of one judgement.
pub(super) struct Memory {
    /// By what the end entity has the name, and what is to be said if it has not.
    pub(super) identity: Option<(Option<NameBy>, Option<Finding>)>,
    rules: Known<(usize, Place, usize), Rc<[BrokenRule]>>,
    compared: Known<(usize, usize), Result<(), Violation>>,
    /// The earliest timestamps of the end entity, by the key of its issuer, which logs sign, too (RFC 6962 3.2).
    pub(super) timestamps: Known<Option<[u8; 32]>, Option<UnixSeconds>>,
    /// What the response that came along says of the end entity, by the key of its issuer.
    pub(super) stapled: Known<Option<[u8; 32]>, OcspAnswer>,
    pub(super) work: Cost,
    /// Where OpenSSL would have looked so far.
    pub(super) opened: Opened,
}

/// What has been spent beside edges and signatures.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cost {
    /// Octets gone through: of certificates judged or shown to webpki, of names compared with constraints and
    /// with each other. What is compared counts as often as it is read.
    pub(super) octets: usize,
    /// Paths judged in full.
    pub(super) judgements: usize,
    /// Questions to webpki.
    pub(super) proofs: usize,
}

impl Cost {
    /// How many octets one judgement may go through: some 0.3 s at the worst that was found
    /// (tests/hostile_graphs.py). An ordinary chain has 20,000.
    pub(super) const MAX_OCTETS: usize = 1 << 25;
    /// What a path costs however small its certificates are: it makes 4,096 the most that are judged in full.
    pub(super) const PATH: usize = 1 << 13;

    /// Counts before it is spent; whether that is still within the limit. What goes beyond is not spent, and
    /// leaves the count one beyond the limit, however much it was.
    pub(super) fn spend(&mut self, octets: usize) -> bool {
        self.octets = self.octets.saturating_add(octets).min(Self::MAX_OCTETS + 1);
        self.octets <= Self::MAX_OCTETS
    }

    pub(super) fn is_exhausted(&self) -> bool {
        self.octets > Self::MAX_OCTETS
    }

    /// What is to be said when it is.
    pub(super) fn facts() -> Vec<(&'static str, Fact)> {
        vec![("limit", Self::MAX_OCTETS.into()), ("of", "octets".into())]
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(&ahash::RandomState::new())
    }
}

impl Memory {
    /// The keys of a hasher take longer to make than most judgements have entries, so whoever has some lends them.
    pub(super) fn new(hasher: &ahash::RandomState) -> Self {
        Self {
            identity: None,
            rules: Known::with_hasher(hasher.clone()),
            compared: Known::with_hasher(hasher.clone()),
            timestamps: Known::with_hasher(hasher.clone()),
            stapled: Known::with_hasher(hasher.clone()),
            work: Cost::default(),
            opened: Opened::default(),
        }
    }

    /// Whether these two have been compared.
    pub(super) fn has_compared(&self, certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
        self.compared.contains_key(&(address(certificate), address(issuer)))
    }

    /// The rules that a certificate breaks in its place, below its issuer.
    pub(super) fn rules(
        &mut self,
        certificate: &Certificate<'_>,
        place: Place,
        issuer: Option<&Certificate<'_>>,
        find: impl FnOnce() -> Vec<BrokenRule>,
    ) -> Rc<[BrokenRule]> {
        let key = (address(certificate), place, issuer.map_or(0, address));
        Rc::clone(self.rules.entry(key).or_insert_with(|| find().into()))
    }

    /// Whether the names of a certificate keep the constraints of another; unless that costs too much.
    pub(super) fn compared(
        &mut self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
        compare: impl FnOnce() -> Result<(), Violation>,
    ) -> Result<(), Violation> {
        let key = (address(certificate), address(issuer));
        if let Some(known) = self.compared.get(&key) {
            return known.clone();
        }
        if !self.work.spend(comparison_octets(certificate, issuer)) {
            return Err(Violation { check: Check::NameConstraintBudget, name: None, base: None });
        }
        let outcome = compare();
        self.compared.insert(key, outcome.clone());
        outcome
    }
}

/// How many octets are read where the names of a certificate are compared with the constraints of another: for
/// each name all of them, and for each of them the name no further than the constraint goes.
pub(super) fn comparison_octets(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> usize {
    let Some(constraints) = &issuer.extensions.name_constraints else { return 0 };
    let alternative = certificate.extensions.subject_alt_name.map_or(0, |names| names.len());
    let names = certificate.subject.attribute_count().saturating_add(alternative);
    names.saturating_mul(constraints.contents.len())
}

fn address(certificate: &Certificate<'_>) -> usize {
    std::ptr::from_ref(certificate).addr()
}
