import { describe, expect, it } from 'vitest';
import { RECONNECT, RELEASE_POLL, REPLAY_POLL, backoffDelay } from './backoff';

describe('backoff', () => {
  it('doubles from 0.25 s to 3 s', () => {
    const delays = [0, 1, 2, 3, 4, 5, 100].map((attempt) => backoffDelay(RECONNECT, attempt, 0.5));
    expect(delays).toEqual([250, 500, 1000, 2000, 3000, 3000, 3000]);
  });

  it('is jittered by a quarter either way', () => {
    expect(backoffDelay(RECONNECT, 4, 0)).toBe(2250);
    expect(backoffDelay(RECONNECT, 4, 1)).toBe(3750);
  });

  it('asks for a replay less and less often', () => {
    expect(backoffDelay(REPLAY_POLL, 0, 0.5)).toBe(500);
    expect(backoffDelay(REPLAY_POLL, 9, 0.5)).toBe(3000);
    expect(backoffDelay(RELEASE_POLL, 9, 0.5)).toBe(20_000);
  });
});
