#!/usr/bin/env python3
"""THIRD-PARTY-NOTICES: the licences of the crates that are linked into a wheel.

.ci/notices.py [--check]

Which crates those are, Cargo says (those of the feature `python`, on the platforms of deny.toml); their texts
lie in the sources that it has fetched. Equal texts stand there once, and the terms of
the Apache License only in LICENSE-APACHE. --check only says whether the file is current.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTICES = ROOT / "THIRD-PARTY-NOTICES"
FEATURES = ["--no-default-features", "--features=python"]
TEXT = re.compile(r"(licen[cs]e|copying|copyright|notice|unlicense)", re.IGNORECASE)
HEAD = """\
Third-party notices

The compiled module of certpath contains the following Rust crates, some of them on some platforms only, and
what they are made of themselves. Each is followed by the number of the texts below that go with it. Where a
crate offers a choice of licences, certpath takes MIT, else Apache-2.0.

clubcard and clubcard-crlite are under the Mozilla Public License 2.0. They are here unchanged: their source
code is what Cargo gets for the version of each, and in https://github.com/mozilla/clubcard and
https://github.com/mozilla/clubcard-crlite.

Behind them stand the texts that go with the embedded lists: the Chrome Root Store (data/chrome), and the
public suffixes (data/public_suffixes), which are those of the crate psl.

Not in the module, and opened by it where they are installed (pip install 'certpath[multibuffer]'):
libcrypto_mb of the package ipp-crypto, Apache-2.0, and what it needs of the package intel-cmplr-lib-rt,
under the licence that comes with that.

Written by .ci/notices.py.
"""
# The Apache License 2.0 without its heading.
TERMS = re.compile(
    r"^[ \t]*TERMS AND CONDITIONS FOR USE.*?^[ \t]*END OF TERMS AND CONDITIONS$", re.DOTALL | re.MULTILINE
)
REFERENCE = "[Its terms and conditions, word for word: LICENSE-APACHE, beside this file.]"
CODE = {".c", ".go", ".h", ".pl", ".py", ".rs", ".sh"}
RULE = "-" * 100


def cargo(*arguments: str) -> str:
    """What Cargo prints."""
    done = subprocess.run(
        ["cargo", *arguments, "--locked"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return done.stdout


def linked() -> list[tuple[str, str]]:
    """Name and version of each crate that is linked in; what only runs while something is built is not."""
    listed = (ROOT / "deny.toml").read_text("utf-8").partition("targets = [")[2].partition("]")[0]
    targets = [f"--target={target}" for target in re.findall(r'"([^"]+)"', listed)]
    tree = cargo("tree", *FEATURES, *targets, "--edges=normal,no-proc-macro", "--prefix=none", "--format={p}")
    # Cargo names the folder of those that are ours.
    found = {tuple(line.split()[:2]) for line in tree.splitlines() if line and f"({ROOT}" not in line}
    return sorted((name, version.removeprefix("v")) for name, version in found)


def sources() -> dict[tuple[str, str], dict[str, Any]]:
    """What Cargo knows of each crate, by name and version."""
    metadata = json.loads(cargo("metadata", *FEATURES, "--format-version=1"))
    return {(package["name"], package["version"]): package for package in metadata["packages"]}


def trimmed(text: str) -> str:
    """A text without blanks at its ends and those of its lines."""
    return "\n".join(line.rstrip() for line in text.strip().splitlines())


def once(text: str) -> str:
    """The text without the terms of the Apache License 2.0, however indented: a wheel has them already."""
    ours = TERMS.findall((ROOT / "LICENSE-APACHE").read_text("utf-8"))
    return TERMS.sub(
        lambda found: REFERENCE if [found[0].split()] == [one.split() for one in ours] else found[0], text
    )


def texts_of(package: dict[str, Any]) -> list[str]:
    """The texts that go with a crate: one alone where one is enough."""
    folder = Path(package["manifest_path"]).parent
    # A crate around a library in another language has that library's texts further down.
    files = sorted(folder.rglob("*") if package["links"] else folder.iterdir())
    files = [file for file in files if file.is_file() and TEXT.match(file.name) and file.suffix not in CODE]
    licence = package["license"] or ""
    for word in ("MIT", "Apache"):
        if " AND " not in licence and any(one.startswith(word) for one in re.split(r" OR |/", licence)):
            files = [file for file in files if word.upper() in file.name.upper()] or files
            break
    texts = [trimmed(file.read_text("utf-8")) for file in files]
    # zstd is offered under the GPL as well, which its crate does not choose.
    return [once(text) for text in texts if "GPL" in licence or not text.startswith("GNU GENERAL PUBLIC")]


def notices() -> str:
    """The file, made anew."""
    known = sources()
    numbers: dict[str, int] = {}
    lines = [HEAD]
    without = []
    for crate in linked():
        package = known[crate]
        own = [numbers.setdefault(text, len(numbers) + 1) for text in texts_of(package)]
        where = f"text {', '.join(map(str, own))}" if own else "no text among its sources"
        if not own:
            without.append(package)
        lines.append(f"{crate[0]} {crate[1]}: {package['license']}; {where}")
    for package in without:
        authors = ", ".join(package["authors"]) or "its authors"
        place = package["repository"] or "nowhere"
        lines.append(
            f"\n{package['name']} comes without the text of its licence. It is by {authors} ({place})."
        )
    for text, number in numbers.items():
        lines += ["", RULE, f"Text {number}", RULE, "", text]
    for file in sorted((ROOT / "data").glob("*/LICENSE")):
        text = trimmed(file.read_text("utf-8"))
        lines += ["", RULE, f"data/{file.parent.name}", RULE, "", text]
    return "\n".join(lines) + "\n"


def main() -> int:
    """Write or check."""
    current = notices()
    if "--check" not in sys.argv[1:]:
        NOTICES.write_text(current, "utf-8")
        return 0
    if not NOTICES.exists() or NOTICES.read_text("utf-8") != current:
        print("THIRD-PARTY-NOTICES is not current: run .ci/notices.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
