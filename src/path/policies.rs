//! Certificate policies: RFC 5280 6.1 with the graph of RFC 9618, and as far as they decide anything under `ssl`.
//!
//! OpenSSL runs this only if one of the policy flags is set. `ssl` has no way to name acceptable
//! policies, and without them OpenSSL's user-constrained policy set is always empty: whenever a
//! policy is required explicitly, by flag or by a CA's policyConstraints, the path fails. That is RFC 5280
//! with an empty user-initial-policy-set.

mod extensions;
mod graph;

use crate::certificate::Certificate;
use crate::oid;
use crate::policy::Policy;
use crate::verdict::{Check, Fact};

use super::memory::Cost;
use extensions::PolicyExtensions;
use graph::Graph;

/// Why a path fails for its policies.
pub(super) struct Failure {
    pub(super) check: Check,
    /// The certificate to blame, if it is one.
    pub(super) depth: Option<usize>,
    pub(super) facts: Vec<(&'static str, Fact)>,
}

/// The counters of RFC 5280 6.1.2 (d) to (f): how many certificates are left before something is required or
/// forbidden.
struct Counters {
    explicit_policy: i64,
    policy_mapping: i64,
    inhibit_any_policy: i64,
}

/// What one node, mapping or policy costs, in octets of `Cost`: it is sorted and looked up.
const NODE: usize = 64;

/// Whether there is anything to check: a knob or flag asks for it, or a certificate below the anchor limits policies,
/// maps them, or says that who does not understand its policies must refuse it.
pub(super) fn concerns<'c>(path: impl Iterator<Item = &'c Certificate<'c>>, policy: &Policy) -> bool {
    if !policy.searches() {
        return policy.processes_policies();
    }
    policy.processes_policies() || path.into_iter().any(|certificate| certificate.extensions.limits_policies)
}

/// Checks a path, end entity first, trust anchor last. The policies that are valid for it, in the words of the trust
/// anchor's domain (RFC 5280 6.1.6); anyPolicy is one of them where all are.
pub(super) fn check<'c>(
    path: &[&'c Certificate<'c>],
    policy: &Policy,
    work: &mut Cost,
) -> Result<Vec<Vec<u8>>, Failure> {
    // RFC 5280 6.1: the trust anchor is not part of the path. A pinned end entity is its own; what is asked of
    // policies it has to keep even so, but not under OpenSSL.
    let below = match path {
        [only] if policy.searches() => std::slice::from_ref(only),
        [below @ .., _] => below,
        [] => &[],
    };
    if below.is_empty() {
        return Ok(Vec::new());
    }
    let length = i64::try_from(below.len()).unwrap_or(i64::MAX - 1);
    let start = |at_once| if at_once { 0 } else { length + 1 };
    let wanted = policy.acceptable_policies();
    let mut counters = Counters {
        explicit_policy: start(policy.requires_explicit_policy()),
        policy_mapping: start(policy.inhibits_policy_mapping()),
        inhibit_any_policy: start(policy.inhibits_any_policy()),
    };
    let mut graph = Graph::new();
    let mut empty = false;
    for (depth, certificate) in below.iter().enumerate().rev() {
        // Nothing below can help any more, and OpenSSL does not look at it.
        if counters.explicit_policy == 0 && empty {
            break;
        }
        let read = if policy.searches() {
            PolicyExtensions::read(certificate)
        } else {
            PolicyExtensions::read_as_openssl(certificate)
        };
        let Some(read) = read else { return Err(malformed(below, depth, policy)) };
        let nodes = graph.width() + read.mappings.len() + read.policies.as_ref().map_or(0, Vec::len);
        if !work.spend(nodes.saturating_mul(NODE)) {
            return Err(Failure { check: Check::Budget, depth: Some(depth), facts: Cost::facts() });
        }
        empty |= read.policies.is_none();
        // 6.1.3 (d)(2): anyPolicy of a self-issued CA always counts.
        let own = certificate.is_self_issued();
        let any_allowed = counters.inhibit_any_policy > 0 || (own && depth > 0);
        graph.assert(read.policies.as_deref(), any_allowed);
        if depth > 0 {
            graph.map(&read.mappings, counters.policy_mapping > 0);
        }
        counters.step(&read, own, depth == 0 && policy.searches());
    }
    let constrained = graph.constrained();
    let valid = intersection(&constrained, wanted);
    if counters.explicit_policy == 0 && valid.is_empty() {
        let mut facts: Vec<(&'static str, Fact)> = Vec::new();
        if policy.searches() {
            let wanted = wanted.map_or_else(|| vec!["any".to_owned()], dotted);
            facts.push(("expected", wanted.into()));
            facts.push(("found", dotted(&constrained).into()));
        }
        return Err(Failure { check: Check::NoExplicitPolicy, depth: None, facts });
    }
    Ok(valid)
}

/// The same for a path on which nothing is asked of policies, maps or forbids them: what all certificates state, where
/// anyPolicy is all of them. `None` if one cannot be read: what a certificate says of its own may be malformed where
/// nothing depends on it.
pub(super) fn stated<'c>(path: &[&'c Certificate<'c>], work: &mut Cost) -> Option<Vec<Vec<u8>>> {
    let below = path.split_last().map_or(path, |(_, below)| if below.is_empty() { path } else { below });
    let mut valid: Vec<&[u8]> = Vec::new();
    let mut any = true;
    for certificate in below.iter().rev() {
        let stated = extensions::stated(certificate)?;
        if !work.spend((valid.len() + stated.len()).saturating_mul(NODE)) {
            return None;
        }
        let states_any = stated.binary_search(&oid::ANY_POLICY).is_ok();
        match (any, states_any) {
            (true, true) => {
                valid.extend(stated.into_iter().filter(|policy| *policy != oid::ANY_POLICY));
                valid.sort_unstable();
                valid.dedup();
            }
            (true, false) => valid = stated,
            (false, true) => {}
            (false, false) => valid.retain(|policy| stated.binary_search(policy).is_ok()),
        }
        any &= states_any;
    }
    if any && !below.is_empty() {
        valid.push(oid::ANY_POLICY);
        valid.sort_unstable();
    }
    Some(valid.into_iter().map(<[u8]>::to_vec).collect())
}

impl Counters {
    /// RFC 5280 6.1.4 (h) to (j), and 6.1.5 (a) and (b) for the last one.
    fn step(&mut self, read: &PolicyExtensions<'_>, self_issued: bool, last: bool) {
        // 6.1.5 (a) asks for no difference where the end entity has issued itself; OpenSSL does.
        if !self_issued || last {
            for counter in [&mut self.explicit_policy, &mut self.policy_mapping, &mut self.inhibit_any_policy]
            {
                *counter = (*counter - 1).max(0);
            }
        }
        let limits = [
            (&mut self.explicit_policy, read.require_explicit),
            (&mut self.policy_mapping, read.inhibit_mapping),
            (&mut self.inhibit_any_policy, read.inhibit_any),
        ];
        for (counter, skip) in limits {
            *counter = skip.map_or(*counter, |skip| skip.min(*counter));
        }
    }
}

/// RFC 9618 5.4 (g)(6): the policies that both the path and the caller accept.
fn intersection(constrained: &[&[u8]], wanted: Option<&[Vec<u8>]>) -> Vec<Vec<u8>> {
    let Some(wanted) = wanted else {
        return constrained.iter().map(|policy| policy.to_vec()).collect();
    };
    let has = |policy: &[u8]| constrained.binary_search(&policy).is_ok();
    let any = has(oid::ANY_POLICY);
    let valid = wanted.iter().filter(|policy| any || has(policy));
    valid.cloned().collect()
}

/// The lowest certificate whose policy extensions cannot be read, as OpenSSL has it; `from` is the highest.
fn malformed(below: &[&Certificate<'_>], from: usize, policy: &Policy) -> Failure {
    let depth = if policy.searches() {
        from
    } else {
        below.iter().position(|one| PolicyExtensions::read_as_openssl(one).is_none()).unwrap_or(from)
    };
    Failure { check: Check::InvalidPolicyExtension, depth: Some(depth), facts: Vec::new() }
}

/// Whether the policy extensions of a certificate are well-formed, for the strict profiles.
pub(super) fn is_sound(certificate: &Certificate<'_>) -> bool {
    PolicyExtensions::read(certificate).is_some()
}

fn dotted(policies: &[impl AsRef<[u8]>]) -> Vec<String> {
    policies.iter().map(|policy| oid::dotted(policy.as_ref())).collect()
}
