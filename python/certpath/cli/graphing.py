"""``certpath graph``: every path from one chain to every store, and the cross-signs on the way.

Nodes are certificates, edges are signatures that have been checked. Names are foreign text: JSON is ASCII,
and in DOT nothing of a name is syntax.
"""

from __future__ import annotations

import io
import itertools
import json
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

from certpath import Certificate
from certpath._certpath import _has_signed
from certpath._display import shortened
from certpath.cli.formats import rfc3339
from certpath.cli.judging import load_stores
from certpath.cli.live import presented_chain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from certpath import TrustStore, Verdict, Verifier
    from certpath.cli.live import Peer
    from certpath.cli.options import Options

__all__ = ["graph"]

_MOST_CERTIFICATES = 500
"""Certificates of one graph beside those on valid paths; a pool may have thousands of one name."""
_MOST_SIGNATURES = 1_000
"""Signatures that are checked beside those of the search."""
_MOST_SOURCES = 20


class _Answer(NamedTuple):
    """What one store says, and by which paths."""

    store: TrustStore
    verdict: Verdict


def graph(options: Options, *, as_dot: bool, warn: Callable[[str], None]) -> bool:
    """Print the graph of the chain that `options` name; whether any store accepts it.

    Raises `UsageError` if there is no chain, a host does not answer, or roots cannot be read.
    """
    stores, make = load_stores(options, warn=warn)
    verifier = make(stores)
    chain, peer = presented_chain(options, verifier)
    answers = [
        _Answer(store, make([store]).check(chain, options.name, at=options.at, all_paths=True))
        for store in stores
    ]
    made = _Graph(verifier, stores, chain, [answer.verdict for answer in answers])
    if as_dot:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # What the encoding of standard output does not know, DOT has entities for.
            sys.stdout.reconfigure(errors="xmlcharrefreplace")
        sys.stdout.writelines(f"{line}\n" for line in _dot(made))
    else:
        print(json.dumps(_document(made, answers, options, peer), indent=2))
    return any(answer.verdict.ok for answer in answers)


class _Graph:
    """The certificates from which the end entity can be reached, and who has signed whom."""

    def __init__(
        self,
        verifier: Verifier,
        stores: Sequence[TrustStore],
        chain: Sequence[bytes],
        verdicts: Sequence[Verdict],
    ) -> None:
        self.certificates: dict[bytes, Certificate] = {}
        self.sources: dict[bytes, list[str]] = {}
        self.issued: dict[tuple[bytes, bytes], bool] = {}
        """Issuer and subject, and whether that is on a valid path."""
        self.paths: dict[tuple[bytes, ...], list[str]] = {}
        """Valid paths, and the stores that take them."""
        self.left_out = 0
        self._at_hand: dict[str, dict[bytes, Certificate]] = {}
        presented = []
        for number, der in enumerate(chain, 1):
            try:
                certificate = Certificate(der)
            except ValueError:
                continue
            presented.append(certificate)
            self._add(certificate, f"presented {number}")
        for certificate in verifier.pool or ():
            self._add(certificate, "pool")
        for store in stores:
            for certificate in store:
                self._add(certificate, f"store {store.name}")
        for store, verdict in zip(stores, verdicts, strict=True):
            for path in verdict.paths:
                self._add_path(path, store.name)
        if presented and presented[0].der == chain[0]:
            self.certificates.setdefault(presented[0].sha256, presented[0])
            self._explore(verifier, presented[0])

    def _add(self, certificate: Certificate, source: str) -> None:
        self._at_hand.setdefault(_key(certificate.subject), {})[certificate.sha256] = certificate
        sources = self.sources.setdefault(certificate.sha256, [])
        if source not in sources and len(sources) < _MOST_SOURCES:
            sources.append(source)

    def _add_path(self, path: tuple[Certificate, ...], store: str) -> None:
        for certificate in path:
            self.certificates.setdefault(certificate.sha256, certificate)
        fingerprints = tuple(certificate.sha256 for certificate in path)
        for subject, issuer in itertools.pairwise(fingerprints):
            self.issued[issuer, subject] = True
        self.paths.setdefault(fingerprints, []).append(store)

    def _explore(self, verifier: Verifier, leaf: Certificate) -> None:
        """Whoever else has signed, from the end entity upwards: also what leads nowhere, or not now."""
        waiting, seen, signatures = [leaf], {leaf.sha256}, 0
        room = len(self.certificates) + _MOST_CERTIFICATES
        while waiting:
            subject = waiting.pop(0)
            for issuer in self._at_hand.get(_key(subject.issuer), {}).values():
                if issuer.sha256 == subject.sha256:
                    continue
                if (issuer.sha256, subject.sha256) not in self.issued:
                    signatures += 1
                    if signatures > _MOST_SIGNATURES or len(self.certificates) >= room:
                        self.left_out += 1
                        continue
                    if not _has_signed(verifier, issuer, subject):
                        continue
                    self.issued[issuer.sha256, subject.sha256] = False
                    self.certificates.setdefault(issuer.sha256, issuer)
                if issuer.sha256 not in seen:
                    seen.add(issuer.sha256)
                    waiting.append(issuer)

    @property
    def on_paths(self) -> set[bytes]:
        """The certificates of valid paths."""
        return {fingerprint for path in self.paths for fingerprint in path}

    def cross_signs(self) -> Iterator[list[Certificate]]:
        """The certificates of one name and key, where there are several: a path may take any of them."""
        groups: dict[tuple[str, bytes], list[Certificate]] = {}
        for certificate in self.certificates.values():
            groups.setdefault((certificate.subject, certificate.spki_sha256), []).append(certificate)
        return (group for group in groups.values() if len(group) > 1)


def _key(name: str) -> str:
    """What equal names have in common; that names are alike is not believed without a signature."""
    return " ".join(name.lower().split())


def _document(
    made: _Graph, answers: Sequence[_Answer], options: Options, peer: Peer | None
) -> dict[str, Any]:
    """The graph as JSON has it; names whole, fingerprints in hexadecimal."""
    on_paths = made.on_paths
    return {
        "name": options.name,
        "at": rfc3339(options.at),
        "policy": options.policy.preset,
        "stores": [
            {
                "name": store.name,
                "ok": verdict.ok,
                "status": verdict.status,
                "findings": [{"name": one.name, "detail": one.detail} for one in verdict.findings],
                "paths": sum(store.name in takers for takers in made.paths.values()),
                "complete": bool((verdict.work or {"complete": 1})["complete"]),
            }
            for store, verdict in answers
        ],
        "paths": [
            {"certificates": [one.hex() for one in path], "stores": takers}
            for path, takers in made.paths.items()
        ],
        "certificates": [
            {
                "sha256": sha256.hex(),
                "subject": certificate.subject,
                "issuer": certificate.issuer,
                "spki_sha256": certificate.spki_sha256.hex(),
                "key": _key_of(certificate),
                "signature": certificate.signature_algorithm,
                "not_before": _time(certificate.not_before),
                "not_after": _time(certificate.not_after),
                "sources": made.sources.get(sha256, []),
                "on_path": sha256 in on_paths,
            }
            for sha256, certificate in made.certificates.items()
        ],
        "issued": [
            {"issuer": issuer.hex(), "subject": subject.hex(), "on_path": on_path}
            for (issuer, subject), on_path in made.issued.items()
        ],
        "cross_signs": [[one.sha256.hex() for one in group] for group in made.cross_signs()],
        "left_out": made.left_out,
        "peer": None if peer is None else peer.to_dict(),
    }


def _dot(made: _Graph) -> Iterator[str]:
    """The graph in the language of Graphviz: issuers above, what is on no valid path in dashes."""
    on_paths = made.on_paths
    anchors = {path[-1] for path in made.paths}
    yield "digraph certpath {"
    yield '  node [shape=box, fontname="monospace"];'
    for sha256, certificate in made.certificates.items():
        dates = f"{_time(certificate.not_before)} to {_time(certificate.not_after)}"
        lines = [certificate.subject, _key_of(certificate), dates, ", ".join(made.sources.get(sha256, []))]
        label = "\\n".join(map(_escaped, lines))
        style = "" if sha256 in on_paths else ", style=dashed"
        double = ", peripheries=2" if sha256 in anchors else ""
        yield f'  "{sha256.hex()}" [label="{label}"{style}{double}];'
    for (issuer, subject), on_path in made.issued.items():
        style = "" if on_path else " [style=dashed]"
        yield f'  "{issuer.hex()}" -> "{subject.hex()}"{style};'
    for group in made.cross_signs():
        for one, other in itertools.pairwise(group):
            look = 'style=dotted, dir=none, constraint=false, label="same name and key"'
            yield f'  "{one.sha256.hex()}" -> "{other.sha256.hex()}" [{look}];'
    yield "}"


def _escaped(text: str) -> str:
    """Foreign text between the quotes of DOT: without syntax of its own; short, and all of it to be seen."""
    shown = shortened(text)
    return shown.replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")


def _key_of(certificate: Certificate) -> str:
    size = certificate.public_key_curve or certificate.public_key_bits
    return f"{certificate.public_key_algorithm} {size}" if size else certificate.public_key_algorithm


def _time(moment: Any) -> str | None:
    return None if moment is None else rfc3339(moment)
