//! Name constraints as RFC 5280 4.2.1.10 and the RFCs below it have them, for the searching policies.
//!
//! A name that cannot be read, or could be read in two ways, is refused wherever there are constraints on its
//! form; a base that cannot be read refuses every name of its form. Nothing is compared by halves.

use std::cell::OnceCell;

use crate::certificate::{Certificate, GeneralName, Subtree, ip_text, printable};
use crate::der::tag;
use crate::name::{self, StandIn};
use crate::verdict::Check;

use super::super::name_syntax::malformed_base;
use super::mailbox::{self, Mailbox};
use super::{Candidate, Subtrees, Violation, candidates, host, openssl, uri};

pub(super) fn check(
    certificate: &Certificate<'_>,
    subtrees: Subtrees<'_>,
    common_name: bool,
) -> Result<(), Violation> {
    let permitted = subtrees.permitted.into_iter().map(|subtree| Constraint::new(subtree, false));
    let excluded = subtrees.excluded.into_iter().map(|subtree| Constraint::new(subtree, true));
    let constraints: Vec<Constraint<'_>> = permitted.chain(excluded).collect();
    candidates(certificate, &mut |candidate| check_one(candidate, &constraints))?;
    if common_name {
        for text in name::stand_ins(certificate).filter_map(|StandIn { text, .. }| text) {
            // Whatever a reference identity would be matched with is constrained as the name it would be
            // matched as, whether it looks like one or not.
            if name::may_be_matched_as_host(&text) {
                check_one(&Candidate::CommonName(text.as_bytes()), &constraints)?;
            }
        }
    }
    Ok(())
}

struct Constraint<'a> {
    subtree: Subtree<'a>,
    excluded: bool,
    /// Read when it is first needed; `None` if it cannot be.
    base: OnceCell<Option<Base<'a>>>,
}

enum Base<'a> {
    /// In the form of [`crate::distinguished_name::DistinguishedName::prepared`].
    Directory(Vec<u8>),
    Mailboxes(mailbox::Base<'a>),
    /// For dNSName or URI.
    Host(&'a [u8]),
    Network(&'a [u8]),
}

/// A name, read.
enum Presented<'a> {
    Directory(Vec<u8>),
    Mailbox(Mailbox<'a>),
    /// For dNSName: with a wildcard, maybe; whether it had a final dot.
    Pattern(&'a [u8], bool),
    /// Of a URI; the same.
    Host(&'a [u8], bool),
    Address(&'a [u8]),
}

fn check_one(candidate: &Candidate<'_>, constraints: &[Constraint<'_>]) -> Result<(), Violation> {
    let fail = |check| Err(Violation::of(check, Some(candidate.text())));
    let mut presented = None;
    let mut permitted = None;
    for constraint in constraints.iter().filter(|one| is_of_form(candidate, &one.subtree.base)) {
        if !constraint.subtree.bounds_valid {
            return fail(Check::SubtreeBounds);
        }
        if is_beyond_judgement(&constraint.subtree.base) {
            return fail(Check::UnsupportedConstraintType);
        }
        let Some(presented) = presented.get_or_insert_with(|| Presented::read(candidate)) else {
            return fail(Check::UnsupportedNameSyntax);
        };
        let Some(base) = constraint.base() else {
            let base = Some(text_of(&constraint.subtree.base));
            return Err(Violation {
                base,
                ..Violation::of(Check::NameConstraintSyntax, Some(candidate.text()))
            });
        };
        let within = base.covers(presented, constraint.excluded);
        if constraint.excluded && within {
            return fail(Check::ExcludedSubtreeViolation);
        } else if !constraint.excluded {
            permitted = Some((within && !presented.is_dotted()) || permitted == Some(true));
        }
    }
    if permitted == Some(false) { fail(Check::PermittedSubtreeViolation) } else { Ok(()) }
}

/// Whether a base is of the form of a name. Other names count as one form whatever their type, as in
/// webpki, which refuses them all: a mailbox is one too, and none of them can be compared.
fn is_of_form(candidate: &Candidate<'_>, base: &GeneralName<'_>) -> bool {
    match (candidate, base) {
        (Candidate::Mailbox(_) | Candidate::Other(_), GeneralName::Other { .. }) => true,
        _ => candidate.is_of_form(base),
    }
}

/// Forms that nobody compares.
fn is_beyond_judgement(base: &GeneralName<'_>) -> bool {
    matches!(
        base,
        GeneralName::Other { .. } | GeneralName::X400 | GeneralName::EdiParty | GeneralName::RegisteredId(_)
    )
}

impl<'a> Presented<'a> {
    fn read(candidate: &Candidate<'a>) -> Option<Self> {
        match candidate {
            Candidate::Directory(name) => name.prepared().map(Self::Directory),
            Candidate::Email(text) => Mailbox::read(text).map(Self::Mailbox),
            Candidate::Mailbox(value) if value.tag == tag::UTF8_STRING => {
                Mailbox::read_utf8(value.contents).map(Self::Mailbox)
            }
            Candidate::Dns(text) => host::is_pattern(text).then_some(Self::Pattern(text, false)),
            Candidate::CommonName(text) => {
                let (text, dotted) = host::split_final_dot(text);
                host::is_pattern(text).then_some(Self::Pattern(text, dotted))
            }
            Candidate::Uri(text) | Candidate::ParsedUri(text, _) => {
                uri::host(text).map(|(host, dotted)| Self::Host(host, dotted))
            }
            Candidate::Ip(octets) => matches!(octets.len(), 4 | 16).then_some(Self::Address(octets)),
            Candidate::Mailbox(_)
            | Candidate::Other(_)
            | Candidate::RegisteredId(_)
            | Candidate::Unstructured => None,
        }
    }

    fn is_dotted(&self) -> bool {
        match self {
            Self::Mailbox(mailbox) => mailbox.dotted,
            Self::Pattern(_, dotted) | Self::Host(_, dotted) => *dotted,
            Self::Directory(_) | Self::Address(_) => false,
        }
    }
}

impl<'a> Constraint<'a> {
    fn new(subtree: Subtree<'a>, excluded: bool) -> Self {
        Self { subtree, excluded, base: OnceCell::new() }
    }

    fn base(&self) -> Option<&Base<'a>> {
        self.base.get_or_init(|| Base::read(&self.subtree.base)).as_ref()
    }
}

impl<'a> Base<'a> {
    fn read(base: &GeneralName<'a>) -> Option<Self> {
        match base {
            GeneralName::Directory(name) => name.prepared().map(Self::Directory),
            // By the syntax by which the proof goes, too (src/path/translation.rs).
            GeneralName::Email(_) | GeneralName::Uri(_) if malformed_base(base).is_some() => None,
            GeneralName::Email(text) => mailbox::Base::read(text).map(Self::Mailboxes),
            // "": every name, by adding labels (RFC 5280 4.2.1.10).
            GeneralName::Dns(text) => (text.is_empty() || host::is_base(text)).then_some(Self::Host(text)),
            GeneralName::Uri(text) => Some(Self::Host(text)),
            GeneralName::Ip(octets) => is_network(octets).then_some(Self::Network(octets)),
            GeneralName::Other { .. }
            | GeneralName::X400
            | GeneralName::EdiParty
            | GeneralName::RegisteredId(_) => None,
        }
    }

    fn covers(&self, presented: &Presented<'_>, excluded: bool) -> bool {
        match (self, presented) {
            // RDN by RDN from the top (RFC 5280 7.1): each is an element of its own, so the octets tell.
            (Self::Directory(base), Presented::Directory(name)) => name.starts_with(base),
            (Self::Mailboxes(base), Presented::Mailbox(mailbox)) => base.covers(mailbox),
            (Self::Host(base), Presented::Pattern(name, _)) => {
                openssl::dns_within(name, base) || (excluded && host::wildcard_reaches(name, base))
            }
            (Self::Host(base), Presented::Host(name, _)) => host::covers(base, name),
            (Self::Network(base), Presented::Address(address)) => {
                openssl::ip_within(address, base) == Ok(true)
            }
            // Never: the forms have been compared.
            _ => excluded,
        }
    }
}

/// RFC 5280 4.2.1.10: address and mask in the style of CIDR (RFC 4632): ones, then zeros.
fn is_network(base: &[u8]) -> bool {
    let (_, mask) = base.split_at(base.len() / 2);
    let bits = || mask.iter().flat_map(|octet| (0..8).rev().map(move |bit| octet >> bit & 1));
    matches!(base.len(), 8 | 32) && bits().zip(bits().skip(1)).all(|(bit, next)| next <= bit)
}

fn text_of(base: &GeneralName<'_>) -> String {
    match base {
        GeneralName::Directory(name) => format!("directory:{}", name.text()),
        GeneralName::Email(text) => format!("email:{}", printable(text)),
        GeneralName::Dns(text) => format!("dns:{}", printable(text)),
        GeneralName::Uri(text) => format!("uri:{}", printable(text)),
        GeneralName::Ip(octets) => format!("ip:{}", ip_text(octets)),
        GeneralName::Other { .. }
        | GeneralName::X400
        | GeneralName::EdiParty
        | GeneralName::RegisteredId(_) => "other".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_ones_then_zeros() {
        for mask in [[0; 4], [255; 4], [255, 255, 255, 0], [255, 240, 0, 0], [128, 0, 0, 0]] {
            assert!(is_network(&[[10, 0, 0, 0], mask].concat()), "{mask:?}");
        }
        for mask in [[0, 0, 0, 1], [255, 0, 255, 0], [255, 253, 0, 0], [127, 255, 255, 255], [255, 0, 0, 1]] {
            assert!(!is_network(&[[10, 0, 0, 0], mask].concat()), "{mask:?}");
        }
        assert!(
            !is_network(&[]) && !is_network(&[192, 0, 2, 1]) && !is_network(&[0; 16]) && is_network(&[0; 32])
        );
    }
}
