//! Paths in translation: which exceptions, under which policy, then certificates, end entity first and trust anchor last. What
//! differs from the originals is what the exceptions are about, and nothing else.

use certpath::{Certificate, Exception, Policy};

use crate::der;
use crate::judge::translation::{Terms, hold};

/// Three segments.
const MAX_CERTIFICATES: usize = 18;

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&[first, second, settings], body)) = data.split_first_chunk() else { return "nothing" };
    let mut pieces = der::split(body);
    pieces.truncate(MAX_CERTIFICATES);
    let opened: Result<Vec<Certificate<'_>>, _> = pieces.iter().map(|der| Certificate::parse(der)).collect();
    let Ok(opened) = opened else { return "unparseable" };
    let views: Vec<&Certificate<'_>> = opened.iter().collect();
    if views.len() < 2 {
        return "nothing";
    }
    let mask = u16::from_be_bytes([first, second]);
    let exceptions: Vec<Exception> = Exception::ALL
        .into_iter()
        .enumerate()
        .filter(|(bit, _)| mask >> bit & 1 == 1)
        .map(|(_, one)| one)
        .collect();
    let flags = if settings & 4 == 0 { 0 } else { 0x10 };
    let policy = if settings & 1 == 0 { Policy::ssl(flags) } else { Policy::webpki() };
    let terms = Terms { exceptions: &exceptions, policy: &policy, timeless: settings & 2 != 0 };
    let translations = certpath::translations(&views, &exceptions, &policy, terms.timeless);
    let Some(translations) = translations else { return "untranslatable" };
    for translation in &translations {
        hold(&pieces, &terms, translation);
    }
    let untouched = translations.iter().all(|one| {
        one.certificates.iter().zip(&pieces[one.start..]).all(|(translated, der)| translated == der)
    });
    if untouched { "as it was" } else { "in other words" }
}
