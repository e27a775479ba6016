//! Certificates in base64, as JSON carries them.

use base64::engine::general_purpose::STANDARD;
use base64::{DecodeError, Engine};

use crate::row::Presented;

/// Adds a certificate in base64 (RFC 4648 4, with padding).
///
/// # Errors
///
/// The offset in `text` at which it is no base64, and what is wrong there.
pub(super) fn push(chain: &mut Presented, text: &str) -> Result<(), (usize, String)> {
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
    fn what_is_no_base64_adds_no_certificate() {
        let mut chain = Presented::default();
        assert!(push(&mut chain, "MAA=").is_ok() && push(&mut chain, "MAAAMA!A").is_err());
        assert_eq!(chain.iter().collect::<Vec<_>>(), [[0x30, 0]]);
    }
}
