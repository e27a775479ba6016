"""For every finding and every fault of a chain as sent: who can mend it, the rule that it is about, and what to do.

The rows of findings are in the table of checks (src/verdict/check.rs), which says what the words in braces are. What
needs more than a sentence is in ``_remedies``.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from certpath._certpath import _checks

__all__ = ["FAULTS", "ISSUER", "SERVER", "TABLE", "VERIFIER", "Who"]

Who: TypeAlias = Literal["server", "issuer", "verifier"]

SERVER: Who = "server"
"""Whoever runs the server, or presents the chain otherwise."""
ISSUER: Who = "issuer"
"""Whoever issues the certificates, or asks for new ones."""
VERIFIER: Who = "verifier"
"""Whoever judges: certpath's caller."""

TABLE: dict[str, tuple[Who, str, str]] = {name: remedy for _, name, _, _, _, remedy in _checks()}
"""By the name of the finding."""

FAULTS: dict[str, tuple[Who, str, str]] = {
    "missing_intermediate": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The server does not send all intermediates. Append those that are missing to the file after its certificate.",
    ),
    "ca_first": (
        SERVER,
        "RFC 8446, 4.4.2",
        "A CA's certificate comes first. Put the server's own certificate first, then its issuer's, and so on.",
    ),
    "wrong_order": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The certificates are in the wrong order. Put the server's own first, and behind each the one that has issued it.",
    ),
    "duplicate": (SERVER, "RFC 8446, 4.4.2", "A certificate is sent twice. Send each only once."),
    "unrelated": (
        SERVER,
        "RFC 8446, 4.4.2",
        "Certificates are sent that have issued none of the others. Leave them out.",
    ),
    "unparseable": (
        SERVER,
        "RFC 5280, 4.1",
        "One of the certificates sent cannot be read. Leave it out, or put the issuer's file in its place.",
    ),
    "root_sent": (
        SERVER,
        "RFC 8446, 4.4.2",
        "The root is sent, too. Leave it out: who trusts it has it, and who does not gains nothing by it.",
    ),
}
"""By the word of `Verdict.deployment`."""
