"""Storages that are named, or chosen: those alone that Proxmox VE lets the bot use."""

from __future__ import annotations

import pytest

STOPPED, RUNNING = 470, 471
BOT = "nubemox@pve"
MADE = "--template debian-12 --node pve1 --cores 1 --memory 512 --disk 8"


def rights_are_read_anew(stage):
    stage.inside._ground.grounds._held = None


@pytest.fixture
def lab(maker):
    """Two containers of acme's, and the largest storage of all, which is not for the bot."""
    cluster = maker.cluster
    cluster.add_storage(
        "vault", kind="nfs", content="images,rootdir,backup", shared=1, total=900 * 1024**4
    )
    cluster.add_storage("far", kind="dir", content="rootdir,backup", nodes="pve3")
    cluster.grant(BOT, "/storage/far", "PVEDatastoreUser")
    for vmid, state in ((STOPPED, "stopped"), (RUNNING, "running")):
        cluster.add_container(
            vmid, name=f"store-{vmid}", node="pve1", pool="acme", status=state, cores=1,
            memory=512, rootfs=f"ceph:vm-{vmid}-disk-0,size=8G", unprivileged=1,
        )  # fmt: skip
    rights_are_read_anew(maker)
    yield maker
    cluster.remove_storage("vault")
    cluster.remove_storage("far")
    cluster.remove_backups()
    maker.sql("delete from backup_owners")
    maker.sql("delete from leases")


@pytest.mark.parametrize("storage", ["vault", "far", "nfs", "nowhere"])
@pytest.mark.parametrize(
    "words",
    [
        f"ct create fresh-1 {MADE}",
        f"ct clone {RUNNING} twin",
        f"ct clone {STOPPED} twin --dry-run",
        f"ct backup restore {STOPPED} 1 --as twin",
    ],
)
def test_disks_go_to_no_storage_that_the_bot_may_not_use(lab, words, storage):
    """Not allowed, on another node alone, not for disks, not there: nothing is begun."""
    if "restore" in words:
        lab("ana", f"ct backup create {STOPPED}")

    with lab.nothing_changes():
        answer = lab("ana", f"{words} --storage {storage}")

    assert storage in answer.text, answer.text
    assert "These can be used: ceph, local-lvm." in answer.text


@pytest.mark.parametrize("storage", ["vault", "far", "ceph"])
def test_backups_go_to_no_storage_that_the_bot_may_not_use(lab, storage):
    with lab.nothing_changes():
        answer = lab("ana", f"ct backup create {STOPPED} --storage {storage}")

    assert f"{storage} is no storage on which pve1 can put backups now." in answer.text
    assert "These can be used: nfs, local." in answer.text


def test_what_nobody_named_is_never_put_where_the_bot_may_not(lab):
    made = lab("ana", f"ct backup create {STOPPED}")
    assert "is backed up to `nfs`." in made.text, made.text

    lab.cluster.remove_guest(STOPPED)
    back = lab("ana", f"ct backup restore {STOPPED} 1 --as twin", within=15)

    assert "is there" in back.text, back.text
    (new,) = [guest for guest in lab.cluster.guests if guest.name == "twin"]
    assert new.config["rootfs"].startswith("ceph:")


def test_nothing_is_deleted_unsaved_because_the_bot_may_use_no_storage_for_backups(lab):
    taken = [f"/storage/{name}" for name in ("nfs", "local")]
    for path in taken:
        lab.cluster.access.delete_acl(path, BOT, "PVEDatastoreUser")
    rights_are_read_anew(lab)
    try:
        with lab.nothing_changes():
            answer = lab("ana", f"ct delete {STOPPED} --confirm store-{STOPPED}")
    finally:
        for path in taken:
            lab.cluster.grant(BOT, path, "PVEDatastoreUser")
        rights_are_read_anew(lab)

    assert "lets the bot put backups on no storage of pve1. Nothing was done." in answer.text
    assert "vault" in answer.text
    assert "nfs" in answer.text


def test_a_list_of_templates_tells_which_storage_did_not_answer(maker):
    maker.cluster.fail(500, "mount error", path="storage/local/content")
    maker.inside._ground.templates.forget()
    try:
        answer = maker("ana", "template list")
        told = maker("bruno", "template list")
    finally:
        maker.cluster.clear_faults()
        maker.inside._ground.templates.forget()

    assert "These storages did not answer, so there may be more: local." in answer.all_text
    assert "Estes storages não responderam" in told.all_text
    assert "did not answer" not in maker("ana", "template list").all_text
