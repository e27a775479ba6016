"""What browsers publish of revoked certificates, read offline: OneCRL and CRLSet."""

from __future__ import annotations

import base64
import contextlib
import datetime
import io
import json
import pickle
import re
import struct
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from cryptography.hazmat.primitives import hashes, serialization
from support import pki

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

UNTIL = pki.at(2026, 7, 1)


def sha256(octets: bytes) -> bytes:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(octets)
    return digest.finalize()


def text(octets: bytes) -> str:
    return base64.b64encode(octets).decode()


def key_hash(entity: pki.Entity) -> bytes:
    kinds = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return sha256(entity.certificate.public_key().public_bytes(*kinds))


def subject(entity: pki.Entity) -> bytes:
    return entity.certificate.subject.public_bytes()


def serial(entity: pki.Entity) -> bytes:
    return pki.inside(pki.fields(entity.der)[1])


def by_serial(entity: pki.Entity) -> dict[str, Any]:
    issuer = entity.certificate.issuer.public_bytes()
    return {"issuerName": text(issuer), "serialNumber": text(serial(entity)), "enabled": False, "id": "a"}


def by_key(entity: pki.Entity) -> dict[str, Any]:
    return {"subject": text(subject(entity)), "pubKeyHash": text(key_hash(entity)), "details": {}}


def crlset(
    parents: Mapping[bytes, Iterable[bytes]] | None = None,
    *,
    until: datetime.datetime | None = UNTIL,
    **header: Any,
) -> bytes:
    """Chromium's net/cert/crl_set.h."""
    parents = parents or {}
    told = {
        "Version": 0,
        "ContentType": "CRLSet",
        "Sequence": 9_000,
        "DeltaFrom": 0,
        "NumParents": len(parents),
    }
    told |= {"BlockedSPKIs": [], "NotAfter": 0 if until is None else int(until.timestamp())} | header
    encoded = json.dumps(told).encode()
    out = struct.pack("<H", len(encoded)) + encoded
    for key, serials in parents.items():
        listed = list(serials)
        out += key + struct.pack("<I", len(listed)) + b"".join(bytes([len(one)]) + one for one in listed)
    return out


@pytest.fixture
def read(tmp_path: Path) -> Any:
    """A set from octets, or from records."""

    def reader(content: bytes | list[dict[str, Any]]) -> certpath.RevocationSet:
        path = tmp_path / "set"
        if isinstance(content, bytes):
            path.write_bytes(content)
            return certpath.RevocationSet.crlset(path)
        path.write_text(json.dumps({"data": content}))
        return certpath.RevocationSet.onecrl(path)

    return reader


def judge(
    *sets: certpath.RevocationSet, at: Any = pki.AT, policy: Any = "webpki", **options: Any
) -> certpath.Verdict:
    leaf, intermediate, root = pki.three()
    judges = certpath.Verifier(root.store, policy=policy, revocation_sets=sets, **options)
    return judges.check([leaf.der, intermediate.der], pki.HOST, at=at)


class TestListed:
    """Whatever is listed is revoked, under every policy."""

    @pytest.mark.parametrize("policy", ["ssl", "webpki", "rfc5280"])
    @pytest.mark.parametrize(
        ("kind", "content", "depth", "listed"),
        [
            ("onecrl", lambda leaf, _ca, _root: [by_serial(leaf)], 0, "serial number"),
            ("onecrl", lambda _leaf, ca, _root: [by_serial(ca)], 1, "serial number"),
            ("onecrl", lambda _leaf, ca, _root: [by_key(ca)], 1, "subject and key"),
            (
                "crlset",
                lambda leaf, ca, _root: crlset({key_hash(ca): [b"\1", serial(leaf)]}),
                0,
                "serial number",
            ),
            (
                "crlset",
                lambda _leaf, ca, root: crlset({key_hash(root): [b"\0" + serial(ca)]}),
                1,
                "serial number",
            ),
            ("crlset", lambda leaf, _ca, _root: crlset(BlockedSPKIs=[text(key_hash(leaf))]), 0, "key"),
            ("crlset", lambda _leaf, _ca, root: crlset(BlockedSPKIs=[text(key_hash(root))]), 2, "key"),
            (
                "crlset",
                lambda _leaf, ca, _root: crlset(BlockedInterceptionSPKIs=[text(key_hash(ca))]),
                1,
                "key",
            ),
            (
                "crlset",
                lambda leaf, ca, _root: crlset(
                    LimitedSubjects={text(sha256(subject(ca))): [text(key_hash(leaf))]}
                ),
                1,
                "subject",
            ),
        ],
    )
    def test_by_each_way_of_listing(
        self, read: Any, policy: str, kind: str, content: Any, depth: int, listed: str
    ) -> None:
        """The finding says which set, and by what."""
        verdict = judge(read(content(*pki.three())), policy=policy)
        finding = verdict.findings[0]
        assert (verdict.ok, verdict.status, verdict.verify_code) == (False, "invalid", 23)
        assert (finding.name, finding.depth) == ("revoked", depth)
        assert finding.facts == {"set": kind, "listed": listed}
        assert (verdict.revoked, verdict.revoked_by, verdict.in_revocation_set) == (True, kind, True)
        assert verdict.to_dict()["revoked_by"] == kind
        assert any(kind in remedy.text for remedy in verdict.remedies)

    def test_what_is_listed_of_others_says_nothing(self, read: Any) -> None:
        """The serial number alone, the name with another key, the key with another name."""
        leaf, intermediate, root = pki.three()
        for content in (
            [{**by_serial(leaf), "issuerName": text(subject(root))}],
            [{**by_key(intermediate), "pubKeyHash": text(key_hash(leaf))}],
            [{**by_key(intermediate), "subject": text(subject(leaf))}],
            crlset({key_hash(root): [serial(leaf)]}),
            crlset({key_hash(intermediate): [serial(leaf)[:-1], serial(leaf) + b"\0"]}),
            crlset(LimitedSubjects={text(sha256(subject(leaf))): [text(key_hash(leaf))]}),
        ):
            verdict = judge(read(content))
            assert verdict.ok, content
            assert (verdict.revoked, verdict.revoked_by, verdict.in_revocation_set) == (None, None, False)

    def test_another_path_is_taken(self, read: Any) -> None:
        """A search goes around a revoked CA where there is a way."""
        leaf, intermediate, root = pki.three()
        again = pki.issue("Intermediate", root, own_key=intermediate.key, ca=True)
        revoked = read([by_serial(intermediate)])
        judges = certpath.Verifier(root.store, policy="webpki", revocation_sets=revoked)
        verdict = judges.check([leaf.der, intermediate.der, again.der], pki.HOST, at=pki.AT)
        assert verdict.ok
        assert verdict.path_sha256[1] == again.sha256
        assert verdict.in_revocation_set is False

    def test_beside_revocation_lists(self, read: Any) -> None:
        """Both say so, and the list does not take the set's word back."""
        leaf, intermediate, _ = pki.three()
        good = pki.crl(intermediate, [])
        verdict = judge(read([by_serial(leaf)]), crls=good)
        assert (verdict.revoked, verdict.revoked_by) == (True, "onecrl")
        listed = pki.crl(intermediate, [(leaf.certificate.serial_number, None)])
        verdict = judge(read([]), crls=listed)
        assert (verdict.revoked, verdict.revoked_by, verdict.in_revocation_set) == (True, "crl", False)


class TestKnowledge:
    """That a set says nothing is not that all is well."""

    def test_each_set_answers_for_itself(self, read: Any) -> None:
        """In the order of the sets."""
        leaf, intermediate, root = pki.three()
        cases = {
            "onecrl: no_knowledge": [by_serial(intermediate)],
            "onecrl: revoked": [by_serial(leaf)],
            "crlset: good": crlset({key_hash(intermediate): [b"\1"]}),
            "crlset: no_knowledge": crlset({key_hash(root): [b"\1"]}),
            "crlset: revoked": crlset({key_hash(intermediate): [serial(leaf)]}),
        }
        for answer, content in cases.items():
            assert judge(read(content)).revocation_sets == (answer,)
        verdict = judge(*(read(content) for content in cases.values()))
        assert verdict.revocation_sets == tuple(cases)
        assert verdict.to_dict()["revocation_sets"] == list(cases)

    def test_without_a_set(self) -> None:
        """Null, and in Censys' words, too."""
        verdict = judge()
        fields = (verdict.revoked_by, verdict.in_revocation_set, verdict.revocation_sets)
        assert fields == (None, None, None)
        (validation,) = verdict.to_censys()["validation"].values()
        assert validation["in_revocation_set"] is None

    def test_in_the_words_of_censys(self, read: Any) -> None:
        """Whether the path has a listed certificate."""
        leaf, intermediate, _ = pki.three()
        for content, listed in (([], False), ([by_serial(leaf)], True), ([by_key(intermediate)], True)):
            (validation,) = judge(read(content)).to_censys()["validation"].values()
            assert validation["in_revocation_set"] is listed

    def test_a_set_that_is_out_of_date(self, read: Any) -> None:
        """It knows nothing good any more, and what it lists stays revoked; also from row to row."""
        leaf, intermediate, root = pki.three()
        judges = certpath.Verifier(
            root.store,
            policy="webpki",
            revocation_sets=read(crlset({key_hash(intermediate): [b"\1"]})),
        )
        times = [UNTIL, UNTIL + datetime.timedelta(seconds=1), UNTIL - datetime.timedelta(days=9)]
        chain = [leaf.der, intermediate.der]
        for _ in range(2):
            verdicts = judges.check_many([chain] * 3, pki.HOST, at=times)
            told = [verdict.revocation_sets for verdict in verdicts]
            assert told == [("crlset: good",), ("crlset: no_knowledge",), ("crlset: good",)]
        listed = read(crlset({key_hash(intermediate): [serial(leaf)]}))
        assert judge(listed, at=times[1]).revoked is True
        assert judge(read(crlset({key_hash(intermediate): []}, until=None))).revocation_sets == (
            "crlset: good",
        )


class TestBroken:
    """All of a set or an error that says where."""

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            ("{", "not a OneCRL: no sound JSON"),
            ("1", "not a OneCRL: an array of records expected"),
            ('{"records": []}', "not a OneCRL: an array of records expected"),
            ('{"data": [1]}', "data[0]: an object expected"),
            (
                '{"changes": [{"issuerName": "AA=="}]}',
                "changes[0]: neither `issuerName` and `serialNumber` nor",
            ),
            ('[{"subject": "AA==", "pubKeyHash": "AA=="}]', "records[0]: `pubKeyHash` is not a SHA-256"),
            ('[{"issuerName": "!", "serialNumber": "AA=="}]', "records[0]: `issuerName` is not base64"),
            ('[{"issuerName": "AA==", "serialNumber": 1}]', "records[0]: `serialNumber` is not base64"),
        ],
    )
    def test_onecrl(self, tmp_path: Path, content: str, said: str) -> None:
        """With the record."""
        path = tmp_path / "onecrl.json"
        path.write_text(content)
        with pytest.raises(ValueError, match=re.escape(said)):
            certpath.RevocationSet.onecrl(path)

    def test_what_a_onecrl_may_look_like(self, tmp_path: Path) -> None:
        """An array, ``data`` or ``changes``; what was taken away is not in it."""
        leaf, intermediate, _ = pki.three()
        path = tmp_path / "onecrl.json"
        records = [by_serial(leaf), by_key(intermediate), by_serial(leaf), {"id": "b", "deleted": True}]
        for content in (records, {"data": records}, {"changes": records, "timestamp": 1}):
            path.write_text("\ufeff" + json.dumps(content), encoding="utf-8")
            assert len(certpath.RevocationSet.onecrl(path)) == 2

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "not a CRLSet: no length of a header"),
            (b"Cr24", "unpack the file `crl-set` from it"),
            (b"\xff\xff{}", "not a CRLSet: its header is longer than the file"),
            (b"\2\0{]", "not a CRLSet: no JSON in its header"),
            (b"\2\0[]", "not a CRLSet: no JSON object in its header"),
            (b"\2\0{}", "not a CRLSet: the `ContentType` of its header is another"),
            (crlset(Version=1), "header: a `Version` other than 0 is not known"),
            (crlset(DeltaFrom=8_999), "header: `DeltaFrom`: a difference of two sets is not a set"),
            (crlset(Sequence="1"), "header: `Sequence` is not a number of a CRLSet"),
            (crlset(NumParents=-1), "header: `NumParents` is not a number of a CRLSet"),
            (crlset(NotAfter="x"), "header: `NotAfter` is not a number of a CRLSet"),
            (crlset(BlockedSPKIs=["AA=="]), "header: BlockedSPKIs[0]: a SHA-256 in base64 expected"),
            (crlset(BlockedSPKIs={}), "header: BlockedSPKIs: an array expected"),
            (crlset(LimitedSubjects=[]), "header: LimitedSubjects: an object expected"),
            (crlset(LimitedSubjects={"AA==": []}), "a SHA-256 in base64 expected"),
            (crlset({b"k" * 32: [b"\1"]}, NumParents=2), "parent 1 of 2: the file ends in it"),
            (crlset({b"k" * 32: [b"\1"]}, NumParents=2**60), "parent 1 of 1152921504606846976"),
            (crlset({b"k" * 32: [b"\1"]}) + b"\0", "1 octets behind the last of 1 parents"),
            (
                crlset(NumParents=2) + 2 * (b"k" * 32 + bytes(4)),
                "parent 1 of 2: its key is in the set before",
            ),
        ],
    )
    def test_crlset(self, read: Any, content: bytes, said: str) -> None:
        """With the part."""
        with pytest.raises(ValueError, match=re.escape(said)):
            read(content)

    def test_truncated_anywhere(self, read: Any) -> None:
        """Never a smaller set."""
        whole = crlset({b"k" * 32: [b"\1\2\3", b"\4"], b"l" * 32: [b"\5"]})
        assert len(read(whole)) == 3
        for end in range(len(whole)):
            with pytest.raises(ValueError, match="set: "):
                read(whole[:end])


class TestDoors:
    """In and out."""

    @pytest.mark.parametrize("policy", ["ssl", "webpki"])
    def test_pickling(self, read: Any, policy: Any) -> None:
        """Another process judges alike."""
        leaf, intermediate, root = pki.three()
        sets = [read([by_serial(leaf)]), read(crlset({key_hash(intermediate): []}))]
        judges = certpath.Verifier(root.store, policy=policy, revocation_sets=sets)
        again = pickle.loads(pickle.dumps(judges))  # noqa: S301 (our own)
        assert [repr(one) for one in again.revocation_sets] == [repr(one) for one in sets]
        assert [(one.kind, one.sequence, len(one)) for one in again.revocation_sets] == [
            ("onecrl", None, 1),
            ("crlset", 9_000, 0),
        ]
        verdict = again.check([leaf.der, intermediate.der], pki.HOST, at=pki.AT)
        assert verdict.revoked_by == "onecrl"
        copied = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
        told = (copied.revoked_by, copied.in_revocation_set, copied.revocation_sets)
        assert told == ("onecrl", True, ("onecrl: revoked", "crlset: good"))

    def test_wrong_types(self) -> None:
        """Say what to write instead."""
        for wrong in (1, b"", [b""], "onecrl.json"):
            with pytest.raises(TypeError, match="revocation_sets must be a RevocationSet or an iterable"):
                certpath.Verifier(pki.three()[2].store, revocation_sets=wrong)  # type: ignore[arg-type]
        with pytest.raises(FileNotFoundError):
            certpath.RevocationSet.crlset("no-such-file")

    def test_the_command(self, tmp_path: Path) -> None:
        """``--onecrl`` and ``--crlset``, each a file of its kind."""
        from certpath.cli import main

        leaf, intermediate, root = pki.three()
        (tmp_path / "root.pem").write_text(root.pem)
        (tmp_path / "chain.pem").write_text(pki.chain_pem([leaf, intermediate]))
        (tmp_path / "onecrl.json").write_text(json.dumps({"data": [by_serial(leaf)]}))
        (tmp_path / "crl-set").write_bytes(crlset({key_hash(intermediate): []}))
        command = ["check", "--at", "2026-06-01", "--roots", str(tmp_path / "root.pem"), "--policy", "webpki"]
        command += ["--crlset", str(tmp_path / "crl-set"), str(tmp_path / "chain.pem"), "-o", "jsonl"]
        for more, expected in (
            ([], (None, False, ["crlset: good"])),
            (
                ["--onecrl", str(tmp_path / "onecrl.json")],
                ("onecrl", True, ["onecrl: revoked", "crlset: good"]),
            ),
        ):
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                main([*command, *more])
            (row,) = [json.loads(line) for line in out.getvalue().splitlines()]
            assert (row["revoked_by"], row["in_revocation_set"], row["revocation_sets"]) == expected
        error = io.StringIO()
        with contextlib.redirect_stderr(error):
            assert main([*command, "--onecrl", str(tmp_path / "crl-set")]) == 2
        assert "--onecrl" in error.getvalue()
