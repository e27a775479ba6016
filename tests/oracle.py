"""Replays recorded verdicts of the standard library's `ssl` and prints how ours compare.

    python tests/oracle.py [FILE] [--list]

FILE (else that of the shared folder) is JSON (plain or gzip) with ``der`` (base64 certificates and CRLs) and
``cases``; each case holds ``chain``, ``roots`` and ``crls`` as indices into ``der``, the settings, and what
`ssl` said. Exit status: 0 if nothing is accepted that ssl rejects, and no code or text differs where ssl
rejects.
"""

from __future__ import annotations

import argparse
import base64
import collections
import datetime
import gzip
import json
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certpath
from support.vectors import vector_file

__all__ = ["EVALUATED", "Comparison", "compare", "load", "table"]

EVALUATED = datetime.datetime(2026, 11, 20, 21, 13, 39, tzinfo=datetime.timezone.utc)
"""When the recorded handshakes took place."""


@dataclass(frozen=True)
class Comparison:
    """One case: what `ssl` said, what we say."""

    id: str
    group: str
    ssl_accepts: bool
    ssl_code: int | None
    ssl_message: str | None
    ours: certpath.Verdict | None
    """``None`` where the name is refused before anything is judged."""

    @property
    def we_accept(self) -> bool:
        """Whether our verdict is ok."""
        return self.ours is not None and self.ours.ok

    @property
    def outcome(self) -> str:
        """``agree``, ``false accept``, ``wrong code``, ``wrong message`` or ``stricter``."""
        if self.we_accept:
            return "agree" if self.ssl_accepts else "false accept"
        if self.ssl_accepts:
            return "stricter"
        if self.ssl_code is None or self.ours is None:
            # ssl fails before verification there: a refusal is all that can be compared.
            return "agree"
        if self.ours.verify_code != self.ssl_code:
            return "wrong code"
        return "agree" if self.ours.verify_message == self.ssl_message else "wrong message"


def load(path: Path) -> dict[str, Any]:
    """The file's content, unpacked if need be."""
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    loaded: dict[str, Any] = json.loads(data)
    return loaded


def _policy(case: dict[str, Any]) -> certpath.Policy:
    seclevel = case.get("seclevel")
    # Those of the release that they were recorded with.
    return certpath.Policy.ssl(
        case["flags"],
        openssl="3.0.19",
        purpose="server" if case["mode"] == "client" else "client",
        security_level=2 if seclevel is None else int(seclevel),
        hostname_checks_common_name=case.get("checks_cn", True),
    )


def compare(content: dict[str, Any]) -> list[Comparison]:
    """Judges every case at the recorded time, under its own settings."""
    der = [base64.b64decode(item) for item in content["der"]]
    comparisons = []
    for case in content["cases"]:
        ours: certpath.Verdict | None = None
        unchecked = case.get("verify_mode") == "NONE"
        optional = case.get("verify_mode") == "OPTIONAL" and not case["chain"]
        if not (unchecked or optional):
            ours = _judge(case, der)
        comparison = Comparison(
            id=case["id"],
            group=case["group"],
            ssl_accepts=case["accept"],
            ssl_code=case["verify_code"],
            ssl_message=case.get("verify_message"),
            ours=ours,
        )
        if not (unchecked or optional):
            comparisons.append(comparison)
    return comparisons


def _judge(case: dict[str, Any], der: list[bytes]) -> certpath.Verdict | None:
    named = case["mode"] == "client" and case.get("check_hostname", True)
    try:
        store = certpath.TrustStore.from_der([der[index] for index in case["roots"]])
    except ValueError:
        # A context may have an empty store; ours may not. One that trusts a stranger is as good.
        store = _unrelated_store()
    with warnings.catch_warnings():
        # As with `ssl`, the recorded flags decide whether CRLs are asked; we warn of those that are not.
        warnings.filterwarnings("ignore", "crls: ", UserWarning)
        verifier = certpath.Verifier(store, policy=_policy(case), crls=[der[index] for index in case["crls"]])
    try:
        return verifier.check(
            [der[index] for index in case["chain"]],
            case["hostname"] if named else None,
            at=EVALUATED,
        )
    except ValueError:
        return None


def _unrelated_store() -> certpath.TrustStore:
    return certpath.TrustStore.from_der(certpath.TrustStore.mozilla().certificates[:1], name="unrelated")


def table(comparisons: list[Comparison]) -> str:
    """Counts per group, and the reasons for which we refuse what `ssl` accepts."""
    outcomes = ["agree", "stricter", "false accept", "wrong code", "wrong message"]
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    reasons: collections.Counter[tuple[str, str]] = collections.Counter()
    for comparison in comparisons:
        counts[comparison.group][comparison.outcome] += 1
        if comparison.outcome == "stricter" and comparison.ours is not None:
            main = comparison.ours.findings[0] if comparison.ours.findings else None
            reasons[comparison.group, main.name if main else comparison.ours.status] += 1
    head = f"{'group':<8} {'cases':>6} {'accepted':>9} " + " ".join(f"{name:>13}" for name in outcomes)
    lines = [head]
    for group in [*sorted(counts), "all"]:
        chosen = [one for one in comparisons if group in (one.group, "all")]
        total: collections.Counter[str] = collections.Counter(one.outcome for one in chosen)
        accepted = sum(one.ssl_accepts for one in chosen)
        lines.append(
            f"{group:<8} {len(chosen):>6} {accepted:>9} "
            + " ".join(f"{total[name]:>13}" for name in outcomes)
        )
    if reasons:
        lines.append("\nrefused here, accepted by ssl:")
        lines.extend(f"  {group:<8} {name:<28} {count}" for (group, name), count in sorted(reasons.items()))
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Compare our verdicts with recorded ones of ssl.")
    parser.add_argument("file", type=Path, nargs="?", help="recorded verdicts")
    parser.add_argument("--list", action="store_true", help="list every case that does not agree")
    arguments = parser.parse_args(argv)
    comparisons = compare(load(vector_file(arguments.file, "openssl-oracle-dev.json.gz")))
    print(table(comparisons))
    if arguments.list:
        for comparison in comparisons:
            if comparison.outcome != "agree":
                wanted = 0 if comparison.ssl_accepts else comparison.ssl_code
                print(f"{comparison.outcome}: {comparison.id}: ssl {wanted}, ours {comparison.ours}")
    bad = {"false accept", "wrong code", "wrong message"}
    return 1 if any(comparison.outcome in bad for comparison in comparisons) else 0


if __name__ == "__main__":
    sys.exit(main())
