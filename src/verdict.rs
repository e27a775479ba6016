//! Verdicts: what became of a chain, and every finding on the way.

mod check;
mod finding;

use crate::ct::Transparency;
use crate::ocsp::OcspAnswer;
use crate::policy::Exception;
use crate::revocation_set::SetAnswers;
use crate::time::UnixSeconds;

pub(crate) use check::{Answer, Class};
pub use check::{Check, Remedy, Who};
pub(crate) use finding::{AT, BY, NUMBER, SET, time_fact};
pub use finding::{Concerned, Fact, Finding};

/// How a verdict came out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Accepted.
    Ok,
    /// Judged and refused.
    Invalid,
    /// A certificate's frame is broken.
    Unparseable,
    /// Only a check that cannot be done here stands in the way.
    Unsupported,
    /// The chain is empty.
    NoCertificate,
    /// The row is not a chain and a name.
    InputError,
    /// A limit was reached.
    Budget,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Ok,
        Self::Invalid,
        Self::Unparseable,
        Self::Unsupported,
        Self::NoCertificate,
        Self::InputError,
        Self::Budget,
    ];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Invalid => "invalid",
            Self::Unparseable => "unparseable",
            Self::Unsupported => "unsupported",
            Self::NoCertificate => "no_certificate",
            Self::InputError => "input_error",
            Self::Budget => "budget",
        }
    }
}

/// Where a certificate of the path came from.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Source {
    /// Position in the presented chain.
    Presented(usize),
    /// Position in the trust stores, counted through them in order.
    Store(usize),
    /// Position in the pool of intermediates.
    Pool(usize),
}

impl Source {
    /// The word for it, without the position.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Presented(_) => "presented",
            Self::Store(_) => "store",
            Self::Pool(_) => "pool",
        }
    }

    /// The source of this word at this position.
    pub fn named(word: &str, position: usize) -> Option<Self> {
        let all = [Self::Presented(position), Self::Store(position), Self::Pool(position)];
        all.into_iter().find(|source| source.name() == word)
    }
}

/// One certificate of the path.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PathMember {
    /// Where it came from.
    pub source: Source,
    /// Fingerprint.
    pub sha256: [u8; 32],
}

/// Which presented identity matched the reference identity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NameBy {
    /// A dNSName.
    SanDns,
    /// An iPAddress.
    SanIp,
    /// A commonName, for want of any dNSName.
    CommonName,
    /// An rfc822Name.
    SanEmail,
    /// A uniformResourceIdentifier.
    SanUri,
}

impl NameBy {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::SanDns, Self::SanIp, Self::CommonName, Self::SanEmail, Self::SanUri];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::SanDns => "san_dns",
            Self::SanIp => "san_ip",
            Self::CommonName => "common_name",
            Self::SanEmail => "san_email",
            Self::SanUri => "san_uri",
        }
    }
}

/// What is weak in a path. They are told in this order.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Weakness {
    /// A key on an elliptic curve of less than 224 bits.
    EcBelow224,
    /// Signed with MD4, or MD2.
    Md4,
    /// Signed with MD5.
    Md5,
    /// An RSA key of less than 2,048 bits.
    RsaBelow2048,
    /// Signed with SHA-1, or SHA-0, or RIPEMD-160.
    Sha1,
    /// A certificate of version 1 or 2.
    Version1,
}

impl Weakness {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::EcBelow224, Self::Md4, Self::Md5, Self::RsaBelow2048, Self::Sha1, Self::Version1];

    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcBelow224 => "ec_lt_224",
            Self::Md4 => "md4",
            Self::Md5 => "md5",
            Self::RsaBelow2048 => "rsa_lt_2048",
            Self::Sha1 => "sha1",
            Self::Version1 => "v1",
        }
    }
}

/// Everything found out about one chain.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// How it came out.
    pub status: Status,
    /// All failed checks, the main one first.
    pub findings: Vec<Finding>,
    /// A path to a trust anchor, names and dates aside.
    pub chain_ok: Option<bool>,
    /// Every certificate of the path in its validity period.
    pub time_ok: Option<bool>,
    /// The end entity speaks for the name; `None` without one.
    pub name_ok: Option<bool>,
    /// The path fits the purpose.
    pub purpose_ok: Option<bool>,
    /// `None` if revocation was not checked or could not be told.
    pub revoked: Option<bool>,
    /// The reference identity as compared.
    pub name: Option<String>,
    /// Which presented identity matched.
    pub name_by: Option<NameBy>,
    /// The time of judgement.
    pub at: UnixSeconds,
    /// Fingerprint of the end entity.
    pub leaf_sha256: Option<[u8; 32]>,
    /// The path as far as it could be built, end entity first.
    pub path: Vec<PathMember>,
    /// Whether the path ends in a trust anchor.
    pub anchored: bool,
    /// The latest notBefore of the path.
    pub not_before: Option<UnixSeconds>,
    /// The earliest notAfter of the path.
    pub not_after: Option<UnixSeconds>,
    /// What is weak, refused or not.
    pub weak: Vec<Weakness>,
    /// The exceptions under which the native model decided.
    pub exceptions: Vec<Exception>,
    /// The certificate policies that are valid for an accepted path (RFC 5280 6.1.6), by the contents octets of their
    /// OIDs; none under a policy that looks at one path.
    pub policies: Vec<Vec<u8>>,
    /// What a search has found out beyond one path.
    pub search: Option<Search>,
    /// What the timestamps of logs come to; `None` without a list of logs.
    pub transparency: Option<Box<Transparency>>,
    /// What the revocation sets say; `None` without one.
    pub sets: Option<SetAnswers>,
    /// What the OCSP response says that came along; `None` without one.
    pub ocsp: Option<Box<OcspAnswer>>,
}

/// What a search over all paths and stores has found out. Bit i of a mask is store i; `None` stands
/// where a policy that looks at one path cannot tell.
#[derive(Clone, Debug, Default)]
pub struct Search {
    /// The stores that trust the path now: time, purpose and revocation count, the name does not; none where the end
    /// entity is a precertificate.
    pub stores_now: u32,
    /// The stores that trust it now or would have at another time.
    pub stores_ever: Option<u32>,
    /// The stores to which there is a path now, whatever the name.
    pub stores_trusted: u32,
    /// The stores to which there is or was a path, whatever the name.
    pub stores_had: Option<u32>,
    /// There is a path to an anchor of some store, now, whatever the name.
    pub has_trusted_path: bool,
    /// There is one now, or there was one before the time of judgement.
    pub had_trusted_path: Option<bool>,
    /// There is a path that is valid in the last second of the end entity's validity.
    pub valid_at_expiration: Option<bool>,
    /// There are paths, but the validity periods on each have no time in common.
    pub never_valid: Option<bool>,
    /// All paths that are trusted now, whatever the name, if they were asked for, else the one that decides; best first.
    /// None where it is the verdict's own alone, which [`Verdict::trusted_paths`] has.
    pub(crate) paths: Vec<Vec<PathMember>>,
    /// Whether every path was looked at, or as many as the question needs.
    pub complete: bool,
    /// Pairs of certificate and candidate issuer that were looked at.
    pub edges_tried: usize,
    /// Different edges whose signature was asked for, whether or not it was remembered.
    pub signature_checks: usize,
    /// Names compared with name constraints.
    pub name_comparisons: usize,
    /// Paths judged in full.
    pub judgements: usize,
    /// Questions to webpki.
    pub proofs: usize,
    /// Octets gone through on the way, each as often as it was read: what everything costs.
    pub octets: usize,
}

impl Verdict {
    pub(crate) fn new(at: UnixSeconds, name: Option<String>) -> Self {
        Self {
            status: Status::Invalid,
            findings: Vec::new(),
            chain_ok: None,
            time_ok: None,
            name_ok: None,
            purpose_ok: None,
            revoked: None,
            name,
            name_by: None,
            at,
            leaf_sha256: None,
            path: Vec::new(),
            anchored: false,
            not_before: None,
            not_after: None,
            weak: Vec::new(),
            exceptions: Vec::new(),
            policies: Vec::new(),
            search: None,
            transparency: None,
            sets: None,
            ocsp: None,
        }
    }

    /// The verdict where what was asked for is not a name; `problem` says what to write instead.
    pub(crate) fn without_name(at: UnixSeconds, problem: String) -> Self {
        let finding = Finding::new(Check::InputError).fact("argument", "name").fact("problem", problem);
        Self::without_path(at, None, Status::InputError, finding)
    }

    /// A verdict about input that cannot be judged at all.
    pub(crate) fn without_path(
        at: UnixSeconds,
        name: Option<String>,
        status: Status,
        finding: Finding,
    ) -> Self {
        Self { status, findings: vec![finding], ..Self::new(at, name) }
    }

    /// Accepted.
    pub fn is_ok(&self) -> bool {
        self.status == Status::Ok
    }

    /// The same verdict for another time of judgement at which everything is as valid as it was.
    pub(crate) fn set_time(&mut self, at: UnixSeconds) {
        self.at = at;
        for (key, fact) in self.findings.iter_mut().flat_map(|finding| &mut finding.facts) {
            if *key == AT {
                *fact = time_fact(at);
            }
        }
    }

    /// Whether some finding tells the time of judgement.
    pub(crate) fn tells_time(&self) -> bool {
        self.findings.iter().flat_map(|finding| &finding.facts).any(|(key, _)| *key == AT)
    }

    /// What says that a certificate of the path is revoked: a revocation set by its name, an OCSP response, else a list.
    pub fn revoked_by(&self) -> Option<&str> {
        let revoked = self.findings.iter().find(|finding| finding.check == Check::Revoked)?;
        Some(revoked.text(SET).or(revoked.text(BY)).unwrap_or("crl"))
    }

    /// Why what was given for the name is not one.
    pub fn name_problem(&self) -> Option<&str> {
        let about_name = |finding: &&Finding| {
            finding.check == Check::InputError && finding.text("argument") == Some("name")
        };
        self.findings.iter().find(about_name)?.text("problem")
    }

    /// The trust anchor of the path, if it reaches one.
    pub(crate) fn anchor(&self) -> Option<&PathMember> {
        self.path.last().filter(|_| self.anchored)
    }

    /// Bit i for each store i that trusts the path, whatever the name. Where one path was looked at, it led to the only
    /// store.
    pub(crate) fn stores_now(&self) -> u32 {
        self.search.as_ref().map_or_else(|| u32::from(self.is_trusted()), |search| search.stores_now)
    }

    /// The valid paths that were found, best first; none where the name is not that of the end entity.
    pub(crate) fn paths(&self) -> &[Vec<PathMember>] {
        if self.name_ok == Some(false) { &[] } else { self.trusted_paths() }
    }

    /// The same, whatever the name.
    pub fn trusted_paths(&self) -> &[Vec<PathMember>] {
        match &self.search {
            Some(search) if !search.paths.is_empty() || search.stores_now == 0 => &search.paths,
            None if !self.is_trusted() => &[],
            _ => std::slice::from_ref(&self.path),
        }
    }

    /// There is a trusted path, whatever the name.
    pub fn is_trusted(&self) -> bool {
        match &self.search {
            Some(search) => search.has_trusted_path,
            None => self.anchored && self.findings.iter().all(|finding| finding.check.class() == Class::Name),
        }
    }

    /// What `ssl` would give as `verify_code`.
    pub fn code(&self) -> Option<i32> {
        match self.findings.first() {
            Some(finding) => finding.check.code(),
            None => Some(0),
        }
    }

    /// What `ssl` would give as `verify_message`.
    pub fn message(&self) -> String {
        self.findings.first().map_or_else(|| "ok".to_owned(), Finding::message)
    }
}
