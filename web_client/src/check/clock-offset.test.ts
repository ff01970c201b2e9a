import { describe, expect, it } from 'vitest';
import { readClock } from './clock-offset';

describe('readClock', () => {
  it('believes the fastest answer', () => {
    const reading = readClock([
      { sentMs: 0, receivedMs: 400, serverMs: 10_390 },
      { sentMs: 1_000, receivedMs: 1_020, serverMs: 11_010 },
      { sentMs: 2_000, receivedMs: 2_300, serverMs: 12_010 },
    ]);
    expect(reading).toEqual({ offsetMs: 10_000, roundTripMs: 20 });
  });

  it('knows nothing without an answer', () => {
    expect(readClock([])).toBeNull();
  });
});
