//! A path in translation, for webpki to prove where it has refused the original for the reason that
//! belongs to an exception. Out of the twin is taken what the exception is about, and nothing else, so that
//! webpki sees all that is left: an exception never widens more than itself.
//!
//! | Exception | The twin |
//! |:--|:--|
//! | `pinned_leaf` | issued by an anchor of its own; cA and version 1 say nothing of a trust anchor |
//! | `ca_leaf` | the end entity without cA |
//! | `self_issued` | self-issued CAs without names, and not counted for path lengths |
//! | `name_forms` | constraints without the subtrees of directory, e-mail and URI names |
//! | `canonical_dn` | every certificate under a name of its own |

use crate::certificate::{Certificate, Fate, Fields, GeneralName};
use crate::der::{self, Element, Reader, tag};
use crate::oid;
use crate::policy::Exception;

use super::profile::{is_dns_pattern, malformed_base};

/// The tags of rfc822Name, directoryName and uniformResourceIdentifier: the forms of `name_forms`.
const FORMS_BEYOND_WEBPKI: [u8; 3] = [tag::context(1), tag::constructed(4), tag::context(6)];

/// The version of a certificate that may have extensions (RFC 5280 4.1.2.1).
const VERSION_3: [u8; 5] = [0xa0, 3, 2, 1, 2];

/// A path as it is shown to webpki.
pub(super) struct Twin {
    /// End entity first, without the anchor.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The contents of the anchor's name.
    pub(super) anchor_name: Vec<u8>,
    /// The contents of the anchor's nameConstraints.
    pub(super) anchor_constraints: Option<Vec<u8>>,
}

/// The twin of a path, end entity first and anchor last, for these exceptions. `None` if what would be
/// taken out is nothing that the native model can have judged.
pub(super) fn twin(path: &[&Certificate<'_>], exceptions: &[Exception]) -> Option<Twin> {
    let has = |exception| exceptions.contains(&exception);
    let (anchor, below) = path.split_last()?;
    // A self-issued CA bears its issuer's name, so webpki would try the one's key for the other's.
    let renamed = has(Exception::CanonicalDn) || has(Exception::SelfIssued);
    let mut certificates = Vec::with_capacity(below.len());
    for (depth, certificate) in below.iter().enumerate() {
        let (issuer, subject) = (name(depth + 1), name(depth));
        let names = renamed.then_some((issuer.as_slice(), subject.as_slice()));
        let exempt = depth > 0 && has(Exception::SelfIssued) && certificate.is_self_issued();
        // RFC 5280 6.1.4(l): self-issued CAs do not count against the limits above them.
        let uncounted = match below.get(1..depth) {
            Some(cas) if has(Exception::SelfIssued) => cas.iter().filter(|ca| ca.is_self_issued()).count(),
            _ => 0,
        };
        let mut judged = true;
        let der = certificate.translated(Fields { names, ..Fields::default() }, |extension| {
            let contents = Reader::new(extension.value).read(tag::SEQUENCE);
            let translated = match extension.oid {
                oid::BASIC_CONSTRAINTS if depth == 0 && has(Exception::CaLeaf) => contents.map(without_ca),
                oid::BASIC_CONSTRAINTS if uncounted > 0 => {
                    contents.and_then(|contents| with_longer_path(contents, uncounted))
                }
                // RFC 5280 6.1.3(b) and (c): constraints are not for self-issued CAs.
                oid::SUBJECT_ALT_NAME if exempt => contents.and_then(without_names),
                oid::NAME_CONSTRAINTS if has(Exception::NameForms) => contents.and_then(without_forms),
                _ => return Fate::Kept,
            };
            judged &= translated.is_some();
            match translated {
                Some(contents) if contents.is_empty() => Fate::LeftOut,
                Some(contents) => Fate::Replaced(sequence(&contents)),
                None => Fate::Kept,
            }
        });
        certificates.push(der.filter(|_| judged)?);
    }
    let constraints = anchor.extensions.name_constraints.map(|constraints| constraints.contents);
    let anchor_constraints = match constraints {
        Some(contents) if has(Exception::NameForms) => {
            Some(without_forms(contents)?).filter(|left| !left.is_empty())
        }
        constraints => constraints.map(<[u8]>::to_vec),
    };
    let anchor_name = if renamed {
        Reader::new(&name(below.len())).read(tag::SEQUENCE)?.to_vec()
    } else {
        anchor.subject.contents().to_vec()
    };
    Some(Twin { certificates, anchor_name, anchor_constraints })
}

/// The twin of a certificate that is its own trust anchor: as if an anchor with a key of this algorithm had
/// issued it. RFC 5280 6.1 asks nothing of an anchor's basicConstraints, since it is not part of the path.
pub(super) fn pinned_twin(leaf: &Certificate<'_>, algorithm: &[u8]) -> Option<Twin> {
    let (issuer, subject) = (name(1), name(0));
    let algorithm = sequence(algorithm);
    let fields = Fields {
        names: Some((&issuer, &subject)),
        algorithm: Some(&algorithm),
        version: is_version_1(leaf).then_some(&VERSION_3),
    };
    let der = leaf.translated(fields, |extension| {
        let contents = Reader::new(extension.value).read(tag::SEQUENCE);
        match (extension.oid, contents.map(without_ca)) {
            (oid::BASIC_CONSTRAINTS, Some(contents)) => Fate::Replaced(sequence(&contents)),
            _ => Fate::Kept,
        }
    });
    let anchor_name = Reader::new(&issuer).read(tag::SEQUENCE)?.to_vec();
    Some(Twin { certificates: vec![der?], anchor_name, anchor_constraints: None })
}

/// Whether a certificate is of version 1, without what came later, its frame as DER has it.
pub(super) fn is_version_1(certificate: &Certificate<'_>) -> bool {
    let mut outer = Reader::new(certificate.der());
    let is_der = |element: Option<Element<'_>>| element.is_some_and(|element| element.is_shortest());
    certificate.version == 0
        && certificate.extensions.count == 0
        && is_der(outer.any())
        && is_der(Reader::new(certificate.tbs).any())
}

/// The contents of a SubjectPublicKeyInfo of this algorithm with no key in it.
pub(super) fn empty_key(algorithm: &[u8]) -> Vec<u8> {
    let mut out = sequence(algorithm);
    der::push_element(&mut out, tag::BIT_STRING, &[0]);
    out
}

fn sequence(contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 4);
    der::push_element(&mut out, tag::SEQUENCE, contents);
    out
}

/// A name of its own for each depth: CN=0, CN=1 and so on.
fn name(depth: usize) -> Vec<u8> {
    let mut attribute = Vec::new();
    der::push_element(&mut attribute, tag::OID, oid::COMMON_NAME);
    der::push_element(&mut attribute, tag::UTF8_STRING, depth.to_string().as_bytes());
    let mut set = Vec::new();
    der::push_element(&mut set, tag::SET, &sequence(&attribute));
    sequence(&set)
}

/// The contents of basicConstraints without cA; whatever else is there stays.
fn without_ca(contents: &[u8]) -> Vec<u8> {
    let mut reader = Reader::new(contents);
    let _ = reader.optional(tag::BOOLEAN);
    reader.rest().to_vec()
}

/// The contents of the basicConstraints of a CA below which `by` more may stand. `None` if the limit is
/// beyond the 255 that webpki reads.
fn with_longer_path(contents: &[u8], by: usize) -> Option<Vec<u8>> {
    let mut reader = Reader::new(contents);
    let _ = reader.optional(tag::BOOLEAN)?;
    let mut out = contents.get(..contents.len() - reader.rest().len())?.to_vec();
    if reader.peek() == Some(tag::INTEGER) {
        let limit = reader.any().filter(Element::is_shortest)?;
        let number = der::small_integer(limit.contents)?;
        // No path is that long that it made a difference.
        let raised = u8::try_from(number).ok()?.saturating_add(u8::try_from(by).ok()?).min(0x7f);
        der::push_element(&mut out, tag::INTEGER, &[raised]);
    }
    out.extend_from_slice(reader.rest());
    Some(out)
}

/// No names at all, in the place of names that webpki could have read.
fn without_names(contents: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader::new(contents);
    while !reader.is_empty() {
        let readable = reader.any().filter(Element::is_shortest)?;
        let name = GeneralName::parse(&mut Reader::new(readable.whole))?;
        let sound = match name {
            // webpki lets underscores pass in host names.
            GeneralName::Dns(text) => {
                let text: Vec<u8> = text.iter().map(|&one| if one == b'_' { b'a' } else { one }).collect();
                is_dns_pattern(&text)
            }
            GeneralName::Ip(octets) => matches!(octets.len(), 4 | 16),
            _ => true,
        };
        sound.then_some(())?;
    }
    Some(Vec::new())
}

/// Name constraints without the subtrees of the forms that webpki does not judge; empty if nothing is left.
/// `None` if one of these is not written as RFC 5280 4.2.1.10 wants it, which nobody could have judged.
fn without_forms(constraints: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(constraints.len());
    let mut reader = Reader::new(constraints);
    while !reader.is_empty() {
        let list = reader.any().filter(Element::is_shortest)?;
        let mut kept = Vec::with_capacity(list.contents.len());
        let mut subtrees = Reader::new(list.contents);
        while !subtrees.is_empty() {
            let subtree = subtrees.element(tag::SEQUENCE)?;
            let mut fields = Reader::new(subtree.contents);
            let base = fields.any()?;
            if !FORMS_BEYOND_WEBPKI.contains(&base.tag) {
                kept.extend_from_slice(subtree.whole);
                continue;
            }
            // Neither minimum nor maximum: DER leaves out the former, RFC 5280 the latter.
            fields.end()?;
            let parsed = GeneralName::parse(&mut Reader::new(base.whole))?;
            let sound = subtree.is_shortest() && base.is_shortest() && malformed_base(&parsed).is_none();
            sound.then_some(())?;
        }
        // A list that has been empty before stays, for webpki to see.
        if !kept.is_empty() || list.contents.is_empty() {
            der::push_element(&mut out, list.tag, &kept);
        }
    }
    Some(out)
}
