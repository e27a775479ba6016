"""Trust stores: where they come from, what they leave out, and that they are never silently empty."""

from __future__ import annotations

import datetime
import errno
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import Certificate, TrustStore
from support import pki

if TYPE_CHECKING:
    from pathlib import Path

LEAF, INTERMEDIATE, ROOT = pki.three()
TRUSTED = "-----BEGIN TRUSTED CERTIFICATE-----\nMAA=\n-----END TRUSTED CERTIFICATE-----\n"
EMPTY = "no certificate found: a trust store cannot be empty"
CRL_PEM = pki.Entity(pki.crl(ROOT), ROOT.key).pem.replace("CERTIFICATE", "X509 CRL")


class TestFromPem:
    def test_order_and_duplicates(self) -> None:
        """Certificates keep the order of the bundle; what comes twice counts once."""
        store = TrustStore.from_pem(pki.chain_pem([ROOT, INTERMEDIATE, ROOT]))
        assert [one.der for one in store.certificates] == [ROOT.der, INTERMEDIATE.der]
        assert len(store) == 2
        assert [one.der for one in store] == [ROOT.der, INTERMEDIATE.der]
        assert store.skipped == []
        assert (store.name, store.date) == ("pem", None)

    @pytest.mark.parametrize("kind", [str, str.encode, lambda text: bytearray(text, "ascii")], ids=range(3))
    def test_text_and_octets(self, kind: Any) -> None:
        """A bundle may be text or any octets."""
        data = kind(ROOT.pem)
        assert TrustStore.from_pem(data, name="mine").name == "mine"
        if not isinstance(data, str):
            assert len(TrustStore.from_pem(memoryview(data))) == 1

    def test_what_is_left_out_is_told(self) -> None:
        """Keys, CRLs, other blocks and certificates that do not parse, each in a sentence."""
        bundle = f"words\n{ROOT.key_pem}{CRL_PEM}{TRUSTED}{ROOT.pem}"
        store = TrustStore.from_pem(bundle)
        assert len(store) == 1
        key, crl, trusted = store.skipped
        assert "1 private key" in key
        assert "1 CRL" in crl
        assert trusted.startswith("certificate 0: malformed")

    def test_a_certificate_that_does_not_parse_is_skipped(self) -> None:
        """By its position in the bundle, without costing the others."""
        broken = pki.Entity(LEAF.der[:-1] + b"", LEAF.key).pem
        store = TrustStore.from_pem(ROOT.pem + broken + INTERMEDIATE.pem)
        assert [one.der for one in store] == [ROOT.der, INTERMEDIATE.der]
        assert len(store.skipped) == 1
        assert store.skipped[0].startswith("certificate 1: malformed")

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            (b"", "no data"),
            ("", "no data"),
            ("only words", "PEM"),
            (b"\0" * 64, "PEM"),
            (ROOT.key_pem, f"{EMPTY} (1 private key"),
            (CRL_PEM, f"{EMPTY} (1 CRL"),
            (TRUSTED, f"{EMPTY} (certificate 0: malformed"),
            (pki.Entity(b"\x30\x00", ROOT.key).pem, f"{EMPTY} (certificate 0: malformed"),
            (ROOT.pem + "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n", "line "),
            (ROOT.pem + LEAF.pem[:-30], "line "),
        ],
        ids=range(10),
    )
    def test_never_empty_and_never_damaged(self, data: Any, problem: str) -> None:
        """Without a certificate, or with a damaged block, there is no store but a ValueError."""
        with pytest.raises(ValueError) as caught:
            TrustStore.from_pem(data)
        assert problem.lower() in str(caught.value).lower()

    def test_a_damaged_block_is_named_by_its_line(self) -> None:
        """The line on which it begins, counted from 1."""
        line = ROOT.pem.count("\n") + 1
        with pytest.raises(ValueError, match=rf"line {line}\b"):
            TrustStore.from_pem(ROOT.pem + "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n")

    @pytest.mark.parametrize("wrong", [None, 1, object(), {}, [ROOT.pem], ROOT.certificate])
    def test_other_types_are_refused(self, wrong: Any) -> None:
        """With a TypeError that names the argument and the type."""
        with pytest.raises(TypeError, match=f"data must be str.* not {type(wrong).__name__}"):
            TrustStore.from_pem(wrong)

    def test_the_name_must_be_a_text(self) -> None:
        """Given by keyword only."""
        with pytest.raises(TypeError):
            TrustStore.from_pem(ROOT.pem, name=1)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            TrustStore.from_pem(ROOT.pem, "mine")  # type: ignore[call-arg]


class TestFromDer:
    def test_one_or_many(self) -> None:
        """One certificate in any form, or an iterable of them."""
        forms: list[Any] = [ROOT.der, ROOT.pem, ROOT.certificate, Certificate(ROOT.der), bytearray(ROOT.der)]
        for form in forms:
            assert TrustStore.from_der(form).certificates == [Certificate(ROOT.der)]
        store = TrustStore.from_der(iter([*forms, INTERMEDIATE.der]), name="many")
        assert [one.der for one in store] == [ROOT.der, INTERMEDIATE.der]
        assert store.name == "many"

    @pytest.mark.parametrize(
        ("data", "problem"),
        [
            ([], EMPTY),
            ([ROOT.der, ROOT.der[:-1]], "certificate 1: malformed"),
            ([ROOT.der, b""], "certificate 1: "),
            ([ROOT.key_pem], "certificate 0: .*private key"),
            (ROOT.der + b"\0", "malformed"),
            (ROOT.der * 2, "malformed"),
            (b"", "."),
        ],
        ids=range(7),
    )
    def test_nothing_unparseable(self, data: Any, problem: str) -> None:
        """ValueError with the index of the one that does not parse, or because there is none."""
        with pytest.raises(ValueError, match=problem):
            TrustStore.from_der(data)

    @pytest.mark.parametrize("wrong", [None, 1, object(), [None], [ROOT.der, 1], [[ROOT.der]]])
    def test_other_types_are_refused(self, wrong: Any) -> None:
        """With a TypeError."""
        with pytest.raises(TypeError, match="certificate must be"):
            TrustStore.from_der(wrong)


class TestFromPath:
    def test_pem_and_der_files(self, tmp_path: Path) -> None:
        """Either kind of file, by str or Path; the name is the file's own unless another is given."""
        (tmp_path / "bundle.pem").write_text(pki.chain_pem([ROOT, INTERMEDIATE]), encoding="ascii")
        (tmp_path / "root.der").write_bytes(ROOT.der)
        store = TrustStore.from_path(tmp_path / "bundle.pem")
        assert (store.name, len(store)) == ("bundle.pem", 2)
        store = TrustStore.from_path(str(tmp_path / "root.der"), name="mine")
        assert (store.name, len(store)) == ("mine", 1)

    def test_directory(self, tmp_path: Path) -> None:
        """Every file of it, in the order of their names, not recursive; what is not read is listed."""
        (tmp_path / "b.pem").write_text(INTERMEDIATE.pem, encoding="ascii")
        (tmp_path / "a.der").write_bytes(ROOT.der)
        (tmp_path / "c.txt").write_text("only words", encoding="ascii")
        (tmp_path / "key.pem").write_text(ROOT.key_pem)
        (tmp_path / "deeper").mkdir()
        (tmp_path / "deeper" / "leaf.pem").write_text(LEAF.pem, encoding="ascii")
        store = TrustStore.from_path(tmp_path)
        assert [one.der for one in store] == [ROOT.der, INTERMEDIATE.der]
        assert store.name == tmp_path.name
        assert [line.split(":")[0] for line in store.skipped] == ["c.txt", "deeper", "key.pem"]

    def test_directory_without_certificates(self, tmp_path: Path) -> None:
        """ValueError, with a few of the reasons."""
        with pytest.raises(ValueError, match=EMPTY):
            TrustStore.from_path(tmp_path)
        for number in range(5):
            (tmp_path / f"{number}.txt").write_text("words", encoding="ascii")
        with pytest.raises(ValueError, match=r"0\.txt.*and 2 more"):
            TrustStore.from_path(tmp_path)

    def test_missing(self, tmp_path: Path) -> None:
        """FileNotFoundError, as `open` would raise it."""
        missing = tmp_path / "missing.pem"
        with pytest.raises(FileNotFoundError) as caught:
            TrustStore.from_path(missing)
        assert caught.value.errno == errno.ENOENT
        assert str(caught.value.filename) == str(missing)
        assert caught.value.strerror
        assert "os error" not in caught.value.strerror

    def test_without_certificates(self, tmp_path: Path) -> None:
        """ValueError that names the file and what it holds instead."""
        file = tmp_path / "key.pem"
        file.write_text(ROOT.key_pem)
        with pytest.raises(ValueError, match=r"key\.pem: no certificate found.*private key") as caught:
            TrustStore.from_path(file)
        assert ROOT.key_pem.splitlines()[1] not in str(caught.value)
        file.write_bytes(b"")
        with pytest.raises(ValueError, match=r"key\.pem: "):
            TrustStore.from_path(file)

    @pytest.mark.parametrize("wrong", [None, 1, object(), [b"x"]])
    def test_other_types_are_refused(self, wrong: Any) -> None:
        """With a TypeError."""
        with pytest.raises(TypeError):
            TrustStore.from_path(wrong)


class TestSystem:
    def test_configured_file(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """SSL_CERT_FILE is obeyed."""
        file = tmp_path / "roots.pem"
        file.write_text(pki.chain_pem([ROOT]), encoding="ascii")
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        store = TrustStore.system()
        assert [one.der for one in store] == [ROOT.der]
        assert store.name == "system"

    def test_configured_file_that_is_missing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """OSError, never an empty store."""
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        with pytest.raises(OSError, match=r"missing\.pem"):
            TrustStore.system()

    def test_configured_file_without_certificates(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """ValueError."""
        file = tmp_path / "key.pem"
        file.write_text(ROOT.key_pem)
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        monkeypatch.delenv("SSL_CERT_DIR", raising=False)
        with pytest.raises(ValueError, match="no certificate found"):
            TrustStore.system()


class TestMozilla:
    def test_embedded_roots(self) -> None:
        """More than a hundred, dated, and the same ones each time."""
        store = TrustStore.mozilla()
        assert store.name == "mozilla"
        assert len(store) == len(store.certificates) > 100
        assert store.skipped == []
        assert store.date is not None
        assert type(store.date) is datetime.date
        assert store.date > datetime.date(2025, 1, 1)
        assert TrustStore.mozilla().certificates == store.certificates


class TestContainment:
    def test_by_the_certificate_itself(self) -> None:
        """In any form; what is not a certificate is simply not in it."""
        store = ROOT.store
        inside: list[Any] = [ROOT.der, ROOT.pem, Certificate(ROOT.der), ROOT.certificate]
        assert all(form in store for form in inside)
        outside: list[Any] = [LEAF.der, b"", "", None, 1, object()]
        assert not any(form in store for form in outside)

    def test_immutable(self) -> None:
        """A list that was handed out changes nothing; no attribute can be set; there is no constructor."""
        store = ROOT.store
        store.certificates.clear()
        assert len(store) == 1
        with pytest.raises(AttributeError):
            store.name = "x"  # type: ignore[misc]
        with pytest.raises(TypeError):
            TrustStore()
        assert "test" in repr(store)
        assert "1 cert" in repr(store)

    def test_a_verifier_names_its_store(self) -> None:
        """In the verifier and in every verdict."""
        verifier = certpath.Verifier(TrustStore.from_der(ROOT.der, name="mine"))
        assert verifier.store.name == "mine"
        assert verifier.check([LEAF.der, INTERMEDIATE.der], at=pki.AT).store == "mine"
