"""``certpath check`` on scans: every format, every kind of garbage, and runs that are broken off."""

from __future__ import annotations

import gzip
import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath.cli import main
from certpath.cli.scanning import COMPLAINTS_SHOWN
from support import scans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

CHAINS = scans.chains()
GOOD = CHAINS["good-rsa"]
EXPIRED = CHAINS["expired"]


class Outcome:
    """What a run left behind."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Standard output, read as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def statuses(self) -> list[str]:
        """Those of all rows."""
        return [row["status"] for row in self.rows]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """``certpath check`` with the example roots."""

    def call(*words: object) -> Outcome:
        code = main(["check", "--roots", scans.ROOTS, *map(str, words)])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


def unplaced(row: dict[str, Any]) -> dict[str, Any]:
    """The row without the name of its file."""
    return {name: value for name, value in row.items() if name != "file"}


def zstd(octets: bytes) -> bytes:
    packed: bytes = pa.compress(octets, codec="zstd", asbytes=True)
    return packed


def line(chain: Sequence[bytes] = GOOD, **options: Any) -> bytes:
    return json.dumps(scans.grab(chain, **options)).encode()


def complaints(outcome: Outcome, file: Path) -> list[str]:
    """What is said about a file, without its name."""
    start = f"certpath: {file}: "
    return [said.removeprefix(start) for said in outcome.err.splitlines() if said.startswith(start)]


class TestFormats:
    def test_every_verdict_is_that_of_check(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """The same fields with the same values as `Verifier.check` on the chain alone."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(len(CHAINS)))
        verifier = certpath.Verifier(
            certpath.TrustStore.from_path(scans.ROOTS), policy=certpath.Policy.webpki()
        )
        outcome = check(scan)
        assert outcome.code == 1
        assert len(outcome.rows) == len(CHAINS)
        for row, chain in zip(outcome.rows, CHAINS.values(), strict=True):
            expected = verifier.check(chain, scans.HOST, at=1_768_478_400).to_dict()
            shared = row.keys() & expected.keys() - {"findings"}
            assert {key: row[key] for key in shared} == {key: expected[key] for key in shared}
            assert [one["name"] for one in row["findings"]] == [one["name"] for one in expected["findings"]]
            assert len(shared) > 30

    @pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
    def test_compression_is_told_by_content(
        self, pack: Callable[[bytes], bytes], check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Members and frames one after the other are one stream; the name does not matter."""
        plain, packed = tmp_path / "plain.jsonl", tmp_path / "packed"
        lines = scans.scan(8)
        plain.write_bytes(lines)
        half = len(lines) // 2
        packed.write_bytes(pack(lines[:half]) + pack(lines[half:]))
        assert [*map(unplaced, check(packed).rows)] == [*map(unplaced, check(plain).rows)]

    def test_certificate_logs(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """get-entries, pretty or an answer a line, and tiles say the same of the same chains."""
        answer = scans.ct_entries([GOOD, EXPIRED])
        line = json.dumps(answer)
        lines, pretty = tmp_path / "lines.json", tmp_path / "pretty.json"
        lines.write_text(f"{line}\n{line}\n")
        pretty.write_text(json.dumps(answer, indent=1))
        folder = tmp_path / "log"
        tiles = folder / "tile" / "data"
        tiles.mkdir(parents=True)
        tile = scans.tile([GOOD, EXPIRED], folder / "issuer")
        (tiles / "000").write_bytes(gzip.compress(tile))
        (tiles / "000.p").mkdir()
        (tiles / "000.p" / "1").write_bytes(b"older and smaller")
        expected = [("ok", 0), ("invalid", 10)]
        for file, times in [(lines, 2), (pretty, 1), (folder, 1), (tiles / "000", 1)]:
            outcome = check(file)
            assert [(row["status"], row["verify_code"]) for row in outcome.rows] == expected * times
            assert [row["name"] for row in outcome.rows] == [None, None] * times
        assert [row["key"] for row in check(folder).rows] == ["0", "1"]

    def test_missing_issuers_are_named_once(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """The chain is judged without them."""
        folder = tmp_path / "log" / "tile" / "data"
        folder.mkdir(parents=True)
        tile = folder / "000"
        tile.write_bytes(scans.tile([GOOD, GOOD], tmp_path / "elsewhere"))
        outcome = check(tile)
        assert outcome.statuses == ["invalid", "invalid"]
        assert len(complaints(outcome, tile)) == len(GOOD) - 1
        assert check(tile, "--issuers", tmp_path / "elsewhere").code == 0

    def test_issuers_that_nothing_asks_for_are_told(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """The folder may be meant for another input. One that does not exist is an error at once."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(2))
        outcome = check(scan, "--issuers", tmp_path)
        assert f"--issuers {tmp_path}: nothing has asked for an issuer" in outcome.err
        (tmp_path / "000").write_bytes(scans.tile([GOOD], tmp_path / "issuer"))
        assert "--issuers" not in check(tmp_path / "000", "--issuers", tmp_path / "issuer").err
        refused = check(scan, "--issuers", tmp_path / "nowhere")
        assert refused.code == 2
        assert "is not a folder" in refused.err

    def test_checkpoints_need_a_file(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """What goes to standard output has none."""
        refused = check(tmp_path / "scan.jsonl", "--part-rows", "5")
        assert (refused.code, refused.out) == (2, "")
        assert "-o FILE" in refused.err

    def test_parquet(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Both layouts, with names, times and keys."""
        at = pa.array([1_768_478_400] * 2, pa.timestamp("s", "UTC"))
        common = {"name": [scans.HOST, None], "at": at, "key": ["a", "b"]}
        whole = pa.table({"chain": [GOOD, EXPIRED], **common})
        split = pa.table({"leaf": [GOOD[0], EXPIRED[0]], "chain": [GOOD[1:], EXPIRED[1:]], **common})
        for number, table in enumerate([whole, split]):
            file = tmp_path / f"{number}.parquet"
            pq.write_table(table, file)
            found = [(row["key"], row["status"], row["name"], row["at"]) for row in check(file).rows]
            assert found == [("a", "ok", scans.HOST, scans.AT), ("b", "invalid", None, scans.AT)]

    def test_parquet_without_the_columns_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """And so is a file that only says it is Parquet."""
        other, broken = tmp_path / "other.parquet", tmp_path / "broken.parquet"
        pq.write_table(pa.table({"colour": ["red"]}), other)
        broken.write_bytes(b"PAR1 and nothing")
        outcome = check(other, broken)
        assert outcome.statuses == ["input_error"] * 2
        assert "no column chain" in complaints(outcome, other)[0]
        assert "not a sound Parquet file" in complaints(outcome, broken)[0]

    def test_standard_input(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """A scan is told from a chain by its first bytes."""
        scan = tmp_path / "scan.jsonl.gz"
        scan.write_bytes(gzip.compress(scans.scan(4)))
        expected = check(scan).rows
        with scan.open("rb") as stdin:
            done = subprocess.run(  # noqa: S603 - our own command
                [sys.executable, "-m", "certpath", "check", "-", "--roots", scans.ROOTS],
                check=False,
                stdin=stdin,
                capture_output=True,
            )
        assert done.returncode == 1
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        assert [*map(unplaced, rows)] == [*map(unplaced, expected)]
        assert {row["file"] for row in rows} == {"-"}

    def test_pem_files_among_scans_are_rows(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """A mixed bag is judged alike; what holds no certificate is said."""
        scan, key = tmp_path / "scan.jsonl", tmp_path / "key.pem"
        scan.write_bytes(line() + b"\n")
        key.write_text("-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n")
        good = scans.EXAMPLES / "chains" / "good-rsa.pem"
        outcome = check(scan, good, key, tmp_path / "absent.pem")
        assert outcome.statuses == ["ok", "ok", "no_certificate", "input_error"]
        assert complaints(outcome, key) == [
            "is a private key, not a certificate: hand in the certificate that belongs to it"
        ]
        assert complaints(outcome, tmp_path / "absent.pem") == ["cannot be read: No such file or directory"]

    def test_format_may_be_forced(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """For files that do not look like what they are."""
        file = tmp_path / "0"
        file.write_bytes(b"no json at all\n" + line() + b"\n")
        assert check(file, "--format", "zgrab").statuses == ["input_error", "ok"]


class TestNamesAndTimes:
    @pytest.mark.parametrize(
        ("words", "name", "status"),
        [
            ([], scans.HOST, "ok"),
            (["--names", "domain"], scans.HOST, "ok"),
            (["--names", "ip"], "192.0.2.7", "invalid"),
            (["--names", "none"], None, "ok"),
            (["--names", "sni"], None, "ok"),
            (["--name", "other.example.test"], "other.example.test", "invalid"),
        ],
    )
    def test_the_name_is_chosen(
        self, words: list[str], name: str | None, status: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A name of one's own goes before everything in the scan."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(line(number=7))
        (row,) = check(file, *words).rows
        assert (row["name"], row["status"]) == (name, status)
        assert row["key"] == f"192.0.2.7:443 {scans.HOST} tls"

    @pytest.mark.parametrize("host", ["bücher.example", "straße.test", "例え.example.", "ü" * 80, "a..ü"])
    def test_a_name_is_the_same_through_every_door(
        self, host: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Verdict or complaint: in a scan, in a table, in columns, in a batch and alone."""
        scan, table = tmp_path / "scan.jsonl", tmp_path / "table.parquet"
        scan.write_bytes(line(host=host))
        data = pa.table(
            {
                "chain": pa.array([scans.chains()["good-rsa"]], pa.list_(pa.binary())),
                "name": [host],
                "at": pa.array([1_768_478_400]),
            }
        )
        pq.write_table(data, table)
        verifier = certpath.Verifier(certpath.TrustStore.from_path(scans.ROOTS))
        verdicts = [
            verifier.check_arrow(data).read_all()[0],
            verifier.check_many([scans.chains()["good-rsa"]], [host], at=1_768_478_400)[0],
        ]
        outcomes = [(one.status, one.name, one.findings[0].detail) for one in verdicts]
        for file in (scan, table):
            (row,) = check(file).rows
            outcomes.append((row["status"], row["name"], row["findings"][0]["detail"]))
        assert len(set(outcomes)) == 1
        status, name, detail = outcomes[0]
        if status == "input_error":
            assert name is None
            with pytest.raises(ValueError) as raised:
                verifier.check(scans.chains()["good-rsa"], host, at=1_768_478_400)
            assert str(raised.value) in detail
        else:
            alone = verifier.check(scans.chains()["good-rsa"], host, at=1_768_478_400)
            assert status == "invalid"
            assert (status, name, detail) == (alone.status, alone.name, alone.findings[0].detail)

    def test_captured_chains_are_judged_as_of_their_capture(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Unless another time is asked for."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(line(EXPIRED, at="2024-03-01T02:00:00.5+02:00"))
        (row,) = check(file).rows
        assert (row["status"], row["at"]) == ("ok", "2024-03-01T00:00:00Z")
        (row,) = check(file, "--at", scans.AT).rows
        assert (row["verify_code"], row["at"]) == (10, scans.AT)
        assert check(file, "--at", "now").rows[0]["verify_code"] == 10

    def test_a_timestamp_that_is_none_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """A row is not judged as of just any time."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(line(at="yesterday"))
        outcome = check(file)
        assert outcome.statuses == ["input_error"]
        assert complaints(outcome, file) == [
            'line 1, byte 0: the timestamp "yesterday" is not a time (RFC 3339)'
        ]
        assert check(file, "--at", scans.AT).statuses == ["ok"]


BOMB = b'{"data":' + b"[" * 200_000
GARBAGE = {
    "torn json": (line()[:200], "line 2, byte 1000: EOF while parsing a string"),
    "nested bomb": (BOMB, "EOF while parsing a list"),
    "deep result": (
        b'{"data":{"a":' + b'{"result":' * 10_000 + b"1" + b"}" * 10_002,
        "recursion limit exceeded",
    ),
    "wrong base64": (line().replace(b'"raw": "MII', b'"raw": "M!I', 1), "not base64: octet 0x21 (!)"),
    "control characters": (b'{"a":"\x01"}', "control character"),
    "no json": (b"\xff\xfe\x00garbage", "expected value"),
    "two in a line": (line() + line(), "trailing characters"),
}


class TestGarbage:
    @pytest.mark.parametrize("bad", GARBAGE)
    def test_costs_one_row_and_one_complaint_with_its_place(
        self, bad: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """All other rows are kept."""
        octets, said = GARBAGE[bad]
        file = tmp_path / "scan.jsonl"
        file.write_bytes(line() + b"\n" + octets + b"\n" + line(EXPIRED) + b"\n")
        outcome = check(file)
        assert outcome.statuses == ["ok", "input_error", "invalid"]
        (complaint,) = complaints(outcome, file)
        assert complaint.startswith("line 2, byte ")
        place = int(complaint.split(":")[0].split()[-1])
        assert len(line()) + 1 <= place <= len(line()) + 1 + len(octets)
        assert said.split(": ")[-1] in complaint
        assert complaint in outcome.rows[1]["findings"][0]["detail"]

    def test_wrong_base64_is_found_to_the_byte(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """The place in the line leads to the very character."""
        file = tmp_path / "scan.jsonl"
        bad = line().replace(b'"raw": "MII', b'"raw": "M!I', 1)
        file.write_bytes(bad)
        (complaint,) = complaints(check(file), file)
        assert f"certificate 0, byte {bad.index(b'!')} of the line" in complaint

    def test_byte_order_mark_mixed_line_ends_and_a_last_line_without_one(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """None of it matters."""
        file = tmp_path / "scan.jsonl"
        parts = [b"\xef\xbb\xbf", line(), b"\r\n\n\r", line(), b"\r", line(), b"\n  \n", line()]
        file.write_bytes(b"".join(parts))
        outcome = check(file)
        assert outcome.statuses == ["ok"] * 4
        assert outcome.code == 0

    def test_a_last_line_that_is_torn_costs_itself(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A scan that is still being written can be judged."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(line() + b"\n" + line()[:-30])
        outcome = check(file)
        assert outcome.statuses == ["ok", "input_error"]
        assert complaints(outcome, file)[0].startswith(f"line 2, byte {len(line()) * 2 - 30}: EOF")

    @pytest.mark.parametrize("pack", [gzip.compress, zstd], ids=["gzip", "zstd"])
    def test_a_torn_stream_keeps_the_rows_before_the_tear(
        self, pack: Callable[[bytes], bytes], check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """One complaint says where it breaks off."""
        noise = random.Random(3).randbytes(150_000).hex().encode()
        lines = [b'{"x":"' + noise + b'",' + line()[1:] + b"\n" for _ in range(5)]
        packed = pack(b"".join(lines))
        file = tmp_path / "scan.jsonl.packed"
        file.write_bytes(packed[: len(packed) * 3 // 4])
        outcome = check(file, "--format", "zgrab")
        kept = len(outcome.rows) - 1
        assert outcome.statuses == ["ok"] * kept + ["input_error"]
        assert 0 <= kept < 5
        (complaint,) = complaints(outcome, file)
        assert "breaks off" in complaint

    def test_a_line_of_50_mb_is_read_and_one_of_70_mb_passed_over(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Neither costs the lines around it."""
        file = tmp_path / "scan.jsonl"

        def ballast(octets: int) -> bytes:
            return b'{"banner":"' + b"x" * octets + b'",' + line()[1:] + b"\n"

        with file.open("wb") as out:
            for octets in (0, 50 << 20, 70 << 20, 0):
                out.write(ballast(octets))
        outcome = check(file)
        assert outcome.statuses == ["ok", "ok", "input_error", "ok"]
        start = len(ballast(0)) + len(ballast(50 << 20))
        (complaint,) = complaints(outcome, file)
        long = f"a line of {len(ballast(70 << 20)) - 1} bytes, more than the 67108864 that are read"
        assert complaint == f"line 3, byte {start}: {long}"

    def test_what_holds_no_handshake_is_counted_and_skipped(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A host that does not answer is not an error; one that sends no certificate is a row."""
        file = tmp_path / "scan.jsonl"
        timeout = {"ip": "192.0.2.1", "data": {"tls": {"status": "connection-timeout"}}}
        lines = [json.dumps(timeout), json.dumps(scans.grab([])), json.dumps(scans.grab(GOOD))]
        file.write_text("\n".join(lines))
        outcome = check(file)
        assert outcome.statuses == ["no_certificate", "ok"]
        assert "without a chain, skipped: 1" in outcome.err

    def test_strict_stops_at_the_first_complaint(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """And writes nothing."""
        file, target = tmp_path / "scan.jsonl", tmp_path / "out.parquet"
        file.write_bytes(line() + b"\n{\n{\n" + line())
        outcome = check(file, "--strict", "-o", target)
        assert outcome.code == 2
        assert len(complaints(outcome, file)) == 1
        assert "--strict: stopped" in outcome.err
        assert list(tmp_path.iterdir()) == [file]

    def test_a_flood_of_complaints_is_counted(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """The screen is not for a million lines."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(b"{\n" * (COMPLAINTS_SHOWN + 7))
        outcome = check(file)
        assert len(complaints(outcome, file)) == COMPLAINTS_SHOWN
        assert "and 7 more complaints" in outcome.err
        assert f"complaints about the input: {COMPLAINTS_SHOWN + 7}" in outcome.err

    @pytest.mark.parametrize("seed", range(40))
    def test_damage_in_one_line_never_costs_another(
        self, seed: int, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Whatever happens between two line ends stays there."""
        rng = random.Random(seed)
        lines = [line(number=number) for number in range(9)]
        victim = bytearray(lines[4])
        for _ in range(rng.randint(1, 20)):
            at = rng.randrange(len(victim))
            match rng.randrange(3):
                case 0:
                    victim[at] = rng.choice([byte for byte in range(256) if byte not in b"\r\n"])
                case 1:
                    del victim[at : at + rng.randint(1, 400)]
                case _:
                    victim[at:at] = bytes(rng.choices(b'{}[]",:\\u0', k=rng.randint(1, 9)))
            victim = victim or bytearray(b"{")
        lines[4] = bytes(victim)
        file = tmp_path / "scan.jsonl"
        file.write_bytes(b"\n".join(lines))
        rows = check(file).rows
        others = [row["key"] for row in rows if row["status"] == "ok"]
        expected = [f"192.0.2.{number}:443 {scans.HOST} tls" for number in range(9) if number != 4]
        assert [key for key in others if key in expected] == expected

    @pytest.mark.parametrize("seed", range(20))
    def test_damaged_logs_never_fail(self, seed: int, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Tiles and answers: a row or a complaint, never a traceback."""
        rng = random.Random(seed)
        answer = bytearray(json.dumps(scans.ct_entries(CHAINS.values())).encode())
        tile = bytearray(scans.tile(CHAINS.values(), tmp_path / "issuer"))
        for octets, kind in ((answer, "ct-entries"), (tile, "ct-tiles")):
            for _ in range(rng.randint(1, 8)):
                octets[rng.randrange(len(octets))] = rng.randrange(256)
            file = tmp_path / kind
            file.write_bytes(octets[: rng.randrange(1, len(octets))])
            outcome = check(file, "--format", kind, "--issuers", tmp_path / "issuer")
            assert outcome.code in {0, 1}
            assert outcome.rows


class TestOutput:
    FORMS = ("parquet", "jsonl", "jsonl.gz", "jsonl.zst", "csv", "csv.gz", "csv.zst")

    @pytest.mark.parametrize("form", FORMS)
    def test_a_file_holds_what_the_pipe_would_have(
        self, form: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Whatever its format and however many its parts."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / f"out.{form}"
        scan.write_bytes(scans.scan(30))
        assert check(scan, "-o", target, "--part-rows", 1).code == 1
        assert sorted(tmp_path.iterdir()) == [target, scan]
        if form == "parquet":
            found = [row["status"] for row in pq.read_table(target).to_pylist()]
            assert found == check(scan).statuses
            return
        with pa.input_stream(target) as stream:
            text = stream.read().decode()
        assert text == check(scan, "-o", form.split(".", maxsplit=1)[0]).out

    def test_nothing_to_judge_gives_a_sound_file(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """No rows, but columns: no host has answered."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(b'{"ip":"192.0.2.1","data":{"tls":{"status":"connection-timeout"}}}')
        for form in self.FORMS:
            assert check(scan, "-o", tmp_path / f"out.{form}").code == 0
        assert pq.read_table(tmp_path / "out.parquet").num_rows == 0
        assert (
            (tmp_path / "out.csv").read_text().startswith("row,key,file,line,entry,ip,port,domain,name,ok,")
        )

    def test_parquet_spends_nothing_on_what_no_reader_uses(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A dictionary of what differs from row to row, the least and greatest of texts and fingerprints."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / "out.parquet"
        scan.write_bytes(b"\n".join([line()] * 3))
        check(scan, "-o", target)
        group = pq.read_metadata(target).row_group(0)
        columns = {column["path_in_schema"]: column for column in group.to_dict()["columns"]}
        without = {path for path, column in columns.items() if "RLE_DICTIONARY" not in column["encodings"]}
        assert without >= {"row", "key", "line", "ip", "domain", "name", "leaf_sha256", "spki_sha256"}
        assert not without & {"file", "status", "verify_message", "cert_type"}
        told = {path for path, column in columns.items() if column["statistics"] is not None}
        assert told >= {"row", "line", "port", "verify_code", "at", "not_before", "not_after", "n_paths"}
        assert not told & {"key", "name", "status", "ok", "leaf_sha256", "path_sha256.list.item"}

    def test_certificate_columns(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Also for what is refused; null for what cannot be parsed."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / "out.parquet"
        scan.write_bytes(line(EXPIRED) + b"\n" + line([b"0"]))
        check(scan, "-o", target, "--cert-info")
        expired, garbage = pq.read_table(target).to_pylist()
        assert expired["leaf_not_after"].isoformat() == "2024-03-31T00:00:00+00:00"
        assert expired["subject_cn"] == scans.HOST
        assert f"dns:{scans.HOST}" in expired["sans"]
        assert garbage["subject"] is garbage["sans"] is garbage["leaf_not_before"] is None

    def test_replaces_the_old_file_only_when_complete(
        self, check: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A reader never sees half a file, and Ctrl-C keeps the checkpoint."""
        scan, target = tmp_path / "scan.jsonl", tmp_path / "out.csv"
        scan.write_bytes(scans.scan(20))
        target.write_text("old")

        def interrupt(*_: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr("certpath.cli.scanning._summary_of", interrupt)
            assert check(scan, "-o", target, "--part-rows", 1).code == 130
        assert target.read_text() == "old"
        refused = check(scan, "-o", target, "--part-rows", 1)
        assert refused.code == 2
        assert "--resume goes on with it" in refused.err
        other = check(scan, "-o", target, "--part-rows", 1, "--names", "none", "--resume")
        assert other.code == 2
        assert "had other inputs or options" in other.err
        assert check(scan, "-o", target, "--part-rows", 1, "--resume").code == 1
        assert target.read_text() == check(scan, "-o", "csv").out
        assert sorted(tmp_path.iterdir()) == [target, scan]

    def test_several_stores_are_counted_one_by_one(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """The policy for scans keeps each by its name."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(line() + b"\n")
        outcome = check(scan, "--roots", "mozilla")
        assert outcome.rows[0]["stores_now"] == ["roots.pem"]
        assert "trusted by, whatever the name: 1 roots.pem, 0 mozilla" in outcome.err
        assert "accepted by: 1 roots.pem, 0 mozilla" in outcome.err
        assert "policy webpki" in outcome.err

    def test_trust_is_counted_apart_from_the_name(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A scan of addresses: trusted by the store, and accepted for nobody; told of one store, too."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes((line() + b"\n") * 3)
        outcome = check(scan, "--name", "192.0.2.1")
        assert [row["stores_now"] for row in outcome.rows] == [["roots.pem"]] * 3
        assert outcome.statuses == ["invalid"] * 3
        assert "trusted by, whatever the name: 3 roots.pem\n  accepted by: 0 roots.pem" in outcome.err
        assert "accepted by" not in check(scan).err

    def test_a_table_is_refused(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """It would have to be kept in memory."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(line())
        outcome = check(scan, "-o", "table")
        assert outcome.code == 2
        assert "too many rows for a table" in outcome.err

    def test_a_terminal_gets_the_summary(
        self, check: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """And no million lines; a bar on stderr only where that is a terminal."""
        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(line())
        monkeypatch.setattr("sys.stdout.isatty", lambda: True)
        outcome = check(scan)
        assert outcome.out == ""
        assert outcome.err.startswith(
            "1 row as captured, else as of now, store roots.pem, policy webpki, names: auto\n"
        )

    def test_the_bar_shows_rows_rate_and_share(self, tmp_path: Path) -> None:
        """On a terminal."""
        pytest.importorskip("rich")
        from certpath._certpath import _Scan
        from certpath.cli import progress

        scan = tmp_path / "scan.jsonl"
        scan.write_bytes(scans.scan(4))
        verifier = certpath.Verifier(
            certpath.TrustStore.from_path(scans.ROOTS), policy=certpath.Policy.webpki()
        )
        run = _Scan(verifier, [scan])
        screen = io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("sys.stderr", screen)
            patch.setenv("FORCE_COLOR", "1")
            patch.setenv("COLUMNS", "120")
            with progress.bar(run) as show:
                while not run.step()[2]:
                    show()
                show()
        assert "4 rows" in screen.getvalue()
        assert "% valid" in screen.getvalue()


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
class TestBrokenOff:
    """A run that is killed and resumed gives the same file, to the last byte."""

    ROWS = 6_000

    def command(self, scan: Path, target: Path) -> list[str]:
        words = ["check", scan, "--roots", scans.ROOTS, "-o", target, "--part-rows", "200", "--resume"]
        return [sys.executable, "-m", "certpath", *map(str, words)]

    @pytest.mark.parametrize("form", ["parquet", "jsonl.zst"])
    def test_ten_kills_change_nothing(self, form: str, tmp_path: Path) -> None:
        """Killed at ten random moments, without warning."""
        scan, whole, target = (tmp_path / name for name in ("scan.jsonl", f"whole.{form}", f"out.{form}"))
        scan.write_bytes(scans.scan(self.ROWS))
        began = time.monotonic()
        subprocess.run(self.command(scan, whole), check=False, capture_output=True)  # noqa: S603 - our own command
        seconds = time.monotonic() - began
        rng = random.Random(form)
        killed = 0
        for _ in range(10):
            run = subprocess.Popen(  # noqa: S603 - our own command
                self.command(scan, target), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                run.wait(timeout=rng.uniform(0.2, 1) * seconds)
            except subprocess.TimeoutExpired:
                run.kill()
                killed += 1
            run.wait()
            if target.exists():
                target.unlink()  # it was done before it could be killed: again
        assert killed > 0
        done = subprocess.run(self.command(scan, target), check=False, capture_output=True, text=True)  # noqa: S603 - our own command
        assert done.returncode == 1, done.stderr
        assert f"{self.ROWS} rows" in done.stderr
        assert target.read_bytes() == whole.read_bytes()
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
            path.name for path in (scan, whole, target)
        )

    def test_ctrl_c_ends_it_at_once(self, tmp_path: Path) -> None:
        """With the code that shells expect and without a traceback."""
        scan = tmp_path / "endless.jsonl"
        os.mkfifo(scan)
        # A background job of a shell begins with the signal ignored, and what it starts does, too.
        listening = (
            "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
            "os.execv(sys.argv[1], sys.argv[1:])"
        )
        with subprocess.Popen(  # noqa: S603 - our own command
            [
                sys.executable,
                "-c",
                listening,
                *self.command(scan, tmp_path / "out.parquet"),
                "--format",
                "zgrab",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as run:
            with scan.open("wb") as feed:
                feed.write(scans.scan(300))
                feed.flush()
                time.sleep(1)
                began = time.monotonic()
                run.send_signal(signal.SIGINT)
                assert run.wait(timeout=20) == 130
                seconds = time.monotonic() - began
            assert run.stderr is not None
            assert "Traceback" not in run.stderr.read()
        assert seconds < 2  # 0.1 s on a quiet machine, the interpreter's end included
