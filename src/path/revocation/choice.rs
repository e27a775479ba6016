//! Which CRL speaks for a certificate: OpenSSL's get_crl_sk and get_crl_score.

use super::{Crl, CrlSet, OwnedCrl};
use crate::certificate::GeneralNames;
use crate::certificate::{ALL_REASONS, Certificate, DistributionPoint, DistributionPointName, GeneralName};
use crate::der::{self, tag};
use crate::distinguished_name::DistinguishedName;
use crate::time::UnixSeconds;

/// A CRL that suits a certificate, how well, and which certificate of the path has issued it.
pub(super) struct Chosen<'a> {
    pub(super) score: Score,
    pub(super) crl: &'a OwnedCrl,
    pub(super) issuer: usize,
    /// The reasons for revocation that it covers, itself (ReasonFlags); none if it is out of scope.
    pub(super) reasons: u16,
}

impl Chosen<'_> {
    pub(super) fn is_delta(&self) -> bool {
        self.crl.with_dependent(|_, crl| crl.is_delta)
    }
}

/// get_crl_sk: the CRL that suits best; of equals the newest, and of those the first. One that covers no reason beyond
/// those `covered` is passed over.
pub(super) fn choose<'a>(
    path: &[&Certificate<'_>],
    depth: usize,
    crls: &'a CrlSet,
    at: Option<UnixSeconds>,
    with_deltas: bool,
    covered: u16,
) -> Option<Chosen<'a>> {
    let mut best: Option<Chosen<'a>> = None;
    for crl in crls.of_issuer(&path.get(depth)?.issuer) {
        let Some(candidate) = candidate(crl, path, depth, at, covered) else {
            continue;
        };
        if !with_deltas && candidate.is_delta() {
            continue;
        }
        let better = best.as_ref().is_none_or(|best| {
            candidate.score > best.score
                || (candidate.score == best.score && last_update(crl) > last_update(best.crl))
        });
        if better {
            best = Some(candidate);
        }
    }
    best
}

/// How well a CRL suits a certificate: OpenSSL's get_crl_score, its bits in the same order.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Score(u32);

impl Score {
    const NO_CRITICAL: u32 = 0x100;
    pub(super) const SCOPE: u32 = 0x080;
    pub(super) const TIME: u32 = 0x040;
    const ISSUER_NAME: u32 = 0x020;
    const ISSUER_CERT: u32 = 0x018;
    const SAME_PATH: u32 = 0x008;
    const KEY_IDENTIFIER: u32 = 0x004;

    pub(super) fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

fn last_update(crl: &OwnedCrl) -> Option<UnixSeconds> {
    crl.with_dependent(|_, crl| crl.last_update.seconds)
}

/// `None` if the CRL cannot speak for the certificate at all, or says nothing new.
fn candidate<'a>(
    owned: &'a OwnedCrl,
    path: &[&Certificate<'_>],
    depth: usize,
    at: Option<UnixSeconds>,
    covered: u16,
) -> Option<Chosen<'a>> {
    owned.with_dependent(|_, crl| {
        let certificate = path.get(depth)?;
        if crl.scope.invalid || crl.needs_extended_support() {
            return None;
        }
        let mut score = 0;
        if crl.issuer == certificate.issuer {
            score |= Score::ISSUER_NAME;
        } else {
            return None;
        }
        if !crl.unknown_critical {
            score |= Score::NO_CRITICAL;
        }
        if crl.time_problem(at).is_none() {
            score |= Score::TIME;
        }
        let (issuer, how) = issuer_on_path(crl, path, depth)?;
        score |= how;
        let reasons = match in_scope(certificate, crl) {
            // No reasons left to learn about.
            Some(reasons) if reasons & !covered == 0 => return None,
            Some(reasons) => {
                score |= Score::SCOPE;
                reasons
            }
            None => 0,
        };
        Some(Chosen { score: Score(score), crl: owned, issuer, reasons })
    })
}

/// crl_akid_check: which certificate of the path, above the one at `depth`, has issued the CRL.
pub(super) fn issuer_on_path(crl: &Crl<'_>, path: &[&Certificate<'_>], depth: usize) -> Option<(usize, u32)> {
    let next = if depth + 1 < path.len() { depth + 1 } else { depth };
    let identifier = crl.key_identifier.as_ref();
    if path.get(next)?.matches_key_identifier(identifier) {
        return Some((next, Score::KEY_IDENTIFIER | Score::ISSUER_CERT));
    }
    let further = (next + 1..path.len()).find(|&index| {
        path.get(index)
            .is_some_and(|issuer| issuer.subject == crl.issuer && issuer.matches_key_identifier(identifier))
    })?;
    Some((further, Score::KEY_IDENTIFIER | Score::SAME_PATH))
}

/// crl_crldp_check: the reasons that the CRL covers for this certificate; `None` if it is out of scope.
fn in_scope(certificate: &Certificate<'_>, crl: &Crl<'_>) -> Option<u16> {
    let scope = &crl.scope;
    if scope.only_attribute || (if certificate.is_ca() { scope.only_user } else { scope.only_ca }) {
        return None;
    }
    let reasons = scope.reasons.unwrap_or(ALL_REASONS);
    for point in certificate.extensions.distribution_points() {
        let issuer_fits = match &point.crl_issuer {
            // Without a cRLIssuer the CRL must come from the certificate's issuer, which it does.
            None => true,
            Some(names) => names.iter().any(|name| match name {
                GeneralName::Directory(name) => name == crl.issuer,
                _ => false,
            }),
        };
        if issuer_fits && names_overlap(&point, scope.name.as_ref(), crl, certificate) {
            return Some(reasons & point.reasons);
        }
    }
    scope.name.is_none().then_some(reasons)
}

/// idp_check_dp: whether two distribution point names have a name in common; a missing one fits all.
pub(super) fn names_overlap(
    point: &DistributionPoint<'_>,
    scope: Option<&DistributionPointName<'_>>,
    crl: &Crl<'_>,
    certificate: &Certificate<'_>,
) -> bool {
    // RFC 5280 4.2.1.13: a fragment is relative to the cRLIssuer, where there is one.
    let from_elsewhere = point.crl_issuer.as_ref().and_then(GeneralNames::directory_name);
    let base = from_elsewhere.as_ref().unwrap_or(&certificate.issuer);
    let (Some(point), Some(scope)) = (&point.name, scope) else {
        return true;
    };
    match (point, scope) {
        (DistributionPointName::Full(point), DistributionPointName::Full(scope)) => {
            point.iter().any(|one| scope.iter().any(|other| same_general_name(&one, &other)))
        }
        (DistributionPointName::Relative(one), DistributionPointName::Relative(other)) => {
            relative_name(base, one) == relative_name(&crl.issuer, other)
        }
        (DistributionPointName::Full(names), DistributionPointName::Relative(relative)) => {
            has_directory_name(names, relative_name(&crl.issuer, relative).as_deref())
        }
        (DistributionPointName::Relative(relative), DistributionPointName::Full(names)) => {
            has_directory_name(names, relative_name(base, relative).as_deref())
        }
    }
}

pub(super) fn has_directory_name(names: &GeneralNames<'_>, canonical: Option<&[u8]>) -> bool {
    names.iter().any(|name| match name {
        GeneralName::Directory(name) => canonical == Some(name.canonical()),
        _ => false,
    })
}

/// The canonical form of a name followed by one more RDN (RFC 5280 4.2.1.13).
pub(super) fn relative_name(issuer: &DistinguishedName<'_>, rdn: &[u8]) -> Option<Vec<u8>> {
    let mut set = Vec::new();
    der::push_element(&mut set, tag::SET, rdn);
    let mut contents = issuer.contents().to_vec();
    contents.extend(set);
    let mut der = Vec::new();
    der::push_element(&mut der, tag::SEQUENCE, &contents);
    DistinguishedName::parse(&der).map(|name| name.canonical().to_vec())
}

/// GENERAL_NAME_cmp: same form, same value; names by RFC 5280 7.1, the rest octet for octet.
fn same_general_name(one: &GeneralName<'_>, other: &GeneralName<'_>) -> bool {
    match (one, other) {
        (GeneralName::Directory(one), GeneralName::Directory(other)) => one == other,
        (GeneralName::Uri(one), GeneralName::Uri(other))
        | (GeneralName::Dns(one), GeneralName::Dns(other))
        | (GeneralName::Email(one), GeneralName::Email(other))
        | (GeneralName::Ip(one), GeneralName::Ip(other))
        | (GeneralName::RegisteredId(one), GeneralName::RegisteredId(other)) => one == other,
        (
            GeneralName::Other { type_id: one_type, value: one },
            GeneralName::Other { type_id: other_type, value: other },
        ) => one_type == other_type && one.whole == other.whole,
        _ => false,
    }
}
