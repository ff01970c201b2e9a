/** Seats and publications, as snapshot and events carry them. */
import type { Publication, Seat } from './messages';
import { ROLES, SOURCES } from './messages';
import type { Reader } from './reader';

const KINDS = ['audio', 'video'] as const;

export function parseSeat(reader: Reader): Seat {
  return {
    id: reader.text('id'),
    role: reader.oneOf('role', ROLES),
    name: reader.textOrNull('name') ?? '',
    classroom: reader.textOrNull('classroom'),
    connected: reader.boolean('connected'),
    muted: reader.boolean('muted'),
    recording_consent: reader.boolean('recording_consent'),
    video_consent: reader.boolean('video_consent'),
    voice_consent: reader.boolean('voice_consent'),
    hand_at_ms: reader.integerOrNull('hand_at_ms'),
  };
}

export function parsePublication(reader: Reader): Publication {
  return {
    id: reader.text('id'),
    seat: reader.text('seat'),
    kind: reader.oneOf('kind', KINDS),
    source: reader.oneOf('source', SOURCES),
    codec: reader.text('codec'),
    enabled: reader.boolean('enabled'),
  };
}
