"""A place in a payload that can be checked, in the words that Slack uses for its faults.

The exact wording of the rarer faults is from memory; what the app may rely on is the error code
and the JSON pointer.
"""

from collections.abc import Collection
from typing import Any

Json = dict[str, Any]
Problems = list[str]


class Place:
    """A value, where it is, and the list that its faults go to."""

    def __init__(self, value: Any, pointer: str, problems: Problems) -> None:
        self.value = value
        self.pointer = pointer
        self.problems = problems

    def fail(self, words: str) -> None:
        self.problems.append(f"[ERROR] {words} [json-pointer:{self.pointer}]")

    def is_object(self) -> bool:
        if isinstance(self.value, dict):
            return True
        self.fail("must be an object" if self.value is not None else "must not be null")
        return False

    def child(self, key: str) -> "Place":
        return Place(self.value.get(key), f"{self.pointer}/{key}", self.problems)

    def has(self, key: str) -> bool:
        return self.value.get(key) is not None

    def needs(self, key: str) -> bool:
        """Whether the field is there; its absence is a fault."""
        if self.has(key):
            return True
        self.fail(f"missing required field: {key}")
        return False

    def only(self, *keys: str) -> None:
        for key in self.value:
            if key not in keys:
                self.fail(f"invalid additional property: {key}")

    def string(self, key: str, longest: int, *, least: int = 1, required: bool = False) -> str:
        """Check a bare string; gives it, or nothing when it is none."""
        if not self.has(key):
            if required:
                self.needs(key)
            return ""
        place = self.child(key)
        if not isinstance(place.value, str):
            place.fail("must be a string")
            return ""
        place._length(place.value, longest, least)
        return place.value

    def _length(self, text: str, longest: int, least: int) -> None:
        if len(text) > longest:
            self.fail(f"must be less than {longest + 1} characters")
        if len(text) < least:
            self.fail(f"must be more than {least - 1} characters")

    def text(
        self,
        key: str,
        longest: int,
        *,
        plain: bool = True,
        required: bool = False,
        least: int = 1,
    ) -> None:
        """Check a text object; `plain` allows no mrkdwn."""
        if not self.has(key):
            if required:
                self.needs(key)
            return
        self.child(key).is_text(longest, plain=plain, least=least)

    def is_text(self, longest: int, *, plain: bool, least: int = 1) -> None:
        if not self.is_object():
            return
        kind = self.value.get("type")
        if kind not in ({"plain_text"} if plain else {"plain_text", "mrkdwn"}):
            self.child("type").fail(
                "must be `plain_text`" if plain else "must be one of: plain_text, mrkdwn"
            )
        if kind == "plain_text":
            self.only("type", "text", "emoji")
        else:
            self.only("type", "text", "verbatim")
        if "text" not in self.value:
            self.fail("missing required field: text")
        elif not isinstance(self.value["text"], str):
            self.child("text").fail("must be a string")
        else:
            self.child("text")._length(self.value["text"], longest, least)

    def items(self, key: str, least: int, most: int, *, required: bool = True) -> "list[Place]":
        """Check a list's length; gives its items as places."""
        if self.value.get(key) is None:
            if required:
                self.needs(key)
            return []
        place = self.child(key)
        if not isinstance(place.value, list):
            place.fail("must be an array")
            return []
        if len(place.value) > most:
            place.fail(f"no more than {most} items allowed")
        if len(place.value) < least:
            place.fail(f"no less than {least} items allowed")
        return [
            Place(item, f"{place.pointer}/{index}", self.problems)
            for index, item in enumerate(place.value)
        ]

    def choice(self, key: str, allowed: Collection[Any], *, required: bool = False) -> None:
        if not self.has(key):
            if required:
                self.needs(key)
            return
        if self.value[key] not in allowed:
            words = ", ".join(str(item) for item in allowed)
            self.child(key).fail(f"must be one of: {words}")

    def flag(self, key: str, *, required: bool = False) -> None:
        if not self.has(key):
            if required:
                self.needs(key)
        elif not isinstance(self.value[key], bool):
            self.child(key).fail("must be a boolean")

    def integer(self, key: str, least: int, most: int, *, required: bool = False) -> None:
        if not self.has(key):
            if required:
                self.needs(key)
            return
        value = self.value[key]
        if not isinstance(value, int) or isinstance(value, bool):
            self.child(key).fail("must be an integer")
        elif not least <= value <= most:
            self.child(key).fail(f"must be between {least} and {most}")
