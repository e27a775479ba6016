//! Lists of logs: the JSON that Chrome and Apple publish (version 3 of Google's schema).

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use crate::certificate::PublicKey;
use crate::signature;
use crate::time::{UnixSeconds, parse_rfc3339};

/// What a programme thinks of a log, and since when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum State {
    Pending,
    Qualified,
    Usable,
    ReadOnly,
    /// The date is missing in some lists.
    Retired(Option<UnixSeconds>),
    Rejected,
    /// The list does not say.
    Unknown,
}

/// One log.
#[derive(Clone, Debug)]
pub(super) struct Log {
    pub(super) description: Arc<str>,
    /// SHA-256 of its SubjectPublicKeyInfo.
    pub(super) id: [u8; 32],
    operator: Arc<str>,
    /// Who ran it before, and the millisecond at which that ended; earliest first.
    previous_operators: Vec<(u64, Arc<str>)>,
    pub(super) state: State,
    /// From when and until when the certificates end that it takes.
    pub(super) interval: Option<(UnixSeconds, UnixSeconds)>,
    /// It is read by RFC 6962's own interface, not by tiles.
    pub(super) is_rfc6962: bool,
    /// TLS's numbers of the algorithm that it signs with.
    pub(super) algorithm: [u8; 2],
    /// The same as contents of an AlgorithmIdentifier.
    pub(super) identifier: &'static [u8],
    pub(super) key_algorithm: Vec<u8>,
    pub(super) key: Vec<u8>,
    pub(super) rsa_bits: Option<u32>,
}

impl Log {
    /// Who ran it at this millisecond.
    pub(super) fn operator_at(&self, milliseconds: u64) -> &Arc<str> {
        let before = self.previous_operators.iter().find(|(end, _)| milliseconds < *end);
        before.map_or(&self.operator, |(_, operator)| operator)
    }
}

/// Why a list of logs cannot be used, with the place in it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LogListError(String);

impl fmt::Display for LogListError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for LogListError {}

/// Logs that certificates may be in, with what a programme thinks of each.
#[derive(Clone)]
pub struct CtLogs {
    logs: HashMap<[u8; 32], Log>,
    version: Option<String>,
    date: Option<UnixSeconds>,
    /// What it was read from.
    json: Arc<[u8]>,
}

impl fmt::Debug for CtLogs {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CtLogs")
            .field("logs", &self.logs.len())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl CtLogs {
    /// Reads a list.
    ///
    /// # Errors
    ///
    /// If it is not JSON of that schema, has no log, or has one that cannot be used: never a smaller list in silence.
    pub fn from_json(json: &[u8]) -> Result<Self, LogListError> {
        let complain = |problem: String| LogListError(problem);
        let value: Value = serde_json::from_slice(json)
            .map_err(|error| complain(format!("not a list of logs: no sound JSON: {error}")))?;
        let other = "not a list of logs of schema 3, which has an object with `operators`, each with `name`, `logs` \
                     and, where there are any, `tiled_logs`";
        let top = value.as_object().ok_or_else(|| complain(other.to_owned()))?;
        if top.contains_key("logs") {
            return Err(complain(format!("{other}: this one has `logs` at its top, as schema 1 had them")));
        }
        let operators =
            top.get("operators").and_then(Value::as_array).ok_or_else(|| complain(other.to_owned()))?;
        let mut logs = HashMap::new();
        for (number, operator) in operators.iter().enumerate() {
            let place = format!("operators[{number}]");
            let operator = object(operator, &place)?;
            let name: Arc<str> = text(operator, "name", &place)?.into();
            if !operator.contains_key("logs") && !operator.contains_key("tiled_logs") {
                return Err(LogListError(format!("{place}: has neither `logs` nor `tiled_logs`")));
            }
            for (kind, is_rfc6962) in [("logs", true), ("tiled_logs", false)] {
                let Some(listed) = operator.get(kind) else { continue };
                let place = format!("{place}.{kind}");
                let listed = listed.as_array().ok_or_else(|| expected(&place, "an array", listed))?;
                for (number, one) in listed.iter().enumerate() {
                    let place = format!("{place}[{number}]");
                    let log = log(object(one, &place)?, &name, is_rfc6962, &place)?;
                    if let Some(known) = logs.insert(log.id, log.clone()) {
                        return Err(LogListError(format!(
                            "{place}: {:?} has the key of {:?}, which is in the list before",
                            log.description, known.description
                        )));
                    }
                }
            }
        }
        if logs.is_empty() {
            return Err(LogListError("a list of logs without a log".to_owned()));
        }
        let date = match top.get("log_list_timestamp") {
            None => None,
            Some(date) => Some(moment(date, "log_list_timestamp")?),
        };
        let version = match top.get("version") {
            Some(Value::String(version)) => Some(version.clone()),
            Some(Value::Number(version)) => Some(version.to_string()),
            _ => None,
        };
        Ok(Self { logs, version, date, json: json.into() })
    }

    /// The JSON that it was read from.
    pub fn json(&self) -> &[u8] {
        &self.json
    }

    /// How many logs there are, one at least.
    pub fn len(&self) -> usize {
        self.logs.len()
    }

    /// Whether the list is empty, which does not happen.
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty()
    }

    /// The list's own number.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// When it was made.
    pub fn date(&self) -> Option<UnixSeconds> {
        self.date
    }

    pub(super) fn find(&self, id: &[u8; 32]) -> Option<&Log> {
        self.logs.get(id)
    }

    /// When the standing of a log changes.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        self.logs.values().filter_map(|log| match log.state {
            State::Retired(since) => since,
            _ => None,
        })
    }
}

fn log(
    listed: &Map<String, Value>,
    operator: &Arc<str>,
    is_rfc6962: bool,
    place: &str,
) -> Result<Log, LogListError> {
    let complain = |problem: &str| LogListError(format!("{place}: {problem}"));
    // Some logs of old lists have no description.
    let description = match listed.get("description") {
        None => text(listed, "url", place)?,
        Some(_) => text(listed, "description", place)?,
    };
    let decode = |name: &str| {
        let octets = STANDARD.decode(text(listed, name, place)?);
        octets.map_err(|_| complain(&format!("`{name}` is not base64")))
    };
    let spki = decode("key")?;
    let id = signature::sha256(&spki);
    if decode("log_id")? != id {
        return Err(complain("`log_id` is not SHA-256 of `key` (RFC 6962 3.2)"));
    }
    let key = PublicKey::from_spki(&spki).ok_or_else(|| complain("`key` is not a SubjectPublicKeyInfo"))?;
    let identifier = signature::with_sha256(key.algorithm.contents);
    let identifier = identifier
        .filter(|_| key.decodes())
        .ok_or_else(|| complain("`key` is neither of P-256 nor of RSA (RFC 6962 2.1.4)"))?;
    let rsa_bits = key.rsa_bits();
    if rsa_bits.is_some_and(|bits| bits < 2048) {
        return Err(complain("`key` is of RSA with fewer than 2048 bits (RFC 6962 2.1.4)"));
    }
    Ok(Log {
        description: description.into(),
        id,
        operator: Arc::clone(operator),
        previous_operators: previous_operators(listed, place)?,
        state: state(listed, place)?,
        interval: interval(listed, place)?,
        is_rfc6962,
        // RFC 5246 7.4.1.4.1: sha256 is 4, rsa 1, ecdsa 3.
        algorithm: if rsa_bits.is_some() { [4, 1] } else { [4, 3] },
        identifier,
        key_algorithm: key.algorithm.contents.to_vec(),
        key: key.key.to_vec(),
        rsa_bits,
    })
}

fn state(listed: &Map<String, Value>, place: &str) -> Result<State, LogListError> {
    let Some(states) = listed.get("state") else { return Ok(State::Unknown) };
    let place = format!("{place}.state");
    let states = object(states, &place)?;
    let mut states = states.iter();
    let (Some((name, about)), None) = (states.next(), states.next()) else {
        return Err(LogListError(format!("{place}: one state expected")));
    };
    let since = match about.get("timestamp") {
        None => None,
        Some(date) => Some(moment(date, &format!("{place}.{name}.timestamp"))?),
    };
    Ok(match name.as_str() {
        "pending" => State::Pending,
        "qualified" => State::Qualified,
        "usable" => State::Usable,
        "readonly" => State::ReadOnly,
        "retired" => State::Retired(since),
        "rejected" => State::Rejected,
        other => {
            return Err(LogListError(format!(
                "{place}: {other:?} is not a state of the schema: pending, qualified, usable, readonly, retired, \
                 rejected"
            )));
        }
    })
}

fn interval(
    listed: &Map<String, Value>,
    place: &str,
) -> Result<Option<(UnixSeconds, UnixSeconds)>, LogListError> {
    let Some(interval) = listed.get("temporal_interval") else { return Ok(None) };
    let place = format!("{place}.temporal_interval");
    let interval = object(interval, &place)?;
    let end = |name: &str| {
        let date = interval.get(name).ok_or_else(|| LogListError(format!("{place}: has no `{name}`")))?;
        moment(date, &format!("{place}.{name}"))
    };
    Ok(Some((end("start_inclusive")?, end("end_exclusive")?)))
}

fn previous_operators(
    listed: &Map<String, Value>,
    place: &str,
) -> Result<Vec<(u64, Arc<str>)>, LogListError> {
    let Some(previous) = listed.get("previous_operators") else { return Ok(Vec::new()) };
    let place = format!("{place}.previous_operators");
    let listed = previous.as_array().ok_or_else(|| expected(&place, "an array", previous))?;
    let mut operators = Vec::with_capacity(listed.len());
    for (number, one) in listed.iter().enumerate() {
        let place = format!("{place}[{number}]");
        let one = object(one, &place)?;
        let end = one.get("end_time").ok_or_else(|| LogListError(format!("{place}: has no `end_time`")))?;
        let end = moment(end, &format!("{place}.end_time"))?;
        let end = u64::try_from(end).unwrap_or_default().saturating_mul(1_000);
        operators.push((end, text(one, "name", &place)?.into()));
    }
    operators.sort_by_key(|(end, _)| *end);
    Ok(operators)
}

fn expected(place: &str, what: &str, found: &Value) -> LogListError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    LogListError(format!("{place}: {what} expected, found {found}"))
}

fn object<'v>(value: &'v Value, place: &str) -> Result<&'v Map<String, Value>, LogListError> {
    value.as_object().ok_or_else(|| expected(place, "an object", value))
}

fn text<'v>(object: &'v Map<String, Value>, name: &str, place: &str) -> Result<&'v str, LogListError> {
    let value = object.get(name).ok_or_else(|| LogListError(format!("{place}: has no `{name}`")))?;
    value.as_str().ok_or_else(|| expected(&format!("{place}.{name}"), "a string", value))
}

fn moment(value: &Value, place: &str) -> Result<UnixSeconds, LogListError> {
    let text = value.as_str().ok_or_else(|| expected(place, "a string", value))?;
    parse_rfc3339(text)
        .ok_or_else(|| LogListError(format!("{place}: {text:?} is not a time such as 2026-01-02T03:04:05Z")))
}
