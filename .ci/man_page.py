#!/usr/bin/env python3
"""The man page certpath(1), made from the parser of the command's words, as --help is.

.ci/man_page.py > certpath.1

Needs argparse-manpage and an installed certpath.
"""

from __future__ import annotations

import os
import re
import sys

from argparse_manpage.manpage import Manpage
from certpath import __version__
from certpath.cli.parser import make_parser


def made() -> str:
    """The page."""
    os.environ["COLUMNS"] = "80"
    parser, _ = make_parser()
    data = {
        "project_name": "certpath",
        "version": __version__,
        "manual_title": "User Commands",
    }
    parser.man_short_description = "judge X.509 certificate chains, and say why not"  # type: ignore[attr-defined]
    page = str(Manpage(parser, format="single-commands-section", _data=data))
    # A line of text that begins with the dot of a suffix is no request.
    return re.sub(r"^\.(?=(?:csv|html|jsonl|parquet|svg)\b)", r"\\&.", page, flags=re.MULTILINE)


if __name__ == "__main__":
    sys.stdout.write(made())
