//! TLS handshakes in the clear, from one direction of a connection (RFC 5246 6.2, 7.4).

use crate::batch::Presented;
use crate::ingest::limits::MAX_OCSP_RESPONSE;

/// Octets of the longest handshake message that is read: OpenSSL takes 100 KiB of certificates from a server.
const LONGEST: usize = 256 << 10;
/// Octets of the longest record: RFC 5246 6.2.3.
const LONGEST_RECORD: usize = (1 << 14) + 2048;

/// Extensions: an OCSP response is asked for, or may come; several; timestamps of logs; the version.
const STATUS: u16 = 5;
const STATUS_V2: u16 = 17;
const TIMESTAMPS: u16 = 18;
const VERSIONS: u16 = 43;

/// Stands for an OCSP response that cannot be made out: an octet that begins none.
const DAMAGED: [u8; 1] = [0];

const CHANGE_CIPHER_SPEC: u8 = 20;
const ALERT: u8 = 21;
const HANDSHAKE: u8 = 22;
const APPLICATION_DATA: u8 = 23;

/// The ServerHello that asks for another ClientHello, by its random (RFC 8446 4.1.3): TLS 1.3.
const HELLO_RETRY: [u8; 32] = [
    0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8, 0x91, 0xc2,
    0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8, 0x33, 0x9c,
];

/// What a direction says.
#[derive(Debug, Eq, PartialEq)]
pub(super) enum Message {
    /// With the server name that is asked for (RFC 6066 3), and whether an OCSP response is (RFC 6066 8, RFC 6961).
    ClientHello { server_name: Option<String>, asks_status: bool },
    /// What the server chooses.
    ServerHello(ServerHello),
    /// The chain, or what is wrong with the message.
    Certificate(Result<Presented, String>),
    /// The OCSP response about the end entity; empty if there is none in it.
    CertificateStatus(Vec<u8>),
    /// What a server sends behind these two.
    Later,
    /// Nothing follows in the clear.
    Over,
}

/// What of a ServerHello is of interest.
#[derive(Debug, Default, Eq, PartialEq)]
pub(super) struct ServerHello {
    /// Whether the rest is encrypted, as of TLS 1.3.
    pub(super) encrypted: bool,
    /// The SignedCertificateTimestampList (RFC 6962 3.3.1).
    pub(super) scts: Option<Vec<u8>>,
    /// A CertificateStatus may follow the chain (RFC 6066 8).
    pub(super) may_staple: bool,
}

/// One direction of a connection, from its first octet on.
#[derive(Debug, Default)]
pub(super) struct Stream {
    state: State,
    /// Of a record that is not whole.
    record: Vec<u8>,
    /// Of messages that are not whole.
    messages: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
enum State {
    /// Too little to tell.
    #[default]
    Begin,
    /// No TLS yet: a protocol that may start it (STARTTLS, CONNECT).
    Plain,
    Tls,
    Over,
}

/// Whether octets begin as the first handshake record of a side does; `None`: too few to tell.
pub(super) fn begins(octets: &[u8]) -> Option<bool> {
    let expected: [fn(u8) -> bool; 6] = [
        |one| one == HANDSHAKE,
        |one| one == 3,
        |one| one <= 4,
        |_| true,
        |_| true,
        |one| matches!(one, 1 | 2),
    ];
    let matches = octets.iter().zip(expected).all(|(&octet, is)| is(octet));
    if matches && octets.len() < expected.len() { None } else { Some(matches) }
}

impl Stream {
    /// Octets that are kept.
    pub(super) fn kept(&self) -> usize {
        self.record.capacity() + self.messages.capacity()
    }

    /// How far a message is that is not whole: its octets, and how many there should be.
    pub(super) fn torn(&self) -> Option<(usize, usize)> {
        let there = self.messages.len() + self.record.len().saturating_sub(5);
        let whole = match *self.messages {
            [_, a, b, c, ..] => 4 + length(&[a, b, c]),
            _ => there,
        };
        (there > 0).then_some((there, whole.max(there)))
    }

    /// Takes the next octets.
    pub(super) fn feed(&mut self, octets: &[u8], say: &mut dyn FnMut(Message)) {
        match self.state {
            State::Over => return,
            State::Tls => self.record.extend_from_slice(octets),
            State::Plain => match begins(octets) {
                // Where TLS starts later, it starts with a packet of its own.
                Some(true) => self.record.extend_from_slice(octets),
                _ => return,
            },
            State::Begin => {
                self.record.extend_from_slice(octets);
                match begins(&self.record) {
                    None => return,
                    Some(true) => {}
                    Some(false) => {
                        self.record = Vec::new();
                        self.state = State::Plain;
                        return;
                    }
                }
            }
        }
        self.state = State::Tls;
        let over = self.records(say).is_none();
        if over {
            *self = Self { state: State::Over, ..Self::default() };
            say(Message::Over);
        }
    }

    /// Takes whole records out of the buffer; `None` when nothing more is in the clear.
    fn records(&mut self, say: &mut dyn FnMut(Message)) -> Option<()> {
        let mut at = 0;
        while let Some(&[kind, major, _, high, low]) = self.record.get(at..at + 5) {
            let size = usize::from(u16::from_be_bytes([high, low]));
            if !(CHANGE_CIPHER_SPEC..=APPLICATION_DATA).contains(&kind) || major != 3 || size > LONGEST_RECORD
            {
                return None;
            }
            let Some(contents) = self.record.get(at + 5..at + 5 + size) else { break };
            at += 5 + size;
            match kind {
                HANDSHAKE => {
                    self.messages.extend_from_slice(contents);
                    self.take_messages(say)?;
                }
                // A warning, such as unrecognized_name, may come before the handshake goes on (RFC 6066 3).
                ALERT if contents.first() == Some(&1) => {}
                _ => return None,
            }
        }
        self.record.drain(..at);
        Some(())
    }

    fn take_messages(&mut self, say: &mut dyn FnMut(Message)) -> Option<()> {
        let mut at = 0;
        while let Some(&[kind, a, b, c]) = self.messages.get(at..at + 4) {
            let size = length(&[a, b, c]);
            if size > LONGEST {
                if kind == 11 {
                    let said = format!(
                        "a Certificate message of {size} bytes, more than the {LONGEST} that are read"
                    );
                    say(Message::Certificate(Err(said)));
                } else if kind == 22 {
                    say(Message::CertificateStatus(DAMAGED.to_vec()));
                }
                return None;
            }
            let Some(body) = self.messages.get(at + 4..at + 4 + size) else { break };
            at += 4 + size;
            match kind {
                1 => say(Message::ClientHello {
                    server_name: server_name(body),
                    asks_status: extension_of(client_extensions(body), STATUS).is_some()
                        || extension_of(client_extensions(body), STATUS_V2).is_some(),
                }),
                2 => say(Message::ServerHello(server_hello(body))),
                11 => say(Message::Certificate(
                    certificates(body).ok_or_else(|| "a damaged Certificate message".to_owned()),
                )),
                22 => {
                    say(Message::CertificateStatus(response(body).unwrap_or_else(|| DAMAGED.to_vec())));
                }
                12 | 13 => say(Message::Later), // ServerKeyExchange, CertificateRequest
                14 => return None,              // ServerHelloDone
                _ => {}
            }
        }
        self.messages.drain(..at);
        Some(())
    }
}

fn length(octets: &[u8]) -> usize {
    octets.iter().fold(0, |sum, &octet| sum << 8 | usize::from(octet))
}

/// Takes a vector with a length of so many octets off the front.
fn vector<'a>(octets: &mut &'a [u8], width: usize) -> Option<&'a [u8]> {
    let (size, rest) = octets.split_at_checked(width)?;
    let (contents, rest) = rest.split_at_checked(length(size))?;
    *octets = rest;
    Some(contents)
}

/// RFC 5246 7.4.2.
fn certificates(body: &[u8]) -> Option<Presented> {
    let mut body = body;
    let mut list = vector(&mut body, 3)?;
    let mut chain = Presented::with_capacity(list.len());
    while !list.is_empty() {
        let der = vector(&mut list, 3)?;
        // One more than is judged.
        if chain.len() <= crate::verifier::MAX_PRESENTED {
            chain.push(der);
        }
    }
    body.is_empty().then_some(chain)
}

/// The contents of an extension of a ClientHello or ServerHello.
fn extension(mut rest: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut extensions = vector(&mut rest, 2)?;
    while let Some((kind, behind)) = extensions.split_at_checked(2) {
        extensions = behind;
        let contents = vector(&mut extensions, 2)?;
        if length(kind) == usize::from(wanted) {
            return Some(contents);
        }
    }
    None
}

/// The same, where there are extensions.
fn extension_of(extensions: Option<&[u8]>, wanted: u16) -> Option<&[u8]> {
    extension(extensions?, wanted)
}

fn client_extensions(hello: &[u8]) -> Option<&[u8]> {
    let mut rest = hello.get(34..)?; // version, random
    vector(&mut rest, 1)?; // session_id
    vector(&mut rest, 2)?; // cipher_suites
    vector(&mut rest, 1)?; // compression_methods
    Some(rest)
}

fn server_extensions(hello: &[u8]) -> Option<&[u8]> {
    let mut rest = hello.get(34..)?; // version, random
    vector(&mut rest, 1)?; // session_id
    rest.get(3..) // cipher_suite, compression_method
}

fn server_name(hello: &[u8]) -> Option<String> {
    let mut names = extension_of(client_extensions(hello), 0)?;
    let mut list = vector(&mut names, 2)?;
    let (kind, mut behind) = list.split_at_checked(1)?;
    list = vector(&mut behind, 2)?;
    let name = std::str::from_utf8(list).ok()?;
    (kind == [0] && !name.is_empty()).then(|| name.to_owned())
}

fn server_hello(hello: &[u8]) -> ServerHello {
    let extensions = server_extensions(hello);
    // supported_versions (RFC 8446 4.2.1).
    let version = extension_of(extensions, VERSIONS);
    let encrypted = hello.get(2..34) == Some(HELLO_RETRY.as_slice())
        || version.is_some_and(|version| length(version) >= 0x0304);
    ServerHello {
        encrypted,
        scts: extension_of(extensions, TIMESTAMPS).map(<[u8]>::to_vec),
        may_staple: [STATUS, STATUS_V2].iter().any(|&kind| extension_of(extensions, kind).is_some()),
    }
}

/// The response about the end entity, which is the first of several (RFC 6066 8, RFC 6961 2.2). Of a large one an octet
/// more than is looked at, by which it is known to be too large.
fn response(body: &[u8]) -> Option<Vec<u8>> {
    let (kind, mut rest) = body.split_at_checked(1)?;
    let first = match kind {
        [1] => vector(&mut rest, 3)?,
        [2] => {
            let mut list = vector(&mut rest, 3)?;
            vector(&mut list, 3)?
        }
        _ => return None,
    };
    let kept = first.get(..MAX_OCSP_RESPONSE).unwrap_or(first);
    rest.is_empty().then(|| kept.to_vec())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::ingest::capture) fn sized(octets: &[u8], width: usize) -> Vec<u8> {
        [&octets.len().to_be_bytes()[8 - width..], octets].concat()
    }

    pub(in crate::ingest::capture) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        [&[kind], sized(body, 3).as_slice()].concat()
    }

    pub(in crate::ingest::capture) fn record(kind: u8, contents: &[u8]) -> Vec<u8> {
        [&[kind, 3, 3], sized(contents, 2).as_slice()].concat()
    }

    pub(in crate::ingest::capture) fn client_hello(name: &str) -> Vec<u8> {
        let names = sized(&[&[0], sized(name.as_bytes(), 2).as_slice()].concat(), 2);
        let extensions = sized(&[&[0, 0], sized(&names, 2).as_slice()].concat(), 2);
        message(1, &[&[3, 3], [7; 32].as_slice(), &[0, 0, 2, 0x13, 1, 1, 0], &extensions].concat())
    }

    pub(in crate::ingest::capture) fn hello(version: u16) -> Vec<u8> {
        let extensions = if version == 0x0304 { vec![0, 6, 0, 43, 0, 2, 3, 4] } else { vec![0, 0] };
        message(2, &[&[3, 3], [9; 32].as_slice(), &[0, 0xc0, 0x2f, 0], &extensions].concat())
    }

    pub(in crate::ingest::capture) fn certificate(chain: &[&[u8]]) -> Vec<u8> {
        let list: Vec<u8> = chain.iter().flat_map(|der| sized(der, 3)).collect();
        message(11, &sized(&list, 3))
    }

    fn said(octets: &[u8], step: usize) -> Vec<Message> {
        let mut stream = Stream::default();
        let mut all = Vec::new();
        octets.chunks(step).for_each(|octets| stream.feed(octets, &mut |message| all.push(message)));
        all
    }

    #[test]
    fn messages_are_read_however_they_are_cut() {
        let flight = [hello(0x0303), certificate(&[b"one", b"three"]), message(14, &[])].concat();
        let mut chain = Presented::default();
        chain.push(b"one");
        chain.push(b"three");
        let expected =
            [Message::ServerHello(ServerHello::default()), Message::Certificate(Ok(chain)), Message::Over];
        for size in [1, 3, 20, 1000] {
            let records: Vec<u8> = flight.chunks(size).flat_map(|piece| record(22, piece)).collect();
            // The first octet of a handshake says what it is, so a record holds six at the least.
            let records = if size < 2 { record(22, &flight) } else { records };
            for step in [1, 2, 5, 7, 100, 5000] {
                assert_eq!(said(&records, step), expected, "{size} {step}");
            }
        }
    }

    #[test]
    fn the_name_and_the_version_are_read() {
        let name = Some("a.example".to_owned());
        assert_eq!(
            said(&record(22, &client_hello("a.example")), 9),
            [Message::ClientHello { server_name: name, asks_status: false }]
        );
        let encrypted = [Message::ServerHello(ServerHello { encrypted: true, ..ServerHello::default() })];
        assert_eq!(said(&record(22, &hello(0x0304)), 9), encrypted);
        let mut retry = hello(0x0303);
        retry[6..38].copy_from_slice(&HELLO_RETRY);
        assert_eq!(said(&record(22, &retry), 9), encrypted);
    }

    #[test]
    fn what_is_no_tls_is_passed_over_and_tls_may_start_later() {
        assert!(said(b"HTTP/1.1 200 OK\r\n", 4).is_empty());
        let mut stream = Stream::default();
        let mut all = Vec::new();
        for octets in [b"220 ready\r\n".as_slice(), b"\x16", &record(22, &hello(0x0303))] {
            stream.feed(octets, &mut |message| all.push(message));
        }
        assert_eq!(all, [Message::ServerHello(ServerHello::default())]);
        assert_eq!(
            said(&[record(22, &hello(0x0303)), vec![20, 3, 3, 0, 1, 1]].concat(), 10).pop(),
            Some(Message::Over)
        );
    }

    #[test]
    fn damaged_and_long_messages_are_said() {
        let greeting = hello(0x0303);
        let long = [11, 0xff, 0xff, 0xff];
        let found = said(&record(22, &[greeting.as_slice(), &long].concat()), 50);
        assert!(matches!(&found[1], Message::Certificate(Err(said)) if said.contains("16777215 bytes")));
        let damaged = message(11, &[0, 0, 9, 0, 0, 1]);
        let found = said(&record(22, &[greeting, damaged].concat()), 50);
        assert!(matches!(&found[1], Message::Certificate(Err(said)) if said.contains("damaged")));
    }

    #[test]
    fn what_is_stapled_is_read() {
        let status = |kind: u8, contents: &[u8]| message(22, &[&[kind], contents].concat());
        let multi = [sized(b"first", 3), sized(b"", 3)].concat();
        let cases: [(Vec<u8>, &[u8]); 8] = [
            (status(1, &sized(b"response", 3)), b"response"),
            (status(2, &sized(&multi, 3)), b"first"),
            (status(2, &sized(&sized(b"", 3), 3)), b""),
            (status(2, &sized(b"", 3)), &DAMAGED),
            (status(1, &[&sized(b"response", 3), b"!".as_slice()].concat()), &DAMAGED),
            (status(1, &[0, 0, 9, 1]), &DAMAGED),
            (status(0x30, b"response"), &DAMAGED),
            (vec![22, 0xff, 0xff, 0xff], &DAMAGED),
        ];
        let greeting = hello(0x0303);
        for (octets, expected) in cases {
            let octets = record(22, &[greeting.as_slice(), &octets].concat());
            assert_eq!(said(&octets, 7)[1], Message::CertificateStatus(expected.to_vec()));
        }
        let large = status(1, &sized(&vec![b'!'; MAX_OCSP_RESPONSE + 9], 3));
        let records: Vec<u8> =
            [greeting, large].concat().chunks(16_000).flat_map(|piece| record(22, piece)).collect();
        assert_eq!(said(&records, 5_000)[1], Message::CertificateStatus(vec![b'!'; MAX_OCSP_RESPONSE]));
        let scts: &[u8] = &[0, 18, 0, 3, 0, 1, 9];
        let extensions = sized(&[&[0, 5, 0, 0], scts].concat(), 2);
        let hello = message(2, &[&[3, 3], [9; 32].as_slice(), &[0, 0xc0, 0x2f, 0], &extensions].concat());
        let expected = ServerHello { encrypted: false, scts: Some(vec![0, 1, 9]), may_staple: true };
        assert_eq!(said(&record(22, &hello), 9), [Message::ServerHello(expected)]);
    }
}
