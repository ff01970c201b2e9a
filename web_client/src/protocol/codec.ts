/**
 * Frames of the socket <-> values. A frame that does not have the documented shape raises ProtocolViolation;
 * unknown fields are ignored, an event of an unknown type keeps its number.
 */
import { parseBoard, parseText } from './board-codec';
import { parseControls } from './controls-codec';
import { parseEvent } from './event-codec';
import { parseLinks } from './links-codec';
import { Reader, asRecord, ProtocolViolation } from './reader';
import type { EventMessage, Hello, RequestMessage, Section, ServerMessage, Snapshot } from './messages';
import { LESSON_STATES, RECORDING_STATES, ROLES, SOURCES } from './messages';
import { parsePublication, parseSeat } from './seat-codec';

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
      return { type, seat: message.text('seat'), x: message.integerOrNull('x'), y: message.integerOrNull('y') };
    case 'text_pending':
      return { type, text: parseText(message.child('text')) };
    case 'text_decided':
      return { type, id: message.integer('id'), approved: message.boolean('approved') };
    case 'text_private':
      return { type, seat: message.text('seat'), to: message.text('to'), text: message.text('text') };
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
      since_ms: lesson.integerOrNull('since_ms'),
      started_at_ms: lesson.integerOrNull('started_at_ms'),
      ended_at_ms: lesson.integerOrNull('ended_at_ms'),
      reason: lesson.textOrNull('reason'),
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
    controls: parseControls(reader.child('controls')),
    board: parseBoard(reader.child('board')),
    links: parseLinks(reader.child('links')),
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
