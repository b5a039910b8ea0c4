"""Handing one message to a webhook or a mail server, within a bounded time.

A failure is told by its kind only (``HTTP 500``, ``TimeoutError``): never with an address, a token or what
the receiver said.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import threading
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import EmailMessage
from http import HTTPStatus
from typing import Any

from warehouse.alerts.channels import Smtp, Webhook, is_loopback
from warehouse.texts import Refused

LONGEST_TIMES = 3
"""A whole exchange may take this many times the channel's time-out; each read has the time-out itself."""
TRY_LATER = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
PERMANENT_SMTP = 500


@dataclass(frozen=True)
class Message:
    """One message: ``message_id`` is the same in every try, so that a receiver can drop a repeated one."""

    message_id: str
    subject: str
    body: str
    content: dict[str, Any]


@dataclass(frozen=True)
class Result:
    """How a try ended; ``is_permanent``: the receiver will never take it as it is."""

    is_sent: bool
    outcome: str
    is_permanent: bool = False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirected POST would become a GET elsewhere: it counts as an error."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def send(channel: Webhook | Smtp, message: Message) -> Result:
    """Hand over one message; never raises for what a network or a receiver does."""
    results: list[Result] = []
    work = threading.Thread(target=lambda: results.append(_sent(channel, message)), daemon=True)
    work.start()
    work.join(LONGEST_TIMES * channel.timeout_seconds)
    return results[0] if results else Result(False, "TimeoutError")


def _sent(channel: Webhook | Smtp, message: Message) -> Result:
    try:
        return _post(channel, message) if isinstance(channel, Webhook) else _mail(channel, message)
    except Refused:
        return Result(False, "the variable with the password is not set", is_permanent=True)
    except urllib.error.HTTPError as error:
        is_permanent = error.code < HTTPStatus.INTERNAL_SERVER_ERROR and error.code not in TRY_LATER
        return Result(False, f"HTTP {error.code}", is_permanent)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return Result(False, f"SMTP {min(codes)}", min(codes) >= PERMANENT_SMTP)
    except smtplib.SMTPResponseException as error:
        return Result(False, f"SMTP {error.smtp_code}", error.smtp_code >= PERMANENT_SMTP)
    except ssl.SSLCertVerificationError as error:
        return Result(False, f"certificate: {error.verify_message}", is_permanent=True)
    except urllib.error.URLError as error:
        reason = error.reason
        if isinstance(reason, ssl.SSLCertVerificationError):
            return Result(False, f"certificate: {reason.verify_message}", is_permanent=True)
        return Result(False, type(reason).__name__)
    except smtplib.SMTPNotSupportedError:
        return Result(False, "STARTTLS or login is not offered", is_permanent=True)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return Result(False, type(error).__name__)


def _post(channel: Webhook, message: Message) -> Result:
    request = urllib.request.Request(
        channel.url,
        data=json.dumps(message.content, ensure_ascii=False).encode(),
        headers={
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": message.message_id,
            "User-Agent": "yibao-alerts",
        },
        method="POST",
    )
    opener = urllib.request.build_opener(
        _NoRedirect, urllib.request.HTTPSHandler(context=_context(channel.ca_file))
    )
    with opener.open(request, timeout=channel.timeout_seconds) as response:
        return Result(True, f"HTTP {response.status}")


def _mail(channel: Smtp, message: Message) -> Result:
    mail = EmailMessage()
    mail["Subject"] = message.subject
    mail["From"] = channel.sender
    mail["To"] = ", ".join(channel.recipients)
    mail["Message-ID"] = f"<{message.message_id}@{channel.sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.body)
    context = _context(channel.ca_file)
    if channel.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            channel.host, channel.port, timeout=channel.timeout_seconds, context=context
        )
    else:
        server = smtplib.SMTP(channel.host, channel.port, timeout=channel.timeout_seconds)
    with server:
        server.ehlo()
        is_secret = channel.security == "tls"
        if not is_secret and (channel.security == "starttls" or server.has_extn("starttls")):
            server.starttls(context=context)
            server.ehlo()
            is_secret = True
        password = channel.password()
        if channel.user and password:
            if not (is_secret or is_loopback(channel.host)):
                return Result(False, "no TLS: the password was not sent", is_permanent=True)
            server.login(channel.user, password)
        refused = server.send_message(mail)
    taken = len(channel.recipients) - len(refused)
    return Result(True, "SMTP 250" if not refused else f"SMTP 250, {taken} of {len(channel.recipients)}")


def _context(ca_file: str | None) -> ssl.SSLContext:
    """Certificates and host names are verified, by the machine's authorities or those in ``ca_file``."""
    return ssl.create_default_context(cafile=ca_file)
