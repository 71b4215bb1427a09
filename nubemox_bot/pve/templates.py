"""What guests can be made from: container template files, and guests marked as templates."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from nubemox_bot.core.clock import Clock
from nubemox_bot.pve.figures import TemplateList
from nubemox_bot.pve.inventory import Inventory, Snapshot
from nubemox_bot.pve.model import GuestKind, Storage, Template
from nubemox_bot.pve.sidebyside import side_by_side
from nubemox_bot.pve.storage import PveStorages, StorageItem

WITHIN_S = 10.0
KEPT_S = 60.0
KEPT_IN_PART_S = 10.0
"""So that not everybody waits anew for a storage that hangs."""

_ARCHIVE = re.compile(r"\.tar(?:\.(?:gz|xz|zst|bz2|lzo))?$|\.tgz$")
_NUMBERS = re.compile(r"\d+")

_File = tuple[Storage, StorageItem]


@dataclass(frozen=True, slots=True)
class _Files:
    until: float
    asked: frozenset[tuple[str, str]]
    items: tuple[_File, ...]
    silent: tuple[str, ...]


class PveTemplates:
    """Lists templates; files are read from each storage at most once a minute, for everybody.

    A storage that does not answer is left out, so that one slow share does not hide the rest; it
    is asked again ten seconds later. They are read at once where a node or a storage is back.
    """

    def __init__(self, storages: PveStorages, inventory: Inventory, clock: Clock) -> None:
        self._storages = storages
        self._inventory = inventory
        self._clock = clock
        self._lock = threading.Lock()
        self._files: _Files | None = None
        self._were_silent: frozenset[str] = frozenset()

    def forget(self) -> None:
        """What is decided next is not decided on what was read before."""
        with self._lock:
            self._files = None

    def look(self) -> TemplateList:
        """Every template under a name of its own, sorted by kind and name.

        Raises:
            PveError: the inventory cannot be read.
        """
        snapshot = self._inventory.recent()
        files = self._read_files(snapshot)
        found = [*_from_files(files.items), *_from_guests(snapshot)]
        ordered = sorted(found, key=lambda template: (template.kind, template.name))
        return TemplateList(tuple(ordered), files.silent)

    def list(self) -> list[Template]:
        """As `look`, where nobody can be told what did not answer."""
        return [*self.look().templates]

    def matching(self, ref: str, kind: GuestKind | None = None) -> tuple[Template, ...]:
        """The templates a person may mean: by volid, vmid or name, else by a name's beginning."""
        known = [t for t in self.list() if kind is None or t.kind is kind]
        wanted = ref.strip().casefold()
        exact = [t for t in known if wanted in {t.name.casefold(), t.reference.casefold()}]
        begun = [t for t in known if wanted and t.name.casefold().startswith(wanted)]
        return tuple(exact or begun)

    def _read_files(self, snapshot: Snapshot) -> _Files:
        with self._lock:
            there = {
                (nodes[0], storage.storageid): storage
                for storage, nodes in snapshot.readable_storages("vztmpl")
            }
            kept = self._files
            if kept and self._clock.monotonic() < kept.until and there.keys() <= kept.asked:
                return kept
            # Those that hang do not keep the others waiting for their turn.
            order = sorted(there, key=lambda place: place[1] in self._were_silent)
            heard = side_by_side(
                lambda place: self._storages.content(*place, content="vztmpl"),
                order,
                within_s=WITHIN_S,
            )
            kept_s = KEPT_IN_PART_S if heard.silent else KEPT_S
            silent = dict.fromkeys(storageid for _node, storageid in heard.silent)
            self._were_silent = frozenset(silent)
            self._files = _Files(
                self._clock.monotonic() + kept_s,
                frozenset(there),
                tuple(
                    (there[place], item) for place in there for item in heard.answers.get(place, ())
                ),
                tuple(silent),
            )
            return self._files


def short_name(filename: str) -> str:
    """A name for people: `debian-12-standard_12.7-1_amd64.tar.zst` → `debian-12-standard`."""
    return _ARCHIVE.sub("", filename).partition("_")[0]


def _from_files(files: Iterable[_File]) -> list[Template]:
    """One template for each file: the newest of a sort has the short name, older ones a longer."""
    by_volid: dict[str, tuple[list[str], StorageItem]] = {}
    for storage, item in files:
        nodes = by_volid.setdefault(item.volid, ([], item))[0]
        nodes += [node for node in storage.nodes if node not in nodes]
    newest_first = sorted(by_volid.values(), key=lambda one: _age(one[1]), reverse=True)
    taken: set[str] = set()
    templates = []
    for nodes, item in newest_first:
        bare = _ARCHIVE.sub("", item.filename)
        longer = bare.rpartition("_")[0] or bare
        name = next(
            n for n in (short_name(item.filename), longer, bare, item.volid) if n not in taken
        )
        taken.add(name)
        templates.append(
            Template(
                name=name,
                kind=GuestKind.LXC,
                nodes=tuple(sorted(nodes)),
                volid=item.volid,
                size_bytes=item.size_bytes,
            )
        )
    return templates


def _age(item: StorageItem) -> tuple[tuple[int, ...], str]:
    return tuple(int(number) for number in _NUMBERS.findall(item.filename)), item.volid


def _from_guests(snapshot: Snapshot) -> list[Template]:
    return [
        Template(
            name=guest.name,
            kind=guest.kind,
            nodes=(guest.node,),
            vmid=guest.vmid,
            poolid=guest.poolid,
            size_bytes=guest.max_disk_bytes,
        )
        for guest in snapshot.guests
        if guest.is_template
    ]
