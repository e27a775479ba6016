"""Runs path-validation cases in the schema of C2SP/x509-limbo and prints how the verdicts compare.

    python tests/limbo.py [FILE] [--list] [--exceptions FILE]

``webpki::`` and ``online::`` cases are judged under `Policy.cabf`, all others under `Policy.rfc5280`; none
is skipped. Without FILE it is that of the shared folder. An exceptions file
(``tests/limbo-exceptions.json``) names the cases in which the suite itself is wrong, with the text that says
so; an exception that has stopped applying is an error. Exit status: 0 if every case comes out as expected or
as an exception says, and no exception is stale.
"""

from __future__ import annotations

import argparse
import collections
import datetime
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import certpath
from support.vectors import vector_file

__all__ = ["EXCEPTIONS", "EXPECTED_SCHEMA", "Result", "load", "run", "stale", "table"]

EXCEPTIONS = Path(__file__).with_name("limbo-exceptions.json")
EXPECTED_SCHEMA = 1
DEPTH_LIMIT = 6
"""The deepest path that any policy here proves; a case that allows more allows no more than this."""
PURPOSES = {"SERVER": "server", "CLIENT": "client"}


@dataclass(frozen=True)
class Result:
    """One case: what the suite expects, what we say."""

    id: str
    expected_ok: bool
    ok: bool
    detail: str
    """The verdict in one line."""
    exception: str | None = None
    """The reason why the suite's answer does not count."""

    @property
    def namespace(self) -> str:
        """The first part of the id."""
        return self.id.split("::", 1)[0]

    @property
    def as_expected(self) -> bool:
        """Our answer is the suite's."""
        return self.ok == self.expected_ok

    @property
    def outcome(self) -> str:
        """``as expected``, ``false accept``, ``false refusal``, ``exception`` or ``stale exception``."""
        if self.exception is not None:
            return "stale exception" if self.as_expected else "exception"
        if self.as_expected:
            return "as expected"
        return "false accept" if self.ok else "false refusal"


def load(path: Path) -> list[dict[str, Any]]:
    """The cases of a file in the suite's schema."""
    data = json.loads(path.read_text(encoding="utf-8"))
    if data.get("version") != EXPECTED_SCHEMA:
        raise ValueError(f"{path}: schema version {data.get('version')!r}, not {EXPECTED_SCHEMA}")
    cases: list[dict[str, Any]] = data["testcases"]
    return cases


def load_exceptions(path: Path) -> dict[str, str]:
    """Case ids and the reasons why the suite's answers to them do not count."""
    if not path.exists():
        return {}
    exceptions: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return exceptions


def policy_of(case: dict[str, Any]) -> certpath.Policy:
    """The policy that a case is about."""
    knobs: dict[str, Any] = {"purpose": PURPOSES[case["validation_kind"]]}
    if case.get("max_chain_depth") is not None:
        knobs["max_depth"] = min(case["max_chain_depth"], DEPTH_LIMIT)
    if case["crls"]:
        # One list speaks for one issuer: that of the end entity, unless there are as many as issuers.
        knobs["crl_check"] = "chain" if len(case["crls"]) > len(case["untrusted_intermediates"]) else "leaf"
    if case["signature_algorithms"]:
        # What has no name here cannot be checked here either, so leaving it out allows no less.
        knobs["signature_algorithms"] = [
            NAMES[name] for name in case["signature_algorithms"] if name in NAMES
        ]
    if case["id"].startswith(("webpki::", "online::")):
        return certpath.Policy.cabf(**knobs)
    return certpath.Policy.rfc5280(**knobs)


NAMES = {
    "RSA_WITH_SHA1": "sha1WithRSAEncryption",
    "RSA_WITH_SHA224": "sha224WithRSAEncryption",
    "RSA_WITH_SHA256": "sha256WithRSAEncryption",
    "RSA_WITH_SHA384": "sha384WithRSAEncryption",
    "RSA_WITH_SHA512": "sha512WithRSAEncryption",
    "RSA_WITH_MD5": "md5WithRSAEncryption",
    "RSASSA_PSS": "rsassaPss",
    "ECDSA_WITH_SHA1": "ecdsa-with-SHA1",
    "ECDSA_WITH_SHA224": "ecdsa-with-SHA224",
    "ECDSA_WITH_SHA256": "ecdsa-with-SHA256",
    "ECDSA_WITH_SHA384": "ecdsa-with-SHA384",
    "ECDSA_WITH_SHA512": "ecdsa-with-SHA512",
    "ED25519": "ED25519",
    "ED448": "ED448",
}
"""The suite's names of signature algorithms, and ours."""


def names_of(case: dict[str, Any]) -> list[str | None]:
    """The reference identities: the server's one, or all that a client has to speak for; none: the path."""
    if case["expected_peer_name"] is not None:
        return [case["expected_peer_name"]["value"]]
    return [name["value"] for name in case["expected_peer_names"]] or [None]


def judge(case: dict[str, Any]) -> tuple[bool, str]:
    """Whether a case is accepted, and the verdict in one line."""
    try:
        store = certpath.TrustStore.from_pem("\n".join(case["trusted_certs"]), name="trusted")
        verifier = certpath.Verifier(store, policy=policy_of(case), crls=case["crls"] or None)
    except ValueError as error:
        return False, f"input refused: {error}"
    chain = [case["peer_certificate"], *case["untrusted_intermediates"]]
    at = None
    if case["validation_time"]:
        # Python 3.10 does not know "Z".
        at = datetime.datetime.fromisoformat(case["validation_time"].replace("Z", "+00:00"))
    verdicts = [verifier.check(chain, name, at=at) for name in names_of(case)]
    for verdict in verdicts:
        if not verdict.ok:
            return False, str(verdict)
    wanted = {_lower_first(usage) for usage in case["key_usage"]}
    usage = verdicts[0].path[0].key_usage
    if usage is not None and not wanted <= {_lower_first(one) for one in usage}:
        return False, f"key usage {usage}, wanted {sorted(wanted)}"
    return True, "ok"


def _lower_first(word: str) -> str:
    return word.replace("_", "").casefold()


def run(cases: list[dict[str, Any]], exceptions: dict[str, str] | None = None) -> list[Result]:
    """All results, in the order of the cases."""
    exceptions = exceptions or {}
    return [
        Result(case["id"], case["expected_result"] == "SUCCESS", *judge(case), exceptions.get(case["id"]))
        for case in cases
    ]


def stale(results: list[Result]) -> list[str]:
    """The exceptions that have stopped applying."""
    return [result.id for result in results if result.outcome == "stale exception"]


def table(results: list[Result]) -> str:
    """The outcomes, one line a namespace."""
    outcomes = ["as expected", "false accept", "false refusal", "exception", "stale exception"]
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for result in results:
        counts[result.namespace][result.outcome] += 1
        counts["total"][result.outcome] += 1
    lines = [f"{'namespace':<14}{'cases':>7}" + "".join(f"{outcome:>17}" for outcome in outcomes)]
    for namespace in [*sorted(counts.keys() - {"total"}), "total"]:
        row = counts[namespace]
        lines.append(
            f"{namespace:<14}{row.total():>7}" + "".join(f"{row[outcome]:>17}" for outcome in outcomes)
        )
    return "\n".join(lines)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Compare verdicts with those that x509-limbo expects.")
    parser.add_argument("file", type=Path, nargs="?", help="cases in the schema of x509-limbo")
    parser.add_argument("--list", action="store_true", help="show every case that is not as expected")
    parser.add_argument("--exceptions", type=Path, default=EXCEPTIONS, help="where the suite itself is wrong")
    given = parser.parse_args()
    results = run(load(vector_file(given.file, "limbo-dev.json")), load_exceptions(given.exceptions))
    if given.list:
        for result in results:
            if result.outcome != "as expected":
                sys.stdout.write(f"{result.outcome}: {result.id}\n    {result.exception or result.detail}\n")
    sys.stdout.write(f"{table(results)}\n")
    return 0 if all(result.outcome in {"as expected", "exception"} for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
