import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useRoom } from '../components/session-context';
import { master } from '../room/selectors';
import { useHeldKey } from './keys';

/** Hold to talk to the master alone; says who hears, before and while it is held. */
export function WhisperButton() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const { media } = session;
  const own = useObservable(media.view);
  const teacher = master(room);
  const canWhisper = own.microphone !== null && teacher !== null && teacher.connected;
  const hold = (isHeld: boolean): void => void media.setWhispering(isHeld && canWhisper);
  useHeldKey('w', hold);
  const name = teacher?.name || t('role.master');
  return (
    <div className="whisper" data-whispering={own.isWhispering}>
      <button
        type="button"
        className={own.isWhispering ? 'button button--lamp button--large' : 'button button--large'}
        data-testid="whisper"
        aria-pressed={own.isWhispering}
        aria-keyshortcuts="W"
        disabled={!canWhisper}
        onPointerDown={() => hold(true)}
        onPointerUp={() => hold(false)}
        onPointerLeave={() => hold(false)}
        onKeyDown={(event) => {
          if ((event.key === ' ' || event.key === 'Enter') && !event.repeat) hold(true);
        }}
        onKeyUp={(event) => {
          if (event.key === ' ' || event.key === 'Enter') hold(false);
        }}
        onBlur={() => hold(false)}
      >
        <Icon name="microphone" size={26} />
        {t('panel.whisper', { name })}
        <kbd>W</kbd>
      </button>
      <p role="status">
        {own.isWhispering ? (
          <strong>{t('panel.whisperNow', { name })}</strong>
        ) : (
          t(canWhisper ? 'panel.whisperHint' : own.microphone === null ? 'panel.whisperNoMicrophone' : 'panel.whisperNobody', { name })
        )}
      </p>
    </div>
  );
}

/** The master's whisper to this seat, while it reaches it. */
export function HeardWhisper() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const own = session.joined.seat.id;
  const from = Object.entries(room.controls.whispers).find(([, to]) => to === own)?.[0];
  if (from === undefined) return null;
  return (
    <p className="floor-note" role="status" data-testid="heard-whisper">
      <Icon name="sound" size={26} />
      {t('panel.whisperHeard', { name: room.seats.get(from)?.name || t('role.master') })}
    </p>
  );
}
