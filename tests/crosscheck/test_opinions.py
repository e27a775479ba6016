"""docs/second-opinions.md: a small run comes to nothing that is not in its tables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crosscheck import opinions_table
from crosscheck.opinions import RIVALS, WebpkiMissing


@pytest.fixture(scope="module")
def document() -> str:
    """The page."""
    return opinions_table.DOCUMENT.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def comparisons() -> list[opinions_table.Comparison]:
    """The first batch of the run that the page shows."""
    try:
        return opinions_table.compare(opinions_table.BATCH, seed=1)
    except WebpkiMissing as missing:
        pytest.skip(f"webpki cannot be asked: {missing}")


@pytest.mark.parametrize("number", range(len(RIVALS)), ids=[rival.name for rival in RIVALS])
class TestRivals:
    def test_differences_are_those_of_the_page(
        self, number: int, document: str, comparisons: list[opinions_table.Comparison]
    ) -> None:
        """Each with its reason; other versions have other words."""
        comparison = comparisons[number]
        if comparison.rival.version not in document:
            pytest.skip(f"the page is about another version than {comparison.rival.version}")
        found = {(comparison.rival.name, refuser, reason) for refuser, reason, _, _ in comparison.rows()}
        assert found - opinions_table.rows(document) == set()

    def test_both_verdicts_come_up(self, number: int, comparisons: list[opinions_table.Comparison]) -> None:
        """Chains that are good to both, and chains that are not."""
        assert comparisons[number].outcomes["both accept"] > 10
        assert comparisons[number].outcomes["both refuse"] > 10


def test_webpki_is_outvoted_in_exceptions_alone(comparisons: list[opinions_table.Comparison]) -> None:
    """Or where its own list of algorithms is shorter than ours: secp256k1."""
    for refuser, reason, _, example in comparisons[0].rows():
        if refuser == "webpki":
            missing = reason.startswith("UnsupportedSignatureAlgorithm") and "secp256k1" in example
            assert reason.endswith(")") or missing, (reason, example)


def test_the_page_names_its_command(document: str) -> None:
    """And the command is there."""
    command = next(line for line in document.splitlines() if line.startswith("python tests/crosscheck "))
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(Path(__file__).parent), "opinions", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert all(word in done.stdout for word in command.split() if word.startswith("--"))
