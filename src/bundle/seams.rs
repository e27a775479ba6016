//! What stands between PEM blocks: text, mostly; or a block whose BEGIN, or END, is not one.

use memchr::memmem;

/// Labels without blanks, the longer ones first.
const LABELS: [&str; 6] =
    ["TRUSTEDCERTIFICATE", "X509CERTIFICATE", "CERTIFICATE", "X509CRL", "PKCS#7SIGNEDDATA", "PKCS7"];

/// Those whose every BEGIN is told, dashes or not.
const LITERAL: [&[u8]; 4] =
    [b"BEGIN CERTIFICATE", b"BEGIN X509 CERTIFICATE", b"BEGIN TRUSTED CERTIFICATE", b"BEGIN X509 CRL"];

/// So many base64 characters in a row are not a word.
const BASE64_RUN: usize = 40;

/// What is wrong with text that belongs to no block, and where: it has the BEGIN or END of a block that is read
/// by no reader, or the contents of one.
pub(super) fn check(text: &[u8]) -> Option<(usize, String)> {
    if text.len() < 8 {
        return None;
    }
    let marks = [mark(text, true), stray(text), binary(text)];
    marks.into_iter().flatten().min_by_key(|(at, _)| *at)
}

/// Where a BEGIN with a label that is read stands in text, however it is written.
pub(super) fn begin(text: &[u8]) -> Option<usize> {
    mark(text, false).map(|(at, _)| at)
}

/// The first BEGIN, and END if wanted, that was meant to be one.
fn mark(text: &[u8], ends_too: bool) -> Option<(usize, String)> {
    // Both words have an N; nothing else in them is as rare.
    memchr::memchr2_iter(b'N', b'n', text).find_map(|n| {
        let is = |start: Option<usize>, word: &[u8]| {
            let start = start?;
            let found = text.get(start..start + word.len())?;
            found.eq_ignore_ascii_case(word).then_some((start, start + word.len()))
        };
        if let Some((start, end)) = is(n.checked_sub(4), b"BEGIN") {
            return meant(text, start, end, true).map(|problem| (start, problem));
        }
        let (start, end) = is(n.checked_sub(1).filter(|_| ends_too), b"END")?;
        meant(text, start, end, false).map(|problem| (start, problem))
    })
}

/// Whether the word at `start` was meant to begin or end a block that is read, and what is wrong then.
fn meant(text: &[u8], start: usize, end: usize, begins: bool) -> Option<String> {
    let after = text.get(end..)?;
    let blanks = after.iter().take(8).take_while(|&&octet| !octet.is_ascii_alphanumeric()).count();
    let named = after.get(blanks..)?;
    let length = LABELS.iter().find_map(|label| spelled(named, label))?;
    let behind = named.get(length..)?;
    let gap = behind.iter().take_while(|&&octet| octet == b' ' || octet == b'\t').count();
    let next = behind.get(gap).copied();
    let dashes_before = text.get(..start)?.iter().rev().take_while(|&&octet| octet == b'-').count();
    let dashes_after = behind.get(gap..)?.iter().take_while(|&&octet| octet == b'-').count();
    let looks_drawn = is_line(text.get(..start)?.last().copied()) || is_line(next);
    // Another label that starts with the same word: CERTIFICATE REQUEST, or a text about certificates.
    if next.is_some_and(|octet| octet.is_ascii_alphanumeric()) {
        let other = seen(named);
        let strange = looks_drawn && unknown_label(other).is_some();
        return strange
            .then(|| format!("{} where BEGIN with a known label should be", shown(line_of(text, start))));
    }
    let literal =
        begins && LITERAL.iter().any(|word| text.get(start..).is_some_and(|rest| rest.starts_with(word)));
    if !literal && !looks_drawn {
        return None;
    }
    let word = if begins { "BEGIN" } else { "END" };
    Some(if dashes_before != 5 && (dashes_before > 0 || dashes_after > 0) && literal {
        format!("{dashes_before} dashes before BEGIN, not 5")
    } else if !begins && dashes_before == 5 {
        format!("END without a BEGIN: {}", shown(line_of(text, start)))
    } else {
        format!("{} is not a {word} line: write -----{word} CERTIFICATE-----", shown(line_of(text, start)))
    })
}

/// How many octets spell this label, blanks and case aside.
fn spelled(text: &[u8], label: &str) -> Option<usize> {
    let mut letters = label.bytes();
    let mut wanted = letters.next();
    for (at, &octet) in text.iter().take(64).enumerate() {
        let Some(letter) = wanted else { return Some(at) };
        if octet.eq_ignore_ascii_case(&letter) {
            wanted = letters.next();
        } else if octet.is_ascii_alphanumeric() || octet == b'\n' || octet == b'\r' || octet == b'-' {
            return None;
        }
    }
    wanted.is_none().then_some(text.len())
}

/// Whether an octet may be of a drawn line: a dash, what looks like one (all of Unicode's have octets above 127),
/// or the end of an HTML entity.
fn is_line(octet: Option<u8>) -> bool {
    matches!(octet, Some(b'-' | b'_' | b'=' | b'~' | b'*' | b'+' | b';' | 0x80..=0xff))
}

/// The words from here to the end of the line or the next dash; no label is longer than this.
fn seen(text: &[u8]) -> &[u8] {
    let text = text.get(..text.len().min(80)).unwrap_or_default();
    let end = text.iter().position(|&octet| matches!(octet, b'-' | b'\n' | b'\r') || octet >= 0x80);
    text.get(..end.unwrap_or(text.len())).unwrap_or_default().trim_ascii()
}

fn line_of(text: &[u8], at: usize) -> &[u8] {
    let (before, after) = text.split_at_checked(at).unwrap_or_default();
    let start = memchr::memrchr2(b'\n', b'\r', before).map_or(0, |end| end + 1);
    let end = at + memchr::memchr2(b'\n', b'\r', after).unwrap_or(after.len());
    text.get(start..end).unwrap_or_default().trim_ascii()
}

/// Base64 that starts as a certificate or CRL does: a SEQUENCE of more than 127 octets.
fn stray(text: &[u8]) -> Option<(usize, String)> {
    let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/' | b'=');
    memmem::find_iter(text, b"MI").find_map(|at| {
        let starts = !at.checked_sub(1).and_then(|before| text.get(before)).is_some_and(is_base64);
        let run = text.get(at..at + BASE64_RUN)?;
        let is_sequence = matches!(run.get(2), Some(b'E'..=b'I'));
        (starts && is_sequence && run.iter().all(is_base64))
            .then(|| (at, "base64 that no BEGIN line belongs to".to_owned()))
    })
}

/// DER, or text in UTF-16, among text: files of several kinds put together.
fn binary(text: &[u8]) -> Option<(usize, String)> {
    let der = memmem::find_iter(text, b"\x30\x82")
        .find(|&at| matches!(text.get(at + 4..), Some([0x30, 0x80..=0xff, ..])))
        .map(|at| (at, "DER among PEM blocks".to_owned()));
    let wide =
        memmem::find(text, b"B\0E\0G\0I\0N").map(|at| (at, "text in UTF-16 among PEM blocks".to_owned()));
    der.into_iter().chain(wide).min_by_key(|(at, _)| *at)
}

/// What is wrong with a label that is not read: it was meant to be one that is, or is about certificates and known
/// to nobody.
pub(super) fn unknown_label(label: &[u8]) -> Option<String> {
    const OTHERS: [&[u8]; 4] = [
        b"CERTIFICATE REQUEST",
        b"NEW CERTIFICATE REQUEST",
        b"ATTRIBUTE CERTIFICATE",
        b"X509 ATTRIBUTE CERTIFICATE",
    ];
    if OTHERS.contains(&label) {
        return None;
    }
    let letters: String = label
        .iter()
        .filter(|octet| octet.is_ascii_alphanumeric())
        .map(|octet| octet.to_ascii_uppercase() as char)
        .collect();
    let is_ours = ["CERT", "X509", "CRL", "PKCS7", "CMS"].iter().any(|part| letters.contains(part));
    is_ours.then(|| format!("BEGIN with the label {}, which nobody knows", shown(label)))
}

/// The header of a block, which only encrypted keys have (RFC 1421).
pub(super) fn header(body: &[u8]) -> Option<String> {
    memchr::memchr(b':', body)?;
    Some("a header, as in encrypted PEM (RFC 1421): write the block without it".to_owned())
}

/// The start of a line as text, for messages.
pub(super) fn shown(line: &[u8]) -> String {
    const MOST: usize = 40;
    let start = line.get(..line.len().min(MOST)).unwrap_or_default();
    let more = if line.len() > MOST { "…" } else { "" };
    let text: String = String::from_utf8_lossy(start)
        .chars()
        .map(|one| if one.is_control() || one.is_whitespace() && one != ' ' { '\u{fffd}' } else { one })
        .collect();
    format!("\"{text}{more}\"")
}
