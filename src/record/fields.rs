//! The fields of a verdict: name, type, purpose, and where the value comes from, each once. The columns of Arrow
//! and Parquet, those of CSV and the keys of `Verdict.to_dict` are made from this table. docs/verdict.md says what
//! each means.

use std::borrow::Cow;

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
    pub(crate) observations: &'r Observations,
    /// The time of judgement: that of the verdict may be another row's.
    pub(crate) at: UnixSeconds,
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
    row.observations.leaf.as_ref()
}

fn transparency<'r>(row: &Row<'r>) -> Option<&'r Transparency> {
    row.verdict.transparency.as_ref()
}

fn ocsp<'r>(row: &Row<'r>) -> Option<&'r OcspAnswer> {
    row.verdict.ocsp.as_ref()
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

/// All fields, in the order in which they are told.
pub(crate) static FIELDS: &[Field] = &[
    always("ok", Get::Flag(|row| Some(row.verdict.is_ok()))).everywhere().of_errors(),
    always("status", Get::Text(|row| Some(row.verdict.status.name().into()))).everywhere().of_errors(),
    maybe("verify_code", Get::Code(|row| row.verdict.code())).everywhere().of_errors(),
    always("verify_message", Get::Text(|row| Some(row.verdict.message().into()))).everywhere().of_errors(),
    maybe("error_depth", Get::Count(|row| row.verdict.findings.first()?.depth)).everywhere().of_errors(),
    always("findings", Get::Findings(|row| &row.verdict.findings)).everywhere().of_errors(),
    maybe("chain_ok", Get::Flag(|row| row.verdict.chain_ok)),
    maybe("time_ok", Get::Flag(|row| row.verdict.time_ok)),
    maybe("name_ok", Get::Flag(|row| row.verdict.name_ok)),
    maybe("purpose_ok", Get::Flag(|row| row.verdict.purpose_ok)),
    maybe("revoked", Get::Flag(|row| row.verdict.revoked)),
    maybe("revoked_by", Get::Text(|row| row.verdict.revoked_by().map(Cow::Borrowed))),
    maybe("in_revocation_set", Get::Flag(|row| row.verdict.sets.as_ref()?.listed)),
    maybe(
        "revocation_sets",
        Get::Texts(|row| {
            let answers = row.verdict.sets.as_ref()?.texts();
            Some(answers.into_iter().map(Cow::Owned).collect())
        }),
    ),
    maybe("ocsp_status", Get::Text(|row| Some(ocsp(row)?.status.name().into()))),
    maybe("ocsp_problem", Get::Text(|row| Some(ocsp(row)?.status.problem().map(OcspProblem::name)?.into()))),
    maybe("ocsp_revoked_at", Get::Time(|row| ocsp(row)?.revoked_at)),
    maybe("ocsp_reason", Get::Text(|row| Some(reason_name(ocsp(row)?.reason?).into()))),
    // CSV has it further in front.
    maybe("name", Get::Text(|row| row.verdict.name.as_deref().map(Cow::Borrowed))).of_errors(),
    maybe("name_by", Get::Text(|row| row.verdict.name_by.map(NameBy::name).map(Cow::Borrowed))),
    maybe("name_problem", Get::Text(|row| row.verdict.name_problem().map(Cow::Borrowed))).of_errors(),
    always("at", Get::Time(|row| Some(row.at))).of_errors(),
    maybe("leaf_sha256", Get::Fingerprint(|row| row.verdict.leaf_sha256)).everywhere(),
    always("path_sha256", Get::Fingerprints(|row| fingerprints(&row.verdict.path))),
    maybe("anchor_sha256", Get::Fingerprint(|row| Some(row.verdict.anchor()?.sha256))).everywhere(),
    // The order of columns and that of keys differ here, and are relied upon.
    maybe("not_before", Get::Time(|row| row.verdict.not_before)).columns_only(),
    maybe("not_after", Get::Time(|row| row.verdict.not_after)).everywhere(),
    always("weak", Get::Texts(|row| Some(texts(&row.verdict.weak, Weakness::name)))),
    always("exceptions", Get::Texts(|row| Some(texts(&row.verdict.exceptions, Exception::name)))),
    always(
        "policies",
        Get::Texts(|row| {
            let policies = row.verdict.policies.iter();
            Some(policies.map(|policy| oid::dotted(policy).into()).collect())
        }),
    ),
    always(
        "store",
        Get::Text(|row| {
            let store = row.verifier.stores().get(row.observations.store);
            Some(store.map_or("", |store| store.name()).into())
        }),
    ),
    always("policy", Get::Text(|row| Some(row.verifier.policy().preset.name().into()))).dict_only(),
    always("stores_now", Get::Texts(|row| Some(stores(row, row.verdict.stores_now())))),
    maybe("stores_ever", Get::Texts(|row| Some(stores(row, row.verdict.search.as_ref()?.stores_ever?)))),
    always("has_trusted_path", Get::Flag(|row| Some(row.verdict.is_trusted()))),
    maybe("had_trusted_path", Get::Flag(|row| row.verdict.search.as_ref()?.had_trusted_path)),
    maybe("valid_at_expiration", Get::Flag(|row| row.verdict.search.as_ref()?.valid_at_expiration)),
    maybe("never_valid", Get::Flag(|row| row.verdict.search.as_ref()?.never_valid)),
    maybe("leaf_time", Get::Text(|row| Some(leaf(row)?.time.into()))),
    maybe("root_expired", Get::Flag(|row| row.observations.root_expired)),
    always("cert_type", Get::Text(|row| Some(row.observations.cert_type.into()))),
    maybe("spki_sha256", Get::Fingerprint(|row| Some(leaf(row)?.spki_sha256))),
    maybe("self_issued", Get::Flag(|row| Some(leaf(row)?.self_issued))),
    maybe("precert", Get::Flag(|row| Some(leaf(row)?.precert))),
    always("n_presented", Get::Count(|row| Some(row.observations.deployment.presented))),
    always("presented_order_ok", Get::Flag(|row| Some(row.observations.deployment.in_order))),
    always("root_sent", Get::Flag(|row| Some(row.observations.deployment.root_sent))),
    always(
        "dup_or_unrelated",
        Get::Count(|row| {
            let deployment = &row.observations.deployment;
            Some(deployment.duplicates + deployment.unrelated)
        }),
    ),
    always("deployment", Get::Texts(|row| Some(texts(&row.observations.faults(), |fault| fault)))),
    always("repaired", Get::Flag(|row| Some(!lent(row.verdict).is_empty()))),
    always("repaired_sha256", Get::Fingerprints(|row| lent(row.verdict).into_iter().copied().collect())),
    always("n_paths", Get::Count(|row| Some(row.verdict.paths().len()))),
    always(
        "paths_sha256",
        Get::Paths(|row| row.verdict.paths().iter().map(|path| fingerprints(path)).collect()),
    )
    .dict_only(),
    always("parents", Get::Fingerprints(|row| parents(&row.verdict.paths()))),
    maybe("scts", Get::Timestamps(|row| Some(transparency(row)?.timestamps.as_slice()))),
    maybe("scts_valid", Get::Count(|row| Some(transparency(row)?.valid()))),
    maybe("sct_earliest", Get::Time(|row| transparency(row)?.earliest())),
    maybe("ct_chrome", Get::Flag(|row| transparency(row)?.chrome)),
    maybe("ct_apple", Get::Flag(|row| transparency(row)?.apple)),
    maybe("not_before", Get::Time(|row| row.verdict.not_before)).dict_only(),
];
