"""Chromium on the page: what a person sees there, and what they do."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable
from typing import Any, TypeVar

from selenium.common.exceptions import (
    ElementClickInterceptedException,
    ElementNotInteractableException,
    NoSuchElementException,
    StaleElementReferenceException,
    TimeoutException,
)
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

T = TypeVar("T")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
AGAIN_S = 0.03
AGAIN_TYPED_S = 2.0
MOVING = (
    StaleElementReferenceException,
    NoSuchElementException,
    ElementClickInterceptedException,
    ElementNotInteractableException,
)


def missing() -> str:
    """Why there can be no browser on this machine; empty when there can."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not installed" if lacking else ""


class Screen:
    """One browser window, and the eyes and hands in front of it."""

    def __init__(self, width: int = 1360, height: int = 900) -> None:
        self._folder = tempfile.mkdtemp(prefix="page-chromium-")
        options = ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*FLAGS, f"--user-data-dir={self._folder}", f"--window-size={width},{height}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.size(width, height)
        self._since = ""

    def quit(self) -> None:
        self.driver.quit()
        shutil.rmtree(self._folder, ignore_errors=True)

    def size(self, width: int, height: int, *, phone: bool = False, scale: float = 1) -> None:
        metrics = {"width": width, "height": height, "deviceScaleFactor": scale, "mobile": phone}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

    def complaints(self) -> list[str]:
        """Errors that the browser has noted: exceptions, and what the page's policy forbids."""
        entries: list[dict[str, Any]] = self.driver.get_log("browser")
        return [str(one["message"]) for one in entries if one["level"] == "SEVERE"]

    # Going places

    def open(self, url: str, person: str, place: str) -> None:
        """Load the page as this person, in a channel or in `dm` or `dm/home`."""
        self.driver.get("about:blank")
        self.driver.get(f"{url}#{person}/{place}")
        name = "dm" if place.startswith("dm") else place
        self.await_(lambda: self.find(f"[data-place='{name}'][aria-current]"), what=place)
        self.notes_the_time()

    def become(self, person: str) -> None:
        self._clicks(f"[data-persona='{person}']")
        self.await_(lambda: self.find(f"[data-persona='{person}'][aria-pressed=true]"), what=person)

    def goes_to(self, place: str) -> None:
        self._clicks(f"[data-place='{place}']")
        self.await_(lambda: self.find(f"[data-place='{place}'][aria-current]"), what=place)

    def _clicks(self, css: str) -> None:
        def clicked() -> bool:
            self.find(css).click()
            return True

        self.await_(clicked, what=css)

    # Looking

    def find(self, css: str, inside: WebElement | None = None) -> WebElement:
        return (inside or self.driver).find_element(By.CSS_SELECTOR, css)

    def every(self, css: str, inside: WebElement | None = None) -> list[WebElement]:
        return (inside or self.driver).find_elements(By.CSS_SELECTOR, css)

    def await_(self, condition: Callable[[], T], within_s: float = 10, what: str = "it") -> T:
        """Wait for something on the screen to be so; while it moves it is looked at again."""
        wait = WebDriverWait(self.driver, within_s, AGAIN_S, MOVING)
        try:
            return wait.until(lambda _driver: condition())
        except TimeoutException:
            seen = self.driver.find_element(By.TAG_NAME, "body").text
            raise AssertionError(f"{what} did not come within {within_s} s; seen: {seen}") from None

    @property
    def text(self) -> str:
        return self.find("body").text

    def messages(self, where: str = ".center") -> list[WebElement]:
        return self.every(f"{where} .message")

    def notes_the_time(self) -> None:
        """What is said from now on is what `sees` looks at."""

        def latest() -> tuple[str]:
            return (max(map(_ts, self.messages()), default=""),)

        (self._since,) = self.await_(latest, what="the messages to stand still")

    def sees(self, words: str, *, where: str = ".center", within_s: float = 10) -> WebElement:
        """The latest message that says this, of those that came since one last said something."""

        def found() -> WebElement | None:
            new = [one for one in self.messages(where) if _ts(one) > self._since]
            hits = [one for one in new if words in one.text]
            return hits[-1] if hits else None

        message = self.await_(found, within_s, f"a message with {words!r}")
        assert message is not None
        return message

    # Doing

    def says(self, text: str, where: str = ".center") -> None:
        """Type into the composer and send."""
        self.notes_the_time()
        box = self.find(f"{where} .composer .words")
        box.send_keys(text)
        if self.every(f"{where} .suggestions:not([hidden])"):
            box.send_keys(Keys.ESCAPE)
        box.send_keys(Keys.ENTER)

    def presses(self, label: str, css: str = "") -> None:
        """Press a button by the words on it, within what a selector names."""

        def pressed() -> bool:
            found = [
                one
                for one in self.every(f"{css} button, {css} a.button".strip())
                if one.text == label and one.is_displayed()
            ]
            if not found:
                return False
            found[-1].click()
            return True

        self.await_(pressed, what=f"a button {label!r}")

    def chooses(self, box: str, words: str) -> None:
        """Type into a select and take what it offers."""

        offered = f"{box} [role=option]"
        typed_at = 0.0

        def picked() -> bool:
            nonlocal typed_at
            found = [one for one in self.every(offered) if words.lower() in one.text.lower()]
            if len(found) == 1:
                found[0].click()
                return True
            if time.monotonic() - typed_at > AGAIN_TYPED_S:  # what is drawn anew forgets it
                field = self.find(f"{box} input[role=combobox]")
                field.click()
                field.send_keys(Keys.CONTROL, "a")
                field.send_keys(words)
                typed_at = time.monotonic()
            return False

        self.await_(picked, what=f"one option {words!r}")

    def types(self, css: str, text: str) -> None:
        def typed() -> bool:
            field = self.find(css)
            field.clear()
            field.send_keys(text)
            return True

        self.await_(typed, what=css)

    def key(self, *keys: str) -> None:
        self.driver.switch_to.active_element.send_keys(*keys)


def _ts(message: WebElement) -> str:
    return message.get_attribute("data-ts") or ""
