//! One chain in, one verdict out.

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::bundle;
use crate::certificate::{Certificate, IssuerMemo, OwnedCertificate, ParseError};
use crate::ct::{self, CtLogs, Stapled};
use crate::name::ReferenceIdentity;
use crate::ocsp::OcspAnswer;
use crate::path::{self, CrlSet, Question};
use crate::policy::{Policy, Preset};
use crate::process::PerProcess;
use crate::release::Rule;
use crate::revocation_set::{RevocationSet, SetAnswers};
use crate::signature::EdgeMemo;
use crate::store::{IntermediatePool, TrustStore};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Class, Finding, NUMBER, PathMember, Source, Status, Verdict};

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
        Self { edges: EdgeMemo::new(), issuers: IssuerMemo::new() }
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
    /// If the stores are none, too many or not told apart by their names, or if the policy has no use
    /// for a pool.
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
        path::has_signed(issuer, subject, &self.memories.get(Memories::new).edges)
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
        let timestamps = verdict.transparency.iter().flat_map(ct::Transparency::moments);
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

/// What is asked of a verifier.
pub struct Asked<'a> {
    /// End entity first, each certificate in DER.
    pub chain: &'a [&'a [u8]],
    /// What came beside it.
    pub stapled: Stapled<'a>,
    /// The reference identity.
    pub name: Option<&'a ReferenceIdentity>,
    /// The time of judgement.
    pub at: UnixSeconds,
    /// Whether to go on after the first valid path.
    pub all_paths: bool,
    /// What a long search asks now and then; once it has said no the verdict is worth nothing.
    pub go_on: &'a dyn Fn() -> bool,
}

impl fmt::Debug for Asked<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Asked")
            .field("name", &self.name)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A verifier with what it remembers in this process, which takes a system call to find.
#[derive(Clone, Copy, Debug)]
pub struct Session<'v> {
    verifier: &'v Verifier,
    memories: &'v Memories,
}

impl<'v> Session<'v> {
    /// Who judges.
    pub fn verifier(&self) -> &'v Verifier {
        self.verifier
    }

    /// A certificate that came after an end entity before, if it is remembered.
    pub(crate) fn recall_issuer(&self, der: &[u8]) -> Option<Arc<OwnedCertificate>> {
        self.memories.issuers.recall(der)
    }

    /// Judges a chain and hands the verdict on together with what could be parsed of the chain.
    pub(crate) fn judge<R>(
        &self,
        asked: &Asked<'_>,
        finish: impl FnOnce(Verdict, &[&Certificate<'_>]) -> R,
    ) -> R {
        let &Asked { chain, stapled, name, at, all_paths, go_on } = asked;
        let shown = name.map(|name| name.text().to_owned());
        if chain.is_empty() {
            let finding = Finding::new(Check::NoCertificate);
            return finish(Verdict::without_path(at, shown, Status::NoCertificate, finding), &[]);
        }
        if chain.len() > MAX_PRESENTED {
            let finding =
                Finding::new(Check::Budget).fact("limit", MAX_PRESENTED).fact("presented", chain.len());
            return finish(Verdict::without_path(at, shown, Status::Budget, finding), &[]);
        }
        // The TLS layer refuses the whole message for one certificate that does not decode.
        let mut unparseable = None;
        let mut note = |position: usize, der: &[u8], error: ParseError| {
            unparseable.get_or_insert_with(|| {
                Finding::new(Check::Unparseable)
                    .fact("position", position)
                    .fact("problem", bundle::instead_of_certificate(der).unwrap_or_else(|| error.to_string()))
            });
        };
        // End entities come once and issuers again and again.
        let leaf =
            chain.first().and_then(|der| Certificate::parse(der).map_err(|error| note(0, der, error)).ok());
        let is_known = |leaf: &Certificate<'_>| {
            leaf.public_key.is_point() && self.memories.edges.knows_point(&leaf.sha256())
        };
        let known = leaf.as_ref().filter(|leaf| is_known(leaf));
        if let Some(leaf) = known {
            leaf.public_key.note_on_curve();
        }
        let mut issuers = Vec::with_capacity(chain.len());
        for (position, der) in chain.iter().enumerate().skip(1) {
            match self.memories.issuers.open(der) {
                Ok(issuer) => issuers.push((position, issuer)),
                // Junk beside the end entity is no reason to give up a search.
                Err(_) if self.verifier.policy.searches() => {}
                Err(error) => note(position, der, error),
            }
        }
        let (positions, presented): (Vec<usize>, Vec<&Certificate<'_>>) = leaf
            .iter()
            .map(|leaf| (0, leaf))
            .chain(issuers.iter().map(|(position, issuer)| (*position, issuer.view())))
            .unzip();
        if self.verifier.policy.follows(Rule::ShortTimesUnparseable) {
            for (position, certificate) in positions.iter().zip(&presented) {
                let (from, until) = certificate.validity();
                if from.is_too_short() || until.is_too_short() {
                    note(*position, certificate.der(), ParseError::new("validity: a time that is too short"));
                }
            }
        }
        if let Some(finding) = unparseable {
            return finish(Verdict::without_path(at, shown, Status::Unparseable, finding), &presented);
        }
        let mut verdict = Verdict::new(at, shown);
        verdict.leaf_sha256 = presented.first().map(|leaf| leaf.sha256());
        let question = Question {
            presented: &presented,
            positions: &positions,
            name,
            at,
            stores: &self.verifier.stores,
            pool: self.verifier.pool.as_deref(),
            all_paths,
            crls: &self.verifier.crls,
            sets: &self.verifier.sets,
            policy: &self.verifier.policy,
            memo: &self.memories.edges,
            ct_logs: self.verifier.ct_logs.as_deref(),
            stapled,
            go_on,
            assumed: &[],
        };
        path::judge(&question, &mut verdict);
        if let Some(leaf) =
            leaf.as_ref().filter(|leaf| known.is_none() && leaf.public_key.is_known_on_curve())
        {
            self.memories.edges.note_point(leaf.sha256());
        }
        if let Some(name) = name {
            note_other_match(name, &question, &mut verdict);
        }
        if !self.verifier.sets.is_empty() {
            verdict.sets = Some(self.ask_sets(&verdict, &question));
        }
        if let Some(octets) = stapled.ocsp
            && let Some(leaf) = &leaf
        {
            verdict.ocsp = Some(self.ask_stapled(octets, leaf, &mut verdict, &question));
        }
        if let Some(logs) = &self.verifier.ct_logs
            && let Some(leaf) = &leaf
        {
            let issuer = self.issuer_key(&verdict, &question);
            let found = ct::examine(logs, leaf, issuer, stapled, at, &self.memories.edges);
            if let Some(search) = &mut verdict.search {
                search.signature_checks = search.signature_checks.saturating_add(found.checks);
                search.octets = search.octets.saturating_add(found.octets);
            }
            verdict.transparency = Some(found);
        }
        finish(verdict, &presented)
    }

    /// SHA-256 of the SubjectPublicKeyInfo of whoever has issued the end entity: on the path, else, where none has been
    /// found, among what was presented.
    fn issuer_key(&self, verdict: &Verdict, question: &Question<'_>) -> Option<[u8; 32]> {
        if let Some(issuer) = verdict.path.get(1) {
            return self.key_of(issuer, question);
        }
        let leaf = question.presented.first()?;
        let mut issuers = question.presented.iter().filter(|issuer| issuer.may_have_issued(leaf));
        issuers.next().map(|issuer| issuer.spki_sha256())
    }

    /// SHA-256 of the SubjectPublicKeyInfo of a certificate of a path.
    fn key_of(&self, member: &PathMember, question: &Question<'_>) -> Option<[u8; 32]> {
        let mut key = None;
        self.of_member(member, question, |certificate| key = Some(certificate.spki_sha256()));
        key
    }

    /// Something about a certificate of a path.
    fn of_member<T>(
        &self,
        member: &PathMember,
        question: &Question<'_>,
        get: impl FnOnce(&Certificate<'_>) -> T,
    ) -> Option<T> {
        match member.source {
            Source::Presented(wanted) => {
                let mut presented = question.positions.iter().zip(question.presented);
                let (_, found) = presented.find(|(position, _)| **position == wanted)?;
                Some(get(found))
            }
            Source::Store(position) => {
                let (_, anchor) = self.verifier.anchor(position)?;
                Some(get(anchor.view()))
            }
            Source::Pool(position) => {
                let issuer = self.verifier.pool.as_ref()?.certificates().get(position)?;
                Some(get(issuer.view()))
            }
        }
    }

    /// What an OCSP response says of the end entity on the path of a verdict. Its signatures are counted once, here,
    /// although a search has asked for them before: they are remembered.
    fn ask_stapled(
        &self,
        octets: &[u8],
        leaf: &Certificate<'_>,
        verdict: &mut Verdict,
        question: &Question<'_>,
    ) -> OcspAnswer {
        let at = question.policy.checks_time().then_some(question.at);
        let ask = |issuer: Option<&Certificate<'_>>| {
            path::ask_stapled(octets, leaf, issuer, at, &self.memories.edges)
        };
        let above = verdict.path.get(1);
        let heard = above.and_then(|above| self.of_member(above, question, |issuer| ask(Some(issuer))));
        let heard = heard.unwrap_or_else(|| ask(None));
        if let Some(search) = &mut verdict.search {
            search.signature_checks = search.signature_checks.saturating_add(heard.checks);
        }
        heard.answer
    }

    /// What the revocation sets say of the path of a verdict.
    fn ask_sets(&self, verdict: &Verdict, question: &Question<'_>) -> SetAnswers {
        let mut answers = SetAnswers::default();
        let path = &verdict.path;
        for (depth, member) in path.iter().enumerate() {
            let above = path.get(depth.saturating_add(1));
            let issuer = above.and_then(|above| self.key_of(above, question));
            self.of_member(member, question, |certificate| {
                answers.add(&self.verifier.sets, depth, certificate, issuer, verdict.at);
            });
        }
        answers
    }
}

/// Says which certificate of the chain speaks for the name, where the first does not: somebody may have put the CA
/// in front.
fn note_other_match(name: &ReferenceIdentity, question: &Question<'_>, verdict: &mut Verdict) {
    let is_about_name = |finding: &&mut Finding| finding.check.class() == Class::Name;
    let Some(finding) = verdict.findings.iter_mut().find(is_about_name) else { return };
    let common_name = question.policy.hostname_checks_common_name;
    let matches = |certificate: &Certificate<'_>| match question.policy.preset {
        Preset::Ssl => name.matches(certificate, common_name, question.policy.openssl),
        preset => name.matches_by_kind(certificate, common_name, preset != Preset::Cabf),
    };
    let others = question.positions.iter().zip(question.presented).skip(1);
    for (position, certificate) in others {
        if matches(certificate).is_some() {
            finding.add_fact(NUMBER, position.saturating_add(1));
            return;
        }
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
