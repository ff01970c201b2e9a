import { describe, expect, it } from 'vitest';
import { hasModifier } from './typing';

const PLAIN = { ctrlKey: false, altKey: false, metaKey: false, shiftKey: false };

describe('a modifier', () => {
  it('is none with a key alone', () => {
    expect(hasModifier(PLAIN)).toBe(false);
  });

  it.each(['ctrlKey', 'altKey', 'metaKey', 'shiftKey'])('is %s', (modifier) => {
    expect(hasModifier({ ...PLAIN, [modifier]: true })).toBe(true);
  });
});
