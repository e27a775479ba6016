//! Name constraints (RFC 5280 4.2.1.10) as OpenSSL's NAME_CONSTRAINTS_check judges them; under the
//! searching policies by the letter of the RFCs as well, or instead.

mod host;
mod mailbox;
mod openssl;
mod strict;
mod uri;

use crate::certificate::{Certificate, GeneralName, NameConstraints, Subtree, ip_text, printable};
use crate::der::{Element, tag};
use crate::distinguished_name::DistinguishedName;
use crate::name::{self, StandIn};
use crate::oid;
use crate::release::{Release, Rule};
use crate::verdict::Check;

pub(super) use host::is_pattern;
pub(super) use openssl::dns_within;

/// OpenSSL's NAME_CHECK_MAX: names times constraints, per certificate and set of constraints.
const MAX_COMPARISONS: usize = 1 << 20;

/// How many comparisons a whole path may ask for. OpenSSL has no such limit: a long chain full of names
/// and constraints keeps it busy for minutes. Twice what one certificate may cost is some 0.1 s.
pub(crate) const MAX_PATH_COMPARISONS: usize = 2 * MAX_COMPARISONS;

/// A name that breaks the constraints, for the record.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) check: Check,
    /// The offending name; `None` if there are too many to compare.
    pub(crate) name: Option<String>,
    /// The base that cannot be read, if that is what is wrong.
    pub(crate) base: Option<String>,
}

impl Violation {
    fn of(check: Check, name: Option<String>) -> Self {
        Self { check, name, base: None }
    }
}

/// By whose comparisons names are judged.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum By {
    /// OpenSSL's alone, for `Policy.ssl`, as of a release.
    OpenSsl(Release),
    /// Those of RFC 5280 and the RFCs that it builds on, and where OpenSSL compares the same form soundly,
    /// its own too: a name has to pass both.
    Rfc5280,
}

/// A name as constraints see it.
enum Candidate<'a> {
    Directory(&'a DistinguishedName<'a>),
    Email(&'a [u8]),
    /// A SmtpUTF8Mailbox (RFC 8398), which stands under the constraints on e-mail.
    Mailbox(Element<'a>),
    Dns(&'a [u8]),
    /// A commonName that would be matched with a host.
    CommonName(&'a [u8]),
    Uri(&'a [u8]),
    /// The same with its host, from [`Rule::UrisParsed`] on.
    ParsedUri(&'a [u8], Result<&'a [u8], Check>),
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
    by: By,
    common_name: bool,
    budget: &mut usize,
) -> Result<(), Violation> {
    let names = certificate.extensions.subject_alt_name;
    let count = certificate.subject.attribute_count() + names.map_or(0, |names| names.len());
    let comparisons = count.saturating_mul(constraints.subtree_count);
    if comparisons > MAX_COMPARISONS || comparisons > *budget {
        return Err(Violation::of(Check::NameConstraintBudget, None));
    }
    *budget -= comparisons;
    let subtrees =
        Subtrees { permitted: constraints.permitted().collect(), excluded: constraints.excluded().collect() };
    candidates(certificate, &mut |candidate| match candidate {
        // Where OpenSSL's comparison has holes, the strict one takes its place.
        Candidate::Email(_) | Candidate::Mailbox(_) | Candidate::Uri(_) if by == By::Rfc5280 => Ok(()),
        Candidate::Uri(text) => match by {
            By::OpenSsl(release) if release.follows(Rule::UrisParsed) => {
                check_one(&Candidate::ParsedUri(text, openssl::uri_host(text, release)), &subtrees)
            }
            _ => check_one(candidate, &subtrees),
        },
        candidate => check_one(candidate, &subtrees),
    })?;
    if common_name {
        check_common_names(certificate, &subtrees)?;
    }
    match by {
        By::OpenSsl(_) => Ok(()),
        By::Rfc5280 => strict::check(certificate, subtrees, common_name),
    }
}

/// A set of constraints, read once for all names.
struct Subtrees<'a> {
    permitted: Vec<Subtree<'a>>,
    excluded: Vec<Subtree<'a>>,
}

/// Hands every name of a certificate to `judge`: the subject, mail addresses in it, subjectAltName.
fn candidates(
    certificate: &Certificate<'_>,
    judge: &mut dyn FnMut(&Candidate<'_>) -> Result<(), Violation>,
) -> Result<(), Violation> {
    if !certificate.subject.is_empty() {
        judge(&Candidate::Directory(&certificate.subject))?;
        for attribute in certificate.subject.attributes().filter(|one| one.oid == oid::EMAIL_ADDRESS) {
            if attribute.tag != tag::IA5_STRING {
                let name = Some(format!("emailAddress {}", printable(attribute.value)));
                return Err(Violation::of(Check::UnsupportedNameSyntax, name));
            }
            judge(&Candidate::Email(attribute.value))?;
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
        judge(&candidate)?;
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
fn check_common_names(certificate: &Certificate<'_>, subtrees: &Subtrees<'_>) -> Result<(), Violation> {
    for StandIn { text, .. } in name::stand_ins(certificate) {
        let Some(text) = text else {
            // ASN1_STRING_to_UTF8 fails, which OpenSSL takes for a lack of memory.
            return Err(Violation::of(Check::Unspecified, None));
        };
        let text = text.trim_end_matches('\0').as_bytes();
        if text.contains(&0) {
            return Err(Violation::of(Check::UnsupportedNameSyntax, Some(printable(text))));
        }
        if looks_like_host(text) {
            check_one(&Candidate::Dns(text), subtrees)?;
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

fn check_one(candidate: &Candidate<'_>, subtrees: &Subtrees<'_>) -> Result<(), Violation> {
    let fail = |check| Err(Violation::of(check, Some(candidate.text())));
    let mut matched = None;
    for subtree in &subtrees.permitted {
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
    for subtree in &subtrees.excluded {
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
            | (Self::Dns(_) | Self::CommonName(_), GeneralName::Dns(_))
            | (Self::Uri(_) | Self::ParsedUri(..), GeneralName::Uri(_))
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
            (Self::Dns(name), GeneralName::Dns(base)) => Ok(openssl::dns_within(name, base)),
            (Self::Email(name), GeneralName::Email(base)) => openssl::email_within(name, base),
            (Self::Uri(name), GeneralName::Uri(base)) => openssl::uri_within(name, base),
            (Self::ParsedUri(_, host), GeneralName::Uri(base)) => Ok(openssl::host_within((*host)?, base)),
            (Self::Ip(name), GeneralName::Ip(base)) => openssl::ip_within(name, base),
            (Self::Mailbox(name), GeneralName::Email(base)) => openssl::mailbox_within(name, base),
            _ => Err(Check::UnsupportedConstraintType),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Directory(name) => format!("directory:{}", name.text()),
            Self::Email(text) => format!("email:{}", printable(text)),
            Self::Dns(text) | Self::CommonName(text) => format!("dns:{}", printable(text)),
            Self::Uri(text) | Self::ParsedUri(text, _) => format!("uri:{}", printable(text)),
            Self::Ip(octets) => format!("ip:{}", ip_text(octets)),
            Self::RegisteredId(oid) => format!("rid:{}", oid::dotted(oid)),
            Self::Other(oid) => format!("other:{}", oid::dotted(oid)),
            Self::Mailbox(value) => format!("mailbox:{}", printable(value.contents)),
            Self::Unstructured => "other".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
