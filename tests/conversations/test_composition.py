"""What the composition root puts together, it puts together once."""

from __future__ import annotations

from collections import Counter

from tests.conversations.rehearsal import Rehearsal


def test_each_part_hears_once_that_an_operation_ended(backstage: Rehearsal) -> None:
    hooks = Counter(hook.__qualname__ for hook in backstage.inside._ground.operations._on_end)

    assert "RequestUpkeep.ended" in hooks
    assert [name for name, count in hooks.items() if count > 1] == []


def test_each_job_of_the_clock_is_there_once(backstage: Rehearsal) -> None:
    names = Counter(job.name for job in backstage.inside.jobs())

    assert [name for name, count in names.items() if count > 1] == []
