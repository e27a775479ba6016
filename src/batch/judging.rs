//! Rows judged: some at a time, so that their end entities' signatures can be checked together, or one by itself.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::name::{self, ReferenceIdentity};
use crate::panics::caught;
use crate::record::Record;
use crate::signature::Foretold;
use crate::time::UnixSeconds;
use crate::verdict::{Check, Finding, Status, Verdict};
use crate::verifier::{Asked, OpenedChain, Session};

use super::memory::{Key, Memory};
use super::{Control, Inquiry, Judged, Refused};

/// A row that was judged, and when else it would have come out the same.
pub(super) type Judgement = (Judged, Range<UnixSeconds>);

/// What one call needs for each of its rows, looked up once.
pub(super) struct Run<'b> {
    pub(super) session: Session<'b>,
    pub(super) memory: &'b Memory,
    pub(super) at: UnixSeconds,
    pub(super) control: &'b Control,
}

/// One row, as it is asked.
pub(super) struct FetchedRow<'r> {
    pub(super) hash: u64,
    pub(super) chain: Vec<&'r [u8]>,
    pub(super) inquiry: Inquiry<'r>,
}

impl FetchedRow<'_> {
    fn key(&self) -> Key<'_> {
        let Self { hash, chain, inquiry } = self;
        Key { hash: *hash, chain, stapled: inquiry.stapled, name: inquiry.name.as_deref() }
    }
}

/// What is known of a row before it is judged.
#[expect(
    clippy::large_enum_variant,
    reason = "most rows are open, and a box for each would be one more allocation"
)]
enum Prospect<'r> {
    /// All of it.
    Done(Judgement),
    /// Its certificates; nothing if opening them has failed, of which the judgement says more.
    Open(Option<OpenedChain<'r>>),
}

impl Run<'_> {
    /// Judges rows; `None` if they were broken off.
    pub(super) fn judge_together(&self, asked: Vec<FetchedRow<'_>>) -> Option<Vec<Judgement>> {
        let mut prospects = Vec::with_capacity(asked.len());
        for question in &asked {
            if self.control.is_cancelled() {
                return None;
            }
            prospects.push(self.look_at(question));
        }
        let open: Vec<_> = prospects
            .iter()
            .map(|prospect| match prospect {
                Prospect::Open(opened) => opened.as_ref(),
                Prospect::Done(_) => None,
            })
            .collect();
        let foretold = caught(|| self.session.foretell(&open)).unwrap_or_default();
        // Certificates stay where they are: what is known of a chain has a few kilobytes.
        let judged = asked.into_iter().zip(&prospects).enumerate().map(|(index, (question, prospect))| {
            if self.control.is_cancelled() {
                return None;
            }
            let foretold = foretold.get(index).and_then(Option::as_ref);
            let judgement = match prospect {
                Prospect::Open(opened) => self.judge_opened(question, opened.as_ref(), foretold)?,
                Prospect::Done(judgement) => judgement.clone(),
            };
            self.control.done.fetch_add(1, Ordering::Relaxed);
            Some(judgement)
        });
        judged.collect()
    }

    /// Judges one row by itself; `None` if it was broken off.
    pub(super) fn judge_row(&self, question: FetchedRow<'_>) -> Option<Judgement> {
        match self.look_at(&question) {
            Prospect::Done(judgement) => Some(judgement),
            Prospect::Open(opened) => self.judge_opened(question, opened.as_ref(), None),
        }
    }

    /// Whatever can be said of a row without a judgement; else its certificates.
    fn look_at<'r>(&self, question: &FetchedRow<'r>) -> Prospect<'r> {
        let FetchedRow { chain, inquiry, .. } = question;
        let at = inquiry.at.unwrap_or(self.at);
        if let Some(refused) = &inquiry.problem {
            return Prospect::Done(self.refuse(refused.clone(), inquiry.name.as_deref(), at));
        }
        if let Some((record, window)) = self.memory.get(&question.key(), at, self.trusts_lanes()) {
            return Prospect::Done((retimed(&Judged { record, at }, at), window));
        }
        Prospect::Open(caught(|| self.session.open(chain)).ok())
    }

    /// Judges a row that nothing is known of yet; `None` if it was broken off.
    fn judge_opened(
        &self,
        question: FetchedRow<'_>,
        opened: Option<&OpenedChain<'_>>,
        foretold: Option<&Foretold>,
    ) -> Option<Judgement> {
        let FetchedRow { chain, inquiry, .. } = &question;
        let at = inquiry.at.unwrap_or(self.at);
        let name = inquiry.name.as_deref();
        let searches = self.session.verifier().policy().searches();
        let parse = |name: &str| {
            // `Policy.ssl` takes for a host whatever `ssl` does.
            if let Some(mistake) = name::mistake(name).filter(|_| searches) {
                return Err(mistake);
            }
            let reference = ReferenceIdentity::parse(name);
            let checked = reference.and_then(|one| ReferenceIdentity::check_labels(name).map(|()| one));
            checked.map_err(|error| error.to_string())
        };
        let reference = match name.map(parse).transpose() {
            Ok(reference) => reference,
            Err(mistake) => return Some(self.refuse(Refused::NoName(mistake), None, at)),
        };
        let go_on = || !self.control.is_cancelled();
        let asked = Asked {
            chain,
            stapled: inquiry.stapled,
            name: reference.as_ref(),
            at,
            all_paths: false,
            go_on: &go_on,
        };
        let by_lanes = self.session.multibuffer().is_used();
        let judged = caught(|| match opened {
            Some(opened) => Record::of_opened(&self.session, &asked, opened, foretold),
            None => Record::of(&self.session, &asked),
        });
        let (record, window) = match judged {
            Ok(judged) => judged,
            Err(said) => {
                return Some(self.refuse(
                    Refused::InputError(format!("its judgement has failed: {said}")),
                    name,
                    at,
                ));
            }
        };
        // What was broken off must not be remembered. A cancellation lasts: what stopped the search stops this, too.
        if self.control.is_cancelled() {
            return None;
        }
        let record = Arc::new(record);
        let issuer = |position| opened.and_then(|opened| opened.issuer(position));
        self.memory.put(&question.key(), &record, &window, by_lanes, issuer);
        Some((Judged { record, at }, window))
    }

    /// Whether what lanes have said of signatures counts.
    fn trusts_lanes(&self) -> bool {
        !self.session.multibuffer().is_retired()
    }

    fn refuse(&self, refused: Refused, name: Option<&str>, at: UnixSeconds) -> Judgement {
        let without_path =
            |status, finding| Verdict::without_path(at, name.map(str::to_owned), status, finding);
        let verdict = match refused {
            Refused::InputError(problem) => {
                without_path(Status::InputError, Finding::new(Check::InputError).fact("problem", problem))
            }
            Refused::NoName(problem) => Verdict::without_name(at, problem),
            Refused::Unparseable(finding) => without_path(Status::Unparseable, finding),
        };
        let record = Arc::new(Record::without_chain(self.session.verifier(), verdict));
        (Judged { record, at }, UnixSeconds::MIN..UnixSeconds::MAX)
    }
}

/// The outcome for another time in the window.
pub(super) fn retimed(judged: &Judged, at: UnixSeconds) -> Judged {
    let record = &judged.record;
    if record.verdict.at != at && record.verdict.tells_time() {
        let mut own = Record::clone(record);
        own.verdict.set_time(at);
        return Judged { record: Arc::new(own), at };
    }
    Judged { record: Arc::clone(record), at }
}
