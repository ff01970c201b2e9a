import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { LevelMeter } from '../components/level-bar';
import type { Seat } from '../protocol/messages';
import { listenedBy } from '../room/selectors';
import { useNameOf } from './use-seat-name';

/** Hears one room in its place: this teacher alone, and the room is told. */
export function ListenButton({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const name = useNameOf()(seat);
  const isListening = listenedBy(room, session.joined.seat.id) === seat.id;
  return (
    <button
      type="button"
      className={`button button--small button--listen${isListening ? ' button--lamp' : ''}`}
      data-testid={`listen-${seat.id}`}
      aria-pressed={isListening}
      aria-label={t(isListening ? 'teach.listenStopSeat' : 'teach.listenSeat', { name })}
      disabled={!seat.connected}
      onClick={() => void session.act({ type: 'listen', seat: isListening ? null : seat.id })}
    >
      <Icon name="ear" size={20} />
      <span className="button__word">{t(isListening ? 'teach.listenStop' : 'teach.listen')}</span>
    </button>
  );
}

/** The loudness of the room that is listened to; the server tells nobody else of it. */
export function ListenedLevel({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { view } = useRoom();
  const track = view.media.find((media) => media.seat === seat.id && media.source === 'microphone')?.track ?? null;
  return <LevelMeter track={track} className="voice-level" label={t('teach.voiceLevel')} />;
}
