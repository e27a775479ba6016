//! nameConstraints (RFC 5280 4.2.1.10).

use crate::der::{self, Reader, tag};

use super::super::general_name::GeneralName;

/// RFC 5280 4.2.1.10, well-formed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NameConstraints<'a> {
    /// The contents of the SEQUENCE, for webpki.
    pub(crate) contents: &'a [u8],
    permitted: &'a [u8],
    excluded: &'a [u8],
    pub(crate) subtree_count: usize,
}

/// A GeneralSubtree.
#[derive(Debug)]
pub(crate) struct Subtree<'a> {
    pub(crate) base: GeneralName<'a>,
    /// RFC 5280 4.2.1.10: minimum must be 0, maximum absent.
    pub(crate) bounds_valid: bool,
    /// Whether a minimum is written down, which DER leaves out where it is 0 (X.690 11.5).
    pub(crate) minimum_written: bool,
}

impl<'a> NameConstraints<'a> {
    pub(super) fn parse(value: &'a [u8]) -> Option<Self> {
        let contents = Reader::new(value).read(tag::SEQUENCE)?;
        let mut reader = Reader::new(contents);
        let permitted = reader.optional(tag::constructed(0))?.unwrap_or(&[]);
        let excluded = reader.optional(tag::constructed(1))?.unwrap_or(&[]);
        reader.end()?;
        let mut subtree_count = 0;
        for list in [permitted, excluded] {
            let mut reader = Reader::new(list);
            while !reader.is_empty() {
                Subtree::parse(&mut reader)?;
                subtree_count += 1;
            }
        }
        Some(Self { contents, permitted, excluded, subtree_count })
    }

    /// Whether there is no subtree at all, or a list that is there and empty.
    pub(crate) fn has_empty_list(&self) -> bool {
        let mut reader = Reader::new(self.contents);
        let mut lists = 0;
        while let Some(list) = reader.any() {
            if list.contents.is_empty() {
                return true;
            }
            lists += 1;
        }
        lists == 0
    }

    pub(crate) fn permitted(&self) -> impl Iterator<Item = Subtree<'a>> + use<'a> {
        subtrees(self.permitted)
    }

    pub(crate) fn excluded(&self) -> impl Iterator<Item = Subtree<'a>> + use<'a> {
        subtrees(self.excluded)
    }
}

fn subtrees(list: &[u8]) -> impl Iterator<Item = Subtree<'_>> {
    let mut reader = Reader::new(list);
    std::iter::from_fn(move || Subtree::parse(&mut reader))
}

impl<'a> Subtree<'a> {
    fn parse(reader: &mut Reader<'a>) -> Option<Self> {
        let mut subtree = reader.nested(tag::SEQUENCE)?;
        let base = GeneralName::parse(&mut subtree)?;
        let minimum = match subtree.optional(tag::context(0))? {
            Some(minimum) => Some(der::integer(minimum)?),
            None => None,
        };
        let maximum = match subtree.optional(tag::context(1))? {
            Some(maximum) => Some(der::integer(maximum)?),
            None => None,
        };
        subtree.end()?;
        let bounds_valid = maximum.is_none() && minimum.is_none_or(|minimum| minimum == [0]);
        Some(Self { base, bounds_valid, minimum_written: minimum.is_some() })
    }
}
