//! Chains judged before, within a bound.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;

use crate::record::Record;
use crate::time::UnixSeconds;

/// Records of chains, found again by the chain's very octets. Bounded by the octets kept; a bounded
/// S3-FIFO cache lets what comes once pass through.
pub struct Memory {
    /// `None` if nothing is to be remembered.
    seen: Option<Cache<u64, Arc<Seen>, Weight>>,
}

/// One chain with its name, judged.
struct Seen {
    octets: Box<[u8]>,
    /// Where each certificate ends.
    ends: Box<[usize]>,
    name: Option<Box<str>>,
    record: Arc<Record>,
    /// The times at which the record holds.
    window: Range<UnixSeconds>,
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

    /// The record of this chain and name, if it is known and holds at this time.
    pub(super) fn get(
        &self,
        hash: u64,
        chain: &[&[u8]],
        name: Option<&str>,
        at: UnixSeconds,
    ) -> Option<(Arc<Record>, Range<UnixSeconds>)> {
        let seen = self.seen.as_ref()?.get(&hash)?;
        (seen.is(chain, name) && seen.window.contains(&at))
            .then(|| (Arc::clone(&seen.record), seen.window.clone()))
    }

    pub(super) fn put(
        &self,
        hash: u64,
        chain: &[&[u8]],
        name: Option<&str>,
        record: &Arc<Record>,
        window: &Range<UnixSeconds>,
    ) {
        let Some(cache) = &self.seen else { return };
        let ends = chain.iter().scan(0, |end, der| {
            *end += der.len();
            Some(*end)
        });
        let seen = Seen {
            ends: ends.collect(),
            octets: chain.concat().into(),
            name: name.map(Into::into),
            record: Arc::clone(record),
            window: window.clone(),
        };
        cache.insert(hash, Arc::new(seen));
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Memory").field("chains", &self.seen.as_ref().map_or(0, Cache::len)).finish()
    }
}

impl Seen {
    /// Whether this is the chain and the name, octet by octet.
    fn is(&self, chain: &[&[u8]], name: Option<&str>) -> bool {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut known = starts.zip(&self.ends).map(|(start, &end)| self.octets.get(start..end));
        self.ends.len() == chain.len()
            && self.name.as_deref() == name
            && chain.iter().all(|der| known.next().flatten() == Some(*der))
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<u64, Arc<Seen>> for Weight {
    fn weight(&self, _: &u64, seen: &Arc<Seen>) -> u64 {
        let name = seen.name.as_ref().map_or(0, |name| name.len());
        let own = seen.octets.len() + size_of_val(&*seen.ends) + name;
        u64::try_from(own + Memory::RECORD).unwrap_or(u64::MAX)
    }
}
