"""A sync Bolt app as its tutorial begins it, all defaults; `slow` asks PVE inside the listener."""

from __future__ import annotations

from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient

from benchmarks.yardsticks.settings import proxmox, slack_names


def serve() -> None:
    bot_token, app_token, api_url = slack_names()
    app = App(client=WebClient(token=bot_token, base_url=api_url))
    pve = proxmox()

    @app.command("/nubemox")
    def take(ack: Any, command: dict[str, Any]) -> None:
        ack()
        if command["text"] == "slow":
            pve.cluster.resources.get()

    SocketModeHandler(app, app_token).start()


if __name__ == "__main__":
    serve()
