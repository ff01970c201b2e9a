import Hls from 'hls.js';
import type { RefObject } from 'react';
import { useEffect, useState } from 'react';

export interface HlsState {
  /** When the first frame was taken, if the playlist says so; ms since the epoch. */
  startDateMs: number | null;
  isFailed: boolean;
}

/** A short network failure is tried again by hls.js itself; this many fatal ones are not. */
const RECOVERIES = 3;

/** Plays an HLS address in a video element: by hls.js, or by the browser itself where hls.js cannot (iPhone). */
export function useHls(video: RefObject<HTMLVideoElement | null>, url: string, attempt: number): HlsState {
  const [state, setState] = useState<HlsState>({ startDateMs: null, isFailed: false });
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const report = (change: Partial<HlsState>): void => setState((present) => ({ ...present, ...change }));
    const stop = Hls.isSupported() ? playByHls(element, url, report) : playNatively(element, url, report);
    return () => {
      stop();
      setState({ startDateMs: null, isFailed: false });
    };
  }, [video, url, attempt]);
  return state;
}

function playByHls(element: HTMLVideoElement, url: string, report: (change: Partial<HlsState>) => void): () => void {
  // A replay starts at its beginning even while its playlist is still growing.
  const hls = new Hls({ startPosition: 0, maxBufferLength: 30 });
  let recoveries = 0;
  hls.on(Hls.Events.LEVEL_LOADED, (_event, data) => {
    const startDateMs = data.details.fragments[0]?.programDateTime ?? null;
    if (startDateMs !== null) report({ startDateMs });
  });
  hls.on(Hls.Events.ERROR, (_event, data) => {
    if (!data.fatal) return;
    recoveries += 1;
    if (recoveries > RECOVERIES) {
      report({ isFailed: true });
      return;
    }
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR) hls.recoverMediaError();
    else if (data.details === Hls.ErrorDetails.MANIFEST_LOAD_ERROR) hls.loadSource(url);
    else hls.startLoad();
  });
  hls.loadSource(url);
  hls.attachMedia(element);
  return () => hls.destroy();
}

function playNatively(element: HTMLVideoElement, url: string, report: (change: Partial<HlsState>) => void): () => void {
  const fail = (): void => report({ isFailed: true });
  const readDate = (): void => {
    const dated = element as HTMLVideoElement & { getStartDate?: () => Date };
    const startDateMs = dated.getStartDate?.().getTime() ?? Number.NaN;
    if (Number.isFinite(startDateMs)) report({ startDateMs });
  };
  element.addEventListener('error', fail);
  element.addEventListener('loadedmetadata', readDate);
  element.src = url;
  return () => {
    element.removeEventListener('error', fail);
    element.removeEventListener('loadedmetadata', readDate);
    element.removeAttribute('src');
    element.load();
  };
}
