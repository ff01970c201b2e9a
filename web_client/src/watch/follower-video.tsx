import type { RefObject } from 'react';
import { useEffect, useRef } from 'react';
import type { Picture } from '../protocol/replays';
import type { Ensemble } from './ensemble';
import { useHls } from './use-hls';
import type { Signed } from './use-signed';

interface FollowerVideoProps {
  picture: Pick<Picture, 'kind' | 'hls_url' | 'poster_url'>;
  leader: RefObject<HTMLVideoElement | null>;
  ensemble: Ensemble;
  signed: Pick<Signed, 'signatures' | 'renew'>;
  isSmallest: boolean;
  /** The others wait for it. */
  isEssential: boolean;
  /** It has a voice of its own, which the leader's sound has not. */
  isHeard: boolean;
  label: string;
}

/** A picture that is held to the leader's clock. */
export function FollowerVideo({ picture, leader, ensemble, signed, isSmallest, isEssential, isHeard, label }: FollowerVideoProps) {
  const video = useRef<HTMLVideoElement>(null);
  useHls(video, { url: picture.hls_url, startS: () => leader.current?.currentTime ?? 0, isSmallest, signed, attempt: 0 });
  useEffect(() => {
    const element = video.current;
    return element === null ? undefined : ensemble.add(element, isEssential);
  }, [ensemble, isEssential]);
  useEffect(() => {
    const [own, heard] = [video.current, leader.current];
    if (own === null || heard === null) return;
    const follow = (): void => {
      own.muted = !isHeard || heard.muted;
      own.volume = heard.volume;
    };
    follow();
    heard.addEventListener('volumechange', follow);
    return () => heard.removeEventListener('volumechange', follow);
  }, [leader, isHeard]);
  return <video ref={video} className="pane__video" data-testid={`replay-${picture.kind}`} aria-label={label} poster={picture.poster_url ?? undefined} playsInline muted />;
}
