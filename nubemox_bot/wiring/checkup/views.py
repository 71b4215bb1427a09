"""What `doctor` says of the settings, the database and the tenants' tokens."""

from __future__ import annotations

from collections.abc import Sequence

from nubemox_bot.core.checkup import Finding
from nubemox_bot.core.errors import NubemoxError
from nubemox_bot.core.i18n import _


def settings_good() -> Finding:
    """They are complete."""
    return Finding.good(_("settings"))


def any_certificate() -> Finding:
    """Nobody knows who answers as Proxmox VE; that was chosen, so it is no fault."""
    return Finding.note(
        _("PROXMOX_VERIFY_SSL is false: any certificate is accepted"),
        _("name the cluster's CA in PROXMOX_CA_FILE instead"),
    )


def webhook(setup: Sequence[str]) -> Finding:
    """What is typed on a node, once, so that Proxmox VE tells of failed backups itself."""
    lines = "\n      ".join(setup)
    said = _("webhook; once, on any node, with NUBEMOX_WEBHOOK_SECRET in the environment:")
    return Finding.good(f"{said}\n      {lines}")


def database(revision: object) -> Finding:
    """It answers, at the present schema."""
    return Finding.good(_("database, at revision {n}").format(n=revision))


def database_silent(error: BaseException) -> Finding:
    """It does not answer; the first line of the cause says why."""
    cause = next(iter(str(error.__cause__ or "").splitlines()), "")
    return Finding.bad(
        _("the database does not answer: {cause}").format(cause=cause), _("look at DATABASE_URL")
    )


def tenant_unready(name: str) -> Finding:
    """It was begun and is not whole."""
    return Finding.bad(_("tenant {name} is not ready").format(name=name), "", _repair(name))


def tenant_refused(name: str, error: NubemoxError) -> Finding:
    """Its token does not open Proxmox VE, or cannot be read."""
    named = _("tenant {name}").format(name=name)
    return Finding.bad(f"{named}: {error.message()}", "", _repair(name))


def tenant_good(name: str) -> Finding:
    """Its token opens Proxmox VE."""
    return Finding.good(_("tenant {name}").format(name=name))


def _repair(name: str) -> str:
    return f"/nubemox tenant repair {name}"
