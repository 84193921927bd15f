"""Turning the keys: everything sealed anew in batches, broken off and gone on with, and keys that are missing, wrong or still needed."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

import pytest

from ledger.__main__ import main
from ledger.actions.changerequests import Propose, propose, waiting_requests
from ledger.actions.files import find_by_id_number, reveal_id_number
from ledger.actions.rotation import check_keys, reseal
from ledger.idnumber import check_digit
from ledger.keyring import read_file
from ledger.ports import Store
from ledger.refusals import KeyMissing, SealBroken
from ledger.sealing import KeyRing, RingSealer
from tests.ledger.conftest import Who
from tests.ledger.records import NOON
from tests.ledger.test_files import NUMBER, SEALER, edit

TURNED = RingSealer(KeyRing({"new": b"n" * 32, "k": b"k" * 32}, "new"), "sm")
ALONE = RingSealer(KeyRing({"new": b"n" * 32}, "new"), "sm")


async def sealed(store: Store, who: Who) -> None:
    """Five files with numbers, and a request that proposes one."""
    admin = await who("admin")
    for place, key in enumerate(("a1", "a2", "a3", "a4", "b1")):
        seventeen = f"11010519491231{100 + 2 * place}"
        number = NUMBER if place == 0 else seventeen + check_digit(seventeen)
        await edit(store, admin, member_id=f"m-{key}", id_number=number)
    await propose(store, SEALER, await who("a5"), Propose({"idNumber": NUMBER}), NOON)


async def test_everything_is_sealed_anew_and_found_throughout(store: Store, who: Who) -> None:
    await sealed(store, who)
    before = await check_keys(store, TURNED)
    assert before.stale == before.by_key["k"] == 6
    assert await find_by_id_number(store, TURNED, await who("admin"), NUMBER, NOON) is not None
    assert await reseal(store, TURNED, NOON, batch=2) == before.stale
    assert await reseal(store, TURNED, NOON, batch=2) == 0
    after = await check_keys(store, ALONE)
    assert (after.stale, after.missing, after.broken, after.by_key["k"]) == (0, set(), [], 0)
    assert await reveal_id_number(store, ALONE, await who("admin"), "m-a1", "核对", NOON) == NUMBER
    assert await find_by_id_number(store, ALONE, await who("admin"), NUMBER, NOON) is not None
    (waiting,), _ = await waiting_requests(store, ALONE, await who("a1"))
    assert waiting.changes == {"idNumber": NUMBER}
    async with store.reading() as uow:
        line = await uow.access_log.last_of("rotateKeys")
    assert line is not None
    assert line.access.detail == {"key": "new", "resealed": "0"}


async def test_a_rotation_that_was_broken_off_goes_on(store: Store, who: Who) -> None:
    await sealed(store, who)
    async with store.writing() as uow:
        first = (await uow.files.sealed_after("", 1))[0]
    number = SEALER.open(first.id_sealed or "", f"member:{first.member_id}:idNumber")
    total = (await check_keys(store, TURNED)).stale
    async with store.writing() as uow:  # one was done before the power went
        again = TURNED.seal(number, f"member:{first.member_id}:idNumber")
        await uow.files.save([replace(first, id_sealed=again, id_index=TURNED.blind_index(number, "idNumber"))])
    assert await reseal(store, TURNED, NOON, batch=1) == total - 1


async def test_a_missing_key_and_a_wrong_one_are_told(store: Store, who: Who) -> None:
    await sealed(store, who)
    report = await check_keys(store, ALONE)
    assert (report.missing, report.broken) == ({"k"}, [])
    with pytest.raises(KeyMissing):
        await reveal_id_number(store, ALONE, await who("admin"), "m-a1", "核对", NOON)
    with pytest.raises(KeyMissing):
        await reseal(store, ALONE, NOON)
    wrong = RingSealer(KeyRing({"k": b"w" * 32}, "k"))
    assert "member:m-a1" in (await check_keys(store, wrong)).broken
    with pytest.raises(SealBroken):
        await reveal_id_number(store, wrong, await who("admin"), "m-a1", "核对", NOON)


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/ledger.db")
    monkeypatch.setenv("BRANCHLINE_VAR", str(tmp_path))
    assert main(["migrate"]) == main(["demo"]) == 0
    capsys.readouterr()
    return tmp_path


def test_keys_are_turned_from_the_command_line(installation: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = installation / "keys"
    old = read_file(file).primary
    assert main(["keys", "check"]) == 0
    assert "27 sealed, 0 not under the key in use, 0 broken" in capsys.readouterr().out
    assert main(["keys", "drop", old]) == 1
    assert "still sealed" in capsys.readouterr().err
    assert main(["keys", "rotate"]) == 0
    assert "27 values sealed anew" in capsys.readouterr().out
    assert read_file(file).primary != old
    assert main(["keys", "drop", old]) == 0
    assert set(read_file(file).keys) == {read_file(file).primary}
    assert main(["keys", "check"]) == 0
    assert main(["audit", "verify"]) == 0


def test_lost_keys_are_told_plainly(installation: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("BRANCHLINE_KEYS", "other:" + base64.b64encode(b"o" * 32).decode())
    assert main(["keys", "check"]) == 1
    assert "missing" in capsys.readouterr().out
    assert main(["keys", "reseal"]) == 1
    assert "keyMissing" in capsys.readouterr().err
    monkeypatch.setenv("BRANCHLINE_KEYS", "nonsense")
    assert main(["keys", "check"]) == 1
    assert "malformed" in capsys.readouterr().err
    assert installation.exists()
