import { describe, expect, it } from 'vitest';
import { barsOf, filledChoices, percentOf, ratioOf } from './tally';

describe('bars', () => {
  it('shows a count as one bar of its whole', () => {
    const [bar] = barsOf('count', [], [9, 12]);
    expect(bar).toEqual({ label: '', value: 9, of: 12 });
    expect(bar && percentOf(bar)).toBe(75);
  });

  it('shows each choice of all that chose', () => {
    expect(barsOf('choice', ['yes', 'no'], [1, 3])).toEqual([
      { label: 'yes', value: 1, of: 4 },
      { label: 'no', value: 3, of: 4 },
    ]);
  });

  it('shows the choices before anybody chose', () => {
    expect(barsOf('choice', ['yes', 'no'], []).map(ratioOf)).toEqual([0, 0]);
    expect(barsOf('count', [], [])).toEqual([]);
    expect(barsOf('text', [], [])).toEqual([]);
  });

  it('divides by nothing without harm', () => {
    expect(ratioOf({ label: '', value: 0, of: 0 })).toBe(0);
  });
});

describe('filledChoices', () => {
  it('drops what is empty', () => {
    expect(filledChoices([' yes ', '', '  ', 'no'])).toEqual(['yes', 'no']);
  });
});
