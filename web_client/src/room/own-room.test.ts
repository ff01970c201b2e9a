import { describe, expect, it } from 'vitest';
import type { Round } from '../protocol/board';
import type { Seat, Snapshot } from '../protocol/messages';
import type { Role } from '../protocol/roles';
import { answeringSeat, graceLeftMs, hasAssistant, isOnItsOwn, isReady, openRound, ownAnswer, ownBlock, ownPeople, ownWaiting, takesAnswers } from './own-room';
import type { RoomState } from './state';
import { roomFromSnapshot } from './state';

function seat(id: string, role: Role, classroom: string | null): Seat {
  return {
    id, role, classroom, name: id, connected: true, muted: false,
    recording_consent: false, video_consent: true, voice_consent: true, hand_at_ms: null,
  };
}

const ME = seat('w', 'assistant', 'c1');
const ROUND: Round = {
  id: 1, prompt: '?', answer: 'count', choices: [], phase: 'local', local_until_ms: 9, ready: ['c1'],
  answers: [{ seat: 'a', classroom: 'c1', counts: [3, 4], text: null, photo: null }], tally: [3, 4],
};

function room(change: Partial<Snapshot> = {}): RoomState {
  return roomFromSnapshot('ep', 1, {
    lesson: { id: 'l', title: '', mode: 'interactive', state: 'master_lost', since_ms: 1_000, started_at_ms: 0, ended_at_ms: null, reason: null },
    recording: { policy: 'off', state: 'off', reason: null },
    seats: [seat('m', 'master', null), seat('a', 'classroom', 'c1'), seat('s', 'student', 'c1'), seat('b', 'classroom', 'c2'), ME],
    publications: [], stage: [], hands: [],
    controls: {
      is_all_forbidden: false, admission: 'waiting', denied: [], grants: {}, blocks: { c1: { block: 'paused', by: 'w' } }, local: ['c1'],
      waiting: [
        { id: 'x', role: 'student', name: 'X', classroom: 'c1' },
        { id: 'y', role: 'student', name: 'Y', classroom: 'c2' },
        { id: 'z', role: 'observer', name: 'Z', classroom: 'c1' },
      ],
      bans: [], whispers: {}, listens: {},
    },
    board: { round: ROUND, poll: null, signals: {}, markers: [], timer: null, pick: null, slide: null, ink: [], photos: [], texts: [], decks: [] },
    links: { receive: {}, checks: {} },
    ...change,
  });
}

describe('the own classroom', () => {
  it('ends where another begins', () => {
    expect(ownPeople(room(), ME).map((one) => one.id)).toEqual(['a', 's']);
    expect(ownWaiting(room(), ME).map((one) => one.id)).toEqual(['x']);
    expect(ownBlock(room(), ME)).toEqual({ block: 'paused', by: 'w' });
    expect(isOnItsOwn(room(), ME)).toBe(true);
  });

  it('is nobody for a seat without one', () => {
    const stranger = seat('w', 'assistant', null);
    const seats = [stranger, seat('q', 'student', null)];
    expect(ownPeople(room({ seats }), stranger)).toEqual([]);
    expect(ownBlock(room(), stranger)).toBeNull();
    expect(isOnItsOwn(room(), stranger)).toBe(false);
  });

  it('answers through the classroom while it is there', () => {
    expect(answeringSeat(room(), ME)).toBe('a');
    expect(answeringSeat(room({ seats: [ME] }), ME)).toBe('w');
    expect(ownAnswer(ROUND.answers, room(), ME)?.counts).toEqual([3, 4]);
    expect(ownAnswer([], room(), ME)).toBeNull();
    expect(isReady(ROUND, ME)).toBe(true);
    expect(hasAssistant(room(), seat('a', 'classroom', 'c1'))).toBe(true);
    expect(hasAssistant(room(), seat('b', 'classroom', 'c2'))).toBe(false);
  });

  it('is asked by a round until that is closed', () => {
    expect(openRound(room())).toBe(ROUND);
    const { board } = room();
    expect(openRound(room({ board: { ...board, round: { ...ROUND, phase: 'closed' } } }))).toBeNull();
    expect((['prompt', 'local', 'report', 'stage'] as const).map((phase) => takesAnswers({ ...ROUND, phase }))).toEqual([false, true, true, false]);
  });

  it('decides 60 s after the master was lost', () => {
    expect(graceLeftMs(room(), 2_000)).toBe(59_000);
    expect(graceLeftMs(room(), 90_000)).toBe(0);
  });
});
