//! PEM texts with seams: six octets that choose them, then certificates and CRLs in DER, of which the text is made.
//!
//! Every `BEGIN` with a label that is read is read, or complained of; no verdict is on another certificate than that
//! of the first block; and whatever OpenSSL reads is read here, or complained of.

use std::sync::Arc;

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD};
use certpath::{Bundle, Certificate, CrlSet, Medium, Policy, TrustStore, Verifier, openssl_blocks};

use crate::{Choices, der, forge};

/// So many blocks in a text at most.
const MOST: usize = 5;

/// What may stand before a BEGIN or behind an END, in between, and in the place of one of their characters.
const SEAMS: &[&str] = &[
    "",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    " ",
    "\t",
    "\u{c}",
    "\u{b}",
    "\0",
    "\u{feff}",
    "\u{a0}",
    "\u{200b}",
    "-",
    "--",
    "#",
    "> ",
    "cert: ",
    "\u{2013}",
    "\u{ad}",
    "text\n",
    "\\n",
    ": ",
    "-----",
    "BEGIN ",
    "END ",
    "=",
    "MIIB",
    "\"",
    "&#45;",
    "Bag Attributes\n    friendlyName: a\n",
    "-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n",
    "-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n",
    "-----BEGIN PUBLIC KEY-----\n",
    "DEK-Info: a\n\n",
];

const LABELS: [&str; 4] = ["CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CRL"];

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((settings, body)) = data.split_at_checked(6) else { return "nothing" };
    let mut pieces = der::split(body);
    pieces.truncate(MOST);
    if pieces.is_empty() {
        return "nothing";
    }
    // Each mutant of settings or certificates is another text.
    let sum = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, &octet| {
        (sum ^ u64::from(octet)).wrapping_mul(0x100_0000_01b3)
    });
    let text = written(&pieces, settings[0], &mut Choices::new(sum));
    examine(&text)
}

/// The pieces as PEM, sound but for the seams.
fn written(pieces: &[&[u8]], settings: u8, choices: &mut Choices) -> Vec<u8> {
    let mut text: Vec<u8> = Vec::new();
    let mut marks = vec![0];
    for piece in pieces {
        let is_crl = matches!(Bundle::read(piece), Ok(bundle) if !bundle.crls.is_empty());
        let label = if is_crl { LABELS[3] } else { LABELS[choices.below(8).saturating_sub(5)] };
        let end = if settings & 1 == 0 { "\n" } else { *choices.of(&["\n", "\r\n", "\r"]) };
        text.extend(format!("-----BEGIN {label}-----{end}").bytes());
        marks.push(text.len());
        for line in STANDARD.encode(piece).as_bytes().chunks(64) {
            text.extend(line.iter().copied().chain(end.bytes()));
        }
        marks.push(text.len());
        text.extend(format!("-----END {label}-----{end}").bytes());
        marks.push(text.len());
    }
    // A few changes, near the lines that matter.
    for _ in 0..choices.below(4) {
        let near = *choices.of(&marks) + choices.below(14);
        let at = near.saturating_sub(choices.below(40)).min(text.len());
        let removed = [0, 0, 1, 2, 5][choices.below(5)].min(text.len() - at);
        let seam = choices.of(SEAMS).bytes();
        if choices.once_in(6) {
            text[at..].iter_mut().take(24).for_each(u8::make_ascii_lowercase);
        } else {
            text.splice(at..at + removed, seam);
        }
    }
    if choices.once_in(20) {
        text.truncate(choices.below(text.len() + 1));
    }
    text
}

fn examine(text: &[u8]) -> &'static str {
    let begun = begins(text);
    let (blocks, is_whole) = openssl_blocks(text, Medium::File);
    let bundle = match Bundle::read(text) {
        Ok(bundle) => bundle,
        Err(error) => {
            assert!(TrustStore::from_bundle(text, "fuzz").is_err(), "a store of a text that is refused");
            assert!(!error.to_string().is_empty(), "no complaint");
            return "complained of";
        }
    };
    let read = bundle.certificates.len() + bundle.crls.len();
    assert!(read >= begun, "{read} read of {begun} begun");
    if is_whole {
        let contents = |wanted: fn(&[u8]) -> bool| {
            blocks.iter().filter(move |(label, _)| wanted(label)).map(|(_, contents)| contents)
        };
        for der in contents(|label| label.ends_with(b"CERTIFICATE")) {
            assert!(bundle.certificates.iter().any(|one| der.starts_with(one)), "OpenSSL reads one more");
        }
        for der in contents(|label| label == b"X509 CRL") {
            assert!(bundle.crls.contains(der), "OpenSSL reads one more CRL");
        }
    }
    let Ok(chain) = bundle.into_chain() else { return "no chain" };
    let Some(first) = first_block(text) else { panic!("a chain without a first block") };
    assert!(first.starts_with(&chain[0]), "the first certificate is not that of the first block");
    let Ok(leaf) = Certificate::parse(&chain[0]) else { return "a chain of no certificates" };
    let Ok(store) = TrustStore::from_bundle(text, "fuzz") else { return "no store" };
    let verifier =
        Verifier::with_stores(vec![Arc::new(store)], None, Policy::ssl(0x8_0000), CrlSet::default()).unwrap();
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let verdict = verifier.check(&chain, None, forge::AT);
    if let Some(judged) = verdict.leaf_sha256 {
        assert_eq!(judged, leaf.sha256(), "a verdict on another certificate");
    }
    "a chain"
}

/// How often a block that is read begins, however it goes on.
fn begins(text: &[u8]) -> usize {
    (0..text.len())
        .filter(|&at| {
            let Some(rest) = text[at..].strip_prefix(b"BEGIN ") else { return false };
            LABELS.iter().any(|label| {
                // Not CERTIFICATE REQUEST, which is another label.
                rest.strip_prefix(label.as_bytes()).is_some_and(|rest| rest.starts_with(b"-----"))
            })
        })
        .count()
}

/// The contents of the first block that is begun, decoded by somebody else.
fn first_block(text: &[u8]) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurpose = GeneralPurpose::new(
        &alphabet::STANDARD,
        GeneralPurposeConfig::new()
            .with_decode_padding_mode(DecodePaddingMode::Indifferent)
            .with_decode_allow_trailing_bits(true),
    );
    let text = String::from_utf8_lossy(text);
    let certificates = &LABELS[..3];
    let starts = certificates.iter().filter_map(|label| {
        let begin = format!("BEGIN {label}-----");
        text.find(&begin).map(|at| at + begin.len())
    });
    let body = &text[starts.min()?..];
    let body = &body[..body.find("-----END")?];
    let letters: String =
        body.chars().filter(|one| one.is_ascii_alphanumeric() || "+/=".contains(*one)).collect();
    LENIENT.decode(letters).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: &str = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";

    #[test]
    fn occurrences_are_counted_however_they_are_drawn() {
        let request = BLOCK.replace("CERTIFICATE", "CERTIFICATE REQUEST");
        assert_eq!(begins(format!("x----BEGIN CERTIFICATE-----{BLOCK}{request}").as_bytes()), 2);
    }

    #[test]
    fn the_first_block_is_found_behind_a_mark() {
        assert_eq!(first_block(format!("\u{feff}{BLOCK}{BLOCK}").as_bytes()).unwrap(), [0x30, 3, 2, 1, 1]);
        assert_eq!(examine(format!("\u{feff}{BLOCK}").as_bytes()), "a chain of no certificates");
    }
}
