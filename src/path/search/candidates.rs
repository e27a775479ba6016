//! Who may stand above a certificate: the trust anchors of the stores, what was presented, the pool.

use crate::bundle::Decision;
use crate::certificate::Certificate;
use crate::path::openssl::{Built, PathStep};
use crate::path::programme::{Anchored, refusals};
use crate::path::ranking::{is_current, key_identifier_rank};
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{Finding, Source};

use super::Search;

/// What root programmes say of a path to an anchor.
pub(super) struct Admission {
    /// Bit i for each store i that lets the anchor vouch for the end entity.
    pub(super) mask: u32,
    /// The anchor in the first of these stores.
    pub(super) anchor: Option<Source>,
    /// Why the first store does not, if none does.
    pub(super) refused: Vec<Finding>,
}

impl<'p> Search<'_, 'p> {
    /// The anchors that carry the issuer's name, each once however many stores hold it.
    pub(super) fn anchors_of(&self, subject: &Certificate<'_>) -> Vec<PathStep<'p>> {
        let stores: &'p [_] = self.question.stores;
        let mut found: Vec<PathStep<'p>> = Vec::new();
        let mut offset = 0;
        for store in stores {
            for (position, anchor) in store.by_subject(&subject.issuer) {
                let certificate = anchor.view();
                if self.trusts(store, position)
                    && !found.iter().any(|one| one.certificate.der() == certificate.der())
                {
                    found.push(PathStep { certificate, source: Source::Store(offset + position) });
                }
            }
            offset += store.anchors().len();
        }
        self.rank(subject, &mut found);
        found
    }

    /// What was presented, and what the pool has, under the issuer's name.
    pub(super) fn issuers_of(&self, subject: &Certificate<'_>) -> Vec<PathStep<'p>> {
        let presented: &'p [&'p Certificate<'p>] = self.question.presented;
        let mut found: Vec<PathStep<'p>> = Vec::new();
        let step = |index: usize| {
            let source = Source::Presented(*self.question.positions.get(index)?);
            Some(PathStep { certificate: presented.get(index)?, source })
        };
        let is_known = |found: &[PathStep<'p>], certificate: &Certificate<'_>| {
            found.iter().any(|one| one.certificate.der() == certificate.der())
        };
        if self.by_subject.is_empty() {
            for &index in &self.distinct {
                if presented.get(index).is_some_and(|certificate| certificate.subject == subject.issuer) {
                    found.extend(step(index));
                }
            }
        } else {
            let indices = self.by_subject.get(subject.issuer.canonical()).map_or(&[][..], Vec::as_slice);
            found.extend(indices.iter().filter_map(|&index| step(index)));
        }
        if let Some(pool) = self.question.pool {
            let sent = found.len();
            for (position, certificate) in pool.by_subject(&subject.issuer) {
                let certificate = certificate.view();
                let known = if self.fingerprints.is_empty() {
                    is_known(found.get(..sent).unwrap_or_default(), certificate)
                } else {
                    self.fingerprints.contains(&certificate.sha256())
                };
                if !known {
                    found.push(PathStep { certificate, source: Source::Pool(position) });
                }
            }
        }
        self.rank(subject, &mut found);
        found
    }

    /// Best first; the sort is stable, so presented certificates stay before those of the pool.
    fn rank(&self, subject: &Certificate<'_>, candidates: &mut [PathStep<'p>]) {
        candidates.sort_by_cached_key(|step| {
            (key_identifier_rank(subject, step.certificate), !is_current(step.certificate, self.at))
        });
    }

    pub(super) fn position_in_stores(&self, sha256: &[u8; 32]) -> Option<usize> {
        let mut offset = 0;
        for store in self.question.stores {
            if let Some(position) = store.position(sha256).filter(|&position| self.trusts(store, position)) {
                return Some(offset + position);
            }
            offset += store.anchors().len();
        }
        None
    }

    /// Bit i for each store i that trusts the certificate.
    pub(super) fn mask(&self, sha256: &[u8; 32]) -> u32 {
        let trusting =
            self.question.stores.iter().enumerate().filter(|(_, store)| {
                store.position(sha256).is_some_and(|position| self.trusts(store, position))
            });
        trusting.fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// Whether a certificate of a store is an anchor for this purpose: all are, except those that
    /// OpenSSL's auxiliary settings reject.
    fn trusts(&self, store: &TrustStore, position: usize) -> bool {
        let auxiliary = store.auxiliary_trust(position);
        auxiliary.is_none_or(|settings| settings.decide(&self.question.policy.purpose) != Decision::Rejected)
    }

    /// Which stores, of those that have the anchor of the path, let it vouch for this end entity at this time.
    pub(super) fn admitting(&mut self, built: &Built<'p>, mask: u32, at: UnixSeconds) -> Admission {
        let stores: &'p [_] = self.question.stores;
        let mut admission = Admission { mask: 0, anchor: None, refused: Vec::new() };
        let Some(last) = built.steps.last() else { return admission };
        if stores.iter().all(|store| !store.is_constrained()) {
            admission.mask = mask;
            return admission;
        }
        let sha256 = last.certificate.sha256();
        let path = Anchored {
            leaf: self.leaf,
            issuer: built.steps.get(1).map(|step| step.certificate),
            depth: built.steps.len().saturating_sub(1),
        };
        let mut offset = 0;
        for (bit, store) in stores.iter().enumerate() {
            if mask >> bit & 1 == 1
                && let Some(position) = store.position(&sha256)
            {
                let refused = refusals(self.question, store, position, path, at, &mut self.memory);
                if refused.is_empty() {
                    admission.anchor.get_or_insert(Source::Store(offset + position));
                    admission.mask |= 1 << bit;
                } else if admission.refused.is_empty() {
                    admission.refused = refused;
                }
            }
            offset += store.anchors().len();
        }
        if admission.mask != 0 {
            admission.refused = Vec::new();
        }
        admission
    }

    pub(super) fn all_stores(&self) -> u32 {
        self.question.stores.iter().enumerate().fold(0, |mask, (bit, _)| mask | 1 << bit)
    }
}
