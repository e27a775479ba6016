"""What a search accepts, OpenSSL accepts too, if it is shown that very path and nothing else.

OpenSSL looks for no other path, so it may well refuse what a search accepts; the path that was found has to
satisfy it.
"""

from __future__ import annotations

import collections
import functools
import itertools
import os
from typing import TYPE_CHECKING

import certpath
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from crosscheck import mutations, openssl
from crosscheck.strategies import cases
from crosscheck.verdicts import IS_OPENSSL_3

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crosscheck.cases import Case

pytestmark = pytest.mark.skipif(
    not (IS_OPENSSL_3 and openssl.available()),
    reason="the verdicts are those of OpenSSL 3.0, by its own functions",
)

EXAMPLES = int(os.environ.get("CERTPATH_EXAMPLES", "2000"))
SEED, MUTANTS, SLICES = 15, 8_000, 4
SEARCHING = ("webpki", "rfc5280", "cabf")
# PARTIAL_CHAIN, as any anchor will do here, and TRUSTED_FIRST; CRL_CHECK.
PARTIAL, CRL_CHECK = 0x88000, 0x4
REVOKED = 23
# X509_V_ERR_AKID_SKID_MISMATCH and X509_V_ERR_AKID_ISSUER_SERIAL_MISMATCH: to RFC 5280 4.2.1.1 identifiers
# help to find an issuer, and no more.
OTHER_IDENTIFIERS = {30, 31}


@functools.lru_cache(256)
def _verifier(
    preset: str,
    purpose: str,
    level: int,
    trusted: tuple[bytes, ...],
    crls: tuple[bytes, ...],
    *,
    common_name: bool,
) -> certpath.Verifier | None:
    policy = getattr(certpath.Policy, preset)(
        purpose=purpose,
        security_level=level,
        hostname_checks_common_name=common_name,
        crl_check="leaf" if crls else None,
    )
    try:
        return certpath.Verifier(certpath.TrustStore.from_der(trusted), policy=policy, crls=crls or None)
    except ValueError:
        return None


def _accepted(case: Case, preset: str) -> tuple[bytes, ...] | None:
    """The path of a chain that is accepted."""
    told = case.settings
    verifier = _verifier(
        preset,
        "client" if told.verifier_is_server else "server",
        told.security_level,
        tuple(case.trusted),
        tuple(case.crls),
        common_name=told.hostname_checks_common_name,
    )
    if verifier is None:
        return None
    verdict = verifier.check(case.chain, told.name)
    return tuple(one.der for one in verdict.path) if verdict.ok else None


def _is_found_otherwise(code: int, path: Sequence[bytes]) -> bool:
    """Whether OpenSSL's builder has not gone along a path for what is no rule of RFC 5280."""
    if code in (18, 19):
        # It ends at what names itself as its issuer, though another has signed it.
        return any(openssl.issued(one, one) == 0 for one in path[:-1])
    return code == 20 and any(
        openssl.issued(above, below) in OTHER_IDENTIFIERS for below, above in itertools.pairwise(path)
    )


def judge(case: Case) -> dict[str, str]:
    """What became of the case under each searching policy; a name that ends with ``!`` is a breach."""
    told = mutations.openssl_settings(case)
    host = told.host if told.host is None else told.host.rstrip(".")
    outcomes = {}
    for preset in SEARCHING:
        path = _accepted(case, preset)
        if path is None:
            outcomes[preset] = "refused"
            continue
        # A pinned end entity is its own anchor.
        shown, anchor = path[:-1] or path, path[-1:]
        asked = told._replace(flags=PARTIAL, host=host)
        code = openssl.verdict(shown, anchor, (), asked)
        listed = (
            openssl.verdict(shown, anchor, case.crls, asked._replace(flags=PARTIAL | CRL_CHECK))
            if case.crls
            else 0
        )
        if listed == REVOKED:
            outcomes[preset] = "revoked!"
        elif code == 0:
            outcomes[preset] = "accepted"
        else:
            outcomes[preset] = f"{code}, found otherwise" if _is_found_otherwise(code, path) else f"{code}!"
    return outcomes


@pytest.mark.parametrize("number", range(SLICES))
def test_openssl_accepts_the_path_of_a_mutant(number: int) -> None:
    """Certificates with twisted elements, signed again."""
    count = MUTANTS // SLICES
    outcomes: collections.Counter[tuple[str, str]] = collections.Counter()
    broken: dict[tuple[str, str], int] = {}
    for which in range(number * count, (number + 1) * count):
        for told in judge(mutations.mutant(SEED, which).case).items():
            outcomes[told] += 1
            if told[1].endswith("!"):
                broken.setdefault(told, which)
    assert not broken
    assert outcomes["webpki", "accepted"] > count / 10, outcomes
    assert outcomes["rfc5280", "accepted"] > count / 10, outcomes


def test_openssl_accepts_the_path_of_a_handshake() -> None:
    """Whole hierarchies; with revocation lists nothing is accepted that is revoked there."""
    outcomes: collections.Counter[tuple[str, str]] = collections.Counter()

    @settings(
        max_examples=EXAMPLES,
        derandomize="CERTPATH_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(cases())
    def look(case: Case) -> None:
        told = judge(case)
        outcomes.update(told.items())
        assert not [outcome for outcome in told.values() if outcome.endswith("!")], told

    look()
    assert outcomes["webpki", "accepted"] > EXAMPLES / 10, outcomes
    assert outcomes["rfc5280", "accepted"] > EXAMPLES / 10, outcomes
