//! zgrab2's JSON lines, and those of the first zgrab: one host a line, any number of handshakes in it.

use crate::batch::{Origin, Presented, Row};
use crate::time::{UnixSeconds, parse_rfc3339};

use super::json::{Entries, List, Text, object};
use super::limits::MAX_SCT_LIST;
use super::{NameSource, Options, base64, json, start_of};

/// Scans that one line may hold: zgrab2 has some thirty modules.
const MAX_SCANS: usize = 100;
/// Responses that one chain of redirections may hold; browsers stop at 20.
const MAX_REDIRECTS: usize = 32;
/// Certificates that are read of a chain beside its end entity: with it, one more than is judged.
const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;

/// Timestamps that are read of a handshake: one more than is looked at.
const MAX_TIMESTAMPS: usize = crate::ct::MAX_LISTED + 1;

/// Octets of each part of a key: a DNS name has 255 at the most (RFC 1035 2.3.4).
const LONGEST_PART: usize = 300;

object! {
    /// One line.
    Grab {
        ip: Text<'a> = "ip",
        port: Text<'a> = "port",
        domain: Text<'a> = "domain",
        timestamp: Text<'a> = "timestamp", // zgrab
        data: Entries<'a, Log<'a>, MAX_SCANS> = "data",
    }
}

object! {
    /// A scan, and its result: modules nest the same few objects in their own ways.
    Log {
        port: Text<'a> = "port",
        timestamp: Text<'a> = "timestamp",
        result: Option<Box<Log<'a>>> = "result",
        handshake: Option<Box<Handshake<'a>>> = "handshake_log" | "tls_handshake",
        server_hello: ServerHello<'a> = "server_hello", // zgrab
        server_certificates: Option<Box<ServerCertificates<'a>>> = "server_certificates", // zgrab
        tls: Option<Box<Tls<'a>>> = "tls",
        response: Response<'a> = "response",
        cups_response: Response<'a> = "cups_response",
        redirects: List<Response<'a>, MAX_REDIRECTS> = "redirect_response_chain",
    }
}

object! {
    /// A connection.
    Tls {
        handshake: Option<Box<Handshake<'a>>> = "handshake_log",
    }
}

object! {
    /// An HTTP response, for the sake of its request.
    Response {
        request: Option<Box<Request<'a>>> = "request",
    }
}

object! {
    /// An HTTP request and the connection that it went over.
    Request {
        host: Text<'a> = "host",
        url: Url<'a> = "url",
        tls: Option<Box<Tls<'a>>> = "tls_log",
        handshake: Option<Box<Handshake<'a>>> = "tls_handshake", // zgrab
    }
}

object! {
    /// Where a request went.
    Url {
        host: Text<'a> = "host",
    }
}

object! {
    /// One handshake.
    Handshake {
        client_hello: ClientHello<'a> = "client_hello",
        server_hello: ServerHello<'a> = "server_hello",
        server_certificates: Option<Box<ServerCertificates<'a>>> = "server_certificates",
    }
}

object! {
    /// What the client sent; only in zgrab2's debug output.
    ClientHello {
        server_name: Text<'a> = "server_name",
    }
}

object! {
    /// What the server has chosen. Whether it has stapled an OCSP response is a boolean, without the response.
    ServerHello {
        scts: List<Timestamp<'a>, MAX_TIMESTAMPS> = "scts",
    }
}

object! {
    /// A timestamp of a log, parsed by zgrab or not.
    Timestamp {
        raw: Text<'a> = "raw",
    }
}

object! {
    /// The Certificate message.
    ServerCertificates {
        certificate: Certificate<'a> = "certificate",
        chain: List<Certificate<'a>, MAX_CHAIN> = "chain",
    }
}

object! {
    /// A certificate, parsed by zgrab or not.
    Certificate {
        raw: Text<'a> = "raw",
    }
}

/// The rows of one line; nothing if it has no handshake.
///
/// # Errors
///
/// The offset in `line` at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn rows(line: &[u8], options: &Options, rows: &mut Vec<Row>) -> Result<(), (usize, String)> {
    let grab: Grab<'_> = json::read(line)?;
    let mut walk = Walk { line, grab: &grab, options, rows };
    for (scan, log) in &grab.data.items {
        let scan = Scan {
            name: scan.filled().unwrap_or("?"),
            port: log.port.filled().or(grab.port.filled()),
            timestamp: log.timestamp.filled().or(grab.timestamp.filled()),
        };
        walk.log(&scan, log);
    }
    let dropped = grab.data.dropped;
    if dropped > 0 {
        let problem = format!("{dropped} more scans than the {MAX_SCANS} that are read of a line");
        let scan = Scan { name: "?", port: grab.port.filled(), timestamp: None };
        let (key, origin) = (scan.key(&grab, ""), scan.origin(&grab));
        rows.push(Row { key: Some(key), problem: Some(problem), origin, ..Row::default() });
    }
    Ok(())
}

/// One scan of the line, by whatever name the user gave it.
struct Scan<'g> {
    name: &'g str,
    port: Option<&'g str>,
    timestamp: Option<&'g str>,
}

impl Scan<'_> {
    /// What the row is called: `192.0.2.7:443 a.example tls`.
    fn key(&self, grab: &Grab<'_>, suffix: &str) -> String {
        // What one line says once may stand in a thousand keys.
        let [ip, port, domain] = [grab.ip.filled(), self.port, grab.domain.filled()]
            .map(|part| part.map(|part| start_of(part, LONGEST_PART)));
        let lengths = [ip, port, domain].into_iter().flatten().map(|part| part.len() + "[]: ".len());
        let mut key =
            String::with_capacity(lengths.sum::<usize>() + self.name.len().min(LONGEST_PART) + suffix.len());
        match (ip, port) {
            (Some(ip), Some(port)) if ip.contains(':') => key.extend(["[", ip, "]:", port, " "]),
            (Some(ip), Some(port)) => key.extend([ip, ":", port, " "]),
            (Some(ip), None) => key.extend([ip, " "]),
            (None, _) => {}
        }
        if let Some(domain) = domain {
            key.extend([domain, " "]);
        }
        key.extend([start_of(self.name, LONGEST_PART), suffix]);
        key
    }

    /// What leads back to the host.
    fn origin(&self, grab: &Grab<'_>) -> Origin {
        let text = |text: &Text<'_>| text.filled().map(|text| start_of(text, LONGEST_PART).to_owned());
        let port = self.port.and_then(|port| port.parse().ok());
        Origin { ip: text(&grab.ip), port, domain: text(&grab.domain), ..Origin::default() }
    }
}

struct Walk<'w, 'g> {
    line: &'w [u8],
    grab: &'g Grab<'g>,
    options: &'w Options,
    rows: &'w mut Vec<Row>,
}

impl<'g> Walk<'_, 'g> {
    /// The handshakes below `log`; how deep results can lie is bounded by the JSON parser.
    fn log(&mut self, scan: &Scan<'g>, log: &'g Log<'g>) {
        if let Some(certificates) = &log.server_certificates {
            self.row(scan, None, (Some(certificates), &log.server_hello), None, "");
        }
        let tls = log.tls.as_deref().and_then(|tls| tls.handshake.as_deref());
        for handshake in log.handshake.as_deref().into_iter().chain(tls) {
            self.handshake(scan, handshake, None, "");
        }
        self.response(scan, &log.response, "");
        self.response(scan, &log.cups_response, " cups");
        for (number, response) in log.redirects.items.iter().enumerate() {
            self.response(scan, response, &format!(" redirect {}", number + 1));
        }
        if log.redirects.dropped > 0 {
            let problem = format!("more redirections than the {MAX_REDIRECTS} that are read of a scan");
            let key = Some(scan.key(self.grab, ""));
            let origin = scan.origin(self.grab);
            self.rows.push(Row { key, problem: Some(problem), origin, ..Row::default() });
        }
        if let Some(result) = &log.result {
            self.log(scan, result);
        }
    }

    fn response(&mut self, scan: &Scan<'g>, response: &'g Response<'g>, part: &str) {
        let Some(request) = response.request.as_deref() else { return };
        let host = request.host.filled().or(request.url.host.filled());
        let tls = request.tls.as_deref().and_then(|tls| tls.handshake.as_deref());
        for handshake in request.handshake.as_deref().into_iter().chain(tls) {
            self.handshake(scan, handshake, host, part);
        }
    }

    fn handshake(
        &mut self,
        scan: &Scan<'g>,
        handshake: &'g Handshake<'g>,
        host: Option<&'g str>,
        part: &str,
    ) {
        let sni = handshake.client_hello.server_name.filled();
        let sent = (handshake.server_certificates.as_deref(), &handshake.server_hello);
        self.row(scan, sni, sent, host, part);
    }

    fn row(
        &mut self,
        scan: &Scan<'g>,
        sni: Option<&'g str>,
        (certificates, hello): (Option<&'g ServerCertificates<'g>>, &'g ServerHello<'g>),
        host: Option<&'g str>,
        part: &str,
    ) {
        let origin = scan.origin(self.grab);
        let mut row = Row { key: Some(scan.key(self.grab, part)), origin, ..Row::default() };
        row.name = self.options.name(self.name(sni, host));
        row.sct = self.timestamps(hello);
        let read = self.time(scan).and_then(|at| {
            row.at = at;
            certificates.map_or(Ok(Presented::default()), |certificates| self.chain(certificates))
        });
        match read {
            Ok(chain) => row.chain = chain,
            Err(problem) => row.problem = Some(problem),
        }
        self.rows.push(row);
    }

    fn name(&self, sni: Option<&'g str>, host: Option<&'g str>) -> Option<&'g str> {
        let domain = self.grab.domain.filled();
        let ip = self.grab.ip.filled();
        match self.options.names {
            NameSource::Auto => sni.or(host.and_then(without_port)).or(domain).or(ip),
            NameSource::Domain => domain,
            NameSource::Sni => sni,
            NameSource::Ip => ip,
            NameSource::None => None,
        }
    }

    fn time(&self, scan: &Scan<'_>) -> Result<Option<UnixSeconds>, String> {
        match scan.timestamp {
            Some(text) if self.options.captured => match parse_rfc3339(text) {
                Some(at) => Ok(Some(at)),
                None => Err(format!("the timestamp {:?} is not a time (RFC 3339)", shortened(text))),
            },
            _ => Ok(None),
        }
    }

    /// The list that the TLS extension had (RFC 6962 3.3), of which zgrab keeps the items. One that is not base64 becomes
    /// one that does not decode either.
    fn timestamps(&self, hello: &ServerHello<'_>) -> Option<Box<[u8]>> {
        let scts = &hello.scts.items;
        if scts.is_empty() || !self.options.scts {
            return None;
        }
        let mut list = vec![0, 0];
        for sct in scts {
            let octets = sct.raw.filled().and_then(|raw| base64::decode(raw).ok());
            let octets = octets.unwrap_or_else(|| vec![0]);
            // One beyond 64 KiB leaves the list one octet and more beyond it.
            list.extend_from_slice(&u16::try_from(octets.len()).unwrap_or(u16::MAX).to_be_bytes());
            list.extend_from_slice(&octets);
        }
        if let (Ok(length), Some(head)) = (u16::try_from(list.len() - 2), list.get_mut(..2)) {
            head.copy_from_slice(&length.to_be_bytes());
        }
        list.truncate(MAX_SCT_LIST);
        Some(list.into_boxed_slice())
    }

    fn chain(&self, certificates: &ServerCertificates<'_>) -> Result<Presented, String> {
        let others = certificates.chain.items.iter().map(|certificate| &certificate.raw);
        let all = std::iter::once(&certificates.certificate.raw).chain(others);
        if certificates.certificate.raw.filled().is_none() && all.clone().any(|raw| raw.filled().is_some()) {
            return Err("a chain without its end entity".to_owned());
        }
        base64::chain(all, ("line", self.line))
    }
}

/// The host of `host`, `host:port` or `[v6]:port`.
fn without_port(host: &str) -> Option<&str> {
    let bare = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or(rest, |(address, _)| address),
        None => match host.split_once(':') {
            Some((name, port)) if !port.contains(':') => name,
            _ => host,
        },
    };
    (!bare.is_empty()).then_some(bare)
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Vec<Row> {
        read_with(line, &Options::default())
    }

    fn read_with(line: &str, options: &Options) -> Vec<Row> {
        let mut found = Vec::new();
        rows(line.as_bytes(), options, &mut found).unwrap();
        found
    }

    const HANDSHAKE: &str = r#"{"server_certificates":{"certificate":{"raw":"MAIFAA==","parsed":{"version":3}},"chain":[{"raw":"MAMCAQE=","parsed":{}}]}}"#;

    fn chain(row: &Row) -> Vec<&[u8]> {
        row.chain.iter().collect()
    }

    #[test]
    fn every_module_is_found_by_its_path() {
        let tls_log = format!(r#"{{"handshake_log":{HANDSHAKE}}}"#);
        let results = [
            ("tls", tls_log.clone()),
            ("my imap", format!(r#"{{"banner":"x","tls":{tls_log}}}"#)),
            ("http", format!(r#"{{"response":{{"request":{{"tls_log":{tls_log}}}}}}}"#)),
            ("ipp cups", format!(r#"{{"cups_response":{{"request":{{"tls_log":{tls_log}}}}}}}"#)),
            (
                "http redirect 1",
                format!(r#"{{"redirect_response_chain":[{{"request":{{"tls_log":{tls_log}}}}}]}}"#),
            ),
        ];
        for (key, result) in results {
            let scan = key.split(" cups").next().unwrap().split(" redirect").next().unwrap();
            let line = format!(
                r#"{{"ip":"192.0.2.7","data":{{"{scan}":{{"status":"success","result":{result}}}}}}}"#
            );
            let found = read(&line);
            assert_eq!(found.len(), 1, "{line}");
            assert_eq!(found[0].key.as_deref(), Some(format!("192.0.2.7 {key}").as_str()));
            assert_eq!(chain(&found[0]), [&[0x30, 2, 5, 0][..], &[0x30, 3, 2, 1, 1]]);
        }
    }

    #[test]
    fn the_first_zgrab_is_understood_too() {
        let certificates = r#"{"server_certificates":{"certificate":{"raw":"MAIFAA=="},"chain":[]}}"#;
        let old = format!(
            r#"{{"ip":"192.0.2.7","timestamp":"2016-01-02T03:04:05Z","data":{{"tls":{certificates}}}}}"#
        );
        let found = read(&old);
        assert_eq!((found.len(), found[0].at), (1, Some(1_451_703_845)));
        let http = format!(
            r#"{{"data":{{"http":{{"response":{{"request":{{"tls_handshake":{certificates}}}}}}}}}}}"#
        );
        assert_eq!(read(&http)[0].chain.len(), 1);
    }

    #[test]
    fn the_name_is_what_was_asked_for() {
        let line = r#"{"ip":"192.0.2.7","port":443,"domain":"a.example","data":{"http":{"timestamp":"2026-01-02T05:04:05.25+02:00","result":{"response":{"request":{"host":"b.example:8443","tls_log":{"handshake_log":{"client_hello":{"server_name":"c.example"}}}}}}}}}"#;
        let cases = [
            (NameSource::Auto, Some("c.example")),
            (NameSource::Sni, Some("c.example")),
            (NameSource::Domain, Some("a.example")),
            (NameSource::Ip, Some("192.0.2.7")),
            (NameSource::None, None),
        ];
        for (names, name) in cases {
            let found = read_with(line, &Options { names, ..Options::default() });
            assert_eq!(found[0].name.as_deref(), name);
            assert_eq!(found[0].key.as_deref(), Some("192.0.2.7:443 a.example http"));
            assert_eq!(found[0].at, Some(1_767_323_045));
            assert!(found[0].chain.is_empty() && found[0].problem.is_none());
        }
        let silent = line.replace("server_name", "servername");
        assert_eq!(read(&silent)[0].name.as_deref(), Some("b.example"));
        let named = Options { name: Some("d.example".into()), captured: false, ..Options::default() };
        let found = read_with(line, &named);
        assert_eq!((found[0].name.as_deref(), found[0].at), (Some("d.example"), None));
        let plain = r#"{"ip":"2001:db8::1","data":{"tls":{"port":443,"result":{"handshake_log":{}}}}}"#;
        assert_eq!(read(plain)[0].name.as_deref(), Some("2001:db8::1"));
        assert_eq!(read(plain)[0].key.as_deref(), Some("[2001:db8::1]:443 tls"));
    }

    #[test]
    fn timestamps_are_put_into_the_list_that_they_came_in() {
        let read = |scts: &str, wanted: bool| {
            let line = HANDSHAKE.replacen('{', &format!(r#"{{"server_hello":{{"scts":{scts}}},"#), 1);
            let line = format!(r#"{{"data":{{"tls":{{"result":{{"handshake_log":{line}}}}}}}}}"#);
            let options = Options { scts: wanted, ..Options::default() };
            let row = read_with(&line, &options).remove(0);
            assert_eq!(row.chain.len(), 2);
            row.sct.map(Vec::from)
        };
        let two = r#"[{"raw":"AQI=","parsed":{}},{"raw":"Aw=="}]"#;
        assert_eq!(read(two, true), Some(vec![0, 7, 0, 2, 1, 2, 0, 1, 3]));
        assert_eq!(read(two, false), None);
        assert_eq!(
            read(r#"[{"raw":"!"},{"raw":"Aw=="},{}]"#, true),
            Some(vec![0, 9, 0, 1, 0, 0, 1, 3, 0, 1, 0])
        );
        assert_eq!(read("[]", true), None);
        let many = format!("[{}{{}}]", r#"{"raw":"Aw=="},"#.repeat(500));
        assert_eq!(read(&many, true).unwrap().len(), 2 + 3 * MAX_TIMESTAMPS);
    }

    #[test]
    fn hosts_lose_their_port() {
        for (host, bare) in
            [("a:1", "a"), ("a", "a"), ("[::1]:443", "::1"), ("[::1]", "::1"), ("2001:db8::1", "2001:db8::1")]
        {
            assert_eq!(without_port(host), Some(bare));
        }
        assert_eq!(without_port(":443"), None);
    }

    #[test]
    fn an_empty_certificate_is_a_row_without_chain_and_no_handshake_is_none() {
        let empty =
            r#"{"data":{"tls":{"result":{"handshake_log":{"server_certificates":{"certificate":{}}}}}}}"#;
        assert_eq!(read(empty)[0], Row { key: Some("tls".into()), ..Row::default() });
        assert!(read(r#"{"ip":"192.0.2.7","data":{"tls":{"status":"connection-timeout"}}}"#).is_empty());
        assert!(read("{}").is_empty() && read("[1,2]").is_empty());
    }

    #[test]
    fn wrong_base64_is_named_by_its_place_and_costs_its_own_row_only() {
        let line = r#"{"data":{"a":{"result":{"handshake_log":{"server_certificates":{"certificate":{"raw":"MA!A"}}}}},"b":{"result":{"handshake_log":{}}}}}"#;
        let found = read(line);
        let offset = line.find('!').unwrap();
        assert_eq!(
            found[0].problem.as_deref(),
            Some(format!("certificate 0, byte {offset} of the line: not base64: octet 0x21 (!)").as_str())
        );
        assert_eq!((found[1].key.as_deref(), &found[1].problem), (Some("b"), &None));
    }

    #[test]
    fn a_chain_without_its_end_entity_is_not_judged_from_the_second() {
        let line = r#"{"data":{"a":{"result":{"handshake_log":{"server_certificates":{"certificate":{},"chain":[{"raw":"MAMCAQE="}]}}}}}}"#;
        assert_eq!(read(line)[0].problem.as_deref(), Some("a chain without its end entity"));
    }

    #[test]
    fn what_nests_or_repeats_without_end_is_bounded() {
        let mut found = Vec::new();
        let bomb = format!("{}1{}", "{\"result\":".repeat(10_000), "}".repeat(10_000));
        let line = format!(r#"{{"data":{{"a":{bomb}}}}}"#);
        assert!(rows(line.as_bytes(), &Options::default(), &mut found).is_err());
        let ignored = format!(r#"{{"x":{}1{},"data":{{}}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        rows(ignored.as_bytes(), &Options::default(), &mut found).unwrap();
        assert!(found.is_empty());
        let line = format!(r#"{{"data":{{{}"z":{{}}}}}}"#, "\"a\":{},".repeat(2_000));
        rows(line.as_bytes(), &Options::default(), &mut found).unwrap();
        assert_eq!(found.len(), 1);
        let certificates = format!("[{}{{}}]", r#"{"raw":"MAMCAQE="},"#.repeat(1_100));
        let line = format!(
            r#"{{"data":{{"a":{{"result":{{"handshake_log":{{"server_certificates":{{"certificate":{{"raw":"MAIFAA=="}},"chain":{certificates}}}}}}}}}}}}}"#
        );
        assert_eq!(read(&line)[0].chain.len(), crate::verifier::MAX_PRESENTED + 1);
    }
}
