"""Captured TLS handshakes, octet by octet: every kind of link, address, segment and file that is read."""

from __future__ import annotations

import ipaddress
import struct
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["AT", "Connection", "pcap", "pcapng", "status", "statuses"]

AT = 1_768_478_400
ETHERNET, NULL, RAW, LINUX_SLL, LINUX_SLL2 = 1, 0, 101, 113, 276


def _sized(octets: bytes, width: int) -> bytes:
    return len(octets).to_bytes(width, "big") + octets


def _message(kind: int, body: bytes) -> bytes:
    return bytes([kind]) + _sized(body, 3)


def _records(octets: bytes, size: int = 4_000) -> bytes:
    """Handshake messages in records of at most `size` octets."""
    return b"".join(
        b"\x16\x03\x03" + _sized(octets[start : start + size], 2) for start in range(0, len(octets), size)
    )


def _extension(kind: int, contents: bytes) -> bytes:
    return kind.to_bytes(2, "big") + _sized(contents, 2)


def status(response: bytes) -> bytes:
    """The body of a CertificateStatus (RFC 6066 8)."""
    return b"\1" + _sized(response, 3)


def statuses(*responses: bytes) -> bytes:
    """That of one with a response for each certificate (RFC 6961 2.2)."""
    return b"\2" + _sized(b"".join(_sized(response, 3) for response in responses), 3)


@dataclass(frozen=True)
class Connection:
    """A connection: who speaks to whom, and what the server sends."""

    chain: Sequence[bytes]
    name: str | None = "www.example.test"
    server: str = "192.0.2.7"
    client: str = "198.51.100.9"
    port: int = 443
    client_port: int = 50_000
    tls13: bool = False
    resumed: bool = False
    before: Sequence[tuple[bool, bytes]] = ()
    """What is said before TLS begins: whether by the server, and what."""
    segment: int = 1_000
    """Octets of the server's segments."""
    handshake: bool = True
    """Whether the SYNs were captured."""
    asks: bool = False
    """Whether the client asks for an OCSP response."""
    staples: bytes | None = None
    """The body of the server's CertificateStatus."""
    announces: bool | None = None
    """Whether its ServerHello says that one may come; where nothing is said, if one does."""
    scts: bytes | None = None
    """The list of timestamps in its ServerHello."""
    until: int | None = None
    """Octets of its messages that were captured."""
    link: int = ETHERNET
    vlan: bool = False
    start: int = field(default=0xFFFF_FF00, compare=False)
    """The server's first sequence number: near the end, so that it wraps around."""

    def segments(self) -> list[tuple[bool, int, int, bytes]]:
        """By the server or not, sequence number, flags, octets; in the order in which they were sent."""
        out: list[tuple[bool, int, int, bytes]] = []
        numbers = {False: 1_000 + self.start % 1_000, True: self.start}
        if self.handshake:
            out += [(False, numbers[False], 0x02, b""), (True, numbers[True], 0x12, b"")]
        numbers = {side: number + 1 for side, number in numbers.items()}
        for server, octets in [*self.before, (False, self._client_hello()), (True, self._flight())]:
            size = self.segment if server else 1_000
            for start in range(0, len(octets), size):
                piece = octets[start : start + size]
                out.append((server, numbers[server] & 0xFFFF_FFFF, 0x18, piece))
                numbers[server] += len(piece)
        return out

    def _client_hello(self) -> bytes:
        extensions = b""
        if self.name is not None:
            extensions += _extension(0, _sized(b"\0" + _sized(self.name.encode(), 2), 2))
        if self.asks:
            extensions += _extension(5, b"\1\0\0\0\0")
        extensions += _extension(43, b"\x02\x03\x04")
        body = (
            b"\x03\x03"
            + bytes(32)
            + b"\0"
            + _sized(b"\x13\x01\xc0\x2f", 2)
            + b"\x01\0"
            + _sized(extensions, 2)
        )
        return _records(_message(1, body))

    def _flight(self) -> bytes:
        extensions = _extension(43, b"\x03\x04") if self.tls13 else b""
        if self.staples is not None if self.announces is None else self.announces:
            extensions += _extension(5, b"")
        if self.scts is not None:
            extensions += _extension(18, self.scts)
        hello = _message(2, b"\x03\x03" + bytes(range(32)) + b"\0\xc0\x2f\0" + _sized(extensions, 2))
        if self.tls13 or self.resumed:
            return _records(hello) + b"\x14\x03\x03\0\x01\x01" + b"\x17\x03\x03" + _sized(bytes(900), 2)
        certificates = _message(11, _sized(b"".join(_sized(der, 3) for der in self.chain), 3))
        status = b"" if self.staples is None else _message(22, self.staples)
        keys = _message(12, bytes(300))
        return _records((hello + certificates + status + keys + _message(14, b""))[: self.until])

    def packets(self) -> list[bytes]:
        """The segments as packets of the link."""
        return [self.packet(*segment) for segment in self.segments()]

    def packet(self, server: bool, number: int, flags: int, octets: bytes) -> bytes:
        """One segment as a packet."""
        ports = (self.port, self.client_port) if server else (self.client_port, self.port)
        ends = (self.server, self.client) if server else (self.client, self.server)
        tcp = struct.pack(">HHIIBBHHH", *ports, number, 1, 5 << 4, flags, 65_535, 0, 0) + octets
        source, destination = (ipaddress.ip_address(end).packed for end in ends)
        if len(source) == 4:
            length = 20 + len(tcp)
            ip = struct.pack(">BBHHHBBH", 0x45, 0, length, 1, 0, 64, 6, 0) + source + destination + tcp
            kind = 0x0800
        else:
            ip = struct.pack(">IHBB", 6 << 28, len(tcp), 6, 64) + source + destination + tcp
            kind = 0x86DD
        ether = kind.to_bytes(2, "big")
        if self.vlan:
            ether = b"\x81\x00\x00\x07" + ether
        match self.link:
            case 1:  # Ethernet
                return bytes(12) + ether + ip
            case 0:  # BSD's loopback
                return (2 if kind == 0x0800 else 30).to_bytes(4, "little") + ip
            case 113:  # Linux cooked
                return bytes(14) + ether + ip
            case 276:
                return kind.to_bytes(2, "big") + bytes(18) + ip
            case _:
                return ip

    def over(self, link: int) -> Connection:
        """The same over another link."""
        return replace(self, link=link)


def pcap(
    packets: Iterable[bytes],
    *,
    link: int = ETHERNET,
    order: str = "<",
    nanoseconds: bool = False,
    snap: int = 65_535,
) -> bytes:
    """A pcap file."""
    magic = 0xA1B2_3C4D if nanoseconds else 0xA1B2_C3D4
    out = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, snap, link)
    for packet in packets:
        kept = packet[:snap]
        out += struct.pack(order + "IIII", AT, 5, len(kept), len(packet)) + kept
    return out


def pcapng(packets: Iterable[bytes], *, link: int = ETHERNET, order: str = "<", resolution: int = 6) -> bytes:
    """A pcapng file."""

    def block(kind: int, body: bytes) -> bytes:
        body += bytes(-len(body) % 4)
        length = struct.pack(order + "I", 12 + len(body))
        return struct.pack(order + "I", kind) + length + body + length

    out = block(0x0A0D_0D0A, struct.pack(order + "IHHq", 0x1A2B_3C4D, 1, 0, -1))
    options = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    out += block(1, struct.pack(order + "HHI", link, 0, 0) + options)
    time = AT * (1 << (resolution & 0x7F) if resolution & 0x80 else 10**resolution)
    for packet in packets:
        head = struct.pack(order + "IIIII", 0, time >> 32, time & 0xFFFF_FFFF, len(packet), len(packet))
        out += block(6, head + packet)
    return out
