"""Writing DER, quickly: what the generated certificates and CRLs are put together from."""

from __future__ import annotations

from support.pki import oid as identifier, tlv

__all__ = [
    "bits",
    "context",
    "explicit",
    "identifier",
    "integer",
    "octets",
    "printable",
    "sequence",
    "set_of",
    "time",
    "tlv",
    "utf8",
]


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, b"".join(parts))


def octets(contents: bytes) -> bytes:
    return tlv(0x04, contents)


def bits(contents: bytes, unused: int = 0) -> bytes:
    return tlv(0x03, bytes([unused]) + contents)


def utf8(text: str) -> bytes:
    return tlv(0x0C, text.encode())


def printable(text: str) -> bytes:
    return tlv(0x13, text.encode("ascii"))


def integer(number: int) -> bytes:
    return tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def context(number: int, contents: bytes) -> bytes:
    """An implicitly tagged primitive."""
    return tlv(0x80 + number, contents)


def explicit(number: int, *parts: bytes) -> bytes:
    """An explicit or constructed tag."""
    return tlv(0xA0 + number, b"".join(parts))


def time(text: str) -> bytes:
    """UTCTime, or GeneralizedTime if it begins with 14 digits or `G`; malformed text stays malformed."""
    generalized = text.startswith("G") or (len(text) >= 14 and text[:14].isdigit())
    text = text.removeprefix("G")
    return tlv(0x18 if generalized else 0x17, text.encode("ascii"))
