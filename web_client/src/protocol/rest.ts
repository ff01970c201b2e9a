/** The REST face (docs/protocol.md section 7) as far as the pages need it. */
import { call } from './http';
import type { PlannedLesson } from './planning';
import type { LessonState, Role } from './messages';

export interface JoinAnswer {
  access_token: string;
  expires_in_s: number;
  resume_key: string;
  seat: { id: string; role: Role; name: string; classroom: string | null };
  lesson: { id: string; title: string; mode: string; state: LessonState; recording_policy: string };
  ws_url: string;
  ice_servers: RTCIceServer[];
  permissions: string[];
}

export interface Lesson {
  id: string;
  title: string;
  mode: string;
  state: string;
  recording_policy: string;
  auto_publish: boolean;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
  participants: number;
}

export type ResourceState = 'pending' | 'playable' | 'ready' | 'failed';

export interface Resource {
  id: string;
  lesson: string;
  kind: 'teacher' | 'screen' | 'stage';
  seat: string | null;
  state: ResourceState;
  hls_url: string | null;
  poster_url: string | null;
  duration_ms: number | null;
  title: string;
  /** The fast replay, for who teaches and edits, and how long it is. */
  taught_url: string | null;
  taught_ms: number;
}

/** A recording that is being made, to be played from any moment on. */
export interface LiveResource {
  resource: string;
  kind: 'teacher' | 'screen' | 'stage';
  seat: string | null;
  live_url: string;
}

export interface Chapter {
  start_ms: number;
  end_ms: number;
  kind: 'opening' | 'picture' | 'page' | 'round' | 'marker';
  title: string;
  page: number | null;
}

export interface Question {
  at_ms: number;
  until_ms: number;
  kind: 'round' | 'poll';
  prompt: string;
  choices: string[];
  tally: number[];
}

/** Somebody was on stage, or a screen was shared. */
export interface Turn {
  at_ms: number;
  until_ms: number;
  seat: string;
  name: string;
}

/** What plays beside a replay, at positions in ms. Ink: coordinates are ten-thousandths of the page. */
export interface Timeline {
  chapters: Chapter[];
  pages: { at_ms: number; deck: string | null; page: number | null }[];
  ink: { at_ms: number; deck: string; page: number; color: string; width: number; points: [number, number][] }[];
  questions: Question[];
  stage: Turn[];
  screens: Turn[];
  photos: Turn[];
}

export interface Invitation {
  invitation: string;
  url: string;
}

export interface NewInvitation {
  role: Role;
  name?: string;
  classroom?: string;
}

/** Who administers says why a recording is looked at; everybody else need not. */
export const withReason = (path: string, reason: string): string => (reason === '' ? path : `${path}?${new URLSearchParams({ reason }).toString()}`);

export const rest = {
  join: (lesson: string, token: string) => call<JoinAnswer>('POST', `/lessons/${lesson}/join`, token),
  lesson: (lesson: string, token: string) => call<Lesson>('GET', `/lessons/${lesson}`, token),
  lessons: (token: string) => call<PlannedLesson[]>('GET', '/lessons', token),
  startLesson: (lesson: string, token: string) => call<unknown>('POST', `/lessons/${lesson}/start`, token),
  endLesson: (lesson: string, token: string) => call<unknown>('POST', `/lessons/${lesson}/end`, token),
  invite: (lesson: string, token: string, invitation: NewInvitation) =>
    call<Invitation>('POST', `/lessons/${lesson}/invitations`, token, invitation),
  resources: (lesson: string, token: string, reason = '') =>
    call<Resource[]>('GET', withReason(`/lessons/${lesson}/resources`, reason), token),
  resource: (resource: string, token: string, reason = '') =>
    call<Resource>('GET', withReason(`/resources/${resource}`, reason), token),
  live: (lesson: string, token: string) => call<LiveResource[]>('GET', `/lessons/${lesson}/live`, token),
  timeline: (resource: string, token: string, reason = '') =>
    call<Timeline>('GET', withReason(`/resources/${resource}/timeline`, reason), token),
  /** Positions of the lesson, whatever was cut. */
  taughtTimeline: (resource: string, token: string, reason: string) =>
    call<Timeline>('GET', `/resources/${resource}/timeline?${new URLSearchParams({ as_taught: 'true', ...(reason === '' ? {} : { reason }) }).toString()}`, token),
};
