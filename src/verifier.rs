//! One chain in, one verdict out.

mod session;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::certificate::{Certificate, IssuerMemo, OwnedCertificate};
use crate::ct::{CtLogs, Stapled};
use crate::name::ReferenceIdentity;
use crate::path::{self, CrlSet, OwnedCrl};
use crate::policy::Policy;
use crate::process::PerProcess;
use crate::release::{Release, Rule};
use crate::revocation_set::RevocationSet;
use crate::signature::multibuffer::Multibuffer;
use crate::signature::{EdgeMemo, KnownEdges};
use crate::store::{IntermediatePool, TrustStore};
use crate::time::UnixSeconds;
use crate::verdict::Verdict;

pub(crate) use session::OpenedChain;
pub use session::{Asked, Session};

/// Certificates that a peer may present. OpenSSL stops reading a Certificate message at 100 KiB
/// (SSL_MAX_CERT_LIST_DEFAULT), which holds some 300 of the smallest certificates in use.
pub const MAX_PRESENTED: usize = 1_000;

/// Trust stores that one verifier may hold: verdicts name them by the bits of 32-bit masks.
pub const MAX_STORES: usize = 32;

/// Why a verifier cannot be put together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum VerifierError {
    /// There is no trust store.
    NoStore,
    /// There are more than [`MAX_STORES`].
    TooManyStores(usize),
    /// Two stores have the same name.
    DuplicateName(String),
    /// A pool, under the policy that judges the presented chain alone.
    PoolNotSearched,
    /// The CRL at this position has a time that this release of OpenSSL does not decode, so that no store takes it.
    UnreadableCrl(usize, Release),
}

impl fmt::Display for VerifierError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoStore => formatter.write_str("a verifier needs a trust store"),
            Self::TooManyStores(count) => {
                write!(formatter, "{count} trust stores: a verifier holds {MAX_STORES} at the most")
            }
            Self::DuplicateName(name) => write!(formatter, "two trust stores have the name {name:?}"),
            Self::PoolNotSearched => formatter.write_str(
                "pool: Policy.ssl judges the presented chain alone, as OpenSSL does; a pool needs \
                 Policy.webpki, Policy.rfc5280 or Policy.cabf",
            ),
            Self::UnreadableCrl(index, release) => write!(
                formatter,
                "crls: list {index}: OpenSSL {release} does not read it: a time is too short (RFC 5280 5.1.2.4)"
            ),
        }
    }
}

impl std::error::Error for VerifierError {}

/// What a verifier learns while it judges; it makes verdicts faster and no different.
#[derive(Debug)]
struct Memories {
    edges: EdgeMemo,
    issuers: IssuerMemo,
}

impl Memories {
    fn new() -> Self {
        Self { edges: EdgeMemo::new(Multibuffer::own()), issuers: IssuerMemo::new() }
    }
}

/// Trust stores, a policy and CRLs, frozen; shared between threads.
#[derive(Debug)]
pub struct Verifier {
    stores: Vec<Arc<TrustStore>>,
    pool: Option<Arc<IntermediatePool>>,
    policy: Policy,
    crls: CrlSet,
    ct_logs: Option<Arc<CtLogs>>,
    sets: Vec<Arc<RevocationSet>>,
    memories: PerProcess<Memories>,
    /// When a certificate or CRL held here begins or ceases to be valid, in order.
    moments: OnceLock<Vec<UnixSeconds>>,
}

impl Verifier {
    /// Puts a verifier with one trust store together.
    pub fn new(store: Arc<TrustStore>, policy: Policy, crls: CrlSet) -> Self {
        Self {
            stores: vec![store],
            pool: None,
            policy: policy.with_crls_asked(!crls.is_empty()),
            crls,
            ct_logs: None,
            sets: Vec::new(),
            memories: PerProcess::new(Memories::new()),
            moments: OnceLock::new(),
        }
    }

    /// Puts a verifier together.
    ///
    /// # Errors
    ///
    /// If there is no store, if there are too many or two of one name, if the policy has no use
    /// for a pool, or if its OpenSSL could not read a CRL.
    pub fn with_stores(
        stores: Vec<Arc<TrustStore>>,
        pool: Option<Arc<IntermediatePool>>,
        policy: Policy,
        crls: CrlSet,
    ) -> Result<Self, VerifierError> {
        if stores.is_empty() {
            return Err(VerifierError::NoStore);
        }
        if stores.len() > MAX_STORES {
            return Err(VerifierError::TooManyStores(stores.len()));
        }
        for (index, store) in stores.iter().enumerate() {
            if stores.iter().take(index).any(|other| other.name() == store.name()) {
                return Err(VerifierError::DuplicateName(store.name().to_owned()));
            }
        }
        if pool.is_some() && !policy.searches() {
            return Err(VerifierError::PoolNotSearched);
        }
        if policy.follows(Rule::ShortTimesUnparseable)
            && let Some(index) = crls.crls().iter().position(OwnedCrl::has_too_short_time)
        {
            return Err(VerifierError::UnreadableCrl(index, policy.openssl));
        }
        Ok(Self {
            stores,
            pool,
            policy: policy.with_crls_asked(!crls.is_empty()),
            crls,
            ct_logs: None,
            sets: Vec::new(),
            memories: PerProcess::new(Memories::new()),
            moments: OnceLock::new(),
        })
    }

    /// The same with something else than this process' library, for tests.
    #[cfg(test)]
    pub(crate) fn with_multibuffer(mut self, multibuffer: &'static Multibuffer) -> Self {
        self.memories =
            PerProcess::new(Memories { edges: EdgeMemo::new(multibuffer), issuers: IssuerMemo::new() });
        self
    }

    /// The same with a list of logs, by which timestamps are looked at.
    #[must_use]
    pub fn with_ct_logs(mut self, ct_logs: Option<Arc<CtLogs>>) -> Self {
        self.ct_logs = ct_logs;
        self.moments = OnceLock::new();
        self
    }

    /// The same with revocation sets, which are asked about every certificate of a path.
    #[must_use]
    pub fn with_revocation_sets(mut self, sets: Vec<Arc<RevocationSet>>) -> Self {
        self.sets = sets;
        self.moments = OnceLock::new();
        self
    }

    /// Its revocation sets.
    pub fn revocation_sets(&self) -> &[Arc<RevocationSet>] {
        &self.sets
    }

    /// Its list of logs.
    pub fn ct_logs(&self) -> Option<&Arc<CtLogs>> {
        self.ct_logs.as_ref()
    }

    /// Its trust stores, one at least.
    pub fn stores(&self) -> &[Arc<TrustStore>] {
        &self.stores
    }

    /// Its pool of intermediates.
    pub fn pool(&self) -> Option<&Arc<IntermediatePool>> {
        self.pool.as_ref()
    }

    /// Its policy; where CRLs were handed in and nobody has said which certificates need one, the end entity does.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether CRLs were handed in that its policy does not ask.
    pub fn leaves_crls_unasked(&self) -> bool {
        !self.crls.is_empty() && !self.policy.asks_crls()
    }

    /// Its CRLs.
    pub fn crls(&self) -> &CrlSet {
        &self.crls
    }

    /// How many signatures have been checked so far in this process; what was remembered is not counted.
    pub fn signature_checks(&self) -> u64 {
        self.memories.get(Memories::new).edges.checked()
    }

    /// Whether the key of `issuer` has signed `subject`, whatever else is wrong with either; remembered as for verdicts.
    pub fn has_signed(&self, issuer: &Certificate<'_>, subject: &Certificate<'_>) -> bool {
        path::has_signed(issuer, subject, KnownEdges::new(&self.memories.get(Memories::new).edges, None))
    }

    /// Judges one chain, end entity first, each certificate in DER.
    pub fn check(&self, chain: &[&[u8]], name: Option<&ReferenceIdentity>, at: UnixSeconds) -> Verdict {
        self.check_while(chain, name, at, false, &|| true)
    }

    /// The same, looking for all valid paths.
    pub fn check_all_paths(
        &self,
        chain: &[&[u8]],
        name: Option<&ReferenceIdentity>,
        at: UnixSeconds,
    ) -> Verdict {
        self.check_while(chain, name, at, true, &|| true)
    }

    /// The same, for all paths or the best one; a long search asks `go_on` now and then. Once that has said
    /// no the verdict is worth nothing.
    pub fn check_while(
        &self,
        chain: &[&[u8]],
        name: Option<&ReferenceIdentity>,
        at: UnixSeconds,
        all_paths: bool,
        go_on: &dyn Fn() -> bool,
    ) -> Verdict {
        self.answer(&Asked { chain, stapled: Stapled::default(), name, at, all_paths, go_on })
    }

    /// The verdict on all that is asked.
    pub fn answer(&self, asked: &Asked<'_>) -> Verdict {
        self.session().judge(asked, |verdict, _| verdict)
    }

    /// For many chains in a row.
    pub fn session(&self) -> Session<'_> {
        Session { verifier: self, memories: self.memories.get(Memories::new) }
    }

    /// The times at which the verdict on a chain is the same as at `at`: from the last moment before it at
    /// which the validity of something changes, to the next. `parsed` is what was presented.
    pub(crate) fn window(
        &self,
        verdict: &Verdict,
        parsed: &[&Certificate<'_>],
        at: UnixSeconds,
    ) -> Range<UnixSeconds> {
        let moments = self.moments.get_or_init(|| {
            let pool = self.pool.iter().flat_map(|pool| pool.certificates());
            let held = self.stores.iter().flat_map(|store| store.anchors()).chain(pool);
            let dates = held.flat_map(|certificate| dates(certificate.view()));
            let logs = self.ct_logs.iter().flat_map(|logs| logs.moments());
            let sets = self.sets.iter().flat_map(|set| set.moments());
            let programmes = self.stores.iter().flat_map(|store| store.moments());
            let moments = dates.chain(self.crls.moments()).chain(logs).chain(sets).chain(programmes);
            let mut moments: Vec<_> = moments.flat_map(edges).collect();
            moments.sort_unstable();
            moments.dedup();
            moments
        });
        let next = moments.partition_point(|&moment| moment <= at);
        let before = next.checked_sub(1).and_then(|index| moments.get(index));
        let mut window = before.copied().unwrap_or(UnixSeconds::MIN)
            ..moments.get(next).copied().unwrap_or(UnixSeconds::MAX);
        let timestamps = verdict.transparency.iter().flat_map(|told| told.moments());
        let stapled = verdict.ocsp.iter().flat_map(|answer| answer.moments.iter().copied());
        let own = parsed.iter().copied().flat_map(dates).chain(timestamps).chain(stapled);
        for moment in own.flat_map(edges) {
            if moment <= at {
                window.start = window.start.max(moment);
            } else {
                window.end = window.end.min(moment);
            }
        }
        window
    }

    /// The store, its number, and the certificate in it that a position counted through all stores means.
    pub fn anchor(&self, mut position: usize) -> Option<(usize, &Arc<OwnedCertificate>)> {
        for (number, store) in self.stores.iter().enumerate() {
            match position.checked_sub(store.anchors().len()) {
                None => return Some((number, store.anchors().get(position)?)),
                Some(beyond) => position = beyond,
            }
        }
        None
    }
}

fn dates(certificate: &Certificate<'_>) -> impl Iterator<Item = UnixSeconds> + use<> {
    let (from, until) = certificate.validity();
    from.seconds.into_iter().chain(until.seconds)
}

/// Whether a date itself counts as before or after differs from rule to rule, so both of its edges
/// are moments of change.
fn edges(date: UnixSeconds) -> [UnixSeconds; 2] {
    [date, date.saturating_add(1)]
}
