//! The four extensions about policies (RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14), decoded.

use crate::certificate::{Certificate, Occurrence};
use crate::der::{self, Element, Reader, tag};
use crate::oid;

/// The policy extensions of one certificate.
#[derive(Debug, Default)]
pub(super) struct PolicyExtensions<'c> {
    /// certificatePolicies, sorted; `None` if it is absent, or an empty list.
    pub(super) policies: Option<Vec<&'c [u8]>>,
    /// policyMappings: issuerDomainPolicy and subjectDomainPolicy.
    pub(super) mappings: Vec<(&'c [u8], &'c [u8])>,
    /// requireExplicitPolicy.
    pub(super) require_explicit: Option<i64>,
    /// inhibitPolicyMapping.
    pub(super) inhibit_mapping: Option<i64>,
    pub(super) inhibit_any: Option<i64>,
}

impl<'c> PolicyExtensions<'c> {
    /// `None` if one of them is malformed or contradicts RFC 5280.
    pub(super) fn read(certificate: &Certificate<'c>) -> Option<Self> {
        Self::decode(certificate, false)
    }

    /// The same as OpenSSL has it (policy_cache_new), which looks at nothing more once a certificate states no policy.
    pub(super) fn read_as_openssl(certificate: &Certificate<'c>) -> Option<Self> {
        Self::decode(certificate, true)
    }

    fn decode(certificate: &Certificate<'c>, only_beside_policies: bool) -> Option<Self> {
        let values = &certificate.extensions.policies;
        let mut read = Self::default();
        if let Some(value) = once(values.constraints).ok()? {
            (read.require_explicit, read.inhibit_mapping) = policy_constraints(value)?;
        }
        if let Some(value) = once(values.certificate_policies).ok()? {
            read.policies = Some(policies(value)?).filter(|policies| !policies.is_empty());
        }
        if only_beside_policies && read.policies.is_none() {
            return Some(read);
        }
        if let Some(value) = once(values.mappings).ok()? {
            read.mappings = mappings(value)?;
        }
        if let Some(value) = once(values.inhibit_any).ok()? {
            read.inhibit_any = Some(not_negative(Reader::new(value).read(tag::INTEGER)?)?);
        }
        Some(read)
    }
}

/// The policies that a certificate states, sorted; `None` if that cannot be read.
pub(super) fn stated<'c>(certificate: &Certificate<'c>) -> Option<Vec<&'c [u8]>> {
    match once(certificate.extensions.policies.certificate_policies).ok()? {
        Some(value) => policies(value),
        None => Some(Vec::new()),
    }
}

/// An extension is there twice, so it says nothing.
struct Repeated;

/// The value of an extension, if it is there.
fn once(occurrence: Occurrence<'_>) -> Result<Option<&[u8]>, Repeated> {
    match occurrence {
        Occurrence::Absent => Ok(None),
        Occurrence::Once(value) => Ok(Some(value)),
        Occurrence::Repeated => Err(Repeated),
    }
}

/// RFC 5280 4.2.1.11: not an empty sequence; the skip counts of requireExplicitPolicy and inhibitPolicyMapping.
fn policy_constraints(value: &[u8]) -> Option<(Option<i64>, Option<i64>)> {
    let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
    let explicit = reader.optional(tag::context(0))?;
    let mapping = reader.optional(tag::context(1))?;
    reader.end()?;
    if explicit.is_none() && mapping.is_none() {
        return None;
    }
    let skip = |contents: Option<&[u8]>| match contents {
        Some(contents) => not_negative(contents).map(Some),
        None => Some(None),
    };
    Some((skip(explicit)?, skip(mapping)?))
}

/// RFC 5280 4.2.1.4: no policy twice.
fn policies(value: &[u8]) -> Option<Vec<&[u8]>> {
    let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
    let mut seen = Vec::new();
    while !reader.is_empty() {
        let mut information = reader.nested(tag::SEQUENCE)?;
        let policy = der::oid(information.read(tag::OID)?)?;
        if let Some(qualifiers) = information.optional(tag::SEQUENCE)? {
            check_qualifiers(qualifiers)?;
        }
        information.end()?;
        seen.push(policy);
    }
    let count = seen.len();
    seen.sort_unstable();
    seen.dedup();
    (seen.len() == count).then_some(seen)
}

/// RFC 5280 4.2.1.4: PolicyQualifierInfos, decoded by what they are about.
fn check_qualifiers(contents: &[u8]) -> Option<()> {
    let mut reader = Reader::new(contents);
    while !reader.is_empty() {
        let mut qualifier = reader.nested(tag::SEQUENCE)?;
        match der::oid(qualifier.read(tag::OID)?)? {
            oid::QUALIFIER_CPS => {
                qualifier.read(tag::IA5_STRING)?;
            }
            oid::QUALIFIER_USER_NOTICE => check_user_notice(qualifier.nested(tag::SEQUENCE)?)?,
            _ => {
                qualifier.any().filter(Element::is_well_formed)?;
            }
        }
        qualifier.end()?;
    }
    Some(())
}

/// RFC 5280 4.2.1.4: UserNotice ::= SEQUENCE { noticeRef OPTIONAL, explicitText OPTIONAL }.
fn check_user_notice(mut notice: Reader<'_>) -> Option<()> {
    if let Some(reference) = notice.optional(tag::SEQUENCE)? {
        let mut reference = Reader::new(reference);
        check_display_text(&mut reference)?;
        let mut numbers = reference.nested(tag::SEQUENCE)?;
        while !numbers.is_empty() {
            der::integer(numbers.read(tag::INTEGER)?)?;
        }
        reference.end()?;
    }
    if !notice.is_empty() {
        check_display_text(&mut notice)?;
    }
    notice.end()
}

fn check_display_text(reader: &mut Reader<'_>) -> Option<()> {
    let text = reader.any().filter(Element::is_well_formed)?;
    matches!(text.tag, tag::IA5_STRING | tag::VISIBLE_STRING | tag::BMP_STRING | tag::UTF8_STRING)
        .then_some(())
}

/// RFC 5280 4.2.1.5: pairs of policies, neither of them anyPolicy.
fn mappings(value: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
    let mut mappings = Vec::new();
    while !reader.is_empty() {
        let mut pair = reader.nested(tag::SEQUENCE)?;
        let issuer = der::oid(pair.read(tag::OID)?)?;
        let subject = der::oid(pair.read(tag::OID)?)?;
        pair.end()?;
        if issuer == oid::ANY_POLICY || subject == oid::ANY_POLICY {
            return None;
        }
        mappings.push((issuer, subject));
    }
    Some(mappings).filter(|mappings| !mappings.is_empty())
}

fn not_negative(contents: &[u8]) -> Option<i64> {
    let number = der::integer(contents)?;
    // More than 64 bits is more than any path is long.
    if der::is_negative(number) { None } else { Some(der::small_integer(number).unwrap_or(i64::MAX)) }
}
