//! What root programmes say of the anchor of a path, held against the path.
//!
//! They speak about the end entity and the moment. Issuers of revocation lists are not asked about here: the anchor of
//! their path is that of the path in question, and their certificates are not what a programme's dates are about.

use crate::certificate::{Certificate, GeneralName};
use crate::ct;
use crate::oid::purpose;
use crate::policy::{Policy, Purpose};
use crate::store::{Conditions, Constraints, Dated, TrustStore, told};
use crate::time::UnixSeconds;
use crate::verdict::{AT, Check, Fact, Finding, time_fact};

use super::Question;
use super::memory::{Cost, Memory};
use super::name_constraints::dns_within;

/// A path that ends in an anchor.
#[derive(Clone, Copy)]
pub(super) struct Anchored<'a, 'p> {
    pub(super) leaf: &'a Certificate<'p>,
    /// Whoever has issued the end entity, if it is not the anchor itself.
    pub(super) issuer: Option<&'a Certificate<'p>>,
    /// The depth of the anchor.
    pub(super) depth: usize,
}

/// Why a store does not trust a path that ends in one of its anchors; empty if it does. What the comparison of names
/// and the signatures of logs cost is spent, and past the limit the store does not trust it.
pub(super) fn refusals(
    question: &Question<'_>,
    store: &TrustStore,
    position: usize,
    path: Anchored<'_, '_>,
    at: UnixSeconds,
    memory: &mut Memory,
) -> Vec<Finding> {
    let mut refused = Vec::new();
    for constraints in store.constraints(position) {
        let mut nearest: Option<Vec<Finding>> = None;
        for conditions in &constraints.alternatives {
            let violated = violated(question, constraints, conditions, path, at, memory);
            let rank = |findings: &[Finding]| {
                // That another version of the browser would have judged by other conditions is the least to say.
                (findings.iter().any(|one| one.check == Check::BrowserVersion), findings.len())
            };
            if nearest.as_ref().is_none_or(|known| rank(&violated) < rank(known)) {
                nearest = Some(violated);
            }
        }
        // One set of conditions that holds is enough (Chrome's ConstraintSet); every programme has to be content.
        refused.extend(nearest.into_iter().flatten());
    }
    for finding in &mut refused {
        finding.depth = Some(path.depth);
    }
    refused
}

fn violated(
    question: &Question<'_>,
    constraints: &Constraints,
    conditions: &Conditions,
    path: Anchored<'_, '_>,
    at: UnixSeconds,
    memory: &mut Memory,
) -> Vec<Finding> {
    let (policy, leaf) = (question.policy, path.leaf);
    let mut violated = Vec::new();
    let mut refuse = |check: Check, facts: Vec<(&'static str, Fact)>| {
        let finding = Finding::new(check).fact("source", constraints.source.as_str());
        violated.push(facts.into_iter().fold(finding, |finding, (key, fact)| finding.fact(key, fact)));
    };
    let told = |date| Fact::Text(told(date));
    // The version is taken to be the newest: of alternatives for older browsers and for newer ones the latter count.
    if let Some(version) = &conditions.max_version {
        refuse(Check::BrowserVersion, vec![("before", version.clone().into())]);
    }
    if let Some(purposes) = &conditions.purposes
        && !takes(policy, purposes)
    {
        refuse(
            Check::AnchorPurpose,
            vec![("expected", policy.purpose.text().into()), ("trusted_for", purposes.clone().into())],
        );
    }
    // Not readable: later than any date, and earlier.
    let issued = leaf.not_before.seconds;
    let not_before = || issued.map_or_else(|| leaf.not_before.raw().into(), told);
    for Dated { date, purposes } in &conditions.distrusted_after {
        if concerns(policy, purposes.as_deref()) && issued.is_none_or(|issued| issued > *date) {
            refuse(Check::DistrustedAfter, vec![("date", told(*date)), ("not_before", not_before())]);
        }
    }
    if let Some(date) = conditions.distrusted_until
        && issued.is_none_or(|issued| issued <= date)
    {
        refuse(Check::DistrustedUntil, vec![("date", told(date)), ("not_before", not_before())]);
    }
    if conditions.sct_not_after.or(conditions.sct_all_after).is_some() {
        let logged = LogDate::of(question, path, memory);
        let earliest = logged.earliest();
        let facts = |date| {
            let mut facts = vec![("date", told(date)), ("not_before", not_before())];
            facts.extend(logged.facts());
            facts
        };
        if let Some(date) = conditions.sct_not_after
            && earliest.is_none_or(|earliest| earliest > date)
        {
            refuse(Check::SctNotAfter, facts(date));
        }
        if let Some(date) = conditions.sct_all_after
            && earliest.is_none_or(|earliest| earliest <= date)
        {
            refuse(Check::SctAllAfter, facts(date));
        }
    }
    if let Some(bases) = &conditions.permitted_dns {
        let octets: usize = bases.iter().map(String::len).sum();
        let affordable =
            memory.work.spend(leaf.der().len().saturating_mul(bases.len()).saturating_add(octets));
        let outside = if affordable { outside(leaf, bases, policy) } else { Some(String::new()) };
        if let Some(name) = outside {
            refuse(Check::AnchorNames, vec![("presented", name.into()), ("permitted", bases.clone().into())]);
        }
    }
    // Times of validity may be left out of the judgement, what a programme says about today may not.
    let disabled = conditions.disabled_from.iter().filter(|one| concerns(policy, one.purposes.as_deref()));
    if let Some(date) = disabled.map(|one| one.date).min().filter(|&date| at >= date) {
        let finding = Finding::new(Check::AnchorDisabled).fact("source", constraints.source.as_str());
        violated.push(finding.fact("date", told(date)).fact(AT, time_fact(at)));
    }
    violated
}

/// When an end entity was logged.
enum LogDate {
    /// By the earliest timestamp that a log of the list has signed. Where there is not one, no condition about
    /// timestamps holds.
    Stamped(Option<UnixSeconds>),
    /// There is no list of logs, so the notBefore stands for all timestamps: it says that there is no earlier one, unless
    /// somebody has set it back.
    NotBefore(Option<UnixSeconds>),
}

impl LogDate {
    fn of(question: &Question<'_>, path: Anchored<'_, '_>, memory: &mut Memory) -> Self {
        let leaf = path.leaf;
        let Some(logs) = question.ct_logs else { return Self::NotBefore(leaf.not_before.seconds) };
        let sent = || question.presented.iter().find(|issuer| issuer.may_have_issued(leaf));
        let issuer = path.issuer.map(Certificate::spki_sha256);
        let issuer = issuer.or_else(|| Some(sent()?.spki_sha256()));
        if let Some(known) = memory.timestamps.get(&issuer) {
            return Self::Stamped(*known);
        }
        if memory.work.is_exhausted() {
            return Self::Stamped(None);
        }
        // Whether a timestamp is one of the future is asked for the time of judgement: when it was made does not change.
        let found = ct::logged(logs, leaf, issuer, question.stapled, question.at, question.memo);
        memory.work.spend(found.octets.saturating_add(found.checks.saturating_mul(Cost::PATH)));
        memory.timestamps.insert(issuer, found.earliest);
        Self::Stamped(found.earliest)
    }

    fn earliest(&self) -> Option<UnixSeconds> {
        match self {
            Self::Stamped(earliest) | Self::NotBefore(earliest) => *earliest,
        }
    }

    /// What it goes by.
    fn facts(&self) -> Vec<(&'static str, Fact)> {
        match self {
            Self::Stamped(earliest) => {
                let none = || "no timestamp that a log of the list has signed".to_owned();
                vec![("sct_earliest", Fact::Text(earliest.map_or_else(none, told)))]
            }
            Self::NotBefore(_) => vec![("stands_for_scts", "not_before, without a list of logs".into())],
        }
    }
}

/// Whether an anchor for these extended key usages is one for the purpose that is asked about.
fn takes(policy: &Policy, purposes: &[String]) -> bool {
    policy.purpose == Purpose::Any || names(policy, purposes)
}

/// Whether a date that is about these extended key usages is about the purpose. Who asks for any purpose asks for
/// these, too.
fn concerns(policy: &Policy, purposes: Option<&[String]>) -> bool {
    purposes.is_none_or(|purposes| policy.purpose == Purpose::Any || names(policy, purposes))
}

fn names(policy: &Policy, purposes: &[String]) -> bool {
    let wanted = match &policy.purpose {
        Purpose::Server => purpose::SERVER_AUTH.to_owned(),
        Purpose::Client => purpose::CLIENT_AUTH.to_owned(),
        other => other.text(),
    };
    purposes.contains(&wanted)
}

/// A DNS name of the end entity that is in none of the domains; other forms of names are not constrained (RFC 5280
/// 4.2.1.10).
fn outside(leaf: &Certificate<'_>, bases: &[String], policy: &Policy) -> Option<String> {
    let within = |name: &[u8]| bases.iter().any(|base| dns_within(name, base.as_bytes()));
    let names = leaf.extensions.alternative_names().filter_map(|name| match name {
        GeneralName::Dns(name) => Some(name),
        _ => None,
    });
    let mut hosts = names.peekable();
    let shown = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
    if hosts.peek().is_none() && policy.hostname_checks_common_name {
        // Then the common name may stand for a host.
        return leaf.common_names().into_iter().find(|name| !within(name.as_bytes()));
    }
    hosts.find(|name| !within(name)).map(shown)
}
