"""The rows of recordings in the table of REST."""

from __future__ import annotations

from ledger.access import Action as A
from server.http import recordings
from server.http.call import Route as R
from server.schemas import recordings as s

ROUTES: tuple[R, ...] = (
    R("GET", "/meetings/{meetingId}/recordings", recordings.of_meeting, "Recordings of a meeting", who=A.SEE_RECORDING,
      answer=s.RecordingList),
    R("GET", "/recordings/{recordingId}", recordings.recording, "One recording with its chapters; being shown it is logged",
      who=A.SEE_RECORDING, answer=s.RecordingView),
    R("GET", "/recordings/{recordingId}/film", recordings.film, "The recording itself, whole or in pieces (Range)",
      who=A.SEE_RECORDING, query=s.RecordingPiece, files=(recordings.WEBM,), refuses=("recordingNotThere", "nodeAway")),
    R("DELETE", "/recordings/{recordingId}", recordings.delete, "Delete a recording; its record stays, with the reason",
      who=A.DELETE_RECORDING, body=s.RecordingDeletion, answer=s.RecordingView, refuses=("recordingRuns", "reasonMissing")),
)  # fmt: skip
