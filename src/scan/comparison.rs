//! Two sets of trust stores compared over a scan: how many rows one of them accepts and the other does not, and why.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};

use crate::batch::{Batch, Control, Inquiry, Judged, Row, Rows, Workers};
use crate::distinguished_name::hex;
use crate::time::UnixSeconds;
use crate::verdict::{Check, Class, Verdict};
use crate::verifier::Verifier;

/// The two sets, each a part of the stores by which a scan is judged.
#[derive(Debug)]
pub struct Comparison {
    first: Side,
    second: Side,
    /// Anchors of the first set that the second has not. Where a path ended in one of them, the other path is looked for.
    taken: HashSet<[u8; 32]>,
}

#[derive(Debug)]
struct Side {
    /// Bit i for store i of the scan's verifier.
    mask: u32,
    /// Judges by these stores alone: by which root they accept, or why not.
    batch: Arc<Batch>,
}

/// What became of a row that the first set accepts.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Outcome {
    /// The second set refuses it for this.
    Refused(Check),
    /// The second set accepts it by a path to another root.
    Moved([u8; 32]),
}

/// What both sets say of a row.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Compared {
    first: bool,
    second: bool,
    /// The root by which the first set accepts it, where that is of interest.
    root: Option<[u8; 32]>,
    outcome: Option<Outcome>,
}

impl Comparison {
    /// Compares the stores of two judges, each of them one of the stores of `verifier` by its name.
    pub fn new(verifier: &Verifier, first: Arc<Batch>, second: Arc<Batch>, taken: HashSet<[u8; 32]>) -> Self {
        let side = |batch: Arc<Batch>| {
            let own = |name: &str| batch.verifier().stores().iter().any(|store| store.name() == name);
            let stores = verifier.stores().iter().enumerate();
            let mask =
                stores.filter(|(_, store)| own(store.name())).fold(0, |mask, (bit, _)| mask | 1 << bit);
            Side { mask, batch }
        };
        Self { first: side(first), second: side(second), taken }
    }

    /// What both sets say of each row; `None` if cancelled.
    pub(super) fn rows(
        &self,
        rows: &[Row],
        judged: &[Judged],
        at: UnixSeconds,
        workers: &Workers,
        control: &Control,
    ) -> Option<Vec<Compared>> {
        let mut compared = Vec::with_capacity(judged.len());
        let mut of = Vec::new();
        for (index, judged) in judged.iter().enumerate() {
            let verdict = &judged.record.verdict;
            let accepting = verdict.stores_now();
            let first = accepting & self.first.mask != 0;
            let second = accepting & self.second.mask != 0;
            if first && (!second || self.has_taken(verdict)) {
                of.push(index);
            }
            compared.push(Compared { first, second, ..Compared::default() });
        }
        // Few rows as a rule, so that judging them once more costs little.
        let chosen = Chosen { rows, of: &of };
        let first = self.first.batch.judge(&chosen, at, workers, control)?;
        let second = self.second.batch.judge(&chosen, at, workers, control)?;
        for ((&index, first), second) in of.iter().zip(&first).zip(&second) {
            let Some(one) = compared.get_mut(index) else { continue };
            let verdict = &second.record.verdict;
            one.root = first.record.verdict.anchor().map(|anchor| anchor.sha256);
            // In a search for all stores the budget may end before the path to this one.
            one.second |= verdict.stores_now() != 0;
            one.outcome = if one.second {
                verdict
                    .anchor()
                    .filter(|_| !self.taken.is_empty())
                    .map(|anchor| Outcome::Moved(anchor.sha256))
            } else {
                reason(verdict).map(Outcome::Refused)
            };
        }
        Some(compared)
    }

    fn has_taken(&self, verdict: &Verdict) -> bool {
        verdict.anchor().is_some_and(|anchor| self.taken.contains(&anchor.sha256))
    }
}

/// Why a set does not accept a chain. The name is the same for both sets, so it is not why they differ.
fn reason(verdict: &Verdict) -> Option<Check> {
    let mut findings = verdict.findings.iter().map(|finding| finding.check);
    let main = findings.clone().next();
    findings.find(|check| check.class() != Class::Name).or(main)
}

/// Some of the rows of a step.
struct Chosen<'r> {
    rows: &'r [Row],
    of: &'r [usize],
}

impl Rows for Chosen<'_> {
    fn len(&self) -> usize {
        self.of.len()
    }

    fn row<'r>(&'r self, index: usize, chain: &mut Vec<&'r [u8]>) -> Inquiry<'r> {
        let Some(&index) = self.of.get(index) else { return Inquiry::default() };
        self.rows.row(index, chain)
    }
}

/// Rows counted by what two sets of stores say of them. There are no more counts than roots times reasons, however many
/// rows there are.
#[derive(Clone, Debug, Default)]
pub(super) struct Differences {
    both: u64,
    first_only: u64,
    second_only: u64,
    neither: u64,
    outcomes: HashMap<(Option<[u8; 32]>, Outcome), u64>,
}

impl Differences {
    /// Counts a row.
    pub(super) fn add(&mut self, compared: &Compared) {
        let count = match (compared.first, compared.second) {
            (true, true) => &mut self.both,
            (true, false) => &mut self.first_only,
            (false, true) => &mut self.second_only,
            (false, false) => &mut self.neither,
        };
        *count += 1;
        if let Some(outcome) = compared.outcome {
            *self.outcomes.entry((compared.root, outcome)).or_default() += 1;
        }
    }

    /// As JSON, to be shown and to be read again.
    pub(super) fn to_json(&self) -> Value {
        let told = |(&(root, outcome), &rows): (&(Option<[u8; 32]>, Outcome), &u64)| {
            let (refused, moved) = match outcome {
                Outcome::Refused(check) => (Some(check.name()), None),
                Outcome::Moved(root) => (None, Some(hex(&root))),
            };
            let root = root.map(|root| hex(&root));
            (std::cmp::Reverse(rows), root, refused, moved)
        };
        let mut outcomes: Vec<_> = self.outcomes.iter().map(told).collect();
        outcomes.sort();
        let outcomes: Vec<Value> = outcomes
            .into_iter()
            .map(|(rows, root, refused, moved)| {
                json!({"root": root, "refused": refused, "moved": moved, "rows": rows.0})
            })
            .collect();
        json!({
            "both": self.both,
            "first_only": self.first_only,
            "second_only": self.second_only,
            "neither": self.neither,
            "outcomes": outcomes,
        })
    }

    /// From JSON; `None` if it is of another making.
    pub(super) fn from_json(value: &Value) -> Option<Self> {
        let number = |key: &str| value.get(key)?.as_u64();
        let mut outcomes = HashMap::new();
        for outcome in value.get("outcomes")?.as_array()? {
            let text = |key: &str| outcome.get(key)?.as_str();
            let root = match text("root") {
                Some(text) => Some(fingerprint(text)?),
                None => None,
            };
            let what = match (text("refused"), text("moved")) {
                (Some(name), None) => {
                    Outcome::Refused(Check::ALL.iter().copied().find(|check| check.name() == name)?)
                }
                (None, Some(root)) => Outcome::Moved(fingerprint(root)?),
                _ => return None,
            };
            outcomes.insert((root, what), outcome.get("rows")?.as_u64()?);
        }
        Some(Self {
            both: number("both")?,
            first_only: number("first_only")?,
            second_only: number("second_only")?,
            neither: number("neither")?,
            outcomes,
        })
    }
}

/// The inverse of [`hex`].
fn fingerprint(text: &str) -> Option<[u8; 32]> {
    let mut octets = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (index, octet) in octets.iter_mut().enumerate() {
        *octet = u8::from_str_radix(text.get(2 * index..2 * index + 2)?, 16).ok()?;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_leads_back() {
        let mut differences = Differences::default();
        let refused = Some(Outcome::Refused(Check::DistrustedAfter));
        for (first, second, root, outcome) in [
            (true, false, Some([1; 32]), refused),
            (true, false, Some([1; 32]), refused),
            (true, false, None, Some(Outcome::Refused(Check::IssuerNotFound))),
            (true, true, Some([2; 32]), Some(Outcome::Moved([0xab; 32]))),
            (true, true, None, None),
            (false, true, None, None),
            (false, false, None, None),
        ] {
            differences.add(&Compared { first, second, root, outcome });
        }
        let json = differences.to_json();
        assert_eq!(json["first_only"], 3);
        assert_eq!(
            (&json["both"], &json["second_only"], &json["neither"]),
            (&2.into(), &1.into(), &1.into())
        );
        assert_eq!(json["outcomes"][0]["rows"], 2);
        assert_eq!(json["outcomes"][0]["refused"], "distrusted_after");
        assert_eq!(Differences::from_json(&json).unwrap().to_json(), json);
        assert!(Differences::from_json(&json!({"both": 1})).is_none());
    }
}
