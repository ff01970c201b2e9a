import { useEffect, useRef } from 'react';
import { useOwnSeat, useRoom } from '../components/session-context';
import { isTyping } from '../components/typing';
import { ownBlock } from '../room/own-room';

const isPlain = (event: KeyboardEvent): boolean => !event.ctrlKey && !event.metaKey && !event.altKey && !isTyping(event);

/** A letter or digit pressed anywhere but in a field. */
export function useKey(key: string, press: () => void): void {
  const pressed = useRef(press);
  useEffect(() => {
    pressed.current = press;
  });
  useEffect(() => {
    const handle = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== key || event.repeat || !isPlain(event)) return;
      event.preventDefault();
      pressed.current();
    };
    window.addEventListener('keydown', handle);
    return () => window.removeEventListener('keydown', handle);
  }, [key]);
}

/** A key that works while it is held; leaving the window lets it go. */
export function useHeldKey(key: string, hold: (isHeld: boolean) => void): void {
  const held = useRef(hold);
  useEffect(() => {
    held.current = hold;
  });
  useEffect(() => {
    const isKey = (event: KeyboardEvent): boolean => event.key.toLowerCase() === key;
    const down = (event: KeyboardEvent): void => {
      if (isKey(event) && !event.repeat && isPlain(event)) held.current(true);
    };
    const up = (event: KeyboardEvent): void => {
      if (isKey(event)) held.current(false);
    };
    const leave = (): void => held.current(false);
    window.addEventListener('keydown', down);
    window.addEventListener('keyup', up);
    window.addEventListener('blur', leave);
    return () => {
      leave();
      window.removeEventListener('keydown', down);
      window.removeEventListener('keyup', up);
      window.removeEventListener('blur', leave);
    };
  }, [key]);
}

/** P stops the own room and lets it go on, whatever the panel shows. */
export function usePauseKey(): void {
  const { room, session } = useRoom();
  const me = useOwnSeat();
  useKey('p', () => {
    const { classroom } = me;
    if (classroom === null) return;
    void session.act({ type: 'classroom_block', classroom, block: ownBlock(room, me) === null ? 'paused' : null });
  });
}
