import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import { useObservable, useOwnSeat, useRoom } from './session-context';
import { TrackVideo } from './track-video';

/** The own picture while it is shown to all; not mirrored: a room wants to see what the others see. */
export function OwnStageTile() {
  const { t } = useTranslation();
  const { session } = useRoom();
  const own = useObservable(session.media.view);
  const seat = useOwnSeat();
  const label = t(seat.role === 'classroom' ? 'classroom.ownPicture' : 'common.you');
  const isSilent = seat.muted || own.isMuted || own.microphone === null;
  return (
    <figure className="tile tile--own">
      <TrackVideo track={own.camera} label={label} testId="preview-camera" />
      {own.camera === null && (
        <p className="tile__missing">
          <Icon name="camera-off" size={34} />
          {t('tile.cameraOff')}
        </p>
      )}
      <figcaption className="tile__caption">
        <span className="tile__name">{label}</span>
        <span className="tile__sign">
          <Icon name={isSilent ? 'microphone-off' : 'microphone'} />
        </span>
      </figcaption>
    </figure>
  );
}
