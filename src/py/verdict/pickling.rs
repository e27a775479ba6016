//! Verdicts, their findings and paths as plain values and back, so that they can be pickled, and an exception that
//! carries one, too.

use std::borrow::Cow;
use std::sync::Arc;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::certificate::OwnedCertificate;
use crate::ct::{SctSource, SctStatus, Timestamp, Transparency};
use crate::path::CrlSet;
use crate::policy::{Exception, Policy};
use crate::release::Release;
use crate::revocation_set::{SetAnswer, SetAnswers, SetKind};
use crate::store::TrustStore;
use crate::verdict::{
    Check, Concerned, Fact, Finding, NameBy, PathMember, Source, Status, Verdict as Core, Weakness,
};
use crate::verifier::Verifier;

use super::{CertificationPath, Finding as PyFinding, Verdict};
use crate::py::arguments::Der;

type Bytes<'py> = Bound<'py, PyBytes>;

#[derive(FromPyObject, IntoPyObject)]
enum FactState {
    Number(i64),
    Text(String),
    Texts(Vec<String>),
}

type FindingState<B> = (String, Option<usize>, Option<(String, B)>, Vec<(String, FactState)>);
type Answers = (Option<bool>, Option<bool>, Option<bool>, Option<bool>, Option<bool>);
type Times = (i64, Option<i64>, Option<i64>);
type Words = (Vec<String>, Vec<String>);
/// Whether a member is an anchor, its position among them or in what was presented, its fingerprint.
type MemberState<B> = (bool, usize, B);

/// Log, its number, operator, milliseconds, source, status.
type TimestampState<B> = (Option<String>, Option<B>, Option<String>, Option<i64>, String, String);
/// Timestamps, what Chrome and Apple say, signatures and octets.
type TransparencyState<B> = (Vec<TimestampState<B>>, Option<bool>, Option<bool>, usize, usize);

/// status, findings, answers, (name, name_by), times, leaf, (path, anchored), words, ((store's name, flags, release),
/// presented certificates, anchors), timestamps, what revocation sets say.
type State<B> = (
    String,
    Vec<FindingState<B>>,
    Answers,
    (Option<String>, Option<String>),
    Times,
    Option<B>,
    (Vec<MemberState<B>>, bool),
    Words,
    ((String, u64, String), Vec<B>, Vec<B>),
    Option<TransparencyState<B>>,
    Option<(bool, Vec<(String, String)>)>,
);

/// Everything in a verdict; of the store, the anchors on the path.
pub(super) fn state<'py>(
    py: Python<'py>,
    verdict: &Core,
    presented: &[Der],
    certificate: &dyn Fn(&PathMember) -> Option<Arc<OwnedCertificate>>,
    store_name: &str,
    policy: &Policy,
) -> PyResult<Bound<'py, PyAny>> {
    if verdict.search.is_some() {
        return Err(PyTypeError::new_err("the verdict of a searching policy cannot be pickled"));
    }
    let bytes = |octets: &[u8]| PyBytes::new(py, octets);
    let findings = verdict.findings.iter().map(|finding| parts_of(py, finding));
    let mut anchors = Vec::new();
    let mut path = Vec::new();
    for member in &verdict.path {
        let (is_anchor, position) = match member.source {
            Source::Presented(position) => (false, position),
            // Only a searching policy looks into a pool.
            Source::Store(_) | Source::Pool(_) => {
                anchors.extend(certificate(member).map(|anchor| bytes(anchor.der())));
                (true, anchors.len().saturating_sub(1))
            }
        };
        path.push((is_anchor, position, bytes(&member.sha256)));
    }
    let state: State<Bytes<'py>> = (
        verdict.status.name().to_owned(),
        findings.collect(),
        (verdict.chain_ok, verdict.time_ok, verdict.name_ok, verdict.purpose_ok, verdict.revoked),
        (verdict.name.clone(), verdict.name_by.map(|by| by.name().to_owned())),
        (verdict.at, verdict.not_before, verdict.not_after),
        verdict.leaf_sha256.map(|hash| bytes(&hash)),
        (path, verdict.anchored),
        (words(&verdict.weak, Weakness::name), words(&verdict.exceptions, Exception::name)),
        (
            (store_name.to_owned(), policy.flags, policy.openssl.to_string()),
            presented.iter().map(|der| bytes(der.as_slice())).collect(),
            anchors,
        ),
        verdict.transparency.as_ref().map(|told| transparency_state(py, told)),
        verdict.sets.as_ref().map(|sets| {
            let answers = sets.of_leaf.iter();
            let answers = answers.map(|(kind, answer)| (kind.name().to_owned(), answer.name().to_owned()));
            (sets.listed, answers.collect())
        }),
    );
    Ok(state.into_pyobject(py)?.into_any())
}

/// The inverse of `Verdict.__reduce__`.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(in crate::py) fn _verdict(state: &Bound<'_, PyAny>) -> PyResult<Verdict> {
    let state: State<PyBackedBytes> = state.extract()?;
    let (status, findings, answers, (name, name_by), times, leaf, (path, anchored), words, rest, told, sets) =
        state;
    let (chain_ok, time_ok, name_ok, purpose_ok, revoked) = answers;
    let (at, not_before, not_after) = times;
    let (weak, exceptions) = words;
    let ((store_name, flags, release), presented, anchors) = rest;
    let release = Release::named(&release).ok_or_else(|| unknown("release", &release))?;
    let name_by = name_by.map(|by| named("name_by", &by, &NameBy::ALL, NameBy::name)).transpose()?;
    let path = path.into_iter().map(|(is_anchor, position, hash)| {
        let source = if is_anchor { Source::Store(position) } else { Source::Presented(position) };
        Ok(PathMember { source, sha256: fingerprint(&hash)? })
    });
    let inner = Core {
        status: named("status", &status, &Status::ALL, Status::name)?,
        findings: findings.into_iter().map(|state| finding(state, release)).collect::<PyResult<_>>()?,
        chain_ok,
        time_ok,
        name_ok,
        purpose_ok,
        revoked,
        name,
        name_by,
        at,
        leaf_sha256: leaf.as_deref().map(fingerprint).transpose()?,
        path: path.collect::<PyResult<_>>()?,
        anchored,
        not_before,
        not_after,
        weak: all_named("weakness", &weak, &Weakness::ALL, Weakness::name)?,
        exceptions: all_named("exception", &exceptions, &Exception::ALL, Exception::name)?,
        // Only a searching policy has any.
        policies: Vec::new(),
        search: None,
        transparency: told.map(transparency).transpose()?,
        sets: sets.map(set_answers).transpose()?,
    };
    let presented = Arc::new(presented.into_iter().map(Der::Python).collect());
    let store = TrustStore::extended(None, anchors.iter().map(|der| (&**der, false)), &store_name);
    let verifier =
        Verifier::new(Arc::new(store), Policy { openssl: release, ..Policy::ssl(flags) }, CrlSet::default());
    Ok(Verdict::new(inner, presented, Arc::new(verifier)))
}

fn transparency_state<'py>(py: Python<'py>, told: &Transparency) -> TransparencyState<Bytes<'py>> {
    let timestamps = told.timestamps.iter().map(|one| {
        (
            one.log.as_deref().map(str::to_owned),
            one.log_id.map(|id| PyBytes::new(py, &id)),
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

fn set_answers((listed, answers): (bool, Vec<(String, String)>)) -> PyResult<SetAnswers> {
    let answer = |(kind, answer): (String, String)| {
        Ok((
            named("revocation set", &kind, &SetKind::ALL, SetKind::name)?,
            named("answer", &answer, &SetAnswer::ALL, SetAnswer::name)?,
        ))
    };
    Ok(SetAnswers { listed, of_leaf: answers.into_iter().map(answer).collect::<PyResult<_>>()? })
}

fn parts_of<'py>(py: Python<'py>, finding: &Finding) -> FindingState<Bytes<'py>> {
    let concerned = finding
        .concerned
        .as_ref()
        .map(|concerned| (concerned.subject.clone(), PyBytes::new(py, &concerned.sha256)));
    let facts = finding.facts.iter().map(|(key, fact)| (key.to_string(), fact_state(fact))).collect();
    (finding.check.name().to_owned(), finding.depth, concerned, facts)
}

/// Everything in a finding, and whose words it is told in.
pub(super) fn finding_state<'py>(py: Python<'py>, finding: &Finding) -> PyResult<Bound<'py, PyAny>> {
    Ok((parts_of(py, finding), finding.release.to_string()).into_pyobject(py)?.into_any())
}

/// The inverse of `Finding.__reduce__`.
#[pyfunction]
#[pyo3(signature = (state, /))]
pub(in crate::py) fn _finding(state: &Bound<'_, PyAny>) -> PyResult<PyFinding> {
    let (state, release): (FindingState<PyBackedBytes>, String) = state.extract()?;
    let release = Release::named(&release).ok_or_else(|| unknown("release", &release))?;
    Ok(PyFinding::new(finding(state, release)?))
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

fn finding(state: FindingState<PyBackedBytes>, release: Release) -> PyResult<Finding> {
    let (check, depth, concerned, facts) = state;
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
