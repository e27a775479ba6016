"""Other verifiers, asked about the same chains: webpki alone, pyca/cryptography, pyOpenSSL.

Each is compared under the policy of ours that comes nearest to its own. The answer is ``ok`` or a reason
in the verifier's own words, without what differs from case to case.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import ipaddress
import json
import re
import shutil
import subprocess
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import certpath
import cryptography
import OpenSSL
from cryptography import x509
from cryptography.x509 import verification
from OpenSSL import SSL, crypto
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crosscheck.cases import Case

__all__ = ["OK", "RIVALS", "Rival", "WebpkiMissing", "WebpkiQuestion", "ask_webpki", "our_opinion"]

ROOT = Path(__file__).resolve().parents[2]
OK = "ok"


class WebpkiMissing(Exception):  # noqa: N818 (a tool is not there, nothing is wrong)
    """There is no Rust toolchain to build the program that asks webpki."""


@dataclasses.dataclass(frozen=True)
class Rival:
    """A verifier, its version, and the policy under which ours should agree."""

    name: str
    policy: str
    """In prose."""
    version: str
    judge: Callable[[Sequence[Case]], list[str]]
    ours: Callable[[Case], certpath.Policy]
    named: bool = True
    """Whether it judges names too."""


@dataclasses.dataclass(frozen=True)
class WebpkiQuestion:
    """A chain, leaf first, its anchors, and a name."""

    name: str
    chain: Sequence[bytes]
    trusted: Sequence[bytes]


@functools.cache
def _webpki_program() -> str:
    cargo = shutil.which("cargo")
    if cargo is None:
        raise WebpkiMissing("cargo is not installed")
    command = ["build", "--locked", "--offline", "--example", "webpki_opinion", "--message-format", "json"]
    done = subprocess.run([cargo, *command], cwd=ROOT, check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        raise WebpkiMissing(done.stderr.strip().splitlines()[-1])
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message["target"]["name"] == "webpki_opinion":
            return str(message["executable"])
    raise WebpkiMissing("cargo has built nothing")


def ask_webpki(questions: Iterable[WebpkiQuestion]) -> list[tuple[str, str]]:
    """What webpki alone says about path and name of each. Raises `WebpkiMissing`."""
    at = int(pki.AT.timestamp())
    lines = [
        "\t".join(
            [
                str(at),
                question.name,
                question.chain[0].hex(),
                ",".join(der.hex() for der in question.chain[1:]),
                ",".join(der.hex() for der in question.trusted),
            ]
        )
        for question in questions
    ]
    done = subprocess.run(  # noqa: S603 - our own program
        [_webpki_program()], input="\n".join(lines), check=True, capture_output=True, text=True
    )
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    return [(path, name) for path, name in answers]


def _webpki(cases: Sequence[Case]) -> list[str]:
    answers = ask_webpki(WebpkiQuestion(case.settings.host or "", case.chain, case.trusted) for case in cases)
    return [name if path == OK else path for path, name in answers]


def _without_particulars(text: str) -> str:
    text = re.sub(r"\(encountered processing.*|<Certificate\(.*?\)>|\\n.*", "", text, flags=re.DOTALL)
    text = re.sub(r"(DNSName|IPAddress|ObjectIdentifier|Name)\(.*?\)+", r"\1", text)
    return re.sub(r"\d{2,}", "N", " ".join(text.split())).replace("|", "/")[:110].strip()


def _pyca_one(case: Case) -> str:
    host = case.settings.host or ""
    with warnings.catch_warnings():
        # It warns of serial numbers, which is an answer only if it refuses.
        warnings.simplefilter("ignore")
        try:
            leaf, *others = (x509.load_der_x509_certificate(der) for der in case.chain)
            anchors = [x509.load_der_x509_certificate(der) for der in case.trusted]
            builder = verification.PolicyBuilder().store(verification.Store(anchors)).time(pki.AT)
            subject: verification.Subject
            try:
                subject = x509.IPAddress(ipaddress.ip_address(host))
            except ValueError:
                subject = x509.DNSName(host)
            builder.build_server_verifier(subject).verify(leaf, others)
        except verification.VerificationError as error:
            return _without_particulars(str(error))
        except (ValueError, x509.InvalidVersion, x509.DuplicateExtension) as error:
            return _without_particulars(f"not readable: {error}")
    return OK


def _openssl_one(case: Case) -> str:
    with warnings.catch_warnings():
        # Its own certificate objects: those of `cryptography` are stricter readers.
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            leaf, *others = (crypto.load_certificate(crypto.FILETYPE_ASN1, der) for der in case.chain)
            store = crypto.X509Store()
            for der in case.trusted:
                store.add_cert(crypto.load_certificate(crypto.FILETYPE_ASN1, der))
            store.set_flags(case.settings.flags)
            store.set_time(pki.AT.astimezone(datetime.timezone.utc))
            crypto.X509StoreContext(store, leaf, others).verify_certificate()
        except crypto.X509StoreContextError as error:
            return f"{error.errors[0]} {error.errors[2]}"
        except crypto.Error as error:
            reason = error.args[0][-1][2] if error.args and error.args[0] else "unknown"
            return f"not readable: {reason}"
    return OK


def our_opinion(rival: Rival, case: Case) -> certpath.Verdict | None:
    """Under the policy that comes nearest to the rival's; ``None`` if the store does not parse."""
    try:
        store = certpath.TrustStore.from_der(case.trusted)
    except ValueError:
        return None
    verifier = certpath.Verifier(store, policy=rival.ours(case))
    return verifier.check(case.chain, case.settings.host if rival.named else None, at=pki.AT)


def _webpki_version() -> str:
    lock = (ROOT / "Cargo.lock").read_text(encoding="utf-8")
    found = re.search(r'name = "rustls-webpki"\nversion = "([^"]+)"', lock)
    assert found is not None
    return f"rustls-webpki {found[1]}"


def _openssl_version() -> str:
    library = SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode("ascii").rsplit(" ", 3)[0]
    return f"pyOpenSSL {OpenSSL.__version__} ({library})"


RIVALS = [
    Rival(
        "webpki",
        "`Policy.webpki()`",
        _webpki_version(),
        _webpki,
        lambda _: certpath.Policy.webpki(),
    ),
    Rival(
        "cryptography",
        "`Policy.cabf()`",
        f"cryptography {cryptography.__version__}",
        lambda cases: [_pyca_one(case) for case in cases],
        lambda _: certpath.Policy.cabf(),
    ),
    Rival(
        "pyOpenSSL",
        '`Policy.ssl(flags, purpose="any", security_level=0)`, no name',
        _openssl_version(),
        lambda cases: [_openssl_one(case) for case in cases],
        lambda case: certpath.Policy.ssl(case.settings.flags, purpose="any", security_level=0),
        named=False,
    ),
]
