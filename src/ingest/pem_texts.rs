//! Certificates in PEM, as other formats carry them.

use crate::batch::Presented;
use crate::bundle::Bundle;

use super::json::Text;

/// Adds the certificates in `text`.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn push(chain: &mut Presented, text: &str) -> Result<(), String> {
    let certificates = Bundle::read(text.as_bytes()).and_then(Bundle::into_chain);
    for der in certificates.map_err(|error| error.to_string())? {
        chain.push(&der);
    }
    Ok(())
}

/// The chain of these texts, end entity first; those that say nothing are passed over.
///
/// # Errors
///
/// Which of them is not PEM, and why.
pub(super) fn chain<'t>(texts: impl Iterator<Item = &'t Text<'t>>) -> Result<Presented, String> {
    let mut chain = Presented::default();
    for (position, text) in texts.enumerate() {
        let Some(text) = text.filled() else { continue };
        push(&mut chain, text).map_err(|problem| format!("certificate {position}: {problem}"))?;
    }
    Ok(chain)
}

/// PEM of which the line ends have become blanks, on lines again.
pub(super) fn on_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_label = false;
    for word in text.split_ascii_whitespace() {
        out.push_str(word);
        in_label = (in_label || word.starts_with("-----")) && !(word.len() > 5 && word.ends_with("-----"));
        out.push(if in_label { ' ' } else { '\n' });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pem_on_one_line_is_read() {
        let text = "-----BEGIN CERTIFICATE----- MAMC AQE= -----END CERTIFICATE-----";
        assert_eq!(on_lines(text), "-----BEGIN CERTIFICATE-----\nMAMC\nAQE=\n-----END CERTIFICATE-----\n");
        let mut chain = Presented::default();
        push(&mut chain, &on_lines(text)).unwrap();
        assert_eq!(chain.iter().collect::<Vec<_>>(), [[0x30, 3, 2, 1, 1]]);
        assert!(push(&mut chain, "nothing").is_err());
    }
}
