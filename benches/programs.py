"""Rivals that are programs of their own: Go's crypto/x509, webpki, the command of OpenSSL, bare signatures.

Each is built (or found) once, gets the same octets as everybody, and says how many chains it accepts: a
time counts only where that is all of them. What is not to be had raises `Missing` with the reason.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import contextlib
import dataclasses
import functools
import importlib
import importlib.util
import json
import os
import shutil
import ssl
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from support import pki

if TYPE_CHECKING:
    import datetime
    from collections.abc import Iterable, Iterator, Sequence

ROOT = Path(__file__).resolve().parents[1]
GO_SOURCE = ROOT / "benches/rivals/crypto_x509.go"


class Missing(Exception):  # noqa: N818 (not an error: a rival that is not there)
    """A rival cannot be had here; the text says why."""


class Refuses(Exception):  # noqa: N818 (the same)
    """A rival does not accept what is accepted: its time does not count."""


@dataclasses.dataclass(frozen=True)
class Question:
    """A chain that is accepted, with what is asked of it."""

    chain: Sequence[bytes]
    name: str
    at: datetime.datetime


build = True
"""False: what would have to be built is missing (`--no-programs`)."""


def tool(name: str) -> str:
    if not build:
        raise Missing(f"{name}: --no-programs")
    if (found := shutil.which(name)) is None:
        raise Missing(f"there is no {name}")
    return found


@functools.cache
def rust_programs() -> dict[str, str]:
    """The programs of benches/*.rs, with the crates that certpath has."""
    wanted = [part for name in ("leaf_signatures", "webpki_bare") for part in ("--bench", name)]
    done = subprocess.run(  # noqa: S603 (our own program)
        [tool("cargo"), "bench", "--locked", *wanted, "--no-run", "--message-format=json"],
        cwd=ROOT,
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        raise Missing("cargo could not build it")
    messages = map(json.loads, done.stdout.splitlines())
    return {one["target"]["name"]: one["executable"] for one in messages if one.get("executable")}


@functools.cache
def go_program() -> str:
    """The rival in Go."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    program = Path(folder, "crypto_x509")
    done = subprocess.run([tool("go"), "build", "-o", program, GO_SOURCE], check=False)  # noqa: S603 (our own)
    if done.returncode:
        raise Missing("go could not build it")
    return str(program)


class Program:
    """A process that waits for orders on its standard input, and takes turns with us."""

    def __init__(self, program: str, contents: bytes, *arguments: str) -> None:
        with tempfile.NamedTemporaryFile(delete=False) as file:
            file.write(contents)
        self.file = Path(file.name)
        self.process = subprocess.Popen(  # noqa: S603 (our own program)
            [program, self.file, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def order(self, line: str) -> list[int]:
        """What it answers: numbers."""
        assert self.process.stdin is not None  # noqa: S101 (a pipe was asked for)
        assert self.process.stdout is not None  # noqa: S101 (the same)
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()
        return [int(word) for word in self.process.stdout.readline().split()]

    def close(self) -> None:
        # Leaving it closes the pipes, which ends it, and waits.
        with self.process:
            pass
        self.file.unlink()


class Verifying(Program):
    """Go or webpki, with questions below the same anchors."""

    def __init__(self, program: str, roots: Iterable[bytes], questions: Sequence[Question]) -> None:
        lines = [",".join(der.hex() for der in roots)]
        for one in questions:
            seconds = int(one.at.timestamp())
            lines.append(f"{seconds}\t{one.name}\t{','.join(der.hex() for der in one.chain)}")
        super().__init__(program, "\n".join(lines).encode())
        self.questions = len(questions)

    @classmethod
    def go(cls, roots: Iterable[bytes], questions: Sequence[Question]) -> Verifying:
        return cls(go_program(), roots, questions)

    @classmethod
    def webpki(cls, roots: Iterable[bytes], questions: Sequence[Question]) -> Verifying:
        return cls(rust_programs()["webpki_bare"], roots, questions)

    def run(self, threads: int = 1, times: int = 1) -> float:
        """Seconds for all questions, asked so many times."""
        answer = self.order(f"{threads} {times}")
        if not answer or answer[1] != self.questions * times:
            raise Refuses(f"accepts {answer[1] if answer else 'nothing'} of {self.questions * times}")
        return answer[0] / 1e9


@dataclasses.dataclass(frozen=True)
class Signed:
    """A signature and the key that it is checked with."""

    key: Any
    """As ``cryptography`` has it."""
    bits: int
    """Of the SHA-2 digest."""
    message: bytes
    signature: bytes

    @classmethod
    def certificate(cls, der: bytes, issuer: x509.Certificate) -> Signed:
        tbs, _, value = pki.elements(pki.inside(der))
        read = x509.load_der_x509_certificate(der)
        digest = read.signature_hash_algorithm
        if digest is None or isinstance(read.signature_algorithm_parameters, padding.PSS):
            raise Missing(f"{read.subject.rfc4514_string()} is signed with {read.signature_algorithm_oid}")
        return cls(issuer.public_key(), digest.digest_size * 8, tbs, pki.inside(value)[1:])


class BareSignatures(Program):
    """Signatures alone, with the crypto library that certpath has (benches/leaf_signatures.rs)."""

    ALGORITHMS = (
        ("RSA", 256),
        ("secp256r1", 256),
        ("secp384r1", 384),
        ("RSA", 384),
        ("RSA", 512),
        ("secp256r1", 384),
        ("secp384r1", 256),
    )
    """By the numbers that the program knows."""

    def __init__(self, signed: Sequence[Signed], threads: int = 1) -> None:
        super().__init__(rust_programs()["leaf_signatures"], self.replay(signed), str(threads))

    @classmethod
    def of_leaves(cls, chains: Sequence[Sequence[bytes]], threads: int) -> BareSignatures:
        """Those of the end entities, by the issuer that comes next."""
        read = functools.cache(x509.load_der_x509_certificate)
        return cls([Signed.certificate(leaf, read(issuer)) for leaf, issuer, *_ in chains], threads)

    @classmethod
    def replay(cls, signed: Sequence[Signed]) -> bytes:
        """The file that benches/leaf_signatures.rs describes."""

        def number(value: int) -> bytes:
            return value.to_bytes(4, "little")

        def counted(octets: bytes) -> bytes:
            return number(len(octets)) + octets

        keys: dict[tuple[int, int], tuple[int, bytes]] = {}
        written = []
        for one in signed:
            # The same object each time: of_leaves reads an issuer once.
            known = id(one.key), one.bits
            if known not in keys:
                if isinstance(one.key, rsa.RSAPublicKey):
                    name = "RSA"
                    octets = one.key.public_bytes(
                        serialization.Encoding.DER, serialization.PublicFormat.PKCS1
                    )
                elif isinstance(one.key, ec.EllipticCurvePublicKey):
                    name = one.key.curve.name
                    point = serialization.PublicFormat.UncompressedPoint
                    octets = one.key.public_bytes(serialization.Encoding.X962, point)
                else:
                    raise Missing(f"no bare signatures with {one.key}")
                if (name, one.bits) not in cls.ALGORITHMS:
                    raise Missing(f"no bare signatures with {name} and SHA-{one.bits}")
                kind = bytes([cls.ALGORITHMS.index((name, one.bits))])
                keys[known] = len(keys), kind + counted(octets)
            written.append(number(keys[known][0]) + counted(one.message) + counted(one.signature))
        encoded = b"".join(key for _, key in keys.values())
        return number(len(keys)) + encoded + number(len(written)) + b"".join(written)

    def run(self, how: str) -> float:
        """Seconds, as the process itself measures them; `how` is ``parsed`` or ``encoded``."""
        answer = self.order(how)
        if not answer:
            raise Refuses("not all of the bare signatures are good")
        return answer[0] / 1e9

    def processor_seconds(self, how: str) -> float:
        """The same in time of processors, on which a busy machine has less influence."""
        before = self.used()
        self.run(how)
        return self.used() - before

    def used(self) -> float:
        """utime and stime of proc_pid_stat(5): after the name, in brackets, the 12th and 13th."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text("ascii")
        return sum(map(int, stat.rpartition(")")[2].split()[11:13])) / os.sysconf("SC_CLK_TCK")


class OpenSSL:
    """``openssl verify`` with many end entities in one process; what it takes to start is subtracted.

    It knows one name for all of them, so a name is asked for only where there is one (S1, S2).
    """

    def __init__(
        self, roots: Iterable[bytes], questions: Sequence[Question], name: str | None = None
    ) -> None:
        if (command := shutil.which("openssl")) is None:
            raise Missing("there is no openssl")
        self.folder = tempfile.TemporaryDirectory()
        folder = Path(self.folder.name)
        pem = ssl.DER_cert_to_PEM_cert
        (folder / "roots").write_text("".join(map(pem, roots)), "ascii")
        sent = dict.fromkeys(der for one in questions for der in one.chain[1:])
        (folder / "sent").write_text("".join(map(pem, sent)), "ascii")
        self.leaves = [str(number) for number in range(len(questions))]
        for leaf, one in zip(self.leaves, questions, strict=True):
            (folder / leaf).write_text(pem(one.chain[0]), "ascii")
        at = str(int(questions[0].at.timestamp()))
        self.command = [command, "verify", "-no-CApath", "-no-CAstore", "-CAfile", "roots", "-attime", at]
        self.command += ["-purpose", "sslserver", "-auth_level", "2"]
        self.command += ["-untrusted", "sent"] if sent else []
        self.command += ["-verify_hostname", name] if name else []

    def _seconds(self, leaves: Sequence[str]) -> float:
        began = time.perf_counter()
        done = subprocess.run(  # noqa: S603 (found above)
            [*self.command, *leaves], cwd=self.folder.name, check=False, capture_output=True, text=True
        )
        taken = time.perf_counter() - began
        if (good := done.stdout.count(": OK\n")) != len(leaves):
            raise Refuses(f"accepts {good} of {len(leaves)}: {done.stderr.strip()[-200:]}")
        return taken

    def run(self, processes: int = 1, times: int = 1) -> float:
        """Seconds for all questions, in so many processes at once, without what one end entity takes."""
        all_leaves = self.leaves * times
        shares = [all_leaves[first::processes] for first in range(processes)]
        with concurrent.futures.ThreadPoolExecutor(processes) as pool:
            began = time.perf_counter()
            list(pool.map(self._seconds, shares))
            taken = time.perf_counter() - began
            began = time.perf_counter()
            list(pool.map(self._seconds, [share[:1] for share in shares]))
            start = time.perf_counter() - began
        return max(taken - start, 0) * len(all_leaves) / max(len(all_leaves) - processes, 1)

    def close(self) -> None:
        self.folder.cleanup()


@contextlib.contextmanager
def closing(programs: Iterable[Program | OpenSSL]) -> Iterator[None]:
    """Ends them, however the measurement ends."""
    try:
        yield
    finally:
        for program in programs:
            program.close()


def pyopenssl() -> Any:
    """The module ``OpenSSL.crypto``."""
    if importlib.util.find_spec("OpenSSL") is None:
        raise Missing("pyOpenSSL is not installed")
    return importlib.import_module("OpenSSL.crypto")
