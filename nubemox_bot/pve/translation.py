"""From PVE's words to ours: the one table that does.

PVE says no with an HTTP status and a reason (in the body's `message`, or before pve-http-server
5.2.0 only in the status line), with faults by parameter, or with the exit status of a task. The
same sentence may come by either way, so all of them go through the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from nubemox_bot.core.log import redact
from nubemox_bot.pve import errors as e
from nubemox_bot.pve.model import TaskStatus, Upid
from nubemox_bot.pve.paths import PvePath

REASON_LIMIT = 300

_UPID = re.compile(r"UPID:[^\s']+")
_PERL_LINE = re.compile(r" at /\S+ line \d+\.?(?:, <\S+> (?:line|chunk) \d+\.)?")
_NOT_TEXT = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, slots=True)
class _Row:
    """A sentence of PVE's; named groups of the pattern fill the braces of the error's words."""

    pattern: re.Pattern[str]
    error: type[e.PveError]


def _row(pattern: str, error: type[e.PveError]) -> _Row:
    return _Row(re.compile(pattern, re.IGNORECASE), error)


_GUEST = r"(?:VM|CT|container)\s+'?(?P<guest>\d+)'?"

# First match wins, so the narrower sentence stands above the wider one.
ROWS: tuple[_Row, ...] = (
    # The cluster and its locks.
    _row(r"no quorum", e.NoQuorum),
    _row(r"cfs-lock '[^']*' error: got lock (?:request )?timeout", e.LockTimeout),
    _row(r"can't lock file '[^']*' - got timeout", e.LockTimeout),
    _row(r"can't ac?quire lock '[^']*'", e.LockTimeout),
    _row(r"hostname lookup '(?P<node>[^']*)' failed", e.NodeMissing),
    _row(r"no such cluster node '(?P<node>[^']*)'", e.NodeMissing),
    # Permissions whose reason is something that is not there.
    _row(r"pool '(?P<poolid>[^']*)' does not exist", e.PoolMissing),
    _row(r"not available with API token|Only root may use this option", e.PveTokenUnfit),
    _row(r"only root can set '[^']*' config", e.PveTokenUnfit),
    _row(r"requires '(?P<privilege>Permissions\.Modify)'", e.PveForbidden),
    _row(
        r"Permission check failed(?: \((?P<path>/[^,)]*)(?:,\s*(?P<privilege>[^)]*))?\))?",
        e.PveForbidden,
    ),
    # A guest's state.
    _row(r"Configuration file '[^']*?(?P<guest>\d+)\.conf' does not exist", e.GuestConfigMissing),
    _row(rf"unable to find configuration file for {_GUEST}", e.GuestConfigMissing),
    _row(rf"{_GUEST} already running", e.AlreadyRunning),
    _row(rf"{_GUEST} not running", e.NotRunning),
    _row(rf"{_GUEST} is running", e.StillRunning),
    _row(rf"unable to destroy {_GUEST} - container is running", e.StillRunning),
    _row(r"can't overwrite running container|unable to restore .* vm is running", e.StillRunning),
    _row(r"can't migrate running (?:VM|container)", e.StillRunning),
    _row(r"target is local node", e.AlreadyOnNode),
    _row(r"Full clone of a running container", e.CloneOfRunning),
    _row(r"(?:VM|CT|container) is locked \((?P<lock>[^)]*)\)", e.GuestLocked),
    _row(r"can't remove (?:VM|CT) (?P<guest>\d+) - protection mode", e.Protected),
    _row(r"protection mode enabled", e.Protected),
    _row(r"(?:cannot|can't) remove protected (?:volume|archive)", e.BackupProtected),
    _row(r"used in HA resources|Not applicable for HA resources", e.InHighAvailability),
    _row(r"VM quit/powerdown failed", e.ShutdownTimedOut),
    _row(r"container did not stop|'?lxc-stop\b.*(?:failed|timeout)", e.ShutdownTimedOut),
    _row(r"is paused - cannot shutdown", e.CannotShutdown),
    _row(r"if it'?s a template|is a template", e.IsTemplate),
    _row(r"guest agent is not running|no QEMU guest agent configured", e.NoGuestAgent),
    _row(r"(?:qga|guest agent) command '?[^']*'? failed|qmp command 'guest-", e.NoGuestAgent),
    _row(r"checksum mismatch|detected modified configuration", e.ConfigChanged),
    _row(r"still in use by linked clone|base volume '[^']*' is still in use", e.StillInUse),
    _row(r"Linked clone feature for|not allowed for linked clones", e.LinkedCloneUnfit),
    _row(
        r"\((?:VM|CT) uses local storage\)|clone to non-shared storage", e.CloneNeedsSharedStorage
    ),
    _row(r"Cannot allocate memory|vcpus allowed per VM on this node", e.NodeTooSmall),
    # Disks and snapshots.
    _row(r"snapshot name '(?P<snapname>[^']*)' already used", e.SnapshotExists),
    _row(r"snapshot '(?P<snapname>[^']*)' does not exist", e.SnapshotMissing),
    _row(r"snapshot feature is not available", e.SnapshotsUnsupported),
    _row(r"is not (?:the )?most recent snapshot", e.SnapshotNotNewest),
    _row(r"incomplete snapshot", e.SnapshotIncomplete),
    _row(r"shrinking disks is not supported|unable to shrink disk", e.CannotShrink),
    _row(r"disk is already at specified size", e.AlreadyThatSize),
    _row(r"disk '(?P<disk>[^']*)' does not exist", e.DiskMissing),
    _row(
        r"no space left on device|not enough (?:free )?(?:disk )?space|out of space|ENOSPC"
        r"|insufficient free space|quota exceeded|space is not enough",
        e.StorageFull,
    ),
    _row(r"storage '(?P<storage>[^']*)' does not (?:support|allow)", e.StorageUnfit),
    _row(r"can't use storage '(?P<storage>[^']*)'", e.StorageUnfit),
    _row(
        r"storage '(?P<storage>[^']*)' is (?:not (?:online|active|available|enabled)|disabled)",
        e.StorageAway,
    ),
    _row(
        r"(?P<reason>(?:can't (?:live )?migrate|migration aborted|migration problems).*)",
        e.CannotMigrate,
    ),
    _row(r"^job errors$", e.BackupFailed),
    # Pools.
    _row(r"pool '(?P<poolid>[^']*)' is not empty", e.NotEmpty),
    _row(r"(?P<name>VM \d+|storage '[^']*') is already a pool member", e.InAnotherPool),
    _row(r"(?P<name>VM \d+) belongs already to pool", e.InAnotherPool),
    _row(r"(?P<name>VM \d+|storage '[^']*') is not a pool member", e.NotInPool),
    # Things that are there, or are not.
    _row(r"(?P<name>(?:VM|CT|user|pool|group|role) '?[^\s']+'?) already exists", e.AlreadyExists),
    _row(
        r"(?:VM|CT) (?P<name>\d+)(?: -|:) config(?:uration)? file already exists", e.AlreadyExists
    ),
    _row(r"token already exists|already (?:exists|defined)", e.AlreadyExists),
    _row(r"no such task", e.TaskUnknown),
    _row(
        r"(?P<name>(?:user|group|role|token|storage|volume|template|bridge|auth domain)"
        r" '?[^'\s]+'?) does not exist",
        e.EntryMissing,
    ),
    _row(
        r"no such (?P<name>(?:user|group|role|token|storage)\s*\(?'?[^'\s)]+'?\)?)", e.EntryMissing
    ),
    # What the running version does not know.
    _row(r"Method '[^']*' not implemented", e.PveUnsupported),
)

_TASK_ROWS: tuple[_Row, ...] = (
    _row(r"received interrupt|interrupted by signal|got signal", e.TaskInterrupted),
    _row(r"unexpected status|unable to get last line from task log", e.TaskEndUnknown),
)

_NOT_IN_SCHEMA = "property is not defined in schema"


def answer_error(status: int, reason: str, faults: Mapping[str, str], path: PvePath) -> e.PveError:
    """The error for an HTTP answer that is no success.

    Args:
        status: HTTP's; 595 to 599 are the client's business and do not come here.
        reason: PVE's message.
        faults: by parameter, from the body's `errors`.
        path: what was asked, for the guest's number when the message has none.
    """
    if status == 401:
        return e.PveTokenRefused()
    sentence = " ".join([reason, *faults.values()])
    found = _find(ROWS, sentence, path.subject, path.node)
    if found is not None:
        return found
    if status == 403:
        return e.PveForbidden(path="", privilege="")
    if status == 501:
        return e.PveUnsupported()
    if status == 400 or faults:
        fields = {name: scrub(words) for name, words in faults.items()}
        listed = "; ".join(f"{name}: {words}" for name, words in fields.items())
        return e.PveBadParameter(fields=fields, faults=scrub(listed or reason))
    return e.PveRefused(reason=scrub(reason) or f"HTTP {status}", status=status)


def task_error(status: TaskStatus) -> e.PveError:
    """The error for a task that has ended and not succeeded."""
    try:
        subject = Upid.parse(status.upid)
        guest, node = subject.id, subject.node
    except ValueError:
        guest, node = "", ""
    found = _find((*_TASK_ROWS, *ROWS), status.reason, guest, node)
    return found or e.TaskFailed(reason=scrub(status.reason))


def reason_error(reason: str, *, guest: str = "", node: str = "") -> e.PveError:
    """The error for a reason that PVE wrote into a task's log."""
    return _find(ROWS, reason, guest, node) or e.TaskFailed(reason=scrub(reason))


def scrub(reason: str) -> str:
    """PVE's words as one line fit to show: no UPID, no secret, no Perl, at most 300 characters."""
    text = _NOT_TEXT.sub(" ", _PERL_LINE.sub("", _UPID.sub("", redact(reason))))
    text = " ".join(text.split())
    return text if len(text) <= REASON_LIMIT else f"{text[: REASON_LIMIT - 1].rstrip()}…"


def lacks_parameter(error: e.PveError, name: str) -> bool:
    """Whether the running PVE is too old for a parameter, rather than its value being wrong."""
    fields = error.data.get("fields")
    return isinstance(fields, dict) and _NOT_IN_SCHEMA in str(fields.get(name, ""))


def _find(rows: tuple[_Row, ...], sentence: str, subject: str, node: str) -> e.PveError | None:
    for row in rows:
        found = row.pattern.search(sentence)
        if found is None:
            continue
        named = {key: scrub(value) if value else "" for key, value in found.groupdict().items()}
        given = {"guest": subject, "name": subject, "node": node, "path": "", "privilege": ""}
        needed = _words_of(row.error)
        data = {key: given.get(key, "") for key in needed}
        return row.error(**data | {key: value for key, value in named.items() if value})
    return None


def _words_of(error: type[e.PveError]) -> set[str]:
    """The names in braces that the error's sentences need, and what else it promises to carry."""
    promised = {"path", "privilege"} if issubclass(error, e.PveForbidden) else set()
    return promised | set(re.findall(r"\{(\w+)\}", error.text + error.hint + error.remedy))
