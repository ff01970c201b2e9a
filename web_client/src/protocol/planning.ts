/** Planning over REST (docs/api.md): who is signed in, a school's records, its timetable. */
import type { Role } from './messages';
import type { Answer } from './http';
import { request } from './http';
import type { Lesson } from './rest';

export type Reach = 'organization' | 'own lessons' | 'lessons taught';

export interface Me {
  user_id: string | null;
  login: string;
  name: string;
  roles: { role: string; path: string }[];
  abilities: Record<string, Reach>;
}

/** A record of any kind; its fields are described in administration/kinds.ts. */
export type PlanningRecord = { id: string; created_at_ms: number } & Record<string, unknown>;
export type Draft = Record<string, unknown>;

export interface LessonPlan {
  title: string;
  mode: string;
  recording_policy: string;
  auto_publish: boolean;
  organization_id: string | null;
  course_id: string | null;
  unit_id: string | null;
  master_id: string | null;
  room: string | null;
  starts_at_ms: number | null;
  ends_at_ms: number | null;
  pairings: string[];
  voice_ptime_ms: number;
}

export type PlannedLesson = Lesson & Omit<LessonPlan, 'pairings'>;
export type TimetableLesson = PlannedLesson & { seats: { role: Role; name: string; pairing_id: string | null }[] };

export interface PlannedSeat {
  id: string;
  role: Role;
  name: string;
  classroom: string | null;
  pairing_id: string | null;
  recording_consent: boolean;
}

export interface Clash {
  kind: 'teacher' | 'room' | 'device' | 'student group';
  what: string;
  title: string;
  starts_at_ms: number;
  ends_at_ms: number;
}

export const CONSENT_KINDS = ['live_video', 'live_voice', 'recording', 'publication'] as const;
export type ConsentKind = (typeof CONSENT_KINDS)[number];
export type Decision = 'granted' | 'refused' | 'withdrawn';

export interface Consent {
  seq: number;
  student_group_id: string;
  kind: ConsentKind;
  decision: Decision;
  note: string;
  recorded_by: string;
  at_ms: number;
}

export interface LineProblem {
  line: number;
  column: string | null;
  reason: string;
  message: string;
  given: string;
}

export type ImportTable = 'timetable' | 'users' | 'student-groups';
export type Found = { kind: string; record_id: string; text: string };
type Secret = { key?: string; code?: string; expires_at_ms: number | null };

/** More records than a page can show are not fetched: who has more narrows them by organization. */
const MAXIMUM_PAGES = 10;

async function everyPage<T>(path: string, token: string): Promise<T[]> {
  const found: T[] = [];
  let next: string | null = path;
  for (let page = 0; next !== null && page < MAXIMUM_PAGES; page += 1) {
    const answer: Answer<T[]> = await request<T[]>('GET', next, token);
    found.push(...answer.body);
    next = answer.next;
  }
  return found;
}

async function body<T>(answer: Promise<Answer<T>>): Promise<T> {
  return (await answer).body;
}

export const planning = {
  waysToSignIn: () => body(request<{ has_provider: boolean }>('GET', '/sign-in', null)),
  signIn: (login: string, password: string) => body(request<{ token: string }>('POST', '/sign-in', null, { body: { login, password } })),
  signOut: (token: string) => request<null>('POST', '/sign-out', token),
  me: (token: string) => body(request<Me>('GET', '/me', token)),
  changePassword: (token: string, present: string, password: string) =>
    request<null>('PUT', '/me/password', token, { body: { present, password } }),
  givePassword: (token: string, user: string, password: string) =>
    request<null>('PUT', `/users/${user}/password`, token, { body: { password } }),

  list: (token: string, kind: string, filter = '') => everyPage<PlanningRecord>(`/${kind}?limit=500${filter}`, token),
  read: (token: string, kind: string, id: string) => request<PlanningRecord>('GET', `/${kind}/${id}`, token),
  create: (token: string, kind: string, draft: Draft) => body(request<PlanningRecord & Secret>('POST', `/${kind}`, token, { body: draft })),
  replace: (token: string, kind: string, id: string, draft: Draft, ifMatch: string) =>
    request<PlanningRecord>('PUT', `/${kind}/${id}`, token, { body: draft, ifMatch }),
  remove: (token: string, kind: string, id: string, ifMatch: string) => request<null>('DELETE', `/${kind}/${id}`, token, { ifMatch }),

  timetable: (token: string, organization: string, fromMs: number, toMs: number) =>
    body(request<TimetableLesson[]>('GET', `/timetable?organization_id=${organization}&from_ms=${fromMs}&to_ms=${toMs}`, token)),
  lesson: (token: string, lesson: string) => request<PlannedLesson>('GET', `/lessons/${lesson}`, token),
  seats: (token: string, lesson: string) => body(request<PlannedSeat[]>('GET', `/lessons/${lesson}/seats`, token)),
  createLesson: (token: string, plan: LessonPlan & { state: 'draft' | 'scheduled' }) =>
    body(request<PlannedLesson>('POST', '/lessons', token, { body: plan })),
  replaceLesson: (token: string, lesson: string, plan: LessonPlan, ifMatch: string) =>
    body(request<PlannedLesson>('PUT', `/lessons/${lesson}`, token, { body: plan, ifMatch })),
  stepLesson: (token: string, lesson: string, step: 'schedule' | 'cancel') =>
    body(request<PlannedLesson>('POST', `/lessons/${lesson}/${step}`, token)),

  consents: (token: string, group: string) => everyPage<Consent>(`/consents?limit=500&student_group_id=${group}`, token),
  recordConsent: (token: string, group: string, kind: ConsentKind, decision: Decision, note: string) =>
    body(request<Consent>('POST', '/consents', token, { body: { student_group_id: group, kind, decision, note } })),
  enrolment: (token: string, endpoint: string) => body(request<Secret>('POST', `/endpoints/${endpoint}/enrolment`, token)),
  voidKey: (token: string, endpoint: string) => request<null>('DELETE', `/endpoints/${endpoint}/key`, token),

  importTable: (token: string, table: ImportTable, organization: string, file: Blob, isDry: boolean) =>
    body(
      request<{ lines: number; is_stored: boolean; problems: LineProblem[] }>(
        'POST',
        `/imports/${table}?organization_id=${organization}&dry_run=${isDry}`,
        token,
        { file: new Blob([file], { type: 'text/csv' }) },
      ),
    ),
  search: (token: string, words: string) => body(request<Found[]>('GET', `/search?limit=20&q=${encodeURIComponent(words)}`, token)),
};
