//! Verdicts as Arrow columns; chains from Arrow columns are in `arrow::input`.
//!
//! The columns are the fields of the verdict under the same names (docs/verdict.md). Types are plain
//! ones, without dictionaries, because not every engine takes those: Parquet makes its own.

mod c_data;
mod certificates;
mod input;
mod layout;
mod names;
mod values;

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, FixedSizeBinaryBuilder, Int32Builder, ListBuilder, MapBuilder, MapFieldNames,
    StringBuilder, StructBuilder, TimestampSecondBuilder, UInt32Builder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema, SchemaRef, TimeUnit};

use crate::batch::Judged;
use crate::oid;
use crate::record::{self, names_of};
use crate::verdict::{Fact, Finding, NameBy};
use crate::verifier::Verifier;

pub use c_data::{LayoutError, Stream, import_batch};
pub use certificates::CertificateTable;
pub use input::Columns;
pub use names::{ColumnNames, Situation, WantedColumn, WantedColumns};
pub use values::ColumnError;

/// The layout of verdicts, as dictionaries and as columns; to be raised when a field changes its meaning
/// or goes.
pub const SCHEMA_VERSION: u32 = 2;

const UTC: &str = "UTC";

fn fingerprint() -> DataType {
    DataType::FixedSizeBinary(32)
}

fn timestamp() -> DataType {
    DataType::Timestamp(TimeUnit::Second, Some(UTC.into()))
}

fn list_of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("item", item, false)))
}

fn facts_fields() -> MapFieldNames {
    MapFieldNames { entry: "entries".into(), key: "key".into(), value: "value".into() }
}

fn finding_fields() -> Fields {
    let facts = Fields::from(vec![
        Field::new("key", DataType::Utf8, false),
        Field::new("value", DataType::Utf8, true),
    ]);
    let entries = Field::new("entries", DataType::Struct(facts), false);
    Fields::from(vec![
        Field::new("name", DataType::Utf8, false),
        Field::new("code", DataType::Int32, true),
        Field::new("message", DataType::Utf8, false),
        Field::new("depth", DataType::UInt32, true),
        Field::new("subject", DataType::Utf8, true),
        Field::new("sha256", fingerprint(), true),
        Field::new("facts", DataType::Map(Arc::new(entries), false), false),
        Field::new("detail", DataType::Utf8, false),
    ])
}

/// The columns of verdicts, with what is the same for all rows in the metadata: the layout's version,
/// the policy, and the stores in their order.
pub fn schema(verifier: &Verifier) -> SchemaRef {
    let field = |name: &str, kind: DataType, nullable: bool| Field::new(name, kind, nullable);
    let fields = vec![
        field("row", DataType::UInt64, false),
        field("key", DataType::Utf8, true),
        field("ok", DataType::Boolean, false),
        field("status", DataType::Utf8, false),
        field("verify_code", DataType::Int32, true),
        field("verify_message", DataType::Utf8, false),
        field("error_depth", DataType::UInt32, true),
        field("findings", list_of(DataType::Struct(finding_fields())), false),
        field("chain_ok", DataType::Boolean, true),
        field("time_ok", DataType::Boolean, true),
        field("name_ok", DataType::Boolean, true),
        field("purpose_ok", DataType::Boolean, true),
        field("revoked", DataType::Boolean, true),
        field("name", DataType::Utf8, true),
        field("name_by", DataType::Utf8, true),
        field("name_problem", DataType::Utf8, true),
        field("at", timestamp(), false),
        field("leaf_sha256", fingerprint(), true),
        field("path_sha256", list_of(fingerprint()), false),
        field("anchor_sha256", fingerprint(), true),
        field("not_before", timestamp(), true),
        field("not_after", timestamp(), true),
        field("weak", list_of(DataType::Utf8), false),
        field("exceptions", list_of(DataType::Utf8), false),
        field("policies", list_of(DataType::Utf8), false),
        field("store", DataType::Utf8, false),
        field("stores_now", list_of(DataType::Utf8), false),
        field("stores_ever", DataType::List(Arc::new(Field::new("item", DataType::Utf8, false))), true),
        field("has_trusted_path", DataType::Boolean, false),
        field("had_trusted_path", DataType::Boolean, true),
        field("valid_at_expiration", DataType::Boolean, true),
        field("never_valid", DataType::Boolean, true),
        field("leaf_time", DataType::Utf8, true),
        field("root_expired", DataType::Boolean, true),
        field("cert_type", DataType::Utf8, false),
        field("spki_sha256", fingerprint(), true),
        field("self_issued", DataType::Boolean, true),
        field("precert", DataType::Boolean, true),
        field("n_presented", DataType::UInt32, false),
        field("presented_order_ok", DataType::Boolean, false),
        field("root_sent", DataType::Boolean, false),
        field("dup_or_unrelated", DataType::UInt32, false),
        field("deployment", list_of(DataType::Utf8), false),
        field("repaired", DataType::Boolean, false),
        field("repaired_sha256", list_of(fingerprint()), false),
        field("n_paths", DataType::UInt32, false),
        field("parents", list_of(fingerprint()), false),
    ];
    let stores: Vec<&str> = verifier.stores().iter().map(|store| store.name()).collect();
    let metadata = HashMap::from([
        ("certpath.schema_version".to_owned(), SCHEMA_VERSION.to_string()),
        ("certpath.policy".to_owned(), verifier.policy().preset.name().to_owned()),
        ("certpath.stores".to_owned(), stores.join("\n")),
    ]);
    Arc::new(Schema::new_with_metadata(fields, metadata))
}

/// Rows of verdicts as columns of [`schema`]. `first` is the number of the first row; `key` gives what
/// each is called.
///
/// # Errors
///
/// Never, unless the columns outgrow Arrow's 32-bit offsets.
pub fn record_batch<'k>(
    schema: &SchemaRef,
    verifier: &Verifier,
    judged: &[Judged],
    first: usize,
    key: impl Fn(usize) -> Option<&'k str>,
) -> Result<RecordBatch, ArrowError> {
    let mut builders = Builders::new(judged.len());
    for (index, judged) in judged.iter().enumerate() {
        builders.push(verifier, judged, first + index, key(index))?;
    }
    RecordBatch::try_new(Arc::clone(schema), builders.finish())
}

/// A list column with items that are never null.
struct Lists<B: arrow_array::builder::ArrayBuilder>(ListBuilder<B>);

impl Lists<StringBuilder> {
    fn texts() -> Self {
        Self(ListBuilder::new(StringBuilder::new()).with_field(Field::new("item", DataType::Utf8, false)))
    }

    fn push<'t>(&mut self, texts: impl IntoIterator<Item = &'t str>) {
        for text in texts {
            self.0.values().append_value(text);
        }
        self.0.append(true);
    }
}

impl Lists<FixedSizeBinaryBuilder> {
    fn fingerprints() -> Self {
        let items = FixedSizeBinaryBuilder::new(32);
        Self(ListBuilder::new(items).with_field(Field::new("item", fingerprint(), false)))
    }

    fn push<'f>(&mut self, hashes: impl IntoIterator<Item = &'f [u8; 32]>) -> Result<(), ArrowError> {
        for hash in hashes {
            self.0.values().append_value(hash)?;
        }
        self.0.append(true);
        Ok(())
    }
}

/// One builder for each column, in the order of the schema.
struct Builders {
    row: UInt64Builder,
    key: StringBuilder,
    ok: BooleanBuilder,
    status: StringBuilder,
    verify_code: Int32Builder,
    verify_message: StringBuilder,
    error_depth: UInt32Builder,
    findings: ListBuilder<StructBuilder>,
    answers: [BooleanBuilder; 5],
    name: StringBuilder,
    name_by: StringBuilder,
    name_problem: StringBuilder,
    at: TimestampSecondBuilder,
    leaf_sha256: FixedSizeBinaryBuilder,
    path_sha256: Lists<FixedSizeBinaryBuilder>,
    anchor_sha256: FixedSizeBinaryBuilder,
    not_before: TimestampSecondBuilder,
    not_after: TimestampSecondBuilder,
    weak: Lists<StringBuilder>,
    exceptions: Lists<StringBuilder>,
    policies: Lists<StringBuilder>,
    store: StringBuilder,
    stores_now: Lists<StringBuilder>,
    stores_ever: Lists<StringBuilder>,
    trusted_paths: [BooleanBuilder; 4],
    leaf_time: StringBuilder,
    root_expired: BooleanBuilder,
    cert_type: StringBuilder,
    spki_sha256: FixedSizeBinaryBuilder,
    self_issued: BooleanBuilder,
    precert: BooleanBuilder,
    n_presented: UInt32Builder,
    presented_order_ok: BooleanBuilder,
    root_sent: BooleanBuilder,
    dup_or_unrelated: UInt32Builder,
    deployment: Lists<StringBuilder>,
    repaired: BooleanBuilder,
    repaired_sha256: Lists<FixedSizeBinaryBuilder>,
    n_paths: UInt32Builder,
    parents: Lists<FixedSizeBinaryBuilder>,
}

impl Builders {
    fn new(rows: usize) -> Self {
        let hashes = || FixedSizeBinaryBuilder::with_capacity(rows, 32);
        let times = || TimestampSecondBuilder::with_capacity(rows).with_timezone(UTC);
        let flags = || BooleanBuilder::with_capacity(rows);
        let finding = StructBuilder::new(
            finding_fields(),
            vec![
                Box::new(StringBuilder::new()),
                Box::new(Int32Builder::new()),
                Box::new(StringBuilder::new()),
                Box::new(UInt32Builder::new()),
                Box::new(StringBuilder::new()),
                Box::new(FixedSizeBinaryBuilder::new(32)),
                Box::new(MapBuilder::new(Some(facts_fields()), StringBuilder::new(), StringBuilder::new())),
                Box::new(StringBuilder::new()),
            ],
        );
        let finding_item = Field::new("item", DataType::Struct(finding_fields()), false);
        Self {
            row: UInt64Builder::with_capacity(rows),
            key: StringBuilder::new(),
            ok: flags(),
            status: StringBuilder::new(),
            verify_code: Int32Builder::with_capacity(rows),
            verify_message: StringBuilder::new(),
            error_depth: UInt32Builder::with_capacity(rows),
            findings: ListBuilder::new(finding).with_field(finding_item),
            answers: std::array::from_fn(|_| flags()),
            name: StringBuilder::new(),
            name_by: StringBuilder::new(),
            name_problem: StringBuilder::new(),
            at: times(),
            leaf_sha256: hashes(),
            path_sha256: Lists::fingerprints(),
            anchor_sha256: hashes(),
            not_before: times(),
            not_after: times(),
            weak: Lists::texts(),
            exceptions: Lists::texts(),
            policies: Lists::texts(),
            store: StringBuilder::new(),
            stores_now: Lists::texts(),
            stores_ever: Lists::texts(),
            trusted_paths: std::array::from_fn(|_| flags()),
            leaf_time: StringBuilder::new(),
            root_expired: flags(),
            cert_type: StringBuilder::new(),
            spki_sha256: hashes(),
            self_issued: flags(),
            precert: flags(),
            n_presented: UInt32Builder::with_capacity(rows),
            presented_order_ok: flags(),
            root_sent: flags(),
            dup_or_unrelated: UInt32Builder::with_capacity(rows),
            deployment: Lists::texts(),
            repaired: flags(),
            repaired_sha256: Lists::fingerprints(),
            n_paths: UInt32Builder::with_capacity(rows),
            parents: Lists::fingerprints(),
        }
    }

    fn push(
        &mut self,
        verifier: &Verifier,
        judged: &Judged,
        row: usize,
        key: Option<&str>,
    ) -> Result<(), ArrowError> {
        let verdict = &judged.record.verdict;
        let main = verdict.findings.first();
        self.row.append_value(u64::try_from(row).unwrap_or(u64::MAX));
        self.key.append_option(key);
        self.ok.append_value(verdict.is_ok());
        self.status.append_value(verdict.status.name());
        self.verify_code.append_option(verdict.code());
        match main {
            None => self.verify_message.append_value("ok"),
            Some(finding) => self.verify_message.append_value(finding.message()),
        }
        self.error_depth.append_option(main.and_then(|finding| finding.depth).map(number));
        for finding in &verdict.findings {
            self.push_finding(finding)?;
        }
        self.findings.append(true);
        let answers =
            [verdict.chain_ok, verdict.time_ok, verdict.name_ok, verdict.purpose_ok, verdict.revoked];
        for (builder, answer) in self.answers.iter_mut().zip(answers) {
            builder.append_option(answer);
        }
        self.name.append_option(verdict.name.as_deref());
        self.name_by.append_option(verdict.name_by.map(NameBy::name));
        self.name_problem.append_option(verdict.name_problem());
        self.at.append_value(judged.at);
        append_hash(&mut self.leaf_sha256, verdict.leaf_sha256.as_ref())?;
        self.path_sha256.push(verdict.path.iter().map(|member| &member.sha256))?;
        let anchor = verdict.path.last().filter(|_| verdict.anchored);
        append_hash(&mut self.anchor_sha256, anchor.map(|member| &member.sha256))?;
        self.not_before.append_option(verdict.not_before);
        self.not_after.append_option(verdict.not_after);
        self.weak.push(verdict.weak.iter().copied());
        self.exceptions.push(verdict.exceptions.iter().copied());
        let policies: Vec<_> = verdict.policies.iter().map(|policy| oid::dotted(policy)).collect();
        self.policies.push(policies.iter().map(String::as_str));
        self.push_search(verifier, judged)?;
        self.push_observations(judged)
    }

    fn push_finding(&mut self, finding: &Finding) -> Result<(), ArrowError> {
        let columns = self.findings.values();
        let missing = || ArrowError::SchemaError("findings".to_owned());
        let concerned = finding.concerned.as_ref();
        columns.field_builder::<StringBuilder>(0).ok_or_else(missing)?.append_value(finding.check.name());
        columns.field_builder::<Int32Builder>(1).ok_or_else(missing)?.append_option(finding.check.code());
        columns.field_builder::<StringBuilder>(2).ok_or_else(missing)?.append_value(finding.message());
        let depth = finding.depth.map(number);
        columns.field_builder::<UInt32Builder>(3).ok_or_else(missing)?.append_option(depth);
        let subject = concerned.map(|concerned| concerned.subject.as_str());
        columns.field_builder::<StringBuilder>(4).ok_or_else(missing)?.append_option(subject);
        let sha256 = columns.field_builder::<FixedSizeBinaryBuilder>(5).ok_or_else(missing)?;
        append_hash(sha256, concerned.map(|concerned| &concerned.sha256))?;
        let facts =
            columns.field_builder::<MapBuilder<StringBuilder, StringBuilder>>(6).ok_or_else(missing)?;
        for (key, fact) in &finding.facts {
            facts.keys().append_value(key);
            match fact {
                Fact::Text(text) => facts.values().append_value(text),
                Fact::Number(number) => facts.values().append_value(number.to_string()),
                Fact::Texts(texts) => facts.values().append_value(texts.join(" | ")),
            }
        }
        facts.append(true)?;
        columns.field_builder::<StringBuilder>(7).ok_or_else(missing)?.append_value(finding.detail());
        columns.append(true);
        Ok(())
    }

    fn push_search(&mut self, verifier: &Verifier, judged: &Judged) -> Result<(), ArrowError> {
        let verdict = &judged.record.verdict;
        let store = verifier.stores().get(judged.record.observations.store);
        self.store.append_value(store.map_or("", |store| store.name()));
        let search = verdict.search.as_ref();
        let now = search.map_or_else(|| u32::from(verdict.is_ok()), |search| search.stores_now);
        self.stores_now.push(names_of(verifier.stores(), now));
        match search.and_then(|search| search.stores_ever) {
            Some(mask) => self.stores_ever.push(names_of(verifier.stores(), mask)),
            None => self.stores_ever.0.append(false),
        }
        let paths = [
            Some(verdict.is_trusted()),
            search.and_then(|search| search.had_trusted_path),
            search.and_then(|search| search.valid_at_expiration),
            search.and_then(|search| search.never_valid),
        ];
        for (builder, answer) in self.trusted_paths.iter_mut().zip(paths) {
            builder.append_option(answer);
        }
        match search {
            Some(search) => {
                self.n_paths.append_value(number(search.paths.len()));
                self.parents.push(&record::parents(&search.paths))
            }
            None if verdict.is_ok() => {
                self.n_paths.append_value(1);
                self.parents.push(verdict.path.get(1).map(|member| &member.sha256))
            }
            None => {
                self.n_paths.append_value(0);
                self.parents.push([])
            }
        }
    }

    fn push_observations(&mut self, judged: &Judged) -> Result<(), ArrowError> {
        let seen = &judged.record.observations;
        let leaf = seen.leaf.as_ref();
        self.leaf_time.append_option(leaf.map(|leaf| leaf.time));
        self.root_expired.append_option(seen.root_expired);
        self.cert_type.append_value(seen.cert_type);
        append_hash(&mut self.spki_sha256, leaf.map(|leaf| &leaf.spki_sha256))?;
        self.self_issued.append_option(leaf.map(|leaf| leaf.self_issued));
        self.precert.append_option(leaf.map(|leaf| leaf.precert));
        self.n_presented.append_value(number(seen.deployment.presented));
        self.presented_order_ok.append_value(seen.deployment.in_order);
        self.root_sent.append_value(seen.deployment.root_sent);
        self.dup_or_unrelated.append_value(number(seen.deployment.duplicates + seen.deployment.unrelated));
        self.deployment.push(seen.faults());
        let lent = record::lent(&judged.record.verdict);
        self.repaired.append_value(!lent.is_empty());
        self.repaired_sha256.push(lent)
    }

    fn finish(mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.row.finish()),
            Arc::new(self.key.finish()),
            Arc::new(self.ok.finish()),
            Arc::new(self.status.finish()),
            Arc::new(self.verify_code.finish()),
            Arc::new(self.verify_message.finish()),
            Arc::new(self.error_depth.finish()),
            Arc::new(self.findings.finish()),
        ];
        columns.extend(self.answers.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        columns.extend([
            Arc::new(self.name.finish()) as ArrayRef,
            Arc::new(self.name_by.finish()),
            Arc::new(self.name_problem.finish()),
            Arc::new(self.at.finish()),
            Arc::new(self.leaf_sha256.finish()),
            Arc::new(self.path_sha256.0.finish()),
            Arc::new(self.anchor_sha256.finish()),
            Arc::new(self.not_before.finish()),
            Arc::new(self.not_after.finish()),
            Arc::new(self.weak.0.finish()),
            Arc::new(self.exceptions.0.finish()),
            Arc::new(self.policies.0.finish()),
            Arc::new(self.store.finish()),
            Arc::new(self.stores_now.0.finish()),
            Arc::new(self.stores_ever.0.finish()),
        ]);
        columns.extend(self.trusted_paths.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
        columns.extend([
            Arc::new(self.leaf_time.finish()) as ArrayRef,
            Arc::new(self.root_expired.finish()),
            Arc::new(self.cert_type.finish()),
            Arc::new(self.spki_sha256.finish()),
            Arc::new(self.self_issued.finish()),
            Arc::new(self.precert.finish()),
            Arc::new(self.n_presented.finish()),
            Arc::new(self.presented_order_ok.finish()),
            Arc::new(self.root_sent.finish()),
            Arc::new(self.dup_or_unrelated.finish()),
            Arc::new(self.deployment.0.finish()),
            Arc::new(self.repaired.finish()),
            Arc::new(self.repaired_sha256.0.finish()),
            Arc::new(self.n_paths.finish()),
            Arc::new(self.parents.0.finish()),
        ]);
        columns
    }
}

fn append_hash(builder: &mut FixedSizeBinaryBuilder, hash: Option<&[u8; 32]>) -> Result<(), ArrowError> {
    if let Some(hash) = hash {
        return builder.append_value(hash);
    }
    builder.append_null();
    Ok(())
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
