//! A JSON document that is a list of records, or has one at some place: one record after the other, without
//! building the document. Where it is torn, the records before the tear are there.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::{self, otherwise_default};

/// Hands the items of the list at `path` to `visit`, each as it stands in the document.
///
/// # Errors
///
/// The offset at which the document is not JSON, and what is wrong there.
pub(super) fn each<'a>(
    text: &'a [u8],
    path: &[&str],
    visit: &mut dyn FnMut(&'a str),
) -> Result<(), (usize, String)> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Items { path, visit }.deserialize(&mut reader).and_then(|()| reader.end());
    read.map_err(|error| json::complaint(&error, text))
}

/// The value at `path`, if it is there and the document is sound up to its end.
pub(super) fn text_at(text: &[u8], path: &str) -> Option<String> {
    let field = super::Field::new(path)?;
    super::kept::of(text, &[field]).pop().flatten()
}

struct Items<'p, 'v, 'a> {
    path: &'p [&'p str],
    visit: &'v mut dyn FnMut(&'a str),
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (first, rest) = match self.path.split_first() {
            Some((first, rest)) => (Some(*first), rest),
            None => (None, self.path),
        };
        while let Some(key) = map.next_key::<json::Text<'de>>()? {
            if first.is_some() && key.as_str() == first {
                map.next_value_seed(Items { path: rest, visit: &mut *self.visit })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        if !self.path.is_empty() {
            while list.next_element::<IgnoredAny>()?.is_some() {}
            return Ok(());
        }
        while let Some(item) = list.next_element::<&'de RawValue>()? {
            (self.visit)(item.get());
        }
        Ok(())
    }

    otherwise_default!(literals);
    otherwise_default!(numbers);
    otherwise_default!(texts);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items(text: &str, path: &[&str]) -> (Vec<String>, bool) {
        let mut found = Vec::new();
        let read = each(text.as_bytes(), path, &mut |item| found.push(item.to_owned()));
        (found, read.is_ok())
    }

    #[test]
    fn items_before_a_tear_are_handed_out() {
        let text = r#"{"a":{"b":[{"x":1}, [2] ,3]},"c":[9]}"#;
        assert_eq!(items(text, &["a", "b"]), (vec![r#"{"x":1}"#.into(), "[2]".into(), "3".into()], true));
        assert_eq!(items(&text[..22], &["a", "b"]), (vec![r#"{"x":1}"#.into()], false));
        assert_eq!(items("[1,2", &[]), (vec!["1".into(), "2".into()], false));
        for (text, path) in
            [("{}", vec!["a"]), ("7", vec![]), ("[1]", vec!["a"]), (r#"{"a":"b"}"#, vec!["a"])]
        {
            assert_eq!(items(text, &path), (Vec::new(), true), "{text}");
        }
        assert!(!items("[] []", &[]).1);
    }
}
