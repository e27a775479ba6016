//! The lists of the public trust_stores_observatory: YAML with the fingerprints of a platform's roots, beside a folder of
//! certificates.

use saphyr_parser::{Event, Parser};

use super::{Anchor, List, ListError, Named};
use crate::store::constraints::Constraints;

const WHAT: &str = "trust_stores_observatory's list";

/// How deep the list may be nested: its own goes two deep.
const MAX_DEPTH: usize = 4;

pub(super) fn is_list(text: &str) -> bool {
    text.lines().any(|line| line.trim_end() == "trusted_certificates:")
        && text.lines().any(|line| line.starts_with("platform:"))
}

/// What is collected on the way through the events.
#[derive(Default)]
struct Reading {
    platform: Option<String>,
    version: Option<String>,
    date: Option<String>,
    counts: [Option<usize>; 2],
    /// Trusted, and blocked: subject, fingerprint and line of each.
    entries: [Vec<(String, String, usize)>; 2],
}

pub(super) fn read(text: &str) -> Result<List, ListError> {
    let mut reading = Reading::default();
    let mut depth = 0usize;
    // The key at the top, that of an entry, and what is known of the entry.
    let (mut top, mut key): (Option<String>, Option<String>) = (None, None);
    let (mut subject, mut fingerprint) = (String::new(), None);
    let lines = text.lines().count();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| ListError::line(WHAT, error.marker().line(), error.info().to_owned()))?;
        let line = span.start.line();
        let wrong = |problem: &str| ListError::line(WHAT, line, problem);
        match event {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                depth += 1;
                if depth > MAX_DEPTH {
                    return Err(wrong("nested too deep"));
                }
                if depth == 3 {
                    (subject, fingerprint) = (String::new(), None);
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                if depth == 3 {
                    let Some((fingerprint, line)) = fingerprint.take() else {
                        return Err(wrong("an entry without a fingerprint"));
                    };
                    let list = match top.as_deref() {
                        Some("trusted_certificates") => Some(0),
                        Some("blocked_certificates") => Some(1),
                        _ => None,
                    };
                    if let Some(entries) = list.and_then(|list| reading.entries.get_mut(list)) {
                        entries.push((std::mem::take(&mut subject), fingerprint, line));
                    }
                } else if depth == 2 {
                    top = None;
                }
                depth = depth.saturating_sub(1);
            }
            Event::Alias(_) => return Err(wrong("aliases are not read")),
            Event::Scalar(value, ..) => match depth {
                1 => match top.take() {
                    None => top = Some(value.into_owned()),
                    Some(key) => reading.note(&key, &value).map_err(|problem| wrong(&problem))?,
                },
                3 => match key.take() {
                    None => key = Some(value.into_owned()),
                    Some(key) if key == "fingerprint" => fingerprint = Some((value.into_owned(), line)),
                    Some(key) if key == "subject_name" => subject = value.into_owned(),
                    Some(_) => {}
                },
                _ => return Err(wrong("a list of subject_name and fingerprint was expected")),
            },
            _ => {}
        }
    }
    reading.list(lines)
}

impl Reading {
    fn note(&mut self, key: &str, value: &str) -> Result<(), String> {
        let given = || Some(value).filter(|value| !matches!(*value, "null" | "~" | "")).map(str::to_owned);
        let count = || value.parse().map_err(|_| format!("{key}: a number, not {value:?}"));
        match key {
            "platform" => self.platform = given(),
            "version" => self.version = given(),
            "date_fetched" => {
                let is_date = crate::time::parse_rfc3339(&format!("{value}T00:00:00Z")).is_some();
                self.date = Some(value).filter(|_| is_date).map(str::to_owned);
                if !is_date {
                    return Err(format!("date_fetched: a date such as 2026-07-19, not {value:?}"));
                }
            }
            "trusted_certificates_count" => self.counts = [Some(count()?), self.counts[1]],
            "blocked_certificates_count" => self.counts = [self.counts[0], Some(count()?)],
            _ => {}
        }
        Ok(())
    }

    fn list(self, lines: usize) -> Result<List, ListError> {
        let [trusted, blocked] = self.entries;
        // The counts tell where a file was cut off.
        for (count, entries, what) in
            [(self.counts[0], &trusted, "trusted"), (self.counts[1], &blocked, "blocked")]
        {
            if count != Some(entries.len()) {
                let count = count.map_or("no number of".to_owned(), |count| count.to_string());
                let problem = format!("{count} {what} certificates announced, {} there", entries.len());
                return Err(ListError::line(WHAT, lines, problem));
            }
        }
        let mut anchors = Vec::new();
        for (_, hex, line) in trusted {
            let sha256 = super::fingerprint(&hex)
                .ok_or_else(|| ListError::line(WHAT, line, format!("64 hexadecimal digits, not {hex:?}")))?;
            let constraints = Constraints::default();
            let entry = hex.to_ascii_lowercase();
            anchors.push(Anchor { entry, certificate: Named::Sha256(sha256), constraints });
        }
        let skipped =
            blocked.into_iter().map(|(subject, hex, _)| format!("{hex} ({subject}): blocked")).collect();
        let platform = self.platform.unwrap_or_default();
        let version = self.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
        Ok(List {
            what: WHAT,
            source: format!("trust_stores_observatory, {platform}{version}"),
            version: self.version,
            date: self.date,
            anchors,
            skipped,
        })
    }
}
