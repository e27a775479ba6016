//! TCP connections put together from packets: lost and repeated ones, in any order, in memory that is bounded for
//! each connection and for all.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use crate::batch::{Origin, Presented, Row};
use crate::ingest::{NameSource, Options};
use crate::time::UnixSeconds;

use super::Found;
use super::handshake::{self, Message, Stream};

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
                self.report(number, outcome, segment, found);
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
    }

    /// Forgets a connection, and says what it has come to.
    fn close(&mut self, number: u64, found: &mut Found) {
        let Some(flow) = self.open.remove(&number) else { return };
        self.octets = self.octets.saturating_sub(flow.kept());
        if self.numbers.get(&flow.ends) == Some(&number) {
            self.numbers.remove(&flow.ends);
        }
        if flow.over {
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

    fn report(&mut self, number: u64, outcome: Outcome, segment: &Segment<'_>, found: &mut Found) {
        let Some(flow) = self.open.get(&number) else { return };
        match outcome {
            Outcome::Encrypted => {
                self.encrypted += 1;
                found.skipped += 1;
            }
            Outcome::Nothing => found.skipped += 1,
            Outcome::Chain(read) => {
                let mut row = flow.row(&self.names);
                row.origin.entry = Some(segment.packet);
                row.at = self.names.at(segment.at);
                match read {
                    Ok(chain) => row.chain = chain,
                    Err(problem) => row.problem = Some(problem),
                }
                found.rows.push(row);
            }
        }
    }
}

/// What a handshake has come to.
#[derive(Debug)]
enum Outcome {
    Chain(Result<Presented, String>),
    /// TLS 1.3.
    Encrypted,
    /// A session that was resumed, or one without certificates.
    Nothing,
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
    /// The server has answered.
    answered: bool,
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
            answered: false,
            outcome: None,
            over: false,
            packet: 0,
        }
    }

    fn kept(&self) -> usize {
        self.sides.iter().map(Side::kept).sum()
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
            self.hear(number, message);
            if self.outcome.is_some() {
                self.over = true;
                // What comes after it is of no interest.
                self.sides = Default::default();
                return;
            }
        }
    }

    fn hear(&mut self, side: usize, message: Message) {
        match message {
            Message::ClientHello { server_name } => {
                self.greeted = true;
                self.server.get_or_insert(1 - side);
                self.server_name = self.server_name.take().or(server_name);
            }
            Message::ServerHello { encrypted } => {
                self.greeted = true;
                self.answered = true;
                self.server = Some(side);
                if encrypted {
                    self.outcome = Some(Outcome::Encrypted);
                }
            }
            // A client's own certificates are not what is asked for.
            Message::Certificate(read) if self.answered && self.server == Some(side) => {
                self.outcome = Some(Outcome::Chain(read));
            }
            Message::Over if self.server == Some(side) => self.outcome = Some(Outcome::Nothing),
            Message::Certificate(_) | Message::Over => {}
        }
    }

    fn outcome(&mut self) -> Option<Outcome> {
        self.outcome.take()
    }

    /// What is missing of the server's handshake, if there was one.
    fn missing(&self) -> Option<String> {
        let side = self.sides.get(self.server?)?;
        let torn = side.stream.torn();
        if !self.answered && torn.is_none() && side.waiting.is_empty() && !side.cut {
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
