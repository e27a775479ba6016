//! One chain in, one verdict out.

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::name::ReferenceIdentity;
use crate::path::{self, Question};
use crate::policy::Policy;
use crate::revocation::CrlSet;
use crate::signature::EdgeMemo;
use crate::store::TrustStore;
use crate::time::UnixSeconds;
use crate::verdict::{Check, Finding, Status, Verdict};

/// Certificates that a peer may present. OpenSSL stops reading a Certificate message at 100 KiB
/// (SSL_MAX_CERT_LIST_DEFAULT), which holds some 300 of the smallest certificates in use.
pub const MAX_PRESENTED: usize = 1_000;

/// A trust store, a policy and CRLs, frozen; shared between threads.
#[derive(Debug)]
pub struct Verifier {
    store: Arc<TrustStore>,
    policy: Policy,
    crls: CrlSet,
    memo: EdgeMemo,
}

impl Verifier {
    /// Puts a verifier together.
    pub fn new(store: Arc<TrustStore>, policy: Policy, crls: CrlSet) -> Self {
        Self { store, policy, crls, memo: EdgeMemo::new() }
    }

    /// Its trust store.
    pub fn store(&self) -> &Arc<TrustStore> {
        &self.store
    }

    /// Its policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Its CRLs.
    pub fn crls(&self) -> &CrlSet {
        &self.crls
    }

    /// Judges one chain, end entity first, each certificate in DER.
    pub fn check(&self, chain: &[&[u8]], name: Option<&ReferenceIdentity>, at: UnixSeconds) -> Verdict {
        let shown = name.map(|name| name.text().to_owned());
        if chain.is_empty() {
            return Verdict::without_path(
                at,
                shown,
                Status::NoCertificate,
                Finding::new(Check::NoCertificate),
            );
        }
        if chain.len() > MAX_PRESENTED {
            let finding = Finding::new(Check::Budget)
                .fact("limit", i64::try_from(MAX_PRESENTED).unwrap_or(i64::MAX))
                .fact("presented", i64::try_from(chain.len()).unwrap_or(i64::MAX));
            return Verdict::without_path(at, shown, Status::Budget, finding);
        }
        let mut presented = Vec::with_capacity(chain.len());
        for (position, der) in chain.iter().enumerate() {
            match Certificate::parse(der) {
                Ok(certificate) => presented.push(certificate),
                // The TLS layer refuses the whole message for one certificate that does not decode.
                Err(error) => {
                    let finding = Finding::new(Check::Unparseable)
                        .fact("position", i64::try_from(position).unwrap_or(i64::MAX))
                        .fact("problem", error.to_string());
                    return Verdict::without_path(at, shown, Status::Unparseable, finding);
                }
            }
        }
        let mut verdict = Verdict::new(at, shown);
        verdict.leaf_sha256 = presented.first().map(Certificate::sha256);
        let question = Question {
            presented: &presented,
            name,
            at,
            store: &self.store,
            crls: &self.crls,
            policy: &self.policy,
            memo: &self.memo,
        };
        path::judge(&question, &mut verdict);
        verdict
    }
}
