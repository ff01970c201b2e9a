/** Captions over REST (docs/api.md). Times are positions of the lesson, in ms. */
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
  created_at_ms: number;
  /** WebVTT. */
  url: string;
}

export type EditableCaptions = Captions & { cues: Cue[] };

export const captions = {
  list: async (token: string, lesson: string): Promise<Captions[]> => (await request<Captions[]>('GET', `/lessons/${lesson}/captions`, token)).body,
  read: (token: string, id: string): Promise<Answer<EditableCaptions>> => request('GET', `/captions/${id}`, token),
  upload: async (token: string, lesson: string, language: string, file: Blob): Promise<Captions> => {
    const path = `/lessons/${lesson}/captions?language=${encodeURIComponent(language)}`;
    return (await request<Captions>('POST', path, token, { file: new Blob([file], { type: 'text/vtt' }) })).body;
  },
  replace: (token: string, one: EditableCaptions, cues: Cue[], ifMatch: string): Promise<Answer<EditableCaptions>> =>
    request('PUT', `/captions/${one.id}`, token, { body: { language: one.language, label: one.label, cues }, ifMatch }),
  remove: (token: string, id: string, ifMatch: string) => request<null>('DELETE', `/captions/${id}`, token, { ifMatch }),
  file: async (token: string, id: string): Promise<Blob> => (await exchange('GET', `/captions/${id}.vtt`, token)).blob(),
};
