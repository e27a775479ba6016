//! Rules about the fields of the TBSCertificate (RFC 5280 4.1).

use crate::der;
use crate::distinguished_name::hex;
use crate::path::memory::Place;
use crate::time::{Time, UnixSeconds, civil, rfc3339};

use super::{Broken, Subject, broken_if};

/// Seconds of a day.
const DAY: i64 = 86_400;

/// RFC 5280 4.1.2.1: version 3 wherever there are extensions, which every rule below needs;
/// CA/B BR 7.1.1: always.
pub(super) fn version(subject: &Subject<'_, '_>) -> Broken {
    let version = subject.certificate.version;
    (version != 2).then(|| vec![("version", version.saturating_add(1).into())])
}

/// RFC 5280 4.1.2.2: a positive integer. Roots with serial number 0 are in use.
pub(super) fn serial_positive(subject: &Subject<'_, '_>) -> Broken {
    let serial = subject.certificate.serial;
    let positive = !der::is_negative(serial) && serial.iter().any(|&octet| octet != 0);
    (!positive).then(|| vec![("serial", hex(serial).into())])
}

/// RFC 5280 4.1.2.2: 20 octets at the most, without the one that DER puts before a number whose first bit
/// is set, to keep it positive.
pub(super) fn serial_length(subject: &Subject<'_, '_>) -> Broken {
    let serial = subject.certificate.serial;
    let octets = serial.strip_prefix(&[0]).unwrap_or(serial).len();
    (octets > 20).then(|| vec![("octets", octets.into())])
}

/// RFC 5280 4.1.1.2: the algorithm beside the signature is the one inside.
pub(super) fn algorithms_agree(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    broken_if(!certificate.inner_algorithm.same_as(&certificate.signature_algorithm))
}

/// RFC 5280 4.1.2.8: no unique identifiers.
pub(super) fn unique_identifiers(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.certificate.has_unique_ids)
}

/// RFC 5280 4.1.2.4: the issuer is not empty.
pub(super) fn issuer(subject: &Subject<'_, '_>) -> Broken {
    broken_if(subject.certificate.issuer.is_empty())
}

/// RFC 5280 4.1.2.6: nor is a CA's subject, nor that of a certificate without subjectAltName.
pub(super) fn subject(subject: &Subject<'_, '_>) -> Broken {
    let certificate = subject.certificate;
    let needed = subject.is_ca() || certificate.extensions.subject_alt_name.is_none();
    broken_if(certificate.subject.is_empty() && needed)
}

/// CA/B BR 6.3.2: how long a subscriber's certificate may be valid, by the day from which its notBefore is on.
const LIFETIMES: [(UnixSeconds, i64); 4] = [
    // 2029-03-15, 2027-03-15, 2026-03-15, 2020-09-01.
    (1_868_227_200, 47),
    (1_805_068_800, 100),
    (1_773_532_800, 200),
    (1_598_918_400, 398),
];

/// CA/B BR 6.3.2: a day is 86,400 seconds, and any time more is another day; both ends count (RFC 5280 4.1.2.5). The
/// requirements in force say nothing of older certificates.
pub(super) fn lifetime(subject: &Subject<'_, '_>) -> Broken {
    if subject.place != Place::EndEntity || subject.certificate.is_ca() {
        return None;
    }
    let (from, until) = subject.certificate.validity();
    let (from, until) = (from.seconds?, until.seconds?);
    let (since, most) = *LIFETIMES.iter().find(|(since, _)| from >= *since)?;
    let lifetime = until.saturating_sub(from).saturating_add(1);
    let days = lifetime.saturating_add(DAY - 1).div_euclid(DAY);
    (days > most)
        .then(|| vec![("days", days.into()), ("maximum", most.into()), ("since", rfc3339(since).into())])
}

/// RFC 5280 4.1.2.5: UTCTime to the year 2049, GeneralizedTime from 2050 on, in UTC to the second.
pub(super) fn not_before_encoding(subject: &Subject<'_, '_>) -> Broken {
    encoding(&subject.certificate.not_before)
}

/// The same for notAfter.
pub(super) fn not_after_encoding(subject: &Subject<'_, '_>) -> Broken {
    encoding(&subject.certificate.not_after)
}

/// Roots with a GeneralizedTime before 2050 are in use.
fn encoding(time: &Time<'_>) -> Broken {
    let year = time.seconds.map(|seconds| civil(seconds).0);
    let right = year.is_some_and(|year| time.is_generalized() != (1950..=2049).contains(&year));
    (!right).then(|| vec![("found", time.raw().into())])
}
