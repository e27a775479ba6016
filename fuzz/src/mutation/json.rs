//! Lines of JSON, token by token.

use super::{Choices, MAX_SIZE, change_octets};

/// Keys that some format looks for, and values that decide something somewhere.
const STRINGS: &[&str] = &[
    "\"data\"",
    "\"result\"",
    "\"handshake_log\"",
    "\"server_certificates\"",
    "\"certificate\"",
    "\"chain\"",
    "\"raw\"",
    "\"tls\"",
    "\"response\"",
    "\"request\"",
    "\"redirect_response_chain\"",
    "\"timestamp\"",
    "\"domain\"",
    "\"ip\"",
    "\"port\"",
    "\"entries\"",
    "\"leaf_input\"",
    "\"extra_data\"",
    "\"leaf_cert\"",
    "\"as_der\"",
    "\"r\\u0061w\"",
    "\"\"",
    "\"MA==\"",
    "\"MAMCAQE=\"",
    "\"2026-01-15T12:00:00Z\"",
    "\"2026-01-15T12:00:00.999999999+23:59\"",
    "\"9999-99-99T99:99:99Z\"",
    "\"b\u{fc}cher.test\"",
    "\"\\ud800\"",
    "\"\\u0000\"",
];

const OTHERS: &[&str] = &[
    "null",
    "true",
    "{}",
    "[]",
    "0",
    "-1",
    "443",
    "1.5",
    "1e999",
    "18446744073709551616",
    "-9223372036854775808",
    "nul",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
];

const LINE_ENDS: &[&[u8]] =
    &[b"\n", b"\r\n", b"\r", b"\n\r", b"\n\n", b"", b" ", b"\xe2\x80\xa8", b"\x0b", b"\0"];

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether octets look like JSON.
pub(super) fn is_json(text: &[u8]) -> bool {
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text).trim_ascii_start();
    matches!(text, [b'{' | b'[', b'"' | b'{' | b'[' | b'}' | b']' | b' ' | b'\n' | b'\r', ..])
}

/// Strings, words and numbers, single other octets.
fn tokens(text: &[u8]) -> Vec<Vec<u8>> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(&first) = rest.first() {
        let length = match first {
            b'"' => string(rest),
            b'\r' if rest.get(1) == Some(&b'\n') => 2,
            first if in_word(first) => rest.iter().take_while(|&&octet| in_word(octet)).count(),
            _ => 1,
        };
        tokens.push(rest[..length].to_vec());
        rest = &rest[length..];
    }
    tokens
}

/// Octets of the string that starts here, as far as it goes.
fn string(text: &[u8]) -> usize {
    let mut escaped = false;
    for (index, &octet) in text.iter().enumerate().skip(1) {
        match octet {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return index + 1,
            _ => {}
        }
    }
    text.len()
}

fn in_word(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'+' | b'.' | b'_')
}

/// A changed copy of `text`, with tokens of `donor`.
pub(super) fn change(text: &[u8], donor: &[u8], choices: &mut Choices) -> Vec<u8> {
    let mut tokens = tokens(text);
    for _ in 0..=choices.below(3) {
        if tokens.is_empty() {
            break;
        }
        if choices.once_in(4) {
            change_lines(&mut tokens, choices);
        } else {
            change_tokens(&mut tokens, donor, choices);
        }
    }
    let mut changed = tokens.concat();
    if choices.once_in(20) {
        changed.splice(0..0, BYTE_ORDER_MARK.iter().copied());
    }
    changed
}

fn change_tokens(list: &mut Vec<Vec<u8>>, donor: &[u8], choices: &mut Choices) {
    let index = choices.below(list.len());
    let other = choices.below(list.len());
    match choices.below(14) {
        0 => {
            list.remove(index);
        }
        1 => {
            let copies = if choices.once_in(20) { 200 } else { 1 };
            let copy = list[index].clone();
            list.splice(index..index, std::iter::repeat_n(copy, copies));
        }
        2 => list.swap(index, other),
        3 => list[index] = list[other].clone(),
        4 => list[index] = choices.of(STRINGS).as_bytes().to_vec(),
        5 => list[index] = choices.of(OTHERS).as_bytes().to_vec(),
        6 => {
            let found = tokens(donor);
            if !found.is_empty() {
                list[index].clone_from(choices.of(&found));
            }
        }
        7 => nest(list, index, choices),
        8 => {
            // A run of tokens once more: a field that comes twice, an object in another place.
            let end = (index + 1 + choices.below(24)).min(list.len());
            let piece = list[index..end].to_vec();
            list.splice(other..other, piece);
        }
        9 => {
            let end = (index + 1 + choices.below(24)).min(list.len());
            list.drain(index..end);
        }
        // Long strings are certificates for the most part.
        10..=12 => {
            let long: Vec<usize> = (0..list.len()).filter(|&one| list[one].len() > 20).collect();
            let index = if long.is_empty() { index } else { *choices.of(&long) };
            change_string(&mut list[index], choices);
        }
        _ => change_octets(&mut list[index], choices),
    }
}

fn nest(list: &mut [Vec<u8>], index: usize, choices: &mut Choices) {
    let (open, close): (&[u8], &[u8]) =
        *choices.of(&[(b"[".as_slice(), b"]".as_slice()), (b"{\"result\":", b"}"), (b"[{\"\":", b"}]")]);
    let depth = *choices.of(&[1, 1, 1, 2, 100, 130, 2_000]);
    let closed = if choices.once_in(4) { choices.below(depth + 1) } else { depth };
    list[index] = [open.repeat(depth), list[index].clone(), close.repeat(closed)].concat();
}

fn change_string(token: &mut Vec<u8>, choices: &mut Choices) {
    let at = choices.below(token.len() + 1);
    match choices.below(10) {
        // Torn.
        0 => token.truncate(at),
        1 => {
            token.pop();
        }
        2 => token.insert(at, b'"'),
        3 => {
            let piece = *choices.of(&[b"\\".as_slice(), b"\\n", b"\\u0041", b"\\/", b"\\ud83d", b"\\x"]);
            token.splice(at..at, piece.iter().copied());
        }
        // No base64, or another kind of it.
        4 | 5 if at < token.len() => token[at] = *choices.of(b"!-_=+/ \n\r\t\0A\x80\xff"),
        6 => {
            let end = token.len() - usize::from(token.last() == Some(&b'"'));
            let piece = *choices.of(&[b"=".as_slice(), b"==", b"A", b"AA", b"B=", b"\\n"]);
            token.splice(end..end, piece.iter().copied());
        }
        7 => {
            let at = token.len().saturating_sub(2);
            token.splice(at.., *b"\"");
        }
        8 => {
            let times = 1 + choices.below(1 + MAX_SIZE / (token.len() + 1));
            *token = token.repeat(times);
        }
        _ => change_octets(token, choices),
    }
}

fn change_lines(list: &mut Vec<Vec<u8>>, choices: &mut Choices) {
    let is_end = |token: &[u8]| matches!(token, b"\n" | b"\r\n" | b"\r");
    let ends: Vec<usize> = (0..list.len()).filter(|&index| is_end(&list[index])).collect();
    let at = choices.below(list.len() + 1);
    match choices.below(7) {
        0 => list.insert(at, choices.of(LINE_ENDS).to_vec()),
        1 if !ends.is_empty() => list[*choices.of(&ends)] = choices.of(LINE_ENDS).to_vec(),
        2 => {
            let new = *choices.of(LINE_ENDS);
            for &end in &ends {
                list[end] = new.to_vec();
            }
        }
        3 => list.insert(at, BYTE_ORDER_MARK.to_vec()),
        // A long line.
        4 => list.insert(at, vec![*choices.of(b" \t0\"{[\xff"); 1 << choices.below(16)]),
        // A line again, or out of its order.
        5 if ends.len() > 1 => {
            let nth = choices.below(ends.len() - 1);
            let line = list[ends[nth] + 1..=ends[nth + 1]].to_vec();
            let to = *choices.of(&ends) + 1;
            list.splice(to..to, line);
        }
        _ => {
            let other = if list.is_empty() { 0 } else { choices.below(list.len()) };
            list.truncate(other.max(at));
        }
    }
}
