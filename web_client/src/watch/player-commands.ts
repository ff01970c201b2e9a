import type { RefObject } from 'react';
import { useEffect, useMemo, useRef } from 'react';
import { isOnControl, isTyping } from '../components/typing';
import type { Ensemble } from './ensemble';
import { stepSpeed } from './speeds';

export interface PlayerCommands {
  togglePlay(): void;
  seekTo(positionS: number): void;
  seekBy(seconds: number): void;
  setSpeed(rate: number): void;
  stepSpeed(direction: 1 | -1): void;
  toggleMute(): void;
  setVolume(volume: number): void;
  stepVolume(direction: 1 | -1): void;
  toggleFullscreen(): void;
}

export const JUMP_S = 10;
const SMALL_JUMP_S = 5;
const VOLUME_STEP = 0.1;

type Element<T> = RefObject<T | null>;

export function usePlayerCommands(video: Element<HTMLVideoElement>, frame: Element<HTMLElement>, ensemble: Ensemble): PlayerCommands {
  return useMemo(() => makeCommands(video, frame, ensemble), [video, frame, ensemble]);
}

function makeCommands(video: Element<HTMLVideoElement>, frame: Element<HTMLElement>, ensemble: Ensemble): PlayerCommands {
  const withVideo = (act: (element: HTMLVideoElement) => void) => (): void => {
    if (video.current !== null) act(video.current);
  };
  const seekTo = (positionS: number): void =>
    withVideo((element) => {
      element.currentTime = Math.max(0, Math.min(positionS, element.duration || positionS));
    })();
  const setVolume = (volume: number): void =>
    withVideo((element) => {
      element.volume = Math.min(1, Math.max(0, volume));
      element.muted = false;
    })();
  const setSpeed = (rate: number): void =>
    withVideo((element) => {
      element.preservesPitch = true;
      element.playbackRate = rate;
      element.defaultPlaybackRate = rate; // another rendition begins with it
    })();
  return {
    togglePlay: () => (ensemble.isPlaying ? ensemble.pause() : ensemble.play()),
    seekTo,
    seekBy: (seconds) => withVideo((element) => seekTo(element.currentTime + seconds))(),
    setSpeed,
    stepSpeed: (direction) => withVideo((element) => setSpeed(stepSpeed(element.playbackRate, direction)))(),
    toggleMute: withVideo((element) => {
      element.muted = !element.muted;
    }),
    setVolume,
    stepVolume: (direction) => withVideo((element) => setVolume(element.volume + direction * VOLUME_STEP))(),
    toggleFullscreen: () => toggleFullscreen(frame.current, video.current),
  };
}

/** iPhones let only the video itself fill the screen. */
function toggleFullscreen(frame: HTMLElement | null, video: HTMLVideoElement | null): void {
  if (document.fullscreenElement !== null) {
    void document.exitFullscreen();
    return;
  }
  const onlyVideo = video as (HTMLVideoElement & { webkitEnterFullscreen?: () => void }) | null;
  if (frame !== null && document.fullscreenEnabled) frame.requestFullscreen().catch(() => undefined);
  else onlyVideo?.webkitEnterFullscreen?.();
}

/** What only the page can do. */
export interface PageCommands {
  stepChapter: (step: 1 | -1) => void;
  seekToTenth: (tenth: number) => void;
  toggleCaptions: () => void;
  showHelp: () => void;
}

function actionsOf(commands: PlayerCommands, page: PageCommands): Record<string, () => void> {
  const tenths = Array.from({ length: 10 }, (_, tenth) => [String(tenth), () => page.seekToTenth(tenth)] as const);
  return {
    ' ': commands.togglePlay,
    k: commands.togglePlay,
    j: () => commands.seekBy(-JUMP_S),
    l: () => commands.seekBy(JUMP_S),
    ArrowLeft: () => commands.seekBy(-SMALL_JUMP_S),
    ArrowRight: () => commands.seekBy(SMALL_JUMP_S),
    ArrowUp: () => commands.stepVolume(1),
    ArrowDown: () => commands.stepVolume(-1),
    '<': () => commands.stepSpeed(-1),
    '>': () => commands.stepSpeed(1),
    p: () => page.stepChapter(-1),
    n: () => page.stepChapter(1),
    c: page.toggleCaptions,
    m: commands.toggleMute,
    f: commands.toggleFullscreen,
    '?': page.showHelp,
    ...Object.fromEntries(tenths),
  };
}

/** As everywhere else where films play. */
export function usePlayerKeys(commands: PlayerCommands, page: PageCommands): void {
  const actions = useRef<Record<string, () => void>>({});
  useEffect(() => {
    actions.current = actionsOf(commands, page);
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.key === ' ' && isOnControl(event)) return;
      const action = actions.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}
