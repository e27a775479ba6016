//! The valid policy graph of RFC 9618, which takes the place of RFC 5280's tree: a policy is one node of its level, however
//! many ways lead to it, so the graph is never larger than the extensions that it is made from.

use crate::oid;

/// A policy that a certificate asserts, or that a mapping makes of one.
#[derive(Debug)]
struct Node<'c> {
    policy: &'c [u8],
    /// The nodes of the level above that lead here; none if anyPolicy does.
    parents: Vec<usize>,
    /// A mapping of the same certificate says what is expected below in its place.
    mapped: bool,
}

impl<'c> Node<'c> {
    fn below_any(policy: &'c [u8]) -> Self {
        Self { policy, parents: Vec::new(), mapped: false }
    }
}

/// The nodes of one certificate, by policy; anyPolicy apart.
#[derive(Debug, Default)]
struct Level<'c> {
    nodes: Vec<Node<'c>>,
    any: bool,
}

impl Level<'_> {
    fn find(&self, policy: &[u8]) -> Option<usize> {
        self.nodes.binary_search_by_key(&policy, |node| node.policy).ok()
    }

    fn sort(&mut self) {
        self.nodes.sort_unstable_by_key(|node| node.policy);
    }
}

/// The graph as far as it has been built, from the trust anchor downwards.
#[derive(Debug)]
pub(super) struct Graph<'c> {
    /// Those that are done.
    levels: Vec<Level<'c>>,
    /// What the next certificate is expected to assert.
    expected: Level<'c>,
}

impl<'c> Graph<'c> {
    /// RFC 9618 5.2: one node, anyPolicy.
    pub(super) fn new() -> Self {
        Self { levels: Vec::new(), expected: Level { nodes: Vec::new(), any: true } }
    }

    /// How many nodes the next certificate starts from.
    pub(super) fn width(&self) -> usize {
        self.expected.nodes.len()
    }

    /// RFC 9618 5.3 (d) and (e): a certificate's policies, sorted. `any_allowed`: whether its anyPolicy counts.
    pub(super) fn assert(&mut self, policies: Option<&[&'c [u8]]>, any_allowed: bool) {
        let expected = std::mem::take(&mut self.expected);
        let mut level = Level::default();
        if let Some(policies) = policies {
            let asserts = |policy: &[u8]| policies.binary_search(&policy).is_ok();
            let any = any_allowed && asserts(oid::ANY_POLICY);
            level.any = any && expected.any;
            // (1)(ii): what nothing above leads to, anyPolicy does.
            let fresh: Vec<_> = if expected.any {
                let others = policies.iter().filter(|policy| **policy != oid::ANY_POLICY);
                others.filter(|policy| expected.find(policy).is_none()).copied().collect()
            } else {
                Vec::new()
            };
            level.nodes = expected.nodes;
            if !any {
                // (1)(i); with anyPolicy, (2), all of them stay.
                level.nodes.retain(|node| asserts(node.policy));
            }
            level.nodes.extend(fresh.into_iter().map(Node::below_any));
            level.sort();
        }
        self.levels.push(level);
    }

    /// RFC 9618 5.3, preparation for the next certificate, (b): what this one's policies are called below.
    pub(super) fn map(&mut self, mappings: &[(&'c [u8], &'c [u8])], allowed: bool) {
        let Some(level) = self.levels.last_mut() else { return };
        if !allowed {
            // (2): what would be mapped is gone.
            let mut mapped: Vec<_> = mappings.iter().map(|(issuer, _)| *issuer).collect();
            mapped.sort_unstable();
            level.nodes.retain(|node| mapped.binary_search(&node.policy).is_err());
        } else if level.any {
            // (1)(ii): anyPolicy stands for what is mapped here.
            let mut fresh: Vec<_> = mappings.iter().map(|(issuer, _)| *issuer).collect();
            fresh.retain(|issuer| level.find(issuer).is_none());
            fresh.sort_unstable();
            fresh.dedup();
            level.nodes.extend(fresh.into_iter().map(Node::below_any));
            level.sort();
        }
        let mut edges = Vec::new();
        if allowed {
            for (issuer, subject) in mappings {
                if let Some(parent) = level.find(issuer) {
                    if let Some(node) = level.nodes.get_mut(parent) {
                        node.mapped = true;
                    }
                    edges.push((*subject, parent));
                }
            }
        }
        let unmapped = level.nodes.iter().enumerate().filter(|(_, node)| !node.mapped);
        edges.extend(unmapped.map(|(parent, node)| (node.policy, parent)));
        edges.sort_unstable();
        edges.dedup();
        let mut nodes: Vec<Node<'c>> = Vec::new();
        for (policy, parent) in edges {
            match nodes.last_mut().filter(|node| node.policy == policy) {
                Some(node) => node.parents.push(parent),
                None => nodes.push(Node { policy, parents: vec![parent], mapped: false }),
            }
        }
        self.expected = Level { nodes, any: level.any };
    }

    /// RFC 9618 5.4 (g): the authorities-constrained policy set, in the words of the trust anchor's domain, sorted.
    pub(super) fn constrained(&self) -> Vec<&'c [u8]> {
        let mut found = Vec::new();
        if self.levels.last().is_some_and(|level| level.any) {
            found.push(oid::ANY_POLICY);
        }
        let mut reached: Vec<usize> = (0..self.levels.last().map_or(0, |level| level.nodes.len())).collect();
        for level in self.levels.iter().rev() {
            let mut above = Vec::new();
            for node in reached.iter().filter_map(|&index| level.nodes.get(index)) {
                if node.parents.is_empty() {
                    found.push(node.policy);
                }
                above.extend_from_slice(&node.parents);
            }
            above.sort_unstable();
            above.dedup();
            reached = above;
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}
