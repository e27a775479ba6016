//! Files of one chain in PEM, DER or PKCS#7.

use crate::batch::Row;
use crate::bundle::{Bundle, BundleError};
use crate::verdict::Status;

use super::Options;

/// Why a source gives nothing to judge.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoChain {
    /// `InputError`, `Unparseable` or `NoCertificate`.
    pub status: Status,
    /// What to say of the source.
    pub complaint: String,
}

/// The chain in a file, end entity first: DER each. What is damaged comes back as it is, for the verifier to say so.
pub(super) fn chain(data: &[u8]) -> Result<Vec<Vec<u8>>, NoChain> {
    match Bundle::read(data).and_then(Bundle::into_chain) {
        Ok(chain) => Ok(chain),
        Err(error) if error.is_damage() && error != BundleError::NeitherPemNorDer => Ok(vec![data.to_vec()]),
        Err(error) => {
            let status = if error.is_damage() { Status::Unparseable } else { Status::NoCertificate };
            Err(NoChain { status, complaint: error.of_file() })
        }
    }
}

/// The row of a file, called `name`, and what there is to complain of.
pub(super) fn row(name: &str, data: &[u8], options: &Options) -> (Row, Option<String>) {
    let mut row = Row { key: Some(name.to_owned()), name: options.name(None), ..Row::default() };
    match Bundle::read(data).and_then(Bundle::into_chain) {
        Ok(certificates) => {
            for der in &certificates {
                row.chain.push(der);
            }
            (row, None)
        }
        Err(error) => {
            // Whatever was meant to be a certificate goes to the verifier, which says what it is not.
            if error.is_damage() {
                row.chain.push(data);
            }
            (row, Some(error.of_file()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_said_and_has_an_empty_chain() {
        let key = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        for (data, said, certificates) in [
            (&key[..], "is a private key, not a certificate: hand in the certificate that belongs to it", 0),
            (b" \n", "is empty", 0),
            (b"", "is empty", 0),
            (b"text", "is neither PEM nor DER", 1),
            (b"0\x82", "malformed DER at offset 0", 1),
        ] {
            let (row, complaint) = row("a", data, &Options::default());
            assert_eq!((complaint.as_deref(), row.chain.len()), (Some(said), certificates));
        }
    }

    #[test]
    fn what_is_damaged_is_for_the_verifier() {
        assert_eq!(chain(b"0\x82").unwrap(), [b"0\x82"]);
        for (data, status) in [(&b"text"[..], Status::Unparseable), (b"", Status::NoCertificate)] {
            assert_eq!(chain(data).unwrap_err().status, status);
        }
    }

    #[test]
    fn a_chain_is_one_row() {
        let pem = b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n".repeat(2);
        let (row, complaint) = row("a", &pem, &Options::default());
        assert_eq!((row.chain.len(), complaint), (2, None));
    }
}
