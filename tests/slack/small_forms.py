"""A conversation with one form, and the services behind it that can be slow or refuse."""

from __future__ import annotations

import base64
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from commands.conversation import Conversation
from commands.grammar import (
    TEXT,
    Context,
    Form,
    FormState,
    Invocation,
    Registry,
    argument,
    line,
    option,
    pattern,
    whole,
)
from commands.help import add_help
from nubemox_bot.blockkit import Element, Picture, Reply, actions, button, section
from nubemox_bot.blockkit import option as choice_of
from nubemox_bot.blockkit.views import (
    View,
    checkbox,
    choose,
    input_,
    modal,
    number_input,
    radio,
    search,
    text_input,
)
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_
from playground.slack.chat import Person, Turn
from playground.slack.model import View as ShownView

NAME = pattern("[a-z0-9-]{1,20}", label="NAME", example="web-7", expected="Give a hostname.")
GOOD = {"Name": "web-7", "Cores": 2}
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAADklEQVR4nGNoAAMGCAUAKg4GARWeQtcAAAAASUVORK5C"
    "YII="
)
CHART = Picture(PNG, "web-1.png", "web-1, one hour", "CPU 12 %, memory 512 MiB of 1 GiB")
NODES = {"pve1": ("local", "fast"), "pve2": ("local", "big")}


class NoMore(NubemoxError):
    kind = Kind.FORBIDDEN
    text = N_("There is no guest {vmid} in your pools.")
    remedy = "list"
    remedy_label = "List mine"


@dataclass
class Shop:
    """What the form's services know; `gate` closed: they are slow."""

    made: list[Mapping[str, Any]] = field(default_factory=list)
    taken: set[str] = field(default_factory=lambda: {"web-1"})
    refusal: NubemoxError | None = None
    fault: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    built: list[FormState] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def ask(self) -> None:
        self.gate.wait(20)
        if self.refusal is not None:
            raise self.refusal
        if self.fault is not None:
            raise self.fault


class CreateForm(Form):
    name = "guest.create"

    def loading(self) -> str:
        return "New container"

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        context.services.built.append(state)
        context.services.ask()
        node = state.values.get("node") or "pve1"
        blocks = [
            input_("name", "Name", text_input(placeholder="web-7"), hint="A hostname."),
            input_(
                "node",
                "Node",
                choose([choice_of(one, one) for one in NODES], value="pve1"),
                dispatch_action=True,
            ),
            input_(
                "storage",
                "Storage",
                choose(
                    groups={node: [choice_of(one, one) for one in NODES[node]]},
                    value=NODES[node][0],
                ),
                edition=node,
            ),
            input_("cores", "Cores", number_input(value=2, low=1, high=64)),
            input_("then", "Then", radio([choice_of("Start", "start"), choice_of("Wait", "wait")],
                                         value="start")),
            input_("guest", "Like", search(placeholder="Any guest"), optional=True),
            input_("backup", "Backup", checkbox("Every night"), optional=True),
            section(f"Live: {node}, {state.values.get('cores', '2')} cores", "live"),
            actions([button("More", "form.more", "yes"), run_button("list", "List mine")], "more"),
        ]  # fmt: skip
        if state.values.get("more") == "yes":
            blocks.insert(7, input_("reason", "Reason", text_input(multiline=True)))
        return modal("New container", blocks, submit="Create")

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        if values["name"] == "bad":
            return {"name": "Not such a name."}
        return line(
            "create",
            values["name"],
            cores=values["cores"],
            node=values["node"],
            reason=values.get("reason", ""),
        )

    def check(self, context: Context, heard: Invocation) -> Mapping[str, str]:
        context.services.ask()
        name = heard.arguments["name"]
        return {"name": f"{name} is taken."} if name in context.services.taken else {}

    def options(
        self, context: Context, asked: Invocation, field: str, query: str
    ) -> Sequence[Element]:
        context.services.searched.append(f"{context.actor.name} {field} {query}")
        names = [f"web-{i}" for i in range(150)]
        return [choice_of(name, name) for name in names if query in name]


class PlainForm(Form):
    """Without a check, and without a field."""

    name = "guest.delete"

    def loading(self) -> str:
        return "Delete"

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        return modal("Delete", [section("All of it?", "sure")], submit="Delete")

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str:
        return line("delete", asked.arguments["name"], confirm="yes")


def conversation(shop: Shop) -> Conversation:
    registry = Registry()

    @registry.verb(
        "create",
        needs=argument("name", NAME, required=False),
        options=[
            option("--cores", whole(1, 8), "Cores"),
            option("--node", TEXT, "Node"),
            option("--reason", TEXT, "Why"),
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: said["name"] is None,
        form=CreateForm(),
        summary="Create",
    )
    def create(context: Context, **said: Any) -> Reply:
        context.services.ask()
        context.services.made.append(said)
        return Reply(f"{said['name']} with {said['cores']} cores", in_channel=True)

    @registry.verb(
        "delete",
        needs=argument("name", NAME),
        options=[option("--confirm", TEXT, "Yes")],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: said["confirm"] is None,
        form=PlainForm(),
        summary="Delete",
    )
    def delete(context: Context, **said: Any) -> Reply:
        context.services.made.append(said)
        return Reply(f"{said['name']} is gone", in_channel=True)

    @registry.verb("list", summary="List")
    def list_(context: Context) -> Reply:
        opener = actions([run_button("create", "New")], "row")
        return Reply("You have web-1.", blocks=[section("You have web-1.", "text"), opener])

    @registry.verb("graph", summary="Draw")
    def graph(context: Context) -> Reply:
        return Reply("A chart.", blocks=[section("A chart.", "text")], pictures=[CHART])

    add_help(registry)
    return Conversation(registry, lambda: shop, SystemClock())


def opened(who: Person, words: str = "create", channel: str = "#ops") -> ShownView:
    """The form once it is filled."""
    turn = who.types(f"/nubemox {words}", channel=channel)
    return filled(turn)


def filled(turn: Turn) -> ShownView:
    view = turn.view()
    assert isinstance(view, ShownView)
    turn._workspace.wait_until(lambda: "Loading" not in view.all_text, 5, "the form")
    return view
