//! Whether a certificate of the path is revoked: by revocation lists, and by the sets that browsers publish.

use std::sync::Arc;

use crate::certificate::Certificate;
use crate::policy::{Preset, flag};
use crate::release::Rule;
use crate::revocation_set::{Listing, RevocationSet};
use crate::signature::KnownEdges;
use crate::verdict::{Check, SET};

use super::Examination;
use crate::path::memory::Cost;
use crate::path::revocation::{self, CrlIssuers, CrlSet, StatusQuestion};

impl Examination<'_, '_> {
    /// check_revocation: the end entity, or every certificate, the anchor included. Whether
    /// anything is revoked; `None` if that is not known.
    ///
    /// `presented`: what was sent; `issuers`: who else may have signed lists.
    pub(in crate::path) fn revocation<'i, 'o>(
        &mut self,
        presented: &[&Certificate<'_>],
        crls: &CrlSet,
        memo: KnownEdges<'_>,
        issuers: &mut (dyn CrlIssuers<'i> + 'o),
    ) -> Option<bool> {
        // Neither CRL_CHECK_ALL nor OCSP_RESP_CHECK_ALL does anything on its own.
        let by_crls = self.policy.has(flag::CRL_CHECK);
        let by_ocsp = self.policy.has(flag::OCSP_RESP_CHECK) && self.policy.follows(Rule::OcspAsked);
        if !by_crls && !by_ocsp {
            return None;
        }
        let all = match self.policy.preset {
            Preset::Ssl => self.built.len(),
            // RFC 5280 6.1: the trust anchor is not part of the path.
            _ => self.built.len().saturating_sub(1).max(1),
        };
        let until = |asked: bool, whole: u64| {
            if !asked {
                0
            } else if self.policy.has(whole) {
                all
            } else {
                1
            }
        };
        let crl_depths = until(by_crls, flag::CRL_CHECK_ALL);
        let ocsp_depths = until(by_ocsp, flag::OCSP_RESP_CHECK_ALL);
        let path: Vec<_> = self.built.certificates().collect();
        let (mut revoked, mut is_asked) = (Some(false), false);
        for depth in 0..crl_depths.max(ocsp_depths) {
            let Some(certificate) = path.get(depth) else { break };
            if self.policy.follows(Rule::SelfSignedNotRevoked) && certificate.is_self_signed() {
                continue;
            }
            is_asked = true;
            // Under OCSP_RESP_CHECK_ALL a CRL is asked only after a response; without an issuer neither may be.
            let has_no_issuer = depth + 1 == self.built.len();
            let asks_all = by_ocsp && self.policy.has(flag::OCSP_RESP_CHECK_ALL);
            if depth >= crl_depths || (asks_all && has_no_issuer) {
                self.ocsp(depth);
                revoked = revoked.filter(|&revoked| revoked);
                continue;
            }
            // Each distribution point is compared with each CRL of the issuer.
            let points =
                certificate.extensions.crl_distribution_points.map_or(0, |_| certificate.der().len());
            if !self.policy.searches()
                && !issuers.spend(points.saturating_mul(crls.count_of(&certificate.issuer)))
            {
                self.refuse(Check::Budget, depth, Cost::facts());
                return None;
            }
            let inquiry = StatusQuestion {
                path: &path,
                depth,
                presented,
                crls,
                policy: self.policy,
                at: self.at,
                memo,
            };
            if let Err(failure) = revocation::check(&inquiry, issuers) {
                match (failure.check, revoked) {
                    (Check::Revoked, _) => revoked = Some(true),
                    (_, Some(true)) => {}
                    _ => revoked = None,
                }
                if failure.check == Check::Budget {
                    self.refuse(failure.check, depth, Cost::facts());
                    return revoked;
                }
                if failure.check == Check::CrlNotSupported {
                    self.refuse(failure.check, depth, failure.facts);
                } else {
                    self.fail(failure.check, depth, failure.facts);
                }
            }
        }
        revoked.filter(|_| is_asked)
    }

    /// What browsers publish of revoked certificates; whether one of the path is among them. The anchor is asked about,
    /// too: a set may block its key.
    pub(in crate::path) fn revocation_sets(&mut self, sets: &[Arc<RevocationSet>]) -> bool {
        let at = self.at.unwrap_or_default();
        // Keys are hashed for sets that may name them, and for nothing else.
        if sets.is_empty() {
            return false;
        }
        let mut is_listed = false;
        let mut issuer: Option<&Certificate<'_>> = None;
        for (depth, certificate) in self.path().rev() {
            let above = issuer.map(Certificate::spki_sha256);
            for set in sets {
                if let Listing::By(by) = set.listing(depth, certificate, above, at) {
                    is_listed = true;
                    self.fail(
                        Check::Revoked,
                        depth,
                        vec![(SET, set.kind().name().into()), ("listed", by.into())],
                    );
                }
            }
            issuer = Some(certificate);
        }
        is_listed
    }

    /// check_cert_ocsp_resp: there is never a response. Where a CRL is to be asked as well, it is asked instead.
    fn ocsp(&mut self, depth: usize) {
        if depth + 1 < self.built.len() {
            self.fail(Check::OcspVerificationFailed, depth, Vec::new());
        } else {
            // Without an issuer releases differ.
            self.refuse(Check::FlagNotSupported, depth, vec![("flag", "X509_V_FLAG_OCSP_RESP_CHECK".into())]);
        }
    }
}
