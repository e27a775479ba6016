//! One signature and the key that is said to have made it.

use super::{Outcome, Signed};

/// Which certificate or CRL (SHA-256 of its DER, so of message, algorithm and signature) was checked
/// against which key (SHA-256 of the SubjectPublicKeyInfo).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) struct EdgeId {
    pub(crate) signed: [u8; 32],
    pub(crate) issuer_key: [u8; 32],
}

/// An end entity's signature and who is asked about it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edge<'a> {
    pub(crate) id: EdgeId,
    pub(crate) signed: Signed<'a>,
}

/// What came of checking a signature ahead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Foretold {
    pub(super) id: EdgeId,
    pub(super) outcome: Outcome,
    /// A lane has said so, and nobody else.
    pub(super) by_lane: bool,
}
