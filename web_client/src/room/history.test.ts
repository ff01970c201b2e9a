import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseServerMessage } from '../protocol/codec';
import type { EventMessage, Snapshot } from '../protocol/messages';
import { applyEvent } from './reducer';
import type { RoomState } from './state';
import { roomFromSnapshot } from './state';

/** What a real room told, with its snapshots before and after (tests/signaling/room_history.py). */
const VECTOR = new URL('../../../tests/vectors/room_history.json', import.meta.url);
const history = JSON.parse(readFileSync(VECTOR, 'utf-8')) as {
  epoch: string;
  seq: number;
  start: object;
  events: { seq: number; event: { type: string } }[];
  end: object;
};

function snapshotOf(text: string): Snapshot {
  const welcome = parseServerMessage(text);
  if (welcome.type !== 'welcome' || welcome.snapshot === null) throw new Error('no snapshot');
  return welcome.snapshot;
}

function welcomeWith(snapshot: object): string {
  return JSON.stringify({
    type: 'welcome',
    seat: 'master',
    role: 'master',
    epoch: history.epoch,
    seq: history.seq,
    resumed: false,
    permissions: [],
    server_time_ms: 1,
    heartbeat_s: 5,
    peers: [],
    snapshot,
  });
}

function toldBy(room: RoomState): Snapshot {
  const { lesson, recording, stage, hands, controls, board, links } = room;
  return {
    lesson,
    recording,
    seats: [...room.seats.values()],
    publications: [...room.publications.values()],
    stage: [...stage],
    hands: [...hands],
    controls,
    board,
    links,
  };
}

describe('the fold of a whole lesson', () => {
  it('reads the snapshots as the server wrote them', () => {
    expect(snapshotOf(welcomeWith(history.start))).toEqual(history.start);
    expect(snapshotOf(welcomeWith(history.end))).toEqual(history.end);
  });

  it('is the server’s own state at the end', () => {
    let room = roomFromSnapshot(history.epoch, history.seq, snapshotOf(welcomeWith(history.start)));
    for (const told of history.events) {
      const message = parseServerMessage(JSON.stringify({ type: 'event', epoch: history.epoch, ...told })) as EventMessage;
      expect(message.event.type).toBe(told.event.type);
      const { outcome, state } = applyEvent(room, message);
      expect(outcome).toBe('applied');
      room = state;
    }
    expect(toldBy(room)).toEqual(history.end);
  });
});
