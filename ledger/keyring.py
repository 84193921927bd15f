"""Where the keys come from: the environment, or a file of one line per key, the key in use first.

    # comment
    k7f3a9c21 base64 of 32 bytes
    k0d41e8b6 base64 of 32 bytes        older, only to open

The file is made with mode 0600 when there is none. A missing or mangled one is told in words (`KeysUnusable`), never replaced: a new key
opens nothing that an old one has sealed.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from .sealing import KEY_BYTES, KeyRing, RingSealer, Sealer

KEY_ID = re.compile(r"[a-z0-9]{1,32}")
HEAD = (
    "# 支部连线的密钥：请与数据库分开备份，丢失后加密内容无法恢复；第一个为当前密钥。\n"
    "# Keys of Branchline: back them up apart from the database; without them what is sealed is lost. The first is in use.\n"
)


class KeysUnusable(Exception):
    """What is wrong with the keys, in both languages, without a key in it."""


@dataclass(frozen=True, slots=True)
class KeySource:
    """`given`: keys from the environment, "id:base64,id:base64", the key in use first; empty: `file`. `suite`: "aes" or "sm"."""

    given: str = ""
    file: Path = Path("var/keys")
    suite: str = "aes"


def open_sealer(source: KeySource) -> Sealer:
    """Makes the key file where there is neither a file nor a key in the environment. Raises KeysUnusable."""
    if source.given:
        ring = _ring((part.strip().split(":", 1) for part in source.given.split(",")), "BRANCHLINE_KEYS")
        return RingSealer(ring, source.suite)
    if not source.file.exists():
        with contextlib.suppress(FileExistsError):  # another process was faster: its key is read below
            _write_new(source.file)
    return FileSealer(source.file, source.suite)


class FileSealer:
    """Follows the key file: a rotation on the command line is seen by a running server at its next use, without a restart.

    A file that was taken away or mangled meanwhile changes nothing: the keys that were read go on working.
    """

    def __init__(self, path: Path, suite: str) -> None:
        self._path, self._suite = path, suite
        self._stamp = _stamp(path)
        self._sealer = RingSealer(read_file(path), suite)

    def seal(self, plain: str, about: str) -> str:
        return self.current.seal(plain, about)

    def open(self, sealed: str, about: str) -> str:
        return self.current.open(sealed, about)

    def blind_index(self, plain: str, field_name: str) -> str:
        return self.current.blind_index(plain, field_name)

    def look_ups(self, plain: str, field_name: str) -> tuple[str, ...]:
        return self.current.look_ups(plain, field_name)

    def is_current(self, sealed: str) -> bool:
        return self.current.is_current(sealed)

    @property
    def ring(self) -> KeyRing:
        return self.current.ring

    @property
    def current(self) -> RingSealer:
        stamp = _stamp(self._path)
        if stamp is not None and stamp != self._stamp:
            with contextlib.suppress(KeysUnusable):
                self._sealer = RingSealer(read_file(self._path), self._suite)
                self._stamp = stamp
        return self._sealer


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino


def read_file(path: Path) -> KeyRing:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as trouble:
        raise KeysUnusable(f"无法读取密钥文件 {path} · the key file {path} cannot be read") from trouble
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return _ring(lines, str(path))


def add_key(path: Path) -> str:
    """Put a new key in front of the file; older ones stay to open with. → its id."""
    ring = read_file(path)
    key_id, key = new_key()
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, {key_id: key, ring.primary: ring.keys[ring.primary], **ring.keys})
    os.replace(fresh, path)  # at no instant is there no file, or half a one
    return key_id


def drop_key(path: Path, key_id: str) -> None:
    """Take an older key out of the file. The one in use stays."""
    ring = read_file(path)
    if key_id == ring.primary or key_id not in ring.keys:
        raise KeysUnusable(f"密钥 {key_id} 正在使用或不存在 · the key {key_id} is in use or not there")
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    _write(fresh, {one: key for one, key in ring.keys.items() if one != key_id})
    os.replace(fresh, path)


def new_key() -> tuple[str, bytes]:
    return f"k{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES)


def _ring(entries: Iterable[list[str]], where: str) -> KeyRing:
    keys: dict[str, bytes] = {}
    for entry in entries:
        if len(entry) != 2 or not KEY_ID.fullmatch(entry[0]) or entry[0] in keys:
            raise KeysUnusable(f"{where} 中的密钥格式有误 · a key in {where} is malformed")
        try:
            keys[entry[0]] = base64.b64decode(entry[1], validate=True)
        except binascii.Error:
            raise KeysUnusable(f"{where} 中的密钥不是 Base64 · a key in {where} is not Base64") from None
    try:
        return KeyRing(keys, next(iter(keys), ""))
    except ValueError:
        raise KeysUnusable(f"{where} 中没有 {KEY_BYTES} 字节的密钥 · {where} has no key of {KEY_BYTES} bytes") from None


def _write_new(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    key_id, key = new_key()
    _write(path, {key_id: key})


def _write(path: Path, keys: dict[str, bytes]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(HEAD)
        file.writelines(f"{key_id} {base64.b64encode(key).decode()}\n" for key_id, key in keys.items())
        file.flush()
        os.fsync(file.fileno())
