//! OCSP responses (RFC 6960) that come along with a chain: what is in them, and what a verdict tells of one. Whether a
//! response counts is judged beside its path (src/path/stapled.rs).
//!
//! Read by hand, like CRLs and for the same reasons: without copying, as tolerantly as OpenSSL reads it, and so that the
//! signed octets and the certificates in it are those that were sent.

use crate::certificate::{AlgorithmIdentifier, Certificate, Extension, extension};
use crate::der::{self, Bits, Reader, tag};
use crate::distinguished_name::DistinguishedName;
use crate::oid;
use crate::signature;
use crate::time::{Time, UnixSeconds};

/// Octets of a response that is looked at: most have two thousand at the most, RFC 6066 8 allows 16 MiB.
pub(crate) const MAX_RESPONSE: usize = 1 << 16;

/// What a response says of the end entity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OcspStatus {
    /// It is not revoked.
    Good,
    /// It is.
    Revoked,
    /// The responder does not know it.
    Unknown,
    /// The response says nothing that counts.
    NoKnowledge(OcspProblem),
}

impl OcspStatus {
    /// The word for it, without the reason.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked => "revoked",
            Self::Unknown => "unknown",
            Self::NoKnowledge(_) => "no_knowledge",
        }
    }

    /// Why it says nothing that counts.
    pub const fn problem(self) -> Option<OcspProblem> {
        match self {
            Self::NoKnowledge(problem) => Some(problem),
            _ => None,
        }
    }

    /// The status of these words.
    pub fn named(status: &str, problem: Option<&str>) -> Option<Self> {
        let problem = match problem {
            Some(word) => Some(OcspProblem::ALL.into_iter().find(|one| one.name() == word)?),
            None => None,
        };
        let plain = [Self::Good, Self::Revoked, Self::Unknown];
        match problem {
            Some(problem) => (status == "no_knowledge").then_some(Self::NoKnowledge(problem)),
            None => plain.into_iter().find(|one| one.name() == status),
        }
    }
}

/// Why a response does not count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OcspProblem {
    /// The caller says that none came.
    Absent,
    /// It has more octets than are looked at.
    TooLarge,
    /// It does not decode.
    Malformed,
    /// The responder has answered with an error (tryLater, unauthorized …), which nobody signs.
    Unsuccessful,
    /// It is of another type than id-pkix-ocsp-basic.
    OtherType,
    /// It has a critical extension that is not known.
    CriticalExtension,
    /// It is not about the end entity as a certificate of this issuer.
    OtherCertificate,
    /// There is no issuer on the path.
    NoIssuer,
    /// It was made after the time of judgement.
    NotYetValid,
    /// Newer information was due before.
    Expired,
    /// It says good and not until when: newer information is there at any time (RFC 6960 4.2.2.1).
    NoNextUpdate,
    /// Neither the issuer nor a certificate in it is who it says has signed it.
    NoResponder,
    /// The certificate of who has signed it may not sign it.
    NotAuthorized,
    /// The signature is not that of the responder.
    BadSignature,
    /// The signature cannot be checked.
    UnsupportedAlgorithm,
    /// A limit was reached before it was looked at.
    Budget,
}

impl OcspProblem {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::Absent,
        Self::TooLarge,
        Self::Malformed,
        Self::Unsuccessful,
        Self::OtherType,
        Self::CriticalExtension,
        Self::OtherCertificate,
        Self::NoIssuer,
        Self::NotYetValid,
        Self::Expired,
        Self::NoNextUpdate,
        Self::NoResponder,
        Self::NotAuthorized,
        Self::BadSignature,
        Self::UnsupportedAlgorithm,
        Self::Budget,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Unsuccessful => "unsuccessful",
            Self::OtherType => "other_type",
            Self::CriticalExtension => "critical_extension",
            Self::OtherCertificate => "other_certificate",
            Self::NoIssuer => "no_issuer",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::NoNextUpdate => "no_next_update",
            Self::NoResponder => "no_responder",
            Self::NotAuthorized => "not_authorized",
            Self::BadSignature => "bad_signature",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::Budget => "budget",
        }
    }
}

/// What a response comes to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspAnswer {
    /// What it says.
    pub status: OcspStatus,
    /// When the certificate was revoked.
    pub revoked_at: Option<UnixSeconds>,
    /// CRLReason (RFC 5280 5.3.1).
    pub reason: Option<i64>,
    /// When what it says was known to be right, if it counts.
    pub this_update: Option<UnixSeconds>,
    /// When newer information is there at the latest.
    pub next_update: Option<UnixSeconds>,
    /// When the answer may change.
    pub(crate) moments: Vec<UnixSeconds>,
}

impl OcspAnswer {
    /// An answer with nothing beside its status.
    pub(crate) fn of(status: OcspStatus) -> Self {
        Self {
            status,
            revoked_at: None,
            reason: None,
            this_update: None,
            next_update: None,
            moments: Vec::new(),
        }
    }
}

/// BasicOCSPResponse (RFC 6960 4.2.1).
#[derive(Debug)]
pub(crate) struct Response<'a> {
    /// All of it: what is signed, the signature, and what came beside it.
    pub(crate) whole: &'a [u8],
    /// tbsResponseData: what is signed.
    pub(crate) tbs: &'a [u8],
    pub(crate) algorithm: AlgorithmIdentifier<'a>,
    pub(crate) signature: &'a [u8],
    pub(crate) responder: ResponderId<'a>,
    /// A critical extension of the response is not known.
    pub(crate) has_unknown_critical: bool,
    responses: &'a [u8],
    certificates: &'a [u8],
}

/// Who says that he has signed.
#[derive(Debug)]
pub(crate) enum ResponderId<'a> {
    Name(DistinguishedName<'a>),
    /// SHA-1 of the key.
    Key(&'a [u8]),
}

impl ResponderId<'_> {
    /// Whether this certificate is meant.
    pub(crate) fn is(&self, certificate: &Certificate<'_>) -> bool {
        match self {
            Self::Name(name) => *name == certificate.subject,
            Self::Key(hash) => *hash == signature::sha1(certificate.public_key.key),
        }
    }
}

/// SingleResponse.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Single<'a> {
    id: CertId<'a>,
    pub(crate) status: CertStatus,
    pub(crate) this_update: UnixSeconds,
    pub(crate) next_update: Option<UnixSeconds>,
    pub(crate) has_unknown_critical: bool,
    extensions: &'a [u8],
}

/// CertStatus.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CertStatus {
    Good,
    Revoked { at: UnixSeconds, reason: Option<i64> },
    Unknown,
}

#[derive(Clone, Copy, Debug)]
struct CertId<'a> {
    hash: Option<Hash>,
    issuer_name: &'a [u8],
    issuer_key: &'a [u8],
    serial: &'a [u8],
}

/// What the issuer in a CertID is hashed with. RFC 6960 leaves it open, and RFC 5019 asks for SHA-1.
#[derive(Clone, Copy, Debug)]
enum Hash {
    Sha1,
    Sha256,
}

/// The hashes of a name or key, made once however many of a response are compared with them.
struct Hashes {
    sha1: [u8; 20],
    sha256: [u8; 32],
}

impl Hashes {
    fn of(octets: &[u8]) -> Self {
        Self { sha1: signature::sha1(octets), sha256: signature::sha256(octets) }
    }

    fn contain(&self, kind: Option<Hash>, hash: &[u8]) -> bool {
        match kind {
            Some(Hash::Sha1) => self.sha1 == hash,
            Some(Hash::Sha256) => self.sha256 == hash,
            None => false,
        }
    }
}

impl<'a> Response<'a> {
    /// Opens an OCSPResponse.
    ///
    /// # Errors
    ///
    /// Why there is no BasicOCSPResponse.
    pub(crate) fn parse(octets: &'a [u8]) -> Result<Self, OcspProblem> {
        if octets.is_empty() {
            return Err(OcspProblem::Absent);
        }
        if octets.len() > MAX_RESPONSE {
            return Err(OcspProblem::TooLarge);
        }
        let bytes = envelope(octets).ok_or(OcspProblem::Malformed)??;
        Self::basic(bytes).ok_or(OcspProblem::Malformed)
    }

    fn basic(octets: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(octets);
        let mut basic = reader.nested(tag::SEQUENCE)?;
        reader.end()?;
        let tbs = basic.element(tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::parse(&mut basic)?;
        // A signature of a fraction of octets opens, but never verifies.
        let signature = Bits::new(basic.read(tag::BIT_STRING)?)?.whole_octets().unwrap_or_default();
        let certificates = match basic.optional(tag::constructed(0))? {
            Some(explicit) => only(explicit, tag::SEQUENCE)?,
            None => &[],
        };
        basic.end()?;
        let mut data = Reader::new(tbs.contents);
        if let Some(version) = data.optional(tag::constructed(0))?
            && der::small_integer(only(version, tag::INTEGER)?)? != 0
        {
            return None;
        }
        let responder = match data.any()? {
            name if name.tag == tag::constructed(1) => {
                ResponderId::Name(DistinguishedName::parse(name.contents)?)
            }
            key if key.tag == tag::constructed(2) => ResponderId::Key(only(key.contents, tag::OCTET_STRING)?),
            _ => return None,
        };
        generalized_time(&mut data)?; // producedAt
        let responses = data.read(tag::SEQUENCE)?;
        let extensions = explicit_extensions(&mut data, 1)?;
        data.end()?;
        let mut all = Reader::new(responses);
        while !all.is_empty() {
            Single::parse(&mut all)?;
        }
        let has_unknown_critical = has_unknown_critical(extensions)?;
        Some(Self {
            whole: octets,
            tbs: tbs.whole,
            algorithm,
            signature,
            responder,
            has_unknown_critical,
            responses,
            certificates,
        })
    }

    /// The certificates in it, those that cannot be opened aside.
    pub(crate) fn certificates(&self) -> impl Iterator<Item = Certificate<'a>> + use<'a> {
        let mut reader = Reader::new(self.certificates);
        std::iter::from_fn(move || reader.any()).filter_map(|one| Certificate::parse(one.whole).ok())
    }

    /// What it says of this certificate, as one that `issuer` has issued.
    pub(crate) fn about(
        &self,
        certificate: &Certificate<'_>,
        issuer: &Certificate<'_>,
    ) -> impl Iterator<Item = Single<'a>> {
        let key = Hashes::of(issuer.public_key.key);
        self.named(certificate).filter(move |one| key.contain(one.id.hash, one.id.issuer_key))
    }

    /// What it says of certificates with this serial number by issuers of this name (RFC 6960 4.1.1), whatever their key.
    fn named(&self, certificate: &Certificate<'_>) -> impl Iterator<Item = Single<'a>> {
        let (serial, issuer) = (certificate.serial, Hashes::of(certificate.issuer.der()));
        let mut reader = Reader::new(self.responses);
        let all = std::iter::from_fn(move || Single::parse(&mut reader));
        all.filter(move |one| one.id.serial == serial && issuer.contain(one.id.hash, one.id.issuer_name))
    }
}

/// The timestamps of logs in what a response says of a certificate (RFC 6962 3.3): `None` if there are none,
/// `Some(None)` if there is something else in their place.
///
/// Whether the response counts does not matter: the logs have signed them over the certificate itself.
#[expect(clippy::option_option, reason = "absent and broken are different answers")]
pub(crate) fn timestamps<'a>(octets: &'a [u8], certificate: &Certificate<'_>) -> Option<Option<&'a [u8]>> {
    let response = Response::parse(octets).ok()?;
    response.named(certificate).find_map(|one| {
        let mut extensions = Reader::new(one.extensions);
        let mut all = std::iter::from_fn(|| extension(&mut extensions));
        let list = all.find(|extension| extension.oid == oid::OCSP_SCTS)?;
        Some(only(list.value, tag::OCTET_STRING))
    })
}

impl<'a> Single<'a> {
    fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let mut single = reader.nested(tag::SEQUENCE)?;
        let id = CertId::parse(&mut single)?;
        let element = single.any()?;
        let status = match element.tag {
            good if good == tag::context(0) => CertStatus::Good,
            revoked if revoked == tag::constructed(1) => {
                let mut info = Reader::new(element.contents);
                let at = generalized_time(&mut info)?;
                let reason = match info.optional(tag::constructed(0))? {
                    Some(explicit) => Some(der::small_integer(only(explicit, tag::ENUMERATED)?)?),
                    None => None,
                };
                info.end()?;
                CertStatus::Revoked { at, reason }
            }
            unknown if unknown == tag::context(2) => CertStatus::Unknown,
            _ => return None,
        };
        let this_update = generalized_time(&mut single)?;
        let next_update = match single.optional(tag::constructed(0))? {
            Some(explicit) => {
                let mut explicit = Reader::new(explicit);
                let time = generalized_time(&mut explicit)?;
                explicit.end()?;
                Some(time)
            }
            None => None,
        };
        let extensions = explicit_extensions(&mut single, 1)?;
        single.end()?;
        let has_unknown_critical = has_unknown_critical(extensions)?;
        Some(Self { id, status, this_update, next_update, has_unknown_critical, extensions })
    }
}

impl<'a> CertId<'a> {
    fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let mut id = reader.nested(tag::SEQUENCE)?;
        let algorithm = AlgorithmIdentifier::parse(&mut id)?;
        let hash = match (algorithm.oid, algorithm.parameters) {
            (oid::SHA1, [] | [tag::NULL, 0]) => Some(Hash::Sha1),
            (oid::SHA256, [] | [tag::NULL, 0]) => Some(Hash::Sha256),
            _ => None,
        };
        let issuer_name = id.read(tag::OCTET_STRING)?;
        let issuer_key = id.read(tag::OCTET_STRING)?;
        let serial = der::integer(id.read(tag::INTEGER)?)?;
        id.end()?;
        Some(Self { hash, issuer_name, issuer_key, serial })
    }
}

/// The ResponseBytes of an OCSPResponse; `None` if it does not decode.
fn envelope(octets: &[u8]) -> Option<Result<&[u8], OcspProblem>> {
    let mut reader = Reader::new(octets);
    let mut response = reader.nested(tag::SEQUENCE)?;
    reader.end()?;
    let status = der::small_integer(response.read(tag::ENUMERATED)?)?;
    let bytes = response.optional(tag::constructed(0))?;
    response.end()?;
    if status != 0 {
        return Some(Err(OcspProblem::Unsuccessful));
    }
    let mut bytes = Reader::new(only(bytes?, tag::SEQUENCE)?);
    let kind = der::oid(bytes.read(tag::OID)?)?;
    let contents = bytes.read(tag::OCTET_STRING)?;
    bytes.end()?;
    Some(if kind == oid::OCSP_BASIC { Ok(contents) } else { Err(OcspProblem::OtherType) })
}

/// The contents of the one element that there is.
fn only(octets: &[u8], tag: u8) -> Option<&[u8]> {
    let mut reader = Reader::new(octets);
    let contents = reader.read(tag)?;
    reader.end()?;
    Some(contents)
}

fn generalized_time(reader: &mut Reader<'_>) -> Option<UnixSeconds> {
    Time::new(reader.element(tag::GENERALIZED_TIME)?)?.seconds
}

/// The contents of `[number] EXPLICIT Extensions`, none where they are missing.
fn explicit_extensions<'a>(reader: &mut Reader<'a>, number: u8) -> Option<&'a [u8]> {
    match reader.optional(tag::constructed(number))? {
        Some(explicit) => only(explicit, tag::SEQUENCE),
        None => Some(&[]),
    }
}

/// Whether one of them is critical and not known here: of those of RFC 6960 4.4 a nonce asks nothing of whoever has not asked
/// with one, and the extended definition of revoked (4.4.8) is what is understood anyway. `None` if they do not decode.
fn has_unknown_critical(extensions: &[u8]) -> Option<bool> {
    let mut reader = Reader::new(extensions);
    let mut found = false;
    while !reader.is_empty() {
        let Extension { oid, critical, .. } = extension(&mut reader)?;
        found |= critical && !matches!(oid, oid::OCSP_NONCE | oid::OCSP_EXTENDED_REVOKE | oid::OCSP_SCTS);
    }
    Some(found)
}
