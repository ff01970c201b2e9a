import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from './dialog';
import { useRoom } from './session-context';

/** Starts the lesson; ends it after a question, because that cannot be undone. */
export function LessonSwitch() {
  const { t } = useTranslation();
  const { session, room } = useRoom();
  const [isAsking, setIsAsking] = useState(false);
  if (room.lesson.state === 'lobby') {
    return (
      <button type="button" className="button button--primary" data-testid="start-lesson" onClick={() => void session.act({ type: 'lesson_start' })}>
        {t('studio.start')}
      </button>
    );
  }
  return (
    <>
      <button type="button" className="button button--danger" data-testid="end-lesson" onClick={() => setIsAsking(true)}>
        {t('studio.end')}
      </button>
      {isAsking && (
        <Dialog title={t('studio.endTitle')} onClose={() => setIsAsking(false)}>
          <p>{t('studio.endBody')}</p>
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => setIsAsking(false)}>
              {t('studio.endKeep')}
            </button>
            <button
              type="button"
              className="button button--danger-solid"
              data-testid="confirm-end"
              onClick={() => {
                setIsAsking(false);
                void session.act({ type: 'lesson_end' });
              }}
            >
              {t('studio.endConfirm')}
            </button>
          </div>
        </Dialog>
      )}
    </>
  );
}
