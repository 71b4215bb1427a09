"""The least that Bolt's AsyncApp can do: acknowledge, and for `start NODE VMID` one PVE call.

It checks, stores, reads and tells nothing, and knows the guest's node from its asker.
"""

from __future__ import annotations

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from benchmarks.yardsticks.settings import proxmox, slack_names


async def serve() -> None:
    bot_token, app_token, api_url = slack_names()
    app = AsyncApp(client=AsyncWebClient(token=bot_token, base_url=api_url))
    pve = proxmox()

    @app.command("/nubemox")
    async def take(ack: Any, command: dict[str, Any]) -> None:
        await ack()
        match command["text"].split():
            case ["start", node, vmid]:
                await asyncio.to_thread(pve.nodes(node).lxc(vmid).status.start.post)

    await AsyncSocketModeHandler(app, app_token).start_async()


if __name__ == "__main__":
    asyncio.run(serve())
