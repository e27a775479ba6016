//! TCP connections put together from packets: lost and repeated ones, in any order, in memory that is bounded for
//! each connection and for all.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use crate::batch::{Origin, Presented, Row};
use crate::ingest::{NameSource, Options};
use crate::time::UnixSeconds;

use super::Found;
use super::handshake::{self, Message, ServerHello, Stream};

/// Connections that are followed at a time; the oldest makes room.
const MAX_FLOWS: usize = 1 << 16;
/// Octets that are kept of all connections.
const MAX_OCTETS: usize = 64 << 20;
/// Octets of one direction that wait for those before them, and the packets that they came in.
const MAX_WAITING: usize = 256 << 10;
const MAX_WAITING_PACKETS: usize = 256;

/// A piece of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Segment<'p> {
    pub(super) from: SocketAddr,
    pub(super) to: SocketAddr,
    /// The sequence number.
    pub(super) number: u32,
    /// SYN, and ACK.
    pub(super) begins: bool,
    pub(super) answers: bool,
    pub(super) octets: &'p [u8],
    /// Not all of it was captured.
    pub(super) cut: bool,
    /// The number of the packet, and when it came.
    pub(super) packet: u64,
    pub(super) at: Option<UnixSeconds>,
}

/// The connections of a capture.
pub(super) struct Flows {
    names: Options,
    /// By their ends, the smaller first.
    numbers: HashMap<(SocketAddr, SocketAddr), u64>,
    /// In the order in which they began.
    open: BTreeMap<u64, Flow>,
    next: u64,
    octets: usize,
    encrypted: u64,
    /// Chains behind which the capture has no more of the server.
    unknown_staples: u64,
}

impl Flows {
    pub(super) fn new(options: &Options) -> Self {
        Self {
            names: options.clone(),
            numbers: HashMap::new(),
            open: BTreeMap::new(),
            next: 0,
            octets: 0,
            encrypted: 0,
            unknown_staples: 0,
        }
    }

    /// Takes the next packet.
    pub(super) fn add(&mut self, segment: &Segment<'_>, found: &mut Found) {
        let ends = (segment.from.min(segment.to), segment.from.max(segment.to));
        let known = self.numbers.get(&ends).copied();
        let known = match known.and_then(|number| Some((number, self.open.get(&number)?))) {
            // The same ports again.
            Some((number, flow)) if segment.begins && !segment.answers && flow.is_another(segment) => {
                self.close(number, found);
                None
            }
            known => known.map(|(number, _)| number),
        };
        if known.is_none() && segment.octets.is_empty() && !segment.begins {
            return;
        }
        let number = known.unwrap_or_else(|| {
            self.next += 1;
            self.numbers.insert(ends, self.next);
            self.open.insert(self.next, Flow::new(ends));
            self.next
        });
        if let Some(flow) = self.open.get_mut(&number) {
            let before = flow.kept();
            flow.add(segment);
            let outcome = flow.outcome();
            self.octets = self.octets + flow.kept() - before;
            if let Some(outcome) = outcome {
                self.report(number, outcome, found);
            }
        }
        while self.open.len() > MAX_FLOWS || self.octets > MAX_OCTETS {
            let Some(&oldest) = self.open.keys().next() else { break };
            self.close(oldest, found);
        }
    }

    /// No more packets come.
    pub(super) fn end(&mut self, found: &mut Found) {
        while let Some(&oldest) = self.open.keys().next() {
            self.close(oldest, found);
        }
        if self.encrypted > 0 {
            found.complaints.push(format!(
                "{} {} of TLS 1.3, which encrypts certificates: they are not in the capture",
                self.encrypted,
                if self.encrypted == 1 { "handshake" } else { "handshakes" }
            ));
        }
        if self.unknown_staples > 0 {
            found.complaints.push(format!(
                "{} {} without what follows the certificates: whether an OCSP response came is not known",
                self.unknown_staples,
                if self.unknown_staples == 1 { "handshake" } else { "handshakes" }
            ));
        }
    }

    /// Forgets a connection, and says what it has come to.
    fn close(&mut self, number: u64, found: &mut Found) {
        let Some(mut flow) = self.open.remove(&number) else { return };
        self.octets = self.octets.saturating_sub(flow.kept());
        if self.numbers.get(&flow.ends) == Some(&number) {
            self.numbers.remove(&flow.ends);
        }
        if flow.over {
            return;
        }
        // Whether a response followed is not known.
        if let Some(chain) = flow.chain.take() {
            self.unknown_staples += 1;
            let handshake = flow.handshake(chain, None);
            found.rows.push(handshake.row(&flow, &self.names));
            return;
        }
        match flow.missing() {
            Some(problem) => {
                let mut row = flow.row(&self.names);
                row.problem = Some(problem);
                found.rows.push(row);
            }
            None => found.skipped += u64::from(flow.greeted),
        }
    }

    fn report(&mut self, number: u64, outcome: Outcome, found: &mut Found) {
        let Some(flow) = self.open.get(&number) else { return };
        match outcome {
            Outcome::Encrypted => {
                self.encrypted += 1;
                found.skipped += 1;
            }
            Outcome::Nothing => found.skipped += 1,
            Outcome::Chain(handshake) => found.rows.push(handshake.row(flow, &self.names)),
        }
    }
}

/// What a handshake has come to.
#[derive(Debug)]
enum Outcome {
    Chain(Box<Handshake>),
    /// TLS 1.3.
    Encrypted,
    /// A session that was resumed, or one without certificates.
    Nothing,
}

/// What a server has sent.
#[derive(Debug)]
struct Handshake {
    chain: Chain,
    scts: Option<Vec<u8>>,
    /// The OCSP response; empty where it was asked for and none came.
    ocsp: Option<Vec<u8>>,
}

/// A Certificate message, and the packet that has completed it.
#[derive(Debug)]
struct Chain {
    read: Result<Presented, String>,
    packet: u64,
    at: Option<UnixSeconds>,
}

impl Handshake {
    fn row(self, flow: &Flow, options: &Options) -> Row {
        let mut row = flow.row(options);
        row.origin.entry = Some(self.chain.packet);
        row.at = options.at(self.chain.at);
        row.sct = self.scts.filter(|_| options.scts).map(Vec::into_boxed_slice);
        row.ocsp = self.ocsp.map(Vec::into_boxed_slice);
        match self.chain.read {
            Ok(chain) => row.chain = chain,
            Err(problem) => row.problem = Some(problem),
        }
        row
    }
}

/// A connection.
struct Flow {
    ends: (SocketAddr, SocketAddr),
    /// What the smaller of the ends has sent, and what the larger.
    sides: [Side; 2],
    /// The sequence numbers of their SYNs.
    began: [Option<u32>; 2],
    /// Which of them is the server, as far as it has shown.
    server: Option<usize>,
    server_name: Option<String>,
    /// There was a ClientHello or a ServerHello.
    greeted: bool,
    /// The client has asked for an OCSP response.
    asks_status: bool,
    /// The server's answer.
    answer: Option<ServerHello>,
    /// The chain, while an OCSP response may follow.
    chain: Option<Chain>,
    outcome: Option<Outcome>,
    over: bool,
    packet: u64,
}

impl Flow {
    fn new(ends: (SocketAddr, SocketAddr)) -> Self {
        Self {
            ends,
            sides: Default::default(),
            began: [None; 2],
            server: None,
            server_name: None,
            greeted: false,
            asks_status: false,
            answer: None,
            chain: None,
            outcome: None,
            over: false,
            packet: 0,
        }
    }

    fn kept(&self) -> usize {
        let scts = self.answer.as_ref().and_then(|answer| answer.scts.as_ref()).map_or(0, Vec::capacity);
        let chain = self.chain.as_ref().and_then(|chain| chain.read.as_ref().ok());
        self.sides.iter().map(Side::kept).sum::<usize>() + scts + chain.map_or(0, Presented::octets)
    }

    /// Whether a SYN begins another connection than this one.
    fn is_another(&self, segment: &Segment<'_>) -> bool {
        let [one, other] = self.began;
        let began = if segment.from == self.ends.0 { one } else { other };
        match began {
            Some(number) => number != segment.number,
            None => self.over || self.greeted,
        }
    }

    fn add(&mut self, segment: &Segment<'_>) {
        if self.over {
            return;
        }
        self.packet = segment.packet;
        let number = usize::from(segment.from != self.ends.0);
        if let Some(began) = self.began.get_mut(number).filter(|_| segment.begins) {
            began.get_or_insert(segment.number);
        }
        let mut said = Vec::new();
        if let Some(side) = self.sides.get_mut(number) {
            side.add(segment, &mut |message| said.push(message));
        }
        for message in said {
            self.hear(number, message, segment);
            if self.outcome.is_some() {
                self.over = true;
                // What comes after it is of no interest.
                self.sides = Default::default();
                return;
            }
        }
    }

    fn hear(&mut self, side: usize, message: Message, segment: &Segment<'_>) {
        match message {
            Message::ClientHello { server_name, asks_status } => {
                self.greeted = true;
                self.server.get_or_insert(1 - side);
                self.server_name = self.server_name.take().or(server_name);
                self.asks_status |= asks_status;
            }
            Message::ServerHello(answer) => {
                self.greeted = true;
                self.server = Some(side);
                if answer.encrypted {
                    self.outcome = Some(Outcome::Encrypted);
                }
                self.answer = Some(answer);
            }
            // A client's own certificates are not what is asked for.
            _ if self.server != Some(side) => {}
            Message::Certificate(read) => {
                let Some(answer) = &self.answer else { return };
                // That none came is known by what follows; a server that announces none may be a damaged one.
                let may_staple = (answer.may_staple || self.asks_status) && read.is_ok();
                let chain = Chain { read, packet: segment.packet, at: segment.at };
                if may_staple {
                    self.chain = Some(chain);
                } else {
                    self.complete(chain, None);
                }
            }
            Message::CertificateStatus(response) => {
                if let Some(chain) = self.chain.take() {
                    self.complete(chain, Some(response));
                }
            }
            Message::Later | Message::Over => match self.chain.take() {
                Some(chain) => self.complete(chain, None),
                None if message == Message::Over => self.outcome = Some(Outcome::Nothing),
                None => {}
            },
        }
    }

    /// The server's chain is there, and whatever follows it as a response.
    fn complete(&mut self, chain: Chain, response: Option<Vec<u8>>) {
        let ocsp = response.or_else(|| self.asks_status.then(Vec::new));
        let handshake = self.handshake(chain, ocsp);
        self.outcome = Some(Outcome::Chain(Box::new(handshake)));
    }

    fn handshake(&mut self, chain: Chain, ocsp: Option<Vec<u8>>) -> Handshake {
        let scts = self.answer.as_mut().and_then(|answer| answer.scts.take());
        Handshake { chain, scts, ocsp }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// What is missing of the server's handshake, if there was one.
    fn missing(&self) -> Option<String> {
        let side = self.sides.get(self.server?)?;
        let torn = side.stream.torn();
        if self.answer.is_none() && torn.is_none() && side.waiting.is_empty() && !side.cut {
            return None;
        }
        let why =
            if side.cut { "packets were captured in part (snap length)" } else { "packets are missing" };
        Some(match torn {
            Some((there, whole)) if whole > there => {
                format!("the server's handshake is not whole: {there} of {whole} bytes of a message; {why}")
            }
            _ => format!("the server's handshake is not whole; {why}"),
        })
    }

    fn row(&self, options: &Options) -> Row {
        let server = if self.server == Some(0) { self.ends.0 } else { self.ends.1 };
        let ip = server.ip().to_string();
        let sni = self.server_name.as_deref();
        let name = match options.names {
            NameSource::Auto | NameSource::Sni | NameSource::Domain => sni,
            NameSource::Ip => Some(ip.as_str()),
            NameSource::None => None,
        };
        let key = [server.to_string().as_str(), sni.unwrap_or_default()].join(" ");
        let mut row = Row { key: Some(key.trim().to_owned()), name: options.name(name), ..Row::default() };
        row.origin = Origin {
            entry: Some(self.packet),
            port: Some(server.port()),
            domain: self.server_name.clone(),
            ip: Some(ip),
            ..Origin::default()
        };
        row
    }
}

/// One direction of a connection.
#[derive(Default)]
struct Side {
    /// The sequence number that comes next.
    next: Option<u32>,
    /// What came too early.
    waiting: Vec<(u32, Vec<u8>)>,
    waiting_octets: usize,
    stream: Stream,
    cut: bool,
}

impl Side {
    fn kept(&self) -> usize {
        self.waiting_octets + self.stream.kept()
    }

    fn add(&mut self, segment: &Segment<'_>, say: &mut dyn FnMut(Message)) {
        self.cut |= segment.cut;
        let mut number = segment.number;
        if segment.begins {
            number = number.wrapping_add(1);
            self.next.get_or_insert(number);
        }
        if segment.octets.is_empty() {
            return;
        }
        // A capture that begins later than the connection: with what looks like the start of a handshake.
        if self.next.is_none() && handshake::begins(segment.octets) == Some(true) {
            self.next = Some(number);
        }
        if self.take(number, segment.octets, say) {
            while let Some(at) = self.waiting.iter().position(|(number, _)| self.is_due(*number)) {
                let (number, octets) = self.waiting.swap_remove(at);
                self.waiting_octets -= octets.len();
                self.take(number, &octets, say);
            }
        } else if self.waiting.len() < MAX_WAITING_PACKETS
            && self.waiting_octets + segment.octets.len() <= MAX_WAITING
        {
            self.waiting_octets += segment.octets.len();
            self.waiting.push((number, segment.octets.to_vec()));
        }
    }

    /// Whether all before this number is there.
    fn is_due(&self, number: u32) -> bool {
        // Sequence numbers wrap around: half of them are before, half behind (RFC 9293 3.4).
        self.next.is_some_and(|next| next.wrapping_sub(number) < 1 << 31)
    }

    /// Takes what is new of these octets; `false` if there is a gap before them.
    fn take(&mut self, number: u32, octets: &[u8], say: &mut dyn FnMut(Message)) -> bool {
        let Some(next) = self.next.filter(|_| self.is_due(number)) else { return false };
        let known = usize::try_from(next.wrapping_sub(number)).unwrap_or(usize::MAX);
        if let Some(new) = octets.get(known..).filter(|new| !new.is_empty()) {
            self.next = Some(next.wrapping_add(u32::try_from(new.len()).unwrap_or(u32::MAX)));
            self.stream.feed(new, say);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::capture::handshake::tests::{certificate, message, record, sized};

    #[test]
    fn what_waits_for_a_response_is_counted() {
        let scts = sized(&sized(&[9; 5_000], 2), 2);
        let extensions = [&[0, 5, 0, 0, 0, 18], scts.as_slice()].concat();
        let hello = [&[3, 3], [9; 32].as_slice(), &[0, 0xc0, 0x2f, 0], &sized(&extensions, 2)].concat();
        let chain = certificate(&[&[7; 9_000]]);
        let [to, from] = [1, 443].map(|port| SocketAddr::new([192, 0, 2, 1].into(), port));
        let mut flows = Flows::new(&Options { scts: true, ..Options::default() });
        let (mut found, mut number) = (Found::default(), 0);
        let add = |octets: &[u8], number: &mut u32, port: u16, flows: &mut Flows, found: &mut Found| {
            let to = SocketAddr::new(to.ip(), port);
            let (begins, answers, cut, packet, at) = (false, true, false, 7, None);
            flows
                .add(&Segment { from, to, number: *number, begins, answers, octets, cut, packet, at }, found);
            *number += u32::try_from(octets.len()).unwrap();
            assert_eq!(flows.octets, flows.open.values().map(Flow::kept).sum::<usize>());
        };
        add(&record(22, &message(2, &hello)), &mut number, 9, &mut flows, &mut found);
        assert!(flows.octets >= 5_000);
        add(&record(22, &chain), &mut number, 9, &mut flows, &mut found);
        let streams = |flow: &Flow| flow.sides.iter().map(Side::kept).sum::<usize>();
        let beside: usize = flows.open.values().map(|flow| flow.kept() - streams(flow)).sum();
        assert!(beside >= 14_000 && found.rows.is_empty());
        let status = message(22, &[&[1], sized(b"response", 3).as_slice()].concat());
        add(&record(22, &status), &mut number, 9, &mut flows, &mut found);
        let row = found.rows.remove(0);
        assert_eq!((row.chain.len(), row.ocsp.as_deref()), (1, Some(b"response".as_slice())));
        assert_eq!((row.sct.map(|scts| scts.len()), flows.octets), (Some(5_002), 0));
        // More than may be kept: the oldest make room, and their chains are not lost.
        let (mut sent, mut port) = (0, 10);
        while sent <= MAX_OCTETS {
            let long = certificate(&[vec![7; 200_000].as_slice()]);
            let records: Vec<u8> =
                [message(2, &hello), long].concat().chunks(16_000).flat_map(|one| record(22, one)).collect();
            add(&records, &mut 0, port, &mut flows, &mut found);
            (sent, port) = (sent + 200_000, port + 1);
        }
        assert!(flows.octets <= MAX_OCTETS && !found.rows.is_empty());
        assert!(found.rows.iter().all(|row| row.chain.len() == 1 && row.ocsp.is_none()));
    }
}
