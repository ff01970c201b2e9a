/** Versions of a replay (docs/resources.md) as the review page needs them. */
import { call, request } from './http';

export interface NamedChapter {
  at_ms: number;
  title: string;
}

/** Positions in ms of the lesson as it was taught. `kept` empty: all. */
export interface Edit {
  kept: [number, number][];
  without: string[];
  chapters: NamedChapter[] | null;
}

export interface Details {
  title: string;
  description: string;
  subject: string;
  grade: string;
  edition: string;
  syllabus_node: string;
  language: string;
  creators: string[];
  keywords: string[];
  licence: string;
  is_downloadable: boolean;
}

export type VersionState = 'draft' | 'making' | 'ready' | 'failed' | 'published' | 'withdrawn';

export interface Version {
  id: string;
  lesson_id: string;
  number: number;
  state: VersionState;
  edit: Edit;
  details: Details;
  sources: string[];
  reason: string | null;
  created_at_ms: number;
  published_at_ms: number | null;
  duration_ms: number | null;
  bytes: number | null;
}

export interface Making {
  state: string;
  progress: number;
  step: string;
  error: string | null;
}

export interface Download {
  kind: string;
  name: string;
  url: string;
  bytes: number;
}

export interface VersionDetail extends Version {
  job: Making | null;
  package_job: Making | null;
  downloads: Download[];
}

const withReason = (path: string, reason: string): string => (reason === '' ? path : `${path}?${new URLSearchParams({ reason }).toString()}`);

export const versions = {
  list: (lesson: string, token: string) => call<Version[]>('GET', `/lessons/${lesson}/versions`, token),
  find: (version: string, token: string, reason: string) => call<VersionDetail>('GET', withReason(`/versions/${version}`, reason), token),
  propose: (lesson: string, token: string) => request<Version>('POST', `/lessons/${lesson}/versions`, token),
  change: (version: string, token: string, ifMatch: string, edit: Edit, details: Details) =>
    request<Version>('PUT', `/versions/${version}`, token, { body: { edit, details }, ifMatch }),
  etag: async (version: string, token: string, reason: string) => (await request<VersionDetail>('GET', withReason(`/versions/${version}`, reason), token)).etag,
  make: (version: string, token: string) => call<Version>('POST', `/versions/${version}/make`, token),
  publish: (version: string, token: string) => call<Version>('POST', `/versions/${version}/publish`, token),
  withdraw: (version: string, token: string, reason: string) => call<Version>('POST', `/versions/${version}/withdraw`, token, { reason }),
  pack: (version: string, token: string) => call<Version>('POST', `/versions/${version}/package`, token),
};
