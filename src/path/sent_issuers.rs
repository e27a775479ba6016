//! Issuers of revocation lists that are not on the path, as OpenSSL has them under X509_V_FLAG_EXTENDED_CRL_SUPPORT: among
//! what was sent, with a path of their own.

use std::collections::HashMap;

use crate::certificate::Certificate;
use crate::distinguished_name::DistinguishedName;
use crate::policy::{Exception, Policy, Purpose, flag};
use crate::release::Rule;
use crate::store::TrustStore;
use crate::verdict::Verdict;

use super::memory::{Cost, Memory};
use super::openssl::Opened;
use super::revocation::{self, Vouch};
use super::{Question, judge_by};

/// Under `Policy.ssl`: whoever was sent, under X509_V_FLAG_EXTENDED_CRL_SUPPORT, if OpenSSL's check_crl_path finds nothing
/// wrong.
pub(super) struct SentIssuers<'i, 'p> {
    question: &'i Question<'p>,
    store: &'i TrustStore,
    /// What has been spent by the judgement.
    pub(super) cost: Cost,
    /// Where OpenSSL would have looked so far.
    pub(super) opened: Opened,
    /// Those that were asked about before, by position.
    known: HashMap<usize, Vouch>,
    /// Exceptions that their paths needed.
    pub(super) exceptions: Vec<Exception>,
}

impl<'p> revocation::CrlIssuers<'p> for SentIssuers<'_, 'p> {
    fn named(&self, _: &DistinguishedName<'_>) -> Vec<&'p Certificate<'p>> {
        Vec::new()
    }

    fn is_vouched_for(&mut self, _: &'p Certificate<'p>, _: &Certificate<'_>) -> bool {
        false
    }

    fn vouch_for(&mut self, position: usize, anchor: &Certificate<'_>) -> Vouch {
        if let Some(known) = self.known.get(&position) {
            return known.clone();
        }
        let vouch = self.path_of(position, anchor);
        self.known.insert(position, vouch.clone());
        vouch
    }

    fn has_been_opened(&self, position: usize) -> bool {
        self.opened.has(position)
    }

    fn spend(&mut self, octets: usize) -> bool {
        self.cost.spend(octets)
    }
}

impl<'i, 'p> SentIssuers<'i, 'p> {
    pub(super) fn new(question: &'i Question<'p>, store: &'i TrustStore, memory: &mut Memory) -> Self {
        let (cost, opened) = (memory.work, std::mem::take(&mut memory.opened));
        Self { question, store, cost, opened, known: HashMap::new(), exceptions: Vec::new() }
    }

    /// What `new` has borrowed from the memory of the judgement.
    pub(super) fn give_back(&mut self, memory: &mut Memory) {
        memory.work = self.cost;
        memory.opened = std::mem::take(&mut self.opened);
    }

    /// The same verification with this certificate as the end entity: the same flags, purpose and host name, and the same
    /// store; and then the same trust anchor.
    fn path_of(&mut self, position: usize, anchor: &Certificate<'_>) -> Vouch {
        let question = self.question;
        if !question.assumed.is_empty() {
            return Vouch::No(
                "its issuer is not on the path either, and that is not asked about in turn".to_owned(),
            );
        }
        let Some(&issuer) = question.presented.get(position) else {
            return Vouch::No("its issuer was not sent".to_owned());
        };
        let policy = question.policy;
        // X509_check_purpose cannot tell, which only strict mode minds.
        if policy.has(flag::X509_STRICT) && issuer.is_malformed() {
            return Vouch::No(issuer.problems().join("; "));
        }
        if policy.has(flag::OCSP_RESP_CHECK) && policy.follows(Rule::OcspAsked) {
            return Vouch::Unknown("X509_V_FLAG_OCSP_RESP_CHECK is set, too".to_owned());
        }
        if !self.cost.spend(Cost::PATH) {
            return Vouch::Unknown("a limit was reached".to_owned());
        }
        let policy = policy_for_sent_issuers(policy);
        let assumed = [issuer.sha256()];
        // X509_STORE_CTX_init with the certificates that were sent, this one among them.
        let asked = Question { policy: &policy, assumed: &assumed, ..*question };
        let mut verdict = Verdict::new(question.at, None);
        let mut memory = Memory::default();
        self.opened.note(position);
        self.give_back(&mut memory);
        judge_by(&asked, issuer, self.store, &mut memory, &mut verdict);
        (self.cost, self.opened) = (memory.work, memory.opened);
        match verdict.findings.first() {
            None if verdict.path.last().is_some_and(|last| last.sha256 == anchor.sha256()) => {
                self.exceptions.extend(verdict.exceptions);
                Vouch::Yes
            }
            None => Vouch::No("the path of its issuer ends in another trust anchor".to_owned()),
            Some(finding) if finding.check.is_stricter() => Vouch::Unknown(finding.detail()),
            Some(finding) => Vouch::No(finding.detail()),
        }
    }
}

/// What OpenSSL does not do where a context has a parent: policies, and lists about the end entity alone. The purpose is to
/// sign CRLs: cRLSign, which has been asked for before, and CAs above.
fn policy_for_sent_issuers(policy: &Policy) -> Policy {
    let mut unasked = flag::POLICY_CHECK | flag::EXPLICIT_POLICY | flag::INHIBIT_ANY | flag::INHIBIT_MAP;
    if !policy.has(flag::CRL_CHECK_ALL) {
        unasked |= flag::CRL_CHECK;
    }
    Policy { flags: policy.flags & !unasked, purpose: Purpose::Any, ..policy.clone() }
}
