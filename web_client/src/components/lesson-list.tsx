import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { codeOf } from '../protocol/errors';
import type { Lesson } from '../protocol/rest';
import { rest } from '../protocol/rest';
import { Icon } from './icons';
import { LessonRow } from './lesson-row';
import { NewLessonDialog } from './new-lesson-dialog';

const REFRESH_MS = 5_000;

interface Lessons {
  lessons: Lesson[] | null;
  fault: string | null;
  refresh: () => Promise<void>;
}

function useLessons(adminKey: string, onKeyRefused: () => void): Lessons {
  const [lessons, setLessons] = useState<Lesson[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const refresh = useCallback(async () => {
    try {
      const found = await rest.lessons(adminKey);
      setLessons(found);
      setFault(null);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'token_invalid' || code === 'token_expired') onKeyRefused();
      else setFault(code);
    }
  }, [adminKey, onKeyRefused]);
  useEffect(() => {
    const read = (): void => {
      if (document.visibilityState === 'visible') void refresh();
    };
    read();
    const timer = setInterval(read, REFRESH_MS);
    return () => clearInterval(timer);
  }, [refresh]);
  return { lessons, fault, refresh };
}

export function LessonList({ adminKey, onKeyRefused }: { adminKey: string; onKeyRefused: () => void }) {
  const { t } = useTranslation();
  const { lessons, fault, refresh } = useLessons(adminKey, onKeyRefused);
  const [isCreating, setIsCreating] = useState(false);
  const [fresh, setFresh] = useState<string | null>(null);
  return (
    <>
      <div className="section-head">
        <h1>{t('schedule.title')}</h1>
        <button type="button" className="button button--primary" data-testid="new-lesson" onClick={() => setIsCreating(true)}>
          <Icon name="plus" />
          {t('schedule.create')}
        </button>
      </div>
      {fault !== null && (
        <p className="fault" role="alert">
          <Icon name="warning" />
          {t([`error.${fault}`, 'error.internal_error'])}
        </p>
      )}
      {lessons === null && fault === null && <p role="status">{t('common.loading')}</p>}
      {lessons?.length === 0 && (
        <div className="empty">
          <strong>{t('schedule.empty')}</strong>
          <p>{t('schedule.emptyHint')}</p>
        </div>
      )}
      <ul className="lessons">
        {lessons?.map((lesson) => (
          <LessonRow key={lesson.id} lesson={lesson} adminKey={adminKey} opensLinks={lesson.id === fresh} onChanged={refresh} />
        ))}
      </ul>
      {isCreating && (
        <NewLessonDialog
          adminKey={adminKey}
          onClose={() => setIsCreating(false)}
          onCreated={(lesson) => {
            setIsCreating(false);
            setFresh(lesson.id);
            void refresh();
          }}
        />
      )}
    </>
  );
}
