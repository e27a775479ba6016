//! The record of a chain: its verdict, and what else there is to say of the chain as it was sent.

mod deployment;
mod fields;

use std::ops::Range;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::signature::Foretold;
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{Check, PathMember, Source, Verdict};
use crate::verifier::{Asked, OpenedChain, Session, Verifier};

pub use deployment::Deployment;
pub(crate) use fields::{FIELDS, Get, Row, Seen, Told};

/// A verdict with everything that surrounds it.
#[derive(Clone, Debug)]
pub struct Record {
    /// The judgement.
    pub verdict: Verdict,
    /// What was seen besides.
    pub observations: Observations,
}

/// What can be said of a chain once it has been judged.
#[derive(Clone, Debug)]
pub struct Observations {
    /// The end entity; `None` if there is none that can be parsed.
    pub leaf: Option<Leaf>,
    /// zcrypto's kind of the end entity: `root`, `intermediate`, `leaf` or `unknown`.
    pub cert_type: &'static str,
    /// What the server does wrong with what it sends.
    pub deployment: Deployment,
    /// A certificate is missing from what was sent: the pool had it, or nobody has.
    pub lacks_intermediate: bool,
    /// The trust anchor of the path has expired; `None` without a path.
    pub root_expired: Option<bool>,
    /// The number of the store that the path ends in, else of the first.
    pub store: usize,
}

/// Facts about the end entity.
#[derive(Clone, Debug)]
pub struct Leaf {
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
    /// Subject and issuer are equal names.
    pub self_issued: bool,
    /// Its own dates: `valid`, `expired`, `not_yet` or `never`.
    pub time: &'static str,
    /// A precertificate: the poison of RFC 6962 3.1 is there.
    pub precert: bool,
}

impl Record {
    /// Judges what is asked. The range has the times at which all of
    /// the record is the same, but for the time itself. Once `go_on`, which a long search asks now and then,
    /// has said no, both are worth nothing.
    pub fn of(session: &Session<'_>, asked: &Asked<'_>) -> (Self, Range<UnixSeconds>) {
        Self::of_opened(session, asked, &session.open(asked.chain), None)
    }

    /// The same for a chain that was opened before, and with what was foretold of it.
    pub(crate) fn of_opened(
        session: &Session<'_>,
        asked: &Asked<'_>,
        opened: &OpenedChain<'_>,
        foretold: Option<&Foretold>,
    ) -> (Self, Range<UnixSeconds>) {
        let verifier = session.verifier();
        session.judge_opened(asked, opened, foretold, |verdict, parsed| {
            let observations = Observations::new(verifier, &verdict, asked.chain, parsed);
            let window = verifier.window(&verdict, parsed, asked.at);
            (Self { verdict, observations }, window)
        })
    }

    /// The record of a row that holds no chain to judge.
    pub fn without_chain(verifier: &Verifier, verdict: Verdict) -> Self {
        let observations = Observations::new(verifier, &verdict, &[], &[]);
        Self { verdict, observations }
    }
}

impl Observations {
    /// Looks at a chain that has been judged.
    pub fn of(verifier: &Verifier, verdict: &Verdict, chain: &[&[u8]]) -> Self {
        let parsed = deployment::parsed(chain);
        Self::new(verifier, verdict, chain, &parsed.iter().collect::<Vec<_>>())
    }

    fn new(verifier: &Verifier, verdict: &Verdict, chain: &[&[u8]], parsed: &[&Certificate<'_>]) -> Self {
        // What follows an end entity that does not parse is not the end entity.
        let leaf = parsed.first().filter(|leaf| chain.first() == Some(&leaf.der()));
        let anchor = match verdict.anchor().map(|member| member.source) {
            Some(Source::Store(position)) => verifier.anchor(position),
            _ => None,
        };
        let cert_type = leaf.map_or("unknown", |leaf| {
            let in_store = verifier.stores().iter().any(|store| store.position(&leaf.sha256()).is_some());
            kind_of(leaf, in_store, verdict.is_trusted())
        });
        // Further up it might as well be a root that nobody here trusts.
        let lacks_issuer = verdict
            .findings
            .iter()
            .any(|finding| finding.check == Check::IssuerNotFound && finding.depth == Some(0));
        let self_issued = leaf.is_some_and(|leaf| leaf.is_self_issued());
        Self {
            leaf: leaf.map(|leaf| Leaf {
                spki_sha256: leaf.spki_sha256(),
                self_issued: leaf.is_self_issued(),
                time: time_of(leaf, verdict.at),
                precert: leaf.extensions.poison.is_some(),
            }),
            cert_type,
            deployment: Deployment::of_parsed(chain.len(), parsed),
            lacks_intermediate: !lent(verdict).is_empty() || (lacks_issuer && !self_issued),
            root_expired: anchor.map(|(_, anchor)| time_of(anchor.view(), verdict.at) == "expired"),
            store: anchor.map_or(0, |(store, _)| store),
        }
    }

    /// What is wrong with the chain as it was sent, in a fixed order.
    pub fn faults(&self) -> Vec<&'static str> {
        let missing = self.lacks_intermediate.then_some("missing_intermediate");
        missing.into_iter().chain(self.deployment.faults()).collect()
    }
}

/// The certificates of the path that the pool has lent.
pub(crate) fn lent(verdict: &Verdict) -> Vec<&[u8; 32]> {
    let of_pool = |member: &&PathMember| matches!(member.source, Source::Pool(_));
    verdict.path.iter().filter(of_pool).map(|member| &member.sha256).collect()
}

/// Which of `valid`, `expired`, `not_yet`, `never` a certificate's own dates are.
fn time_of(certificate: &Certificate<'_>, at: UnixSeconds) -> &'static str {
    let (from, until) = certificate.validity();
    match (from.seconds, until.seconds) {
        (Some(from), Some(until)) if from > until => "never",
        (Some(from), _) if from > at => "not_yet",
        (_, Some(until)) if until < at => "expired",
        (Some(_), Some(_)) => "valid",
        _ => "never",
    }
}

/// zcrypto's kinds of certificates: `root` if it is in a store, `intermediate` if it is a CA with a
/// trusted path, `leaf` if it has one, else `unknown`.
pub(crate) fn kind_of(certificate: &Certificate<'_>, in_store: bool, trusted: bool) -> &'static str {
    match (in_store, trusted, certificate.is_ca()) {
        (true, ..) => "root",
        (false, true, true) => "intermediate",
        (false, true, false) => "leaf",
        (false, false, _) => "unknown",
    }
}

/// The names of the stores whose bit is set.
pub(crate) fn names_of(stores: &[Arc<TrustStore>], mask: u32) -> impl Iterator<Item = &str> {
    let chosen = stores.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
    chosen.map(|(_, store)| store.name())
}

/// The immediate issuers over all paths that were found, each once.
pub(crate) fn parents(paths: &[Vec<PathMember>]) -> Vec<[u8; 32]> {
    let mut parents: Vec<[u8; 32]> = Vec::new();
    for parent in paths.iter().filter_map(|path| path.get(1)) {
        if !parents.contains(&parent.sha256) {
            parents.push(parent.sha256);
        }
    }
    parents
}
