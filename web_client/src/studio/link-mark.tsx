import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import type { Seat } from '../protocol/messages';
import { usePictureHealth } from './use-picture-health';

const LOOK = {
  steady: { className: 'mark mark--good', icon: 'signal' },
  halting: { className: 'mark mark--warn', icon: 'signal' },
  still: { className: 'mark mark--bad', icon: 'signal-off' },
  away: { className: 'mark mark--bad', icon: 'signal-off' },
  unknown: { className: 'mark', icon: 'signal' },
} as const;

/** How the room's link does, in a word and a sign. */
export function LinkMark({ seat, isSending }: { seat: Seat; isSending: boolean }) {
  const { t } = useTranslation();
  const health = usePictureHealth(seat.id);
  const state = !seat.connected ? 'away' : isSending && health !== null ? health : 'unknown';
  const look = LOOK[state];
  return (
    <span className={look.className} data-link={state}>
      <Icon name={look.icon} size={16} />
      {t(`teach.link.${state}`)}
    </span>
  );
}
