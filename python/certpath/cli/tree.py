"""An explanation as text for people; where `rich` is there, in colours and folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from certpath._display import printable, shortened

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from certpath._explanation import Explanation, Failure, Node
    from certpath.cli.live import Peer

__all__ = ["Line", "closing_lines", "node_lines", "opening_lines", "print_explanation"]

_NAMES_SHOWN = 5
_WHO = {"server": "server", "issuer": "issuer", "verifier": "you"}
# Wide enough that nothing is folded where there is no edge to fold at.
_UNBOUNDED = 10_000


class Line(NamedTuple):
    """A line, fit to be shown, and what it is: ``good``, ``bad``, ``dim``, ``bold`` or ``plain``."""

    kind: str
    text: str


_STYLES = {"good": "green", "bad": "red", "dim": "dim", "bold": "bold", "plain": ""}


def opening_lines(explanation: Explanation, peer: Peer | None) -> Iterator[Line]:
    """The verdict; of a live host, that of `ssl` beside it."""
    verdict = explanation.verdict
    whom = f" for {shortened(verdict.name, 260)}" if verdict.name else ", name not checked"
    code = f" (code {verdict.verify_code})" if verdict.verify_code else ""
    message = f": {shortened(verdict.verify_message, 400)}{code}" if verdict.findings else ""
    more = f" (+{len(verdict.findings) - 1} more)" if len(verdict.findings) > 1 else ""
    kind = "good" if verdict.ok else "bad"
    if peer is None:
        yield Line(kind, f"{verdict.status}{whom}{message}{more}")
    else:
        by = f"policy {verdict.policy}, store {shortened(verdict.store)}"
        yield Line("bold", f"{peer.address}, {peer.protocol}{whom}")
        yield Line(kind, f"  certpath: {verdict.status}{message}{more} [{by}]")
        yield Line(
            "good" if peer.ssl.ok else "bad",
            f"  ssl:      {shortened(peer.ssl.told, 400)} [{peer.ssl.library}]",
        )
    for failure in explanation.general:
        yield Line("bad", f"  ✗ {_told(failure)}")


def node_lines(node: Node) -> Iterator[Line]:
    """One certificate of the tree."""
    name = shortened(node.subject) or "(no subject)"
    if node.sha256 is None:
        yield Line("bad", f"✗ {name}")
        yield Line("bad", "nowhere: neither presented nor in the pool or a store")
        return
    mark = "✗" if node.failures else "●" if node.on_path else "○"
    kind = "bad" if node.failures else "bold" if node.on_path else "dim"
    yield Line(kind, f"{mark} {name}")
    yield Line("dim", f"{shortened(', '.join(node.sources))}; {node.key}, signed with {node.signature}")
    yield Line("dim", f"valid {node.not_before or '(unreadable)'} to {node.not_after or '(unreadable)'}")
    for failure in node.failures:
        yield Line("bad", _told(failure))
    if node.passed_over is not None:
        yield Line("dim", f"not taken: {shortened(node.passed_over, 200)}")


def closing_lines(explanation: Explanation) -> Iterator[Line]:
    """What would mend it."""
    if explanation.left_out:
        yield Line("dim", f"{explanation.left_out} more certificates of these names are not shown")
    if explanation.remedies:
        yield Line("bold", "What would mend it:" if not explanation.verdict.ok else "What could be better:")
    for remedy in explanation.remedies:
        yield Line("plain", f"  {_WHO[remedy.who]}: {remedy.text}")


def _told(failure: Failure) -> str:
    """The failure with its rule and what was found."""
    facts = "; ".join(f"{key.replace('_', ' ')} {_fact(value)}" for key, value in failure.facts.items())
    return f"{shortened(failure.message, 400)} [{failure.rule}]{': ' if facts else ''}{facts}"


def _fact(value: object) -> str:
    if isinstance(value, list):
        more = f" and {len(value) - _NAMES_SHOWN} more" if len(value) > _NAMES_SHOWN else ""
        return (" | ".join(shortened(str(one)) for one in value[:_NAMES_SHOWN]) or "(none)") + more
    return shortened(str(value))


def print_explanation(explanation: Explanation, peer: Peer | None, stream: TextIO) -> None:
    """Print everything to `stream`: with `rich`, if it is there, else without colours and folds."""
    try:
        from rich.console import Console  # noqa: PLC0415 - optional
        from rich.text import Text  # noqa: PLC0415 - the same
        from rich.tree import Tree  # noqa: PLC0415 - the same
    except ModuleNotFoundError:
        for line in _plain(explanation, peer):
            print(line, file=stream)
        return
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not stream.isatty():
        console.width = _UNBOUNDED

    def text(lines: Iterator[Line]) -> Text:
        return Text("\n").join(Text(line.text, style=_STYLES[line.kind]) for line in lines)

    def branch(node: Node, tree: Tree | None) -> Tree:
        label = text(node_lines(node))
        made = Tree(label, guide_style="dim") if tree is None else tree.add(label)
        for child in node.children:
            branch(child, made)
        return made

    console.print(text(opening_lines(explanation, peer)))
    if explanation.tree is not None:
        console.print(branch(explanation.tree, None))
    for stranger in explanation.strangers:
        console.print(branch(stranger, None))
    closing = list(closing_lines(explanation))
    if closing:
        console.print(text(iter(closing)))


def _plain(explanation: Explanation, peer: Peer | None) -> Iterator[str]:
    yield from (line.text for line in opening_lines(explanation, peer))
    if explanation.tree is not None:
        yield from _branch(explanation.tree, "", "")
    for stranger in explanation.strangers:
        yield from _branch(stranger, "", "")
    yield from (line.text for line in closing_lines(explanation))


def _branch(node: Node, first: str, rest: str) -> Iterator[str]:
    below = rest + ("│   " if node.children else "    ")
    for number, line in enumerate(node_lines(node)):
        yield f"{below if number else first}{printable(line.text)}"
    for child in node.children:
        is_last = child is node.children[-1]
        yield from _branch(
            child, rest + ("└── " if is_last else "├── "), rest + ("    " if is_last else "│   ")
        )
