"""What can go wrong between the bot and Slack, and what a person hears of it."""

from __future__ import annotations

from typing import ClassVar

from nubemox_bot.core.errors import Kind, NubemoxError
from nubemox_bot.core.i18n import N_


class SlackTokenRefused(NubemoxError):
    """Slack knows this token and will not have it: no use in trying again."""

    kind = Kind.UNAUTHENTICATED
    text = N_("Slack refuses {variable}: {reason}")
    hint = N_("Put a valid token of the app's installation into {variable}.")


class SlackUnavailable(NubemoxError):
    """Slack cannot be reached or has no time for us now; the same call may work later."""

    kind = Kind.UNAVAILABLE
    text = N_("Slack does not answer right now.")
    hint = N_("Try again in a minute.")


class SlackOutcomeUnknown(SlackUnavailable):
    """The call was sent and no answer came: it may have taken effect."""


class AnswerInDirectMessages(NubemoxError):
    """Shown once where the bot may not post; the message itself is in the asker's DM."""

    kind = Kind.FORBIDDEN
    text = N_("I cannot post in this channel, so you find the answer in our direct messages.")
    hint = N_("`/invite @nubemox` lets me post here.")


class NotShared(NubemoxError):
    """The Share button was pressed where the bot may not post."""

    kind = Kind.FORBIDDEN
    text = N_("I cannot post in this channel, so the answer was not shared.")
    hint = N_("`/invite @nubemox` lets me post here.")


class FormHasFaults(NubemoxError):
    """A submission that turned out to be wrong after its form was closed."""

    kind = Kind.INVALID
    text = N_("The form was not sent: {faults}")
    hint = N_("Nothing was done. Press the button to open it again.")


class SlackRefused(NubemoxError):
    """Slack understood the call and said no; a subclass for each code that means something to us.

    Data: method, reason (Slack's code).
    """

    kind = Kind.UPSTREAM
    text = N_("Slack refused {method}: {reason}")
    codes: ClassVar[frozenset[str]] = frozenset()

    @property
    def reason(self) -> str:
        """Slack's error code."""
        return str(self.data.get("reason", ""))


class ChannelNotWritable(SlackRefused):
    """The bot may not post in this channel."""

    codes = frozenset(
        {
            "not_in_channel",
            "channel_not_found",
            "is_archived",
            "restricted_action",
            "restricted_action_read_only_channel",
            "restricted_action_thread_only_channel",
            "restricted_action_non_threadable_channel",
            "restricted_action_thread_locked",
            "cannot_reply_to_message",
            "thread_not_found",
            "messages_tab_disabled",
            "access_denied",
            "posting_to_general_channel_denied",
            "posting_to_channel_denied",
            "team_access_not_granted",
            "ekm_access_denied",
        }
    )


class PersonNotReachable(SlackRefused):
    """The person is not where the message should be seen, or takes none."""

    codes = frozenset(
        {
            "user_not_in_channel",
            "user_not_found",
            "user_not_visible",
            "user_disabled",
            "cannot_dm_bot",
            "invalid_users",
        }
    )


class MessageGone(SlackRefused):
    """The message to edit is deleted, or Slack will not have it edited any more."""

    codes = frozenset(
        {
            "message_not_found",
            "cant_update_message",
            "edit_window_closed",
            "block_mismatch",
            "is_inactive",
        }
    )


class PayloadRefused(SlackRefused):
    """The blocks are not what Slack takes: a fault of ours."""

    codes = frozenset(
        {
            "invalid_blocks",
            "invalid_blocks_format",
            "invalid_arguments",
            "msg_blocks_too_long",
            "msg_too_long",
            "invalid_attachments",
            "metadata_too_large",
            "invalid_metadata_format",
            "no_text",
        }
    )


class ResponseUrlSpent(SlackRefused):
    """The answer address has had its five uses, or its thirty minutes."""

    codes = frozenset({"used_url", "expired_url", "invalid_url"})


class ScopeMissing(SlackRefused):
    """The app's installation lacks a scope; `doctor` names it."""

    codes = frozenset({"missing_scope", "no_permission", "not_allowed_token_type"})


class TriggerSpent(SlackRefused):
    """A form was to be opened and Slack's three seconds for it were over."""

    text = N_("Slack lets me open a form within three seconds only, and this took longer.")
    hint = N_("Nothing was done. Press the button to open it.")
    codes = frozenset({"expired_trigger_id", "invalid_trigger_id", "trigger_expired"})


class TriggerUsed(SlackRefused):
    """This press has opened a view already."""

    codes = frozenset({"exchanged_trigger_id"})


class ViewGone(SlackRefused):
    """The view is closed, or shows something newer."""

    codes = frozenset({"not_found", "hash_conflict", "view_not_found"})


class StackFull(SlackRefused):
    """Three modals lie on each other already; Slack takes no fourth."""

    codes = frozenset({"push_limit_reached"})


class AuthorizationLost(SlackRefused):
    """The token worked once and is refused now."""

    codes = frozenset(
        {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired"}
    )


class GroupUnknown(SlackRefused):
    """There is no such usergroup, or the workspace's plan has none."""

    codes = frozenset({"no_such_subteam", "plan_upgrade_required", "invalid_id"})


BUSY_CODES = frozenset(
    {
        "ratelimited",
        "rate_limited",
        "message_limit_exceeded",
        "internal_error",
        "fatal_error",
        "service_unavailable",
        "request_timeout",
    }
)
"""Codes that say "later", not "no"."""

_BY_CODE: dict[str, type[SlackRefused]] = {
    code: family
    for family in (
        ChannelNotWritable,
        PersonNotReachable,
        MessageGone,
        PayloadRefused,
        ResponseUrlSpent,
        ScopeMissing,
        TriggerSpent,
        TriggerUsed,
        ViewGone,
        StackFull,
        AuthorizationLost,
        GroupUnknown,
    )
    for code in family.codes
}


def refusal(method: str, code: str) -> SlackRefused:
    """The exception for Slack's error code."""
    return _BY_CODE.get(code, SlackRefused)(method=method, reason=code)
