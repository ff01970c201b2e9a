import type { FocusEvent, KeyboardEvent, PointerEvent } from 'react';
import { useCallback, useEffect, useRef } from 'react';
import { hasModifier } from '../components/typing';

export interface HoldHandlers {
  onPointerDown(event: PointerEvent<HTMLElement>): void;
  onPointerUp(): void;
  onPointerCancel(): void;
  onKeyDown(event: KeyboardEvent<HTMLElement>): void;
  onKeyUp(event: KeyboardEvent<HTMLElement>): void;
  onBlur(event: FocusEvent<HTMLElement>): void;
}

const isPress = (key: string): boolean => key === ' ' || key === 'Enter';

/**
 * Something that lasts while it is held: by pointer, by Space or Enter on the control, by `hotkey` anywhere.
 * It is let go when the window loses the focus, or the control is gone. `onChange` must keep its identity.
 */
export function useHold(onChange: (isHeld: boolean) => void, hotkey: string): HoldHandlers {
  const isHeld = useRef(false);
  const hold = useCallback(
    (next: boolean) => {
      if (isHeld.current === next) return;
      isHeld.current = next;
      onChange(next);
    },
    [onChange],
  );
  useEffect(() => {
    const release = (): void => hold(false);
    const press = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== hotkey || hasModifier(event)) return;
      event.preventDefault();
      hold(true);
    };
    const lift = (event: globalThis.KeyboardEvent): void => {
      if (event.key === hotkey) hold(false);
    };
    window.addEventListener('keydown', press);
    window.addEventListener('keyup', lift);
    window.addEventListener('blur', release);
    return () => {
      window.removeEventListener('keydown', press);
      window.removeEventListener('keyup', lift);
      window.removeEventListener('blur', release);
      hold(false);
    };
  }, [hold, hotkey]);
  return {
    onPointerDown: (event) => {
      event.currentTarget.setPointerCapture(event.pointerId);
      hold(true);
    },
    onPointerUp: () => hold(false),
    onPointerCancel: () => hold(false),
    onKeyDown: (event) => {
      if (!isPress(event.key) || hasModifier(event)) return;
      event.preventDefault();
      hold(true);
    },
    onKeyUp: (event) => {
      if (isPress(event.key)) hold(false);
    },
    onBlur: () => hold(false),
  };
}
