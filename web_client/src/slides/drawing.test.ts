import { describe, expect, it } from 'vitest';
import type { PageStroke } from './drawing';
import { begun, extended, isOf } from './drawing';

const PAGE = { deck: 'd1', page: 1 };
const STROKE: PageStroke = { ...PAGE, color: '#1b62c4', width: 40, points: [[1, 1]] };
const DRAWING = { pointer: 5, stroke: STROKE };

describe('a stroke that is drawn', () => {
  it('grows with its own pointer', () => {
    expect(extended(DRAWING, 5, PAGE, [2, 2])?.stroke.points).toEqual([[1, 1], [2, 2]]);
    expect(extended(null, 5, PAGE, [2, 2])).toBeNull();
  });

  it('takes nothing from another pointer', () => {
    expect(extended(DRAWING, 6, PAGE, [2, 2])).toBe(DRAWING);
    expect(begun(DRAWING, 6, STROKE)).toBe(DRAWING);
  });

  it('begins anew with its own pointer', () => {
    expect(begun(null, 6, STROKE)).toEqual({ pointer: 6, stroke: STROKE });
    expect(begun({ ...DRAWING, stroke: { ...STROKE, points: [] } }, 5, STROKE)).toEqual(DRAWING);
  });

  it('stays on the page on which it began', () => {
    expect(extended(DRAWING, 5, { deck: 'd1', page: 2 }, [2, 2])).toBe(DRAWING);
    expect(isOf({ deck: 'd2', page: 1 }, STROKE)).toBe(false);
    expect(isOf({ deck: 'd1', page: 1 }, STROKE)).toBe(true);
  });
});
