//! Lines of any length, in memory of bounded size.

use std::io::{self, Read};

use memchr::{memchr, memchr2, memrchr};

/// Cuts a stream after line ends. Where it cuts depends on nothing but where the piece starts.
pub(super) struct Lines {
    input: Box<dyn Read + Send>,
    /// Read and not yet handed out.
    buffer: Vec<u8>,
    /// Octets of an ordinary piece.
    target: usize,
    /// Octets of the longest line.
    longest: usize,
    offset: u64,
    line: u64,
    ended: bool,
    failure: Option<String>,
}

/// What stands at a place.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Stretch {
    /// Whole lines; the last of a source may lack its end.
    Lines(Vec<u8>),
    /// A line of so many octets, its end aside: too many to be kept.
    TooLong(u64),
    /// The stream broke off here, perhaps within a line.
    Torn(String),
}

impl Lines {
    /// Lines from here on, `offset` octets and `line` lines into the stream.
    pub(super) fn new(
        input: Box<dyn Read + Send>,
        (target, longest): (usize, usize),
        (offset, line): (u64, u64),
    ) -> Self {
        let buffer = Vec::with_capacity(target);
        Self { input, buffer, target, longest, offset, line, ended: false, failure: None }
    }

    /// Octets and lines before the next piece.
    pub(super) fn position(&self) -> (u64, u64) {
        (self.offset, self.line)
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Option<Stretch> {
        self.fill(self.target);
        if let Some(end) = self.last_line_end() {
            return Some(self.take(end));
        }
        let mut searched = self.buffer.len();
        loop {
            // A carriage return at the very end is the line's end, or half of it.
            if self.buffer.strip_suffix(b"\r").unwrap_or(&self.buffer).len() > self.longest {
                return Some(self.discard());
            }
            if self.ended {
                return self.finish();
            }
            self.fill(searched + self.target);
            if let Some(end) = line_end(&self.buffer, searched) {
                return Some(self.take(end));
            }
            searched = self.buffer.len();
        }
    }

    /// Reads until there are so many octets, or no more.
    fn fill(&mut self, octets: usize) {
        let mut filled = self.buffer.len();
        if filled >= octets || self.ended {
            return;
        }
        // All at once and not a little more with each read, which would make the buffer grow and move.
        self.buffer.resize(octets, 0);
        while let Some(room) = self.buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.input.read(room) {
                Ok(0) => self.ended = true,
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error.to_string());
                }
            }
            if self.ended {
                break;
            }
        }
        self.buffer.truncate(filled);
    }

    /// The end of the last line that is known to end.
    fn last_line_end(&self) -> Option<usize> {
        if let Some(newline) = memrchr(b'\n', &self.buffer) {
            return Some(newline + 1);
        }
        // A carriage return at the very end may be half of a line end.
        let (_, before) = self.buffer.split_last()?;
        memrchr(b'\r', before).map(|return_| return_ + 1)
    }

    fn take(&mut self, end: usize) -> Stretch {
        let end = end.min(self.buffer.len());
        let mut rest = Vec::with_capacity(self.target);
        rest.extend_from_slice(self.buffer.get(end..).unwrap_or_default());
        self.buffer.truncate(end);
        let lines = std::mem::replace(&mut self.buffer, rest);
        self.offset += u64::try_from(end).unwrap_or(u64::MAX);
        self.line += count(&lines);
        Stretch::Lines(lines)
    }

    /// What is left when no more comes.
    fn finish(&mut self) -> Option<Stretch> {
        match self.failure.take() {
            Some(problem) => {
                self.buffer.clear();
                Some(Stretch::Torn(problem))
            }
            None if self.buffer.is_empty() => None,
            None => Some(self.take(self.buffer.len())),
        }
    }

    /// Passes over a line without keeping it.
    fn discard(&mut self) -> Stretch {
        let mut octets = 0;
        loop {
            let end = memchr2(b'\n', b'\r', &self.buffer);
            let passed = end.unwrap_or(self.buffer.len());
            octets += u64::try_from(passed).unwrap_or(u64::MAX);
            self.buffer.drain(..passed);
            if end.is_some() || self.ended {
                break;
            }
            self.fill(self.target);
        }
        self.fill(2);
        let end = match *self.buffer {
            [b'\r', b'\n', ..] => 2,
            [] => 0,
            _ => 1,
        };
        self.buffer.drain(..end);
        self.buffer.shrink_to(self.target);
        self.offset += octets + u64::try_from(end).unwrap_or(u64::MAX);
        self.line += 1;
        Stretch::TooLong(octets)
    }
}

/// Where the first line end at or after `from` ends, as far as that can be said: a carriage return at
/// the very end may be half of one.
fn line_end(octets: &[u8], from: usize) -> Option<usize> {
    let from = from.saturating_sub(1); // a carriage return that was the last
    let rest = octets.get(from..)?;
    if let Some(newline) = memchr(b'\n', rest) {
        return Some(from + newline + 1);
    }
    let (_, before) = rest.split_last()?;
    memchr(b'\r', before).map(|return_| from + return_ + 1)
}

/// How many lines end in `octets`.
fn count(octets: &[u8]) -> u64 {
    split(octets).count() as u64
}

/// The lines with their numbers, from 0, and their offsets; line ends are `\n`, `\r\n` and `\r`.
pub(super) fn split(octets: &[u8]) -> impl Iterator<Item = (u64, usize, &[u8])> {
    let mut number = 0;
    let mut offset = 0;
    std::iter::from_fn(move || {
        let rest = octets.get(offset..).filter(|rest| !rest.is_empty())?;
        let end = memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = (number, offset, rest.get(..end)?);
        let ends_twice = rest.get(end..end + 2) == Some(b"\r\n");
        number += 1;
        offset += end + if ends_twice { 2 } else { 1 };
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Hands out a few octets at a time and then fails, if it is to.
    struct Drip {
        octets: Vec<u8>,
        step: usize,
        failure: bool,
    }

    impl Read for Drip {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.step.min(buffer.len()).min(self.octets.len());
            if length == 0 && self.failure && !buffer.is_empty() {
                return Err(io::Error::other("torn"));
            }
            buffer[..length].copy_from_slice(&self.octets[..length]);
            self.octets.drain(..length);
            Ok(length)
        }
    }

    fn pieces(octets: &[u8], step: usize, target: usize, failure: bool) -> Vec<(u64, u64, Stretch)> {
        let input = Drip { octets: octets.to_vec(), step, failure };
        let mut lines = Lines::new(Box::new(input), (target, 20), (0, 0));
        let mut pieces = Vec::new();
        loop {
            let (offset, line) = lines.position();
            match lines.next() {
                Some(piece) => pieces.push((offset, line, piece)),
                None => return pieces,
            }
        }
    }

    #[test]
    fn every_octet_comes_once_however_it_is_read_and_cut() {
        let text = b"one\ntwo\r\n\r\nthree\rfour\r\r\nfive and a bit\n\nsix";
        let whole: Vec<_> = split(text).map(|(_, _, line)| line.to_vec()).collect();
        for target in 1..40 {
            let mut shapes = Vec::new();
            for step in [1, 2, 3, 7, 100] {
                let found = pieces(text, step, target, false);
                let mut all = Vec::new();
                for (offset, line, piece) in &found {
                    let Stretch::Lines(octets) = piece else { panic!("{piece:?}") };
                    assert_eq!(*offset, all.len() as u64);
                    assert_eq!(*line, split(&all).count() as u64, "target {target}");
                    all.extend_from_slice(octets);
                }
                assert_eq!(all, text);
                let lines: Vec<_> = found
                    .iter()
                    .flat_map(|(_, _, piece)| match piece {
                        Stretch::Lines(octets) => {
                            split(octets).map(|(_, _, line)| line.to_vec()).collect::<Vec<_>>()
                        }
                        other => panic!("{other:?}"),
                    })
                    .collect::<Vec<_>>();
                assert_eq!(lines, whole, "target {target}");
                shapes.push(found);
            }
            assert!(shapes.windows(2).all(|pair| pair[0] == pair[1]), "target {target}");
        }
    }

    #[test]
    fn a_reader_that_starts_in_between_cuts_alike() {
        let text: Vec<u8> =
            (0..200u32).flat_map(|n| format!("{}\n", "x".repeat(n as usize % 17)).into_bytes()).collect();
        let all = pieces(&text, 5, 32, false);
        for (index, (offset, line, _)) in all.iter().enumerate() {
            let input =
                Drip { octets: text[usize::try_from(*offset).unwrap()..].to_vec(), step: 9, failure: false };
            let mut lines = Lines::new(Box::new(input), (32, 20), (*offset, *line));
            for (_, _, piece) in &all[index..] {
                assert_eq!(lines.next().as_ref(), Some(piece));
            }
            assert_eq!(lines.next(), None);
        }
    }

    #[test]
    fn a_line_that_is_too_long_costs_itself_only() {
        let text = [b"a\n".as_slice(), &b"x".repeat(1000), b"\r\nb\n"].concat();
        let found = pieces(&text, 64, 8, false);
        assert_eq!(found[0], (0, 0, Stretch::Lines(b"a\n".to_vec())));
        assert_eq!(found[1], (2, 1, Stretch::TooLong(1000)));
        assert_eq!(found[2], (1004, 2, Stretch::Lines(b"b\n".to_vec())));
        assert_eq!(found.len(), 3);
        assert_eq!(pieces(&b"x".repeat(1000), 64, 8, false), [(0, 0, Stretch::TooLong(1000))]);
    }

    #[test]
    fn lines_before_a_tear_are_kept() {
        let found = pieces(b"one\ntwo\nthr", 2, 100, true);
        assert_eq!(
            found,
            [(0, 0, Stretch::Lines(b"one\ntwo\n".to_vec())), (8, 2, Stretch::Torn("torn".into()))]
        );
        assert_eq!(pieces(b"", 2, 100, true), [(0, 0, Stretch::Torn("torn".into()))]);
    }
}
