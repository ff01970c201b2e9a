import type { RefObject } from 'react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Resource } from '../protocol/rest';
import { follow } from './follow';
import { useHls } from './use-hls';

const PERIOD_MS = 250;

interface ScreenVideoProps {
  screen: Resource;
  leader: RefObject<HTMLVideoElement | null>;
  leaderStartMs: number | null;
}

/** The shared screen, silent, held to the teacher's clock; the dates in both playlists tell how they lie. */
export function ScreenVideo({ screen, leader, leaderStartMs }: ScreenVideoProps) {
  const { t } = useTranslation();
  const video = useRef<HTMLVideoElement>(null);
  const { startDateMs } = useHls(video, screen.hls_url ?? '', 0);
  const offsetS = startDateMs === null || leaderStartMs === null ? 0 : (startDateMs - leaderStartMs) / 1000;

  useEffect(() => {
    const adjust = (): void => {
      const follower = video.current;
      const teacher = leader.current;
      if (follower === null || teacher === null || follower.readyState < HTMLMediaElement.HAVE_METADATA) return;
      const { seekToS, rate } = follow(teacher.currentTime, follower.currentTime, offsetS, teacher.playbackRate);
      if (seekToS !== null && !follower.seeking) follower.currentTime = Math.min(seekToS, follower.duration || seekToS);
      follower.playbackRate = rate;
      const hasBegun = teacher.currentTime >= offsetS;
      if (teacher.paused || !hasBegun) follower.pause();
      else if (follower.paused && !follower.ended) follower.play().catch(() => undefined);
    };
    const timer = setInterval(adjust, PERIOD_MS);
    return () => clearInterval(timer);
  }, [leader, offsetS]);

  return (
    <video ref={video} className="player__screen" data-testid="replay-screen" aria-label={t('watch.screen')} poster={screen.poster_url ?? undefined} playsInline muted />
  );
}
