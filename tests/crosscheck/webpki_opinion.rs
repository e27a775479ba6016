//! What webpki alone says about chains: a second opinion for tests/crosscheck/opinions.py.
//!
//! Each line of the input is a question of five fields between tabs: the time in seconds, the name,
//! the end entity, the other certificates that were sent, the trust anchors; certificates in
//! hexadecimal, separated by commas. Each line of the output answers with two words between tabs:
//! `ok` or webpki's error, for the path and for the name.

#![allow(clippy::print_stdout, reason = "the answers are its output")]

use std::io::{self, BufRead as _};
use std::time::Duration;

use pki_types::{CertificateDer, ServerName, TrustAnchor, UnixTime};

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [at, name, leaf, intermediates, anchors] = fields.as_slice() else {
            return Err(io::Error::other("a question has five fields"));
        };
        let at = at.parse().map_err(|_| io::Error::other("the time is not a number"))?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(at));
        let leaf = decode(leaf)?;
        let (path, names) = match webpki::EndEntityCert::try_from(&CertificateDer::from(leaf.as_slice())) {
            Ok(leaf) => (
                word(path(&leaf, &decode_all(intermediates)?, &decode_all(anchors)?, at)),
                match ServerName::try_from(*name) {
                    Ok(name) => word(leaf.verify_is_valid_for_subject_name(&name)),
                    Err(_) => "InvalidName".to_owned(),
                },
            ),
            Err(error) => (word(Err(error.clone())), word(Err(error))),
        };
        println!("{path}\t{names}");
    }
    Ok(())
}

fn path(
    leaf: &webpki::EndEntityCert<'_>,
    intermediates: &[Vec<u8>],
    anchors: &[Vec<u8>],
    at: UnixTime,
) -> Result<(), webpki::Error> {
    let anchors: Vec<_> = anchors.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    // What webpki cannot read as an anchor is none to it.
    let anchors: Vec<TrustAnchor<'_>> =
        anchors.iter().filter_map(|anchor| webpki::anchor_from_trusted_cert(anchor).ok()).collect();
    let intermediates: Vec<_> =
        intermediates.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
    leaf.verify_for_usage(
        webpki::ALL_VERIFICATION_ALGS,
        &anchors,
        &intermediates,
        at,
        webpki::KeyUsage::server_auth(),
        None,
        None,
    )
    .map(|_| ())
}

/// The error's name without what it carries.
fn word(outcome: Result<(), webpki::Error>) -> String {
    match outcome {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{error:?}").chars().take_while(char::is_ascii_alphanumeric).collect(),
    }
}

fn decode_all(list: &str) -> io::Result<Vec<Vec<u8>>> {
    list.split(',').filter(|item| !item.is_empty()).map(decode).collect()
}

fn decode(text: &str) -> io::Result<Vec<u8>> {
    (0..text.len())
        .step_by(2)
        .map(|start| {
            text.get(start..start + 2)
                .and_then(|pair| u8::from_str_radix(pair, 16).ok())
                .ok_or_else(|| io::Error::other("a certificate is not hexadecimal"))
        })
        .collect()
}
