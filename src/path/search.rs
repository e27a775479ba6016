//! Full search with backtracking: is there any valid path, to an anchor of which stores, and if
//! there is none, what stands in the way of the one that comes nearest?
//!
//! The search goes from the end entity upwards. At each certificate it tries the trust anchors
//! first, then what was presented, then the pool; among equals those whose key identifier fits, then
//! those that are valid now, then in the order given. A certificate joins only if it has signed the
//! one below, so a path that reaches an anchor is sound in its signatures. Everything else is judged
//! on whole paths, because path length and name constraints cannot be judged on less.

mod candidates;
mod crl_issuers;

use std::collections::{HashMap, HashSet};
use std::ops::ControlFlow;

use crate::certificate::{AuthorityKeyIdentifier, Certificate};
use crate::policy::{Exception, Policy};
use crate::signature::{EdgeId, Outcome};
use crate::time::UnixSeconds;
use crate::verdict::{self, Check, Class, Finding, PathMember, Source, Verdict};

use super::checks::signed;
use super::examination::Examination;
use super::memory::{Cost, Memory};
use super::openssl::{Built, PathStep};
use super::ranking::{comparisons, key_identifier_rank, weight};
use super::single::{JudgedPath, Lists};
use super::{Question, summarise};
use crl_issuers::{CrlIssuers, Vouched};

/// Pairs of certificate and candidate issuer in one search: mozilla::pkix's limit on path-building
/// calls, which webpki has taken over.
const MAX_EDGES: usize = 200_000;
/// Different edges whose signature is checked in one search, CRLs included: the limit that Go
/// introduced against CVE-2018-16875 and webpki has taken over.
const MAX_SIGNATURES: usize = 100;
/// What is said when they are spent.
const OUT_OF_SIGNATURES: (&str, usize) = ("signatures", MAX_SIGNATURES);
/// Names compared with name constraints in one search: OpenSSL's NAME_CHECK_MAX for one certificate.
const MAX_COMPARISONS: usize = 1 << 20;
/// Pairs between two questions whether to go on. An ordinary chain has fewer, so it pays nothing.
const EDGES_PER_QUESTION: usize = 16;
/// From how many presented certificates on an index pays.
const INDEXED_FROM: usize = 16;

/// Judges a chain by all paths there are.
pub(super) fn search<'p>(question: &Question<'p>, leaf: &'p Certificate<'p>, verdict: &mut Verdict) {
    let mut search = Search::new(question, leaf);
    let complete = search.run().is_continue() || search.limit.is_none();
    search.report(complete, verdict);
}

/// A search within a search, for the issuer of a revocation list: what both have spent, and the limit that was reached.
struct Nested {
    work: Work,
    cost: Cost,
    limit: Option<(&'static str, usize)>,
}

/// The exceptions under which a path is accepted; `None` if none is.
fn nested_search(question: &Question<'_>, nested: &mut Nested) -> Option<Vec<Exception>> {
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

/// The farthest that the search came without reaching an anchor, or with a bad signature.
struct DeadEnd<'p> {
    steps: Vec<PathStep<'p>>,
    /// `None` if the last certificate is there but has not signed the one below.
    failure: Option<Check>,
    anchored: bool,
}

struct Search<'s, 'p> {
    question: &'s Question<'p>,
    at: Option<UnixSeconds>,
    leaf: &'p Certificate<'p>,
    steps: Vec<PathStep<'p>>,
    /// Positions in `presented` of what was sent beside the end entity, each certificate once, if there are few.
    distinct: Vec<usize>,
    /// The same by canonical subject, if there are many.
    by_subject: HashMap<&'p [u8], Vec<usize>>,
    /// The fingerprints of the same.
    fingerprints: HashSet<[u8; 32], ahash::RandomState>,
    /// [`MAX_SIGNATURES`] at the most, and of an ordinary chain two: fewer than pay for an index.
    outcomes: Vec<(EdgeId, Outcome)>,
    /// Issuers of revocation lists off the path.
    vouched: Vouched,
    work: Work,
    memory: Memory,
    /// The first limit that was reached.
    limit: Option<(&'static str, usize)>,
    best: Option<JudgedPath<'p>>,
    dead_end: Option<DeadEnd<'p>>,
    /// Trusted now, whatever the name: it fits all paths or none.
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
        let hasher = question.memo.hasher();
        let mut fingerprints = HashSet::with_hasher(hasher.clone());
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
            outcomes: Vec::with_capacity(4),
            vouched: Vouched::with_hasher(hasher.clone()),
            work: Work::default(),
            memory: Memory::new(&hasher),
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
            self.steps.push(PathStep { certificate: self.leaf, source: Source::Store(position) });
            self.reach_anchor()?;
            self.steps.clear();
        }
        let position = self.question.positions.first().copied().unwrap_or(0);
        self.steps.push(PathStep { certificate: self.leaf, source: Source::Presented(position) });
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
        issuer: PathStep<'p>,
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
        // A namesake that another key identifier rules out is not a failed issuer, just another CA.
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
        if let Some((_, outcome)) = self.outcomes.iter().find(|(known, _)| *known == id) {
            return ControlFlow::Continue(*outcome);
        }
        // What the memo remembers counts too, or the verdict would depend on what was asked before.
        self.spend_signature()?;
        let outcome = if subject.inner_algorithm.same_as(&subject.signature_algorithm) {
            self.question.memo.verify(id, &signed(subject, issuer))
        } else {
            Outcome::Invalid
        };
        self.outcomes.push((id, outcome));
        ControlFlow::Continue(outcome)
    }

    fn spend_signature(&mut self) -> ControlFlow<()> {
        self.work.signatures += 1;
        if self.work.signatures > MAX_SIGNATURES {
            self.work.signatures = MAX_SIGNATURES;
            let (what, limit) = OUT_OF_SIGNATURES;
            self.exhaust(what, limit)?;
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

    /// Judges one path in full. With `thorough` nothing is left out because something else has failed.
    fn judge(&mut self, built: Built<'p>, thorough: bool) -> ControlFlow<(), JudgedPath<'p>> {
        let question = self.question;
        let work = &mut self.work;
        let vouched = &mut self.vouched;
        let mut exhausted = None;
        let ask_lists = |examination: &mut Examination<'_, 'p>| {
            // What a list costs is spent only where the list decides.
            let nothing = Lists { revoked: None, asked: false, exceptions: Vec::new() };
            if !thorough {
                if !examination.is_sound_so_far() {
                    return nothing;
                }
                if work.signatures >= MAX_SIGNATURES {
                    exhausted = Some(OUT_OF_SIGNATURES);
                    return nothing;
                }
                work.signatures += 1;
            }
            let nested = Nested { work: *work, cost: examination.memory.work, limit: None };
            let mut issuers = CrlIssuers { question, nested, vouched: &mut *vouched, exceptions: Vec::new() };
            let revoked = examination.revocation(&[], question.crls, question.memo, &mut issuers);
            let CrlIssuers { nested, exceptions, .. } = issuers;
            *work = nested.work;
            examination.memory.work = nested.cost;
            exhausted = nested.limit.filter(|_| !thorough);
            Lists { revoked, asked: true, exceptions }
        };
        let judged = Examination::run(question, built, self.at, thorough, &mut self.memory, ask_lists);
        if let Some((what, limit)) = exhausted {
            return self.exhaust(what, limit);
        }
        ControlFlow::Continue(judged)
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
        let mut judged = self.judge(built, false)?;
        let admission = self.admitting(&judged.built, mask, self.question.at);
        if let (Some(anchor), Some(last)) = (admission.anchor, judged.built.steps.last_mut()) {
            last.source = anchor;
        }
        if self.memory.work.is_exhausted() {
            return self.exhaust("octets", Cost::MAX_OCTETS);
        }
        let in_time = !judged.findings.iter().any(|finding| finding.check.class() == Class::Time);
        // A path, but one that nobody may accept.
        let acceptable = !self.leaf.is_poisoned();
        if judged.sound {
            self.any_sound = true;
            if let Some((from, until)) = judged.window {
                self.any_window = true;
                if self.at.is_none_or(|at| from <= at) {
                    self.had |= mask;
                }
                let expiration = self.leaf.not_after.seconds;
                if let Some(end) = expiration.filter(|end| from <= *end && *end <= until) {
                    self.valid_at_expiration |= self.admitting(&judged.built, mask, end).mask != 0;
                }
                if acceptable {
                    self.ever |= self.admitting(&judged.built, mask, from).mask;
                }
            }
            if in_time && admission.mask != 0 {
                self.trusted |= admission.mask;
                if acceptable {
                    self.accepted_paths.push(judged.built.members());
                }
            }
        }
        judged.findings.extend(admission.refused);
        if self.best.as_ref().is_none_or(|best| weight(&judged.findings) < weight(&best.findings)) {
            self.best = Some(judged);
        }
        if self.trusted == self.all_stores() && !self.question.all_paths {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    /// Judges a path to an anchor thoroughly, to tell all that is wrong with it.
    fn judge_again(&mut self, built: Built<'p>) -> Option<JudgedPath<'p>> {
        let mut judged = self.judge(built, true).continue_value()?;
        let anchor = judged.built.steps.last().map(|step| step.certificate.sha256())?;
        let mask = self.mask(&anchor);
        judged.findings.extend(self.admitting(&judged.built, mask, self.question.at).refused);
        Some(judged)
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
            stores_now: if self.leaf.is_poisoned() { 0 } else { self.trusted },
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
            (Some(best), _) => (self.judge_again(best.built), true),
            (None, Some(end)) => {
                let built = Built { steps: end.steps, failure: end.failure };
                (self.judge(built, true).continue_value(), end.anchored)
            }
            (None, None) => {
                let step = PathStep { certificate: self.leaf, source: Source::Presented(0) };
                let failure = if self.limit.is_some() { Check::Budget } else { Check::IssuerNotFound };
                let built = Built { steps: vec![step], failure: Some(failure) };
                (self.judge(built, true).continue_value(), false)
            }
        };
        let Some(mut judged) = judged else { return };
        if let Some((what, limit)) = self.limit.filter(|_| self.trusted == 0) {
            judged.findings.retain(|finding| finding.check != Check::Budget);
            judged.findings.insert(0, Finding::new(Check::Budget).fact("limit", limit).fact("of", what));
        }
        summarise(self.question, judged, verdict);
        verdict.anchored = anchored;
        if let Some(search) = &mut verdict.search
            && search.paths.as_slice() == [verdict.path.as_slice()]
        {
            search.paths = Vec::new();
        }
    }
}
