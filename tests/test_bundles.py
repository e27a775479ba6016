"""Whatever is handed in as a file or text: read at every door alike, or complained of, never lost."""

from __future__ import annotations

import base64
import random
import shutil
import ssl
import subprocess
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath import Certificate, IntermediatePool, Policy, TrustStore, Verifier
from certpath.cli import main
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import pkcs7, pkcs12
from cryptography.x509 import ocsp
from support import pki

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAF, INTERMEDIATE, ROOT = pki.three()
OTHER = pki.issue("Other Root", ca=True)
SERIAL = LEAF.certificate.serial_number
CHAIN = pki.chain_pem([LEAF, INTERMEDIATE])
ROOTS = pki.chain_pem([ROOT, OTHER])
REVOKING = pki.crl_pem(pki.crl(INTERMEDIATE, [(SERIAL, None)], last_update=pki.at(2026, 5, 1)))
EMPTY = pki.crl_pem(pki.crl(INTERMEDIATE, last_update=pki.at(2026, 4, 1)))
WITH_CRLS = Policy.ssl(0x8000 | 4)
MARK = "\ufeff"

READ = "read"
"""What is expected of a text: all of it is read; or else the complaint names this line."""

Seam = tuple["Callable[[str], str]", "str | int"]


def second(text: str, begin: str) -> str:
    """The text with another first line of its second block."""
    first = text.index("-----BEGIN")
    at = text.index("-----BEGIN", first + 1)
    end = text.index("\n", at)
    return text[:at] + begin + text[end:]


def seams(label: str) -> dict[str, Seam]:
    """What may become of a text of two blocks; line counts are filled in by `line`."""
    begin, end = f"-----BEGIN {label}-----", f"-----END {label}-----"
    all_read: dict[str, Callable[[str], str]] = {
        "as it is": lambda text: text,
        "mark": lambda text: MARK + text,
        "two marks": lambda text: MARK * 2 + text,
        "mark in the middle": lambda text: second(text, MARK + begin),
        "mark behind an empty line": lambda text: second(text, "\n" + MARK + begin),
        "mark behind blanks": lambda text: second(text, " " + MARK + begin),
        "indented": lambda text: text.replace("-----BEGIN", "  -----BEGIN"),
        "all indented": lambda text: "".join("    " + line for line in text.splitlines(keepends=True)),
        "tab": lambda text: second(text, "\t" + begin),
        "form feed": lambda text: second(text, "\f" + begin),
        "vertical tab": lambda text: second(text, "\v" + begin),
        "blanks behind the dashes": lambda text: text.replace("-----\n", "-----  \t\n"),
        "no-break space behind the dashes": lambda text: text.replace("-----\n", "-----\xa0\n"),
        "CR LF": lambda text: text.replace("\n", "\r\n"),
        "CR": lambda text: text.replace("\n", "\r"),
        "CR CR LF": lambda text: text.replace("\n", "\r\r\n"),
        "empty lines": lambda text: text.replace("\n", "\n\n"),
        "no final line end": lambda text: text.rstrip("\n"),
        "text between": lambda text: second(text, "subject: x\n" + begin),
        "key between": lambda text: second(text, ROOT.key_pem + begin),
        "one long line": lambda text: "".join(
            f"{begin}\n{''.join(block.split())}\n{end}\n" for block in text.replace(end, "").split(begin)[1:]
        ),
        "blanks in the base64": lambda text: text.replace("A", "A ").replace("A -", "A-"),
    }
    if label == "CERTIFICATE":
        all_read["X509 label"] = lambda text: text.replace("CERTIFICATE", "X509 CERTIFICATE")
        all_read["trusted label"] = lambda text: text.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
        del all_read["blanks in the base64"]  # its labels have an A
    drawn = {
        "no dash": f"BEGIN {label}",
        "one dash": f"-BEGIN {label}-",
        "three dashes": f"---BEGIN {label}---",
        "four dashes": f"----BEGIN {label}-----",
        "four dashes behind": f"-----BEGIN {label}----",
        "six dashes": f"------BEGIN {label}-----",
        "six dashes behind": f"-----BEGIN {label}------",
        "no dashes behind": f"-----BEGIN {label}",
        "en dashes": f"\u2013\u2013\u2013\u2013\u2013BEGIN {label}\u2013\u2013\u2013\u2013\u2013",
        "em dash": f"\u2014BEGIN {label}\u2014",
        "minus signs": f"\u2212\u2212\u2212\u2212\u2212BEGIN {label}-----",
        "a soft hyphen": f"----\xadBEGIN {label}-----",
        "underscores": f"_____BEGIN {label}_____",
        "equals signs": f"=====BEGIN {label}=====",
        "an HTML entity": f"&#45;&#45;BEGIN {label}&#45;&#45;",
        "lower case": begin.lower(),
        "title case": begin.title(),
        "two blanks": f"-----BEGIN  {label}-----",
        "a tab in it": f"-----BEGIN\t{label}-----",
        "no-break space in it": f"-----BEGIN\xa0{label}-----",
        "blank behind the label": f"-----BEGIN {label} -----",
        "blank before BEGIN": f"----- BEGIN {label}-----",
        "plural": f"-----BEGIN {label}S-----",
        "text before": f"cert: {begin}",
        "comment": f"# {begin}",
        "quoted": f'"{begin}',
        "mail": f"> {begin}",
        "NUL": f"\0{begin}",
        "no-break space": f"\xa0{begin}",
        "zero-width space": f"\u200b{begin}",
        "zero-width space in it": f"-----BE\u200bGIN {label}-----",
        "text behind": f"{begin} text",
        "the line ends as \\n": f"{begin}\\nMAMC",
        "BEGIN twice": f"{begin}\n{begin}",
        "Cyrillic": f"-----BEGIN {label.replace('E', chr(0x415)).replace('C', chr(0x421))}-----",
        "no BEGIN": "",
    }
    complaints: dict[str, Callable[[str], str]] = {
        name: lambda text, begin=begin: second(text, begin)  # type: ignore[misc]
        for name, begin in drawn.items()
    }
    complaints |= {
        "glued": lambda text: text.replace(f"{end}\n{begin}", end + begin),
        "glued with a mark": lambda text: text.replace(f"{end}\n{begin}", end + MARK + begin),
        "glued with a blank": lambda text: text.replace(f"{end}\n{begin}", f"{end} {begin}"),
        "glued with three dashes": lambda text: text.replace(f"{end}\n{begin}", end + begin[2:]),
        "no END": lambda text: text.replace(f"{end}\n", "", 1),
        "no last END": lambda text: text[: text.rindex("-----END")],
        "another END": lambda text: text.replace(end, "-----END SOMETHING-----", 1),
        "END of four dashes": lambda text: text.replace(end, end[1:], 1),
        "END behind base64": lambda text: text.replace(f"\n{end}", end, 1),
        "END in lower case": lambda text: text.replace(end, end.lower(), 1),
        "BEGIN in a block": lambda text: second(text, begin).replace("\nM", f"\nM\n{begin}\nM", 1),
        "a header": lambda text: text.replace(
            f"{begin}\n", f"{begin}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1
        ),
        "no base64": lambda text: text.replace("\nM", "\n!", 1),
        "a dash in it": lambda text: text.replace("\nM", "\n-M", 1),
        "UTF-16 behind": lambda text: text + "\0".join(text),
        "key without END between": lambda text: second(text, f"-----BEGIN PRIVATE KEY-----\nMAA=\n{begin}"),
    }
    first = len(CHAIN)  # no line of any text
    return {name: (change, READ) for name, change in all_read.items()} | {
        name: (change, first) for name, change in complaints.items()
    }


CERTIFICATE_SEAMS = seams("CERTIFICATE")
CRL_SEAMS = seams("X509 CRL")


def certificates_of_verdict(text: Any) -> list[bytes]:
    """The end entity of the verdict on a chain; ValueError if there is no path to judge."""
    verdict = Verifier(ROOT.store).check(text, pki.HOST, at=pki.AT)
    if verdict.status in {"unparseable", "no_certificate", "input_error"}:
        raise ValueError(verdict.findings[0].detail)
    assert verdict.ok, verdict
    assert verdict.leaf_sha256 == LEAF.sha256
    return [LEAF.der, INTERMEDIATE.der]  # without the second there is no path


def ders(store: Any) -> list[bytes]:
    return [one.der for one in store]


class Doors:
    """Every door for certificates: the DER of what it reads; ValueError with its complaint if it refuses."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.capsys = capsys

    def file(self, data: bytes, name: str = "file.pem") -> Path:
        path = self.folder / name
        path.write_bytes(data)
        return path

    def store(self, data: bytes) -> list[bytes]:
        return self.whole(TrustStore.from_pem(data))

    def store_of_text(self, data: bytes) -> list[bytes]:
        return self.whole(TrustStore.from_pem(data.decode("utf-8", "surrogateescape")))

    def store_of_file(self, data: bytes) -> list[bytes]:
        return self.whole(TrustStore.from_path(self.file(data)))

    def store_of_folder(self, data: bytes) -> list[bytes]:
        (self.folder / "certs").mkdir()
        self.file(data, "certs/a.pem")
        return self.whole(TrustStore.from_path(self.folder / "certs"))

    def system_store(self, data: bytes) -> list[bytes]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SSL_CERT_FILE", str(self.file(data)))
            patch.delenv("SSL_CERT_DIR", raising=False)
            return self.whole(TrustStore.system())

    def pool(self, data: bytes) -> list[bytes]:
        return self.whole(IntermediatePool.from_pem(data))

    def pool_of_file(self, data: bytes) -> list[bytes]:
        return self.whole(IntermediatePool.from_path(self.file(data)))

    def chain(self, data: bytes) -> list[bytes]:
        return certificates_of_verdict(data)

    def chain_of_text(self, data: bytes) -> list[bytes]:
        return certificates_of_verdict(data.decode("utf-8", "surrogateescape"))

    def chain_of_batch(self, data: bytes) -> list[bytes]:
        verdict = Verifier(ROOT.store).check_many([data], pki.HOST, at=pki.AT)[0]
        if verdict.status in {"unparseable", "no_certificate", "input_error"}:
            raise ValueError(verdict.findings[0].detail)
        assert (verdict.ok, verdict.leaf_sha256) == (True, LEAF.sha256)
        return [LEAF.der, INTERMEDIATE.der]

    def command(self, data: bytes, *words: str) -> list[bytes]:
        roots = self.folder / "roots.pem"
        roots.write_text(ROOT.pem)
        code = main(
            [
                "check",
                str(self.file(data)),
                "--roots",
                str(roots),
                "--name",
                pki.HOST,
                "--at",
                "2026-06-01",
                *words,
            ]
        )
        captured = self.capsys.readouterr()
        if code != 0:
            assert code in {1, 2}, "2 where no file was recognised as certificates"
            raise ValueError(captured.err)
        return [LEAF.der, INTERMEDIATE.der]

    def scan(self, data: bytes) -> list[bytes]:
        return self.command(data, "--format", "certificates")

    def whole(self, store: Any) -> list[bytes]:
        """What was read; a complaint about the rest counts as one."""
        lost = [line for line in store.skipped if "private key" not in line]
        if lost:
            raise ValueError("; ".join(lost))
        return ders(store)


CHAIN_DOORS = ("chain", "chain_of_text", "chain_of_batch", "command", "scan")
BAG_DOORS = (
    "store",
    "store_of_text",
    "store_of_file",
    "store_of_folder",
    "system_store",
    "pool",
    "pool_of_file",
)


@pytest.fixture
def doors(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doors:
    return Doors(tmp_path, capsys)


def open_door(doors: Doors, door: str, data: bytes) -> list[bytes] | str:
    """What is read, or the complaint."""
    try:
        read: list[bytes] = getattr(doors, door)(data)
    except ValueError as complaint:
        return str(complaint)
    return read


def octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


class TestSeams:
    @pytest.mark.parametrize("door", [*CHAIN_DOORS, *BAG_DOORS])
    @pytest.mark.parametrize("seam", CERTIFICATE_SEAMS)
    def test_every_certificate_is_read_or_complained_of(self, doors: Doors, door: str, seam: str) -> None:
        """At every door alike: both certificates, in order, or an error that names a line."""
        change, expected = CERTIFICATE_SEAMS[seam]
        members = [LEAF, INTERMEDIATE] if door in CHAIN_DOORS else [ROOT, OTHER]
        text = change(pki.chain_pem(members))
        found = open_door(doors, door, octets(text))
        if expected == READ:
            assert found == [one.der for one in members]
        else:
            assert isinstance(found, str), "read, though nobody could be sure of it"
            assert "line " in found

    @pytest.mark.parametrize("seam", CRL_SEAMS)
    @pytest.mark.parametrize("order", ["revoking first", "revoking last"])
    def test_every_crl_is_asked_or_complained_of(self, tmp_path: Path, seam: str, order: str) -> None:
        """A revoked certificate is revoked (23) with both lists in a text, or the text is refused."""
        change, expected = CRL_SEAMS[seam]
        lists = [REVOKING, EMPTY] if order == "revoking first" else [EMPTY, REVOKING]
        text = change("".join(lists))
        path = tmp_path / "lists.pem"
        path.write_bytes(octets(text))
        roots = tmp_path / "roots.pem"
        roots.write_text(ROOT.pem)
        chain = tmp_path / "chain.pem"
        chain.write_text(CHAIN)
        code = main(
            [
                "check",
                str(chain),
                "--roots",
                str(roots),
                "--crl",
                str(path),
                "--at",
                "2026-06-01",
                "-o",
                "jsonl",
            ]
        )
        if expected == READ:
            verifier = Verifier(ROOT.store, policy=WITH_CRLS, crls=octets(text))
            assert verifier.crl_count == 2
            assert verifier.check(CHAIN, at=pki.AT).verify_code == 23
            assert code == 1
        else:
            with pytest.raises(ValueError, match="line "):
                Verifier(ROOT.store, policy=WITH_CRLS, crls=octets(text))
            assert code == 2

    def test_a_complaint_names_the_line_of_the_seam(self) -> None:
        """Counted from 1, whatever the lines end with."""
        lines = LEAF.pem.count("\n")
        for text, line in [
            (CHAIN.replace("-----\n-----", "----------"), lines),
            (second(CHAIN, "----BEGIN CERTIFICATE-----"), lines + 1),
            (second(CHAIN, "x -----BEGIN CERTIFICATE-----").replace("\n", "\r\n"), lines + 1),
            (second(CHAIN, "x -----BEGIN CERTIFICATE-----").replace("\n", "\r"), lines + 1),
            ("\n\n" + CHAIN.replace("-----END CERTIFICATE-----\n", "", 1), lines + 2),
        ]:
            with pytest.raises(ValueError, match=rf"line {line}:"):
                TrustStore.from_pem(text)

    def test_text_about_certificates_is_no_seam(self) -> None:
        """Requests, comments and the output of `openssl s_client` are passed over as before."""
        text = (
            "# Where certificates begin and where they end\n"
            "Certificate chain\n 0 s:CN = x\n   i:CN = y\n"
            f"{LEAF.pem}---\nServer certificate\nsubject=CN = x\n---\n"
            "SHA256 Fingerprint: " + LEAF.sha256.hex() + "\n" + LEAF.sha256.hex() + "\n"
            f"{INTERMEDIATE.pem}# begin certificate list\n"
        )
        assert ders(IntermediatePool.from_pem(text)) == [LEAF.der, INTERMEDIATE.der]

    def test_a_crl_among_the_certificates_of_a_chain_is_complained_of(self) -> None:
        """Nobody would ask it there; the same for a certificate among CRLs."""
        verdict = Verifier(ROOT.store).check(CHAIN + REVOKING, pki.HOST, at=pki.AT)
        assert verdict.status == "unparseable"
        line = CHAIN.count("\n") + 1
        assert f"a revocation list at line {line} does not belong here" in verdict.findings[0].detail
        with pytest.raises(ValueError, match="a certificate at line 1 does not belong here"):
            Verifier(ROOT.store, crls=ROOT.pem + REVOKING)

    def test_megabytes_of_anything_are_refused_or_read(self) -> None:
        """In time that grows with the input alone: no search begins anew for each line."""
        size = 2_000_000
        begins = b"-----BEGIN CERTIFICATE-----\n" * (size // 28)
        for data in (
            b"\0" * size,
            b"-" * size,
            b"N" * size,
            b"MI" * (size // 2),
            b"END CERTIFICATE REQUEST " * (size // 24),
            begins,
            b"-----BEGIN PGP SIGNED MESSAGE-----\n" * (size // 35),
            b"-----END CERTIFICATE-----\n" * (size // 26),
            b"-----BEGIN PRIVATE KEY-----\n" + b"-" * size,
            b"-----BEGIN CERTIFICATE-----\n" + b"-----END " * (size // 9),
        ):
            with pytest.raises(ValueError):
                TrustStore.from_pem(data)
        keys = b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n" * 100_000
        assert TrustStore.from_pem(keys + octets(ROOT.pem)).skipped == ["100000 private key(s)"]


class TestContexts:
    @staticmethod
    def loaded(kind: Any, **arguments: Any) -> Any:
        context = kind(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(**arguments)
        except (ssl.SSLError, OSError) as error:
            return type(error), context
        return None, context

    def compare(self, path: Path, data: bytes) -> str | None:
        """How our context and `ssl` differ after a file was loaded into both."""
        path.write_bytes(data)
        arguments: list[dict[str, Any]] = [{"cafile": str(path)}]
        if data.isascii():
            arguments.append({"cadata": data.decode()})
        for given in arguments:
            (theirs, reference), (ours, context) = (
                self.loaded(kind, **given) for kind in (ssl.SSLContext, certpath.SSLContext)
            )
            expected = sorted(reference.get_ca_certs(True))
            found = sorted(ders(context.verifier().store)) if reference.cert_store_stats()["x509"] else []
            if (theirs, expected, reference.cert_store_stats()) != (ours, found, context.cert_store_stats()):
                return f"{given}: ssl {theirs}, {len(expected)}; certpath {ours}, {len(found)}"
        return None

    @pytest.mark.parametrize("seam", CERTIFICATE_SEAMS)
    def test_a_cafile_is_read_as_ssl_reads_it(self, tmp_path: Path, seam: str) -> None:
        """Whatever the seam: the same certificates, the same exception."""
        text = CERTIFICATE_SEAMS[seam][0](ROOTS)
        assert self.compare(tmp_path / "roots.pem", octets(text)) is None

    @pytest.mark.parametrize("seam", CERTIFICATE_SEAMS)
    def test_the_default_cafile_is_read_as_ssl_reads_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seam: str
    ) -> None:
        """SSL_CERT_FILE, too, though nothing is raised there."""
        path = tmp_path / "roots.pem"
        path.write_bytes(octets(CERTIFICATE_SEAMS[seam][0](ROOTS)))
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
        reference, context = (kind(ssl.PROTOCOL_TLS_CLIENT) for kind in (ssl.SSLContext, certpath.SSLContext))
        reference.set_default_verify_paths()
        context.set_default_verify_paths()
        assert sorted(context.get_ca_certs(True)) == sorted(reference.get_ca_certs(True))
        assert context.cert_store_stats() == reference.cert_store_stats()

    @pytest.mark.parametrize("seed", range(8))
    def test_mutated_files_are_read_as_ssl_reads_them(self, tmp_path: Path, seed: int) -> None:
        """Characters put in, taken out and replaced near the lines that matter, NULs among them."""
        source = random.Random(seed)
        pieces = [
            "\n",
            "\r",
            " ",
            "\t",
            "\0",
            "-",
            "-----",
            MARK,
            "\xa0",
            ":",
            "=",
            "A",
            "x" * 250,
            " " * 254,
            "\n\n",
        ]
        pieces += [
            "-----BEGIN CERTIFICATE-----\n",
            "-----END CERTIFICATE-----\n",
            "a: b\n\n",
            EMPTY,
            LEAF.key_pem,
        ]
        differences = []
        for _ in range(60):
            text = ROOTS if source.random() < 0.7 else ROOTS.replace("\n", "\r\n")
            for _ in range(source.randrange(1, 4)):
                marks = [at for at in range(len(text)) if text.startswith("-----", at)]
                at = max(0, source.choice(marks) + source.randrange(-6, 30))
                text = text[:at] + source.choice(pieces) + text[at + source.choice([0, 0, 1, 3]) :]
            difference = self.compare(tmp_path / "roots.pem", octets(text))
            if difference:
                differences.append((difference, text))
        assert not differences

    @pytest.mark.parametrize("seam", CERTIFICATE_SEAMS)
    def test_stores_read_what_ssl_reads_or_complain(self, tmp_path: Path, seam: str) -> None:
        """No certificate that `ssl` takes from a file is missing from a store of the same file."""
        change, expected = CERTIFICATE_SEAMS[seam]
        path = tmp_path / "roots.pem"
        path.write_bytes(octets(change(ROOTS)))
        refused, reference = self.loaded(ssl.SSLContext, cafile=str(path))
        if expected == READ and not refused:
            assert set(reference.get_ca_certs(True)) <= set(ders(TrustStore.from_path(path)))


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")


def openssl(*arguments: str, data: bytes = b"") -> bytes:
    done = subprocess.run(  # noqa: S603 - arguments written here
        ["openssl", *arguments],  # noqa: S607 - found on PATH
        input=data,
        capture_output=True,
        check=True,
    )
    return done.stdout


def bag(certificates: list[bytes], crls: list[bytes] = [], *, indefinite: bool = False) -> bytes:  # noqa: B006 - not changed
    """PKCS#7 of these, with lengths as Windows writes them, or indefinite ones as Java may."""

    def element(tag: int, contents: bytes) -> bytes:
        return bytes([tag, 0x80]) + contents + b"\0\0" if indefinite else pki.tlv(tag, contents)

    data = bytes.fromhex("06092a864886f70d010701")
    signed = bytes.fromhex("06092a864886f70d010702")
    inner = b"\x02\x01\x01" + pki.tlv(0x31, b"") + element(0x30, data)
    inner += element(0xA0, b"".join(certificates)) if certificates else b""
    inner += element(0xA1, b"".join(crls)) if crls else b""
    return element(0x30, signed + element(0xA0, element(0x30, inner + pki.tlv(0x31, b""))))


def pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()


class TestPkcs7:
    FORMS = (
        "DER", "BER", "PKCS7", "PKCS #7 SIGNED DATA", "CMS", "BER in PEM", "cryptography",
    )  # fmt: skip

    def written(self, form: str, members: list[pki.Entity]) -> bytes:
        certificates = [one.der for one in members]
        if form == "cryptography":
            return pkcs7.serialize_certificates(
                [one.certificate for one in members], serialization.Encoding.PEM
            )
        if form == "BER in PEM":
            return pem("PKCS7", bag(certificates, indefinite=True))
        if form in {"DER", "BER"}:
            return bag(certificates, indefinite=form == "BER")
        return pem(form, bag(certificates))

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("door", [*CHAIN_DOORS, *BAG_DOORS])
    def test_every_form_is_read_at_every_door(self, doors: Doors, form: str, door: str) -> None:
        """As a chain with the end entity found, whatever the order; as a bag in the order it has."""
        if door.endswith("text") and form in {"DER", "BER"}:
            pytest.skip("octets are no text")
        if door in CHAIN_DOORS:
            for members in ([LEAF, INTERMEDIATE, ROOT], [ROOT, INTERMEDIATE, LEAF], [INTERMEDIATE, LEAF]):
                assert getattr(doors, door)(self.written(form, members)) == [LEAF.der, INTERMEDIATE.der]
        else:
            assert sorted(getattr(doors, door)(self.written(form, [ROOT, OTHER]))) == sorted(
                [ROOT.der, OTHER.der]
            )

    def test_which_certificate_is_meant_is_never_guessed(self) -> None:
        """Two end entities, none, or one that cannot be parsed: an error, with what to hand in instead."""
        twin = pki.issue("leaf", INTERMEDIATE)
        broken = LEAF.der[:40] + b"\0" + LEAF.der[41:]
        for members, said in [
            ([LEAF.der, twin.der, INTERMEDIATE.der], "2 of them have issued no other"),
            ([ROOT.der, OTHER.der], "2 of them have issued no other"),
            ([LEAF.der, pki.tlv(0x30, b"\x30\x00")], "number 2 cannot be parsed"),
        ]:
            verdict = Verifier(ROOT.store).check(bag(members), pki.HOST, at=pki.AT)
            assert verdict.status == "unparseable"
            assert said in verdict.findings[0].detail
            assert "openssl pkcs7 -print_certs" in verdict.findings[0].detail
        assert not Verifier(ROOT.store).check(bag([broken]), at=pki.AT).ok
        # What comes twice is one; a lone certificate is the end entity, whatever it is.
        assert Verifier(ROOT.store).check(bag([LEAF.der, LEAF.der, INTERMEDIATE.der]), pki.HOST, at=pki.AT).ok
        assert Verifier(ROOT.store).check(bag([ROOT.der]), at=pki.AT).leaf_sha256 == ROOT.sha256

    def test_a_bag_behind_a_certificate_completes_the_chain_and_not_the_other_way_round(self) -> None:
        """The first block is the end entity; a bag with certificates beside it has no first one."""
        issuers = pem("PKCS7", bag([ROOT.der, INTERMEDIATE.der]))
        verifier = Verifier(ROOT.store)
        assert verifier.check(octets(LEAF.pem) + issuers, pki.HOST, at=pki.AT).ok
        assert verifier.check([LEAF.der, issuers], pki.HOST, at=pki.AT).ok
        assert verifier.check([LEAF.der, bag([INTERMEDIATE.der])], pki.HOST, at=pki.AT).ok
        assert verifier.check(issuers + octets(LEAF.pem), pki.HOST, at=pki.AT).status == "unparseable"

    @pytest.mark.parametrize("form", ["DER", "BER", "PEM"])
    def test_crls_of_a_bag_are_crls(self, form: str) -> None:
        """Handed in as such they are asked; in a chain they are complained of, in a store listed."""
        revoking = ssl.PEM_cert_to_DER_cert(REVOKING.replace("X509 CRL", "CERTIFICATE"))
        data = bag([INTERMEDIATE.der], [revoking], indefinite=form == "BER")
        data = pem("PKCS7", data) if form == "PEM" else data
        verifier = Verifier(ROOT.store, policy=WITH_CRLS, crls=data)
        assert verifier.check(CHAIN, at=pki.AT).verify_code == 23
        assert verifier.check(data, at=pki.AT).status == "unparseable"
        assert any("1 CRL" in line for line in TrustStore.from_pem(data).skipped)

    def test_what_is_no_bag_is_said(self) -> None:
        """Encrypted data, an empty bag, and a message that is cut short."""
        enveloped = pki.tlv(
            0x30, bytes.fromhex("06092a864886f70d010703") + pki.tlv(0xA0, pki.tlv(0x30, b"\x02\x01\x00"))
        )
        for data in (enveloped, bag([])):
            with pytest.raises(ValueError, match="not a bag of certificates"):
                TrustStore.from_pem(data)
            with pytest.raises(ValueError, match="not a bag of certificates"):
                TrustStore.from_pem(pem("PKCS7", data))
        whole, endless = bag([ROOT.der]), bag([ROOT.der], indefinite=True)
        for data in (whole[:-3], whole + b"\0", endless[:-1], endless[:-9], b"\x30\x80" * 100_000):
            with pytest.raises(ValueError):
                TrustStore.from_pem(data)

    @needs_openssl
    def test_openssl_reads_the_same(self, tmp_path: Path) -> None:
        """What `openssl crl2pkcs7` puts together is what comes out here and of `openssl pkcs7`."""
        (tmp_path / "chain.pem").write_text(pki.chain_pem([ROOT, LEAF, INTERMEDIATE]))
        for form in ("PEM", "DER"):
            data = openssl("crl2pkcs7", "-nocrl", "-certfile", str(tmp_path / "chain.pem"), "-outform", form)
            printed = openssl("pkcs7", "-print_certs", "-inform", form, data=data)
            assert ders(IntermediatePool.from_pem(data)) == ders(IntermediatePool.from_pem(printed))
            assert Verifier(ROOT.store).check(data, pki.HOST, at=pki.AT).ok


def request() -> bytes:
    builder = x509.CertificateSigningRequestBuilder().subject_name(pki.names("x"))
    return builder.sign(ROOT.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def foreign() -> dict[str, tuple[bytes, str, str]]:
    """What is not a certificate: its octets, what it is called, and what is recommended."""
    key = ROOT.key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    locked = ROOT.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"x"),
    )
    public = ROOT.key.public_key()
    spki = public.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    ssh = public.public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    p12 = pkcs12.serialize_key_and_certificates(
        None, None, None, [ROOT.certificate], serialization.BestAvailableEncryption(b"x")
    )
    refusal = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.UNAUTHORIZED)
    hand_in = "hand in the certificate"
    return {
        "PKCS#12": (p12, "a PKCS#12 container", "openssl pkcs12 -in FILE -nokeys"),
        "JKS": (b"\xfe\xed\xfe\xed\0\0\0\2\0\0\0\1", "a Java keystore (JKS)", "keytool -list -rfc"),
        "JCEKS": (
            b"\xce\xce\xce\xce\0\0\0\2",
            "a Java keystore (JCEKS)",
            "keytool -list -rfc -storetype JCEKS",
        ),
        "UTF-16": (CHAIN.encode("utf-16"), "text in UTF-16", "iconv -f UTF-16 "),
        "UTF-16 without mark": (CHAIN.encode("utf-16-le"), "text in UTF-16", "iconv -f UTF-16LE"),
        "UTF-16 the other way": (CHAIN.encode("utf-16-be"), "text in UTF-16", "iconv -f UTF-16BE"),
        "UTF-32": (CHAIN.encode("utf-32"), "text in UTF-32", "iconv -f UTF-32"),
        "base64": (base64.b64encode(ROOT.der), "base64 without BEGIN and END", "base64 -d FILE"),
        "base64 in lines": (base64.encodebytes(ROOT.der), "base64 without BEGIN and END", "base64 -d FILE"),
        "PEM in base64": (base64.b64encode(octets(CHAIN)), "PEM in base64 once more", "base64 -d FILE"),
        "key": (key, "a private key", hand_in),
        "key in PEM": (octets(ROOT.key_pem), "a private key", hand_in),
        "encrypted key": (locked, "a private key", hand_in),
        "request": (request(), "a certificate request", hand_in),
        "request in PEM": (pem("CERTIFICATE REQUEST", request()), "a certificate request", hand_in),
        "public key": (spki, "a public key", hand_in),
        "public key in PEM": (pem("PUBLIC KEY", spki), "a public key", hand_in),
        "SSH key": (ssh + b"\n", "an SSH key", "hand in a certificate"),
        "OCSP": (refusal.public_bytes(serialization.Encoding.DER), "an OCSP response", "hand in a CRL"),
        "PGP": (
            b"-----BEGIN PGP MESSAGE-----\nVersion: 1 (a-b)\n\nmQENBF\n=abcd\n-----END PGP MESSAGE-----\n",
            "an OpenPGP key or message",
            "hand in a certificate",
        ),
        "ZIP": (b"PK\x03\x04" + bytes(30), "a ZIP or JAR archive", "unzip FILE"),
        "gzip": (b"\x1f\x8b\x08" + bytes(30), "compressed with gzip", "gunzip FILE"),
        "HTML": (
            b"<!DOCTYPE html>\n<html><body>404</body></html>",
            "an HTML page",
            "download the certificate",
        ),
        "CRL": (octets(REVOKING), "a revocation list", "revocation lists (crls, --crl)"),
        "CRL in DER": (pki.crl(ROOT), "a revocation list", "revocation lists (crls, --crl)"),
        "NSS": (b"SQLite format 3\0" + bytes(30), "an NSS certificate database", "certutil -L"),
    }


FOREIGN = foreign()


class TestForeign:
    @pytest.mark.parametrize("kind", FOREIGN)
    @pytest.mark.parametrize("door", [*CHAIN_DOORS[:1], *CHAIN_DOORS[2:], *BAG_DOORS[:1], *BAG_DOORS[2:]])
    def test_it_is_called_by_its_name_at_every_door(self, doors: Doors, kind: str, door: str) -> None:
        """With what makes certificates of it; no octet of it is repeated."""
        data, what, advice = FOREIGN[kind]
        if door == "scan" and kind == "gzip":
            pytest.skip("scans are unpacked")
        if door == "command" and kind == "gzip":
            pytest.skip("what is compressed is a scan")
        found = open_door(doors, door, data)
        assert isinstance(found, str)
        # No file name breaks into the sentence.
        if kind.startswith("CRL") and door in BAG_DOORS:
            what = "1 CRL(s)"
        if "private key" in what and door in BAG_DOORS:
            what = "1 private key(s)"
        assert what in found
        assert advice in found
        assert ROOT.key_pem.splitlines()[1] not in found

    @pytest.mark.parametrize("form", [b"0\0", b"0\0" * 2, b"0\0" * 3, b"0\0" * 2 + b"0\1\2"])
    def test_short_elements_are_not_taken_for_wide_text(self, form: bytes) -> None:
        """They are DER first, as longer ones are, and what is complained of is what they hold."""
        for read in (TrustStore.from_pem, IntermediatePool.from_pem):
            with pytest.raises(ValueError, match="certificate 0: malformed tbsCertificate"):
                read(form)

    @pytest.mark.parametrize("kind", [kind for kind in FOREIGN if "CRL" not in kind])
    def test_it_is_called_by_its_name_where_crls_belong(self, kind: str) -> None:
        """The same sentence."""
        data, what, advice = FOREIGN[kind]
        with pytest.raises(ValueError) as caught:
            Verifier(ROOT.store, crls=data)
        assert what in str(caught.value)
        assert advice in str(caught.value)

    def test_certificates_where_crls_belong(self) -> None:
        """And where they should go."""
        for data in (ROOT.pem, ROOT.der, bag([ROOT.der])):
            with pytest.raises(
                ValueError, match="a certificate, not a revocation list: hand it in as a chain"
            ):
                Verifier(ROOT.store, crls=data)

    @pytest.mark.parametrize("kind", [kind for kind in FOREIGN if "PEM" not in kind and "line" not in kind])
    def test_single_certificates_say_the_same(self, kind: str) -> None:
        """`Certificate` and `TrustStore.from_der` as well."""
        data, what, _ = FOREIGN[kind]
        for make in (Certificate, TrustStore.from_der, IntermediatePool.from_der):
            with pytest.raises(ValueError) as caught:
                make(data)
            assert what in str(caught.value)


@needs_openssl
class TestTrustedCertificates:
    def trusted(self, entity: pki.Entity, *settings: str) -> bytes:
        return openssl("x509", "-trustout", *settings, data=octets(entity.pem))

    @pytest.mark.parametrize(
        "settings",
        [
            (),
            ("-addtrust", "serverAuth"),
            ("-addtrust", "clientAuth"),
            ("-addreject", "serverAuth"),
            ("-addreject", "clientAuth"),
        ],
    )
    def test_a_store_has_its_settings_as_a_context_has_them(
        self, tmp_path: Path, settings: tuple[str, ...]
    ) -> None:
        """What OpenSSL does not trust for servers is not trusted, whatever the policy."""
        path = tmp_path / "root.pem"
        path.write_bytes(self.trusted(ROOT, *settings))
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(str(path))
        expected = context.verifier().check(CHAIN, pki.HOST, at=pki.AT)
        store = TrustStore.from_path(path)
        assert (ders(store), store.skipped) == ([ROOT.der], [])
        verdict = Verifier(store).check(CHAIN, pki.HOST, at=pki.AT)
        assert (verdict.ok, verdict.verify_code) == (expected.ok, expected.verify_code)
        assert verdict.ok == (settings in {(), ("-addtrust", "serverAuth"), ("-addreject", "clientAuth")})
        assert Verifier(store, policy=Policy.webpki()).check(CHAIN, pki.HOST, at=pki.AT).ok == verdict.ok

    def test_the_command_keeps_them_when_stores_become_one(self, tmp_path: Path) -> None:
        """A rejected root stays rejected beside another file of roots."""
        (tmp_path / "chain.pem").write_text(CHAIN)
        (tmp_path / "other.pem").write_text(OTHER.pem)
        (tmp_path / "root.pem").write_bytes(self.trusted(ROOT, "-addreject", "serverAuth"))
        words = ["--roots", str(tmp_path / "other.pem"), "--roots", str(tmp_path / "root.pem")]
        assert main(["check", str(tmp_path / "chain.pem"), *words, "--at", "2026-06-01"]) == 1
        (tmp_path / "root.pem").write_text(ROOT.pem)
        assert main(["check", str(tmp_path / "chain.pem"), *words, "--at", "2026-06-01"]) == 0

    def test_elsewhere_the_certificate_counts(self) -> None:
        """In chains and pools, where nothing is trusted; `TrustStore.from_der` would lose the settings."""
        leaf, issuer = (self.trusted(one, "-addreject", "serverAuth") for one in (LEAF, INTERMEDIATE))
        assert Verifier(ROOT.store).check(leaf + issuer, pki.HOST, at=pki.AT).ok
        assert ders(IntermediatePool.from_pem(issuer)) == [INTERMEDIATE.der]
        assert Certificate(leaf).der == LEAF.der
        with pytest.raises(ValueError, match=r"TrustStore\.from_pem keeps them"):
            TrustStore.from_der(self.trusted(ROOT, "-addreject", "serverAuth"))

    def test_damaged_settings_are_complained_of(self) -> None:
        """Not passed over: they might reject."""
        with pytest.raises(ValueError, match="line 1: malformed trust settings"):
            TrustStore.from_pem(pem("TRUSTED CERTIFICATE", ROOT.der + b"\x30\x05\x30"))


class TestFolders:
    def test_whatever_is_not_read_is_listed(self, tmp_path: Path) -> None:
        """PKCS#7 is read; dangling links, folders and files without certificates are in `skipped`."""
        (tmp_path / "a.p7b").write_bytes(bag([ROOT.der, OTHER.der]))
        (tmp_path / "b.pem").write_bytes(octets(second(ROOTS, "----BEGIN CERTIFICATE-----")))
        (tmp_path / "c.p12").write_bytes(FOREIGN["PKCS#12"][0])
        (tmp_path / "d").mkdir()
        (tmp_path / "e.pem").symlink_to(tmp_path / "nowhere.pem")
        (tmp_path / "f.pem").write_bytes(octets(MARK + INTERMEDIATE.pem))
        (tmp_path / "g.txt").write_bytes(b"")
        for kind in (TrustStore, IntermediatePool):
            found = kind.from_path(tmp_path)
            assert ders(found) == [ROOT.der, OTHER.der, INTERMEDIATE.der]
            assert [line.split(":")[0] for line in found.skipped] == ["b.pem", "c.p12", "d", "e.pem", "g.txt"]
            assert "line " in found.skipped[0]
            assert "openssl pkcs12" in found.skipped[1]
            assert "leads nowhere" in found.skipped[3]

    def test_the_command_reads_pkcs7_of_folders(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Each file is a chain."""
        (tmp_path / "chains").mkdir()
        (tmp_path / "chains" / "a.P7B").write_bytes(bag([INTERMEDIATE.der, LEAF.der]))
        (tmp_path / "roots.p7b").write_bytes(pem("PKCS7", bag([ROOT.der])))
        words = [
            "--roots",
            str(tmp_path / "roots.p7b"),
            "--name",
            pki.HOST,
            "--at",
            "2026-06-01",
            "-o",
            "csv",
        ]
        assert main(["check", str(tmp_path / "chains"), *words]) == 0
        assert "a.P7B" in capsys.readouterr().out


SHARED: dict[str, tuple[str, Any]] = {
    "bom-good.pem": ("chain", 0),
    "bom-expired.pem": ("chain", 10),
    "bom-roots.pem": ("store", 2),
    "bom-middle-roots.pem": ("store", 2),
    "bom-new-then-old.crl.pem": ("crl", 23),
    "glued-good.pem": ("chain", "line 13: BEGIN joined to the END before it"),
    "glued-roots.pem": ("store", "line 11: BEGIN joined to the END before it"),
    "glued-old-then-new.crl.pem": ("crl", "line 7: BEGIN joined to the END before it"),
    "new-then-old.crl.pem": ("crl", 23),
    "good.pem": ("chain", 0),
    "expired.pem": ("chain", 10),
    "indented-good.pem": ("chain", 0),
    "text-before-expired.pem": ("chain", "line 1: "),
    "four-dashes-good.pem": ("chain", "line 1: 4 dashes before BEGIN"),
    "x509-label-roots.pem": ("store", 2),
    "roots.pem": ("store", 2),
    "ca-first.pem": ("chain", 62),
    "good.p7b": ("chain", 0),
    "good.p7b.der": ("chain", 0),
    "roots.p7b": ("store", 2),
    "roots.p12": ("everywhere", "openssl pkcs12 -in FILE -nokeys"),
    "samples/truststore.jks": ("everywhere", "keytool -list -rfc"),
    "utf16-good.pem": ("everywhere", "iconv -f UTF-16"),
    "base64-only.txt": ("everywhere", "base64 -d FILE"),
}


class TestSharedFolder:
    @pytest.mark.parametrize("name", SHARED)
    def test_every_input_is_read_as_its_readme_says(self, shared: Path, name: str) -> None:
        """With live `ssl` beside it for what `ssl` reads."""
        folder = shared / "doors"
        kind, expected = SHARED[name]
        data = (folder / name).read_bytes()
        roots = TrustStore.from_path(folder / "roots.pem")
        if kind in {"store", "everywhere"}:
            self.as_store(folder / name, data, expected)
        if kind == "store":
            return
        host = "old.example.test" if "expired" in name else "good.example.test"
        if kind in {"crl", "everywhere"}:
            try:
                verifier = Verifier(roots, policy=WITH_CRLS, crls=data)
            except ValueError as error:
                complaint = str(error)
            else:
                complaint = ""
                good = (folder / "good.pem").read_bytes()
                assert verifier.check(good, "good.example.test", at=pki.AT).verify_code == expected
            assert bool(complaint) == isinstance(expected, str)
            assert not complaint or expected in complaint
        if kind in {"chain", "everywhere"}:
            verdict = Verifier(roots).check(data, host, at=pki.AT)
            if isinstance(expected, str):
                assert verdict.status == "unparseable"
                assert expected in verdict.findings[0].detail
            else:
                assert verdict.verify_code == expected

    @staticmethod
    def as_store(path: Path, data: bytes, expected: Any) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        try:
            context.load_verify_locations(str(path))
            loaded = context.cert_store_stats()["x509"]
        except ssl.SSLError:
            loaded = None
        for make in (TrustStore.from_pem, IntermediatePool.from_pem):
            if isinstance(expected, str):
                assert loaded is None
                with pytest.raises(ValueError) as caught:
                    make(data)
                assert expected in str(caught.value)
            else:
                found: Any = make(data)
                assert (len(found), found.skipped) == (expected, [])
                assert loaded in {expected, None}

    def test_no_input_is_forgotten(self, shared: Path) -> None:
        """Every file of the folder has an expectation; samples are for the readers of scans."""
        there = {path.name for path in (shared / "doors").iterdir() if path.is_file()} - {"README.md"}
        assert there == {name for name in SHARED if "/" not in name}
