//! Captured packets, pcap and pcapng: the chains that servers sent in TLS handshakes up to TLS 1.2, where the
//! Certificate message is in the clear (RFC 5246 7.4.2), and what they stapled: an OCSP response, timestamps of logs.
//!
//! pcap-parser takes the file apart and etherparse the headers; connections are put together in [`flows`], and
//! handshakes read in [`handshake`].

mod flows;
mod handshake;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::net::{IpAddr, SocketAddr};

use etherparse::{EtherType, IpNumber, LaxNetSlice, LaxSlicedPacket, TransportSlice};
use pcap_parser::pcapng::Block;
use pcap_parser::traits::PcapReaderIterator;
use pcap_parser::{LegacyPcapReader, Linktype, PcapBlockOwned, PcapError, PcapNGReader};

use crate::batch::Row;
use crate::time::UnixSeconds;

use super::Options;
use flows::{Flows, Segment};

/// Octets of the buffer for blocks of the file; it grows to the largest.
const BUFFER: usize = 256 << 10;
/// Octets of the largest block that is read: far more than any packet has.
const LARGEST_BLOCK: usize = 16 << 20;
/// Octets that a row takes beside what was sent, about.
const ROW: usize = 200;
/// Interfaces of one section that are told apart.
const MAX_INTERFACES: usize = 65_536;

/// Whether octets begin as a capture does: pcap in either order of octets and with either kind of time, or pcapng.
pub(super) fn is_one(head: &[u8]) -> bool {
    matches!(
        head,
        [0xd4, 0xc3, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0xc3, 0xd4, ..]
            | [0x4d, 0x3c, 0xb2, 0xa1, ..]
            | [0xa1, 0xb2, 0x3c, 0x4d, ..]
            | [0x0a, 0x0d, 0x0d, 0x0a, ..]
    )
}

/// What some packets have given.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    /// Handshakes without certificates in the clear.
    pub(super) skipped: u64,
    /// What there is to say of the whole, at its end.
    pub(super) complaints: Vec<String>,
}

/// A capture that is being read.
pub(super) struct Capture {
    file: File,
    /// Octets of the buffer of `file`.
    buffer: usize,
    packets: Packets,
    flows: Flows,
    ended: bool,
}

enum File {
    Pcap(Box<LegacyPcapReader<Full>>),
    PcapNg(Box<PcapNGReader<Full>>),
}

impl Capture {
    /// Begins.
    ///
    /// # Errors
    ///
    /// If it is not a capture.
    pub(super) fn new(input: Box<dyn Read + Send>, head: &[u8], options: &Options) -> Result<Self, String> {
        let complain = |error: PcapError<&[u8]>| format!("is not a sound capture: {}", said(&error));
        let file = if head.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
            File::PcapNg(Box::new(PcapNGReader::new(BUFFER, Full(input)).map_err(complain)?))
        } else {
            File::Pcap(Box::new(LegacyPcapReader::new(BUFFER, Full(input)).map_err(complain)?))
        };
        let flows = Flows::new(options);
        Ok(Self { file, buffer: BUFFER, packets: Packets::default(), flows, ended: false })
    }

    /// Packets so far.
    pub(super) fn packets(&self) -> u64 {
        self.packets.count
    }

    /// Whether there is no more.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Passes over packets that were read in another run, so that their connections are known.
    pub(super) fn pass(&mut self, packets: u64) {
        while self.packets.count < packets && !self.ended {
            self.block(&mut Found::default());
        }
    }

    /// What the next packets give, some `octets` of it; `None` behind the end.
    pub(super) fn next(&mut self, octets: usize) -> Option<Found> {
        if self.ended {
            return None;
        }
        let mut found = Found::default();
        let mut size = 0;
        while !self.ended && size < octets {
            let known = found.rows.len();
            self.block(&mut found);
            let new = found.rows.iter().skip(known);
            size += new.map(|row| ROW + row.octets()).sum::<usize>();
        }
        Some(found)
    }

    /// Reads a block of the file.
    fn block(&mut self, found: &mut Found) {
        let reader: &mut dyn PcapReaderIterator = match &mut self.file {
            File::Pcap(reader) => &mut **reader,
            File::PcapNg(reader) => &mut **reader,
        };
        let failure = match reader.next() {
            Ok((length, block)) => {
                let packet = self.packets.packet(&block);
                if let Some(segment) = packet.and_then(|packet| self.packets.segment(&packet)) {
                    self.flows.add(&segment, found);
                }
                drop(block);
                reader.consume(length);
                return;
            }
            Err(PcapError::Eof) => None,
            Err(PcapError::Incomplete(_)) => match reader.refill() {
                Ok(()) => return,
                Err(error) => Some(said(&error)),
            },
            Err(PcapError::BufferTooSmall) => {
                let larger = self.buffer * 2;
                if larger <= LARGEST_BLOCK && reader.grow(larger) && reader.refill().is_ok() {
                    self.buffer = larger;
                    return;
                }
                Some("a block larger than any packet".to_owned())
            }
            Err(error) => Some(said(&error)),
        };
        self.ended = true;
        self.flows.end(found);
        found.complaints.extend(self.packets.complaints());
        found
            .complaints
            .extend(failure.map(|said| format!("breaks off behind packet {}: {said}", self.packets.count)));
    }
}

/// What went wrong with a block of the file, without its octets.
fn said(error: &PcapError<&[u8]>) -> String {
    match error {
        PcapError::UnexpectedEof | PcapError::Eof | PcapError::Incomplete(_) => {
            "the file ends within a block"
        }
        PcapError::ReadError => "cannot be read further",
        PcapError::BufferTooSmall => "a block larger than any packet",
        PcapError::HeaderNotRecognized => "the header is that of no capture",
        PcapError::NomError(..) | PcapError::OwnedNomError(..) => "a damaged block",
    }
    .to_owned()
}

/// Fills whatever it is given: the first read has to bring a whole header.
struct Full(Box<dyn Read + Send>);

impl Read for Full {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.0.read(room) {
                Ok(0) => break,
                Ok(length) => filled += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                // What came before it is handed out first.
                Err(_) if filled > 0 => break,
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }
}

/// How interfaces deliver packets, and what was passed over.
#[derive(Default)]
struct Packets {
    /// Of the section; of pcap, one.
    interfaces: Vec<Interface>,
    count: u64,
    /// Packets of links that are not read, by link.
    other_links: BTreeMap<i32, u64>,
    fragments: u64,
}

#[derive(Clone, Copy)]
struct Interface {
    link: Linktype,
    /// Units of time in a second, and seconds to be added.
    resolution: u64,
    offset: i64,
}

/// A packet as it was captured.
struct Packet<'p> {
    link: Linktype,
    at: Option<UnixSeconds>,
    octets: &'p [u8],
}

impl Packets {
    /// The packet in a block, if it is one.
    fn packet<'p>(&mut self, block: &'p PcapBlockOwned<'_>) -> Option<Packet<'p>> {
        let (interface, time, octets) = match block {
            PcapBlockOwned::LegacyHeader(header) => {
                self.interfaces = vec![Interface { link: header.network, resolution: 1, offset: 0 }];
                return None;
            }
            PcapBlockOwned::Legacy(packet) => (0, Some(u64::from(packet.ts_sec)), packet.data),
            PcapBlockOwned::NG(Block::SectionHeader(_)) => {
                self.interfaces.clear();
                return None;
            }
            PcapBlockOwned::NG(Block::InterfaceDescription(interface)) => {
                if self.interfaces.len() < MAX_INTERFACES {
                    self.interfaces.push(Interface {
                        link: interface.linktype,
                        resolution: resolution(interface.if_tsresol),
                        offset: interface.if_tsoffset,
                    });
                }
                return None;
            }
            PcapBlockOwned::NG(Block::EnhancedPacket(packet)) => {
                let time = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                let length = usize::try_from(packet.caplen).unwrap_or(usize::MAX).min(packet.data.len());
                (packet.if_id, Some(time), packet.data.get(..length).unwrap_or_default())
            }
            PcapBlockOwned::NG(Block::SimplePacket(packet)) => (0, None, packet.data),
            PcapBlockOwned::NG(_) => return None,
        };
        self.count += 1;
        let interface = self.interfaces.get(usize::try_from(interface).unwrap_or(usize::MAX))?;
        let at = time.and_then(|time| {
            i64::try_from(time / interface.resolution.max(1)).ok()?.checked_add(interface.offset)
        });
        Some(Packet { link: interface.link, at, octets })
    }

    /// The piece of a TCP connection in a packet, if there is one.
    fn segment<'p>(&mut self, packet: &Packet<'p>) -> Option<Segment<'p>> {
        let octets = packet.octets;
        let ether = |at: usize, behind: usize| {
            let kind = octets.get(at..at + 2).and_then(|two| <[u8; 2]>::try_from(two).ok())?;
            Some(LaxSlicedPacket::from_ether_type(EtherType(u16::from_be_bytes(kind)), octets.get(behind..)?))
        };
        let sliced = match packet.link {
            Linktype::ETHERNET => LaxSlicedPacket::from_ethernet(octets).ok()?,
            // BSD's loopback: four octets of an address family, in the order of octets of the host.
            Linktype::NULL | Linktype::LOOP => LaxSlicedPacket::from_ip(octets.get(4..)?).ok()?,
            // The numbers that BSDs have given to raw IP.
            Linktype::RAW | Linktype::IPV4 | Linktype::IPV6 | Linktype(12 | 14) => {
                LaxSlicedPacket::from_ip(octets).ok()?
            }
            Linktype::LINUX_SLL => ether(14, 16)?,
            Linktype::LINUX_SLL2 => ether(0, 20)?,
            Linktype(other) => {
                *self.other_links.entry(other).or_default() += 1;
                return None;
            }
        };
        let (source, destination): (IpAddr, IpAddr) = match sliced.net.as_ref()? {
            LaxNetSlice::Ipv4(ip) => {
                let header = ip.header();
                (header.source_addr().into(), header.destination_addr().into())
            }
            LaxNetSlice::Ipv6(ip) => {
                let header = ip.header();
                (header.source_addr().into(), header.destination_addr().into())
            }
            LaxNetSlice::Arp(_) => return None,
        };
        let payload = sliced.net.as_ref()?.ip_payload_ref()?;
        if payload.fragmented {
            self.fragments += u64::from(payload.ip_number == IpNumber::TCP);
            return None;
        }
        let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else { return None };
        Some(Segment {
            from: SocketAddr::new(source, tcp.source_port()),
            to: SocketAddr::new(destination, tcp.destination_port()),
            number: tcp.sequence_number(),
            begins: tcp.syn(),
            answers: tcp.ack(),
            octets: tcp.payload(),
            cut: payload.incomplete,
            packet: self.count,
            at: packet.at,
        })
    }

    /// What was passed over.
    fn complaints(&self) -> Vec<String> {
        let links = self.other_links.iter().map(|(link, count)| {
            format!("{count} packets of link type {link}, which is not read (Ethernet, Linux cooked, loopback and raw IP are)")
        });
        let fragments = (self.fragments > 0).then(|| {
            format!("{} fragments of IP packets with TCP, which are not put together", self.fragments)
        });
        links.chain(fragments).collect()
    }
}

/// The units of time in a second, by `if_tsresol` (pcapng 4.2): a power of ten or, with the highest bit set, of two.
fn resolution(code: u8) -> u64 {
    let exponent = u32::from(code & 0x7f);
    let base: u64 = if code & 0x80 == 0 { 10 } else { 2 };
    base.checked_pow(exponent).unwrap_or(u64::MAX)
}
