//! Bundles of certificates and CRLs, PEM or DER, into pieces of DER. The only file that
//! knows `rustls-pemfile`.

use std::fmt;

use rustls_pemfile::{Item, read_one_from_slice};

use crate::der::{Reader, tag};

/// The pieces of a bundle, each in DER, in order.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Certificate revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// How many private keys there were; their contents are not kept.
    pub private_keys: usize,
    /// How many OpenSSL "TRUSTED CERTIFICATE" blocks were passed over.
    pub trusted_certificates: usize,
}

/// Why a bundle cannot be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum BundleError {
    /// Nothing at all.
    Empty,
    /// Neither a PEM block nor a DER SEQUENCE.
    NeitherPemNorDer,
    /// A DER element that is cut short, or octets after the last one.
    BrokenDer {
        /// Where the broken element starts.
        offset: usize,
    },
    /// A PEM block that is not closed or not base64.
    BrokenPem {
        /// The line on which the block starts, from 1.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A private key where a certificate should be.
    PrivateKey,
    /// PEM blocks, but none of the wanted kind.
    NothingFound,
}

impl fmt::Display for BundleError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => formatter.write_str("no data"),
            Self::NeitherPemNorDer => formatter.write_str("neither PEM nor DER"),
            Self::BrokenDer { offset } => write!(formatter, "malformed DER at offset {offset}"),
            Self::BrokenPem { line, problem } => {
                write!(formatter, "damaged PEM block at line {line}: {problem}")
            }
            Self::PrivateKey => formatter.write_str("a private key, not a certificate"),
            Self::NothingFound => formatter.write_str("no certificate found"),
        }
    }
}

impl std::error::Error for BundleError {}

/// Whether data is PEM rather than DER.
pub fn is_pem(data: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    // A certificate's SEQUENCE is longer than 127 octets, so its second octet is no ASCII: text that
    // happens to start with the same octet ("0") is told apart without a search.
    let is_der = matches!(data, [tag::SEQUENCE, 0x80..=0xff, ..]);
    !is_der && memchr::memmem::find(data, BEGIN).is_some()
}

impl Bundle {
    /// Reads PEM blocks, or DER elements one after the other.
    ///
    /// # Errors
    ///
    /// If the data is empty, of neither form, or damaged.
    pub fn read(data: &[u8]) -> Result<Self, BundleError> {
        if data.is_empty() {
            Err(BundleError::Empty)
        } else if is_pem(data) {
            Self::read_pem(data)
        } else if data.first() == Some(&tag::SEQUENCE) {
            Self::read_der(data)
        } else {
            Err(BundleError::NeitherPemNorDer)
        }
    }

    /// The certificates, of which there must be one at least.
    ///
    /// # Errors
    ///
    /// If there is none, saying what there was instead.
    pub fn into_certificates(self) -> Result<Vec<Vec<u8>>, BundleError> {
        match (self.certificates.is_empty(), self.private_keys) {
            (false, _) => Ok(self.certificates),
            (true, 0) => Err(BundleError::NothingFound),
            (true, _) => Err(BundleError::PrivateKey),
        }
    }

    fn read_pem(data: &[u8]) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        let mut rest = data;
        loop {
            match read_one_from_slice(rest) {
                Ok(Some((item, after))) => {
                    bundle.trusted_certificates += trusted_certificates(rest, after);
                    bundle.push(item);
                    rest = after;
                }
                Ok(None) => {
                    bundle.trusted_certificates += trusted_certificates(rest, &[]);
                    return Ok(bundle);
                }
                Err(error) => {
                    return Err(BundleError::BrokenPem {
                        line: line_of_next_block(data, rest),
                        problem: describe(&error),
                    });
                }
            }
        }
    }

    fn push(&mut self, item: Item) {
        match item {
            Item::X509Certificate(der) => self.certificates.push(der.to_vec()),
            Item::Crl(der) => self.crls.push(der.as_ref().to_vec()),
            Item::Pkcs1Key(_) | Item::Pkcs8Key(_) | Item::Sec1Key(_) => self.private_keys += 1,
            // Requests and bare public keys have no say in a verdict.
            _ => {}
        }
    }

    fn read_der(data: &[u8]) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        let mut reader = Reader::new(data);
        while !reader.is_empty() {
            let offset = data.len() - reader.rest().len();
            let element = reader.element(tag::SEQUENCE).ok_or(BundleError::BrokenDer { offset })?;
            match kind(element.contents) {
                Kind::Crl => bundle.crls.push(element.whole.to_vec()),
                Kind::PrivateKey => bundle.private_keys += 1,
                Kind::Certificate => bundle.certificates.push(element.whole.to_vec()),
            }
        }
        Ok(bundle)
    }
}

enum Kind {
    Certificate,
    Crl,
    PrivateKey,
}

/// What a DER SEQUENCE is, as far as its first elements tell: keys of PKCS #1, PKCS #8 and SEC 1
/// start with an INTEGER; a TBSCertList has a time where a TBSCertificate has a name or a SEQUENCE.
fn kind(contents: &[u8]) -> Kind {
    let mut reader = Reader::new(contents);
    if reader.peek() == Some(tag::INTEGER) {
        return Kind::PrivateKey;
    }
    let is_crl = || -> Option<bool> {
        let mut tbs = reader.nested(tag::SEQUENCE)?;
        tbs.optional(tag::INTEGER)?;
        tbs.read(tag::SEQUENCE)?; // signature
        tbs.read(tag::SEQUENCE)?; // issuer
        Some(matches!(tbs.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)))
    }();
    if is_crl == Some(true) { Kind::Crl } else { Kind::Certificate }
}

/// How many OpenSSL "TRUSTED CERTIFICATE" blocks start in what was just read.
fn trusted_certificates(rest: &[u8], after: &[u8]) -> usize {
    const BEGIN: &[u8] = b"-----BEGIN TRUSTED CERTIFICATE-----";
    let read = rest.get(..rest.len() - after.len()).unwrap_or(rest);
    memchr::memmem::find_iter(read, BEGIN).count()
}

fn line_of_next_block(data: &[u8], rest: &[u8]) -> usize {
    let start = data.len() - rest.len();
    let begin = memchr::memmem::find(rest, b"-----BEGIN ").unwrap_or(0);
    let before = data.get(..start + begin).unwrap_or(data);
    before.split(|&octet| octet == b'\n').count()
}

fn describe(error: &rustls_pemfile::Error) -> String {
    match error {
        rustls_pemfile::Error::MissingSectionEnd { end_marker } => {
            format!("no {}", String::from_utf8_lossy(end_marker).trim_end())
        }
        rustls_pemfile::Error::IllegalSectionStart { .. } => "its first line is malformed".to_owned(),
        rustls_pemfile::Error::Base64Decode(_) => "not base64".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";

    #[test]
    fn text_around_blocks_and_other_kinds_are_passed_over() {
        let text = format!(
            "\u{feff}subject: x\r\n{CERTIFICATE}junk\n-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n{CERTIFICATE}"
        );
        assert_eq!(Bundle::read(text.as_bytes()).unwrap().certificates.len(), 2);
    }

    #[test]
    fn a_damaged_block_is_named_by_its_line() {
        let text = format!("{CERTIFICATE}\n-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n");
        let error = Bundle::read(text.as_bytes()).unwrap_err();
        assert_eq!(error, BundleError::BrokenPem { line: 5, problem: "not base64".into() });
        let text = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n";
        assert!(matches!(Bundle::read(text.as_bytes()), Err(BundleError::BrokenPem { line: 1, .. })));
    }

    #[test]
    fn keys_are_told_from_certificates() {
        let key = "-----BEGIN PRIVATE KEY-----\nMAMCAQE=\n-----END PRIVATE KEY-----\n";
        let error = Bundle::read(key.as_bytes()).unwrap().into_certificates().unwrap_err();
        assert_eq!(error, BundleError::PrivateKey);
        assert_eq!(Bundle::read(&[0x30, 3, 2, 1, 1]).unwrap().private_keys, 1);
    }

    #[test]
    fn what_is_neither_pem_nor_der_is_refused_at_once() {
        assert_eq!(Bundle::read(&[]).unwrap_err(), BundleError::Empty);
        assert_eq!(Bundle::read(&[0; 1000]).unwrap_err(), BundleError::NeitherPemNorDer);
        assert_eq!(Bundle::read(&[0x30, 5, 0]).unwrap_err(), BundleError::BrokenDer { offset: 0 });
    }
}
