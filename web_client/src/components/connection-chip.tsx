import { useTranslation } from 'react-i18next';
import { connectionHealth } from './connection-health';
import { Icon } from './icons';
import { useRoom } from './session-context';
import { useNow } from './use-now';
import { clockText } from './clock';

const LOOK = {
  connected: { chip: 'chip chip--good', icon: 'signal' },
  connecting: { chip: 'chip chip--warn', icon: 'signal' },
  media: { chip: 'chip chip--warn', icon: 'signal-off' },
  lost: { chip: 'chip chip--bad', icon: 'signal-off' },
} as const;

export function ConnectionChip() {
  const { t } = useTranslation();
  const { view } = useRoom();
  const health = connectionHealth(view);
  const look = LOOK[health];
  return (
    <span className={look.chip} role="status" data-testid="connection-state" data-state={health}>
      <Icon name={look.icon} size={18} />
      {t(`connection.${health}`)}
    </span>
  );
}

/** Across the screen while nothing comes: what happened, for how long, and what to do. */
export function LostBanner() {
  const { t } = useTranslation();
  const { view } = useRoom();
  const now = useNow();
  if (connectionHealth(view) !== 'lost' || view.lostSinceMs === null) return null;
  return (
    <div className="lost-banner" role="alert">
      <Icon name="signal-off" size={36} />
      <div>
        <strong>{t('connection.comingBack', { time: clockText(now - view.lostSinceMs) })}</strong>
        <p>{t('connection.comingBackHint')}</p>
      </div>
    </div>
  );
}
