//! Rules about the fields of the TBSCertificate (RFC 5280 4.1).

use crate::der;
use crate::distinguished_name::hex;
use crate::time::{Time, civil};

use super::{Broken, Subject, broken_if};

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
