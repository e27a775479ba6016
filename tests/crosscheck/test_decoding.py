"""`Certificate.getpeercert` beside the decoder of the standard library: generated and real certificates."""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path
from typing import Any

import certpath
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from crosscheck.certificates import TWISTS, Twist, end_entity
from crosscheck.encoding import identifier, sequence, set_of, tlv
from crosscheck.keys import Key
from crosscheck.names import COMMON_NAMES, PRESENTED
from crosscheck.strategies import hierarchies

BLOCK = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?-----END [A-Z0-9 ]+-----", re.DOTALL)
EXAMPLES = int(os.environ.get("CERTPATH_EXAMPLES", "400"))


def stdlib(der: bytes, folder: Path) -> dict[str, Any] | str:
    """What CPython's own tests decode with, or the name of its exception."""
    file = folder / "one.pem"
    file.write_text(ssl.DER_cert_to_PEM_cert(der), encoding="ascii")
    try:
        decoded: dict[str, Any] = ssl._ssl._test_decode_cert(str(file))  # type: ignore[attr-defined]
    except (ssl.SSLError, ValueError) as error:
        return type(error).__name__
    return decoded


def ours(der: bytes) -> dict[str, Any] | str:
    """The same of `certpath.Certificate`."""
    try:
        return certpath.Certificate(der).getpeercert()
    except ValueError as error:
        return type(error).__name__


def compare(der: bytes, folder: Path) -> bool:
    """Assert that both say the same; whether that is a dictionary.

    What OpenSSL does not decode may be no dictionary here either, or still be shown: the view is tolerant.
    """
    theirs, mine = stdlib(der, folder), ours(der)
    if theirs != "SSLError":
        assert mine == theirs, der.hex()
    return isinstance(theirs, dict)


@given(data=st.data())
@settings(
    max_examples=EXAMPLES,
    derandomize="CERTPATH_EXAMPLES" not in os.environ,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
def test_generated_certificates(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Of every hierarchy the leaf, with any twist on top."""
    plan = data.draw(hierarchies()).plans[0]
    data.draw(st.sampled_from(list(TWISTS.values())).flatmap(st.sampled_from)).apply(plan)
    compare(plan.build(), tmp_path_factory.getbasetemp())


@pytest.mark.parametrize("name", [*PRESENTED, *(f"cn {name}" for name in COMMON_NAMES)])
def test_each_name(name: str, tmp_path: Path) -> None:
    """As subjectAltName or subject."""
    from crosscheck.name_matchers import certificate

    common_name = name.removeprefix("cn ")
    compare(certificate(common_name=common_name) if name != common_name else certificate(name), tmp_path)


@pytest.mark.parametrize(
    "twist", [twist for group in TWISTS.values() for twist in group], ids=lambda twist: twist.name
)
def test_each_twist(twist: Twist, tmp_path: Path) -> None:
    """Of an end entity."""
    plan = end_entity(["dns www.example.test"], "leaf", Key("p256", 1), "CA 1", Key("p256", 2))
    twist.apply(plan)
    compare(plan.build(), tmp_path)


TIMES = [
    "2001010000Z",
    "200101000000",
    "200101000000+0100",
    "200101000000-0130",
    "2001010000+0100",
    "200101000000+1259",
    "200101000000+1300",
    "200101000000+0160",
    "200101000000+01",
    "200101000000.5Z",
    "20200101000000.5Z",
    "20200101000000.123456789Z",
    "20200101000000.Z",
    "20200101000000.5",
    "20200101000000.5+0100",
    "20200101000000-0130",
    "20200101000000",
    "G202001010000Z",
    "G202001010000.5Z",
    "G202001010000+0100",
    "G2020010100Z",
    "00000101000000+0100",
    "18991231233000-0100",
    "19000101003000+0100",
    "18991231235959+0000",
    "00000101000000-0100",
    "99991231235959-0100",
    "99991231235959+0100",
    "200230000000Z",
    "200229000000+0000",
    "210229000000Z",
    "200101240000Z",
    "200101000060Z",
    "500101000000Z",
    "",
    "Z",
    "soon",
]


@pytest.mark.parametrize("text", TIMES)
def test_each_time(text: str, tmp_path: Path) -> None:
    """OpenSSL prints more than it takes for valid, and so does `getpeercert`: found with generated dates."""
    plan = end_entity(["dns www.example.test"], "leaf", Key("p256", 1), "CA 1", Key("p256", 2))
    plan.dates = (text, plan.dates[1])
    compare(plan.build(), tmp_path)


@pytest.mark.parametrize("value", ["00b0d5", "0400", "04ff", "00", "07ff80", ""])
def test_bits_in_a_name(value: str, tmp_path: Path) -> None:
    """As bytes: found with a certificate of `cryptography_vectors`."""
    plan = end_entity(["dns www.example.test"], "leaf", Key("p256", 1), "CA 1", Key("p256", 2))
    attribute = sequence(identifier("2.5.4.45"), tlv(0x03, bytes.fromhex(value)))
    plan.subject = sequence(set_of(attribute))
    compare(plan.build(), tmp_path)


def bundles() -> list[Path]:
    """Certificates of the platform."""
    paths = ssl.get_default_verify_paths()
    found = [Path(one) for one in (paths.cafile, paths.openssl_cafile) if one and Path(one).is_file()]
    folder = Path(paths.capath or "")
    return [*found, *(sorted(folder.glob("*.pem")) if paths.capath else [])]


def from_pem(files: list[Path]) -> set[bytes]:
    """The DER of all certificates that decode as PEM."""
    blocks = [block for file in files for block in BLOCK.findall(file.read_bytes())]
    found = set()
    for block in blocks:
        text = re.sub(r"(BEGIN|END) (X509|TRUSTED) ", r"\1 ", block.decode("latin-1"))
        try:
            found.add(ssl.PEM_cert_to_DER_cert(text.replace("\r", "")))
        except ValueError:
            continue
    return found


def compare_all(ders: set[bytes], folder: Path) -> int:
    return sum(compare(der, folder) for der in sorted(ders))


def test_the_bundle_of_certifi(tmp_path: Path) -> None:
    """Mozilla's roots."""
    certifi = pytest.importorskip("certifi")
    assert compare_all(from_pem([Path(certifi.where())]), tmp_path) > 100


def test_the_bundle_of_the_platform(tmp_path: Path) -> None:
    """Whatever this machine trusts."""
    ders = from_pem(bundles())
    if not ders:
        pytest.skip("the platform has no bundle of certificates")
    assert compare_all(ders, tmp_path) == len(ders)


def test_the_vectors_of_cryptography(tmp_path: Path) -> None:
    """Certificates of many makers, NIST's PKITS among them, and odd ones."""
    cryptography_vectors = pytest.importorskip("cryptography_vectors")
    folder = Path(cryptography_vectors.__file__).parent / "x509"
    ders = from_pem(sorted(folder.rglob("*.pem"))) | {
        file.read_bytes() for pattern in ("*.der", "*.crt", "*.cer") for file in folder.rglob(pattern)
    }
    assert compare_all(ders, tmp_path) > 300
