//! JSON lines of certstream and of tlsx.

use crate::batch::{Origin, Presented, Row};
use crate::time::parse_rfc3339;

use super::json::{List, Text, object};
use super::{NameSource, Options, base64, json, pem_texts, shortened};

const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;

object! {
    /// A message of certstream.
    Message {
        kind: Text<'a> = "message_type",
        data: Update<'a> = "data",
    }
}

object! {
    /// A new certificate.
    Update {
        leaf: SignedEntry<'a> = "leaf_cert",
        chain: List<SignedEntry<'a>, MAX_CHAIN> = "chain",
        index: Text<'a> = "cert_index",
    }
}

object! {
    /// A certificate of the message.
    SignedEntry {
        der: Text<'a> = "as_der",
    }
}

object! {
    /// A line of tlsx.
    Probe {
        host: Text<'a> = "host",
        ip: Text<'a> = "ip",
        port: Text<'a> = "port",
        sni: Text<'a> = "sni",
        timestamp: Text<'a> = "timestamp",
        certificate: Text<'a> = "certificate",
        chain: List<Sent<'a>, MAX_CHAIN> = "chain",
    }
}

object! {
    /// A further certificate of the same.
    Sent {
        certificate: Text<'a> = "certificate",
    }
}

/// The row of one message of certstream.
///
/// # Errors
///
/// The offset in `line` at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn certstream(line: &[u8], options: &Options, rows: &mut Vec<Row>) -> Result<(), (usize, String)> {
    let message: Message<'_> = json::read(line)?;
    let update = &message.data;
    let mut row = Row { key: update.index.filled().map(shortened), ..Row::default() };
    row.name = options.name(None);
    if update.leaf.der.filled().is_none() {
        if message.kind.as_str() == Some("certificate_update") {
            row.problem =
                Some("no as_der: the stream without certificates, or lite; take the full one".to_owned());
            rows.push(row);
        }
        return Ok(()); // a heartbeat
    }
    let all = std::iter::once(&update.leaf).chain(&update.chain.items).map(|logged| &logged.der);
    match base64::chain(all, ("line", line)) {
        Ok(chain) => row.chain = chain,
        Err(problem) => row.problem = Some(problem),
    }
    rows.push(row);
    Ok(())
}

/// The row of one line of tlsx.
///
/// # Errors
///
/// The offset in `line` at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn tlsx(line: &[u8], options: &Options, rows: &mut Vec<Row>) -> Result<(), (usize, String)> {
    let probe: Probe<'_> = json::read(line)?;
    if probe.certificate.filled().is_none() {
        return Ok(()); // without -cert, or no connection
    }
    let (host, ip) = (probe.host.filled(), probe.ip.filled());
    let found = match options.names {
        NameSource::Auto => probe.sni.filled().or(host).or(ip),
        NameSource::Domain => host,
        NameSource::Sni => probe.sni.filled(),
        NameSource::Ip => ip,
        NameSource::None => None,
    };
    let address = host.or(ip).unwrap_or("?");
    let key = probe.port.filled().map_or_else(|| address.to_owned(), |port| format!("{address}:{port}"));
    let mut row = Row { key: Some(shortened(&key)), name: options.name(found), ..Row::default() };
    row.origin = Origin {
        ip: ip.map(shortened),
        port: probe.port.filled().and_then(|port| port.parse().ok()),
        domain: host.map(shortened),
        ..Origin::default()
    };
    match parts(&probe, options) {
        Ok((chain, at)) => (row.chain, row.at) = (chain, at),
        Err(problem) => row.problem = Some(problem),
    }
    rows.push(row);
    Ok(())
}

fn parts(probe: &Probe<'_>, options: &Options) -> Result<(Presented, Option<i64>), String> {
    let at = match probe.timestamp.filled() {
        Some(text) => Some(parse_rfc3339(text).ok_or("the timestamp is not a time (RFC 3339)")?),
        None => None,
    };
    let sent = probe.chain.items.iter().map(|sent| &sent.certificate);
    let chain = pem_texts::chain(std::iter::once(&probe.certificate).chain(sent))?;
    Ok((chain, options.at(at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_certstream_is_a_row_and_a_heartbeat_is_none() {
        let mut found = Vec::new();
        let line = br#"{"message_type":"certificate_update","data":{"cert_index":7,"leaf_cert":{"as_der":"MAIFAA=="},"chain":[{"as_der":"MAMCAQE="}]}}"#;
        certstream(line, &Options::default(), &mut found).unwrap();
        certstream(br#"{"message_type":"heartbeat"}"#, &Options::default(), &mut found).unwrap();
        assert_eq!((found.len(), found[0].chain.len(), found[0].key.as_deref()), (1, 2, Some("7")));
    }

    #[test]
    fn a_line_of_tlsx_is_a_row_if_it_has_a_certificate() {
        let mut found = Vec::new();
        let pem = r"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
        let line = format!(
            r#"{{"timestamp":"2026-01-02T03:04:05Z","host":"a.example","ip":"192.0.2.7","port":"443","certificate":"{pem}","chain":[{{"certificate":"{pem}"}}]}}"#
        );
        tlsx(line.as_bytes(), &Options::default(), &mut found).unwrap();
        tlsx(br#"{"host":"a.example"}"#, &Options::default(), &mut found).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].key.as_deref(), Some("a.example:443"));
        assert_eq!((found[0].name.as_deref(), found[0].at), (Some("a.example"), Some(1_767_323_045)));
        assert_eq!(found[0].chain.len(), 2);
        tlsx(line.replace("MAMCAQE=", "M!").as_bytes(), &Options::default(), &mut found).unwrap();
        assert!(found[1].problem.as_ref().is_some_and(|problem| problem.starts_with("certificate 0: ")));
    }
}
