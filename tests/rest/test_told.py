"""What the owner of a token hears in Slack of what their program asked for."""

from __future__ import annotations

from typing import Any

from playground.slack import Message
from tests.rest.conftest import RestStage
from tests.rest.test_creation import WANTED


def ask(site: RestStage, name: str) -> str:
    """A wish of a program of ana's that has to wait; its request."""
    answer = site.program("ana").post("/cts", {**WANTED, "name": name, "reason": "a shop"})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["data"]["request"]["id"])


def private(site: RestStage, name: str) -> list[Message]:
    """What ana is told alone of the guest of this name, its own message first."""
    return [one for one in site.person("ana").sees("dm") if name in one.text]


def own(site: RestStage, name: str, *said: str) -> Message:
    """The one message of the wish, once it says all this."""

    def found() -> Message | None:
        shown = private(site, name)[:1]
        return next((one for one in shown if all(part in one.all_text for part in said)), None)

    message = site.workspace.wait_until(found, 30, f"a message with {said}")
    assert isinstance(message, Message)
    return message


def in_thread(site: RestStage, message: Message, said: str) -> Message:
    def found() -> Message | None:
        seen = site.person("ana").sees("dm", message.ts)
        return next((one for one in seen if one.ts != message.ts and said in one.text), None)

    told = site.workspace.wait_until(found, 20, f"{said!r} in the thread")
    assert isinstance(told, Message)
    return told


def test_who_asked_through_a_program_hears_of_the_approval_as_in_slack(site: RestStage) -> None:
    request_id = ask(site, "told-1")
    waiting = own(site, "told-1", "waits for approval")
    assert [one.text for one in waiting.buttons] == ["Show it", "Take it back"]

    site.types("carla", f"request approve {request_id}")

    in_thread(site, waiting, "approved it")
    vmid = site.program("ana").get(f"/requests/{request_id}").json()["data"]["vmid"]
    # Each step shows, not only the last one.
    own(site, "told-1", "address", site.id_of("carla"))
    site.cluster.guest(vmid).run_agent()
    ready = own(site, "told-1", "is ready", site.id_of("carla"))
    assert ready.ts == waiting.ts
    assert "Console" in [one.text for one in ready.buttons]
    in_thread(site, waiting, "It is done")
    site.cluster.remove_guest(vmid)


def test_who_asked_through_a_program_hears_why_not(site: RestStage) -> None:
    request_id = ask(site, "told-2")
    waiting = own(site, "told-2", "waits for approval")

    site.types("carla", f'request deny {request_id} --reason "use the shared one"')

    in_thread(site, waiting, "use the shared one")
    own(site, "told-2", "denied")


def test_a_question_reaches_who_asked_through_a_program(site: RestStage) -> None:
    request_id = ask(site, "told-3")
    waiting = own(site, "told-3", "waits for approval")

    site.types("carla", f'request ask {request_id} --question "for how long?"')

    told = in_thread(site, waiting, "for how long?")
    assert [one.text for one in told.buttons] == ["Answer"]
    site("ana", f"request cancel {request_id}")


def test_nobody_is_told_of_what_a_program_may_do_by_itself(site: RestStage) -> None:
    def seen() -> list[Any]:
        return [one.ts for one in site.person("olga").sees("dm")]

    before, olga = seen(), site.program("olga")

    olga.end_of(olga.post("/cts/105/start"))
    site("olga", "whoami")  # which is answered behind it

    assert seen() == before
