import { describe, expect, it } from 'vitest';
import type { Seat } from '../protocol/messages';
import type { RoomState } from '../room/state';
import { noticeOf } from './room-notice';

const SEAT = { id: 'a', classroom: 'c1' } as Seat;

function room(state: string, controls: object = {}): RoomState {
  return { lesson: { state }, controls: { is_all_forbidden: false, blocks: {}, local: [], ...controls } } as unknown as RoomState;
}

describe('noticeOf', () => {
  it('says nothing while all is well', () => {
    expect(noticeOf(room('live'), SEAT)).toBeNull();
  });

  it('says what stops the room, the weightiest first', () => {
    const paused = { blocks: { c1: { block: 'paused', by: null } }, is_all_forbidden: true };
    expect(noticeOf(room('master_lost', paused), SEAT)).toBe('masterLost');
    expect(noticeOf(room('master_lost', { local: ['c1'] }), SEAT)).toBe('local');
    expect(noticeOf(room('suspended', paused), SEAT)).toBe('suspended');
    expect(noticeOf(room('live', paused), SEAT)).toBe('blocked_paused');
    expect(noticeOf(room('live', { is_all_forbidden: true }), SEAT)).toBe('allForbidden');
  });

  it('knows another room’s block from its own', () => {
    expect(noticeOf(room('live', { blocks: { c2: { block: 'paused', by: null } } }), SEAT)).toBeNull();
  });
});
