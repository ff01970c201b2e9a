/** Captions over REST (docs/api.md). Times are positions of the lesson, in ms. */
import { withReason } from './rest';
import type { Answer } from './http';
import { exchange, request } from './http';

export interface Cue {
  begin_ms: number;
  end_ms: number;
  text: string;
}

export interface Captions {
  id: string;
  lesson: string;
  language: string;
  label: string;
  origin: 'upload' | 'recogniser';
  /** Pupils do not have it. */
  is_draft: boolean;
  created_at_ms: number;
  /** WebVTT. */
  url: string;
}

export type EditableCaptions = Captions & { cues: Cue[] };

export interface Recognition {
  is_available: boolean;
  language: string;
  job: { state: string; progress: number; step: string; error: string | null } | null;
}

export const captions = {
  list: async (token: string, lesson: string, reason: string): Promise<Captions[]> =>
    (await request<Captions[]>('GET', withReason(`/lessons/${lesson}/captions`, reason), token)).body,
  read: (token: string, id: string, reason: string): Promise<Answer<EditableCaptions>> => request('GET', withReason(`/captions/${id}`, reason), token),
  upload: async (token: string, lesson: string, language: string, file: Blob): Promise<Captions> => {
    const path = `/lessons/${lesson}/captions?language=${encodeURIComponent(language)}`;
    return (await request<Captions>('POST', path, token, { file: new Blob([file], { type: 'text/vtt' }) })).body;
  },
  replace: (token: string, one: EditableCaptions, cues: readonly Cue[], isDraft: boolean, ifMatch: string): Promise<Answer<EditableCaptions>> =>
    request('PUT', `/captions/${one.id}`, token, { body: { language: one.language, label: one.label, cues, is_draft: isDraft }, ifMatch }),
  remove: (token: string, id: string, ifMatch: string) => request<null>('DELETE', `/captions/${id}`, token, { ifMatch }),
  file: async (token: string, id: string, reason: string): Promise<Blob> => (await exchange('GET', withReason(`/captions/${id}.vtt`, reason), token)).blob(),
  recognition: async (token: string, lesson: string): Promise<Recognition> => (await request<Recognition>('GET', `/lessons/${lesson}/recognition`, token)).body,
  recognise: (token: string, lesson: string) => request<Recognition['job']>('POST', `/lessons/${lesson}/recognition`, token),
};
