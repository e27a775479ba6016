//! What webpki is told: it asks for signatures, and hears of those that have been checked.

use std::fmt;

use pki_types::{AlgorithmIdentifier, InvalidSignature, SignatureVerificationAlgorithm};

use super::{Signed, Verifiable, verifiable};

/// The edges of one path that the native model has found valid, as algorithms for webpki.
///
/// webpki asks for a signature check with octets it has cut out of the certificates itself. The
/// answer is yes only if key, message and signature are octet for octet those of an edge checked
/// by [`KnownEdges::verify`](super::KnownEdges::verify), under the same pair of algorithm identifiers; so nothing is taken on trust, and
/// nothing is computed twice.
pub(crate) struct ProvenEdges<'a> {
    edges: &'a [Signed<'a>],
}

impl<'a> ProvenEdges<'a> {
    pub(crate) fn new(edges: &'a [Signed<'a>]) -> Self {
        Self { edges }
    }

    /// One algorithm for each pair of identifiers that occurs among the edges.
    pub(crate) fn algorithms(&self) -> Vec<ProvenAlgorithm<'_>> {
        let mut algorithms: Vec<ProvenAlgorithm<'_>> = Vec::with_capacity(self.edges.len());
        for edge in self.edges {
            if let Some(row) = verifiable(edge.algorithm, edge.key_algorithm)
                && !algorithms.iter().any(|known| std::ptr::eq(known.row, row))
            {
                algorithms.push(ProvenAlgorithm { row, edges: self.edges });
            }
        }
        algorithms
    }
}

/// A signature algorithm that only knows the edges proven before.
pub(crate) struct ProvenAlgorithm<'a> {
    row: &'static Verifiable,
    edges: &'a [Signed<'a>],
}

impl fmt::Debug for ProvenAlgorithm<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ProvenAlgorithm").field("edges", &self.edges.len()).finish_non_exhaustive()
    }
}

impl SignatureVerificationAlgorithm for ProvenAlgorithm<'_> {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        let proven = self.edges.iter().any(|edge| {
            edge.signature == signature
                && edge.key == public_key
                && edge.message == message
                && edge.algorithm == self.row.signature.as_ref()
                && edge.key_algorithm == self.row.key.as_ref()
        });
        if proven { Ok(()) } else { Err(InvalidSignature) }
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.row.key
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.row.signature
    }
}

#[cfg(test)]
mod tests {
    use pki_types::alg_id;

    use super::*;

    #[test]
    fn a_proven_edge_answers_for_its_own_octets_only() {
        let edge = Signed {
            algorithm: alg_id::ED25519.as_ref(),
            message: b"message",
            signature: b"signature",
            key_algorithm: alg_id::ED25519.as_ref(),
            key: b"key",
            rsa_bits: None,
        };
        let edges = [edge];
        let edges = ProvenEdges::new(&edges);
        let algorithms = edges.algorithms();
        let [algorithm] = algorithms.as_slice() else { panic!("one pair, one algorithm") };
        assert!(algorithm.verify_signature(b"key", b"message", b"signature").is_ok());
        assert!(algorithm.verify_signature(b"other", b"message", b"signature").is_err());
        assert!(algorithm.verify_signature(b"key", b"other", b"signature").is_err());
        assert!(algorithm.verify_signature(b"key", b"message", b"other").is_err());
    }
}
