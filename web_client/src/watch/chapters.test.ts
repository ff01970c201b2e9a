import { describe, expect, it } from 'vitest';
import type { Chapter } from '../protocol/rest';
import { chapterAt, chapterBeside } from './chapters';

const CHAPTERS: Chapter[] = [0, 60_000, 200_000].map((start_ms, index, all) => ({
  start_ms,
  end_ms: all[index + 1] ?? 300_000,
  kind: 'marker',
  title: String(index),
  page: null,
}));

describe('chapters', () => {
  it('know where one is', () => {
    expect([0, 59_999, 60_000, 299_999, 300_000].map((at) => chapterAt(CHAPTERS, at))).toEqual([0, 0, 1, 2, 2]);
    expect(chapterAt([], 5)).toBe(-1);
  });

  it('step on and back', () => {
    expect(chapterBeside(CHAPTERS, 10_000, 1)).toBe(60_000);
    expect(chapterBeside(CHAPTERS, 250_000, 1)).toBeNull();
    expect(chapterBeside(CHAPTERS, 70_000, -1)).toBe(60_000);
    expect(chapterBeside(CHAPTERS, 61_000, -1)).toBe(0);
    expect(chapterBeside(CHAPTERS, 1_000, -1)).toBeNull();
    expect(chapterBeside([], 0, 1)).toBeNull();
  });
});
