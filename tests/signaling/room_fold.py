"""A client's fold of events over a snapshot, written from docs/protocol.md alone."""

from __future__ import annotations

from typing import Any

Room = dict[str, Any]
Event = dict[str, Any]


def fold_room(room: Room, event: Event, at_ms: int) -> None:
    """Change `room` as one event says."""
    kind = event["type"]
    for fold in _FOLDS:
        if fold(room, event, at_ms):
            return
    raise AssertionError(f"an event that the document does not tell: {kind}")


def _fold_lesson(room: Room, event: Event, at_ms: int) -> bool:
    match event["type"]:
        case "lesson_state":
            members = ("state", "started_at_ms", "ended_at_ms", "reason")
            room["lesson"].update({name: event[name] for name in members}, since_ms=at_ms)
        case "lesson_interrupted":
            room["lesson"].update(state=event["state"], since_ms=at_ms)
        case "recording_state":
            room["recording"] = {name: event[name] for name in ("policy", "state", "reason")}
        case "publication_added":
            room["publications"].append(event["publication"])
        case "publication_removed":
            _drop(room["publications"], event["publication"])
        case "publication_changed":
            _member(room["publications"], event["publication"])["enabled"] = event["enabled"]
        case _:
            return False
    return True


def _fold_seat(room: Room, event: Event, at_ms: int) -> bool:
    seats: list[dict[str, Any]] = room["seats"]
    match event["type"]:
        case "seat_joined":
            seats.append(event["seat"])
        case "seat_left":
            _drop(seats, event["seat"])
            controls, gone = room["controls"], event["seat"]
            controls["grants"].pop(gone, None)
            for pairs in ("whispers", "listens"):
                controls[pairs] = {a: b for a, b in controls[pairs].items() if gone not in (a, b)}
            room["board"]["signals"].pop(gone, None)
        case "seat_connection":
            _member(seats, event["seat"])["connected"] = event["connected"]
        case "seat_muted":
            _member(seats, event["seat"])["muted"] = event["muted"]
        case "consent_changed":
            _member(seats, event["seat"])["recording_consent"] = event["recording_consent"]
        case "consent_decided":
            pass  # what a page may grant; what changes by it is told besides
        case "live_consent_changed":
            _member(seats, event["seat"]).update(video_consent=event["video"], voice_consent=event["voice"])
        case _:
            return False
    return True


def _fold_floor(room: Room, event: Event, at_ms: int) -> bool:
    match event["type"]:
        case "floor_requested":
            room["hands"].insert(event["position"], event["seat"])
            _member(room["seats"], event["seat"])["hand_at_ms"] = at_ms
        case "floor_withdrawn":
            room["hands"].remove(event["seat"])
            _member(room["seats"], event["seat"])["hand_at_ms"] = None
        case "floor_granted":
            room["stage"].append(event["seat"])
            if event["seat"] in room["hands"]:
                room["hands"].remove(event["seat"])
            _member(room["seats"], event["seat"])["hand_at_ms"] = None
        case "floor_revoked":
            room["stage"].remove(event["seat"])
        case _:
            return False
    return True


def _fold_controls(room: Room, event: Event, at_ms: int) -> bool:
    controls = room["controls"]
    match event["type"]:
        case "all_forbidden":
            controls["is_all_forbidden"] = event["forbidden"]
        case "classroom_blocked":
            block = {"block": event["block"], "by": event["by"]}
            _put(controls["blocks"], event["classroom"], block if event["block"] else None)
        case "classroom_local":
            _toggle(controls["local"], event["classroom"], event["is_local"])
        case "ability_granted":
            held = controls["grants"].get(event["seat"], [])
            _toggle(held, event["ability"], event["granted"])
            _put(controls["grants"], event["seat"], held or None)
        case "policy_changed":
            _toggle(controls["denied"], event["ability"], not event["allowed"])
        case "whisper_changed":
            _put(controls["whispers"], event["seat"], event["to"])
        case "listening_changed":
            _put(controls["listens"], event["seat"], event["to"])
        case _:
            return False
    return True


def _fold_entrance(room: Room, event: Event, at_ms: int) -> bool:
    controls = room["controls"]
    match event["type"]:
        case "admission_changed":
            controls["admission"] = event["admission"]
        case "seat_waiting":
            controls["waiting"].append(event["waiting"])
        case "seat_waiting_ended":
            _drop(controls["waiting"], event["seat"])
        case "seat_banned":
            controls["bans"].append(event["ban"])
        case "ban_lifted":
            controls["bans"] = [ban for ban in controls["bans"] if ban["seat"] != event["seat"]]
        case "seat_readmitted":
            pass
        case _:
            return False
    return True


def _fold_question(room: Room, event: Event, at_ms: int) -> bool:
    board = room["board"]
    match event["type"]:
        case "round_opened":
            board["round"] = event["round"]
        case "poll_opened":
            board["poll"] = event["poll"]
        case "round_phase":
            board["round"].update(phase=event["phase"], local_until_ms=event["local_until_ms"])
        case "round_ready":
            board["round"]["ready"].append(event["classroom"])
        case "round_answered" | "poll_answered":
            question = board[event["type"].partition("_")[0]]
            others = [each for each in question["answers"] if each["seat"] != event["answer"]["seat"]]
            question.update(answers=[*others, event["answer"]], tally=event["tally"])
        case "poll_closed":
            board["poll"]["is_open"] = False
        case _:
            return False
    return True


def _fold_board(room: Room, event: Event, at_ms: int) -> bool:
    board = room["board"]
    match event["type"]:
        case "signal_raised":
            _put(board["signals"], event["seat"], event["signal"])
        case "marker_set":
            board["markers"].append(event["marker"])
        case "timer_set":
            board["timer"] = event["timer"]
        case "picked":
            board["pick"] = event["pick"]
        case "text_posted":
            board["texts"] = [*board["texts"], event["text"]][-50:]
        case _:
            return False
    return True


def _fold_pages(room: Room, event: Event, at_ms: int) -> bool:
    board = room["board"]
    match event["type"]:
        case "deck_ready":
            board["decks"] = [deck for deck in board["decks"] if deck["id"] != event["deck"]["id"]]
            board["decks"].append(event["deck"])
        case "deck_removed":
            _drop(board["decks"], event["deck"])
            board["ink"] = [ink for ink in board["ink"] if ink["deck"] != event["deck"]]
            if board["slide"] and board["slide"]["deck"] == event["deck"]:
                board["slide"] = None
        case "slide_shown":
            board["slide"] = event["slide"]
        case "photos_shown":
            board["photos"] = event["photos"]
        case "ink_added":
            board["ink"].append(event["ink"])
        case "ink_cleared":
            page = (event["deck"], event["page"])
            board["ink"] = [ink for ink in board["ink"] if (ink["deck"], ink["page"]) != page]
        case _:
            return False
    return True


def _fold_links(room: Room, event: Event, at_ms: int) -> bool:
    match event["type"]:
        case "device_checked":
            room["links"]["checks"][event["seat"]] = event["check"]
        case "receive_changed":
            picture = event["picture"]
            _put(room["links"]["receive"], event["seat"], None if picture == "high" else picture)
        case _:
            return False
    return True


def _member(items: list[dict[str, Any]], id_: str) -> dict[str, Any]:
    return next(item for item in items if item["id"] == id_)


def _drop(items: list[dict[str, Any]], id_: str) -> None:
    items[:] = [item for item in items if item["id"] != id_]


def _put(items: dict[str, Any], key: str, value: object) -> None:
    items.pop(key, None)
    if value is not None:
        items[key] = value


def _toggle(items: list[str], item: str, is_in: bool) -> None:
    items[:] = sorted({*items, item} if is_in else {*items} - {item})


_FOLDS = (
    _fold_lesson,
    _fold_seat,
    _fold_floor,
    _fold_controls,
    _fold_entrance,
    _fold_question,
    _fold_board,
    _fold_pages,
    _fold_links,
)
