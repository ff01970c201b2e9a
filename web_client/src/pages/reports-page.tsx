/** The lessons of a time, and what each classroom's figures come to over them. */
import type { FormEvent } from 'react';
import { useCallback, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCaller } from '../administration/caller';
import { useLoaded } from '../administration/use-loaded';
import { clockText } from '../components/clock';
import { SignedInPage } from '../components/signed-in-page';
import type { Column } from '../reports/figures-table';
import { FiguresTable } from '../reports/figures-table';
import { BarLine, Evenness } from '../reports/plots';
import type { Choice, HeldLesson, Range, RoomSums, SummedReport } from '../reports/report';
import { choices, readJson, reportsQuery } from '../reports/report';
import { ReportActions } from '../reports/report-actions';
import { Refusal } from '../reports/report-frame';
import { dateField, dayStartMs, giniText, minutesText, percentText } from '../reports/words';

const DAYS_SHOWN = 30;
const DAY_MS = 86_400_000;

function firstRange(): Range {
  const today = dateField(new Date());
  return { fromMs: dayStartMs(today, 1 - DAYS_SHOWN), toMs: dayStartMs(today, 1), organization: '', course: '' };
}

export default function ReportsPage() {
  return (
    <SignedInPage page="reports">
      <Reports />
    </SignedInPage>
  );
}

function Reports() {
  const { t } = useTranslation();
  const { credential: token } = useCaller();
  const [range, setRange] = useState(firstRange);
  const load = useCallback(
    () => readJson<SummedReport>(`/reports?${reportsQuery(range)}`, token),
    [range, token],
  );
  const { value: report, fault, reload } = useLoaded(load);
  const isLoading = report === null && fault === null;
  const query = reportsQuery(range);
  const files = [
    { path: `/reports.csv?${query}`, name: 'reports.csv', label: 'CSV' },
    { path: `/reports?${query}`, name: 'reports.json', label: 'JSON' },
  ];
  return (
    <div className="report" aria-busy={isLoading}>
      <header className="report__head">
        <h1>{t('report.listTitle')}</h1>
        <p className="soft">{t('report.listHint')}</p>
      </header>
      <RangeForm range={range} token={token} onChosen={setRange} />
      {isLoading && <p role="status">{t('common.loading')}</p>}
      {fault !== null && <Refusal code={fault} onAgain={reload} />}
      {report !== null && (
        <>
          {report.lessons.length > 0 && <ReportActions token={token} files={files} />}
          <Summed report={report} />
        </>
      )}
    </div>
  );
}

function useChoices(kind: 'organizations' | 'courses', token: string): Choice[] {
  const [found, setFound] = useState<Choice[]>([]);
  useEffect(() => {
    let isCurrent = true;
    // Who may not list them has nothing to choose from, and reads the reports all the same.
    choices(kind, token).then(
      (given) => isCurrent && setFound(given),
      () => undefined,
    );
    return () => {
      isCurrent = false;
    };
  }, [kind, token]);
  return found;
}

function RangeForm({ range, token, onChosen }: { range: Range; token: string; onChosen: (range: Range) => void }) {
  const { t } = useTranslation();
  const organizations = useChoices('organizations', token);
  const courses = useChoices('courses', token);
  const [fault, setFault] = useState(false);

  function choose(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const text = (name: string): string => String(fields.get(name) ?? '');
    const chosen = { fromMs: dayStartMs(text('from')), toMs: dayStartMs(text('to'), 1), organization: text('organization'), course: text('course') };
    const isPossible = chosen.fromMs < chosen.toMs && chosen.toMs - chosen.fromMs <= 400 * DAY_MS;
    setFault(!isPossible);
    if (isPossible) onChosen(chosen);
  }

  return (
    <form className="report__range" onSubmit={choose}>
      <label className="field">
        <span>{t('report.from')}</span>
        <input type="date" name="from" required defaultValue={dateField(new Date(range.fromMs))} data-testid="range-from" />
      </label>
      <label className="field">
        <span>{t('report.to')}</span>
        <input type="date" name="to" required defaultValue={dateField(new Date(range.toMs - 1))} />
      </label>
      <Select name="organization" label={t('report.organization')} options={organizations} />
      <Select name="course" label={t('report.course')} options={courses} />
      <button type="submit" className="button button--primary">
        {t('report.show')}
      </button>
      {fault && (
        <p className="fault" role="alert">
          {t('report.badRange')}
        </p>
      )}
    </form>
  );
}

function Select({ name, label, options }: { name: string; label: string; options: Choice[] }) {
  const { t } = useTranslation();
  if (options.length === 0) return null;
  return (
    <label className="field">
      <span>{label}</span>
      <select name={name} defaultValue="">
        <option value="">{t('report.all')}</option>
        {options.map(({ id, name: shown }) => (
          <option key={id} value={id}>
            {shown}
          </option>
        ))}
      </select>
    </label>
  );
}

function Summed({ report }: { report: SummedReport }) {
  const { t, i18n } = useTranslation();
  if (report.lessons.length === 0) {
    return (
      <div className="empty">
        <strong>{t('report.empty')}</strong>
        <p>{t('report.emptyHint')}</p>
      </div>
    );
  }
  return (
    <>
      {!report.is_complete && (
        <p className="chip chip--warn" role="status">
          {t('report.incomplete', { count: report.lessons.length })}
        </p>
      )}
      <section className="report__part" aria-labelledby="part-lessons">
        <h2 id="part-lessons">
          {t('report.lessonsHeld', { count: report.lessons_held, minutes: minutesText(report.duration_ms, i18n.language) })}
        </h2>
        <LessonTable lessons={report.lessons} />
      </section>
      <section className="report__part" aria-labelledby="part-rooms">
        <h2 id="part-rooms">{t('report.overTime')}</h2>
        <Evenness gini={report.stage_gini} />
        <RoomSumsPlot rooms={report.rooms} />
        <RoomSumsTable rooms={report.rooms} />
      </section>
    </>
  );
}

function LessonTable({ lessons }: { lessons: HeldLesson[] }) {
  const { t, i18n } = useTranslation();
  const when = (lesson: HeldLesson): string =>
    new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: lesson.time_zone }).format(lesson.started_at_ms ?? 0);
  const columns: Column<HeldLesson>[] = [
    ['when', when],
    ['place', (lesson) => [lesson.organization, lesson.course].filter(Boolean).join(' · ') || '–'],
    ['duration', (lesson) => minutesText(lesson.duration_ms, i18n.language)],
    ['came', (lesson) => t('report.tile.of', { count: lesson.rooms_came, total: lesson.rooms_expected })],
    ['presentMean', (lesson) => (lesson.present_ratio === null ? '–' : percentText(lesson.present_ratio, i18n.language))],
    ['gini', (lesson) => (lesson.stage_gini === null ? '–' : giniText(lesson.stage_gini, i18n.language))],
    ['median', (lesson) => (lesson.wait_median_ms === null ? '–' : clockText(lesson.wait_median_ms))],
    ['roundsOpened', (lesson) => String(lesson.rounds_opened)],
  ];
  return (
    <FiguresTable
      caption={t('report.listTitle')}
      names={['lesson', (lesson) => <a href={`/reports/${lesson.lesson_id}`}>{lesson.title}</a>]}
      columns={columns}
      rows={lessons}
      keyOf={(lesson) => lesson.lesson_id}
      testId="lessons-held"
    />
  );
}

function RoomSumsPlot({ rooms }: { rooms: RoomSums[] }) {
  const { t, i18n } = useTranslation();
  const all = Math.max(
    rooms.reduce((sum, room) => sum + room.stage_ms, 0),
    1,
  );
  return (
    <ul className="plot">
      {rooms.map((room) => (
        <BarLine
          key={room.classroom}
          name={room.name}
          bars={[{ ratio: room.stage_ms / all, className: 'bar-stage' }]}
          text={t('report.stageSum', { minutes: minutesText(room.stage_ms, i18n.language), count: room.turns })}
        />
      ))}
    </ul>
  );
}

function RoomSumsTable({ rooms }: { rooms: RoomSums[] }) {
  const { t, i18n } = useTranslation();
  const columns: Column<RoomSums>[] = [
    ['attended', (room) => `${room.lessons_attended} / ${room.lessons_expected}`],
    [
      'present',
      (room) => {
        const ratio = room.expected_ms === 0 ? 0 : room.present_ms / room.expected_ms;
        return `${minutesText(room.present_ms, i18n.language)} (${percentText(ratio, i18n.language)})`;
      },
    ],
    ['disconnected', (room) => minutesText(room.disconnected_ms, i18n.language)],
    ['hands', (room) => `${room.hands} / ${room.hands_unanswered}`],
    ['rounds', (room) => `${room.rounds_answered} / ${room.rounds_opened}`],
  ];
  return (
    <FiguresTable caption={t('report.overTime')} names={['room', (room) => room.name]} columns={columns} rows={rooms} keyOf={(room) => room.classroom} />
  );
}
