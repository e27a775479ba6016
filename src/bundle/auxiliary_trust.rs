//! OpenSSL's auxiliary trust settings: what follows the certificate in a `TRUSTED CERTIFICATE` block
//! (X509_CERT_AUX in crypto/x509/x_x509a.c).

use crate::der::{Reader, tag};
use crate::oid;
use crate::policy::Purpose;

/// The uses for which a certificate of the store is trusted, and those for which it is rejected.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AuxiliaryTrust {
    /// `None` if no uses are listed, which is not the same as an empty list.
    trusted: Option<Vec<Vec<u8>>>,
    rejected: Vec<Vec<u8>>,
}

/// What the settings say about one use.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Decision {
    /// The certificate is an anchor, self-signed or not.
    Trusted,
    /// No path may end here, or go through here.
    Rejected,
    /// Nothing: it is an anchor if any certificate like it is.
    Unsaid,
}

impl AuxiliaryTrust {
    /// Reads the settings. `None` if they are malformed.
    pub(crate) fn parse(der: &[u8]) -> Option<Self> {
        const REJECT: u8 = 0xa0;
        let mut outer = Reader::new(der);
        let mut settings = outer.nested(tag::SEQUENCE)?;
        let trusted = match settings.peek() {
            Some(tag::SEQUENCE) => Some(oids(settings.nested(tag::SEQUENCE)?)?),
            _ => None,
        };
        let rejected = match settings.peek() {
            Some(REJECT) => oids(settings.nested(REJECT)?)?,
            _ => Vec::new(),
        };
        Some(Self { trusted, rejected })
    }

    /// The settings for these lists of object identifiers (contents octets).
    pub fn new(trusted: Option<Vec<Vec<u8>>>, rejected: Vec<Vec<u8>>) -> Self {
        Self { trusted, rejected }
    }

    /// The uses it is trusted for, if they are listed at all.
    pub fn trusted(&self) -> Option<&[Vec<u8>]> {
        self.trusted.as_deref()
    }

    /// The uses it is rejected for.
    pub fn rejected(&self) -> &[Vec<u8>] {
        &self.rejected
    }

    /// obj_trust of crypto/x509/x509_trust.c, as the TLS purposes call it.
    pub(crate) fn decide(&self, purpose: &Purpose) -> Decision {
        let wanted = match purpose {
            Purpose::Server => oid::SERVER_AUTH,
            Purpose::Client => oid::CLIENT_AUTH,
            Purpose::Eku(oid) => oid,
            Purpose::Any => return Decision::Unsaid,
        };
        let names = |uses: &[Vec<u8>]| uses.iter().any(|found| found == wanted || found == ANY_USE);
        if names(&self.rejected) {
            return Decision::Rejected;
        }
        match &self.trusted {
            Some(uses) if names(uses) => Decision::Trusted,
            // A list that leaves this use out rejects it.
            Some(_) => Decision::Rejected,
            None => Decision::Unsaid,
        }
    }
}

/// anyExtendedKeyUsage (2.5.29.37.0).
const ANY_USE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];

fn oids(mut reader: Reader<'_>) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        found.push(reader.read(tag::OID)?.to_vec());
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER_AUTH: &[u8] = &[0x06, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1];

    fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
        let mut out = vec![tag, u8::try_from(contents.len()).unwrap()];
        out.extend_from_slice(contents);
        out
    }

    #[test]
    fn a_listed_use_is_trusted_and_any_other_rejected() {
        let settings = AuxiliaryTrust::parse(&element(0x30, &element(0x30, SERVER_AUTH))).unwrap();
        assert_eq!(settings.decide(&Purpose::Server), Decision::Trusted);
        assert_eq!(settings.decide(&Purpose::Client), Decision::Rejected);
    }

    #[test]
    fn rejection_comes_first_and_leaves_other_uses_alone() {
        let settings = AuxiliaryTrust::parse(&element(0x30, &element(0xa0, SERVER_AUTH))).unwrap();
        assert_eq!(settings.decide(&Purpose::Server), Decision::Rejected);
        assert_eq!(settings.decide(&Purpose::Client), Decision::Unsaid);
    }

    #[test]
    fn an_empty_list_trusts_nothing_and_no_list_says_nothing() {
        let empty = AuxiliaryTrust::parse(&[0x30, 2, 0x30, 0]).unwrap();
        assert_eq!(empty.decide(&Purpose::Server), Decision::Rejected);
        let none = AuxiliaryTrust::parse(&[0x30, 0]).unwrap();
        assert_eq!(none.decide(&Purpose::Server), Decision::Unsaid);
        assert!(AuxiliaryTrust::parse(&[0x30, 5, 0x30]).is_none());
    }
}
