"""What is said of users and their roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nubemox_bot.core.i18n import N_
from nubemox_bot.operations.phrases import Phrases
from nubemox_bot.tenancy.policy import Action

PHRASES: Final[Mapping[str, Phrases]] = {
    Action.USER_CREATE: Phrases(
        asked=N_("The user {target} is being made, asked by {who}."),
        done=N_("The user {target} is there. Made by {who} in {took}."),
        failed=N_("The user {target} was not made for {who}."),
        still_running=N_("The user {target} is still being made after {took}."),
    ),
    Action.ACL_GRANT: Phrases(
        asked=N_("{target} is being let into the pool, asked by {who}."),
        done=N_("{target} may use the pool. Let in by {who} in {took}."),
        failed=N_("{target} was not let into the pool for {who}."),
        still_running=N_("{target} is still being let into the pool after {took}."),
    ),
}
