"""A hook of mkdocs: what documents link to outside docs/ is no page, and stands there as text.

There is no address of the repository that a page could lead to (pyproject.toml has none).
"""

from __future__ import annotations

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./)+([^)\s]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """The text of a page, with the names of files of the source in the place of links to them."""
    depth = page.file.src_uri.count("/")
    up = "../" * (depth + 1)

    def told(link: re.Match[str]) -> str:
        if not link[0].partition("](")[2].startswith(up):
            return link[0]  # another page
        return link[1] if link[1].strip("`") == link[2] else f"{link[1]} (`{link[2]}`)"

    return OUTSIDE.sub(told, markdown)
