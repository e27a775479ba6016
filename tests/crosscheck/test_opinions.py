"""docs/second-opinions.md: a small run comes to nothing that is not in its tables."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from certpath import Policy

from crosscheck import opinions_table
from crosscheck.opinions import RIVALS, WebpkiMissing
from crosscheck.verdicts import PARITY


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


class TestWebpki:
    def test_it_is_outvoted_in_exceptions_alone(self, document: str) -> None:
        """But for what docs/parity.md names: our own list of algorithms, anchors that it cannot read."""
        reasons = {reason for _, refuser, reason in opinions_table.rows(document) if refuser == "webpki"}
        named = {
            reason for reason in reasons if reason.endswith(tuple(f"{one})" for one in Policy.EXCEPTIONS))
        }
        others = {
            reason for reason in reasons - named if not reason.startswith("UnsupportedSignatureAlgorithm")
        }
        assert named
        assert others <= {"TrailingData"}

    def test_rules_by_which_we_are_stricter_are_listed(self, document: str) -> None:
        """In the table of docs/parity.md that is about it."""
        section = (
            PARITY.read_text(encoding="utf-8")
            .partition("\n## `Policy.webpki` and webpki\n")[2]
            .partition("\n## ")[0]
        )
        listed = set(re.findall(r"`(\w+)`", "".join(re.findall(r"^\| (`.*?) \|", section, re.MULTILINE))))
        ours = {
            reason.strip("`")
            for rival, refuser, reason in opinions_table.rows(document)
            if (rival, refuser) == ("webpki", "certpath")
        }
        assert ours - listed == set()
        assert {"invalid_ca", "leaf_key_too_weak"} <= ours


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
