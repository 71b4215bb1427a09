"""Everything between Slack's payloads and the conversation, put together."""

from __future__ import annotations

from nubemox_bot.core.clock import Clock
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.core.workers import Workers
from nubemox_bot.slack.admission import Admission
from nubemox_bot.slack.answers import Answers
from nubemox_bot.slack.home import HomeDoor
from nubemox_bot.slack.identity import Identity
from nubemox_bot.slack.intake import TurnWriter
from nubemox_bot.slack.listeners import Listeners
from nubemox_bot.slack.lull import Lull
from nubemox_bot.slack.modals import Modals
from nubemox_bot.slack.moments import Moments
from nubemox_bot.slack.protocols import Conversation, HomeTab, TurnStore
from nubemox_bot.slack.runner import Runner
from nubemox_bot.slack.submissions import Submissions
from nubemox_bot.slack.view_gate import ViewGate
from nubemox_bot.slack.view_listeners import ViewListeners


class Doors:
    """The listeners with what they lead to."""

    def __init__(
        self,
        *,
        conversation: Conversation,
        turns: TurnStore,
        home: HomeTab | None,
        gate: ViewGate,
        answers: Answers,
        moments: Moments,
        identity: Identity,
        writer: TurnWriter,
        workers: Workers,
        books: Workers,
        quick: Workers,
        lull: Lull,
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self.runner = runner = Runner(
            conversation=conversation,
            turns=turns,
            identity=identity,
            answers=answers,
            moments=moments,
            workers=workers,
            books=books,
            lull=lull,
            metrics=metrics,
            clock=clock,
        )
        self.admission = admission = Admission(writer, workers, metrics)
        modals = Modals(
            conversation=conversation,
            gate=gate,
            identity=identity,
            runner=runner,
            workers=workers,
        )
        submissions = Submissions(
            conversation=conversation,
            admission=admission,
            modals=modals,
            identity=identity,
            runner=runner,
            workers=workers,
            books=books,
            turns=turns,
        )
        views = ViewListeners(
            conversation=conversation,
            admission=admission,
            modals=modals,
            submissions=submissions,
            runner=runner,
            identity=identity,
            quick=quick,
            metrics=metrics,
            clock=clock,
        )
        home_door = HomeDoor(home, gate=gate, identity=identity, runner=runner, workers=workers)
        self.listeners = Listeners(
            conversation=conversation,
            admission=admission,
            runner=runner,
            modals=modals,
            views=views,
            home=home_door,
            identity=identity,
            metrics=metrics,
            clock=clock,
        )
