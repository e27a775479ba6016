"""The CAs of a scan to measure with, and the end entities that they issue."""

from __future__ import annotations

import dataclasses
import datetime
import itertools
from typing import TYPE_CHECKING, Any, TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID
from support import pki, transparency

if TYPE_CHECKING:
    import random

LIST = "1.3.6.1.4.1.11129.2.4.2"
"""The extension with the timestamps of logs."""
AT = pki.AT
"""When the scan took place."""
ROOTS, ISSUERS, STRANGERS, LEAF_KEYS = 12, 40, 4, 48
ALGORITHMS = ("rsa2048", "p256", "p384")
FAULTS = {
    "expired": 0.25,
    "wrong_name": 0.25,
    "self_signed": 0.20,
    "missing_intermediate": 0.15,
    "unknown_issuer": 0.12,
    "not_yet_valid": 0.03,
}
"""Shares of the faults among the invalid."""
LITTER = ("torn_leaf", "noise", "text", "nothing", "torn_issuer")
"""What comes as garbage."""

Member: TypeAlias = "int | bytes"
"""A certificate of a chain: the position of a CA certificate, or the octets themselves."""
Host: TypeAlias = tuple[str, list[Member], list[str]]
"""Kind, chain, names that it may be asked for."""


@dataclasses.dataclass(frozen=True)
class Authorities:
    """Roots, then issuers, then the issuers of nobody's roots; and keys for end entities."""

    roots: list[pki.Entity]
    issuers: list[pki.Entity]
    strangers: list[pki.Entity]
    algorithms: list[str]
    """Of the issuers and strangers."""
    leaf_keys: list[pki.Key]
    logs: list[transparency.Log]

    @property
    def certificates(self) -> list[bytes]:
        return [one.der for one in (*self.roots, *self.issuers, *self.strangers)]


SIGNATURES = {
    "rsa2048": pki.tlv(0x30, pki.oid("1.2.840.113549.1.1.11") + b"\x05\0"),
    "p256": pki.tlv(0x30, pki.oid("1.2.840.10045.4.3.2")),
    "p384": pki.tlv(0x30, pki.oid("1.2.840.10045.4.3.3")),
}
DIGESTS: dict[str, Any] = {"rsa2048": pki.SHA256, "p256": pki.SHA256, "p384": hashes.SHA384()}


def uri(text: str) -> bytes:
    return pki.tlv(0x86, text.encode())


FIXED = b"".join(
    (
        pki.extension("2.5.29.15", pki.tlv(0x03, b"\x07\x80"), critical=True),
        pki.extension(
            "2.5.29.37", pki.tlv(0x30, pki.oid("1.3.6.1.5.5.7.3.1") + pki.oid("1.3.6.1.5.5.7.3.2"))
        ),
        pki.extension("2.5.29.19", pki.tlv(0x30, b""), critical=True),
        pki.extension("2.5.29.32", pki.tlv(0x30, pki.tlv(0x30, pki.oid("2.23.140.1.2.1")))),
    )
)
"""The extensions that all end entities have alike: keyUsage, extKeyUsage, basicConstraints, policies."""


def ca_extensions(number: int) -> list[tuple[x509.ExtensionType, bool]]:
    at = f"http://ca{number}.pki.example"
    access = x509.AccessDescription(
        AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(f"{at}/root.der")
    )
    point = x509.DistributionPoint([x509.UniformResourceIdentifier(f"{at}/root.crl")], None, None, None)
    domain_validated = x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)
    return [
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]), False),
        (x509.AuthorityInformationAccess([access]), False),
        (x509.CRLDistributionPoints([point]), False),
        (x509.CertificatePolicies([domain_validated]), False),
        (pki.usage("digital_signature", "key_cert_sign", "crl_sign"), True),
    ]


def intermediate(number: int, root: pki.Entity, own_key: pki.Key) -> pki.Entity:
    subject = pki.names(f"Issuing CA {number}", organization=f"Trust Services {number % ROOTS}")
    return pki.issue(
        subject,
        root,
        own_key=own_key,
        ca=True,
        path_length=0,
        extensions=ca_extensions(number),
        digest=hashes.SHA384() if isinstance(root.key, ec.EllipticCurvePrivateKey) else None,
    )


def weights(count: int) -> list[float]:
    """Zipf's: the k-th gets 1/k."""
    return [1 / rank for rank in range(1, count + 1)]


def share_out(wanted: dict[str, float]) -> list[str]:
    """Key algorithms for the issuers, so that their weights come nearest to the shares wanted."""
    each = weights(ISSUERS)
    left = {name: share / sum(wanted.values()) * sum(each) for name, share in wanted.items()}
    algorithms = []
    for weight in each:
        chosen = max(ALGORITHMS, key=lambda name: left[name])
        left[chosen] -= weight
        algorithms.append(chosen)
    return algorithms


def authorities(shares: dict[str, float], scts: int = 0) -> Authorities:
    # Old roots are RSA, their successors P-384.
    kinds = ["rsa4096", "p384", "rsa2048"]
    roots = [
        pki.issue(
            pki.names(f"Root {n}", organization=f"Trust Services {n}"),
            own_key=pki.generate(kinds[n % len(kinds)]),
            ca=True,
        )
        for n in range(ROOTS)
    ]
    # RSA issuers below RSA roots; the others where they fall.
    old = [root for root in roots if isinstance(root.key, rsa.RSAPrivateKey)]
    algorithms = share_out(shares)
    issuers = [
        intermediate(n, (old if kind == "rsa2048" else roots)[n % len(old)], pki.generate(kind))
        for n, kind in enumerate(algorithms)
    ]
    private = pki.issue(pki.names("Root of nobody", organization="Intranet"), own_key="rsa2048", ca=True)
    foreign = [ALGORITHMS[n % len(ALGORITHMS)] for n in range(STRANGERS)]
    strangers = [intermediate(ISSUERS + n, private, pki.generate(kind)) for n, kind in enumerate(foreign)]
    leaf_keys = [pki.generate("rsa2048" if n % 3 else "p256") for n in range(LEAF_KEYS)]
    logs = [transparency.Log(f"Log {n}", f"Operator {n}") for n in range(scts)]
    return Authorities(roots, issuers, strangers, algorithms + foreign, leaf_keys, logs)


class Press:
    """Makes end entities: their contents put together from parts, then signed."""

    def __init__(self, made: Authorities) -> None:
        self.made = made
        self.issuers = [*made.issuers, *made.strangers]
        self.weights = list(itertools.accumulate(weights(ISSUERS)))
        self.names = [one.certificate.subject.public_bytes() for one in self.issuers]
        self.key_ids = [self.key_id(one.key) for one in self.issuers]
        self.leaf_keys = [
            (
                one,
                one.public_key().public_bytes(
                    serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
                ),
                self.key_id(one),
            )
            for one in made.leaf_keys
        ]

    @staticmethod
    def key_id(one: pki.Key) -> bytes:
        return x509.SubjectKeyIdentifier.from_public_key(one.public_key()).digest

    def leaf(
        self, dice: random.Random, issuer: int, names: list[str], days: tuple[int, int], *, own: bool = False
    ) -> bytes:
        """An end entity, valid from and until so many days after the scan; signed by itself if `own`."""
        # Those who issue from P-384 issue for elliptic keys alone.
        elliptic = self.made.algorithms[issuer] == "p384" and not own
        private, spki, key_id = dice.choice(self.leaf_keys[::3] if elliptic else self.leaf_keys)
        algorithm = self.made.algorithms[issuer]
        if own:
            algorithm = "rsa2048" if isinstance(private, rsa.RSAPrivateKey) else "p256"
        subject = common_name(names[0])
        authority = key_id if own else self.key_ids[issuer]
        contents = b"".join(
            (
                b"\xa0\x03\x02\x01\x02",
                pki.tlv(0x02, b"\x03" + dice.randbytes(16)),
                SIGNATURES[algorithm],
                subject if own else self.names[issuer],
                pki.tlv(0x30, utc_time(days[0]) + utc_time(days[1])),
                subject,
                spki,
            )
        )

        def with_extensions(extensions: bytes) -> bytes:
            return pki.tlv(0x30, contents + pki.tlv(0xA3, pki.tlv(0x30, extensions)))

        extensions = self.extensions(dice, issuer, names, key_id, authority)
        tbs = with_extensions(extensions)
        if self.made.logs:
            entry = transparency.tbs_entry(tbs, self.issuers[issuer].certificate)
            at = AT + datetime.timedelta(days=days[0])
            octets = transparency.sct_list([log.sign(entry, at) for log in self.made.logs])
        else:
            # Of no log that anybody knows: RFC 6962, 3.3.
            octets = transparency.sct_list(
                [
                    b"\0" + dice.randbytes(40) + b"\0\0\x04\x03\0\x46" + dice.randbytes(70)
                    for _ in range(dice.choice((2, 2, 3)))
                ]
            )
        tbs = with_extensions(extensions + pki.extension(LIST, pki.tlv(0x04, octets)))
        signer = private if own else self.issuers[issuer].key
        value = pki.signature(tbs, signer, DIGESTS[algorithm])
        return pki.tlv(0x30, tbs + SIGNATURES[algorithm] + pki.tlv(0x03, b"\0" + value))

    @staticmethod
    def extensions(
        dice: random.Random, issuer: int, names: list[str], key_id: bytes, authority: bytes
    ) -> bytes:
        at = f"http://ca{issuer}.pki.example"
        access = pki.tlv(0x30, pki.oid("1.3.6.1.5.5.7.48.1") + uri(f"http://ocsp{issuer}.pki.example"))
        access += pki.tlv(0x30, pki.oid("1.3.6.1.5.5.7.48.2") + uri(f"{at}/ca.der"))
        point = pki.tlv(0x30, pki.tlv(0xA0, pki.tlv(0xA0, uri(f"{at}/{dice.randrange(128)}.crl"))))
        return FIXED + b"".join(
            (
                pki.extension("2.5.29.14", pki.tlv(0x04, key_id)),
                pki.extension("2.5.29.35", pki.tlv(0x30, pki.tlv(0x80, authority))),
                pki.extension("1.3.6.1.5.5.7.1.1", pki.tlv(0x30, access)),
                pki.extension(
                    "2.5.29.17", pki.tlv(0x30, b"".join(pki.tlv(0x82, name.encode()) for name in names))
                ),
                pki.extension("2.5.29.31", pki.tlv(0x30, point)),
            )
        )

    def host(self, dice: random.Random, number: int, kind: str) -> Host:
        """What the host of this number presents."""
        site = f"shop{number}.{dice.choice(WORDS)}-{dice.choice(WORDS)}.example"
        names = [f"www.{site}", site]
        # A few certificates speak for many: those of hosters.
        names += [f"{dice.choice(WORDS)}{n}.{site}" for n in range(min(28, int(dice.paretovariate(1.1)) - 1))]
        issuer = dice.choices(range(ISSUERS), cum_weights=self.weights)[0]
        if kind == "unknown_issuer":
            issuer = ISSUERS + dice.randrange(STRANGERS)
        days = dice.choice((90, 90, 90, 397))
        start = -dice.randrange(1, days)
        if kind == "expired":
            start -= days
        elif kind == "not_yet_valid":
            start = dice.randrange(1, 30)
        leaf = self.leaf(dice, issuer, names, (start, start + days), own=kind == "self_signed")
        chain: list[Member] = [leaf, ROOTS + issuer]
        if kind in {"self_signed", "missing_intermediate", "text", "noise"}:
            chain = [leaf]
        elif kind == "wrong_name":
            names = [f"other{number}.example"]
        if kind in LITTER:
            chain = litter(dice, kind, leaf, self.issuers[issuer].der, ROOTS + issuer)
        return kind, chain, names


WORDS = ("bay", "cup", "elm", "fog", "gem", "hut", "ink", "kit", "map", "oak", "pen", "sun", "tin", "vow")


def litter(dice: random.Random, kind: str, leaf: bytes, issuer: bytes, position: int) -> list[Member]:
    """Chains that are none."""
    if kind == "torn_leaf":
        return [leaf[: dice.randrange(len(leaf))], position]
    if kind == "torn_issuer":
        return [leaf, issuer[: dice.randrange(len(issuer))]]
    if kind == "noise":
        return [dice.randbytes(dice.randrange(1, 2_000))]
    if kind == "text":
        return [b"<html><body>400 Bad Request</body></html>"]
    return []


def common_name(name: str) -> bytes:
    value = pki.tlv(0x0C, name.encode()[:64])
    return pki.tlv(0x30, pki.tlv(0x31, pki.tlv(0x30, pki.oid("2.5.4.3") + value)))


def utc_time(days: int) -> bytes:
    moment = AT + datetime.timedelta(days=days)
    return pki.tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def other_intermediates(count: int) -> list[bytes]:
    """Intermediates of other CAs, to fill a pool with."""
    if not count:
        return []
    root = pki.issue(pki.names("Root of the pool", organization="Elsewhere"), own_key="p256", ca=True)
    keys = [pki.generate("p256") for _ in range(16)]
    return [intermediate(100_000 + n, root, keys[n % len(keys)]).der for n in range(count)]
