"""Handshakes in memory, and what both sides saw of them."""

from __future__ import annotations

import dataclasses
import re
import ssl
from typing import Any


@dataclasses.dataclass
class Side:
    """How a handshake came out on one side, so that two runs can be compared."""

    outcome: str = "ok"
    error: BaseException | None = None
    peer_certificate: Any = None
    peer_der: bytes | None = None
    version: str | None = None

    def compared(self) -> tuple[Any, ...]:
        """All of it, without what may differ: our own class, and the line in CPython's source."""
        return (self.outcome, describe(self.error), self.peer_certificate, self.peer_der, self.version)


def describe(error: BaseException | None) -> tuple[Any, ...] | None:
    """An exception as a handler sees it; `VerificationError` counts as the class that it mirrors."""
    if error is None:
        return None
    kind: type[BaseException] = type(error)
    if kind.__module__ == "certpath":
        kind = ssl.SSLCertVerificationError
    attributes = ("errno", "reason", "library", "verify_code", "verify_message", "filename")
    args = tuple(without_line(arg) for arg in error.args)
    return (kind, args, without_line(str(error)), *(getattr(error, name, None) for name in attributes))


def without_line(text: Any) -> Any:
    return re.sub(r" \(_ssl\.c:\d+\)", "", text) if isinstance(text, str) else text


def attempt(action: Any) -> tuple[Any, tuple[Any, ...] | None]:
    """The result of a call, or its exception described."""
    try:
        return action(), None
    except BaseException as error:  # noqa: BLE001 - whatever it is, both sides have to raise it
        return None, describe(error)


class Link:
    """Two endpoints whose octets are carried by hand."""

    def __init__(
        self,
        client: ssl.SSLContext,
        server: ssl.SSLContext,
        name: str | None = "localhost",
        session: ssl.SSLSession | None = None,
    ) -> None:
        self._to_client, self._to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(self._to_client, self._to_server, server_hostname=name, session=session)
        self.server = server.wrap_bio(self._to_server, self._to_client, server_side=True)

    def shake(self) -> tuple[Side, Side]:
        """Run the handshake to its end on both sides, then one message each way."""
        sides = {"client": Side(), "server": Side()}
        ends: dict[str, ssl.SSLObject] = {"client": self.client, "server": self.server}
        done: set[str] = set()
        for _ in range(10):
            for role, end in ends.items():
                if role not in done and self._step(sides[role], end.do_handshake):
                    done.add(role)
        for role in ends:
            if sides[role].outcome == "ok" and role not in done:
                sides[role].outcome = "waits"
        # In TLS 1.3 a server's refusal reaches a client that has finished: reading shows it.
        if sides["server"].outcome == "ok" and sides["client"].outcome == "ok":
            self.server.write(b"hello")
        if sides["client"].outcome == "ok":
            self._step(sides["client"], self.client.read)
        for role, end in ends.items():
            side = sides[role]
            side.version = end.version()
            if side.outcome == "ok":
                side.peer_certificate, side.peer_der = end.getpeercert(), end.getpeercert(True)
        return sides["client"], sides["server"]

    @staticmethod
    def _step(side: Side, action: Any) -> bool:
        try:
            action()
        except ssl.SSLWantReadError:
            return False
        except (OSError, ValueError) as error:
            side.outcome, side.error = "failed", error
        return True
