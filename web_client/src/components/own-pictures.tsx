import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import { useObservable, useRoom } from './session-context';
import { TrackVideo } from './track-video';

/** What this person sends, as they see it: the camera mirrored, the shared screen as it is. */
export function OwnPictures() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const own = useObservable(session.media.view);
  return (
    <section className="own" aria-label={t('studio.own')}>
      <figure className="tile own__camera">
        <TrackVideo track={own.camera} label={t('studio.own')} testId="preview-camera" isMirrored />
        {own.camera === null && (
          <p className="tile__missing">
            <Icon name="camera-off" size={34} />
            {t('tile.cameraOff')}
          </p>
        )}
        <figcaption className="tile__caption">
          <span className="tile__name">{t('common.you')}</span>
          <span className="tile__sign">
            <Icon name={own.isMuted || own.microphone === null ? 'microphone-off' : 'microphone'} size={18} />
          </span>
        </figcaption>
      </figure>
      {own.screen !== null && (
        <figure className="tile tile--contain own__screen">
          <TrackVideo track={own.screen} label={t('studio.ownScreen')} testId="preview-screen" />
          <figcaption className="tile__caption">
            <span className="tile__name">{t('studio.ownScreen')}</span>
          </figcaption>
        </figure>
      )}
    </section>
  );
}
