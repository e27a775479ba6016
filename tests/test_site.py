"""The pages under docs/start and docs/how-to: every block runs as it stands, and prints what is shown."""

from __future__ import annotations

import datetime
import json
import os
import re
import shutil
import ssl
import stat
import subprocess
import sys
import textwrap
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support import peers, pki

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*(DOCS / "start").glob("*.md"), *(DOCS / "how-to").glob("*.md"), DOCS / "index.md"])
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$(?:\n+^```text\n(.*?)^```$)?", re.MULTILINE | re.DOTALL)
LIBRARIES = ("aiohttp", "httpx", "pandas", "polars", "pyarrow", "requests", "uvicorn")


@dataclass(frozen=True)
class Block:
    """One block of a page, and the text that is shown below it."""

    page: str
    language: str
    code: str
    shown: str | None

    @property
    def id(self) -> str:
        first = next(line for line in self.code.splitlines() if line.strip())
        return f"{self.page}: {first[:60]}"


BLOCKS = [
    Block(page.relative_to(DOCS).as_posix(), language, code, shown or None)
    for page in PAGES
    for language, code, shown in _BLOCK.findall(page.read_text(encoding="utf-8"))
    if language != "text"
]

# Names of the examples lead to servers of this test.
PRELUDE = """\
import json, os, socket, sys
_ports, _resolve = json.loads(os.environ["PORTS"]), socket.getaddrinfo
def _resolved(host, port, *rest, **more):
    name = host.decode() if isinstance(host, bytes) else host
    address = ("127.0.0.1", _ports[name]) if name in _ports else (host, port)
    return _resolve(*address, *rest, **more)
socket.getaddrinfo = _resolved
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder with the files of docs/try.zip, and an environment in which the hosts are there."""
    folder = tmp_path_factory.mktemp("site")
    with zipfile.ZipFile(DOCS / "try.zip") as archive:
        archive.extractall(folder)
    elsewhere = tmp_path_factory.mktemp("servers")
    root = pki.issue("Root of the servers", ca=True)
    system = elsewhere / "system.pem"
    system.write_text(root.pem)
    good = pki.issue("server", root, host="www.example.test")
    old = pki.issue("server", root, host="expired.example.test", not_after=pki.at(2024))
    contexts = []
    for name, leaf in {"good": good, "old": old}.items():
        file = elsewhere / f"{name}.pem"
        file.write_text(leaf.pem + leaf.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        contexts.append(context)
    with peers.serving(peers.http, contexts[0]) as here, peers.serving(peers.http, contexts[1]) as there:
        yield (
            folder,
            {
                **os.environ,
                "PORTS": json.dumps({"www.example.test": here, "expired.example.test": there}),
                "PRELUDE": PRELUDE,
                "PYTHON": sys.executable,
                "PYTHONIOENCODING": "utf-8",
                "REQUESTS_CA_BUNDLE": str(system),
                "SSL_CERT_FILE": str(system),
            },
        )


def run(words: list[str], place: tuple[Path, dict[str, str]]) -> tuple[int, str, str]:
    done = subprocess.run(  # noqa: S603 - the pages are ours
        words,
        cwd=place[0],
        env=place[1],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "python"], ids=lambda block: block.id
)
def test_python(block: Block, place: tuple[Path, dict[str, str]]) -> None:
    """Alone, in a fresh interpreter."""
    for library in LIBRARIES:
        if re.search(rf"^import {library}\b", block.code, re.MULTILINE):
            pytest.importorskip(library)
    code, out, err = run([sys.executable, "-c", PRELUDE + block.code], place)
    assert (code, out) == (0, block.shown), err


@pytest.mark.skipif(os.name != "posix", reason="the commands are for a POSIX shell")
@pytest.mark.parametrize(
    "block", [block for block in BLOCKS if block.language == "sh"], ids=lambda block: block.id
)
def test_commands(block: Block, place: tuple[Path, dict[str, str]]) -> None:
    """One after the other, in a folder where earlier blocks of the page may have left results."""
    if "docker" in block.code or "pip install" in block.code:
        pytest.skip("needs what is not here: docker, or an index")
    if re.search(r"certpath (report|calendar) verdicts\.parquet", block.code):
        # An earlier block makes these, maybe in another worker's folder.
        pytest.importorskip("pyarrow")
        run([sys.executable, "-m", "certpath", "check", "hosts.parquet", "-o", "verdicts.parquet"], place)
    main = 'certpath() { "$PYTHON" -c "${PRELUDE}from certpath.cli import main; sys.exit(main())" "$@"; }\n'
    code, _, err = run(["bash", "-e", "-c", main + block.code], place)
    if block.code.startswith("certpath explain"):
        assert code in {0, 1}, err
    else:
        assert code == (1 if "# exits with 1" in block.code else 0), err


def test_what_other_programs_read_is_theirs() -> None:
    """The inputs of the action, and the name of the hook, are those of its files."""
    (action, hook) = (block.code for block in BLOCKS if block.language == "yaml")
    inputs = re.findall(r"^  (\w+):$", (ROOT / "action.yml").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(re.findall(r"^    (\w+):", action, re.MULTILINE)) <= set(inputs)
    (name,) = re.findall(r"- id: (\S+)", hook)
    assert f"- id: {name}\n" in (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")


def test_action_and_hook_say_what_would_mend_a_chain(tmp_path: Path) -> None:
    """As a table, not as lines of JSON: who reads them is a human, and their output is not a terminal."""
    pytest.importorskip("rich")
    (hook,) = re.findall(
        r"^  entry: certpath (.*)$",
        (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"),
        re.MULTILINE,
    )
    (action,) = re.findall(
        r'^ +certpath (.*) "\$\{arguments', (ROOT / "action.yml").read_text(encoding="utf-8"), re.MULTILINE
    )
    with zipfile.ZipFile(DOCS / "try.zip") as archive:
        archive.extractall(tmp_path)
    for words in (hook, action):
        files = ["--roots", "roots.pem", "expired.pem"]
        code, out, _ = run(
            [sys.executable, "-m", "certpath", *words.split(), *files],
            (tmp_path, {**os.environ, "PYTHONIOENCODING": "utf-8"}),
        )
        assert code == 1
        assert "to mend (server): " in out


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the action takes bash and GNU's date")
@pytest.mark.parametrize(
    ("since", "until", "code"),
    [(-10, 60, 0), (10, 60, 1), (-10, 10, 1)],
    ids=["valid on both days", "valid in thirty days alone", "valid today alone"],
)
def test_action_asks_for_today_and_for_the_day_that_is_named(
    tmp_path: Path, since: int, until: int, code: int
) -> None:
    """A certificate that is not valid yet fails a job, too: the job's servers would send it today."""
    pytest.importorskip("rich")
    root = pki.issue("Root", ca=True)
    now = datetime.datetime.now(datetime.timezone.utc)
    leaf = pki.issue(
        "server",
        root,
        not_before=now + datetime.timedelta(days=since),
        not_after=now + datetime.timedelta(days=until),
    )
    (tmp_path / "roots.pem").write_text(root.pem)
    (tmp_path / "leaf.crt").write_text(leaf.pem)
    command = tmp_path / "bin" / "certpath"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m certpath "$@"\n')
    command.chmod(0o755)
    script = textwrap.dedent((ROOT / "action.yml").read_text(encoding="utf-8").rpartition("run: |\n")[2])
    environment = {
        **os.environ,
        "ARGUMENTS": "--roots roots.pem",
        "DAYS": "30",
        "FILES": "*.crt",
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONIOENCODING": "utf-8",
    }
    # As GitHub runs `shell: bash`.
    bash = shutil.which("bash")
    assert bash is not None
    words = [bash, "--noprofile", "--norc", "-e", "-o", "pipefail", "-c", script]
    done, out, err = run(words, (tmp_path, environment))
    assert done == code, out + err
    assert out.count("leaf.crt") >= 2, "judged for both days"


def test_files_to_try_are_readable_by_everybody() -> None:
    """Whoever unpacks them may not be who reads them: a container has a user of its own."""
    with zipfile.ZipFile(DOCS / "try.zip") as archive:
        modes = {entry.filename: stat.filemode(entry.external_attr >> 16) for entry in archive.infolist()}
    assert set(modes.values()) == {"-rw-r--r--"}, modes


def test_every_page_is_in_the_navigation() -> None:
    """Whoever adds a page says where it is found."""
    navigation = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    pages = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert set(re.findall(r"[\w/-]+\.md", navigation)) == pages


def test_every_block_has_a_runner() -> None:
    """None is passed over for its language."""
    assert {block.language for block in BLOCKS} <= {"python", "sh", "yaml"}
    assert len(BLOCKS) > 25
