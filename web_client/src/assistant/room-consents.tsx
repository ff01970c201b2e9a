import { useTranslation } from 'react-i18next';
import { useRoom } from '../components/session-context';
import type { Seat } from '../protocol/messages';

/** Consents of the room: picture and voice either way, recording refused alone; only the room itself allows it. */
export function RoomConsents({ classroom }: { classroom: Seat }) {
  const { t } = useTranslation();
  const { session } = useRoom();
  const { video_consent: video, voice_consent: voice, recording_consent: recording } = classroom;
  const live = (change: { video: boolean; voice: boolean }): void => void session.act({ type: 'live_consent', seat: classroom.id, ...change });
  return (
    <fieldset className="panel-group">
      <legend>{t('panel.consents')}</legend>
      <label className="check-field">
        <input type="checkbox" checked={video} data-testid="consent-video" onChange={() => live({ video: !video, voice })} />
        {t('panel.consentVideo')}
      </label>
      <label className="check-field">
        <input type="checkbox" checked={voice} data-testid="consent-voice" onChange={() => live({ video, voice: !voice })} />
        {t('panel.consentVoice')}
      </label>
      <div className="check-field">
        <span>{t(recording ? 'consent.granted' : 'consent.refused')}</span>
        {recording && (
          <button
            type="button"
            className="button button--small"
            data-testid="refuse-recording"
            onClick={() => void session.act({ type: 'recording_consent', granted: false, seat: classroom.id })}
          >
            {t('panel.refuseRecording')}
          </button>
        )}
      </div>
    </fieldset>
  );
}
