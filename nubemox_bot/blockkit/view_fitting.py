"""Making whatever view leaves the bot acceptable to Slack."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from nubemox_bot.blockkit.fitting import mended_block
from nubemox_bot.blockkit.limits import HOME, MAX_VIEW_BLOCKS, MODAL, faults_of_view
from nubemox_bot.blockkit.reply import Block
from nubemox_bot.blockkit.text import cut
from nubemox_bot.blockkit.views import View, send, unshowable

_LABELS = {"title": 24, "submit": 24, "close": 24}


def fit_view(view: Mapping[str, Any]) -> View:
    """The view as it is when Slack takes it, else the most of it that Slack takes.

    A field that cannot be mended leaves a form without it, so the form can then no longer be
    sent: better no submission than one in which something was left out.
    """
    if not faults_of_view(view):
        return dict(view)
    fitted: View = copy.deepcopy(dict(view))
    surface = HOME if fitted.get("type") == HOME else MODAL
    fitted["type"] = surface
    if surface == MODAL:
        _fit_labels(fitted)
    given = fitted.get("blocks")
    fitted["blocks"], lost_field = _fit_blocks(given if isinstance(given, list) else [], surface)
    has_input = any(block["type"] == "input" for block in fitted["blocks"])
    if lost_field and surface == MODAL:
        fitted.pop("submit", None)
        fitted["blocks"] = [b for b in fitted["blocks"] if b["type"] != "input"]
    elif has_input and surface == MODAL and "submit" not in fitted:
        fitted["submit"] = _label(send())
    if not fitted["blocks"] or faults_of_view(fitted):
        fitted["blocks"] = [_apology()]
        fitted.pop("submit", None)
    return fitted


def _fit_labels(view: View) -> None:
    for name, limit in _LABELS.items():
        label = view.get(name)
        if isinstance(label, dict) and isinstance(label.get("text"), str) and label["text"].strip():
            view[name] = _label(cut(label["text"], limit))
        elif name == "title":
            view[name] = _label("Nubemox")
        else:
            view.pop(name, None)


def _fit_blocks(blocks: list[Any], surface: str) -> tuple[list[Block], bool]:
    """The blocks that Slack takes, and whether a field is not among them."""
    kept: list[Block] = []
    seen: set[str] = set()
    lost_field = False
    for i, block in enumerate(blocks):
        mended = mended_block(block, f"block-{i}", surface) if len(kept) < MAX_VIEW_BLOCKS else None
        if mended is not None and mended["block_id"] not in seen:
            seen.add(mended["block_id"])
            kept.append(mended)
        elif isinstance(block, dict) and block.get("type") == "input":
            lost_field = True
    return kept, lost_field


def _apology() -> Block:
    return {
        "type": "section",
        "block_id": "not-shown",
        "text": {"type": "plain_text", "text": unshowable()},
    }


def _label(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}
