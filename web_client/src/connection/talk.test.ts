import { describe, expect, it } from 'vitest';
import { Talk } from './talk';

describe('Talk', () => {
  it('keeps what waits until it is decided, once', () => {
    const talk = new Talk();
    talk.handlePending({ id: 1, seat: 'a', text: 'May I?' });
    talk.handlePending({ id: 1, seat: 'a', text: 'May I?' });
    talk.handlePending({ id: 2, seat: 'b', text: 'Why?' });
    expect(talk.view.get().pending.map((text) => text.id)).toEqual([1, 2]);
    talk.handleDecided(1);
    expect(talk.view.get().pending.map((text) => text.id)).toEqual([2]);
  });

  it('forgets at a welcome what the server tells anew, and keeps what it never tells again', () => {
    const talk = new Talk();
    talk.handlePending({ id: 1, seat: 'a', text: 'May I?' });
    talk.handlePrivate({ seat: 'm', to: 'w', text: 'Louder' });
    talk.handleWelcome();
    expect(talk.view.get()).toEqual({ pending: [], privateTexts: [{ seat: 'm', to: 'w', text: 'Louder' }] });
  });

  it('bounds the private texts', () => {
    const talk = new Talk();
    for (let number = 0; number < 150; number += 1) talk.handlePrivate({ seat: 'm', to: 'w', text: String(number) });
    expect(talk.view.get().privateTexts).toHaveLength(100);
    expect(talk.view.get().privateTexts.at(-1)?.text).toBe('149');
  });

  it('follows pointers until they are hidden', () => {
    const talk = new Talk();
    talk.handlePointer({ type: 'pointer', seat: 'm', x: 1, y: 2 });
    expect(talk.pointers.get().get('m')).toEqual({ x: 1, y: 2 });
    talk.handlePointer({ type: 'pointer', seat: 'm', x: null, y: null });
    expect(talk.pointers.get().size).toBe(0);
  });
});
