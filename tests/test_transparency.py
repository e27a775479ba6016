"""The timestamps of logs (RFC 6962): whose signature counts, over what, and what programmes make of them."""

from __future__ import annotations

import datetime
import functools
import io
import json
import pickle
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import certpath
import pytest
from support import pki
from support.transparency import (
    LIST,
    Log,
    ct_logs,
    log_list,
    logged,
    precert_entry,
    sct_list,
    second_opinion,
    vector,
    with_extensions,
    with_list,
    x509_entry,
)

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
THEN = pki.at(2026, 3, 1)
A, B, C, D = Log("A"), Log("B", "Two"), Log("C"), Log("D", "Two", kind="rsa2048")
SHORT = {"not_before": pki.at(2026, 2, 1), "not_after": pki.at(2026, 6, 15)}
"""A lifetime of 134 days."""
LONG = {"not_before": pki.at(2026, 2, 1), "not_after": pki.at(2027, 2, 1)}


def verifier(*logs: Log, policy: Any = "webpki") -> certpath.Verifier:
    return certpath.Verifier(pki.three()[2].store, policy=policy, ct_logs=ct_logs(*logs))


def judge(leaf: pki.Entity | bytes, *logs: Log, at: Any = pki.AT, **options: Any) -> certpath.Verdict:
    der = leaf if isinstance(leaf, bytes) else leaf.der
    policy = options.pop("policy", "webpki")
    return verifier(*logs, policy=policy).check([der, pki.three()[1].der], pki.HOST, at=at, **options)


@functools.cache
def certificate(*logs: Log, **options: Any) -> pki.Entity:
    """With a timestamp of each of these logs."""
    return logged(pki.three()[1], [(log, THEN) for log in logs], **options)


def short(*logs: Log) -> pki.Entity:
    return certificate(*logs, **SHORT)


def statuses(verdict: certpath.Verdict) -> list[str]:
    assert verdict.scts is not None
    return [str(one["status"]) for one in verdict.scts]


class TestSignatures:
    """A timestamp is valid if its log has signed it over this certificate."""

    def test_embedded_timestamps_of_both_kinds_of_keys(self) -> None:
        """Over the precertificate, rebuilt, with the hash of the issuer's key."""
        verdict = judge(short(A, D), A, D)
        assert verdict.scts is not None
        assert verdict.scts == (
            {
                "status": "valid",
                "log": "A",
                "operator": "One",
                "timestamp": "2026-03-01T00:00:00.000Z",
                "source": "embedded",
                "log_id": A.id.hex(),
            },
            {**verdict.scts[1], "status": "valid", "log": "D", "operator": "Two", "log_id": D.id.hex()},
        )
        assert verdict.ok
        assert (verdict.scts_valid, verdict.sct_earliest) == (2, THEN)

    @pytest.mark.parametrize("policy", ["ssl", "webpki", "rfc5280"])
    def test_timestamps_of_the_tls_extension(self, policy: str) -> None:
        """Over the certificate itself."""
        leaf = pki.issue("leaf", pki.three()[1], serial=77)
        octets = sct_list([log.sign(x509_entry(leaf.der), THEN, b"extension") for log in (A, D)])
        verdict = judge(leaf, A, D, sct=octets, policy=policy)
        assert statuses(verdict) == ["valid"] * 2
        assert [one["source"] for one in verdict.scts or ()] == ["tls"] * 2
        assert verdict.ok

    def test_real_timestamps(self) -> None:
        """Both of a certificate of 2018, by the keys of the crate ct-logs 0.9 (Apache-2.0/ISC/MIT)."""
        keys = {
            "Google 'Icarus' log": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAETtK8v7MICve56qTHHDhhBOuV4IlUaESxZryC"
            "fk9QbG9co/CqPvTsgPDbCpp6oFtyAHwlDhnvr7JijXRD9Cb2FA==",
            "Sectigo 'Mammoth' CT log": "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7+R9dC4VFbbpuyOL+yy14ceAmEf7QGlo"
            "/EmtYU6DRzwat43f/3swtLr/L8ugFOOt1YU/RFmMjGCL17ixv66MZw==",
        }
        ids = {
            "Google 'Icarus' log": "KTxRllTIOWW6qlD8WAfUt2+/WHopctykwwz05UVH9Hg=",
            "Sectigo 'Mammoth' CT log": "b1N2rDHwMRnYmQCkURX/dxUcEdkCwQApBo2yCJo32RM=",
        }
        usable = {"usable": {"timestamp": "2018-01-01T00:00:00Z"}}
        operators = [
            {
                "name": name.split()[0],
                "email": [],
                "logs": [{"description": name, "key": key, "log_id": ids[name], "state": usable}],
            }
            for name, key in keys.items()
        ]
        logs = certpath.CtLogs.from_json(json.dumps({"operators": operators}))
        pem = (EXAMPLES / "public" / "cryptography-io-2018.pem").read_bytes()
        judges = certpath.Verifier(certpath.TrustStore.mozilla(), policy="webpki", ct_logs=logs)
        verdict = judges.check(pem, "cryptography.io", at=pki.at(2018, 10, 1))
        assert statuses(verdict) == ["valid", "valid"]
        assert [one["timestamp"] for one in verdict.scts or ()] == [
            "2018-09-26T20:56:33.769Z",
            "2018-09-26T20:56:33.904Z",
        ]
        assert (verdict.ct_chrome, verdict.ct_apple) == (True, True)
        assert verdict.sct_earliest == datetime.datetime(
            2018, 9, 26, 20, 56, 33, tzinfo=datetime.timezone.utc
        )

    def test_without_the_issuer_nothing_can_be_said(self) -> None:
        """The hash of its key is signed."""
        verdict = verifier(A).check([short(A).der], pki.HOST, at=pki.AT)
        assert statuses(verdict) == ["no_issuer"]
        assert (verdict.scts_valid, verdict.sct_earliest) == (0, None)

    def test_another_issuer_of_the_same_name_has_another_key(self) -> None:
        """A timestamp for one CA does not speak for the other."""
        _, intermediate, root = pki.three()
        other = pki.issue("Intermediate", root, own_key=pki.generate("p256"), ca=True)
        leaf = logged(other, [(A, THEN)], **SHORT)
        judges = verifier(A)
        assert statuses(judges.check([leaf.der, other.der], at=pki.AT)) == ["valid"]
        under = certpath.Verifier(root.store, policy="ssl", ct_logs=ct_logs(A))
        assert statuses(under.check([leaf.der, intermediate.der], at=pki.AT)) != ["valid"]

    def test_a_timestamp_of_another_certificate(self) -> None:
        """A list that was copied is not signed over this certificate."""
        list_of = (
            pki.inside
        )  # the extension's value is found by its position in the one and put into the other
        foreign = certificate(A, B, serial=99, **SHORT)
        value = next(
            one
            for one in pki.elements(pki.inside(pki.inside(pki.fields(foreign.der)[-1])))
            if list_of(one).startswith(LIST)
        )
        moved = with_extensions(
            short(A, B).der,
            lambda all_: [value if pki.inside(one).startswith(LIST) else one for one in all_],
        )
        assert statuses(judge(moved, A, B)) == ["bad_signature"] * 2

    def test_the_memory_of_signatures_is_shared(self) -> None:
        """What was asked once is not computed again, and two timestamps cost two signatures."""
        judges, chain = verifier(A, B), [short(A, B).der, pki.three()[1].der]
        without = certpath.Verifier(pki.three()[2].store, policy="webpki")
        for one in (without, judges, judges):
            assert one.check(chain, pki.HOST, at=pki.AT)
        assert judges.signature_checks == without.signature_checks + 2


class TestStanding:
    """A good signature is not yet a valid timestamp."""

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            ({"pending": {"timestamp": "2020-01-01T00:00:00Z"}}, "log_pending"),
            ({"qualified": {"timestamp": "2020-01-01T00:00:00Z"}}, "valid"),
            ({"usable": {"timestamp": "2020-01-01T00:00:00Z"}}, "valid"),
            ({"readonly": {"timestamp": "2020-01-01T00:00:00Z", "final_tree_head": {}}}, "valid"),
            ({"retired": {"timestamp": "2026-05-31T00:00:00Z"}}, "log_retired"),
            ({"retired": {"timestamp": "2026-06-02T00:00:00Z"}}, "valid"),
            ({"retired": {}}, "log_retired"),
            ({"rejected": {"timestamp": "2020-01-01T00:00:00Z"}}, "log_rejected"),
            (None, "valid"),
        ],
    )
    def test_states_of_logs(self, state: dict[str, Any] | None, status: str) -> None:
        """As they are at the time of judgement."""
        log = Log("A", state=state)
        assert statuses(judge(short(A), log)) == [status]

    @pytest.mark.parametrize(
        ("interval", "status"),
        [
            (("2026-06-15T00:00:00Z", "2026-06-16T00:00:00Z"), "valid"),
            (("2026-01-01T00:00:00Z", "2026-06-15T00:00:00Z"), "outside_interval"),
            (("2026-06-15T00:00:01Z", "2027-01-01T00:00:00Z"), "outside_interval"),
        ],
    )
    def test_intervals_are_of_the_end_of_the_certificate(
        self, interval: tuple[str, str], status: str
    ) -> None:
        """The first second belongs to it, the last one does not."""
        assert statuses(judge(short(A), Log("A", interval=interval))) == [status]

    def test_a_timestamp_of_the_future(self) -> None:
        """RFC 6962 5.2: refused until that second."""
        before = THEN - datetime.timedelta(seconds=1)
        assert statuses(judge(short(A), A, at=before)) == ["in_future"]
        assert statuses(judge(short(A), A, at=THEN)) == ["valid"]

    def test_a_log_that_is_not_listed(self) -> None:
        """Whoever signs is nobody."""
        verdict = judge(short(A, B), B)
        assert statuses(verdict) == ["unknown_log", "valid"]
        assert (verdict.scts or ({},))[0]["log"] is None

    def test_the_operator_is_the_one_of_that_time(self) -> None:
        """Logs change hands."""
        earlier = {"previous_operators": [{"name": "Zero", "end_time": "2026-03-01T00:00:01Z"}]}
        (told,) = judge(short(A), Log("A", more=earlier)).scts or ()
        assert told["operator"] == "Zero"
        earlier = {"previous_operators": [{"name": "Zero", "end_time": "2026-03-01T00:00:00Z"}]}
        (told,) = judge(short(A), Log("A", more=earlier)).scts or ()
        assert told["operator"] == "One"

    def test_a_verdict_is_remembered_no_longer_than_it_holds(self) -> None:
        """A timestamp begins to count, and a log to be retired, between two rows of one chain."""
        retired = Log("A", state={"retired": {"timestamp": "2026-04-01T00:00:00Z"}})
        chain = [short(A).der, pki.three()[1].der]
        times = [THEN - datetime.timedelta(seconds=1), THEN, pki.at(2026, 3, 31), pki.at(2026, 4, 1), pki.AT]
        expected = ["in_future", "valid", "valid", "log_retired", "log_retired"]
        for order in (list(range(5)), [4, 2, 0, 3, 1]):
            judges = verifier(retired)
            for threads in (1, None):
                verdicts = judges.check_many(
                    [chain] * 5, pki.HOST, at=[times[number] for number in order], threads=threads
                )
                assert [statuses(verdict) for verdict in verdicts] == [[expected[number]] for number in order]


class TestMalformed:
    """What does not decode is said, and hides nothing else."""

    def test_lists(self) -> None:
        """A broken list is one complaint, a broken timestamp another."""
        sound = A.sign(x509_entry(short().der), THEN)
        cases = {
            b"": ["malformed"],
            b"\0\0": ["malformed"],
            sct_list([]): ["malformed"],
            sct_list([sound]) + b"\0": ["malformed"],
            sct_list([sound])[:-1]: ["malformed"],
            sct_list([b"", sound]): ["malformed"],
            sct_list([sound[:-1], sound]): ["malformed", "valid"],
            sct_list([sound + b"\0", sound]): ["malformed", "valid"],
            sct_list([b"\1" + sound[1:], sound]): ["unknown_version", "valid"],
            vector(b"\0"): ["malformed"],
        }
        for octets, expected in cases.items():
            assert statuses(judge(short(), A, sct=octets)) == expected, octets

    def test_an_extension_that_is_there_twice_or_is_none(self) -> None:
        """RFC 5280 4.2 has one, RFC 6962 3.3 an OCTET STRING."""
        leaf = short(A)
        twice = with_extensions(
            leaf.der, lambda all_: all_ + [one for one in all_ if pki.inside(one).startswith(LIST)]
        )
        assert statuses(judge(twice, A)) == ["malformed"]
        none = pki.tlv(0x30, LIST + pki.tlv(0x04, pki.tlv(0x0C, b"\0\0")))
        other = with_extensions(
            leaf.der, lambda all_: [none if pki.inside(one).startswith(LIST) else one for one in all_]
        )
        assert statuses(judge(other, A)) == ["malformed"]

    def test_too_many_cost_no_more_than_their_budget(self) -> None:
        """Thirty-two signatures at the most, however long the list is."""
        entry = x509_entry(short().der)
        octets = sct_list([A.sign(entry, THEN, bytes([number, 1])) for number in range(100)])
        judges = verifier(A)
        verdict = judges.check([short().der, pki.three()[1].der], at=pki.AT, sct=octets)
        assert statuses(verdict) == ["valid"] * 32 + ["budget"]
        assert judges.signature_checks == 32 + 2


MONTHS = {"not_before": pki.at(2021, 4, 20), "not_after": pki.at(2023, 7, 20)}
"""27 months, from the last day of Apple's table of months."""


class TestProgrammes:
    """What Chrome and Apple ask for."""

    @pytest.mark.parametrize(
        ("logs", "listed", "dates", "chrome", "apple"),
        [
            ((A, B), (A, B), SHORT, True, True),
            ((A,), (A, B), SHORT, False, False),
            ((A, C), (A, C), SHORT, False, False),
            ((A, A), (A, B), SHORT, False, False),
            ((A, B), (A, B), LONG, False, False),
            ((A, B, C), (A, B, C), LONG, True, True),
            ((A, C), (A, C), LONG, False, False),
            ((A, B), (A, B), {**SHORT, "not_after": pki.at(2026, 7, 31)}, True, False),
            ((A, B), (A, B), {**SHORT, "not_after": pki.at(2026, 7, 30)}, True, True),
            ((A, B, C), (A, B, C), MONTHS, True, True),
            ((A, B, C), (A, B, C), {**MONTHS, "not_after": pki.at(2023, 7, 21)}, True, False),
        ],
    )
    def test_by_lifetime_and_operators(
        self, logs: tuple[Log, ...], listed: tuple[Log, ...], dates: dict[str, Any], chrome: bool, apple: bool
    ) -> None:
        """Two or three of different logs, and of more than one operator."""
        then = dates["not_before"]
        leaf = logged(pki.three()[1], [(log, then) for log in logs], **dates)
        verdict = judge(leaf, *listed, at=then + datetime.timedelta(days=1))
        assert (verdict.ct_chrome, verdict.ct_apple) == (chrome, apple)

    def test_a_retired_log_counts_for_what_it_signed_before(self) -> None:
        """Beside one that is still there."""
        early = Log("A", state={"retired": {"timestamp": "2026-03-01T00:00:01Z"}})
        late = Log("A", state={"retired": {"timestamp": "2026-03-01T00:00:00Z"}})
        gone = Log("B", "Two", state={"retired": {"timestamp": "2026-03-01T00:00:01Z"}})
        told = {
            name: (verdict.ct_chrome, verdict.ct_apple)
            for name, verdict in {
                "before": judge(short(A, B), early, B),
                "after": judge(short(A, B), late, B),
                "both gone": judge(short(A, B), early, gone),
            }.items()
        }
        assert told == {"before": (True, True), "after": (False, False), "both gone": (False, False)}

    def test_a_state_that_is_not_said_leaves_it_open(self) -> None:
        """Null where it decides, and only there."""
        unsaid = Log("A", state=None)
        verdict = judge(short(A, B), unsaid, B)
        assert (verdict.scts_valid, verdict.ct_chrome, verdict.ct_apple) == (2, None, None)
        assert judge(short(A), unsaid).ct_chrome is False
        assert judge(short(A, B, D), unsaid, B, D).ct_chrome is None
        assert judge(short(A, B, C), unsaid, B, C).ct_chrome is True

    def test_tiled_logs(self) -> None:
        """Apple wants one of RFC 6962's own interface, Chrome no longer does."""
        tiled = Log("A", tiled=True), Log("B", "Two", tiled=True)
        verdict = judge(short(A, B), *tiled)
        assert (verdict.ct_chrome, verdict.ct_apple) == (True, False)
        verdict = judge(short(A, B), tiled[0], B)
        assert (verdict.ct_chrome, verdict.ct_apple) == (True, True)

    def test_deliveries(self) -> None:
        """Two sent are enough; one of each kind is for Apple alone."""
        leaf = short()
        sent = [log.sign(x509_entry(leaf.der), THEN) for log in (A, B)]
        verdict = judge(leaf, A, B, sct=sct_list(sent))
        assert (verdict.ct_chrome, verdict.ct_apple) == (True, True)
        leaf = short(A)
        verdict = judge(leaf, A, B, sct=sct_list([B.sign(x509_entry(leaf.der), THEN)]))
        assert (verdict.scts_valid, verdict.ct_chrome, verdict.ct_apple) == (2, False, True)

    def test_a_certificate_without_any(self) -> None:
        """Neither programme takes it, and the verdict does not change for that."""
        verdict = judge(short(), A)
        assert (verdict.ok, verdict.scts, verdict.ct_chrome, verdict.ct_apple) == (True, (), False, False)


class TestLists:
    """Lists of logs: all of it or an error that says where."""

    def test_what_a_list_says_of_itself(self) -> None:
        """Its number, its date, its logs."""
        logs = ct_logs(A, B, Log("T", tiled=True))
        assert (len(logs), logs.version) == (3, "3.1")
        assert logs.date == datetime.datetime(2026, 5, 31, 12, tzinfo=datetime.timezone.utc)
        assert repr(logs) == "<CtLogs 3.1 of 2026-05-31T12:00:00Z, 3 logs>"
        assert len(pickle.loads(pickle.dumps(logs))) == 3  # noqa: S301 (our own)

    def test_truncated(self, tmp_path: Path) -> None:
        """At any place, and from a file with the file's name."""
        text = log_list([A, B])
        for end in range(0, len(text) - 1, 37):
            with pytest.raises(ValueError, match="no sound JSON"):
                certpath.CtLogs.from_json(text[:end])
        path = tmp_path / "log_list.json"
        path.write_text(text[:100])
        with pytest.raises(ValueError, match=r"log_list\.json: not a list of logs: no sound JSON: .* line 1"):
            certpath.CtLogs.from_path(path)
        with pytest.raises(FileNotFoundError):
            certpath.CtLogs.from_path(tmp_path / "none")

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            (lambda top: top.update(logs=[]), "schema 1"),
            (lambda top: top.pop("operators"), "with `operators`"),
            (lambda top: top.update(operators={}), "with `operators`"),
            (lambda top: top.update(operators=[]), "without a log"),
            (lambda top: top["operators"].append(1), "operators[1]: an object expected, found a number"),
            (lambda top: top["operators"][0].pop("name"), "operators[0]: has no `name`"),
            (
                lambda top: top["operators"][0].pop("logs"),
                "operators[0]: has neither `logs` nor `tiled_logs`",
            ),
            (lambda top: _log(top).pop("key"), "operators[0].logs[0]: has no `key`"),
            (lambda top: _log(top).update(key="!"), "`key` is not base64"),
            (lambda top: _log(top).update(log_id=""), "`log_id` is not SHA-256 of `key`"),
            (lambda top: _log(top).update(state={}), "operators[0].logs[0].state: one state expected"),
            (lambda top: _log(top).update(state={"frozen": {}}), '"frozen" is not a state of the schema'),
            (
                lambda top: _log(top).update(state={"usable": {"timestamp": "soon"}}),
                'operators[0].logs[0].state.usable.timestamp: "soon" is not a time',
            ),
            (
                lambda top: _log(top).update(temporal_interval={"start_inclusive": "2026-01-01T00:00:00Z"}),
                "temporal_interval: has no `end_exclusive`",
            ),
            (
                lambda top: top["operators"][0]["logs"].append(_log(top)),
                'operators[0].logs[1]: "A" has the key of "A", which is in the list before',
            ),
        ],
    )
    def test_of_another_schema(self, change: Any, said: str) -> None:
        """Nothing is passed over in silence."""
        top = json.loads(log_list([A]))
        change(top)
        with pytest.raises(ValueError, match=re.escape(said)):
            certpath.CtLogs.from_json(json.dumps(top))

    @pytest.mark.parametrize("kind", ["p384", "ed25519", "rsa1024"])
    def test_keys_that_no_log_may_have(self, kind: str) -> None:
        """RFC 6962 2.1.4."""
        with pytest.raises(ValueError, match=r"operators\[0\].logs\[0\]: `key` is .*RFC 6962 2\.1\.4"):
            ct_logs(Log("odd", kind=kind))


def _log(top: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = top["operators"][0]["logs"][0]
    return found


class TestDoors:
    """Timestamps by every way in and out."""

    def test_without_a_list_of_logs_nothing_is_said(self) -> None:
        """And what is handed in is refused, so that it is not lost."""
        judges = certpath.Verifier(pki.three()[2].store, policy="webpki")
        chain = [short(A).der, pki.three()[1].der]
        verdict = judges.check(chain, at=pki.AT)
        told = verdict.to_dict()
        fields = ("scts", "scts_valid", "sct_earliest", "ct_chrome", "ct_apple")
        assert (
            [getattr(verdict, field) for field in fields] == [told[field] for field in fields] == [None] * 5
        )
        assert judges.ct_logs is None
        with pytest.raises(ValueError, match="sct: this verifier has no list of logs"):
            judges.check(chain, sct=b"")
        with pytest.raises(ValueError, match="scts: this verifier has no list of logs"):
            judges.check_many([chain], scts=[b""])
        table = pyarrow.table({"chain": [chain], "tls": [b""]})
        with pytest.raises(ValueError, match='sct="tls" needs a list of logs'):
            judges.check_arrow(table, name=None, at=pki.AT, sct="tls")

    def test_wrong_types(self) -> None:
        """Say what to write instead."""
        judges, chain = verifier(A), [short(A).der, pki.three()[1].der]
        with pytest.raises(TypeError, match="ct_logs must be a CtLogs or None, not dict"):
            certpath.Verifier(pki.three()[2].store, ct_logs={})  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="sct must be the octets"):
            judges.check(chain, sct="text")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="scts must be an iterable"):
            judges.check_many([chain], scts=b"")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="fewer scts than chains"):
            judges.check_many([chain, chain], scts=[None])
        odd, good = judges.check_many([chain, chain], scts=["text", None], at=pki.AT)  # type: ignore[list-item]
        assert (odd.status, good.status) == ("input_error", "ok")

    def test_rows_that_differ_in_what_was_sent_alone(self) -> None:
        """Neither within a batch nor from one to the next does a row get another row's timestamps."""
        leaf = short(A)
        chain = [leaf.der, pki.three()[1].der]
        sent = sct_list([B.sign(x509_entry(leaf.der), THEN)])
        broken = sent[:-1] + bytes([sent[-1] ^ 1])
        scts = [None, sent, broken, None, bytearray(sent), memoryview(broken)]
        expected = [1, 2, 1, 1, 2, 1]
        judges = verifier(A, B)
        for _ in range(2):
            verdicts = judges.check_many([chain] * 6, pki.HOST, at=pki.AT, scts=scts)
            assert [verdict.scts_valid for verdict in verdicts] == expected
        table = pyarrow.table(
            {"chain": [chain] * 4, "name": [pki.HOST] * 4, "sct": [None, sent, broken, sent]}
        )
        columns = pyarrow.table(judges.check_arrow(table, at=pki.AT)).to_pydict()
        assert columns["scts_valid"] == [1, 2, 1, 2]
        assert columns["ct_apple"] == [False, True, False, True]
        assert columns["sct_earliest"] == [THEN] * 4
        assert [one["status"] for one in columns["scts"][2]] == ["valid", "bad_signature"]
        assert columns["scts"][1][1] == {
            "status": "valid",
            "log": "B",
            "operator": "Two",
            "timestamp": THEN,
            "source": "tls",
            "log_id": B.id,
        }
        with pytest.raises(TypeError, match="there is no column sct, but tls_scts, which may be meant"):
            judges.check_arrow(table.rename_columns(["chain", "name", "tls_scts"]), at=pki.AT)

    @pytest.mark.parametrize("policy", ["ssl", "webpki"])
    def test_verifiers_and_verdicts_pickle(self, policy: str) -> None:
        """With their list of logs, and with what it said."""
        judges = pickle.loads(pickle.dumps(verifier(A, B, policy=policy)))  # noqa: S301 (our own)
        assert len(judges.ct_logs) == 2
        verdict = judges.check([short(A, B).der, pki.three()[1].der], pki.HOST, at=pki.AT)
        assert statuses(verdict) == ["valid"] * 2
        again = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
        assert again.to_dict()["scts"] == verdict.to_dict()["scts"] == list(verdict.scts or ())
        assert (again.ct_chrome, again.ct_apple, again.scts_valid) == (True, True, 2)

    def test_the_command(self, tmp_path: Path) -> None:
        """``--ct-logs``: chains, scans with what TLS has sent, and a list that is broken."""
        from certpath.cli import main

        leaf = short(A)
        (tmp_path / "logs.json").write_text(log_list([A, B]))
        (tmp_path / "root.pem").write_text(pki.three()[2].pem)
        (tmp_path / "chain.pem").write_text(pki.chain_pem([leaf, pki.three()[1]]))
        common = [
            "--at",
            "2026-06-01",
            "--roots",
            str(tmp_path / "root.pem"),
            "--policy",
            "webpki",
            "--name",
            pki.HOST,
        ]
        command = ["check", *common, "--ct-logs", str(tmp_path / "logs.json")]
        chain = [leaf.der, pki.three()[1].der]
        sent = sct_list([B.sign(x509_entry(leaf.der), THEN + datetime.timedelta(milliseconds=7))])
        rows = pyarrow.table({"chain": [chain, chain], "sct": [sent, None]})
        parquet.write_table(rows, tmp_path / "scan.parquet")
        told = _run(main, [*command, str(tmp_path / "chain.pem")])
        assert [(row["scts_valid"], row["ct_apple"]) for row in told] == [(1, False)]
        told = _run(main, [*command, str(tmp_path / "scan.parquet")])
        assert [(row["scts_valid"], row["ct_apple"]) for row in told] == [(2, True), (1, False)]
        assert [one["timestamp"] for one in told[1]["scts"]] == ["2026-03-01T00:00:00Z"]
        assert [one["timestamp"] for one in told[0]["scts"]][1:] == ["2026-03-01T00:00:00.007Z"]
        (tmp_path / "logs.json").write_text("{")
        with pytest.raises(SystemExit) as caught:
            _run(main, [*command, str(tmp_path / "chain.pem")])
        assert caught.value.code == 2


def _run(main: Any, words: list[str]) -> list[dict[str, Any]]:
    import contextlib

    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = main([*words, "-o", "jsonl"])
    if code == 2:
        raise SystemExit(2)
    return [json.loads(line) for line in out.getvalue().splitlines()]


LOGS = (A, B, C, D, Log("unlisted"))


def mutated(generator: random.Random, octets: bytes) -> bytes:
    """Octets with a few of them changed, or with parts gone, doubled or moved."""
    work = bytearray(octets)
    for _ in range(generator.choice([1, 1, 1, 2, 3])):
        if not work:
            break
        start = generator.randrange(len(work))
        end = min(len(work), start + generator.choice([1, 1, 2, 8, 47, 120]))
        match generator.randrange(6):
            case 0:
                work[start] ^= 1 << generator.randrange(8)
            case 1:
                work[start] = generator.choice([0, 1, 0xFF, work[start] ^ 0x80])
            case 2:
                del work[start:end]
            case 3:
                work[start:start] = work[start:end]
            case 4:
                piece = bytes(work[start:end])
                del work[start:end]
                place = generator.randrange(len(work) + 1)
                work[place:place] = piece
            case _:
                work = work[:start]
    return bytes(work)


@functools.cache
def _signed(log: Log, entry: bytes, extensions: bytes) -> bytes:
    return log.sign(entry, THEN, extensions)


def mutated_list(generator: random.Random, entry: bytes, other: bytes) -> bytes:
    """A list of timestamps, sound ones and others among them."""
    scts = []
    for _ in range(generator.choice([0, 1, 1, 2, 3])):
        log = generator.choice(LOGS)
        over = generator.choice([entry, entry, entry, other])
        sct = _signed(log, over, generator.choice([b"", b"", b"\1\2\3"]))
        if generator.random() < 0.5:
            sct = mutated(generator, sct)
        if generator.random() < 0.1:
            sct = bytes([generator.choice([1, 2, 255])]) + sct[1:]
        scts.append(sct)
    octets = sct_list(scts)
    return mutated(generator, octets) if generator.random() < 0.3 else octets


def agreed(count: int, seed: int) -> Counter[str]:
    """Judges mutated lists and certificates, compares each timestamp with the second opinion, counts them."""
    generator = random.Random(seed)
    _, intermediate, _ = pki.three()
    leaf = short(A, D)
    judges, listed = verifier(*LOGS[:4]), LOGS[:4]
    embedded_entry, plain_entry = precert_entry(leaf.der, intermediate.certificate), x509_entry(leaf.der)
    chains, scts, opinions = [], [], []
    for _ in range(count):
        der, sent = leaf.der, None
        octets = mutated_list(generator, embedded_entry, plain_entry)
        entry: bytes | None = embedded_entry
        match generator.randrange(4):
            case 0:
                der = with_list(leaf.der, octets)
            case 1:
                # A mutated precertificate: no log has signed this one.
                der = mutated(generator, with_list(leaf.der, octets))
                octets, entry = _list_of(der), None
            case _:
                octets = mutated_list(generator, plain_entry, embedded_entry)
                sent, entry = octets, plain_entry
        chains.append([der, intermediate.der])
        scts.append(sent)
        opinions.append((octets, entry, der))
    counted: Counter[str] = Counter()
    verdicts = judges.check_many(chains, pki.HOST, at=pki.AT, scts=scts)
    for verdict, sent, (octets, signed_entry, der) in zip(verdicts, scts, opinions, strict=True):
        source = "embedded" if sent is None else "tls"
        told = [str(one["status"]) for one in verdict.scts or () if one["source"] == source]
        counted.update(told)
        entry = signed_entry
        if entry is None:
            entry = _entry_of(der, intermediate)
            if entry is None or octets is None:
                # Nothing that a log could have signed.
                assert "valid" not in told
                counted["mutated certificates without an opinion"] += 1
                continue
            counted["mutated certificates"] += 1
            signed = sum(opinion.is_signed is True for opinion in second_opinion(octets, entry, listed) or ())
            assert told.count("valid") <= signed, (octets.hex(), der.hex())
            continue
        expected = second_opinion(octets, entry, listed)
        if expected is None:
            assert told == ["malformed"], octets.hex()
            continue
        assert len(told) == len(expected), octets.hex()
        for status, opinion in zip(told, expected, strict=True):
            assert (status == "valid") == (opinion.is_signed is True), (octets.hex(), der.hex())
            assert (status == "bad_signature") == (opinion.is_signed is False), (octets.hex(), der.hex())
    return counted


def _list_of(der: bytes) -> Any:
    """The octets of the list in a certificate; ``None`` where this implementation finds none."""
    try:
        extensions = pki.elements(pki.inside(pki.inside(pki.fields(der)[-1])))
        (one,) = [one for one in extensions if pki.inside(one).startswith(LIST)]
        return pki.inside(pki.inside(pki.elements(pki.inside(one))[-1]))
    except (IndexError, ValueError, AssertionError):
        return None


def _entry_of(der: bytes, issuer: pki.Entity) -> bytes | None:
    try:
        return precert_entry(der, issuer.certificate)
    except (IndexError, ValueError, AssertionError):
        return None


def test_no_signature_is_valid_that_another_implementation_calls_invalid() -> None:
    """Mutated lists and certificates, each timestamp checked with `cryptography`, too: both say the same."""
    counted = agreed(2_000, seed=6962)
    for status in ("valid", "bad_signature", "unknown_log", "malformed", "unknown_version"):
        assert counted[status] > 50, counted
    assert counted["mutated certificates"] > 100, counted
