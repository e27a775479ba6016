//! Mozilla's OneCRL: the records of its collection as Remote Settings gives them out, in JSON.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::certificate::Certificate;
use crate::signature::sha256;

use super::{Listing, SetError};

/// Pairs of issuer and serial number, and of subject and key.
#[derive(Debug, Default)]
pub(super) struct MozillaSet {
    /// SHA-256 over the length of the issuer's name, the name and the serial number.
    serials: HashSet<[u8; 32], ahash::RandomState>,
    /// SHA-256 over the subject and SHA-256 of its SubjectPublicKeyInfo.
    keys: HashSet<[u8; 32], ahash::RandomState>,
}

impl MozillaSet {
    pub(super) fn len(&self) -> usize {
        self.serials.len().saturating_add(self.keys.len())
    }

    /// Names are compared octet by octet, as Firefox does. That a certificate is not listed says nothing: the list is of
    /// what was revoked, mostly CAs, and not about anybody's certificates.
    pub(super) fn listing(&self, certificate: &Certificate<'_>) -> Listing {
        if self.serials.contains(&pair(certificate.issuer.der(), certificate.serial)) {
            Listing::By("serial number")
        } else if self.keys.contains(&pair(certificate.subject.der(), &certificate.spki_sha256())) {
            Listing::By("subject and key")
        } else {
            Listing::Unknown
        }
    }
}

fn pair(name: &[u8], rest: &[u8]) -> [u8; 32] {
    let length = u64::try_from(name.len()).unwrap_or(u64::MAX).to_be_bytes();
    sha256(&[&length[..], name, rest].concat())
}

/// Reads the records: an array of them, or an object with them as `data` or `changes`.
pub(super) fn read(json: &[u8]) -> Result<MozillaSet, SetError> {
    let other = "not a OneCRL: an array of records expected, or an object that has one as `data` or `changes`, as Remote \
                 Settings gives them out";
    let value: Value = serde_json::from_slice(json)
        .map_err(|error| SetError(format!("not a OneCRL: no sound JSON: {error}")))?;
    let (place, records) = match &value {
        Value::Array(records) => ("records", records),
        Value::Object(object) => {
            let found =
                ["data", "changes"].into_iter().find_map(|key| Some((key, object.get(key)?.as_array()?)));
            found.ok_or_else(|| SetError(other.to_owned()))?
        }
        _ => return Err(SetError(other.to_owned())),
    };
    let mut set = MozillaSet::default();
    for (number, record) in records.iter().enumerate() {
        let complain = |problem: &str| SetError(format!("{place}[{number}]: {problem}"));
        let record = record.as_object().ok_or_else(|| complain("an object expected"))?;
        // A change may take a record away.
        if record.get("deleted").and_then(Value::as_bool) == Some(true) {
            continue;
        }
        let field = |name: &str| -> Result<Option<Vec<u8>>, SetError> {
            let Some(value) = record.get(name) else { return Ok(None) };
            let octets = value.as_str().and_then(|text| STANDARD.decode(text.trim()).ok());
            octets.map(Some).ok_or_else(|| complain(&format!("`{name}` is not base64")))
        };
        match (field("issuerName")?, field("serialNumber")?, field("subject")?, field("pubKeyHash")?) {
            (Some(issuer), Some(serial), _, _) => {
                set.serials.insert(pair(&issuer, &serial));
            }
            (_, _, Some(subject), Some(key)) if key.len() == 32 => {
                set.keys.insert(pair(&subject, &key));
            }
            (_, _, Some(_), Some(_)) => {
                return Err(complain("`pubKeyHash` is not a SHA-256 of 32 octets"));
            }
            _ => {
                return Err(complain(
                    "neither `issuerName` and `serialNumber` nor `subject` and `pubKeyHash`",
                ));
            }
        }
    }
    Ok(set)
}
