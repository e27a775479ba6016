//! The tolerant, zero-copy view of one certificate. It decides nothing: it opens whatever
//! OpenSSL opens, and notes what is odd.
//!
//! Longer than 500 lines: one view, whose questions all rest on the same parse.

mod curve;
mod extensions;
mod general_name;
mod key;
mod memo;
mod translation;
mod weak_key;

use std::fmt;
use std::sync::OnceLock;

use crate::der::{self, Bits, Element, Reader, tag};
use crate::distinguished_name::{self, DistinguishedName};
use crate::oid;
use crate::signature::{self, Scheme};
use crate::time::Time;

pub(crate) use curve::Curve;
pub(crate) use extensions::{
    ALL_REASONS, AuthorityKeyIdentifier, DistributionPoint, DistributionPointName, Extension,
    NameConstraints, Occurrence, ResourceKind, Resources, Subtree, extension, extension_name, key_usage,
    netscape, reason_flags, reason_name,
};
pub(crate) use general_name::{GeneralName, GeneralNames};
pub(crate) use key::KeyKind;
pub use key::PublicKey;
pub(crate) use memo::IssuerMemo;
pub(crate) use translation::{Fate, Fields};

use extensions::Extensions;

/// Why a certificate (or CRL) could not be opened: which part of its frame is broken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ParseError {
    /// The part, in the words of RFC 5280 4.1.
    pub part: &'static str,
}

impl ParseError {
    pub(crate) const fn new(part: &'static str) -> Self {
        Self { part }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "malformed {}", self.part)
    }
}

impl std::error::Error for ParseError {}

/// An AlgorithmIdentifier (RFC 5280 4.1.1.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct AlgorithmIdentifier<'a> {
    pub(crate) contents: &'a [u8],
    pub(crate) oid: &'a [u8],
    /// The parameters' DER, empty if absent.
    pub(crate) parameters: &'a [u8],
}

impl<'a> AlgorithmIdentifier<'a> {
    pub(crate) fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let contents = reader.read(tag::SEQUENCE)?;
        let mut inner = Reader::new(contents);
        let oid = der::oid(inner.read(tag::OID)?)?;
        let parameters = inner.rest();
        if !inner.is_empty() {
            inner.any().filter(Element::is_well_formed)?;
            inner.end()?;
        }
        Some(Self { contents, oid, parameters })
    }

    /// OpenSSL's X509_ALGOR_cmp: absent parameters and NULL are different things.
    pub(crate) fn same_as(&self, other: &Self) -> bool {
        self.oid == other.oid && self.parameters == other.parameters
    }

    pub(crate) fn scheme(&self) -> Option<&'static Scheme> {
        Scheme::find(self.oid)
    }

    /// OpenSSL's long name, or the dotted OID.
    pub(crate) fn name(&self) -> String {
        self.scheme().map_or_else(|| oid::dotted(self.oid), |scheme| scheme.name.to_owned())
    }
}

/// One certificate, opened but not judged.
#[derive(Debug)]
pub struct Certificate<'a> {
    der: &'a [u8],
    /// The whole TBSCertificate: what is signed.
    pub(crate) tbs: &'a [u8],
    /// The encoded version number: 2 means v3, -1 what does not fit.
    pub(crate) version: i64,
    pub(crate) serial: &'a [u8],
    /// The algorithm inside the TBSCertificate.
    pub(crate) inner_algorithm: AlgorithmIdentifier<'a>,
    pub(crate) issuer: DistinguishedName<'a>,
    pub(crate) not_before: Time<'a>,
    pub(crate) not_after: Time<'a>,
    pub(crate) subject: DistinguishedName<'a>,
    pub(crate) public_key: PublicKey<'a>,
    pub(crate) extensions: Extensions<'a>,
    /// The algorithm beside the signature.
    pub(crate) signature_algorithm: AlgorithmIdentifier<'a>,
    pub(crate) signature: &'a [u8],
    /// Subject and issuer are equal names.
    pub(crate) self_issued: bool,
    /// Whether there is an issuerUniqueID or a subjectUniqueID.
    pub(crate) has_unique_ids: bool,
    sha256: OnceLock<[u8; 32]>,
    spki_sha256: OnceLock<[u8; 32]>,
    self_signed: OnceLock<bool>,
}

impl<'a> Certificate<'a> {
    /// Opens a DER certificate.
    ///
    /// # Errors
    ///
    /// The first part of the frame that is broken, including octets left over at the end.
    pub fn parse(der: &'a [u8]) -> Result<Self, ParseError> {
        let mut reader = Reader::new(der);
        let mut certificate =
            reader.nested(tag::SEQUENCE).ok_or(ParseError::new("certificate: no complete SEQUENCE"))?;
        reader.end().ok_or(ParseError::new("certificate: octets left over at its end"))?;
        let tbs = certificate.element(tag::SEQUENCE).ok_or(ParseError::new("tbsCertificate"))?;
        let signature_algorithm =
            AlgorithmIdentifier::parse(&mut certificate).ok_or(ParseError::new("signatureAlgorithm"))?;
        let signature =
            certificate.read(tag::BIT_STRING).and_then(Bits::new).ok_or(ParseError::new("signatureValue"))?;
        // A signature of a fraction of octets opens, but never verifies.
        let signature = signature.whole_octets().unwrap_or_default();
        certificate.end().ok_or(ParseError::new("certificate: octets after the signature"))?;
        Self::parse_tbs(der, tbs, signature_algorithm, signature)
    }

    fn parse_tbs(
        der: &'a [u8],
        tbs: Element<'a>,
        signature_algorithm: AlgorithmIdentifier<'a>,
        signature: &'a [u8],
    ) -> Result<Self, ParseError> {
        let mut reader = Reader::new(tbs.contents);
        let version = version(&mut reader).ok_or(ParseError::new("version"))?;
        let serial =
            reader.read(tag::INTEGER).and_then(der::integer).ok_or(ParseError::new("serialNumber"))?;
        let inner_algorithm =
            AlgorithmIdentifier::parse(&mut reader).ok_or(ParseError::new("signature (algorithm)"))?;
        let issuer = name(&mut reader).ok_or(ParseError::new("issuer"))?;
        let mut validity = reader.nested(tag::SEQUENCE).ok_or(ParseError::new("validity"))?;
        let not_before = validity.any().and_then(Time::new).ok_or(ParseError::new("notBefore"))?;
        let not_after = validity.any().and_then(Time::new).ok_or(ParseError::new("notAfter"))?;
        validity.end().ok_or(ParseError::new("validity"))?;
        let subject = name(&mut reader).ok_or(ParseError::new("subject"))?;
        let public_key = reader
            .element(tag::SEQUENCE)
            .and_then(PublicKey::parse)
            .ok_or(ParseError::new("subjectPublicKeyInfo"))?;
        let mut has_unique_ids = false;
        for (number, part) in [(1, "issuerUniqueID"), (2, "subjectUniqueID")] {
            let unique_id = reader.optional(tag::context(number)).ok_or(ParseError::new(part))?;
            if let Some(contents) = unique_id {
                Bits::new(contents).ok_or(ParseError::new(part))?;
                has_unique_ids = true;
            }
        }
        let extensions = match reader.optional(tag::constructed(3)).ok_or(ParseError::new("extensions"))? {
            Some(explicit) => {
                let mut explicit = Reader::new(explicit);
                explicit
                    .read(tag::SEQUENCE)
                    .filter(|_| explicit.is_empty())
                    .and_then(Extensions::parse)
                    .ok_or(ParseError::new("extensions"))?
            }
            None => Extensions::default(),
        };
        reader.end().ok_or(ParseError::new("tbsCertificate: octets after the extensions"))?;
        let self_issued = subject == issuer;
        Ok(Self {
            der,
            tbs: tbs.whole,
            version,
            serial,
            inner_algorithm,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            signature_algorithm,
            signature,
            self_issued,
            has_unique_ids,
            sha256: OnceLock::new(),
            spki_sha256: OnceLock::new(),
            self_signed: OnceLock::new(),
        })
    }

    /// The DER it was opened from.
    pub fn der(&self) -> &'a [u8] {
        self.der
    }

    /// The fingerprint: SHA-256 of the DER.
    pub fn sha256(&self) -> [u8; 32] {
        *self.sha256.get_or_init(|| signature::sha256(self.der))
    }

    /// SHA-1 of the DER, for looking up in old archives.
    pub fn sha1(&self) -> [u8; 20] {
        signature::sha1(self.der)
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    pub fn spki_sha256(&self) -> [u8; 32] {
        *self.spki_sha256.get_or_init(|| signature::sha256(self.public_key.spki))
    }

    /// The subject.
    pub fn subject(&self) -> &DistinguishedName<'a> {
        &self.subject
    }

    /// The issuer.
    pub fn issuer(&self) -> &DistinguishedName<'a> {
        &self.issuer
    }

    /// Start and end of the validity period.
    pub fn validity(&self) -> (Time<'a>, Time<'a>) {
        (self.not_before, self.not_after)
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey<'a> {
        &self.public_key
    }

    /// Subject and issuer are equal names (RFC 5280 7.1).
    pub fn is_self_issued(&self) -> bool {
        self.self_issued
    }

    /// Whether a known extension is malformed. Such a certificate can neither issue nor be issued.
    pub(crate) fn is_malformed(&self) -> bool {
        !self.extensions.malformed.is_empty()
    }

    /// [`Time::is_too_short`] of either date.
    pub(crate) fn has_too_short_time(&self) -> bool {
        self.not_before.is_too_short() || self.not_after.is_too_short()
    }

    /// OpenSSL's EXFLAG_SS: it may well have signed itself. The signature is not checked.
    pub(crate) fn is_self_signed(&self) -> bool {
        self.self_issued
            && *self.self_signed.get_or_init(|| {
                self.matches_key_identifier(self.extensions.authority_key_identifier.as_ref())
                    && self.inner_algorithm.scheme().is_some_and(|scheme| self.public_key.fits(scheme.key))
            })
    }

    /// OpenSSL's X509_check_akid: whether this certificate is the one that a key identifier means.
    pub(crate) fn matches_key_identifier(&self, identifier: Option<&AuthorityKeyIdentifier<'_>>) -> bool {
        let Some(identifier) = identifier else {
            return true;
        };
        if let (Some(wanted), Some(own)) = (identifier.key_id, self.extensions.subject_key_identifier)
            && wanted != own
        {
            return false;
        }
        self.matches_unopened(Some(identifier))
    }

    /// The same before OpenSSL has looked into the certificate: until then it has no subjectKeyIdentifier.
    pub(crate) fn matches_unopened(&self, identifier: Option<&AuthorityKeyIdentifier<'_>>) -> bool {
        identifier.is_none_or(|identifier| {
            identifier.serial.is_none_or(|serial| serial == self.serial)
                && identifier.issuer.as_ref().is_none_or(|issuer| *issuer == self.issuer)
        })
    }

    /// OpenSSL's ossl_x509_likely_issued: names, key identifier and algorithm fit; the signature is
    /// not looked at, nor is key usage.
    pub(crate) fn may_have_issued(&self, subject: &Certificate<'_>) -> bool {
        self.subject == subject.issuer
            && !self.is_malformed()
            && !subject.is_malformed()
            && self.matches_key_identifier(subject.extensions.authority_key_identifier.as_ref())
            && subject.inner_algorithm.scheme().is_some_and(|scheme| self.public_key.fits(scheme.key))
    }

    /// OpenSSL's X509_check_ca: why this certificate counts as a CA's, if it does.
    pub(crate) fn ca_kind(&self) -> CaKind {
        if self.is_malformed() || self.lacks_key_usage(key_usage::KEY_CERT_SIGN) {
            return CaKind::No;
        }
        match self.extensions.basic_constraints {
            Some(constraints) if constraints.ca => CaKind::BasicConstraints,
            Some(_) => CaKind::No,
            None if self.version == 0 && self.is_self_signed() => CaKind::SelfSignedV1,
            None if self.extensions.key_usage.is_some() => CaKind::KeyUsageOnly,
            None if self.netscape_cert_type_has(netscape::ANY_CA) => CaKind::Netscape,
            None => CaKind::No,
        }
    }

    /// basicConstraints with cA TRUE.
    pub fn is_ca(&self) -> bool {
        self.extensions.basic_constraints.is_some_and(|constraints| constraints.ca)
    }

    /// keyUsage is present and has none of these bits.
    pub(crate) fn lacks_key_usage(&self, bits: u16) -> bool {
        self.extensions.key_usage.is_some_and(|usage| usage & bits == 0)
    }

    pub(crate) fn netscape_cert_type_has(&self, bits: u8) -> bool {
        self.extensions.netscape_cert_type.is_some_and(|kind| kind & bits != 0)
    }

    /// The subjectAltName entries as (kind, text).
    pub fn alternative_names(&self) -> Vec<(&'static str, String)> {
        self.extensions
            .alternative_names()
            .map(|name| match name {
                GeneralName::Dns(text) => ("dns", printable(text)),
                GeneralName::Ip(octets) => ("ip", ip_text(octets)),
                GeneralName::Email(text) => ("email", printable(text)),
                GeneralName::Uri(text) => ("uri", printable(text)),
                GeneralName::Directory(name) => ("directory", name.text()),
                GeneralName::RegisteredId(oid) => ("rid", oid::dotted(oid)),
                GeneralName::Other { type_id, .. } => ("other", oid::dotted(type_id)),
                GeneralName::X400 => ("other", "x400Address".to_owned()),
                GeneralName::EdiParty => ("other", "ediPartyName".to_owned()),
            })
            .collect()
    }

    /// The commonName attributes of the subject.
    pub(crate) fn common_names(&self) -> Vec<String> {
        self.subject.values(oid::COMMON_NAME).collect()
    }

    /// What is weak in its key by the way in which it was made.
    pub(crate) fn key_weaknesses(&self) -> Vec<&'static str> {
        weak_key::weaknesses(&self.public_key)
    }

    /// The policies of certificatePolicies (RFC 5280 4.2.1.4), each as the contents of its OID; none if the extension does not
    /// decode or occurs twice.
    pub(crate) fn policy_identifiers(&self) -> Vec<&'a [u8]> {
        let read = || -> Option<Vec<&'a [u8]>> {
            let Occurrence::Once(value) = self.extensions.policies.certificate_policies else { return None };
            let mut policies = Vec::new();
            let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
            while !reader.is_empty() {
                policies.push(reader.nested(tag::SEQUENCE)?.read(tag::OID)?);
            }
            Some(policies)
        };
        read().unwrap_or_default()
    }

    /// The numbers of the TLS features that a server has to have (RFC 7633 4.2.1): 5 for a stapled OCSP response.
    pub(crate) fn tls_features(&self) -> Vec<i64> {
        let read = || -> Option<Vec<i64>> {
            let is_feature = |extension: &Extension<'_>| extension.oid == oid::TLS_FEATURE;
            let mut instances = self.extensions.iter().filter(is_feature);
            let (Some(extension), None) = (instances.next(), instances.next()) else {
                return None;
            };
            let mut features = Vec::new();
            let mut reader = Reader::new(extension.value).nested(tag::SEQUENCE)?;
            while !reader.is_empty() {
                features.push(der::small_integer(reader.read(tag::INTEGER)?)?);
            }
            Some(features)
        };
        read().unwrap_or_default()
    }

    /// Whether the server has to staple an OCSP response: status_request (RFC 6066 8) is among its TLS features.
    pub(crate) fn must_staple(&self) -> bool {
        const STATUS_REQUEST: i64 = 5;
        self.tls_features().contains(&STATUS_REQUEST)
    }

    /// The URIs of OCSP responders (RFC 5280 4.2.2.1).
    pub fn ocsp_uris(&self) -> Vec<&'a [u8]> {
        self.access_locations(oid::ACCESS_OCSP)
    }

    /// The URIs of the issuer's certificates (RFC 5280 4.2.2.1).
    pub fn ca_issuer_uris(&self) -> Vec<&'a [u8]> {
        self.access_locations(oid::ACCESS_CA_ISSUERS)
    }

    /// The URIs of cRLDistributionPoints (RFC 5280 4.2.1.13).
    pub fn crl_uris(&self) -> Vec<&'a [u8]> {
        let mut uris = Vec::new();
        for point in self.extensions.distribution_points() {
            if let Some(DistributionPointName::Full(names)) = point.name {
                uris.extend(names.iter().filter_map(|name| match name {
                    GeneralName::Uri(uri) => Some(uri),
                    _ => None,
                }));
            }
        }
        uris
    }

    /// The URIs of authorityInfoAccess with this access method; none if it does not decode or occurs twice.
    fn access_locations(&self, method: &[u8]) -> Vec<&'a [u8]> {
        let read = || -> Option<Vec<&'a [u8]>> {
            let is_access = |extension: &Extension<'_>| extension.oid == oid::AUTHORITY_INFORMATION_ACCESS;
            let mut instances = self.extensions.iter().filter(is_access);
            let (Some(extension), None) = (instances.next(), instances.next()) else {
                return None;
            };
            let mut uris = Vec::new();
            let mut reader = Reader::new(extension.value).nested(tag::SEQUENCE)?;
            while !reader.is_empty() {
                let mut description = reader.nested(tag::SEQUENCE)?;
                let access = description.read(tag::OID)?;
                let location = GeneralName::parse(&mut description)?;
                description.end()?;
                if let GeneralName::Uri(uri) = location
                    && access == method
                {
                    uris.push(uri);
                }
            }
            Some(uris)
        };
        read().unwrap_or_default()
    }

    /// What is malformed, one sentence each.
    pub fn problems(&self) -> Vec<String> {
        let mut problems: Vec<String> = self
            .extensions
            .malformed
            .iter()
            .map(|malformed| format!("{} {}", malformed.extension, malformed.problem))
            .collect();
        for (time, field) in [(&self.not_before, "notBefore"), (&self.not_after, "notAfter")] {
            if time.seconds.is_none() {
                problems.push(format!("{field} is not a time: {}", time.raw()));
            }
        }
        if !self.public_key.decodes() {
            problems.push(format!("public key ({}) does not decode", self.public_key.algorithm_name()));
        }
        if !self.inner_algorithm.same_as(&self.signature_algorithm) {
            problems.push("the signature algorithms inside and outside differ".to_owned());
        }
        problems
    }
}

/// Why a certificate counts as a CA certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CaKind {
    No,
    BasicConstraints,
    SelfSignedV1,
    /// No basicConstraints, but keyUsage with keyCertSign.
    KeyUsageOnly,
    Netscape,
}

fn version(reader: &mut Reader<'_>) -> Option<i64> {
    match reader.optional(tag::constructed(0))? {
        Some(explicit) => {
            let mut explicit = Reader::new(explicit);
            let version = der::integer(explicit.read(tag::INTEGER)?)?;
            explicit.end()?;
            // ASN1_INTEGER_get: what does not fit is -1, and less than any version there is.
            Some(der::small_integer(version).unwrap_or(-1))
        }
        None => Some(0),
    }
}

fn name<'a>(reader: &mut Reader<'a>) -> Option<DistinguishedName<'a>> {
    DistinguishedName::parse(reader.element(tag::SEQUENCE)?.whole)
}

/// The TBSCertificate from the issuer on, whatever else is wrong with it.
fn from_issuer_on(der: &[u8]) -> Option<Reader<'_>> {
    let mut tbs = Reader::new(der).nested(tag::SEQUENCE)?.nested(tag::SEQUENCE)?;
    tbs.optional(tag::constructed(0))?;
    tbs.read(tag::INTEGER)?;
    tbs.read(tag::SEQUENCE)?;
    Some(tbs)
}

/// The issuer of a certificate in DER, whatever else is wrong with it.
pub(crate) fn issuer_der(der: &[u8]) -> Option<&[u8]> {
    Some(from_issuer_on(der)?.element(tag::SEQUENCE)?.whole)
}

/// The subject of a certificate in its canonical form, whatever else is wrong with it.
pub(crate) fn subject_of(der: &[u8]) -> Option<Vec<u8>> {
    let mut tbs = from_issuer_on(der)?;
    // The issuer, the validity.
    tbs.read(tag::SEQUENCE)?;
    tbs.read(tag::SEQUENCE)?;
    name(&mut tbs).map(|subject| subject.canonical().to_vec())
}

/// ASCII as it is, anything else escaped.
pub(crate) fn printable(text: &[u8]) -> String {
    if text.iter().all(|octet| (0x20..0x7f).contains(octet)) {
        String::from_utf8_lossy(text).into_owned()
    } else {
        text.escape_ascii().to_string()
    }
}

/// An iPAddress as text; octets that are not an address in hexadecimal.
pub(crate) fn ip_text(octets: &[u8]) -> String {
    if let Ok(v4) = <[u8; 4]>::try_from(octets) {
        std::net::Ipv4Addr::from(v4).to_string()
    } else if let Ok(v6) = <[u8; 16]>::try_from(octets) {
        std::net::Ipv6Addr::from(v6).to_string()
    } else {
        format!("#{}", distinguished_name::hex(octets))
    }
}

self_cell::self_cell! {
    /// A certificate together with its DER, for everything that outlives one call.
    pub struct OwnedCertificate {
        owner: Box<[u8]>,
        #[covariant]
        dependent: Certificate,
    }

    impl {Debug}
}

impl OwnedCertificate {
    /// Opens a DER certificate and keeps it.
    ///
    /// # Errors
    ///
    /// As [`Certificate::parse`].
    pub fn parse(der: &[u8]) -> Result<Self, ParseError> {
        Self::try_new(der.into(), |der| Certificate::parse(der))
    }

    /// The view.
    pub fn view(&self) -> &Certificate<'_> {
        self.borrow_dependent()
    }

    /// The DER.
    pub fn der(&self) -> &[u8] {
        self.borrow_owner()
    }
}
