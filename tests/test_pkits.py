"""NIST's path validation suite: nothing differs from what it expects unnoticed, nor is mended unnoticed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pkits
import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytest.importorskip(
    "cryptography_vectors", reason="the suite's files are in the package cryptography_vectors"
)

FALSE_ACCEPTS: frozenset[str] = frozenset()
"""Accepted, though the suite has them refused: none."""


@pytest.fixture(scope="module")
def results(shared: Path) -> list[pkits.Result]:
    """The results of the cases in the shared folder."""
    return pkits.run(pkits.load(shared / "conformance" / "pkits.json"))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("outcome", "known"),
    [("false accept", FALSE_ACCEPTS), ("false refusal", pkits.UNSUPPORTED)],
)
def test_the_differences_are_the_known_ones(
    results: list[pkits.Result], outcome: str, known: frozenset[str]
) -> None:
    """A case that has begun to differ, or has stopped, changes the list here."""
    assert {result.number for result in results if result.outcome == outcome} == known


@pytest.mark.shared
def test_every_case_is_judged_once(results: list[pkits.Result]) -> None:
    """None is skipped, and no two have one number."""
    assert len({result.number for result in results}) == len(results) == 249
    assert f"{'total':<8}{249:>7}" in pkits.table(results)


def test_a_number_names_its_subpart() -> None:
    """Cases that share a number in the suite are told apart."""
    assert (
        pkits.number_of({"id": "4.8.1", "name": "Section8AllCertificatesSamePolicyTest1Subpart2"})
        == "4.8.1/2"
    )
    assert (
        pkits.number_of({"id": "4.10.1.1", "name": "Section10ValidPolicyMappingTest1Subpart1"}) == "4.10.1.1"
    )
    assert pkits.number_of({"id": "4.1.1", "name": "Section1ValidSignaturesTest1"}) == "4.1.1"
