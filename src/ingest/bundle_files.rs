//! Files of one chain in PEM, DER or PKCS#7.

use crate::batch::Row;
use crate::bundle::Bundle;

use super::Options;

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
    fn a_chain_is_one_row() {
        let pem = b"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n".repeat(2);
        let (row, complaint) = row("a", &pem, &Options::default());
        assert_eq!((row.chain.len(), complaint), (2, None));
    }
}
