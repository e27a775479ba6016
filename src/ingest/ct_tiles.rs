//! Data tiles of static certificate logs (C2SP static-ct-api): entries one after the other, their issuers
//! by fingerprint.

use std::collections::HashSet;

use crate::batch::{Presented, Row};
use crate::verifier::MAX_PRESENTED;

use super::ct::{Cursor, Entry, SignedEntry};
use super::limits::MAX_CHAIN_OCTETS;
use super::{Issuers, Options};

/// Complaints of one piece; with more of them it ends.
const MAX_MISSING: usize = 1 << 12;
/// Fingerprints that are remembered as missing. Of what is forgotten is complained again.
const MAX_MISSED: usize = 1 << 14;

/// Hands the rows of a tile to `gather` from a place on (octets and entries before it, and the issuers that were
/// missing so far), until that says that it has enough, and returns what is missing of the issuers, each once.
pub(super) fn rows(
    tile: &[u8],
    (offset, number, missed): (&mut usize, &mut u64, &mut HashSet<[u8; 32]>),
    (options, issuers): (&Options, &Issuers),
    gather: &mut impl FnMut(Row) -> bool,
) -> Vec<String> {
    let mut missing = Missing { known: missed, complaints: Vec::new() };
    let mut cursor = Cursor::new(tile);
    let _ = cursor.take(*offset);
    while !cursor.is_empty() {
        let start = cursor.offset();
        let Some(row) = row(&mut cursor, *number, options, issuers, &mut missing) else {
            let problem = format!("no entry of static-ct-api at byte {start}; the rest of the tile is lost");
            gather(Row { problem: Some(problem), ..Row::default() });
            *offset = tile.len();
            return missing.complaints;
        };
        *number += 1;
        if gather(row) || missing.complaints.len() >= MAX_MISSING {
            break;
        }
    }
    *offset = cursor.offset();
    missing.complaints
}

struct Missing<'m> {
    known: &'m mut HashSet<[u8; 32]>,
    complaints: Vec<String>,
}

impl Missing<'_> {
    fn add(&mut self, fingerprint: &[u8; 32], problem: String) {
        if self.known.len() >= MAX_MISSED {
            self.known.clear();
        }
        if self.known.insert(*fingerprint) {
            self.complaints.push(problem);
        }
    }
}

fn row(
    cursor: &mut Cursor<'_>,
    number: u64,
    options: &Options,
    issuers: &Issuers,
    missing: &mut Missing<'_>,
) -> Option<Row> {
    let entry = Entry::read(cursor)?;
    let leaf = match entry.logged {
        SignedEntry::Certificate(der) => der,
        SignedEntry::Precertificate => cursor.vector(3)?,
    };
    let (fingerprints, []) = cursor.vector(2)?.as_chunks::<32>() else { return None };
    let mut chain = Presented::with_capacity(leaf.len());
    chain.push(leaf);
    // With the end entity one more than is judged; and 32 octets may stand for a mebibyte.
    for fingerprint in fingerprints.iter().take(MAX_PRESENTED) {
        match issuers.get(fingerprint) {
            Ok(_) if chain.octets() > MAX_CHAIN_OCTETS => break,
            Ok(der) => chain.push(&der),
            Err(problem) => missing.add(fingerprint, problem),
        }
    }
    let key = entry.index().map_or_else(|| format!("entry {number}"), |index| index.to_string());
    Some(Row {
        key: Some(key),
        chain,
        name: options.name(None),
        at: options.at(Some(entry.at)),
        ..Row::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distinguished_name::hex;
    use crate::ingest::issuers::sha256;

    fn entry(issuer: &[u8]) -> Vec<u8> {
        let mut entry = vec![0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0, 0, 0, 0, 0, 4, 0x30, 2, 5, 0];
        entry.extend([0, 8, 0, 0, 5, 0, 0, 0, 0, 7, 0, 32]);
        entry.extend(sha256(issuer));
        entry
    }

    fn precertificate_entry() -> Vec<u8> {
        let mut entry = vec![0, 0, 1, 0x8b, 0xcf, 0xe5, 0x68, 0, 0, 1];
        entry.extend([9; 32]);
        entry.extend([0, 0, 5, 0x30, 3, 2, 1, 2, 0, 0]);
        entry.extend([0, 0, 5, 0x30, 3, 2, 1, 3, 0, 0]);
        entry
    }

    fn read(tile: &[u8], issuers: &Issuers) -> (Vec<Row>, Vec<String>) {
        let mut found = Vec::new();
        let place = (&mut 0, &mut 0, &mut HashSet::new());
        let missing = rows(tile, place, (&Options::default(), issuers), &mut |row| {
            found.push(row);
            false
        });
        (found, missing)
    }

    #[test]
    fn issuers_come_from_the_table_by_fingerprint() {
        let folder = std::env::temp_dir().join(format!("certpath-issuers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let issuer = [0x30, 3, 2, 1, 1];
        std::fs::write(folder.join(hex(&sha256(&issuer))), issuer).unwrap();
        // A file under a name that is not its fingerprint helps nobody.
        std::fs::write(folder.join(hex(&sha256(b"other"))), b"forged").unwrap();
        let tile = [entry(&issuer), precertificate_entry(), entry(b"other"), entry(b"nowhere")].concat();
        let (found, missing) = read(&tile, &Issuers::in_folder(folder.clone()));
        std::fs::remove_dir_all(&folder).unwrap();
        let chains: Vec<Vec<_>> = found.iter().map(|row| row.chain.iter().collect()).collect();
        assert_eq!(chains[0], [&[0x30, 2, 5, 0][..], &issuer]);
        assert_eq!(chains[1], [[0x30, 3, 2, 1, 3]]);
        assert_eq!((chains[2].len(), chains[3].len(), missing.len()), (1, 1, 2), "{missing:?}");
        assert_eq!((found[0].key.as_deref(), found[0].at), (Some("7"), Some(1_700_000_000)));
        assert_eq!(found[1].key.as_deref(), Some("entry 1"));
    }

    #[test]
    fn a_cut_tile_keeps_the_entries_before_the_cut() {
        let tile = [precertificate_entry(), precertificate_entry()].concat();
        for length in tile.len() / 2 + 1..tile.len() {
            let (found, _) = read(&tile[..length], &Issuers::none());
            assert_eq!((found.len(), found[1].problem.is_some()), (2, true), "{length}");
        }
        assert_eq!(read(&tile, &Issuers::none()).0.len(), 2);
    }
}
