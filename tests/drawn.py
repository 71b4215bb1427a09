"""Every payload that any test sends is drawn by the page: one of each shape, at the end of the run.

Whatever a bot or a test's app shows in a playground workspace is remembered by its shape, in every
worker. When all tests are over, a browser opens the page on one payload of each. What the page
cannot draw fails the run, as a failed test does. Part of `make test`; `--draw` does it without
workers too.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from playground.page import Page
from playground.slack import default_workspace
from playground.slack.blocks import HOME, MESSAGE, check_blocks
from playground.slack.methods_views import show_modal
from playground.slack.model import Message, View
from playground.slack.state import State
from playground.slack.view_checks import check_view

Json = dict[str, Any]
_MARKUP = "*_~`<>:\n"
_KEPT = ("type", "style")
_AT_ONCE = 60
_SENT = "payloads"


class Payloads:
    """One example of each shape."""

    def __init__(self) -> None:
        self.seen: dict[str, tuple[str, Json]] = {}

    def add(self, surface: str, payload: Json) -> None:
        """Remember it, if Slack would take it and none like it is known."""
        key = json.dumps([surface, shape_of(payload)])
        if key in self.seen:
            return
        blocks = payload.get("blocks")
        known = isinstance(blocks, list) and (
            check_blocks(blocks, MESSAGE) == []
            if surface == MESSAGE
            else check_view(payload, surface) == []
        )
        if known:  # tests of the page itself also show what nobody knows
            self.seen[key] = (surface, json.loads(json.dumps(payload)))

    def add_all(self, seen: Mapping[str, Iterable[Any]]) -> None:
        """What another worker has seen."""
        for key, (surface, payload) in seen.items():
            self.seen.setdefault(key, (surface, json.loads(payload)))

    def packed(self) -> dict[str, list[str]]:
        """For the way between processes."""
        return {key: [surface, json.dumps(one)] for key, (surface, one) in self.seen.items()}


def shape_of(value: Any) -> Any:
    """The keys, kinds and sorts of markup in a payload, without its words."""
    if isinstance(value, dict):
        return {
            key: one if key in _KEPT and isinstance(one, str) else shape_of(one)
            for key, one in sorted(value.items())
            if not key.endswith("_id")
        }
    if isinstance(value, list):
        return sorted({json.dumps(shape_of(one)) for one in value})
    if isinstance(value, str):
        return "".join(mark for mark in _MARKUP if mark in value)
    return type(value).__name__


class Recorder:
    """Looks over the shoulder of every workspace of this process."""

    def __init__(self) -> None:
        self.payloads = Payloads()
        self._patch = pytest.MonkeyPatch()

    def pytest_sessionstart(self) -> None:
        happened = State.happened

        def recorded(
            state: State,
            kind: str,
            turn: int | None,
            *,
            message: Message | None = None,
            view: View | None = None,
        ) -> None:
            if message is not None and message.user == state.bot.id and not message.deleted:
                self.payloads.add(MESSAGE, {"blocks": message.blocks, "text": message.text})
            if view is not None:
                self.payloads.add(view.kind, view.view)
            happened(state, kind, turn, message=message, view=view)

        self._patch.setattr(State, "happened", recorded)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._patch.undo()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output[_SENT] = self.payloads.packed()


class Drawing:
    """At the end of the run: the page, and a browser in front of it."""

    def __init__(self, payloads: Payloads) -> None:
        self._payloads = payloads
        self._faults: list[str] = []
        self._drawn = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._payloads.add_all(getattr(node, "workeroutput", {}).get(_SENT, {}))

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        from tests.page.browser import missing  # selenium takes a while to import

        if not self._payloads.seen or missing():
            return
        try:
            self._draw()
        except Exception as error:  # noqa: BLE001 - told at the end of the run, as any fault here
            self._faults.append(f"{type(error).__name__}: {error}")
        if self._faults and exitstatus == 0:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._drawn:
            terminalreporter.write_line(
                f"{self._drawn} shapes of payloads that tests sent were drawn by the page; "
                f"{len(self._faults)} could not be",
                red=bool(self._faults),
            )
        for fault in self._faults:
            terminalreporter.write_line(fault, red=True)

    def _draw(self) -> None:
        from tests.page.browser import Screen

        messages = [one for surface, one in self._payloads.seen.values() if surface == MESSAGE]
        views = [(at, one) for at, one in self._payloads.seen.values() if at != MESSAGE]
        workspace = default_workspace()
        Page(workspace)
        with workspace:
            screen = Screen()
            try:
                for first in range(0, len(messages), _AT_ONCE):
                    self._draw_messages(workspace, screen, messages[first : first + _AT_ONCE])
                for surface, view in views:
                    self._draw_view(workspace, screen, surface, view)
            finally:
                screen.quit()

    def _draw_messages(self, workspace: Any, screen: Any, some: list[Json]) -> None:
        state = workspace.state
        name = f"drawn-{self._drawn}"
        place = workspace.add_channel(name, ["ana"])
        with state.changed:
            posted = [state.post(place, state.bot.id, one["text"], one["blocks"]) for one in some]
        screen.open(f"{state.base_url}/", "ana", name)
        screen.await_(lambda: len(screen.messages()) >= len(posted), what="all messages")
        for message, payload in zip(posted, some, strict=True):
            drawn = screen.find(f"[data-ts='{message.ts}']")
            self._look(screen, drawn, payload)

    def _draw_view(self, workspace: Any, screen: Any, surface: str, sent: Json) -> None:
        state, ana = workspace.state, workspace.user("ana")
        if surface == HOME:
            with state.changed:
                view = View(f"V{self._drawn}", ana.id, HOME, "1.hash", [sent], f"V{self._drawn}")
                state.views[view.id], state.homes[ana.id] = view, view.id
                state.touch()
            screen.open(f"{state.base_url}/", "ana", "dm/home")
            drawn = screen.await_(lambda: screen.find(".home"), what="the home tab")
            self._look(screen, drawn, sent)
            return
        with state.changed:
            view = show_modal(state, ana.id, sent, turn=None, push=False)
        drawn = screen.await_(lambda: screen.find("dialog.modal"), what="the modal")
        self._look(screen, drawn, sent)
        ana.closes(view)
        screen.await_(lambda: not screen.every("dialog"), what="the modal's end")

    def _look(self, screen: Any, drawn: Any, payload: Json) -> None:
        self._drawn += 1
        problems = [one.text for one in screen.every(".problem", drawn)]
        blocks = len(screen.every(".block", drawn))
        if problems or blocks < len(payload["blocks"]):
            self._faults.append(f"{problems or 'blocks are missing'}: {json.dumps(payload)[:1500]}")
        for said in screen.complaints():
            if "/file/" not in said:  # pictures have gone with the workspace that had them
                self._faults.append(f"{said}: {json.dumps(payload)[:1500]}")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--draw", action="store_true", help="draw every payload at the end")


def pytest_configure(config: pytest.Config) -> None:
    shared = config.option.dist != "no" and not hasattr(config, "workerinput")
    if shared:
        config.pluginmanager.register(Drawing(Payloads()), "drawing")
        return
    recorder = Recorder()
    config.pluginmanager.register(recorder, "payload-recorder")
    if config.getoption("--draw"):
        config.pluginmanager.register(Drawing(recorder.payloads), "drawing")
