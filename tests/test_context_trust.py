"""What contexts load and show of it: the same as `ssl.SSLContext`, input by input."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import ssl
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from support import pki
from support.link import Link, attempt

if TYPE_CHECKING:
    from support.authority import Authority

Load = Callable[[ssl.SSLContext], object]


def inputs(authority: Authority) -> dict[str, dict[str, Any]]:
    """Arguments of `load_verify_locations`, by what is special about them."""
    root, other, leaf = authority.root, authority.other_root, authority.leaves["self-signed"]
    pem, body = root.pem, root.pem.split("-----\n")[1].split("\n-----")[0]
    marked = pem.replace("CERTIFICATE", "TRUSTED CERTIFICATE")
    file, write = {}, authority.file
    texts: dict[str, str | bytes] = {
        "one": pem,
        "two": pem + other.pem,
        "leaf": leaf.pem,
        "twice": pem + pem,
        "empty": "",
        "der": root.der,
        "key only": root.key_pem,
        "key too": root.key_pem + pem,
        "junk": "no certificate here\n",
        "junk around": f"before\n{pem}between\n{other.pem}after\n",
        "byte order mark": "\ufeff" + pem,
        "crl only": authority.crl,
        "crl too": pem + authority.crl,
        "crl twice": authority.crl + authority.crl,
        "trusted label": marked,
        "x509 label": pem.replace("CERTIFICATE", "X509 CERTIFICATE"),
        "bad base64 after a good one": pem + pem.replace(body[10:14], "!!!!"),
        "bad asn.1 after a good one": pem
        + "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n",
        "wrong end": pem + other.pem.replace("END CERTIFICATE", "END SOMETHING"),
        "pkcs7 label": pem.replace("CERTIFICATE", "PKCS7"),
        "pkcs7 and a good one": pem.replace("CERTIFICATE", "PKCS7") + other.pem,
        "crlf": pem.replace("\n", "\r\n"),
        "no final newline": pem.rstrip("\n"),
        "trailing blanks": pem.replace("\n", "  \n"),
        "one long line": "-----BEGIN CERTIFICATE-----\n"
        + base64.b64encode(root.der).decode()
        + "\n-----END CERTIFICATE-----\n",
        "indented begin": " " + pem,
        "indented begin and a good one": " " + pem + other.pem,
        "spare octets": "-----BEGIN CERTIFICATE-----\n"
        + base64.encodebytes(root.der + b"\x05\x00").decode()
        + "-----END CERTIFICATE-----\n",
        "empty block after a good one": pem + "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        "unclosed": pem + "-----BEGIN CERTIFICATE-----\nMAMC\n",
    }
    for name, text in texts.items():
        file[name] = write("in " + name + ".pem", text)
    cases: dict[str, dict[str, Any]] = {f"cafile: {name}": {"cafile": path} for name, path in file.items()}
    for name, text in texts.items():
        if isinstance(text, str) and text.isascii():
            cases[f"cadata str: {name}"] = {"cadata": text}
    octets: dict[str, Any] = {
        "one": root.der,
        "two": root.der + other.der,
        "twice": root.der * 2,
        "leaf": leaf.der,
        "bytearray": bytearray(root.der),
        "memoryview": memoryview(root.der),
        "not contiguous": memoryview(root.der)[::2],
        "pem": pem.encode(),
        "empty": b"",
        "junk": b"junk",
        "junk after a good one": root.der + b"junk",
        "one stray octet": root.der + b"\x30",
        "cut short": root.der + other.der[:-1],
        "bad asn.1 after a good one": root.der + b"\x30\x03\x02\x01\x01",
    }
    cases |= {f"cadata bytes: {name}": {"cadata": value} for name, value in octets.items()}
    missing = str(authority.folder / "missing.pem")
    cases |= {
        "nothing": {},
        "cafile: missing": {"cafile": missing},
        "cafile: no name": {"cafile": ""},
        "cafile: directory": {"cafile": str(authority.folder)},
        "cafile: not a path": {"cafile": 1},
        "cafile: nul": {"cafile": "a\0b"},
        "cafile: bytes": {"cafile": file["one"].encode()},
        "cafile: path": {"cafile": Path(file["one"])},
        "capath: missing": {"capath": missing},
        "capath: a file": {"capath": file["one"]},
        "capath: no name": {"capath": ""},
        "capath: not a path": {"capath": 1},
        "capath: two": {"capath": f"{authority.folder}:{missing}"},
        "cadata: wrong type": {"cadata": 1},
        "cadata: not ascii": {"cadata": "é" + pem},
        "cadata stays when cafile is missing": {"cadata": other.der, "cafile": missing},
        "bad cadata stops before cafile": {"cadata": "x", "cafile": file["one"]},
        "cafile stays when capath is bad": {"cafile": file["one"], "capath": ""},
        "both": {"cadata": other.der, "cafile": file["one"]},
    }
    return cases


class TestLoadVerifyLocations:
    def test_every_input_is_taken_as_the_stdlib_takes_it(self, authority: Authority) -> None:
        """Exception, text, statistics and CA list agree, whatever is loaded and whatever fails."""
        wrong = []
        for protocol in (ssl.PROTOCOL_TLS_CLIENT, ssl.PROTOCOL_TLS_SERVER):
            for name, arguments in inputs(authority).items():
                seen = []
                for kind in (ssl.SSLContext, certpath.SSLContext):
                    context = kind(protocol)
                    result = attempt(lambda: context.load_verify_locations(**arguments))  # noqa: B023
                    seen.append(
                        (
                            result,
                            context.cert_store_stats(),
                            context.get_ca_certs(),
                            context.get_ca_certs(True),
                        )
                    )
                if seen[0] != seen[1]:
                    wrong.append((name, *seen))
        assert not wrong, "\n".join(f"{name}:\n  ssl      {a}\n  certpath {b}" for name, a, b in wrong)

    def test_what_is_loaded_is_what_is_trusted(self, authority: Authority) -> None:
        """After every input, exactly the certificates that ssl trusts are trusted here."""
        wrong = []
        chains = {"root": "good", "other root": "untrusted", "self-signed leaf": "self-signed"}
        for name, arguments in inputs(authority).items():
            for anchor, leaf in chains.items():
                seen = []
                for kind in (ssl.SSLContext, certpath.SSLContext):
                    client = kind(ssl.PROTOCOL_TLS_CLIENT)
                    attempt(lambda: client.load_verify_locations(**arguments))  # noqa: B023
                    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                    server.load_cert_chain(authority.chain_file(leaf))
                    seen.append(Link(client, server).shake()[0].compared())
                if seen[0] != seen[1]:
                    wrong.append((f"{name}, {anchor}", *seen))
        assert not wrong, "\n".join(f"{name}:\n  ssl      {a}\n  certpath {b}" for name, a, b in wrong)

    def test_a_changed_mind_of_the_loader_changes_nothing_else(self, authority: Authority) -> None:
        """What was loaded before an error is trusted as it was."""
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(authority.root_file)
        with pytest.raises(FileNotFoundError):
            client.load_verify_locations(authority.root_file + ".missing")
        assert client.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}

    def test_ca_list_is_in_openssl_order(self, authority: Authority) -> None:
        """Sorted by subject as OpenSSL sorts, and without certificates that are no CA."""
        made = [pki.issue(name, ca=True) for name in ("b", "a", "long name", "C")] + [
            authority.leaves["good"]
        ]
        seen = []
        for kind in (ssl.SSLContext, certpath.SSLContext):
            context = kind(ssl.PROTOCOL_TLS_CLIENT)
            context.load_verify_locations(cadata="".join(one.pem for one in made))
            seen.append((context.get_ca_certs(True), context.get_ca_certs(), context.cert_store_stats()))
        assert seen[0] == seen[1]
        assert seen[0][2] == {"x509": 5, "crl": 0, "x509_ca": 4}


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs the openssl command")


def openssl(*arguments: str, text: str = "") -> str:
    done = subprocess.run(  # noqa: S603 - arguments written here
        ["openssl", *arguments],  # noqa: S607 - found on PATH
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def handshakes(
    authority: Authority, leaf: str, prepare: Load, *, complete: bool = True
) -> list[tuple[Any, ...]]:
    """What a client of ssl and one of certpath see of the same server, and their statistics after it."""
    seen = []
    for kind in (ssl.SSLContext, certpath.SSLContext):
        client = kind(ssl.PROTOCOL_TLS_CLIENT)
        prepare(client)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority.chain_file(leaf, complete=complete))
        side = Link(client, server).shake()[0]
        seen.append((*side.compared(), client.cert_store_stats(), client.get_ca_certs()))
    return seen


def fill(folder: Path, *entries: tuple[str, str]) -> str:
    """A hashed directory of (name, PEM)."""
    folder.mkdir(exist_ok=True)
    for name, pem in entries:
        (folder / name).write_text(pem)
    return str(folder)


@needs_openssl
class TestHashedDirectories:
    def name_hash(self, pem: str) -> str:
        return openssl("x509", "-noout", "-subject_hash", text=pem).strip()

    def test_anchors_are_read_at_lookup(self, authority: Authority, tmp_path: Path) -> None:
        """A directory filled after it was named is used, and what was found shows afterwards."""
        folder = fill(tmp_path / "hashed")
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(capath=folder)
        assert client.cert_store_stats()["x509"] == 0
        fill(Path(folder), (self.name_hash(authority.root.pem) + ".0", authority.root.pem))
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(authority.chain_file("good"))
        assert Link(client, server).shake()[0].outcome == "ok"
        assert client.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}
        assert len(client.get_ca_certs()) == 1

    @pytest.mark.parametrize("leaf", ["good", "untrusted", "self-signed", "revoked"])
    @pytest.mark.parametrize("complete", [True, False])
    @pytest.mark.parametrize("flags", [0, 4, 12])
    def test_lookups_agree(
        self, authority: Authority, tmp_path: Path, leaf: str, complete: bool, flags: int
    ) -> None:
        """Numbered files, several certificates in one, missing issuers and CRLs, as OpenSSL finds them."""
        root_hash = self.name_hash(authority.root.pem)
        intermediate_hash = self.name_hash(authority.intermediate.pem)
        twin = pki.issue("Test Root", own_key=pki.generate("p256"), ca=True)
        first = fill(
            tmp_path / "first",
            (f"{root_hash}.0", twin.pem),
            (f"{root_hash}.1", authority.root.pem),
            (f"{root_hash}.3", authority.other_root.pem),
            (f"{root_hash}.r0", pki.crl_pem(pki.crl(authority.root))),
        )
        second = fill(
            tmp_path / "second",
            (f"{intermediate_hash}.0", authority.intermediate.pem),
            (f"{intermediate_hash}.r0", authority.crl),
        )

        def prepare(context: ssl.SSLContext) -> None:
            context.load_verify_locations(capath=os.pathsep.join((first, second)))
            context.verify_flags |= flags

        ours, theirs = handshakes(authority, leaf, prepare, complete=complete)
        assert ours[:5] == theirs[:5]

    def test_the_offline_verifier_has_read_them_all(self, authority: Authority, tmp_path: Path) -> None:
        """A frozen verifier cannot look anything up any more."""
        folder = fill(tmp_path / "hashed", (self.name_hash(authority.root.pem) + ".0", authority.root.pem))
        client = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.load_verify_locations(capath=folder)
        chain = [authority.leaves["good"].der, authority.intermediate.der]
        assert client.verifier().check(chain, "localhost")


@needs_openssl
class TestTrustedCertificates:
    """`TRUSTED CERTIFICATE` blocks carry settings that OpenSSL obeys."""

    @pytest.mark.parametrize("anchor", ["root", "intermediate"])
    @pytest.mark.parametrize(
        "settings",
        [
            ["-addtrust", "serverAuth"],
            ["-addtrust", "clientAuth"],
            ["-addtrust", "anyExtendedKeyUsage"],
            ["-addreject", "serverAuth"],
            ["-addreject", "clientAuth"],
            ["-addreject", "anyExtendedKeyUsage"],
            ["-addtrust", "serverAuth", "-addreject", "serverAuth"],
            ["-setalias", "a name"],
        ],
        ids=" ".join,
    )
    @pytest.mark.parametrize(
        "flags", [0, ssl.VERIFY_X509_PARTIAL_CHAIN if hasattr(ssl, "VERIFY_X509_PARTIAL_CHAIN") else 0x80000]
    )
    def test_settings_are_obeyed(
        self, authority: Authority, anchor: str, settings: list[str], flags: int, tmp_path: Path
    ) -> None:
        """Trusted and rejected uses decide as in OpenSSL, code 28 included, for intermediates too."""
        pem = getattr(authority, anchor).pem
        path = tmp_path / "trusted.pem"
        path.write_text(openssl("x509", "-trustout", *settings, text=pem))

        def prepare(context: ssl.SSLContext) -> None:
            context.load_verify_locations(str(path))
            context.verify_flags |= flags

        ours, theirs = handshakes(authority, "good", prepare)
        assert ours == theirs

    @pytest.mark.parametrize("use", ["serverAuth", "clientAuth"])
    def test_a_pinned_certificate_may_be_rejected(
        self, authority: Authority, use: str, tmp_path: Path
    ) -> None:
        """With partial chains, a leaf in the store is trusted, unless its settings reject it."""
        path = tmp_path / "trusted.pem"
        path.write_text(openssl("x509", "-trustout", "-addreject", use, text=authority.leaves["good"].pem))

        def prepare(context: ssl.SSLContext) -> None:
            context.load_verify_locations(str(path))
            context.verify_flags |= 0x80000

        ours, theirs = handshakes(authority, "good", prepare, complete=False)
        assert ours == theirs

    @pytest.mark.parametrize(("use", "accepted"), [("serverAuth", False), ("clientAuth", True)])
    def test_searching_policies_obey_rejections(
        self, authority: Authority, use: str, accepted: bool, tmp_path: Path
    ) -> None:
        """A store keeps its settings, whatever policy it is used with."""
        path = tmp_path / "trusted.pem"
        path.write_text(openssl("x509", "-trustout", "-addreject", use, text=authority.root.pem))
        context = certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(str(path))
        store = context.verifier().store
        verifier = certpath.Verifier(store, policy=certpath.Policy.webpki())
        chain = [authority.leaves["good"].der, authority.intermediate.der]
        assert verifier.check(chain, "localhost").ok is accepted


class TestDefaultLocations:
    def test_the_environment_names_them(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        """SSL_CERT_FILE and SSL_CERT_DIR, read when the context asks for them."""
        monkeypatch.setenv("SSL_CERT_FILE", authority.root_file)
        monkeypatch.setenv("SSL_CERT_DIR", str(authority.folder))
        seen = []
        for kind in (ssl.SSLContext, certpath.SSLContext):
            context = kind(ssl.PROTOCOL_TLS_CLIENT)
            context.load_default_certs()
            seen.append((context.cert_store_stats(), context.get_ca_certs(True)))
        assert seen[0] == seen[1] == ({"x509": 1, "crl": 0, "x509_ca": 1}, [authority.root.der])

    def test_a_changed_file_is_read_again(
        self, authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What is remembered of a file is forgotten when the file changes."""
        path = tmp_path / "roots.pem"
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        for seconds, issued in enumerate((authority.root, authority.other_root)):
            path.write_text(issued.pem)
            os.utime(path, (seconds, seconds))
            context = certpath.create_default_context()
            assert context.get_ca_certs(True) == [issued.der]

    @pytest.mark.parametrize(
        "content", ["", "junk", "-----BEGIN CERTIFICATE-----\n!!!!\n-----END CERTIFICATE-----\n"]
    )
    def test_what_cannot_be_read_is_passed_over(
        self, content: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Default locations may be missing or broken; nothing is trusted then."""
        path = tmp_path / "roots.pem"
        path.write_text(content)
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
        for kind in (ssl.SSLContext, certpath.SSLContext):
            context = kind(ssl.PROTOCOL_TLS_CLIENT)
            context.load_default_certs()
            assert context.cert_store_stats() == {"x509": 0, "crl": 0, "x509_ca": 0}

    def test_more_can_be_added(self, authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
        """The default certificates and one's own, in either order, and each context for itself."""
        monkeypatch.setenv("SSL_CERT_FILE", authority.root_file)
        monkeypatch.setenv("SSL_CERT_DIR", "")
        first, second, third = (certpath.SSLContext(ssl.PROTOCOL_TLS_CLIENT) for _ in range(3))
        first.load_default_certs()
        first.load_verify_locations(cadata=authority.other_root.der)
        second.load_verify_locations(cadata=authority.other_root.der)
        second.load_default_certs()
        third.load_default_certs()
        assert len(first.get_ca_certs()) == len(second.get_ca_certs()) == 2
        assert first.cert_store_stats() == second.cert_store_stats() == {"x509": 2, "crl": 0, "x509_ca": 2}
        assert third.cert_store_stats()["x509"] == 1
        digests = {hashlib.sha256(der).digest() for der in first.get_ca_certs(True)}
        assert digests == {hashlib.sha256(der).digest() for der in second.get_ca_certs(True)}
