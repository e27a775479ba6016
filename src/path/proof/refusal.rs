//! webpki's refusals in OpenSSL's codes (the list of docs/parity.md) and in words.

use webpki::{DerTypeId, Error};

use crate::verdict::{Check, Fact, Finding};

use super::part::Part;

/// Why there is no proof.
#[derive(Debug)]
pub(in crate::path) struct Refusal {
    pub(in crate::path) check: Check,
    /// The certificate that webpki has stumbled over, if it can be told.
    pub(super) depth: Option<usize>,
    pub(super) facts: Vec<(&'static str, Fact)>,
}

impl Refusal {
    /// What keeps webpki from being asked at all.
    pub(super) fn new(check: Check, reason: impl Into<Fact>) -> Self {
        Self { check, depth: None, facts: vec![("reason", reason.into())] }
    }

    /// What webpki has said.
    #[expect(deprecated, reason = "raised by `Usage`")]
    pub(super) fn of(error: &Error) -> Self {
        let (check, reason) = match error {
            Error::CaUsedAsEndEntity => (Check::CaAsLeaf, "the end entity says cA TRUE"),
            Error::UnsupportedCertVersion => (Check::ProofVersion, "not of version 3"),
            Error::MaximumPathDepthExceeded => (Check::ProofTooDeep, "more than six intermediates"),
            Error::PathLenConstraintViolated => {
                (Check::ProofPathLength, "more CAs below than allowed, where self-issued ones count")
            }
            Error::UnsupportedCriticalExtension => {
                (Check::ProofCriticalExtension, "a critical extension that nobody has processed")
            }
            Error::NameConstraintViolation => (
                Check::ProofNameConstraints,
                "a name that is excluded or not permitted, a wildcard as every host that it stands for",
            ),
            Error::MalformedNameConstraint => {
                (Check::ProofNameConstraints, "a base that has not the syntax of its form")
            }
            Error::InvalidNetworkMaskConstraint => (
                Check::ProofNameConstraints,
                "a network mask that is not ones and then zeros, as RFC 5280 4.2.1.10 has it",
            ),
            Error::MalformedDnsIdentifier => {
                (Check::ProofNameConstraints, "a dNSName that is not a DNS name, where those are constrained")
            }
            Error::UnsupportedNameType => {
                (Check::ProofNameConstraints, "a name of a form that nobody compares")
            }
            Error::TrailingData(DerTypeId::GeneralName) => {
                (Check::ProofNameConstraints, "a subtree with a minimum or maximum that is written down")
            }
            Error::RequiredEkuNotFound => {
                (Check::ProofPurpose, "extendedKeyUsage without the purpose asked for")
            }
            Error::EmptyEkuExtension => (Check::ProofPurpose, "extendedKeyUsage without any purpose"),
            Error::BadDerTime => {
                (Check::ProofEncoding, "a date before 1970, or not in the form of RFC 5280 4.1.2.5")
            }
            Error::TrailingData(DerTypeId::CertificateExtensions) => {
                (Check::ProofEncoding, "issuerUniqueID or subjectUniqueID, or octets left over")
            }
            Error::ExtensionValueInvalid => (Check::ProofEncoding, "an extension that occurs more than once"),
            Error::SignatureAlgorithmMismatch => {
                (Check::ProofEncoding, "the signature algorithms inside and outside differ")
            }
            Error::BadDer
            | Error::InvalidSerialNumber
            | Error::MalformedExtensions
            | Error::TrailingData(_) => (
                Check::ProofEncoding,
                "not written as DER has it, or a number or length beyond what webpki reads",
            ),
            Error::CertExpired { .. } | Error::CertNotValidYet { .. } | Error::InvalidCertValidity => {
                (Check::ProofTime, "not valid at the moment that was asked about")
            }
            Error::MaximumNameConstraintComparisonsExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded => (Check::Budget, "a limit of webpki's own"),
            Error::CertDistrusted => {
                (Check::Rejected, "a key that is known not to be trustworthy, by webpki's list of them")
            }
            Error::UnknownIssuer => (
                Check::ProofRefused,
                "webpki goes from issuer to issuer another way: names in other octets, or one CA more than once",
            ),
            Error::InvalidSignatureForPublicKey => (
                Check::ProofRefused,
                "webpki takes a CA that has its issuer's name for that issuer, and tries the wrong key",
            ),
            _ => (Check::ProofRefused, "webpki does not prove the path"),
        };
        Self {
            check,
            depth: None,
            facts: vec![("reason", reason.into()), ("webpki", format!("{error:?}").into())],
        }
    }

    /// The same, about this certificate.
    pub(super) fn at(mut self, depth: usize) -> Self {
        self.depth = Some(depth);
        self
    }

    /// The same with another fact.
    pub(super) fn fact(mut self, name: &'static str, value: impl Into<Fact>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// The same, about this part of the certificate.
    pub(super) fn part(self, part: Option<Part>) -> Self {
        match part {
            Some((kind, name)) => self.fact(kind, name),
            None => self,
        }
    }

    /// For the verdict.
    pub(in crate::path) fn finding(self) -> Finding {
        Finding::with(self.check, self.depth, self.facts)
    }
}
