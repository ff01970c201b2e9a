import type { RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';
import type { Replay } from '../protocol/replays';
import type { Ensemble } from './ensemble';
import { goOnAt, momentOfAddress, storedPosition } from './moment';

const NOTE_MS = 8000;

export interface Start {
  /** Where it begins: the link's moment, else where one stopped. */
  atS: number;
  isResumed: boolean;
}

/** A moment in the link goes before where one stopped here, and that before where one stopped elsewhere. */
export function startOf(replay: Replay, momentS: number | null): Start {
  const durationS = replay.duration_ms / 1000;
  if (momentS !== null) return { atS: Math.min(momentS, Math.max(0, durationS - 1)), isResumed: false };
  const stoppedS = storedPosition(window.localStorage, replay.resource) ?? replay.position_ms / 1000;
  const atS = goOnAt(stoppedS, durationS);
  return { atS: atS ?? 0, isResumed: atS !== null };
}

/** Begins by itself where the browser permits sound without a click; whether it has begun, and a note for a while. */
export function useStart(video: RefObject<HTMLVideoElement | null>, ensemble: Ensemble, isResumed: boolean): { hasBegun: boolean; isNoted: boolean } {
  const [hasBegun, setHasBegun] = useState(false);
  const [isNoted, setIsNoted] = useState(isResumed);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const begin = (): void => setHasBegun(true);
    const go = (): void => {
      const momentS = momentOfAddress(window.location);
      if (momentS !== null) element.currentTime = momentS;
    };
    element.addEventListener('playing', begin);
    window.addEventListener('hashchange', go);
    ensemble.play();
    const timer = setTimeout(() => setIsNoted(false), NOTE_MS);
    return () => {
      element.removeEventListener('playing', begin);
      window.removeEventListener('hashchange', go);
      clearTimeout(timer);
    };
  }, [video, ensemble]);
  return { hasBegun, isNoted };
}

const DOUBLE_MS = 300;

/** A finger: twice on the left or right goes back or on; once plays. A mouse plays at once. */
export function useTaps(togglePlay: () => void, seekBy: (seconds: number) => void): (event: React.MouseEvent) => void {
  const last = useRef<{ atMs: number; side: number; timer: ReturnType<typeof setTimeout> } | null>(null);
  return (event) => {
    const isTouch = (event.nativeEvent as PointerEvent).pointerType === 'touch';
    if (!isTouch) return togglePlay();
    const box = event.currentTarget.getBoundingClientRect();
    const place = (event.clientX - box.left) / box.width;
    const side = place < 0.4 ? -1 : place > 0.6 ? 1 : 0;
    const before = last.current;
    if (before !== null && side !== 0 && before.side === side && event.timeStamp - before.atMs < DOUBLE_MS) {
      clearTimeout(before.timer);
      last.current = { ...before, atMs: event.timeStamp };
      seekBy(10 * side);
      return;
    }
    last.current = { atMs: event.timeStamp, side, timer: setTimeout(togglePlay, DOUBLE_MS) };
  };
}
