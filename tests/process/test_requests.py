"""Requests outlive the process: killed between asking, deciding and telling; out of time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.slack import Message
from tests.process.harness import BriskBot, until
from tests.process.site import PATIENCE_S, Site, site_in

pytestmark = pytest.mark.process


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_in(tmp_path_factory.mktemp("bot")) as one:
        one.ask("carla", "tenant create acme").final("is ready", PATIENCE_S)
        one.ask("carla", "tenant add acme @ana --role owner").final("owner of", PATIENCE_S)
        yield one


def asked(site: Site, cores: int) -> tuple[str, Message]:
    """Ana's request for more, and her message about it."""
    turn = site.ask("ana", f"request increase acme --cores {cores} --reason shop")
    message = turn.message(PATIENCE_S)
    found = re.search(r"req_[0-9a-z]{26}", str(message.blocks))
    assert found is not None
    return found[0], message


def cards(site: Site, request_id: str) -> list[Message]:
    carla = site.workspace.user("carla")
    return [one for one in carla.sees(carla.dm) if f"approve {request_id}" in str(one.blocks)]


def test_killed_between_the_request_and_its_approval(site: Site) -> None:
    request_id, message = asked(site, 40)
    until(lambda: cards(site, request_id), within_s=PATIENCE_S, what="the card")
    (card,) = cards(site, request_id)

    site.bot.kill()
    site.bot.start()
    site.ask("carla", f"request approve {request_id} --note enjoy", "#ops")

    until(lambda: "enjoy" in message.text, within_s=PATIENCE_S, what="the requester's message")
    until(lambda: "approved it" in card.text, within_s=PATIENCE_S, what="the card's end")
    assert [row["quota_cores"] for row in site.rows("select quota_cores from tenants")] == [40]


def test_killed_before_anybody_could_be_told(site: Site) -> None:
    site.workspace.faults.next("chat.postMessage", times=50, status=503)
    turn = site.ask("ana", "request increase acme --cores 50 --reason shop")
    until(lambda: site.rows("select 1 from requests where state = 'pending'"), what="the request")

    site.bot.kill()
    site.workspace.faults.clear()
    site.bot.start()

    (row,) = site.rows("select id from requests where state = 'pending'")
    until(lambda: cards(site, row["id"]), within_s=PATIENCE_S, what="the card")
    assert len(cards(site, row["id"])) == 1
    assert "waits for approval" in turn.message(PATIENCE_S).text
    site.ask("ana", f"request cancel {row['id']}").message(PATIENCE_S)


def test_what_nobody_decides_expires_by_the_clock(tmp_path: Path) -> None:
    with site_in(tmp_path, born=BriskBot, NUBEMOX_APPROVAL_HOURS="0.002") as site:
        site.ask("carla", "tenant create acme").final("is ready", PATIENCE_S)
        site.ask("carla", "tenant add acme @ana --role owner").final("owner of", PATIENCE_S)
        request_id, message = asked(site, 40)

        until(lambda: "expired" in message.text, within_s=PATIENCE_S, what="the end of its time")

        answer = site.ask("carla", f"request approve {request_id}", "#ops").message(PATIENCE_S)
        assert "expired already" in answer.text
        assert [row["state"] for row in site.rows("select state from requests")] == ["expired"]
        assert site.is_audit_whole()


def test_killed_as_soon_as_it_was_approved_it_is_made_once(site: Site) -> None:
    words = "ct create shop --template debian-12 --cores 1 --memory 512 --disk 4 --reason shop"
    message = site.ask("ana", words).message(PATIENCE_S)
    found = re.search(r"req_[0-9a-z]{26}", str(message.blocks))
    assert found is not None, message.all_text
    until(lambda: cards(site, found[0]), within_s=PATIENCE_S, what="the card")

    site.ask("carla", f"request approve {found[0]}", "#ops")
    until(lambda: site.rows("select 1 from operations where name = 'shop'"), what="the operation")
    site.bot.kill()
    site.bot.start()

    def made() -> bool:
        mine = [guest for guest in site.cluster.guests if guest.name == "shop"]
        return [guest.status for guest in mine] == ["running"]

    until(made, within_s=60, what="the guest")
    assert len(site.rows("select 1 from operations where name = 'shop'")) == 1
    assert len(site.cluster.tasks("vzcreate")) == 1
    until(lambda: "approved it" in message.all_text, within_s=PATIENCE_S, what="who approved it")
