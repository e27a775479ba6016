//! Whom a refusal of webpki's is about, and which part of it.

use std::mem::discriminant;

use pki_types::CertificateDer;
use webpki::{DerTypeId, EndEntityCert, Error};

use crate::certificate::Certificate;
use crate::oid;
use crate::path::checks::signed;
use crate::path::name_constraints::{self, By};
use crate::path::translation;
use crate::policy::{Exception, Policy};
use crate::signature::{ProvenEdges, Signed};
use crate::verdict::Check;

use super::part::{Part, Parts, issued_by};
use super::question::WebpkiQuestion;
use super::{Path, Refusal};

/// What may be taken out of constraints for webpki to read them.
const OF_CONSTRAINTS: [Exception; 2] = [Exception::NameForms, Exception::SubtreeMinimum];

impl Path<'_> {
    /// webpki's refusal, with the certificate and the part of it that it is about. What this costs is within a small
    /// multiple of what has been counted for the question, once for a verdict.
    pub(super) fn refusal(&self, error: &Error) -> Refusal {
        let refusal = Refusal::of(error);
        if !self.told {
            return refusal;
        }
        match error {
            Error::CaUsedAsEndEntity => return refusal.at(0).fact("extension", "basicConstraints"),
            Error::MaximumPathDepthExceeded => {
                let found = self.intermediates().len();
                return refusal.at(Policy::MAX_PROVEN_DEPTH + 1).fact("found", found);
            }
            Error::PathLenConstraintViolated => {
                let limit = |one: &Certificate<'_>| one.extensions.basic_constraints?.path_length;
                let exceeded = |(cas, one): &(usize, &&Certificate<'_>)| {
                    limit(one).zip(i64::try_from(*cas).ok()).is_some_and(|(limit, found)| found > limit)
                };
                if let Some((cas, _)) = self.intermediates().iter().enumerate().find(exceeded) {
                    return refusal.at(cas + 1).fact("extension", "basicConstraints");
                }
            }
            Error::UnknownIssuer => {
                let other = |pair: &[&Certificate<'_>]| match pair {
                    [subject, issuer] => subject.issuer.contents() != issuer.subject.contents(),
                    _ => false,
                };
                if let Some(depth) = self.certificates.windows(2).position(other) {
                    return refusal.at(depth).fact("field", "issuer");
                }
                if let Some(depth) = self.repeated_ca() {
                    return refusal.at(depth).fact("field", "subject");
                }
            }
            Error::InvalidSignatureForPublicKey => {
                if let Some(ca) = self.intermediates().iter().position(|one| one.is_self_issued()) {
                    return refusal.at(ca + 1).fact("field", "issuer");
                }
            }
            _ => {}
        }
        let same = |answer: Result<(), Error>| is_same(&answer, error);
        for (depth, certificate) in self.below_anchor().iter().enumerate() {
            let Some(parts) = Parts::of(certificate) else { continue };
            let in_its_place = |der: &[u8]| same(self.ask_by_itself(depth, der));
            // Without version and names, which may be what comes first.
            let alone = |der: &[u8]| {
                let asked = |one: Certificate<'_>| same(self.ask_alone(&one, None, &[]));
                refusal.check != Check::ProofRefused && Certificate::parse(der).is_ok_and(asked)
            };
            let known = stumbled_over(certificate, error);
            let stumbled = stumbled_in(&parts, known.as_ref(), &in_its_place)
                .or_else(|| stumbled_in(&parts, known.as_ref(), &alone))
                .or_else(|| stumbled_in(&parts.apart(), known.as_ref(), &in_its_place));
            if let Some(Stumbled(part)) = stumbled {
                return refusal.at(depth).part(part);
            }
        }
        let anchor = self.certificates.len().saturating_sub(1);
        let constraints = self.certificates.last().and_then(|one| one.extensions.name_constraints);
        if same(self.ask_anchor(None)) {
            return refusal.at(anchor).fact("field", "subjectPublicKeyInfo");
        }
        if refusal.check == Check::ProofEncoding && same(self.ask_anchor(constraints.map(|own| own.contents)))
        {
            return refusal.at(anchor).fact("extension", "nameConstraints");
        }
        self.constrained(refusal, same)
    }

    /// Asks about the certificate of this depth, or what it has been made into, as it is, below an anchor that has nothing
    /// but a name; if it issues, about an end entity below it. Their signatures are of the algorithms of the path's.
    fn ask_by_itself(&self, depth: usize, der: &[u8]) -> Result<(), Error> {
        let shown = Certificate::parse(der).map_err(|_| Error::BadDer)?;
        let edge = self.edges.get(depth).ok_or(Error::UnknownIssuer)?;
        let edge = Signed { message: shown.tbs, signature: shown.signature, key: &[], ..*edge };
        let key = translation::empty_key(edge.key_algorithm);
        let below = depth.checked_sub(1).and_then(|below| self.edges.get(below));
        let below = below.map(|below| issued_by(shown.subject.contents(), below.algorithm));
        let below = below.as_deref().map(Certificate::parse).transpose().map_err(|_| Error::BadDer)?;
        let mut certificates = vec![CertificateDer::from(der)];
        let mut edges = vec![edge];
        if let Some(below) = &below {
            certificates.insert(0, below.der().into());
            edges.push(signed(below, &shown));
        }
        self.ask_for(certificates, shown.issuer.contents(), &key, None, &edges)
    }

    /// Asks about an end entity below the anchor's name and key, and these constraints.
    fn ask_anchor(&self, constraints: Option<&[u8]>) -> Result<(), Error> {
        let (Some(anchor), Some(edge)) = (self.certificates.last(), self.edges.last()) else { return Ok(()) };
        let below = issued_by(anchor.subject.contents(), edge.algorithm);
        let below = Certificate::parse(&below).map_err(|_| Error::BadDer)?;
        let edges = [signed(&below, anchor)];
        let certificates = vec![below.der().into()];
        let (name, key) = (anchor.subject.contents(), anchor.public_key.contents);
        self.ask_for(certificates, name, key, constraints, &edges)
    }

    fn ask_for(
        &self,
        certificates: Vec<CertificateDer<'_>>,
        anchor_name: &[u8],
        anchor_key: &[u8],
        anchor_constraints: Option<&[u8]>,
        edges: &[Signed<'_>],
    ) -> Result<(), Error> {
        WebpkiQuestion {
            certificates,
            anchor_name,
            anchor_key,
            anchor_constraints,
            edges: ProvenEdges::new(edges),
            policy: self.policy,
            time: self.time(&[]).map_err(|_| Error::BadDerTime)?,
        }
        .ask()
    }

    /// The refusal of a certificate that webpki cannot read by itself.
    pub(super) fn unreadable(&self, depth: usize, error: &Error) -> Refusal {
        let refusal = Refusal::of(error).at(depth);
        let Some(certificate) = self.certificates.get(depth).filter(|_| self.told) else { return refusal };
        let same =
            |der: &[u8]| is_same(&EndEntityCert::try_from(&CertificateDer::from(der)).map(|_| ()), error);
        let known = stumbled_over(certificate, error);
        let stumbled = Parts::of(certificate).and_then(|parts| stumbled_in(&parts, known.as_ref(), &same));
        refusal.part(stumbled.map_or(known, |Stumbled(part)| part))
    }

    /// Where the refusal is about a name below constraints: which, and below which. Names are read there alone, so they may
    /// also be what cannot be read.
    fn constrained(&self, refusal: Refusal, same: impl Fn(Result<(), Error>) -> bool) -> Refusal {
        let extension = match refusal.check {
            Check::ProofNameConstraints => "nameConstraints",
            Check::ProofEncoding => "subjectAltName",
            _ => return refusal,
        };
        for (depth, certificate) in self.below_anchor().iter().enumerate() {
            for (above, issuer) in self.certificates.iter().enumerate().skip(depth + 1) {
                let Some(constraints) = &issuer.extensions.name_constraints else { continue };
                let own = constraints.contents;
                let readable = || translation::constraints_translated(own, &self.terms(&OF_CONSTRAINTS));
                let ask = |shown: &[u8]| same(self.ask_alone(certificate, Some(shown), &[]));
                let is_about_names = refusal.check == Check::ProofEncoding;
                if !(ask(own) || is_about_names && readable().is_some_and(|shown| ask(&shown))) {
                    continue;
                }
                let mut budget = name_constraints::MAX_PATH_COMPARISONS;
                let found =
                    name_constraints::check(certificate, constraints, By::Rfc5280, false, &mut budget).err();
                let mut refusal = refusal.at(depth).fact("extension", extension);
                if let Some(violation) = found {
                    if let Some(name) = violation.name {
                        refusal = refusal.fact("name", name);
                    }
                    if let Some(base) = violation.base {
                        refusal = refusal.fact("base", base);
                    }
                }
                return refusal.fact("constrained_by_depth", above);
            }
        }
        refusal
    }
}

fn is_same(answer: &Result<(), Error>, error: &Error) -> bool {
    answer.as_ref().is_err_and(|found| discriminant(found) == discriminant(error))
}

/// The field or extension of a certificate that webpki has stumbled over, where it can only be one.
fn stumbled_over(certificate: &Certificate<'_>, error: &Error) -> Option<Part> {
    let field = |name: &str| Some(("field", name.to_owned()));
    match error {
        Error::UnsupportedCertVersion => field("version"),
        Error::TrailingData(DerTypeId::CertificateExtensions) if certificate.has_unique_ids => {
            field("issuerUniqueID, subjectUniqueID")
        }
        Error::BadDerTime
        | Error::CertExpired { .. }
        | Error::CertNotValidYet { .. }
        | Error::InvalidCertValidity => field("validity"),
        Error::UnsupportedCriticalExtension => {
            let unknown = |extension: &crate::certificate::Extension<'_>| {
                extension.critical && !translation::is_known_to_webpki(extension.oid)
            };
            let extension = certificate.extensions.iter().find(unknown)?;
            Some(("extension", oid::dotted(extension.oid)))
        }
        Error::BadDer if translation::has_long_path_length(certificate) => {
            Some(("extension", "basicConstraints".to_owned()))
        }
        Error::EmptyEkuExtension => Some(("extension", "extendedKeyUsage".to_owned())),
        _ => None,
    }
}

/// That webpki has stumbled over a certificate; the part that has to be mended for it to go on, of several the last.
struct Stumbled(Option<Part>);

/// `known`: the part, where it need not be looked for; `is_same`: whether webpki refuses a certificate as it has refused
/// the path.
fn stumbled_in(parts: &Parts<'_>, known: Option<&Part>, is_same: &dyn Fn(&[u8]) -> bool) -> Option<Stumbled> {
    let (mut refused, mut read) = (0, parts.count());
    if !is_same(&parts.mended(refused)) {
        return None;
    }
    if known.is_some() {
        return Some(Stumbled(known.cloned()));
    }
    if is_same(&parts.mended(read)) {
        return Some(Stumbled(None));
    }
    while read - refused > 1 {
        let between = refused.midpoint(read);
        if is_same(&parts.mended(between)) {
            refused = between;
        } else {
            read = between;
        }
    }
    Some(Stumbled(parts.name(refused)))
}
