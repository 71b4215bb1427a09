"""The forms about requests, as data in and a view out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nubemox_bot.approvals import views
from nubemox_bot.approvals.cards.views import plan_blocks
from nubemox_bot.approvals.errors import amount_word
from nubemox_bot.approvals.model import AMOUNTS, Amounts, Request, RequestView
from nubemox_bot.blockkit.builders import section
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import mrkdwn
from nubemox_bot.blockkit.views import View, input_, modal, number_input, text_input
from nubemox_bot.core.i18n import N_, _

FIELDS: Final = {
    "guests": "guests",
    "cores": "cores",
    "memory_mib": "memory",
    "disk_gib": "disk",
    "days": "days",
}
"""A spec's number by the option, and the form's field, that says it."""

_SHRINK: Final = {
    "cores": N_("Cores"),
    "memory_mib": N_("Memory in MiB"),
    "disk_gib": N_("Disk in GiB"),
    "days": N_("Lease in days"),
}
_LONGEST: Final = 500


def approve_title() -> str:
    """At most 24 characters."""
    return _("Approve a request")


def deny_title() -> str:
    """At most 24 characters."""
    return _("Deny a request")


def ask_title() -> str:
    """At most 24 characters."""
    return _("Ask the requester")


def answer_title() -> str:
    """At most 24 characters."""
    return _("Answer a question")


def increase_title() -> str:
    """At most 24 characters."""
    return _("Request more quota")


def approve(view: RequestView) -> View:
    """What is about to run, with sizes that can be made smaller and room for a note."""
    request = view.request
    blocks: list[Block] = [section(views.asked(request), "asked"), *plan_blocks(view)]
    for name, label in _SHRINK.items():
        value = request.spec.get(name)
        if not value:
            continue
        hint = _("At most {asked}, as it was asked for.").format(asked=value)
        element = number_input(value=value, low=1, high=value)
        blocks.append(input_(FIELDS[name], _(label), element, hint=hint))
    note = text_input(multiline=True, longest=_LONGEST)
    blocks.append(input_("note", _("A note for the requester"), note, optional=True))
    return modal(approve_title(), blocks, submit=_("Approve"), close=_("Not now"))


def deny(request: Request) -> View:
    """Why not?"""
    return _one_text(request, deny_title(), "reason", _("Why not?"), _("Deny"))


def ask(request: Request) -> View:
    """What is still to be known?"""
    return _one_text(request, ask_title(), "question", _("What do you want to know?"), _("Ask"))


def answer(request: Request) -> View:
    """The requester's answer."""
    return _one_text(
        request, answer_title(), "text", _("Your answer"), _("Answer"), *views.talk(request)
    )


def _one_text(
    request: Request, title: str, field: str, label: str, submit: str, *lines: str
) -> View:
    blocks: list[Block] = [section("\n".join([views.asked(request), *lines]), "asked")]
    element = text_input(multiline=True, longest=_LONGEST, focus=True)
    blocks.append(input_(field, label, element))
    return modal(title, blocks, submit=submit, close=_("Not now"))


def increase(tenant: str, now: Amounts, wanted: Mapping[str, int]) -> View:
    """How much more a tenant should be able to use, and why."""
    text = _("A platform admin decides how much {tenant} may use. Say what it should be.").format(
        tenant=f"*{mrkdwn(tenant)}*"
    )
    blocks: list[Block] = [section(text, "increase")]
    ceilings = now.named()
    for name in AMOUNTS:
        hint = _("It is {now} now.").format(now=ceilings[name])
        element = number_input(value=wanted.get(name) or ceilings[name], low=0)
        blocks.append(input_(FIELDS[name], _capital(amount_word(name)), element, hint=hint))
    reason = text_input(multiline=True, longest=_LONGEST)
    blocks.append(input_("reason", _("What is it for?"), reason))
    return modal(increase_title(), blocks, submit=_("Ask for it"), close=_("Not now"))


def say_something() -> str:
    """Below a field that was left empty."""
    return _("Write a few words.")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
