"""A phone that has only H.264 in hardware: a browser that encodes H.264 itself, seen live and in the film."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Playwright, expect

from tests.e2e.test_layers import KEEP_PEERS, becomes
from tests.e2e.test_recording import allow_recording, length
from tests.support.attendee import Attendee
from tests.support.browser import launch
from tests.support.installation import Installation

pytestmark = [pytest.mark.browser, pytest.mark.timeout(150)]

#: Whatever this page offers to send or receive, of pictures it knows H.264 and nothing else.
ONLY_H264 = """const offer = RTCPeerConnection.prototype.createOffer;
RTCPeerConnection.prototype.createOffer = function (...given) {
  const known = RTCRtpReceiver.getCapabilities('video').codecs.filter(codec => /h264/i.test(codec.mimeType));
  for (const transceiver of this.getTransceivers())
    if ((transceiver.sender.track ?? transceiver.receiver.track).kind === 'video') transceiver.setCodecPreferences(known);
  return offer.apply(this, given);
};"""
CODECS = """async () => {
  const found = new Set();
  for (const peer of window.__peers) {
    const stats = await peer.getStats();
    for (const s of stats.values())
      if (s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > 10) found.add(stats.get(s.codecId).mimeType);
  }
  return [...found];
}"""
CAN_SEND = "() => RTCRtpSender.getCapabilities('video').codecs.some(codec => /h264/i.test(codec.mimeType))"


async def test_h264_from_a_browser_is_seen_live_and_in_the_film(installation: Installation, playwright: Playwright, tmp_path: Path) -> None:
    meeting_id = await allow_recording(installation, "allowed")
    browser = await launch(playwright)
    phone = await Attendee.log_in(browser, installation.base, "secretary")
    if not await phone.page.evaluate(CAN_SEND):
        pytest.skip("this Chromium encodes no H.264")
    anna = await Attendee.log_in(browser, installation.base, "member1")
    await phone.page.add_init_script(ONLY_H264)
    await anna.page.add_init_script(KEEP_PEERS)
    await phone.join(meeting_id, microphone=True)
    await phone.inside()
    await phone["open-meeting"].click()
    await anna.join(meeting_id, "listen")
    await anna.inside()
    await anna.watches(phone)
    await becomes(lambda: anna.page.evaluate(CODECS), ["video/H264"])

    await phone["record"].click()
    await phone["record-confirm"].click()
    await phone["recording-agree"].click()
    await expect(phone["recording-banner"]).to_have_attribute("data-recorded", "true")
    await asyncio.sleep(6)
    await phone["recording-stop"].click()
    await expect(anna["recording-banner"]).to_have_count(0)
    (taken,) = (await anna.api(f"/api/meetings/{meeting_id}/recordings"))["recordings"]
    assert list(tmp_path.rglob("*.mkv")) != []  # WebM holds no H.264

    await anna.page.goto(f"{installation.base}/recordings/{taken['recordingId']}")
    await expect(anna["recording-state"]).to_have_attribute("data-state", "ready", timeout=90_000)
    assert await length(anna["film"]) > 5
    shown = await anna.api(f"/api/recordings/{taken['recordingId']}")
    assert {(track["memberId"], track["source"]) for track in shown["tracks"]} == {
        (phone.member_id, "camera"),
        (phone.member_id, "microphone"),
    }
    await anna["film"].evaluate("video => { video.muted = true; video.currentTime = 3; return video.play(); }")
    await becomes(lambda: anna["film"].evaluate("video => video.getVideoPlaybackQuality().totalVideoFrames > 20"), True)
    await browser.close()
