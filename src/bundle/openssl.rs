//! PEM as OpenSSL reads it (crypto/pem/pem_lib.c and crypto/evp/encode.c of 3.0), for contexts: they trust what
//! `ssl` trusts, no more and no less. All other doors read with `Bundle`, which passes over nothing in silence.

use std::ffi::c_char;

/// Octets of a line that are read at once; the rest counts as another line.
const LINE: usize = 254;
const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const TAIL: &[u8] = b"-----\n";

/// Where OpenSSL has the text from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Medium {
    /// A file, of whose lines a NUL ends each.
    File,
    /// Memory.
    Memory,
}

/// A block: its label and its contents.
pub type Labelled = (Vec<u8>, Vec<u8>);

/// The blocks of a text as (label, contents), and whether OpenSSL reads on to the end: if not, the blocks are those
/// before the one that it refuses.
pub fn openssl_blocks(text: &[u8], medium: Medium) -> (Vec<Labelled>, bool) {
    let mut lines = Lines { rest: text, medium };
    let mut blocks = Vec::new();
    loop {
        let Some(label) = next_label(&mut lines) else { return (blocks, true) };
        match contents(&mut lines, &label) {
            Some(contents) => blocks.push((label, contents)),
            None => return (blocks, false),
        }
    }
}

/// BIO_gets.
struct Lines<'a> {
    rest: &'a [u8],
    medium: Medium,
}

impl Lines<'_> {
    /// The next line with its end, or so much of it as is read at once; `None` at the end, or where a file seems to
    /// end because a line starts with a NUL.
    fn next(&mut self) -> Option<Vec<u8>> {
        let start = self.rest.get(..self.rest.len().min(LINE)).unwrap_or_default();
        let length = memchr::memchr(b'\n', start).map_or(start.len(), |end| end + 1);
        let (line, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let line = match self.medium {
            Medium::File => line.split(|&octet| octet == 0).next().unwrap_or_default(),
            Medium::Memory => line,
        };
        (!line.is_empty()).then(|| line.to_vec())
    }
}

/// The part of sanitize_line that PEM_FLAG_EAY_COMPATIBLE asks for: what is not above a blank as a `char`, which is
/// signed on some machines, is cut off, and a line end put there.
fn sanitized(mut line: Vec<u8>) -> Vec<u8> {
    let is_signed = c_char::MIN != 0;
    while line.last().is_some_and(|&octet| octet <= b' ' || (is_signed && octet >= 0x80)) {
        line.pop();
    }
    line.push(b'\n');
    line
}

/// get_name.
fn next_label(lines: &mut Lines<'_>) -> Option<Vec<u8>> {
    let mut is_first = true;
    loop {
        let mut line = lines.next()?;
        if is_first && line.len() > 3 && line.starts_with(b"\xef\xbb\xbf") {
            line.drain(..3);
        }
        is_first = false;
        let line = sanitized(line);
        if line.len() >= TAIL.len()
            && let Some(label) = line.strip_suffix(TAIL).and_then(|line| line.strip_prefix(BEGIN))
        {
            return Some(c_string(label).to_vec());
        }
    }
}

fn c_string(octets: &[u8]) -> &[u8] {
    octets.split(|&octet| octet == 0).next().unwrap_or_default()
}

/// get_header_and_data, and what PEM_X509_INFO_read_bio makes of it: a block with a header is refused, because only
/// keys are encrypted.
fn contents(lines: &mut Lines<'_>, label: &[u8]) -> Option<Vec<u8>> {
    #[derive(PartialEq)]
    enum Header {
        Maybe,
        Inside,
        Behind,
    }
    let mut header = Header::Maybe;
    let (mut before, mut data) = (Vec::new(), Vec::new());
    let mut is_over = false;
    let mut is_part = false;
    loop {
        let line = lines.next()?;
        let was_part = is_part;
        is_part = line.len() == LINE && line.last() != Some(&b'\n');
        if header == Header::Maybe && line.contains(&b':') {
            header = Header::Inside;
        }
        let line = sanitized(line);
        if line == b"\n" {
            if !was_part {
                if header == Header::Behind {
                    return None;
                }
                header = Header::Behind;
            }
            continue;
        }
        if let Some(rest) = line.strip_prefix(END) {
            if !rest.strip_prefix(label)?.starts_with(TAIL) {
                return None;
            }
            if header == Header::Maybe {
                data = std::mem::take(&mut before);
            }
            break;
        }
        if is_over {
            return None;
        }
        if header == Header::Behind {
            if line.len() > 65 {
                return None;
            }
            is_over = line.len() < 65;
            data.extend_from_slice(&line);
        } else {
            before.extend_from_slice(&line);
        }
    }
    if is_read(label, lines.medium) && !matches!(before.as_slice(), [] | [b'\n' | 0, ..]) {
        return None;
    }
    decoded(&data)
}

/// Whether anything is made of a block: its header is looked at only then.
fn is_read(label: &[u8], medium: Medium) -> bool {
    match label {
        b"CERTIFICATE" | b"X509 CERTIFICATE" => true,
        b"TRUSTED CERTIFICATE" | b"X509 CRL" => medium == Medium::File,
        _ => false,
    }
}

/// EVP_DecodeUpdate and EVP_DecodeFinal.
fn decoded(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut group, mut count, mut padding) = (0u32, 0usize, 0usize);
    for &octet in text {
        let value = match octet {
            b'A'..=b'Z' => octet - b'A',
            b'a'..=b'z' => octet - b'a' + 26,
            b'0'..=b'9' => octet - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' => {
                padding += 1;
                0
            }
            b' ' | b'\t' | b'\n' | b'\r' => continue,
            // The end, whatever comes behind it; but not within a group of four.
            b'-' => break,
            _ => return None,
        };
        if padding > 2 || (padding > 0 && octet != b'=') {
            return None;
        }
        group = (group << 6) | u32::from(value);
        count += 1;
        if count.is_multiple_of(4) {
            out.extend_from_slice(group.to_be_bytes().get(1..)?);
            group = 0;
        }
    }
    if !count.is_multiple_of(4) {
        return None;
    }
    out.truncate(out.len() - padding.min(out.len()));
    Some(out)
}
