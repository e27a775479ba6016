//! Signatures by keys with multiples, asked of lanes that answer as they are told.

use std::sync::atomic::{AtomicUsize, Ordering};

use certpath_multibuffer::{Abilities, Multiples, MultiplesLane};

use super::*;
use crate::signature::earned;

/// Lanes that have multiples of keys, and answer as they are told of each question's number and what is right.
#[derive(Debug)]
struct Tabler {
    answer: fn(number: usize, right: bool) -> Option<bool>,
    asked: AtomicUsize,
}

impl Tabler {
    fn with(answer: fn(usize, bool) -> Option<bool>, sample: u64) -> (&'static Multibuffer, &'static Self) {
        let tabler: &'static Self = Box::leak(Box::new(Self { answer, asked: AtomicUsize::new(0) }));
        (Multibuffer::with(Box::new(tabler), sample), tabler)
    }

    fn answers<const OCTETS: usize, const WORDS: usize, const LIMBS: usize>(
        &self,
        questions: &[MultiplesLane<'_, OCTETS, WORDS, LIMBS>],
        verify: impl Fn(&[EcdsaLane<'_, OCTETS, WORDS>]) -> [bool; LANES],
    ) -> Vec<Option<bool>> {
        self.asked.fetch_add(questions.len(), Ordering::Relaxed);
        let right = |question: &MultiplesLane<'_, OCTETS, WORDS, LIMBS>| verify(&[question.lane])[0];
        questions.iter().enumerate().map(|(number, one)| (self.answer)(number, right(one))).collect()
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }
}

const REGULAR: Reckoner = Reckoner(|_, right| right);

impl Lanes for &'static Tabler {
    fn version(&self) -> &'static str {
        "a tabler"
    }

    fn abilities(&self) -> Abilities {
        Abilities { multiples: true, ..REGULAR.abilities() }
    }

    fn p256(&self, lanes: &[EcdsaLane<'_, 32, 4>]) -> [bool; LANES] {
        REGULAR.p256(lanes)
    }

    fn p384(&self, lanes: &[EcdsaLane<'_, 48, 6>]) -> [bool; LANES] {
        REGULAR.p384(lanes)
    }

    fn p256_multiples(&self, _: &[u64; 4], _: &[u64; 4]) -> Option<Multiples<5>> {
        Some(Multiples::default())
    }

    fn p384_multiples(&self, _: &[u64; 6], _: &[u64; 6]) -> Option<Multiples<8>> {
        Some(Multiples::default())
    }

    fn p256_by_multiples(&self, questions: &[MultiplesLane<'_, 32, 4, 5>]) -> Vec<Option<bool>> {
        self.answers(questions, |lanes| REGULAR.p256(lanes))
    }

    fn p384_by_multiples(&self, questions: &[MultiplesLane<'_, 48, 6, 8>]) -> Vec<Option<bool>> {
        self.answers(questions, |lanes| REGULAR.p384(lanes))
    }
}

/// Enough signatures for the multiples of their key.
const MANY: usize = earned::WORTHWHILE as usize + 1;

#[test]
fn a_key_with_many_signatures_is_asked_about_by_its_multiples() {
    for kind in [p256, p384] {
        let (multibuffer, tabler) = Tabler::with(|_, right| Some(right), 1_000);
        let memo = EdgeMemo::new(multibuffer);
        let good = kind(MANY + 5);
        let ask = |made: &[Made]| {
            let edges: Vec<_> = made.iter().map(|made| Some(made.edge())).collect();
            foretell(&memo, &edges).into_iter().map(Option::unwrap).map(|one| one.outcome).collect::<Vec<_>>()
        };
        assert_eq!(ask(&good[..MANY - 1]), vec![Outcome::Valid; MANY - 1]);
        assert_eq!(tabler.asked(), 0, "not enough of them yet");
        assert_eq!(ask(&good[MANY - 1..]), vec![Outcome::Valid; 6]);
        assert_eq!(tabler.asked(), 6);
    }
}

/// Two keys of which one has its multiples, in turns, and every third signature damaged.
fn alternating(kind: fn(usize) -> Vec<Made>) -> Vec<Made> {
    let (many, few) = (kind(2 * MANY), kind(MANY - 2));
    let mut few = few.into_iter();
    let mut made: Vec<_> = many.into_iter().flat_map(|one| [Some(one), few.next()]).flatten().collect();
    made.iter_mut().step_by(3).for_each(|one| one.message.push(0));
    made
}

/// Whatever lanes say nothing of is asked of somebody else, and no answer is taken for a neighbour's.
#[test]
fn answers_by_multiples_are_those_of_their_signatures() {
    let silences: [fn(usize, bool) -> Option<bool>; 4] = [
        |_, right| Some(right),
        |number, right| (number % 5 != 2).then_some(right),
        |number, right| (number != 0).then_some(right),
        |_, _| None,
    ];
    for (kind, silence) in [p256, p384].into_iter().zip([silences, silences]) {
        let made = alternating(kind);
        for answer in silence {
            let (multibuffer, tabler) = Tabler::with(answer, u64::MAX);
            for ((outcome, _), made) in answers(multibuffer, &made).into_iter().zip(&made) {
                assert_eq!(outcome, crate::signature::verify(&made.signed()));
            }
            assert!(multibuffer.is_used(), "{:?}", multibuffer.retirement());
            assert_eq!(tabler.asked(), 2 * MANY);
        }
    }
}

#[test]
fn lanes_that_lie_about_multiples_are_found_out() {
    for kind in [p256, p384] {
        for (answer, sample) in [
            ((|_, _| Some(true)) as fn(usize, bool) -> Option<bool>, 1),
            (|number, right| Some(right && number != 7), u64::MAX),
        ] {
            let (multibuffer, _) = Tabler::with(answer, sample);
            let made = alternating(kind);
            for ((outcome, by_lane), made) in answers(multibuffer, &made).into_iter().zip(&made) {
                assert_eq!((outcome, by_lane), (crate::signature::verify(&made.signed()), false));
            }
            assert!(multibuffer.is_retired());
        }
    }
}
