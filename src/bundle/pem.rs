//! PEM blocks in a text (RFC 7468). None is passed over in silence: a BEGIN that is not where it should be is
//! read if only white space is in the way, and else complained of with its line.

use memchr::memmem;

use super::seams;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

/// What a block holds, by its label.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    /// `CERTIFICATE`, and `X509 CERTIFICATE` as OpenSSL reads it, too.
    Certificate,
    /// OpenSSL's certificate with trust settings behind it.
    Trusted,
    Crl,
    /// PKCS#7 and CMS.
    Pkcs7,
    /// Anything else.
    Other,
}

impl Kind {
    /// The labels that are read (RFC 7468, and OpenSSL's include/openssl/pem.h).
    const LABELS: [(&'static str, Self); 7] = [
        ("CERTIFICATE", Self::Certificate),
        ("X509 CERTIFICATE", Self::Certificate),
        ("TRUSTED CERTIFICATE", Self::Trusted),
        ("X509 CRL", Self::Crl),
        ("PKCS7", Self::Pkcs7),
        ("PKCS #7 SIGNED DATA", Self::Pkcs7),
        ("CMS", Self::Pkcs7),
    ];

    fn of(label: &[u8]) -> Self {
        Self::LABELS
            .iter()
            .find(|(known, _)| known.as_bytes() == label)
            .map_or(Self::Other, |(_, kind)| *kind)
    }
}

/// A block.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block<'a> {
    pub(super) kind: Kind,
    pub(super) label: &'a [u8],
    /// The lines between BEGIN and END.
    pub(super) body: &'a [u8],
    /// From BEGIN to the dashes of END.
    pub(super) whole: &'a [u8],
    /// Whether nothing but the line's end is behind BEGIN, and before END.
    pub(super) is_plain: bool,
    /// Where BEGIN is in the text.
    pub(super) at: usize,
}

/// What is wrong, and where in the text.
pub(super) type Complaint = (usize, String);

/// The blocks of a text, up to the first complaint.
pub(super) struct Blocks<'a> {
    text: &'a [u8],
    position: usize,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { text, position: 0 }
    }

    fn rest(&self, from: usize) -> &'a [u8] {
        self.text.get(from..).unwrap_or_default()
    }

    /// The octets of the line from here on, without its end.
    fn line(&self, from: usize) -> &'a [u8] {
        let rest = self.rest(from);
        rest.get(..line_end(rest)).unwrap_or_default()
    }

    /// The next block.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong from here on. There is no going on behind it.
    pub(super) fn next(&mut self) -> Result<Option<Block<'a>>, Complaint> {
        loop {
            let Some(begin) = memmem::find(self.rest(self.position), BEGIN).map(|at| self.position + at)
            else {
                let rest = self.rest(self.position);
                return seams::check(rest)
                    .map_or(Ok(None), |(at, problem)| Err((self.position + at, problem)));
            };
            self.check_before(begin)?;
            let label_at = begin + BEGIN.len();
            let line = self.line(label_at);
            let label = label(line).map_err(|problem| (begin, problem))?;
            if label.starts_with(b"PGP SIGNED MESSAGE") {
                // Text in clear, which has no END (RFC 9580, 7).
                self.position = label_at + line.len();
                continue;
            }
            return self.block(begin, label, label_at + line.len()).map(Some);
        }
    }

    /// What stands between the block before, or the start, and this BEGIN.
    fn check_before(&self, begin: usize) -> Result<(), Complaint> {
        let gap = self.text.get(self.position..begin).unwrap_or_default();
        if let Some((at, problem)) = seams::check(gap) {
            return Err((self.position + at, problem));
        }
        let line =
            memchr::memrchr2(b'\n', b'\r', gap).map_or(gap, |end| gap.get(end + 1..).unwrap_or_default());
        let before = trim_start(line);
        if before.is_empty() {
            return Ok(());
        }
        let dashes = before.iter().rev().take_while(|&&octet| octet == b'-').count();
        Err((
            begin,
            if dashes > 0 {
                format!("{} dashes before BEGIN, not 5", dashes + DASHES.len())
            } else {
                format!("{} before BEGIN on its line", seams::shown(before))
            },
        ))
    }

    fn block(&mut self, begin: usize, label: &'a [u8], body_at: usize) -> Result<Block<'a>, Complaint> {
        let kind = Kind::of(label);
        if kind == Kind::Other
            && let Some(problem) = seams::unknown_label(label)
        {
            return Err((begin, problem));
        }
        let rest = self.rest(body_at);
        let found = memmem::find(rest, END);
        let body = rest.get(..found.unwrap_or(rest.len())).unwrap_or_default();
        // A BEGIN in the block comes before whatever else is wrong with it: it is why.
        if let Some(at) = begin_inside(body) {
            return Err((body_at + at, "BEGIN inside of a block that has not ended".to_owned()));
        }
        let shown = String::from_utf8_lossy(label);
        let Some(length) = found else {
            return Err((begin, format!("no -----END {shown}-----")));
        };
        let end = body_at + length;
        let is_plain = matches!(body.last(), Some(b'\n' | b'\r'))
            && begin + BEGIN.len() + label.len() + DASHES.len() == body_at;
        let line_start = memchr::memrchr2(b'\n', b'\r', body).map_or(0, |at| at + 1);
        if !trim_start(body.get(line_start..).unwrap_or_default()).is_empty() || line_start == 0 {
            return Err((end, "END joined to what is before it".to_owned()));
        }
        let behind =
            self.rest(end + END.len()).strip_prefix(label).and_then(|rest| rest.strip_prefix(DASHES));
        if behind.is_none() {
            let line = seams::shown(self.line(end));
            return Err((end, format!("{line} where -----END {shown}----- should be")));
        }
        let after = end + END.len() + label.len() + DASHES.len();
        let tail = self.line(after);
        if !is_blank(tail) {
            let joined = memmem::find(tail, b"BEGIN").is_some();
            return Err((
                after,
                if joined {
                    "BEGIN joined to the END before it: a line end is missing between them".to_owned()
                } else {
                    format!("{} after the dashes of END", seams::shown(tail))
                },
            ));
        }
        if kind != Kind::Other
            && let Some(problem) = seams::header(body)
        {
            return Err((begin, problem));
        }
        self.position = after + tail.len();
        let whole = self.text.get(begin..after).unwrap_or_default();
        Ok(Block { kind, label, body, whole, is_plain, at: begin })
    }
}

/// The number of the line with this octet, from 1: lines end with LF, CR or both.
pub(super) fn line_number(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or(text);
    let ends = memchr::memchr2_iter(b'\n', b'\r', before);
    // CR LF is one end: the CR does not count.
    1 + ends.filter(|&end| before.get(end) == Some(&b'\n') || text.get(end + 1) != Some(&b'\n')).count()
}

/// The label in the rest of a BEGIN line.
fn label(line: &[u8]) -> Result<&[u8], String> {
    let Some(at) = memmem::find(line, DASHES) else {
        let trimmed = trim_end(line);
        let dashes = trimmed.iter().rev().take_while(|&&octet| octet == b'-').count();
        return Err(if dashes > 0 {
            format!("{dashes} dashes after the label of BEGIN, not 5")
        } else {
            "its first line is malformed: no dashes after the label of BEGIN".to_owned()
        });
    };
    let (label, tail) = line.split_at_checked(at).unwrap_or_default();
    let tail = tail.get(DASHES.len()..).unwrap_or_default();
    if is_blank(tail) {
        return Ok(label);
    }
    let dashes = tail.iter().take_while(|&&octet| octet == b'-').count();
    Err(if tail.starts_with(b"\\n") || tail.starts_with(b"\\r") {
        "line ends are written as \\n: put real ones in their place".to_owned()
    } else if dashes > 0 {
        format!("{} dashes after the label of BEGIN, not 5", dashes + DASHES.len())
    } else {
        format!("{} after the dashes of BEGIN on the same line", seams::shown(tail))
    })
}

/// Where in the body of a block another begins.
fn begin_inside(body: &[u8]) -> Option<usize> {
    if memchr::memchr(b'-', body).is_none() && memmem::find(body, b"BEGIN").is_none() {
        return None;
    }
    memmem::find(body, BEGIN).into_iter().chain(seams::begin(body)).min()
}

fn line_end(rest: &[u8]) -> usize {
    memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())
}

/// Without the white space before a BEGIN or END that leaves no doubt: RFC 7468's `W`, and byte order marks.
fn trim_start(mut line: &[u8]) -> &[u8] {
    loop {
        line = match line {
            [b' ' | b'\t' | 0x0b | 0x0c, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => rest,
            _ => return line,
        };
    }
}

/// Without the white space behind the dashes, which OpenSSL strips: control characters and blanks, and what is a
/// blank or has no width in Unicode (to OpenSSL, every octet that is negative as a `char`).
fn trim_end(mut line: &[u8]) -> &[u8] {
    loop {
        line = match line {
            [rest @ .., 0x00..=0x20]
            | [rest @ .., 0xef, 0xbb, 0xbf]
            | [rest @ .., 0xc2, 0x85 | 0xa0]
            | [rest @ .., 0xe2, 0x80, 0x80..=0x8f | 0xa8 | 0xa9 | 0xaf]
            | [rest @ .., 0xe2, 0x81, 0x9f | 0xa0]
            | [rest @ .., 0xe3, 0x80, 0x80] => rest,
            _ => return line,
        };
    }
}

fn is_blank(line: &[u8]) -> bool {
    trim_end(line).is_empty()
}
