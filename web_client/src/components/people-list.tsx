import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { isOnStage, seatsOfRole } from '../room/selectors';
import { GrantButton } from './grant-button';
import { Icon } from './icons';
import { useRoom } from './session-context';

/** Everybody without a tile on the wall: assistants and students can be given the floor, observers are listed. */
export function PeopleList() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const people = [...seatsOfRole(room, 'assistant'), ...seatsOfRole(room, 'student'), ...seatsOfRole(room, 'observer')];
  if (people.length === 0) return null;
  return (
    <section className="side-card" aria-labelledby="people-title">
      <h2 id="people-title" className="section-title">
        <Icon name="people" />
        {t('studio.people')}
        <small className="count">{people.length}</small>
      </h2>
      <ul className="queue">
        {people.map((seat) => (
          <Person key={seat.id} seat={seat} />
        ))}
      </ul>
    </section>
  );
}

function Person({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const canSpeak = seat.role !== 'observer' && !isOnStage(room, seat.id);
  return (
    <li className="queue__seat">
      <span className={seat.connected ? 'dot dot--good' : 'dot dot--bad'} role="img" aria-label={t(seat.connected ? 'tile.connected' : 'tile.disconnected')} />
      <span className="queue__name">
        {seat.name || t(`role.${seat.role}`)}
        <small>{t(`role.${seat.role}`)}</small>
      </span>
      {canSpeak && <GrantButton seat={seat} testId={`stage-grant-${seat.id}`} />}
    </li>
  );
}
