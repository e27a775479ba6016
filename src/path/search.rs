//! Full search with backtracking: is there any valid path, to an anchor of which stores, and if
//! there is none, what stands in the way of the one that comes nearest?
//!
//! The search goes from the end entity upwards. At each certificate it tries the trust anchors
//! first, then what was presented, then the pool; among equals those whose key identifier fits, then
//! those that are valid now, then in the order given. A certificate joins only if it has signed the
//! one below, so a path that reaches an anchor is sound in its signatures. Everything else is judged
//! on whole paths, because path length and name constraints cannot be judged on less.

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::auxiliary_trust::Decision;
use crate::certificate::{AuthorityKeyIdentifier, Certificate};
use crate::policy::{Exception, Policy};
use crate::signature::{EdgeId, Outcome};
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{self, Check, Class, Finding, NameBy, PathMember, Source, Status, Verdict};

use super::checks::{Examination, signed};
use super::crl_issuers::{CrlIssuers, Vouched};
use super::memory::{Cost, Memory};
use super::openssl::{Built, Step};
use super::policies::{self, Failure};
use super::ranking::{comparisons, is_current, key_identifier_rank, members, weight, window};
use super::{Question, profile, proof, summarise};

/// Pairs of certificate and candidate issuer in one search: mozilla::pkix's limit on path-building
/// calls, which webpki has taken over.
const MAX_EDGES: usize = 200_000;
/// Different edges whose signature is checked in one search, CRLs included: the limit that Go
/// introduced against CVE-2018-16875 and webpki has taken over.
const MAX_SIGNATURES: usize = 100;
/// Names compared with name constraints in one search: OpenSSL's NAME_CHECK_MAX for one certificate.
const MAX_COMPARISONS: usize = 1 << 20;
/// Pairs between two questions whether to go on. An ordinary chain has fewer, so it pays nothing.
const EDGES_PER_QUESTION: usize = 16;
/// From how many presented certificates on an index pays.
const INDEXED_FROM: usize = 16;

/// Judges a chain by all paths there are.
pub(crate) fn search(question: &Question<'_>, verdict: &mut Verdict) {
    let Some(leaf) = question.presented.first() else {
        verdict.status = Status::NoCertificate;
        verdict.findings = vec![Finding::new(Check::NoCertificate)];
        return;
    };
    let mut search = Search::new(question, leaf);
    let complete = search.run().is_continue() || search.limit.is_none();
    search.report(complete, verdict);
}

/// A search within a search, for the issuer of a revocation list: what both have spent, and the limit that was reached.
pub(super) struct Nested {
    work: Work,
    pub(super) cost: Cost,
    limit: Option<(&'static str, usize)>,
}

/// The exceptions under which a path is accepted; `None` if none is.
pub(super) fn nested_search(question: &Question<'_>, nested: &mut Nested) -> Option<Vec<&'static str>> {
    let leaf = question.presented.first()?;
    let mut search = Search::new(question, leaf);
    search.work = nested.work;
    search.memory.work = nested.cost;
    let _ = search.run();
    nested.work = search.work;
    nested.cost = search.memory.work;
    nested.limit = nested.limit.or(search.limit);
    let accepted = !search.accepted_paths.is_empty();
    search.best.filter(|best| accepted && best.sound && best.findings.is_empty()).map(|best| best.exceptions)
}

/// What has been spent.
#[derive(Clone, Copy, Default)]
struct Work {
    edges: usize,
    signatures: usize,
    comparisons: usize,
}

/// One path that reaches an anchor, judged.
struct Judged<'p> {
    built: Built<'p>,
    findings: Vec<Finding>,
    exceptions: Vec<&'static str>,
    name_by: Option<NameBy>,
    /// The policies that are valid for it, where it is sound.
    policies: Vec<Vec<u8>>,
    revoked: Option<bool>,
    /// Nothing is wrong but dates and name.
    sound: bool,
    /// The moments at which all of the path is valid, the anchor included; `None` if there are none.
    window: Option<(UnixSeconds, UnixSeconds)>,
}

/// The farthest that the search came without reaching an anchor, or with a bad signature.
struct DeadEnd<'p> {
    steps: Vec<Step<'p>>,
    /// `None` if the last certificate is there but has not signed the one below.
    failure: Option<Check>,
    anchored: bool,
}

struct Search<'s, 'p> {
    question: &'s Question<'p>,
    at: Option<UnixSeconds>,
    leaf: &'p Certificate<'p>,
    steps: Vec<Step<'p>>,
    /// Positions in `presented` of what was sent beside the end entity, each certificate once, if there are few.
    distinct: Vec<usize>,
    /// The same by canonical subject, if there are many.
    by_subject: HashMap<&'p [u8], Vec<usize>>,
    /// The fingerprints of the same.
    fingerprints: HashSet<[u8; 32], ahash::RandomState>,
    outcomes: HashMap<EdgeId, Outcome, ahash::RandomState>,
    /// Issuers of revocation lists off the path.
    vouched: Vouched,
    work: Work,
    memory: Memory,
    /// The first limit that was reached.
    limit: Option<(&'static str, usize)>,
    best: Option<Judged<'p>>,
    dead_end: Option<DeadEnd<'p>>,
    accepted_paths: Vec<Vec<PathMember>>,
    /// Stores with a trusted path now, whatever the name.
    trusted: u32,
    ever: u32,
    had: u32,
    valid_at_expiration: bool,
    any_sound: bool,
    any_window: bool,
}

impl<'s, 'p> Search<'s, 'p> {
    fn new(question: &'s Question<'p>, leaf: &'p Certificate<'p>) -> Self {
        let mut by_subject: HashMap<&[u8], Vec<usize>> = HashMap::new();
        let mut fingerprints = HashSet::default();
        let mut distinct: Vec<usize> = Vec::new();
        if question.presented.len() < INDEXED_FROM {
            for (index, &certificate) in question.presented.iter().enumerate().skip(1) {
                let known = |&one: &usize| {
                    question.presented.get(one).is_some_and(|one| one.der() == certificate.der())
                };
                if !distinct.iter().any(known) {
                    distinct.push(index);
                }
            }
        } else {
            for (index, &certificate) in question.presented.iter().enumerate().skip(1) {
                if fingerprints.insert(certificate.sha256()) {
                    by_subject.entry(certificate.subject.canonical()).or_default().push(index);
                }
            }
        }
        Self {
            question,
            at: question.policy.checks_time().then_some(question.at),
            leaf,
            steps: Vec::with_capacity(question.policy.max_depth.min(16) + 2),
            distinct,
            by_subject,
            fingerprints,
            outcomes: HashMap::default(),
            vouched: Vouched::new(),
            work: Work::default(),
            memory: Memory::default(),
            limit: None,
            best: None,
            dead_end: None,
            accepted_paths: Vec::new(),
            trusted: 0,
            ever: 0,
            had: 0,
            valid_at_expiration: false,
            any_sound: false,
            any_window: false,
        }
    }

    fn run(&mut self) -> ControlFlow<()> {
        // A pinned end entity needs no issuer.
        if let Some(position) = self.position_in_stores(&self.leaf.sha256()) {
            self.steps = vec![Step { certificate: self.leaf, source: Source::Store(position) }];
            self.reach_anchor()?;
        }
        let position = self.question.positions.first().copied().unwrap_or(0);
        self.steps = vec![Step { certificate: self.leaf, source: Source::Presented(position) }];
        self.extend()
    }

    /// Goes on from the last certificate of the path in every possible way.
    fn extend(&mut self) -> ControlFlow<()> {
        let Some(top) = self.steps.last().map(|step| step.certificate) else {
            return ControlFlow::Continue(());
        };
        // Each store and the pool are asked for the issuer's name.
        let indices = self.question.stores.len() + 2;
        self.spend(top.issuer.der().len().saturating_mul(indices))?;
        let length = self.steps.len();
        let mut extended = false;
        for anchor in self.anchors_of(top) {
            if self.admits(top, anchor, true)? {
                extended = true;
                self.steps.push(anchor);
                let flow = self.reach_anchor();
                self.steps.truncate(length);
                flow?;
            }
        }
        let issuers = self.issuers_of(top);
        if self.is_full() {
            // Whether the next one would fit is not asked any more.
            if !extended {
                let failure = if issuers.is_empty() { self.unanchored() } else { Check::ChainTooLong };
                self.note_dead_end(Some(failure), false);
            }
            return ControlFlow::Continue(());
        }
        for issuer in issuers {
            if self.admits(top, issuer, false)? {
                extended = true;
                self.steps.push(issuer);
                let flow = self.extend();
                self.steps.truncate(length);
                flow?;
            }
        }
        if !extended {
            self.note_dead_end(Some(self.unanchored()), false);
        }
        ControlFlow::Continue(())
    }

    /// Whether no further intermediate fits. As with pathLenConstraint (RFC 5280 6.1.4(l)), self-issued
    /// ones are not counted against the policy's limit; webpki's own counts them.
    fn is_full(&self) -> bool {
        let intermediates = self.steps.iter().skip(1);
        let counted = intermediates.filter(|step| !step.certificate.is_self_issued()).count();
        counted >= self.question.policy.max_depth || self.steps.len() > Policy::MAX_PROVEN_DEPTH
    }

    /// Whether a candidate may stand above `subject`: no loop, and it has signed it.
    fn admits(
        &mut self,
        subject: &'p Certificate<'p>,
        issuer: Step<'p>,
        anchor: bool,
    ) -> ControlFlow<(), bool> {
        let candidate = issuer.certificate;
        // RFC 4158 5.2: the same name with the same key leads nowhere new.
        let mut compared = 0usize;
        let looped = self.steps.iter().any(|step| {
            if step.certificate.public_key.spki != candidate.public_key.spki {
                return false;
            }
            compared = compared.saturating_add(candidate.subject.der().len());
            step.certificate.subject == candidate.subject
        });
        self.spend(compared)?;
        let identifier = subject.extensions.authority_key_identifier.as_ref();
        self.spend(identifier.map_or(0, AuthorityKeyIdentifier::octets))?;
        self.work.edges += 1;
        if self.work.edges > MAX_EDGES {
            return self.exhaust("edges", MAX_EDGES);
        }
        if self.work.edges.is_multiple_of(EDGES_PER_QUESTION) && !(self.question.go_on)() {
            return self.exhaust("interrupted", self.work.edges);
        }
        if looped {
            return ControlFlow::Continue(false);
        }
        if self.signature(subject, candidate)? == Outcome::Valid {
            return ControlFlow::Continue(true);
        }
        // A namesake that another key identifier rules out is no failed issuer, just another CA.
        if key_identifier_rank(subject, candidate) < 2 {
            self.steps.push(issuer);
            self.note_dead_end(None, anchor);
            self.steps.pop();
        }
        ControlFlow::Continue(false)
    }

    fn signature(
        &mut self,
        subject: &'p Certificate<'p>,
        issuer: &'p Certificate<'p>,
    ) -> ControlFlow<(), Outcome> {
        let id = EdgeId { signed: subject.sha256(), issuer_key: issuer.spki_sha256() };
        if let Some(&outcome) = self.outcomes.get(&id) {
            return ControlFlow::Continue(outcome);
        }
        // What the memo remembers counts too, or the verdict would depend on what was asked before.
        self.spend_signature()?;
        let outcome = if subject.inner_algorithm.same_as(&subject.signature_algorithm) {
            self.question.memo.verify(id, &signed(subject, issuer))
        } else {
            Outcome::Invalid
        };
        self.outcomes.insert(id, outcome);
        ControlFlow::Continue(outcome)
    }

    fn spend_signature(&mut self) -> ControlFlow<()> {
        self.work.signatures += 1;
        if self.work.signatures > MAX_SIGNATURES {
            self.work.signatures = MAX_SIGNATURES;
            self.exhaust("signatures", MAX_SIGNATURES)?;
        }
        ControlFlow::Continue(())
    }

    /// Counts octets before they are gone through.
    fn spend(&mut self, octets: usize) -> ControlFlow<()> {
        if self.memory.work.spend(octets) {
            return ControlFlow::Continue(());
        }
        self.exhaust("octets", Cost::MAX_OCTETS)
    }

    fn exhaust<T>(&mut self, what: &'static str, limit: usize) -> ControlFlow<(), T> {
        self.limit.get_or_insert((what, limit));
        ControlFlow::Break(())
    }

    /// The anchors that carry the issuer's name, each once however many stores hold it.
    fn anchors_of(&self, subject: &Certificate<'_>) -> Vec<Step<'p>> {
        let stores: &'p [_] = self.question.stores;
        let mut found: Vec<Step<'p>> = Vec::new();
        let mut offset = 0;
        for store in stores {
            for (position, anchor) in store.by_subject(&subject.issuer) {
                let certificate = anchor.view();
                if self.trusts(store, position)
                    && !found.iter().any(|one| one.certificate.der() == certificate.der())
                {
                    found.push(Step { certificate, source: Source::Store(offset + position) });
                }
            }
            offset += store.anchors().len();
        }
        self.rank(subject, &mut found);
        found
    }

    /// What was presented, and what the pool has, under the issuer's name.
    fn issuers_of(&self, subject: &Certificate<'_>) -> Vec<Step<'p>> {
        let presented: &'p [&'p Certificate<'p>] = self.question.presented;
        let mut found: Vec<Step<'p>> = Vec::new();
        let step = |index: usize| {
            let source = Source::Presented(*self.question.positions.get(index)?);
            Some(Step { certificate: presented.get(index)?, source })
        };
        let is_known = |found: &[Step<'p>], certificate: &Certificate<'_>| {
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
                    found.push(Step { certificate, source: Source::Pool(position) });
                }
            }
        }
        self.rank(subject, &mut found);
        found
    }

    /// Best first; the sort is stable, so presented certificates stay before those of the pool.
    fn rank(&self, subject: &Certificate<'_>, candidates: &mut [Step<'p>]) {
        candidates.sort_by_cached_key(|step| {
            (key_identifier_rank(subject, step.certificate), !is_current(step.certificate, self.at))
        });
    }

    fn position_in_stores(&self, sha256: &[u8; 32]) -> Option<usize> {
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
    fn mask(&self, sha256: &[u8; 32]) -> u32 {
        let trusting =
            self.question.stores.iter().enumerate().filter(|(_, store)| {
                store.position(sha256).is_some_and(|position| self.trusts(store, position))
            });
        trusting.fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// Whether a certificate of a store is an anchor for this purpose: all are, but for those that
    /// OpenSSL's auxiliary settings reject.
    fn trusts(&self, store: &TrustStore, position: usize) -> bool {
        let auxiliary = store.auxiliary_trust(position);
        auxiliary.is_none_or(|settings| settings.decide(&self.question.policy.purpose) != Decision::Rejected)
    }

    fn all_stores(&self) -> u32 {
        self.question.stores.iter().enumerate().fold(0, |mask, (bit, _)| mask | 1 << bit)
    }

    /// Judges the path as it stands, from end entity to anchor.
    fn reach_anchor(&mut self) -> ControlFlow<()> {
        let Some(anchor) = self.steps.last().map(|step| step.certificate) else {
            return ControlFlow::Continue(());
        };
        let mask = self.mask(&anchor.sha256());
        if mask & !self.trusted == 0 && !self.question.all_paths {
            // These stores have a better path already.
            return ControlFlow::Continue(());
        }
        let octets: usize = self.steps.iter().map(|step| step.certificate.der().len()).sum();
        self.spend(octets.saturating_add(Cost::PATH))?;
        let comparisons = comparisons(&self.steps, &self.memory);
        self.work.comparisons = self.work.comparisons.saturating_add(comparisons);
        if self.work.comparisons > MAX_COMPARISONS {
            return self.exhaust("name_comparisons", MAX_COMPARISONS);
        }
        let built = Built { steps: self.steps.clone(), failure: None };
        let judged = self.judge(built, false)?;
        if self.memory.work.is_exhausted() {
            return self.exhaust("octets", Cost::MAX_OCTETS);
        }
        let named = !judged.findings.iter().any(|finding| finding.check.class() == Class::Name);
        let in_time = !judged.findings.iter().any(|finding| finding.check.class() == Class::Time);
        // A path, but one that nobody may accept.
        let acceptable = named && !self.leaf.is_poisoned();
        if judged.sound {
            self.any_sound = true;
            if let Some((from, until)) = judged.window {
                self.any_window = true;
                if self.at.is_none_or(|at| from <= at) {
                    self.had |= mask;
                }
                let expiration = self.leaf.not_after.seconds;
                self.valid_at_expiration |= expiration.is_some_and(|end| from <= end && end <= until);
                if acceptable {
                    self.ever |= mask;
                }
            }
            if in_time {
                self.trusted |= mask;
                if acceptable {
                    self.accepted_paths.push(members(&judged.built));
                }
            }
        }
        if self.best.as_ref().is_none_or(|best| weight(&judged.findings) < weight(&best.findings)) {
            self.best = Some(judged);
        }
        if self.trusted == self.all_stores() && !self.question.all_paths {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// The native checks, then the proof. With `thorough` nothing is left out because something else
    /// has failed.
    fn judge(&mut self, built: Built<'p>, thorough: bool) -> ControlFlow<(), Judged<'p>> {
        let policy = self.question.policy;
        let anchored = built.failure.is_none();
        self.memory.work.judgements += 1;
        let mut examination = Examination {
            built: &built,
            policy,
            at: self.at,
            findings: Vec::new(),
            stricter: Vec::new(),
            edges: Vec::new(),
            memory: &mut self.memory,
        };
        examination.leaf_key();
        examination.building();
        examination.extensions();
        examination.malformed();
        examination.strength();
        examination.signatures_and_dates(self.question.memo);
        examination.name_constraints();
        examination.resources();
        let mut policies = examination.policies();
        examination.knobs();
        profile::check(&mut examination);
        let is_about_time = |check: Check| matches!(check.class(), Class::Time | Class::Precertificate);
        let sound_so_far = examination.stricter.is_empty()
            && examination.findings.iter().all(|finding| is_about_time(finding.check));
        let name_by = self.question.name.and_then(|name| examination.identity(name));
        let mut revoked = None;
        let mut exceptions = Vec::new();
        if anchored && policy.has(crate::policy::flag::CRL_CHECK) && (sound_so_far || thorough) {
            if !thorough {
                self.work.signatures += 1;
                if self.work.signatures > MAX_SIGNATURES {
                    self.work.signatures = MAX_SIGNATURES;
                    return self.exhaust("signatures", MAX_SIGNATURES);
                }
            }
            let nested = Nested { work: self.work, cost: examination.memory.work, limit: None };
            let vouched = &mut self.vouched;
            let mut issuers = CrlIssuers { question: self.question, nested, vouched, exceptions: Vec::new() };
            revoked = examination.revocation(self.question.crls, self.question.memo, Some(&mut issuers));
            let CrlIssuers { nested, exceptions: used, .. } = issuers;
            exceptions = used;
            self.work = nested.work;
            examination.memory.work = nested.cost;
            if let Some((what, limit)) = nested.limit.filter(|_| !thorough) {
                return self.exhaust(what, limit);
            }
        }
        let Examination { mut findings, stricter, edges, .. } = examination;
        findings.extend(stricter);
        let window = window(&built);
        let stands_aside = |finding: &Finding| {
            matches!(finding.check.class(), Class::Time | Class::Name | Class::Precertificate)
        };
        let mut sound = anchored && findings.iter().all(stands_aside);
        if sound {
            let in_time = findings.iter().all(|finding| finding.check.class() != Class::Time);
            // A path that is not valid now is proven for a moment at which it is, if there is one.
            let at = if in_time { self.at } else { None };
            if in_time || window.is_some() {
                let refused = findings.iter().any(|finding| finding.check == Check::Precertificate);
                let prove = if refused { proof::prove_precertificate } else { proof::prove };
                match prove(&built, edges, policy, at, thorough, &mut self.memory.work) {
                    Ok(proof) => {
                        exceptions.extend(proof.exceptions.iter().map(|one| one.name()));
                        exceptions
                            .sort_by_key(|name| Exception::ALL.iter().position(|one| one.name() == *name));
                        exceptions.dedup();
                    }
                    Err(refusal) => {
                        sound = false;
                        findings.push(refusal.finding());
                    }
                }
            }
        }
        if sound && policies.is_none() {
            // Nothing on the path depends on them, and what a certificate says of its own may be malformed.
            let path: Vec<_> = built.certificates().collect();
            policies = match policies::check(&path, policy, &mut self.memory.work) {
                Ok(valid) => Some(valid),
                Err(Failure { check: Check::Budget, .. }) => return self.exhaust("octets", Cost::MAX_OCTETS),
                Err(_) => None,
            };
        }
        let policies = policies.unwrap_or_default();
        findings.sort_by_key(|finding| finding.check.class().precedence());
        ControlFlow::Continue(Judged {
            built,
            findings,
            exceptions,
            name_by,
            policies,
            revoked,
            sound,
            window,
        })
    }

    /// Why the path ends where it ends.
    fn unanchored(&self) -> Check {
        match self.steps.as_slice() {
            [only] if only.certificate.is_self_signed() => Check::SelfSignedLeaf,
            [.., last] if last.certificate.is_self_signed() => Check::SelfSignedInChain,
            _ => Check::IssuerNotFound,
        }
    }

    /// Keeps the dead end that came nearest to an anchor: at one, else the longest, else the first.
    fn note_dead_end(&mut self, failure: Option<Check>, anchored: bool) {
        let better = self
            .dead_end
            .as_ref()
            .is_none_or(|known| (anchored, self.steps.len()) > (known.anchored, known.steps.len()));
        if better && self.best.is_none() {
            self.dead_end = Some(DeadEnd { steps: self.steps.clone(), failure, anchored });
        }
    }

    fn report(mut self, complete: bool, verdict: &mut Verdict) {
        verdict.search = Some(verdict::Search {
            // The name fits all paths or none.
            stores_now: if self.accepted_paths.is_empty() { 0 } else { self.trusted },
            stores_ever: Some(self.ever),
            stores_trusted: self.trusted,
            stores_had: Some(self.trusted | self.had),
            has_trusted_path: self.trusted != 0,
            had_trusted_path: Some(self.trusted | self.had != 0),
            valid_at_expiration: Some(self.valid_at_expiration),
            never_valid: Some(self.any_sound && !self.any_window),
            paths: std::mem::take(&mut self.accepted_paths),
            complete,
            edges_tried: self.work.edges.min(MAX_EDGES),
            signature_checks: self.work.signatures,
            name_comparisons: self.work.comparisons,
            judgements: self.memory.work.judgements,
            proofs: self.memory.work.proofs,
            octets: self.memory.work.octets,
        });
        let (judged, anchored) = match (self.best.take(), self.dead_end.take()) {
            (Some(best), _) if best.findings.is_empty() || best.sound => (Some(best), true),
            (Some(best), _) => (self.judge(best.built, true).continue_value(), true),
            (None, Some(end)) => {
                let built = Built { steps: end.steps, failure: end.failure };
                (self.judge(built, true).continue_value(), end.anchored)
            }
            (None, None) => {
                let step = Step { certificate: self.leaf, source: Source::Presented(0) };
                let failure = if self.limit.is_some() { Check::Budget } else { Check::IssuerNotFound };
                let built = Built { steps: vec![step], failure: Some(failure) };
                (self.judge(built, true).continue_value(), false)
            }
        };
        let Some(mut judged) = judged else { return };
        let accepted = judged.sound && judged.findings.is_empty();
        if let Some((what, limit)) = self.limit.filter(|_| self.trusted == 0) {
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            judged.findings.retain(|finding| finding.check != Check::Budget);
            judged.findings.insert(0, Finding::new(Check::Budget).fact("limit", limit).fact("of", what));
        }
        verdict.status = if accepted { Status::Ok } else { status(&judged.findings) };
        verdict.exceptions = judged.exceptions;
        // As in X.509, a path that is not accepted has no policies.
        verdict.policies = if accepted { judged.policies } else { Vec::new() };
        verdict.revoked = judged.revoked;
        if self.question.name.is_some() {
            verdict.name_by = judged.name_by;
            verdict.name_ok = Some(judged.name_by.is_some());
        }
        summarise(verdict, judged.findings, &judged.built, self.question.policy);
        verdict.anchored = anchored;
    }
}

fn status(findings: &[Finding]) -> Status {
    let unsupported = |finding: &Finding| finding.check.is_unsupported();
    match findings {
        [] => Status::Ok,
        [first, ..] if matches!(first.check, Check::Budget | Check::NameConstraintBudget) => Status::Budget,
        findings if findings.iter().all(unsupported) => Status::Unsupported,
        _ => Status::Invalid,
    }
}
