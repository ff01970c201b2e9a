import { describe, expect, it } from 'vitest';
import { parseServerMessage, serializeHello, serializeRequest } from './codec';
import { ProtocolViolation } from './reader';

const SNAPSHOT = {
  lesson: { id: 'les_1', title: 'Fractions', mode: 'interactive', state: 'live', started_at_ms: 1, ended_at_ms: null },
  recording: { policy: 'master_only', state: 'recording', reason: null },
  seats: [
    {
      id: 'seat_1',
      role: 'master',
      name: 'Ms Lin',
      classroom: null,
      connected: true,
      muted: false,
      recording_consent: true,
      hand_at_ms: null,
    },
  ],
  publications: [{ id: 'pub_1', seat: 'seat_1', kind: 'video', source: 'camera', codec: 'H264', enabled: true }],
  stage: [],
  hands: [],
};

const WELCOME = {
  type: 'welcome',
  seat: 'seat_1',
  role: 'master',
  epoch: 'ep_1',
  seq: 57,
  resumed: false,
  permissions: ['mute'],
  server_time_ms: 1790000000000,
  heartbeat_s: 5,
  peers: ['peer_1'],
  snapshot: SNAPSHOT,
};

const parse = (value: unknown) => parseServerMessage(JSON.stringify(value));

describe('what the server says', () => {
  it('reads a welcome with a snapshot, and one without', () => {
    expect(parse(WELCOME)).toEqual(WELCOME);
    expect(parse({ ...WELCOME, resumed: true, snapshot: null })).toMatchObject({ resumed: true, snapshot: null });
  });

  it('ignores fields it does not know', () => {
    expect(parse({ ...WELCOME, weather: 'fine' })).toEqual(WELCOME);
  });

  it('reads events', () => {
    const message = { type: 'event', epoch: 'ep_1', seq: 58, at_ms: 5, event: { type: 'floor_granted', seat: 'seat_2' } };
    expect(parse(message)).toEqual(message);
  });

  it('keeps the number of an event it does not know', () => {
    const message = { type: 'event', epoch: 'ep_1', seq: 58, at_ms: 5, event: { type: 'round_opened', round: 1 } };
    expect(parse(message)).toMatchObject({ seq: 58, event: { type: 'unknown', name: 'round_opened' } });
  });

  it('reads gathered events as if each had come by itself', () => {
    const one = { seq: 58, at_ms: 5, event: { type: 'floor_granted', seat: 'seat_2' } };
    expect(parse({ type: 'events', epoch: 'ep_1', events: [one, { ...one, seq: 59 }] })).toEqual({
      type: 'events',
      events: [58, 59].map((seq) => ({ type: 'event', epoch: 'ep_1', ...one, seq })),
    });
  });

  it('leaves alone what it has no use for', () => {
    expect(parse({ type: 'pointer', seat: 'seat_1', x: 1, y: 2 })).toEqual({ type: 'unknown', name: 'pointer' });
    expect(parse({ type: 'waiting' })).toEqual({ type: 'waiting' });
  });

  it('reads offers, results and errors', () => {
    const offer = {
      type: 'subscribe_offer',
      peer: 'peer_1',
      offer_id: 3,
      sdp: 'v=0',
      sections: [{ mid: '0', publication: 'pub_1', seat: 'seat_1', source: 'camera', kind: 'video' }],
    };
    expect(parse(offer)).toEqual(offer);
    expect(parse({ type: 'result', id: '17', peer: 'peer_1' })).toMatchObject({ id: '17', body: { peer: 'peer_1' } });
    expect(parse({ type: 'error', id: null, code: 'bad_message', message: 'no' })).toEqual({
      type: 'error',
      id: null,
      code: 'bad_message',
      message: 'no',
    });
  });

  it.each([
    ['not JSON', '{'],
    ['not an object', '[]'],
    ['no type', '{}'],
    ['an unknown type', '{"type": "greeting"}'],
    ['a number that is text', JSON.stringify({ ...WELCOME, seq: '57' })],
    ['a role that does not exist', JSON.stringify({ ...WELCOME, role: 'king' })],
    ['a seat without a name', JSON.stringify({ ...WELCOME, snapshot: { ...SNAPSHOT, seats: [{ id: 'seat_1' }] } })],
    ['an event without its seat', JSON.stringify({ type: 'event', epoch: 'e', seq: 1, at_ms: 1, event: { type: 'floor_granted' } })],
  ])('refuses %s', (_name, text) => {
    expect(() => parseServerMessage(text)).toThrow(ProtocolViolation);
  });
});

describe('what the client says', () => {
  it('says hello with a token and a position', () => {
    expect(JSON.parse(serializeHello({ access_token: 'eyJ', resume: { epoch: 'ep_1', seq: 41 } }))).toEqual({
      type: 'hello',
      access_token: 'eyJ',
      resume: { epoch: 'ep_1', seq: 41 },
    });
  });

  it('numbers its requests', () => {
    expect(JSON.parse(serializeRequest('17', { type: 'floor_grant', seat: 'seat_2' }))).toEqual({
      id: '17',
      type: 'floor_grant',
      seat: 'seat_2',
    });
  });
});
