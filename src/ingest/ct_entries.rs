//! Answers of certificate logs to `get-entries` (RFC 6962 4.6): JSON around binary.

use crate::batch::{Presented, Row};

use super::ct::{Cursor, Entry, SignedEntry, push_chain};
use super::json::{List, Text, object};
use super::{Options, base64, json};

/// Entries of one answer. Logs give a thousand at the most; entries of three octets become rows of a thousand.
const MAX_ENTRIES: usize = 10_000;

object! {
    /// An answer, or one entry of it on a line of its own.
    Answer {
        entries: Option<List<LogEntry<'a>, MAX_ENTRIES>> = "entries",
        leaf_input: Text<'a> = "leaf_input",
        extra_data: Text<'a> = "extra_data",
    }
}

object! {
    /// One entry.
    LogEntry {
        leaf_input: Text<'a> = "leaf_input",
        extra_data: Text<'a> = "extra_data",
    }
}

/// The rows of one JSON document.
///
/// # Errors
///
/// The offset at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn rows(text: &[u8], options: &Options, rows: &mut Vec<Row>) -> Result<(), (usize, String)> {
    let answer: Answer<'_> = json::read(text)?;
    let Some(entries) = answer.entries else {
        if answer.leaf_input.filled().is_some() {
            rows.push(row(&answer.leaf_input, &answer.extra_data, 0, text, options));
        }
        return Ok(());
    };
    rows.reserve(entries.items.len());
    for (number, entry) in entries.items.iter().enumerate() {
        rows.push(row(&entry.leaf_input, &entry.extra_data, number, text, options));
    }
    if entries.dropped > 0 {
        let problem =
            format!("{} more entries than the {MAX_ENTRIES} that are read of an answer", entries.dropped);
        rows.push(Row { problem: Some(problem), ..Row::default() });
    }
    Ok(())
}

fn row(leaf_input: &Text<'_>, extra_data: &Text<'_>, number: usize, text: &[u8], options: &Options) -> Row {
    let mut row = Row { key: Some(format!("entry {number}")), name: options.name(None), ..Row::default() };
    row.origin.entry = u64::try_from(number).ok();
    if let Err(problem) = fill(&mut row, leaf_input, extra_data, text, options) {
        row.chain = Presented::default();
        row.problem = Some(format!("entry {number}{problem}"));
    }
    row
}

fn fill(
    row: &mut Row,
    leaf_input: &Text<'_>,
    extra_data: &Text<'_>,
    text: &[u8],
    options: &Options,
) -> Result<(), String> {
    let octets = |field: &Text<'_>, name: &str| {
        base64::decode(field.as_str().unwrap_or_default()).map_err(|(at, problem)| {
            let offset = field.offset_in(text).map(|start| start + at);
            let place = offset.map_or(String::new(), |offset| format!(", byte {offset} of the document"));
            format!(", {name}{place}: {problem}")
        })
    };
    let leaf_input = octets(leaf_input, "leaf_input")?;
    let extra_data = octets(extra_data, "extra_data")?;
    let mut cursor = Cursor::new(&leaf_input);
    let entry = cursor
        .take(2)
        .filter(|version_and_type| *version_and_type == [0, 0])
        .and_then(|_| Entry::read(&mut cursor))
        .ok_or_else(|| ", leaf_input: no MerkleTreeLeaf of RFC 6962 3.4".to_owned())?;
    row.at = options.at(Some(entry.at));
    row.chain = Presented::with_capacity(leaf_input.len() + extra_data.len());
    let mut extra = Cursor::new(&extra_data);
    let leaf = match entry.logged {
        SignedEntry::Certificate(der) => Some(der),
        SignedEntry::Precertificate => extra.vector(3),
    };
    let complete = leaf.and_then(|leaf| {
        row.chain.push(leaf);
        push_chain(&mut row.chain, extra.vector(3)?)
    });
    complete.ok_or_else(|| ", extra_data: no certificate chain of RFC 6962 4.6".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    // A certificate and a precertificate, octets made up.
    const ANSWER: &str = r#"{"entries":[{"leaf_input":"AAAAAAGLz+VoAAAAAAAEMAIFAAAA","extra_data":"AAAIAAAFMAMCAQE="},
 {"leaf_input":"AAAAAAGLz+VoAAABAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAAUwAwIBAgAA","extra_data":"AAAFMAMCAQMAAAgAAAUwAwIBAQ=="}]}"#;

    fn read(text: &str) -> Vec<Row> {
        let mut found = Vec::new();
        rows(text.as_bytes(), &Options::default(), &mut found).unwrap();
        found
    }

    #[test]
    fn a_precertificate_is_taken_from_extra_data_with_its_signature() {
        let found = read(ANSWER);
        let chains: Vec<Vec<_>> = found.iter().map(|row| row.chain.iter().collect()).collect();
        let issuer: &[u8] = &[0x30, 3, 2, 1, 1];
        assert_eq!(chains[0], [&[0x30, 2, 5, 0], issuer]);
        assert_eq!(chains[1], [&[0x30, 3, 2, 1, 3], issuer]);
        assert!(found.iter().all(|row| row.at == Some(1_700_000_000) && row.problem.is_none()));
        assert_eq!(found[1].key.as_deref(), Some("entry 1"));
    }

    #[test]
    fn an_entry_may_stand_alone() {
        let lone = r#"{"leaf_input":"AAAAAAGLz+VoAAAAAAAEMAIFAAAA","extra_data":"AAAIAAAFMAMCAQE="}"#;
        assert_eq!(read(lone)[0].chain.len(), 2);
        assert!(read("{}").is_empty() && read(r#"{"entries":[]}"#).is_empty());
    }

    #[test]
    fn a_broken_entry_costs_itself_only() {
        for (from, to, problem) in [
            ("AAAIAAAFMAMCAQE=", "AAAIAAAFMAMCAQ!=", "entry 0, extra_data, byte"),
            ("AAAIAAAFMAMCAQE=", "AAAJAAAFMAMCAQE=", "entry 0, extra_data: no certificate chain"),
            (
                "AAAAAAGLz+VoAAAAAAAEMAIFAAAA",
                "AQAAAAGLz+VoAAAAAAAEMAIFAAAA",
                "entry 0, leaf_input: no MerkleTreeLeaf",
            ),
            ("AAAAAAGLz+VoAAAAAAAEMAIFAAAA", "", "entry 0, leaf_input: no MerkleTreeLeaf"),
        ] {
            let found = read(&ANSWER.replacen(from, to, 1));
            assert!(found[0].problem.as_ref().is_some_and(|said| said.starts_with(problem)), "{found:?}");
            assert!(found[0].chain.is_empty());
            assert_eq!(found[1].chain.len(), 2);
        }
    }
}
