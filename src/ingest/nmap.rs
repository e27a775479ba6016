//! nmap's XML, with what its script ssl-cert has found on a port. Entities of a document's own are not expanded.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::batch::{Origin, Presented, Row};

use super::records::Records;
use super::{NameSource, Options, pem_texts};

/// The rows of a document.
///
/// # Errors
///
/// The offset at which it is not XML, and what is wrong there.
pub(super) fn rows(text: &[u8], records: &mut Records<'_>) -> Result<(), (usize, String)> {
    let text = String::from_utf8_lossy(text);
    let mut reader = Reader::from_str(&text);
    let mut walk = Walk {
        records,
        host: Host::default(),
        port: None,
        in_script: false,
        found_pem: None,
        pem: None,
        found: true,
    };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        match reader.read_event() {
            Ok(Event::Start(element)) => walk.start(&element, false),
            Ok(Event::Empty(element)) => walk.start(&element, true),
            Ok(Event::End(element)) => walk.end(element.name().as_ref()),
            Ok(Event::Text(text)) => walk.text(&text.xml10_content()),
            Ok(Event::CData(text)) => walk.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => walk.text(character.encode_utf8(&mut [0; 4])),
                // The five that are predefined have no place in PEM.
                _ => walk.text("&"),
            },
            Ok(Event::Eof) if walk.is_open() => {
                walk.leave_host();
                return Err((text.len(), "breaks off within a host".to_owned()));
            }
            Ok(Event::Eof) => return Ok(()),
            Ok(_) => {}
            Err(error) => {
                walk.leave_host();
                return Err((at.min(text.len()), format!("no sound XML: {error}")));
            }
        }
    }
}

/// A host, as far as it is known.
#[derive(Default)]
struct Host {
    open: bool,
    ip: Option<String>,
    /// The name that was asked for, else one that its address has.
    name: Option<String>,
    asked: bool,
    at: Option<i64>,
}

/// Where the reader is.
struct Walk<'r, 'o> {
    records: &'r mut Records<'o>,
    host: Host,
    port: Option<String>,
    /// Within the script.
    in_script: bool,
    /// What it has.
    found_pem: Option<String>,
    /// Within the element with the certificate.
    pem: Option<String>,
    /// The host has a script.
    found: bool,
}

fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = element.try_get_attribute(name).ok().flatten()?;
    let value: &str = attribute.value.as_ref();
    quick_xml::escape::unescape(value).ok().map(std::borrow::Cow::into_owned)
}

impl Walk<'_, '_> {
    fn is_open(&self) -> bool {
        self.host.open
    }

    fn start(&mut self, element: &BytesStart<'_>, is_empty: bool) {
        let of = |name: &str| attribute(element, name);
        let name = element.name();
        match name.as_ref() {
            "host" => {
                self.leave_host();
                let at = of("endtime").or_else(|| of("starttime")).and_then(|at| at.parse().ok());
                self.host = Host { open: true, at, ..Host::default() };
                self.found = false;
            }
            "address" if of("addrtype").is_some_and(|kind| kind.starts_with("ip")) => {
                self.host.ip = of("addr");
            }
            "hostname" => {
                let asked = of("type").as_deref() == Some("user");
                if self.host.name.is_none() || asked && !self.host.asked {
                    self.host.name = of("name");
                    self.host.asked = asked;
                }
            }
            "port" => self.port = of("portid"),
            "script" if of("id").as_deref() == Some("ssl-cert") => self.in_script = true,
            "elem" if self.in_script && of("key").as_deref() == Some("pem") => {
                self.pem = Some(String::new());
            }
            _ => {}
        }
        if is_empty {
            self.end(name.as_ref());
        }
    }

    fn text(&mut self, text: &str) {
        if let Some(pem) = &mut self.pem {
            pem.push_str(text);
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "host" => self.leave_host(),
            "port" => self.port = None,
            "elem" => {
                if let Some(pem) = self.pem.take() {
                    self.found_pem.get_or_insert(pem);
                }
            }
            "script" if self.in_script => {
                self.in_script = false;
                self.found = true;
                let found = self.found_pem.take();
                let (host, port, options) = (&self.host, self.port.as_deref(), self.records.options());
                self.records.add(None, |rows| rows.extend(found.map(|pem| row(host, port, &pem, options))));
            }
            _ => {}
        }
    }

    /// A host without the script is a record, too.
    fn leave_host(&mut self) {
        if std::mem::take(&mut self.host.open) && !self.found {
            self.records.add(None, |_| {});
        }
        (self.port, self.found_pem, self.pem, self.in_script) = (None, None, None, false);
    }
}

fn row(host: &Host, port: Option<&str>, pem: &str, options: &Options) -> Row {
    let (domain, ip) = (host.name.as_deref(), host.ip.as_deref());
    let asked = domain.filter(|_| host.asked);
    let name = match options.names {
        NameSource::Auto => asked.or(ip),
        NameSource::Domain | NameSource::Sni => asked,
        NameSource::Ip => ip,
        NameSource::None => None,
    };
    let address = asked.or(ip).unwrap_or("?");
    let key = port.map_or_else(|| address.to_owned(), |port| format!("{address}:{port}"));
    let mut row = Row { key: Some(key), name: options.name(name), at: options.at(host.at), ..Row::default() };
    row.origin = Origin {
        ip: host.ip.clone(),
        port: port.and_then(|port| port.parse().ok()),
        domain: host.name.clone(),
        ..Origin::default()
    };
    let mut chain = Presented::default();
    match pem_texts::push(&mut chain, pem) {
        Ok(()) => row.chain = chain,
        Err(problem) => row.problem = Some(problem),
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = r#"<host endtime="1780272005"><address addr="192.0.2.10" addrtype="ipv4"/><address addr="00:00" addrtype="mac"/>
<hostnames><hostname name="ptr.example" type="PTR"/><hostname name="a.example" type="user"/></hostnames>
<ports><port protocol="tcp" portid="443"><script id="http-title" output="x"><elem key="pem">no</elem></script>
<script id="ssl-cert" output="Subject"><table key="subject"><elem key="commonName">a</elem></table><elem key="pem">-----BEGIN CERTIFICATE-----&#xa;MAMCAQE=&#xa;-----END CERTIFICATE-----&#xa;</elem></script></port>
<port portid="80"><script id="ssl-cert" output=""/></port></ports></host>"#;

    #[expect(clippy::type_complexity, reason = "all that a document gives")]
    fn read(text: &str) -> (Vec<Row>, u64, u64, Result<(), (usize, String)>) {
        let options = Options::default();
        let mut records = Records::new(&options);
        let read = rows(text.as_bytes(), &mut records);
        (records.rows, records.count, records.skipped, read)
    }

    #[test]
    fn ports_with_the_script_are_rows() {
        let without = r#"<host><address addr="2001:db8::1" addrtype="ipv6"/></host>"#;
        let (found, count, skipped, read) =
            read(&format!("<?xml version=\"1.0\"?><nmaprun>{HOST}{without}</nmaprun>"));
        assert_eq!((found.len(), count, skipped, read), (1, 3, 2, Ok(())));
        let row = &found[0];
        assert_eq!(row.chain.iter().collect::<Vec<_>>(), [[0x30, 3, 2, 1, 1]]);
        assert_eq!((row.key.as_deref(), row.name.as_deref()), (Some("a.example:443"), Some("a.example")));
        assert_eq!((row.at, row.origin.ip.as_deref()), (Some(1_780_272_005), Some("192.0.2.10")));
    }

    #[test]
    fn torn_documents_keep_what_came_before_and_entities_are_not_expanded() {
        let text = format!("<nmaprun>{HOST}<host><ports>");
        let (found, count, skipped, torn) = read(&text);
        assert_eq!((found.len(), count, skipped, torn.is_err()), (1, 3, 2, true));
        let (found, .., torn) = read(&format!("<nmaprun>{HOST}<host <</nmaprun>"));
        assert!(found.len() == 1 && torn.is_err());
        let bomb = r#"<!DOCTYPE a [<!ENTITY b "-----BEGIN CERTIFICATE-----"><!ENTITY c "&b;&b;&b;">]>"#;
        let (found, ..) = read(&format!("{bomb}<nmaprun>{}</nmaprun>", HOST.replace("MAMCAQE=", "&c;")));
        assert!(found[0].problem.is_some());
    }
}
