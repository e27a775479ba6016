//! Object identifiers, as the contents octets of their DER encoding, and their dotted text.

// RFC 5280 4.2.1: extensions of certificates.
pub(crate) const SUBJECT_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x0e];
pub(crate) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
pub(crate) const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
pub(crate) const ISSUER_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x12];
pub(crate) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
pub(crate) const NAME_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x1e];
pub(crate) const CRL_DISTRIBUTION_POINTS: &[u8] = &[0x55, 0x1d, 0x1f];
pub(crate) const CERTIFICATE_POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
pub(crate) const ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x20, 0x00];
pub(crate) const POLICY_MAPPINGS: &[u8] = &[0x55, 0x1d, 0x21];
pub(crate) const AUTHORITY_KEY_IDENTIFIER: &[u8] = &[0x55, 0x1d, 0x23];
pub(crate) const POLICY_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x24];
pub(crate) const EXTENDED_KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x25];
pub(crate) const FRESHEST_CRL: &[u8] = &[0x55, 0x1d, 0x2e];
pub(crate) const INHIBIT_ANY_POLICY: &[u8] = &[0x55, 0x1d, 0x36];
pub(crate) const AUTHORITY_INFORMATION_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 1];
pub(crate) const SUBJECT_INFORMATION_ACCESS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 11];
/// RFC 7633.
pub(crate) const TLS_FEATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 24];
pub(crate) const PROXY_CERT_INFO: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 14];
pub(crate) const IP_ADDR_BLOCKS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 7];
pub(crate) const AUTONOMOUS_SYS_IDS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 1, 8];
/// The poison of a precertificate (RFC 6962 3.1).
pub(crate) const PRECERT_POISON: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 3];
/// The SignedCertificateTimestampList in a certificate (RFC 6962 3.3).
pub(crate) const EMBEDDED_SCTS: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 2];
/// The same in what an OCSP response says of a certificate.
pub(crate) const OCSP_SCTS: &[u8] = &[0x2b, 6, 1, 4, 1, 0xd6, 0x79, 2, 4, 5];
pub(crate) const OCSP_NO_CHECK: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 5];
pub(crate) const NETSCAPE_CERT_TYPE: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 0x01, 0x01];

/// NIST's signature algorithms: below it DSA, ECDSA and RSA with SHA-2 and SHA-3, ML-DSA and SLH-DSA.
pub(crate) const NIST_SIGNATURES: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3];

// RFC 5480 2.1.1.1: the curves that rules are about.
pub(crate) const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
pub(crate) const P384: &[u8] = &[0x2b, 0x81, 4, 0, 34];
pub(crate) const P521: &[u8] = &[0x2b, 0x81, 4, 0, 35];

// Qualifiers of certificate policies (RFC 5280 4.2.1.4).
pub(crate) const QUALIFIER_CPS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 2, 1];
pub(crate) const QUALIFIER_USER_NOTICE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 2, 2];

// Access methods of authorityInfoAccess (RFC 5280 4.2.2.1).
pub(crate) const ACCESS_OCSP: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1];
pub(crate) const ACCESS_CA_ISSUERS: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 2];

// RFC 6960 4.2.1 and 4.4, and what CertIDs are hashed with.
pub(crate) const OCSP_BASIC: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 1];
pub(crate) const OCSP_NONCE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 2];
pub(crate) const OCSP_EXTENDED_REVOKE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 48, 1, 9];
pub(crate) const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
pub(crate) const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

// RFC 5280 5.2 and 5.3: extensions of CRLs and of their entries.
pub(crate) const CRL_NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
pub(crate) const CRL_REASON: &[u8] = &[0x55, 0x1d, 0x15];
pub(crate) const DELTA_CRL_INDICATOR: &[u8] = &[0x55, 0x1d, 0x1b];
pub(crate) const ISSUING_DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 0x1c];
pub(crate) const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 0x1d];

// The CA/Browser Forum's policies (BR 7.1.6.1, EVG 9.3.2).
pub(crate) const EXTENDED_VALIDATION: &[u8] = &[0x67, 0x81, 0x0c, 1, 1];
pub(crate) const DOMAIN_VALIDATED: &[u8] = &[0x67, 0x81, 0x0c, 1, 2, 1];
pub(crate) const ORGANIZATION_VALIDATED: &[u8] = &[0x67, 0x81, 0x0c, 1, 2, 2];
pub(crate) const INDIVIDUAL_VALIDATED: &[u8] = &[0x67, 0x81, 0x0c, 1, 2, 3];

// Key purposes (RFC 5280 4.2.1.12) and the two "server gated crypto" ones that OpenSSL takes for serverAuth.
pub(crate) const SERVER_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 1];
pub(crate) const CLIENT_AUTH: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 2];
pub(crate) const OCSP_SIGNING: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 3, 9];

/// Extended key usages (RFC 5280 4.2.1.12) in text, as policies, lists of root programmes and findings have them.
pub(crate) mod purpose {
    pub(crate) const SERVER_AUTH: &str = "1.3.6.1.5.5.7.3.1";
    pub(crate) const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
    pub(crate) const CODE_SIGNING: &str = "1.3.6.1.5.5.7.3.3";
    pub(crate) const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
    pub(crate) const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
    pub(crate) const OCSP_SIGNING: &str = "1.3.6.1.5.5.7.3.9";
}

pub(crate) const ANY_PURPOSE: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
pub(crate) const MICROSOFT_SGC: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 10, 3, 3];
pub(crate) const NETSCAPE_SGC: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x86, 0xf8, 0x42, 4, 1];

// Attribute types that checks look at.
pub(crate) const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
pub(crate) const X500_UNIQUE_IDENTIFIER: &[u8] = &[0x55, 0x04, 0x2d];
pub(crate) const DOMAIN_COMPONENT: &[u8] = &[0x09, 0x92, 0x26, 0x89, 0x93, 0xf2, 0x2c, 0x64, 0x01, 0x19];
pub(crate) const EMAIL_ADDRESS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x01];

// otherName forms with a meaning of their own (RFC 8398).
pub(crate) const SMTP_UTF8_MAILBOX: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 8, 9];

/// The dotted text of an OID's contents octets; `?` if they are not well-formed.
pub(crate) fn dotted(contents: &[u8]) -> String {
    // An octet of an arc of several tells seven bits, hardly more than two digits.
    let mut text = String::with_capacity(4 * contents.len());
    let mut arc: u128 = 0;
    let mut first = true;
    for &octet in contents {
        if arc >> 120 != 0 {
            return "?".into();
        }
        arc = (arc << 7) | u128::from(octet & 0x7f);
        if octet & 0x80 != 0 {
            continue;
        }
        if first {
            // X.690 8.19.4: the first two arcs in one.
            let (root, before) = match arc {
                0..40 => ('0', 0),
                40..80 => ('1', 40),
                _ => ('2', 80),
            };
            text.push(root);
            arc -= before;
            first = false;
        }
        text.push('.');
        push_decimal(&mut text, arc);
        arc = 0;
    }
    if text.is_empty() { "?".into() } else { text }
}

/// The digits of an arc. Formatting takes several times as long, and every row of a scan tells policies.
fn push_decimal(text: &mut String, arc: u128) {
    match u64::try_from(arc) {
        Ok(small) => {
            if small >= 10 {
                push_decimal(text, u128::from(small / 10));
            }
            text.push(char::from(b'0' + u8::try_from(small % 10).unwrap_or(0)));
        }
        Err(_) => text.push_str(&arc.to_string()),
    }
}

/// The contents octets of a dotted OID; `None` if the text is not one.
pub(crate) fn from_dotted(text: &str) -> Option<Vec<u8>> {
    let mut arcs = Vec::new();
    for part in text.split('.') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        arcs.push(part.parse::<u64>().ok()?);
    }
    let (&first, rest) = arcs.split_first()?;
    let (&second, rest) = rest.split_first()?;
    if first > 2 || (first < 2 && second > 39) {
        return None;
    }
    let mut contents = Vec::new();
    push_arc(&mut contents, first.checked_mul(40)?.checked_add(second)?);
    for &arc in rest {
        push_arc(&mut contents, arc);
    }
    Some(contents)
}

fn push_arc(contents: &mut Vec<u8>, arc: u64) {
    let groups = (64 - arc.max(1).leading_zeros()).div_ceil(7);
    for group in (0..groups).rev() {
        let septet = (arc >> (7 * group)) & 0x7f;
        let more = if group > 0 { 0x80 } else { 0 };
        contents.push(u8::try_from(septet).unwrap_or(0) | more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_text_and_contents_are_inverse() {
        for text in ["1.3.6.1.5.5.7.3.1", "2.5.29.37.0", "0.9.2342.19200300.100.1.25", "2.999.3", "2.47"] {
            assert_eq!(dotted(&from_dotted(text).unwrap()), text);
        }
        for (text, octets) in [
            (purpose::SERVER_AUTH, SERVER_AUTH),
            (purpose::CLIENT_AUTH, CLIENT_AUTH),
            (purpose::OCSP_SIGNING, OCSP_SIGNING),
        ] {
            assert_eq!(from_dotted(text).unwrap(), octets);
        }
    }

    #[test]
    fn arcs_of_any_size_are_told() {
        let beyond = [&[0x82][..], &[0x80; 8], &[0x00]].concat();
        assert_eq!(dotted(&beyond), "2.18446744073709551536");
        assert_eq!(dotted(&[&[0x2a][..], &beyond].concat()), "1.2.18446744073709551616");
        assert_eq!(dotted(&[&[0x2a][..], &[0xff; 18], &[0x7f]].concat()), "?");
    }

    #[test]
    fn texts_that_are_no_oid_are_refused() {
        for text in ["", "1", "3.1", "1.40", "1..2", "1.a", "1.2.", "+1.2", "1.99999999999999999999"] {
            assert_eq!(from_dotted(text), None, "{text}");
        }
    }
}
