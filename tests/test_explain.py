"""``certpath explain``, `Verdict.explain`, `Verdict.remedies`: what failed where, and what would mend it."""

from __future__ import annotations

import io
import json
import re
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from xml.etree import ElementTree as Xml

import certpath
import pytest
from certpath._display import common_name, shortened
from certpath._explanation import Node, explanation_of
from certpath._remedies import remedies_of
from certpath._remedy_table import FAULTS, TABLE
from certpath.cli import main
from certpath.cli.values import parse_address
from support import defects, failures, peers, pki

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from support.authority import Authority

ROOT = Path(__file__).resolve().parent.parent
CHAINS = ROOT / "examples" / "chains"
ROOTS = str(ROOT / "examples" / "roots.pem")
HOST = "www.example.test"
COMMON = ["--roots", ROOTS, "--at", "2026-01-15"]


class Run(Protocol):
    """Runs the command in this process: its exit code, what it has printed, what it has complained of."""

    def __call__(self, *words: str | Path) -> tuple[int, str, str]:
        """Run ``certpath explain`` with `words`."""


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: str | Path) -> tuple[int, str, str]:
        code = main(["explain", *map(str, words)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


def judged(case: defects.Case) -> certpath.Verdict:
    store = certpath.TrustStore.from_pem(case.store or pki.chain_pem(case.trusted))
    policy = certpath.Policy.ssl(0x8000 | case.flags)
    verifier = certpath.Verifier(store, policy=policy, crls=case.crls or None)
    return verifier.check([entity.der for entity in case.chain], case.name, at=pki.AT)


def each(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from each(child)


class TestRemedies:
    def test_there_is_one_for_every_finding(self) -> None:
        """No more and no less than docs/verdict.md has."""
        manual = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
        findings = manual.partition("\n## Findings\n")[2].partition("\n## ")[0]
        assert sorted(TABLE) == sorted(re.findall(r"^\| `(\w+)` \|", findings, re.MULTILINE))

    def test_there_is_one_for_every_fault_of_deployment(self) -> None:
        """The words of `Verdict.deployment`."""
        manual = (ROOT / "docs" / "verdict.md").read_text(encoding="utf-8")
        row = re.search(r"^\| `deployment` \|.*$", manual, re.MULTILINE)
        assert row is not None
        assert set(re.findall(r"`(\w+)`", row[0])) - {"deployment"} == set(FAULTS)

    @pytest.mark.parametrize("row", [*TABLE.items(), *FAULTS.items()], ids=lambda row: row[0])
    def test_each_row_is_a_sentence_about_a_rule(self, row: tuple[str, tuple[str, str, str]]) -> None:
        """Who, which rule with its section, and what to do."""
        _, (who, rule, text) = row
        assert who in {"server", "issuer", "verifier"}
        assert re.match(r"(RFC \d+(, |$)|CA/B BR \d|OpenSSL, |Policy, |docs/\w+\.md$)", rule)
        assert text.endswith(".")

    @pytest.mark.parametrize("code", defects.BY_CODE)
    def test_every_finding_of_a_defect_has_its_remedy(self, code: int) -> None:
        """With all words filled in, and nothing that a terminal would act on."""
        verdict = judged(defects.by_code(code))
        remedies = remedies_of(verdict)
        told = {(finding.name, finding.depth) for finding in verdict.findings}
        covered = {(remedy.finding, remedy.depth) for remedy in remedies}
        # What is not a CA is fit for no purpose of one, and two findings may have the same remedy.
        alike = {name for name, _ in told - covered}
        assert alike <= {"invalid_purpose", "path_length_without_cert_sign", "subject_empty"}, alike
        for remedy in remedies:
            assert "(no " not in remedy.text
            assert "{" not in remedy.text
            assert remedy.text.isprintable()
            assert remedy.text[0].isupper() or remedy.text[0] in '"*0123456789', remedy.text

    @pytest.mark.parametrize("make", failures.FAILURES, ids=lambda make: make.__name__)
    def test_the_remedy_mends_it(self, make: Callable[[], failures.Failure]) -> None:
        """The most frequent failures: who has to do what, and that done, the chain is accepted."""
        failure = failures.made(make)
        verdict = failure.broken.verdict()
        assert failure.finding in [finding.name for finding in verdict.findings]
        told = [remedy.text for remedy in remedies_of(verdict) if remedy.who == failure.who]
        joined = "\n".join(told)
        assert [word for word in failure.words if word not in joined] == [], joined
        mended = failure.mended.verdict()
        assert mended.ok, mended.explain()
        assert remedies_of(mended) == ()

    def test_what_the_pool_has_lent_is_named(self) -> None:
        """An accepted chain that others will not accept."""
        root, ca = failures.ROOT, failures.CA
        verifier = certpath.Verifier(
            root.store, pool=certpath.IntermediatePool.from_der(ca.der), policy="webpki"
        )
        verdict = verifier.check(failures.LEAF.der, pki.HOST, at=pki.AT)
        assert verdict.ok
        (remedy,) = remedies_of(verdict)
        assert remedy.finding == "missing_intermediate"
        assert '"Issuing CA"; its issuer publishes it at http://pki.example.test/ca.der' in remedy.text

    def test_malformed_chains_have_theirs(self) -> None:
        """What cannot be read, and what is not there."""
        verifier = certpath.Verifier(failures.ROOT.store)
        (broken,) = remedies_of(verifier.check([failures.LEAF.der, b"\x30\x03no"], at=pki.AT))
        assert broken.finding == "unparseable"
        assert "number 2 of the chain" in broken.text
        (empty,) = remedies_of(verifier.check([], at=pki.AT))
        assert "There is no certificate" in empty.text


class TestTree:
    def test_every_certificate_is_somewhere(self) -> None:
        """On the path, passed over with the reason, or a stranger."""
        other_key = pki.issue("Issuing CA", failures.ROOT, ca=True, own_key=pki.key("p256", "else"))
        stranger = pki.issue("stranger", ca=True)
        chain = [failures.LEAF, other_key, stranger, failures.CA]
        verifier = certpath.Verifier(failures.ROOT.store)
        ders = [certpath.Certificate(entity.der) for entity in chain]
        verdict = verifier.check(ders, pki.HOST, at=pki.AT)
        explanation = explanation_of(verifier, ders, verdict)
        assert explanation.tree is not None
        nodes = {node.sha256: node for node in each(explanation.tree)}
        taken = [node.subject for node in nodes.values() if node.on_path]
        assert taken == [
            "CN=server,O=certpath tests",
            "CN=Issuing CA,O=certpath tests",
            "CN=Root,O=certpath tests",
        ]
        assert nodes[failures.CA.sha256.hex()].sources == ("presented 4",)
        assert nodes[failures.ROOT.sha256.hex()].sources == ("store test",)
        passed = nodes[other_key.sha256.hex()].passed_over
        assert passed == "another key of the same name: the key identifiers differ"
        assert [node.sha256 for node in explanation.strangers] == [stranger.sha256.hex()]

    def test_a_pool_of_namesakes_is_cut(self) -> None:
        """Twenty are shown, the others counted."""
        namesakes = [
            pki.issue("Issuing CA", failures.ROOT, ca=True, own_key=pki.key("p256", "one")) for _ in range(25)
        ]
        pool = certpath.IntermediatePool.from_der([entity.der for entity in namesakes])
        verifier = certpath.Verifier(failures.ROOT.store, pool=pool, policy="webpki")
        chain = [certpath.Certificate(failures.LEAF.der), certpath.Certificate(failures.CA.der)]
        explanation = explanation_of(verifier, chain, verifier.check(chain, pki.HOST, at=pki.AT))
        assert explanation.tree is not None
        assert sum(not node.on_path for node in each(explanation.tree)) == 20
        assert explanation.left_out == 5

    def test_the_missing_issuer_has_a_place(self) -> None:
        """A node without a certificate."""
        verifier = certpath.Verifier(failures.ROOT.store)
        chain = [certpath.Certificate(failures.LEAF.der)]
        explanation = explanation_of(verifier, chain, verifier.check(chain, pki.HOST, at=pki.AT))
        assert explanation.tree is not None
        (missing,) = explanation.tree.children
        assert (missing.subject, missing.sha256, missing.sources) == (
            "CN=Issuing CA,O=certpath tests",
            None,
            (),
        )
        (failure,) = explanation.tree.failures
        assert (failure.name, failure.rule) == ("issuer_not_found", "RFC 8446, 4.4.2")


class TestCommand:
    def test_a_tree_on_standard_output(self, run: Run) -> None:
        """Verdict, tree, remedies; exit code 1."""
        code, out, err = run(CHAINS / "missing-intermediate.pem", "--name", HOST, *COMMON)
        assert (code, err) == (1, "")
        lines = out.splitlines()
        assert lines[0] == f"invalid for {HOST}: unable to get local issuer certificate (code 20)"
        assert "nowhere: neither presented nor in the pool or a store" in out
        assert "its issuer publishes it at http://pki.example.test/example-issuing-ca-" in out

    def test_without_rich_the_same_words(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        """Lines and their order are the same."""
        words: list[str | Path] = [CHAINS / "unlisted-root-sent.pem", "--name", HOST, *COMMON]
        pytest.importorskip("rich")
        _, rich, _ = run(*words)
        monkeypatch.setitem(sys.modules, "rich.console", None)
        _, plain, _ = run(*words)

        def told(text: str) -> list[str]:
            return [line.strip("│├└─ ") for line in text.splitlines()]

        assert told(rich) == told(plain)

    def test_a_sound_chain_is_0(self, run: Run) -> None:
        """And nothing is to be mended."""
        code, out, err = run(CHAINS / "good-rsa.pem", "--name", HOST, *COMMON)
        assert (code, err) == (0, "")
        assert out.startswith(f"ok for {HOST}\n")
        assert "mend" not in out

    def test_json(self, run: Run) -> None:
        """Verdict, tree, remedies; in ASCII."""
        code, out, _ = run(CHAINS / "expired.pem", "--name", HOST, *COMMON, "--json")
        assert code == 1
        assert out.isascii()
        told = json.loads(out)
        assert told["verdict"]["verify_code"] == 10
        assert told["tree"]["failures"][0]["rule"] == "RFC 5280, 4.1.2.5"
        assert told["tree"]["children"][0]["children"][0]["sources"] == ["store roots.pem"]
        assert told["remedies"][0]["who"] == "server"
        assert told["peer"] is None

    def test_svg(self, run: Run, tmp_path: Path) -> None:
        """A drawing for light and dark, with the words of the tree, that asks for nothing outside itself."""
        file = tmp_path / "chain.svg"
        _, out, _ = run(CHAINS / "missing-intermediate.pem", "--name", HOST, *COMMON, "--svg", file)
        text = file.read_text(encoding="utf-8")
        drawing = Xml.fromstring(text)  # noqa: S314 - we have written it
        shown = " ".join(
            " ".join((part.text or "").split()) for part in drawing.iter("{http://www.w3.org/2000/svg}text")
        )
        for line in out.splitlines():
            assert " ".join(line.strip("│├└─ ").split()) in shown
        assert "prefers-color-scheme: dark" in text
        assert re.findall(r"(?:href|src|url|@import)\b", text) == []

    @pytest.mark.parametrize(
        ("words", "complaint"),
        [
            ([], "no CHAIN"),
            (["no-such.pem"], "cannot be read"),
            (["https://www.example.test/a"], "write www.example.test:443"),
            (["www.example.test:99999"], "a port is a number from 1 to 65535"),
            ([CHAINS], "this is about one at a time"),
            ([CHAINS / "good-rsa.pem", CHAINS / "expired.pem"], "one chain at a time"),
            ([CHAINS / "good-rsa.pem", "--starttls", "smtp"], "--starttls is for live hosts"),
            ([CHAINS / "good-rsa.pem", "--svg", "a.png"], "does not end in .svg"),
            ([CHAINS / "good-rsa.pem", "--svg", "no-such-folder/a.svg"], "--svg no-such-folder/a.svg: "),
            ([CHAINS / "good-rsa.pem", "--timeout", "0"], "not a number of seconds above 0"),
            ([CHAINS / "good-rsa.pem", "--intermediates", ROOTS], "--intermediates needs one of"),
            ([CHAINS / "good-rsa.pem", "--crl-check", "leaf"], "--crl-check needs revocation lists"),
            ([CHAINS / "good-rsa.pem", "--nmae", "a.test"], "did you mean --name?"),
        ],
    )
    def test_bad_usage_is_2_and_says_why(self, words: list[str | Path], complaint: str, run: Run) -> None:
        """Nothing is printed but one line of error, and one of usage."""
        code, out, err = run(*words)
        assert (code, out) == (2, "")
        assert complaint in err

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("localhost:443", ("localhost", 443)),
            ("192.0.2.1:25", ("192.0.2.1", 25)),
            ("[2001:db8::1]:636", ("2001:db8::1", 636)),
            ("chain.pem", None),
            ("2001:db8::1", None),
            ("folder/chain.pem:443", None),
            ("C:\\chain.pem", None),
        ],
    )
    def test_what_is_a_live_host(self, text: str, address: tuple[str, int] | None) -> None:
        """HOST:PORT and nothing else: no file is ever taken for a host."""
        assert parse_address(text) == address


BACKSLASH = "\\"
EVIL = {
    "markup": '"><script>alert(1)</script><![CDATA[&amp;',
    "rich markup": "[bold red]x[/] [link=http://evil.test]y[/link] :skull:",
    "escapes": "\x1b[2J\x1b]0;owned\x07\x9b31m",
    "lines": "a\nok for you\r\nb\x85c\u2028d",
    "overrides": "\u202etset.elpmaxe\u202c\u2066\u200f\u061c",
    "invisible": "a\u200b\u00ad\ufeff\u2060b\U000e0041",
    "long": "A" * 65_536,
    "long and evil": "\u202e<" * 32_768,
}


@pytest.fixture(scope="module")
def evil_chains(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Chains whose names, of subject and issuer, are not meant well."""
    folder = tmp_path_factory.mktemp("evil")
    files = {}
    for kind, text in EVIL.items():
        contents = pki.tlv(0x0C, text.encode())
        attribute = pki.tlv(0x30, pki.tlv(0x06, bytes.fromhex("550403")) + contents)
        subject = pki.tlv(0x30, pki.tlv(0x31, attribute))

        def named(parts: list[bytes], subject: bytes = subject) -> None:
            parts[3] = parts[5] = subject

        made = pki.patched(pki.issue(kind, failures.CA), failures.CA.key, named)
        files[kind] = folder / f"{kind.replace(' ', '-')}.pem"
        files[kind].write_text(made.pem, encoding="ascii")
    return files


def unescaped(text: str) -> set[str]:
    """What a terminal, or an eye, would take for something else."""
    return {character for character in text if not character.isprintable() and character != "\n"}


class TestHostileNames:
    """Markup, controls, overrides and 64 kB in the names of certificates."""

    @pytest.mark.parametrize("kind", EVIL)
    @pytest.mark.parametrize("how", ["rich", "plain"])
    def test_explain_shows_them_escaped(
        self, how: str, kind: str, run: Run, evil_chains: dict[str, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """In the tree, and nobody has to read 64 kB."""
        if how == "rich":
            pytest.importorskip("rich")
        else:
            monkeypatch.setitem(sys.modules, "rich.console", None)
        code, out, err = run(evil_chains[kind], "--name", HOST, *COMMON)
        assert (code, err) == (1, "")
        assert unescaped(out) == set()
        assert len(out) < 10_000
        if kind == "rich markup":
            assert "[bold red]x[/]" in out
            assert ":skull:" in out

    @pytest.mark.parametrize("kind", EVIL)
    def test_svg(self, kind: str, run: Run, evil_chains: dict[str, Path], tmp_path: Path) -> None:
        """Well-formed, without any element but those of the drawing."""
        file = tmp_path / "chain.svg"
        run(evil_chains[kind], *COMMON, "--svg", file)
        text = file.read_text(encoding="utf-8")
        assert unescaped(text) == set()
        assert len(text) < 30_000
        drawing = Xml.fromstring(text)  # noqa: S314 - we have written it
        kinds = {element.tag.rpartition("}")[2] for element in drawing.iter()}
        assert kinds <= {"svg", "title", "style", "rect", "text", "path"}

    @pytest.mark.parametrize("kind", EVIL)
    def test_json(self, kind: str, run: Run, evil_chains: dict[str, Path]) -> None:
        """ASCII without controls, whole, and read back the same."""
        code, out, _ = run(evil_chains[kind], *COMMON, "--json")
        assert code == 1
        assert out.isascii()
        assert unescaped(out) == set()
        subject = json.loads(out)["tree"]["subject"]
        assert len(subject) >= len(EVIL[kind])

    @pytest.mark.parametrize("kind", EVIL)
    @pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
    def test_check(
        self, form: str, kind: str, evil_chains: dict[str, Path], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """``certpath check`` in every format."""
        main(["check", str(evil_chains[kind]), "--name", HOST, *COMMON, "-o", form])
        captured = capsys.readouterr()
        assert unescaped(captured.out) == set()
        assert unescaped(captured.err) == set()
        if form == "table":
            assert len(captured.out) < 30_000

    @pytest.mark.parametrize("kind", EVIL)
    def test_scans(self, kind: str, evil_chains: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
        """JSON lines of scans, which Rust writes; what reads them finds the names as they are."""
        main(["check", str(evil_chains[kind]), *COMMON, "--format", "certificates", "--cert-info"])
        captured = capsys.readouterr()
        assert unescaped(captured.out) == set()
        assert unescaped(captured.err) == set()
        row = json.loads(captured.out)
        assert row["subject_cn"] == EVIL[kind]

    @pytest.mark.parametrize("kind", EVIL)
    def test_tracebacks(self, kind: str, evil_chains: dict[str, Path]) -> None:
        """`Verdict.explain` is the note of exceptions: a traceback shows it."""
        verifier = certpath.Verifier(certpath.TrustStore.from_path(ROOTS))
        verdict = verifier.check(evil_chains[kind], HOST, at=pki.AT)
        assert unescaped(verdict.explain()) == set()
        assert max(map(len, verdict.explain().split("\n"))) < 5_000
        for remedy in verdict.remedies:
            assert unescaped(remedy.text) == set()
            assert len(remedy.text) < 1_000

    def test_short_forms(self) -> None:
        """What is cut is counted, what is escaped stays so, and the syntax of names is undone."""
        assert shortened("a" * 105, 100) == "a" * 100 + "… (and 5 characters more)"
        assert common_name("CN=a\\, b\\+c,O=x") == "a, b+c"
        assert common_name("O=x,CN=\\0Ab") == "\\0Ab"
        assert common_name("O=x") == "O=x"
        assert common_name("OU=CN\\=no,O=x") == "OU=CN\\=no,O=x"


def greeting(*dialogue: bytes | tuple[bytes, ...]) -> peers.Handler:
    """A server that says each of these in turn, or waits for what a tuple has, and then does TLS."""

    def handle(sock: socket.socket, context: ssl.SSLContext) -> None:
        for part in dialogue:
            if isinstance(part, bytes):
                sock.sendall(part)
                continue
            (expected,) = part
            got = b""
            while not got.endswith(expected):
                octet = sock.recv(1)
                if not octet:
                    return
                got += octet
        peers.echo(sock, context)

    return handle


LDAP_DONE = bytes.fromhex("300c02010178070a010004000400")
LDAP_LONG = bytes.fromhex("3084000000100201017884000000070a010004000400")
DIALOGUES: dict[str, peers.Handler] = {
    "smtp": greeting(
        b"220-a\r\n220 b\r\n", (b"\r\n",), b"250-a\r\n250 STARTTLS\r\n", (b"STARTTLS\r\n",), b"220 go\r\n"
    ),
    "lmtp": greeting(
        b"220 b\r\n", (b"LHLO certpath.invalid\r\n",), b"250 a\r\n", (b"STARTTLS\r\n",), b"220 go\r\n"
    ),
    "imap": greeting(b"* OK here\r\n", (b"a1 STARTTLS\r\n",), b"* CAPABILITY\r\na1 OK go\r\n"),
    "pop3": greeting(b"+OK here\r\n", (b"STLS\r\n",), b"+OK go\r\n"),
    "ftp": greeting(b"220 here\r\n", (b"AUTH TLS\r\n",), b"234 go\r\n"),
    "nntp": greeting(b"201 here\r\n", (b"STARTTLS\r\n",), b"382 go\r\n"),
    "sieve": greeting(b'"IMPLEMENTATION" "x"\r\n"STARTTLS"\r\nOK\r\n', (b"STARTTLS\r\n",), b"OK go\r\n"),
    "xmpp": greeting(
        (b'to="localhost">',),
        b"<?xml version='1.0'?><stream:stream><stream:features><starttls/></stream:features>",
        (b"xmpp-tls'/>",),
        b"<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ),
    "ldap": greeting((b"1.3.6.1.4.1.1466.20037",), LDAP_DONE),
    "postgres": greeting((b"\x00\x00\x00\x08\x04\xd2\x16\x2f",), b"S"),
}


class TestLive:
    """On the loopback interface alone."""

    @pytest.fixture
    def port(self, authority: Authority) -> Iterator[int]:
        with peers.serving(peers.echo, peers.server_context(authority, "expired")) as port:
            yield port

    def test_both_verdicts_side_by_side(self, port: int, authority: Authority, run: Run) -> None:
        """That of `ssl` and ours, for the same roots and flags."""
        code, out, err = run(f"localhost:{port}", "--roots", authority.root_file)
        assert (code, err) == (1, "")
        assert "\n  certpath: invalid: certificate has expired (code 10) [policy ssl" in out
        assert "\n  ssl:      certificate has expired (code 10) [OpenSSL " in out
        assert "presented 2;" in out

    def test_json(self, port: int, authority: Authority, run: Run) -> None:
        """With the chain as it was sent."""
        _, out, _ = run(f"127.0.0.1:{port}", "--roots", authority.root_file, "--json")
        peer = json.loads(out)["peer"]
        assert peer["ssl"]["verify_code"] == 10
        assert [ssl.PEM_cert_to_DER_cert(pem) for pem in peer["chain"]] == [
            entity.der for entity in authority.chain("expired")
        ]

    def test_the_name_is_the_host(self, port: int, authority: Authority, run: Run) -> None:
        """Unless it is given; then it is what the server is asked for, too."""
        _, out, _ = run(f"localhost:{port}", "--roots", authority.root_file, "--name", "other.test", "--json")
        told = json.loads(out)
        assert told["peer"]["server_name"] == "other.test"
        assert told["verdict"]["name_ok"] is False
        _, out, _ = run(f"localhost:{port}", "--roots", authority.root_file, "--sni", "third.test", "--json")
        told = json.loads(out)
        assert (told["peer"]["server_name"], told["verdict"]["name"]) == ("third.test", "localhost")

    def test_sound_host(self, authority: Authority, run: Run) -> None:
        """Both accept."""
        with peers.serving(peers.echo, peers.server_context(authority, "good")) as port:
            code, out, _ = run(f"localhost:{port}", "--roots", authority.root_file)
        assert code == 0
        assert "  certpath: ok" in out
        assert "  ssl:      ok for localhost" in out

    @pytest.mark.parametrize("protocol", DIALOGUES)
    def test_starttls(self, protocol: str, authority: Authority, run: Run) -> None:
        """Every protocol that is offered."""
        context = peers.server_context(authority, "good")
        with peers.serving(DIALOGUES[protocol], context) as port:
            code, out, err = run(f"localhost:{port}", "--roots", authority.root_file, "--starttls", protocol)
        assert (code, err) == (0, ""), out

    def test_long_forms_of_ldap(self, authority: Authority, run: Run) -> None:
        """As Active Directory writes lengths."""
        handler = greeting((b"1.3.6.1.4.1.1466.20037",), LDAP_LONG)
        with peers.serving(handler, peers.server_context(authority, "good")) as port:
            code, _, err = run(f"localhost:{port}", "--roots", authority.root_file, "--starttls", "ldap")
        assert (code, err) == (0, "")

    @pytest.mark.parametrize(
        ("protocol", "said"),
        [
            ("smtp", b"554 \x1b[31mno\r\n"),
            ("smtp", b"220 x\r\n"),
            ("imap", b"* BYE\r\n"),
            ("postgres", b"N"),
            ("ldap", bytes.fromhex("300c02010178070a010204000400")),
            ("pop3", b"A" * 70_000),
            ("xmpp", b"<" * 70_000),
        ],
    )
    def test_who_will_not_do_tls(self, protocol: str, said: bytes, authority: Authority, run: Run) -> None:
        """An error that says so, escaped, and no waiting for ever."""

        def handle(sock: socket.socket, _: ssl.SSLContext) -> None:
            sock.sendall(said)
            while sock.recv(1000):
                pass

        with peers.serving(handle, peers.server_context(authority, "good")) as port:
            code, out, err = run(f"localhost:{port}", "--starttls", protocol, "--timeout", "0.5")
        assert (code, out) == (2, "")
        assert err.startswith(f"certpath: error: localhost:{port}: ")
        assert unescaped(err) == set()

    @pytest.mark.parametrize("host", ["a..b", "." * 300, "a" * 64 + ".test", "\u202e.test"])
    def test_hosts_that_no_resolver_is_asked_for(self, host: str, run: Run) -> None:
        """An error, whether the name is given or not."""
        for words in ([f"{host}:443"], [f"{host}:443", "--name", HOST]):
            code, out, err = run(*words, "--timeout", "0.1")
            assert (code, out) == (2, "")
            assert err.startswith("certpath: error: ")
            assert unescaped(err) == set()

    def test_nobody_there(self, run: Run) -> None:
        """A closed port is an error."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        code, out, err = run(f"127.0.0.1:{port}")
        assert (code, out) == (2, "")
        assert f"127.0.0.1:{port}: Connection refused" in err


def test_a_terminal_that_knows_little(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the encoding has no lines to draw with, something stands for them."""
    octets = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(octets, encoding="ascii"))
    assert main(["explain", str(CHAINS / "expired.pem"), *COMMON]) == 1
    sys.stdout.flush()
    assert b"certificate has expired" in octets.getvalue()
