//! What a root programme says of a trust anchor beside that it is one: whom it may vouch for, until when, and for what.
//! Facts only; src/path/programme.rs holds paths against them.

use std::fmt::Write;

use crate::time::{UnixSeconds, rfc3339};

/// What one programme says of one anchor.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Constraints {
    /// Who says so: the programme, with its version or date.
    pub source: String,
    /// The conditions, of which one set has to hold as a whole; no set at all means no condition.
    pub alternatives: Vec<Conditions>,
    /// Policies that mark a certificate below the anchor as one of extended validation, dotted: a fact, no condition.
    pub ev_policies: Vec<String>,
}

/// Conditions that all have to hold.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Conditions {
    /// End entities whose notBefore is later are not trusted.
    pub distrusted_after: Vec<Dated>,
    /// End entities whose notBefore is not later are not trusted.
    pub distrusted_until: Option<UnixSeconds>,
    /// One SCT at least has to be no later.
    pub sct_not_after: Option<UnixSeconds>,
    /// Every SCT has to be later.
    pub sct_all_after: Option<UnixSeconds>,
    /// Nothing is trusted from then on.
    pub disabled_from: Vec<Dated>,
    /// The only extended key usages that it is trusted for, dotted.
    pub purposes: Option<Vec<String>>,
    /// The only domains for which it is trusted: a domain with all below it; with a dot in front, what is below it.
    pub permitted_dns: Option<Vec<String>>,
    /// The first version of the browser for which these conditions are meant.
    pub min_version: Option<String>,
    /// The first version of the browser for which they are meant no longer.
    pub max_version: Option<String>,
}

/// A date with the purposes that it is about.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Dated {
    /// The date; the beginning of time where a programme gives none.
    pub date: UnixSeconds,
    /// Extended key usages, dotted; `None`: all.
    pub purposes: Option<Vec<String>>,
}

impl Dated {
    /// A date for all purposes.
    pub const fn always(date: UnixSeconds) -> Self {
        Self { date, purposes: None }
    }
}

impl Constraints {
    /// The moments at which a verdict may change for what is said here.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        self.alternatives.iter().flat_map(|set| &set.disabled_from).map(|dated| dated.date)
    }

    /// Whether anything is said but who says it.
    pub fn is_empty(&self) -> bool {
        self.alternatives.is_empty() && self.ev_policies.is_empty()
    }

    /// A line for each thing that is said, sets of conditions one after the other: what `TrustStore.constraints` tells and
    /// what a pickled store holds.
    pub fn lines(&self) -> String {
        let mut lines = format!("source {}\n", self.source.replace(['\r', '\n'], " "));
        let mut line = |key: &str, value: &str| {
            let _ = writeln!(lines, "{key} {value}");
        };
        for set in &self.alternatives {
            line("either", "");
            for (key, dates) in
                [("distrusted_after", &set.distrusted_after), ("disabled_from", &set.disabled_from)]
            {
                for Dated { date, purposes } in dates {
                    let purposes = purposes.as_ref().map(|purposes| format!(" {}", purposes.join(",")));
                    line(key, &format!("{date}{}", purposes.unwrap_or_default()));
                }
            }
            let dates = [
                ("distrusted_until", set.distrusted_until),
                ("sct_not_after", set.sct_not_after),
                ("sct_all_after", set.sct_all_after),
            ];
            for (key, date) in dates {
                if let Some(date) = date {
                    line(key, &date.to_string());
                }
            }
            for (key, values) in [("purposes", &set.purposes), ("permitted_dns", &set.permitted_dns)] {
                if let Some(values) = values {
                    line(key, &values.join(","));
                }
            }
            for (key, version) in [("min_version", &set.min_version), ("max_version", &set.max_version)] {
                if let Some(version) = version {
                    line(key, version);
                }
            }
        }
        if !self.ev_policies.is_empty() {
            line("ev_policies", &self.ev_policies.join(","));
        }
        lines
    }

    /// The inverse of [`Constraints::lines`]; `None` for anything else.
    pub fn from_lines(text: &str) -> Option<Self> {
        let mut constraints = Self::default();
        let list = |value: &str| -> Vec<String> {
            value.split(',').filter(|one| !one.is_empty()).map(str::to_owned).collect()
        };
        for line in text.lines() {
            let (key, value) = line.split_once(' ')?;
            match key {
                "source" => value.clone_into(&mut constraints.source),
                "ev_policies" => constraints.ev_policies = list(value),
                "either" => constraints.alternatives.push(Conditions::default()),
                _ => {
                    let set = constraints.alternatives.last_mut()?;
                    let dated = || {
                        let (date, purposes) =
                            value.split_once(' ').map_or((value, None), |(date, of)| (date, Some(list(of))));
                        Some(Dated { date: date.parse().ok()?, purposes })
                    };
                    match key {
                        "distrusted_after" => set.distrusted_after.push(dated()?),
                        "disabled_from" => set.disabled_from.push(dated()?),
                        "distrusted_until" => set.distrusted_until = Some(value.parse().ok()?),
                        "sct_not_after" => set.sct_not_after = Some(value.parse().ok()?),
                        "sct_all_after" => set.sct_all_after = Some(value.parse().ok()?),
                        "purposes" => set.purposes = Some(list(value)),
                        "permitted_dns" => set.permitted_dns = Some(list(value)),
                        "min_version" => set.min_version = Some(value.to_owned()),
                        "max_version" => set.max_version = Some(value.to_owned()),
                        _ => return None,
                    }
                }
            }
        }
        Some(constraints)
    }
}

/// A date as findings tell it.
pub(crate) fn told(date: UnixSeconds) -> String {
    if date == UnixSeconds::MIN { "the beginning".to_owned() } else { rfc3339(date) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_tell_everything() {
        let dated = Dated { date: -5, purposes: Some(vec!["1.2.3".into(), "1.2.4".into()]) };
        let full = Conditions {
            distrusted_after: vec![Dated::always(1), dated.clone()],
            distrusted_until: Some(2),
            sct_not_after: Some(3),
            sct_all_after: Some(4),
            disabled_from: vec![Dated { date: 6, purposes: Some(Vec::new()) }, dated],
            purposes: Some(Vec::new()),
            permitted_dns: Some(vec!["example".into(), ".tr".into()]),
            min_version: Some("1.2".into()),
            max_version: Some("3".into()),
        };
        let constraints = Constraints {
            source: "a programme".into(),
            alternatives: vec![Conditions::default(), full],
            ev_policies: vec!["2.23.140.1.1".into()],
        };
        assert_eq!(Constraints::from_lines(&constraints.lines()), Some(constraints));
        assert_eq!(Constraints::from_lines("sct_not_after 1\n"), None);
        assert_eq!(Constraints::from_lines("source x\neither \nsct_not_after soon\n"), None);
        assert_eq!(Constraints::from_lines("source x\neither \nwhatever 1\n"), None);
    }
}
