"""A service in three steps: ask, fill one form or say it in words, use it."""

from __future__ import annotations

import json
import re

import pytest

from tests.conversations.conftest import told_of_earlier_requests
from tests.creation.test_sshkeys import ed25519

KEY = ed25519("ana@laptop", bytes(32))
WORDS = "ct create web-7 --template debian-12 --cores 2 --memory 2048 --disk 8"


@pytest.fixture
def chat(maker):
    return maker


def new_guests(chat):
    """The guests that the bot made, by their numbers."""
    return {guest.vmid: guest for guest in chat.cluster.guests if guest.vmid >= 10_000}


def becomes(chat, name, message, words, where="#all"):
    """Wait until this message says this."""

    def said():
        seen = chat.person(name).sees(chat.workspace.channel(where))
        return next((one for one in seen if one.ts == message.ts and words in one.all_text), None)

    return chat.workspace.wait_until(said, 15, f"a message to say {words!r}")


def test_a_small_container_is_made_at_once_and_its_card_says_how_to_use_it(chat):
    answer = chat("ana", f'{WORDS} --ssh-key "{KEY}" --address 10.0.0.5/24 --gateway 10.0.0.1')

    (guest,) = new_guests(chat).values()
    assert "is ready. Made for" in answer.text
    for fact in ("web-7", str(guest.vmid), guest.node, "acme", "10.0.0.5", "ssh root@10.0.0.5"):
        assert fact in answer, fact
    assert "Lease until" in answer
    assert answer.labels == ["Console", "Stop", "Snapshot", "Extend"]
    assert (guest.pool, guest.status) == ("acme", "running")
    assert str(guest.config["unprivileged"]) == "1"


def test_what_is_refused_takes_no_number_and_leaves_the_keys_that_were_remembered(chat):
    chat("ana", f'{WORDS} --ssh-key "{KEY}"')
    kept = "select public_keys from ssh_keys"
    numbers = "select count(*) from vmids"
    before = chat.sql(kept), chat.sql(numbers)
    other = ed25519("ana@desk", bytes(range(32)))
    again = f'ct create web-8 --template debian-12 --ssh-key "{other}"'
    chat("carla", "freeze")

    frozen = chat("ana", f"{again} --cores 2 --memory 2048 --disk 8")
    copied = chat("ana", "ct clone 105 twin")

    assert "All changes are stopped" in frozen.text
    assert "All changes are stopped" in copied.text
    assert (chat.sql(kept), chat.sql(numbers)) == before
    chat("carla", "unfreeze")
    chat("carla", "tenant quota acme --guests 7")
    try:
        refused = chat("ana", f"{again} --cores 2 --memory 2048 --disk 8")
    finally:
        chat("carla", "tenant quota acme --guests 50")
    assert "quota" in refused.text, refused.text
    assert chat.sql(kept) == before[0]


def test_without_an_address_it_says_so_in_words(chat):
    answer = chat("ana", f'{WORDS} --ssh-key "{KEY}"')

    assert "no address yet" in answer
    assert "When it has an address" in answer


def test_a_vm_is_made_from_a_guest_template(chat):
    answer = chat("ana", "vm create vm-7 --template debian-12 --cores 2 --memory 2048 --disk 12")

    assert "is ready. Made for" in answer.text
    (guest,) = new_guests(chat).values()
    assert guest.config["scsi0"].endswith("size=12G")
    assert (guest.pool, guest.status) == ("acme", "running")


def test_a_vm_begins_empty_with_an_installation_medium(chat):
    answer = chat(
        "ana", "vm create vm-8 --iso debian-12.7.0-amd64-netinst --cores 1 --memory 1024 --disk 4"
    )

    assert "is ready" in answer.text
    (guest,) = new_guests(chat).values()
    assert "netinst.iso,media=cdrom" in guest.config["ide2"]


def test_a_larger_one_waits_for_a_second_person_and_then_becomes_the_same_message(chat):
    turn = chat.types("ana", 'ct create big-1 --template debian-12 --cores 4 --reason "for CI"')
    waiting = chat.begun(turn)
    assert "big-1" in waiting
    assert new_guests(chat) == {}

    request = chat.sql("select id from requests where state = 'pending'")[0][0]
    chat("carla", f"request approve {request}")

    becomes(chat, "ana", waiting.message, "is ready")
    assert [guest.name for guest in new_guests(chat).values()] == ["big-1"]


def test_approved_by_nobody_nothing_is_made(chat):
    chat.begun(chat.types("ana", "ct create big-2 --template debian-12 --cores 4"))
    request = chat.sql("select id from requests where state = 'pending'")[0][0]

    chat("carla", f"request deny {request} --reason 'too large'")

    assert new_guests(chat) == {}


def test_a_dry_run_shows_the_exact_calls_and_takes_no_number(chat):
    with chat.nothing_changes():
        first = chat("ana", f"{WORDS} --dry-run")
        again = chat("ana", f"{WORDS} --dry-run")

    assert "POST /nodes/" in first
    assert "unprivileged=1" in first
    assert "pool=acme" in first
    assert "firewall=1" in first
    assert re.findall(r"vmid=(\d+)", first.all_text) == re.findall(r"vmid=(\d+)", again.all_text)


def test_what_a_dry_run_shows_is_what_is_sent(chat):
    shown = chat("ana", f"{WORDS} --dry-run")
    with chat.calls() as made:
        chat("ana", WORDS)

    (call,) = [call for call in made if call.method == "POST" and call.path.endswith("/lxc")]
    for name, value in call.params.items():
        if name not in ("description", "vmid"):
            assert f"{name}={value}" in shown.all_text, name


def test_an_operator_may_look_at_the_plan_and_not_run_it(chat):
    assert "POST /nodes/" in chat("olga", f"{WORDS} --dry-run")
    with chat.nothing_changes():
        assert "needs the role owner" in chat("olga", WORDS)
        assert "needs the role owner" in chat("vic", WORDS)
        assert "needs the role operator" in chat("vic", f"{WORDS} --dry-run")


def test_somebody_elses_pool_is_no_pool(chat):
    with chat.nothing_changes():
        theirs = chat("ana", f"{WORDS} --pool globex")
        nobodys = chat("ana", f"{WORDS} --pool nowhere")

    assert theirs.text.replace("globex", "nowhere") == nobodys.text


def test_an_admin_has_to_say_which_pool(chat):
    assert "Say which one" in chat("carla", WORDS)

    assert "is ready" in chat("carla", f"{WORDS} --pool globex").text
    (guest,) = new_guests(chat).values()
    assert guest.pool == "globex"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--template windows-3", "There is no template"),
        ("--template debian-12-cloud", "makes virtual machines"),
        ("--template debian-12 --node pve9", "There is no node pve9"),
        ("--template debian-12 --storage nfs", "There is no storage nfs"),
        ("--template debian-12 --bridge vmbr9", "There is no bridge vmbr9"),
        ("--template debian-12 --disk 5000", "GiB"),
        ("--template debian-12 --memory 500000", "MiB of memory"),
        ("--template debian-12 --address 10.0.0.5", "no address for a guest"),
        ("--template debian-12 --address 10.0.0.0/24", "no address for a guest"),
        ("--template debian-12 --address 10.0.0.5/24 --gateway 10.9.0.1", "no gateway"),
        ("--template debian-12 --gateway 10.0.0.1", "goes with an address"),
        ("--template debian-12 --user ana", "virtual machines alone"),
        ("--template debian-12 --ssh-key hello", "no SSH public key"),
        ("--template debian-12 --ssh-key '-----BEGIN OPENSSH PRIVATE KEY-----'", "private key"),
        ("--template debian-12 --vmid 105", "cannot be given"),
        ("--template debian-12 --vmid 205", "cannot be given"),
        ("--template debian-12 --vmid 9999", "cannot be given"),
    ],
)
def test_what_cannot_be_is_said_at_once_and_changes_nothing(chat, words, told):
    with chat.nothing_changes():
        assert told in chat("ana", f"ct create web-9 {words}")


def test_every_number_that_is_not_free_answers_alike(chat):
    said = {
        vmid: chat("ana", f"{WORDS} --vmid {vmid}").text.replace(str(vmid), "N")
        for vmid in (105, 205, 300, 400, 9000, 9999)
    }

    assert len(set(said.values())) == 1, said


def test_a_number_of_ones_own_is_given_once_even_when_it_came_to_nothing(chat):
    chat.begun(chat.types("ana", "ct create big-3 --template debian-12 --cores 4 --vmid 15000"))
    request = chat.sql("select id from requests where state = 'pending'")[0][0]
    chat("carla", f"request deny {request} --reason no")
    told_of_earlier_requests(chat)

    again = chat("ana", f"{WORDS} --vmid 15000")

    assert "cannot be given" in again


def test_no_node_with_room_says_where_to_look(chat):
    answer = chat("ana", "ct create web-9 --template debian-12 --disk 60000")

    assert "Show the storages" in answer.labels


def test_without_quorum_nothing_is_made_and_it_says_why(chat):
    chat.cluster.lose_quorum()

    answer = chat("ana", WORDS, within=90)

    assert "no quorum" in answer
    assert new_guests(chat) == {}


def test_a_node_that_is_down_is_passed_over(chat):
    chat.cluster.take_node_offline("pve1")

    answer = chat("ana", f"{WORDS} --pool acme")

    assert "is ready" in answer.text
    (guest,) = new_guests(chat).values()
    assert guest.node != "pve1"


def test_a_node_that_was_named_and_is_down_is_a_no(chat):
    chat.cluster.take_node_offline("pve2")

    with chat.nothing_changes():
        assert "does not answer" in chat("ana", f"{WORDS} --node pve2")


def test_a_full_storage_is_told_with_its_room(chat):
    with chat.cluster.tasks_failing("vzcreate", "no space left on device"):
        answer = chat("ana", WORDS)

    assert "was not made for" in answer.text
    assert "too little room" in answer
    assert new_guests(chat) == {}


def test_access_that_proxmox_refuses_is_told_and_leaves_nothing(chat):
    with chat.cluster.fail(403, "Permission check failed", method="POST", path=r"/lxc$"):
        answer = chat("ana", WORDS)

    assert "does not let the bot" in answer
    assert new_guests(chat) == {}


def test_a_guest_that_does_not_start_is_there_and_says_so(chat):
    with chat.cluster.tasks_failing("vzstart", "startup for container failed"):
        answer = chat("ana", WORDS)

    assert "It was made, but it does not run." in answer
    assert "startup for container failed" in answer
    (guest,) = new_guests(chat).values()
    assert guest.status == "stopped"


def test_a_lease_is_kept_listed_and_extended(chat):
    chat("ana", f"{WORDS} --days 5")
    (vmid,) = new_guests(chat)

    listed = chat("ana", "lease list")
    assert "web-7" in listed
    assert "ends soon" in listed

    assert "needs the role owner" in chat("olga", f"lease extend {vmid}")
    extended = chat("ana", f"lease extend {vmid} --days 60")
    assert "may live until" in extended.text
    assert "ends soon" not in chat("ana", "lease list")
    assert "Não há nenhuma máquina" in chat("bruno", f"lease extend {vmid}").text


def test_a_guest_without_an_end_has_no_lease(chat):
    answer = chat("ana", f"{WORDS} --days 0")
    (vmid,) = new_guests(chat)

    assert "without an end" in answer
    assert "has no lease" in chat("ana", f"lease extend {vmid}")


def test_the_quota_says_no_before_anything_is_made(chat):
    chat("carla", "tenant quota acme --guests 7")
    try:
        with chat.nothing_changes():
            answer = chat("ana", WORDS)
    finally:
        chat("carla", "tenant quota acme --guests 50")

    assert "quota" in answer.all_text.lower()


def test_the_buttons_of_the_card_do_what_they_say(chat):
    card = chat("ana", f"{WORDS} --days 3").message
    (guest,) = new_guests(chat).values()

    assert "may live until" in chat.presses("ana", card, "Extend").text
    assert "snapshot" in chat.presses("ana", card, "Snapshot").text.lower()
    assert len(guest.snapshots) == 1
    assert "is stopped" in chat.presses("ana", card, "Stop").text


def test_a_template_that_vanished_before_the_approval_is_told_and_nothing_is_made(chat):
    chat.cluster.add_volume("local:vztmpl/fleeting-1_1.0-1_amd64.tar.zst", format="tzst")
    templates = chat.inside._ground.templates
    templates.forget()
    chat.begun(chat.types("ana", "ct create big-4 --template fleeting --cores 4"))
    request = chat.sql("select id from requests where state = 'pending'")[0][0]
    del chat.cluster._server.storages["local"]["volumes"]["vztmpl/fleeting-1_1.0-1_amd64.tar.zst"]
    templates.forget()  # as a minute later

    answer = chat("carla", f"request approve {request}")

    assert "There is no template" in answer
    assert new_guests(chat) == {}
    chat("carla", f"request deny {request} --reason gone")


def test_a_node_that_went_down_before_the_approval_makes_another_plan(chat):
    chat.begun(chat.types("ana", "ct create big-5 --template debian-12 --cores 4"))
    request, spec = chat.sql("select id, spec from requests where state = 'pending'")[0]
    node = json.loads(spec)["node"]
    chat.cluster.take_node_offline(node)
    chat.cluster.broadcast_now()

    answer = chat("carla", f"request approve {request}")

    assert new_guests(chat) == {}, answer.all_text
    chat("carla", f"request deny {request} --reason moved")
