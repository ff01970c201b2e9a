/** One lesson of the timetable: what, when, with whom; its links; what can be done with it. */
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, mayChangeLesson, useCaller } from '../administration/caller';
import type { Ingredients } from '../administration/lesson-plan';
import { useLoaded } from '../administration/use-loaded';
import { dateIn, mondayOf, timeIn } from '../administration/week';
import type { PlannedLesson, PlannedSeat } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { Icon } from './icons';
import { PlannedLessonState } from './planned-lesson-state';
import { SeatLinks } from './seat-links';

interface LessonDialogProps {
  lesson: string;
  zone: string;
  ingredients: Ingredients | null;
  onClose: () => void;
  onChanged: () => void;
  onPlan: () => void;
  /** The week that it lies in, once that is known. */
  onWeek: (monday: string) => void;
}

export function LessonDialog({ lesson: id, zone, ingredients, onClose, onChanged, onPlan, onWeek }: LessonDialogProps) {
  const { t } = useTranslation();
  const { credential } = useCaller();
  const load = useCallback(async () => {
    const [lesson, seats] = await Promise.all([planning.lesson(credential, id), planning.seats(credential, id)]);
    return { lesson: lesson.body, seats };
  }, [credential, id]);
  const { value, fault, reload } = useLoaded(load);
  const startsAtMs = value?.lesson.starts_at_ms ?? null;
  useEffect(() => {
    if (startsAtMs !== null) onWeek(mondayOf(dateIn(startsAtMs, zone)));
  }, [startsAtMs, zone, onWeek]);
  return (
    <Dialog title={value?.lesson.title ?? t('timetable.lesson')} onClose={onClose} isWide>
      {value === null && fault === null && <p role="status">{t('common.loading')}</p>}
      <Fault code={fault} />
      {value !== null && (
        <>
          <Facts lesson={value.lesson} seats={value.seats} zone={zone} ingredients={ingredients} />
          <Actions
            lesson={value.lesson}
            seats={value.seats}
            onPlan={onPlan}
            onChanged={() => {
              reload();
              onChanged();
            }}
          />
        </>
      )}
      <div className="dialog__actions">
        <button type="button" className="button" onClick={onClose}>
          {t('common.close')}
        </button>
      </div>
    </Dialog>
  );
}

interface FactsProps {
  lesson: PlannedLesson;
  seats: PlannedSeat[];
  zone: string;
  ingredients: Ingredients | null;
}

function Facts({ lesson, seats, zone, ingredients }: FactsProps) {
  const { t, i18n } = useTranslation();
  const { starts_at_ms: from, ends_at_ms: to } = lesson;
  const date = new Intl.DateTimeFormat(i18n.language, { timeZone: zone, dateStyle: 'full' });
  const names = (role: string): string => seats.filter((seat) => seat.role === role).map((seat) => seat.name).join('、');
  const course = ingredients?.courses.find((each) => each.id === lesson.course_id);
  const unit = ingredients?.units.find((each) => each.id === lesson.unit_id);
  const facts: [string, string][] = [
    ['time', from !== null && to !== null ? `${date.format(from)} ${timeIn(from, zone)}–${timeIn(to, zone)}` : ''],
    ['master_id', names('master')],
    ['room', lesson.room ?? ''],
    ['pairings', names('classroom')],
    ['assistants', names('assistant')],
    ['course_id', [course?.['title'], unit?.['title']].filter((part) => part !== undefined).join(' · ')],
    ['mode', t(`timetable.mode.${lesson.mode}`)],
    ['recording_policy', t([`schedule.policies.${lesson.recording_policy}`, 'recording.policy.other'])],
  ];
  return (
    <dl className="facts">
      <div>
        <dt>{t('timetable.field.state')}</dt>
        <dd>
          <PlannedLessonState state={lesson.state} />
        </dd>
      </div>
      {facts
        .filter(([, text]) => text !== '')
        .map(([name, text]) => (
          <div key={name}>
            <dt>{t(`timetable.field.${name}`)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
    </dl>
  );
}

interface ActionsProps {
  lesson: PlannedLesson;
  seats: PlannedSeat[];
  onPlan: () => void;
  onChanged: () => void;
}

function Actions({ lesson, seats, onPlan, onChanged }: ActionsProps) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [fault, setFault] = useState<string | null>(null);
  const [isAsking, setIsAsking] = useState(false);
  const mayPlan = mayChangeLesson(caller.me, 'lessons:write', lesson);
  const isPlanned = lesson.state === 'draft' || lesson.state === 'scheduled';
  const hasLinks = ['scheduled', 'lobby', 'live', 'suspended'].includes(lesson.state) && mayChangeLesson(caller.me, 'lessons:run', lesson);

  async function step(name: 'schedule' | 'cancel'): Promise<void> {
    setIsAsking(false);
    try {
      await planning.stepLesson(caller.credential, lesson.id, name);
      setFault(null);
    } catch (error) {
      setFault(faultOf(error, caller));
    }
    onChanged();
  }

  return (
    <>
      {mayPlan && isPlanned && (
        <div className="row-actions">
          {lesson.state === 'draft' && (
            <button type="button" className="button button--primary" onClick={() => void step('schedule')} data-testid="schedule-lesson">
              <Icon name="check" />
              {t('timetable.schedule')}
            </button>
          )}
          <button type="button" className="button" onClick={onPlan} data-testid="edit-lesson">
            <Icon name="edit" />
            {t('timetable.edit')}
          </button>
          {!isAsking && (
            <button type="button" className="button button--danger" onClick={() => setIsAsking(true)}>
              {t('timetable.cancel')}
            </button>
          )}
        </div>
      )}
      {isAsking && (
        <div className="notice" role="alertdialog" aria-label={t('timetable.cancel')}>
          <p>{t('timetable.cancelBody')}</p>
          <div className="row-actions">
            <button type="button" className="button" onClick={() => setIsAsking(false)}>
              {t('timetable.keep')}
            </button>
            <button type="button" className="button button--danger-solid" onClick={() => void step('cancel')} data-testid="confirm-cancel">
              {t('timetable.cancelConfirm')}
            </button>
          </div>
        </div>
      )}
      <Fault code={fault} />
      {lesson.state === 'draft' && mayPlan && <p className="soft">{t('timetable.draftHint')}</p>}
      {hasLinks && <SeatLinks lesson={lesson.id} seats={seats} />}
    </>
  );
}
