//! How large the pages of a Parquet file become in memory, by their headers, before any is unpacked: the library
//! takes whatever a header says, and a page of gzip may hold more than that. And whether they hold as many values
//! as is promised.
//!
//! Headers are Thrift's compact protocol (parquet-format, README "Data Pages"). The library reads them for itself alone.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use ::parquet::basic::Compression;
use ::parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use flate2::read::MultiGzDecoder;

/// Octets of one page, unpacked. Writers aim at one MiB and end a page with the value that goes beyond.
pub(crate) const MAX_PAGE: u64 = 64 << 20;
/// Octets of the largest pages of all columns of a row group together: those are in memory at once.
pub(crate) const MAX_PAGES: u64 = 128 << 20;
/// Items of lists in one page: a mebibyte of them at a bit each.
pub(crate) const MAX_ITEMS: u64 = 8 << 20;
/// Items that a row of a row group may have on average, beyond those of one page. Chains have a handful.
pub(crate) const MAX_ITEMS_PER_ROW: u64 = 64;
/// Structs in structs of a header: there are three.
const DEEPEST: usize = 8;

/// What a header says of its page.
#[derive(Debug, Default, Eq, PartialEq)]
struct Header {
    is_dictionary: bool,
    unpacked: u64,
    stored: u64,
    values: u64,
    /// Octets before those that are compressed.
    levels: u64,
}

/// Why the columns of a row group are not read; `wanted` says which of them are.
///
/// # Errors
///
/// What is larger than can be, that values are missing or left over, or that a header cannot be read.
pub(super) fn check(
    file: &File,
    number: usize,
    group: &RowGroupMetaData,
    wanted: &dyn Fn(usize) -> bool,
) -> Result<(), String> {
    let rows = u64::try_from(group.num_rows()).unwrap_or(0);
    let mut largest = 0_u64;
    for (_, column) in group.columns().iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let name = column.column_path().string();
        let place = || format!("row group {}, column {name}", number + 1);
        let (dictionary, data) = walk(file, column, rows).map_err(|said| format!("{}: {said}", place()))?;
        largest = largest.saturating_add(dictionary).saturating_add(data);
        if largest > MAX_PAGES {
            return Err(format!("{}: pages of more than {MAX_PAGES} bytes at once", place()));
        }
    }
    Ok(())
}

/// The octets of the largest dictionary and of the largest other page of a column.
fn walk(file: &File, column: &ColumnChunkMetaData, rows: u64) -> Result<(u64, u64), String> {
    let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
    let bounds = u64::try_from(start).ok().zip(u64::try_from(column.compressed_size()).ok());
    let (start, length) = bounds.ok_or("its place is negative")?;
    let descriptor = column.column_descr();
    let is_list = descriptor.max_rep_level() > 0;
    let mut reader = BufReader::with_capacity(512, file);
    let io = |error: io::Error| format!("a page header cannot be read: {error}");
    let (mut dictionary, mut data, mut items, mut values) = (0, 0, 0_u64, 0_u64);
    let mut at = start;
    let end = start.saturating_add(length);
    while at < end {
        reader.seek(SeekFrom::Start(at)).map_err(io)?;
        let mut header_octets = Counted { input: &mut reader, octets: 0 };
        let header = read_header(&mut header_octets).map_err(io)?;
        at = at.saturating_add(header_octets.octets);
        if header.stored > end.saturating_sub(at) {
            return Err("a page is longer than its column".to_owned());
        }
        let mut unpacked = header.unpacked.max(header.stored);
        if matches!(column.compression(), Compression::GZIP(_)) && header.stored > header.levels {
            reader.seek(SeekFrom::Start(at.saturating_add(header.levels))).map_err(io)?;
            let packed = reader.by_ref().take(header.stored - header.levels);
            let limit = header.unpacked.min(MAX_PAGE).saturating_add(1);
            // What is not gzip is for the library to say.
            let real = io::copy(&mut MultiGzDecoder::new(packed).take(limit), &mut io::sink()).unwrap_or(0);
            if real >= limit {
                unpacked = real.max(unpacked);
                if header.unpacked <= MAX_PAGE {
                    return Err("a page holds more than its header says".to_owned());
                }
            }
        }
        if unpacked > MAX_PAGE {
            return Err(format!(
                "a page of {unpacked} bytes, more than the {MAX_PAGE} that are read at once"
            ));
        }
        if is_list {
            items = items.saturating_add(header.values);
            let most = rows.saturating_mul(MAX_ITEMS_PER_ROW).saturating_add(MAX_ITEMS);
            if header.values > MAX_ITEMS || items > most {
                return Err(format!(
                    "lists of {} items, more than {MAX_ITEMS} are read at once",
                    header.values
                ));
            }
        }
        let kind = if header.is_dictionary { &mut dictionary } else { &mut data };
        *kind = unpacked.max(*kind);
        values = values.saturating_add(if header.is_dictionary { 0 } else { header.values });
        at = at.saturating_add(header.stored);
    }
    // The library reads as many as the metadata says, and passes over the rest without a word.
    if u64::try_from(column.num_values()).ok() != Some(values) {
        return Err(format!("pages of {values} values; its metadata says {}", column.num_values()));
    }
    Ok((dictionary, data))
}

struct Counted<R> {
    input: R,
    octets: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.octets = self.octets.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn octet(input: &mut dyn Read) -> io::Result<u8> {
    let mut one = [0];
    input.read_exact(&mut one)?;
    Ok(one[0])
}

/// An unsigned number of seven bits an octet, the least first.
fn varint(input: &mut dyn Read) -> io::Result<u64> {
    let mut number = 0_u64;
    for shift in (0..63).step_by(7) {
        let next = octet(input)?;
        number |= u64::from(next & 0x7f) << shift;
        if next & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(bad("a number that does not end"))
}

/// A signed number that must not be negative.
fn count(input: &mut dyn Read) -> io::Result<u64> {
    match varint(input)? {
        number if number & 1 == 0 => Ok(number >> 1),
        _ => Err(bad("a negative number")),
    }
}

fn skip(input: &mut dyn Read, octets: u64) -> io::Result<()> {
    match io::copy(&mut input.take(octets), &mut io::sink())? {
        passed if passed == octets => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

const BINARY: u8 = 8;
const STRUCT: u8 = 12;

/// Passes over a value; of a boolean outside of lists the type says all.
fn pass(input: &mut dyn Read, kind: u8, in_list: bool, depth: usize) -> io::Result<()> {
    match kind {
        1 | 2 if !in_list => Ok(()),
        1..=3 => skip(input, 1),
        4..=6 => varint(input).map(drop),
        7 => skip(input, 8),
        BINARY => {
            let length = varint(input)?;
            skip(input, length)
        }
        9 | 10 => {
            let head = octet(input)?;
            let length = if head >> 4 == 15 { varint(input)? } else { u64::from(head >> 4) };
            (0..length).try_for_each(|_| pass(input, head & 15, true, depth))
        }
        STRUCT if depth < DEEPEST => fields(input, |input, _, kind| pass(input, kind, false, depth + 1)),
        _ => Err(bad("a field of an unknown type")),
    }
}

/// Hands the fields of a struct to `take`, which reads each: number and type.
fn fields(
    input: &mut dyn Read,
    mut take: impl FnMut(&mut dyn Read, i64, u8) -> io::Result<()>,
) -> io::Result<()> {
    let mut number = 0_i64;
    loop {
        let head = octet(input)?;
        if head == 0 {
            return Ok(());
        }
        number = match head >> 4 {
            0 => {
                let zigzag = varint(input)?;
                i64::try_from(zigzag >> 1).unwrap_or(i64::MAX) ^ -i64::from(zigzag & 1 == 1)
            }
            delta => number.saturating_add(i64::from(delta)),
        };
        take(input, number, head & 15)?;
    }
}

const I32: u8 = 5;

/// PageHeader of parquet.thrift.
fn read_header(input: &mut dyn Read) -> io::Result<Header> {
    let mut header = Header::default();
    fields(input, |input, number, kind| {
        match (number, kind) {
            (1, I32) => header.is_dictionary = count(input)? == 2,
            (2, I32) => header.unpacked = count(input)?,
            (3, I32) => header.stored = count(input)?,
            // data_page_header, dictionary_page_header, data_page_header_v2
            (5 | 7 | 8, STRUCT) => fields(input, |input, inner, kind| {
                match (inner, kind) {
                    (1, I32) => header.values = count(input)?,
                    (5 | 6, I32) if number == 8 => {
                        header.levels = header.levels.saturating_add(count(input)?);
                    }
                    _ => pass(input, kind, false, 1)?,
                }
                Ok(())
            })?,
            _ => pass(input, kind, false, 0)?,
        }
        Ok(())
    })?;
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// type 0, unpacked 1000, stored 60, crc, data_page_header {values 7, …, statistics {max "ab"}}
    const DATA: &[u8] = &[
        0x15, 0, 0x15, 0xd0, 0x0f, 0x15, 0x78, 0x15, 2, 0x1c, 0x15, 14, 0x15, 0, 0x2c, 0x18, 2, b'a', b'b',
        0, 0, 0,
    ];

    #[test]
    fn a_header_says_how_large_its_page_is() {
        let header = read_header(&mut &*DATA).unwrap();
        let expected = Header { unpacked: 1000, stored: 60, values: 7, ..Header::default() };
        assert_eq!(header, expected);
    }

    #[test]
    fn a_header_that_is_none_is_an_error_and_no_panic() {
        for length in 0..DATA.len() {
            assert!(read_header(&mut &DATA[..length]).is_err(), "{length}");
        }
        for position in 0..DATA.len() {
            for value in 0..=255 {
                let mut mutant = DATA.to_vec();
                mutant[position] = value;
                let _ = read_header(&mut &*mutant);
            }
        }
        assert!(read_header(&mut [0x1c_u8; 10_000].as_slice()).is_err());
        assert!(read_header(&mut [0x19_u8, 0xf1, 0xff, 0xff, 0xff, 0x7f].as_slice()).is_err());
    }
}
