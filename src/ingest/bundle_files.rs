//! Files of one chain in PEM, or one certificate in DER.

use crate::bundle::{self, Bundle, BundleError};
use crate::row::{Presented, Row};

use super::Options;

/// The row of a file, called `name`, and what there is to complain of.
pub(super) fn row(name: &str, data: &[u8], options: &Options) -> (Row, Option<String>) {
    let mut row = Row { key: Some(name.to_owned()), name: options.name(None), ..Row::default() };
    // Whatever is meant to be a certificate goes to the verifier, which says what it is not.
    let broken = |row: &mut Row| {
        row.chain = Presented::default();
        row.chain.push(if bundle::is_pem(data) { &[] } else { data });
    };
    let complaint = match Bundle::read(data) {
        Ok(bundle) if bundle.certificates.is_empty() => Some(instead(&bundle)),
        Ok(bundle) => {
            for der in &bundle.certificates {
                row.chain.push(der);
            }
            None
        }
        Err(BundleError::Empty) => Some("is empty".to_owned()),
        Err(_) if data.trim_ascii().is_empty() => Some("is empty".to_owned()),
        Err(BundleError::NeitherPemNorDer) => {
            broken(&mut row);
            Some("is neither PEM nor DER".to_owned())
        }
        Err(error) => {
            broken(&mut row);
            Some(error.to_string())
        }
    };
    (row, complaint)
}

fn instead(bundle: &Bundle) -> String {
    let mut kinds = Vec::new();
    if bundle.private_keys > 0 {
        kinds.push("a private key");
    }
    if !bundle.crls.is_empty() {
        kinds.push("a revocation list (give it with --crl)");
    }
    if bundle.trusted_certificates > 0 {
        kinds.push("OpenSSL's TRUSTED CERTIFICATE (openssl x509 makes a plain one of it)");
    }
    if kinds.is_empty() {
        kinds.push("something else in PEM or DER");
    }
    format!("holds {}, but no certificate", kinds.join(" and "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_holds_no_certificate_is_said_and_has_an_empty_chain() {
        let key = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n";
        for (data, said, certificates) in [
            (&key[..], "holds a private key, but no certificate", 0),
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
