//! Which CRL speaks for a certificate: OpenSSL's get_crl_sk and get_crl_score.

use super::{Crl, CrlIssuers, OwnedCrl, StatusQuestion};
use crate::certificate::GeneralNames;
use crate::certificate::{ALL_REASONS, Certificate, DistributionPoint, DistributionPointName, GeneralName};
use crate::der::{self, tag};
use crate::distinguished_name::DistinguishedName;
use crate::policy::flag;
use crate::release::Rule;
use crate::time::UnixSeconds;

/// A CRL that suits a certificate, how well, and who has issued it.
pub(super) struct Chosen<'q> {
    pub(super) score: Score,
    pub(super) crl: &'q OwnedCrl,
    pub(super) issuer: &'q Certificate<'q>,
    /// Where the issuer stands in what was sent, if it is not on the path.
    pub(super) sent_at: Option<usize>,
    /// The reasons for revocation that it covers, itself (ReasonFlags); none if it is out of scope.
    pub(super) reasons: u16,
    /// What has changed since, under USE_DELTAS.
    pub(super) delta: Option<&'q OwnedCrl>,
}

impl Chosen<'_> {
    pub(super) fn is_delta(&self) -> bool {
        self.crl.with_dependent(|_, crl| crl.is_delta)
    }
}

/// How OpenSSL looks for a list.
#[derive(Clone, Copy)]
pub(super) struct Terms {
    /// Whether deltas may be taken for complete lists.
    pub(super) with_deltas: bool,
    /// The reasons that are covered already: a list that covers no other is passed over.
    pub(super) covered: u16,
    /// The score of the list before this one had CRL_SCORE_TIME_DELTA, so that expired lists count as good
    /// (check_crl_time looks at what is current, and that is still the one before).
    pub(super) expiry_ignored: bool,
}

/// get_crl_sk: the CRL that suits best; of equals the newest, and of those the first.
pub(super) fn choose<'q, 'p>(
    inquiry: &StatusQuestion<'q>,
    terms: Terms,
    issuers: &(dyn CrlIssuers<'p> + '_),
) -> Option<Chosen<'q>> {
    let mut best: Option<Chosen<'q>> = None;
    for crl in inquiry.lists() {
        let Some(candidate) = candidate(crl, inquiry, terms, issuers) else { continue };
        let better = best.as_ref().is_none_or(|best| {
            candidate.score > best.score
                || (candidate.score == best.score && last_update(crl) > last_update(best.crl))
        });
        if better {
            best = Some(candidate);
        }
    }
    let mut best = best?;
    best.delta = delta_of(best.crl, inquiry);
    let is_valid = |crl: &OwnedCrl| {
        crl.with_dependent(|_, list| list.time_problem_of(inquiry.at, terms.expiry_ignored).is_none())
    };
    if best.delta.is_some_and(is_valid) {
        best.score.0 |= Score::TIME_DELTA;
    }
    Some(best)
}

/// get_delta_sk: the first delta that fits, if certificate or list say that there are some (RFC 5280 4.2.1.15, 5.2.6).
fn delta_of<'q>(base: &OwnedCrl, inquiry: &StatusQuestion<'q>) -> Option<&'q OwnedCrl> {
    if !inquiry.policy.has(flag::USE_DELTAS) {
        return None;
    }
    let freshest = inquiry.certificate()?.extensions.freshest_crl;
    base.with_dependent(|_, base| {
        let mut lists = inquiry.lists().filter(|_| freshest || base.freshest);
        lists.find(|crl| crl.with_dependent(|_, list| list.is_delta_of(base)))
    })
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
    pub(super) const SAME_PATH: u32 = 0x008;
    const KEY_IDENTIFIER: u32 = 0x004;
    pub(super) const TIME_DELTA: u32 = 0x002;

    pub(super) fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }
}

fn last_update(crl: &OwnedCrl) -> Option<UnixSeconds> {
    crl.with_dependent(|_, crl| crl.last_update.seconds)
}

/// `None` if the CRL cannot speak for the certificate at all, or says nothing new.
fn candidate<'q, 'p>(
    owned: &'q OwnedCrl,
    inquiry: &StatusQuestion<'q>,
    terms: Terms,
    issuers: &(dyn CrlIssuers<'p> + '_),
) -> Option<Chosen<'q>> {
    owned.with_dependent(|_, crl| {
        let certificate = inquiry.certificate()?;
        let extended = inquiry.policy.has(flag::EXTENDED_CRL_SUPPORT);
        if crl.scope.invalid || (crl.needs_extended_support() && !extended) {
            return None;
        }
        if crl.has_empty_scope() && inquiry.policy.follows(Rule::EmptyScopesUnusable) {
            return None;
        }
        match limits(crl) {
            Some(reasons) if reasons & !terms.covered == 0 => return None,
            // Releases before DeltaCrlsPassedOver look for deltas only where the list is not limited to some reasons, and
            // only under this flag.
            None if crl.is_delta && extended => return None,
            _ if crl.is_delta && !terms.with_deltas => return None,
            _ => {}
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
        if crl.time_problem_of(inquiry.at, terms.expiry_ignored).is_none() {
            score |= Score::TIME;
        }
        let Signer { issuer, sent_at, score: how } = issuer_of(crl, inquiry, issuers)?;
        score |= how;
        let reasons = match in_scope(certificate, crl) {
            // No reasons left to learn about.
            Some(reasons) if reasons & !terms.covered == 0 => return None,
            Some(reasons) => {
                score |= Score::SCOPE;
                reasons
            }
            None => 0,
        };
        Some(Chosen { score: Score(score), crl: owned, issuer, sent_at, reasons, delta: None })
    })
}

/// The reasons that a CRL is limited to. setup_idp leaves them at all where the BIT STRING is empty.
fn limits(crl: &Crl<'_>) -> Option<u16> {
    crl.scope.reasons.map(|reasons| if crl.scope.reasons_empty { ALL_REASONS } else { reasons })
}

/// Who is taken for the issuer of a CRL.
struct Signer<'q> {
    issuer: &'q Certificate<'q>,
    sent_at: Option<usize>,
    score: u32,
}

/// crl_akid_check: which certificate has issued the CRL: of the path, above the one in question; under
/// EXTENDED_CRL_SUPPORT of those that were sent. There OpenSSL compares key identifiers only if it has looked into the certificate
/// before, so that one by whatever key may stand for the issuer of any CRL in its name.
fn issuer_of<'q, 'p>(
    crl: &Crl<'_>,
    inquiry: &StatusQuestion<'q>,
    issuers: &(dyn CrlIssuers<'p> + '_),
) -> Option<Signer<'q>> {
    let StatusQuestion { path, depth, .. } = *inquiry;
    let next = if depth + 1 < path.len() { depth + 1 } else { depth };
    let identifier = crl.key_identifier.as_ref();
    let issuer = path.get(next).copied()?;
    if issuer.matches_key_identifier(identifier) {
        return Some(Signer { issuer, sent_at: None, score: Score::KEY_IDENTIFIER | Score::ISSUER_CERT });
    }
    let mut above = path.iter().skip(next + 1).copied();
    let is_issuer =
        |one: &&Certificate<'_>| one.subject == crl.issuer && one.matches_key_identifier(identifier);
    if let Some(issuer) = above.find(is_issuer) {
        return Some(Signer { issuer, sent_at: None, score: Score::KEY_IDENTIFIER | Score::SAME_PATH });
    }
    if !inquiry.policy.has(flag::EXTENDED_CRL_SUPPORT) {
        return None;
    }
    let matches = |position: usize, one: &Certificate<'_>| {
        if issuers.has_been_opened(position) {
            one.matches_key_identifier(identifier)
        } else {
            one.matches_unopened(identifier)
        }
    };
    let mut sent = inquiry.presented.iter().copied().enumerate();
    let (position, issuer) =
        sent.find(|(position, one)| one.subject == crl.issuer && matches(*position, one))?;
    Some(Signer { issuer, sent_at: Some(position), score: Score::KEY_IDENTIFIER })
}

/// crl_crldp_check: the reasons that the CRL covers for this certificate; `None` if it is out of scope.
fn in_scope(certificate: &Certificate<'_>, crl: &Crl<'_>) -> Option<u16> {
    let scope = &crl.scope;
    if scope.only_attribute || (if certificate.is_ca() { scope.only_user } else { scope.only_ca }) {
        return None;
    }
    let reasons = limits(crl).unwrap_or(ALL_REASONS);
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
