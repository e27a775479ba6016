//! What root programmes say of the anchor of a path, held against the path.
//!
//! They speak about the end entity and the moment. Issuers of revocation lists are not asked about here: the anchor of
//! their path is that of the path in question, and their certificates are not what a programme's dates are about.

use crate::certificate::{Certificate, GeneralName};
use crate::policy::{Policy, Purpose};
use crate::store::{Conditions, Constraints, Dated, TrustStore, told};
use crate::time::UnixSeconds;
use crate::verdict::{AT, Check, Fact, Finding, time_fact};

use super::memory::Cost;
use super::name_constraints::dns_within;

/// Why a store does not trust a path that ends in one of its anchors; empty if it does. What the comparison of names
/// costs is spent, and past the limit the store does not trust it.
pub(super) fn refusals(
    store: &TrustStore,
    position: usize,
    path: (&Certificate<'_>, usize),
    policy: &Policy,
    at: UnixSeconds,
    cost: &mut Cost,
) -> Vec<Finding> {
    let (leaf, depth) = path;
    let mut refused = Vec::new();
    for constraints in store.constraints(position) {
        let mut nearest: Option<Vec<Finding>> = None;
        for conditions in &constraints.alternatives {
            let violated = violated(constraints, conditions, leaf, policy, at, cost);
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
        finding.depth = Some(depth);
    }
    refused
}

fn violated(
    constraints: &Constraints,
    conditions: &Conditions,
    leaf: &Certificate<'_>,
    policy: &Policy,
    at: UnixSeconds,
    cost: &mut Cost,
) -> Vec<Finding> {
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
    let logged = Logged::of(leaf);
    if let Some(date) = conditions.sct_not_after
        && logged.earliest.is_none_or(|earliest| earliest > date)
    {
        refuse(Check::SctNotAfter, vec![("date", told(date)), ("not_before", not_before())]);
    }
    if let Some(date) = conditions.sct_all_after
        && logged.earliest.is_none_or(|earliest| earliest <= date)
    {
        refuse(Check::SctAllAfter, vec![("date", told(date)), ("not_before", not_before())]);
    }
    if let Some(bases) = &conditions.permitted_dns {
        let octets: usize = bases.iter().map(String::len).sum();
        let affordable = cost.spend(leaf.der().len().saturating_mul(bases.len()).saturating_add(octets));
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

/// When an end entity was logged. This is the one place where the times of verified SCTs come in. Without them the
/// notBefore stands for all of them: it says that there is no earlier one, unless somebody has set it back.
struct Logged {
    earliest: Option<UnixSeconds>,
}

impl Logged {
    fn of(leaf: &Certificate<'_>) -> Self {
        Self { earliest: leaf.not_before.seconds }
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
        Purpose::Server => "1.3.6.1.5.5.7.3.1".to_owned(),
        Purpose::Client => "1.3.6.1.5.5.7.3.2".to_owned(),
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
