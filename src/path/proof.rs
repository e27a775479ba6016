//! The second key: webpki must prove the very path that the native model has found.

use std::time::Duration;

use pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{
    Cert, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, VerifiedPath,
};

use crate::certificate::Certificate;
use crate::oid;
use crate::policy::{Exception, Policy, Purpose};
use crate::signature::{ProvenEdges, Signed};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Source};

use super::name_constraints;
use super::openssl::{Built, Step};

/// How the proof came out when it did not fail.
#[derive(Debug)]
pub(super) struct Proof {
    /// The exceptions under which the native model decided.
    pub(super) exceptions: Vec<Exception>,
}

/// Why there is no proof.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) check: Check,
    /// webpki's own word for it, or why it could not be asked.
    pub(super) reason: String,
}

/// Asks webpki for a proof of a path in which the native model found nothing wrong.
///
/// `edges` are the path's signatures, checked just now; `at` is `None` if dates do not count.
pub(super) fn prove(
    built: &Built<'_>,
    edges: Vec<Signed<'_>>,
    policy: &Policy,
    at: Option<UnixSeconds>,
) -> Result<Proof, Refusal> {
    let certificates: Vec<&Certificate<'_>> = built.certificates().collect();
    let mut exceptions = Vec::new();
    let leaf_is_anchor = matches!(built.steps.first().map(|step| step.source), Some(Source::Store(_)));
    if leaf_is_anchor {
        pinned(&certificates, policy)?;
        exceptions.push(Exception::PinnedLeaf);
    }
    let [leaf, intermediates @ .., anchor] = certificates.as_slice() else {
        // A path of one certificate: there is nothing that webpki could be asked.
        return if leaf_is_anchor {
            Ok(Proof { exceptions })
        } else {
            Err(Refusal { check: Check::ProofRefused, reason: "no trust anchor".to_owned() })
        };
    };
    let time = match at {
        Some(at) => at,
        None => common_time(leaf, intermediates)?,
    };
    let question = Question {
        leaf,
        intermediates,
        anchor,
        edges: ProvenEdges::new(edges),
        purpose: &policy.purpose,
        time,
    };
    match question.ask(anchor.subject.contents()) {
        Ok(()) => Ok(Proof { exceptions }),
        Err(error) => {
            exceptions.push(question.exception(&error, policy)?);
            Ok(Proof { exceptions })
        }
    }
}

/// Asks for the proof of a precertificate's path with the poison taken out, as RFC 6962 3.2 does it. The
/// signature that was found good is that of the precertificate itself. Whatever comes of it, the native
/// model has refused the precertificate: nothing is accepted on this proof.
pub(super) fn prove_precertificate(
    built: &Built<'_>,
    edges: Vec<Signed<'_>>,
    policy: &Policy,
    at: Option<UnixSeconds>,
) -> Result<Proof, Refusal> {
    let refusal =
        || Refusal { check: Check::ProofEncoding, reason: "the poison cannot be taken out".to_owned() };
    let poisoned = built.leaf().ok_or_else(refusal)?;
    let der = poisoned.without_poison().ok_or_else(refusal)?;
    let leaf = Certificate::parse(&der).ok().filter(|leaf| !leaf.is_poisoned()).ok_or_else(refusal)?;
    let mut steps: Vec<Step<'_>> = built.steps.clone();
    if let Some(first) = steps.first_mut() {
        first.certificate = &leaf;
    }
    let edges = edges
        .into_iter()
        .map(|edge| if edge.message == poisoned.tbs { Signed { message: leaf.tbs, ..edge } } else { edge });
    prove(&Built { steps, failure: None }, edges.collect(), policy, at)
}

/// A pinned end entity is accepted without any proof, so it must at least be sound.
fn pinned(path: &[&Certificate<'_>], policy: &Policy) -> Result<(), Refusal> {
    if !policy.allows(Exception::PinnedLeaf) {
        return Err(Refusal {
            check: Check::ProofRefused,
            reason: "the end entity itself is the trust anchor, and the exception pinned_leaf is not allowed"
                .to_owned(),
        });
    }
    match path.first() {
        Some(leaf) if leaf.is_malformed() => Err(Refusal {
            check: Check::InvalidExtension,
            reason: format!("a pinned end entity must be well-formed: {}", leaf.problems().join("; ")),
        }),
        _ => Ok(()),
    }
}

/// A time at which all certificates below the anchor are valid, for a policy without dates: webpki
/// cannot be told to ignore them.
fn common_time(leaf: &Certificate<'_>, intermediates: &[&Certificate<'_>]) -> Result<UnixSeconds, Refusal> {
    let refusal = || Refusal {
        check: Check::ProofTime,
        reason: "the validity periods of the path have no time in common".to_owned(),
    };
    let mut start = UnixSeconds::MIN;
    let mut end = UnixSeconds::MAX;
    for certificate in std::iter::once(&leaf).chain(intermediates) {
        start = start.max(certificate.not_before.seconds.ok_or_else(refusal)?);
        end = end.min(certificate.not_after.seconds.ok_or_else(refusal)?);
    }
    if start <= end { Ok(start.max(0).min(end)) } else { Err(refusal()) }
}

/// webpki's own limit (MAX_SUB_CA_COUNT).
const MAX_INTERMEDIATES: usize = 6;

struct Question<'q> {
    leaf: &'q Certificate<'q>,
    intermediates: &'q [&'q Certificate<'q>],
    anchor: &'q Certificate<'q>,
    edges: ProvenEdges<'q>,
    purpose: &'q Purpose,
    time: UnixSeconds,
}

impl Question<'_> {
    /// Whether webpki proves exactly this path, with `anchor_name` as the anchor's subject.
    fn ask(&self, anchor_name: &[u8]) -> Result<(), Error> {
        let leaf_der = CertificateDer::from(self.leaf.der());
        let end_entity = EndEntityCert::try_from(&leaf_der)?;
        let intermediates: Vec<CertificateDer<'_>> =
            self.intermediates.iter().map(|certificate| CertificateDer::from(certificate.der())).collect();
        // Made by hand: webpki's own parser refuses anchors for what it does not use of them.
        let constraints = self.anchor.extensions.name_constraints;
        let anchors = [TrustAnchor {
            subject: anchor_name.into(),
            subject_public_key_info: self.anchor.public_key.contents.into(),
            name_constraints: constraints.map(|constraints| constraints.contents.into()),
        }];
        let algorithms = self.edges.algorithms();
        let algorithms: Vec<&dyn SignatureVerificationAlgorithm> =
            algorithms.iter().map(|algorithm| algorithm as &dyn SignatureVerificationAlgorithm).collect();
        let seconds = u64::try_from(self.time).map_err(|_| Error::BadDerTime)?;
        let exact = |path: &VerifiedPath<'_>| {
            let proven = path.intermediate_certificates().map(Cert::der);
            if proven.eq(intermediates.iter().cloned()) { Ok(()) } else { Err(Error::UnknownIssuer) }
        };
        end_entity.verify_for_usage(
            &algorithms,
            &anchors,
            &intermediates,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            Usage(self.purpose),
            None,
            Some(&exact),
        )?;
        Ok(())
    }

    /// The exception that explains this refusal, if it is allowed; each has refusals of its own.
    fn exception(&self, error: &Error, policy: &Policy) -> Result<Exception, Refusal> {
        let exception = match error {
            Error::CaUsedAsEndEntity if self.leaf.is_ca() => Some(Exception::CaLeaf),
            Error::NameConstraintViolation if self.has_forms_beyond_webpki() => Some(Exception::NameForms),
            // A self-issued CA has its issuer's name, so webpki tries the issuer's key on what the CA has
            // signed, too, and ranks that signature's failure above what it says of the right way.
            Error::PathLenConstraintViolated
            | Error::NameConstraintViolation
            | Error::InvalidSignatureForPublicKey
                if self.has_self_issued() =>
            {
                Some(Exception::SelfIssued)
            }
            Error::UnknownIssuer if self.is_linked_canonically() => Some(Exception::CanonicalDn),
            _ => None,
        };
        let Some(exception) = exception.filter(|exception| policy.allows(*exception)) else {
            return Err(refusal(error));
        };
        self.check_certificates()?;
        if exception == Exception::CanonicalDn {
            self.ask_under_issuer_name(error)?;
        }
        Ok(exception)
    }

    /// Where webpki has stopped early, it is asked at least about each certificate on its own (encoding,
    /// version, critical extensions), and its depth limit is kept.
    fn check_certificates(&self) -> Result<(), Refusal> {
        for certificate in std::iter::once(&self.leaf).chain(self.intermediates) {
            let der = CertificateDer::from(certificate.der());
            EndEntityCert::try_from(&der).map_err(|error| refusal(&error))?;
        }
        if self.intermediates.len() > MAX_INTERMEDIATES {
            return Err(refusal(&Error::MaximumPathDepthExceeded));
        }
        Ok(())
    }

    /// If only the anchor's name differs in spelling, webpki can still prove everything else.
    fn ask_under_issuer_name(&self, error: &Error) -> Result<(), Refusal> {
        let top = self.intermediates.last().unwrap_or(&self.leaf);
        let others_agree =
            self.links().skip(1).all(|(subject, issuer)| subject.contents() == issuer.contents());
        if others_agree {
            self.ask(top.issuer.contents()).map_err(|again| refusal(&again))
        } else if matches!(error, Error::UnknownIssuer) {
            Ok(())
        } else {
            Err(refusal(error))
        }
    }

    fn has_self_issued(&self) -> bool {
        self.intermediates.iter().any(|certificate| certificate.is_self_issued())
    }

    fn has_forms_beyond_webpki(&self) -> bool {
        self.intermediates.iter().chain([&self.anchor]).any(|certificate| {
            let constraints = certificate.extensions.name_constraints.as_ref();
            constraints.is_some_and(name_constraints::has_forms_beyond_webpki)
        })
    }

    /// Pairs of (issuer's subject, subject's issuer), from the anchor down.
    fn links(
        &self,
    ) -> impl Iterator<
        Item = (
            &crate::distinguished_name::DistinguishedName<'_>,
            &crate::distinguished_name::DistinguishedName<'_>,
        ),
    > {
        let issuers = std::iter::once(&self.anchor).chain(self.intermediates.iter().rev());
        let subjects = self.intermediates.iter().rev().chain(std::iter::once(&self.leaf));
        issuers.zip(subjects).map(|(issuer, subject)| (&issuer.subject, &subject.issuer))
    }

    /// Whether some link holds only by RFC 5280 7.1.
    fn is_linked_canonically(&self) -> bool {
        self.links().any(|(subject, issuer)| subject.contents() != issuer.contents())
    }
}

/// Which key purposes webpki is to accept: the same as the native model.
struct Usage<'p>(&'p Purpose);

impl ExtendedKeyUsageValidator for Usage<'_> {
    #[allow(deprecated, reason = "the replacement names a KeyUsage, which webpki makes for static OIDs only")]
    fn validate(&self, purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), Error> {
        let wanted: &[&[u8]] = match self.0 {
            Purpose::Server => &[oid::SERVER_AUTH, oid::MICROSOFT_SGC, oid::NETSCAPE_SGC],
            Purpose::Client => &[oid::CLIENT_AUTH],
            Purpose::Eku(oid) => &[oid],
            Purpose::Any => return Ok(()),
        };
        let mut absent = true;
        for purpose in purposes {
            absent = false;
            let purpose = purpose?;
            if wanted.iter().any(|wanted| purpose == KeyPurposeId::new(wanted)) {
                return Ok(());
            }
        }
        if absent { Ok(()) } else { Err(Error::RequiredEkuNotFound) }
    }
}

/// webpki's refusal in OpenSSL's codes: the list of docs/parity.md.
#[allow(deprecated, reason = "raised by `Usage`")]
fn refusal(error: &Error) -> Refusal {
    let check = match error {
        Error::CaUsedAsEndEntity => Check::CaAsLeaf,
        Error::UnsupportedCertVersion => Check::ProofVersion,
        Error::MaximumPathDepthExceeded => Check::ProofTooDeep,
        Error::PathLenConstraintViolated => Check::ProofPathLength,
        Error::UnsupportedCriticalExtension => Check::ProofCriticalExtension,
        Error::NameConstraintViolation
        | Error::MalformedNameConstraint
        | Error::InvalidNetworkMaskConstraint
        | Error::MalformedDnsIdentifier
        | Error::UnsupportedNameType => Check::ProofNameConstraints,
        Error::RequiredEkuNotFound | Error::EmptyEkuExtension => Check::ProofPurpose,
        Error::BadDer
        | Error::BadDerTime
        | Error::ExtensionValueInvalid
        | Error::InvalidSerialNumber
        | Error::MalformedExtensions
        | Error::SignatureAlgorithmMismatch
        | Error::TrailingData(_) => Check::ProofEncoding,
        Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => {
            Check::ProofTime
        }
        Error::MaximumNameConstraintComparisonsExceeded
        | Error::MaximumPathBuildCallsExceeded
        | Error::MaximumSignatureChecksExceeded => Check::Budget,
        _ => Check::ProofRefused,
    };
    Refusal { check, reason: format!("{error:?}") }
}
