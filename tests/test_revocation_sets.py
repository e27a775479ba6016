"""What browsers publish of revoked certificates, read offline: OneCRL, CRLSet and CRLite."""

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
from support.transparency import Log, ct_logs, logged, sct_list, x509_entry

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


LOG, OTHER_LOG = Log("A"), Log("B")
COVERED = pki.at(2026, 1, 1), pki.at(2026, 5, 20)
LOGGED = pki.at(2026, 3, 1)


def milliseconds(when: datetime.datetime) -> int:
    return int(when.timestamp() * 1000)


def crlite(
    issuers: Mapping[bytes, Iterable[bytes]] | None = None,
    *,
    logs: Mapping[bytes, tuple[datetime.datetime, datetime.datetime]] | None = None,
    form: int = 4,
    **more: Any,
) -> bytes:
    """A filter without columns: of all certificates of an issuer it would say that they are in its set, but
    for those listed beside it. Inverted, these are revoked and no others."""
    issuers = issuers or {}
    logs = {LOG.id: COVERED} if logs is None else logs
    told = {
        "version": form,
        "logs": len(logs),
        "count": len(issuers),
        "size": 1,
        "start": 0,
        "rank": 0,
        "inverted": 1,
        "columns": 0,
    }
    told |= more

    def number(width: int, value: int) -> bytes:
        return value.to_bytes(8, "little") if form == 3 else value.to_bytes(width, "big")

    out = struct.pack("<H", told["version"]) + number(2, told["logs"])
    for log, ends in logs.items():
        out += log + b"".join(number(8, milliseconds(end)) for end in ends)
    out += number(4, told["count"])
    for key, serials in issuers.items():
        listed = list(serials)
        size, start = number(4, told["size"]), number(4, told["start"])
        rank, none = number(1, told["rank"]), number(4, 0)
        out += (number(4, 32) if form == 3 else b"") + key
        out += size + none + rank + start + none if form == 3 else size + rank + start + none + none
        out += bytes([told["inverted"]]) + number(2, more.get("listed", len(listed)))
        out += b"".join(number(1, len(one)) + one for one in listed)
    out += number(1, told["columns"])
    out += b"".join(number(4, 1) + number(8, 7) for _ in range(told["columns"]))
    return out + number(4, 0)


class Twice(dict[Any, Any]):
    """Whose only entry is there twice."""

    def __len__(self) -> int:
        return 2

    def items(self) -> Any:
        return [*super().items()] * 2


@pytest.fixture
def read_filter(tmp_path: Path) -> Any:
    """A filter from octets."""

    def reader(content: bytes) -> certpath.RevocationSet:
        path = tmp_path / "filter"
        path.write_bytes(content)
        return certpath.RevocationSet.crlite(path)

    return reader


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


class TestFilters:
    """CRLite answers for what it was made from, and for nothing else."""

    @staticmethod
    def judge(content: Any, *stamps: Any, policy: Any = "webpki", beside: Any = ()) -> certpath.Verdict:
        """A certificate with these timestamps, by default one of the log that is covered."""
        _, intermediate, root = pki.three()
        leaf = logged(intermediate, stamps or [(LOG, LOGGED)], serial=0x5C8)
        judges = certpath.Verifier(root.store, policy=policy, revocation_sets=[content, *beside])
        return judges.check([leaf.der, intermediate.der], pki.HOST, at=pki.AT)

    @pytest.mark.parametrize("form", [3, 4])
    @pytest.mark.parametrize("policy", ["ssl", "webpki", "rfc5280"])
    def test_what_is_revoked(self, read_filter: Any, policy: Any, form: int) -> None:
        """It is refused under every policy, with what says so."""
        issuer = key_hash(pki.three()[1])
        revoked = read_filter(crlite({issuer: [b"\5\xc8"]}, form=form))
        verdict = self.judge(revoked, policy=policy)
        assert (verdict.ok, verdict.status, verdict.verify_code) == (False, "invalid", 23)
        (finding,) = verdict.findings
        assert (finding.name, finding.depth) == ("revoked", 0)
        assert finding.facts == {"set": "crlite", "listed": "serial number"}
        assert (verdict.revoked, verdict.revoked_by, verdict.in_revocation_set) == (True, "crlite", True)
        assert verdict.revocation_sets == ("crlite: revoked",)

    @pytest.mark.parametrize("form", [3, 4])
    def test_what_is_good(self, read_filter: Any, form: int) -> None:
        """It was there when the filter was made, and was not revoked."""
        issuer = key_hash(pki.three()[1])
        for serials in ([], [b"\5\xc9"], [b"\0\5\xc8"], [b"\xc8"]):
            verdict = self.judge(read_filter(crlite({issuer: serials}, form=form)))
            assert verdict.ok
            told = verdict.revoked, verdict.in_revocation_set, verdict.revocation_sets
            assert told == (None, False, ("crlite: good",))

    def test_the_ends_of_what_is_covered(self, read_filter: Any) -> None:
        """Both belong to it, and any one timestamp will do."""
        known = read_filter(crlite({key_hash(pki.three()[1]): [b"\5\xc8"]}))
        for stamps in ([(LOG, COVERED[0])], [(LOG, COVERED[1])], [(OTHER_LOG, LOGGED), (LOG, LOGGED)]):
            assert self.judge(known, *stamps).revoked_by == "crlite"

    def test_no_knowledge(self, read_filter: Any) -> None:
        """Whatever it is not about: and then nobody knows whether it is in there."""
        _, intermediate, root = pki.three()
        issuer = key_hash(intermediate)
        second = datetime.timedelta(seconds=1)
        known = read_filter(crlite({issuer: [b"\5\xc8"]}))
        for filter_, stamps in (
            # A log that it was not made from; before and after what was covered of one.
            (known, [(OTHER_LOG, LOGGED)]),
            (known, [(LOG, COVERED[0] - second)]),
            (known, [(LOG, COVERED[1] + second)]),
            # Another issuer; no issuer; no log.
            (read_filter(crlite({key_hash(root): [b"\5\xc8"]})), []),
            (read_filter(crlite()), []),
            (read_filter(crlite({issuer: [b"\5\xc8"]}, logs={})), []),
        ):
            verdict = self.judge(filter_, *stamps)
            assert verdict.ok
            assert (verdict.revoked, verdict.revoked_by, verdict.in_revocation_set) == (None, None, None)
            assert verdict.revocation_sets == ("crlite: no_knowledge",)
            assert verdict.to_dict()["in_revocation_set"] is None
            (validation,) = verdict.to_censys()["validation"].values()
            assert validation["in_revocation_set"] is None

    def test_without_timestamps_of_its_own(self, read_filter: Any) -> None:
        """One that is sent beside the certificate may be anybody's: it counts for nothing here."""
        leaf, intermediate, root = pki.three()
        known = read_filter(crlite({key_hash(intermediate): [serial(leaf)]}))
        judges = certpath.Verifier(root.store, policy="webpki", revocation_sets=known, ct_logs=ct_logs(LOG))
        sent = sct_list([LOG.sign(x509_entry(leaf.der), LOGGED)])
        for sct in (None, sent):
            verdict = judges.check([leaf.der, intermediate.der], pki.HOST, at=pki.AT, sct=sct)
            assert (verdict.ok, verdict.revocation_sets) == (True, ("crlite: no_knowledge",))

    def test_what_had_expired_when_it_was_made(self, read_filter: Any) -> None:
        """Such certificates are left out of a filter, which may say anything of them."""
        made = COVERED[1] + datetime.timedelta(days=2)
        known = read_filter(crlite({key_hash(pki.three()[1]): [b"\5\xc8"]}))
        # Judged as of a time at which both are valid.
        for end, answer in ((made, "revoked"), (made - datetime.timedelta(seconds=1), "no_knowledge")):
            _, intermediate, root = pki.three()
            leaf = logged(intermediate, [(LOG, LOGGED)], serial=0x5C8, not_after=end)
            judges = certpath.Verifier(root.store, policy="webpki", revocation_sets=known)
            verdict = judges.check([leaf.der, intermediate.der], pki.HOST, at=LOGGED)
            assert verdict.revocation_sets == (f"crlite: {answer}",)
            assert verdict.ok is (answer == "no_knowledge")

    def test_a_ca_is_not_asked_about(self, read_filter: Any) -> None:
        """As in Firefox, even if it were logged."""
        _, _, root = pki.three()
        ca = logged(root, [(LOG, LOGGED)], subject="CA", ca=True, own_key="p256", serial=0x5C8)
        leaf = pki.issue("leaf", ca)
        known = read_filter(crlite({key_hash(root): [b"\5\xc8"]}))
        judges = certpath.Verifier(root.store, policy="webpki", revocation_sets=known)
        verdict = judges.check([leaf.der, ca.der], pki.HOST, at=pki.AT)
        assert (verdict.ok, verdict.in_revocation_set) == (True, None)

    def test_beside_other_sets(self, read: Any, read_filter: Any) -> None:
        """Each answers for itself; one that adds to another is another set."""
        issuer = key_hash(pki.three()[1])
        good, unknown = read_filter(crlite({issuer: []})), read_filter(crlite())
        revoked = read_filter(crlite({issuer: [b"\5\xc8"]}))
        verdict = self.judge(good, beside=[revoked])
        assert (verdict.ok, verdict.in_revocation_set) == (False, True)
        assert verdict.revocation_sets == ("crlite: good", "crlite: revoked")
        assert self.judge(unknown, beside=[good]).in_revocation_set is False
        assert self.judge(unknown, beside=[read([])]).in_revocation_set is False
        assert self.judge(unknown, beside=[unknown]).in_revocation_set is None

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "not a CRLite filter: no version"),
            (b"\2\0", "not a CRLite filter: a cascade"),
            (b"\5\0", "a version other than 3 and 4 is not known"),
            (b"\4\1", "a version other than 3 and 4 is not known"),
            (crlite(logs={LOG.id: COVERED}, form=3)[:-1], "last column: the file ends in it"),
            (crlite(form=3) + b"\0", "1 octets behind the last column"),
            (crlite(form=4) + b"\0", "1 octets behind the last column"),
            (crlite()[:20], "log 0 of 1: the file ends in it"),
            (crlite({b"k" * 32: []})[:70], "issuer 0 of 1: the file ends in it"),
            (crlite({b"k" * 32: []}, count=2**31, form=3), "issuer 1 of 2147483648"),
            (crlite({b"k" * 32: []}, count=2**60, form=3), "issuers: a number in it is too large"),
            (crlite({b"k" * 32: []}, inverted=2), "issuer 0 of 1: neither inverted nor not"),
            (crlite({b"k" * 32: []}, size=2**32 - 1, start=1), "issuer 0 of 1: a number in it is too large"),
            (crlite({b"k" * 32: []}, size=2**63, start=2**63, form=3), "a number in it is too large"),
            (crlite({b"k" * 32: []}, rank=2, columns=1), "columns: 1, where an issuer's certificates need 2"),
            (crlite({b"k" * 32: []}, rank=300, columns=1, form=3), "a number in it is too large"),
            (crlite({b"k" * 32: []}, listed=2**40, form=3), "too many serial numbers listed beside"),
            (crlite(Twice({b"k" * 32: []})), "issuer 1 of 2: it is in the filter before"),
            (crlite(logs=Twice({LOG.id: COVERED})), "log 1 of 2: it is in the filter before"),
        ],
        # The log's key is another one in every process, and names of tests have to be the same.
        ids=lambda value: value if isinstance(value, str) else "filter",
    )
    def test_broken(self, read_filter: Any, content: bytes, said: str) -> None:
        """The part is named."""
        with pytest.raises(ValueError, match=re.escape(said)):
            read_filter(content)

    @pytest.mark.parametrize("form", [3, 4])
    def test_truncated_anywhere(self, read_filter: Any, form: int) -> None:
        """Never a smaller filter."""
        whole = crlite({b"k" * 32: [b"\1"], b"l" * 32: []}, rank=1, columns=2, form=form)
        assert len(read_filter(whole)) == 2
        for end in range(len(whole)):
            with pytest.raises(ValueError, match="filter: "):
                read_filter(whole[:end])

    def test_longer_than_is_read(self, tmp_path: Path) -> None:
        """No more is read of a file than shows that it is too long."""
        path = tmp_path / "filter"
        with path.open("wb") as file:
            file.truncate(2**40)
        for reader in (certpath.RevocationSet.crlite, certpath.RevocationSet.onecrl):
            with pytest.raises(ValueError, match="more than the 67108864 octets that are read"):
                reader(path)


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
    def test_pickling(self, read: Any, read_filter: Any, policy: Any) -> None:
        """Another process judges alike."""
        leaf, intermediate, root = pki.three()
        sets = [read([by_serial(leaf)]), read(crlset({key_hash(intermediate): []})), read_filter(crlite())]
        judges = certpath.Verifier(root.store, policy=policy, revocation_sets=sets)
        again = pickle.loads(pickle.dumps(judges))  # noqa: S301 (our own)
        assert [repr(one) for one in again.revocation_sets] == [repr(one) for one in sets]
        assert [(one.kind, one.sequence, len(one)) for one in again.revocation_sets] == [
            ("onecrl", None, 1),
            ("crlset", 9_000, 0),
            ("crlite", None, 0),
        ]
        verdict = again.check([leaf.der, intermediate.der], pki.HOST, at=pki.AT)
        assert verdict.revoked_by == "onecrl"
        copied = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
        told = (copied.revoked_by, copied.in_revocation_set, copied.revocation_sets)
        assert told == ("onecrl", True, ("onecrl: revoked", "crlset: good", "crlite: no_knowledge"))
        unknown = certpath.Verifier(root.store, policy=policy, revocation_sets=sets[2])
        verdict = unknown.check([leaf.der, intermediate.der], pki.HOST, at=pki.AT)
        copied = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
        assert (copied, copied.in_revocation_set) == (verdict, None)

    def test_wrong_types(self) -> None:
        """Say what to write instead."""
        for wrong in (1, b"", [b""], "onecrl.json"):
            with pytest.raises(TypeError, match="revocation_sets must be a RevocationSet or an iterable"):
                certpath.Verifier(pki.three()[2].store, revocation_sets=wrong)  # type: ignore[arg-type]
        with pytest.raises(FileNotFoundError):
            certpath.RevocationSet.crlset("no-such-file")

    def test_the_command(self, tmp_path: Path) -> None:
        """``--onecrl``, ``--crlset`` and ``--crlite``, each a file of its kind."""
        from certpath.cli import main

        leaf, intermediate, root = pki.three()
        (tmp_path / "root.pem").write_text(root.pem)
        (tmp_path / "chain.pem").write_text(pki.chain_pem([leaf, intermediate]))
        (tmp_path / "onecrl.json").write_text(json.dumps({"data": [by_serial(leaf)]}))
        (tmp_path / "crl-set").write_bytes(crlset({key_hash(intermediate): []}))
        (tmp_path / "filter").write_bytes(crlite())
        command = ["check", "--at", "2026-06-01", "--roots", str(tmp_path / "root.pem"), "--policy", "webpki"]
        command += ["--crlset", str(tmp_path / "crl-set"), str(tmp_path / "chain.pem"), "-o", "jsonl"]
        for more, expected in (
            ([], (None, False, ["crlset: good"])),
            (
                ["--onecrl", str(tmp_path / "onecrl.json")],
                ("onecrl", True, ["onecrl: revoked", "crlset: good"]),
            ),
            (
                ["--crlite", str(tmp_path / "filter")],
                (None, False, ["crlset: good", "crlite: no_knowledge"]),
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
            assert main([*command, "--crlite", str(tmp_path / "crl-set")]) == 2
        assert "--onecrl" in error.getvalue()
        assert "--crlite" in error.getvalue()
