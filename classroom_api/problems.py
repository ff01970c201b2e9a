"""Errors at the REST face: problem+json (RFC 9457) with the stable codes of docs/protocol.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from classroom_api.cors import cors_headers
from classroom_api.languages import CHINESE, ENGLISH, IN_CHINESE, language_of
from classroom_api.refused_sign_in import page_of_refusal
from classroom_api.store.timetable import TimetableClash
from classroom_api.timetable_csv import ImportRefused
from recording.webvtt import CaptionsRefused
from streaming.errors import RemoteProtocolError, TandemError, Unavailable

PROBLEM_TYPE = "application/problem+json"

STATUS_OF_CODE: dict[str, int] = {
    "bad_message": 400,
    "message_too_large": 413,
    "rate_limited": 429,
    "server_stopping": 503,
    "token_missing": 401,
    "token_invalid": 401,
    "token_expired": 401,
    "not_permitted": 403,
    "seat_removed": 403,
    "seat_banned": 403,
    "room_locked": 403,
    "not_admitted": 403,
    "classroom_shut_down": 403,
    "publish_not_permitted": 403,
    "lesson_unknown": 404,
    "lesson_ended": 410,
    "lesson_state_conflict": 409,
    "seat_unknown": 404,
    "peer_unknown": 404,
    "publication_unknown": 404,
    "resource_unknown": 404,
    "job_unknown": 404,
    "job_state_conflict": 409,
    "view_unknown": 404,
    "version_unknown": 404,
    "version_state_conflict": 409,
    "edit_invalid": 422,
    "captions_malformed": 422,
    "captions_too_large": 422,
    "captions_unknown": 404,
    "recogniser_missing": 409,
    "deck_unknown": 404,
    "deck_malformed": 422,
    "deck_encrypted": 422,
    "deck_too_many_pages": 422,
    "deck_too_costly": 422,
    "photo_unknown": 404,
    "photo_withheld": 409,
    "photo_malformed": 422,
    "stage_full": 409,
    "floor_not_requested": 409,
    "not_on_stage": 409,
    "round_state_conflict": 409,
    "text_unknown": 404,
    "seat_not_connected": 409,
    "limit_reached": 409,
    "offer_outdated": 409,
    "sdp_malformed": 400,
    "sdp_too_large": 400,
    "sdp_unsupported": 400,
    "content_type_unsupported": 415,
    "record_unknown": 404,
    "reference_unknown": 422,
    "organization_misplaced": 409,
    "already_exists": 409,
    "still_in_use": 409,
    "timetable_clash": 409,
    "import_refused": 422,
    "idempotency_key_reused": 422,
    "reason_required": 400,
    "cursor_invalid": 400,
    "precondition_required": 428,
    "sign_in_refused": 401,
    "precondition_failed": 412,
    "too_many_participants": 503,
    "too_many_viewers": 503,
    "webhook_url_refused": 422,
    "delivery_state_conflict": 409,
    "storage_full": 507,
    "unavailable": 503,
    "internal_error": 500,
}
_CODE_OF_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "message_too_large"}


def problem(
    status: int,
    code: str,
    detail: str,
    headers: dict[str, str] | None = None,
    *,
    language: str = ENGLISH,
    members: Mapping[str, object] | None = None,
) -> JSONResponse:
    """One problem document. `detail` is a sentence that says what to do; in Chinese it is the code's own."""
    if language == CHINESE and code in IN_CHINESE:
        detail = IN_CHINESE[code]
    else:
        language = ENGLISH
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **(members or {}),
    }
    return JSONResponse(
        body, status, headers={**(headers or {}), "Content-Language": language}, media_type=PROBLEM_TYPE
    )


def problem_of(error: TandemError, language: str = ENGLISH) -> JSONResponse:
    """The answer to one of our own errors."""
    fallback = 400 if isinstance(error, RemoteProtocolError) else 500
    status = STATUS_OF_CODE.get(error.code, fallback)
    headers: dict[str, str] = {}
    if isinstance(error, Unavailable):
        headers["Retry-After"] = str(error.retry_after_s)
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    detail = error.detail or error.code.replace("_", " ")
    return problem(status, error.code, detail, headers, language=language, members=_members(error))


def _members(error: TandemError) -> dict[str, object]:
    """What a program, or a page, needs beside the code."""
    match error:
        case ImportRefused(problems=problems):
            return {"problems": list(problems)}
        case CaptionsRefused(line=line):
            return {"line": line}
        case TimetableClash(clashes=clashes):
            return {"clashes": [asdict(clash) for clash in clashes]}
    return {}


def _language(request: Request) -> str:
    return language_of(request.headers.get("accept-language"))


def install_problem_handlers(app: FastAPI) -> None:
    """Every error that leaves `app` is a problem document, or the page in its place (`page_of_refusal`), and
    counted by its code.
    """
    refusals: Counter[str] = Counter()
    app.state.refusals = refusals

    def readable(request: Request, code: str, answer: JSONResponse) -> JSONResponse:
        refusals[code] += 1
        answer.headers.update(cors_headers(request.url.path))
        return answer

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, TandemError)
        answer = readable(request, error.code, problem_of(error, _language(request)))
        return page_of_refusal(request, error.code) or answer

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"] if part != "body")
        detail = f"{where}: {first['msg']}" if where else str(first["msg"])
        members = {"field": where} if where else None
        answer = problem(400, "bad_message", detail, language=_language(request), members=members)
        readable(request, "bad_message", answer)
        return page_of_refusal(request, "bad_message") or answer

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _CODE_OF_STATUS.get(error.status_code, "bad_message")
        headers = dict(error.headers or {})
        answer = problem(error.status_code, code, str(error.detail), headers, language=_language(request))
        return readable(request, code, answer)

    async def unexpected(request: Request, __: Exception) -> JSONResponse:
        detail = "The server failed; its log says why."
        answer = problem(500, "internal_error", detail, language=_language(request))
        return readable(request, "internal_error", answer)

    app.add_exception_handler(TandemError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(Exception, unexpected)
