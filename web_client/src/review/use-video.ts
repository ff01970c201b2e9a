import Hls from 'hls.js';
import type { RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';

export interface VideoState {
  positionMs: number;
  isPlaying: boolean;
  isFailed: boolean;
}

/** Plays the fast replay; `skip` says before each picture where a preview goes on (null: it is over). */
export function useVideo(video: RefObject<HTMLVideoElement | null>, url: string | null, skip: ((positionMs: number) => number | null) | null): VideoState {
  const [state, setState] = useState<VideoState>({ positionMs: 0, isPlaying: false, isFailed: false });
  const skipper = useRef(skip);
  useEffect(() => {
    skipper.current = skip;
  }, [skip]);
  useEffect(() => {
    const element = video.current;
    if (element === null || url === null) return;
    return playIn(element, url, () => setState((before) => ({ ...before, isFailed: true })));
  }, [video, url]);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let frame = 0;
    const look = (): void => {
      const positionMs = element.currentTime * 1000;
      const nextMs = skipper.current === null || element.paused ? positionMs : skipper.current(positionMs);
      if (nextMs === null) element.pause();
      else if (nextMs - positionMs > 20 && !element.seeking) element.currentTime = nextMs / 1000;
      setState((before) =>
        before.positionMs === positionMs && before.isPlaying !== element.paused ? before : { ...before, positionMs, isPlaying: !element.paused },
      );
      frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [video]);
  return state;
}

function playIn(element: HTMLVideoElement, url: string, fail: () => void): () => void {
  if (!Hls.isSupported()) {
    element.src = url;
    return () => element.removeAttribute('src');
  }
  const hls = new Hls({ startPosition: 0 });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (data.fatal) fail();
  });
  hls.loadSource(url);
  hls.attachMedia(element);
  return () => hls.destroy();
}
