import { useTranslation } from 'react-i18next';
import type { Seat } from '../protocol/messages';
import { isOnStage, ownClassroom } from '../room/selectors';
import { HandBadge } from './hand-badge';
import { Icon } from './icons';
import { MuteButton } from './mute-button';
import { PictureTile } from './picture-tile';
import { RaiseHand } from './raise-hand';
import { useOwnSeat, useRoom } from './session-context';

/** The assistant's own classroom: its picture and the four things an assistant may do for it. */
export function OwnRoom() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const me = useOwnSeat();
  const classroom = ownClassroom(room, me);
  return (
    <section className="side-card own-room" aria-labelledby="own-room-title">
      <h2 id="own-room-title" className="section-title">
        <Icon name="people" />
        {t('assistant.room')}
      </h2>
      {classroom === null ? (
        <p className="soft">{t(me.classroom === null ? 'assistant.noRoom' : 'assistant.roomAbsent')}</p>
      ) : (
        <RoomControls classroom={classroom} />
      )}
    </section>
  );
}

function RoomControls({ classroom }: { classroom: Seat }) {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const isStaged = isOnStage(room, classroom.id);
  return (
    <>
      {isStaged ? (
        <p className="floor-note">
          <Icon name="stage" size={26} />
          {classroom.name} · {t('studio.isOnStage')}
        </p>
      ) : (
        <PictureTile seat={classroom} source="camera">
          <HandBadge seat={classroom} />
        </PictureTile>
      )}
      <RaiseHand seat={classroom} isForRoom />
      <div className="tile-actions">
        <MuteButton seat={classroom} />
        {isStaged && (
          <button
            type="button"
            className="button button--small"
            data-testid={`stage-revoke-${classroom.id}`}
            onClick={() => void session.act({ type: 'floor_revoke', seat: classroom.id })}
          >
            <Icon name="stage-off" size={20} />
            {t('assistant.offStage')}
          </button>
        )}
      </div>
    </>
  );
}
