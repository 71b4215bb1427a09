"""The pictures of docs/images: `make screenshots`. The demo itself, as a stranger meets it."""

from __future__ import annotations

import sys
from pathlib import Path

from playground.demo import Demo
from tests.page.browser import Screen, missing

IMAGES = Path(__file__).resolve().parents[2] / "docs" / "images"
LARGEST_BYTES = 200_000


def main() -> int:
    """Take every picture; the exit status."""
    reason = missing()
    if reason:
        print(f"No pictures without a browser: {reason}.", file=sys.stderr)
        return 1
    IMAGES.mkdir(parents=True, exist_ok=True)
    screen = Screen()
    try:
        with Demo(port=0, say=lambda _line: None) as demo:
            _story(screen, demo)
            _refusal(screen, demo)
            _phone(screen, demo)
    finally:
        screen.quit()
    return 0


def _story(screen: Screen, demo: Demo) -> None:
    """Ana has looked at her containers and started one; another is on its way."""
    screen.size(1280, 800)
    screen.open(demo.url, "ana", "acme")
    screen.says("/nubemox ct start 105")
    screen.sees("web-1 105 is running")
    screen.says("/nubemox ct list")
    screen.sees("4 containers")
    screen.says("/nubemox ct start build-1")
    screen.sees("build-1 108 is starting")
    screen.find(".center .words").send_keys("/nubemox ct st")
    _take(screen, "demo")
    screen.find(".center .words").clear()
    screen.sees("build-1 108 is running")


def _refusal(screen: Screen, demo: Demo) -> None:
    """Bruno asks for Ana's container and hears that there is none, with a way on."""
    screen.size(1000, 640)
    screen.open(demo.url, "bruno", "globex")
    screen.says("/nubemox ct start 105")
    screen.sees("105")
    screen.presses("Mostrar minhas máquinas", ".message:last-child")
    screen.sees("shop-2")
    _take(screen, "refusal")


def _phone(screen: Screen, demo: Demo) -> None:
    """The same story in a hand."""
    screen.size(390, 760, phone=True, scale=2)
    screen.open(demo.url, "ana", "dm")
    screen.says("ct status db-1")
    screen.sees("db-1 107 is running")
    screen.says("vm start win-test")
    screen.sees("win-test 120 is running")
    _take(screen, "phone")


def _take(screen: Screen, name: str) -> None:
    path = IMAGES / f"{name}.png"
    screen.driver.execute_script("document.activeElement.blur()")
    screen.driver.save_screenshot(str(path))
    size = path.stat().st_size
    if size > LARGEST_BYTES:
        raise SystemExit(f"{path.name} has {size} bytes, more than {LARGEST_BYTES}")
    print(f"{path.relative_to(IMAGES.parents[1])}  {size // 1024} kB")


if __name__ == "__main__":
    sys.exit(main())
