import { useTranslation } from 'react-i18next';
import { GrantButton } from '../components/grant-button';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import type { Pick } from '../protocol/board';
import { isOnStage } from '../room/selectors';
import { useNameOf } from './use-seat-name';

/** Whom or what chance chose; a room can be called at once. */
export function PickResult({ pick }: { pick: Pick }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const nameOf = useNameOf();
  const seat = pick.seat === null ? null : (room.seats.get(pick.seat) ?? null);
  return (
    <p className="pick" role="status" data-testid="pick">
      <Icon name="dice" />
      {pick.number !== null ? (
        <strong>{t('teach.pick.chosenNumber', { number: pick.number, of: pick.of })}</strong>
      ) : (
        <strong>{t('teach.pick.chosen', { name: seat === null ? (pick.classroom ?? '–') : nameOf(seat) })}</strong>
      )}
      {seat !== null && !isOnStage(room, seat.id) && <GrantButton seat={seat} testId={`pick-grant-${seat.id}`} />}
    </p>
  );
}
