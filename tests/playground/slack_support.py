"""A real Bolt app in a thread of its own, as an unmodified bot would run it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Self

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from playground.slack import SlackWorkspace


class RunningApp:
    """Connects on entering, is closed on leaving; `client` calls go through `call`."""

    def __init__(
        self,
        workspace: SlackWorkspace,
        register: Callable[[AsyncApp], object],
        *,
        ping_interval: float = 5,
        connections: int = 1,
    ) -> None:
        self._workspace = workspace
        self._register = register
        self._ping_interval = ping_interval
        self._connections = connections
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.handlers: list[AsyncSocketModeHandler] = []
        self.app: AsyncApp
        self.client: AsyncWebClient

    def __enter__(self) -> Self:
        self._thread.start()
        self.do(self._connect())
        self._workspace.wait_connected(self._connections)
        return self

    async def _connect(self) -> None:
        workspace = self._workspace
        self.client = AsyncWebClient(
            token=workspace.bot_token, base_url=workspace.api_url, timeout=10
        )
        self.app = AsyncApp(token=workspace.bot_token, client=self.client)
        self._register(self.app)
        for _ in range(self._connections):
            handler = AsyncSocketModeHandler(
                self.app, workspace.app_token, ping_interval=self._ping_interval
            )
            self.handlers.append(handler)
            await handler.connect_async()

    def __exit__(self, *_: object) -> None:
        self.do(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _close(self) -> None:
        for handler in self.handlers:
            await handler.close_async()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run a coroutine on the app's loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)

    def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A Web API call; a refusal comes back as its body, not as an exception."""

        async def work() -> Any:
            from slack_sdk.errors import SlackApiError

            try:
                response = await getattr(self.client, method)(**arguments)
            except SlackApiError as refusal:
                response = refusal.response
            return {**response.data, "_status": response.status_code}

        return self.do(work())  # type: ignore[no-any-return]
