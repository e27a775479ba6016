//! The fields of a verdict: name, type, meaning, and where the value comes from, each once. The columns of Arrow
//! and Parquet, those of CSV, the keys of `Verdict.to_dict` and the attributes of `Verdict` are made from this table,
//! and what the stub and docs/verdict.md say of them (.ci/manual.py).

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use crate::certificate::reason_name;
use crate::ct::{Timestamp, Transparency};
use crate::ocsp::{OcspAnswer, OcspProblem};
use crate::oid;
use crate::policy::Exception;
use crate::time::UnixSeconds;
use crate::verdict::{Finding, NameBy, PathMember, Verdict, Weakness};
use crate::verifier::Verifier;

use super::{Leaf, Observations, lent, names_of, parents};

/// A chain that has been judged.
#[derive(Clone, Copy)]
pub(crate) struct Row<'r> {
    pub(crate) verifier: &'r Verifier,
    pub(crate) verdict: &'r Verdict,
    pub(crate) observations: Seen<'r>,
    /// The time of judgement: that of the verdict may be another row's.
    pub(crate) at: UnixSeconds,
}

/// What was seen besides: there already, or looked at when a field asks.
#[derive(Clone, Copy)]
pub(crate) enum Seen<'r> {
    Already(&'r Observations),
    #[allow(dead_code, reason = "only the Python classes, which are a feature, look that late")]
    Once(&'r OnceCell<Observations>, &'r dyn Fn() -> Observations),
}

impl<'r> Seen<'r> {
    fn get(self) -> &'r Observations {
        match self {
            Self::Already(observations) => observations,
            Self::Once(observations, look) => observations.get_or_init(look),
        }
    }
}

impl Deref for Seen<'_> {
    type Target = Observations;

    fn deref(&self) -> &Observations {
        self.get()
    }
}

type Text<'r> = Cow<'r, str>;

/// The type of a field and how to get its value; `None` is null.
#[derive(Clone, Copy)]
pub(crate) enum Get {
    Flag(fn(&Row<'_>) -> Option<bool>),
    Text(for<'r> fn(&Row<'r>) -> Option<Text<'r>>),
    Code(fn(&Row<'_>) -> Option<i32>),
    Count(fn(&Row<'_>) -> Option<usize>),
    Time(fn(&Row<'_>) -> Option<UnixSeconds>),
    Fingerprint(fn(&Row<'_>) -> Option<[u8; 32]>),
    Texts(for<'r> fn(&Row<'r>) -> Option<Vec<Text<'r>>>),
    Fingerprints(fn(&Row<'_>) -> Vec<[u8; 32]>),
    Paths(fn(&Row<'_>) -> Vec<Vec<[u8; 32]>>),
    Findings(for<'r> fn(&Row<'r>) -> &'r [Finding]),
    Timestamps(for<'r> fn(&Row<'r>) -> Option<&'r [Timestamp]>),
}

/// Where a field is told.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Told {
    /// In columns, CSV and dictionaries.
    Everywhere,
    /// Not in CSV.
    ColumnsAndDict,
    Columns,
    Dict,
}

/// One field.
pub(crate) struct Field {
    pub(crate) name: &'static str,
    pub(crate) told: Told,
    /// It bears on a row without a chain to judge, too. There may be a million lines of garbage.
    pub(crate) of_errors: bool,
    /// It may be null.
    pub(crate) nullable: bool,
    pub(crate) get: Get,
}

impl Field {
    pub(crate) fn is_column(&self) -> bool {
        self.told != Told::Dict
    }

    const fn everywhere(self) -> Self {
        Self { told: Told::Everywhere, ..self }
    }

    const fn columns_only(self) -> Self {
        Self { told: Told::Columns, ..self }
    }

    const fn dict_only(self) -> Self {
        Self { told: Told::Dict, ..self }
    }

    const fn of_errors(self) -> Self {
        Self { of_errors: true, ..self }
    }
}

/// A field that is never null.
const fn always(name: &'static str, get: Get) -> Field {
    Field { name, told: Told::ColumnsAndDict, of_errors: false, nullable: false, get }
}

/// A field that may be null.
const fn maybe(name: &'static str, get: Get) -> Field {
    Field { nullable: true, ..always(name, get) }
}

fn leaf<'r>(row: &Row<'r>) -> Option<&'r Leaf> {
    row.observations.get().leaf.as_ref()
}

fn transparency<'r>(row: &Row<'r>) -> Option<&'r Transparency> {
    row.verdict.transparency.as_deref()
}

fn ocsp<'r>(row: &Row<'r>) -> Option<&'r OcspAnswer> {
    row.verdict.ocsp.as_deref()
}

fn texts<T: Copy>(values: &[T], name: fn(T) -> &'static str) -> Vec<Text<'static>> {
    values.iter().map(|&value| Cow::Borrowed(name(value))).collect()
}

fn stores<'r>(row: &Row<'r>, mask: u32) -> Vec<Text<'r>> {
    names_of(row.verifier.stores(), mask).map(Cow::Borrowed).collect()
}

fn fingerprints(path: &[PathMember]) -> Vec<[u8; 32]> {
    path.iter().map(|member| member.sha256).collect()
}

/// Makes `FIELDS` of the rows. Their texts are read by .ci/manual.py.
macro_rules! fields {
    ($($(#[doc = $text:literal])* $kind:ident($($what:tt)*)$(.$how:ident())*;)*) => {
        /// All fields, in the order in which they are told.
        pub(crate) static FIELDS: &[Field] = &[$($kind($($what)*)$(.$how())*),*];
    };
}

// Before a row is what the stub says of the attribute; behind `Type:` its type, where that of the values does not say
// it, and behind `Table:` its meaning in docs/verdict.md.
fields! {
    /// The chain is accepted.
    /// Table: accepted
    always("ok", Get::Flag(|row| Some(row.verdict.is_ok()))).everywhere().of_errors();

    /// ``ok``; ``invalid`` (judged and refused); ``unparseable`` (a certificate's frame is broken);
    /// ``unsupported`` (only a check that cannot be done here stands in the way); ``no_certificate``
    /// (empty chain); ``input_error`` (the row is not a chain and a name: batches only);
    /// ``budget`` (a limit of docs/limits.md was reached).
    /// Type: Status
    /// Table: [as above](#status)
    always("status", Get::Text(|row| Some(row.verdict.status.name().into()))).everywhere().of_errors();

    /// What `ssl` would put into ``SSLCertVerificationError.verify_code``: 0 if accepted; ``None`` where
    /// `ssl` raises a plain `SSLError` (input that does not parse).
    /// Table: that of the main finding; 0 if accepted
    maybe("verify_code", Get::Code(|row| row.verdict.code())).everywhere().of_errors();

    /// What `ssl` would put into ``verify_message``; ``"ok"`` if accepted.
    /// Table: its message; `ok` if accepted
    always("verify_message", Get::Text(|row| Some(row.verdict.message().into()))).everywhere().of_errors();

    /// Depth of the certificate that the main finding is about.
    /// Table: its depth, 0 = end entity
    maybe("error_depth", Get::Count(|row| row.verdict.findings.first()?.depth)).everywhere().of_errors();

    /// ALL failed checks, the main one first; empty if accepted. Under `Policy.ssl` in the order of OpenSSL's
    /// checks; under the searching policies those of the path that comes nearest to being valid, by the
    /// precedence of docs/verdict.md.
    /// Table: each with `name`, `code`, `message`, `depth`, `subject`, `sha256`, `facts`, `detail`
    always("findings", Get::Findings(|row| &row.verdict.findings)).everywhere().of_errors();

    /// A path to a trust anchor with sound signatures, CA flags and constraints, names and dates aside.
    /// Table: a path to an anchor with nothing wrong but names, dates, purposes and revocation
    maybe("chain_ok", Get::Flag(|row| row.verdict.chain_ok));

    /// Every certificate of the built path is in its validity period.
    /// Table: every certificate of the path is in its validity period; null if dates do not count
    maybe("time_ok", Get::Flag(|row| row.verdict.time_ok));

    /// The end entity speaks for the name; ``None`` if no name was given.
    /// Table: the end entity speaks for the name; null without one
    maybe("name_ok", Get::Flag(|row| row.verdict.name_ok));

    /// Extended key usage, key usage and nsCertType of the whole path fit the purpose.
    /// Table: the path fits the purpose
    maybe("purpose_ok", Get::Flag(|row| row.verdict.purpose_ok));

    /// ``None`` if revocation was not checked or could not be told.
    /// Table: null if revocation was not checked or could not be told
    maybe("revoked", Get::Flag(|row| row.verdict.revoked));

    /// What says so: ``crl``, the revocation set, ``onecrl``, ``crlset`` or ``crlite``, or ``ocsp``, the response
    /// that was handed in; ``None`` if nothing does.
    /// Table: what says that a certificate of the path is revoked: `crl`, `onecrl`, `crlset`, `crlite` or `ocsp`
    maybe("revoked_by", Get::Text(|row| row.verdict.revoked_by().map(Cow::Borrowed)));

    /// Whether a certificate of `path` is in one of the verifier's revocation sets; ``None`` without one, and where there
    /// are only CRLite filters that do not know the end entity.
    /// Table: a certificate of the path is in a [revocation set](#revocation-sets)
    maybe("in_revocation_set", Get::Flag(|row| row.verdict.sets.as_ref()?.listed));

    /// What each set says of the end entity, such as ``crlset: good``: ``revoked``; ``good``, if it is about the issuer's
    /// certificates and this one is not listed; else ``no_knowledge``, also of a CRLSet that is out of date, of whatever a
    /// OneCRL does not list, and of what a CRLite filter was not made from. ``None`` without a set.
    /// Table: what each set says of the end entity, such as `crlset: good`
    maybe(
        "revocation_sets",
        Get::Texts(|row| {
            let answers = row.verdict.sets.as_ref()?.texts();
            Some(answers.into_iter().map(Cow::Owned).collect())
        }),
    );

    /// What the OCSP response that was handed in says of the end entity: ``good``, ``revoked``, ``unknown`` to the responder,
    /// or ``no_knowledge``, if it does not count, for the reason in `ocsp_problem`. ``None`` without a response.
    /// Table: what the [OCSP response](#ocsp-responses) says
    maybe("ocsp_status", Get::Text(|row| Some(ocsp(row)?.status.name().into())));

    /// Why the response does not count: ``absent`` (handed in as ``b""``), ``malformed``, ``expired``, ``bad_signature`` … as
    /// docs/verdict.md has them; ``None`` if it does.
    /// Table: why it does not count
    maybe("ocsp_problem", Get::Text(|row| Some(ocsp(row)?.status.problem().map(OcspProblem::name)?.into())));

    /// Since when the certificate is revoked, by a response that counts.
    /// Table: since when the end entity is revoked
    maybe("ocsp_revoked_at", Get::Time(|row| ocsp(row)?.revoked_at));

    /// Why, in the words of RFC 5280 5.3.1, such as ``keyCompromise``, where the response says that.
    /// Table: why, such as `keyCompromise`
    maybe("ocsp_reason", Get::Text(|row| Some(reason_name(ocsp(row)?.reason?).into())));

    // CSV has it further in front.
    /// The reference identity as compared.
    /// Table: the name as compared
    maybe("name", Get::Text(|row| row.verdict.name.as_deref().map(Cow::Borrowed))).of_errors();

    /// Which presented identity matched.
    /// Type: Literal["san_dns", "san_ip", "san_email", "san_uri", "common_name"] | None
    /// Table: `san_dns`, `san_ip`, `san_email`, `san_uri` or `common_name`: what matched
    maybe("name_by", Get::Text(|row| row.verdict.name_by.map(NameBy::name).map(Cow::Borrowed)));

    /// Why what a row has for its name is not one, and what to write; its status is then ``input_error``.
    /// Table: why what a row has for its name is not one, and what to write
    maybe("name_problem", Get::Text(|row| row.verdict.name_problem().map(Cow::Borrowed))).of_errors();

    /// The time of judgement, UTC.
    /// Table: the time of judgement
    always("at", Get::Time(|row| Some(row.at))).of_errors();

    /// Fingerprint of the end entity; ``None`` if it cannot be read.
    /// Table: fingerprint of the end entity
    maybe("leaf_sha256", Get::Fingerprint(|row| row.verdict.leaf_sha256)).everywhere();

    /// Fingerprints of `path`.
    /// Table: fingerprints of the path as far as it could be built
    always("path_sha256", Get::Fingerprints(|row| fingerprints(&row.verdict.path)));

    /// Fingerprint of the trust anchor, if the path reaches one.
    /// Table: fingerprint of the trust anchor, if the path reaches one
    maybe("anchor_sha256", Get::Fingerprint(|row| Some(row.verdict.anchor()?.sha256))).everywhere();

    // The order of columns and that of keys differ here, and are relied upon.
    /// The latest notBefore of `path`.
    /// Table: the latest notBefore of the path
    maybe("not_before", Get::Time(|row| row.verdict.not_before)).columns_only();

    /// The earliest notAfter of `path`.
    /// Table: the earliest notAfter of the path
    maybe("not_after", Get::Time(|row| row.verdict.not_after)).everywhere();

    /// What is weak though perhaps not refused: ``sha1``, ``md5``, ``rsa_lt_2048``, ``ec_lt_224``, ``v1`` …
    /// Table: `sha1`, `md5`, `md4`, `rsa_lt_2048`, `ec_lt_224`, `v1`: what is weak in the path, refused or not
    always("weak", Get::Texts(|row| Some(texts(&row.verdict.weak, Weakness::name))));

    /// The exceptions of `Policy.EXCEPTIONS` under which the native model decided.
    /// Table: the [exceptions](architecture.md#the-exceptions) under which the native model decided
    always("exceptions", Get::Texts(|row| Some(texts(&row.verdict.exceptions, Exception::name))));

    /// The certificate policies that are valid for an accepted path: `CertificationPath.policies`.
    /// Table: the certificate policies valid for an accepted path, as dotted OIDs (RFC 5280, 6.1.6); `2.5.29.32.0` for any. Empty under `Policy.ssl`
    always(
        "policies",
        Get::Texts(|row| {
            let policies = row.verdict.policies.iter();
            Some(policies.map(|policy| oid::dotted(policy).into()).collect())
        }),
    );

    /// Name of the trust store that the path ends in; of the first one if it ends in none.
    /// Table: name of the trust store that the path ends in, else of the first
    always(
        "store",
        Get::Text(|row| {
            let store = row.verifier.stores().get(row.observations.store);
            Some(store.map_or("", |store| store.name()).into())
        }),
    );

    /// Name of the policy's preset.
    /// Table: name of the policy's preset
    always("policy", Get::Text(|row| Some(row.verifier.policy().preset.name().into()))).dict_only();

    /// The stores that trust the path now, whatever the name, in the verifier's order: each as a verifier with that store
    /// alone would. `ok` is about the name, too; a precertificate is trusted by none.
    /// Table: names of the stores that trust the path now, whatever the name. Empty for a precertificate
    always("stores_now", Get::Texts(|row| Some(stores(row, row.verdict.stores_now()))));

    /// The stores that trust the path now or would at another time, whatever the name; ``None`` under `Policy.ssl`.
    /// Table: those that trust it now or would at another time, whatever the name; null where one path is looked at (`Policy.ssl`), as in the next rows
    maybe("stores_ever", Get::Texts(|row| Some(stores(row, row.verdict.search.as_ref()?.stores_ever?))));

    /// There is a valid path to some store now, whatever the name.
    /// Table: a path to some store is valid now, whatever the name
    always("has_trusted_path", Get::Flag(|row| Some(row.verdict.is_trusted())));

    /// There is one now, or there was one before `at`; ``None`` under `Policy.ssl`, which looks at one path.
    /// Table: now or before `at`
    maybe("had_trusted_path", Get::Flag(|row| row.verdict.search.as_ref()?.had_trusted_path));

    /// There is a path that is valid in the last second of the end entity's validity.
    /// Table: a path is valid in the last second of the end entity's validity
    maybe("valid_at_expiration", Get::Flag(|row| row.verdict.search.as_ref()?.valid_at_expiration));

    /// There are sound paths, but the dates on each have no moment in common.
    /// Table: there are sound paths, but the dates on each have no moment in common
    maybe("never_valid", Get::Flag(|row| row.verdict.search.as_ref()?.never_valid));

    /// The end entity's own dates; ``never``: notBefore is after notAfter.
    /// Type: Literal["valid", "expired", "not_yet", "never"] | None
    /// Table: `valid`, `expired`, `not_yet` or `never`: the end entity's own dates
    maybe("leaf_time", Get::Text(|row| Some(leaf(row)?.time.into())));

    /// The anchor of `path` has expired; ``None`` if it reaches none.
    /// Table: the anchor of the path has expired; null if it reaches none
    maybe("root_expired", Get::Flag(|row| row.observations.root_expired));

    /// What the end entity is, by zcrypto's rule: in a store, a CA with a trusted path, or anything with one.
    /// Type: Literal["leaf", "intermediate", "root", "unknown"]
    /// Table: `leaf`, `intermediate`, `root` or `unknown`, as zcrypto tells them apart
    always("cert_type", Get::Text(|row| Some(row.observations.cert_type.into())));

    /// SHA-256 of the end entity's SubjectPublicKeyInfo.
    /// Table: SHA-256 of the end entity's SubjectPublicKeyInfo
    maybe("spki_sha256", Get::Fingerprint(|row| Some(leaf(row)?.spki_sha256)));

    /// The end entity's subject is its issuer.
    /// Table: the end entity's subject is its issuer
    maybe("self_issued", Get::Flag(|row| Some(leaf(row)?.self_issued)));

    /// The end entity is a precertificate: it has the poison of RFC 6962, 3.1.
    /// Table: the end entity has the poison of a precertificate (RFC 6962, 3.1)
    maybe("precert", Get::Flag(|row| Some(leaf(row)?.precert)));

    /// How many certificates were sent.
    /// Table: certificates sent
    always("n_presented", Get::Count(|row| Some(row.observations.deployment.presented)));

    /// Each certificate, duplicates and strangers aside, is issued by the next, by their names.
    /// Table: each, duplicates and strangers aside, is issued by the next, by their names
    always("presented_order_ok", Get::Flag(|row| Some(row.observations.deployment.in_order)));

    /// A self-signed certificate was sent beside the end entity.
    /// Table: a self-signed certificate was sent beside the end entity
    always("root_sent", Get::Flag(|row| Some(row.observations.deployment.root_sent)));

    /// How many certificates were sent twice, or stand on no way up.
    /// Table: certificates sent twice, or that stand on no way up
    always(
        "dup_or_unrelated",
        Get::Count(|row| {
            let deployment = &row.observations.deployment;
            Some(deployment.duplicates + deployment.unrelated)
        }),
    );

    /// What is wrong with the chain as it was sent, whatever the verdict: ``missing_intermediate``,
    /// ``ca_first`` (an end entity follows a CA), ``wrong_order``, ``duplicate``, ``unrelated``, ``unparseable``, ``root_sent``.
    /// Table: `missing_intermediate`, `ca_first` (an end entity follows a CA), `wrong_order`, `duplicate`, `unrelated`, `unparseable`, `root_sent`: what is wrong with the chain as sent
    always("deployment", Get::Texts(|row| Some(texts(&row.observations.faults(), |fault| fault))));

    /// `path` needs certificates from the pool.
    /// Table: the path needs certificates from the pool
    always("repaired", Get::Flag(|row| Some(!lent(row.verdict).is_empty())));

    /// Fingerprints of the certificates that the pool has lent.
    /// Table: their fingerprints
    always("repaired_sha256", Get::Fingerprints(|row| lent(row.verdict).into_iter().copied().collect()));

    /// How many `paths` were found.
    /// Table: valid paths found; none where the name is not that of the end entity
    always("n_paths", Get::Count(|row| Some(row.verdict.paths().len())));

    /// Fingerprints of the certificates of `paths`.
    /// Table: their fingerprints, best first; all there are with `all_paths=True`
    always(
        "paths_sha256",
        Get::Paths(|row| row.verdict.paths().iter().map(|path| fingerprints(path)).collect()),
    )
    .dict_only();

    /// Fingerprints of the immediate issuers on `paths`, each once.
    /// Table: fingerprints of the immediate issuers on these
    always("parents", Get::Fingerprints(|row| parents(row.verdict.paths())));

    /// The timestamps of logs (RFC 6962) that the end entity has in itself, then those sent beside it; ``None`` without a
    /// list of logs (`Verifier`'s `ct_logs`). They change no verdict.
    ///
    /// Each has ``status`` (see docs/verdict.md), ``log`` and ``operator`` at that time as the list calls them, ``timestamp``,
    /// ``source`` (``embedded`` or ``tls``) and ``log_id``. Of a list more than 32 are not looked at: one ``budget`` stands
    /// for them.
    /// Table: the [timestamps](#timestamps) of logs; null without a list of logs
    maybe("scts", Get::Timestamps(|row| Some(transparency(row)?.timestamps.as_slice())));

    /// How many of `scts` are ``valid``.
    /// Table: how many of them are `valid`
    maybe("scts_valid", Get::Count(|row| Some(transparency(row)?.valid())));

    /// The second of the earliest valid one.
    /// Table: the second of the earliest valid one
    maybe("sct_earliest", Get::Time(|row| transparency(row)?.earliest()));

    /// Whether `scts` are what Chrome's policy asks for at the time of judgement, by the list of logs that was given; ``None``
    /// without one, or where it does not give the state of a log that decides.
    /// Table: they are what Chrome asks for; null where the list does not give the state of a log that decides
    maybe("ct_chrome", Get::Flag(|row| transparency(row)?.chrome));

    /// The same for Apple's policy.
    /// Table: the same for Apple
    maybe("ct_apple", Get::Flag(|row| transparency(row)?.apple));

    maybe("not_before", Get::Time(|row| row.verdict.not_before)).dict_only();
}
