//! A search that takes long can be broken off: counted, not timed.

#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::cell::Cell;
use std::sync::Arc;

use certpath::{Batch, Control, CrlSet, Policy, Row, Status, TrustStore, Verdict, Verifier, Workers};

/// 2026-06-01T00:00:00Z.
const AT: i64 = 1_780_272_000;
/// Pairs of certificates from one question to the next.
const STRIDE: usize = 16;

fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = vec![tag];
    match contents.len() {
        length @ 0..=0x7f => out.push(u8::try_from(length).unwrap()),
        length => {
            out.push(0x82);
            out.extend(u16::try_from(length).unwrap().to_be_bytes());
        }
    }
    out.extend(contents);
    out
}

fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
    element(0x30, &parts.concat())
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = sequence(&[element(6, &[0x55, 4, 3]), element(0x0c, common_name.as_bytes())]);
    sequence(&[element(0x31, &attribute)])
}

/// A certificate whose signature is noise; `number` makes its key another one.
fn certificate(subject: &str, issuer: &str, number: u8) -> Vec<u8> {
    let algorithm = sequence(&[element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2])]);
    let ec = element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1]);
    let p256 = element(6, &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7]);
    let point = [[0, 4].as_slice(), &[number; 64]].concat();
    let date = |text: &str| element(0x17, text.as_bytes());
    let ca = sequence(&[sequence(&[
        element(6, &[0x55, 0x1d, 0x13]),
        element(4, &sequence(&[element(1, &[0xff])])),
    ])]);
    let tbs = sequence(&[
        element(0xa0, &element(2, &[2])),
        element(2, &[1, number]),
        algorithm.clone(),
        name(issuer),
        sequence(&[date("200101000000Z"), date("490101000000Z")]),
        name(subject),
        sequence(&[sequence(&[ec, p256]), element(3, &point)]),
        element(0xa3, &ca),
    ]);
    sequence(&[tbs, algorithm, element(3, &[0, 0x30, 0])])
}

/// Ninety issuers of one name, none of which has signed the end entity: as many pairs to try.
fn hostile() -> (Arc<Verifier>, Vec<u8>) {
    let anchors: Vec<_> = (0..90).map(|number| certificate("Namesake", "Namesake", number)).collect();
    let store = TrustStore::from_der(anchors.iter().map(Vec::as_slice), "namesakes").unwrap();
    let verifier = Verifier::new(Arc::new(store), Policy::webpki(), CrlSet::default());
    (Arc::new(verifier), certificate("leaf", "Namesake", 200))
}

fn edges(verdict: &Verdict) -> usize {
    verdict.search.as_ref().unwrap().edges_tried
}

#[test]
fn a_search_asks_whether_to_go_on_and_stops_when_it_is_told() {
    let (verifier, leaf) = hostile();
    let asked = Cell::new(0);
    let mut all = 0;
    for patience in [1, 3, usize::MAX] {
        asked.set(0);
        let go_on = || {
            asked.set(asked.get() + 1);
            asked.get() < patience
        };
        let verdict = verifier.check_while(&[&leaf], None, AT, false, &go_on);
        assert!(!verdict.is_ok());
        if patience == usize::MAX {
            all = edges(&verdict);
            assert_eq!(asked.get(), all / STRIDE);
            assert_ne!(verdict.status, Status::Budget);
        } else {
            assert_eq!((asked.get(), edges(&verdict)), (patience, patience * STRIDE));
            assert_eq!(verdict.status, Status::Budget);
        }
    }
    assert!(all >= 90, "{all}");
}

#[test]
fn a_batch_that_was_broken_off_gives_nothing_and_remembers_nothing() {
    let (verifier, leaf) = hostile();
    let batch = Batch::new(Arc::clone(&verifier), 1 << 20);
    let mut row = Row::default();
    row.chain.push(&leaf);
    let rows = [row];
    let control = Control::default();
    control.cancel();
    assert!(batch.judge(rows.as_slice(), AT, &Workers::new(1, 1), &control).is_none());
    let judged = batch.judge(rows.as_slice(), AT, &Workers::new(1, 1), &Control::default()).unwrap();
    let alone = verifier.check(&[&leaf], None, AT);
    assert_eq!(judged.first().unwrap().verdict().findings, alone.findings);
}
