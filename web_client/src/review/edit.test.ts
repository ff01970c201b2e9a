import { describe, expect, it } from 'vitest';
import type { Edit } from '../protocol/versions';
import type { History } from './edit';
import { added, changeHistory, cut, cutsOf, keptOf, lengthOf, nextKept, placeOf, renamed, restore } from './edit';

const LENGTH = 60_000;
const WHOLE: Edit = { kept: [], without: [], chapters: null };

describe('an edit', () => {
  it('keeps all at first', () => {
    expect(keptOf(WHOLE, LENGTH)).toEqual([[0, LENGTH]]);
    expect(cutsOf(WHOLE, LENGTH)).toEqual([]);
  });
  it('cuts, and joins cuts that touch', () => {
    const once = cut(WHOLE, [20_000, 10_000], LENGTH);
    expect(once.kept).toEqual([
      [0, 10_000],
      [20_000, LENGTH],
    ]);
    const twice = cut(once, [15_000, 30_000.4], LENGTH);
    expect(cutsOf(twice, LENGTH)).toEqual([[10_000, 30_000]]);
    expect(lengthOf(twice, LENGTH)).toBe(40_000);
    expect(cut(twice, [0, LENGTH], LENGTH)).toBe(twice);
    expect(cut(twice, [5, 90], LENGTH)).toBe(twice);
  });
  it('puts a cut back', () => {
    const edit = cut(cut(WHOLE, [0, 5000], LENGTH), [10_000, 20_000], LENGTH);
    expect(cutsOf(restore(edit, [0, 5000], LENGTH), LENGTH)).toEqual([[10_000, 20_000]]);
    expect(restore(restore(edit, [0, 5000], LENGTH), [10_000, 20_000], LENGTH).kept).toEqual([]);
  });
  it('knows where its preview goes on', () => {
    const edit = cut(cut(WHOLE, [0, 5000], LENGTH), [50_000, LENGTH], LENGTH);
    expect(nextKept(edit, LENGTH, 0)).toBe(5000);
    expect(nextKept(edit, LENGTH, 7000)).toBe(7000);
    expect(nextKept(edit, LENGTH, 50_000)).toBeNull();
    expect(placeOf(edit, LENGTH, 7000)).toBe(2000);
    expect(placeOf(edit, LENGTH, 55_000)).toBe(45_000);
  });
  it('names chapters', () => {
    const chapters = added([{ at_ms: 5000, title: 'b' }], { at_ms: 0, title: 'a' });
    expect(chapters.map((one) => one.title)).toEqual(['a', 'b']);
    expect(renamed(added(chapters, { at_ms: 5000, title: 'c' }), 1, 'd')).toEqual([
      { at_ms: 0, title: 'a' },
      { at_ms: 5000, title: 'd' },
    ]);
  });
});

describe('its history', () => {
  it('goes back and forth', () => {
    let history: History<number> = { past: [], present: 0, future: [] };
    for (const to of [1, 2, 2]) history = changeHistory(history, { type: 'set', to });
    history = changeHistory(history, { type: 'undo' });
    expect(history.present).toBe(1);
    expect(changeHistory(history, { type: 'redo' }).present).toBe(2);
    history = changeHistory(history, { type: 'set', to: 9 });
    expect(changeHistory(history, { type: 'redo' })).toBe(history);
    expect(changeHistory(changeHistory(changeHistory(history, { type: 'undo' }), { type: 'undo' }), { type: 'undo' }).present).toBe(0);
  });
});
