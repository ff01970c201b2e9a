import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { seatsOfRole } from '../room/selectors';
import { restToken } from '../pages/rest-token';
import { Icon } from '../components/icons';
import { InvitationDialog } from '../components/invitation-dialog';
import { useRoom } from '../components/session-context';
import { PictureHealthSource } from './use-picture-health';
import { WallTile } from './wall-tile';

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
        <PictureHealthSource>
          <ul className="wall__rooms" data-many={rooms.length > 6 ? 'true' : 'false'}>
            {rooms.map((seat) => (
              <WallTile key={seat.id} seat={seat} />
            ))}
          </ul>
        </PictureHealthSource>
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
