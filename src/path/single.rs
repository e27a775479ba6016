//! One path judged: the order of the checks, OpenSSL's first and then ours, and the proof. `Policy.ssl` asks
//! about the one path that OpenSSL builds, the searching policies about each that they find.

use crate::ocsp::OcspStatus;
use crate::policy::{Exception, flag};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Class, Finding, NameBy};

use super::examination::Examination;
use super::memory::Memory;
use super::openssl::Built;
use super::ranking::window;
use super::{Question, policies, profile, proof};

/// A path, judged.
pub(super) struct JudgedPath<'p> {
    pub(super) built: Built<'p>,
    /// The main one first.
    pub(super) findings: Vec<Finding>,
    /// The exceptions under which the native model decided.
    pub(super) exceptions: Vec<Exception>,
    /// Whether the end entity has the name; `None` if that was not asked.
    pub(super) name_ok: Option<bool>,
    /// By what it has it.
    pub(super) name_by: Option<NameBy>,
    /// The policies that are valid for it, where it is sound; a search tells them.
    pub(super) policies: Vec<Vec<u8>>,
    /// `None` if CRLs were not asked or could not tell.
    pub(super) revoked: Option<bool>,
    /// Nothing is wrong but what says nothing against the path (the name; in a search dates, too, and the poison of a
    /// precertificate), and webpki has proven it for a moment at which it can be valid, if there is one.
    pub(super) sound: bool,
    /// The moments at which all of the path is valid, the anchor included; `None` if there are none.
    pub(super) window: Option<(UnixSeconds, UnixSeconds)>,
}

/// What the revocation lists have said of a path.
pub(super) struct Lists {
    /// `None` if they could not tell.
    pub(super) revoked: Option<bool>,
    /// If they were not, the path is not sound.
    pub(super) asked: bool,
    /// The exceptions that the paths of their issuers needed.
    pub(super) exceptions: Vec<Exception>,
}

impl<'p> Examination<'_, 'p> {
    /// Makes every check of a path in order, then asks for the proof. `ask_lists` asks the revocation lists, if it
    /// can afford that. `told`: whether somebody is going to read why it was refused.
    pub(super) fn run(
        question: &Question<'p>,
        built: Built<'p>,
        at: Option<UnixSeconds>,
        told: bool,
        memory: &mut Memory,
        mut ask_lists: impl FnMut(&mut Examination<'_, 'p>) -> Lists,
    ) -> JudgedPath<'p> {
        let policy = question.policy;
        let searches = policy.searches();
        // Without a path to an anchor nobody can say who may speak about revocation.
        let anchored = built.failure.is_none();
        memory.work.judgements += 1;
        let mut examination = Examination {
            built: &built,
            policy,
            at,
            findings: Vec::new(),
            stricter: Vec::new(),
            edges: Vec::new(),
            memory,
        };
        let (mut name_ok, mut name_by, mut policies) = (None, None, None);
        // A path for which revocation lists count is not sound unless they were asked.
        let mut lists = Lists { revoked: None, asked: true, exceptions: Vec::new() };
        let (mut in_set, mut stapled) = (false, None);
        if !examination.proxies() {
            examination.leaf_key();
            examination.building();
            examination.extensions();
            if searches {
                examination.malformed();
            }
            examination.strength();
            if let Some(name) = question.name {
                name_by = examination.identity(name);
                name_ok = Some(name_by.is_some());
            }
            examination.leaf_parameters();
            if anchored && !searches {
                lists = ask_lists(&mut examination);
            }
            in_set = examination.revocation_sets(question.sets);
            if anchored {
                stapled = examination.stapled(question);
            }
            examination.suite_b();
            examination.signatures_and_dates(question.memo);
            examination.name_constraints();
            examination.resources();
            policies = examination.policies();
            examination.knobs();
            profile::check(&mut examination);
            // A search reports by kind and not by turn, so that it can leave for the end what costs most.
            if anchored && searches && policy.asks_crls() {
                lists = ask_lists(&mut examination);
            }
        }
        let Examination { mut findings, stricter, edges, memory, .. } = examination;
        findings.extend(stricter);
        let Lists { revoked, asked, mut exceptions } = lists;
        let revoked = match stapled {
            _ if in_set => Some(true),
            Some(OcspStatus::Revoked) => Some(true),
            // As good as a list that was asked about the end entity alone.
            Some(OcspStatus::Good) if !policy.asks_crls() => Some(false),
            _ => revoked,
        };
        let window = if searches { window(&built) } else { None };
        // Trust is told apart from the name under every policy, and proven apart from it.
        let aside = |finding: &Finding| match finding.check.class() {
            Class::Name => true,
            _ => searches && stands_aside(finding),
        };
        let mut sound = anchored && asked && findings.iter().all(aside);
        let in_time = findings.iter().all(|finding| finding.check.class() != Class::Time);
        if sound && (in_time || window.is_some()) {
            // A path that is not valid now is proven for a moment at which it is, if there is one.
            let at = if in_time { at } else { None };
            let poisoned = findings.iter().any(|finding| finding.check == Check::Precertificate);
            let prove = if poisoned { proof::prove_precertificate } else { proof::prove };
            match prove(&built, edges, policy, at, told, &mut memory.work) {
                Ok(proof) => {
                    for exception in proof.exceptions {
                        if !exceptions.contains(&exception) {
                            exceptions.push(exception);
                        }
                    }
                }
                Err(refusal) => {
                    sound = false;
                    findings.push(refusal.finding());
                }
            }
        }
        if searches && sound && policies.is_none() {
            let path: Vec<_> = built.certificates().collect();
            policies = policies::stated(&path, &mut memory.work);
        }
        if searches {
            findings.sort_by_key(|finding| finding.check.class().precedence());
            exceptions.sort_unstable();
            exceptions.dedup();
        }
        let policies = policies.filter(|_| searches).unwrap_or_default();
        JudgedPath { built, findings, exceptions, name_ok, name_by, policies, revoked, sound, window }
    }

    /// RFC 3820 has rules of its own for the whole path, none of which are implemented here: where they were
    /// asked for, nothing else is said.
    fn proxies(&mut self) -> bool {
        let proxy = self.built.certificates().position(|certificate| certificate.extensions.proxy);
        let Some(depth) = proxy.filter(|_| self.policy.has(flag::ALLOW_PROXY_CERTS)) else { return false };
        let facts = vec![("flag", "X509_V_FLAG_ALLOW_PROXY_CERTS".into())];
        self.refuse(Check::FlagNotSupported, depth, facts);
        true
    }

    /// Whether nothing was found yet but what says nothing against the path.
    pub(super) fn is_sound_so_far(&self) -> bool {
        self.stricter.is_empty() && self.findings.iter().all(stands_aside)
    }
}

/// What says nothing against a path: that it is not valid now, that it belongs to somebody else, that the
/// end entity is a precertificate.
fn stands_aside(finding: &Finding) -> bool {
    matches!(finding.check.class(), Class::Time | Class::Name | Class::Precertificate)
}
