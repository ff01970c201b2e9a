import { describe, expect, it } from 'vitest';
import type { PictureReading } from './picture-health';
import { pictureHealth } from './picture-health';

const BEFORE: PictureReading = { frames: 100, packets: 1000, packetsLost: 5, atMs: 10_000 };

function later(change: Partial<PictureReading>): PictureReading {
  return { frames: 124, packets: 1100, packetsLost: 5, atMs: 12_000, ...change };
}

describe('pictureHealth', () => {
  it.each([
    ['steady', later({})],
    ['halting', later({ frames: 108 })],
    ['halting', later({ packetsLost: 20 })],
    ['still', later({ frames: 100 })],
    ['still', later({ frames: 0 })], // a stream that began anew
    [null, later({ atMs: 10_500 })],
  ])('says %s', (health, now) => {
    expect(pictureHealth(BEFORE, now)).toBe(health);
  });
});
