//! Rules about subjectAltName, commonName and name constraints (RFC 5280 4.2.1.6 and 4.2.1.10,
//! CA/B BR 7.1.2.7.12 and 7.1.4).

use crate::certificate::{GeneralName, ip_text, printable};
use crate::oid;

use super::{Broken, Place, Subject, broken_if};
use crate::path::name_syntax::{is_dns_pattern, is_domain, is_mailbox, is_uri, malformed_base};

/// RFC 5280 4.2.1.6: one name at least.
pub(super) fn alternative_names_empty(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.certificate.extensions.subject_alt_name?.is_empty())
}

/// RFC 5280 4.1.2.6: critical where the subject is empty.
pub(super) fn alternative_names_not_critical(subject: &Subject<'_, '_>) -> Broken {
    let extensions = &subject.certificate.extensions;
    extensions.subject_alt_name?;
    broken_if(subject.certificate.subject.is_empty() && !extensions.subject_alt_name_critical)
}

/// RFC 5280 4.2.1.6: each name has the syntax of its form.
pub(super) fn alternative_names_syntax(subject: &Subject<'_, '_>) -> Broken {
    let names = subject.certificate.extensions.subject_alt_name?;
    let malformed = names.iter().find_map(|name| match name {
        GeneralName::Dns(text) if !is_dns_pattern(text) => Some(format!("dns:{}", printable(text))),
        GeneralName::Email(text) if !is_mailbox(text) => Some(format!("email:{}", printable(text))),
        GeneralName::Uri(text) if !is_uri(text) => Some(format!("uri:{}", printable(text))),
        GeneralName::Ip(octets) if !matches!(octets.len(), 4 | 16) => Some(format!("ip:{}", ip_text(octets))),
        _ => None,
    })?;
    Some(vec![("name", malformed.into())])
}

/// CA/B BR 7.1.2.7.12: subscriber certificates have the extension.
pub(super) fn alternative_names_missing(subject: &Subject<'_, '_>) -> Broken {
    let absent = subject.certificate.extensions.subject_alt_name.is_none();
    broken_if(subject.place == Place::EndEntity && absent)
}

/// CA/B BR 7.1.2.7.12: critical only where the subject is empty.
pub(super) fn alternative_names_critical(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    let critical = certificate.extensions.subject_alt_name_critical && !certificate.subject.is_empty();
    broken_if(subject.place == Place::EndEntity && critical)
}

/// CA/B BR 7.1.2.7.12: dNSName and iPAddress only.
pub(super) fn alternative_names_form(subject: &Subject<'_, '_>) -> Broken {
    if subject.place != Place::EndEntity {
        return None;
    }
    let others = subject.certificate.alternative_names();
    let other = others.iter().find(|(kind, _)| !matches!(*kind, "dns" | "ip"))?;
    Some(vec![("name", format!("{}:{}", other.0, other.1).into())])
}

/// CA/B BR 7.1.4.3: one commonName at the most, and it repeats an entry of the subjectAltName
/// character for character; addresses as RFC 3986 3.2.2 and RFC 5952 4 write them.
///
/// Short of the letter in two cases, where the reference answers of x509-limbo accept: a domain name
/// may be what a wildcard entry is below, and may stand where there are no dNSName entries at all.
pub(super) fn common_name(subject: &Subject<'_, '_>) -> Broken {
    if subject.place != Place::EndEntity {
        return None;
    }
    let common_names = subject.certificate.common_names();
    let names = subject.certificate.alternative_names();
    let count = subject.certificate.subject.attributes().filter(|one| one.oid == oid::COMMON_NAME).count();
    let has_dns_name = names.iter().any(|(kind, _)| *kind == "dns");
    let has_address = names.iter().any(|(kind, _)| *kind == "ip");
    let repeated = |common_name: &String| {
        names.iter().any(|(kind, text)| match *kind {
            "dns" => text == common_name || text.strip_prefix("*.") == Some(common_name),
            "ip" => text == common_name,
            _ => false,
        }) || (has_address && !has_dns_name && is_domain(common_name.as_bytes()))
    };
    let right = count == 0 || (count == 1 && common_names.len() == 1 && common_names.iter().all(repeated));
    (!right).then(|| vec![("common_name", common_names.into())])
}

/// RFC 5280 4.2.1.10: only in CA certificates.
pub(super) fn constraints_on_non_ca(subject: &Subject<'_, '_>) -> Broken {
    let present = subject.certificate.extensions.find(oid::NAME_CONSTRAINTS).is_some();
    broken_if(present && !subject.certificate.is_ca())
}

/// RFC 5280 4.2.1.10: critical. (CA/B BR 7.1.2.10.8 lets them be non-critical.)
pub(super) fn constraints_critical(subject: &Subject<'_, '_>) -> Broken {
    broken_if(!subject.certificate.extensions.find(oid::NAME_CONSTRAINTS)?.critical)
}

/// RFC 5280 4.2.1.10: a subtree at least, in each list that is there.
pub(super) fn constraints_empty(subject: &Subject<'_, '_>) -> Broken {
    let constraints = subject.certificate.extensions.name_constraints?;
    broken_if(constraints.has_empty_list())
}

/// RFC 5280 4.2.1.10: minimum 0, which DER does not write down (X.690 11.5), maximum absent.
pub(super) fn constraint_bounds(subject: &Subject<'_, '_>) -> Broken {
    let constraints = subject.certificate.extensions.name_constraints?;
    let mut subtrees = constraints.permitted().chain(constraints.excluded());
    broken_if(subtrees.any(|subtree| !subtree.bounds_valid || subtree.minimum_written))
}

/// RFC 5280 4.2.1.10: each base has the syntax of its form.
pub(super) fn constraints_syntax(subject: &Subject<'_, '_>) -> Broken {
    let constraints = subject.certificate.extensions.name_constraints?;
    let malformed = constraints
        .permitted()
        .chain(constraints.excluded())
        .find_map(|subtree| malformed_base(&subtree.base))?;
    Some(vec![("base", malformed.into())])
}
