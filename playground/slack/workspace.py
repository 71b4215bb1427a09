"""A Slack workspace on this machine: what a test, a bench or the demo holds in its hand."""

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Self, TypeVar

from aiohttp import web

from playground.slack.attribution import Attribution
from playground.slack.chat import Burst, Person, Turn
from playground.slack.doings import Doings
from playground.slack.faults import Fault, Faults
from playground.slack.model import Channel, Message, Usergroup
from playground.slack.payloads import user_change
from playground.slack.rates import RateLimits
from playground.slack.records import Call, Envelope, Payload, TurnRecord
from playground.slack.server import Server
from playground.slack.sockets import Connection
from playground.slack.state import Settings, State

T = TypeVar("T")
RECHECK_S = 0.1


class SlackWorkspace:
    """Runs in its own thread on 127.0.0.1; every method here may be called from any other.

    `rate_limits` is `off`, `on`, or numbers of calls a minute for some methods (which turns the
    rest on).
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        rate_limits: str | Mapping[str, int] = "off",
        port: int = 0,
    ) -> None:
        self.settings = settings or Settings()
        self.state = State(self.settings)
        self.faults = Faults()
        self.rates = RateLimits()
        self.limit_rates(rate_limits)
        self._server = Server(self.state, self.faults, self.rates, port)
        self.sockets = self._server.delivery.sockets
        self.doings = Doings(self.state, self._server.delivery.new_id)
        self._attribution = Attribution(self.state)
        self.state.emit = self._emit

    def start(self) -> Self:
        self._server.start()
        return self

    def stop(self) -> None:
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # What the app is configured with

    @property
    def api_url(self) -> str:
        return f"{self.state.base_url}/api/"

    @property
    def bot_token(self) -> str:
        return self.state.bot_token

    @property
    def app_token(self) -> str:
        return self.state.app_token

    @property
    def signing_secret(self) -> str:
        return self.state.signing_secret

    def http_mode(self, request_url: str) -> None:
        """Deliver by signed POSTs to this URL from now on; empty: Socket Mode again."""
        self._server.delivery.request_url = request_url

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve these too, once started: a page on top has its handlers know this workspace."""
        self._server.routes.extend(routes)

    # People and places

    def add_user(self, name: str, **fields: Any) -> Person:
        with self.state.changed:
            return Person(self, self.state.add_user(name, **fields))

    def add_channel(self, name: str, members: Iterable[str] = (), **fields: Any) -> Channel:
        """A channel with these people in it, and the bot unless `bot=False`."""
        with self.state.changed:
            people = [self.state.user(member) for member in members]
            if fields.pop("bot", True):
                people.append(self.state.bot)
            return self.state.add_channel(name, people, **fields)

    def add_usergroup(self, handle: str, members: Iterable[str] = ()) -> Usergroup:
        with self.state.changed:
            return self.state.add_usergroup(handle, map(self.state.user, members))

    def user(self, name: str) -> Person:
        return Person(self, self.state.user(name))

    def channel(self, name: str) -> Channel:
        return self.state.channel(name)

    def usergroup(self, handle: str) -> Usergroup:
        handle = handle.removeprefix("@")
        for group in self.state.usergroups.values():
            if handle in {group.handle, group.id}:
                return group
        raise KeyError(handle)

    def change_user(self, name: str, **fields: Any) -> None:
        """Change a profile (locale, deleted, …) as its owner or an admin would; the app is told."""
        with self.state.changed:
            user = self.state.user(name)
            for field, value in fields.items():
                if not hasattr(user, field):
                    raise AttributeError(field)
                setattr(user, field, value)
            user.updated = int(time.time())
            self._emit(user_change(self.state, user))

    def change_usergroup(self, handle: str, members: Iterable[str]) -> None:
        with self.state.changed:
            group = self.usergroup(handle)
            before = set(group.users)
            group.users = [self.state.user(member).id for member in members]
            added = [user for user in group.users if user not in before]
            removed = sorted(before - set(group.users))
            now = int(time.time())
            event = {
                "type": "subteam_members_changed",
                "subteam_id": group.id,
                "team_id": self.state.team_id,
                "date_previous_update": now - 60,
                "date_update": now,
                "added_users": added,
                "added_users_count": len(added),
                "removed_users": removed,
                "removed_users_count": len(removed),
                "event_ts": self.state.ids.ts(),
            }
            self._emit(event)

    def archive(self, channel: str) -> None:
        self.channel(channel).is_archived = True

    def remove_bot(self, channel: str) -> None:
        self.channel(channel).members.discard(self.state.bot.id)

    def invite_bot(self, channel: str) -> None:
        self.channel(channel).members.add(self.state.bot.id)

    def delete_message(self, message: Message) -> None:
        """As a person with the right to do so would, behind the app's back."""
        with self.state.changed:
            message.deleted = True
            self.state.touch()

    def refuse_token(self, error: str = "token_revoked") -> None:
        """Answer every call with this error from now on; empty: take the tokens again."""
        self.state.token_error = error

    # Trouble

    def limit_rates(self, limits: str | Mapping[str, int]) -> None:
        self.rates.mode = "on" if not isinstance(limits, str) else limits
        self.rates.custom = {} if isinstance(limits, str) else dict(limits)

    def fail_next(self, method: str, times: int = 1, **what: Any) -> Fault:
        """The next calls of this method meet a fault: see `Fault` for which there are.

        `method` may be `*` for any, `response_url`, or `upload`.
        """
        return self.faults.next(method, times, **what)

    def disconnect(self, reason: str = "refresh_requested", *, close_after_s: float = 0.5) -> None:
        """Send `disconnect` on every socket; all but a `warning` then close them."""
        if reason == "link_disabled":
            self.sockets.link_disabled = True
        work = self.sockets.disconnect(reason, close_after_s=close_after_s)
        self._server.do(work)

    def close_sockets(self) -> None:
        self._server.do(self.sockets.close())

    def abort_sockets(self) -> None:
        self._server.soon(self.sockets.abort)

    def freeze_sockets(self, *, new_ones_too: bool = False) -> None:
        """A peer that hangs: takes frames, answers no ping, sends nothing."""
        self.sockets.freeze(new_ones_too=new_ones_too)

    def thaw_sockets(self) -> None:
        self.sockets.thaw()

    @property
    def connections(self) -> list[Connection]:
        return self.sockets.open

    def wait_connected(self, count: int = 1, timeout: float = 10.0) -> None:
        self.wait_until(lambda: len(self.sockets.open) >= count, timeout, "the app to connect")

    # What happened

    def calls(self, method: str | None = None) -> list[Call]:
        """Web API calls in order; uses of a response_url are there as `response_url`."""
        with self.state.changed:
            return [call for call in self.state.calls if method in {None, call.method}]

    @property
    def payload_log(self) -> list[Payload]:
        return self.state.payloads

    @property
    def envelopes(self) -> list[Envelope]:
        return self.state.envelopes

    @property
    def complaints(self) -> list[str]:
        """Faults of the app's that Slack swallows: missed acks, unsound ack bodies and the like."""
        return self.state.complaints

    def wait_until(self, predicate: Callable[[], T], timeout: float = 5.0, what: str = "it") -> T:
        """Wait for something to be true; gives what the predicate gave.

        It is asked again whenever the workspace changes, and ten times a second for what lies
        outside of it.
        """
        deadline = time.monotonic() + timeout
        changed = self.state.changed
        while True:
            with changed:
                version = self.state.version
            value = predicate()
            if value:
                return value
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise AssertionError(f"waited {timeout} s for {what}; {self._situation()}")
            with changed:
                changed.wait_for(
                    lambda seen=version: self.state.version != seen,  # type: ignore[misc]
                    min(left_s, RECHECK_S),
                )

    def _situation(self) -> str:
        last = [
            f"{call.method} {call.error or call.status or 'running'}"
            for call in self.state.calls[-8:]
        ]
        return f"last calls: {last}, complaints: {self.state.complaints[-5:]}"

    # Doings

    def send(self, *turns: TurnRecord) -> list[Turn]:
        """Tell the app of these turns, all at once."""
        self._server.send(turn.envelope for turn in turns if turn.envelope is not None)
        return [Turn(self, turn) for turn in turns]

    def burst(
        self, acts: Iterable[tuple[Person, str, str]], timeout: float = 30.0, *, wait: bool = True
    ) -> Burst:
        """Many people's commands at the same moment: (person, line, channel) each."""
        with self.state.changed:
            records = [
                self.doings.command(person.user, person.place(channel), line)
                for person, line, channel in acts
            ]
        burst = Burst(self, self.send(*records))
        if wait:
            burst.wait(timeout)
        return burst

    def event(self, event: dict[str, Any]) -> None:
        """Send the app an event that nothing here makes by itself, e.g. `team_join`."""
        with self.state.changed:
            self._emit({"event_ts": self.state.ids.ts(), **event})

    def outcomes(self, turn: TurnRecord) -> list[Any]:
        """What came of a turn so far, in order."""
        self._attribution.catch_up()
        with self.state.changed:
            return list(turn.outcomes)

    def _emit(self, event: dict[str, Any]) -> None:
        envelope = self.doings.event(event)
        if envelope is not None:
            self._server.send([envelope])
