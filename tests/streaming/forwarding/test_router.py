"""The wanted table, case by case and against a naive model."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streaming.forwarding.layers import LayerLimit
from streaming.forwarding.router import (
    NO_TRACK,
    Assignment,
    Demand,
    Encoding,
    Router,
    Source,
    ranked_tracks,
)
from streaming.identifiers import PublicationId

CAMERA, SCREEN = PublicationId("pub_camera"), PublicationId("pub_screen")
VP8 = frozenset({"VP8"})
SIMULCAST = Source("VP8", (Encoding(13, "f"), Encoding(11, "q"), Encoding(12, "h")))


def test_a_subscription_gets_its_publication_and_nothing_once_it_ended() -> None:
    router = Router()
    router.set_demand(1, Demand(CAMERA, VP8))
    assert router.take_assignments() == [Assignment(1, NO_TRACK)]
    router.set_source(CAMERA, Source("VP8", (Encoding(7),)))
    assert router.take_assignments() == [Assignment(1, 7)]
    router.set_source(CAMERA, Source("VP8", (Encoding(7),)))
    assert router.take_assignments() == []
    router.remove_source(CAMERA)
    router.remove_source(CAMERA)
    assert router.take_assignments() == [Assignment(1, NO_TRACK)]


def test_layers_follow_demand_and_life() -> None:
    router = Router()
    router.set_source(CAMERA, SIMULCAST)
    router.set_demand(1, Demand(CAMERA, VP8))
    router.set_demand(2, Demand(CAMERA, VP8, low_layer=True))
    assert router.take_assignments() == [Assignment(1, 13), Assignment(2, 11)]
    router.set_alive({11, 12})
    assert router.take_assignments() == [Assignment(1, 12)]
    router.set_alive({11, 12, 13})
    router.set_demand(1, Demand(CAMERA, VP8, low_layer=True))
    assert router.take_assignments() == [Assignment(1, 11)]
    assert ranked_tracks(SIMULCAST) == (11, 12, 13)


def test_the_highest_of_the_living_within_the_limit_is_chosen() -> None:
    router = Router()
    router.set_source(CAMERA, SIMULCAST)
    for spatial, track in ((0, 11), (1, 12), (2, 13), (None, 13)):
        router.set_demand(1, Demand(CAMERA, VP8, layers=LayerLimit(spatial)))
        assert router.track_of(1) == track
    router.set_alive({11, 13})
    router.set_demand(1, Demand(CAMERA, VP8, layers=LayerLimit(1)))
    assert router.track_of(1) == 11


def test_who_wants_a_low_encoding_that_never_comes_gets_the_next_above() -> None:
    router = Router()
    router.set_source(CAMERA, SIMULCAST)
    router.set_demand(1, Demand(CAMERA, VP8, layers=LayerLimit(0)))
    router.set_alive({12, 13})
    assert router.track_of(1) == 12
    router.set_alive({11, 12, 13})
    assert router.track_of(1) == 11


def test_who_is_in_demand_counts_what_would_be_chosen_of_encodings_that_rest() -> None:
    router = Router()
    router.set_source(CAMERA, SIMULCAST)
    assert router.demanded_tracks() == set()
    router.set_demand(1, Demand(CAMERA, VP8, layers=LayerLimit(1)))
    assert router.demanded_tracks() == {12}
    router.set_alive({11})
    assert router.demanded_tracks() == {11, 12}
    router.set_demand(1, Demand(CAMERA, VP8, is_paused=True))
    assert router.demanded_tracks() == set()
    router.set_demand(2, Demand(None, VP8))
    assert router.demanded_tracks() == set()


def test_a_codec_that_was_not_negotiated_is_not_forwarded() -> None:
    router = Router()
    router.set_source(CAMERA, Source("AV1", (Encoding(7),)))
    router.set_demand(1, Demand(CAMERA, VP8))
    assert router.take_assignments() == [Assignment(1, NO_TRACK)]


def test_a_removed_subscription_has_no_edits() -> None:
    router = Router()
    router.set_source(CAMERA, SIMULCAST)
    router.set_demand(1, Demand(CAMERA, VP8))
    router.remove_demand(1)
    router.remove_demand(1)
    router.remove_source(CAMERA)
    assert router.take_assignments() == []
    assert router.track_of(1) == NO_TRACK


def test_a_publication_without_tracks_feeds_nobody() -> None:
    router = Router()
    router.set_source(CAMERA, Source("VP8", ()))
    router.set_demand(1, Demand(CAMERA, VP8))
    router.set_demand(2, Demand(None, VP8))
    assert router.take_assignments() == [Assignment(1, NO_TRACK), Assignment(2, NO_TRACK)]


publications = st.sampled_from([CAMERA, SCREEN])
sources = st.builds(
    Source,
    st.sampled_from(["VP8", "H264"]),
    st.sampled_from([(), (Encoding(7),), SIMULCAST.encodings, (Encoding(21, "h"), Encoding(20, "l"))]),
)
demands = st.builds(
    Demand,
    st.one_of(st.none(), publications),
    st.sampled_from([VP8, frozenset({"VP8", "H264"})]),
    st.booleans(),
)
commands = st.one_of(
    st.tuples(st.just("set_source"), publications, sources),
    st.tuples(st.just("remove_source"), publications),
    st.tuples(st.just("set_alive"), st.frozensets(st.sampled_from([7, 11, 12, 13, 20, 21]))),
    st.tuples(st.just("set_demand"), st.integers(1, 4), demands),
    st.tuples(st.just("remove_demand"), st.integers(1, 4)),
    st.tuples(st.just("take")),
)


@given(st.lists(commands, max_size=40))
def test_edits_handed_out_always_add_up_to_the_wanted_table(
    given_commands: list[tuple[str, *tuple[object, ...]]],
) -> None:
    router = Router()
    table: dict[int, int] = {}
    living: set[int] = set()
    for name, *arguments in [*given_commands, ("take",)]:
        if name == "take":
            edits = router.take_assignments()
            assert len({edit.subscription for edit in edits}) == len(edits)
            for edit in edits:
                assert table.get(edit.subscription) != edit.track, "an edit that changes nothing"
                table[edit.subscription] = edit.track
            assert table == {number: router.track_of(number) for number in living}
            continue
        getattr(router, name)(*arguments)
        match arguments:
            case [int(number), *_] if name == "set_demand":
                living.add(number)
            case [int(number)]:
                living.discard(number)
                table.pop(number, None)
