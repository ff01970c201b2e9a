/** A picture and a voice of the recording, where the live ones stand otherwise. */
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { LiveResource } from '../protocol/rest';
import { chaseRate, JUMP_S } from '../watch/ensemble';
import { REJOIN_MS, useCatchUp } from './catch-up-context';
import type { Dvr } from './dvr';

/** Pitch is kept: browsers do that by themselves. */
export const CATCH_UP_RATE = 1.25;
const PERIOD_MS = 100;

/** What the teacher's recording shows now; the others follow it. */
const leader: { playingMs: number | null } = { playingMs: null };

interface DvrTileProps {
  live: LiveResource;
  fromMs: number;
  name: string;
  fit?: 'cover' | 'contain';
}

export function DvrTile({ live, fromMs, name, fit = 'cover' }: DvrTileProps) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { report, fail, liveNow } = useCatchUp();
  const video = useRef<HTMLVideoElement>(null);
  const isLeader = live.kind === 'teacher';
  useEffect(() => {
    const element = video.current;
    if (element === null) return;
    let dvr: Dvr | null = null;
    let isGone = false;
    import('./dvr')
      .then((loaded) => {
        if (isGone) return;
        dvr = new loaded.Dvr(element, live.live_url, fromMs, isLeader ? fail : () => undefined);
        element.play().catch(() => undefined);
      })
      .catch(fail);
    const lead = (): void => {
      leader.playingMs = dvr?.playingMs ?? null;
      if (dvr === null || leader.playingMs === null) return;
      element.playbackRate = CATCH_UP_RATE;
      const { clockOffsetMs, room } = session.view.get();
      const behindMs = Math.max(0, Date.now() + clockOffsetMs - leader.playingMs);
      report(behindMs);
      // A recording that is late is waited for, or a stretch would be missed; while the lesson stands still it has an end.
      const isStill = room?.lesson.state === 'suspended';
      if (behindMs <= REJOIN_MS || (isStill && dvr.isAtTheEdge())) liveNow();
    };
    const chase = (): void => {
      const ownMs = dvr?.playingMs ?? null;
      if (ownMs === null || leader.playingMs === null) return;
      const lagS = (leader.playingMs - ownMs) / 1000;
      const isFar = Math.abs(lagS) > JUMP_S;
      if (isFar && !element.seeking) element.currentTime += lagS;
      element.playbackRate = isFar ? CATCH_UP_RATE : chaseRate(lagS, CATCH_UP_RATE);
    };
    const timer = setInterval(isLeader ? lead : chase, PERIOD_MS);
    return () => {
      isGone = true;
      clearInterval(timer);
      if (isLeader) leader.playingMs = null;
      dvr?.close();
    };
  }, [live.live_url, fromMs, isLeader, session, report, fail, liveNow]);
  return (
    <figure className={`tile tile--${fit} dvr-tile`}>
      <video ref={video} className="picture" autoPlay playsInline aria-label={t('catchUp.pictureOf', { name })} data-testid={`dvr-${live.kind}`} />
      <figcaption className="tile__caption">
        <span className="tile__name">{name}</span>
      </figcaption>
    </figure>
  );
}
