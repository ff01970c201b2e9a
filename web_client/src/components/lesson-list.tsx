import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Caller } from '../administration/caller';
import { faultOf, may, mayChangeLesson, useCaller } from '../administration/caller';
import type { PlannedLesson } from '../protocol/planning';
import { rest } from '../protocol/rest';
import { Fault } from './fault';
import { Icon } from './icons';
import { LessonRow } from './lesson-row';
import { NewLessonDialog } from './new-lesson-dialog';

const REFRESH_MS = 5_000;

interface Lessons {
  lessons: PlannedLesson[] | null;
  fault: string | null;
  refresh: () => Promise<void>;
}

function useLessons(caller: Caller): Lessons {
  const [lessons, setLessons] = useState<PlannedLesson[] | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const refresh = useCallback(async () => {
    try {
      setLessons(await rest.lessons(caller.credential));
      setFault(null);
    } catch (error) {
      setFault(faultOf(error, caller));
    }
  }, [caller]);
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

export function LessonList() {
  const { t } = useTranslation();
  const caller = useCaller();
  const { lessons, fault, refresh } = useLessons(caller);
  const [isCreating, setIsCreating] = useState(false);
  const [fresh, setFresh] = useState<string | null>(null);
  const mayCreate = may(caller.me, 'lessons:write');
  return (
    <>
      <div className="section-head">
        <h1>{t('schedule.title')}</h1>
        {mayCreate && (
          <button type="button" className="button button--primary" data-testid="new-lesson" onClick={() => setIsCreating(true)}>
            <Icon name="plus" />
            {t('schedule.create')}
          </button>
        )}
      </div>
      <Fault code={fault} />
      {lessons === null && fault === null && <p role="status">{t('common.loading')}</p>}
      {lessons?.length === 0 && (
        <div className="empty">
          <strong>{t('schedule.empty')}</strong>
          <p>{t(mayCreate ? 'schedule.emptyHint' : 'schedule.emptyOthers')}</p>
        </div>
      )}
      <ul className="lessons">
        {lessons?.map((lesson) => (
          <LessonRow
            key={lesson.id}
            lesson={lesson}
            credential={caller.credential}
            mayRun={mayChangeLesson(caller.me, 'lessons:run', lesson)}
            opensLinks={lesson.id === fresh}
            onChanged={refresh}
          />
        ))}
      </ul>
      {isCreating && (
        <NewLessonDialog
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
