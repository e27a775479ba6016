"""The contract of docs/parity.md, on generated handshakes. `python tests/crosscheck run` does more."""

from __future__ import annotations

import dataclasses
import os
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from crosscheck import cases, run, verdicts
from crosscheck.certificates import TWISTS, Plan, Twist, ca, end_entity
from crosscheck.keys import KINDS, Key
from crosscheck.verdicts import Judgement, compare

if TYPE_CHECKING:
    from collections.abc import Callable

COMMAND = Path(__file__).parent
SHARES = 4
EXAMPLES = int(os.environ.get("CERTPATH_EXAMPLES", "2000"))
pytestmark = pytest.mark.skipif(
    not (ssl.OPENSSL_VERSION.startswith("OpenSSL") and ssl.OPENSSL_VERSION_INFO[0] >= 3),
    reason="only OpenSSL from 3.0 on has the codes and words that are promised",
)
only_3_0 = pytest.mark.skipif(not verdicts.IS_OPENSSL_3, reason="the verdicts are those of OpenSSL 3")


@pytest.mark.parametrize("share", range(SHARES))
def test_the_contract_holds(share: int, tmp_path: Path) -> None:
    """In 2,000 handshakes all in all; CERTPATH_EXAMPLES asks for more. A breach names the file to replay."""
    totals = run.run(EXAMPLES // SHARES, seed=share, folder=tmp_path)
    assert totals.breaches == []
    assert totals.handshakes > 0.8 * EXAMPLES / SHARES
    assert totals.outcomes["accepted"] > 0.1 * EXAMPLES / SHARES


def three(
    change: Callable[[Plan], None] | None = None, kinds: tuple[str, str] = ("p256", "p256")
) -> cases.Case:
    """Leaf, CA and root; `change` is made in the leaf, `kinds` are those of leaf and CA."""
    leaf_key, ca_key, root_key = Key(kinds[0], 1), Key(kinds[1], 2), Key("p256", 3)
    leaf = end_entity(["dns www.example.test"], "leaf", leaf_key, "CA 1", ca_key)
    if change is not None:
        change(leaf)
    return cases.Case(
        chain=(leaf.build(), ca("CA 1", ca_key, "CA 2", root_key).build()),
        key_pem=leaf_key.pem,
        trusted=(ca("CA 2", root_key, "CA 2", root_key).build(),),
        curve=leaf_key.kind,
    )


@only_3_0
@pytest.mark.parametrize(
    "twist", [twist for group in TWISTS.values() for twist in group], ids=lambda twist: twist.name
)
def test_each_twist_alone(twist: Twist) -> None:
    """One certificate twisted, leaf and then CA and root, and a leaf that is trusted itself."""
    leaf_key, ca_key, root_key = Key("p256", 1), Key("p256", 2), Key("p256", 3)
    for place in range(3):
        plans = [
            end_entity(["dns www.example.test"], "leaf", leaf_key, "CA 1", ca_key),
            ca("CA 1", ca_key, "CA 2", root_key),
            ca("CA 2", root_key, "CA 2", root_key),
        ]
        twist.apply(plans[place])
        leaf, issuer, root = (plan.build() for plan in plans)
        for flags in (0x8000, 0x88020):
            settings = cases.Settings(flags=flags)
            compare(cases.Case((leaf, issuer), leaf_key.pem, (root,), settings=settings, curve="p256"))
            if place == 0:
                compare(cases.Case((leaf,), leaf_key.pem, (leaf,), settings=settings, curve="p256"))


class TestHarness:
    @pytest.mark.parametrize("kind", KINDS)
    def test_every_kind_of_key_is_judged(self, kind: str) -> None:
        """As a leaf's and as a CA's, both sides come to a verdict."""
        for kinds in ((kind, "p256"), ("p256", kind)):
            outcome = compare(three(kinds=kinds))
            assert outcome.kind in {"accepted", "refused", "stricter"}, (kinds, outcome)
            server = dataclasses.replace(three(kinds=kinds), settings=cases.Settings(verifier_is_server=True))
            assert compare(server).kind == outcome.kind

    def test_malformed_extensions_of_a_leaf_are_presented(self) -> None:
        """`ssl` does not load such a certificate as its own, but judges it."""
        (malformed,) = (twist for twist in TWISTS["usage"] if twist.name == "keyUsage NULL")
        assert str(compare(three(malformed.apply))) == "refused: 20"

    @pytest.mark.parametrize(
        ("theirs", "complaint"),
        [
            (Judgement(accepts=False, code=62, message="no"), "false accept"),
            (Judgement(accepts=False, message="no handshake"), "false accept"),
            (Judgement(accepts=False, message="chain unreadable"), "false accept"),
        ],
    )
    def test_a_false_accept_is_a_breach(
        self, theirs: Judgement, complaint: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Whatever `ssl` says against the chain."""
        monkeypatch.setattr(verdicts, "ssl_verdict", lambda _: theirs)
        with pytest.raises(verdicts.Breach, match=complaint):
            compare(three())

    @pytest.mark.parametrize(
        ("code", "message"), [(10, "certificate has expired"), (62, "another text"), (None, "")]
    )
    def test_another_code_or_text_is_a_breach(
        self, code: int | None, message: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A refusal here has to be the refusal there."""
        refused = dataclasses.replace(three(), settings=cases.Settings(host="other.test"))
        assert str(compare(refused)) == "refused: 62"
        theirs = Judgement(accepts=code is None, code=code, message=message)
        monkeypatch.setattr(verdicts, "ssl_verdict", lambda _: theirs)
        with pytest.raises(verdicts.Breach):
            compare(refused)

    def test_reasons_are_those_of_the_document(self) -> None:
        """None of them is a finding of OpenSSL's, but the two that tell which list or extension it was."""
        assert {"proof_encoding", "algorithm_not_supported", "budget_exhausted"} <= verdicts.listed_reasons()
        assert not {"expired", "hostname_mismatch", "issuer_not_found"} & verdicts.listed_reasons()

    def test_a_breach_shrinks_into_a_file_that_replays(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The smallest case, its settings and what it is made of, in one command."""

        def broken(case: cases.Case) -> verdicts.Outcome:
            if len(case.chain) > 1 and not case.settings.verifier_is_server:
                raise verdicts.Breach("on purpose")
            return verdicts.Outcome("accepted")

        monkeypatch.setattr(run, "compare", broken)
        totals = run.run(50, seed=3, folder=tmp_path)
        (breach,) = totals.breaches
        file = breach.split()[-1]
        case = cases.read(Path(file))
        assert len(case.chain) == 2
        assert case.settings == cases.Settings()
        assert cases.parse(cases.text(case)) == case
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, str(COMMAND), "replay", file], check=False, capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "contract: " in done.stdout
        assert "python tests/crosscheck replay" in breach

    def test_the_seed_fixes_what_is_generated(self, tmp_path: Path) -> None:
        """Keys and signatures aside."""
        first, second = (run.run(40, seed=5, folder=tmp_path) for _ in range(2))
        assert first.outcomes == second.outcomes
