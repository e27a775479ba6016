//! Issuers of revocation lists that are not on the path (RFC 5280 6.3.3 (f)): where to find them, and the search for a path of
//! their own.

use std::collections::HashMap;
use std::sync::Arc;

use crate::certificate::Certificate;
use crate::ct::Stapled;
use crate::distinguished_name::DistinguishedName;
use crate::policy::{Exception, Policy, Preset, Purpose, flag};
use crate::store::TrustStore;

use super::{Nested, nested_search};
use crate::path::Question;
use crate::path::memory::Cost;
use crate::path::revocation::{self, Vouch};

/// How many issuers of lists may stand behind each other: that of a list about the issuer of a list is still looked
/// for, further ones have to be on the path.
const MAX_NESTING: usize = 2;

/// Those that were asked about before, by certificate and anchor; and under which exceptions.
pub(super) type Vouched = HashMap<([u8; 32], [u8; 32]), Option<Vec<Exception>>, ahash::RandomState>;

/// The certificates at hand, for one judgement.
pub(super) struct CrlIssuers<'i, 'p> {
    pub(super) question: &'i Question<'p>,
    /// What has been spent by the search.
    pub(super) nested: Nested,
    pub(super) vouched: &'i mut Vouched,
    /// Exceptions that their paths needed.
    pub(super) exceptions: Vec<Exception>,
}

impl<'p> revocation::CrlIssuers<'p> for CrlIssuers<'_, 'p> {
    fn named(&self, name: &DistinguishedName<'_>) -> Vec<&'p Certificate<'p>> {
        let presented: &'p [&'p Certificate<'p>] = self.question.presented;
        let mut found: Vec<&'p Certificate<'p>> =
            presented.iter().copied().filter(|certificate| certificate.subject == *name).collect();
        if let Some(pool) = self.question.pool {
            found.extend(pool.by_subject(name).map(|(_, certificate)| certificate.view()));
        }
        let stores: &'p [Arc<TrustStore>] = self.question.stores;
        for store in stores {
            found.extend(store.by_subject(name).map(|(_, certificate)| certificate.view()));
        }
        found
    }

    fn is_vouched_for(&mut self, issuer: &'p Certificate<'p>, anchor: &Certificate<'_>) -> bool {
        // Its own list, or one about another issuer that its path leads over: who asks is judging just that.
        if self.question.assumed.contains(&issuer.sha256()) {
            return true;
        }
        let key = (issuer.sha256(), anchor.sha256());
        if !self.vouched.contains_key(&key) {
            let found = self.path_of(issuer, anchor);
            self.vouched.insert(key, found);
        }
        match self.vouched.get(&key) {
            Some(Some(exceptions)) => {
                self.exceptions.extend(exceptions);
                true
            }
            _ => false,
        }
    }

    fn vouch_for(&mut self, _: usize, _: &Certificate<'_>) -> Vouch {
        Vouch::No("asked of OpenSSL's way alone".to_owned())
    }

    fn has_been_opened(&self, _: usize) -> bool {
        true
    }

    fn spend(&mut self, octets: usize) -> bool {
        self.nested.cost.spend(octets)
    }
}

impl<'p> CrlIssuers<'_, 'p> {
    /// A path for the issuer of a list to the very anchor of the path in question; the exceptions that it needs.
    fn path_of(&mut self, issuer: &'p Certificate<'p>, anchor: &Certificate<'_>) -> Option<Vec<Exception>> {
        let question = self.question;
        if question.assumed.len() >= MAX_NESTING {
            return None;
        }
        if !self.nested.cost.spend(Cost::PATH) {
            return None;
        }
        let store = TrustStore::extended(None, [(anchor.der(), false)], "anchor");
        let stores = [Arc::new(store)];
        let others = question.presented.iter().copied().filter(|one| one.der() != issuer.der());
        let presented: Vec<&Certificate<'_>> = std::iter::once(issuer).chain(others).collect();
        let positions = vec![0; presented.len()];
        let mut assumed = question.assumed.to_vec();
        assumed.push(issuer.sha256());
        let policy = policy_for_issuers(question.policy);
        let asked = Question {
            presented: &presented,
            positions: &positions,
            name: None,
            at: question.at,
            stores: &stores,
            pool: question.pool,
            all_paths: false,
            crls: question.crls,
            sets: question.sets,
            policy: &policy,
            memo: question.memo,
            ct_logs: None,
            stapled: Stapled::default(),
            go_on: question.go_on,
            assumed: &assumed,
        };
        nested_search(&asked, &mut self.nested)
    }
}

/// What is asked of the issuer of a list: what RFC 5280 6.1 asks of any path. Its certificate is not one for TLS.
fn policy_for_issuers(policy: &Policy) -> Policy {
    let preset = if policy.preset == Preset::Cabf { Preset::Rfc5280 } else { policy.preset };
    // The end entity alone is to be asked about: the issuer of its list is another.
    let flags = if policy.has(flag::CRL_CHECK_ALL) { policy.flags } else { 0 };
    Policy {
        preset,
        flags,
        purpose: Purpose::Any,
        initial_policies: None,
        require_explicit_policy: false,
        inhibit_policy_mapping: false,
        inhibit_any_policy: false,
        ..policy.clone()
    }
}
