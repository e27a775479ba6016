//! Which format a source has, and which name of a scan counts.

use std::path::Path;

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

impl Format {
    /// What a source is by its name and by how it starts (decompressed).
    pub(super) fn guess(name: &str, head: &[u8]) -> Self {
        let start = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
        if head.starts_with(b"PAR1") {
            return Self::Parquet;
        }
        if start.starts_with(b"-----BEGIN ") || matches!(head, [0x30, 0x80..=0xff, ..]) {
            return Self::Certificates;
        }
        let lower = name.to_ascii_lowercase();
        let plain = [".gz", ".zst"].iter().find_map(|suffix| lower.strip_suffix(suffix)).unwrap_or(&lower);
        let suffix = Path::new(plain).extension().and_then(std::ffi::OsStr::to_str).unwrap_or("");
        if start.starts_with(b"{") || matches!(suffix, "jsonl" | "ndjson" | "json") {
            return Self::guess_json(start);
        }
        if suffix == "parquet" {
            return Self::Parquet;
        }
        if looks_like_tile(head) || is_in_tile_folder(name) {
            return Self::CtTiles;
        }
        Self::Certificates
    }

    /// The first object tells by its keys.
    fn guess_json(start: &[u8]) -> Self {
        let first = start.get(..start.len().min(64 << 10)).unwrap_or(start);
        let has = |key: &[u8]| memchr::memmem::find(first, key).is_some();
        if has(b"\"leaf_input\"") {
            Self::CtEntries
        } else if has(b"\"leaf_cert\"") && has(b"\"as_der\"") {
            Self::Certstream
        } else if !has(b"\"handshake_log\"") && has(b"-----BEGIN CERTIFICATE-----") {
            Self::Tlsx
        } else if has(b"\"entries\"") && !has(b"\"data\"") {
            Self::CtEntries
        } else {
            Self::Zgrab
        }
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
            assert_eq!(Format::guess(name, head), format, "{name} {}", head.escape_ascii());
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
