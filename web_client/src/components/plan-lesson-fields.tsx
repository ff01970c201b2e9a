import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ingredients, PlanField } from '../administration/lesson-plan';
import { dateIn, timeIn } from '../administration/week';
import type { LessonPlan, PlanningRecord } from '../protocol/planning';
import { FieldFault, FormField } from './form-field';

const MODES = ['interactive', 'broadcast', 'integrated', 'training', 'event'];
const POLICIES = ['master_only', 'stage', 'off'];
const LESSON_START = '08:00';
const LESSON_END = '08:45';
/** Longer lists of classrooms get a field to narrow them. */
const MANY = 8;

interface FieldsProps {
  plan: LessonPlan | null;
  date: string;
  zone: string;
  ingredients: Ingredients;
  rooms: string[];
  faults: Partial<Record<PlanField, string>>;
}

export function PlanLessonFields({ plan, date, zone, ingredients, rooms, faults }: FieldsProps) {
  const { t } = useTranslation();
  const roomsId = useId();
  const [course, setCourse] = useState(plan?.course_id ?? '');
  const units = ingredients.units.filter((unit) => unit['course_id'] === course);
  const label = (name: PlanField): string => t(`timetable.field.${name}`);
  return (
    <>
      <FormField label={label('title')} fault={faults.title}>
        {(links) => <input {...links} name="title" required maxLength={200} autoComplete="off" defaultValue={plan?.title} data-testid="plan-title" />}
      </FormField>
      <TimeFields plan={plan} date={date} zone={zone} fault={faults.time} />
      <div className="field-row">
        <FormField label={label('master_id')} fault={faults.master_id}>
          {(links) => (
            <select {...links} name="master_id" defaultValue={plan === null ? ingredients.teachers[0]?.id : (plan.master_id ?? '')} data-testid="plan-teacher">
              <option value="">{t('timetable.nobody')}</option>
              {typeof plan?.master_id === 'string' && !ingredients.teachers.some((teacher) => teacher.id === plan.master_id) && (
                <option value={plan.master_id}>{t('timetable.otherTeacher')}</option>
              )}
              {ingredients.teachers.map((teacher) => (
                <option key={teacher.id} value={teacher.id}>
                  {teacher.name}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label={label('room')} hint={t('timetable.roomHint')} fault={faults.room}>
          {(links) => <input {...links} name="room" maxLength={80} autoComplete="off" list={roomsId} defaultValue={plan?.room ?? ''} />}
        </FormField>
        <datalist id={roomsId}>
          {rooms.map((room) => (
            <option key={room} value={room} />
          ))}
        </datalist>
      </div>
      <PairingFields pairings={ingredients.pairings} chosen={plan?.pairings ?? []} fault={faults.pairings} />
      <div className="field-row">
        <FormField label={label('course_id')} fault={faults.course_id}>
          {(links) => (
            <select {...links} name="course_id" value={course} onChange={(event) => setCourse(event.target.value)}>
              <option value="">{t('timetable.noCourse')}</option>
              {ingredients.courses.map((each) => (
                <option key={each.id} value={each.id}>
                  {String(each['title'])}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label={label('unit_id')} fault={faults.unit_id}>
          {(links) => (
            <select {...links} name="unit_id" key={course} defaultValue={plan?.unit_id ?? ''} disabled={units.length === 0}>
              <option value="">{t('timetable.noUnit')}</option>
              {units.map((each) => (
                <option key={each.id} value={each.id}>
                  {[each['node'], each['title']].filter(Boolean).join(' ')}
                </option>
              ))}
            </select>
          )}
        </FormField>
      </div>
      <div className="field-row">
        <FormField label={label('mode')} fault={faults.mode}>
          {(links) => (
            <select {...links} name="mode" defaultValue={plan?.mode ?? 'interactive'}>
              {MODES.map((mode) => (
                <option key={mode} value={mode}>
                  {t(`timetable.mode.${mode}`)}
                </option>
              ))}
            </select>
          )}
        </FormField>
        <FormField label={label('recording_policy')} fault={faults.recording_policy}>
          {(links) => (
            <select {...links} name="recording_policy" defaultValue={plan?.recording_policy ?? 'master_only'}>
              {POLICIES.map((policy) => (
                <option key={policy} value={policy}>
                  {t(`schedule.policies.${policy}`)}
                </option>
              ))}
            </select>
          )}
        </FormField>
      </div>
      <label className="check-field">
        <input type="checkbox" name="auto_publish" defaultChecked={plan?.auto_publish ?? false} />
        <span>{t('schedule.autoPublish')}</span>
      </label>
    </>
  );
}

interface TimeFieldsProps {
  plan: LessonPlan | null;
  date: string;
  zone: string;
  fault: string | undefined;
}

function TimeFields({ plan, date, zone, fault }: TimeFieldsProps) {
  const { t } = useTranslation();
  const starts = plan?.starts_at_ms ?? null;
  const ends = plan?.ends_at_ms ?? null;
  return (
    <div className="field-row">
      <FormField label={t('timetable.field.date')} hint={t('timetable.zoneHint', { zone })} fault={fault}>
        {(links) => <input {...links} name="date" type="date" required defaultValue={starts === null ? date : dateIn(starts, zone)} data-testid="plan-date" />}
      </FormField>
      <FormField label={t('timetable.field.start')}>
        {(links) => <input {...links} name="start" type="time" required defaultValue={starts === null ? LESSON_START : timeIn(starts, zone)} data-testid="plan-start" />}
      </FormField>
      <FormField label={t('timetable.field.end')}>
        {(links) => <input {...links} name="end" type="time" required defaultValue={ends === null ? LESSON_END : timeIn(ends, zone)} data-testid="plan-end" />}
      </FormField>
    </div>
  );
}

function PairingFields({ pairings, chosen, fault }: { pairings: PlanningRecord[]; chosen: readonly string[]; fault: string | undefined }) {
  const { t } = useTranslation();
  const [words, setWords] = useState('');
  return (
    <fieldset className="field" data-fault={fault !== undefined}>
      <legend>{t('timetable.field.pairings')}</legend>
      {pairings.length > MANY && (
        <input type="search" aria-label={t('timetable.narrow')} placeholder={t('timetable.narrow')} value={words} onChange={(event) => setWords(event.target.value)} />
      )}
      {pairings.length === 0 && <p className="soft">{t('timetable.noPairings')}</p>}
      <div className="checks">
        {pairings.map((pairing) => (
          // Hidden and not taken away: what is chosen stays chosen.
          <label key={pairing.id} className="check-field" hidden={!String(pairing['name']).includes(words.trim())}>
            <input type="checkbox" name="pairings" value={pairing.id} defaultChecked={chosen.includes(pairing.id)} />
            <span>{String(pairing['name'])}</span>
          </label>
        ))}
      </div>
      {fault !== undefined && <FieldFault>{fault}</FieldFault>}
    </fieldset>
  );
}
