//! Small scans in every format (docs/formats.md).

use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// No number of a format: what the file looks like.
const FOUND_OUT: u8 = 255;

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

/// sslyze, OONI, nmap, testssl.sh (flat), testssl.sh as CSV, HAR, s_client: the formats from 6 on.
fn documents(chain: &[Vec<u8>]) -> [String; 7] {
    let listed = |one: &dyn Fn(&Vec<u8>) -> String| chain.iter().map(one).collect::<Vec<_>>().join(",");
    let quoted = |der: &Vec<u8>| format!("\"{}\"", pem(der).replace('\n', "\\n"));
    let sent = listed(&|der| format!(r#"{{"as_pem":{}}}"#, quoted(der)));
    let sslyze = format!(
        r#"{{"server_scan_results":[{{"server_location":{{"hostname":"www.example.test","port":443,"ip_address":"192.0.2.7"}},"scan_result":{{"certificate_info":{{"result":{{"hostname_used_for_server_name_indication":"www.example.test","certificate_deployments":[{{"received_certificate_chain":[{sent}]}}]}}}}}}}},{{"scan_result":null}}],"date_scans_started":"2026-01-15T12:00:00Z"}}"#
    );
    let peers = listed(&|der| format!(r#"{{"data":"{}","format":"base64"}}"#, STANDARD.encode(der)));
    let plain = listed(&|der| format!("\"{}\"", STANDARD.encode(der)));
    let ooni = format!(
        "{{\"input\":\"https://www.example.test/\",\"measurement_start_time\":\"2026-01-15 12:00:00\",\"test_keys\":{{\"pings\":[{{\"tls_handshake\":{{\"address\":\"192.0.2.7:443\",\"server_name\":\"www.example.test\",\"peer_certificates\":[{peers}]}}}}],\"tls_handshakes\":[{{\"failure\":null,\"peer_certificates\":[{plain}]}}]}}}}\n"
    );
    let script = pem(&chain[0]).replace('\n', "&#xa;");
    let nmap = format!(
        "<?xml version=\"1.0\"?><nmaprun><host endtime=\"1768478400\"><address addr=\"192.0.2.7\" addrtype=\"ipv4\"/><hostnames><hostname name=\"www.example.test\" type=\"user\"/></hostnames><ports><port portid=\"443\"><script id=\"ssl-cert\" output=\"x\"><elem key=\"pem\">{script}</elem></script></port></ports></host><host/></nmaprun>"
    );
    let finding = |number: usize, der: &Vec<u8>| {
        let id = if number == 0 { "cert".to_owned() } else { format!("intermediate_cert <#{number}>") };
        (id, pem(der).trim_end().replace('\n', " "))
    };
    let findings: Vec<_> = chain.iter().enumerate().map(|(number, der)| finding(number, der)).collect();
    let place = r#""ip":"www.example.test/192.0.2.7","port":"443""#;
    let flat: Vec<_> =
        findings.iter().map(|(id, text)| format!(r#"{{"id":"{id}",{place},"finding":"{text}"}}"#)).collect();
    let mut csv = "\"id\",\"fqdn/ip\",\"port\",\"severity\",\"finding\",\"cve\",\"cwe\"\n".to_owned();
    for (id, text) in &findings {
        csv.extend([
            "\"",
            id,
            "\",\"www.example.test/192.0.2.7\",\"443\",\"INFO\",\"",
            text,
            "\",\"\",\"\"\n",
        ]);
    }
    let texts = listed(&quoted);
    let har = format!(
        r#"{{"log":{{"version":"1.2","entries":[{{"startedDateTime":"2026-01-15T12:00:00Z","serverIPAddress":"192.0.2.7","request":{{"url":"https://www.example.test/"}},"_certificates":[{texts}]}},{{"response":{{"_securityDetails":{{"rawDER":[{plain}]}}}}}}]}}}}"#
    );
    let blocks: String = chain.iter().map(|der| pem(der)).collect();
    let s_client = format!("Connecting to 192.0.2.7\nCONNECTED(00000003)\n---\n{blocks}---\n").repeat(2);
    [sslyze, ooni, nmap, format!("[{}]", flat.join(",")), csv, har, s_client]
}

/// A TLS 1.2 handshake in Ethernet, as pcap and, over raw IPv6, as pcapng.
fn captures(chain: &[Vec<u8>]) -> [Vec<u8>; 2] {
    let message = |kind: u8, body: &[u8]| [&[kind], vector(body, 3).as_slice()].concat();
    let record = |octets: &[u8]| [&[22, 3, 3], vector(octets, 2).as_slice()].concat();
    let host = vector(&[&[0], vector(b"www.example.test", 2).as_slice()].concat(), 2);
    let extensions =
        vector(&[&[0, 0], vector(&host, 2).as_slice(), &[0, 5, 0, 5, 1, 0, 0, 0, 0]].concat(), 2);
    let random = [&[3, 3], [7; 32].as_slice()].concat();
    let client =
        record(&message(1, &[&random, [0, 0, 2, 0xc0, 0x2f, 1, 0].as_slice(), &extensions].concat()));
    let list: Vec<u8> = chain.iter().flat_map(|der| vector(der, 3)).collect();
    let scts = vector(&vector(&vector(&[0; 47], 2), 2), 2);
    let chosen = vector(&[&[0, 5, 0, 0, 0, 18], scts.as_slice()].concat(), 2);
    let hello = message(2, &[&random, [0, 0xc0, 0x2f, 0].as_slice(), &chosen].concat());
    let status = message(22, &[&[1], vector(&[0x30, 3, 10, 1, 0], 3).as_slice()].concat());
    let certificate = message(11, &vector(&list, 3));
    let server: Vec<u8> = [hello, certificate, status, message(12, &[0; 9]), message(14, &[])]
        .iter()
        .flat_map(|one| one.chunks(16_000).flat_map(record).collect::<Vec<_>>())
        .collect();
    let mut segments: Vec<(bool, u32, u8, &[u8])> =
        vec![(false, 9, 2, &[]), (true, u32::MAX - 99, 0x12, &[])];
    segments.push((false, 10, 0x18, &client));
    let mut number = u32::MAX - 98;
    for piece in server.chunks(700) {
        segments.push((true, number, 0x18, piece));
        number = number.wrapping_add(u32::try_from(piece.len()).unwrap());
    }
    let behind = 4.min(segments.len() - 1);
    segments.swap(3, behind);
    let tcp = |(from_server, number, flags, octets): &(bool, u32, u8, &[u8])| {
        let ports: [u8; 4] = if *from_server { [1, 0xbb, 0xc3, 0x50] } else { [0xc3, 0x50, 1, 0xbb] };
        [&ports, number.to_be_bytes().as_slice(), &[0, 0, 0, 1, 0x50, *flags, 0xff, 0xff, 0, 0, 0, 0], octets]
            .concat()
    };
    let mut pcap = [0xa1b2_c3d4_u32, 0x0004_0002, 0, 0, 65_535, 1].map(u32::to_le_bytes).concat();
    let shb = [0x0a0d_0d0a_u32, 28, 0x1a2b_3c4d, 1, u32::MAX, u32::MAX, 28].map(u32::to_le_bytes).concat();
    let mut ng = [shb, [1_u32, 20, 101, 0, 20].map(u32::to_le_bytes).concat()].concat();
    for segment in &segments {
        let tcp = tcp(segment);
        let (mut ends4, mut ends6) = ([[192, 0, 2, 7], [192, 0, 2, 9]], [[0x20; 16], [0x21; 16]]);
        if !segment.0 {
            ends4.reverse();
            ends6.reverse();
        }
        let total = u16::try_from(20 + tcp.len()).unwrap().to_be_bytes();
        let head4 = [&[0x45, 0], total.as_slice(), &[0, 1, 0, 0, 64, 6, 0, 0]].concat();
        let frame = [[0; 12].as_slice(), &[8, 0], &head4, &ends4.concat(), &tcp].concat();
        let length = u32::try_from(frame.len()).unwrap();
        pcap.extend([1_768_478_400, 0, length, length].map(u32::to_le_bytes).concat());
        pcap.extend(frame);
        let size = u16::try_from(tcp.len()).unwrap().to_be_bytes();
        let packet = [[0x60, 0, 0, 0].as_slice(), &size, &[6, 64], &ends6.concat(), &tcp].concat();
        let length = u32::try_from(packet.len()).unwrap();
        let padding = vec![0; packet.len().next_multiple_of(4) - packet.len()];
        let whole = 32 + length + u32::try_from(padding.len()).unwrap();
        ng.extend([6, whole, 0, 0x0006_4876, 0, length, length].map(u32::to_le_bytes).concat());
        ng.extend([packet, padding, whole.to_le_bytes().to_vec()].concat());
    }
    [pcap, ng]
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
        for format in [format, FOUND_OUT] {
            // Names and times, sizes: each in its turn.
            number = number.wrapping_add(37);
            seeds.push([&[format, number, number.rotate_left(3)], text].concat());
        }
    };
    for chain in chains.iter().filter(|chain| !chain.is_empty()) {
        let lines = zgrab(chain);
        for line in &lines {
            add(0, line.as_bytes());
        }
        let few: Vec<&str> = lines.iter().map(String::as_str).take(2).collect();
        for end in ["\n", "\r\n", "\r", "\n\n"] {
            add(0, (few.join(end) + end).as_bytes());
        }
        add(0, format!("\u{feff}{}\n", lines[0]).as_bytes());
        let answers = ct_entries(chain);
        for answer in &answers {
            add(1, answer.as_bytes());
        }
        add(1, format!("\u{feff}{}", answers[0]).as_bytes());
        add(2, &tile(chain));
        let [certstream, tlsx] = feeds(chain);
        add(3, format!("{{\"message_type\":\"heartbeat\"}}\n{certstream}\n").as_bytes());
        add(4, format!("{tlsx}\n{tlsx}\n").as_bytes());
        add(5, chain.iter().map(|der| pem(der)).collect::<String>().as_bytes());
        add(5, &chain.concat());
        for (format, text) in (6..).zip(documents(chain)) {
            add(format, text.as_bytes());
        }
        for capture in captures(chain) {
            add(13, &capture);
        }
        let text = few.join("\n");
        add(0, &gzip(text.as_bytes()));
        add(0, &zstd::encode_all(text.as_bytes(), 1).unwrap());
    }
    seeds
}
