//! Rules about extensions other than names (RFC 5280 4.2, CA/B BR 7.1.2).

use crate::certificate::{Certificate, key_usage};
use crate::der::{self, Reader, tag};
use crate::oid;
use crate::path::policies;

use super::{Broken, Place, Subject, broken_if};

fn is_critical(certificate: &Certificate<'_>, oid: &[u8]) -> Option<bool> {
    certificate.extensions.find(oid).map(|extension| extension.critical)
}

fn has_usage(certificate: &Certificate<'_>, bit: u16) -> bool {
    certificate.extensions.key_usage.is_some_and(|usage| usage & bit != 0)
}

/// RFC 5280 4.2: no extension twice.
pub(super) fn duplicate(subject: &Subject<'_, '_>) -> Broken {
    let mut oids: Vec<_> = subject.certificate.extensions.iter().map(|extension| extension.oid).collect();
    oids.sort_unstable();
    let twice = oids.windows(2).find_map(|pair| match pair {
        [one, other] if one == other => Some(*one),
        _ => None,
    })?;
    Some(vec![("extension", oid::dotted(twice).into())])
}

/// RFC 5280 4.2.1.1: keyIdentifier in all certificates but self-signed ones, where the extension may
/// be missing.
pub(super) fn authority_key_identifier(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    match &certificate.extensions.authority_key_identifier {
        Some(identifier) => broken_if(identifier.key_id.is_none()),
        None => broken_if(!certificate.is_self_signed()),
    }
}

/// RFC 5280 4.2.1.1: not critical.
pub(super) fn authority_key_identifier_critical(subject: &Subject<'_, '_>) -> Broken {
    broken_if(is_critical(subject.certificate, oid::AUTHORITY_KEY_IDENTIFIER)?)
}

/// RFC 5280 4.2.1.2: in all CA certificates.
pub(super) fn subject_key_identifier(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.is_ca() && subject.certificate.extensions.subject_key_identifier.is_none())
}

/// RFC 5280 4.2.1.2: not critical.
pub(super) fn subject_key_identifier_critical(subject: &Subject<'_, '_>) -> Broken {
    broken_if(is_critical(subject.certificate, oid::SUBJECT_KEY_IDENTIFIER)?)
}

/// RFC 5280 4.2.1.3: keyUsage in the certificates of CAs. Roots from before it was asked for are in use.
pub(super) fn ca_key_usage(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.place == Place::Intermediate && subject.certificate.extensions.key_usage.is_none())
}

/// RFC 5280 4.2.1.3 and 4.2.1.9: keyCertSign only with cA.
pub(super) fn cert_sign_on_non_ca(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    broken_if(!certificate.is_ca() && has_usage(certificate, key_usage::KEY_CERT_SIGN))
}

/// RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11 and 4.2.1.14: the policy extensions decode, name no policy
/// twice, map neither from nor to anyPolicy, and constrain something.
pub(super) fn policies(subject: &Subject<'_, '_>) -> Broken {
    broken_if(!policies::is_sound(subject.certificate))
}

/// RFC 5280 4.2.1.11: critical.
pub(super) fn policy_constraints_critical(subject: &Subject<'_, '_>) -> Broken {
    broken_if(!is_critical(subject.certificate, oid::POLICY_CONSTRAINTS)?)
}

/// RFC 5280 4.2.1.14: critical.
pub(super) fn inhibit_any_policy_critical(subject: &Subject<'_, '_>) -> Broken {
    broken_if(!is_critical(subject.certificate, oid::INHIBIT_ANY_POLICY)?)
}

/// RFC 5280 4.2.1.9: every CA has basicConstraints with cA; CA/B BR 7.1.2.1.2 asks it of roots too.
pub(super) fn ca_without_basic_constraints(subject: &Subject<'_, '_>) -> Broken {
    let missing = subject.place != Place::EndEntity && !subject.certificate.is_ca();
    missing.then(|| vec![("found", "no basicConstraints with cA".into())])
}

/// RFC 5280 4.2.1.9: critical in CA certificates.
pub(super) fn basic_constraints_critical(subject: &Subject<'_, '_>) -> Broken {
    let constraints = subject.certificate.extensions.basic_constraints?;
    broken_if(constraints.ca && !constraints.critical)
}

/// RFC 5280 4.2.1.9: pathLenConstraint only with cA.
pub(super) fn path_length_on_non_ca(subject: &Subject<'_, '_>) -> Broken {
    let constraints = subject.certificate.extensions.basic_constraints?;
    broken_if(constraints.path_length.is_some() && !constraints.ca)
}

/// RFC 5280 4.2.1.9: pathLenConstraint only with keyCertSign.
pub(super) fn path_length_without_cert_sign(subject: &Subject<'_, '_>) -> Broken {
    subject.certificate.extensions.basic_constraints?.path_length?;
    broken_if(!has_usage(subject.certificate, key_usage::KEY_CERT_SIGN))
}

/// RFC 5280 4.2.1.12: one purpose at least.
pub(super) fn extended_key_usage_empty(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.certificate.extensions.extended_key_usage?.iter().next().is_none())
}

/// RFC 5280 4.2.1.13: one distribution point at least.
pub(super) fn distribution_points_empty(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.certificate.extensions.crl_distribution_points?.iter().next().is_none())
}

/// RFC 5280 4.2.2.1 and 4.2.2.2: one access description at least, each a method and a location.
pub(super) fn information_access(subject: &Subject<'_, '_>) -> Broken {
    let forms = [
        ("authorityInfoAccess", oid::AUTHORITY_INFORMATION_ACCESS),
        ("subjectInfoAccess", oid::SUBJECT_INFORMATION_ACCESS),
    ];
    forms.into_iter().find_map(|(name, oid)| {
        let extension = subject.certificate.extensions.find(oid)?;
        access_descriptions(extension.value).is_none().then(|| vec![("extension", name.into())])
    })
}

fn access_descriptions(value: &[u8]) -> Option<()> {
    let mut outer = Reader::new(value);
    let mut descriptions = outer.nested(tag::SEQUENCE)?;
    outer.end()?;
    if descriptions.is_empty() {
        return None;
    }
    while !descriptions.is_empty() {
        let mut description = descriptions.nested(tag::SEQUENCE)?;
        der::oid(description.read(tag::OID)?)?;
        crate::certificate::GeneralName::parse(&mut description)?;
        description.end()?;
    }
    Some(())
}

/// CA/B BR 7.1.2.11.1 (and 7.1.2.1.3 for roots): the key identifier alone, no issuer and serial number.
pub(super) fn authority_key_identifier_form(subject: &Subject<'_, '_>) -> Broken {
    let extension = subject.certificate.extensions.find(oid::AUTHORITY_KEY_IDENTIFIER)?;
    let mut fields = Reader::new(extension.value).nested(tag::SEQUENCE)?;
    fields.optional(tag::context(0))?;
    broken_if(!fields.is_empty())
}

/// CA/B BR 7.1.2.1.3: a root's authorityKeyIdentifier is its subjectKeyIdentifier.
pub(super) fn root_key_identifiers(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    if subject.place != Place::Anchor || !certificate.is_self_issued() {
        return None;
    }
    // Another key identifier in a self-issued certificate may mean another key: a rollover.
    let own_key = subject.issuer.is_none();
    let wanted = certificate.extensions.authority_key_identifier.as_ref()?.key_id?;
    broken_if(own_key && certificate.extensions.subject_key_identifier != Some(wanted))
}

/// CA/B BR 7.1.2.1.2: no extKeyUsage in a root.
pub(super) fn root_extended_key_usage(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    let root = subject.place == Place::Anchor && certificate.is_self_issued();
    broken_if(root && certificate.extensions.extended_key_usage.is_some())
}

/// CA/B BR 7.1.2.7.8: cA is FALSE in a subscriber certificate.
pub(super) fn end_entity_is_ca(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.place == Place::EndEntity && subject.certificate.is_ca())
}

/// CA/B BR 7.1.2.7.11: nor does it sign CRLs.
pub(super) fn crl_sign_on_non_ca(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.place == Place::EndEntity && has_usage(subject.certificate, key_usage::CRL_SIGN))
}

/// CA/B BR 7.1.2.7.6: extKeyUsage must be there.
pub(super) fn extended_key_usage_missing(subject: &Subject<'_, '_>) -> Broken {
    let absent = subject.certificate.extensions.extended_key_usage.is_none();
    broken_if(subject.place == Place::EndEntity && absent)
}

/// CA/B BR 7.1.2.7.10: not anyExtendedKeyUsage.
pub(super) fn extended_key_usage_any(subject: &Subject<'_, '_>) -> Broken {
    let mut purposes = subject.certificate.extensions.extended_key_usage?.iter();
    broken_if(subject.place == Place::EndEntity && purposes.any(|purpose| purpose == oid::ANY_PURPOSE))
}

/// CA/B BR 7.1.2.7.6: not critical.
pub(super) fn extended_key_usage_critical(subject: &Subject<'_, '_>) -> Broken {
    let critical = is_critical(subject.certificate, oid::EXTENDED_KEY_USAGE)?;
    broken_if(subject.place == Place::EndEntity && critical)
}
