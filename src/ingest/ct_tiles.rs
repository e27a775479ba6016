//! Data tiles of static certificate logs (C2SP static-ct-api): entries one after the other, their issuers
//! by fingerprint.

use std::collections::HashSet;

use crate::row::{Presented, Row};

use super::ct::{Cursor, Entry, Logged};
use super::{Issuers, Options};

/// Hands the rows of a tile to `gather` and returns what is missing of the issuers, each once.
pub(super) fn rows(
    tile: &[u8],
    options: &Options,
    issuers: &Issuers,
    gather: &mut impl FnMut(Row),
) -> Vec<String> {
    let mut missing = Missing::default();
    let mut cursor = Cursor::new(tile);
    let mut number = 0;
    while !cursor.is_empty() {
        let start = cursor.offset();
        let Some(row) = row(&mut cursor, number, options, issuers, &mut missing) else {
            let problem = format!("no entry of static-ct-api at byte {start}; the rest of the tile is lost");
            gather(Row { problem: Some(problem), ..Row::default() });
            break;
        };
        gather(row);
        number += 1;
    }
    missing.complaints
}

#[derive(Default)]
struct Missing {
    known: HashSet<[u8; 32]>,
    complaints: Vec<String>,
}

fn row(
    cursor: &mut Cursor<'_>,
    number: usize,
    options: &Options,
    issuers: &Issuers,
    missing: &mut Missing,
) -> Option<Row> {
    let entry = Entry::read(cursor)?;
    let leaf = match entry.logged {
        Logged::Certificate(der) => der,
        Logged::Precertificate => cursor.vector(3)?,
    };
    let (fingerprints, []) = cursor.vector(2)?.as_chunks::<32>() else { return None };
    let mut chain = Presented::with_capacity(leaf.len());
    chain.push(leaf);
    for fingerprint in fingerprints {
        match issuers.get(fingerprint) {
            Ok(der) => chain.push(&der),
            Err(problem) if missing.known.insert(*fingerprint) => missing.complaints.push(problem),
            Err(_) => {}
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
        let missing = rows(tile, &Options::default(), issuers, &mut |row| found.push(row));
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
