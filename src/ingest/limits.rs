//! What is too large for a row, and how that is told.

use crate::batch::{Presented, Row};
use crate::time::EXPRESSIBLE;

/// Octets of a chain. OpenSSL reads no more than 100 KiB from a peer.
pub(super) const MAX_CHAIN_OCTETS: usize = 4 << 20;

/// An octet more than a SignedCertificateTimestampList can have (RFC 6962 3.3), by which a value that is too long is known.
pub(super) const MAX_SCT_LIST: usize = (1 << 16) + 2;

/// An octet more than is looked at of an OCSP response, by which it is known to be too large.
pub(super) const MAX_OCSP_RESPONSE: usize = crate::ocsp::MAX_RESPONSE + 1;

/// Refuses a chain of so many octets as no peer has sent, and a time that is not one.
pub(super) fn bound(row: &mut Row) {
    let octets = row.chain.octets();
    if octets > MAX_CHAIN_OCTETS && row.problem.is_none() {
        row.chain = Presented::default();
        row.problem = Some(too_large(octets));
    }
    if let Some(at) = row.at.filter(|at| !EXPRESSIBLE.contains(at)) {
        (row.at, row.chain) = (None, Presented::default());
        row.problem.get_or_insert_with(|| {
            format!("the time of judgement, {at} seconds since 1970, is outside the years 0 to 9999")
        });
    }
}

pub(super) fn too_large(octets: usize) -> String {
    format!("a chain of {octets} bytes, more than the {MAX_CHAIN_OCTETS} that are read")
}

pub(super) fn too_long(octets: u64, longest: usize) -> String {
    format!("a line of {octets} bytes, more than the {longest} that are read")
}
