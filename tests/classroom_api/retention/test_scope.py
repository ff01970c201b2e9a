from __future__ import annotations

from classroom_api.retention.scope import Scope, Target, scope_of
from recording.manifest import SourceStarted
from recording.store import CHECKPOINT_NAME


def source(publication: str, seat: str, resource: str) -> SourceStarted:
    log = f"{seat}/{publication}.rtplog"
    return SourceStarted(
        publication, seat, "classroom", resource, log, 0, "peer", "video", "camera", "VP8", 90_000, 0, ""
    )


SOURCES = [
    source("pub_camera", "seat_m", "res_teacher"),
    source("pub_screen", "seat_m", "res_screen"),
    source("pub_hill", "seat_hill", "res_hill"),
]
RESOURCES: list[tuple[str, str | None]] = [
    ("res_teacher", None),
    ("res_screen", None),
    ("res_hill", "seat_hill"),
]


def of(target: Target, target_id: str, *seats: str) -> Scope:
    return scope_of(target, target_id, seats, SOURCES, RESOURCES)


def test_a_lesson_goes_whole() -> None:
    scope = of(Target.LESSON, "les_a")
    assert scope.holds_recording("manifest.jsonl")
    assert scope.holds_resource("res_anything")


def test_a_resource_goes_with_the_raw_tracks_that_it_was_made_of() -> None:
    scope = of(Target.RESOURCE, "res_screen")
    assert scope.holds_recording("seat_m/pub_screen.rtplog")
    assert scope.holds_recording("seat_m/pub_screen.rtplog.key")
    assert not scope.holds_recording("seat_m/pub_camera.rtplog")
    assert [scope.holds_resource(each) for each, _ in RESOURCES] == [False, True, False]


def test_a_seat_goes_with_every_rendition_that_shows_it() -> None:
    master = of(Target.SEAT, "seat_m", "seat_m")
    assert [master.holds_resource(each) for each, _ in RESOURCES] == [True, True, False]
    group = of(Target.STUDENT_GROUP, "grp_a", "seat_hill")
    assert [group.holds_resource(each) for each, _ in RESOURCES] == [False, False, True]
    assert group.holds_recording("seat_hill/pub_hill.2.rtplog")
    assert not group.holds_recording("seat_m/pub_camera.rtplog")
    assert not group.holds_recording("manifest.jsonl")


def test_a_rendition_of_a_seat_goes_though_the_manifest_is_lost() -> None:
    scope = scope_of(Target.SEAT, "seat_hill", ["seat_hill"], [], RESOURCES)
    assert scope.holds_resource("res_hill")
    assert scope.holds_recording("seat_hill/pub_hill.rtplog")


def test_raw_tracks_go_and_the_resources_and_the_manifest_stay() -> None:
    scope = of(Target.RAW_TRACKS, "les_a")
    assert scope.holds_recording("seat_m/pub_camera.rtplog")
    assert scope.holds_recording(CHECKPOINT_NAME)
    assert not scope.holds_recording("manifest.jsonl")
    assert not any(scope.holds_resource(each) for each, _ in RESOURCES)
