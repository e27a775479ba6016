"""What the benchmarks share with the tests: the folder tests/support, under the same name."""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2] / "tests" / "support")]
