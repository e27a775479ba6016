//! The JSON document of sslyze: servers, and the certificates that each has deployed.

use crate::batch::{Origin, Row};
use crate::time::{UnixSeconds, parse_rfc3339};

use super::json::{List, Text, object};
use super::records::Records;
use super::{NameSource, items, json, pem_texts};

/// Deployments of one server: one for each kind of key that it has.
const MAX_DEPLOYMENTS: usize = 100;
const MAX_CHAIN: usize = crate::verifier::MAX_PRESENTED;

object! {
    /// A server.
    Server {
        location: Location<'a> = "server_location",
        info: Info<'a> = "server_info", // before sslyze 5
        scan: Scan<'a> = "scan_result" | "scan_commands_results",
    }
}

object! {
    /// What older versions put around the location.
    Info {
        location: Location<'a> = "server_location",
    }
}

object! {
    /// Where it is.
    Location {
        hostname: Text<'a> = "hostname",
        ip: Text<'a> = "ip_address",
        port: Text<'a> = "port",
    }
}

object! {
    /// The results of the commands.
    Scan {
        certificates: Certificates<'a> = "certificate_info",
    }
}

object! {
    /// The result of `--certinfo`; older versions have it without the layer of `result`.
    Certificates {
        result: Option<Box<Certificates<'a>>> = "result",
        name: Text<'a> = "hostname_used_for_server_name_indication",
        deployments: List<Deployment<'a>, MAX_DEPLOYMENTS> = "certificate_deployments",
    }
}

object! {
    /// One chain.
    Deployment {
        chain: List<Sent<'a>, MAX_CHAIN> = "received_certificate_chain",
    }
}

object! {
    /// A certificate of it.
    Sent {
        pem: Text<'a> = "as_pem",
    }
}

/// The rows of a document.
///
/// # Errors
///
/// The offset at which it is not the JSON that it should be, and what is wrong there.
pub(super) fn rows(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    let at = match items::text_at(text, "date_scans_started") {
        Some(text) => time(&text).map(Some).ok_or("date_scans_started is not a time"),
        None => Ok(None),
    };
    items::each(text, &["server_scan_results"], &mut |server| {
        let options = records.options();
        records.add(Some(server), |rows| {
            let Ok(server) = json::read::<Server<'_>>(server.as_bytes()) else { return };
            let place = if server.location.hostname.filled().is_some() {
                &server.location
            } else {
                &server.info.location
            };
            let mut found = &server.scan.certificates;
            while let Some(inner) = found.result.as_deref() {
                found = inner;
            }
            for deployment in &found.deployments.items {
                rows.push(row(place, found, deployment, at, options));
            }
            if found.deployments.dropped > 0 {
                let problem =
                    format!("more deployments than the {MAX_DEPLOYMENTS} that are read of a server");
                rows.push(Row { problem: Some(problem), origin: origin(place), ..Row::default() });
            }
        });
    })
}

fn row(
    place: &Location<'_>,
    found: &Certificates<'_>,
    deployment: &Deployment<'_>,
    at: Result<Option<UnixSeconds>, &'static str>,
    options: &super::Options,
) -> Row {
    let (host, ip) = (place.hostname.filled(), place.ip.filled());
    let name = match options.names {
        NameSource::Auto => found.name.filled().or(host).or(ip),
        NameSource::Domain => host,
        NameSource::Sni => found.name.filled(),
        NameSource::Ip => ip,
        NameSource::None => None,
    };
    let address = host.or(ip).unwrap_or("?");
    let key = place.port.filled().map_or_else(|| address.to_owned(), |port| format!("{address}:{port}"));
    let mut row = Row { key: Some(key), name: options.name(name), origin: origin(place), ..Row::default() };
    let at = if options.captured { at } else { Ok(None) };
    let chain = pem_texts::chain(deployment.chain.items.iter().map(|sent| &sent.pem));
    match at.map_err(str::to_owned).and_then(|at| Ok((chain?, at))) {
        Ok((chain, at)) => (row.chain, row.at) = (chain, at),
        Err(problem) => row.problem = Some(problem),
    }
    row
}

fn origin(place: &Location<'_>) -> Origin {
    Origin {
        ip: place.ip.filled().map(str::to_owned),
        port: place.port.filled().and_then(|port| port.parse().ok()),
        domain: place.hostname.filled().map(str::to_owned),
        ..Origin::default()
    }
}

/// RFC 3339, without a zone where it is UTC.
fn time(text: &str) -> Option<UnixSeconds> {
    parse_rfc3339(text).or_else(|| parse_rfc3339(&format!("{text}Z")))
}
