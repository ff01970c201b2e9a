import type { ReactNode } from 'react';
import { useSyncExternalStore } from 'react';
import { useTranslation } from 'react-i18next';
import type { Receive } from '../protocol/links';
import type { Seat, Source } from '../protocol/messages';
import { isOnStage, publicationOf } from '../room/selectors';
import { Icon } from './icons';
import { useRoom, useSeatPicture } from './session-context';
import { TrackVideo } from './track-video';

/** Louder than this counts as speaking. */
const SPEAKING_DBOV = -45;

interface PictureTileProps {
  seat: Seat;
  source: Source;
  fit?: 'cover' | 'contain';
  /** Shown over the lower edge, after the name. */
  children?: ReactNode;
  className?: string;
}

/** A seat's received picture with its name, and plain words where there is none. */
export function PictureTile({ seat, source, fit = 'cover', children, className }: PictureTileProps) {
  const { t } = useTranslation();
  const { track, publication } = useSeatPicture(seat.id, source);
  const isSpeaking = useIsSpeaking(seat) && source === 'camera';
  const name = seat.name || t(`role.${seat.role}`);
  const label = t(source === 'screen' ? 'tile.screenOf' : 'tile.pictureOf', { name });
  const receive = useReceive();
  const missing = missingReason(seat, publication?.enabled ?? null, receive);
  const classes = ['tile', `tile--${fit}`, isSpeaking ? 'tile--speaking' : '', className ?? ''].filter((part) => part !== '');
  return (
    <figure className={classes.join(' ')}>
      <TrackVideo track={receive === 'none' ? null : track} label={label} testId={`video-${seat.id}-${source}`} seat={seat.id} source={source} />
      {missing !== null && (
        <p className="tile__missing">
          <Icon name={missing === 'disconnected' ? 'signal-off' : 'camera-off'} size={34} />
          {t(`tile.${missing}`)}
        </p>
      )}
      <figcaption className="tile__caption">
        <span className="tile__name">{source === 'screen' ? label : name}</span>
        {isSpeaking && <span className="tile__speaking">{t('tile.speaking')}</span>}
        {seat.muted && (
          <span className="tile__muted">
            <Icon name="microphone-off" size={18} />
            <span className="visually-hidden">{t('studio.muted')}</span>
          </span>
        )}
        <span className="tile__gap" />
        {children}
      </figcaption>
    </figure>
  );
}

/** What this seat itself is sent. */
function useReceive(): Receive {
  const { room, session } = useRoom();
  return room.links.receive[session.joined.seat.id] ?? 'high';
}

function missingReason(
  seat: Seat,
  isEnabled: boolean | null,
  receive: Receive,
): 'disconnected' | 'notReceived' | 'cameraOff' | 'noPicture' | null {
  if (!seat.connected) return 'disconnected';
  if (receive === 'none') return 'notReceived';
  if (isEnabled === null) return 'noPicture';
  return isEnabled ? null : 'cameraOff';
}

/** Whether others hear this seat speak now: a muted seat or one off stage is heard by nobody. */
function useIsSpeaking(seat: Seat): boolean {
  const { room, session } = useRoom();
  const isHeard = seat.connected && !seat.muted && (seat.role === 'master' || isOnStage(room, seat.id));
  const voice = (isHeard && publicationOf(room, seat.id, 'microphone')?.id) || '';
  // A boolean of the levels, not the levels: the tile draws again only when somebody begins or ends to speak.
  return useSyncExternalStore(session.levels.subscribe, () => (session.levels.get().get(voice) ?? -127) > SPEAKING_DBOV);
}
