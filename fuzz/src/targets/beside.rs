//! What is handed in beside chains: a list of logs, a revocation set, or timestamps and a certificate.
//!
//! One octet that chooses, then the octets. A list of logs or a set is refused with a reason, or reads the same again; of
//! timestamps no more is told than the budget, and none is valid, since nobody has signed them.

use std::sync::Arc;

use certpath::{
    Asked, CrlSet, CtLogs, Policy, RevocationSet, SctStatus, SetError, Stapled, TrustStore, Verifier,
};

use crate::{der, forge, seeds};

/// What a list may come to at the most: 32 timestamps, and one that stands for the others.
const MOST: usize = 33;

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&choice, body)) = data.split_first() else { return "nothing" };
    match choice % 4 {
        0 => logs(body),
        1 => timestamps(body),
        2 => set(body, RevocationSet::onecrl),
        _ => set(body, RevocationSet::crlset),
    }
}

fn logs(json: &[u8]) -> &'static str {
    match CtLogs::from_json(json) {
        Ok(logs) => {
            assert!(!logs.is_empty() && logs.json() == json);
            let again = CtLogs::from_json(logs.json()).expect("what reads once reads twice");
            assert_eq!((again.len(), again.date()), (logs.len(), logs.date()));
            "a list of logs"
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            "no list of logs"
        }
    }
}

fn set(octets: &[u8], read: fn(&[u8]) -> Result<RevocationSet, SetError>) -> &'static str {
    match read(octets) {
        Ok(set) => {
            assert!(set.octets() == octets && set.len() <= octets.len());
            let again = read(set.octets()).expect("what reads once reads twice");
            assert_eq!((again.len(), again.sequence()), (set.len(), set.sequence()));
            if set.is_empty() { "an empty revocation set" } else { "a revocation set" }
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            "no revocation set"
        }
    }
}

fn timestamps(body: &[u8]) -> &'static str {
    let pieces = der::split(body);
    let Some((&list, chain)) = pieces.split_first() else { return "nothing" };
    let chain = chain.get(..2).unwrap_or(chain);
    let Some(&leaf) = chain.first() else { return "no certificate" };
    let Ok(store) = TrustStore::from_der(chain.last().copied(), "fuzz") else { return "no store" };
    let logs = CtLogs::from_json(seeds::LOG_LIST.as_bytes()).expect("a list of logs");
    let verifier = Verifier::new(Arc::new(store), Policy::webpki(), CrlSet::default())
        .with_ct_logs(Some(Arc::new(logs)));
    // The contents of an element, so that a mutator of elements makes lists of them.
    let contents = der::element(list).map_or(list, |(_, contents, _)| contents);
    let stapled = Stapled { scts: Some(contents) };
    let asked = Asked { chain, stapled, name: None, at: forge::AT, all_paths: false, go_on: &|| true };
    let Some(told) = verifier.answer(&asked).transparency else { return "unparseable" };
    assert!(!leaf.is_empty() && told.timestamps.len() <= 2 * MOST);
    assert!(told.timestamps.iter().all(|one| one.status != SctStatus::Valid), "nobody has signed it");
    assert_eq!((told.valid(), told.earliest()), (0, None));
    assert_ne!(told.chrome, Some(true));
    assert_ne!(told.apple, Some(true));
    if told.timestamps.iter().any(|one| one.status == SctStatus::BadSignature) {
        "timestamps of known logs"
    } else {
        "timestamps"
    }
}
