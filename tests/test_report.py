"""``certpath report``: one page for a file of verdicts, counted right, escaped, shut off from the world."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import shutil
import subprocess
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from certpath.cli import main, reporting

if TYPE_CHECKING:
    from collections.abc import Callable

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")

ROOT = Path(__file__).resolve().parent.parent
EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The verdicts on the examples."""
    file = tmp_path_factory.mktemp("report") / "verdicts.parquet"
    words = ["check", str(EXAMPLES / "chains"), "--format", "certificates", "--cert-info"]
    roots = ["--roots", str(EXAMPLES / "roots.pem"), "--at", "2026-01-15", "--name", "www.example.test"]
    main([*words, *roots, "-o", str(file)])
    return file


@pytest.fixture
def page(tmp_path: Path) -> Callable[[Path], str]:
    def make(file: Path) -> str:
        target = tmp_path / "report.html"
        assert main(["report", str(file), "-o", str(target)]) == 0
        return target.read_text(encoding="utf-8")

    return make


def with_names(file: Path, folder: Path, name: str) -> Path:
    """The same verdicts, with another name in the place of every text that is foreign."""
    table = parquet.read_table(file)
    for column in ("name", "issuer", "key", "domain"):
        values = pyarrow.array([name] * table.num_rows)
        table = table.set_column(table.schema.get_field_index(column), column, values)
    changed = folder / "hostile.parquet"
    parquet.write_table(table, changed)
    return changed


def test_what_is_counted(verdicts: Path, page: Callable[[Path], str]) -> None:
    """Rows, statuses, reasons and faults are those of the file."""
    rows = parquet.read_table(verdicts).to_pylist()
    shown = page(verdicts)
    accepted = sum(row["ok"] for row in rows)
    assert f"<p>{len(rows):,} chains, {accepted:,} accepted, " in shown
    cells = dict(re.findall(r'<tr><td>([^<]*)</td><td class="n">([\d,]+)</td>', shown))
    reasons = [row["findings"][0]["name"] for row in rows if row["findings"]]
    for reason in set(reasons):
        assert cells[reason.replace("_", " ")] == str(reasons.count(reason))
    assert cells["ok"] == str(accepted)
    assert cells["2049-12"] == str(accepted)
    assert shown.count("<td>invalid</td>") == sum(row["status"] == "invalid" for row in rows) + 1


def test_the_worst_come_first(verdicts: Path, page: Callable[[Path], str]) -> None:
    """By the number of their findings."""
    table = page(verdicts).partition('<table id="worst"')[2]
    numbers = [int(number) for number in re.findall(r"<td>\d*</td><td>(\d+)</td>", table)]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[0] == 3


def test_batches_add_up(verdicts: Path, page: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file is cut, and whatever has to be dropped of what is counted."""
    whole = page(verdicts)
    monkeypatch.setattr(reporting, "BATCH_ROWS", 3)
    assert page(verdicts) == whole
    monkeypatch.setattr(reporting, "_MOST_COUNTED", 2)
    assert "more than " in page(verdicts)


@pytest.mark.parametrize(
    "name",
    [
        '"><script>alert(1)</script>',
        "<!--</title></style></script>",
        "\x1b[2J\x9b31m\x07",
        "\u202etset\u2066\u200f",
        "&lt;b&gt; '\"",
        "CN=" + "A" * 65_536,
        "\u202e<" * 32_768,
    ],
    ids=["script", "ends", "escapes", "overrides", "entities", "long", "long and evil"],
)
def test_hostile_names(name: str, verdicts: Path, tmp_path: Path, page: Callable[[Path], str]) -> None:
    """No element but the page's own, no character that acts or hides, nobody's 64 kB."""
    plain, hostile = page(verdicts), page(with_names(verdicts, tmp_path, name))
    tags = re.compile(r"<(/?[a-zA-Z!][\w-]*)")
    kinds = set(tags.findall(plain))
    assert set(tags.findall(hostile)) <= kinds
    assert hostile.count("<script") == 1
    assert {one for one in hostile if not one.isprintable() and one != "\n"} == set()
    assert len(hostile) < 100_000
    if len(name) < 40 and name.isprintable():
        assert html.escape(name) in hostile


def test_the_page_asks_for_nothing(verdicts: Path, page: Callable[[Path], str]) -> None:
    """Its policy names the hashes of its own style and script, and nothing is loaded."""
    shown = page(verdicts)
    policy = html.unescape(re.findall(r'Content-Security-Policy" content="([^"]*)"', shown)[0])
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for element in ("style", "script"):
        (text,) = re.findall(f"<{element}>(.*?)</{element}>", shown, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{element}-src 'sha256-{digest}'" in policy
    assert re.findall(r"(?:\s(?:src|href|style|on\w+)=|url\(|@import|https?:)", shown) == []


def test_what_is_needed_to_read_it(verdicts: Path, page: Callable[[Path], str]) -> None:
    """A language, a title, one heading of the first order, labels and headers of columns."""
    shown = page(verdicts)
    for part in (
        '<html lang="en">',
        "<title>",
        "<label>Search <input",
        'scope="col"',
        "aria-label=",
        "<main>",
    ):
        assert part in shown
    assert shown.count("<h1>") == 1


def test_no_rows(tmp_path: Path, verdicts: Path, page: Callable[[Path], str]) -> None:
    """An empty scan is a page, too."""
    empty = tmp_path / "empty.parquet"
    parquet.write_table(parquet.read_table(verdicts).slice(0, 0), empty)
    assert "<p>0 chains, 0 accepted.</p>" in page(empty)


def test_hosts_of_one_name_are_told_apart(
    verdicts: Path, tmp_path: Path, page: Callable[[Path], str]
) -> None:
    """By their addresses, where those are not the name already."""
    table = parquet.read_table(verdicts)
    for column, value in (("ip", "192.0.2.7"), ("port", 443)):
        values = pyarrow.array([value] * table.num_rows, table.schema.field(column).type)
        table = table.set_column(table.schema.get_field_index(column), column, values)
    parquet.write_table(table, tmp_path / "with-addresses.parquet")
    assert "<td>www.example.test:443 (192.0.2.7)</td>" in page(tmp_path / "with-addresses.parquet")


def test_says_what_the_file_does_not_have(
    verdicts: Path, tmp_path: Path, page: Callable[[Path], str]
) -> None:
    """Issuers are there with --cert-info alone: without, it is not that there are none."""
    how = "not in these verdicts: certpath check --cert-info tells them"
    assert how not in page(verdicts)
    parquet.write_table(parquet.read_table(verdicts).drop_columns(["issuer"]), tmp_path / "without.parquet")
    assert f'<h2>Issuers</h2>\n<p class="dim">{how}</p>' in page(tmp_path / "without.parquet")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["no-such.parquet", "-o", "a.html"], "no-such.parquet: "),
        (["{readme}", "-o", "a.html"], "README.md: is not a Parquet file that certpath check has written"),
        (["{other}", "-o", "a.html"], "has no column status"),
        (["{verdicts}", "-o", "a.txt"], "does not end in .html"),
        (["{verdicts}"], "-o"),
        (["{verdicts}", "-o", "no-such-folder/a.html"], "-o no-such-folder/a.html: "),
        (["{verdicts}", "{verdicts}", "-o", "a.html"], "one file of verdicts at a time"),
    ],
)
def test_bad_usage_is_2_and_says_why(
    words: list[str],
    complaint: str,
    verdicts: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And leaves no page behind."""
    monkeypatch.chdir(tmp_path)
    parquet.write_table(pyarrow.table({"a": [1]}), "other.parquet")
    places = {"readme": ROOT / "README.md", "other": "other.parquet", "verdicts": verdicts}
    assert main(["report", *(word.format(**places) for word in words)]) == 2
    assert complaint in capsys.readouterr().err
    assert not Path("a.html").exists()


def opened(browser: str, page: Path, profile: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """The page as it stands once its script has run, and what the console says."""
    words = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom", *more]
    return subprocess.run(  # noqa: S603 - the page is ours
        [browser, *words, f"--user-data-dir={profile}", page.as_uri()],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
    )


def acted_on(page: Path, *scripts: str) -> None:
    """Puts scripts at the end of a page, and takes its policy away, which would keep them out."""
    text = re.sub(r"<meta http-equiv[^>]*>", "", page.read_text(encoding="utf-8"))
    acts = "".join(f"<script>{script}</script>" for script in scripts)
    page.write_text(text.replace("</body>", f"{acts}</body>"), encoding="utf-8")


@pytest.fixture
def browser() -> str:
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("needs chromium")
    return found


def test_in_a_browser(verdicts: Path, tmp_path: Path, browser: str) -> None:
    """No error on the console, and the script is let run."""
    target = tmp_path / "report.html"
    assert main(["report", str(with_names(verdicts, tmp_path, "<script>x</script>")), "-o", str(target)]) == 0
    done = opened(browser, target, tmp_path / "profile")
    assert "Content Security Policy" not in done.stderr
    assert ":CONSOLE" not in done.stderr, done.stderr
    assert "Worst hosts" in done.stdout
    # The same page with a user, who sorts twice by code, and searches.
    acted_on(
        target,
        """heads[2].firstElementChild.click(); heads[2].firstElementChild.click();
        search.value = "Self Signed"; search.dispatchEvent(new Event("input"));
        const codes = [...body.rows].map(row => row.cells[2].textContent);
        document.title = said.textContent + ", " + codes.join(" ");""",
    )
    done = opened(browser, target, tmp_path / "profile")
    (title,) = re.findall(r"<title>(\d+) shown, ([\d ]*)</title>", done.stdout)
    refused = [row for row in parquet.read_table(verdicts).to_pylist() if not row["ok"]]
    wanted = [row for row in refused if any("self_signed" in one["name"] for one in row["findings"])]
    assert int(title[0]) == len(wanted) > 0
    codes = [int(code) for code in title[1].split()]
    assert codes == sorted(codes, reverse=True)
    assert len(codes) == len(refused)


@pytest.mark.parametrize("size", ["1280,900", "400,800"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_is_accessible(scheme: str, size: str, verdicts: Path, tmp_path: Path, browser: str) -> None:
    """By the rules of axe-core, contrast included, and with nothing left to look at by hand."""
    target = tmp_path / "report.html"
    assert main(["report", str(verdicts), "-o", str(target)]) == 0
    axe = resources.files("axe_core_python").joinpath("axe.min.js").read_text(encoding="utf-8")
    acted_on(
        target,
        axe,
        """axe.run().then(found => { document.title = JSON.stringify({
            dark: matchMedia("(prefers-color-scheme: dark)").matches, passed: found.passes.length,
            problems: [...found.violations, ...found.incomplete].map(rule => [rule.id, rule.nodes[0].html]),
        })});""",
    )
    more = [f"--window-size={size}", f"--blink-settings=preferredColorScheme={int(scheme == 'light')}"]
    done = opened(browser, target, tmp_path / "profile", "--virtual-time-budget=20000", *more)
    (title,) = re.findall(r"<title>(.*?)</title>", done.stdout, re.DOTALL)
    found = json.loads(html.unescape(title))
    assert found["dark"] is (scheme == "dark")
    assert found["problems"] == []
    assert found["passed"] >= 30


def summary_of(file: Path) -> Any:
    return reporting._summary_of(file)


def test_memory_is_bounded(verdicts: Path) -> None:
    """What is kept does not grow with the rows: so many of the worst, so many values."""
    table = parquet.read_table(verdicts)
    many = verdicts.with_name("many.parquet")
    parquet.write_table(pyarrow.concat_tables([table] * 200), many)
    summary = summary_of(many)
    assert summary.rows == 200 * table.num_rows
    assert len(summary.worst) == 500
    assert [one.row for one in summary.worst[:2]] == sorted(one.row for one in summary.worst[:2])
