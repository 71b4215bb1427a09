"""Write `docs/alerts.md` from the rules themselves: `python -m tools.alert_docs`."""

from __future__ import annotations

from pathlib import Path

from nubemox_bot.alerts.announcer import ONE_BY_ONE
from nubemox_bot.alerts.collector import Pace
from nubemox_bot.alerts.model import Audience, Rule, Unit
from nubemox_bot.alerts.rules import RULES
from nubemox_bot.alerts.sayings.views import SAYINGS
from nubemox_bot.pve.webhook import setup_lines

PAGE = Path(__file__).resolve().parent.parent / "docs" / "alerts.md"

_INTRO = """# Alerts

*This page is made by `make docs` from the rules in `nubemox_bot/alerts/rules.py`.*

The bot looks at the cluster every {resources} seconds, whatever its size, with at most six calls to
Proxmox VE a minute; with several replicas, one of them looks. Each rule has a value from which it
fires and one at which it is over; what lies between the two changes nothing. What cannot be seen
changes nothing either: a node that is silent, an answer that fails or a bot that was down neither
fire nor resolve anything, and a restart never fires again what is firing.

| rule | fires | is over | must hold | must be clear for | severity | told to | seen in |
|---|---|---|---|---|---|---|---|
"""

_OUTRO = """
## Who hears of it, and how often

- What concerns the cluster goes to `NUBEMOX_OPS_CHANNEL`; where that is empty, nowhere, and
  `/nubemox alert list` shows it to platform admins.
- What concerns a guest goes to the channel of the tenant that owns it (`tenant create NAME
  --channel #c`), or to the tenant's owners in person where it has none. A channel that is archived,
  or that the bot was removed from, leads to the owners too; a guest of nobody's to the ops channel.
- One message per alert. It is edited through the alert's life; who took it up, who silenced it and
  its end are noted in its thread, the end also while it is silenced. What fires again within a
  quarter of an hour is the same alert and the same message.
- More than {one_by_one} in a minute become one message that follows all of them; its buttons
  acknowledge or silence all at once.
- A channel reads alerts, summaries and approval cards in the language that most of those read whom
  it is for: the tenant's members, platform admins, approvers. English, where as many read another.
- Of a guest that goes to another tenant, what is firing ends for the old one and fires for the new
  one; a silence does not go along.
- An alert whose node, storage or guest has been gone for a day is closed, and never called
  resolved.

`/nubemox alert ack ID` says that you are on it, `/nubemox alert silence ID --hours N --reason TEXT`
makes it quiet for a while; both are buttons too, for operators of the tenant that owns the guest,
and for platform admins. A silence that ends while it is still so is told. `/nubemox alert unsilence
ID` ends one early; `alert list` names the silences that are left over what is well again.

## What each rule goes by

- **A guest is down that should run**: it was seen running and stopped without anybody's meaning it:
  neither an operation of the bot's nor a task in Proxmox VE stopped it, and it was started here, is
  set to start with its node (`onboot`), or HA should keep it running.
- **A guest without a backup for 7 days**: counted from its newest backup on any storage, or from
  when the bot first saw it, once every storage that holds backups has been listed. Six hours are
  given to a weekly backup that is being made. Storages are listed one at a time, each every six
  hours.
- **A backup failed**: from the task list every {tasks} seconds, or at once by Proxmox VE's own
  notification, if that is set up. It is over with the guest's next good backup: one in the task
  list, or a newer file on any storage, whatever made it.
- **A certificate**: each node's is read once a day, one that is about to expire every hour.

## Proxmox VE's own notifications

Set `NUBEMOX_WEBHOOK_SECRET` and `NUBEMOX_PUBLIC_URL`, and say this once on any node (Proxmox VE 8.3
or later), with the secret in the environment. `python bot.py doctor` prints it with your address.

```sh
{webhook}
```
"""


def page() -> str:
    """The whole page."""
    pace = Pace()
    rows = "".join(_row(rule) for rule in RULES.values())
    return (
        _INTRO.format(resources=f"{pace.resources_s:g}")
        + rows
        + _OUTRO.format(
            one_by_one=ONE_BY_ONE,
            tasks=f"{pace.tasks_s:g}",
            webhook="\n".join(setup_lines("https://nubemox.example.org/webhooks/proxmox")),
        )
    )


def _row(rule: Rule) -> str:
    fires, over = _bounds(rule)
    told = "the tenant" if rule.audience is Audience.TENANT else "the ops channel"
    cells = [
        f"{SAYINGS[rule.name].about} (`{rule.name}`)",
        fires,
        over,
        _time(rule.hold_s),
        _time(rule.settle_s),
        rule.severity.value,
        told,
        f"`{rule.source}`",
    ]
    return f"| {' | '.join(cells)} |\n"


def _bounds(rule: Rule) -> tuple[str, str]:
    if rule.unit is Unit.STATE:
        return "when it is so", "when it is not"
    unit = " %" if rule.unit is Unit.PERCENT else " days"
    above, below = ("below", "above") if rule.below else ("above", "below")
    return f"{above} {rule.trigger:g}{unit}", f"{below} {rule.clear:g}{unit}"


def _time(seconds: float) -> str:
    if not seconds:
        return "–"
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
