"""Pictures on their way to Slack: uploaded privately once, then shown wherever an answer goes."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import OrderedDict
from collections.abc import Sequence

from nubemox_bot.blockkit.reply import Picture
from nubemox_bot.core.clock import Clock
from nubemox_bot.slack.errors import SlackRefused, SlackUnavailable
from nubemox_bot.slack.web import WebApi

_KEPT = 200
_KEPT_S = 3600.0
_TRIES = 2
_PATIENCE_S = 8.0

log = logging.getLogger("nubemox.slack.pictures")


class Pictures:
    """Knows the Slack file of each picture that was uploaded lately. Lives on the event loop."""

    def __init__(self, web: WebApi, clock: Clock) -> None:
        self._web = web
        self._clock = clock
        self._files: OrderedDict[str, tuple[str, float]] = OrderedDict()

    async def files(self, pictures: Sequence[Picture]) -> list[str]:
        """The file id of each picture; empty for one that Slack does not take.

        An answer without its picture is better than none, so this raises nothing.
        """
        return [await self._file(picture) for picture in pictures]

    async def _file(self, picture: Picture) -> str:
        key = hashlib.sha256(f"{picture.name}\n".encode() + picture.png).hexdigest()
        known, at = self._files.get(key, ("", 0.0))
        if known and self._clock.monotonic() - at < _KEPT_S:
            return known
        for attempt in range(_TRIES):
            try:
                file_id = await self._uploaded(picture)
            except SlackUnavailable as error:
                log.warning("a picture is not uploaded, attempt %s: %s", attempt + 1, error)
            except SlackRefused as error:
                log.warning("slack takes no picture reason=%s", error.reason)
                return ""
            else:
                self._files[key] = (file_id, self._clock.monotonic())
                if len(self._files) > _KEPT:
                    self._files.popitem(last=False)
                return file_id
        return ""

    async def _uploaded(self, picture: Picture) -> str:
        place = await self._web.call(
            "files.getUploadURLExternal",
            form={
                "filename": picture.name,
                "length": len(picture.png),
                "alt_txt": picture.alt_text[:1000],
            },
            patience_s=_PATIENCE_S,
        )
        file_id = str(place["file_id"])
        await self._web.upload(str(place["upload_url"]), picture.png)
        await self._web.call(
            "files.completeUploadExternal",
            # No channel: the file is shown by the message, not posted by itself.
            form={"files": json.dumps([{"id": file_id, "title": picture.title}])},
            patience_s=_PATIENCE_S,
        )
        return file_id
