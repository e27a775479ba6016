"""A verdict as a tree: which certificates there are, what failed where, and what would mend it.

The end entity is the root of the tree. Below each certificate stand its candidates for an issuer, by name,
wherever they come from: the one that the path takes, and those that it does not, with the reason.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from certpath._remedies import Remedy, remedies_of, rule_of

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterator, Sequence

    from certpath._certpath import Certificate, Finding, Verdict, Verifier

__all__ = ["Explanation", "Failure", "Node", "explanation_of"]

_MOST_CANDIDATES = 20
"""Candidates shown of one issuer; a pool may have thousands of one name."""
_MOST_STRANGERS = 20


@dataclass(frozen=True)
class Failure:
    """What failed at one certificate."""

    name: str
    message: str
    rule: str
    facts: dict[str, Any]

    @classmethod
    def of(cls, finding: Finding) -> Failure:
        """The failure that `finding` tells of."""
        return cls(finding.name, finding.message, rule_of(finding.name), dict(finding.facts))


@dataclass(frozen=True)
class Node:
    """One certificate of the tree, or an issuer that is nowhere to be found."""

    subject: str
    """RFC 4514 text."""
    on_path: bool
    sources: tuple[str, ...] = ()
    """``presented 2``, ``pool``, ``store mozilla``; none if it is nowhere."""
    sha256: str | None = None
    key: str | None = None
    signature: str | None = None
    not_before: str | None = None
    not_after: str | None = None
    failures: tuple[Failure, ...] = ()
    passed_over: str | None = None
    """Why the path does not take it."""
    children: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Explanation:
    """Everything that there is to say of one chain."""

    verdict: Verdict
    tree: Node | None
    """``None`` where not even the end entity can be read."""
    general: tuple[Failure, ...]
    """What failed at no certificate in particular."""
    strangers: tuple[Node, ...]
    """Presented certificates that are not candidates."""
    left_out: int
    """Candidates and strangers that are too many to be shown."""
    remedies: tuple[Remedy, ...]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready form."""
        return {
            "verdict": self.verdict.to_dict(),
            "tree": None if self.tree is None else _plain(self.tree),
            "general": [dataclasses.asdict(failure) for failure in self.general],
            "strangers": [_plain(node) for node in self.strangers],
            "left_out": self.left_out,
            "remedies": [remedy._asdict() for remedy in self.remedies],
        }

    def to_json(self) -> str:
        """`to_dict` as JSON in ASCII: whatever a name holds beyond it is an escape."""
        return json.dumps(self.to_dict(), indent=2)


def _plain(node: Node) -> dict[str, Any]:
    return dataclasses.asdict(node)


def explanation_of(verifier: Verifier, chain: Sequence[Certificate], verdict: Verdict) -> Explanation:
    """What `verdict`, which `verifier` has given on `chain` (what of it can be read), comes to."""
    made = _Tree(verifier, chain, verdict)
    path = verdict.path
    tree = made.node(path, 0) if path else None
    general = [
        Failure.of(finding)
        for finding in verdict.findings
        if tree is None or finding.depth is None or finding.depth >= len(path)
    ]
    strangers = list(made.strangers())
    return Explanation(
        verdict=verdict,
        tree=tree,
        general=tuple(general),
        strangers=tuple(strangers[:_MOST_STRANGERS]),
        left_out=made.left_out + max(0, len(strangers) - _MOST_STRANGERS),
        remedies=remedies_of(verdict),
    )


class _Tree:
    """The certificates at hand, by name, and what of them has been shown."""

    def __init__(self, verifier: Verifier, chain: Sequence[Certificate], verdict: Verdict) -> None:
        self._verdict = verdict
        self._chain = chain
        self._sources: dict[bytes, list[str]] = {}
        self._by_subject: dict[str, dict[bytes, Certificate]] = {}
        self._shown: set[bytes] = set()
        self.left_out = 0
        for number, certificate in enumerate(chain, 1):
            self._add(certificate, f"presented {number}")
        if verifier.pool is not None:
            for certificate in verifier.pool:
                self._add(certificate, "pool")
        for store in verifier.stores:
            for certificate in store:
                self._add(certificate, f"store {store.name}")

    def _add(self, certificate: Certificate, source: str) -> None:
        sources = self._sources.setdefault(certificate.sha256, [])
        if source not in sources:
            sources.append(source)
        self._by_subject.setdefault(_key(certificate.subject), {})[certificate.sha256] = certificate

    def node(self, path: tuple[Certificate, ...], depth: int) -> Node:
        """The path from `depth` on, with the candidates that it has passed by."""
        certificate = path[depth]
        children = []
        above = path[depth + 1] if depth + 1 < len(path) else None
        self._shown.add(certificate.sha256)
        if above is not None:
            children.append(self.node(path, depth + 1))
        ends = above is None and (
            certificate.self_issued or self._verdict.anchor_sha256 == certificate.sha256
        )
        others = [] if ends else list(self._others(certificate, above))
        children += others
        if not children and not ends:
            children.append(Node(certificate.issuer, on_path=False))
        failures = [Failure.of(finding) for finding in self._verdict.findings if finding.depth == depth]
        return self._leaf(certificate, on_path=True, failures=tuple(failures), children=tuple(children))

    def _others(self, certificate: Certificate, above: Certificate | None) -> Iterator[Node]:
        """The candidates for the issuer of `certificate` that the path does not take."""
        candidates = self._by_subject.get(_key(certificate.issuer), {})
        others = [
            one
            for one in candidates.values()
            if one.sha256 != certificate.sha256 and (above is None or one.sha256 != above.sha256)
        ]
        self.left_out += max(0, len(others) - _MOST_CANDIDATES)
        for one in others[:_MOST_CANDIDATES]:
            self._shown.add(one.sha256)
            reason = _reason(certificate, one, self._verdict.at, taken=above is not None)
            yield self._leaf(one, on_path=False, passed_over=reason)

    def strangers(self) -> Iterator[Node]:
        """What was presented, and is nowhere in the tree."""
        for certificate in self._chain:
            if certificate.sha256 not in self._shown:
                self._shown.add(certificate.sha256)
                reason = "has issued none of the certificates above"
                yield self._leaf(certificate, on_path=False, passed_over=reason)

    def _leaf(
        self,
        certificate: Certificate,
        *,
        on_path: bool,
        failures: tuple[Failure, ...] = (),
        passed_over: str | None = None,
        children: tuple[Node, ...] = (),
    ) -> Node:
        bits = f" {certificate.public_key_bits}" if certificate.public_key_bits else ""
        size = f" {certificate.public_key_curve}" if certificate.public_key_curve else bits
        return Node(
            subject=certificate.subject,
            on_path=on_path,
            sources=tuple(self._sources.get(certificate.sha256, ())),
            sha256=certificate.sha256.hex(),
            key=f"{certificate.public_key_algorithm}{size}",
            signature=certificate.signature_algorithm,
            not_before=_time(certificate.not_before),
            not_after=_time(certificate.not_after),
            failures=failures,
            passed_over=passed_over,
            children=children,
        )


def _key(name: str) -> str:
    """What equal names have in common; names that are alike in no more than that have a reason below."""
    return " ".join(name.lower().split())


def _reason(certificate: Certificate, candidate: Certificate, at: datetime.datetime, *, taken: bool) -> str:
    """Why `candidate` is not the issuer of `certificate` on the path, as far as the two show it."""
    wanted, has = certificate.authority_key_identifier, candidate.subject_key_identifier
    if wanted is not None and has is not None and wanted != has:
        return "another key of the same name: the key identifiers differ"
    if not candidate.is_ca and candidate.version == 3:
        return "is not a CA (basicConstraints)"
    if candidate.key_usage is not None and "keyCertSign" not in candidate.key_usage:
        return "may not sign certificates (keyUsage)"
    if candidate.problems:
        return f"malformed: {candidate.problems[0]}"
    if candidate.not_after is not None and candidate.not_after < at:
        return f"expired on {_time(candidate.not_after)}"
    if candidate.not_before is not None and candidate.not_before > at:
        return f"not valid before {_time(candidate.not_before)}"
    return "not needed: the path takes another" if taken else "leads to no trust anchor"


def _time(moment: datetime.datetime | None) -> str | None:
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
