"""How the cluster looks in Slack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nubemox_bot.blockkit.builders import context, section
from nubemox_bot.blockkit.lists import listed
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.text import code, mrkdwn
from nubemox_bot.cluster.model import PoolUse
from nubemox_bot.core.i18n import N_, _, ngettext
from nubemox_bot.operations.phrases import Phrases
from nubemox_bot.pve.figures import Reach, TemplateList
from nubemox_bot.pve.model import GuestKind, Node, Storage, Template
from nubemox_bot.tenancy.policy import Action

_GIB = 1024**3

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.POOL_CREATE: Phrases(
        asked=N_("The pool {target} is being made, asked by {who}."),
        done=N_("The pool {target} is there. Made by {who} in {took}."),
        failed=N_("The pool {target} was not made for {who}."),
        still_running=N_("The pool {target} is still being made after {took}."),
    ),
}


def nodes(found: Sequence[Node], page: int = 1) -> Reply:
    """Every node with its load."""
    online = sum(node.is_online for node in found)
    title = _("{online} of {all} nodes are online.").format(online=online, all=len(found))
    shown, blocks = listed(title, found, _node, "node list", page, name="nodes")
    named = ", ".join(_node_short(node) for node in shown.items)
    return Reply(f"{title} {named}", blocks, may_share=True)


def _node_short(node: Node) -> str:
    return f"{mrkdwn(node.name)} {_('online') if node.is_online else _('offline')}"


def _node(node: Node) -> str:
    if not node.is_online:
        return f":red_circle: *{mrkdwn(node.name)}* · {_('offline')}"
    parts = [f":large_green_circle: *{mrkdwn(node.name)}*", _("online")]
    if node.max_cpu:
        parts.append(
            _("processor {percent} % of {cores}").format(
                percent=round(node.cpu_fraction * 100), cores=node.max_cpu
            )
        )
    if node.max_memory_bytes:
        parts.append(
            _("memory {used} of {total} GiB").format(
                used=round(node.memory_bytes / _GIB), total=round(node.max_memory_bytes / _GIB)
            )
        )
    return " · ".join(parts)


def pools(found: Sequence[PoolUse], page: int = 1) -> Reply:
    """The pools that the asker may see."""
    if not found:
        text = _("There are no pools that you may see.")
        return Reply(text, [section(text, "pools-none")])
    title = ngettext("{n} pool", "{n} pools", len(found)).format(n=len(found))
    shown, blocks = listed(title, found, _pool, "pool list", page, name="pools")
    named = ", ".join(mrkdwn(use.poolid) for use in shown.items)
    return Reply(f"{title}: {named}", blocks, may_share=True)


def _pool(use: PoolUse) -> str:
    inside = ngettext("{n} guest", "{n} guests", use.guests).format(n=use.guests)
    running = _("{n} running").format(n=use.running)
    owner = (
        _("tenant {name}").format(name=mrkdwn(use.tenant.name)) if use.tenant else _("no tenant")
    )
    return f"*{mrkdwn(use.poolid)}* · {owner} · {inside}, {running}"


def storages(found: Sequence[Storage], page: int = 1) -> Reply:
    """Every storage with how full it is."""
    if not found:
        text = _("There are no storages that I can see.")
        return Reply(text, [section(text, "storages-none")])
    title = ngettext("{n} storage", "{n} storages", len(found)).format(n=len(found))
    shown, blocks = listed(title, found, _storage, "storage list", page, name="storages")
    named = ", ".join(mrkdwn(storage.storageid) for storage in shown.items)
    return Reply(f"{title}: {named}", blocks, may_share=True)


def _storage(storage: Storage) -> str:
    shared = storage.is_shared and len(storage.nodes) > 1
    where = _("shared") if shared else ", ".join(mrkdwn(node) for node in storage.nodes[:5])
    parts = [f"*{mrkdwn(storage.storageid)}*", where]
    if not storage.is_available:
        parts.append(_("not available"))
    elif storage.total_bytes:
        parts.append(_gib(storage.used_bytes, storage.total_bytes))
    parts.append(" ".join(code(word) for word in storage.content))
    return " · ".join(part for part in parts if part)


def templates(found: TemplateList, page: int = 1) -> Reply:
    """What guests can be made from, under the names that people type."""
    missing = []
    if found.silent:
        silent = _("These storages did not answer, so there may be more: {names}.").format(
            names=", ".join(map(mrkdwn, found.silent))
        )
        missing.append(context([silent], "templates-silent"))
    if not found.templates:
        text = _("There are no templates that you may use.")
        return Reply(text, [section(text, "templates-none"), *missing])
    count = len(found.templates)
    title = ngettext("{n} template", "{n} templates", count).format(n=count)
    shown, blocks = listed(
        title, found.templates, _template, "template list", page, name="templates"
    )
    named = ", ".join(mrkdwn(template.name) for template in shown.items)
    return Reply(f"{title}: {named}", [*blocks, *missing], may_share=True)


def _template(template: Template) -> str:
    kind = _("container") if template.kind is GuestKind.LXC else _("virtual machine")
    return f"*{mrkdwn(template.name)}* · {kind} · {code(template.reference)}"


def reach(found: Reach) -> Reply:
    """That PVE answers, which version, how fast."""
    text = _("Proxmox VE {version} answers, in {ms} ms.").format(
        version=code(found.version.text), ms=round(found.latency_ms)
    )
    return Reply(text, [section(text, "reach")], may_share=True)


def _gib(used: int, total: int) -> str:
    percent = round(100 * used / total) if total else 0
    return _("{used} of {total} GiB ({percent} %)").format(
        used=round(used / _GIB), total=round(total / _GIB), percent=percent
    )
