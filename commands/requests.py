"""`request`: what waits for a decision, and the decision."""

from __future__ import annotations

from collections.abc import Mapping

from commands.grammar import (
    PAGE,
    TEXT,
    Context,
    Form,
    FormState,
    Invocation,
    Noun,
    Registry,
    argument,
    flag,
    line,
    option,
    pattern,
    whole,
)
from commands.tenants import NAME
from nubemox_bot.approvals import views
from nubemox_bot.approvals.cards import views as cards
from nubemox_bot.approvals.forms import views as forms
from nubemox_bot.approvals.model import Shrink
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.views import View
from nubemox_bot.core.i18n import N_
from nubemox_bot.tenancy import views as tenancy_views
from nubemox_bot.tenancy.model import Quota

ID = pattern(
    r"req_[0-9a-z]{26}",
    label="ID",
    example="req_0123456789abcdefghjkmnpqrs",
    expected=N_("Give a request's id, such as `{example}`; `request list` shows them."),
)
PLAN = pattern(
    r"[0-9a-f]{6,64}",
    label="HASH",
    example="1a2b3c4d5e6f",
    expected=N_("Give the beginning of a plan's hash, such as `{example}`."),
)
FOLLOWING = Reply(text="", following=True)
REVIEW = flag("--review", N_("Look at it in a form first"))


class _Texts(Form):
    """A form of one text about a request."""

    def __init__(self, verb: str, field: str) -> None:
        self.name = f"request.{verb}"
        self._verb = verb
        self._field = field

    def loading(self) -> str:
        titles = {"deny": forms.deny_title, "ask": forms.ask_title, "answer": forms.answer_title}
        return titles[self._verb]()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        del state
        service, request_id = context.services.requests, asked.arguments["request"]
        if self._verb == "answer":
            return forms.answer(service.plan_answer(context.actor, request_id))
        request = service.plan_decision(context.actor, request_id)
        return (forms.deny if self._verb == "deny" else forms.ask)(request)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        text = " ".join(values.get(self._field, "").split())
        if not text:
            return {self._field: forms.say_something()}
        return line(f"request {self._verb}", asked.arguments["request"], **{self._field: text})


class _Approve(Form):
    name = "request.approve"

    def loading(self) -> str:
        return forms.approve_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        del state
        service, request_id = context.services.requests, asked.arguments["request"]
        service.plan_decision(context.actor, request_id, asked.arguments["plan"])
        return forms.approve(service.show(context.actor, request_id, context.turn.id))

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        said = asked.arguments
        given = {name: values.get(name, "") for name in ("cores", "memory", "disk", "days")}
        note = " ".join(values.get("note", "").split())
        return line("request approve", said["request"], plan=said["plan"], **given, note=note)


class _Increase(Form):
    name = "request.increase"

    def loading(self) -> str:
        return forms.increase_title()

    def view(self, context: Context, asked: Invocation, state: FormState) -> View:
        del state
        said = asked.arguments
        tenant, now = context.services.requests.ceiling(context.actor, said["name"])
        wanted = {name: said[field] for name, field in forms.FIELDS.items() if said.get(field)}
        return forms.increase(tenant, now, wanted)

    def words(self, asked: Invocation, values: Mapping[str, str]) -> str | Mapping[str, str]:
        given = {name: values.get(name, "") for name in ("guests", "cores", "memory", "disk")}
        reason = " ".join(values.get("reason", "").split())
        return line("request increase", asked.arguments["name"], **given, reason=reason)


def add_requests(registry: Registry) -> None:
    """Sign the verbs of `request`."""
    request = registry.noun(
        "request", N_("What waits for somebody's approval"), plurals=("requests",)
    )

    @request.verb(
        "list",
        aliases=("ls",),
        options=[PAGE],
        summary=N_("Your requests, and those you may decide"),
    )
    def list_(context: Context, page: int | None) -> Reply:
        found = context.services.requests.list_requests(context.actor, context.turn.id)
        return views.listing(found.mine, found.waiting, page or 1)

    @request.verb(
        "show",
        aliases=("status",),
        needs=argument("request", ID),
        examples=(ID.example,),
        summary=N_("Show a request, its plan and what it takes of the quota"),
    )
    def show(context: Context, request: str) -> Reply:
        found = context.services.requests.show(context.actor, request, context.turn.id)
        return cards.shown(found)

    _add_decisions(request)
    _add_requesters(request)


def _add_decisions(noun: Noun) -> None:
    @noun.verb(
        "approve",
        needs=argument("request", ID),
        options=[
            option("--cores", whole(1, 100_000), N_("Fewer cores than asked for")),
            option("--memory", whole(1, 100_000_000, unit="MiB"), N_("Less memory")),
            option("--disk", whole(1, 10_000_000, unit="GiB"), N_("Less disk")),
            option("--days", whole(1, 100_000), N_("A shorter lease")),
            option("--note", TEXT, N_("Words for the requester")),
            option("--plan", PLAN, N_("The plan that you were shown")),
            REVIEW,
        ],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: bool(said.get("review")),
        form=_Approve(),
        examples=(ID.example, f"{ID.example} --cores 2 --note '…'"),
        summary=N_("Have what somebody else asked for run"),
    )
    def approve(
        context: Context,
        request: str,
        cores: int | None,
        memory: int | None,
        disk: int | None,
        days: int | None,
        note: str | None,
        plan: str | None,
        review: bool,
        dry_run: bool,
    ) -> Reply:
        del review
        shrink = Shrink(cores, memory, disk, days)
        service, actor = context.services.requests, context.actor
        if dry_run:
            return tenancy_views.plan(service.plan_approval(actor, request, shrink).calls)
        approved = service.approve(
            actor, request, context.turn.id, plan_hash=plan, shrink=shrink, note=note or ""
        )
        return views.done(approved)

    @noun.verb(
        "deny",
        needs=argument("request", ID),
        options=[option("--reason", TEXT, N_("Words for the requester"))],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("reason"),
        form=_Texts("deny", "reason"),
        examples=(f"{ID.example} --reason '…'",),
        summary=N_("Have it not run, and say why"),
    )
    def deny(context: Context, request: str, reason: str | None, dry_run: bool) -> Reply:
        service = context.services.requests
        if dry_run:
            return views.dry(service.plan_decision(context.actor, request))
        return views.done(service.deny(context.actor, request, context.turn.id, reason or ""))

    @noun.verb(
        "ask",
        needs=argument("request", ID),
        options=[option("--question", TEXT, N_("What you want to know"))],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("question"),
        form=_Texts("ask", "question"),
        examples=(f"{ID.example} --question '…'",),
        summary=N_("Ask the requester something before you decide"),
    )
    def ask(context: Context, request: str, question: str | None, dry_run: bool) -> Reply:
        service = context.services.requests
        if dry_run:
            return views.dry(service.plan_decision(context.actor, request))
        turn_id = context.turn.id
        return views.passed_on(service.need_info(context.actor, request, turn_id, question or ""))


def _add_requesters(noun: Noun) -> None:
    @noun.verb(
        "answer",
        needs=argument("request", ID),
        options=[option("--text", TEXT, N_("What you answer"))],
        mutates=True,
        dry_run=True,
        opens_modal=lambda said: not said.get("text"),
        form=_Texts("answer", "text"),
        examples=(f"{ID.example} --text '…'",),
        summary=N_("Answer what an approver asked about your request"),
    )
    def answer(context: Context, request: str, text: str | None, dry_run: bool) -> Reply:
        service = context.services.requests
        if dry_run:
            return views.dry(service.plan_answer(context.actor, request))
        return views.passed_on(service.answer(context.actor, request, context.turn.id, text or ""))

    @noun.verb(
        "cancel",
        needs=argument("request", ID),
        mutates=True,
        dry_run=True,
        examples=(ID.example,),
        summary=N_("Take your own request back"),
    )
    def cancel(context: Context, request: str, dry_run: bool) -> Reply:
        service = context.services.requests
        if dry_run:
            return views.dry(service.plan_cancel(context.actor, request))
        return views.done(service.cancel(context.actor, request, context.turn.id))

    @noun.verb(
        "increase",
        needs=argument("name", NAME),
        options=[
            option("--guests", whole(0, 100_000), N_("How many guests")),
            option("--cores", whole(0, 100_000), N_("How many cores in all")),
            option("--memory", whole(0, 100_000_000, unit="MiB"), N_("How much memory in all")),
            option("--disk", whole(0, 10_000_000, unit="GiB"), N_("How much disk in all")),
            option("--reason", TEXT, N_("What it is for")),
            REVIEW,
        ],
        mutates=True,
        dry_run=True,
        opens_modal=_increase_opens,
        form=_Increase(),
        examples=("acme --cores 40", "acme"),
        summary=N_("Ask the platform admins for a larger quota"),
    )
    def increase(
        context: Context,
        name: str,
        guests: int | None,
        cores: int | None,
        memory: int | None,
        disk: int | None,
        reason: str | None,
        review: bool,
        dry_run: bool,
    ) -> Reply:
        del review
        service, wanted = context.services.requests, Quota(guests, cores, memory, disk)
        if dry_run:
            service.plan_increase(context.actor, name, wanted)
            return tenancy_views.plan(())
        service.increase(context.actor, name, wanted, context.turn.id, reason or "")
        return FOLLOWING


def _increase_opens(said: Mapping[str, object]) -> bool:
    named = ("guests", "cores", "memory", "disk")
    return bool(said.get("review")) or all(said.get(name) is None for name in named)
