import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { RoomSignal } from '../protocol/board';
import { ROOM_SIGNALS } from '../protocol/board';
import { useKey } from './keys';

/** What the master is told with one key; the same key takes it back. */
export function SignalBar() {
  const { t } = useTranslation();
  return (
    <div className="signals" role="group" aria-label={t('panel.signals')}>
      <p className="signals__title">{t('panel.signals')}</p>
      {ROOM_SIGNALS.map((signal, index) => (
        <SignalButton key={signal} signal={signal} digit={String(index + 1)} />
      ))}
    </div>
  );
}

function SignalButton({ signal, digit }: { signal: RoomSignal; digit: string }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const isRaised = room.board.signals[session.joined.seat.id] === signal;
  const press = (): void => void session.act({ type: 'signal', signal: isRaised ? null : signal });
  useKey(digit, press);
  return (
    <button
      type="button"
      className={isRaised ? 'button button--lamp' : 'button'}
      data-testid={`signal-${signal}`}
      aria-pressed={isRaised}
      aria-keyshortcuts={digit}
      onClick={press}
    >
      <kbd>{digit}</kbd>
      {t(`signal.${signal}`)}
    </button>
  );
}
