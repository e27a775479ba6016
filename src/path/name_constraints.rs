//! Name constraints (RFC 5280 4.2.1.10) as OpenSSL's NAME_CONSTRAINTS_check judges them.

use crate::certificate::{Certificate, GeneralName, NameConstraints, ip_text, printable};
use crate::der::{Element, tag};
use crate::distinguished_name::{self, DistinguishedName};
use crate::name::uri_parts;
use crate::oid;
use crate::verdict::Check;

/// OpenSSL's NAME_CHECK_MAX: names times constraints, per certificate and set of constraints.
const MAX_COMPARISONS: usize = 1 << 20;

/// How many comparisons a whole path may ask for. OpenSSL has no such limit: a long chain full of names
/// and constraints keeps it busy for minutes. Twice what one certificate may cost is some 0.1 s.
pub(crate) const MAX_PATH_COMPARISONS: usize = 2 * MAX_COMPARISONS;

/// A name that breaks the constraints, for the record.
#[derive(Debug)]
pub(crate) struct Violation {
    pub(crate) check: Check,
    /// The offending name; `None` if there are too many to compare.
    pub(crate) name: Option<String>,
}

/// A name as constraints see it.
enum Candidate<'a> {
    Directory(&'a DistinguishedName<'a>),
    Email(&'a [u8]),
    /// A SmtpUTF8Mailbox (RFC 8398), which stands under the constraints on e-mail.
    Mailbox(Element<'a>),
    Dns(&'a [u8]),
    Uri(&'a [u8]),
    Ip(&'a [u8]),
    Other(&'a [u8]),
    RegisteredId(&'a [u8]),
    Unstructured,
}

/// Whether a comparison of one name with one base fits, or why it cannot be made.
type Fits = Result<bool, Check>;

/// Checks one certificate against one set of constraints; `common_name` says whether its CN counts
/// as a host name (an end entity without dNSName, when CN matching is on). What it costs is taken from
/// `budget`, which starts at [`MAX_PATH_COMPARISONS`].
pub(crate) fn check(
    certificate: &Certificate<'_>,
    constraints: &NameConstraints<'_>,
    common_name: bool,
    budget: &mut usize,
) -> Result<(), Violation> {
    let names = certificate.extensions.subject_alt_name;
    let count = certificate.subject.attribute_count() + names.map_or(0, |names| names.len());
    let comparisons = count.saturating_mul(constraints.subtree_count);
    if comparisons > MAX_COMPARISONS || comparisons > *budget {
        return Err(Violation { check: Check::NameConstraintBudget, name: None });
    }
    *budget -= comparisons;
    if !certificate.subject.is_empty() {
        check_one(&Candidate::Directory(&certificate.subject), constraints)?;
        for attribute in certificate.subject.attributes().filter(|one| one.oid == oid::EMAIL_ADDRESS) {
            if attribute.tag != tag::IA5_STRING {
                return Err(Violation {
                    check: Check::UnsupportedNameSyntax,
                    name: Some(format!("emailAddress {}", printable(attribute.value))),
                });
            }
            check_one(&Candidate::Email(attribute.value), constraints)?;
        }
    }
    for name in certificate.extensions.alternative_names() {
        let candidate = match &name {
            GeneralName::Directory(name) => Candidate::Directory(name),
            GeneralName::Email(text) => Candidate::Email(text),
            GeneralName::Dns(text) => Candidate::Dns(text),
            GeneralName::Uri(text) => Candidate::Uri(text),
            GeneralName::Ip(octets) => Candidate::Ip(octets),
            GeneralName::Other { type_id, value } if *type_id == oid::SMTP_UTF8_MAILBOX => {
                Candidate::Mailbox(*value)
            }
            GeneralName::Other { type_id, .. } => Candidate::Other(type_id),
            GeneralName::RegisteredId(oid) => Candidate::RegisteredId(oid),
            GeneralName::X400 | GeneralName::EdiParty => Candidate::Unstructured,
        };
        check_one(&candidate, constraints)?;
    }
    if common_name {
        check_common_names(certificate, constraints)?;
    }
    Ok(())
}

/// What OpenSSL lets through and the searching policies do not: [`check_wildcards`] and [`check_forms`].
pub(crate) fn check_further(
    certificate: &Certificate<'_>,
    constraints: &NameConstraints<'_>,
) -> Result<(), Violation> {
    check_wildcards(certificate, constraints)?;
    check_forms(certificate, constraints)
}

/// Names that could be read in two ways must not be compared in one: under URI constraints a URI needs
/// an authority that is a host name (RFC 5280 4.2.1.10 says to reject others), without user information;
/// under e-mail constraints a mailbox has one `@`.
fn check_forms(certificate: &Certificate<'_>, constraints: &NameConstraints<'_>) -> Result<(), Violation> {
    let any_base = |is_form: fn(&GeneralName<'_>) -> bool| {
        constraints.permitted().chain(constraints.excluded()).any(|subtree| is_form(&subtree.base))
    };
    let (mut uris, mut mailboxes) = (None, None);
    for name in certificate.extensions.alternative_names() {
        let candidate = match name {
            GeneralName::Uri(text)
                if *uris.get_or_insert_with(|| any_base(|base| matches!(base, GeneralName::Uri(_))))
                    && !names_a_host(text) =>
            {
                Candidate::Uri(text)
            }
            GeneralName::Email(text)
                if *mailboxes
                    .get_or_insert_with(|| any_base(|base| matches!(base, GeneralName::Email(_))))
                    && text.split(|&octet| octet == b'@').count() != 2 =>
            {
                Candidate::Email(text)
            }
            _ => continue,
        };
        return Err(Violation { check: Check::UnsupportedNameSyntax, name: Some(candidate.text()) });
    }
    Ok(())
}

fn names_a_host(uri: &[u8]) -> bool {
    let Some((_, authority, _)) = uri_parts(uri) else {
        return false;
    };
    let host = authority.split(|&octet| octet == b':').next().unwrap_or_default();
    let of_host = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_');
    let last = host.rsplit(|&octet| octet == b'.').next().unwrap_or_default();
    host.iter().all(of_host) && !last.iter().all(u8::is_ascii_digit)
}

/// A wildcard name stands for every host it matches (RFC 9525 6.3), so it breaks the constraints as
/// soon as one of them does: `*.example.com` where `www.example.com` is excluded.
fn check_wildcards(
    certificate: &Certificate<'_>,
    constraints: &NameConstraints<'_>,
) -> Result<(), Violation> {
    for name in certificate.extensions.alternative_names() {
        let GeneralName::Dns(text) = name else { continue };
        let Some(parent) = text.strip_prefix(b"*") else { continue };
        let excluded = constraints.excluded().any(|subtree| match subtree.base {
            // One label more than the parent: a host that the wildcard matches.
            GeneralName::Dns(base) => {
                let label = base.len().checked_sub(parent.len()).and_then(|at| base.get(..at));
                ends_with_ignoring_case(base, parent)
                    && label.is_some_and(|label| !label.is_empty() && !label.contains(&b'.'))
            }
            _ => false,
        });
        if excluded {
            let name = Some(Candidate::Dns(text).text());
            return Err(Violation { check: Check::ExcludedSubtreeViolation, name });
        }
    }
    Ok(())
}

/// Whether a set of constraints has bases of the forms that webpki does not judge.
pub(crate) fn has_forms_beyond_webpki(constraints: &NameConstraints<'_>) -> bool {
    constraints.permitted().chain(constraints.excluded()).any(|subtree| {
        matches!(subtree.base, GeneralName::Directory(_) | GeneralName::Email(_) | GeneralName::Uri(_))
    })
}

/// NAME_CONSTRAINTS_check_CN: commonNames that look like host names count as dNSNames.
fn check_common_names(
    certificate: &Certificate<'_>,
    constraints: &NameConstraints<'_>,
) -> Result<(), Violation> {
    for attribute in certificate.subject.attributes().filter(|one| one.oid == oid::COMMON_NAME) {
        let Some(text) = distinguished_name::utf8(attribute.tag, attribute.value) else {
            // ASN1_STRING_to_UTF8 fails, which OpenSSL takes for a lack of memory.
            return Err(Violation { check: Check::Unspecified, name: None });
        };
        let text = text.trim_end_matches('\0').as_bytes();
        if text.contains(&0) {
            return Err(Violation { check: Check::UnsupportedNameSyntax, name: Some(printable(text)) });
        }
        if looks_like_host(text) {
            check_one(&Candidate::Dns(text), constraints)?;
        }
    }
    Ok(())
}

/// Two labels at least, of letters, digits, hyphens and underscores; dots and hyphens not at the
/// edges, dots not beside hyphens or dots.
fn looks_like_host(text: &[u8]) -> bool {
    let mut dots = 0;
    let mut labels = text.split(|&octet| octet == b'.').peekable();
    while let Some(label) = labels.next() {
        let of_host = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'_' | b'-');
        if label.is_empty() || !label.iter().all(of_host) || label.starts_with(b"-") || label.ends_with(b"-")
        {
            return false;
        }
        dots += usize::from(labels.peek().is_some());
    }
    dots > 0
}

fn check_one(candidate: &Candidate<'_>, constraints: &NameConstraints<'_>) -> Result<(), Violation> {
    let fail = |check| Err(Violation { check, name: Some(candidate.text()) });
    let mut matched = None;
    for subtree in constraints.permitted() {
        if !candidate.is_of_form(&subtree.base) {
            continue;
        }
        if !subtree.bounds_valid {
            return fail(Check::SubtreeBounds);
        }
        if matched == Some(true) {
            continue;
        }
        match candidate.is_within(&subtree.base) {
            Ok(within) => matched = Some(within),
            Err(check) => return fail(check),
        }
    }
    if matched == Some(false) {
        return fail(Check::PermittedSubtreeViolation);
    }
    for subtree in constraints.excluded() {
        if !candidate.is_of_form(&subtree.base) {
            continue;
        }
        if !subtree.bounds_valid {
            return fail(Check::SubtreeBounds);
        }
        match candidate.is_within(&subtree.base) {
            Ok(false) => {}
            Ok(true) => return fail(Check::ExcludedSubtreeViolation),
            Err(check) => return fail(check),
        }
    }
    Ok(())
}

impl Candidate<'_> {
    fn is_of_form(&self, base: &GeneralName<'_>) -> bool {
        match (self, base) {
            (Self::Other(own), GeneralName::Other { type_id, .. }) => own == type_id,
            (Self::Directory(_), GeneralName::Directory(_))
            | (Self::Email(_) | Self::Mailbox(_), GeneralName::Email(_))
            | (Self::Dns(_), GeneralName::Dns(_))
            | (Self::Uri(_), GeneralName::Uri(_))
            | (Self::Ip(_), GeneralName::Ip(_))
            | (Self::RegisteredId(_), GeneralName::RegisteredId(_))
            | (Self::Unstructured, GeneralName::X400 | GeneralName::EdiParty) => true,
            _ => false,
        }
    }

    fn is_within(&self, base: &GeneralName<'_>) -> Fits {
        match (self, base) {
            (Self::Directory(name), GeneralName::Directory(base)) => {
                Ok(name.canonical().starts_with(base.canonical()))
            }
            (Self::Dns(name), GeneralName::Dns(base)) => Ok(dns_within(name, base)),
            (Self::Email(name), GeneralName::Email(base)) => email_within(name, base),
            (Self::Uri(name), GeneralName::Uri(base)) => uri_within(name, base),
            (Self::Ip(name), GeneralName::Ip(base)) => ip_within(name, base),
            (Self::Mailbox(name), GeneralName::Email(base)) => mailbox_within(name, base),
            _ => Err(Check::UnsupportedConstraintType),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Directory(name) => format!("directory:{}", name.text()),
            Self::Email(text) => format!("email:{}", printable(text)),
            Self::Dns(text) => format!("dns:{}", printable(text)),
            Self::Uri(text) => format!("uri:{}", printable(text)),
            Self::Ip(octets) => format!("ip:{}", ip_text(octets)),
            Self::RegisteredId(oid) => format!("rid:{}", oid::dotted(oid)),
            Self::Other(oid) => format!("other:{}", oid::dotted(oid)),
            Self::Mailbox(value) => format!("mailbox:{}", printable(value.contents)),
            Self::Unstructured => "other".to_owned(),
        }
    }
}

/// Any number of labels may stand before the base; a base with a leading dot wants one at least.
fn dns_within(name: &[u8], base: &[u8]) -> bool {
    let Some((head, tail)) = name.len().checked_sub(base.len()).and_then(|at| name.split_at_checked(at))
    else {
        return false;
    };
    let at_label = head.is_empty() || base.is_empty() || base.starts_with(b".") || head.ends_with(b".");
    at_label && tail.eq_ignore_ascii_case(base)
}

fn email_within(name: &[u8], base: &[u8]) -> Fits {
    let Some(at) = name.iter().rposition(|&octet| octet == b'@') else {
        return Err(Check::UnsupportedNameSyntax);
    };
    let (local, host) = (name.get(..at).unwrap_or_default(), name.get(at + 1..).unwrap_or_default());
    let base_at = base.iter().rposition(|&octet| octet == b'@');
    if base_at.is_none() && base.starts_with(b".") {
        // Any mailbox of any host below the domain.
        return Ok(name.len() > base.len() && ends_with_ignoring_case(name, base));
    }
    let base_host = match base_at {
        Some(base_at) => {
            let base_local = base.get(..base_at).unwrap_or_default();
            if !base_local.is_empty() {
                if base_local.len() != local.len() {
                    return Ok(false);
                }
                if base_local.contains(&0) || local.contains(&0) {
                    return Err(Check::UnsupportedNameSyntax);
                }
                if base_local != local {
                    return Ok(false);
                }
            }
            base.get(base_at + 1..).unwrap_or_default()
        }
        None => base,
    };
    Ok(host.eq_ignore_ascii_case(base_host))
}

/// RFC 8398 6: the domain in U-labels, octet for octet but for ASCII case.
fn mailbox_within(value: &Element<'_>, base: &[u8]) -> Fits {
    if base.contains(&0) || value.tag != tag::UTF8_STRING {
        return Err(Check::UnsupportedNameSyntax);
    }
    let name = value.contents;
    let Some(at) = name.iter().rposition(|&octet| octet == b'@') else {
        return Err(Check::UnsupportedNameSyntax);
    };
    // A base in A-labels would have to be converted first: nothing may pass without that.
    if base.split(|&octet| octet == b'.').any(|label| label.to_ascii_lowercase().starts_with(b"xn--")) {
        return Err(Check::UnsupportedConstraintType);
    }
    if base.starts_with(b".") {
        return Ok(name.len() > base.len() && ends_with_ignoring_case(name, base));
    }
    Ok(name.get(at + 1..).unwrap_or_default().eq_ignore_ascii_case(base))
}

fn uri_within(name: &[u8], base: &[u8]) -> Fits {
    let colon = name.iter().position(|&octet| octet == b':');
    let after = colon.and_then(|colon| name.get(colon + 1..)).and_then(|rest| rest.strip_prefix(b"//"));
    let Some(after) = after else {
        return Err(Check::UnsupportedNameSyntax);
    };
    let end = after
        .iter()
        .position(|&octet| octet == b':')
        .or_else(|| after.iter().position(|&octet| octet == b'/'))
        .unwrap_or(after.len());
    let host = after.get(..end).unwrap_or_default();
    if host.is_empty() {
        return Err(Check::UnsupportedNameSyntax);
    }
    if base.starts_with(b".") {
        return Ok(host.len() > base.len() && ends_with_ignoring_case(host, base));
    }
    Ok(host.eq_ignore_ascii_case(base))
}

fn ip_within(name: &[u8], base: &[u8]) -> Fits {
    if !matches!(name.len(), 4 | 16) || !matches!(base.len(), 8 | 32) {
        return Err(Check::UnsupportedNameSyntax);
    }
    let (network, mask) = base.split_at(base.len() / 2);
    // An IPv4 address is never within an IPv6 network.
    if name.len() != network.len() {
        return Ok(false);
    }
    Ok(name.iter().zip(network).zip(mask).all(|((name, network), mask)| name & mask == network & mask))
}

fn ends_with_ignoring_case(text: &[u8], end: &[u8]) -> bool {
    text.len()
        .checked_sub(end.len())
        .and_then(|at| text.get(at..))
        .is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_under_constraints_name_a_host_and_nobody_else() {
        assert!(names_a_host(b"https://www.example.com:443/a@b"));
        for uri in
            ["https://example.com@evil.test/", "https://192.0.2.1/", "https://[::1]/", "urn:a", "https:///a"]
        {
            assert!(!names_a_host(uri.as_bytes()), "{uri}");
        }
    }

    #[test]
    fn dns_bases_cover_whole_labels() {
        for (name, base, within) in [
            ("www.example.com", "example.com", true),
            ("example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("www.example.com", ".example.com", true),
            ("example.com", ".example.com", false),
            ("WWW.EXAMPLE.COM", "example.com", true),
            ("anything", "", true),
            ("*.example.com", "www.example.com", false),
            ("example.com", "example.com.", false),
        ] {
            assert_eq!(dns_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn mail_bases_are_mailboxes_hosts_or_domains() {
        for (name, base, within) in [
            ("a@example.com", "example.com", Ok(true)),
            ("a@EXAMPLE.com", "example.com", Ok(true)),
            ("a@www.example.com", "example.com", Ok(false)),
            ("a@www.example.com", ".example.com", Ok(true)),
            ("a@example.com", ".example.com", Ok(false)),
            ("a@example.com", "a@example.com", Ok(true)),
            ("A@example.com", "a@example.com", Ok(false)),
            ("a@example.com", "@example.com", Ok(true)),
            ("example.com", "example.com", Err(Check::UnsupportedNameSyntax)),
        ] {
            assert_eq!(email_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn uri_bases_are_hosts_or_domains() {
        for (name, base, within) in [
            ("https://example.com/x", "example.com", Ok(true)),
            ("https://example.com:443/x", "example.com", Ok(true)),
            ("https://www.example.com", "example.com", Ok(false)),
            ("https://www.example.com", ".example.com", Ok(true)),
            ("https:example.com", "example.com", Err(Check::UnsupportedNameSyntax)),
            ("https:///x", "example.com", Err(Check::UnsupportedNameSyntax)),
        ] {
            assert_eq!(uri_within(name.as_bytes(), base.as_bytes()), within, "{name} in {base}");
        }
    }

    #[test]
    fn common_names_count_only_when_they_look_like_hosts() {
        for (name, host) in [
            ("www.example.com", true),
            ("foo_bar.example.com", true),
            ("localhost", false),
            ("John Doe", false),
            ("a.-b.c", false),
            ("a-.b", false),
            ("a..b", false),
            ("*.example.com", false),
        ] {
            assert_eq!(looks_like_host(name.as_bytes()), host, "{name}");
        }
    }

    #[test]
    fn addresses_are_compared_under_the_mask() {
        assert_eq!(ip_within(&[192, 0, 2, 1], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(true));
        assert_eq!(ip_within(&[192, 0, 3, 1], &[192, 0, 2, 0, 255, 255, 255, 0]), Ok(false));
        assert_eq!(ip_within(&[192, 0, 2, 1], &[0; 32]), Ok(false));
        assert_eq!(ip_within(&[1, 2, 3], &[0; 8]), Err(Check::UnsupportedNameSyntax));
    }
}
