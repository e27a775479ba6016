"""The verifier: what it takes, what it raises, revocation, batches, and the same verdict whichever way."""

from __future__ import annotations

import datetime
import json
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import Certificate, Policy, VerificationError, Verifier, canonical_hostname
from cryptography import x509
from hypothesis import example, given, strategies as st
from support import pki
from support.handshake import handshake

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LEAF, INTERMEDIATE, ROOT = pki.three()
NAMESAKE = pki.issue("Intermediate", own_key=pki.key("p256", "namesake"), ca=True)
CHAIN = [LEAF.der, INTERMEDIATE.der]
LEAF_ONLY, WHOLE_CHAIN = Policy.ssl(crl_check="leaf"), Policy.ssl(crl_check="chain")


@pytest.fixture(scope="module")
def verifier() -> Verifier:
    """Trusts the root alone."""
    return Verifier(ROOT.store)


class TestVerify:
    def test_gives_the_path(self, verifier: Verifier) -> None:
        """A sequence of certificates, end entity first, with its dates and its verdict."""
        path = verifier.verify(CHAIN, pki.HOST, at=pki.AT)
        assert [one.der for one in path] == [LEAF.der, INTERMEDIATE.der, ROOT.der]
        assert (len(path), path[0], path[-1]) == (3, Certificate(LEAF.der), Certificate(ROOT.der))
        assert path[1:] == path.certificates[1:]
        assert (path.leaf, path.anchor) == (path[0], path[2])
        assert (path.not_before, path.not_after) == (pki.NOT_BEFORE, pki.NOT_AFTER)
        assert path.verdict.ok
        with pytest.raises(IndexError):
            path[3]

    def test_dates_of_the_path_are_the_narrowest(self) -> None:
        """The latest notBefore, the earliest notAfter."""
        leaf = pki.issue("short", INTERMEDIATE, not_before=pki.at(2025), not_after=pki.at(2027))
        path = Verifier(ROOT.store).verify([leaf.der, INTERMEDIATE.der], at=pki.AT)
        assert (path.not_before, path.not_after) == (pki.at(2025), pki.at(2027))
        assert path.verdict.not_after == pki.at(2027)

    def test_raises_with_the_verdict(self, verifier: Verifier) -> None:
        """VerificationError carries the same verdict that `check` gives."""
        with pytest.raises(VerificationError) as caught:
            verifier.verify(CHAIN, "wrong.test", at=pki.AT)
        assert caught.value.verdict is not None
        assert caught.value.verdict.to_dict() == verifier.check(CHAIN, "wrong.test", at=pki.AT).to_dict()
        assert caught.value.verify_code == 62

    @pytest.mark.parametrize("host", [pki.HOST, "wrong.test"])
    def test_the_error_is_the_one_of_ssl(self, host: str) -> None:
        """Whoever handles a failed handshake finds everything where it was."""
        trusted = ROOT if host != pki.HOST else pki.three("p384")[2]
        theirs = handshake([LEAF, INTERMEDIATE], [trusted], host=host)
        assert isinstance(theirs, ssl.SSLCertVerificationError)
        with pytest.raises(ssl.SSLCertVerificationError) as caught:
            Verifier(trusted.store).verify(CHAIN, host)
        ours = caught.value
        for attribute in ("errno", "library", "reason", "verify_code", "verify_message", "filename"):
            assert getattr(ours, attribute) == getattr(theirs, attribute)
            assert type(getattr(ours, attribute)) is type(getattr(theirs, attribute))
        # Their text ends with the line of _ssl.c where it was made.
        text, _, line = str(theirs).rpartition(" (_ssl.c:")
        assert line.endswith(")")
        assert str(ours) == text
        assert ours.args == (theirs.args[0], text)
        assert isinstance(ours, (ssl.SSLError, OSError, ValueError, ssl.CertificateError))

    def test_the_error_of_what_does_not_parse(self, verifier: Verifier) -> None:
        """`ssl` has no verify code for it; here 1 stands in, as an attribute must be there."""
        with pytest.raises(VerificationError) as caught:
            verifier.verify([LEAF.der[:-1]], pki.HOST, at=pki.AT)
        assert caught.value.verdict is not None
        assert caught.value.verdict.status == "unparseable"
        assert (caught.value.verdict.verify_code, caught.value.verify_code) == (None, 1)

    def test_the_error_keeps_its_attributes_when_copied(self, verifier: Verifier) -> None:
        """What can be pickled of it, is: all but the verdict survives other exceptions' way."""
        with pytest.raises(VerificationError) as caught:
            verifier.verify(CHAIN, "wrong.test", at=pki.AT)
        error = caught.value
        kind, args, state = error.__reduce__()
        copy = kind(*args)
        copy.__dict__.update(state)
        assert (copy.verify_code, copy.args, copy.verdict) == (62, error.args, error.verdict)


class TestConstruction:
    @pytest.mark.parametrize("wrong", [None, 1, [None], ROOT.der, object(), certpath.TrustStore])
    def test_store(self, wrong: Any) -> None:
        """Nothing but TrustStores: bytes are none."""
        with pytest.raises(TypeError):
            Verifier(wrong)

    @pytest.mark.parametrize("wrong", [0x8000, {}, Policy, b"ssl"])
    def test_policy(self, wrong: Any) -> None:
        """Nothing but a Policy, the name of a preset or None."""
        with pytest.raises(TypeError):
            Verifier(ROOT.store, policy=wrong)

    def test_by_keyword(self) -> None:
        """Only the store is positional."""
        positional: list[Any] = [ROOT.store, Policy.ssl()]
        with pytest.raises(TypeError):
            Verifier(*positional)

    def test_shows_its_parts(self) -> None:
        """Store, policy and number of CRLs; none of them can be exchanged."""
        verifier = Verifier(ROOT.store, policy=LEAF_ONLY, crls=pki.crl(ROOT))
        assert verifier.policy == LEAF_ONLY
        assert list(verifier.store) == list(ROOT.store)
        assert verifier.crl_count == 1
        assert "test" in repr(verifier)
        with pytest.raises(AttributeError):
            verifier.policy = Policy.ssl()  # type: ignore[misc]


def pem_crl(der: bytes) -> str:
    """A CRL as a PEM block."""
    return ssl.DER_cert_to_PEM_cert(der).replace("CERTIFICATE", "X509 CRL")


class TestRevocation:
    LEAF_CRL = pki.crl(INTERMEDIATE)
    ROOT_CRL = pki.crl(ROOT)

    def judge(self, policy: Policy, crls: Any) -> certpath.Verdict:
        """Judge the usual chain."""
        return Verifier(ROOT.store, policy=policy, crls=crls).check(CHAIN, pki.HOST, at=pki.AT)

    def test_forms(self) -> None:
        """DER or PEM, one or many, several in one text."""
        der, other = self.LEAF_CRL, self.ROOT_CRL
        singles: list[Any] = [der, pem_crl(der), pem_crl(der).encode(), [der], [pem_crl(der)], iter([der])]
        for form in singles:
            verifier = Verifier(ROOT.store, policy=LEAF_ONLY, crls=form)
            assert verifier.crl_count == 1
            assert verifier.check(CHAIN, pki.HOST, at=pki.AT).ok
        pairs: list[Any] = [[der, other], pem_crl(der) + pem_crl(other), [der, pem_crl(other)], der + other]
        for form in pairs:
            verifier = Verifier(ROOT.store, policy=WHOLE_CHAIN, crls=form)
            assert verifier.crl_count == 2
            verdict = verifier.check(CHAIN, pki.HOST, at=pki.AT)
            assert (verdict.ok, verdict.revoked) == (True, False)

    def test_not_asked_for(self) -> None:
        """Without the check, CRLs are not looked at, which is warned of."""
        revoking = pki.crl(INTERMEDIATE, [(LEAF.certificate.serial_number, None)])
        for policy in (Policy.ssl(crl_check=None), Policy.ssl(0x8008)):
            with pytest.warns(UserWarning, match="crls: the policy says that they are not asked"):
                verdict = self.judge(policy, revoking)
            assert (verdict.ok, verdict.revoked) == (True, None)

    def test_revoked(self) -> None:
        """With the date and the reason."""
        reason = x509.ReasonFlags.key_compromise
        revoking = pki.crl(INTERMEDIATE, [(1, None), (LEAF.certificate.serial_number, reason)])
        verdict = self.judge(LEAF_ONLY, revoking)
        assert (verdict.status, verdict.verify_code, verdict.revoked) == ("invalid", 23, True)
        (finding,) = verdict.findings
        assert (finding.name, finding.message, finding.depth) == ("revoked", "certificate revoked", 0)
        assert finding.facts["revoked_at"] == "2025-03-01T00:00:00Z"
        assert finding.facts["reason"] == "keyCompromise"
        assert finding.facts["crl_issuer"] == Certificate(INTERMEDIATE.der).subject
        assert finding.facts["this_update"] == "2020-01-01T00:00:00Z"
        assert finding.facts["next_update"] == "2049-01-01T00:00:00Z"
        assert verdict.chain_ok

    def test_revoked_intermediate(self) -> None:
        """Found in chain mode, and only there."""
        crls = [self.LEAF_CRL, pki.crl(ROOT, [(INTERMEDIATE.certificate.serial_number, None)])]
        assert self.judge(LEAF_ONLY, crls).ok
        verdict = self.judge(WHOLE_CHAIN, crls)
        assert (verdict.verify_code, verdict.error_depth) == (23, 1)
        assert "reason" not in verdict.findings[0].facts

    @pytest.mark.parametrize(
        ("crls", "code", "name"),
        [
            ([], 3, "crl_not_found"),
            ([pki.crl(ROOT)], 3, "crl_not_found"),
            ([pki.crl(NAMESAKE)], 3, "crl_not_found"),
            ([pki.crl(INTERMEDIATE, next_update=pki.at(2021))], 12, "crl_expired"),
            ([pki.crl(INTERMEDIATE, last_update=pki.at(2040))], 11, "crl_not_yet_valid"),
            ([pki.crl(INTERMEDIATE, signer=pki.key("p256", "stranger"))], 8, "crl_signature_invalid"),
        ],
    )
    def test_defects(self, crls: list[bytes], code: int, name: str) -> None:
        """A CRL that is missing, from another issuer, out of date or forged refuses the chain."""
        verdict = self.judge(LEAF_ONLY, crls)
        assert (verdict.status, verdict.verify_code) == ("invalid", code)
        assert [finding.name for finding in verdict.findings] == [name]
        assert verdict.revoked is None

    def test_a_forged_crl_revokes_nobody(self) -> None:
        """Its entries do not count."""
        forged = pki.crl(
            INTERMEDIATE,
            [(LEAF.certificate.serial_number, None)],
            signer=pki.key("p256", "stranger"),
        )
        verdict = self.judge(LEAF_ONLY, forged)
        assert (verdict.verify_code, verdict.revoked) == (8, None)

    def test_the_newest_of_several_counts(self) -> None:
        """A later CRL of the same issuer overrides an older one."""
        newer = pki.crl(
            INTERMEDIATE, [(LEAF.certificate.serial_number, None)], last_update=pki.at(2026, 5, 1)
        )
        for crls in ([self.LEAF_CRL, newer], [newer, self.LEAF_CRL]):
            assert self.judge(LEAF_ONLY, crls).verify_code == 23

    @pytest.mark.parametrize(
        "garbage",
        [
            b"",
            "",
            b"garbage",
            "garbage",
            b"\x30\x00",
            LEAF.der,
            LEAF.pem,
            LEAF.key_pem,
            pki.crl(ROOT)[:-1],
            pem_crl(pki.crl(ROOT)[:-1]),
            pem_crl(pki.crl(ROOT)).replace("M", "!"),
        ],
        ids=range(11),
    )
    def test_garbage(self, garbage: Any) -> None:
        """ValueError that names the item, alone or in a list: no CRL is silently left out."""
        with pytest.raises(ValueError, match=r"crls: item 0: "):
            Verifier(ROOT.store, crls=garbage)
        with pytest.raises(ValueError, match=r"crls: item 1: "):
            Verifier(ROOT.store, crls=[self.ROOT_CRL, garbage])

    @pytest.mark.parametrize("wrong", [1, object(), [None], [1], [[b""]]])
    def test_other_types(self, wrong: Any) -> None:
        """TypeError."""
        with pytest.raises(TypeError, match="crls must be"):
            Verifier(ROOT.store, crls=wrong)


class Zone(datetime.tzinfo):
    """Nothing is asked of it but its offset."""

    def dst(self, moment: datetime.datetime | None) -> None:
        raise NotImplementedError

    def tzname(self, moment: datetime.datetime | None) -> None:
        raise NotImplementedError


class Turning(Zone):
    """Each hour comes twice, two hours from UTC and one."""

    def utcoffset(self, moment: datetime.datetime | None) -> datetime.timedelta:
        return datetime.timedelta(hours=1 if moment is not None and moment.fold else 2)


class Datetime(datetime.datetime):
    """Not `datetime.datetime` itself."""


ZONES = [
    Turning(),
    datetime.timezone.utc,
    *(
        datetime.timezone(datetime.timedelta(seconds=offset))
        for offset in (-86_399, -18_000, -1, 1, 19_800, 86_399)
    ),
]


class TestTime:
    def test_forms(self, verifier: Verifier) -> None:
        """An aware datetime of any zone, or seconds; shown in UTC, in whole seconds."""
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        seconds = pki.AT.timestamp()
        forms: list[Any] = [pki.AT, pki.AT.astimezone(zone), seconds, int(seconds), seconds + 0.75]
        for form in forms:
            verdict = verifier.check(CHAIN, at=form)
            assert verdict.at == pki.AT
            assert verdict.at.tzinfo is datetime.timezone.utc

    def test_now(self, verifier: Verifier) -> None:
        """The default, and what None means."""
        before = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
        for verdict in (verifier.check(CHAIN), verifier.check(CHAIN, at=None)):
            assert before <= verdict.at <= datetime.datetime.now(datetime.timezone.utc)

    def test_the_edges_of_validity(self, verifier: Verifier) -> None:
        """The second of notBefore is in, that of notAfter is out, as in OpenSSL."""
        second = datetime.timedelta(seconds=1)
        for moment, code in (
            (pki.NOT_BEFORE - second, 9),
            (pki.NOT_BEFORE, 0),
            (pki.NOT_AFTER - second, 0),
            (pki.NOT_AFTER, 10),
        ):
            assert verifier.check(CHAIN, at=moment).verify_code == code

    @pytest.mark.parametrize(
        "wrong",
        [
            datetime.datetime(2026, 6, 1),  # noqa: DTZ001 (naive, as the point)
            1e300,
            -1e300,
            float("inf"),
            float("nan"),
            10**40,
            253402300800,
            -62167219201,
        ],
    )
    def test_values(self, verifier: Verifier, wrong: Any) -> None:
        """ValueError for a naive datetime, which has no place in time, and for what no year holds."""
        with pytest.raises(ValueError, match="at "):
            verifier.check(CHAIN, at=wrong)

    @pytest.mark.parametrize("wrong", ["now", "2026-06-01", True, b"", [], datetime.date(2026, 6, 1), 1j])
    def test_types(self, verifier: Verifier, wrong: Any) -> None:
        """TypeError for everything else."""
        with pytest.raises(TypeError, match="at must be"):
            verifier.check(CHAIN, at=wrong)
        if wrong != []:  # of which there would be one for each chain
            with pytest.raises(TypeError, match="at must be"):
                verifier.check_many([CHAIN], at=wrong)

    @given(st.datetimes(), st.sampled_from(ZONES), st.integers(0, 1))
    @example(datetime.datetime(9999, 12, 31, 23, 59, 59, 999_999), datetime.timezone.utc, 0)  # noqa: DTZ001
    @example(datetime.datetime(1, 1, 1, 0, 0, 0, 1), datetime.timezone.utc, 0)  # noqa: DTZ001
    @example(datetime.datetime(1969, 12, 31, 23, 59, 59, 999_999), datetime.timezone.utc, 0)  # noqa: DTZ001
    def test_every_zone(self, moment: datetime.datetime, zone: datetime.tzinfo, fold: int) -> None:
        """The second in which a datetime is, in any zone, in either hour of one name, also before 1970."""
        moment = moment.replace(tzinfo=zone, fold=fold)
        since = moment - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
        seconds = since // datetime.timedelta(seconds=1)
        verifier = Verifier(ROOT.store)
        if -62167219200 <= seconds < 253402300800:
            expected = verifier.check(CHAIN, at=seconds).to_dict()
            assert verifier.check(CHAIN, at=moment).to_dict() == expected
            of_a_subclass = Datetime.combine(moment.date(), moment.timetz()).replace(fold=fold)
            assert verifier.check(CHAIN, at=of_a_subclass).to_dict() == expected
        else:
            with pytest.raises(ValueError, match="outside the years"):
                verifier.check(CHAIN, at=moment)

    def test_a_zone_without_an_offset(self, verifier: Verifier) -> None:
        """A time zone that cannot tell its offset has no place in time either."""

        class Nowhere(Zone):
            def utcoffset(self, moment: datetime.datetime | None) -> None:  # noqa: ARG002 - none has one
                return None

        with pytest.raises(ValueError, match="it has no time zone"):
            verifier.check(CHAIN, at=datetime.datetime(2026, 6, 1, tzinfo=Nowhere()))

    @pytest.mark.parametrize("moment", [-62135596800, 0, 253402300799])
    def test_extremes(self, verifier: Verifier, moment: int) -> None:
        """The years 1 to 9999 can be judged at."""
        verdict = verifier.check(CHAIN, pki.HOST, at=moment)
        assert verdict.verify_code == (10 if moment > 0 else 9)
        assert verdict.at.timestamp() == moment


class TestNames:
    def test_forms(self, verifier: Verifier) -> None:
        """str or ASCII bytes, DNS name or address; None judges the path only."""
        for name in (pki.HOST, pki.HOST.encode(), pki.HOST.upper()):
            verdict = verifier.check(CHAIN, name, at=pki.AT)
            assert (verdict.ok, verdict.name_ok, verdict.name_by) == (True, True, "san_dns")
        verdict = verifier.check(CHAIN, None, at=pki.AT)
        assert (verdict.ok, verdict.name_ok, verdict.name, verdict.name_by) == (True, None, None, None)

    def test_addresses(self) -> None:
        """Only iPAddress entries speak for an address."""
        leaf = pki.issue("ip", INTERMEDIATE, extensions=[(pki.sans("192.0.2.1", "2001:db8::1"), False)])
        verifier = Verifier(ROOT.store)
        for name in ("192.0.2.1", "2001:db8::1", "2001:DB8:0:0::1"):
            assert verifier.check([leaf.der, INTERMEDIATE.der], name, at=pki.AT).name_by == "san_ip"
        verdict = verifier.check([leaf.der, INTERMEDIATE.der], "192.0.2.2", at=pki.AT)
        assert (verdict.verify_code, verdict.findings[0].name) == (64, "ip_address_mismatch")
        assert verdict.findings[0].facts["presented"] == ["ip:192.0.2.1", "ip:2001:db8::1", "cn:ip"]

    def test_international_names(self) -> None:
        """IDNA 2003, as the ssl module has it."""
        leaf = pki.issue("idn", INTERMEDIATE, host="xn--mnchen-3ya.test")
        verifier = Verifier(ROOT.store)
        verdict = verifier.check([leaf.der, INTERMEDIATE.der], "MÜNCHEN.test", at=pki.AT)
        assert (verdict.ok, verdict.name) == (True, "xn--mnchen-3ya.test")
        assert canonical_hostname("straße.test") == "strasse.test"
        assert canonical_hostname("fullwidth。test") == "fullwidth.test"

    def test_canonical_hostname(self) -> None:
        """Case is kept, addresses stay what they are."""
        assert canonical_hostname("WWW.Example.test") == "WWW.Example.test"
        assert canonical_hostname(b"www.example.test") == "www.example.test"
        assert canonical_hostname("2001:DB8::1") == "2001:DB8::1"

    @pytest.mark.parametrize(
        "wrong",
        [
            "",
            ".",
            ".example.test",
            "a\0b.test",
            "a..b",
            "a" * 64 + ".test",
            "ü" * 64,
            b"",
            b".x",
            b"a\0b",
            b"\xff",
        ],
    )
    def test_values(self, verifier: Verifier, wrong: Any) -> None:
        """ValueError for what cannot be a name, before anything is judged."""
        for call in (canonical_hostname, lambda name: verifier.check(CHAIN, name, at=pki.AT)):
            with pytest.raises(ValueError, match=r"."):
                call(wrong)

    @pytest.mark.parametrize("wrong", [1, 1.5, object(), [pki.HOST], (), {}, bytearray(b"www.example.test")])
    def test_types(self, verifier: Verifier, wrong: Any) -> None:
        """TypeError with the type."""
        for call in (canonical_hostname, lambda name: verifier.check(CHAIN, name, at=pki.AT)):
            with pytest.raises(TypeError, match=f"not {type(wrong).__name__}"):
                call(wrong)

    def test_canonical_hostname_needs_a_name(self) -> None:
        """None is not a name there."""
        with pytest.raises(TypeError):
            canonical_hostname(None)  # type: ignore[arg-type]


class TestCheckMany:
    def test_order(self, verifier: Verifier) -> None:
        """One verdict for each chain, in order, each the same as from `check`."""
        chains: list[Any] = [CHAIN, [LEAF.der], [], CHAIN]
        verdicts = verifier.check_many(chains, pki.HOST, at=pki.AT)
        assert [verdict.status for verdict in verdicts] == ["ok", "invalid", "no_certificate", "ok"]
        for chain, verdict in zip(chains, verdicts, strict=True):
            assert verdict.to_dict() == verifier.check(chain, pki.HOST, at=pki.AT).to_dict()

    def test_names(self, verifier: Verifier) -> None:
        """One for all, one for each, or none; from any iterable."""
        names = [pki.HOST, "wrong.test", None]
        codes = [verdict.verify_code for verdict in verifier.check_many([CHAIN] * 3, names, at=pki.AT)]
        assert codes == [0, 62, 0]
        generator = verifier.check_many(iter([CHAIN] * 3), iter(names), at=pki.AT)
        assert [verdict.verify_code for verdict in generator] == codes
        for one in ("wrong.test", b"wrong.test"):
            assert [v.verify_code for v in verifier.check_many([CHAIN] * 2, one, at=pki.AT)] == [62, 62]
        assert all(verifier.check_many([CHAIN] * 2, at=pki.AT))
        assert len(verifier.check_many([], [], at=pki.AT)) == 0

    def test_numbers_that_differ(self, verifier: Verifier) -> None:
        """ValueError: which name belongs to which chain cannot be told."""
        with pytest.raises(ValueError, match="fewer names than chains"):
            verifier.check_many([CHAIN] * 3, [pki.HOST] * 2, at=pki.AT)
        with pytest.raises(ValueError, match="more names than chains"):
            verifier.check_many([CHAIN] * 2, [pki.HOST] * 3, at=pki.AT)

    def test_a_bad_row_costs_no_other(self, verifier: Verifier) -> None:
        """It gets the status input_error and says why."""
        rows: list[tuple[Any, Any]] = [
            (CHAIN, pki.HOST),
            (None, pki.HOST),
            (CHAIN, ""),
            (CHAIN, "a\0b"),
            ([LEAF.der, 1], pki.HOST),
            (CHAIN, 5),
            (object(), None),
            ([LEAF.der[:-1]], pki.HOST),
            (CHAIN, pki.HOST),
        ]
        verdicts = verifier.check_many([row[0] for row in rows], [row[1] for row in rows], at=pki.AT)
        assert [verdict.status for verdict in verdicts] == [
            "ok",
            *["input_error"] * 6,
            "unparseable",
            "ok",
        ]
        for verdict in verdicts[1:7]:
            assert (verdict.ok, verdict.verify_code) == (False, None)
            assert verdict.findings[0].name == "input_error"
            assert verdict.findings[0].facts["problem"]
            assert verdict.path == ()
        assert "NUL" in str(verdicts[3].findings[0].facts["problem"])
        assert "int" in str(verdicts[4].findings[0].facts["problem"])

    @pytest.mark.parametrize("wrong", [None, 1, object()])
    def test_types(self, verifier: Verifier, wrong: Any) -> None:
        """TypeError if there are no rows at all."""
        with pytest.raises(TypeError, match="chains must be"):
            verifier.check_many(wrong, at=pki.AT)
        if wrong is not None:
            with pytest.raises(TypeError, match="names must be"):
                verifier.check_many([CHAIN], wrong, at=pki.AT)

    def test_an_exception_of_the_iterable_passes(self, verifier: Verifier) -> None:
        """What fails outside a row is not this verifier's to hide."""

        def chains() -> Any:
            yield CHAIN
            raise LookupError("from outside")

        with pytest.raises(LookupError, match="from outside"):
            verifier.check_many(chains(), at=pki.AT)


class TestSameVerdict:
    """The same chain in every form, and from the command line."""

    @pytest.mark.parametrize("host", [pki.HOST, "wrong.test"])
    @pytest.mark.parametrize("defect", ["none", "expired", "incomplete"])
    def test_same_verdict(self, host: str, defect: str, tmp_path: Path) -> None:
        """PEM text, DER list, certificate objects of three kinds, and ``certpath check``."""
        leaf = pki.issue("x", INTERMEDIATE, not_after=pki.at(2021)) if defect == "expired" else LEAF
        entities = [leaf] if defect == "incomplete" else [leaf, INTERMEDIATE]
        verifier = Verifier(certpath.TrustStore.from_der(ROOT.der, name="roots.pem"))
        wanted = verifier.check([entity.der for entity in entities], host, at=pki.AT).to_dict()
        for form in forms(entities):
            assert verifier.check(form, host, at=pki.AT).to_dict() == wanted
        (tmp_path / "roots.pem").write_text(ROOT.pem, encoding="ascii")
        (tmp_path / "chain.pem").write_text(pki.chain_pem(entities), encoding="ascii")
        words = ["check", "chain.pem", "--roots", "roots.pem", "--name", host]
        done = subprocess.run(  # noqa: S603 (our own command)
            [sys.executable, "-m", "certpath", *words, "--at", "2026-06-01T00:00:00Z", "-o", "jsonl"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
            encoding="utf-8",
        )
        (row,) = map(json.loads, done.stdout.splitlines())
        assert done.returncode == (0 if wanted["ok"] else 1)
        assert {key: row[key] for key in wanted} == wanted


def forms(entities: Sequence[pki.Entity]) -> list[Any]:
    """A chain in all the forms that there are."""
    text = pki.chain_pem(entities)
    return [
        text,
        text.encode(),
        bytearray(text, "ascii"),
        tuple(entity.der for entity in entities),
        iter([entity.der for entity in entities]),
        [entity.pem for entity in entities],
        [memoryview(entity.der) for entity in entities],
        [entity.certificate for entity in entities],
        [Certificate(entity.der) for entity in entities],
        [entities[0].pem, *(entity.certificate for entity in entities[1:])],
    ]
