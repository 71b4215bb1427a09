"""Programs that call the REST API without a pause: `python -m benchmarks.clients URL N SECONDS`.

A process of its own, so that its work is not in the bot's figures. Tokens come on standard input,
one a line; what came of the calls goes out as JSON.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter

import aiohttp

PATHS = ("/cts?limit=50", "/vms?limit=50", "/nodes", "/pools", "/cluster/summary", "/cts?limit=500")


async def _client(
    http: aiohttp.ClientSession,
    url: str,
    number: int,
    until: float,
    found: Counter[str],
    taken: list[float],
) -> None:
    turn = number
    while time.monotonic() < until:
        began = time.monotonic()
        try:
            async with http.get(url + PATHS[turn % len(PATHS)]) as answer:
                await answer.read()
                found[str(answer.status)] += 1
        except (aiohttp.ClientError, TimeoutError) as error:
            found[type(error).__name__] += 1
        taken.append(time.monotonic() - began)
        turn += 1


async def _run(url: str, clients: int, seconds: float, tokens: list[str]) -> dict[str, object]:
    found: Counter[str] = Counter()
    taken: list[float] = []
    until = time.monotonic() + seconds
    async with asyncio.TaskGroup() as group:
        for number in range(clients):
            group.create_task(_one(url, number, until, tokens[number % len(tokens)], found, taken))
    return {"answers": dict(found), "taken_s": taken}


async def _one(
    url: str, number: int, until: float, token: str, found: Counter[str], taken: list[float]
) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(
        headers=headers, timeout=aiohttp.ClientTimeout(total=30)
    ) as http:
        await _client(http, url, number, until, found, taken)


if __name__ == "__main__":
    given = sys.argv[1:]
    known = sys.stdin.read().split()
    print(json.dumps(asyncio.run(_run(given[0], int(given[1]), float(given[2]), known))))
