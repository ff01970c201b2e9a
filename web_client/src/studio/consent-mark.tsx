import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';

/** Whether the seat would be recorded on stage; where only the teacher is recorded there is nothing to say. */
export function ConsentMark({ seat }: { seat: Seat }) {
  const { t } = useTranslation();
  const { room } = useRoom();
  if (room.recording.policy !== 'stage') return null;
  return (
    <span className="mark">
      <span className={seat.recording_consent ? 'rec-dot' : 'rec-dot rec-dot--off'} aria-hidden="true" />
      {t(seat.recording_consent ? 'studio.recordingOk' : 'studio.recordingNo')}
    </span>
  );
}
