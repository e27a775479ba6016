//! Microsoft's authroot.stl: a certificate trust list in PKCS#7 (MS-CAESO 4.4.5.1), which names certificates by their
//! SHA-1 and says by properties (CERT_*_PROP_ID of wincrypt.h) until when and for what each is trusted. Its signature is
//! not checked: like any file of roots it is as good as the way by which it came.

use super::{Anchor, List, ListError, Named};
use crate::der::{self, Element, Reader, tag};
use crate::distinguished_name::hex;
use crate::oid;
use crate::store::constraints::{Conditions, Constraints, Dated};
use crate::time::{Time, UnixSeconds, rfc3339};

const WHAT: &str = "authroot.stl";

/// pkcs7-signedData, szOID_CTL, and what stands before the number of a property.
const SIGNED_DATA: &str = "1.2.840.113549.1.7.2";
const TRUST_LIST: &str = "1.3.6.1.4.1.311.10.1";
const PROPERTY: &str = "1.3.6.1.4.1.311.10.11.";
/// Seconds from 1601, when FILETIME begins, to 1970.
const FILETIME: i64 = 11_644_473_600;

/// The usages that PKCS#7 leads to: the octets of the list itself, whatever wraps them.
fn list_of(data: &[u8]) -> Option<Reader<'_>> {
    let mut content_info = Reader::new(data).nested(tag::SEQUENCE)?;
    if oid::dotted(content_info.read(tag::OID)?) != SIGNED_DATA {
        return None;
    }
    let mut signed = content_info.nested(tag::constructed(0))?.nested(tag::SEQUENCE)?;
    signed.read(tag::INTEGER)?;
    signed.read(tag::SET)?;
    let mut content = signed.nested(tag::SEQUENCE)?;
    if oid::dotted(content.read(tag::OID)?) != TRUST_LIST {
        return None;
    }
    content.nested(tag::constructed(0))?.nested(tag::SEQUENCE)
}

/// A cut off file is a list all the same, and told as one.
pub(super) fn is_list(data: &[u8]) -> bool {
    let mark: &[u8] = &[0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x0a, 0x01];
    data.starts_with(&[tag::SEQUENCE])
        && data.get(..80).unwrap_or(data).windows(mark.len()).any(|part| part == mark)
}

pub(super) fn read(data: &[u8]) -> Result<List, ListError> {
    let fail = |place: &str, problem: &str| ListError {
        what: WHAT,
        place: place.to_owned(),
        problem: problem.to_owned(),
    };
    let mut list = list_of(data).ok_or_else(|| {
        fail("the frame", "no complete trust list in PKCS#7: the file is cut off, or damaged")
    })?;
    let frame = |problem: &str| fail("the head of the list", problem);
    // The version is there only if it is not the first.
    if list.peek() == Some(tag::INTEGER) {
        return Err(frame("its version is not 1"));
    }
    list.read(tag::SEQUENCE).ok_or_else(|| frame("no usage"))?;
    if list.peek() == Some(tag::OCTET_STRING) {
        list.read(tag::OCTET_STRING);
    }
    let number = list.read(tag::INTEGER).ok_or_else(|| frame("no sequence number"))?;
    let issued = list.any().and_then(time).ok_or_else(|| frame("no time of issue"))?;
    if matches!(list.peek(), Some(tag::UTC_TIME | tag::GENERALIZED_TIME)) {
        list.any();
    }
    list.read(tag::SEQUENCE).ok_or_else(|| frame("no algorithm"))?;
    let mut entries = list.nested(tag::SEQUENCE).ok_or_else(|| frame("no entries"))?;
    let mut anchors = Vec::new();
    while !entries.is_empty() {
        let place = format!("{} (counted from 0)", anchors.len());
        let entry = entries.nested(tag::SEQUENCE).and_then(entry);
        anchors.push(entry.ok_or_else(|| ListError::entry(WHAT, &place, "it cannot be read"))??);
    }
    let day = rfc3339(issued).get(..10).map(str::to_owned);
    let shown = day.as_deref().unwrap_or_default();
    Ok(List {
        what: WHAT,
        source: format!("Microsoft Trusted Root Program, list of {shown}"),
        version: Some(hex(number)),
        date: day,
        anchors,
        skipped: Vec::new(),
    })
}

fn time(element: Element<'_>) -> Option<UnixSeconds> {
    Time::new(element)?.seconds
}

/// What the properties of an entry say; the outer `None` where they are not properties.
fn entry(mut reader: Reader<'_>) -> Option<Result<Anchor, ListError>> {
    let sha1: [u8; 20] = reader.read(tag::OCTET_STRING)?.try_into().ok()?;
    let entry = hex(&sha1);
    let mut certificate = Named::Sha1(sha1);
    let mut properties = if reader.is_empty() { Reader::new(&[]) } else { reader.nested(tag::SET)? };
    reader.end()?;
    let mut constraints = Constraints::default();
    let mut conditions = Conditions::default();
    let (mut disabled, mut disabled_for, mut not_before, mut not_before_for) = (None, None, None, None);
    while !properties.is_empty() {
        let mut property = properties.nested(tag::SEQUENCE)?;
        let name = oid::dotted(property.read(tag::OID)?);
        let mut values = property.nested(tag::SET)?;
        let value = values.read(tag::OCTET_STRING)?;
        values.end()?;
        match name.strip_prefix(PROPERTY) {
            // CERT_ENHKEY_USAGE_PROP_ID
            Some("9") => conditions.purposes = Some(usages(value)?),
            // CERT_DISALLOWED_FILETIME_PROP_ID; without a date: from the beginning.
            Some("104") => disabled = Some(filetime(value)?),
            // CERT_DISALLOWED_ENHKEY_USAGE_PROP_ID
            Some("122") => disabled_for = Some(usages(value)?),
            // CERT_NOT_BEFORE_FILETIME_PROP_ID
            Some("126") => not_before = Some(filetime(value)?),
            // CERT_NOT_BEFORE_ENHKEY_USAGE_PROP_ID
            Some("127") => not_before_for = Some(usages(value)?),
            // CERT_ROOT_PROGRAM_CERT_POLICIES_PROP_ID
            Some("83") => constraints.ev_policies = policies(value)?,
            // CERT_SHA256_HASH_PROP_ID says more than the SHA-1 does.
            Some("98") => certificate = Named::Sha256(value.try_into().ok()?),
            // Names, the key's identifier, the hash of the subject, policies of the programme for chains.
            Some("11" | "20" | "29" | "105") => {}
            // What is not known could be a condition.
            _ => {
                let problem =
                    format!("its property {name} is not known here: the file is of a newer version");
                return Some(Err(ListError::entry(WHAT, &entry, problem)));
            }
        }
    }
    if disabled.is_some() || disabled_for.is_some() {
        let date = disabled.unwrap_or(UnixSeconds::MIN);
        conditions.disabled_from.push(Dated { date, purposes: disabled_for });
    }
    if not_before.is_some() || not_before_for.is_some() {
        let date = not_before.unwrap_or(UnixSeconds::MIN);
        conditions.distrusted_after.push(Dated { date, purposes: not_before_for });
    }
    constraints.alternatives.push(conditions);
    Some(Ok(Anchor { entry, certificate, constraints }))
}

/// A FILETIME: hundreds of nanoseconds since 1601, the lowest octet first.
fn filetime(value: &[u8]) -> Option<UnixSeconds> {
    if value.is_empty() {
        return Some(UnixSeconds::MIN);
    }
    let ticks = u64::from_le_bytes(value.try_into().ok()?);
    Some(i64::try_from(ticks / 10_000_000).ok()? - FILETIME)
}

/// ExtKeyUsageSyntax.
fn usages(value: &[u8]) -> Option<Vec<String>> {
    let mut outer = Reader::new(value);
    let mut list = outer.nested(tag::SEQUENCE)?;
    outer.end()?;
    let mut usages = Vec::new();
    while !list.is_empty() {
        usages.push(oid::dotted(der::oid(list.read(tag::OID)?)?));
    }
    Some(usages)
}

/// CertificatePolicies (RFC 5280 4.2.1.4), without the qualifiers.
fn policies(value: &[u8]) -> Option<Vec<String>> {
    let mut list = Reader::new(value).nested(tag::SEQUENCE)?;
    let mut policies = Vec::new();
    while !list.is_empty() {
        policies.push(oid::dotted(der::oid(list.nested(tag::SEQUENCE)?.read(tag::OID)?)?));
    }
    Some(policies)
}
