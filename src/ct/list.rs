//! SignedCertificateTimestampList (RFC 6962 3.3), in TLS's presentation language.

/// A timestamp of version 1 (RFC 6962 3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Sct<'a> {
    pub(super) log_id: [u8; 32],
    /// Milliseconds since 1970.
    pub(super) timestamp: u64,
    pub(super) extensions: &'a [u8],
    /// TLS's numbers of hash and signature algorithm (RFC 5246 7.4.1.4.1).
    pub(super) algorithm: [u8; 2],
    pub(super) signature: &'a [u8],
}

/// What stands in a list.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Entry<'a> {
    V1(Sct<'a>),
    UnknownVersion,
    Malformed,
}

/// The timestamps of a list; `None` if the list itself is broken, or empty, which it may not be.
pub(super) fn entries(octets: &[u8]) -> Option<Vec<Entry<'_>>> {
    let (mut list, rest) = vector(octets)?;
    if !rest.is_empty() || list.is_empty() {
        return None;
    }
    let mut entries = Vec::new();
    while !list.is_empty() {
        let (one, rest) = vector(list)?;
        // opaque SerializedSCT<1..2^16-1>
        if one.is_empty() {
            return None;
        }
        // What comes beyond the budget is not looked at, but has to be there.
        entries.push(entry(one));
        list = rest;
    }
    Some(entries)
}

fn entry(octets: &[u8]) -> Entry<'_> {
    match octets.split_first() {
        Some((0, rest)) => v1(rest).map_or(Entry::Malformed, Entry::V1),
        _ => Entry::UnknownVersion,
    }
}

/// What follows the version; octets left over belong to nothing.
fn v1(octets: &[u8]) -> Option<Sct<'_>> {
    let (log_id, octets) = octets.split_first_chunk::<32>()?;
    let (timestamp, octets) = octets.split_first_chunk::<8>()?;
    let (extensions, octets) = vector(octets)?;
    let (algorithm, octets) = octets.split_first_chunk::<2>()?;
    let (signature, rest) = vector(octets)?;
    rest.is_empty().then_some(Sct {
        log_id: *log_id,
        timestamp: u64::from_be_bytes(*timestamp),
        extensions,
        algorithm: *algorithm,
        signature,
    })
}

/// Octets behind their number in 16 bits, and what follows them.
fn vector(octets: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, octets) = octets.split_first_chunk::<2>()?;
    octets.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sct() -> Vec<u8> {
        let mut sct = vec![0];
        sct.extend([7; 32]);
        sct.extend(1_538_000_000_123u64.to_be_bytes());
        sct.extend([0, 1, 9, 4, 3, 0, 2, 0x30, 0]);
        sct
    }

    fn listed(scts: &[&[u8]]) -> Vec<u8> {
        let length = |octets: &[u8]| u16::try_from(octets.len()).unwrap().to_be_bytes();
        let contents: Vec<u8> = scts.iter().flat_map(|sct| [&length(sct)[..], sct].concat()).collect();
        [&length(&contents)[..], &contents].concat()
    }

    #[test]
    fn a_timestamp_is_read_to_its_end() {
        let listed = listed(&[&sct()]);
        let Some([Entry::V1(sct)]) = entries(&listed).as_deref().map(|all| <[_; 1]>::try_from(all).unwrap())
        else {
            panic!("one timestamp")
        };
        assert_eq!((sct.log_id, sct.timestamp), ([7; 32], 1_538_000_000_123));
        assert_eq!((sct.extensions, sct.algorithm, sct.signature), (&[9][..], [4, 3], &[0x30, 0][..]));
    }

    #[test]
    fn what_is_left_over_or_missing_is_malformed() {
        let whole = sct();
        for end in 1..whole.len() {
            assert_eq!(entries(&listed(&[whole.get(..end).unwrap()])), Some(vec![Entry::Malformed]), "{end}");
        }
        let longer = [&whole[..], &[0]].concat();
        assert_eq!(entries(&listed(&[&longer])), Some(vec![Entry::Malformed]));
        assert_eq!(entries(&listed(&[&[1, 2]])), Some(vec![Entry::UnknownVersion]));
    }

    #[test]
    fn a_broken_list_has_no_timestamps() {
        let list = listed(&[&sct()]);
        for end in 0..list.len() {
            assert_eq!(entries(list.get(..end).unwrap()), None, "{end}");
        }
        assert_eq!(entries(&[&list[..], &[0]].concat()), None);
        assert_eq!(entries(&listed(&[])), None);
        assert_eq!(entries(&listed(&[&[]])), None);
    }
}
