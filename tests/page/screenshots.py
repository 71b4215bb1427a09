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
            _form(screen, demo)
            _home(screen, demo)
            _refusal(screen, demo)
            _phone(screen, demo)
            _graph(screen, demo)
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


def _form(screen: Screen, demo: Demo) -> None:
    """Ana asks for a container in one form; Carla approves; the message becomes the ready card."""
    screen.size(1080, 900)
    screen.open(demo.url, "ana", "acme")
    screen.says("/nubemox ct create")
    screen.chooses("dialog [data-block=template]", "debian-12")
    screen.chooses("dialog [data-block=size]", "Large")
    screen.types("dialog [data-block=name] input", "web-7")
    screen.await_(lambda: "Quota of acme" in screen.find("dialog .body").text, what="the quota")
    _take(screen, "form")
    screen.presses("Create", "dialog")
    asked = screen.sees("asked for a new container").get_attribute("data-ts")
    screen.become("carla")
    screen.goes_to("dm")
    screen.presses("Approve", ".message:last-child")
    label = screen.await_(lambda: screen.find("dialog button[type=submit]").text, what="a form")
    screen.presses(label, "dialog")
    screen.await_(lambda: not screen.every("dialog"), what="the form to close")
    screen.become("ana")
    screen.goes_to("acme")
    screen.await_(lambda: "is ready" in screen.find(f"[data-ts='{asked}']").text, 30, "the card")
    screen.size(1080, 860)
    screen.driver.execute_script("document.querySelector('.message:last-child').scrollIntoView()")
    _take(screen, "ready")


def _graph(screen: Screen, demo: Demo) -> None:
    """A guest's last day, drawn."""
    screen.size(1080, 860)
    screen.open(demo.url, "ana", "dm")
    screen.says("ct graph web-2 --hours 24")
    screen.await_(lambda: screen.find(".message .b-image img").get_property("naturalWidth"))
    screen.await_(lambda: screen.find(".message:last-child .b-image").is_displayed())
    _take(screen, "graph")


def _home(screen: Screen, demo: Demo) -> None:
    """What ana has, in the bot's Home tab."""
    screen.size(1100, 760)
    screen.open(demo.url, "ana", "dm")
    screen.find("[data-tab=home]").click()
    screen.await_(lambda: "web-7" in screen.find(".home").text, what="home")
    _take(screen, "home")


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
