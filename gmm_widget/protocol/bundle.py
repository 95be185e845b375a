"""The built front end, as text."""

from __future__ import annotations

from pathlib import Path


def bundled(name: str) -> str:
    """A file of the built front end; ImportError says how to build it."""
    path = Path(__file__).parents[1] / "static" / name
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ImportError(
            f"{path} has not been built; install the package with pip, or in a checkout run "
            "`npm ci && npm run build` in js/"
        ) from None
