"""The bot's main job, told once and asked of every database it can stand on."""

from __future__ import annotations

from tests.process.site import PATIENCE_S, Site, running


def start_105(site: Site) -> None:
    """The operator of its tenant starts container 105: one message, from asked to done."""
    turn = site.ask("ana", "ct start 105", "#acme")

    message = turn.final("is running", PATIENCE_S)
    assert running(site, 105)
    [task] = site.cluster.tasks("vzstart", 105)
    assert task.user == "t-acme@pve!nubemox"
    assert task.exitstatus == "OK"
    assert turn.messages == [message]
    asked, done = (version.text for version in message.history)
    assert "is starting, asked by" in asked
    assert "is running. Started by" in done


def ask_for_a_foreign_guest(site: Site) -> None:
    """Somebody of another tenant hears of 105 what they hear of a guest that is not there."""
    site.cluster.clear_calls()
    before = len(site.cluster.tasks())

    for words in ("ct {} 105", "ct {} --force 105", "vm {} 105"):
        for verb in ("start", "stop", "reboot", "status"):
            if "--force" in words and verb != "stop":
                continue
            foreign = site.told("bruno", words.format(verb), "#globex")
            missing = site.told("bruno", words.format(verb).replace("105", "999"), "#globex")
            assert foreign.text == missing.text.replace("999", "105")
            assert foreign.all_text == missing.all_text.replace("999", "105")
            assert foreign.ephemeral_for == site.workspace.user("bruno").id

    assert site.cluster.mutations() == []
    assert len(site.cluster.tasks()) == before
