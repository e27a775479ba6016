"""x509-limbo's reference answers: all of them, none skipped, and exceptions that cannot go stale."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import limbo
import pytest

if TYPE_CHECKING:
    from pathlib import Path

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"


@pytest.fixture(scope="module")
def results(shared: Path) -> list[limbo.Result]:
    """The results of the cases in the shared folder."""
    cases = limbo.load(shared / "conformance" / "limbo-dev.json")
    return limbo.run(cases, limbo.load_exceptions(limbo.EXCEPTIONS))


@pytest.mark.shared
def test_every_case_comes_out_as_expected(results: list[limbo.Result]) -> None:
    """No false accept, no false refusal; what the suite itself has wrong is named with its reason."""
    assert [r.id for r in results if r.outcome not in {"as expected", "exception"}] == []
    assert len(results) == 125


@pytest.mark.shared
def test_no_exception_is_stale(results: list[limbo.Result]) -> None:
    """An exception about a case that comes out as expected, or that is not in the suite, has to go."""
    assert limbo.stale(results) == []
    assert limbo.load_exceptions(limbo.EXCEPTIONS).keys() <= {result.id for result in results}


def case(**changes: Any) -> dict[str, Any]:
    """A case that every policy refuses: its certificates are none."""
    return {
        "id": "rfc5280::made-up",
        "validation_kind": "SERVER",
        "trusted_certs": [CERTIFICATE],
        "untrusted_intermediates": [],
        "peer_certificate": CERTIFICATE,
        "validation_time": None,
        "signature_algorithms": [],
        "key_usage": [],
        "extended_key_usage": [],
        "expected_result": "FAILURE",
        "expected_peer_name": None,
        "expected_peer_names": [],
        "max_chain_depth": None,
        "crls": [],
        **changes,
    }


def test_a_false_refusal_is_told_from_an_exception() -> None:
    """Only a named case may differ from the suite."""
    [plain] = limbo.run([case(expected_result="SUCCESS")])
    assert plain.outcome == "false refusal"
    [excused] = limbo.run([case(expected_result="SUCCESS")], {"rfc5280::made-up": "the suite is wrong"})
    assert excused.outcome == "exception"


def test_a_stale_exception_is_an_outcome_of_its_own() -> None:
    """A case that comes out as expected needs no exception, and the table says so."""
    results = limbo.run([case()], {"rfc5280::made-up": "the suite is wrong"})
    assert limbo.stale(results) == ["rfc5280::made-up"]
    assert "rfc5280" in limbo.table(results)


def test_ids_choose_the_profile() -> None:
    """webpki:: and online:: cases are about the Baseline Requirements, all others about RFC 5280."""
    assert limbo.policy_of(case(id="webpki::x")).preset == "cabf"
    assert limbo.policy_of(case(id="online::x")).preset == "cabf"
    assert limbo.policy_of(case(id="pathlen::x")).preset == "rfc5280"
    assert limbo.policy_of(case(validation_kind="CLIENT")).purpose == "client"
