//! The CRL profile (RFC 5280 5.1 and 5.2), for the strict policies: one rule, one function.

use crate::certificate::{Extension, extension};
use crate::der::{self, Reader, tag};
use crate::oid;
use crate::time::{Time, civil};
use crate::verdict::Check;

use super::Crl;
use super::entries::entry;

/// A check, and whether a CRL passes it.
type Rule = (Check, fn(&Crl<'_>) -> bool);

/// The first rule that a CRL breaks.
pub(super) fn broken(crl: &Crl<'_>) -> Option<Check> {
    let rules: [Rule; 11] = [
        (Check::CrlVersion, is_version_2),
        (Check::CrlAlgorithmMismatch, |crl| crl.names_one_algorithm()),
        (Check::CrlTimeEncoding, has_well_encoded_times),
        (Check::CrlNextUpdateMissing, |crl| crl.next_update.is_some()),
        (Check::CrlDuplicateExtension, |crl| has_nothing_twice(crl.extensions)),
        (Check::CrlAuthorityKeyIdentifierMissing, has_key_identifier),
        (Check::CrlNumberMissing, |crl| find(crl, oid::CRL_NUMBER).is_some()),
        (Check::CrlNumberCritical, |crl| find(crl, oid::CRL_NUMBER).is_none_or(|(critical, _)| !critical)),
        (Check::CrlNumberInvalid, has_sound_number),
        (Check::CrlDistributionPointNotCritical, has_critical_distribution_point),
        (Check::CrlEntryInvalid, has_sound_entries),
    ];
    rules.into_iter().find(|(_, holds)| !holds(crl)).map(|(check, _)| check)
}

fn find<'a>(crl: &Crl<'a>, wanted: &[u8]) -> Option<(bool, &'a [u8])> {
    let mut reader = Reader::new(crl.extensions);
    while let Some(Extension { oid, critical, value }) = extension(&mut reader) {
        if oid == wanted {
            return Some((critical, value));
        }
    }
    None
}

/// RFC 5280 5.1.2.1: CRLs with extensions are of version 2, and 5.2 asks for extensions.
fn is_version_2(crl: &Crl<'_>) -> bool {
    crl.version == Some(&[1])
}

/// RFC 5280 5.1.2.4 and 5.1.2.5: UTCTime to 2049, GeneralizedTime from 2050 on.
fn has_well_encoded_times(crl: &Crl<'_>) -> bool {
    is_well_encoded(&crl.last_update) && crl.next_update.as_ref().is_none_or(is_well_encoded)
}

fn is_well_encoded(time: &Time<'_>) -> bool {
    time.seconds.is_some_and(|seconds| time.is_generalized() != (1950..=2049).contains(&civil(seconds).0))
}

/// RFC 5280 4.2, which 5.2 takes over: of a CRL's extensions, or an entry's.
fn has_nothing_twice(extensions: &[u8]) -> bool {
    let mut seen = Vec::new();
    let mut reader = Reader::new(extensions);
    while let Some(Extension { oid, .. }) = extension(&mut reader) {
        if seen.contains(&oid) {
            return false;
        }
        seen.push(oid);
    }
    true
}

/// RFC 5280 5.2.1: authorityKeyIdentifier, with the key identifier.
fn has_key_identifier(crl: &Crl<'_>) -> bool {
    crl.key_identifier.as_ref().is_some_and(|identifier| identifier.key_id.is_some())
}

/// RFC 5280 5.2.3: not negative, 20 octets at the most.
fn has_sound_number(crl: &Crl<'_>) -> bool {
    find(crl, oid::CRL_NUMBER).is_none_or(|(_, value)| {
        let mut reader = Reader::new(value);
        let number = reader.read(tag::INTEGER).and_then(der::integer);
        reader.is_empty() && number.is_some_and(|number| number.len() <= 20 && !der::is_negative(number))
    })
}

/// RFC 5280 5.2.5: an issuingDistributionPoint is critical.
fn has_critical_distribution_point(crl: &Crl<'_>) -> bool {
    find(crl, oid::ISSUING_DISTRIBUTION_POINT).is_none_or(|(critical, _)| critical)
}

/// RFC 5280 5.1.2.6, 5.3.1: no empty list of entries, no extension twice; reasonCode is not critical, not 7 (unused) and
/// not removeFromCRL, which only delta CRLs have.
fn has_sound_entries(crl: &Crl<'_>) -> bool {
    let mut reader = Reader::new(crl.entries);
    while let Some((_, date, extensions)) = entry(&mut reader) {
        if !is_well_encoded(&date) {
            return false;
        }
        if !has_nothing_twice(extensions) {
            return false;
        }
        let mut extensions = Reader::new(extensions);
        while let Some(Extension { oid, critical, value }) = extension(&mut extensions) {
            if oid == oid::CRL_REASON {
                let reason = Reader::new(value).read(tag::ENUMERATED).and_then(der::small_integer);
                if critical
                    || !reason.is_some_and(|reason| {
                        matches!(reason, 0..=6 | 9 | 10) || (reason == 8 && crl.is_delta)
                    })
                {
                    return false;
                }
            }
        }
    }
    true
}
