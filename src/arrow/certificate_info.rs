//! Columns about the end entity itself, read by the tolerant parser: they are there for certificates that
//! are refused, too.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{
    BooleanBuilder, ListBuilder, StringBuilder, TimestampSecondBuilder, UInt32Builder,
};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::certificate::{Certificate, printable};
use crate::distinguished_name::hex;
use crate::oid;

const UTC: &str = "UTC";

/// The names of the columns that are texts.
const TEXTS: [&str; 4] = ["serial", "issuer", "subject", "subject_cn"];
/// And of those that are lists of texts.
const LISTS: [&str; 7] =
    ["sans", "ca_issuer_urls", "ocsp_urls", "crl_urls", "certificate_policies", "tls_features", "weak_key"];
/// And of further texts.
const MORE_TEXTS: [&str; 3] = ["validation", "key_algorithm", "signature_algorithm"];

/// The columns.
pub(crate) fn fields() -> Vec<Field> {
    let time = |name| Field::new(name, DataType::Timestamp(TimeUnit::Second, Some(UTC.into())), true);
    let text = |name: &&str| Field::new(*name, DataType::Utf8, true);
    let list = |name: &&str| {
        Field::new(*name, DataType::List(Arc::new(Field::new("item", DataType::Utf8, false))), true)
    };
    let mut fields = vec![time("leaf_not_before"), time("leaf_not_after")];
    fields.extend(TEXTS.iter().map(text));
    fields.extend(LISTS.iter().map(list));
    fields.extend(MORE_TEXTS.iter().map(text));
    fields.push(Field::new("key_bits", DataType::UInt32, true));
    fields.push(Field::new("must_staple", DataType::Boolean, true));
    fields
}

/// Their values for the end entities of some rows; null where there is none that can be parsed.
pub(crate) fn columns<'l>(leaves: impl Iterator<Item = Option<&'l [u8]>>) -> Vec<ArrayRef> {
    let time = || TimestampSecondBuilder::new().with_timezone(UTC);
    let (mut not_before, mut not_after) = (time(), time());
    let mut texts: [StringBuilder; TEXTS.len()] = std::array::from_fn(|_| StringBuilder::new());
    let mut more: [StringBuilder; MORE_TEXTS.len()] = std::array::from_fn(|_| StringBuilder::new());
    let item = || Field::new("item", DataType::Utf8, false);
    let mut lists: [ListBuilder<StringBuilder>; LISTS.len()] =
        std::array::from_fn(|_| ListBuilder::new(StringBuilder::new()).with_field(item()));
    let mut key_bits = UInt32Builder::new();
    let mut must_staple = BooleanBuilder::new();
    for leaf in leaves {
        let leaf = leaf.and_then(|der| Certificate::parse(der).ok());
        let leaf = leaf.as_ref();
        not_before.append_option(leaf.and_then(|leaf| leaf.validity().0.seconds));
        not_after.append_option(leaf.and_then(|leaf| leaf.validity().1.seconds));
        for (builder, value) in texts.iter_mut().zip(leaf.map(texts_of).unwrap_or_default()) {
            builder.append_option(value);
        }
        for (builder, values) in lists.iter_mut().zip(leaf.map(lists_of).unwrap_or_default()) {
            for value in values {
                builder.values().append_value(value);
            }
            builder.append(leaf.is_some());
        }
        for (builder, value) in more.iter_mut().zip(leaf.map(more_texts_of).unwrap_or_default()) {
            builder.append_option(value);
        }
        key_bits.append_option(leaf.and_then(|leaf| leaf.public_key().bits()));
        must_staple.append_option(leaf.map(Certificate::must_staple));
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(not_before.finish()), Arc::new(not_after.finish())];
    columns.extend(texts.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
    columns.extend(lists.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
    columns.extend(more.iter_mut().map(|builder| Arc::new(builder.finish()) as ArrayRef));
    columns.push(Arc::new(key_bits.finish()));
    columns.push(Arc::new(must_staple.finish()));
    columns
}

fn texts_of(leaf: &Certificate<'_>) -> [Option<String>; TEXTS.len()] {
    [
        Some(hex(leaf.serial)),
        Some(leaf.issuer.text()),
        Some(leaf.subject.text()),
        leaf.common_names().into_iter().next(),
    ]
}

fn lists_of(leaf: &Certificate<'_>) -> [Vec<String>; LISTS.len()] {
    let urls = |urls: Vec<&[u8]>| urls.into_iter().map(printable).collect();
    let names = leaf.alternative_names().into_iter().map(|(kind, name)| format!("{kind}:{name}"));
    [
        names.collect(),
        urls(leaf.ca_issuer_uris()),
        urls(leaf.ocsp_uris()),
        urls(leaf.crl_uris()),
        leaf.policy_identifiers().into_iter().map(oid::dotted).collect(),
        leaf.tls_features().into_iter().map(|feature| feature.to_string()).collect(),
        leaf.key_weaknesses().into_iter().map(str::to_owned).collect(),
    ]
}

fn more_texts_of(leaf: &Certificate<'_>) -> [Option<String>; MORE_TEXTS.len()] {
    [
        validation(leaf).map(str::to_owned),
        Some(leaf.public_key().algorithm_name()),
        Some(leaf.signature_algorithm.name()),
    ]
}

/// How the CA says that it has looked at the subject, by the policies of the CA/Browser Forum; the first that applies.
fn validation(leaf: &Certificate<'_>) -> Option<&'static str> {
    let policies = leaf.policy_identifiers();
    let known = [
        (oid::EXTENDED_VALIDATION, "ev"),
        (oid::ORGANIZATION_VALIDATED, "ov"),
        (oid::INDIVIDUAL_VALIDATED, "iv"),
        (oid::DOMAIN_VALIDATED, "dv"),
    ];
    known.into_iter().find(|(policy, _)| policies.contains(policy)).map(|(_, word)| word)
}
