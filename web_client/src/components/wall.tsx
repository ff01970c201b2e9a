import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { isOnStage, seatsOfRole } from '../room/selectors';
import { restToken } from '../pages/rest-token';
import { GrantButton } from './grant-button';
import { HandBadge } from './hand-badge';
import { Icon } from './icons';
import { InvitationDialog } from './invitation-dialog';
import { MuteButton } from './mute-button';
import { PictureTile } from './picture-tile';
import { useRoom } from './session-context';

/** All classrooms in a fixed order; who is on stage leaves a marked place behind, so that nothing jumps. */
export function Wall() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const [isInviting, setIsInviting] = useState(false);
  const rooms = seatsOfRole(room, 'classroom');
  const connected = rooms.filter((seat) => seat.connected).length;
  return (
    <section className="wall" aria-labelledby="wall-title">
      <div className="section-head">
        <h2 id="wall-title" className="section-title">
          <Icon name="people" />
          {t('studio.wall')}
          {rooms.length > 0 && <small>{t('studio.wallConnected', { connected, total: rooms.length })}</small>}
        </h2>
        <button type="button" className="button button--small" onClick={() => void session.act({ type: 'mute_all' })}>
          <Icon name="microphone-off" size={20} />
          {t('studio.muteAll')}
        </button>
        <button type="button" className="button button--small" onClick={() => setIsInviting(true)}>
          <Icon name="link" size={20} />
          {t('studio.invite')}
        </button>
      </div>
      {rooms.length === 0 ? (
        <div className="empty">
          <strong>{t('studio.wallEmpty')}</strong>
          <p>{t('studio.wallEmptyHint')}</p>
          <button type="button" className="button button--primary" onClick={() => setIsInviting(true)}>
            <Icon name="link" />
            {t('studio.invite')}
          </button>
        </div>
      ) : (
        <ul className="wall__rooms" data-many={rooms.length > 6 ? 'true' : 'false'}>
          {rooms.map((seat) => (
            <WallTile key={seat.id} seat={seat} />
          ))}
        </ul>
      )}
      {isInviting && (
        <InvitationDialog
          lesson={room.lesson.id}
          title={room.lesson.title}
          firstRole="classroom"
          takeToken={() => restToken(room.lesson.id)}
          onClose={() => setIsInviting(false)}
        />
      )}
    </section>
  );
}

function WallTile({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  if (isOnStage(room, seat.id)) {
    return (
      <li className="wall__place">
        <Icon name="stage" size={30} />
        <strong>{seat.name}</strong>
        <span>{t('studio.isOnStage')}</span>
      </li>
    );
  }
  return (
    <li className="wall__tile" data-hand={seat.hand_at_ms !== null} data-connected={seat.connected}>
      <PictureTile seat={seat} source="camera">
        <HandBadge seat={seat} />
        <span className={seat.connected ? 'dot dot--good' : 'dot dot--bad'} role="img" aria-label={t(seat.connected ? 'tile.connected' : 'tile.disconnected')} />
      </PictureTile>
      <div className="tile-actions">
        <GrantButton seat={seat} testId={`stage-grant-${seat.id}`} />
        <MuteButton seat={seat} />
      </div>
    </li>
  );
}
