"""What browsers load for a console: noVNC and xterm.js, installed by `make console`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).resolve().parent / "page"
_MODULES = PAGE / "node_modules"
_FOLDERS: Final = {
    "page": PAGE / "own",
    "novnc": _MODULES / "@novnc" / "novnc",
    "xterm": _MODULES / "@xterm" / "xterm",
    "fit": _MODULES / "@xterm" / "addon-fit",
}
_NEEDED: Final = (
    _FOLDERS["novnc"] / "core" / "rfb.js",
    _FOLDERS["xterm"] / "lib" / "xterm.mjs",
    _FOLDERS["fit"] / "lib" / "addon-fit.mjs",
)
_TYPES: Final = {".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css"}


def are_installed() -> bool:
    """Whether there is everything that a console's page loads."""
    return all(file.is_file() for file in _NEEDED)


def find_file(name: str) -> tuple[Path, str] | None:
    """A file that a page may load, and its type; None for anything else."""
    folder, _, inside = name.partition("/")
    root = _FOLDERS.get(folder)
    if root is None:
        return None
    path = (root / inside).resolve()
    kind = _TYPES.get(path.suffix)
    if kind is None or not path.is_relative_to(root.resolve()) or not path.is_file():
        return None
    return path, kind
