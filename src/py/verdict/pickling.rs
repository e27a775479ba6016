//! Verdicts, their findings and paths as plain values and back: what is pickled, copied and compared, and an exception
//! that carries one, too.

mod held;

use std::borrow::Cow;
use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

use crate::ct::{SctSource, SctStatus, Timestamp, Transparency};
use crate::ocsp::{OcspAnswer, OcspStatus};
use crate::path::CrlSet;
use crate::policy::{Exception, Policy, Preset};
use crate::release::Release;
use crate::revocation_set::{SetAnswer, SetAnswers, SetKind};
use crate::store::{IntermediatePool, Origin, TrustStore};
use crate::time::{EXPRESSIBLE, UnixSeconds};
use crate::verdict::{
    Check, Concerned, Fact, Finding, NameBy, PathMember, Search, Source, Status, Verdict as Core, Weakness,
};
use crate::verifier::Verifier;

use super::{CertificationPath, Finding as PyFinding, Verdict};
use crate::py::arguments::{Der, pickled};
use crate::signature::sha256;

use held::Held;

#[derive(FromPyObject, IntoPyObject, PartialEq)]
enum FactState {
    Number(i64),
    Text(String),
    Texts(Vec<String>),
}

/// name, depth, (subject, fingerprint), facts, release.
type FindingState<B> = (String, Option<usize>, Option<(String, B)>, Vec<(String, FactState)>, String);
type Answers = (Option<bool>, Option<bool>, Option<bool>, Option<bool>, Option<bool>);
type Times = (i64, Option<i64>, Option<i64>);
/// Where a member comes from, its position among what is presented, in the stores or in the pool, its fingerprint.
type MemberState<B> = (String, usize, B);
type PathState<B> = Vec<MemberState<B>>;

/// Log, its number, operator, milliseconds, source, status.
type TimestampState<B> = (Option<String>, Option<B>, Option<String>, Option<i64>, String, String);
/// Timestamps, what Chrome and Apple say, signatures and octets.
type TransparencyState<B> = (Vec<TimestampState<B>>, Option<bool>, Option<bool>, usize, usize);

/// A store's name, and which of the certificates that a verdict holds are in it.
type StoreState = (String, Vec<usize>);
/// (preset, flags, release), presented certificates, those of stores, the stores, those of the pool.
type SurroundingsState<B> = ((String, u64, String), Vec<B>, Vec<B>, Vec<StoreState>, Vec<B>);

/// Stores: now, ever, trusted, had.
type Masks = (u32, Option<u32>, u32, Option<u32>);
/// Edges, signatures, names, judgements, proofs, octets.
type Work = (usize, usize, usize, usize, usize, usize);
/// Stores, trusted path (there is; there was), valid at expiration and never, paths, whether complete, work.
type SearchState<B> =
    (Masks, (bool, Option<bool>), (Option<bool>, Option<bool>), Vec<PathState<B>>, bool, Work);

/// Status, why it says nothing, when and why revoked, this update and the next.
type OcspState = (String, Option<String>, Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// status, findings, answers, (name, name_by), times, leaf, (path, anchored), (weak, exceptions, policies), surroundings,
/// search, what else was asked: timestamps, revocation sets, an OCSP response.
type State<B> = (
    String,
    Vec<FindingState<B>>,
    Answers,
    (Option<String>, Option<String>),
    Times,
    Option<B>,
    (PathState<B>, bool),
    (Vec<String>, Vec<String>, Vec<B>),
    SurroundingsState<B>,
    Option<SearchState<B>>,
    (Option<TransparencyState<B>>, Option<(Option<bool>, Vec<(String, String)>)>, Option<OcspState>),
);

/// Everything in a verdict; of the stores and of the pool, what is on a path. `leaf` is the fingerprint of the end entity.
fn state<'v>(verdict: &'v Verdict, leaf: Option<&'v [u8; 32]>) -> State<&'v [u8]> {
    let held = Held::of(verdict, leaf);
    let verifier = &*verdict.verifier;
    let (policy, inner) = (verifier.policy(), &verdict.inner);
    (
        inner.status.name().to_owned(),
        inner.findings.iter().map(parts_of).collect(),
        (inner.chain_ok, inner.time_ok, inner.name_ok, inner.purpose_ok, inner.revoked),
        (inner.name.clone(), inner.name_by.map(|by| by.name().to_owned())),
        (inner.at, inner.not_before, inner.not_after),
        inner.leaf_sha256.as_ref().map(AsRef::as_ref),
        (held.path(verifier, &inner.path), inner.anchored),
        (
            words(&inner.weak, Weakness::name),
            words(&inner.exceptions, Exception::name),
            inner.policies.iter().map(Vec::as_slice).collect(),
        ),
        (
            (policy.preset.name().to_owned(), policy.flags, policy.openssl.to_string()),
            verdict.presented.iter().map(Der::as_slice).collect(),
            held.anchors.clone(),
            held.stores.clone(),
            held.pool.clone(),
        ),
        inner.search.as_ref().map(|search| search_state(search, verifier, &held)),
        (
            inner.transparency.as_deref().map(transparency_state),
            inner.sets.as_ref().map(|sets| {
                let answers = sets.of_leaf.iter();
                let answers =
                    answers.map(|(kind, answer)| (kind.name().to_owned(), answer.name().to_owned()));
                (sets.listed, answers.collect())
            }),
            inner.ocsp.as_deref().map(ocsp_state),
        ),
    )
}

/// What `_verdict` takes.
pub(super) fn pickle<'py>(py: Python<'py>, verdict: &Verdict) -> PyResult<Bound<'py, PyAny>> {
    let leaf = verdict.leaf_view().map(|leaf| leaf.sha256());
    Ok(state(verdict, leaf.as_ref()).into_pyobject(py)?.into_any())
}

/// Whether two verdicts say the same, of the same certificates, and would be pickled alike.
pub(super) fn is_equal(one: &Verdict, other: &Verdict) -> bool {
    let summary = |verdict: &Verdict| (verdict.inner.status, verdict.inner.at, verdict.inner.leaf_sha256);
    if summary(one) != summary(other) {
        return false;
    }
    let leaf = |verdict: &Verdict| verdict.leaf_view().map(|leaf| leaf.sha256());
    state(one, leaf(one).as_ref()) == state(other, leaf(other).as_ref())
}

/// The inverse of `Verdict.__reduce__`. Pickles are input: what contradicts itself is refused.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(in crate::py) fn _verdict(state: &Bound<'_, PyAny>) -> PyResult<Verdict> {
    let state: State<PyBackedBytes> = pickled(state)?;
    let (
        status,
        findings,
        answers,
        (name, name_by),
        times,
        leaf,
        path,
        words,
        surroundings,
        search,
        (told, sets, ocsp),
    ) = state;
    let (chain_ok, time_ok, name_ok, purpose_ok, revoked) = answers;
    let (at, not_before, not_after) = times;
    let (best, anchored) = path;
    let (weak, exceptions, policies) = words;
    let (presented, verifier) = surroundings_of(surroundings)?;
    let name_by = name_by.map(|by| named("name_by", &by, &NameBy::ALL, NameBy::name)).transpose()?;
    let leaf_sha256 = leaf.as_deref().map(fingerprint).transpose()?;
    if leaf_sha256.is_some() && leaf_sha256 != presented.first().map(|leaf| sha256(leaf.as_slice())) {
        return Err(contradiction("leaf_sha256 is not that of the first certificate presented"));
    }
    if search.is_some() && !verifier.policy().searches() {
        return Err(contradiction("a policy that looks at one path has searched"));
    }
    let path = |path: PathState<PyBackedBytes>| path_of(path, &presented, &verifier);
    let inner = Core {
        status: named("status", &status, &Status::ALL, Status::name)?,
        findings: findings.into_iter().map(finding).collect::<PyResult<_>>()?,
        chain_ok,
        time_ok,
        name_ok,
        purpose_ok,
        revoked,
        name,
        name_by,
        at: expressible(at)?,
        leaf_sha256,
        path: path(best)?,
        anchored,
        not_before: not_before.map(expressible).transpose()?,
        not_after: not_after.map(expressible).transpose()?,
        weak: all_named("weakness", &weak, &Weakness::ALL, Weakness::name)?,
        exceptions: all_named("exception", &exceptions, &Exception::ALL, Exception::name)?,
        policies: policies.iter().map(|policy| policy.to_vec()).collect(),
        search: search.map(|search| search_of(search, verifier.stores().len(), &path)).transpose()?,
        transparency: told.map(transparency).transpose()?.map(Box::new),
        sets: sets.map(set_answers).transpose()?,
        ocsp: ocsp.map(ocsp_answer).transpose()?.map(Box::new),
    };
    if inner.is_ok() != inner.findings.is_empty() || (inner.is_ok() && inner.anchor().is_none()) {
        return Err(contradiction("accepted without a path, or with findings, or refused without"));
    }
    Ok(Verdict::new(inner, Arc::new(presented), Arc::new(verifier)))
}

/// What was presented, and a verifier that has of its stores and its pool what the verdict is about.
fn surroundings_of(state: SurroundingsState<PyBackedBytes>) -> PyResult<(Vec<Der>, Verifier)> {
    let ((preset, flags, release), presented, anchors, stores, pool) = state;
    let preset = named("policy", &preset, &Preset::ALL, Preset::name)?;
    let release = Release::named(&release).ok_or_else(|| unknown("release", &release))?;
    let policy = Policy { flags, openssl: release, crl_check_said: true, ..Policy::of(preset) };
    let store = |(name, indices): StoreState| {
        let anchors = indices.iter().map(|&index| {
            let der = anchors
                .get(index)
                .ok_or_else(|| contradiction("a store has a certificate that is not there"))?;
            Ok((&**der, None, Vec::new()))
        });
        let anchors = anchors.collect::<PyResult<Vec<_>>>()?;
        let restored = TrustStore::restored(&name, Origin::default(), anchors, Vec::new(), []);
        Ok(Arc::new(restored?))
    };
    let stores = stores.into_iter().map(store).collect::<PyResult<Vec<_>>>()?;
    let pool = if pool.is_empty() {
        None
    } else {
        Some(Arc::new(IntermediatePool::restored(pool.iter().map(AsRef::as_ref), Vec::new())?))
    };
    let verifier = Verifier::with_stores(stores, pool, policy, CrlSet::default())?;
    Ok((presented.into_iter().map(Der::Python).collect(), verifier))
}

fn path_of(
    path: PathState<PyBackedBytes>,
    presented: &[Der],
    verifier: &Verifier,
) -> PyResult<Vec<PathMember>> {
    let member = |(source, position, hash): MemberState<PyBackedBytes>| {
        let source = Source::named(&source, position).ok_or_else(|| unknown("source", &source))?;
        let member = PathMember { source, sha256: fingerprint(&hash)? };
        let is_there = match source {
            Source::Presented(position) => {
                presented.get(position).is_some_and(|der| sha256(der.as_slice()) == member.sha256)
            }
            Source::Store(position) => {
                verifier.anchor(position).is_some_and(|(_, one)| one.view().sha256() == member.sha256)
            }
            Source::Pool(position) => {
                let lent = verifier.pool().and_then(|pool| pool.certificates().get(position));
                lent.is_some_and(|one| one.view().sha256() == member.sha256)
            }
        };
        if is_there { Ok(member) } else { Err(contradiction("a certificate of a path is not there")) }
    };
    path.into_iter().map(member).collect()
}

fn search_state<'v>(search: &'v Search, verifier: &Verifier, held: &Held<'v>) -> SearchState<&'v [u8]> {
    (
        (search.stores_now, search.stores_ever, search.stores_trusted, search.stores_had),
        (search.has_trusted_path, search.had_trusted_path),
        (search.valid_at_expiration, search.never_valid),
        search.paths.iter().map(|path| held.path(verifier, path)).collect(),
        search.complete,
        (
            search.edges_tried,
            search.signature_checks,
            search.name_comparisons,
            search.judgements,
            search.proofs,
            search.octets,
        ),
    )
}

fn search_of(
    state: SearchState<PyBackedBytes>,
    stores: usize,
    path: &dyn Fn(PathState<PyBackedBytes>) -> PyResult<Vec<PathMember>>,
) -> PyResult<Search> {
    let (
        masks,
        (has_trusted_path, had_trusted_path),
        (valid_at_expiration, never_valid),
        paths,
        complete,
        work,
    ) = state;
    let (stores_now, stores_ever, stores_trusted, stores_had) = masks;
    let all = [Some(stores_now), stores_ever, Some(stores_trusted), stores_had];
    let beyond = |mask: &u32| u64::from(*mask) >> stores != 0;
    if all.iter().flatten().any(beyond) {
        return Err(contradiction("a store that is not there"));
    }
    let (edges_tried, signature_checks, name_comparisons, judgements, proofs, octets) = work;
    Ok(Search {
        stores_now,
        stores_ever,
        stores_trusted,
        stores_had,
        has_trusted_path,
        had_trusted_path,
        valid_at_expiration,
        never_valid,
        paths: paths.into_iter().map(path).collect::<PyResult<_>>()?,
        complete,
        edges_tried,
        signature_checks,
        name_comparisons,
        judgements,
        proofs,
        octets,
    })
}

fn transparency_state(told: &Transparency) -> TransparencyState<&[u8]> {
    let timestamps = told.timestamps.iter().map(|one| {
        (
            one.log.as_deref().map(str::to_owned),
            one.log_id.as_ref().map(AsRef::as_ref),
            one.operator.as_deref().map(str::to_owned),
            one.milliseconds,
            one.source.name().to_owned(),
            one.status.name().to_owned(),
        )
    });
    (timestamps.collect(), told.chrome, told.apple, told.checks, told.octets)
}

fn transparency(state: TransparencyState<PyBackedBytes>) -> PyResult<Transparency> {
    let (timestamps, chrome, apple, checks, octets) = state;
    let timestamp = |(log, log_id, operator, milliseconds, source, status): TimestampState<PyBackedBytes>| {
        Ok::<_, PyErr>(Timestamp {
            log: log.map(Into::into),
            log_id: log_id.as_deref().map(fingerprint).transpose()?,
            operator: operator.map(Into::into),
            milliseconds,
            source: named("source", &source, &SctSource::ALL, SctSource::name)?,
            status: named("status", &status, &SctStatus::ALL, SctStatus::name)?,
        })
    };
    let timestamps = timestamps.into_iter().map(timestamp).collect::<PyResult<_>>()?;
    Ok(Transparency { timestamps, chrome, apple, checks, octets })
}

fn set_answers((listed, answers): (Option<bool>, Vec<(String, String)>)) -> PyResult<SetAnswers> {
    let answer = |(kind, answer): (String, String)| {
        Ok((
            named("revocation set", &kind, &SetKind::ALL, SetKind::name)?,
            named("answer", &answer, &SetAnswer::ALL, SetAnswer::name)?,
        ))
    };
    Ok(SetAnswers { listed, of_leaf: answers.into_iter().map(answer).collect::<PyResult<_>>()? })
}

fn ocsp_state(answer: &OcspAnswer) -> OcspState {
    (
        answer.status.name().to_owned(),
        answer.status.problem().map(|problem| problem.name().to_owned()),
        answer.revoked_at,
        answer.reason,
        answer.this_update,
        answer.next_update,
    )
}

fn ocsp_answer(state: OcspState) -> PyResult<OcspAnswer> {
    let (status, problem, revoked_at, reason, this_update, next_update) = state;
    let known = OcspStatus::named(&status, problem.as_deref());
    let status = known.ok_or_else(|| unknown("OCSP status", problem.as_deref().unwrap_or(&status)))?;
    let time = |time: Option<i64>| time.map(expressible).transpose();
    Ok(OcspAnswer {
        revoked_at: time(revoked_at)?,
        reason,
        this_update: time(this_update)?,
        next_update: time(next_update)?,
        ..OcspAnswer::of(status)
    })
}

fn parts_of(finding: &Finding) -> FindingState<&[u8]> {
    let concerned = finding.concerned.as_ref();
    let concerned = concerned.map(|concerned| (concerned.subject.clone(), concerned.sha256.as_slice()));
    let facts = finding.facts.iter().map(|(key, fact)| (key.to_string(), fact_state(fact))).collect();
    (finding.check.name().to_owned(), finding.depth, concerned, facts, finding.release.to_string())
}

/// Everything in a finding, and whose words it is told in.
pub(super) fn finding_state<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyAny>> {
    Ok(parts_of(finding).into_pyobject(py)?.into_any())
}

/// The inverse of `Finding.__reduce__`.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(in crate::py) fn _finding(state: &Bound<'_, PyAny>) -> PyResult<PyFinding> {
    Ok(PyFinding::new(finding(pickled(state)?)?))
}

/// The inverse of `CertificationPath.__reduce__`.
#[pyfunction]
#[pyo3(signature = (verdict, /))]
pub(in crate::py) fn _path(py: Python<'_>, verdict: Py<Verdict>) -> PyResult<CertificationPath> {
    if !verdict.get().is_ok() {
        return Err(PyValueError::new_err("a path is that of a verdict that is ok"));
    }
    CertificationPath::of(py, verdict)
}

fn finding(state: FindingState<PyBackedBytes>) -> PyResult<Finding> {
    let (check, depth, concerned, facts, release) = state;
    let release = Release::named(&release).ok_or_else(|| unknown("release", &release))?;
    let check = named("check", &check, Check::ALL, Check::name)?;
    let concerned = match concerned {
        Some((subject, hash)) => Some(Concerned { subject, sha256: fingerprint(&hash)? }),
        None => None,
    };
    let facts = facts.into_iter().map(|(key, fact)| {
        let fact = match fact {
            FactState::Number(number) => Fact::Number(number),
            FactState::Text(text) => Fact::Text(text),
            FactState::Texts(texts) => Fact::Texts(texts),
        };
        (Cow::Owned(key), fact)
    });
    Ok(Finding { check, depth, concerned, facts: facts.collect(), release })
}

fn fact_state(fact: &Fact) -> FactState {
    match fact {
        Fact::Number(number) => FactState::Number(*number),
        Fact::Text(text) => FactState::Text(text.clone()),
        Fact::Texts(texts) => FactState::Texts(texts.clone()),
    }
}

fn unknown(what: &str, value: &str) -> PyErr {
    PyValueError::new_err(format!("no verdict of this version: unknown {what} {value:?}"))
}

fn contradiction(what: &str) -> PyErr {
    PyValueError::new_err(format!("not a verdict: {what}"))
}

fn expressible(seconds: UnixSeconds) -> PyResult<UnixSeconds> {
    if EXPRESSIBLE.contains(&seconds) {
        Ok(seconds)
    } else {
        Err(contradiction("a time beyond the year 9999"))
    }
}

fn fingerprint(octets: &[u8]) -> PyResult<[u8; 32]> {
    octets.try_into().map_err(|_| PyValueError::new_err("a SHA-256 fingerprint has 32 octets"))
}

fn words<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> Vec<String> {
    values.iter().map(|&value| name(value).to_owned()).collect()
}

/// The one of these values that goes by this word.
fn named<T: Copy>(what: &str, word: &str, all: &[T], name: fn(T) -> &'static str) -> PyResult<T> {
    all.iter().copied().find(|&one| name(one) == word).ok_or_else(|| unknown(what, word))
}

fn all_named<T: Copy>(
    what: &str,
    words: &[String],
    all: &[T],
    name: fn(T) -> &'static str,
) -> PyResult<Vec<T>> {
    words.iter().map(|word| named(what, word, all, name)).collect()
}
