import { describe, expect, it } from 'vitest';
import { parseServerMessage, serializeHello, serializeRequest } from './codec';
import { ProtocolViolation } from './reader';

const SNAPSHOT = {
  lesson: { id: 'les_1', title: 'Fractions', mode: 'interactive', state: 'live', since_ms: 1, started_at_ms: 1, ended_at_ms: null, reason: null },
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
      video_consent: true,
      voice_consent: true,
      hand_at_ms: null,
    },
  ],
  publications: [{ id: 'pub_1', seat: 'seat_1', kind: 'video', source: 'camera', codec: 'H264', enabled: true }],
  stage: [],
  hands: [],
  controls: {
    is_all_forbidden: false,
    admission: 'open',
    denied: ['send_text'],
    grants: { seat_2: ['annotate'] },
    blocks: { c3: { block: 'paused', by: 'seat_3' } },
    local: ['c4'],
    waiting: [{ id: 'seat_7', role: 'student', name: 'Room 3, seat 7', classroom: 'c3' }],
    bans: [{ seat: 'seat_9', role: 'classroom', classroom: 'c9', name: 'Room 9' }],
    whispers: { seat_1: 'seat_3' },
    listens: { seat_1: 'seat_2' },
  },
  board: {
    round: {
      id: 2,
      prompt: 'How many got 3/4?',
      answer: 'count',
      choices: [],
      phase: 'report',
      local_until_ms: 1790000060000,
      ready: ['c3'],
      answers: [{ seat: 'seat_2', classroom: 'c3', counts: [9, 12], text: null, photo: null }],
      tally: [9, 12],
    },
    poll: null,
    signals: { seat_2: 'fault' },
    markers: [{ id: 1, at_ms: 1790000000000, label: 'Example 2' }],
    decks: [],
    timer: { ends_at_ms: 1790000060000, duration_ms: 60000, label: '' },
    pick: { classroom: 'c3', seat: 'seat_2', number: null, of: 3 },
    photos: [{ photo: 'photo_1', seat: 'seat_2', classroom: 'c3' }],
    slide: { deck: 'deck_1', page: 4 },
    ink: [
      {
        id: 7,
        seat: 'seat_1',
        deck: 'deck_1',
        page: 4,
        color: '#d00000',
        width: 8,
        points: [
          [0, 0],
          [9999, 9999],
        ],
      },
    ],
    texts: [{ id: 3, seat: null, text: 'Page 12, please.' }],
  },
  links: { receive: { seat_2: 'low' }, checks: {} },
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

const withBoard = (change: object) => ({ ...WELCOME, snapshot: { ...SNAPSHOT, board: { ...SNAPSHOT.board, ...change } } });
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
    const message = { type: 'event', epoch: 'ep_1', seq: 58, at_ms: 5, event: { type: 'weather_changed', sun: 1 } };
    expect(parse(message)).toMatchObject({ seq: 58, event: { type: 'unknown', name: 'weather_changed' } });
  });

  it('reads gathered events as if each had come by itself', () => {
    const one = { seq: 58, at_ms: 5, event: { type: 'floor_granted', seat: 'seat_2' } };
    expect(parse({ type: 'events', epoch: 'ep_1', events: [one, { ...one, seq: 59 }] })).toEqual({
      type: 'events',
      events: [58, 59].map((seq) => ({ type: 'event', epoch: 'ep_1', ...one, seq })),
    });
  });

  it.each([
    [{ type: 'waiting' }],
    [{ type: 'pointer', seat: 'seat_1', x: 1, y: 2 }],
    [{ type: 'pointer', seat: 'seat_1', x: null, y: null }],
    [{ type: 'text_pending', text: { id: 4, seat: 'seat_2', text: 'May I?' } }],
    [{ type: 'text_decided', id: 4, approved: true }],
    [{ type: 'text_private', seat: 'seat_1', to: 'seat_3', text: 'Louder' }],
  ])('reads %o', (message) => {
    expect(parse(message)).toEqual(message);
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
    ['a point that is no pair', JSON.stringify(withBoard({ ink: [{ ...SNAPSHOT.board.ink[0], points: [[1]] }] }))],
    ['a count that is text', JSON.stringify(withBoard({ round: { ...SNAPSHOT.board.round, tally: ['9'] } }))],
    ['a signal that does not exist', JSON.stringify(withBoard({ signals: { seat_2: 'bored' } }))],
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
