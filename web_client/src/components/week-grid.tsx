/** Seven columns, the hours down, each lesson as long as it lasts. The arrows move from lesson to lesson, Enter opens. */
import type { CSSProperties, KeyboardEvent } from 'react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Block, Day } from '../administration/week';
import { clockOf, dateIn, hoursOf, minutesIn, neighbourOf } from '../administration/week';
import type { TimetableLesson } from '../protocol/planning';
import { PlannedLessonState, nameOfSeat } from './planned-lesson-state';
import { useNow } from './use-now';

/** A lesson narrower than this cannot be read. */
const LANE_REM = 6.5;

interface WeekGridProps {
  days: Day<TimetableLesson>[];
  zone: string;
  today: string;
  onOpen: (lesson: string) => void;
}

export function WeekGrid({ days, zone, today, onOpen }: WeekGridProps) {
  const { t, i18n } = useTranslation();
  const [active, setActive] = useState<string | null>(null);
  const { from, to } = hoursOf(days);
  const lanes = days.map((day) => Math.max(1, ...day.blocks.map((block) => block.lanes)));
  // An empty day needs less room than one with lessons side by side.
  const columns = days.map((day, index) => (day.blocks.length === 0 ? 'minmax(4.5rem, 0.6fr)' : `minmax(${(lanes[index] ?? 1) * LANE_REM}rem, ${lanes[index] ?? 1}fr)`));
  const all = days.flatMap((day) => day.blocks.map((block) => block.lesson.id));
  const reachable = active !== null && all.includes(active) ? active : (all[0] ?? null);
  const weekday = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', weekday: 'short' });
  const date = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', day: 'numeric', month: 'numeric' });

  function onKeyDown(lesson: string, event: KeyboardEvent<HTMLButtonElement>): void {
    const next = neighbourOf(days, lesson, event.key);
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    event.currentTarget.closest('.week')?.querySelector<HTMLElement>(`[data-lesson="${next}"]`)?.focus();
  }

  return (
    <div className="week card" style={{ gridTemplateColumns: `3.5rem ${columns.join(' ')}`, '--hours': to - from } as CSSProperties}>
      <div className="week__corner" />
      {days.map((day) => (
        <h2 key={day.date} className="week__day" data-today={day.date === today}>
          {weekday.format(Date.parse(day.date))} <small>{date.format(Date.parse(day.date))}</small>
          {day.date === today && <span className="chip chip--good">{t('timetable.today')}</span>}
        </h2>
      ))}
      <div className="week__hours" aria-hidden="true">
        {Array.from({ length: to - from }, (_, index) => (
          <span key={index}>{clockOf((from + index) * 60)}</span>
        ))}
      </div>
      {days.map((day) => (
        <div key={day.date} className="week__column" data-today={day.date === today} role="group" aria-label={`${weekday.format(Date.parse(day.date))} ${date.format(Date.parse(day.date))}`}>
          {day.date === today && <NowLine from={from} to={to} zone={zone} today={today} />}
          {day.blocks.map((block) => (
            <Slot key={block.lesson.id} block={block} from={from} isReachable={block.lesson.id === reachable} onOpen={onOpen} onFocus={setActive} onKeyDown={onKeyDown} />
          ))}
        </div>
      ))}
    </div>
  );
}

function NowLine({ from, to, zone, today }: { from: number; to: number; zone: string; today: string }) {
  const now = useNow();
  const minutes = minutesIn(now, zone);
  if (dateIn(now, zone) !== today || minutes < from * 60 || minutes > to * 60) return null;
  return <div className="week__now" style={{ top: `calc(${(minutes - from * 60) / 60} * var(--hour))` }} aria-hidden="true" />;
}

interface SlotProps {
  block: Block<TimetableLesson>;
  from: number;
  isReachable: boolean;
  onOpen: (lesson: string) => void;
  onFocus: (lesson: string) => void;
  onKeyDown: (lesson: string, event: KeyboardEvent<HTMLButtonElement>) => void;
}

function Slot({ block, from, isReachable, onOpen, onFocus, onKeyDown }: SlotProps) {
  const { lesson, fromMinutes, toMinutes, lane, lanes } = block;
  const style = {
    top: `calc(${(fromMinutes - from * 60) / 60} * var(--hour))`,
    height: `calc(${(toMinutes - fromMinutes) / 60} * var(--hour) - 3px)`,
    left: `${(lane * 100) / lanes}%`,
    width: `calc(${100 / lanes}% - 3px)`,
  };
  const teacher = nameOfSeat(lesson, 'master');
  const classrooms = nameOfSeat(lesson, 'classroom');
  return (
    <button
      type="button"
      className="slot"
      data-lesson={lesson.id}
      data-state={lesson.state}
      data-testid={`slot-${lesson.id}`}
      style={style}
      tabIndex={isReachable ? 0 : -1}
      title={[lesson.title, teacher, lesson.room, classrooms].filter((part) => part !== '' && part !== null).join('\n')}
      onClick={() => onOpen(lesson.id)}
      onFocus={() => onFocus(lesson.id)}
      onKeyDown={(event) => onKeyDown(lesson.id, event)}
    >
      <span className="slot__time">
        {clockOf(fromMinutes)}
        {/* In a narrow lane the state needs the room of the end. */}
        {lesson.state === 'scheduled' && `–${clockOf(toMinutes)}`}
        <PlannedLessonState state={lesson.state} isQuiet />
      </span>
      <strong>{lesson.title}</strong>
      <span>{[teacher, classrooms].filter((part) => part !== '').join(' · ')}</span>
    </button>
  );
}
