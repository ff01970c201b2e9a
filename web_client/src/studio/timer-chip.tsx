import { useTranslation } from 'react-i18next';
import { leftText } from '../components/clock';
import { Icon } from '../components/icons';
import { useServerNow } from '../components/server-now';

/** What is left by the server's clock, beside other things. */
export function TimerChip({ endsAtMs, label }: { endsAtMs: number; label?: string }) {
  const { t } = useTranslation();
  const leftMs = endsAtMs - useServerNow();
  const isOver = leftMs <= 0;
  return (
    <span className={isOver ? 'chip chip--bad timer-chip' : 'chip chip--warn timer-chip'} role="timer" aria-label={label}>
      <Icon name="clock" size={18} />
      {isOver ? t('teach.timeOver') : leftText(leftMs)}
    </span>
  );
}
