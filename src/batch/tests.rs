//! Batches whose lanes lie: what they said before they were found out must not stand.

use super::*;
use crate::bundle::Bundle;
use crate::path::CrlSet;
use crate::policy::Policy;
use crate::signature::multibuffer::Multibuffer;
use crate::signature::{liar, turncoat};
use crate::store::TrustStore;

/// 2026-01-15.
const AT: UnixSeconds = 1_768_435_200;

/// The chain with its end entity's signature damaged in as many ways, or in none (0).
fn rows(damages: impl IntoIterator<Item = u8>) -> Vec<Row> {
    let bundle = Bundle::read(include_bytes!("../../examples/chains/good-ecdsa.pem")).unwrap();
    let chain = bundle.into_chain().unwrap();
    let row = |damage: u8| {
        let mut presented = Presented::with_capacity(4_096);
        let mut leaf = chain[0].clone();
        // The last octet of s: still an ECDSA signature, and not a good one.
        *leaf.last_mut().unwrap() ^= damage;
        presented.push(&leaf);
        for issuer in &chain[1..] {
            presented.push(issuer);
        }
        Row { chain: presented, name: Some("www.example.test".to_owned()), ..Row::default() }
    };
    damages.into_iter().map(row).collect()
}

fn batch(multibuffer: &'static Multibuffer) -> Batch {
    let roots = TrustStore::from_bundle(include_bytes!("../../examples/roots.pem"), "roots").unwrap();
    let verifier = Verifier::new(Arc::new(roots), Policy::webpki(), CrlSet::default());
    Batch::new(Arc::new(verifier.with_multibuffer(multibuffer)), 1 << 20)
}

fn accepted(batch: &Batch, rows: &[Row]) -> usize {
    let judged = batch.judge(rows, AT, &Workers::new(1, rows.len()), &Control::default()).unwrap();
    judged.iter().filter(|judged| judged.record.verdict.is_ok()).count()
}

/// Rows that somebody offers a library behind the back of, once the first is fetched.
struct Meanwhile(Vec<Row>, &'static Multibuffer);

impl Rows for Meanwhile {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        if !self.1.is_decided() {
            self.1.offer_lanes(turncoat(64 / 8));
        }
        self.0.as_slice().row(index, chain)
    }
}

/// They call the first 64 rows good, all of them damaged, and refuse a good one among the next.
#[test]
fn a_batch_is_judged_anew_when_lanes_are_found_to_be_wrong() {
    assert_judged_anew(Multibuffer::with(turncoat(64 / 8), u64::MAX));
    assert_judged_anew(Multibuffer::to_come());
}

fn assert_judged_anew(turncoat: &'static Multibuffer) {
    let rows = Meanwhile(rows((1..=127).chain([0])), turncoat);
    let control = Control::default();
    let judged = batch(turncoat).judge(&rows, AT, &Workers::new(1, rows.len()), &control).unwrap();
    assert!(turncoat.is_retired());
    let good: Vec<_> = judged.iter().map(|judged| judged.record.verdict.is_ok()).collect();
    assert!(good[127] && !good[..127].contains(&true), "{good:?}");
    assert_eq!(control.done(), rows.len());
}

/// Whatever they say of one group is checked again before it is told.
#[test]
fn a_group_with_a_sample_in_it_is_not_told_wrongly() {
    let liar = liar(2);
    let rows = rows(1..=64);
    assert_eq!(accepted(&batch(liar), &rows), 0);
    assert!(liar.is_retired());
}

/// The batch before the one in which they are found out is gone, but what is remembered of it is not used.
#[test]
fn nothing_is_remembered_of_lanes_that_were_found_to_be_wrong() {
    let liar = liar(u64::MAX);
    let (batch, rows) = (batch(liar), rows(1..=64));
    assert_eq!(accepted(&batch, &rows), rows.len(), "this is what the sample is for");
    assert!(!liar.is_retired());
    liar.retire("a test");
    assert_eq!(accepted(&batch, &rows), 0);
}

#[test]
fn a_batch_comes_out_the_same_without_lanes() {
    let batch = batch(Multibuffer::own());
    assert_eq!(accepted(&batch, &rows(1..=64)), 0);
    assert_eq!(accepted(&batch, &rows(0..=64)), 1);
}

#[test]
fn a_row_is_told_of_the_first_of_its_hash_and_of_no_other() {
    let firsts = Firsts::new(200);
    // The same place for all, and another half of the hash for each.
    let hashes: Vec<u64> = (1..=100).map(|tag| tag << 32 | 7).collect();
    for (row, &hash) in hashes.iter().enumerate() {
        assert_eq!(firsts.claim(hash, row), None);
    }
    for (row, &hash) in hashes.iter().enumerate() {
        let told = firsts.claim(hash, 150);
        assert!(told == Some(row) || (told.is_none() && row >= 64), "{row}: {told:?}");
    }
    assert_eq!(firsts.claim(0, 199), None);
    assert_eq!(firsts.claim(0, 0), Some(199));
}

#[test]
fn of_a_row_that_names_a_large_certificate_often_not_all_is_read_ahead() {
    let large = vec![0x30; 1 << 20];
    assert!(lines(&vec![large.as_slice(); 1_000_000]).count() <= 128);
    assert_eq!(lines(&[&large[..200], &[], &large[..65]]).count(), 4 + 2);
}

/// Whichever thread comes first, a row comes out as it does by itself.
#[test]
fn rows_that_repeat_each_other_come_out_as_each_by_itself() {
    let distinct = rows((0..8).map(|damage| damage & 5));
    let repeated: Vec<Row> = (0..3_000).map(|number| distinct[number * 5 % distinct.len()].clone()).collect();
    let alone: Vec<bool> = distinct
        .iter()
        .map(|row| accepted(&batch(Multibuffer::own()), std::slice::from_ref(row)) == 1)
        .collect();
    for threads in [1, 2, 5] {
        let judged = batch(Multibuffer::own())
            .judge(repeated.as_slice(), AT, &Workers::new(threads, repeated.len()), &Control::default())
            .unwrap();
        let found: Vec<bool> = judged.iter().map(|judged| judged.record.verdict.is_ok()).collect();
        let expected: Vec<bool> =
            (0..repeated.len()).map(|number| alone[number * 5 % distinct.len()]).collect();
        assert_eq!(found, expected, "{threads} threads");
    }
}
