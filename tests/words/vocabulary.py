"""A small vocabulary of our own, shaped like the real one."""

from commands.grammar import (
    DISK_INCREMENT,
    FORCE,
    GUEST,
    GUESTS,
    NODE,
    POOL,
    TAG,
    TEXT,
    USER,
    Form,
    Nouns,
    Registry,
    argument,
    choice,
    line,
    option,
    whole,
)
from commands.help import add_help
from nubemox_bot.blockkit import Reply
from nubemox_bot.blockkit.views import input_, modal, text_input

MEMORY = option("--memory", whole(16, 1 << 20, unit="MiB", example=2048), "Memory", to="memory_mib")


class CreateForm(Form):
    """The smallest form: a name."""

    name = "guest.create"

    def loading(self):
        return "Create"

    def view(self, context, asked, state):
        return modal("Create", [input_("name", "Name", text_input())], submit="Create")

    def words(self, asked, values):
        return line("ct create", values["name"])


def small_registry() -> Registry:
    registry = Registry()
    vm = registry.noun("vm", "Virtual machines", plurals=("vms",))
    ct = registry.noun("ct", "Containers", aliases=("container",), plurals=("cts", "containers"))
    guests = Nouns(vm, ct)

    def said(context, **arguments):
        return Reply(f"{context.noun} {arguments}")

    guests.verb(
        "list",
        aliases=("ls",),
        options=[option("--pool", POOL, "In a pool"), option("--tag", TAG, "With a tag")],
        summary="List your guests",
    )(said)
    guests.verb(
        "start", needs=GUESTS, mutates=True, dry_run=True, summary="Start", examples=("web-1",)
    )(said)
    guests.verb(
        "stop",
        needs=GUESTS,
        options=[FORCE, option("--tag", TAG, "Tagged")],
        mutates=True,
        dry_run=True,
        summary="Stop",
    )(said)
    guests.verb(
        "resize",
        needs=GUEST,
        options=[MEMORY, option("--disk", DISK_INCREMENT, "More disk", to="disk_gib")],
        mutates=True,
        summary="Resize",
    )(said)
    guests.verb(
        "create",
        needs=argument("name", TEXT, label="NAME", required=False),
        options=[option("--reason", TEXT, "Why")],
        mutates=True,
        dry_run=True,
        opens_modal=lambda arguments: arguments["name"] is None,
        form=CreateForm(),
        summary="Create",
    )(said)
    guests.verb(
        "migrate",
        needs=GUEST,
        options=[option("--node", NODE, "Where to", required=True)],
        mutates=True,
        summary="Move to another node",
    )(said)
    guests.verb("snapshot list", needs=GUEST, summary="List snapshots")(said)
    guests.verb(
        "snapshot create",
        needs=[GUEST, argument("name", TEXT, label="NAME", required=False)],
        mutates=True,
        summary="Take a snapshot",
    )(said)
    tenant = registry.noun("tenant", "Tenants")
    tenant.verb(
        "add",
        needs=[argument("name", POOL, label="NAME"), USER],
        options=[option("--role", choice("viewer", "operator", "owner"), "Their role")],
        mutates=True,
        summary="Add a member",
    )(said)
    registry.verb("whoami", summary="Who you are to me")(said)
    add_help(registry)
    return registry
