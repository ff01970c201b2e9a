import { describe, expect, it } from 'vitest';
import { measureRate, nextSize, rateBps } from './transfers';

describe('transfers', () => {
  it('reckons bits a second', () => {
    expect(rateBps({ bytes: 50_000, durationMs: 400 })).toBe(1_000_000);
    expect(rateBps({ bytes: 1_000, durationMs: 0 })).toBe(8_000_000);
  });

  it('grows until a transfer takes long enough, and never over the bound', () => {
    expect(nextSize(16_384, 10)).toBe(65_536);
    expect(nextSize(524_288, 10)).toBe(1_048_576);
    expect(nextSize(1_048_576, 10)).toBeNull();
    expect(nextSize(16_384, 400)).toBeNull();
  });

  it('takes the largest transfer for the rate', async () => {
    const sizes: number[] = [];
    const rate = await measureRate((bytes) => {
      sizes.push(bytes);
      return Promise.resolve({ bytes, durationMs: bytes === 1_048_576 ? 1_000 : 1 });
    });
    expect(sizes).toEqual([16_384, 65_536, 262_144, 1_048_576, 1_048_576]);
    expect(rate).toBe(8_388_608);
  });

  it('takes one stall for a stall', async () => {
    const durations = [5, 450, 6, 420, 900];
    const sizes: number[] = [];
    const rate = await measureRate((bytes) => {
      sizes.push(bytes);
      return Promise.resolve({ bytes, durationMs: durations.shift() ?? 0 });
    });
    expect(sizes).toEqual([16_384, 65_536, 65_536, 262_144, 262_144]);
    expect(rate).toBe(Math.round((262_144 * 8_000) / 420));
  });

  it('keeps what it knew when the server or the link gives out', async () => {
    let left = 2;
    const rate = await measureRate((bytes) => {
      left -= 1;
      return left < 0 ? Promise.reject(new Error('429')) : Promise.resolve({ bytes, durationMs: 8 });
    });
    expect(rate).toBe(65_536_000);
    expect(await measureRate(() => Promise.reject(new Error('offline')))).toBeNull();
  });

  it('does not take a transfer without a timed piece for a rate', async () => {
    expect(await measureRate(() => Promise.resolve({ bytes: 0, durationMs: 0 }))).toBeNull();
    let transfers = 0;
    const rate = await measureRate((bytes) => {
      transfers += 1;
      return Promise.resolve(transfers === 1 ? { bytes: 0, durationMs: 0 } : { bytes, durationMs: 500 });
    });
    expect([transfers, rate]).toEqual([3, 1_048_576]);
  });
});
