"""A lock that a forked child finds free, whoever held it in the parent."""

from __future__ import annotations

import os
from threading import RLock

__all__ = ["Lock"]

# How many forks lie between the first process and this one. Who renews locks is guarded by a lock that
# the child itself has made.
_generation = 0
_renewing = RLock()


def _enter_child() -> None:
    global _generation, _renewing  # noqa: PLW0603 - the state of the process; a new child has one thread
    _generation += 1
    _renewing = RLock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_enter_child)


class Lock:
    """A re-entrant lock for ``with``.

    ``fork()`` copies a lock as it is, but of the parent's threads only the one that forked: what another
    one held would be held forever. So in a child, a lock is made anew when it is first asked for, unless
    the thread that has forked held it itself.
    """

    __slots__ = ("_born", "_lock")

    def __init__(self) -> None:
        self._lock = RLock()
        self._born = _generation

    def __enter__(self) -> None:
        if self._born != _generation:
            self._renew()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()

    def _renew(self) -> None:
        with _renewing:
            if self._born == _generation:
                return
            if not self._lock._is_owned():  # type: ignore[attr-defined]  # noqa: SLF001 - `threading.Condition` asks it too
                self._lock = RLock()
            self._born = _generation
