import type { RefObject } from 'react';
import { useEffect, useState } from 'react';
import { momentOfFragment, storePosition, storedPosition } from './position';

const NOTE_MS = 6_000;
const STORE_PERIOD_MS = 3_000;

/** Goes on where one stopped; gives that position for a few seconds, so that the page can say so. */
export function useResume(video: RefObject<HTMLVideoElement | null>, resource: string): number | null {
  const [resumedAtS, setResumedAtS] = useState<number | null>(null);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let noteTimer: ReturnType<typeof setTimeout> | undefined;
    const resume = (): void => {
      const named = momentOfFragment(window.location.hash);
      if (named !== null) {
        element.currentTime = Math.min(named, element.duration);
        return;
      }
      const positionS = storedPosition(window.localStorage, resource, element.duration);
      if (positionS === null) return;
      element.currentTime = positionS;
      setResumedAtS(positionS);
      noteTimer = setTimeout(() => setResumedAtS(null), NOTE_MS);
    };
    const store = (): void => {
      if (element.currentTime > 0) storePosition(window.localStorage, resource, element.currentTime);
    };
    element.addEventListener('loadedmetadata', resume, { once: true });
    element.addEventListener('pause', store);
    window.addEventListener('pagehide', store);
    const storeTimer = setInterval(() => {
      if (!element.paused) store();
    }, STORE_PERIOD_MS);
    return () => {
      element.removeEventListener('loadedmetadata', resume);
      element.removeEventListener('pause', store);
      window.removeEventListener('pagehide', store);
      clearInterval(storeTimer);
      clearTimeout(noteTimer);
    };
  }, [video, resource]);
  return resumedAtS;
}
