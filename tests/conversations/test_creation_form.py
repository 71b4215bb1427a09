"""The one form of a new guest: what it offers, what it says while it is filled, what it refuses."""

from __future__ import annotations

import pytest

from tests.conversations.test_creation import KEY, new_guests


@pytest.fixture
def chat(maker):
    return maker


def opened(chat, name="ana", words="ct create", where="#all"):
    """The form, once it shows what there is."""
    view = chat.types(name, words, where).view()
    chat.workspace.wait_until(lambda: "Loading" not in view.all_text, 10, "the form")
    return view


def changed(chat, name, view, what, value, shows):
    """Somebody chooses something, and the form follows."""
    chat.person(name).selects(view, what, value)
    chat.workspace.wait_until(lambda: shows in view.all_text, 10, f"the form to show {shows!r}")


def text_of(view, field):
    """What a field holds when nobody touched it."""
    block = next(one for one in view.blocks if one["block_id"].partition("@")[0] == field)
    element = block["element"]
    chosen = element.get("initial_option") or {}
    return element.get("initial_value") or chosen.get("value", "")


def test_ask_fill_use(chat):
    view = opened(chat)
    ana = chat.person("ana")
    assert "New container" in view.text

    changed(chat, "ana", view, "Template", "debian-12-standard", "Quota of acme")
    assert "nobody has to approve" in view.all_text
    turn = chat._does(
        "ana", "#all",
        lambda who: who.submits(view, {"Name": "web-7", "SSH public keys": KEY}),
    )  # fmt: skip

    card = chat.end_of(turn)
    assert "is ready. Made for" in card
    (guest,) = new_guests(chat).values()
    assert (guest.name, guest.pool, guest.status) == ("web-7", "acme", "running")
    assert ana.modal is None


def test_what_the_words_said_already_stands_in_the_form(chat):
    view = opened(chat, words='ct create web-9 --cores 3 --days 12 --reason "for CI"')

    assert text_of(view, "name") == "web-9"
    assert text_of(view, "size") == "own"
    assert (text_of(view, "cores"), text_of(view, "days")) == ("3", "12")
    assert text_of(view, "reason") == "for CI"


def test_the_live_line_tells_of_the_quota_and_of_who_must_approve(chat):
    view = opened(chat)
    changed(chat, "ana", view, "Template", "debian-12-standard", "Quota of acme")
    assert "nobody has to approve" in view.all_text

    changed(chat, "ana", view, "Size", "large", "has to approve it before")
    assert "→" in view.all_text


def test_numbers_of_ones_own_appear_when_they_are_wanted(chat):
    view = opened(chat)
    assert "Memory in MiB" not in view.all_text

    changed(chat, "ana", view, "Size", "own", "Memory in MiB")


def test_more_shows_where_it_goes_and_keeps_what_was_typed(chat):
    view = opened(chat)
    ana = chat.person("ana")
    ana.fills(view, {"Name": "web-12"})

    ana.clicks(view, "More")

    chat.workspace.wait_until(lambda: "Network bridge" in view.all_text, 10, "more")
    for field in ("Node", "Storage", "Address", "Gateway"):
        assert field in view.all_text
    changed(chat, "ana", view, "Template", "debian-12-standard", "Quota of acme")
    assert "Network bridge" in view.all_text, "it stays open"
    entered = {name: next(iter(value.values())) for name, value in view.entered.items()}
    assert entered["name"]["value"] == "web-12"


def test_the_node_and_the_address_of_the_form_count(chat):
    view = opened(chat)
    ana = chat.person("ana")
    ana.clicks(view, "More")
    chat.workspace.wait_until(lambda: "Network bridge" in view.all_text, 10, "more")
    changed(chat, "ana", view, "Template", "debian-12-standard", "Quota of acme")
    ana.selects(view, "Node", "pve3")
    chat.workspace.wait_until(
        lambda: any(b["block_id"] == "storage@pve3" for b in view.blocks), 10, "its storages"
    )

    turn = chat._does(
        "ana", "#all",
        lambda who: who.submits(view, {"Name": "web-3", "Address": "10.0.0.9/24"}),
    )  # fmt: skip

    assert "10.0.0.9" in chat.end_of(turn)
    (guest,) = new_guests(chat).values()
    assert guest.node == "pve3"


@pytest.mark.parametrize(
    ("values", "field", "told"),
    [
        ({"Name": "web 7"}, "name", "Give a name"),
        ({"Name": "web_7"}, "name", "Give a name"),
        ({"Name": "105"}, "name", "cannot be a guest's name"),
        ({"SSH public keys": "hello"}, "ssh_key", "no SSH public key"),
        ({"SSH public keys": "-----BEGIN RSA PRIVATE KEY-----"}, "ssh_key", "private key"),
        ({"SSH public keys": KEY[:60]}, "ssh_key", "no SSH public key"),
    ],
)
def test_a_wrong_field_is_answered_at_that_field(chat, values, field, told):
    view = opened(chat)
    chat.person("ana").selects(view, "Template", "debian-12-standard")
    chat.workspace.wait_until(lambda: "Quota of acme" in view.all_text, 10, "the quota")

    with chat.nothing_changes():
        turn = chat.person("ana").submits(view, {"Name": "web-7", **values})

    assert list(turn.errors) == [field], turn.errors
    assert told in turn.errors[field]
    assert chat.person("ana").modal is view


def test_a_quota_that_is_full_is_said_in_the_form(chat):
    chat("carla", "tenant quota acme --guests 7")
    view = opened(chat)
    try:
        chat.person("ana").selects(view, "Template", "debian-12-standard")
        chat.workspace.wait_until(lambda: "quota" in view.all_text.lower(), 10, "the quota")
        with chat.nothing_changes():
            turn = chat.person("ana").submits(view, {"Name": "web-7"})
            assert list(turn.errors) == ["size"]
    finally:
        chat("carla", "tenant quota acme --guests 50")


def test_the_keys_of_last_time_stand_there(chat):
    chat("ana", f'ct create web-1x --template debian-12 --ssh-key "{KEY}"')

    assert text_of(opened(chat), "ssh_key") == KEY
    chat("ana", "ct create web-1y --template debian-12 --ssh-key none")
    assert text_of(opened(chat), "ssh_key") == ""


def test_who_may_make_nothing_hears_why_instead_of_a_form(chat):
    view = chat.types("olga", "ct create").view()

    chat.workspace.wait_until(lambda: "owner" in view.all_text, 10, "the reason")
    assert view.view.get("submit") is None


def test_in_a_direct_message_a_button_opens_it(chat):
    offer = chat.dms("ana", "ct create web-5").message()

    view = chat.person("ana").clicks(offer, "New guest").view()
    chat.workspace.wait_until(lambda: "Loading" not in view.all_text, 10, "the form")

    assert text_of(view, "name") == "web-5"


def test_with_five_hundred_templates_one_searches(chat):
    volumes = chat.cluster._server.storages["nfs"]["volumes"]
    before = dict(volumes)
    for number in range(500):
        name = f"zz{number:03}-{'very-long-name-' * 6}x_1.0-1_amd64.tar.zst"
        chat.cluster.add_volume(f"nfs:vztmpl/{name}", format="tzst")
    chat.inside._ground.templates.forget()  # as a minute later
    try:
        view = opened(chat)
        ana = chat.person("ana")
        assert len(ana.searches(view, "Template", "")) == 100
        assert len(ana.searches(view, "Template", "zz499")) == 1
        assert ana.searches(view, "Template", "no such") == []
        changed(chat, "ana", view, "Template", "debian-12-standard", "Quota of acme")
    finally:
        for name in set(volumes) - set(before):
            del volumes[name]
        chat.inside._ground.templates.forget()


def test_three_hundred_storages_are_searched_too(chat):
    storages = chat.cluster._server.storages
    before = set(storages)
    for number in range(300):
        chat.cluster.add_storage(
            f"store-{number:03}", kind="rbd", content="images,rootdir", shared=1, total=10**12
        )
        chat.cluster.grant("nubemox@pve", f"/storage/store-{number:03}", "PVEDatastoreUser")
    try:
        chat.inside._ground.inventory.forget()
        chat.inside._ground.grounds._held = None  # as a minute later
        view = opened(chat)
        ana = chat.person("ana")
        ana.clicks(view, "More")
        chat.workspace.wait_until(lambda: "Network bridge" in view.all_text, 10, "more")
        assert [one["value"] for one in ana.searches(view, "Storage", "store-299")] == ["store-299"]
    finally:
        for name in set(storages) - before:
            del storages[name]
        chat.inside._ground.inventory.forget()


def test_it_speaks_the_readers_language(chat):
    chat("carla", f"tenant add globex {chat.id_of('bruno')} --role owner")
    view = chat.types("bruno", "ct create").view()
    chat.workspace.wait_until(lambda: "Modelo" in view.all_text, 10, "the form in Portuguese")

    assert "Novo contêiner" in view.text
    for word in ("Nome", "Tamanho", "Concessão em dias", "Chaves públicas SSH", "Para que é?"):
        assert word in view.all_text, word
