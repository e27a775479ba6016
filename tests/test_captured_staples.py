"""What servers staple, out of captures and scans: OCSP responses, and the timestamps of the TLS extension."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import certpath
import pytest
from certpath._certpath import _Scan
from certpath.cli import main
from cryptography import x509
from support import captures, pki, scans
from support.transparency import Log, log_list, sct_list, x509_entry
from test_profiles import ICA, ROOT_CA, leaf
from test_stapled import STATUS, built, chain

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

LOG = Log("captured")


def sct(**more: Any) -> bytes:
    """A timestamp of `LOG` over the end entity."""
    return LOG.sign(x509_entry(chain()[0]), pki.at(2026, 3, 1), **more)


def capture(path: Path, connections: Iterable[captures.Connection]) -> Path:
    """A file with these connections, one after the other."""
    packets = [
        packet
        for number, one in enumerate(connections)
        for packet in replace(one, client_port=40_000 + number).packets()
    ]
    path.write_bytes(captures.pcap(packets))
    return path


class Check:
    """``certpath check`` as of `pki.AT`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self.err = ""
        self._capsys = capsys
        self._roots = folder / "roots.pem"
        _, _, root = pki.three()
        self._roots.write_text(root.pem + ROOT_CA.pem)
        self.logs = folder / "log_list.json"
        self.logs.write_text(log_list([LOG]))

    def __call__(self, file: Path, *words: object) -> list[dict[str, Any]]:
        at = pki.AT.isoformat()
        main(["check", "--roots", str(self._roots), "--at", at, *map(str, words), str(file)])
        captured = self._capsys.readouterr()
        self.err = captured.err
        return [json.loads(line) for line in captured.out.splitlines()]


@pytest.fixture
def check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    return Check(tmp_path, capsys)


def told(row: dict[str, Any]) -> str | None:
    """What a row says of the response."""
    word = row["ocsp_problem"] or row["ocsp_status"]
    return None if word is None else str(word)


class TestResponses:
    """CertificateStatus (RFC 6066 8, RFC 6961), where TLS has it in the clear."""

    def test_what_counts_and_what_does_not(self, check: Check) -> None:
        """A response that says revoked refuses; whatever is wrong with one costs the row nothing else."""
        good, revoked = built(), built(STATUS.REVOKED)
        expected: dict[bytes | None, str] = {
            captures.status(good): "good",
            captures.status(revoked): "revoked",
            captures.statuses(good, b""): "good",
            captures.statuses(revoked, good): "revoked",
            captures.statuses(b"", revoked): "absent",
            captures.status(b"junk"): "malformed",
            captures.status(good) + b"!": "malformed",
            b"\3" + captures.status(revoked)[1:]: "malformed",
            b"": "malformed",
            captures.status(bytes(70_000)): "too_large",
            None: "absent",
        }
        connections = [captures.Connection(chain(), asks=True, staples=one) for one in expected]
        rows = check(capture(check.folder / "c.pcap", connections))
        assert [told(row) for row in rows] == list(expected.values())
        assert [row["ok"] for row in rows] == [word != "revoked" for word in expected.values()]
        assert [row["revoked_by"] for row in rows if not row["ok"]] == ["ocsp"] * 2
        assert not check.err.startswith("certpath:")

    @pytest.mark.parametrize("segment", [1, 7, 300, 9_000])
    def test_however_the_stream_is_cut(self, check: Check, segment: int) -> None:
        """And in any order of packets."""
        staples = captures.status(built(STATUS.REVOKED))
        one = captures.Connection(chain(), asks=True, staples=staples, segment=segment)
        packets = one.packets()
        file = check.folder / "c.pcap"
        for order in (packets, [*packets[:2], *random.Random(segment).sample(packets[2:], len(packets) - 2)]):
            file.write_bytes(captures.pcap(order))
            # At most 256 packets wait for those before them.
            if order is packets or len(packets) < 200:
                assert [told(row) for row in check(file)] == ["revoked"]

    def test_who_has_asked(self, check: Check) -> None:
        """That none came is known where the client has asked, and what follows the chain was captured."""
        cases: list[tuple[dict[str, Any], str | None]] = [
            ({"asks": True}, "absent"),
            ({"asks": True, "announces": True}, "absent"),
            ({"asks": False}, None),
            ({"asks": False, "announces": True}, None),
        ]
        end = leaf(ICA, extensions=[(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)])
        connections = [captures.Connection([end.der, ICA.der], name=pki.HOST, **one) for one, _ in cases]
        file = capture(check.folder / "c.pcap", connections)
        rows = check(file, "--policy", "cabf")
        assert [told(row) for row in rows] == [word for _, word in cases]
        assert [row["findings"][0]["name"] if row["findings"] else None for row in rows] == [
            "stapling_missing" if word else None for _, word in cases
        ]

    def test_a_capture_that_ends_behind_the_chain(self, check: Check) -> None:
        """The chain is judged, and that nobody knows of a response is said."""
        staples = captures.status(built(STATUS.REVOKED))
        whole = captures.Connection(chain(), asks=True, staples=staples)
        size = sum(map(len, whole.chain)) + 90
        cut = replace(whole, until=size)
        file = capture(
            check.folder / "c.pcap", [cut, replace(cut, announces=False), replace(cut, asks=False)]
        )
        rows = check(file)
        assert [(row["status"], told(row)) for row in rows] == [("ok", None)] * 3
        assert "3 handshakes without what follows the certificates" in check.err

    def test_a_response_that_nobody_has_announced(self, check: Check) -> None:
        """It came all the same: that none did would be false."""
        one = captures.Connection(
            chain(), asks=True, announces=False, staples=captures.status(built(STATUS.REVOKED))
        )
        (row,) = check(capture(check.folder / "c.pcap", [one]))
        assert (row["ok"], told(row)) == (False, "revoked")

    def test_a_damaged_chain_is_told_at_once(self, check: Check) -> None:
        """Whatever follows it."""
        one = captures.Connection([b""], asks=True, staples=captures.status(built()))
        packets = bytearray(capture(check.folder / "c.pcap", [one]).read_bytes())
        at = packets.index(b"\x0b\0\0\x06\0\0\x03")
        packets[at + 6] = 9
        (check.folder / "c.pcap").write_bytes(packets)
        (row,) = check(check.folder / "c.pcap")
        assert row["status"] == "input_error"
        assert "a damaged Certificate message" in check.err


class TestTimestamps:
    """The extension signed_certificate_timestamp, wherever a format keeps its octets."""

    def test_of_a_server_hello(self, check: Check) -> None:
        """RFC 6962 3.3.1; where no list of logs is given, nothing is told."""
        lists = [sct_list([sct()]), sct_list([sct(), b"\0"]), b"junk", None]
        file = capture(check.folder / "c.pcap", [captures.Connection(chain(), scts=one) for one in lists])
        rows = check(file, "--ct-logs", check.logs)
        statuses = [[(one["source"], one["status"]) for one in row["scts"]] for row in rows]
        valid, malformed = ("tls", "valid"), ("tls", "malformed")
        assert statuses == [[valid], [valid, malformed], [malformed], []]
        assert [row["scts"] for row in check(file)] == [None] * 4

    def test_beside_a_response(self, check: Check) -> None:
        """Both of one handshake; of TLS 1.3 neither is there."""
        one = captures.Connection(
            chain(), asks=True, staples=captures.status(built()), scts=sct_list([sct()])
        )
        file = capture(check.folder / "c.pcap", [one, replace(one, tls13=True)])
        (row,) = check(file, "--ct-logs", check.logs)
        assert (told(row), [one["status"] for one in row["scts"]]) == ("good", ["valid"])

    def test_of_zgrab(self, check: Check) -> None:
        """Which keeps them one by one; what is not base64 costs no other."""
        grab = scans.grab(chain(), host=pki.HOST)
        handshake = grab["data"]["tls"]["result"]["handshake_log"]
        handshake["server_hello"] = {
            "ocsp_stapling": True,
            "scts": [{"raw": "!"}, {"raw": base64.b64encode(sct()).decode(), "parsed": {}}],
        }
        file = check.folder / "scan.jsonl"
        file.write_text(json.dumps(grab))
        (row,) = check(file, "--ct-logs", check.logs)
        assert [one["status"] for one in row["scts"]] == ["malformed", "valid"]
        assert row["ocsp_status"] is None

    def test_of_s_client(self, check: Check) -> None:
        """Which prints the extension as PEM where it is asked to: `-serverinfo 18`."""
        octets = sct_list([sct()])
        extension = b"\0\x12" + len(octets).to_bytes(2, "big") + octets
        label = "SERVERINFO FOR EXTENSION 18-----"
        pem = f"-----BEGIN {label}\n{base64.encodebytes(extension).decode()}-----END {label}\n"
        text = scans.s_client([chain(), chain()])
        file = check.folder / "sessions.txt"
        file.write_text(text.replace("CONNECTED(00000003)\n", f"CONNECTED(00000003)\n{pem}", 1))
        rows = check(file, "--ct-logs", check.logs)
        assert [[one["status"] for one in row["scts"]] for row in rows] == [["valid"], []]


class TestDamage:
    def test_damaged_captures(self, tmp_path: Path) -> None:
        """Whatever is wrong with one costs other rows nothing, and ends no run."""
        rng = random.Random(16)
        one = captures.Connection(
            chain(), asks=True, staples=captures.status(built(STATUS.REVOKED)), scts=sct_list([sct()])
        )
        octets = capture(tmp_path / "c.pcap", [one, replace(one, segment=90)]).read_bytes()
        judges = certpath.Verifier(
            pki.three()[2].store, policy="webpki", ct_logs=certpath.CtLogs.from_json(log_list([LOG]))
        )
        judged, revoked = 0, 0
        for _ in range(100):
            mutated = bytearray(octets)
            for _ in range(rng.randint(1, 4)):
                at = rng.randrange(24, len(mutated))
                match rng.randrange(3):
                    case 0:
                        mutated[at] = rng.randrange(256)
                    case 1:
                        del mutated[at : at + rng.randint(1, 40)]
                    case _:
                        mutated[at:at] = rng.randbytes(rng.randint(1, 9))
            (tmp_path / "c.pcap").write_bytes(mutated)
            run = _Scan(judges, [tmp_path / "c.pcap"], at=int(pki.AT.timestamp()))
            while not run.step()[2]:
                pass
            counts = json.loads(run.summary())
            judged += counts["rows"]
            revoked += counts["statuses"].get("invalid", 0)
        assert judged > revoked > 30
