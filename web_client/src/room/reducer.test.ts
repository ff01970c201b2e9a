import { describe, expect, it } from 'vitest';
import type { Board, Round } from '../protocol/board';
import type { Controls } from '../protocol/controls';
import type { EventMessage, Publication, RoomEvent, Seat, Snapshot } from '../protocol/messages';
import { applyEvent } from './reducer';
import { hands, isOnStage, ownClassroom, publicationOf, stage } from './selectors';
import type { RoomState } from './state';
import { roomFromSnapshot } from './state';

function seat(id: string, change: Partial<Seat> = {}): Seat {
  return {
    id,
    role: 'classroom',
    name: id,
    classroom: null,
    connected: true,
    muted: false,
    recording_consent: false,
    video_consent: true,
    voice_consent: true,
    hand_at_ms: null,
    ...change,
  };
}

const CAMERA: Publication = { id: 'pub_1', seat: 'a', kind: 'video', source: 'camera', codec: 'H264', enabled: true };

const NO_CONTROLS: Controls = {
  is_all_forbidden: false,
  admission: 'open',
  denied: [],
  grants: {},
  blocks: {},
  local: [],
  waiting: [],
  bans: [],
  whispers: {},
  listens: {},
};
const EMPTY_BOARD: Board = {
  round: null,
  poll: null,
  signals: {},
  markers: [],
  timer: null,
  pick: null,
  decks: [],
  slide: null,
  ink: [],
  photos: [],
  texts: [],
};

function snapshot(change: Partial<Snapshot> = {}): Snapshot {
  return {
    lesson: {
      id: 'les_1',
      title: 'Fractions',
      mode: 'interactive',
      state: 'lobby',
      since_ms: null,
      started_at_ms: null,
      ended_at_ms: null,
      reason: null,
    },
    recording: { policy: 'master_only', state: 'off', reason: null },
    seats: [seat('m', { role: 'master' }), seat('a', { classroom: 'c1' }), seat('b')],
    publications: [CAMERA],
    stage: [],
    hands: [],
    controls: NO_CONTROLS,
    board: EMPTY_BOARD,
    links: { receive: {}, checks: {} },
    ...change,
  };
}

function room(change: Partial<Snapshot> = {}): RoomState {
  return roomFromSnapshot('ep_1', 10, snapshot(change));
}

function message(seq: number, event: RoomEvent, epoch = 'ep_1'): EventMessage {
  return { type: 'event', epoch, seq, at_ms: 1000 + seq, event };
}

function play(start: RoomState, events: RoomEvent[]): RoomState {
  return events.reduce((state, event) => {
    const applied = applyEvent(state, message(state.seq + 1, event));
    expect(applied.outcome).toBe('applied');
    return applied.state;
  }, start);
}

describe('numbering', () => {
  const event: RoomEvent = { type: 'floor_requested', seat: 'a', position: 0 };

  it('applies the next event', () => {
    const { outcome, state } = applyEvent(room(), message(11, event));
    expect(outcome).toBe('applied');
    expect(state.seq).toBe(11);
  });

  it('skips what a resume replays', () => {
    const before = room();
    expect(applyEvent(before, message(10, event))).toEqual({ outcome: 'replayed', state: before });
    expect(applyEvent(before, message(3, event)).state).toBe(before);
  });

  it('reports a gap and changes nothing', () => {
    const before = room();
    expect(applyEvent(before, message(12, event))).toEqual({ outcome: 'gap', state: before });
  });

  it('follows an epoch that changes while the numbers go on', () => {
    const { outcome, state } = applyEvent(room(), message(11, event, 'ep_2'));
    expect(outcome).toBe('applied');
    expect(state.epoch).toBe('ep_2');
  });

  it('counts an event of a newer server that it does not know', () => {
    const before = room();
    const { outcome, state } = applyEvent(before, message(11, { type: 'unknown', name: 'weather_changed' }));
    expect(outcome).toBe('applied');
    expect(state).toEqual({ ...before, seq: 11 });
  });

  it('never changes the state that it was given', () => {
    const before = room();
    const copy = structuredClone(before);
    play(before, [event, { type: 'floor_granted', seat: 'a' }, { type: 'seat_left', seat: 'a', reason: 'left' }]);
    expect(before).toEqual(copy);
  });
});

describe('hands and stage', () => {
  it('keeps hands in order and takes a hand down when the floor is granted', () => {
    const waiting = play(room(), [
      { type: 'floor_requested', seat: 'a', position: 0 },
      { type: 'floor_requested', seat: 'b', position: 0 },
    ]);
    expect(hands(waiting).map((one) => one.id)).toEqual(['b', 'a']);
    expect(waiting.seats.get('b')?.hand_at_ms).toBe(1012);
    const granted = play(waiting, [{ type: 'floor_granted', seat: 'b' }]);
    expect(hands(granted).map((one) => one.id)).toEqual(['a']);
    expect(stage(granted).map((one) => one.id)).toEqual(['b']);
    expect(granted.seats.get('b')?.hand_at_ms).toBeNull();
  });

  it('takes off stage', () => {
    const after = play(room({ stage: ['a', 'b'] }), [{ type: 'floor_revoked', seat: 'a' }]);
    expect(isOnStage(after, 'a')).toBe(false);
    expect(isOnStage(after, 'b')).toBe(true);
  });

  it('lowers a hand', () => {
    const after = play(room(), [
      { type: 'floor_requested', seat: 'a', position: 0 },
      { type: 'floor_withdrawn', seat: 'a' },
    ]);
    expect(after.hands).toEqual([]);
    expect(after.seats.get('a')?.hand_at_ms).toBeNull();
  });

  it('lets nothing of a seat behind that left', () => {
    const after = play(room({ stage: ['a'], hands: ['b'] }), [
      { type: 'seat_left', seat: 'a', reason: 'timeout' },
      { type: 'seat_left', seat: 'b', reason: 'left' },
    ]);
    expect([...after.seats.keys()]).toEqual(['m']);
    expect(after.publications.size).toBe(0);
    expect(after.stage).toEqual([]);
    expect(after.hands).toEqual([]);
  });
});

describe('seats, media, lesson, recording', () => {
  it('follows publications', () => {
    const off = play(room(), [{ type: 'publication_changed', publication: 'pub_1', enabled: false }]);
    expect(publicationOf(off, 'a', 'camera')?.enabled).toBe(false);
    const gone = play(off, [{ type: 'publication_removed', publication: 'pub_1' }]);
    expect(publicationOf(gone, 'a', 'camera')).toBeNull();
  });

  it('follows connection, mute and consent', () => {
    const after = play(room(), [
      { type: 'seat_connection', seat: 'a', connected: false },
      { type: 'seat_muted', seat: 'a', muted: true },
      { type: 'consent_changed', seat: 'a', recording_consent: true },
      { type: 'seat_muted', seat: 'nobody', muted: true },
    ]);
    expect(after.seats.get('a')).toMatchObject({ connected: false, muted: true, recording_consent: true });
    expect(after.seats.has('nobody')).toBe(false);
  });

  it('follows lesson and recording', () => {
    const after = play(room(), [
      { type: 'lesson_state', state: 'live', started_at_ms: 5, ended_at_ms: null, reason: null },
      { type: 'recording_state', policy: 'master_only', state: 'failed', reason: 'storage_full' },
    ]);
    expect(after.lesson).toMatchObject({ state: 'live', since_ms: 1011, started_at_ms: 5, title: 'Fractions' });
    expect(after.recording).toEqual({ policy: 'master_only', state: 'failed', reason: 'storage_full' });
  });

  it('finds the classroom of an assistant', () => {
    expect(ownClassroom(room(), seat('w', { role: 'assistant', classroom: 'c1' }))?.id).toBe('a');
    expect(ownClassroom(room(), seat('w', { role: 'assistant' }))).toBeNull();
  });
});

describe('controls and board', () => {
  it('ends grants, whispers and the signal of a seat with it, and keeps what it wrote', () => {
    const before = play(room(), [
      { type: 'ability_granted', seat: 'a', ability: 'annotate', granted: true },
      { type: 'whisper_changed', seat: 'm', to: 'a' },
      { type: 'signal_raised', seat: 'a', signal: 'fault' },
      { type: 'text_posted', text: { id: 3, seat: 'a', text: 'Page 12' } },
    ]);
    expect(before.controls).toMatchObject({ grants: { a: ['annotate'] }, whispers: { m: 'a' } });
    const after = play(before, [{ type: 'seat_left', seat: 'a', reason: 'left' }]);
    expect(after.controls).toEqual(NO_CONTROLS);
    expect(after.board.signals).toEqual({});
    expect(after.board.texts).toHaveLength(1);
  });

  it('remembers who was removed until the seat may come back', () => {
    const removed = play(room(), [
      { type: 'seat_left', seat: 'a', reason: 'removed' },
      { type: 'seat_left', seat: 'b', reason: 'left' },
    ]);
    expect(removed.removed.map((one) => one.id)).toEqual(['a']);
    expect(play(removed, [{ type: 'seat_readmitted', seat: 'a' }]).removed).toEqual([]);
  });

  it('keeps the newest 50 texts', () => {
    const posted = Array.from({ length: 60 }, (_, id): RoomEvent => ({ type: 'text_posted', text: { id, seat: 'm', text: '' } }));
    expect(play(room(), posted).board.texts.map((text) => text.id)).toEqual(Array.from({ length: 50 }, (_, index) => index + 10));
  });

  it('leaves a round alone that an older number means', () => {
    const round: Round = {
      id: 2,
      prompt: 'How many?',
      answer: 'count',
      choices: [],
      phase: 'prompt',
      local_until_ms: null,
      ready: [],
      answers: [],
      tally: [],
    };
    const opened = play(room(), [{ type: 'round_opened', round }]);
    expect(play(opened, [{ type: 'round_phase', round: 1, phase: 'closed', local_until_ms: null }]).board.round).toEqual(round);
    expect(play(opened, [{ type: 'round_phase', round: 2, phase: 'local', local_until_ms: 5 }]).board.round?.phase).toBe('local');
  });
});
