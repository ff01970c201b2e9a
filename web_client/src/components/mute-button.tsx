import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { Icon } from './icons';
import { useRoom } from './session-context';

export function MuteButton({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const name = seat.name || t(`role.${seat.role}`);
  return (
    <button
      type="button"
      className="button button--small"
      data-testid={`mute-${seat.id}`}
      aria-pressed={seat.muted}
      aria-label={t(seat.muted ? 'studio.unmuteSeat' : 'studio.muteSeat', { name })}
      onClick={() => void session.act({ type: seat.muted ? 'unmute' : 'mute', seat: seat.id })}
    >
      <Icon name={seat.muted ? 'microphone-off' : 'microphone'} size={20} />
      {t(seat.muted ? 'studio.unmute' : 'studio.mute')}
    </button>
  );
}
