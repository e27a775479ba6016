//! What Chrome and Apple ask of the timestamps of a certificate, as they have written it down.

use crate::certificate::Certificate;
use crate::time::{UnixSeconds, civil, parse_rfc3339};

use super::logs::State;
use super::{ExaminedTimestamp, SctSource, SctStatus};

const DAY: i64 = 86_400;

/// Certificates of more days need a timestamp more.
const SHORT: i64 = 180 * DAY;

/// Apple's table of days holds from this notBefore on; before, there was one of months.
const APPLE_DAYS_SINCE: &str = "2021-04-21T00:00:00Z";

/// How far the states of logs have to be guessed where the list does not say.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Guess {
    Accepted,
    Never,
}

/// What Chrome and what Apple say; `None` where they would say otherwise if the list gave the state of
/// each log.
pub(super) fn of(leaf: &Certificate<'_>, judged: &[ExaminedTimestamp<'_>]) -> (Option<bool>, Option<bool>) {
    let (from, until) = leaf.validity();
    let (Some(from), Some(until)) = (from.seconds, until.seconds) else { return (None, None) };
    let both = |says: fn(&Counted<'_, '_>, UnixSeconds, UnixSeconds) -> bool| {
        let say = |guess| says(&Counted { judged, guess }, from, until);
        let (accepted, never) = (say(Guess::Accepted), say(Guess::Never));
        (accepted == never).then_some(accepted)
    };
    (both(chrome), both(apple))
}

/// What counts of the timestamps.
struct Counted<'j, 'l> {
    judged: &'j [ExaminedTimestamp<'l>],
    guess: Guess,
}

impl<'j, 'l> Counted<'j, 'l> {
    /// Of a log that is accepted now.
    fn is_current(&self, one: &ExaminedTimestamp<'l>) -> bool {
        let is_unknown = one.log.is_none_or(|log| log.state == State::Unknown);
        one.told.status == SctStatus::Valid && (!is_unknown || self.guess == Guess::Accepted)
    }

    /// Of a log that is accepted now, or was when it signed.
    fn is_once(&self, one: &ExaminedTimestamp<'l>) -> bool {
        let before = |milliseconds: i64| match one.log.map(|log| log.state) {
            Some(State::Retired(Some(since))) => milliseconds < since.saturating_mul(1_000),
            Some(State::Retired(None)) => self.guess == Guess::Accepted,
            _ => false,
        };
        self.is_current(one)
            || (one.told.status == SctStatus::LogRetired && one.told.milliseconds.is_some_and(before))
    }

    /// Those of some sources that count, one for each log.
    fn logs(
        &self,
        is_meant: fn(SctSource) -> bool,
        counts: fn(&Self, &ExaminedTimestamp<'l>) -> bool,
    ) -> Vec<&'j ExaminedTimestamp<'l>> {
        let mut distinct: Vec<&ExaminedTimestamp<'l>> = Vec::new();
        for one in self.judged {
            if is_meant(one.told.source)
                && counts(self, one)
                && !distinct.iter().any(|known| known.told.log_id == one.told.log_id)
            {
                distinct.push(one);
            }
        }
        distinct
    }
}

/// How many of them each operator has.
fn by_operator(judged: &[&ExaminedTimestamp<'_>]) -> Vec<usize> {
    let mut counts: Vec<(Option<&str>, usize)> = Vec::new();
    for one in judged {
        let operator = one.told.operator.as_deref();
        match counts.iter_mut().find(|(known, _)| *known == operator) {
            Some((_, count)) => *count += 1,
            None => counts.push((operator, 1)),
        }
    }
    counts.into_iter().map(|(_, count)| count).collect()
}

/// Chrome's policy, as it has been without a word about RFC 6962 since logs of tiles count like others. Mixed deliveries
/// do not count together.
fn chrome(counted: &Counted<'_, '_>, from: UnixSeconds, until: UnixSeconds) -> bool {
    let needed = if until.saturating_sub(from) > SHORT { 3 } else { 2 };
    let embedded = counted.logs(|source| !source.is_sent(), Counted::is_once);
    let is_embedded = embedded.len() >= needed
        && by_operator(&embedded).len() >= 2
        && embedded.iter().any(|one| counted.is_current(one));
    let sent = counted.logs(SctSource::is_sent, Counted::is_current);
    is_embedded || (sent.len() >= 2 && by_operator(&sent).len() >= 2)
}

/// Apple's policy.
fn apple(counted: &Counted<'_, '_>, from: UnixSeconds, until: UnixSeconds) -> bool {
    let embedded = counted.logs(|source| !source.is_sent(), Counted::is_once);
    let current = counted.logs(|_| true, Counted::is_current);
    let (needed, of_operator) = apples_numbers(from, until);
    let numbered: usize = by_operator(&embedded).iter().map(|count| (*count).min(of_operator)).sum();
    let is_embedded = numbered >= needed && embedded.iter().any(|one| counted.is_current(one));
    let is_sent = current.len() >= 2 && !counted.logs(SctSource::is_sent, Counted::is_current).is_empty();
    // One from a log of RFC 6962's own interface.
    let counting = if is_embedded { &embedded } else { &current };
    (is_embedded || is_sent) && counting.iter().any(|one| one.log.is_some_and(|log| log.is_rfc6962))
}

/// How many timestamps Apple asks for, and how many of one operator count.
fn apples_numbers(from: UnixSeconds, until: UnixSeconds) -> (usize, usize) {
    if parse_rfc3339(APPLE_DAYS_SINCE).is_some_and(|since| from >= since) {
        // Both ends count (RFC 5280 4.1.2.5), and a second more is a day more.
        let lifetime = until.saturating_sub(from).saturating_add(1);
        return if lifetime > SHORT { (3, 2) } else { (2, 1) };
    }
    let (months, has_more) = months(from, until);
    let needed = match (months, has_more) {
        (..15, _) => 2,
        (..27, _) | (27, false) => 3,
        (..39, _) | (39, false) => 4,
        _ => 5,
    };
    (needed, usize::MAX)
}

/// The whole months of a lifetime, and whether there is more.
fn months(from: UnixSeconds, until: UnixSeconds) -> (i64, bool) {
    let (first, last) = (civil(from), civil(until));
    let whole = (last.0 - first.0) * 12 + last.1 - first.1;
    match last.2.cmp(&first.2) {
        std::cmp::Ordering::Less => (whole - 1, true),
        std::cmp::Ordering::Equal => (whole, false),
        std::cmp::Ordering::Greater => (whole, true),
    }
}
