//! The OCSP response that came along with a chain: whether it counts (RFC 6960 3.2, 4.2.2), and what it then says of the
//! end entity.

use crate::certificate::{Certificate, key_usage, reason_name};
use crate::ocsp::{CertStatus, OcspAnswer, OcspProblem, OcspStatus, Response, Single};
use crate::oid;
use crate::policy::Preset;
use crate::signature::{EdgeId, KnownEdges, Outcome, Signed, sha256};
use crate::time::UnixSeconds;
use crate::verdict::{BY, Check, Fact, time_fact};

use super::examination::Examination;
use super::memory::Cost;
use super::{Question, has_signed};

/// Certificates in a response that say that they are the responder's: as many are looked at, with two signatures each.
const MAX_RESPONDERS: usize = 3;

/// An answer, and what it has cost.
pub(crate) struct Heard {
    pub(crate) answer: OcspAnswer,
    /// Signatures that were asked for, whether or not they were remembered.
    pub(crate) checks: usize,
    /// Octets that were gone through.
    pub(crate) octets: usize,
}

/// What a response says of `leaf`, below `issuer` on its path; `at` is `None` if dates do not count.
pub(crate) fn ask(
    octets: &[u8],
    leaf: &Certificate<'_>,
    issuer: Option<&Certificate<'_>>,
    at: Option<UnixSeconds>,
    memo: KnownEdges<'_>,
) -> Heard {
    let mut inquiry = StapledCheck { leaf, at, memo, checks: 0, moments: Vec::new() };
    let mut answer = match inquiry.answer(octets, issuer) {
        Ok(single) => told(&single),
        Err(problem) => OcspAnswer::of(OcspStatus::NoKnowledge(problem)),
    };
    answer.moments = inquiry.moments;
    Heard { answer, checks: inquiry.checks, octets: octets.len() }
}

fn told(single: &Single<'_>) -> OcspAnswer {
    let (status, revoked_at, reason) = match single.status {
        CertStatus::Good => (OcspStatus::Good, None, None),
        CertStatus::Revoked { at, reason } => (OcspStatus::Revoked, Some(at), reason),
        CertStatus::Unknown => (OcspStatus::Unknown, None, None),
    };
    let (this_update, next_update) = (Some(single.this_update), single.next_update);
    OcspAnswer { revoked_at, reason, this_update, next_update, ..OcspAnswer::of(status) }
}

struct StapledCheck<'i> {
    leaf: &'i Certificate<'i>,
    at: Option<UnixSeconds>,
    memo: KnownEdges<'i>,
    checks: usize,
    /// When the answer may change.
    moments: Vec<UnixSeconds>,
}

impl StapledCheck<'_> {
    fn answer<'r>(
        &mut self,
        octets: &'r [u8],
        issuer: Option<&Certificate<'_>>,
    ) -> Result<Single<'r>, OcspProblem> {
        let response = Response::parse(octets)?;
        // A namesake of the issuer says nothing.
        let issuer = issuer.filter(|issuer| has_signed(issuer, self.leaf, self.memo));
        let issuer = issuer.ok_or(OcspProblem::NoIssuer)?;
        let single = self.current(&response, issuer)?;
        self.is_signed(&response, issuer)?;
        Ok(single)
    }

    /// What the response says at the time of judgement; of several answers the gravest.
    fn current<'r>(
        &mut self,
        response: &Response<'r>,
        issuer: &Certificate<'_>,
    ) -> Result<Single<'r>, OcspProblem> {
        let mut gravest: Option<Single<'r>> = None;
        let mut problem = None;
        for single in response.about(self.leaf, issuer) {
            self.moments.push(single.this_update);
            self.moments.extend(single.next_update);
            if let Some(why_not) = self.problem_of(&single) {
                problem.get_or_insert(why_not);
            } else if gravest.is_none_or(|known| gravity(known.status) < gravity(single.status)) {
                gravest = Some(single);
            }
        }
        let problem = problem.unwrap_or(OcspProblem::OtherCertificate);
        let single = gravest.ok_or(problem)?;
        // RFC 6960 4.4, as RFC 5280 4.2 has it of certificates.
        if response.has_unknown_critical { Err(OcspProblem::CriticalExtension) } else { Ok(single) }
    }

    /// RFC 6960 3.2, 5 and 6.
    fn problem_of(&self, single: &Single<'_>) -> Option<OcspProblem> {
        if single.has_unknown_critical {
            return Some(OcspProblem::CriticalExtension);
        }
        let at = self.at?;
        if single.this_update > at {
            return Some(OcspProblem::NotYetValid);
        }
        match single.next_update {
            // As with CRLs: the very second counts as past.
            Some(next_update) if next_update <= at => Some(OcspProblem::Expired),
            None if single.status == CertStatus::Good => Some(OcspProblem::NoNextUpdate),
            _ => None,
        }
    }

    /// RFC 6960 3.2, 2 to 4: the issuer itself has signed, or somebody whom it has told to.
    fn is_signed(&mut self, response: &Response<'_>, issuer: &Certificate<'_>) -> Result<(), OcspProblem> {
        let mut problem = OcspProblem::NoResponder;
        if response.responder.is(issuer) {
            match self.verify(response, issuer) {
                Ok(()) => return Ok(()),
                Err(why_not) => problem = why_not,
            }
        }
        let mut delegates = response.certificates().filter(|one| response.responder.is(one));
        for delegate in delegates.by_ref().take(MAX_RESPONDERS) {
            let (from, until) = delegate.validity();
            self.moments.extend(from.seconds.into_iter().chain(until.seconds));
            let verified =
                self.is_authorized(&delegate, issuer).and_then(|()| self.verify(response, &delegate));
            match verified {
                Ok(()) => return Ok(()),
                Err(why_not) if problem == OcspProblem::NoResponder => problem = why_not,
                Err(_) => {}
            }
        }
        Err(if delegates.next().is_some() { OcspProblem::Budget } else { problem })
    }

    /// RFC 6960 4.2.2.2: issued directly by the CA that has issued the certificate in question, for this purpose by name,
    /// and valid then. Whether it is revoked itself is not asked.
    fn is_authorized(
        &mut self,
        delegate: &Certificate<'_>,
        issuer: &Certificate<'_>,
    ) -> Result<(), OcspProblem> {
        let purposes = delegate.extensions.extended_key_usage;
        let is_for_this =
            purposes.is_some_and(|purposes| purposes.iter().any(|one| one == oid::OCSP_SIGNING));
        let (from, until) = delegate.validity();
        let is_valid = self.at.is_none_or(|at| {
            from.seconds.is_some_and(|from| from <= at) && until.seconds.is_some_and(|until| at <= until)
        });
        let may_sign = is_for_this
            && is_valid
            && delegate.issuer == issuer.subject
            && !delegate.lacks_key_usage(key_usage::DIGITAL_SIGNATURE)
            && !delegate.is_malformed()
            && delegate.extensions.unknown_critical.is_none();
        if !may_sign {
            return Err(OcspProblem::NotAuthorized);
        }
        self.checks = self.checks.saturating_add(1);
        if has_signed(issuer, delegate, self.memo) { Ok(()) } else { Err(OcspProblem::NotAuthorized) }
    }

    fn verify(&mut self, response: &Response<'_>, responder: &Certificate<'_>) -> Result<(), OcspProblem> {
        self.checks = self.checks.saturating_add(1);
        // The same octets read as a certificate or a CRL have the same message, algorithm and signature.
        let id = EdgeId { signed: sha256(response.whole), issuer_key: responder.spki_sha256() };
        let signed = Signed {
            algorithm: response.algorithm.contents,
            message: response.tbs,
            signature: response.signature,
            key_algorithm: responder.public_key.algorithm.contents,
            key: responder.public_key.key,
            rsa_bits: responder.public_key.rsa_bits(),
        };
        match self.memo.verify(id, &signed) {
            Outcome::Valid => Ok(()),
            Outcome::Invalid => Err(OcspProblem::BadSignature),
            Outcome::Unsupported => Err(OcspProblem::UnsupportedAlgorithm),
        }
    }
}

const fn gravity(status: CertStatus) -> u8 {
    match status {
        CertStatus::Unknown => 0,
        CertStatus::Good => 1,
        CertStatus::Revoked { .. } => 2,
    }
}

impl Examination<'_, '_> {
    /// What the response that came along says of the end entity: where it counts and says so, that is revoked. `None` without
    /// one, and under `Policy.ssl`: X509_verify_cert has none to look at.
    pub(super) fn stapled(&mut self, question: &Question<'_>) -> Option<OcspStatus> {
        let octets = question.stapled.ocsp.filter(|_| self.policy.searches())?;
        let (leaf, issuer) = (self.built.leaf()?, self.built.steps.get(1).map(|step| step.certificate));
        let key = issuer.map(Certificate::spki_sha256);
        let answer = match self.memory.stapled.get(&key) {
            Some(known) => known.clone(),
            None if self.memory.work.is_exhausted() => {
                OcspAnswer::of(OcspStatus::NoKnowledge(OcspProblem::Budget))
            }
            None => {
                let Heard { answer, checks, octets } = ask(octets, leaf, issuer, self.at, question.memo);
                self.memory.work.spend(octets.saturating_add(checks.saturating_mul(Cost::PATH)));
                self.memory.stapled.insert(key, answer.clone());
                answer
            }
        };
        if answer.status == OcspStatus::Revoked {
            self.fail(Check::Revoked, 0, facts(&answer));
        }
        // RFC 7633: a client that has asked for a response goes by it. Only the caller knows whether one could have come.
        if self.policy.preset == Preset::Cabf
            && !matches!(answer.status, OcspStatus::Good | OcspStatus::Revoked)
            && leaf.must_staple()
        {
            let found = answer.status.problem().map_or(answer.status.name(), OcspProblem::name);
            self.fail(Check::StaplingMissing, 0, vec![("found", found.into())]);
        }
        Some(answer.status)
    }
}

fn facts(answer: &OcspAnswer) -> Vec<(&'static str, Fact)> {
    let mut facts = vec![(BY, "ocsp".into())];
    let times = [
        ("revoked_at", answer.revoked_at),
        ("this_update", answer.this_update),
        ("next_update", answer.next_update),
    ];
    facts.extend(times.into_iter().filter_map(|(key, time)| Some((key, time_fact(time?)))));
    facts.extend(answer.reason.map(|reason| ("reason", reason_name(reason).into())));
    facts
}
