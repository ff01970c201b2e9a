import { useTranslation } from 'react-i18next';
import { CheckBadge } from '../check/verdict-sign';
import { ReceiveChoice } from '../check/receive-choice';
import { HandBadge } from '../components/hand-badge';
import { Icon } from '../components/icons';
import { MuteButton } from '../components/mute-button';
import { PictureTile } from '../components/picture-tile';
import { useOwnSeat, useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';
import { isOnStage, ownClassroom } from '../room/selectors';
import { RoomConsents } from './room-consents';
import { RoomOrder } from './room-order';
import { RoomPeople } from './room-people';

/** The assistant's own classroom: its picture and link, and what an assistant may do for it. */
export function OwnRoom() {
  const { t } = useTranslation();
  const { room } = useRoom();
  const me = useOwnSeat();
  const classroom = ownClassroom(room, me);
  return (
    <div className="own-room">
      {classroom === null ? (
        <p className="soft">{t(me.classroom === null ? 'assistant.noRoom' : 'assistant.roomAbsent')}</p>
      ) : (
        <RoomPicture classroom={classroom} />
      )}
      {me.classroom !== null && <RoomOrder classroom={me.classroom} />}
      {classroom !== null && (
        <>
          <ReceiveChoice seat={classroom.id} legend={t('panel.receiveRoom')} />
          <RoomConsents classroom={classroom} />
        </>
      )}
      <RoomPeople />
    </div>
  );
}

function RoomPicture({ classroom }: { classroom: Seat }) {
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
      <div className="tile-actions">
        <span className={classroom.connected ? 'chip chip--good' : 'chip chip--bad'}>
          <Icon name={classroom.connected ? 'signal' : 'signal-off'} size={18} />
          {t(classroom.connected ? 'tile.connected' : 'tile.disconnected')}
        </span>
        <CheckBadge seat={classroom.id} />
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
