/** Plans a lesson, new or again; what is taken at that time is said at the field that wants it. */
import type { FormEvent } from 'react';
import { useCallback, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { faultOf, useCaller } from '../administration/caller';
import type { FieldClash, Ingredients, PlanField } from '../administration/lesson-plan';
import { clashesByField, fieldOf, planOf } from '../administration/lesson-plan';
import { useLoaded } from '../administration/use-loaded';
import { momentOf, timeIn } from '../administration/week';
import type { LessonPlan, PlannedLesson, PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { Dialog } from './dialog';
import { Fault } from './fault';
import { PlanLessonFields } from './plan-lesson-fields';

interface PlanLessonDialogProps {
  /** The lesson that is planned again; null for a new one. */
  lesson: string | null;
  date: string;
  zone: string;
  organization: PlanningRecord;
  ingredients: Ingredients;
  rooms: string[];
  onClose: () => void;
  onPlanned: (lesson: PlannedLesson) => void;
}

type Faults = Partial<Record<PlanField, string>>;

/** Sorts what the server said to the fields; the rest stands below the form. */
function useFaults(zone: string, pairings: readonly PlanningRecord[]) {
  const { t } = useTranslation();
  const caller = useCaller();
  const [faults, setFaults] = useState<Faults>({});
  const [code, setCode] = useState<string | null>(null);

  /** One sentence for a lesson that has several things of a classroom. */
  function words(taken: readonly FieldClash[]): string {
    const first = taken[0];
    if (first === undefined) return '';
    const { title, starts_at_ms: from, ends_at_ms: to } = first.clash;
    const values = { title, time: `${timeIn(from, zone)}–${timeIn(to, zone)}`, classroom: first.classroom ?? t('timetable.aClassroom') };
    if (first.part === null) return t('timetable.taken', values);
    return t('timetable.takenOf', { ...values, parts: taken.map(({ part }) => t(`timetable.part.${part ?? ''}`)).join(t('timetable.comma')) });
  }

  function show(error: unknown, plan: LessonPlan): void {
    const found: Faults = {};
    for (const taken of clashesByField(error, plan, pairings)) {
      const { field } = taken[0];
      found[field] = [found[field], words(taken)].filter((text) => text !== undefined).join(' ');
    }
    const field = fieldOf(error);
    if (field !== null) found[field] = t('timetable.fieldWrong');
    setFaults(found);
    setCode(Object.keys(found).length > 0 ? null : faultOf(error, caller));
  }

  return { faults, code, show, setFaults, setCode };
}

export function PlanLessonDialog(props: PlanLessonDialogProps) {
  const { t } = useTranslation();
  const { credential } = useCaller();
  const { lesson: id, ingredients, zone, onClose } = props;
  const load = useCallback(async () => {
    if (id === null) return { plan: null, etag: '' };
    const [lesson, seats] = await Promise.all([planning.lesson(credential, id), planning.seats(credential, id)]);
    const pairings = new Set(seats.map((seat) => seat.pairing_id).filter((pairing) => pairing !== null));
    return { plan: planOf(lesson.body, [...pairings]), etag: lesson.etag };
  }, [credential, id]);
  const { value, fault, reload } = useLoaded(load);
  const told = useFaults(zone, ingredients.pairings);
  const [isBusy, setIsBusy] = useState(false);

  async function save(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (value === null) return;
    const plan = readPlan(new FormData(event.currentTarget), value.plan, props);
    if (plan.starts_at_ms !== null && plan.ends_at_ms !== null && plan.ends_at_ms <= plan.starts_at_ms) {
      told.setFaults({ time: t('timetable.endsBeforeStart') });
      return;
    }
    setIsBusy(true);
    const submitter = (event.nativeEvent as SubmitEvent).submitter;
    const state = submitter?.getAttribute('value') === 'draft' ? 'draft' : 'scheduled';
    try {
      props.onPlanned(await (id === null ? planning.createLesson(credential, { ...plan, state }) : planning.replaceLesson(credential, id, plan, value.etag)));
    } catch (error) {
      told.show(error, plan);
      setIsBusy(false);
    }
  }

  const isOutdated = told.code === 'precondition_failed';
  return (
    <Dialog title={t(id === null ? 'timetable.plan' : 'timetable.edit')} onClose={onClose} isWide>
      {value === null && fault === null && <p role="status">{t('common.loading')}</p>}
      <Fault code={fault} />
      {value !== null && (
        <form className="form" key={value.etag} onSubmit={(event) => void save(event)}>
          <PlanLessonFields plan={value.plan} date={props.date} zone={zone} ingredients={ingredients} rooms={props.rooms} faults={told.faults} />
          {isOutdated ? (
            <div className="fault" role="alert">
              <span>{t('school.outdated')}</span>
              <button
                type="button"
                className="button button--small"
                onClick={() => {
                  told.setCode(null);
                  reload();
                }}
              >
                {t('school.reload')}
              </button>
            </div>
          ) : (
            <Fault code={told.code} />
          )}
          <div className="dialog__actions">
            <button type="button" className="button" onClick={onClose}>
              {t('common.cancel')}
            </button>
            {id === null && (
              <button type="submit" className="button" value="draft" disabled={isBusy}>
                {t('timetable.saveDraft')}
              </button>
            )}
            <button type="submit" className="button button--primary" value="scheduled" disabled={isBusy} data-testid="save-lesson">
              {t(id === null ? 'timetable.schedule' : 'school.save')}
            </button>
          </div>
        </form>
      )}
    </Dialog>
  );
}

/** The form as a plan; what the form does not show stays as it was. */
function readPlan(fields: FormData, before: LessonPlan | null, { zone, organization }: PlanLessonDialogProps): LessonPlan {
  const text = (name: string): string => String(fields.get(name) ?? '').trim();
  const date = text('date');
  return {
    title: text('title'),
    mode: text('mode'),
    recording_policy: text('recording_policy'),
    auto_publish: fields.get('auto_publish') !== null,
    organization_id: before?.organization_id ?? organization.id,
    course_id: text('course_id') || null,
    unit_id: text('unit_id') || null,
    master_id: text('master_id') || null,
    room: text('room') || null,
    starts_at_ms: date === '' ? null : momentOf(date, text('start'), zone),
    ends_at_ms: date === '' ? null : momentOf(date, text('end'), zone),
    pairings: fields.getAll('pairings').map(String),
    voice_ptime_ms: text('mode') === 'broadcast' ? (before?.voice_ptime_ms ?? 20) : 20,
  };
}
