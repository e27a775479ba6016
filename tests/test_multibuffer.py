"""The library that checks eight signatures at once: the same verdicts with it, and a reason without it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import certpath
import pytest
from support import pki


def run(program: str, **environment: str) -> str:
    """What a Python of its own prints."""
    own = {name: value for name, value in os.environ.items() if name != "CERTPATH_MULTIBUFFER"}
    path = os.pathsep.join([str(Path(__file__).parent), own.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603 - our own programs
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        env={**own, "PYTHONPATH": path, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class TestReasons:
    """`certpath.backend` says what is used, and why the library is not."""

    def test_says_that_the_environment_wants_none(self) -> None:
        shown = run("import certpath; print(certpath.backend)", CERTPATH_MULTIBUFFER="0")
        assert shown == "aws-lc-rs (eight at once: CERTPATH_MULTIBUFFER is '0')\n"

    def test_says_that_a_package_is_missing(self) -> None:
        shown = run(
            """
            from certpath import _multibuffer
            _multibuffer._folders = list
            print(_multibuffer.backend())
            """
        )
        missing = "the package intel-cmplr-lib-rt is missing"
        assert shown == f"aws-lc-rs (eight at once: needs certpath[multibuffer]; {missing})\n"

    def test_says_that_a_file_is_missing(self, tmp_path: Path) -> None:
        for package in ("intel_cmplr_lib_rt", "ipp_crypto"):
            record = tmp_path / f"{package}-1.dist-info" / "RECORD"
            record.parent.mkdir()
            record.write_text("../lib/libintlc.so.5,,\n../lib/libcrypto_mb.so.13,,\n")
        shown = run(
            f"""
            from certpath import _multibuffer
            _multibuffer._folders = lambda: [{str(tmp_path)!r}]
            print(_multibuffer.backend())
            """
        )
        assert shown == "aws-lc-rs (eight at once: the package intel-cmplr-lib-rt has no file libimf.so)\n"

    def test_the_current_folder_is_never_looked_into(self, tmp_path: Path) -> None:
        """A folder of somebody else's must not name what is opened."""
        shown = run(
            f"""
            import os
            os.chdir({str(tmp_path)!r})
            from certpath import _multibuffer
            print(_multibuffer._folders())
            """
        )
        assert str(tmp_path) not in shown
        assert "''" not in shown

    @pytest.mark.parametrize("file", ["nowhere.so", certpath._certpath.__file__, __file__])
    def test_a_file_that_is_not_the_library_is_refused_and_batches_go_on(self, file: str) -> None:
        """Another module without its functions, a text, nothing: a reason, and verdicts as ever."""
        shown = run(
            f"""
            import certpath
            from certpath import _certpath
            from support import pki
            _certpath._offer_multibuffer([{file!r}])
            used, why = _certpath._multibuffer()
            assert not used and why, why
            leaf, ca, root = pki.three()
            verifier = certpath.Verifier(certpath.TrustStore.from_der([root.der]))
            chains, names = [[leaf.der, ca.der]] * 3, [pki.HOST] * 3
            print([verdict.ok for verdict in verifier.check_many(chains, names, at=pki.AT)])
            """
        )
        assert shown == "[True, True, True]\n"

    def test_is_told_in_the_help_of_the_module(self) -> None:
        assert "backend" in dir(certpath)
        assert certpath.backend.startswith("aws-lc-rs")
        with pytest.raises(AttributeError):
            _ = certpath._backend  # type: ignore[attr-defined]


PROGRAM = """
    import hashlib, json, sys
    import certpath
    from certpath import Policy, TrustStore, Verifier
    from support import pki

    given = json.load(open(sys.argv[1]))
    chains = [[bytes.fromhex(one) for one in chain] for chain in given["chains"]]
    names = [pki.HOST] * len(chains)
    print("; batches: " in certpath.backend, file=sys.stderr)
    for policy in (Policy.ssl(), Policy.webpki(), Policy.cabf()):
        for threads in (1, 2):
            roots = [bytes.fromhex(one) for one in given["roots"]]
            verifier = Verifier(TrustStore.from_der(roots), policy=policy)
            verdicts = verifier.check_many(chains, names, at=pki.AT, threads=threads)
            told = json.dumps([verdict.to_dict() for verdict in verdicts], sort_keys=True, default=str)
            good = [verdict.ok for verdict in verdicts]
            # Two threads may check the signature of one CA at the same time.
            checks = verifier.signature_checks if threads == 1 else None
            print(threads, checks, good, hashlib.sha256(told.encode()).hexdigest())
"""


def rows() -> tuple[list[list[bytes]], list[bytes], list[bool]]:
    """Chains by every kind of key, in groups that fill lanes and do not; roots; which chains are good."""
    chains, roots, good = [], [], []
    for number, kind in enumerate(("rsa2048", "rsa3072", "rsa4096", "p256", "p384", "p521", "ed25519")):
        root = pki.issue(f"root {kind}", None, own_key=kind, ca=True)
        ca = pki.issue(f"ca {kind}", root, own_key=kind, ca=True)
        roots.append(root.der)
        for leaf in range(9 + number):
            der = pki.issue(f"leaf {leaf}", ca).der
            for damage in (0, 1, 0x80):
                # The last octet of the signature; the first chain of each kind comes without its issuer.
                damaged = der[:-1] + bytes([der[-1] ^ damage])
                chains.append([damaged] if leaf == 0 else [damaged, ca.der])
                good.append(damage == 0 and leaf > 0)
    return chains, roots, good


class TestVerdicts:
    """Nothing of a verdict depends on what checks its signatures."""

    def test_are_the_same_with_and_without_it(self, tmp_path: Path) -> None:
        chains, roots, good = rows()
        file = tmp_path / "rows.json"
        told = {
            "chains": [[one.hex() for one in chain] for chain in chains],
            "roots": [one.hex() for one in roots],
        }
        file.write_text(json.dumps(told))
        program = PROGRAM.replace("sys.argv[1]", repr(str(file)))
        without = run(program, CERTPATH_MULTIBUFFER="0")
        assert run(program, CERTPATH_MULTIBUFFER="1") == without
        # Only Policy.ssl and webpki have no other fault to find in them.
        assert without.count(str(good)) >= 4, without


class TestTrial:
    """tests/multibuffer/trial.py, short."""

    def test_there_is_no_difference(self) -> None:
        if "; batches: " not in run("import certpath; print(certpath.backend)"):
            pytest.skip(
                "there is no library for eight signatures at once, or the processor lacks AVX-512 IFMA"
            )
        script = Path(__file__).parent / "multibuffer" / "trial.py"
        done = subprocess.run(  # noqa: S603 - our own programs
            [sys.executable, script, "--signatures", "20000"], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "no difference" in done.stdout
