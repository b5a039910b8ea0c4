"""Where alerts are sent: ``alerts.yml`` of the home, readable by its owner only. Without it, nowhere.

The password of a mail account is never in the file: it names the environment variable that holds it.
"""

from __future__ import annotations

import os
import stat
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from warehouse.alerts.episodes import Severity
from warehouse.settings import Settings
from warehouse.texts import Refused

ChannelName = Literal["webhook", "smtp"]
Security = Literal["starttls_if_offered", "starttls", "tls"]


class Channel(BaseModel):
    """What both kinds share: how long to wait, which alerts to send, whose certificates to trust."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout_seconds: float = Field(default=10, ge=0.1, le=120)
    least_severity: Severity = "warning"
    ca_file: str | None = None


class Webhook(Channel):
    """An address that takes a POST of JSON; HTTPS, or HTTP on this machine or where it is allowed."""

    url: str
    allow_http: bool = False

    @model_validator(mode="after")
    def _is_safe(self) -> Webhook:
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("url: http(s)://host/…")
        if parts.scheme == "http" and not (self.allow_http or is_loopback(parts.hostname)):
            raise ValueError("url: https, or allow_http: true")
        return self


class Smtp(Channel):
    """A mail server. A password is sent over TLS only, except to this machine."""

    host: str = Field(min_length=1)
    port: int = Field(default=25, ge=1, le=65535)
    sender: str
    recipients: list[str] = Field(min_length=1)
    user: str | None = None
    password_env: str | None = None
    security: Security = "starttls_if_offered"

    @field_validator("sender", "recipients")
    @classmethod
    def _are_addresses(cls, value: str | list[str]) -> str | list[str]:
        for each in [value] if isinstance(value, str) else value:
            local, at, domain = each.partition("@")
            if not (local and at and domain) or any(letter.isspace() for letter in each):
                raise ValueError("name@host")
        return value

    def password(self) -> str | None:
        """The password, where one is needed; refused when its variable is not set."""
        if not self.password_env:
            return None
        password = os.environ.get(self.password_env)
        if not password:
            raise Refused(
                f"环境变量 {self.password_env} 没有设置；alerts.yml 从中取邮件密码。",
                f"The environment variable {self.password_env} is not set; alerts.yml takes the mail password from it.",
            )
        return password


class Channels(BaseModel):
    """The content of ``alerts.yml``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    webhook: Webhook | None = None
    smtp: Smtp | None = None

    def configured(self) -> dict[ChannelName, Webhook | Smtp]:
        """The channels that there are, by name."""
        found: dict[ChannelName, Webhook | Smtp] = {}
        if self.webhook:
            found["webhook"] = self.webhook
        if self.smtp:
            found["smtp"] = self.smtp
        return found


def read_channels(settings: Settings) -> dict[ChannelName, Webhook | Smtp]:
    """The channels of the home; none without a file. Refused: others may read it, or it cannot be used."""
    path = settings.alert_channels
    if not path.exists():
        return {}
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Refused(
            f"{path} 可被其他用户读取，其中有地址和令牌；请先 chmod 600。",
            f"{path} can be read by other users and holds addresses and tokens; run chmod 600 on it.",
        )
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Channels.model_validate(content or {}).configured()
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise _unusable(settings, type(error).__name__) from error
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise _unusable(settings, wrong) from None


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _unusable(settings: Settings, reason: str) -> Refused:
    """Names the place, never the content: a webhook's address may hold a token."""
    return Refused(
        f"{settings.alert_channels} 不能用（{reason[:300]}）。格式见 docs/alerts.md。",
        f"{settings.alert_channels} cannot be used ({reason[:300]}). See docs/alerts.md for its form.",
    )
