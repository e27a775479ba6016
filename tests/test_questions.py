"""What operators ask of many roots: `graph`, `--compare`, `simulate`, `calendar`, `--missing-issuers`."""

from __future__ import annotations

import collections
import csv
import datetime
import hashlib
import json
import re
import socket
import ssl
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import certpath
import pytest
from certpath._certpath import _has_signed, _without
from certpath.cli import main
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID
from support import peers, pki, scans

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from support.authority import Authority

AT = "2025-06-01"
POLICY = certpath.Policy.webpki()


class World(NamedTuple):
    """Two roots, an issuer that both have signed, one that each of them has alone, and files of them."""

    a: pki.Entity
    b: pki.Entity
    both: tuple[pki.Entity, pki.Entity]
    """The same name and key, signed by `a` and by `b`."""
    only_a: pki.Entity
    only_b: pki.Entity
    folder: Path

    @property
    def stores(self) -> list[str]:
        """The roots as options."""
        return ["--roots", f"a={self.folder / 'a.pem'}", "--roots", f"b={self.folder / 'b.pem'}"]


class Run(Protocol):
    """Runs the command in this process: its exit code, what it has printed, what it has complained of."""

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        """Run ``certpath`` with `words`."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> tuple[int, str, str]:
        code = main([*map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("world")
    a, b = pki.issue("Root A", ca=True), pki.issue("Root B", ca=True)
    both = pki.issue("Both", a, ca=True), pki.issue("Both", b, ca=True)
    made = World(a, b, both, pki.issue("Only A", a, ca=True), pki.issue("Only B", b, ca=True), folder)
    (folder / "a.pem").write_text(a.pem)
    (folder / "b.pem").write_text(b.pem)
    return made


def leaf(issuer: pki.Entity, name: str = "leaf", **more: Any) -> pki.Entity:
    return pki.issue(name, issuer, host="www.example.test", **more)


def written(file: Path, chains: Iterable[list[pki.Entity]]) -> Path:
    """A scan of these chains."""
    lines = [
        json.dumps(scans.grab([one.der for one in chain], number=number, at=f"{AT}T00:00:00Z"))
        for number, chain in enumerate(chains)
    ]
    file.write_text("".join(f"{line}\n" for line in lines))
    return file


def many(world: World) -> list[list[pki.Entity]]:
    """Rows of every kind, some of them more than once."""
    of_both = leaf(world.both[0], "of both")
    old = leaf(world.only_a, "old", not_after=pki.at(2025, 3))
    return [
        *[[leaf(world.only_a, f"a {number}"), world.only_a] for number in range(3)],
        *[[leaf(world.only_b, "b"), world.only_b]] * 2,
        [of_both, *world.both],
        [of_both, world.both[0]],
        [of_both, world.both[1]],
        [old, world.only_a],
        [leaf(world.only_a, "alone")],
    ]


# graph


def graph(run: Run, chain: Path, world: World, *more: str) -> tuple[int, dict[str, Any]]:
    code, out, _ = run("graph", chain, *world.stores, "--at", AT, *more)
    return code, json.loads(out)


def test_a_graph_has_every_path_to_every_store(run: Run, world: World, tmp_path: Path) -> None:
    """Those of a search for all paths, each with the stores that take it; and what stands for one key."""
    entities = [leaf(world.both[0]), *world.both]
    chain = tmp_path / "chain.pem"
    chain.write_text(pki.chain_pem(entities))
    code, document = graph(run, chain, world)
    assert code == 0
    end, by_a, by_b = (one.sha256.hex() for one in entities)
    root_a, root_b = world.a.sha256.hex(), world.b.sha256.hex()
    paths = {tuple(path["certificates"]): path["stores"] for path in document["paths"]}
    assert paths == {(end, by_a, root_a): ["a"], (end, by_b, root_b): ["b"]}
    assert [sorted(group) for group in document["cross_signs"]] == [sorted([by_a, by_b])]
    assert {one["sha256"] for one in document["certificates"]} == {end, by_a, by_b, root_a, root_b}
    assert all(one["on_path"] for one in document["certificates"])
    assert [(store["name"], store["ok"], store["paths"]) for store in document["stores"]] == [
        ("a", True, 1),
        ("b", True, 1),
    ]


def test_what_is_on_no_valid_path_is_told(run: Run, world: World, tmp_path: Path) -> None:
    """A cross-sign that has expired is there, and on no path; the store that it led to says why not."""
    expired = pki.issue("Both", world.b, ca=True, not_after=pki.at(2025, 2))
    chain = tmp_path / "chain.pem"
    chain.write_text(pki.chain_pem([leaf(world.both[0]), world.both[0], expired]))
    _, document = graph(run, chain, world)
    on_path = {one["sha256"]: one["on_path"] for one in document["certificates"]}
    assert on_path[world.both[0].sha256.hex()]
    assert not on_path[expired.sha256.hex()]
    edges = {(one["issuer"], one["subject"]): one["on_path"] for one in document["issued"]}
    assert edges[world.b.sha256.hex(), expired.sha256.hex()] is False
    second = document["stores"][1]
    assert (second["ok"], second["findings"][0]["name"]) == (False, "expired")
    _, drawn, _ = run("graph", chain, *world.stores, "--at", AT, "--dot")
    assert re.search(rf'"{expired.sha256.hex()}" \[label="[^"]*", style=dashed\]', drawn)
    assert "same name and key" in drawn


def test_a_namesake_has_signed_nothing(run: Run, world: World, tmp_path: Path) -> None:
    """Names make no edge: the signature does."""
    namesake = pki.issue("Only A", world.a, own_key=pki.key("p256", "another"), ca=True)
    end = leaf(world.only_a)
    chain = tmp_path / "chain.pem"
    chain.write_text(pki.chain_pem([end, namesake, world.only_a]))
    _, document = graph(run, chain, world)
    assert namesake.sha256.hex() not in {one["sha256"] for one in document["certificates"]}
    verifier = certpath.Verifier(world.a.store)
    one, other, subject = (certpath.Certificate(entity.der) for entity in (namesake, world.only_a, end))
    assert not _has_signed(verifier, one, subject)
    assert _has_signed(verifier, other, subject)


def test_a_chain_that_no_store_takes(run: Run, world: World, tmp_path: Path) -> None:
    """Exit code 1, and each store with what it finds."""
    chain = tmp_path / "chain.pem"
    chain.write_text(leaf(world.only_a).pem)
    code, document = graph(run, chain, world)
    assert (code, document["paths"], len(document["certificates"])) == (1, [], 1)
    assert {store["findings"][0]["name"] for store in document["stores"]} == {"issuer_not_found"}


HOSTILE = [
    'quote " and \\" and \\',
    "line\nbreak\r\ttab\x00nul\x1b[31m",
    "\u202eright to left\u2066\u200b\ufeff",
    '"]; evil [label="x',
    "\\N \\G \\l &lt;b&gt; &#65; <b>",
    "é 漢字 \U0001f512",
    "n" * 64_000,
]
LINE = re.compile(
    r'digraph certpath \{|\}|  node \[shape=box, fontname="monospace"\];|'
    r'  "[0-9a-f]{64}" \[label="(?P<label>(?:[^"\\]|\\.)*)"(?:, style=dashed)?(?:, peripheries=2)?\];|'
    r'  "[0-9a-f]{64}" -> "[0-9a-f]{64}"(?: \[style=dashed\])?;'
)


@pytest.mark.parametrize(
    "text", HOSTILE, ids=[text[:12].encode("unicode_escape").decode() for text in HOSTILE]
)
def test_names_are_no_syntax(run: Run, world: World, tmp_path: Path, text: str) -> None:
    """Whatever a name holds, DOT has the same lines, its labels nothing that acts or hides; JSON is ASCII."""
    attribute = x509.NameAttribute(NameOID.STREET_ADDRESS, text)
    end = pki.issue(x509.Name([attribute]), world.only_a)
    chain = tmp_path / "chain.pem"
    chain.write_text(pki.chain_pem([end, world.only_a]))
    code, drawn, _ = run("graph", chain, *world.stores, "--at", AT, "--dot")
    assert code == 0
    lines = drawn.splitlines()
    assert len(lines) == 3 + 3 + 2
    for line in lines:
        found = LINE.fullmatch(line)
        assert found, line
        assert line.isprintable()
        label = found["label"]
        if label is not None:
            # Escapes of DOT beside those of \ and " are line ends of ours; an entity of the name is not one.
            assert set(re.findall(r"\\(.)", label)) <= {"\\", '"', "n"}
            assert set(re.findall(r"&[^;]*;", label)) <= {"&amp;"}
            assert re.findall(r"\\(.)", label).count("n") == 3
            assert len(label) < 1_000
    _, out, _ = run("graph", chain, *world.stores, "--at", AT)
    assert out.isascii()
    subjects = {one["subject"] for one in json.loads(out)["certificates"]}
    assert certpath.Certificate(end.der).subject in subjects


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--policy", "ssl"), "graph needs one of --policy webpki, rfc5280, cabf: ssl knows one store alone"),
        (("more.pem",), "one chain at a time"),
        (("--crl-check", "leaf"), "--crl-check needs revocation lists"),
    ],
)
def test_what_a_graph_refuses(run: Run, world: World, words: tuple[str, ...], said: str) -> None:
    """With a sentence and exit code 2."""
    code, out, err = run("graph", world.folder / "a.pem", *words)
    assert (code, out) == (2, "")
    assert said in err


def test_a_graph_of_a_live_host(run: Run, authority: Authority) -> None:
    """As `explain` asks one; its name is what is looked for, and the chain as it was sent is told."""
    words: list[str | Path] = ["--roots", authority.root_file, "--policy", "webpki"]
    with peers.serving(peers.echo, peers.server_context(authority, "good")) as port:
        code, out, err = run("graph", f"localhost:{port}", *words)
        assert (code, err) == (0, "")
        document = json.loads(out)
        _, drawn, _ = run("graph", f"localhost:{port}", *words, "--dot")
        other, out, _ = run(
            "graph", f"localhost:{port}", *words, "--name", "other.test", "--sni", "third.test"
        )
    assert document["name"] == "localhost"
    sent = [one.der for one in authority.chain("good")]
    assert [ssl.PEM_cert_to_DER_cert(pem) for pem in document["peer"]["chain"]] == sent
    assert document["paths"][0]["certificates"][0] == hashlib.sha256(sent[0]).hexdigest()
    assert drawn.startswith("digraph certpath {\n")
    asked = json.loads(out)
    assert (other, asked["name"], asked["peer"]["server_name"]) == (1, "other.test", "third.test")


def test_a_graph_of_a_file_has_no_peer(run: Run, world: World) -> None:
    """And what is for live hosts is an error beside a file, and so is a host that does not answer."""
    _, document = graph(run, world.folder / "a.pem", world)
    assert document["peer"] is None
    code, out, err = run("graph", world.folder / "a.pem", *world.stores, "--sni", "a.test")
    assert (code, out) == (2, "")
    assert "--sni is for live hosts" in err
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    code, out, err = run("graph", f"127.0.0.1:{port}", *world.stores)
    assert (code, out) == (2, "")
    assert f"127.0.0.1:{port}: Connection refused" in err


# compare and simulate


def accepting(chain: list[pki.Entity], *stores: certpath.TrustStore) -> certpath.Verdict:
    """What these stores alone say."""
    verifier = certpath.Verifier(list(stores), policy=POLICY)
    return verifier.check([one.der for one in chain], "www.example.test", at=pki.at(2025, 6))


def store(name: str, *roots: pki.Entity) -> certpath.TrustStore:
    return certpath.TrustStore.from_der([root.der for root in roots], name=name)


def test_a_comparison_is_what_each_store_alone_says(run: Run, world: World, tmp_path: Path) -> None:
    """Row by row, with the root by which the one accepts and the reason for which the other does not."""
    chains = many(world)
    file = written(tmp_path / "scan.jsonl", chains)
    code, _, err = run("check", file, *world.stores, "--compare", "a", "b", "-o", tmp_path / "v.parquet")
    assert code == 1
    alone = [
        (accepting(chain, store("a", world.a)), accepting(chain, store("b", world.b))) for chain in chains
    ]
    counts = collections.Counter((first.ok, second.ok) for first, second in alone)
    assert (
        f"trusted by a and not by b: {counts[True, False]}; by b and not by a: {counts[False, True]}; "
        f"by both: {counts[True, True]}, by neither: {counts[False, False]}\n"
    ) in err
    assert counts == {(True, False): 4, (False, True): 3, (True, True): 1, (False, False): 2}
    reasons = {second.findings[0].name for first, second in alone if first.ok and not second.ok}
    assert reasons == {"issuer_not_found"}
    shown = f"    4 CN=Root A,O=certpath tests ({world.a.sha256.hex()[:16]}): 4 issuer_not_found\n"
    assert shown in err


def test_a_comparison_as_json(run: Run, world: World, tmp_path: Path) -> None:
    """The counts of the summary, the roots and the reasons, in place of verdicts; those go into a file."""
    file, verdicts = written(tmp_path / "scan.jsonl", many(world)), tmp_path / "v.jsonl"
    words: list[str | Path] = ["check", file, *world.stores, "--compare", "a", "b", "--json"]
    code, out, err = run(*words, "-o", verdicts)
    assert (code, json.loads(out)) == (
        1,
        {
            "stores": ["a", "b"],
            "rows": 10,
            "first_only": 4,
            "second_only": 3,
            "both": 1,
            "neither": 2,
            "outcomes": [
                {
                    "root": world.a.sha256.hex(),
                    "root_subject": "CN=Root A,O=certpath tests",
                    "refused": "issuer_not_found",
                    "moved": None,
                    "moved_subject": None,
                    "rows": 4,
                }
            ],
        },
    )
    assert len(verdicts.read_text().splitlines()) == 10
    assert "trusted by a and not by b" not in err
    assert "10 rows" in err
    again = run(*words)
    assert (again[0], again[1]) == (1, out)
    assert run(*words, "-q") == (1, out, "")


def test_a_comparison_tells_the_constraint_that_refuses(run: Run, world: World, tmp_path: Path) -> None:
    """Both stores have the root; one of them trusts nothing under it that is younger than a date."""
    certificate = certpath.Certificate(world.a.der)
    folder = tmp_path / "programme"
    folder.mkdir()
    (folder / "root_store.certs").write_text(world.a.pem)
    (folder / "root_store.textproto").write_text(
        "version_major: 1\n"
        f'trust_anchors {{\n  sha256_hex: "{certificate.sha256.hex()}"\n'
        "  constraints { sct_not_after_sec: 1000000000 }\n}\n"
    )
    file = written(tmp_path / "scan.jsonl", [[leaf(world.only_a), world.only_a]] * 2)
    _, _, err = run(
        "check", file, "--roots", f"free={world.folder / 'a.pem'}", "--roots", f"bound={folder}", "--compare",
        "free",
        "bound", "-o", tmp_path / "v.jsonl",
    )  # fmt: skip
    assert "trusted by free and not by bound: 2" in err
    assert "2 sct_not_after" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--compare", "a", "mozila"), "--compare: --roots names no store 'mozila'"),
        (("--compare", "a", "a"), "--compare: a and a are the same store"),
        (("--json",), "--json needs --compare A B"),
        (("--compare", "a", "b", "--json", "-o", "jsonl"), "standard output has the comparison"),
        (("--compare", "a", "b", "--policy", "ssl"), "--compare needs one of --policy webpki, rfc5280, cabf"),
        (("--missing-issuers", "no-such-folder/urls"), "there is no folder 'no-such-folder'"),
    ],
)
def test_what_a_comparison_refuses(run: Run, world: World, tmp_path: Path, words: Any, said: str) -> None:
    """With a sentence and exit code 2, before anything is judged."""
    file = written(tmp_path / "scan.jsonl", [[world.a]])
    code, out, err = run("check", file, *world.stores, *words)
    assert (code, out) == (2, "")
    assert said in err


def test_a_simulation_is_the_scan_without_the_roots(run: Run, world: World, tmp_path: Path) -> None:
    """What breaks and what survives by another path is what two runs by hand come to."""
    chains = many(world)
    file = written(tmp_path / "scan.jsonl", chains)
    both, left = store("all", world.a, world.b), store("all", world.b)
    breaks = survives = 0
    for chain in chains:
        before, after = accepting(chain, both), accepting(chain, left)
        breaks += before.ok and not after.ok
        survives += after.ok and before.anchor_sha256 == world.a.sha256
    assert (breaks, survives) == (4, 1)
    roots = tmp_path / "all.pem"
    roots.write_text(world.a.pem + world.b.pem)
    words = ("simulate", file, "--roots", roots, "--without", "root a")
    code, out, _ = run(*words, "--json")
    assert code == 1
    document = json.loads(out)
    assert [one["sha256"] for one in document["without"]] == [world.a.sha256.hex()]
    assert (document["rows"], document["trusted"]) == (10, 8)
    assert (document["breaks"], document["survives"], document["unaffected"]) == (4, 1, 3)
    moved = [one for one in document["outcomes"] if one["moved"]]
    assert [(one["root"], one["moved"], one["rows"]) for one in moved] == [
        (world.a.sha256.hex(), world.b.sha256.hex(), 1)
    ]
    code, out, _ = run(*words)
    assert code == 1
    assert "trusted before: 8 of 10\n  break: 4\n" in out
    assert "  survive by another path: 1\n" in out
    assert out.endswith("  not concerned: 3\n")


def test_several_stores_lose_a_root_together(run: Run, world: World, tmp_path: Path) -> None:
    """A chain breaks only where no store is left that accepts it; what becomes empty is not asked."""
    file = written(tmp_path / "scan.jsonl", many(world))
    code, out, _ = run("simulate", file, *world.stores, "--without", world.folder / "a.pem", "--json")
    document = json.loads(out)
    assert (code, document["breaks"], document["survives"], document["unaffected"]) == (1, 4, 1, 3)


def test_nothing_breaks_where_nothing_is_concerned(run: Run, world: World, tmp_path: Path) -> None:
    """Exit code 0. A fingerprint may have colons."""
    file = written(tmp_path / "scan.jsonl", [[leaf(world.only_a), world.only_a]] * 3)
    digits = world.b.sha256.hex().upper()
    colons = ":".join(digits[start : start + 2] for start in range(0, 64, 2))
    for fingerprint in (digits, colons):
        code, out, _ = run("simulate", file, *world.stores, "--without", fingerprint)
        assert code == 0
        assert out.endswith("  break: 0\n  survive by another path: 0\n  not concerned: 3\n")


@pytest.mark.parametrize(
    ("without", "said"),
    [
        ("Nobody", "--without Nobody: no root of a, b has this fingerprint, name or certificate"),
        ("ab" * 20, "has 40 digits; give the SHA-256 fingerprint, which has 64"),
        ("certpath tests", "--without: takes out every root, and nothing is left to judge by"),
        (" ", "no root of a, b has this fingerprint"),
    ],
)
def test_what_a_simulation_refuses(run: Run, world: World, tmp_path: Path, without: str, said: str) -> None:
    """What is not there is not taken out in silence."""
    file = written(tmp_path / "scan.jsonl", [[world.a]])
    code, out, err = run("simulate", file, *world.stores, "--without", without)
    assert (code, out) == (2, "")
    assert said in err


def test_what_is_left_of_a_store_keeps_its_constraints() -> None:
    """And its date, version and source: taking out one root makes no other more trusted."""
    chrome = certpath.TrustStore.chrome()
    taken = next(iter(chrome.constraints))
    left = _without(chrome, [bytes.fromhex(taken)], "left")
    expected = {root: said for root, said in chrome.constraints.items() if root != taken}
    assert expected
    assert left.constraints == expected
    assert [root.sha256 for root in left] == [root.sha256 for root in chrome if root.sha256.hex() != taken]
    assert (left.name, left.date, left.version, left.source) == (
        "left",
        chrome.date,
        chrome.version,
        chrome.source,
    )


# calendar


def test_a_calendar_counts_certificates_once(run: Run, world: World, tmp_path: Path) -> None:
    """By the day on which the path ends, root and issuer; what has no trusted path is not in it."""
    pytest.importorskip("pyarrow")
    chains = many(world) * 2
    chains.append([leaf(world.only_a, "soon", not_after=pki.at(2025, 7, 1)), world.only_a])
    file, verdicts = written(tmp_path / "scan.jsonl", chains), tmp_path / "v.parquet"
    run("check", file, *world.stores, "--cert-info", "-o", verdicts)
    roots = ["--roots", str(world.folder / "a.pem"), "--roots", str(world.folder / "b.pem")]
    assert run("calendar", verdicts, "-o", tmp_path / "c.csv", *roots) == (0, "", "")
    expected: dict[tuple[str, str, str], list[bytes]] = {}
    for chain in chains:
        verdict = accepting(chain, store("a", world.a), store("b", world.b))
        if verdict.ok:
            day = verdict.not_after
            assert day is not None
            key = (day.date().isoformat(), verdict.path[-1].sha256.hex(), verdict.path[1].sha256.hex())
            expected.setdefault(key, []).append(chain[0].der)
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [(row["day"], row["root_sha256"], row["issuer_sha256"]) for row in rows] == sorted(expected)
    for row in rows:
        ders = expected[row["day"], row["root_sha256"], row["issuer_sha256"]]
        assert (int(row["certificates"]), int(row["rows"])) == (len(set(ders)), len(ders))
        assert re.fullmatch(r"CN=Root [AB],O=certpath tests", row["root"])
        assert re.fullmatch(r"CN=(Only [AB]|Both),O=certpath tests", row["issuer"])
    assert rows[0]["day"] == "2025-07-01"


def test_a_calendar_in_columns(run: Run, world: World, tmp_path: Path) -> None:
    """The same in Parquet, with types; roots that are in no store have no name."""
    pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    file, verdicts = written(tmp_path / "scan.jsonl", many(world)), tmp_path / "v.parquet"
    run("check", file, *world.stores, "-o", verdicts)
    assert run("calendar", verdicts, "-o", tmp_path / "c.parquet") == (0, "", "")
    assert run("calendar", verdicts, "-o", tmp_path / "c.csv") == (0, "", "")
    rows = parquet.read_table(tmp_path / "c.parquet").to_pylist()
    assert all(isinstance(row["day"], datetime.date) for row in rows)
    assert {(row["root"], row["issuer"]) for row in rows} == {(None, None)}

    def as_text(value: Any) -> str:
        return "" if value is None else value.hex() if isinstance(value, bytes) else str(value)

    texts = [{column: as_text(value) for column, value in row.items()} for row in rows]
    with (tmp_path / "c.csv").open(encoding="utf-8", newline="") as stream:
        assert texts == list(csv.DictReader(stream))


def test_a_calendar_of_something_else(run: Run, tmp_path: Path) -> None:
    """Says what it needs, and leaves an older calendar as it was."""
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")

    target = tmp_path / "c.csv"
    target.write_text("older")
    other, torn = tmp_path / "other.parquet", tmp_path / "torn.parquet"
    parquet.write_table(pyarrow.table({"x": [1]}), other)
    torn.write_bytes(other.read_bytes()[:-9])
    for file, said in (
        (other, "has no column has_trusted_path"),
        (torn, "Parquet"),
        (tmp_path / "no", "No such file"),
    ):
        code, _, err = run("calendar", file, "-o", target)
        assert (code, target.read_text()) == (2, "older")
        assert said in err
    code, _, err = run("calendar", other, "-o", tmp_path / "c.ics")
    assert (code, "ends neither in .csv nor in .parquet" in err) == (2, True)


# missing issuers


def with_urls(*urls: str) -> list[tuple[x509.ExtensionType, bool]]:
    """An authorityInfoAccess with these caIssuers."""
    of = AuthorityInformationAccessOID
    uris = [x509.UniformResourceIdentifier(url) for url in urls]
    uris_of = [(of.CA_ISSUERS, uri) for uri in uris]
    ocsp = (of.OCSP, x509.UniformResourceIdentifier("http://ocsp.example.test/"))
    return [
        (x509.AuthorityInformationAccess([x509.AccessDescription(*one) for one in [*uris_of, ocsp]]), False)
    ]


def test_missing_issuers_are_a_list_to_fetch(run: Run, world: World, tmp_path: Path) -> None:
    """Each URL once, the most wanted first; none of paths that reach a root, or of roots nobody trusts."""
    lacking = [
        leaf(world.only_a, f"l {number}", extensions=with_urls("http://a.example/a.der"))
        for number in range(3)
    ]
    other = leaf(world.only_b, extensions=with_urls("http://b.example/b.der", "http://c.example/c.der"))
    whole = leaf(world.only_a, extensions=with_urls("http://whole.example/"))
    self_signed = pki.issue("self", extensions=with_urls("http://self.example/"))
    upper = pki.issue(
        "Upper", pki.issue("Elsewhere", ca=True), ca=True, extensions=with_urls("http://up.example/u")
    )
    chains = [
        *[[one] for one in lacking],
        [other],
        [whole, world.only_a],
        [self_signed],
        [leaf(upper, extensions=with_urls("http://sent.example/")), upper],
    ]
    file, urls = written(tmp_path / "scan.jsonl", chains), tmp_path / "urls.txt"
    _, _, err = run("check", file, *world.stores, "--missing-issuers", urls, "-o", tmp_path / "v.csv")
    assert urls.read_text().splitlines() == [
        "http://a.example/a.der",
        "http://b.example/b.der",
        "http://c.example/c.der",
        "http://up.example/u",
    ]
    assert f"URLs of missing issuers: 4 in {urls}\n" in err


def test_urls_that_are_no_lines_of_a_list_are_left_out(run: Run, world: World, tmp_path: Path) -> None:
    """What would be another line, a command or a file for whoever fetches it."""
    bad = [
        "http://a.example/\nhttp://evil.example/",
        "file:///etc/passwd",
        "http://a.example/ x",
        "ldap://a.example/",
    ]
    end = leaf(world.only_a, extensions=with_urls(*bad, "http://good.example/"))
    file, urls = written(tmp_path / "scan.jsonl", [[end]]), tmp_path / "urls.txt"
    run("check", file, *world.stores, "--missing-issuers", urls, "-o", tmp_path / "v.csv")
    assert urls.read_text() == "http://good.example/\n"


def test_a_list_stays_where_nothing_was_recognised(run: Run, world: World, tmp_path: Path) -> None:
    """As results do."""
    urls = tmp_path / "urls.txt"
    urls.write_text("older\n")
    code, _, _ = run("check", tmp_path / "no.jsonl", *world.stores, "--missing-issuers", urls)
    assert (code, urls.read_text()) == (2, "older\n")
