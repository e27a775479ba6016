//! One row of a scan: the chain that a host presented, and what it is to be judged for.

use crate::time::UnixSeconds;

/// Presented certificates, end entity first, each in DER; octets in one piece, so that a row costs
/// two allocations however long its chain is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Presented {
    octets: Vec<u8>,
    ends: Vec<usize>,
}

impl Presented {
    /// No certificates yet, with room for `capacity` octets.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { octets: Vec::with_capacity(capacity), ends: Vec::with_capacity(4) }
    }

    /// Adds a certificate.
    pub fn push(&mut self, der: &[u8]) {
        self.octets.extend_from_slice(der);
        self.ends.push(self.octets.len());
    }

    /// Adds a certificate that `write` appends to the octets, or nothing if it fails.
    ///
    /// # Errors
    ///
    /// Those of `write`.
    pub fn push_with<E>(&mut self, write: impl FnOnce(&mut Vec<u8>) -> Result<(), E>) -> Result<(), E> {
        let start = self.octets.len();
        match write(&mut self.octets) {
            Ok(()) => {
                self.ends.push(self.octets.len());
                Ok(())
            }
            Err(error) => {
                self.octets.truncate(start);
                Err(error)
            }
        }
    }

    /// The certificates in order.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| self.octets.get(start..end).unwrap_or_default())
    }

    /// How many certificates there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The octets of all of them.
    pub fn octets(&self) -> usize {
        self.octets.len()
    }
}

/// Where a row comes from: what leads from a verdict back to its input.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Origin {
    /// The line in the file, from 1; `None` if a record is not a line.
    pub line: Option<u64>,
    /// The number of the record in its line or document, from 0; in a capture that of the packet, from 1.
    pub entry: Option<u64>,
    /// The address that was spoken to.
    pub ip: Option<String>,
    /// And its port.
    pub port: Option<u16>,
    /// The domain that was scanned.
    pub domain: Option<String>,
    /// The fields of the input that were asked for, in that order; none at all if the record could not be read.
    pub kept: Vec<Option<String>>,
}

/// One row, as a reader found it.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Row {
    /// What the row is called in its source (`192.0.2.7:443 tls`, a file's name), passed through.
    pub key: Option<String>,
    /// What was presented.
    pub chain: Presented,
    /// The reference identity, as text; not yet parsed.
    pub name: Option<String>,
    /// When it was captured; `None` means that the batch's time counts.
    pub at: Option<UnixSeconds>,
    /// Why there is no chain to judge: what is wrong and where (line, byte offset). Such a row gets
    /// the status `input_error`.
    pub problem: Option<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The SignedCertificateTimestampList of the TLS extension.
    pub sct: Option<Box<[u8]>>,
    /// The OCSP response that came along; empty where it is known that none did.
    pub ocsp: Option<Box<[u8]>>,
    /// Why `name` is not one: a URL, a port behind a host. The row gets the status `input_error`, too.
    pub name_problem: Option<String>,
}

impl Row {
    /// The octets that it holds in memory beside itself.
    pub fn octets(&self) -> usize {
        let own = [&self.key, &self.name, &self.problem, &self.origin.ip, &self.origin.domain];
        let texts = own.into_iter().chain(&self.origin.kept).flatten();
        let stapled: usize = [&self.sct, &self.ocsp].into_iter().flatten().map(|octets| octets.len()).sum();
        texts.map(String::len).sum::<usize>() + stapled + self.chain.octets()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_cannot_be_written_leaves_the_others_alone() {
        let mut presented = Presented::with_capacity(8);
        presented.push(b"one");
        let failed = presented.push_with(|octets| {
            octets.extend_from_slice(b"tw");
            Err("torn")
        });
        assert_eq!(failed, Err("torn"));
        presented.push(b"");
        presented.push(b"three");
        assert_eq!(presented.iter().collect::<Vec<_>>(), [b"one".as_slice(), b"", b"three"]);
        assert_eq!(presented.len(), 3);
    }
}
