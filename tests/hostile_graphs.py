"""Looks for chains that cost most: hostile graphs of certificates, changed step by step for the worse.

    python tests/hostile_graphs.py [--seconds N] [--seed N] [--policy NAME]

Each graph has layers of CAs of one name, every one of which may have issued every one below. What varies:
layers, widths, sizes and numbers of names, constraints, purposes, policies and distribution points, shared
keys, missing key identifiers, CRLs, stores, the pool, and what spoils all paths at the end. Nothing is larger
than 1 MB. Prints the record whenever there is a new one, and at the end the worst of each policy.
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import random
import time
from typing import TYPE_CHECKING, Any

import certpath
from certpath import Policy
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from support import pki
from support.pki import tlv

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["LARGEST", "POLICIES", "Graph", "Outcome", "mutated", "run"]

LARGEST = 1_000_000
"""Octets of certificates that an attacker sends."""
POLICIES: dict[str, Callable[..., Policy]] = {
    "webpki": Policy.webpki,
    "rfc5280": Policy.rfc5280,
    "cabf": Policy.cabf,
    "ssl": lambda **knobs: Policy.ssl(0x8000, **knobs),
}
FORMS: dict[str, Callable[[int, int], bytes]] = {
    "dns": lambda number, size: tlv(0x82, (b"%x." % number) + b"a" * max(size, 1) + b".test"),
    "ip": lambda number, _: tlv(0x87, number.to_bytes(4, "big")),
    "email": lambda number, size: tlv(0x81, (b"%x@" % number) + b"a" * max(size, 1) + b".test"),
    "URI": lambda number, size: tlv(0x86, (b"https://%x." % number) + b"a" * max(size, 1) + b".test/"),
    "directory": lambda number, size: tlv(0xA4, named(b"%x" % number + b"A " * max(size // 2, 1))),
}
ALGORITHM = tlv(0x30, bytes.fromhex("06082a8648ce3d040302"))


def named(*values: bytes) -> bytes:
    """A Name of commonNames."""
    attributes = (tlv(0x31, tlv(0x30, bytes.fromhex("0603550403") + tlv(0x0C, value))) for value in values)
    return tlv(0x30, b"".join(attributes))


@functools.cache
def spki(slot: str) -> bytes:
    """The SubjectPublicKeyInfo of the key in a slot."""
    key = pki.key("p256", slot).public_key()
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def policy_oid(number: int) -> bytes:
    """The contents of one of 16,129 object identifiers."""
    return b"\x2a\x03" + bytes([1 + number % 127, number // 127])


@dataclasses.dataclass(frozen=True)
class Graph:
    """What the certificates are like."""

    layers: int = 6
    width: int = 16
    keys: str = "layer"
    """One key for each layer, for all layers, or one for each of eight certificates."""
    one_name: bool = False
    """All layers bear one name, so that the CAs have issued themselves."""
    identifiers: int = 0
    """Octets of each key identifier; none at all for 0."""
    leaf_names: int = 0
    ca_names: int = 0
    subtrees: int = 0
    form: str = "dns"
    size: int = 1
    """Octets of a label in names and bases."""
    subject: int = 1
    """Octets of each CA's name."""
    purposes: int = 0
    policies: int = 0
    points: int = 0
    """Key purposes, policies and distribution points of each certificate."""
    fault: str = "purpose"
    """What is wrong with all paths, at the anchor: ``purpose``, ``expired``, or ``nothing``."""
    name: str = "www.x.test"
    stores: int = 1
    crls: int = 0
    all_paths: bool = False
    pool: bool = False
    policy: str = "webpki"

    def certificate(self, layer: int, number: int, signer: int) -> bytes:
        """One of a layer; layer -1 is the end entity, the last one the root."""
        is_root = layer == self.layers
        pad = b" " + b"x" * self.subject
        own = b"layer" + (b"" if self.one_name else b"%d" % layer) + pad
        issuer = b"layer" + (b"" if self.one_name else b"%d" % min(layer + 1, self.layers)) + pad
        if layer < 0:
            own = b"leaf"
        if is_root or layer == self.layers - 1:
            issuer = b"root" + pad
        if is_root:
            own = b"root" + pad
        slot, signing = self.slot(layer, number), self.slot(min(layer + 1, self.layers), signer)
        extensions = self.extensions(layer, slot, signing)
        until = b"210101000000Z" if is_root and self.fault == "expired" else b"490101000000Z"
        serial = (1 << 40) + ((layer + 1) << 20) + (number << 10) + signer
        tbs = tlv(
            0x30,
            b"\xa0\x03\x02\x01\x02"
            + tlv(2, serial.to_bytes(6, "big"))
            + ALGORITHM
            + named(issuer)
            + tlv(0x30, tlv(0x17, b"200101000000Z") + tlv(0x17, until))
            + named(own)
            + spki(slot)
            + tlv(0xA3, tlv(0x30, extensions)),
        )
        return tlv(0x30, tbs + ALGORITHM + tlv(3, b"\0" + self.sign(tbs, signing)))

    def extensions(self, layer: int, own: str, signer: str) -> bytes:
        """Those of the certificates of a layer."""
        is_root = layer == self.layers
        if layer >= 0:
            found = pki.extension("2.5.29.19", tlv(0x30, b"\x01\x01\xff"), critical=True)
            found += pki.extension("2.5.29.15", b"\x03\x02\x01\x06", critical=True)
        else:
            found = pki.extension("2.5.29.15", b"\x03\x02\x07\x80", critical=True)
        if self.identifiers:
            found += pki.extension("2.5.29.14", tlv(4, own.encode() * self.identifiers))
            found += pki.extension("2.5.29.35", tlv(0x30, tlv(0x80, signer.encode() * self.identifiers)))
        wrong = self.fault == "purpose" and is_root
        purposes = b"".join(tlv(6, policy_oid(number)) for number in range(self.purposes))
        purposes += bytes.fromhex("06082b06010505070302" if wrong else "06082b06010505070301")
        if layer < 0 or wrong or self.purposes:
            found += pki.extension("2.5.29.37", tlv(0x30, purposes))
        return found if is_root else found + self.lists_of(layer)

    def lists_of(self, layer: int) -> bytes:
        """The extensions that are lists: names, constraints, policies, distribution points."""
        found = b""
        form = FORMS[self.form]
        if count := self.leaf_names if layer < 0 else self.ca_names:
            found += pki.extension(
                "2.5.29.17", tlv(0x30, b"".join(form(one, self.size) for one in range(count)))
            )
        if self.subtrees and layer >= 0:
            bases = [form((1 << 30) + number, self.size) for number in range(self.subtrees)]
            if self.form == "ip":
                bases = [tlv(0x87, base[2:] + b"\xff\xff\xff\xff") for base in bases]
            elif self.form in {"email", "URI"}:
                tag = 0x81 if self.form == "email" else 0x86
                bases = [tlv(tag, b"n%x.test" % number) for number in range(self.subtrees)]
            listed = b"".join(tlv(0x30, base) for base in bases)
            found += pki.extension("2.5.29.30", tlv(0x30, tlv(0xA1, listed)), critical=True)
        if self.policies:
            listed = b"".join(tlv(0x30, tlv(6, policy_oid(number))) for number in range(self.policies))
            found += pki.extension("2.5.29.32", tlv(0x30, listed))
        if self.points:
            points = (tlv(0x86, b"http://crl.test/%x" % number) for number in range(self.points))
            listed = b"".join(tlv(0x30, tlv(0xA0, tlv(0xA0, one))) for one in points)
            found += pki.extension("2.5.29.31", tlv(0x30, listed))
        return found

    def slot(self, layer: int, number: int) -> str:
        """Whose key it is."""
        if layer < 0:
            return "z"
        if layer == self.layers:
            return "r"
        return {"layer": f"{layer:x}", "one": "0", "eight": f"{number % 8:x}"}[self.keys]

    @staticmethod
    def sign(message: bytes, slot: str) -> bytes:
        key = pki.key("p256", slot)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(message, ec.ECDSA(hashes.SHA256()))

    def build(self) -> tuple[list[bytes], list[bytes]]:
        """What is sent, end entity first, up to `LARGEST`; and the roots, one for each store."""
        sent = [self.certificate(-1, 0, 0)]
        octets = len(sent[0])
        for number in range(self.width):
            for layer in range(self.layers):
                one = self.certificate(layer, number, number if self.keys == "eight" else 0)
                octets += len(one)
                if octets > LARGEST or len(sent) >= 1_000:
                    break
                sent.append(one)
        roots = [self.certificate(self.layers, number, number) for number in range(self.stores)]
        return sent, roots

    def lists(self) -> list[bytes]:
        """CRLs of the CA above the end entity, each for a distribution point of its own."""
        issuer = b"layer" + (b"" if self.one_name else b"0") + b" " + b"x" * self.subject
        lists = []
        for number in range(self.crls):
            point = tlv(0xA0, tlv(0xA0, tlv(0x86, b"http://other.test/%x" % number)))
            scope = pki.extension("2.5.29.28", tlv(0x30, point), critical=True)
            tbs = tlv(
                0x30,
                tlv(2, b"\x01")
                + ALGORITHM
                + named(issuer)
                + tlv(0x17, b"260501000000Z")
                + tlv(0x17, b"270501000000Z")
                + tlv(0xA0, tlv(0x30, scope)),
            )
            lists.append(tlv(0x30, tbs + ALGORITHM + tlv(3, b"\0" + self.sign(tbs, self.slot(0, 0)))))
        return lists


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a graph has cost."""

    graph: Graph
    octets: int
    seconds: float
    status: str
    work: dict[str, int] | None

    def __str__(self) -> str:
        changed = {
            field.name: getattr(self.graph, field.name)
            for field in dataclasses.fields(Graph)
            if getattr(self.graph, field.name) != field.default
        }
        return f"{self.seconds:7.3f} s, {self.octets:7,} octets, {self.status}, {self.work}, {changed}"


def run(graph: Graph) -> Outcome:
    """Judges a graph with a verifier that knows nothing yet."""
    sent, roots = graph.build()
    knobs: dict[str, Any] = {"crl_check": "chain"} if graph.crls else {}
    stores = [certpath.TrustStore.from_der([root], name=f"s{number}") for number, root in enumerate(roots)]
    options: dict[str, Any] = {}
    if graph.pool:
        options["pool"] = certpath.IntermediatePool.from_der(sent[1:])
    if graph.crls:
        options["crls"] = graph.lists()
    policy = POLICIES[graph.policy](**knobs)
    verifier = certpath.Verifier(stores, policy=policy, **options)
    began = time.perf_counter()
    wanted: dict[str, Any] = {"all_paths": True} if graph.all_paths and graph.policy != "ssl" else {}
    verdict = verifier.check(sent[:1] if graph.pool else sent, graph.name or None, at=pki.AT, **wanted)
    _ = verdict.deployment
    seconds = time.perf_counter() - began
    return Outcome(graph, sum(map(len, sent)), seconds, verdict.status, verdict.work)


RANGES: dict[str, Sequence[Any]] = {
    "layers": range(1, 8),
    "width": (1, 2, 4, 8, 16, 40, 120, 300),
    "keys": ("layer", "one", "eight"),
    "one_name": (False, True),
    "identifiers": (0, 1, 20, 5_000),
    "leaf_names": (0, 1, 30, 300, 1_000, 5_000),
    "ca_names": (0, 1, 30, 300, 2_000),
    "subtrees": (0, 1, 30, 300, 2_000),
    "form": tuple(FORMS),
    "size": (1, 30, 60, 1_000, 30_000),
    "subject": (1, 100, 3_000, 30_000),
    "purposes": (0, 1, 100, 5_000),
    "policies": (0, 1, 100, 5_000),
    "points": (0, 1, 100, 2_000),
    "fault": ("purpose", "expired", "nothing"),
    "name": ("www.x.test", "me@x.test", "192.0.2.1", "https://x.test/", ""),
    "stores": (1, 2, 32),
    "crls": (0, 1, 100),
    "all_paths": (False, True),
    "pool": (False, True),
}


def mutated(graph: Graph, chance: random.Random) -> Graph:
    """The graph with one to three things otherwise."""
    changes = {
        field: chance.choice(RANGES[field]) for field in chance.sample(sorted(RANGES), chance.randint(1, 3))
    }
    changed = dataclasses.replace(graph, **changes)
    # A certificate may well be a megabyte, but then there is one.
    size = changed.size if changed.form != "ip" else 4
    largest = max(changed.leaf_names, changed.ca_names, changed.subtrees) * (size + 12)
    return changed if largest <= LARGEST // 2 else graph


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long to search")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--policy", choices=POLICIES, action="append", help="which (default: all)")
    given = parser.parse_args()
    chance = random.Random(given.seed)
    worst: dict[str, Outcome] = {}
    ends = time.monotonic() + given.seconds
    graphs = 0
    policies = given.policy or list(POLICIES)
    while time.monotonic() < ends:
        policy = policies[graphs % len(policies)]
        known = worst.get(policy)
        start = known.graph if known and chance.random() < 0.8 else Graph()
        graph = dataclasses.replace(start if known is None else mutated(start, chance), policy=policy)
        outcome = run(graph)
        graphs += 1
        if known is None or outcome.seconds > known.seconds:
            worst[policy] = outcome
            print(f"{policy:8}{outcome}", flush=True)
    print(f"\n{graphs} graphs of seed {given.seed} in {given.seconds:.0f} s; the worst of each policy:")
    for policy, outcome in worst.items():
        print(f"{policy:8}{outcome}")


if __name__ == "__main__":
    main()
