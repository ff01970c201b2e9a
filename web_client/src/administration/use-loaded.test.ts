import { describe, expect, it } from 'vitest';
import { failed } from './use-loaded';

const load = (): Promise<string> => Promise.resolve('new');
const other = (): Promise<string> => Promise.resolve('other');

describe('a failed load', () => {
  it('keeps the old value of the same thing', () => {
    expect(failed({ of: load, value: 'old', fault: null }, load, 'offline')).toEqual({ of: load, value: 'old', fault: 'offline' });
  });

  it('keeps nothing of another thing', () => {
    expect(failed({ of: other, value: 'old', fault: null }, load, 'offline').value).toBeNull();
    expect(failed(null, load, 'offline').value).toBeNull();
  });
});
