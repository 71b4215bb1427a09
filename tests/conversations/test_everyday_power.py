"""Start, stop, pull the plug, reboot: what people see when all goes well."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("words", "kind", "vmid", "told", "status"),
    [
        ("ct start 105", "vzstart", 105, "is running. Started by", "running"),
        ("ct start web-1", "vzstart", 105, "is running. Started by", "running"),
        ("CT Start WEB-1", "vzstart", 105, "is running. Started by", "running"),
        ("ct stop 106", "vzshutdown", 106, "is stopped. Shut down by", "stopped"),
        ("ct stop --force 107", "vzstop", 107, "Its plug was pulled by", "stopped"),
        ("ct reboot db-1", "vzreboot", 107, "is running again. Restarted by", "running"),
        ("vm start 120", "qmstart", 120, "is running. Started by", "running"),
        ("vm stop gitlab", "qmshutdown", 121, "is stopped. Shut down by", "stopped"),
        ("vm stop 121 --force", "qmstop", 121, "Its plug was pulled by", "stopped"),
        ("vm restart staging", "qmreboot", 122, "is running again. Restarted by", "running"),
    ],
)
def test_an_operator_changes_the_power_of_a_guest(chat, words, kind, vmid, told, status):
    answer = chat("olga", words)

    assert told in answer.text
    assert f"<@{chat.id_of('olga')}>" in answer.text
    assert f"`{vmid}`" in answer.text
    assert chat.cluster.guest(vmid).status == status
    task = chat.cluster.tasks(kind, vmid)[-1]
    assert task.user == "t-acme@pve!nubemox", "the tenant's own token did it"


def test_the_message_says_who_and_what_before_it_says_the_end(chat):
    answer = chat("olga", "ct start 105")

    assert "is starting, asked by" in answer.first_text
    assert [version.text for version in answer.message.edits] == [answer.text]
