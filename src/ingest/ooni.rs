//! Measurements of OONI: their TLS and QUIC handshakes, wherever a test keeps them.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

use crate::batch::{Origin, Row};
use crate::time::parse_rfc3339;

use super::json::{Entries, List, Text, object, otherwise_default};
use super::records::Records;
use super::{NameSource, Options, base64, items, json};

/// Handshakes of one kind that are read of a measurement: web_connectivity has some dozens.
const MAX_HANDSHAKES: usize = 1_000;
/// Lookups of dnscheck, and handshakes of each.
const MAX_LOOKUPS: usize = 100;
const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;

object! {
    /// One measurement.
    Measurement {
        input: Text<'a> = "input",
        start: Text<'a> = "measurement_start_time",
        keys: Keys<'a> = "test_keys",
    }
}

object! {
    /// What a test has found.
    Keys {
        tls: List<Handshake<'a>, MAX_HANDSHAKES> = "tls_handshakes",
        quic: List<Handshake<'a>, MAX_HANDSHAKES> = "quic_handshakes",
        pings: List<Ping<'a>, MAX_HANDSHAKES> = "pings", // tlsping
        iterations: List<Ping<'a>, MAX_HANDSHAKES> = "iteration_trace" | "iterations", // tlsmiddlebox
        one: Option<Box<Handshake<'a>>> = "tls_handshake",
        lookups: Entries<'a, Lookup<'a>, MAX_LOOKUPS> = "lookups", // dnscheck
    }
}

object! {
    /// One try of a test that tries again and again.
    Ping {
        tls: Option<Box<Handshake<'a>>> = "tls_handshake" | "handshake",
    }
}

object! {
    /// What dnscheck has of a resolver.
    Lookup {
        tls: List<Handshake<'a>, MAX_LOOKUPS> = "tls_handshakes",
        quic: List<Handshake<'a>, MAX_LOOKUPS> = "quic_handshakes",
    }
}

object! {
    /// One handshake.
    Handshake {
        address: Text<'a> = "address",
        server_name: Text<'a> = "server_name",
        certificates: List<Peer<'a>, MAX_CHAIN> = "peer_certificates",
    }
}

/// A certificate: base64, by itself or as `{"data": …, "format": "base64"}`.
#[derive(Debug, Default)]
pub(super) struct Peer<'a>(Text<'a>);

impl<'a> Deserialize<'a> for Peer<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Peer<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a JSON value")
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Peer<'de>, E> {
                Ok(Peer(Text::from(text)))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Peer<'de>, A::Error> {
                let mut found = Peer::default();
                while let Some(key) = map.next_key::<Text<'de>>()? {
                    if key.as_str() == Some("data") {
                        found.0 = map.next_value()?;
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                }
                Ok(found)
            }

            fn visit_str<E>(self, text: &str) -> Result<Peer<'de>, E> {
                Ok(Peer(Text::from(text.to_owned())))
            }

            otherwise_default!(literals);
            otherwise_default!(numbers);
            otherwise_default!(lists);
        }

        deserializer.deserialize_any(Either)
    }
}

/// The rows of one line: a measurement, or a list of them.
///
/// # Errors
///
/// The offset in `line` at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn line(line: &[u8], options: &Options, rows: &mut Vec<Row>) -> Result<(), (usize, String)> {
    if super::text::text_start(line).starts_with(b"[") {
        return items::each(line, &[], &mut |one| {
            if let Ok(measurement) = json::read::<Measurement<'_>>(one.as_bytes()) {
                measured(&measurement, ("line", line), options, rows);
            }
        });
    }
    let measurement: Measurement<'_> = json::read(line)?;
    measured(&measurement, ("line", line), options, rows);
    Ok(())
}

/// The rows of a document: a measurement, or a list of them.
///
/// # Errors
///
/// The offset at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn document(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    let options = records.options();
    let add = |records: &mut Records<'_>, one: &str| {
        records.add(Some(one), |rows| {
            // What has been read once is JSON.
            if let Ok(measurement) = json::read::<Measurement<'_>>(one.as_bytes()) {
                measured(&measurement, ("document", text), options, rows);
            }
        });
    };
    if super::text::text_start(text).starts_with(b"[") {
        return items::each(text, &[], &mut |one| add(records, one));
    }
    let measurement: &serde_json::value::RawValue = json::read(text)?;
    add(records, measurement.get());
    Ok(())
}

fn measured(measurement: &Measurement<'_>, text: (&str, &[u8]), options: &Options, rows: &mut Vec<Row>) {
    let keys = &measurement.keys;
    let tried = keys.pings.items.iter().chain(&keys.iterations.items).filter_map(|ping| ping.tls.as_deref());
    let looked_up =
        keys.lookups.items.iter().flat_map(|(_, one)| one.tls.items.iter().chain(&one.quic.items));
    let all = keys.one.as_deref().into_iter().chain(&keys.tls.items).chain(&keys.quic.items);
    for handshake in all.chain(tried).chain(looked_up) {
        // What failed before the certificates came has none to judge; and a row must not be had for three octets.
        if handshake.certificates.items.is_empty() {
            continue;
        }
        rows.push(row(measurement, handshake, text, options));
    }
    let of_lookups: usize =
        keys.lookups.items.iter().map(|(_, one)| one.tls.dropped + one.quic.dropped).sum();
    let dropped = keys.tls.dropped
        + keys.quic.dropped
        + keys.pings.dropped
        + keys.iterations.dropped
        + keys.lookups.dropped
        + of_lookups;
    if dropped > 0 {
        let problem = format!("{dropped} more handshakes than are read of a measurement");
        rows.push(Row { problem: Some(problem), ..Row::default() });
    }
}

fn row(
    measurement: &Measurement<'_>,
    handshake: &Handshake<'_>,
    text: (&str, &[u8]),
    options: &Options,
) -> Row {
    let address = handshake.address.filled().unwrap_or_default();
    let (ip, port) = match address.rsplit_once(':') {
        Some((ip, port)) => (ip.trim_start_matches('[').trim_end_matches(']'), port.parse().ok()),
        None => (address, None),
    };
    let ip = Some(ip).filter(|ip| !ip.is_empty());
    let domain = measurement.input.filled().and_then(host);
    let sni = handshake.server_name.filled();
    let name = match options.names {
        NameSource::Auto => sni.or(domain).or(ip),
        NameSource::Domain => domain,
        NameSource::Sni => sni,
        NameSource::Ip => ip,
        NameSource::None => None,
    };
    let key = [address, sni.unwrap_or_default()].join(" ");
    let mut row = Row { key: Some(key.trim().to_owned()), name: options.name(name), ..Row::default() };
    row.origin =
        Origin { ip: ip.map(str::to_owned), port, domain: domain.map(str::to_owned), ..Origin::default() };
    let chain = base64::chain(handshake.certificates.items.iter().map(|peer| &peer.0), text);
    match time(measurement, options).and_then(|at| Ok((chain?, at))) {
        Ok((chain, at)) => (row.chain, row.at) = (chain, at),
        Err(problem) => row.problem = Some(problem),
    }
    row
}

/// `2022-06-22 13:35:52`, in UTC.
fn time(measurement: &Measurement<'_>, options: &Options) -> Result<Option<i64>, String> {
    let Some(text) = measurement.start.filled().filter(|_| options.captured) else { return Ok(None) };
    let at = parse_rfc3339(&format!("{}Z", text.trim_end_matches('Z').replacen(' ', "T", 1)));
    at.map(Some).ok_or_else(|| "measurement_start_time is not a time".to_owned())
}

/// The host of an input: a URL, `host:port`, or a host.
fn host(input: &str) -> Option<&str> {
    let rest = input.split_once("://").map_or(input, |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match place.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None => place.split_once(':').filter(|(_, port)| !port.contains(':')).map_or(place, |(host, _)| host),
    };
    (!host.is_empty()).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(keys: &str) -> Vec<Row> {
        let mut found = Vec::new();
        let text = format!(
            r#"{{"input":"tlshandshake://a.example:443","measurement_start_time":"2022-06-22 13:35:52","test_keys":{keys}}}"#
        );
        line(text.as_bytes(), &Options::default(), &mut found).unwrap();
        found
    }

    #[test]
    fn handshakes_are_found_wherever_a_test_keeps_them() {
        let one = r#"{"address":"192.0.2.7:443","server_name":"b.example","failure":null,"peer_certificates":[{"data":"MAMCAQE=","format":"base64"},"MAIFAA=="]}"#;
        for keys in [
            format!(r#"{{"pings":[{{"tls_handshake":{one}}}]}}"#),
            format!(r#"{{"tls_handshakes":[{one}]}}"#),
            format!(r#"{{"quic_handshakes":[{one}]}}"#),
            format!(r#"{{"tls_handshake":{one}}}"#),
            format!(r#"{{"lookups":{{"x":{{"tls_handshakes":[{one}]}}}}}}"#),
        ] {
            let found = read(&keys);
            assert_eq!(found.len(), 1, "{keys}");
            assert_eq!(
                found[0].chain.iter().collect::<Vec<_>>(),
                [[0x30, 3, 2, 1, 1].as_slice(), &[0x30, 2, 5, 0]]
            );
            assert_eq!((found[0].name.as_deref(), found[0].at), (Some("b.example"), Some(1_655_904_952)));
            let origin = &found[0].origin;
            assert_eq!((origin.ip.as_deref(), origin.port), (Some("192.0.2.7"), Some(443)));
            assert_eq!(origin.domain.as_deref(), Some("a.example"));
        }
    }

    #[test]
    fn what_failed_before_certificates_came_is_no_row() {
        assert!(
            read(r#"{"tls_handshakes":[{"failure":"connection_reset","peer_certificates":null}]}"#)
                .is_empty()
        );
        assert!(read(r#"{"tls_handshakes":[{"failure":null,"peer_certificates":[]},{},7]}"#).is_empty());
        let broken =
            read(r#"{"tls_handshakes":[{"address":"[2001:db8::1]:443","peer_certificates":["M!"]}]}"#);
        assert_eq!(broken[0].origin.ip.as_deref(), Some("2001:db8::1"));
        assert!(broken[0].problem.as_ref().is_some_and(|said| said.contains("not base64")));
    }
}
