//! JSON on one line, without control characters: what scanners write. Read as serde_json reads it, but what
//! nobody wants is passed over some 32 octets at a time.
//!
//! The same grammar, to the letter: what this reader takes serde_json takes, with the same outcome.
//! Whatever is wrong, or so odd that it is not worth a line here, it gives up, and serde_json has the last
//! word; so this reader needs no words for what is wrong.

use std::fmt;

use memchr::memchr2;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// Reads all of a text; `None` if serde_json should.
pub(super) fn read<'a, T: de::Deserialize<'a>>(text: &'a [u8]) -> Option<T> {
    // Space is the only blank that is left. No early exit, so that this takes many octets at a time.
    if text.iter().fold(u8::MAX, |least, &octet| least.min(octet)) < b' ' {
        return None;
    }
    let mut reader = Reader { text, at: 0, depth: 0 };
    let read = T::deserialize(&mut reader).ok()?;
    (reader.next_but_blanks().is_none()).then_some(read)
}

/// Levels of values that are built; serde_json has 128.
const DEEPEST: u32 = 100;

/// A reason to let serde_json read it.
#[derive(Debug)]
struct Odd;

impl fmt::Display for Odd {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("odd")
    }
}

impl std::error::Error for Odd {}

impl de::Error for Odd {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
}

impl<'a> Reader<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    /// The next octet that is no blank, which stays.
    fn next_but_blanks(&mut self) -> Option<u8> {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
        self.peek()
    }

    /// Takes this octet, blanks before it aside.
    fn expect(&mut self, octet: u8) -> Result<(), Odd> {
        if self.next_but_blanks() != Some(octet) {
            return Err(Odd);
        }
        self.at += 1;
        Ok(())
    }

    fn rest(&self) -> &'a [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn literal(&mut self, word: &[u8]) -> Result<(), Odd> {
        if !self.rest().starts_with(word) {
            return Err(Odd);
        }
        self.at += word.len();
        Ok(())
    }

    /// A string without escapes; the reader stands at its opening quote.
    fn string(&mut self) -> Result<&'a str, Odd> {
        self.expect(b'"')?;
        let rest = self.rest();
        let end = memchr2(b'"', b'\\', rest).ok_or(Odd)?;
        let (text, after) = rest.split_at_checked(end).ok_or(Odd)?;
        if after.first() != Some(&b'"') {
            return Err(Odd);
        }
        self.at += end + 1;
        std::str::from_utf8(text).map_err(|_| Odd)
    }

    /// Passes over a string of which the opening quote is taken already.
    fn pass_string(&mut self) -> Result<(), Odd> {
        loop {
            let end = memchr2(b'"', b'\\', self.rest()).ok_or(Odd)?;
            self.at += end + 1;
            if self.text.get(self.at - 1) == Some(&b'"') {
                return Ok(());
            }
            match self.peek() {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
                Some(b'u') => {
                    let digits = self.text.get(self.at + 1..self.at + 5).ok_or(Odd)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return Err(Odd);
                    }
                    self.at += 5;
                }
                _ => return Err(Odd),
            }
        }
    }

    /// Passes over digits, one at least.
    fn pass_digits(&mut self) -> Result<(), Odd> {
        let digits = self.rest().iter().take_while(|octet| octet.is_ascii_digit()).count();
        self.at += digits;
        if digits == 0 { Err(Odd) } else { Ok(()) }
    }

    /// RFC 8259 6.
    fn pass_number(&mut self) -> Result<(), Odd> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
            if self.peek().is_some_and(|octet| octet.is_ascii_digit()) {
                return Err(Odd);
            }
        } else {
            self.pass_digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.pass_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.pass_digits()?;
        }
        Ok(())
    }

    /// Passes over a value of up to 64 levels.
    fn pass(&mut self) -> Result<(), Odd> {
        // One bit for each level, the innermost lowest: is it an object?
        let mut objects = 0u64;
        let mut depth = 0u32;
        loop {
            let first = self.next_but_blanks().ok_or(Odd)?;
            match first {
                b'"' => {
                    self.at += 1;
                    self.pass_string()?;
                }
                b'{' | b'[' => {
                    self.at += 1;
                    depth += 1;
                    if depth > u64::BITS {
                        return Err(Odd);
                    }
                    objects = objects << 1 | u64::from(first == b'{');
                    let empty = if first == b'{' { b'}' } else { b']' };
                    if self.next_but_blanks() != Some(empty) {
                        if first == b'{' {
                            self.pass_key()?;
                        }
                        continue;
                    }
                }
                b'-' | b'0'..=b'9' => self.pass_number()?,
                b't' => self.literal(b"true")?,
                b'f' => self.literal(b"false")?,
                b'n' => self.literal(b"null")?,
                _ => return Err(Odd),
            }
            // A value is over, and with it perhaps some that it was the last of.
            loop {
                if depth == 0 {
                    return Ok(());
                }
                let object = objects & 1 == 1;
                match self.next_but_blanks().ok_or(Odd)? {
                    b',' => {
                        self.at += 1;
                        if object {
                            self.pass_key()?;
                        }
                        break;
                    }
                    b'}' if object => {}
                    b']' if !object => {}
                    _ => return Err(Odd),
                }
                self.at += 1;
                depth -= 1;
                objects >>= 1;
            }
        }
    }

    fn pass_key(&mut self) -> Result<(), Odd> {
        self.expect(b'"')?;
        self.pass_string()?;
        self.expect(b':')
    }

    /// A number without sign, fraction and exponent.
    fn unsigned(&mut self) -> Result<u64, Odd> {
        let start = self.at;
        self.pass_number()?;
        let digits = self.text.get(start..self.at).ok_or(Odd)?;
        // Twenty digits may be too many for 64 bits.
        if digits.len() > 19 || !digits.iter().all(u8::is_ascii_digit) {
            return Err(Odd);
        }
        Ok(digits.iter().fold(0, |number, digit| number * 10 + u64::from(digit - b'0')))
    }
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Odd;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        let first = self.next_but_blanks().ok_or(Odd)?;
        match first {
            b'"' => visitor.visit_borrowed_str(self.string()?),
            b'{' | b'[' => {
                self.at += 1;
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Odd);
                }
                let mut items = Items { reader: self, first: true };
                let value = if first == b'{' {
                    visitor.visit_map(&mut items)?
                } else {
                    visitor.visit_seq(&mut items)?
                };
                self.depth -= 1;
                self.expect(if first == b'{' { b'}' } else { b']' })?;
                Ok(value)
            }
            b'0'..=b'9' => visitor.visit_u64(self.unsigned()?),
            b't' => self.literal(b"true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.literal(b"false").and_then(|()| visitor.visit_bool(false)),
            b'n' => self.literal(b"null").and_then(|()| visitor.visit_unit()),
            _ => Err(Odd),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        if self.next_but_blanks() == Some(b'n') {
            self.literal(b"null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Odd> {
        self.pass()?;
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier
    }
}

/// What is left of a list or an object.
struct Items<'r, 'a> {
    reader: &'r mut Reader<'a>,
    first: bool,
}

impl Items<'_, '_> {
    /// Whether there is one more, before which the reader then stands.
    fn more(&mut self, end: u8) -> Result<bool, Odd> {
        match self.reader.next_but_blanks().ok_or(Odd)? {
            octet if octet == end => Ok(false),
            _ if std::mem::take(&mut self.first) => Ok(true),
            b',' => {
                self.reader.at += 1;
                // A comma that nothing follows.
                if self.reader.next_but_blanks() == Some(end) { Err(Odd) } else { Ok(true) }
            }
            _ => Err(Odd),
        }
    }
}

impl<'a> SeqAccess<'a> for &mut Items<'_, 'a> {
    type Error = Odd;

    fn next_element_seed<T: DeserializeSeed<'a>>(&mut self, seed: T) -> Result<Option<T::Value>, Odd> {
        if self.more(b']')? { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }
}

impl<'a> MapAccess<'a> for &mut Items<'_, 'a> {
    type Error = Odd;

    fn next_key_seed<K: DeserializeSeed<'a>>(&mut self, seed: K) -> Result<Option<K::Value>, Odd> {
        if !self.more(b'}')? {
            return Ok(None);
        }
        // UTF-8 even where nobody wants the key: serde_json looks at those of objects that it takes apart.
        let key = self.reader.string()?;
        seed.deserialize(de::value::BorrowedStrDeserializer::new(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'a>>(&mut self, seed: V) -> Result<V::Value, Odd> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::{Entries, List, Text, object};
    use super::*;

    object! {
        /// For the tests.
        Thing {
            name: Text<'a> = "name",
            parts: List<Text<'a>, 2> = "parts",
            inner: Option<Box<Thing<'a>>> = "inner",
            others: Entries<'a, Text<'a>, 1> = "others",
        }
    }

    /// Wanted and unwanted values of every kind, in all places.
    const SOUND: [&str; 9] = [
        r#"{"name":"a","parts":["b",{"x":[1,-2.5e+3,true]},"c","d"],"inner":{"name":443},"others":{"x":"1","y":2}}"#,
        r#" { "name" : null , "skip" : { "a" : [ ] , "b" : { } , "c" : [ { } , [ 0 , -0 , 0.5 , 1E9 ] ] } } "#,
        r#"{"skip":"\"\\\/\b\f\n\r\t\u00e9\ud800 é","name":"é"}"#,
        r#"{"name":"\u0061","n\u0061me":1}"#,
        r#"{"inner":null,"others":[],"parts":{},"name":18446744073709551615}"#,
        r#"{"inner":{"inner":{"inner":7}},"skip":[[[[[[]]]]]],"name":0}"#,
        r#"{"name":-1,"inner":[{}],"x":false}"#,
        "[1,\"a\"]",
        "\"a\"",
    ];

    /// What serde_json makes of it, and what this reader does, told apart by their shapes.
    fn compare(text: &[u8]) -> (bool, bool) {
        let slow = serde_json::from_slice::<Thing<'_>>(text);
        let fast = read::<Thing<'_>>(text);
        let shown = |thing: &Thing<'_>| format!("{thing:?}");
        if let Some(fast) = &fast {
            let slow = slow.as_ref().map(shown);
            assert_eq!(slow.ok().as_ref(), Some(&shown(fast)), "{}", text.escape_ascii());
        }
        (slow.is_ok(), fast.is_some())
    }

    #[test]
    fn nothing_is_taken_that_serde_json_refuses_or_reads_otherwise() {
        let octets = b"\"\\{}[]:,0-9.eEu+tfn x\xc3\x80\x1f\t";
        let mut both = 0;
        for sound in SOUND {
            assert!(compare(sound.as_bytes()).0, "{sound}");
            for at in 0..sound.len() {
                let text = sound.as_bytes();
                compare(&text[..at]);
                compare(&[&text[..at], &text[at + 1..]].concat());
                for &octet in octets {
                    let mut changed = text.to_vec();
                    changed[at] = octet;
                    let (slow, fast) = compare(&changed);
                    both += usize::from(slow && fast);
                    compare(&[&text[..at], &[octet], &text[at..]].concat());
                }
            }
        }
        assert!(both > 1_000, "{both}");
    }

    #[test]
    fn what_scanners_write_is_read_here() {
        for sound in [SOUND[0], SOUND[1], SOUND[2]] {
            assert_eq!(compare(sound.as_bytes()), (true, true), "{sound}");
        }
        // And what it passes over is JSON, by the other reader's word.
        assert!(serde_json::from_str::<Value>(SOUND[0]).is_ok());
    }

    #[test]
    fn depth_is_left_to_the_other_reader() {
        let nested = |levels: usize| {
            let (open, close) = ("[".repeat(levels), "]".repeat(levels));
            format!(r#"{{"x":{open}1{close},"name":"a"}}"#)
        };
        assert_eq!(compare(nested(64).as_bytes()), (true, true));
        assert_eq!(compare(nested(65).as_bytes()), (true, false));
        assert_eq!(compare(nested(100_000).as_bytes()), (true, false));
        let built = format!("{}1{}", r#"{"inner":"#.repeat(101), "}".repeat(101));
        assert_eq!(compare(built.as_bytes()), (true, false));
    }
}
