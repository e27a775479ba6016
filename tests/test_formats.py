"""What scanners write, read by ``certpath check``: each format, its places, its damage, and its counts."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any, ClassVar

import certpath
import pytest
from certpath._certpath import _Scan
from certpath.cli import main
from support import captures, scans

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

CHAINS = scans.chains()
GOOD = CHAINS["good-rsa"]
EXPIRED = CHAINS["expired"]
BROKEN = [b"\x30\x82\x01\x00", *GOOD[1:]]
"""A chain whose end entity is not a certificate."""


def lines(records: Sequence[Any]) -> bytes:
    return "".join(f"{json.dumps(record)}\n" for record in records).encode()


def document(record: Any) -> bytes:
    return json.dumps(record, indent=1).encode()


def capture(all_chains: Sequence[Sequence[bytes]]) -> bytes:
    """A connection for each chain; an empty one is a session that was resumed."""
    packets = []
    for number, chain in enumerate(all_chains):
        packets += captures.Connection(chain, client_port=40_000 + number, resumed=not chain).packets()
    return captures.pcap(packets)


WRITERS: dict[str, Callable[[Sequence[Sequence[bytes]]], bytes]] = {
    "zgrab": lambda all_chains: lines(
        [
            scans.grab(chain) if chain else {"ip": "192.0.2.1", "data": {"tls": {"status": "x"}}}
            for chain in all_chains
        ]
    ),
    "certstream": lambda all_chains: lines(
        [scans.certstream(chain) if chain else {"message_type": "heartbeat"} for chain in all_chains]
    ),
    "tlsx": lambda all_chains: lines([scans.tlsx(chain) for chain in all_chains]),
    "sslyze": lambda all_chains: document(scans.sslyze(all_chains)),
    "ooni": lambda all_chains: lines(
        [scans.ooni(chain, plain=number % 2 == 1) for number, chain in enumerate(all_chains)]
    ),
    "nmap": lambda all_chains: scans.nmap(all_chains).encode(),
    "testssl": lambda all_chains: document(scans.flat_findings(all_chains)),
    "testssl-csv": lambda all_chains: scans.csv_findings(all_chains).encode(),
    "har": lambda all_chains: document(scans.har(all_chains)),
    "s_client": lambda all_chains: scans.s_client(all_chains).encode(),
    "pcap": capture,
}
"""Files in each format; an empty chain is whatever the format has for a host without certificates."""

TIMED = {"zgrab", "tlsx", "sslyze", "ooni", "nmap", "har", "pcap"}
NAMELESS = {"certstream", "s_client"}
PLACED = {
    "zgrab": ("192.0.2.0", 443, scans.HOST),
    "certstream": (None, None, None),
    "testssl": ("192.0.2.0", 443, scans.HOST),
    "testssl-csv": ("192.0.2.0", 443, scans.HOST),
    "s_client": ("192.0.2.7", None, None),
    "har": ("192.0.2.7", 443, scans.HOST),
}
"""What leads back to the host, where it is not 192.0.2.7:443."""


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
    def found(self) -> list[tuple[str, int]]:
        """Statuses and codes."""
        return [(row["status"], row["verify_code"]) for row in self.rows]


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """``certpath check`` with the example roots."""

    def call(*words: object) -> Outcome:
        code = main(["check", "--roots", scans.ROOTS, *map(str, words)])
        captured = capsys.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call


@pytest.fixture
def pool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The intermediates of the examples: nmap has end entities alone."""
    file = tmp_path_factory.mktemp("pool") / "pool.pem"
    file.write_text("".join(scans.pem_of(der) for chain in (GOOD, EXPIRED) for der in chain[1:]))
    return file


def summary(file: Path, **options: Any) -> dict[str, Any]:
    """The counts of a run."""
    store = certpath.TrustStore.from_path(scans.ROOTS)
    run = _Scan(certpath.Verifier(store, policy=certpath.Policy.webpki()), [file], **options)
    while not run.step()[2]:
        pass
    counts: dict[str, Any] = json.loads(run.summary())
    return counts


class TestEveryFormat:
    @pytest.mark.parametrize("kind", WRITERS)
    def test_is_recognised_and_judged(
        self, kind: str, check: Callable[..., Outcome], tmp_path: Path, pool: Path
    ) -> None:
        """By its content, whatever the file is called; with the name and the time that the scan has."""
        file = tmp_path / "input"
        file.write_bytes(WRITERS[kind]([GOOD, EXPIRED]))
        words = ["--intermediates", pool] + ([] if kind in TIMED else ["--at", scans.AT])
        outcome = check(file, *words)
        assert outcome.code == 1, outcome.err
        assert outcome.found == [("ok", 0), ("invalid", 10)]
        assert [row["at"] for row in outcome.rows] == [scans.AT] * 2
        assert [row["name"] for row in outcome.rows] == [None if kind in NAMELESS else scans.HOST] * 2
        assert check(file, "--format", kind, *words).out == outcome.out
        assert "complaints" not in outcome.err

    @pytest.mark.parametrize("blanks", [10, 65_530, 70_000, 1_040_000])
    @pytest.mark.parametrize("kind", sorted(WRITERS.keys() - {"pcap"}))
    def test_blank_lines_before_it_are_passed_over(
        self, kind: str, blanks: int, check: Callable[..., Outcome], tmp_path: Path, pool: Path
    ) -> None:
        """However much of what a format is recognised by they would fill."""
        file = tmp_path / "input"
        words = ["--intermediates", pool, "--at", scans.AT]
        content = WRITERS[kind]([GOOD, EXPIRED])
        file.write_bytes(content)
        expected = check(file, *words).found
        file.write_bytes(b"\n" * blanks + content)
        for more in ([], ["--format", kind]):
            outcome = check(file, *words, *more)
            assert outcome.found == expected == [("ok", 0), ("invalid", 10)], outcome.err

    @pytest.mark.parametrize("kind", WRITERS)
    def test_rows_lead_back_to_their_input(
        self, kind: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """File, line or entry, address, port and domain: in JSON, in CSV and in Parquet."""
        file, table, text = (tmp_path / name for name in ("input", "out.parquet", "out.csv"))
        file.write_bytes(WRITERS[kind]([[], GOOD, EXPIRED] if kind != "zgrab" else [[], GOOD]))
        rows = check(file, "--at", scans.AT).rows[-1:] if kind != "pcap" else check(file).rows[:1]
        (row,) = rows
        where = (row["ip"], row["port"], row["domain"])
        expected = list(PLACED.get(kind, ("192.0.2.7", 443, scans.HOST)))
        if kind.startswith("testssl"):
            expected[0] = "192.0.2.2"
        assert where == tuple(expected)
        assert row["file"] == str(file)
        if kind in {"zgrab", "certstream", "tlsx", "ooni"}:
            assert (row["line"], row["entry"]) == (2 if kind == "zgrab" else 3, 0)
        else:
            assert row["line"] is None
            assert row["entry"] is not None
        columns = ["file", "line", "entry", "ip", "port", "domain", "row"]
        words = [] if kind == "pcap" else ["--at", scans.AT]
        check(file, "-o", table, *words)
        check(file, "-o", text, *words)
        from_table = pq.read_table(table).to_pylist()[row["row"]]
        assert {name: from_table[name] for name in columns} == {name: row[name] for name in columns}
        with text.open(encoding="utf-8", newline="") as stream:
            from_text = list(csv.DictReader(stream))[row["row"]]
        shown = {name: "" if row[name] is None else str(row[name]) for name in columns}
        assert {name: from_text[name] for name in columns} == shown

    @pytest.mark.parametrize("kind", WRITERS)
    def test_counts_add_up(self, kind: str, tmp_path: Path) -> None:
        """Each record of the input is a row, with or without a complaint, or is counted as skipped."""
        file = tmp_path / "input"
        wanted = [GOOD, [], BROKEN, EXPIRED, [], GOOD]
        file.write_bytes(WRITERS[kind](wanted))
        counts = summary(file, format=kind)
        # A connection without a certificate is a row of s_client: no_certificate.
        skipped = 0 if kind == "s_client" else 2
        assert counts["records"] == len(wanted)
        assert counts["skipped"] == skipped
        assert counts["rows"] == len(wanted) - skipped
        assert counts["complaints"] == 0
        assert sum(counts["statuses"].values()) == counts["rows"]

    @pytest.mark.parametrize("kind", sorted(WRITERS.keys() - {"pcap"}))
    def test_a_broken_record_costs_itself(self, kind: str, tmp_path: Path) -> None:
        """One row, one complaint with its place; the others are judged."""
        file = tmp_path / "input"
        octets = WRITERS[kind]([GOOD, EXPIRED, CHAINS["good-ecdsa"]])
        mark = scans.base64_of(EXPIRED[0])[:20].encode()
        assert mark in octets
        file.write_bytes(octets.replace(mark, mark[:6] + b"!" + mark[7:], 1))
        counts = summary(file, format=kind)
        assert (counts["records"], counts["rows"], counts["complaints"]) == (3, 3, 1)
        assert counts["statuses"]["input_error"] == 1

    @pytest.mark.parametrize("kind", WRITERS)
    def test_a_torn_file_keeps_what_came_before(self, kind: str, tmp_path: Path) -> None:
        """And says that it is torn, where a record is."""
        file = tmp_path / "input"
        octets = WRITERS[kind]([GOOD, EXPIRED])
        file.write_bytes(octets[:-300])
        counts = summary(file, format=kind)
        assert counts["complaints"] >= (0 if kind in {"testssl-csv", "s_client"} else 1)
        assert counts["rows"] >= 2
        assert counts["statuses"].get("ok", 0) + counts["statuses"].get("invalid", 0) >= 1
        assert counts["records"] == counts["rows"] + counts["skipped"]

    @pytest.mark.parametrize("kind", WRITERS)
    @pytest.mark.parametrize("seed", range(6))
    def test_damage_is_never_fatal(
        self, kind: str, seed: int, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """A row, a complaint or a count for whatever there is, never a traceback."""
        rng = random.Random(f"{kind} {seed}")
        octets = bytearray(WRITERS[kind]([GOOD, EXPIRED, BROKEN]))
        for _ in range(rng.randint(1, 40)):
            at = rng.randrange(len(octets))
            if rng.random() < 0.5:
                octets[at] = rng.randrange(256)
            else:
                del octets[at : at + rng.randint(1, 50)]
        file = tmp_path / "input"
        file.write_bytes(octets)
        outcome = check(file, "--format", kind)
        assert outcome.code in {0, 1, 2}
        assert outcome.rows or "no certificates found" in outcome.err

    @pytest.mark.parametrize("kind", WRITERS)
    def test_an_interrupted_run_goes_on(
        self, kind: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """From the last checkpoint, to the same rows."""
        file, target = tmp_path / "input", tmp_path / "out.jsonl"
        file.write_bytes(WRITERS[kind]([GOOD, EXPIRED] * 5))
        whole = check(file, "--at", scans.AT).out
        store = certpath.TrustStore.from_path(scans.ROOTS)
        verifier = certpath.Verifier(store, policy=certpath.Policy.webpki())
        options: dict[str, Any] = {"output": target, "part_rows": 1, "at": captures.AT, "resume": True}
        run = _Scan(verifier, [file], **options)
        for _ in range(2):
            run.step()
        del run
        run = _Scan(verifier, [file], **options)
        while not run.step()[2]:
            pass
        run.finish()
        assert target.read_text() == whole


class TestDocuments:
    def test_pretty_json_of_testssl(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """With the time that the flat one lacks."""
        file = tmp_path / "testssl.json"
        file.write_bytes(document(scans.pretty_findings([GOOD, EXPIRED])))
        outcome = check(file)
        assert outcome.found == [("ok", 0), ("invalid", 10)]
        assert [row["at"] for row in outcome.rows] == [scans.AT] * 2

    @pytest.mark.parametrize(
        "dump", [json.dumps, lambda value: json.dumps(value, indent=2)], ids=["dense", "pretty"]
    )
    @pytest.mark.parametrize("several", [True, False])
    def test_measurements_of_ooni_as_a_document(
        self, dump: Callable[[Any], str], several: bool, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """One measurement, or a list of them; on one line or pretty."""
        file = tmp_path / "ooni.json"
        one = scans.ooni(GOOD)
        file.write_text(dump([one, one] if several else one))
        outcome = check(file)
        assert outcome.found == [("ok", 0)] * (2 if several else 1)

    def test_a_message_of_certstream_without_certificates_is_complained_of(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """The lite stream has no as_der; heartbeats are passed over."""
        file = tmp_path / "stream.jsonl"
        lite = scans.certstream(GOOD)
        del lite["data"]["leaf_cert"]["as_der"]
        file.write_bytes(lines([{"message_type": "heartbeat"}, lite, scans.certstream(GOOD)]))
        outcome = check(file, "--at", scans.AT)
        assert [row["status"] for row in outcome.rows] == ["input_error", "ok"]
        assert "line 2, byte" in outcome.err
        assert "no as_der" in outcome.err

    def test_a_document_that_is_too_long_is_said(self, tmp_path: Path) -> None:
        """It is not kept."""
        file = tmp_path / "sslyze.json"
        file.write_bytes(document(scans.sslyze([GOOD])))
        counts = summary(file, longest_line=1_000)
        assert (counts["rows"], counts["complaints"], counts["statuses"]) == (1, 1, {"input_error": 1})

    @pytest.mark.parametrize("kind", ["zgrab", "tlsx", "certstream"])
    def test_one_record_laid_out_for_people(
        self, kind: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """As jq writes it; a list of several is said."""
        file = tmp_path / "pretty.json"
        record = json.loads(WRITERS[kind]([GOOD]))
        file.write_text(json.dumps(record, indent=2))
        outcome = check(file, "--at", scans.AT)
        assert outcome.found == [("ok", 0)]
        file.write_text(json.dumps([record, record], indent=2))
        outcome = check(file)
        assert outcome.code == 2
        assert "did you mean one on each line: jq -c '.[]' FILE" in outcome.err

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be"])
    def test_utf_16_is_said(self, encoding: str, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """PowerShell's redirections write it."""
        file = tmp_path / "tlsx.jsonl"
        text = WRITERS["tlsx"]([GOOD]).decode()
        file.write_bytes(
            ("" if encoding == "utf-16" else "\ufeff").encode(encoding)[:2] + text.encode(encoding)
        )
        outcome = check(file)
        assert outcome.code == 2
        assert "iconv -f UTF-16 -t UTF-8" in outcome.err

    def test_values_do_not_tell_the_format(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Who is scanned chooses names; what a file is is told by its keys."""
        file = tmp_path / "tlsx.json"
        probe = scans.tlsx(GOOD)
        probe["subject_an"] = [
            'leaf_input":',
            "server_scan_results",
            "handshake_log",
            "test_keys",
            "log",
            "entries",
        ]
        file.write_bytes(lines([probe]))
        assert check(file).found == [("ok", 0)]


class TestCaptures:
    CONNECTIONS: ClassVar[dict[str, captures.Connection]] = {
        "ethernet": captures.Connection(GOOD),
        "vlan": captures.Connection(GOOD, vlan=True),
        "ipv6": captures.Connection(GOOD, server="2001:db8::7", client="2001:db8::9"),
        "loopback": captures.Connection(GOOD, link=captures.NULL),
        "loopback, ipv6": captures.Connection(GOOD, link=captures.NULL, server="::1", client="::1"),
        "raw": captures.Connection(GOOD, link=captures.RAW),
        "cooked": captures.Connection(GOOD, link=captures.LINUX_SLL),
        "cooked 2": captures.Connection(GOOD, link=captures.LINUX_SLL2),
        "small segments": captures.Connection(GOOD, segment=7),
        "one octet": captures.Connection(GOOD, segment=1),
        "one segment": captures.Connection(GOOD, segment=9_000),
        "later": captures.Connection(GOOD, handshake=False),
        "starttls": captures.Connection(
            GOOD, before=[(True, b"220 ready\r\n"), (False, b"STARTTLS\r\n"), (True, b"220 go on\r\n")]
        ),
    }

    @pytest.mark.parametrize("write", [captures.pcap, captures.pcapng], ids=["pcap", "pcapng"])
    @pytest.mark.parametrize("kind", CONNECTIONS)
    def test_links_and_segments(
        self, kind: str, write: Callable[..., bytes], check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """The chain, the name that was asked for, the server's address."""
        connection = self.CONNECTIONS[kind]
        file = tmp_path / "capture"
        file.write_bytes(write(connection.packets(), link=connection.link))
        outcome = check(file)
        assert outcome.found == [("ok", 0)], outcome.err
        (row,) = outcome.rows
        assert (row["ip"], row["port"], row["domain"], row["name"]) == (
            connection.server,
            443,
            scans.HOST,
            scans.HOST,
        )
        assert row["at"] == scans.AT
        assert 1 <= row["entry"] <= len(connection.packets())

    @pytest.mark.parametrize("order", ["<", ">"])
    @pytest.mark.parametrize("form", ["pcap", "nanoseconds", "pcapng", "power of two"])
    def test_files(self, form: str, order: str, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Both orders of octets, and times in every unit."""
        packets = captures.Connection(GOOD).packets()
        file = tmp_path / "capture"
        file.write_bytes(
            {
                "pcap": lambda: captures.pcap(packets, order=order),
                "nanoseconds": lambda: captures.pcap(packets, order=order, nanoseconds=True),
                "pcapng": lambda: captures.pcapng(packets, order=order, resolution=9),
                "power of two": lambda: captures.pcapng(packets, order=order, resolution=0x80 | 20),
            }[form]()
        )
        (row,) = check(file).rows
        assert (row["status"], row["at"]) == ("ok", scans.AT)

    @pytest.mark.parametrize("seed", range(12))
    def test_packets_in_any_order_and_twice(
        self, seed: int, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """As a network delivers them, of several connections at once."""
        rng = random.Random(seed)
        connections = [
            captures.Connection(chain, client_port=40_000 + number, segment=rng.choice([90, 500, 1_400]))
            for number, chain in enumerate([GOOD, EXPIRED, CHAINS["good-ecdsa"]])
        ]
        packets = [
            (rng.random() * 0.4 + at / 8, one) for c in connections for at, one in enumerate(c.packets())
        ]
        packets += [(at + rng.random() * 2, one) for at, one in packets if rng.random() < 0.3]
        # The SYNs first: without them nobody knows where a stream begins.
        ordered = [one for c in connections for one in c.packets()[:2]]
        ordered += [one for _, one in sorted(packets)]
        file = tmp_path / "capture.pcap"
        file.write_bytes(captures.pcap(ordered))
        assert sorted(check(file).found) == [("invalid", 10), ("ok", 0), ("ok", 0)]

    def test_what_is_missing_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """A lost packet, and packets that were cut when they were captured."""
        file = tmp_path / "capture.pcap"
        packets = captures.Connection(GOOD, segment=500).packets()
        file.write_bytes(captures.pcap([*packets[:5], *packets[6:]]))
        lost = check(file)
        assert [row["status"] for row in lost.rows] == ["input_error"]
        assert "is not whole" in lost.err
        assert "packets are missing" in lost.err
        file.write_bytes(captures.pcap(packets, snap=200))
        cut = check(file)
        assert [row["status"] for row in cut.rows] == ["input_error"]
        assert "captured in part (snap length)" in cut.err

    def test_what_tls_1_3_hides_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Counted, once for the file."""
        file = tmp_path / "capture.pcap"
        packets = captures.Connection(GOOD).packets()
        for port in (50_001, 50_002):
            packets += captures.Connection(GOOD, tls13=True, client_port=port).packets()
        file.write_bytes(captures.pcap(packets))
        outcome = check(file)
        assert outcome.found == [("ok", 0)]
        assert outcome.code == 1
        assert "2 handshakes of TLS 1.3, which encrypts certificates" in outcome.err
        assert "skipped: 2" in outcome.err
        file.write_bytes(captures.pcap(captures.Connection(GOOD, tls13=True).packets()))
        hidden = check(file)
        assert hidden.code == 2
        assert "1 handshake of TLS 1.3" in hidden.err
        assert "no certificates found in" in hidden.err

    def test_other_links_and_fragments_are_counted(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """They are not passed over in silence."""
        file = tmp_path / "capture.pcap"
        packets = captures.Connection(GOOD).packets()
        file.write_bytes(captures.pcap(packets, link=105))
        assert f"{len(packets)} packets of link type 105" in check(file).err
        fragment = bytearray(packets[3])
        fragment[14 + 6] |= 0x20
        file.write_bytes(captures.pcap([*packets, bytes(fragment)]))
        assert "1 fragments of IP packets" in check(file).err

    def test_ports_that_are_used_again(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """A new connection is told by its SYN."""
        file = tmp_path / "capture.pcap"
        one, other = captures.Connection(GOOD), captures.Connection(EXPIRED, start=77)
        file.write_bytes(captures.pcap([*one.packets(), *other.packets()]))
        assert check(file).found == [("ok", 0), ("invalid", 10)]


NO_SCANS: dict[str, tuple[bytes, str]] = {
    "package.json": (b'{\n  "name": "x",\n  "version": "1.0.0"\n}\n', "JSON with the keys name, version"),
    "dense.json": (b'{"name":"x","data":7}', "JSON with the keys name, data"),
    "tlsx.jsonl": (lines([scans.tlsx([])]), "tlsx without certificates; did you mean tlsx -json -cert?"),
    "ooni.json": (lines([scans.ooni([])]), "an OONI measurement without certificates; did you mean"),
    "browser.har": (document(scans.har([[]])), "an HTTP archive (HAR) without certificates; did you mean"),
    "sslyze.json": (
        document(scans.sslyze([[]])),
        "sslyze's JSON without certificates; did you mean sslyze --certinfo",
    ),
    "nmap.xml": (
        scans.nmap([[]]).encode(),
        "nmap's XML without certificates; did you mean nmap --script ssl-cert",
    ),
    "testssl.json": (
        document(scans.flat_findings([[]])),
        "testssl.sh's JSON without certificates; did you mean",
    ),
    "testssl.csv": (scans.csv_findings([[]]).encode(), "testssl.sh's CSV without certificates; did you mean"),
    "list.json": (b"[1, 2]", "JSON, no scan"),
    "crtsh.json": (b'[{"issuer_ca_id":1,"name_value":"a","id":7}]', "crt.sh's index"),
    "empty.jsonl": (b"", "it is empty"),
    "blank.json": (b"\n" * 1_000_000, "it is empty"),
    "blanks.json": (b"\n" * 1_100_000, "its first MiB is blank"),
    "stream.jsonl": (b'{"message_type":"heartbeat"}\n', "messages of certstream without"),
    "resumed.pcap": (capture([[]]), "captured packets without certificates"),
}


class TestNothingRecognised:
    @pytest.mark.parametrize("name", NO_SCANS)
    @pytest.mark.parametrize("strict", [False, True])
    def test_is_an_error_that_says_what_it_looks_like(
        self, name: str, strict: bool, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Exit code 2, and what was there before stays: in every layout, and with --strict."""
        content, looks_like = NO_SCANS[name]
        file = tmp_path / name
        file.write_bytes(content)
        for form in ("parquet", "jsonl", "csv.gz"):
            target = tmp_path / f"yesterday.{form}"
            target.write_text("yesterday's results")
            outcome = check(file, "-o", target, *(["--strict"] if strict else []))
            assert outcome.code == 2
            assert f"no certificates found in {file}; " in outcome.err
            assert looks_like in outcome.err
            assert target.read_text() == "yesterday's results"
        assert not list(tmp_path.glob(".*"))

    @pytest.mark.parametrize("target", ["verdicts.parquet", "verdicts.jsonl", "verdicts.csv"])
    @pytest.mark.parametrize("name", ["nosuch.jsonl", "nosuch.pem", "folder", "hello.txt", "garbage.jsonl"])
    def test_yesterdays_results_stay(
        self, name: str, target: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Where nothing could be opened and recognised, by either way through the command."""
        (tmp_path / "folder").mkdir()
        (tmp_path / "hello.txt").write_text("hello")
        (tmp_path / "garbage.jsonl").write_text("{\n{\n")
        results = tmp_path / target
        results.write_text("yesterday's results")
        outcome = check(tmp_path / name, "-o", results)
        assert outcome.code == 2
        assert results.read_text() == "yesterday's results"
        assert f"{results} is left as it was" in outcome.err
        assert not list(tmp_path.glob(".*"))

    def test_a_folder_without_certificates_is_said(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Also among scans."""
        (tmp_path / "scan.jsonl").write_bytes(WRITERS["zgrab"]([GOOD]))
        for words in ([], ["--cert-info"]):
            outcome = check(tmp_path, *words)
            assert outcome.code == 2
            assert f"no certificates found in {tmp_path}; did you mean to name a format?" in outcome.err

    def test_some_inputs_are_recognised(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Exit code 1 with the complaint, and the results of those."""
        scan, other, target = tmp_path / "scan.jsonl", tmp_path / "package.json", tmp_path / "out.jsonl"
        scan.write_bytes(WRITERS["zgrab"]([GOOD]))
        other.write_bytes(NO_SCANS["package.json"][0])
        for files in ([scan, other], [other, scan]):
            outcome = check(*files, "-o", target)
            assert outcome.code == 1
            assert f"no certificates found in {other}; looks like JSON" in outcome.err
            assert [json.loads(line)["file"] for line in target.read_text().splitlines()] == [str(scan)]

    def test_a_table_without_certificates(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Its columns tell, not its first bytes."""
        file, target = tmp_path / "other.parquet", tmp_path / "out.csv"
        pq.write_table(pa.table({"colour": ["red"]}), file)
        target.write_text("yesterday's results")
        outcome = check(file, "-o", target)
        assert outcome.code == 2
        assert "no column chain" in outcome.err
        assert target.read_text() == "yesterday's results"

    def test_a_format_that_does_not_fit_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """With the one that would."""
        file = tmp_path / "x.jsonl"
        file.write_bytes(WRITERS["tlsx"]([GOOD]))
        outcome = check(file, "--format", "zgrab")
        assert outcome.code == 2
        assert (
            "looks like the JSON lines of tlsx, but the format zgrab was asked for; did you mean tlsx?"
            in (outcome.err)
        )

    def test_a_scan_in_which_no_host_answered_is_one(
        self, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """It is recognised: no rows, no complaint."""
        file, target = tmp_path / "scan.jsonl", tmp_path / "out.csv"
        file.write_bytes(WRITERS["zgrab"]([[], []]))
        outcome = check(file, "-o", target)
        assert outcome.code == 0
        assert "input records: 2" in outcome.err
        assert target.read_text().startswith("row,key,file,")


class TestKeep:
    def test_fields_are_copied(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """Into every output, as text; a field of a name that is taken stands behind ``input.``."""
        file, table = tmp_path / "scan.jsonl", tmp_path / "out.parquet"
        record = scans.grab(GOOD)
        record.update(asn={"number": 64_496, "name": 'a "b", c'}, key="K", tags=["x", {"y": None}])
        file.write_bytes(lines([record, scans.grab(EXPIRED)]))
        fields = ["asn.name", "asn.number", "key", "tags", "tags.0", "data.tls.status", "tags.1.y"]
        words = [word for field in fields for word in ("--keep", field)]
        first, second = check(file, *words).rows
        expected = {
            "asn.name": 'a "b", c',
            "asn.number": "64496",
            "input.key": "K",
            "tags": '["x", {"y": null}]',
            "tags.0": "x",
            "data.tls.status": "success",
            "tags.1.y": None,
        }
        assert {name: first[name] for name in expected} == expected
        assert {name: second[name] for name in expected} == dict.fromkeys(expected) | {
            "data.tls.status": "success"
        }
        check(file, "-o", table, *words)
        (one, _) = pq.read_table(table).to_pylist()
        assert {name: one[name] for name in expected} == expected
        text = list(csv.DictReader(io.StringIO(check(file, "-o", "csv", *words).out)))
        assert {name: text[0][name] for name in expected} == {
            name: value or "" for name, value in expected.items()
        }

    def test_columns_of_parquet(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """By their name, whatever their type."""
        file = tmp_path / "in.parquet"
        when = pa.array([captures.AT], pa.timestamp("s", "UTC"))
        places = {"ip": ["192.0.2.7"], "port": [443], "domain": [scans.HOST], "name": [scans.HOST]}
        pq.write_table(
            pa.table({"chain": [GOOD], "at": when, "n": [7], "seen": when, "none": [None], **places}), file
        )
        (row,) = check(file, "--keep", "n", "--keep", "seen", "--keep", "none").rows
        assert (row["n"], row["seen"], row["none"]) == ("7", scans.AT, None)
        assert (row["entry"], row["line"]) == (0, None)
        assert (row["ip"], row["port"], row["domain"]) == ("192.0.2.7", 443, scans.HOST)

    @pytest.mark.parametrize("zone", ["UTC", "Europe/Zurich", "Etc/Nowhere", "+05:30"])
    @pytest.mark.parametrize("form", ["jsonl", "csv"])
    def test_times_of_parquet_are_told_in_utc(
        self, form: str, zone: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """Whatever zone a column has: its numbers are UTC, and text of it ends in Z."""
        file, out = tmp_path / "in.parquet", tmp_path / f"out.{form}"
        seconds = pa.array([captures.AT], pa.int64())
        times = {unit: seconds.cast(pa.timestamp("s")).cast(pa.timestamp(unit, zone)) for unit in ("s", "us")}
        pq.write_table(pa.table({"chain": [GOOD], "at": times["s"], **times}), file)
        check(file, "--keep", "s", "--keep", "us", "-o", out)
        text = out.read_text("utf-8")
        row = json.loads(text) if form == "jsonl" else next(iter(csv.DictReader(io.StringIO(text))))
        assert (row["s"], row["us"], row.get("at", scans.AT)) == (scans.AT,) * 3

    @pytest.mark.parametrize(
        ("kind", "field", "value"),
        [
            ("sslyze", "server_location.port", "443"),
            ("ooni", "probe_asn", "AS64496"),
            ("har", "request.url", f"https://{scans.HOST}/"),
            ("testssl", "severity", "INFO"),
            ("testssl-csv", "severity", "INFO"),
            ("tlsx", "tls_version", "tls12"),
            ("certstream", "data.update_type", "X509LogEntry"),
        ],
    )
    def test_fields_of_records_in_documents(
        self, kind: str, field: str, value: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """The path begins at the record."""
        file = tmp_path / "input"
        file.write_bytes(WRITERS[kind]([GOOD]))
        outcome = check(file, "--keep", field, "--at", scans.AT)
        assert [row[field] for row in outcome.rows] == [value]
        assert "--keep" not in outcome.err

    @pytest.mark.parametrize("form", ["jsonl", "parquet"])
    def test_a_long_field_is_cut_and_says_so(
        self, form: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """At 16 KiB, at a whole character; what fits is whole."""
        whole, long = "e" * (1 << 14), "e" * ((1 << 14) - 1) + "é" * 1_000
        if form == "jsonl":
            file = tmp_path / "scan.jsonl"
            file.write_bytes(lines([scans.grab(GOOD) | {"whole": whole, "long": long}]))
        else:
            file = tmp_path / "in.parquet"
            pq.write_table(pa.table({"chain": [GOOD], "whole": [whole], "long": [long]}), file)
        (row,) = check(file, "--keep", "whole", "--keep", "long").rows
        assert row["whole"] == whole
        assert row["long"] == "e" * ((1 << 14) - 1) + "…"

    def test_a_field_that_no_row_has_is_said(self, check: Callable[..., Outcome], tmp_path: Path) -> None:
        """It may be misspelt."""
        file = tmp_path / "scan.jsonl"
        file.write_bytes(WRITERS["zgrab"]([GOOD]))
        outcome = check(file, "--keep", "colour")
        assert outcome.rows[0]["colour"] is None
        assert "--keep colour: no row of the input has such a field" in outcome.err

    @pytest.mark.parametrize("field", ["", ".", "a.", "a..b"])
    def test_what_is_no_path_is_refused(
        self, field: str, check: Callable[..., Outcome], tmp_path: Path
    ) -> None:
        """With the shape that one has."""
        outcome = check(tmp_path / "x", "--keep", field)
        assert outcome.code == 2
        assert "keys joined by dots" in outcome.err


SAMPLES: dict[str, tuple[int, str | None]] = {
    "ooni-tlsping.json": (10, "8.8.8.8"),
    "sslyze.json": (1, "127.0.0.1"),
    "nmap.xml": (1, "good.example.test"),
    "tlsx-cert.jsonl": (1, "example.com"),
    "tls12.pcap": (1, None),
}
"""Rows, and the name of the first."""

WITHOUT = {
    "browser.har": "an HTTP archive (HAR) without certificates",
    "certstream-readme.jsonl": "no as_der that is base64",
    "testssl.csv": "testssl.sh's CSV without certificates",
    "tlsx-readme.jsonl": "tlsx without certificates; did you mean tlsx -json -cert?",
}
"""Samples that hold no certificate, and what is said."""


class TestSamples:
    """What other programs wrote."""

    @pytest.mark.parametrize("name", SAMPLES)
    def test_is_read_without_being_told_what_it_is(
        self, name: str, shared: Path, check: Callable[..., Outcome]
    ) -> None:
        """Chains with their names, and nothing to complain of."""
        rows, host = SAMPLES[name]
        outcome = check(shared / "doors" / "samples" / name, "--roots", "mozilla")
        assert len(outcome.rows) == rows
        assert outcome.rows[0]["name"] == host
        assert all(row["leaf_sha256"] for row in outcome.rows)
        assert "complaints" not in outcome.err

    @pytest.mark.parametrize("name", WITHOUT)
    def test_what_holds_no_certificate_is_said(
        self, name: str, shared: Path, check: Callable[..., Outcome]
    ) -> None:
        """With what might be meant, and exit code 2."""
        outcome = check(shared / "doors" / "samples" / name)
        assert outcome.code == (1 if name.startswith("certstream") else 2)
        assert WITHOUT[name] in outcome.err or "not base64" in outcome.err
