//! A path under examination: what the checks have to go by, and what they have found.

use crate::certificate::Certificate;
use crate::policy::{Policy, flag};
use crate::signature::Signed;
use crate::time::UnixSeconds;
use crate::verdict::{Check, Fact, Finding};

use super::memory::Memory;
use super::openssl::Built;

/// A path under examination and what has been found so far.
pub(super) struct Examination<'e, 'p> {
    pub(super) built: &'e Built<'p>,
    pub(super) policy: &'e Policy,
    /// `None` if dates do not count.
    pub(super) at: Option<UnixSeconds>,
    /// OpenSSL's failures, in its order.
    pub(super) findings: Vec<Finding>,
    /// What OpenSSL lets through and this verifier does not: always after OpenSSL's own.
    pub(super) stricter: Vec<Finding>,
    /// The edges whose signature is good, leaf first.
    pub(super) edges: Vec<Signed<'p>>,
    /// What has been found already, and what it has cost.
    pub(super) memory: &'e mut Memory,
}

impl<'e, 'p> Examination<'e, 'p> {
    pub(super) fn fail(&mut self, check: Check, depth: usize, facts: Vec<(&'static str, Fact)>) {
        self.findings.push(Finding::with(check, Some(depth), facts));
    }

    pub(super) fn refuse(&mut self, check: Check, depth: usize, facts: Vec<(&'static str, Fact)>) {
        self.stricter.push(Finding::with(check, Some(depth), facts));
    }

    pub(super) fn path(&self) -> impl DoubleEndedIterator<Item = (usize, &'p Certificate<'p>)> + use<'e, 'p> {
        let built = self.built;
        built.certificates().enumerate()
    }

    pub(super) fn is_strict(&self) -> bool {
        self.policy.has(flag::X509_STRICT)
    }
}
