/** What went wrong, by the stable codes of docs/protocol.md section 8; the words for people are in i18n. */

export const ERROR_CODES = [
  'bad_message',
  'message_too_large',
  'rate_limited',
  'hello_timeout',
  'seat_replaced',
  'seat_removed',
  'seat_banned',
  'room_locked',
  'not_admitted',
  'classroom_shut_down',
  'server_stopping',
  'too_slow',
  'token_missing',
  'token_invalid',
  'token_expired',
  'not_permitted',
  'publish_not_permitted',
  'lesson_unknown',
  'lesson_ended',
  'lesson_state_conflict',
  'seat_unknown',
  'peer_unknown',
  'publication_unknown',
  'resource_unknown',
  'version_unknown',
  'version_state_conflict',
  'edit_invalid',
  'job_unknown',
  'job_state_conflict',
  'deck_unknown',
  'deck_malformed',
  'deck_encrypted',
  'deck_too_many_pages',
  'deck_too_costly',
  'photo_unknown',
  'photo_malformed',
  'stage_full',
  'floor_not_requested',
  'not_on_stage',
  'round_state_conflict',
  'text_unknown',
  'seat_not_connected',
  'limit_reached',
  'offer_outdated',
  'sdp_malformed',
  'sdp_too_large',
  'sdp_unsupported',
  'content_type_unsupported',
  'reason_required',
  'precondition_failed',
  'precondition_required',
  'record_unknown',
  'reference_unknown',
  'organization_misplaced',
  'already_exists',
  'still_in_use',
  'timetable_clash',
  'import_refused',
  'idempotency_key_reused',
  'cursor_invalid',
  'sign_in_refused',
  'too_many_participants',
  'storage_full',
  'unavailable',
  'internal_error',
] as const;

/** Codes of this client's own, for what happens before a server could answer. */
export const LOCAL_CODES = ['offline', 'no_invitation', 'timeout', 'connection_lost'] as const;

export class RequestError extends Error {
  constructor(
    readonly code: string,
    detail: string,
    readonly retryAfterMs: number | null = null,
    /** The whole problem document: some codes say more in further members. */
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail || code);
    this.name = 'RequestError';
  }
}

export function codeOf(error: unknown): string {
  return error instanceof RequestError ? error.code : 'internal_error';
}
