import type { RefObject } from 'react';
import { useEffect, useState } from 'react';

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

const EVENTS = [
  'timeupdate',
  'durationchange',
  'progress',
  'play',
  'pause',
  'ended',
  'waiting',
  'playing',
  'seeking',
  'seeked',
  'volumechange',
  'ratechange',
] as const;

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

function read(video: HTMLVideoElement): Playback {
  const { buffered, duration } = video;
  return {
    positionS: video.currentTime,
    durationS: Number.isFinite(duration) ? duration : 0,
    bufferedS: buffered.length === 0 ? 0 : buffered.end(buffered.length - 1),
    isPlaying: !video.paused && !video.ended,
    isWaiting: !video.paused && video.readyState < HTMLMediaElement.HAVE_FUTURE_DATA,
    isMuted: video.muted,
    volume: video.volume,
    rate: video.playbackRate,
  };
}

/** What a media element does, as state. */
export function usePlayback(video: RefObject<HTMLVideoElement | null>): Playback {
  const [playback, setPlayback] = useState(START);
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const update = (): void => setPlayback(read(element));
    for (const name of EVENTS) element.addEventListener(name, update);
    return () => {
      for (const name of EVENTS) element.removeEventListener(name, update);
    };
  }, [video]);
  return playback;
}
