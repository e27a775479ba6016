"""``certpath report``: what a file of verdicts comes to, as one page that asks for nothing outside itself.

The file is gone through a batch at a time, and what is kept of it is bounded. Bars are those that HTML has
(``meter``). Everything foreign is escaped, and the page's policy lets it run no script and load nothing but
its own.
"""

from __future__ import annotations

import base64
import collections
import hashlib
import html
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from certpath import __version__
from certpath._display import common_name, shortened
from certpath.cli.outputs import replacing
from certpath.cli.verdict_files import BATCH_ROWS, open_verdicts, pyarrow_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from certpath.cli.options import ReportOptions

__all__ = ["report"]

_MOST_COUNTED = 100_000
"""Different values of one column that are counted; the rarest are dropped beyond that."""
_BARS = 15
_WORST = 500
_UNTOLD = "not in these verdicts: certpath check --cert-info tells them"
_NEEDED = ("status", "ok", "findings", "name", "verify_code", "deployment", "weak", "stores_now", "not_after")
_OPTIONAL = ("key", "domain", "ip", "port", "issuer", "leaf_not_after")


class _Worst(NamedTuple):
    """A refused row, in the order in which the worst come first."""

    findings: int
    row: int
    host: str
    status: str
    code: int | None
    names: tuple[str, ...]
    faults: tuple[str, ...]


class _Counts:
    """How often each value of a column occurs, in bounded memory."""

    def __init__(self) -> None:
        self.counts: collections.Counter[str] = collections.Counter()
        self.is_cut = False

    def add(self, values: Any) -> None:
        """Count the texts of an Arrow array."""
        for pair in values.value_counts().to_pylist():
            if pair["values"] is not None:
                self.counts[str(pair["values"])] += pair["counts"]
        if len(self.counts) > _MOST_COUNTED:
            self.counts = collections.Counter(dict(self.counts.most_common(_MOST_COUNTED // 2)))
            self.is_cut = True


class _Summary:
    """What the page is about."""

    def __init__(self) -> None:
        self.rows = 0
        self.accepted = 0
        names = ("statuses", "reasons", "faults", "weak", "issuers", "expiring", "stores")
        self.counts = {name: _Counts() for name in names}
        self.worst: list[_Worst] = []
        self.tells_issuers = True

    def add(self, batch: Any, compute: Any, first_row: int) -> None:
        """Count the rows of one batch."""
        column = batch.column
        self.rows += batch.num_rows
        self.accepted += compute.sum(column("ok")).as_py() or 0
        self.counts["statuses"].add(column("status"))
        findings = column("findings")
        lengths = compute.list_value_length(findings)
        some = compute.greater(lengths, 0)
        names = findings.values.field("name")
        starts = findings.offsets.slice(0, batch.num_rows)
        self.counts["reasons"].add(names.take(starts.filter(some)))
        for name, source in (("faults", "deployment"), ("weak", "weak"), ("stores", "stores_now")):
            self.counts[name].add(compute.list_flatten(column(source)))
        self.tells_issuers = "issuer" in batch.schema.names
        if self.tells_issuers:
            self.counts["issuers"].add(column("issuer"))
        until = column("leaf_not_after" if "leaf_not_after" in batch.schema.names else "not_after")
        valid = until.filter(column("ok"))
        self.counts["expiring"].add(compute.strftime(valid, format="%Y-%m"))
        self._add_worst(batch, compute, lengths, first_row)

    def _add_worst(self, batch: Any, compute: Any, lengths: Any, first_row: int) -> None:
        """Keep the rows with the most findings, the first ones among equals."""
        refused = compute.indices_nonzero(compute.invert(batch.column("ok")))
        counts = lengths.take(refused)
        order = compute.array_sort_indices(compute.negate(compute.cast(counts, "int64")))
        for index in refused.take(order.slice(0, _WORST)).to_pylist():
            row = batch.slice(index, 1).to_pylist()[0]
            names = tuple(finding["name"] for finding in row["findings"])
            self.worst.append(
                _Worst(
                    len(names),
                    first_row + index,
                    _host(row),
                    row["status"],
                    row["verify_code"],
                    names,
                    tuple(row["deployment"]),
                )
            )
        self.worst.sort(key=lambda one: (-one.findings, one.row))
        del self.worst[_WORST:]


def _host(row: dict[str, Any]) -> str:
    """What a row is called by whoever has made the scan; hosts of one name differ by their address."""
    address = row.get("ip")
    named = row["name"] or row.get("domain") or address or row.get("key") or "(no name)"
    port = f":{row['port']}" if row.get("port") else ""
    return f"{named}{port} ({address})" if address and address != named else f"{named}{port}"


def report(options: ReportOptions) -> None:
    """Write the page. Raises `UsageError` if the verdicts cannot be read, or the page cannot be written."""
    summary = _summary_of(options.verdicts)
    with replacing(options.output) as stream:
        stream.writelines(_page(summary, options.verdicts.name))


def _summary_of(path: Path) -> _Summary:
    _, compute, _ = pyarrow_for("report")
    summary = _Summary()
    with open_verdicts(path, "report", _NEEDED) as file:
        there = file.schema_arrow.names
        # Of findings their names alone: facts and sentences are most of the file.
        paths = (file.schema.column(index).path for index in range(len(file.schema)))
        names = [path for path in paths if re.fullmatch(r"findings\.\w+\.\w+\.name", path)]
        columns = [name for name in (*_NEEDED, *_OPTIONAL) if name in there and name != "findings"] + names
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            summary.add(batch, compute, summary.rows)
    return summary


_STYLE = """
:root { color-scheme: light dark; --text: #1f2328; --page: #fff; --dim: #59636e; --line: #d1d9e0 }
:root { --card: #f6f8fa }
@media (prefers-color-scheme: dark) {
:root { --text: #f0f6fc; --page: #0d1117; --dim: #9ea7b3; --line: #3d444d; --card: #151b23 }
}
body { font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page) }
body { margin: 0 auto; max-width: 70rem; padding: 1rem }
h1 { font-size: 1.6rem }
h2 { font-size: 1.15rem; margin: 0 0 .5rem }
.cards { display: grid; gap: 1rem; align-items: start }
.cards { grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)) }
section { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem }
section { min-width: 0 }
section.wide { margin-top: 1rem; overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; padding: .2rem .5rem; vertical-align: top; overflow-wrap: anywhere }
th { overflow-wrap: normal }
td.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
td.bar { width: 6rem }
meter { width: 6rem; height: 1rem }
.dim { color: var(--dim) }
.worst td { border-top: 1px solid var(--line); min-width: 7rem }
.worst td:first-child { min-width: 14rem }
.worst td.n { min-width: 0 }
th button { font: inherit; font-weight: 600; background: none; border: 0; color: inherit }
th button { padding: 0; cursor: pointer }
input { font: inherit; max-width: 100%; box-sizing: border-box }
"""

_SCRIPT = """
const table = document.getElementById("worst"), body = table.tBodies[0];
const search = document.getElementById("search"), said = document.getElementById("said");
const heads = table.querySelectorAll("th");
heads.forEach((head, column) => head.firstElementChild.addEventListener("click", () => {
const up = head.getAttribute("aria-sort") !== "ascending", sign = up ? 1 : -1;
heads.forEach(other => other.removeAttribute("aria-sort"));
head.setAttribute("aria-sort", up ? "ascending" : "descending");
const of = row => row.cells[column].textContent;
const compare = (a, b) => sign * of(a).localeCompare(of(b), "en", { numeric: true });
body.append(...[...body.rows].sort(compare));
}));
search.addEventListener("input", () => {
const word = search.value.toLowerCase();
let shown = 0;
for (const row of body.rows) {
row.hidden = !row.textContent.toLowerCase().includes(word);
shown += !row.hidden;
}
said.textContent = shown + " shown";
});
"""


def _hash(text: str) -> str:
    """A source of a content security policy: this text and no other."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _shown(text: str, longest: int = 100) -> str:
    return html.escape(shortened(text, longest))


def _page(summary: _Summary, name: str) -> Iterator[str]:
    policy = (
        f"default-src 'none'; style-src {_hash(_STYLE)}; script-src {_hash(_SCRIPT)}; "
        "base-uri 'none'; form-action 'none'"
    )
    title = f"Certificate report: {_shown(name)}"
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n"
    share = f", {100 * summary.accepted / summary.rows:.1f} %" if summary.rows else ""
    yield f"<p>{summary.rows:,} chains, {summary.accepted:,} accepted{share}.</p>\n"
    yield '<div class="cards">\n'
    counts = summary.counts
    for heading, which in (
        ("Verdicts", "statuses"),
        ("Main reasons", "reasons"),
        ("Chain faults", "faults"),
        ("Weak keys and signatures", "weak"),
        ("Issuers", "issuers"),
        ("Trusted by store, whatever the name", "stores"),
    ):
        untold = which == "issuers" and not summary.tells_issuers
        yield from _bars(heading, counts[which], summary.rows, _UNTOLD if untold else "none")
    yield from _calendar(counts["expiring"], summary.rows)
    yield "</div>\n"
    yield from _table(summary)
    yield f'<p class="dim">certpath {__version__}</p>\n</main>\n'
    yield f"<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def _bars(heading: str, counted: _Counts, rows: int, nothing: str) -> Iterator[str]:
    yield f"<section>\n<h2>{heading}</h2>\n"
    ordered = sorted(counted.counts.items(), key=lambda item: (-item[1], item[0]))
    yield from _rows(ordered[:_BARS], rows, nothing)
    left = len(ordered) - _BARS
    if left > 0 or counted.is_cut:
        more = "more than " if counted.is_cut else ""
        yield f'<p class="dim">and {more}{max(left, 0):,} others</p>\n'
    yield "</section>\n"


def _calendar(counted: _Counts, rows: int) -> Iterator[str]:
    """In which months accepted chains expire: the first ones of them, and the rest as one."""
    yield "<section>\n<h2>Accepted chains expire</h2>\n"
    ordered = sorted(counted.counts.items())
    later = sum(count for _, count in ordered[_BARS:])
    yield from _rows([*ordered[:_BARS], *([("later", later)] if later else [])], rows)
    yield "</section>\n"


def _rows(counts: Iterable[tuple[str, int]], rows: int, nothing: str = "none") -> Iterator[str]:
    counts = list(counts)
    if not counts:
        yield f'<p class="dim">{nothing}</p>\n'
        return
    most = max(count for _, count in counts)
    yield "<table>\n"
    for value, count in counts:
        shown = _shown(common_name(value) if "=" in value else value.replace("_", " "))
        share = f"{100 * count / rows:.1f} %"
        meter = f'<meter min="0" max="{most}" value="{count}" aria-label="{share}"></meter>'
        yield f'<tr><td>{shown}</td><td class="n">{count:,}</td><td class="n">{share}</td>'
        yield f'<td class="bar">{meter}</td></tr>\n'
    yield "</table>\n"


def _table(summary: _Summary) -> Iterator[str]:
    yield '<section class="wide">\n<h2>Worst hosts</h2>\n'
    shown = len(summary.worst)
    refused = summary.rows - summary.accepted
    yield '<p><label>Search <input id="search" type="search"></label> '
    yield f'<span id="said" role="status">{shown:,} shown'
    yield f"</span> of {refused:,} that are refused</p>\n"
    yield '<table id="worst" class="worst">\n<thead><tr>'
    for heading in ("Host", "Verdict", "Code", "Findings", "What", "Chain faults"):
        yield f'<th scope="col"><button type="button">{heading}</button></th>'
    yield "</tr></thead>\n<tbody>\n"
    for one in summary.worst:
        code = "" if one.code is None else one.code
        cells = (_shown(one.host, 253), _shown(one.status), code, one.findings)
        names = ", ".join(itertools.islice(dict.fromkeys(one.names), _BARS)).replace("_", " ")
        faults = ", ".join(one.faults).replace("_", " ")
        yield (
            "<tr>"
            + "".join(f"<td>{cell}</td>" for cell in (*cells, _shown(names, 300), _shown(faults)))
            + "</tr>\n"
        )
    yield "</tbody>\n</table>\n</section>\n"
