import type { RefObject } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ensemble } from '../watch/ensemble';
import { FollowerVideo } from '../watch/follower-video';
import type { HlsFault } from '../watch/use-hls';
import type { Signed } from '../watch/use-signed';
import type { TaughtPicture } from './use-taught';

interface ReviewPicturesProps {
  /** The first leads. */
  pictures: readonly TaughtPicture[];
  without: readonly string[];
  video: RefObject<HTMLVideoElement | null>;
  ensemble: Ensemble;
  signed: Pick<Signed, 'signatures' | 'renew'>;
  fault: HlsFault;
  onToggle: () => void;
}

/** Teacher and screen beside each other, or the one picture that is looked at; the leader plays on unseen. */
export function ReviewPictures({ pictures, without, video, ensemble, signed, fault, onToggle }: ReviewPicturesProps) {
  const { t } = useTranslation();
  const [chosen, setChosen] = useState<string | null>(null);
  const [leader, ...others] = pictures;
  const stages = pictures.filter((one) => one.kind === 'stage');
  const nameOf = (one: TaughtPicture): string => t(`schedule.kind.${one.kind}`) + (one.kind === 'stage' && stages.length > 1 ? ` ${stages.indexOf(one) + 1}` : '');
  const hasChosen = pictures.some((one) => one.id === chosen);
  const isSeen = (one: TaughtPicture): boolean => (hasChosen ? one.id === chosen : one === leader || one.kind !== 'stage');
  const caption = (one: TaughtPicture) => (
    <figcaption className="pane__label">{without.includes(one.id) ? t('review.leftOut', { name: nameOf(one) }) : nameOf(one)}</figcaption>
  );
  return (
    <div className="review__pictures" data-count={pictures.filter(isSeen).length}>
      {others.length > 0 && (
        <div className="switch review__shown" role="group" aria-label={t('review.shown')}>
          <button type="button" aria-pressed={!hasChosen} onClick={() => setChosen(null)}>
            {t('review.together')}
          </button>
          {pictures.map((one) => (
            <button key={one.id} type="button" aria-pressed={one.id === chosen} onClick={() => setChosen(one.id)}>
              {nameOf(one)}
            </button>
          ))}
        </div>
      )}
      {/* A convenience for mouse and finger; the play button below serves keyboards and readers. */}
      <figure role="presentation" className="review__picture" data-seen={leader === undefined || isSeen(leader)} onClick={onToggle}>
        <video ref={video} data-testid="review-video" poster={leader?.poster_url ?? undefined} aria-label={leader === undefined ? t('watch.teacher') : nameOf(leader)} playsInline />
        {leader !== undefined && caption(leader)}
      </figure>
      {others.filter(isSeen).map((one) => (
        <figure key={one.id} role="presentation" className="review__picture" data-seen="true" onClick={onToggle}>
          <FollowerVideo picture={one} leader={video} ensemble={ensemble} signed={signed} isSmallest={false} isEssential isHeard={!without.includes(one.id)} label={nameOf(one)} />
          {caption(one)}
        </figure>
      ))}
      {fault !== null && (
        <p className="fault review__fault" role="alert">
          {t(fault === 'broken' ? 'watch.playFailed' : 'watch.offline')}
        </p>
      )}
    </div>
  );
}
