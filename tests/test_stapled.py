"""OCSP responses that are handed in beside a chain: who may speak, when, about what, and what comes of it."""

from __future__ import annotations

import datetime
import functools
import hashlib
import pickle
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import certpath
import pyarrow
import pyarrow.parquet
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID
from support import pki
from support.transparency import Log, ct_logs, sct_list, x509_entry
from test_profiles import ICA, ROOT_CA, leaf

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

THIS, NEXT = pki.at(2026, 5, 31), pki.at(2026, 6, 7)
REVOKED = pki.at(2026, 5, 1)
SEARCHING = ("webpki", "rfc5280", "cabf")
SIGNING = ExtendedKeyUsageOID.OCSP_SIGNING
ANY = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
ECDSA_SHA256 = bytes.fromhex("300a06082a8648ce3d040302")
SHA1, SHA256 = "300906052b0e03021a0500", "300d06096086480165030402010500"
GOOD, UNKNOWN = b"\x80\0", b"\x82\0"


@functools.cache
def delegate(
    *purposes: x509.ObjectIdentifier,
    by: str = "issuer",
    until: datetime.datetime = pki.NOT_AFTER,
    bits: Sequence[str] = ("digital_signature",),
) -> pki.Entity:
    """Whoever signs responses for the intermediate; `by` says who has issued him."""
    _, intermediate, root = pki.three()
    impostor = pki.issue("Intermediate", own_key=pki.key("p256", "impostor"), ca=True)
    issuer = {"issuer": intermediate, "root": root, "impostor": impostor}[by]
    extensions: list[tuple[x509.ExtensionType, bool]] = [(pki.usage(*bits), True)]
    if purposes:
        extensions.append((x509.ExtendedKeyUsage(purposes), False))
    without = () if purposes else (x509.ExtendedKeyUsage,)
    return pki.issue("Responder", issuer, host=None, extensions=extensions, without=without, not_after=until)


def built(
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    *,
    signer: pki.Entity | None = None,
    by_key: bool = False,
    digest: hashes.HashAlgorithm | None = None,
    this: datetime.datetime = THIS,
    until: datetime.datetime | None = NEXT,
    reason: x509.ReasonFlags | None = None,
    of: pki.Entity | None = None,
    issuer: pki.Entity | None = None,
    without_certificate: bool = False,
) -> bytes:
    """A response as `cryptography` builds it: by the intermediate itself, unless somebody else signs."""
    leaf, intermediate, _ = pki.three()
    revoked = status is ocsp.OCSPCertStatus.REVOKED
    responder = signer or intermediate
    kinds = {True: ocsp.OCSPResponderEncoding.HASH, False: ocsp.OCSPResponderEncoding.NAME}
    builder = (
        ocsp.OCSPResponseBuilder()
        .add_response(
            (of or leaf).certificate,
            (issuer or intermediate).certificate,
            digest or hashes.SHA1(),  # noqa: S303 (what RFC 5019 asks for)
            status,
            this,
            until,
            REVOKED if revoked else None,
            reason,
        )
        .responder_id(kinds[by_key], responder.certificate)
    )
    if signer is not None and not without_certificate:
        builder = builder.certificates([signer.certificate])
    response = builder.sign(responder.key, hashes.SHA256())
    return response.public_bytes(serialization.Encoding.DER)


def time(moment: datetime.datetime) -> bytes:
    return pki.tlv(0x18, moment.strftime("%Y%m%d%H%M%SZ").encode())


def single(
    status: bytes = GOOD,
    *,
    algorithm: str = SHA1,
    serial: bytes | None = None,
    this: datetime.datetime = THIS,
    until: datetime.datetime | None = NEXT,
    extensions: bytes = b"",
) -> bytes:
    """A SingleResponse, written by hand."""
    leaf, intermediate, _ = pki.three()
    digest = hashlib.sha1 if algorithm == SHA1 else hashlib.sha256
    spki = pki.elements(pki.inside(pki.fields(intermediate.der)[6]))
    hashed = [
        digest(leaf.certificate.issuer.public_bytes()).digest(),
        digest(pki.inside(spki[1])[1:]).digest(),
    ]
    wanted = serial or pki.fields(leaf.der)[1]
    about = bytes.fromhex(algorithm) + b"".join(pki.tlv(4, one) for one in hashed) + wanted
    parts = pki.tlv(0x30, about) + status + time(this)
    parts += pki.tlv(0xA0, time(until)) if until else b""
    parts += pki.tlv(0xA1, pki.tlv(0x30, extensions)) if extensions else b""
    return pki.tlv(0x30, parts)


def response(
    singles: Iterable[bytes],
    *,
    signer: pki.Entity | None = None,
    extensions: bytes = b"",
    certificates: bytes = b"",
) -> bytes:
    """An OCSPResponse with these, written by hand."""
    signer = signer or pki.three()[1]
    data = pki.tlv(0xA1, signer.certificate.subject.public_bytes()) + time(THIS)
    data += pki.tlv(0x30, b"".join(singles))
    data += pki.tlv(0xA1, pki.tlv(0x30, extensions)) if extensions else b""
    tbs = pki.tlv(0x30, data)
    assert isinstance(signer.key, ec.EllipticCurvePrivateKey)
    signature = signer.key.sign(tbs, ec.ECDSA(hashes.SHA256()))
    basic = tbs + ECDSA_SHA256 + pki.tlv(3, b"\0" + signature)
    basic += pki.tlv(0xA0, pki.tlv(0x30, certificates)) if certificates else b""
    kind = bytes.fromhex("06092b0601050507300101")
    return pki.tlv(0x30, b"\x0a\1\0" + pki.tlv(0xA0, pki.tlv(0x30, kind + pki.tlv(4, pki.tlv(0x30, basic)))))


def revoked(reason: int | None = None) -> bytes:
    told = pki.tlv(0xA0, bytes([0x0A, 1, reason])) if reason is not None else b""
    return pki.tlv(0xA1, time(REVOKED) + told)


def extension(oid: str, value: bytes, *, critical: bool = False) -> bytes:
    encoded = x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value)
    name = pki.elements(pki.inside(_algorithm(encoded.oid)))[0]
    return pki.tlv(0x30, name + (b"\1\1\xff" if critical else b"") + pki.tlv(4, value))


def _algorithm(oid: x509.ObjectIdentifier) -> bytes:
    """A SEQUENCE with an OID in it, as `cryptography` writes it."""
    return x509.ExtendedKeyUsage([oid]).public_bytes()


def chain() -> list[bytes]:
    leaf, intermediate, _ = pki.three()
    return [leaf.der, intermediate.der]


def verifier(policy: Any = "webpki", **options: Any) -> certpath.Verifier:
    return certpath.Verifier(pki.three()[2].store, policy=policy, **options)


def judge(
    sent: bytes | None, *, policy: Any = "webpki", at: Any = pki.AT, **options: Any
) -> certpath.Verdict:
    return verifier(policy, **options).check(chain(), pki.HOST, at=at, ocsp=sent)


def told(verdict: certpath.Verdict) -> str | None:
    """The status, or why there is none."""
    return verdict.ocsp_problem or verdict.ocsp_status


def flipped(octets: bytes, index: int) -> bytes:
    index %= len(octets)
    return octets[:index] + bytes([octets[index] ^ 1]) + octets[index + 1 :]


STATUS = ocsp.OCSPCertStatus
CASES: dict[str, tuple[Any, str]] = {
    "the issuer, by name": (built, "good"),
    "the issuer, by its key": (lambda: built(by_key=True), "good"),
    "hashed with SHA-256": (lambda: built(digest=hashes.SHA256()), "good"),
    "a delegate": (lambda: built(signer=delegate(SIGNING)), "good"),
    "a delegate, by his key": (lambda: built(signer=delegate(SIGNING), by_key=True), "good"),
    "revoked": (lambda: built(STATUS.REVOKED), "revoked"),
    "revoked by a delegate": (lambda: built(STATUS.REVOKED, signer=delegate(SIGNING)), "revoked"),
    "unknown": (lambda: built(STATUS.UNKNOWN), "unknown"),
    "written by hand": (lambda: response([single()]), "good"),
    "of another certificate": (lambda: response([single(serial=b"\2\1\7")]), "other_certificate"),
    "of another issuer": (lambda: built(issuer=pki.three()[2]), "other_certificate"),
    "another signature": (lambda: flipped(built(), -1), "bad_signature"),
    "an impostor": (lambda: response([single()], signer=delegate(by="impostor")), "no_responder"),
    "by the issuer's name, by another key": (
        lambda: response([single()], signer=pki.Entity(pki.three()[1].der, pki.key("p256", "impostor"))),
        "bad_signature",
    ),
    "a delegate without the purpose": (lambda: built(signer=delegate()), "not_authorized"),
    "a delegate for any purpose": (lambda: built(signer=delegate(ANY)), "not_authorized"),
    "a delegate of the CA above": (lambda: built(signer=delegate(SIGNING, by="root")), "not_authorized"),
    "a delegate of a namesake": (lambda: built(signer=delegate(SIGNING, by="impostor")), "not_authorized"),
    "a delegate whose time is over": (
        lambda: built(signer=delegate(SIGNING, until=pki.at(2026, 5, 30))),
        "not_authorized",
    ),
    "a delegate who may not sign": (
        lambda: built(signer=delegate(SIGNING, bits=("key_agreement",))),
        "not_authorized",
    ),
    "a delegate who is not there": (
        lambda: built(signer=delegate(SIGNING), without_certificate=True),
        "no_responder",
    ),
    "out of date": (lambda: built(until=pki.at(2026, 6, 1), this=pki.at(2026, 5, 1)), "expired"),
    "of the future": (lambda: built(this=pki.at(2026, 6, 2)), "not_yet_valid"),
    "good, and not until when": (lambda: built(until=None), "no_next_update"),
    "revoked, and not until when": (lambda: built(STATUS.REVOKED, until=None), "revoked"),
    "two answers, the graver one": (lambda: response([single(), single(revoked(1))]), "revoked"),
    "two answers, the graver out of date": (
        lambda: response([single(revoked(), until=pki.at(2026, 6, 1)), single(algorithm=SHA256)]),
        "good",
    ),
    "an extension that is not known": (
        lambda: response([single()], extensions=extension("1.2.3.4", b"\5\0", critical=True)),
        "critical_extension",
    ),
    "another of what it says": (
        lambda: response([single(revoked(), extensions=extension("1.2.3.4", b"\5\0", critical=True))]),
        "critical_extension",
    ),
    "a nonce": (
        lambda: response([single()], extensions=extension("1.3.6.1.5.5.7.48.1.2", b"\4\1\7", critical=True)),
        "good",
    ),
    "too late to tell": (
        lambda: ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER).public_bytes(
            serialization.Encoding.DER
        ),
        "unsuccessful",
    ),
    "none": (lambda: b"", "absent"),
    "garbage": (lambda: b"garbage", "malformed"),
    "an octet more": (lambda: built() + b"\0", "malformed"),
    "an octet less": (lambda: built()[:-1], "malformed"),
    "more than is read": (
        lambda: response([single()], certificates=pki.three()[0].der * 200),
        "too_large",
    ),
    "more responders than are looked at": (
        lambda: response([single()], signer=delegate(), certificates=delegate().der * 4),
        "budget",
    ),
}


class TestAnswers:
    """What counts, and what it says."""

    @pytest.mark.parametrize("policy", SEARCHING)
    @pytest.mark.parametrize("case", CASES)
    def test_each_case(self, case: str, policy: str) -> None:
        """A response that counts and says so refuses the end entity; no other changes the verdict."""
        make, expected = CASES[case]
        verdict = judge(make(), policy=policy)
        assert told(verdict) == expected
        assert (verdict.ocsp_problem is None) == (expected in ("good", "revoked", "unknown"))
        plain = [finding.name for finding in judge(None, policy=policy).findings]
        more = ["revoked"] if expected == "revoked" else []
        assert sorted(finding.name for finding in verdict.findings) == sorted(plain + more)
        assert verdict.ok is (plain + more == [])
        assert verdict.revoked is {"good": False, "revoked": True}.get(expected)
        assert verdict.revoked_by == ("ocsp" if expected == "revoked" else None)

    @pytest.mark.parametrize("case", CASES)
    def test_under_ssl_nothing_changes(self, case: str) -> None:
        """`ssl` has no response to look at; what it says is told."""
        make, expected = CASES[case]
        verdict = judge(make(), policy="ssl")
        assert (told(verdict), verdict.ok) == (expected, True)
        assert (verdict.revoked, verdict.revoked_by, verdict.findings) == (None, None, ())

    def test_the_finding(self) -> None:
        """When, why, until when; code 23, and the remedy."""
        verdict = judge(response([single(revoked(1))]))
        finding = verdict.findings[0]
        assert (finding.name, finding.code, finding.depth) == ("revoked", 23, 0)
        assert finding.facts == {
            "by": "ocsp",
            "revoked_at": "2026-05-01T00:00:00Z",
            "this_update": "2026-05-31T00:00:00Z",
            "next_update": "2026-06-07T00:00:00Z",
            "reason": "keyCompromise",
        }
        assert (verdict.ocsp_revoked_at, verdict.ocsp_reason) == (REVOKED, "keyCompromise")
        assert verdict.has_trusted_path is False
        assert "on 2026-05-01T00:00:00Z (keyCompromise)" in verdict.remedies[0].text
        with pytest.raises(certpath.VerificationError, match="certificate revoked"):
            verifier().verify(chain(), pki.HOST, at=pki.AT, ocsp=response([single(revoked(1))]))
        assert verifier().verify(chain(), pki.HOST, at=pki.AT, ocsp=built())

    def test_without_a_response(self) -> None:
        """Null, which is not ``absent``."""
        verdict = judge(None)
        fields = ("ocsp_status", "ocsp_problem", "ocsp_revoked_at", "ocsp_reason", "revoked")
        assert [getattr(verdict, field) for field in fields] == [None] * 5
        assert [verdict.to_dict()[field] for field in fields] == [None] * 5

    def test_beside_revocation_lists(self) -> None:
        """Neither takes the other's word back, and a list that is missing stays missing."""
        leaf, intermediate, _ = pki.three()
        clean = pki.crl(intermediate)
        listed = pki.crl(intermediate, [(leaf.certificate.serial_number, None)])
        verdict = judge(built(STATUS.REVOKED), crls=clean)
        assert (verdict.ok, verdict.revoked, verdict.revoked_by) == (False, True, "ocsp")
        verdict = judge(built(), crls=listed)
        assert (verdict.ok, verdict.revoked, verdict.revoked_by) == (False, True, "crl")
        other = pki.crl(pki.three()[2])
        verdict = judge(built(), crls=other)
        assert (verdict.ok, verdict.revoked, verdict.findings[0].name) == (False, None, "crl_not_found")

    def test_without_an_issuer(self) -> None:
        """A pinned end entity, and a chain that leads nowhere: nobody can say who may speak."""
        leaf = pki.three()[0]
        pinned = certpath.Verifier(leaf.store, policy="webpki")
        verdict = pinned.check([leaf.der], at=pki.AT, ocsp=built(STATUS.REVOKED))
        assert (verdict.ok, told(verdict)) == (True, "no_issuer")
        verdict = verifier().check([leaf.der], at=pki.AT, ocsp=built(STATUS.REVOKED))
        assert (verdict.findings[0].name, told(verdict)) == ("issuer_not_found", "no_issuer")

    @pytest.mark.parametrize("same_key_id", [False, True])
    def test_a_namesake_that_has_not_issued_it(self, same_key_id: bool) -> None:
        """Says nothing of it, whatever it signs, and even if everything but the signature leads to it."""
        leaf, intermediate, _ = pki.three()
        twin: dict[str, Any] = {}
        if same_key_id:
            found = intermediate.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
            twin = {"extensions": [(found.value, False)], "without": (x509.SubjectKeyIdentifier,)}
        impostor = pki.issue("Intermediate", own_key=pki.key("p256", "impostor"), ca=True, **twin)
        judges = certpath.Verifier(impostor.store, policy="webpki")
        for status in (STATUS.REVOKED, STATUS.GOOD):
            sent = built(status, signer=impostor, issuer=impostor)
            verdict = judges.check([leaf.der, impostor.der], at=pki.AT, ocsp=sent)
            assert (verdict.ok, verdict.revoked, told(verdict)) == (False, None, "no_issuer")
            assert all(finding.name != "revoked" for finding in verdict.findings)

    def test_what_it_costs(self) -> None:
        """A signature, or two for a delegate; the next time they are remembered."""
        for sent, more in ((built(), 1), (built(signer=delegate(SIGNING)), 2), (b"", 0)):
            judges = verifier()
            plain = judges.check(chain(), at=pki.AT)
            before = judges.signature_checks
            verdict = judges.check(chain(), at=pki.AT, ocsp=sent)
            assert judges.signature_checks - before == more
            assert verdict.work is not None
            assert plain.work is not None
            assert verdict.work["signature_checks"] - plain.work["signature_checks"] == more
            assert judges.check(chain(), at=pki.AT, ocsp=sent).work == verdict.work
            assert judges.signature_checks - before == more


class TestMutations:
    """Nobody's word is taken but the responder's."""

    @pytest.mark.parametrize("case", ["the issuer, by name", "revoked by a delegate"])
    def test_every_octet(self, case: str) -> None:
        """Whatever octet is another one: it says what was signed, over the signed octets, or nothing."""
        make, expected = CASES[case]
        sound = make()
        tbs = ocsp.load_der_ocsp_response(sound).tbs_response_bytes
        judges = verifier("ssl")
        mutants = [flipped(sound, index) for index in range(len(sound))]
        mutants += [sound[:index] for index in range(len(sound))]
        mutants.append(sound)
        count = len(mutants)
        verdicts = judges.check_many([chain()] * count, at=pki.AT, ocsp_responses=mutants)
        said = [(told(verdict), tbs in mutant) for verdict, mutant in zip(verdicts, mutants, strict=True)]
        assert all(verdict.ok for verdict in verdicts)
        words = {"good", "revoked", "unknown"}
        assert {word for word, _ in said} & words == {expected}
        assert all(word == expected and intact for word, intact in said if word in words)
        assert len({word for word, _ in said}) > 4


@pytest.mark.skipif(shutil.which("openssl") is None, reason="the command openssl is not there")
class TestSecondOpinion:
    """`openssl ocsp` beside ours."""

    @pytest.mark.parametrize(
        "case",
        [
            "the issuer, by name",
            "the issuer, by its key",
            "a delegate",
            "revoked by a delegate",
            "unknown",
            "written by hand",
            "of another certificate",
            "another signature",
            "an impostor",
            "a delegate without the purpose",
            "a delegate of a namesake",
            "a delegate who is not there",
            "garbage",
        ],
    )
    def test_agrees(self, case: str, tmp_path: Path) -> None:
        """What counts here OpenSSL verifies, and reads as we do; what it refuses does not count."""
        make, expected = CASES[case]
        leaf, intermediate, root = pki.three()
        for name, octets in (
            ("response", make()),
            ("leaf", leaf.pem.encode()),
            ("issuer", intermediate.pem.encode()),
            ("roots", pki.chain_pem([intermediate, root]).encode()),
        ):
            (tmp_path / name).write_bytes(octets)
        command = [
            "openssl",
            "ocsp",
            "-respin",
            "response",
            "-issuer",
            "issuer",
            "-cert",
            "leaf",
            "-no_nonce",
        ]
        command += ["-CAfile", "roots", "-attime", str(int(pki.AT.timestamp()))]
        command += ["-validity_period", "2000000000"]
        ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)  # noqa: S603
        verified = "Response verify OK" in ran.stderr
        assert told(judge(make())) == expected
        if expected in ("good", "revoked", "unknown"):
            assert verified, ran.stderr
            assert f"leaf: {expected}" in ran.stdout
        else:
            assert not verified or "No Status found" in ran.stdout


class TestMustStaple:
    """RFC 7633: an end entity that asks its server for a response."""

    @staticmethod
    def chain(*features: x509.TLSFeatureType) -> tuple[pki.Entity, list[bytes]]:
        """What `Policy.cabf` accepts, with these features."""
        end = leaf(ICA, extensions=[(x509.TLSFeature(features), False)] if features else ())
        return end, [end.der, ICA.der]

    @pytest.mark.parametrize("policy", ["ssl", *SEARCHING])
    def test_only_where_a_response_could_have_come(self, policy: Any) -> None:
        """`Policy.cabf` refuses what is asked for and did not come, where somebody says that it did not."""
        end, sent = self.chain(x509.TLSFeatureType.status_request)
        judges = certpath.Verifier(ROOT_CA.store, policy=policy)
        one: dict[str, Any] = {"of": end, "issuer": ICA, "signer": ICA}
        responses: dict[str, tuple[bytes | None, list[str]]] = {
            "nobody knows": (None, []),
            "absent": (b"", ["absent"]),
            "malformed": (b"junk", ["malformed"]),
            "expired": (built(**one, this=pki.at(2026, 5, 1), until=pki.at(2026, 5, 8)), ["expired"]),
            "unknown": (built(STATUS.UNKNOWN, **one), ["unknown"]),
            "good": (built(**one), []),
        }
        for octets, expected in responses.values():
            verdict = judges.check(sent, pki.HOST, at=pki.AT, ocsp=octets)
            found = [(one.name, one.code, one.facts) for one in verdict.findings]
            missing = [("stapling_missing", 28, {"found": word}) for word in expected]
            assert found == (missing if policy == "cabf" else [])
        verdict = judges.check(sent, pki.HOST, at=pki.AT, ocsp=built(STATUS.REVOKED, **one))
        assert [one.name for one in verdict.findings] == ([] if policy == "ssl" else ["revoked"])

    def test_who_does_not_ask_for_it(self) -> None:
        """Needs none; status_request_v2 is another feature."""
        for features in ((), (x509.TLSFeatureType.status_request_v2,)):
            _, sent = self.chain(*features)
            judges = certpath.Verifier(ROOT_CA.store, policy="cabf")
            assert judges.check(sent, pki.HOST, at=pki.AT, ocsp=b"").ok


class TestRows:
    """By every way in and out."""

    def test_rows_that_differ_in_the_response_alone(self) -> None:
        """Neither within a batch nor from one to the next does a row get another row's answer."""
        sent = [None, built(), built(STATUS.REVOKED), b"", bytearray(built()), memoryview(b"garbage")]
        expected = [None, "good", "revoked", "absent", "good", "malformed"]
        judges = verifier()
        for _ in range(2):
            verdicts = judges.check_many([chain()] * 6, pki.HOST, at=pki.AT, ocsp_responses=sent)
            assert [told(verdict) for verdict in verdicts] == expected
            assert [verdict.ok for verdict in verdicts] == [one != "revoked" for one in expected]
        kinds = [None if one is None else bytes(one) for one in sent]
        table = pyarrow.table({"chain": [chain()] * 6, "name": [pki.HOST] * 6, "ocsp": kinds})
        columns = pyarrow.table(judges.check_arrow(table, at=pki.AT)).to_pydict()
        words = zip(columns["ocsp_problem"], columns["ocsp_status"], strict=True)
        assert [problem or status for problem, status in words] == expected
        assert columns["ocsp_revoked_at"][2] == REVOKED
        renamed = table.rename_columns(["chain", "name", "staple"])
        with pytest.raises(TypeError, match="there is no column ocsp, but staple, which may be meant"):
            judges.check_arrow(renamed, at=pki.AT)
        columns = pyarrow.table(judges.check_arrow(renamed, at=pki.AT, ocsp="staple")).to_pydict()
        assert columns["revoked"] == [None, False, True, None, False, None]
        columns = pyarrow.table(judges.check_arrow(renamed, at=pki.AT, ocsp=None)).to_pydict()
        assert columns["ocsp_status"] == [None] * 6

    def test_an_answer_is_remembered_until_it_changes(self) -> None:
        """From this update to the next, and as long as the delegate is valid."""
        over = pki.at(2026, 6, 3)
        times = [
            THIS - datetime.timedelta(seconds=1),
            THIS,
            NEXT - datetime.timedelta(seconds=1),
            NEXT,
            THIS,
        ]
        judges = verifier()
        for sent, expected in (
            (built(), ["not_yet_valid", "good", "good", "expired", "good"]),
            (
                built(signer=delegate(SIGNING, until=over)),
                ["not_yet_valid", "good", "not_authorized", "expired", "good"],
            ),
        ):
            for _ in range(2):
                verdicts = judges.check_many([chain()] * 5, at=times, ocsp_responses=[sent] * 5)
                assert [told(verdict) for verdict in verdicts] == expected

    def test_wrong_types(self) -> None:
        """Say what to write instead; a row of a batch costs no other."""
        judges = verifier()
        with pytest.raises(TypeError, match="ocsp must be the octets of an OCSPResponse"):
            judges.check(chain(), ocsp="text")  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="ocsp_responses must be an iterable"):
            judges.check_many([chain()], ocsp_responses=b"")  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="fewer ocsp_responses than chains"):
            judges.check_many([chain()] * 2, ocsp_responses=[None])
        odd, good = judges.check_many([chain()] * 2, ocsp_responses=["text", None], at=pki.AT)  # type: ignore[list-item]
        assert (odd.status, good.status) == ("input_error", "ok")

    @pytest.mark.parametrize("policy", ["ssl", "webpki"])
    def test_verdicts_pickle(self, policy: str) -> None:
        """With what was said."""
        for case in ("revoked by a delegate", "garbage", "unknown"):
            verdict = judge(CASES[case][0](), policy=policy)
            again = pickle.loads(pickle.dumps(verdict))  # noqa: S301 (our own)
            assert again == verdict
            assert again.to_dict() == verdict.to_dict()

    def test_the_command(self, tmp_path: Path) -> None:
        """A column of a Parquet file, with a length that no response has, too."""
        from certpath.cli import main

        sent = [None, built(), built(STATUS.REVOKED), b"", b"\x30" * 100_000]
        table = pyarrow.table({"chain": [chain()] * 5, "name": [pki.HOST] * 5, "ocsp": sent})
        pyarrow.parquet.write_table(table, tmp_path / "scan.parquet")
        (tmp_path / "root.pem").write_text(pki.three()[2].pem)
        out = tmp_path / "verdicts.parquet"
        arguments = [str(tmp_path / "scan.parquet"), "--at", "2026-06-01", "-o", str(out)]
        assert main(["check", *arguments, "--roots", str(tmp_path / "root.pem")]) == 1
        columns = pyarrow.parquet.read_table(out).to_pydict()
        assert columns["ocsp_status"] == [None, "good", "revoked", "no_knowledge", "no_knowledge"]
        assert columns["ocsp_problem"] == [None, None, None, "absent", "too_large"]
        assert columns["revoked_by"] == [None, None, "ocsp", None, None]


class TestTimestamps:
    """What logs have signed comes in a response, too (RFC 6962 3.3)."""

    def test_in_what_is_said_of_the_end_entity(self) -> None:
        """Told as those of TLS are, also where the response does not count, and none of others."""
        a, b = Log("A", "One"), Log("B", "Two")
        leaf = pki.three()[0]
        entry = x509_entry(leaf.der)
        scts = sct_list([log.sign(entry, THIS) for log in (a, b)])
        held = extension("1.3.6.1.4.1.11129.2.4.5", pki.tlv(4, scts))
        judges = verifier(ct_logs=ct_logs(a, b))
        for sent in (response([single(extensions=held)]), flipped(response([single(extensions=held)]), -1)):
            verdict = judges.check(chain(), pki.HOST, at=pki.AT, ocsp=sent)
            assert verdict.ok
            assert [(one["source"], one["status"]) for one in verdict.scts or ()] == [("ocsp", "valid")] * 2
            assert (verdict.scts_valid, verdict.ct_chrome, verdict.ct_apple) == (2, True, True)
        other = response([single(serial=b"\2\1\7", extensions=held)])
        assert judges.check(chain(), at=pki.AT, ocsp=other).scts == ()
        broken = extension("1.3.6.1.4.1.11129.2.4.5", b"\5\0")
        verdict = judges.check(chain(), at=pki.AT, ocsp=response([single(extensions=broken)]))
        assert [(one["source"], one["status"]) for one in verdict.scts or ()] == [("ocsp", "malformed")]
