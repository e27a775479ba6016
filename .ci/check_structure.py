#!/usr/bin/env python3
"""Hold the layout of the sources, and the exceptions of deny.toml, to what they promise.

* Only the files listed in `DOORS` name the crate they are the door to.
* Python is behind one feature, at one place of src/lib.rs.
* Unsafe code is in the files listed in `UNSAFE`.
* Imports between the modules of src point one way: they form no cycle. Nor do those of a folder's files.
* No module of python reaches for an attribute with an underscore that is not its own; those of other packages
  are listed in `FOREIGN`.
* A file of src or python that is longer than `LONGEST` lines says why at its head.
* Every advisory that deny.toml ignores concerns a crate that is still in Cargo.lock.

Needs nothing but the standard library; prints what is wrong and exits with 1, or prints one line.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

# Crate, and the only places under src that may name it (a folder ends with a slash).
DOORS = {
    "certpath_multibuffer": ("signature/",),
    "clubcard_crlite": ("revocation_set/crlite.rs",),
    "crypto_bigint": ("signature/",),
    "psl": ("name/",),
    "publicsuffix": ("name/",),
    "pyo3": ("py/",),
    "rustls_native_certs": ("store.rs",),
    "rustls_pemfile": ("bundle.rs",),
    "stringprep": ("distinguished_name/",),
    "unicode_normalization": ("distinguished_name/",),
    "webpki": ("path/", "name.rs"),
    "webpki_root_certs": ("store.rs",),
}

# The only files that may lift the lint against unsafe code: they take pointers from elsewhere.
UNSAFE = ("arrow/c_data.rs", "py/attached.rs", "py/capsules.rs")

# Where the crates of the workspace may: what they are made for is to hold it.
UNSAFE_OF_CRATES = ("multibuffer/src/linux.rs", "multibuffer/src/modular.rs", "multibuffer/src/multiples.rs")

# Lines that can be read in one sitting.
LONGEST = 500
REASON = re.compile(rf"^(?://! )?Longer than {LONGEST} lines: \S", re.MULTILINE)

# Names with an underscore, and those of other packages that the package uses because there is no other way.
PRIVATE = re.compile(r"_(?!_)\w*")
FOREIGN = {
    "_ASN1Object": "ssl",
    "_ArgumentGroup": "argparse",
    "_SSLContext": "_ssl",
    "_actions": "argparse",
    "_asdict": "named tuples",
    "_create_default_https_context": "ssl",
    "_given": "argparse's namespace, where one module keeps it",
    "_host_flags": "_ssl",
    "_is_owned": "threading",
    "_make_ssl_context": "aiohttp",
    "_msg_callback": "ssl",
    "_replace": "named tuples",
    "_sslobj": "ssl",
    "_wrap_bio": "_ssl",
    "_wrap_socket": "_ssl",
}

# What is not code: comments, strings (raw or not), character literals. Lifetimes stay.
NO_CODE = re.compile(
    r"""
      //[^\n]*
    | /\*.*?\*/
    | \b[bc]?r(?P<hashes>\#*)".*?"(?P=hashes)
    | "(?:\\.|[^"\\])*"
    | '(?:\\[^\n]+?|[^'\\\n])'
    """,
    re.DOTALL | re.VERBOSE,
)
TESTS = re.compile(r"#\[cfg\(test\)\]\s*(?:#\[[^\n]*\]\s*)*mod\s+\w+\s*\{.*", re.DOTALL)
PYTHON_FEATURE = re.compile(r'feature\s*=\s*"python"')
PYTHON_DOOR = re.compile(r'#\[cfg\(feature = "python"\)\]\s*mod py;')
GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
REEXPORT = re.compile(r"\buse\s+(?:crate::|self::)?(\w+)::([^;]+);")
IGNORED = re.compile(r'id\s*=\s*"(RUSTSEC-[\d-]+)"\s*,\s*reason\s*=\s*"([\w-]+) ')


def code_of(text: str) -> str:
    """The source without comments and literals, with its line numbers."""
    return NO_CODE.sub(lambda match: "\n" * match[0].count("\n") or " ", text)


def naming(crate: str) -> re.Pattern[str]:
    """What names `crate` as a crate, and not as the last part of some path, a field or a function."""
    return re.compile(rf"(?<![\w:])(?:::)?{crate}\s*::|\b(?:use|extern\s+crate)\s+(?:::)?{crate}\b")


def misplaced_names(sources: dict[str, str]) -> list[str]:
    """Every line that names a crate outside its doors."""
    return [
        f"src/{path}:{code.count(chr(10), 0, match.start()) + 1}: names {crate}, which only "
        f"{' and '.join('src/' + place for place in places)} may"
        for path, code in sources.items()
        for crate, places in DOORS.items()
        if not any(path == place or (place.endswith("/") and path.startswith(place)) for place in places)
        for match in naming(crate).finditer(code)
    ]


def misplaced_unsafe(folder: str, sources: dict[str, str], allowed: tuple[str, ...]) -> list[str]:
    """Every line that is unsafe, or allows it, where that is not to be."""
    return [
        f"{folder}/{path}:{code.count(chr(10), 0, match.start()) + 1}: unsafe code, which only "
        f"{' and '.join(f'{folder}/{place}' for place in allowed)} may have"
        for path, code in sources.items()
        if path not in allowed
        for match in re.finditer(r"\bunsafe(?:_code)?\b", code)
    ]


def python_outside(root: Path) -> list[str]:
    """Whatever opens the `python` feature other than the one line of src/lib.rs."""
    lib = (root / "src/lib.rs").read_text(encoding="utf-8")
    problems = []
    if not PYTHON_DOOR.search(lib):
        problems.append('src/lib.rs: has no `#[cfg(feature = "python")] mod py;`')
    for path in sorted((root / "src").rglob("*.rs")):
        found = len(PYTHON_FEATURE.findall(path.read_text(encoding="utf-8")))
        if found > (path.name == "lib.rs" and path.parent.name == "src"):
            problems.append(f"{path.relative_to(root).as_posix()}: asks for the `python` feature")
    return problems


def module_of(path: str) -> str:
    """The module of the crate root that a file belongs to."""
    return path.split("/", 1)[0].removesuffix(".rs")


def uses_of(path: str, code: str, owners: dict[str, str]) -> set[str]:
    """The modules of the crate root that a file names, also through what the root re-exports."""
    if Path(path).name == "tests.rs":
        return set()  # tests may look upwards, and so may the module that ends a file
    below_root = "/" not in path.removesuffix("/mod.rs")
    root = r"\b(?:crate|super)::" if below_root else r"\bcrate::"
    return {owners[name] for name in named_behind(root, TESTS.sub("", code)) if name in owners}


def named_behind(root: str, code: str) -> list[str]:
    """What is named right behind `root`, by itself or in braces."""
    names = re.findall(rf"(?:{root})(\w+)", code)
    for group in re.findall(rf"(?:{root}){GROUP}", code):
        flat, nested = group, 1
        while nested:
            flat, nested = re.subn(r"\{[^{}]*\}", "", flat)
        names += [match[1] for part in flat.split(",") if (match := re.match(r"\s*(\w+)", part))]
    return names


def import_cycles(sources: dict[str, str]) -> list[str]:
    """The modules of the crate root that import each other in a circle."""
    modules = {module_of(path) for path in sources} - {"lib"}
    owners = {module: module for module in modules}
    for module, items in REEXPORT.findall(sources.get("lib.rs", "")):
        if module in modules:
            owners.update(dict.fromkeys(re.findall(r"\w+", items), module))
    uses: dict[str, set[str]] = {module: set() for module in modules}
    for path, code in sources.items():
        if path != "lib.rs":
            module = module_of(path)
            uses[module] |= uses_of(path, code, owners) - {module}
    return circles(uses)


def circles(uses: dict[str, set[str]]) -> list[str]:
    """Whoever is part of a circle, or between two of them, with what of them it imports."""
    uses = dict(uses)
    # Take away what imports nothing that is left, or is imported by nothing that is left: circles remain.
    while True:
        used = set[str]().union(*uses.values())
        loose = {module for module, others in uses.items() if module not in used or not others & uses.keys()}
        if not loose:
            break
        for module in loose:
            del uses[module]
    return [
        f"    {module} imports {', '.join(sorted(others & uses.keys()))}" for module, others in uses.items()
    ]


def cycles_in_folders(sources: dict[str, str]) -> list[str]:
    """The files of one folder that import each other in a circle.

    A folder below counts as part of the file that it belongs to. What they import from the file above them is
    what they have in common.
    """
    found = []
    for folder in sorted({path.rsplit("/", 1)[0] for path in sources if "/" in path}):
        inside = {
            path.removeprefix(f"{folder}/"): code
            for path, code in sources.items()
            if path.startswith(f"{folder}/")
        }
        uses: dict[str, set[str]] = {module_of(path): set() for path in inside}
        within = "crate::" + folder.replace("/", "::") + "::"
        for path, code in inside.items():
            if Path(path).name != "tests.rs":
                above = "super::" * (path.count("/") + 1)
                named = set(named_behind(rf"\b{within}|\b{above}", TESTS.sub("", code)))
                uses[module_of(path)] |= (named & uses.keys()) - {module_of(path)}
        if cycle := circles(uses):
            found += [f"src/{folder}: imports go in a circle among these files:", *cycle]
    return found


def too_long(root: Path) -> list[str]:
    """Long files without a reason; the stub is a manual, and as long as what it describes."""
    files = [*(root / "src").rglob("*.rs"), *(root / "python").rglob("*.py")]
    found = []
    for path in sorted(files):
        text = path.read_text(encoding="utf-8")
        head = "\n".join(text.splitlines()[:40])
        if text.count("\n") > LONGEST and not REASON.search(head):
            found.append(
                f"{path.relative_to(root)}: more than {LONGEST} lines; split it, or say at its head why not"
            )
    return found


def private_reaches(modules: dict[str, str]) -> list[str]:
    """Every place where a module of the package reaches for what is private to an object of another one."""
    return [
        f"python/{path}:{line}: reaches for {name}, which is private to somebody else"
        for path, text in modules.items()
        for line, name in sorted(reaches(ast.parse(text)))
        if PRIVATE.fullmatch(name) and name not in FOREIGN
    ]


def reaches(tree: ast.Module) -> set[tuple[int, str]]:
    """Line and name of every attribute, but those of ``self`` and ``cls``, and of an equal: ``other``."""
    found: set[tuple[int, str]] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls" | "other")):
                continue
            case ast.Attribute(attr=name):
                found.add((node.lineno, name))
            case ast.Call(
                func=ast.Name(id="delattr" | "getattr" | "hasattr" | "setattr"),
                args=[_, ast.Constant(value=str(name)), *_],
            ):
                found.add((node.lineno, name))
    return found


def stale_ignores(root: Path) -> list[str]:
    """Ignored advisories without a reason, or about a crate that is not in the tree any more."""
    deny = (root / "deny.toml").read_text(encoding="utf-8")
    lock = (root / "Cargo.lock").read_text(encoding="utf-8")
    locked = set(re.findall(r'^name = "([^"]+)"', lock, re.MULTILINE))
    ignored = dict(IGNORED.findall(deny))
    return [
        f"deny.toml: {advisory}: the reason has to begin with the crate's name"
        for advisory in sorted(set(re.findall(r"RUSTSEC-[\d-]+", deny)) - ignored.keys())
    ] + [
        f"deny.toml: {advisory}: {crate} is not in Cargo.lock, so nothing is left to ignore"
        for advisory, crate in ignored.items()
        if crate not in locked
    ]


def main() -> int:
    """Check the repository that this script lies in."""
    root = Path(__file__).resolve().parents[1]
    sources, crates = (
        {
            path.relative_to(root / folder).as_posix(): code_of(path.read_text(encoding="utf-8"))
            for path in sorted((root / folder).rglob("*.rs"))
        }
        for folder in ("src", "crates")
    )
    problems = misplaced_names(sources) + misplaced_unsafe("src", sources, UNSAFE)
    problems += misplaced_unsafe("crates", crates, UNSAFE_OF_CRATES)
    modules = {
        path.relative_to(root / "python").as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((root / "python").rglob("*.py"))
    }
    problems += private_reaches(modules)
    problems += python_outside(root) + too_long(root) + stale_ignores(root)
    if cycle := import_cycles(sources):
        problems += ["src: imports go in a circle among these modules:", *cycle]
    problems += cycles_in_folders(sources)
    print(
        "\n".join(problems)
        or f"structure: {len(sources)} files of Rust and {len(modules)} of Python in order"
    )
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
