"""Names that look like addresses, under the searching policies: no host, whatever a dNSName says, and an
address only where everybody reads the same (RFC 3986 7.4 on the forms that some read otherwise).
"""

from __future__ import annotations

import ipaddress
from typing import Any

import certpath
import pytest
from certpath import Policy, Verifier
from cryptography import x509
from support import pki

SEARCHING = {"webpki": Policy.webpki, "rfc5280": Policy.rfc5280, "cabf": Policy.cabf}
DOUBTFUL = [
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "[::1]",
    "[fe80::1]",
    "[192.0.2.1]",
    "::ffff:192.0.2.010",
    "::192.0.2.1.",
    "127.1",
    "127.1.",
    "127.0.1",
    "1.2.3",
    "1.2.3.4.5",
    "0x7f.0.0.1",
    "0X7F.0.0.1",
    "0x7f000001",
    "2130706433",
    "017700000001",
    "0300.0.2.1",
    "192.0.2.010",
    "192.0.2.01",
    "192.0.2.0xa",
    "192.0.2.256",
    "192.0.2.1.",
    "192.0.2.1:443",
    " 192.0.2.1",
    "192.0.2.1 ",
    "192. 0.2.1",
    "+192.0.2.1",
    "192.0.2.+1",
    "192.0.2.1 www.example.test",
    "www.example.123",
    "\uff11\uff19\uff12.0.2.1",
    "\uff11\uff12\uff17\u30021",
    "\u2460\u2461\u2466.0.0.\u2460",
    "0\uff58\uff17f.1",
]
UNDOUBTED = ["192.0.2.1", "255.255.255.255", "::1", "2001:DB8:0::0001", "::ffff:192.0.2.1", "::192.0.2.1"]
HOSTS = ["1.example.test", "1.2.3.example.test", "0x7f.example.test", "192.0.2.1.example.test", "1and1.test"]
ROOT = pki.issue("Root", ca=True)


def readings(name: str) -> list[x509.GeneralName]:
    """Every name that somebody could take it for: itself, as a host, and the addresses."""
    hosts = {name, name.strip(), name.strip().rstrip("."), name.strip("[]"), name.partition("%")[0]}
    if not name.isascii():
        hosts.add(name.encode("idna").decode("ascii"))
    addresses = ["127.0.0.1", "192.0.2.1", "192.0.2.10", "192.0.2.8", "1.2.0.3", "1.2.3.4", "192.0.0.2"]
    addresses += ["::1", "fe80::1", "::ffff:192.0.2.10", "::ffff:192.0.2.8", "::192.0.2.1", "192.0.2.26"]
    # As they are: cryptography would have hosts of some syntax.
    of_hosts = [x509.DNSName._init_without_validation(host) for host in sorted(hosts) if host.isascii()]
    return [*of_hosts, *(x509.IPAddress(ipaddress.ip_address(address)) for address in addresses)]


def judge(policy: Any, name: str, *presented: x509.GeneralName, **knobs: Any) -> certpath.Verdict:
    leaf = pki.issue("leaf", ROOT, extensions=[(x509.SubjectAlternativeName(list(presented)), False)])
    return Verifier(ROOT.store, policy=policy(**knobs)).check([leaf.der], name, at=pki.AT)


def is_refused(verdict: certpath.Verdict) -> bool:
    """For the name: it is not one, and that is said with what to write; or nothing that is presented fits."""
    if verdict.status == "input_error":
        return "write" in str(verdict.findings[0].facts["problem"])
    names = {finding.name for finding in verdict.findings}
    return verdict.name_ok is False and bool(names & {"hostname_mismatch", "ip_address_mismatch"})


@pytest.mark.parametrize("policy", SEARCHING)
@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_in_doubt_matches_nothing(policy: str, name: str) -> None:
    """Of all that it could mean; one chain or many."""
    names = readings(name)
    assert is_refused(judge(SEARCHING[policy], name, *names))
    leaf = pki.issue("leaf", ROOT, extensions=[(x509.SubjectAlternativeName(names), False)])
    verifier = Verifier(ROOT.store, policy=SEARCHING[policy]())
    (row,) = verifier.check_many([[leaf.der]], [name], at=pki.AT)
    assert is_refused(row)


@pytest.mark.parametrize("name", [name for name in DOUBTFUL if name.isascii()])
def test_a_common_name_is_no_way_round(name: str) -> None:
    """Where common names stand in for dNSNames."""
    leaf = pki.issue(name, ROOT, host=None)
    verifier = Verifier(ROOT.store, policy=Policy.webpki(hostname_checks_common_name=True))
    assert is_refused(verifier.check([leaf.der], name, at=pki.AT))


@pytest.mark.parametrize("policy", SEARCHING)
@pytest.mark.parametrize("name", UNDOUBTED)
def test_an_address_matches_itself_alone(policy: str, name: str) -> None:
    """As an iPAddress, in any of the spellings of RFC 4291 2.2; never as a dNSName."""
    address = x509.IPAddress(ipaddress.ip_address(name))
    verdict = judge(SEARCHING[policy], name, address)
    assert (verdict.name_ok, verdict.name_by) == (True, "san_ip")
    assert judge(SEARCHING[policy], name, x509.DNSName(name)).name_ok is False


@pytest.mark.parametrize("policy", SEARCHING)
@pytest.mark.parametrize("name", HOSTS)
def test_hosts_with_numbers_are_hosts(policy: str, name: str) -> None:
    """Only the last label tells."""
    verdict = judge(SEARCHING[policy], name, x509.DNSName(name))
    assert (verdict.name_ok, verdict.name_by) == (True, "san_dns")


def test_ssl_keeps_its_own_rule() -> None:
    """What OpenSSL 3.0 reads as an address is one under `Policy.ssl`, and any other text is a host."""
    old = {"openssl": "3.0"}
    ten = x509.IPAddress(ipaddress.ip_address("192.0.2.10"))
    assert judge(Policy.ssl, "192.0.2.010", ten, **old).name_by == "san_ip"
    assert judge(Policy.ssl, "127.1", x509.DNSName("127.1"), **old).name_by == "san_dns"
