#!/usr/bin/env python3
"""Write what is made from other sources: docstrings, the fields of verdicts, the tables of findings.

    python .ci/manual.py [--check]

* src/py/manual.rs, from the stub, where docstrings are written. Its macro `manual!` has the text for each
  name, such as `manual!("Verdict.ok")`; the classes of src/py carry it as `#[doc = manual!(…)]`. What the
  constructor does stands below what its class is.
* The attributes of `Verdict` that are its fields, from their table in src/record/fields.rs: in the stub
  between two comments, in src/py/manual.rs the macro `with_fields!`, in docs/verdict.md the table of keys.
* The tables of findings in docs/verdict.md, from the table of checks in src/verdict/check.rs, whose headings
  are those of the page. The text around them is the page's own.

``--check`` writes nothing and fails if a file is another one: the gate does that. tests/test_manual.py sees
to it that every member has its text at run time, tests/test_docs.py that the tables say what the module does.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "python" / "certpath" / "_certpath.pyi"
MANUAL = ROOT / "src" / "py" / "manual.rs"
FIELDS = ROOT / "src" / "record" / "fields.rs"
CHECKS = ROOT / "src" / "verdict" / "check.rs"
VERDICT = ROOT / "docs" / "verdict.md"

HEAD = """\
//! The docstrings of the classes and functions, by name, and the fields of verdicts as attributes. Written by
//! .ci/manual.py from the stub, python/certpath/_certpath.pyi, and from src/record/fields.rs: change these,
//! and run it.
//!
//! Longer than 500 lines: the whole manual.

macro_rules! manual {
"""


def documented(stub: str) -> dict[str, str]:
    """The docstrings of the stub by dotted name, without indentation."""
    return dict(_documented(ast.parse(stub)))


def _documented(module: ast.Module) -> Iterator[tuple[str, str]]:
    for item in module.body:
        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
            yield item.name, _docstring(item)
        if not isinstance(item, ast.ClassDef) or item.name.startswith("_") or not _is_final(item):
            continue
        members = {member.name: member for member in item.body if isinstance(member, ast.FunctionDef)}
        made = members.get("__new__")
        texts = [_docstring(item)] + ([] if made is None else [_docstring(made)])
        yield item.name, "\n\n".join(text for text in texts if text)
        for name, member in members.items():
            text = _docstring(member)
            if text and name != "__new__":
                yield f"{item.name}.{name}", text


def _is_final(item: ast.ClassDef) -> bool:
    """Whether the class is one of the module's: protocols are the stub's alone."""
    return any(isinstance(one, ast.Name) and one.id == "final" for one in item.decorator_list)


def _docstring(item: ast.ClassDef | ast.FunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(item, clean=False) or "")


def manual(stub: str) -> str:
    """The file's contents."""
    arms = []
    for name, text in documented(stub).items():
        literal = text.replace("\\", "\\\\").replace('"', '\\"')
        arms.append(f'    ("{name}") => {{\n        "{literal}"\n    }};\n')
    return HEAD + "".join(arms) + "}\n"


class Field(NamedTuple):
    """One row of the table of fields."""

    name: str
    is_nullable: bool
    kind: str
    """The variant of `Get`."""
    text: str
    """The docstring."""
    annotation: str
    """The type in the stub, where that of the values does not say it."""
    meaning: str
    """That in docs/verdict.md."""
    is_key: bool
    """Of `Verdict.to_dict`, and not of columns alone."""


# What the stub and docs/verdict.md call the types of values.
TYPES = {
    "Flag": ("bool", "boolean"),
    "Text": ("str", "text"),
    "Code": ("int", "number"),
    "Count": ("int", "number"),
    "Time": ("datetime.datetime", "time"),
    "Fingerprint": ("bytes", "text"),
    "Texts": ("tuple[str, ...]", "list"),
    "Fingerprints": ("tuple[bytes, ...]", "list"),
    "Paths": ("tuple[tuple[bytes, ...], ...]", "list"),
    "Findings": ("tuple[Finding, ...]", "list"),
    "Timestamps": ("tuple[dict[str, str | None], ...]", "list"),
}
FIELD = re.compile(r'(?P<how>always|maybe)\(\s*"(?P<name>\w+)",\s*Get::(?P<kind>\w+)\(')
OPENING = "    # Fields: written by .ci/manual.py from src/record/fields.rs.\n"
CLOSING = "    # Others.\n"
ATTRIBUTES = """
/// The members of `Verdict`: those that are handed in, and its fields.
macro_rules! with_fields {
    (#[$methods:ident] impl $class:ident { $($member:tt)* }) => {
        #[$methods]
        impl $class {
            $($member)*
%s        }
    };
}
"""


def fields_of(source: str) -> list[Field]:
    """The rows of the table; one that is there for its place alone has no text of its own."""
    table = source.partition("\nfields! {\n")[2].partition("\n}\n")[0]
    first: dict[str, Field] = {}
    fields = []
    for part in table.split("\n\n"):
        row = FIELD.search(part)
        if row is None:
            raise SystemExit(f"src/record/fields.rs: no field in {part!r}")
        text = "\n".join(re.findall(r"^    /// ?(.*)$", part[: row.start()], re.MULTILINE))
        text, _, meaning = text.partition("\nTable: ")
        text, _, annotation = text.partition("\nType: ")
        is_key = ".columns_only()" not in part
        field = Field(
            row["name"], row["how"] == "maybe", row["kind"], text, annotation, meaning, is_key=is_key
        )
        known = first.setdefault(field.name, field)
        if not known.text or not known.meaning:
            raise SystemExit(f"src/record/fields.rs: {field.name} has no text, or no meaning behind `Table:`")
        fields.append(known._replace(is_key=is_key))
    return fields


def with_fields(stub: str, fields: list[Field]) -> str:
    """The stub with the attributes as the table has them."""
    before, opened, rest = stub.partition(OPENING)
    _, closed, after = rest.partition(CLOSING)
    if not opened or not closed:
        raise SystemExit("python/certpath/_certpath.pyi: no place for the fields of verdicts")
    attributes = ""
    for field in (field for field in fields if field.is_key):
        told = field.annotation or TYPES[field.kind][0] + (" | None" if field.is_nullable else "")
        text = field.text.replace("\n", "\n        ")
        attributes += f'    @property\n    def {field.name}(self) -> {told}:\n        """{text}"""\n'
    return before + opened + attributes.replace("        \n", "\n") + closed + after


def attributes_of(fields: list[Field]) -> str:
    """The macro that adds the fields to the class."""
    getters = [
        f"""
            #[doc = manual!("Verdict.{name}")]
            #[getter]
            fn {name}<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {{
                self.field(py, "{name}")
            }}
"""
        for name in (field.name for field in fields if field.is_key)
    ]
    return ATTRIBUTES % "".join(getters)


def with_keys(page: str, fields: list[Field]) -> str:
    """The page with the keys of the fields between the first key and the last, which are not fields."""
    heading = "| Key | Type | Meaning |\n|:--|:--|:--|\n"
    before, found, after = page.partition(heading)
    table, end, after = after.partition("\n\n")
    first, *_, last = table.split("\n")
    rows = [
        f"| `{field.name}` | {TYPES[field.kind][1]}{'?' * field.is_nullable} | {field.meaning} |"
        for field in fields
        if field.is_key
    ]
    return before + found + "\n".join([first, *rows, last]) + end + after


TEXT = r'"((?:[^"\\]|\\.)*)"'
CHECK = re.compile(
    rf"""
    ^\ {{4}}\w+,\ \w+,\ (?:Some\((?P<code>\d+)\)|None),\ "(?P<name>\w+)",\ "(?P<message>[^"]*)",
    \s+{TEXT.replace("(", "(?P<facts>", 1)},
    \s+\w+,\ "(?P<rule>[^"]*)",
    \s+{TEXT};$
    """,
    re.MULTILINE | re.VERBOSE,
)
HEADING = re.compile(r"^ {4}// (### .*)$", re.MULTILINE)
TABLE = re.compile(r"(\| Finding \| Code \| (Message \| )?(.*?) \|\n\|[-:|]+\|\n)((?:\|.*\n)+)")


def findings(source: str) -> dict[str, list[re.Match[str]]]:
    """The rows of the table of checks by their headings."""
    table = source.partition("\nchecks! {\n")[2].partition("\n}\n")[0] + "\n"
    _, *parts = HEADING.split(table)
    found = {
        heading: list(CHECK.finditer(rows)) for heading, rows in zip(parts[::2], parts[1::2], strict=True)
    }
    if sum(map(len, found.values())) != table.count(";\n"):
        raise SystemExit("src/verdict/check.rs: not every row of the table is understood")
    return found


def row_of(check: re.Match[str], *, has_message: bool, has_section: bool) -> str:
    """The row of a finding; rules of profiles say first where they stand."""
    facts = check["facts"].replace('\\"', '"')
    if has_section and not re.match(r"\d|RFC", facts):
        section = re.sub(r"^(?:RFC 5280,|CA/B BR) ", "", check["rule"])
        facts = f"{section}; {facts}" if facts else section
    cells = [f"`{check['name']}`", check["code"] or "", *([check["message"]] if has_message else []), facts]
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|\n"


def verdict_page(page: str, source: str) -> str:
    """The page with the tables as the source has them."""
    for heading, checks in findings(source).items():
        before, found, after = page.partition(f"\n{heading}\n")
        table = TABLE.search(after)
        if not found or table is None:
            raise SystemExit(f"docs/verdict.md: no table of findings below {heading}")
        columns = {"has_message": bool(table[2]), "has_section": table[3].startswith("Section")}
        rows = "".join(row_of(check, **columns) for check in checks)
        page = before + found + after[: table.start()] + table[1] + rows + after[table.end() :]
    return page


def main() -> int:
    """Write the files, or look whether they are as they should be."""
    fields = fields_of(FIELDS.read_text(encoding="utf-8"))
    stub = with_fields(STUB.read_text(encoding="utf-8"), fields)
    page = verdict_page(VERDICT.read_text(encoding="utf-8"), CHECKS.read_text(encoding="utf-8"))
    made = {
        STUB: stub,
        MANUAL: manual(stub) + attributes_of(fields),
        VERDICT: with_keys(page, fields),
    }
    if "--check" not in sys.argv[1:]:
        for path, text in made.items():
            path.write_text(text, encoding="utf-8")
        return 0
    stale = [path for path, text in made.items() if path.read_text(encoding="utf-8") != text]
    for path in stale:
        print(
            f"{path.relative_to(ROOT).as_posix()} is not what its sources say: run .ci/manual.py",
            file=sys.stderr,
        )
    if stale:
        return 1
    docstrings = len(documented(stub))
    print(
        f"manual: {docstrings} docstrings, {len(fields)} fields and all findings as their sources have them"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
