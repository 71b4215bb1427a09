"""How a new guest looks in Slack, from asked for to ready."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final

from nubemox_bot.approvals.model import Plan
from nubemox_bot.blockkit.builders import context, fields, section
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, told, when
from nubemox_bot.core.errors import error_from
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.creation.model import Blueprint
from nubemox_bot.operations.model import Operation
from nubemox_bot.operations.phrases import Button, Phrases
from nubemox_bot.pve.model import GuestKind
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.policy import Action

_ADDRESSES_SHOWN = 5
_KEYS_SHOWN = 3
# The account that cloud images let in when nobody chose one, by the beginning of their name.
_CLOUD_USERS: Final = {
    "debian": "debian",
    "ubuntu": "ubuntu",
    "fedora": "fedora",
    "rocky": "rocky",
    "alma": "almalinux",
    "centos": "cloud-user",
    "rhel": "cloud-user",
    "alpine": "alpine",
    "arch": "arch",
    "opensuse": "opensuse",
    "freebsd": "freebsd",
}


def facts(blueprint: Blueprint) -> list[tuple[str, str]]:
    """What an approval card shows of a new guest besides its size."""
    found = [
        (N_("Made from"), blueprint.template),
        (N_("Pool"), blueprint.poolid),
        (N_("Node"), blueprint.node),
        (N_("Storage"), blueprint.storage),
        (N_("Bridge"), blueprint.bridge),
        (N_("Address"), blueprint.address or "DHCP"),
    ]
    if blueprint.other_gib:
        found.append((N_("More disks, with the template"), f"{blueprint.other_gib} GiB"))
    return found


def card(operation: Operation) -> Sequence[Block]:
    """A guest that is ready: everything one needs to use it."""
    blueprint = Blueprint.of(operation.parameters["blueprint"])
    results = operation.results
    addresses = [str(each) for each in results.get("addresses") or ()]
    disk_gib = blueprint.disk_gib + blueprint.other_gib
    shown = [
        (_("Name"), f"*{mrkdwn(operation.name)}*"),
        (_("Number"), code(str(operation.vmid))),
        (_("Node"), mrkdwn(operation.node or "")),
        (_("Pool"), mrkdwn(operation.poolid or "")),
        (_("Size"), size_words(blueprint.cores, blueprint.memory_mib, disk_gib)),
        (_("Address"), _addresses(addresses, results, blueprint)),
    ]
    if blueprint.days and operation.ended_at:
        ends_at = operation.ended_at + timedelta(days=blueprint.days)
        shown.append((_("Lease until"), when(ends_at)))
    else:
        shown.append((_("Lease"), _("without an end")))
    blocks: list[Block] = [fields([f"*{name}*\n{value}" for name, value in shown], "ready-facts")]
    if trouble := _trouble(results):
        blocks.append(section(trouble, "ready-trouble"))
    if blueprint.volid and not blueprint.ssh_keys:
        # Made from a file: nobody has a password in it. A copy may have its template's users.
        blocks.append(
            context([_("No SSH key went in, so the console is the only way in.")], "keys")
        )
    elif "started_at" in results and not trouble:
        blocks.append(section(_way_in(blueprint, addresses), "ready-way-in"))
    return blocks


def size_words(cores: int, memory_mib: int, disk_gib: int) -> str:
    """A size in words."""
    return _("{cores}, {memory} GiB memory, {disk} GiB disk").format(
        cores=ngettext("{n} core", "{n} cores", cores).format(n=cores),
        memory=f"{memory_mib / 1024:.1f}".removesuffix(".0"),
        disk=disk_gib,
    )


def _addresses(addresses: Sequence[str], results: Mapping[str, Any], blueprint: Blueprint) -> str:
    if addresses:
        return ", ".join(code(each) for each in addresses[:_ADDRESSES_SHOWN])
    if "started_at" not in results or "start_error" in results:
        return _("none, since it is not running")
    if blueprint.address:
        return _("{address}, not seen yet").format(address=code(blueprint.address))
    return _("no address yet; its status shows it when there is one")


def _trouble(results: Mapping[str, Any]) -> str:
    kept = results.get("start_error")
    if not kept:
        return ""
    data = {key: told(value) for key, value in kept["data"].items()}
    error = error_from(kept["code"], data)
    why = f"{error.message()} {error.advice()}".strip() if error else ""
    return _(":warning: It was made, but it does not run. {why}").format(why=why)


def _way_in(blueprint: Blueprint, addresses: Sequence[str]) -> str:
    given = blueprint.address.partition("/")[0]
    address = given or next((each for each in addresses if ":" not in each), "")
    address = address or next(iter(addresses), "")
    if not address:
        return _("When it has an address: {line}").format(
            line=code(f"ssh {_login(blueprint)}ADDRESS")
        )
    return code(f"ssh {_login(blueprint)}{address}")


def _login(blueprint: Blueprint) -> str:
    if blueprint.kind is GuestKind.LXC:
        return "root@"
    name = blueprint.template.casefold()
    known = (user for start, user in _CLOUD_USERS.items() if name.startswith(start))
    user = blueprint.user or next(known, "")
    return f"{user}@" if user else ""


def plan(found: Plan) -> Reply:
    """The calls that would make it."""
    return tenancy_views.plan(found.calls)


_STEPS: Final = {
    "create": N_("{target} is being made, asked by {who}."),
    "settle": N_("{target} is made and gets its settings, asked by {who}."),
    "grow": N_("{target} is made and its disk grows, asked by {who}."),
    "start": N_("{target} is made and starts, asked by {who}."),
    "run": N_("{target} is made and starts, asked by {who}."),
    "address": N_("{target} runs and waits for its address, asked by {who}."),
}

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.GUEST_CREATE: Phrases(
        asked=_STEPS["create"],
        done=N_("{target} is ready. Made for {who} in {took}."),
        failed=N_("{target} was not made for {who}."),
        still_running=N_("{target} is still being made after {took}; Proxmox VE goes on with it."),
        after_done=(
            Button(N_("Console"), "{noun} console {vmid}"),
            Button(N_("Stop"), "{noun} stop {vmid}"),
            Button(N_("Snapshot"), "{noun} snapshot create {vmid}"),
            Button(N_("Extend"), "lease extend {vmid}"),
        ),
        after_unchanged=(),
        after_failed=(("storage_full", Button(N_("Show the storages"), "storage list")),),
        steps=_STEPS,
        card=card,
    ),
}
