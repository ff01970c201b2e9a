import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { Icon } from './icons';
import { useRoom } from './session-context';

const STAGE_SEATS = 3;

/** One tap puts a seat on stage; a full stage says so before the server has to. */
export function GrantButton({ seat, testId }: { seat: Seat; testId: string }) {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const isFull = room.stage.length >= STAGE_SEATS;
  const isWaiting = seat.hand_at_ms !== null;
  return (
    <button
      type="button"
      className={isWaiting ? 'button button--small button--lamp' : 'button button--small button--primary'}
      data-testid={testId}
      disabled={isFull || !seat.connected}
      title={isFull ? t('studio.stageFull') : undefined}
      aria-label={t('studio.grantSeat', { name: seat.name || t(`role.${seat.role}`) })}
      onClick={() => void session.act({ type: 'floor_grant', seat: seat.id })}
    >
      <Icon name="stage" size={20} />
      {t('studio.grant')}
    </button>
  );
}
