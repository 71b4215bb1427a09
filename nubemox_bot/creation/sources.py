"""What a guest can be made from: template files, guest templates, installation media."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from nubemox_bot.creation import errors
from nubemox_bot.creation.choices import named
from nubemox_bot.creation.model import Order
from nubemox_bot.pve import provisioning
from nubemox_bot.pve.client import PveClient
from nubemox_bot.pve.errors import GuestConfigMissing
from nubemox_bot.pve.guestconfig import GuestConfig
from nubemox_bot.pve.inventory import Snapshot
from nubemox_bot.pve.model import Guest, GuestKind, Template
from nubemox_bot.pve.sidebyside import side_by_side
from nubemox_bot.pve.storage import PveStorages
from nubemox_bot.pve.templates import WITHIN_S, PveTemplates
from nubemox_bot.tenancy.store import TenantStore

_NAMED_AT_MOST = 5
# Settings that put a part of the node into the guest, or let it choose how it is run.
_OF_THE_NODE = ("hostpci", "usb", "dev", "serial", "parallel", "lxc", "args", "virtiofs")


@dataclass(frozen=True, slots=True)
class Source:
    """What a guest is made from.

    Attributes:
        name: for people.
        nodes: where it can be used from; None for anywhere.
        guest: the guest template, when that is what it is.
        config: of the guest template.
    """

    name: str
    nodes: frozenset[str] | None
    volid: str = ""
    iso: str = ""
    guest: Guest | None = None
    config: GuestConfig | None = None


class Sources:
    """Finds them by what people call them, among those that a tenant may use."""

    def __init__(
        self,
        client: PveClient,
        templates: PveTemplates,
        storages: PveStorages,
        tenants: TenantStore,
    ) -> None:
        self._client = client
        self._templates = templates
        self._storages = storages
        self._tenants = tenants

    def usable(self, kind: GuestKind | None, poolid: str | None) -> list[Template]:
        """The templates that guests of this pool can be made from; a tenant keeps its own."""
        owned = {tenant.poolid for tenant in self._tenants.list_tenants()} - {poolid}
        return [
            template
            for template in self._templates.list()
            if template.poolid not in owned and kind in (None, template.kind)
        ]

    def find(self, order: Order, poolid: str, snapshot: Snapshot) -> Source:
        """What the order names.

        Raises:
            NoTemplateNamed, TemplateNotFound, SeveralTemplates, TemplateOfOtherKind, IsoNotFound.
            TemplateUnsafe: its copies would be more than a tenant may have.
            PveError: it cannot be read now.
        """
        if order.iso and order.kind is GuestKind.QEMU:
            return self._iso(order.iso, snapshot)
        if not order.template:
            raise errors.NoTemplateNamed
        template = self._template(order.template, order.kind, poolid)
        if template.volid:
            return Source(template.name, frozenset(template.nodes), volid=template.volid)
        return self._guest(template, snapshot)

    def _template(self, ref: str, kind: GuestKind, poolid: str) -> Template:
        known = self.usable(None, poolid)
        fitting = named(known, ref)
        own_kind = [template for template in fitting if template.kind is kind]
        if len(own_kind) == 1:
            return own_kind[0]
        if own_kind:
            which = ", ".join(_which(template) for template in own_kind[:_NAMED_AT_MOST])
            raise errors.SeveralTemplates(template=ref, which=which)
        if fitting:
            is_vm = fitting[0].kind is GuestKind.QEMU
            mistake = errors.TemplateOfOtherKind if is_vm else errors.TemplateOfContainers
            raise mistake(template=fitting[0].name)
        names = sorted({template.name for template in known if template.kind is kind})
        if near := difflib.get_close_matches(ref.casefold(), names, n=3, cutoff=0.5):
            raise errors.TemplateNotFoundNear(template=ref, near=", ".join(near))
        raise errors.TemplateNotFound(template=ref)

    def _guest(self, template: Template, snapshot: Snapshot) -> Source:
        guest = snapshot.by_vmid(template.vmid or 0)
        if guest is None or not guest.is_template:
            raise errors.TemplateNotFound(template=template.name)
        try:
            config = provisioning.config(self._client, guest)
        except GuestConfigMissing:
            raise errors.TemplateNotFound(template=template.name) from None
        refuse_unsafe(template.name, config)
        shared = {row.storageid for row in snapshot.storages if row.is_shared}
        moves = all(disk.storage in shared for disk in config.disks if disk.is_volume)
        nodes = None if moves else frozenset({guest.node})
        return Source(template.name, nodes, guest=guest, config=config)

    def _iso(self, ref: str, snapshot: Snapshot) -> Source:
        """The image, and every node that has it: one of a name may lie on each."""
        wanted = ref.casefold()
        there = {
            (nodes[0], storage.storageid): nodes
            for storage, nodes in snapshot.readable_storages("iso")
        }
        heard = side_by_side(
            lambda place: self._storages.content(*place, content="iso"), there, within_s=WITHIN_S
        )
        having: dict[str, set[str]] = {}
        names: dict[str, str] = {}
        for place, items in heard.answers.items():
            for item in items:
                said = {item.volid.casefold(), item.filename.casefold()}
                if wanted in said or f"{wanted}.iso" in said:
                    having.setdefault(item.volid, set()).update(there[place])
                    names[item.volid] = item.filename
        if not having:
            raise errors.IsoNotFound(iso=ref)
        volid = max(having, key=lambda one: (len(having[one]), one))
        return Source(names[volid], frozenset(having[volid]), iso=volid)


def refuse_unsafe(name: str, config: GuestConfig) -> None:
    """A clone is what its template is: privileged, scripted, tied to its node (PVE checks none).

    Raises:
        TemplateUnsafe: and its kinds.
    """
    if not config.is_unprivileged:
        raise errors.TemplateUnsafe(template=name)
    if config.has_hookscript:
        raise errors.TemplateRunsScript(template=name)
    outside = [
        disk
        for disk in config.disks
        if not disk.is_volume and not (disk.is_cdrom and disk.volid in ("none", "cdrom", ""))
    ]
    if outside or any(_is_of_the_node(key, value) for key, value in config.raw.items()):
        raise errors.TemplateMountsHost(template=name)


def _is_of_the_node(key: str, value: object) -> bool:
    # A serial port that is a socket is the console's; any other is a device of the node.
    word = key.rstrip("0123456789")
    return word in _OF_THE_NODE and not (word == "serial" and value == "socket")


def _which(template: Template) -> str:
    return f"{template.name} ({template.reference})"
