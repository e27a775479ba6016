//! Revocation as RFC 5280 6.3.3 has it, for the searching policies: several lists that cover the reasons together,
//! indirect ones, deltas with their base, and issuers of lists with a path of their own.
//!
//! A list that cannot be used is passed over where others cover all reasons without it. What OpenSSL would call revoked
//! is never accepted for that.

use super::choice::{has_directory_name, names_overlap, relative_name};
use super::entries::Entry;
use super::{Crl, CrlSet, Failure, OwnedCrl, StatusQuestion, profile, reason_flag_names};
use crate::certificate::{ALL_REASONS, Certificate, DistributionPoint, DistributionPointName, GeneralName};
use crate::certificate::{GeneralNames, key_usage};
use crate::distinguished_name::DistinguishedName;
use crate::path::suite_b;
use crate::policy::Preset;
use crate::time::UnixSeconds;
use crate::verdict::Check;

/// Who may have signed a list beside the certificates of the path (6.3.3 (f)).
pub(crate) trait CrlIssuers<'p> {
    /// The certificates at hand that bear this name.
    fn named(&self, name: &DistinguishedName<'_>) -> Vec<&'p Certificate<'p>>;

    /// Whether one of them has a valid path to the trust anchor of the path.
    fn is_vouched_for(&mut self, issuer: &'p Certificate<'p>, anchor: &Certificate<'_>) -> bool;

    /// check_crl_path: whether the certificate that was sent at this position has a path of its own to the trust anchor
    /// of the path, as OpenSSL builds and judges it.
    fn vouch_for(&mut self, position: usize, anchor: &Certificate<'_>) -> Vouch;

    /// Whether OpenSSL has looked into the certificate that was sent at this position: what its extensions say, its key
    /// identifier too, it does not know before.
    fn has_been_opened(&self, position: usize) -> bool;

    /// Counts what a list costs before it is spent; whether that is within the limits.
    fn spend(&mut self, octets: usize) -> bool;
}

/// Whether the issuer of a list has a path of its own, and why not.
#[derive(Clone)]
pub(crate) enum Vouch {
    Yes,
    No(String),
    /// OpenSSL finds nothing wrong with it, and that is not enough here.
    Unknown(String),
}

/// What the signature of a list costs, in octets of the budget, whatever its length.
const SIGNATURE: usize = 1 << 13;

/// A list that speaks for a certificate.
struct Candidate<'a> {
    crl: &'a OwnedCrl,
    /// The reasons that it covers for this certificate.
    reasons: u16,
    /// Best first, by OpenSSL's get_crl_score, whose order decides which of two lists is obeyed.
    rank: (bool, bool, bool, bool, Option<UnixSeconds>),
}

/// What a delta says beyond its base.
enum Delta {
    Silent,
    /// removeFromCRL: whatever the base says.
    Removed,
}

/// 6.3.3 for the certificate of an inquiry.
pub(super) fn check<'p>(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'p> + '_),
) -> Result<(), Failure> {
    let Some(certificate) = inquiry.path.get(inquiry.depth).copied() else { return Ok(()) };
    let mut candidates = Vec::new();
    let mut out_of_scope = None;
    for crl in lists(certificate, inquiry.crls) {
        if !issuers
            .spend(certificate.extensions.crl_distribution_points.map_or(1, |_| certificate.der().len()))
        {
            return Err(Failure::new(Check::Budget));
        }
        crl.with_dependent(|_, list| match scope(certificate, list) {
            _ if list.is_delta => {}
            Some(reasons) => {
                let next = inquiry.path.get(inquiry.depth + 1);
                let direct =
                    next.is_some_and(|next| next.matches_key_identifier(list.key_identifier.as_ref()));
                let rank = (
                    !list.unknown_critical,
                    list.time_problem(inquiry.at).is_none(),
                    list.issuer == certificate.issuer,
                    direct,
                    list.last_update.seconds,
                );
                candidates.push(Candidate { crl, reasons, rank });
            }
            None => {
                out_of_scope.get_or_insert(crl);
            }
        });
    }
    // The sort is stable: of equals the first.
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.rank));
    let mut covered = 0;
    let mut removed = false;
    let mut failed = None;
    for candidate in &candidates {
        if candidate.reasons & !covered == 0 {
            continue;
        }
        match apply(inquiry, issuers, candidate.crl, certificate) {
            Ok(delta) => {
                covered |= candidate.reasons;
                removed |= matches!(delta, Delta::Removed);
            }
            Err(failure) if matches!(failure.check, Check::Revoked | Check::Budget) => return Err(failure),
            Err(failure) => {
                failed.get_or_insert(failure);
            }
        }
    }
    if covered != ALL_REASONS {
        return Err(match (failed, out_of_scope) {
            (Some(failure), _) => failure,
            (None, Some(crl)) if candidates.is_empty() => {
                crl.with_dependent(|_, list| list.failure(Check::CrlScope).with_scopes(list, certificate))
            }
            _ => inquiry.missing(certificate, covered),
        });
    }
    if !removed {
        // Whatever list OpenSSL would have obeyed, also one that RFC 5280 does not take for in scope.
        if let Err(failure) = inquiry.run(true, issuers)
            && failure.check == Check::Revoked
        {
            return Err(failure);
        }
    }
    Ok(())
}

/// The lists of the certificate's issuer, and of those that its distribution points name.
fn lists<'a>(certificate: &Certificate<'_>, crls: &'a CrlSet) -> Vec<&'a OwnedCrl> {
    let mut found: Vec<&OwnedCrl> = crls.of_issuer(&certificate.issuer).collect();
    let mut known = vec![certificate.issuer.canonical().to_vec()];
    for point in certificate.extensions.distribution_points() {
        for name in point.crl_issuer.iter().flat_map(GeneralNames::iter) {
            if let GeneralName::Directory(name) = name
                && !known.iter().any(|one| one == name.canonical())
            {
                found.extend(crls.of_issuer(&name));
                known.push(name.canonical().to_vec());
            }
        }
    }
    found
}

/// (b) and (d): the reasons that a list covers for a certificate; `None` if it is out of scope.
fn scope(certificate: &Certificate<'_>, crl: &Crl<'_>) -> Option<u16> {
    let scope = &crl.scope;
    let of_other_kind = if certificate.is_ca() { scope.only_user } else { scope.only_ca };
    if scope.invalid || scope.only_attribute || of_other_kind {
        return None;
    }
    let own = crl.issuer == certificate.issuer;
    let all = scope.reasons.unwrap_or(ALL_REASONS);
    let mut reasons = None;
    for point in certificate.extensions.distribution_points() {
        let speaks = match &point.crl_issuer {
            None => own,
            // (b)(1): a list from elsewhere has to be an indirect one.
            Some(names) => (own || scope.indirect) && has_directory_name(names, Some(crl.issuer.canonical())),
        };
        if speaks && is_of_point(&point, crl, certificate) {
            reasons = Some(reasons.unwrap_or(0) | (all & point.reasons));
        }
    }
    if reasons.is_some() || !own {
        return reasons;
    }
    // The last paragraph of 6.3.3: as if there were a distribution point with the name of the certificate's issuer.
    match &scope.name {
        None => Some(all),
        Some(DistributionPointName::Full(names)) => {
            has_directory_name(names, Some(certificate.issuer.canonical())).then_some(all)
        }
        Some(DistributionPointName::Relative(_)) => None,
    }
}

/// (b)(2)(i): the issuing distribution point has a name of this one, or, where this one has none, of its cRLIssuer.
fn is_of_point(point: &DistributionPoint<'_>, crl: &Crl<'_>, certificate: &Certificate<'_>) -> bool {
    let Some(scope) = &crl.scope.name else { return true };
    if point.name.is_some() {
        return names_overlap(point, Some(scope), crl, certificate);
    }
    let Some(issuers) = &point.crl_issuer else { return false };
    match scope {
        DistributionPointName::Full(names) => issuers.iter().any(|issuer| match issuer {
            GeneralName::Directory(issuer) => has_directory_name(names, Some(issuer.canonical())),
            _ => false,
        }),
        DistributionPointName::Relative(rdn) => {
            has_directory_name(issuers, relative_name(&crl.issuer, rdn).as_deref())
        }
    }
}

/// (f) to (k): a list of the right scope, by whoever has signed it.
fn apply<'p>(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'p> + '_),
    crl: &OwnedCrl,
    certificate: &Certificate<'_>,
) -> Result<Delta, Failure> {
    let anchor = inquiry.path.last().copied();
    // The certificates above; a self-issued one at the end speaks for itself.
    let next = if inquiry.depth + 1 < inquiry.path.len() { inquiry.depth + 1 } else { inquiry.depth };
    let on_path: Vec<&Certificate<'_>> = inquiry.path.iter().skip(next).copied().collect();
    let mut failed = None;
    crl.with_dependent(|_, list| {
        let may_have_signed = |one: &Certificate<'_>| {
            one.subject == list.issuer && one.matches_key_identifier(list.key_identifier.as_ref())
        };
        for signer in on_path.iter().filter(|one| may_have_signed(one)) {
            match obey(inquiry, issuers, crl, certificate, signer) {
                Err(failure) if !matches!(failure.check, Check::Revoked | Check::Budget) => {
                    failed.get_or_insert(failure);
                }
                outcome => return outcome,
            }
        }
        for signer in issuers.named(&list.issuer).into_iter().filter(|one| may_have_signed(one)) {
            if on_path.iter().any(|one| one.der() == signer.der()) {
                continue;
            }
            // Whoever has not signed the list needs no path.
            match signed(inquiry, issuers, list, signer) {
                Ok(()) if anchor.is_some_and(|anchor| issuers.is_vouched_for(signer, anchor)) => {
                    match obey(inquiry, issuers, crl, certificate, signer) {
                        Err(failure) if !matches!(failure.check, Check::Revoked | Check::Budget) => {
                            failed.get_or_insert(failure);
                        }
                        outcome => return outcome,
                    }
                }
                Ok(()) => {
                    failed.get_or_insert(list.failure(Check::CrlIssuerPath));
                }
                Err(failure) if failure.check == Check::Budget => return Err(failure),
                Err(failure) => {
                    failed.get_or_insert(failure);
                }
            }
        }
        Err(failed.take().unwrap_or_else(|| inquiry.missing(certificate, 0)))
    })
}

/// (f) and (g): whether this certificate's key has signed the list, and may.
fn signed(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'_> + '_),
    list: &Crl<'_>,
    signer: &Certificate<'_>,
) -> Result<(), Failure> {
    if signer.lacks_key_usage(key_usage::CRL_SIGN) {
        return Err(list.failure(Check::KeyUsageNoCrlSign));
    }
    if !issuers.spend(SIGNATURE) {
        return Err(Failure::new(Check::Budget));
    }
    list.verified_by(signer, inquiry.memo)
}

/// What the list and its deltas say, once it is known whose it is.
fn obey(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'_> + '_),
    crl: &OwnedCrl,
    certificate: &Certificate<'_>,
    signer: &Certificate<'_>,
) -> Result<Delta, Failure> {
    crl.with_dependent(|_, list| {
        if let Some(check) = list.time_problem(inquiry.at) {
            return Err(list.failure(check));
        }
        suite_b::check_crl(&signer.public_key, &list.inner_algorithm, inquiry.policy)
            .map_err(|check| list.failure(check))?;
        signed(inquiry, issuers, list, signer)?;
        let is_strict = matches!(inquiry.policy.preset, Preset::Rfc5280 | Preset::Cabf);
        let broken = if is_strict { profile::broken(list) } else { None };
        if list.unknown_critical {
            return Err(list.failure(broken.unwrap_or(Check::UnhandledCriticalCrlExtension)));
        }
        let delta = delta(inquiry, issuers, list, certificate, signer)?;
        if matches!(delta, Delta::Silent)
            && let Some(entry) = list.find(certificate.serial, &certificate.issuer, inquiry.policy)
            && !entry.removed
        {
            return Err(list.revocation(entry));
        }
        // Last: what is listed is revoked, whatever else is wrong with the list.
        match broken {
            Some(check) => Err(list.failure(check)),
            None => Ok(delta),
        }
    })
}

/// (c), (h) and (i): the newest delta of a complete list. One that belongs to another base takes nothing off, but what it
/// lists is revoked.
fn delta(
    inquiry: &StatusQuestion<'_>,
    issuers: &mut (dyn CrlIssuers<'_> + '_),
    base: &Crl<'_>,
    certificate: &Certificate<'_>,
    signer: &Certificate<'_>,
) -> Result<Delta, Failure> {
    let deltas =
        inquiry.crls.of_issuer(&base.issuer).filter(|crl| crl.with_dependent(|_, list| list.is_delta));
    let mut deltas: Vec<_> = deltas.collect();
    deltas.sort_by_key(|crl| std::cmp::Reverse(crl.with_dependent(|_, list| list.last_update.seconds)));
    for crl in deltas {
        let said = crl.with_dependent(|_, list| -> Result<Option<Delta>, Failure> {
            let fits = list.is_delta_of(base);
            let newer = list.last_update.seconds >= base.last_update.seconds;
            let usable = list.time_problem(inquiry.at).is_none() && !list.unknown_critical;
            if !usable || !(fits || (newer && scope(certificate, list).is_some())) {
                return Ok(None);
            }
            match signed(inquiry, issuers, list, signer) {
                Ok(()) => {}
                Err(failure) if failure.check == Check::Budget => return Err(failure),
                Err(_) => return Ok(None),
            }
            match list.find(certificate.serial, &certificate.issuer, inquiry.policy) {
                Some(entry) if !entry.removed => Err(list.revocation(entry)),
                Some(_) if fits => Ok(Some(Delta::Removed)),
                None if fits => Ok(Some(Delta::Silent)),
                _ => Ok(None),
            }
        })?;
        if let Some(said) = said {
            return Ok(said);
        }
    }
    Ok(Delta::Silent)
}

impl Crl<'_> {
    /// RFC 5280 5.2.4 and 6.3.3 (c): the same issuer, scope and key, made for a base no newer than this one, and newer
    /// itself.
    pub(super) fn is_delta_of(&self, base: &Crl<'_>) -> bool {
        let (Some(indicated), Some(own), Some(number)) = (self.base_number, self.number, base.number) else {
            return false;
        };
        self.issuer == base.issuer
            && self.scope_value == base.scope_value
            && self.key_identifier_value == base.key_identifier_value
            && magnitude(indicated) <= magnitude(number)
            && magnitude(own) > magnitude(number)
    }

    fn revocation(&self, entry: Entry) -> Failure {
        self.failure(Check::Revoked).with_entry(entry)
    }
}

/// A CRL number (5.2.3: not negative) so that a greater one compares greater.
fn magnitude(number: &[u8]) -> (usize, &[u8]) {
    let start = number.iter().take_while(|&&octet| octet == 0).count();
    let digits = number.get(start..).unwrap_or_default();
    (digits.len(), digits)
}

impl Failure {
    /// Which field of the list excludes the certificate, and the names that do not meet.
    pub(super) fn with_scopes(mut self, crl: &Crl<'_>, certificate: &Certificate<'_>) -> Self {
        let scope = &crl.scope;
        let ca = certificate.is_ca();
        let field = match scope {
            _ if scope.invalid => "more than one of onlyContains…",
            _ if scope.only_attribute => "onlyContainsAttributeCerts",
            _ if ca && scope.only_user => "onlyContainsUserCerts",
            _ if !ca && scope.only_ca => "onlyContainsCACerts",
            _ => "distributionPoint",
        };
        self.facts.push(("scope_field", field.into()));
        if field == "distributionPoint" {
            let of_list = scope.name.as_ref().map_or_else(Vec::new, texts);
            let points = certificate.extensions.distribution_points().take(MAX_SHOWN);
            let of_certificate: Vec<String> = points
                .flat_map(|point| {
                    let issuers = point.crl_issuer.as_ref().map_or_else(Vec::new, |names| {
                        names
                            .iter()
                            .take(MAX_SHOWN)
                            .map(|name| format!("cRLIssuer {}", name.text()))
                            .collect()
                    });
                    let mut shown = point.name.as_ref().map_or_else(Vec::new, texts);
                    shown.extend(issuers);
                    shown
                })
                .collect();
            self.facts.push(("crl_distribution_point", of_list.into()));
            self.facts.push(("certificate_distribution_points", of_certificate.into()));
        }
        self
    }

    fn with_entry(mut self, entry: Entry) -> Self {
        self.facts.extend(super::entry_facts(entry));
        self
    }
}

/// Enough to tell what is meant.
const MAX_SHOWN: usize = 10;

fn texts(name: &DistributionPointName<'_>) -> Vec<String> {
    match name {
        DistributionPointName::Full(names) => names.iter().take(MAX_SHOWN).map(|name| name.text()).collect(),
        DistributionPointName::Relative(_) => vec!["relative to the CRL issuer".to_owned()],
    }
}

impl StatusQuestion<'_> {
    pub(super) fn missing(&self, certificate: &Certificate<'_>, covered: u16) -> Failure {
        let mut failure = Failure::new(Check::CrlNotFound);
        failure.facts.push(("issuer", certificate.issuer.text().into()));
        failure.facts.push(("crls", self.crls.len().into()));
        if covered != 0 {
            failure.facts.push(("uncovered_reasons", reason_flag_names(ALL_REASONS & !covered).into()));
        }
        failure
    }
}
