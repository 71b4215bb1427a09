"""A service in three steps, on the page: ask, fill one form, use it."""

from __future__ import annotations

import pytest

from tests.conversations.test_creation import KEY

pytestmark = pytest.mark.process


@pytest.fixture
def form(screen, demo):
    """The form that Ana opened."""
    demo.cluster.give_addresses_after(0.2)
    screen.open(demo.url, "ana", "acme")
    screen.says("/nubemox ct create")
    screen.await_(lambda: screen.find("dialog.modal [data-block=name] input"), what="the form")
    yield screen
    ana = demo.workspace.user("ana")
    while ana.modal:
        ana.closes(ana.modal, whole_stack=True)


def live(form, words):
    form.await_(lambda: words in form.find("dialog .body").text, what=words)


def test_ask_fill_use(form, demo):
    form.chooses("[data-block=template]", "debian-12-standard")
    live(form, "nobody has to approve it")
    form.types("[data-block=name] input", "web-7")
    form.types("[data-block=ssh_key] textarea", KEY)
    form.types("[data-block=reason] textarea", "the shop's new front")
    form.presses("Create", "dialog")

    form.await_(lambda: not form.every("dialog"), what="the form to close")
    ready = form.sees("is ready. Made for @Ana Lee", within_s=20)

    (guest,) = [one for one in demo.cluster.guests if one.name == "web-7"]
    for fact in (str(guest.vmid), guest.node, "acme", "ssh root@"):
        assert fact in ready.text, fact
    assert guest.status == "running"


def test_what_is_wrong_is_said_at_its_field_and_mended_there(form, demo):
    form.chooses("[data-block=template]", "debian-12-standard")
    form.types("[data-block=name] input", "web_8")
    form.types("[data-block=ssh_key] textarea", "not a key")
    form.presses("Create", "dialog")

    form.await_(lambda: "no SSH public key" in form.find("[data-block=ssh_key] .error").text)
    form.types("[data-block=ssh_key] textarea", KEY)
    form.presses("Create", "dialog")
    form.await_(lambda: form.find("[data-block=name] .error"), what="the name's fault")
    form.types("[data-block=name] input", "web-8")
    form.presses("Create", "dialog")

    form.sees("web-8", within_s=20)


def test_more_is_there_for_who_wants_it(form):
    form.types("[data-block=name] input", "web-9")
    form.presses("More", "dialog")

    live(form, "Network bridge")
    assert form.find("[data-block=name] input").get_attribute("value") == "web-9"
