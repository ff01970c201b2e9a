/** The week of an organization and all below it: chosen, filtered, planned. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { inAddress, keepInAddress } from '../administration/address';
import { may, useCaller } from '../administration/caller';
import { loadIngredients } from '../administration/lesson-plan';
import { homeOf } from '../administration/organizations';
import { useLoaded } from '../administration/use-loaded';
import { addDays, dateIn, layOutWeek, momentOf, mondayOf } from '../administration/week';
import type { PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Fault, TryAgain } from './fault';
import { ImportDialog } from './import-dialog';
import { LessonDialog } from './lesson-dialog';
import { PlanLessonDialog } from './plan-lesson-dialog';
import type { TimetableFilter } from './timetable-toolbar';
import { NO_FILTER, TimetableToolbar, passes } from './timetable-toolbar';
import { isOnControl, isTyping } from './typing';
import { useNarrow } from './use-narrow';
import { WeekGrid } from './week-grid';
import { WeekList } from './week-list';

const REFRESH_MS = 30_000;
const MOST_LESSONS = 500;

export function Timetable() {
  const { t } = useTranslation();
  const { credential, me } = useCaller();
  const organizations = useLoaded(useCallback(() => planning.list(credential, 'organizations'), [credential]));
  if (organizations.value === null) {
    return organizations.fault === null ? <p role="status">{t('common.loading')}</p> : <Fault code={organizations.fault} />;
  }
  const home = organizations.value.find((each) => each.id === inAddress('organization')) ?? homeOf(me, organizations.value);
  if (home === null) {
    return (
      <>
        <h1>{t('timetable.title')}</h1>
        <div className="empty">
          <strong>{t('timetable.noSchool')}</strong>
          <p>{t('timetable.noSchoolHint')}</p>
          <a className="button button--primary" href="/school?kind=organizations">
            {t('timetable.toSchool')}
          </a>
        </div>
      </>
    );
  }
  return <TimetableOf organizations={organizations.value} home={home} />;
}

type Open = { what: 'lesson'; lesson: string } | { what: 'plan'; lesson: string | null; date: string } | { what: 'import' } | null;

function openAtFirst(): Open {
  const lesson = inAddress('lesson');
  return lesson === null ? null : { what: 'lesson', lesson };
}

function weekAtFirst(zone: string): string {
  const wanted = inAddress('week') ?? '';
  return mondayOf(/^\d{4}-\d\d-\d\d$/.test(wanted) && !Number.isNaN(Date.parse(wanted)) ? wanted : dateIn(Date.now(), zone));
}

function TimetableOf({ organizations, home }: { organizations: PlanningRecord[]; home: PlanningRecord }) {
  const { t } = useTranslation();
  const { credential, me } = useCaller();
  const [organization, setOrganization] = useState(home);
  const zone = String(organization['time_zone']);
  const [nowMs, setNowMs] = useState(() => Date.now());
  const today = dateIn(nowMs, zone);
  const [monday, setMonday] = useState(() => weekAtFirst(zone));
  const [filter, setFilter] = useState<TimetableFilter>(NO_FILTER);
  const [open, setOpen] = useState<Open>(openAtFirst);
  const isNarrow = useNarrow();
  const [chosenView, setView] = useState<'week' | 'list' | null>(null);
  const view = chosenView ?? (isNarrow ? 'list' : 'week');
  const mayPlan = may(me, 'lessons:write');

  const load = useCallback(
    () => planning.timetable(credential, organization.id, momentOf(monday, '00:00', zone), momentOf(addDays(monday, 7), '00:00', zone)),
    [credential, organization.id, monday, zone],
  );
  const { value: lessons, fault, reload } = useLoaded(load);
  const ingredients = useLoaded(useCallback(() => loadIngredients(credential, me), [credential, me]));
  const days = useMemo(
    () => layOutWeek((lessons ?? []).filter((lesson) => passes(lesson, filter)), monday, zone),
    [lessons, filter, monday, zone],
  );

  useEffect(() => {
    const timer = setInterval(() => {
      setNowMs(Date.now());
      if (document.visibilityState === 'visible') reload();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [reload]);

  useEffect(() => {
    keepInAddress({ week: monday, organization: organization.id, lesson: open?.what === 'lesson' ? open.lesson : null });
  }, [monday, organization.id, open]);

  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      if (isTyping(event) || event.ctrlKey || event.metaKey || event.altKey || open !== null) return;
      if ((event.key === 'n' || event.key === 'N') && mayPlan) {
        event.preventDefault();
        setOpen({ what: 'plan', lesson: null, date: firstDay(monday, today) });
      } else if (event.key === 't' || event.key === 'T') setMonday(mondayOf(today));
      else if (event.key === '[') setMonday(addDays(monday, -7));
      else if (event.key === ']') setMonday(addDays(monday, 7));
      else if (event.key.startsWith('Arrow') && !isOnControl(event) && (event.key === 'ArrowLeft' || event.key === 'ArrowRight')) {
        document.querySelector<HTMLElement>('[data-lesson][tabindex="0"]')?.focus();
      }
    }
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [monday, today, mayPlan, open]);

  const openLesson = useCallback((lesson: string) => setOpen({ what: 'lesson', lesson }), []);
  const isEmpty = lessons !== null && days.every((day) => day.blocks.length === 0);
  return (
    <>
      <TimetableToolbar
        organizations={organizations}
        organization={organization}
        onOrganization={setOrganization}
        monday={monday}
        today={today}
        onMonday={setMonday}
        lessons={lessons ?? []}
        filter={filter}
        onFilter={setFilter}
        view={view}
        onView={setView}
        onPlan={mayPlan ? () => setOpen({ what: 'plan', lesson: null, date: firstDay(monday, today) }) : null}
        onImport={may(me, 'imports:write') ? () => setOpen({ what: 'import' }) : null}
      />
      <Fault code={fault ?? ingredients.fault}>
        <TryAgain onClick={reload} />
      </Fault>
      {lessons?.length === MOST_LESSONS && <p className="notice">{t('timetable.tooMany', { count: MOST_LESSONS })}</p>}
      {lessons === null && fault === null && <p role="status">{t('common.loading')}</p>}
      {isEmpty && <EmptyWeek isFiltered={filter !== NO_FILTER && lessons.length > 0} mayPlan={mayPlan} onAll={() => setFilter(NO_FILTER)} />}
      {lessons !== null && view === 'week' && <WeekGrid days={days} zone={zone} today={today} onOpen={openLesson} />}
      {lessons !== null && view === 'list' && !isEmpty && <WeekList days={days} today={today} onOpen={openLesson} />}
      {view === 'week' && <p className="timetable__keys soft">{t(mayPlan ? 'timetable.keys' : 'timetable.keysReader', { zone })}</p>}
      {open?.what === 'lesson' && (
        <LessonDialog
          key={open.lesson}
          lesson={open.lesson}
          zone={zone}
          ingredients={ingredients.value}
          onClose={() => setOpen(null)}
          onChanged={reload}
          onPlan={() => setOpen({ what: 'plan', lesson: open.lesson, date: today })}
          onWeek={setMonday}
        />
      )}
      {open?.what === 'plan' && ingredients.value !== null && (
        <PlanLessonDialog
          lesson={open.lesson}
          date={open.date}
          zone={zone}
          organization={organization}
          ingredients={ingredients.value}
          rooms={[...new Set((lessons ?? []).map((lesson) => lesson.room).filter((room) => room !== null))]}
          onClose={() => setOpen(null)}
          onPlanned={(planned) => {
            reload();
            if (planned.starts_at_ms !== null) setMonday(mondayOf(dateIn(planned.starts_at_ms, zone)));
            setOpen({ what: 'lesson', lesson: planned.id });
          }}
        />
      )}
      {open?.what === 'import' && (
        <ImportDialog table="timetable" organizations={organizations} organization={organization.id} onClose={() => setOpen(null)} onImported={reload} />
      )}
    </>
  );
}

/** A new lesson is proposed for today, in another week for its Monday. */
function firstDay(monday: string, today: string): string {
  return mondayOf(today) === monday ? today : monday;
}

function EmptyWeek({ isFiltered, mayPlan, onAll }: { isFiltered: boolean; mayPlan: boolean; onAll: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="empty empty--slim" data-testid="empty-week">
      <strong>{t(isFiltered ? 'timetable.emptyFilter' : 'timetable.empty')}</strong>
      {isFiltered ? (
        <button type="button" className="button" onClick={onAll}>
          {t('timetable.showAll')}
        </button>
      ) : (
        mayPlan && <p>{t('timetable.emptyHint')}</p>
      )}
    </div>
  );
}
