"""Who is told, in how many messages, over both databases."""

from __future__ import annotations

from datetime import timedelta

from nubemox_bot.alerts import rules
from nubemox_bot.alerts.model import Observation, Silence

NODE = Observation(rules.NODE_OFFLINE, "node/pve1", 1, {"node": "pve1"})
NODE_BACK = Observation(rules.NODE_OFFLINE, "node/pve1", 0)


def test_a_nodes_alert_goes_to_the_ops_channel_and_ends_in_its_thread(watching):
    watching.sees(NODE)
    [(topic, target)] = watching.notices.posted()
    for _ in range(5):
        watching.sees(NODE_BACK)

    assert target == "C0OPS"
    assert watching.notices.or_to[topic] == ("U0CARLA",)
    assert watching.notices.notes() == ["resolved"]
    assert topic in watching.notices.edits
    assert watching.firing() == []


def test_without_an_ops_channel_nothing_of_the_cluster_is_posted(watching_without_ops):
    watching_without_ops.sees(NODE)

    assert watching_without_ops.notices.posted() == []
    assert [one.subject for one in watching_without_ops.firing()] == ["node/pve1"]


def test_a_guests_alert_goes_to_the_channel_of_its_tenant(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))

    [(topic, target)] = watching.notices.posted()
    assert target == "C0ACME"
    assert watching.notices.or_to[topic] == ("U0ANA",)


def test_without_a_channel_each_owner_hears_in_person(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/205", pool="globex"))

    assert [target for _, target in watching.notices.posted()] == ["U0BRUNO", "U0BEA"]


def test_where_nobody_of_the_tenant_can_be_reached_the_platform_hears(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/305", pool="initech"))
    watching.sees(seen(rules.BACKUP_FAILED, "guest/306", pool="nobodys"))

    assert {target for _, target in watching.notices.posted()} == {"C0OPS"}


def test_a_failed_backup_of_a_whole_job_goes_to_the_platform(watching):
    watching.sees(Observation(rules.BACKUP_FAILED, "node/pve1", 1, {"node": "pve1"}))

    assert [target for _, target in watching.notices.posted()] == ["C0OPS"]


def test_a_restart_fires_nothing_again(watching):
    watching.sees(NODE)
    after = watching.restarted()
    for _ in range(10):
        after.sees(NODE)

    assert len(watching.notices.posted()) == 1
    assert watching.notices.notes() == []


def test_two_replicas_that_see_the_same_tell_it_once(watching):
    other = watching.restarted()
    watching.sees(NODE)
    other.sees(NODE, after_s=0)

    assert len(watching.notices.posted()) == 1
    assert len(watching.firing()) == 1


def test_a_storm_of_five_hundred_is_one_message(watching, seen):
    storm = [seen(rules.HA_ERROR, f"guest/{n}") for n in range(500)]
    for _ in range(4):
        watching.sees(*storm)

    assert len(watching.notices.posted("digest")) == 1
    assert watching.notices.posted("alert") == []
    assert len(watching.firing()) == 500


def test_a_storm_that_trickles_in_is_ten_messages_and_a_digest(watching, seen):
    for n in range(60):
        watching.sees(seen(rules.HA_ERROR, f"guest/{n}"), after_s=3)

    assert len(watching.notices.posted("alert")) == 10
    assert len(watching.notices.posted("digest")) == 1
    [digest_id] = {one.digest_id for one in watching.firing()} - {None}
    assert len(watching.store.of_digest(digest_id)) == 50


def test_after_a_storm_alerts_come_one_by_one_again(watching, seen):
    watching.sees(*(seen(rules.HA_ERROR, f"guest/{n}") for n in range(50)))
    watching.sees(seen(rules.HA_ERROR, "guest/900"), after_s=300)

    assert len(watching.notices.posted("alert")) == 1


def test_audiences_do_not_share_a_digest(watching, seen):
    watching.sees(
        *(seen(rules.HA_ERROR, f"guest/{n}", pool="acme") for n in range(20)),
        *(seen(rules.HA_ERROR, f"guest/9{n}", pool="nobodys") for n in range(3)),
    )

    assert [target for _, target in watching.notices.posted("digest")] == ["C0ACME"]
    assert [target for _, target in watching.notices.posted("alert")] == ["C0OPS"] * 3


def test_a_digest_follows_its_alerts_in_one_message(watching, seen):
    storm = [seen(rules.BACKUP_FAILED, f"guest/{n}") for n in range(20)]
    watching.sees(*storm)
    watching.sees(*(seen(rules.BACKUP_FAILED, f"guest/{n}", 0) for n in range(20)))

    assert len(watching.notices.posted()) == 1
    assert watching.notices.notes() == []
    assert len(watching.notices.edits) > 1


def silence(watching, hours: float, rule: str = rules.NODE_OFFLINE) -> None:
    until = watching.clock.now() + timedelta(hours=hours)
    with watching.database.write() as connection:
        watching.store.silence(
            connection, Silence(rule, "node/pve1", until, "U0CARLA", "maintenance")
        )


def test_what_is_silenced_is_kept_and_not_told(watching):
    silence(watching, 2)
    watching.sees(NODE)

    assert watching.notices.posted() == []
    assert len(watching.firing()) == 1


def test_when_the_silence_is_over_and_it_is_still_so_it_is_told(watching):
    silence(watching, 2)
    watching.sees(NODE)
    watching.sees(NODE, after_s=7300)
    watching.sees(NODE)

    assert len(watching.notices.posted()) == 1


def test_what_came_and_went_in_silence_is_never_told(watching):
    silence(watching, 2)
    watching.sees(NODE)
    for _ in range(5):
        watching.sees(NODE_BACK)
    watching.sees(NODE_BACK, after_s=7300)

    assert watching.notices.posted() == []
    assert watching.notices.notes() == []


def test_what_was_told_before_the_silence_is_noted_after_it(watching):
    watching.sees(NODE)
    silence(watching, 2)
    watching.sees(NODE)
    watching.sees(NODE, after_s=7300)
    watching.sees(NODE)

    assert len(watching.notices.posted()) == 1
    assert [note.split("-")[0] for note in watching.notices.notes()] == ["unsilenced"]


def test_a_node_that_flaps_all_day_is_a_handful_of_messages(watching):
    for n in range(1500):
        watching.sees(NODE if n // 7 % 2 else NODE_BACK)

    assert len(watching.notices.posted()) == 1
    assert len(watching.notices.notes()) <= 6


def test_what_is_forgotten_after_a_month_is_over_for_long(watching):
    watching.sees(NODE)
    for _ in range(5):
        watching.sees(NODE_BACK)
    watching.sees(Observation(rules.QUORUM_LOST, "cluster", 1))

    forgotten = watching.store.forget_old(watching.clock.now() + timedelta(days=31))

    assert forgotten == 1
    assert len(watching.firing()) == 1


def test_a_guest_that_changes_hands_takes_nothing_of_its_news_to_its_former_tenant(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))
    [(topic, _)] = watching.notices.posted()

    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="globex"))
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="globex"), after_s=3600)

    closed = watching.store.get(topic.partition(":")[2])
    assert (closed.state, closed.facts["pool"]) == ("closed", "acme")
    assert [target for _, target in watching.notices.posted()] == ["C0ACME", "U0BRUNO", "U0BEA"]
    assert {one.tenant_id for one in watching.firing()} == {"ten_globex"}


def test_what_is_not_looked_at_again_goes_to_the_guests_next_tenant_too(watching, seen):
    """Nothing more is seen of a failed backup until there is another one."""
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))
    [(topic, _)] = watching.notices.posted()
    watching.finds(guest_105="acme")
    assert {one.tenant_id for one in watching.firing()} == {"ten_acme"}

    watching.finds(guest_105="globex")
    watching.finds(guest_105="globex")

    closed = watching.store.get(topic.partition(":")[2])
    assert (closed.state, closed.facts["pool"]) == ("closed", "acme")
    [alert] = watching.firing()
    assert (alert.tenant_id, alert.facts["pool"]) == ("ten_globex", "globex")
    assert [target for _, target in watching.notices.posted()] == ["C0ACME", "U0BRUNO", "U0BEA"]


def test_a_move_between_pools_of_nobody_tells_nobody_again(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="nobodys"))
    told = watching.notices.posted()

    watching.finds(guest_105="nobodys-either")

    [alert] = watching.firing()
    assert alert.facts["pool"] == "nobodys-either"
    assert watching.notices.posted() == told


def test_a_silence_of_the_former_tenant_does_not_mute_the_next_one(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))
    [alert] = watching.firing()
    until = watching.clock.now() + timedelta(hours=1)
    quiet = Silence(alert.rule, alert.subject, until, "U0ANA", "known", "ten_acme")
    with watching.database.write() as connection:
        watching.store.silence(connection, quiet)

    watching.finds(guest_105="globex")

    [fresh] = watching.firing()
    assert fresh.told_at is not None
    assert watching.store.silence_of(fresh) is None
    assert [target for _, target in watching.notices.posted()] == ["C0ACME", "U0BRUNO", "U0BEA"]


def test_a_silence_counts_for_its_own_tenant_alone(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))
    [alert] = watching.firing()
    until = watching.clock.now() + timedelta(minutes=5)
    quiet = Silence(alert.rule, alert.subject, until, "U0ANA", "known", "ten_other")
    with watching.database.write() as connection:
        watching.store.silence(connection, quiet)
    notes = list(watching.notices.in_threads)

    watching.sees(after_s=600)

    assert not quiet.covers(alert, watching.clock.now())
    assert watching.notices.in_threads == notes, "its end tells them nothing"
    assert watching.store.silence_of(alert) is None


def test_what_fires_again_for_another_tenant_is_another_message(watching, seen):
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="acme"))
    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", 0, pool="acme"))

    watching.sees(seen(rules.BACKUP_FAILED, "guest/105", pool="globex"))

    assert [target for _, target in watching.notices.posted()] == ["C0ACME", "U0BRUNO", "U0BEA"]
