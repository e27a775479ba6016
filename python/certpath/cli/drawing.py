"""An explanation as SVG: one drawing that reads in light and dark, and asks for nothing outside itself."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING
from xml.etree import ElementTree as Xml

from certpath._display import printable
from certpath.cli.tree import Line, closing_lines, node_lines, opening_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from certpath._explanation import Explanation, Node
    from certpath.cli.live import Peer

__all__ = ["svg"]

_WIDTH = 900
_MARGIN = 16
_INDENT = 28
_LINE = 19
_PADDING = 10
_GAP = 12
# A bit more than a character of the font below is wide, so that no line leaves its card.
_CHARACTER = 7.9

_STYLE = """
text { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
text { fill: #1f2328 }
.bold { font-weight: 600 }
.page { fill: #ffffff }
.card { fill: #f6f8fa; stroke: #d1d9e0 }
.card.bad { fill: #fff4f3; stroke: #cf222e }
.card.off { stroke-dasharray: 4 3 }
.edge { stroke: #818b98; fill: none }
.good { fill: #116329 }
.bad { fill: #b3121d }
.dim { fill: #59636e }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc }
.page { fill: #0d1117 }
.card { fill: #151b23; stroke: #3d444d }
.card.bad { fill: #25171c; stroke: #f85149 }
.edge { stroke: #9198a1 }
.good { fill: #56d364 }
.bad { fill: #ff8f88 }
.dim { fill: #9ea7b3 }
}
"""


class _Drawing:
    """What has been drawn so far, and how far down that goes."""

    def __init__(self) -> None:
        self.parts: list[Xml.Element] = []
        self.y = float(_MARGIN)

    def lines(self, lines: Iterable[Line], x: float) -> None:
        """Lines of text from `x` on, folded at the right edge."""
        for line in _folded(lines, _WIDTH - _MARGIN - x):
            self.y += _LINE
            text = Xml.Element("text", {"x": f"{x:g}", "y": f"{self.y - 5:g}", "class": line.kind})
            text.text = line.text
            self.parts.append(text)

    def node(self, node: Node, depth: int, above: float | None) -> None:
        """A certificate as a card, joined to the one that it has issued, whose bottom is at `above`."""
        x = _MARGIN + depth * _INDENT
        top = self.y
        kind = (
            "card"
            + (" bad" if node.failures or node.sha256 is None else "")
            + ("" if node.on_path else " off")
        )
        card = Xml.Element("rect", {"x": f"{x:g}", "y": f"{top:g}", "rx": "6", "class": kind})
        self.parts.append(card)
        self.y += _PADDING
        self.lines(node_lines(node), x + _PADDING)
        self.y += _PADDING
        card.set("width", f"{_WIDTH - _MARGIN - x:g}")
        card.set("height", f"{self.y - top:g}")
        bottom = self.y
        if above is not None:
            middle = x - _INDENT / 2
            edge = f"M{middle:g} {above:g}V{top + _PADDING + _LINE / 2:g}H{x:g}"
            self.parts.append(Xml.Element("path", {"d": edge, "class": "edge"}))
        self.y += _GAP
        for child in node.children:
            self.node(child, depth + 1, bottom)


def _folded(lines: Iterable[Line], width: float) -> Iterator[Line]:
    most = max(20, int(width / _CHARACTER))
    for line in lines:
        shown = printable(line.text)
        hang = " " * (len(shown) - len(shown.lstrip()))
        folded = textwrap.wrap(shown, most, subsequent_indent=hang + "  ", drop_whitespace=True) or [""]
        for part in folded:
            yield Line(line.kind, part)


def svg(explanation: Explanation, peer: Peer | None = None) -> str:
    """The drawing as text of an SVG file."""
    drawing = _Drawing()
    opening = list(opening_lines(explanation, peer))
    drawing.lines(opening, _MARGIN)
    drawing.y += _GAP
    if explanation.tree is not None:
        drawing.node(explanation.tree, 0, None)
    for stranger in explanation.strangers:
        drawing.node(stranger, 0, None)
    drawing.lines(closing_lines(explanation), _MARGIN)
    height = drawing.y + _MARGIN
    root = Xml.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": f"{_WIDTH}",
            "height": f"{height:g}",
            "viewBox": f"0 0 {_WIDTH} {height:g}",
            "role": "img",
        },
    )
    title = Xml.SubElement(root, "title")
    title.text = opening[0].text.strip() if opening else "certification path"
    style = Xml.SubElement(root, "style")
    style.text = _STYLE
    Xml.SubElement(root, "rect", {"class": "page", "width": f"{_WIDTH}", "height": f"{height:g}"})
    root.extend(drawing.parts)
    return Xml.tostring(root, encoding="unicode") + "\n"
