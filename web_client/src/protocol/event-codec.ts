/** One numbered event; one of an unknown type keeps its number and changes nothing. */
import { parseBoardEvent } from './board-codec';
import { parseControlEvent } from './controls-codec';
import { parseLinkEvent } from './links-codec';
import type { RoomEvent } from './messages';
import { LEAVE_REASONS, LESSON_STATES, RECORDING_STATES } from './messages';
import type { Reader } from './reader';
import { parsePublication, parseSeat } from './seat-codec';

export function parseEvent(reader: Reader): RoomEvent {
  const type = reader.text('type');
  return (
    parseSeatEvent(reader, type) ??
    parseControlEvent(reader, type) ??
    parseBoardEvent(reader, type) ??
    parseLinkEvent(reader, type) ?? { type: 'unknown', name: type }
  );
}

function parseSeatEvent(reader: Reader, type: string): RoomEvent | null {
  switch (type) {
    case 'lesson_state':
      return {
        type,
        state: reader.oneOf('state', LESSON_STATES),
        started_at_ms: reader.integerOrNull('started_at_ms'),
        ended_at_ms: reader.integerOrNull('ended_at_ms'),
        reason: reader.textOrNull('reason'),
      };
    case 'lesson_interrupted':
      return { type, state: reader.oneOf('state', LESSON_STATES) };
    case 'seat_joined':
      return { type, seat: parseSeat(reader.child('seat')) };
    case 'seat_connection':
      return { type, seat: reader.text('seat'), connected: reader.boolean('connected') };
    case 'seat_left':
      return { type, seat: reader.text('seat'), reason: reader.oneOf('reason', LEAVE_REASONS) };
    case 'publication_added':
      return { type, publication: parsePublication(reader.child('publication')) };
    case 'publication_changed':
      return { type, publication: reader.text('publication'), enabled: reader.boolean('enabled') };
    case 'publication_removed':
      return { type, publication: reader.text('publication') };
    case 'floor_requested':
      return { type, seat: reader.text('seat'), position: reader.integer('position') };
    case 'consent_decided':
    case 'seat_readmitted':
    case 'floor_withdrawn':
    case 'floor_granted':
    case 'floor_revoked':
      return { type, seat: reader.text('seat') };
    case 'seat_muted':
      return { type, seat: reader.text('seat'), muted: reader.boolean('muted') };
    case 'consent_changed':
      return { type, seat: reader.text('seat'), recording_consent: reader.boolean('recording_consent') };
    case 'live_consent_changed':
      return { type, seat: reader.text('seat'), video: reader.boolean('video'), voice: reader.boolean('voice') };
    case 'recording_state':
      return {
        type,
        policy: reader.text('policy'),
        state: reader.oneOf('state', RECORDING_STATES),
        reason: reader.textOrNull('reason'),
      };
    default:
      return null;
  }
}
