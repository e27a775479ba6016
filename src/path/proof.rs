//! The second key: webpki must prove the very path that the native model has found.

mod part;
mod place;
mod question;
mod refusal;

use pki_types::{CertificateDer, alg_id};
use webpki::{DerTypeId, EndEntityCert, Error};

use crate::certificate::Certificate;
use crate::policy::{Exception, Policy};
use crate::signature::{ProvenEdges, Signed};
use crate::time::UnixSeconds;
use crate::verdict::{Check, Source};

use super::memory::{Cost, comparison_octets};
use super::name_constraints;
use super::openssl::{Built, PathStep};
use super::translation::{self, Segment, Terms, Twin, Untranslatable};

use question::WebpkiQuestion;
pub(super) use refusal::Refusal;

/// How the proof came out when it did not fail.
#[derive(Debug)]
pub(super) struct Proof {
    /// The exceptions under which the native model decided.
    pub(super) exceptions: Vec<Exception>,
}

/// Asks webpki for a proof of a path in which the native model found nothing wrong.
///
/// `edges` are the path's signatures, checked just now; `at` is `None` if dates do not count. Whom a refusal is
/// about is found out only if `told`: a search has many that nobody sees.
pub(super) fn prove(
    built: &Built<'_>,
    edges: Vec<Signed<'_>>,
    policy: &Policy,
    at: Option<UnixSeconds>,
    told: bool,
    work: &mut Cost,
) -> Result<Proof, Refusal> {
    let path = Path { certificates: built.certificates().collect(), edges, policy, at, told };
    let leaf_is_anchor = matches!(built.steps.first().map(|step| step.source), Some(Source::Store(_)));
    let mut exceptions = Vec::new();
    if leaf_is_anchor {
        exceptions.push(Exception::PinnedLeaf);
        path.pinned(&mut exceptions, work)?;
    }
    if path.certificates.len() > 1 {
        path.prove(&mut exceptions, work)?;
    } else if !leaf_is_anchor {
        return Err(Refusal::new(Check::ProofRefused, "no trust anchor"));
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
    told: bool,
    work: &mut Cost,
) -> Result<Proof, Refusal> {
    let refusal = || Refusal::new(Check::ProofEncoding, "the poison cannot be taken out").at(0);
    let poisoned = built.leaf().ok_or_else(refusal)?;
    let der = poisoned.without_poison().ok_or_else(refusal)?;
    let leaf = Certificate::parse(&der).ok().filter(|leaf| !leaf.is_poisoned()).ok_or_else(refusal)?;
    let mut steps: Vec<PathStep<'_>> = built.steps.clone();
    if let Some(first) = steps.first_mut() {
        first.certificate = &leaf;
    }
    let edges = edges
        .into_iter()
        .map(|edge| if edge.message == poisoned.tbs { Signed { message: leaf.tbs, ..edge } } else { edge });
    prove(&Built { steps, failure: None }, edges.collect(), policy, at, told, work)
}

/// What is to be proven.
struct Path<'q> {
    /// End entity first.
    certificates: Vec<&'q Certificate<'q>>,
    edges: Vec<Signed<'q>>,
    policy: &'q Policy,
    at: Option<UnixSeconds>,
    /// Whether a refusal is to say whom it is about.
    told: bool,
}

impl Path<'_> {
    /// The path as it stands; and where webpki refuses it for the reason that belongs to an exception, its
    /// twin without what the exception is about, until webpki has nothing left to refuse.
    fn prove(&self, exceptions: &mut Vec<Exception>, work: &mut Cost) -> Result<(), Refusal> {
        let [below @ .., anchor] = self.certificates.as_slice() else {
            return Err(Refusal::new(Check::ProofRefused, "no trust anchor"));
        };
        let question = WebpkiQuestion {
            certificates: below.iter().map(|certificate| certificate.der().into()).collect(),
            anchor_name: anchor.subject.contents(),
            anchor_key: anchor.public_key.contents,
            anchor_constraints: anchor.extensions.name_constraints.map(|constraints| constraints.contents),
            edges: ProvenEdges::new(&self.edges),
            policy: self.policy,
            time: self.time(&[])?,
        };
        spend(work, octets(&self.certificates).saturating_mul(orders(self.intermediates())))?;
        let mut answer = question.ask();
        let mut used = Vec::new();
        while let Err(error) = answer {
            let Some(found) = self.exceptions(&error, &used) else {
                return Err(self.refusal(&error));
            };
            used.extend(found);
            answer = self.ask_in_translation(&question, &used, &error, work)?;
        }
        if !used.is_empty() {
            self.check_certificates(&used)?;
        }
        exceptions.extend(used);
        Ok(())
    }

    /// Asks about the path in translation, segment by segment.
    fn ask_in_translation(
        &self,
        question: &WebpkiQuestion<'_>,
        used: &[Exception],
        refused: &Error,
        work: &mut Cost,
    ) -> Result<Result<(), Error>, Refusal> {
        let terms = self.terms(used);
        let length = self.certificates.len();
        let most = if used.contains(&Exception::DeepPath) { Policy::MAX_PROVEN_DEPTH } else { length };
        for segment in Segment::of(length, most) {
            let part = self.certificates.get(segment.start..=segment.anchor).unwrap_or_default();
            let cas = part.get(1..part.len().saturating_sub(1)).unwrap_or_default();
            let orders = if terms.renames() { 1 } else { orders(cas) };
            spend(work, octets(part).saturating_mul(orders).saturating_mul(2))?;
            let twin = match translation::twin(&self.certificates, segment, &terms) {
                Ok(twin) => twin,
                Err(Untranslatable::PathLength) => return Ok(Err(Error::PathLenConstraintViolated)),
                // What may not be taken out of webpki's sight stays there, and it has refused that.
                Err(Untranslatable::Unjudged) => return Err(self.refusal(refused)),
            };
            let time = self.time(used)?;
            for (index, constraints) in twin.constraints.iter().enumerate() {
                if index > 0 {
                    let read = constraints.as_ref().map_or(0, Vec::len);
                    spend(
                        work,
                        octets(part).saturating_add(read.saturating_mul(part.len())).saturating_mul(orders),
                    )?;
                }
                if let Err(error) = self.ask_twin(question, &twin, segment, constraints.as_deref(), time) {
                    return Ok(Err(error));
                }
            }
        }
        Ok(Ok(()))
    }

    /// Asks about a translated path: its signatures are those of the original, found good over the original
    /// octets.
    fn ask_twin(
        &self,
        question: &WebpkiQuestion<'_>,
        twin: &Twin,
        segment: Segment,
        constraints: Option<&[u8]>,
        time: UnixSeconds,
    ) -> Result<(), Error> {
        let anchor = self.certificates.get(segment.anchor).ok_or(Error::UnknownIssuer)?;
        let mut edges = Vec::with_capacity(twin.certificates.len());
        let twins = twin.certificates.iter().map(|der| Certificate::parse(der));
        let twins: Vec<_> = twins.collect::<Result<_, _>>().map_err(|_| Error::BadDer)?;
        for (edge, twin) in self.edges.iter().skip(segment.start).zip(&twins) {
            edges.push(Signed { message: twin.tbs, ..*edge });
        }
        WebpkiQuestion {
            certificates: twin.certificates.iter().map(|der| der.as_slice().into()).collect(),
            anchor_name: &twin.anchor_name,
            anchor_key: anchor.public_key.contents,
            anchor_constraints: constraints,
            edges: ProvenEdges::new(&edges),
            policy: question.policy,
            time,
        }
        .ask()
    }

    /// A pinned end entity has no issuer that counts, so webpki is shown one: it has to be sound in itself.
    fn pinned(&self, exceptions: &mut Vec<Exception>, work: &mut Cost) -> Result<(), Refusal> {
        if !self.policy.allows(Exception::PinnedLeaf) {
            let reason =
                "the end entity itself is the trust anchor, and the exception pinned_leaf is not allowed";
            return Err(Refusal::new(Check::ProofRefused, reason).at(0));
        }
        let Some(leaf) = self.certificates.first() else { return Ok(()) };
        if leaf.is_malformed() {
            let reason = format!("a pinned end entity must be well-formed: {}", leaf.problems().join("; "));
            return Err(Refusal::new(Check::InvalidExtension, reason).at(0));
        }
        if self.certificates.len() > 1 {
            return Ok(());
        }
        let mut used = Vec::new();
        loop {
            spend(work, leaf.der().len().saturating_mul(2))?;
            let Err(error) = self.ask_alone(leaf, None, &used) else { break };
            let found = self.exceptions(&error, &used);
            used.extend(found.ok_or_else(|| self.refusal(&error))?);
        }
        // Version 1 has no extensions to misread: the twin shows all there is of it.
        if !translation::is_version_1(leaf) {
            self.check_certificates(&used)?;
        }
        exceptions.extend(used);
        Ok(())
    }

    /// Asks about one certificate, as an end entity below an anchor that has nothing but these constraints.
    fn ask_alone(
        &self,
        certificate: &Certificate<'_>,
        constraints: Option<&[u8]>,
        used: &[Exception],
    ) -> Result<(), Error> {
        let algorithm = alg_id::ED25519;
        let twin =
            translation::pinned_twin(certificate, &algorithm, &self.terms(used)).ok_or(Error::BadDer)?;
        let [der] = twin.certificates.as_slice() else { return Err(Error::BadDer) };
        let shown = Certificate::parse(der).map_err(|_| Error::BadDer)?;
        let edges = [Signed {
            algorithm: &algorithm,
            message: shown.tbs,
            signature: certificate.signature,
            key_algorithm: &algorithm,
            key: &[],
            rsa_bits: None,
        }];
        let key = translation::empty_key(&algorithm);
        WebpkiQuestion {
            certificates: vec![der.as_slice().into()],
            anchor_name: &twin.anchor_name,
            anchor_key: &key,
            anchor_constraints: constraints,
            edges: ProvenEdges::new(&edges),
            policy: self.policy,
            time: self.time(used).map_err(|_| Error::BadDerTime)?,
        }
        .ask()
    }

    fn terms<'t>(&'t self, used: &'t [Exception]) -> Terms<'t> {
        Terms { exceptions: used, policy: self.policy, timeless: self.is_timeless() }
    }

    /// Whether dates are nothing that webpki can be asked about: they do not count, or it is not yet 1970.
    fn is_timeless(&self) -> bool {
        self.at.is_none_or(|at| at < 0)
    }

    /// The time to ask about. Where dates do not count, one at which all certificates are valid, since webpki
    /// cannot be told to ignore them; if there is none, it takes an exception.
    fn time(&self, used: &[Exception]) -> Result<UnixSeconds, Refusal> {
        match self.at {
            _ if self.is_timeless() && used.contains(&Exception::Dates) => Ok(0),
            Some(at) => Ok(at),
            None => match common_time(self.below_anchor()) {
                Some(time) => Ok(time),
                None if self.policy.allows(Exception::Dates) => Ok(0),
                None => {
                    let reason = "the validity periods of the path have no time in common";
                    let ends = self.below_anchor().iter().enumerate();
                    let first =
                        ends.min_by_key(|(_, one)| one.not_after.seconds).map_or(0, |(depth, _)| depth);
                    Err(Refusal::new(Check::ProofTime, reason).at(first).fact("field", "validity"))
                }
            },
        }
    }

    /// The certificates whose dates count; a pinned end entity's do.
    fn below_anchor(&self) -> &[&Certificate<'_>] {
        match self.certificates.as_slice() {
            [below @ .., _] if !below.is_empty() => below,
            certificates => certificates,
        }
    }

    /// The exceptions that explain this refusal and have not been made yet, if they are allowed; each has
    /// refusals of its own.
    fn exceptions(&self, error: &Error, used: &[Exception]) -> Option<Vec<Exception>> {
        let explanations: &[Exception] = match error {
            Error::CaUsedAsEndEntity => &[Exception::CaLeaf],
            Error::NameConstraintViolation => &[Exception::NameForms, Exception::SelfIssued],
            // A self-issued CA has its issuer's name, so webpki tries the issuer's key on what the CA has
            // signed, too, and ranks that signature's failure above what it says of the right way.
            Error::PathLenConstraintViolated | Error::InvalidSignatureForPublicKey => {
                &[Exception::SelfIssued]
            }
            Error::UnknownIssuer => &[Exception::CanonicalDn, Exception::RepeatedCa],
            Error::UnsupportedCertVersion => &[Exception::Version],
            Error::TrailingData(DerTypeId::CertificateExtensions) => &[Exception::UniqueIds],
            Error::UnsupportedCriticalExtension => &[Exception::CriticalExtensions],
            Error::BadDer => &[Exception::PathLength],
            Error::TrailingData(DerTypeId::GeneralName) => &[Exception::SubtreeMinimum],
            Error::BadDerTime => &[Exception::Dates],
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity
                if self.is_timeless() =>
            {
                &[Exception::Dates]
            }
            Error::MaximumPathDepthExceeded => &[Exception::DeepPath],
            Error::MalformedDnsIdentifier => &[Exception::DnsSyntax],
            _ => &[],
        };
        let applies = |exception| !used.contains(&exception) && self.concerns(exception);
        let allowed = |exception: &Exception| self.policy.allows(*exception);
        let found = explanations.iter().copied().find(|&one| applies(one) && allowed(&one))?;
        let mut found = vec![found];
        // A twin with other names hides how the original's go together, so that has to be allowed by itself.
        if self.terms(&found).renames() {
            let hidden = [Exception::CanonicalDn, Exception::RepeatedCa];
            found.extend(
                hidden.into_iter().filter(|&one| applies(one) && !found.contains(&one)).collect::<Vec<_>>(),
            );
        }
        found.iter().all(allowed).then_some(found)
    }

    /// Whether the path has what an exception is about.
    fn concerns(&self, exception: Exception) -> bool {
        let below = self.below_anchor();
        match exception {
            Exception::PinnedLeaf => false,
            Exception::CaLeaf => self.certificates.first().is_some_and(|leaf| leaf.is_ca()),
            Exception::SelfIssued => self.intermediates().iter().any(|one| one.is_self_issued()),
            Exception::NameForms => self.has_constraints(name_constraints::has_forms_beyond_webpki),
            Exception::CanonicalDn => self.is_linked_canonically(),
            Exception::Version => below
                .iter()
                .enumerate()
                .any(|(depth, one)| translation::has_other_version(one, depth, self.policy)),
            Exception::UniqueIds => below.iter().any(|one| one.has_unique_ids),
            Exception::CriticalExtensions => below.iter().enumerate().any(|(depth, one)| {
                one.extensions
                    .iter()
                    .any(|extension| translation::is_processed(one, &extension, depth, self.policy))
            }),
            Exception::PathLength => below.iter().any(|one| translation::has_long_path_length(one)),
            Exception::SubtreeMinimum => {
                self.has_constraints(|constraints| translation::has_minimum(constraints.contents))
            }
            Exception::Dates => {
                below.iter().any(|one| translation::has_dates_beyond_webpki(one, self.is_timeless()))
            }
            Exception::RepeatedCa => self.repeated_ca().is_some(),
            Exception::DnsSyntax => below.iter().any(|one| translation::has_odd_host(one, self.policy)),
            Exception::DeepPath => self.intermediates().len() > Policy::MAX_PROVEN_DEPTH,
        }
    }

    /// In translation or not, each certificate is shown to webpki by itself, without what the exceptions about
    /// its form are about: encoding, version, critical extensions.
    fn check_certificates(&self, used: &[Exception]) -> Result<(), Refusal> {
        let certificates = self.below_anchor();
        for depth in 0..certificates.len() {
            let read = translation::readable(certificates, depth, &self.terms(used));
            let read = read
                .map_err(|_| Error::BadDer)
                .and_then(|der| EndEntityCert::try_from(&CertificateDer::from(der)).map(|_| ()));
            read.map_err(|error| self.unreadable(depth, &error))?;
        }
        Ok(())
    }

    fn intermediates(&self) -> &[&Certificate<'_>] {
        match self.certificates.as_slice() {
            [_, intermediates @ .., _] => intermediates,
            _ => &[],
        }
    }

    fn has_constraints(&self, like: impl Fn(&crate::certificate::NameConstraints<'_>) -> bool) -> bool {
        let above = self.certificates.iter().skip(1);
        above.filter_map(|one| one.extensions.name_constraints.as_ref()).any(like)
    }

    /// Whether some link holds only by RFC 5280 7.1.
    fn is_linked_canonically(&self) -> bool {
        self.certificates.windows(2).any(|pair| match pair {
            [subject, issuer] => subject.issuer.contents() != issuer.subject.contents(),
            _ => false,
        })
    }

    /// The first CA with the name and key of a certificate below it, which webpki takes for a loop.
    fn repeated_ca(&self) -> Option<usize> {
        let mut seen = Vec::new();
        let last = self.certificates.len().saturating_sub(1);
        self.certificates.iter().take(last).position(|one| {
            let own = (one.subject.contents(), one.public_key.contents);
            let known = seen.contains(&own);
            seen.push(own);
            known
        })
    }
}

/// What webpki reads where it goes through a path once.
fn octets(certificates: &[&Certificate<'_>]) -> usize {
    let mut octets = 0usize;
    for (depth, certificate) in certificates.iter().enumerate() {
        let above = certificates.get(depth + 1..).unwrap_or_default();
        let compared = above.iter().map(|issuer| comparison_octets(certificate, issuer));
        octets = compared.fold(octets.saturating_add(certificate.der().len()), usize::saturating_add);
    }
    octets
}

/// In how many orders webpki may try the intermediates: those of one name in each.
fn orders(cas: &[&Certificate<'_>]) -> usize {
    let namesakes = |index: usize, ca: &&Certificate<'_>| {
        let before = cas.get(..index).unwrap_or_default();
        before.iter().filter(|other| other.subject.contents() == ca.subject.contents()).count()
    };
    let factors = cas.iter().enumerate().map(|(index, ca)| namesakes(index, ca) + 1);
    factors.fold(1, usize::saturating_mul)
}

/// Counts a question to webpki before it is asked.
fn spend(work: &mut Cost, octets: usize) -> Result<(), Refusal> {
    work.proofs += 1;
    if work.spend(octets) {
        return Ok(());
    }
    Err(Refusal::new(Check::Budget, format!("more than {} octets", Cost::MAX_OCTETS)))
}

/// A time at which all certificates below the anchor are valid, for a policy without dates.
fn common_time(certificates: &[&Certificate<'_>]) -> Option<UnixSeconds> {
    let mut start = UnixSeconds::MIN;
    let mut end = UnixSeconds::MAX;
    for certificate in certificates {
        start = start.max(certificate.not_before.seconds?);
        end = end.min(certificate.not_after.seconds?);
    }
    (start <= end).then(|| start.max(0).min(end))
}

#[cfg(test)]
mod tests;
