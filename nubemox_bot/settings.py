"""Settings from the environment and `.env`; every fault is reported, not just the first."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from nubemox_bot.core.cron import cron_trigger
from nubemox_bot.core.given import each, networks, one, pairs, starting
from nubemox_bot.core.log import redact

_HOST = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
_USERID = re.compile(r"[^\s:/@!]+@[A-Za-z][A-Za-z0-9.\-_]+")
_TOKENID = re.compile(r"[A-Za-z][A-Za-z0-9.\-_]+")
_SLACK_USER = re.compile(r"[UW][A-Za-z0-9_]+")
_SLACK_DECIDER = re.compile(r"[UWS][A-Za-z0-9_]+")
_SLACK_CHANNEL = re.compile(r"#?[\w.-]+")
_ORIGIN = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](?::\d{1,5})?"
)
_URL = re.compile(rf"(?:{_ORIGIN.pattern})(?:/\S*)?")
_NAME = re.compile(r"[A-Za-z0-9.\-_]+")

Words = Annotated[tuple[str, ...], NoDecode]


class Quota(BaseModel):
    """Ceilings of a tenant: guests and cores by count, memory in MiB, disk in GiB."""

    guests: int = Field(ge=0)
    cores: int = Field(ge=0)
    memory: int = Field(ge=0)
    disk: int = Field(ge=0)


class Settings(BaseSettings):
    """Everything that an operator can set; names are the environment variables' own."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    proxmox_host: Words
    proxmox_user: str
    proxmox_api_token_name: str
    proxmox_api_token_value: SecretStr
    proxmox_default_node: str = ""
    proxmox_verify_ssl: bool = True
    proxmox_ca_file: str = ""
    proxmox_realm: str = "pve"
    proxmox_timeout_s: float = Field(10, gt=0, le=300)
    proxmox_task_timeout_s: float = Field(600, gt=0, allow_inf_nan=False)

    slack_bot_token: SecretStr
    slack_app_token: SecretStr | None = None
    slack_signing_secret: SecretStr | None = None
    slack_api_url: str = "https://slack.com/api/"

    nubemox_admins: Words
    nubemox_approvers: Words = ()
    nubemox_approval_channel: str = ""
    nubemox_ops_channel: str = ""
    nubemox_summary_cron: str = "0 9 * * mon-fri"
    nubemox_timezone: str = "UTC"
    nubemox_secret_key: SecretStr | None = None
    nubemox_default_quota: Annotated[Quota, NoDecode] = Quota(
        guests=10, cores=20, memory=40960, disk=500
    )
    nubemox_auto_approve: Annotated[dict[str, int], NoDecode] = {}
    nubemox_approval_hours: float = Field(24, gt=0, allow_inf_nan=False)
    nubemox_lease_days: int = Field(30, ge=0)
    nubemox_lease_delete: bool = False
    nubemox_vmid_first: int = Field(10000, ge=100, le=999_999_999)
    nubemox_consoles: int = Field(30, ge=1, le=100)
    nubemox_metrics_token: SecretStr | None = None
    nubemox_pve_group: str = "nubemox-tenants"
    nubemox_pve_role: str = "NubemoxTenant"
    nubemox_public_url: str = ""
    nubemox_cors_origins: Words = ()
    nubemox_webhook_secret: SecretStr | None = None
    nubemox_replica: str = ""
    database_url: str = "sqlite:///nubemox.db"
    http_host: str = "127.0.0.1"
    http_port: int = Field(5000, ge=0, le=65535)
    http_request_timeout_s: float = Field(30, gt=0, le=600)
    http_trusted_proxies: Words = ()
    log_level: str = "INFO"
    log_format: str = "text"

    @field_validator(
        "proxmox_host", "nubemox_admins", "nubemox_approvers", "nubemox_cors_origins",
        "http_trusted_proxies", mode="before",
    )  # fmt: skip
    @classmethod
    def _listed(cls, value: Any) -> Any:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("proxmox_host")
    @classmethod
    def _hosts(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for host in each(value, _HOST, "a host or host:port"):
            name, colon, port = host.rpartition(":")
            if colon and port.isdecimal() and not name.endswith(":") and int(port) > 65535:
                raise ValueError(f"{host!r} has no port between 1 and 65535")
        return value

    @field_validator("nubemox_admins")
    @classmethod
    def _admins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return each(value, _SLACK_USER, "a Slack user id such as U012ABCDEF")

    @field_validator("nubemox_approvers")
    @classmethod
    def _approvers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return each(value, _SLACK_DECIDER, "a Slack user or usergroup id", may_be_empty=True)

    @field_validator("nubemox_approval_channel", "nubemox_ops_channel")
    @classmethod
    def _channel(cls, value: str) -> str:
        return one(value, _SLACK_CHANNEL, "a channel id such as C012ABCDEF") if value else value

    @field_validator("proxmox_user")
    @classmethod
    def _userid(cls, value: str) -> str:
        return one(value, _USERID, "a user with realm such as nubemox@pve")

    @field_validator("proxmox_api_token_name")
    @classmethod
    def _tokenid(cls, value: str) -> str:
        if not _TOKENID.fullmatch(value):
            # Not shown: whoever mixes up the two variables has put the secret here.
            raise ValueError("is not an API token's name such as bot")
        return value

    @field_validator("proxmox_ca_file")
    @classmethod
    def _file(cls, value: str) -> str:
        if value and not Path(value).is_file():
            raise ValueError(f"there is no file {value!r}")
        return value

    @field_validator("nubemox_default_quota", mode="before")
    @classmethod
    def _quota(cls, value: Any) -> Any:
        return pairs(value, "=", set(Quota.model_fields)) if isinstance(value, str) else value

    @field_validator("nubemox_auto_approve", mode="before")
    @classmethod
    def _auto_approve(cls, value: Any) -> Any:
        names = {"cores", "memory", "disk"}
        return pairs(value, "<=", names) if isinstance(value, str) else value

    @field_validator("nubemox_timezone")
    @classmethod
    def _timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"{value!r} is no time zone such as Europe/Berlin") from None
        return value

    @field_validator("nubemox_summary_cron")
    @classmethod
    def _cron(cls, value: str) -> str:
        try:
            cron_trigger(value, "UTC")
        except ValueError:
            raise ValueError(f"{value!r} is not five cron fields such as '0 9 * * 1-5'") from None
        return value

    @field_validator("slack_bot_token")
    @classmethod
    def _bot_token(cls, value: SecretStr) -> SecretStr:
        return starting(value, "xoxb-")

    @field_validator("slack_app_token")
    @classmethod
    def _app_token(cls, value: SecretStr | None) -> SecretStr | None:
        return starting(value, "xapp-") if value else None

    @field_validator("slack_api_url")
    @classmethod
    def _url(cls, value: str) -> str:
        return one(value, _URL, "a URL that begins with https:// or http://").rstrip("/") + "/"

    @field_validator("nubemox_public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        what = "a URL that begins with https:// or http://"
        return one(value, _URL, what).rstrip("/") if value else value

    @field_validator("nubemox_cors_origins")
    @classmethod
    def _origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return each(value, _ORIGIN, "an origin such as https://example.org", may_be_empty=True)

    @field_validator("http_trusted_proxies")
    @classmethod
    def _proxies(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return networks(value)

    @field_validator("nubemox_secret_key")
    @classmethod
    def _keys(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not any(key.strip() for key in value.get_secret_value().split(",")):
            raise ValueError("holds no key")
        return value

    @field_validator(
        "proxmox_realm", "proxmox_default_node", "nubemox_replica", "nubemox_pve_group",
        "nubemox_pve_role",
    )  # fmt: skip
    @classmethod
    def _short_name(cls, value: str) -> str:
        return one(value, _NAME, "a name of letters, digits, '.', '-' and '_'") if value else value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        try:
            url = make_url(value)
        except (ArgumentError, ValueError):
            raise ValueError("is no database URL such as sqlite:///nubemox.db") from None
        if url.drivername not in ("sqlite", "postgresql+psycopg"):
            raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
        if url.drivername == "sqlite" and url.database in (None, "", ":memory:"):
            raise ValueError("needs a file, as in sqlite:///nubemox.db")
        return value

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        levels = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
        if value.upper() not in levels:
            raise ValueError(f"must be one of {', '.join(levels)}")
        return value.upper()

    @field_validator("log_format")
    @classmethod
    def _format(cls, value: str) -> str:
        if value not in ("text", "json"):
            raise ValueError("must be text or json")
        return value

    @model_validator(mode="after")
    def _defaults_from_others(self) -> Settings:
        if not self.nubemox_approvers:
            self.nubemox_approvers = self.nubemox_admins
        if not self.nubemox_public_url:
            self.nubemox_public_url = f"http://{self.http_host}:{self.http_port}"
        return self

    @property
    def uses_sqlite(self) -> bool:
        """Whether the database is a file of this process alone."""
        return self.database_url.startswith("sqlite")


class SettingsFault(Exception):
    """One or more settings are wrong; `lines` names each variable with its reason."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


def _cross_faults(settings: dict[str, Any]) -> list[str]:
    """Faults between settings; asked of raw values, so that they show beside other faults."""
    faults = []
    if not settings.get("slack_app_token") and not settings.get("slack_signing_secret"):
        faults.append(
            "SLACK_APP_TOKEN: set it for Socket Mode, or SLACK_SIGNING_SECRET for HTTP mode"
        )
    database = str(settings.get("database_url") or "")
    if database.startswith("postgresql+") and not settings.get("nubemox_secret_key"):
        faults.append("NUBEMOX_SECRET_KEY: required with PostgreSQL")
    return faults


def load_settings() -> Settings:
    """Read and check all settings.

    Raises:
        SettingsFault: naming every variable that is missing or wrong, never a value of a secret.
    """
    lines: list[str] = []
    settings: Settings | None = None
    try:
        settings = Settings()
    except ValidationError as error:
        for fault in error.errors(include_input=False, include_url=False):
            name = str(fault["loc"][0]).upper() if fault["loc"] else "SETTINGS"
            reason = fault["msg"].removeprefix("Value error, ")
            if fault["type"] == "missing":
                inner = fault["loc"][1:]
                reason = f"lacks {inner[0]}=N" if inner else "required"
            lines.append(f"{name}: {redact(reason)}")
        raw = _raw_values()
    except UnicodeDecodeError:
        raise SettingsFault([".env: is not UTF-8 text"]) from None
    else:
        raw = settings.model_dump()
    lines.extend(_cross_faults(raw))
    if lines or settings is None:
        raise SettingsFault(sorted(set(lines)))
    return settings


def _raw_values() -> dict[str, Any]:
    """What is set at all, unchecked: for faults between settings."""

    class Raw(BaseSettings):
        model_config = Settings.model_config
        slack_app_token: str = ""
        slack_signing_secret: str = ""
        database_url: str = ""
        nubemox_secret_key: str = ""

    return Raw().model_dump()
