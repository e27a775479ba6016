"""Try the library that checks eight signatures at once against aws-lc-rs.

    python tests/multibuffer/trial.py [--signatures 10000000] [--seed 20261127]

Builds and runs tests/multibuffer/trial.rs with the library of ``pip install 'certpath[multibuffer]'``, for
which the processor has to have AVX-512 IFMA. Prints what was compared; exits with 1 at the first difference,
with 3 where there is no such library or processor. With ``--signatures 0`` it prints what a signature takes
alone, in lanes, and in lanes with the multiples of its key.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from certpath import _multibuffer

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Run the trial with the words of the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--signatures", type=int, default=10_000_000, metavar="N")
    parser.add_argument("--seed", type=int, default=20_261_127, metavar="N")
    given = parser.parse_args()
    backend = _multibuffer.backend()
    print(backend)
    if "; batches: " not in backend:
        return 3
    command = ["cargo", "run", "--quiet", "--locked", "--release", "--example", "multibuffer_trial", "--"]
    words = [str(given.signatures), str(given.seed), *map(str, _multibuffer.files())]
    return subprocess.run([*command, *words], cwd=ROOT, check=False).returncode  # noqa: S603 - ours


if __name__ == "__main__":
    sys.exit(main())
