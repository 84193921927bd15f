"""Every setting of the server, and the only place that reads the environment.

Names are `BRANCHLINE_<FIELD>`; `DATABASE_URL`, `REDIS_URL` and `PORT` keep the names that hosting platforms give them. Everybody else is
handed values. Nothing here may open a file or a connection.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from ledger.keyring import KeySource

VERSION = "0.1.0"
Words = Annotated[tuple[str, ...], NoDecode]  # a list written with commas


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BRANCHLINE_", frozen=True, extra="ignore", populate_by_name=True)

    host: str = Field(default="", description="address to listen on; empty: every address if PORT is given (a platform), else loopback")
    port: int = Field(default=8080, ge=0, le=65535, validation_alias=AliasChoices("PORT", "BRANCHLINE_PORT"))
    public_url: str = Field(default="", description="how browsers reach the service, https://…; empty: as the request says")
    node_url: str = Field(default="", description="how browsers reach this very node, when there are several")
    node_urls: Words = Field(default=(), description="how browsers reach the other nodes: they may be connected to, and may connect here")
    cookie_domain: str = Field(default="", description="the domain that all nodes share")
    proxies: int = Field(default=0, ge=0, le=5, description="reverse proxies in front whose X-Forwarded-For is believed")

    database_url: str = Field(
        default="sqlite:///var/branchline.db", validation_alias=AliasChoices("DATABASE_URL", "BRANCHLINE_DATABASE_URL")
    )
    redis_url: str = Field(default="", validation_alias=AliasChoices("REDIS_URL", "BRANCHLINE_REDIS_URL"))
    var: Path = Field(default=Path("var"), description="folder of the outbox and the heartbeat; one for each node")
    keys: str = Field(
        default="", description="keys of what is sealed at rest, id:base64 with commas, the one in use first; empty: the key file"
    )
    key_file: Path | None = Field(default=None, description="file of these keys, made at the first start; none: keys in the folder var")
    cipher: Literal["aes", "sm"] = Field(default="aes", description="AES-256-GCM with SHA-256, or the national SM4 with SM3")
    web_dist: Path = Field(default=Path("web/dist"), description="the built web client")

    certificate_key: str = Field(default="", description="Ed25519 seed (32 bytes, base64) that signs activity certificates; empty: a file")
    certificate_key_file: Path | None = Field(default=None, description="that file; made if absent. Default: certificate.key in var")
    certificate_former_keys: Words = Field(default=(), description="public keys (base64) of before, whose certificates are still believed")
    nightly_hour: int = Field(default=3, ge=-1, le=23, description="hour, in China, of the nightly evaluation; -1: the server runs none")

    organisation_name: str = Field(default="", max_length=120, description="shown before log-in; empty: the top of the tree")
    locale: Literal["zh", "en"] = "zh"
    session_idle_hours: float = Field(default=8.0, gt=0)
    session_days: float = Field(default=7.0, gt=0)

    media_socket: Words = Field(default=(), description="sockets of media workers that run apart; empty: the server starts its own")
    media_workers: int = Field(default=0, ge=0, le=64, description="media workers the server starts; 0: one for each core")
    media_spread: int = Field(default=150, ge=0, description="receivers of one meeting on one worker before a further one takes some")
    media_compiled: bool = Field(default=True, description="media workers use the compiled twin of their innermost loop, where it is")
    media_host: str = Field(default="", description="address the media port listens on; empty: as the web server")
    media_port: int = Field(default=40000, ge=0, le=65535, description="UDP and TCP port of the first worker, the next count up; 0: any")
    media_addresses: Words = Field(default=(), description="addresses told to browsers for media; empty: those of this machine")
    ice_servers: Words = Field(default=(), description="turn:host:port or stun:host:port, where a network blocks UDP")
    turn_user: str = ""
    turn_password: str = ""
    turn_secret: str = Field(default="", description="coturn's static-auth-secret; set: everybody gets a log-in of their own for 12 hours")

    film_font: str = Field(default="", description="font file for names in films of recordings; empty: an installed one with Chinese")

    smtp_host: str = Field(default="", description="mail server; empty: nobody is told by e-mail")
    smtp_port: int = Field(default=587, ge=1, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = Field(default="starttls", description="none only for a relay on this machine")
    smtp_user: str = ""
    smtp_password: str = Field(default="", repr=False)
    smtp_from: str = Field(default="", description="address the mails come from; empty: SMTP_USER")
    smtp_ca_file: str = Field(default="", description="certificate authority of an own mail server; empty: those of the system")
    webhooks_private: bool = Field(default=False, description="webhooks may go to loopback and private addresses, and without https")
    courier_seconds: float = Field(default=5.0, gt=0, description="how often what is waiting to be sent is looked for")

    lease_seconds: int = Field(default=90, ge=1, description="how long a node holds its rooms while Redis does not answer")
    renew_seconds: float = Field(default=5.0, gt=0)
    grace_seconds: float = Field(default=15.0, ge=0, description="how long a vanished client may come back as the same peer")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "json", "console"] = Field(default="auto", description="auto: console on a terminal, else json")
    access_log: bool = Field(default=True, description="one line per request, without names, ids or addresses")

    @field_validator("node_urls", "media_addresses", "media_socket", "ice_servers", "certificate_former_keys", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("public_url", "node_url")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def listen(self) -> str:
        return self.host or ("0.0.0.0" if os.environ.get("PORT") else "127.0.0.1")

    @property
    def log_lines(self) -> Literal["json", "console"]:
        if self.log_format == "auto":
            return "console" if sys.stderr.isatty() else "json"
        return self.log_format

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """Where a person on this machine finds the service."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def own_address(self) -> str:
        """How other nodes send browsers here."""
        return self.node_url or self.address

    @property
    def key_source(self) -> KeySource:
        return KeySource(self.keys, self.key_file or self.var / "keys", self.cipher)

    @property
    def recordings(self) -> Path:
        """One folder for each recording of a meeting of this node."""
        return self.var / "recordings"

    @property
    def origins(self) -> frozenset[str]:
        """Hosts, with ports, whose pages may speak to this node besides the one the request itself names."""
        urls = (self.public_url, self.node_url, *self.node_urls)
        return frozenset(urlsplit(url).netloc for url in urls if url)
