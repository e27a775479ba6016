//! Chains judged before, within a bound.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::certificate::OwnedCertificate;
use crate::ct::Stapled;
use crate::record::Record;
use crate::time::UnixSeconds;
use crate::verdict::{Fact, Finding};

/// Records of chains, found again by the chain's very octets. Bounded by the octets kept; a bounded
/// S3-FIFO cache lets what comes once pass through.
pub struct Memory {
    /// `None` if nothing is to be remembered.
    seen: Option<Cache<u64, Entry, Weight>>,
}

/// What the cache holds and moves about: it asks for weights time and again, and what it points to has long
/// left the processor's caches then.
#[derive(Clone)]
struct Entry {
    seen: Arc<Seen>,
    weight: u64,
    /// Signatures may have been checked by lanes when it was judged.
    by_lanes: bool,
}

/// What has to be equal for a record to be that of a row, beside the time.
#[derive(Clone, Copy)]
pub(super) struct Key<'k> {
    pub(super) hash: u64,
    pub(super) chain: &'k [&'k [u8]],
    pub(super) stapled: Stapled<'k>,
    pub(super) name: Option<&'k str>,
}

impl<'k> Key<'k> {
    /// What is compared octet by octet: the certificates, then timestamps, response and name, where they are there.
    fn parts(&self) -> impl Iterator<Item = Option<&'k [u8]>> {
        let beside = [self.stapled.scts, self.stapled.ocsp, self.name.map(str::as_bytes)];
        self.chain.iter().map(|der| Some(*der)).chain(beside)
    }
}

/// One chain with its name, judged.
struct Seen {
    /// Those of [`Key::parts`].
    parts: Box<[Part]>,
    /// Whatever parts have octets of their own, one after the other: most rows are forgotten before they come again, so that
    /// few pieces are made of them.
    own: Box<[u8]>,
    record: Arc<Record>,
    /// The times at which the record holds.
    window: Range<UnixSeconds>,
}

/// A part of a key.
enum Part {
    Absent,
    /// So many octets.
    Own(usize),
    /// An issuer that is open already. It counts in full for each chain, since this may be the last that holds it.
    Issuer(Arc<OwnedCertificate>),
}

impl Part {
    fn octets(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Own(octets) => *octets,
            Self::Issuer(certificate) => certificate.der().len(),
        }
    }
}

impl Memory {
    /// What a record takes besides the chain, measured over mixed verdicts and rounded up.
    const RECORD: usize = 1_500;

    /// Keeps at most about so many octets.
    pub(super) fn new(octets: usize) -> Self {
        let expected = octets / (Self::RECORD + 4_000);
        let limit = u64::try_from(octets).unwrap_or(u64::MAX);
        Self { seen: (expected > 0).then(|| Cache::with_weighter(expected, limit, Weight)) }
    }

    /// The record of this chain and name, if it is known and holds at this time; one that may rest on what lanes have
    /// said, only while they are trusted.
    pub(super) fn get(
        &self,
        key: &Key<'_>,
        at: UnixSeconds,
        trusts_lanes: bool,
    ) -> Option<(Arc<Record>, Range<UnixSeconds>)> {
        let Entry { seen, by_lanes, .. } = self.seen.as_ref()?.get(&key.hash)?;
        let counts = trusts_lanes || !by_lanes;
        (counts && seen.is(key) && seen.window.contains(&at))
            .then(|| (Arc::clone(&seen.record), seen.window.clone()))
    }

    /// Remembers a record; `issuer` gives what is open already at a position of the chain, and needs no copy.
    pub(super) fn put(
        &self,
        key: &Key<'_>,
        record: &Arc<Record>,
        window: &Range<UnixSeconds>,
        by_lanes: bool,
        issuer: impl Fn(usize) -> Option<Arc<OwnedCertificate>>,
    ) {
        let Some(cache) = &self.seen else { return };
        let part = |(position, octets): (usize, Option<&[u8]>)| match octets {
            None => Part::Absent,
            Some(octets) => issuer(position).map_or(Part::Own(octets.len()), Part::Issuer),
        };
        let parts: Box<[Part]> = key.parts().enumerate().map(part).collect();
        let is_own = |part: &Part| matches!(part, Part::Own(_));
        let octets = parts.iter().filter(|part| is_own(part)).map(Part::octets).sum();
        let mut own = Vec::with_capacity(octets);
        for (part, octets) in parts.iter().zip(key.parts()) {
            own.extend_from_slice(octets.filter(|_| is_own(part)).unwrap_or_default());
        }
        let seen = Seen { parts, own: own.into(), record: Arc::clone(record), window: window.clone() };
        let weight = u64::try_from(seen.octets()).unwrap_or(u64::MAX);
        cache.insert(key.hash, Entry { seen: Arc::new(seen), weight, by_lanes });
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").field("chains", &self.seen.as_ref().map_or(0, Cache::len)).finish()
    }
}

impl Seen {
    /// What it takes of the bound.
    fn octets(&self) -> usize {
        let octets: usize = self.parts.iter().map(Part::octets).sum();
        octets + size_of_val(&*self.parts) + Memory::RECORD + self.texts() + self.timestamps()
    }

    /// The octets of texts in the record beyond what is common: a name of a certificate may be as long as that, and
    /// stand in each of its findings.
    fn texts(&self) -> usize {
        let finding = |finding: &Finding| {
            let subject = finding.concerned.as_ref().map_or(0, |concerned| concerned.subject.len());
            let facts = finding.facts.iter().map(|(_, fact)| match fact {
                Fact::Text(text) => text.len(),
                Fact::Number(_) => 0,
                Fact::Texts(texts) => texts.iter().map(String::len).sum(),
            });
            subject + facts.sum::<usize>()
        };
        let texts: usize = self.record.verdict.findings.iter().map(finding).sum();
        texts.saturating_sub(Memory::RECORD)
    }

    /// What is told of timestamps: names of logs and operators are the list's own.
    fn timestamps(&self) -> usize {
        let told = self.record.verdict.transparency.as_ref();
        told.map_or(0, |told| size_of_val(told.timestamps.as_slice()))
    }

    /// Whether this is the chain, what came beside it and the name, octet by octet.
    fn is(&self, key: &Key<'_>) -> bool {
        let mut own = &*self.own;
        let known = self.parts.iter().map(|part| match part {
            Part::Absent => None,
            Part::Own(octets) => own.split_off(..*octets),
            Part::Issuer(certificate) => Some(certificate.der()),
        });
        known.eq(key.parts())
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<u64, Entry> for Weight {
    fn weight(&self, _: &u64, entry: &Entry) -> u64 {
        entry.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Deployment, Observations};
    use crate::verdict::Verdict;

    fn record() -> Arc<Record> {
        let observations = Observations {
            leaf: None,
            cert_type: "unknown",
            deployment: Deployment::default(),
            lacks_intermediate: false,
            root_expired: None,
            store: 0,
        };
        Arc::new(Record { verdict: Verdict::new(0, None), observations })
    }

    /// Whoever finds two rows of one hash must not get the one's verdict for the other.
    #[test]
    fn rows_of_one_hash_are_told_apart_by_all_that_a_verdict_depends_on() {
        let own = Key {
            hash: 7,
            chain: &[b"leaf", b"issuer"],
            stapled: Stapled { scts: Some(b"timestamps"), ocsp: Some(b"response") },
            name: Some("a.example"),
        };
        let memory = Memory::new(1 << 20);
        memory.put(&own, &record(), &(10..20), false, |_| None);
        assert!(memory.get(&own, 10, true).is_some() && memory.get(&own, 19, true).is_some());
        let scts = |scts| Key { stapled: Stapled { scts, ..own.stapled }, ..own };
        let ocsp = |ocsp| Key { stapled: Stapled { ocsp, ..own.stapled }, ..own };
        let others = [
            Key { chain: &[b"leaf", b"issuer", b""], ..own },
            Key { chain: &[b"leaf"], ..own },
            Key { chain: &[b"lead", b"issuer"], ..own },
            Key { chain: &[b"leaf", b"issues"], ..own },
            Key { name: None, ..own },
            Key { name: Some("b.example"), ..own },
            scts(None),
            scts(Some(b"")),
            scts(Some(b"timestampt")),
            ocsp(None),
            ocsp(Some(b"")),
            ocsp(Some(b"responsf")),
        ];
        for other in others {
            assert!(memory.get(&other, 10, true).is_none(), "{:?}", other.name);
        }
        assert!(
            memory.get(&own, 9, true).is_none() && memory.get(&own, 20, true).is_none(),
            "times that it is not for"
        );
    }
}
