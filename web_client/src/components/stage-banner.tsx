import { useTranslation } from 'react-i18next';
import { isOnStage } from '../room/selectors';
import { Icon } from './icons';
import { useObservable, useOwnSeat, useRoom } from './session-context';

/** Says without doubt that this room is seen, and whether it is heard. */
export function StageBanner() {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const own = useObservable(session.media.view);
  const seat = useOwnSeat();
  if (!isOnStage(room, seat.id)) return null;
  const isMuted = seat.muted;
  return (
    <div className={isMuted ? 'stage-banner stage-banner--muted' : 'stage-banner'} role="status" data-testid="on-stage">
      <Icon name={isMuted || own.isMuted ? 'microphone-off' : 'microphone'} size={44} />
      <div>
        <strong>{t(isMuted ? 'classroom.onStageMuted' : 'classroom.onStage')}</strong>
        <p>{t(isMuted ? 'classroom.onStageMutedHint' : 'classroom.onStageHint')}</p>
      </div>
      <button
        type="button"
        className="button button--large"
        data-testid={`stage-revoke-${seat.id}`}
        onClick={() => void session.act({ type: 'floor_revoke', seat: seat.id })}
      >
        <Icon name="stage-off" size={28} />
        {t('classroom.leaveStage')}
      </button>
    </div>
  );
}
