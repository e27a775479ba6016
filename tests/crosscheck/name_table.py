"""The truth table of host names: what is presented, what is asked for, and who says yes.

The rows follow RFC 9525 6.2 to 6.5 and what was measured of OpenSSL 3.0 (docs/parity.md). ``ssl`` is the
verdict of the standard library, which is also that of `Policy.ssl`; the others are webpki alone,
service-identity and the `ssl.match_hostname` that Python had up to 3.11: ``yes``, ``no``, or ``-`` for a
host that it does not take, or a certificate without any name that it takes for one.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["REASONS", "TABLE", "Row"]


class Row(NamedTuple):
    """One presented name (of `crosscheck.names.PRESENTED`, or ``cn`` and one of `COMMON_NAMES`), one host."""

    presented: str
    host: str
    ssl: str
    webpki: str
    service_identity: str
    match_hostname: str
    source: str


def _same(presented: str, host: str, verdict: str, source: str) -> Row:
    """All agree."""
    return Row(presented, host, verdict, verdict, verdict, verdict, source)


TABLE = [
    # RFC 9525 6.3: without regard to case, label by label.
    _same("dns www.example.test", "www.example.test", "yes", "RFC 9525 6.3"),
    _same("dns www.example.test", "WWW.Example.TEST", "yes", "RFC 9525 6.3"),
    _same("dns WWW.EXAMPLE.TEST", "www.example.test", "yes", "RFC 9525 6.3"),
    _same("dns other.test", "www.example.test", "no", "RFC 9525 6.3"),
    _same("dns example.test", "www.example.test", "no", "RFC 9525 6.3"),
    _same("dns www.example.test", "example.test", "no", "RFC 9525 6.3"),
    _same("dns localhost", "localhost", "yes", "single labels"),
    _same("dns foo_bar.example.test", "foo_bar.example.test", "yes", "underscores, literally"),
    _same("dns xn--bcher-kva.example.test", "xn--bcher-kva.example.test", "yes", "RFC 9525 6.3, A-labels"),
    # RFC 9525 6.3, wildcards: the whole left-most label, for exactly one label.
    _same("dns *.example.test", "www.example.test", "yes", "RFC 9525 6.3 (1)"),
    _same("dns *.EXAMPLE.test", "www.example.test", "yes", "RFC 9525 6.3 (1)"),
    _same("dns *.example.test", "example.test", "no", "RFC 9525 6.3 (1)"),
    _same("dns *.example.test", "deep.www.example.test", "no", "RFC 9525 6.3 (1)"),
    _same("dns *.www.example.test", "deep.www.example.test", "yes", "RFC 9525 6.3 (1)"),
    _same("dns f*.example.test", "foo_bar.example.test", "no", "RFC 9525 6.3 (2), no parts of labels"),
    _same("dns *w.example.test", "www.example.test", "no", "RFC 9525 6.3 (2)"),
    _same("dns w*w.example.test", "www.example.test", "no", "RFC 9525 6.3 (2)"),
    _same("dns xn--*.example.test", "xn--bcher-kva.example.test", "no", "RFC 9525 6.3 (2)"),
    Row("dns **.example.test", "www.example.test", "no", "no", "-", "no", "RFC 9525 6.3 (2)"),
    Row("dns *.*.test", "www.example.test", "no", "no", "-", "no", "RFC 9525 6.3 (2)"),
    Row("dns www.*.test", "www.example.test", "no", "no", "-", "no", "RFC 9525 6.3 (2), only the left-most"),
    Row("dns *", "localhost", "no", "no", "-", "no", "RFC 9525 6.3 (1)"),
    Row("dns *.test", "example.test", "no", "no", "-", "yes", "OpenSSL: two dots after the star"),
    Row("dns *.localhost", "localhost", "no", "no", "-", "no", "RFC 9525 6.3 (1)"),
    _same("dns *.co.uk", "www.example.co.uk", "no", "RFC 9525 6.3 (1)"),
    _same("dns *.example.co.uk", "www.example.co.uk", "yes", "RFC 9525 6.3 (1)"),
    Row("dns *.example.test", "xn--bcher-kva.example.test", "yes", "yes", "no", "yes", "wildcard, A-label"),
    Row("dns *.example.test", "foo_bar.example.test", "no", "yes", "yes", "yes", "wildcard, underscore"),
    _same("dns *.foo_bar.example.test", "foo_bar.example.test", "no", "underscore in a pattern"),
    # Final dots.
    Row("dns www.example.test", "www.example.test.", "no", "yes", "no", "no", "final dot"),
    Row("dns www.example.test.", "www.example.test.", "yes", "no", "yes", "yes", "final dots"),
    Row("dns *.example.test.", "www.example.test.", "no", "no", "-", "yes", "final dots, wildcard"),
    _same("dns www.example.test.", "www.example.test", "no", "final dot"),
    # Names that are none.
    Row("dns www.example.test\0.evil.test", "www.example.test", "no", "no", "-", "no", "embedded NUL"),
    Row("dns www.example.test\0", "www.example.test", "no", "no", "-", "no", "final NUL"),
    Row("dns  www.example.test", "www.example.test", "no", "no", "yes", "no", "blank at an edge"),
    Row("dns www.example.test ", "www.example.test", "no", "no", "yes", "no", "blank at an edge"),
    _same("dns .example.test", "www.example.test", "no", "leading dot"),
    Row("dns ", "www.example.test", "no", "no", "-", "no", "empty name"),
    _same("dns www..test", "www.example.test", "no", "empty label"),
    # Hosts that only OpenSSL and Python take.
    Row("dns *.example.test", "-a.example.test", "yes", "-", "yes", "yes", "hyphen at an edge"),
    Row("dns *.example.test", "*.example.test", "yes", "-", "-", "yes", "a host with a star"),
    Row("dns f*.example.test", "f*.example.test", "yes", "-", "-", "no", "a host with a star"),
    Row("dns a/b.example.test", "a/b.example.test", "yes", "-", "-", "yes", "other octets"),
    Row("dns *.example.test", "a/b.example.test", "no", "-", "-", "yes", "other octets, wildcard"),
    Row("dns www.example.123", "www.example.123", "yes", "-", "yes", "yes", "numeric last label"),
    # RFC 9525 6.5: addresses by iPAddress alone.
    _same("ip 192.0.2.1", "192.0.2.1", "yes", "RFC 9525 6.5"),
    _same("ip 192.0.2.2", "192.0.2.1", "no", "RFC 9525 6.5"),
    _same("ip 2001:db8::1", "2001:db8::1", "yes", "RFC 9525 6.5"),
    _same("ip 2001:db8::1", "2001:DB8:0:0:0:0:0:1", "yes", "RFC 9525 6.5"),
    _same("ip ::ffff:192.0.2.1", "192.0.2.1", "no", "RFC 9525 6.5, of the same length"),
    _same("ip 192.0.2.1", "::ffff:192.0.2.1", "no", "RFC 9525 6.5, of the same length"),
    Row("dns 192.0.2.1", "192.0.2.1", "no", "no", "-", "no", "RFC 9525 6.5, no dNSName"),
    Row("cn address", "192.0.2.1", "no", "no", "-", "yes", "RFC 9525 6.5, no commonName"),
    Row("ip 192.0.2.1", "192.0.2.01", "yes", "-", "no", "no", "OpenSSL's IPv4"),
    Row("dns 192.0.2.1", "192.0.2.1.", "no", "-", "-", "no", "no address, and no host"),
    # RFC 9525 6.2 and 2: no common names; OpenSSL and Python, where there is no dNSName.
    Row("cn host", "www.example.test", "yes", "no", "-", "yes", "commonName"),
    Row("cn wildcard", "www.example.test", "yes", "no", "-", "yes", "commonName"),
    Row("cn two, the second fits", "www.example.test", "yes", "no", "-", "yes", "commonName"),
    Row("cn bmp", "www.example.test", "yes", "no", "-", "yes", "commonName"),
    Row("cn another host", "www.example.test", "no", "no", "-", "no", "commonName"),
    Row("cn with NUL", "www.example.test", "no", "no", "-", "no", "commonName"),
    # RFC 9525 6.1: other kinds of names are other kinds of identities.
    Row("email www.example.test", "www.example.test", "no", "no", "-", "no", "RFC 9525 6.1"),
    Row("uri www.example.test", "www.example.test", "no", "no", "no", "no", "RFC 9525 6.1"),
    Row("directory www.example.test", "www.example.test", "no", "no", "-", "no", "RFC 9525 6.1"),
]


REASONS: dict[str, dict[str, str]] = {
    "webpki": {
        r"cn .*": "no common names (RFC 9525 2)",
        r".* \| [^|]*\.": "a final dot of the host is passed over",
        r"dns \*.* \| foo_bar.*": "a wildcard covers underscores",
        r".* \| .*[^-\w.:].*": "no host name: other octets",
        r".* \| (-a|a-)\..*": "no host name: hyphen at an edge",
        r".* \| .*\.0?\d+": "no host name: numeric last label",
    },
    "service_identity": {
        r"cn .*": "no common names (RFC 9525 2)",
        r"dns \*.* \| (foo_bar|xn--|bü).*": "a wildcard covers underscores, and no A-labels",
        r"dns (?: .*|.* ) \| .*": "blanks around a dNSName are taken away",
        r".* \| .*[^-\w.:].*": "no host name: other octets",
        r".* \| 192\.0\.2\.01": "leading zeros make no address",
    },
    "match_hostname": {
        r"cn address \| .*": "a commonName may be an address",
        r"(?:dns \*\.|cn wildcard).* \| .*[^-a-zA-Z0-9.].*": "a wildcard covers everything but dots",
        r"dns .*\* \| .*\*.*|dns f\*.*": "no literal stars",
        r"dns \*\.test .*": "one dot after the star suffices",
        r"dns \*.*\. \| .*\.": "wildcards with final dots",
        r".* \| .*192\.0\.2\.0?1": "leading zeros and blanks make no address",
        r".* \| bü.*": "does not convert",
    },
}
"""Why others say yes or no where `ssl` and certpath do not: a pattern over ``presented | host`` for each."""
