import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { signals } from '../room/selectors';
import { SignalChip } from './signal-chip';
import { useNameOf } from './use-seat-name';

/** What rooms and assistants signal, until it is cleared here or taken back there. */
export function SignalsInbox() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useNameOf();
  const raised = signals(room);
  if (raised.length === 0) return null;
  return (
    <section className="side-card" aria-labelledby="signals-title" data-testid="signals">
      <h2 id="signals-title" className="section-title">
        <Icon name="bell" />
        {t('teach.signals')}
        <small className="count">{raised.length}</small>
      </h2>
      <ul className="queue" aria-live="polite">
        {raised.map(({ seat, signal }) => (
          <li key={seat.id} className="queue__seat">
            <span className="queue__name">{nameOf(seat)}</span>
            <SignalChip signal={signal} />
            <button
              type="button"
              className="button button--small button--icon"
              data-testid={`signal-clear-${seat.id}`}
              aria-label={t('teach.signalClear', { name: nameOf(seat) })}
              onClick={() => void session.act({ type: 'signal_clear', seat: seat.id })}
            >
              <Icon name="check" size={20} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
