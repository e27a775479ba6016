//! Whether certificates in translation say what the originals say, but for what the exceptions are about: the table of
//! docs/architecture.md ("The exceptions"), read by a reader of its own.

use std::ops::Range;

use certpath::{Certificate, Exception, Policy, Translation};

use crate::der::{self, tlv};
use crate::forge;

const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
const ALTERNATIVE_NAMES: &[u8] = &[0x55, 0x1d, 0x11];
const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
/// What webpki reads itself, by the last arc below id-ce: keyUsage, subjectAltName, basicConstraints, nameConstraints,
/// cRLDistributionPoints, extendedKeyUsage. To be critical is for it to see.
const READ_BY_WEBPKI: [u8; 6] = [0x0f, 0x11, 0x13, 0x1e, 0x1f, 0x25];
/// What the native model processes: policies, their mappings and constraints, inhibitAnyPolicy, nsCertType, OCSP no-check, the
/// two of RFC 3779.
const PROCESSED: [&[u8]; 8] = [
    &[0x55, 0x1d, 0x20],
    &[0x55, 0x1d, 0x21],
    &[0x55, 0x1d, 0x24],
    &[0x55, 0x1d, 0x36],
    &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 1, 1],
    &[0x2b, 6, 1, 5, 5, 7, 0x30, 1, 5],
    &[0x2b, 6, 1, 5, 5, 7, 1, 7],
    &[0x2b, 6, 1, 5, 5, 7, 1, 8],
];
/// The poison and proxyCertInfo: no flag lets anybody pass over them.
const NEVER_IGNORED: [&[u8]; 2] = [&[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 3], &[0x2b, 6, 1, 5, 5, 7, 1, 14]];
const IGNORE_CRITICAL: u64 = 0x10;

/// Under what something was translated.
pub struct Terms<'t> {
    pub exceptions: &'t [Exception],
    pub policy: &'t Policy,
    pub timeless: bool,
}

impl Terms<'_> {
    fn has(&self, exception: Exception) -> bool {
        self.exceptions.contains(&exception)
    }

    fn renames(&self) -> bool {
        [Exception::CanonicalDn, Exception::SelfIssued, Exception::RepeatedCa]
            .into_iter()
            .any(|one| self.has(one))
    }
}

/// Ends the run if something differs that should not. `path`: end entity first, trust anchor last.
pub fn hold(path: &[&[u8]], terms: &Terms<'_>, translation: &Translation) {
    let Translation { start, anchor, certificates, anchor_name, constraints } = translation;
    assert!(start < anchor && *anchor < path.len(), "a segment beyond the path");
    assert_eq!(certificates.len(), anchor - start, "a certificate more or less");
    let mut issuers = Vec::new();
    for (depth, translated) in (*start..).zip(certificates) {
        certificate(path, depth, *start, translated, terms);
        let fields = Parts::of(translated).expect("a translation is a certificate");
        let names = fields.names().expect("a translation has names");
        if terms.renames()
            && let Some(issuer) = issuers.last()
        {
            assert_eq!(*issuer, names.1, "a name that is not that of the issuer below");
        }
        issuers.push(names.0);
    }
    let top = issuers.last().and_then(|name| der::element(name)).expect("a name").1;
    if terms.renames() {
        assert_eq!(top, anchor_name, "the anchor's name is another");
        let unlike = issuers.iter().enumerate().all(|(at, name)| !issuers[..at].contains(name));
        assert!(unlike, "two certificates of one name");
    } else {
        let own = Parts::of(path[*anchor]).and_then(|parts| parts.names()).expect("an anchor has a name").1;
        assert_eq!(der::element(own).map(|name| name.1), Some(anchor_name.as_slice()), "another anchor");
    }
    // Extensions that do not decode are none to certpath, and nothing is accepted with them.
    let above = path.iter().skip(*anchor);
    let is_sound = |der: &&[u8]| Certificate::parse(der).is_ok_and(|one| one.problems().is_empty());
    if above.clone().all(is_sound) {
        let left = above.map(|certificate| {
            let value = forge::extension(certificate, NAME_CONSTRAINTS)?;
            let own = der::element(value).expect("constraints that were read").1;
            Some(subtrees(own, terms)).filter(|left| !left.is_empty() || own.is_empty())
        });
        let all: Vec<_> = left.enumerate().filter(|(above, left)| *above == 0 || left.is_some()).collect();
        let expected: Vec<_> = all.into_iter().map(|(_, left)| left).collect();
        assert_eq!(*constraints, expected, "other constraints above");
    }
}

/// One certificate beside its original.
fn certificate(path: &[&[u8]], depth: usize, start: usize, translated: &[u8], terms: &Terms<'_>) {
    let original = Certificate::parse(path[depth]).expect("it was read before");
    let (before, after) = (Parts::of(path[depth]), Parts::of(translated));
    let (Some(before), Some(after)) = (before, after) else { panic!("no certificate: {translated:02x?}") };
    assert_eq!(before.beside, after.beside, "what stands beside the tbs has changed");
    let mut left = after.fields.iter().copied().peekable();
    let mut sequences = 0;
    let versioned = terms.has(Exception::Version)
        && matches!(before.version(), 0 | 1 | 3)
        && (depth == 0 || !terms.policy.searches());
    if versioned {
        assert_eq!(left.next(), Some(&[0xa0, 3, 2, 1, 2][..]), "a version other than 3");
    }
    for field in before.fields.iter().skip(usize::from(versioned && before.has_version())) {
        let tag = field[0];
        sequences += usize::from(tag == 0x30);
        let is_validity = (tag, sequences) == (0x30, 3);
        if matches!(tag, 0x81 | 0x82) && terms.has(Exception::UniqueIds) {
            continue;
        }
        if matches!((tag, sequences), (0x30, 2 | 4)) && terms.renames() {
            assert_eq!(left.next().and_then(|name| name.first()), Some(&0x30), "a name is missing");
        } else if is_validity && terms.has(Exception::Dates) {
            validity(field, left.next().expect("a validity"), terms.timeless);
        } else if tag == 0xa3 {
            let list = left.next_if(|field| field.first() == Some(&0xa3));
            extensions(&original, path, depth, start, field, list, terms);
        } else {
            assert_eq!(left.next(), Some(*field), "a field that no exception is about");
        }
    }
    assert_eq!(left.next(), None, "a field more");
}

/// RFC 5280 4.1.2.5 in its two forms, as digits; `None` of what OpenSSL reads beyond them.
fn digits(time: &[u8]) -> Option<String> {
    let (tag, contents, _) = der::element(time)?;
    let text = std::str::from_utf8(contents).ok()?.strip_suffix('Z')?;
    let all = text.bytes().all(|one| one.is_ascii_digit());
    match (tag, text.len()) {
        (0x17, 12) if all => Some(format!("{}{text}", if text >= "5" { "19" } else { "20" })),
        (0x18, 14) if all => Some(text.to_owned()),
        _ => None,
    }
}

/// Whether `YYYYMMDDHHMMSSZ` is a time of the Gregorian calendar, without leap seconds, as OpenSSL has it.
fn is_possible(digits: &str) -> bool {
    let number = |at: Range<usize>| digits[at].parse::<u32>().expect("digits");
    let (year, month, day) = (number(0..4), number(4..6), number(6..8));
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day) && number(8..10) < 24 && number(10..12) < 60 && number(12..14) < 60
}

fn validity(before: &[u8], after: &[u8], timeless: bool) {
    let both = |validity| der::split(der::element(validity).expect("a validity").1);
    let (before, after) = (both(before), both(after));
    let read = |times: &[&[u8]]| times.iter().map(|time| digits(time)).collect::<Option<Vec<_>>>();
    if timeless {
        assert_eq!(read(&after), Some(vec!["19700101000000".to_owned(), "99991231235959".to_owned()]));
        return;
    }
    let Some(times) = read(&before) else { return };
    if !times.iter().all(|time| is_possible(time)) {
        assert_eq!(before, after, "a date that does not exist became one that does");
        return;
    }
    if times.iter().all(|time| time.as_str() >= "19700101000000") {
        assert_eq!(before, after, "dates that nothing is wrong with");
        return;
    }
    let from_1970 = times.into_iter().map(|time| time.max("19700101000000".to_owned())).collect();
    assert_eq!(read(&after), Some(from_1970), "other dates");
}

fn extensions(
    original: &Certificate<'_>,
    path: &[&[u8]],
    depth: usize,
    start: usize,
    before: &[u8],
    after: Option<&[u8]>,
    terms: &Terms<'_>,
) {
    let listed = |field: &'_ [u8]| {
        let (_, explicit, _) = der::element(field)?;
        let (_, list, _) = der::element(explicit)?;
        der::split(list)
            .into_iter()
            .map(|one| Some((one.to_vec(), Extension::of(one)?)))
            .collect::<Option<Vec<_>>>()
    };
    let before = listed(before).expect("extensions that were read");
    let after = after.map_or_else(Vec::new, |after| listed(after).expect("extensions to be read"));
    let mut left = after.iter().peekable();
    for (whole, extension) in &before {
        if left.next_if(|(other, _)| other == whole).is_some() {
            continue;
        }
        let other = left.peek().map(|(_, other)| other).filter(|other| other.oid == extension.oid);
        let replaced = other.is_some_and(|other| {
            if other.critical == extension.critical {
                value(original, path, depth, start, extension, &contents(&other.value), terms)
            } else {
                other.value == extension.value
                    && extension.critical
                    && terms.has(Exception::CriticalExtensions)
                    && may_be_passed_over(&extension.oid, terms.policy)
            }
        });
        // The next may be another of its kind.
        let left_out = || value(original, path, depth, start, extension, &[], terms);
        assert!(
            replaced || left_out(),
            "{extension:02x?} of depth {depth} became {other:02x?} under {:?}",
            terms.exceptions
        );
        if replaced {
            left.next();
        }
    }
    assert!(left.next().is_none(), "an extension more");
}

/// What a SEQUENCE holds; all of what is none.
fn contents(value: &[u8]) -> Vec<u8> {
    match der::element(value) {
        Some((0x30, contents, [])) => contents.to_vec(),
        _ => value.to_vec(),
    }
}

fn may_be_passed_over(oid: &[u8], policy: &Policy) -> bool {
    let of_webpki = READ_BY_WEBPKI.iter().any(|arc| oid == [0x55, 0x1d, *arc]);
    let ignored = policy.flags & IGNORE_CRITICAL != 0 && !NEVER_IGNORED.contains(&oid);
    !of_webpki && (PROCESSED.contains(&oid) || ignored)
}

/// Whether the contents of an extension may have become these; nothing where it is left out.
fn value(
    original: &Certificate<'_>,
    path: &[&[u8]],
    depth: usize,
    start: usize,
    extension: &Extension,
    after: &[u8],
    terms: &Terms<'_>,
) -> bool {
    let Some((0x30, before, _)) = der::element(&extension.value) else { return false };
    match extension.oid.as_slice() {
        BASIC_CONSTRAINTS => basic_constraints(path, depth, start, before, after, terms),
        NAME_CONSTRAINTS => after == subtrees(before, terms),
        ALTERNATIVE_NAMES if depth > 0 && original.is_self_issued() && terms.has(Exception::SelfIssued) => {
            after.is_empty()
        }
        ALTERNATIVE_NAMES if terms.has(Exception::DnsSyntax) => {
            let kept = |name: &&[u8]| {
                let odd = |text: &[u8]| {
                    !text.is_empty()
                        && !text.ends_with(b".")
                        && text.iter().all(|one| (0x20..0x7f).contains(one) && *one != b'*')
                };
                !matches!(der::element(name), Some((0x82, text, _)) if odd(text))
            };
            let (before, after) = (der::split(before), der::split(after));
            let mut left = after.iter().copied().peekable();
            let all = before.iter().all(|name| left.next_if_eq(name).is_some() || !kept(name));
            all && left.next().is_none()
        }
        _ => false,
    }
}

/// cA, unless it is an end entity's that is not shown to be one; a limit that is longer by the self-issued CAs below, shorter by
/// those below the segment, and 127 where it would be more.
fn basic_constraints(
    path: &[&[u8]],
    depth: usize,
    start: usize,
    before: &[u8],
    after: &[u8],
    terms: &Terms<'_>,
) -> bool {
    let (mut before, mut after) = (der::split(before), der::split(after));
    let shown = depth != start || (depth == 0 && !terms.has(Exception::CaLeaf));
    if let Some(ca) = before.first().copied().filter(|field| field[0] == 1) {
        before.remove(0);
        if shown && (after.is_empty() || after.remove(0) != ca) {
            return false;
        }
    }
    let is_number = |field: &&[u8]| field[0] == 2;
    let limits = (before.first().copied().filter(is_number), after.first().copied().filter(is_number));
    let (Some(was), Some(is)) = limits else { return before == after };
    if before[1..] != after[1..] {
        return false;
    }
    if was == is {
        return true;
    }
    let number = |field: &[u8]| {
        let (_, octets, _) = der::element(field)?;
        octets.iter().try_fold(0usize, |sum, &octet| sum.checked_mul(256)?.checked_add(octet.into()))
    };
    let Some(is) = number(is) else { return false };
    if number(was).is_none_or(|was| was > 255) {
        return terms.has(Exception::PathLength) && is == 127;
    }
    let Some(was) = number(was) else { return false };
    let self_issued = |der: &&&[u8]| Certificate::parse(der).is_ok_and(|one| one.is_self_issued());
    let below = path.get(1..depth).unwrap_or_default();
    let longer = if terms.has(Exception::SelfIssued) { below.iter().filter(self_issued).count() } else { 0 };
    depth != start && (was + longer).checked_sub(start).is_some_and(|limit| limit.min(127) == is)
}

/// The contents of nameConstraints without what `subtree_minimum` and `name_forms` are about.
fn subtrees(before: &[u8], terms: &Terms<'_>) -> Vec<u8> {
    let mut out = Vec::new();
    for list in der::split(before) {
        let Some((tag, contents, _)) = der::element(list) else { return before.to_vec() };
        let mut kept = Vec::new();
        for subtree in der::split(contents) {
            let inside = der::element(subtree).map(|(_, inside, _)| inside).unwrap_or_default();
            let fields = der::split(inside);
            // What is not DER is not written anew: webpki is to see it.
            let is_der = tlv(0x30, inside) == *subtree;
            let (shown, bare) = match fields.as_slice() {
                [base, [0x80, 1, 0]] if is_der && terms.has(Exception::SubtreeMinimum) => {
                    (tlv(0x30, base), Some(*base))
                }
                [base] => (subtree.to_vec(), Some(*base)),
                _ => (subtree.to_vec(), None),
            };
            let is_beyond = bare.is_some_and(|base| matches!(base[0], 0x81 | 0x86 | 0xa4));
            if !(terms.has(Exception::NameForms) && is_beyond) {
                kept.extend(shown);
            }
        }
        if kept == contents {
            out.extend(list);
        } else if !kept.is_empty() {
            out.extend(tlv(tag, &kept));
        }
    }
    out
}

/// A certificate in its parts.
struct Parts<'a> {
    fields: Vec<&'a [u8]>,
    /// Algorithm and signature.
    beside: Vec<&'a [u8]>,
}

impl<'a> Parts<'a> {
    fn of(certificate: &'a [u8]) -> Option<Self> {
        let (0x30, contents, []) = der::element(certificate)? else { return None };
        let mut beside = der::split(contents);
        let (0x30, fields, _) = der::element(beside.first()?)? else { return None };
        beside.remove(0);
        Some(Self { fields: der::split(fields), beside })
    }

    fn has_version(&self) -> bool {
        self.fields.first().is_some_and(|field| field[0] == 0xa0)
    }

    /// As encoded; 255 for what is none of the known ones.
    fn version(&self) -> u8 {
        match self.fields.first() {
            Some([0xa0, _, 2, 1, version]) => *version,
            Some([0xa0, ..]) => u8::MAX,
            _ => 0,
        }
    }

    /// Issuer and subject.
    fn names(&self) -> Option<(&'a [u8], &'a [u8])> {
        let mut sequences = self.fields.iter().copied().filter(|field| field[0] == 0x30);
        let issuer = sequences.nth(1)?;
        Some((issuer, sequences.nth(1)?))
    }
}

#[derive(Debug)]
struct Extension {
    oid: Vec<u8>,
    critical: bool,
    value: Vec<u8>,
}

impl Extension {
    fn of(extension: &[u8]) -> Option<Self> {
        let parts = der::split(der::element(extension)?.1);
        let critical = parts.get(1).is_some_and(|part| part[0] == 1 && part.last() != Some(&0));
        let value = der::element(parts.last()?)?.1.to_vec();
        Some(Self { oid: der::element(parts.first()?)?.1.to_vec(), critical, value })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::der::sequence;
    use crate::forge::{IMPOSSIBLE_DATES, with_octets};

    /// An end entity, two CAs and their anchor, with one extension of the lower CA's own.
    fn path(of_ca: &[u8]) -> Vec<Vec<u8>> {
        let names: Vec<Vec<u8>> = ["leaf", "CA 1", "CA 2", "root"].map(forge::name).to_vec();
        (0..4u8)
            .map(|depth| {
                let issuer = &names[usize::from(depth + 1).min(3)];
                let own = match depth {
                    0 => forge::server_extensions(),
                    1 => of_ca.to_vec(),
                    _ => forge::ca_extensions(),
                };
                forge::certificate(&names[usize::from(depth)], issuer, depth + 1, &own)
            })
            .collect()
    }

    /// Translates, changes the translation of the lower CA, and asks the judge.
    fn judged(exceptions: &[Exception], of_ca: &[u8], change: impl Fn(&mut Vec<u8>)) {
        let path = path(of_ca);
        let policy = Policy::ssl(0);
        let mut translations = translated(&path, exceptions);
        change(&mut translations[0].certificates[1]);
        let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
        hold(&path, &Terms { exceptions, policy: &policy, timeless: false }, &translations[0]);
    }

    fn translated(path: &[Vec<u8>], exceptions: &[Exception]) -> Vec<Translation> {
        let opened: Vec<Certificate<'_>> = path.iter().map(|der| Certificate::parse(der).unwrap()).collect();
        let views: Vec<&Certificate<'_>> = opened.iter().collect();
        certpath::translations(&views, exceptions, &Policy::ssl(0), false).unwrap()
    }

    /// Critical certificatePolicies.
    fn policies() -> Vec<u8> {
        let any = sequence(&[&sequence(&[&tlv(6, &[0x55, 0x1d, 0x20, 0])])]);
        [forge::ca_extensions(), forge::id_ce(0x20, true, &any)].concat()
    }

    #[test]
    fn translations_say_what_the_exceptions_let_them_say() {
        for exception in Exception::ALL {
            judged(&[exception], &policies(), |_| {});
        }
        judged(&Exception::ALL, &policies(), |_| {});
    }

    #[test]
    #[should_panic(expected = "became")]
    fn what_is_no_longer_critical_takes_its_exception() {
        let other = translated(&path(&policies()), &[Exception::CriticalExtensions]);
        judged(&[], &policies(), |der| der.clone_from(&other[0].certificates[1]));
    }

    #[test]
    #[should_panic(expected = "became")]
    fn an_extension_that_is_gone_is_noticed() {
        judged(&Exception::ALL, &policies(), |der| {
            let at = der.windows(3).position(|octets| octets == [0x55, 0x1d, 0x0f]).unwrap();
            // keyUsage under another OID.
            der[at + 2] = 0x63;
        });
    }

    /// The path with another notBefore in every certificate, and the first certificate of its translation with a third one.
    fn judged_from(date: &[u8; 13], translated_to: &[u8; 13]) {
        let dated: Vec<_> =
            path(&policies()).iter().map(|der| with_octets(der, b"200101000000Z", date)).collect();
        let mut translations = translated(&dated, &[Exception::Dates]);
        let first = &mut translations[0].certificates[0];
        *first = with_octets(first, date, translated_to);
        let dated: Vec<&[u8]> = dated.iter().map(Vec::as_slice).collect();
        let terms = Terms { exceptions: &[Exception::Dates], policy: &Policy::ssl(0), timeless: false };
        hold(&dated, &terms, &translations[0]);
    }

    #[test]
    fn a_date_that_does_not_exist_stays_as_it_is() {
        for date in IMPOSSIBLE_DATES {
            judged_from(date, date);
        }
    }

    #[test]
    #[should_panic(expected = "a date that does not exist became one that does")]
    fn a_date_that_does_not_exist_and_is_mended_is_noticed() {
        judged_from(b"550100883619Z", b"700101000000Z");
    }

    #[test]
    #[should_panic(expected = "a field that no exception is about")]
    fn another_serial_number_is_noticed() {
        judged(&Exception::ALL, &policies(), |der| {
            let at = der.windows(3).position(|octets| octets == [2, 1, 2]).unwrap();
            let at = at + 3 + der[at + 3..].windows(3).position(|octets| octets == [2, 1, 2]).unwrap_or(0);
            der[at + 2] = 0x7e;
        });
    }

    #[test]
    #[should_panic(expected = "what stands beside the tbs has changed")]
    fn another_signature_is_noticed() {
        judged(&Exception::ALL, &policies(), |der| *der.last_mut().unwrap() ^= 1);
    }
}
