"""Trees of DER, and everything that can be twisted in one element: what the mutants are made with.

A tree never changes. A twisted copy shares all but the way to the twist, and keeps how each element is
encoded, so that a mutant costs no more than that way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

__all__ = ["Element", "element_at", "parse", "places", "spliced", "twist"]

_INTEGERS = [
    b"\0",
    b"\x01",
    b"\x02",
    b"\x03",
    b"\x05",
    b"\x7f",
    b"\xff",
    b"\x80",
    b"\0\x80",
    b"\0\xff",
    b"\0\x01",
    b"\0\0",
    b"\xff\xff",
    b"\x7f\xff\xff\xff",
    b"\0\x80\0\0\0",
    b"\x7f" + b"\xff" * 7,
    b"\0\x80" + bytes(7),
    b"\x01" + bytes(8),
    b"\x80" + bytes(7),
    b"\x7f" * 20,
    b"\x7f" * 21,
    b"",
]
_STRINGS = [
    b"",
    b"a",
    b"\xff",
    b"\xc0\x80",
    b"\0",
    b" www.example.test",
    b"www.example.test\0",
    b"WWW.example.test",
    b"*.example.test",
    b"example.test",
    b"\xed\xa0\x80",
    b"a" * 200,
]
_VALUES: dict[int, Sequence[bytes]] = {
    0x01: [b"\xff", b"\0", b"\x01", b"\x80", b"", b"\xff\xff"],
    0x02: _INTEGERS,
    0x03: [
        b"\0",
        b"",
        b"\x07\x80",
        b"\x08\x80",
        b"\x07\xff",
        b"\0\x80",
        b"\x01\x06",
        b"\x01\x86",
        b"\xff",
        b"\x01",
    ],
    0x04: [b"", b"\0", b"\x04\0", b"\x05\0", b"\x30\0", b"\x30\x81\0", b"\x30\x80\0\0"],
    0x05: [b"", b"\0"],
    0x06: [
        b"",
        b"\x2a",
        b"\x80\x01",
        b"\x2a\x80\x01",
        b"\x2a\x81",
        b"\x55\x1d\x20\0",
        b"\x2a" + b"\xff" * 20 + b"\x7f",
    ],
    0x0A: _INTEGERS,
    0x0C: _STRINGS,
    0x13: _STRINGS,
    0x16: _STRINGS,
    0x17: [
        b"200101000000Z",
        b"2001010000Z",
        b"200101000000",
        b"200101000000+0100",
        b"200101000000.5Z",
        b"201301000000Z",
        b"200230000000Z",
        b"200101240000Z",
        b"200101000060Z",
        b"550101000000Z",
        b"490101000000Z",
        b"+00101000000Z",
        b"20200101000000Z",
        b"",
    ],
    0x18: [
        b"20200101000000Z",
        b"202001010000Z",
        b"20200101000000",
        b"20200101000000.5Z",
        b"20200101000000-0100",
        b"00000101000000Z",
        b"19490101000000Z",
        b"20490101000000Z",
        b"99991231235959Z",
        b"20200229000000Z",
        b"19000229000000Z",
        b"",
    ],
}
_TAGS = [
    *(
        0x01,
        0x02,
        0x03,
        0x04,
        0x05,
        0x06,
        0x07,
        0x08,
        0x09,
        0x0A,
        0x0C,
        0x0D,
        0x12,
        0x13,
        0x14,
        0x15,
        0x16,
        0x17,
    ),
    *(0x18, 0x19, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x00, 0x10, 0x11, 0x24, 0x23, 0x2C, 0x30, 0x31),
    *(
        0x80,
        0x81,
        0x82,
        0x83,
        0x84,
        0x85,
        0x86,
        0x87,
        0x88,
        0xA0,
        0xA1,
        0xA2,
        0xA3,
        0xA4,
        0xA5,
        0x40,
        0x60,
        0xC0,
        0xE0,
    ),
]
_STRING_TAGS = [0x0C, 0x12, 0x13, 0x14, 0x16, 0x1A, 0x1B, 0x1C, 0x1E]


class Element:
    """One element: its tag, what it holds, all of its octets."""

    __slots__ = ("children", "contents", "octets", "prefix", "tag")

    def __init__(
        self,
        tag: int,
        contents: bytes,
        children: tuple[Element, ...] | None = None,
        prefix: bytes = b"",
        octets: bytes | None = None,
    ) -> None:
        self.tag, self.contents, self.children, self.prefix = tag, contents, children, prefix
        self.octets = bytes([tag]) + length(len(contents)) + contents if octets is None else octets

    @classmethod
    def of(cls, octets: bytes) -> Element:
        """The one element that these octets are; as they stand if they are none."""
        try:
            (found,) = parse(octets)
        except ValueError:
            return _raw(octets)
        return found

    def holding(self, children: Sequence[Element]) -> Element:
        """The same with other children."""
        contents = self.prefix + b"".join(child.octets for child in children)
        return Element(self.tag, contents, tuple(children), self.prefix)


def length(count: int, spare: int = -1) -> bytes:
    """The length octets: as DER has them, or in the long form with so many zeros in front."""
    if count < 0x80 and spare < 0:
        return bytes([count])
    octets = bytes(max(spare, 0)) + count.to_bytes((count.bit_length() + 7) // 8 or int(spare <= 0), "big")
    return bytes([0x80 | len(octets)]) + octets


def _raw(octets: bytes) -> Element:
    """Whatever these octets are."""
    return Element(0, b"", None, b"", octets)


def parse(octets: bytes) -> tuple[Element, ...]:
    """The elements in a row of octets; raises ValueError. Strings that hold DER are opened too."""
    elements = []
    while octets:
        if len(octets) < 2 or octets[0] & 0x1F == 0x1F:
            raise ValueError
        tag, count, start = octets[0], octets[1], 2
        if count >= 0x80:
            start += count & 0x7F
            if not 2 < start <= 6:
                raise ValueError
            count = int.from_bytes(octets[2:start], "big")
        if len(octets) < start + count:
            raise ValueError
        elements.append(_opened(tag, octets[start : start + count], octets[: start + count]))
        octets = octets[start + count :]
    return tuple(elements)


def _opened(tag: int, contents: bytes, octets: bytes) -> Element:
    prefix = b"\0" if tag == 0x03 and contents[:1] == b"\0" else b""
    children = None
    if tag & 0x20 or (tag in (0x03, 0x04) and len(contents) > 2):
        try:
            children = parse(contents[len(prefix) :])
        except ValueError:
            children = None
        if children is not None and not tag & 0x20 and len(children) != 1:
            children = None
    return Element(tag, contents, children, prefix, octets)


def places(element: Element, at: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """The way to every element, its own (no step at all) first."""
    found = [at]
    for number, child in enumerate(element.children or ()):
        found += places(child, (*at, number))
    return found


def element_at(element: Element, place: tuple[int, ...]) -> Element:
    """The element at the end of a way; raises IndexError if the way does not exist."""
    for number in place:
        element = (element.children or ())[number]
    return element


def spliced(element: Element, place: tuple[int, ...], others: Sequence[Element]) -> Element:
    """The same with other elements in that place, which is not its own."""
    assert element.children is not None
    number, *rest = place
    children = list(element.children)
    children[number : number + 1] = [spliced(children[number], tuple(rest), others)] if rest else others
    return element.holding(children)


def twist(chance: random.Random, element: Element, donors: Sequence[Element]) -> list[Element]:
    """What to put in its place: none, one or several."""
    kinds = _OF_CONSTRUCTED if element.children is not None else _OF_PRIMITIVE
    return chance.choice(kinds)(chance, element, donors)


def _deleted(_chance: random.Random, _element: Element, _donors: Sequence[Element]) -> list[Element]:
    return []


def _doubled(_chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    return [element, element]


def _replaced(chance: random.Random, _element: Element, donors: Sequence[Element]) -> list[Element]:
    return [chance.choice(donors)]


def _joined(chance: random.Random, element: Element, donors: Sequence[Element]) -> list[Element]:
    pair = [element, chance.choice(donors)]
    chance.shuffle(pair)
    return pair


def _tagged(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    return [Element(chance.choice(_TAGS), element.contents)]


def _turned(_chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """Constructed instead of primitive, and the other way round."""
    return [Element(element.tag ^ 0x20, element.contents)]


def _tagged_at_length(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """X.690 8.1.2.4: the form for high tag numbers."""
    tag = bytes([element.tag | 0x1F, *chance.choice([(), (0x80,)]), element.tag & 0x1F])
    return [_raw(tag + length(len(element.contents)) + element.contents)]


def _lengthened(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    spare = chance.choice([0, 0, 1, 2, 3, 8, 120])
    return [_raw(bytes([element.tag]) + length(len(element.contents), spare) + element.contents)]


def _emptied_at_length(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """No octets, and the long form to say so."""
    return [_raw(bytes([element.tag]) + length(0, chance.choice([0, 0, 1, 2])))]


def _unending(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """The indefinite form; now and then without its end."""
    end = chance.choice([b"\0\0", b"\0\0", b"\0\0", b"", b"\0"])
    return [_raw(bytes([element.tag | chance.choice([0, 0x20]), 0x80]) + element.contents + end)]


def _mismeasured(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    count = max(len(element.contents) + chance.choice([-2, -1, 1, 2]), 0)
    return [_raw(bytes([element.tag]) + length(count) + element.contents)]


def _emptied(_chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    return [Element(element.tag, b"")]


def _valued(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """With something else that the type knows, or should not."""
    values = _VALUES.get(element.tag)
    if values is None:
        values = _INTEGERS + _STRINGS if element.tag & 0x80 else _STRINGS
    return [Element(element.tag, chance.choice(values))]


def _flipped(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """One octet other, more or less."""
    contents = bytearray(element.contents)
    if not contents:
        return [Element(element.tag, bytes([chance.randrange(256)]))]
    place = chance.randrange(len(contents))
    how = chance.randrange(4)
    if how == 0:
        contents[place] ^= 1 << chance.randrange(8)
    elif how == 1:
        contents[place] = chance.choice([0, 1, 0x7F, 0x80, 0xFF])
    elif how == 2:
        del contents[place]
    else:
        contents.insert(place, chance.randrange(256))
    return [Element(element.tag, bytes(contents))]


def _padded(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    octet = chance.choice([b"\0", b"\xff", b"\x80"])
    return [Element(element.tag, chance.choice([octet + element.contents, element.contents + octet]))]


def _of_another_type(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """A string in the encoding of another string type."""
    tag = chance.choice(_STRING_TAGS)
    text = element.contents.decode("latin-1")
    encoding = {0x1C: "utf-32-be", 0x1E: "utf-16-be", 0x0C: "utf-8"}.get(tag, "latin-1")
    return [Element(tag, text.encode(encoding))]


def _in_pieces(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    """A string as BER allows it: constructed of several."""
    middle = chance.randrange(len(element.contents) + 1)
    tag = element.tag if element.tag < 0x20 else 0x04
    pieces = [Element(tag, element.contents[:middle]), Element(tag, element.contents[middle:])]
    return [Element(element.tag | 0x20, b"".join(piece.octets for piece in pieces))]


def _wrapped(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    return [Element(chance.choice([0x30, 0x31, 0x04, 0xA0, 0xA1, 0xA4]), element.octets)]


def _unwrapped(_chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    return list(element.children or ())


def _shuffled(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    children = list(element.children or ())
    chance.shuffle(children)
    return [element.holding(children)]


def _shortened(chance: random.Random, element: Element, _donors: Sequence[Element]) -> list[Element]:
    children = element.children or ()
    return [element.holding(children[: chance.randrange(len(children) + 1)])]


def _added(chance: random.Random, element: Element, donors: Sequence[Element]) -> list[Element]:
    children = list(element.children or ())
    children.insert(chance.randrange(len(children) + 1), chance.choice(donors))
    return [element.holding(children)]


_OF_ALL: list[Callable[[random.Random, Element, Sequence[Element]], list[Element]]] = [
    _deleted,
    _doubled,
    _replaced,
    _joined,
    _tagged,
    _turned,
    _tagged_at_length,
    _lengthened,
    _emptied_at_length,
    _unending,
    _mismeasured,
    _emptied,
    _wrapped,
]
_OF_PRIMITIVE = [
    *_OF_ALL,
    _valued,
    _valued,
    _valued,
    _flipped,
    _flipped,
    _padded,
    _padded,
    _of_another_type,
    _in_pieces,
]
_OF_CONSTRUCTED = [*_OF_ALL, _unwrapped, _shuffled, _shortened, _added, _added]
