import { useTranslation } from 'react-i18next';
import type { TimetableLesson } from '../protocol/planning';

/** The state in a word; quiet where the usual state goes without saying. */
export function PlannedLessonState({ state, isQuiet = false }: { state: string; isQuiet?: boolean }) {
  const { t } = useTranslation();
  if (isQuiet && state === 'scheduled') return null;
  const isOn = state === 'live' || state === 'lobby';
  return (
    <span className={isOn ? 'chip chip--good' : state === 'draft' || state === 'suspended' ? 'chip chip--warn' : 'chip'}>
      {state === 'live' && <span className="live-dot" aria-hidden="true" />}
      {t(`timetable.state.${state}`)}
    </span>
  );
}

/** The teacher, or all classrooms, of a lesson. */
export function nameOfSeat(lesson: TimetableLesson, role: 'master' | 'classroom'): string {
  return lesson.seats
    .filter((seat) => seat.role === role)
    .map((seat) => seat.name)
    .join('、');
}
