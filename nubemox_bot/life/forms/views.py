"""The forms in which a guest's life is changed."""

from __future__ import annotations

from nubemox_bot.blockkit.builders import context, section
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import code, mrkdwn
from nubemox_bot.blockkit.views import View, checkbox, input_, modal, number_input, text_input
from nubemox_bot.core.i18n import _, ngettext
from nubemox_bot.life.model import DiskToGo, Farewell, Sizes
from nubemox_bot.pve.model import Guest, GuestKind


def delete_title() -> str:
    """Above the form, while it is read what goes."""
    return _("Delete a guest")


def name_missing() -> str:
    """Under the field for the name."""
    return _("Type the guest's name.")


def name_differs(name: str) -> str:
    """Under the field for the name."""
    return _("That is not its name: it is called {name}.").format(name=name)


def farewell_form(farewell: Farewell) -> View:
    """What goes, what stays, and the name to be typed."""
    guest = farewell.guest
    blocks: list[Block] = [
        section("\n".join(_what_goes(farewell)), "goes"),
        section("\n".join(_what_stays(farewell)), "stays"),
    ]
    if guest.is_running:
        blocks.append(context([_("It is running, so it is shut down first.")], "running"))
    blocks.append(
        input_(
            "confirm",
            _("Type {name} to confirm").format(name=guest.name),
            text_input(placeholder=guest.name, longest=255, focus=True),
        )
    )
    if farewell.backup_storage:
        box = checkbox(_("Do not back it up before"))
        blocks.append(input_("skip_backup", _("Backup"), box, optional=True))
    return modal(delete_title(), blocks, submit=_("Delete"), close=_("Leave it"))


def resize_title() -> str:
    """Above the form, while it is read how large it is."""
    return _("Another size")


def nothing_chosen() -> str:
    """Under the first field of a form that was sent as it opened."""
    return _("Change at least one of these.")


def resize_form(guest: Guest, now: Sizes) -> View:
    """How large it is, and how large it shall be."""
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    blocks: list[Block] = [
        section(target, "guest"),
        input_(
            "cores",
            _("Cores"),
            number_input(value=now.cores or "", low=1, high=512),
            optional=True,
        ),
        input_(
            "memory",
            _("Memory in MiB"),
            number_input(value=now.memory_mib, low=16, high=4 * 1024 * 1024),
            optional=True,
        ),
    ]
    if guest.kind is GuestKind.LXC:
        swap = number_input(value=now.swap_mib, low=0, high=4 * 1024 * 1024)
        blocks.append(input_("swap", _("Swap in MiB"), swap, optional=True))
    has = _("It has {n} GiB now; a disk only grows.").format(n=f"{now.disk_gib:g}")
    blocks += [
        input_(
            "disk",
            _("GiB more of disk"),
            number_input(low=1, high=128 * 1024),
            hint=has,
            optional=True,
        ),
        input_(
            "reason",
            _("What for"),
            text_input(longest=500, placeholder=_("For whoever has to approve it")),
            optional=True,
        ),
    ]
    return modal(resize_title(), blocks, submit=_("Change"), close=_("Leave it"))


def _what_goes(farewell: Farewell) -> list[str]:
    guest = farewell.guest
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    lines = [_("This goes for good: {target}").format(target=target)]
    lines += [f"• {_disk(disk)}" for disk in farewell.disks]
    if count := len(farewell.snapshots):
        named = ", ".join(mrkdwn(name) for name in farewell.snapshots[:10])
        told = ngettext("{n} snapshot: {names}", "{n} snapshots: {names}", count)
        lines.append(f"• {told.format(n=count, names=named)}")
    return lines


def _disk(disk: DiskToGo) -> str:
    size = _("{n} GiB").format(n=f"{disk.size_gib:g}") if disk.size_gib else ""
    parts = [code(disk.key), size, mrkdwn(disk.storage)]
    return " · ".join(part for part in parts if part)


def _what_stays(farewell: Farewell) -> list[str]:
    lines = []
    if farewell.backup_storage:
        place = mrkdwn(farewell.backup_storage)
        lines.append(_("A backup of it is made on {storage} before.").format(storage=place))
    else:
        lines.append(_("No storage takes backups here, so none is made before."))
    if farewell.backups is None:
        lines.append(_("Its backups stay; how many there are cannot be told now."))
    elif farewell.backups:
        told = ngettext("Its {n} backup stays.", "Its {n} backups stay.", farewell.backups)
        lines.append(told.format(n=farewell.backups))
    return lines


def copy_title() -> str:
    """Above the form of a copy."""
    return _("Copy a guest")


def revival_title() -> str:
    """Above the form of a new guest from a backup."""
    return _("New guest from a backup")


def new_name_missing() -> str:
    """Under the field for the new guest's name."""
    return _("Type a name for the new guest.")


def copy_form(guest: Guest, days: int) -> View:
    """What a copy is called, and how long it may live."""
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    said = [_("A copy of {target} in the same pool, with disks of its own.").format(target=target)]
    if guest.kind is GuestKind.LXC and guest.is_running:
        said.append(_("It runs, so it is copied from a snapshot, which is deleted after."))
    return modal(
        copy_title(),
        [section("\n".join(said), "source"), *_new_fields(f"{guest.name}-2"[:63], days)],
        submit=_("Copy"),
        close=_("Leave it"),
    )


def revival_form(backup: str, days: int) -> View:
    """What the new guest is called, and how long it may live."""
    said = _("A new guest from {backup}; the one that it is of stays as it is.")
    return modal(
        revival_title(),
        [section(said.format(backup=code(backup)), "source"), *_new_fields("", days)],
        submit=_("Make it"),
        close=_("Leave it"),
    )


def _new_fields(name: str, days: int) -> list[Block]:
    lease = number_input(value=days, low=0, high=3650)
    return [
        input_("name", _("Name"), text_input(value=name, longest=63, focus=True)),
        input_("days", _("Lease in days"), lease, hint=_("0 is without an end."), optional=True),
        input_(
            "reason",
            _("What for"),
            text_input(longest=500, placeholder=_("For whoever has to approve it")),
            optional=True,
        ),
    ]
