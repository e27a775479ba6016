//! Certificate revocation lists: opened, chosen and applied as OpenSSL does it (RFC 5280 5 and 6.3).

mod choice;
mod entries;
mod profile;
mod rfc5280;

use std::collections::HashMap;

use choice::{Chosen, Score, Terms, choose};
use entries::{Entry, once};
pub(crate) use rfc5280::{CrlIssuers, Vouch};

use crate::certificate::{
    ALL_REASONS, AlgorithmIdentifier, AuthorityKeyIdentifier, Certificate, DistributionPointName, Extension,
    GeneralNames, ParseError, extension, key_usage, reason_flags, reason_name,
};
use crate::der::{self, Bits, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;
use crate::policy::{Policy, flag};
use crate::release::Rule;
use crate::signature::{self, EdgeId, EdgeMemo, Outcome, Signed};
use crate::time::{Time, UnixSeconds};
use crate::verdict::{Check, Fact, time_fact};

use super::suite_b;

/// One CRL, opened but not judged.
#[derive(Debug)]
pub struct Crl<'a> {
    /// The fingerprint: SHA-256 of the DER.
    sha256: [u8; 32],
    tbs: &'a [u8],
    /// The encoded version number: 1 means v2.
    version: Option<&'a [u8]>,
    inner_algorithm: AlgorithmIdentifier<'a>,
    signature_algorithm: AlgorithmIdentifier<'a>,
    signature: &'a [u8],
    issuer: DistinguishedName<'a>,
    last_update: Time<'a>,
    next_update: Option<Time<'a>>,
    entries: &'a [u8],
    /// Serial numbers, sorted, and where their entries start: a CRL may hold millions. Made when it is
    /// opened, since what one thread computes later, a child forked meanwhile would wait for in vain.
    index: Vec<(&'a [u8], usize)>,
    /// The certificateIssuers (RFC 5280 5.3.3), and where the entries start from which on they hold: in order.
    certificate_issuers: Vec<(usize, GeneralNames<'a>)>,
    /// The contents of the SEQUENCE OF Extension.
    extensions: &'a [u8],
    key_identifier: Option<AuthorityKeyIdentifier<'a>>,
    /// The same as it stands, to be compared with that of a delta.
    key_identifier_value: Option<&'a [u8]>,
    scope: Scope<'a>,
    scope_value: Option<&'a [u8]>,
    /// cRLNumber and the BaseCRLNumber of a delta, if they are not negative ones.
    number: Option<&'a [u8]>,
    base_number: Option<&'a [u8]>,
    has_negative_number: bool,
    is_delta: bool,
    unknown_critical: bool,
    freshest: bool,
}

/// The issuing distribution point (RFC 5280 5.2.5).
#[derive(Debug, Default)]
struct Scope<'a> {
    invalid: bool,
    name: Option<DistributionPointName<'a>>,
    only_user: bool,
    only_ca: bool,
    only_attribute: bool,
    indirect: bool,
    reasons: Option<u16>,
    /// The reasons are a BIT STRING without a bit.
    reasons_empty: bool,
}

self_cell::self_cell! {
    /// A CRL together with its DER.
    pub struct OwnedCrl {
        owner: Box<[u8]>,
        #[not_covariant]
        dependent: Crl,
    }

    impl {Debug}
}

impl OwnedCrl {
    /// The issuer of a CRL in its canonical form, whatever else is wrong with it.
    pub fn issuer_of(der: &[u8]) -> Option<Vec<u8>> {
        let mut list = Reader::new(der).nested(tag::SEQUENCE)?.nested(tag::SEQUENCE)?;
        list.optional(tag::INTEGER)?;
        list.read(tag::SEQUENCE)?;
        let issuer = DistinguishedName::parse(list.element(tag::SEQUENCE)?.whole)?;
        Some(issuer.canonical().to_vec())
    }

    /// Opens a DER CRL and keeps it.
    ///
    /// # Errors
    ///
    /// The first part of its frame that is broken.
    pub fn parse(der: &[u8]) -> Result<Self, ParseError> {
        Self::try_new(der.into(), |der| Crl::parse(der))
    }

    /// Its DER.
    pub fn der(&self) -> &[u8] {
        self.borrow_owner()
    }
}

/// The CRLs of a verifier, by issuer.
#[derive(Debug, Default)]
pub struct CrlSet {
    crls: Vec<OwnedCrl>,
    by_issuer: HashMap<Box<[u8]>, Vec<usize>>,
}

impl CrlSet {
    /// Gathers CRLs; order counts only between equally good ones.
    pub fn new(crls: Vec<OwnedCrl>) -> Self {
        let mut by_issuer: HashMap<Box<[u8]>, Vec<usize>> = HashMap::new();
        for (position, crl) in crls.iter().enumerate() {
            let issuer = crl.with_dependent(|_, crl| crl.issuer.canonical().into());
            by_issuer.entry(issuer).or_default().push(position);
        }
        Self { crls, by_issuer }
    }

    /// The CRLs, in the order they were handed in.
    pub fn crls(&self) -> &[OwnedCrl] {
        &self.crls
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.crls.len()
    }

    /// The dates of all of them.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        self.crls.iter().flat_map(|crl| {
            crl.with_dependent(|_, crl| {
                let next_update = crl.next_update.and_then(|time| time.seconds);
                crl.last_update.seconds.into_iter().chain(next_update).collect::<Vec<_>>()
            })
        })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.crls.is_empty()
    }

    /// How many there are of an issuer.
    pub(crate) fn count_of(&self, issuer: &DistinguishedName<'_>) -> usize {
        if self.crls.is_empty() { 0 } else { self.of_issuer(issuer).count() }
    }

    fn of_issuer(&self, issuer: &DistinguishedName<'_>) -> impl Iterator<Item = &OwnedCrl> {
        let positions = self.by_issuer.get(issuer.canonical()).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|&position| self.crls.get(position))
    }
}

impl<'a> Crl<'a> {
    fn parse(der: &'a [u8]) -> Result<Self, ParseError> {
        let mut outer = Reader::new(der);
        let mut list = outer.nested(tag::SEQUENCE).ok_or(ParseError::new("CRL: no complete SEQUENCE"))?;
        outer.end().ok_or(ParseError::new("CRL: octets left over at its end"))?;
        let tbs = list.element(tag::SEQUENCE).ok_or(ParseError::new("tbsCertList"))?;
        let signature_algorithm =
            AlgorithmIdentifier::parse(&mut list).ok_or(ParseError::new("CRL signatureAlgorithm"))?;
        let signature =
            list.read(tag::BIT_STRING).and_then(Bits::new).ok_or(ParseError::new("CRL signatureValue"))?;
        // A signature of a fraction of octets opens, but never verifies.
        let signature = signature.whole_octets().unwrap_or_default();
        list.end().ok_or(ParseError::new("CRL: octets after the signature"))?;

        let mut reader = Reader::new(tbs.contents);
        let version = reader.optional(tag::INTEGER).ok_or(ParseError::new("CRL version"))?;
        if version.is_some_and(|version| der::integer(version).is_none()) {
            return Err(ParseError::new("CRL version"));
        }
        let inner_algorithm =
            AlgorithmIdentifier::parse(&mut reader).ok_or(ParseError::new("CRL signature (algorithm)"))?;
        let issuer = reader
            .element(tag::SEQUENCE)
            .and_then(|name| DistinguishedName::parse(name.whole))
            .ok_or(ParseError::new("CRL issuer"))?;
        let last_update = reader.any().and_then(Time::new).ok_or(ParseError::new("thisUpdate"))?;
        let next_update = match reader.peek() {
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => {
                Some(reader.any().and_then(Time::new).ok_or(ParseError::new("nextUpdate"))?)
            }
            _ => None,
        };
        let entries =
            reader.optional(tag::SEQUENCE).ok_or(ParseError::new("revokedCertificates"))?.unwrap_or(&[]);
        let extensions = match reader.optional(tag::constructed(0)).ok_or(ParseError::new("crlExtensions"))? {
            Some(explicit) => {
                let mut explicit = Reader::new(explicit);
                let list = explicit.read(tag::SEQUENCE).filter(|_| explicit.is_empty());
                list.ok_or(ParseError::new("crlExtensions"))?
            }
            None => &[],
        };
        reader.end().ok_or(ParseError::new("tbsCertList: octets after the extensions"))?;
        let mut crl = Self {
            sha256: signature::sha256(der),
            tbs: tbs.whole,
            version,
            inner_algorithm,
            signature_algorithm,
            signature,
            issuer,
            last_update,
            next_update,
            entries,
            index: Vec::new(),
            certificate_issuers: Vec::new(),
            extensions,
            key_identifier: None,
            key_identifier_value: None,
            scope: Scope::default(),
            scope_value: None,
            number: None,
            base_number: None,
            has_negative_number: false,
            is_delta: false,
            unknown_critical: false,
            freshest: false,
        };
        crl.read_extensions(extensions).ok_or(ParseError::new("crlExtensions"))?;
        crl.read_entries().ok_or(ParseError::new("revokedCertificates"))?;
        Ok(crl)
    }

    /// Each extension that is read here at most once (RFC 5280 4.2, which 5.2 takes over) and well-formed: OpenSSL
    /// goes on as if the others were not there.
    fn read_extensions(&mut self, list: &'a [u8]) -> Option<()> {
        let mut reader = Reader::new(list);
        let mut seen = Vec::new();
        while !reader.is_empty() {
            let Extension { oid, critical, value } = extension(&mut reader)?;
            if READ_OF_LISTS.contains(&oid) {
                once(&mut seen, oid)?;
            }
            match oid {
                oid::ISSUING_DISTRIBUTION_POINT => {
                    self.scope = Scope::parse(value)?;
                    self.scope_value = Some(value);
                }
                oid::AUTHORITY_KEY_IDENTIFIER => {
                    self.key_identifier = Some(AuthorityKeyIdentifier::parse(value)?);
                    self.key_identifier_value = Some(value);
                }
                oid::DELTA_CRL_INDICATOR => {
                    let number = der::integer(Reader::new(value).read(tag::INTEGER)?)?;
                    self.base_number = Some(number).filter(|number| !der::is_negative(number));
                    self.has_negative_number |= der::is_negative(number);
                    self.is_delta = true;
                }
                oid::CRL_NUMBER => {
                    let number = der::integer(Reader::new(value).read(tag::INTEGER)?)?;
                    self.number = Some(number).filter(|number| !der::is_negative(number));
                    self.has_negative_number |= der::is_negative(number);
                    self.unknown_critical |= critical;
                }
                oid::FRESHEST_CRL => {
                    self.freshest = true;
                    self.unknown_critical |= critical;
                }
                _ => self.unknown_critical |= critical,
            }
        }
        Some(())
    }

    /// OpenSSL's check_crl_time under CRL_SCORE_TIME_DELTA: expiry does not count where there is a valid delta.
    fn time_problem_of(&self, at: Option<UnixSeconds>, expiry_ignored: bool) -> Option<Check> {
        self.time_problem(at).filter(|check| *check != Check::CrlExpired || !expiry_ignored)
    }

    /// OpenSSL's check_crl_time: what is wrong with the CRL's dates, if anything.
    fn time_problem(&self, at: Option<UnixSeconds>) -> Option<Check> {
        let at = at?;
        let Some(last_update) = self.last_update.seconds else {
            return Some(Check::CrlLastUpdateInvalid);
        };
        if last_update > at {
            return Some(Check::CrlNotYetValid);
        }
        match self.next_update.map(|time| time.seconds) {
            None => None,
            Some(None) => Some(Check::CrlNextUpdateInvalid),
            // As with notAfter: the very second counts as past.
            Some(Some(next_update)) => (next_update <= at).then_some(Check::CrlExpired),
        }
    }

    /// Whether there is an issuingDistributionPoint in which no field says anything.
    fn has_empty_scope(&self) -> bool {
        let scope = &self.scope;
        let only = scope.only_user || scope.only_ca || scope.only_attribute || scope.indirect;
        self.scope_value.is_some() && scope.name.is_none() && scope.reasons.is_none() && !only
    }

    fn needs_extended_support(&self) -> bool {
        self.scope.indirect || self.scope.reasons.is_some()
    }
}

impl<'a> Scope<'a> {
    fn parse(value: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
        let name = match reader.optional(tag::constructed(0))? {
            Some(name) => Some(DistributionPointName::parse(name)?),
            None => None,
        };
        let mut flag = |number| -> Option<bool> {
            match reader.optional(tag::context(number))? {
                Some(contents) => der::boolean(contents),
                None => Some(false),
            }
        };
        let only_user = flag(1)?;
        let only_ca = flag(2)?;
        let stated = reader.optional(tag::context(3))?;
        let reasons = match stated {
            Some(reasons) => Some(reason_flags(reasons)?),
            None => None,
        };
        let mut flag = |number| -> Option<bool> {
            match reader.optional(tag::context(number))? {
                Some(contents) => der::boolean(contents),
                None => Some(false),
            }
        };
        let indirect = flag(4)?;
        let only_attribute = flag(5)?;
        reader.end()?;
        // RFC 5280 5.2.5: at most one of them may be TRUE.
        let invalid = [only_user, only_ca, only_attribute].into_iter().filter(|&only| only).count() > 1;
        let reasons_empty = stated.is_some_and(|contents| contents.len() < 2);
        Some(Self { invalid, name, only_user, only_ca, only_attribute, indirect, reasons, reasons_empty })
    }
}

/// What is read of a CRL's extensions.
const READ_OF_LISTS: [&[u8]; 4] = [
    oid::ISSUING_DISTRIBUTION_POINT,
    oid::AUTHORITY_KEY_IDENTIFIER,
    oid::DELTA_CRL_INDICATOR,
    oid::CRL_NUMBER,
];

/// A failed revocation check of one certificate.
pub(crate) struct Failure {
    pub(crate) check: Check,
    pub(crate) facts: Vec<(&'static str, Fact)>,
}

impl Failure {
    fn new(check: Check) -> Self {
        Self { check, facts: Vec::new() }
    }
}

/// Checks the certificate at `depth` of the path against the CRLs: as RFC 5280 6.3 has it under the searching policies, else
/// as OpenSSL does, of which the first failure is all that it reports, and later checks of the same CRL would say nothing
/// certain.
pub(crate) fn check<'p>(
    inquiry: &Inquiry<'_>,
    issuers: &mut (dyn CrlIssuers<'p> + '_),
) -> Result<(), Failure> {
    if inquiry.policy.searches() {
        return rfc5280::check(inquiry, issuers);
    }
    inquiry.check_support()?;
    if inquiry.policy.follows(Rule::DeltaCrlsPassedOver) {
        return inquiry.run(false, issuers).map(drop);
    }
    // get_crl_score passed over delta CRLs only under EXTENDED_CRL_SUPPORT; otherwise one may be chosen as if it
    // were complete. What it refuses is refused here too. To accept takes complete CRLs (RFC 5280 5.2.4).
    if inquiry.run(true, issuers)? == Heard::CompleteCrls {
        return Ok(());
    }
    inquiry.run(false, issuers).map(drop).map_err(|mut failure| {
        // OpenSSL is content with what has changed since a list that it has not seen, or not obeyed.
        failure.check = Check::CrlNotSupported;
        failure.facts.push(("unsupported", "a delta CRL in the place of a complete one".into()));
        failure
    })
}

/// Who has spoken for a certificate.
#[derive(Eq, PartialEq)]
pub(crate) enum Heard {
    CompleteCrls,
    /// At least one of them.
    DeltaCrls,
}

/// One certificate, and all that its status depends on.
pub(crate) struct Inquiry<'q> {
    pub(crate) path: &'q [&'q Certificate<'q>],
    pub(crate) depth: usize,
    /// What was sent, the end entity first: where OpenSSL looks for issuers of CRLs that are not on the path.
    pub(crate) presented: &'q [&'q Certificate<'q>],
    pub(crate) crls: &'q CrlSet,
    pub(crate) policy: &'q Policy,
    pub(crate) at: Option<UnixSeconds>,
    pub(crate) memo: &'q EdgeMemo,
}

impl<'q> Inquiry<'q> {
    fn certificate(&self) -> Option<&'q Certificate<'q>> {
        self.path.get(self.depth).copied()
    }

    /// The CRLs by the name of the certificate's issuer, which are all that a store of OpenSSL's is asked for.
    fn lists(&self) -> impl Iterator<Item = &'q OwnedCrl> + use<'q> {
        let crls = self.crls;
        self.certificate().into_iter().flat_map(|certificate| crls.of_issuer(&certificate.issuer))
    }

    /// OpenSSL's check_cert: CRL after CRL until every reason for revocation is covered (RFC 5280 6.3.3). Each adds a
    /// reason, so there are no more of them than reasons.
    ///
    /// Stricter than RFC 5280 6.3.3, as OpenSSL is: a CRL without a scope covers no more than the first distribution
    /// point of the certificate that it fits.
    fn run<'p>(&self, with_deltas: bool, issuers: &mut (dyn CrlIssuers<'p> + '_)) -> Result<Heard, Failure> {
        let Some(certificate) = self.certificate() else {
            return Ok(Heard::CompleteCrls);
        };
        let mut heard = Heard::CompleteCrls;
        let mut terms = Terms { with_deltas, covered: 0, expiry_ignored: false };
        while terms.covered != ALL_REASONS {
            let chosen = choose(self, terms).ok_or_else(|| self.missing(certificate, terms.covered))?;
            self.apply(&chosen, issuers)?;
            if chosen.is_delta() {
                heard = Heard::DeltaCrls;
            }
            if chosen.reasons & !terms.covered == 0 {
                return Err(self.missing(certificate, terms.covered));
            }
            terms.covered |= chosen.reasons;
            terms.expiry_ignored = chosen.score.has(Score::TIME_DELTA);
        }
        Ok(heard)
    }

    /// Refuses where a flag would make OpenSSL look at CRLs in a way that is not implemented here.
    fn check_support(&self) -> Result<(), Failure> {
        let is_negative = |crl: &OwnedCrl| crl.with_dependent(|_, list| list.has_negative_number);
        if self.policy.has(flag::USE_DELTAS) && self.lists().any(is_negative) {
            // RFC 5280 5.2.3; OpenSSL compares them as they are.
            let mut failure = Failure::new(Check::CrlNotSupported);
            failure.facts.push(("unsupported", "negative CRL numbers under X509_V_FLAG_USE_DELTAS".into()));
            return Err(failure);
        }
        Ok(())
    }

    /// The chosen CRL and its delta applied to the certificate, in OpenSSL's order (check_cert).
    fn apply<'p>(&self, chosen: &Chosen<'_>, issuers: &mut (dyn CrlIssuers<'p> + '_)) -> Result<(), Failure> {
        chosen.crl.with_dependent(|_, crl| {
            // A delta that stands for a complete list is asked for no more than one beside a list: what it does not refuse
            // proves nothing.
            if !crl.is_delta {
                self.check_scope(crl, chosen, issuers)?;
            }
            self.check_crl(crl, chosen)?;
            if let Some(delta) = chosen.delta {
                let removed = delta.with_dependent(|_, delta| {
                    self.check_crl(delta, chosen)?;
                    self.look_up(delta)
                })?;
                // removeFromCRL: whatever the complete list says.
                if removed {
                    return Ok(());
                }
            }
            self.look_up(crl).map(drop)
        })
    }

    /// check_crl, as far as it passes over deltas.
    fn check_scope<'p>(
        &self,
        crl: &Crl<'_>,
        chosen: &Chosen<'_>,
        issuers: &mut (dyn CrlIssuers<'p> + '_),
    ) -> Result<(), Failure> {
        let position = self.presented.iter().position(|one| std::ptr::eq(*one, chosen.issuer));
        let lacks = chosen.issuer.lacks_key_usage(key_usage::CRL_SIGN);
        if lacks && (chosen.score.has(Score::SAME_PATH) || self.has_been_opened(position)) {
            return Err(crl.failure(Check::KeyUsageNoCrlSign));
        }
        if !chosen.score.has(Score::SCOPE) {
            let failure = crl.failure(Check::CrlScope);
            return Err(match self.certificate() {
                Some(certificate) => failure.with_scopes(crl, certificate),
                None => failure,
            });
        }
        if chosen.score.has(Score::SAME_PATH) {
            return Ok(());
        }
        if lacks {
            // Its own path is asked for the purpose of signing CRLs.
            let mut failure = crl.failure(Check::CrlIssuerPath);
            failure.facts.push(("reason", "keyUsage of the CRL's issuer without cRLSign".into()));
            return Err(failure);
        }
        let vouched =
            position.zip(self.path.last()).map(|(position, anchor)| issuers.vouch_for(position, anchor));
        match vouched {
            Some(Vouch::Yes) => Ok(()),
            Some(Vouch::Unknown(why)) => {
                let mut failure = crl.failure(Check::CrlNotSupported);
                failure.facts.push(("unsupported", "the path of the CRL's issuer".into()));
                failure.facts.push(("reason", why.into()));
                Err(failure)
            }
            Some(Vouch::No(why)) => {
                let mut failure = crl.failure(Check::CrlIssuerPath);
                failure.facts.push(("reason", why.into()));
                Err(failure)
            }
            None => Err(crl.failure(Check::CrlIssuerPath)),
        }
    }

    /// Whether OpenSSL has looked at the extensions of the certificate that was sent at this position when it looked for the
    /// issuer of the one in question: it stops at the first that will do. Until then no bit of a keyUsage is missing.
    fn has_been_opened(&self, position: Option<usize>) -> bool {
        let Some(issuer) = self.path.get(self.depth + 1) else { return false };
        let found = self.presented.iter().position(|one| std::ptr::eq(*one, *issuer));
        let is_valid = |at| {
            let (from, until) = issuer.validity();
            from.seconds.is_some_and(|from| from <= at) && until.seconds.is_some_and(|until| until > at)
        };
        found.zip(position).is_some_and(|(found, position)| position < found || !self.at.is_none_or(is_valid))
    }

    /// check_crl, as far as deltas are asked too.
    fn check_crl(&self, crl: &Crl<'_>, chosen: &Chosen<'_>) -> Result<(), Failure> {
        let expiry_ignored = chosen.score.has(Score::TIME_DELTA);
        if !chosen.score.has(Score::TIME)
            && let Some(check) = crl.time_problem_of(self.at, expiry_ignored)
        {
            return Err(crl.failure(check));
        }
        suite_b::check_crl(&chosen.issuer.public_key, &crl.inner_algorithm, self.policy)
            .map_err(|check| crl.failure(check))?;
        crl.verified_by(chosen.issuer, self.memo)
    }

    /// cert_crl: whether the CRL takes the certificate off the list.
    fn look_up(&self, crl: &Crl<'_>) -> Result<bool, Failure> {
        if crl.unknown_critical && !self.policy.has(flag::IGNORE_CRITICAL) {
            return Err(crl.failure(Check::UnhandledCriticalCrlExtension));
        }
        let Some(certificate) = self.certificate() else { return Ok(false) };
        match crl.find(certificate.serial, &certificate.issuer, self.policy) {
            Some(entry) if entry.removed => Ok(true),
            Some(entry) => {
                let mut failure = crl.failure(Check::Revoked);
                failure.facts.extend(entry_facts(entry));
                Err(failure)
            }
            None => Ok(false),
        }
    }
}

impl Crl<'_> {
    /// Whether the key of `signer` has signed the list.
    fn verified_by(&self, signer: &Certificate<'_>, memo: &EdgeMemo) -> Result<(), Failure> {
        // X509_CRL_verify goes by the outer algorithm and does not look at the inner one.
        // A large CRL takes as long to hash as many signatures take to check.
        let id = EdgeId { signed: self.sha256, issuer_key: signer.spki_sha256() };
        let edge = Signed {
            algorithm: self.signature_algorithm.contents,
            message: self.tbs,
            signature: self.signature,
            key_algorithm: signer.public_key.algorithm.contents,
            key: signer.public_key.key,
            rsa_bits: signer.public_key.rsa_bits(),
        };
        match memo.verify(id, &edge) {
            Outcome::Valid => Ok(()),
            Outcome::Invalid => Err(self.failure(Check::CrlSignatureInvalid)),
            Outcome::Unsupported => {
                let mut failure = self.failure(Check::CrlNotSupported);
                failure.facts.push(("unsupported", self.signature_algorithm.name().into()));
                Err(failure)
            }
        }
    }

    /// What is wrong, and with which list.
    fn failure(&self, check: Check) -> Failure {
        let mut failure = Failure::new(check);
        failure.facts.push(("crl_issuer", self.issuer.text().into()));
        if let Some(seconds) = self.last_update.seconds {
            failure.facts.push(("this_update", time_fact(seconds)));
        }
        if let Some(seconds) = self.next_update.and_then(|time| time.seconds) {
            failure.facts.push(("next_update", time_fact(seconds)));
        }
        failure
    }
}

/// When and why a certificate was revoked.
fn entry_facts(entry: Entry) -> Vec<(&'static str, Fact)> {
    let mut facts = Vec::new();
    if let Some(seconds) = entry.date {
        facts.push(("revoked_at", time_fact(seconds)));
    }
    if let Some(reason) = entry.reason {
        facts.push(("reason", reason_name(reason).into()));
    }
    facts
}

/// ReasonFlags (RFC 5280 4.2.1.13), bit 0 the highest of the first octet, which is the low one.
fn reason_flag_names(flags: u16) -> String {
    const NAMES: [(u16, &str); 8] = [
        (0x40, "keyCompromise"),
        (0x20, "cACompromise"),
        (0x10, "affiliationChanged"),
        (0x08, "superseded"),
        (0x04, "cessationOfOperation"),
        (0x02, "certificateHold"),
        (0x01, "privilegeWithdrawn"),
        (0x8000, "aACompromise"),
    ];
    let names: Vec<_> = NAMES.iter().filter(|(flag, _)| flags & flag != 0).map(|(_, name)| *name).collect();
    names.join(", ")
}
