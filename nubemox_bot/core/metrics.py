"""Every figure the process gives to Prometheus, in one registry handed down by `app.py`.

No label names a guest, a tenant, a pool or a person.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30)


class Metrics:
    """The bot's instruments; a fresh set for each composition, so tests do not share counts."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.pve_calls = Counter(
            "nubemox_pve_calls",
            "Calls to the Proxmox VE API",
            ["method", "route", "outcome"],
            registry=self.registry,
        )
        self.pve_seconds = Histogram(
            "nubemox_pve_call_seconds",
            "Time of one Proxmox VE call, from getting a slot",
            ["method", "route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.pve_host_up = Gauge(
            "nubemox_pve_host_up",
            "1 when the configured host at this position answered its last call",
            ["position"],
            registry=self.registry,
        )
        self.inventory_age_seconds = Gauge(
            "nubemox_inventory_age_seconds",
            "Age of the shared inventory when it was last read",
            registry=self.registry,
        )
        self.ack_seconds = Histogram(
            "nubemox_ack_seconds",
            "From a Slack envelope's arrival to its ack",
            ["kind"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.turns = Counter(
            "nubemox_turns",
            "Things people said or pressed",
            ["origin", "outcome"],
            registry=self.registry,
        )
        self.slack_calls = Counter(
            "nubemox_slack_calls",
            "Calls to Slack's Web API",
            ["method", "outcome"],
            registry=self.registry,
        )
        self.slack_reconnects = Counter(
            "nubemox_slack_reconnects",
            "Socket Mode connections made after the first",
            registry=self.registry,
        )
        self.slack_last_event_seconds = Gauge(
            "nubemox_slack_last_event_age_seconds",
            "Age of the last envelope from Slack",
            registry=self.registry,
        )
        self.operations = Counter(
            "nubemox_operations",
            "Operations by how they ended",
            ["action", "state"],
            registry=self.registry,
        )
        self.operations_open = Gauge(
            "nubemox_operations_open", "Operations not ended yet", registry=self.registry
        )
        self.operation_seconds = Histogram(
            "nubemox_operation_seconds",
            "From an operation's begin to its end",
            ["action"],
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 600, 3600),
            registry=self.registry,
        )
        self.drift = Gauge(
            "nubemox_drift_findings",
            "Differences between what the bot holds and what Proxmox VE holds",
            registry=self.registry,
        )
        self.watch_looked = Gauge(
            "nubemox_watch_last_look_timestamp_seconds",
            "When the cluster was last looked at for alerts",
            registry=self.registry,
        )
        self.watch_seconds = Histogram(
            "nubemox_watch_seconds",
            "Time of one look at the cluster for alerts",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.alerts_firing = Gauge(
            "nubemox_alerts_firing", "Alerts that are firing", ["kind"], registry=self.registry
        )
