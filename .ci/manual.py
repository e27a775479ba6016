#!/usr/bin/env python3
"""Write src/py/manual.rs: the docstrings of the compiled classes, from the stub, where they are written.

    python .ci/manual.py [--check]

The macro `manual!` of that file has the text for each name, such as `manual!("Verdict.ok")`; the classes
of src/py carry it as `#[doc = manual!(…)]`. What the constructor does stands below what its class is.
``--check`` writes nothing and fails if the file is another one: the gate does that, and tests/test_manual.py
sees to it that every member has its text at run time.
"""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[1]
STUB = ROOT / "python" / "certpath" / "_certpath.pyi"
MANUAL = ROOT / "src" / "py" / "manual.rs"

HEAD = """\
//! The docstrings of the classes and functions, by name. Written by .ci/manual.py from the stub,
//! python/certpath/_certpath.pyi: change that, and run it.
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


def main() -> int:
    """Write the file, or look whether it is as it should be."""
    text = manual(STUB.read_text(encoding="utf-8"))
    if "--check" not in sys.argv[1:]:
        MANUAL.write_text(text, encoding="utf-8")
        return 0
    if MANUAL.read_text(encoding="utf-8") != text:
        print("src/py/manual.rs is not what the stub says: run .ci/manual.py", file=sys.stderr)
        return 1
    print(f"manual: {text.count(') => {')} docstrings as the stub has them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
