//! Elements in BER, whose lengths may be indefinite (X.690, 8.1.3.6): some programs write PKCS#7 so.

use crate::der::tag;

/// Elements in elements; PKCS#7 has eight.
const DEEPEST: usize = 32;

/// One element: its tag, its contents, and all of its octets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) contents: &'a [u8],
    pub(super) whole: &'a [u8],
}

/// The length of the contents (`None` if indefinite) and of what is before them.
pub(super) fn header(data: &[u8]) -> Option<(Option<usize>, usize)> {
    let [tag, first, octets @ ..] = data else { return None };
    if tag & 0x1f == 0x1f {
        return None;
    }
    if *first < 0x80 {
        return Some((Some(usize::from(*first)), 2));
    }
    let count = usize::from(first & 0x7f);
    if count == 0 {
        return Some((None, 2));
    }
    let mut length = 0usize;
    for &octet in octets.get(..count)? {
        length = length.checked_mul(256)?.checked_add(usize::from(octet))?;
    }
    Some((Some(length), 2 + count))
}

/// The octets of the first element, and how many of them are its end.
fn extent(data: &[u8], depth: usize) -> Option<(usize, usize)> {
    const END: [u8; 2] = [0, 0];
    let (length, start) = header(data)?;
    if let Some(length) = length {
        let whole = start.checked_add(length)?;
        return (whole <= data.len()).then_some((whole, 0));
    }
    let deeper = depth.checked_sub(1)?;
    let mut at = start;
    loop {
        let rest = data.get(at..)?;
        if rest.starts_with(&END) {
            return Some((at + END.len(), END.len()));
        }
        at += extent(rest, deeper)?.0;
    }
}

/// Elements one after the other.
#[derive(Clone, Copy, Debug)]
pub(super) struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    pub(super) fn new(data: &'a [u8]) -> Self {
        Self { rest: data }
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next one.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let &tag = self.rest.first()?;
        let (length, end) = extent(self.rest, DEEPEST)?;
        let (_, start) = header(self.rest)?;
        let (whole, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        Some(Element { tag, contents: whole.get(start..length - end)?, whole })
    }

    /// The contents of the next one, which must have this tag.
    pub(super) fn nested(&mut self, tag: u8) -> Option<Self> {
        self.next().filter(|element| element.tag == tag).map(|element| Self::new(element.contents))
    }
}

/// A SEQUENCE at the start, whatever its length is written like.
pub(super) fn sequence<'a>(elements: &mut Elements<'a>) -> Option<Element<'a>> {
    elements.next().filter(|element| element.tag == tag::SEQUENCE)
}
