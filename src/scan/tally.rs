//! What a scan comes to: counts, in memory that does not grow with it.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::batch::{Judged, Row};
use crate::certificate::{Certificate, issuer_der};
use crate::distinguished_name::DistinguishedName;
use crate::ingest::{End, Harvest};
use crate::time::UnixSeconds;
use crate::verdict::Status;

use super::comparison::{Compared, Differences};
use super::frequent::Frequent;
use super::missing_issuers;

/// Issuers that are counted at a time; names are an attacker's to invent.
const MAX_ISSUERS: usize = 2_048;
/// "Soon", in seconds.
const SOON: i64 = 30 * 86_400;

/// Counts of verdicts.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// By status.
    statuses: HashMap<&'static str, u64>,
    /// Of refused rows, by main finding.
    reasons: HashMap<String, u64>,
    /// By issuer of the end entity: RFC 4514 text.
    issuers: Frequent,
    /// The texts of issuers met before, by their octets.
    texts: HashMap<Box<[u8]>, String>,
    /// Rows whose path each store trusts, whatever the name.
    stores: Vec<u64>,
    /// Those of them that are accepted.
    stores_ok: Vec<u64>,
    /// Rows that were captured before the date that each store's data is of, and those of them whose path it trusts.
    older: Vec<u64>,
    older_trusted: Vec<u64>,
    /// Rows that do not say when they were captured.
    undated: u64,
    /// Accepted rows whose path ends within 30 days.
    expiring: u64,
    /// Records that hold no chain and are not meant to.
    skipped: u64,
    complaints: u64,
    /// Records of the input: each has given a row or more, or was skipped.
    records: u64,
    /// Records and rows of the source that is being read.
    source_records: u64,
    source_rows: u64,
    /// Rows of this source in whose columns there was something to judge.
    source_chains: u64,
    /// Whether anything was what it should have been.
    recognised: bool,
    /// For each field that was to be kept, the rows that have it.
    kept: Vec<u64>,
    /// URLs of certificates that would complete paths, with the rows that lack them.
    missing_issuers: Frequent,
    /// What two sets of stores say of the rows.
    differences: Differences,
}

impl Tally {
    /// Nothing counted yet, for so many stores.
    pub fn new(stores: usize) -> Self {
        let zeros = || vec![0; stores];
        let (older, older_trusted) = (zeros(), zeros());
        Self { stores: zeros(), stores_ok: zeros(), older, older_trusted, ..Self::default() }
    }

    /// Counts a row; `dates` are those that the data of each store is of, as far as they are known.
    pub fn add(&mut self, row: &Row, judged: &Judged, dates: &[Option<UnixSeconds>]) {
        let verdict = &judged.record.verdict;
        self.source_rows += 1;
        self.source_chains += u64::from(verdict.status != Status::InputError);
        self.recognised |=
            !matches!(verdict.status, Status::InputError | Status::Unparseable | Status::NoCertificate);
        self.kept.resize(self.kept.len().max(row.origin.kept.len()), 0);
        for (count, kept) in self.kept.iter_mut().zip(&row.origin.kept) {
            *count += u64::from(kept.is_some());
        }
        *self.statuses.entry(verdict.status.name()).or_default() += 1;
        if verdict.is_ok() {
            let left = verdict.not_after.map(|until| until.saturating_sub(judged.at));
            self.expiring += u64::from(left.is_some_and(|left| left < SOON));
        } else if let Some(main) = verdict.findings.first() {
            *self.reasons.entry(main.check.name().to_owned()).or_default() += 1;
        }
        let trusting = verdict.stores_now();
        for (bit, (trusted, accepted)) in self.stores.iter_mut().zip(&mut self.stores_ok).enumerate() {
            let trusts = u64::from(trusting >> bit & 1);
            *trusted += trusts;
            *accepted += trusts * u64::from(verdict.is_ok());
        }
        self.undated += u64::from(row.at.is_none());
        let older = self.older.iter_mut().zip(&mut self.older_trusted).zip(dates).enumerate();
        for (bit, ((older, older_trusted), date)) in older {
            if row.at.zip(*date).is_some_and(|(at, date)| at < date) {
                *older += 1;
                *older_trusted += u64::from(trusting >> bit & 1);
            }
        }
        if let Some(leaf) = row.chain.iter().next() {
            self.add_issuer(leaf);
        }
    }

    /// Counts the URLs of what would complete the path of a row.
    pub(super) fn add_missing(&mut self, urls: &[String]) {
        for url in urls {
            self.missing_issuers.add(url, missing_issuers::MOST);
        }
    }

    /// Counts what two sets of stores say of a row.
    pub(super) fn add_compared(&mut self, compared: &Compared) {
        self.differences.add(compared);
    }

    /// Counts what came beside the rows.
    pub fn add_others(&mut self, harvest: &Harvest) {
        self.skipped += harvest.skipped;
        self.records += harvest.records;
        self.source_records += harvest.records;
        self.complain(harvest.complaints.len());
    }

    /// Counts complaints.
    pub fn complain(&mut self, complaints: usize) {
        self.complaints += u64::try_from(complaints).unwrap_or(u64::MAX);
    }

    /// A source has been read to its end. Whether there is to complain that nothing was found in it.
    pub fn end_source(&mut self, end: &End) -> bool {
        let rows = std::mem::take(&mut self.source_rows);
        let records = std::mem::take(&mut self.source_records);
        let chains = std::mem::take(&mut self.source_chains);
        let empty = end.may_be_empty && records > 0;
        self.recognised |= end.recognised && (rows > 0 || empty);
        self.recognised |= end.is_table && chains > 0;
        rows == 0 && !empty
    }

    /// Whether there was an input that could be opened and recognised: one that was what it was said to be, or a
    /// row that holds no complaint.
    pub fn recognised(&self) -> bool {
        self.recognised
    }

    fn add_issuer(&mut self, leaf: &[u8]) {
        let Some(octets) = issuer_octets(leaf) else { return };
        if !self.texts.contains_key(octets) {
            let Some(issuer) = DistinguishedName::parse(octets) else { return };
            if self.texts.len() >= MAX_ISSUERS {
                self.texts.clear();
            }
            self.texts.insert(octets.into(), issuer.text());
        }
        let Some(name) = self.texts.get(octets) else { return };
        self.issuers.add(name, MAX_ISSUERS);
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.statuses.values().sum()
    }

    /// Complaints so far.
    pub fn complaints(&self) -> u64 {
        self.complaints
    }

    /// Accepted rows.
    pub fn accepted(&self) -> u64 {
        self.statuses.get(Status::Ok.name()).copied().unwrap_or(0)
    }

    /// As JSON, to be shown and to be read again.
    pub fn to_json(&self) -> Value {
        json!({
            "rows": self.rows(),
            "statuses": counts(&self.statuses),
            "reasons": counts(&self.reasons),
            "issuers": counts(&self.issuers.counts),
            "issuers_lost": self.issuers.lost,
            "stores": self.stores,
            "stores_ok": self.stores_ok,
            "older": self.older,
            "older_trusted": self.older_trusted,
            "undated": self.undated,
            "expiring": self.expiring,
            "skipped": self.skipped,
            "complaints": self.complaints,
            "records": self.records,
            "source_records": self.source_records,
            "source_rows": self.source_rows,
            "source_chains": self.source_chains,
            "recognised": self.recognised,
            "kept": self.kept,
            "missing_issuers": counts(&self.missing_issuers.counts),
            "missing_issuers_lost": self.missing_issuers.lost,
            "differences": self.differences.to_json(),
        })
    }

    /// From JSON; `None` if it is of another making.
    pub fn from_json(value: &Value) -> Option<Self> {
        let number = |key: &str| value.get(key)?.as_u64();
        let numbers = |key: &str| -> Option<Vec<u64>> {
            value.get(key)?.as_array()?.iter().map(Value::as_u64).collect()
        };
        let mut statuses = HashMap::new();
        for (name, count) in value.get("statuses")?.as_object()? {
            let status = Status::ALL.iter().find(|status| status.name() == name)?;
            statuses.insert(status.name(), count.as_u64()?);
        }
        let texts = |key: &str| -> Option<HashMap<String, u64>> {
            let counts = value.get(key)?.as_object()?.iter();
            counts.map(|(name, count)| Some((name.clone(), count.as_u64()?))).collect()
        };
        Some(Self {
            statuses,
            reasons: texts("reasons")?,
            issuers: Frequent { counts: texts("issuers")?, lost: number("issuers_lost")? },
            texts: HashMap::new(),
            stores: numbers("stores")?,
            stores_ok: numbers("stores_ok")?,
            older: numbers("older")?,
            older_trusted: numbers("older_trusted")?,
            undated: number("undated")?,
            expiring: number("expiring")?,
            skipped: number("skipped")?,
            complaints: number("complaints")?,
            records: number("records")?,
            source_records: number("source_records")?,
            source_rows: number("source_rows")?,
            source_chains: number("source_chains")?,
            recognised: value.get("recognised")?.as_bool()?,
            kept: numbers("kept")?,
            missing_issuers: Frequent {
                counts: texts("missing_issuers")?,
                lost: number("missing_issuers_lost")?,
            },
            differences: Differences::from_json(value.get("differences")?)?,
        })
    }
}

/// The most frequent first, equal ones by name.
fn counts<K: AsRef<str>>(counts: &HashMap<K, u64>) -> Value {
    let mut sorted: Vec<(&str, u64)> = counts.iter().map(|(name, &count)| (name.as_ref(), count)).collect();
    sorted.sort_by(|(a, more), (b, less)| less.cmp(more).then_with(|| a.cmp(b)));
    Value::Object(
        sorted.into_iter().map(|(name, count)| (name.to_owned(), count.into())).collect::<Map<_, _>>(),
    )
}

/// The issuer of a certificate in DER, without parsing the rest of it where that is possible.
fn issuer_octets(der: &[u8]) -> Option<&[u8]> {
    issuer_der(der).or_else(|| Certificate::parse(der).ok().map(|certificate| certificate.issuer.der()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(number: usize) -> Vec<u8> {
        let name = format!("issuer {number:05}").into_bytes();
        let mut attribute = vec![6, 3, 85, 4, 3, 12, u8::try_from(name.len()).unwrap()];
        attribute.extend(name);
        let wrap = |tag: u8, contents: Vec<u8>| {
            let mut out = vec![tag, u8::try_from(contents.len()).unwrap()];
            out.extend(contents);
            out
        };
        let name = wrap(0x30, wrap(0x31, wrap(0x30, attribute)));
        let mut tbs = vec![2, 1, 1, 0x30, 0];
        tbs.extend(name);
        wrap(0x30, wrap(0x30, tbs))
    }

    #[test]
    fn a_frequent_issuer_stands_out_however_many_names_are_invented() {
        let mut tally = Tally::default();
        for number in 0..20_000 {
            tally.add_issuer(&named(if number % 4 == 0 { 0 } else { number }));
        }
        assert!(tally.issuers.counts.len() <= MAX_ISSUERS);
        let kept = tally.issuers.counts["CN=issuer 00000"];
        assert!(kept + tally.issuers.lost >= 5_000 && kept <= 5_000, "{kept}");
    }

    #[test]
    fn json_leads_back() {
        let mut tally = Tally::new(2);
        tally.add_issuer(&named(7));
        tally.add_others(&Harvest { skipped: 3, records: 9, ..Harvest::default() });
        tally.complain(4);
        tally.kept = vec![1, 0];
        (tally.older, tally.older_trusted, tally.undated) = (vec![3, 0], vec![2, 0], 8);
        tally.add_missing(&["http://a.example/".to_owned(), "http://a.example/".to_owned()]);
        let differences = json!({"both": 1, "first_only": 2, "second_only": 3, "neither": 4, "outcomes": []});
        tally.differences = Differences::from_json(&differences).unwrap();
        tally.statuses.insert("ok", 5);
        tally.reasons.insert("expired".into(), 6);
        let json = tally.to_json();
        assert_eq!(Tally::from_json(&json).unwrap().to_json(), json);
        assert_eq!((tally.rows(), tally.accepted()), (5, 5));
        assert!(Tally::from_json(&json!({"statuses": {"fine": 1}})).is_none());
    }
}
