"""What people are told when a request cannot be, or cannot be decided."""

from __future__ import annotations

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_, _

AMOUNT_WORDS = {
    "guests": N_("guests"),
    "cores": N_("cores"),
    "memory_mib": N_("MiB of memory"),
    "disk_gib": N_("GiB of disk"),
}


def amount_word(part: object) -> str:
    """What a part of the amounts is called, behind a number."""
    return _(AMOUNT_WORDS.get(str(part), str(part)))


FIELD_WORDS = {
    "plan.node": N_("node"),
    "plan.storage": N_("storage"),
    "plan.bridge": N_("bridge"),
    "plan.cores": N_("cores"),
    "plan.memory_mib": N_("memory in MiB"),
    "plan.disk_gib": N_("disk in GiB"),
    "plan.template": N_("template"),
    "plan.volid": N_("template file"),
    "plan.poolid": N_("pool"),
    "plan.name": N_("name"),
    "plan.days": N_("lease in days"),
    "quota.guests": N_("quota of guests"),
    "quota.cores": N_("quota of cores"),
    "quota.memory_mib": N_("quota of memory"),
    "quota.disk_gib": N_("quota of disk"),
    "policy.cores": N_("cores without approval"),
    "policy.memory": N_("memory without approval"),
    "policy.disk": N_("disk without approval"),
    "room.memory": N_("room for its memory on the node"),
    "room.disk": N_("room for its disk on the storage"),
}


_ROOM_WORDS = {"True": N_("yes"), "False": N_("no"), "": N_("not known")}


def change_words(field: str, before: str, after: str) -> str:
    """One thing that is not as it was shown."""
    name = _(FIELD_WORDS.get(field, field))
    if field.startswith("room."):
        before, after = (_(_ROOM_WORDS.get(value, value)) for value in (before, after))
    return _("{what}: {before} → {after}").format(
        what=name, before=before or "–", after=after or "–"
    )


class QuotaFull(NubemoxError):
    """The tenant's quota does not reach for it."""

    kind = Kind.CONFLICT
    text = N_("The quota of {tenant} is too full for that: it takes {wanted} {part}, and "
              "{free} of {ceiling} are left.")  # fmt: skip
    hint = N_("Delete or shrink a guest, or ask the platform admins for more.")
    remedy = "request increase {tenant} {more} --review"
    remedy_label = N_("Request increase")
    other_remedies = (("ct list", N_("My containers")), ("vm list", N_("My virtual machines")))

    def message(self) -> str:
        """With the word for what is short in the reader's language."""
        return _(self.text).format(**{**self.data, "part": amount_word(self.data.get("part"))})


class MemberQuotaFull(QuotaFull):
    """The person's own quota in the tenant does not reach for it."""

    text = N_("The quota of {person} in {tenant} is too full for that: it takes {wanted} {part}, "
              "and {free} of {ceiling} are left.")  # fmt: skip
    hint = N_("Delete or shrink a guest, or ask a platform admin to raise it.")
    remedy = ""


class QuotaUnknown(NubemoxError):
    """What is used cannot be reckoned now, so the answer is no."""

    kind = Kind.UNAVAILABLE
    may_pass = True
    text = N_("How much of the quota is used cannot be told right now, so nothing was done.")
    hint = N_("Proxmox VE does not say how large {guest} is. Try again in a minute.")


class NobodyDecides(NubemoxError):
    """It needs a second person, and there is none."""

    kind = Kind.FORBIDDEN
    text = N_("That needs somebody else's approval, and there is nobody but you who could give it.")
    hint = N_("A platform admin ({admins}) can name more approvers in `NUBEMOX_APPROVERS`.")


class DecidersUnknown(NubemoxError):
    """Slack does not say who could decide, so nobody can."""

    kind = Kind.UNAVAILABLE
    may_pass = True
    text = N_("Slack does not tell me who could approve that right now, so nothing was done.")
    hint = N_("Try again in a minute.")


class RequestNotFound(NubemoxError):
    """Also for a request that is not the asker's to see."""

    kind = Kind.NOT_FOUND
    text = N_("There is no request {request} that you may see.")
    hint = N_("`/nubemox request list` shows yours and those that wait for you.")
    remedy = "request list"
    remedy_label = N_("Requests")


class AlreadyDecided(NubemoxError):
    """Somebody was faster, or its time was up."""

    kind = Kind.CONFLICT
    text = N_("This request is {state} already, so nothing was done.")
    hint = N_("`/nubemox request show {request}` shows it.")
    remedy = "request show {request}"
    remedy_label = N_("Show it")

    def message(self) -> str:
        """With the state in the reader's language."""
        state = str(self.data.get("state", ""))
        return _(self.text).format(state=_(STATE_WORDS.get(state, state)))


class AlreadyDecidedBy(AlreadyDecided):
    """Somebody was faster, and it is known who."""

    text = N_("This request is {state} already, by {who}, so nothing was done.")

    def message(self) -> str:
        """With the state in the reader's language."""
        state = str(self.data.get("state", ""))
        return _(self.text).format(**{**self.data, "state": _(STATE_WORDS.get(state, state))})


class PlanChanged(NubemoxError):
    """What would run is no longer what the approver was shown."""

    kind = Kind.CONFLICT
    text = N_("Something changed since the plan that you were shown, so nothing was run: "
              "{changes}.")  # fmt: skip
    hint = N_("The card shows the new plan now; approve that one if it is right.")
    remedy = "request show {request}"
    remedy_label = N_("Show the new plan")

    def message(self) -> str:
        """With each change in the reader's language."""
        changes = self.data.get("changes")
        if isinstance(changes, (list, tuple)):
            changes = ", ".join(change_words(*map(str, each)) for each in changes)
        return _(self.text).format(changes=changes)


class OtherPlan(NubemoxError):
    """The words name a plan that is not this request's."""

    kind = Kind.CONFLICT
    text = N_("That is not the plan of this request, so nothing was run.")
    hint = N_("`/nubemox request show {request}` shows the one that it has.")
    remedy = "request show {request}"
    remedy_label = N_("Show the plan")


class NotAsPlanned(NubemoxError):
    """It cannot run any more at all."""

    kind = Kind.CONFLICT
    text = N_("This request cannot run any more, so nothing was done: {why}")
    hint = N_("Deny it, or wait until it can.")


class OnlySmaller(NubemoxError):
    """An approver may shrink and never enlarge."""

    kind = Kind.INVALID
    text = N_("An approval can make {part} only smaller: {asked} were asked for.")
    hint = N_("Deny the request and say what it should be instead.")

    def message(self) -> str:
        """With the word for what is too large in the reader's language."""
        part = str(self.data.get("part", ""))
        said = _(_SPEC_WORDS.get(part, part))
        return _(self.text).format(**{**self.data, "part": said})


class NothingToShrink(NubemoxError):
    """The request has no such number."""

    kind = Kind.INVALID
    text = N_("This request says nothing of {part}, so there is nothing to make smaller.")

    def message(self) -> str:
        """With the word in the reader's language."""
        part = str(self.data.get("part", ""))
        return _(self.text).format(part=_(_SPEC_WORDS.get(part, part)))


class NoIncrease(NubemoxError):
    """An increase that raises nothing."""

    kind = Kind.INVALID
    text = N_("That is not more than {tenant} may use already.")
    hint = N_("Say what it should be, such as `--cores 40`: the quota is {quota} now.")


class NotYours(NubemoxError):
    """Only the requester takes a request back, or answers for it."""

    kind = Kind.FORBIDDEN
    text = N_("Only {who}, who asked for it, can do that.")


class NoQuestion(NubemoxError):
    """Nobody asked anything that could be answered."""

    kind = Kind.CONFLICT
    text = N_("Nobody asked anything about this request.")


STATE_WORDS = {
    "pending": N_("waiting"),
    "approved": N_("approved"),
    "denied": N_("denied"),
    "cancelled": N_("cancelled"),
    "expired": N_("expired"),
    "done": N_("approved and done"),
    "failed": N_("approved, and failed"),
    "still_running": N_("approved, and still running"),
}
_SPEC_WORDS = {
    "cores": N_("the cores"),
    "memory_mib": N_("the memory"),
    "disk_gib": N_("the disk"),
    "days": N_("the lease"),
}
