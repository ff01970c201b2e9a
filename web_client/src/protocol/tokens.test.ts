import { describe, expect, it } from 'vitest';
import type { KeyStorage } from './tokens';
import { TokenStore, refusalInFragment, tokenInFragment } from './tokens';

class MemoryStorage implements KeyStorage {
  readonly values = new Map<string, string>();
  getItem = (key: string): string | null => this.values.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.values.set(key, value);
  removeItem = (key: string): void => void this.values.delete(key);
}

describe('the fragment', () => {
  it.each([
    ['#token=eyJ.a.b', 'eyJ.a.b'],
    ['#page=2&token=eyJ', 'eyJ'],
    ['#session=ses_a.b', 'ses_a.b'],
    ['#token=', null],
    ['#token', null],
    ['', null],
  ])('%s carries %s', (fragment, token) => {
    expect(tokenInFragment(fragment)).toBe(token);
  });
});

describe('a sign-in that the provider refused', () => {
  it.each([
    ['#sign-in=sign_in_refused', 'sign_in_refused'],
    ['#sign-in=<b>', 'other'],
    ['#session=ses_a.b', null],
    ['', null],
  ])('%s says %s', (fragment, refusal) => {
    expect(refusalInFragment(fragment)).toBe(refusal);
  });
});

describe('the store', () => {
  it('keeps keys per lesson', () => {
    const store = new TokenStore(new MemoryStorage());
    store.keepInvitation('les_1', 'invitation');
    store.keepResumeKey('les_1', 'key', 'seat_1');
    expect(store.resumeKey('les_1')).toBe('key');
    expect(store.resumeKey('les_2')).toBeNull();
  });

  it('resumes the seat when the same link is opened again', () => {
    const store = new TokenStore(new MemoryStorage());
    store.keepInvitation('les_1', 'invitation');
    store.keepResumeKey('les_1', 'key', 'seat_1');
    store.keepInvitation('les_1', 'invitation');
    expect(store.resumeKey('les_1')).toBe('key');
  });

  it('drops the resume key of another seat when another link is opened', () => {
    const store = new TokenStore(new MemoryStorage());
    store.keepInvitation('les_1', 'invitation of room 1');
    store.keepResumeKey('les_1', 'key', 'seat_1');
    store.keepInvitation('les_1', 'invitation of room 2');
    expect(store.resumeKey('les_1')).toBeNull();
    expect(store.invitation('les_1')).toBe('invitation of room 2');
  });

  it('forgets who was signed in', () => {
    const store = new TokenStore(new MemoryStorage());
    store.keepCredential('adm_1');
    expect(store.credential()).toBe('adm_1');
    store.forgetCredential();
    expect(store.credential()).toBeNull();
  });
});
