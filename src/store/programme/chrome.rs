//! Chrome's root_store.textproto: which certificates of root_store.certs are trust anchors, and under what conditions
//! (net/data/ssl/chrome_root_store in Chromium; the schema is its root_store.proto).

use super::textproto::{Field, Value, parse};
use super::{Anchor, List, ListError, Named};
use crate::store::constraints::{Conditions, Constraints, Dated};

const WHAT: &str = "Chrome's root store";

/// Whether the first thing said is one of the fields of the message RootStore.
pub(super) fn is_list(text: &str) -> bool {
    let mut lines =
        text.lines().map(str::trim_start).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let first = lines.next().unwrap_or_default();
    ["version_major", "trust_anchors", "additional_certs", "mtc_anchors"].iter().any(|field| {
        let rest = first.strip_prefix(field).map(str::trim_start);
        rest.is_some_and(|rest| rest.starts_with([':', '{', '<']))
    })
}

pub(super) fn read(text: &str) -> Result<List, ListError> {
    let mut version = None;
    let mut anchors = Vec::new();
    let mut skipped = Vec::new();
    for field in parse(WHAT, text)? {
        match (field.name, field.value) {
            ("version_major", Value::Bare(number)) if number.parse::<u64>().is_ok() => {
                version = Some(number.to_owned());
            }
            ("trust_anchors", Value::Message(fields)) => {
                anchors.extend(anchor(fields, field.line, true, &mut skipped)?);
            }
            ("additional_certs", Value::Message(fields)) => {
                anchors.extend(anchor(fields, field.line, false, &mut skipped)?);
            }
            // Merkle tree certificates are not X.509 paths.
            ("mtc_anchors", Value::Message(_)) => {
                skipped.push(format!("line {}: an anchor of Merkle tree certificates", field.line));
            }
            (name, _) => return Err(unknown(name, field.line)),
        }
    }
    let Some(version) = version else {
        return Err(ListError::line(
            WHAT,
            text.lines().count(),
            "no version_major: the file is cut off, or another",
        ));
    };
    Ok(List {
        what: WHAT,
        source: format!("Chrome Root Store {version}"),
        version: Some(version),
        date: None,
        anchors,
        skipped,
    })
}

/// What is not known could be a condition, and none may be passed over.
fn unknown(name: &str, line: usize) -> ListError {
    ListError::line(
        WHAT,
        line,
        format!("{name:?} with this value is not known here: the file is of a newer version"),
    )
}

fn anchor(
    fields: Vec<Field<'_>>,
    line: usize,
    mut trusted: bool,
    skipped: &mut Vec<String>,
) -> Result<Option<Anchor>, ListError> {
    let mut sha256 = None;
    let mut constraints = Constraints::default();
    for field in fields {
        match (field.name, field.value) {
            ("sha256_hex", Value::Text(hex)) => {
                let octets = super::fingerprint(&hex).ok_or_else(|| {
                    ListError::line(
                        WHAT,
                        field.line,
                        format!("sha256_hex: 64 hexadecimal digits, not {hex:?}"),
                    )
                })?;
                sha256 = Some((hex.to_ascii_lowercase(), octets));
            }
            ("ev_policy_oids", Value::Text(oid)) => {
                constraints.ev_policies.push(numbers("ev_policy_oids", oid, field.line)?);
            }
            ("constraints", Value::Message(fields)) => constraints.alternatives.push(conditions(fields)?),
            ("tls_trust_anchor", Value::Bare(word @ ("true" | "false"))) => trusted |= word == "true",
            // Certificates and their own constraints are always enforced here.
            (
                "enforce_anchor_expiry" | "enforce_anchor_constraints" | "eutl" | "crs_root_id",
                Value::Bare(_),
            )
            | ("display_name" | "trust_anchor_id", Value::Text(_)) => {}
            (name, _) => return Err(unknown(name, field.line)),
        }
    }
    let Some((entry, sha256)) = sha256 else {
        return Err(ListError::line(WHAT, line, "an anchor without sha256_hex"));
    };
    if !trusted {
        skipped.push(format!("{entry}: not a trust anchor for TLS"));
        return Ok(None);
    }
    Ok(Some(Anchor { entry, certificate: Named::Sha256(sha256), constraints }))
}

/// Numbers with dots between them, as versions and object identifiers are written.
fn numbers(name: &str, text: String, line: usize) -> Result<String, ListError> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|octet| octet.is_ascii_digit());
    if text.split('.').all(is_number) {
        Ok(text)
    } else {
        Err(ListError::line(WHAT, line, format!("{name}: numbers with dots between them, not {text:?}")))
    }
}

fn conditions(fields: Vec<Field<'_>>) -> Result<Conditions, ListError> {
    let mut conditions = Conditions::default();
    for field in fields {
        let line = field.line;
        let seconds = |text: &str| {
            text.parse::<i64>()
                .map_err(|_| ListError::line(WHAT, line, format!("{}: seconds, not {text:?}", field.name)))
        };
        match (field.name, field.value) {
            ("sct_not_after_sec", Value::Bare(date)) => conditions.sct_not_after = Some(seconds(date)?),
            ("sct_all_after_sec", Value::Bare(date)) => conditions.sct_all_after = Some(seconds(date)?),
            ("validity_starts_not_after_sec", Value::Bare(date)) => {
                conditions.distrusted_after.push(Dated::always(seconds(date)?));
            }
            ("validity_starts_after_sec", Value::Bare(date)) => {
                conditions.distrusted_until = Some(seconds(date)?);
            }
            ("min_version", Value::Text(version)) => {
                conditions.min_version = Some(numbers("min_version", version, line)?);
            }
            ("max_version_exclusive", Value::Text(version)) => {
                conditions.max_version = Some(numbers("max_version_exclusive", version, line)?);
            }
            ("permitted_dns_names", Value::Text(name)) => {
                if name.is_empty() {
                    return Err(ListError::line(
                        WHAT,
                        line,
                        "permitted_dns_names: an empty name would permit all",
                    ));
                }
                // What is not a DNS name permits nothing, and must not be read as two that permit something.
                if !name.bytes().all(|octet| octet.is_ascii_alphanumeric() || b".-_".contains(&octet)) {
                    let problem = format!("permitted_dns_names: a DNS name, not {name:?}");
                    return Err(ListError::line(WHAT, line, problem));
                }
                conditions.permitted_dns.get_or_insert_default().push(name);
            }
            (name, _) => return Err(unknown(name, line)),
        }
    }
    Ok(conditions)
}
