"""A process that drives one operation up to a step and is ended there: `kill` or `stop`."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Sequence

from nubemox_bot.audit.log import AuditLog
from nubemox_bot.core.clock import SystemClock
from nubemox_bot.operations.store import OperationStore
from nubemox_bot.store.engine import Database
from tests.operations.bench import Bench, until


def main(arguments: Sequence[str]) -> None:
    url, how = arguments
    database = Database(url)
    clock = SystemClock()
    log = AuditLog(database, [b"key"], clock)
    bench = Bench(database, OperationStore(database, log, clock, "r1"), log, clock)
    reached = threading.Event()
    go_on = threading.Event()

    def halt() -> None:
        reached.set()
        if how == "kill":
            threading.Event().wait()
        go_on.wait()

    bench.work.on["two"] = halt
    bench.start()
    bench.begin()
    until(reached.is_set)
    if how == "stop":
        stopping = threading.Thread(target=bench.engine.stop, args=(10,))
        stopping.start()
        until(lambda: bench.engine._driver.is_stopping)
        go_on.set()
        stopping.join()
    print(" ".join(bench.work.asked), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
