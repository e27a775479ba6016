"""Our matcher of host names beside those of OpenSSL, webpki, service-identity and `ssl.match_hostname`."""

from __future__ import annotations

import functools
import os
import re
import ssl

import certpath
import pytest

from crosscheck import name_matchers as matchers
from crosscheck.name_table import REASONS, TABLE, Row
from crosscheck.names import COMMON_NAMES, HOSTS, PRESENTED
from crosscheck.opinions import WebpkiMissing
from crosscheck.verdicts import IS_OPENSSL_3, follows

# What OpenSSL has taken for an address until 3.4.
LOOSE = "192.0.2.01"
WORDS = {True: "yes", False: "no", None: "-"}
# What no OpenSSL reads.
UNREADABLE = {"cn odd bmp", "cn no utf-8"}
NAMES = [name for name in [*PRESENTED, *(f"cn {name}" for name in COMMON_NAMES)] if name not in UNREADABLE]
ALL = "CERTPATH_EXAMPLES" in os.environ
has_match_hostname = pytest.mark.skipif(not hasattr(ssl, "match_hostname"), reason="gone from Python 3.12 on")
only_3_0 = pytest.mark.skipif(not IS_OPENSSL_3, reason="later versions refuse odd hosts beforehand")


def certificate(name: str) -> bytes:
    """An end entity with one presented name."""
    if name.startswith("cn "):
        return matchers.certificate(common_name=name.removeprefix("cn "))
    return matchers.certificate(name)


@functools.cache
def by_webpki() -> dict[tuple[str, str], bool | None]:
    """All names against all hosts, in A-labels, which is what webpki takes."""
    pairs = [(name, host) for name in [*NAMES, *UNREADABLE] for host in HOSTS]
    try:
        answers = matchers.by_webpki(
            [(certificate(name), certpath.canonical_hostname(host)) for name, host in pairs]
        )
    except WebpkiMissing as missing:
        pytest.skip(f"webpki cannot be asked: {missing}")
    return dict(zip(pairs, answers, strict=True))


def judge(matcher: str, name: str, host: str) -> bool | None:
    """One matcher on one presented name and one host."""
    if matcher == "webpki":
        return by_webpki()[name, host]
    if matcher == "service_identity":
        return matchers.by_service_identity(certificate(name), host)
    if matcher == "match_hostname":
        return matchers.by_match_hostname(certificate(name), host)
    if matcher == "ssl":
        return matchers.by_ssl(certificate(name), host)
    return matchers.by_certpath(certificate(name), host)


@pytest.mark.parametrize(
    "row", TABLE, ids=lambda row: f"{row.presented} for {row.host}".encode().decode("ascii", "replace")
)
class TestTruthTable:
    @staticmethod
    def by_ssl(row: Row) -> str:
        return "no" if row.host == LOOSE and follows("strict_addresses") else row.ssl

    def test_certpath(self, row: Row) -> None:
        """Ours is the column of `ssl`."""
        assert WORDS[judge("certpath", row.presented, row.host)] == self.by_ssl(row)

    @only_3_0
    def test_ssl(self, row: Row) -> None:
        """In a handshake."""
        assert WORDS[judge("ssl", row.presented, row.host)] == self.by_ssl(row)

    def test_webpki(self, row: Row) -> None:
        """Alone."""
        assert WORDS[judge("webpki", row.presented, row.host)] == row.webpki

    def test_service_identity(self, row: Row) -> None:
        """By the function for host names, or the one for addresses."""
        assert WORDS[judge("service_identity", row.presented, row.host)] == row.service_identity

    @has_match_hostname
    def test_match_hostname(self, row: Row) -> None:
        """On what `getpeercert` gives."""
        assert WORDS[judge("match_hostname", row.presented, row.host)] == row.match_hostname


@only_3_0
@pytest.mark.parametrize("host", HOSTS)
def test_every_verdict_is_that_of_ssl(host: str) -> None:
    """Every presented name that anybody matches, and some of the others; all with CERTPATH_EXAMPLES."""
    for number, name in enumerate(NAMES):
        ours = judge("certpath", name, host)
        if ours or ALL or number % 8 == HOSTS.index(host) % 8 or judge_by_any_python(name, host):
            assert ours == judge("ssl", name, host), name


def judge_by_any_python(name: str, host: str) -> bool:
    """Whether a more generous matcher would say yes."""
    others = ["service_identity"] + ["match_hostname"] * hasattr(ssl, "match_hostname")
    return any(judge(other, name, host) for other in others)


@pytest.mark.parametrize("matcher", [*REASONS])
def test_differences_have_known_reasons(matcher: str) -> None:
    """Over all names and hosts; and every reason is needed."""
    if matcher == "match_hostname" and not hasattr(ssl, "match_hostname"):
        pytest.skip("gone from Python 3.12 on")
    needed: set[str] = set()
    unknown = []
    for name in NAMES:
        for host in HOSTS:
            if bool(judge("certpath", name, host)) == bool(judge(matcher, name, host)):
                continue
            fitting = [one for one in REASONS[matcher] if re.fullmatch(one, f"{name} | {host}", re.DOTALL)]
            needed.update(fitting[:1])
            if not fitting:
                unknown.append((name, host))
    assert unknown == []
    known = set(REASONS[matcher])
    if follows("strict_addresses"):
        known -= {one for one in known if re.fullmatch(one, f"ip 192.0.2.1 | {LOOSE}") and one not in needed}
    assert needed == known


class TestSearchingPolicies:
    """`Policy.webpki` and its stricter sisters: RFC 9525, so no common names, and final dots do not count."""

    @pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("dns ")])
    def test_nothing_matches_that_webpki_refuses(self, name: str) -> None:
        """Hosts that webpki does not take aside: those are compared literally."""
        for host in HOSTS:
            ours = matchers.by_certpath(certificate(name), host, "webpki")
            assert not ours or by_webpki()[name, host] is not False, host

    @pytest.mark.parametrize("host", ["192.0.2.1.", "192.0.2.1"])
    def test_no_dns_name_is_an_address(self, host: str) -> None:
        """Nor with a final dot: found by the comparison with webpki."""
        assert matchers.by_certpath(certificate("dns 192.0.2.1"), host, "webpki") is False
        assert (
            matchers.by_certpath(certificate("dns www.example.test"), "www.example.test.", "webpki") is True
        )
