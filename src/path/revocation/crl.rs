//! Certificate revocation lists, opened (RFC 5280 5).

use std::collections::HashMap;

use super::entries::once;
use crate::certificate::{
    AlgorithmIdentifier, AuthorityKeyIdentifier, DistributionPointName, Extension, GeneralNames, ParseError,
    extension, reason_flags,
};
use crate::der::{self, Bits, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;
use crate::signature;
use crate::time::{Time, UnixSeconds};
use crate::verdict::Check;

/// One CRL, opened but not judged.
#[derive(Debug)]
pub struct Crl<'a> {
    /// The fingerprint: SHA-256 of the DER.
    pub(super) sha256: [u8; 32],
    pub(super) tbs: &'a [u8],
    /// The encoded version number: 1 means v2.
    pub(super) version: Option<&'a [u8]>,
    pub(super) inner_algorithm: AlgorithmIdentifier<'a>,
    pub(super) signature_algorithm: AlgorithmIdentifier<'a>,
    pub(super) signature: &'a [u8],
    pub(super) issuer: DistinguishedName<'a>,
    pub(super) last_update: Time<'a>,
    pub(super) next_update: Option<Time<'a>>,
    pub(super) entries: &'a [u8],
    /// Serial numbers, sorted, and where their entries start: a CRL may hold millions. Made when it is
    /// opened, since what one thread computes later, a child forked meanwhile would wait for in vain.
    pub(super) index: Vec<(&'a [u8], usize)>,
    /// The certificateIssuers (RFC 5280 5.3.3), and where the entries start from which on they hold: in order.
    pub(super) certificate_issuers: Vec<(usize, GeneralNames<'a>)>,
    /// The contents of the SEQUENCE OF Extension.
    pub(super) extensions: &'a [u8],
    pub(super) key_identifier: Option<AuthorityKeyIdentifier<'a>>,
    /// The same as it stands, to be compared with that of a delta.
    pub(super) key_identifier_value: Option<&'a [u8]>,
    pub(super) scope: Scope<'a>,
    pub(super) scope_value: Option<&'a [u8]>,
    /// cRLNumber and the BaseCRLNumber of a delta, if they are not negative ones.
    pub(super) number: Option<&'a [u8]>,
    pub(super) base_number: Option<&'a [u8]>,
    pub(super) has_negative_number: bool,
    pub(super) is_delta: bool,
    pub(super) unknown_critical: bool,
    /// One of its times, those of its entries among them, is too short ([`Time::is_too_short`]).
    pub(super) has_too_short_time: bool,
    pub(super) freshest: bool,
}

/// The issuing distribution point (RFC 5280 5.2.5).
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    pub(super) invalid: bool,
    pub(super) name: Option<DistributionPointName<'a>>,
    pub(super) only_user: bool,
    pub(super) only_ca: bool,
    pub(super) only_attribute: bool,
    pub(super) indirect: bool,
    pub(super) reasons: Option<u16>,
    /// The reasons are a BIT STRING without a bit.
    pub(super) reasons_empty: bool,
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

    /// Whether a time in it is one of those that some releases of OpenSSL do not decode.
    pub(crate) fn has_too_short_time(&self) -> bool {
        self.with_dependent(|_, crl| crl.has_too_short_time)
    }

    /// Its DER.
    pub fn der(&self) -> &[u8] {
        self.borrow_owner()
    }
}

/// The CRLs of a verifier, by issuer.
#[derive(Debug, Default)]
pub struct CrlSet {
    pub(super) crls: Vec<OwnedCrl>,
    pub(super) by_issuer: HashMap<Box<[u8]>, Vec<usize>>,
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

    pub(super) fn of_issuer(&self, issuer: &DistinguishedName<'_>) -> impl Iterator<Item = &OwnedCrl> {
        let positions = self.by_issuer.get(issuer.canonical()).map_or(&[][..], Vec::as_slice);
        positions.iter().filter_map(|&position| self.crls.get(position))
    }
}

impl<'a> Crl<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, ParseError> {
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
            has_too_short_time: last_update.is_too_short()
                || next_update.as_ref().is_some_and(Time::is_too_short),
            freshest: false,
        };
        crl.read_extensions(extensions).ok_or(ParseError::new("crlExtensions"))?;
        crl.read_entries().ok_or(ParseError::new("revokedCertificates"))?;
        Ok(crl)
    }

    /// Each extension that is read here at most once (RFC 5280 4.2, which 5.2 takes over) and well-formed: OpenSSL
    /// goes on as if the others were not there.
    pub(super) fn read_extensions(&mut self, list: &'a [u8]) -> Option<()> {
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
    pub(super) fn time_problem_of(&self, at: Option<UnixSeconds>, expiry_ignored: bool) -> Option<Check> {
        self.time_problem(at).filter(|check| *check != Check::CrlExpired || !expiry_ignored)
    }

    /// OpenSSL's check_crl_time: what is wrong with the CRL's dates, if anything.
    pub(super) fn time_problem(&self, at: Option<UnixSeconds>) -> Option<Check> {
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
    pub(super) fn has_empty_scope(&self) -> bool {
        let scope = &self.scope;
        let only = scope.only_user || scope.only_ca || scope.only_attribute || scope.indirect;
        self.scope_value.is_some() && scope.name.is_none() && scope.reasons.is_none() && !only
    }

    /// Whether it names the same signature algorithm inside and outside (RFC 5280 5.1.1.2).
    pub(super) fn names_one_algorithm(&self) -> bool {
        self.inner_algorithm.same_as(&self.signature_algorithm)
    }

    pub(super) fn needs_extended_support(&self) -> bool {
        self.scope.indirect || self.scope.reasons.is_some()
    }
}

/// A BOOLEAN under an implicit tag, FALSE where it is left out.
fn flag(reader: &mut Reader<'_>, number: u8) -> Option<bool> {
    match reader.optional(tag::context(number))? {
        Some(contents) => der::boolean(contents),
        None => Some(false),
    }
}

impl<'a> Scope<'a> {
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
        let name = match reader.optional(tag::constructed(0))? {
            Some(name) => Some(DistributionPointName::parse(name)?),
            None => None,
        };
        let only_user = flag(&mut reader, 1)?;
        let only_ca = flag(&mut reader, 2)?;
        let stated = reader.optional(tag::context(3))?;
        let reasons = match stated {
            Some(reasons) => Some(reason_flags(reasons)?),
            None => None,
        };
        let indirect = flag(&mut reader, 4)?;
        let only_attribute = flag(&mut reader, 5)?;
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
