import type { ErrorData, HlsConfig } from 'hls.js';
import Hls from 'hls.js';
import type { RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';
import { resigned } from './addresses';
import type { Signed } from './use-signed';

/** `offline`: it goes on by itself; `broken`: it does not. */
export type HlsFault = 'offline' | 'broken' | null;

export interface HlsSource {
  url: string;
  /** Read when loading begins. */
  startS: () => number;
  /** The smallest rendition alone. */
  isSmallest: boolean;
  signed: Pick<Signed, 'signatures' | 'renew'>;
  attempt: number;
}

/** A damaged segment is skipped; so many are not. */
const RECOVERIES = 3;
const RETRY_MS = 2000;
const UNAUTHORIZED = 401;
/** Forbidden, unknown, gone: asking again by itself brings nothing. */
const GONE: readonly number[] = [403, 404, 410];

/** Plays an HLS address in a video element: by hls.js, or by the browser itself where hls.js cannot. */
export function useHls(video: RefObject<HTMLVideoElement | null>, source: HlsSource): HlsFault {
  const { url, isSmallest, attempt, signed, startS } = source;
  const { signatures, renew } = signed;
  const [fault, setFault] = useState<HlsFault>(null);
  const start = useRef(startS);
  useEffect(() => {
    start.current = startS;
  });
  useEffect(() => {
    const element = video.current;
    if (element === null || url === '') return;
    const play = Hls.isSupported() ? playByHls : playNatively;
    const stop = play({ element, url, isSmallest, atS: start.current(), sign: (one) => resigned(one, signatures.current), renew, report: setFault });
    return () => {
      stop();
      setFault(null);
    };
  }, [video, url, isSmallest, attempt, signatures, renew]);
  return fault;
}

interface Playing {
  element: HTMLVideoElement;
  url: string;
  isSmallest: boolean;
  atS: number;
  sign: (url: string) => string;
  renew: () => Promise<void>;
  report: (fault: HlsFault) => void;
}

function configOf({ atS, sign }: Playing): Partial<HlsConfig> {
  return {
    startPosition: atS,
    maxBufferLength: 30,
    capLevelToPlayerSize: true,
    // A page that carries the replay offline has no server to ask; here each request takes the newest signature.
    xhrSetup: (xhr, url) => xhr.open('GET', sign(url), true),
  };
}

function playByHls(playing: Playing): () => void {
  const { element, url, atS, isSmallest, renew, report } = playing;
  const hls = new Hls(configOf(playing));
  let recoveries = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const again = (): void => {
    if (hls.levels.length === 0) hls.loadSource(url);
    else hls.startLoad();
  };
  const fail = (data: ErrorData): void => {
    if (data.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries++ < RECOVERIES) return hls.recoverMediaError();
    if (data.type !== Hls.ErrorTypes.NETWORK_ERROR || GONE.includes(data.response?.code ?? 0)) return report('broken');
    report('offline');
    clearTimeout(timer);
    timer = setTimeout(again, RETRY_MS);
  };
  hls.on(Hls.Events.MANIFEST_PARSED, () => {
    // The levels are in the order of their rates.
    if (isSmallest) hls.loadLevel = 0;
  });
  hls.on(Hls.Events.FRAG_LOADED, () => report(null));
  hls.on(Hls.Events.ERROR, (_event, data) => {
    const isExpired = data.response?.code === UNAUTHORIZED;
    if (isExpired) void renew().then(() => data.fatal && again());
    if (data.fatal && !isExpired) fail(data);
  });
  // hls.js goes to the start a moment after the segment around it has come: its beginning would be heard before.
  const place = (): void => {
    if (element.currentTime < atS) element.currentTime = atS;
  };
  element.addEventListener('loadedmetadata', place, { once: true });
  window.addEventListener('online', again);
  hls.loadSource(url);
  hls.attachMedia(element);
  return () => {
    clearTimeout(timer);
    element.removeEventListener('loadedmetadata', place);
    window.removeEventListener('online', again);
    hls.destroy();
  };
}

function playNatively({ element, url, atS, sign, renew, report }: Playing): () => void {
  let startS = atS;
  const begin = (): void => {
    element.src = sign(url);
  };
  const fail = (): void => {
    startS = element.currentTime > 0 ? element.currentTime : startS;
    report(element.error?.code === MediaError.MEDIA_ERR_DECODE ? 'broken' : 'offline');
    void renew().then(() => setTimeout(begin, RETRY_MS));
  };
  const place = (): void => {
    element.currentTime = startS;
    report(null);
  };
  element.addEventListener('error', fail);
  element.addEventListener('loadedmetadata', place);
  begin();
  return () => {
    element.removeEventListener('error', fail);
    element.removeEventListener('loadedmetadata', place);
    element.removeAttribute('src');
    element.load();
  };
}
