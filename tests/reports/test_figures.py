"""A summary's figures and pictures: right, and within Slack's limits at any size."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from nubemox_bot.blockkit.limits import faults_of_message
from nubemox_bot.charts import Painter
from nubemox_bot.core.i18n import speaking
from nubemox_bot.core.metrics import Metrics
from nubemox_bot.pve.cluster import PveCluster
from nubemox_bot.pve.inventory import Inventory
from nubemox_bot.reports import views
from nubemox_bot.reports.model import Summary
from nubemox_bot.reports.service import Counts, Figuring, Reporter
from nubemox_bot.reports.store import ReportStore
from nubemox_bot.store.engine import Database
from nubemox_bot.store.tables import samples
from playground.cluster import SimulatedCluster
from playground.world import big_world, demo_world
from tests.clusters import client_of
from tests.databases import HeldClock
from tests.reports.slots import FIGURES, GIB, MONDAY, Given, NoPictures, clockwork


def test_a_summary_tells_what_changed_since_the_last_one(database, clock):
    works = clockwork(database, clock, Given())
    works.look()
    clock.pass_by(120)
    works.look()
    clock.pass_by(3600)

    reply = views.summary(
        Reporter(ReportStore(database), NoPictures(), timezone="UTC").summary(
            replace(FIGURES, guests_running=12, memory_used=100 * GIB), clock.now()
        ),
        in_channel=True,
    )

    text = str(reply.blocks)
    assert "12 / 13 (6 VMs, 7 containers) · +" in text
    assert "100 of 192 GiB (52 %) · +33 points" in text
    assert "Storage" in text
    assert "unchanged" in text


# -------------------------------------------------------------------- figures


def figuring(cluster: SimulatedCluster, database: Database) -> tuple[Figuring, Metrics]:
    clock, metrics = HeldClock(), Metrics()
    client = client_of(cluster, timeout_s=30, metrics=metrics, clock=clock)
    inventory = Inventory(client, clock, metrics)
    counts = Counts(firing=lambda: 4, head=lambda: (7, "ff" * 32), waiting=lambda: 2)
    pve = PveCluster(client, inventory, clock)
    return Figuring(pve, ReportStore(database), counts, clock), metrics


def test_the_figures_are_those_of_the_cluster_counted_by_hand(sqlite_url):
    with demo_world() as cluster:
        cluster.take_node_offline("pve3")
        cluster.fill_storage("nfs", 50)
        figures = figuring(cluster, Database(sqlite_url))[0].figures()
        guests = [guest for guest in cluster.guests if not guest.template]
        up = [guest for guest in guests if guest.node != "pve3" and guest.status == "running"]
        nodes = {guest.node for guest in guests}

    assert (figures.nodes_online, figures.nodes) == (len(nodes) - 1, len(nodes))
    assert figures.nodes_offline == ("pve3",)
    assert (figures.guests_running, figures.guests) == (len(up), len(guests))
    assert figures.vms == sum(guest.kind == "qemu" for guest in guests)
    assert figures.containers == sum(guest.kind == "lxc" for guest in guests)
    assert figures.cpu_total == 2 * 16
    assert figures.memory_total == 2 * 64 * GIB
    assert figures.memory_used == 2 * 12 * GIB
    # local and local-lvm on each node that is up, ceph and nfs once.
    assert figures.storage_total == (2 * (200 + 800) + 4000 + 2000) * GIB
    assert figures.storage_used >= 1000 * GIB
    assert (figures.alerts_firing, figures.requests_waiting) == (4, 2)


def test_64_nodes_and_10000_guests_take_two_calls_and_fit_into_a_message(sqlite_url):
    with big_world(guests=10_000, nodes=64, tenants=50) as cluster:
        for number in range(20, 64):
            cluster.take_node_offline(f"pve{number}")
        made, _ = figuring(cluster, Database(sqlite_url))
        cluster.clear_calls()
        figures = made.figures()
        calls = [call.path for call in cluster.calls()]
        running = sum(
            guest.status == "running" and int(guest.node[3:]) not in range(20, 64)
            for guest in cluster.guests
        )

    reply = views.summary(Summary(MONDAY, figures, before=FIGURES, before_at=MONDAY),
                          in_channel=True)  # fmt: skip
    assert sorted(calls) == ["/cluster/resources", "/cluster/status"]
    assert (figures.guests, figures.guests_running) == (10_000, running)
    assert figures.nodes == 64
    assert faults_of_message(reply.text, list(reply.blocks)) == []
    assert "and 14 more" in reply.text


def test_the_median_time_to_ready_is_of_guests_made_in_the_week(database):
    from sqlalchemy import insert

    from nubemox_bot.store.tables import operations

    now = datetime(2026, 3, 2, tzinfo=UTC)
    rows = [("guest.create", 30, "done", 1), ("guest.create", 50, "done", 2),
            ("guest.clone", 40, "done", 3), ("guest.create", 9000, "failed", 1),
            ("guest.start", 1, "done", 1), ("guest.create", 5, "done", 9)]  # fmt: skip
    with database.write() as connection:
        for number, (action, took_s, state, days) in enumerate(rows):
            end = now - timedelta(days=days)
            connection.execute(
                insert(operations).values(
                    id=f"op{number}",
                    turn_id=f"t{number}",
                    position=0,
                    lane=f"l{number}",
                    action=action,
                    team_id="T1",
                    user_id="U1",
                    origin="slash",
                    parameters={},
                    state=state,
                    created_at=end - timedelta(seconds=took_s),
                    ended_at=end,
                    replica="local",
                    done_steps=[],
                )
            )

    found = ReportStore(database).median_ready_s(
        ("guest.create", "guest.clone"), now - timedelta(days=7)
    )

    assert found == 40


# ------------------------------------------------------------------ the chart


def week(database: Database, until: datetime) -> None:
    from sqlalchemy import insert

    with database.write() as connection:
        for hour in range(168):
            if hour % 50 == 0:
                continue  # nobody looked
            connection.execute(
                insert(samples).values(
                    hour=until - timedelta(hours=168 - hour),
                    cpu_used=4 + hour % 24,
                    cpu_total=48,
                    memory_used=60,
                    memory_total=120,
                    storage_used=hour,
                    storage_total=336,
                )
            )


def test_the_week_is_drawn_and_told_in_words(database):
    until = datetime(2026, 3, 2, 9, tzinfo=UTC)
    week(database, until)
    reporter = Reporter(ReportStore(database), Painter(), timezone="Europe/Berlin")

    reply = views.summary(reporter.summary(FIGURES, until), in_channel=False)

    [picture] = reply.pictures
    assert picture.png.startswith(b"\x89PNG")
    assert "Memory: 50 % now, 50 % on average, 50 % at most" in picture.alt_text.replace(
        "\xa0", " "
    )
    assert reply.may_share


def test_without_samples_there_is_no_picture_and_no_complaint(database):
    reporter = Reporter(ReportStore(database), Painter(), timezone="UTC")

    assert views.summary(reporter.summary(FIGURES, MONDAY), in_channel=False).pictures == []


def test_in_portuguese_it_is_portuguese():
    with speaking("pt-BR"):
        reply = views.summary(Summary(MONDAY, FIGURES, FIGURES, MONDAY), in_channel=True)

    assert "Alertas ativos" in str(reply.blocks)
    assert "sem mudança" in str(reply.blocks)
    assert "2 alertas estão ativos." in reply.text
