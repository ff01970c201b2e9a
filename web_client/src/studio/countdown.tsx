import { useTranslation } from 'react-i18next';
import { clockText } from '../components/clock';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { useNow } from '../components/use-now';

/** What is left by the server's clock. */
export function Countdown({ endsAtMs, label }: { endsAtMs: number; label?: string }) {
  const { t } = useTranslation();
  const { view } = useRoom();
  const leftMs = endsAtMs - useNow() - view.clockOffsetMs;
  const isOver = leftMs <= 0;
  // Rounded up: the last second reads 0:01, and 0:00 is the end.
  const time = clockText(Math.ceil(Math.max(0, leftMs) / 1000) * 1000);
  return (
    <span className={isOver ? 'chip chip--bad countdown' : 'chip chip--warn countdown'} role="timer" aria-label={label}>
      <Icon name="clock" size={18} />
      {isOver ? t('teach.timeOver') : time}
    </span>
  );
}
