//! The structures of certificate logs (RFC 6962 3.4; C2SP static-ct-api).

use crate::batch::Presented;
use crate::time::UnixSeconds;

/// Reads numbers and vectors from front to back.
pub(super) struct Cursor<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(octets: &'a [u8]) -> Self {
        Self { octets, offset: 0 }
    }

    /// Octets read so far.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    pub(super) fn is_empty(&self) -> bool {
        self.offset >= self.octets.len()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let end = self.offset.checked_add(length)?;
        let taken = self.octets.get(self.offset..end)?;
        self.offset = end;
        Some(taken)
    }

    /// An unsigned number of so many octets, eight at the most.
    pub(super) fn number(&mut self, octets: usize) -> Option<u64> {
        Some(self.take(octets)?.iter().fold(0, |number, &octet| number << 8 | u64::from(octet)))
    }

    /// A vector behind its length, which takes so many octets.
    pub(super) fn vector(&mut self, length_octets: usize) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number(length_octets)?).ok()?;
        self.take(length)
    }
}

/// What a log has signed for.
pub(super) enum SignedEntry<'a> {
    /// A certificate.
    Certificate(&'a [u8]),
    /// The hash of the issuer's key, and the TBSCertificate of a precertificate without its poison, which
    /// carries no signature: the precertificate itself stands elsewhere.
    Precertificate,
}

/// A TimestampedEntry.
pub(super) struct Entry<'a> {
    pub(super) at: UnixSeconds,
    pub(super) logged: SignedEntry<'a>,
    pub(super) extensions: &'a [u8],
}

impl<'a> Entry<'a> {
    pub(super) fn read(cursor: &mut Cursor<'a>) -> Option<Self> {
        let milliseconds = cursor.number(8)?;
        let logged = match cursor.number(2)? {
            0 => SignedEntry::Certificate(cursor.vector(3)?),
            1 => {
                cursor.take(32)?;
                cursor.vector(3)?;
                SignedEntry::Precertificate
            }
            _ => return None,
        };
        let extensions = cursor.vector(2)?;
        Some(Self { at: UnixSeconds::try_from(milliseconds / 1_000).ok()?, logged, extensions })
    }

    /// The leaf_index of static-ct-api: type 0, five octets.
    pub(super) fn index(&self) -> Option<u64> {
        let mut cursor = Cursor::new(self.extensions);
        while !cursor.is_empty() {
            let kind = cursor.number(1)?;
            let value = cursor.vector(2)?;
            if kind == 0 && value.len() == 5 {
                return Cursor::new(value).number(5);
            }
        }
        None
    }
}

/// Adds the certificates of a list in which each stands behind its length.
pub(super) fn push_chain(chain: &mut Presented, list: &[u8]) -> Option<()> {
    let mut cursor = Cursor::new(list);
    while !cursor.is_empty() {
        chain.push(cursor.vector(3)?);
    }
    Some(())
}
