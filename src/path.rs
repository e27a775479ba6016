//! Paths: built, checked natively, proven by webpki.

mod checks;
mod crl_issuers;
mod memory;
mod name_constraints;
mod openssl;
mod policies;
mod profile;
mod proof;
mod ranking;
mod search;
mod translation;

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::name::ReferenceIdentity;
use crate::policy::Policy;
use crate::pool::IntermediatePool;
use crate::revocation::CrlSet;
use crate::signature::{Digest, EdgeMemo};
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{Answer, Check, Concerned, Finding, PathMember, Search, Source, Status, Verdict};

use checks::Examination;
use memory::Memory;
use openssl::Built;

pub(crate) use search::search;

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
    pub(crate) policy: &'q Policy,
    pub(crate) memo: &'q EdgeMemo,
    /// Asked now and then by what may take long; after a no the verdict is worth nothing, and never `ok`
    /// for it.
    pub(crate) go_on: &'q dyn Fn() -> bool,
    /// Issuers of revocation lists whose own path is asked about here: their own lists may speak for them.
    pub(crate) assumed: &'q [[u8; 32]],
}

/// Judges a chain as `ssl` would, with every finding: by each store on its own, since one store more
/// can change the path that OpenSSL builds. The verdict is that of the first store that accepts, else
/// of the first.
pub(crate) fn judge(question: &Question<'_>, verdict: &mut Verdict) {
    let [store] = question.stores else {
        judge_by_each(question, verdict);
        return;
    };
    judge_by(question, store, &mut Memory::default(), verdict);
}

fn judge_by_each(question: &Question<'_>, verdict: &mut Verdict) {
    let blank = verdict.clone();
    let mut accepting = 0u32;
    let mut trusting = 0u32;
    let mut offset = 0;
    // What is found about certificates holds whatever store they lead to, and counts once.
    let mut memory = Memory::default();
    for (index, store) in question.stores.iter().enumerate() {
        let mut judged = blank.clone();
        judge_by(question, store, &mut memory, &mut judged);
        for member in &mut judged.path {
            if let Source::Store(position) = &mut member.source {
                *position += offset;
            }
        }
        offset += store.anchors().len();
        let first_accepted = judged.is_ok() && accepting == 0;
        if judged.is_ok() {
            accepting |= 1 << index;
        }
        if judged.is_trusted() {
            trusting |= 1 << index;
        }
        if index == 0 || first_accepted {
            *verdict = judged;
        }
    }
    verdict.search = Some(Search {
        stores_now: accepting,
        stores_trusted: trusting,
        has_trusted_path: trusting != 0,
        complete: true,
        ..Search::default()
    });
}

fn judge_by(question: &Question<'_>, store: &TrustStore, memory: &mut Memory, verdict: &mut Verdict) {
    let policy = question.policy;
    // X509_V_FLAG_USE_CHECK_TIME without a time set, which `ssl` cannot do, means 1970.
    let at = if policy.has(crate::policy::flag::USE_CHECK_TIME) { 0 } else { question.at };
    let Some(built) = openssl::build(question.presented, store, policy, at) else {
        verdict.status = Status::NoCertificate;
        verdict.findings = vec![Finding::new(Check::NoCertificate)];
        return;
    };
    let proxy = built.certificates().position(|certificate| certificate.extensions.proxy);
    let mut examination = Examination {
        built: &built,
        policy,
        at: policy.checks_time().then_some(at),
        findings: Vec::new(),
        stricter: Vec::new(),
        edges: Vec::new(),
        memory,
    };
    if let Some(depth) = proxy
        && policy.has(crate::policy::flag::ALLOW_PROXY_CERTS)
    {
        // RFC 3820 has rules of its own for the whole path, none of which are implemented here.
        examination.refuse(
            Check::FlagNotSupported,
            depth,
            vec![("flag", "X509_V_FLAG_ALLOW_PROXY_CERTS".into())],
        );
        let refused = std::mem::take(&mut examination.stricter);
        verdict.status = Status::Unsupported;
        summarise(verdict, refused, &built, policy);
        return;
    }
    examination.leaf_key();
    examination.building();
    examination.extensions();
    examination.strength();
    if let Some(name) = question.name {
        verdict.name_by = examination.identity(name);
        verdict.name_ok = Some(verdict.name_by.is_some());
    }
    // Without a path to an anchor nobody can say who may speak about revocation.
    if built.failure.is_none() {
        verdict.revoked = examination.revocation(question.crls, question.memo, None);
    }
    examination.suite_b();
    examination.signatures_and_dates(question.memo);
    examination.name_constraints();
    examination.resources();
    examination.policies();
    examination.knobs();

    if examination.findings.is_empty() && examination.stricter.is_empty() {
        let edges = std::mem::take(&mut examination.edges);
        match proof::prove(&built, edges, policy, examination.at, true, &mut examination.memory.work) {
            Ok(proof) => {
                verdict.exceptions = proof.exceptions.iter().map(|exception| exception.name()).collect();
            }
            Err(refusal) => {
                examination.stricter.push(refusal.finding());
            }
        }
    }
    let Examination { mut findings, stricter, .. } = examination;
    verdict.status = status(&findings, &stricter);
    findings.extend(stricter);
    summarise(verdict, findings, &built, policy);
}

fn status(findings: &[Finding], stricter: &[Finding]) -> Status {
    let unsupported = |finding: &Finding| finding.check.is_unsupported();
    match (findings, stricter) {
        ([], []) => Status::Ok,
        ([], [first, ..]) if first.check == Check::Budget => Status::Budget,
        ([first, ..], _) if first.check == Check::NameConstraintBudget => Status::Budget,
        ([], stricter) if stricter.iter().all(unsupported) => Status::Unsupported,
        _ => Status::Invalid,
    }
}

fn summarise(verdict: &mut Verdict, mut findings: Vec<Finding>, built: &Built<'_>, policy: &Policy) {
    name_concerned(&mut findings, built);
    for finding in &mut findings {
        finding.release = policy.openssl;
    }
    let holds = |answer| findings.iter().all(|finding| finding.check.denies() != Some(answer));
    verdict.time_ok = policy.checks_time().then(|| holds(Answer::Time));
    verdict.purpose_ok = Some(holds(Answer::Purpose));
    verdict.chain_ok = Some(holds(Answer::Chain));
    verdict.findings = findings;
    verdict.anchored = built.failure.is_none();
    verdict.path = built
        .steps
        .iter()
        .map(|step| PathMember { source: step.source, sha256: step.certificate.sha256() })
        .collect();
    let dates = || built.certificates().map(Certificate::validity);
    verdict.not_before = dates().map(|(from, _)| from.seconds).max().flatten();
    verdict.not_after = dates().map(|(_, until)| until.seconds).min().flatten();
    verdict.weak = weak(built);
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
fn weak(built: &Built<'_>) -> Vec<&'static str> {
    let mut weak = Vec::new();
    for (step, certificate) in built.steps.iter().zip(built.certificates()) {
        if !matches!(step.source, Source::Store(_)) {
            let algorithm = &certificate.signature_algorithm;
            match algorithm.scheme().map(|scheme| scheme.digest(algorithm.parameters)) {
                Some(Digest::Md2 | Digest::Md4) => weak.push("md4"),
                Some(Digest::Md5) => weak.push("md5"),
                Some(Digest::Sha1 | Digest::Ripemd160) => weak.push("sha1"),
                _ => {}
            }
        }
        if certificate.public_key.rsa_bits().is_some_and(|bits| bits < 2048) {
            weak.push("rsa_lt_2048");
        } else if certificate.public_key.security_bits().is_some_and(|bits| bits < 112) {
            weak.push("ec_lt_224");
        }
        if certificate.version < 2 {
            weak.push("v1");
        }
    }
    weak.sort_unstable();
    weak.dedup();
    weak
}
