//! Certificate Transparency (RFC 6962): the timestamps that a certificate comes with, who has signed them, and what the
//! browsers' programmes make of that.
//!
//! A timestamp changes no verdict but where a root programme asks when a certificate was logged (src/path/programme.rs).
//! It is told beside it.

mod compliance;
mod list;
mod logs;

use std::cell::Cell;
use std::sync::Arc;

use crate::certificate::{Certificate, Fate, Fields};
use crate::der::{Reader, tag};
use crate::ocsp;
use crate::oid;
use crate::signature::{self, EdgeId, KnownEdges, Outcome, Signed};
use crate::time::UnixSeconds;

pub use logs::{CtLogs, LogListError};

use list::{Entry, Sct};
use logs::{Log, State};

/// Timestamps of one list that are looked at. No programme asks for more than five; a list of 64 KiB could have 1,300,
/// each with a signature to check.
pub(crate) const MAX_LISTED: usize = 32;

/// What a TLS server sends beside its certificates.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Stapled<'a> {
    /// The SignedCertificateTimestampList of the TLS extension (RFC 6962 3.3).
    pub scts: Option<&'a [u8]>,
    /// The OCSP response (RFC 6066 8); empty where it is known that none came.
    pub ocsp: Option<&'a [u8]>,
}

/// How a timestamp came along.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SctSource {
    /// In the certificate.
    Embedded,
    /// In the TLS extension.
    Tls,
    /// In the OCSP response.
    Ocsp,
}

impl SctSource {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Embedded, Self::Tls, Self::Ocsp];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Embedded => "embedded",
            Self::Tls => "tls",
            Self::Ocsp => "ocsp",
        }
    }

    /// Whether it came beside the certificate.
    pub(crate) const fn is_sent(self) -> bool {
        !matches!(self, Self::Embedded)
    }
}

/// What came of a timestamp.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SctStatus {
    /// A log that counts at the time of judgement has signed it over this certificate.
    Valid,
    /// The list of logs has no such log.
    UnknownLog,
    /// The signature is not one of the log over this certificate.
    BadSignature,
    /// Well signed, by a log that had been retired.
    LogRetired,
    /// Well signed, by a log that was never accepted.
    LogRejected,
    /// Well signed, by a log that was not yet accepted.
    LogPending,
    /// Well signed, by a log that is not there for certificates that end then.
    OutsideInterval,
    /// Well signed, later than the time of judgement.
    InFuture,
    /// It is about the issuer's key, and there is no issuer.
    NoIssuer,
    /// Of another version than 1.
    UnknownVersion,
    /// It does not decode, or its list does not.
    Malformed,
    /// One of too many: neither it nor what follows was looked at.
    Budget,
}

impl SctStatus {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Valid,
        Self::UnknownLog,
        Self::BadSignature,
        Self::LogRetired,
        Self::LogRejected,
        Self::LogPending,
        Self::OutsideInterval,
        Self::InFuture,
        Self::NoIssuer,
        Self::UnknownVersion,
        Self::Malformed,
        Self::Budget,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::UnknownLog => "unknown_log",
            Self::BadSignature => "bad_signature",
            Self::LogRetired => "log_retired",
            Self::LogRejected => "log_rejected",
            Self::LogPending => "log_pending",
            Self::OutsideInterval => "outside_interval",
            Self::InFuture => "in_future",
            Self::NoIssuer => "no_issuer",
            Self::UnknownVersion => "unknown_version",
            Self::Malformed => "malformed",
            Self::Budget => "budget",
        }
    }
}

/// One timestamp, looked at.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Timestamp {
    /// What the log is called; `None` if it is not known.
    pub log: Option<Arc<str>>,
    /// The log's number: SHA-256 of its key. `None` if the timestamp does not decode.
    pub log_id: Option<[u8; 32]>,
    /// Who ran the log when it signed.
    pub operator: Option<Arc<str>>,
    /// Milliseconds since 1970.
    pub milliseconds: Option<i64>,
    /// How it came along.
    pub source: SctSource,
    /// What came of it.
    pub status: SctStatus,
}

/// What the timestamps of a certificate come to.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Transparency {
    /// Those in the certificate, then those sent beside it.
    pub timestamps: Vec<Timestamp>,
    /// Whether they are what Chrome asks for; `None` if the list of logs leaves that open.
    pub chrome: Option<bool>,
    /// The same for Apple.
    pub apple: Option<bool>,
    /// Signatures that were asked for, whether or not they were remembered.
    pub checks: usize,
    /// Octets that they are over.
    pub octets: usize,
}

impl Transparency {
    /// How many are valid.
    pub fn valid(&self) -> usize {
        self.timestamps.iter().filter(|one| one.status == SctStatus::Valid).count()
    }

    /// The second of the earliest valid one.
    pub fn earliest(&self) -> Option<UnixSeconds> {
        let valid = self.timestamps.iter().filter(|one| one.status == SctStatus::Valid);
        valid.filter_map(|one| one.milliseconds).min().map(seconds)
    }

    /// When a timestamp ceases to be in the future.
    pub(crate) fn moments(&self) -> impl Iterator<Item = UnixSeconds> {
        self.timestamps.iter().filter_map(|one| one.milliseconds).map(seconds)
    }
}

fn seconds(milliseconds: i64) -> UnixSeconds {
    milliseconds.div_euclid(1_000)
}

/// A timestamp, its log, and what a programme needs to know of both.
struct ExaminedTimestamp<'l> {
    told: Timestamp,
    log: Option<&'l Log>,
}

impl ExaminedTimestamp<'_> {
    /// Valid, or of a log that was retired later.
    fn counts_as_logged(&self) -> bool {
        match (self.told.status, self.log.map(|log| log.state)) {
            (SctStatus::Valid, _) => true,
            (SctStatus::LogRetired, Some(State::Retired(Some(since)))) => {
                self.told.milliseconds.is_some_and(|signed| signed < since.saturating_mul(1_000))
            }
            _ => false,
        }
    }
}

/// What is signed beside timestamp and extensions (RFC 6962 3.2): the certificate, or what a precertificate becomes.
enum SignedEntry<'a> {
    X509(&'a [u8]),
    Precert { issuer_key_hash: [u8; 32], tbs: Vec<u8> },
}

impl SignedEntry<'_> {
    /// digitally-signed of RFC 6962 3.2; `None` if something is longer than its length can say.
    fn message(&self, sct: &Sct<'_>) -> Option<Vec<u8>> {
        // sct_version v1, signature_type certificate_timestamp.
        let mut message = vec![0, 0];
        message.extend(sct.timestamp.to_be_bytes());
        let certificate = match self {
            Self::X509(der) => {
                message.extend([0, 0]);
                *der
            }
            Self::Precert { issuer_key_hash, tbs } => {
                message.extend([0, 1]);
                message.extend(issuer_key_hash);
                tbs
            }
        };
        let [0, length @ ..] = u32::try_from(certificate.len()).ok()?.to_be_bytes() else { return None };
        message.extend(length);
        message.extend_from_slice(certificate);
        message.extend(u16::try_from(sct.extensions.len()).ok()?.to_be_bytes());
        message.extend_from_slice(sct.extensions);
        Some(message)
    }
}

/// Looks at all timestamps of an end entity. `issuer` is SHA-256 of its issuer's SubjectPublicKeyInfo, if that is known.
pub(crate) fn examine(
    logs: &CtLogs,
    leaf: &Certificate<'_>,
    issuer: Option<[u8; 32]>,
    stapled: Stapled<'_>,
    at: UnixSeconds,
    memo: KnownEdges<'_>,
) -> Transparency {
    let examination = Examination::new(logs, leaf, at, memo);
    let judged = examination.all(leaf, issuer, stapled);
    let (chrome, apple) = compliance::of(leaf, &judged);
    Transparency {
        timestamps: judged.into_iter().map(|one| one.told).collect(),
        chrome,
        apple,
        checks: examination.checks.get(),
        octets: examination.octets.get(),
    }
}

/// When an end entity was logged, and what it has cost to find out.
pub(crate) struct Logged {
    /// The second of the earliest timestamp that counts: well signed by a log that is accepted, or was when it signed.
    pub(crate) earliest: Option<UnixSeconds>,
    /// Signatures that were asked for.
    pub(crate) checks: usize,
    /// Octets that they are over.
    pub(crate) octets: usize,
}

/// Looks for the earliest timestamp of an end entity, as [`examine`] does.
pub(crate) fn logged(
    logs: &CtLogs,
    leaf: &Certificate<'_>,
    issuer: Option<[u8; 32]>,
    stapled: Stapled<'_>,
    at: UnixSeconds,
    memo: KnownEdges<'_>,
) -> Logged {
    let examination = Examination::new(logs, leaf, at, memo);
    let judged = examination.all(leaf, issuer, stapled);
    let counting = judged.iter().filter(|one| one.counts_as_logged());
    Logged {
        earliest: counting.filter_map(|one| one.told.milliseconds).min().map(seconds),
        checks: examination.checks.get(),
        octets: examination.octets.get(),
    }
}

/// The list in a certificate.
enum Embedded<'a> {
    None,
    List(&'a [u8]),
    /// It is there twice, or not what RFC 6962 3.3 has.
    Broken,
}

fn embedded<'a>(leaf: &Certificate<'a>) -> Embedded<'a> {
    let mut found = leaf.extensions.iter().filter(|extension| extension.oid == oid::EMBEDDED_SCTS);
    let Some(extension) = found.next() else { return Embedded::None };
    let mut value = Reader::new(extension.value);
    match (value.read(tag::OCTET_STRING), value.is_empty(), found.next()) {
        (Some(octets), true, None) => Embedded::List(octets),
        _ => Embedded::Broken,
    }
}

/// Log and milliseconds of each timestamp in a certificate, whoever has signed it.
#[cfg(feature = "crlite")]
pub(crate) fn embedded_timestamps(leaf: &Certificate<'_>) -> Vec<([u8; 32], u64)> {
    let Embedded::List(octets) = embedded(leaf) else { return Vec::new() };
    let entries = list::entries(octets).unwrap_or_default().into_iter().take(MAX_LISTED);
    let timestamp = |entry| match entry {
        Entry::V1(sct) => Some((sct.log_id, sct.timestamp)),
        Entry::UnknownVersion | Entry::Malformed => None,
    };
    entries.filter_map(timestamp).collect()
}

/// The TBSCertificate that logs sign (RFC 6962 3.2): without the list, all else as it stands. `None` if it cannot be
/// written anew because the certificate is not DER around it.
fn without_list(leaf: &Certificate<'_>) -> Option<Vec<u8>> {
    let anew = leaf.translated(Fields::default(), |extension| match extension.oid {
        oid::EMBEDDED_SCTS => Fate::LeftOut,
        _ => Fate::Kept,
    })?;
    Some(Reader::new(&anew).nested(tag::SEQUENCE)?.element(tag::SEQUENCE)?.whole.to_vec())
}

/// What is told where nothing can be told of a timestamp.
fn broken<'l>(source: SctSource, status: SctStatus) -> ExaminedTimestamp<'l> {
    let told = Timestamp { log: None, log_id: None, operator: None, milliseconds: None, source, status };
    ExaminedTimestamp { told, log: None }
}

struct Examination<'e> {
    logs: &'e CtLogs,
    not_after: Option<UnixSeconds>,
    at: UnixSeconds,
    memo: KnownEdges<'e>,
    checks: Cell<usize>,
    octets: Cell<usize>,
}

impl<'e> Examination<'e> {
    fn new(logs: &'e CtLogs, leaf: &Certificate<'_>, at: UnixSeconds, memo: KnownEdges<'e>) -> Self {
        let not_after = leaf.validity().1.seconds;
        Self { logs, not_after, at, memo, checks: Cell::new(0), octets: Cell::new(0) }
    }

    /// Those in the certificate, then those sent beside it.
    fn all(
        &self,
        leaf: &Certificate<'_>,
        issuer: Option<[u8; 32]>,
        stapled: Stapled<'_>,
    ) -> Vec<ExaminedTimestamp<'e>> {
        let mut judged = Vec::new();
        match embedded(leaf) {
            Embedded::None => {}
            Embedded::Broken => judged.push(broken(SctSource::Embedded, SctStatus::Malformed)),
            Embedded::List(octets) => {
                let precert = match (issuer, without_list(leaf)) {
                    (None, _) => Err(SctStatus::NoIssuer),
                    (Some(_), None) => Err(SctStatus::BadSignature),
                    (Some(issuer_key_hash), Some(tbs)) => Ok(SignedEntry::Precert { issuer_key_hash, tbs }),
                };
                self.list(octets, SctSource::Embedded, precert.as_ref(), &mut judged);
            }
        }
        let entry = SignedEntry::X509(leaf.der());
        if let Some(octets) = stapled.scts {
            self.list(octets, SctSource::Tls, Ok(&entry), &mut judged);
        }
        match stapled.ocsp.and_then(|octets| ocsp::timestamps(octets, leaf)) {
            None => {}
            Some(None) => judged.push(broken(SctSource::Ocsp, SctStatus::Malformed)),
            Some(Some(octets)) => self.list(octets, SctSource::Ocsp, Ok(&entry), &mut judged),
        }
        judged
    }

    fn list(
        &self,
        octets: &[u8],
        source: SctSource,
        entry: Result<&SignedEntry<'_>, &SctStatus>,
        judged: &mut Vec<ExaminedTimestamp<'e>>,
    ) {
        let Some(entries) = list::entries(octets) else {
            judged.push(broken(source, SctStatus::Malformed));
            return;
        };
        for (number, listed) in entries.into_iter().enumerate() {
            if number == MAX_LISTED {
                judged.push(broken(source, SctStatus::Budget));
                return;
            }
            judged.push(match listed {
                Entry::Malformed => broken(source, SctStatus::Malformed),
                Entry::UnknownVersion => broken(source, SctStatus::UnknownVersion),
                Entry::V1(sct) => self.timestamp(&sct, source, entry),
            });
        }
    }

    fn timestamp(
        &self,
        sct: &Sct<'_>,
        source: SctSource,
        entry: Result<&SignedEntry<'_>, &SctStatus>,
    ) -> ExaminedTimestamp<'e> {
        let log = self.logs.find(&sct.log_id);
        let status = match (log, entry) {
            (None, _) => SctStatus::UnknownLog,
            (Some(_), Err(status)) => *status,
            (Some(log), Ok(entry)) if !self.is_signed(log, sct, entry) => SctStatus::BadSignature,
            (Some(log), Ok(_)) => self.standing(log, sct),
        };
        // What is beyond 64 bits with a sign is beyond any year that can be told.
        let milliseconds = i64::try_from(sct.timestamp).ok();
        let told = Timestamp {
            log: log.map(|log| Arc::clone(&log.description)),
            log_id: Some(sct.log_id),
            operator: log.map(|log| Arc::clone(log.operator_at(sct.timestamp))),
            milliseconds: milliseconds.filter(|milliseconds| *milliseconds <= LAST),
            source,
            status,
        };
        ExaminedTimestamp { told, log }
    }

    fn is_signed(&self, log: &Log, sct: &Sct<'_>, entry: &SignedEntry<'_>) -> bool {
        if sct.algorithm != log.algorithm {
            return false;
        }
        let Some(mut message) = entry.message(sct) else { return false };
        let signed_octets = message.len();
        self.checks.set(self.checks.get().saturating_add(1));
        self.octets.set(self.octets.get().saturating_add(signed_octets));
        // No certificate and no CRL begins with these octets, so that nobody's edge is mistaken for another's.
        message.extend(sct.algorithm);
        message.extend_from_slice(sct.signature);
        let id = EdgeId { signed: signature::sha256(&message), issuer_key: log.id };
        let signed = Signed {
            algorithm: log.identifier,
            message: message.get(..signed_octets).unwrap_or_default(),
            signature: sct.signature,
            key_algorithm: &log.key_algorithm,
            key: &log.key,
            rsa_bits: log.rsa_bits,
        };
        self.memo.verify(id, &signed) == Outcome::Valid
    }

    /// What there is to say of a timestamp that is well signed.
    fn standing(&self, log: &Log, sct: &Sct<'_>) -> SctStatus {
        let second = i64::try_from(sct.timestamp / 1_000).unwrap_or(i64::MAX);
        if second > self.at {
            // RFC 6962 5.2.
            return SctStatus::InFuture;
        }
        if let Some((from, until)) = log.interval
            && !self.not_after.is_some_and(|end| (from..until).contains(&end))
        {
            return SctStatus::OutsideInterval;
        }
        match log.state {
            State::Pending => SctStatus::LogPending,
            State::Rejected => SctStatus::LogRejected,
            State::Retired(since) if since.is_none_or(|since| since <= self.at) => SctStatus::LogRetired,
            State::Retired(_) | State::Qualified | State::Usable | State::ReadOnly | State::Unknown => {
                SctStatus::Valid
            }
        }
    }
}

/// The last millisecond of the year 9999.
const LAST: i64 = 253_402_300_799_999;
