"""What would mend a refused chain, in words that whoever runs the server, issues or verifies can act on.

Longer than 500 lines: what the rows of the table say in braces, in their order.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from certpath._display import quoted, shortened
from certpath._remedy_table import FAULTS, ISSUER, SERVER, TABLE, VERIFIER, Who

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from certpath._certpath import Certificate, Finding, Verdict

__all__ = ["Remedy", "explained", "remedies_of", "rule_of"]

_NAMES_SHOWN = 5
_DAY = 86_400
_LONGEST_LINE = 4_000

_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
}
"""Extended key usages of RFC 5280 4.2.1.12."""
_OID = re.compile(r"[0-9]+(?:\.[0-9]+)+")


class Remedy(NamedTuple):
    """One way to mend what a finding is about; several of one finding are alternatives."""

    finding: str
    """`Finding.name`, or a word of `Verdict.deployment`."""
    depth: int | None
    """`Finding.depth`."""
    who: Who
    """Who can do it: ``server`` (whoever presents the chain), ``issuer`` (whoever issues the certificates, or
    asks for new ones) or ``verifier`` (whoever judges)."""
    rule: str
    """What the finding is a breach of, such as ``RFC 5280, 4.1.2.5``."""
    text: str
    """What to do, in one or two sentences, without control and format characters."""


Remedy.__module__ = "certpath"


class _Case:
    """A finding, with what its verdict knows around it."""

    def __init__(self, verdict: Verdict, finding: Finding, path: tuple[Certificate, ...]) -> None:
        self.verdict = verdict
        self.finding = finding
        self.facts = finding.facts
        self.depth = finding.depth
        self.path = path
        self.certificate = self._at(self.depth)
        self.is_anchor = (
            verdict.anchor_sha256 is not None and self.depth is not None and self.depth == len(path) - 1
        )

    def _at(self, depth: int | None) -> Certificate | None:
        return self.path[depth] if depth is not None and 0 <= depth < len(self.path) else None

    @property
    def which(self) -> str:
        """The certificate concerned."""
        if self.finding.subject:
            return quoted(self.finding.subject)
        return "the certificate" if self.depth is None else f"the certificate at depth {self.depth}"

    @property
    def issuer(self) -> str:
        """Its issuer."""
        if "issuer" in self.facts:
            return quoted(str(self.facts["issuer"]))
        return "its issuer" if self.certificate is None else quoted(self.certificate.issuer)

    @property
    def below(self) -> Certificate | None:
        """What the certificate concerned has issued on the path."""
        return None if not self.depth else self._at(self.depth - 1)

    def words(self) -> _Words:
        """What stands for the words in braces."""
        shown = {key: _shown(value) for key, value in self.facts.items()}
        position = self.facts.get("position")
        if isinstance(position, int):
            shown["position_from_1"] = str(position + 1)
        for key in ("issuer", "crl_issuer"):
            if key in self.facts:
                shown[key] = quoted(str(self.facts[key]))
        # The searching policies have these rules of their own.
        strict = (
            "; or judge without VERIFY_X509_STRICT: --policy ssl-partial"
            if self.verdict.policy == "ssl"
            else ""
        )
        return _Words(shown | {"which": self.which, "strict": strict}, issuer=self.issuer)


class _Words(dict[str, str]):
    """Words for a template, whatever facts a finding has."""

    def __init__(self, words: dict[str, str], *, issuer: str) -> None:
        super().__init__(words)
        self._issuer = issuer

    def __missing__(self, key: str) -> str:
        if key in {"issuer", "crl_issuer"}:
            return self._issuer
        if key == "reason":
            return "webpki does not take it"
        return f"(no {key})"


def _shown(value: object) -> str:
    if isinstance(value, list):
        shown = ", ".join(shortened(str(one)) for one in value[:_NAMES_SHOWN])
        return shown + (f" and {len(value) - _NAMES_SHOWN} more" if len(value) > _NAMES_SHOWN else "")
    return shortened(str(value))


def _peercert(certificate: Certificate | None) -> dict[str, Any]:
    try:
        return {} if certificate is None else certificate.getpeercert()
    except ValueError:  # a name that is not UTF-8, as `ssl` has it
        return {}


def _first_url(certificate: Certificate | None, key: str) -> str | None:
    urls = [str(url) for url in _peercert(certificate).get(key, ())]
    return shortened(urls[0], 200) if urls else None


def _published(certificate: Certificate | None) -> str:
    """Where a certificate says that its issuer's is published (RFC 5280 4.2.2.1)."""
    url = _first_url(certificate, "caIssuers")
    return f"; its issuer publishes it at {url}" if url is not None else ""


def _list_published(certificate: Certificate | None) -> str:
    url = _first_url(certificate, "crlDistributionPoints")
    return f", published at {url}," if url is not None else ""


def _issuer_not_found(case: _Case) -> Iterator[tuple[Who, str]]:
    if problems := case.facts.get("problems"):
        yield ISSUER, f"Have {case.which} reissued: {_shown(problems)}. What is malformed fits no issuer."
        return
    published = _published(case.certificate)
    if case.depth == 0:
        yield (
            SERVER,
            (
                f"The server does not send the intermediate {case.issuer}. Append it to the file after the "
                f"server's certificate{published}."
            ),
        )
        yield (
            VERIFIER,
            (
                "Until then, complete the path here: --policy webpki --intermediates FILE. If "
                f"{case.issuer} is itself a root that is to be trusted: --roots FILE."
            ),
        )
        return
    yield (
        VERIFIER,
        (
            f"The chain ends at {case.which}; its issuer {case.issuer} is neither sent nor in the store "
            f"({shortened(case.verdict.store)}). If that is a root to be trusted, add it to the store: "
            "--roots FILE, load_verify_locations."
        ),
    )
    yield SERVER, f"If {case.issuer} is an intermediate, append it to the end of the file{published}."


def _self_signed(case: _Case) -> Iterator[tuple[Who, str]]:
    yield SERVER, TABLE["self_signed"][2]
    yield (
        VERIFIER,
        (
            f"If this very certificate, {case.which}, is to be trusted, add it to the store: --roots FILE, "
            "load_verify_locations."
        ),
    )


def _self_signed_in_chain(case: _Case) -> Iterator[tuple[Who, str]]:
    yield (
        VERIFIER,
        (
            f"The chain ends at the root {case.which}, which is not in the store "
            f"({shortened(case.verdict.store)}). If it is to be trusted, add it to the store: --roots "
            "FILE, load_verify_locations."
        ),
    )
    yield SERVER, "For clients without that root: have the certificate issued by a CA that they trust."


def _name_mismatch(case: _Case) -> Iterator[tuple[Who, str]]:
    expected = str(case.facts.get("expected", ""))
    shown = shortened(expected)
    if number := case.facts.get("number"):
        yield (
            SERVER,
            (
                f"The certificate for {shown} is number {number} of the chain. Put it first, then its "
                "issuer's, and so on."
            ),
        )
        return
    presented = case.facts.get("presented")
    names = [str(name) for name in presented] if isinstance(presented, list) else []
    hosts = [name.removeprefix("dns:") for name in names if name.startswith("dns:")]
    if expected.endswith(".") and expected[:-1].lower() in {host.lower() for host in hosts}:
        yield VERIFIER, f"Ask for {shown[:-1]}, without the dot at the end."
        return
    if expected in hosts and _is_address(expected):
        yield (
            SERVER,
            f"Have a certificate issued with the address {shown} as an iPAddress: a DNS name will not do.",
        )
        return
    wildcards = [host for host in hosts if host.startswith("*.")]
    fitting = [host for host in wildcards if expected.lower().endswith(host[1:].lower())]
    apex = [host for host in wildcards if expected.lower() == host[2:].lower()]
    has = f" It has {_shown(names)}." if names else " It has no name at all."
    kind = "address" if _is_address(expected) else "DNS name"
    yield (
        SERVER,
        (
            f"Have a certificate issued with the {kind} {shown} in its subjectAltName, and see that the "
            f"server presents it when it is asked for {shown}.{has}"
        ),
    )
    if apex or fitting:
        wildcard = shortened((apex or fitting)[0])
        yield (
            SERVER,
            f"{wildcard} stands for one label in place of the star: {shown} needs an entry of its own.",
        )
    elif names:
        yield (
            VERIFIER,
            "Or ask for the server by a name that its certificate has: --name NAME, server_hostname.",
        )


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _expired(case: _Case) -> Iterator[tuple[Who, str]]:
    until = case.facts.get("not_after", "")
    ago = ""
    if case.certificate is not None and case.certificate.not_after is not None:
        seconds = (case.verdict.at - case.certificate.not_after).total_seconds()
        days = int(seconds // _DAY)
        ago = f" ({days:,} day{'' if days == 1 else 's'} before the time of judgement)" if days > 0 else ""
    if not case.depth:
        yield (
            SERVER,
            (
                f"The server's certificate {case.which} was valid until {until}{ago}. Have it renewed, "
                "and see that the server has loaded the new one."
            ),
        )
    elif case.is_anchor:
        yield (
            VERIFIER,
            (
                f"The root {case.which} in the store was valid until {until}{ago}. Renew the store; "
                "another path may do: --policy webpki."
            ),
        )
        yield (
            SERVER,
            "Have a certificate issued below a root that is still valid, and send its intermediates.",
        )
    else:
        yield (
            SERVER,
            (
                f"The intermediate {case.which} was valid until {until}{ago}. Send the issuer's current "
                f"one in its place{_published(case.below)}."
            ),
        )


def _not_yet_valid(case: _Case) -> Iterator[tuple[Who, str]]:
    since, at = case.facts.get("not_before", ""), case.facts.get("at", "")
    yield (
        VERIFIER,
        f"{case.which} is valid from {since} on, and judged as of {at}. See that the clock is right.",
    )
    yield SERVER, f"Send the certificate that it is to follow until {since}."


def _invalid_purpose(case: _Case) -> Iterator[tuple[Who, str]]:
    names = {finding.name for finding in case.verdict.findings if finding.depth == case.depth}
    if "invalid_ca" in names:
        return  # what is not a CA is for no purpose of one
    expected = _shown(case.facts["expected"]) if "expected" in case.facts else "that it is used for"
    expected = {"server": "serverAuth", "client": "clientAuth"}.get(
        expected, _PURPOSES.get(expected, expected)
    )
    found = _OID.sub(lambda one: _PURPOSES.get(one[0], one[0]), _shown(case.facts.get("found", "")))
    has = f" It has {found}." if found else ""
    if problems := case.facts.get("problems"):
        yield ISSUER, f"Have {case.which} reissued: {_shown(problems)}."
        return
    if not case.depth:
        yield ISSUER, f"Have the certificate {case.which} reissued for the purpose {expected}.{has}"
        yield (
            VERIFIER,
            "If it is to be judged for another purpose: --purpose client, --purpose any or an OID.",
        )
    else:
        yield (
            ISSUER,
            (
                f"The CA {case.which} is not for the purpose {expected}.{has} Have the certificate issued "
                "by a CA that is."
            ),
        )


def _key_too_weak(case: _Case) -> Iterator[tuple[Who, str]]:
    kind, bits = case.facts.get("public_key"), case.facts.get("bits")
    has = " ".join(str(one) for one in (kind, f"{bits} bits" if bits else None) if one)
    found = f" ({shortened(has)})" if has else ""
    if case.finding.name == "leaf_key_too_weak":
        yield (
            SERVER,
            (
                f"The key of {case.which} is too weak{found}. Make a new one, P-256 or RSA with 2048 bits "
                "or more, and have a certificate issued for it."
            ),
        )
    elif case.is_anchor:
        yield (
            VERIFIER,
            (
                f"The key of the root {case.which} is too weak{found}. Trust another root, or judge at a "
                "lower security_level."
            ),
        )
    else:
        yield (
            ISSUER,
            (
                f"The key of the CA {case.which} is too weak{found}. Have the certificate issued by a CA "
                "with P-256 or RSA of 2048 bits or more."
            ),
        )


def _invalid_ca(case: _Case) -> Iterator[tuple[Who, str]]:
    yield (
        SERVER,
        (
            f"{case.which} has issued a certificate and is not a CA. Send the certificate of the CA that has "
            f"issued it{_published(case.below)}."
        ),
    )
    yield (
        ISSUER,
        (
            f"If {case.which} is to be a CA, have it reissued with critical basicConstraints CA:TRUE and "
            "with keyUsage keyCertSign, cRLSign."
        ),
    )


def _revoked(case: _Case) -> Iterator[tuple[Who, str]]:
    when = f" on {_shown(case.facts['revoked_at'])}" if "revoked_at" in case.facts else ""
    why = f" ({_shown(case.facts['reason'])})" if "reason" in case.facts else ""
    what = "have a new certificate issued for it" if not case.depth else "have it issued by another CA"
    if "set" in case.facts:
        yield (
            SERVER,
            (
                f"The revocation set ({_shown(case.facts['set'])}) lists {case.which}, by its "
                f"{_shown(case.facts['listed'])}. Make a new key and {what}; whoever has this set refuses it."
            ),
        )
        return
    who = "responder for its issuer's certificates" if case.facts.get("by") == "ocsp" else "issuer"
    yield (
        SERVER,
        (
            f"The {who} has revoked {case.which}{when}{why}. Make a new key and {what}; what is revoked "
            "stays so."
        ),
    )


def _crl_not_found(case: _Case) -> Iterator[tuple[Who, str]]:
    yield (
        VERIFIER,
        (
            f"No revocation list of {case.issuer} covers {case.which}. Hand in the current "
            f"list{_list_published(case.certificate)} with --crl FILE, or judge without: no --crl-check."
        ),
    )


def _crl_expired(case: _Case) -> Iterator[tuple[Who, str]]:
    until = f" since {_shown(case.facts['next_update'])}" if "next_update" in case.facts else ""
    issuer = quoted(str(case.facts.get("crl_issuer", "")))
    yield (
        VERIFIER,
        (
            f"The revocation list of {issuer} is out of date{until}. Hand in the current "
            f"list{_list_published(case.certificate)} with --crl FILE."
        ),
    )


def _subtree(case: _Case) -> Iterator[tuple[Who, str]]:
    depth = case.facts.get("constrained_by_depth")
    ca = case.path[depth] if isinstance(depth, int) and depth < len(case.path) else None
    which = f"The CA {quoted(ca.subject)}" if ca is not None else f"The CA at depth {depth}"
    name = _shown(case.facts.get("name", "this name"))
    barred = "may not issue" if case.finding.name.startswith("permitted") else "is barred from issuing"
    yield (
        ISSUER,
        (
            f"{which} {barred} for {name} (nameConstraints). Have the certificate issued without that "
            "name, or by another CA."
        ),
    )


_WITH_CARE: dict[str, Callable[[_Case], Iterator[tuple[Who, str]]]] = {
    "issuer_not_found": _issuer_not_found,
    "self_signed": _self_signed,
    "self_signed_in_chain": _self_signed_in_chain,
    "hostname_mismatch": _name_mismatch,
    "ip_address_mismatch": _name_mismatch,
    "expired": _expired,
    "not_yet_valid": _not_yet_valid,
    "invalid_purpose": _invalid_purpose,
    "leaf_key_too_weak": _key_too_weak,
    "ca_key_too_weak": _key_too_weak,
    "invalid_ca": _invalid_ca,
    "revoked": _revoked,
    "crl_not_found": _crl_not_found,
    "crl_expired": _crl_expired,
    "permitted_subtree_violation": _subtree,
    "excluded_subtree_violation": _subtree,
}

# Faults of the chain as it was sent that a finding tells of already.
_TOLD = {
    "missing_intermediate": {"issuer_not_found"},
    "ca_first": {"hostname_mismatch", "ip_address_mismatch"},
    "unparseable": {"unparseable"},
}


def rule_of(finding: str) -> str:
    """The rule that a finding is a breach of, with its section."""
    return TABLE[finding][1]


def remedies_of(verdict: Verdict) -> tuple[Remedy, ...]:
    """What would mend the chain: for each finding in turn, then for each fault of what was sent."""
    path = verdict.path
    found: dict[tuple[str, str], Remedy] = {}
    for finding in verdict.findings:
        case = _Case(verdict, finding, path)
        who, rule, template = TABLE[finding.name]
        ways: Iterator[tuple[Who, str]] | list[tuple[Who, str]]
        if finding.name in _WITH_CARE:
            ways = _WITH_CARE[finding.name](case)
        else:
            ways = [(who, template.format_map(case.words()))]
        for by, text in ways:
            remedy = Remedy(finding.name, finding.depth, by, rule, _sentence(text))
            found.setdefault((by, remedy.text), remedy)
    names = {finding.name for finding in verdict.findings}
    for fault in verdict.deployment:
        if names & _TOLD.get(fault, set()) or (fault == "root_sent" and names):
            continue
        who, rule, text = FAULTS[fault]
        if fault == "missing_intermediate" and verdict.repaired:
            text = _lent(verdict, path)
        remedy = Remedy(fault, None, who, rule, _sentence(text))
        found.setdefault((who, remedy.text), remedy)
    return tuple(found.values())


def _lent(verdict: Verdict, path: tuple[Certificate, ...]) -> str:
    """Which certificates the pool has lent, and where they are to be had."""
    lent = set(verdict.repaired_sha256)
    each = [
        f"{quoted(certificate.subject)}{_published(below)}"
        for below, certificate in itertools.pairwise(path)
        if certificate.sha256 in lent
    ]
    missing = ", ".join(each[:_NAMES_SHOWN])
    return (
        "The server does not send what the pool has lent: append to the file, after the certificate that "
        f"each has issued, {missing}."
    )


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def explained(verdict: Verdict, lines: list[str]) -> str:
    """What `Verdict.explain` says: its own `lines`, fit to be shown, and a line for each remedy."""
    shown = [shortened(line, _LONGEST_LINE) for line in lines]
    return "\n".join(shown + [f"  to mend ({remedy.who}): {remedy.text}" for remedy in remedies_of(verdict)])
