import { describe, expect, it } from 'vitest';
import { follow } from './follow';
import { storePosition, storedPosition } from './position';
import { stepSpeed } from './speeds';

describe('the screen follows the teacher', () => {
  it('is left alone when close', () => {
    expect(follow(10, 10.03, 0, 1)).toEqual({ seekToS: null, rate: 1 });
  });

  it('chases a small difference and jumps a large one', () => {
    expect(follow(10, 9.8, 0, 1).rate).toBeCloseTo(1.08);
    expect(follow(10, 10.2, 0, 2).rate).toBeCloseTo(1.84);
    expect(follow(100, 20, 0, 1)).toEqual({ seekToS: 100, rate: 1 });
  });

  it('knows that the screen began later', () => {
    expect(follow(30, 10, 20, 1)).toEqual({ seekToS: null, rate: 1 });
    expect(follow(5, 3, 20, 1).seekToS).toBe(0);
  });
});

describe('the position', () => {
  it('is kept per replay, and not at either end', () => {
    const values = new Map<string, string>();
    const storage = {
      getItem: (key: string) => values.get(key) ?? null,
      setItem: (key: string, value: string) => void values.set(key, value),
    };
    expect(storedPosition(storage, 'res_1', 100)).toBeNull();
    storePosition(storage, 'res_1', 42.25);
    expect(storedPosition(storage, 'res_1', 100)).toBeCloseTo(42.3);
    expect(storedPosition(storage, 'res_2', 100)).toBeNull();
    expect(storedPosition(storage, 'res_1', 45)).toBeNull();
    storePosition(storage, 'res_1', 2);
    expect(storedPosition(storage, 'res_1', 100)).toBeNull();
  });
});

describe('the speed', () => {
  it('steps and holds at its ends', () => {
    expect(stepSpeed(1, 1)).toBe(1.25);
    expect(stepSpeed(0.5, -1)).toBe(0.5);
    expect(stepSpeed(2, 1)).toBe(2);
    expect(stepSpeed(1.1, 1)).toBe(1.25);
  });
});
