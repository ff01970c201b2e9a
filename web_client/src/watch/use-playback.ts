import type { RefObject } from 'react';
import { useEffect, useState } from 'react';
import { Ensemble } from './ensemble';

export interface Playback {
  positionS: number;
  durationS: number;
  bufferedS: number;
  isPlaying: boolean;
  isWaiting: boolean;
  isMuted: boolean;
  volume: number;
  rate: number;
}

const EVENTS = ['timeupdate', 'durationchange', 'progress', 'ended', 'waiting', 'playing', 'seeking', 'seeked', 'volumechange', 'ratechange'] as const;
const ALIGN_AT = ['seeking', 'seeked', 'ratechange', 'canplay'] as const;
const TICK_MS = 100;

const START: Playback = {
  positionS: 0,
  durationS: 0,
  bufferedS: 0,
  isPlaying: false,
  isWaiting: false,
  isMuted: false,
  volume: 1,
  rate: 1,
};

function read(video: HTMLVideoElement, ensemble: Ensemble): Playback {
  const { buffered, duration } = video;
  return {
    positionS: video.currentTime,
    durationS: Number.isFinite(duration) ? duration : 0,
    bufferedS: buffered.length === 0 ? 0 : buffered.end(buffered.length - 1),
    isPlaying: ensemble.isPlaying && !video.ended,
    isWaiting: ensemble.isWaiting && !video.ended,
    isMuted: video.muted,
    volume: video.volume,
    rate: video.playbackRate,
  };
}

/** The leader's element as an ensemble, and what it does as state. */
export function usePlayback(video: RefObject<HTMLVideoElement | null>): { playback: Playback; ensemble: Ensemble } {
  const [playback, setPlayback] = useState(START);
  const [ensemble] = useState(() => new Ensemble(() => video.current));
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const update = (): void => setPlayback(read(element, ensemble));
    const tick = (): void => ensemble.tick(performance.now());
    const pause = (): void => ensemble.leaderPaused();
    const play = (): void => ensemble.leaderStarted();
    const deaf = ensemble.listen(update);
    for (const name of EVENTS) element.addEventListener(name, update);
    for (const name of ALIGN_AT) element.addEventListener(name, tick);
    element.addEventListener('pause', pause);
    element.addEventListener('play', play);
    const timer = setInterval(tick, TICK_MS);
    return () => {
      clearInterval(timer);
      deaf();
      for (const name of EVENTS) element.removeEventListener(name, update);
      for (const name of ALIGN_AT) element.removeEventListener(name, tick);
      element.removeEventListener('pause', pause);
      element.removeEventListener('play', play);
    };
  }, [video, ensemble]);
  return { playback, ensemble };
}
