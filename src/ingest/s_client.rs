//! What `openssl s_client` prints: connections one after the other, each with the PEM of its chain.

use crate::batch::{Presented, Row};

use super::limits::MAX_SCT_LIST;
use super::records::Records;
use super::{base64, pem_texts};

/// How a connection begins.
const CONNECTED: &[u8] = b"CONNECTED(";
/// Before it, since OpenSSL 3.2: with whom.
const CONNECTING: &[u8] = b"Connecting to ";

/// The offsets at which connections begin.
pub(super) fn connections(text: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(text, CONNECTED)
        .filter(|&at| at == 0 || matches!(text.get(at - 1), Some(b'\n' | b'\r')))
}

/// A row for each connection.
pub(super) fn rows(text: &[u8], records: &mut Records<'_>) {
    let starts: Vec<usize> = connections(text).take(super::records::MAX_RECORDS + 1).collect();
    let ends = starts.iter().skip(1).copied().chain([text.len()]);
    for (index, (&start, end)) in starts.iter().zip(ends).enumerate() {
        let before = if index == 0 { 0 } else { starts.get(index - 1).copied().unwrap_or(0) };
        let intro = text.get(before..start).unwrap_or_default();
        let session = text.get(start..end).unwrap_or_default();
        let options = records.options();
        records.add(None, |rows| {
            let ip = line_behind(last_line(intro), CONNECTING);
            let mut row = Row { key: Some(format!("connection {}", index + 1)), ..Row::default() };
            row.name = options.name(None);
            row.sct = timestamps(session).filter(|_| options.scts);
            row.origin.ip = ip.filter(|ip| ip.parse::<std::net::IpAddr>().is_ok());
            match chain(session) {
                Ok(chain) => row.chain = chain,
                Err(problem) => row.problem = Some(problem),
            }
            rows.push(row);
        });
    }
}

/// The last line that says something.
fn last_line(text: &[u8]) -> &[u8] {
    let mut lines = text.rsplit(|&octet| octet == b'\n' || octet == b'\r');
    lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default()
}

fn line_behind(line: &[u8], start: &[u8]) -> Option<String> {
    let rest = line.trim_ascii().strip_prefix(start)?;
    String::from_utf8(rest.to_vec()).ok()
}

/// What `-serverinfo 18` prints: the extension of the ServerHello with the list of timestamps (RFC 6962 3.3.1).
fn timestamps(session: &[u8]) -> Option<Box<[u8]>> {
    const BEGIN: &[u8] = b"-----BEGIN SERVERINFO FOR EXTENSION 18-----";
    let start = memchr::memmem::find(session, BEGIN)? + BEGIN.len();
    let behind = session.get(start..)?;
    let text = behind.get(..memchr::memmem::find(behind, b"-----END ")?)?;
    let text: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let extension = base64::decode(std::str::from_utf8(&text).ok()?).ok()?;
    // Its number and its length.
    let list = extension.get(4..)?;
    Some(list.get(..MAX_SCT_LIST).unwrap_or(list).into())
}

/// The certificates of a connection; none if there is no PEM at all.
fn chain(session: &[u8]) -> Result<Presented, String> {
    if !super::text::holds(session, b"-----BEGIN ") {
        return Ok(Presented::default());
    }
    let mut chain = Presented::default();
    pem_texts::push(&mut chain, &String::from_utf8_lossy(session))?;
    Ok(chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::Options;

    #[test]
    fn each_connection_is_a_row() {
        let pem = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
        let text = format!(
            "Connecting to 192.0.2.7\nCONNECTED(00000003)\n---\n{pem}{pem}---\nConnecting to 2001:db8::1\n\
             CONNECTED(00000003)\nno peer certificate available\nCONNECTED(00000003)\n{}",
            pem.replace("MAM", "M!M")
        );
        let options = Options::default();
        let mut records = Records::new(&options);
        rows(text.as_bytes(), &mut records);
        let found: Vec<_> = records
            .rows
            .iter()
            .map(|row| (row.chain.len(), row.origin.ip.as_deref(), row.problem.is_some()))
            .collect();
        assert_eq!(found, [(2, Some("192.0.2.7"), false), (0, Some("2001:db8::1"), false), (0, None, true)]);
        assert_eq!((records.count, records.skipped), (3, 0));
        assert!(records.rows.iter().all(|row| row.sct.is_none()));
    }

    #[test]
    fn timestamps_that_were_asked_for_are_read() {
        let info = |label: &str, contents: &str| {
            format!(
                "-----BEGIN SERVERINFO FOR {label}-----\n{contents}\n-----END SERVERINFO FOR {label}-----\n"
            )
        };
        let pem = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
        let with = info("EXTENSION 18", "ABIA\nAwQFBg==");
        let cases = [
            (with.as_str(), true, Some([4, 5, 6].as_slice()), 1),
            (&with, false, None, 1),
            (&info("EXTENSION 5", "AAUAAA=="), true, None, 1),
            (&info("EXTENSION 18", "A!"), true, None, 1),
            // PEM that does not end is not read, whatever stands behind it.
            ("-----BEGIN SERVERINFO FOR EXTENSION 18-----\nABI", true, None, 0),
        ];
        for (info, scts, expected, certificates) in cases {
            let options = Options { scts, ..Options::default() };
            let mut records = Records::new(&options);
            rows(format!("CONNECTED(00000003)\n{info}---\n{pem}").as_bytes(), &mut records);
            let row = &records.rows[0];
            assert_eq!((row.sct.as_deref(), row.chain.len()), (expected, certificates), "{info}");
        }
    }
}
