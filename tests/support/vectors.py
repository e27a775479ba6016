"""Where the conformance vectors are, which are no part of the project."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["shared_folder", "vector_file"]


def shared_folder() -> Path | None:
    """The folder of conformance vectors: ``CERTPATH_SHARED``, else ``shared`` beside the repository."""
    if configured := os.environ.get("CERTPATH_SHARED"):
        folder = Path(configured)
        if not folder.is_dir():
            # Whoever names a folder wants it used.
            raise NotADirectoryError(f"CERTPATH_SHARED is not a folder: {configured}")
        return folder
    beside = Path(__file__).resolve().parents[3] / "shared"
    return beside if (beside / "conformance").is_dir() else None


def vector_file(given: Path | None, name: str) -> Path:
    """The file that a command was given, else the one of that name in the folder; without either it ends."""
    if given is not None:
        return given
    folder = shared_folder()
    if folder is None:
        raise SystemExit("no FILE, and no shared folder: name one, or set CERTPATH_SHARED")
    return folder / "conformance" / name
