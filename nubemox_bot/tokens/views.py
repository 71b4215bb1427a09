"""How tokens look in Slack."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.blockkit.builders import context, section
from nubemox_bot.blockkit.lists import listed
from nubemox_bot.blockkit.reply import Block, Reply
from nubemox_bot.blockkit.text import code, mrkdwn, when
from nubemox_bot.blockkit.words import run_button
from nubemox_bot.core.i18n import _, ngettext
from nubemox_bot.tokens.model import Issued, Token


def issued(made: Issued, url: str) -> Reply:
    """A new token, with its secret: for its owner alone, and once."""
    token = made.token
    text = _("Your token {name} is made. Copy it now: it is not shown again.").format(
        name=mrkdwn(token.name)
    )
    until = _("It acts as you, with the role you have at that moment, until {end}.").format(
        end=when(token.expires_at)
    )
    usage = _("Send it as {header} to {url}.").format(
        header=code("Authorization: Bearer …"), url=code(url)
    )
    blocks = [
        section(text, "token"),
        # The secret is in this block alone, so that no notification shows it.
        section(code(made.bearer.text), "token-secret"),
        context([f"{until} {usage}"], "token-use"),
    ]
    return Reply(text=text, blocks=blocks)


def tokens(found: Sequence[Token], page: int = 1) -> Reply:
    """One's own tokens, each with a button that ends it, a page at a time."""
    if not found:
        text = _("You have no token.")
        hint = _("`/nubemox token create` makes one for the REST API.")
        return Reply(text=f"{text} {hint}", blocks=[section(f"{text} {hint}", "tokens-none")])
    count = len(found)
    text = ngettext("You have {n} token.", "You have {n} tokens.", count).format(n=count)
    _shown, blocks = listed(text, found, _row, "token list", page, name="tokens")
    return Reply(text=text, blocks=blocks)


def _row(token: Token) -> Block:
    used = _("last used {at}").format(at=when(token.used_at)) if token.used_at else _("never used")
    until = _("until {end}").format(end=when(token.expires_at))
    label = _("Revoke")
    revoke = run_button(
        f"token revoke {token.id}", label, style="danger", reads_as=f"{label} {token.name}"
    )
    line = f"*{mrkdwn(token.name)}* {code(token.id)} · {used} · {until}"
    return section(line, f"token-{token.id}", accessory=revoke)


def revoked(token: Token) -> Reply:
    """It is over with a token."""
    text = _("The token {name} ({id}) opens nothing any more.").format(
        name=mrkdwn(token.name), id=token.id
    )
    return Reply(text=text, blocks=[section(text, "token-revoked")])
