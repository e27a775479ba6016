//! What to say of a source in which no certificates were found: what it looks like, and what might be meant.

use super::Format;
use super::format::{Guess, Keys};
use super::source::MOST_BLANK;
use super::text::{holds, text_start};

/// "looks like …; did you mean …".
pub(super) fn advice(head: &[u8], guess: Guess, asked: Option<Format>) -> String {
    let start = text_start(head);
    if start.is_empty() {
        return if head.len() < MOST_BLANK { "it is empty" } else { "its first MiB is blank" }.to_owned();
    }
    if let Some(asked) = asked.filter(|asked| guess.sure && *asked != guess.format) {
        return format!(
            "looks like {}, but the format {} was asked for; did you mean {}?",
            described(guess.format),
            asked.name(),
            guess.format.name()
        );
    }
    let of_lines = matches!(guess.format, Format::Zgrab | Format::Certstream | Format::Tlsx);
    if guess.sure && of_lines && start.starts_with(b"[") {
        let format = described(guess.format);
        return format!(
            "looks like {format}, in a list; did you mean one on each line: jq -c '.[]' FILE > NEW.jsonl?"
        );
    }
    if guess.sure || asked.is_some() {
        let format = asked.unwrap_or(guess.format);
        return format!("looks like {} without certificates; {}", described(format), wanted(format));
    }
    unknown(start)
}

/// The format in words.
fn described(format: Format) -> &'static str {
    match format {
        Format::Zgrab => "the JSON lines of zgrab2",
        Format::CtEntries => "a certificate log's answers to get-entries",
        Format::CtTiles => "a tile of a static certificate log",
        Format::Certstream => "messages of certstream",
        Format::Tlsx => "the JSON lines of tlsx",
        Format::Sslyze => "sslyze's JSON",
        Format::Ooni => "an OONI measurement",
        Format::Nmap => "nmap's XML",
        Format::Testssl => "testssl.sh's JSON",
        Format::TestsslCsv => "testssl.sh's CSV",
        Format::Har => "an HTTP archive (HAR)",
        Format::SClient => "what openssl s_client prints",
        Format::Pcap => "captured packets",
        Format::Parquet => "Parquet",
        Format::Certificates => "PEM",
    }
}

/// What would have certificates in it.
fn wanted(format: Format) -> &'static str {
    match format {
        Format::Zgrab => "did you mean the output of a module with TLS, such as zgrab2 tls?",
        Format::CtEntries | Format::CtTiles => "did you mean another part of the log?",
        Format::Certstream => "did you mean the full stream, whose messages have as_der?",
        Format::Tlsx => "did you mean tlsx -json -cert?",
        Format::Sslyze => "did you mean sslyze --certinfo --json_out=FILE?",
        Format::Ooni => {
            "did you mean a test with TLS handshakes: tlsping, tlshandshake, urlgetter, web_connectivity?"
        }
        Format::Nmap => "did you mean nmap --script ssl-cert -oX FILE?",
        Format::Testssl => "did you mean testssl.sh --server-defaults --jsonfile FILE?",
        Format::TestsslCsv => "did you mean testssl.sh --server-defaults --csvfile FILE?",
        Format::Har => {
            "did you mean an archive with _certificates, such as WebPageTest's? Browsers leave certificates out: \
             openssl s_client -showcerts has them"
        }
        Format::SClient => "did you mean openssl s_client -showcerts?",
        Format::Pcap => "did you mean a capture with whole TLS handshakes, up to TLS 1.2?",
        Format::Parquet => "did you mean a table with a column chain or leaf?",
        Format::Certificates => "did you mean a file with BEGIN CERTIFICATE?",
    }
}

/// What no format describes.
fn unknown(start: &[u8]) -> String {
    const FORMATS: &str = "did you mean to name its format?";
    if start.starts_with(b"{") || start.starts_with(b"[") {
        let keys = Keys::of(start);
        if keys.has("issuer_ca_id") && keys.has("name_value") {
            return "looks like crt.sh's index, which has no certificates; did you mean https://crt.sh/?d=ID, one \
                    for each?"
                .to_owned();
        }
        let top: Vec<String> = keys.top().take(4).map(shown).collect();
        let kind =
            if top.is_empty() { "JSON".to_owned() } else { format!("JSON with the keys {}", top.join(", ")) };
        return format!("looks like {kind}, no scan; {FORMATS}");
    }
    if start.starts_with(b"<") {
        let kind = if holds(start, b"burpVersion") { "Burp's items" } else { "XML or HTML" };
        return format!("looks like {kind}, no scan; did you mean nmap --script ssl-cert -oX FILE, or PEM?");
    }
    if start.first().is_some_and(u8::is_ascii_digit) && holds(start, b"certificate_list") {
        return "looks like mitmproxy's flows; did you mean the certificates of a flow in PEM?".to_owned();
    }
    format!("looks like no scan; {FORMATS}")
}

/// A few characters of a key.
fn shown(key: &[u8]) -> String {
    String::from_utf8_lossy(key).chars().take(30).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(head: &str, asked: Option<Format>) -> String {
        advice(head.as_bytes(), Format::guess("a.json", head.as_bytes()), asked)
    }

    #[test]
    fn what_is_no_scan_is_named() {
        for (head, starts) in [
            (
                r#"{"name":"x","version":"1"}"#,
                "looks like JSON with the keys name, version, no scan; did you mean",
            ),
            ("  \n", "it is empty"),
            ("[1]", "looks like JSON, no scan"),
            (r#"[{"issuer_ca_id":1,"name_value":"a"}]"#, "looks like crt.sh's index"),
            (
                r#"{"host":"a","port":"443","tls_version":"tls13"}"#,
                "looks like the JSON lines of tlsx without",
            ),
            (r#"{"log":{"version":"1.2","entries":[]}}"#, "looks like an HTTP archive (HAR) without"),
            (
                r#"{"server_scan_results":[]}"#,
                "looks like sslyze's JSON without certificates; did you mean sslyze --c",
            ),
            (r#"{"test_keys":{}}"#, "looks like an OONI measurement without"),
            (
                r#"[{"host":"a","tls_version":"tls13"}]"#,
                "looks like the JSON lines of tlsx, in a list; did you mean",
            ),
            ("hello", "looks like no scan"),
        ] {
            let said = said(head, None);
            assert!(said.starts_with(starts), "{said}");
        }
        let other = said(r#"{"test_keys":{}}"#, Some(Format::Zgrab));
        assert!(other.ends_with("the format zgrab was asked for; did you mean ooni?"), "{other}");
    }
}
