/** Search in replays (docs/api.md): lessons, each with the places where the words stand. */
import type { Answer } from './http';
import { request } from './http';

export const HIT_KINDS = ['title', 'chapter', 'slide', 'caption'] as const;

export interface ReplayHit {
  kind: (typeof HIT_KINDS)[number];
  at_ms: number;
  parts: { text: string; is_match: boolean }[];
}

export interface FoundReplay {
  lesson: string;
  resource: string;
  title: string;
  subject: string | null;
  grade: string | null;
  edition: string | null;
  state: string;
  started_at_ms: number | null;
  duration_ms: number;
  hits: ReplayHit[];
  hit_count: number;
}

/** `path`: `/replays?…`, or the next page as an answer named it. */
export const findReplays = (token: string, path: string): Promise<Answer<FoundReplay[]>> => request('GET', path, token);
