/**
 * Frames of the socket <-> values. A frame that does not have the documented shape raises ProtocolViolation;
 * unknown fields are ignored, an event of an unknown type keeps its number.
 */
import { Reader, asRecord, ProtocolViolation } from './reader';
import type { EventMessage, Hello, Publication, RequestMessage, RoomEvent, Seat, Section, ServerMessage, Snapshot } from './messages';
import { LEAVE_REASONS, LESSON_STATES, RECORDING_STATES, ROLES, SOURCES } from './messages';

const KINDS = ['audio', 'video'] as const;

export function serializeHello(hello: Hello): string {
  return JSON.stringify({ type: 'hello', ...hello });
}

export function serializeRequest(id: string, request: RequestMessage): string {
  return JSON.stringify({ id, ...request });
}

export function parseServerMessage(text: string): ServerMessage {
  let decoded: unknown;
  try {
    decoded = JSON.parse(text);
  } catch {
    throw new ProtocolViolation('the frame is not JSON');
  }
  const message = new Reader(asRecord(decoded, 'message'), 'message');
  const type = message.text('type');
  switch (type) {
    case 'welcome':
      return parseWelcome(message);
    case 'event':
      return parseEventMessage(message, message.text('epoch'));
    case 'events': {
      const epoch = message.text('epoch');
      return { type, events: message.list('events', (event) => parseEventMessage(event, epoch)) };
    }
    case 'waiting':
      return { type };
    case 'pointer':
    case 'text_pending':
    case 'text_decided':
    case 'text_private':
      return { type: 'unknown', name: type };
    case 'subscribe_offer':
      return {
        type,
        peer: message.text('peer'),
        offer_id: message.integer('offer_id'),
        sdp: message.text('sdp'),
        sections: message.list('sections', parseSection),
      };
    case 'peer_closed':
      return { type, peer: message.text('peer'), reason: message.text('reason') };
    case 'encodings_wanted':
      return {
        type,
        peer: message.text('peer'),
        publication: message.text('publication'),
        mid: message.text('mid'),
        rids: message.texts('rids'),
      };
    case 'levels':
      return {
        type,
        levels: message.list('levels', (level) => ({
          publication: level.text('publication'),
          level_dbov: level.number('level_dbov'),
        })),
      };
    case 'result':
      return { type, id: message.text('id'), body: message.record };
    case 'error':
      return { type, id: message.textOrNull('id'), code: message.text('code'), message: message.textOrNull('message') ?? '' };
    default:
      throw new ProtocolViolation(`unknown type ${type}`);
  }
}

function parseEventMessage(message: Reader, epoch: string): EventMessage {
  return {
    type: 'event',
    epoch,
    seq: message.integer('seq'),
    at_ms: message.integer('at_ms'),
    event: parseEvent(message.child('event')),
  };
}

function parseWelcome(message: Reader): ServerMessage {
  return {
    type: 'welcome',
    seat: message.text('seat'),
    role: message.oneOf('role', ROLES),
    epoch: message.text('epoch'),
    seq: message.integer('seq'),
    resumed: message.boolean('resumed'),
    permissions: message.texts('permissions'),
    server_time_ms: message.integer('server_time_ms'),
    heartbeat_s: message.number('heartbeat_s'),
    peers: message.texts('peers'),
    snapshot: message.isNull('snapshot') ? null : parseSnapshot(message.child('snapshot')),
  };
}

function parseSnapshot(reader: Reader): Snapshot {
  const lesson = reader.child('lesson');
  const recording = reader.child('recording');
  return {
    lesson: {
      id: lesson.text('id'),
      title: lesson.text('title'),
      mode: lesson.text('mode'),
      state: lesson.oneOf('state', LESSON_STATES),
      started_at_ms: lesson.integerOrNull('started_at_ms'),
      ended_at_ms: lesson.integerOrNull('ended_at_ms'),
    },
    recording: {
      policy: recording.text('policy'),
      state: recording.oneOf('state', RECORDING_STATES),
      reason: recording.textOrNull('reason'),
    },
    seats: reader.list('seats', parseSeat),
    publications: reader.list('publications', parsePublication),
    stage: reader.texts('stage'),
    hands: reader.texts('hands'),
  };
}

function parseSeat(reader: Reader): Seat {
  return {
    id: reader.text('id'),
    role: reader.oneOf('role', ROLES),
    name: reader.textOrNull('name') ?? '',
    classroom: reader.textOrNull('classroom'),
    connected: reader.boolean('connected'),
    muted: reader.boolean('muted'),
    recording_consent: reader.boolean('recording_consent'),
    hand_at_ms: reader.integerOrNull('hand_at_ms'),
  };
}

function parsePublication(reader: Reader): Publication {
  return {
    id: reader.text('id'),
    seat: reader.text('seat'),
    kind: reader.oneOf('kind', KINDS),
    source: reader.oneOf('source', SOURCES),
    codec: reader.text('codec'),
    enabled: reader.boolean('enabled'),
  };
}

function parseSection(reader: Reader): Section {
  return {
    mid: reader.text('mid'),
    publication: reader.text('publication'),
    seat: reader.text('seat'),
    source: reader.oneOf('source', SOURCES),
    kind: reader.oneOf('kind', KINDS),
  };
}

function parseEvent(reader: Reader): RoomEvent {
  const type = reader.text('type');
  switch (type) {
    case 'lesson_state':
      return {
        type,
        state: reader.oneOf('state', LESSON_STATES),
        started_at_ms: reader.integerOrNull('started_at_ms'),
        ended_at_ms: reader.integerOrNull('ended_at_ms'),
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
    case 'floor_withdrawn':
    case 'floor_granted':
    case 'floor_revoked':
      return { type, seat: reader.text('seat') };
    case 'seat_muted':
      return { type, seat: reader.text('seat'), muted: reader.boolean('muted') };
    case 'consent_changed':
      return { type, seat: reader.text('seat'), recording_consent: reader.boolean('recording_consent') };
    case 'recording_state':
      return {
        type,
        policy: reader.text('policy'),
        state: reader.oneOf('state', RECORDING_STATES),
        reason: reader.textOrNull('reason'),
      };
    default:
      return { type: 'unknown', name: type };
  }
}
