//! Protocol buffers' text format, as far as Chrome's root store uses it: messages, strings, numbers and words, without a
//! schema.

use super::ListError;

/// How deep messages may stand in each other: Chrome's stand three deep.
const MAX_DEPTH: usize = 16;

/// A field: its name, the line it stands in, and its value.
#[derive(Debug)]
pub(super) struct Field<'t> {
    pub(super) name: &'t str,
    pub(super) line: usize,
    pub(super) value: Value<'t>,
}

#[derive(Debug)]
pub(super) enum Value<'t> {
    Message(Vec<Field<'t>>),
    Text(String),
    /// A number or a word.
    Bare(&'t str),
}

/// The fields of a text.
pub(super) fn parse<'t>(what: &'static str, text: &'t str) -> Result<Vec<Field<'t>>, ListError> {
    let mut reader = Reader { what, rest: text, line: 1 };
    let fields = reader.fields(None, 0)?;
    Ok(fields)
}

struct Reader<'t> {
    what: &'static str,
    rest: &'t str,
    line: usize,
}

impl<'t> Reader<'t> {
    fn fail<T>(&self, problem: impl Into<String>) -> Result<T, ListError> {
        Err(ListError::line(self.what, self.line, problem))
    }

    /// Passes over blanks and comments; what comes next.
    fn peek(&mut self) -> Option<char> {
        loop {
            let next = self.rest.chars().next()?;
            if next == '#' {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.rest = self.rest.get(end..).unwrap_or_default();
            } else if next.is_whitespace() {
                self.line += usize::from(next == '\n');
                self.rest = self.rest.get(next.len_utf8()..).unwrap_or_default();
            } else {
                return Some(next);
            }
        }
    }

    fn take(&mut self, wanted: char) -> bool {
        if self.peek() != Some(wanted) {
            return false;
        }
        self.rest = self.rest.get(wanted.len_utf8()..).unwrap_or_default();
        true
    }

    fn word(&mut self) -> Option<&'t str> {
        self.peek()?;
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '.'));
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).filter(|(word, _)| !word.is_empty())?;
        self.rest = rest;
        Some(word)
    }

    fn fields(&mut self, close: Option<char>, depth: usize) -> Result<Vec<Field<'t>>, ListError> {
        if depth > MAX_DEPTH {
            return self.fail("messages stand too deep in each other");
        }
        let mut fields = Vec::new();
        loop {
            match (self.peek(), close) {
                (None, None) => return Ok(fields),
                (None, Some(close)) => {
                    return self.fail(format!("the file ends before a {close:?}: it is cut off"));
                }
                (Some(next), Some(close)) if next == close => {
                    self.take(close);
                    return Ok(fields);
                }
                _ => {}
            }
            let Some(name) = self.word() else {
                return self.fail("the name of a field was expected");
            };
            let line = self.line;
            let colon = self.take(':');
            match self.peek() {
                Some('{') => {
                    self.take('{');
                    let value = Value::Message(self.fields(Some('}'), depth + 1)?);
                    fields.push(Field { name, line, value });
                }
                Some('<') => {
                    self.take('<');
                    let value = Value::Message(self.fields(Some('>'), depth + 1)?);
                    fields.push(Field { name, line, value });
                }
                Some('[') if colon => {
                    self.take('[');
                    while !self.take(']') {
                        let value = self.scalar()?;
                        fields.push(Field { name, line, value });
                        self.take(',');
                    }
                }
                _ if colon => {
                    let value = self.scalar()?;
                    fields.push(Field { name, line, value });
                }
                _ => return self.fail(format!("a value was expected for {name}")),
            }
            let _ = self.take(',') || self.take(';');
        }
    }

    fn scalar(&mut self) -> Result<Value<'t>, ListError> {
        if !matches!(self.peek(), Some('"' | '\'')) {
            return match self.word() {
                Some(word) => Ok(Value::Bare(word)),
                None => self.fail("a value was expected"),
            };
        }
        // Strings beside each other are one.
        let mut text = String::new();
        while let Some(quote @ ('"' | '\'')) = self.peek() {
            let body = self.rest.get(1..).unwrap_or_default();
            let end = body
                .find([quote, '\n'])
                .filter(|&end| body.get(end..).is_some_and(|at| at.starts_with(quote)));
            let Some((inside, rest)) = end.and_then(|end| Some((body.get(..end)?, body.get(end + 1..)?)))
            else {
                return self.fail("a text has no end");
            };
            if inside.contains('\\') {
                return self.fail("a text with a backslash is not read");
            }
            text.push_str(inside);
            self.rest = rest;
        }
        Ok(Value::Text(text))
    }
}
