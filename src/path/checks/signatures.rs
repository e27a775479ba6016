//! Each certificate's signature by the key above it, and its dates.

use crate::certificate::{Certificate, key_usage};
use crate::path::edge;
use crate::policy::{Preset, flag};
use crate::signature::{KnownEdges, Outcome, Signed};
use crate::verdict::{self, Check, Fact, time_fact};

use super::Examination;

impl<'p> Examination<'_, 'p> {
    /// internal_verify: anchor to leaf, signature first, then dates; of the anchor only the dates.
    pub(in crate::path) fn signatures_and_dates(&mut self, memo: KnownEdges<'_>) {
        let mut issuer: Option<&'p Certificate<'p>> = None;
        for (depth, certificate) in self.path().rev() {
            match issuer {
                Some(issuer) => self.signature(depth, certificate, issuer, memo),
                None if self.policy.has(flag::CHECK_SS_SIGNATURE) && certificate.is_self_signed() => {
                    self.signature(depth, certificate, certificate, memo);
                    // An edge from the anchor to itself does not belong to the path.
                    self.edges.clear();
                }
                None => {}
            }
            self.dates(depth, certificate);
            issuer = Some(certificate);
        }
        self.edges.reverse();
    }

    fn signature(
        &mut self,
        depth: usize,
        certificate: &'p Certificate<'p>,
        issuer: &'p Certificate<'p>,
        memo: KnownEdges<'_>,
    ) {
        let own = std::ptr::eq(certificate, issuer);
        // RFC 6818 2: key usage does not bind a self-issued end entity's own signature.
        if (!own || issuer.is_ca()) && issuer.lacks_key_usage(key_usage::KEY_CERT_SIGN) {
            self.fail(Check::KeyUsageNoCertSign, if own { depth } else { depth + 1 }, Vec::new());
        }
        let checked = edge(certificate, issuer).map(|edge| (memo.verify(edge.id, &edge.signed), edge.signed));
        let facts = |algorithm: String| -> Vec<(&'static str, Fact)> {
            vec![("algorithm", algorithm.into()), ("issuer", issuer.subject.text().into())]
        };
        match checked {
            Some((Outcome::Valid, signed)) => self.edges.push(signed),
            None | Some((Outcome::Invalid, _)) => {
                self.fail(Check::SignatureInvalid, depth, facts(certificate.signature_algorithm.name()));
            }
            Some((Outcome::Unsupported, _)) => {
                let algorithm = format!(
                    "{} with {} key",
                    certificate.signature_algorithm.name(),
                    issuer.public_key.curve_name().unwrap_or_else(|| issuer.public_key.algorithm_name())
                );
                self.refuse(Check::AlgorithmNotSupported, depth, facts(algorithm));
            }
        }
    }

    fn dates(&mut self, depth: usize, certificate: &Certificate<'_>) {
        let Some(at) = self.at else { return };
        let (not_before, not_after) = certificate.validity();
        match not_before.seconds {
            None => self.fail(Check::NotBeforeInvalid, depth, vec![("not_before", not_before.raw().into())]),
            Some(seconds) if seconds > at => {
                let facts = vec![("not_before", time_fact(seconds)), (verdict::AT, time_fact(at))];
                self.fail(Check::NotYetValid, depth, facts);
            }
            Some(_) => {}
        }
        match not_after.seconds {
            None => self.fail(Check::NotAfterInvalid, depth, vec![("not_after", not_after.raw().into())]),
            // RFC 5280 4.1.2.5 includes the second of notAfter; OpenSSL's X509_cmp_time does not.
            Some(seconds) if seconds < at || (seconds == at && self.policy.preset == Preset::Ssl) => {
                let facts = vec![("not_after", time_fact(seconds)), (verdict::AT, time_fact(at))];
                self.fail(Check::Expired, depth, facts);
            }
            Some(_) => {}
        }
    }
}

/// A certificate's signature and the key that is said to have made it.
pub(in crate::path) fn signed<'p>(
    certificate: &'p Certificate<'p>,
    issuer: &'p Certificate<'p>,
) -> Signed<'p> {
    Signed {
        algorithm: certificate.signature_algorithm.contents,
        message: certificate.tbs,
        signature: certificate.signature,
        key_algorithm: issuer.public_key.algorithm.contents,
        key: issuer.public_key.key,
        rsa_bits: issuer.public_key.rsa_bits(),
    }
}
