//! Chrome's CRLSet: a header in JSON, then for each issuer's key the serial numbers that are revoked (Chromium's
//! net/cert/crl_set.h).

use std::collections::{HashMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::certificate::Certificate;
use crate::der;
use crate::signature::sha256;
use crate::time::UnixSeconds;

use super::{Listing, SetError};

type Serials = HashSet<Box<[u8]>, ahash::RandomState>;

/// What a CRLSet lists.
#[derive(Debug)]
pub(super) struct ChromeSet {
    pub(super) sequence: u64,
    /// After this it is out of date.
    pub(super) not_after: Option<UnixSeconds>,
    /// By SHA-256 of the issuer's SubjectPublicKeyInfo.
    parents: HashMap<[u8; 32], Serials>,
    /// Keys that nobody may have any more: those blocked, and those of interception that is.
    blocked: HashSet<[u8; 32]>,
    /// SHA-256 of a subject that some keys alone may have, and these keys.
    limited: HashMap<[u8; 32], Vec<[u8; 32]>>,
}

impl ChromeSet {
    pub(super) fn len(&self) -> usize {
        let serials = self.parents.values().map(HashSet::len).sum::<usize>();
        serials.saturating_add(self.blocked.len()).saturating_add(self.limited.len())
    }

    pub(super) fn listing(
        &self,
        certificate: &Certificate<'_>,
        issuer: Option<[u8; 32]>,
        at: UnixSeconds,
    ) -> Listing {
        let key = certificate.spki_sha256();
        if self.blocked.contains(&key) {
            return Listing::By("key");
        }
        if !self.limited.is_empty()
            && let Some(allowed) = self.limited.get(&sha256(certificate.subject.der()))
            && !allowed.contains(&key)
        {
            return Listing::By("subject");
        }
        let Some(serials) = issuer.and_then(|issuer| self.parents.get(&issuer)) else {
            return Listing::Unknown;
        };
        // CRLSet::CheckSerial: a negative one cannot be listed.
        if der::is_negative(certificate.serial) {
            return Listing::Unknown;
        }
        if serials.contains(without_zeros(certificate.serial)) {
            return Listing::By("serial number");
        }
        let is_current = self.not_after.is_none_or(|end| at <= end);
        if is_current { Listing::Absent } else { Listing::Unknown }
    }
}

/// The number without the zeros before it; Chromium keeps the last octet.
fn without_zeros(mut serial: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = serial
        && !rest.is_empty()
    {
        serial = rest;
    }
    serial
}

/// Reads a whole set; what is left over, or missing, is an error.
pub(super) fn read(octets: &[u8]) -> Result<ChromeSet, SetError> {
    let complain = |problem: &str| SetError(format!("not a CRLSet: {problem}"));
    if octets.starts_with(b"Cr24") || octets.starts_with(b"PK\x03\x04") {
        return Err(complain("an archive: unpack the file `crl-set` from it"));
    }
    let (length, rest) = octets.split_first_chunk::<2>().ok_or_else(|| complain("no length of a header"))?;
    let (header, mut rest) = rest
        .split_at_checked(usize::from(u16::from_le_bytes(*length)))
        .ok_or_else(|| complain("its header is longer than the file"))?;
    let header: Value = serde_json::from_slice(header)
        .map_err(|error| SetError(format!("not a CRLSet: no JSON in its header: {error}")))?;
    let header = header.as_object().ok_or_else(|| complain("no JSON object in its header"))?;
    if header.get("ContentType").and_then(Value::as_str) != Some("CRLSet") {
        return Err(complain("the `ContentType` of its header is another"));
    }
    let number = |name: &str| -> Result<u64, SetError> {
        header
            .get(name)
            .and_then(Value::as_u64)
            .ok_or_else(|| SetError(format!("header: `{name}` is not a number of a CRLSet")))
    };
    if number("Version")? != 0 {
        return Err(SetError("header: a `Version` other than 0 is not known".to_owned()));
    }
    if header.contains_key("DeltaFrom") && number("DeltaFrom")? != 0 {
        return Err(SetError("header: `DeltaFrom`: a difference of two sets is not a set".to_owned()));
    }
    let sequence = number("Sequence")?;
    let not_after = match header.get("NotAfter") {
        None => None,
        Some(_) => Some(number("NotAfter")?).filter(|end| *end != 0),
    };
    let not_after = not_after.map(|end| UnixSeconds::try_from(end).unwrap_or(UnixSeconds::MAX));
    let mut blocked = HashSet::new();
    for name in ["BlockedSPKIs", "BlockedInterceptionSPKIs"] {
        blocked.extend(hashes(header, name)?);
    }
    let limited = limited(header)?;
    let count = number("NumParents")?;
    let mut parents = HashMap::new();
    for parent in 0..count {
        let torn = || SetError(format!("parent {parent} of {count}: the file ends in it"));
        let (key, after) = rest.split_first_chunk::<32>().ok_or_else(torn)?;
        let (serials, after) = after.split_first_chunk::<4>().ok_or_else(torn)?;
        rest = after;
        let mut listed = Serials::default();
        for _ in 0..u32::from_le_bytes(*serials) {
            let (length, after) = rest.split_first().ok_or_else(torn)?;
            let (serial, after) = after.split_at_checked(usize::from(*length)).ok_or_else(torn)?;
            rest = after;
            listed.insert(without_zeros(serial).into());
        }
        if parents.insert(*key, listed).is_some() {
            return Err(SetError(format!("parent {parent} of {count}: its key is in the set before")));
        }
    }
    if !rest.is_empty() {
        return Err(SetError(format!("{} octets behind the last of {count} parents", rest.len())));
    }
    Ok(ChromeSet { sequence, not_after, parents, blocked, limited })
}

fn hash(value: &Value, place: &str) -> Result<[u8; 32], SetError> {
    let octets = value.as_str().and_then(|text| STANDARD.decode(text).ok());
    octets
        .and_then(|octets| <[u8; 32]>::try_from(octets).ok())
        .ok_or_else(|| SetError(format!("header: {place}: a SHA-256 in base64 expected")))
}

fn hashes(header: &Map<String, Value>, name: &str) -> Result<Vec<[u8; 32]>, SetError> {
    let Some(listed) = header.get(name) else { return Ok(Vec::new()) };
    array(listed, name)
}

fn array(listed: &Value, place: &str) -> Result<Vec<[u8; 32]>, SetError> {
    let listed = listed.as_array();
    let listed = listed.ok_or_else(|| SetError(format!("header: {place}: an array expected")))?;
    let numbered = listed.iter().enumerate();
    numbered.map(|(number, value)| hash(value, &format!("{place}[{number}]"))).collect()
}

fn limited(header: &Map<String, Value>) -> Result<HashMap<[u8; 32], Vec<[u8; 32]>>, SetError> {
    let Some(listed) = header.get("LimitedSubjects") else { return Ok(HashMap::new()) };
    let listed = listed
        .as_object()
        .ok_or_else(|| SetError("header: LimitedSubjects: an object expected".to_owned()))?;
    let subject = |(subject, keys): (&String, &Value)| {
        let place = format!("LimitedSubjects[{subject:?}]");
        Ok((hash(&Value::String(subject.clone()), &place)?, array(keys, &place)?))
    };
    listed.iter().map(subject).collect()
}
