//! What somebody has handed in where certificates or CRLs belong: one sentence for each kind, with the command that
//! makes certificates of it.

use base64::Engine as _;

use crate::der::{Reader, tag};

use super::ber;

/// What is recognised and not read.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Content {
    /// A certificate, where none belongs.
    Certificate,
    /// A CRL, where none belongs.
    Crl,
    /// A private key, encrypted or not.
    PrivateKey,
    /// A bare public key.
    PublicKey,
    /// PKCS#10.
    CertificateRequest,
    /// An OCSP response (RFC 6960).
    OcspResponse,
    /// An attribute certificate (RFC 5755).
    AttributeCertificate,
    /// PKCS#7 or CMS that holds no bag of certificates.
    OtherCms,
    /// PKCS#12.
    Pkcs12,
    /// A keystore of Java.
    JavaKeystore(&'static str),
    /// A database of NSS.
    NssDatabase,
    /// Text in two or four octets for each letter.
    WideText(&'static str),
    /// Base64 without BEGIN and END.
    BareBase64,
    /// PEM in base64 again.
    PemInBase64,
    /// A key of SSH.
    SshKey,
    /// A key or message of OpenPGP.
    OpenPgp,
    /// ZIP, and whatever else is one.
    Zip,
    /// Compressed.
    Compressed(&'static str),
    /// A page of the web.
    Html,
    /// A PEM block with this label.
    Block(String),
}

impl Content {
    /// What it is, with an article.
    pub fn what(&self) -> String {
        match self {
            Self::Certificate => "a certificate".to_owned(),
            Self::Crl => "a revocation list".to_owned(),
            Self::PrivateKey => "a private key".to_owned(),
            Self::PublicKey => "a public key".to_owned(),
            Self::CertificateRequest => "a certificate request".to_owned(),
            Self::OcspResponse => "an OCSP response".to_owned(),
            Self::AttributeCertificate => "an attribute certificate".to_owned(),
            Self::OtherCms => "a PKCS#7 (CMS) message that is not a bag of certificates".to_owned(),
            Self::Pkcs12 => "a PKCS#12 container".to_owned(),
            Self::JavaKeystore(kind) => format!("a Java keystore ({kind})"),
            Self::NssDatabase => "an NSS certificate database".to_owned(),
            Self::WideText(encoding) => format!("text in {encoding}"),
            Self::BareBase64 => "base64 without BEGIN and END lines".to_owned(),
            Self::PemInBase64 => "PEM in base64 once more".to_owned(),
            Self::SshKey => "an SSH key".to_owned(),
            Self::OpenPgp => "an OpenPGP key or message".to_owned(),
            Self::Zip => "a ZIP or JAR archive".to_owned(),
            Self::Compressed(kind) => format!("compressed with {kind}"),
            Self::Html => "an HTML page".to_owned(),
            Self::Block(label) => format!("a PEM block called {label}"),
        }
    }

    /// What makes something of it that can be read here.
    pub fn advice(&self) -> Option<&'static str> {
        Some(match self {
            Self::Certificate => "hand it in as a chain, a store or a pool",
            Self::Crl => "hand it in among the revocation lists (crls, --crl)",
            Self::PrivateKey | Self::PublicKey => "hand in the certificate that belongs to it",
            Self::CertificateRequest => "hand in the certificate that the CA has made of it",
            Self::OcspResponse => "OCSP is not asked here; hand in a CRL",
            Self::AttributeCertificate => return None,
            Self::OtherCms => "openssl cms -cmsout -print -inform DER -in FILE shows what it is",
            Self::Pkcs12 => "openssl pkcs12 -in FILE -nokeys -out certificates.pem",
            Self::JavaKeystore("JCEKS") => {
                "keytool -list -rfc -storetype JCEKS -keystore FILE > certificates.pem"
            }
            Self::JavaKeystore(_) => "keytool -list -rfc -keystore FILE > certificates.pem",
            Self::NssDatabase => "certutil -L -d FOLDER -n NAME -a > certificate.pem",
            Self::WideText("UTF-32") => "iconv -f UTF-32 -t UTF-8 FILE > certificates.pem",
            Self::WideText("UTF-16 (big-endian)") => "iconv -f UTF-16BE -t UTF-8 FILE > certificates.pem",
            Self::WideText("UTF-16 (little-endian)") => "iconv -f UTF-16LE -t UTF-8 FILE > certificates.pem",
            Self::WideText(_) => "iconv -f UTF-16 -t UTF-8 FILE > certificates.pem",
            Self::BareBase64 => "base64 -d FILE > certificate.der",
            Self::PemInBase64 => "base64 -d FILE > certificates.pem",
            Self::SshKey => "SSH keys are not X.509; hand in a certificate",
            Self::OpenPgp => "OpenPGP is not X.509; hand in a certificate",
            Self::Zip => "unzip FILE, and hand in the certificates that were in it",
            Self::Compressed("gzip") => "gunzip FILE",
            Self::Compressed("Zstandard") => "unzstd FILE",
            Self::Compressed("bzip2") => "bunzip2 FILE",
            Self::Compressed(_) => "unxz FILE",
            Self::Html => "download the certificate itself, not the page about it",
            Self::Block(_) => return None,
        })
    }

    /// What a PEM block of a label that is not read holds.
    pub(super) fn of_label(label: &[u8]) -> Self {
        let label = String::from_utf8_lossy(label);
        match &*label {
            _ if label.ends_with("PRIVATE KEY") => Self::PrivateKey,
            _ if label.ends_with("CERTIFICATE REQUEST") => Self::CertificateRequest,
            _ if label.ends_with("ATTRIBUTE CERTIFICATE") => Self::AttributeCertificate,
            _ if label.starts_with("SSH2 ") => Self::SshKey,
            _ if label.ends_with("PUBLIC KEY") => Self::PublicKey,
            _ if label.starts_with("PGP ") => Self::OpenPgp,
            "OCSP RESPONSE" => Self::OcspResponse,
            "PKCS12" => Self::Pkcs12,
            _ => Self::Block(label.chars().filter(|one| !one.is_control()).take(64).collect()),
        }
    }

    /// Files that are neither PEM nor DER, by their first octets.
    pub(super) fn of_file(data: &[u8]) -> Option<Self> {
        Some(match data {
            [0xfe, 0xed, 0xfe, 0xed, ..] => Self::JavaKeystore("JKS"),
            [0xce, 0xce, 0xce, 0xce, ..] => Self::JavaKeystore("JCEKS"),
            // The version, and a salt of 20 octets behind its length.
            [0, 0, 0, 1 | 2, 0, 0, 0, 20, ..] => Self::JavaKeystore("BKS"),
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Self::WideText("UTF-32"),
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Self::WideText("UTF-16"),
            [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..] => Self::Zip,
            [0x1f, 0x8b, ..] => Self::Compressed("gzip"),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Self::Compressed("Zstandard"),
            [b'B', b'Z', b'h', ..] => Self::Compressed("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', ..] => Self::Compressed("xz"),
            _ if data.starts_with(b"SQLite format 3\0") => Self::NssDatabase,
            [first, 0, second, 0, ..] if is_text(*first) && is_text(*second) => {
                Self::WideText("UTF-16 (little-endian)")
            }
            [0, first, 0, second, ..] if is_text(*first) && is_text(*second) => {
                Self::WideText("UTF-16 (big-endian)")
            }
            _ => return None,
        })
    }

    /// Text without a PEM block.
    pub(super) fn of_text(text: &[u8]) -> Option<Self> {
        const SSH: [&[u8]; 6] =
            [b"ssh-rsa ", b"ssh-dss ", b"ssh-ed25519 ", b"ecdsa-sha2-", b"sk-", b"---- BEGIN SSH2 "];
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text).trim_ascii();
        if SSH.iter().any(|start| text.starts_with(start)) {
            return Some(Self::SshKey);
        }
        let starts =
            |word: &[u8]| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
        if starts(b"<!doctype html") || starts(b"<html") {
            return Some(Self::Html);
        }
        let alphabet = |octet: &u8| {
            octet.is_ascii_alphanumeric()
                || octet.is_ascii_whitespace()
                || matches!(octet, b'+' | b'/' | b'=' | b'-' | b'_')
        };
        if !text.iter().all(alphabet) {
            return None;
        }
        // The first few octets tell.
        let start: Vec<u8> =
            text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).take(16).collect();
        let decoded = base64::engine::general_purpose::STANDARD.decode(&start).ok()?;
        match decoded.as_slice() {
            [tag::SEQUENCE, 0x80..=0x84, ..] => Some(Self::BareBase64),
            [b'-', b'-', b'-', b'-', b'-', b'B', b'E', ..] => Some(Self::PemInBase64),
            _ => None,
        }
    }

    /// What the contents of a SEQUENCE are, as far as their first elements tell; a certificate if nothing does.
    pub(super) fn of_sequence(contents: &[u8]) -> Self {
        let reader = Reader::new(contents);
        match reader.peek() {
            // PFX has version 3 (RFC 7292), keys of PKCS #1, PKCS #8 and SEC 1 have 0 or 1.
            Some(tag::INTEGER) => match contents {
                [tag::INTEGER, 1, 3, ..] => Self::Pkcs12,
                _ => Self::PrivateKey,
            },
            // OCSPResponse starts with its status (RFC 6960, 4.2.1).
            Some(tag::ENUMERATED) => Self::OcspResponse,
            Some(tag::OID) => Self::OtherCms,
            _ => of_signed(reader).unwrap_or(Self::Certificate),
        }
    }
}

/// What starts with a SEQUENCE and is not a certificate.
fn of_signed(mut reader: Reader<'_>) -> Option<Content> {
    let first = reader.read(tag::SEQUENCE)?;
    let second = reader.any()?;
    let mut inner = Reader::new(first);
    match (inner.peek()?, second.tag) {
        // SubjectPublicKeyInfo and EncryptedPrivateKeyInfo: an algorithm and the rest.
        (tag::OID, tag::BIT_STRING) => return Some(Content::PublicKey),
        (tag::OID, tag::OCTET_STRING) => return Some(Content::PrivateKey),
        _ => {}
    }
    let version = inner.optional(tag::INTEGER)?;
    inner.read(tag::SEQUENCE)?;
    let third = inner.read(tag::SEQUENCE)?;
    match inner.peek() {
        // A TBSCertList has a time where a TBSCertificate has a name or a SEQUENCE.
        Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => return Some(Content::Crl),
        // CertificationRequestInfo: version, subject, key, attributes (RFC 2986, 4.1).
        Some(0xa0) | None if version.is_some() => {
            let mut key = Reader::new(third);
            key.read(tag::SEQUENCE)?;
            key.read(tag::BIT_STRING)?;
            return Some(Content::CertificateRequest);
        }
        _ => {}
    }
    None
}

fn is_text(octet: u8) -> bool {
    octet.is_ascii_graphic() || octet.is_ascii_whitespace()
}

/// Whether octets start as a DER certificate does: a SEQUENCE of more than 127 octets (so that text that begins
/// with the digit 0 is not one), with another in it.
pub(super) fn looks_like_certificate(data: &[u8]) -> bool {
    matches!(data, [tag::SEQUENCE, 0x80..=0xff, ..])
        && ber::header(data)
            .and_then(|(_, header)| data.get(header))
            .is_none_or(|&inner| inner == tag::SEQUENCE)
}
