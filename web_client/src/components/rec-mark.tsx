import { useTranslation } from 'react-i18next';
import { Icon } from './icons';
import { useRoom } from './session-context';

/** The recording mark of every screen. A failure says in words what it means. */
export function RecMark() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const { state, policy, reason } = room.recording;
  switch (state) {
    case 'recording':
      return (
        <span className="chip chip--rec" data-testid="rec" data-state={state} title={t([`recording.policy.${policy}`, 'recording.policy.other'])}>
          <span className="rec-dot" aria-hidden="true" />
          {t('recording.recording')}
          <small>{t([`recording.short.${policy}`, 'recording.short.other'])}</small>
        </span>
      );
    case 'failed':
      return (
        <span className="chip chip--bad" data-testid="rec" data-state={state} role="status" title={t([`recording.reason.${reason ?? ''}`, 'recording.reason.other'])}>
          <Icon name="warning" size={18} />
          {t('recording.failed')}
        </span>
      );
    case 'paused':
    case 'off':
      return (
        <span className="chip" data-testid="rec" data-state={state}>
          <span className="rec-dot rec-dot--off" aria-hidden="true" />
          {t(`recording.${state}`)}
        </span>
      );
  }
}

/** Below the header while the recording has failed: the reason and what to do. */
export function RecordingFault() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const { state, reason } = room.recording;
  if (state !== 'failed') return null;
  return (
    <p className="fault recording-fault" role="alert">
      <Icon name="warning" />
      {t([`recording.reason.${reason ?? ''}`, 'recording.reason.other'])}
    </p>
  );
}
