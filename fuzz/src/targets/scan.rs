//! Scans: three settings, then a file in any of the formats. Each record gives rows, or one complaint with its
//! place, or counts as skipped; how the file is cut and handed over, and where reading is taken up again, makes
//! no difference; no certificate is given out that was not in the file.

use std::collections::BTreeSet;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use certpath::{
    Field, Format, Harvest, InputSource, Issuers, NameSource, Position, ReadOptions, Reader, Row,
};

/// What the file is called in complaints. With the suffix its octets need not look like JSON.
const NAMES: [&str; 2] = ["scan", "scan.jsonl"];

/// Octets of a chunk and of a read; mutants are smaller than the first.
const WHOLE: (usize, usize) = (1 << 17, usize::MAX);
const CHUNKS: [usize; 4] = [1, 16, 300, 5_000];
const STEPS: [usize; 4] = [1, 3, 700, usize::MAX];

/// Larger files are not cut into the smallest pieces, which takes long and finds nothing new.
const SMALL: usize = 3_000;

/// A limit for lines that mutants reach.
const LONGEST: usize = 2_000;

/// The formats by number; any other number: what the file looks like. Parquet is read by a library.
pub(crate) const FORMATS: [Format; 14] = [
    Format::Zgrab,
    Format::CtEntries,
    Format::CtTiles,
    Format::Certstream,
    Format::Tlsx,
    Format::Certificates,
    Format::Sslyze,
    Format::Ooni,
    Format::Nmap,
    Format::Testssl,
    Format::TestsslCsv,
    Format::Har,
    Format::SClient,
    Format::Pcap,
];

/// The offset after what is no lines.
const DONE: u64 = u64::MAX;

pub(super) fn run(data: &[u8]) -> &'static str {
    let [format, kind, sizes, text @ ..] = data else { return "nothing" };
    let format = FORMATS.get(usize::from(*format)).copied();
    let options = ReadOptions {
        format,
        names: NameSource::ALL[usize::from(kind >> 3 & 3)],
        captured: kind & 0x20 == 0,
        name: (kind & 0xc0 == 0xc0).then(|| "named.example.test".to_owned()),
        longest: if sizes & 0x10 == 0 { ReadOptions::LONGEST } else { LONGEST },
        keep: [Field::new("ip"), Field::new("data.0.raw")]
            .into_iter()
            .flatten()
            .take(usize::from(kind & 6))
            .collect(),
        scts: sizes & 0x20 != 0,
    };
    let file = File { name: NAMES[usize::from(kind & 1)], octets: text.into(), options };
    let whole = file.read(WHOLE, Position::default());
    let least = if text.len() > SMALL { 300 } else { 1 };
    let sizes_of_cut =
        (CHUNKS[usize::from(sizes & 3)].max(least), STEPS[usize::from(sizes >> 2 & 3)].max(least));
    let cut = file.read(sizes_of_cut, Position::default());
    let (gathered, again) = (gather(&whole), gather(&cut));
    if gathered.complaints.iter().chain(&again.complaints).any(|one| one.contains("corrupt")) {
        // How much a decompressor gives out before it stumbles depends on what it has been given: the last
        // line and the complaint may differ.
        let both = gathered.rows.len().min(again.rows.len()).saturating_sub(2);
        assert_eq!(gathered.rows[..both], again.rows[..both], "other rows before the damage");
        return "damaged within its compression";
    }
    assert_eq!(gathered.rows, again.rows, "other rows, cut otherwise");
    // That a capture breaks off may be noticed before or after what its last packets come to.
    let complaints = |harvest: &Harvest| {
        let mut complaints = harvest.complaints.clone();
        complaints.sort();
        complaints
    };
    assert_eq!(complaints(&gathered), complaints(&again), "other complaints, cut otherwise");
    assert_eq!(
        (gathered.skipped, gathered.records),
        (again.skipped, again.records),
        "other counts, cut otherwise"
    );
    let index = cut.len() * usize::from(sizes >> 5) / 8;
    if let Some(piece) = cut.get(index) {
        assert_eq!(file.read(sizes_of_cut, piece.after), cut[index + 1..], "other rows, taken up again");
    }
    for pieces in [&whole, &cut] {
        file.check_places(pieces);
    }
    file.check_rows(&whole);
    for piece in &cut {
        file.check_origin(piece);
    }
    match (gathered.rows.iter().any(|row| row.problem.is_none()), gathered.complaints.is_empty()) {
        (true, true) => "rows",
        (true, false) => "rows and complaints",
        (false, false) => "complaints",
        (false, true) => "no rows",
    }
}

struct File {
    name: &'static str,
    octets: Arc<[u8]>,
    options: ReadOptions,
}

/// A chunk.
#[derive(Debug, PartialEq)]
struct Piece {
    start: Position,
    after: Position,
    harvest: Harvest,
}

fn gather(pieces: &[Piece]) -> Harvest {
    let mut all = Harvest::default();
    for Piece { harvest, .. } in pieces {
        all.rows.extend(harvest.rows.iter().cloned());
        all.complaints.extend(harvest.complaints.iter().cloned());
        all.skipped += harvest.skipped;
        all.records += harvest.records;
    }
    all
}

impl File {
    fn read(&self, (chunk, step): (usize, usize), start: Position) -> Vec<Piece> {
        let source = InputSource::in_memory(self.name, Arc::clone(&self.octets), step);
        let issuers = Issuers::none();
        Reader::with_chunks(vec![source], self.options.clone(), start, chunk)
            .filter(|chunk| chunk.end().is_none())
            .map(|chunk| Piece {
                start: chunk.start(),
                after: chunk.after(),
                harvest: chunk.rows(&self.options, &issuers),
            })
            .collect()
    }

    /// Whether the octets that were handed in are those that count.
    fn is_plain(&self) -> bool {
        !matches!(
            *self.octets,
            [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]
        )
    }

    /// Chunks follow each other from the first octet to the last, and end with lines; each complaint names the
    /// line and an octet of it.
    fn check_places(&self, pieces: &[Piece]) {
        let lines = lines(&self.octets);
        let ends = |offset: u64| lines.partition_point(|line| line.end as u64 <= offset);
        let mut at = Position::default();
        for Piece { start, after, harvest } in pieces {
            assert_eq!(*start, at, "a gap between chunks");
            at = *after;
            if after.offset == DONE || !self.is_plain() {
                continue;
            }
            if is_capture(&self.octets) {
                assert!(start.line < after.line, "packets of nothing");
                continue;
            }
            assert!(start.offset < after.offset, "a chunk of nothing");
            let (before, behind) = (ends(start.offset), ends(after.offset));
            assert_eq!(lines[behind - 1].end as u64, after.offset, "a chunk ends within a line");
            assert_eq!((start.line, after.line), (before as u64, behind as u64), "lines counted wrongly");
            for complaint in &harvest.complaints {
                let (number, offset) = self.place(complaint).expect("a complaint without its place");
                assert!((before..behind).contains(&number), "{complaint:?} of another chunk");
                let line = &lines[number];
                assert!((line.start..=line.end).contains(&offset), "{complaint:?} of another line");
                self.check_octet(complaint, line.start);
            }
            if behind - before == 1 {
                let line = &self.octets[lines[before].clone()];
                let bare = line.strip_suffix(b"\n").unwrap_or(line);
                let bare = bare.strip_suffix(b"\r").unwrap_or(bare);
                let marked = before == 0 && bare.starts_with(b"\xef\xbb\xbf");
                let text = if marked { &bare[3..] } else { bare };
                // Of a line that is too long nobody knows that it is blank.
                let blank = text.trim_ascii().is_empty() && bare.len() <= self.options.longest;
                let given = usize::from(!harvest.rows.is_empty()) as u64 + harvest.skipped;
                assert_eq!(given, u64::from(!blank), "a line gives rows, or a complaint, or is skipped");
                assert_eq!(harvest.records, given, "a line is a record");
            }
        }
        // A document of blanks is not a document.
        let nothing = pieces.is_empty() && self.octets.trim_ascii().is_empty();
        if self.is_plain() && at.offset != DONE && !is_capture(&self.octets) && !nothing {
            assert_eq!(at.offset, self.octets.len() as u64, "the end was not read");
        }
    }

    /// The line, from 0, and the octet in the file.
    fn place(&self, complaint: &str) -> Option<(usize, usize)> {
        let rest = complaint.strip_prefix(self.name)?.strip_prefix(": line ")?;
        let (line, rest) = rest.split_once(", byte ")?;
        let (offset, _) = rest.split_once(": ")?;
        Some((line.parse::<usize>().ok()?.checked_sub(1)?, offset.parse().ok()?))
    }

    /// An octet that is named stands where it is said to stand.
    fn check_octet(&self, complaint: &str, start: usize) {
        let of = |what: &str| {
            let (_, rest) = complaint.split_once(", byte ").filter(|_| complaint.contains(what))?;
            let (place, _) = rest.rsplit_once(what)?;
            let (_, octet) = complaint.split_once("not base64: octet 0x")?;
            let place = place.rsplit_once("byte ").map_or(place, |(_, place)| place);
            Some((place.parse::<usize>().ok()?, u8::from_str_radix(octet.get(..2)?, 16).ok()?))
        };
        for what in [" of the line: ", " of the document: "] {
            if let Some((offset, octet)) = of(what) {
                assert_eq!(self.octets.get(start + offset), Some(&octet), "{complaint:?}");
            }
        }
    }

    /// Complaints are those of the rows; a row has a chain or a problem; settings count.
    fn check_rows(&self, pieces: &[Piece]) {
        for Piece { after, harvest, .. } in pieces {
            let problems: Vec<String> = harvest
                .rows
                .iter()
                .filter_map(|row| row.problem.as_deref())
                .map(|problem| format!("{}: {problem}", self.name))
                .collect();
            if after.offset == DONE {
                // Tiles complain of issuers, files of certificates of what else is in them.
                assert!(problems.iter().all(|problem| harvest.complaints.contains(problem)));
                if self.is_plain() {
                    harvest.complaints.iter().for_each(|complaint| self.check_octet(complaint, 0));
                }
            } else {
                assert_eq!(problems, harvest.complaints, "complaints are not the rows'");
            }
            let given = u64::try_from(harvest.rows.len()).unwrap();
            assert!(harvest.skipped <= harvest.records, "more is skipped than there is");
            assert!(
                given >= harvest.records - harvest.skipped,
                "a record without a row that was not skipped"
            );
            for row in &harvest.rows {
                assert!(row.problem.is_none() || row.chain.is_empty(), "a chain beside a problem");
                assert!(self.options.captured || row.at.is_none(), "a time that was not wanted");
                if row.problem.is_none() && self.options.name.is_some() {
                    assert_eq!(row.name, self.options.name, "another name than the one given");
                }
            }
        }
    }

    /// Every certificate is in the octets of its chunk.
    fn check_origin(&self, piece: &Piece) {
        // What packets hold is put together first; a test of the reader has that.
        if !self.is_plain()
            || is_capture(&self.octets)
            || piece.harvest.rows.iter().all(|row| row.chain.is_empty())
        {
            return;
        }
        let mut origin = Origin::default();
        if piece.after.offset == DONE {
            origin.add(&self.octets);
        } else {
            let place = |position: Position| usize::try_from(position.offset).unwrap();
            let text = &self.octets[place(piece.start)..place(piece.after)];
            for line in lines(text) {
                origin.add(&text[line]);
            }
        }
        let exact = matches!(self.options.format, Some(Format::Zgrab | Format::Certstream));
        for der in piece.harvest.rows.iter().flat_map(|row: &Row| row.chain.iter()) {
            assert!(origin.has(der, exact), "a certificate that was not in the file: {der:02x?}");
        }
    }
}

/// The text with its character references resolved, and without elements (XML 1.0 4.1).
fn resolved(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((&octet, behind)) = rest.split_first() {
        rest = behind;
        let end = rest.iter().take(12).position(|&octet| octet == b';');
        let reference = end.and_then(|end| rest.get(..end)).and_then(|text| std::str::from_utf8(text).ok());
        let number =
            reference.filter(|_| octet == b'&').and_then(|text| text.strip_prefix('#')).and_then(|text| {
                text.strip_prefix('x')
                    .map_or_else(|| text.parse().ok(), |text| u32::from_str_radix(text, 16).ok())
            });
        match number.and_then(char::from_u32) {
            Some(character) => {
                out.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
                rest = &rest[end.unwrap_or(0) + 1..];
            }
            None => out.push(octet),
        }
    }
    out
}

fn is_capture(octets: &[u8]) -> bool {
    matches!(
        octets,
        [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..]
    )
}

/// The lines with their ends, as simply as that can be said.
fn lines(text: &[u8]) -> Vec<std::ops::Range<usize>> {
    let mut lines = Vec::new();
    let mut start = 0;
    for (index, &octet) in text.iter().enumerate() {
        let ends = octet == b'\n' || octet == b'\r' && text.get(index + 1) != Some(&b'\n');
        if ends || index + 1 == text.len() {
            lines.push(start..index + 1);
            start = index + 1;
        }
    }
    lines
}

/// What certificates may have been made of.
#[derive(Default)]
struct Origin {
    plain: Vec<Vec<u8>>,
    /// The same as one long base64, lines of PEM's beginnings and ends aside.
    dense: Vec<Vec<u8>>,
    decoded: BTreeSet<Vec<u8>>,
}

impl Origin {
    /// A line, or a whole document.
    fn add(&mut self, text: &[u8]) {
        self.add_plain(text.to_vec());
        let mut rest = text;
        while let Some(start) = rest.iter().position(|&octet| octet == b'"') {
            rest = &rest[start..];
            let mut escaped = false;
            let end = rest.iter().skip(1).position(|&octet| {
                let ends = octet == b'"' && !escaped;
                escaped = octet == b'\\' && !escaped;
                ends
            });
            let Some(end) = end else { break };
            let (string, after) = rest.split_at(end + 2);
            rest = after;
            let Ok(string) = serde_json::from_slice::<String>(string) else { continue };
            self.decoded.extend(STANDARD.decode(&string));
            self.add_plain(string.into_bytes());
        }
    }

    fn add_plain(&mut self, text: Vec<u8>) {
        let in_alphabet = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
        let resolved = resolved(&text);
        for text in [&text, &resolved] {
            let lines = text.split(|&octet| octet == b'\n' || octet == b'\r');
            let contents =
                lines.filter(|line| !line.trim_ascii_start().starts_with(b"-----")).flatten().copied();
            self.dense.push(contents.filter(in_alphabet).collect());
            // Where line ends have become blanks, labels stand beside the contents.
            self.dense.push(text.iter().copied().filter(in_alphabet).collect());
        }
        self.plain.push(text);
    }

    fn has(&self, der: &[u8], exact: bool) -> bool {
        if exact || der.is_empty() {
            return der.is_empty() || self.decoded.contains(der);
        }
        let within = |all: &[u8], part: &[u8]| all.windows(part.len()).any(|window| window == part);
        self.decoded.contains(der)
            || self.decoded.iter().chain(&self.plain).any(|octets| within(octets, der))
            || spellings(der).iter().any(|text| self.dense.iter().any(|octets| within(octets, text)))
    }
}

/// The octets in base64 as PEM is read: without padding, and whatever the last character has beyond the last
/// octet.
fn spellings(octets: &[u8]) -> Vec<Vec<u8>> {
    let stray = [0u8, 4, 2][octets.len() % 3];
    let ends = |bits: u8| [octets.get(octets.len() / 3 * 3..).unwrap_or_default(), &[bits]].concat();
    let text = STANDARD_NO_PAD.encode(octets).into_bytes();
    // The next octet's first bits are the stray ones.
    let last = |bits: u8| STANDARD_NO_PAD.encode(ends(bits << (8 - stray))).as_bytes()[octets.len() % 3];
    match stray {
        0 => vec![text],
        _ => (0..1 << stray).map(|bits| [&text[..text.len() - 1], &[last(bits)]].concat()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// zgrab's lines with the least limit for lines, in all sizes of chunks and reads.
    fn said(text: &str) -> BTreeSet<&'static str> {
        (0x10..0x20).map(|sizes| run(&[&[0, 0, sizes], text.as_bytes()].concat())).collect()
    }

    #[test]
    fn a_blank_line_that_is_too_long_is_complained_of() {
        let long = " ".repeat(LONGEST);
        assert_eq!(said(&format!("\u{feff}{long}")), ["complaints"].into());
        assert_eq!(said(&format!("{long} ")), ["complaints"].into());
        assert_eq!(said(&long), ["no rows"].into());
    }

    #[test]
    fn lines_behind_one_that_is_too_long_are_read() {
        let grab = r#"{"data":{"a":{"result":{"handshake_log":{}}}}}"#;
        let long = "x".repeat(LONGEST + 1);
        for end in ["\n", "\r", "\r\n"] {
            assert_eq!(said(&format!("{long}{end}{grab}\n")), ["rows and complaints"].into());
        }
    }

    #[test]
    fn certificates_come_from_somewhere() {
        let mut origin = Origin::default();
        origin.add(br#"{"raw":"MAMCAQE=","text":"a\"b"}"#);
        assert!(origin.has(&[0x30, 3, 2, 1, 1], true) && origin.has(b"a\"b", false));
        assert!(!origin.has(&[0x30, 3, 2, 1, 2], true) && !origin.has(&[0x30, 3, 2, 1, 2], false));
    }

    #[test]
    fn pem_has_stray_bits() {
        assert_eq!(spellings(b"abc"), [b"YWJj"]);
        assert_eq!(spellings(b"ab"), [b"YWI", b"YWJ", b"YWK", b"YWL"]);
        assert_eq!(spellings(b"a").len(), 16);
        assert!(spellings(b"a").iter().all(|text| text[0] == b'Y' && (b'Q'..=b'f').contains(&text[1])));
    }

    #[test]
    fn lines_end_in_three_ways() {
        let ends: Vec<usize> = lines(b"a\r\nb\rc\n\n\r").into_iter().map(|line| line.end).collect();
        assert_eq!(ends, [3, 5, 7, 8, 9]);
    }
}
