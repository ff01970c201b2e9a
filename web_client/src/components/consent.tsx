import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog';
import { Icon } from './icons';
import { useOwnSeat, useRoom } from './session-context';

/** Whether this tab has put the question already: it is asked once, and can be answered anew at any time. */
function wasAsked(lesson: string): boolean {
  return window.sessionStorage.getItem(`tandem.consent_asked.${lesson}`) === '1';
}

interface ConsentProps {
  /** Put the question at entry; a kiosk that enters by itself is not asked and stays unrecorded. */
  asksAtEntry: boolean;
}

/** Recording of this room: refused until somebody agrees, and always changeable. */
export function Consent({ asksAtEntry }: ConsentProps) {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const seat = useOwnSeat();
  const lesson = room.lesson.id;
  const isStageRecorded = room.recording.policy === 'stage';
  const [isOpen, setIsOpen] = useState(asksAtEntry && isStageRecorded && !seat.recording_consent && !wasAsked(lesson));
  if (room.recording.policy === 'off') return null;

  function answer(granted: boolean): void {
    close();
    if (granted !== seat.recording_consent) void session.act({ type: 'recording_consent', granted });
  }

  function close(): void {
    window.sessionStorage.setItem(`tandem.consent_asked.${lesson}`, '1');
    setIsOpen(false);
  }

  return (
    <>
      <button type="button" className="button consent-button" data-testid="consent" onClick={() => setIsOpen(true)}>
        <Icon name={seat.recording_consent ? 'check' : 'close'} size={26} />
        {t(seat.recording_consent ? 'consent.granted' : 'consent.refused')}
      </button>
      {isOpen && (
        <Dialog title={t('consent.title')} onClose={close}>
          <p>{t(isStageRecorded ? 'consent.body' : 'consent.bodyMasterOnly')}</p>
          <div className="dialog__actions">
            <button type="button" className="button button--large" data-testid="consent-refuse" onClick={() => answer(false)}>
              {t('consent.refuse')}
            </button>
            <button type="button" className="button button--large button--primary" data-testid="consent-grant" onClick={() => answer(true)}>
              {t('consent.grant')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
