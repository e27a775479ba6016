"""``certpath explain``: one chain, from a file or a live host, and all that there is to say of it."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

from certpath import Certificate
from certpath._explanation import explanation_of
from certpath.cli.inputs import Unjudged, read_chains
from certpath.cli.judging import make_verifier
from certpath.cli.options import UsageError
from certpath.cli.outputs import replacing
from certpath.cli.tree import print_explanation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from certpath import Verifier
    from certpath.cli.live import Peer
    from certpath.cli.options import ExplainOptions, Options
    from certpath.cli.values import Address

__all__ = ["chain_of_file", "explain"]


def explain(options: Options, asked: ExplainOptions, *, warn: Callable[[str], None]) -> bool:
    """Explain the chain that `options` name; whether it is valid.

    Raises `UsageError` if there is no chain: a file that cannot be read, a host that does not answer.
    """
    verifier = make_verifier(options, warn=warn)
    chain, peer = (
        (chain_of_file(options.files[0]), None)
        if asked.address is None
        else _from_host(asked.address, verifier, options, asked)
    )
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


def chain_of_file(file: str) -> list[bytes]:
    """The chain in `file`. Raises `UsageError` if there is not exactly one."""
    presented = list(read_chains([file]))
    if len(presented) > 1:
        raise UsageError(f"{file} is a folder with {len(presented)} chains, and this is about one at a time")
    chain = presented[0].chain
    if isinstance(chain, Unjudged):
        raise UsageError(f"{file}: {chain.complaint}")
    return chain


def _from_host(
    address: Address, verifier: Verifier, options: Options, asked: ExplainOptions
) -> tuple[list[bytes], Peer]:
    from certpath.cli.live import ask  # noqa: PLC0415 - nothing connects unless it is asked for

    try:
        peer = ask(
            address,
            starttls=asked.starttls,
            name=options.name,
            sni=asked.sni,
            timeout=asked.timeout,
            verifier=verifier,
        )
    except (OSError, ValueError) as error:  # ValueError: a name that no resolver is asked for
        raise UsageError(f"{address}: {getattr(error, 'strerror', None) or error}") from None
    if not peer.chain:
        raise UsageError(f"{address}: sent no certificate")
    return list(peer.chain), peer


def _readable(chain: Sequence[bytes]) -> list[Certificate]:
    """What of the chain can be read; the verdict tells of the others."""
    found = []
    for der in chain:
        try:
            found.append(Certificate(der))
        except ValueError:
            continue
    return found
