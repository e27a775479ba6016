//! What is handed in beside chains: a list of logs, a revocation set, timestamps or an OCSP response.
//!
//! One octet that chooses, then the octets. A list of logs or a set is refused with a reason, or reads the same again; of
//! timestamps no more is told than the budget, and none is valid, since nobody has signed them. An OCSP response counts
//! only where somebody else, too, finds one of the forge's signatures over it, and makes nothing accepted. A filter of
//! revoked certificates comes with a chain, and makes nothing accepted either.

use std::sync::Arc;

use certpath::{
    Asked, CrlSet, CtLogs, OcspStatus, Policy, RevocationSet, SctStatus, SetAnswer, SetError, Stapled,
    TrustStore, Verdict, Verifier,
};

use crate::{der, forge, seeds};

/// What a list may come to at the most: 32 timestamps, and one that stands for the others.
const MOST: usize = 33;

pub(super) fn run(data: &[u8]) -> &'static str {
    let Some((&choice, body)) = data.split_first() else { return "nothing" };
    match choice % 8 {
        0 => logs(body),
        1 => timestamps(body),
        2 => set(body, RevocationSet::onecrl),
        3 => set(body, RevocationSet::crlset),
        4 => response(body, None),
        5 => response(body, Some(forge::ISSUER)),
        6 => response(body, Some(1)),
        _ => filter(body),
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

/// A filter and a chain, which is sealed; its timestamps need no signature.
fn filter(body: &[u8]) -> &'static str {
    let pieces = der::split(body);
    let Some((&octets, chain)) = pieces.split_first() else { return "nothing" };
    let octets = der::element(octets).map_or(octets, |(_, contents, _)| contents);
    let word = set(octets, RevocationSet::crlite);
    let Ok(filter) = RevocationSet::crlite(octets) else { return word };
    let chain = forge::seal(chain.get(..3).unwrap_or(chain), true);
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let Ok(store) = TrustStore::from_der(chain.last().copied(), "fuzz") else { return word };
    let verifier = Verifier::new(Arc::new(store), Policy::webpki(), CrlSet::default());
    let plain = answer(&verifier, &chain, Stapled::default());
    let verifier = verifier.with_revocation_sets(vec![Arc::new(filter)]);
    let verdict = answer(&verifier, &chain, Stapled::default());
    assert!(plain.is_ok() || !verdict.is_ok(), "a filter makes nothing accepted");
    let Some(told) = verdict.sets else { return "unparseable" };
    match told.of_leaf.as_slice() {
        [] => word,
        [(_, answer)] => {
            assert_eq!(
                told.listed,
                match answer {
                    SetAnswer::Revoked => Some(true),
                    SetAnswer::Good => Some(false),
                    SetAnswer::NoKnowledge => None,
                }
            );
            answer.name()
        }
        _ => panic!("one filter, one answer"),
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
    let stapled = Stapled { scts: Some(contents), ocsp: None };
    let Some(told) = answer(&verifier, chain, stapled).transparency else { return "unparseable" };
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

fn answer(verifier: &Verifier, chain: &[&[u8]], stapled: Stapled<'_>) -> Verdict {
    verifier.answer(&Asked { chain, stapled, name: None, at: forge::AT, all_paths: false, go_on: &|| true })
}

/// A response, signed again if there is a key, and a chain, which is sealed.
fn response(body: &[u8], key: Option<u8>) -> &'static str {
    let pieces = der::split(body);
    let Some((&sent, chain)) = pieces.split_first() else { return "nothing" };
    let chain = forge::seal(chain.get(..3).unwrap_or(chain), true);
    let chain: Vec<&[u8]> = chain.iter().map(Vec::as_slice).collect();
    let Ok(store) = TrustStore::from_der(chain.last().copied(), "fuzz") else { return "no store" };
    let store = Arc::new(store);
    let sealed = key.and_then(|key| forge::seal_response(sent, key));
    let sent = sealed.as_deref().unwrap_or(sent);
    let logs = Arc::new(CtLogs::from_json(seeds::LOG_LIST.as_bytes()).expect("a list of logs"));
    let mut word = "unparseable";
    for policy in [Policy::webpki(), Policy::ssl(0)] {
        let searches = policy.searches();
        let verifier = Verifier::new(Arc::clone(&store), policy, CrlSet::default())
            .with_ct_logs(Some(Arc::clone(&logs)));
        let plain = answer(&verifier, &chain, Stapled::default());
        let verdict = answer(&verifier, &chain, Stapled { scts: None, ocsp: Some(sent) });
        let Some(told) = &verdict.ocsp else { continue };
        let revoked = told.status == OcspStatus::Revoked;
        assert!(plain.is_ok() || !verdict.is_ok(), "a response makes nothing accepted");
        assert_eq!(verdict.is_ok(), plain.is_ok() && !(revoked && searches), "{told:?}");
        let scts = verdict.transparency.expect("there is a list of logs").timestamps;
        assert!(scts.len() <= 2 * MOST && scts.iter().all(|one| one.status != SctStatus::Valid));
        word = match told.status {
            OcspStatus::NoKnowledge(problem) => problem.name(),
            status => {
                assert!(forge::has_signed_response(sent), "nobody has signed what counts");
                status.name()
            }
        };
    }
    word
}
