//! Mozilla's CRLite: a filter (a clubcard) that answers for every certificate that the logs of Certificate Transparency
//! had when it was made. The only file that knows `clubcard-crlite`.
//!
//! Files come in two forms. That crate reads form 4 itself, and form 3, in which Mozilla publishes, with bincode, which
//! nobody maintains and which passes over octets that are left. Hence either form is walked here first, within a budget,
//! and given to the crate as form 4. The crate takes the numbers in an index on trust when it is asked: what they would
//! lead astray is refused here.

use std::collections::HashSet;

use clubcard_crlite::{CRLiteClubcard, CRLiteKey, CRLiteStatus, IssuerSpkiHash, LogId, Timestamp};

use crate::certificate::Certificate;
use crate::ct;
use crate::signature::sha256;
use crate::time::UnixSeconds;

use super::{Listing, SetError};

/// Serial numbers that the filter gets wrong and that are listed beside it, in all: each is an allocation of its own.
const MOST_EXCEPTIONS: u64 = 1 << 20;

/// How long after the newest entry of the logs a filter may have been made, at which time certificates that had expired
/// were left out: logs have a day to take up what they have signed, the last day of which is not covered, and making it
/// takes its time.
const SLACK: UnixSeconds = 2 * 86_400;

/// A filter.
pub(super) struct MozillaFilter {
    filter: CRLiteClubcard,
    /// Certificates that ended before this may have been left out.
    complete_from: UnixSeconds,
}

impl MozillaFilter {
    /// Issuers whose certificates it was made from.
    pub(super) fn len(&self) -> usize {
        self.filter.index().len()
    }

    /// As in Firefox, the timestamps are those in the certificate, which its issuer has signed; others come from anybody.
    pub(super) fn listing(&self, leaf: &Certificate<'_>, issuer: Option<[u8; 32]>) -> Listing {
        let Some(issuer) = issuer else { return Listing::Unknown };
        // A filter may say anything of what it was not made from.
        if leaf.validity().1.seconds.is_none_or(|end| end < self.complete_from) {
            return Listing::Unknown;
        }
        self.about(issuer, leaf.serial, ct::embedded_timestamps(leaf))
    }

    fn about(&self, issuer: [u8; 32], serial: &[u8], timestamps: Vec<([u8; 32], u64)>) -> Listing {
        let hash = sha256(&[&issuer[..], serial].concat());
        let issuer = IssuerSpkiHash(issuer);
        let key = CRLiteKey::with_hash(&issuer, serial, hash);
        let timestamps = timestamps.into_iter().map(|(log, at)| (LogId(log), Timestamp(at)));
        match self.filter.contains(&key, timestamps) {
            CRLiteStatus::Revoked => Listing::By("serial number"),
            CRLiteStatus::Good => Listing::Absent,
            CRLiteStatus::NotCovered | CRLiteStatus::NotEnrolled => Listing::Unknown,
        }
    }
}

/// Reads a whole filter; what is left over, or missing, is an error.
pub(super) fn read(octets: &[u8]) -> Result<MozillaFilter, SetError> {
    let canonical = canonical(octets)?;
    // Nothing that was walked above fails there.
    let filter = CRLiteClubcard::from_bytes(&canonical)
        .map_err(|error| SetError(format!("not a CRLite filter: {error}")))?;
    let newest = filter.universe().iter().map(|(_, interval)| interval.high.0).max().unwrap_or(u64::MAX);
    let newest = UnixSeconds::try_from(newest / 1_000).unwrap_or(UnixSeconds::MAX);
    Ok(MozillaFilter { filter, complete_from: newest.saturating_add(SLACK) })
}

/// What is wrong with a part of a file.
type Part<T> = Result<T, &'static str>;

const TORN: &str = "the file ends in it";
const LARGE: &str = "a number in it is too large";

/// What has not been read yet.
struct Octets<'a> {
    rest: &'a [u8],
    /// Form 3: all numbers have 64 bits.
    is_wide: bool,
}

impl<'a> Octets<'a> {
    fn take(&mut self, length: usize) -> Part<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(TORN)?;
        self.rest = rest;
        Ok(taken)
    }

    /// A number; in form 4 it has this many octets.
    fn number(&mut self, width: usize) -> Part<u64> {
        let octets = self.take(if self.is_wide { 8 } else { width })?;
        let fold = |number: u64, octet: &u8| (number << 8) | u64::from(*octet);
        Ok(if self.is_wide { octets.iter().rev().fold(0, fold) } else { octets.iter().fold(0, fold) })
    }

    /// The hash of a key.
    fn hash(&mut self) -> Part<[u8; 32]> {
        let (hash, rest) = self.rest.split_first_chunk::<32>().ok_or(TORN)?;
        self.rest = rest;
        Ok(*hash)
    }
}

/// Writes a number as form 4 has it.
fn put(to: &mut Vec<u8>, width: usize, number: u64) -> Part<()> {
    let octets = number.to_be_bytes();
    let (high, low) = octets.split_at_checked(8_usize.saturating_sub(width)).ok_or(LARGE)?;
    if high.iter().any(|octet| *octet != 0) {
        return Err(LARGE);
    }
    to.extend_from_slice(low);
    Ok(())
}

/// The same filter in form 4, with nothing in it that asking it would stumble over.
fn canonical(octets: &[u8]) -> Result<Vec<u8>, SetError> {
    let complain = |problem: &str| SetError(format!("not a CRLite filter: {problem}"));
    let (version, rest) = octets.split_first_chunk::<2>().ok_or_else(|| complain("no version"))?;
    let is_wide = match version {
        [3, 0] => true,
        [4, 0] => false,
        [0..=2, 0] => return Err(complain("a cascade, which filters have ceased to be")),
        _ => return Err(complain("a version other than 3 and 4 is not known")),
    };
    let mut from = Octets { rest, is_wide };
    let mut to = Vec::with_capacity(octets.len());
    to.extend([4, 0]);
    let logs = count(&mut from, &mut to, 2).map_err(|problem| SetError(format!("logs: {problem}")))?;
    let mut seen = HashSet::new();
    for number in 0..logs {
        coverage(&mut from, &mut to, &mut seen)
            .map_err(|problem| SetError(format!("log {number} of {logs}: {problem}")))?;
    }
    let issuers = count(&mut from, &mut to, 4).map_err(|problem| SetError(format!("issuers: {problem}")))?;
    let (mut seen, mut exceptions, mut rank) = (HashSet::new(), 0, 0);
    for number in 0..issuers {
        let asks = issuer(&mut from, &mut to, &mut seen, &mut exceptions)
            .map_err(|problem| SetError(format!("issuer {number} of {issuers}: {problem}")))?;
        rank = rank.max(asks);
    }
    let columns = count(&mut from, &mut to, 1).map_err(|problem| SetError(format!("columns: {problem}")))?;
    if rank > columns {
        return Err(SetError(format!("columns: {columns}, where an issuer's certificates need {rank}")));
    }
    for number in 0..columns {
        column(&mut from, &mut to)
            .map_err(|problem| SetError(format!("column {number} of {columns}: {problem}")))?;
    }
    column(&mut from, &mut to).map_err(|problem| SetError(format!("last column: {problem}")))?;
    if !from.rest.is_empty() {
        return Err(SetError(format!("{} octets behind the last column", from.rest.len())));
    }
    Ok(to)
}

/// How many there are of something.
fn count(from: &mut Octets<'_>, to: &mut Vec<u8>, width: usize) -> Part<u64> {
    let count = from.number(width)?;
    put(to, width, count)?;
    Ok(count)
}

/// A log, and from when to when what it has signed is covered.
fn coverage(from: &mut Octets<'_>, to: &mut Vec<u8>, seen: &mut HashSet<[u8; 32]>) -> Part<()> {
    let log = from.hash()?;
    if !seen.insert(log) {
        return Err("it is in the filter before");
    }
    to.extend(log);
    for _ in 0..2 {
        put(to, 8, from.number(8)?)?;
    }
    Ok(())
}

/// What the filter has of the certificates of an issuer, and how many columns are asked about them.
fn issuer(
    from: &mut Octets<'_>,
    to: &mut Vec<u8>,
    seen: &mut HashSet<[u8; 32]>,
    exceptions: &mut u64,
) -> Part<u64> {
    if from.is_wide && from.number(8)? != 32 {
        return Err("its key is not a SHA-256 of 32 octets");
    }
    let key = from.hash()?;
    if !seen.insert(key) {
        return Err("it is in the filter before");
    }
    to.extend(key);
    let approximate_size = from.number(4)?;
    let (exact_size, rank, approximate_start);
    if from.is_wide {
        (exact_size, rank) = (from.number(4)?, from.number(1)?);
        approximate_start = from.number(4)?;
    } else {
        (rank, approximate_start) = (from.number(1)?, from.number(4)?);
        exact_size = from.number(4)?;
    }
    let exact_start = from.number(4)?;
    for (start, size) in [(approximate_start, approximate_size), (exact_start, exact_size)] {
        // The place of a row is their sum.
        if start.checked_add(size).is_none_or(|end| end > u64::from(u32::MAX)) {
            return Err(LARGE);
        }
    }
    for (width, number) in
        [(4, approximate_size), (1, rank), (4, approximate_start), (4, exact_size), (4, exact_start)]
    {
        put(to, width, number)?;
    }
    match from.take(1)? {
        inverted @ [0 | 1] => to.extend_from_slice(inverted),
        _ => return Err("neither inverted nor not"),
    }
    let listed = from.number(2)?;
    *exceptions = exceptions.saturating_add(listed);
    if *exceptions > MOST_EXCEPTIONS {
        return Err("too many serial numbers listed beside the filter");
    }
    put(to, 2, listed)?;
    for _ in 0..listed {
        let length = from.number(1)?;
        put(to, 1, length)?;
        to.extend_from_slice(from.take(usize::try_from(length).map_err(|_| TORN)?)?);
    }
    Ok(rank)
}

/// A column of the filter: words of 64 bits.
fn column(from: &mut Octets<'_>, to: &mut Vec<u8>) -> Part<()> {
    let words = from.number(4)?;
    let length = words.checked_mul(8).and_then(|length| usize::try_from(length).ok()).ok_or(TORN)?;
    let octets = from.take(length)?;
    put(to, 4, words)?;
    let start = to.len();
    to.extend_from_slice(octets);
    if from.is_wide {
        to.get_mut(start..).unwrap_or_default().chunks_exact_mut(8).for_each(<[u8]>::reverse);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by fuzz/examples/filters.rs, which says what is in them.
    const FORMS: [&[u8]; 2] =
        [include_bytes!("../../tests/crlite/form-3"), include_bytes!("../../tests/crlite/form-4")];
    const LOG: [u8; 32] = [9; 32];
    const FROM: u64 = 1_700_000_000_000;
    const UNTIL: u64 = 1_764_000_000_000;

    fn serial(number: u16) -> Vec<u8> {
        [&[1][..], &number.to_be_bytes()].concat()
    }

    fn ask(filter: &MozillaFilter, key: u8, number: u16) -> Listing {
        filter.about([key; 32], &serial(number), vec![([8; 32], FROM), (LOG, FROM)])
    }

    #[test]
    fn whatever_is_revoked_is_found_and_nothing_else() {
        for form in FORMS {
            let filter = read(form).unwrap();
            assert_eq!(filter.len(), 3);
            assert_eq!(filter.complete_from, 1_764_000_000 + 2 * 86_400);
            for (key, count) in [(1, 3_000), (2, 400), (3, 50)] {
                for number in 0..count {
                    let is_revoked = match key {
                        1 => number % 7 == 0,
                        2 => number % 5 != 0,
                        _ => false,
                    };
                    let expected = if is_revoked { Listing::By("serial number") } else { Listing::Absent };
                    assert_eq!(ask(&filter, key, number), expected, "{key} {number}");
                }
            }
        }
    }

    #[test]
    fn what_it_was_not_made_from_is_not_known() {
        for form in FORMS {
            let filter = read(form).unwrap();
            let about = |key: u8, timestamps: &[([u8; 32], u64)]| {
                filter.about([key; 32], &serial(0), timestamps.to_vec())
            };
            for at in [FROM, UNTIL] {
                assert_eq!(about(1, &[(LOG, at)]), Listing::By("serial number"));
                assert_eq!(about(4, &[(LOG, at)]), Listing::Unknown);
                assert_eq!(about(1, &[([8; 32], at)]), Listing::Unknown);
            }
            for at in [0, FROM - 1, UNTIL + 1, u64::MAX] {
                assert_eq!(about(1, &[(LOG, at)]), Listing::Unknown);
            }
            assert_eq!(about(1, &[]), Listing::Unknown);
        }
    }

    #[test]
    fn both_forms_are_the_same_filter() {
        let [three, four] = FORMS;
        assert_eq!(canonical(three).unwrap(), four);
        assert_eq!(canonical(four).unwrap(), four);
    }

    #[test]
    fn what_is_left_over_or_missing_is_an_error() {
        for form in FORMS {
            for end in 0..form.len() {
                assert!(read(form.get(..end).unwrap()).is_err(), "{end}");
            }
            assert!(read(&[form, &[0]].concat()).is_err());
        }
    }

    #[test]
    fn another_octet_anywhere_breaks_nothing_but_the_answer() {
        let (mut refused, mut asked) = (0, 0);
        for form in FORMS {
            for place in 0..form.len() {
                for change in [1, 2, 4, 8, 16, 32, 64, 128, 255] {
                    let mut octets = form.to_vec();
                    *octets.get_mut(place).unwrap() ^= change;
                    let Ok(filter) = read(&octets) else {
                        refused += 1;
                        continue;
                    };
                    asked += 1;
                    for key in 1..4 {
                        for number in [0, 1, 2, 7, 399, 2_999] {
                            ask(&filter, key, number);
                        }
                    }
                }
            }
        }
        assert!(refused > 1_000 && asked > 1_000, "{refused} {asked}");
    }
}
