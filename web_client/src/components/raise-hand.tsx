import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { hasHandUp, isOnStage } from '../room/selectors';
import { Icon } from './icons';
import { useRoom } from './session-context';
import { isOnControl, isTyping } from './typing';
import { useElapsed } from './use-elapsed';

interface RaiseHandProps {
  seat: Seat;
  /** An assistant raises the hand of the room: other words, and the seat is named in the request. */
  isForRoom?: boolean;
}

/** The biggest control of a classroom: a button, and the keys Space, Enter and H; for an assistant H alone. */
export function RaiseHand({ seat, isForRoom = false }: RaiseHandProps) {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const isUp = hasHandUp(room, seat.id);
  const isStaged = isOnStage(room, seat.id);

  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const isBigKey = !isForRoom && (event.key === ' ' || event.key === 'Enter') && !isOnControl(event);
      const isKey = event.key.toLowerCase() === 'h' || isBigKey;
      if (!isKey || event.repeat || event.ctrlKey || event.metaKey || event.altKey || isTyping(event) || isStaged) return;
      event.preventDefault();
      void session.act(handRequest(seat.id, isUp, isForRoom));
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [session, seat.id, isUp, isStaged, isForRoom]);

  if (isStaged) return null;
  const words = isForRoom ? (['assistant.raiseRoom', 'assistant.lowerRoom'] as const) : (['classroom.raise', 'classroom.lower'] as const);
  return (
    <div className="raise-hand">
      {isUp && seat.hand_at_ms !== null && <QueuePlace seat={seat} atMs={seat.hand_at_ms} />}
      <button
        type="button"
        className={isUp ? 'button raise-hand__button raise-hand__button--up' : 'button button--lamp raise-hand__button'}
        data-testid="raise-hand"
        aria-pressed={isUp}
        aria-keyshortcuts={isForRoom ? 'H' : 'Space Enter H'}
        onClick={() => void session.act(handRequest(seat.id, isUp, isForRoom))}
      >
        <Icon name="hand" size={40} />
        <span>{t(isUp ? words[1] : words[0])}</span>
        <kbd>{isForRoom ? 'H' : t('classroom.key')}</kbd>
      </button>
    </div>
  );
}

function handRequest(seat: string, isUp: boolean, isForRoom: boolean) {
  const type = isUp ? ('floor_withdraw' as const) : ('floor_request' as const);
  return isForRoom ? { type, seat } : { type };
}

function QueuePlace({ seat, atMs }: { seat: Seat; atMs: number }) {
  const { t } = useTranslation();
  const { room, view } = useRoom();
  const position = room.hands.indexOf(seat.id) + 1;
  const time = useElapsed(atMs, view.clockOffsetMs);
  return (
    <p className="raise-hand__place" role="status">
      {position === 1 ? t('classroom.next') : t('classroom.waiting', { position, time })}
    </p>
  );
}
