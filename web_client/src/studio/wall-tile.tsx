import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CheckBadge } from '../check/verdict-sign';
import { GrantButton } from '../components/grant-button';
import { HandBadge } from '../components/hand-badge';
import { Icon } from '../components/icons';
import { PictureTile } from '../components/picture-tile';
import { useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';
import { blockOf, isOnStage, listenedBy, publicationOf, signalsOfRoom } from '../room/selectors';
import { ConsentMark } from './consent-mark';
import { LinkMark } from './link-mark';
import { ListenButton, ListenedLevel } from './listen-button';
import { SeatDialog } from './seat-dialog';
import { SignalChip } from './signal-chip';
import { useNameOf } from './use-seat-name';

/** One classroom: its picture, what it tells, how it does, and what is done with one tap. */
export function WallTile({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  const [isOpen, setIsOpen] = useState(false);
  const name = useNameOf()(seat);
  if (isOnStage(room, seat.id)) {
    return (
      <li className="wall__place">
        <strong>{name}</strong>
        <span>{t('studio.isOnStage')}</span>
        <Signals seat={seat} />
      </li>
    );
  }
  return (
    <li className="wall__tile" data-hand={seat.hand_at_ms !== null} data-connected={seat.connected} data-testid={`tile-${seat.id}`}>
      <div className="wall__picture">
        <PictureTile seat={seat} source="camera">
          <HandBadge seat={seat} />
        </PictureTile>
        <Signals seat={seat} />
      </div>
      <Marks seat={seat} />
      <div className="tile-actions">
        <GrantButton seat={seat} testId={`stage-grant-${seat.id}`} />
        <ListenButton seat={seat} />
        <button
          type="button"
          className="button button--small button--icon tile-actions__more"
          aria-label={t('teach.moreSeat', { name })}
          aria-haspopup="dialog"
          onClick={() => setIsOpen(true)}
        >
          <Icon name="more" size={20} />
        </button>
      </div>
      {isOpen && <SeatDialog seat={seat} onClose={() => setIsOpen(false)} />}
    </li>
  );
}

function Signals({ seat }: { seat: Seat }) {
  const { room } = useRoom();
  const raised = signalsOfRoom(room, seat);
  if (raised.length === 0) return null;
  return (
    <div className="wall__signals">
      {raised.map((one) => (
        <SignalChip key={one.seat.id} signal={one.signal} />
      ))}
    </div>
  );
}

function Marks({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const isListening = listenedBy(room, session.joined.seat.id) === seat.id;
  const block = blockOf(room, seat.classroom);
  return (
    <div className="wall__marks">
      <LinkMark seat={seat} isSending={publicationOf(room, seat.id, 'camera')?.enabled ?? false} />
      <CheckBadge seat={seat.id} />
      <ConsentMark seat={seat} />
      {block !== null && (
        <span className="mark mark--bad">
          <Icon name="hand-stop" size={16} />
          {t(`teach.block.${block.block}`)}
        </span>
      )}
      {isListening && <ListenedLevel seat={seat} />}
    </div>
  );
}
