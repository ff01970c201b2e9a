import { describe, expect, it } from 'vitest';
import { Shortage, readingsOf } from './shortage';

const reading = (rid: string, framesEncoded: number, limitedBy = 'none') => ({ rid, framesEncoded, limitedBy });

/** When it is first said to be short, by readings two seconds apart; null: never. */
function shortAt(...series: ReturnType<typeof reading>[][]): number | null {
  const shortage = new Shortage();
  for (const [index, readings] of series.entries()) {
    shortage.handle(readings, index * 2_000);
    if (shortage.isShort(index * 2_000)) return index * 2_000;
  }
  return null;
}

describe('a shortage', () => {
  it('is seen when the highest stands still twice while a lower one goes on', () => {
    const still = [10, 40, 70].map((frames) => [reading('q', frames), reading('f', 10)]);
    expect(shortAt(...still)).toBe(4_000);
  });

  it('is seen when the processor limits the highest twice', () => {
    const limited = [1, 2].map((frames) => [reading('q', frames), reading('f', frames, 'cpu')]);
    expect(shortAt(...limited)).toBe(2_000);
  });

  it('ends after a minute, to be tried again', () => {
    const shortage = new Shortage();
    for (const at of [0, 2_000]) shortage.handle([reading('q', at), reading('f', at, 'cpu')], at);
    expect(shortage.isShort(61_999)).toBe(true);
    expect(shortage.isShort(62_000)).toBe(false);
  });

  it('is none for a moment, for a camera that rests, or of a single encoding', () => {
    const moment = [[10, 10], [40, 10], [70, 20]].map(([q = 0, f = 0]) => [reading('q', q), reading('f', f)]);
    expect(shortAt(...moment)).toBeNull();
    expect(shortAt(...[1, 2, 3, 4].map(() => [reading('q', 70), reading('f', 20)]))).toBeNull();
    expect(shortAt(...[1, 2, 3, 4].map((frames) => [reading('f', frames, 'cpu')]))).toBeNull();
    expect(shortAt([], [])).toBeNull();
  });
});

describe('readings', () => {
  it('are of the encodings that are sent, in their order', () => {
    const reports = [
      { type: 'outbound-rtp', rid: 'f', framesEncoded: 7, qualityLimitationReason: 'cpu' },
      { type: 'media-source', rid: 'q' },
      { type: 'outbound-rtp', rid: 'h', framesEncoded: 3 },
      { type: 'outbound-rtp', rid: 'q' },
    ];
    expect(readingsOf(reports, ['q', 'f'])).toEqual([reading('q', 0), reading('f', 7, 'cpu')]);
  });
});
