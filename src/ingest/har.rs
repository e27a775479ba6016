//! HTTP archives, as far as they carry certificates: fields of an entry that begin with an underscore, as
//! WebPageTest's `_certificates`. Bodies are never looked into: what stands there is for servers to choose.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::batch::{Origin, Presented, Row};
use crate::time::parse_rfc3339;

use super::json::{Text, object, otherwise_default};
use super::records::Records;
use super::{NameSource, Options, base64, items, json, pem_texts};

const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;

object! {
    /// One request and its answer.
    Entry {
        started: Text<'a> = "startedDateTime",
        ip: Text<'a> = "serverIPAddress",
        request: Request<'a> = "request",
        certificates: Option<&'a RawValue> = "_certificates" | "_certificate" | "_certificateChain",
        details: Option<&'a RawValue> = "_securityDetails" | "_securityInfo" | "_tls",
        response: Response<'a> = "response",
    }
}

object! {
    /// The request.
    Request {
        url: Text<'a> = "url",
    }
}

object! {
    /// The answer.
    Response {
        certificates: Option<&'a RawValue> = "_certificates" | "_certificate" | "_certificateChain",
        details: Option<&'a RawValue> = "_securityDetails" | "_securityInfo" | "_tls",
    }
}

/// The rows of an archive.
///
/// # Errors
///
/// The offset at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn rows(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    items::each(text, &["log", "entries"], &mut |item| {
        let options = records.options();
        records.add(Some(item), |rows| {
            if let Ok(entry) = json::read::<Entry<'_>>(item.as_bytes()) {
                rows.extend(row(&entry, options));
            }
        });
    })
}

/// The row of an entry; `None` if it has no certificate.
fn row(entry: &Entry<'_>, options: &Options) -> Option<Row> {
    let answer = &entry.response;
    let mut texts = Vec::new();
    for raw in [entry.certificates, entry.details, answer.certificates, answer.details].into_iter().flatten()
    {
        // What goes too deep is left where it is.
        drop(Gather(&mut texts).deserialize(&mut serde_json::Deserializer::from_str(raw.get())));
        if !texts.is_empty() {
            break; // the same chain stands in several places
        }
    }
    if texts.is_empty() {
        return None;
    }
    let url = entry.request.url.filled().unwrap_or_default();
    let (host, port) = host_and_port(url);
    let ip = entry.ip.filled().map(|ip| ip.trim_start_matches('[').trim_end_matches(']'));
    let name = match options.names {
        NameSource::Auto => host.or(ip),
        NameSource::Domain => host,
        NameSource::Ip => ip,
        NameSource::Sni | NameSource::None => None,
    };
    let key = host.or(ip).map(str::to_owned);
    let mut row = Row { key, name: options.name(name), ..Row::default() };
    row.origin =
        Origin { ip: ip.map(str::to_owned), port, domain: host.map(str::to_owned), ..Origin::default() };
    match chain(&texts).and_then(|chain| Ok((chain, time(entry)?))) {
        Ok((chain, at)) => (row.chain, row.at) = (chain, options.at(at)),
        Err(problem) => row.problem = Some(problem),
    }
    Some(row)
}

fn time(entry: &Entry<'_>) -> Result<Option<i64>, String> {
    let parse =
        |text| parse_rfc3339(text).ok_or_else(|| "startedDateTime is not a time (RFC 3339)".to_owned());
    entry.started.filled().map(parse).transpose()
}

fn chain(texts: &[String]) -> Result<Presented, String> {
    let mut chain = Presented::default();
    for (position, text) in texts.iter().enumerate() {
        if text.contains(BEGIN) {
            pem_texts::push(&mut chain, text)
                .map_err(|problem| format!("certificate {position}: {problem}"))?;
        } else {
            let der =
                base64::decode(text).map_err(|(_, problem)| format!("certificate {position}: {problem}"))?;
            chain.push(&der);
        }
    }
    Ok(chain)
}

/// The host of a URL, and the port, by default 443.
fn host_and_port(url: &str) -> (Option<&str>, Option<u16>) {
    let Some((scheme, rest)) = url.split_once("://") else { return (None, None) };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let default = if matches!(scheme, "https" | "wss") { Some(443) } else { None };
    let (host, port) = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, rest)) => (host, rest.strip_prefix(':')),
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    ((!host.is_empty()).then_some(host), port.and_then(|port| port.parse().ok()).or(default))
}

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";

/// Gathers what looks like certificates, in order.
struct Gather<'t>(&'t mut Vec<String>);

impl Gather<'_> {
    /// The fields of an object that may lead to certificates.
    fn leads_on(key: &str) -> bool {
        let key = key.to_ascii_lowercase();
        ["cert", "pem", "der", "chain", "raw"].iter().any(|part| key.contains(part))
    }
}

impl<'de> DeserializeSeed<'de> for Gather<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Gather<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a JSON value")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        // A SEQUENCE of two octets of length, in base64: every certificate but the tiniest.
        if self.0.len() < MAX_CHAIN && (text.contains(BEGIN) || text.starts_with("MI")) {
            self.0.push(text.to_owned());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Gather(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<Text<'de>>()? {
            if key.as_str().is_some_and(Self::leads_on) {
                map.next_value_seed(Gather(&mut *self.0))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    otherwise_default!(literals);
    otherwise_default!(numbers);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(entry: &str) -> Vec<Row> {
        let options = Options::default();
        let mut records = Records::new(&options);
        rows(format!(r#"{{"log":{{"entries":[{entry}]}}}}"#).as_bytes(), &mut records).unwrap();
        assert_eq!(records.count, 1);
        records.rows
    }

    #[test]
    fn certificates_stand_in_fields_of_their_own_and_never_in_bodies() {
        let pem = r"-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n";
        let at = r#""startedDateTime":"2026-06-01T00:00:00Z","request":{"url":"https://u@a.example:8443/x"}"#;
        for (field, certificates) in [
            (format!(r#""_certificates":["{pem}","{pem}"]"#), 2),
            (format!(r#""response":{{"_securityDetails":{{"san":["MII"],"certificate":"{pem}"}}}}"#), 1),
            (r#""_securityInfo":{"cert":{"rawDER":"MIAAAA=="},"state":"secure"}"#.to_owned(), 1),
        ] {
            let found = read(&format!("{{{at},{field}}}"));
            assert_eq!(found[0].chain.len(), certificates, "{field}");
            assert_eq!((found[0].name.as_deref(), found[0].origin.port), (Some("a.example"), Some(8443)));
            assert_eq!(found[0].at, Some(1_780_272_000));
        }
        for field in [
            format!(r#""response":{{"content":{{"text":"{pem}"}}}}"#),
            r#""_securityDetails":{"subjectName":"MII"}"#.to_owned(),
            r#""_certificates":[]"#.to_owned(),
        ] {
            assert!(read(&format!("{{{at},{field}}}")).is_empty(), "{field}");
        }
        let broken = read(&format!(r#"{{{at},"_certificate":"MI!"}}"#));
        assert!(broken[0].problem.as_ref().is_some_and(|said| said.contains("not base64")));
    }

    #[test]
    fn hosts_of_urls() {
        for (url, host, port) in [
            ("https://a.example/x:1", Some("a.example"), Some(443)),
            ("https://[2001:db8::1]:8443", Some("2001:db8::1"), Some(8443)),
            ("http://a.example?x", Some("a.example"), None),
            ("data:x", None, None),
            ("https:///", None, Some(443)),
        ] {
            assert_eq!(host_and_port(url), (host, port), "{url}");
        }
    }
}
