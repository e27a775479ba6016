"""Verifiers, and what they are made of, on their way to other processes."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
import ssl
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import _certpath
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAF, CA, ROOT = pki.three()
OTHER_ROOT = pki.issue("Other root", ca=True)
OTHER = (pki.issue("other", OTHER_ROOT), OTHER_ROOT)
POLICY = certpath.Policy.webpki()


def sent(value: Any, protocol: int = pickle.DEFAULT_PROTOCOL) -> Any:
    """What another process would get."""
    return pickle.loads(pickle.dumps(value, protocol))  # noqa: S301 - our own


def contents(store: certpath.TrustStore | certpath.IntermediatePool) -> tuple[Any, ...]:
    """Everything that Python can see of a store or a pool."""
    named = (store.name, store.date) if isinstance(store, certpath.TrustStore) else ()
    return (*named, [one.der for one in store], store.skipped, repr(store))


def full_verifier() -> certpath.Verifier:
    """A verifier that has one of everything."""
    stores = [ROOT.store, certpath.TrustStore.from_der(OTHER_ROOT.der, name="other")]
    return certpath.Verifier(
        stores,
        pool=certpath.IntermediatePool.from_der([CA.der]),
        policy=POLICY.replace(max_depth=3, crl_check="leaf"),
        crls=[pki.crl(CA, [(LEAF.certificate.serial_number, None)]), pki.crl(OTHER_ROOT)],
    )


def chains() -> list[list[bytes]]:
    """For verdicts of every kind."""
    other = [one.der for one in OTHER]
    return [[LEAF.der], [LEAF.der, CA.der], other, [CA.der], [b"junk"], []]


def judge(verifier: certpath.Verifier, presented: list[list[bytes]] | None = None) -> list[str]:
    """All verdicts, each in full."""
    return [
        verifier.check(chain, name, at=pki.AT).to_json()
        for chain in presented or chains()
        for name in (pki.HOST, "wrong.test", None)
    ]


def judge_elsewhere(verifier: certpath.Verifier) -> list[str]:
    """The same in a process that knows nothing yet."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(judge, (verifier, chains()))


class TestStores:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_embedded_roots(self, protocol: int) -> None:
        """With their date, as they were: not those that the other side has embedded."""
        store = certpath.TrustStore.mozilla()
        received = sent(store, protocol)
        assert contents(received) == contents(store)
        assert received.date is not None

    def test_what_was_left_out_is_still_listed(self, tmp_path: Path) -> None:
        """Also where a store came from is no longer there."""
        file = tmp_path / "roots.pem"
        file.write_text(ROOT.pem + "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n", "ascii")
        store = certpath.TrustStore.from_path(file)
        file.unlink()
        assert len(store.skipped) == 1
        assert contents(sent(store)) == contents(store)

    def test_a_context_without_certificates_trusts_nobody(self) -> None:
        """The one store that may be empty."""
        store = _certpath._extend(None, [], "context")
        assert contents(sent(store)) == contents(store)
        assert not sent(certpath.Verifier(store)).check([LEAF.der, CA.der, ROOT.der], at=pki.AT)

    @pytest.mark.parametrize(
        ("settings", "accepted"),
        [
            # SEQUENCE { SEQUENCE { serverAuth } }, SEQUENCE { SEQUENCE { } }, SEQUENCE { [0] { serverAuth } }
            (pki.tlv(0x30, pki.tlv(0x30, bytes.fromhex("06082b06010505070301"))), True),
            (pki.tlv(0x30, pki.tlv(0x30, b"")), False),
            (pki.tlv(0x30, pki.tlv(0xA0, bytes.fromhex("06082b06010505070301"))), False),
        ],
        ids=["trusted", "trusted for nothing", "rejected"],
    )
    def test_trust_settings(self, settings: bytes, *, accepted: bool) -> None:
        """What an anchor is trusted and rejected for goes with it: here for the second of two."""
        blocks = [(OTHER_ROOT.der, False), (ROOT.der + settings, True)]
        store = _certpath._extend(None, blocks, "context")
        for verifier in (certpath.Verifier(store), certpath.Verifier(sent(store))):
            assert bool(verifier.check([LEAF.der, CA.der], pki.HOST, at=pki.AT)) is accepted

    def test_what_could_not_be_read(self) -> None:
        """In the name of an anchor that only OpenSSL can read nothing is believed, there neither."""
        # notBefore as an IA5String.
        unreadable = ROOT.der.replace(b"\x30\x1e\x17\x0d", b"\x30\x1e\x16\x0d")
        for other, accepted in ((unreadable, False), (unreadable.replace(b"Root", b"Toor"), True)):
            store = _certpath._extend(None, [(ROOT.der, False), (other, False)], "context")
            for verifier in (certpath.Verifier(store), certpath.Verifier(sent(store))):
                assert bool(verifier.check([LEAF.der, CA.der], pki.HOST, at=pki.AT)) is accepted

    def test_broken_pickle(self) -> None:
        """ValueError, and never a store with less in it."""
        with pytest.raises(ValueError, match="certificate 1"):
            _certpath._store(("name", (None, None, None), [ROOT.der, b"junk"], [], [], [], []))
        with pytest.raises(ValueError, match="certificate 0"):
            _certpath._pool(([b"junk"], []))
        with pytest.raises(ValueError, match="not a pickle"):
            _certpath._store(("name", (None, None, None), [ROOT.der], [(1 << 70, None, [])], [], [], []))


class TestPools:
    def test_certificates_and_what_was_left_out(self, tmp_path: Path) -> None:
        """In their order."""
        (tmp_path / "a.pem").write_text(CA.pem + OTHER_ROOT.pem, "ascii")
        (tmp_path / "b.txt").write_text("nothing", "ascii")
        pool = certpath.IntermediatePool.from_path(tmp_path)
        assert pool.skipped
        assert contents(sent(pool)) == contents(pool)


class TestVerifiers:
    @pytest.mark.parametrize("way", [sent, copy.copy, copy.deepcopy], ids=["pickled", "copied", "deep"])
    def test_judges_alike(self, way: Callable[[Any], Any]) -> None:
        """Stores, pool, policy and CRLs all arrive."""
        verifier = full_verifier()
        verdicts = judge(verifier)
        assert any('"ok": true' in verdict for verdict in verdicts)
        assert any('"revoked": true' in verdict for verdict in verdicts)
        received = way(verifier)
        assert judge(received) == verdicts
        assert repr(received) == repr(verifier)
        assert received.policy == verifier.policy
        assert received.crl_count == verifier.crl_count == 2

    def test_judges_alike_in_another_process(self) -> None:
        """With nothing inherited."""
        verifier = full_verifier()
        assert judge_elsewhere(verifier) == judge(verifier)

    def test_of_a_context(self) -> None:
        """As `ssl` judges."""
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=ROOT.pem)
        assert judge(sent(context.verifier())) == judge(context.verifier())

    def test_broken_pickle(self) -> None:
        """ValueError, and never a verifier with fewer CRLs."""
        with pytest.raises(ValueError, match="CRL"):
            _certpath._verifier((ROOT.store,), None, POLICY, [b"junk"], None, ())
        with pytest.raises(ValueError, match="trust store"):
            _certpath._verifier((), None, POLICY, [], None, ())
