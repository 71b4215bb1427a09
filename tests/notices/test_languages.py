"""In which language the bot speaks where nobody asked: a reader's, or that of most readers."""

from __future__ import annotations

import pytest

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.notices.languages import Languages
from tests.databases import HeldClock


class Away(NubemoxError):
    """Slack is not there."""

    kind = Kind.UNAVAILABLE
    text = "Away."


class Workspace:
    """Who reads what, and whom a channel is for."""

    def __init__(self, **locales: str) -> None:
        self.known = locales
        self.profiles: dict[str, str] = {}
        self.asked: list[str] = []
        self.clock = HeldClock()
        self.languages = Languages(self._locales, self._learn, self._readers, self.clock)

    def _locales(self, people: object) -> dict[str, str]:
        return {who: self.known[who] for who in people if who in self.known}  # type: ignore[attr-defined]

    def _learn(self, person: str) -> str:
        self.asked.append(person)
        if person not in self.profiles:
            raise Away
        return self.profiles[person]

    def _readers(self, channel: str) -> tuple[str, ...]:
        return tuple(f"U{name}" for name in channel.removeprefix("C").split("-") if name)


@pytest.mark.parametrize(
    ("locales", "language"),
    [
        ({"UA": "pt-BR"}, "pt_BR"),
        ({"UA": "en-GB"}, "en"),
        ({"UA": "pt-BR", "UB": "pt-PT", "UC": "en-US"}, "pt_BR"),
        ({"UA": "pt-BR", "UB": "en-GB", "UC": "en-US"}, "en"),
        ({"UA": "pt-BR", "UB": "en-US"}, "en"),
        ({"UC": "pt-BR"}, "pt_BR"),
    ],
    ids=["one", "another", "most", "most read English", "as many", "only those who are known"],
)
def test_a_channel_is_spoken_to_in_the_language_of_most_of_its_readers(
    locales: dict[str, str], language: str
) -> None:
    assert Workspace(**locales).languages.of("CA-B-C") == language


def test_a_person_is_spoken_to_in_theirs() -> None:
    assert Workspace(UBRUNO="pt-BR").languages.of("UBRUNO") == "pt_BR"


def test_a_channel_of_nobodys_hears_english() -> None:
    workspace = Workspace(UBRUNO="pt-BR")

    assert workspace.languages.of("C") == "en"
    assert workspace.asked == []


def test_what_is_of_nobody_and_nowhere_is_english() -> None:
    workspace = Workspace(UBRUNO="pt-BR")
    everywhere = Languages(
        lambda _people: workspace.known, lambda _one: "pt-BR", lambda _: ["UBRUNO"], HeldClock()
    )

    assert everywhere.of("") == "en"


def test_who_never_spoke_is_asked_for_once() -> None:
    workspace = Workspace()
    workspace.profiles["UBRUNO"] = "pt-BR"

    assert [workspace.languages.of("UBRUNO") for _ in range(3)] == ["pt_BR"] * 3
    assert workspace.asked == ["UBRUNO"]


def test_while_slack_says_nothing_it_is_english_and_asked_again_later() -> None:
    workspace = Workspace()
    assert workspace.languages.of("UBRUNO") == workspace.languages.of("UBRUNO") == "en"
    assert workspace.asked == ["UBRUNO"]

    workspace.profiles["UBRUNO"] = "pt-BR"
    workspace.clock.pass_by(601)

    assert workspace.languages.of("UBRUNO") == "pt_BR"


def test_of_a_channel_of_hundreds_who_never_spoke_a_few_are_asked_for() -> None:
    workspace = Workspace()

    workspace.languages.of("C" + "-".join(str(number) for number in range(300)))

    assert len(workspace.asked) == 3
