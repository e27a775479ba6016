"""Sections 4 and 5 of the parity document, row by row: one handshake through ssl and through certpath.

Each handshake runs under the same settings, with ssl on the other side. Compared are the outcome, the
exception with its type, code, text and attributes, `getpeercert()`, and what the other side saw of it.
"""

from __future__ import annotations

import re
import ssl
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from crosscheck.verdicts import follows
from support import pki
from support.defects import BY_CODE, CRLS, NEVER_SHOWN, ROOT, Case, by_code, by_crl_rule
from support.link import Link, Side, attempt

if TYPE_CHECKING:
    from pathlib import Path

KINDS = (ssl.SSLContext, certpath.SSLContext)
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
ROLES = ["client", "server"]
# The codes of the document are those of OpenSSL 3.0; that both sides agree is asked of every version.
IS_OPENSSL_3 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] == 3

each_version = pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
each_role = pytest.mark.parametrize("role", ROLES)

# What the client sees if a server refuses it, by the code of the refusal (section 4, "Alerts").
ALERTS = {
    "TLSV1_ALERT_UNKNOWN_CA": {2, 3, 18, 19, 20, 22, 25, 79},
    "TLSV1_ALERT_DECRYPT_ERROR": {7, 8},
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": {10, 12},
    "SSLV3_ALERT_CERTIFICATE_REVOKED": {23},
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": {26},
    "SSLV3_ALERT_BAD_CERTIFICATE": {9, 11, 13, 14, 28, 66, 67, 68, 94},
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("parity")


def presenting(folder: Path, chain: list[pki.Entity], role: str) -> ssl.SSLContext:
    """The other side, which presents whatever it is told to; `role` is that of the side that verifies."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if role == "client" else ssl.PROTOCOL_TLS_CLIENT)
    context.set_ciphers("ALL:@SECLEVEL=0")
    if role == "server":
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    path = folder / "presented.pem"
    path.write_text(chain[0].key_pem + pki.chain_pem(chain))
    context.load_cert_chain(path)
    return context


def verifying(kind: Any, folder: Path, case: Case, role: str, version: ssl.TLSVersion) -> Any:
    context = kind(ssl.PROTOCOL_TLS_CLIENT if role == "client" else ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= case.flags
    path = folder / "trusted.pem"
    path.write_text(case.store_pem)
    context.load_verify_locations(path)
    if role == "server":
        own = pki.three()
        path = folder / "own.pem"
        path.write_text(own[0].key_pem + pki.chain_pem(own[:2]))
        context.load_cert_chain(path)
    return context


def shaken(context: Any, other: ssl.SSLContext, role: str, name: str) -> dict[str, Side]:
    """Both sides of a handshake."""
    link = Link(context, other, name) if role == "client" else Link(other, context, name)
    return dict(zip(("client", "server"), link.shake(), strict=True))


def compare(folder: Path, case: Case, role: str, version: ssl.TLSVersion) -> Side:
    """Run the handshake both ways, hold them against each other, and return what ssl says."""
    plain, ours = (
        shaken(
            verifying(kind, folder, case, role, version),
            presenting(folder, case.chain, role),
            role,
            case.name,
        )
        for kind in KINDS
    )
    peer = "server" if role == "client" else "client"
    if case.stricter:
        assert ours[role].outcome == "failed"
        assert isinstance(ours[role].error, certpath.VerificationError)
        return plain[role]
    assert ours[role].compared() == plain[role].compared()
    if role == "client" and plain[role].outcome == "failed":
        # The one difference: the server gets no alert but sees a finished handshake (and then the end).
        assert plain[peer].outcome == "failed"
        assert ours[peer].outcome == "ok"
        assert ours[peer].error is None
    else:
        assert ours[peer].compared() == plain[peer].compared()
    error = ours[role].error
    if isinstance(error, ssl.SSLCertVerificationError):
        assert isinstance(error, certpath.VerificationError)
        assert error.verdict is not None
        assert error.verdict.verify_code == error.verify_code
        if role == "server" and IS_OPENSSL_3:
            alerts = [alert for alert, codes in ALERTS.items() if error.verify_code in codes]
            expected = alerts[0] if alerts else "SSLV3_ALERT_CERTIFICATE_UNKNOWN"
            assert getattr(ours[peer].error, "reason", None) == expected
    return plain[role]


@pytest.mark.parametrize("code", BY_CODE)
@each_role
@each_version
def test_every_code(folder: Path, code: int, role: str, version: ssl.TLSVersion) -> None:
    """Section 4, the table of codes; and its line on alerts."""
    if role == "server" and code in {62, 64}:
        # A server checks no name: the same chain is accepted.
        assert compare(folder, by_code(code), role, version).outcome == "ok"
        return
    if code in {13, 14} and follows("short_times_unparseable"):
        with pytest.raises(ssl.SSLError, match="PEM lib"):
            presenting(folder, by_code(code).chain, role)
        return
    side = compare(folder, by_code(code), role, version)
    if IS_OPENSSL_3:
        assert getattr(side.error, "verify_code", None) == NEVER_SHOWN.get(code, code)


@pytest.mark.parametrize("rule", CRLS)
@each_role
@each_version
def test_every_rule_about_crls(folder: Path, rule: str, role: str, version: ssl.TLSVersion) -> None:
    """Section 4, CRLs."""
    side = compare(folder, by_crl_rule(rule), role, version)
    if ssl.OPENSSL_VERSION_INFO[:2] == (3, 0) and not follows("delta_crls_passed_over"):
        # Later releases have rules of their own: docs/parity.md. That both agree has been seen above.
        assert getattr(side.error, "verify_code", None) == CRLS[rule][0]


def test_exceptions_built_by_hand() -> None:
    """Section 4, its first lines: the classes, and that nothing is set that nobody has set."""
    expected = (ssl.SSLCertVerificationError, ssl.SSLError, OSError, ValueError)
    assert [kind for kind in certpath.VerificationError.__mro__ if kind in expected] == list(expected)
    # Made when it is first asked for.
    name = "CertificateError"
    assert getattr(certpath, name) is ssl.CertificateError is ssl.SSLCertVerificationError
    for kind in (ssl.SSLCertVerificationError, certpath.VerificationError):
        error = kind("by hand")
        assert not any(
            hasattr(error, name) for name in ("verify_code", "verify_message", "reason", "library")
        )


# Section 5: role and mode; its columns are the chains.
MODES: dict[str, tuple[str, ssl.VerifyMode]] = {
    "server NONE": ("server", ssl.CERT_NONE),
    "server OPTIONAL": ("server", ssl.CERT_OPTIONAL),
    "server REQUIRED": ("server", ssl.CERT_REQUIRED),
    "client NONE": ("client", ssl.CERT_NONE),
    "client OPTIONAL == REQUIRED": ("client", ssl.CERT_REQUIRED),
    "client OPTIONAL": ("client", ssl.CERT_OPTIONAL),
}
CHAINS: dict[str, Any] = {
    "no peer cert": None,
    "good": lambda: Case(by_code(62).chain),
    "bad cert": lambda: by_code(10),
    "bad cert, unknown": lambda: by_code(20),
}


def everything_shown(end: ssl.SSLObject, chains: tuple[str, ...]) -> list[Any]:
    """What a connection tells of its peer, at this moment."""
    shown: list[Any] = [attempt(end.getpeercert), attempt(lambda: end.getpeercert(True))]
    for name in chains:
        # From Python 3.13 on; 3.13.0 has an error of its own on servers without a client's certificate.
        if hasattr(ssl.SSLObject, name):
            chain, error = attempt(getattr(end, name))
            shown.append([] if error is not None and error[0] is AttributeError else chain)
    return shown


@pytest.mark.parametrize(
    # A server always has a certificate.
    ("mode", "chain"),
    [(mode, chain) for mode in MODES for chain in CHAINS if MODES[mode][0] == "server" or CHAINS[chain]],
)
@each_version
def test_every_mode(folder: Path, mode: str, chain: str, version: ssl.TLSVersion) -> None:
    """Section 5, the table and the paragraph below it: before, during and after the handshake."""
    role, verify_mode = MODES[mode]
    case = CHAINS[chain]() if CHAINS[chain] is not None else Case([])
    seen = []
    for kind in KINDS:
        context = verifying(kind, folder, case, role, version)
        context.check_hostname = role == "client" and verify_mode != ssl.CERT_NONE
        context.verify_mode = verify_mode
        if case.chain:
            other = presenting(folder, case.chain, role)
        else:
            other = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            other.check_hostname = False
            other.verify_mode = ssl.CERT_NONE
        link = Link(context, other, case.name) if role == "client" else Link(other, context, case.name)
        end = link.client if role == "client" else link.server
        before = everything_shown(end, ("get_verified_chain", "get_unverified_chain"))
        sides = dict(zip(("client", "server"), link.shake(), strict=True))
        failed_client = role == "client" and sides[role].outcome == "failed"
        peer = None if failed_client else sides["server" if role == "client" else "client"].compared()
        # Documented differences: nothing is shown of a refused peer, and nothing is called verified
        # that nobody has verified.
        chains: tuple[str, ...] = ("get_unverified_chain",)
        if verify_mode != ssl.CERT_NONE:
            chains += ("get_verified_chain",)
        after = everything_shown(end, chains if sides[role].outcome == "ok" else ())
        seen.append((before, sides[role].compared(), peer, after))
    assert seen[0] == seen[1]


# Section 5, its last sentence: curves and algorithms of CAs, and whether certpath has them.
ALGORITHMS = {"secp256k1": True, "brainpool": False, "secp224r1": False, "ed448": False, "dsa": False}


@pytest.mark.parametrize("kind", ALGORITHMS)
@each_version
def test_every_algorithm_of_a_ca(folder: Path, kind: str, version: ssl.TLSVersion) -> None:
    """What the library lacks is refused as unsupported, and nothing else differs."""
    digest = pki.SHA256
    ca = pki.issue("CA of a kind", ROOT, own_key=kind, ca=True)
    chain = [pki.issue("leaf", ca, digest=digest), ca]
    supported = ALGORITHMS[kind]
    side = compare(folder, Case(chain, stricter="" if supported else "unsupported"), "client", version)
    assert side.outcome == "ok"


@each_version
def test_leaves_on_secp256k1(folder: Path, version: ssl.TLSVersion) -> None:
    """Only with TLS 1.2, and if the curve is set."""
    case = Case([pki.issue("leaf", by_code(62).chain[1], own_key="secp256k1"), by_code(62).chain[1]])
    for curve in (None, "secp256k1"):
        seen = []
        for kind in KINDS:
            client, server = (
                verifying(kind, folder, case, "client", version),
                presenting(folder, case.chain, "client"),
            )
            if curve is not None:
                client.set_ecdh_curve(curve)
                server.set_ecdh_curve(curve)
            seen.append(shaken(client, server, "client", case.name)["client"].compared())
        assert seen[0] == seen[1]
        assert (seen[1][0] == "ok") == (curve is not None and version == ssl.TLSVersion.TLSv1_2)


def test_no_row_is_left_out(shared: Path) -> None:
    """The tables above have every row that the document has."""
    text = (shared / "openssl-parity.md").read_text()
    fourth = text[text.index("## 4.") : text.index("### CRLs")]
    table = "\n".join(line for line in fourth.splitlines() if line.startswith("|"))
    codes = {int(code) for code in re.findall(r"(?:^\| |\| |/ ?)(\d+)(?=[ /])", table, re.MULTILINE)}
    assert codes <= set(BY_CODE)
    assert len(codes) > 45
    fifth = text[text.index("## 5.") : text.index("## 6.")]
    rows = {line.split("|")[1].strip() for line in fifth.splitlines() if line.startswith("| ")} - {
        "role, verify_mode"
    }
    assert rows <= set(MODES)
    assert len(rows) == 5
