"""The DASH manifest; test_ladder compares a whole one with its files."""

from __future__ import annotations

from mpegdash.parser import MPEGDASHParser

from recording.dash import serialize_mpd
from tests.recording.test_ladder_playlists import FAINT, HIGH, LOW, VOICE


def test_both_adaptation_sets_have_their_representations_and_times() -> None:
    mpd = MPEGDASHParser.parse(serialize_mpd([HIGH, LOW], [VOICE, FAINT], 450_000))
    assert mpd.media_presentation_duration == "PT5.000S"
    video, audio = mpd.periods[0].adaptation_sets
    assert [(each.id, each.bandwidth, each.height) for each in video.representations] == [
        ("teacher-720", 1_200_000, 720),
        ("teacher-240", LOW.peak_bps, 240),
    ]
    assert [each.codecs for each in audio.representations] == ["mp4a.40.2"] * 2
    assert [each.d for each in video.segment_templates[0].segment_timelines[0].Ss] == [360_000, 90_000]
    assert audio.segment_templates[0].timescale == 48_000


def test_without_sound_there_is_one_set() -> None:
    mpd = MPEGDASHParser.parse(serialize_mpd([HIGH], [], 450_000))
    assert len(mpd.periods[0].adaptation_sets) == 1
