"""Laws about the code itself."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator

import pytest

import nubemox_bot
from nubemox_bot.core.actor import Actor


def _modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(nubemox_bot.__path__, "nubemox_bot."):
        if ".migrations" not in found.name:
            yield found.name


def _services() -> list[type]:
    found = set()
    for name in _modules():
        for one in vars(importlib.import_module(name)).values():
            if (
                inspect.isclass(one)
                and one.__name__.endswith("Service")
                and one.__module__.startswith("nubemox_bot.")
            ):
                found.add(one)
    return sorted(found, key=lambda one: one.__name__)


_METHODS = [
    (service, name)
    for service in _services()
    for name, _ in inspect.getmembers(service, inspect.isfunction)
    if not name.startswith("_")
]


def test_there_are_services() -> None:
    assert {one.__name__ for one in _services()} >= {
        "GuestService", "ClusterService", "TenantService", "OversightService", "OperationService",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("service", "name"), _METHODS, ids=[f"{one.__name__}.{name}" for one, name in _METHODS]
)
def test_every_public_method_of_a_service_takes_an_actor_first(service: type, name: str) -> None:
    method = getattr(service, name)
    hints = inspect.get_annotations(method, eval_str=True)

    first = [one for one in inspect.signature(method).parameters if one != "self"][:1]

    assert first == ["actor"]
    assert hints["actor"] is Actor
