"""Runs that are broken off, torn, locked and tampered with; files and streams that are not what they were."""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

import certpath
import pytest
from certpath._certpath import _Scan
from certpath.cli import main
from support import scans

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

ROWS = 600


def words(scan: Path, target: Path, *more: object) -> list[str]:
    """The command, with parts of a hundred rows."""
    command = [
        "check",
        scan,
        "--roots",
        scans.ROOTS,
        "--at",
        scans.AT,
        "-o",
        target,
        "--part-rows",
        100,
        *more,
    ]
    return [sys.executable, "-m", "certpath", *map(str, command)]


def varint(number: int) -> bytes:
    """An unsigned number of two times seven bits, as Thrift writes it."""
    return bytes([number & 0x7F | 0x80, number >> 7])


class Done(NamedTuple):
    """A run that is over."""

    returncode: int
    stderr: str


def run(scan: Path, target: Path, *more: object) -> Done:
    """The run in this process, to its end."""
    said = io.StringIO()
    with contextlib.redirect_stderr(said):
        code = main(words(scan, target, *more)[3:])
    return Done(code, said.getvalue())


def break_off(scan: Path, target: Path, *more: object) -> None:
    """A run that is interrupted when all is judged, and the parts are to be put together."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("certpath.cli.scanning._summary_of", interrupt)
        assert run(scan, target, *more).returncode == 130


class Broken:
    """A run that was broken off behind some parts."""

    def __init__(self, folder: Path, form: str = "jsonl") -> None:
        self.scan, self.target = folder / "scan.jsonl", folder / f"out.{form}"
        self.parts = folder / f".out.{form}.parts"
        self.scan.write_bytes(scans.scan(ROWS) + b"x\n" + scans.scan(1))
        whole = folder / f"whole.{form}"
        assert run(self.scan, whole).returncode == 1
        self.whole = whole.read_bytes()
        break_off(self.scan, self.target)
        assert len(self.numbered()) >= 2

    def numbered(self) -> list[Path]:
        """The parts, in order."""
        return sorted(self.parts.glob("*.part"))

    def resume(self) -> Done:
        """The same again, with ``--resume``."""
        return run(self.scan, self.target, "--resume")


@pytest.fixture(params=["jsonl", "parquet", "csv.zst"])
def broken(request: pytest.FixtureRequest, tmp_path: Path) -> Broken:
    """A run in each form."""
    return Broken(tmp_path, request.param)


class TestParts:
    def test_go_on_to_the_same_file(self, broken: Broken) -> None:
        """Octet by octet."""
        assert broken.resume().returncode == 1
        assert broken.target.read_bytes() == broken.whole
        assert not broken.parts.exists()

    @pytest.mark.parametrize("damage", ["emptied", "cut", "longer", "flipped", "gone", "swapped", "link"])
    def test_a_part_that_is_not_what_was_written_is_said(self, damage: str, broken: Broken) -> None:
        """And nothing is written; with the part in its place again the run goes on."""
        first, second = broken.numbered()[:2]
        octets = second.read_bytes()
        away = broken.parts.with_name("away")
        match damage:
            case "emptied":
                second.write_bytes(b"")
            case "cut":
                second.write_bytes(octets[:-1])
            case "longer":
                second.write_bytes(octets + b"\n")
            case "flipped":
                second.write_bytes(octets[:40] + bytes([octets[40] ^ 1]) + octets[41:])
            case "gone":
                second.unlink()
            case "swapped":
                shutil.copy(first, second)
            case _:
                second.rename(away)
                second.symlink_to(away)
        done = broken.resume()
        assert done.returncode == 2
        assert "000001.part is not what was written" in done.stderr
        assert not broken.target.exists()
        second.unlink(missing_ok=True)
        second.write_bytes(octets)
        assert broken.resume().returncode == 1
        assert broken.target.read_bytes() == broken.whole

    @pytest.mark.parametrize(
        ("file", "text", "said"),
        [
            ("checkpoint.json", "", "is damaged"),
            ("checkpoint.json", "{", "is damaged"),
            ("checkpoint.json", "[]", "another version"),
            ("checkpoint.json", '{"version": 1, "parts": 3}', "another version"),
            ("checkpoint.json", '{"version": 2, "parts": 3}', "other inputs or options"),
            ("journal", "", "the journal of its parts is damaged"),
            ("journal", "1 a\n", "is not what was written"),
            ("journal", "\udcff\n", "the journal of its parts is damaged"),
        ],
    )
    def test_notes_that_are_damaged_are_said(self, file: str, text: str, said: str, tmp_path: Path) -> None:
        """With what to do."""
        broken = Broken(tmp_path)
        (broken.parts / file).write_bytes(text.encode(errors="surrogateescape"))
        done = broken.resume()
        assert done.returncode == 2
        assert said in done.stderr
        assert "remove the folder" in done.stderr
        assert "Traceback" not in done.stderr

    def test_notes_of_another_run_do_not_fit(self, tmp_path: Path) -> None:
        """Not even with its parts, if the checkpoint is this run's."""
        (tmp_path / "a").mkdir()
        (tmp_path / "b").mkdir()
        one, other = Broken(tmp_path / "a"), Broken(tmp_path / "b")
        for path in other.numbered():
            octets = path.read_bytes().replace(b'"key":"1', b'"key":"2', 1)
            path.write_bytes(octets)
        shutil.copy(other.parts / "journal", one.parts / "journal")
        for path in other.numbered():
            shutil.copy(path, one.parts / path.name)
        assert one.resume().returncode == 2
        assert not one.target.exists()

    def test_what_a_kill_left_behind_the_checkpoint_goes(self, tmp_path: Path) -> None:
        """A part that no checkpoint counts, and half a line in the journal."""
        broken = Broken(tmp_path)
        with (broken.parts / "journal").open("ab") as journal:
            journal.write(b"17 abc")
        (broken.parts / f"{len(broken.numbered()):06}.part").write_bytes(b"half")
        (broken.parts / "draft").write_bytes(b"half")
        assert broken.resume().returncode == 1
        assert broken.target.read_bytes() == broken.whole

    def test_a_run_within_one_record_goes_on_there(self, tmp_path: Path) -> None:
        """Of three answers of a log with ten thousand rows each, the second."""
        scan, whole, target = (tmp_path / name for name in ("scan.json", "whole.jsonl", "out.jsonl"))
        scan.write_text(('{"entries":[' + ",".join(["{}"] * 10_000) + "]}\n") * 3 + "x\n")
        command = ["--format", "ct-entries", "--part-rows", 1]
        assert run(scan, whole, *command).returncode == 1
        assert run(scan, target, *command, "--max-errors", 18_000).returncode == 2
        checkpoint = json.loads((tmp_path / ".out.jsonl.parts" / "checkpoint.json").read_text())
        assert (checkpoint["offset"], checkpoint["pieces"], checkpoint["rows"]) == (0, 5, 18_192)
        done = run(scan, target, *command, "--resume")
        assert done.returncode == 1
        assert target.read_bytes() == whole.read_bytes()
        assert "complaints about the input: 30001" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="links and signals are POSIX's")
class TestLinks:
    @pytest.mark.parametrize("name", ["draft", "checkpoint.draft", "whole", "000000.part", "journal"])
    def test_in_the_folder_are_not_followed(self, name: str, tmp_path: Path) -> None:
        """What they lead to stays what it is."""
        scan, target, victim = tmp_path / "scan.jsonl", tmp_path / "out.jsonl", tmp_path / "victim"
        scan.write_bytes(scans.scan(300))
        victim.write_text("mine")
        parts = tmp_path / ".out.jsonl.parts"
        parts.mkdir()
        (parts / name).symlink_to(victim)
        assert run(scan, target).returncode == 1
        assert victim.read_text() == "mine"
        assert len(target.read_text().splitlines()) == 300

    def test_beside_a_run_that_has_stopped_are_not_followed(self, tmp_path: Path) -> None:
        """The next parts, the next checkpoint and the whole are files of the run's own."""
        scan, target, victim = tmp_path / "scan.jsonl", tmp_path / "out.jsonl", tmp_path / "victim"
        scan.write_bytes(scans.scan(300) + b"x\n" * 40_000)
        victim.write_text("mine")
        assert run(scan, target, "--max-errors", 18_000).returncode == 2
        parts = tmp_path / ".out.jsonl.parts"
        there = {path.name for path in parts.iterdir()}
        planted = {f"{number:06}.part" for number in range(20)} | {"draft", "checkpoint.draft", "whole"}
        for name in planted - there:
            (parts / name).symlink_to(victim)
        assert run(scan, target, "--resume").returncode == 1
        assert victim.read_text() == "mine"
        assert len(target.read_text().splitlines()) == 40_300

    @pytest.mark.parametrize("name", ["checkpoint.json", "lock"])
    def test_that_would_be_read_are_refused(self, name: str, tmp_path: Path) -> None:
        """With the name of the link."""
        scan, target, victim = tmp_path / "scan.jsonl", tmp_path / "out.jsonl", tmp_path / "victim"
        scan.write_bytes(scans.scan(3))
        victim.write_text("{}")
        parts = tmp_path / ".out.jsonl.parts"
        parts.mkdir()
        (parts / name).symlink_to(victim)
        for more in ([], ["--resume"]):
            done = run(scan, target, *more)
            assert done.returncode == 2
            assert f"{name} is not an ordinary file" in done.stderr
        assert victim.read_text() == "{}"

    def test_the_folder_itself_is_none(self, tmp_path: Path) -> None:
        """Nothing is written through it, and nothing removed."""
        scan, target, elsewhere = tmp_path / "scan.jsonl", tmp_path / "out.jsonl", tmp_path / "elsewhere"
        scan.write_bytes(scans.scan(3))
        elsewhere.mkdir()
        (elsewhere / "mine").write_text("mine")
        (tmp_path / ".out.jsonl.parts").symlink_to(elsewhere)
        done = run(scan, target)
        assert done.returncode == 2
        assert "is not a folder" in done.stderr
        assert [path.name for path in elsewhere.iterdir()] == ["mine"]

    @pytest.mark.parametrize("is_there", [True, False])
    def test_as_the_target_is_followed(self, is_there: bool, tmp_path: Path) -> None:
        """The file that it leads to is replaced, or made."""
        scan, target, real = tmp_path / "scan.jsonl", tmp_path / "out.jsonl", tmp_path / "real" / "file.jsonl"
        scan.write_bytes(scans.scan(3))
        real.parent.mkdir()
        if is_there:
            real.write_text("old")
        target.symlink_to("real/file.jsonl")
        assert run(scan, target).returncode == 1
        assert target.is_symlink()
        assert len(real.read_text().splitlines()) == 3
        assert [path.name for path in real.parent.iterdir()] == ["file.jsonl"]

    def test_that_leads_to_itself_is_refused(self, tmp_path: Path) -> None:
        """As what it is."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / "out.jsonl"
        scan.write_bytes(scans.scan(3))
        target.symlink_to("out.jsonl")
        done = run(scan, target)
        assert done.returncode == 2
        assert "leads nowhere" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="pipes by name and signals are POSIX's")
class TestTwoRuns:
    @pytest.fixture
    def first(self, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
        """A run that waits for input."""
        os.mkfifo(tmp_path / "pipe")
        command = words(tmp_path / "pipe", tmp_path / "out.jsonl", "--format", "zgrab")
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own command
            for _ in range(1_000):
                if (tmp_path / ".out.jsonl.parts" / "lock").exists():
                    break
                time.sleep(0.02)
            yield process
            process.kill()

    def test_on_one_target_are_one_too_many(self, first: subprocess.Popen[str], tmp_path: Path) -> None:
        """The second says so and leaves the first alone."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(3))
        for more in ([], ["--resume"]):
            second = run(scan, tmp_path / "out.jsonl", *more)
            assert second.returncode == 2
            assert "another run is writing to this target" in second.stderr
        with (tmp_path / "pipe").open("wb") as feed:
            feed.write(scans.scan(5))
        assert first.wait(timeout=60) == 1
        assert len((tmp_path / "out.jsonl").read_text().splitlines()) == 5

    @pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
    def test_one_that_was_killed_bars_nobody(
        self, how: signal.Signals, first: subprocess.Popen[str], tmp_path: Path
    ) -> None:
        """The lock goes with the process."""
        first.send_signal(how)
        first.wait(timeout=60)
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(3))
        assert run(scan, tmp_path / "out.jsonl").returncode == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "pipe", "scan.jsonl"]


@pytest.mark.skipif(os.name != "posix", reason="closes streams as a shell does")
class TestClosedStreams:
    @pytest.mark.parametrize("closed", ["2>&-", "<&-", ">&-", "<&- >&- 2>&-", "2>&- >&-"])
    @pytest.mark.parametrize("kind", ["scan", "chain"])
    def test_the_file_is_written(self, closed: str, kind: str, tmp_path: Path) -> None:
        """With the verdicts and nothing else in it, and no traceback."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / "out.jsonl"
        scan.write_bytes(scans.scan(3) + b"x\n")
        file = scan if kind == "scan" else scans.EXAMPLES / "chains" / "expired.pem"
        command = f'"$0" "$@" {closed}'
        done = subprocess.run(  # noqa: S603 - our own command
            ["/bin/sh", "-c", command, *words(file, target)[:-2]], check=False, capture_output=True, text=True
        )
        assert done.returncode == 1, done.stderr
        assert "Traceback" not in done.stderr
        rows = [json.loads(line) for line in target.read_text().splitlines()]
        assert len(rows) == (4 if kind == "scan" else 1)

    @pytest.mark.parametrize("kind", ["scan", "chain"])
    def test_results_that_can_go_nowhere_are_an_error(self, kind: str, tmp_path: Path) -> None:
        """Not a success."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(3))
        file = scan if kind == "scan" else scans.EXAMPLES / "chains" / "expired.pem"
        command = [sys.executable, "-m", "certpath", "check", str(file), "--roots", scans.ROOTS]
        done = subprocess.run(  # noqa: S603 - our own command
            ["/bin/sh", "-c", '"$0" "$@" >&-', *command], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "cannot write the results" in done.stderr
        assert "Traceback" not in done.stderr

    def test_input_that_is_closed_is_an_error(self) -> None:
        """And no empty scan."""
        command = [sys.executable, "-m", "certpath", "check", "-", "--roots", scans.ROOTS]
        done = subprocess.run(  # noqa: S603 - our own command
            ["/bin/sh", "-c", '"$0" "$@" <&-', *command], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "standard input (-) is closed" in done.stderr


@pytest.mark.skipif(os.name != "posix", reason="limits of a process are POSIX's")
class TestFullDisk:
    @pytest.mark.parametrize("form", ["jsonl", "parquet", "csv.gz"])
    def test_ends_with_a_word_and_can_be_resumed(self, form: str, tmp_path: Path) -> None:
        """To the same file."""
        scan, whole, target = (tmp_path / name for name in ("scan.jsonl", f"whole.{form}", f"out.{form}"))
        scan.write_bytes(scans.scan(ROWS))
        assert run(scan, whole).returncode == 1
        blocks = max(1, whole.stat().st_size * 2 // 3 // 512)
        command = f'ulimit -f {blocks}; exec "$0" "$@"'
        done = subprocess.run(  # noqa: S603 - our own command
            ["/bin/sh", "-c", command, *words(scan, target)], check=False, capture_output=True, text=True
        )
        assert done.returncode == 2
        assert "File too large" in done.stderr
        assert "Traceback" not in done.stderr
        assert not target.exists()
        assert run(scan, target, "--resume").returncode == 1
        assert target.read_bytes() == whole.read_bytes()


class TestDamagedParquet:
    """Libraries give up in many ways; a damaged file costs itself."""

    SEED = 20261126

    def test_row_groups_without_the_rows_that_are_promised(self, tmp_path: Path) -> None:
        """A complaint, and no pool."""
        file, target = tmp_path / "scan.parquet", tmp_path / "out.jsonl"
        table = pa.table({"leaf": [scans.chains()["good-rsa"][0]] * 131})
        pq.write_table(table, file, compression="none", store_schema=False)
        octets = file.read_bytes()
        assert len(certpath.IntermediatePool.from_parquet(file, column="leaf")) == 1
        assert "complaints" not in run(file, target).stderr
        places = self.places_of_counts(file, 131)
        for count in (130, 132):
            for counts in range(1, 1 << len(places)):
                told = bytearray(octets)
                for bit, at in enumerate(places.values()):
                    if counts >> bit & 1:
                        told[at : at + 2] = varint(2 * count)
                file.write_bytes(told)
                done = run(file, target)
                # 2 where nothing at all could be read.
                assert done.returncode in {1, 2}, (count, counts)
                assert "complaints about the input: 1" in done.stderr, (count, counts)
                with pytest.raises(ValueError, match="no sound Parquet file"):
                    certpath.IntermediatePool.from_parquet(file, column="leaf")

    def places_of_counts(self, file: Path, rows: int) -> dict[str, int]:
        """Where it stands how many rows there are: in the metadata of the file, of its row group, of its
        column. Found by what pyarrow makes of another number there.
        """
        octets = file.read_bytes()
        sound = varint(2 * rows)
        places: dict[str, int] = {}
        for at in range(len(octets) - 8):
            if octets[at : at + 2] != sound:
                continue
            other = pa.BufferReader(octets[:at] + varint(2 * rows + 2) + octets[at + 2 :])
            told = pq.ParquetFile(other).metadata
            group = told.row_group(0)
            counts = {"file": told.num_rows, "group": group.num_rows, "column": group.column(0).num_values}
            changed = [where for where, count in counts.items() if count != rows]
            assert len(changed) <= 1
            places |= dict.fromkeys(changed, at)
        assert sorted(places) == ["column", "file", "group"]
        return places

    def test_mutants_of_a_file_cost_themselves(self, tmp_path: Path) -> None:
        """Whatever is damaged: the file after it is read, nothing else is raised, and nothing is printed."""
        rng = random.Random(self.SEED)
        file, good = tmp_path / "scan.parquet", tmp_path / "good.jsonl"
        good.write_bytes(scans.scan(1))
        chains = list(scans.chains().values())[:4] * 3
        table = pa.table(
            {"chain": chains, "name": [scans.HOST] * 12, "at": pa.array([1] * 12, pa.timestamp("ms"))}
        )
        pq.write_table(table, file, row_group_size=5)
        sound = file.read_bytes()
        start = len(sound) - 8 - int.from_bytes(sound[-8:-4], "little")
        verifier = certpath.Verifier(certpath.TrustStore.from_path(scans.ROOTS))
        gave_up = 0
        for _ in range(1_500):
            mutant = bytearray(sound)
            for _ in range(rng.randint(1, 3)):
                at = rng.randrange(start, len(sound)) if rng.random() < 0.8 else rng.randrange(len(sound))
                mutant[at] = rng.choice([rng.randrange(256), mutant[at] ^ 1 << rng.randrange(8)])
            file.write_bytes(mutant)
            try:
                certpath.IntermediatePool.from_parquet(file, column="chain")
            except (ValueError, TypeError) as error:
                gave_up += "gave up" in str(error)
            scan = _Scan(verifier, [file, good], format=None, threads=1)
            complaints: list[str] = []
            finished = False
            while not finished:
                said, _, finished, _ = scan.step()
                complaints += said
            assert "ok" in json.loads(scan.summary())["statuses"] or scan.progress[0] > 1
            # The line of the good one comes last, and is judged.
            assert scan.progress[0] >= 1 + bool(complaints)
        # Most of what makes the library panic is found before it is asked.
        assert gave_up >= 1
