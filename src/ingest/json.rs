//! JSON of which a few fields are wanted: everything else is skipped without being built, a wanted
//! field of another type counts as absent, and lists stop growing at a limit.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// The visitor methods for values of types that are not wanted: the default instead.
macro_rules! otherwise_default {
    (numbers) => {
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (literals) => {
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Default::default())
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (texts) => {
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Default::default())
        }
    };
    (lists) => {
        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
    (objects) => {
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            while map.next_entry::<serde::de::IgnoredAny, serde::de::IgnoredAny>()?.is_some() {}
            Ok(Default::default())
        }
    };
}

/// Declares a struct that is read from the fields of a JSON object, each under one of its names.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $type:ty = $($key:literal)|+,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            $(pub(super) $field: $type,)*
        }

        impl<'a> serde::de::Deserialize<'a> for $name<'a> {
            fn deserialize<D: serde::de::Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
                struct Fields<'a>(std::marker::PhantomData<&'a ()>);

                impl<'de> serde::de::Visitor<'de> for Fields<'de> {
                    type Value = $name<'de>;

                    fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        formatter.write_str("a JSON value")
                    }

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut object = $name::default();
                        while let Some(key) = map.next_key::<$crate::ingest::json::Text<'de>>()? {
                            match key.as_str() {
                                $(Some($($key)|+) => object.$field = map.next_value()?,)*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(object)
                    }

                    $crate::ingest::json::otherwise_default!(literals);
                    $crate::ingest::json::otherwise_default!(numbers);
                    $crate::ingest::json::otherwise_default!(texts);
                    $crate::ingest::json::otherwise_default!(lists);
                }

                deserializer.deserialize_any(Fields(std::marker::PhantomData))
            }
        }
    };
}

pub(super) use {object, otherwise_default};

/// A text, or an unsigned number as text; nothing for any other value. Borrowed where no escape
/// sequence stands in the way.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Text<'a>(Option<Cow<'a, str>>);

impl<'a, T: Into<Cow<'a, str>>> From<T> for Text<'a> {
    fn from(text: T) -> Self {
        Self(Some(text.into()))
    }
}

impl Text<'_> {
    /// The text, the empty one included.
    pub(super) fn as_str(&self) -> Option<&str> {
        self.0.as_deref()
    }

    /// The text, if it says anything.
    pub(super) fn filled(&self) -> Option<&str> {
        self.as_str().filter(|text| !text.is_empty())
    }

    /// Where in `line` the text stands, if it was borrowed from there.
    pub(super) fn offset_in(&self, line: &[u8]) -> Option<usize> {
        let Some(Cow::Borrowed(text)) = &self.0 else { return None };
        let offset = (text.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
        (offset < line.len()).then_some(offset)
    }
}

impl<'a> Deserialize<'a> for Text<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Value<'a>(PhantomData<&'a ()>);

        impl<'de> Visitor<'de> for Value<'de> {
            type Value = Text<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Borrowed(text))))
            }

            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(text.to_owned()))))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Text<'de>, E> {
                Ok(Text(Some(Cow::Owned(number.to_string()))))
            }

            fn visit_i64<E>(self, _: i64) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            fn visit_f64<E>(self, _: f64) -> Result<Text<'de>, E> {
                Ok(Text::default())
            }

            otherwise_default!(literals);
            otherwise_default!(lists);
            otherwise_default!(objects);
        }

        deserializer.deserialize_any(Value(PhantomData))
    }
}

/// Items of all lists of one text that are kept. Lists lie in lists, so that their own limits multiply.
const MAX_ITEMS: usize = 1 << 17;

thread_local! {
    /// Items that the text that is being read may still have.
    static ITEMS: Cell<usize> = const { Cell::new(MAX_ITEMS) };
}

/// Counts one more item.
fn count_item<E: Error>() -> Result<(), E> {
    let left = ITEMS.get().checked_sub(1);
    left.map(|left| ITEMS.set(left))
        .ok_or_else(|| E::custom(format_args!("more than {MAX_ITEMS} items of lists")))
}

/// A list of which the first `LIMIT` items are kept: three octets of input must not become hundreds in
/// memory without end.
#[derive(Debug)]
pub(super) struct List<T, const LIMIT: usize> {
    pub(super) items: Vec<T>,
    /// How many more there were.
    pub(super) dropped: usize,
}

impl<T, const LIMIT: usize> Default for List<T, LIMIT> {
    fn default() -> Self {
        Self { items: Vec::new(), dropped: 0 }
    }
}

impl<'a, T: Deserialize<'a>, const LIMIT: usize> Deserialize<'a> for List<T, LIMIT> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T, const LIMIT: usize>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>, const LIMIT: usize> Visitor<'de> for Items<T, LIMIT> {
            type Value = List<T, LIMIT>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut kept = List::default();
                while kept.items.len() < LIMIT {
                    let Some(item) = list.next_element()? else { return Ok(kept) };
                    count_item()?;
                    kept.items.push(item);
                }
                while list.next_element::<IgnoredAny>()?.is_some() {
                    kept.dropped += 1;
                }
                Ok(kept)
            }

            otherwise_default!(literals);
            otherwise_default!(numbers);
            otherwise_default!(texts);
            otherwise_default!(objects);
        }

        deserializer.deserialize_any(Items(PhantomData))
    }
}

/// The fields of an object whose names are data, the first `LIMIT` of them, in order.
#[derive(Debug)]
pub(super) struct Entries<'a, T, const LIMIT: usize> {
    pub(super) items: Vec<(Text<'a>, T)>,
    /// How many more there were.
    pub(super) dropped: usize,
}

impl<T, const LIMIT: usize> Default for Entries<'_, T, LIMIT> {
    fn default() -> Self {
        Self { items: Vec::new(), dropped: 0 }
    }
}

impl<'a, T: Deserialize<'a>, const LIMIT: usize> Deserialize<'a> for Entries<'a, T, LIMIT> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields<'a, T, const LIMIT: usize>(PhantomData<&'a T>);

        impl<'de, T: Deserialize<'de>, const LIMIT: usize> Visitor<'de> for Fields<'_, T, LIMIT> {
            type Value = Entries<'de, T, LIMIT>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut kept = Entries::default();
                while kept.items.len() < LIMIT {
                    let Some(entry) = map.next_entry()? else { return Ok(kept) };
                    count_item()?;
                    kept.items.push(entry);
                }
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    kept.dropped += 1;
                }
                Ok(kept)
            }

            otherwise_default!(literals);
            otherwise_default!(numbers);
            otherwise_default!(texts);
            otherwise_default!(lists);
        }

        deserializer.deserialize_any(Fields(PhantomData))
    }
}

/// Reads a JSON text.
///
/// # Errors
///
/// The offset at which it is not JSON, and what is wrong there.
pub(super) fn read<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, (usize, String)> {
    ITEMS.set(MAX_ITEMS);
    serde_json::from_slice(text).map_err(|error| complaint(&error, text))
}

/// What is wrong with a JSON text, and at which octet of it.
pub(super) fn complaint(error: &serde_json::Error, text: &[u8]) -> (usize, String) {
    let before = error.line().saturating_sub(1);
    let start = match before.checked_sub(1) {
        None => 0,
        Some(nth) => memchr::memchr_iter(b'\n', text).nth(nth).map_or(0, |newline| newline + 1),
    };
    let offset = (start + error.column().saturating_sub(1)).min(text.len());
    // Its own " at line 1 column 2" would be about this text alone.
    let said = error.to_string();
    let said = said.rsplit_once(" at line ").map_or(said.as_str(), |(said, _)| said);
    (offset, said.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    object! {
        /// For the tests.
        Thing {
            name: Text<'a> = "name" | "title",
            parts: List<Text<'a>, 2> = "parts",
            inner: Option<Box<Thing<'a>>> = "inner",
            others: Entries<'a, Text<'a>, 1> = "others",
        }
    }

    fn read(text: &str) -> Thing<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn values_of_other_types_count_as_absent() {
        for value in ["null", "true", "-1", "1.5", "[1,[2]]", "{\"a\":{}}"] {
            let text = format!(r#"{{"name":{value},"parts":"x","inner":7,"others":[]}}"#);
            let thing = read(&text);
            assert_eq!(thing.name.as_str(), None, "{value}");
            assert!(thing.parts.items.is_empty() && thing.others.items.is_empty());
            assert!(thing.inner.is_some_and(|inner| inner.name.as_str().is_none()));
        }
        assert_eq!(read("[1]").name.as_str(), None);
    }

    #[test]
    fn either_name_and_escaped_text_are_understood() {
        assert_eq!(read(r#"{"title":"\u0061\/b"}"#).name.as_str(), Some("a/b"));
        assert_eq!(read(r#"{"n\u0061me":443}"#).name.as_str(), Some("443"));
    }

    #[test]
    fn lists_stop_growing_and_count_the_rest() {
        let thing = read(r#"{"parts":["a","b",{},[]],"others":{"x":"1","y":"2"}}"#);
        assert_eq!((thing.parts.items.len(), thing.parts.dropped), (2, 2));
        assert_eq!((thing.others.items.len(), thing.others.dropped), (1, 1));
    }

    #[test]
    fn lists_in_lists_have_one_limit_together() {
        let inner = r#"{"inner":{"parts":["a","b"]},"parts":["a"]},"#.repeat(MAX_ITEMS / 4);
        object! {
            /// For this test.
            Things {
                things: List<Thing<'a>, 1_000_000> = "things",
            }
        }
        let text = |more: &str| format!(r#"{{"things":[{inner}{more}]}}"#);
        let said = super::read::<Things<'_>>(text(r#"{"parts":["a"]}"#).as_bytes()).unwrap_err().1;
        assert_eq!(said, format!("more than {MAX_ITEMS} items of lists"));
        let fits = text("{}").replacen(r#"{"inner":{"parts":["a","b"]},"parts":["a"]},"#, "", 1);
        assert!(super::read::<Things<'_>>(fits.as_bytes()).is_ok());
    }

    #[test]
    fn a_complaint_says_where() {
        let text = b"{\"a\":\n 1,}";
        let error = serde_json::from_slice::<Thing<'_>>(text).unwrap_err();
        assert_eq!(complaint(&error, text), (9, "trailing comma".to_owned()));
    }
}
