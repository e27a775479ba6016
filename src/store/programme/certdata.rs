//! Mozilla's certdata.txt: the objects of NSS's built-in PKCS#11 token, certificates and what they are trusted for
//! (security/nss/lib/ckfw/builtins).

use std::collections::HashMap;

use super::{Anchor, List, ListError, Named};
use crate::der::{Element, tag};
use crate::oid::purpose;
use crate::signature::sha1;
use crate::store::constraints::{Conditions, Constraints, Dated};
use crate::time::{Time, UnixSeconds};

const WHAT: &str = "certdata.txt";

/// The trust bits, with the extended key usages (RFC 5280 4.2.1.12) that they are about.
const BITS: [(&str, &str); 3] = [
    ("CKA_TRUST_SERVER_AUTH", purpose::SERVER_AUTH),
    ("CKA_TRUST_EMAIL_PROTECTION", purpose::EMAIL_PROTECTION),
    ("CKA_TRUST_CODE_SIGNING", purpose::CODE_SIGNING),
];
/// The dates after which no more certificates are trusted.
const DATES: [(&str, &str); 2] = [
    ("CKA_NSS_SERVER_DISTRUST_AFTER", purpose::SERVER_AUTH),
    ("CKA_NSS_EMAIL_DISTRUST_AFTER", purpose::EMAIL_PROTECTION),
];

/// The other attributes, none of which is a condition. What is not known could be one.
const FACTS: [&str; 17] = [
    "CKA_CERTIFICATE_TYPE",
    "CKA_CERT_MD5_HASH",
    "CKA_CERT_SHA1_HASH",
    "CKA_CLASS",
    "CKA_ID",
    "CKA_ISSUER",
    "CKA_LABEL",
    "CKA_MODIFIABLE",
    "CKA_NSS_MOZILLA_CA_POLICY",
    "CKA_PRIVATE",
    "CKA_SERIAL_NUMBER",
    "CKA_SUBJECT",
    "CKA_TOKEN",
    "CKA_TRUST_STEP_UP_APPROVED",
    "CKA_URL",
    "CKA_VALUE",
    "CKA_NSS_EMAIL",
];

pub(super) fn is_list(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "BEGINDATA")
}

/// An attribute's value.
enum Value<'t> {
    Octets(Vec<u8>),
    Word(&'t str),
}

/// The attributes of an object, and the line in which it begins.
struct Object<'t> {
    line: usize,
    attributes: HashMap<&'t str, Value<'t>>,
}

impl Object<'_> {
    fn octets(&self, key: &str) -> Result<&[u8], ListError> {
        match self.attributes.get(key) {
            Some(Value::Octets(octets)) => Ok(octets),
            _ => Err(ListError::line(
                WHAT,
                self.line,
                format!("the object has no {key} in octets: it may be cut off"),
            )),
        }
    }

    fn word(&self, key: &str) -> Option<&str> {
        match self.attributes.get(key) {
            Some(Value::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn label(&self) -> &str {
        self.word("CKA_LABEL").unwrap_or("(no label)").trim_matches('"')
    }
}

pub(super) fn read(text: &str) -> Result<List, ListError> {
    let objects = objects(text)?;
    let of_class =
        |class: &'static str| objects.iter().filter(move |one| one.word("CKA_CLASS") == Some(class));
    // Issuer and serial number tie what is said of a certificate to it, and its SHA-1.
    let mut trusts: HashMap<(&[u8], &[u8]), &Object<'_>> = HashMap::new();
    for trust in of_class("CKO_NSS_TRUST") {
        trusts.insert((trust.octets("CKA_ISSUER")?, trust.octets("CKA_SERIAL_NUMBER")?), trust);
    }
    let (mut anchors, mut skipped) = (Vec::new(), Vec::new());
    for object in of_class("CKO_CERTIFICATE") {
        let entry = object.label().to_owned();
        let der = object.octets("CKA_VALUE")?;
        let key = (object.octets("CKA_ISSUER")?, object.octets("CKA_SERIAL_NUMBER")?);
        let Some(trust) = trusts.remove(&key) else {
            return Err(ListError::line(
                WHAT,
                object.line,
                format!("nothing says what {entry:?} is trusted for"),
            ));
        };
        if trust.octets("CKA_CERT_SHA1_HASH")? != sha1(der) {
            return Err(ListError::line(
                WHAT,
                trust.line,
                format!("the hash of {entry:?} is not that of its certificate"),
            ));
        }
        let trusted = |bit: &str| trust.word(bit) == Some("CKT_NSS_TRUSTED_DELEGATOR");
        let purposes: Vec<_> =
            BITS.iter().filter(|(bit, _)| trusted(bit)).map(|(_, usage)| (*usage).to_owned()).collect();
        if purposes.is_empty() {
            skipped.push(format!("{entry}: trusted for nothing"));
            continue;
        }
        let mut conditions = Conditions { purposes: Some(purposes), ..Conditions::default() };
        for (key, usage) in DATES {
            // It belongs to the certificate; the list of April 2026 has one beside what its root is trusted for.
            for object in [object, trust] {
                let date = match object.attributes.get(key) {
                    None => continue,
                    Some(Value::Word(word)) if *word == "CK_FALSE" => continue,
                    Some(Value::Octets(octets)) => date(octets),
                    Some(Value::Word(_)) => None,
                };
                let problem = || format!("{key} of {entry:?} is not a time");
                let date = date.ok_or_else(|| ListError::line(WHAT, object.line, problem()))?;
                conditions.distrusted_after.push(Dated { date, purposes: Some(vec![usage.to_owned()]) });
            }
        }
        let constraints = Constraints { alternatives: vec![conditions], ..Constraints::default() };
        anchors.push(Anchor { entry, certificate: Named::Der(der.to_vec()), constraints });
    }
    // Distrust alone needs no certificate.
    for trust in trusts.values() {
        if BITS.iter().any(|(bit, _)| trust.word(bit) == Some("CKT_NSS_TRUSTED_DELEGATOR")) {
            let problem = format!("the certificate of {:?} is not there", trust.label());
            return Err(ListError::line(WHAT, trust.line, problem));
        }
        skipped.push(format!("{}: distrusted, without its certificate", trust.label()));
    }
    skipped.sort();
    Ok(List {
        what: WHAT,
        source: "Mozilla's certdata.txt".to_owned(),
        version: None,
        date: None,
        anchors,
        skipped,
    })
}

/// UTCTime's text (RFC 5280 4.1.2.5.1).
fn date(octets: &[u8]) -> Option<UnixSeconds> {
    Time::new(Element { tag: tag::UTC_TIME, contents: octets, whole: octets })?.seconds
}

/// Each object begins with its class.
fn objects(text: &str) -> Result<Vec<Object<'_>>, ListError> {
    let mut objects: Vec<Object<'_>> = Vec::new();
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    if !lines.by_ref().any(|(_, line)| line == "BEGINDATA") {
        return Err(ListError::line(WHAT, 1, "no BEGINDATA"));
    }
    while let Some((number, line)) = lines.next() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, ' ');
        let (key, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let is_known = FACTS.contains(&key) || BITS.iter().chain(&DATES).any(|(known, _)| *known == key);
        if !is_known {
            let problem = if key.starts_with("CKA_") {
                format!("{key} is not known here: the file is of a newer version")
            } else {
                format!("an attribute was expected, not {line:?}")
            };
            return Err(ListError::line(WHAT, number, problem));
        }
        let value = if kind == "MULTILINE_OCTAL" {
            let mut octets = Vec::new();
            loop {
                match lines.next() {
                    Some((_, "END")) => break,
                    Some((number, line)) => octal(line, &mut octets)
                        .ok_or_else(|| ListError::line(WHAT, number, "octets in octal were expected"))?,
                    None => return Err(ListError::line(WHAT, number, "no END: the file is cut off")),
                }
            }
            Value::Octets(octets)
        } else {
            match words.next() {
                Some(word) => Value::Word(word),
                None => return Err(ListError::line(WHAT, number, format!("{key} has no value"))),
            }
        };
        if key == "CKA_CLASS" {
            objects.push(Object { line: number, attributes: HashMap::new() });
        }
        let Some(object) = objects.last_mut() else {
            return Err(ListError::line(WHAT, number, "an object begins with CKA_CLASS"));
        };
        if object.attributes.insert(key, value).is_some() {
            return Err(ListError::line(WHAT, number, format!("{key} is there twice")));
        }
    }
    Ok(objects)
}

/// `\060\057`…: each octet in three digits.
fn octal(line: &str, octets: &mut Vec<u8>) -> Option<()> {
    let mut rest = line;
    while !rest.is_empty() {
        let digits = rest.strip_prefix('\\')?.get(..3)?;
        octets.push(u8::from_str_radix(digits, 8).ok()?);
        rest = rest.get(4..)?;
    }
    Some(())
}
