/** What the lesson form is filled from, and what its answers mean. Pure but for the loading. */
import { RequestError } from '../protocol/errors';
import type { Clash, LessonPlan, Me, PlannedLesson, PlanningRecord } from '../protocol/planning';
import { planning } from '../protocol/planning';
import { may } from './caller';

/** What a lesson can be made of, as far as the caller may read it. */
export interface Ingredients {
  courses: PlanningRecord[];
  units: PlanningRecord[];
  pairings: PlanningRecord[];
  teachers: { id: string; name: string }[];
}

export async function loadIngredients(token: string, me: Me): Promise<Ingredients> {
  const list = (kind: string): Promise<PlanningRecord[]> => (may(me, `${kind}:read`) ? planning.list(token, kind) : Promise.resolve([]));
  const [courses, units, pairings, users, grants] = await Promise.all(['courses', 'units', 'pairings', 'users', 'role-grants'].map(list));
  const masters = new Set((grants ?? []).filter((grant) => grant['role'] === 'master').map((grant) => grant['user_id']));
  const teachers = (users ?? []).filter((user) => masters.has(user.id) && user['is_disabled'] !== true).map((user) => ({ id: user.id, name: String(user['name']) }));
  if (teachers.length === 0 && me.user_id !== null) teachers.push({ id: me.user_id, name: me.name });
  return { courses: courses ?? [], units: units ?? [], pairings: pairings ?? [], teachers };
}

export type PlanField = 'title' | 'course_id' | 'unit_id' | 'master_id' | 'room' | 'time' | 'pairings' | 'recording_policy' | 'mode';

export interface FieldClash {
  field: PlanField;
  /** The classroom that is taken, when it is one. */
  classroom: string | null;
  /** Its device, its student group or its assistant. */
  part: 'device' | 'student group' | 'assistant' | null;
  clash: Clash;
}

/**
 * Each clash at the field that caused it: an assistant, a device and a student group come with a classroom. What one
 * lesson has of one classroom stands together.
 */
export function clashesByField(error: unknown, plan: LessonPlan, pairings: readonly PlanningRecord[]): [FieldClash, ...FieldClash[]][] {
  if (!(error instanceof RequestError) || error.code !== 'timetable_clash') return [];
  const clashes = Array.isArray(error.members['clashes']) ? (error.members['clashes'] as Clash[]) : [];
  const groups = new Map<string, [FieldClash, ...FieldClash[]]>();
  for (const clash of clashes) {
    const one = placeOf(clash, plan, pairings);
    const key = JSON.stringify([one.field, one.classroom, clash.title, clash.starts_at_ms]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()];
}

function placeOf(clash: Clash, plan: LessonPlan, pairings: readonly PlanningRecord[]): FieldClash {
  if (clash.kind === 'room') return { field: 'room', classroom: null, part: null, clash };
  if (clash.kind === 'teacher' && clash.what === plan.master_id) return { field: 'master_id', classroom: null, part: null, clash };
  const [member, part] = ({ teacher: ['assistant_id', 'assistant'], device: ['endpoint_id', 'device'], 'student group': ['student_group_id', 'student group'] } as const)[clash.kind];
  const pairing = pairings.find((each) => plan.pairings.includes(each.id) && each[member] === clash.what);
  return { field: 'pairings', classroom: pairing === undefined ? null : String(pairing['name']), part, clash };
}

const FIELD_OF_MEMBER: Readonly<Record<string, PlanField>> = { starts_at_ms: 'time', ends_at_ms: 'time' };
const FIELDS: readonly string[] = ['title', 'course_id', 'unit_id', 'master_id', 'room', 'pairings', 'recording_policy', 'mode'];

/** The field that a refused request names: by its member, or as the first word of a reference that is unknown. */
export function fieldOf(error: unknown): PlanField | null {
  if (!(error instanceof RequestError)) return null;
  const named = String(error.members['field'] ?? '').split('.')[0] || (error.code === 'reference_unknown' ? error.message.split(':')[0] : '') || '';
  return FIELD_OF_MEMBER[named] ?? (FIELDS.includes(named) ? (named as PlanField) : null);
}

/** A lesson as the plan it came from. */
export function planOf(lesson: PlannedLesson, pairings: readonly string[]): LessonPlan {
  const { title, mode, recording_policy, auto_publish, organization_id, course_id, unit_id, master_id, room, starts_at_ms, ends_at_ms, voice_ptime_ms } = lesson;
  return {
    title,
    mode,
    recording_policy,
    auto_publish,
    organization_id,
    course_id,
    unit_id,
    master_id,
    room,
    starts_at_ms,
    ends_at_ms,
    pairings: [...pairings],
    voice_ptime_ms,
  };
}
