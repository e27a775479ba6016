//! Which format a source has, and which name of a scan counts.

use std::path::Path;

use super::text::{holds, text_start};
use super::{capture, s_client, testssl};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)*
        }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// The one that goes by this word.
            pub fn named(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == word)
            }
        }
    };
}

words! {
    /// A format of files with certificates.
    Format {
        /// JSON lines of zgrab2, or of the first zgrab.
        Zgrab = "zgrab",
        /// Answers of a certificate log to `get-entries` (RFC 6962 4.6).
        CtEntries = "ct-entries",
        /// Data tiles of a static certificate log (C2SP static-ct-api).
        CtTiles = "ct-tiles",
        /// JSON lines of certstream.
        Certstream = "certstream",
        /// JSON lines of tlsx with certificates in PEM.
        Tlsx = "tlsx",
        /// The JSON document of sslyze.
        Sslyze = "sslyze",
        /// Measurements of OONI.
        Ooni = "ooni",
        /// The XML document of nmap, with the script ssl-cert.
        Nmap = "nmap",
        /// The JSON document of testssl.sh, flat or pretty.
        Testssl = "testssl",
        /// The same as CSV.
        TestsslCsv = "testssl-csv",
        /// An HTTP archive with certificates in it.
        Har = "har",
        /// What `openssl s_client` prints, one connection after the other.
        SClient = "s_client",
        /// Captured packets, pcap or pcapng.
        Pcap = "pcap",
        /// Parquet with certificates in binary columns.
        Parquet = "parquet",
        /// One chain in PEM, or one certificate in DER.
        Certificates = "certificates",
    }
}

words! {
    /// Which of the names in a scan is the reference identity.
    NameSource {
        /// What was asked for: the server name that was sent, else the host of an HTTP request, else the domain,
        /// else the address.
        Auto = "auto",
        /// The domain that was scanned.
        Domain = "domain",
        /// The server name that was sent, as far as the scan has recorded it.
        Sni = "sni",
        /// The address.
        Ip = "ip",
        /// None: names are not checked.
        None = "none",
    }
}

/// What a source seems to be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Guess {
    pub(super) format: Format,
    /// Its octets say so, and not only its name.
    pub(super) sure: bool,
}

impl Format {
    /// What a source is by its name and by how it starts (decompressed).
    pub(super) fn guess(name: &str, head: &[u8]) -> Guess {
        let sure = |format| Guess { format, sure: true };
        let start = text_start(head);
        if head.starts_with(b"PAR1") {
            return sure(Self::Parquet);
        }
        if capture::is_one(head) {
            return sure(Self::Pcap);
        }
        let certificates = Guess { format: Self::Certificates, sure: holds(head, b"CERTIFICATE-----") };
        if matches!(head, [0x30, 0x80..=0xff, ..]) {
            return certificates;
        }
        if s_client::connections(start).nth(1).is_some() {
            return sure(Self::SClient);
        }
        if start.starts_with(b"-----BEGIN ") {
            return certificates;
        }
        if start.starts_with(b"<") && holds(start, b"<nmaprun") {
            return sure(Self::Nmap);
        }
        if testssl::is_csv(start) {
            return sure(Self::TestsslCsv);
        }
        let suffix = suffix(name);
        if start.starts_with(b"{")
            || start.strip_prefix(b"[").is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
            || matches!(suffix.as_str(), "jsonl" | "ndjson" | "json")
        {
            return Self::guess_json(start);
        }
        if suffix == "parquet" {
            return Guess { format: Self::Parquet, sure: false };
        }
        if looks_like_tile(head) || is_in_tile_folder(name) {
            return sure(Self::CtTiles);
        }
        certificates
    }

    /// The first record tells by its keys; what its values are is for those who were scanned to choose.
    fn guess_json(start: &[u8]) -> Guess {
        let keys = Keys::of(start);
        let has = |key: &str| keys.has(key);
        let top = |key: &str| keys.top().any(|one| one == key.as_bytes());
        let format = if has("leaf_input") {
            Self::CtEntries
        } else if keys.has_deep("handshake_log") || keys.has_deep("tls_handshake") && has("data") {
            Self::Zgrab
        } else if has("leaf_cert") || has("message_type") {
            Self::Certstream
        } else if has("server_scan_results") {
            Self::Sslyze
        } else if has("test_keys") || has("probe_asn") && has("measurement_start_time") {
            Self::Ooni
        } else if has("log") && (has("entries") || has("creator")) {
            Self::Har
        } else if has("scanResult") || has("finding") && has("severity") {
            Self::Testssl
        } else if top("data") && (top("ip") || top("domain")) {
            Self::Zgrab
        } else if has("host")
            && ["certificate", "probe_status", "tls_version", "subject_cn"].into_iter().any(has)
        {
            Self::Tlsx
        } else if has("entries") {
            Self::CtEntries
        } else {
            return Guess { format: Self::Zgrab, sure: false };
        };
        Guess { format, sure: true }
    }

    /// Whether each line of a source is a record by itself.
    pub(super) fn is_lines(self, name: &str, head: &[u8], (asked, sure): (bool, bool)) -> bool {
        let start = text_start(head);
        let first = start.split(|&octet| octet == b'\n' || octet == b'\r').next().unwrap_or_default();
        match self {
            // A document on lines of its own: the first line is not one.
            Self::CtEntries | Self::Ooni => first_line_is_complete(head),
            // Where nobody has said so, a lone bracket begins a document, laid out for people.
            Self::Certstream | Self::Tlsx | Self::Zgrab => {
                let pretty = matches!(first.trim_ascii(), b"{" | b"[");
                asked
                    || matches!(suffix(name).as_str(), "jsonl" | "ndjson")
                    || (sure && !pretty)
                    || first_line_is_complete(head)
            }
            _ => false,
        }
    }
}

/// A name's suffix in lower case, that of a compressed file aside.
fn suffix(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let plain = [".gz", ".zst"].iter().find_map(|suffix| lower.strip_suffix(suffix)).unwrap_or(&lower);
    Path::new(plain).extension().and_then(std::ffi::OsStr::to_str).unwrap_or("").to_owned()
}

/// Whether JSON in which a line end comes so late, or not at all, has a document on each line.
fn first_line_is_complete(head: &[u8]) -> bool {
    let start = text_start(head);
    match memchr::memchr2(b'\n', b'\r', start) {
        Some(end) => {
            let first = start.get(..end).unwrap_or_default();
            let read = serde_json::from_slice::<serde::de::IgnoredAny>(first);
            // A damaged line is a line; one that goes on is not.
            !read.is_err_and(|error| error.is_eof()) || first.len() > 1_000
        }
        None => true,
    }
}

/// The keys of JSON objects, as far as a start shows them.
pub(super) struct Keys<'h>(Vec<(usize, &'h [u8])>);

impl<'h> Keys<'h> {
    /// Keys that are looked at.
    const MOST: usize = 4_096;
    /// Objects and lists around a key that tells a format.
    const SHALLOW: usize = 4;

    pub(super) fn of(start: &'h [u8]) -> Self {
        let mut keys = Vec::new();
        let mut depth = 0_usize;
        let mut at = 0;
        while let Some(&octet) = start.get(at).filter(|_| keys.len() < Self::MOST) {
            at += 1;
            match octet {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth = depth.saturating_sub(1),
                b'"' => {
                    let from = at;
                    while let Some(&octet) = start.get(at).filter(|&&octet| octet != b'"') {
                        at += if octet == b'\\' { 2 } else { 1 };
                    }
                    let text = start.get(from..at).unwrap_or_default();
                    at += 1;
                    let rest = start.get(at..).unwrap_or_default().trim_ascii_start();
                    if rest.starts_with(b":") {
                        keys.push((depth, text));
                    }
                }
                _ => {}
            }
        }
        Self(keys)
    }

    /// Whether there is such a key near the top.
    pub(super) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|&(depth, one)| depth <= Self::SHALLOW && one == key.as_bytes())
    }

    fn has_deep(&self, key: &str) -> bool {
        self.0.iter().any(|&(_, one)| one == key.as_bytes())
    }

    /// The first keys of the outermost object.
    pub(super) fn top(&self) -> impl Iterator<Item = &'h [u8]> {
        self.0.iter().filter(|(depth, _)| *depth == 1).map(|&(_, key)| key)
    }
}

/// Whether octets start as a TimestampedEntry does: milliseconds since 1970 in the years 2004 to 2109, and
/// one of the two types.
fn looks_like_tile(head: &[u8]) -> bool {
    matches!(head, [0, 0, 1..=3, _, _, _, _, _, 0, 0 | 1, ..])
}

fn is_in_tile_folder(name: &str) -> bool {
    name.replace('\\', "/").contains("tile/data/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_told_by_their_start() {
        let cases: [(&str, &[u8], Format); 12] = [
            ("a", b"\xef\xbb\xbf\r\n {\"ip\":\"192.0.2.1\",\"data\":{}}", Format::Zgrab),
            ("a", b"{\"entries\":[{\"leaf_input\":\"\"}]}", Format::CtEntries),
            ("a", b"{\"entries\":[]}", Format::CtEntries),
            ("a", b"{\"data\":{\"leaf_cert\":{\"as_der\":\"\"}}}", Format::Certstream),
            ("a", b"{\"host\":\"a\",\"certificate\":\"-----BEGIN CERTIFICATE-----\"}", Format::Tlsx),
            ("a", b"PAR1", Format::Parquet),
            ("a", b"\x00\x00\x01\x8b\xcf\xe5\x68\x00\x00\x00", Format::CtTiles),
            ("a", b"-----BEGIN CERTIFICATE-----", Format::Certificates),
            ("a", b"0\x82", Format::Certificates),
            ("a", b"", Format::Certificates),
            ("scan.jsonl.zst", b"\xff garbage", Format::Zgrab),
            ("log/tile/data/x001/000", b"garbage", Format::CtTiles),
        ];
        for (name, head, format) in cases {
            assert_eq!(Format::guess(name, head).format, format, "{name} {}", head.escape_ascii());
        }
    }

    #[test]
    fn words_lead_back() {
        for &format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
        }
        assert_eq!(NameSource::named("nobody"), None);
    }
}
