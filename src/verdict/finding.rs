//! Findings: what failed, where, and what was expected and found, in facts and in words.

use std::borrow::Cow;
use std::fmt::Write;

use super::{Check, Class};
use crate::release::{Release, Rule};
use crate::time::{UnixSeconds, rfc3339};

/// One piece of evidence.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Fact {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
    /// Several texts.
    Texts(Vec<String>),
}

/// Which certificate a finding is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Concerned {
    /// RFC 4514 text of the subject.
    pub subject: String,
    /// Fingerprint.
    pub sha256: [u8; 32],
}

/// One failed check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Finding {
    /// What failed.
    pub check: Check,
    /// Depth in the built path, 0 = end entity.
    pub depth: Option<usize>,
    /// The certificate concerned.
    pub concerned: Option<Concerned>,
    /// What was expected and what was found. Whoever reads a finding back from elsewhere has words of its own.
    pub facts: Vec<(Cow<'static, str>, Fact)>,
    /// Whose words it is told in.
    pub release: Release,
}

impl Finding {
    pub(crate) fn new(check: Check) -> Self {
        Self { check, depth: None, concerned: None, facts: Vec::new(), release: Release::default() }
    }

    pub(crate) fn with(check: Check, depth: Option<usize>, facts: Vec<(&'static str, Fact)>) -> Self {
        let facts = facts.into_iter().map(|(key, fact)| (Cow::Borrowed(key), fact)).collect();
        Self { depth, facts, ..Self::new(check) }
    }

    pub(crate) fn fact(mut self, key: &'static str, value: impl Into<Fact>) -> Self {
        self.add_fact(key, value);
        self
    }

    pub(crate) fn add_fact(&mut self, key: &'static str, value: impl Into<Fact>) {
        self.facts.push((Cow::Borrowed(key), value.into()));
    }

    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.facts.iter().find_map(|(name, fact)| match fact {
            Fact::Text(text) if *name == key => Some(text.as_str()),
            _ => None,
        })
    }

    /// OpenSSL's text for the code.
    fn words(&self) -> &'static str {
        match self.check {
            Check::NotYetValid if self.release.follows(Rule::ClockInNotYetValid) => {
                "certificate is not yet valid or the system clock is incorrect"
            }
            check => check.text(),
        }
    }

    /// What `ssl` gives as `verify_message`: OpenSSL's text, or CPython's own for a name mismatch.
    pub fn message(&self) -> String {
        let expected = self.text("expected").unwrap_or_default();
        match self.check {
            // CPython's Modules/_ssl.c words these two itself.
            Check::HostnameMismatch => {
                format!("Hostname mismatch, certificate is not valid for '{expected}'.")
            }
            Check::IpAddressMismatch => {
                format!("IP address mismatch, certificate is not valid for '{expected}'.")
            }
            _ => self.words().to_owned(),
        }
    }

    /// The finding as one sentence: which certificate, what was expected, what was found.
    pub fn detail(&self) -> String {
        let mut sentence = match self.check {
            Check::HostnameMismatch | Check::IpAddressMismatch => {
                self.message().trim_end_matches('.').to_owned()
            }
            // OpenSSL's text says no more than that there is something; the name says what.
            check
                if matches!(check.code(), Some(27 | 28))
                    || matches!(check.class(), Class::Profile | Class::PurposeRule) =>
            {
                format!("{} ({})", check.name().replace('_', " "), check.text())
            }
            Check::Unparseable | Check::InputError | Check::Budget | Check::NoCertificate => {
                self.check.name().replace('_', " ")
            }
            _ => self.words().to_owned(),
        };
        match (self.depth, &self.concerned) {
            (Some(depth), Some(concerned)) => {
                let subject = if concerned.subject.is_empty() { "(no subject)" } else { &concerned.subject };
                let _ = write!(sentence, ", depth {depth} [{subject}]");
            }
            (Some(depth), None) => {
                let _ = write!(sentence, ", depth {depth}");
            }
            _ => {}
        }
        let mut separator = ": ";
        for (key, fact) in &self.facts {
            if let (NUMBER, Fact::Number(number)) = (key.as_ref(), fact)
                && self.check.class() == Class::Name
            {
                let expected = self.text("expected").unwrap_or_default();
                let _ = write!(
                    sentence,
                    "{separator}the certificate for {expected} is number {number} of the chain"
                );
                continue;
            }
            let key = key.replace('_', " ");
            let _ = match fact {
                Fact::Text(text) => write!(sentence, "{separator}{key} {text}"),
                Fact::Number(number) => write!(sentence, "{separator}{key} {number}"),
                Fact::Texts(texts) if texts.is_empty() => write!(sentence, "{separator}{key} (none)"),
                Fact::Texts(texts) => write!(sentence, "{separator}{key} {}", texts.join(" | ")),
            };
            separator = "; ";
        }
        sentence
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Vec<String>> for Fact {
    fn from(texts: Vec<String>) -> Self {
        Self::Texts(texts)
    }
}

impl From<i64> for Fact {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Fact {
    /// A count, which no memory has more of than an `i64` holds.
    fn from(count: usize) -> Self {
        Self::Number(i64::try_from(count).unwrap_or(i64::MAX))
    }
}

/// The fact that is the time of judgement.
pub(crate) const AT: &str = "at";

/// The fact of a name that does not match: which certificate of the chain speaks for it, counted from 1.
pub(crate) const NUMBER: &str = "number";

/// The fact of a revoked certificate that names the revocation set.
pub(crate) const SET: &str = "set";

/// The fact of a revoked certificate that says by what else, if it is not a list.
pub(crate) const BY: &str = "by";

/// A time as a fact, RFC 3339.
pub(crate) fn time_fact(seconds: UnixSeconds) -> Fact {
    Fact::Text(rfc3339(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_says_what_was_expected_and_found() {
        let finding = Finding {
            depth: Some(0),
            concerned: Some(Concerned { subject: "CN=a".into(), sha256: [0; 32] }),
            ..Finding::new(Check::HostnameMismatch)
                .fact("expected", "b.example")
                .fact("presented", vec!["dns:a.example".to_owned()])
        };
        assert_eq!(finding.message(), "Hostname mismatch, certificate is not valid for 'b.example'.");
        assert_eq!(
            finding.detail(),
            "Hostname mismatch, certificate is not valid for 'b.example', depth 0 [CN=a]: \
             expected b.example; presented dns:a.example"
        );
    }
}
