import { describe, expect, it } from 'vitest';
import { fitted, fromPage, isOnPage, pieces, thinned, toPage, turned, UNITS } from './geometry';
import type { Point } from './geometry';

describe('a page in its box', () => {
  it('is as large as it fits, in the middle', () => {
    expect(fitted({ width: 1600, height: 900 }, { width: 800, height: 800 })).toEqual({ x: 0, y: 175, width: 800, height: 450 });
    expect(fitted({ width: 1000, height: 2000 }, { width: 800, height: 400 })).toEqual({ x: 300, y: 0, width: 200, height: 400 });
  });

  it('names places in ten-thousandths, also those beside it', () => {
    const rect = { x: 100, y: 50, width: 1000, height: 500 };
    expect(toPage(rect, 100, 50)).toEqual([0, 0]);
    expect(toPage(rect, 600, 300)).toEqual([5000, 5000]);
    expect(toPage(rect, 5000, -5)).toEqual([UNITS - 1, 0]);
    expect(toPage({ ...rect, width: 0, height: 0 }, 7, 7)).toEqual([0, 0]);
    expect(isOnPage(rect, 1101, 60)).toBe(false);
    expect(isOnPage(rect, 1100, 60)).toBe(true);
  });

  it('finds the same place on a screen of another size', () => {
    for (let place = 0; place < UNITS; place += 37) {
      const [x, y] = fromPage({ width: 1920, height: 1080 }, [place, UNITS - 1 - place]);
      expect(toPage({ x: 0, y: 0, width: 1920, height: 1080 }, x, y)).toEqual([place, UNITS - 1 - place]);
    }
  });
});

describe('a stroke', () => {
  const line: Point[] = Array.from({ length: 500 }, (_, index) => [index, index * 2]);

  it('loses the points that nobody would miss, and never its end', () => {
    const kept = thinned(line, 20);
    expect(kept.length).toBeLessThan(60);
    expect(kept[0]).toEqual([0, 0]);
    expect(kept.at(-1)).toEqual([499, 998]);
    expect(thinned([[5, 5]], 20)).toEqual([[5, 5]]);
  });

  it('is cut into pieces that join', () => {
    const cut = pieces(line);
    expect(cut.map((piece) => piece.length)).toEqual([200, 200, 102]);
    for (const [index, piece] of cut.slice(1).entries()) expect(piece[0]).toEqual(cut[index]?.at(-1));
    expect(pieces([[1, 1]])).toEqual([[[1, 1]]]);
    expect(pieces(line.slice(0, 200))).toHaveLength(1);
  });
});

it('a deck ends at both ends', () => {
  expect(turned(1, -1, 3)).toBeNull();
  expect(turned(3, 1, 3)).toBeNull();
  expect(turned(2, 1, 3)).toBe(3);
});
