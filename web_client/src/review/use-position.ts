import type { RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';

/** Where a video is, by the picture; `skip` says before each picture where a preview goes on (null: it is over). */
export function usePosition(video: RefObject<HTMLVideoElement | null>, skip: ((positionMs: number) => number | null) | null): number {
  const [positionMs, setPositionMs] = useState(0);
  const skipper = useRef(skip);
  useEffect(() => {
    skipper.current = skip;
  }, [skip]);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let frame = 0;
    const look = (): void => {
      const nowMs = element.currentTime * 1000;
      const nextMs = skipper.current === null || element.paused ? nowMs : skipper.current(nowMs);
      if (nextMs === null) element.pause();
      else if (nextMs - nowMs > 20 && !element.seeking) element.currentTime = nextMs / 1000;
      setPositionMs(nowMs);
      frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [video]);
  return positionMs;
}
