"""The libraries that Nubemox stands on, imported and nothing done with them: the floor of a start.

Prints the memory that they take, in MiB.
"""

import sys
from importlib import import_module
from pathlib import Path

LIBRARIES = (
    "aiohttp",
    "apscheduler.schedulers.background",
    "click",
    "cryptography.fernet",
    "dbos",
    "fastapi",
    "prometheus_client",
    "proxmoxer",
    "pydantic_settings",
    "requests",
    "slack_bolt.async_app",
    "slack_bolt.adapter.socket_mode.async_internals",
    "slackblocks",
    "sqlalchemy",
    "uvicorn",
)


def resident_mib() -> float:
    """What this process holds in memory, as Linux counts it."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    return 0.0


if __name__ == "__main__":
    for library in LIBRARIES:
        import_module(library)
    sys.stdout.write(f"{resident_mib():.1f}\n")
