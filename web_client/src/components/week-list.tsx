/** The same week as a list, for a phone. */
import { useTranslation } from 'react-i18next';
import type { Day } from '../administration/week';
import { clockOf } from '../administration/week';
import type { TimetableLesson } from '../protocol/planning';
import { PlannedLessonState, nameOfSeat } from './planned-lesson-state';

export function WeekList({ days, today, onOpen }: { days: Day<TimetableLesson>[]; today: string; onOpen: (lesson: string) => void }) {
  const { t, i18n } = useTranslation();
  const heading = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', weekday: 'long', day: 'numeric', month: 'long' });
  return (
    <div className="week-list">
      {days
        .filter((day) => day.blocks.length > 0 || day.date === today)
        .map((day) => (
          <section key={day.date}>
            <h2 data-today={day.date === today}>
              {heading.format(Date.parse(day.date))}
              {day.date === today && <span className="chip chip--good">{t('timetable.today')}</span>}
            </h2>
            {day.blocks.length === 0 && <p className="soft">{t('timetable.emptyDay')}</p>}
            <ul>
              {day.blocks.map(({ lesson, fromMinutes, toMinutes }) => (
                <li key={lesson.id}>
                  <button type="button" className="week-list__lesson card" data-state={lesson.state} onClick={() => onOpen(lesson.id)}>
                    <span className="week-list__time">
                      {clockOf(fromMinutes)}
                      <small>{clockOf(toMinutes)}</small>
                    </span>
                    <span className="week-list__words">
                      <strong>{lesson.title}</strong>
                      <span>{[nameOfSeat(lesson, 'master'), lesson.room ?? ''].filter((part) => part !== '').join(' · ')}</span>
                      <span className="soft">{nameOfSeat(lesson, 'classroom')}</span>
                    </span>
                    <PlannedLessonState state={lesson.state} isQuiet />
                  </button>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </div>
  );
}
