"""The loop that delivers, against a real mail server and a real receiver of webhooks on loopback."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from ledger.access import OPERATOR
from ledger.actions.webhooks import MakeEndpoint, make_endpoint, ping
from ledger.delivery import Delivery, DeliveryState
from ledger.deliveryports import DeliveryQuery
from ledger.kinds.meetings import LEAVE_DECIDED, MEETING_CANCELLED
from ledger.store.memory import MemoryStore
from server.delivery.courier import Courier
from server.delivery.poster import Poster, is_public, signature
from server.house import House
from server.settings import Settings
from tests.ledger.records import DAY, MEMBERS, NOON, fill
from tests.support.postbox import Postbox, Receiver, postbox, receiver

WAITING, SENT, FAILED = DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.FAILED


@dataclass
class Office:
    house: House
    courier: Courier
    at: float = NOON

    async def tell(self, *members: str, key: str = "k", kind: Any = MEETING_CANCELLED) -> None:
        async with self.house.store.writing() as uow:
            await uow.notifications.add(
                [kind.to(one, "meeting:M", self.at, key, org="甲支部", start="2025-12-03 20:00") for one in members]
            )

    async def queue(self) -> list[Delivery]:
        async with self.house.store.reading() as uow:
            return sorted((await uow.deliveries.search(DeliveryQuery()))[0], key=lambda one: one.recipient)


@pytest.fixture
async def box() -> AsyncIterator[Postbox]:
    async with postbox() as running:
        yield running


@pytest.fixture
async def taking() -> AsyncIterator[Receiver]:
    async with receiver() as running:
        yield running


@pytest.fixture(autouse=True)
async def _no_poster_stays_open() -> AsyncIterator[None]:
    yield
    while OFFICES:
        await OFFICES.pop().courier.stop()


OFFICES: list[Office] = []


async def office(folder: Path, chores: Any = (), **values: Any) -> Office:
    store = MemoryStore()
    await fill(store)
    async with store.writing() as uow:
        await uow.members.save([replace(one, email=f"{one.number}@example.org") for one in MEMBERS[:5]])
    settings = Settings(**{"var": folder, "public_url": "https://b.example", "smtp_from": "party@b.example", **values})
    house = House(settings, store)
    made = Office(house, Courier(house, chores=chores))
    house.now = lambda: made.at
    OFFICES.append(made)
    return made


def mail_settings(box: Postbox) -> dict[str, Any]:
    return {"smtp_host": "127.0.0.1", "smtp_port": box.port, "smtp_security": "none"}


async def test_a_mail_arrives_once_with_a_sentence_and_a_link(box: Postbox, tmp_path: Path) -> None:
    desk = await office(tmp_path, **mail_settings(box))
    await desk.tell("m-a4")
    assert await desk.courier.turn() is True
    assert await desk.courier.turn() is False
    (mail,) = box.mails
    (one,) = await desk.queue()
    assert (one.state, one.tries) == (SENT, 1)
    assert (mail["To"], mail["Message-ID"], mail["Auto-Submitted"]) == (
        "a4@example.org",
        f"<{one.delivery_id}@b.example>",
        "auto-generated",
    )
    assert mail["Subject"] == "【支部连线】会议取消"
    assert "party@b.example" in mail["From"]
    text = mail.get_content()
    assert text.replace("\r\n", "\n").startswith("甲支部原定 2025-12-03 20:00 的会议已取消。\nhttps://b.example/meetings/M\n")


async def test_a_server_away_for_a_day_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    async with postbox() as gone:
        port = gone.port
    desk = await office(tmp_path, smtp_host="127.0.0.1", smtp_port=port, smtp_security="none")
    await desk.tell("m-a1", "m-a4")
    while desk.at < NOON + DAY:
        await desk.courier.turn()
        desk.at += 600
    waiting = await desk.queue()
    assert [(one.state, one.reason) for one in waiting] == [(WAITING, "SMTPConnectError")] * 2
    assert all(one.tries > 10 for one in waiting)
    async with postbox(port=port) as back:
        while any(one.state is WAITING for one in await desk.queue()) and desk.at < NOON + 2 * DAY:
            await desk.courier.turn()
            desk.at += 600
        await desk.courier.turn()
    assert sorted(mail["To"] for mail in back.mails) == ["a1@example.org", "a4@example.org"]
    assert [one.state for one in await desk.queue()] == [SENT, SENT]


async def test_a_refused_recipient_keeps_nobody_else_waiting(box: Postbox, tmp_path: Path) -> None:
    desk = await office(tmp_path, **mail_settings(box))
    box.refuse = {"a1@example.org": "550 no such person here: a1@example.org", "a2@example.org": "451 later"}
    await desk.tell("m-a1", "m-a2", "m-a4")
    await desk.courier.turn()
    found = [(one.recipient, one.state, one.reason) for one in await desk.queue()]
    assert found == [("m-a1", FAILED, "smtp 550"), ("m-a2", WAITING, "smtp 451"), ("m-a4", SENT, "")]
    assert [mail["To"] for mail in box.mails] == ["a4@example.org"]


async def test_starttls_and_a_log_in(tmp_path: Path) -> None:
    async with postbox(tmp_path, user="party") as box:
        values = {"smtp_host": "localhost", "smtp_port": box.port, "smtp_user": "party", "smtp_ca_file": str(tmp_path / "smtp.pem")}
        desk = await office(tmp_path, smtp_password="right", **values)
        await desk.tell("m-a4")
        await desk.courier.turn()
        assert box.encrypted == [True]
        wrong = await office(tmp_path, smtp_password="wrong", **values)
        await wrong.tell("m-a4")
        await wrong.courier.turn()
        assert [(one.state, one.reason) for one in await wrong.queue()] == [(WAITING, "SMTPAuthenticationError 535")]
        stranger = await office(tmp_path, **{**values, "smtp_ca_file": ""}, smtp_password="right")
        await stranger.tell("m-a4")
        await stranger.courier.turn()
        (untrusted,) = await stranger.queue()
        assert (untrusted.state, len(box.mails)) == (WAITING, 1)  # a certificate nobody vouches for is not spoken to


async def test_two_processes_over_one_database_send_each_mail_once(box: Postbox, tmp_path: Path) -> None:
    desk = await office(tmp_path, **mail_settings(box))
    other = Courier(desk.house)
    await desk.tell("m-a1", "m-a4")
    await desk.courier.turn()
    assert await other.turn() is False
    await desk.tell("m-a1", "m-a4", key="second")
    await other.turn()
    await desk.courier.turn()
    assert len(box.mails) == 4
    desk.at += 61
    await desk.tell("m-a4", key="third")
    await other.turn()  # the lease had run out
    assert len(box.mails) == 5


async def hook(desk: Office, url: str, org_id: str = "C") -> str:
    command = MakeEndpoint(org_id, url, ["notification.created.v1"])
    made = await make_endpoint(desk.house.store, OPERATOR, command, desk.house.sealer, desk.at)
    assert made.secret is not None
    return made.secret


async def test_a_webhook_is_signed_over_its_very_bytes(taking: Receiver, tmp_path: Path) -> None:
    desk = await office(tmp_path, webhooks_private=True)
    secret = await hook(desk, f"{taking.base}/in")
    await desk.tell("m-a4")
    await desk.courier.turn()
    ((headers, body),) = taking.got
    stamp, _, given = headers["X-Branchline-Signature"].partition(",v1=")
    expected = hmac.new(secret.encode(), f"{stamp.removeprefix('t=')}.{body}".encode(), hashlib.sha256).hexdigest()
    assert (stamp, given) == (f"t={int(NOON)}", expected)
    assert json.loads(body)["deliveryId"] == headers["X-Branchline-Delivery"]
    assert headers["X-Branchline-Event"] == "notification.created.v1"
    assert headers["Content-Type"] == "application/json; charset=utf-8"


async def test_a_failing_endpoint_is_tried_again_with_the_same_bytes_and_a_fresh_signature(taking: Receiver, tmp_path: Path) -> None:
    desk = await office(tmp_path, webhooks_private=True)
    await hook(desk, f"{taking.base}/in")
    await desk.tell("m-a4")
    for status in (500, 302, 204):
        taking.status = status
        await desk.courier.turn()
        desk.at += 301
    assert len({body for _, body in taking.got}) == 1
    assert len({headers["X-Branchline-Signature"] for headers, _ in taking.got}) == 3  # and nobody followed the redirect
    (one,) = await desk.queue()
    assert (one.state, one.tries, one.reason) == (SENT, 3, "http 204")


async def test_no_webhook_reaches_the_inside_unless_allowed(taking: Receiver, tmp_path: Path) -> None:
    desk = await office(tmp_path)
    port = taking.base.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "[::1]", "[::ffff:127.0.0.1]"):
        await hook(desk, f"http://{host}:{port}/in")
        await hook(desk, f"https://{host}:{port}/in")
    await desk.tell("m-a4")
    await desk.courier.turn()
    assert taking.got == []
    found = await desk.queue()
    assert {one.state for one in found} == {WAITING}
    assert {one.reason for one in found} == {"address refused", "InvalidUrlClientError"}  # a bare number is no host at all


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:220:1:248:1893:25c8:1946", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::a00:1", False),
        ("64:ff9b::5db8:d70e", True),
        ("2002:a00:1::", False),
    ],
)
def test_which_addresses_webhooks_go_to(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_the_test_button_wakes_nothing_but_goes_out_at_once(taking: Receiver, tmp_path: Path) -> None:
    desk = await office(tmp_path, webhooks_private=True)
    await hook(desk, f"{taking.base}/in")
    async with desk.house.store.writing() as uow:
        (endpoint,) = await uow.webhooks.listening(["C"], "ping.v1")
        await uow.webhooks.save(replace(endpoint, disabled_at=NOON, disabled_reason="failing"))
    await ping(desk.house.store, OPERATOR, endpoint.endpoint_id, NOON)
    await desk.tell("m-a4", kind=LEAVE_DECIDED)
    await desk.courier.turn()
    assert [headers["X-Branchline-Event"] for headers, _ in taking.got] == ["ping.v1"]


async def test_a_chore_that_fails_keeps_no_other_and_no_mail(box: Postbox, tmp_path: Path) -> None:
    done: list[float] = []

    async def breaks(now: float) -> None:
        raise RuntimeError

    async def works(now: float) -> None:
        done.append(now)

    desk = await office(tmp_path, chores=(("breaks", breaks), ("works", works)), **mail_settings(box))
    await desk.tell("m-a4")
    await desk.courier.turn()
    assert (done, len(box.mails)) == ([NOON], 1)
    desk.at += 3601
    await desk.courier.turn()
    assert done == [NOON, NOON + 3601]


async def test_it_runs_and_stops_and_gives_the_lease_back(box: Postbox, tmp_path: Path) -> None:
    desk = await office(tmp_path, courier_seconds=0.01, **mail_settings(box))
    await desk.courier.start()
    await desk.tell("m-a4")
    for _ in range(500):
        if box.mails:
            break
        await asyncio.sleep(0.02)
    await desk.courier.stop()
    assert len(box.mails) == 1
    async with desk.house.store.writing() as uow:
        assert await uow.leases.take("delivery", "another", NOON, NOON + 60) is True


def test_a_signature_is_as_the_page_says() -> None:
    """The worked example of docs/api.md."""
    body = '{"deliveryId":"0123","event":"ping.v1"}'
    value = signature("whsec_example", 1764648000, body)
    page = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
    assert value in page
    assert body in page
    assert Poster(False)._allowed("https://hooks.example.org/in")
    assert not Poster(False)._allowed("http://hooks.example.org/in")
