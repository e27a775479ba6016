"""``certpath explain``: one chain, from a file or a live host, and all that there is to say of it."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

from certpath import Certificate
from certpath._explanation import explanation_of
from certpath.cli.judging import make_verifier
from certpath.cli.live import presented_chain
from certpath.cli.outputs import replacing
from certpath.cli.tree import print_explanation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certpath.cli.options import ExplainOptions, Options

__all__ = ["explain"]


def explain(options: Options, asked: ExplainOptions, *, warn: Callable[[str], None]) -> bool:
    """Explain the chain that `options` name; whether it is valid.

    Raises `UsageError` if there is no chain: a file that cannot be read, a host that does not answer.
    """
    verifier = make_verifier(options, warn=warn)
    chain, peer = presented_chain(options, verifier)
    verdict = verifier.check(chain, options.name, at=options.at)
    explanation = explanation_of(verifier, _readable(chain), verdict)
    if asked.svg is not None:
        from certpath.cli.drawing import svg  # noqa: PLC0415 - few ask for it

        with replacing(asked.svg, option="--svg") as stream:
            stream.write(svg(explanation, peer))
    if asked.as_json:
        document = explanation.to_dict() | {"peer": None if peer is None else peer.to_dict()}
        print(json.dumps(document, indent=2))
    else:
        if isinstance(sys.stdout, io.TextIOWrapper):
            # A terminal may not know the characters that trees are drawn with.
            sys.stdout.reconfigure(errors="replace")
        print_explanation(explanation, peer, sys.stdout)
    return verdict.ok


def _readable(chain: Sequence[bytes]) -> list[Certificate]:
    """What of the chain can be read; the verdict tells of the others."""
    found = []
    for der in chain:
        try:
            found.append(Certificate(der))
        except ValueError:
            continue
    return found
