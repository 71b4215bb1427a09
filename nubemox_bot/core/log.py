"""Logging that an operator can read and that never carries a secret."""

from __future__ import annotations

import json
import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

reference_in_log: ContextVar[str] = ContextVar("reference", default="")

_REDACTED = "[redacted]"
_SHAPES = (
    re.compile(r"(xox[abeprs]-|xapp-|xwfp-)[A-Za-z0-9-]+"),
    re.compile(r"(PVEAPIToken=[^=\s]+=)[^\s'\",]+"),
    re.compile(r"(PVE(?:VNC)?:[^\s:'\"]+:)[0-9A-F]{8}::?[^\s'\"]+"),
    re.compile(
        r"(?i)((?:password|secret|ticket|token_value|signing_secret)['\"]?\s*[=:]\s*['\"]?)[^\s,'\"&}]+"
    ),
    re.compile(r"(https://hooks\.slack\.com/)[^\s'\"]+"),
    re.compile(r"(://[^:/@\s]+:)[^@/\s]+(?=@)"),
    re.compile(r"(nbx_[0-9a-z]{8}_)[0-9a-z]+"),
    re.compile(r"(?i)(bearer )[A-Za-z0-9._~+/=-]+"),
)
_known_secrets: set[str] = set()


def hide(*secrets: str) -> None:
    """Never write these values to a log, wherever they turn up."""
    _known_secrets.update(secret for secret in secrets if len(secret) >= 6)


def redact(text: str) -> str:
    """The text without anything that looks like, or is known to be, a secret."""
    for secret in tuple(_known_secrets):
        if secret in text:
            text = text.replace(secret, _REDACTED)
    for shape in _SHAPES:
        text = shape.sub(lambda match: f"{match.group(1)}{_REDACTED}", text)
    return text


class RedactingFormatter(logging.Formatter):
    """One line a record, secrets taken out last, so that exceptions are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        """Format, then redact."""
        reference = reference_in_log.get()
        line = super().format(record)
        return redact(f"{line} ref={reference}" if reference else line)


class JsonFormatter(RedactingFormatter):
    """The same record as one JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format as JSON, then redact."""
        fields = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if reference := reference_in_log.get():
            fields["reference"] = reference
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        return redact(json.dumps(fields, ensure_ascii=False))


_QUIET = ("proxmoxer", "urllib3", "slack_sdk", "slack_bolt", "apscheduler", "alembic", "dbos")


def configure_logging(level: str, style: str) -> None:
    """Send everything to standard error in one of two styles, `text` or `json`.

    Libraries speak from WARNING up: proxmoxer and Slack's SDK would otherwise write request bodies.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        JsonFormatter()
        if style == "json"
        else RedactingFormatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s")
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("nubemox").setLevel(level)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
