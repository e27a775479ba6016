//! Certificates in base64, as JSON carries them.

use std::sync::LazyLock;

use base64::engine::general_purpose::PAD;
use base64::{DecodeError, Engine};

use crate::batch::Presented;

use super::json::Text;
use super::limits::{MAX_CHAIN_OCTETS, too_large};

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
type Decoder = base64::engine::GeneralPurpose;
#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Decoder = base64::engine::Simd;

/// With padding, and with vector instructions where the processor has them.
static STANDARD: LazyLock<Decoder> = LazyLock::new(|| {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    return Decoder::standard(PAD);
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    return Decoder::new(&base64::alphabet::STANDARD, PAD);
});

/// The chain of these texts, end entity first; those that say nothing are passed over.
///
/// # Errors
///
/// Which of them is not base64, and where it stands in the line or document.
pub(super) fn chain<'t>(
    texts: impl Iterator<Item = &'t Text<'t>> + Clone,
    (what, text_of): (&str, &[u8]),
) -> Result<Presented, String> {
    let octets: usize = texts.clone().filter_map(Text::filled).map(str::len).sum();
    if octets / 4 * 3 > MAX_CHAIN_OCTETS {
        return Err(too_large(octets / 4 * 3));
    }
    let mut chain = Presented::with_capacity(octets / 4 * 3 + 3);
    for (position, text) in texts.enumerate() {
        let Some(encoded) = text.filled() else { continue };
        push(&mut chain, encoded).map_err(|(at, problem)| {
            let offset = text.offset_in(text_of).map(|start| start + at);
            let place = offset.map_or(String::new(), |offset| format!(", byte {offset} of the {what}"));
            format!("certificate {position}{place}: {problem}")
        })?;
    }
    Ok(chain)
}

/// Adds a certificate in base64 (RFC 4648 4, with padding).
///
/// # Errors
///
/// The offset in `text` at which it is not base64, and what is wrong there.
fn push(chain: &mut Presented, text: &str) -> Result<(), (usize, String)> {
    chain.push_with(|octets| STANDARD.decode_vec(text, octets)).map_err(|error| describe(&error, text))
}

/// Octets in base64.
///
/// # Errors
///
/// As [`push`].
pub(super) fn decode(text: &str) -> Result<Vec<u8>, (usize, String)> {
    STANDARD.decode(text).map_err(|error| describe(&error, text))
}

fn describe(error: &DecodeError, text: &str) -> (usize, String) {
    match error {
        DecodeError::InvalidByte(offset, octet) => {
            (*offset, format!("not base64: octet {octet:#04x} ({})", octet.escape_ascii()))
        }
        DecodeError::InvalidLength(_) => (text.len(), "not base64: its length is impossible".to_owned()),
        DecodeError::InvalidLastSymbol { offset, .. } => {
            (*offset, "not base64: its last character has stray bits".to_owned())
        }
        DecodeError::InvalidPadding => (text.len(), "not base64: its padding is wrong".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_named_with_their_place() {
        let fault = |text| decode(text).unwrap_err();
        assert_eq!(fault("MA!A"), (2, "not base64: octet 0x21 (!)".to_owned()));
        assert_eq!(fault("MAA").1, "not base64: its padding is wrong");
        assert_eq!(fault("MAAAM").0, 5);
        assert_eq!(fault("MAB=").0, 2);
        assert_eq!(decode("MAA=").unwrap(), [0x30, 0]);
    }

    #[test]
    fn vectors_decode_as_one_octet_after_another() {
        let plain = base64::engine::general_purpose::STANDARD;
        let sound = plain.encode((0..=255).collect::<Vec<u8>>());
        assert_eq!(decode(&sound).unwrap(), (0..=255).collect::<Vec<u8>>());
        for at in 0..sound.len() {
            for wrong in ["=", "-", "\n", "A"] {
                let text = format!("{}{wrong}{}", &sound[..at], &sound[at + 1..]);
                let expected = plain.decode(&text).map_err(|error| describe(&error, &text));
                assert_eq!(decode(&text), expected, "{text}");
            }
            let cut = &sound[..at];
            assert_eq!(decode(cut), plain.decode(cut).map_err(|error| describe(&error, cut)));
        }
    }

    #[test]
    fn what_is_no_base64_adds_no_certificate() {
        let mut chain = Presented::default();
        assert!(push(&mut chain, "MAA=").is_ok() && push(&mut chain, "MAAAMA!A").is_err());
        assert_eq!(chain.iter().collect::<Vec<_>>(), [[0x30, 0]]);
    }
}
