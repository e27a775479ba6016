//! Fields of the input that are copied into the output, found by their path.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::json::otherwise_default;

/// A field: the keys that lead to it, joined by dots, with numbers for the items of lists; a column of a table.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field(String);

impl Field {
    /// The field of this path; `None` if the path cannot name a field.
    pub fn new(path: &str) -> Option<Self> {
        let sound = !path.is_empty() && !path.split('.').any(str::is_empty);
        sound.then(|| Self(path.to_owned()))
    }

    /// Its path.
    pub fn path(&self) -> &str {
        &self.0
    }
}

/// The fields of one record in JSON: texts as they are, numbers, lists and objects in JSON, and nothing for null.
/// Of what is not JSON, none.
pub(super) fn of(record: &[u8], fields: &[Field]) -> Vec<Option<String>> {
    fields.iter().map(|field| one(record, &field.0)).collect()
}

fn one(record: &[u8], path: &str) -> Option<String> {
    let mut reader = serde_json::Deserializer::from_slice(record);
    At(path).deserialize(&mut reader).ok().flatten()
}

/// What is at the end of a path.
struct At<'p>(&'p str);

impl<'p> At<'p> {
    /// The path behind `key`, if it leads there: a key may have dots in it.
    fn behind(&self, key: &str) -> Option<&'p str> {
        let rest = self.0.strip_prefix(key)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
    }
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = Option<String>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        if self.0.is_empty() {
            let raw: &RawValue = serde::Deserialize::deserialize(deserializer)?;
            return Ok(text(raw.get()));
        }
        deserializer.deserialize_any(self)
    }
}

fn text(json: &str) -> Option<String> {
    match json.as_bytes().first() {
        Some(b'"') => serde_json::from_str(json).ok(),
        Some(b'n') => None,
        _ => Some(json.to_owned()),
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = Option<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match self.behind(&key) {
                // Of several keys of one name the first counts.
                Some(rest) if found.is_none() => found = map.next_value_seed(At(rest))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        let mut number = 0_u64;
        loop {
            let more = match self.behind(&number.to_string()) {
                Some(rest) if found.is_none() => match list.next_element_seed(At(rest))? {
                    Some(value) => {
                        found = value;
                        true
                    }
                    None => false,
                },
                _ => list.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                return Ok(found);
            }
            number += 1;
        }
    }

    otherwise_default!(literals);
    otherwise_default!(numbers);
    otherwise_default!(texts);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(record: &str, path: &str) -> Option<String> {
        of(record.as_bytes(), &[Field::new(path).unwrap()]).remove(0)
    }

    #[test]
    fn paths_lead_through_objects_and_lists() {
        let record = r#"{"a":{"b":[1,{"c":"\u0064\n"}],"x.y":true,"n":null},"a.b":2,"e":{"f" : [ 1 ]}}"#;
        assert_eq!(kept(record, "a.b.1.c").as_deref(), Some("d\n"));
        assert_eq!(kept(record, "a.b.0").as_deref(), Some("1"));
        assert_eq!(kept(record, "a.x.y").as_deref(), Some("true"));
        assert_eq!(kept(record, "e").as_deref(), Some(r#"{"f" : [ 1 ]}"#));
        for absent in ["a.n", "a.b.2", "a.b.1.c.d", "b", "a.b.x", "A"] {
            assert_eq!(kept(record, absent), None, "{absent}");
        }
    }

    #[test]
    fn what_is_no_json_has_no_fields() {
        for record in ["", "{", "7", "[", "{\"a\":"] {
            assert_eq!(kept(record, "a"), None);
        }
        let deep = format!("{{\"a\":{}", "[".repeat(10_000));
        assert_eq!(kept(&deep, "a.0"), None);
    }

    #[test]
    fn a_path_has_no_empty_steps() {
        assert!(["", ".", "a.", ".a", "a..b"].iter().all(|path| Field::new(path).is_none()));
        assert_eq!(Field::new("a.0").unwrap().path(), "a.0");
    }
}
