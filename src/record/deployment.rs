//! What a server does wrong with the certificates it sends, whatever the verdict.

use std::collections::{HashMap, HashSet};

use crate::certificate::Certificate;

/// From how many certificates on an index pays.
const INDEXED_FROM: usize = 16;

/// Faults of a presented chain (RFC 8446 4.4.2: each certificate certifies the one before it).
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Deployment {
    /// How many certificates were sent.
    pub presented: usize,
    /// Each certificate, duplicates and strangers aside, is named as the issuer by the one before it.
    pub in_order: bool,
    /// A CA was sent first, and an end entity after it.
    pub ca_first: bool,
    /// A self-signed certificate was sent beside the end entity: clients have their own.
    pub root_sent: bool,
    /// Certificates sent more than once.
    pub duplicates: usize,
    /// Certificates that stand on no way up from the end entity.
    pub unrelated: usize,
    /// Things that are not certificates.
    pub unparseable: usize,
}

/// What of a chain can be parsed.
pub(super) fn parsed<'c>(chain: &[&'c [u8]]) -> Vec<Certificate<'c>> {
    chain.iter().filter_map(|der| Certificate::parse(der).ok()).collect()
}

impl Deployment {
    /// Looks a chain over, end entity first, each certificate in DER.
    pub fn of(chain: &[&[u8]]) -> Self {
        let parsed = parsed(chain);
        Self::of_parsed(chain.len(), &parsed.iter().collect::<Vec<_>>())
    }

    /// The same of `presented` things, of which these are certificates.
    pub(crate) fn of_parsed(presented: usize, certificates: &[&Certificate<'_>]) -> Self {
        let mut seen: HashSet<&[u8], ahash::RandomState> = HashSet::default();
        let mut distinct: Vec<&Certificate<'_>> = Vec::with_capacity(certificates.len());
        let unparseable = presented.saturating_sub(certificates.len());
        let mut found = Self { presented, unparseable, ..Self::default() };
        for &certificate in certificates {
            let known = if certificates.len() < INDEXED_FROM {
                distinct.iter().any(|known| known.der() == certificate.der())
            } else {
                !seen.insert(certificate.der())
            };
            if known {
                found.duplicates += 1;
            } else {
                distinct.push(certificate);
            }
        }
        found.ca_first = distinct.first().is_some_and(|first| first.is_ca())
            && distinct.iter().skip(1).any(|one| {
                let is_issued_here = |issuer: &&Certificate<'_>| issuer.subject() == one.issuer();
                !one.is_ca() && !one.is_self_issued() && distinct.iter().any(is_issued_here)
            });
        found.root_sent = distinct.iter().skip(1).any(|certificate| certificate.is_self_signed());
        // Whoever is named as an issuer by the end entity, or by one who is.
        let mut related: Vec<usize> = vec![0];
        let mut by_subject: HashMap<&[u8], Vec<usize>, ahash::RandomState> = HashMap::default();
        if distinct.len() >= INDEXED_FROM {
            for (index, certificate) in distinct.iter().enumerate().skip(1) {
                by_subject.entry(certificate.subject().canonical()).or_default().push(index);
            }
        }
        let mut next = 0;
        while let Some(certificate) = related.get(next).and_then(|&index| distinct.get(index)) {
            if distinct.len() >= INDEXED_FROM {
                // Each name leads on once.
                related.extend(by_subject.remove(certificate.issuer().canonical()).unwrap_or_default());
            } else {
                for (index, candidate) in distinct.iter().enumerate() {
                    if !related.contains(&index) && candidate.subject() == certificate.issuer() {
                        related.push(index);
                    }
                }
            }
            next += 1;
        }
        found.unrelated = distinct.len().saturating_sub(related.len().min(distinct.len()));
        related.sort_unstable();
        found.in_order = related.windows(2).all(|pair| match pair {
            [one, next] => {
                let issuer = distinct.get(*one).map(|one| one.issuer());
                issuer == distinct.get(*next).map(|next| next.subject())
            }
            _ => true,
        });
        found
    }

    /// The faults as words, in a fixed order; a certificate that is missing is the verdict's to say.
    pub fn faults(&self) -> Vec<&'static str> {
        let faults = [
            (self.ca_first, "ca_first"),
            (!self.in_order, "wrong_order"),
            (self.duplicates > 0, "duplicate"),
            (self.unrelated > 0, "unrelated"),
            (self.unparseable > 0, "unparseable"),
            (self.root_sent, "root_sent"),
        ];
        faults.into_iter().filter(|(there, _)| *there).map(|(_, word)| word).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::TrustStore;

    #[test]
    fn duplicates_strangers_and_junk_are_counted() {
        let store = TrustStore::mozilla().unwrap();
        let roots: Vec<&[u8]> = store.anchors().iter().take(2).map(|root| root.der()).collect();
        let found = Deployment::of(&[roots[0], roots[0], roots[1], b"junk"]);
        assert_eq!(found.presented, 4);
        assert_eq!((found.duplicates, found.unrelated, found.unparseable), (1, 1, 1));
        assert_eq!(found.faults(), ["duplicate", "unrelated", "unparseable", "root_sent"]);
    }

    #[test]
    fn a_lone_certificate_is_in_order() {
        let store = TrustStore::mozilla().unwrap();
        let found = Deployment::of(&[store.anchors()[0].der()]);
        assert!(found.in_order && found.faults().is_empty());
        assert!(Deployment::of(&[]).faults().is_empty());
    }
}
