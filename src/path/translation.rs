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
//! | `version` | version 3 |
//! | `unique_ids` | none |
//! | `critical_extensions` | not critical |
//! | `path_length` | a limit that is longer than any path, too |
//! | `subtree_minimum` | not written down |
//! | `dates` | from 1970 on; where none count, always |
//! | `repeated_ca` | every certificate under a name of its own |
//! | `deep_path` | segments, see [`Segment`] |
//! | `dns_syntax` | without the dNSNames that are not DNS names |
//!
//! Longer than 500 lines: the closed list of what may be taken out of a twin stands in one place.

mod constraints;
mod criticality;

use crate::certificate::{Certificate, Fate, Fields, GeneralName};
use crate::der::{self, Element, Reader, tag};
use crate::oid;
use crate::policy::{Exception, Policy};
use crate::time::{self, UnixSeconds};

use super::name_constraints::is_pattern;
use super::name_syntax::is_dns_pattern;

pub(super) use constraints::{has_minimum, translated as constraints_translated};
pub(super) use criticality::{is_known_to_webpki, is_processed};

/// The version of a certificate that may have extensions (RFC 5280 4.1.2.1).
pub(super) const VERSION_3: [u8; 5] = [0xa0, 3, 2, 1, 2];

/// The exceptions that are about how a certificate is written. Without what they are about webpki has to be
/// able to read each certificate as it is.
const OF_FORM: [Exception; 3] = [Exception::Version, Exception::UniqueIds, Exception::CriticalExtensions];

/// A path as it is shown to webpki.
pub(super) struct Twin {
    /// End entity first, without the anchor.
    pub(super) certificates: Vec<Vec<u8>>,
    /// The contents of the anchor's name.
    pub(super) anchor_name: Vec<u8>,
    /// The contents of the nameConstraints of the anchor, then those of the CAs above it.
    pub(super) constraints: Vec<Option<Vec<u8>>>,
}

/// A part of a path as webpki is shown it under some exceptions: for the fuzz target `translation`, which compares it with the
/// original.
#[doc(hidden)]
#[derive(Debug)]
pub struct Translation {
    /// The place on the path of its first certificate.
    pub start: usize,
    /// That of its trust anchor.
    pub anchor: usize,
    /// From there to below the anchor.
    pub certificates: Vec<Vec<u8>>,
    /// The contents of the anchor's name.
    pub anchor_name: Vec<u8>,
    /// The contents of the nameConstraints of the anchor, then those of the CAs above it.
    pub constraints: Vec<Option<Vec<u8>>>,
}

/// All parts of a path in translation, end entity first and trust anchor last. `None` if something would be taken out that
/// nobody can have judged.
#[doc(hidden)]
pub fn translations(
    path: &[&Certificate<'_>],
    exceptions: &[Exception],
    policy: &Policy,
    timeless: bool,
) -> Option<Vec<Translation>> {
    let terms = Terms { exceptions, policy, timeless };
    let deep = exceptions.contains(&Exception::DeepPath);
    let segments = Segment::of(path.len(), if deep { Policy::MAX_PROVEN_DEPTH } else { path.len() });
    let parts = segments.into_iter().map(|segment| {
        let Twin { certificates, anchor_name, constraints } = twin(path, segment, &terms).ok()?;
        let Segment { start, anchor } = segment;
        Some(Translation { start, anchor, certificates, anchor_name, constraints })
    });
    parts.collect()
}

/// What a translation goes by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'t> {
    pub(super) exceptions: &'t [Exception],
    pub(super) policy: &'t Policy,
    /// Whether dates are not for webpki: they do not count, or it is not yet 1970.
    pub(super) timeless: bool,
}

impl Terms<'_> {
    fn has(&self, exception: Exception) -> bool {
        self.exceptions.contains(&exception)
    }

    /// Whether every certificate gets a name of its own. Where a CA bears its issuer's name, webpki would try
    /// the one's key for the other's.
    pub(super) fn renames(&self) -> bool {
        [Exception::CanonicalDn, Exception::SelfIssued, Exception::RepeatedCa]
            .iter()
            .any(|&exception| self.has(exception))
    }
}

/// Why there is no twin.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Untranslatable {
    /// What would be taken out is nothing that the native model can have judged.
    Unjudged,
    /// A path length is exceeded by the CAs below the segment.
    PathLength,
}

/// A part of a path that webpki is shown at once: the certificates from `start` on, and the one at `anchor` as
/// trust anchor. Segments overlap, so that every CA is seen as one that issues, with the whole of its
/// constraints: its path length is lowered by the CAs below the segment, and the name constraints of the
/// CAs above are asked about one by one. Only the lowest certificate of a segment, which is an end entity there,
/// is without the cA that has been seen in the segment before.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) anchor: usize,
}

impl Segment {
    /// The segments of a path of so many certificates, with at most so many between end entity and anchor.
    pub(super) fn of(length: usize, intermediates: usize) -> Vec<Self> {
        let last = length.saturating_sub(1);
        let mut segments = Vec::new();
        let mut start = 0;
        loop {
            let anchor = last.min(start + intermediates + 1);
            segments.push(Self { start, anchor });
            if anchor >= last {
                return segments;
            }
            start = anchor - 1;
        }
    }
}

/// The twin of a segment of a path, end entity first and anchor last.
pub(super) fn twin(
    path: &[&Certificate<'_>],
    segment: Segment,
    terms: &Terms<'_>,
) -> Result<Twin, Untranslatable> {
    let mut certificates = Vec::with_capacity(segment.anchor - segment.start);
    for depth in segment.start..segment.anchor {
        certificates.push(certificate(path, depth, segment, terms)?);
    }
    let anchor = path.get(segment.anchor).ok_or(Untranslatable::Unjudged)?;
    let mut constraints = Vec::new();
    for above in path.iter().skip(segment.anchor) {
        let own = above.extensions.name_constraints.map(|constraints| constraints.contents);
        let translated = match own {
            Some(own) => {
                let left = constraints::translated(own, terms).ok_or(Untranslatable::Unjudged)?;
                // An empty list would be something else than none (RFC 5280 4.2.1.10).
                Some(left).filter(|left| !left.is_empty() || own.is_empty())
            }
            None => None,
        };
        if constraints.is_empty() || translated.is_some() {
            constraints.push(translated);
        }
    }
    let anchor_name = if terms.renames() {
        let own = name(segment.anchor);
        Reader::new(&own).read(tag::SEQUENCE).ok_or(Untranslatable::Unjudged)?.to_vec()
    } else {
        anchor.subject.contents().to_vec()
    };
    Ok(Twin { certificates, anchor_name, constraints })
}

/// One certificate of a path in translation.
fn certificate(
    path: &[&Certificate<'_>],
    depth: usize,
    segment: Segment,
    terms: &Terms<'_>,
) -> Result<Vec<u8>, Untranslatable> {
    let certificate = path.get(depth).ok_or(Untranslatable::Unjudged)?;
    let (issuer, subject) = (name(depth + 1), name(depth));
    let names = terms.renames().then_some((issuer.as_slice(), subject.as_slice()));
    let validity = validity(certificate, terms)?;
    let mut fields = fields(names, validity.as_deref(), terms);
    if terms.has(Exception::Version) && has_other_version(certificate, depth, terms.policy) {
        fields.version = Some(&VERSION_3);
    }
    let exempt = depth > 0 && terms.has(Exception::SelfIssued) && certificate.is_self_issued();
    // RFC 5280 6.1.4(l): self-issued CAs do not count against the limits above them.
    let uncounted = match path.get(1..depth) {
        Some(cas) if terms.has(Exception::SelfIssued) => cas.iter().filter(|ca| ca.is_self_issued()).count(),
        _ => 0,
    };
    let end_entity = depth == segment.start;
    let limits = Limits {
        without_ca: end_entity && (depth > 0 || terms.has(Exception::CaLeaf)),
        longer: if end_entity { 0 } else { uncounted },
        shorter: if end_entity { 0 } else { segment.start },
        clamped: terms.has(Exception::PathLength),
    };
    let mut judged = Ok(());
    let der = certificate.translated(fields, |extension| {
        let contents = Reader::new(extension.value).read(tag::SEQUENCE);
        let unjudged = Untranslatable::Unjudged;
        let translated = match extension.oid {
            oid::BASIC_CONSTRAINTS if limits.change_anything() => {
                contents.ok_or(unjudged).and_then(|contents| limits.applied(contents))
            }
            // RFC 5280 6.1.3(b) and (c): constraints are not for self-issued CAs.
            oid::SUBJECT_ALT_NAME if exempt => contents.and_then(without_names).ok_or(unjudged),
            oid::SUBJECT_ALT_NAME if terms.has(Exception::DnsSyntax) => {
                contents.and_then(without_odd_hosts).ok_or(unjudged)
            }
            oid::NAME_CONSTRAINTS if constraints::is_concerned(terms) => {
                contents.and_then(|contents| constraints::translated(contents, terms)).ok_or(unjudged)
            }
            _ if terms.has(Exception::CriticalExtensions)
                && is_processed(certificate, extension, depth, terms.policy) =>
            {
                return Fate::NotCritical;
            }
            _ => return Fate::Kept,
        };
        match translated {
            Ok(contents) if contents.is_empty() => Fate::LeftOut,
            Ok(contents) => Fate::Replaced(sequence(&contents)),
            Err(why) => {
                judged = Err(why);
                Fate::Kept
            }
        }
    });
    judged?;
    der.ok_or(Untranslatable::Unjudged)
}

/// A certificate without what the exceptions among `terms` are about that concern how it is written.
pub(super) fn readable(
    path: &[&Certificate<'_>],
    depth: usize,
    terms: &Terms<'_>,
) -> Result<Vec<u8>, Untranslatable> {
    let of_form: Vec<_> = terms.exceptions.iter().copied().filter(|one| OF_FORM.contains(one)).collect();
    let segment = Segment { start: 0, anchor: path.len() };
    certificate(path, depth, segment, &Terms { exceptions: &of_form, ..*terms })
}

/// The twin of a certificate that is its own trust anchor: as if an anchor with a key of this algorithm had
/// issued it. RFC 5280 6.1 asks nothing of an anchor's basicConstraints, since it is not part of the path.
pub(super) fn pinned_twin(leaf: &Certificate<'_>, algorithm: &[u8], terms: &Terms<'_>) -> Option<Twin> {
    let (issuer, subject) = (name(1), name(0));
    let algorithm = sequence(algorithm);
    let validity = validity(leaf, terms).ok()?;
    let mut fields = fields(Some((&issuer, &subject)), validity.as_deref(), terms);
    fields.algorithm = Some(&algorithm);
    let other_version = terms.has(Exception::Version) && has_other_version(leaf, 0, terms.policy);
    if is_version_1(leaf) || other_version {
        fields.version = Some(&VERSION_3);
    }
    let limits = Limits { without_ca: true, clamped: terms.has(Exception::PathLength), ..Limits::default() };
    let mut judged = true;
    let der = leaf.translated(fields, |extension| match extension.oid {
        oid::BASIC_CONSTRAINTS => {
            let contents = Reader::new(extension.value).read(tag::SEQUENCE);
            if let Some(contents) = contents.and_then(|contents| limits.applied(contents).ok()) {
                Fate::Replaced(sequence(&contents))
            } else {
                judged = false;
                Fate::Kept
            }
        }
        _ if terms.has(Exception::CriticalExtensions) && is_processed(leaf, extension, 0, terms.policy) => {
            Fate::NotCritical
        }
        _ => Fate::Kept,
    });
    let anchor_name = Reader::new(&issuer).read(tag::SEQUENCE)?.to_vec();
    Some(Twin { certificates: vec![der.filter(|_| judged)?], anchor_name, constraints: vec![None] })
}

fn fields<'f>(
    names: Option<(&'f [u8], &'f [u8])>,
    validity: Option<&'f [u8]>,
    terms: &Terms<'_>,
) -> Fields<'f> {
    Fields {
        names,
        algorithm: None,
        version: None,
        validity,
        without_unique_ids: terms.has(Exception::UniqueIds),
    }
}

/// Whether webpki does not read the version of a certificate in its place, and it makes no difference there: to
/// path validation it means nothing in an end entity. RFC 5280 6.1.4(k) has no CA but of version 3, unless somebody answers for it;
/// OpenSSL goes by its basicConstraints.
pub(super) fn has_other_version(certificate: &Certificate<'_>, depth: usize, policy: &Policy) -> bool {
    matches!(certificate.version, 0 | 1 | 3) && (depth == 0 || !policy.searches())
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

/// Whether a pathLenConstraint is beyond the 255 that webpki reads.
pub(super) fn has_long_path_length(certificate: &Certificate<'_>) -> bool {
    let read = || {
        let extension = certificate.extensions.find(oid::BASIC_CONSTRAINTS)?;
        let mut fields = Reader::new(extension.value).nested(tag::SEQUENCE)?;
        fields.optional(tag::BOOLEAN)?;
        let limit = der::integer(fields.read(tag::INTEGER)?)?;
        Some(!der::is_negative(limit) && der::small_integer(limit).is_none_or(|limit| limit > 255))
    };
    read().unwrap_or(false)
}

/// Whether a date is before 1970, or none that webpki could be asked about.
pub(super) fn has_dates_beyond_webpki(certificate: &Certificate<'_>, timeless: bool) -> bool {
    timeless
        || [certificate.not_before, certificate.not_after]
            .iter()
            .any(|time| time.seconds.is_some_and(|seconds| seconds < 0))
}

/// The DER of another Validity, if there is to be one: where dates do not count all times that can be written;
/// else the same but from 1970 on.
fn validity(certificate: &Certificate<'_>, terms: &Terms<'_>) -> Result<Option<Vec<u8>>, Untranslatable> {
    if !terms.has(Exception::Dates) || !has_dates_beyond_webpki(certificate, terms.timeless) {
        return Ok(None);
    }
    if terms.timeless {
        return Ok(Some(any_time()));
    }
    let from_1970 = |time: time::Time<'_>| Ok(time.seconds.ok_or(Untranslatable::Unjudged)?.max(0));
    Ok(Some(between(from_1970(certificate.not_before)?, from_1970(certificate.not_after)?)))
}

/// The DER of a Validity with all times that can be written.
pub(super) fn any_time() -> Vec<u8> {
    between(0, *time::EXPRESSIBLE.end())
}

fn between(from: UnixSeconds, until: UnixSeconds) -> Vec<u8> {
    let mut times = Vec::new();
    for seconds in [from, until] {
        der::push_element(&mut times, tag::GENERALIZED_TIME, generalized(seconds).as_bytes());
    }
    sequence(&times)
}

/// RFC 5280 4.1.2.5.2: `YYYYMMDDHHMMSSZ`.
fn generalized(seconds: UnixSeconds) -> String {
    let (year, month, day, hour, minute, second) = time::civil(seconds);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// The contents of a SubjectPublicKeyInfo of this algorithm with no key in it.
pub(super) fn empty_key(algorithm: &[u8]) -> Vec<u8> {
    let mut out = sequence(algorithm);
    der::push_element(&mut out, tag::BIT_STRING, &[0]);
    out
}

pub(super) fn sequence(contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 4);
    der::push_element(&mut out, tag::SEQUENCE, contents);
    out
}

/// A name of its own for each depth: CN=0, CN=1 and so on.
pub(super) fn name(depth: usize) -> Vec<u8> {
    let mut attribute = Vec::new();
    der::push_element(&mut attribute, tag::OID, oid::COMMON_NAME);
    der::push_element(&mut attribute, tag::UTF8_STRING, depth.to_string().as_bytes());
    let mut set = Vec::new();
    der::push_element(&mut set, tag::SET, &sequence(&attribute));
    sequence(&set)
}

/// What becomes of basicConstraints.
#[derive(Clone, Copy, Default)]
struct Limits {
    /// cA is not shown.
    without_ca: bool,
    /// By how many CAs the path below may be longer than webpki counts it, and shorter.
    longer: usize,
    shorter: usize,
    /// Whether a limit beyond what webpki reads is written as one that it reads.
    clamped: bool,
}

/// A limit that no path reaches (`Policy::MAX_DEPTH`), and that webpki reads.
const BEYOND_ANY_PATH: u8 = 0x7f;

impl Limits {
    fn change_anything(&self) -> bool {
        self.without_ca || self.longer != self.shorter || self.clamped
    }

    /// The contents of the extension.
    fn applied(&self, contents: &[u8]) -> Result<Vec<u8>, Untranslatable> {
        let unjudged = Untranslatable::Unjudged;
        let mut reader = Reader::new(contents);
        let mut out = Vec::with_capacity(contents.len());
        if reader.peek() == Some(tag::BOOLEAN) {
            let ca = reader.any().ok_or(unjudged)?;
            if !self.without_ca {
                out.extend_from_slice(ca.whole);
            } else if !ca.is_shortest() || !matches!(ca.contents, [0x00 | 0xff]) {
                return Err(unjudged);
            }
        }
        if reader.peek() == Some(tag::INTEGER) {
            let limit = reader.any().filter(Element::is_shortest).ok_or(unjudged)?;
            let number =
                der::integer(limit.contents).filter(|number| !der::is_negative(number)).ok_or(unjudged)?;
            let number = der::small_integer(number).unwrap_or(i64::MAX);
            match u8::try_from(number) {
                Ok(number) if self.longer != self.shorter => {
                    let raised = usize::from(number).saturating_add(self.longer);
                    let left = raised.checked_sub(self.shorter).ok_or(Untranslatable::PathLength)?;
                    let left = u8::try_from(left).unwrap_or(BEYOND_ANY_PATH).min(BEYOND_ANY_PATH);
                    der::push_element(&mut out, tag::INTEGER, &[left]);
                }
                Err(_) if self.clamped => der::push_element(&mut out, tag::INTEGER, &[BEYOND_ANY_PATH]),
                _ => out.extend_from_slice(limit.whole),
            }
        }
        out.extend_from_slice(reader.rest());
        Ok(out)
    }
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

/// Whether webpki does not take a dNSName for one, and OpenSSL's comparison with constraints, octet by octet, is all there is to
/// say of it: no wildcard, which stands for other names, and no final dot, which is the same host with another end.
/// The searching policies refuse such names themselves.
fn is_odd_host(text: &[u8]) -> bool {
    let plain = text.iter().all(|octet| matches!(octet, 0x20..=0x7e) && *octet != b'*');
    plain && !text.is_empty() && !text.ends_with(b".") && !is_pattern(text)
}

/// Whether a certificate has such a name, and the policy is one that compares it.
pub(super) fn has_odd_host(certificate: &Certificate<'_>, policy: &Policy) -> bool {
    let mut names = certificate.extensions.alternative_names();
    !policy.searches() && names.any(|name| matches!(name, GeneralName::Dns(text) if is_odd_host(text)))
}

/// The other names.
fn without_odd_hosts(contents: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(contents.len());
    let mut reader = Reader::new(contents);
    while !reader.is_empty() {
        let element = reader.any()?;
        match GeneralName::parse(&mut Reader::new(element.whole))? {
            GeneralName::Dns(text) if is_odd_host(text) => element.is_shortest().then_some(())?,
            _ => out.extend_from_slice(element.whole),
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_overlap_so_that_every_ca_issues_in_one() {
        for length in 2..120 {
            let segments = Segment::of(length, 6);
            assert!(segments.iter().all(|one| one.anchor - one.start <= 7 && one.anchor > one.start));
            for ca in 1..length - 1 {
                assert!(segments.iter().any(|one| one.start < ca && ca < one.anchor), "{ca} of {length}");
            }
            // Each signature is looked at.
            for depth in 0..length - 1 {
                assert!(segments.iter().any(|one| (one.start..one.anchor).contains(&depth)));
            }
            assert_eq!(segments.last().map(|one| one.anchor), Some(length - 1));
        }
        assert_eq!(Segment::of(8, 6), [Segment { start: 0, anchor: 7 }]);
    }

    #[test]
    fn limits_are_shifted_and_never_below_nothing() {
        let limits = |longer, shorter, clamped| Limits { without_ca: false, longer, shorter, clamped };
        let with = |octets: &[u8]| [&[1, 1, 0xff], octets].concat();
        let huge = [2, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0];
        for (applied, before, after) in [
            (limits(1, 0, false), &[2, 1, 0][..], Ok(with(&[2, 1, 1]))),
            (limits(0, 2, false), &[2, 1, 2], Ok(with(&[2, 1, 0]))),
            (limits(0, 3, false), &[2, 1, 2], Err(Untranslatable::PathLength)),
            (limits(1, 3, false), &[2, 1, 2], Ok(with(&[2, 1, 0]))),
            (limits(0, 0, true), &[2, 2, 1, 0], Ok(with(&[2, 1, 0x7f]))),
            (limits(0, 0, true), &huge, Ok(with(&[2, 1, 0x7f]))),
            (limits(0, 0, true), &[2, 2, 0, 0xff], Ok(with(&[2, 2, 0, 0xff]))),
            (limits(0, 9, false), &[2, 2, 1, 0], Ok(with(&[2, 2, 1, 0]))),
            (limits(0, 0, true), &[2, 1, 0x80], Err(Untranslatable::Unjudged)),
            (limits(0, 0, true), &[2, 0x81, 2, 1, 0], Err(Untranslatable::Unjudged)),
        ] {
            assert_eq!(applied.applied(&with(before)), after, "{before:02x?}");
        }
        let without = Limits { without_ca: true, ..Limits::default() };
        assert_eq!(without.applied(&[1, 1, 0xff, 2, 1, 0]), Ok(vec![2, 1, 0]));
        assert_eq!(without.applied(&[1, 1, 1]), Err(Untranslatable::Unjudged));
    }
}
