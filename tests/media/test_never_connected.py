"""A transport that was told to connect and never does is given up after 30 s; one that nobody needs yet waits as long as it likes."""

from media.dtls import HANDSHAKE_SECONDS
from tests.media.meeting import Meeting
from tests.media.peer import Peer


def test_a_transport_told_to_connect_that_never_does_is_closed_and_counted() -> None:
    meeting = Meeting()
    meeting.routers.create_transport("room", "lost", "send")
    meeting.routers.connect_transport("lost", meeting.alice.dtls_parameters)
    meeting.world.tick(HANDSHAKE_SECONDS - 1)
    assert meeting.routers.stats("lost")["state"] == "new"
    meeting.world.tick(2.0)
    assert meeting.routers.stats("lost")["state"] == "closed"
    assert meeting.drops["dtls_handshake_timeout"] == 1
    closed = [report for report in meeting.events("transportState") if report["transportId"] == "lost"]
    assert [(report["state"], report["reason"]) for report in closed] == [("closed", "handshake_timeout")]


def test_a_transport_without_anything_to_carry_yet_waits() -> None:
    """The receiving transport of whoever is first in a room connects when somebody else speaks, be it an hour later."""
    meeting = Meeting()
    late = Peer(meeting.world, meeting.routers.create_transport("room", "late", "send"), ("10.0.0.9", 9))
    meeting.world.tick(3600.0)
    meeting.routers.connect_transport("late", late.dtls_parameters)
    late.connect()
    assert meeting.routers.stats("late")["state"] == "connected"
