//! Certificate policies (RFC 5280 6.1), as far as they decide anything under `ssl`.
//!
//! OpenSSL runs this only if one of the policy flags is set. `ssl` has no way to name acceptable
//! policies, and without them OpenSSL's user-constrained policy set is always empty: whenever a
//! policy is required explicitly, by flag or by a CA's policyConstraints, the path fails. So the
//! policy tree itself never matters, only malformed extensions and the explicit-policy counter.

use crate::certificate::Certificate;
use crate::der::{self, Element, Reader, tag};
use crate::oid;
use crate::policy::{Policy, flag};
use crate::verdict::Check;

/// The policy extensions of one certificate.
struct PolicyExtensions {
    /// requireExplicitPolicy.
    explicit_skip: Option<i64>,
    has_policies: bool,
}

/// Checks a path, end entity first, trust anchor last; the depth of the certificate to blame, if it is one.
pub(crate) fn check<'c>(
    path: impl DoubleEndedIterator<Item = &'c Certificate<'c>>,
    policy: &Policy,
) -> Result<(), (Check, Option<usize>)> {
    let mut certificates: Vec<_> = path.collect();
    // RFC 5280 6.1: the trust anchor is not part of the path.
    certificates.pop();
    if certificates.is_empty() {
        return Ok(());
    }
    let length = i64::try_from(certificates.len()).unwrap_or(i64::MAX);
    let mut explicit_policy = if policy.has(flag::EXPLICIT_POLICY) { 0 } else { length + 1 };
    let mut empty = false;
    for certificate in certificates.iter().rev() {
        if explicit_policy == 0 && empty {
            break;
        }
        let Some(extensions) = PolicyExtensions::read(certificate) else {
            let depth = certificates.iter().position(|one| PolicyExtensions::read(one).is_none());
            return Err((Check::InvalidPolicyExtension, depth));
        };
        empty |= !extensions.has_policies;
        if explicit_policy > 0 {
            if !certificate.is_self_issued() {
                explicit_policy -= 1;
            }
            if let Some(skip) = extensions.explicit_skip {
                explicit_policy = explicit_policy.min(skip);
            }
        }
    }
    if explicit_policy == 0 { Err((Check::NoExplicitPolicy, None)) } else { Ok(()) }
}

/// Whether the policy extensions of a certificate are well-formed, for the strict profiles.
pub(super) fn is_sound(certificate: &Certificate<'_>) -> bool {
    PolicyExtensions::read(certificate).is_some()
}

impl PolicyExtensions {
    /// `None` if they are malformed or contradict RFC 5280.
    fn read(certificate: &Certificate<'_>) -> Option<Self> {
        let extensions = &certificate.extensions;
        let once = |oid: &[u8]| -> Option<Option<&[u8]>> {
            let mut found = extensions.iter().filter(|extension| extension.oid == oid);
            let first = found.next();
            // A second instance makes the extension undecodable.
            found.next().is_none().then_some(first.map(|extension| extension.value))
        };
        let explicit_skip = match once(oid::POLICY_CONSTRAINTS)? {
            Some(value) => policy_constraints(value)?,
            None => None,
        };
        let Some(policies) = once(oid::CERTIFICATE_POLICIES)? else {
            return Some(Self { explicit_skip, has_policies: false });
        };
        // An empty list is passed over, and nothing after it is looked at.
        if !check_policies(policies)? {
            return Some(Self { explicit_skip, has_policies: false });
        }
        if let Some(value) = once(oid::POLICY_MAPPINGS)? {
            check_mappings(value)?;
        }
        if let Some(value) = once(oid::INHIBIT_ANY_POLICY)? {
            not_negative(Reader::new(value).read(tag::INTEGER)?)?;
        }
        Some(Self { explicit_skip, has_policies: true })
    }
}

/// RFC 5280 4.2.1.11: not an empty sequence; the skip count of requireExplicitPolicy.
#[allow(clippy::option_option, reason = "malformed and absent are different answers")]
fn policy_constraints(value: &[u8]) -> Option<Option<i64>> {
    let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
    let explicit = reader.optional(tag::context(0))?;
    let inhibit_mapping = reader.optional(tag::context(1))?;
    reader.end()?;
    if explicit.is_none() && inhibit_mapping.is_none() {
        return None;
    }
    if let Some(skip) = inhibit_mapping {
        not_negative(skip)?;
    }
    match explicit {
        Some(skip) => Some(Some(not_negative(skip)?)),
        None => Some(None),
    }
}

/// RFC 5280 4.2.1.4: no policy twice. Whether there is one at all.
fn check_policies(value: &[u8]) -> Option<bool> {
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
    (seen.len() == count).then_some(count > 0)
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
fn check_mappings(value: &[u8]) -> Option<()> {
    let mut reader = Reader::new(value).nested(tag::SEQUENCE)?;
    if reader.is_empty() {
        return None;
    }
    while !reader.is_empty() {
        let mut pair = reader.nested(tag::SEQUENCE)?;
        for _ in 0..2 {
            if der::oid(pair.read(tag::OID)?)? == oid::ANY_POLICY {
                return None;
            }
        }
        pair.end()?;
    }
    Some(())
}

fn not_negative(contents: &[u8]) -> Option<i64> {
    let number = der::integer(contents)?;
    // More than 64 bits is more than any path is long.
    if der::is_negative(number) { None } else { Some(der::small_integer(number).unwrap_or(i64::MAX)) }
}
