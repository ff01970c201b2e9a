/** Reports as the REST face gives them (docs/api.md, Reports). Figures of process, per classroom. */
import { exchange } from '../protocol/http';

/** Half-open spans of UTC ms. */
export type Spans = [fromMs: number, toMs: number][];

export interface Waits {
  hands: number;
  unanswered: number;
  median_ms: number | null;
  p90_ms: number | null;
}

export interface RoomFigures {
  classroom: string;
  name: string;
  students: number;
  joins: number;
  reconnects: number;
  present: Spans;
  disconnected: Spans;
  on_stage: Spans;
  hands_up: Spans;
  present_ms: number;
  present_ratio: number;
  late_ms: number;
  disconnected_ms: number;
  away_ms: number;
  stage_ms: number;
  stage_ratio: number;
  turns: number;
  waits: Waits;
  rounds_answered: number;
  polls_answered: number;
  signals: Record<string, number>;
  reduced_ms: number;
}

export interface LessonFigures {
  started_at_ms: number | null;
  ended_at_ms: number | null;
  until_ms: number;
  duration_ms: number;
  live_ms: number;
  suspended: Spans;
  master_lost: Spans;
  suspended_ms: number;
  master_lost_ms: number;
  master_microphone_ms: number;
  stage_ms: number;
  stage_gini: number | null;
  waits: Waits;
  rounds_opened: number;
  polls_opened: number;
  rooms: RoomFigures[];
  people: { role: 'master' | 'assistant' | 'observer'; name: string; classroom: string | null; present_ms: number }[];
}

export interface LessonReport {
  lesson_id: string;
  title: string;
  mode: string;
  state: string;
  organization: string | null;
  time_zone: string;
  course: string | null;
  subject: string | null;
  grade: number | null;
  room: string | null;
  is_final: boolean;
  figures: LessonFigures;
  /** Both parts of it are empty where fewer than three watched. */
  replay: { views: number; completed_ratio: number | null; minutes: number[] };
}

export interface HeldLesson {
  lesson_id: string;
  title: string;
  state: string;
  organization: string | null;
  course: string | null;
  time_zone: string;
  started_at_ms: number | null;
  duration_ms: number;
  rooms_expected: number;
  rooms_came: number;
  present_ratio: number | null;
  stage_gini: number | null;
  wait_median_ms: number | null;
  rounds_opened: number;
}

export interface RoomSums {
  classroom: string;
  name: string;
  lessons_expected: number;
  lessons_attended: number;
  expected_ms: number;
  present_ms: number;
  disconnected_ms: number;
  stage_ms: number;
  turns: number;
  hands: number;
  hands_unanswered: number;
  rounds_opened: number;
  rounds_answered: number;
}

export interface SummedReport {
  from_ms: number;
  to_ms: number;
  is_complete: boolean;
  lessons_held: number;
  duration_ms: number;
  live_ms: number;
  stage_gini: number | null;
  lessons: HeldLesson[];
  rooms: RoomSums[];
}

/** What a list of reports can be limited to. */
export interface Choice {
  id: string;
  name: string;
}

export interface Range {
  fromMs: number;
  toMs: number;
  organization: string;
  course: string;
}

export const reportPath = (lesson: string): string => `/lessons/${lesson}/report`;

export function reportsQuery(range: Range): string {
  const query = new URLSearchParams({ from_ms: String(range.fromMs), to_ms: String(range.toMs) });
  if (range.organization !== '') query.set('organization_id', range.organization);
  if (range.course !== '') query.set('course_id', range.course);
  return query.toString();
}

export async function readJson<T>(path: string, token: string): Promise<T> {
  return (await (await exchange('GET', path, token)).json()) as T;
}

export async function choices(kind: 'organizations' | 'courses', token: string): Promise<Choice[]> {
  const found = await readJson<{ id: string; name?: string; title?: string }[]>(`/${kind}?limit=500`, token);
  return found.map(({ id, name, title }) => ({ id, name: name ?? title ?? id }));
}

/** Hand a file of the REST face to the person: a link alone could not show the token. */
export async function download(path: string, name: string, token: string): Promise<void> {
  const content = await (await exchange('GET', path, token)).blob();
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken the content over by the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 0);
}
