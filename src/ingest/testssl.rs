//! testssl.sh's findings, as JSON (flat or pretty) and as CSV: of each server the certificates among them.

use crate::batch::{Origin, Presented, Row};
use crate::time::UnixSeconds;

use super::json::{List, Text, object};
use super::records::Records;
use super::{Field, NameSource, Options, items, json, pem_texts};

/// Findings that are read of one section of a server.
const MAX_FINDINGS: usize = 10_000;
const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;
/// How the CSV begins.
const HEADER: &[u8] = b"\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\"";

object! {
    /// A finding of the flat JSON.
    Finding {
        id: Text<'a> = "id",
        place: Text<'a> = "ip",
        port: Text<'a> = "port",
        text: Text<'a> = "finding",
    }
}

object! {
    /// A server of the pretty JSON.
    Server {
        host: Text<'a> = "targetHost",
        ip: Text<'a> = "ip",
        port: Text<'a> = "port",
        defaults: List<Finding<'a>, MAX_FINDINGS> = "serverDefaults",
    }
}

/// Whether a text begins as the CSV does.
pub(super) fn is_csv(start: &[u8]) -> bool {
    start.starts_with(HEADER)
}

/// The rows of a JSON document.
///
/// # Errors
///
/// The offset at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn json_rows(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    let options = records.options();
    let flat = super::text::text_start(text).starts_with(b"[");
    if flat {
        let mut servers = Servers::new(records, None);
        let read = items::each(text, &[], &mut |item| {
            let Ok(one) = json::read::<Finding<'_>>(item.as_bytes()) else { return };
            let part = |text: &Text<'_>| text.as_str().unwrap_or_default().to_owned();
            let place = Place::of(one.place.as_str().unwrap_or_default(), one.port.as_str());
            servers.finding(&place, &part(&one.id), &part(&one.text), |fields| {
                super::kept::of(item.as_bytes(), fields)
            });
        });
        servers.end();
        return read;
    }
    let at = items::text_at(text, "startTime").and_then(|text| text.parse().ok());
    items::each(text, &["scanResult"], &mut |item| {
        let Ok(server) = json::read::<Server<'_>>(item.as_bytes()) else { return };
        let place = Place {
            domain: server.host.filled().map(str::to_owned),
            ip: server.ip.filled().map(str::to_owned),
            port: server.port.filled().map(str::to_owned),
        };
        let mut own = Records::new(options);
        let mut one = Servers::new(&mut own, at);
        for finding in &server.defaults.items {
            let text = |text: &Text<'_>| text.as_str().unwrap_or_default().to_owned();
            one.finding(&place, &text(&finding.id), &text(&finding.text), |_| Vec::new());
        }
        one.end();
        records.add(Some(item), |rows| {
            rows.extend(own.rows.into_iter().map(|mut row| {
                row.origin.entry = None;
                row
            }));
        });
    })
}

/// The rows of the CSV.
///
/// # Errors
///
/// The offset at which it is not one, and what is wrong there.
pub(super) fn csv_rows(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text);
    let headers = reader.byte_headers().map_err(|error| (0, error.to_string()))?.clone();
    let mut servers = Servers::new(records, None);
    let mut record = csv::ByteRecord::new();
    // Octets are read whatever they are, so nothing can go wrong but the end.
    while reader.read_byte_record(&mut record).unwrap_or(false) {
        let part =
            |number: usize| String::from_utf8_lossy(record.get(number).unwrap_or_default()).into_owned();
        let place = Place::of(&part(1), Some(&part(2)));
        servers.finding(&place, &part(0), &part(4), |fields| {
            let value = |field: &Field| {
                let column = headers.iter().position(|header| header == field.path().as_bytes())?;
                record.get(column).map(|value| String::from_utf8_lossy(value).into_owned())
            };
            fields.iter().map(value).collect()
        });
    }
    servers.end();
    Ok(())
}

/// A server.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
struct Place {
    domain: Option<String>,
    ip: Option<String>,
    port: Option<String>,
}

impl Place {
    /// `www.example.org/192.0.2.7`, as flat JSON and CSV have it.
    fn of(place: &str, port: Option<&str>) -> Self {
        let (domain, ip) = place.rsplit_once('/').unwrap_or((place, ""));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self { domain: some(domain), ip: some(ip), port: port.and_then(some) }
    }

    fn row(&self, options: &Options) -> Row {
        let (domain, ip) = (self.domain.as_deref(), self.ip.as_deref());
        let name = match options.names {
            NameSource::Auto | NameSource::Domain | NameSource::Sni => domain.or(ip),
            NameSource::Ip => ip,
            NameSource::None => None,
        };
        let address = domain.or(ip).unwrap_or("?");
        let key = self.port.as_ref().map_or_else(|| address.to_owned(), |port| format!("{address}:{port}"));
        let origin = Origin {
            ip: self.ip.clone(),
            port: self.port.as_ref().and_then(|port| port.parse().ok()),
            domain: self.domain.clone(),
            ..Origin::default()
        };
        Row { key: Some(key), name: options.name(name), origin, ..Row::default() }
    }
}

/// Findings come one after the other, those of a server together: its end entities, and behind each what was sent
/// with it.
struct Servers<'r, 'o> {
    records: &'r mut Records<'o>,
    at: Option<UnixSeconds>,
    place: Option<Place>,
    /// The rows of the server.
    rows: Vec<Row>,
}

impl<'r, 'o> Servers<'r, 'o> {
    fn new(records: &'r mut Records<'o>, at: Option<UnixSeconds>) -> Self {
        Self { records, at, place: None, rows: Vec::new() }
    }

    fn finding(
        &mut self,
        place: &Place,
        id: &str,
        finding: &str,
        kept: impl FnOnce(&[Field]) -> Vec<Option<String>>,
    ) {
        if self.place.as_ref() != Some(place) {
            self.end();
            self.place = Some(place.clone());
        }
        // `cert`, or `cert <hostCert#2>` where a server has several; `intermediate_cert <#1>`, from the second on.
        let is = |word: &str| id == word || id.strip_prefix(word).is_some_and(|rest| rest.starts_with(" <"));
        if is("cert") {
            if self.rows.len() >= super::records::MAX_RECORDS {
                return;
            }
            let options = self.records.options();
            let mut row = place.row(options);
            row.at = options.at(self.at);
            row.origin.kept = kept(&options.keep);
            add(&mut row, finding);
            self.rows.push(row);
        } else if let Some(row) = self.rows.last_mut().filter(|_| is("intermediate_cert")) {
            add(row, finding);
        }
    }

    /// The server's findings are at their end.
    fn end(&mut self) {
        if self.place.take().is_some() {
            let rows = std::mem::take(&mut self.rows);
            self.records.add(None, |all| all.extend(rows));
        }
    }
}

fn add(row: &mut Row, finding: &str) {
    if row.problem.is_some() || row.chain.len() >= MAX_CHAIN {
        return;
    }
    let number = row.chain.len();
    if let Err(problem) = pem_texts::push(&mut row.chain, &pem_texts::on_lines(finding)) {
        row.chain = Presented::default();
        row.problem = Some(format!("certificate {number}: {problem}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE----- MAMCAQE= -----END CERTIFICATE-----";

    fn check(read: impl FnOnce(&mut Records<'_>) -> Result<(), (usize, String)>, at: Option<i64>) {
        let options = Options::default();
        let mut records = Records::new(&options);
        read(&mut records).unwrap();
        let found: Vec<_> = records
            .rows
            .iter()
            .map(|row| (row.key.as_deref().unwrap(), row.chain.len(), row.problem.is_some(), row.at))
            .collect();
        let (a, b) = ("a.example:443", "b.example:8443");
        assert_eq!(found, [(a, 2, false, at), (a, 1, false, at), (b, 0, true, at)]);
        assert_eq!((records.count, records.skipped), (3, 1));
        assert_eq!(records.rows[0].origin.ip.as_deref(), Some("192.0.2.7"));
    }

    fn findings() -> Vec<(&'static str, &'static str, &'static str, String)> {
        let (a, b, c) = ("a.example/192.0.2.7", "b.example/192.0.2.8", "c.example/192.0.2.9");
        vec![
            (a, "443", "cert_numbers", "2".to_owned()),
            (a, "443", "cert <hostCert#1>", PEM.to_owned()),
            (a, "443", "cert_trust <hostCert#1>", "Ok".to_owned()),
            (a, "443", "intermediate_cert <#1> <hostCert#1>", PEM.to_owned()),
            (a, "443", "cert <hostCert#2>", PEM.to_owned()),
            (c, "443", "service", "HTTP".to_owned()),
            (b, "8443", "cert", PEM.replace("MAM", "M!M")),
            (b, "8443", "intermediate_cert <#1>", PEM.to_owned()),
        ]
    }

    #[test]
    fn flat_json_and_csv_say_the_same() {
        let flat: Vec<_> = findings()
            .into_iter()
            .map(|(place, port, id, finding)| serde_json::json!({"id": id, "ip": place, "port": port, "finding": finding}))
            .collect();
        check(|records| json_rows(&serde_json::to_vec(&flat).unwrap(), records), None);
        let mut csv = String::from_utf8(HEADER.to_vec()).unwrap() + ",\"cve\",\"cwe\"\n";
        for (place, port, id, finding) in findings() {
            csv.extend([
                "\"",
                id,
                "\",\"",
                place,
                "\",\"",
                port,
                "\",\"INFO\",\"",
                &finding,
                "\",\"\",\"\"\n",
            ]);
        }
        assert!(is_csv(csv.as_bytes()));
        check(|records| csv_rows(csv.as_bytes(), records), None);
    }

    #[test]
    fn pretty_json_has_a_time() {
        let mut servers: Vec<serde_json::Value> = Vec::new();
        for (place, port, id, finding) in findings() {
            let (host, ip) = place.split_once('/').unwrap();
            let one = serde_json::json!({"id": id, "finding": finding.replace(' ', "\n").replace("BEGIN\n", "BEGIN ").replace("END\n", "END ")});
            match servers.last_mut().filter(|server| server["targetHost"] == host) {
                Some(server) => server["serverDefaults"].as_array_mut().unwrap().push(one),
                None => servers.push(
                    serde_json::json!({"targetHost": host, "ip": ip, "port": port, "serverDefaults": [one]}),
                ),
            }
        }
        let document = serde_json::json!({"startTime": "1780272000", "scanResult": servers});
        check(|records| json_rows(document.to_string().as_bytes(), records), Some(1_780_272_000));
    }
}
