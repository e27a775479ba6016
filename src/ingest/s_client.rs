//! What `openssl s_client` prints: connections one after the other, each with the PEM of its chain.

use crate::batch::{Presented, Row};

use super::pem_texts;
use super::records::Records;

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
    }
}
