//! The memory of issuers' certificates opened before.

use std::fmt;
use std::sync::Arc;

use ahash::RandomState;
use quick_cache::Weighter;
use quick_cache::sync::Cache;

use super::{OwnedCertificate, ParseError};

/// Certificates that came after an end entity, opened once for all chains that they come in, with what was
/// computed about them since; shared by all threads.
///
/// The issuing CAs of a scan are few and come with every chain. A bounded S3-FIFO cache keeps them and lets
/// pass through what comes once.
pub(crate) struct IssuerMemo {
    known: Cache<u64, Arc<OwnedCertificate>, Weight>,
    /// Keyed, so that nobody can choose certificates that displace each other.
    hasher: RandomState,
}

impl IssuerMemo {
    /// Octets kept, certificates and what is known of them: two thousand certificates of the usual size.
    const CAPACITY: u64 = 1 << 23;
    /// What a certificate of the usual size takes.
    const USUAL: usize = 1 << 12;
    /// What a view takes besides the octets; its names may stand there a second time, in canonical form.
    const VIEW: usize = 5 << 8;
    /// The end of a certificate is its signature, which differs from certificate to certificate.
    const TAIL: usize = 64;

    pub(crate) fn new() -> Self {
        let expected = usize::try_from(Self::CAPACITY).unwrap_or(usize::MAX) / Self::USUAL;
        Self { known: Cache::with_weighter(expected, Self::CAPACITY, Weight), hasher: RandomState::new() }
    }

    /// The certificate of these very octets.
    ///
    /// # Errors
    ///
    /// As [`OwnedCertificate::parse`]; what does not parse is not remembered.
    pub(crate) fn open(&self, der: &[u8]) -> Result<Arc<OwnedCertificate>, ParseError> {
        let hash = self.hash(der);
        if let Some(known) = self.find(hash, der) {
            return Ok(known);
        }
        let opened = Arc::new(OwnedCertificate::parse(der)?);
        self.known.insert(hash, Arc::clone(&opened));
        Ok(opened)
    }

    fn hash(&self, der: &[u8]) -> u64 {
        let tail = der.len().checked_sub(Self::TAIL).and_then(|start| der.get(start..)).unwrap_or(der);
        self.hasher.hash_one((tail, der.len()))
    }

    fn find(&self, hash: u64, der: &[u8]) -> Option<Arc<OwnedCertificate>> {
        self.known.get(&hash).filter(|known| known.der() == der)
    }
}

impl fmt::Debug for IssuerMemo {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("IssuerMemo").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Weight;

impl Weighter<u64, Arc<OwnedCertificate>> for Weight {
    fn weight(&self, _: &u64, certificate: &Arc<OwnedCertificate>) -> u64 {
        u64::try_from(2 * certificate.der().len() + IssuerMemo::VIEW).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Certificate;
    use super::*;
    use crate::store::TrustStore;

    #[test]
    fn a_view_is_no_larger_than_it_is_taken_for() {
        assert!(size_of::<Certificate<'_>>() + size_of::<Arc<()>>() <= IssuerMemo::VIEW);
    }

    #[test]
    fn what_is_opened_again_is_the_same_and_what_differs_anywhere_is_not() {
        let memo = IssuerMemo::new();
        let store = TrustStore::mozilla().unwrap();
        for anchor in store.anchors() {
            let first = memo.open(anchor.der()).unwrap();
            assert_eq!(first.der(), anchor.der());
            assert!(Arc::ptr_eq(&first, &memo.open(anchor.der()).unwrap()));
        }
        // The same length, the same last octets, hence the same place in the memo.
        let mut other = store.anchors()[0].der().to_vec();
        let middle = other.len() / 2;
        other[middle] ^= 1;
        assert!(memo.find(memo.hash(&other), &other).is_none());
        if let Ok(opened) = memo.open(&other) {
            assert_eq!(opened.der(), other);
        }
        assert!(memo.open(b"no certificate").is_err());
        assert_eq!(memo.open(store.anchors()[0].der()).unwrap().der(), store.anchors()[0].der());
    }
}
