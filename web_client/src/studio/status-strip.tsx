import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useObservable, useRoom } from '../components/session-context';
import { isOnStage, listenedBy, seatsOfRole, whisperOf } from '../room/selectors';
import { TimerChip } from './timer-chip';
import { useSeatName } from './use-seat-name';
import { useWhisperers } from './use-whisperers';

/** What runs now: the timer, whom this teacher hears, who hears this teacher, who watches. */
export function StatusStrip() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const own = useObservable(session.media.view);
  const nameOf = useSeatName();
  const me = session.joined.seat.id;
  const { timer } = room.board;
  const chosen = listenedBy(room, me);
  const listened = chosen !== null && !isOnStage(room, chosen) ? chosen : null;
  const whisper = whisperOf(room, me);
  const whisperers = useWhisperers();
  const observers = seatsOfRole(room, 'observer').length;
  if (timer === null && listened === null && !own.isWhispering && whisperers.length === 0 && observers === 0) return null;
  return (
    <div className="status-strip" role="group" aria-label={t('teach.running')}>
      {timer !== null && <TimerChip endsAtMs={timer.ends_at_ms} label={timer.label || t('teach.timer.title')} />}
      {timer !== null && timer.label !== '' && <strong>{timer.label}</strong>}
      {listened !== null && (
        <span className="chip chip--warn">
          <Icon name="ear" size={18} />
          {t('teach.listening', { name: nameOf(listened) })}
        </span>
      )}
      {own.isWhispering && whisper !== null && (
        <span className="chip chip--warn" role="status">
          <Icon name="microphone" size={18} />
          {t('teach.talk.whispering', { name: nameOf(whisper) })}
        </span>
      )}
      {whisperers.map((seat) => (
        <span key={seat} className="chip chip--warn" role="status" data-testid="whisperer">
          <Icon name="ear" size={18} />
          {t('teach.talk.whispersToYou', { name: nameOf(seat) })}
        </span>
      ))}
      {observers > 0 && (
        <span className="chip">
          <Icon name="people" size={18} />
          {t('teach.observers', { count: observers })}
        </span>
      )}
    </div>
  );
}
