import type { RefObject } from 'react';
import { useEffect } from 'react';
import { tokenStore } from '../pages/token-store';
import { replays } from '../protocol/replays';
import type { Ensemble } from './ensemble';
import { storePosition } from './moment';
import { Played } from './played';
import type { Watched } from './use-watched';

const TELL_MS = 15_000;

/** Tells the server which parts were played and where one stopped, and keeps the latter on this computer too. */
export function useViewSession(video: RefObject<HTMLVideoElement | null>, ensemble: Ensemble, { replay, token }: Watched): void {
  const { resource, version } = replay;
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    const played = new Played();
    let view: Promise<string> | null = null;
    const tell = async (isOver: boolean): Promise<void> => {
      const parts = played.take();
      if (parts.length === 0) return;
      storePosition(window.localStorage, resource, element.currentTime);
      view ??= replays.beginView(resource, token, tokenStore.reason(resource)).then((begun) => begun.id);
      try {
        const position_ms = Math.round(element.currentTime * 1000);
        await replays.tellView(await view, token, { version, position_ms, played: parts, is_playing: ensemble.isPlaying, is_over: isOver });
      } catch {
        // Who watches is not troubled; the next time tells all.
        played.giveBack(parts);
        if (isOver) return;
        view = view.catch(() => null).then((id) => id ?? Promise.reject(new Error('no view')));
        view.catch(() => {
          view = null;
        });
      }
    };
    const note = (): void => {
      if (!element.paused && !element.seeking) played.at(element.currentTime * 1000);
    };
    const pause = (): void => {
      if (!element.seeking) played.at(element.currentTime * 1000);
      played.stop();
      if (!ensemble.isPlaying) void tell(false); // else it only waits for another picture
    };
    const stop = (): void => played.stop();
    const leave = (): void => void tell(true);
    const hide = (): void => {
      if (document.visibilityState === 'hidden') void tell(false);
    };
    element.addEventListener('timeupdate', note);
    element.addEventListener('playing', note);
    element.addEventListener('seeking', stop);
    element.addEventListener('pause', pause);
    window.addEventListener('pagehide', leave);
    document.addEventListener('visibilitychange', hide);
    const timer = setInterval(() => void tell(false), TELL_MS);
    return () => {
      clearInterval(timer);
      element.removeEventListener('timeupdate', note);
      element.removeEventListener('playing', note);
      element.removeEventListener('seeking', stop);
      element.removeEventListener('pause', pause);
      window.removeEventListener('pagehide', leave);
      document.removeEventListener('visibilitychange', hide);
      void tell(true);
    };
  }, [video, ensemble, resource, version, token]);
}
