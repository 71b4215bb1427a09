"""The console's pages, as HTML: data in, text out."""

from __future__ import annotations

from html import escape
from typing import Final

from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import N_, _, current_language

FILES: Final = "/console-files"
_SAID: Final = {
    "connecting": N_("Connecting…"),
    "connected": N_("Connected."),
    "closed": N_("The connection is closed. Load the page again to go on."),
    "browser_left": N_("The connection is closed. Load the page again to go on."),
    "guest_left": N_("The guest closed the console: perhaps it was stopped."),
    "idle": N_("Nothing was typed for a while, so the console is over. Ask for a new link."),
    "too_long": N_("The console was open for as long as it may be. Ask for a new link."),
    "role_lost": N_("You may not see this console any more."),
    "stopping": N_("The bot is restarting. Load the page again in a minute."),
    "failed": N_("Proxmox VE did not open the console. Load the page again to try once more."),
}


def _page(title: str, kind: str, body: str, script: str = "") -> str:
    language = current_language().replace("_", "-")
    loaded = f'<script type="module" src="{FILES}/page/{script}.js"></script>' if script else ""
    style = f'<link rel="stylesheet" href="{FILES}/page/console.css">'
    if script == "terminal":
        style += f'<link rel="stylesheet" href="{FILES}/xterm/css/xterm.css">'
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f'<title>{escape(title)}</title><link rel="icon" href="data:,">{style}{loaded}</head>'
        f'<body class="{kind}">{body}</body></html>'
    )


def way_in() -> str:
    """The page behind a link, before anybody pressed anything: it knows nothing of the guest."""
    title = _("Open the console")
    hint = _("The link works once. Its button opens the console in this browser alone.")
    body = (
        f"<h1>{escape(title)}</h1><p>{escape(hint)}</p>"
        f'<form method="post"><button autofocus>{escape(title)}</button></form>'
    )
    return _page(title, "way", body)


def refused(error: NubemoxError) -> str:
    """Why there is no console."""
    body = f"<h1>{escape(error.message())}</h1><p>{escape(error.advice())}</p>"
    return _page(_("No console"), "way", body)


def console(name: str, vmid: int, socket: str, *, is_terminal: bool) -> str:
    """The console itself."""
    title = f"{name} ({vmid})"
    said = " ".join(
        f'data-{key.replace("_", "-")}="{escape(_(text))}"' for key, text in _SAID.items()
    )
    attention = ""
    if not is_terminal:
        attention = f'<button id="attention">{escape(_("Send Ctrl-Alt-Del"))}</button>'
    body = (
        f'<header><h1>{escape(title)}</h1><output id="said"></output>{attention}</header>'
        f'<main id="console" data-socket="{escape(socket)}" {said}></main>'
    )
    return _page(title, "open", body, "terminal" if is_terminal else "screen")
