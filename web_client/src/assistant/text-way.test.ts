import { describe, expect, it } from 'vitest';
import { wayOf } from './text-way';

describe('the way of a text', () => {
  it('leads to the teacher alone while the teacher is here', () => {
    expect(wayOf(true, { id: 'm1', connected: true })).toEqual({ type: 'text_private', seat: 'm1' });
  });

  it('is closed to a private text while the teacher is away', () => {
    expect(wayOf(true, { id: 'm1', connected: false })).toBeNull();
    expect(wayOf(true, null)).toBeNull();
  });

  it('leads to everybody only when that was chosen', () => {
    expect(wayOf(false, { id: 'm1', connected: true })).toEqual({ type: 'text' });
    expect(wayOf(false, null)).toEqual({ type: 'text' });
  });
});
