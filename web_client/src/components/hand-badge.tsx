import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { Icon } from './icons';
import { useRoom } from './session-context';
import { useElapsed } from './use-elapsed';

/** The sign of a raised hand, with the time it has been up. */
export function HandBadge({ seat }: { seat: Seat }) {
  if (seat.hand_at_ms === null) return null;
  return <WaitingHand atMs={seat.hand_at_ms} />;
}

function WaitingHand({ atMs }: { atMs: number }) {
  const { t } = useTranslation();
  const { view } = useRoom();
  const time = useElapsed(atMs, view.clockOffsetMs);
  return (
    <span className="hand-badge" aria-label={t('studio.handUp', { time })}>
      <Icon name="hand" size={20} />
      {time}
    </span>
  );
}
