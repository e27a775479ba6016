//! What a search goes by: which candidate first, which path comes nearest to being valid, and when.

use crate::certificate::Certificate;
use crate::time::UnixSeconds;
use crate::verdict::{Class, Finding};

use super::memory::Memory;
use super::openssl::{Built, PathStep};

/// How far a path is from being valid: the gravest kind of trouble, then how much of it there is.
pub(super) fn weight(findings: &[Finding]) -> (u8, usize) {
    let gravest = findings.iter().map(|finding| match finding.check.class() {
        // All paths have it or none.
        Class::Precertificate => 0,
        Class::Name => 1,
        Class::Time => 2,
        Class::Purpose
        | Class::Strength
        | Class::Programme
        | Class::ProgrammePurpose
        | Class::Profile
        | Class::PurposeRule => 3,
        Class::Revocation => 4,
        Class::Chain => 5,
        Class::Signature => 6,
        Class::Building => 7,
    });
    (gravest.max().unwrap_or(0), findings.len())
}

/// 0 if the key identifiers say that this is the issuer, 1 if they say nothing, 2 if they say it is not.
pub(super) fn key_identifier_rank(subject: &Certificate<'_>, issuer: &Certificate<'_>) -> u8 {
    let identifier = subject.extensions.authority_key_identifier.as_ref();
    if !issuer.matches_key_identifier(identifier) {
        return 2;
    }
    let wanted = identifier.and_then(|identifier| identifier.key_id);
    u8::from(wanted.is_none() || wanted != issuer.extensions.subject_key_identifier)
}

pub(super) fn is_current(certificate: &Certificate<'_>, at: Option<UnixSeconds>) -> bool {
    let Some(at) = at else { return true };
    certificate.not_before.seconds.is_some_and(|from| from <= at)
        && certificate.not_after.seconds.is_some_and(|until| at <= until)
}

/// When all of a path is valid (RFC 5280 4.1.2.5: both ends included).
pub(super) fn window(built: &Built<'_>) -> Option<(UnixSeconds, UnixSeconds)> {
    let (mut from, mut until) = (UnixSeconds::MIN, UnixSeconds::MAX);
    for certificate in built.certificates() {
        from = from.max(certificate.not_before.seconds?);
        until = until.min(certificate.not_after.seconds?);
    }
    (from <= until).then_some((from, until))
}

/// Names times constraints, over each certificate and all above it, those aside that have been compared.
pub(super) fn comparisons(steps: &[PathStep<'_>], memory: &Memory) -> usize {
    let mut total = 0usize;
    for (above, issuer) in steps.iter().enumerate() {
        let Some(constraints) = &issuer.certificate.extensions.name_constraints else { continue };
        let below = steps.get(..above).unwrap_or_default().iter().map(|step| step.certificate);
        for certificate in below.filter(|certificate| !memory.has_compared(certificate, issuer.certificate)) {
            let alternative = certificate.extensions.subject_alt_name.map_or(0, |names| names.len());
            let names = certificate.subject.attribute_count().saturating_add(alternative);
            total = total.saturating_add(constraints.subtree_count.saturating_mul(names));
        }
    }
    total
}
