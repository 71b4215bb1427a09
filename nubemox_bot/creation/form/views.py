"""How the form of a new guest looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Final

from nubemox_bot.blockkit.builders import Element, actions, button, context, option
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import escape, mrkdwn, plain
from nubemox_bot.blockkit.views import (
    MAX_OPTIONS,
    View,
    checkbox,
    choose,
    input_,
    modal,
    number_input,
    search,
    text_input,
)
from nubemox_bot.core.i18n import N_, _
from nubemox_bot.creation.choices import Choices, named
from nubemox_bot.creation.model import (
    LEAST_MEMORY_MIB,
    MOST_CORES,
    MOST_DISK_GIB,
    MOST_MEMORY_MIB,
    Preset,
)
from nubemox_bot.creation.views import size_words
from nubemox_bot.pve.model import GuestKind, Template

OWN: Final = "own"
"""The size that is said in numbers."""

ANY: Final = "-"
"""A choice that is left to the bot."""

MORE: Final = "more"
_LONGEST_VALUE = 150
_PRESETS: Final = {"small": N_("Small"), "medium": N_("Medium"), "large": N_("Large")}


def loading_title() -> str:
    """The title while the form is being made."""
    return _("New guest")


def title(kind: GuestKind) -> str:
    """The modal's title."""
    return _("New virtual machine") if kind is GuestKind.QEMU else _("New container")


def form(kind: GuestKind, choices: Choices, values: Mapping[str, str], *, wide: bool) -> View:
    """The whole form.

    Args:
        values: what each field shows at first.
        wide: with everything that has a default.
    """
    blocks: list[Block] = []
    if len(choices.pools) > 1:
        blocks.append(_pool(choices))
    blocks += [
        input_(
            "template",
            _("Template"),
            _templates(choices.templates, _chosen(choices, values.get("template", ""))),
            dispatch_action=True,
            edition=choices.poolid if len(choices.pools) > 1 else "",
        ),
        input_(
            "name",
            _("Name"),
            text_input(value=values.get("name", ""), placeholder="web-7", longest=63),
            hint=_("Letters, digits and '-'."),
        ),
        *_size(choices.presets, values),
        _live(choices),
        input_(
            "days",
            _("Lease in days"),
            number_input(value=values.get("days") or choices.days, low=0, high=3650),
            hint=_("How long it may live; 0 for no end."),
        ),
        input_(
            "ssh_key",
            _("SSH public keys"),
            text_input(
                value=values.get("ssh_key") or "\n".join(choices.keys),
                placeholder="ssh-ed25519 AAAA… ana@laptop",
                multiline=True,
            ),
            hint=_("One in each line, from a file whose name ends in .pub. Kept for next time."),
            optional=True,
        ),
        input_(
            "reason",
            _("What is it for?"),
            text_input(value=values.get("reason", ""), multiline=True, longest=500),
            optional=True,
        ),
    ]
    blocks += _places(choices, values) if wide else [_more()]
    return modal(title(kind), blocks, submit=_("Create"), close=_("Cancel"))


def template_value(template: Template) -> str:
    """What stands for a template in a select; empty where it does not fit."""
    for value in (template.reference, template.name):
        if len(value) <= _LONGEST_VALUE:
            return value
    return ""


def search_options(found: Sequence[tuple[str, str]]) -> list[Element]:
    """The lines of a searched select; Slack takes a hundred."""
    fitting = [(label, value) for label, value in found if len(value) <= _LONGEST_VALUE]
    return [option(plain(label), value) for label, value in fitting[:MAX_OPTIONS]]


def _pool(choices: Choices) -> Block:
    pools = [option(plain(poolid), poolid) for poolid in choices.pools]
    return input_("pool", _("Pool"), choose(pools, value=choices.poolid), dispatch_action=True)


def _templates(templates: Sequence[Template], value: str) -> Element:
    files: list[Element] = []
    guests: list[Element] = []
    for template in templates:
        said = template_value(template)
        if not said:
            continue
        line = option(plain(template.name), said, description=_about(template))
        (guests if template.vmid else files).append(line)
    if not files and not guests:
        return search(placeholder=_("There is no template for this"))
    groups = {_("Template files"): files, _("Guest templates"): guests}
    return choose(groups=groups, value=value, placeholder=_("What to make it from"))


def _chosen(choices: Choices, ref: str) -> str:
    """The value in the select of what was named in words; empty when that is not plain."""
    fitting = [template_value(one) for one in named(choices.templates, ref)] if ref else []
    return fitting[0] if len(fitting) == 1 else ""


def _about(template: Template) -> str:
    if template.vmid:
        return str(template.vmid)
    return plain((template.volid or "").partition(":")[0])


def _size(presets: Sequence[Preset], values: Mapping[str, str]) -> list[Block]:
    lines = [
        option(f"{_(_PRESETS[preset.name])}: {size_words(*astuple(preset.size))}", preset.name)
        for preset in presets
    ]
    lines.append(option(_("In numbers of your own"), OWN))
    chosen = values.get("size") or (presets[0].name if presets else OWN)
    blocks = [
        input_("size", _("Size"), choose(lines, value=chosen), dispatch_action=True),
    ]
    if chosen != OWN:
        return blocks
    return [
        *blocks,
        input_(
            "cores",
            _("Cores"),
            number_input(value=values.get("cores") or 1, low=1, high=MOST_CORES),
            dispatch_action=True,
        ),
        input_(
            "memory",
            _("Memory in MiB"),
            number_input(
                value=values.get("memory") or 1024, low=LEAST_MEMORY_MIB, high=MOST_MEMORY_MIB
            ),
            dispatch_action=True,
        ),
        input_(
            "disk",
            _("Disk in GiB"),
            number_input(value=values.get("disk") or 8, low=1, high=MOST_DISK_GIB),
            dispatch_action=True,
        ),
    ]


def _more() -> Block:
    says = _("More: node, storage, network")
    return actions([button(_("More"), MORE, "yes", reads_as=says)], MORE)


def _places(choices: Choices, values: Mapping[str, str]) -> list[Block]:
    node = values.get("node") or ANY
    anything = option(_("Choose for me"), ANY)

    def select(several: Sequence[str], value: str) -> Element:
        lines = [anything, *(option(plain(one), one) for one in several)]
        return choose(lines, value=value or ANY)

    return [
        input_("node", _("Node"), select(choices.nodes, node), dispatch_action=True),
        input_(
            "storage",
            _("Storage"),
            select(choices.storages, values.get("storage", "")),
            edition=f"{node}",
        ),
        input_(
            "bridge",
            _("Network bridge"),
            select(choices.bridges, values.get("bridge", "")),
            edition=f"{node}",
        ),
        input_(
            "address",
            _("Address"),
            text_input(value=values.get("address", ""), placeholder="10.0.0.5/24", longest=40),
            hint=_("Leave it empty for DHCP."),
            optional=True,
        ),
        input_(
            "gateway",
            _("Gateway"),
            text_input(value=values.get("gateway", ""), placeholder="10.0.0.1", longest=40),
            optional=True,
        ),
        input_(
            "start",
            _("Afterwards"),
            checkbox(_("Start it"), checked=values.get("start", "yes") == "yes"),
            optional=True,
        ),
    ]


def _live(choices: Choices) -> Block:
    """What it takes, and whether somebody has to approve."""
    if choices.trouble is not None:
        error = choices.trouble
        said = f":warning: {escape(error.message())} {escape(error.advice())}".rstrip()
        return context([said], "live")
    if choices.runs_at_once is None:
        told = _("Choose a template: what it takes of your quota is shown here.")
        return context([told], "live")
    lines = []
    for each in choices.quotas:
        before, ceiling = each.standing.used, each.standing.ceiling
        after = before + each.takes
        lines.append(
            _(
                "Quota of {pool}: {g0} → {g1} of {g} guests, {c0} → {c1} of {c} cores,"
                " {m0} → {m1} of {m} GiB memory, {d0} → {d1} of {d} GiB disk."
            ).format(
                pool=mrkdwn(choices.poolid) if not each.standing.whose else _("yours"),
                g0=before.guests, g1=after.guests, g=ceiling.guests,
                c0=before.cores, c1=after.cores, c=ceiling.cores,
                m0=_gib(before.memory_mib), m1=_gib(after.memory_mib), m=_gib(ceiling.memory_mib),
                d0=before.disk_gib, d1=after.disk_gib, d=ceiling.disk_gib,
            )
        )  # fmt: skip
    if choices.runs_at_once:
        lines.append(_(":white_check_mark: It is made at once; nobody has to approve it."))
    else:
        lines.append(_(":raising_hand: Somebody has to approve it before it is made."))
    return context([" ".join(lines)], "live")


def _gib(mib: int) -> str:
    return f"{mib / 1024:.1f}".removesuffix(".0")
