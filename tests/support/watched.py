"""How often a verifier is rebuilt in other processes."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    import certpath


class Watched:
    """A verifier that leaves a file behind wherever it is rebuilt."""

    def __init__(self, inner: certpath.Verifier, folder: str) -> None:
        self.inner, self.folder = inner, folder
        descriptor = os.open(f"{folder}/{os.getpid()}", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(descriptor, b"x")
        os.close(descriptor)

    def __reduce__(self) -> tuple[Any, ...]:
        return Watched, (self.inner, self.folder)

    def check_arrow(self, data: Any, **settings: Any) -> Any:
        return self.inner.check_arrow(data, **settings)


def rebuilt(folder: Path) -> list[int]:
    """How often, for each of the other processes."""
    return sorted(len(file.read_bytes()) for file in folder.iterdir() if file.name != str(os.getpid()))
