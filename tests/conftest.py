"""What all tests share: the folder of conformance vectors, and the count of those that missed it."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from support.authority import Authority
from support.peers import Pool
from support.vectors import shared_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if TYPE_CHECKING:
    from corpus import Corpus

_NO_SHARED_FOLDER = "no shared folder"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of conformance vectors; a test that asks for it is skipped where there is none."""
    folder = shared_folder()
    assert folder is not None, "pytest_runtest_setup skips"
    return folder


@pytest.fixture(scope="session")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Authority]:
    """An authority for each kind of key, made when it is first asked for."""
    return functools.cache(lambda kind: Authority(tmp_path_factory.mktemp(kind), kind))


@pytest.fixture(scope="session")
def servers() -> Iterator[Pool]:
    """Servers that tests share."""
    pool = Pool()
    yield pool
    pool.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The certification authority of the tests of contexts, with its files."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    """10,000 hosts as a scan finds them: a third of them broken, many repeated, some garbage."""
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(__file__).resolve().parents[1] / "benches")
        import corpus

        return corpus.obtain(tmp_path_factory.mktemp("scan") / "scan.arrow", corpus.Shape(10_000), 1)


def pytest_configure() -> None:
    """Refuse a wrong ``CERTPATH_SHARED`` before any test runs, instead of skipping what needs it."""
    try:
        shared_folder()
    except NotADirectoryError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test that asks for the ``shared`` fixture, so that ``-m shared`` finds it."""
    for item in items:
        if "shared" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.shared)


# First, so that a test whose parameters come from the folder is skipped for this reason too.
@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked ``shared`` where there is no such folder."""
    if item.get_closest_marker("shared") and shared_folder() is None:
        pytest.skip(f"{_NO_SHARED_FOLDER}: set CERTPATH_SHARED to one to run this test")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one visible line how many tests had no vectors to run on."""
    missed = sum(
        isinstance(report.longrepr, tuple) and _NO_SHARED_FOLDER in report.longrepr[2]
        for report in terminalreporter.stats.get("skipped", [])
    )
    if missed:
        tests = "1 test" if missed == 1 else f"{missed} tests"
        terminalreporter.write_line(f"{tests} skipped: {_NO_SHARED_FOLDER}", yellow=True, bold=True)
