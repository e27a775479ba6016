//! One chain judged: what is asked, opened, searched, and told beside the verdict.

use std::fmt;
use std::sync::Arc;

use super::{MAX_PRESENTED, Memories, Verifier};
use crate::bundle;
use crate::certificate::{Certificate, OwnedCertificate, ParseError};
use crate::ct::{self, Stapled};
use crate::name::ReferenceIdentity;
use crate::ocsp::OcspAnswer;
use crate::path::{self, Question};
use crate::policy::Preset;
use crate::release::Rule;
use crate::revocation_set::SetAnswers;
use crate::signature::multibuffer::Multibuffer;
use crate::signature::{self, Edge, Foretold, KnownEdges};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Class, Finding, NUMBER, PathMember, Source, Status, Verdict};

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

/// A chain whose certificates are open.
#[derive(Debug)]
pub(crate) struct OpenedChain<'c> {
    /// The first, if it opens.
    leaf: Option<Certificate<'c>>,
    /// Those after it that open, with their positions in the chain.
    issuers: Vec<(usize, Arc<OwnedCertificate>)>,
    /// Why nothing of it is judged.
    unparseable: Option<Finding>,
}

impl OpenedChain<'_> {
    /// What opens after the end entity, at this position in the chain.
    pub(crate) fn issuer(&self, position: usize) -> Option<Arc<OwnedCertificate>> {
        let found = self.issuers.binary_search_by_key(&position, |(own, _)| *own).ok()?;
        self.issuers.get(found).map(|(_, issuer)| Arc::clone(issuer))
    }
}

fn unparseable_at(position: usize, der: &[u8], error: ParseError) -> Finding {
    Finding::new(Check::Unparseable)
        .fact("position", position)
        .fact("problem", bundle::instead_of_certificate(der).unwrap_or_else(|| error.to_string()))
}

/// A verifier with what it remembers in this process, which takes a system call to find.
#[derive(Clone, Copy, Debug)]
pub struct Session<'v> {
    pub(super) verifier: &'v Verifier,
    pub(super) memories: &'v Memories,
}

impl<'v> Session<'v> {
    /// Who judges.
    pub fn verifier(&self) -> &'v Verifier {
        self.verifier
    }

    /// Opens the certificates of a chain. More than may be presented are not even looked at.
    pub(crate) fn open<'c>(&self, chain: &[&'c [u8]]) -> OpenedChain<'c> {
        let mut opened = OpenedChain { leaf: None, issuers: Vec::new(), unparseable: None };
        if chain.len() > MAX_PRESENTED {
            return opened;
        }
        // The TLS layer refuses the whole message for one certificate that does not decode.
        let mut unparseable = None;
        let mut note = |position: usize, der: &[u8], error: ParseError| {
            unparseable.get_or_insert_with(|| unparseable_at(position, der, error));
        };
        // End entities come once and issuers again and again.
        opened.leaf =
            chain.first().and_then(|der| Certificate::parse(der).map_err(|error| note(0, der, error)).ok());
        opened.issuers.reserve(chain.len().saturating_sub(1));
        for (position, der) in chain.iter().enumerate().skip(1) {
            match self.memories.issuers.open(der) {
                Ok(issuer) => opened.issuers.push((position, issuer)),
                // Junk beside the end entity is not a reason to give up a search.
                Err(_) if self.verifier.policy.searches() => {}
                Err(error) => note(position, der, error),
            }
        }
        opened.unparseable = unparseable;
        opened
    }

    /// Checks the signatures of end entities ahead, each under the key of whoever has probably issued it: whoever else
    /// turns out to have done so is asked for when the chain is judged. Answers stand where their chains do.
    pub(crate) fn foretell(&self, chains: &[Option<&OpenedChain<'_>>]) -> Vec<Option<Foretold>> {
        let edges: Vec<_> =
            chains.iter().map(|opened| opened.and_then(|opened| self.probable_edge(opened))).collect();
        signature::foretell(&self.memories.edges, &edges)
    }

    fn probable_edge<'o>(&'o self, opened: &'o OpenedChain<'_>) -> Option<Edge<'o>> {
        let leaf = opened.leaf.as_ref().filter(|_| opened.unparseable.is_none())?;
        let presented = opened.issuers.iter().map(|(_, issuer)| issuer.view());
        let is_named = |issuer: &&Certificate<'_>| issuer.subject == leaf.issuer;
        let verifier = self.verifier;
        let issuer = presented.clone().find(is_named).or_else(|| {
            let lent = verifier.pool.iter().flat_map(|pool| pool.by_subject(&leaf.issuer));
            let held = verifier.stores.iter().flat_map(|store| store.by_subject(&leaf.issuer));
            lent.chain(held).next().map(|(_, issuer)| issuer.view())
        })?;
        path::edge(leaf, issuer)
    }

    /// What checks signatures ahead.
    pub(crate) fn multibuffer(&self) -> &'static Multibuffer {
        self.memories.edges.multibuffer()
    }

    /// Judges a chain and hands the verdict on together with what could be parsed of the chain.
    pub(crate) fn judge<R>(
        &self,
        asked: &Asked<'_>,
        finish: impl FnOnce(Verdict, &[&Certificate<'_>]) -> R,
    ) -> R {
        self.judge_opened(asked, &self.open(asked.chain), None, finish)
    }

    /// The same, for a chain that was opened before, and with what was foretold of it.
    pub(crate) fn judge_opened<R>(
        &self,
        asked: &Asked<'_>,
        opened: &OpenedChain<'_>,
        foretold: Option<&Foretold>,
        finish: impl FnOnce(Verdict, &[&Certificate<'_>]) -> R,
    ) -> R {
        let &Asked { chain, stapled, name, at, all_paths, go_on } = asked;
        let known_edges = KnownEdges::new(&self.memories.edges, foretold);
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
        let OpenedChain { leaf, issuers, unparseable } = opened;
        let mut unparseable = unparseable.clone();
        let (positions, presented): (Vec<usize>, Vec<&Certificate<'_>>) = leaf
            .iter()
            .map(|leaf| (0, leaf))
            .chain(issuers.iter().map(|(position, issuer)| (*position, issuer.view())))
            .unzip();
        if self.verifier.policy.follows(Rule::ShortTimesUnparseable) {
            for (position, certificate) in positions.iter().zip(&presented) {
                if certificate.has_too_short_time() {
                    let error = ParseError::new("validity: a time that is too short");
                    unparseable.get_or_insert_with(|| unparseable_at(*position, certificate.der(), error));
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
            memo: known_edges,
            ct_logs: self.verifier.ct_logs.as_deref(),
            stapled,
            go_on,
            assumed: &[],
        };
        path::judge(&question, &mut verdict);
        if let Some(name) = name {
            note_other_match(name, &question, &mut verdict);
        }
        if !self.verifier.sets.is_empty() {
            verdict.sets = Some(self.ask_sets(&verdict, &question));
        }
        if let Some(octets) = stapled.ocsp
            && let Some(leaf) = leaf
        {
            verdict.ocsp = Some(Box::new(self.ask_stapled(octets, leaf, &mut verdict, &question)));
        }
        if let Some(logs) = &self.verifier.ct_logs
            && let Some(leaf) = leaf
        {
            let issuer = self.issuer_key(&verdict, &question);
            let found = ct::examine(logs, leaf, issuer, stapled, at, known_edges);
            if let Some(search) = &mut verdict.search {
                search.signature_checks = search.signature_checks.saturating_add(found.checks);
                search.octets = search.octets.saturating_add(found.octets);
            }
            verdict.transparency = Some(Box::new(found));
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
        let ask =
            |issuer: Option<&Certificate<'_>>| path::ask_stapled(octets, leaf, issuer, at, question.memo);
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
        let mut answers = SetAnswers::new(&self.verifier.sets);
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
