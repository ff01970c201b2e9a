import { useTranslation } from 'react-i18next';
import { asTree, indented } from '../administration/organizations';
import { addDays, mondayOf } from '../administration/week';
import type { PlanningRecord, TimetableLesson } from '../protocol/planning';
import { Icon } from './icons';

export interface TimetableFilter {
  teacher: string;
  room: string;
  classroom: string;
}

export const NO_FILTER: TimetableFilter = { teacher: '', room: '', classroom: '' };

export function passes(lesson: TimetableLesson, { teacher, room, classroom }: TimetableFilter): boolean {
  const has = (role: string, name: string): boolean => name === '' || lesson.seats.some((seat) => seat.role === role && seat.name === name);
  return has('master', teacher) && has('classroom', classroom) && (room === '' || lesson.room === room);
}

function optionsOf(lessons: readonly TimetableLesson[], part: keyof TimetableFilter): string[] {
  const names = lessons.flatMap((lesson) =>
    part === 'room' ? [lesson.room ?? ''] : lesson.seats.filter((seat) => seat.role === (part === 'teacher' ? 'master' : 'classroom')).map((seat) => seat.name),
  );
  return [...new Set(names)].filter((name) => name !== '').sort((a, b) => a.localeCompare(b, 'zh'));
}

interface ToolbarProps {
  organizations: PlanningRecord[];
  organization: PlanningRecord;
  onOrganization: (organization: PlanningRecord) => void;
  monday: string;
  today: string;
  onMonday: (monday: string) => void;
  lessons: TimetableLesson[];
  filter: TimetableFilter;
  onFilter: (filter: TimetableFilter) => void;
  view: 'week' | 'list';
  onView: (view: 'week' | 'list') => void;
  onPlan: (() => void) | null;
  onImport: (() => void) | null;
}

export function TimetableToolbar(props: ToolbarProps) {
  const { t, i18n } = useTranslation();
  const { monday, today, onMonday, filter, onFilter, view, onView, onPlan, onImport } = props;
  const begins = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', dateStyle: 'long' });
  const ends = new Intl.DateTimeFormat(i18n.language, { timeZone: 'UTC', month: 'long', day: 'numeric' });
  return (
    <div className="timetable__bar">
      <div className="timetable__row">
        <h1>{t('timetable.title')}</h1>
        <span className="top-bar__gap" />
        <div className="switch" role="group" aria-label={t('timetable.view')}>
          {(['week', 'list'] as const).map((each) => (
            <button key={each} type="button" aria-pressed={view === each} onClick={() => onView(each)}>
              {t(`timetable.views.${each}`)}
            </button>
          ))}
        </div>
        {onImport !== null && (
          <button type="button" className="button" onClick={onImport} data-testid="import">
            <Icon name="upload" />
            {t('timetable.import')}
          </button>
        )}
        {onPlan !== null && (
          <button type="button" className="button button--primary" onClick={onPlan} data-testid="plan-lesson">
            <Icon name="plus" />
            {t('timetable.plan')}
          </button>
        )}
      </div>
      <div className="timetable__row">
        <div className="timetable__week">
          <button type="button" className="button button--icon" aria-label={t('timetable.before')} onClick={() => onMonday(addDays(monday, -7))}>
            <Icon name="left" />
          </button>
          <button type="button" className="button" disabled={monday === mondayOf(today)} onClick={() => onMonday(mondayOf(today))}>
            {t('timetable.thisWeek')}
          </button>
          <button type="button" className="button button--icon" aria-label={t('timetable.after')} onClick={() => onMonday(addDays(monday, 7))}>
            <Icon name="right" />
          </button>
          <strong aria-live="polite" data-testid="week">
            {begins.format(Date.parse(monday))} – {ends.format(Date.parse(addDays(monday, 6)))}
          </strong>
        </div>
        <span className="top-bar__gap" />
        <Choice label={t('school.kind.organizations')} value={props.organization.id} onChoose={(id) => props.onOrganization(props.organizations.find((each) => each.id === id) ?? props.organization)}>
          {asTree(props.organizations).map(({ record, depth }) => (
            <option key={record.id} value={record.id}>
              {indented(String(record['name']), depth)}
            </option>
          ))}
        </Choice>
        {(['teacher', 'room', 'classroom'] as const).map((part) => (
          <Choice key={part} label={t(`timetable.filter.${part}`)} value={filter[part]} onChoose={(value) => onFilter({ ...filter, [part]: value })}>
            <option value="">{t(`timetable.every.${part}`)}</option>
            {optionsOf(props.lessons, part).map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Choice>
        ))}
      </div>
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  onChoose: (value: string) => void;
  children: React.ReactNode;
}

function Choice({ label, value, onChoose, children }: ChoiceProps) {
  return (
    <select className="choice" aria-label={label} value={value} onChange={(event) => onChoose(event.target.value)}>
      {children}
    </select>
  );
}
