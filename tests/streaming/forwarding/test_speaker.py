"""The numbers of speaker groups."""

from __future__ import annotations

from streaming.forwarding.speaker import NO_GROUP, SpeakerGroups
from streaming.identifiers import PublicationId

ONE, OTHER = PublicationId("pub_one"), PublicationId("pub_other")


def test_voices_of_a_group_share_a_number_that_no_other_group_has() -> None:
    groups = SpeakerGroups()
    assert groups.number_of(ONE) == NO_GROUP
    assert groups.assign(ONE, "les_a")
    assert groups.assign(OTHER, "les_a")
    assert groups.number_of(ONE) == groups.number_of(OTHER) != NO_GROUP
    assert not groups.assign(ONE, "les_a")
    assert groups.assign(ONE, "les_b")
    assert NO_GROUP != groups.number_of(ONE) != groups.number_of(OTHER)


def test_a_group_without_voices_is_forgotten_and_its_number_not_given_again() -> None:
    groups = SpeakerGroups()
    groups.assign(ONE, "les_a")
    first = groups.number_of(ONE)
    assert groups.assign(ONE, None)
    assert groups.number_of(ONE) == NO_GROUP
    assert not groups.assign(ONE, None)
    groups.assign(OTHER, "les_a")
    assert groups.number_of(OTHER) > first
