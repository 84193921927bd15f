"""A real mail server on loopback (aiosmtpd) and a real receiver of webhooks (aiohttp), with what they were sent and how they behave."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Postbox:
    """`refuse`: the server's answer to a recipient, by address; None takes everything."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuse: dict[str, str] = {}
        self.encrypted: list[bool] = []
        self.port = 0

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        message = message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.encrypted.append(session.ssl is not None)
        return "250 taken"


@asynccontextmanager
async def postbox(folder: Path | None = None, port: int = 0, user: str = "") -> AsyncIterator[Postbox]:
    """With a folder: STARTTLS is required, by a certificate in it; with a user: that log-in, whose password is "right"."""
    box = Postbox()
    options: dict[str, Any] = {}
    if folder is not None:
        options |= {"tls_context": _certificate(folder), "require_starttls": True}
    if user:

        def check(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
            right = (data.login, data.password) == (user.encode(), b"right")
            return AuthResult(success=right, handled=right)  # not handled: the server itself answers 535

        options |= {"authenticator": check, "auth_required": True, "auth_require_tls": folder is not None}
    controller = Controller(box, hostname="127.0.0.1", port=port or _free_port(), **options)
    controller.start()
    box.port = controller.port
    try:
        yield box
    finally:
        controller.stop()


class Receiver:
    """`status`: what it answers with from now on."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.status = 200
        self.base = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append((dict(request.headers), await request.text()))
        location = {"Location": f"{self.base}/elsewhere"} if 300 <= self.status < 400 else {}
        return web.Response(status=self.status, headers=location)


@asynccontextmanager
async def receiver() -> AsyncIterator[Receiver]:
    taking = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", taking.take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    taking.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield taking
    finally:
        await runner.cleanup()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _certificate(folder: Path) -> ssl.SSLContext:
    """A key and a certificate for localhost, its own authority: `folder`/smtp.pem."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "smtp.pem").write_bytes(built.public_bytes(serialization.Encoding.PEM))
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "smtp.key").write_bytes(secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "smtp.pem", folder / "smtp.key")
    return context
