"""``python -m certpath`` is the command ``certpath``."""

from __future__ import annotations

import sys

from certpath.cli import main

if __name__ == "__main__":
    sys.exit(main())
