import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { useNameOf } from './use-seat-name';

/** Who asks to be admitted; nothing is shown while nobody does. */
export function WaitingList() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useNameOf();
  const { waiting } = room.controls;
  if (waiting.length === 0) return null;
  return (
    <section className="side-card side-card--lamp" aria-labelledby="waiting-title" data-testid="waiting-list">
      <h2 id="waiting-title" className="section-title">
        <Icon name="door" />
        {t('teach.waiting.title')}
        <small className="count">{waiting.length}</small>
      </h2>
      <ul className="queue" aria-live="polite">
        {waiting.map((seat) => (
          <li key={seat.id} className="queue__seat">
            <span className="queue__name">
              {nameOf(seat)}
              <small>{[t(`role.${seat.role}`), ...(seat.classroom === null ? [] : [seat.classroom])].join(' · ')}</small>
            </span>
            <button
              type="button"
              className="button button--small button--primary"
              data-testid={`admit-${seat.id}`}
              aria-label={t('teach.waiting.admitSeat', { name: nameOf(seat) })}
              onClick={() => void session.act({ type: 'admit', seat: seat.id })}
            >
              {t('teach.waiting.admit')}
            </button>
            <button
              type="button"
              className="button button--small"
              aria-label={t('teach.waiting.refuseSeat', { name: nameOf(seat) })}
              onClick={() => void session.act({ type: 'refuse', seat: seat.id })}
            >
              {t('teach.waiting.refuse')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
