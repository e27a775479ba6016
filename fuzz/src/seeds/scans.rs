//! Small scans in every format (docs/formats.md).

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

fn handshake(chain: &[Vec<u8>]) -> String {
    let certificate =
        |der: &Vec<u8>| format!(r#"{{"raw":"{}","parsed":{{"version":3}}}}"#, STANDARD.encode(der));
    let (leaf, rest) = match chain.split_first() {
        Some((leaf, rest)) => (certificate(leaf), rest.iter().map(certificate).collect::<Vec<_>>().join(",")),
        None => ("{}".to_owned(), String::new()),
    };
    format!(
        r#"{{"handshake_log":{{"client_hello":{{"server_name":"www.example.test"}},"server_certificates":{{"certificate":{leaf},"chain":[{rest}]}}}}}}"#
    )
}

/// A line of zgrab2 for each of its shapes, and one of the first zgrab.
fn zgrab(chain: &[Vec<u8>]) -> Vec<String> {
    let tls = handshake(chain);
    let request = format!(r#"{{"request":{{"host":"www.example.test:443","tls_log":{tls}}}}}"#);
    let scans = [
        format!(
            r#""tls":{{"status":"success","port":443,"timestamp":"2026-01-15T12:00:00Z","result":{tls}}}"#
        ),
        format!(
            r#""imap":{{"result":{{"banner":"* OK","tls":{tls}}},"timestamp":"2026-01-15T12:00:00.5+02:00"}}"#
        ),
        format!(r#""http":{{"result":{{"response":{request},"redirect_response_chain":[{request}]}}}}"#),
        format!(r#""ipp":{{"result":{{"cups_response":{request}}}}}"#),
        r#""ssh":{"status":"connection-timeout","error":"dial tcp"}"#.to_owned(),
    ];
    let line = |data: &str| {
        format!(r#"{{"ip":"192.0.2.7","port":"443","domain":"www.example.test","data":{{{data}}}}}"#)
    };
    let mut lines: Vec<String> = scans.iter().map(|scan| line(scan)).collect();
    lines.push(line(&scans.join(",")));
    let old = tls.replace("handshake_log", "tls_handshake");
    lines
        .push(format!(r#"{{"ip":"2001:db8::1","timestamp":"2016-01-02T03:04:05Z","data":{{"tls":{old}}}}}"#));
    lines
}

fn vector(octets: &[u8], length: usize) -> Vec<u8> {
    let size = u32::try_from(octets.len()).unwrap().to_be_bytes();
    [&size[size.len() - length..], octets].concat()
}

/// A TimestampedEntry (RFC 6962 3.4) and what belongs to it: extra_data of `get-entries`.
fn entry(chain: &[Vec<u8>], pre: bool, extensions: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (leaf, rest) = chain.split_first().unwrap();
    let mut entry = 1_768_478_400_000_u64.to_be_bytes().to_vec();
    let rest: Vec<u8> = rest.iter().flat_map(|der| vector(der, 3)).collect();
    let mut extra = vector(&rest, 3);
    if pre {
        entry.extend([&[0, 1], [7; 32].as_slice(), &vector(&leaf[4..], 3)].concat());
        extra.splice(0..0, vector(leaf, 3));
    } else {
        entry.extend([&[0, 0], vector(leaf, 3).as_slice()].concat());
    }
    entry.extend(vector(extensions, 2));
    (entry, extra)
}

fn ct_entries(chain: &[Vec<u8>]) -> Vec<String> {
    let of = |pre| {
        let (leaf, extra) = entry(chain, pre, b"");
        let leaf = STANDARD.encode([&[0, 0], leaf.as_slice()].concat());
        format!(r#"{{"leaf_input":"{leaf}","extra_data":"{}"}}"#, STANDARD.encode(extra))
    };
    let (plain, pre) = (of(false), of(true));
    vec![
        format!("{{\"entries\":[{plain},\n {pre}]}}"),
        format!("{{\"entries\":[{pre}]}}\n{{\"entries\":[]}}\n{plain}\n"),
    ]
}

fn tile(chain: &[Vec<u8>]) -> Vec<u8> {
    let mut tile = Vec::new();
    for (index, pre) in [(7, false), (8, true)] {
        let (entry, _) = entry(chain, pre, &[0, 0, 5, 0, 0, 0, 0, index]);
        tile.extend(entry);
        if pre {
            tile.extend(vector(&chain[0], 3));
        }
        tile.extend(vector(&[[1; 32], [2; 32]].concat(), 2));
    }
    tile
}

fn pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

fn feeds(chain: &[Vec<u8>]) -> [String; 2] {
    let as_der = |der: &Vec<u8>| format!(r#"{{"as_der":"{}"}}"#, STANDARD.encode(der));
    let rest: Vec<String> = chain[1..].iter().map(as_der).collect();
    let certstream = format!(
        r#"{{"message_type":"certificate_update","data":{{"cert_index":7,"leaf_cert":{},"chain":[{}]}}}}"#,
        as_der(&chain[0]),
        rest.join(",")
    );
    let quoted = |der: &Vec<u8>| pem(der).replace('\n', "\\n");
    let rest: Vec<String> =
        chain[1..].iter().map(|der| format!(r#"{{"certificate":"{}"}}"#, quoted(der))).collect();
    let tlsx = format!(
        r#"{{"timestamp":"2026-01-15T12:00:00Z","host":"www.example.test","ip":"192.0.2.7","port":"443","sni":"www.example.test","certificate":"{}","chain":[{}]}}"#,
        quoted(&chain[0]),
        rest.join(",")
    );
    [certstream, tlsx]
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

/// Settings and scan: the format is named, or left to be found out.
pub(super) fn of(chains: &[Vec<Vec<u8>>]) -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let mut number = 0u8;
    let mut add = |format: u8, text: &[u8]| {
        for format in [format, 0, 7] {
            // Names and times, sizes: each in its turn.
            number = number.wrapping_add(37);
            seeds.push([&[format | (number & 0xf8), number.rotate_left(3)], text].concat());
        }
    };
    for chain in chains.iter().filter(|chain| !chain.is_empty()) {
        let lines = zgrab(chain);
        for line in &lines {
            add(1, line.as_bytes());
        }
        let few: Vec<&str> = lines.iter().map(String::as_str).take(2).collect();
        for end in ["\n", "\r\n", "\r", "\n\n"] {
            add(1, (few.join(end) + end).as_bytes());
        }
        add(1, format!("\u{feff}{}\n", lines[0]).as_bytes());
        let answers = ct_entries(chain);
        for answer in &answers {
            add(2, answer.as_bytes());
        }
        add(2, format!("\u{feff}{}", answers[0]).as_bytes());
        add(3, &tile(chain));
        let [certstream, tlsx] = feeds(chain);
        add(4, format!("{{\"message_type\":\"heartbeat\"}}\n{certstream}\n").as_bytes());
        add(5, format!("{tlsx}\n{tlsx}\n").as_bytes());
        add(6, chain.iter().map(|der| pem(der)).collect::<String>().as_bytes());
        add(6, &chain.concat());
        let text = few.join("\n");
        add(1, &gzip(text.as_bytes()));
        add(1, &zstd::encode_all(text.as_bytes(), 1).unwrap());
    }
    seeds
}
