//! Revocation by lists, as OpenSSL asks about it (RFC 5280 6.3).

mod choice;
mod crl;
mod entries;
mod profile;
mod rfc5280;

use choice::{Chosen, Score, Terms, choose};
use crl::Crl;
pub use crl::{CrlSet, OwnedCrl};
use entries::Entry;
pub(crate) use rfc5280::{CrlIssuers, Vouch};

use crate::certificate::{ALL_REASONS, Certificate, key_usage, reason_name};
use crate::policy::{Policy, flag};
use crate::release::Rule;
use crate::signature::{EdgeId, KnownEdges, Outcome, Signed};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Fact, time_fact};

use super::suite_b;

/// A failed revocation check of one certificate.
pub(crate) struct Failure {
    pub(crate) check: Check,
    pub(crate) facts: Vec<(&'static str, Fact)>,
}

impl Failure {
    fn new(check: Check) -> Self {
        Self { check, facts: Vec::new() }
    }
}

/// Checks the certificate at `depth` of the path against the CRLs: as RFC 5280 6.3 has it under the searching policies, else
/// as OpenSSL does, of which the first failure is all that it reports, and later checks of the same CRL would say nothing
/// certain.
pub(crate) fn check<'p>(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'p> + '_),
) -> Result<(), Failure> {
    if inquiry.policy.searches() {
        return rfc5280::check(inquiry, issuers);
    }
    inquiry.check_support()?;
    if inquiry.policy.follows(Rule::DeltaCrlsPassedOver) {
        return inquiry.run(false, issuers).map(drop);
    }
    // get_crl_score passed over delta CRLs only under EXTENDED_CRL_SUPPORT; otherwise one may be chosen as if it
    // were complete. What it refuses is refused here too. To accept takes complete CRLs (RFC 5280 5.2.4).
    if inquiry.run(true, issuers)? == Heard::CompleteCrls {
        return Ok(());
    }
    inquiry.run(false, issuers).map(drop).map_err(|mut failure| {
        // OpenSSL is content with what has changed since a list that it has not seen, or not obeyed.
        failure.check = Check::CrlNotSupported;
        failure.facts.push(("unsupported", "a delta CRL in the place of a complete one".into()));
        failure
    })
}

/// Who has spoken for a certificate.
#[derive(Eq, PartialEq)]
pub(crate) enum Heard {
    CompleteCrls,
    /// At least one of them.
    DeltaCrls,
}

/// One certificate, and all that its status depends on.
pub(crate) struct StatusQuestion<'q> {
    pub(crate) path: &'q [&'q Certificate<'q>],
    pub(crate) depth: usize,
    /// What was sent, the end entity first: where OpenSSL looks for issuers of CRLs that are not on the path.
    pub(crate) presented: &'q [&'q Certificate<'q>],
    pub(crate) crls: &'q CrlSet,
    pub(crate) policy: &'q Policy,
    pub(crate) at: Option<UnixSeconds>,
    pub(crate) memo: KnownEdges<'q>,
}

impl<'q> StatusQuestion<'q> {
    fn certificate(&self) -> Option<&'q Certificate<'q>> {
        self.path.get(self.depth).copied()
    }

    /// The CRLs by the name of the certificate's issuer, which are all that a store of OpenSSL's is asked for.
    fn lists(&self) -> impl Iterator<Item = &'q OwnedCrl> + use<'q> {
        let crls = self.crls;
        self.certificate().into_iter().flat_map(|certificate| crls.of_issuer(&certificate.issuer))
    }

    /// OpenSSL's check_cert: CRL after CRL until every reason for revocation is covered (RFC 5280 6.3.3). Each adds a
    /// reason, so there are no more of them than reasons.
    ///
    /// Stricter than RFC 5280 6.3.3, as OpenSSL is: a CRL without a scope covers no more than the first distribution
    /// point of the certificate that it fits.
    fn run<'p>(&self, with_deltas: bool, issuers: &mut (dyn CrlIssuers<'p> + '_)) -> Result<Heard, Failure> {
        let Some(certificate) = self.certificate() else {
            return Ok(Heard::CompleteCrls);
        };
        let mut heard = Heard::CompleteCrls;
        let mut terms = Terms { with_deltas, covered: 0, expiry_ignored: false };
        while terms.covered != ALL_REASONS {
            let chosen =
                choose(self, terms, &*issuers).ok_or_else(|| self.missing(certificate, terms.covered))?;
            self.apply(&chosen, issuers)?;
            if chosen.is_delta() {
                heard = Heard::DeltaCrls;
            }
            if chosen.reasons & !terms.covered == 0 {
                return Err(self.missing(certificate, terms.covered));
            }
            terms.covered |= chosen.reasons;
            terms.expiry_ignored = chosen.score.has(Score::TIME_DELTA);
        }
        Ok(heard)
    }

    /// Refuses where a flag would make OpenSSL look at CRLs in a way that is not implemented here.
    fn check_support(&self) -> Result<(), Failure> {
        let is_negative = |crl: &OwnedCrl| crl.with_dependent(|_, list| list.has_negative_number);
        if self.policy.has(flag::USE_DELTAS) && self.lists().any(is_negative) {
            // RFC 5280 5.2.3; OpenSSL compares them as they are.
            let mut failure = Failure::new(Check::CrlNotSupported);
            failure.facts.push(("unsupported", "negative CRL numbers under X509_V_FLAG_USE_DELTAS".into()));
            return Err(failure);
        }
        Ok(())
    }

    /// The chosen CRL and its delta applied to the certificate, in OpenSSL's order (check_cert).
    fn apply<'p>(&self, chosen: &Chosen<'_>, issuers: &mut (dyn CrlIssuers<'p> + '_)) -> Result<(), Failure> {
        chosen.crl.with_dependent(|_, crl| {
            // A delta that stands for a complete list is asked for no more than one beside a list: what it does not refuse
            // proves nothing.
            if !crl.is_delta {
                self.check_scope(crl, chosen, issuers)?;
            }
            self.check_crl(crl, chosen)?;
            if let Some(delta) = chosen.delta {
                let removed = delta.with_dependent(|_, delta| {
                    self.check_crl(delta, chosen)?;
                    self.look_up(delta)
                })?;
                // removeFromCRL: whatever the complete list says.
                if removed {
                    return Ok(());
                }
            }
            self.look_up(crl).map(drop)
        })
    }

    /// check_crl, as far as it passes over deltas.
    fn check_scope<'p>(
        &self,
        crl: &Crl<'_>,
        chosen: &Chosen<'_>,
        issuers: &mut (dyn CrlIssuers<'p> + '_),
    ) -> Result<(), Failure> {
        let lacks = chosen.issuer.lacks_key_usage(key_usage::CRL_SIGN);
        // Until OpenSSL has looked into a certificate, no bit of its keyUsage is missing.
        if lacks && chosen.sent_at.is_none_or(|position| issuers.has_been_opened(position)) {
            return Err(crl.failure(Check::KeyUsageNoCrlSign));
        }
        if !chosen.score.has(Score::SCOPE) {
            let failure = crl.failure(Check::CrlScope);
            return Err(match self.certificate() {
                Some(certificate) => failure.with_scopes(crl, certificate),
                None => failure,
            });
        }
        if chosen.score.has(Score::SAME_PATH) {
            return Ok(());
        }
        if lacks {
            // Its own path is asked for the purpose of signing CRLs.
            let mut failure = crl.failure(Check::CrlIssuerPath);
            failure.facts.push(("reason", "keyUsage of the CRL's issuer without cRLSign".into()));
            return Err(failure);
        }
        let vouched = chosen
            .sent_at
            .zip(self.path.last())
            .map(|(position, anchor)| issuers.vouch_for(position, anchor));
        match vouched {
            Some(Vouch::Yes) => Ok(()),
            Some(Vouch::Unknown(why)) => {
                let mut failure = crl.failure(Check::CrlNotSupported);
                failure.facts.push(("unsupported", "the path of the CRL's issuer".into()));
                failure.facts.push(("reason", why.into()));
                Err(failure)
            }
            Some(Vouch::No(why)) => {
                let mut failure = crl.failure(Check::CrlIssuerPath);
                failure.facts.push(("reason", why.into()));
                Err(failure)
            }
            None => Err(crl.failure(Check::CrlIssuerPath)),
        }
    }

    /// check_crl, as far as deltas are asked too.
    fn check_crl(&self, crl: &Crl<'_>, chosen: &Chosen<'_>) -> Result<(), Failure> {
        let expiry_ignored = chosen.score.has(Score::TIME_DELTA);
        if !chosen.score.has(Score::TIME)
            && let Some(check) = crl.time_problem_of(self.at, expiry_ignored)
        {
            return Err(crl.failure(check));
        }
        suite_b::check_crl(&chosen.issuer.public_key, &crl.inner_algorithm, self.policy)
            .map_err(|check| crl.failure(check))?;
        // X509_CRL_verify
        if self.policy.follows(Rule::CrlAlgorithmsCompared) && !crl.names_one_algorithm() {
            return Err(crl.failure(Check::CrlSignatureInvalid));
        }
        crl.verified_by(chosen.issuer, self.memo)
    }

    /// cert_crl: whether the CRL takes the certificate off the list.
    fn look_up(&self, crl: &Crl<'_>) -> Result<bool, Failure> {
        if crl.unknown_critical && !self.policy.has(flag::IGNORE_CRITICAL) {
            return Err(crl.failure(Check::UnhandledCriticalCrlExtension));
        }
        let Some(certificate) = self.certificate() else { return Ok(false) };
        match crl.find(certificate.serial, &certificate.issuer, self.policy) {
            Some(entry) if entry.removed => Ok(true),
            Some(entry) => {
                let mut failure = crl.failure(Check::Revoked);
                failure.facts.extend(entry_facts(entry));
                Err(failure)
            }
            None => Ok(false),
        }
    }
}

impl Crl<'_> {
    /// Whether the key of `signer` has signed the list.
    fn verified_by(&self, signer: &Certificate<'_>, memo: KnownEdges<'_>) -> Result<(), Failure> {
        let key = &signer.public_key;
        if key.decodes() && self.signature_algorithm.scheme().is_some_and(|scheme| !key.fits(scheme.key)) {
            // ASN1_item_verify: an algorithm for keys of another kind.
            return Err(self.failure(Check::CrlSignatureInvalid));
        }
        // By the outer algorithm: whether the inner one has to be the same, others say (RFC 5280 5.1.1.2).
        // A large CRL takes as long to hash as many signatures take to check.
        let id = EdgeId { signed: self.sha256, issuer_key: signer.spki_sha256() };
        let edge = Signed {
            algorithm: self.signature_algorithm.contents,
            message: self.tbs,
            signature: self.signature,
            key_algorithm: signer.public_key.algorithm.contents,
            key: signer.public_key.key,
            rsa_bits: signer.public_key.rsa_bits(),
        };
        match memo.verify(id, &edge) {
            Outcome::Valid => Ok(()),
            Outcome::Invalid => Err(self.failure(Check::CrlSignatureInvalid)),
            Outcome::Unsupported => {
                let mut failure = self.failure(Check::CrlNotSupported);
                failure.facts.push(("unsupported", self.signature_algorithm.name().into()));
                Err(failure)
            }
        }
    }

    /// What is wrong, and with which list.
    fn failure(&self, check: Check) -> Failure {
        let mut failure = Failure::new(check);
        failure.facts.push(("crl_issuer", self.issuer.text().into()));
        if let Some(seconds) = self.last_update.seconds {
            failure.facts.push(("this_update", time_fact(seconds)));
        }
        if let Some(seconds) = self.next_update.and_then(|time| time.seconds) {
            failure.facts.push(("next_update", time_fact(seconds)));
        }
        failure
    }
}

/// When and why a certificate was revoked.
fn entry_facts(entry: Entry) -> Vec<(&'static str, Fact)> {
    let mut facts = Vec::new();
    if let Some(seconds) = entry.date {
        facts.push(("revoked_at", time_fact(seconds)));
    }
    if let Some(reason) = entry.reason {
        facts.push(("reason", reason_name(reason).into()));
    }
    facts
}

/// ReasonFlags (RFC 5280 4.2.1.13), bit 0 the highest of the first octet, which is the low one.
fn reason_flag_names(flags: u16) -> String {
    const NAMES: [(u16, &str); 8] = [
        (0x40, "keyCompromise"),
        (0x20, "cACompromise"),
        (0x10, "affiliationChanged"),
        (0x08, "superseded"),
        (0x04, "cessationOfOperation"),
        (0x02, "certificateHold"),
        (0x01, "privilegeWithdrawn"),
        (0x8000, "aACompromise"),
    ];
    let names: Vec<_> = NAMES.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    names.join(", ")
}
