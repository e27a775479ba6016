//! CCADB's table of all included roots (AllIncludedRootCertsCSV): by fingerprint, what Apple, Chrome, Microsoft and Mozilla
//! say of each. It has no certificates.

use csv::{ReaderBuilder, StringRecord};

use super::{Anchor, List, ListError, Named};
use crate::oid::purpose;
use crate::store::constraints::{Conditions, Constraints};

const WHAT: &str = "CCADB's table of included roots";

const FINGERPRINT: &str = "SHA-256 Fingerprint";
const NAME: &str = "Certificate Name";
const INCLUDED: &str = "Included";

/// A root programme in the table.
struct Programme {
    name: &'static str,
    status: &'static str,
    /// The column of what it is trusted for, by its names over the years; Chrome has none: it knows servers alone.
    purposes: &'static [&'static str],
}

const PROGRAMMES: [Programme; 4] = [
    Programme { name: "apple", status: "Apple Status", purposes: &["Apple Trust Bits"] },
    Programme { name: "chrome", status: "Google Chrome Status", purposes: &[] },
    Programme {
        name: "microsoft",
        status: "Microsoft Status",
        purposes: &["Microsoft EKUs For DTBs", "Microsoft EKUs"],
    },
    Programme { name: "mozilla", status: "Mozilla Status", purposes: &["Mozilla Trust Bits"] },
];

/// What the programmes call extended key usages (RFC 5280 4.2.1.12), without regard to spaces and case.
const PURPOSES: [(&str, &str); 13] = [
    ("serverauth", purpose::SERVER_AUTH),
    ("serverauthentication", purpose::SERVER_AUTH),
    ("websites", purpose::SERVER_AUTH),
    ("clientauth", purpose::CLIENT_AUTH),
    ("clientauthentication", purpose::CLIENT_AUTH),
    ("codesigning", purpose::CODE_SIGNING),
    ("emailprotection", purpose::EMAIL_PROTECTION),
    ("secureemail", purpose::EMAIL_PROTECTION),
    ("email", purpose::EMAIL_PROTECTION),
    ("timestamping", purpose::TIME_STAMPING),
    ("ocspsigning", purpose::OCSP_SIGNING),
    ("documentsigning", "1.3.6.1.4.1.311.10.3.12"),
    ("encryptingfilesystem", "1.3.6.1.4.1.311.10.3.4"),
];

pub(super) fn is_list(text: &str) -> bool {
    let head = text.lines().next().unwrap_or_default();
    head.contains(FINGERPRINT) && PROGRAMMES.iter().any(|programme| head.contains(programme.status))
}

/// A programme with the columns in which it speaks.
struct Columns {
    programme: &'static Programme,
    status: usize,
    purposes: Option<usize>,
}

/// The roots of the programme of this name, else those that any programme includes, each for what one of them trusts it.
pub(super) fn read(text: &str, name: &str) -> Result<List, ListError> {
    let lines = text.lines().count();
    // A quotation mark is doubled within quotation marks (RFC 4180 2.7), so an odd one tells where a file was cut off.
    if !text.bytes().filter(|&octet| octet == b'"').count().is_multiple_of(2) {
        return Err(ListError::line(
            WHAT,
            lines,
            "a quotation mark has no end: the file is cut off, or damaged",
        ));
    }
    // A field may be missing after a comma, unless all lines end in one.
    if text.ends_with(',') && !text.lines().next().unwrap_or_default().ends_with(',') {
        return Err(ListError::line(
            WHAT,
            lines,
            "there is nothing after the last comma: the file is cut off",
        ));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = ReaderBuilder::new().from_reader(text.as_bytes());
    let wrong = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        let problem = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                format!("{len} columns, where the first line has {expected_len}")
            }
            _ => "not a line of CSV".to_owned(),
        };
        ListError::line(WHAT, usize::try_from(line).unwrap_or(usize::MAX), problem)
    };
    let head = reader.headers().map_err(|error| wrong(&error))?.clone();
    let column = |wanted: &str| head.iter().position(|title| title.trim() == wanted);
    let needed = |wanted: &str| {
        let missing = || ListError::line(WHAT, 1, format!("there is no column {wanted:?}"));
        column(wanted).ok_or_else(missing)
    };
    let (fingerprints, names) = (needed(FINGERPRINT)?, column(NAME));
    let chosen: Vec<&Programme> = PROGRAMMES.iter().filter(|one| one.name == name).collect();
    let asked = if chosen.is_empty() { PROGRAMMES.iter().collect() } else { chosen };
    let mut columns = Vec::new();
    for &programme in &asked {
        let titles = programme.purposes;
        let purposes = titles.iter().find_map(|title| column(title));
        if let (Some(title), None) = (titles.first(), purposes) {
            return Err(ListError::line(WHAT, 1, format!("there is no column {title:?}")));
        }
        columns.push(Columns { programme, status: needed(programme.status)?, purposes });
    }
    let mut list = List {
        what: WHAT,
        source: match asked.as_slice() {
            [one] => format!("CCADB, roots of {}", one.name),
            _ => "CCADB, roots of all programmes".to_owned(),
        },
        version: None,
        date: None,
        anchors: Vec::new(),
        skipped: Vec::new(),
    };
    for record in reader.records() {
        let record = record.map_err(|error| wrong(&error))?;
        let line = record.position().map_or(lines, |at| usize::try_from(at.line()).unwrap_or(usize::MAX));
        let cell = |column: usize| record.get(column).unwrap_or_default().trim();
        let hex: String = cell(fingerprints).chars().filter(|&digit| digit != ':').collect();
        let sha256 = super::fingerprint(&hex).ok_or_else(|| {
            let problem = format!("column {FINGERPRINT:?}: 64 hexadecimal digits, not {hex:?}");
            ListError::line(WHAT, line, problem)
        })?;
        let entry = hex.to_ascii_lowercase();
        let mut alternatives = Vec::new();
        let mut refused = Vec::new();
        for one in &columns {
            match cell(one.status) {
                INCLUDED => alternatives.push(conditions(one, &record)),
                "" => refused.push(format!("{}: no status", one.programme.name)),
                status => refused.push(format!("{}: {status}", one.programme.name)),
            }
        }
        if alternatives.is_empty() {
            let name = names.map_or("", cell);
            list.skipped.push(format!("{entry} ({name}): {}", refused.join(", ")));
            continue;
        }
        let constraints = Constraints { alternatives, ..Constraints::default() };
        list.anchors.push(Anchor { entry, certificate: Named::Sha256(sha256), constraints });
    }
    Ok(list)
}

/// For what a programme trusts a root. Words that are not known are for purposes that nobody asks about here.
fn conditions(columns: &Columns, record: &StringRecord) -> Conditions {
    let said = columns.purposes.map_or("serverAuth", |column| record.get(column).unwrap_or_default());
    let mut purposes: Vec<String> = Vec::new();
    for word in said.split(';') {
        let word: String = word.chars().filter(|letter| !letter.is_whitespace()).collect();
        let word = word.to_ascii_lowercase();
        if let Some((_, oid)) = PURPOSES.iter().find(|(known, _)| *known == word)
            && !purposes.iter().any(|known| known == oid)
        {
            purposes.push((*oid).to_owned());
        }
    }
    Conditions { purposes: Some(purposes), ..Conditions::default() }
}
