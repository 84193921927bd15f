"""One connection to the mail server for a batch of mails, over aiosmtplib.

A mail says which delivery it is by its Message-ID, made of the delivery's id: sent twice after a crash, it is the same mail, and the
recipient's server or program may drop the second. Never logs an address or a text.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, formataddr

import aiosmtplib

from ledger.actions.delivering import Outcome, Tried
from ledger.delivery import Delivery
from ledger.mails import Mail
from server.settings import Settings

TIMEOUT_SECONDS = 30.0
SENDER = "支部连线 Branchline"


class ServerAway(Exception):
    """No connection, or one that broke: nothing can be said of what was not tried. Its text is a reason without an address."""


class Mailer:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._from = settings.smtp_from or settings.smtp_user

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[Line]:
        """Raises ServerAway where there is no getting through to a server that takes mail from us."""
        settings = self._settings
        client = aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            use_tls=settings.smtp_security == "tls",
            start_tls=settings.smtp_security == "starttls",
            tls_context=_context(settings) if settings.smtp_security != "none" else None,
            timeout=TIMEOUT_SECONDS,
        )
        try:
            await client.connect()
            if settings.smtp_user:
                await client.login(settings.smtp_user, settings.smtp_password)
        except (aiosmtplib.SMTPException, OSError) as trouble:
            client.close()
            raise ServerAway(_name(trouble)) from trouble
        try:
            yield Line(client, self._from)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit()


class Line:
    """An open connection."""

    def __init__(self, client: aiosmtplib.SMTP, sender: str) -> None:
        self._client = client
        self._from = sender

    async def send(self, delivery: Delivery, mail: Mail) -> Tried:
        """Raises ServerAway when the line broke in the middle: the mail may have been taken or not."""
        try:
            await self._client.send_message(message_of(delivery, mail, self._from), sender=self._from, recipients=[mail.to])
        except (aiosmtplib.SMTPRecipientsRefused, aiosmtplib.SMTPResponseException) as refused:
            code = _code(refused)
            return Tried(delivery, Outcome.NEVER if 500 <= code < 600 else Outcome.AGAIN, f"smtp {code}")
        except (aiosmtplib.SMTPException, OSError) as trouble:
            raise ServerAway(_name(trouble)) from trouble
        except (ValueError, UnicodeError):
            return Tried(delivery, Outcome.NEVER, "address malformed")
        return Tried(delivery, Outcome.SENT)


def message_of(delivery: Delivery, mail: Mail, sender: str) -> EmailMessage:
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = formataddr((SENDER, sender))
    message["To"] = mail.to
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(delivery.created_at, UTC))
    message["Message-ID"] = f"<{delivery.delivery_id}@{sender.rpartition('@')[2] or 'branchline.invalid'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers to it
    message.set_content(mail.text)
    return message


def _code(refused: aiosmtplib.SMTPException) -> int:
    if isinstance(refused, aiosmtplib.SMTPRecipientsRefused):
        return max((one.code for one in refused.recipients), default=450)
    return int(getattr(refused, "code", 450))


def _name(trouble: BaseException) -> str:
    """The kind of trouble, and the server's code if it gave one; its words may hold anything."""
    code = getattr(trouble, "code", None)
    return f"{type(trouble).__name__} {code}" if isinstance(code, int) else type(trouble).__name__


def _context(settings: Settings) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.smtp_ca_file or None)
