//! Paths: the question, who answers it, and from what was found to a verdict.

mod checks;
mod examination;
mod memory;
mod name_constraints;
mod name_syntax;
mod openssl;
mod policies;
mod profile;
mod programme;
mod proof;
mod ranking;
mod revocation;
mod search;
mod sent_issuers;
mod single;
mod stapled;
mod suite_b;
mod translation;

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::ct::{CtLogs, Stapled};
use crate::name::ReferenceIdentity;
use crate::policy::{Policy, Preset};
use crate::revocation_set::RevocationSet;
use crate::signature::{Digest, Edge, EdgeId, KnownEdges, Outcome};
use crate::store::{IntermediatePool, TrustStore};
use crate::time::UnixSeconds;
use crate::verdict::{
    Answer, Check, Concerned, Finding, PathMember, Search, Source, Status, Verdict, Weakness,
};

pub use revocation::{CrlSet, OwnedCrl};
pub(crate) use stapled::ask as ask_stapled;
#[doc(hidden)]
pub use translation::{Translation, translations};

use examination::Examination;
use memory::Memory;
use openssl::{Built, Opened};
use sent_issuers::SentIssuers;
use single::{JudgedPath, Lists};

/// What a judgement is made from.
pub(crate) struct Question<'q> {
    /// End entity first; not empty.
    pub(crate) presented: &'q [&'q Certificate<'q>],
    /// Where each of them stands in what was sent.
    pub(crate) positions: &'q [usize],
    pub(crate) name: Option<&'q ReferenceIdentity>,
    pub(crate) at: UnixSeconds,
    /// One at least.
    pub(crate) stores: &'q [Arc<TrustStore>],
    pub(crate) pool: Option<&'q IntermediatePool>,
    /// Whether to go on after the first valid path.
    pub(crate) all_paths: bool,
    pub(crate) crls: &'q CrlSet,
    /// Revocation sets, asked about every certificate whatever the policy.
    pub(crate) sets: &'q [Arc<RevocationSet>],
    pub(crate) policy: &'q Policy,
    pub(crate) memo: KnownEdges<'q>,
    /// Logs, for programmes that ask when a certificate was logged.
    pub(crate) ct_logs: Option<&'q CtLogs>,
    /// What came beside the end entity.
    pub(crate) stapled: Stapled<'q>,
    /// Asked now and then by what may take long; after a no the verdict is worth nothing, and never `ok`
    /// for it.
    pub(crate) go_on: &'q dyn Fn() -> bool,
    /// Issuers of revocation lists whose own path is asked about here: their own lists may speak for them.
    pub(crate) assumed: &'q [[u8; 32]],
}

/// The signature of `subject` as one that `issuer` is said to have made, if the certificate names one algorithm only
/// (RFC 5280 4.1.1.2): else it is not a signature of anybody.
pub(crate) fn edge<'p>(subject: &'p Certificate<'p>, issuer: &'p Certificate<'p>) -> Option<Edge<'p>> {
    subject.inner_algorithm.same_as(&subject.signature_algorithm).then(|| Edge {
        id: EdgeId { signed: subject.sha256(), issuer_key: issuer.spki_sha256() },
        signed: checks::signed(subject, issuer),
    })
}

/// Whether the key of `issuer` has signed `subject`.
pub(crate) fn has_signed(issuer: &Certificate<'_>, subject: &Certificate<'_>, memo: KnownEdges<'_>) -> bool {
    edge(subject, issuer).is_some_and(|edge| memo.verify(edge.id, &edge.signed) == Outcome::Valid)
}

/// Judges a chain by the rules of its policy.
pub(crate) fn judge(question: &Question<'_>, verdict: &mut Verdict) {
    let Some(&leaf) = question.presented.first() else {
        verdict.status = Status::NoCertificate;
        verdict.findings = vec![Finding::new(Check::NoCertificate)];
        return;
    };
    match (question.policy.preset, question.stores) {
        (Preset::Webpki | Preset::Rfc5280 | Preset::Cabf, _) => search::search(question, leaf, verdict),
        (Preset::Ssl, [store]) => judge_by(question, leaf, store, &mut Memory::default(), verdict),
        (Preset::Ssl, _) => judge_by_each(question, leaf, verdict),
    }
}

/// Judges a chain as `ssl` would, with every finding: by each store on its own, since one store more
/// can change the path that OpenSSL builds. The verdict is that of the first store that accepts, else
/// of the first.
fn judge_by_each<'p>(question: &Question<'p>, leaf: &'p Certificate<'p>, verdict: &mut Verdict) {
    let blank = verdict.clone();
    let mut has_accepted = false;
    let mut trusting = 0u32;
    let mut paths: Vec<Vec<PathMember>> = Vec::new();
    let mut offset = 0;
    // What is found about certificates holds whatever store they lead to, and counts once.
    let mut memory = Memory::default();
    for (index, store) in question.stores.iter().enumerate() {
        let mut judged = blank.clone();
        judge_by(question, leaf, store, &mut memory, &mut judged);
        for member in &mut judged.path {
            if let Source::Store(position) = &mut member.source {
                *position += offset;
            }
        }
        offset += store.anchors().len();
        let first_accepted = judged.is_ok() && !has_accepted;
        has_accepted |= judged.is_ok();
        if judged.is_trusted() {
            trusting |= 1 << index;
            if !paths.iter().any(|known| same_certificates(known, &judged.path)) {
                paths.push(judged.path.clone());
            }
        }
        if index == 0 || first_accepted {
            *verdict = judged;
        }
    }
    verdict.search = Some(Search {
        stores_now: trusting,
        stores_trusted: trusting,
        has_trusted_path: trusting != 0,
        paths,
        complete: true,
        ..Search::default()
    });
}

fn same_certificates(one: &[PathMember], other: &[PathMember]) -> bool {
    one.iter().map(|member| member.sha256).eq(other.iter().map(|member| member.sha256))
}

fn judge_by<'p>(
    question: &Question<'p>,
    leaf: &'p Certificate<'p>,
    store: &'p TrustStore,
    memory: &mut Memory,
    verdict: &mut Verdict,
) {
    let policy = question.policy;
    // X509_V_FLAG_USE_CHECK_TIME without a time set, which `ssl` cannot do, means 1970.
    let at = if policy.has(crate::policy::flag::USE_CHECK_TIME) { 0 } else { question.at };
    if question.assumed.is_empty() {
        // Each store is asked as if by a connection of its own.
        memory.opened = Opened::default();
    }
    let built = openssl::build(leaf, question.presented, store, policy, at, &mut memory.opened);
    let at = policy.checks_time().then_some(at);
    let mut judged = Examination::run(question, built, at, true, memory, |examination| {
        let mut issuers = SentIssuers::new(question, store, examination.memory);
        let Question { presented, crls, memo, .. } = *question;
        let revoked = examination.revocation(presented, crls, memo, &mut issuers);
        issuers.give_back(examination.memory);
        Lists { revoked, asked: true, exceptions: issuers.exceptions }
    });
    // OpenSSL knows nothing of these, so they come after all of its own. Whoever signs a list is not asked.
    if judged.built.failure.is_none()
        && question.assumed.is_empty()
        && let Some((depth, position)) = anchor_of(&judged.built, store)
    {
        let issuer = judged.built.steps.get(1).map(|step| step.certificate);
        let path = programme::Anchored { leaf, issuer, depth };
        let refused = programme::refusals(question, store, position, path, question.at, memory);
        judged.sound &= refused.is_empty();
        judged.findings.extend(refused);
    }
    summarise(question, judged, verdict);
}

/// Depth and position in the store of what a path of OpenSSL's is trusted for. A pinned end entity keeps what has been built
/// above it, and the last certificate may have been sent, too.
fn anchor_of(built: &Built<'_>, store: &TrustStore) -> Option<(usize, usize)> {
    if let Some(Source::Store(position)) = built.steps.first().map(|step| step.source) {
        return Some((0, position));
    }
    let last = built.steps.last()?;
    Some((built.steps.len().checked_sub(1)?, store.position(&last.certificate.sha256())?))
}

/// How it came out, by the findings, the main one first. Nothing counts as `ok` that was not proven.
fn status(findings: &[Finding], sound: bool) -> Status {
    match findings {
        [] if sound => Status::Ok,
        [first, ..] if matches!(first.check, Check::Budget | Check::NameConstraintBudget) => Status::Budget,
        [_, ..] if findings.iter().all(|finding| finding.check.is_unsupported()) => Status::Unsupported,
        _ => Status::Invalid,
    }
}

/// From what was found on the path that counts to the verdict about the chain.
fn summarise(question: &Question<'_>, judged: JudgedPath<'_>, verdict: &mut Verdict) {
    let JudgedPath { built, mut findings, exceptions, name_ok, name_by, policies, revoked, sound, .. } =
        judged;
    verdict.status = status(&findings, sound);
    verdict.exceptions = exceptions;
    // As in X.509, a path that is not accepted has no policies.
    verdict.policies = if findings.is_empty() { policies } else { Vec::new() };
    verdict.revoked = revoked;
    verdict.name_by = name_by;
    verdict.name_ok = name_ok;
    name_concerned(&mut findings, &built);
    for finding in &mut findings {
        finding.release = question.policy.openssl;
    }
    let holds = |answer| findings.iter().all(|finding| finding.check.denies() != Some(answer));
    verdict.time_ok = question.policy.checks_time().then(|| holds(Answer::Time));
    verdict.purpose_ok = Some(holds(Answer::Purpose));
    verdict.chain_ok = Some(holds(Answer::Chain));
    verdict.findings = findings;
    verdict.anchored = built.failure.is_none();
    verdict.path = built.members();
    let dates = || built.certificates().map(Certificate::validity);
    verdict.not_before = dates().map(|(from, _)| from.seconds).max().flatten();
    verdict.not_after = dates().map(|(_, until)| until.seconds).min().flatten();
    verdict.weak = weak(&built);
}

/// Says of each finding which certificate it is about: at the end, since a search finds much that it does not tell,
/// and names may be long.
fn name_concerned(findings: &mut [Finding], built: &Built<'_>) {
    let mut known: Vec<Option<Concerned>> = vec![None; built.len()];
    for finding in findings {
        let Some(depth) = finding.depth else { continue };
        let (Some(known), Some(step)) = (known.get_mut(depth), built.steps.get(depth)) else { continue };
        let concerned = known.get_or_insert_with(|| Concerned {
            subject: step.certificate.subject.text(),
            sha256: step.certificate.sha256(),
        });
        finding.concerned = Some(concerned.clone());
    }
}

/// What is weak in the path, whether or not the policy minds; signatures of trust anchors aside,
/// which prove nothing anyway.
fn weak(built: &Built<'_>) -> Vec<Weakness> {
    let mut weak = Vec::new();
    for (step, certificate) in built.steps.iter().zip(built.certificates()) {
        if !matches!(step.source, Source::Store(_)) {
            let algorithm = &certificate.signature_algorithm;
            match algorithm.scheme().map(|scheme| scheme.digest(algorithm.parameters)) {
                Some(Digest::Md2 | Digest::Md4) => weak.push(Weakness::Md4),
                Some(Digest::Md5) => weak.push(Weakness::Md5),
                Some(Digest::Sha0 | Digest::Sha1 | Digest::Ripemd160) => weak.push(Weakness::Sha1),
                _ => {}
            }
        }
        if certificate.public_key.rsa_bits().is_some_and(|bits| bits < 2048) {
            weak.push(Weakness::RsaBelow2048);
        } else if certificate.public_key.security_bits().is_some_and(|bits| bits < 112) {
            weak.push(Weakness::EcBelow224);
        }
        if certificate.version < 2 {
            weak.push(Weakness::Version1);
        }
    }
    weak.sort_unstable();
    weak.dedup();
    weak
}
