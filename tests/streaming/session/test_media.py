"""The public values."""

from __future__ import annotations

import pytest

from streaming.identifiers import PeerId
from streaming.session.media import MediaKind, Source, SubscribeOffer, kind_of


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        (Source.CAMERA, MediaKind.VIDEO),
        (Source.SCREEN, MediaKind.VIDEO),
        (Source.MICROPHONE, MediaKind.AUDIO),
        (Source.SCREEN_AUDIO, MediaKind.AUDIO),
    ],
)
def test_each_source_has_its_kind(source: Source, kind: MediaKind) -> None:
    assert kind_of(source) is kind


def test_an_offers_credentials_are_not_printed() -> None:
    assert "a=ice-pwd" not in repr(SubscribeOffer(PeerId("peer_a"), 1, "a=ice-pwd:x", ()))
