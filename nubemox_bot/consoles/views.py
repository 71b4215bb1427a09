"""How the way to a console looks in Slack."""

from __future__ import annotations

from nubemox_bot.blockkit.builders import context, section
from nubemox_bot.blockkit.reply import Reply
from nubemox_bot.blockkit.text import code, link, mrkdwn
from nubemox_bot.consoles.model import Link
from nubemox_bot.core.i18n import _


def console(found: Link) -> Reply:
    """The link; for its asker alone, and never to be shared."""
    guest = found.guest
    target = f"*{mrkdwn(guest.name)}* {code(str(guest.vmid))}"
    text = _("The console of {target} is ready for you.").format(target=target)
    way = link(found.url, _("Open the console"))
    hint = _("The link works once, within 60 seconds, and for you alone.")
    blocks = [section(f"{text} {way}", "console"), context([hint], "console-hint")]
    return Reply(text=f"{text} {hint}", blocks=blocks)
