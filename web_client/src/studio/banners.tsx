/** What is stopped now, across the page, each with the way back. */
import { useTranslation } from 'react-i18next';
import { Icon } from '../components/icons';
import { useRoom } from '../components/session-context';
import { useElapsed } from '../components/use-elapsed';
import { useSeatName } from './use-seat-name';

export function Banners() {
  const { room } = useRoom();
  const { state, since_ms: sinceMs } = room.lesson;
  return (
    <>
      {(state === 'suspended' || state === 'master_lost') && sinceMs !== null && <Interruption state={state} sinceMs={sinceMs} />}
      {room.controls.is_all_forbidden && <AllForbidden />}
      <BlockedRooms />
    </>
  );
}

function Interruption({ state, sinceMs }: { state: 'suspended' | 'master_lost'; sinceMs: number }) {
  const { t } = useTranslation();
  const { view, session } = useRoom();
  const time = useElapsed(sinceMs, view.clockOffsetMs);
  return (
    <div className="banner banner--lamp" role="status" data-testid={`banner-${state}`}>
      <Icon name="pause" />
      <p>
        <strong>{t(`teach.banner.${state}`, { time })}</strong> {t(`teach.banner.${state}Hint`)}
      </p>
      {state === 'suspended' && (
        <button type="button" className="button button--small" onClick={() => void session.act({ type: 'lesson_resume' })}>
          {t('teach.keys.resume')}
        </button>
      )}
    </div>
  );
}

function AllForbidden() {
  const { t } = useTranslation();
  const { session } = useRoom();
  return (
    <div className="banner banner--brick" role="status" data-testid="banner-forbidden">
      <Icon name="hand-stop" />
      <p>
        <strong>{t('teach.banner.forbidden')}</strong> {t('teach.banner.forbiddenHint')}
      </p>
      <button type="button" className="button button--small" onClick={() => void session.act({ type: 'forbid_all', forbidden: false })}>
        {t('teach.keys.allow')}
      </button>
    </div>
  );
}

/** An alarm: the assistant of a room has stopped it. What this teacher stopped is told as well. */
function BlockedRooms() {
  const { t } = useTranslation();
  const { room, session } = useRoom();
  const nameOf = useSeatName();
  const roomName = (classroom: string): string =>
    [...room.seats.values()].find((seat) => seat.role === 'classroom' && seat.classroom === classroom)?.name ?? classroom;
  return Object.entries(room.controls.blocks).map(([classroom, { block, by }]) => (
    <div key={classroom} className="banner banner--brick" role={by === session.joined.seat.id ? 'status' : 'alert'}>
      <Icon name="warning" />
      <p>
        <strong>{t(`teach.banner.block.${block}`, { room: roomName(classroom) })}</strong>
        {by !== session.joined.seat.id && ` ${t('teach.banner.by', { name: nameOf(by) })}`}
      </p>
      <button type="button" className="button button--small" onClick={() => void session.act({ type: 'classroom_block', classroom, block: null })}>
        {t('teach.banner.lift')}
      </button>
    </div>
  ));
}
