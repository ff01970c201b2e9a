import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { ROLES } from '../protocol/messages';
import { isOnStage, seatsOfRole } from '../room/selectors';
import { HandBadge } from './hand-badge';
import { Icon } from './icons';
import { useRoom } from './session-context';

/** Everybody in the lesson by role, each with its state in words. */
export function Roster() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const seats = ROLES.flatMap((role) => seatsOfRole(room, role));
  return (
    <section className="side-card" aria-labelledby="roster-title">
      <h2 id="roster-title" className="section-title">
        <Icon name="people" />
        {t('assistant.roster')}
        <small className="count">{seats.length}</small>
      </h2>
      <ul className="queue">
        {seats.map((seat) => (
          <RosterSeat key={seat.id} seat={seat} />
        ))}
      </ul>
    </section>
  );
}

function RosterSeat({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const states = [
    t(`role.${seat.role}`),
    ...(seat.connected ? [] : [t('tile.disconnected')]),
    ...(isOnStage(room, seat.id) ? [t('studio.isOnStage')] : []),
    ...(seat.muted ? [t('studio.muted')] : []),
  ];
  return (
    <li className="queue__seat">
      <span className={seat.connected ? 'dot dot--good' : 'dot dot--bad'} aria-hidden="true" />
      <span className="queue__name">
        {seat.name || t(`role.${seat.role}`)}
        {seat.id === session.joined.seat.id && ` (${t('common.you')})`}
        <small>{states.join(' · ')}</small>
      </span>
      <HandBadge seat={seat} />
    </li>
  );
}
