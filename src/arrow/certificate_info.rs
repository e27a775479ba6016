//! Columns about the end entity itself, read by the tolerant parser: they are there for certificates that
//! are refused, too.

use std::sync::Arc;

use arrow_array::ArrayRef;
use arrow_array::builder::{ListBuilder, StringBuilder, TimestampSecondBuilder};
use arrow_schema::{DataType, Field, TimeUnit};

use crate::certificate::Certificate;
use crate::distinguished_name::hex;

const UTC: &str = "UTC";

/// The columns.
pub(crate) fn fields() -> Vec<Field> {
    let time = || DataType::Timestamp(TimeUnit::Second, Some(UTC.into()));
    let names = DataType::List(Arc::new(Field::new("item", DataType::Utf8, false)));
    vec![
        Field::new("leaf_not_before", time(), true),
        Field::new("leaf_not_after", time(), true),
        Field::new("serial", DataType::Utf8, true),
        Field::new("issuer", DataType::Utf8, true),
        Field::new("subject", DataType::Utf8, true),
        Field::new("subject_cn", DataType::Utf8, true),
        Field::new("sans", names, true),
    ]
}

/// Their values for the end entities of some rows; null where there is none that can be parsed.
pub(crate) fn columns<'l>(leaves: impl Iterator<Item = Option<&'l [u8]>>) -> Vec<ArrayRef> {
    let time = || TimestampSecondBuilder::new().with_timezone(UTC);
    let (mut not_before, mut not_after) = (time(), time());
    let [mut serial, mut issuer, mut subject, mut common_name] =
        std::array::from_fn(|_| StringBuilder::new());
    let mut names =
        ListBuilder::new(StringBuilder::new()).with_field(Field::new("item", DataType::Utf8, false));
    for leaf in leaves {
        let leaf = leaf.and_then(|der| Certificate::parse(der).ok());
        let leaf = leaf.as_ref();
        not_before.append_option(leaf.and_then(|leaf| leaf.validity().0.seconds));
        not_after.append_option(leaf.and_then(|leaf| leaf.validity().1.seconds));
        serial.append_option(leaf.map(|leaf| hex(leaf.serial)));
        issuer.append_option(leaf.map(|leaf| leaf.issuer.text()));
        subject.append_option(leaf.map(|leaf| leaf.subject.text()));
        common_name.append_option(leaf.and_then(|leaf| leaf.common_names().into_iter().next()));
        for (kind, name) in leaf.map(Certificate::alternative_names).unwrap_or_default() {
            names.values().append_value(format!("{kind}:{name}"));
        }
        names.append(leaf.is_some());
    }
    vec![
        Arc::new(not_before.finish()),
        Arc::new(not_after.finish()),
        Arc::new(serial.finish()),
        Arc::new(issuer.finish()),
        Arc::new(subject.finish()),
        Arc::new(common_name.finish()),
        Arc::new(names.finish()),
    ]
}
