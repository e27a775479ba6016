//! Whatever is handed in as a file, text or octets, PEM, DER or PKCS#7, into certificates and CRLs in DER: the one
//! reader behind every door. The only file that knows `rustls-pemfile`.

mod auxiliary_trust;
mod ber;
mod content;
mod error;
mod openssl;
mod pem;
mod pkcs7;
mod seams;

use std::borrow::Cow;

use rustls_pemfile::{Item, read_one_from_slice};

use crate::der::{Reader, tag};

pub use auxiliary_trust::AuxiliaryTrust;
pub(crate) use auxiliary_trust::Decision;
pub use content::Content;
pub use error::BundleError;
pub use openssl::{Labelled, Medium, openssl_blocks};

use pem::{Block, Blocks, Kind};

/// The pieces of a bundle, each in DER, in order.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    /// Certificates.
    pub certificates: Vec<Vec<u8>>,
    /// OpenSSL's settings of `TRUSTED CERTIFICATE` blocks, by the position of the certificate.
    pub trust_settings: Vec<(usize, AuxiliaryTrust)>,
    /// Certificate revocation lists.
    pub crls: Vec<Vec<u8>>,
    /// What else there was, and how often; the contents are not kept.
    pub others: Vec<(Content, usize)>,
    /// How many of the certificates come out of PKCS#7, which has no order.
    in_bags: usize,
    /// How many bags those are.
    bags: usize,
    /// Whether the first certificate is of one.
    starts_with_bag: bool,
    /// The lines of the first certificate and the first CRL that are PEM blocks of their own.
    lines: (Option<usize>, Option<usize>),
}

/// What a door wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// Certificates.
    Certificate,
    /// CRLs.
    Crl,
}

impl Wanted {
    fn what(self) -> &'static str {
        match self {
            Self::Certificate => "a certificate",
            Self::Crl => "a revocation list",
        }
    }
}

/// Whether data is PEM rather than DER.
pub fn is_pem(data: &[u8]) -> bool {
    const BEGIN: &[u8] = b"-----BEGIN ";
    // A certificate's SEQUENCE is longer than 127 octets, so its second octet is not ASCII: text that
    // happens to start with the same octet ("0") is told apart without a search.
    let is_der = matches!(data, [tag::SEQUENCE, 0x80..=0xff, ..]);
    !is_der && memchr::memmem::find(data, BEGIN).is_some()
}

/// Whether data starts as one certificate in DER does, so that the parser of certificates knows best what is wrong
/// with it. Anything else is for [`Bundle::read`].
pub fn looks_like_certificate(data: &[u8]) -> bool {
    content::looks_like_certificate(data)
}

/// What data is that the parser of certificates could make nothing of; `None` if that parser knows best.
pub(crate) fn instead_of_certificate(data: &[u8]) -> Option<String> {
    match Bundle::read(data).and_then(Bundle::into_chain) {
        Err(BundleError::BrokenDer { .. }) => None,
        Err(better) => Some(better.to_string()),
        Ok(_) if is_pem(data) => Some("PEM where DER is expected".to_owned()),
        Ok(_) => None,
    }
}

impl Bundle {
    /// Reads PEM blocks, or DER elements one after the other, PKCS#7 in either.
    ///
    /// # Errors
    ///
    /// If the data is empty, of neither form, or damaged: every `BEGIN` of a certificate or CRL is read, or it is
    /// the error.
    pub fn read(data: &[u8]) -> Result<Self, BundleError> {
        let instead = |found| BundleError::Instead { found: vec![found], wanted: Wanted::Certificate };
        if matches!(data, [tag::SEQUENCE, 0x80..=0xff, ..]) {
            return Self::read_der(data);
        }
        let is_pem = is_pem(data);
        // Before it is asked what else the file might be: short elements look like text of two octets for each letter.
        if data.first() == Some(&tag::SEQUENCE)
            && !is_pem
            && let Ok(bundle) = Self::read_der(data)
        {
            return Ok(bundle);
        }
        if let Some(found) = Content::of_file(data) {
            return Err(instead(found));
        }
        if is_pem {
            return Self::read_pem(data);
        }
        let text = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
        if text.trim_ascii().is_empty() {
            return Err(BundleError::Empty);
        }
        if let Some(found) = Content::of_text(data) {
            return Err(instead(found));
        }
        // Not one block; but perhaps what was meant to be one.
        Self::read_pem(data)?;
        Err(if data.first() == Some(&tag::SEQUENCE) {
            BundleError::BrokenDer { offset: 0 }
        } else {
            BundleError::NeitherPemNorDer
        })
    }

    /// The certificates, of which there must be one at least, as they come.
    ///
    /// # Errors
    ///
    /// If there is not one, saying what there was instead.
    pub fn into_certificates(self) -> Result<Vec<Vec<u8>>, BundleError> {
        if self.certificates.is_empty() {
            Err(self.nothing(Wanted::Certificate))
        } else {
            Ok(self.certificates)
        }
    }

    /// The certificates as a chain, end entity first. PKCS#7 has no order: in a bag the end entity is the one that
    /// has issued no other.
    ///
    /// # Errors
    ///
    /// If there is no certificate, if a CRL is among them, which nobody would ask, or if it is in doubt which
    /// certificate is meant.
    pub fn into_chain(self) -> Result<Vec<Vec<u8>>, BundleError> {
        if self.certificates.is_empty() {
            return Err(self.nothing(Wanted::Certificate));
        }
        if !self.crls.is_empty() {
            return Err(BundleError::Misplaced { found: Content::Crl, line: self.lines.1 });
        }
        if !self.starts_with_bag {
            return Ok(self.certificates);
        }
        let certificates = self.certificates.len();
        if self.bags > 1 || self.in_bags < certificates {
            return Err(BundleError::NoOrder { certificates, ends: 0 });
        }
        pkcs7::end_entity_first(self.certificates).map_err(|problem| match problem {
            pkcs7::Unordered::EndEntities(ends) => BundleError::NoOrder { certificates, ends },
            pkcs7::Unordered::Unparseable(position) => BundleError::UnreadableMember(position + 1),
        })
    }

    /// The CRLs, of which there must be one at least. The certificates of a PKCS#7 that has CRLs, too, are passed over.
    ///
    /// # Errors
    ///
    /// If there is not one, saying what there was instead; or if there are certificates as well, which nobody would ask.
    pub fn into_crls(self) -> Result<Vec<Vec<u8>>, BundleError> {
        if self.crls.is_empty() {
            Err(self.nothing(Wanted::Crl))
        } else if self.in_bags < self.certificates.len() {
            Err(BundleError::Misplaced { found: Content::Certificate, line: self.lines.0 })
        } else {
            Ok(self.crls)
        }
    }

    /// How many there were of something that was not kept.
    pub fn count(&self, content: &Content) -> usize {
        self.others.iter().find(|(other, _)| other == content).map_or(0, |(_, count)| *count)
    }

    /// Why there is nothing of the wanted kind.
    fn nothing(self, wanted: Wanted) -> BundleError {
        let unwanted = match wanted {
            Wanted::Certificate => (!self.crls.is_empty()).then_some(Content::Crl),
            Wanted::Crl => (!self.certificates.is_empty()).then_some(Content::Certificate),
        };
        let found: Vec<Content> =
            unwanted.into_iter().chain(self.others.into_iter().map(|(other, _)| other)).collect();
        if found.is_empty() {
            BundleError::NothingFound(wanted)
        } else {
            BundleError::Instead { found, wanted }
        }
    }

    fn pass_over(&mut self, content: Content) {
        /// Labels are the sender's to choose.
        const MOST: usize = 20;
        if let Some((_, count)) = self.others.iter_mut().find(|(other, _)| *other == content) {
            *count += 1;
        } else if self.others.len() < MOST {
            self.others.push((content, 1));
        }
    }

    fn read_pem(data: &[u8]) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        let broken = |(at, problem)| BundleError::BrokenPem { line: pem::line_number(data, at), problem };
        let mut blocks = Blocks::new(data);
        let (mut first_certificate, mut first_crl) = (None, None);
        while let Some(block) = blocks.next().map_err(broken)? {
            let add = |bundle: &mut Self| -> Result<(), String> {
                match block.kind {
                    Kind::Other => bundle.pass_over(Content::of_label(block.label)),
                    Kind::Certificate => bundle.push(decoded(&block)?),
                    Kind::Crl => bundle.crls.push(decoded(&block)?),
                    Kind::Trusted => bundle.push_trusted(&decoded(&block)?)?,
                    Kind::Pkcs7 => bundle.push_bag(&decoded(&block)?)?,
                }
                Ok(())
            };
            add(&mut bundle).map_err(|problem| broken((block.at, problem)))?;
            match block.kind {
                Kind::Certificate | Kind::Trusted => _ = first_certificate.get_or_insert(block.at),
                Kind::Crl => _ = first_crl.get_or_insert(block.at),
                Kind::Pkcs7 | Kind::Other => {}
            }
        }
        // To count lines takes time; they matter only where both kinds are in one text.
        if !bundle.crls.is_empty() && !bundle.certificates.is_empty() {
            let line = |at: Option<usize>| at.map(|at| pem::line_number(data, at));
            bundle.lines = (line(first_certificate), line(first_crl));
        }
        Ok(bundle)
    }

    fn push(&mut self, der: Vec<u8>) {
        self.certificates.push(der);
    }

    /// A certificate, and OpenSSL's settings behind it, if any (d2i_X509_AUX).
    fn push_trusted(&mut self, der: &[u8]) -> Result<(), String> {
        let mut reader = Reader::new(der);
        let certificate =
            reader.element(tag::SEQUENCE).ok_or("no certificate in a TRUSTED CERTIFICATE block")?;
        if !reader.is_empty() {
            let settings = AuxiliaryTrust::parse(reader.rest()).ok_or("malformed trust settings")?;
            self.trust_settings.push((self.certificates.len(), settings));
        }
        self.push(certificate.whole.to_vec());
        Ok(())
    }

    fn push_bag(&mut self, der: &[u8]) -> Result<(), String> {
        let mut elements = ber::Elements::new(der);
        let info = ber::sequence(&mut elements).filter(|_| elements.is_empty()).ok_or("malformed PKCS#7")?;
        self.push_content_info(info.contents).map_err(|()| "malformed PKCS#7".to_owned())
    }

    fn push_content_info(&mut self, contents: &[u8]) -> Result<(), ()> {
        let bag = match pkcs7::bag(contents) {
            Ok(bag) => bag,
            Err(pkcs7::NoBag::OtherType) => {
                self.pass_over(Content::OtherCms);
                return Ok(());
            }
            Err(pkcs7::NoBag::Malformed) => return Err(()),
        };
        self.bags += 1;
        self.starts_with_bag |= self.certificates.is_empty() && !bag.certificates.is_empty();
        self.in_bags += bag.certificates.len();
        self.certificates.extend(bag.certificates.iter().map(|der| der.to_vec()));
        self.crls.extend(bag.crls.iter().map(|der| der.to_vec()));
        (0..bag.others).for_each(|_| self.pass_over(Content::AttributeCertificate));
        if bag.certificates.is_empty() && bag.crls.is_empty() && bag.others == 0 {
            self.pass_over(Content::OtherCms);
        }
        Ok(())
    }

    fn read_der(data: &[u8]) -> Result<Self, BundleError> {
        let mut bundle = Self::default();
        let mut elements = ber::Elements::new(data);
        while !elements.is_empty() {
            let offset = data.len() - elements.rest().len();
            let broken = || BundleError::BrokenDer { offset };
            let element = ber::sequence(&mut elements).ok_or_else(broken)?;
            let content = Content::of_sequence(element.contents);
            // Only PKCS#7 and PKCS#12 are written with indefinite lengths (BER).
            let is_der = element.whole.get(1) != Some(&0x80);
            match content {
                Content::Certificate if is_der => bundle.push(element.whole.to_vec()),
                Content::Crl if is_der => bundle.crls.push(element.whole.to_vec()),
                Content::OtherCms => bundle.push_content_info(element.contents).map_err(|()| broken())?,
                Content::Pkcs12 => bundle.pass_over(content),
                other if is_der => bundle.pass_over(other),
                _ => return Err(broken()),
            }
        }
        Ok(bundle)
    }
}

/// The contents of a block, which `rustls-pemfile` takes out of its base64. It gets only what is beyond doubt: one
/// block, its lines complete, under a label that it knows.
fn decoded(block: &Block<'_>) -> Result<Vec<u8>, String> {
    let text = match block.kind {
        Kind::Crl | Kind::Certificate if block.is_plain && !block.label.starts_with(b"X509 CERT") => {
            Cow::Borrowed(block.whole)
        }
        _ => {
            let lines: [&[u8]; 3] =
                [b"-----BEGIN CERTIFICATE-----\n", block.body, b"\n-----END CERTIFICATE-----\n"];
            Cow::Owned(lines.concat())
        }
    };
    match read_one_from_slice(&text) {
        Ok(Some((Item::X509Certificate(der), _))) => Ok(der.to_vec()),
        Ok(Some((Item::Crl(der), _))) => Ok(der.as_ref().to_vec()),
        _ => Err("not base64".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";

    #[test]
    fn text_around_blocks_and_other_kinds_are_passed_over() {
        let text = format!(
            "\u{feff}subject: x\r\n{CERTIFICATE}junk\n-----BEGIN PUBLIC KEY-----\nMAA=\n-----END PUBLIC KEY-----\n{CERTIFICATE}"
        );
        let bundle = Bundle::read(text.as_bytes()).unwrap();
        assert_eq!((bundle.certificates.len(), bundle.others), (2, vec![(Content::PublicKey, 1)]));
    }

    #[test]
    fn elements_are_read_however_short() {
        let found = |octets: &[u8]| Bundle::read(octets).map(|bundle| bundle.certificates.len());
        // The first four octets are two letters of UTF-16, too.
        assert_eq!(found(b"\x30\x00\x30\x00"), Ok(2));
        assert_eq!(found(b"\x30\x00\x30\x00\x30\x01\x02"), Ok(2));
        let wide: Vec<u8> = "0000-----BEGIN".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(matches!(found(&wide), Err(BundleError::Instead { .. })));
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
        assert!(error.to_string().starts_with("a private key, not a certificate"), "{error}");
        assert_eq!(Bundle::read(&[0x30, 3, 2, 1, 1]).unwrap().count(&Content::PrivateKey), 1);
    }

    #[test]
    fn what_is_neither_pem_nor_der_is_refused_at_once() {
        assert_eq!(Bundle::read(&[]).unwrap_err(), BundleError::Empty);
        assert_eq!(Bundle::read(b"\xef\xbb\xbf \n").unwrap_err(), BundleError::Empty);
        assert_eq!(Bundle::read(&[0; 1000]).unwrap_err(), BundleError::NeitherPemNorDer);
        assert_eq!(Bundle::read(&[0x30, 5, 0]).unwrap_err(), BundleError::BrokenDer { offset: 0 });
    }

    /// Everything between the label and the text around it, and what comes of it: so many certificates, or the start
    /// of the complaint with its line.
    #[test]
    fn every_begin_is_read_or_complained_of() {
        let second = |begin: &str| {
            format!("{CERTIFICATE}{}", CERTIFICATE.replacen("-----BEGIN CERTIFICATE-----", begin, 1))
        };
        for begin in [
            " -----BEGIN CERTIFICATE-----",
            "\t\u{feff} -----BEGIN CERTIFICATE-----  ",
            "\u{feff}-----BEGIN CERTIFICATE-----\u{a0}",
            "\x0c-----BEGIN X509 CERTIFICATE-----",
        ] {
            let text = second(begin)
                .replace("-----END", if begin.contains("X509") { "-----END" } else { " -----END" });
            let text = if begin.contains("X509") {
                format!("{CERTIFICATE}{}", CERTIFICATE.replace("CERTIFICATE", "X509 CERTIFICATE"))
            } else {
                text
            };
            assert_eq!(
                Bundle::read(text.as_bytes()).map(|bundle| bundle.certificates.len()),
                Ok(2),
                "{text:?}"
            );
        }
        for begin in [
            "----BEGIN CERTIFICATE-----",
            "------BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATE----",
            "-----BEGIN CERTIFICATE------",
            "---BEGIN CERTIFICATE---",
            "BEGIN CERTIFICATE",
            "cert: -----BEGIN CERTIFICATE-----",
            "-----BEGIN  CERTIFICATE-----",
            "-----BEGIN\tCERTIFICATE-----",
            "-----BEGIN CERTIFICATE -----",
            "-----begin certificate-----",
            "-----Begin Certificate-----",
            "\u{2013}\u{2013}\u{2013}\u{2013}\u{2013}BEGIN CERTIFICATE-----",
            "\u{a0}-----BEGIN CERTIFICATE-----",
            "\u{200b}-----BEGIN CERTIFICATE-----",
            "\0-----BEGIN CERTIFICATE-----",
            "-----BEGIN CERTIFICATES-----",
            "-----BEGIN CERTIFICATE-----MAMCAQE=",
            "-----BEGIN X.509 CERTIFICATE-----",
            "-----BEGIN TRUSTED CERTIFICATE----",
            "----BEGIN X509 CRL-----",
        ] {
            let error = Bundle::read(second(begin).as_bytes()).unwrap_err();
            assert!(matches!(error, BundleError::BrokenPem { line: 4, .. }), "{begin:?}: {error}");
        }
        let text = format!("{}{CERTIFICATE}", CERTIFICATE.trim_end());
        let error = Bundle::read(text.as_bytes()).unwrap_err();
        assert!(error.to_string().contains("line 3: BEGIN joined to the END before it"), "{error}");
    }

    #[test]
    fn requests_and_text_about_certificates_are_no_seams() {
        let request = CERTIFICATE.replace("CERTIFICATE", "CERTIFICATE REQUEST");
        let text = format!(
            "the certificate begins; END of the certificates\n{request}{CERTIFICATE}# begin certificate list\n"
        );
        assert_eq!(Bundle::read(text.as_bytes()).unwrap().certificates.len(), 1);
    }
}
