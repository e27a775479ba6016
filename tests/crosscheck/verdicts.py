"""The same case judged by `ssl` and by certpath, and the contract between the two.

1. What certpath accepts, `ssl` accepts.
2. What `ssl` refuses, certpath refuses with the same code and message.
3. What `ssl` accepts and certpath refuses, it refuses for a reason in the table of docs/parity.md.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import ssl
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import certpath
from certpath import _certpath
from support.handshake import Unpresentable, Untrustable, judgement

if TYPE_CHECKING:
    from crosscheck.cases import Case

__all__ = [
    "IS_OPENSSL_3",
    "IS_OPENSSL_3_0",
    "Breach",
    "Outcome",
    "compare",
    "follows",
    "listed_reasons",
    "our_verdict",
    "ssl_verdict",
]

IS_OPENSSL_3 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] == 3
IS_OPENSSL_3_0 = ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[:2] == (3, 0)
PARITY = Path(__file__).resolve().parents[2] / "docs" / "parity.md"
# The two ends have found no key, cipher or signature for each other, before any certificate was looked at.
NO_COMMON_GROUND = {"EE_KEY_TOO_SMALL", "NO_SHARED_CIPHER", "SSLV3_ALERT_HANDSHAKE_FAILURE"}
UNREADABLE_STORE = "store or revocation lists unreadable"
CANNOT_BE_JUDGED = {"algorithm_not_supported", "crl_not_supported", "flag_not_supported"}


def follows(rule: str) -> bool:
    """Whether the OpenSSL that is there has this rule of docs/parity.md, "Versions of OpenSSL"."""
    series, _, patch = (certpath.Policy.ssl().openssl or "").rpartition(".")
    since = dict(_certpath._openssl_rules())[rule]
    first = dict(zip(certpath.Policy.OPENSSL_VERSIONS, since, strict=True))[series]
    return first is not None and int(patch) >= int(first.rpartition(".")[2])


class Breach(AssertionError):  # noqa: N818 (of the contract, and no mistake of the caller)
    """The contract is broken."""


@functools.cache
def listed_reasons() -> frozenset[str]:
    """The findings in the tables of docs/parity.md: why we may refuse what `ssl` accepts."""
    table = PARITY.read_text(encoding="utf-8")
    return frozenset(re.findall(r"^\| `([a-z_]+)` \| *[0-9]+ *\|", table, re.MULTILINE))


@dataclasses.dataclass(frozen=True)
class Judgement:
    """What `ssl` said; a `code` of ``None`` with `accepts` false means that it came to no verdict."""

    accepts: bool
    code: int | None = None
    message: str = ""


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How the two compare."""

    kind: str
    """``accepted``, ``refused``, ``refused otherwise``, ``stricter`` or ``not judged``."""
    detail: str = ""
    """The code on which both agree, or our reason for being stricter."""

    def __str__(self) -> str:
        return f"{self.kind}: {self.detail}" if self.detail else self.kind


def ssl_verdict(case: Case) -> Judgement:
    """By a handshake in memory."""
    settings = case.settings
    try:
        refusal, _ = judgement(
            case.chain,
            case.key_pem,
            case.trusted,
            host=settings.host,
            flags=settings.flags,
            security_level=None if settings.security_level == 2 else settings.security_level,
            hostname_checks_common_name=settings.hostname_checks_common_name,
            verifier_is_server=settings.verifier_is_server,
            crls=case.crls,
            curve=case.curve,
        )
    except Untrustable:
        return Judgement(accepts=False, message=UNREADABLE_STORE)
    except Unpresentable:
        return Judgement(accepts=False, message="chain unreadable")
    if refusal is None:
        return Judgement(accepts=True)
    if isinstance(refusal, ssl.SSLCertVerificationError):
        return Judgement(accepts=False, code=refusal.verify_code, message=refusal.verify_message)
    return Judgement(accepts=False, message=f"no handshake: {refusal.reason or refusal}")


def our_verdict(case: Case) -> certpath.Verdict | None:
    """``None`` if a certificate of the store or a revocation list is none to us."""
    settings = case.settings
    try:
        with warnings.catch_warnings():
            # The flags may not ask CRLs, as with `ssl`; that we warn of it is not the point here.
            warnings.filterwarnings("ignore", "crls: ", UserWarning)
            verifier = certpath.Verifier(
                certpath.TrustStore.from_der(case.trusted),
                policy=certpath.Policy.ssl(
                    settings.flags,
                    purpose="client" if settings.verifier_is_server else "server",
                    security_level=settings.security_level,
                    hostname_checks_common_name=settings.hostname_checks_common_name,
                ),
                crls=case.crls or None,
            )
    except ValueError:
        return None
    return verifier.check(case.chain, settings.name)


def compare(case: Case) -> Outcome:
    """Judge the case twice; raises `Breach` if the contract does not hold."""
    theirs, ours = ssl_verdict(case), our_verdict(case)
    if theirs.accepts:
        return _accepted(ours)
    if theirs.message == UNREADABLE_STORE or theirs.message.rpartition(" ")[2] in NO_COMMON_GROUND:
        # Nobody has judged anything.
        return Outcome("not judged", theirs.message)
    if ours is not None and ours.ok:
        raise Breach(f"false accept: ssl says {theirs.code} {theirs.message}")
    if theirs.code is None:
        return Outcome("not judged", theirs.message)
    if ours is None:
        raise Breach(f"ssl says {theirs.code} {theirs.message}; we cannot read the store or the lists")
    if (ours.verify_code, ours.verify_message) == (theirs.code, theirs.message):
        return Outcome("refused", str(theirs.code))
    beyond = [finding.name for finding in ours.findings if finding.name in CANNOT_BE_JUDGED]
    if beyond:
        # What could not be judged here is what `ssl` has refused, or has changed what it looked at.
        return Outcome("refused otherwise", f"{theirs.code}, here {ours.verify_code} and {beyond[0]}")
    if ours.findings[0].name == "invalid_extension" and follows("long_form_of_nothing_read"):
        # It may read the extension, and so come to whatever that leads to.
        return Outcome("refused otherwise", f"{theirs.code}, here {ours.verify_code}")
    raise Breach(f"ssl says {theirs.code} {theirs.message}; we say {ours.explain()}")


def _accepted(ours: certpath.Verdict | None) -> Outcome:
    if ours is None:
        raise Breach("ssl accepts; we cannot read the store or the lists")
    if ours.ok:
        return Outcome("accepted")
    main = ours.findings[0].name
    if main not in listed_reasons():
        raise Breach(f"ssl accepts; we say {ours.explain()}")
    return Outcome("stricter", main)
