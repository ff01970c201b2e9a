import { describe, expect, it } from 'vitest';
import { addressOfHit, queryOfAddress, searchOfQuery } from './query';

describe('what is looked for', () => {
  it('stands in the address and is read back', () => {
    const query = { words: '分数 a&b', subject: '数学', grade: '3', edition: '' };
    expect(queryOfAddress(searchOfQuery(query))).toEqual(query);
    expect(searchOfQuery(queryOfAddress('?q=+&x=1'))).toBe('');
    expect(queryOfAddress(`?q=${'x'.repeat(200)}`).words).toHaveLength(80);
  });

  it('leads to its moment', () => {
    expect(addressOfHit('res_a', { at_ms: 65_999 })).toBe('/watch/res_a#t=65');
    expect(addressOfHit('res_a', { at_ms: 999 })).toBe('/watch/res_a');
    expect(addressOfHit('a/b', null)).toBe('/watch/a%2Fb');
  });
});
