import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { may, useCaller } from '../administration/caller';
import { codeOf } from '../protocol/errors';
import type { PlannedLesson } from '../protocol/planning';
import { rest } from '../protocol/rest';
import { clockText } from './clock';
import { Dialog } from './dialog';
import { Icon } from './icons';
import { InvitationDialog } from './invitation-dialog';
import { ReplayList } from './replay-list';

/** When, and who is there or how long it lasted. */
function LessonTimes({ lesson }: { lesson: PlannedLesson }) {
  const { t, i18n } = useTranslation();
  const { started_at_ms: startedAtMs, ended_at_ms: endedAtMs } = lesson;
  const date = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' });
  const atMs = startedAtMs ?? lesson.starts_at_ms ?? lesson.created_at_ms;
  const lasted = startedAtMs !== null && endedAtMs !== null ? t('schedule.lasted', { time: clockText(endedAtMs - startedAtMs) }) : null;
  return (
    <>
      <time dateTime={new Date(atMs).toISOString()}>{date.format(atMs)}</time>
      {lasted !== null && <span>{lasted}</span>}
      {lesson.participants > 0 && <span>{t('schedule.participants', { count: lesson.participants })}</span>}
    </>
  );
}

interface LessonRowProps {
  lesson: PlannedLesson;
  credential: string;
  /** Links, start and end are for who teaches the lesson or runs the school. */
  mayRun: boolean;
  /** A lesson just made opens its links at once: that is the next thing one wants. */
  opensLinks: boolean;
  onChanged: () => Promise<void>;
}

type Open = 'links' | 'end' | 'replays' | null;

export function LessonRow({ lesson, credential, mayRun, opensLinks, onChanged }: LessonRowProps) {
  const { t, i18n } = useTranslation();
  const { me } = useCaller();
  const [open, setOpen] = useState<Open>(opensLinks ? 'links' : null);
  const [fault, setFault] = useState<string | null>(null);
  const { state } = lesson;
  const isOver = !['draft', 'scheduled', 'lobby', 'live'].includes(state);
  const stateKey = `lesson.${state}`;

  async function change(call: (lesson: string, token: string) => Promise<unknown>): Promise<void> {
    setOpen(null);
    try {
      await call(lesson.id, credential);
      setFault(null);
      await onChanged();
    } catch (error) {
      setFault(codeOf(error));
    }
  }

  return (
    <li className="card lesson" data-testid={`lesson-${lesson.id}`} data-state={state}>
      <div className="lesson__words">
        <h2>{lesson.title}</h2>
        <p>
          <span className={state === 'live' ? 'chip chip--good' : 'chip'}>
            {state === 'live' && <span className="live-dot" aria-hidden="true" />}
            {t(i18n.exists(stateKey) ? stateKey : 'lesson.ended')}
          </span>
          <LessonTimes lesson={lesson} />
          <span className="soft">{t([`schedule.policies.${lesson.recording_policy}`, 'recording.policy.other'])}</span>
        </p>
      </div>
      <div className="lesson__actions">
        {!isOver && mayRun && state !== 'draft' && (
          <button type="button" className="button" onClick={() => setOpen('links')}>
            <Icon name="link" />
            {t('schedule.links')}
          </button>
        )}
        {!isOver && mayRun && state !== 'live' && state !== 'draft' && (
          <button type="button" className="button button--primary" onClick={() => void change(rest.startLesson)}>
            {t('schedule.start')}
          </button>
        )}
        {state === 'live' && mayRun && (
          <button type="button" className="button button--danger" onClick={() => setOpen('end')}>
            {t('schedule.end')}
          </button>
        )}
        {isOver && may(me, 'resources:read') && (
          <button type="button" className="button" aria-expanded={open === 'replays'} onClick={() => setOpen(open === 'replays' ? null : 'replays')}>
            <Icon name="play" />
            {t('schedule.replays')}
          </button>
        )}
      </div>
      {fault !== null && (
        <p className="fault" role="alert">
          {t([`error.${fault}`, 'error.internal_error'])}
        </p>
      )}
      {open === 'replays' && <ReplayList lesson={lesson.id} credential={credential} />}
      {open === 'links' && (
        <InvitationDialog lesson={lesson.id} title={lesson.title} firstRole="master" takeToken={() => Promise.resolve(credential)} onClose={() => setOpen(null)} />
      )}
      {open === 'end' && (
        <Dialog title={t('schedule.endTitle', { title: lesson.title })} onClose={() => setOpen(null)}>
          <p>{t('schedule.endBody')}</p>
          <div className="dialog__actions">
            <button type="button" className="button" onClick={() => setOpen(null)}>
              {t('common.cancel')}
            </button>
            <button type="button" className="button button--danger-solid" onClick={() => void change(rest.endLesson)}>
              {t('schedule.end')}
            </button>
          </div>
        </Dialog>
      )}
    </li>
  );
}
