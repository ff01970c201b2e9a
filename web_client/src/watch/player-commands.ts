import type { RefObject } from 'react';
import { useEffect, useRef, useState } from 'react';
import { isOnControl, isTyping } from '../components/typing';
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

const JUMP_S = 10;
const VOLUME_STEP = 0.1;

function makeCommands(video: RefObject<HTMLVideoElement | null>, frame: RefObject<HTMLElement | null>): PlayerCommands {
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
  return {
    togglePlay: withVideo((element) => {
      if (element.paused) element.play().catch(() => undefined);
      else element.pause();
    }),
    seekTo,
    seekBy: (seconds) => withVideo((element) => seekTo(element.currentTime + seconds))(),
    setSpeed: (rate) =>
      withVideo((element) => {
        element.preservesPitch = true;
        element.playbackRate = rate;
      })(),
    stepSpeed: (direction) =>
      withVideo((element) => {
        element.playbackRate = stepSpeed(element.playbackRate, direction);
      })(),
    toggleMute: withVideo((element) => {
      element.muted = !element.muted;
    }),
    setVolume,
    stepVolume: (direction) => withVideo((element) => setVolume(element.volume + direction * VOLUME_STEP))(),
    toggleFullscreen: () => toggleFullscreen(frame.current, video.current),
  };
}

export function usePlayerCommands(video: RefObject<HTMLVideoElement | null>, frame: RefObject<HTMLElement | null>): PlayerCommands {
  const [commands] = useState(() => makeCommands(video, frame));
  return commands;
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

/** Space and k, arrows, < >, m, f: as everywhere else where films play; brackets step through chapters. */
export function usePlayerKeys(commands: PlayerCommands, stepChapter: (step: 1 | -1) => void): void {
  const stepping = useRef(stepChapter);
  useEffect(() => {
    stepping.current = stepChapter;
  });
  useEffect(() => {
    const actions: Record<string, () => void> = {
      ' ': commands.togglePlay,
      k: commands.togglePlay,
      ArrowLeft: () => commands.seekBy(-JUMP_S),
      ArrowRight: () => commands.seekBy(JUMP_S),
      ArrowUp: () => commands.stepVolume(1),
      ArrowDown: () => commands.stepVolume(-1),
      '<': () => commands.stepSpeed(-1),
      '>': () => commands.stepSpeed(1),
      '[': () => stepping.current(-1),
      ']': () => stepping.current(1),
      m: commands.toggleMute,
      f: commands.toggleFullscreen,
    };
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
      if (event.key === ' ' && isOnControl(event)) return;
      const action = actions[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [commands]);
}
