"""Bad input: every kind gets a clear answer, in bounded time, and costs nothing else."""

from __future__ import annotations

import base64
import contextlib
import datetime
import functools
import itertools
import ssl
import threading
import time
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import Certificate, Policy, TrustStore, Verdict, Verifier
from cryptography import x509
from hypothesis import given, settings, strategies as st
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LEAF, INTERMEDIATE, ROOT = pki.three()
RSA_CHAIN = pki.three("rsa2048")
CHAIN = [LEAF.der, INTERMEDIATE.der]
VERIFIER = Verifier(ROOT.store)
STATUSES = {"ok", "invalid", "unparseable", "unsupported", "no_certificate", "input_error", "budget"}

# Of this thread's own time, whatever else the machine does: far above what it takes (milliseconds), far below
# what a quadratic loop would take.
BOUND = 5.0


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """What is done within must not take long, where there is nothing to be counted."""
    began = time.thread_time()
    yield
    assert time.thread_time() - began < BOUND


def judge(chain: Any, host: str | None = pki.HOST) -> Verdict:
    """The verdict of the usual verifier, which must not take long."""
    with bounded():
        verdict = VERIFIER.check(chain, host, at=pki.AT)
    assert verdict.status in STATUSES
    assert bool(verdict.findings) != verdict.ok
    return verdict


def flips(data: bytes) -> list[bytes]:
    """Every single octet of it replaced: by its complement, and with its lowest bit turned."""
    return [
        data[:position] + bytes([data[position] ^ mask]) + data[position + 1 :]
        for position in range(len(data))
        for mask in (0xFF, 0x01)
    ]


class TestTruncation:
    @pytest.mark.parametrize("position", [0, 1], ids=["leaf", "intermediate"])
    @pytest.mark.parametrize("kind", ["p256", "rsa2048"])
    def test_every_prefix_of_a_certificate(self, position: int, kind: str) -> None:
        """Is no certificate, and says so with its place in the chain."""
        leaf, intermediate, root = pki.three(kind)
        verifier = Verifier(root.store)
        whole = [leaf.der, intermediate.der]
        assert verifier.check(whole, pki.HOST, at=pki.AT).ok
        for length in range(len(whole[position])):
            chain = [*whole]
            chain[position] = whole[position][:length]
            verdict = verifier.check(chain, pki.HOST, at=pki.AT)
            assert verdict.status == "unparseable"
            assert verdict.findings[0].facts["position"] == position
            with pytest.raises(ValueError):
                Certificate(chain[position])

    def test_every_prefix_of_a_crl(self) -> None:
        """Is refused when the verifier is made."""
        crl = pki.crl(INTERMEDIATE, [(5, None)])
        for length in range(len(crl)):
            with pytest.raises(ValueError, match="crls: item 0"):
                Verifier(ROOT.store, crls=crl[:length])

    def test_every_prefix_of_pem_text(self) -> None:
        """No certificate is made of half a text; whole ones before the cut do not excuse it."""
        text = pki.chain_pem([LEAF, INTERMEDIATE])
        for length in range(1, len(text) - 1):
            verdict = VERIFIER.check(text[:length], pki.HOST, at=pki.AT)
            assert verdict.status in {"unparseable", "invalid"}
        # The last line end is not part of the block.
        assert VERIFIER.check(text[:-1], pki.HOST, at=pki.AT).ok

    def test_every_prefix_of_a_store(self) -> None:
        """ValueError: a store is whole or it is not."""
        for length in range(len(ROOT.der)):
            with pytest.raises(ValueError):
                TrustStore.from_der(ROOT.der[:length])
        for length in range(len(ROOT.pem) - 1):
            with pytest.raises(ValueError):
                TrustStore.from_pem(ROOT.pem[:length])


class TestFlips:
    @pytest.mark.parametrize("kind", ["p256", "rsa2048"])
    @pytest.mark.parametrize("position", [0, 1], ids=["leaf", "intermediate"])
    def test_every_octet_of_a_certificate(self, kind: str, position: int) -> None:
        """A flipped certificate is never accepted, and never anything but a verdict."""
        leaf, intermediate, root = pki.three(kind)
        verifier = Verifier(root.store)
        whole = [leaf.der, intermediate.der]
        for flipped in flips(whole[position]):
            chain = [*whole]
            chain[position] = flipped
            verdict = verifier.check(chain, pki.HOST, at=pki.AT)
            assert not verdict.ok, flipped.hex()
            assert verdict.status in {"invalid", "unparseable", "unsupported"}
            verdict.to_json()

    def test_every_octet_seen_through_the_view(self) -> None:
        """Whatever opens can be looked at; whatever does not is a ValueError."""
        attributes = [name for name in dir(Certificate) if not name.startswith("_")]
        seen = 0
        for flipped in flips(LEAF.der):
            try:
                view = Certificate(flipped)
            except ValueError:
                continue
            seen += 1
            for name in attributes:
                value = getattr(view, name)
                if name == "getpeercert":
                    look(value)
            assert view.der == flipped
        assert seen > len(LEAF.der) // 2

    def test_every_octet_of_a_crl(self) -> None:
        """A flipped CRL clears nobody: the chain is refused, or the CRL does not open."""
        crl = pki.crl(INTERMEDIATE, [(5, x509.ReasonFlags.superseded)])
        policy = Policy.ssl(crl_check="leaf")
        assert Verifier(ROOT.store, policy=policy, crls=crl).check(CHAIN, at=pki.AT).ok
        opened = 0
        for flipped in flips(crl):
            verifier = made(functools.partial(Verifier, ROOT.store, policy=policy, crls=flipped))
            if verifier is not None:
                opened += 1
                assert not verifier.check(CHAIN, at=pki.AT).ok, flipped.hex()
        assert opened > len(crl) // 2

    def test_every_octet_of_a_store(self) -> None:
        """Another root, or none: with its key or name changed it vouches for nothing here."""
        _, _, _, issuer, dates, subject, key, *_ = pki.fields(ROOT.der)
        start = ROOT.der.index(issuer + dates + subject + key)
        names_and_key = {
            *range(start, start + len(issuer)),
            *range(start + len(issuer + dates), start + len(issuer + dates + subject + key)),
        }
        vouched_for = set()
        for position, flipped in zip(itertools.count(), flips(ROOT.der)):
            store = made(functools.partial(TrustStore.from_der, flipped))
            if store is not None and Verifier(store).check(CHAIN, pki.HOST, at=pki.AT).ok:
                vouched_for.add(position // 2)
        assert not vouched_for & names_and_key
        # An anchor's own signature is not looked at: these stores are made, and asked.
        assert len(ROOT.der) - 1 in vouched_for

    def test_every_character_of_a_pem_text(self) -> None:
        """Accepted only if the DER inside is what it was."""
        text = LEAF.pem.encode()
        accepted = set()
        for position, flipped in zip(itertools.count(), flips(text)):
            verdict = VERIFIER.check([flipped, INTERMEDIATE.der], pki.HOST, at=pki.AT)
            if verdict.ok:
                accepted.add(position // 2)
                assert verdict.leaf_sha256 == LEAF.sha256
        # Before padding the last letter has bits that nobody reads: "4" there says what "5" does.
        body = text[: text.index(b"\n-----END")]
        if body.endswith(b"="):
            accepted.discard(len(body.rstrip(b"=")) - 1)
        # A line may end with another blank; nothing else may change.
        assert {text[position] for position in accepted} == {ord("\n")}


def look(call: Callable[[], object]) -> None:
    """Call what may raise a ValueError (UnicodeDecodeError is one), and nothing else."""
    try:
        call()
    except ValueError:
        return


def made(make: Callable[[], Any]) -> Any:
    """What `make` gives, ``None`` if it raises a ValueError."""
    try:
        return make()
    except ValueError:
        return None


class TestWrongContents:
    def test_empty_chain(self) -> None:
        """A status of its own, in every form."""
        forms: list[Any] = [[], (), b"", "", bytearray(), memoryview(b""), iter([])]
        for form in forms:
            verdict = judge(form)
            assert (verdict.status, verdict.verify_code) == ("no_certificate", None)
            assert verdict.findings[0].name == "no_certificate"

    @pytest.mark.parametrize("where", ["alone", "in a list", "as text"])
    def test_ten_megabytes_of_zeros(self, where: str) -> None:
        """Refused, and nothing of it is worth a signature."""
        zeros = bytes(10_000_000)
        chain: dict[str, Any] = {"alone": zeros, "in a list": [LEAF.der, zeros], "as text": "\0" * 10_000_000}
        checks = VERIFIER.signature_checks
        verdict = VERIFIER.check(chain[where], pki.HOST, at=pki.AT)
        assert verdict.status == "unparseable"
        assert VERIFIER.signature_checks == checks
        with pytest.raises(ValueError):
            TrustStore.from_pem(zeros)
        with pytest.raises(ValueError):
            Verifier(ROOT.store, crls=zeros)

    @pytest.mark.parametrize(
        "filler", [b"-", b"-----BEGIN ", b"-----BEGIN CERTIFICATE-----\n", b"\n", b"\x30\x80", b"\x30"]
    )
    def test_megabytes_of_almost_something(self, filler: bytes) -> None:
        """Nor do beginnings without an end take long."""
        data = filler * (2_000_000 // len(filler))
        assert not judge(data).ok
        assert not judge([LEAF.der, data]).ok
        with bounded(), pytest.raises(ValueError):
            TrustStore.from_pem(data)

    def test_pem_with_junk(self) -> None:
        """Text around the blocks does not matter, other blocks neither; a damaged one does."""
        request = "-----BEGIN CERTIFICATE REQUEST-----\nMAA=\n-----END CERTIFICATE REQUEST-----\n"
        junk = f"\ufeffwords\n{LEAF.pem}s:/CN=x\n{LEAF.key_pem}{request}{INTERMEDIATE.pem}\0\x1b junk"
        assert judge(junk).ok
        assert judge(junk.replace("\n", "\r\n")).ok
        verdict = judge(LEAF.pem + "-----BEGIN CERTIFICATE-----\n*junk*\n-----END CERTIFICATE-----\n")
        assert verdict.status == "unparseable"
        assert "line" in str(verdict.findings[0].facts["problem"])
        assert judge("words, no block").status == "unparseable"

    @pytest.mark.parametrize("entity", [LEAF, RSA_CHAIN[0]], ids=["ec", "rsa"])
    def test_private_key_where_a_certificate_should_be(self, entity: pki.Entity) -> None:
        """It is called one, in PEM and in DER, and its octets are not repeated."""
        der = ssl.PEM_cert_to_DER_cert(entity.key_pem.replace("PRIVATE KEY", "CERTIFICATE"))
        secret = base64.b64encode(der)[40:60].decode()
        for key in (entity.key_pem, entity.key_pem.encode(), der, bytearray(der)):
            chains: list[Any] = [key, [key], [LEAF.der, key]]
            for chain in chains:
                verdict = judge(chain)
                assert verdict.status == "unparseable"
                assert "private key" in str(verdict.findings[0].facts["problem"])
                assert secret not in verdict.to_json()
            with pytest.raises(ValueError, match="private key") as caught:
                Certificate(key)
            assert secret not in str(caught.value)

    @pytest.mark.parametrize("wrong", [None, 1, 1.5, True, object(), Certificate, judge])
    def test_wrong_types(self, wrong: Any) -> None:
        """TypeError, alone and inside a list."""
        with pytest.raises(TypeError):
            VERIFIER.check(wrong)
        with pytest.raises(TypeError, match="certificate 1 of the chain"):
            VERIFIER.check([LEAF.der, wrong])
        with pytest.raises(TypeError):
            VERIFIER.verify(wrong)

    @pytest.mark.parametrize(
        "wrong", [[1, 2], [[LEAF.der]], [{}], {1: LEAF.der}, range(3), ({},)], ids=range(6)
    )
    def test_wrong_containers(self, wrong: Any) -> None:
        """TypeError for an iterable of what is not a certificate, with its place, or without an order."""
        with pytest.raises(TypeError, match=r"certificate 0 of the chain must be|a chain must be in order"):
            VERIFIER.check(wrong)

    def test_objects_that_misbehave(self) -> None:
        """public_bytes that raises, or gives no bytes; iterators that raise."""

        class Raises:
            def public_bytes(self, encoding: object) -> bytes:
                raise KeyError(encoding)

        class Wrong:
            def public_bytes(self, encoding: object) -> object:
                return encoding

        with pytest.raises(KeyError):
            VERIFIER.check([Raises()])
        wrong: Any = Wrong()
        with pytest.raises(TypeError):
            VERIFIER.check([wrong])

        def endless_trouble() -> Any:
            yield LEAF.der
            raise LookupError

        with pytest.raises(LookupError):
            VERIFIER.check(endless_trouble())

    def test_surrogates(self) -> None:
        """Text that has no UTF-8 form is a ValueError (UnicodeEncodeError), not a crash."""
        surrogates: Any = "\ud800"
        for call in (
            lambda: VERIFIER.check(surrogates),
            lambda: VERIFIER.check(CHAIN, surrogates),
            lambda: TrustStore.from_pem(surrogates),
            lambda: Certificate(surrogates),
            lambda: certpath.canonical_hostname(surrogates),
            lambda: Policy.ssl(purpose=surrogates),
        ):
            with pytest.raises(UnicodeEncodeError):
                call()


class TestNames:
    @pytest.mark.parametrize(
        "name",
        [
            "",
            ".",
            ".example.test",
            "www.example.test\0.evil.test",
            "\0",
            "a..b",
            "x" * 64 + ".test",
            "x" * 10_000,
            "ü" * 70 + ".test",
            "www.\u3002.test",
            "\u202e.test",
        ],
        ids=range(11),
    )
    def test_impossible_names(self, name: str) -> None:
        """ValueError before anything is judged."""
        with pytest.raises(ValueError):
            VERIFIER.check(CHAIN, name, at=pki.AT)
        (verdict,) = VERIFIER.check_many([CHAIN], [name], at=pki.AT)
        assert verdict.status == "input_error"

    @pytest.mark.parametrize(
        "name",
        [
            "x" * 63 + ".test",
            ".".join(["x"] * 5_000),
            "*",
            "*.example.test",
            "www.example.test.",
            "-",
            "a b",
            "a\nb",
            "[::1]",
            "fe80::1%eth0",
            "192.0.2.256",
            "0x7f.1",
            "%00",
            "www.example.test/",
        ],
    )
    def test_odd_names_match_nothing(self, name: str) -> None:
        """They are compared, and that is all."""
        verdict = judge(CHAIN, name)
        assert (verdict.verify_code, verdict.name_ok) == (62, False)
        assert len(verdict.findings) == 1

    def test_idna_bombs(self) -> None:
        """A label that is long only before or after conversion takes no time either."""
        for name in ("ﷺ" * 5_000, "ü" * 10_000, "xn--" + "9" * 10_000, ("ü." * 5_000)):
            with bounded():
                look(functools.partial(VERIFIER.check, CHAIN, name, at=pki.AT))


class TestExplosions:
    def test_ten_thousand_certificates(self) -> None:
        """More than a peer may send: the status is budget, and nothing of it is judged."""
        for chain in (
            [LEAF.der] * 10_000,
            CHAIN * 5_000,
            [Certificate(LEAF.der)] * 10_000,
            LEAF.pem * 10_000,
        ):
            verifier = Verifier(ROOT.store)
            verdict = verifier.check(chain, pki.HOST, at=pki.AT)
            assert (verdict.status, verdict.verify_code) == ("budget", 1)
            assert [finding.facts for finding in verdict.findings] == [{"limit": 1000, "presented": 10_000}]
            assert (verifier.signature_checks, verdict.path) == (0, ())

    def test_as_many_as_allowed(self) -> None:
        """A thousand, of which two are of use."""
        assert judge([*CHAIN, *[LEAF.der] * 998]).ok
        assert judge([LEAF.der, *[LEAF.der] * 998, INTERMEDIATE.der]).ok

    @pytest.mark.parametrize("kind", ["dns", "ip", "directory"])
    def test_a_megabyte_of_names(self, kind: str) -> None:
        """A certificate of a megabyte is judged; webpki's limit of 64 KiB refuses it in the end."""
        forms: dict[str, Callable[[int], bytes]] = {
            "dns": lambda number: pki.tlv(0x82, b"%07d.example.test" % number),
            "ip": lambda number: pki.tlv(0x87, number.to_bytes(16, "big")),
            "directory": lambda _: pki.tlv(0xA4, pki.fields(LEAF.der)[5]),
        }
        one = forms[kind]
        size = len(one(0))
        names = pki.tlv(0x30, b"".join(map(one, range(1_000_000 // size))))
        leaf = pki.issue(
            "many", INTERMEDIATE, extensions=[(pki.raw(x509.SubjectAlternativeName.oid, names), False)]
        )
        verdict = judge([leaf.der, INTERMEDIATE.der], "none.example.org")
        assert verdict.verify_code == 62
        assert len(verdict.findings[0].facts["presented"]) <= 21  # type: ignore[arg-type]
        assert len(verdict.to_json()) < 10_000
        verdict = judge([leaf.der, INTERMEDIATE.der], None)
        assert [finding.name for finding in verdict.findings] == ["proof_encoding"]
        assert len(Certificate(leaf.der).subject_alt_names) == 1_000_000 // size

    def test_a_thousand_issuers_of_one_name(self) -> None:
        """Presented or trusted: the one that fits is found or not, without trying all signatures."""
        names = [pki.issue("Intermediate", ROOT, own_key=LEAF.key, ca=True) for _ in range(998)]
        verdict = judge([LEAF.der, *(one.der for one in names), INTERMEDIATE.der])
        assert verdict.ok
        roots = [pki.issue("Root", own_key=LEAF.key, ca=True) for _ in range(1000)]
        verifier = Verifier(TrustStore.from_der([*(one.der for one in roots), ROOT.der]))
        assert verifier.check(CHAIN, pki.HOST, at=pki.AT).ok
        # Of the end entity and of the intermediate; the key identifier tells the root from its namesakes.
        assert verifier.signature_checks == 2

    def test_a_thousand_issuers_without_key_identifiers(self) -> None:
        """With nothing to tell them apart, the first one counts, as in OpenSSL."""
        bare: list[type[x509.ExtensionType]] = [x509.SubjectKeyIdentifier, x509.AuthorityKeyIdentifier]
        leaf = pki.issue("leaf", INTERMEDIATE, without=bare)
        names = [pki.issue("Intermediate", ROOT, own_key=LEAF.key, ca=True, without=bare) for _ in range(998)]
        verdict = judge([leaf.der, *(one.der for one in names), INTERMEDIATE.der])
        assert verdict.verify_code == 7

    def test_name_constraints_times_names(self) -> None:
        """Beyond 2^20 comparisons OpenSSL gives up, and so does this."""
        bases = b"".join(pki.tlv(0x30, pki.tlv(0x82, b"n%05d.test" % number)) for number in range(2_000))
        constraints = (pki.raw(x509.NameConstraints.oid, pki.tlv(0x30, pki.tlv(0xA1, bases))), True)
        ca = pki.issue("constrained", ROOT, ca=True, extensions=[constraints])
        names = pki.tlv(0x30, b"".join(pki.tlv(0x82, b"h%05d.example" % number) for number in range(2_000)))
        leaf = pki.issue("many", ca, extensions=[(pki.raw(x509.SubjectAlternativeName.oid, names), False)])
        verdict = judge([leaf.der, ca.der], None)
        assert (verdict.status, verdict.verify_code) == ("budget", 1)
        assert verdict.findings[0].name == "name_constraint_budget"

    def test_name_constraints_at_every_level(self) -> None:
        """A tower of constrained CAs, each at the limit, is bounded too."""
        bases = b"".join(pki.tlv(0x30, pki.tlv(0x82, b"n%05d.test" % number)) for number in range(1_000))
        constraints = (pki.raw(x509.NameConstraints.oid, pki.tlv(0x30, pki.tlv(0xA1, bases))), True)
        names = pki.tlv(0x30, b"".join(pki.tlv(0x82, b"h%05d.example" % number) for number in range(1_000)))
        alternatives = (pki.raw(x509.SubjectAlternativeName.oid, names), False)
        chain = [ROOT]
        for number in range(90):
            chain.append(
                pki.issue(f"level {number}", chain[-1], ca=True, extensions=[constraints, alternatives])
            )
        chain.append(pki.issue("leaf", chain[-1], extensions=[alternatives]))
        verifier = Verifier(ROOT.store)
        verdict = verifier.check([one.der for one in reversed(chain[1:])], at=pki.AT)
        # Each pair is below the limit of 2^20 for one; 2^21 are the limit of all.
        assert verdict.status == "budget"
        assert "name_constraint_budget" in [finding.name for finding in verdict.findings]
        assert verifier.signature_checks <= len(chain)

    @pytest.mark.parametrize(
        ("intermediates", "code"), [(6, 0), (7, 0), (60, 0), (100, 0), (101, 22), (300, 22)]
    )
    def test_deep_chains(self, intermediates: int, code: int) -> None:
        """A hundred intermediates are proven, in segments; more are refused with a code, however many."""
        deep = tower(intermediates)
        verdict = judge([one.der for one in reversed(deep[1:])])
        assert verdict.verify_code == code, verdict.explain()

    def test_deeply_nested_der(self) -> None:
        """Ten thousand SEQUENCEs in each other do not exhaust the stack."""
        nested = b""
        for _ in range(10_000):
            nested = pki.tlv(0x30, nested)
        assert judge(nested).status == "unparseable"
        for oid in (x509.SubjectAlternativeName.oid, x509.NameConstraints.oid, x509.KeyUsage.oid):
            leaf = pki.issue("nested", INTERMEDIATE, extensions=[(pki.raw(oid, nested), False)])
            assert not judge([leaf.der, INTERMEDIATE.der]).ok

    def test_loops(self) -> None:
        """CAs that have issued each other, or themselves, end the search."""
        first_key, second_key = pki.key("p256", "loop 1"), pki.key("p256", "loop 2")
        first = pki.issue("loop 1", own_key=first_key, ca=True)
        second = pki.issue("loop 2", first, own_key=second_key, ca=True)
        crossed = pki.issue("loop 1", second, own_key=first_key, ca=True)
        leaf = pki.issue("leaf", crossed)
        for issuers in itertools.permutations([first, second, crossed]):
            assert not judge([leaf.der, *(one.der for one in issuers)]).ok
        for issuers in itertools.permutations([second, crossed]):
            assert judge([leaf.der, *(one.der for one in issuers)] * 20).verify_code == 20
        own = pki.issue("own", ca=True)
        assert judge([own.der] * 500).verify_code == 18

    def test_a_large_crl(self) -> None:
        """A hundred thousand entries are read once and looked up at once."""
        entry = b"".join(
            pki.tlv(
                0x30, pki.tlv(0x02, (1 << 40 | number).to_bytes(6, "big")) + pki.tlv(0x17, b"250301000000Z")
            )
            for number in range(100_000)
        )
        outer = pki.elements(pki.inside(pki.crl(INTERMEDIATE)))
        fields = pki.elements(pki.inside(outer[0]))
        fields.insert(5, pki.tlv(0x30, entry))
        tbs = pki.tlv(0x30, b"".join(fields))
        signed = pki.signature(tbs, INTERMEDIATE.key, pki.SHA256)
        crl = pki.tlv(0x30, tbs + outer[1] + pki.tlv(0x03, b"\0" + signed))
        with bounded():
            verifier = Verifier(ROOT.store, policy=Policy.ssl(crl_check="leaf"), crls=crl)
            for _ in range(10):
                assert verifier.check(CHAIN, pki.HOST, at=pki.AT).ok
        assert verifier.signature_checks == 3


@functools.cache
def tower(intermediates: int) -> list[pki.Entity]:
    """Root, so many intermediates, and a leaf."""
    chain = [ROOT]
    for number in range(intermediates):
        chain.append(pki.issue(f"tower {number % 7} {number}", chain[-1], own_key=LEAF.key, ca=True))
    chain.append(pki.issue("leaf", chain[-1]))
    return chain


class TestRandom:
    @given(st.binary(max_size=300))
    @settings(max_examples=300, derandomize=True, database=None, deadline=None)
    def test_octets(self, data: bytes) -> None:
        """Random octets are never a chain, a store or a CRL."""
        assert judge(data).status in {"unparseable", "no_certificate"}
        assert judge([LEAF.der, data]).status == "unparseable"
        for make in (Certificate, TrustStore.from_der, TrustStore.from_pem):
            with pytest.raises(ValueError):
                make(data)
        with pytest.raises(ValueError):
            Verifier(ROOT.store, crls=data)

    @given(st.data())
    @settings(max_examples=300, derandomize=True, database=None, deadline=None)
    def test_mutations(self, data: st.DataObject) -> None:
        """A real chain with pieces cut, doubled, swapped or overwritten is never accepted changed."""
        position = data.draw(st.integers(0, 1))
        original = CHAIN[position]
        start = data.draw(st.integers(0, len(original)))
        end = data.draw(st.integers(start, len(original)))
        piece = data.draw(st.one_of(st.binary(max_size=20), st.just(original[start:end] * 2)))
        chain = [*CHAIN]
        chain[position] = original[:start] + piece + original[end:]
        verdict = judge(chain)
        assert not verdict.ok or chain == CHAIN

    @given(st.text(max_size=80))
    @settings(max_examples=300, derandomize=True, database=None, deadline=None)
    def test_names(self, name: str) -> None:
        """Any text is a name that matches nothing else, or no name: as `canonical_hostname` says."""
        verdict = made(lambda: VERIFIER.check(CHAIN, name, at=pki.AT))
        canonical = made(lambda: certpath.canonical_hostname(name))
        if canonical is None:
            assert verdict is None
        elif canonical.lower() == pki.HOST:  # hypothesis takes texts out of the code that is loaded
            assert verdict.verify_code == 0
        else:
            assert verdict.verify_code in {62, 64}


class TestTime:
    @pytest.mark.parametrize(
        "moment",
        [
            datetime.datetime.min.replace(tzinfo=datetime.timezone.utc),
            datetime.datetime.max.replace(tzinfo=datetime.timezone.utc),
            pki.at(1969, 12, 31),
            pki.at(1970),
            pki.at(2038, 1, 20),
            pki.at(2106, 2, 8),
            -1,
            0,
            2**31,
            2**32,
            0.5,
        ],
    )
    def test_extremes(self, moment: Any) -> None:
        """Every moment of the years 1 to 9999 can be judged at, dates counting or not."""
        verdict = VERIFIER.check(CHAIN, pki.HOST, at=moment)
        assert verdict.ok == (pki.NOT_BEFORE <= verdict.at < pki.NOT_AFTER)
        assert verdict.verify_code in {0, 9, 10}
        verifier = Verifier(ROOT.store, policy=Policy.ssl(check_time=False))
        assert verifier.check(CHAIN, pki.HOST, at=moment).ok


class TestThreads:
    def test_one_verifier_in_sixteen_threads(self) -> None:
        """Each gets the same verdicts as alone."""
        verifier = Verifier(ROOT.store)
        chains: list[Any] = [
            CHAIN,
            [LEAF.der],
            pki.chain_pem([LEAF, INTERMEDIATE]),
            [LEAF.certificate, INTERMEDIATE.certificate],
            [*CHAIN, ROOT.der],
            [LEAF.der[:-1]],
            [],
            [flips(LEAF.der)[-1], INTERMEDIATE.der],
        ]
        alone = [Verifier(ROOT.store).check(chain, pki.HOST, at=pki.AT).to_json() for chain in chains]
        results: dict[int, list[list[str]]] = {}
        barrier = threading.Barrier(16)

        def work(number: int) -> None:
            barrier.wait()
            results[number] = [
                [verdict.to_json() for verdict in verifier.check_many(chains, pki.HOST, at=pki.AT)]
                for _ in range(20)
            ]

        threads = [threading.Thread(target=work, args=(number,)) for number in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 16
        assert all(result == alone for rounds in results.values() for result in rounds)
