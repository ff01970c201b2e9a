import { useTranslation } from 'react-i18next';
import { Countdown } from '../components/countdown';
import { RoomNotice } from '../components/room-notice';
import { useServerNow } from '../components/server-now';
import { useOwnSeat, useRoom } from '../components/session-context';
import { graceLeftMs, isOnItsOwn, MASTER_GRACE_MS } from '../room/own-room';

/** The state of the room in words; while the master is lost, the wait and then the assistant's two ways on. */
export function AssistantNotice() {
  const { room } = useRoom();
  return <RoomNotice>{room.lesson.state === 'master_lost' && <LostMaster />}</RoomNotice>;
}

function LostMaster() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const me = useOwnSeat();
  const mayDecide = graceLeftMs(room, useServerNow()) === 0;
  if (!mayDecide) {
    return (
      <div className="room-notice__wait">
        <span>{t('panel.lostWait')}</span>
        <Countdown untilMs={(room.lesson.since_ms ?? 0) + MASTER_GRACE_MS} label={t('panel.lostWait')} />
      </div>
    );
  }
  return (
    <div className="room-notice__ways">
      {!isOnItsOwn(room, me) && me.classroom !== null && (
        <button type="button" className="button button--primary" data-testid="go-on-locally" onClick={() => void session.act({ type: 'go_on_locally' })}>
          {t('panel.goOnLocally')}
        </button>
      )}
      <button type="button" className="button" data-testid="end-own-room" onClick={() => void session.act({ type: 'lesson_end' })}>
        {t('panel.endRoom')}
      </button>
    </div>
  );
}
