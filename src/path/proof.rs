//! The second key: webpki must prove the very path that the native model has found.

use std::time::Duration;

use pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime, alg_id};
use webpki::{
    Cert, EndEntityCert, Error, ExtendedKeyUsageValidator, KeyPurposeId, KeyPurposeIdIter, VerifiedPath,
};

use crate::certificate::Certificate;
use crate::oid;
use crate::policy::{Exception, Policy, Purpose};
use crate::signature::{ProvenEdges, Signed};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Source};

use super::memory::{Cost, comparison_octets};
use super::name_constraints;
use super::openssl::{Built, Step};
use super::translation::{self, Twin};

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
    work: &mut Cost,
) -> Result<Proof, Refusal> {
    let path = Path { certificates: built.certificates().collect(), edges, policy, at };
    let leaf_is_anchor = matches!(built.steps.first().map(|step| step.source), Some(Source::Store(_)));
    let mut exceptions = Vec::new();
    if leaf_is_anchor {
        exceptions.push(Exception::PinnedLeaf);
        path.pinned(work)?;
    }
    if path.certificates.len() > 1 {
        path.prove(&mut exceptions, work)?;
    } else if !leaf_is_anchor {
        return Err(Refusal { check: Check::ProofRefused, reason: "no trust anchor".to_owned() });
    }
    Ok(Proof { exceptions })
}

/// Asks for the proof of a precertificate's path with the poison taken out, as RFC 6962 3.2 does it. The
/// signature that was found good is that of the precertificate itself. Whatever comes of it, the native
/// model has refused the precertificate: nothing is accepted on this proof.
pub(super) fn prove_precertificate(
    built: &Built<'_>,
    edges: Vec<Signed<'_>>,
    policy: &Policy,
    at: Option<UnixSeconds>,
    work: &mut Cost,
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
    prove(&Built { steps, failure: None }, edges.collect(), policy, at, work)
}

/// What is to be proven.
struct Path<'q> {
    /// End entity first.
    certificates: Vec<&'q Certificate<'q>>,
    edges: Vec<Signed<'q>>,
    policy: &'q Policy,
    at: Option<UnixSeconds>,
}

impl Path<'_> {
    /// The path as it stands; and where webpki refuses it for the reason that belongs to an exception, its
    /// twin without what the exception is about, until webpki has nothing left to refuse.
    fn prove(&self, exceptions: &mut Vec<Exception>, work: &mut Cost) -> Result<(), Refusal> {
        let [below @ .., anchor] = self.certificates.as_slice() else {
            return Err(Refusal { check: Check::ProofRefused, reason: "no trust anchor".to_owned() });
        };
        let constraints = anchor.extensions.name_constraints.map(|constraints| constraints.contents);
        let question = Question {
            certificates: below.iter().map(|certificate| certificate.der()).collect(),
            anchor_name: anchor.subject.contents(),
            anchor_key: anchor.public_key.contents,
            anchor_constraints: constraints,
            edges: ProvenEdges::new(&self.edges),
            purpose: &self.policy.purpose,
            time: self.time()?,
        };
        spend(work, self.octets().saturating_mul(self.orders()))?;
        let mut answer = question.ask();
        let mut used = Vec::new();
        while let Err(error) = answer {
            let Some(exception) = self.exception(&error, &used) else {
                return Err(refusal(&error));
            };
            if used.is_empty() {
                self.check_certificates()?;
            }
            used.push(exception);
            spend(work, self.octets().saturating_mul(2))?;
            // What may not be taken out of webpki's sight stays there, and it has refused that.
            let twin = translation::twin(&self.certificates, &used).ok_or_else(|| refusal(&error))?;
            answer = self.ask_twin(&question, &twin);
        }
        exceptions.extend(used);
        Ok(())
    }

    /// Asks about a translated path: its signatures are those of the original, found good over the original
    /// octets.
    fn ask_twin(&self, question: &Question<'_>, twin: &Twin) -> Result<(), Error> {
        let mut edges = Vec::with_capacity(twin.certificates.len());
        let twins = twin.certificates.iter().map(|der| Certificate::parse(der));
        let twins: Vec<_> = twins.collect::<Result<_, _>>().map_err(|_| Error::BadDer)?;
        for (edge, twin) in self.edges.iter().zip(&twins) {
            edges.push(Signed { message: twin.tbs, ..*edge });
        }
        Question {
            certificates: twin.certificates.iter().map(Vec::as_slice).collect(),
            anchor_name: &twin.anchor_name,
            anchor_constraints: twin.anchor_constraints.as_deref(),
            edges: ProvenEdges::new(&edges),
            ..*question
        }
        .ask()
    }

    /// A pinned end entity has no issuer that counts, so webpki is shown one: it has to be sound in itself.
    fn pinned(&self, work: &mut Cost) -> Result<(), Refusal> {
        if !self.policy.allows(Exception::PinnedLeaf) {
            let reason =
                "the end entity itself is the trust anchor, and the exception pinned_leaf is not allowed";
            return Err(Refusal { check: Check::ProofRefused, reason: reason.to_owned() });
        }
        let Some(leaf) = self.certificates.first() else { return Ok(()) };
        if leaf.is_malformed() {
            return Err(Refusal {
                check: Check::InvalidExtension,
                reason: format!("a pinned end entity must be well-formed: {}", leaf.problems().join("; ")),
            });
        }
        if self.certificates.len() > 1 {
            return Ok(());
        }
        spend(work, leaf.der().len().saturating_mul(2))?;
        let algorithm = alg_id::ED25519;
        let twin = translation::pinned_twin(leaf, &algorithm);
        let twin = twin.ok_or_else(|| refusal(&Error::BadDer))?;
        let [der] = twin.certificates.as_slice() else { return Err(refusal(&Error::BadDer)) };
        let shown = Certificate::parse(der).map_err(|_| refusal(&Error::BadDer))?;
        let edges = [Signed {
            algorithm: &algorithm,
            message: shown.tbs,
            signature: leaf.signature,
            key_algorithm: &algorithm,
            key: &[],
            rsa_bits: None,
        }];
        // Version 1 has no extensions to misread: the twin shows all there is of it.
        if !translation::is_version_1(leaf) {
            self.check_certificates()?;
        }
        let key = translation::empty_key(&algorithm);
        let question = Question {
            certificates: vec![der],
            anchor_name: &twin.anchor_name,
            anchor_key: &key,
            anchor_constraints: None,
            edges: ProvenEdges::new(&edges),
            purpose: &self.policy.purpose,
            time: self.time()?,
        };
        question.ask().map_err(|error| refusal(&error))
    }

    /// What webpki reads where it goes through the path once.
    fn octets(&self) -> usize {
        let mut octets = 0usize;
        for (depth, certificate) in self.certificates.iter().enumerate() {
            let above = self.certificates.get(depth + 1..).unwrap_or_default();
            let compared = above.iter().map(|issuer| comparison_octets(certificate, issuer));
            octets = compared.fold(octets.saturating_add(certificate.der().len()), usize::saturating_add);
        }
        octets
    }

    /// In how many orders webpki may try the intermediates: those of one name in each.
    fn orders(&self) -> usize {
        let cas = self.intermediates();
        let namesakes = |index: usize, ca: &&Certificate<'_>| {
            let before = cas.get(..index).unwrap_or_default();
            before.iter().filter(|other| other.subject.contents() == ca.subject.contents()).count()
        };
        let factors = cas.iter().enumerate().map(|(index, ca)| namesakes(index, ca) + 1);
        factors.fold(1, usize::saturating_mul)
    }

    fn time(&self) -> Result<UnixSeconds, Refusal> {
        match self.at {
            Some(at) => Ok(at),
            None => common_time(self.below_anchor()),
        }
    }

    /// The certificates whose dates count; a pinned end entity's do.
    fn below_anchor(&self) -> &[&Certificate<'_>] {
        match self.certificates.as_slice() {
            [below @ .., _] if !below.is_empty() => below,
            certificates => certificates,
        }
    }

    /// The exception that explains this refusal, if it is allowed and not made yet; each has refusals of its
    /// own.
    fn exception(&self, error: &Error, used: &[Exception]) -> Option<Exception> {
        let applies = |exception| {
            !used.contains(&exception)
                && self.policy.allows(exception)
                && match exception {
                    Exception::PinnedLeaf => false,
                    Exception::CaLeaf => self.certificates.first().is_some_and(|leaf| leaf.is_ca()),
                    Exception::SelfIssued => self.has_self_issued(),
                    Exception::NameForms => self.has_forms_beyond_webpki(),
                    Exception::CanonicalDn => self.is_linked_canonically(),
                }
        };
        let explanations: &[Exception] = match error {
            Error::CaUsedAsEndEntity => &[Exception::CaLeaf],
            Error::NameConstraintViolation => &[Exception::NameForms, Exception::SelfIssued],
            // A self-issued CA has its issuer's name, so webpki tries the issuer's key on what the CA has
            // signed, too, and ranks that signature's failure above what it says of the right way.
            Error::PathLenConstraintViolated | Error::InvalidSignatureForPublicKey => {
                &[Exception::SelfIssued]
            }
            Error::UnknownIssuer => &[Exception::CanonicalDn],
            _ => &[],
        };
        let found = explanations.iter().copied().find(|&exception| applies(exception))?;
        // The twin for self-issued CAs has other names, so those have to be equal by themselves.
        let spelled = found == Exception::SelfIssued
            && !used.contains(&Exception::CanonicalDn)
            && self.is_linked_canonically();
        if spelled {
            return Some(Exception::CanonicalDn).filter(|&exception| applies(exception));
        }
        Some(found)
    }

    /// Before webpki is asked in translation, it is asked about each certificate as it is: encoding, version,
    /// critical extensions.
    fn check_certificates(&self) -> Result<(), Refusal> {
        for certificate in self.below_anchor() {
            let der = CertificateDer::from(certificate.der());
            EndEntityCert::try_from(&der).map_err(|error| refusal(&error))?;
        }
        Ok(())
    }

    fn intermediates(&self) -> &[&Certificate<'_>] {
        match self.certificates.as_slice() {
            [_, intermediates @ .., _] => intermediates,
            _ => &[],
        }
    }

    fn has_self_issued(&self) -> bool {
        self.intermediates().iter().any(|certificate| certificate.is_self_issued())
    }

    fn has_forms_beyond_webpki(&self) -> bool {
        self.certificates.iter().skip(1).any(|certificate| {
            let constraints = certificate.extensions.name_constraints.as_ref();
            constraints.is_some_and(name_constraints::has_forms_beyond_webpki)
        })
    }

    /// Whether some link holds only by RFC 5280 7.1.
    fn is_linked_canonically(&self) -> bool {
        self.certificates.windows(2).any(|pair| match pair {
            [subject, issuer] => subject.issuer.contents() != issuer.subject.contents(),
            _ => false,
        })
    }
}

/// Counts a question to webpki before it is asked.
fn spend(work: &mut Cost, octets: usize) -> Result<(), Refusal> {
    work.proofs += 1;
    if work.spend(octets) {
        return Ok(());
    }
    Err(Refusal { check: Check::Budget, reason: format!("more than {} octets", Cost::MAX_OCTETS) })
}

/// A time at which all certificates below the anchor are valid, for a policy without dates: webpki
/// cannot be told to ignore them.
fn common_time(certificates: &[&Certificate<'_>]) -> Result<UnixSeconds, Refusal> {
    let refusal = || Refusal {
        check: Check::ProofTime,
        reason: "the validity periods of the path have no time in common".to_owned(),
    };
    let mut start = UnixSeconds::MIN;
    let mut end = UnixSeconds::MAX;
    for certificate in certificates {
        start = start.max(certificate.not_before.seconds.ok_or_else(refusal)?);
        end = end.min(certificate.not_after.seconds.ok_or_else(refusal)?);
    }
    if start <= end { Ok(start.max(0).min(end)) } else { Err(refusal()) }
}

/// What webpki is asked.
struct Question<'q> {
    /// End entity first, without the anchor.
    certificates: Vec<&'q [u8]>,
    /// The contents of the anchor's name, key and nameConstraints.
    anchor_name: &'q [u8],
    anchor_key: &'q [u8],
    anchor_constraints: Option<&'q [u8]>,
    edges: ProvenEdges<'q>,
    purpose: &'q Purpose,
    time: UnixSeconds,
}

impl Question<'_> {
    /// Whether webpki proves exactly this path.
    fn ask(&self) -> Result<(), Error> {
        let mut certificates = self.certificates.iter().map(|&der| CertificateDer::from(der));
        let leaf = certificates.next().ok_or(Error::UnknownIssuer)?;
        let end_entity = EndEntityCert::try_from(&leaf)?;
        let intermediates: Vec<CertificateDer<'_>> = certificates.collect();
        // Made by hand: webpki's own parser refuses anchors for what it does not use of them.
        let anchors = [TrustAnchor {
            subject: self.anchor_name.into(),
            subject_public_key_info: self.anchor_key.into(),
            name_constraints: self.anchor_constraints.map(Into::into),
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
