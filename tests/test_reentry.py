"""What is asked of a reader that is at work: answered at once, never waited for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from support import pki

if TYPE_CHECKING:
    from collections.abc import Iterator

import certpath

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAF, INTERMEDIATE, ROOT = pki.three()
VERIFIER = certpath.Verifier(certpath.TrustStore.from_der([ROOT.der]), policy=certpath.Policy.webpki())
TABLE = pa.table({"chain": pa.array([[LEAF.der, INTERMEDIATE.der]] * 3, pa.list_(pa.binary()))})

QUESTIONS: dict[str, Any] = {
    "repr": (repr, str),
    "schema": (lambda reader: reader.__arrow_c_schema__(), object),
    "iter": (iter, certpath.VerdictReader),
    "next": (next, RuntimeError),
    "read_all": (lambda reader: reader.read_all(), RuntimeError),
    "stream": (lambda reader: reader.__arrow_c_stream__(), RuntimeError),
    "table": (pa.table, RuntimeError),
}
"""What is asked, and the type of the answer."""

CONSUMERS: dict[str, Any] = {
    "iteration": lambda reader: sum(len(step) for step in reader),
    "read_all": lambda reader: len(reader.read_all()),
    "stream": lambda reader: pa.table(reader).num_rows,
}


class Asked:
    """Asks a reader while it is at work, and keeps the answers."""

    def __init__(self, question: str) -> None:
        self.question, self.expected = QUESTIONS[question]
        self.reader: certpath.VerdictReader | None = None
        self.answers: list[object] = []

    def __call__(self, *_: object) -> None:
        try:
            self.answers.append(self.question(self.reader))
        except (RuntimeError, ValueError) as error:
            self.answers.append(error)

    def check(self, consumer: str) -> None:
        """All answers are what they should be."""
        assert self.answers
        # Who has taken the verdicts over has them for good.
        expected = ValueError if consumer != "iteration" and self.expected is RuntimeError else self.expected
        assert all(isinstance(answer, expected) for answer in self.answers), self.answers


@pytest.mark.parametrize("consumer", CONSUMERS)
@pytest.mark.parametrize("question", QUESTIONS)
class TestReader:
    def test_by_the_progress_callback(self, question: str, consumer: str) -> None:
        """Which is told rows while they are judged."""
        asked = Asked(question)
        asked.reader = VERIFIER.check_arrow(TABLE, at=pki.AT, progress=asked)
        assert CONSUMERS[consumer](asked.reader) == 3
        asked.check(consumer)

    def test_by_the_input(self, question: str, consumer: str) -> None:
        """Which is read while the reader is at work."""
        asked = Asked(question)

        def batches() -> Iterator[Any]:
            for batch in TABLE.to_batches(max_chunksize=1):
                asked()
                yield batch

        stream = pa.RecordBatchReader.from_batches(TABLE.schema, batches())
        asked.reader = VERIFIER.check_arrow(stream, at=pki.AT)
        assert CONSUMERS[consumer](asked.reader) == 3
        asked.check(consumer)


def test_a_refusal_costs_no_row() -> None:
    """The reader goes on where it was."""
    seen: list[str] = []

    def progress(*_: object) -> None:
        with pytest.raises(RuntimeError, match="at work already"):
            next(reader)
        seen.append(repr(reader))

    stream = pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches(max_chunksize=1))
    reader = VERIFIER.check_arrow(stream, at=pki.AT, progress=progress)
    assert [len(step) for step in reader] == [1, 1, 1]
    assert seen[-1] == "<VerdictReader: 3 rows so far>"


def test_an_exception_of_the_callback_gives_the_reader_back() -> None:
    """Who catches it can go on."""

    def progress(done: int, _: object) -> None:
        if done == 1:
            raise KeyError(done)

    stream = pa.RecordBatchReader.from_batches(TABLE.schema, TABLE.to_batches(max_chunksize=1))
    reader = VERIFIER.check_arrow(stream, at=pki.AT, progress=progress)
    with pytest.raises(KeyError):
        next(reader)
    assert [len(step) for step in reader] == [1, 1]


@pytest.mark.parametrize("consumer", CONSUMERS)
def test_another_stream_is_read_by_the_callback(consumer: str) -> None:
    """pyarrow lets go of Python while it reads: below a call of ours, too."""
    rows: list[int] = []

    def progress(*_: object) -> None:
        rows.append(pa.table(VERIFIER.check_arrow(TABLE, at=pki.AT)).num_rows)

    assert CONSUMERS[consumer](VERIFIER.check_arrow(TABLE, at=pki.AT, progress=progress)) == 3
    assert set(rows) == {3}


def test_a_batch_of_rows_that_a_stream_yields() -> None:
    """The rows of `check_many` may come from a stream of verdicts."""

    def chains() -> Iterator[list[bytes]]:
        for batch in pa.RecordBatchReader.from_stream(VERIFIER.check_arrow(TABLE, keep=["chain"], at=pki.AT)):
            yield from batch["chain"].to_pylist()

    assert VERIFIER.check_many(chains(), at=pki.AT).counts() == {"ok": 3}


def test_check_many_asks_itself() -> None:
    """A batch within a batch, by its callback."""
    counts: list[int] = []

    def progress(*_: object) -> None:
        counts.append(len(VERIFIER.check_many([[LEAF.der, INTERMEDIATE.der]] * 2, at=pki.AT)))

    verdicts = VERIFIER.check_many([[LEAF.der, INTERMEDIATE.der]] * 3, at=pki.AT, progress=progress)
    assert len(verdicts) == 3
    assert set(counts) == {2}


SIGNALLED = """
    import signal, sys
    sys.path.insert(0, {tests!r})
    import certpath, pyarrow as pa
    from support import pki
    leaf, intermediate, root = pki.three()
    verifier = certpath.Verifier(certpath.TrustStore.from_der([root.der]))
    def batches():
        for number in range(1_000_000):
            if number == 3:
                print("ready", flush=True)  # and at work, so that no signal comes before there is a run
            chain = [leaf.der + number.to_bytes(4, "big"), intermediate.der]
            yield pa.record_batch([pa.array([chain] * 2, pa.list_(pa.binary()))], ["chain"])
    schema = pa.schema([("chain", pa.list_(pa.binary()))])
    reader = verifier.check_arrow(pa.RecordBatchReader.from_batches(schema, batches()))
    asked = []
    def ask(*_):
        asked.append(repr(reader))
        try:
            next(reader)
        except (RuntimeError, ValueError):
            pass
        print("answered", flush=True)
    signal.signal(signal.SIGUSR1, ask)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        {work}
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    except ValueError as error:
        # It came while the table's own source was at work: pyarrow tells of it in words.
        assert "KeyboardInterrupt" in str(error), error
        print("interrupted", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("work", ["[len(step) for step in reader]", "reader.read_all()"])
def test_by_a_signal_handler(work: str) -> None:
    """Which is answered, and Ctrl-C ends the run after it."""
    script = textwrap.dedent(SIGNALLED).format(tests=str(Path(__file__).parent), work=work)
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for _ in range(5):
            process.send_signal(signal.SIGUSR1)
            assert process.stdout.readline() == "answered\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
        assert out.splitlines()[-1] == "interrupted"
